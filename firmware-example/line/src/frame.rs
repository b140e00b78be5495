//! Frames: where a message begins and ends, and whether it arrived as it was sent.
//!
//! ```text
//! offset  size
//!      0     1  start, 0xa5
//!      1     2  length of the payload, 0..=256
//!      3     1  kind of message
//!      4     1  tag: chosen by who asks, repeated in the answer
//!      5     n  payload
//!  5 + n     4  CRC-32 (as in zlib and Ethernet) of everything from the length to the end of the payload
//! ```

use heapless::Vec;
use zeroize::Zeroize as _;

/// The first byte of every frame.
pub const START: u8 = 0xa5;
/// Most bytes of a payload.
pub const LONGEST_PAYLOAD: usize = 256;
/// Bytes before the payload.
const HEAD: usize = 5;
/// Most bytes of a frame.
pub const LONGEST_FRAME: usize = HEAD + LONGEST_PAYLOAD + 4;
/// After so many milliseconds without a byte a frame that has begun is given up.
pub const PATIENCE: u32 = 1000;

/// The bytes of a message.
pub type Payload = Vec<u8, LONGEST_PAYLOAD>;
/// A frame as it goes over the line.
pub type Bytes = Vec<u8, LONGEST_FRAME>;

/// A frame whose check sum is right. Its payload may still be meaningless, and is wiped when the frame is dropped: somebody's code may be in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What kind of message it is: a number of [`request`](crate::request) or [`answer`](crate::answer).
    pub kind: u8,
    /// Chosen by who asks. 0 for what nobody asked for.
    pub tag: u8,
    /// The message.
    pub payload: Payload,
}

impl Frame {
    /// A frame with this message.
    pub const fn new(kind: u8, tag: u8, payload: Payload) -> Self {
        Self { kind, tag, payload }
    }

    /// The frame as it goes over the line.
    pub fn to_bytes(&self) -> Bytes {
        let mut bytes = Bytes::new();
        // There is room for the longest payload, so nothing below is left out.
        _ = bytes.push(START);
        _ = bytes.extend_from_slice(&self.head());
        _ = bytes.extend_from_slice(&self.payload);
        _ = bytes.extend_from_slice(&self.check_sum().to_le_bytes());
        bytes
    }

    /// The check sum at its end.
    pub fn check_sum(&self) -> u32 {
        self.head().iter().chain(&self.payload).fold(CheckSum::START, |sum, byte| sum.with(*byte)).value()
    }

    /// What stands between the start byte and the payload.
    fn head(&self) -> [u8; HEAD - 1] {
        let [low, high] = (self.payload.len() as u16).to_le_bytes();
        [low, high, self.kind, self.tag]
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        self.payload.zeroize();
    }
}

/// CRC-32, a bit at a time: a table would cost a kibibyte of flash to save microseconds.
#[derive(Clone, Copy)]
struct CheckSum(u32);

impl CheckSum {
    const START: Self = Self(u32::MAX);

    fn with(self, byte: u8) -> Self {
        let mixed = self.0 ^ u32::from(byte);
        Self((0..8).fold(mixed, |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 }))
    }

    const fn value(self) -> u32 {
        !self.0
    }
}

/// The CRC-32 of `bytes`.
pub fn check_sum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(CheckSum::START, |sum, byte| sum.with(*byte)).value()
}

/// What a byte brought.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "there is one of it at a time, and no heap to put a frame on")]
pub enum Received {
    /// Nothing yet.
    Nothing,
    /// The last byte of a frame.
    Frame(Frame),
    /// The last byte of what looked like a frame: its check sum is wrong, or its length is. It is dropped.
    Broken,
}

/// Puts frames together from single bytes.
#[derive(Clone, Debug)]
pub struct Receiver {
    /// What came since the start byte.
    bytes: Bytes,
    /// When the last byte came.
    last: u32,
}

impl Default for Receiver {
    fn default() -> Self {
        Self::new()
    }
}

impl Receiver {
    /// One that has received nothing.
    pub const fn new() -> Self {
        Self { bytes: Bytes::new(), last: 0 }
    }

    /// Wipes a frame whose rest does not come. Call it in every step.
    pub fn expire(&mut self, milliseconds: u32) {
        if !self.bytes.is_empty() && milliseconds.wrapping_sub(self.last) >= PATIENCE {
            // The rest of a frame that was cut off never comes: what comes now is another.
            self.forget();
        }
    }

