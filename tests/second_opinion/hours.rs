//! Schedules and temp-open windows: who is inside which hours, and until when.

use super::calendar::{MINUTES_PER_DAY, WallClock, days_later, weekday};
use super::model::{HolidayDate, Layer, LayerKind, Place, Site, Span, TempOpenWindow, covers, has_area};
use super::question::{Class, Direction};
use super::reference::Ledger;
use jiff::civil::Date;

/// The hours of a site, as its policy and its users have set them.
#[derive(Clone, Copy)]
pub struct Hours<'a> {
    pub site: &'a Site,
    pub ledger: &'a Ledger,
}

/// A span on one date. Its minutes count from the midnight of the day under consideration, which
/// need not be the date it began on: a span of yesterday evening has a negative `opens_from`.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    pub began: Date,
    /// From `began`'s midnight to the midnight the minutes count from.
    days_ago: i32,
    pub opens_from: i32,
    pub must_be_open_by: Option<i32>,
    pub closes_from: i32,
    /// Must-be-closed-by as the schedule has it.
    pub scheduled_end: i32,
    /// Must-be-closed-by with any extension.
    pub end: i32,
}

impl Stretch {
    pub fn holds_at(&self, minute: i32) -> bool {
        self.opens_from <= minute && minute < self.end
    }

    /// The same minute, counted from the midnight the span began on.
    pub fn since_its_midnight(&self, minute: i32) -> i32 {
        minute + self.days_ago * MINUTES_PER_DAY
    }

    fn seen_from(mut self, days_later: i32) -> Self {
        let shift = -days_later * MINUTES_PER_DAY;
        self.days_ago += days_later;
        self.opens_from += shift;
        self.must_be_open_by = self.must_be_open_by.map(|minute| minute + shift);
        self.closes_from += shift;
        self.scheduled_end += shift;
        self.end += shift;
        self
    }
}

