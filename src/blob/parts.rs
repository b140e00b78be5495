//! A policy's parts, read row by row from a snapshot or a patch.
//!
//! A blob is read twice: once to judge every row, and only then once more into the tables, so that nothing is ever half applied and no second copy of the
//! tables is needed. What a patch does not mention is as it was: while it is judged its rows are mixed with those of the tables, so both forms pass the
//! same rules.

use core::marker::PhantomData;

use serde::de::DeserializeOwned;

use crate::blob::bytes::{Bytes, WINDOW};
use crate::blob::{HEAD_LENGTH, Refusal};
use crate::code::{Credential, CredentialTable};
use crate::contact::{Contact, ListNumber, UserNumber};
use crate::engineer::{Engineer, EngineerId, Grant, GrantId, SiteAccess, SiteId};
use crate::firmware::{Authorisation, AuthorisationId};
use crate::place::AreaList;
use crate::policy::access::{Access, AccessRules, AccessTables, ReceiverHead};
use crate::policy::panel::{PanelRules, PanelTables, Site};
use crate::policy::{Current, Fault, Invalid, Part, Users, ensure};
use crate::schedule::{Holiday, LAYERS, Layer, Schedule, Span, TempOpenWindow};
use crate::table::{Row, Table, find_id};

/// Most rows that a patch adds or replaces in one part, and most that it removes: what it changes is looked up for every row.
pub(crate) const PATCH_ROWS: u32 = 32;
/// Added to a part's number: the section lists the keys of rows that go.
const REMOVED: u8 = 0x40;

const fn invalid(part: Part, row: u32, fault: Fault) -> Refusal {
    Refusal::Invalid(Invalid { part, row: row as u16, fault })
}

/// A place in a blob.
struct Cursor<'a> {
    bytes: &'a dyn Bytes,
    at: u32,
}

impl Clone for Cursor<'_> {
    fn clone(&self) -> Self {
        *self
    }
}

impl Copy for Cursor<'_> {}

impl Cursor<'_> {
    /// What is encoded here; the cursor is behind it then. `None`: nothing of that kind.
    #[inline(never)]
    fn take<T: DeserializeOwned>(&mut self) -> Option<T> {
        let mut buffer = [0; WINDOW];
        let window = self.bytes.window(self.at, &mut buffer);
        let (value, rest) = postcard::take_from_bytes(window).ok()?;
        self.at = self.at.saturating_add((window.len() - rest.len()) as u32);
        Some(value)
    }

    fn is_at_end(&self) -> bool {
        self.at >= self.bytes.length()
    }
}

/// Values that follow each other in a blob.
struct Listed<'a, T> {
    cursor: Cursor<'a>,
    left: u32,
    value: PhantomData<T>,
}

impl<T> Clone for Listed<'_, T> {
    fn clone(&self) -> Self {
        Self { cursor: self.cursor, left: self.left, value: PhantomData }
    }
}

impl<'a, T: DeserializeOwned> Listed<'a, T> {
    const fn new(cursor: Cursor<'a>, left: u32) -> Self {
        Self { cursor, left, value: PhantomData }
    }
}

impl<T: DeserializeOwned> Iterator for Listed<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.left = self.left.checked_sub(1)?;
        self.cursor.take()
    }
}

/// A row that policies have in a part of their own.
pub(crate) trait PolicyRow: DeserializeOwned + Copy {
    /// By what a patch names it; `()` where a patch replaces the part as a whole.
    type Name: DeserializeOwned + Copy + PartialEq;
    /// What the part is ordered by on the wire.
    type Order: Ord;
    /// Whether a patch changes the part row by row.
    const IS_NAMED: bool = true;

