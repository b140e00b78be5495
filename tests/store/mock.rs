//! A NOR flash as strict as the strictest: a unit is written once after an erase, everything is aligned, and the power can fail in the middle of any
//! unit or block.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash};

use crate::random::Random;

/// What the loss of power leaves of a unit that was being written, or of a block that was being erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tear {
    /// As it was.
    Nothing,
    /// Its first half is done.
    FirstHalf,
    /// Its second half is done.
    SecondHalf,
    /// Some bits of what was to be written; of a block, any bits.
    SomeBits,
    /// Any bits at all have gone down, also those that were not to; of a block, any bits.
    AnyBits,
    /// A unit whose error correction no longer adds up: it cannot be read until it is erased. A block is as it was but for one bit.
    Unreadable,
    /// Everything is done, but nobody is told.
    Everything,
    /// Everything is done, and bits have gone down in what was to stay erased.
    Beyond,
}

impl Tear {
    pub(crate) const ALL: [Self; 7] =
        [Self::Nothing, Self::FirstHalf, Self::SecondHalf, Self::SomeBits, Self::AnyBits, Self::Unreadable, Self::Everything];
}

/// What comes of an operation that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// The power is gone.
    Off,
    /// It is reported as failed, and the next ones work.
    Works,
    /// It is reported as done, and the next ones work.
    Unnoticed,
    /// From now on nothing can be written or erased any more.
    Broken,
}

/// What happens at an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Trouble {
    at: u64,
    tear: Tear,
    then: Then,
}

#[derive(Clone)]
struct Cells {
    bytes: Vec<u8>,
    /// Units written since they were erased, be it with `ff`, and those that cannot be read.
    is_written: Vec<bool>,
    is_unreadable: Vec<bool>,
    operations: u64,
    trouble: Option<Trouble>,
    is_noticed: bool,
    is_off: bool,
    worn_out: Range<usize>,
    /// Whether everything that is done is reported as failed.
    is_disowned: bool,
    reads: u64,
    /// The reads that fail.
    unread: Vec<Range<u64>>,
    random: Random,
    /// Of each block.
    erases: Vec<u32>,
    units: Vec<u32>,
}

/// The flash has no power, or what it was told to write or read is not done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failed;

impl NorFlashError for Failed {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

/// A flash; clones are the same one.
#[derive(Clone)]
pub(crate) struct Nor<const WRITE: usize, const READ: usize, const ERASE: usize>(Rc<RefCell<Cells>>);

/// What tests do with a flash besides.
pub(crate) trait Mock: NorFlash + Clone {
    /// An erased one.
    fn with_capacity(capacity: u32) -> Self;
    /// Another one that holds the same.
    fn copy(&self) -> Self;
    /// Units written and blocks erased so far.
    fn operations(&self) -> u64;
    /// Something goes wrong at the operation after the next `operations`.
    fn trouble_after(&self, operations: u64, tear: Tear, then: Then);
    /// The power fails at that operation.
    fn cut_after(&self, operations: u64, tear: Tear) {
        self.trouble_after(operations, tear, Then::Off);
    }
    /// From now on whatever is written or erased is reported as failed, although it is done.
    fn disown(&self);
    /// How often it has been read so far.
    fn reads(&self) -> u64;
    /// Those of the next reads fail, too.
    fn unread(&self, reads: Range<u64>);
    /// No read fails any more.
    fn read_again(&self);
    /// From now on nothing can be written or erased there.
    fn wear_out(&self, bytes: Range<u32>);
    fn is_off(&self) -> bool;
    /// The power is back, and everything works again.
    fn power_on(&self);
    fn bytes(&self) -> Vec<u8>;
    fn flip(&self, bit: usize);
    /// Erases of each block, and units written in it.
    fn wear(&self) -> (Vec<u32>, Vec<u32>);
}

impl Cells {
    /// Counts an operation. What is to be torn of it, if it fails.
    fn operate(&mut self) -> Option<Tear> {
        self.operations += 1;
        let trouble = self.trouble.filter(|trouble| trouble.at < self.operations)?;
        self.trouble = None;
        self.is_off = trouble.then == Then::Off;
        if trouble.then == Then::Broken {
            self.worn_out = 0..self.bytes.len();
        }
        self.is_noticed = trouble.then != Then::Unnoticed;
        Some(trouble.tear)
    }

