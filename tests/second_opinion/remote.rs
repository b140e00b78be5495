//! Engineers: capabilities, sessions, firmware.

use super::calendar::end_of_lift;
use super::model::{AccessSite, Capability, Engineer, FirmwareAuthorisation, Grant};
use super::question::{Answer, FirmwareUpdate, Reason};
use super::reference::{Reference, Session};
use std::cmp::Reverse;

/// Why a grant does not help, and at which row of the table.
struct Stopped {
    row: u8,
    reason: Reason,
}

impl Reference {
    pub fn may_use(&self, engineer: u32, site: u32, asked: &[Capability], now: Option<i64>) -> Answer {
        let (engineer, site) = match self.enter(engineer, site, now) {
            Ok(both) => both,
            Err(answer) => return answer,
        };
        let lift_end = self.end_of_relied_on_lift(engineer, site, now);
        // A grant is only asked for what the site does not let everybody do.
        let beyond: Vec<Capability> = asked.iter().copied().filter(|asked| !site.baseline.contains(asked)).collect();
        if beyond.is_empty() && !asked.is_empty() {
            let mut answer = Answer::allow(Reason::ReadOnlyBaseline);
            answer.until = lift_end;
            return answer;
        }
        let Some(now) = now else {
            return refuse(site, Reason::TimeUnknown, None);
        };
        match self.best_grant(engineer, site, Some(&beyond), now) {
            Ok(grant) if asked.is_empty() => refuse(site, Reason::NotGranted, Some(grant.id)),
            Ok(grant) => {
                let mut answer = Answer::allow(Reason::Granted);
                answer.grant = Some(grant.id);
                answer.until = self.end_of_right(grant, now).into_iter().chain(lift_end).min();
                answer
            }
            Err((reason, grant)) => refuse(site, reason, grant),
        }
    }

    pub fn begin_session(&mut self, engineer: u32, site: u32, now: Option<i64>) -> Answer {
        let (engineer, site) = match self.enter(engineer, site, now) {
            Ok((engineer, site)) => (engineer.clone(), site.clone()),
            Err(answer) => return answer,
        };
        let Some(now) = now else {
            return refuse(&site, Reason::TimeUnknown, None);
        };
        // Whoever is at work already goes on under the same session.
        if let Some(running) = self.running_session(engineer.id, site.id, now) {
            return self.in_session(&engineer, &site, &self.ledger.sessions[running], now);
        }
        let grant = match self.best_grant(&engineer, &site, None, now) {
            Ok(grant) => grant.id,
            Err((reason, grant)) => return refuse(&site, reason, grant),
        };
        let session = Session { engineer: engineer.id, site: site.id, grant, began: now, ended: false };
        self.ledger.sessions.push(session.clone());
        Answer { session_begun: true, ..self.in_session(&engineer, &site, &session, now) }
    }

    /// Ending asks for no right and no time: stopping must always be possible.
    pub fn end_session(&mut self, engineer: u32, site: u32, now: Option<i64>) -> Answer {
        let at = self.now_or_floor(now);
        let Some(running) = self.running_session(engineer, site, at) else {
            return match self.enter(engineer, site, now) {
                Ok((_, site)) => refuse(site, Reason::NotFound, None),
                Err(_) => Answer::deny(Reason::NotFound),
            };
        };
        self.ledger.sessions[running].ended = true;
        let grant = self.ledger.sessions[running].grant;
        let mut answer = Answer::allow(Reason::Permitted);
        answer.grant = Some(grant);
        answer
    }

    fn in_session(&self, engineer: &Engineer, site: &AccessSite, session: &Session, now: i64) -> Answer {
        let mut answer = Answer::allow(Reason::Granted);
        answer.grant = Some(session.grant);
        answer.until = self.end_of(session).into_iter().chain(self.end_of_relied_on_lift(engineer, site, Some(now))).min();
        answer
    }

    pub fn may_update(&self, update: &FirmwareUpdate, now: Option<i64>) -> Answer {
        let (engineer, site) = match self.enter(update.engineer, update.site, now) {
            Ok(both) => both,
            Err(answer) => return answer,
        };
        if !engineer.update_firmware {
            return refuse(site, Reason::NoFirmwareRight, None);
        }
        if !site.remote_upgrade {
            return refuse(site, Reason::SiteLacksUpgrade, None);
        }
        let Some(now) = now else {
            return refuse(site, Reason::TimeUnknown, None);
        };
        let authorisation = match self.best_authorisation(update, now) {
            Ok(authorisation) => authorisation,
            Err((reason, id)) => {
                let mut answer = refuse(site, reason, None);
                answer.authorisation = id;
                return answer;
            }
        };
        let session = self.running_session(engineer.id, site.id, now);
        if site.session_for_update && session.is_none() {
            let mut answer = refuse(site, Reason::NoActiveSession, None);
            answer.authorisation = Some(authorisation.id);
            return answer;
        }
        let session_end = session.filter(|_| site.session_for_update).and_then(|running| self.end_of(&self.ledger.sessions[running]));
        let lift_end = self.end_of_relied_on_lift(engineer, site, Some(now));
        let mut answer = Answer::allow(Reason::Authorised);
        answer.authorisation = Some(authorisation.id);
        answer.until = [Some(authorisation.until), session_end, lift_end].into_iter().flatten().min();
        answer
    }

