//! Counts what a standard receiver's checks take.

#![no_std]
#![no_main]

keyholder_measure::receiver_player!(keyholder::StandardReceiver);
