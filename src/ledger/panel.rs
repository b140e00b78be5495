//! What a panel remembers.

use core::array;

use serde::{Deserialize, Serialize};

use crate::contact::{Contact, ListNumber, UserNumber};
use crate::engineer::Grant;
use crate::ledger::access::{AccessDeed, AccessLedger, AccessMemory};
use crate::ledger::openings::{Move, TempOpenings};
use crate::ledger::topic::{Reader, Topic, Topics, Touched, Writer};
use crate::ledger::{Flip, Flipped, Mark};
use crate::mask::select;
use crate::place::{AreaList, Areas, Place};
use crate::policy::panel::PanelPolicy;
use crate::schedule::LocalSpan;
use crate::sync::SUSPENDED;
use crate::table::{Row, at, key_of_id};
use crate::time::{Date, Instant, Now, Period};

pub use crate::ledger::openings::TEMP_OPENINGS;

/// Most extensions and temporary spans set at the keypad that are not over. A small panel has room for three.
pub const LOCAL_SPANS: usize = 8;
/// Most temp-open windows opened at the keypad that are not over.
pub const LOCAL_WINDOWS: usize = 4;
/// Most places on test at a time.
pub const TESTS: usize = 4;

/// Wrong codes and the lockout they lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Lockout {
    /// Wrong codes since the last right one or lockout.
    pub wrong: u8,
    /// Whether there has been a lockout since the last right code.
    pub has_locked: bool,
    /// When the lockout ends.
    pub until: Instant,
}

impl Flip for Lockout {
    fn flip(self) -> Self {
        Self { until: self.until.flip(), ..self }
    }
}

impl Lockout {
    /// No wrong code yet.
    pub const NONE: Self = Self { wrong: 0, has_locked: false, until: Instant::EARLIEST };

    /// `other` if `condition`, else this. (One by one: as a whole they would be copied in memory first.)
    #[inline(always)]
    pub(crate) fn or(self, condition: bool, other: Self) -> Self {
        Self {
            wrong: select(condition, other.wrong, self.wrong),
            has_locked: select(condition, other.has_locked, self.has_locked),
            until: Instant(select(condition, other.until.0, self.until.0)),
        }
    }

    /// Whether anything is different, at the same cost either way.
    fn differs(&self, other: &Self) -> bool {
        (self.wrong != other.wrong) | (self.has_locked != other.has_locked) | (self.until.0 != other.until.0)
    }
}

/// What is remembered about a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ContactRecord {
    /// Whose record it is.
    pub user: UserNumber,
    /// Which owner of that number.
    pub identity: [u8; 4],
    /// Suspended at the keypad, besides what the policy says.
    pub suspended: bool,
    /// Has opened or closed.
    pub used: bool,
    /// When it first did; [`ContactRecord::NEVER`] if never at a known time.
    pub first_use: Instant,
    /// The last local date it opened on; [`ContactRecord::NO_DATE`] if none.
    pub opened_on: Date,
}

impl ContactRecord {
    /// Not used at any time that a clock may read.
    pub const NEVER: Instant = Instant((1 << 34) - 1);
    /// Not opened on any date that a clock may read.
    pub const NO_DATE: Date = Date(-2);
    /// Nothing remembered, of nobody.
    pub const NONE: Self =
        Self { user: UserNumber::NOBODY, identity: [0; 4], suspended: false, used: false, first_use: Instant(0), opened_on: Date(0) };

    /// What is remembered about `contact`, whose slot in the policy is `slot`.
    #[inline(always)]
    pub(crate) fn of(records: &[KeptRecord], slot: usize, contact: &Contact) -> Self {
        let found = at(records, slot).record();
        let same = (found.user.0 != 0)
            & (found.user.0 == contact.user.0)
            & (u32::from_le_bytes(found.identity) == u32::from_le_bytes(contact.identity));
        Self {
            user: contact.user,
            identity: contact.identity,
            suspended: found.suspended & same,
            used: found.used & same,
            first_use: Instant(select(same, found.first_use.0, Self::NEVER.0)),
            opened_on: Date(select(same, found.opened_on.0, Self::NO_DATE.0)),
        }
    }

