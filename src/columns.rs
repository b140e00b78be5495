//! What a check searches, as columns.
//!
//! A row that is compared with now is a threshold: in ascending order, with the set of the rows up to each, thresholds answer for all rows with one
//! search. Dates, weekdays, holiday groups and times of day each give a set of spans, and what holds now is what is in all of them. The columns are made
//! from the rows of a policy, and from the spans that users have set, when these change; they say nothing of their own.

use crate::contact::ListNumber;
use crate::ledger::panel::LOCAL_SPANS;
use crate::mask::{Mask, select};
use crate::place::{AreaList, Areas, Place, SYSTEMS};
use crate::schedule::{Holiday, LAYERS, Layer, LayerKind, LocalSpan, SCHEDULES, Schedule, Span, TempOpenWindow};
use crate::table::{Row, count_below};
use crate::time::{Date, DateRange};
use crate::zone::DAY;

pub use set::{SpanSet, Wide};

mod set {
    use core::fmt::Debug;
    use core::ops::{BitAnd, BitOr, Not};

    use crate::columns::End;
    use crate::mask::Mask;

    /// A set of the spans of a site, a bit for each: `u32`, `u64` or [`Wide`].
    ///
    /// A [`Panel`](crate::Panel) takes one with as many bits as its `SPANS`, its `SCHEDULES` and the 8 spans that users may set at the keypad are together, and with two for
    /// each of its `LAYERS` and of those 8. With fewer it does not compile.
    #[allow(private_interfaces, reason = "only this crate can name them")]
    pub trait SpanSet: Copy + Debug + Eq + BitAnd<Output = Self> + BitOr<Output = Self> + Not<Output = Self> + Sealed {}

    /// What a set can do, and arrays with room for something of each bit.
    pub trait Sealed: Sized {
        /// How many bits there are: a power of two.
        const BITS: usize;
        const NONE: Self;
        /// An array for a minute of each bit, and so on.
        type Minutes: AsRef<[i16]> + AsMut<[i16]> + Copy + Debug;
        type Sets: AsRef<[Self]> + AsMut<[Self]> + Copy + Debug;
        type Dates: AsRef<[i32]> + AsMut<[i32]> + Copy + Debug;
        /// Arrays with two for each bit.
        type Keys: AsRef<[i32]> + AsMut<[i32]> + Copy + Debug;
        type Ends: AsRef<[End]> + AsMut<[End]> + Copy + Debug;
        const NO_MINUTES: Self::Minutes;
        const NO_SETS: Self::Sets;
        const NO_DATES: Self::Dates;
        const NO_KEYS: Self::Keys;
        const NO_ENDS: Self::Ends;

        /// The set of one bit.
        fn bit(position: u8) -> Self;
        fn plus(self, other: Self) -> Self;
        fn minus(self, other: Self) -> Self;
        fn doubled(self) -> Self;
        fn is_empty(&self) -> bool;
        /// `self` if the mask's condition holds, else nothing.
        fn masked(self, mask: Mask) -> Self;
    }

    /// 128 bits that are aligned as 64 are.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Wide([u64; 2]);

    impl Wide {
        const fn of(bits: u128) -> Self {
            Self([bits as u64, (bits >> 64) as u64])
        }

        const fn bits(self) -> u128 {
            let Self([low, high]) = self;
            (high as u128) << 64 | low as u128
        }
    }

    impl BitAnd for Wide {
        type Output = Self;
        #[inline(always)]
        fn bitand(self, other: Self) -> Self {
            Self::of(self.bits() & other.bits())
        }
    }

    impl BitOr for Wide {
        type Output = Self;
        #[inline(always)]
        fn bitor(self, other: Self) -> Self {
            Self::of(self.bits() | other.bits())
        }
    }

    impl Not for Wide {
        type Output = Self;
        #[inline(always)]
        fn not(self) -> Self {
            Self::of(!self.bits())
        }
    }

    /// For an integer that is a set by itself.
    const fn itself<T: Copy>(bits: T) -> T {
        bits
    }

