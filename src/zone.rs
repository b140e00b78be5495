//! A site's clock zone: from instants to the wall clock and back.
//!
//! The rule is that of a POSIX `TZ` string with `M` changes, which is how every zone of the IANA database ends, so a device that
//! has been offline for years still changes over on the right night.

use serde::{Deserialize, Serialize};

use crate::mask::{quotient, select};
use crate::time::{Date, Instant, March, in_week, march_to};

/// Minutes in a day.
pub(crate) const DAY: i32 = 1440;

/// Whole days among so many minutes since 1970, which fit 29 bits until 2500.
pub(crate) const fn whole_days(minutes: u32) -> u32 {
    quotient::<{ DAY as u32 }, 29>(minutes)
}

/// A zone: two offsets, and when the year changes from one to the other.
///
/// A zone without daylight saving repeats its standard offset: the changes then change nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Zone {
    /// Minutes east of UTC in standard time, -1440..=1440.
    pub standard: i16,
    /// Minutes east of UTC in daylight saving time, -1440..=1440. May be the smaller one (Dublin).
    pub daylight: i16,
    /// When daylight saving time starts, on the standard-time wall clock.
    pub starts: Change,
    /// When it ends, on the daylight-saving wall clock.
    pub ends: Change,
}

/// A day of every year and a time of that day: `M<month>.<week>.<weekday>/<minute>` of POSIX.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Change {
    /// 1..=12. Changes in the first or the last two weeks of a year are not supported.
    pub month: u8,
    /// Which of the month's days with that weekday, 1..=5; 5 is the last.
    pub week: u8,
    /// 0..=6, 0 = Sunday (POSIX numbering, unlike [`Weekdays`](crate::time::Weekdays)).
    pub weekday: u8,
    /// Minutes from that day's midnight, -10079..=10079.
    pub minute: i16,
}

impl Change {
    /// What is the same every year about it, where the wall clock its rule is written in is `offset` minutes east of UTC.
    #[inline(never)]
    fn rule(&self, offset: i16) -> ChangeRule {
        let is_last = self.week == 5;
        // The last day of its kind is in the week before the next month.
        let month = i32::from(self.month) + i32::from(is_last);
        let weeks = if is_last { 0 } else { i32::from(self.week) } - 1;
        ChangeRule {
            days: (march_to(month) + 7 * weeks) as i16,
            before_march: -i16::from(month < 3),
            // 1970-01-01 was a Thursday.
            weekday: i16::from(self.weekday) + 3,
            minute: self.minute - offset,
        }
    }

    const fn is_valid(&self) -> bool {
        let range = 1 <= self.month && self.month <= 12 && 1 <= self.week && self.week <= 5 && self.weekday <= 6;
        let time = -10_079 <= self.minute && self.minute <= 10_079;
        let turn_of_year = (self.month == 1 && self.week <= 2) || (self.month == 12 && self.week >= 4);
        range && time && !turn_of_year
    }
}

/// Days in `month` (1..=12) of `year`.
pub(crate) const fn days_in_month(year: u16, month: u8) -> i32 {
    let is_december = month / 12;
    Date::new(year + is_december as u16, month + 1 - 12 * is_december, 1).0 - Date::new(year, month, 1).0
}

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self::fixed(0);

    /// A zone that is always `offset` minutes east of UTC.
    pub const fn fixed(offset: i16) -> Self {
        Self {
            standard: offset,
            daylight: offset,
            starts: Change { month: 3, week: 2, weekday: 0, minute: 120 },
            ends: Change { month: 11, week: 1, weekday: 0, minute: 120 },
        }
    }

    /// Whether every field is in its range.
    pub const fn is_valid(&self) -> bool {
        let offsets =
            -DAY <= self.standard as i32 && self.standard as i32 <= DAY && -DAY <= self.daylight as i32 && self.daylight as i32 <= DAY;
        offsets && self.starts.is_valid() && self.ends.is_valid()
    }

    /// What is the same every year about it.
    pub(crate) fn rules(&self) -> ZoneRules {
        let Self { standard, daylight, .. } = *self;
        ZoneRules { standard, daylight, starts: self.starts.rule(standard), ends: self.ends.rule(daylight) }
    }
}

/// A zone, as far as it can be worked out beforehand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ZoneRules {
    standard: i16,
    daylight: i16,
    starts: ChangeRule,
    ends: ChangeRule,
}

/// A change of every year, worked out as far as it can be.
#[derive(Clone, Copy, Debug)]
struct ChangeRule {
    /// Days from 1 March to the first day that can be it, if February had 30.
    days: i16,
    /// -1 if that is before March, else 0.
    before_march: i16,
    /// Days from a Thursday to its weekday.
    weekday: i16,
    /// Minutes from the midnight that begins it in UTC, before or after it.
    minute: i16,
}

impl ChangeRule {
    const EMPTY: Self = Self { days: 0, before_march: 0, weekday: 0, minute: 0 };

