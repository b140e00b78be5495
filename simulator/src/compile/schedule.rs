//! Schedules, holidays and temp-open windows.

use std::collections::BTreeMap;

use keyholder::contact::ListNumber;
use keyholder::place::{AreaList, Areas};
use keyholder::policy::Part;
use keyholder::schedule::{Holiday, Layer, LayerKind, Schedule, Span, TempOpenWindow};
use keyholder::time::{Date, DateRange, Weekdays};
use toml::Spanned;

use super::{Placed, Places, settle};
use crate::complaint::{Mistake, Place, suggestion};
use crate::policy_file::{DatedLayer, HolidayLayer, HolidayTable, ScheduleTable, SpanTable, TempOpenTable};
use crate::values::{AreaMap, LocalDate, TimeOfDay};

/// The lists of areas of a policy, each once.
pub(super) struct AreaLists {
    of_site: AreaList,
    lists: Vec<Placed<AreaList>>,
}

impl AreaLists {
    pub(super) const fn new(of_site: AreaList) -> Self {
        Self { of_site, lists: Vec::new() }
    }

    /// The number of a list, which has to stay within the site.
    pub(super) fn number(&mut self, areas: &Spanned<AreaMap>) -> Result<ListNumber, Mistake> {
        let AreaMap(mut list) = *areas.get_ref();
        for (system, (areas_of_list, of_site)) in (1..).zip(list.0.iter_mut().zip(self.of_site.0)) {
            if *areas_of_list == Areas(u32::MAX) {
                *areas_of_list = of_site;
            }
            if !areas_of_list.within(of_site) {
                let missing = AreaMap::write(Areas(areas_of_list.0 & !of_site.0));
                let message = format!("system {system} has no area {missing}");
                return Err(Mistake::at(areas.span(), message, "name areas of the site, or add them to `systems` of [panel]"));
            }
        }
        let known = self.lists.iter().position(|known| known.row == list);
        let index = known.unwrap_or(self.lists.len());
        if known.is_none() {
            self.lists.push(Placed { row: list, place: areas.span() });
        }
        let number = u8::try_from(index + 1);
        number
            .map(ListNumber)
            .map_err(|_| Mistake::at(areas.span(), "more than 255 different lists of areas", "let more contacts have the same areas"))
    }

    pub(super) fn finish(self, places: &mut Places) -> Vec<AreaList> {
        settle(Part::AreaLists, self.lists, places, |_| ())
    }
}

/// Everything that says when areas are open.
pub(super) struct TimetableRows {
    pub(super) schedules: Vec<Schedule>,
    pub(super) layers: Vec<Layer>,
    pub(super) spans: Vec<Span>,
    pub(super) holidays: Vec<Holiday>,
    pub(super) windows: Vec<TempOpenWindow>,
}

/// Holiday layers by where they stand in the file, each with the groups it names.
type LayerGroups = BTreeMap<usize, u8>;

pub(super) struct ScheduleCompiler<'a> {
    lists: &'a mut AreaLists,
    places: &'a mut Places,
    schedules: Vec<Placed<Schedule>>,
    layers: Vec<Placed<Layer>>,
    spans: Vec<Placed<Span>>,
    holidays: Vec<Placed<Holiday>>,
    windows: Vec<Placed<TempOpenWindow>>,
    groups: LayerGroups,
}

impl<'a> ScheduleCompiler<'a> {
    pub(super) const fn new(lists: &'a mut AreaLists, places: &'a mut Places) -> Self {
        Self {
            lists,
            places,
            schedules: Vec::new(),
            layers: Vec::new(),
            spans: Vec::new(),
            holidays: Vec::new(),
            windows: Vec::new(),
            groups: LayerGroups::new(),
        }
    }