    /// Tells it; nothing if it is of nobody.
    pub(crate) fn tell(&self, writer: &mut Writer<'_>) {
        if self.user != UserNumber::NOBODY {
            writer.topic(Topic::Contact, |writer| writer.put(self));
        }
    }
}

/// A record in twelve bytes: a panel has one for each contact.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeptRecord {
    identity: [u8; 4],
    /// The lower bits of the first use: a clock reads 34 at most.
    first_use: u32,
    /// From the lowest bit on: user number, 10; suspended; used; the upper bits of the first use, 2; the days from [`ContactRecord::NO_DATE`] to the last opening, 18.
    rest: u32,
}

impl KeptRecord {
    const NONE: Self = Self { identity: [0; 4], first_use: 0, rest: 0 };

    pub(crate) fn of(record: &ContactRecord) -> Self {
        let first_use = record.first_use.0;
        let rest = u32::from(record.user.0) & 0x3ff
            | u32::from(record.suspended) << 10
            | u32::from(record.used) << 11
            | ((first_use >> 32) as u32 & 3) << 12
            | (record.opened_on.0.wrapping_sub(ContactRecord::NO_DATE.0) as u32) << 14;
        Self { identity: record.identity, first_use: first_use as u32, rest }
    }

    pub(crate) fn record(&self) -> ContactRecord {
        ContactRecord {
            user: self.user(),
            identity: self.identity,
            suspended: self.rest >> 10 & 1 != 0,
            used: self.rest >> 11 & 1 != 0,
            first_use: Instant(i64::from(self.rest >> 12 & 3) << 32 | i64::from(self.first_use)),
            opened_on: Date((self.rest >> 14) as i32 + ContactRecord::NO_DATE.0),
        }
    }

    fn user(&self) -> UserNumber {
        UserNumber((self.rest & 0x3ff) as u16)
    }

    fn is_of_somebody(&self) -> bool {
        self.user() != UserNumber::NOBODY
    }
}

impl Row for KeptRecord {
    const EMPTY: &'static Self = &Self::NONE;
    fn key(&self) -> u64 {
        key_of_id(u32::from(self.user().0))
    }
}

/// A temp-open window opened at the keypad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LocalWindow {
    /// For which system, 1..=8; 0: the row is free.
    pub system: u8,
    /// For which areas.
    pub areas: Areas,
    /// When.
    pub period: Period,
    /// Who opened it.
    pub user: UserNumber,
    /// Which owner of that number.
    pub identity: [u8; 4],
}

impl LocalWindow {
    /// A free row.
    pub const FREE: Self = Self { system: 0, areas: Areas::NONE, period: Period::NEVER, user: UserNumber::NOBODY, identity: [0; 4] };

    /// Whether the row may be used for something else.
    pub(crate) fn is_over(&self, now: Instant) -> bool {
        self.system == 0 || self.period.until <= now
    }
}

/// A part of the site that is on test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct OnTest {
    /// Which areas; none: the row is free.
    pub areas: AreaList,
    /// When.
    pub period: Period,
    /// Who put it on test.
    pub user: UserNumber,
    /// Which owner of that number.
    pub identity: [u8; 4],
}

impl OnTest {
    /// A free row.
    pub const FREE: Self = Self { areas: AreaList::NONE, period: Period::NEVER, user: UserNumber::NOBODY, identity: [0; 4] };

    pub(crate) fn is_free(&self) -> bool {
        self.areas.is_empty()
    }

    /// Whether the row may be used for something else, when everything up to `settled` is reported.
    pub(crate) fn is_over(&self, settled: Instant) -> bool {
        self.is_free() || self.period.until <= settled
    }

    /// Whether taking `areas` off test ends it: it is still running and lies within them.
    pub(crate) fn is_ended_by(&self, areas: &AreaList, now: Instant) -> bool {
        !self.is_free() && now < self.period.until && self.areas.within(areas)
    }
}

/// What a panel remembers. `CONTACTS` and `GRANTS` are those of its policy, so that there is always room for what concerns them; `LOCAL` spans and grants come from the
/// keypad.
#[derive(Clone, Debug)]
pub(crate) struct PanelLedger<const CONTACTS: usize, const GRANTS: usize, const LOCAL: usize> {
    floor: Flipped<Instant>,
    lockout: Flipped<Lockout>,
    mark: Flipped<Mark>,
    /// Each in the slot that its contact has in the policy.
    records: [KeptRecord; CONTACTS],
    openings: TempOpenings,
    spans: [LocalSpan; LOCAL],
    windows: [LocalWindow; LOCAL_WINDOWS],
    tests: [OnTest; TESTS],
    pub(crate) access: AccessLedger<GRANTS, LOCAL>,
}

