//! What a check searches, as columns.
//!
//! A row that is compared with now is a threshold: in ascending order, with the set of the rows beyond each, thresholds answer for all rows with one
//! search. Dates, weekdays, holiday groups and times of day each give a set of spans, and what holds now is what is in all of them. The columns are made
//! from the rows of a policy, and from the spans that users have set, when these change; they say nothing of their own.

mod holiday;
mod set;
mod span;
mod threshold;
mod window;

use crate::contact::ListNumber;
use crate::ledger::panel::LOCAL_SPANS;
use crate::mask::select;
use crate::place::{AreaList, Areas, Place, SYSTEMS};
use crate::schedule::{Holiday, Hours, Layer, LocalSpan, Margin, Schedule, Span, TempOpenWindow, Timetable};
use crate::table::{MOST_COUNTED, Row};
use crate::time::{Date, March, yesterday};
use crate::zone::{DAY, WallClock, Zone, ZoneRules};

use holiday::HolidayTable;
use span::SpanColumns;
use window::WindowTable;

pub use set::{SpanSet, Wide};

/// The columns of a timetable with room for so many rows of each kind.
#[derive(Clone, Debug)]
pub(crate) struct ColumnTables<
    Set: SpanSet,
    const SCHEDULES: usize,
    const LAYERS: usize,
    const SPANS: usize,
    const HOLIDAYS: usize,
    const WINDOWS: usize,
> {
    pub(crate) zone: ZoneRules,
    /// The areas that have a schedule.
    areas: [Areas; SYSTEMS],
    /// Those of each schedule.
    governed: [[Areas; SCHEDULES]; SYSTEMS],
    /// The guard of each schedule.
    guards: [Set; SCHEDULES],
    /// Where each span is in a set.
    positions: [u8; SPANS],
    spans: SpanColumns<Set>,
    holidays: HolidayTable<HOLIDAYS>,
    windows: WindowTable<WINDOWS>,
}

impl<Set: SpanSet, const SCHEDULES_: usize, const LAYERS_: usize, const SPANS: usize, const HOLIDAYS: usize, const WINDOWS: usize>
    ColumnTables<Set, SCHEDULES_, LAYERS_, SPANS, HOLIDAYS, WINDOWS>
{
    /// Nothing is in place, and nothing is asked for either as long as no schedule and no window has areas. All of it is zero, so that a device at rest takes no flash.
    pub(crate) const EMPTY: Self = {
        assert!(HOLIDAYS <= MOST_COUNTED, "more holidays than are searched");
        assert!(WINDOWS < 32, "more temp-open windows than keyholder::schedule supports");
        Self {
            zone: ZoneRules::UTC,
            areas: [Areas::NONE; SYSTEMS],
            governed: [[Areas::NONE; SCHEDULES_]; SYSTEMS],
            guards: [Set::NONE; SCHEDULES_],
            positions: [0; SPANS],
            spans: SpanColumns::EMPTY,
            holidays: HolidayTable::EMPTY,
            windows: WindowTable::EMPTY,
        }
    };

    /// Makes the columns from all slots of the tables and what users have set.
    pub(crate) fn fill(&mut self, rows: &TimetableRows<'_>) {
        let TimetableRows { zone, lists, schedules, layers, spans, holidays, windows, local: set, latest_close } = *rows;
        self.zone = zone.rules();
        for (index, schedule) in schedules.iter().enumerate() {
            put_areas(&mut self.governed, index, lists, schedule.areas);
        }
        for (areas, governed) in self.areas.iter_mut().zip(&self.governed) {
            *areas = governed.iter().fold(Areas::NONE, |all, areas| Areas(all.0 | areas.0));
        }
        self.holidays.fill(holidays);
        self.windows.fill(lists, windows);
        let mut local = [LocalSpan::FREE; LOCAL_SPANS];
        for (slot, row) in local.iter_mut().zip(set).filter(|(_, row)| row.replaces) {
            *slot = *row;
        }
        self.fill_spans(layers, spans, &local);
        if !set.iter().any(LocalSpan::is_extension) {
            return;
        }
        // What an extension prolongs is known once the rest is in place: the policy may have moved that span since, or have none there any more.
        let timetable = Timetable { zone: &self.zone, lists, schedules, layers, spans, columns: self, local: set, latest_close };
        for (slot, row) in local.iter_mut().zip(set).filter(|(_, row)| row.is_extension()) {
            timetable.for_each_starting(row.date, &mut |schedule, span| {
                if row.prolongs(schedule, row.date, span) {
                    let must_be_closed_by = timetable.close_of(schedule, row.date, span);
                    *slot = LocalSpan { span: Span { must_be_closed_by, ..*span }, ..*row };
                }
            });
        }
        self.fill_spans(layers, spans, &local);
    }

    fn fill_spans(&mut self, layers: &[Layer], spans: &[Span], local: &[LocalSpan]) {
        self.guards.fill(Set::NONE);
        self.spans.fill(layers, spans, local, &mut self.guards, &mut self.positions);
    }
}

