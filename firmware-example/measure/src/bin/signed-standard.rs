//! Weighed: everything that a standard panel does, with signed blobs: Ed25519.

#![no_std]
#![no_main]

use keyholder::StandardPanel;
use keyholder_measure::ask::{CODE_KEY, KEYS, SITE};

keyholder_measure::image!(StandardPanel, [(SITE, KEYS, CODE_KEY)], codes, engineers, sessions, panel_deadlines, install);
