//! Attacks, each by the name it has elsewhere: in TUF (The Update Framework 1.0, section 1.5), Uptane (1.2, section 4) and SUIT (RFC 9124, section 4.2), or in the field.
//!
//! Each test shows first that the attacker's move would matter, then that it comes to nothing and changes nothing, and then that the device goes on.
//! [`victim`] is who is attacked: panels and receivers, bare and in a flash whose power is cut after every refusal. [`sample`](crate::sample) is what they hold,
//! [`cloud`] what is sent to them. `docs/security.md` has the table.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test that fails has to say so")]

mod clock;
mod cloud;
mod delivery;
mod engineers;
mod flash;
mod keypad;
mod keys;
mod policies;
#[path = "../blob/sample.rs"]
#[allow(dead_code, reason = "the file serves more than one test")]
mod sample;
mod secrets;
mod victim;
