//! How people write times, days, areas and names.
//!
//! Every value says itself what is wrong with it: an error is one line of what is wrong and one of what to do.

use jiff::civil::DateTime;
use jiff::fmt::temporal::Pieces;
use keyholder::code::CODE_DIGITS;
use keyholder::firmware::{ImageDigest, Version};
use keyholder::place::{AREAS, AreaList, Areas, SYSTEMS};
use keyholder::time::{Date, Weekdays};
use serde::{Deserialize, Deserializer, de};
use toml::Value;

/// A value that a person wrote in a TOML file.
trait Written: Sized {
    /// Reads it, or says what is wrong and what to do.
    fn of(value: &Value) -> Result<Self, String>;
}

macro_rules! deserialize_as_written {
    ($($type:ty),*) => {$(
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <$type>::of(&Value::deserialize(deserializer)?).map_err(de::Error::custom)
            }
        }
    )*};
}
deserialize_as_written!(TimeOfDay, LocalDate, HolidayDate, Duration, Days, AreaMap, Moment, Engineer, VersionText, Image, OneOrMore);

/// What kind of value a person wrote.
const fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a text",
        Value::Integer(_) | Value::Float(_) => "a number",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date or time",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
    }
}

/// The text of a value: strings, and dates and times written without quotes.
fn text(value: &Value, wanted: &str) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.trim().to_owned()),
        Value::Datetime(datetime) => Ok(datetime.to_string()),
        other => Err(format!("this is {}, not {wanted}", kind_of(other))),
    }
}

/// Minutes from the midnight that begins the day, 0..=2880: past 1440 it is the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeOfDay(pub u16);

impl TimeOfDay {
    /// Reads `08:30`, `26:00` or `02:00+1`.
    ///
    /// # Errors
    /// What is wrong with it, and in a second line what to do.
    pub fn read(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "\"{text}\" is not a time of day\nwrite hours and minutes, as in \"08:30\"; \"26:00\" or \"02:00+1\" is on the next day"
            )
        };
        let (clock, days) = match text.split_once('+') {
            Some((clock, "1")) => (clock, 1440),
            Some(_) => return Err(wrong()),
            None => (text, 0),
        };
        let (hours, minutes) = clock.split_once(':').ok_or_else(wrong)?;
        // TOML itself reads 08:30 as 08:30:00 when it is not quoted.
        let minutes = minutes.strip_suffix(":00").filter(|minutes| minutes.len() == 2).unwrap_or(minutes);
        let number = |digits: &str| if digits.len() == 2 { digits.parse::<u16>().ok() } else { None };
        let (hours, minutes) = (number(hours).ok_or_else(wrong)?, number(minutes).ok_or_else(wrong)?);
        let total = hours * 60 + minutes + days;
        if minutes < 60 && total <= 2880 { Ok(Self(total)) } else { Err(wrong()) }
    }
}

impl Written for TimeOfDay {
    fn of(value: &Value) -> Result<Self, String> {
        Self::read(&text(value, "a time of day\nwrite it as in \"08:30\"")?)
    }
}

/// A date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalDate(pub Date);

impl LocalDate {
    /// Reads `2026-11-22`.
    ///
    /// # Errors
    /// What is wrong with it, and in a second line what to do.
    pub fn read(text: &str) -> Result<Self, String> {
        let date: Option<jiff::civil::Date> = if text.len() == 10 { text.parse().ok() } else { None };
        match date.map(|date| (u16::try_from(date.year()).unwrap_or(0), date)) {
            Some((year @ 1970..=2499, date)) => Ok(Self(Date::new(year, date.month().unsigned_abs(), date.day().unsigned_abs()))),
            _ => Err(format!("\"{text}\" is not a date from 1970 to 2499\nwrite year, month and day, as in 2026-11-22")),
        }
    }
}

impl Written for LocalDate {
    fn of(value: &Value) -> Result<Self, String> {
        Self::read(&text(value, "a date\nwrite it as in 2026-11-22")?)
    }
}

