//! When areas are open: schedules, their layers and spans, holidays, temp-open windows.

use serde::{Deserialize, Serialize};

use crate::columns::{Columns, DayKey, SpanColumns};
use crate::contact::ListNumber;
use crate::mask::{Maskable, blend, pick, select, settled};
use crate::place::{AreaList, Place};
use crate::table::{EMPTY_KEY, Row};
use crate::time::{Date, DateRange, Days, Instant, Weekdays, yesterday};
use crate::zone::{DAY, WallClock};

/// Most schedules a site has.
pub const SCHEDULES: usize = 32;
/// Most layers the schedules of a site have together.
pub const LAYERS: usize = 128;

/// The open/close timeline of some areas. Schedules are known by their position, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Schedule {
    /// The areas it governs; no area has two schedules.
    pub areas: ListNumber,
}

/// Which layer of a schedule, weakest first: the strongest that names a date decides it (Manitou, Patriot, Vista alike).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u8)]
pub enum LayerKind {
    /// Names every date.
    Permanent = 0,
    /// Names a range of dates, seasonal.
    Alternate = 1,
    /// Names the holidays of some groups.
    Holiday = 2,
    /// Names a range of dates, above all others.
    Temporary = 3,
}

/// A layer of a schedule. Layers are known by their position, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Layer {
    /// Of which schedule, 1..=[`SCHEDULES`].
    pub schedule: u8,
    /// Of which kind.
    pub kind: LayerKind,
    /// The dates it names, if alternate or temporary; [`DateRange::NEVER`] otherwise.
    pub dates: DateRange,
    /// The holiday groups it names, bit `n` for group `n`, if a holiday layer; 0 otherwise.
    pub groups: u8,
}

/// One opening-to-closing stretch, in minutes from the midnight that begins the day it starts on.
///
/// Hours are `[opens_from, must_be_closed_by)`. They may cross midnight and last at most 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Span {
    /// Of which layer, 1..=[`LAYERS`].
    pub layer: u8,
    /// The weekdays it starts on.
    pub weekdays: Weekdays,
    /// 0..1440.
    pub opens_from: u16,
    /// `opens_from..=must_be_closed_by`, or [`Span::NO_DEADLINE`].
    pub must_be_open_by: u16,
    /// `opens_from..=must_be_closed_by`.
    pub closes_from: u16,
    /// After `opens_from`, at most 1440 later.
    pub must_be_closed_by: u16,
}

impl Span {
    /// Nobody has to have opened.
    pub const NO_DEADLINE: u16 = u16::MAX;
    /// Never starts.
    pub(crate) const NEVER: Self = Self {
        layer: 0,
        weekdays: Weekdays::empty(),
        opens_from: 0,
        must_be_open_by: Self::NO_DEADLINE,
        closes_from: 0,
        must_be_closed_by: 0,
    };

    /// Whether the four times are in order and in range, with a late margin of so many minutes after the last.
    pub(crate) fn is_valid(&self, late_margin: u16) -> bool {
        let inside = |minute: u16| self.opens_from <= minute && minute <= self.must_be_closed_by;
        let open_by = self.must_be_open_by == Self::NO_DEADLINE || inside(self.must_be_open_by);
        let length = self.must_be_closed_by.saturating_sub(self.opens_from);
        let end = u32::from(self.must_be_closed_by) + u32::from(late_margin);
        self.opens_from < 1440 && 0 < length && length <= 1440 && open_by && inside(self.closes_from) && end <= 2880
    }

    /// Whether two spans, each on its own weekdays, ever hold at the same time.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        (-1_i32..=1).any(|shift| {
            // `other` starting `shift` days after `self`.
            let days = self.weekdays.bits() & rotate(other.weekdays.bits(), -shift);
            let start = i32::from(other.opens_from) + shift * DAY;
            let end = i32::from(other.must_be_closed_by) + shift * DAY;
            days != 0 && start < i32::from(self.must_be_closed_by) && i32::from(self.opens_from) < end
        })
    }
}

