//! What a device remembers, in two copies that are written one after the other.
//!
//! Every change is one record in each copy. A copy is read up to the first record that is not whole, and the copy that goes further counts: so a record is there or
//! not, whenever the power fails, and whatever happens to one copy the other still has everything. A copy that is full is erased and begun anew with all
//! that is known, while the other one stands.
//!
//! ```text
//! offset size
//!      0    2  length of the content, little-endian
//!      2    2  the same, every bit turned over
//!      4    4  number of the change; 0 of a record that goes on in the next
//!      8    n  the content: topics, each its number and postcard
//!    8+n    8  the first bytes of the SHA-256 of all that
//! ```
//!
//! padded with `ff` to whole units of the flash.

use embedded_storage::nor_flash::NorFlash;

use crate::blob::bytes::{WINDOW, copy_to};
use crate::device::inside::Device;
use crate::hash::Hash;
use crate::ledger::topic::{Reader, Topic, Topics, Touched, Writer};
use crate::store::BootError;
use crate::store::flash::{ERASED, Region, WIDEST_UNIT, in_units};

const HEAD: usize = 8;
const CHECK: usize = 8;
/// Longest content of a record.
const CONTENT: usize = 1024;
/// A record that goes on in the next has at least so much content.
const FULL: usize = CONTENT - 128;

/// Bytes of a journal copy that holds `memory` bytes of content and has room to go on.
pub(crate) const fn needed(memory: u32) -> u32 {
    let records = memory.div_ceil(FULL as u32 / 2) + 1;
    memory + (records + 1) * (HEAD + CHECK + WIDEST_UNIT) as u32 + (CONTENT + HEAD + CHECK + WIDEST_UNIT) as u32
}

/// A record that is being made.
struct Record {
    bytes: [u8; HEAD + CONTENT + CHECK + WIDEST_UNIT],
    content: usize,
}

impl Record {
    const EMPTY: Self = Self { bytes: [ERASED; HEAD + CONTENT + CHECK + WIDEST_UNIT], content: 0 };

    /// Appends what `tell` writes, or nothing of it. `None`: there is no room for it.
    fn tell(&mut self, tell: impl FnOnce(&mut Writer<'_>)) -> Option<()> {
        let mut writer = Writer::into(self.bytes.get_mut(HEAD + self.content..HEAD + CONTENT)?);
        tell(&mut writer);
        self.content += writer.written()?.len();
        Some(())
    }

    /// The record as it is written, in units of that size.
    fn seal(&mut self, number: u32, unit: usize) -> Option<&[u8]> {
        let length = self.content as u16;
        let [a, b] = length.to_le_bytes();
        let [c, d] = (!length).to_le_bytes();
        let [e, f, g, h] = number.to_le_bytes();
        *self.bytes.first_chunk_mut()? = [a, b, c, d, e, f, g, h];
        let end = HEAD + self.content;
        let check = Hash::of(self.bytes.get(..end)?);
        self.bytes.get_mut(end..end + CHECK)?.copy_from_slice(check.get(..CHECK)?);
        let whole = in_units((end + CHECK) as u32, unit as u32) as usize;
        self.bytes.get_mut(end + CHECK..whole)?.fill(ERASED);
        self.bytes.get(..whole)
    }
}

/// What a copy turned out to hold. The greater of two is the one to go by: first that which goes further, then that which is whole.
#[derive(Clone, Copy, Default, PartialEq, PartialOrd)]
struct Scan {
    /// The last change it has whole; 0 if none.
    number: u32,
    /// Whether no record follows, not even one that has been begun or spoilt.
    is_whole: bool,
    /// Whether what follows is erased, so that it can be gone on with.
    is_clean: bool,
    /// Behind the record of that change.
    end: u32,
    /// Whether nothing has ever been written.
    is_empty: bool,
}

/// The two copies.
pub(crate) struct Journal {
    copies: [Region; 2],
    /// Behind the last record of each; 0: it lags behind or is not whole, and has to be written anew before anything comes into the other.
    ends: [u32; 2],
    /// The last that was used, be it for a change that could not be written. None is used for two changes: both could be found.
    number: u32,
}

/// What was found in flash.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing has ever been written.
    Nothing,
    /// No copy is whole.
    Loss,
    /// Everything. A copy may [lag behind](Journal::lags).
    Everything,
}

/// In how many copies a change has been written down. The next start finds it if it is in one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    Nowhere,
    /// The other copy lags behind.
    Once,
    Twice,
}

