//! When areas are open: schedules, their layers and spans, holidays, temp-open windows.

use serde::{Deserialize, Serialize};

use crate::contact::ListNumber;
use crate::mask::{Maskable, select};
use crate::place::{AreaList, Areas, Place};
use crate::table::{EMPTY_KEY, Row, find};
use crate::time::{Date, DateRange, Days, Instant, Weekdays};
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

    /// Whether the row may be used for something else: three days on, no zone and no night reaches back to its date.
    pub(crate) fn is_over(&self, floor: Instant) -> bool {
        self.schedule == 0 || self.date.0 + 3 < Instant(floor.0.max(0)).minute() / DAY
    }
}

/// Everything that says when areas are open.
#[derive(Clone, Copy)]
pub(crate) struct Timetable<'a> {
    pub(crate) lists: &'a [AreaList],
    pub(crate) schedules: &'a [Schedule],
    pub(crate) layers: &'a [Layer],
    pub(crate) spans: &'a [Span],
    pub(crate) holidays: &'a [Holiday],
    pub(crate) windows: &'a [TempOpenWindow],
    pub(crate) local: &'a [LocalSpan],
}

/// Minutes of margin around the hours that still classify as early or late.
#[derive(Clone, Copy)]
pub(crate) enum Margin {
    /// Before opens-from.
    Early(u16),
    /// After must-be-closed-by.
    Late(u16),
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
    /// Per schedule, days for which a user has set a temporary span.
    replaced: [Days; SCHEDULES],
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

    /// The groups of the holidays on `date`, one bit each.
    fn groups_on(&self, date: Date) -> u8 {
        let (year, month, day) = date.civil();
        let group = |year| 1_u16.wrapping_shl(u32::from(find(self.holidays, Holiday::key_of(year, month, day)).group)) as u8;
        group(0) | group(year)
    }

    /// Which layers decide yesterday, today and tomorrow.
    pub(crate) fn active_days(&self, today: Date) -> ActiveDays {
        let groups = [self.groups_on(Date(today.0 - 1)), self.groups_on(today), self.groups_on(Date(today.0 + 1))];
        let mut active = ActiveDays { layers: [Days::NONE; LAYERS], replaced: [Days::NONE; SCHEDULES] };
        // Per schedule, the days named by each kind: three bits for each, weakest kind lowest.
        let mut named = [0_u16; SCHEDULES];

        for local in self.local {
            let date = DateRange { from: local.date, until: Date(local.date.0 + 1) };
            let days = date.contains_days(today).0.masked(local.replaces);
            if let Some(replaced) = active.replaced.get_mut(index(local.schedule)) {
                *replaced = replaced.or(Days(days));
            }
        }
        for (layer, days) in self.layers.iter().zip(&mut active.layers) {
            let [before, now, after] = groups.map(|groups| groups & layer.groups != 0);
            let in_range = layer.dates.contains_days(today);
            let all = Days::ALL.0.masked(matches!(layer.kind, LayerKind::Permanent));
            *days = in_range.or(Days::of(before, now, after)).or(Days(all));
            if let Some(named) = named.get_mut(index(layer.schedule)) {
                *named |= u16::from(days.0) << (3 * layer.kind as u16);
            }
        }
        for (layer, days) in self.layers.iter().zip(&mut active.layers) {
            let stronger = named.get(index(layer.schedule)).copied().unwrap_or(0) >> (3 * (layer.kind as u16 + 1));
            let stronger = Days((stronger | stronger >> 3 | stronger >> 6) as u8);
            let replaced = active.replaced.get(index(layer.schedule)).copied().unwrap_or(Days::ALL);
            let replaced = Days(replaced.0.masked(layer.kind as u8 != LayerKind::Temporary as u8));
            *days = days.except(stronger).except(replaced);
        }
        active
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
        Days(date.contains_days(today).0.masked(local.schedule != 0))
    }

    /// How `place` stands to its hours when the wall clock reads `now`.
    ///
    /// `margin` also tells the action: openings have an early margin, closings a late one.
    pub(crate) fn hours(&self, place: Place, now: WallClock, margin: Margin) -> Hours {
        let active = self.active_days(now.date);
        let mut tally = Tally::new(now.minute, margin);
        for span in self.spans {
            let (days, schedule) = self.starts(&active, span, now.date);
            tally.count(span, days, schedule);
        }
        for local in self.local {
            tally.count(&local.span, Self::local_starts(local, now.date), local.schedule);
        }
        self.settle(&tally, place)
    }