/// A set of weekdays moved by `days` (-1..=1).
fn rotate(weekdays: u8, days: i32) -> u8 {
    let fortnight = u32::from(weekdays) << 7 | u32::from(weekdays);
    (fortnight >> (7 - days).rem_euclid(7)) as u8 & 0x7f
}

/// A holiday: one date, or one day of every year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Holiday {
    /// 1970..=2499, or 0 for every year.
    pub year: u16,
    /// 1..=12.
    pub month: u8,
    /// 1..=31. A 29 February that the year does not have is no date.
    pub day: u8,
    /// Which holiday layers name it, 0..=7.
    pub group: u8,
}

impl Holiday {
    const fn key_of(year: u16, month: u8, day: u8) -> u64 {
        (year as u64) << 9 | (month as u64) << 5 | day as u64
    }
}

impl Row for Holiday {
    const EMPTY: &'static Self = &Self { year: 0, month: 0, day: 0, group: 8 };
    fn key(&self) -> u64 {
        let absent = u64::from(self.month == 0).wrapping_neg();
        Self::key_of(self.year, self.month, self.day) | absent
    }
}

const _: () = assert!(EMPTY_KEY == u64::MAX);

/// A period in which holders of the temp-open permission may open, in minutes from the midnight that begins the day it starts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TempOpenWindow {
    /// The areas it is for.
    pub areas: ListNumber,
    /// The weekdays it starts on.
    pub weekdays: Weekdays,
    /// The dates it starts on, besides.
    pub dates: DateRange,
    /// 0..1440.
    pub from: u16,
    /// After `from`, at most 1440 later.
    pub until: u16,
}

impl TempOpenWindow {
    pub(crate) const NEVER: Self =
        Self { areas: ListNumber::NONE, weekdays: Weekdays::empty(), dates: DateRange::NEVER, from: 0, until: 0 };
}

/// What a user set at the keypad for one schedule and one date: an extended closing or a temporary span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LocalSpan {
    /// Of which schedule; 0: the row is free.
    pub schedule: u8,
    /// The date it starts on.
    pub date: Date,
    /// Whether it stands for the whole date, as a temporary layer does; else it prolongs the span that opens at the same minute.
    pub replaces: bool,
    /// Its times; layer and weekdays are not used. A length of 0 keeps the areas closed that date.
    pub span: Span,
}

impl LocalSpan {
    /// A free row.
    pub const FREE: Self = Self { schedule: 0, date: Date::EARLIEST, replaces: false, span: Span::NEVER };

    /// Whether `other` takes its place: it says something else about the same span or date.
    pub(crate) fn is_replaced_by(&self, other: &Self) -> bool {
        let same_date = self.schedule == other.schedule && self.date == other.date;
        // A new span for the whole date leaves nothing to extend.
        same_date && (other.replaces || (!self.replaces && self.span.opens_from == other.span.opens_from))
    }

    /// Whether the row may be used for something else, when everything up to `settled` is reported: three days on, no zone and no night
    /// reaches back to its date.
    pub(crate) fn is_over(&self, settled: Instant) -> bool {
        self.schedule == 0 || self.date.0 + 3 < Instant(settled.0.max(0)).minute() / DAY
    }
}

/// Everything that says when areas are open.
#[derive(Clone, Copy)]
pub(crate) struct Timetable<'a> {
    pub(crate) lists: &'a [AreaList],
    pub(crate) schedules: &'a [Schedule],
    pub(crate) layers: &'a [Layer],
    pub(crate) spans: &'a [Span],
    pub(crate) columns: Columns<'a>,
    pub(crate) local: &'a [LocalSpan],
}

/// Minutes of margin around the hours that still classify as early or late.
#[derive(Clone, Copy)]
pub(crate) struct Margin {
    /// Whether it is about an opening, whose margin lies before opens-from; else about a closing, whose margin lies after must-be-closed-by.
    opening: bool,
    minutes: u16,
}

