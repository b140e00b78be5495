//! Weighed: everything that a standard panel decides, with codes and passcodes: HMAC-SHA-256.

#![no_std]
#![no_main]

use keyholder::StandardPanel;
use keyholder_measure::ask::{CODE_KEY, KEYS, SITE};

keyholder_measure::image!(StandardPanel, [(SITE, KEYS, CODE_KEY)], codes, engineers, sessions, panel_deadlines);