    /// Minutes from 1970-01-01 to the change in the year of `march`, in UTC.
    fn minute_in(&self, march: March) -> i32 {
        let missing = (30 - march.february()) & i32::from(self.before_march);
        let first = march.first.0 + i32::from(self.days) + missing;
        let day = first + in_week(i32::from(self.weekday) - first) as i32;
        day * DAY + i32::from(self.minute)
    }
}

impl ZoneRules {
    /// Always UTC. All of it is zero.
    pub(crate) const UTC: Self = Self { standard: 0, daylight: 0, starts: ChangeRule::EMPTY, ends: ChangeRule::EMPTY };

    /// The zone's offsets for the year of `instant` and the weeks around it.
    pub(crate) fn year_of(&self, instant: Instant) -> ZoneYear {
        let minute = instant.minute();
        let (standard, daylight) = (i32::from(self.standard), i32::from(self.daylight));
        let days = whole_days((minute + standard + DAY) as u32);
        let march = March::of_year(Date(days as i32 - 1));
        ZoneYear { march, standard, daylight, starts: self.starts.minute_in(march), ends: self.ends.minute_in(march) }
    }

    /// The same for the year that `date` is in.
    pub(crate) fn year_on(&self, date: Date) -> ZoneYear {
        self.year_of(Instant(i64::from(date.0.max(0)) * 86_400))
    }

    /// What the wall clock reads at `instant`.
    pub(crate) fn wall_clock(&self, instant: Instant) -> WallClock {
        self.year_of(instant).wall_clock(instant)
    }
}

/// A wall clock: local date and minute of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WallClock {
    pub(crate) date: Date,
    /// Minutes since local midnight, 0..1440.
    pub(crate) minute: i32,
    /// That of the date's year, or at the turn of the year of the one beside it.
    pub(crate) march: March,
}

/// A zone's offsets during one year. No zone changes near the turn of the year, so this also serves the weeks around it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ZoneYear {
    march: March,
    standard: i32,
    daylight: i32,
    /// UTC minutes since 1970.
    starts: i32,
    ends: i32,
}

impl ZoneYear {
    /// Negative at a UTC minute of daylight saving time.
    const fn season(&self, minute: i32) -> i32 {
        // Each of the signs is one comparison: it is between the changes, or else not, where the year ends in daylight saving time.
        (minute - self.starts) ^ (minute - self.ends) ^ (self.ends - self.starts)
    }

    /// Minutes east of UTC at a UTC minute.
    fn offset(&self, minute: i32) -> i32 {
        select(self.season(minute) < 0, self.daylight, self.standard)
    }

    /// What the wall clock reads at `instant`.
    pub(crate) fn wall_clock(&self, instant: Instant) -> WallClock {
        let minute = instant.minute();
        // A day is added so that the division sees no negative number west of Greenwich in 1970.
        let local = (minute + self.offset(minute) + DAY) as u32;
        let days = whole_days(local);
        WallClock { date: Date(days as i32 - 1), minute: (local - DAY as u32 * days) as i32, march: self.march }
    }

    /// The first instant at which the wall clock reads `minute` (counted from the midnight that begins `date`) or later.
    ///
    /// Inside the spring gap that is the jump; in the repeated autumn hour it is the first pass.
    pub(crate) fn first_reading(&self, date: Date, minute: i32) -> Instant {
        Instant::from_minute(self.readings(date, minute).0)
    }

    /// The first instant after `now` at which the wall clock reads `minute` of `date` or later: unlike
    /// [`first_reading`](Self::first_reading) it finds the second pass of the autumn hour once the first is over.
    pub(crate) fn next_reading(&self, date: Date, minute: i32, now: Instant) -> Instant {
        let (first, latest) = self.readings(date, minute);
        Instant::from_minute(select(first > now.minute(), first, latest))
    }

    /// The first instant from which on the wall clock never reads earlier than `minute` of `date` again: that of the second pass of the autumn hour.
    pub(crate) fn last_reading(&self, date: Date, minute: i32) -> Instant {
        let (first, latest) = self.readings(date, minute);
        let is_ahead = self.season(latest) ^ (self.daylight - self.standard) < 0;
        Instant::from_minute(select(is_ahead, first, latest))
    }