    fn name(&self) -> Self::Name;
    fn order(&self) -> Self::Order;
    /// The row of that index that a device has in `part` now.
    fn current(rows: &Current<'_>, part: Part, index: usize) -> Option<Self>;
}

macro_rules! replaced_as_a_whole {
    ($($row:ident $rows:ident),*) => {$(
        impl PolicyRow for $row {
            type Name = ();
            type Order = ();
            const IS_NAMED: bool = false;
            fn name(&self) {}
            fn order(&self) {}
            fn current(rows: &Current<'_>, _: Part, index: usize) -> Option<Self> {
                rows.$rows.get(index).copied()
            }
        }
    )*};
}
replaced_as_a_whole!(AreaList lists, Schedule schedules, Layer layers, Span spans, TempOpenWindow windows);

macro_rules! named {
    ($($row:ident $rows:ident $name:ty, $row_name:ident => $value:expr;)*) => {$(
        impl PolicyRow for $row {
            type Name = $name;
            type Order = $name;
            fn name(&self) -> $name {
                let $row_name = self;
                $value
            }
            fn order(&self) -> $name {
                self.name()
            }
            fn current(rows: &Current<'_>, _: Part, index: usize) -> Option<Self> {
                rows.$rows.get(index).copied()
            }
        }
    )*};
}
named! {
    Holiday holidays (u16, u8, u8), holiday => (holiday.year, holiday.month, holiday.day);
    Contact contacts UserNumber, contact => contact.user;
    SiteAccess sites SiteId, site => site.id;
    Engineer engineers EngineerId, engineer => engineer.id;
    Grant grants (EngineerId, SiteId, GrantId), grant => (grant.engineer, grant.site, grant.id);
    Authorisation authorisations AuthorisationId, authorisation => authorisation.id;
}

impl PolicyRow for Credential {
    type Name = UserNumber;
    type Order = [u8; 8];
    fn name(&self) -> UserNumber {
        self.user
    }
    fn order(&self) -> [u8; 8] {
        self.digest.0
    }
    fn current(rows: &Current<'_>, part: Part, index: usize) -> Option<Self> {
        if part == Part::Codes { rows.codes.get(index) } else { rows.passcodes.get(index) }
    }
}

/// What a blob says about one part.
struct Section<'a, T: PolicyRow> {
    /// Whether it says all about it: nothing stays of what was there.
    is_whole: bool,
    removed: Listed<'a, T::Name>,
    put: Listed<'a, T>,
}

impl<T: PolicyRow> Section<'_, T> {
    #[inline(never)]
    fn replaces(&self, row: &T) -> bool {
        let name = row.name();
        self.is_whole || self.removed.clone().any(|removed| removed == name) || self.put.clone().any(|put| put.name() == name)
    }
}

/// A policy's bytes, part after part.
pub(crate) struct Parts<'a> {
    cursor: Cursor<'a>,
    is_patch: bool,
}

impl Clone for Parts<'_> {
    fn clone(&self) -> Self {
        Self { cursor: self.cursor, is_patch: self.is_patch }
    }
}

impl<'a> Parts<'a> {
    /// The parts of a blob whose head is right.
    pub(crate) const fn of(blob: &'a dyn Bytes, is_patch: bool) -> Self {
        Self { cursor: Cursor { bytes: blob, at: HEAD_LENGTH as u32 }, is_patch }
    }

    /// Whether the section that is next has this tag; the cursor is behind the tag then.
    fn opens(&mut self, tag: u8) -> bool {
        let mut ahead = self.cursor;
        let is_it = ahead.take::<u8>() == Some(tag);
        if is_it {
            self.cursor = ahead;
        }
        is_it
    }

    fn count(&mut self, part: Part) -> Result<u32, Refusal> {
        self.cursor.take().ok_or(invalid(part, 0, Fault::Encoding))
    }

    /// The settings in front of the rows; `None`: they stay as they are.
    fn head<T: DeserializeOwned>(&mut self) -> Result<Option<T>, Refusal> {
        if self.is_patch && !self.opens(Part::Head as u8) {
            return Ok(None);
        }
        self.cursor.take().map(Some).ok_or(invalid(Part::Head, 0, Fault::Encoding))
    }