    /// Sets that are made of the bits of an integer.
    macro_rules! span_sets {
        ($($set:ty, $bits:ty, $of:expr, $to:expr;)*) => {$(
            impl SpanSet for $set {}
            #[allow(private_interfaces, reason = "only this crate can name them")]
            impl Sealed for $set {
                const BITS: usize = <$bits>::BITS as usize;
                const NONE: Self = $of(0);
                type Minutes = [i16; <Self as Sealed>::BITS];
                type Sets = [Self; <Self as Sealed>::BITS];
                type Dates = [i32; <Self as Sealed>::BITS];
                type Keys = [i32; 2 * <Self as Sealed>::BITS];
                type Ends = [End; 2 * <Self as Sealed>::BITS];
                const NO_MINUTES: Self::Minutes = [i16::MAX; <Self as Sealed>::BITS];
                const NO_SETS: Self::Sets = [Self::NONE; <Self as Sealed>::BITS];
                const NO_DATES: Self::Dates = [super::NO_TURN; <Self as Sealed>::BITS];
                const NO_KEYS: Self::Keys = [0; 2 * <Self as Sealed>::BITS];
                const NO_ENDS: Self::Ends = [End::NEVER; 2 * <Self as Sealed>::BITS];

                #[inline(always)]
                fn bit(position: u8) -> Self {
                    $of(1 << (u32::from(position) % <$bits>::BITS))
                }
                #[inline(always)]
                fn plus(self, other: Self) -> Self {
                    $of($to(self).wrapping_add($to(other)))
                }
                #[inline(always)]
                fn minus(self, other: Self) -> Self {
                    $of($to(self).wrapping_sub($to(other)))
                }
                #[inline(always)]
                fn doubled(self) -> Self {
                    $of($to(self) << 1)
                }
                #[inline(always)]
                fn is_empty(&self) -> bool {
                    $to(*self) == 0
                }
                #[inline(always)]
                fn masked(self, mask: Mask) -> Self {
                    $of($to(self) & mask.bits() as $bits)
                }
            }
        )*};
    }
    span_sets! {
        u32, u32, itself, itself;
        u64, u64, itself, itself;
        Wide, u128, Wide::of, Wide::bits;
    }
}

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
    governed: [[Areas; SCHEDULES]; SYSTEMS],
    /// The guard of each schedule.
    guards: [Set; SCHEDULES],
    /// Where each span is in a set.
    positions: [u8; SPANS],
    spans: SpanColumns<Set>,
    holidays: [DayKey; HOLIDAYS],
    windows: WindowTable<WINDOWS>,
}

impl<Set: SpanSet, const SCHEDULES_: usize, const LAYERS_: usize, const SPANS: usize, const HOLIDAYS: usize, const WINDOWS: usize>
    ColumnTables<Set, SCHEDULES_, LAYERS_, SPANS, HOLIDAYS, WINDOWS>
{
    pub(crate) const EMPTY: Self = {
        assert!(
            SPANS + SCHEDULES_ + LOCAL_SPANS <= Set::BITS,
            "a set of spans with a bit for each span, schedule and span set at the keypad"
        );
        assert!(2 * (LAYERS_ + LOCAL_SPANS) <= Set::BITS, "a set of spans with two bits for each layer and span set at the keypad");
        assert!(WINDOWS < 32, "more temp-open windows than keyholder::schedule supports");
        Self {
            governed: [[Areas::NONE; SCHEDULES_]; SYSTEMS],
            guards: [Set::NONE; SCHEDULES_],
            positions: [0; SPANS],
            spans: SpanColumns::EMPTY,
            holidays: [DayKey::NONE; HOLIDAYS],
            windows: WindowTable::EMPTY,
        }
    };

    /// Makes the columns from all slots of the tables and what users have set.
    pub(crate) fn fill(&mut self, rows: &TimetableRows<'_>) {
        let TimetableRows { lists, schedules, layers, spans, holidays, windows, local } = *rows;
        fill_areas(&mut self.governed, lists, schedules.iter().map(|schedule| schedule.areas));
        self.guards.fill(Set::NONE);
        self.spans.clear();
        self.spans.fill(layers, spans, local, &mut self.guards, &mut self.positions);
        fill_holidays(&mut self.holidays, holidays);
        self.windows.fill(lists, windows);
    }

    pub(crate) fn view(&self) -> Columns<'_, Set> {
        Columns {
            governed: AreaColumns(self.governed.as_flattened()),
            guards: &self.guards,
            positions: &self.positions,
            spans: &self.spans,
            holidays: &self.holidays,
            windows: self.windows.view(),
        }
    }
}

/// What columns are made from: all slots of each table.
#[derive(Clone, Copy)]
pub(crate) struct TimetableRows<'a> {
    pub(crate) lists: &'a [AreaList],
    pub(crate) schedules: &'a [Schedule],
    pub(crate) layers: &'a [Layer],
    pub(crate) spans: &'a [Span],
    pub(crate) holidays: &'a [Holiday],
    pub(crate) windows: &'a [TempOpenWindow],
    /// What users have set.
    pub(crate) local: &'a [LocalSpan],
}

