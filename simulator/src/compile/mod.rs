//! From a policy file to the rows of a snapshot: sorted, numbered, its codes digested.
//!
//! What only the core can judge is judged there, when the rows are installed; [`Policy::explain`] brings its verdict back to the line of the file.

pub mod access;
mod contact;
mod panel;
mod schedule;

use std::collections::HashMap;

use keyholder::blob::Refusal;
use keyholder::code::CodeKey;
use keyholder::policy::access::ReceiverHead;
use keyholder::policy::{Fault, Invalid, Part};
use keyholder::schedule::{Holiday, Layer, Schedule, Span};
use keyholder::time::{Instant, Period};
use toml::Spanned;

use crate::complaint::{Mistake, Place};
use crate::names::CalledNames;
use crate::policy_file::{PolicyFile, ReceiverFile, Size};
use crate::snapshot::{ReceiverRows, Rows};
use crate::values::{self, Duration, Moment};
use crate::zones::Clock;

use access::AccessCompiler;

/// A policy file, compiled.
#[derive(Clone, Debug)]
pub struct Policy {
    /// What the blob will carry.
    pub rows: Rows,
    /// What people call everybody.
    pub names: CalledNames,
    /// The wall clock that local times are read on.
    pub clock: Option<Clock>,
    /// The device it has to fit.
    pub size: Size,
    /// Whether the file says so.
    pub says_size: bool,
    /// What its author should know.
    pub warnings: Vec<Mistake>,
    places: Places,
}

/// Where each row stands in the file.
#[derive(Clone, Debug, Default)]
struct Places(HashMap<(Part, u16), Place>);

impl Places {
    fn note<'a>(&mut self, part: Part, places: impl IntoIterator<Item = &'a Place>) {
        for (row, place) in (0..).zip(places) {
            self.0.insert((part, row), place.clone());
        }
    }
}

/// A row, and where it stands in the file.
struct Placed<T> {
    row: T,
    place: Place,
}

/// Sorts rows, notes their places, and leaves the rows.
fn settle<T, K: Ord>(part: Part, mut rows: Vec<Placed<T>>, places: &mut Places, key: impl Fn(&T) -> K) -> Vec<T> {
    rows.sort_by_key(|placed| key(&placed.row));
    places.note(part, rows.iter().map(|placed| &placed.place));
    rows.into_iter().map(|placed| placed.row).collect()
}

/// Compiles a policy file; codes are digested under `code_key`.
///
/// # Errors
/// The first thing that is wrong with the file.
pub fn compile(file: &PolicyFile, code_key: &CodeKey) -> Result<Policy, Mistake> {
    match file {
        PolicyFile::Panel(file) => panel::compile(file, code_key),
        PolicyFile::Receiver(file) => receiver(file),
    }
}

fn receiver(file: &ReceiverFile) -> Result<Policy, Mistake> {
    let table = file.receiver.get_ref();
    let id = id(&table.id)?;
    let mut warnings = Vec::new();
    let clock = table.zone.as_ref().map(|zone| clock(zone, &mut warnings)).transpose()?;
    let mut names = CalledNames { device: table.name.clone().unwrap_or_else(|| format!("receiver {id}")), ..CalledNames::default() };
    let mut places = Places::default();
    let clock_tolerance = optional(&table.clock_tolerance, 60, |tolerance| seconds(tolerance, u16::MAX))?;
    places.note(Part::Head, [&file.receiver.span()]);
    let mut compiler = AccessCompiler { own_site: None, clock: clock.as_ref(), names: &mut names, places: &mut places };
    let sites = compiler.sites(&file.site)?;
    let access = compiler.rows(sites, &file.engineer, &file.grant, &file.firmware)?;
    let rows = Rows::Receiver(ReceiverRows { head: ReceiverHead { id: keyholder::engineer::SiteId(id), clock_tolerance }, access });
    Ok(Policy { rows, names, clock, size: table.size.unwrap_or_default(), says_size: table.size.is_some(), warnings, places })
}

