//! Images of what a product links, to be measured: `cargo footprint` builds and runs them and writes `docs/footprint.md`.
//!
//! 1. [`start`] brings a processor to `main`: vectors, memory, and a panic handler that leaves a symbol when anything can panic.
//! 2. [`ask`] is what the images that are weighed ask a device; the image `nothing` asks nothing, and is what is taken off.
//! 3. [`flash`] and [`log`] are the flash and the log of the images that have everything.
//! 4. [`play`] is for the images that count: it asks what the host wrote into a script. [`counter`] counts, [`emulator`] reads and writes files.
//!
//! Registers, traps and the processor's start are the only unsafe code.

#![no_std]

pub mod ask;
pub mod flash;
#[cfg(feature = "everything")]
pub mod log;
pub mod start;

#[cfg(feature = "counting")]
pub mod counter;
#[cfg(feature = "counting")]
pub mod emulator;
#[cfg(feature = "counting")]
pub mod play;
