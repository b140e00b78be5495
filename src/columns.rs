//! What a check goes through, as columns.
//!
//! Fields of one kind lie side by side and references are resolved: a machine with wide registers takes several rows at a time, and a small one
//! reads nothing that it does not use. The columns are made from the rows of a policy when it is installed and say nothing of their own.

use crate::contact::ListNumber;
use crate::mask::{select, settled};
use crate::place::{AreaList, Areas, SYSTEMS};
use crate::schedule::{Holiday, Layer, LayerKind, Schedule, Span, TempOpenWindow};
use crate::table::{Row, count_below};
use crate::time::Date;

/// The columns of a policy with room for so many rows of each kind.
#[derive(Clone, Debug)]
pub(crate) struct ColumnTables<const SCHEDULES: usize, const LAYERS: usize, const SPANS: usize, const HOLIDAYS: usize, const WINDOWS: usize>
{
    governed: [[Areas; SCHEDULES]; SYSTEMS],
    layers: LayerTable<SCHEDULES, LAYERS>,
    spans: SpanTable<SPANS>,
    holidays: [DayKey; HOLIDAYS],
    windows: WindowTable<WINDOWS>,
}

impl<const SCHEDULES: usize, const LAYERS: usize, const SPANS: usize, const HOLIDAYS: usize, const WINDOWS: usize>
    ColumnTables<SCHEDULES, LAYERS, SPANS, HOLIDAYS, WINDOWS>
{
    pub(crate) const EMPTY: Self = Self {
        governed: [[Areas::NONE; SCHEDULES]; SYSTEMS],
        layers: LayerTable::EMPTY,
        spans: SpanTable::EMPTY,
        holidays: [DayKey::NONE; HOLIDAYS],
        windows: WindowTable::EMPTY,
    };

    /// Makes the columns from all slots of the tables.
    pub(crate) fn fill(
        &mut self,
        lists: &[AreaList],
        schedules: &[Schedule],
        (layers, spans): (&[Layer], &[Span]),
        holidays: &[Holiday],
        windows: &[TempOpenWindow],
    ) {
        fill_areas(&mut self.governed, lists, schedules.iter().map(|schedule| schedule.areas));
        self.layers.fill(layers);
        self.spans.fill(layers, &self.layers.positions, spans);
        fill_holidays(&mut self.holidays, holidays);
        fill_areas(&mut self.windows.areas, lists, windows.iter().map(|window| window.areas));
        self.windows.fill(windows);
    }

    pub(crate) fn view(&self) -> Columns<'_> {
        Columns {
            governed: AreaColumns(self.governed.as_flattened()),
            layers: self.layers.view(),
            spans: self.spans.view(),
            holidays: &self.holidays,
            windows: self.windows.view(),
        }
    }
}

/// [`ColumnTables`] of any capacity; every slot is there, empty ones included.
#[derive(Clone, Copy)]
pub(crate) struct Columns<'a> {
    /// Per system, the areas that each schedule governs.
    pub(crate) governed: AreaColumns<'a>,
    pub(crate) layers: LayerColumns<'a>,
    pub(crate) spans: SpanColumns<'a>,
    /// In ascending order.
    pub(crate) holidays: &'a [DayKey],
    pub(crate) windows: WindowColumns<'a>,
}

/// One column of areas for each system.
#[derive(Clone, Copy)]
pub(crate) struct AreaColumns<'a>(&'a [Areas]);

impl<'a> AreaColumns<'a> {
    /// The column of `system`, 1..=8.
    pub(crate) fn of_system(self, system: u8) -> &'a [Areas] {
        let rows = self.0.len() / SYSTEMS;
        let start = usize::from(system).wrapping_sub(1).wrapping_mul(rows);
        self.0.get(start..).and_then(|rest| rest.get(..rows)).unwrap_or(&[])
    }
}

/// A holiday in one number: the day of every year, or above those the date; below them, in three bits, its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DayKey(u32);

impl DayKey {
    /// Above every date's.
    pub(crate) const NONE: Self = Self(u32::MAX / 4);

    /// Above every day of the year, also for the days before 1970 that a check may look at.
    const FIRST_DATED: u32 = 400;

    /// Group 0 on that day of every year, counted from 1 March.
    const fn yearly(day: u16) -> Self {
        Self((day as u32) << 3)
    }

