//! The host side of keyholder: policies written by people, stories, and devices to try them on. Read in this order:
//!
//! 1. [`policy_file`] is how people write a policy, [`compile`] what becomes of it: the rows of a [`snapshot`]. A [`patch`] is what
//!    changes one into another.
//! 2. [`key_file`] and [`seal`](mod@seal) make the signed blob of it.
//! 3. [`request`] is what a device is asked, [`rig`] and [`device`] who is asked, with a [`flash`] to remember in, [`answer`] what comes out.
//! 4. [`story`] plays a scenario, [`expectation`] judges it, [`told`] is what came of it, [`transcript`] that as text, with [`phrase`] for the words. [`show`] tells what a blob says,
//!    [`upstream`] what a device tells the cloud.
//!    [`tape`] records what devices were asked.
//! 5. [`values`], [`flags`], [`zones`], [`fields`] and [`complaint`] are how single values are read, and what is said when they are wrong.

#![forbid(unsafe_code)]
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test that fails has to say so")
)]

pub mod compile;
pub mod names;
pub mod patch;
pub mod policy_file;
pub mod snapshot;

pub mod key_file;
pub mod seal;

pub mod answer;
pub mod device;
pub mod flash;
pub mod request;
pub mod rig;

pub mod expectation;
pub mod paint;
pub mod phrase;
pub mod show;
pub mod story;
pub mod tape;
pub mod told;
pub mod transcript;
pub mod upstream;

pub mod complaint;
pub mod fields;
pub mod flags;
pub mod hex;
pub mod near;
pub mod values;
pub mod zones;
