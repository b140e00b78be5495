//! Holidays.

use crate::mask::select;
use crate::schedule::Holiday;
use crate::table::count_below;
use crate::time::{Date, March};

/// How many groups there are.
pub(super) const GROUPS: usize = 8;
/// Days from 1 March to 29 February.
const DAYS: usize = 366;

/// The holidays of a site, those of every year and those of one year alone.
///
/// The group of a holiday counts from 1 here; 0 is no holiday.
#[derive(Clone, Debug)]
pub(super) struct HolidayTable<const N: usize> {
    /// Per day from 1 March, the group in four bits, of even days the lower ones.
    yearly: [u8; DAYS / 2],
    /// In ascending order.
    dated: [DayKey; N],
}

/// A date, and below it, in three bits, the group, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct DayKey(i32);

impl DayKey {
    /// After every date.
    const NONE: Self = Self(i32::MAX);
    const UNSET: Self = Self(0);

    /// Group 0 on that date.
    const fn of(date: Date) -> Self {
        Self(date.0 << 3)
    }
}

impl<const N: usize> HolidayTable<N> {
    pub(super) const EMPTY: Self = Self { yearly: [0; DAYS / 2], dated: [DayKey::UNSET; N] };

    pub(super) fn fill(&mut self, holidays: &[Holiday]) {
        self.yearly.fill(0);
        self.dated.fill(DayKey::NONE);
        let mut dated = self.dated.iter_mut();
        for holiday in holidays.iter().filter(|holiday| holiday.month != 0) {
            if holiday.year == 0 {
                let day = Date::day_from_march(holiday.month, holiday.day) as usize;
                if let Some(pair) = self.yearly.get_mut(day / 2) {
                    *pair |= (holiday.group + 1) << (day % 2 * 4);
                }
            } else if let Some(slot) = dated.next() {
                *slot = DayKey(DayKey::of(Date::new(holiday.year, holiday.month, holiday.day)).0 | i32::from(holiday.group));
            }
        }
    }

    /// The groups of the holidays on the days before `today`, on it and after it, of every year and of that year alone.
    /// `march` is the last one by the day after.
    #[inline(always)]
    pub(super) fn groups_around(&self, today: Date, march: March) -> [[usize; 2]; 3] {
        let after = march.days_to(Date(today.0 + 1));
        let yearly = |day: i32| self.yearly_on((day + select(day < 0, march.last_year, 0)) as u32);
        let first = DayKey::of(Date(today.0 - 1));
        let mut index = count_below(&self.dated, |holiday| *holiday < first);
        let mut dated = |shift: i32| {
            // No day has two of them, so the next day's is the same row or the next one.
            let key = self.dated.get(index.min(N.saturating_sub(1))).unwrap_or(&DayKey::NONE);
            let group = key.0.wrapping_sub(first.0 + (shift << 3)) as u32 as usize;
            let is_there = group < GROUPS;
            index += usize::from(is_there);
            select(is_there, group + 1, 0)
        };
        [[yearly(after - 2), dated(0)], [yearly(after - 1), dated(1)], [yearly(after), dated(2)]]
    }

    /// The groups of the holidays on `date`, of every year and of that year alone.
    pub(super) fn groups_on(&self, date: Date) -> [usize; 2] {
        let dated = self.dated.iter().find(|holiday| holiday.0 >> 3 == date.0);
        [self.yearly_on(March::before(date).days_to(date) as u32), dated.map_or(0, |holiday| (holiday.0 & 0b111) as usize + 1)]
    }

    #[inline(always)]
    fn yearly_on(&self, day: u32) -> usize {
        let pair = self.yearly.get((day / 2) as usize).copied().unwrap_or(0);
        usize::from(pair >> (day % 2 * 4) & 0b1111)
    }
}