    /// A byte has come, at so many milliseconds of any clock that wraps around.
    pub fn receive(&mut self, byte: u8, milliseconds: u32) -> Received {
        self.expire(milliseconds);
        self.last = milliseconds;
        if self.bytes.is_empty() && byte != START {
            return Received::Nothing;
        }
        if self.bytes.push(byte).is_err() {
            return self.drop_frame();
        }
        let Some((head, rest)) = self.bytes.split_first_chunk::<HEAD>() else { return Received::Nothing };
        let [_, low, high, kind, tag] = *head;
        let length = usize::from(u16::from_le_bytes([low, high]));
        if length > LONGEST_PAYLOAD {
            return self.drop_frame();
        }
        let Some((payload, sum)) = rest.split_at_checked(length) else { return Received::Nothing };
        let Some(sum) = sum.first_chunk() else { return Received::Nothing };
        let covered = self.bytes.iter().skip(1).take(HEAD - 1 + length);
        let expected = covered.fold(CheckSum::START, |sum, byte| sum.with(*byte)).value();
        if expected != u32::from_le_bytes(*sum) {
            return self.drop_frame();
        }
        // It is no longer than a payload may be.
        let frame = Frame::new(kind, tag, Payload::from_slice(payload).unwrap_or_default());
        self.forget();
        Received::Frame(frame)
    }

    fn drop_frame(&mut self) -> Received {
        self.forget();
        Received::Broken
    }

    /// What came is wiped, not only dropped: somebody's code may be in it.
    fn forget(&mut self) {
        self.bytes.zeroize();
        self.bytes.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Frame {
        Frame::new(2, 7, Payload::from_slice(b"payload with \xa5 in it").unwrap())
    }

    fn all(receiver: &mut Receiver, bytes: &[u8], milliseconds: u32) -> std::vec::Vec<Received> {
        let received = bytes.iter().map(|byte| receiver.receive(*byte, milliseconds));
        received.filter(|received| *received != Received::Nothing).collect()
    }

    extern crate std;

    #[test]
    fn the_check_sum_is_that_of_zlib() {
        assert_eq!(check_sum(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn a_frame_arrives_as_it_was_sent_whatever_came_before() {
        let mut receiver = Receiver::new();
        let noise = all(&mut receiver, b"noise", 0);
        assert_eq!(noise, []);
        for payload in [&b""[..], b"x", &[START; LONGEST_PAYLOAD]] {
            let frame = Frame { payload: Payload::from_slice(payload).unwrap(), ..frame() };
            assert_eq!(all(&mut receiver, &frame.to_bytes(), 0), [Received::Frame(frame)]);
        }
    }

    #[test]
    fn nothing_is_kept_of_a_frame_whose_rest_does_not_come() {
        let mut receiver = Receiver::new();
        let bytes = frame().to_bytes();
        assert_eq!(all(&mut receiver, &bytes[..bytes.len() - 1], 100), []);
        receiver.expire(100 + PATIENCE - 1);
        assert!(!receiver.bytes.is_empty());
        receiver.expire(100 + PATIENCE);
        assert!(receiver.bytes.is_empty());
        assert_eq!(all(&mut receiver, &bytes, 100 + PATIENCE), [Received::Frame(frame())]);
    }

    #[test]
    fn no_frame_with_a_flipped_bit_arrives() {
        let bytes = frame().to_bytes();
        for bit in 8..bytes.len() * 8 {
            let mut altered = bytes.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            let received = all(&mut Receiver::new(), &altered, 0);
            assert!(!received.iter().any(|received| matches!(received, Received::Frame(_))), "bit {bit}");
        }
    }

    #[test]
    fn after_a_frame_that_was_cut_off_anywhere_and_a_pause_the_next_arrives() {
        let bytes = frame().to_bytes();
        for cut in 0..bytes.len() {
            let mut receiver = Receiver::new();
            assert_eq!(all(&mut receiver, &bytes[..cut], u32::MAX - 10), [], "{cut}");
            assert_eq!(all(&mut receiver, &bytes, PATIENCE), [Received::Frame(frame())], "{cut}");
        }
    }
}