impl<const CONTACTS: usize, const GRANTS: usize, const LOCAL: usize> PanelLedger<CONTACTS, GRANTS, LOCAL> {
    pub(crate) const EMPTY: Self = Self {
        floor: Flipped::EARLIEST,
        lockout: Flipped(Lockout { wrong: 0, has_locked: false, until: Instant(0) }),
        mark: Flipped::UNMARKED,
        records: [KeptRecord::NONE; CONTACTS],
        openings: TempOpenings::NONE,
        spans: [LocalSpan::FREE; LOCAL],
        windows: [LocalWindow::FREE; LOCAL_WINDOWS],
        tests: [OnTest::FREE; TESTS],
        access: AccessLedger::EMPTY,
    };

    #[inline(always)]
    pub(crate) fn view(&self) -> PanelMemory<'_> {
        PanelMemory {
            floor: self.floor.get(),
            lockout: self.lockout.get(),
            mark: self.mark.get(),
            records: &self.records,
            openings: &self.openings,
            spans: &self.spans,
            windows: &self.windows,
            tests: &self.tests,
            access: self.access.view(),
        }
    }

    pub(crate) fn floor(&self) -> Instant {
        self.floor.get()
    }

    pub(crate) fn set_floor(&mut self, floor: Instant) {
        self.floor = Flipped::of(floor);
    }

    /// What users have set, free rows included.
    pub(crate) const fn spans(&self) -> &[LocalSpan] {
        &self.spans
    }

    /// Carries out what a decision changes.
    pub(crate) fn apply(&mut self, changes: &Changes) {
        self.floor = Flipped::of(changes.floor);
        let touched = &mut self.access.touched;
        touched.touch(Topics::PULSE, self.lockout.get().differs(&changes.lockout));
        touched.touch(Topics::CONTACT, changes.record.user.0 != 0);
        touched.touch(Topics::OPENINGS, changes.moved.moves);
        touched.contact = UserNumber(select(changes.record.user.0 != 0, changes.record.user.0, touched.contact.0));
        self.lockout = Flipped::of(changes.lockout);
        if let Some(record) = self.records.get_mut(changes.slot.min(CONTACTS.saturating_sub(1))) {
            *record = select(changes.record.user.0 != 0, KeptRecord::of(&changes.record), *record);
        }
        self.openings.apply(&changes.moved);
    }

    /// What takes back what a decision will permit; nothing if it protects.
    pub(crate) fn reversal_of(&self, changes: &Changes, deed: Option<&Deed>) -> Reversal {
        match deed {
            None if changes.record.suspended => Reversal::Nothing,
            None => {
                let record = self.records.get(changes.slot).copied().unwrap_or(KeptRecord::NONE);
                Reversal::Contact { slot: changes.slot, record, openings: self.openings.clone() }
            }
            Some(Deed::SetSpan(..)) => Reversal::Spans(array::from_fn(|index| self.spans.get(index).copied().unwrap_or(LocalSpan::FREE))),
            Some(Deed::OpenWindow(index, _)) => Reversal::Window(*index),
            Some(Deed::Test(..)) => Reversal::Tests(self.tests),
            Some(Deed::EndTest(_)) => Reversal::Nothing,
            Some(Deed::Access(deed)) => Reversal::Access(self.access.reversal_of(deed)),
        }
    }

    /// Carries out what an act changes besides. `grants` are those of the policy.
    pub(crate) fn apply_deed(&mut self, deed: &Deed, grants: &[Grant]) {
        let topics = match deed {
            Deed::SetSpan(..) => Topics::SPANS,
            Deed::OpenWindow(..) => Topics::WINDOWS,
            Deed::Test(..) | Deed::EndTest(_) => Topics::TESTS,
            Deed::Access(_) => Topics::empty(),
        };
        self.access.touched.touch(topics, true);
        match deed {
            Deed::SetSpan(index, span) => {
                for row in &mut self.spans {
                    if row.is_replaced_by(span) {
                        *row = LocalSpan::FREE;
                    }
                }
                put_in(&mut self.spans, *index, *span);
            }
            Deed::OpenWindow(index, window) => put_in(&mut self.windows, *index, *window),
            Deed::Test(index, test) => {
                self.end_tests(&test.areas);
                put_in(&mut self.tests, *index, *test);
            }
            Deed::EndTest(areas) => self.end_tests(areas),
            Deed::Access(deed) => self.access.apply(deed, grants),
        }
    }

    /// Takes back what could not be written down.
    pub(crate) fn reverse(&mut self, reversal: &Reversal) {
        match reversal {
            Reversal::Nothing => {}
            Reversal::Contact { slot, record, openings } => {
                put_in(&mut self.records, *slot, *record);
                self.openings = openings.clone();
            }
            Reversal::Spans(spans) => {
                for (row, before) in self.spans.iter_mut().zip(spans) {
                    *row = *before;
                }
            }
            Reversal::Window(index) => put_in(&mut self.windows, *index, LocalWindow::FREE),
            Reversal::Tests(tests) => self.tests = *tests,
            // Of the policy's grants it changes no more than their sessions.
            Reversal::Access(deed) => self.access.apply(deed, &[]),
        }
    }

    #[inline(never)]
    fn end_tests(&mut self, areas: &AreaList) {
        for row in &mut self.tests {
            if row.is_ended_by(areas, self.floor.get()) {
                *row = OnTest::FREE;
            }
        }
    }

    /// Moves the mark on; temp openings and tests that are over by then are not looked at again. `passes` tells whether it passes a deadline.
    pub(crate) fn pass(&mut self, mark: Mark, passes: bool) {
        self.mark = Flipped::of(mark);
        self.access.touched.touch(Topics::PULSE | Topics::OPENINGS | Topics::TESTS, passes);
        let settled = mark.settled();
        self.openings.free_until(settled);
        for row in &mut self.tests {
            if row.is_over(settled) {
                *row = OnTest::FREE;
            }
        }
    }

    /// Moves the records to the slots that their contacts have in a new policy, and drops those whose contacts it no longer has.
    fn align_records(&mut self, policy: &PanelPolicy<'_>) {
        let mut kept = 0;
        for index in 0..CONTACTS {
            let Some(record) = self.records.get(index).copied() else { break };
            if record.is_of_somebody() && policy.still_has(record.user(), record.identity) {
                if let Some(slot) = self.records.get_mut(kept) {
                    *slot = record;
                }
                kept += 1;
            } else if record.is_of_somebody() {
                self.access.touched = Touched::EVERYTHING;
            }
        }
        // They are side by side now, in the order of the contacts; no contact's slot lies before its record, so the last is moved first.
        for index in (0..CONTACTS).rev() {
            let last = kept.checked_sub(1).and_then(|last| self.records.get(last)).copied();
            let theirs = last.filter(|last| policy.contacts.get(index).is_some_and(|contact| contact.user == last.user()));
            kept -= usize::from(theirs.is_some());
            if let Some(slot) = self.records.get_mut(index) {
                *slot = theirs.unwrap_or(KeptRecord::NONE);
            }
        }
    }

    /// Drops what belongs to contacts, engineers and grants that a new policy no longer has: a number given to somebody else starts clean.
    pub(crate) fn settle(&mut self, policy: &PanelPolicy<'_>) {
        let is_same = |user, identity| policy.still_has(user, identity);
        self.align_records(policy);
        let touched = &mut self.access.touched;
        // What is open or on test stays so, but is no longer anybody's.
        touched.touch(Topics::OPENINGS, self.openings.disown(is_same));
        for row in &mut self.tests {
            if row.user != UserNumber::NOBODY && !is_same(row.user, row.identity) {
                row.user = UserNumber::NOBODY;
                touched.touch(Topics::TESTS, true);
            }
        }
        for row in &mut self.windows {
            if row.system != 0 && !is_same(row.user, row.identity) {
                *row = LocalWindow::FREE;
                touched.touch(Topics::WINDOWS, true);
            }
        }
        for row in &mut self.spans {
            let schedule = usize::from(row.schedule).checked_sub(1).and_then(|index| policy.schedules.get(index));
            if row.schedule != 0 && schedule.is_none_or(|schedule| schedule.areas == ListNumber::NONE) {
                *row = LocalSpan::FREE;
                touched.touch(Topics::SPANS, true);
            }
        }
        self.access.settle(&policy.access, is_same);
    }
}