    /// Rows 1 to 3.
    fn enter(&self, engineer: u32, site: u32, now: Option<i64>) -> Result<(&Engineer, &AccessSite), Answer> {
        let engineer = self.working_engineer(engineer).map_err(Answer::deny)?;
        let site = self.policy.access.sites.iter().find(|known| known.id == site);
        let site = site.ok_or(Answer::deny(Reason::UnknownSite))?;
        if self.is_shut_to(engineer, site, now) {
            return Err(Answer::deny(Reason::SiteRestricted));
        }
        Ok((engineer, site))
    }

    /// Row 1.
    pub fn working_engineer(&self, id: u32) -> Result<&Engineer, Reason> {
        let known = self.policy.access.engineers.iter().find(|known| known.id == id);
        let engineer = known.ok_or(Reason::UnknownEngineer)?;
        if !engineer.registered {
            return Err(Reason::NotRegistered);
        }
        if engineer.suspended {
            return Err(Reason::Suspended);
        }
        Ok(engineer)
    }

    // Restriction

    fn is_shut_to(&self, engineer: &Engineer, site: &AccessSite, now: Option<i64>) -> bool {
        self.needs_lift(engineer, site) && !self.lifts_holding(site, now).any(|_| true)
    }

    /// Whether only a lift keeps the site open to this engineer.
    fn needs_lift(&self, engineer: &Engineer, site: &AccessSite) -> bool {
        if site.exempt || engineer.federated {
            return false;
        }
        // A site with cameras falls back every day, so without a lift it is restricted.
        site.restricted || site.cameras || self.restricted_at(site).is_some()
    }

    fn restricted_at(&self, site: &AccessSite) -> Option<i64> {
        self.ledger.restricted_at.filter(|_| site.id == self.policy.site.id)
    }

    fn lifts_holding(&self, site: &AccessSite, now: Option<i64>) -> impl Iterator<Item = i64> + use<> {
        let by_user = self.ledger.lifted_at.filter(|_| site.id == self.policy.site.id);
        let restricted_at = self.restricted_at(site);
        let at = self.now_or_floor(now);
        let cameras = site.cameras;
        site.lifted_at.into_iter().chain(by_user).filter(move |lift| {
            let begun = *lift <= at;
            let undone = restricted_at.is_some_and(|restricted| restricted >= *lift);
            let over = cameras && now.is_none_or(|now| now >= end_of_lift(*lift));
            begun && !undone && !over
        })
    }

    fn end_of_relied_on_lift(&self, engineer: &Engineer, site: &AccessSite, now: Option<i64>) -> Option<i64> {
        if !self.needs_lift(engineer, site) || !site.cameras {
            return None;
        }
        self.lifts_holding(site, now).map(end_of_lift).max()
    }

    // Grants

    pub fn grants(&self) -> impl Iterator<Item = &Grant> {
        self.policy.access.grants.iter().chain(&self.ledger.grants)
    }

    /// The most favourable grant, or the reason of the one that got furthest and its id.
    fn best_grant(
        &self,
        engineer: &Engineer,
        site: &AccessSite,
        asked: Option<&[Capability]>,
        now: i64,
    ) -> Result<&Grant, (Reason, Option<u32>)> {
        let mut grants: Vec<&Grant> = self.grants().filter(|grant| grant.engineer == engineer.id && grant.site == site.id).collect();
        grants.sort_by_key(|grant| grant.id);

        let allowing = |grant: &&&Grant| self.examine(grant, asked, now).is_ok();
        let longest = grants.iter().filter(allowing).min_by_key(|grant| {
            Reverse(match asked {
                Some(_) => self.end_of_right(grant, now),
                None => self.end_of(&Session { engineer: engineer.id, site: site.id, grant: grant.id, began: now, ended: false }),
            })
        });
        if let Some(grant) = longest {
            return Ok(grant);
        }
        let furthest = grants
            .iter()
            .filter_map(|grant| Some((grant.id, self.examine(grant, asked, now).err()?)))
            .min_by_key(|(_, stopped)| Reverse(stopped.row));
        match furthest {
            Some((grant, stopped)) => Err((stopped.reason, Some(grant))),
            None => Err((Reason::NoGrant, None)),
        }
    }

