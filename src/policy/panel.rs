//! One site: its settings, schedules, contacts and credentials.

use serde::{Deserialize, Serialize};

use crate::code::{Credential, CredentialTable, Digest};
use crate::columns::TimetableRows;
use crate::contact::{Contact, ListNumber, Permissions, UseLimit, UserNumber};
use crate::engineer::SiteId;
use crate::place::{AreaList, SYSTEMS};
use crate::policy::access::{Access, AccessSnapshot, AccessTables};
use crate::policy::row::PartTable;
use crate::policy::{Ascending, Fault, TenBits, check_period, ensure};
use crate::schedule::{Holiday, LAYERS, Layer, LayerKind, LocalSpan, SCHEDULES, Schedule, Span, TempOpenWindow};
use crate::table::{MOST_COUNTED, Row, Table, find_id};
use crate::time::{Date, DateRange, Weekdays};
use crate::zone::{Change, Zone, days_in_month};

bitflags::bitflags! {
    /// What a site has chosen; all off by default.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
    #[serde(transparent)]
    pub struct SiteOptions: u8 {
        /// Outside the hours is a violation, not a refusal.
        const REPORT_ONLY = 1 << 0;
        /// No closing is refused for its hour: it is a violation.
        const NEVER_REFUSE_CLOSING = 1 << 1;
        /// Openings outside the hours are a violation, not a refusal, while in alarm (Vista, option 2*11).
        const OPEN_IN_ALARM = 1 << 2;
        /// A code or passcode needs its user number with it.
        const USER_AND_CODE = 1 << 3;
        /// After the first lockout each further wrong code starts another, until a right one (EN 50131 grade 3); else the full limit counts again (grade 2).
        const LOCKOUT_AT_EACH_FURTHER = 1 << 4;
    }
}
crate::flags::format_as_bits!(SiteOptions);

/// A site's own settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Site {
    /// The site; never 0.
    pub id: SiteId,
    /// Its clock.
    pub zone: Zone,
    /// The areas it has.
    pub areas: AreaList,
    /// What it has chosen.
    pub options: SiteOptions,
    /// Minutes before opens-from in which an opening is early, 0..=720.
    pub early_margin: u16,
    /// Minutes after must-be-closed-by in which a closing is late, 0..=720.
    pub late_margin: u16,
    /// The latest a closing may be extended to, in minutes from the midnight that begins the span's day; with the late margin at most 2880.
    pub latest_close: u16,
    /// Longest time on test, in minutes, 1..=65535.
    pub longest_test: u16,
    /// Wrong codes that start a lockout, 1..=255; 10 in EN 50131-3.
    pub wrong_code_limit: u8,
    /// Seconds of a lockout, 1..=65535; 90 in EN 50131-3.
    pub lockout_seconds: u16,
    /// Seconds the clock may run backwards without being taken for turned back.
    pub clock_tolerance: u16,
}

impl Site {
    /// A site without areas and id, with the figures of EN 50131, for building others from.
    pub const NONE: Self = Self {
        id: SiteId(0),
        zone: Zone::UTC,
        areas: AreaList::NONE,
        options: SiteOptions::empty(),
        early_margin: 0,
        late_margin: 0,
        latest_close: 1440,
        longest_test: 480,
        wrong_code_limit: 10,
        lockout_seconds: 90,
        clock_tolerance: 60,
    };
}

/// In a blank panel.
const UNKNOWN_SITE: Site = {
    let midnight = Change { month: 0, week: 0, weekday: 0, minute: 0 };
    Site {
        id: SiteId(0),
        zone: Zone { standard: 0, daylight: 0, starts: midnight, ends: midnight },
        areas: AreaList::NONE,
        options: SiteOptions::empty(),
        early_margin: 0,
        late_margin: 0,
        latest_close: 0,
        longest_test: 0,
        wrong_code_limit: 0,
        lockout_seconds: 0,
        clock_tolerance: 0,
    }
};