    /// What is said about `part`. The cursor is behind what is removed and in front of the rows that are put there.
    #[inline(never)]
    fn section<T: PolicyRow>(&mut self, part: Part) -> Result<Section<'a, T>, Refusal> {
        if !self.is_patch {
            let count = self.count(part)?;
            return Ok(Section { is_whole: true, removed: Listed::new(self.cursor, 0), put: Listed::new(self.cursor, count) });
        }
        let few = |count| if count <= PATCH_ROWS { Ok(count) } else { Err(invalid(part, PATCH_ROWS, Fault::TooManyChanges)) };
        let mut removed = Listed::new(self.cursor, 0);
        if T::IS_NAMED && self.opens(part as u8 | REMOVED) {
            let count = few(self.count(part)?)?;
            removed = Listed::new(self.cursor, count);
            for row in 0..count {
                self.cursor.take::<T::Name>().ok_or(invalid(part, row, Fault::Encoding))?;
            }
        }
        let is_put = self.opens(part as u8);
        let count = if is_put { self.count(part)? } else { 0 };
        let is_whole = is_put && !T::IS_NAMED;
        let count = if is_whole { count } else { few(count)? };
        Ok(Section { is_whole, removed, put: Listed::new(self.cursor, count) })
    }

    /// Judges a part whose rows `judge` each finds right; it is told those of the part and the number of this one.
    fn rows<'c, T: PolicyRow>(
        &mut self,
        part: Part,
        capacity: usize,
        current: &'c Current<'c>,
        mut judge: impl FnMut(&T, &Rows<'c, 'a, T>, u32) -> Result<(), Fault>,
    ) -> Result<Rows<'c, 'a, T>, Refusal> {
        let section = self.section::<T>(part)?;
        let fits = |rows: u32| {
            let fits = rows as usize <= capacity;
            if fits { Ok(()) } else { Err(Refusal::DoesNotFit { part, rows, capacity: capacity as u16 }) }
        };
        let encoding = |row| invalid(part, row, Fault::Encoding);
        if section.is_whole {
            fits(section.put.left)?;
        } else {
            for (row, name) in (0..section.removed.left).zip(section.removed.clone()) {
                let is_there = (0..).map_while(|index| T::current(current, part, index)).any(|row| row.name() == name);
                is_there.then_some(()).ok_or(invalid(part, row, Fault::Reference))?;
            }
            for row in 0..section.put.left {
                self.cursor.take::<T>().ok_or(encoding(row))?;
            }
        }
        let is_whole = section.is_whole;
        let all = Rows { current, part, index: 0, put: section.put.clone(), left: u32::MAX, section };
        let count = if is_whole { all.put.left } else { all.clone().count() as u32 };
        fits(count)?;
        let all = Rows { left: count, ..all };
        let mut judge = |row, value: Option<T>| {
            let value = value.ok_or(encoding(row))?;
            judge(&value, &all, row).map_err(|fault| invalid(part, row, fault))
        };
        if is_whole {
            let mut put = all.put.clone();
            (0..count).try_for_each(|row| judge(row, put.next()))?;
            self.cursor = put.cursor;
        } else {
            let mut rows = all.clone();
            (0..count).try_for_each(|row| judge(row, rows.next()))?;
        }
        Ok(all)
    }

    fn end(&self, part: Part) -> Result<(), Refusal> {
        if self.cursor.is_at_end() { Ok(()) } else { Err(invalid(part, 0, Fault::TrailingBytes)) }
    }

    /// Writes what is said about a part that has been judged into `table`. `None`: it could no longer be read.
    fn write<T: PolicyRow + Row, const N: usize>(&mut self, part: Part, table: &mut Table<T, N>) -> Option<()> {
        let section = self.section::<T>(part).ok()?;
        if section.is_whole {
            table.clear();
        } else if section.removed.left != 0 || section.put.left != 0 {
            table.retain(|row| !section.replaces(row));
        }
        for _ in 0..section.put.left {
            let row: T = self.cursor.take()?;
            let fits = if section.is_whole { table.push(row) } else { table.insert(row, |other| row.order() < other.order()) };
            fits.then_some(())?;
        }
        Some(())
    }

    /// [`write`](Self::write) for codes and passcodes.
    fn write_credentials<const N: usize>(&mut self, part: Part, table: &mut CredentialTable<N>) -> Option<()> {
        let section = self.section::<Credential>(part).ok()?;
        if section.is_whole {
            table.clear();
        } else if section.removed.left != 0 || section.put.left != 0 {
            table.retain(|row| !section.replaces(row));
        }
        for _ in 0..section.put.left {
            let row: Credential = self.cursor.take()?;
            let fits = if section.is_whole { table.push(row) } else { table.insert(row) };
            fits.then_some(())?;
        }
        Some(())
    }
}

