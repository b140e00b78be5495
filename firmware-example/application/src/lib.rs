//! What a panel and a receiver do, on any board. Read in this order:
//!
//! 1. [`panel`] and [`receiver`] are the two applications: a board makes one and calls its `step` for ever.
//! 2. [`device`] is the core's device with what keeps its policy; [`arming`] is what a panel knows about its areas, [`links`] what a receiver knows about
//!    engineers.
//! 3. [`exchange`] is what both answer alike, [`line`](mod@line) talks to the outside, [`clock`], [`keypad`], [`display`] and [`outputs`] to the hardware.
//!
//! Everything that a board has is behind a trait: pins and the I2C bus behind those of `embedded-hal`, serial lines behind those of `embedded-io`, flash behind that of
//! `embedded-storage`. Milliseconds are a parameter. Nothing here knows a board, allocates, blocks for long or panics.

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::indexing_slicing, reason = "a test that fails has to say so"))]

pub mod panel;
pub mod receiver;

pub mod arming;
pub mod device;
pub mod exchange;
pub mod links;

pub mod clock;
pub mod display;
pub mod keypad;
pub mod line;
pub mod outputs;

use embedded_hal::i2c::I2c;
use embedded_io::{Read, ReadReady, Write};
use embedded_storage::nor_flash::NorFlash;

/// What the boards of panels and receivers have in common.
pub trait Hardware {
    /// Where bytes of the line come from.
    type Receive: Read + ReadReady;
    /// Where they go.
    type Transmit: Write;
    /// The bus with the clock on it.
    type Bus: I2c;
    /// Where policy and ledger are kept: the flash behind the page with the identity.
    type Flash: NorFlash;
    /// A serial display of two lines.
    type Display: Write;
}

/// Milliseconds between two looks at the clock.
pub(crate) const LOOK: u32 = 250;
/// Deadlines reported in one step, so that keys and the line are not left waiting after a long gap.
pub(crate) const DEADLINES: usize = 16;
