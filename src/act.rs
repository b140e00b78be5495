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
use crate::policy::ensure;
use crate::policy::panel::PanelPolicy;
use crate::report::{Event, Report};
use crate::schedule::{LocalSpan, Span, Timetable};
use crate::table::{find_id, find_slot_in};
use crate::time::{Date, Instant, Now, Period};
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

/// What an act does if it is permitted.
struct Plan {
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
    // A constant would be copied whole, with room for the largest deed.
    fn nothing() -> Self {
        Self { event: Event::Nothing, until: Instant::LATEST, grant: GrantId::NONE, record: ContactRecord::NONE, slot: 0, deed: None }
    }
}

/// Where and when an act is to be done, and by whom.
struct Scene<'a> {
    policy: &'a PanelPolicy<'a>,
    timetable: &'a Timetable<'a>,
    memory: &'a PanelMemory<'a>,
    now: Now,
    clock: WallClock,
    /// Up to when everything is reported that has fallen due.
    settled: Instant,
    contact: &'a Contact,
    /// When the contact loses its rights.
    right_ends: Instant,
    /// The areas that the act names.
    concerned: AreaList,
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
    let act = &request.act;
    let clock = timetable.zone.wall_clock(now.instant);
    let manner = Manner { remote: request.remote, opening: false, date: clock.date };
    let person = Person::new(policy, memory, asker, manner, now);
    let contact = person.contact;
    // Only an opening or closing starts the minutes from first use.
    let minutes_end = if person.record.first_use == ContactRecord::NEVER { Instant::LATEST } else { person.minutes_end };
    let right_ends = contact.validity.until.min(minutes_end);
    let concerned = match act {
        Act::Test { areas, .. } | Act::EndTest { areas } if *areas == AreaList::ALL => policy.site.areas,
        Act::Test { areas, .. } | Act::EndTest { areas } => *areas,
        Act::ExtendClosing { place, .. } | Act::OpenWindow { place, .. } => AreaList::from(*place),
        _ => AreaList::NONE,
    };
    let settled = memory.settled(now.instant);
    let scene = Scene { policy, timetable, memory, now, clock, settled, contact, right_ends, concerned };
    let mut plan = Plan::nothing();
    let obstacle = scene.plan(act, &mut plan).err();
    let may = contact.permissions.intersects(permissions_for(act));
    let not_own = !scene.owns(act);
    let needs_time = needs_time(act);

    let rows = table! { Outcome:
        !may => deny(Reason::NotPermitted, Event::LevelDenied),
        not_own => deny(Reason::AreaNotAssigned, Event::LevelDenied),
        needs_time & !now.known => deny(Reason::TimeUnknown, Event::TimeDenied),
        obstacle.is_some() => deny(Reason::Invalid, Event::LevelDenied),
        true => allow(Reason::Permitted, Event::Nothing),
    };
    let outcome = person.rows.then(&rows).because(obstacle.unwrap_or(Reason::Invalid));

    let is_allowed = outcome.verdict != Verdict::Deny;
    if !is_allowed {
        // What was not done is not reported either.
        (plan.event, plan.grant, plan.record) = (outcome.event, GrantId::NONE, ContactRecord::NONE);
        plan.deed = None;
    } else if contact.permissions.contains(Permissions::DURESS) {
        plan.event = Event::Duress;
    }
    let mut report = Report { event: plan.event, user: contact.user, ..Report::NOTHING };
    report.concern(&scene.concerned);
    if let Act::Grant { engineer, .. } = act {
        report.engineer = *engineer;
    }
    if matches!(act, Act::Grant { .. } | Act::Revoke(_) | Act::Lift | Act::Restrict) {
        report.site = policy.site.id;
        report.grant = plan.grant;
    }
    let decision = Decision {
        verdict: outcome.verdict,
        reason: outcome.reason,
        user: contact.user,
        grant: plan.grant,
        report: if plan.event == Event::Nothing { Report::NOTHING } else { report },
        until: if is_allowed { plan.until.ending() } else { None },
        close_by: None,
        left: Capabilities::empty(),
    };
    let changes =
        Changes { floor: now.raised(memory.floor), lockout: person.lockout, slot: plan.slot, record: plan.record, moved: Move::NONE };
    (decision, changes, plan.deed)
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
    /// Whether the act stays within the areas that the contact may do it to.
    fn owns(&self, act: &Act) -> bool {
        let Self { timetable, contact, concerned, .. } = self;
        let of_site = &self.policy.site.areas;
        let tests = matches!(act, Act::Test { .. } | Act::EndTest { .. });
        let anywhere = if tests { contact.permissions.contains(Permissions::TEST_ALL) } else { contact.areas.0 == 0 };
        let own = if anywhere { of_site } else { timetable.list(if tests { contact.test_areas } else { contact.areas }) };
        let areas = if let Act::SetSpan { schedule, .. } = act { timetable.governed(*schedule) } else { concerned };
        areas.within(own) && concerned.within(of_site) && !(tests && concerned.is_empty())
    }

    /// Plans what the act does.
    ///
    /// # Errors
    /// Why it cannot be done, whoever asks.
    // Inlined, it would be larger: too much is at work at a time for the registers.
    #[inline(never)]
    fn plan(&self, act: &Act, plan: &mut Plan) -> Result<(), Reason> {
        let now = self.now.instant;
        let privacy = self.memory.access.privacy;
        let site = self.policy.access.sites.first();
        match *act {
            Act::CancelAlarm => (plan.event, plan.until) = (Event::AlarmCancelled, self.right_ends),
            Act::EditCustomer | Act::ReceiveInformation => (plan.event, plan.until) = (Event::CustomerRecord, self.right_ends),
            Act::Test { minutes, .. } => self.test(minutes, plan)?,
            Act::EndTest { .. } => {
                ensure(self.memory.tests.iter().any(|test| test.is_ended_by(&self.concerned, now)), Reason::NotFound)?;
                (plan.event, plan.deed) = (Event::TestEnded, Some(Deed::EndTest(self.concerned)));
            }
            Act::ExtendClosing { place, minutes } => self.extend(place, minutes, plan)?,
            Act::SetSpan { schedule, date, span } => self.set_span(schedule, date, span, plan)?,
            Act::OpenWindow { place, minutes } => self.open_window(place, minutes, plan)?,
            Act::Suspend(user) | Act::Reinstate(user) => self.suspend(user, matches!(act, Act::Suspend(_)), plan)?,
            Act::Grant { engineer, answers_request } => self.grant(engineer, answers_request, plan)?,
            Act::Revoke(id) => self.revoke(id, plan)?,
            Act::Lift => {
                plan.event = Event::RestrictionLifted;
                plan.until = site.map_or(Instant::LATEST, |site| end_of_lift(site, self.now));
                // Whatever the clock read then, what restricts came before.
                let restricted_at = privacy.restricted_at.min(now.plus(-1));
                plan.deed = Some(Deed::Access(AccessDeed::SetPrivacy(Privacy { lifted_at: now, restricted_at })));
            }
            Act::Restrict => {
                plan.event = Event::SiteRestricted;
                // It comes after every lift that is known, whatever the clock here reads.
                let restricted_at = now.max(site.and_then(|site| site.lifted_at).unwrap_or(now));
                plan.deed = Some(Deed::Access(AccessDeed::SetPrivacy(Privacy { restricted_at, ..privacy })));
            }
        }
        Ok(())
    }

    /// So many minutes from now on.
    #[inline(never)]
    fn period(&self, minutes: u16) -> Period {
        let from = self.now.instant;
        Period { from, until: from.plus(i64::from(minutes) * 60) }
    }

    fn test(&self, minutes: u16, plan: &mut Plan) -> Result<(), Reason> {
        let longest = self.policy.site.longest_test;
        let row = room_in(self.memory.tests, |row| row.is_over(self.settled) || row.is_ended_by(&self.concerned, self.now.instant))?;
        let period = self.period(if minutes == 0 { longest } else { minutes.min(longest) });
        let test = OnTest { areas: self.concerned, period, user: self.contact.user, identity: self.contact.identity };
        (plan.event, plan.until, plan.deed) = (Event::TestStarted, period.until, Some(Deed::Test(row, test)));
        Ok(())
    }

    fn extend(&self, place: Place, minutes: u16, plan: &mut Plan) -> Result<(), Reason> {
        let timetable = self.timetable;
        let shared = (1..).zip(self.policy.schedules).map(|(number, _)| number).find(|number| timetable.governed(*number).covers(place));
        let schedule = shared.ok_or(Reason::NothingToExtend)?;
        let Extendable { date, span, closes } = timetable.span_to_extend(schedule, self.clock).ok_or(Reason::NothingToExtend)?;
        let close = span.must_be_closed_by.saturating_add(minutes).min(self.policy.site.latest_close);
        ensure(close > span.must_be_closed_by, Reason::NothingToExtend)?;
        let close = close.max(closes);
        // What lies behind would extend nothing.
        ensure(self.clock.minute < i32::from(close) + (date.0 - self.clock.date.0) * DAY, Reason::NothingToExtend)?;
        (plan.event, plan.until) = (Event::ClosingExtended, timetable.zone.year_of(self.now.instant).first_reading(date, i32::from(close)));
        self.keep_span(LocalSpan { schedule, date, replaces: false, span: Span { must_be_closed_by: close, ..span } }, plan)
    }

    fn set_span(&self, schedule: u8, date: Date, span: Option<Span>, plan: &mut Plan) -> Result<(), Reason> {
        ensure(!self.timetable.governed(schedule).is_empty(), Reason::NotFound)?;
        let is_valid = span.as_ref().is_none_or(|span| span.is_valid(self.policy.site.late_margin));
        ensure(is_valid && self.clock.date <= date && date < Date::LATEST, Reason::BadTimes)?;
        plan.event = Event::ScheduleChanged;
        self.keep_span(LocalSpan { schedule, date, replaces: true, span: span.unwrap_or(Span::NEVER) }, plan)
    }

    fn keep_span(&self, span: LocalSpan, plan: &mut Plan) -> Result<(), Reason> {
        let row = room_in(self.memory.spans, |row| {
            row.is_replaced_by(&span) || row.is_over(self.settled, self.timetable.zone, self.policy.site.late_margin)
        })?;
        plan.deed = Some(Deed::SetSpan(row, span));
        Ok(())
    }

    fn open_window(&self, place: Place, minutes: u16, plan: &mut Plan) -> Result<(), Reason> {
        ensure((1..=1440).contains(&minutes), Reason::BadTimes)?;
        let row = room_in(self.memory.windows, |row| row.is_over(self.now.instant))?;
        let (system, areas, period) = (place.system(), place.areas(), self.period(minutes));
        let window = LocalWindow { system, areas, period, user: self.contact.user, identity: self.contact.identity };
        (plan.event, plan.until, plan.deed) = (Event::ScheduleChanged, period.until, Some(Deed::OpenWindow(row, window)));
        Ok(())
    }

    fn suspend(&self, user: UserNumber, suspended: bool, plan: &mut Plan) -> Result<(), Reason> {
        // Whether there is such a contact is no business of somebody who may not suspend anybody: the search takes as long as for another.
        let (slot, contact) = find_slot_in(self.policy.contacts, u32::from(user.0));
        ensure(contact.is_somebody(), Reason::NotFound)?;
        let record = ContactRecord { suspended, ..ContactRecord::of(self.memory.records, slot, contact) };
        (plan.event, plan.slot, plan.record) = (Event::UserChanged, slot, record);
        Ok(())
    }

    fn grant(&self, engineer: EngineerId, answers_request: bool, plan: &mut Plan) -> Result<(), Reason> {
        let engineer = find_id(self.policy.access.engineers, engineer.0);
        let site = self.policy.access.sites.first().filter(|site| site.id.0 != 0).ok_or(Reason::UnknownSite)?;
        ensure(engineer.id.0 != 0, Reason::UnknownEngineer)?;
        ensure(engineer.standing.contains(Standing::REGISTERED), Reason::NotRegistered)?;
        ensure(!engineer.standing.contains(Standing::SUSPENDED), Reason::Suspended)?;
        // What was revoked makes room, too, but only if nothing else does: somebody may still ask for the reason.
        let rows = self.memory.access.grants.iter().enumerate();
        let usable = rows.filter(|(_, row)| row.is_over(self.settled) || row.revoked);
        let row = usable.min_by_key(|(_, row)| (!row.is_over(self.settled), row.grant.period.until, row.grant.id));
        let (row, _) = row.ok_or(Reason::NoRoom)?;
        let period = self.period(if answers_request { site.answer_grant_minutes } else { site.spot_grant_minutes });
        let grant = Grant {
            engineer: engineer.id,
            site: site.id,
            id: self.memory.access.next_local,
            period,
            begin_by: Some(period.until),
            one_time: true,
            capabilities: Capabilities::all(),
            excluded: Capabilities::PRIVATE,
        };
        let local = LocalGrant { grant, revoked: false, session: Session::NONE, user: self.contact.user, identity: self.contact.identity };
        (plan.event, plan.until, plan.grant) = (Event::GrantGiven, period.until, grant.id);
        plan.deed = Some(Deed::Access(AccessDeed::Give(row, local)));
        Ok(())
    }

    fn revoke(&self, id: GrantId, plan: &mut Plan) -> Result<(), Reason> {
        let Self { policy, memory, .. } = self;
        let local = memory.access.grants.iter().find(|local| local.grant.id == id);
        let is_local = local.is_some();
        // A cloud's grant may be revoked before the blob that brings it has come; but for what may never come none is revoked that stands.
        ensure(id != GrantId::NONE && (id < GrantId::FIRST_LOCAL || is_local), Reason::NotFound)?;
        let is_here = is_local || policy.access.grants.iter().any(|grant| grant.id == id);
        ensure(is_here || memory.access.is_revoked(id) || memory.access.has_room_for_revocation(), Reason::NoRoom)?;
        let session = local.map_or(memory.access.recall(id).0, |local| &local.session);
        let now = self.now.instant;
        let longest = policy.access.sites.first().map_or(0, |site| site.longest_session);
        // One that has ended by itself stays so: nobody may have been told yet.
        let ended = if session.is_begun() && now < session.end(longest) { now } else { Instant::LATEST };
        (plan.event, plan.grant, plan.deed) = (Event::GrantRevoked, id, Some(Deed::Access(AccessDeed::Revoke(id, ended))));
        Ok(())
    }
}

