//! The way to the computer that runs the emulator: the arguments it was started with, files, and the end.

use cortex_m_semihosting::debug::{self, EXIT_FAILURE, EXIT_SUCCESS};
use cortex_m_semihosting::nr::{self, open};
use cortex_m_semihosting::syscall;

/// Ends the emulation. `well` is the emulator's exit status 0.
pub fn exit(well: bool) -> ! {
    debug::exit(if well { EXIT_SUCCESS } else { EXIT_FAILURE });
    loop {
        cortex_m::asm::wfi();
    }
}

/// What the emulator was told with `-semihosting-config arg=…`: words of the form `name=value`.
pub struct Arguments {
    bytes: [u8; 256],
}

impl Arguments {
    /// Asks the emulator.
    pub fn read() -> Self {
        let mut bytes = [0_u8; 256];
        let mut block = (bytes.as_mut_ptr(), bytes.len());
        // SAFETY: the block names a buffer and its length, as the call wants; the emulator changes both within bounds.
        let status = unsafe { cortex_m_semihosting::syscall1(nr::GET_CMDLINE, (&raw mut block) as usize) };
        if status != 0 {
            bytes = [0; 256];
        }
        Self { bytes }
    }

    /// The value of an argument.
    pub fn value(&self, name: &str) -> Option<&str> {
        let text = self.bytes.split(|byte| *byte == 0).next()?;
        let mut words = core::str::from_utf8(text).ok()?.split(' ');
        words.find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
    }

    /// The value of an argument that is a number.
    pub fn number(&self, name: &str) -> Option<u32> {
        self.value(name)?.parse().ok()
    }
}

/// A file of the computer that runs the emulator.
pub struct File {
    handle: usize,
}

/// The file cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, defmt::Format)]
pub struct FileError;

impl File {
    /// Opens a file that is there, to read and to write.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn open(name: &str) -> Result<Self, FileError> {
        let mut path = heapless::String::<128>::new();
        path.push_str(name).and_then(|()| path.push('\0')).map_err(|_| FileError)?;
        // SAFETY: the path ends with a zero, which its length does not count.
        let handle = unsafe { syscall!(OPEN, path.as_ptr(), open::RW_BINARY, path.len() - 1) };
        if handle == usize::MAX { Err(FileError) } else { Ok(Self { handle }) }
    }

    /// How long it is.
    ///
    /// # Errors
    /// Nobody knows.
    pub fn length(&self) -> Result<usize, FileError> {
        // SAFETY: the handle is that of an open file.
        let length = unsafe { syscall!(FLEN, self.handle) };
        if length == usize::MAX { Err(FileError) } else { Ok(length) }
    }

    /// Reads bytes from that place of it.
    ///
    /// # Errors
    /// They are not there.
    pub fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), FileError> {
        self.seek(offset)?;
        // SAFETY: the buffer is as long as is said.
        let missing = unsafe { syscall!(READ, self.handle, bytes.as_mut_ptr(), bytes.len()) };
        if missing == 0 { Ok(()) } else { Err(FileError) }
    }

    /// Writes bytes to that place of it.
    ///
    /// # Errors
    /// Not all of them were written.
    pub fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), FileError> {
        self.seek(offset)?;
        self.write_on(bytes)
    }

    /// Writes bytes to where the last ones that were read or written end.
    ///
    /// # Errors
    /// Not all of them were written.
    pub fn write_on(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        // SAFETY: the buffer is as long as is said.
        let missing = unsafe { syscall!(WRITE, self.handle, bytes.as_ptr(), bytes.len()) };
        if missing == 0 { Ok(()) } else { Err(FileError) }
    }

    /// Goes to that place of it.
    ///
    /// # Errors
    /// There is no such place.
    pub fn seek(&self, offset: u32) -> Result<(), FileError> {
        // SAFETY: the handle is that of an open file.
        let status = unsafe { syscall!(SEEK, self.handle, offset as usize) };
        if status == 0 { Ok(()) } else { Err(FileError) }
    }
}