impl Policy {
    /// What a device's refusal of this policy means for the file.
    pub fn explain(&self, refusal: &Refusal) -> Mistake {
        match refusal {
            Refusal::Invalid(Invalid { part, row, fault }) => {
                let message = match (part, fault) {
                    (Part::Holidays, Fault::OverlappingLayers) => {
                        "this date is a holiday every year as well, and two holiday layers of a schedule name the two".to_owned()
                    }
                    (Part::Holidays, Fault::Duplicate) => "another holiday has this date already".to_owned(),
                    _ => format!("this row of the {} {}", part.text(), fault.text()),
                };
                let place = self.places.0.get(&(*part, *row)).cloned();
                let hint = match (part, fault) {
                    (Part::Holidays, Fault::Duplicate) => "give each [[holiday]] a date of its own, or remove one of the two",
                    _ => what_to_do(*fault),
                };
                Mistake { message, hint: hint.to_owned(), place, other: self.other(*part, *row, *fault) }
            }
            Refusal::DoesNotFit { part, rows, capacity } => self.does_not_fit(*part, *rows, *capacity, self.size),
            other => Mistake::anywhere(other.to_string(), ""),
        }
    }

    /// What it means that a device of that `size` has no room for so many rows.
    pub(crate) fn does_not_fit(&self, part: Part, rows: u32, capacity: u16, size: Size) -> Mistake {
        let name = format!("{size:?}").to_lowercase();
        let counted = if part == Part::Spans { " (a layer without any counts as one)" } else { "" };
        let message = format!("{rows} {}{counted}, and a {name} device has room for {capacity}", part.text());
        let hint = if size == Size::Large { "remove some" } else { "remove some, or set a larger `size`" };
        Mistake { message, hint: hint.to_owned(), place: self.places.0.get(&(part, capacity)).cloned(), other: None }
    }

    /// The earlier row that this one does not go together with.
    fn other(&self, part: Part, row: u16, fault: Fault) -> Option<Place> {
        let Rows::Panel(rows) = &self.rows else { return None };
        let at = usize::from(row);
        let other = match (part, fault) {
            (Part::Spans, Fault::OverlappingSpans) => {
                let span = rows.spans.get(at)?;
                rows.spans.iter().take(at).position(|other| other.layer == span.layer && overlap(other, span))
            }
            (Part::Layers, Fault::OverlappingLayers) => {
                let Layer { schedule, kind, dates, groups } = *rows.layers.get(at)?;
                let clash = |other: &Layer| other.groups & groups != 0 || other.dates.from < dates.until && dates.from < other.dates.until;
                rows.layers.iter().take(at).position(|other| other.schedule == schedule && other.kind == kind && clash(other))
            }
            (Part::Schedules, Fault::SecondSchedule) => {
                let areas = |schedule: &Schedule| rows.lists.get(usize::from(schedule.areas.0).checked_sub(1)?);
                let list = areas(rows.schedules.get(at)?)?;
                rows.schedules.iter().take(at).position(|other| areas(other).is_some_and(|areas| areas.meets(list)))
            }
            (Part::Holidays, Fault::OverlappingLayers) => {
                let holiday = rows.holidays.get(at)?;
                rows.holidays.iter().position(|other| (other.year, other.month, other.day) == (0, holiday.month, holiday.day))
            }
            (Part::Holidays, Fault::Duplicate) => {
                let date = |holiday: &Holiday| (holiday.year, holiday.month, holiday.day);
                let holiday = rows.holidays.get(at)?;
                rows.holidays.iter().take(at).position(|other| date(other) == date(holiday))
            }
            _ => None,
        };
        self.places.0.get(&(part, u16::try_from(other?).ok()?)).cloned()
    }
}

/// Whether two spans of a layer have a minute of the week in common.
fn overlap(one: &Span, other: &Span) -> bool {
    // A second week, for what begins on Sunday and ends on Monday.
    let times = |span: &Span| {
        let Span { weekdays, opens_from, must_be_closed_by, .. } = *span;
        let days = (0..14).filter(move |day| weekdays.bits() >> (day % 7) & 1 == 1);
        days.map(move |day| (day * 1440 + u32::from(opens_from), day * 1440 + u32::from(must_be_closed_by)))
    };
    times(one).any(|(from, until)| times(other).any(|(other_from, other_until)| from < other_until && other_from < until))
}

