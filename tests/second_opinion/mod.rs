//! A second opinion: a deliberately naive decider, written from the specification and not from the core.
//!
//! Read in this order:
//!
//! 1. [`model`] is the policy as plain data: vectors, options, text codes, no capacities.
//! 2. [`question`] is what can be asked and what is answered.
//! 3. [`calendar`] turns instants into wall clock and back; all of it is jiff's work.
//! 4. [`reference`] is the decider: the clock, who is asking, opening and closing. Its parts are
//!    [`hours`] (schedules), [`acts`] (passcode and local acts), [`remote`] (engineers and
//!    firmware), [`supervise`] (what has fallen due) and [`room`] (what a device can remember).
//! 5. [`generate`] makes random policies from a seed, [`sequence`] question sequences; [`zones`] has
//!    the rules of the IANA zones.
//! 6. The core comes in last: [`wire`] turns the model's policy into the rows of its tables, [`device`]
//!    installs them and asks, [`compare`] says where an answer differs from the reference's;
//!    [`world`] puts a policy, its questions and its devices together.

pub mod acts;
pub mod calendar;
pub mod compare;
pub mod device;
pub mod generate;
pub mod hours;
pub mod model;
pub mod question;
pub mod reference;
pub mod remote;
pub mod room;
pub mod sequence;
pub mod supervise;
pub mod wire;
pub mod world;
pub mod zones;
