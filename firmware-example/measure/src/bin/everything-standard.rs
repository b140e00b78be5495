//! Weighed: a standard panel in flash that logs with defmt.

#![no_std]
#![no_main]

use keyholder::StandardPanel;
use keyholder_measure::ask::{CODE_KEY, KEYS, SITE};

keyholder_measure::stored_image!(StandardPanel, (SITE, KEYS, CODE_KEY), codes, engineers, sessions, panel_deadlines, install, pieces);