/// A panel's whole policy in the order of the wire: its postcard encoding is what a panel's snapshot blob carries.
///
/// Holidays ascend by (year, month, day), spans by layer, contacts by user number, credentials by digest; lists, schedules and layers are known
/// by their position, and windows stand in any order.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PanelSnapshot<'a> {
    /// The site's own settings.
    pub site: Site,
    /// Lists of areas, for schedules, windows and contacts to name.
    pub lists: &'a [AreaList],
    /// Schedules.
    pub schedules: &'a [Schedule],
    /// Their layers.
    pub layers: &'a [Layer],
    /// Their spans.
    pub spans: &'a [Span],
    /// Holidays.
    pub holidays: &'a [Holiday],
    /// Temp-open windows.
    pub windows: &'a [TempOpenWindow],
    /// Contacts.
    pub contacts: &'a [Contact],
    /// Whose code is whose.
    pub codes: &'a [Credential],
    /// Whose passcode is whose.
    pub passcodes: &'a [Credential],
    /// Engineers and their grants for this one site.
    pub access: AccessSnapshot<'a>,
}

impl Row for AreaList {
    const EMPTY: &'static Self = &Self::NONE;
    fn key(&self) -> u64 {
        0
    }
}

impl Row for Schedule {
    const EMPTY: &'static Self = &Self { areas: ListNumber::NONE };
    fn key(&self) -> u64 {
        0
    }
}

impl Row for Layer {
    const EMPTY: &'static Self = &Self { schedule: 0, kind: LayerKind::Permanent, dates: DateRange::NEVER, groups: 0 };
    fn key(&self) -> u64 {
        0
    }
}

impl Row for Span {
    const EMPTY: &'static Self = &Self { must_be_open_by: 0, ..Self::NEVER };
    fn key(&self) -> u64 {
        u64::from(self.layer)
    }
}

impl Row for TempOpenWindow {
    const EMPTY: &'static Self = &Self::NEVER;
    fn key(&self) -> u64 {
        0
    }
}

/// The tables of one site in a device.
#[derive(Clone, Debug)]
pub(crate) struct PanelTables<
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
> {
    /// With the id 0 as long as there is no policy.
    site: Site,
    pub(crate) lists: Table<AreaList, LISTS>,
    pub(crate) schedules: Table<Schedule, SCHEDULES>,
    pub(crate) layers: Table<Layer, LAYERS>,
    pub(crate) spans: Table<Span, SPANS>,
    pub(crate) holidays: Table<Holiday, HOLIDAYS>,
    pub(crate) windows: Table<TempOpenWindow, WINDOWS>,
    pub(crate) contacts: Table<Contact, CONTACTS>,
    pub(crate) codes: CredentialTable<CONTACTS>,
    pub(crate) passcodes: CredentialTable<CONTACTS>,
    pub(crate) access: AccessTables<1, ENGINEERS, GRANTS, AUTHORISATIONS>,
}

impl<
    const CONTACTS: usize,
    const LISTS: usize,
    const SCHEDULES_: usize,
    const LAYERS_: usize,
    const SPANS: usize,
    const HOLIDAYS: usize,
    const WINDOWS: usize,
    const ENGINEERS: usize,
    const GRANTS: usize,
    const AUTHORISATIONS: usize,