    /// Group 0 on that date alone.
    const fn dated(date: Date) -> Self {
        Self((date.0 as u32).wrapping_add(Self::FIRST_DATED) << 3)
    }

    fn of_holiday(holiday: &Holiday) -> Self {
        let first = if holiday.year == 0 {
            Self::yearly(Date::day_from_march(holiday.month, holiday.day))
        } else {
            Self::dated(Date::new(holiday.year, holiday.month, holiday.day))
        };
        Self(first.0 | u32::from(holiday.group))
    }

    /// The lowest keys that a holiday on `date` has: as one of every year, and as one of that year alone.
    pub(crate) const fn on(date: Date) -> [Self; 2] {
        [Self::yearly(date.days_since_march()), Self::dated(date)]
    }

    /// The group of this holiday, if it is on the day of `key`, which has group 0; else [`DayKey::NO_GROUP`].
    pub(crate) fn group_on(self, key: Self) -> u32 {
        let group = self.0.wrapping_sub(key.0);
        select(group < Self::NO_GROUP, group, Self::NO_GROUP)
    }

    /// Negative if it is below `other`.
    pub(crate) const fn distance(self, other: Self) -> i32 {
        self.0.wrapping_sub(other.0) as i32
    }

    /// In place of a group: not a holiday.
    pub(crate) const NO_GROUP: u32 = 8;
}

/// On the wire holidays ascend by year, month and day; here the year begins in March.
fn fill_holidays(keys: &mut [DayKey], holidays: &[Holiday]) {
    let from_march = holidays.iter().filter(|holiday| holiday.year == 0 && holiday.month >= 3);
    let until_march = holidays.iter().filter(|holiday| holiday.year == 0 && (1..3).contains(&holiday.month));
    let dated = holidays.iter().filter(|holiday| holiday.year != 0);
    let sorted = from_march.chain(until_march).chain(dated).map(DayKey::of_holiday);
    for (slot, key) in keys.iter_mut().zip(sorted.chain(core::iter::repeat(DayKey::NONE))) {
        *slot = key;
    }
}

/// A set of layers: a bit for each position.
///
/// Every schedule has its positions side by side, strongest layer lowest: the temporary ones, one for what users have set, holiday layers, alternates,
/// the permanent one. So the layer that decides a day is the lowest of its schedule that names it, and one subtraction finds those of all schedules.
/// (Of the holiday layers two may decide together, when the day is a holiday of two groups.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LayerSet(pub(crate) [u32; LayerSet::WORDS]);

/// Bits of a [`LayerSet`].
pub(crate) const POSITIONS: usize = 32 * LayerSet::WORDS;

impl LayerSet {
    pub(crate) const WORDS: usize = 4;
    pub(crate) const NONE: Self = Self([0; Self::WORDS]);

    /// Adds `position`, if `condition`.
    pub(crate) fn add(&mut self, position: u8, condition: bool) {
        if let Some(word) = self.0.get_mut(usize::from(position / 32) % Self::WORDS) {
            *word |= u32::from(condition) << (position % 32);
        }
    }

    const fn bits(self) -> u128 {
        let [a, b, c, d] = self.0;
        a as u128 | (b as u128) << 32 | (c as u128) << 64 | (d as u128) << 96
    }

    const fn of_bits(bits: u128) -> Self {
        Self([bits as u32, (bits >> 32) as u32, (bits >> 64) as u32, (bits >> 96) as u32])
    }

    /// Adds all of `other`.
    #[inline(always)]
    pub(crate) fn extend(&mut self, other: &Self) {
        let ([a, b, c, d], [e, f, g, h]) = (&mut self.0, &other.0);
        *a |= e;
        *b |= f;
        *c |= g;
        *d |= h;
    }

    /// What is in one of the two and not in the other.
    const fn xor(self, other: Self) -> Self {
        Self::of_bits(self.bits() ^ other.bits())
    }

    fn masked(self, keep: bool) -> Self {
        // What reads memory would become a branch.
        let mask = settled(u32::from(keep).wrapping_neg());
        Self(self.0.map(|word| word & mask))
    }
}

/// A date from which on other layers name the days.
#[derive(Clone, Copy, Debug)]
struct Turn {
    date: i32,
    /// The layers with a range of dates that name the dates from here to the next turn.
    names: LayerSet,
}

