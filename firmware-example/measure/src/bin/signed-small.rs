//! Weighed: everything that a small panel does, with signed blobs: Ed25519.

#![no_std]
#![no_main]

use keyholder::SmallPanel;
use keyholder_measure::ask::{CODE_KEY, KEYS, SITE};

keyholder_measure::image!(SmallPanel, [(SITE, KEYS, CODE_KEY)], codes, engineers, sessions, panel_deadlines, install);
