//! What a contact does besides opening and closing: with a passcode told to an operator, or at the keypad. Each act is checked against the contact's own permissions.

use crate::contact::{Contact, Permissions, UserNumber};
use crate::decide::Who;
use crate::decide::person::{Asker, Manner, Person};
use crate::decide::remote::end_of_lift;
use crate::decision::{Decision, Outcome, Reason, Verdict, allow, deny, table};
use crate::engineer::{Capabilities, EngineerId, Grant, GrantId, Standing};
use crate::ledger::access::{AccessDeed, LocalGrant, Privacy, Session};
use crate::ledger::openings::Move;
use crate::ledger::panel::{Changes, ContactRecord, Deed, LocalWindow, OnTest, PanelMemory};
use crate::place::{AreaList, Place};
use crate::policy::panel::PanelPolicy;
use crate::report::{Event, Report};
use crate::schedule::{LocalSpan, Span, Timetable};
use crate::table::{find_id, find_slot_of_id};
use crate::time::{Date, Days, Instant, Now, Period};
use crate::zone::{DAY, WallClock};

/// Something a contact wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Act {
    /// Have an alarm cancelled. Needs [`Permissions::CANCEL_ALARM`].
    CancelAlarm,
    /// Change the customer's record. Needs [`Permissions::EDIT_CUSTOMER`].
    EditCustomer,
    /// Be told about the account. Needs [`Permissions::GIVE_OUT_INFORMATION`] or [`Permissions::EDIT_CUSTOMER`].
    ReceiveInformation,
    /// Put areas on test from now on. Needs [`Permissions::TEST_ALL`], or [`Permissions::TEST_DESIGNATED`] and areas of the test list.
    Test {
        /// Which areas; [`AreaList::ALL`] for every area the site has. A test that lies within them is replaced.
        areas: AreaList,
        /// For how many minutes; 0, or more than the site allows: as long as it allows.
        minutes: u16,
    },
    /// Take areas off test. Needs the same permissions.
    EndTest {
        /// Every test that lies within these areas ends; [`AreaList::ALL`] as for a test.
        areas: AreaList,
    },
    /// Extend today's closing. Needs [`Permissions::CHANGE_SCHEDULE`].
    ExtendClosing {
        /// Areas that share one schedule.
        place: Place,
        /// By how many minutes from the scheduled close.
        minutes: u16,
    },
    /// Set a temporary span for one date. Needs [`Permissions::CHANGE_SCHEDULE`].
    SetSpan {
        /// For which schedule, by its position from 1.
        schedule: u8,
        /// For which date, today or later.
        date: Date,
        /// The only hours of that date, layer and weekdays of no meaning; `None` keeps the areas closed.
        span: Option<Span>,
    },
    /// Open a temp-open window from now on. Needs [`Permissions::CHANGE_SCHEDULE`].
    OpenWindow {
        /// For which areas.
        place: Place,
        /// For how many minutes, 1..=1440.
        minutes: u16,
    },
    /// Suspend a contact. Needs [`Permissions::EDIT_CUSTOMER`] or [`Permissions::MASTER_USER`].
    Suspend(UserNumber),
    /// End a suspension made at the keypad; one made by the cloud stays. Needs the same permissions.
    Reinstate(UserNumber),
    /// Give an engineer a one-time grant for this site, without live video, clips and user codes. Needs [`Permissions::MASTER_USER`].
    Grant {
        /// Whom.
        engineer: EngineerId,
        /// Whether it answers the engineer's request, which gives it the longer time.
        answers_request: bool,
    },
    /// Revoke a grant for good, the cloud's or one given here. Needs [`Permissions::MASTER_USER`].
    Revoke(GrantId),
    /// Lift the site's restriction. Needs [`Permissions::SITE_ADMINISTRATOR`].
    Lift,
    /// Restore it, or restrict a site that is not. Needs [`Permissions::SITE_ADMINISTRATOR`].
    Restrict,
}

/// A contact that wants to do something.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ActRequest<'a> {
    /// Who asks.
    pub who: Who<'a>,
    /// What for.
    pub act: Act,
    /// Whether it comes from elsewhere than the keypad.
    pub remote: bool,
}

/// What an act would do if it is permitted, or why it cannot be done.
struct Plan {
    /// Why not, whoever asks.
    obstacle: Option<Reason>,
    event: Event,
    until: Instant,
    grant: GrantId,
    /// The record of the contact it is about.
    record: ContactRecord,
    /// That contact's slot in the policy.
    slot: usize,
    deed: Option<Deed>,
}