    /// What the schedules' tallies mean for the areas of `place`.
    fn settle(&self, tally: &Tally, place: Place) -> Hours {
        let asked = place.areas();
        let (mut inside, mut off_time, mut within_margin) = (Areas::NONE, Areas::NONE, Areas::NONE);
        let mut end = i32::MAX;
        for ((schedule, hours), margin) in self.schedules.iter().zip(tally.hours).zip(tally.margins) {
            let areas = self.areas_of(schedule).of_system(place.system());
            let is_open = hours != 0;
            inside.0 |= areas.0.masked(is_open);
            off_time.0 |= areas.0.masked(hours & 1 != 0);
            within_margin.0 |= areas.0.masked(margin != 0);
            end = end.min(select(areas.meets(asked), i32::from(hours >> 1), i32::MAX));
        }
        let outside = Areas(asked.0 & !inside.0);
        Hours {
            inside: outside.is_empty(),
            off_time: outside.is_empty() & asked.meets(off_time),
            within_margin: !outside.is_empty() & outside.within(within_margin),
            end,
        }
    }

    /// The end of the temp-open window that covers `place` now and lasts longest, in minutes from today's midnight.
    pub(crate) fn window_end(&self, place: Place, now: WallClock) -> Option<i32> {
        let mut end = -1;
        for window in self.windows {
            let covers = self.list(window.areas).covers(place);
            let days = window.weekdays.days(now.date).and(window.dates.contains_days(now.date));
            let elapsed = now.minute - i32::from(window.from);
            let length = i32::from(window.until) - i32::from(window.from);
            let today = days.today() & (0 <= elapsed) & (elapsed < length);
            let yesterday = days.yesterday() & (elapsed + DAY < length);
            end = end.max(select(covers & today, i32::from(window.until), -1));
            end = end.max(select(covers & yesterday, i32::from(window.until) - DAY, -1));
        }
        if end < 0 { None } else { Some(end) }
    }
}

/// What has been found about each schedule while its spans are looked at.
struct Tally {
    minute: i32,
    /// Whether the action is an opening.
    opening: bool,
    margin: u32,
    /// Per schedule: 0 outside the hours; else the end of the hours (minutes from today's midnight) times two, plus one when off time.
    hours: [u16; SCHEDULES],
    /// Per schedule: 1 inside the margin.
    margins: [u8; SCHEDULES],
}

impl Tally {
    fn new(minute: i32, margin: Margin) -> Self {
        let (opening, margin) = match margin {
            Margin::Early(minutes) => (true, minutes),
            Margin::Late(minutes) => (false, minutes),
        };
        Self { minute, opening, margin: u32::from(margin), hours: [0; SCHEDULES], margins: [0; SCHEDULES] }
    }

    /// Adds a span that starts on `days` and belongs to `schedule`.
    fn count(&mut self, span: &Span, days: Days, schedule: u8) {
        let opens = u32::from(span.opens_from);
        let closed = u32::from(span.must_be_closed_by);
        let minute = self.minute as u32;
        let length = closed.wrapping_sub(opens);
        // Differences wrap to huge numbers when negative, so one comparison tests both ends of an interval. A span that holds now started
        // today or yesterday, and never both, for it lasts at most 24 hours.
        let since_today = minute.wrapping_sub(opens);
        let since_yesterday = since_today.wrapping_add(DAY as u32);
        let today = days.today() & (since_today < length);
        let yesterday = days.yesterday() & (since_yesterday < length);
        let since_midnight = select(today, minute, minute + DAY as u32);
        let late = since_midnight >= u32::from(span.must_be_open_by);
        let early = since_midnight < u32::from(span.closes_from);
        let off_time = (self.opening & late) | (!self.opening & early);
        let end = select(today, closed, closed.wrapping_sub(DAY as u32));
        let held = select(today | yesterday, (end << 1 | u32::from(off_time)) as u16, 0);

        // The margin before opens-from may begin today for tomorrow's span; the one after must-be-closed-by may belong to yesterday's.
        let until_start = opens.wrapping_sub(minute).wrapping_sub(1);
        let early = (days.today() & (until_start < self.margin)) | (days.tomorrow() & (until_start.wrapping_add(DAY as u32) < self.margin));
        let since_end = minute.wrapping_sub(closed);
        let late = (days.today() & (since_end < self.margin)) | (days.yesterday() & (since_end.wrapping_add(DAY as u32) < self.margin));
        let within_margin = (self.opening & early) | (!self.opening & late);

        if let Some(hours) = self.hours.get_mut(index(schedule)) {
            *hours = held.max(*hours);
        }
        if let Some(margin) = self.margins.get_mut(index(schedule)) {
            *margin |= u8::from(within_margin);
        }
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
