//! Numbers in a payload, one after the other, little-endian and without gaps.

use keyholder::time::{Instant, Time};

use crate::frame::Payload;

/// Takes numbers from the front of a payload.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a>(&'a [u8]);

macro_rules! numbers {
    ($($number:ident),*) => {
        $(
            /// The next number. `None`: the payload is too short.
            pub fn $number(&mut self) -> Option<$number> {
                self.bytes().map($number::from_le_bytes)
            }
        )*
    };
}

impl<'a> Fields<'a> {
    /// The fields of this payload.
    pub const fn of(payload: &'a [u8]) -> Self {
        Self(payload)
    }

    numbers!(u8, u16, u32, u64, i32, i64);

    /// The next bytes.
    pub fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    /// A point in time; [`i64::MIN`] stands for an unknown one.
    pub fn time(&mut self) -> Option<Time> {
        self.i64().map(|seconds| if seconds == i64::MIN { Time::Unknown } else { Time::Known(Instant(seconds)) })
    }

    /// All that is left.
    pub const fn rest(self) -> &'a [u8] {
        self.0
    }

    /// Nothing may be left: a message that is longer than it should be is not understood, and so not obeyed.
    pub fn end(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// Appends `bytes` to `payload`. What does not fit is left out: every message is shorter than a payload may be, which the tests of the messages hold.
pub fn put(payload: &mut Payload, bytes: &[u8]) {
    for byte in bytes {
        _ = payload.push(*byte);
    }
}

/// A point in time as a number.
pub const fn seconds(time: Time) -> i64 {
    match time {
        Time::Known(Instant(seconds)) => seconds,
        Time::Unknown => i64::MIN,
    }
}
