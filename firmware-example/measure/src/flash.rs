//! A NOR flash that is mapped into memory and written a word at a time behind three registers, as that of an nRF52840.

use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash};

/// Where what is kept begins.
const FROM: usize = 0x0008_0000;
/// How long it is: two slots and two copies of a journal.
const LENGTH: usize = 2 * (32 + 20) * 1024;
const READY: *const u32 = 0x4001_e400 as *const u32;
const MODE: *mut u32 = 0x4001_e504 as *mut u32;
const ERASE: *mut u32 = 0x4001_e508 as *mut u32;
const READING: u32 = 0;
const WRITING: u32 = 1;
const ERASING: u32 = 2;

/// The flash.
pub struct Flash(());

impl Flash {
    /// The flash.
    ///
    /// # Safety
    /// It is made once, and nobody else writes to it.
    pub const unsafe fn new() -> Self {
        Self(())
    }
}

/// Outside the flash, or not in whole units.
#[derive(Clone, Copy, Debug)]
pub struct FlashError;

impl NorFlashError for FlashError {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

impl ErrorType for Flash {
    type Error = FlashError;
}

fn place(offset: u32, length: usize, unit: usize) -> Result<usize, FlashError> {
    let offset = offset as usize;
    let fits = offset.checked_add(length).is_some_and(|end| end <= LENGTH) && offset.is_multiple_of(unit) && length.is_multiple_of(unit);
    if fits { Ok(FROM + offset) } else { Err(FlashError) }
}

fn wait() {
    // SAFETY: a register of the flash's controller.
    while unsafe { READY.read_volatile() } & 1 == 0 {}
}

fn set(mode: u32) {
    // SAFETY: a register of the flash's controller.
    unsafe { MODE.write_volatile(mode) };
    wait();
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), FlashError> {
        let from = place(offset, bytes.len(), 1)?;
        for (index, byte) in bytes.iter_mut().enumerate() {
            // SAFETY: within the flash.
            *byte = unsafe { ((from + index) as *const u8).read_volatile() };
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        LENGTH
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = 4096;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), FlashError> {
        let length = to.checked_sub(from).ok_or(FlashError)? as usize;
        let start = place(from, length, Self::ERASE_SIZE)?;
        set(ERASING);
        for page in (start..start + length).step_by(Self::ERASE_SIZE) {
            // SAFETY: a register of the flash's controller.
            unsafe { ERASE.write_volatile(page as u32) };
            wait();
        }
        set(READING);
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), FlashError> {
        let start = place(offset, bytes.len(), Self::WRITE_SIZE)?;
        set(WRITING);
        let (words, _) = bytes.as_chunks::<4>();
        for (index, word) in words.iter().enumerate() {
            // SAFETY: within the flash, and aligned, for `start` is.
            unsafe { ((start + 4 * index) as *mut u32).write_volatile(u32::from_le_bytes(*word)) };
            wait();
        }
        set(READING);
        Ok(())
    }
}
