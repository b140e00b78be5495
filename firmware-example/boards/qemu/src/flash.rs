//! A NOR flash that is a file of the computer that runs the emulator, by semihosting: so it is still there when the emulator is killed and started again.
//!
//! It is as strict as real ones are: pages of 4 KiB are erased to ones, words of four bytes are written once between two erasures. Words are written to the file one
//! by one and pages erased in sixteen steps, so killing the emulator at any moment leaves what a power cut would leave. With the argument `cut=N` the power fails by
//! itself before the `N`th such step, in the middle of the word if `torn=1`; if `worn=1` it does not, and that step and all behind it fail.

use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash, check_erase, check_read, check_write,
};

use crate::semihosting::{Arguments, File, FileError, exit};

const PAGE: usize = 4096;
const WORD: usize = 4;
/// Bytes that are erased in one step.
const ERASED_AT_ONCE: usize = 256;

/// Bytes that are looked at in one step, before they are written.
const READ_AT_ONCE: usize = 64;

/// Part of a flash.
pub struct Flash {
    file: File,
    /// Where the part begins, and how long it is.
    begin: u32,
    length: usize,
    /// Steps until the power fails.
    steps_left: Option<u32>,
    torn: bool,
    worn: bool,
}

/// Why the flash did not do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, defmt::Format)]
pub enum FlashError {
    /// Outside, or not at the beginning of a word or page.
    Where(#[defmt(Debug2Format)] NorFlashErrorKind),
    /// A word was written before and not erased since.
    NotErased,
    /// It has been written too often.
    WornOut,
    /// The file cannot be used.
    File,
}

impl From<FileError> for FlashError {
    fn from(_: FileError) -> Self {
        Self::File
    }
}

impl NorFlashError for FlashError {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Self::Where(kind) => *kind,
            Self::NotErased | Self::WornOut | Self::File => NorFlashErrorKind::Other,
        }
    }
}

impl Flash {
    /// The flash in the file that the argument `flash` names, from its page `first` on.
    ///
    /// # Errors
    /// There is no such file.
    pub fn open(arguments: &Arguments, first: u32) -> Result<Self, FlashError> {
        let file = File::open(arguments.value("flash").ok_or(FlashError::File)?)?;
        let begin = first * PAGE as u32;
        let length = file.length()?.checked_sub(begin as usize).ok_or(FlashError::File)?;
        let is_set = |name| arguments.number(name) == Some(1);
        Ok(Self { file, begin, length, steps_left: arguments.number("cut"), torn: is_set("torn"), worn: is_set("worn") })
    }

    /// Counts a step. When the power fails, half of `word` gets written if words tear.
    fn step(&mut self, at: u32, word: &[u8]) -> Result<(), FlashError> {
        match &mut self.steps_left {
            None => return Ok(()),
            Some(0) if self.worn => return Err(FlashError::WornOut),
            Some(0) => {}
            Some(left) => {
                *left -= 1;
                return Ok(());
            }
        }
        if let (true, Some(half)) = (self.torn, word.get(..word.len() / 2)) {
            self.file.write(at, half)?;
        }
        defmt::warn!("the power fails");
        exit(true)
    }
}

impl ErrorType for Flash {
    type Error = FlashError;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), FlashError> {
        check_read(self, offset, bytes.len()).map_err(FlashError::Where)?;
        Ok(self.file.read(self.begin + offset, bytes)?)
    }

    fn capacity(&self) -> usize {
        self.length
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = WORD;
    const ERASE_SIZE: usize = PAGE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), FlashError> {
        check_erase(self, from, to).map_err(FlashError::Where)?;
        for at in (self.begin + from..self.begin + to).step_by(ERASED_AT_ONCE) {
            self.step(at, &[0xff; ERASED_AT_ONCE])?;
            self.file.write(at, &[0xff; ERASED_AT_ONCE])?;
        }
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), FlashError> {
        check_write(self, offset, bytes.len()).map_err(FlashError::Where)?;
        let begin = self.begin + offset;
        for (at, bytes) in (begin..).step_by(READ_AT_ONCE).zip(bytes.chunks(READ_AT_ONCE)) {
            let mut before = [0xff; READ_AT_ONCE];
            let (before, _) = before.split_at_mut_checked(bytes.len()).unwrap_or_default();
            self.file.read(at, before)?;
            if before.iter().any(|byte| *byte != 0xff) {
                defmt::error!("a word at {=u32:#x} was written before", at);
                return Err(FlashError::NotErased);
            }
        }
        self.file.seek(begin)?;
        for (at, word) in (begin..).step_by(WORD).zip(bytes.chunks(WORD)) {
            self.step(at, word)?;
            self.file.write_on(word)?;
        }
        Ok(())
    }
}
