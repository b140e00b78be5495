//! Holidays.

use crate::mask::select;
use crate::schedule::Holiday;
use crate::table::count_below;
use crate::time::Date;

/// How many groups there are.
pub(super) const GROUPS: usize = 8;

/// A holiday in one number: the day of every year, or above those the date; below them, in three bits, its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DayKey(u32);

impl DayKey {
    /// Above every date's.
    const NONE: Self = Self(u32::MAX / 4);
    pub(super) const UNSET: Self = Self(0);

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

    /// The lowest keys that holidays on the day before `today`, on it and after it have: as ones of every year, and as ones of that year alone.
    fn around(today: Date) -> [[Self; 3]; 2] {
        let [before, after] = [-1, 1].map(|shift| Date(today.0 + shift).days_since_march());
        // In between it is one more or one less, unless the year begins there.
        let middle = (before + 1) * u16::from(after != 1);
        [[before, middle, after].map(Self::yearly), [-1, 0, 1].map(|shift| Self::dated(Date(today.0 + shift)))]
    }

    /// The group of this holiday, if it is on the day of `key`, which has group 0; else [`DayKey::NO_GROUP`].
    fn group_on(self, key: Self) -> u32 {
        self.0.wrapping_sub(key.0).min(Self::NO_GROUP)
    }

    /// In place of a group: not a holiday.
    const NO_GROUP: u32 = GROUPS as u32;
}

/// The groups of the holidays on the days before `today`, on it and after it, those of every year and those of that year alone; [`GROUPS`] for none.
#[inline(always)]
pub(super) fn groups_around(holidays: &[DayKey], today: Date) -> [[usize; 3]; 2] {
    DayKey::around(today).map(|days| groups_on(holidays, days))
}

/// The groups of the holidays on three days that follow one another, of which these are the keys.
#[inline(always)]
fn groups_on(holidays: &[DayKey], days: [DayKey; 3]) -> [usize; 3] {
    let last = holidays.len().saturating_sub(1);
    let [first, ..] = days;
    let mut index = count_below(holidays, |holiday| holiday.0 < first.0);
    let mut earlier = first;
    days.map(|day| {
        // No day has two holidays of a kind, so the next day's is the same row or the next one; the first one again where the year begins.
        index = select(day.0 < earlier.0, 0, index);
        earlier = day;
        let group = holidays.get(index.min(last)).unwrap_or(&DayKey::NONE).group_on(day);
        index += usize::from(group != DayKey::NO_GROUP);
        group as usize
    })
}

/// On the wire holidays ascend by year, month and day; here the year begins in March.
pub(super) fn fill(keys: &mut [DayKey], holidays: &[Holiday]) {
    let from_march = holidays.iter().filter(|holiday| holiday.year == 0 && holiday.month >= 3);
    let until_march = holidays.iter().filter(|holiday| holiday.year == 0 && (1..3).contains(&holiday.month));
    let dated = holidays.iter().filter(|holiday| holiday.year != 0);
    let sorted = from_march.chain(until_march).chain(dated).map(DayKey::of_holiday);
    for (slot, key) in keys.iter_mut().zip(sorted.chain(core::iter::repeat(DayKey::NONE))) {
        *slot = key;
    }
}