/// The rows that a part will have: those of the blob, among those that stay.
struct Rows<'c, 'a, T: PolicyRow> {
    current: &'c Current<'c>,
    part: Part,
    /// Of the next row of `current`.
    index: usize,
    /// The blob's rows that are left.
    put: Listed<'a, T>,
    section: Section<'a, T>,
    left: u32,
}

impl<T: PolicyRow> Clone for Rows<'_, '_, T> {
    fn clone(&self) -> Self {
        let section = Section { is_whole: self.section.is_whole, removed: self.section.removed.clone(), put: self.section.put.clone() };
        Self { current: self.current, part: self.part, index: self.index, put: self.put.clone(), section, left: self.left }
    }
}

impl<T: PolicyRow> Rows<'_, '_, T> {
    /// The rows before row number `count`.
    #[inline(never)]
    fn first(&self, count: u32) -> Self {
        Self { left: count, ..self.clone() }
    }

    /// Whether the blob brings the row of that name.
    fn brings(&self, name: T::Name) -> bool {
        self.section.is_whole || self.section.put.clone().any(|put| put.name() == name)
    }

    /// The next row of `current` that stays.
    #[inline(never)]
    fn staying(&mut self) -> Option<T> {
        loop {
            let row = T::current(self.current, self.part, self.index)?;
            if !self.section.replaces(&row) {
                return Some(row);
            }
            self.index += 1;
        }
    }
}

impl<T: PolicyRow> Iterator for Rows<'_, '_, T> {
    type Item = T;

    #[inline(never)]
    fn next(&mut self) -> Option<T> {
        self.left = self.left.checked_sub(1)?;
        if self.section.is_whole {
            return self.put.next();
        }
        let staying = self.staying();
        let put = self.put.clone().next();
        match (staying, put) {
            (Some(staying), Some(put)) if staying.order() <= put.order() => {
                self.index += 1;
                Some(staying)
            }
            (Some(staying), None) => {
                self.index += 1;
                Some(staying)
            }
            _ => self.put.next(),
        }
    }
}

/// Goes along rows in ascending order, to find those that others refer to in the same order: every row is read once.
struct Along<I: Iterator> {
    row: Option<I::Item>,
    rest: I,
}

impl<I: Iterator> Along<I> {
    fn the(mut rows: I) -> Self {
        Self { row: rows.next(), rest: rows }
    }

    /// Whether there is a row with this key; it is not below the one looked for before.
    fn reaches<K: Ord>(&mut self, key: K, key_of: impl Fn(&I::Item) -> K) -> bool {
        while self.row.as_ref().is_some_and(|row| key_of(row) < key) {
            self.row = self.rest.next();
        }
        self.row.as_ref().is_some_and(|row| key_of(row) == key)
    }
}

/// How many rows at the start of a part have been found to be of no more interest.
struct Passed<I> {
    rows: u32,
    rest: Option<I>,
}

impl<I> Default for Passed<I> {
    fn default() -> Self {
        Self { rows: 0, rest: None }
    }
}