impl Plan {
    const fn of(event: Event) -> Self {
        Self { obstacle: None, event, until: Instant::LATEST, grant: GrantId::NONE, record: ContactRecord::NONE, slot: 0, deed: None }
    }

    const fn doing(event: Event, deed: Deed) -> Self {
        Self { deed: Some(deed), ..Self::of(event) }
    }

    const fn impossible(reason: Reason) -> Self {
        Self { obstacle: Some(reason), ..Self::of(Event::Nothing) }
    }
}

/// Where and when an act is to be done, and by whom.
struct Scene<'a> {
    policy: &'a PanelPolicy<'a>,
    timetable: &'a Timetable<'a>,
    memory: &'a PanelMemory<'a>,
    now: Now,
    clock: WallClock,
    contact: &'a Contact,
    /// When the contact loses its rights.
    right_ends: Instant,
}

/// Decides `request`, whose credential has been found to be `asker`'s.
pub(crate) fn decide(
    policy: &PanelPolicy<'_>,
    timetable: &Timetable<'_>,
    memory: &PanelMemory<'_>,
    asker: Asker,
    request: &ActRequest<'_>,
    now: Now,
) -> (Decision, Changes, Option<Deed>) {
    let clock = policy.site.zone.year_of(now.instant).wall_clock(now.instant);
    let manner = Manner { remote: request.remote, opening: false, date: clock.date };
    let person = Person::new(policy, memory, asker, manner, now);
    let contact = person.contact;
    // Only an opening or closing starts the minutes from first use.
    let minutes_end = if person.record.first_use == Instant::LATEST { Instant::LATEST } else { person.minutes_end };
    let scene = Scene { policy, timetable, memory, now, clock, contact, right_ends: contact.validity.until.min(minutes_end) };
    let plan = scene.plan(&request.act);
    let may = contact.permissions.intersects(permissions_for(&request.act));
    let not_own = !scene.owns(&request.act);
    let needs_time = needs_time(&request.act);

    let rows = table! { Outcome:
        !may => deny(Reason::NotPermitted, Event::LevelDenied),
        not_own => deny(Reason::AreaNotAssigned, Event::LevelDenied),
        needs_time & !now.known => deny(Reason::TimeUnknown, Event::TimeDenied),
        plan.obstacle.is_some() => deny(Reason::Invalid, Event::LevelDenied),
        true => allow(Reason::Permitted, Event::Nothing),
    };
    let outcome = person.rows.then(&rows).because(plan.obstacle.unwrap_or(Reason::Invalid));

    let is_allowed = outcome.verdict != Verdict::Deny;
    let duress = is_allowed && contact.permissions.contains(Permissions::DURESS);
    let event = if duress {
        Event::Duress
    } else if is_allowed {
        plan.event
    } else {
        outcome.event
    };
    let place = scene.concerned_place(&request.act);
    // What was not given is not reported either.
    let grant = if is_allowed { plan.grant } else { GrantId::NONE };
    let mut report = Report { event, user: contact.user, ..Report::NOTHING };
    if let Some(place) = place {
        report.system = place.system();
        report.areas = place.areas();
    }
    if let Act::Grant { engineer, .. } = request.act {
        report.engineer = engineer;
    }
    if matches!(request.act, Act::Grant { .. } | Act::Revoke(_) | Act::Lift | Act::Restrict) {
        report.site = policy.site.id;
        report.grant = grant;
    }
    let decision = Decision {
        verdict: outcome.verdict,
        reason: outcome.reason,
        user: contact.user,
        grant,
        report: if event == Event::Nothing { Report::NOTHING } else { report },
        until: if is_allowed { plan.until.ending() } else { None },
        close_by: None,
        left: Capabilities::empty(),
    };
    let changes = Changes {
        floor: now.raised(memory.floor),
        lockout: person.lockout,
        slot: plan.slot,
        record: if is_allowed { plan.record } else { ContactRecord::NONE },
        moved: Move::NONE,
    };
    (decision, changes, if is_allowed { plan.deed } else { None })
}