impl Margin {
    /// Before opens-from.
    pub(crate) const fn early(minutes: u16) -> Self {
        Self { opening: true, minutes }
    }

    /// After must-be-closed-by.
    pub(crate) const fn late(minutes: u16) -> Self {
        Self { opening: false, minutes }
    }
}

/// How a place stands to its hours at one moment, for one action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hours {
    /// Every area is inside its hours.
    pub(crate) inside: bool,
    /// Inside, but some area past its must-be-open-by (opening) or before its closes-from (closing).
    pub(crate) off_time: bool,
    /// Some area is outside, and each such area within the margin.
    pub(crate) within_margin: bool,
    /// Minutes from today's midnight at which the first area's hours end. Only of meaning when inside.
    pub(crate) end: i32,
}

/// Which days' spans apply, per layer; what follows from the dates alone.
pub(crate) struct ActiveDays {
    layers: [Days; LAYERS],
}

/// Index of position `number`, which counts from 1.
const fn index(number: u8) -> usize {
    (number as usize).wrapping_sub(1)
}

impl<'a> Timetable<'a> {
    pub(crate) fn list(&self, number: ListNumber) -> &'a AreaList {
        self.lists.get(index(number.0)).unwrap_or(&AreaList::NONE)
    }

    fn areas_of(&self, schedule: &Schedule) -> &'a AreaList {
        self.list(schedule.areas)
    }

    /// The areas that the schedule at position `number` governs.
    pub(crate) fn governed(&self, number: u8) -> &'a AreaList {
        self.schedules.get(index(number)).map_or(&AreaList::NONE, |schedule| self.areas_of(schedule))
    }

    /// The groups of the holidays of yesterday, today and tomorrow, one bit each.
    fn groups_around(&self, today: Date) -> [u8; 3] {
        let keys = [-1, 0, 1].map(|shift| DayKey::on(Date(today.0 + shift)));
        let [yesterday, now, tomorrow] = keys;
        let mut groups = (0, 0, 0);
        for holiday in self.columns.holidays {
            let group = holiday.group();
            groups.0 |= group.masked(holiday.is_one_of(yesterday));
            groups.1 |= group.masked(holiday.is_one_of(now));
            groups.2 |= group.masked(holiday.is_one_of(tomorrow));
        }
        [groups.0 as u8, groups.1 as u8, groups.2 as u8]
    }

    /// Which layers decide yesterday, today and tomorrow.
    pub(crate) fn active_days(&self, today: Date) -> ActiveDays {
        let groups = self.groups_around(today);
        let columns = &self.columns.layers;
        // Per layer, the days that it names, in the three bits of its kind.
        let mut names = [0_u16; LAYERS];
        let rows = columns.dates.from.iter().zip(columns.dates.length).zip(columns.groups).zip(columns.weights);
        for (names, (((from, length), named_groups), weight)) in names.iter_mut().zip(rows) {
            let range = DateRange { from: Date(*from), until: Date(from.wrapping_add(*length as i32)) };
            let [before, now, after] = groups.map(|groups| groups & named_groups != 0);
            let days = range.contains_days(today).or(Days::of(before, now, after));
            *names = u16::from(days.0).wrapping_mul(*weight);
        }
        // Per schedule, the days named by each kind: three bits for each, weakest lowest.
        let mut named = [0_u16; SCHEDULES];
        for (schedule, names) in columns.schedules.iter().zip(&names) {
            if let Some(named) = slot(&mut named, *schedule) {
                *named |= names;
            }
        }
        let mut decided = self.replaced_days(today);
        for (decided, named) in decided.iter_mut().zip(&named) {
            let stronger = named >> 3 | named >> 6 | named >> 9;
            *decided = named & !(stronger | *decided);
        }
        let mut decides = [0_u16; LAYERS];
        for (decides, (schedule, names)) in decides.iter_mut().zip(columns.schedules.iter().zip(&names)) {
            *decides = names & slot(&mut decided, *schedule).map_or(0, |decided| *decided);
        }
        let mut active = ActiveDays { layers: [Days::NONE; LAYERS] };
        for (days, (decides, _)) in active.layers.iter_mut().zip(decides.iter().zip(columns.schedules)) {
            *days = Days((decides | decides >> 3 | decides >> 6 | decides >> 9) as u8 & 0b111);
        }
        active
    }

    /// Per schedule, the days for which a user has set a temporary span: they are decided for every kind but the temporary one.
    fn replaced_days(&self, today: Date) -> [u16; SCHEDULES] {
        let mut replaced = [0; SCHEDULES];
        for local in self.local {
            let days = select(local.replaces, Self::local_starts(local, today).0, 0);
            if let Some(replaced) = slot(&mut replaced, local.schedule.wrapping_sub(1)) {
                *replaced |= u16::from(days) * 0b001_001_001;
            }
        }
        replaced
    }

    /// The days around `today` on which `span` starts, and its schedule.
    pub(crate) fn starts(&self, active: &ActiveDays, span: &Span, today: Date) -> (Days, u8) {
        let days = active.layers.get(index(span.layer)).copied().unwrap_or(Days::NONE);
        let schedule = self.layers.get(index(span.layer)).map_or(0, |layer| layer.schedule);
        (days.and(span.weekdays.days(today)), schedule)
    }

    /// The days around `today` on which a user's span starts.
    pub(crate) fn local_starts(local: &LocalSpan, today: Date) -> Days {
        let date = DateRange { from: local.date, until: Date(local.date.0 + 1) };
        Days(select(local.schedule != 0, date.contains_days(today).0, 0))
    }

    /// How `place` stands to its hours when the wall clock reads `now`.
    ///
    /// `margin` also tells the action: openings have an early margin, closings a late one.
    pub(crate) fn hours(&self, place: Place, now: WallClock, margin: Margin) -> Hours {
        let active = self.active_days(now.date);
        let mut tally = Tally::new(now.minute, margin);
        tally.count_spans(&self.columns.spans, &active, yesterday(now.date));
        tally.count_local(self.local, now.date);
        self.settle(&tally, place)
    }

    /// What the schedules' tallies mean for the areas of `place`.
    fn settle(&self, tally: &Tally, place: Place) -> Hours {
        let asked = place.areas().0;
        let (mut inside, mut off_time, mut within_margin) = (0, 0, 0);
        let mut end = i32::from(u16::MAX);
        for (areas, hours) in self.columns.governed.of_system(place.system()).iter().zip(&tally.hours) {
            let is_open = *hours > Tally::NEAR;
            inside |= areas.0.masked(is_open);
            off_time |= areas.0.masked(is_open & (hours & 1 != 0));
            within_margin |= areas.0.masked(*hours == Tally::NEAR);
            end = end.min(blend(areas.0 & asked != 0, i32::from(hours >> 1), i32::from(u16::MAX)));
        }
        let outside = asked & !inside;
        Hours {
            inside: outside == 0,
            off_time: (outside == 0) & (asked & off_time != 0),
            within_margin: (outside != 0) & (outside & !within_margin == 0),
            end,
        }
    }

    /// What [`window_end`](Self::window_end) answers when no window is open.
    pub(crate) const NO_WINDOW: i32 = -1;

    /// The end of the temp-open window that covers `place` now and lasts longest, in minutes from today's midnight.
    pub(crate) fn window_end(&self, place: Place, now: WallClock) -> i32 {
        let columns = &self.columns.windows;
        let yesterday = yesterday(now.date);
        let asked = place.areas().0;
        let mut end = Self::NO_WINDOW;
        let areas = columns.areas.of_system(place.system());
        let dates = columns.dates.from.iter().zip(columns.dates.length);
        let times = columns.fortnights.iter().zip(columns.from).zip(columns.until);
        for ((areas, (from_date, days)), ((fortnight, from), until)) in areas.iter().zip(dates).zip(times) {
            let covers = asked & !areas.0 == 0;
            let weekdays = u32::from(*fortnight) >> yesterday;
            let elapsed = now.date.0.wrapping_sub(*from_date);
            let starts_today = (weekdays & u32::from(Days::TODAY) != 0) & ((elapsed as u32) < *days);
            let starts_yesterday = (weekdays & u32::from(Days::YESTERDAY) != 0) & ((elapsed.wrapping_sub(1) as u32) < *days);
            let (from, until) = (i32::from(*from), i32::from(*until));
            let open_today = covers & starts_today & (from <= now.minute) & (now.minute < until);
            let open_since_yesterday = covers & starts_yesterday & (now.minute < until - DAY);
            end = end.max(blend(open_today, until, Self::NO_WINDOW));
            end = end.max(blend(open_since_yesterday, until - DAY, Self::NO_WINDOW));
        }
        end
    }
}