    /// Sorts the holidays into the eight groups that a device can tell apart: those that the same layers name are one group.
    pub(super) fn holidays(
        &mut self,
        holidays: &[Spanned<HolidayTable>],
        schedules: &[Spanned<ScheduleTable>],
        warnings: &mut Vec<Mistake>,
    ) -> Result<(), Mistake> {
        let layers: Vec<&Spanned<HolidayLayer>> = schedules.iter().flat_map(|schedule| &schedule.get_ref().holiday).collect();
        let mut named_by = vec![Vec::new(); holidays.len()];
        for layer in &layers {
            for holiday in named(layer.get_ref(), holidays)? {
                if let Some(layers) = named_by.get_mut(holiday) {
                    layers.push(layer.span().start);
                }
            }
        }
        let mut groups: Vec<&[usize]> = Vec::new();
        for (holiday, layers) in holidays.iter().zip(&named_by) {
            let (table, place) = (holiday.get_ref(), holiday.span());
            let twin = holidays.iter().find(|other| other.span() != place && other.get_ref().name.get_ref() == table.name.get_ref());
            if let Some(twin) = twin.filter(|twin| twin.span().start < place.start) {
                let message = format!("two holidays are called \"{}\"", twin.get_ref().name.get_ref());
                return Err(Mistake::at(table.name.span(), message, "give each a name of its own, and the same `group`"));
            }
            if layers.is_empty() {
                let message = format!("no schedule names the holiday \"{}\": it has no effect", table.name.get_ref());
                warnings.push(Mistake::at(place, message, "name it, or its group, in a [[schedule.holiday]]"));
                continue;
            }
            let group = groups.iter().position(|known| known == layers).unwrap_or(groups.len());
            if group == groups.len() {
                groups.push(layers);
            }
            let number = u8::try_from(group).ok().filter(|number| *number < 8);
            let number = number.ok_or_else(|| {
                Mistake::at(
                    place.clone(),
                    "more than eight kinds of holidays",
                    "let more holidays be named by the same layers, as by a common `group`",
                )
            })?;
            for layer in layers {
                *self.groups.entry(*layer).or_insert(0) |= 1 << number;
            }
            let date = *table.date.get_ref();
            self.holidays.push(Placed {
                row: Holiday { year: date.year, month: date.month, day: date.day, group: number },
                place: table.date.span(),
            });
        }
        Ok(())
    }

    pub(super) fn schedule(&mut self, schedule: &Spanned<ScheduleTable>) -> Result<(), Mistake> {
        let table = schedule.get_ref();
        let areas = self.lists.number(&table.areas)?;
        self.schedules.push(Placed { row: Schedule { areas }, place: table.areas.span() });
        let layer = |kind| Layer { schedule: 0, kind, dates: DateRange::NEVER, groups: 0 };
        if !table.span.is_empty() {
            self.layer(layer(LayerKind::Permanent), schedule.span(), &table.span)?;
        }
        for alternate in &table.alternate {
            let dates = dates(alternate)?;
            self.layer(Layer { dates, ..layer(LayerKind::Alternate) }, alternate.span(), &alternate.get_ref().span)?;
        }
        for holiday in &table.holiday {
            let groups = self.groups.get(&holiday.span().start).copied().unwrap_or(0);
            self.layer(Layer { groups, ..layer(LayerKind::Holiday) }, holiday.span(), &holiday.get_ref().span)?;
        }
        for temporary in &table.temporary {
            let dates = dates(temporary)?;
            self.layer(Layer { dates, ..layer(LayerKind::Temporary) }, temporary.span(), &temporary.get_ref().span)?;
        }
        Ok(())
    }

    /// Adds a layer to the last schedule.
    fn layer(&mut self, layer: Layer, place: Place, spans: &[Spanned<SpanTable>]) -> Result<(), Mistake> {
        let number = |count: usize, what: &str| {
            u8::try_from(count).map_err(|_| Mistake::at(place.clone(), format!("more than 255 {what}"), "remove some"))
        };
        let schedule = number(self.schedules.len(), "schedules")?;
        self.layers.push(Placed { row: Layer { schedule, ..layer }, place: place.clone() });
        let layer = number(self.layers.len(), "layers")?;
        for table in spans {
            self.spans.push(Placed { row: span(table.get_ref(), layer)?, place: table.span() });
        }
        Ok(())
    }

    pub(super) fn window(&mut self, window: &Spanned<TempOpenTable>) -> Result<(), Mistake> {
        let table = window.get_ref();
        let areas = self.lists.number(&table.areas)?;
        let weekdays = table.days.map_or(Weekdays::all(), |days| days.0);
        let first = table.first_date.as_ref().map_or(Date::EARLIEST, |date| date.get_ref().0);
        let last = table.last_date.as_ref().map_or(Date::LATEST, |date| day_after(date.get_ref()));
        if let Some(written) = table.last_date.as_ref().filter(|_| last <= first) {
            return Err(Mistake::at(written.span(), "this is before `first_date`", "write a later date; both are included"));
        }
        let (TimeOfDay(from), TimeOfDay(until)) = (*table.from.get_ref(), *table.until.get_ref());
        check_order(from, until, &table.until, "until")?;
        check_first_day(from, &table.from)?;
        let row = TempOpenWindow { areas, weekdays, dates: DateRange { from: first, until: last }, from, until };
        self.windows.push(Placed { row, place: window.span() });
        Ok(())
    }

    pub(super) fn finish(self) -> TimetableRows {
        let places = self.places;
        TimetableRows {
            schedules: settle(Part::Schedules, self.schedules, places, |_| ()),
            layers: settle(Part::Layers, self.layers, places, |_| ()),
            spans: settle(Part::Spans, self.spans, places, |span| (span.layer, span.opens_from)),
            holidays: settle(Part::Holidays, self.holidays, places, |holiday| (holiday.year, holiday.month, holiday.day)),
            windows: settle(Part::Windows, self.windows, places, |_| ()),
        }
    }
}