impl Turn {
    /// On no date, and not so late that the distance to a date overflows.
    const NONE: Self = Self { date: i32::MAX / 2, names: LayerSet::NONE };
}

/// Kinds of position that a schedule has; what users set counts as one.
const RANKS: usize = 5;

/// Layers.
#[derive(Clone, Debug)]
struct LayerTable<const SCHEDULES: usize, const LAYERS: usize> {
    turns: [[Turn; 2]; LAYERS],
    /// Per group, and one for no group.
    of_groups: [LayerSet; 9],
    holidays: LayerSet,
    permanent: LayerSet,
    lowest: LayerSet,
    highest: LayerSet,
    positions: [u8; LAYERS],
    of_users: [u8; SCHEDULES],
}

impl<const SCHEDULES: usize, const LAYERS: usize> LayerTable<SCHEDULES, LAYERS> {
    const EMPTY: Self = {
        assert!(SCHEDULES + LAYERS <= POSITIONS, "schedules and layers share 128 positions");
        Self {
            turns: [[Turn::NONE; 2]; LAYERS],
            of_groups: [LayerSet::NONE; 9],
            holidays: LayerSet::NONE,
            permanent: LayerSet::NONE,
            lowest: LayerSet::NONE,
            highest: LayerSet::NONE,
            positions: [0; LAYERS],
            of_users: [0; SCHEDULES],
        }
    };

    fn fill(&mut self, layers: &[Layer]) {
        *self = Self::EMPTY;
        self.place(layers);
        let mut turns = 0;
        for (layer, position) in layers.iter().zip(self.positions).filter(|(layer, _)| layer.schedule != 0) {
            let mut itself = LayerSet::NONE;
            itself.add(position, true);
            match layer.kind {
                LayerKind::Permanent => self.permanent.extend(&itself),
                LayerKind::Holiday => {
                    self.holidays.extend(&itself);
                    for (group, of_group) in self.of_groups.iter_mut().enumerate() {
                        of_group.extend(&itself.masked(u32::from(layer.groups) >> group & 1 == 1));
                    }
                }
                LayerKind::Alternate | LayerKind::Temporary => {
                    for date in [layer.dates.from, layer.dates.until] {
                        turns += add_turn(self.turns.as_flattened_mut(), turns, Turn { date: date.0, names: itself });
                    }
                }
            }
        }
        // At each turn a layer begins or ceases to name the dates.
        let mut names = LayerSet::NONE;
        for turn in self.turns.as_flattened_mut().iter_mut().take(turns) {
            names = names.xor(turn.names);
            turn.names = names;
        }
    }

    /// Gives every layer its position.
    fn place(&mut self, layers: &[Layer]) {
        let rank = |layer: &Layer| {
            let within = match layer.kind {
                LayerKind::Temporary => 0,
                LayerKind::Holiday => 2,
                LayerKind::Alternate => 3,
                LayerKind::Permanent => 4,
            };
            usize::from(layer.schedule.wrapping_sub(1)) * RANKS + within
        };
        // How many positions each rank has, and then where the next one of each rank is.
        let mut next = [[0_u8, 1, 0, 0, 0]; SCHEDULES];
        for layer in layers {
            if let Some(count) = next.as_flattened_mut().get_mut(rank(layer)) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for (schedule, of_users) in next.iter_mut().zip(&mut self.of_users) {
            self.lowest.add(sum, true);
            for slot in schedule.iter_mut() {
                let first = sum;
                sum = sum.saturating_add(*slot);
                *slot = first;
            }
            self.highest.add(sum.wrapping_sub(1), true);
            *of_users = schedule[1];
        }
        for (layer, position) in layers.iter().zip(&mut self.positions) {
            if let Some(next) = next.as_flattened_mut().get_mut(rank(layer)) {
                *position = *next;
                *next += 1;
            }
        }
    }

    fn view(&self) -> LayerColumns<'_> {
        LayerColumns {
            turns: self.turns.as_flattened(),
            of_groups: &self.of_groups,
            holidays: self.holidays,
            permanent: self.permanent,
            lowest: self.lowest,
            highest: self.highest,
            positions: &self.positions,
            of_users: &self.of_users,
        }
    }
}

