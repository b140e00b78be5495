//! Weighed: everything that a small panel decides, without codes and blobs, so without cryptography.

#![no_std]
#![no_main]

use keyholder::SmallPanel;
use keyholder_measure::ask::{CODE_KEY, KEYS, SITE};

keyholder_measure::image!(SmallPanel, (SITE, KEYS, CODE_KEY), users, engineers, acts, sessions, panel_deadlines);