/// What columns are made from: the site's zone, and all slots of each table.
#[derive(Clone, Copy)]
pub(crate) struct TimetableRows<'a> {
    pub(crate) zone: &'a Zone,
    pub(crate) lists: &'a [AreaList],
    pub(crate) schedules: &'a [Schedule],
    pub(crate) layers: &'a [Layer],
    pub(crate) spans: &'a [Span],
    pub(crate) holidays: &'a [Holiday],
    pub(crate) windows: &'a [TempOpenWindow],
    /// What users have set.
    pub(crate) local: &'a [LocalSpan],
    /// The minute up to which they may extend a closing.
    pub(crate) latest_close: u16,
}

/// What columns of any capacity are asked.
pub(crate) trait Columns {
    /// How `place` stands to its hours when the wall clock reads `now`.
    ///
    /// `margin` also tells the action: openings have an early margin, closings a late one.
    fn hours(&self, place: Place, now: WallClock, margin: Margin) -> Hours;
    /// The end of the temp-open window that covers `place` now and lasts longest, in minutes from today's midnight.
    fn window_end(&self, place: Place, now: WallClock) -> i32;
    /// What starts on `date`: a bit for each position, the lowest in the first word.
    fn starting(&self, date: Date) -> [u32; 4];
    /// Where each span of the policy is among those bits.
    fn positions(&self) -> &[u8];
}

/// Sets by the weekday that a row starts on, from Monday to the Tuesday after the next: the days around today follow one another.
const WEEKDAYS: usize = 9;

/// Puts down at `index` the areas of each system that are on the list.
fn put_areas<const N: usize>(columns: &mut [[Areas; N]; SYSTEMS], index: usize, lists: &[AreaList], number: ListNumber) {
    let list = lists.get(usize::from(number.0).wrapping_sub(1)).unwrap_or(AreaList::EMPTY);
    for (column, areas) in columns.iter_mut().zip(&list.0) {
        if let Some(slot) = column.get_mut(index) {
            *slot = *areas;
        }
    }
}

