//! A snapshot's policy: its postcard bytes, read row by row.
//!
//! It is read twice: once to judge every row, and only then once more into the tables, so that nothing is ever half applied and no second
//! copy of the tables is needed.

use core::marker::PhantomData;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::blob::Refusal;
use crate::code::Credential;
use crate::contact::{Contact, ListNumber};
use crate::engineer::{Engineer, EngineerId, Grant, GrantId, SiteAccess, SiteId, key_of_id};
use crate::firmware::Authorisation;
use crate::place::AreaList;
use crate::policy::access::{Access, AccessRules, AccessTables, ReceiverHead};
use crate::policy::panel::{PanelRules, PanelTables, Site};
use crate::policy::{Fault, Invalid, Part};
use crate::schedule::{Holiday, LAYERS, Layer, Schedule, Span, TempOpenWindow};
use crate::table::find;

/// Reads parts one after the other.
struct Reader<'a> {
    rest: &'a [u8],
}

const fn invalid(part: Part, row: u32, fault: Fault) -> Refusal {
    Refusal::Invalid(Invalid { part, row: row as u16, fault })
}

impl<'a> Reader<'a> {
    fn one<T: Deserialize<'a>>(&mut self, part: Part) -> Result<T, Refusal> {
        let (value, rest) = postcard::take_from_bytes(self.rest).map_err(|_| invalid(part, 0, Fault::Encoding))?;
        self.rest = rest;
        Ok(value)
    }

    /// Reads a part whose rows `judge` each finds right; it is told those before.
    fn rows<T: DeserializeOwned>(
        &mut self,
        part: Part,
        capacity: usize,
        mut judge: impl FnMut(&T, Rows<'a, T>) -> Result<(), Fault>,
    ) -> Result<Rows<'a, T>, Refusal> {
        let count: u32 = self.one(part)?;
        if count as usize > capacity {
            return Err(Refusal::DoesNotFit { part, rows: count, capacity: capacity as u16 });
        }
        let all = Rows { bytes: self.rest, left: count, row: PhantomData };
        for row in 0..count {
            let (value, rest) = postcard::take_from_bytes(self.rest).map_err(|_| invalid(part, row, Fault::Encoding))?;
            judge(&value, all.first(row)).map_err(|fault| invalid(part, row, fault))?;
            self.rest = rest;
        }
        Ok(all)
    }

    fn end(self, part: Part) -> Result<(), Refusal> {
        if self.rest.is_empty() { Ok(()) } else { Err(invalid(part, 0, Fault::TrailingBytes)) }
    }
}

/// The rows of a part whose bytes are known to be right.
struct Rows<'a, T> {
    bytes: &'a [u8],
    left: u32,
    row: PhantomData<T>,
}

impl<T> Clone for Rows<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Rows<'_, T> {}

impl<T: DeserializeOwned> Rows<'_, T> {
    /// The rows before row number `count`.
    const fn first(self, count: u32) -> Self {
        Self { left: count, ..self }
    }
}

impl<T: DeserializeOwned> Iterator for Rows<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.left = self.left.checked_sub(1)?;
        let (row, rest) = postcard::take_from_bytes(self.bytes).ok()?;
        self.bytes = rest;
        Some(row)
    }
}

/// Goes along rows in ascending order, to find those that others refer to in the same order: every row is read once.
struct Along<'a, T> {
    row: Option<T>,
    rest: Rows<'a, T>,
}

impl<'a, T: DeserializeOwned> Along<'a, T> {
    fn the(mut rows: Rows<'a, T>) -> Self {
        Self { row: rows.next(), rest: rows }
    }

    /// Whether there is a row with this key; it is not below the one looked for before.
    fn reaches<K: Ord>(&mut self, key: K, key_of: impl Fn(&T) -> K) -> bool {
        while self.row.as_ref().is_some_and(|row| key_of(row) < key) {
            self.row = self.rest.next();
        }
        self.row.as_ref().is_some_and(|row| key_of(row) == key)
    }
}

/// How many rows at the start of a part have been found to be of no more interest.
struct Passed<'a, T> {
    rows: u32,
    rest: Option<Rows<'a, T>>,
}

impl<T> Default for Passed<'_, T> {
    fn default() -> Self {
        Self { rows: 0, rest: None }
    }
}