/// Puts `turn` in its place among the first `length` of `turns`. Returns how many more there are then: none if there was one with its date.
fn add_turn(turns: &mut [Turn], length: usize, turn: Turn) -> usize {
    let [place] = count_below(turns, [turn.date], |row, date| row.date - date);
    let mut rows = turns.iter_mut().skip(place).take(length - place + 1);
    match rows.next() {
        Some(row) if row.date == turn.date => {
            row.names = row.names.xor(turn.names);
            0
        }
        Some(row) => {
            let mut carried = core::mem::replace(row, turn);
            rows.for_each(|row| core::mem::swap(row, &mut carried));
            1
        }
        None => 0,
    }
}

/// Layers.
#[derive(Clone, Copy)]
pub(crate) struct LayerColumns<'a> {
    /// In order of their dates.
    turns: &'a [Turn],
    of_groups: &'a [LayerSet; 9],
    holidays: LayerSet,
    permanent: LayerSet,
    /// The strongest position of each schedule.
    lowest: LayerSet,
    /// The weakest position of each schedule.
    highest: LayerSet,
    /// Where each layer is in a [`LayerSet`].
    pub(crate) positions: &'a [u8],
    /// Per schedule, the position of what users have set.
    pub(crate) of_users: &'a [u8],
}

impl LayerColumns<'_> {
    /// The layers that name each of `dates`, which follow one another, by themselves and not as holidays.
    pub(crate) fn naming<const N: usize>(&self, dates: [Date; N]) -> [LayerSet; N] {
        let first = dates.first().copied().unwrap_or(Date::EARLIEST);
        let [mut turns] = count_below(self.turns, [first.0], |turn, date| turn.date - date);
        dates.map(|date| {
            // No date has two turns.
            turns += usize::from((self.turn(turns).date <= date.0) & (turns < self.turns.len()));
            let mut names = self.turn(turns.saturating_sub(1)).names.masked(turns != 0);
            names.extend(&self.permanent);
            names
        })
    }

    /// The turn at `index`; behind the last one, the last one.
    fn turn(&self, index: usize) -> &Turn {
        self.turns.get(index.min(self.turns.len().saturating_sub(1))).unwrap_or(&Turn::NONE)
    }

    /// The layers that name the holidays of `group`.
    pub(crate) fn of_group(&self, group: u32) -> &LayerSet {
        self.of_groups.get(group as usize).unwrap_or(&LayerSet::NONE)
    }

    /// What decides for each schedule on a day that the layers in `names` name.
    pub(crate) const fn deciding(&self, names: LayerSet) -> LayerSet {
        let (names, holidays) = (names.bits(), self.holidays.bits());
        // Within each schedule this is the subtraction of 1 that turns all bits up to the lowest set one; its highest bit keeps it from
        // borrowing from the next.
        let turned = (names | self.highest.bits()).wrapping_sub(self.lowest.bits());
        let strongest = names & !turned;
        // Adding a bit turns the holiday layers of its schedule from there on; what stands behind them takes the carry.
        let turned = holidays.wrapping_add(strongest & holidays);
        LayerSet::of_bits(strongest | (names & holidays & !turned))
    }
}

/// Spans. Minutes are signed, for that is what wide registers compare.
#[derive(Clone, Debug)]
struct SpanTable<const N: usize> {
    fortnights: [u16; N],
    opens_from: [i16; N],
    must_be_open_by: [i16; N],
    closes_from: [i16; N],
    must_be_closed_by: [i16; N],
    layers: [u8; N],
    schedules: [u8; N],
}

impl<const N: usize> SpanTable<N> {
    const EMPTY: Self = Self {
        fortnights: [0; N],
        opens_from: [0; N],
        must_be_open_by: [0; N],
        closes_from: [0; N],
        must_be_closed_by: [0; N],
        layers: [0; N],
        schedules: [0; N],
    };

