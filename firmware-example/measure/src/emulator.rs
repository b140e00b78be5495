//! Files of the computer that runs the emulator, and the end (ARM's semihosting, which RISC-V has taken over).

use core::arch::asm;

const OPEN: usize = 0x01;
const WRITE: usize = 0x05;
const READ: usize = 0x06;
const LENGTH: usize = 0x0c;
const EXIT: usize = 0x20;
const READ_BINARY: usize = 1;
const WRITE_BINARY: usize = 5;
/// `ADP_Stopped_ApplicationExit`.
const ENDED: usize = 0x2_0026;

/// Asks the emulator.
///
/// # Safety
/// `argument` is what the operation wants.
unsafe fn ask(operation: usize, argument: *const usize) -> usize {
    let answer;
    // SAFETY: the trap that the emulator listens to; it reads and writes what the caller named.
    #[cfg(target_arch = "arm")]
    unsafe {
        asm!("bkpt 0xab", inout("r0") operation => answer, in("r1") argument);
    }
    // SAFETY: the same.
    #[cfg(target_arch = "riscv32")]
    unsafe {
        asm!(
            ".balign 16",
            ".option push",
            ".option norvc",
            "slli x0, x0, 0x1f",
            "ebreak",
            "srai x0, x0, 7",
            ".option pop",
            inout("a0") operation => answer,
            in("a1") argument,
        );
    }
    answer
}

/// Ends the emulation. `well` is its exit status 0.
pub fn exit(well: bool) -> ! {
    let argument = [ENDED, usize::from(!well)];
    loop {
        // SAFETY: a reason and a status.
        unsafe { ask(EXIT, argument.as_ptr()) };
    }
}

/// A file in the emulator's working folder.
pub struct File(usize);

impl File {
    fn open(name: &core::ffi::CStr, mode: usize) -> Self {
        let argument = [name.as_ptr() as usize, mode, name.count_bytes()];
        // SAFETY: the name, how, and its length.
        let handle = unsafe { ask(OPEN, argument.as_ptr()) };
        if handle == usize::MAX {
            exit(false);
        }
        Self(handle)
    }

    /// Opens a file that is there.
    pub fn read_from(name: &core::ffi::CStr) -> Self {
        Self::open(name, READ_BINARY)
    }

    /// Makes a file.
    pub fn write_to(name: &core::ffi::CStr) -> Self {
        Self::open(name, WRITE_BINARY)
    }

    /// How long it is.
    pub fn length(&self) -> usize {
        // SAFETY: the handle.
        unsafe { ask(LENGTH, [self.0].as_ptr()) }
    }

    /// Reads as many bytes.
    ///
    /// # Safety
    /// The memory is there and nobody else's.
    pub unsafe fn read(&self, to: *mut u8, length: usize) {
        let argument = [self.0, to as usize, length];
        // SAFETY: the handle, and memory that is the caller's.
        if unsafe { ask(READ, argument.as_ptr()) } != 0 {
            exit(false);
        }
    }

    /// Writes the bytes.
    pub fn write(&self, bytes: &[u8]) {
        let argument = [self.0, bytes.as_ptr() as usize, bytes.len()];
        // SAFETY: the handle, and bytes that are there.
        if unsafe { ask(WRITE, argument.as_ptr()) } != 0 {
            exit(false);
        }
    }
}
