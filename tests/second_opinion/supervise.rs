//! What has fallen due since the last look.

use super::calendar::days_later;
use super::model::{Place, has_area};
use super::question::{Due, Overdue};
use super::reference::Reference;
use std::collections::BTreeMap;

/// Areas that one report names together: same kind, same instant, same system.
type Areas = BTreeMap<(i64, u8), Vec<u8>>;

impl Reference {
    /// Every deadline after the mark and up to now, oldest first.
    pub fn fallen_due(&mut self, armed: &[Place], now: Option<i64>) -> Vec<Due> {
        let Some(now) = now else {
            return Vec::new();
        };
        let mark = self.ledger.mark.replace(now);
        let mut due = Vec::new();
        if let Some(mark) = mark {
            self.missed_openings_and_closings(mark, now, armed, &mut due);
            self.overrun_temp_openings(mark, now, armed, &mut due);
            self.ended_grants_and_sessions(mark, now, &mut due);
            self.ended_tests(mark, now, &mut due);
        }
        self.ledger.temp_openings.retain(|open| now < open.close_by);
        self.ledger.tests.retain(|test| now < test.until);
        due.sort();
        due
    }

    fn missed_openings_and_closings(&self, mark: i64, now: i64, armed: &[Place], due: &mut Vec<Due>) {
        let hours = self.hours();
        let zone = &self.policy.site.zone;
        let fell = |at: i64| mark < at && at <= now;
        let mut to_open = Areas::new();
        let mut to_close = Areas::new();
        // The longest span ends two midnights after it began.
        let mut date = days_later(zone.wall_clock(mark).date, -3);
        let last = days_later(zone.wall_clock(now).date, 1);
        while date <= last {
            for (index, schedule) in self.policy.site.schedules.iter().enumerate() {
                for stretch in hours.starting_on(index, date) {
                    let areas = || each_area(&schedule.governs);
                    let open_by = stretch.must_be_open_by;
                    if let Some(at) = open_by.map(|minute| zone.first_reading(date, minute))
                        && fell(at)
                    {
                        let late = areas().filter(|(system, area)| has_area(armed, *system, *area));
                        collect(&mut to_open, at, late);
                    }
                    let at = zone.first_reading(date, stretch.end);
                    if fell(at) {
                        let late =
                            areas().filter(|(system, area)| !has_area(armed, *system, *area) && !hours.is_inside(*system, *area, at));
                        collect(&mut to_close, at, late);
                    }
                }
            }
            date = days_later(date, 1);
        }
        report(to_open, Overdue::LateToOpen, due);
        report(to_close, Overdue::LateToClose, due);
    }

    fn overrun_temp_openings(&self, mark: i64, now: i64, armed: &[Place], due: &mut Vec<Due>) {
        let mut openings: BTreeMap<(i64, u16, usize, u8), Vec<u8>> = BTreeMap::new();
        for open in &self.ledger.temp_openings {
            let fell = mark < open.close_by && open.close_by <= now;
            if fell && !has_area(armed, open.system, open.area) {
                let opening = (open.close_by, open.user, open.opening, open.system);
                openings.entry(opening).or_default().push(open.area);
            }
        }
        for ((at, user, _, system), mut areas) in openings {
            areas.sort_unstable();
            let what = Overdue::TempOpeningOverrun { user, place: Place { system, areas } };
            due.push(Due { at, what });
        }
    }

    fn ended_grants_and_sessions(&self, mark: i64, now: i64, due: &mut Vec<Due>) {
        let fell = |at: i64| mark < at && at <= now;
        for grant in self.grants() {
            if fell(grant.until) {
                due.push(Due { at: grant.until, what: Overdue::GrantEnded { grant: grant.id } });
            }
            // Of several sessions under one grant the last one counts.
            let session = self.ledger.sessions.iter().rfind(|session| session.grant == grant.id);
            let Some(session) = session.filter(|session| !session.ended) else {
                continue;
            };
            // One that ends with its grant is not reported besides.
            if let Some(at) = self.longest_session_end(session).filter(|at| fell(*at) && *at < grant.until) {
                let what = Overdue::SessionEnded { engineer: session.engineer, site: session.site, grant: session.grant };
                due.push(Due { at, what });
            }
        }
    }

    fn ended_tests(&self, mark: i64, now: i64, due: &mut Vec<Due>) {
        for test in &self.ledger.tests {
            let first = test.places.iter().min_by_key(|place| place.system);
            if mark < test.until
                && test.until <= now
                && let Some(place) = first
            {
                due.push(Due { at: test.until, what: Overdue::TestEnded(place.clone()) });
            }
        }
    }
}

fn each_area(places: &[Place]) -> impl Iterator<Item = (u8, u8)> {
    places.iter().flat_map(|place| place.areas.iter().map(|area| (place.system, *area)))
}

fn collect(into: &mut Areas, at: i64, areas: impl Iterator<Item = (u8, u8)>) {
    for (system, area) in areas {
        into.entry((at, system)).or_default().push(area);
    }
}

fn report(areas: Areas, what: impl Fn(Place) -> Overdue, due: &mut Vec<Due>) {
    for ((at, system), mut areas) in areas {
        areas.sort_unstable();
        areas.dedup();
        due.push(Due { at, what: what(Place { system, areas }) });
    }
}