/// The index of the first row that is usable for something new.
fn room_in<T>(rows: &[T], is_usable: impl FnMut(&T) -> bool) -> Result<usize, Reason> {
    rows.iter().position(is_usable).ok_or(Reason::NoRoom)
}

/// A span on a date, and what its closing has been extended to.
struct Extendable {
    date: Date,
    span: Span,
    /// As far as it is extended already.
    closes: u16,
}

impl Timetable<'_> {
    /// The span of `schedule` whose closing an extension is about.
    ///
    /// The one that is running and ends last; else the last that has ended today; else the next that starts today. Of two that end
    /// together the one that opened last.
    fn span_to_extend(&self, schedule: u8, clock: WallClock) -> Option<Extendable> {
        let mut best = (0, 0, 0);
        let mut found = None;
        for (date, shift) in [(Date(clock.date.0 - 1), -DAY), (clock.date, 0)] {
            self.for_each_starting(date, &mut |of, span| {
                if of != schedule {
                    return;
                }
                let closes = self.close_of(schedule, date, span);
                let opens = i32::from(span.opens_from) + shift;
                let end = i32::from(closes) + shift;
                let rank = if opens <= clock.minute && clock.minute < end {
                    (3, end, opens)
                } else if 0 < end && end <= clock.minute {
                    (2, end, opens)
                } else if clock.minute < opens {
                    (1, -opens, 0)
                } else {
                    return;
                };
                if best < rank {
                    best = rank;
                    found = Some(Extendable { date, span: *span, closes });
                }
            });
        }
        found
    }
}
