//! The rows of one part: what a blob says about it, and what it will hold then.

use crate::blob::Refusal;
use crate::blob::bytes::{Bytes, WINDOW};
use crate::policy::row::{AnyRow, Name, PartTable, ReadRow};
use crate::policy::{Fault, Invalid, Part};
use crate::wire::Reader;

pub(super) const fn invalid(part: Part, row: u32, fault: Fault) -> Refusal {
    Refusal::Invalid(Invalid { part, row: row as u16, fault })
}

/// A place in a blob.
#[derive(Clone, Copy)]
pub(super) enum Cursor<'a> {
    /// In memory, where rows follow each other without a look at where they are.
    Memory(Reader<'a>),
    /// Somewhere else.
    Window { bytes: &'a dyn Bytes, at: u32 },
}

impl<'a> Cursor<'a> {
    #[inline(never)]
    pub(super) fn of(bytes: &'a dyn Bytes, at: u32) -> Self {
        bytes.in_place(at).map_or(Self::Window { bytes, at }, |rest| Self::Memory(Reader::of(rest)))
    }

    /// What is encoded here; the cursor is behind it then. `None`: nothing of that kind, and nothing comes behind it.
    pub(super) fn take<T>(&mut self, read: impl Fn(&mut Reader<'_>) -> Option<T>) -> Option<T> {
        let mut value = None;
        self.go_on(&mut |reader| {
            value = read(reader);
            value.is_some()
        });
        value
    }

    /// Goes on behind what `read` reads, if it tells that it has.
    #[inline(never)]
    fn go_on(&mut self, read: &mut dyn FnMut(&mut Reader<'_>) -> bool) {
        match self {
            Self::Memory(reader) => _ = read(reader),
            Self::Window { bytes, at } => {
                let mut buffer = [0; WINDOW];
                let window = bytes.window(*at, &mut buffer);
                let mut reader = Reader::of(window);
                if read(&mut reader) {
                    *at = at.saturating_add(window.len().saturating_sub(reader.rest().len()) as u32);
                }
            }
        }
    }

    /// Whether this byte is the next; the cursor is behind it then.
    #[inline(never)]
    pub(super) fn passes(&mut self, byte: u8) -> bool {
        self.take(|reader| reader.passes(byte)).is_some()
    }

    #[inline(never)]
    pub(super) fn number(&mut self) -> Option<u32> {
        self.take(|reader| reader.take())
    }

    #[inline(never)]
    pub(super) fn name(&mut self, part: Part) -> Option<Name> {
        self.take(|reader| part.read_name(reader))
    }

    #[inline(never)]
    pub(super) fn row(&mut self, read: ReadRow) -> Option<AnyRow> {
        // Most rows are read here, and are not to be moved on the way.
        if let Self::Memory(reader) = self { read(reader) } else { self.take(read) }
    }

    pub(super) fn is_at_end(&self) -> bool {
        match self {
            Self::Memory(reader) => reader.rest().is_empty(),
            Self::Window { bytes, at } => *at >= bytes.length(),
        }
    }
}

/// Values that follow each other in a blob.
#[derive(Clone, Copy)]
pub(super) struct Listed<'a> {
    pub(super) cursor: Cursor<'a>,
    pub(super) count: u32,
}

/// What a blob says about one part.
#[derive(Clone, Copy)]
pub(super) struct Section<'a> {
    pub(super) part: Part,
    /// Whether it says all about it: nothing stays of what was there.
    pub(super) is_whole: bool,
    /// Names of rows that go.
    pub(super) removed: Listed<'a>,
    /// Rows that come.
    pub(super) put: Listed<'a>,
    pub(super) read: ReadRow,
}

impl Section<'_> {
    /// Whether it brings the row of that name.
    pub(super) fn brings(&self, name: &Name) -> bool {
        let mut put = self.put.cursor;
        self.is_whole || (0..self.put.count).map_while(|_| put.row(self.read)).any(|row| row.name() == *name)
    }

    /// Whether the row of that name does not stay as it was.
    #[inline(never)]
    pub(super) fn replaces(&self, name: &Name) -> bool {
        let mut removed = self.removed.cursor;
        (0..self.removed.count).map_while(|_| removed.name(self.part)).any(|removed| removed == *name) || self.brings(name)
    }

    pub(super) const fn changes_something(&self) -> bool {
        self.removed.count != 0 || self.put.count != 0
    }
}

/// The rows that a part will have: those of the blob, among those that stay.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) section: Section<'a>,
    table: &'a dyn PartTable,
    /// Of the next row of `table`.
    index: usize,
    /// The blob's rows that are left.
    put: Listed<'a>,
    /// How many to go on to.
    pub(super) left: u32,
}

impl<'a> Rows<'a> {
    pub(super) const fn of(section: Section<'a>, table: &'a dyn PartTable) -> Self {
        Self { section, table, index: 0, put: section.put, left: u32::MAX }
    }

    /// The rows before row number `count`.
    pub(super) const fn first(&self, count: u32) -> Self {
        Self { left: count, ..*self }
    }

    /// Whether the blob brings the row of the same name.
    pub(super) fn brings(&self, row: &AnyRow) -> bool {
        self.section.brings(&row.name())
    }

    /// The next row of the table that stays.
    fn staying(&mut self) -> Option<AnyRow> {
        loop {
            let row = self.table.get(self.index)?;
            if !self.section.replaces(&row.name()) {
                return Some(row);
            }
            self.index += 1;
        }
    }

    /// The next row of the blob, and what is behind it.
    fn coming(&self) -> Option<(AnyRow, Listed<'a>)> {
        let Listed { mut cursor, count } = self.put;
        let count = count.checked_sub(1)?;
        let row = cursor.row(self.section.read)?;
        Some((row, Listed { cursor, count }))
    }
}

impl Iterator for Rows<'_> {
    type Item = AnyRow;

    #[inline(never)]
    fn next(&mut self) -> Option<AnyRow> {
        self.left = self.left.checked_sub(1)?;
        if self.section.is_whole {
            self.put.count = self.put.count.checked_sub(1)?;
            return self.put.cursor.row(self.section.read);
        }
        match (self.staying(), self.coming()) {
            (Some(staying), coming) if coming.is_none_or(|(coming, _)| staying.order() <= coming.order()) => {
                self.index += 1;
                Some(staying)
            }
            (_, coming) => {
                let (row, behind) = coming?;
                self.put = behind;
                Some(row)
            }
        }
    }
}
