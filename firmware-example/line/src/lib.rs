//! What goes over the serial line of a panel or receiver: frames, and the messages in them. `firmware-example/README.md` has the same on one page, for C.
//!
//! Read in this order:
//!
//! 1. [`frame`]: bytes to frames, each with a check sum, and back.
//! 2. [`request`]: what a device is asked.
//! 3. [`answer`]: what it answers, and what it tells unasked.
//! 4. [`fields`]: how numbers lie in a payload.
//!
//! Every layout is fixed and every number little-endian, so that a C program needs nothing but a byte pointer to follow.

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test that fails has to say so")
)]

pub mod answer;
pub mod fields;
pub mod frame;
pub mod identity;
pub mod request;