> PanelTables<CONTACTS, LISTS, SCHEDULES_, LAYERS_, SPANS, HOLIDAYS, WINDOWS, ENGINEERS, GRANTS, AUTHORISATIONS>
{
    pub(crate) const EMPTY: Self = {
        assert!(CONTACTS <= MOST_COUNTED, "user numbers end at 999; 1024 slots are the most that make sense");
        assert!(LISTS <= 255, "lists are numbered with one byte");
        assert!(SCHEDULES_ <= SCHEDULES && LAYERS_ <= LAYERS, "more schedules or layers than keyholder::schedule supports");
        Self {
            site: UNKNOWN_SITE,
            lists: Table::EMPTY,
            schedules: Table::EMPTY,
            layers: Table::EMPTY,
            spans: Table::EMPTY,
            holidays: Table::EMPTY,
            windows: Table::EMPTY,
            contacts: Table::EMPTY,
            codes: CredentialTable::EMPTY,
            passcodes: CredentialTable::EMPTY,
            access: AccessTables::EMPTY,
        }
    };

    /// No row, and a site with the figures of EN 50131.
    pub(crate) const fn new() -> Self {
        Self { site: Site::NONE, ..Self::EMPTY }
    }

    /// The site's own settings; without a policy [`Site::NONE`], and in a blank panel nothing but zeros.
    pub(crate) const fn site(&self) -> &Site {
        &self.site
    }

    pub(crate) const fn set_site(&mut self, site: Site) {
        self.site = site;
    }

    pub(crate) fn view(&self) -> PanelPolicy<'_> {
        PanelPolicy { site: self.site(), schedules: self.schedules.slots(), contacts: self.contacts.slots(), access: self.access.view() }
    }

    /// The tables in the order of the wire, which is that of [`Part::PANEL`](crate::policy::Part::PANEL).
    pub(crate) fn parts(&self) -> [&dyn PartTable; 13] {
        let Self { lists, schedules, layers, spans, holidays, windows, contacts, codes, passcodes, access, .. } = self;
        let [sites, engineers, grants, authorisations] = access.parts();
        [lists, schedules, layers, spans, holidays, windows, contacts, codes, passcodes, sites, engineers, grants, authorisations]
    }

    /// The same, to be written.
    #[inline(never)]
    pub(crate) fn parts_mut(&mut self) -> [&mut dyn PartTable; 13] {
        let Self { lists, schedules, layers, spans, holidays, windows, contacts, codes, passcodes, access, .. } = self;
        let [sites, engineers, grants, authorisations] = access.parts_mut();
        [lists, schedules, layers, spans, holidays, windows, contacts, codes, passcodes, sites, engineers, grants, authorisations]
    }

    /// The rows of the timetable, with what users have set.
    pub(crate) fn timetable<'a>(&'a self, local: &'a [LocalSpan]) -> TimetableRows<'a> {
        TimetableRows {
            zone: &self.site().zone,
            lists: self.lists.slots(),
            schedules: self.schedules.slots(),
            layers: self.layers.slots(),
            spans: self.spans.slots(),
            holidays: self.holidays.slots(),
            windows: self.windows.slots(),
            local,
            latest_close: self.site().latest_close,
        }
    }

    pub(crate) fn clear(&mut self) {
        self.site = Site::NONE;
        for table in self.parts_mut() {
            table.truncate(0);
        }
    }
}

/// [`PanelTables`] of any capacity; every slot is there, empty ones included.
#[derive(Clone, Copy)]
pub(crate) struct PanelPolicy<'a> {
    pub(crate) site: &'a Site,
    pub(crate) schedules: &'a [Schedule],
    pub(crate) contacts: &'a [Contact],
    pub(crate) access: Access<'a>,
}

impl PanelPolicy<'_> {
    /// Whether the contact of that number is the one that it was.
    #[inline(never)]
    pub(crate) fn still_has(&self, user: UserNumber, identity: [u8; 4]) -> bool {
        let contact = find_id(self.contacts, u32::from(user.0));
        contact.is_somebody() && contact.identity == identity
    }
}

/// The validity rules, fed row by row in the order of the wire.
pub(crate) struct PanelRules {
    late_margin: u16,
    lists: u16,
    schedules: u16,
    layers: u16,
    /// How many of them have spans, and the last one that has.
    with_spans: u16,
    last_with_spans: u8,
    governed: AreaList,
    spans: Ascending<(u8, u16)>,
    holidays: Ascending<u64>,
    contacts: Ascending<UserNumber>,
    codes: Ascending<Digest>,
    passcodes: Ascending<Digest>,
    known: TenBits,
    with_code: TenBits,
    with_passcode: TenBits,
}

