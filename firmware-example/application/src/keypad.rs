//! A keypad matrix: rows are driven low one after the other, and a key that is pressed pulls its column low.

use embedded_hal::digital::{InputPin, OutputPin};

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, defmt::Format)]
pub enum Key {
    /// A digit, as ASCII.
    Digit(u8),
    /// `*`
    Star,
    /// `#`
    Hash,
}

/// The keys, row by row.
const KEYS: [[Key; 3]; 4] = [
    [Key::Digit(b'1'), Key::Digit(b'2'), Key::Digit(b'3')],
    [Key::Digit(b'4'), Key::Digit(b'5'), Key::Digit(b'6')],
    [Key::Digit(b'7'), Key::Digit(b'8'), Key::Digit(b'9')],
    [Key::Star, Key::Digit(b'0'), Key::Hash],
];

/// A key counts when two scans that lie at least so many milliseconds apart agree: contacts bounce for less.
const BOUNCE: u32 = 10;

/// How often the columns are looked at, at most, until all of them are high again: some hundred microseconds.
const RISE: u32 = 1000;

/// More than one key is down, or seems to be: three at the corners of a rectangle show the fourth as well.
#[derive(PartialEq, Eq)]
struct Several;

/// A keypad of four rows and three columns. Columns need pull-ups. Rows have to be open drains: two keys in one column connect theirs.
pub struct Keypad<R, C> {
    rows: [R; 4],
    columns: [C; 3],
    /// What the last scan found, and when it first did.
    seen: (Option<Key>, u32),
    /// What was told last.
    held: Option<Key>,
}

impl<R: OutputPin, C: InputPin> Keypad<R, C> {
    /// The keypad on these pins.
    pub const fn new(rows: [R; 4], columns: [C; 3]) -> Self {
        Self { rows, columns, seen: (None, 0), held: None }
    }

    /// The key that has gone down since the last look.
    pub fn pressed(&mut self, milliseconds: u32) -> Option<Key> {
        // While several are down nothing changes: one that is still down when the others have gone was told already.
        let Ok(down) = self.scan() else { return None };
        if down != self.seen.0 {
            self.seen = (down, milliseconds);
            return None;
        }
        let settled = milliseconds.wrapping_sub(self.seen.1) >= BOUNCE;
        if !settled || down == self.held {
            return None;
        }
        self.held = down;
        down
    }

    /// The key that is down. A pin that does not answer is one that no key is seen on.
    fn scan(&mut self) -> Result<Option<Key>, Several> {
        let mut found = Ok(None);
        for (row, keys) in self.rows.iter_mut().zip(&KEYS) {
            if row.set_low().is_err() {
                continue;
            }
            for (column, key) in self.columns.iter_mut().zip(keys) {
                if matches!(column.is_low(), Ok(true)) {
                    found = if found == Ok(None) { Ok(Some(*key)) } else { Err(Several) };
                }
            }
            // A row that stays low would show its keys in every other row; nothing can be done about it here.
            _ = row.set_high();
            // A column needs a moment to rise again: read too early, the key would be seen in the next row as well.
            for _ in 0..RISE {
                if self.columns.iter_mut().all(|column| !matches!(column.is_low(), Ok(true))) {
                    break;
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;
    use core::convert::Infallible;

    use embedded_hal::digital::ErrorType;

    use super::*;

    /// Which keys are down, and which rows are driven low.
    #[derive(Default)]
    struct Matrix {
        down: Cell<[[bool; 3]; 4]>,
        low: Cell<[bool; 4]>,
        /// How often a column has still to be looked at until it is high, and how often after it was low.
        rising: Cell<[u32; 3]>,
        slow: u32,
    }

    struct Row<'a>(&'a Matrix, usize);
    struct Column<'a>(&'a Matrix, usize);

    impl ErrorType for Row<'_> {
        type Error = Infallible;
    }

    impl ErrorType for Column<'_> {
        type Error = Infallible;
    }