    fn fill(&mut self, layers: &[Layer], positions: &[u8], spans: &[Span]) {
        let index = |span: &Span| usize::from(span.layer).wrapping_sub(1);
        let schedule = |span: &Span| layers.get(index(span)).map_or(0, |layer| layer.schedule);
        fill(&mut self.fortnights, spans, |span| span.weekdays.fortnight());
        fill(&mut self.opens_from, spans, |span| signed(span.opens_from));
        fill(&mut self.must_be_open_by, spans, |span| signed(span.must_be_open_by));
        fill(&mut self.closes_from, spans, |span| signed(span.closes_from));
        fill(&mut self.must_be_closed_by, spans, |span| signed(span.must_be_closed_by));
        fill(&mut self.layers, spans, |span| positions.get(index(span)).map_or(0, |position| *position));
        fill(&mut self.schedules, spans, |span| schedule(span).wrapping_sub(1));
    }

    fn view(&self) -> SpanColumns<'_> {
        SpanColumns {
            fortnights: &self.fortnights,
            opens_from: &self.opens_from,
            must_be_open_by: &self.must_be_open_by,
            closes_from: &self.closes_from,
            must_be_closed_by: &self.must_be_closed_by,
            layers: &self.layers,
            schedules: &self.schedules,
        }
    }
}

/// A minute as a signed number; no deadline stays later than every minute.
fn signed(minute: u16) -> i16 {
    i16::try_from(minute).unwrap_or(i16::MAX)
}

/// Spans.
#[derive(Clone, Copy)]
pub(crate) struct SpanColumns<'a> {
    /// See [`Weekdays::fortnight`](crate::time::Weekdays::fortnight). 0 in an empty slot.
    pub(crate) fortnights: &'a [u16],
    pub(crate) opens_from: &'a [i16],
    pub(crate) must_be_open_by: &'a [i16],
    pub(crate) closes_from: &'a [i16],
    pub(crate) must_be_closed_by: &'a [i16],
    /// Positions in a [`LayerSet`].
    pub(crate) layers: &'a [u8],
    /// Counted from 0.
    pub(crate) schedules: &'a [u8],
}

/// Temp-open windows.
#[derive(Clone, Debug)]
struct WindowTable<const N: usize> {
    areas: [[Areas; N]; SYSTEMS],
    from_dates: [i32; N],
    until_dates: [i32; N],
    fortnights: [u16; N],
    from: [i16; N],
    until: [i16; N],
}

impl<const N: usize> WindowTable<N> {
    const EMPTY: Self = Self {
        areas: [[Areas::NONE; N]; SYSTEMS],
        from_dates: [0; N],
        until_dates: [0; N],
        fortnights: [0; N],
        from: [0; N],
        until: [0; N],
    };

    fn fill(&mut self, windows: &[TempOpenWindow]) {
        fill(&mut self.from_dates, windows, |window| window.dates.from.0);
        fill(&mut self.until_dates, windows, |window| window.dates.until.0);
        fill(&mut self.fortnights, windows, |window| window.weekdays.fortnight());
        fill(&mut self.from, windows, |window| signed(window.from));
        fill(&mut self.until, windows, |window| signed(window.until));
    }

    fn view(&self) -> WindowColumns<'_> {
        WindowColumns {
            areas: AreaColumns(self.areas.as_flattened()),
            from_dates: &self.from_dates,
            until_dates: &self.until_dates,
            fortnights: &self.fortnights,
            from: &self.from,
            until: &self.until,
        }
    }
}

/// Temp-open windows.
#[derive(Clone, Copy)]
pub(crate) struct WindowColumns<'a> {
    pub(crate) areas: AreaColumns<'a>,
    pub(crate) from_dates: &'a [i32],
    pub(crate) until_dates: &'a [i32],
    /// See [`Weekdays::fortnight`](crate::time::Weekdays::fortnight). 0 in an empty slot.
    pub(crate) fortnights: &'a [u16],
    pub(crate) from: &'a [i16],
    pub(crate) until: &'a [i16],
}

fn fill<T, R>(column: &mut [T], rows: &[R], value: impl Fn(&R) -> T) {
    for (slot, row) in column.iter_mut().zip(rows) {
        *slot = value(row);
    }
}

fn fill_areas<const N: usize>(columns: &mut [[Areas; N]; SYSTEMS], lists: &[AreaList], numbers: impl Iterator<Item = ListNumber> + Clone) {
    for (system, column) in (1..).zip(columns) {
        for (slot, number) in column.iter_mut().zip(numbers.clone()) {
            let list = lists.get(usize::from(number.0).wrapping_sub(1)).unwrap_or(AreaList::EMPTY);
            *slot = list.of_system(system);
        }
    }
}