impl PanelRules {
    /// Starts with the site's own settings.
    pub(crate) fn start(site: &Site) -> Result<Self, Fault> {
        ensure(SiteOptions::from_bits(site.options.bits()).is_some(), Fault::UnknownBits)?;
        let margins = site.early_margin <= 720 && site.late_margin <= 720;
        // As for the spans: nothing about a span happens later than 48 hours after the midnight it belongs to.
        let latest = u32::from(site.latest_close) + u32::from(site.late_margin) <= 2880;
        let figures = site.longest_test != 0 && site.wrong_code_limit != 0 && site.lockout_seconds != 0;
        ensure(site.id.0 != 0 && site.zone.is_valid() && margins && latest && figures && !site.areas.is_empty(), Fault::Range)?;
        Ok(Self {
            late_margin: site.late_margin,
            lists: 0,
            schedules: 0,
            layers: 0,
            with_spans: 0,
            last_with_spans: 0,
            governed: AreaList::NONE,
            spans: Ascending::START,
            holidays: Ascending::START,
            contacts: Ascending::START,
            codes: Ascending::START,
            passcodes: Ascending::START,
            known: TenBits::NONE,
            with_code: TenBits::NONE,
            with_passcode: TenBits::NONE,
        })
    }

    pub(crate) fn list(&mut self, list: &AreaList) -> Result<(), Fault> {
        self.lists += 1;
        ensure(!list.is_empty(), Fault::Range)
    }

    /// `areas` is the list that the schedule names, if it is there.
    pub(crate) fn schedule(&mut self, schedule: &Schedule, areas: Option<&AreaList>) -> Result<(), Fault> {
        self.schedules += 1;
        // A schedule without areas keeps the numbers of those behind it.
        let areas = match (schedule.areas, areas) {
            (ListNumber::NONE, _) => &AreaList::NONE,
            (_, Some(areas)) => areas,
            (_, None) => return Err(Fault::Reference),
        };
        ensure(!areas.meets(&self.governed), Fault::SecondSchedule)?;
        for index in 0..SYSTEMS {
            if let (Some(governed), Some(areas)) = (self.governed.0.get_mut(index), areas.0.get(index)) {
                governed.0 |= areas.0;
            }
        }
        Ok(())
    }

    /// `earlier` are the layers before it.
    pub(crate) fn layer(&mut self, layer: &Layer, mut earlier: impl Iterator<Item = Layer>) -> Result<(), Fault> {
        self.layers += 1;
        ensure(1 <= layer.schedule && u16::from(layer.schedule) <= self.schedules, Fault::Reference)?;
        let dated = matches!(layer.kind, LayerKind::Alternate | LayerKind::Temporary);
        if dated {
            check_dates(layer.dates)?;
        } else {
            ensure(layer.dates == DateRange::NEVER, Fault::Range)?;
        }
        ensure(matches!(layer.kind, LayerKind::Holiday) == (layer.groups != 0), Fault::Range)?;
        let clashes = |other: &Layer| {
            let dates = layer.dates.from < other.dates.until && other.dates.from < layer.dates.until;
            let permanent = matches!(layer.kind, LayerKind::Permanent);
            permanent || dates || layer.groups & other.groups != 0
        };
        let same = |other: &Layer| other.schedule == layer.schedule && other.kind == layer.kind;
        ensure(!earlier.any(|other| same(&other) && clashes(&other)), Fault::OverlappingLayers)
    }

    /// `earlier` are the spans before it.
    pub(crate) fn span(&mut self, span: &Span, mut earlier: impl Iterator<Item = Span>) -> Result<(), Fault> {
        // Two spans of a layer may open at the same minute, on different weekdays.
        self.spans.not_below((span.layer, span.opens_from))?;
        self.with_spans += u16::from(span.layer != self.last_with_spans);
        self.last_with_spans = span.layer;
        ensure(1 <= span.layer && u16::from(span.layer) <= self.layers, Fault::Reference)?;
        check_weekdays(span.weekdays)?;
        ensure(span.opens_from < 1440, Fault::Range)?;
        ensure(span.opens_from < span.must_be_closed_by, Fault::ReversedInterval)?;
        ensure(span.is_valid(self.late_margin), Fault::Range)?;
        ensure(!earlier.any(|other| other.layer == span.layer && other.overlaps(span)), Fault::OverlappingSpans)
    }

    /// How many layers have been judged.
    pub(crate) fn layer_count(&self) -> usize {
        self.layers.into()
    }

