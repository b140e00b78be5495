//! What a check goes through, as columns.
//!
//! Fields of one kind lie side by side and references are resolved: a machine with wide registers takes several rows at a time, and a small one
//! reads nothing that it does not use. The columns are made from the rows of a policy when it is installed and say nothing of their own.

use crate::contact::ListNumber;
use crate::place::{AreaList, Areas, SYSTEMS};
use crate::schedule::{Holiday, Layer, LayerKind, Schedule, Span, TempOpenWindow};
use crate::table::Row;
use crate::time::{Date, DateRange};

/// The columns of a policy with room for so many rows of each kind.
#[derive(Clone, Debug)]
pub(crate) struct ColumnTables<const SCHEDULES: usize, const LAYERS: usize, const SPANS: usize, const HOLIDAYS: usize, const WINDOWS: usize>
{
    governed: [[Areas; SCHEDULES]; SYSTEMS],
    layers: LayerTable<LAYERS>,
    spans: SpanTable<SPANS>,
    holidays: [DayKey; HOLIDAYS],
    windows: WindowTable<WINDOWS>,
}

impl<const SCHEDULES: usize, const LAYERS: usize, const SPANS: usize, const HOLIDAYS: usize, const WINDOWS: usize>
    ColumnTables<SCHEDULES, LAYERS, SPANS, HOLIDAYS, WINDOWS>
{
    pub(crate) const EMPTY: Self = Self {
        governed: [[Areas::NONE; SCHEDULES]; SYSTEMS],
        layers: LayerTable::EMPTY,
        spans: SpanTable::EMPTY,
        holidays: [DayKey::NONE; HOLIDAYS],
        windows: WindowTable::EMPTY,
    };

    /// Makes the columns from all slots of the tables.
    pub(crate) fn fill(
        &mut self,
        lists: &[AreaList],
        schedules: &[Schedule],
        (layers, spans): (&[Layer], &[Span]),
        holidays: &[Holiday],
        windows: &[TempOpenWindow],
    ) {
        fill_areas(&mut self.governed, lists, schedules.iter().map(|schedule| schedule.areas));
        self.layers.fill(layers);
        self.spans.fill(layers, spans);
        fill(&mut self.holidays, holidays, DayKey::of_holiday);
        fill_areas(&mut self.windows.areas, lists, windows.iter().map(|window| window.areas));
        self.windows.fill(windows);
    }

    pub(crate) fn view(&self) -> Columns<'_> {
        Columns {
            governed: AreaColumns(self.governed.as_flattened()),
            layers: self.layers.view(),
            spans: self.spans.view(),
            holidays: &self.holidays,
            windows: self.windows.view(),
        }
    }
}

/// [`ColumnTables`] of any capacity; every slot is there, empty ones included.
#[derive(Clone, Copy)]
pub(crate) struct Columns<'a> {
    /// Per system, the areas that each schedule governs.
    pub(crate) governed: AreaColumns<'a>,
    pub(crate) layers: LayerColumns<'a>,
    pub(crate) spans: SpanColumns<'a>,
    pub(crate) holidays: &'a [DayKey],
    pub(crate) windows: WindowColumns<'a>,
}

/// One column of areas for each system.
#[derive(Clone, Copy)]
pub(crate) struct AreaColumns<'a>(&'a [Areas]);

impl<'a> AreaColumns<'a> {
    /// The column of `system`, 1..=8.
    pub(crate) fn of_system(self, system: u8) -> &'a [Areas] {
        let rows = self.0.len() / SYSTEMS;
        let start = usize::from(system).wrapping_sub(1).wrapping_mul(rows);
        self.0.get(start..).and_then(|rest| rest.get(..rows)).unwrap_or(&[])
    }
}

/// A holiday in one number: year (0: every year), month and day, and below them the bit of its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DayKey(u32);

impl DayKey {
    /// No date has it.
    const NONE: Self = Self(0);

    const fn of(year: u16, month: u8, day: u8) -> Self {
        Self((year as u32) << 17 | (month as u32) << 13 | (day as u32) << 8)
    }

