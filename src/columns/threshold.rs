//! Rows that are compared with now, in ascending order.

use crate::columns::set::SpanSet;
use crate::mask::carried;
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

    /// Takes minutes in ascending order.
    pub(super) fn fill(&mut self, minutes: impl Iterator<Item = i32>) {
        // Those that are missing are reached by nothing.
        for (number, minute) in (1..Set::BITS).zip(minutes.chain(core::iter::repeat(i32::from(i16::MAX)))) {
            if let Some(node) = self.0.as_mut().get_mut(node_of(number, Set::BITS)) {
                *node = !minute as i16;
            }
        }
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

    /// Takes minutes, each with the position of its span. One that never comes is [`NO_DEADLINE`](crate::schedule::Span::NO_DEADLINE).
    pub(super) fn fill(&mut self, spans: impl Iterator<Item = (u16, u8)>) {
        self.crossing = Set::NONE;
        let mut room = Set::NO_DATES;
        let spans = spans.map(|(minute, position)| {
            let minute = i32::from(minute.min(i16::MAX as u16));
            let crosses = minute > DAY;
            if crosses {
                self.crossing = self.crossing | Set::bit(position);
            }
            key(if crosses && minute <= 2 * DAY { minute - DAY } else { minute }, position)
        });
        let keys = sorted(room.as_mut(), spans);
        self.minutes.fill(keys.iter().map(|key| key >> 8));
        // Whoever asks for as many as there are, or more, gets nothing.
        self.others.as_mut().fill(Set::NONE);
        let mut others = Set::NONE;
        for (number, key) in keys.iter().enumerate().rev() {
            others = others | Set::bit(*key as u8);
            if let Some(set) = self.others.as_mut().get_mut(number) {
                *set = others;
            }
        }
    }
}

/// Something to sort by, with a position in the eight bits below it.
pub(super) const fn key(value: i32, position: u8) -> i32 {
    value << 8 | position as i32
}

/// Up to as many keys as there is room for, in ascending order.
pub(super) fn sorted(room: &mut [i32], all: impl Iterator<Item = i32>) -> &mut [i32] {
    let mut length = 0;
    for (slot, key) in room.iter_mut().zip(all) {
        *slot = key;
        length += 1;
    }
    let keys = room.get_mut(..length).unwrap_or_default();
    sort(keys);
    keys
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

/// Takes the dates on which ranges begin and end, sorted, each with the number of its range, and puts down what holds from each on: in `held` one slot further than
/// its date, the first being for the days before, and `otherwise` in that and in those which are left.
pub(super) fn fill_turns<T: Copy>(keys: &[i32], dates: &mut [i32], held: &mut [T], otherwise: T, mut turn: impl FnMut(u8) -> T) {
    dates.fill(NO_TURN);
    held.fill(otherwise);
    let mut held = held.iter_mut();
    let mut slots = dates.iter_mut();
    let mut last = None;
    held.next();
    for key in keys {
        // Of one date there is one row, that of its last turn.
        if last.as_ref().is_none_or(|(date, _)| *date != *key >> 8) {
            if let Some(slot) = slots.next() {
                *slot = *key >> 8;
            }
            last = Some((*key >> 8, held.next()));
        }
        let holds = turn(*key as u8);
        // Nothing holds after the last turn of all, which may be one more than there is room for.
        if let Some((_, Some(held))) = &mut last {
            **held = holds;
        }
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
