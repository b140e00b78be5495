//! Weighed: everything that a standard panel decides, without codes and blobs, so without cryptography.

#![no_std]
#![no_main]

use keyholder::StandardPanel;
use keyholder_measure::ask::{CODE_KEY, KEYS, SITE};

keyholder_measure::image!(StandardPanel, (SITE, KEYS, CODE_KEY), users, engineers, acts, sessions, panel_deadlines);