/// [`ColumnTables`] of any capacity; every slot is there, empty ones included.
#[derive(Clone, Copy)]
pub(crate) struct Columns<'a, Set: SpanSet> {
    /// Per system, the areas that each schedule governs.
    pub(crate) governed: AreaColumns<'a>,
    /// Per schedule, its guard: see [`SpanColumns`].
    pub(crate) guards: &'a [Set],
    /// Per span, where it is in a set.
    pub(crate) positions: &'a [u8],
    pub(crate) spans: &'a SpanColumns<Set>,
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
    const fn yearly(day: u32) -> Self {
        Self(day << 3)
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

    /// The lowest keys that holidays on the day before `today`, on it and after it have: as ones of every year, and as ones of that year alone.
    pub(crate) fn around(today: Date) -> [[Self; 3]; 2] {
        let (after, last_year) = Date(today.0 + 1).since_march();
        let yearly = |day: i32| Self::yearly((day + select(day < 0, last_year, 0)) as u32);
        let dated = |shift: i32| Self::dated(Date(today.0 + shift));
        // One by one: over an array it would be a loop where the compiler builds for size.
        [[yearly(after - 2), yearly(after - 1), yearly(after)], [dated(-1), dated(0), dated(1)]]
    }

    /// The group of this holiday, if it is on the day of `key`, which has group 0; else [`DayKey::NO_GROUP`].
    pub(crate) fn group_on(self, key: Self) -> u32 {
        self.0.wrapping_sub(key.0).min(Self::NO_GROUP)
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

/// Up to one less minutes than a set has bits, in ascending order.
///
/// They form a search tree: those below the one at node `n` are in the branch of node `2n`, the others in that of `2n + 1`. So a search is the same few
/// instructions whatever it looks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Minutes<Set: SpanSet>(Set::Minutes);

impl<Set: SpanSet> Minutes<Set> {
    const NONE: Self = Self(Set::NO_MINUTES);

    /// How many `limit` reaches.
    #[inline(always)]
    fn rank(&self, limit: i32) -> usize {
        let mut node = 1;
        macro_rules! descend {
            ($($levels:literal)*) => {$(
                if Set::BITS >> $levels != 0 {
                    let distance = self.0.as_ref().get(node % Set::BITS).map_or(0, |value| i32::from(*value)) - limit - 1;
                    node = node << 1 | (distance as u32 >> 31) as usize;
                }
            )*};
        }
        // One by one: a loop takes half as many instructions again.
        descend!(1 2 3 4 5 6 7);
        node % Set::BITS
    }

    /// Puts the next one in its place, the `number`th.
    fn put(&mut self, number: usize, minute: i32) {
        if let Some(node) = self.0.as_mut().get_mut((Set::BITS | number) >> (number.trailing_zeros() + 1)) {
            *node = minute as i16;
        }
    }
}

/// Thresholds of spans, in ascending order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Thresholds<Set: SpanSet> {
    minutes: Minutes<Set>,
    /// For each number of minutes, the spans that have those.
    lowest: Set::Sets,
}

impl<Set: SpanSet> Thresholds<Set> {
    const EMPTY: Self = Self { minutes: Minutes::NONE, lowest: Set::NO_SETS };

    /// The spans whose minute `limit` reaches.
    #[inline(never)]
    pub(crate) fn up_to(&self, limit: i32) -> Set {
        self.lowest(self.minutes.rank(limit))
    }

    /// The spans with the lowest minutes, so many.
    #[inline(always)]
    fn lowest(&self, number: usize) -> Set {
        self.lowest.as_ref().get(number % Set::BITS).copied().unwrap_or(Set::NONE)
    }

    fn clear(&mut self) {
        self.minutes.0.as_mut().fill(i16::MAX);
        self.lowest.as_mut().fill(Set::NONE);
    }

    /// Takes minutes, each with the position of its span in the eight bits below it.
    fn fill(&mut self, (mut keys, length): (Set::Keys, usize)) {
        let keys = keys.as_mut().get_mut(..length).unwrap_or_default();
        sort(keys);
        let mut lowest = Set::NONE;
        let mut keys = keys.iter();
        for (number, set) in self.lowest.as_mut().iter_mut().enumerate().skip(1) {
            if let Some(key) = keys.next() {
                self.minutes.put(number, *key >> 8);
                lowest = lowest | Set::bit(*key as u8);
            }
            // Whoever asks for more than there are gets all.
            *set = lowest;
        }
    }
}

/// In ascending order (Shell, with Ciura's gaps): short, and fast enough for as many as there are.
fn sort(keys: &mut [i32]) {
    for gap in [57, 23, 10, 4, 1] {
        for end in gap..keys.len() {
            let Some(key) = keys.get(end).copied() else { return };
            let mut slot = end;
            while let Some(before) = slot.checked_sub(gap).and_then(|index| keys.get(index)).copied().filter(|before| *before > key) {
                if let Some(slot) = keys.get_mut(slot) {
                    *slot = before;
                }
                slot -= gap;
            }
            if let Some(slot) = keys.get_mut(slot) {
                *slot = key;
            }
        }
    }
}

/// In place of a date from which on something else holds: on no date, and not so late that the distance to a date overflows.
const NO_TURN: i32 = i32::MAX / 2;

/// Sorts the dates on which ranges begin and end, each with the number of its range in the eight bits below it, and works out what holds from each on.
fn fill_turns<T: Copy>(keys: &mut [i32], dates: &mut [i32], held: &mut [T], mut turn: impl FnMut(u8) -> T) {
    sort(keys);
    let mut slots = dates.iter_mut().zip(held);
    let mut last = slots.next();
    for key in keys {
        // Of one date there is one row, that of its last turn.
        if last.as_ref().is_some_and(|(date, _)| **date != NO_TURN && **date != *key >> 8) {
            last = slots.next();
        }
        let holds = turn(*key as u8);
        if let Some((date, held)) = &mut last {
            (**date, **held) = (*key >> 8, holds);
        }
    }
}

/// For each of the days from `first` on, the index of the last turn in `dates`; before the first turn, beyond all.
#[inline(always)]
fn turned<const N: usize>(dates: &[i32], first: Date) -> [usize; N] {
    let mut rank = count_below(dates, |turn| turn - first.0 - 1);
    let last = dates.len().saturating_sub(1);
    let mut date = first.0;
    [(); N].map(|()| {
        // No date has two turns. Behind the last one nothing holds, however far.
        rank += ((dates.get(rank.min(last)).map_or(0, |turn| turn - date - 1)) as u32 >> 31) as usize;
        date += 1;
        rank.wrapping_sub(1)
    })
}

/// Sets by the weekday that a row starts on, from Monday to the Tuesday after the next: the days around today follow one another.
const WEEKDAYS: usize = 9;

/// When the hours of a place may end.
#[derive(Clone, Copy, Debug)]
pub struct End {
    /// Minutes from today's midnight.
    at: i16,
    /// How many of today's spans are over then, by their must-be-closed-by.
    today: u8,
    /// How many of yesterday's.
    yesterday: u8,
}

impl End {
    /// Behind all: every span is over.
    const NEVER: Self = Self { at: i16::MAX, today: u8::MAX, yesterday: u8::MAX };
}

/// Kinds of what a schedule has in a set.
const RANKS: usize = 6;
/// That of its holiday layers.
const HOLIDAY: usize = 2;

/// Spans, and the layers they belong to.
///
/// In a set every schedule has its spans side by side, those of its strongest layer lowest: of the temporary layers, what users have set for whole dates, of the holiday layers,
/// the alternates, the permanent one; then extensions, and last the guard, a bit of no span. A layer's first span stands for the layer; one without spans
/// has a bit nevertheless, which never starts. So the layer that decides a day is the lowest of its schedule that names it, one subtraction finds those of all
/// schedules, and one addition whether anything is left of each: the guard tells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SpanColumns<Set: SpanSet> {
    pub(crate) opens_from: Thresholds<Set>,
    pub(crate) must_be_open_by: Thresholds<Set>,
    pub(crate) closes_from: Thresholds<Set>,
    pub(crate) must_be_closed_by: Thresholds<Set>,
    /// In ascending order.
    ends: Set::Ends,
    /// The dates from which on other layers name the days, ascending, and what holds then: layers with dates, and what users have set.
    dates: Set::Dates,
    named: Set::Sets,
    by_weekday: [Set; WEEKDAYS],
    /// Per group, and one for no group, the layers that it names.
    of_groups: [Set; 9],
    permanent: Set,
    /// The holiday layers, and all that belongs to them.
    holidays: Set,
    of_holidays: Set,
    /// Spans that are not the first of their layer.
    further: Set,
    /// What users have set: it starts on its date, whatever decides; and that part of it which decides nothing.
    of_users: Set,
    extensions: Set,
    /// The lowest bit of every schedule.
    lowest: Set,
    guards: Set,
}

