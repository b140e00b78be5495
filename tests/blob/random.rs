//! Random numbers with a taste for the ends of things.

use keyholder::time::{Date, Instant};

use crate::sample::NOON;

/// SplitMix64: the same numbers from the same seed on every machine.
#[derive(Clone)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// Once in `times`.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    pub(crate) fn row<'a, T>(&mut self, rows: &'a mut [T]) -> Option<&'a mut T> {
        if rows.is_empty() {
            return None;
        }
        let index = self.below(rows.len());
        rows.get_mut(index)
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let any = self.next() as u8;
        self.of(&[0, 1, 2, 3, 7, 12, 0x7f, 0x80, 0xff, any])
    }

    pub(crate) fn minute(&mut self) -> u16 {
        let any = self.below(2900) as u16;
        self.of(&[0, 1, 720, 1439, 1440, 1441, 2160, 2879, 2880, u16::MAX - 1, u16::MAX, any, any, any])
    }

    pub(crate) fn offset(&mut self) -> i16 {
        let any = self.below(2881) as i16 - 1440;
        self.of(&[-1440, -1439, -720, -60, 0, 60, 840, 1439, 1440, 1441, i16::MIN, i16::MAX, any, any])
    }

    pub(crate) fn instant(&mut self) -> Instant {
        let last = Instant::LAST_READING;
        let near = NOON.plus(self.below(4_000_000) as i64 - 2_000_000);
        let any = Instant(self.next() as i64);
        let reading = Instant((self.next() % last.0 as u64) as i64);
        let ends = [Instant::EARLIEST, Instant(i64::MIN + 1), Instant(-1), Instant(0), Instant(1), last.plus(-86_400), last.plus(-1), last];
        let beyond = [last.plus(1), Instant(i64::from(u32::MAX) * 60), Instant(i64::MAX - 1), Instant::LATEST, any];
        let which = self.below(6);
        if which == 0 {
            self.of(&ends)
        } else if which == 1 {
            self.of(&beyond)
        } else {
            self.of(&[near, near, near, NOON, reading])
        }
    }

    pub(crate) fn date(&mut self) -> Date {
        let near = Date((NOON.0 / 86_400) as i32 + self.below(800) as i32 - 40);
        let any = Date(self.next() as i32);
        let ends = [Date(i32::MIN), Date(-1), Date(0), Date(1), Date(Date::LATEST.0 - 1), Date::LATEST, Date(i32::MAX)];
        if self.once_in(3) { self.of(&ends) } else { self.of(&[near, near, near, any]) }
    }
}
