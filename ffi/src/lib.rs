//! The C side of keyholder: `include/keyholder.h` is generated from these files.
//!
//! 1. [`panel`] and [`receiver`] are what firmware calls, [`blob`] and [`names`] what it may want besides.
//! 2. [`request`] and [`answer`] are what crosses the boundary, [`number`] and [`value`] the numbers in it.
//! 3. [`boundary`] has the checks that every function shares: the one shape they all have.
//! 4. `layout` holds their layout against what C expects, and [`storage`] says how devices lie in the caller's memory, for the capacities that the build was given.
//!
//! This is the only place of the project with `unsafe`.

#![no_std]

// A test or debug build unwinds, and the prebuilt `core` then wants the runtime for it. What is shipped is built with `panic = "abort"`.
#[cfg(panic = "unwind")]
extern crate std;

pub mod answer;
pub mod blob;
mod boundary;
mod layout;
pub mod names;
pub mod number;
pub mod panel;
#[cfg(panic = "abort")]
mod panics;
pub mod receiver;
pub mod request;
pub mod storage;
pub mod value;
