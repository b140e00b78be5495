//! A flash in memory that a test can look into.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash};

/// Clones are the same flash: one is the device's, the other the attacker's.
#[derive(Clone)]
pub(crate) struct Flash {
    pub(crate) bytes: Rc<RefCell<Vec<u8>>>,
    /// How many blocks have been erased.
    pub(crate) erased: Rc<Cell<usize>>,
}

impl Flash {
    pub(crate) fn of(size: u32) -> Self {
        Self { bytes: Rc::new(RefCell::new(vec![0xff; size as usize])), erased: Rc::default() }
    }

    /// Where `bytes` begin, in the last place where they stand.
    pub(crate) fn find(&self, bytes: &[u8]) -> Option<usize> {
        self.bytes.borrow().windows(bytes.len()).rposition(|window| window == bytes)
    }
}

#[derive(Debug)]
pub(crate) struct OutOfBounds;

impl NorFlashError for OutOfBounds {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::OutOfBounds
    }
}

impl ErrorType for Flash {
    type Error = OutOfBounds;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), OutOfBounds> {
        let from = offset as usize;
        bytes.copy_from_slice(self.bytes.borrow().get(from..from + bytes.len()).ok_or(OutOfBounds)?);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.bytes.borrow().len()
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = 8;
    const ERASE_SIZE: usize = 512;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), OutOfBounds> {
        let mut all = self.bytes.borrow_mut();
        all.get_mut(from as usize..to as usize).ok_or(OutOfBounds)?.fill(0xff);
        self.erased.set(self.erased.get() + (to - from) as usize / Self::ERASE_SIZE);
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), OutOfBounds> {
        let mut all = self.bytes.borrow_mut();
        let from = offset as usize;
        let there = all.get_mut(from..from + bytes.len()).ok_or(OutOfBounds)?;
        for (there, byte) in there.iter_mut().zip(bytes) {
            assert_eq!(*there, 0xff, "written twice without being erased");
            *there = *byte;
        }
        Ok(())
    }
}