    /// What the driver says of an operation of which so much was done.
    fn answer(&self, tear: Option<Tear>) -> Result<(), Failed> {
        if tear.is_some() && self.is_noticed { Err(Failed) } else { Ok(()) }
    }

    fn write_unit(&mut self, at: usize, new: &[u8]) -> Result<(), Failed> {
        let width = new.len();
        let unit = at / width;
        let tear = self.operate();
        assert!(!self.is_written[unit], "the unit at {at} is written twice");
        for (index, new) in new.iter().enumerate() {
            let old = self.bytes[at + index];
            let first_half = if width == 1 { 0xf0 } else { [0xff, 0][usize::from(index >= width / 2)] };
            let programmed = match tear {
                None | Some(Tear::Everything) => *new,
                Some(Tear::Beyond) => new & if *new == 0xff { 0x5a } else { 0xff },
                Some(Tear::Nothing | Tear::Unreadable) => 0xff,
                Some(Tear::FirstHalf) => new | !first_half,
                Some(Tear::SecondHalf) => new | first_half,
                Some(Tear::SomeBits) => new | self.random.next() as u8,
                Some(Tear::AnyBits) => self.random.next() as u8,
            };
            self.bytes[at + index] = old & programmed;
        }
        self.is_unreadable[unit] = tear == Some(Tear::Unreadable);
        // A torn unit that still reads as erased is: nobody could tell.
        self.is_written[unit] = tear.is_none() || self.is_unreadable[unit] || self.bytes[at..at + width].iter().any(|byte| *byte != 0xff);
        self.answer(tear)
    }

    fn erase_block(&mut self, at: usize, block: usize, unit: usize) -> Result<(), Failed> {
        self.erases[at / block] += 1;
        let tear = self.operate();
        let (from, until) = match tear {
            Some(Tear::FirstHalf) => (0, block / 2),
            Some(Tear::SecondHalf) => (block / 2, block),
            Some(Tear::Nothing | Tear::Unreadable) => (0, 0),
            _ => (0, block),
        };
        let (first, last) = ((at + from) / unit, (at + until) / unit);
        self.bytes[at + from..at + until].fill(0xff);
        self.is_written[first..last].fill(false);
        self.is_unreadable[first..last].fill(false);
        match tear {
            Some(Tear::SomeBits | Tear::AnyBits) => {
                for index in at..at + block {
                    self.bytes[index] = self.random.next() as u8 | if tear == Some(Tear::SomeBits) { 0xa5 } else { 0 };
                }
                self.is_written[first..last].fill(true);
            }
            Some(Tear::Unreadable) => {
                let index = at + self.random.below(block);
                self.bytes[index] |= 1 << self.random.below(8);
            }
            _ => {}
        }
        self.answer(tear)
    }
}

impl<const WRITE: usize, const READ: usize, const ERASE: usize> ErrorType for Nor<WRITE, READ, ERASE> {
    type Error = Failed;
}

impl<const WRITE: usize, const READ: usize, const ERASE: usize> ReadNorFlash for Nor<WRITE, READ, ERASE> {
    const READ_SIZE: usize = READ;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Failed> {
        let cells = &mut *self.0.borrow_mut();
        let is_unread = cells.unread.iter().any(|reads| reads.contains(&cells.reads));
        cells.reads += 1;
        let (from, until) = (offset as usize, offset as usize + bytes.len());
        assert!(from.is_multiple_of(READ) && bytes.len().is_multiple_of(READ) && until <= cells.bytes.len(), "a read of {from}..{until}");
        let is_readable = bytes.is_empty() || !cells.is_unreadable[from / WRITE..=(until - 1) / WRITE].contains(&true);
        if cells.is_off || is_unread || !is_readable {
            return Err(Failed);
        }
        bytes.copy_from_slice(&cells.bytes[from..until]);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.0.borrow().bytes.len()
    }
}

impl<const WRITE: usize, const READ: usize, const ERASE: usize> NorFlash for Nor<WRITE, READ, ERASE> {
    const WRITE_SIZE: usize = WRITE;
    const ERASE_SIZE: usize = ERASE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Failed> {
        let cells = &mut *self.0.borrow_mut();
        let (from, to) = (from as usize, to as usize);
        assert!(
            from <= to && from.is_multiple_of(ERASE) && to.is_multiple_of(ERASE) && to <= cells.bytes.len(),
            "an erase of {from}..{to}"
        );
        for at in (from..to).step_by(ERASE) {
            if cells.is_off || cells.worn_out.contains(&at) {
                return Err(Failed);
            }
            cells.erase_block(at, ERASE, WRITE)?;
        }
        if cells.is_disowned { Err(Failed) } else { Ok(()) }
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Failed> {
        let cells = &mut *self.0.borrow_mut();
        let offset = offset as usize;
        let is_aligned = offset.is_multiple_of(WRITE) && bytes.len().is_multiple_of(WRITE);
        assert!(is_aligned && offset + bytes.len() <= cells.bytes.len(), "a write of {} bytes at {offset}", bytes.len());
        for (at, unit) in (offset..).step_by(WRITE).zip(bytes.chunks(WRITE)) {
            if cells.is_off || cells.worn_out.contains(&at) {
                return Err(Failed);
            }
            cells.units[at / ERASE] += 1;
            cells.write_unit(at, unit)?;
        }
        if cells.is_disowned { Err(Failed) } else { Ok(()) }
    }
}

impl<const WRITE: usize, const READ: usize, const ERASE: usize> Mock for Nor<WRITE, READ, ERASE> {
    fn with_capacity(capacity: u32) -> Self {
        let (capacity, blocks) = (capacity as usize, capacity as usize / ERASE);
        Self(Rc::new(RefCell::new(Cells {
            bytes: vec![0xff; capacity],
            is_written: vec![false; capacity / WRITE],
            is_unreadable: vec![false; capacity / WRITE],
            operations: 0,
            trouble: None,
            is_noticed: true,
            is_off: false,
            worn_out: 0..0,
            is_disowned: false,
            reads: 0,
            unread: Vec::new(),
            random: Random(1),
            erases: vec![0; blocks],
            units: vec![0; blocks],
        })))
    }

