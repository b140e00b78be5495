//! Instants, dates and what a device's clock says.
//!
//! Nothing here knows what is scheduled. Time always comes in as a parameter; there is no clock to read.

use serde::{Deserialize, Serialize};

use crate::mask::{quotient, select, settled};

/// A point in time: whole seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[serde(transparent)]
pub struct Instant(pub i64);

impl Instant {
    /// Before every other instant; as a start it means "since ever".
    pub const EARLIEST: Self = Self(i64::MIN);
    /// After every other instant; as an end it means "for ever".
    pub const LATEST: Self = Self(i64::MAX);
    /// The last second a device takes for a clock reading: 2499-12-31T23:59:59Z.
    ///
    /// The calendar works in 32 bits below this; a clock that reads more is broken, not early.
    pub const LAST_READING: Self = Self(16_725_225_599);

    /// This instant moved by `seconds`; [`Instant::EARLIEST`] and [`Instant::LATEST`] are never passed.
    pub const fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// This instant, or `None` when it stands for "for ever".
    pub const fn ending(self) -> Option<Self> {
        if self.0 == Self::LATEST.0 { None } else { Some(self) }
    }

    /// Minutes since 1970 of an instant in the range of clock readings.
    pub(crate) const fn minute(self) -> i32 {
        // A reading fits 34 bits: four seconds at a time it fits 32, which spares small machines a 64-bit division.
        let quads = (self.0 >> 2) as u32;
        quotient::<15, 32>(quads) as i32
    }

    pub(crate) const fn from_minute(minute: i32) -> Self {
        Self(minute as i64 * 60)
    }
}

/// The half-open interval `[from, until)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[serde(from = "Bounds", into = "Bounds")]
pub struct Period {
    /// First instant inside.
    pub from: Instant,
    /// First instant after it.
    pub until: Instant,
}

/// How a [`Period`] crosses the wire: an open end takes one byte.
#[derive(Serialize, Deserialize)]
struct Bounds(Option<Instant>, Option<Instant>);

impl From<Bounds> for Period {
    fn from(Bounds(from, until): Bounds) -> Self {
        Self { from: from.unwrap_or(Instant::EARLIEST), until: until.unwrap_or(Instant::LATEST) }
    }
}

impl From<Period> for Bounds {
    fn from(period: Period) -> Self {
        let from = if period.from == Instant::EARLIEST { None } else { Some(period.from) };
        Self(from, period.until.ending())
    }
}

impl Period {
    /// No bound on either side.
    pub const ALWAYS: Self = Self { from: Instant::EARLIEST, until: Instant::LATEST };

    /// Over before any clock reading.
    pub(crate) const NEVER: Self = Self { from: Instant(0), until: Instant(0) };

    /// This period, moved back as a whole if it begins after `now`, so that it begins then.
    pub(crate) fn begun_by(self, now: Instant) -> Self {
        let late = self.from.0.saturating_sub(now.0).max(0);
        if late == 0 || self.from == Instant::LATEST { self } else { Self { from: now, until: self.until.plus(-late) } }
    }

    /// Whether neither side is bounded, so that no clock is needed to know that now is inside.
    pub fn is_unbounded(&self) -> bool {
        (self.from.0 == i64::MIN) & (self.until.0 == i64::MAX)
    }
}

/// What the device's clock says. Every question carries one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Time {
    /// No trustworthy time: whatever depends on time is refused, and nothing else.
    Unknown,
    /// The clock was set and reads this.
    Known(Instant),
}

/// A local calendar date: days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[serde(transparent)]
pub struct Date(pub i32);

/// Days from 0000-03-01, where the calendar's 400-year cycle starts, to 1970-01-01.
const CYCLE_TO_EPOCH: i32 = 719_468;

impl Date {
    /// Before every date a device can meet.
    pub const EARLIEST: Self = Self(0);
    /// 2500-01-01, the first date after the last clock reading.
    pub const LATEST: Self = Self::new(2500, 1, 1);

    /// The date of a proleptic Gregorian `year` (1970..=2500), `month` (1..=12) and `day` (1..=31).
    ///
    /// Does not check that the month has that day; see [`Date::civil`] to find out.
    pub const fn new(year: u16, month: u8, day: u8) -> Self {
        let year = year as u32 - (month < 3) as u32;
        let days = 365 * year + year / 4 - year / 100 + year / 400 + Self::day_from_march(month, day);
        Self(days as i32 - CYCLE_TO_EPOCH)
    }

