//! Wall clock of a site and back to instants. Jiff does the work.

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{Span, Timestamp};

pub const MINUTES_PER_DAY: i32 = 1440;

/// A site's zone: the rule as data, and jiff's reading of it.
#[derive(Clone, Debug)]
pub struct Zone {
    pub rule: ZoneRule,
    time_zone: TimeZone,
}

/// Offsets are minutes east of Greenwich.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZoneRule {
    pub standard: i32,
    pub daylight: Option<Daylight>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Daylight {
    pub offset: i32,
    pub begins: Change,
    pub ends: Change,
}

/// `M<month>.<week>.<weekday>/<time>` of the POSIX TZ format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub month: u8,
    /// 1..=5, where 5 is the last of the month.
    pub week: u8,
    /// 0 is Sunday.
    pub weekday: u8,
    /// Minutes from midnight on the clock in force before the change; may be negative or pass 24:00.
    pub time: i32,
}

/// What the wall shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WallClock {
    pub date: Date,
    /// Whole minutes since local midnight.
    pub minute: i32,
}

impl ZoneRule {
    pub fn to_posix(self) -> String {
        // POSIX counts offsets westward.
        let offset = |minutes: i32| hours_and_minutes(-minutes);
        let change = |c: Change| {
            let Change { month, week, weekday, time } = c;
            format!("M{month}.{week}.{weekday}/{}", hours_and_minutes(time))
        };
        match self.daylight {
            None => format!("<STD>{}", offset(self.standard)),
            Some(daylight) => format!(
                "<STD>{}<DST>{},{},{}",
                offset(self.standard),
                offset(daylight.offset),
                change(daylight.begins),
                change(daylight.ends)
            ),
        }
    }
}

fn hours_and_minutes(minutes: i32) -> String {
    let sign = if minutes < 0 { "-" } else { "" };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

impl Zone {
    pub fn new(rule: ZoneRule) -> Self {
        let time_zone = TimeZone::posix(&rule.to_posix()).expect("a zone rule is a POSIX TZ string");
        Self { rule, time_zone }
    }

    pub fn wall_clock(&self, instant: i64) -> WallClock {
        let local = self.time_zone.to_datetime(timestamp(instant));
        WallClock { date: local.date(), minute: i32::from(local.hour()) * 60 + i32::from(local.minute()) }
    }

    /// The first instant at which the clock of that day reads `minute` or later.
    ///
    /// Minutes past 24:00 or before 0:00 belong to the days after and before. Inside the spring gap
    /// this is the jump; in the repeated autumn hour it is the first pass.
    pub fn first_reading(&self, date: Date, minute: i32) -> i64 {
        let local = civil(date, minute);
        match self.time_zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => instant(offset, local),
            AmbiguousOffset::Gap { after, .. } => {
                let shortly_before = timestamp(instant(after, local));
                let jump = self.time_zone.following(shortly_before).next();
                jump.expect("a gap has a jump").timestamp().as_second()
            }
            // The offset before the change is the greater one, so it gives the earlier instant.
            AmbiguousOffset::Fold { before, .. } => instant(before, local),
        }
    }

    /// The instant from which on the clock never reads earlier again: in the repeated autumn hour that of the second pass.
    pub fn last_reading(&self, date: Date, minute: i32) -> i64 {
        self.reading_after(i64::MAX, date, minute)
    }

    /// As [`Zone::first_reading`], but in the second pass of the repeated hour where the first is over.
    pub fn reading_after(&self, now: i64, date: Date, minute: i32) -> i64 {
        let first = self.first_reading(date, minute);
        let local = civil(date, minute);
        match self.time_zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Fold { after, .. } if first <= now => instant(after, local),
            _ => first,
        }
    }

    /// The next clock changes after an instant.
    pub fn changes_after(&self, instant: i64) -> impl Iterator<Item = i64> {
        self.time_zone.following(timestamp(instant)).map(|change| change.timestamp().as_second())
    }
}

/// The fixed UTC-5 in which restricted sites fall back at midnight.
pub fn end_of_lift(lifted_at: i64) -> i64 {
    let fixed = Offset::constant(-5);
    let date = fixed.to_datetime(timestamp(lifted_at)).date();
    instant(fixed, civil(date, MINUTES_PER_DAY))
}

pub fn days_later(date: Date, days: i32) -> Date {
    date + Span::new().days(days)
}

/// 0 is Sunday.
pub fn weekday(date: Date) -> usize {
    usize::try_from(date.weekday().to_sunday_zero_offset()).expect("0..=6")
}

fn civil(date: Date, minute: i32) -> DateTime {
    let date = days_later(date, minute.div_euclid(MINUTES_PER_DAY));
    let minute = minute.rem_euclid(MINUTES_PER_DAY);
    let hour = i8::try_from(minute / 60).expect("0..24");
    date.at(hour, i8::try_from(minute % 60).expect("0..60"), 0, 0)
}

fn timestamp(instant: i64) -> Timestamp {
    Timestamp::from_second(instant).expect("within the years jiff knows")
}

fn instant(offset: Offset, local: DateTime) -> i64 {
    offset.to_timestamp(local).expect("within the years jiff knows").as_second()
}
