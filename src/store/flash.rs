//! A stretch of flash, read and written by what the hardware allows.

use core::cell::RefCell;

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
    pub(crate) fn erase<F: NorFlash>(self, flash: &mut F) -> Option<()> {
        flash.erase(self.from, self.from + self.length).ok()
    }

    /// Writes whole units at `at`, and looks whether they are there.
    pub(crate) fn write<F: NorFlash>(self, flash: &mut F, at: u32, bytes: &[u8]) -> Option<()> {
        let end = at.checked_add(u32::try_from(bytes.len()).ok()?)?;
        (end <= self.length).then_some(())?;
        flash.write(self.from + at, bytes).ok()?;
        let mut at = at;
        for chunk in bytes.chunks(ROW) {
            let mut buffer = [0; WINDOW];
            let written = self.read(flash, at, &mut buffer)?;
            (written.get(..chunk.len())? == chunk).then_some(())?;
            at += chunk.len() as u32;
        }
        Some(())
    }

    /// The bytes from `at` on, at least [`ROW`] of them if so many are left.
    pub(crate) fn read<'b, F: NorFlash>(self, flash: &mut F, at: u32, buffer: &'b mut [u8; WINDOW]) -> Option<&'b [u8]> {
        const { assert!(F::READ_SIZE <= WINDOW - ROW && WINDOW.is_multiple_of(F::READ_SIZE), "a flash is read in units of at most 16 bytes") };
        let start = at - at % F::READ_SIZE as u32;
        let length = (self.length.checked_sub(start)? as usize).min(WINDOW);
        let (read, _) = buffer.split_at_mut_checked(length)?;
        flash.read(self.from + start, read).ok()?;
        read.get((at - start) as usize..)
    }

    /// The end of what has been written: behind the last byte that is not erased.
    pub(crate) fn written<F: NorFlash>(self, flash: &mut F) -> Option<u32> {
        let mut end = 0;
        let mut at = 0;
        while at < self.length {
            let mut buffer = [0; WINDOW];
            let read = self.read(flash, at, &mut buffer)?;
            if let Some(last) = read.iter().rposition(|byte| *byte != ERASED) {
                end = at + last as u32 + 1;
            }
            at += read.len() as u32;
        }
        Some(end)
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
}

impl<'f, F: NorFlash> FlashBytes<'f, F> {
    pub(crate) const fn new(flash: &'f mut F, region: Region, at: u32, length: u32) -> Self {
        Self { flash: RefCell::new(flash), region, at, length, first: &[] }
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

    fn window<'a>(&'a self, at: u32, buffer: &'a mut [u8; WINDOW]) -> &'a [u8] {
        let left = self.length.saturating_sub(at) as usize;
        let Ok(mut flash) = self.flash.try_borrow_mut() else { return &[] };
        let start = self.at.saturating_add(at);
        let skipped = start % F::READ_SIZE as u32;
        let Some(read) = self.region.read(*flash, start, buffer).map(<[u8]>::len) else { return &[] };
        let Some(window) = buffer.get_mut(skipped as usize..skipped as usize + read.min(left)) else { return &[] };
        for (byte, first) in window.iter_mut().zip(self.first.iter().skip(at as usize)) {
            *byte = *first;
        }
        window
    }
}