impl Journal {
    pub(crate) const fn new(copies: [Region; 2]) -> Self {
        Self { copies, ends: [0; 2], number: 0 }
    }

    /// Looks at both copies and lets `device` remember what is in the one that goes further.
    pub(crate) fn open<F: NorFlash, D: Device>(&mut self, flash: &mut F, device: &mut D) -> Result<Found, BootError> {
        let [first, second] = self.copies;
        let [one, two] = [scan(flash, first), scan(flash, second)];
        let is_second = two > one;
        let (newest, region, other) = if is_second { (two, second, one) } else { (one, first, two) };
        // Also after a loss: what comes then has to go further than what was spoilt.
        self.number = self.number.max(newest.number);
        self.ends = [0; 2];
        if one.is_empty && two.is_empty {
            return Ok(Found::Nothing);
        }
        // One of them is whole at any time, whenever the power fails. If neither is, what came behind is not known from the other one either.
        if ![one, two].iter().any(|scan| scan.number != 0 && scan.is_whole) {
            return Ok(Found::Loss);
        }
        replay(flash, region, newest.end, device)?;
        // One that cannot be gone on with is as one that is full, once the other has everything, too.
        let kept = if newest.is_clean { newest.end } else { region.length };
        let lagging = if other.is_clean && other.number == newest.number { other.end } else { 0 };
        self.ends = if is_second { [lagging, kept] } else { [kept, lagging] };
        Ok(Found::Everything)
    }

    /// Whether all of both copies can be read.
    pub(crate) fn is_readable<F: NorFlash>(&self, flash: &mut F) -> bool {
        self.copies.iter().all(|copy| copy.is_readable(flash))
    }

    /// Whether only one copy has everything.
    pub(crate) fn lags(&self) -> bool {
        self.ends.contains(&0)
    }

    /// Writes down what has changed, first in the copy that lags behind if there is one.
    pub(crate) fn write<F: NorFlash, D: Device>(&mut self, flash: &mut F, device: &D, touched: &Touched) -> Kept {
        let mut record = Record::EMPTY;
        let mut is_known = true;
        let told = record.tell(|writer| {
            for topic in Topic::SINGLE {
                if touched.topics.contains(Topics::of(topic)) {
                    device.tell(topic, writer);
                }
            }
            is_known = device.tell_one(touched, writer).is_some();
        });
        self.number = self.number.wrapping_add(1).max(1);
        // A record that is gone by now cannot be told alone.
        let is_one = told.is_some() && is_known && !touched.topics.contains(Topics::EVERYTHING);
        let record = if is_one { record.seal(self.number, F::WRITE_SIZE) } else { None };
        let first = self.ends.iter().position(|end| *end == 0).unwrap_or(0);
        let is_in_first = self.put(flash, device, first, record).is_some();
        if !is_in_first && self.ends != [0; 2] {
            // The other one alone has what was kept before: nothing may happen to it.
            return Kept::Nowhere;
        }
        match (is_in_first, self.put(flash, device, 1 - first, record).is_some()) {
            (true, true) => Kept::Twice,
            (false, false) => Kept::Nowhere,
            _ => Kept::Once,
        }
    }

    /// Appends `record` to a copy. One that lags behind or is full, or does not take the record, is begun anew.
    fn put<F: NorFlash, D: Device>(&mut self, flash: &mut F, device: &D, index: usize, record: Option<&[u8]>) -> Option<()> {
        let region = *self.copies.get(index)?;
        let end = self.ends.get_mut(index)?;
        // Until all of it is there nothing can be appended: a unit that was begun must not be written again.
        let at = core::mem::take(end);
        let appended = record.filter(|_| at != 0).and_then(|record| append(flash, region, at, record));
        *end = appended.or_else(|| rewrite(flash, region, device, self.number))?;
        Some(())
    }
}

/// Writes a record at `at`. Returns its end.
fn append<F: NorFlash>(flash: &mut F, region: Region, at: u32, record: &[u8]) -> Option<u32> {
    // If only its padding reads wrong, the next start finds it.
    region.write(flash, at, record).or_else(|| record_at(flash, region, at).map(|_| ()))?;
    Some(at + record.len() as u32)
}

