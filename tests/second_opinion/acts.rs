//! What contacts do besides opening and closing: with the passcode, or at the keypad.

use super::model::{Capability, Contact, Grant, Place, Site, covers};
use super::question::{Act, Answer, Reason, TestTarget, Verdict, Who};
use super::reference::{Extension, OnTest, Passcodes, Reference, TemporarySpan, end_of_validity};

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
            Ok(()) => match self.carry_out(&contact, act, now) {
                Err(reason) => Answer::deny(reason),
                Ok(answer) => answer,
            },
        };
        answer.user = Some(contact.number);
        answer.duress = answer.verdict != Verdict::Deny && contact.flags.duress;
        answer
    }

    /// First the permission, then what the act is aimed at, then the time.
    fn carry_out(&mut self, contact: &Contact, act: &Act, now: Option<i64>) -> Result<Answer, Reason> {
        if !is_permitted(contact, act) {
            return Err(Reason::NotPermitted);
        }
        let known_time = now.ok_or(Reason::TimeUnknown);
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
                let grant = self.local_grant(*engineer, on_the_spot, known_time?)?;
                answer.grant = Some(grant.id);
                answer.until = Some(grant.until);
                self.ledger.grants.push(grant);
            }
            Act::Revoke { grant } => {
                let own = self.policy.site.id;
                if !self.grants().any(|held| held.id == *grant && held.site == own) {
                    return Err(Reason::NoGrant);
                }
                answer.grant = Some(*grant);
                self.ledger.revoked.insert(*grant);
            }
            Act::LiftRestriction => self.ledger.lifted_at = Some(at),
            Act::Restrict => self.ledger.restricted_at = Some(at),
            Act::ExtendClosing { place, minutes } => {
                if !exists(&self.policy.site, place) {
                    return Err(Reason::AreaNotAssigned);
                }
                self.extend_closing(place, *minutes, known_time?)?;
            }
            Act::SetTemporarySpan { schedule, date, span } => {
                known_time?;
                let set = &mut self.ledger.temporary_spans;
                set.retain(|old| old.schedule != *schedule || old.date != *date);
                set.push(TemporarySpan { schedule: *schedule, date: *date, span: *span });
            }
            Act::SetTempOpenWindow(window) => {
                known_time?;
                self.ledger.windows.push(window.clone());
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
                let areas = self.areas_to_test(contact, target)?;
                let longest = self.policy.site.options.longest_test_minutes;
                let minutes = if *minutes == 0 { longest } else { longest.min(*minutes) };
                let until = known_time? + 60 * minutes;
                self.end_test(&areas, at);
                let tests = areas.iter().map(|(system, area)| OnTest { system: *system, area: *area, until });
                self.ledger.tests.extend(tests);
                answer.until = Some(until);
            }
            Act::EndTest { target } => {
                let areas = self.areas_to_test(contact, target)?;
                self.end_test(&areas, at);
            }
        }
        Ok(answer)
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
        let made = u32::try_from(self.ledger.grants.len()).expect("few grants");
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

    fn extend_closing(&mut self, place: &Place, minutes: i32, now: i64) -> Result<(), Reason> {
        let wall = self.policy.site.zone.wall_clock(now);
        let mut schedules: Vec<usize> = place.areas.iter().filter_map(|area| self.hours().schedule_of(place.system, *area)).collect();
        schedules.sort_unstable();
        schedules.dedup();

        let mut found = false;
        for schedule in schedules {
            let Some(stretch) = self.hours().stretch_to_extend(schedule, wall) else {
                continue;
            };
            found = true;
            let scheduled_end = stretch.since_its_midnight(stretch.scheduled_end);
            let latest = self.policy.site.options.latest_close;
            let end = (scheduled_end + minutes).min(latest);
            // An end before the present one has no effect: the latest of all extensions counts.
            self.ledger.extensions.push(Extension {
                schedule,
                began: stretch.began,
                opens_from: stretch.since_its_midnight(stretch.opens_from),
                scheduled_end,
                end,
            });
        }
        if found { Ok(()) } else { Err(Reason::NothingToExtend) }
    }

    fn identity_of(&self, number: u16) -> Result<u64, Reason> {
        let contacts = &self.policy.site.contacts;
        let contact = contacts.iter().find(|contact| contact.number == number);
        Ok(contact.ok_or(Reason::UnknownUser)?.identity)
    }

    /// The (system, area) pairs of the target, if the contact may put all of them on test.
    fn areas_to_test(&self, contact: &Contact, target: &TestTarget) -> Result<Vec<(u8, u8)>, Reason> {
        let site = &self.policy.site;
        let places = match target {
            TestTarget::EntireCustomer => site.areas.clone(),
            TestTarget::Place(place) => vec![place.clone()],
        };
        for place in &places {
            let designated = covers(&contact.test_areas, place.system, &place.areas);
            if !exists(site, place) || !(contact.flags.test_all || designated) {
                return Err(Reason::AreaNotAssigned);
            }
        }
        let pairs = |place: Place| place.areas.into_iter().map(move |area| (place.system, area));
        Ok(places.into_iter().flat_map(pairs).collect())
    }

    /// Ends what is still running; what has ended by itself stays until it is reported.
    fn end_test(&mut self, areas: &[(u8, u8)], at: i64) {
        let is_among = |test: &OnTest| areas.contains(&(test.system, test.area));
        self.ledger.tests.retain(|test| test.until <= at || !is_among(test));
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
        Act::ExtendClosing { .. } | Act::SetTemporarySpan { .. } | Act::SetTempOpenWindow(_) => flags.change_schedule,
        Act::Suspend { .. } | Act::Reinstate { .. } => flags.edit_customer || flags.master_user,
        Act::StartTest { .. } | Act::EndTest { .. } => flags.test_all || flags.test_designated,
    }
}

fn exists(site: &Site, place: &Place) -> bool {
    !place.areas.is_empty() && covers(&site.areas, place.system, &place.areas)
}