    /// Year, month and day of this date.
    pub const fn civil(self) -> (u16, u8, u8) {
        let (century, year, day) = self.in_century();
        let month = (5 * day + 2) / 153 + 3;
        let after_december = month > 12;
        let month = (month - 12 * after_december as u32) as u8;
        let day = day - Self::day_from_march(month, 1) + 1;
        ((100 * century + year) as u16 + after_december as u16, month, day as u8)
    }

    /// Days from 1 March to `month` (1..=12) and `day`; 29 February is the last of them.
    pub(crate) const fn day_from_march(month: u8, day: u8) -> u32 {
        let next_year = 367 * (month < 3) as i32;
        (march_to(month as i32) + next_year) as u32 + day as u32 - 1
    }

    /// The century that this date is in, the year of it and the day of that, all beginning in March (Neri and Schneider).
    const fn in_century(self) -> (u32, u32, u32) {
        let quarters = 4 * (self.0 + CYCLE_TO_EPOCH) as u32 + 3;
        let century = quotient::<146_097, 24>(quarters);
        let quarters = (quarters - 146_097 * century) | 3;
        let year = quotient::<1461, 18>(quarters);
        (century, year, (quarters - 1461 * year) / 4)
    }

    /// Day of the week, 0 = Monday.
    pub const fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday.
        in_week(self.0 + 3) as u8
    }
}

/// A 1 March: where years begin here, so that the calendar asks for a leap day at their end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct March {
    pub(crate) first: Date,
    /// Days from the one before it.
    pub(crate) last_year: i32,
}

impl March {
    /// The last one by `date`.
    pub(crate) fn before(date: Date) -> Self {
        let (century, year, day) = date.in_century();
        let is_leap = select(year == 0, century, year).is_multiple_of(4);
        Self { first: Date(date.0 - day as i32), last_year: 365 + i32::from(is_leap) }
    }

    /// That of the civil year of `date`.
    pub(crate) fn of_year(date: Date) -> Self {
        // So many days later it is March or after, unless it was 1 January and there is a 29 February.
        let later = Date(date.0 + 59);
        let march = Self::before(later);
        let is_before = later.0 - march.first.0 == 365;
        Self { first: Date(select(is_before, later.0 + 1, march.first.0)), last_year: select(is_before, 366, march.last_year) }
    }

    /// Days of the February before it.
    pub(crate) const fn february(self) -> i32 {
        self.last_year - 337
    }

    /// Days to `date` from this or, if that is earlier, from the one before.
    pub(crate) fn days_to(self, date: Date) -> i32 {
        let days = date.0 - self.first.0;
        days + select(days < 0, self.last_year, 0)
    }
}

/// Days from 1 March to the first of `month`, 3..=13. Those of 1 and 2 are before it, by as many days as if February had 30.
pub(crate) const fn march_to(month: i32) -> i32 {
    (489 * month - 1456) >> 4
}

/// What is left of `days` without whole weeks.
pub(crate) const fn in_week(days: i32) -> u32 {
    // Whole weeks are added so that the dividend is positive; of one that is known to be short the remainder is cheaper.
    let days = (days + (7 << 15)) as u32 & 0xff_ffff;
    days - 7 * quotient::<7, 24>(days)
}

/// A half-open range of local dates `[from, until)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DateRange {
    /// First date inside.
    pub from: Date,
    /// First date after it.
    pub until: Date,
}

impl DateRange {
    /// Every date a device can meet.
    pub const ALWAYS: Self = Self { from: Date::EARLIEST, until: Date::LATEST };
    /// No date at all.
    pub const NEVER: Self = Self { from: Date::EARLIEST, until: Date::EARLIEST };
}

bitflags::bitflags! {
    /// A set of weekdays.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    #[serde(transparent)]
    pub struct Weekdays: u8 {
        /// Monday.
        const MONDAY = 1 << 0;
        /// Tuesday.
        const TUESDAY = 1 << 1;
        /// Wednesday.
        const WEDNESDAY = 1 << 2;
        /// Thursday.
        const THURSDAY = 1 << 3;
        /// Friday.
        const FRIDAY = 1 << 4;
        /// Saturday.
        const SATURDAY = 1 << 5;
        /// Sunday.
        const SUNDAY = 1 << 6;
    }
}
crate::flags::format_as_bits!(Weekdays);

impl Weekdays {
    /// Two weeks side by side, so that no day before or after falls off the end: moved down by [`yesterday`], the days around today are lowest.
    pub(crate) const fn fortnight(self) -> u16 {
        self.bits() as u16 | (self.bits() as u16) << 7
    }
}