/// The date of a holiday: one, or a day of every year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HolidayDate {
    /// 0 for every year.
    pub year: u16,
    /// 1..=12.
    pub month: u8,
    /// 1..=31.
    pub day: u8,
}

impl Written for HolidayDate {
    fn of(value: &Value) -> Result<Self, String> {
        let text = text(value, "a date\nwrite it as in 2026-12-25, or \"12-25\" for every year")?;
        if text.len() == 5 {
            // Whichever year has a 29 February.
            let LocalDate(date) = LocalDate::read(&format!("2000-{text}"))
                .map_err(|_| format!("\"{text}\" is no day of the year\nwrite month and day, as in \"12-25\""))?;
            let (_, month, day) = date.civil();
            return Ok(Self { year: 0, month, day });
        }
        let (year, month, day) = LocalDate::read(&text)?.0.civil();
        Ok(Self { year, month, day })
    }
}

/// A length of time, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duration(pub u64);

impl Duration {
    /// Reads `90s`, `30m`, `2h`, `1d` or several of them together.
    ///
    /// # Errors
    /// What is wrong with it, and in a second line what to do.
    pub fn read(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("\"{text}\" is not a duration\nwrite a number and s, m, h or d, as in \"90s\", \"30m\", \"2h\" or \"1h30m\"");
        let mut rest = text;
        let mut total = 0_u64;
        while let Some(unit) = rest.find(|char: char| !char.is_ascii_digit()) {
            let (number, behind) = rest.split_at_checked(unit).ok_or_else(wrong)?;
            let mut characters = behind.chars();
            let seconds = match characters.next() {
                Some('s') => 1,
                Some('m') => 60,
                Some('h') => 3600,
                Some('d') => 86_400,
                _ => return Err(wrong()),
            };
            let number: u64 = number.parse().map_err(|_| wrong())?;
            total = number.checked_mul(seconds).and_then(|part| total.checked_add(part)).ok_or_else(wrong)?;
            rest = characters.as_str();
        }
        if rest.is_empty() && !text.is_empty() { Ok(Self(total)) } else { Err(wrong()) }
    }
}

impl Written for Duration {
    fn of(value: &Value) -> Result<Self, String> {
        Self::read(&text(value, "a duration\nwrite it with its unit, as in \"30m\"")?)
    }
}

/// Weekdays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days(pub Weekdays);

impl Days {
    const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    fn read(text: &str) -> Result<Weekdays, String> {
        let wrong = || format!("\"{text}\" is no set of weekdays\nwrite \"mon-fri\", \"sat, sun\", [\"mon\", \"wed\"] or \"daily\"");
        let number = |name: &str| Self::NAMES.iter().position(|known| known.eq_ignore_ascii_case(name.trim())).ok_or_else(wrong);
        if text == "daily" {
            return Ok(Weekdays::all());
        }
        text.split(',').try_fold(Weekdays::empty(), |days, part| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (number(first)?, number(last)?);
            // "fri-mon" goes over the end of the week.
            let length = (last + 7 - first) % 7;
            Ok((first..=first + length).fold(days, |days, day| days | Weekdays::from_bits_truncate(1 << (day % 7))))
        })
    }

    /// The shortest way to write a set of weekdays.
    pub fn write(days: Weekdays) -> String {
        if days == Weekdays::all() {
            return "daily".to_owned();
        }
        let holds = |day: usize| day < 7 && days.bits() >> day & 1 == 1;
        let mut parts = Vec::new();
        let mut day = 0;
        while day < 7 {
            let length = (day..7).take_while(|day| holds(*day)).count();
            let name = |day: usize| Self::NAMES.get(day).copied().unwrap_or_default();
            match length {
                0 => {}
                1 => parts.push(name(day).to_owned()),
                _ => parts.push(format!("{}-{}", name(day), name(day + length - 1))),
            }
            day += length.max(1);
        }
        parts.join(", ")
    }
}

