//! The C side of keyholder: `include/keyholder.h` is generated from these files.
//!
//! 1. [`panel`] and [`receiver`] are what firmware calls, [`blob`] and [`names`] what it may want besides.
//! 2. [`request`] and [`answer`] are what crosses the boundary, [`number`] and [`value`] the numbers in it.
//! 3. [`boundary`] has the checks that every function shares: the one shape they all have.
//! 4. `layout` holds their layout against what C expects, and [`storage`] says how devices lie in the caller's memory, for the capacities that the build was given.
//! 5. [`flash`] is the caller's flash, for devices that outlast a loss of power, and `kept` asks one with a flash and one without in the same way.
//!
//! This is the only place of the project with `unsafe`.

#![no_std]

// As it is shipped, the library has nothing of `std` and its own panic handler; see shipped.toml. Elsewhere in the workspace it is built along with crates
// that use `std`, whose handler would be a second one.
#[cfg(not(any(target_os = "none", keyholder_shipped)))]
extern crate std;

pub mod answer;
pub mod blob;
mod boundary;
pub mod flash;
mod kept;
mod layout;
pub mod names;
pub mod number;
pub mod panel;
#[cfg(any(target_os = "none", keyholder_shipped))]
mod panics;
pub mod receiver;
pub mod request;
pub mod storage;
pub mod value;
