//! Weighed: everything that a standard receiver does, with signed blobs.

#![no_std]
#![no_main]

use keyholder::StandardReceiver;
use keyholder_measure::ask::{KEYS, SITE};

keyholder_measure::image!(StandardReceiver, [(SITE, KEYS)], engineers, sessions, deadlines, install);
