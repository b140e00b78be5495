//! What the benchmarks have in common.
//!
//! 1. [`site`] is a realistic site with full tables, in any size, as a signed blob.
//! 2. [`question`] is what it is asked: every kind of answer.
//! 3. [`script`] is the same for a microcontroller, as bytes, with the answers it has to give.
//! 4. [`floor`] is what it is compared with: a straightforward lookup with early returns, in Rust and in C.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark whose site cannot be built has to stop")]

pub mod floor;
pub mod question;
pub mod script;
pub mod site;
