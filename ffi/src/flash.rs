//! The flash of a device that outlasts a loss of power: the caller's functions as what the core writes to.

use core::ffi::{c_int, c_void};

use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash};
use keyholder::store::{BootError, Layout};

use crate::boundary::Input;
use crate::storage::FLASH_WRITE_BYTES;
use crate::value::*;

/// A NOR flash, or the part of one that a device may have for itself. Addresses count from its beginning.
///
/// The three functions answer 0 for success and anything else for failure. What is written or erased is read back, and counts if it reads right, whatever was
/// answered. They are called during the calls of the device, and of kh_panel_boot()
/// and kh_receiver_boot(), and never otherwise; they must not call the library with that device.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kh_flash {
    /// Passed to the functions; NULL if they need nothing. What it points to has to stay as long as the device is used.
    pub context: *mut c_void,
    /// Reads `length` bytes at `at`, any number of them at any address.
    pub read: Option<unsafe extern "C" fn(context: *mut c_void, at: u32, bytes: *mut u8, length: u32) -> c_int>,
    /// Writes `length` bytes at `at`. Both are multiples of KH_FLASH_WRITE_BYTES, and no byte is written twice without having been erased in between.
    pub write: Option<unsafe extern "C" fn(context: *mut c_void, at: u32, bytes: *const u8, length: u32) -> c_int>,
    /// Erases `length` bytes at `at`, so that they read 0xFF. Both are multiples of `erase_bytes`.
    pub erase: Option<unsafe extern "C" fn(context: *mut c_void, at: u32, length: u32) -> c_int>,
    /// How many bytes there are.
    pub capacity: u32,
    /// Bytes of the unit that it has to be written in: KH_FLASH_WRITE_BYTES or a part of it, 1, 2, 4, 8...
    pub write_bytes: u32,
    /// Bytes of the block that it is erased in: a multiple of KH_FLASH_WRITE_BYTES.
    pub erase_bytes: u32,
}

/// How a flash is divided: two slots for policies from address 0 on, then two copies of the journal. It has to stay the same for the life of a device.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kh_layout {
    /// Bytes of each slot, whole erase blocks: the longest snapshot, and as many patches as there are to be between two of them.
    pub slot_bytes: u32,
    /// Bytes of each copy of the journal, whole erase blocks: KH_PANEL_JOURNAL_BYTES or KH_RECEIVER_JOURNAL_BYTES or more. The larger, the less often it
    /// is erased.
    pub journal_bytes: u32,
}

// SAFETY: integers, a pointer that only the caller's functions follow, and functions that may be NULL. That they are functions the caller promises.
unsafe impl Input for kh_flash {}
// SAFETY: integers.
unsafe impl Input for kh_layout {}

/// The caller's flash, whose functions are all there.
pub(crate) struct Flash(kh_flash);

impl kh_flash {
    /// The flash, if it can be used.
    pub(crate) const fn flash(self) -> Result<Flash, kh_status> {
        if self.read.is_none() || self.write.is_none() || self.erase.is_none() {
            return Err(KH_NULL);
        }
        let unit = FLASH_WRITE_BYTES as u32;
        let is_written = self.write_bytes != 0 && unit.is_multiple_of(self.write_bytes);
        let is_erased = self.erase_bytes != 0 && self.erase_bytes.is_multiple_of(unit);
        if is_written && is_erased { Ok(Flash(self)) } else { Err(KH_BAD_VALUE) }
    }
}

impl Flash {
    /// The layout, if it suits the blocks: the core is not told of them, for it has to know their size when it is compiled.
    pub(crate) const fn layout(&self, layout: kh_layout) -> Result<Layout, kh_status> {
        let kh_layout { slot_bytes, journal_bytes } = layout;
        let block = self.0.erase_bytes;
        if slot_bytes.is_multiple_of(block) && journal_bytes.is_multiple_of(block) {
            Ok(Layout { slot: slot_bytes, journal: journal_bytes })
        } else {
            Err(KH_NOT_WHOLE_BLOCKS)
        }
    }
}

/// The status of a device that was not booted.
pub(crate) const fn status_of(error: BootError) -> kh_status {
    match error {
        BootError::FlashTooSmall { .. } => KH_FLASH_TOO_SMALL,
        BootError::NotWholeBlocks { .. } => KH_NOT_WHOLE_BLOCKS,
        BootError::JournalTooSmall { .. } => KH_JOURNAL_TOO_SMALL,
        BootError::Flash => KH_FLASH_FAILED,
        BootError::Foreign => KH_FLASH_FOREIGN,
    }
}

/// One of the caller's functions has failed.
#[derive(Debug)]
pub(crate) struct Failed;

impl NorFlashError for Failed {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

impl ErrorType for Flash {
    type Error = Failed;
}

/// What a function of the caller's has answered.
const fn outcome(answer: c_int) -> Result<(), Failed> {
    if answer == 0 { Ok(()) } else { Err(Failed) }
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Failed> {
        let read = self.0.read.ok_or(Failed)?;
        // SAFETY: the caller of the boot function promises that it may be called so, as long as the device is used.
        outcome(unsafe { read(self.0.context, offset, bytes.as_mut_ptr(), bytes.len() as u32) })
    }

    fn capacity(&self) -> usize {
        self.0.capacity as usize
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = FLASH_WRITE_BYTES;
    // The least there can be; what the blocks really are has been held against the layout.
    const ERASE_SIZE: usize = FLASH_WRITE_BYTES;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Failed> {
        let erase = self.0.erase.ok_or(Failed)?;
        // SAFETY: as for reading.
        outcome(unsafe { erase(self.0.context, from, to.saturating_sub(from)) })
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Failed> {
        let write = self.0.write.ok_or(Failed)?;
        // SAFETY: as for reading.
        outcome(unsafe { write(self.0.context, offset, bytes.as_ptr(), bytes.len() as u32) })
    }
}
