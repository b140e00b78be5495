//! Weighed: a standard panel's three checks: users, engineers, firmware. No codes, so no cryptography.

#![no_std]
#![no_main]

use keyholder::StandardPanel;

keyholder_measure::image!(StandardPanel, [], users, engineers);