impl<const CONTACTS: usize, const GRANTS: usize, const LOCAL: usize> PanelLedger<CONTACTS, GRANTS, LOCAL> {
    /// Every record that says anything.
    pub(crate) fn records(&self) -> impl Iterator<Item = ContactRecord> + Clone {
        self.records.iter().filter(|record| record.is_of_somebody()).map(KeptRecord::record)
    }

    /// The clock was wrong: what it reads from now on is `to`, the local date `date`. Nothing has begun later; what did begins now.
    pub(crate) fn correct_clock(&mut self, to: Instant, date: Date, lockout_seconds: u16) {
        self.floor = Flipped::of(to);
        self.mark = Flipped::of(self.mark.get().min(Mark { at: to, reported: Mark::ALL_REPORTED }));
        let lockout = self.lockout.get();
        self.lockout = Flipped::of(Lockout { until: lockout.until.min(to.plus(i64::from(lockout_seconds))), ..lockout });
        for kept in &mut self.records {
            let ContactRecord { first_use, opened_on, .. } = kept.record();
            let first_use = if first_use == ContactRecord::NEVER { first_use } else { first_use.min(to) };
            *kept = KeptRecord::of(&ContactRecord { first_use, opened_on: opened_on.min(date), ..kept.record() });
        }
        // Nobody remembers when something was opened: whoever has to close it is told so at the end of the day at the latest.
        self.openings.bring_below(to.plus(86_400));
        for row in self.spans.iter_mut().filter(|row| row.date.0 > date.0 + 366) {
            // Set while the clock was wrong, it would take up its row until then.
            *row = LocalSpan::FREE;
        }
        for row in &mut self.windows {
            row.period = row.period.begun_by(to);
        }
        for row in &mut self.tests {
            row.period = row.period.begun_by(to);
        }
        self.access.bring_below(to);
        self.access.touched = Touched::EVERYTHING;
    }