impl Written for Days {
    fn of(value: &Value) -> Result<Self, String> {
        let OneOrMore(parts) = OneOrMore::of(value)?;
        if parts.is_empty() {
            return Err("no weekdays\nname at least one, or leave it out to mean daily".to_owned());
        }
        parts.iter().try_fold(Weekdays::empty(), |days, part| Ok(days | Self::read(part)?)).map(Self)
    }
}

/// One text or a list of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneOrMore(pub Vec<String>);

impl Written for OneOrMore {
    fn of(value: &Value) -> Result<Self, String> {
        let name = |value: &Value| match value {
            Value::String(text) => Ok(text.clone()),
            Value::Integer(number) => Ok(number.to_string()),
            other => Err(format!("this is {}, not a name\nwrite names in quotes", kind_of(other))),
        };
        match value {
            Value::Array(values) => values.iter().map(name).collect::<Result<_, _>>().map(Self),
            value => name(value).map(|name| Self(vec![name])),
        }
    }
}

/// Areas of systems.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AreaMap(pub AreaList);

/// The area of that number, or what is wrong with it.
///
/// # Errors
/// What is wrong with the number.
pub fn area(number: i64) -> Result<Areas, String> {
    let area = u8::try_from(number).ok().and_then(|number| Areas::of(&[number]));
    area.ok_or_else(|| format!("{number} is not an area\nwrite numbers from 1 to {AREAS}"))
}

impl AreaMap {
    /// The areas of one system.
    ///
    /// # Errors
    /// What is wrong with them, and in a second line what to do.
    pub fn areas(value: &Value) -> Result<Areas, String> {
        match value {
            Value::Integer(number) => area(*number),
            Value::Array(values) => values.iter().try_fold(Areas::NONE, |areas, value| Ok(Areas(areas.0 | Self::areas(value)?.0))),
            Value::String(text) if text == "all" => Ok(Areas(u32::MAX)),
            Value::String(text) => text.split(',').try_fold(Areas::NONE, |areas, part| {
                let wrong = |_| format!("\"{text}\" is no list of areas\nwrite \"1-4, 7\", [1, 2], 5 or \"all\"");
                let (first, last) = part.split_once('-').unwrap_or((part, part));
                let (first, last): (i64, i64) = (first.trim().parse().map_err(wrong)?, last.trim().parse().map_err(wrong)?);
                area(first)?;
                area(last)?;
                if first > last {
                    return Err(format!("\"{part}\" goes backwards\nwrite \"{last}-{first}\""));
                }
                (first..=last).try_fold(areas, |areas, number| Ok(Areas(areas.0 | area(number)?.0)))
            }),
            other => Err(format!("this is {}, not a list of areas\nwrite \"1-4, 7\", [1, 2], 5 or \"all\"", kind_of(other))),
        }
    }

    /// The shortest way to write a set of areas.
    pub fn write(areas: Areas) -> String {
        if areas == Areas(u32::MAX) {
            return "all".to_owned();
        }
        let mut parts: Vec<(u8, u8)> = Vec::new();
        for number in areas.numbers() {
            match parts.last_mut() {
                Some((_, last)) if *last + 1 == number => *last = number,
                _ => parts.push((number, number)),
            }
        }
        let write = |(first, last): &(u8, u8)| if first == last { first.to_string() } else { format!("{first}-{last}") };
        parts.iter().map(write).collect::<Vec<_>>().join(", ")
    }
}

impl Written for AreaMap {
    fn of(value: &Value) -> Result<Self, String> {
        let Value::Table(systems) = value else {
            return Err(format!(
                "this is {}, not areas of systems\nwrite systems and their areas, as in {{ 1 = \"1-4\" }}",
                kind_of(value)
            ));
        };
        let mut list = AreaList::NONE;
        for (system, areas) in systems {
            let index = system.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            let slot = index.and_then(|index| list.0.get_mut(index));
            let slot = slot.ok_or_else(|| format!("`{system}` is not a system\nwrite numbers from 1 to {SYSTEMS}"))?;
            *slot = Self::areas(areas)?;
            if slot.is_empty() {
                return Err(format!("system {system} has no areas here\nleave it out, or name areas of it"));
            }
        }
        if list.is_empty() { Err("no areas\nname at least one, as in { 1 = \"1\" }".to_owned()) } else { Ok(Self(list)) }
    }
}