    fn copy(&self) -> Self {
        Self(Rc::new(RefCell::new(self.0.borrow().clone())))
    }

    fn operations(&self) -> u64 {
        self.0.borrow().operations
    }

    fn trouble_after(&self, operations: u64, tear: Tear, then: Then) {
        let cells = &mut *self.0.borrow_mut();
        let at = cells.operations + operations;
        cells.random = Random(at << 8 | tear as u64);
        cells.trouble = Some(Trouble { at, tear, then });
    }

    fn disown(&self) {
        self.0.borrow_mut().is_disowned = true;
    }

    fn reads(&self) -> u64 {
        self.0.borrow().reads
    }

    fn unread(&self, reads: Range<u64>) {
        let cells = &mut *self.0.borrow_mut();
        cells.unread.push(cells.reads + reads.start..cells.reads + reads.end);
    }

    fn read_again(&self) {
        self.0.borrow_mut().unread.clear();
    }

    fn wear_out(&self, bytes: Range<u32>) {
        self.0.borrow_mut().worn_out = bytes.start as usize..bytes.end as usize;
    }

    fn is_off(&self) -> bool {
        self.0.borrow().is_off
    }

    fn power_on(&self) {
        let cells = &mut *self.0.borrow_mut();
        (cells.is_off, cells.trouble, cells.worn_out) = (false, None, 0..0);
        cells.unread.clear();
    }

    fn bytes(&self) -> Vec<u8> {
        self.0.borrow().bytes.clone()
    }

    fn flip(&self, bit: usize) {
        self.0.borrow_mut().bytes[bit / 8] ^= 1 << (bit % 8);
    }

    fn wear(&self) -> (Vec<u32>, Vec<u32>) {
        let cells = self.0.borrow();
        (cells.erases.clone(), cells.units.clone())
    }
}