    /// How many layers have no spans, once all of both have been judged.
    pub(crate) const fn closed_layers(&self) -> u16 {
        self.layers - self.with_spans
    }

    /// `yearly` is the holiday of every year on the same day, if it is that of one year only. `layers` are all there are.
    pub(crate) fn holiday(&mut self, holiday: &Holiday, yearly: Option<Holiday>, layers: &[Layer]) -> Result<(), Fault> {
        let month = 1 <= holiday.month && holiday.month <= 12;
        let year = holiday.year == 0 || (1970..=2499).contains(&holiday.year);
        ensure(month && year && holiday.group <= 7, Fault::Range)?;
        // Every year: 29 February is a day of some of them.
        let in_year = if holiday.year == 0 { 2000 } else { holiday.year };
        let day = 1 <= holiday.day && i32::from(holiday.day) <= days_in_month(in_year, holiday.month);
        ensure(day, Fault::Range)?;
        self.holidays.above(holiday.key())?;
        let Some(yearly) = yearly else { return Ok(()) };
        // A schedule names a group in one layer at most, so layers with other groups are others.
        let named = |group: u8| layers.iter().filter(move |layer| u32::from(layer.groups) >> group & 1 == 1);
        let clash = |one: &Layer| named(yearly.group).any(|other| other.schedule == one.schedule && other.groups != one.groups);
        ensure(!named(holiday.group).any(clash), Fault::OverlappingLayers)
    }

    pub(crate) fn window(&mut self, window: &TempOpenWindow) -> Result<(), Fault> {
        self.check_list(window.areas)?;
        ensure(window.areas != ListNumber::NONE, Fault::Reference)?;
        check_weekdays(window.weekdays)?;
        check_dates(window.dates)?;
        ensure(window.from < window.until, Fault::ReversedInterval)?;
        ensure(window.from < 1440 && window.until - window.from <= 1440, Fault::Range)
    }

    pub(crate) fn contact(&mut self, contact: &Contact) -> Result<(), Fault> {
        self.contacts.above(contact.user)?;
        ensure(contact.is_somebody() && contact.user.0 <= UserNumber::MAX, Fault::Range)?;
        ensure(Permissions::from_bits(contact.permissions.bits()).is_some(), Fault::UnknownBits)?;
        ensure(contact.limit != UseLimit::MinutesFromFirstUse(0) && contact.temp_open_minutes <= 1440, Fault::Range)?;
        self.check_list(contact.areas)?;
        self.check_list(contact.test_areas)?;
        check_period(&contact.validity)?;
        self.known.insert(contact.user.0);
        Ok(())
    }

    pub(crate) fn code(&mut self, credential: &Credential) -> Result<(), Fault> {
        check_credential(credential, &mut self.codes, &self.known, &mut self.with_code)
    }

    pub(crate) fn passcode(&mut self, credential: &Credential) -> Result<(), Fault> {
        check_credential(credential, &mut self.passcodes, &self.known, &mut self.with_passcode)
    }

    fn check_list(&self, list: ListNumber) -> Result<(), Fault> {
        ensure(u16::from(list.0) <= self.lists, Fault::Reference)
    }
}

fn check_credential(credential: &Credential, order: &mut Ascending<Digest>, known: &TenBits, seen: &mut TenBits) -> Result<(), Fault> {
    // The order makes every digest unique: no two contacts have the same code.
    order.above(credential.digest)?;
    ensure(credential.digest != Digest::NONE, Fault::Range)?;
    ensure(known.contains(credential.user.0), Fault::Reference)?;
    ensure(seen.insert(credential.user.0), Fault::Duplicate)
}

fn check_weekdays(weekdays: Weekdays) -> Result<(), Fault> {
    ensure(Weekdays::from_bits(weekdays.bits()).is_some(), Fault::UnknownBits)?;
    ensure(!weekdays.is_empty(), Fault::Range)
}

fn check_dates(dates: DateRange) -> Result<(), Fault> {
    ensure(dates.from < dates.until, Fault::ReversedInterval)?;
    ensure(Date::EARLIEST <= dates.from && dates.until <= Date::LATEST, Fault::Range)
}