    fn of_holiday(holiday: &Holiday) -> Self {
        let key = Self::of(holiday.year, holiday.month, holiday.day);
        if holiday.month == 0 { Self::NONE } else { Self(key.0 | 1 << holiday.group) }
    }

    /// The keys, without group, that a holiday on `date` has: one for every year, one for that year alone.
    pub(crate) const fn on(date: Date) -> [Self; 2] {
        let (year, month, day) = date.civil();
        [Self::of(0, month, day), Self::of(year, month, day)]
    }

    /// Whether this holiday has one of `keys`.
    #[inline(always)]
    pub(crate) fn is_one_of(self, [yearly, dated]: [Self; 2]) -> bool {
        let without_group = self.0 & !0xff;
        (without_group == yearly.0) | (without_group == dated.0)
    }

    /// The bit of its group.
    #[inline(always)]
    pub(crate) const fn group(self) -> u32 {
        self.0 & 0xff
    }
}

/// Ranges of dates.
#[derive(Clone, Debug)]
struct DateTable<const N: usize> {
    from: [i32; N],
    length: [u32; N],
}

impl<const N: usize> DateTable<N> {
    const EMPTY: Self = Self { from: [0; N], length: [0; N] };

    fn view(&self) -> DateColumns<'_> {
        DateColumns { from: &self.from, length: &self.length }
    }
}

/// Ranges of dates.
#[derive(Clone, Copy)]
pub(crate) struct DateColumns<'a> {
    pub(crate) from: &'a [i32],
    /// In days.
    pub(crate) length: &'a [u32],
}

/// Layers.
#[derive(Clone, Debug)]
struct LayerTable<const N: usize> {
    dates: DateTable<N>,
    groups: [u8; N],
    weights: [u16; N],
    schedules: [u8; N],
}

impl<const N: usize> LayerTable<N> {
    const EMPTY: Self = Self { dates: DateTable::EMPTY, groups: [0; N], weights: [0; N], schedules: [0; N] };

    fn fill(&mut self, layers: &[Layer]) {
        // A permanent layer names every date there is.
        let from = |layer: &Layer| if layer.kind == LayerKind::Permanent { i32::MIN } else { layer.dates.from.0 };
        let length =
            |layer: &Layer| if layer.kind == LayerKind::Permanent { u32::MAX } else { layer.dates.until.0.abs_diff(layer.dates.from.0) };
        fill(&mut self.dates.from, layers, from);
        fill(&mut self.dates.length, layers, length);
        fill(&mut self.groups, layers, |layer| layer.groups);
        fill(&mut self.weights, layers, |layer| if layer.schedule == 0 { 0 } else { 1 << (3 * layer.kind as u16) });
        fill(&mut self.schedules, layers, |layer| layer.schedule.wrapping_sub(1));
    }

    fn view(&self) -> LayerColumns<'_> {
        LayerColumns { dates: self.dates.view(), groups: &self.groups, weights: &self.weights, schedules: &self.schedules }
    }
}

/// Layers.
#[derive(Clone, Copy)]
pub(crate) struct LayerColumns<'a> {
    pub(crate) dates: DateColumns<'a>,
    pub(crate) groups: &'a [u8],
    /// Three bits for each kind, weakest lowest: times this, the days around today become the kind's. 0 in an empty slot.
    pub(crate) weights: &'a [u16],
    /// Counted from 0.
    pub(crate) schedules: &'a [u8],
}

/// Spans.
#[derive(Clone, Debug)]
struct SpanTable<const N: usize> {
    fortnights: [u16; N],
    opens_from: [u16; N],
    must_be_open_by: [u16; N],
    closes_from: [u16; N],
    must_be_closed_by: [u16; N],
    layers: [u8; N],
    schedules: [u8; N],
}

impl<const N: usize> SpanTable<N> {
    const EMPTY: Self = Self {
        fortnights: [0; N],
        opens_from: [0; N],
        must_be_open_by: [0; N],
        closes_from: [0; N],
        must_be_closed_by: [0; N],
        layers: [0; N],
        schedules: [0; N],
    };