/// Erases a copy and writes all that is known into it, under the number of the last change. Returns the end.
fn rewrite<F: NorFlash, D: Device>(flash: &mut F, region: Region, device: &D, number: u32) -> Option<u32> {
    region.erase(flash)?;
    let mut at = 0;
    let mut record = Record::EMPTY;
    let mut add = |tell: &mut dyn FnMut(&mut Writer<'_>)| {
        if record.tell(&mut *tell).is_some() {
            return Some(());
        }
        // It is full, and goes on in another.
        at = append(flash, region, at, record.seal(0, F::WRITE_SIZE)?)?;
        record.content = 0;
        record.tell(tell)
    };
    for topic in Topic::SINGLE {
        add(&mut |writer| device.tell(topic, writer))?;
    }
    let (mut row, mut is_there) = (0, true);
    while is_there {
        add(&mut |writer| is_there = device.tell_row(row, writer).is_some())?;
        row += 1;
    }
    append(flash, region, at, record.seal(number, F::WRITE_SIZE)?)
}

/// One record of a copy, if it is whole: its number, the length of its content, and where the next one begins.
fn record_at<F: NorFlash>(flash: &mut F, region: Region, at: u32) -> Option<(u32, u32, u32)> {
    let mut buffer = [0; WINDOW];
    let head: [u8; HEAD] = *region.read(flash, at, at + HEAD as u32, &mut buffer)?.first_chunk()?;
    let [a, b, c, d, e, f, g, h] = head;
    let length = u16::from_le_bytes([a, b]);
    let is_length = length == !u16::from_le_bytes([c, d]) && usize::from(length) <= CONTENT;
    is_length.then_some(())?;
    let mut hash = Hash::new();
    hash.take(&head);
    let end = at + (HEAD as u32) + u32::from(length);
    let mut next = at + HEAD as u32;
    while next < end {
        let mut buffer = [0; WINDOW];
        let content = region.read(flash, next, end, &mut buffer)?;
        (!content.is_empty()).then_some(())?;
        hash.take(content);
        next += content.len() as u32;
    }
    let mut buffer = [0; WINDOW];
    let check: [u8; CHECK] = *region.read(flash, end, end + CHECK as u32, &mut buffer)?.first_chunk()?;
    let is_whole = hash.end().first_chunk() == Some(&check);
    is_whole.then(|| (u32::from_le_bytes([e, f, g, h]), u32::from(length), in_units(end + CHECK as u32, F::WRITE_SIZE as u32)))
}

fn scan<F: NorFlash>(flash: &mut F, region: Region) -> Scan {
    let written = region.written(flash);
    let mut scan = Scan { is_empty: written == 0, ..Scan::default() };
    let mut at = 0;
    while let Some((number, _, next)) = record_at(flash, region, at) {
        at = next;
        if number != 0 {
            (scan.number, scan.end) = (number, next);
        }
    }
    scan.is_clean = written <= scan.end;
    let mut buffer = [0; WINDOW];
    let next = region.read(flash, scan.end, scan.end + HEAD as u32, &mut buffer);
    // The head of a record never looks erased: it has a length and the same with every bit turned over.
    scan.is_whole = next.is_some_and(|next| next.iter().all(|byte| *byte == ERASED));
    scan
}

/// Lets `device` remember the topics of all records before `end`.
fn replay<F: NorFlash, D: Device>(flash: &mut F, region: Region, end: u32, device: &mut D) -> Result<(), BootError> {
    let mut at = 0;
    while at < end {
        let mut content = [0; CONTENT];
        let (length, next) = read_record(flash, region, at, &mut content).ok_or(BootError::Flash)?;
        let mut reader = Reader::of(content.get(..length).unwrap_or(&[]));
        while !reader.rest().is_empty() {
            remember(&mut reader, device).ok_or(BootError::Foreign)?;
        }
        at = next;
    }
    Ok(())
}

/// Reads the content of a record that is whole. Returns its length, and where the next record begins.
fn read_record<F: NorFlash>(flash: &mut F, region: Region, at: u32, content: &mut [u8; CONTENT]) -> Option<(usize, u32)> {
    let (_, length, next) = record_at(flash, region, at)?;
    let content = content.get_mut(..length as usize)?;
    let mut read = 0;
    while read < content.len() {
        let mut buffer = [0; WINDOW];
        let bytes = region.read(flash, at + (HEAD + read) as u32, at + HEAD as u32 + length, &mut buffer)?;
        (!bytes.is_empty()).then_some(())?;
        copy_to(content, read, bytes);
        read += bytes.len();
    }
    Some((content.len(), next))
}

/// Lets `device` remember one topic. `None`: it says what this device knows nothing of, or has no room for.
fn remember<D: Device>(reader: &mut Reader<'_>, device: &mut D) -> Option<()> {
    let (topic, mut content) = reader.topic()?;
    device.recall(topic, &mut content)?;
    content.rest().is_empty().then_some(())
}