impl<'c, 'a, T: PolicyRow> Passed<Rows<'c, 'a, T>> {
    /// The rows of `all` before number `row` without the first ones, as far as `is_passed` holds for them; those are not looked at again.
    #[inline(never)]
    fn skip(&mut self, all: &Rows<'c, 'a, T>, row: u32, is_passed: impl Fn(&T) -> bool) -> Rows<'c, 'a, T> {
        let mut rest = self.rest.take().unwrap_or_else(|| all.clone());
        rest.left = row - self.rows;
        let mut next = rest.clone();
        while next.next().is_some_and(|row| is_passed(&row)) {
            rest = next.clone();
            self.rows += 1;
        }
        self.rest = Some(rest.clone());
        rest
    }
}

/// A set of numbers of ten bits.
struct TenBits([u32; 32]);

impl TenBits {
    const COUNT: u16 = 1024;
    const NONE: Self = Self([0; 32]);

    /// Whether `number` was not in the set before.
    fn insert(&mut self, number: u16) -> bool {
        let Some(word) = self.0.get_mut(usize::from(number / 32)) else { return false };
        let bit = 1 << (number % 32);
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }
}

/// Grants whose ids are compared at a time, so that finding a repeated id among `n` takes `n * n / 32` readings instead of `n * n`.
const BATCH: usize = 32;

/// The row of a grant that has the id of an earlier one.
fn repeated_id(grants: impl Iterator<Item = Grant> + Clone) -> Option<u32> {
    let mut rest = grants.clone();
    let mut first = 0;
    loop {
        let mut batch = [GrantId::NONE; BATCH];
        let mut taken = 0;
        for (slot, grant) in batch.iter_mut().zip(&mut rest) {
            *slot = grant.id;
            taken += 1;
        }
        if taken == 0 {
            return None;
        }
        for (row, grant) in (0..first + taken).zip(grants.clone()) {
            let twin = (first..).zip(batch).find(|(other, id)| *id == grant.id && *other > row && *other < first + taken);
            if let Some((other, _)) = twin {
                return Some(other);
            }
        }
        first += taken;
    }
}

impl Parts<'_> {
    /// Judges the parts about engineers, which are the last.
    fn judge_access(
        &mut self,
        capacities: &[usize; 4],
        own_site: Option<SiteId>,
        known: &Access<'_>,
        current: &Current<'_>,
    ) -> Result<(), Refusal> {
        let [sites, engineers, grants, authorisations] = *capacities;
        let mut rules = AccessRules::START;
        let sites = self.rows(Part::Sites, sites, current, |site: &SiteAccess, _, _| {
            if own_site.is_some_and(|own| own != site.id) {
                return Err(Fault::OtherRecipient);
            }
            rules.site(site)
        })?;
        let mut bits = TenBits::NONE;
        let engineers = self.rows(Part::Engineers, engineers, current, |engineer: &Engineer, all, row| {
            let known = Some(find_id(known.engineers, engineer.id.0)).filter(|known| known.id == engineer.id);
            // Most identities are told apart by ten of their bits, without reading the earlier rows again.
            let [low, high, ..] = engineer.identity.0;
            let same_bits = !bits.insert(u16::from_le_bytes([low, high]) % TenBits::COUNT);
            let same_identity = same_bits && all.first(row).any(|other| other.identity == engineer.identity);
            rules.engineer(engineer, known, same_identity)
        })?;
        // Grants ascend by engineer and then site, so both are found by going along; each engineer begins at the first site.
        let mut along_engineers = Along::the(engineers.clone());
        let mut along_sites = Along::the(sites.clone());
        let mut last = EngineerId(0);
        let grants = self.rows(Part::Grants, grants, current, |grant: &Grant, _, _| {
            if grant.engineer != last {
                last = grant.engineer;
                along_sites = Along::the(sites.clone());
            }
            let has_engineer = along_engineers.reaches(grant.engineer, |engineer| engineer.id);
            let refers = has_engineer && along_sites.reaches(grant.site, |site| site.id);
            rules.grant(grant, refers)
        })?;
        if let Some(row) = repeated_id(grants) {
            return Err(invalid(Part::Grants, row, Fault::Duplicate));
        }
        self.rows(Part::Authorisations, authorisations, current, |authorisation: &Authorisation, _, _| rules.authorisation(authorisation))?;
        self.end(Part::Authorisations)
    }

    fn write_access<const SITES: usize, const ENGINEERS: usize, const GRANTS: usize, const AUTHORISATIONS: usize>(
        &mut self,
        tables: &mut AccessTables<SITES, ENGINEERS, GRANTS, AUTHORISATIONS>,
    ) -> Option<()> {
        self.write(Part::Sites, &mut tables.sites)?;
        self.write(Part::Engineers, &mut tables.engineers)?;
        self.write(Part::Grants, &mut tables.grants)?;
        self.write(Part::Authorisations, &mut tables.authorisations)
    }
}

