//! A serial display of two lines with sixteen characters each, of the kind that takes `fe 80` and `fe c0` as the beginnings of its lines.

use embedded_io::Write;

/// Characters of a line.
pub const WIDTH: usize = 16;

/// What a line says.
pub type Text = heapless::String<WIDTH>;

/// A display.
pub struct Display<W> {
    wire: W,
    shown: [[u8; WIDTH]; 2],
}

impl<W: Write> Display<W> {
    /// The display at the end of this wire, which shows nothing yet.
    pub const fn new(wire: W) -> Self {
        Self { wire, shown: [[0; WIDTH]; 2] }
    }

    /// Shows two lines. What stands there already is not written again.
    pub fn show(&mut self, lines: [&str; 2]) {
        for ((line, shown), position) in lines.iter().zip(&mut self.shown).zip([0x80, 0xc0]) {
            let mut padded = [b' '; WIDTH];
            for (slot, byte) in padded.iter_mut().zip(line.bytes()) {
                *slot = byte;
            }
            if padded != *shown {
                let written =
                    self.wire.write_all(&[0xfe, position]).and_then(|()| self.wire.write_all(&padded)).and_then(|()| self.wire.flush());
                // What could not be written is tried again at the next look.
                if written.is_ok() {
                    *shown = padded;
                }
            }
        }
    }
}
