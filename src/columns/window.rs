//! Temp-open windows.

use crate::columns::set::Sealed;
use crate::columns::threshold::{Sorting, enlist, fill_turns, turns_until, turns_until_next};
use crate::columns::{WEEKDAYS, put_areas};
use crate::contact::ListNumber;
use crate::mask::{flags, select};
use crate::place::{AreaList, Areas, Place, SYSTEMS};
use crate::schedule::TempOpenWindow;
use crate::table::count_below;
use crate::time::Date;
use crate::zone::DAY;

/// Temp-open windows, in the order of their ends; in a set the first is the lowest bit.
#[derive(Clone, Debug)]
pub(super) struct WindowTable<const N: usize> {
    areas: [[Areas; N]; SYSTEMS],
    dates: [[i32; 2]; N],
    named: [[u32; 2]; N],
    by_weekday: [u32; WEEKDAYS],
    /// In ascending order, and which have begun by then. What is left is [`i16::MAX`].
    from: [i16; N],
    begun: [u32; N],
    ends: [i16; N],
}

impl<const N: usize> WindowTable<N> {
    pub(super) const EMPTY: Self = Self {
        areas: [[Areas::NONE; N]; SYSTEMS],
        dates: [[0; 2]; N],
        named: [[0; 2]; N],
        by_weekday: [0; WEEKDAYS],
        from: [0; N],
        begun: [0; N],
        ends: [0; N],
    };

    // Inlined one into the other, what makes the columns is larger: too much is at work at a time for the registers.
    #[inline(never)]
    pub(super) fn fill(&mut self, lists: &[AreaList], windows: &[TempOpenWindow]) {
        *self = Self::EMPTY;
        self.from.fill(i16::MAX);
        let mut room = [0; N];
        let mut order = Sorting::new(&mut room);
        for (row, window) in (0..).zip(windows) {
            if window.areas != ListNumber::NONE {
                order.push(i32::from(window.until), row);
            }
        }
        let (mut room, mut room_of_turns) = ([0; N], [[0; 2]; N]);
        let (mut beginnings, mut turns) = (Sorting::new(&mut room), Sorting::new(room_of_turns.as_flattened_mut()));
        for (key, index) in order.sorted().iter().zip(0..) {
            let Some(window) = windows.get(usize::from(*key as u8)) else { continue };
            put_areas(&mut self.areas, usize::from(index), lists, window.areas);
            if let Some(end) = self.ends.get_mut(usize::from(index)) {
                *end = window.until as i16;
            }
            enlist(&mut self.by_weekday, u32::from(window.weekdays.fortnight()), u32::bit(index));
            beginnings.push(i32::from(window.from), index);
            turns.push(window.dates.from.0, index);
            turns.push(window.dates.until.0, index);
        }
        let mut begun = 0;
        for ((from, begun_by), beginning) in self.from.iter_mut().zip(&mut self.begun).zip(beginnings.sorted()) {
            begun |= u32::bit(*beginning as u8);
            (*from, *begun_by) = ((*beginning >> 8) as i16, begun);
        }
        fill_turns(turns.sorted(), self.dates.as_flattened_mut(), self.named.as_flattened_mut(), |holds| holds);
    }

    /// The end of the window that covers `place` at `minute` of `today`, whose yesterday was on `weekday`, and that lasts longest; in minutes from
    /// today's midnight, 0 without one.
    #[inline(always)]
    pub(super) fn end(&self, place: Place, minute: i32, today: Date, weekday: u32) -> i32 {
        let covering = flags(place.of(&self.areas).as_slice(), |areas| place.areas().within(*areas));
        let dates = self.dates.as_flattened();
        let turns_of_yesterday = turns_until(dates, Date(today.0 - 1));
        let turns = turns_until_next(dates, turns_of_yesterday, today);
        let by_weekday = |weekday: u32| self.by_weekday.get(weekday as usize).copied().unwrap_or(0);
        let since_yesterday = covering & self.named_after(turns_of_yesterday) & by_weekday(weekday);
        let now = covering & self.named_after(turns) & by_weekday(weekday + 1) & self.begun_by(minute);
        // Some of these may be over; if the one that ends last is, all are.
        let end = self.last(now).max(self.last(since_yesterday) - DAY);
        select(end > minute, end, 0)
    }

    /// Those that start on a day after so many turns.
    #[inline(always)]
    fn named_after(&self, turns: usize) -> u32 {
        let named = self.named.as_flattened();
        // After as many turns as there is room for, it is as before the first.
        named.get(select(turns < named.len(), turns, 0)).copied().unwrap_or(0)
    }

    /// Those that begin by `minute` of a day.
    #[inline(always)]
    fn begun_by(&self, minute: i32) -> u32 {
        let begun = count_below(&self.from, |from| i32::from(*from) <= minute);
        select(begun == 0, 0, self.begun.get(begun.wrapping_sub(1).min(N.saturating_sub(1))).copied().unwrap_or(0))
    }

    /// The end of the one in `set` that ends last, if there is one.
    #[inline(always)]
    fn last(&self, set: u32) -> i32 {
        let index = 31 - (set | 1).leading_zeros();
        select(set != 0, self.ends.get(index as usize).map_or(0, |end| i32::from(*end)), 0)
    }
}
