//! Decides who may open and close a protected site, and which remote engineer may do what there.
//!
//! A device holds a *policy*, which the cloud decides and sends as a signed blob, and a *ledger*, which is what the device itself has to remember. Every
//! question is answered by a pure function of policy, ledger, request and time; what it changes in the ledger is then carried out in one step. Read in
//! this order:
//!
//! 1. [`panel`] and [`receiver`] are the two devices: what firmware calls.
//! 2. [`decide`] has the questions and the tables of rows that answer them, [`act`] what users do at the keypad, [`supervise`] what falls due.
//! 3. [`decision`] and [`report`] are what comes out.
//! 4. [`policy`] is the tables and what makes them valid: [`contact`], [`schedule`], [`engineer`], [`firmware`]. [`ledger`] is the device's own memory.
//! 5. [`blob`] turns signed bytes into policy tables; [`sync`] tells the cloud what came of it. [`store`] keeps policy and ledger in flash.
//! 6. [`time`], [`zone`], [`code`] and [`place`] are the ground everything stands on.
//!
//! Nothing reads a clock, allocates, prints, blocks or panics.

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test that fails has to say so")
)]

pub mod panel;
pub mod receiver;

pub mod act;
pub mod decide;
pub mod supervise;

pub mod decision;
pub mod report;

pub mod ledger;
pub mod policy;

pub mod contact;
pub mod engineer;
pub mod firmware;
pub mod schedule;

pub mod blob;
pub mod store;
pub mod sync;

pub mod code;
pub mod place;
pub mod time;
pub mod zone;

mod columns;
mod device;
mod flags;
mod hash;
mod mask;
mod table;
mod wire;

pub use act::{Act, ActRequest};
pub use columns::{SpanSet, Wide};
pub use decide::{Action, EngineerRequest, OpenClose, SessionRequest, Update, UpdateRequest, Who};
pub use decision::{Decision, PublicReason, Reason, Verdict};
pub use device::Device;
pub use panel::{LargePanel, Panel, SmallPanel, StandardPanel};
pub use receiver::{LargeReceiver, Receiver, SmallReceiver, StandardReceiver};

/// The README's example is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// So is that of the page about security.
#[cfg(doctest)]
#[doc = include_str!("../docs/security.md")]
struct Security;