/// A point in time as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// With an offset from UTC: seconds since 1970.
    Instant(i64),
    /// On the wall clock of whatever zone it is about.
    Local(DateTime),
}

impl Moment {
    /// Reads an instant with an offset, a local date and time, or a local date.
    ///
    /// # Errors
    /// What is wrong with it, and in a second line what to do.
    pub fn read(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is no point in time\nwrite \"2026-11-22T22:30:00Z\", or \"2026-11-22 22:30\" for local time");
        if let Ok(timestamp) = text.parse::<jiff::Timestamp>() {
            // jiff takes offsets of a day and more, which RFC 3339 does not have.
            let offset = Pieces::parse(text).ok().and_then(|pieces| pieces.to_numeric_offset());
            let is_offset = offset.is_none_or(|offset| offset.seconds().abs() < 86_400);
            let is_whole = timestamp.subsec_nanosecond() == 0;
            return if is_whole && is_offset { Ok(Self::Instant(timestamp.as_second())) } else { Err(wrong()) };
        }
        // jiff would pass over an offset or a zone in a local time.
        let local = text.len() <= 19 && !text.contains(['Z', '[', '+']);
        let local = local.then(|| text.parse::<DateTime>().ok()).flatten().filter(|local| local.subsec_nanosecond() == 0);
        local.map(Self::Local).ok_or_else(wrong)
    }
}

impl Written for Moment {
    fn of(value: &Value) -> Result<Self, String> {
        Self::read(&text(value, "a point in time\nwrite \"2026-11-22T22:30:00Z\", or \"2026-11-22 22:30\" for local time")?)
    }
}

/// An engineer, by id or by e-mail address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Engineer {
    /// The id.
    Id(u32),
    /// The address.
    Email(String),
}

impl Written for Engineer {
    fn of(value: &Value) -> Result<Self, String> {
        match value {
            Value::Integer(number) => Ok(Self::Id(id(*number)?)),
            Value::String(text) => Ok(Self::Email(text.clone())),
            other => Err(format!("this is {}, not an engineer\nwrite the id or the e-mail address", kind_of(other))),
        }
    }
}

/// The id of that number, or what is wrong with it.
///
/// # Errors
/// What is wrong with the number.
pub fn id(number: i64) -> Result<u32, String> {
    u32::try_from(number).ok().filter(|id| *id != 0).ok_or_else(|| format!("{number} is not an id\nwrite a number from 1 to {}", u32::MAX))
}

/// A firmware version, possibly open at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionText {
    /// The numbers written, zeros after them.
    pub lowest: Version,
    /// The same, but the highest numbers where it ends with `*`.
    pub highest: Version,
}

impl VersionText {
    /// Reads `2.4`, `2.4.1.7` or `2.*`.
    ///
    /// # Errors
    /// What is wrong with it, and in a second line what to do.
    pub fn read(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is not a version\nwrite up to four numbers of at most 65535, as in \"2.4\" or \"2.4.1.7\"");
        let (numbers, open) = text.strip_suffix(".*").map_or((text, false), |numbers| (numbers, true));
        let (mut lowest, mut highest) = ([0; 4], if open { [u16::MAX; 4] } else { [0; 4] });
        let mut slots = lowest.iter_mut().zip(&mut highest);
        for number in numbers.split('.') {
            let (low, high) = slots.next().ok_or_else(wrong)?;
            *low = number.parse().map_err(|_| wrong())?;
            *high = *low;
        }
        Ok(Self { lowest: Version(lowest), highest: Version(highest) })
    }
}

impl Written for VersionText {
    fn of(value: &Value) -> Result<Self, String> {
        Self::read(&text(value, "a version\nwrite it in quotes, as in \"2.4\"")?)
    }
}

/// The SHA-256 of a firmware image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Image(pub ImageDigest);