/// How many rows of each part a panel has room for.
pub(crate) struct PanelCapacities {
    pub(crate) lists: usize,
    pub(crate) schedules: usize,
    pub(crate) layers: usize,
    pub(crate) spans: usize,
    pub(crate) holidays: usize,
    pub(crate) windows: usize,
    pub(crate) contacts: usize,
    pub(crate) access: [usize; 4],
}

/// What a panel has now, and room for.
pub(crate) struct PanelNow<'a> {
    pub(crate) id: SiteId,
    pub(crate) room: PanelCapacities,
    pub(crate) site: &'a Site,
    pub(crate) access: Access<'a>,
    pub(crate) current: Current<'a>,
}

impl Parts<'_> {
    /// Judges a panel's policy.
    pub(crate) fn judge_panel(mut self, now: &PanelNow<'_>) -> Result<(), Refusal> {
        let PanelNow { room, current, .. } = now;
        let site = self.head::<Site>()?.unwrap_or(*now.site);
        let head = |fault| invalid(Part::Head, 0, fault);
        let mut rules = PanelRules::start(&site).map_err(head)?;
        if site.id != now.id {
            return Err(head(Fault::OtherRecipient));
        }
        let lists = self.rows(Part::AreaLists, room.lists, current, |row: &AreaList, _, _| rules.list(row))?;
        let list = |number: ListNumber| usize::from(number.0).checked_sub(1).and_then(|index| lists.clone().nth(index));
        self.rows(Part::Schedules, room.schedules, current, |row: &Schedule, _, _| rules.schedule(row, list(row.areas).as_ref()))?;
        // Layers come in any order and are compared with all before: those are few enough to be kept.
        let mut seen = heapless::Vec::<Layer, LAYERS>::new();
        self.rows(Part::Layers, room.layers, current, |row: &Layer, _, _| {
            rules.layer(row, seen.iter().copied())?;
            seen.push(*row).map_err(|_| Fault::Range)
        })?;
        // Spans ascend by layer: those of the layers before are compared with none, so they are not read again for each.
        let mut of_layer = Passed::default();
        // A layer without spans takes up the room of one.
        let mut with_spans = 0_u128;
        let mut taken = seen.len() as u32;
        self.rows(Part::Spans, room.spans, current, |row: &Span, all, number| {
            rules.span(row, of_layer.skip(all, number, |other| other.layer < row.layer))?;
            let layer = 1 << ((row.layer - 1) % 128);
            taken += u32::from(with_spans & layer != 0);
            with_spans |= layer;
            Ok(())
        })?;
        if taken as usize > room.spans {
            return Err(Refusal::DoesNotFit { part: Part::Spans, rows: taken, capacity: room.spans as u16 });
        }
        self.rows(Part::Holidays, room.holidays, current, |row: &Holiday, _, _| rules.holiday(row))?;
        self.rows(Part::Windows, room.windows, current, |row: &TempOpenWindow, _, _| rules.window(row))?;
        // Numbers that a patch gives to somebody else: what their former owners typed must not let the new ones in, nor the other way round.
        let mut given_away = Users::NONE;
        let is_patch = self.is_patch;
        self.rows(Part::Contacts, room.contacts, current, |row: &Contact, _, _| {
            let known = if is_patch { current.contacts } else { &[] };
            let former = known.binary_search_by_key(&row.user, |former| former.user).ok().and_then(|index| known.get(index));
            if former.is_some_and(|former| former.identity != row.identity) {
                given_away.insert(row.user);
            }
            rules.contact(row)
        })?;
        let is_owners = |row: &Credential, all: &Rows<'_, '_, Credential>| !given_away.contains(row.user) || all.brings(row.user);
        self.rows(Part::Codes, room.contacts, current, |row: &Credential, all, _| {
            ensure(is_owners(row, all), Fault::FormerOwner)?;
            rules.code(row)
        })?;
        self.rows(Part::Passcodes, room.contacts, current, |row: &Credential, all, _| {
            ensure(is_owners(row, all), Fault::FormerOwner)?;
            rules.passcode(row)
        })?;
        self.judge_access(&room.access, Some(site.id), &now.access, current)
    }

    /// Puts a policy that has been judged into the tables. `false`: it could no longer be read, and the tables are good for nothing.
    pub(crate) fn write_panel<
        const CONTACTS: usize,
        const LISTS: usize,
        const SCHEDULES: usize,
        const LAYERS: usize,
        const SPANS: usize,
        const HOLIDAYS: usize,
        const WINDOWS: usize,
        const ENGINEERS: usize,
        const GRANTS: usize,
        const AUTHORISATIONS: usize,
    >(
        mut self,
        tables: &mut PanelTables<CONTACTS, LISTS, SCHEDULES, LAYERS, SPANS, HOLIDAYS, WINDOWS, ENGINEERS, GRANTS, AUTHORISATIONS>,
    ) -> bool {
        let mut write = || {
            if let Some(site) = self.head().ok()? {
                tables.site = site;
            }
            self.write(Part::AreaLists, &mut tables.lists)?;
            self.write(Part::Schedules, &mut tables.schedules)?;
            self.write(Part::Layers, &mut tables.layers)?;
            self.write(Part::Spans, &mut tables.spans)?;
            self.write(Part::Holidays, &mut tables.holidays)?;
            self.write(Part::Windows, &mut tables.windows)?;
            self.write(Part::Contacts, &mut tables.contacts)?;
            self.write_credentials(Part::Codes, &mut tables.codes)?;
            self.write_credentials(Part::Passcodes, &mut tables.passcodes)?;
            self.write_access(&mut tables.access)
        };
        let is_written = write().is_some();
        is_written
    }

    /// Judges a receiver's policy.
    pub(crate) fn judge_receiver(
        mut self,
        id: SiteId,
        room: &[usize; 4],
        head: &ReceiverHead,
        known: &Access<'_>,
        current: &Current<'_>,
    ) -> Result<(), Refusal> {
        let head = self.head::<ReceiverHead>()?.unwrap_or(*head);
        if head.id.0 == 0 {
            return Err(invalid(Part::Head, 0, Fault::Range));
        }
        if head.id != id {
            return Err(invalid(Part::Head, 0, Fault::OtherRecipient));
        }
        self.judge_access(room, None, known, current)
    }

    /// Puts a policy that has been judged into the tables. `false`: it could no longer be read, and the tables are good for nothing.
    pub(crate) fn write_receiver<const SITES: usize, const ENGINEERS: usize, const GRANTS: usize, const AUTHORISATIONS: usize>(
        mut self,
        head: &mut ReceiverHead,
        tables: &mut AccessTables<SITES, ENGINEERS, GRANTS, AUTHORISATIONS>,
    ) -> bool {
        let mut write = || {
            if let Some(changed) = self.head().ok()? {
                *head = changed;
            }
            self.write_access(tables)
        };
        write().is_some()
    }
}
