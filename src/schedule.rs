//! When areas are open: schedules, their layers and spans, holidays, temp-open windows.

use serde::{Deserialize, Serialize};

use crate::columns::{Columns, DayKey, LayerSet, POSITIONS, SpanColumns};
use crate::contact::ListNumber;
use crate::mask::{Maskable, pick, select, settled};
use crate::place::{AreaList, Areas, Place};
use crate::table::{EMPTY_KEY, Row, count_below};
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

    /// The [`Days`] around `today` on which it starts.
    pub(crate) fn starts(&self, today: Date) -> u8 {
        let from_yesterday = self.date.0.wrapping_sub(today.0).wrapping_add(1) as u32;
        u8::from((self.schedule != 0) & (from_yesterday < 3)) << (from_yesterday & 3)
    }

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
    /// [`Days`] for each position in a [`LayerSet`].
    positions: [u8; POSITIONS],
}

impl ActiveDays {
    /// [`Days`] of the layer at `position`, which is below [`POSITIONS`].
    #[inline(always)]
    fn at(&self, position: u8) -> u8 {
        self.positions.get(usize::from(position) % POSITIONS).map_or(0, |days| *days)
    }

    /// The days on which spans of the layers at `positions` start.
    #[inline(always)]
    fn days(&self, positions: &[u8; BATCH], fortnights: &[u16; BATCH], yesterday: u32) -> [u16; BATCH] {
        let mut days = positions.map(|position| u16::from(self.at(position)));
        for (days, fortnight) in days.iter_mut().zip(fortnights) {
            *days &= fortnight >> yesterday;
        }
        days
    }

    /// From the layers that decide yesterday, today and tomorrow, which have so many positions.
    fn of(decide: [LayerSet; 3], positions: usize) -> Self {
        let mut active = Self { positions: [0; POSITIONS] };
        let [yesterday, today, tomorrow] = decide.map(|set| set.0.map(u32::to_le_bytes));
        let bytes = yesterday.as_flattened().iter().zip(today.as_flattened()).zip(tomorrow.as_flattened());
        let eights = active.positions.as_chunks_mut::<8>().0.iter_mut().zip(bytes).take(positions.div_ceil(8));
        for (eight, ((yesterday, today), tomorrow)) in eights {
            *eight = (spread(*yesterday) | spread(*today) << 1 | spread(*tomorrow) << 2).to_le_bytes();
        }
        active
    }
}