impl<Set: SpanSet> SpanColumns<Set> {
    const EMPTY: Self = Self {
        opens_from: Thresholds::EMPTY,
        must_be_open_by: Thresholds::EMPTY,
        closes_from: Thresholds::EMPTY,
        must_be_closed_by: Thresholds::EMPTY,
        ends: Set::NO_ENDS,
        dates: Set::NO_DATES,
        named: Set::NO_SETS,
        by_weekday: [Set::NONE; WEEKDAYS],
        of_groups: [Set::NONE; 9],
        permanent: Set::NONE,
        holidays: Set::NONE,
        of_holidays: Set::NONE,
        further: Set::NONE,
        of_users: Set::NONE,
        extensions: Set::NONE,
        lowest: Set::NONE,
        guards: Set::NONE,
    };

    /// What starts on the three days from `first` on, whose weekday is `weekday`; their holidays are of those `groups`.
    #[inline(always)]
    pub(crate) fn starting(&self, first: Date, weekday: u32, groups: [[usize; 3]; 2]) -> [Set; 3] {
        let turns = turned::<3>(self.dates.as_ref(), first);
        let [yearly, dated] = groups;
        let mut days = [Set::NONE; 3];
        let of_group = |group: usize| self.of_groups.get(group % 9).copied().unwrap_or(Set::NONE);
        for ((day, turn), ((yearly, dated), weekday)) in days.iter_mut().zip(turns).zip(yearly.into_iter().zip(dated).zip(weekday..)) {
            // In the last slot nothing holds: after the last turn, or because it is not needed.
            let turned = self.named.as_ref().get(turn % Set::BITS).copied().unwrap_or(Set::NONE);
            let names = self.permanent | (turned & !self.extensions) | of_group(yearly) | of_group(dated);
            let weekday = self.by_weekday.get(weekday as usize).copied().unwrap_or(Set::NONE);
            *day = (self.deciding(names) & weekday) | (turned & self.of_users);
        }
        days
    }