impl Image {
    /// Reads 64 hexadecimal digits.
    ///
    /// # Errors
    /// What is wrong with it, and in a second line what to do.
    pub fn read(text: &str) -> Result<Self, String> {
        let digest = crate::hex::decode(text).ok_or("this is not a SHA-256\nwrite its 64 hexadecimal digits, as sha256sum prints them")?;
        Ok(Self(ImageDigest(digest)))
    }
}

impl Written for Image {
    fn of(value: &Value) -> Result<Self, String> {
        Self::read(&text(value, "a SHA-256\nwrite its 64 hexadecimal digits in quotes")?)
    }
}

/// Whether a text can be a code.
pub fn is_code(text: &str) -> bool {
    CODE_DIGITS.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_go_on_counting_past_midnight() {
        let cases = [
            ("08:30", Some(510)),
            ("24:00", Some(1440)),
            ("26:00", Some(1560)),
            ("02:00+1", Some(1560)),
            ("48:00", Some(2880)),
            ("08:30:00", Some(510)),
            ("48:01", None),
            ("8:30", None),
            ("08:60", None),
            ("0830", None),
            ("08:30:30", None),
            ("02:00+2", None),
            ("-1:00", None),
        ];
        for (text, minutes) in cases {
            assert_eq!(TimeOfDay::read(text).ok().map(|time| time.0), minutes, "{text}");
        }
    }

    #[test]
    fn weekdays_are_written_as_they_are_read() {
        for text in ["mon-fri", "sat-sun", "mon, wed, fri", "daily", "sun", "mon-tue, thu-sat"] {
            assert_eq!(Days::read(text).map(Days::write).as_deref(), Ok(text));
        }
        assert_eq!(Days::read("fri-mon").map(Days::write).as_deref(), Ok("mon, fri-sun"));
        assert!(Days::read("mo-fr").is_err());
    }

    #[test]
    fn areas_are_written_as_they_are_read() {
        for text in ["1", "1-4, 7", "32", "all"] {
            assert_eq!(AreaMap::areas(&Value::String(text.to_owned())).map(AreaMap::write).as_deref(), Ok(text));
        }
        for text in ["0", "33", "4-1", "", "one"] {
            assert!(AreaMap::areas(&Value::String(text.to_owned())).is_err(), "{text}");
        }
    }

    #[test]
    fn durations_have_units() {
        let cases = [("90s", Some(90)), ("1h30m", Some(5400)), ("1d", Some(86_400)), ("30", None), ("", None), ("m", None), ("1w", None)];
        for (text, seconds) in cases {
            assert_eq!(Duration::read(text).ok().map(|duration| duration.0), seconds, "{text}");
        }
    }

    #[test]
    fn moments_have_an_offset_or_are_local() {
        let local = |hour, minute| Some(Moment::Local(jiff::civil::date(2026, 11, 22).at(hour, minute, 0, 0)));
        let cases = [
            ("2026-11-22T22:30:00Z", Some(Moment::Instant(1_795_386_600))),
            ("2026-11-22T23:30:00+01:00", Some(Moment::Instant(1_795_386_600))),
            ("2026-11-22 22:30", local(22, 30)),
            ("2026-11-22T22:30", local(22, 30)),
            ("2026-11-22", local(0, 0)),
            ("2026-11-22T22:30:00.5Z", None),
            ("2026-11-22T22:30:00+25:00", None),
            ("22:30", None),
            ("now", None),
        ];
        for (text, moment) in cases {
            assert_eq!(Moment::read(text).ok(), moment, "{text}");
        }
    }

    #[test]
    fn versions_are_padded_with_zeros_and_open_ones_with_the_highest() {
        let read = |text| VersionText::read(text).ok().map(|version| (version.lowest.0, version.highest.0));
        assert_eq!(read("2.4"), Some(([2, 4, 0, 0], [2, 4, 0, 0])));
        assert_eq!(read("2.*"), Some(([2, 0, 0, 0], [2, 65535, 65535, 65535])));
        assert_eq!(read("1.2.3.4.5"), None);
        assert_eq!(read("1.x"), None);
    }
}
