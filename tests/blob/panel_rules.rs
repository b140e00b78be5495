//! The validity rules of a site's own parts, each broken once and each kept to the last minute.

use keyholder::blob::{Installed, Refusal};
use keyholder::code::{Credential, Digest};
use keyholder::contact::{ListNumber, Permissions, UseLimit, UserNumber};
use keyholder::engineer::SiteId;
use keyholder::place::AreaList;
use keyholder::policy::panel::SiteOptions;
use keyholder::policy::{Fault, Invalid, Part};
use keyholder::schedule::{Holiday, Layer, LayerKind, Schedule, TempOpenWindow};
use keyholder::time::{Date, DateRange, Instant, Period, Weekdays};

use crate::device::Device;
use crate::sample::{Change, Envelope, NOON, NOW, PanelRows, areas, contact, panel, panel_rows, span};

type Case = (&'static str, fn(&mut PanelRows), u16, Fault);

fn check(part: Part, cases: &[Case]) {
    let mut device = panel();
    for (name, break_it, row, fault) in cases {
        let mut rows = panel_rows();
        break_it(&mut rows);
        let refusal = Refusal::Invalid(Invalid { part, row: *row, fault: *fault });
        device.assert_refuses(name, &Envelope::PANEL.seal(&rows.encode()), NOW, refusal);
    }
}

#[test]
fn the_sites_own_settings_are_in_range() {
    let cases: &[Case] = &[
        ("no id", |rows| rows.site.id = SiteId(0), 0, Fault::Range),
        ("another site", |rows| rows.site.id = SiteId(8), 0, Fault::OtherRecipient),
        ("unknown option", |rows| rows.site.options = SiteOptions::from_bits_retain(1 << 5), 0, Fault::UnknownBits),
        ("unknown option beside known ones", |rows| rows.site.options = SiteOptions::from_bits_retain(0xff), 0, Fault::UnknownBits),
        ("no area", |rows| rows.site.areas = AreaList::NONE, 0, Fault::Range),
        ("early margin", |rows| rows.site.early_margin = 721, 0, Fault::Range),
        ("late margin", |rows| rows.site.late_margin = 721, 0, Fault::Range),
        ("latest close", |rows| rows.site.latest_close = 2881, 0, Fault::Range),
        ("latest close with the late margin", |rows| (rows.site.late_margin, rows.site.latest_close) = (1, 2880), 0, Fault::Range),
        ("no time for a test", |rows| rows.site.longest_test = 0, 0, Fault::Range),
        ("no wrong code", |rows| rows.site.wrong_code_limit = 0, 0, Fault::Range),
        ("no lockout", |rows| rows.site.lockout_seconds = 0, 0, Fault::Range),
        ("standard offset east", |rows| rows.site.zone.standard = 1441, 0, Fault::Range),
        ("standard offset west", |rows| rows.site.zone.standard = i16::MIN, 0, Fault::Range),
        ("daylight offset", |rows| rows.site.zone.daylight = -1441, 0, Fault::Range),
        ("month 0", |rows| rows.site.zone.starts.month = 0, 0, Fault::Range),
        ("month 13", |rows| rows.site.zone.ends.month = 13, 0, Fault::Range),
        ("week 0", |rows| rows.site.zone.starts.week = 0, 0, Fault::Range),
        ("week 6", |rows| rows.site.zone.ends.week = 6, 0, Fault::Range),
        ("weekday 7", |rows| rows.site.zone.starts.weekday = 7, 0, Fault::Range),
        ("time of a week before", |rows| rows.site.zone.starts.minute = -10_080, 0, Fault::Range),
        ("time of a week after", |rows| rows.site.zone.ends.minute = 10_080, 0, Fault::Range),
        ("change at new year", |rows| (rows.site.zone.starts.month, rows.site.zone.starts.week) = (1, 2), 0, Fault::Range),
        ("change in the last week", |rows| (rows.site.zone.ends.month, rows.site.zone.ends.week) = (12, 4), 0, Fault::Range),
    ];
    check(Part::Head, cases);
}

#[test]
fn lists_and_schedules_refer_and_do_not_overlap() {
    check(Part::AreaLists, &[("empty list", |rows| rows.lists[1] = AreaList::NONE, 1, Fault::Range)]);
    let cases: &[Case] = &[
        ("list behind the last", |rows| rows.schedules[1].areas = ListNumber(4), 1, Fault::Reference),
        ("list 255", |rows| rows.schedules[0].areas = ListNumber(255), 0, Fault::Reference),
        ("the same list twice", |rows| rows.schedules[1].areas = ListNumber(1), 1, Fault::SecondSchedule),
        ("an area of another list", |rows| rows.lists[1] = areas(0b0110), 1, Fault::SecondSchedule),
        ("an area of a third schedule", |rows| rows.schedules.push(Schedule { areas: ListNumber(3) }), 2, Fault::SecondSchedule),
    ];
    check(Part::Schedules, cases);
}

#[test]
fn layers_name_dates_once() {
    fn add(rows: &mut PanelRows, schedule: u8, kind: LayerKind, dates: DateRange, groups: u8) {
        rows.layers.push(Layer { schedule, kind, dates, groups });
    }
    fn dates(from: i32, until: i32) -> DateRange {
        DateRange { from: Date(from), until: Date(until) }
    }
    let cases: &[Case] = &[
        ("schedule 0", |rows| rows.layers[1].schedule = 0, 1, Fault::Reference),
        ("schedule behind the last", |rows| rows.layers[4].schedule = 3, 4, Fault::Reference),
        ("alternate without dates", |rows| rows.layers[1].dates = DateRange::NEVER, 1, Fault::ReversedInterval),
        ("dates reversed", |rows| rows.layers[3].dates = dates(21_000, 20_999), 3, Fault::ReversedInterval),
        ("dates before 1970", |rows| rows.layers[1].dates = dates(-1, 5), 1, Fault::Range),
        ("dates after 2499", |rows| rows.layers[1].dates = dates(5, Date::LATEST.0 + 1), 1, Fault::Range),
        ("dates of the whole calendar type", |rows| rows.layers[1].dates = dates(i32::MIN, i32::MAX), 1, Fault::Range),
        ("permanent with dates", |rows| rows.layers[0].dates = dates(5, 6), 0, Fault::Range),
        ("holiday with dates", |rows| rows.layers[2].dates = DateRange::ALWAYS, 2, Fault::Range),
        ("holiday without groups", |rows| rows.layers[2].groups = 0, 2, Fault::Range),
        ("permanent with groups", |rows| rows.layers[0].groups = 1, 0, Fault::Range),
        ("temporary with groups", |rows| rows.layers[3].groups = 128, 3, Fault::Range),
        ("second permanent", |rows| add(rows, 2, LayerKind::Permanent, DateRange::NEVER, 0), 5, Fault::OverlappingLayers),
        (
            "alternate that begins on the last date of another",
            |rows| {
                let last = rows.layers[1].dates.until.0 - 1;
                add(rows, 1, LayerKind::Alternate, dates(last, last + 9), 0);
            },
            5,
            Fault::OverlappingLayers,
        ),
        ("temporary around another", |rows| add(rows, 1, LayerKind::Temporary, DateRange::ALWAYS, 0), 5, Fault::OverlappingLayers),
        ("holiday group twice", |rows| add(rows, 1, LayerKind::Holiday, DateRange::NEVER, 0b11), 5, Fault::OverlappingLayers),
    ];
    check(Part::Layers, cases);
}

#[test]
fn spans_are_in_order_and_in_range_and_never_overlap() {
    let cases: &[Case] = &[
        ("layer 0", |rows| rows.spans[0].layer = 0, 0, Fault::Reference),
        ("layer behind the last", |rows| rows.spans[4].layer = 6, 4, Fault::Reference),
        ("layers out of order", |rows| rows.spans.swap(1, 2), 2, Fault::Order),
        ("minutes out of order", |rows| rows.spans.swap(0, 1), 1, Fault::Order),
        ("an eighth weekday", |rows| rows.spans[3].weekdays = Weekdays::from_bits_retain(0xff), 3, Fault::UnknownBits),
        ("no weekday", |rows| rows.spans[1].weekdays = Weekdays::empty(), 1, Fault::Range),
        ("opens from 24:00", |rows| rows.spans[4] = span(5, Weekdays::SUNDAY, 1440, 1500), 4, Fault::Range),
        ("opens from 24:00 and closed before", |rows| rows.spans[4] = span(5, Weekdays::SUNDAY, 1440, 1439), 4, Fault::Range),
        ("closed at once", |rows| rows.spans[4] = span(5, Weekdays::SUNDAY, 600, 600), 4, Fault::ReversedInterval),
        ("closed before opened", |rows| rows.spans[4] = span(5, Weekdays::SUNDAY, 600, 0), 4, Fault::ReversedInterval),
        ("longer than 24 hours", |rows| rows.spans[4] = span(5, Weekdays::SUNDAY, 600, 2041), 4, Fault::Range),
        ("open by before it opens", |rows| rows.spans[0].must_be_open_by = 359, 0, Fault::Range),
        ("open by after it is closed", |rows| rows.spans[0].must_be_open_by = 1081, 0, Fault::Range),
        ("open by just below none", |rows| rows.spans[0].must_be_open_by = u16::MAX - 1, 0, Fault::Range),
        ("closes before it opens", |rows| rows.spans[0].closes_from = 359, 0, Fault::Range),
        ("closes after it is closed", |rows| rows.spans[0].closes_from = 1081, 0, Fault::Range),
        ("late margin beyond 48:00", |rows| rows.spans[4] = span(5, Weekdays::SUNDAY, 1439, 2851), 4, Fault::Range),
    ];
    check(Part::Spans, cases);

    let overlaps: &[Case] = &[
        ("the same day", |rows| rows.spans[1] = span(1, Weekdays::FRIDAY, 1079, 1100), 1, Fault::OverlappingSpans),
        ("the same minute", |rows| rows.spans.insert(1, span(1, Weekdays::MONDAY, 360, 361)), 1, Fault::OverlappingSpans),
        ("over midnight", |rows| rows.spans.insert(4, span(4, Weekdays::TUESDAY, 1439, 2041)), 4, Fault::OverlappingSpans),
        ("from Sunday to Monday", |rows| rows.spans.insert(4, span(5, Weekdays::MONDAY, 359, 400)), 5, Fault::OverlappingSpans),
        ("from Saturday to Sunday", |rows| rows.spans.push(span(5, Weekdays::SATURDAY, 1380, 1440 + 1321)), 5, Fault::OverlappingSpans),
    ];
    check(Part::Spans, overlaps);
}

#[test]
fn holidays_are_dates_that_exist() {
    fn holiday(rows: &mut PanelRows, year: u16, month: u8, day: u8) {
        rows.holidays[2] = Holiday { year, month, day, group: 0 };
    }
    let cases: &[Case] = &[
        ("twice", |rows| rows.holidays[1] = Holiday { group: 7, ..rows.holidays[0] }, 1, Fault::Duplicate),
        ("out of order", |rows| rows.holidays.swap(0, 1), 1, Fault::Order),
        ("the yearly ones come first", |rows| rows.holidays.swap(1, 2), 2, Fault::Order),
        ("year 1969", |rows| holiday(rows, 1969, 12, 31), 2, Fault::Range),
        ("year 2500", |rows| holiday(rows, 2500, 1, 1), 2, Fault::Range),
        ("month 0", |rows| holiday(rows, 2027, 0, 1), 2, Fault::Range),
        ("month 13", |rows| holiday(rows, 2027, 13, 1), 2, Fault::Range),
        ("day 0", |rows| holiday(rows, 2027, 1, 0), 2, Fault::Range),
        ("day 32", |rows| holiday(rows, 2027, 1, 32), 2, Fault::Range),
        ("31 April", |rows| holiday(rows, 2027, 4, 31), 2, Fault::Range),
        ("29 February 2027", |rows| holiday(rows, 2027, 2, 29), 2, Fault::Range),
        ("29 February 2100", |rows| holiday(rows, 2100, 2, 29), 2, Fault::Range),
        ("30 February every year", |rows| rows.holidays[0].day = 30, 0, Fault::Range),
        ("group 8", |rows| rows.holidays[2].group = 8, 2, Fault::Range),
        (
            "a day that two layers of a schedule name",
            |rows| rows.layers.push(Layer { groups: 0b10, ..rows.layers[2] }),
            2,
            Fault::OverlappingLayers,
        ),
    ];
    check(Part::Holidays, cases);
}

#[test]
fn windows_are_in_range() {
    let cases: &[Case] = &[
        ("no list", |rows| rows.windows[0].areas = ListNumber::NONE, 0, Fault::Reference),
        ("list behind the last", |rows| rows.windows[0].areas = ListNumber(4), 0, Fault::Reference),
        ("an eighth weekday", |rows| rows.windows[0].weekdays = Weekdays::from_bits_retain(128), 0, Fault::UnknownBits),
        ("no weekday", |rows| rows.windows[0].weekdays = Weekdays::empty(), 0, Fault::Range),
        ("no date", |rows| rows.windows[0].dates = DateRange::NEVER, 0, Fault::ReversedInterval),
        ("date before 1970", |rows| rows.windows[0].dates.from = Date(-1), 0, Fault::Range),
        ("date after 2499", |rows| rows.windows[0].dates.until = Date(i32::MAX), 0, Fault::Range),
        ("empty", |rows| rows.windows[0].until = 1200, 0, Fault::ReversedInterval),
        ("reversed", |rows| rows.windows[0].until = 1199, 0, Fault::ReversedInterval),
        ("from 24:00", |rows| (rows.windows[0].from, rows.windows[0].until) = (1440, 1441), 0, Fault::Range),
        ("longer than 24 hours", |rows| rows.windows[0].until = 2641, 0, Fault::Range),
    ];
    check(Part::Windows, cases);
}

#[test]
fn contacts_are_unique_and_refer() {
    let cases: &[Case] = &[
        ("number twice", |rows| rows.contacts[1].user = UserNumber(1), 1, Fault::Duplicate),
        ("out of order", |rows| rows.contacts.swap(1, 2), 2, Fault::Order),
        ("number 0", |rows| rows.contacts.insert(0, contact(0)), 0, Fault::Range),
        ("number 1000", |rows| rows.contacts.push(contact(1000)), 3, Fault::Range),
        ("number 65535", |rows| rows.contacts.push(contact(u16::MAX)), 3, Fault::Range),
        ("no minutes", |rows| rows.contacts[1].limit = UseLimit::MinutesFromFirstUse(0), 1, Fault::Range),
        ("temp opening above a day", |rows| rows.contacts[1].temp_open_minutes = 1441, 1, Fault::Range),
        ("areas behind the last list", |rows| rows.contacts[1].areas = ListNumber(4), 1, Fault::Reference),
        ("test areas behind the last list", |rows| rows.contacts[0].test_areas = ListNumber(255), 0, Fault::Reference),
        (
            "validity without a second in it",
            |rows| rows.contacts[2].validity = Period { from: NOON, until: NOON },
            2,
            Fault::ReversedInterval,
        ),
        (
            "validity reversed",
            |rows| rows.contacts[2].validity = Period { from: Instant(i64::MAX - 1), until: Instant(i64::MIN + 1) },
            2,
            Fault::ReversedInterval,
        ),
    ];
    check(Part::Contacts, cases);
}

#[test]
fn codes_are_unique_and_somebodys() {
    let codes: &[Case] = &[
        ("a code twice", |rows| rows.codes[1].digest = rows.codes[0].digest, 1, Fault::Duplicate),
        ("out of order", |rows| rows.codes.swap(1, 2), 2, Fault::Order),
        ("no digest", |rows| rows.codes[0].digest = Digest::NONE, 0, Fault::Range),
        ("nobody's", |rows| rows.codes[2].user = UserNumber(4), 2, Fault::Reference),
        ("of number 0", |rows| rows.codes[2].user = UserNumber(0), 2, Fault::Reference),
        ("of number 65535", |rows| rows.codes[2].user = UserNumber(u16::MAX), 2, Fault::Reference),
        ("second code", |rows| rows.codes[2].user = rows.codes[0].user, 2, Fault::Duplicate),
    ];
    check(Part::Codes, codes);
    let passcodes: &[Case] = &[
        ("a passcode twice", |rows| rows.passcodes[1].digest = rows.passcodes[0].digest, 1, Fault::Duplicate),
        ("out of order", |rows| rows.passcodes.swap(0, 1), 1, Fault::Order),
        ("no digest", |rows| rows.passcodes[0].digest = Digest::NONE, 0, Fault::Range),
        ("nobody's", |rows| rows.passcodes[0].user = UserNumber(999), 0, Fault::Reference),
        ("second passcode", |rows| rows.passcodes[1].user = rows.passcodes[0].user, 1, Fault::Duplicate),
    ];
    check(Part::Passcodes, passcodes);
}

/// The other side of every limit.
#[test]
fn what_is_just_inside_the_rules_is_installed() {
    let cases: &[Change<PanelRows>] = &[
        ("as it is", |_| ()),
        ("largest margins", |rows| {
            (rows.site.early_margin, rows.site.late_margin, rows.site.latest_close) = (720, 720, 2160);
        }),
        ("smallest figures", |rows| {
            (rows.site.longest_test, rows.site.wrong_code_limit, rows.site.lockout_seconds, rows.site.clock_tolerance) = (1, 1, 1, 0);
        }),
        ("largest figures", |rows| {
            let site = &mut rows.site;
            (site.longest_test, site.wrong_code_limit, site.lockout_seconds) = (u16::MAX, u8::MAX, u16::MAX);
            (site.clock_tolerance, site.options, site.areas) = (u16::MAX, SiteOptions::all(), AreaList::ALL);
        }),
        ("zone at its ends", |rows| {
            (rows.site.zone.standard, rows.site.zone.daylight) = (-1440, 1440);
            (rows.site.zone.starts.month, rows.site.zone.starts.week, rows.site.zone.starts.minute) = (1, 3, -10_079);
            (rows.site.zone.ends.month, rows.site.zone.ends.week, rows.site.zone.ends.minute) = (12, 3, 10_079);
        }),
        ("schedule without areas", |rows| rows.schedules[0].areas = ListNumber::NONE),
        ("two schedules without areas", |rows| rows.schedules.extend([Schedule { areas: ListNumber::NONE }; 2])),
        ("alternates that touch", |rows| {
            let (from, until) = (rows.layers[1].dates.until, Date::LATEST);
            rows.layers.push(Layer { dates: DateRange { from, until }, ..rows.layers[1] });
        }),
        ("alternates of two schedules on one date", |rows| rows.layers.push(Layer { schedule: 2, ..rows.layers[1] })),
        ("holiday layers of other groups", |rows| rows.layers.push(Layer { groups: 0b1111_1100, ..rows.layers[2] })),
        ("a day of two groups in one layer", |rows| rows.layers[2].groups = 0b11),
        ("a day of two groups in two schedules", |rows| rows.layers.push(Layer { schedule: 2, groups: 0b10, ..rows.layers[2] })),
        ("spans that touch", |rows| rows.spans[1] = span(1, Weekdays::FRIDAY, 1080, 1100)),
        ("one minute on two weekdays", |rows| rows.spans[1] = span(1, Weekdays::SATURDAY, 360, 720)),
        ("a night that ends as Monday's begins", |rows| rows.spans.insert(4, span(5, Weekdays::MONDAY, 360, 400))),
        ("spans of two layers at one time", |rows| rows.spans[3] = span(4, Weekdays::all(), 600, 2040)),
        ("24 hours a day", |rows| rows.spans[4] = span(5, Weekdays::all(), 1410, 2850)),
        ("all deadlines at the opening", |rows| (rows.spans[0].must_be_open_by, rows.spans[0].closes_from) = (360, 360)),
        ("all deadlines at the close", |rows| (rows.spans[0].must_be_open_by, rows.spans[0].closes_from) = (1080, 1080)),
        ("holidays at the ends of time", |rows| {
            rows.holidays.insert(2, Holiday { year: 1970, month: 1, day: 1, group: 7 });
            rows.holidays.push(Holiday { year: 2499, month: 12, day: 31, group: 7 });
        }),
        ("window of 24 hours", |rows| (rows.windows[0].from, rows.windows[0].until) = (1439, 2879)),
        ("windows that overlap", |rows| rows.windows.push(TempOpenWindow { areas: ListNumber(1), ..rows.windows[0] })),
        ("window on one date", |rows| rows.windows[0].dates = DateRange { from: Date(0), until: Date(1) }),
        ("contact 999", |rows| rows.contacts.push(contact(999))),
        ("every permission", |rows| rows.contacts[2].permissions = Permissions::all()),
        ("limits at their ends", |rows| {
            rows.contacts[0].limit = UseLimit::MinutesFromFirstUse(u16::MAX);
            rows.contacts[1].limit = UseLimit::MinutesFromFirstUse(1);
            rows.contacts[1].temp_open_minutes = 1440;
        }),
        ("a second of validity", |rows| rows.contacts[0].validity = Period { from: NOON, until: NOON.plus(1) }),
        ("validity at the ends of time", |rows| {
            rows.contacts[0].validity = Period { from: Instant::EARLIEST, until: Instant(i64::MIN + 1) };
            rows.contacts[1].validity = Period { from: Instant(i64::MAX - 1), until: Instant::LATEST };
        }),
        ("the code of one and the passcode of another with one digest", |rows| {
            rows.passcodes = vec![Credential { user: UserNumber(2), ..rows.codes[0] }];
        }),
        ("largest digest", |rows| rows.codes[2].digest = Digest([0xff; 8])),
        ("nothing but the site", |rows| *rows = empty(rows)),
    ];
    for (name, change) in cases {
        let mut rows = panel_rows();
        change(&mut rows);
        assert_eq!(panel().take(&Envelope::PANEL.seal(&rows.encode()), NOW), Ok(Installed::Now), "{name}");
    }
}

/// The same site with no rows at all.
fn empty(rows: &PanelRows) -> PanelRows {
    let mut rows = rows.clone();
    rows.lists.clear();
    rows.schedules.clear();
    rows.layers.clear();
    rows.spans.clear();
    rows.holidays.clear();
    rows.windows.clear();
    rows.contacts.clear();
    rows.codes.clear();
    rows.passcodes.clear();
    rows.access.sites.clear();
    rows.access.engineers.clear();
    rows.access.grants.clear();
    rows.access.authorisations.clear();
    rows
}
