//! Weighed: everything that a small panel decides, with codes and passcodes: HMAC-SHA-256.

#![no_std]
#![no_main]

use keyholder::SmallPanel;
use keyholder_measure::ask::{CODE_KEY, KEYS, SITE};

keyholder_measure::image!(SmallPanel, [(SITE, KEYS, CODE_KEY)], codes, engineers, sessions, panel_deadlines);
