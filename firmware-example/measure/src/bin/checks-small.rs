//! Weighed: a small panel's three checks: users, engineers, firmware. No codes, so no cryptography.

#![no_std]
#![no_main]

use keyholder::SmallPanel;
use keyholder_measure::ask::{CODE_KEY, KEYS, SITE};

keyholder_measure::image!(SmallPanel, (SITE, KEYS, CODE_KEY), users, engineers);
