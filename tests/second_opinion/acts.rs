//! What contacts do besides opening and closing: with the passcode, or at the keypad.

use super::calendar::end_of_lift;
use super::model::{AccessSite, Capability, Contact, Grant, Place, Site, Span, covers};
use super::question::{Act, Answer, Reason, TestTarget, Verdict, Who};
use super::reference::{Extension, LocalWindow, OnTest, Passcodes, Reference, TemporarySpan, end_of_validity};
use jiff::civil::Date;

/// Ids of grants that master users make; the cloud's are below.
pub const FIRST_LOCAL_GRANT: u32 = 0x8000_0000;

impl Reference {
    pub fn act(&mut self, who: &Who, act: &Act, now: Option<i64>) -> Answer {
        let contact = match self.identify(who, now, Passcodes::Count) {
            Ok(contact) => contact,
            Err(answer) => return answer,
        };
        let mut answer = match self.admit(&contact, who, None, now) {
            Err(reason) => Answer::deny(reason),
            Ok(()) => {
                let mut answer = self.carry_out(&contact, act, now).unwrap_or_else(Answer::deny);
                answer.admitted = true;
                answer
            }
        };
        answer.user = Some(contact.number);
        answer.duress = answer.verdict != Verdict::Deny && contact.flags.duress;
        answer
    }

    /// First the permission, then the contact's own areas, the time, and what stands in the way.
    fn carry_out(&mut self, contact: &Contact, act: &Act, now: Option<i64>) -> Result<Answer, Reason> {
        if !is_permitted(contact, act) {
            return Err(Reason::NotPermitted);
        }
        if !self.owns(contact, act) {
            return Err(Reason::AreaNotAssigned);
        }
        if now.is_none() && depends_on_time(act) {
            return Err(Reason::TimeUnknown);
        }
        let at = self.now_or_floor(now);
        let mut answer = Answer::allow(Reason::Permitted);
        match act {
            Act::CancelAlarm | Act::EditCustomer | Act::GiveOutInformation => {
                let ends = [end_of_validity(contact), self.end_of_minutes(contact)];
                answer.until = ends.into_iter().flatten().min();
            }
            Act::GrantOnTheSpot { engineer } | Act::GrantAnswering { engineer } => {
                self.working_engineer(*engineer)?;
                let on_the_spot = matches!(act, Act::GrantOnTheSpot { .. });
                let grant = self.local_grant(*engineer, on_the_spot, at)?;
                self.make_room_for_grant(at)?;
                answer.grant = Some(grant.id);
                answer.until = Some(grant.until);
                self.ledger.grants.push(grant);
                self.ledger.grants_made += 1;
            }
            Act::Revoke { grant } => {
                // The cloud's may be revoked before they arrive.
                let is_made_here = *grant >= FIRST_LOCAL_GRANT;
                if *grant == 0 || is_made_here && !self.ledger.grants.iter().any(|made| made.id == *grant) {
                    return Err(Reason::NotFound);
                }
                answer.grant = Some(*grant);
                self.end_sessions_under(*grant, at);
                self.ledger.revoked.insert(*grant);
            }
            Act::LiftRestriction => {
                let own = self.policy.site.id;
                let ends_by_itself = |site: &&AccessSite| site.id == own && site.cameras && !site.exempt;
                answer.until = self.policy.access.sites.iter().find(ends_by_itself).map(|_| end_of_lift(at));
                self.ledger.lifted_at = Some(at);
                // It comes after a restriction that was dated after a lift to come.
                self.ledger.restricted_at = self.ledger.restricted_at.map(|restricted| restricted.min(at - 1));
            }
            Act::Restrict => {
                let own = self.policy.site.id;
                let known_lift = self.policy.access.sites.iter().find(|site| site.id == own).and_then(|site| site.lifted_at);
                self.ledger.restricted_at = Some(known_lift.map_or(at, |lift| lift.max(at)));
            }
            Act::ExtendClosing { place, minutes } => answer.until = Some(self.extend_closing(place, *minutes, at)?),
            Act::SetTemporarySpan { schedule, date, span } => self.set_temporary_span(*schedule, *date, *span, at)?,
            Act::OpenWindow { place, minutes } => {
                if !(1..=1440).contains(minutes) {
                    return Err(Reason::BadTimes);
                }
                self.check_room_for_window(at)?;
                let until = at + 60 * minutes;
                self.ledger.windows.push(LocalWindow { place: place.clone(), from: at, until });
                answer.until = Some(until);
            }
            Act::Suspend { number } => {
                let identity = self.identity_of(*number)?;
                self.ledger.suspended.insert(identity);
            }
            Act::Reinstate { number } => {
                let identity = self.identity_of(*number)?;
                self.ledger.suspended.remove(&identity);
            }
            Act::StartTest { target, minutes } => {
                let places = self.places_of(target);
                let longest = self.policy.site.options.longest_test_minutes;
                let minutes = if *minutes == 0 { longest } else { longest.min(*minutes) };
                let until = at + 60 * minutes;
                self.check_room_for_test(&places, at)?;
                self.end_tests_within(&places, at);
                self.ledger.tests.push(OnTest { places, until });
                answer.until = Some(until);
            }
            Act::EndTest { target } => {
                let places = self.places_of(target);
                if !self.end_tests_within(&places, at) {
                    return Err(Reason::NotFound);
                }
            }
        }
        Ok(answer)
    }

