//! Weighed: a standard panel's three checks: users, engineers, firmware. No codes, so no cryptography.

#![no_std]
#![no_main]

use keyholder::StandardPanel;
use keyholder_measure::ask::{CODE_KEY, KEYS, SITE};

keyholder_measure::image!(StandardPanel, (SITE, KEYS, CODE_KEY), users, engineers);