    /// When the first of the schedules with a guard in `asked` is no longer open, of which `today` and `yesterday` are the spans that hold now; in minutes from today's midnight.
    #[inline(always)]
    pub(crate) fn end(&self, asked: Set, today: Set, yesterday: Set) -> i32 {
        let ends = self.ends.as_ref();
        let mut index = 0;
        for step in (0..=Set::BITS.ilog2()).rev() {
            let end = ends.get((index + (1 << step) - 1) % (2 * Set::BITS)).copied().unwrap_or(End::NEVER);
            let over = &self.must_be_closed_by;
            let left = (today & !over.lowest(usize::from(end.today))) | (yesterday & !over.lowest(usize::from(end.yesterday)));
            let goes_on = (asked & !self.any(left)).is_empty();
            index += usize::from(goes_on) << step;
        }
        i32::from(ends.get(index % (2 * Set::BITS)).copied().unwrap_or(End::NEVER).at)
    }

    /// The spans of what decides for each schedule on a day that the layers in `names` name.
    #[inline(always)]
    fn deciding(&self, names: Set) -> Set {
        // Within each schedule this is the subtraction of 1 that turns all bits up to the lowest set one; its guard keeps it from borrowing from the next.
        let strongest = names & !(names | self.guards).minus(self.lowest);
        // Adding a bit turns what belongs to the holiday layers of its schedule from there on; what stands behind them takes the carry. Of the holiday layers
        // two may decide together, when the day is a holiday of two groups.
        let turned = self.of_holidays.plus(strongest & self.holidays);
        let layers = strongest | (names & self.holidays & !turned);
        layers | (self.further & !self.further.plus(layers.doubled()))
    }

    /// Whether each schedule has anything in `set`: its guard, if so.
    #[inline(always)]
    pub(crate) fn any(&self, set: Set) -> Set {
        set.plus(self.guards.minus(self.lowest)) & self.guards
    }

    /// Makes it as it was. (To copy [`EMPTY`](Self::EMPTY) would be a constant of that size.)
    fn clear(&mut self) {
        for thresholds in [&mut self.opens_from, &mut self.must_be_open_by, &mut self.closes_from, &mut self.must_be_closed_by] {
            thresholds.clear();
        }
        self.ends.as_mut().fill(End::NEVER);
        self.dates.as_mut().fill(NO_TURN);
        self.named.as_mut().fill(Set::NONE);
        self.by_weekday.fill(Set::NONE);
        self.of_groups.fill(Set::NONE);
        let single = [&mut self.permanent, &mut self.holidays, &mut self.of_holidays, &mut self.further, &mut self.of_users];
        for set in single.into_iter().chain([&mut self.extensions, &mut self.lowest, &mut self.guards]) {
            *set = Set::NONE;
        }
    }