    /// Whether the contact may do this to these areas, and the site has them all.
    fn owns(&self, contact: &Contact, act: &Act) -> bool {
        let site = &self.policy.site;
        let may_use = |place: &Place| contact.own_areas.as_ref().is_none_or(|own| covers(own, place.system, &place.areas));
        match act {
            Act::StartTest { target, .. } | Act::EndTest { target } => self
                .places_of(target)
                .iter()
                .all(|place| exists(site, place) && (contact.flags.test_all || covers(&contact.test_areas, place.system, &place.areas))),
            Act::ExtendClosing { place, .. } | Act::OpenWindow { place, .. } => exists(site, place) && may_use(place),
            Act::SetTemporarySpan { schedule, .. } => {
                site.schedules.get(*schedule).is_none_or(|schedule| schedule.governs.iter().all(may_use))
            }
            _ => true,
        }
    }

    /// Professional access as a master user gives it: once, and never video, clips or user codes.
    fn local_grant(&self, engineer: u32, on_the_spot: bool, now: i64) -> Result<Grant, Reason> {
        let own = self.policy.site.id;
        let site = self.policy.access.sites.iter().find(|site| site.id == own);
        let site = site.ok_or(Reason::UnknownSite)?;
        let minutes = if on_the_spot { site.on_the_spot_minutes } else { site.answered_minutes };
        let until = now + 60 * minutes;
        let never = Capability::NEVER_BY_MASTER_USER;
        let given = Capability::ALL.into_iter().filter(|capability| !never.contains(capability));
        let made = self.ledger.grants_made;
        Ok(Grant {
            id: FIRST_LOCAL_GRANT + made,
            engineer,
            site: site.id,
            from: now,
            until,
            begin_by: Some(until),
            one_time: true,
            capabilities: given.collect(),
            excluded: never.to_vec(),
        })
    }

    /// The instant up to which the closing is extended.
    fn extend_closing(&mut self, place: &Place, minutes: i32, now: i64) -> Result<i64, Reason> {
        let zone = &self.policy.site.zone;
        let is_shared = |schedule: &usize| covers(&self.policy.site.schedules[*schedule].governs, place.system, &place.areas);
        let schedule = (0..self.policy.site.schedules.len()).find(is_shared).ok_or(Reason::NothingToExtend)?;
        let stretch = self.hours().stretch_to_extend(schedule, zone.wall_clock(now)).ok_or(Reason::NothingToExtend)?;
        let scheduled_end = stretch.since_its_midnight(stretch.scheduled_end);
        let end = (scheduled_end + minutes).min(self.policy.site.options.latest_close);
        if end <= scheduled_end {
            return Err(Reason::NothingToExtend);
        }
        // An earlier extension to a later end stays.
        let end = end.max(stretch.since_its_midnight(stretch.end));
        if stretch.since_its_midnight(zone.wall_clock(now).minute) >= end {
            return Err(Reason::NothingToExtend);
        }
        let until = zone.first_reading(stretch.began, end);
        let opens_from = stretch.since_its_midnight(stretch.opens_from);
        let is_same = |old: &Extension| (old.schedule, old.began, old.opens_from) == (schedule, stretch.began, opens_from);
        self.make_room_for_span(is_same, |_| false, now)?;
        self.ledger.extensions.push(Extension { schedule, began: stretch.began, opens_from, end });
        Ok(until)
    }