/// Any of these permits the act.
const fn permissions_for(act: &Act) -> Permissions {
    match act {
        Act::CancelAlarm => Permissions::CANCEL_ALARM,
        Act::EditCustomer => Permissions::EDIT_CUSTOMER,
        Act::ReceiveInformation => Permissions::GIVE_OUT_INFORMATION.union(Permissions::EDIT_CUSTOMER),
        Act::Test { .. } | Act::EndTest { .. } => Permissions::TEST_ALL.union(Permissions::TEST_DESIGNATED),
        Act::ExtendClosing { .. } | Act::SetSpan { .. } | Act::OpenWindow { .. } => Permissions::CHANGE_SCHEDULE,
        Act::Suspend(_) | Act::Reinstate(_) => Permissions::EDIT_CUSTOMER.union(Permissions::MASTER_USER),
        Act::Grant { .. } | Act::Revoke(_) => Permissions::MASTER_USER,
        Act::Lift | Act::Restrict => Permissions::SITE_ADMINISTRATOR,
    }
}

/// Whether what the act does depends on the time.
const fn needs_time(act: &Act) -> bool {
    matches!(
        act,
        Act::Test { .. } | Act::ExtendClosing { .. } | Act::SetSpan { .. } | Act::OpenWindow { .. } | Act::Grant { .. } | Act::Lift
    )
}