/// A byte for each bit, 1 where it is set.
fn spread(bits: u8) -> u64 {
    let every = 0x0101_0101_0101_0101;
    // Bit `n` stays in byte `n`, where adding 127 brings it to the top.
    let chosen = (u64::from(bits) * every) & 0x8040_2010_0804_0201;
    ((chosen + 127 * every) >> 7) & every
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

    /// Which layers decide yesterday, today and tomorrow.
    pub(crate) fn active_days(&self, today: Date) -> ActiveDays {
        let layers = &self.columns.layers;
        let dates = [-1, 0, 1].map(|shift| Date(today.0 + shift));
        let mut names = layers.naming(dates);
        self.add_holidays(&mut names, dates);
        // One more for days that do not matter.
        let [yesterday, now, tomorrow] = names.map(|names| names.0);
        let mut names = [yesterday, now, tomorrow, LayerSet::NONE.0];
        let words = names.as_flattened_mut();
        for local in self.local {
            let position = layers.of_users.get(usize::from(local.schedule.saturating_sub(1))).copied().unwrap_or(0);
            // Counted from yesterday.
            let day = local.date.0.wrapping_sub(today.0).wrapping_add(1) as u32;
            let counts = local.replaces & (local.schedule != 0) & (day < 3);
            if let Some(word) = words.get_mut(day as usize % 4 * LayerSet::WORDS + usize::from(position / 32)) {
                *word |= u32::from(counts) << (position % 32);
            }
        }
        let [yesterday, now, tomorrow, _] = names.map(|names| layers.deciding(LayerSet(names)));
        ActiveDays::of([yesterday, now, tomorrow], layers.positions.len() + layers.of_users.len())
    }

    /// Adds to each day's `names` the layers of the holidays on its date. The dates follow one another.
    fn add_holidays(&self, names: &mut [LayerSet; 3], dates: [Date; 3]) {
        let days = dates.map(DayKey::on);
        let [first, ..] = days;
        let mut indices = count_below(self.columns.holidays, first, |holiday, key| holiday.distance(key));
        let mut earlier = first;
        for (names, keys) in names.iter_mut().zip(days) {
            for ((index, earlier), key) in indices.iter_mut().zip(&mut earlier).zip(keys) {
                // No day has two holidays of a kind, so the next day's is the same row or the next one; the first one again where the year begins.
                let begins = key.distance(*earlier) < 0;
                *index = select(begins, 0, *index as u32 + u32::from(self.holiday(*index).distance(key) < 0)) as usize;
                *earlier = key;
                names.extend(self.columns.layers.of_group(self.holiday(*index).group_on(key)));
            }
        }
    }

    /// The holiday at `index`; behind the last one, the last one.
    fn holiday(&self, index: usize) -> DayKey {
        let holidays = self.columns.holidays;
        holidays.get(index.min(holidays.len().saturating_sub(1))).copied().unwrap_or(DayKey::NONE)
    }

    /// The days around `today` on which `span` starts, and its schedule.
    pub(crate) fn starts(&self, active: &ActiveDays, span: &Span, today: Date) -> (Days, u8) {
        let position = self.columns.layers.positions.get(index(span.layer)).copied().unwrap_or(0);
        let days = Days(active.at(position));
        let schedule = self.layers.get(index(span.layer)).map_or(0, |layer| layer.schedule);
        (days.and(span.weekdays.days(today)), schedule)
    }

    /// How `place` stands to its hours when the wall clock reads `now`.
    ///
    /// `margin` also tells the action: openings have an early margin, closings a late one.
    #[inline(never)]
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
        let mut end = i16::MAX;
        for (areas, hours) in self.columns.governed.of_system(place.system()).iter().zip(&tally.hours) {
            let is_open = *hours > Tally::NEAR;
            inside |= areas.0.masked(is_open);
            off_time |= areas.0.masked(is_open & (hours & 1 != 0));
            within_margin |= areas.0.masked(*hours == Tally::NEAR);
            end = end.min(if areas.0 & asked == 0 { i16::MAX } else { hours >> 1 });
        }
        let outside = asked & !inside;
        Hours {
            inside: outside == 0,
            off_time: (outside == 0) & (asked & off_time != 0),
            within_margin: (outside != 0) & (outside & !within_margin == 0),
            end: i32::from(end),
        }
    }

    /// What [`window_end`](Self::window_end) answers when no window is open.
    pub(crate) const NO_WINDOW: i32 = 0;

    /// The end of the temp-open window that covers `place` now and lasts longest, in minutes from today's midnight.
    #[inline(never)]
    pub(crate) fn window_end(&self, place: Place, now: WallClock) -> i32 {
        let columns = &self.columns.windows;
        let look = WindowLook { yesterday: yesterday(now.date), minute: now.minute as i16, today: now.date.0, asked: place.areas().0 };
        let (areas, areas_rest) = columns.areas.of_system(place.system()).as_chunks();
        let (from_dates, from_dates_rest) = columns.from_dates.as_chunks();
        let (until_dates, until_dates_rest) = columns.until_dates.as_chunks();
        let (fortnights, fortnights_rest) = columns.fortnights.as_chunks();
        let (from, from_rest) = columns.from.as_chunks();
        let (until, until_rest) = columns.until.as_chunks();
        let mut ends = [0; BATCH];
        let times = fortnights.iter().zip(from.iter().zip(until));
        for ((areas, (from_dates, until_dates)), (fortnights, (from, until))) in
            areas.iter().zip(from_dates.iter().zip(until_dates)).zip(times)
        {
            look.extend(&mut ends, areas, [from_dates, until_dates], fortnights, [from, until]);
        }
        if !areas_rest.is_empty() {
            let dates = [from_dates_rest, until_dates_rest].map(padded);
            let minutes = [from_rest, until_rest].map(padded);
            look.extend(&mut ends, &padded(areas_rest), dates.each_ref(), &padded(fortnights_rest), minutes.each_ref());
        }
        i32::from(ends.into_iter().fold(0, i16::max))
    }
}

/// What a temp-open window is looked at for.
struct WindowLook {
    /// Day of the week of yesterday.
    yesterday: u32,
    minute: i16,
    today: i32,
    asked: u32,
}