    pub(crate) fn tell(&self, topic: Topic, writer: &mut Writer<'_>) {
        match topic {
            Topic::Pulse => writer.put(&(self.floor.get(), self.mark.get(), self.lockout.get())),
            Topic::Openings => self.openings.tell(writer),
            Topic::Spans => writer.put_rows(&self.spans, |row| row.schedule == 0),
            Topic::Windows => writer.put_rows(&self.windows, |row| row.system == 0),
            Topic::Tests => writer.put_rows(&self.tests, OnTest::is_free),
            _ => self.access.tell(topic, writer),
        }
    }

    /// Tells what the cloud wants to know.
    pub(crate) fn tell_cloud(&self, writer: &mut Writer<'_>) {
        self.access.tell_cloud(writer);
        writer.put(&self.lockout.get());
        writer.put_list(self.records().filter(|record| record.suspended).map(|record| record.user).take(SUSPENDED));
        writer.put_list(self.spans.iter().filter(|row| row.schedule != 0));
        writer.put_list(self.windows.iter().filter(|row| row.system != 0));
        writer.put_list(self.tests.iter().filter(|row| !row.is_free()));
    }

    /// Remembers again. Records are put side by side, in the order of the user numbers, whatever policy there is: [`settle`](Self::settle) moves them to
    /// their contacts, as after an installation.
    pub(crate) fn recall(&mut self, topic: Topic, reader: &mut Reader<'_>) -> Option<()> {
        match topic {
            Topic::Pulse => {
                let (floor, mark, lockout) = reader.take()?;
                (self.floor, self.mark, self.lockout) = (Flipped::of(floor), Flipped::of(mark), Flipped::of(lockout));
            }
            Topic::Contact => {
                let record: ContactRecord = reader.take()?;
                let mut record = KeptRecord::of(&ContactRecord {
                    // The first version had other words for never, later and earlier than these.
                    first_use: record.first_use.min(ContactRecord::NEVER),
                    opened_on: record.opened_on.max(ContactRecord::NO_DATE),
                    ..record
                });
                for slot in &mut self.records {
                    if slot.user() == record.user() || !slot.is_of_somebody() {
                        *slot = record;
                        return Some(());
                    }
                    if slot.user() > record.user() {
                        core::mem::swap(slot, &mut record);
                    }
                }
                return None;
            }
            Topic::Openings => self.openings.recall(reader)?,
            Topic::Spans => reader.take_rows(&mut self.spans, LocalSpan::FREE)?,
            Topic::Windows => reader.take_rows(&mut self.windows, LocalWindow::FREE)?,
            Topic::Tests => reader.take_rows(&mut self.tests, OnTest::FREE)?,
            _ => self.access.recall(topic, reader)?,
        }
        Some(())
    }