    impl Row<'_> {
        fn drive(&self, is_low: bool) {
            let mut low = self.0.low.get();
            low[self.1] = is_low;
            self.0.low.set(low);
        }
    }

    impl OutputPin for Row<'_> {
        fn set_low(&mut self) -> Result<(), Infallible> {
            self.drive(true);
            Ok(())
        }

        fn set_high(&mut self) -> Result<(), Infallible> {
            self.drive(false);
            Ok(())
        }
    }

    impl InputPin for Column<'_> {
        fn is_high(&mut self) -> Result<bool, Infallible> {
            self.is_low().map(|is_low| !is_low)
        }

        fn is_low(&mut self) -> Result<bool, Infallible> {
            let (low, down) = (self.0.low.get(), self.0.down.get());
            let mut rising = self.0.rising.get();
            let is_pulled = low.iter().zip(down).any(|(is_low, row)| *is_low && row[self.1]);
            rising[self.1] = if is_pulled { self.0.slow } else { rising[self.1].saturating_sub(1) };
            self.0.rising.set(rising);
            Ok(is_pulled || rising[self.1] != 0)
        }
    }

    /// What is told while these keys are down one after the other, each for long enough.
    fn told<const N: usize>(fingers: [&[u8]; N]) -> [Option<Key>; N] {
        let matrix = Matrix::default();
        let rows = [0, 1, 2, 3].map(|row| Row(&matrix, row));
        let mut keypad = Keypad::new(rows, [0, 1, 2].map(|column| Column(&matrix, column)));
        let mut now = u32::MAX - 50;
        fingers.map(|fingers| {
            matrix.down.set(KEYS.map(|keys| keys.map(|key| matches!(key, Key::Digit(digit) if fingers.contains(&digit)))));
            let mut told = None;
            for _ in 0..4 {
                now = now.wrapping_add(BOUNCE);
                told = told.or(keypad.pressed(now));
            }
            told
        })
    }

    const fn digit(digit: u8) -> Option<Key> {
        Some(Key::Digit(digit))
    }

    #[test]
    fn a_key_is_told_once_whatever_other_keys_do_meanwhile() {
        assert_eq!(told([b"1", b"", b"1"]), [digit(b'1'), None, digit(b'1')], "pressed twice");
        assert_eq!(told([b"2", b"21", b"2", b""]), [digit(b'2'), None, None, None], "held while another comes and goes");
        assert_eq!(told([b"2", b"21", b"1", b""]), [digit(b'2'), None, digit(b'1'), None], "let go after the next has gone down");
        assert_eq!(told([b"25", b"5", b""]), [None, digit(b'5'), None], "two at once");
        assert_eq!(told([b"1", b"1254", b"1", b""]), [digit(b'1'), None, None, None], "three that show a fourth");
    }

    #[test]
    fn a_key_is_told_although_its_column_rises_slowly() {
        for slow in [0, 1, 2, 5, 20, 500] {
            for (row, column) in (0..4).flat_map(|row| (0..3).map(move |column| (row, column))) {
                let matrix = Matrix { slow, ..Matrix::default() };
                let mut down = [[false; 3]; 4];
                down[row][column] = true;
                matrix.down.set(down);
                let mut keypad = Keypad::new([0, 1, 2, 3].map(|row| Row(&matrix, row)), [0, 1, 2].map(|column| Column(&matrix, column)));
                let told = (0..4).find_map(|step| keypad.pressed(step * BOUNCE));
                assert_eq!(told, Some(KEYS[row][column]), "row {row}, column {column}, {slow} looks");
            }
        }
    }

    #[test]
    fn a_key_that_bounces_is_not_told() {
        let matrix = Matrix::default();
        let rows = [0, 1, 2, 3].map(|row| Row(&matrix, row));
        let mut keypad = Keypad::new(rows, [0, 1, 2].map(|column| Column(&matrix, column)));
        for milliseconds in 0..100 {
            let is_down = (milliseconds / (BOUNCE / 2)).is_multiple_of(2);
            matrix.down.set([[is_down, false, false], [false; 3], [false; 3], [false; 3]]);
            assert_eq!(keypad.pressed(milliseconds), None, "{milliseconds}");
        }
    }
}
