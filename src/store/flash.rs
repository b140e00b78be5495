//! A stretch of flash, read and written by what the hardware allows.

use core::cell::{Cell, RefCell};

use embedded_storage::nor_flash::NorFlash;

use crate::blob::bytes::{Bytes, ROW, WINDOW};

/// The widest unit a flash may have to be written in.
pub(crate) const WIDEST_UNIT: usize = 32;
/// What an erased byte reads.
pub(crate) const ERASED: u8 = 0xff;

/// `length` rounded up to whole units.
pub(crate) const fn in_units(length: u32, unit: u32) -> u32 {
    length.div_ceil(unit).saturating_mul(unit)
}

/// A stretch of flash that is erased as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) from: u32,
    pub(crate) length: u32,
}

impl Region {
    /// Erases it, and looks whether it is.
    pub(crate) fn erase<F: NorFlash>(self, flash: &mut F) -> Option<()> {
        // What the driver answers says nothing of what the next start will find.
        let _ = flash.erase(self.from, self.from + self.length);
        (self.written(flash) == 0).then_some(())
    }

    /// Writes whole units at `at`, and looks whether they are there. A unit that is to read as erased is left alone: what reads as erased has then never been
    /// written, and can be, wherever the power failed.
    pub(crate) fn write<F: NorFlash>(self, flash: &mut F, at: u32, bytes: &[u8]) -> Option<()> {
        let end = at.checked_add(u32::try_from(bytes.len()).ok()?)?;
        (end <= self.length).then_some(())?;
        let is_blank = |unit: &[u8]| unit.iter().all(|byte| *byte == ERASED);
        let (mut to, mut rest) = (self.from + at, bytes);
        while !rest.is_empty() {
            let blank = rest.chunks(F::WRITE_SIZE).take_while(|unit| is_blank(unit)).count();
            let filled = rest.chunks(F::WRITE_SIZE).skip(blank).take_while(|unit| !is_blank(unit)).count();
            let (blank, behind) = rest.split_at_checked(blank * F::WRITE_SIZE)?;
            let (filled, behind) = behind.split_at_checked(filled * F::WRITE_SIZE)?;
            if !filled.is_empty() {
                // As with an erase: it counts what reads right.
                let _ = flash.write(to + blank.len() as u32, filled);
            }
            to += (blank.len() + filled.len()) as u32;
            rest = behind;
        }
        let mut at = at;
        for chunk in bytes.chunks(ROW) {
            let mut buffer = [0; WINDOW];
            let written = self.read(flash, at, end, &mut buffer)?;
            (written.get(..chunk.len())? == chunk).then_some(())?;
            at += chunk.len() as u32;
        }
        Some(())
    }

    /// The bytes from `at` on and before `end`: all of them, or at least [`ROW`]. No unit behind them is touched: it may be torn beyond reading.
    pub(crate) fn read<'b, F: NorFlash>(self, flash: &mut F, at: u32, end: u32, buffer: &'b mut [u8; WINDOW]) -> Option<&'b [u8]> {
        const { assert!(F::READ_SIZE <= WINDOW - ROW && WINDOW.is_multiple_of(F::READ_SIZE), "a flash is read in units of at most 16 bytes") };
        let end = end.min(self.length);
        let start = at - at % F::READ_SIZE as u32;
        let length = (in_units(end, F::READ_SIZE as u32).checked_sub(start)? as usize).min(WINDOW);
        let (read, _) = buffer.split_at_mut_checked(length)?;
        flash.read(self.from + start, read).ok()?;
        let wanted = (end.checked_sub(start)? as usize).min(length);
        read.get((at - start) as usize..wanted)
    }

    /// Whether every byte can be read.
    pub(crate) fn is_readable<F: NorFlash>(self, flash: &mut F) -> bool {
        let mut buffer = [0; WINDOW];
        (0..self.length).step_by(WINDOW).all(|at| self.read(flash, at, at + WINDOW as u32, &mut buffer).is_some())
    }

    /// The end of what has been written: behind the last byte that is not erased, and everything that cannot be read.
    pub(crate) fn written<F: NorFlash>(self, flash: &mut F) -> u32 {
        let mut end = 0;
        let mut at = 0;
        while at < self.length {
            let mut buffer = [0; WINDOW];
            let next = (at + WINDOW as u32).min(self.length);
            let last = match self.read(flash, at, next, &mut buffer) {
                Some(read) => read.iter().rposition(|byte| *byte != ERASED),
                None => Some((next - at - 1) as usize),
            };
            end = last.map_or(end, |last| at + last as u32 + 1);
            at = next;
        }
        end
    }
}

/// A blob in flash.
pub(crate) struct FlashBytes<'f, F> {
    flash: RefCell<&'f mut F>,
    region: Region,
    at: u32,
    length: u32,
    /// The first unit, as long as it has not been written.
    first: &'f [u8],
    has_failed: Cell<bool>,
}

impl<'f, F: NorFlash> FlashBytes<'f, F> {
    pub(crate) const fn new(flash: &'f mut F, region: Region, at: u32, length: u32) -> Self {
        Self { flash: RefCell::new(flash), region, at, length, first: &[], has_failed: Cell::new(false) }
    }

    /// The blob, whose first unit is still to be written.
    pub(crate) const fn without_first(self, first: &'f [u8]) -> Self {
        Self { first, ..self }
    }
}

impl<F: NorFlash> Bytes for FlashBytes<'_, F> {
    fn length(&self) -> u32 {
        self.length
    }

    fn in_place(&self, _: u32) -> Option<&[u8]> {
        None
    }

    fn window<'a>(&'a self, at: u32, buffer: &'a mut [u8; WINDOW]) -> &'a [u8] {
        let Ok(mut flash) = self.flash.try_borrow_mut() else { return &[] };
        let start = self.at.saturating_add(at);
        let end = self.at.saturating_add(self.length);
        let skipped = (start % F::READ_SIZE as u32) as usize;
        let Some(read) = self.region.read(*flash, start, end, buffer).map(<[u8]>::len) else {
            self.has_failed.set(true);
            return &[];
        };
        let Some(window) = buffer.get_mut(skipped..skipped + read) else { return &[] };
        for (byte, first) in window.iter_mut().zip(self.first.iter().skip(at as usize)) {
            *byte = *first;
        }
        window
    }

    fn has_failed(&self) -> bool {
        self.has_failed.get()
    }
}
