//! A policy's parts, read row by row from a snapshot or a patch.
//!
//! A blob is read twice: once to judge every row, and only then once more into the tables, so that nothing is ever half applied and no second copy of the
//! tables is needed. What a patch does not mention is as it was: while it is judged its rows are mixed with those of the tables, so both forms pass the
//! same rules.

use serde::de::DeserializeOwned;

use crate::blob::bytes::Bytes;
use crate::blob::judge::Judge;
use crate::blob::rows::{Cursor, Listed, Rows, Section, invalid};
use crate::blob::{HEAD_LENGTH, Refusal};
use crate::policy::row::{PartTable, ReadRow};
use crate::policy::{Fault, Part};

/// Most rows that a patch adds or replaces in one part, and most that it removes: what it changes is looked up for every row.
pub(crate) const PATCH_ROWS: u32 = 32;
/// Added to a part's number: the section lists the keys of rows that go.
const REMOVED: u8 = 0x40;

/// What is wrong with a part.
enum Flaw {
    /// That row of it.
    Row(u32, Fault),
    /// So many rows do not fit.
    TooMany(u32),
}

/// A policy's bytes, part after part.
pub(crate) struct Parts<'a> {
    cursor: Cursor<'a>,
    pub(super) is_patch: bool,
}

impl<'a> Parts<'a> {
    /// The parts of a blob whose head is right.
    pub(crate) fn of(blob: &'a dyn Bytes, is_patch: bool) -> Self {
        Self { cursor: Cursor::of(blob, HEAD_LENGTH as u32), is_patch }
    }

    fn count(&mut self) -> Result<u32, Flaw> {
        self.cursor.number().ok_or(Flaw::Row(0, Fault::Encoding))
    }

    /// The settings in front of the rows; `None`: they stay as they are.
    pub(crate) fn head<T: DeserializeOwned>(&mut self) -> Result<Option<T>, Refusal> {
        if self.is_patch && !self.cursor.passes(Part::Head as u8) {
            return Ok(None);
        }
        self.cursor.take(|reader| reader.take()).map(Some).ok_or(invalid(Part::Head, 0, Fault::Encoding))
    }

    /// What is said about `part`. The cursor is behind what is removed and in front of the rows that are put there.
    fn section(&mut self, part: Part, read: ReadRow) -> Result<Section<'a>, Flaw> {
        let mut removed = Listed { cursor: self.cursor, count: 0 };
        if !self.is_patch {
            let count = self.count()?;
            return Ok(Section { part, is_whole: true, removed, put: Listed { cursor: self.cursor, count }, read });
        }
        let few = |count| if count <= PATCH_ROWS { Ok(count) } else { Err(Flaw::Row(PATCH_ROWS, Fault::TooManyChanges)) };
        if part.has_names() && self.cursor.passes(part as u8 | REMOVED) {
            let count = few(self.count()?)?;
            removed = Listed { cursor: self.cursor, count };
            for row in 0..count {
                self.cursor.name(part).ok_or(Flaw::Row(row, Fault::Encoding))?;
            }
        }
        let is_put = self.cursor.passes(part as u8);
        let count = if is_put { self.count()? } else { 0 };
        let is_whole = is_put && !part.has_names();
        let count = if is_whole { count } else { few(count)? };
        Ok(Section { part, is_whole, removed, put: Listed { cursor: self.cursor, count }, read })
    }

    /// Judges the rows of all `parts`, of which a device has these tables.
    pub(super) fn judge(mut self, parts: &[Part], tables: &[&'a dyn PartTable], judge: &mut dyn Judge<'a>) -> Result<(), Refusal> {
        let mut last = Part::Head;
        for (part, table) in parts.iter().zip(tables) {
            self.judge_part(*part, *table, judge).map_err(|flaw| match flaw {
                Flaw::Row(row, fault) => invalid(*part, row, fault),
                Flaw::TooMany(rows) => Refusal::DoesNotFit { part: *part, rows, capacity: table.capacity() as u16 },
            })?;
            last = *part;
        }
        if self.cursor.is_at_end() { Ok(()) } else { Err(invalid(last, 0, Fault::TrailingBytes)) }
    }

    fn judge_part(&mut self, part: Part, table: &'a dyn PartTable, judge: &mut dyn Judge<'a>) -> Result<(), Flaw> {
        let section = self.section(part, table.reader())?;
        let fits = |rows: u32| if rows as usize <= table.capacity() { Ok(()) } else { Err(Flaw::TooMany(rows)) };
        let encoding = |row| Flaw::Row(row, Fault::Encoding);
        let mut all = Rows::of(section, table);
        if section.is_whole {
            all = all.first(section.put.count);
        } else {
            let mut removed = section.removed.cursor;
            for row in 0..section.removed.count {
                let name = removed.name(part);
                let is_there = (0..).map_while(|index| table.get(index)).any(|row| Some(row.name()) == name);
                is_there.then_some(()).ok_or(Flaw::Row(row, Fault::Reference))?;
            }
            for row in 0..section.put.count {
                self.cursor.row(section.read).ok_or(encoding(row))?;
            }
            all = all.first(all.count() as u32);
        }
        fits(all.left)?;
        let mut rows = all;
        for number in 0..all.left {
            // What stands in the blob as it is need not be mixed with anything.
            let row = if section.is_whole { self.cursor.row(section.read) } else { rows.next() };
            let Some(row) = &row else { return Err(encoding(number)) };
            judge.row(row, &all, number).map_err(|fault| Flaw::Row(number, fault))?;
        }
        fits(all.left + judge.more(part))?;
        judge.part(&all).map_err(|(row, fault)| Flaw::Row(row, fault))
    }

    /// Writes a policy that has been judged into the tables of its `parts`. `None`: it could no longer be read, and the tables are good for nothing.
    pub(crate) fn write(mut self, parts: &[Part], tables: &mut [&mut dyn PartTable]) -> Option<()> {
        for (part, table) in parts.iter().zip(tables) {
            self.write_part(*part, *table)?;
        }
        Some(())
    }

    fn write_part(&mut self, part: Part, table: &mut dyn PartTable) -> Option<()> {
        let section = self.section(part, table.reader()).ok()?;
        let mut count = 0;
        if !section.is_whole && section.changes_something() {
            let mut index = 0;
            while let Some(row) = table.get(index) {
                if !section.replaces(&row.name()) {
                    table.set(count, &row).then_some(())?;
                    count += 1;
                }
                index += 1;
            }
            table.truncate(count);
        }
        for _ in 0..section.put.count {
            let row = self.cursor.row(section.read);
            let row = row.as_ref()?;
            let mut index = count;
            while let Some(before) = index.checked_sub(1).filter(|_| !section.is_whole) {
                let other = table.get(before)?;
                if other.order() <= row.order() {
                    break;
                }
                table.set(index, &other).then_some(())?;
                index = before;
            }
            table.set(index, row).then_some(())?;
            count += 1;
        }
        if section.is_whole {
            table.truncate(count);
        }
        Some(())
    }
}