/// What has to be done about a fault that the core finds.
const fn what_to_do(fault: Fault) -> &'static str {
    match fault {
        Fault::Duplicate => "give it a number, code or address that nothing else has",
        Fault::Reference => "name something that this file has",
        Fault::Range => "docs/policy-file.md has the ranges",
        Fault::ReversedInterval => "let it end after it starts",
        Fault::OverlappingSpans => "let one end before the other starts, or put them on different days",
        Fault::OverlappingLayers => "let each date and each holiday be named by one layer of a kind",
        Fault::SecondSchedule => "name each area in one schedule only",
        Fault::IdentityChanged => "give the new person a new id: an engineer's id belongs to one e-mail address for life",
        Fault::TooManyGrants => "an engineer has at most 4 grants on a site: remove those that have ended",
        Fault::OtherRecipient => "let the site's id be that of the device",
        _ => "this is a fault of keyholder, not of the file: please report it",
    }
}

/// The id at that place.
fn id(number: &Spanned<i64>) -> Result<u32, Mistake> {
    values::id(*number.get_ref()).map_err(|text| Mistake::of_value(number.span(), &text))
}

/// The zone of that name; a warning about it is added to `warnings`.
fn clock(zone: &Spanned<String>, warnings: &mut Vec<Mistake>) -> Result<Clock, Mistake> {
    let found = Clock::named(zone.get_ref()).map_err(|text| Mistake::of_value(zone.span(), &text))?;
    warnings.extend(found.warning.map(|warning| Mistake::of_value(zone.span(), &warning)));
    Ok(found.clock)
}

/// The value read, or what it is when left out.
fn optional<T, V>(value: &Option<Spanned<T>>, otherwise: V, read: impl Fn(&Spanned<T>) -> Result<V, Mistake>) -> Result<V, Mistake> {
    value.as_ref().map_or(Ok(otherwise), read)
}

/// A duration in seconds, at most `most`.
fn seconds(duration: &Spanned<Duration>, most: u16) -> Result<u16, Mistake> {
    let Duration(seconds) = *duration.get_ref();
    u16::try_from(seconds)
        .ok()
        .filter(|seconds| *seconds <= most)
        .ok_or_else(|| Mistake::at(duration.span(), "this is too long", format!("write at most \"{most}s\"")))
}

/// A duration in whole minutes, at most `most`.
fn minutes(duration: &Spanned<Duration>, most: u16) -> Result<u16, Mistake> {
    let Duration(seconds) = *duration.get_ref();
    if seconds % 60 != 0 {
        return Err(Mistake::at(duration.span(), "a device counts this in whole minutes", "round it, as in \"2m\""));
    }
    u16::try_from(seconds / 60)
        .ok()
        .filter(|minutes| *minutes <= most)
        .ok_or_else(|| Mistake::at(duration.span(), "this is too long", format!("write at most \"{most}m\"")))
}

/// The instant of a moment, on `clock` if it is local.
fn instant(moment: &Spanned<Moment>, clock: Option<&Clock>) -> Result<Instant, Mistake> {
    let local = match *moment.get_ref() {
        Moment::Instant(seconds) => return Ok(Instant(seconds)),
        Moment::Local(local) => local,
    };
    let Some(clock) = clock else {
        let hint = "write its offset, as in 2026-11-22T22:30:00Z, or give the receiver a `zone`";
        return Err(Mistake::at(moment.span(), "this is a local time, and nothing says of which zone", hint));
    };
    clock.instant(local).ok_or_else(|| Mistake::at(moment.span(), "no clock ever reads this", "write a date from 1970 to 2499"))
}

/// The period between two moments, either of which may be left out.
fn period(from: &Option<Spanned<Moment>>, until: &Option<Spanned<Moment>>, clock: Option<&Clock>) -> Result<Period, Mistake> {
    let bound = |moment: &Option<Spanned<Moment>>, otherwise| optional(moment, otherwise, |moment| instant(moment, clock));
    let period = Period { from: bound(from, Instant::EARLIEST)?, until: bound(until, Instant::LATEST)? };
    match until {
        Some(until) if period.until <= period.from => {
            Err(Mistake::at(until.span(), "this ends before it starts, or at once", "write a later end, or an earlier start"))
        }
        _ => Ok(period),
    }
}
