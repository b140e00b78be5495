//! The decisions: pure functions of policy, ledger, request and time.
//!
//! Each is a table of rows as the documentation has it. All rows are worked out, and the first that hits answers, so that what a check costs does not
//! tell what it found.

pub(crate) mod open_close;
pub(crate) mod person;
pub(crate) mod remote;
pub(crate) mod update;

pub use open_close::{Action, OpenClose};
pub use person::Who;
pub use remote::{EngineerRequest, SessionRequest};
pub use update::{Update, UpdateRequest};
