//! Blobs: what is refused, why, and that a refused blob changes nothing.
//!
//! [`sample`] is a valid policy to start from, [`device`] what a device is asked to see that it has not changed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test that fails has to say so")]

mod access_rules;
mod blank;
mod device;
mod envelope;
mod mutation;
mod orders;
mod panel_rules;
mod patches;
mod random;
mod sample;
