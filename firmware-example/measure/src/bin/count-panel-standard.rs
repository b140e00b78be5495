//! Counts what a standard panel's checks take.

#![no_std]
#![no_main]

keyholder_measure::panel_player!(keyholder::StandardPanel);