/// The element for the schedule at `index`, which is below [`SCHEDULES`]. (In an empty row it is not; what such a row says is nothing.)
#[inline(always)]
fn slot(schedules: &mut [u16; SCHEDULES], index: u8) -> Option<&mut u16> {
    schedules.get_mut(usize::from(index) % SCHEDULES)
}

/// What has been found about each schedule while its spans are looked at.
struct Tally {
    /// Minutes since local midnight.
    minute: u16,
    /// All bits set for an opening, none for a closing. A condition would have the compiler write every loop twice.
    opening: u16,
    margin: u16,
    /// Per schedule: 0 outside the hours, [`Tally::NEAR`] there but inside the margin; else the end of the hours (minutes from today's midnight)
    /// times two, plus one when off time.
    hours: [u16; SCHEDULES],
}

/// Spans that are looked at together.
const BATCH: usize = 32;

impl Tally {
    const NEAR: u16 = 1;

    fn new(minute: i32, margin: Margin) -> Self {
        let opening = settled(u16::from(margin.opening)).wrapping_neg();
        Self { minute: minute as u16, opening, margin: margin.minutes, hours: [0; SCHEDULES] }
    }

    fn count_spans(&mut self, columns: &SpanColumns<'_>, active: &ActiveDays, yesterday: u32) {
        let deadlines = pick(self.opening != 0, columns.must_be_open_by, columns.closes_from);
        let times = columns.opens_from.chunks(BATCH).zip(columns.must_be_closed_by.chunks(BATCH)).zip(deadlines.chunks(BATCH));
        let starts = columns.fortnights.chunks(BATCH).zip(columns.layers.chunks(BATCH)).zip(columns.schedules.chunks(BATCH));
        for (((opens, closed), deadlines), ((fortnights, layers), schedules)) in times.zip(starts) {
            let mut days = [0_u16; BATCH];
            for (days, layer) in days.iter_mut().zip(layers) {
                *days = u16::from(active.layers.get(usize::from(*layer) % LAYERS).map_or(0, |days| days.0));
            }
            for (days, fortnight) in days.iter_mut().zip(fortnights) {
                *days &= fortnight >> yesterday;
            }
            self.count(opens, closed, deadlines, &days, schedules);
        }
    }