    /// Takes what has been put in place from all slots of the tables.
    fn fill(&mut self, layers: &[Layer], spans: &[Span], local: &[LocalSpan], guards: &mut [Set], positions: &mut [u8]) {
        let mut first = [0; LAYERS];
        let mut of_local = [0; LOCAL_SPANS];
        self.place(layers, spans, local, guards, (&mut first, &mut of_local));
        self.fill_layers(layers, &first);
        let mut next = first;
        for (span, position) in spans.iter().zip(positions.iter_mut()) {
            let Some(next) = next.get_mut(usize::from(span.layer).wrapping_sub(1)) else { continue };
            *position = *next;
            *next += 1;
            let itself = Set::bit(*position);
            let is_first = first.get(usize::from(span.layer) - 1) == Some(position);
            self.further = self.further | itself.masked(Mask::of(!is_first));
            for (weekday, set) in self.by_weekday.iter_mut().enumerate() {
                *set = *set | itself.masked(Mask::of(span.weekdays.fortnight() >> weekday & 1 == 1));
            }
        }
        for (row, position) in local.iter().zip(of_local).filter(|(row, _)| row.schedule != 0) {
            let itself = Set::bit(position);
            // A date that a user keeps closed has no hours, and so no margins around them.
            self.of_users = self.of_users | itself.masked(Mask::of(row.span.must_be_closed_by != 0));
            self.extensions = self.extensions | itself.masked(Mask::of(!row.replaces));
        }
        let of_policy = spans.iter().zip(positions.iter().copied()).filter(|(span, _)| span.layer != 0);
        let of_users = local.iter().zip(of_local).filter(|(row, _)| row.schedule != 0 && row.span.must_be_closed_by != 0);
        let all = || of_policy.clone().chain(of_users.clone().map(|(row, position)| (&row.span, position)));
        self.opens_from.fill(keys::<Set>(all().map(|(span, position)| (span.opens_from, position))));
        self.must_be_open_by.fill(keys::<Set>(all().map(|(span, position)| (span.must_be_open_by, position))));
        self.closes_from.fill(keys::<Set>(all().map(|(span, position)| (span.closes_from, position))));
        self.must_be_closed_by.fill(keys::<Set>(all().map(|(span, position)| (span.must_be_closed_by, position))));
        self.fill_turns(layers, &first, local, &of_local);
        self.fill_ends(all().map(|(span, _)| i32::from(span.must_be_closed_by)));
    }

    /// Gives every layer, every span that users have set and every guard its bit.
    fn place(
        &mut self,
        layers: &[Layer],
        spans: &[Span],
        local: &[LocalSpan],
        guards: &mut [Set],
        (first, of_local): (&mut [u8; LAYERS], &mut [u8; LOCAL_SPANS]),
    ) {
        let mut bits = [0_u8; LAYERS];
        for span in spans {
            if let Some(bits) = bits.get_mut(usize::from(span.layer).wrapping_sub(1)) {
                *bits += 1;
            }
        }
        let rank_of_layer = |layer: &Layer| {
            let rank = match layer.kind {
                LayerKind::Temporary => 0,
                LayerKind::Holiday => HOLIDAY,
                LayerKind::Alternate => 3,
                LayerKind::Permanent => 4,
            };
            usize::from(layer.schedule).wrapping_sub(1).wrapping_mul(RANKS).wrapping_add(rank)
        };
        let rank_of_local =
            |row: &LocalSpan| usize::from(row.schedule).wrapping_sub(1).wrapping_mul(RANKS).wrapping_add(if row.replaces { 1 } else { 5 });
        // How many bits each rank has, and then where its next one is.
        let mut next = [[0_u8; RANKS]; SCHEDULES];
        for (layer, bits) in layers.iter().zip(&mut bits) {
            // A layer without spans stands there itself.
            *bits = (*bits).max(1);
            if let Some(count) = next.as_flattened_mut().get_mut(rank_of_layer(layer)) {
                *count += *bits;
            }
        }
        for row in local {
            if let Some(count) = next.as_flattened_mut().get_mut(rank_of_local(row)) {
                *count += 1;
            }
        }
        let mut sum = 0_u8;
        for (ranks, guard) in next.iter_mut().zip(guards) {
            self.lowest = self.lowest | Set::bit(sum);
            for (rank, slot) in ranks.iter_mut().enumerate() {
                let from = sum;
                sum = sum.saturating_add(*slot);
                if rank == HOLIDAY {
                    self.of_holidays = (from..sum).fold(self.of_holidays, |set, position| set | Set::bit(position));
                }
                *slot = from;
            }
            *guard = Set::bit(sum);
            self.guards = self.guards | *guard;
            sum = sum.saturating_add(1);
        }
        for ((layer, bits), first) in layers.iter().zip(bits).zip(first) {
            if let Some(next) = next.as_flattened_mut().get_mut(rank_of_layer(layer)) {
                *first = *next;
                *next += bits;
            }
        }
        for (row, position) in local.iter().zip(of_local) {
            if let Some(next) = next.as_flattened_mut().get_mut(rank_of_local(row)) {
                *position = *next;
                *next += 1;
            }
        }
    }