    fn fill(&mut self, layers: &[Layer], spans: &[Span]) {
        let index = |number: u8| number.wrapping_sub(1);
        let schedule = |span: &Span| layers.get(usize::from(index(span.layer))).map_or(0, |layer| layer.schedule);
        fill(&mut self.fortnights, spans, |span| span.weekdays.fortnight());
        fill(&mut self.opens_from, spans, |span| span.opens_from);
        fill(&mut self.must_be_open_by, spans, |span| span.must_be_open_by);
        fill(&mut self.closes_from, spans, |span| span.closes_from);
        fill(&mut self.must_be_closed_by, spans, |span| span.must_be_closed_by);
        fill(&mut self.layers, spans, |span| index(span.layer));
        fill(&mut self.schedules, spans, |span| index(schedule(span)));
    }

    fn view(&self) -> SpanColumns<'_> {
        SpanColumns {
            fortnights: &self.fortnights,
            opens_from: &self.opens_from,
            must_be_open_by: &self.must_be_open_by,
            closes_from: &self.closes_from,
            must_be_closed_by: &self.must_be_closed_by,
            layers: &self.layers,
            schedules: &self.schedules,
        }
    }
}

/// Spans.
#[derive(Clone, Copy)]
pub(crate) struct SpanColumns<'a> {
    /// See [`Weekdays::fortnight`](crate::time::Weekdays::fortnight). 0 in an empty slot.
    pub(crate) fortnights: &'a [u16],
    pub(crate) opens_from: &'a [u16],
    pub(crate) must_be_open_by: &'a [u16],
    pub(crate) closes_from: &'a [u16],
    pub(crate) must_be_closed_by: &'a [u16],
    /// Counted from 0.
    pub(crate) layers: &'a [u8],
    /// Counted from 0.
    pub(crate) schedules: &'a [u8],
}

/// Temp-open windows.
#[derive(Clone, Debug)]
struct WindowTable<const N: usize> {
    areas: [[Areas; N]; SYSTEMS],
    dates: DateTable<N>,
    fortnights: [u16; N],
    from: [u16; N],
    until: [u16; N],
}

impl<const N: usize> WindowTable<N> {
    const EMPTY: Self =
        Self { areas: [[Areas::NONE; N]; SYSTEMS], dates: DateTable::EMPTY, fortnights: [0; N], from: [0; N], until: [0; N] };

    fn fill(&mut self, windows: &[TempOpenWindow]) {
        let length = |dates: &DateRange| dates.until.0.abs_diff(dates.from.0);
        fill(&mut self.dates.from, windows, |window| window.dates.from.0);
        fill(&mut self.dates.length, windows, |window| length(&window.dates));
        fill(&mut self.fortnights, windows, |window| window.weekdays.fortnight());
        fill(&mut self.from, windows, |window| window.from);
        fill(&mut self.until, windows, |window| window.until);
    }

    fn view(&self) -> WindowColumns<'_> {
        WindowColumns {
            areas: AreaColumns(self.areas.as_flattened()),
            dates: self.dates.view(),
            fortnights: &self.fortnights,
            from: &self.from,
            until: &self.until,
        }
    }
}

/// Temp-open windows.
#[derive(Clone, Copy)]
pub(crate) struct WindowColumns<'a> {
    pub(crate) areas: AreaColumns<'a>,
    pub(crate) dates: DateColumns<'a>,
    /// See [`Weekdays::fortnight`](crate::time::Weekdays::fortnight). 0 in an empty slot.
    pub(crate) fortnights: &'a [u16],
    pub(crate) from: &'a [u16],
    pub(crate) until: &'a [u16],
}

fn fill<T, R>(column: &mut [T], rows: &[R], value: impl Fn(&R) -> T) {
    for (slot, row) in column.iter_mut().zip(rows) {
        *slot = value(row);
    }
}

fn fill_areas<const N: usize>(columns: &mut [[Areas; N]; SYSTEMS], lists: &[AreaList], numbers: impl Iterator<Item = ListNumber> + Clone) {
    for (system, column) in (1..).zip(columns) {
        for (slot, number) in column.iter_mut().zip(numbers.clone()) {
            let list = lists.get(usize::from(number.0).wrapping_sub(1)).unwrap_or(AreaList::EMPTY);
            *slot = list.of_system(system);
        }
    }
}