    fn count_local(&mut self, spans: &[LocalSpan], today: Date) {
        let (mut opens, mut closed, mut deadlines, mut days) = ([0; BATCH], [0; BATCH], [0; BATCH], [0; BATCH]);
        let mut schedules = [0; BATCH];
        let times = opens.iter_mut().zip(&mut closed).zip(&mut deadlines);
        for (local, (((opens, closed), deadline), (days, schedule))) in spans.iter().zip(times.zip(days.iter_mut().zip(&mut schedules))) {
            let span = &local.span;
            *opens = span.opens_from;
            *closed = span.must_be_closed_by;
            *deadline = (span.must_be_open_by & self.opening) | (span.closes_from & !self.opening);
            // A date that a user keeps closed has no hours, and so no margins around them.
            *days = u16::from(select(span.must_be_closed_by != 0, Timetable::local_starts(local, today).0, 0));
            *schedule = local.schedule.wrapping_sub(1);
        }
        let rows = spans.len().min(BATCH);
        self.count(&opens, &closed, &deadlines, &days, schedules.get(..rows).unwrap_or(&schedules));
    }

    /// Adds up to [`BATCH`] spans, one for each of `schedules`.
    fn count(&mut self, opens: &[u16], closed: &[u16], deadlines: &[u16], days: &[u16; BATCH], schedules: &[u8]) {
        let mut found = [0_u16; BATCH];
        let rows = opens.iter().zip(closed).zip(deadlines).zip(days);
        for (found, (((opens, closed), deadline), days)) in found.iter_mut().zip(rows) {
            *found = self.look(*opens, *closed, *deadline, *days);
        }
        for (schedule, found) in schedules.iter().zip(&found) {
            if let Some(hours) = slot(&mut self.hours, *schedule) {
                *hours = (*found).max(*hours);
            }
        }
    }

