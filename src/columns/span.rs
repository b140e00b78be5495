//! Spans, and the layers they belong to.

use crate::columns::set::SpanSet;
use crate::columns::threshold::{Sorting, Thresholds, enlist, fill_turns, turns_until, turns_until_next};
use crate::columns::{WEEKDAYS, holiday};
use crate::ledger::panel::LOCAL_SPANS;
use crate::mask::select;
use crate::schedule::{LAYERS, Layer, LayerKind, LocalSpan, Span};
use crate::time::{Date, DateRange};
use crate::zone::DAY;

/// What holds on the holidays of a group.
#[derive(Clone, Copy, Debug)]
struct Group<Set> {
    /// The spans of the layers that name it.
    decided: Set,
    /// All that gives way to them, and themselves.
    concerned: Set,
}

impl<Set: SpanSet> Group<Set> {
    const EMPTY: Self = Self { decided: Set::NONE, concerned: Set::NONE };
}

/// Where each schedule is in a set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds<Set> {
    /// The highest bit of every schedule.
    guards: Set,
    /// All others.
    inner: Set,
}

impl<Set: SpanSet> Bounds<Set> {
    const NONE: Self = Self { guards: Set::NONE, inner: Set::NONE };

    /// The guards in `asked` of schedules that have nothing in `set`, which has no guard itself.
    #[inline(always)]
    pub(super) fn without(&self, asked: Set, set: Set) -> Set {
        // What a schedule has carries over to its guard.
        asked & !set.plus(self.inner)
    }

    /// What is in each schedule from the bit on that it has in `set`, but for the guard.
    #[inline(always)]
    fn from(&self, set: Set) -> Set {
        (set.plus(self.inner) & self.guards).minus(set)
    }

    /// The lowest bit that each schedule has in `set`.
    fn strongest(&self, set: Set) -> Set {
        // Within each schedule this is the subtraction of 1 that turns all bits up to the lowest set one; its guard keeps it from borrowing from the next.
        set & !(set | self.guards).minus(self.guards.minus(self.inner))
    }
}

/// Kinds of what a schedule has in a set: six, but dividing by eight is a shift.
const RANKS: i32 = 8;

/// Spans, and the layers they belong to.
///
/// In a set every schedule has its spans side by side, those of its strongest layer lowest: what users have set for whole dates, of the temporary layers, of the holiday layers,
/// the alternates, the permanent one; then extensions, and last the guard, a bit of no span. A layer's first span stands for the layer; one without spans
/// has a bit nevertheless, which never starts. So the layer that decides a day is the lowest of its schedule that names it, one subtraction finds those of all
/// schedules, and one addition whether anything is left of each: the guard tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct SpanColumns<Set: SpanSet> {
    pub(super) opens_from: Thresholds<Set>,
    pub(super) must_be_open_by: Thresholds<Set>,
    pub(super) closes_from: Thresholds<Set>,
    pub(super) must_be_closed_by: Thresholds<Set>,
    /// The dates from which on something else decides, ascending: those of layers, and of what users have set.
    dates: Set::Dates,
    /// The spans of the layers that decide from each on, on days without holidays, and the extensions.
    decided: Set::Sets,
    /// What comes before holidays: temporary layers, and what users have set for whole dates.
    temporary: Set,
    /// The first is no group.
    groups: [Group<Set>; holiday::GROUPS + 1],
    by_weekday: [Set; WEEKDAYS],
    pub(super) bounds: Bounds<Set>,
}

impl<Set: SpanSet> SpanColumns<Set> {
    pub(super) const EMPTY: Self = Self {
        opens_from: Thresholds::EMPTY,
        must_be_open_by: Thresholds::EMPTY,
        closes_from: Thresholds::EMPTY,
        must_be_closed_by: Thresholds::EMPTY,
        dates: Set::NO_DATES,
        decided: Set::NO_SETS,
        temporary: Set::NONE,
        groups: [Group::EMPTY; holiday::GROUPS + 1],
        by_weekday: [Set::NONE; WEEKDAYS],
        bounds: Bounds::NONE,
    };

    /// What starts on the three days from `first` on, whose weekday is `weekday`, and which are holidays of so many `groups` each, counted from 1.
    #[inline(always)]
    pub(super) fn starting(&self, first: Date, weekday: u32, groups: [[usize; 2]; 3]) -> [Set; 3] {
        let dates = self.dates.as_ref();
        let turns = turns_until(dates, first);
        let next_turns = turns_until_next(dates, turns, Date(first.0 + 1));
        let last_turns = turns_until_next(dates, next_turns, Date(first.0 + 2));
        let [groups, next_groups, last_groups] = groups;
        // One by one: over an array it would be a loop where the compiler builds for size.
        [
            self.starting_on(weekday, turns, groups),
            self.starting_on(weekday + 1, next_turns, next_groups),
            self.starting_on(weekday + 2, last_turns, last_groups),
        ]
    }

