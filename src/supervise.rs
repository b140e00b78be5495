//! What has fallen due: areas not opened or closed in time, and what has ended by itself.
//!
//! The ledger's mark says up to where deadlines have been reported. Every deadline lies behind it or before it, so none is reported twice and none is left out,
//! whatever the clock did in between.

use serde::{Deserialize, Serialize};

use crate::engineer::Grant;
use crate::ledger::Mark;
use crate::ledger::access::{AccessMemory, Session};
use crate::ledger::panel::{PanelMemory, TEMP_OPENINGS};
use crate::place::{AreaList, Areas, Place};
use crate::policy::access::Access;
use crate::policy::panel::PanelPolicy;
use crate::report::{Event, Report};
use crate::schedule::{Margin, Span, Timetable};
use crate::table::find_id;
use crate::time::{Date, Instant, Now};
use crate::zone::ZoneYear;

/// A deadline that has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Due {
    /// When it fell due.
    pub at: Instant,
    /// What to report.
    pub report: Report,
}

/// The answer to one look at the deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Supervision {
    /// This has fallen due. Ask again: there may be more.
    Due(Due),
    /// A day of a long gap has been gone through without anything due. Ask again.
    AskAgain,
    /// Nothing else has fallen due up to now.
    Nothing,
}

/// Seconds that one look goes through at most, so that its work is bounded.
const STRIDE: i64 = 86_400;

/// From which number on the deadlines of one instant are those of temp openings, tests, grants and spans. The first two lie in rows that stay where they are; grants and
/// spans are numbered by what they are, for a policy may move their rows.
const TESTS: u64 = Mark::FIRST + TEMP_OPENINGS as u64;
const GRANTS: u64 = 1 << 40;
const SPANS: u64 = 1 << 41;
/// Deadlines of a span: two, each in eight systems.
const ORDERS: u64 = 16;

/// The earliest deadline behind the mark.
struct Search {
    mark: Mark,
    horizon: Instant,
    found: Option<(Mark, Report)>,
    /// Whether any deadline lies behind the mark, be there something to report or not.
    passes: bool,
}

impl Search {
    /// There is a deadline at `at`, whether anything has been missed or not. Answers whether it could still count.
    fn meet(&mut self, at: Instant) -> bool {
        let reaches = self.mark.at <= at && at <= self.horizon;
        self.passes |= reaches;
        reaches
    }

    /// `order` tells deadlines of the same instant apart and stays the same from look to look, whatever policy comes in between.
    #[inline(never)]
    fn offer(&mut self, at: Instant, order: u64, report: &Report) {
        let key = Mark { at, reported: order };
        let behind = self.mark <= key && at <= self.horizon;
        self.passes |= behind;
        if behind && self.found.as_ref().is_none_or(|(earliest, _)| key < *earliest) {
            self.found = Some((key, *report));
        }
    }

    /// The end of a grant, and that of its session.
    #[inline(never)]
    fn offer_grant(&mut self, access: &Access<'_>, grant: &Grant, session: &Session) {
        if grant.id.0 == 0 {
            return;
        }
        let order = GRANTS + 2 * u64::from(grant.id.0);
        let mut report =
            Report { event: Event::GrantEnded, engineer: grant.engineer, site: grant.site, grant: grant.id, ..Report::NOTHING };
        self.offer(grant.period.until, order, &report);
        if session.is_begun() && session.ended == Instant::LATEST {
            let session_end = session.end(find_id(access.sites, grant.site.0).longest_session);
            if session_end < grant.period.until {
                report.event = Event::SessionEnded;
                self.offer(session_end, order + 1, &report);
            }
        }
    }
}

/// What a look at the deadlines came to.
pub(crate) struct Look {
    pub(crate) supervision: Supervision,
    /// The mark from now on.
    pub(crate) mark: Mark,
    /// Whether it has passed a deadline, so that a device that forgot it would judge that one again.
    pub(crate) passes: bool,
}

/// Looks for the next deadline that passed up to `now`.
fn look(mark: Mark, now: Now, offer_all: impl FnOnce(&mut Search)) -> Look {
    if !now.known {
        return Look { supervision: Supervision::Nothing, mark, passes: false };
    }
    if mark == Mark::NONE {
        // A device that has never looked does not report what was before it.
        let mark = Mark { at: now.instant, reported: Mark::ALL_REPORTED };
        return Look { supervision: Supervision::Nothing, mark, passes: true };
    }
    let horizon = now.instant.min(mark.at.plus(STRIDE));
    let mut search = Search { mark, horizon, found: None, passes: false };
    offer_all(&mut search);
    let (supervision, mark) = match search.found {
        Some((key, report)) => {
            (Supervision::Due(Due { at: key.at, report }), Mark { at: key.at, reported: key.reported.saturating_add(1) })
        }
        None => {
            let answer = if horizon < now.instant { Supervision::AskAgain } else { Supervision::Nothing };
            // A clock that is behind the mark moves nothing: the mark is never above the floor, and now never below it.
            (answer, mark.max(Mark { at: horizon, reported: Mark::ALL_REPORTED }))
        }
    };
    Look { supervision, mark, passes: search.passes }
}