/// Day of the week of the day before `today`, 0 = Monday.
pub(crate) const fn yesterday(today: Date) -> u32 {
    Date(today.0 - 1).weekday() as u32
}

/// A clock reading judged against the highest one seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Now {
    /// Whether the reading can be trusted.
    pub(crate) known: bool,
    /// The reading, never below the floor; the floor itself when unknown.
    pub(crate) instant: Instant,
}

impl Now {
    /// Judges `time` against the highest reading seen, `floor`.
    ///
    /// A reading up to `tolerance` seconds below the floor counts as the floor: a clock that is corrected by a second must
    /// not revive what that second ended. A reading further back is a clock turned back, hence unknown.
    pub(crate) fn read(time: Time, floor: Instant, tolerance: u16) -> Self {
        let given = matches!(time, Time::Known(_));
        let reading = *settled(match &time {
            Time::Known(Instant(seconds)) => seconds,
            Time::Unknown => &0,
        });
        let floor = floor.0.max(0);
        let is_reading = (0..=Instant::LAST_READING.0).contains(&reading);
        let known = given & is_reading & (reading >= floor - i64::from(tolerance));
        Self { known, instant: Instant(select(known, reading.max(floor), floor)) }
    }

    /// The time that is gone by.
    pub(crate) const fn believed(self) -> Time {
        if self.known { Time::Known(self.instant) } else { Time::Unknown }
    }

    /// The floor from now on: this reading if it can be trusted, else `floor` as before.
    pub(crate) fn raised(self, floor: Instant) -> Instant {
        Instant(select(self.known, self.instant.0, floor.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_date_survives_the_way_to_civil_and_back() {
        for days in 0..=Date::LATEST.0 {
            let (year, month, day) = Date(days).civil();
            assert_eq!(Date::new(year, month, day), Date(days));
        }
        assert_eq!(Date::new(1970, 1, 1), Date(0));
        assert_eq!(Date(-1).civil(), (1969, 12, 31));
    }

    #[test]
    fn every_date_knows_the_last_first_of_march_and_that_of_its_year() {
        for days in -7..=Date::LATEST.0 {
            let date = Date(days);
            let (year, month, day) = date.civil();
            let march = year - u16::from(month < 3);
            let last = March { first: Date::new(march, 3, 1), last_year: Date::new(march, 3, 1).0 - Date::new(march - 1, 3, 1).0 };
            let of_year = March { first: Date::new(year, 3, 1), last_year: Date::new(year, 3, 1).0 - Date::new(year - 1, 3, 1).0 };
            assert_eq!(March::before(date), last, "{year}-{month}-{day}");
            assert_eq!(March::of_year(date), of_year, "{year}-{month}-{day}");
            assert_eq!(Date::day_from_march(month, day) as i32, last.days_to(date));
            assert_eq!(of_year.days_to(date), last.days_to(date));
        }
    }

    #[test]
    fn weekdays_follow_the_calendar() {
        assert_eq!(Date::new(2026, 11, 22).weekday(), 6, "a Sunday");
        assert_eq!(Date(-1).weekday(), 2, "a Wednesday");
        let weekend = Weekdays::SATURDAY | Weekdays::SUNDAY;
        assert_eq!(weekend.fortnight() >> yesterday(Date::new(2026, 11, 22)) & 0b111, 0b011);
        assert_eq!(weekend.fortnight() >> yesterday(Date::new(2026, 11, 23)) & 0b111, 0b001);
    }

    #[test]
    fn a_clock_turned_back_is_unknown_and_a_small_correction_revives_nothing() {
        let floor = Instant(1000);
        let cases = [
            ("ahead of the floor", Time::Known(Instant(2000)), true, 2000),
            ("at the floor", Time::Known(Instant(1000)), true, 1000),
            ("inside the tolerance", Time::Known(Instant(940)), true, 1000),
            ("one second too far back", Time::Known(Instant(939)), false, 1000),
            ("unknown", Time::Unknown, false, 1000),
            ("before 1970", Time::Known(Instant(-1)), false, 1000),
            ("after 2499", Time::Known(Instant::LAST_READING.plus(1)), false, 1000),
            ("in the far future", Time::Known(Instant::LATEST), false, 1000),
        ];
        for (name, time, known, instant) in cases {
            let now = Now::read(time, floor, 60);
            assert_eq!(now, Now { known, instant: Instant(instant) }, "{name}");
            assert_eq!(now.believed(), if known { Time::Known(Instant(instant)) } else { Time::Unknown }, "{name}");
        }
    }
}
