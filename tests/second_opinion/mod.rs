//! A second opinion: a deliberately naive decider, written from the specification and not from the core.
//!
//! Read in this order:
//!
//! 1. [`model`] is the policy as plain data: vectors, options, text codes, no capacities.
//! 2. [`question`] is what can be asked and what is answered.
//! 3. [`calendar`] turns instants into wall clock and back; all of it is jiff's work.
//! 4. [`reference`] is the decider: the clock, who is asking, opening and closing. Its parts are
//!    [`hours`] (schedules), [`acts`] (passcode and local acts), [`remote`] (engineers and
//!    firmware) and [`supervise`] (what has fallen due).
//! 5. [`generate`] makes random policies from a seed, [`sequence`] question sequences; [`zones`] has
//!    the rules of the IANA zones.

pub mod acts;
pub mod calendar;
pub mod generate;
pub mod hours;
pub mod model;
pub mod question;
pub mod reference;
pub mod remote;
pub mod sequence;
pub mod supervise;
pub mod zones;