impl WindowLook {
    /// Raises `ends` to those of the windows that are open.
    #[inline(never)]
    fn extend(
        &self,
        ends: &mut [i16; BATCH],
        areas: &[Areas; BATCH],
        [from_dates, until_dates]: [&[i32; BATCH]; 2],
        fortnights: &[u16; BATCH],
        [from, until]: [&[i16; BATCH]; 2],
    ) {
        let Self { yesterday, minute, today, asked } = *self;
        let mut days = [0_u16; BATCH];
        for (days, (areas, (from, until))) in days.iter_mut().zip(areas.iter().zip(from_dates.iter().zip(until_dates))) {
            let since_yesterday = (from - today) & (today - until - 1);
            let now = (from - today - 1) & (today - until);
            let named = (since_yesterday as u32 >> 31) | (now as u32 >> 31 << 1);
            *days = named.masked(asked & !areas.0 == 0) as u16;
        }
        let rows = days.iter().zip(fortnights).zip(from.iter().zip(until));
        for (end, ((days, fortnight), (from, until))) in ends.iter_mut().zip(rows) {
            // As for the spans, a condition is a sign.
            let days = days & fortnight >> yesterday;
            let of_today = until - DAY_MINUTES;
            let open_today = (from - minute - 1) & (minute - until) & (days << 14) as i16;
            let open_since_yesterday = (minute - of_today) & (days << 15) as i16;
            *end = (*end).max((until & (open_today >> 15)) | (of_today & (open_since_yesterday >> 15)));
        }
    }
}

/// The element for the schedule at `index`, which is below [`SCHEDULES`]. (In an empty row it is not; what such a row says is nothing.)
#[inline(always)]
fn slot(schedules: &mut [i16; SCHEDULES], index: u8) -> Option<&mut i16> {
    schedules.get_mut(usize::from(index) % SCHEDULES)
}

/// Minutes in a day.
const DAY_MINUTES: i16 = DAY as i16;

/// What has been found about each schedule while its spans are looked at.
struct Tally {
    /// Minutes since local midnight.
    minute: i16,
    /// All bits set for an opening, none for a closing. A condition would have the compiler write every loop twice.
    opening: i16,
    margin: i16,
    /// Per schedule: 0 outside the hours, [`Tally::NEAR`] there but inside the margin; else the end of the hours (minutes from today's midnight)
    /// times two, plus one when off time.
    hours: [i16; SCHEDULES],
}

/// Rows that are looked at together: as many minutes as fit the narrowest of wide registers.
const BATCH: usize = 8;

/// The last rows of a column, and zeros for those that are missing.
fn padded<T: Copy + Default>(rest: &[T]) -> [T; BATCH] {
    let mut rows = [T::default(); BATCH];
    for (row, value) in rows.iter_mut().zip(rest) {
        *row = *value;
    }
    rows
}

impl Tally {
    const NEAR: i16 = 1;

    fn new(minute: i32, margin: Margin) -> Self {
        let opening = settled(i16::from(margin.opening)).wrapping_neg();
        Self { minute: minute as i16, opening, margin: margin.minutes as i16, hours: [0; SCHEDULES] }
    }

    fn count_spans(&mut self, columns: &SpanColumns<'_>, active: &ActiveDays, yesterday: u32) {
        let is_opening = self.opening != 0;
        let deadlines = pick(is_opening, columns.must_be_open_by, columns.closes_from);
        let edges = pick(is_opening, columns.opens_from, columns.must_be_closed_by);
        let (opens, opens_rest) = columns.opens_from.as_chunks();
        let (closed, closed_rest) = columns.must_be_closed_by.as_chunks();
        let (deadlines, deadlines_rest) = deadlines.as_chunks();
        let (edges, edges_rest) = edges.as_chunks();
        let (fortnights, fortnights_rest) = columns.fortnights.as_chunks();
        let (layers, layers_rest) = columns.layers.as_chunks();
        let (schedules, schedules_rest) = columns.schedules.as_chunks();
        let times = opens.iter().zip(closed).zip(deadlines.iter().zip(edges));
        let starts = fortnights.iter().zip(layers).zip(schedules);
        for (((opens, closed), (deadlines, edges)), ((fortnights, layers), schedules)) in times.zip(starts) {
            self.count_some([opens, closed, deadlines, edges], active.days(layers, fortnights, yesterday), schedules);
        }
        if !schedules_rest.is_empty() {
            let minutes = [opens_rest, closed_rest, deadlines_rest, edges_rest].map(padded);
            let days = active.days(&padded(layers_rest), &padded(fortnights_rest), yesterday);
            self.count_some(minutes.each_ref(), days, &padded(schedules_rest));
        }
    }

