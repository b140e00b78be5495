//! Weighed: a small panel in flash that logs with defmt.

#![no_std]
#![no_main]

use keyholder::SmallPanel;
use keyholder_measure::ask::{CODE_KEY, KEYS, SITE};

keyholder_measure::stored_image!(SmallPanel, (SITE, KEYS, CODE_KEY), codes, engineers, sessions, panel_deadlines, install, pieces);