/// Which of `holidays` a layer names, by name, by group or all of them.
fn named(layer: &HolidayLayer, holidays: &[Spanned<HolidayTable>]) -> Result<Vec<usize>, Mistake> {
    let wanted = &layer.holidays.get_ref().0;
    let place = layer.holidays.span();
    let bears = |holiday: &Spanned<HolidayTable>, name: &str| {
        let table = holiday.get_ref();
        name == "all" || table.name.get_ref() == name || table.group.as_deref() == Some(name)
    };
    if wanted.is_empty() {
        return Err(Mistake::at(place, "this layer names no holiday", "name holidays or their groups, or remove the layer"));
    }
    if let Some(unknown) = wanted.iter().find(|name| !holidays.iter().any(|holiday| bears(holiday, name))) {
        let tables = || holidays.iter().map(Spanned::get_ref);
        let known: Vec<&str> =
            tables().map(|table| table.name.get_ref().as_str()).chain(tables().filter_map(|table| table.group.as_deref())).collect();
        let message = format!("no holiday and no group of holidays is called \"{unknown}\"");
        let hint = suggestion(unknown, &known);
        return Err(Mistake::at(place, message, format!("{hint}, or add a [[holiday]]")));
    }
    let is_named = |holiday: &Spanned<HolidayTable>| wanted.iter().any(|name| bears(holiday, name));
    Ok(holidays.iter().enumerate().filter(|(_, holiday)| is_named(holiday)).map(|(index, _)| index).collect())
}

fn day_after(LocalDate(date): &LocalDate) -> Date {
    Date(date.0 + 1)
}

/// The dates of a seasonal or temporary layer, both ends included as people write them.
fn dates(layer: &Spanned<DatedLayer>) -> Result<DateRange, Mistake> {
    let table = layer.get_ref();
    match (&table.from, &table.to, &table.on) {
        (Some(from), Some(to), None) => {
            let dates = DateRange { from: from.get_ref().0, until: day_after(to.get_ref()) };
            if dates.from < dates.until {
                Ok(dates)
            } else {
                Err(Mistake::at(to.span(), "this is before `from`", "write a later date; both are included"))
            }
        }
        (None, None, Some(on)) => Ok(DateRange { from: on.get_ref().0, until: day_after(on.get_ref()) }),
        (_, _, Some(on)) => {
            let hint = "write `from` and `to`, both included, or `on` for a single date, and not both";
            Err(Mistake::at(on.span(), "this layer says its dates already", hint))
        }
        _ => Err(Mistake::at(
            layer.span(),
            "this layer does not say its dates",
            "write `from` and `to`, both included, or `on` for a single date",
        )),
    }
}

fn span(table: &SpanTable, layer: u8) -> Result<Span, Mistake> {
    let TimeOfDay(opens_from) = *table.opens_from.get_ref();
    let TimeOfDay(must_be_closed_by) = *table.must_be_closed_by.get_ref();
    check_first_day(opens_from, &table.opens_from)?;
    check_order(opens_from, must_be_closed_by, &table.must_be_closed_by, "must_be_closed_by")?;
    let between = |time: &Option<Spanned<TimeOfDay>>, otherwise: u16| match time {
        None => Ok(otherwise),
        Some(time) if (opens_from..=must_be_closed_by).contains(&time.get_ref().0) => Ok(time.get_ref().0),
        Some(time) => {
            let hint = "write a time between `opens_from` and `must_be_closed_by`; past midnight go on counting, as in \"26:00\"";
            Err(Mistake::at(time.span(), "this is outside the hours", hint))
        }
    };
    Ok(Span {
        layer,
        weekdays: table.days.map_or(Weekdays::all(), |days| days.0),
        opens_from,
        must_be_open_by: between(&table.must_be_open_by, Span::NO_DEADLINE)?,
        closes_from: between(&table.closes_from, opens_from)?,
        must_be_closed_by,
    })
}

fn check_first_day(from: u16, written: &Spanned<TimeOfDay>) -> Result<(), Mistake> {
    if from < 1440 {
        return Ok(());
    }
    Err(Mistake::at(written.span(), "this is on the next day already", "put it on that day's weekday, with a time before \"24:00\""))
}

fn check_order(from: u16, until: u16, written: &Spanned<TimeOfDay>, key: &str) -> Result<(), Mistake> {
    if until <= from {
        let next_day = until + 1440;
        let hint = format!("if the next day is meant, write `{key} = \"{:02}:{:02}\"`", next_day / 60, next_day % 60);
        return Err(Mistake::at(written.span(), "this is not after the start", hint));
    }
    if until - from > 1440 {
        return Err(Mistake::at(written.span(), "this is more than 24 hours after the start", "split it in two"));
    }
    Ok(())
}
