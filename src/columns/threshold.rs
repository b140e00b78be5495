//! Rows that are compared with now, in ascending order.

use crate::columns::set::SpanSet;
use crate::columns::span::PlacedSpans;
use crate::mask::carried;
use crate::schedule::Span;
use crate::table::count_below;
use crate::time::Date;
use crate::zone::DAY;

/// Up to one less minutes than a set has bits, in ascending order; each with all its bits turned round, for [`carried`] to compare.
///
/// They form a search tree: those below the one at node `n` are in the branch of node `2n`, the others in that of `2n + 1`. So a search is the same few
/// instructions whatever it looks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Minutes<Set: SpanSet>(Set::Minutes);

impl<Set: SpanSet> Minutes<Set> {
    pub(super) const EMPTY: Self = Self(Set::NO_MINUTES);

    /// How many `limit` reaches, which is not negative.
    #[inline(always)]
    pub(super) fn rank(&self, limit: i32) -> usize {
        let above = limit as u32 + 1;
        let mut node = 1;
        macro_rules! descend {
            ($($levels:literal)*) => {$(
                if Set::BITS >> $levels != 0 {
                    let minute = self.0.as_ref().get(node as usize % Set::BITS).map_or(0, |minute| *minute as u32);
                    node = carried(node, minute, above);
                }
            )*};
        }
        // One by one: a loop takes half as many instructions again.
        descend!(1 2 3 4 5 6 7);
        node as usize % Set::BITS
    }

    /// The one in ascending order that has so many below it.
    pub(super) fn nth(&self, number: usize) -> i32 {
        self.0.as_ref().get(node_of(number + 1, Set::BITS)).map_or(0, |minute| i32::from(!*minute))
    }
}

/// Where the `number`th is in a search tree with so many nodes, the unused one included: a power of two.
pub(super) const fn node_of(number: usize, nodes: usize) -> usize {
    (nodes | number) >> (number.trailing_zeros() + 1)
}

/// Thresholds of spans, in ascending order.
///
/// A minute of the day after the one that the span starts on counts like that of the same time of day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Thresholds<Set: SpanSet> {
    pub(super) minutes: Minutes<Set>,
    /// For each number of minutes, the spans that have others.
    others: Set::Sets,
    /// The spans whose minute is of the day after.
    pub(super) crossing: Set,
}

impl<Set: SpanSet> Thresholds<Set> {
    pub(super) const EMPTY: Self = Self { minutes: Minutes::EMPTY, others: Set::NO_SETS, crossing: Set::NONE };

    /// The spans whose time of day `minute` does not reach.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(super) fn beyond(&self, minute: i32) -> Set {
        self.but_lowest(self.minutes.rank(minute))
    }

    /// The spans whose threshold is yet to come at `minute` of the day that they start on, and of the day after.
    #[inline(always)]
    pub(super) fn ahead(&self, minute: i32) -> [Set; 2] {
        let beyond = self.beyond(minute);
        [self.crossing | beyond, self.crossing & beyond]
    }

    /// The spans but for those with the lowest minutes, so many.
    #[inline(always)]
    pub(super) fn but_lowest(&self, number: usize) -> Set {
        self.others.as_ref().get(number % Set::BITS).copied().unwrap_or(Set::NONE)
    }

    /// Takes the minutes of spans, each with the position of its span. One that never comes is [`NO_DEADLINE`](crate::schedule::Span::NO_DEADLINE).
    #[inline(never)]
    pub(super) fn fill(&mut self, spans: &PlacedSpans<'_>, minute_of: fn(&Span) -> u16) {
        self.crossing = Set::NONE;
        let mut room = Set::NO_DATES;
        let mut keys = Sorting::new(room.as_mut());
        spans.for_each(&mut |span, position| {
            let minute = i32::from(minute_of(span).min(i16::MAX as u16));
            let crosses = minute > DAY;
            if crosses {
                self.crossing = self.crossing | Set::bit(position);
            }
            keys.push(if crosses && minute <= 2 * DAY { minute - DAY } else { minute }, position);
        });
        let keys = keys.sorted();
        let (minutes, sets) = (self.minutes.0.as_mut(), self.others.as_mut());
        let mut others = Set::NONE;
        for number in (1..Set::BITS).rev() {
            let mut minute = i32::from(i16::MAX);
            // Those that are missing are reached by nothing, and whoever asks for as many as there are, or more, gets nothing.
            if let Some(key) = keys.get(number - 1) {
                minute = key >> 8;
                others = others | Set::bit(*key as u8);
            }
            if let (Some(node), Some(set)) = (minutes.get_mut(node_of(number, Set::BITS)), sets.get_mut(number - 1)) {
                (*node, *set) = (!minute as i16, others);
            }
        }
    }
}

/// Things to sort by, each with a position in the eight bits below it.
pub(super) struct Sorting<'a> {
    room: &'a mut [i32],
    length: usize,
}

impl<'a> Sorting<'a> {
    /// As many as there is room for.
    pub(super) const fn new(room: &'a mut [i32]) -> Self {
        Self { room, length: 0 }
    }

    #[inline(never)]
    pub(super) fn push(&mut self, value: i32, position: u8) {
        if let Some(slot) = self.room.get_mut(self.length) {
            *slot = value << 8 | i32::from(position);
            self.length += 1;
        }
    }

    /// All of them, in ascending order.
    pub(super) fn sorted(self) -> &'a [i32] {
        let keys = self.room.get_mut(..self.length).unwrap_or_default();
        sort(keys);
        keys
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

/// In place of a date from which on something else holds: on no date.
const NO_TURN: i32 = i32::MAX;

/// Takes the dates on which ranges begin and end, sorted, each with the position of its range, and puts down what is `decided` by those that hold from each on:
/// in `held` one slot further than its date, the first being for the days before. Nothing holds after the last turn of all.
pub(super) fn fill_turns<Set: SpanSet>(mut keys: &[i32], dates: &mut [i32], held: &mut [Set], decided: impl Fn(Set) -> Set) {
    let mut holds = Set::NONE;
    let slots = held.len();
    for (index, slot) in dates.iter_mut().enumerate() {
        let date = keys.first().map_or(NO_TURN, |key| key >> 8);
        *slot = date;
        while let [key, rest @ ..] = keys
            && key >> 8 == date
        {
            // It begins to hold, or ceases to.
            let itself = Set::bit(*key as u8);
            holds = (holds | itself) & !(holds & itself);
            keys = rest;
        }
        let next = if index + 1 < slots { index + 1 } else { 0 };
        if let Some(held) = held.get_mut(next) {
            *held = decided(holds);
        }
    }
}

/// Adds `itself` to those of the `sets` whose bit is set.
#[inline(never)]
pub(super) fn enlist<Set: SpanSet>(sets: &mut [Set], mut bits: u32, itself: Set) {
    for set in sets {
        if bits & 1 != 0 {
            *set = *set | itself;
        }
        bits >>= 1;
    }
}

/// How many turns there are in `dates` up to `date`.
#[inline(always)]
pub(super) fn turns_until(dates: &[i32], date: Date) -> usize {
    count_below(dates, |turn| *turn <= date.0)
}

/// How many there are up to `date`, if there are so many up to the day before.
#[inline(always)]
pub(super) fn turns_until_next(dates: &[i32], turns: usize, date: Date) -> usize {
    // No date has two turns. Behind the last one nothing holds, however far.
    let next = dates.get(turns.min(dates.len().saturating_sub(1)));
    turns + usize::from(next.is_some_and(|turn| *turn <= date.0))
}