    /// What starts on `date`, which is a holiday of those `groups`: in less code than [`starting`](Self::starting), and no faster for being asked about one day.
    pub(super) fn starting_alone(&self, date: Date, groups: [usize; 2]) -> Set {
        let turns = self.dates.as_ref().iter().filter(|turn| **turn <= date.0).count();
        self.starting_on(u32::from(date.weekday()), turns, groups)
    }

    /// What starts on a day after so many turns.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn starting_on(&self, weekday: u32, turns: usize, [yearly, dated]: [usize; 2]) -> Set {
        // After as many turns as there is room for, it is as before the first.
        let decided = self.decided.as_ref().get(turns % Set::BITS).copied().unwrap_or(Set::NONE);
        let (yearly, dated) = (self.group(yearly), self.group(dated));
        let concerned = (yearly.concerned | dated.concerned) & !self.bounds.from(decided & self.temporary);
        let decided = (decided & !concerned) | ((yearly.decided | dated.decided) & concerned);
        decided & self.by_weekday.get(weekday as usize).copied().unwrap_or(Set::NONE)
    }

    #[inline(always)]
    fn group(&self, group: usize) -> Group<Set> {
        self.groups.get(group.min(holiday::GROUPS)).copied().unwrap_or(Group::EMPTY)
    }

    /// When the first of the schedules with a guard in `asked` is no longer open, of which `today` and `yesterday` are the spans that hold now; in minutes from today's midnight.
    #[inline(always)]
    pub(super) fn end(&self, asked: Set, today: Set, yesterday: Set) -> i32 {
        let closings = &self.must_be_closed_by;
        let go_on = |set| self.bounds.without(asked, set).is_empty();
        let until_tomorrow = today & closings.crossing;
        let is_tomorrow = go_on(until_tomorrow);
        let until_today = (today & !closings.crossing) | yesterday;
        let (staying, ending) = (select(is_tomorrow, Set::NONE, until_tomorrow), select(is_tomorrow, until_tomorrow, until_today));
        // How many spans are over while all schedules go on.
        let mut over = 0;
        let mut step = Set::BITS;
        while step > 1 {
            step /= 2;
            let next = over | step;
            over = select(go_on(staying | (ending & closings.but_lowest(next))), next, over);
        }
        closings.minutes.nth(over) + select(is_tomorrow, DAY, 0)
    }

    /// Takes all slots of the tables and what users have set.
    // Inlined, it would be larger, like that of the windows.
    #[inline(never)]
    pub(super) fn fill(&mut self, layers: &[Layer], spans: &[Span], local: &[LocalSpan], guards: &mut [Set], positions: &mut [u8]) {
        let first = self.place(layers, spans, local, guards);
        let (of_layers, of_local) = first.split_at(LAYERS);
        self.by_weekday.fill(Set::NONE);
        self.temporary = Set::NONE;
        let mut sorts = Sorts::NONE;
        let mut next = first;
        for (span, position) in spans.iter().zip(positions.iter_mut()) {
            let Some(next) = next.get_mut(usize::from(span.layer).wrapping_sub(1)) else { continue };
            *position = *next;
            *next += 1;
            let itself = Set::bit(*position);
            sorts.further = sorts.further | itself;
            enlist(&mut self.by_weekday, u32::from(span.weekdays.fortnight()), itself);
        }
        let mut room = Set::NO_DATES;
        let mut turns = Sorting::new(room.as_mut());
        for (row, position) in local.iter().zip(of_local).filter(|(row, _)| row.schedule != 0) {
            let itself = Set::bit(*position);
            let sort = if row.replaces { &mut self.temporary } else { &mut sorts.extensions };
            *sort = *sort | itself;
            // A date that a user keeps closed has no hours, and so no margins around them.
            if row.span.must_be_closed_by != 0 {
                enlist(&mut self.by_weekday, u32::MAX, itself);
            }
            turns.push(row.date.0, *position);
            turns.push(row.date.0 + 1, *position);
        }
        let mut named = [Set::NONE; holiday::GROUPS];
        for (layer, position) in layers.iter().zip(of_layers).filter(|(layer, _)| layer.schedule != 0) {
            let itself = Set::bit(*position);
            sorts.further = sorts.further & !itself;
            match layer.kind {
                LayerKind::Permanent => sorts.permanent = sorts.permanent | itself,
                LayerKind::Temporary => self.temporary = self.temporary | itself,
                LayerKind::Holiday => enlist(&mut named, u32::from(layer.groups), itself),
                LayerKind::Alternate => {}
            }
            if layer.dates != DateRange::NEVER {
                turns.push(layer.dates.from.0, *position);
                turns.push(layer.dates.until.0, *position);
            }
        }
        // An extension is to last whatever decides.
        for (group, named) in self.groups.iter_mut().skip(1).zip(named) {
            *group = Group { decided: sorts.spans_of(named), concerned: self.bounds.from(named) & !sorts.extensions };
        }
        let bounds = self.bounds;
        fill_turns(turns.sorted(), self.dates.as_mut(), self.decided.as_mut(), |holds| {
            let strongest = bounds.strongest(sorts.permanent | (holds & !sorts.extensions));
            sorts.spans_of(strongest) | (holds & sorts.extensions)
        });
        let placed = PlacedSpans { spans, positions, local, of_local };
        self.opens_from.fill(&placed, |span| span.opens_from);
        self.must_be_open_by.fill(&placed, |span| span.must_be_open_by);
        self.closes_from.fill(&placed, |span| span.closes_from);
        self.must_be_closed_by.fill(&placed, |span| span.must_be_closed_by);
    }

    /// Gives every layer, every span that users have set and every guard its bit. Returns those of layers, and behind them those of what users have set.
    fn place(&mut self, layers: &[Layer], spans: &[Span], local: &[LocalSpan], guards: &mut [Set]) -> [u8; LAYERS + LOCAL_SPANS] {
        let mut bits = [0_u8; LAYERS + LOCAL_SPANS];
        for span in spans {
            if let Some(bits) = bits.get_mut(usize::from(span.layer).wrapping_sub(1)) {
                *bits += 1;
            }
        }
        let mut room = [0; LAYERS + LOCAL_SPANS];
        let mut keys = Sorting::new(&mut room);
        let mut push = |schedule: u8, rank: i32, row: u8| {
            if schedule != 0 {
                keys.push(i32::from(schedule) * RANKS + rank, row);
            }
        };
        for (layer, row) in layers.iter().zip(0..) {
            let rank = match layer.kind {
                LayerKind::Temporary => 1,
                LayerKind::Holiday => 2,
                LayerKind::Alternate => 3,
                LayerKind::Permanent => 4,
            };
            push(layer.schedule, rank, row);
        }
        for (row, number) in local.iter().zip(LAYERS as u8..) {
            push(row.schedule, if row.replaces { 0 } else { 5 }, number);
        }
        let mut rows = keys.sorted();
        let mut first = [0; LAYERS + LOCAL_SPANS];
        self.bounds = Bounds::NONE;
        let mut next = 0_u8;
        for (schedule, guard) in (1..).zip(guards) {
            let lowest = Set::bit(next);
            while let [key, rest @ ..] = rows
                && (key >> 8) / RANKS == schedule
            {
                let row = usize::from(*key as u8);
                if let (Some(first), Some(bits)) = (first.get_mut(row), bits.get(row)) {
                    *first = next;
                    // A layer without spans stands there itself, and so does what a user has set.
                    next = next.saturating_add((*bits).max(1));
                }
                rows = rest;
            }
            *guard = Set::bit(next);
            self.bounds.guards = self.bounds.guards | *guard;
            self.bounds.inner = self.bounds.inner | guard.minus(lowest);
            next = next.saturating_add(1);
        }
        first
    }
}