    /// Forgets all records and sessions.
    pub(crate) fn forget(&mut self) {
        self.records.fill(KeptRecord::NONE);
        self.access.forget();
    }
}

/// Puts `row` where a row has been found to be over or to give way.
fn put_in<T>(rows: &mut [T], index: usize, row: T) {
    if let Some(slot) = rows.get_mut(index) {
        *slot = row;
    }
}

/// [`PanelLedger`] of any capacity.
#[derive(Clone, Copy)]
pub(crate) struct PanelMemory<'a> {
    pub(crate) floor: Instant,
    pub(crate) lockout: Lockout,
    pub(crate) mark: Mark,
    pub(crate) records: &'a [KeptRecord],
    pub(crate) openings: &'a TempOpenings,
    pub(crate) spans: &'a [LocalSpan],
    pub(crate) windows: &'a [LocalWindow; LOCAL_WINDOWS],
    pub(crate) tests: &'a [OnTest; TESTS],
    pub(crate) access: AccessMemory<'a>,
}

impl PanelMemory<'_> {
    /// When the last of the windows ends that were opened at the keypad and cover `place` now; [`Instant::EARLIEST`] without one.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) fn window_end(&self, place: Place, now: Now) -> Instant {
        let now = now.instant.0;
        let longer = |longest: u32, window: &LocalWindow| {
            let (left, since) = (window.period.until.0.wrapping_sub(now), now.wrapping_sub(window.period.from.0));
            // A window lasts a day at most, so while it is open the upper halves of both are zero.
            let closed = (left >> 32) as u32 | (since >> 32) as u32;
            let elsewhere = u32::from(window.system ^ place.system()) | (place.areas().0 & !window.areas.0);
            longest.max(select(closed | elsewhere == 0, left as u32, 0))
        };
        // One by one: a loop takes a third more instructions.
        let [a, b, c, d] = self.windows;
        let longest = longer(longer(longer(longer(0, a), b), c), d);
        Instant(select(longest == 0, i64::MIN, now + i64::from(longest)))
    }

    /// The last instant whose deadlines are all reported: what ended by then need not be remembered. A device that nobody has ever asked
    /// for deadlines reports none from before `now`.
    pub(crate) fn settled(&self, now: Instant) -> Instant {
        Instant(select(self.mark.is_set(), self.mark.settled().0, now.0))
    }
}

/// What every decision of a panel changes in its ledger, to be carried out in one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Changes {
    /// The highest clock reading from now on.
    pub(crate) floor: Instant,
    /// The wrong codes from now on.
    pub(crate) lockout: Lockout,
    /// The contact's slot in the policy.
    pub(crate) slot: usize,
    /// The contact's record from now on; that of nobody if it stays.
    pub(crate) record: ContactRecord,
    /// What becomes of the temp openings.
    pub(crate) moved: Move,
}

/// What an act changes besides; with the index of a row, that is over or gives way, for what is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    SetSpan(usize, LocalSpan),
    OpenWindow(usize, LocalWindow),
    Test(usize, OnTest),
    EndTest(AreaList),
    Access(AccessDeed),
}

/// What takes back what a decision has changed, when that turns out not to hold.
#[derive(Clone, Debug)]
pub(crate) enum Reversal {
    Nothing,
    /// The contact's slot and what was remembered of it, and what was open temporarily.
    Contact {
        slot: usize,
        record: KeptRecord,
        openings: TempOpenings,
    },
    Spans([LocalSpan; LOCAL_SPANS]),
    /// The row of one that was opened.
    Window(usize),
    Tests([OnTest; TESTS]),
    Access(AccessDeed),
}
