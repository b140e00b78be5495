//! Temp-open windows.

use crate::columns::threshold::{Thresholds, fill_turns, key, sort, turns_until, turns_until_next};
use crate::columns::{WEEKDAYS, fill_areas};
use crate::contact::ListNumber;
use crate::mask::{flags, select};
use crate::place::{AreaList, Areas, Place, SYSTEMS};
use crate::schedule::TempOpenWindow;
use crate::time::Date;
use crate::zone::DAY;

/// Temp-open windows, in the order of their ends; in a set the first is the lowest bit.
#[derive(Clone, Debug)]
pub(super) struct WindowTable<const N: usize> {
    areas: [[Areas; N]; SYSTEMS],
    dates: [[i32; 2]; N],
    named: [[u32; 2]; N],
    by_weekday: [u32; WEEKDAYS],
    from: Thresholds<u32>,
    ends: [i16; N],
}

impl<const N: usize> WindowTable<N> {
    pub(super) const EMPTY: Self = Self {
        areas: [[Areas::NONE; N]; SYSTEMS],
        dates: [[0; 2]; N],
        named: [[0; 2]; N],
        by_weekday: [0; WEEKDAYS],
        from: Thresholds::EMPTY,
        ends: [0; N],
    };

    pub(super) fn fill(&mut self, lists: &[AreaList], windows: &[TempOpenWindow]) {
        let mut order = [0; N];
        let mut length = 0;
        for ((slot, window), index) in order.iter_mut().zip(windows).zip(0..).filter(|((_, window), _)| window.areas != ListNumber::NONE) {
            *slot = key(i32::from(window.until), index);
            length += 1;
        }
        let order = order.get_mut(..length).unwrap_or_default();
        sort(order);
        let ordered = || order.iter().filter_map(|key| windows.get(usize::from(*key as u8)));
        fill_areas(&mut self.areas, lists, ordered().map(|window| window.areas).chain([ListNumber::NONE; N]));
        for (end, window) in self.ends.iter_mut().zip(ordered()) {
            *end = window.until as i16;
        }
        self.by_weekday.fill(0);
        for (index, window) in ordered().enumerate() {
            for (weekday, set) in self.by_weekday.iter_mut().enumerate() {
                *set |= u32::from(window.weekdays.fortnight() >> weekday & 1) << index;
            }
        }
        self.from.fill(ordered().zip(0..).map(|(window, index)| (window.from, index)));
        let mut keys = [[0; 2]; N];
        for ((keys, window), index) in keys.iter_mut().zip(ordered()).zip(0..) {
            *keys = [window.dates.from, window.dates.until].map(|date| key(date.0, index));
        }
        let mut holds = 0;
        let keys = keys.as_flattened_mut().get_mut(..2 * length).unwrap_or_default();
        fill_turns(keys, self.dates.as_flattened_mut(), self.named.as_flattened_mut(), 0, |index| {
            holds ^= 1 << (index & 31);
            holds
        });
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
        let now = covering & self.named_after(turns) & by_weekday(weekday + 1) & !self.from.beyond(minute);
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

    /// The end of the one in `set` that ends last, if there is one.
    #[inline(always)]
    fn last(&self, set: u32) -> i32 {
        let index = 31 - (set | 1).leading_zeros();
        select(set != 0, self.ends.get(index as usize).map_or(0, |end| i32::from(*end)), 0)
    }
}