    fn fill_layers(&mut self, layers: &[Layer], first: &[u8; LAYERS]) {
        for (layer, first) in layers.iter().zip(first).filter(|(layer, _)| layer.schedule != 0) {
            let itself = Set::bit(*first);
            match layer.kind {
                LayerKind::Permanent => self.permanent = self.permanent | itself,
                LayerKind::Holiday => {
                    self.holidays = self.holidays | itself;
                    for (group, set) in self.of_groups.iter_mut().enumerate() {
                        *set = *set | itself.masked(Mask::of(u32::from(layer.groups) >> group & 1 == 1));
                    }
                }
                LayerKind::Alternate | LayerKind::Temporary => {}
            }
        }
    }

    fn fill_turns(&mut self, layers: &[Layer], first: &[u8; LAYERS], local: &[LocalSpan], of_local: &[u8; LOCAL_SPANS]) {
        let dated = layers.iter().zip(first).filter(|(layer, _)| layer.schedule != 0 && layer.dates != DateRange::NEVER);
        let set = local.iter().zip(of_local).filter(|(row, _)| row.schedule != 0);
        let dated = dated.map(|(layer, position)| (layer.dates, *position));
        let set = set.map(|(row, position)| (DateRange { from: row.date, until: Date(row.date.0 + 1) }, *position));
        let turns = dated.chain(set).flat_map(|(dates, position)| [dates.from, dates.until].map(|date| date.0 << 8 | i32::from(position)));
        let (mut keys, length) = gathered::<Set>(turns);
        let mut holds = Set::NONE;
        fill_turns(keys.as_mut().get_mut(..length).unwrap_or_default(), self.dates.as_mut(), self.named.as_mut(), |position| {
            // It begins to hold, or ceases to.
            let itself = Set::bit(position);
            holds = (holds | itself) & !(holds & itself);
            holds
        });
    }

    /// Takes every must-be-closed-by.
    fn fill_ends(&mut self, closings: impl Iterator<Item = i32>) {
        let (mut keys, length) = gathered::<Set>(closings.flat_map(|minute| [minute, minute - DAY]).filter(|minute| 0 < *minute));
        let keys = keys.as_mut().get_mut(..length).unwrap_or_default();
        sort(keys);
        for (end, key) in self.ends.as_mut().iter_mut().zip(keys) {
            let [today, yesterday] = [*key, *key + DAY].map(|limit| self.must_be_closed_by.minutes.rank(limit));
            *end = End { at: *key as i16, today: today as u8, yesterday: yesterday as u8 };
        }
    }
}

/// Keys for [`Thresholds::fill`].
fn keys<Set: SpanSet>(values: impl Iterator<Item = (u16, u8)>) -> (Set::Keys, usize) {
    gathered::<Set>(values.map(|(minute, position)| i32::from(minute.min(i16::MAX as u16)) << 8 | i32::from(position)))
}

/// Up to as many keys as there is room for, and how many they are.
fn gathered<Set: SpanSet>(all: impl Iterator<Item = i32>) -> (Set::Keys, usize) {
    let mut keys = Set::NO_KEYS;
    let mut length = 0;
    for (slot, key) in keys.as_mut().iter_mut().zip(all) {
        *slot = key;
        length += 1;
    }
    (keys, length)
}

/// Temp-open windows, in the order of their ends; in a set the first is the lowest bit.
#[derive(Clone, Debug)]
struct WindowTable<const N: usize> {
    areas: [[Areas; N]; SYSTEMS],
    dates: [[i32; 2]; N],
    named: [[u32; 2]; N],
    by_weekday: [u32; WEEKDAYS],
    from: Thresholds<u32>,
    until: Minutes<u32>,
    ends: [i16; N],
}

impl<const N: usize> WindowTable<N> {
    const EMPTY: Self = Self {
        areas: [[Areas::NONE; N]; SYSTEMS],
        dates: [[NO_TURN; 2]; N],
        named: [[0; 2]; N],
        by_weekday: [0; WEEKDAYS],
        from: Thresholds::EMPTY,
        until: Minutes::NONE,
        ends: [0; N],
    };