impl Hours<'_> {
    pub fn schedule_of(&self, system: u8, area: u8) -> Option<usize> {
        self.site.schedules.iter().position(|schedule| has_area(&schedule.governs, system, area))
    }

    /// The stretches that start on `date`, seen from `date`.
    pub fn starting_on(&self, schedule: usize, date: Date) -> Vec<Stretch> {
        self.spans_of(schedule, date)
            .into_iter()
            .map(|span| Stretch {
                began: date,
                days_ago: 0,
                opens_from: span.opens_from,
                must_be_open_by: span.must_be_open_by,
                closes_from: span.closes_from,
                scheduled_end: span.must_be_closed_by,
                end: self.extended(schedule, date, &span),
            })
            .collect()
    }

    /// The stretches that start yesterday, today or tomorrow, seen from today.
    pub fn around(&self, schedule: usize, today: Date) -> Vec<Stretch> {
        let mut stretches = Vec::new();
        for days_ago in [1, 0, -1] {
            for stretch in self.starting_on(schedule, days_later(today, -days_ago)) {
                stretches.push(stretch.seen_from(days_ago));
            }
        }
        stretches
    }

    /// The spans that the strongest layer naming `date` lets start on it.
    fn spans_of(&self, schedule: usize, date: Date) -> Vec<Span> {
        let layers = &self.site.schedules[schedule].layers;
        let set_by_user = self.ledger.temporary_spans.iter().find(|set| set.schedule == schedule && set.date == date);
        if let Some(set) = set_by_user {
            return set.span.into_iter().collect();
        }
        for strength in (0..=3).rev() {
            let mut named = false;
            let mut spans = Vec::new();
            for layer in layers {
                if strength_of(&layer.kind) == strength && self.names(layer, date) {
                    named = true;
                    let starting = layer.spans.iter().filter(|span| span.weekdays[weekday(date)]);
                    spans.extend(starting.copied());
                }
            }
            if named {
                return spans;
            }
        }
        Vec::new()
    }

    fn names(&self, layer: &Layer, date: Date) -> bool {
        match &layer.kind {
            LayerKind::Permanent => true,
            LayerKind::Alternate(first, last) | LayerKind::Temporary(first, last) => *first <= date && date <= *last,
            LayerKind::Holiday(groups) => self.site.holidays.iter().any(|holiday| {
                groups.contains(&holiday.group)
                    && match holiday.date {
                        HolidayDate::Once(day) => day == date,
                        HolidayDate::Yearly { month, day } => (month, day) == (date.month(), date.day()),
                    }
            }),
        }
    }

    fn extended(&self, schedule: usize, began: Date, span: &Span) -> i32 {
        self.ledger
            .extensions
            .iter()
            .filter(|extension| extension.schedule == schedule && extension.began == began && extension.opens_from == span.opens_from)
            .map(|extension| extension.end.min(self.site.options.latest_close))
            .fold(span.must_be_closed_by, i32::max)
    }

    /// The stretches an area is in.
    fn current(&self, system: u8, area: u8, wall: WallClock) -> Vec<Stretch> {
        let Some(schedule) = self.schedule_of(system, area) else {
            return Vec::new();
        };
        let mut held = self.around(schedule, wall.date);
        held.retain(|stretch| stretch.holds_at(wall.minute));
        held
    }

    pub fn is_inside(&self, system: u8, area: u8, now: i64) -> bool {
        !self.current(system, area, self.site.zone.wall_clock(now)).is_empty()
    }

    /// When the hours of the place end, if every one of its areas is inside them.
    pub fn end(&self, place: &Place, now: i64) -> Option<i64> {
        let wall = self.site.zone.wall_clock(now);
        let mut earliest = i64::MAX;
        for area in &place.areas {
            let last = self.current(place.system, *area, wall).iter().map(|stretch| stretch.end).max()?;
            let end = self.site.zone.reading_after(now, wall.date, last);
            earliest = earliest.min(end);
        }
        Some(earliest)
    }

    pub fn classify(&self, direction: Direction, place: &Place, now: i64) -> Class {
        let wall = self.site.zone.wall_clock(now);
        let mut all_inside = true;
        let mut all_outside_in_margin = true;
        let mut late_inside = false;
        let mut early_inside = false;
        for area in &place.areas {
            let held = self.current(place.system, *area, wall);
            if held.is_empty() {
                all_inside = false;
                all_outside_in_margin &= self.in_margin(direction, place.system, *area, wall);
            }
            late_inside |= !held.is_empty() && held.iter().all(|stretch| stretch.must_be_open_by.is_some_and(|by| wall.minute >= by));
            early_inside |= held.iter().any(|stretch| wall.minute < stretch.closes_from);
        }
        match direction {
            Direction::Open if all_inside && late_inside => Class::Late,
            Direction::Close if all_inside && early_inside => Class::Early,
            _ if all_inside => Class::Normal,
            Direction::Open if all_outside_in_margin => Class::Early,
            Direction::Close if all_outside_in_margin => Class::Late,
            _ => Class::Unscheduled,
        }
    }

    /// Shortly before the hours for an opening, shortly after them for a closing.
    fn in_margin(&self, direction: Direction, system: u8, area: u8, wall: WallClock) -> bool {
        let Some(schedule) = self.schedule_of(system, area) else {
            return false;
        };
        let options = &self.site.options;
        self.around(schedule, wall.date).iter().any(|stretch| match direction {
            Direction::Open => {
                let margin = stretch.opens_from - options.early_margin..stretch.opens_from;
                margin.contains(&wall.minute)
            }
            Direction::Close => {
                let margin = stretch.end..stretch.end + options.late_margin;
                margin.contains(&wall.minute)
            }
        })
    }

    /// When the temp-open window ends that covers the place now; of several, the last end.
    pub fn window_end(&self, place: &Place, now: i64) -> Option<i64> {
        let wall = self.site.zone.wall_clock(now);
        let mut latest = None;
        for window in &self.site.windows {
            if !covers(&window.areas, place.system, &place.areas) {
                continue;
            }
            for days_ago in [0, 1] {
                let date = days_later(wall.date, -days_ago);
                let minute = wall.minute + days_ago * MINUTES_PER_DAY;
                if starts_on(window, date) && (window.from..window.until).contains(&minute) {
                    let end = self.site.zone.reading_after(now, date, window.until);
                    latest = latest.max(Some(end));
                }
            }
        }
        for window in &self.ledger.windows {
            let covers = covers(std::slice::from_ref(&window.place), place.system, &place.areas);
            if covers && (window.from..window.until).contains(&now) {
                latest = latest.max(Some(window.until));
            }
        }
        latest
    }

    /// The stretch an extension made now applies to: the one that is running, else the last that
    /// ended today, else the next that starts today.
    pub fn stretch_to_extend(&self, schedule: usize, wall: WallClock) -> Option<Stretch> {
        let around = self.around(schedule, wall.date);
        let running = around.iter().filter(|stretch| stretch.holds_at(wall.minute)).max_by_key(|stretch| (stretch.end, stretch.opens_from));
        // One that ended at 24:00 ended yesterday.
        let ended_today = around
            .iter()
            .filter(|stretch| 0 < stretch.end && stretch.end <= wall.minute)
            .max_by_key(|stretch| (stretch.end, stretch.opens_from));
        let starts_today = around
            .iter()
            .filter(|stretch| stretch.began == wall.date && wall.minute < stretch.opens_from)
            .min_by_key(|stretch| stretch.opens_from);
        running.or(ended_today).or(starts_today).copied()
    }
}

const TEMPORARY: u8 = 3;

fn strength_of(kind: &LayerKind) -> u8 {
    match kind {
        LayerKind::Permanent => 0,
        LayerKind::Alternate(..) => 1,
        LayerKind::Holiday(_) => 2,
        LayerKind::Temporary(..) => TEMPORARY,
    }
}

fn starts_on(window: &TempOpenWindow, date: Date) -> bool {
    window.weekdays[weekday(date)] && window.dates.is_none_or(|(first, last)| first <= date && date <= last)
}
