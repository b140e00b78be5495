//! When areas are open: schedules, their layers and spans, holidays, temp-open windows.

use serde::{Deserialize, Serialize};

use crate::columns::Columns;
use crate::contact::ListNumber;
use crate::place::AreaList;
use crate::table::{EMPTY_KEY, Row};
use crate::time::{Date, DateRange, Instant, Weekdays};
use crate::zone::{DAY, ZoneRules};

/// Most schedules a site has.
pub const SCHEDULES: usize = 32;
/// Most layers the schedules of a site have together.
pub const LAYERS: usize = 56;

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
    const EMPTY: &'static Self = &Self { year: 0, month: 0, day: 0, group: 0 };
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
    /// Whether it stands for the whole date, before every layer; else it prolongs the span that opens at the same minute, if one starts that date.
    pub replaces: bool,
    /// Its times; layer and weekdays are not used, and of an extension only opens-from and must-be-closed-by. A length of 0 keeps the areas closed that date.
    pub span: Span,
}

impl LocalSpan {
    /// A free row.
    pub const FREE: Self = Self { schedule: 0, date: Date::EARLIEST, replaces: false, span: *Span::EMPTY };

    pub(crate) const fn is_extension(&self) -> bool {
        self.schedule != 0 && !self.replaces
    }

    /// Whether it is an extension of `span`, which starts on `date`.
    pub(crate) fn prolongs(&self, schedule: u8, date: Date, span: &Span) -> bool {
        self.is_extension() && self.schedule == schedule && self.date == date && self.span.opens_from == span.opens_from
    }

    /// Whether `other` takes its place: it says something else about the same span or date.
    pub(crate) fn is_replaced_by(&self, other: &Self) -> bool {
        let same_date = self.schedule == other.schedule && self.date == other.date;
        // A new span for the whole date leaves nothing to extend.
        same_date && (other.replaces || self.prolongs(other.schedule, other.date, &other.span))
    }

    /// Whether the row may be used for something else, when everything up to `settled` is reported: the hours it says and the margin behind them are over, and so is
    /// the day they ended on, for on that they could be extended further; of a whole date, so are any that would else have started then.
    pub(crate) fn is_over(&self, settled: Instant, zone: &ZoneRules, late_margin: u16) -> bool {
        let close = i32::from(self.span.must_be_closed_by);
        let days = if self.replaces { 2 } else { (close + DAY - 1) / DAY };
        let ends = (days * DAY).max(close + i32::from(late_margin));
        self.schedule == 0 || zone.year_on(self.date).last_reading(self.date, ends) <= settled
    }
}

/// Everything that says when areas are open.
#[derive(Clone, Copy)]
pub(crate) struct Timetable<'a> {
    pub(crate) zone: &'a ZoneRules,
    pub(crate) lists: &'a [AreaList],
    pub(crate) schedules: &'a [Schedule],
    pub(crate) layers: &'a [Layer],
    pub(crate) spans: &'a [Span],
    pub(crate) columns: &'a dyn Columns,
    pub(crate) local: &'a [LocalSpan],
    pub(crate) latest_close: u16,
}

/// What [`Columns::window_end`] answers when no window is open.
pub(crate) const NO_WINDOW: i32 = 0;

/// Minutes of margin around the hours that still classify as early or late.
#[derive(Clone, Copy)]
pub(crate) struct Margin {
    /// Whether it is about an opening, whose margin lies before opens-from; else about a closing, whose margin lies after must-be-closed-by.
    pub(crate) opening: bool,
    pub(crate) minutes: u16,
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

/// Index of position `number`, which counts from 1.
const fn index(number: u8) -> usize {
    (number as usize).wrapping_sub(1)
}

impl<'a> Timetable<'a> {
    pub(crate) fn list(&self, number: ListNumber) -> &'a AreaList {
        self.lists.get(index(number.0)).unwrap_or(&AreaList::NONE)
    }

    /// The areas that the schedule at position `number` governs.
    pub(crate) fn governed(&self, number: u8) -> &'a AreaList {
        self.schedules.get(index(number)).map_or(&AreaList::NONE, |schedule| self.list(schedule.areas))
    }

    /// The minute at which a span that starts on `date` has to be closed: as far as somebody has extended it, and no later than the policy lets them by now.
    pub(crate) fn close_of(&self, schedule: u8, date: Date, span: &Span) -> u16 {
        let extensions = self.local.iter().filter(|local| local.prolongs(schedule, date, span));
        let extended = extensions.map(|local| local.span.must_be_closed_by).max().unwrap_or(0);
        extended.min(self.latest_close).max(span.must_be_closed_by)
    }

    /// Gives `take` every span that starts on `date`: its schedule and itself. An extension is none of its own.
    #[inline(never)]
    pub(crate) fn for_each_starting(&self, date: Date, take: &mut dyn FnMut(u8, &Span)) {
        let starting = self.columns.starting(date);
        let starts = |position: u8| starting.get(usize::from(position / 32)).is_some_and(|bits| bits >> (position % 32) & 1 == 1);
        for (span, position) in self.spans.iter().zip(self.columns.positions()) {
            let schedule = self.layers.get(index(span.layer)).map_or(0, |layer| layer.schedule);
            if schedule != 0 && starts(*position) {
                take(schedule, span);
            }
        }
        for local in self.local {
            if local.replaces && local.schedule != 0 && local.date == date && local.span.must_be_closed_by != 0 {
                take(local.schedule, &local.span);
            }
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