/// The deadlines of a receiver.
pub(crate) fn receiver(access: &Access<'_>, memory: &AccessMemory<'_>, mark: Mark, now: Now) -> Look {
    look(mark, now, |search| offer_access(search, access, memory))
}

/// The deadlines of a panel, whose areas are `armed` or not.
pub(crate) fn panel(policy: &PanelPolicy<'_>, timetable: &Timetable<'_>, memory: &PanelMemory<'_>, armed: &AreaList, now: Now) -> Look {
    look(memory.mark, now, |search| {
        for (row, opening) in memory.openings.rows() {
            let place = Areas(opening.areas.0 & !armed.of_system(opening.system).0);
            search.meet(opening.close_by);
            if !place.is_empty() {
                let report =
                    Report { event: Event::TempOpenOverrun, user: opening.user, system: opening.system, areas: place, ..Report::NOTHING };
                search.offer(opening.close_by, Mark::FIRST + u64::from(row), &report);
            }
        }
        for (order, test) in (TESTS..).zip(memory.tests) {
            if !test.is_free() {
                let mut report = Report { event: Event::TestEnded, user: test.user, ..Report::NOTHING };
                report.concern(&test.areas);
                search.offer(test.period.until, order, &report);
            }
        }
        offer_access(search, &policy.access, &memory.access);
        offer_spans(search, &policy.site.areas, timetable, armed);
    })
}

/// Grants and sessions that have ended.
fn offer_access(search: &mut Search, access: &Access<'_>, memory: &AccessMemory<'_>) {
    for grant in access.grants {
        let (session, _) = memory.recall(grant.id);
        search.offer_grant(access, grant, session);
    }
    for local in memory.grants {
        search.offer_grant(access, &local.grant, &local.session);
    }
}

/// Spans whose areas, those of them that are `of_site`, were not opened or closed in time.
fn offer_spans(search: &mut Search, of_site: &AreaList, timetable: &Timetable<'_>, armed: &AreaList) {
    // A span's last deadline is at most 48 hours after the midnight of the day it starts on.
    let (first, last) = (timetable.zone.wall_clock(search.mark.at).date.0 - 2, timetable.zone.wall_clock(search.horizon).date.0);
    for date in (first..=last).map(Date) {
        let year = timetable.zone.year_on(date);
        let day = Day { of_site, timetable, armed, date, year };
        timetable.for_each_starting(date, &mut |schedule, span| day.offer(search, schedule, span));
    }
}

/// A date on which spans start.
struct Day<'a> {
    of_site: &'a AreaList,
    timetable: &'a Timetable<'a>,
    armed: &'a AreaList,
    date: Date,
    year: ZoneYear,
}

impl Day<'_> {
    /// The deadlines of one span.
    fn offer(&self, search: &mut Search, schedule: u8, span: &Span) {
        // What starts within four days, under the same schedule at the same minute, is one span.
        let start = (u64::from(schedule) * 4 + (self.date.0 & 3) as u64) * 2048 + u64::from(span.opens_from);
        let order = SPANS + start * ORDERS;
        let governed = self.timetable.governed(schedule);
        if span.must_be_open_by != Span::NO_DEADLINE {
            self.offer_areas(search, order, Event::FailedToOpen, governed, span.must_be_open_by);
        }
        let close = self.timetable.close_of(schedule, self.date, span);
        self.offer_areas(search, order + 1, Event::FailedToClose, governed, close);
    }

    /// Those of the areas that are still armed at that minute, or no longer are when they are to be closed.
    #[inline(never)]
    fn offer_areas(&self, search: &mut Search, order: u64, event: Event, governed: &AreaList, minute: u16) {
        let at = self.year.first_reading(self.date, i32::from(minute));
        if !search.meet(at) {
            return;
        }
        let closing = event == Event::FailedToClose;
        for ((system, governed), of_site) in (1_u8..).zip(&governed.0).zip(&self.of_site.0) {
            let armed = self.armed.of_system(system).0;
            let missing = Areas(governed.0 & of_site.0 & if closing { !armed } else { armed });
            let Some(place) = Place::new(system, missing) else { continue };
            if !(closing && self.is_open(place, at)) {
                let report = Report { event, system, areas: missing, ..Report::NOTHING };
                search.offer(at, order + 2 * u64::from(system - 1), &report);
            }
        }
    }

    /// Whether the hours of `place` go on at `at`, in a span that follows without a gap.
    fn is_open(&self, place: Place, at: Instant) -> bool {
        self.timetable.columns.hours(place, self.timetable.zone.wall_clock(at), Margin::late(0)).inside
    }
}