/// Spans of the policy and those that users have set, each with its position.
pub(super) struct PlacedSpans<'a> {
    spans: &'a [Span],
    positions: &'a [u8],
    local: &'a [LocalSpan],
    of_local: &'a [u8],
}

impl PlacedSpans<'_> {
    /// All that ever start.
    pub(super) fn for_each(&self, take: &mut dyn FnMut(&Span, u8)) {
        for (span, position) in self.spans.iter().zip(self.positions) {
            if span.layer != 0 {
                take(span, *position);
            }
        }
        for (row, position) in self.local.iter().zip(self.of_local) {
            if row.schedule != 0 && row.span.must_be_closed_by != 0 {
                take(&row.span, *position);
            }
        }
    }
}

/// Of which sort each span is, and layers, for which their first spans stand.
struct Sorts<Set> {
    /// Spans that are not the first of their layer.
    further: Set,
    permanent: Set,
    /// What users have set that decides nothing.
    extensions: Set,
}

impl<Set: SpanSet> Sorts<Set> {
    const NONE: Self = Self { further: Set::NONE, permanent: Set::NONE, extensions: Set::NONE };

    /// The spans of these layers.
    #[inline(never)]
    fn spans_of(&self, layers: Set) -> Set {
        // From the bit behind each the carry runs through all that are further ones.
        layers | (self.further & !self.further.plus(layers.doubled()))
    }
}