impl<'a, T: DeserializeOwned> Passed<'a, T> {
    /// `earlier` without its first rows, as far as `is_passed` holds for them; those are not looked at again.
    fn skip(&mut self, earlier: Rows<'a, T>, is_passed: impl Fn(&T) -> bool) -> Rows<'a, T> {
        let mut rest = Rows { left: earlier.left - self.rows, ..self.rest.unwrap_or(earlier) };
        let mut next = rest;
        while next.next().is_some_and(|row| is_passed(&row)) {
            rest = next;
            self.rows += 1;
        }
        self.rest = Some(rest);
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

/// The parts about engineers, judged.
pub(crate) struct AccessParts<'a> {
    sites: Rows<'a, SiteAccess>,
    engineers: Rows<'a, Engineer>,
    grants: Rows<'a, Grant>,
    authorisations: Rows<'a, Authorisation>,
}

/// Grants whose ids are compared at a time, so that finding a repeated id among `n` takes `n * n / 32` readings instead of `n * n`.
const BATCH: usize = 32;

impl<'a> AccessParts<'a> {
    fn read(reader: &mut Reader<'a>, capacities: &[usize; 4], own_site: Option<SiteId>, current: &Access<'_>) -> Result<Self, Refusal> {
        let [sites, engineers, grants, authorisations] = *capacities;
        let mut rules = AccessRules::START;
        let sites = reader.rows(Part::Sites, sites, |site: &SiteAccess, _| {
            if own_site.is_some_and(|own| own != site.id) {
                return Err(Fault::OtherRecipient);
            }
            rules.site(site)
        })?;
        let mut bits = TenBits::NONE;
        let engineers = reader.rows(Part::Engineers, engineers, |engineer: &Engineer, mut earlier| {
            let known = Some(find(current.engineers, key_of_id(engineer.id.0))).filter(|known| known.id == engineer.id);
            // Most identities are told apart by ten of their bits, without reading the earlier rows again.
            let [low, high, ..] = engineer.identity.0;
            let same_bits = !bits.insert(u16::from_le_bytes([low, high]) % TenBits::COUNT);
            let same_identity = same_bits && earlier.any(|other| other.identity == engineer.identity);
            rules.engineer(engineer, known, same_identity)
        })?;
        // Grants ascend by engineer and then site, so both are found by going along; each engineer begins at the first site.
        let mut along_engineers = Along::the(engineers);
        let mut along_sites = Along::the(sites);
        let mut last = EngineerId(0);
        let grants = reader.rows(Part::Grants, grants, |grant: &Grant, _| {
            if grant.engineer != last {
                last = grant.engineer;
                along_sites = Along::the(sites);
            }
            let has_engineer = along_engineers.reaches(grant.engineer, |engineer| engineer.id);
            let refers = has_engineer && along_sites.reaches(grant.site, |site| site.id);
            rules.grant(grant, refers)
        })?;
        if let Some(row) = repeated_id(grants) {
            return Err(invalid(Part::Grants, row, Fault::Duplicate));
        }
        let authorisations =
            reader.rows(Part::Authorisations, authorisations, |authorisation: &Authorisation, _| rules.authorisation(authorisation))?;
        Ok(Self { sites, engineers, grants, authorisations })
    }

    fn write<const SITES: usize, const ENGINEERS: usize, const GRANTS: usize, const AUTHORISATIONS: usize>(
        self,
        tables: &mut AccessTables<SITES, ENGINEERS, GRANTS, AUTHORISATIONS>,
    ) {
        self.sites.for_each(|row| _ = tables.sites.push(row));
        self.engineers.for_each(|row| _ = tables.engineers.push(row));
        self.grants.for_each(|row| _ = tables.grants.push(row));
        self.authorisations.for_each(|row| _ = tables.authorisations.push(row));
    }
}

/// The row of a grant that has the id of an earlier one.
fn repeated_id(grants: Rows<'_, Grant>) -> Option<u32> {
    let mut rest = grants;
    let mut first = 0;
    while rest.left != 0 {
        let mut batch = [GrantId::NONE; BATCH];
        let mut taken = 0;
        for (slot, grant) in batch.iter_mut().zip(&mut rest) {
            *slot = grant.id;
            taken += 1;
        }
        for (row, grant) in (0..).zip(grants.first(first + taken)) {
            let twin = (first..).zip(batch).find(|(other, id)| *id == grant.id && *other > row && *other < first + taken);
            if let Some((other, _)) = twin {
                return Some(other);
            }
        }
        first += taken;
    }
    None
}

/// The parts of a panel's snapshot, judged.
pub(crate) struct PanelParts<'a> {
    site: Site,
    lists: Rows<'a, AreaList>,
    schedules: Rows<'a, Schedule>,
    layers: Rows<'a, Layer>,
    spans: Rows<'a, Span>,
    holidays: Rows<'a, Holiday>,
    windows: Rows<'a, TempOpenWindow>,
    contacts: Rows<'a, Contact>,
    codes: Rows<'a, Credential>,
    passcodes: Rows<'a, Credential>,
    access: AccessParts<'a>,
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

impl<'a> PanelParts<'a> {
    /// Judges the policy of a panel's snapshot for the site `recipient`.
    pub(crate) fn read(bytes: &'a [u8], room: &PanelCapacities, recipient: SiteId, current: &Access<'_>) -> Result<Self, Refusal> {
        let mut reader = Reader { rest: bytes };
        let site: Site = reader.one(Part::Head)?;
        let head = |fault| invalid(Part::Head, 0, fault);
        let mut rules = PanelRules::start(&site).map_err(head)?;
        if site.id != recipient {
            return Err(head(Fault::OtherRecipient));
        }
        let lists = reader.rows(Part::AreaLists, room.lists, |row: &AreaList, _| rules.list(row))?;
        let list = |number: ListNumber| {
            let mut lists = lists;
            usize::from(number.0).checked_sub(1).and_then(|index| lists.nth(index))
        };
        let schedules = reader.rows(Part::Schedules, room.schedules, |row: &Schedule, _| rules.schedule(row, list(row.areas).as_ref()))?;
        // Layers come in any order and are compared with all before: those are few enough to be kept.
        let mut seen = heapless::Vec::<Layer, LAYERS>::new();
        let layers = reader.rows(Part::Layers, room.layers, |row: &Layer, _| {
            rules.layer(row, seen.iter().copied())?;
            seen.push(*row).map_err(|_| Fault::Range)
        })?;
        // Spans ascend by layer: those of the layers before are compared with none, so they are not read again for each.
        let mut of_layer = Passed::default();
        let spans = reader.rows(Part::Spans, room.spans, |row: &Span, earlier| {
            rules.span(row, of_layer.skip(earlier, |other| other.layer < row.layer))
        })?;
        let holidays = reader.rows(Part::Holidays, room.holidays, |row: &Holiday, _| rules.holiday(row))?;
        let windows = reader.rows(Part::Windows, room.windows, |row: &TempOpenWindow, _| rules.window(row))?;
        let contacts = reader.rows(Part::Contacts, room.contacts, |row: &Contact, _| rules.contact(row))?;
        let codes = reader.rows(Part::Codes, room.contacts, |row: &Credential, _| rules.code(row))?;
        let passcodes = reader.rows(Part::Passcodes, room.contacts, |row: &Credential, _| rules.passcode(row))?;
        let access = AccessParts::read(&mut reader, &room.access, Some(site.id), current)?;
        reader.end(Part::Authorisations)?;
        Ok(Self { site, lists, schedules, layers, spans, holidays, windows, contacts, codes, passcodes, access })
    }

    /// Puts the policy in place of what `tables` held.
    pub(crate) fn write<
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
        self,
        tables: &mut PanelTables<CONTACTS, LISTS, SCHEDULES, LAYERS, SPANS, HOLIDAYS, WINDOWS, ENGINEERS, GRANTS, AUTHORISATIONS>,
    ) {
        tables.clear();
        tables.site = self.site;
        self.lists.for_each(|row| _ = tables.lists.push(row));
        self.schedules.for_each(|row| _ = tables.schedules.push(row));
        self.layers.for_each(|row| _ = tables.layers.push(row));
        self.spans.for_each(|row| _ = tables.spans.push(row));
        self.holidays.for_each(|row| _ = tables.holidays.push(row));
        self.windows.for_each(|row| _ = tables.windows.push(row));
        self.contacts.for_each(|row| _ = tables.contacts.push(row));
        self.codes.for_each(|row| _ = tables.codes.push(row));
        self.passcodes.for_each(|row| _ = tables.passcodes.push(row));
        self.access.write(&mut tables.access);
        tables.prepare();
    }
}

/// The parts of a receiver's snapshot, judged.
pub(crate) struct ReceiverParts<'a> {
    head: ReceiverHead,
    access: AccessParts<'a>,
}

impl<'a> ReceiverParts<'a> {
    /// Judges the policy of a receiver's snapshot for the receiver `recipient`.
    pub(crate) fn read(bytes: &'a [u8], room: &[usize; 4], recipient: SiteId, current: &Access<'_>) -> Result<Self, Refusal> {
        let mut reader = Reader { rest: bytes };
        let head: ReceiverHead = reader.one(Part::Head)?;
        if head.id.0 == 0 {
            return Err(invalid(Part::Head, 0, Fault::Range));
        }
        if head.id != recipient {
            return Err(invalid(Part::Head, 0, Fault::OtherRecipient));
        }
        let access = AccessParts::read(&mut reader, room, None, current)?;
        reader.end(Part::Authorisations)?;
        Ok(Self { head, access })
    }

    /// Puts the policy in place of what `tables` held.
    pub(crate) fn write<const SITES: usize, const ENGINEERS: usize, const GRANTS: usize, const AUTHORISATIONS: usize>(
        self,
        head: &mut ReceiverHead,
        tables: &mut AccessTables<SITES, ENGINEERS, GRANTS, AUTHORISATIONS>,
    ) {
        tables.clear();
        *head = self.head;
        self.access.write(tables);
    }
}
