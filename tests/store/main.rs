//! A device in a flash that fails wherever it can: power cuts at every single operation, every single bit flipped, blobs that break off at every byte.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    clippy::indexing_slicing,
    reason = "a test that fails has to say so"
)]

mod bits;
mod copies;
mod cuts;
mod failures;
mod kept;
mod mock;
#[path = "../blob/random.rs"]
#[allow(dead_code, reason = "most of it is about blobs")]
mod random;
mod reads;
#[path = "../blob/sample.rs"]
#[allow(dead_code, reason = "the samples serve more than one test")]
mod sample;
mod scenes;
mod streams;
mod wear;