impl<Set: SpanSet, const SCHEDULES: usize, const LAYERS: usize, const SPANS: usize, const HOLIDAYS: usize, const WINDOWS: usize>
    ColumnTables<Set, SCHEDULES, LAYERS, SPANS, HOLIDAYS, WINDOWS>
{
    /// What starts the day before `today`, on it and after it; `march` is the last one by then.
    #[inline(always)]
    fn starting_around(&self, today: Date, march: March) -> [Set; 3] {
        self.spans.starting(Date(today.0 - 1), yesterday(today), self.holidays.groups_around(today, march))
    }

    /// The guards of the schedules that govern the areas of `place`, and whether all of these are governed.
    #[inline(always)]
    fn asked(&self, place: Place) -> (Set, bool) {
        let joined = |asked: Set, (areas, guard): (&Areas, &Set)| asked.joined(*guard, areas.0 & place.areas().0);
        let (governed, rest) = place.of(&self.governed).as_chunks();
        let (guards, rest_of_guards) = self.guards.as_chunks();
        let mut asked = rest.iter().zip(rest_of_guards).fold(Set::NONE, joined);
        // Four at a time: a loop of its own for each is a third more.
        for ([a, b, c, d], [of_a, of_b, of_c, of_d]) in governed.iter().zip(guards) {
            asked = joined(joined(joined(joined(asked, (a, of_a)), (b, of_b)), (c, of_c)), (d, of_d));
        }
        (asked, place.areas().within(*place.of(&self.areas)))
    }
}

impl<Set: SpanSet, const SCHEDULES: usize, const LAYERS: usize, const SPANS: usize, const HOLIDAYS: usize, const WINDOWS: usize> Columns
    for ColumnTables<Set, SCHEDULES, LAYERS, SPANS, HOLIDAYS, WINDOWS>
{
    #[inline(never)]
    fn hours(&self, place: Place, now: WallClock, margin: Margin) -> Hours {
        let WallClock { date, minute, march } = now;
        let spans = &self.spans;
        let [yesterday, today, tomorrow] = self.starting_around(date, march);
        let Margin { opening, minutes: margin } = margin;

        let unopened = spans.opens_from.beyond(minute);
        let [open, open_since_yesterday] = spans.must_be_closed_by.ahead(minute);
        // A span that holds now started today or yesterday, and never both: one that lasts longer than 24 hours starts on one date only.
        let now = today & open & !unopened;
        let since_yesterday = yesterday & open_since_yesterday;
        let [ahead, ahead_since_yesterday] = select(opening, &spans.must_be_open_by, &spans.closes_from).ahead(minute);
        let pending = (now & ahead) | (since_yesterday & ahead_since_yesterday);

        // The margin before opens-from may begin today for tomorrow's span; the one after must-be-closed-by may belong to yesterday's.
        let edges = select(opening, &spans.opens_from, &spans.must_be_closed_by);
        let edge = minute + select(opening, i32::from(margin), -i32::from(margin));
        let on_other_day = !(0..DAY).contains(&edge);
        let beyond = edges.beyond(edge - select(on_other_day, select(opening, DAY, -DAY), 0));
        let within = select(opening, !beyond, beyond);
        let of_today = today & select(opening, unopened, !open);
        let of_other_day = select(opening, tomorrow, yesterday & !open_since_yesterday);
        let near = select(
            on_other_day,
            of_today | (of_other_day & (edges.crossing | within)),
            (of_today & within) | (of_other_day & edges.crossing & within),
        );

        let (asked, is_governed) = self.asked(place);
        let outside = spans.bounds.without(asked, now | since_yesterday);
        // Late, if nothing that holds is still to be opened; early, if something is not yet to be closed.
        let settled = spans.bounds.without(asked, pending);
        let (is_late, is_early) = (!settled.is_empty(), settled != asked);
        let inside = is_governed & outside.is_empty();
        Hours {
            inside,
            off_time: inside & select(opening, is_late, is_early),
            within_margin: is_governed & !inside & spans.bounds.without(outside, near).is_empty(),
            end: spans.end(asked, now, since_yesterday),
        }
    }

    #[inline(never)]
    fn window_end(&self, place: Place, now: WallClock) -> i32 {
        self.windows.end(place, now.minute, now.date, yesterday(now.date))
    }

    fn starting(&self, date: Date) -> [u32; 4] {
        let bits = self.spans.starting_alone(date, self.holidays.groups_on(date)).bits();
        [bits as u32, (bits >> 32) as u32, (bits >> 64) as u32, (bits >> 96) as u32]
    }

    fn positions(&self) -> &[u8] {
        &self.positions
    }
}