impl Scene<'_> {
    /// The place an act names, for its report.
    fn concerned_place(&self, act: &Act) -> Option<Place> {
        match act {
            Act::ExtendClosing { place, .. } | Act::OpenWindow { place, .. } => Some(*place),
            Act::Test { areas, .. } | Act::EndTest { areas } => {
                let areas = self.areas_to_test(areas).0;
                (1..).zip(areas).find(|(_, areas)| !areas.is_empty()).and_then(|(system, areas)| Place::new(system, areas))
            }
            _ => None,
        }
    }

    /// Whether the act stays within the areas that the contact may do it to.
    fn owns(&self, act: &Act) -> bool {
        let timetable = self.timetable;
        let own = if self.contact.areas.0 == 0 { self.policy.site.areas } else { *timetable.list(self.contact.areas) };
        match act {
            Act::Test { areas, .. } | Act::EndTest { areas } => {
                let areas = self.areas_to_test(areas);
                let anything = self.contact.permissions.contains(Permissions::TEST_ALL);
                let designated = areas.within(timetable.list(self.contact.test_areas));
                (anything || designated) && areas.within(&self.policy.site.areas) && !areas.is_empty()
            }
            Act::ExtendClosing { place, .. } | Act::OpenWindow { place, .. } => own.covers(*place) && self.policy.site.areas.covers(*place),
            Act::SetSpan { schedule, .. } => timetable.governed(*schedule).within(&own),
            _ => true,
        }
    }

    fn plan(&self, act: &Act) -> Plan {
        match *act {
            Act::CancelAlarm => Plan { until: self.right_ends, ..Plan::of(Event::AlarmCancelled) },
            Act::EditCustomer | Act::ReceiveInformation => Plan { until: self.right_ends, ..Plan::of(Event::CustomerRecord) },
            Act::Test { areas, minutes } => self.test(areas, minutes),
            Act::EndTest { areas } => {
                let areas = self.areas_to_test(&areas);
                let on_test = self.memory.tests.iter().any(|test| test.is_ended_by(&areas, self.now.instant));
                if on_test { Plan::doing(Event::TestEnded, Deed::EndTest(areas)) } else { Plan::impossible(Reason::NotFound) }
            }
            Act::ExtendClosing { place, minutes } => self.extend(place, minutes),
            Act::SetSpan { schedule, date, span } => self.set_span(schedule, date, span),
            Act::OpenWindow { place, minutes } => self.open_window(place, minutes),
            Act::Suspend(user) => self.suspend(user, true),
            Act::Reinstate(user) => self.suspend(user, false),
            Act::Grant { engineer, answers_request } => self.grant(engineer, answers_request),
            Act::Revoke(id) => self.revoke(id),
            Act::Lift => {
                let until = self.policy.access.sites.first().map_or(Instant::LATEST, |site| end_of_lift(site, self.now));
                let privacy = Privacy { lifted_at: self.now.instant, ..self.memory.access.privacy };
                Plan { until, ..self.set_privacy(Event::RestrictionLifted, privacy) }
            }
            Act::Restrict => {
                self.set_privacy(Event::SiteRestricted, Privacy { restricted_at: self.now.instant, ..self.memory.access.privacy })
            }
        }
    }

    /// The areas that are meant, `ALL` being those the site has.
    fn areas_to_test(&self, areas: &AreaList) -> AreaList {
        if *areas == AreaList::ALL { self.policy.site.areas } else { *areas }
    }

    fn test(&self, areas: AreaList, minutes: u16) -> Plan {
        let site = self.policy.site;
        let areas = self.areas_to_test(&areas);
        let minutes = if minutes == 0 { site.longest_test } else { minutes.min(site.longest_test) };
        let until = self.now.instant.plus(i64::from(minutes) * 60);
        let settled = self.memory.settled(self.now.instant);
        if !self.memory.tests.iter().any(|row| row.is_over(settled) || row.is_ended_by(&areas, self.now.instant)) {
            return Plan::impossible(Reason::NoRoom);
        }
        let test =
            OnTest { areas, period: Period { from: self.now.instant, until }, user: self.contact.user, identity: self.contact.identity };
        Plan { until, ..Plan::doing(Event::TestStarted, Deed::Test(test)) }
    }

    fn extend(&self, place: Place, minutes: u16) -> Plan {
        let timetable = self.timetable;
        let shared = (1..).zip(self.policy.schedules).map(|(number, _)| number).find(|number| timetable.governed(*number).covers(place));
        let Some(Extendable { date, span, extended }) = shared.and_then(|schedule| timetable.span_to_extend(schedule, self.clock)) else {
            return Plan::impossible(Reason::NothingToExtend);
        };
        let schedule = shared.unwrap_or(0);
        let close = span.must_be_closed_by.saturating_add(minutes).min(self.policy.site.latest_close);
        if close <= span.must_be_closed_by {
            return Plan::impossible(Reason::NothingToExtend);
        }
        let extension = LocalSpan { schedule, date, replaces: false, span: Span { must_be_closed_by: close.max(extended), ..span } };
        let year = self.policy.site.zone.year_of(self.now.instant);
        let until = year.first_reading(date, i32::from(extension.span.must_be_closed_by));
        self.keep_span(Event::ClosingExtended, extension, until)
    }

    fn set_span(&self, schedule: u8, date: Date, span: Option<Span>) -> Plan {
        let exists = !self.timetable.governed(schedule).is_empty();
        let valid = span.is_none_or(|span| span.is_valid(self.policy.site.late_margin));
        if !exists {
            return Plan::impossible(Reason::NotFound);
        }
        if !valid || date < self.clock.date || date >= Date::LATEST {
            return Plan::impossible(Reason::BadTimes);
        }
        let local = LocalSpan { schedule, date, replaces: true, span: span.unwrap_or(Span::NEVER) };
        self.keep_span(Event::ScheduleChanged, local, Instant::LATEST)
    }

    fn keep_span(&self, event: Event, span: LocalSpan, until: Instant) -> Plan {
        let settled = self.memory.settled(self.now.instant);
        let has_room = self.memory.spans.iter().any(|row| row.is_replaced_by(&span) || row.is_over(settled));
        if has_room { Plan { until, ..Plan::doing(event, Deed::SetSpan(span)) } } else { Plan::impossible(Reason::NoRoom) }
    }

    fn open_window(&self, place: Place, minutes: u16) -> Plan {
        if minutes == 0 || minutes > 1440 {
            return Plan::impossible(Reason::BadTimes);
        }
        if !self.memory.windows.iter().any(|row| row.is_over(self.now.instant)) {
            return Plan::impossible(Reason::NoRoom);
        }
        let until = self.now.instant.plus(i64::from(minutes) * 60);
        let window = LocalWindow {
            system: place.system(),
            areas: place.areas(),
            period: Period { from: self.now.instant, until },
            user: self.contact.user,
            identity: self.contact.identity,
        };
        Plan { until, ..Plan::doing(Event::ScheduleChanged, Deed::OpenWindow(window)) }
    }

    fn suspend(&self, user: UserNumber, suspended: bool) -> Plan {
        let (slot, contact) = find_slot_of_id(self.policy.contacts, u32::from(user.0));
        if !contact.is_somebody() {
            return Plan::impossible(Reason::NotFound);
        }
        let record = ContactRecord { suspended, ..ContactRecord::of(self.memory.records, slot, contact) };
        Plan { record, slot, ..Plan::of(Event::UserChanged) }
    }

    fn grant(&self, engineer: EngineerId, answers_request: bool) -> Plan {
        let engineer = find_id(self.policy.access.engineers, engineer.0);
        let Some(site) = self.policy.access.sites.first() else {
            return Plan::impossible(Reason::UnknownSite);
        };
        let obstacle = if engineer.id.0 == 0 {
            Some(Reason::UnknownEngineer)
        } else if !engineer.standing.contains(Standing::REGISTERED) {
            Some(Reason::NotRegistered)
        } else if engineer.standing.contains(Standing::SUSPENDED) {
            Some(Reason::Suspended)
        } else if !self.memory.access.grants.iter().any(|row| row.is_over(self.memory.settled(self.now.instant))) {
            Some(Reason::NoRoom)
        } else {
            None
        };
        if let Some(obstacle) = obstacle {
            return Plan::impossible(obstacle);
        }
        let minutes = if answers_request { site.answer_grant_minutes } else { site.spot_grant_minutes };
        let until = self.now.instant.plus(i64::from(minutes) * 60);
        let grant = Grant {
            engineer: engineer.id,
            site: site.id,
            id: self.memory.access.next_local,
            period: Period { from: self.now.instant, until },
            begin_by: Some(until),
            one_time: true,
            capabilities: Capabilities::all(),
            excluded: Capabilities::PRIVATE,
        };
        let local = LocalGrant { grant, revoked: false, session: Session::NONE, user: self.contact.user, identity: self.contact.identity };
        Plan { until, grant: grant.id, ..Plan::doing(Event::GrantGiven, Deed::Access(AccessDeed::Give(local))) }
    }

    fn revoke(&self, id: GrantId) -> Plan {
        // A cloud's grant may be revoked before the blob that brings it has come.
        let exists = id < GrantId::FIRST_LOCAL || self.memory.access.grants.iter().any(|local| local.grant.id == id);
        if id == GrantId::NONE || !exists {
            return Plan::impossible(Reason::NotFound);
        }
        Plan { grant: id, ..Plan::doing(Event::GrantRevoked, Deed::Access(AccessDeed::Revoke(id))) }
    }

    fn set_privacy(&self, event: Event, privacy: Privacy) -> Plan {
        Plan::doing(event, Deed::Access(AccessDeed::SetPrivacy(privacy)))
    }
}