    // Apart from the loop around it, or the compiler unrolls it before it finds out that eight rows fit a wide register.
    #[inline(never)]
    fn count_some(&mut self, [opens, closed, deadlines, edges]: [&[i16; BATCH]; 4], days: [u16; BATCH], schedules: &[u8; BATCH]) {
        let mut found = [0; BATCH];
        let rows = opens.iter().zip(closed).zip(deadlines.iter().zip(edges)).zip(days);
        for (found, (((opens, closed), (deadline, edge)), days)) in found.iter_mut().zip(rows) {
            *found = self.look(*opens, *closed, *deadline, *edge, days);
        }
        for (schedule, found) in schedules.iter().zip(found) {
            self.add(*schedule, found);
        }
    }

    fn add(&mut self, schedule: u8, found: i16) {
        if let Some(hours) = slot(&mut self.hours, schedule) {
            *hours = found.max(*hours);
        }
    }

    /// What a span that starts on `days` means for its schedule. `edge` is where the margin lies.
    #[inline(always)]
    fn look(&self, opens: i16, closed: i16, deadline: i16, edge: i16, days: u16) -> i16 {
        let Self { minute, opening, margin, .. } = *self;
        let closing = !opening;
        // A condition is the sign of a difference: neither wide registers nor small machines need more than a subtraction for it. The bit of a day
        // becomes a sign, too.
        let (starts_today, starts_yesterday) = ((days << 14) as i16, (days << 15) as i16);
        // A span that holds now started today or yesterday, and never both, for it lasts at most 24 hours.
        let today = (opens - minute - 1) & (minute - closed) & starts_today;
        let yesterday = (minute + DAY_MINUTES - closed) & starts_yesterday;
        let shift = (yesterday >> 15) & DAY_MINUTES;
        let off_time = (((minute + shift - deadline) >> 15) + 1) ^ (closing & 1);
        let hours = ((closed - shift) << 1 | off_time) & ((today | yesterday) >> 15);
        // The margin before opens-from may begin today for tomorrow's span; the one after must-be-closed-by may belong to yesterday's.
        let first = minute - (margin & closing);
        let last = minute + (margin & opening) + 1;
        let starts_other_day = (days << (15 - (2 & opening))) as i16;
        let shift = (DAY_MINUTES & closing) - (DAY_MINUTES & opening);
        let near = ((first - edge) & (edge - last) & starts_today) | ((first + shift - edge) & (edge - last - shift) & starts_other_day);
        hours.max(near >> 15 & Self::NEAR)
    }

    /// Adds up to [`BATCH`] spans that users have set.
    fn count_local(&mut self, spans: &[LocalSpan], today: Date) {
        let (mut opens, mut closed, mut deadlines, mut edges) = ([0; BATCH], [0; BATCH], [0; BATCH], [0; BATCH]);
        let (mut days, mut schedules) = ([0; BATCH], [0; BATCH]);
        let minutes = opens.iter_mut().zip(&mut closed).zip(deadlines.iter_mut().zip(&mut edges));
        for (local, (((opens, closed), (deadline, edge)), (days, schedule))) in
            spans.iter().zip(minutes.zip(days.iter_mut().zip(&mut schedules)))
        {
            let span = &local.span;
            *opens = span.opens_from as i16;
            *closed = span.must_be_closed_by as i16;
            *deadline = (span.must_be_open_by.min(i16::MAX as u16) as i16 & self.opening) | (span.closes_from as i16 & !self.opening);
            *edge = (*opens & self.opening) | (*closed & !self.opening);
            // A date that a user keeps closed has no hours, and so no margins around them.
            *days = u16::from(local.starts(today)).masked(*closed != 0);
            *schedule = local.schedule.wrapping_sub(1);
        }
        self.count_some([&opens, &closed, &deadlines, &edges], days, &schedules);
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
