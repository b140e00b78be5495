//! Counts what a small panel's checks take.

#![no_std]
#![no_main]

keyholder_measure::panel_player!(keyholder::SmallPanel);