    fn fill(&mut self, lists: &[AreaList], windows: &[TempOpenWindow]) {
        self.areas.as_flattened_mut().fill(Areas::NONE);
        self.dates.as_flattened_mut().fill(NO_TURN);
        self.named.as_flattened_mut().fill(0);
        self.by_weekday.fill(0);
        self.from.clear();
        self.until.0.fill(i16::MAX);
        self.ends.fill(0);
        let mut order = [0; N];
        let mut length = 0;
        for ((key, window), index) in order.iter_mut().zip(windows).zip(0..).filter(|((_, window), _)| window.areas != ListNumber::NONE) {
            *key = i32::from(window.until) << 8 | index;
            length += 1;
        }
        let order = order.get_mut(..length).unwrap_or_default();
        sort(order);
        let ordered = || order.iter().filter_map(|key| windows.get((*key & 0xff) as usize));
        fill_areas(&mut self.areas, lists, ordered().map(|window| window.areas));
        for ((end, window), number) in self.ends.iter_mut().zip(ordered()).zip(1..) {
            *end = window.until as i16;
            self.until.put(number, i32::from(window.until));
        }
        for (index, window) in ordered().enumerate() {
            for (weekday, set) in self.by_weekday.iter_mut().enumerate() {
                *set |= u32::from(window.weekdays.fortnight() >> weekday & 1) << index;
            }
        }
        self.from.fill(keys::<u32>(ordered().zip(0..).map(|(window, index)| (window.from, index))));
        let mut keys = [[0; 2]; N];
        for ((key, window), index) in keys.iter_mut().zip(ordered()).zip(0..) {
            *key = [window.dates.from, window.dates.until].map(|date| date.0 << 8 | index);
        }
        let mut holds = 0;
        let keys = keys.as_flattened_mut().get_mut(..2 * length).unwrap_or_default();
        fill_turns(keys, self.dates.as_flattened_mut(), self.named.as_flattened_mut(), |index| {
            holds ^= 1 << (index & 31);
            holds
        });
    }

    fn view(&self) -> WindowColumns<'_> {
        WindowColumns {
            areas: AreaColumns(self.areas.as_flattened()),
            dates: self.dates.as_flattened(),
            named: self.named.as_flattened(),
            by_weekday: &self.by_weekday,
            from: &self.from,
            until: &self.until,
            ends: &self.ends,
        }
    }
}

/// Temp-open windows.
#[derive(Clone, Copy)]
pub(crate) struct WindowColumns<'a> {
    areas: AreaColumns<'a>,
    dates: &'a [i32],
    named: &'a [u32],
    by_weekday: &'a [u32; WEEKDAYS],
    from: &'a Thresholds<u32>,
    until: &'a Minutes<u32>,
    ends: &'a [i16],
}

impl WindowColumns<'_> {
    /// The end of the window that covers `place` at `minute` of `today`, whose yesterday was on `weekday`, and that lasts longest; in minutes from
    /// today's midnight, 0 without one.
    #[inline(always)]
    pub(crate) fn end(&self, place: Place, minute: i32, today: Date, weekday: u32) -> i32 {
        let mut covering = 0;
        for areas in self.areas.of_system(place.system()).iter().rev() {
            covering = covering << 1 | u32::from(place.areas().0 & !areas.0 == 0);
        }
        let [turn_of_yesterday, turn] = turned(self.dates, Date(today.0 - 1));
        let by_weekday = |weekday: u32| self.by_weekday.get(weekday as usize).copied().unwrap_or(0);
        // In the order of their ends, those that are over are the lowest bits.
        let lasts = |minute| u32::MAX << (self.until.rank(minute) & 31);
        let since_yesterday = covering & last_or(self.named, turn_of_yesterday) & by_weekday(weekday) & lasts(minute + DAY);
        let now = covering & last_or(self.named, turn) & by_weekday(weekday + 1) & self.from.up_to(minute) & lasts(minute);
        self.last(now).max(self.last(since_yesterday) - DAY).max(0)
    }

    /// The end of the one in `set` that ends last, if there is one.
    #[inline(always)]
    fn last(&self, set: u32) -> i32 {
        let index = 31 - (set | 1).leading_zeros();
        i32::from(last_or(self.ends, index as usize)) & -i32::from(set != 0)
    }
}

/// The value at `index`; behind the last one, the last one.
#[inline(always)]
fn last_or<T: Copy + Default>(values: &[T], index: usize) -> T {
    values.get(index.min(values.len().saturating_sub(1))).copied().unwrap_or_default()
}

fn fill_areas<const N: usize>(columns: &mut [[Areas; N]; SYSTEMS], lists: &[AreaList], numbers: impl Iterator<Item = ListNumber> + Clone) {
    for (system, column) in (1..).zip(columns) {
        for (slot, number) in column.iter_mut().zip(numbers.clone()) {
            let list = lists.get(usize::from(number.0).wrapping_sub(1)).unwrap_or(AreaList::EMPTY);
            *slot = list.of_system(system);
        }
    }
}
