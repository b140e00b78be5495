//! A NOR flash in memory: what a simulated device keeps when its power fails.

use std::cell::Cell;
use std::rc::Rc;

use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash};
use keyholder::store::Layout;

use crate::policy_file::Size;

/// Bytes of an erase block.
const BLOCK: u32 = 4096;

/// How a device of that size, whose journal takes at least so many bytes, divides its flash: a slot holds its longest snapshot and some patches.
pub fn layout(size: Size, journal: u32) -> Layout {
    let slot = match size {
        Size::Small => 2 * BLOCK,
        Size::Standard => 8 * BLOCK,
        Size::Large => 32 * BLOCK,
    };
    Layout { slot, journal: journal.next_multiple_of(BLOCK) }
}

/// Bytes that are erased in blocks, and written once after that. A clone has the same bytes and is worn out together with the first.
#[derive(Clone, Debug)]
pub struct Flash {
    bytes: Vec<u8>,
    is_worn_out: Rc<Cell<bool>>,
}

impl Flash {
    /// An erased flash with room for `layout`.
    pub fn erased(layout: Layout) -> Self {
        let length = 2 * (layout.slot as usize + layout.journal as usize);
        Self { bytes: vec![0xff; length], is_worn_out: Rc::new(Cell::new(false)) }
    }

    /// Lets every writing fail from now on, or work again.
    pub fn wear_out(&self, is_worn_out: bool) {
        self.is_worn_out.set(is_worn_out);
    }

    fn range(&mut self, from: u32, length: usize) -> Result<&mut [u8], Failure> {
        let from = from as usize;
        self.bytes.get_mut(from..from + length).ok_or(Failure(NorFlashErrorKind::OutOfBounds))
    }

    fn works(&self) -> Result<(), Failure> {
        if self.is_worn_out.get() { Err(Failure(NorFlashErrorKind::Other)) } else { Ok(()) }
    }
}

/// What a flash does not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure(NorFlashErrorKind);

impl NorFlashError for Failure {
    fn kind(&self) -> NorFlashErrorKind {
        self.0
    }
}

impl ErrorType for Flash {
    type Error = Failure;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Failure> {
        bytes.copy_from_slice(self.range(offset, bytes.len())?);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.bytes.len()
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = BLOCK as usize;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Failure> {
        self.works()?;
        if !from.is_multiple_of(BLOCK) || !to.is_multiple_of(BLOCK) {
            return Err(Failure(NorFlashErrorKind::NotAligned));
        }
        self.range(from, to.saturating_sub(from) as usize)?.fill(0xff);
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Failure> {
        self.works()?;
        if !(offset as usize).is_multiple_of(Self::WRITE_SIZE) || !bytes.len().is_multiple_of(Self::WRITE_SIZE) {
            return Err(Failure(NorFlashErrorKind::NotAligned));
        }
        for (slot, byte) in self.range(offset, bytes.len())?.iter_mut().zip(bytes) {
            // What is not erased can only lose bits: writing over something shows.
            *slot &= *byte;
        }
        Ok(())
    }
}