    fn set_temporary_span(&mut self, schedule: usize, date: Date, span: Option<Span>, now: i64) -> Result<(), Reason> {
        let site = &self.policy.site;
        if schedule >= site.schedules.len() {
            return Err(Reason::NotFound);
        }
        let is_past = date < site.zone.wall_clock(now).date;
        if is_past || !span.is_none_or(|span| is_in_order(&span, site.options.late_margin)) {
            return Err(Reason::BadTimes);
        }
        // What was set or extended for that date before is done with.
        self.make_room_for_span(
            |old| (old.schedule, old.began) == (schedule, date),
            |old| (old.schedule, old.date) == (schedule, date),
            now,
        )?;
        self.ledger.temporary_spans.push(TemporarySpan { schedule, date, span });
        Ok(())
    }

    fn identity_of(&self, number: u16) -> Result<u64, Reason> {
        let contacts = &self.policy.site.contacts;
        let contact = contacts.iter().find(|contact| contact.number == number);
        Ok(contact.ok_or(Reason::NotFound)?.identity)
    }

    fn places_of(&self, target: &TestTarget) -> Vec<Place> {
        match target {
            TestTarget::EntireCustomer => self.policy.site.areas.clone(),
            TestTarget::Place(place) => vec![place.clone()],
        }
    }

    /// Ends what is still running and lies within these places, if anything does. What has ended by itself stays until it is reported.
    fn end_tests_within(&mut self, places: &[Place], at: i64) -> bool {
        let before = self.ledger.tests.len();
        self.ledger.tests.retain(|test| test.until <= at || !test.is_within(places));
        self.ledger.tests.len() < before
    }
}

pub fn is_permitted(contact: &Contact, act: &Act) -> bool {
    let flags = contact.flags;
    match act {
        Act::CancelAlarm => flags.cancel_alarm,
        Act::EditCustomer => flags.edit_customer,
        Act::GiveOutInformation => flags.edit_customer || flags.give_out_information,
        Act::GrantOnTheSpot { .. } | Act::GrantAnswering { .. } | Act::Revoke { .. } => flags.master_user,
        Act::LiftRestriction | Act::Restrict => flags.site_administrator,
        Act::ExtendClosing { .. } | Act::SetTemporarySpan { .. } | Act::OpenWindow { .. } => flags.change_schedule,
        Act::Suspend { .. } | Act::Reinstate { .. } => flags.edit_customer || flags.master_user,
        Act::StartTest { .. } | Act::EndTest { .. } => flags.test_all || flags.test_designated,
    }
}

fn depends_on_time(act: &Act) -> bool {
    match act {
        Act::GrantOnTheSpot { .. } | Act::GrantAnswering { .. } | Act::LiftRestriction => true,
        Act::ExtendClosing { .. } | Act::SetTemporarySpan { .. } | Act::OpenWindow { .. } | Act::StartTest { .. } => true,
        Act::CancelAlarm | Act::EditCustomer | Act::GiveOutInformation | Act::Revoke { .. } | Act::Restrict => false,
        Act::Suspend { .. } | Act::Reinstate { .. } | Act::EndTest { .. } => false,
    }
}

fn is_in_order(span: &Span, late_margin: i32) -> bool {
    let Span { opens_from, must_be_open_by, closes_from, must_be_closed_by: end, .. } = *span;
    let inside = opens_from..=end;
    (0..1440).contains(&opens_from)
        && opens_from < end
        && end - opens_from <= 1440
        && end + late_margin <= 2880
        && must_be_open_by.is_none_or(|by| inside.contains(&by))
        && inside.contains(&closes_from)
}

fn exists(site: &Site, place: &Place) -> bool {
    !place.areas.is_empty() && covers(&site.areas, place.system, &place.areas)
}