    /// What a span that starts on `days` means for its schedule.
    #[inline(always)]
    fn look(&self, opens: u16, closed: u16, deadline: u16, days: u16) -> u16 {
        const DAY: u16 = crate::zone::DAY as u16;
        let Self { opening, margin, .. } = *self;
        let closing = !opening;
        let starts = |day: u16| days & day != 0;
        // Differences wrap to huge numbers when negative, so one comparison tests both ends of an interval. A span that holds now started
        // today or yesterday, and never both, for it lasts at most 24 hours.
        let length = closed.wrapping_sub(opens);
        let since_opening = self.minute.wrapping_sub(opens);
        let today = starts(Days::TODAY) & (since_opening < length);
        let yesterday = starts(Days::YESTERDAY) & (since_opening.wrapping_add(DAY) < length);
        let off_time = u16::from(self.minute.wrapping_add(blend(today, 0, DAY)) >= deadline) ^ (closing & 1);
        let end = closed.wrapping_sub(blend(today, 0, DAY));
        let held = today | yesterday;

        // The margin before opens-from may begin today for tomorrow's span; the one after must-be-closed-by may belong to yesterday's.
        let until_opening = opens.wrapping_sub(self.minute).wrapping_sub(1);
        let since_closing = self.minute.wrapping_sub(closed);
        let distance = (until_opening & opening) | (since_closing & closing);
        let other_day = (Days::TOMORROW & opening) | (Days::YESTERDAY & closing);
        let near = (starts(Days::TODAY) & (distance < margin)) | (starts(other_day) & (distance.wrapping_add(DAY) < margin));
        blend(held, end << 1 | off_time, u16::from(near) * Self::NEAR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekdays_rotate_within_the_week() {
        assert_eq!(rotate(0b000_0001, 1), 0b000_0010);
        assert_eq!(rotate(0b100_0000, 1), 0b000_0001);
        assert_eq!(rotate(0b000_0001, -1), 0b100_0000);
    }

    #[test]
    fn spans_overlap_across_midnight_and_across_the_week() {
        let span = |weekdays, from, until| Span { weekdays, opens_from: from, must_be_closed_by: until, ..Span::NEVER };
        let monday = span(Weekdays::MONDAY, 1320, 1800);
        let cases = [
            ("the same", monday, true),
            ("Tuesday inside the night", span(Weekdays::TUESDAY, 300, 400), true),
            ("Tuesday from its end", span(Weekdays::TUESDAY, 360, 400), false),
            ("Sunday night into Monday", span(Weekdays::SUNDAY, 1380, 2780), true),
            ("Sunday until it starts", span(Weekdays::SUNDAY, 1320, 2760), false),
            ("Wednesday", span(Weekdays::WEDNESDAY, 0, 1440), false),
        ];
        for (name, other, expected) in cases {
            assert_eq!(monday.overlaps(&other), expected, "{name}");
            assert_eq!(other.overlaps(&monday), expected, "{name}, the other way round");
        }
    }
}
