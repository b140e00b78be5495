//! Weighed: everything that a small receiver does, with signed blobs.

#![no_std]
#![no_main]

use keyholder::SmallReceiver;
use keyholder_measure::ask::{KEYS, SITE};

keyholder_measure::image!(SmallReceiver, [(SITE, KEYS)], engineers, sessions, deadlines, install);