    /// The first UTC minute at which the wall clock reads `minute` of `date` or later, and the last one at which it can.
    fn readings(&self, date: Date, minute: i32) -> (i32, i32) {
        let gained = self.daylight - self.standard;
        let latest = date.0 * DAY + minute - self.standard.min(self.daylight);
        let earliest = latest - gained.abs();
        // The clock jumps forward when the larger offset comes into force.
        let jump = select(gained >= 0, self.starts, self.ends);
        let jumped = (earliest < jump) & (jump <= latest);
        let later = select(jumped, jump, latest);
        let is_larger = self.season(earliest) ^ gained < 0;
        (select(is_larger, earliest, later), latest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// America/New_York: `EST5EDT,M3.2.0,M11.1.0`.
    const NEW_YORK: Zone = Zone { daylight: -240, ..Zone::fixed(-300) };
    /// Australia/Sydney: `AEST-10AEDT,M10.1.0,M4.1.0/3`.
    const SYDNEY: Zone = Zone {
        standard: 600,
        daylight: 660,
        starts: Change { month: 10, week: 1, weekday: 0, minute: 120 },
        ends: Change { month: 4, week: 1, weekday: 0, minute: 180 },
    };

    fn wall(zone: Zone, instant: i64) -> (u16, u8, u8, i32) {
        let clock = zone.rules().year_of(Instant(instant)).wall_clock(Instant(instant));
        let (year, month, day) = clock.date.civil();
        (year, month, day, clock.minute)
    }

    #[test]
    fn the_wall_clock_follows_the_zone_over_its_changes() {
        let cases = [
            ("last second before spring", NEW_YORK, 1_772_953_199, (2026, 3, 8, 119)),
            ("the jump", NEW_YORK, 1_772_953_200, (2026, 3, 8, 180)),
            ("first pass of autumn", NEW_YORK, 1_793_511_000, (2026, 11, 1, 90)),
            ("second pass of autumn", NEW_YORK, 1_793_514_600, (2026, 11, 1, 90)),
            ("southern summer at new year", SYDNEY, 1_798_718_400, (2026, 12, 31, 1380)),
            ("southern winter", SYDNEY, 1_783_000_800, (2026, 7, 3, 0)),
            ("west of Greenwich in 1970", NEW_YORK, 0, (1969, 12, 31, 1140)),
        ];
        for (name, zone, instant, expected) in cases {
            assert_eq!(wall(zone, instant), expected, "{name}");
        }
    }

    #[test]
    fn a_change_is_on_the_day_of_its_month_that_the_calendar_gives() {
        for year in 1970..2500 {
            let kinds = (1..=12_u8).flat_map(|month| (1..=5_u8).map(move |week| (month, week)));
            for (month, week) in kinds.filter(|kind| *kind != (12, 5)) {
                let (first, days) = (Date::new(year, month, 1).0, days_in_month(year, month));
                for weekday in 0..7 {
                    // 0 is Sunday here, and Monday to `Date`.
                    let mut of_month = (first..first + days).map(Date).filter(|date| (date.weekday() + 1) % 7 == weekday);
                    let expected = if week == 5 { of_month.next_back() } else { of_month.nth(usize::from(week) - 1) };
                    let change = Change { month, week, weekday, minute: -7 };
                    let found = change.rule(0).minute_in(March::of_year(Date::new(year, 1 + week, 3)));
                    assert_eq!(Some(found), expected.map(|date| date.0 * DAY - 7), "M{month}.{week}.{weekday} of {year}");
                }
            }
        }
    }

    #[test]
    fn a_boundary_in_the_gap_takes_effect_at_the_jump_and_the_autumn_hour_has_two_passes() {
        let spring = NEW_YORK.rules().year_of(Instant(1_772_953_200));
        let date = Date::new(2026, 3, 8);
        assert_eq!(spring.first_reading(date, 150), Instant(1_772_953_200));
        assert_eq!(spring.first_reading(date, 180), Instant(1_772_953_200));
        assert_eq!(spring.first_reading(date, 181), Instant(1_772_953_260));
        let date = Date::new(2026, 11, 1);
        assert_eq!(spring.first_reading(date, 90), Instant(1_793_511_000));
        assert_eq!(spring.next_reading(date, 90, Instant(1_793_510_999)), Instant(1_793_511_000));
        assert_eq!(spring.next_reading(date, 90, Instant(1_793_511_000)), Instant(1_793_514_600));
        assert_eq!(spring.first_reading(date, 120), Instant(1_793_516_400), "02:00 is only read after the second pass");
        assert_eq!(spring.last_reading(date, 90), Instant(1_793_514_600));
        assert_eq!(spring.last_reading(date, 59), spring.first_reading(date, 59));
        assert_eq!(spring.last_reading(date, 120), Instant(1_793_516_400));
        let summer = Date::new(2026, 7, 1);
        assert_eq!(spring.last_reading(summer, 90), spring.first_reading(summer, 90));
    }

    #[test]
    fn changes_around_new_year_are_refused() {
        let zone = |month, week| Zone { starts: Change { month, week, weekday: 0, minute: 0 }, ..Zone::UTC };
        assert!(Zone::UTC.is_valid());
        for (month, week, valid) in
            [(1, 2, false), (1, 3, true), (12, 3, true), (12, 4, false), (0, 1, false), (13, 1, false), (3, 6, false)]
        {
            assert_eq!(zone(month, week).is_valid(), valid, "M{month}.{week}.0");
        }
    }
}
