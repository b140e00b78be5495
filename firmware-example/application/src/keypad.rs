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

/// A keypad of four rows and three columns. Columns need pull-ups.
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
        let down = self.scan();
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

    /// The first key that is down. A pin that does not answer is one that no key is seen on.
    fn scan(&mut self) -> Option<Key> {
        let mut found = None;
        for (row, keys) in self.rows.iter_mut().zip(&KEYS) {
            if row.set_low().is_err() {
                continue;
            }
            for (column, key) in self.columns.iter_mut().zip(keys) {
                if matches!(column.is_low(), Ok(true)) {
                    found = found.or(Some(*key));
                }
            }
            // A row that stays low would show its keys in every other row; nothing can be done about it here.
            _ = row.set_high();
        }
        found
    }
}
