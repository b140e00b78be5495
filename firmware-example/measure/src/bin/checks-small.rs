//! Weighed: a small panel's three checks: users, engineers, firmware. No codes, so no cryptography.

#![no_std]
#![no_main]

use keyholder::SmallPanel;

keyholder_measure::image!(SmallPanel, [], users, engineers);