/// A span on a date, and what its closing has been extended to.
struct Extendable {
    date: Date,
    span: Span,
    /// 0 if nobody has extended it.
    extended: u16,
}

impl Timetable<'_> {
    /// The span of `schedule` whose closing an extension is about.
    ///
    /// The one that is running and ends last; else the last that has ended today; else the next that starts today. Of two that end
    /// together the one that opened last.
    fn span_to_extend(&self, schedule: u8, clock: WallClock) -> Option<Extendable> {
        let of_policy = self.spans_around(clock.date).map(|(span, of, days)| (of, days, *span));
        let of_users = self.local.iter().filter(|local| local.replaces).map(|local| {
            let has_hours = local.span.must_be_closed_by != 0;
            (if has_hours { local.schedule } else { 0 }, Days(local.starts(clock.date)), local.span)
        });
        let mut best = None;
        for (of, days, span) in of_policy.chain(of_users) {
            for (starts, shift) in [(days.yesterday(), -DAY), (days.today(), 0)] {
                if of != schedule || !starts {
                    continue;
                }
                let date = Date(clock.date.0 + shift / DAY);
                let extended = self.extended_close(schedule, date, &span);
                let opens = i32::from(span.opens_from) + shift;
                let closes = i32::from(extended.max(span.must_be_closed_by)) + shift;
                let rank = if opens <= clock.minute && clock.minute < closes {
                    (3, closes, opens)
                } else if 0 < closes && closes <= clock.minute {
                    (2, closes, opens)
                } else if clock.minute < opens {
                    (1, -opens, 0)
                } else {
                    continue;
                };
                if best.as_ref().is_none_or(|(best, _)| *best < rank) {
                    best = Some((rank, Extendable { date, span, extended }));
                }
            }
        }
        best.map(|(_, found)| found)
    }

    /// What a user has extended the closing of the span to that opens at that minute of that date; 0 if nobody has.
    pub(crate) fn extended_close(&self, schedule: u8, date: Date, span: &Span) -> u16 {
        let extends = |local: &&LocalSpan| {
            !local.replaces && local.schedule == schedule && local.date == date && local.span.opens_from == span.opens_from
        };
        self.local.iter().filter(extends).map(|local| local.span.must_be_closed_by).max().unwrap_or(0)
    }
}
