//! What a person sees and touches, at the end of the second serial line: a keypad matrix, a serial display, relays and lights, a detector.
//!
//! A byte that comes is a key that somebody presses for a moment (`0`-`9`, `*`, `#`), or moves the detector (`d` somebody comes, `D` nobody is there any more), or it
//! takes the line down (`l`), so that nothing goes out over it, or up again (`L`). After `&` the next key is held down until the next `&`. What goes out is what a
//! serial display is sent (`fe 80` or `fe c0`, then sixteen characters), for every pin that switches `fd`, its number and its level, and for every byte that came
//! `fc` when the finger has gone.

use core::cell::Cell;
use core::convert::Infallible;

use embedded_hal::digital::{ErrorType, InputPin, OutputPin};
use embedded_io::Write;

use crate::uart::Uart;

/// Looks at the keypad for which a key is held, and as many with nothing pressed before the next. Looks and not milliseconds, for on a busy computer
/// a lot of time may pass between two looks, and no finger may come and go unseen.
const PRESS: u32 = 3;
/// Said when the finger has gone.
const GONE: u8 = 0xfc;
/// Milliseconds between two looks that count.
const LOOK: u32 = 10;

/// The keypad and the detector.
pub struct Terminal<'a> {
    port: &'a Uart,
    line: &'a Uart,
    /// Row and column of the key that is down.
    down: Cell<Option<(usize, usize)>>,
    /// The same of one that another finger holds down meanwhile, and whether it goes down next.
    held: Cell<Option<(usize, usize)>>,
    holds: Cell<bool>,
    /// How many looks there were since it went down or up, and when the last was.
    looks: Cell<u32>,
    last: Cell<u32>,
    /// Rows that are driven low.
    low: Cell<[bool; 4]>,
    moves: Cell<bool>,
}

impl<'a> Terminal<'a> {
    /// The terminal at the end of `port`, from where `line` is taken down.
    pub const fn at(port: &'a Uart, line: &'a Uart) -> Self {
        Self {
            port,
            line,
            down: Cell::new(None),
            held: Cell::new(None),
            holds: Cell::new(false),
            looks: Cell::new(0),
            last: Cell::new(0),
            low: Cell::new([false; 4]),
            moves: Cell::new(false),
        }
    }

    /// Lets fingers come and go. Call it before the keypad is looked at.
    pub fn carry_on(&self, milliseconds: u32) {
        if milliseconds.wrapping_sub(self.last.get()) < LOOK {
            return;
        }
        self.last.set(milliseconds);
        let looks = self.looks.get() + 1;
        self.looks.set(looks.min(PRESS));
        if looks < PRESS {
            return;
        }
        if self.down.take().is_some() {
            self.looks.set(0);
            self.port.send(GONE);
            return;
        }
        match self.port.byte() {
            None => {}
            Some(moves @ (b'd' | b'D')) => {
                self.moves.set(moves == b'd');
                self.port.send(GONE);
            }
            Some(line @ (b'l' | b'L')) => {
                self.line.take_down(line == b'l');
                self.port.send(GONE);
            }
            Some(b'&') => {
                self.holds.set(self.held.take().is_none());
                self.looks.set(0);
                self.port.send(GONE);
            }
            Some(key) => {
                let index = b"123456789*0#".iter().position(|known| *known == key);
                let pressed = index.map(|index| (index / 3, index % 3));
                let is_held = self.holds.take();
                if is_held {
                    self.held.set(pressed);
                } else {
                    self.down.set(pressed);
                }
                self.looks.set(0);
                if is_held || pressed.is_none() {
                    self.port.send(GONE);
                }
            }
        }
    }

    /// The rows of the keypad.
    pub const fn rows(&self) -> [Row<'_>; 4] {
        [Row(self, 0), Row(self, 1), Row(self, 2), Row(self, 3)]
    }

    /// The columns of the keypad.
    pub const fn columns(&self) -> [Column<'_>; 3] {
        [Column(self, 0), Column(self, 1), Column(self, 2)]
    }

    /// The detector's loop.
    pub const fn detector(&self) -> Detector<'_> {
        Detector(self)
    }
}

/// A row of the keypad.
pub struct Row<'a>(&'a Terminal<'a>, usize);
/// A column of it.
pub struct Column<'a>(&'a Terminal<'a>, usize);
/// The detector's loop.
pub struct Detector<'a>(&'a Terminal<'a>);

/// A relay or a light.
pub struct Output<'a> {
    port: &'a Uart,
    number: u8,
    level: Option<bool>,
}

impl<'a> Output<'a> {
    /// The output with that number.
    pub const fn new(port: &'a Uart, number: u8) -> Self {
        Self { port, number, level: None }
    }

    fn switch(&mut self, level: bool) {
        if self.level.replace(level) != Some(level) {
            let mut port = self.port;
            _ = port.write(&[0xfd, self.number, u8::from(level)]);
        }
    }
}

macro_rules! cannot_fail {
    ($($pin:ident),*) => {
        $(impl ErrorType for $pin<'_> {
            type Error = Infallible;
        })*
    };
}
cannot_fail!(Row, Column, Detector, Output);

impl Row<'_> {
    fn drive(&self, is_low: bool) {
        let mut low = self.0.low.get();
        if let Some(row) = low.get_mut(self.1) {
            *row = is_low;
        }
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
        let pulled = |(row, column)| column == self.1 && self.0.low.get().get(row) == Some(&true);
        Ok([self.0.down.get(), self.0.held.get()].into_iter().flatten().any(pulled))
    }
}

impl InputPin for Detector<'_> {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        Ok(self.0.moves.get())
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        Ok(!self.0.moves.get())
    }
}

impl OutputPin for Output<'_> {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.switch(false);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.switch(true);
        Ok(())
    }
}