    /// Rows 6 to 9 for one grant; row 9 is for capabilities that are asked for.
    fn examine(&self, grant: &Grant, asked: Option<&[Capability]>, now: i64) -> Result<(), Stopped> {
        let stopped = |row, reason| Err(Stopped { row, reason });
        if now < grant.from {
            return stopped(6, Reason::NotYetValid);
        }
        if now >= grant.until {
            return stopped(6, Reason::Expired);
        }
        if self.ledger.revoked.contains(&grant.id) {
            return stopped(6, Reason::Revoked);
        }
        let mut sessions = self.ledger.sessions.iter().filter(|session| session.grant == grant.id);
        let begun = sessions.clone().next().is_some();
        if !begun && grant.begin_by.is_some_and(|begin_by| now >= begin_by) {
            return stopped(7, Reason::BeginMissed);
        }
        if grant.one_time && sessions.any(|session| !self.is_running(session, now)) {
            return stopped(8, Reason::UsedUp);
        }
        let covers = |asked: &Capability| grant.capabilities.contains(asked) && !grant.excluded.contains(asked);
        if let Some(asked) = asked
            && !asked.iter().all(covers)
        {
            return stopped(9, Reason::NotGranted);
        }
        Ok(())
    }

    /// The first instant at which a grant that allows now would stop to, if nothing else happens.
    fn end_of_right(&self, grant: &Grant, now: i64) -> Option<i64> {
        let mut sessions = self.ledger.sessions.iter().filter(|session| session.grant == grant.id);
        let begun = sessions.clone().next().is_some();
        let begin_by = grant.begin_by.filter(|_| !begun);
        let session_end = sessions.find(|session| grant.one_time && self.is_running(session, now)).and_then(|session| self.end_of(session));
        [Some(grant.until), begin_by, session_end].into_iter().flatten().min()
    }

    // Sessions

    /// Which session of the ledger the engineer has running on the site.
    fn running_session(&self, engineer: u32, site: u32, now: i64) -> Option<usize> {
        self.ledger
            .sessions
            .iter()
            .position(|session| session.engineer == engineer && session.site == site && self.is_running(session, now))
    }

    /// Those that run now; one that has ended by itself stays to be told.
    pub fn end_sessions_under(&mut self, grant: u32, now: i64) {
        for index in 0..self.ledger.sessions.len() {
            let session = &self.ledger.sessions[index];
            if session.grant == grant && self.is_running(session, now) {
                self.ledger.sessions[index].ended = true;
            }
        }
    }

    fn is_running(&self, session: &Session, now: i64) -> bool {
        !session.ended && !self.ledger.revoked.contains(&session.grant) && self.end_of(session).is_some_and(|end| now < end)
    }

    /// When a session ends by itself: with its grant or after the site's longest session.
    fn end_of(&self, session: &Session) -> Option<i64> {
        let grant = self.grants().find(|grant| grant.id == session.grant)?;
        let longest = self.longest_session_end(session);
        Some(longest.map_or(grant.until, |end| end.min(grant.until)))
    }

    pub fn longest_session_end(&self, session: &Session) -> Option<i64> {
        let site = self.policy.access.sites.iter().find(|site| site.id == session.site)?;
        site.longest_session_minutes.map(|minutes| session.began + 60 * minutes)
    }

    // Firmware

    fn best_authorisation(&self, update: &FirmwareUpdate, now: i64) -> Result<&FirmwareAuthorisation, (Reason, Option<u32>)> {
        let mut authorisations: Vec<&FirmwareAuthorisation> = self.policy.access.authorisations.iter().collect();
        authorisations.sort_by_key(|authorisation| authorisation.id);

        let longest = authorisations
            .iter()
            .filter(|authorisation| authorises(authorisation, update, now).is_ok())
            .min_by_key(|authorisation| Reverse(authorisation.until));
        if let Some(authorisation) = longest {
            return Ok(authorisation);
        }
        let furthest = authorisations
            .iter()
            .filter_map(|known| Some((known.id, authorises(known, update, now).err()?)))
            .min_by_key(|(_, stopped)| Reverse(stopped.row));
        match furthest {
            Some((id, stopped)) => Err((stopped.reason, Some(id))),
            None => Err((Reason::NoAuthorisation, None)),
        }
    }
}

/// A refusal after rows 1 to 3: the read-only baseline of row 4 is left.
fn refuse(site: &AccessSite, reason: Reason, grant: Option<u32>) -> Answer {
    let mut answer = Answer::deny(reason);
    answer.grant = grant;
    answer.read_only_left = !site.baseline.is_empty();
    answer
}

/// The reasons in their order; the row is the place in that order.
fn authorises(authorisation: &FirmwareAuthorisation, update: &FirmwareUpdate, now: i64) -> Result<(), Stopped> {
    let stopped = |row, reason| Err(Stopped { row, reason });
    if authorisation.model != update.model {
        return stopped(1, Reason::WrongModel);
    }
    if now < authorisation.from {
        return stopped(2, Reason::NotYetValid);
    }
    if now >= authorisation.until {
        return stopped(3, Reason::Expired);
    }
    if update.offered < authorisation.first || update.offered > authorisation.last {
        return stopped(4, Reason::VersionOutOfRange);
    }
    if authorisation.image.is_some_and(|image| image != update.image) {
        return stopped(5, Reason::WrongImage);
    }
    if update.offered <= update.installed && !authorisation.allow_downgrade {
        return stopped(6, Reason::Downgrade);
    }
    Ok(())
}
