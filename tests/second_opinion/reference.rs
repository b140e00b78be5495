//! The decider: what the clock is worth, who is asking, and opening and closing.
//!
//! Every function follows one table of the specification from its first row to its last and
//! returns at the first row that fails.

use super::hours::Hours;
use super::model::{AfterFirstLockout, Contact, Grant, Place, Policy, Span, UseLimit, covers};
use super::question::{Answer, Class, Direction, OpenClose, Outcome, Question, Reason, Secret, Subject, Verdict, Who};
use super::room::is_replaced;
use jiff::civil::Date;
use std::collections::{HashMap, HashSet};

/// The first instant that is no time any more: 2500-01-01 00:00 UTC.
const END_OF_TIME: i64 = 16_725_225_600;

/// A device with its policy and everything it has had to remember.
#[derive(Clone, Debug)]
pub struct Reference {
    pub policy: Policy,
    pub ledger: Ledger,
}

/// What the device remembers. People are remembered by identity, not by user number.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// The highest reading acted on; 0 before the first.
    pub floor: i64,
    pub wrong_codes: u32,
    pub locked_until: i64,
    /// There has been a lockout since the last right code.
    pub had_lockout: bool,
    pub used_once: HashSet<u64>,
    pub dates_opened: HashSet<(u64, Date)>,
    pub first_use: HashMap<u64, i64>,
    pub suspended: HashSet<u64>,
    pub temp_openings: Vec<TempOpening>,
    pub tests: Vec<OnTest>,
    pub extensions: Vec<Extension>,
    pub temporary_spans: Vec<TemporarySpan>,
    pub windows: Vec<LocalWindow>,
    pub grants: Vec<Grant>,
    pub revoked: HashSet<u32>,
    pub lifted_at: Option<i64>,
    pub restricted_at: Option<i64>,
    /// Grants that users have made so far, forgotten ones included.
    pub grants_made: u32,
    pub sessions: Vec<Session>,
    /// Up to here deadlines have been looked at.
    pub mark: Option<i64>,
}

#[derive(Clone, Debug)]
pub struct TempOpening {
    pub user: u16,
    pub system: u8,
    pub area: u8,
    pub close_by: i64,
    /// Tells two openings of one user with the same close-by apart.
    pub opening: usize,
}

#[derive(Clone, Debug)]
pub struct OnTest {
    pub places: Vec<Place>,
    pub until: i64,
}

/// A temp-open window that a user has opened.
#[derive(Clone, Debug)]
pub struct LocalWindow {
    pub place: Place,
    pub from: i64,
    pub until: i64,
}

/// Minutes count from the midnight of the date the span began on.
#[derive(Clone, Debug)]
pub struct Extension {
    pub schedule: usize,
    pub began: Date,
    pub opens_from: i32,
    pub end: i32,
}

#[derive(Clone, Debug)]
pub struct TemporarySpan {
    pub schedule: usize,
    pub date: Date,
    pub span: Option<Span>,
}

#[derive(Clone, Debug)]
pub struct Session {
    pub engineer: u32,
    pub site: u32,
    pub grant: u32,
    pub began: i64,
    /// Ended by an act; the other ends follow from the grant and the site.
    pub ended: bool,
}

impl Reference {
    /// A device fresh from the factory with this policy.
    pub fn new(policy: Policy) -> Self {
        Self { policy, ledger: Ledger::default() }
    }

    pub fn ask(&mut self, question: &Question) -> Outcome {
        let now = self.read_clock(question.clock);
        Outcome::Answer(match &question.subject {
            Subject::OpenClose(request) => self.open_or_close(request, now),
            Subject::Act(who, act) => self.act(who, act, now),
            Subject::Use { engineer, site, capabilities } => self.may_use(*engineer, *site, capabilities, now),
            Subject::BeginSession { engineer, site } => self.begin_session(*engineer, *site, now),
            Subject::EndSession { engineer, site } => self.end_session(*engineer, *site, now),
            Subject::Firmware(update) => self.may_update(update, now),
            Subject::Tick { armed } => return Outcome::Due(self.fallen_due(armed, now)),
        })
    }

    /// What the reading is worth: `None` is unknown. A known time raises the floor.
    fn read_clock(&mut self, reading: Option<i64>) -> Option<i64> {
        let reading = reading?;
        if !(0..END_OF_TIME).contains(&reading) {
            return None;
        }
        if reading < self.ledger.floor - self.policy.clock_tolerance {
            return None;
        }
        self.ledger.floor = self.ledger.floor.max(reading);
        Some(self.ledger.floor)
    }

    pub fn hours(&self) -> Hours<'_> {
        Hours { site: &self.policy.site, ledger: &self.ledger }
    }

    /// Now, or at unknown time the last instant known to have passed.
    pub fn now_or_floor(&self, now: Option<i64>) -> i64 {
        now.unwrap_or(self.ledger.floor)
    }

    fn open_or_close(&mut self, request: &OpenClose, now: Option<i64>) -> Answer {
        let opening = request.direction == Direction::Open;
        let contact = match self.identify(&request.who, now, Passcodes::NeverCount) {
            Ok(contact) => contact,
            Err(answer) => return answer,
        };
        let mut answer = self.decide_open_close(request, &contact, now);
        answer.user = Some(contact.number);
        if answer.verdict == Verdict::Deny {
            return answer;
        }
        self.remember_use(&contact, opening, now);
        let ends = [answer.until, end_of_validity(&contact), self.end_of_minutes(&contact)];
        answer.until = ends.into_iter().flatten().min();
        answer.duress = contact.flags.duress;
        self.remember_temp_opening(request, &contact, answer.close_by);
        answer
    }

    /// Rows 3 to 14, with nothing remembered yet.
    fn decide_open_close(&self, request: &OpenClose, contact: &Contact, now: Option<i64>) -> Answer {
        let opening = request.direction == Direction::Open;
        let place = &request.place;
        let flags = contact.flags;
        if let Err(reason) = self.admit(contact, &request.who, Some(request.direction), now) {
            return Answer::deny(reason);
        }
        if !self.may_enter(contact, request) {
            return Answer::deny(Reason::AreaNotAssigned);
        }
        if opening && flags.guest && request.armed_by != Some(contact.number) {
            return Answer::deny(Reason::NotArmedByYou);
        }

        let mut allow = Answer::allow(Reason::Anytime);
        allow.class = Some(self.classify(request, now));
        if flags.anytime {
            return allow;
        }
        if let Some(now) = now {
            if flags.within_schedule
                && let Some(end) = self.hours().end(place, now)
            {
                allow.reason = Reason::WithinSchedule;
                allow.until = Some(end);
                return allow;
            }
            if flags.within_temp_open
                && let Some(end) = self.hours().window_end(place, now)
            {
                if opening && !self.has_room_for_opening(place, now) {
                    return Answer::deny(Reason::NoRoom);
                }
                allow.reason = Reason::WithinTempOpen;
                allow.class = Some(Class::Normal);
                allow.until = Some(end);
                if opening {
                    let close_by = match contact.temp_open_minutes {
                        0 => end,
                        minutes => end.min(now + 60 * minutes),
                    };
                    allow.close_by = Some(close_by);
                    allow.until = Some(close_by);
                }
                return allow;
            }
        }
        if !flags.within_schedule && !flags.within_temp_open {
            return Answer::deny(Reason::NoOpenClosePermission);
        }

        let options = &self.policy.site.options;
        let never_refused = options.never_refuse_closing && !opening;
        let (reason, is_violation) = if now.is_none() {
            (Reason::TimeUnknown, never_refused)
        } else {
            let in_alarm = options.open_in_alarm && opening && request.in_alarm;
            let outside = match flags.within_schedule {
                true => Reason::OutsideSchedule,
                false => Reason::OutsideTempOpen,
            };
            (outside, options.report_only || never_refused || in_alarm)
        };
        if is_violation {
            allow.verdict = Verdict::AllowWithViolation;
            allow.reason = reason;
            return allow;
        }
        Answer::deny(reason)
    }

    fn classify(&self, request: &OpenClose, now: Option<i64>) -> Class {
        match now {
            Some(now) => self.hours().classify(request.direction, &request.place, now),
            None => Class::Normal,
        }
    }

    fn may_enter(&self, contact: &Contact, request: &OpenClose) -> bool {
        let place = &request.place;
        let on_own_list = |list: &Vec<_>| covers(list, place.system, &place.areas);
        !place.areas.is_empty()
            && covers(&self.policy.site.areas, place.system, &place.areas)
            && contact.own_areas.as_ref().is_none_or(on_own_list)
    }

    /// Rows 1 and 2: the contact who asks, or the answer for one who is not let any further.
    pub fn identify(&mut self, who: &Who, now: Option<i64>, passcodes: Passcodes) -> Result<Contact, Answer> {
        let contacts = &self.policy.site.contacts;
        let options = &self.policy.site.options;
        let Some(secret) = &who.secret else {
            // Nothing was typed: somebody else has authenticated the person.
            let known = contacts.iter().find(|contact| Some(contact.number) == who.number);
            return known.cloned().ok_or(Answer::deny(Reason::UnknownUser));
        };

        let at = self.now_or_floor(now);
        if at < self.ledger.locked_until {
            return Err(Answer::deny(Reason::LockedOut));
        }
        let is_behind = |contact: &&Contact| match secret {
            Secret::Code(code) => is_code(code) && contact.code.as_ref() == Some(code),
            Secret::Passcode(passcode) => {
                passcodes == Passcodes::Count && !passcode.is_empty() && contact.passcode.as_ref() == Some(passcode)
            }
        };
        let number_agrees = |contact: &&Contact| match who.number {
            Some(number) => contact.number == number,
            None => !options.number_and_code,
        };
        let known = contacts.iter().find(is_behind).filter(number_agrees);
        if let Some(contact) = known {
            self.ledger.wrong_codes = 0;
            self.ledger.had_lockout = false;
            return Ok(contact.clone());
        }

        self.ledger.wrong_codes += 1;
        let each = options.after_first_lockout == AfterFirstLockout::EachWrongCode;
        let reached = self.ledger.wrong_codes >= options.wrong_codes;
        let mut answer = Answer::deny(Reason::UnknownCode);
        if reached || (each && self.ledger.had_lockout) {
            self.ledger.wrong_codes = 0;
            self.ledger.had_lockout = true;
            self.ledger.locked_until = at + options.lockout_seconds;
            answer.lockout_started = true;
        }
        Err(answer)
    }

    /// Rows 3 to 6. `direction` is `None` for every act that is neither opening nor closing.
    pub fn admit(&self, contact: &Contact, who: &Who, direction: Option<Direction>, now: Option<i64>) -> Result<(), Reason> {
        if contact.flags.suspended || self.ledger.suspended.contains(&contact.identity) {
            return Err(Reason::Suspended);
        }
        if let Some((from, until)) = contact.validity {
            let now = now.ok_or(Reason::TimeUnknown)?;
            if now < from {
                return Err(Reason::NotYetValid);
            }
            if now >= until {
                return Err(Reason::Expired);
            }
        }
        if contact.flags.powerless {
            return Err(Reason::Powerless);
        }
        if contact.flags.remote_only && !who.remote {
            return Err(Reason::RemoteOnly);
        }
        match contact.use_limit {
            UseLimit::Unlimited => {}
            UseLimit::Once => {
                if self.ledger.used_once.contains(&contact.identity) {
                    return Err(Reason::UsedUp);
                }
            }
            UseLimit::OncePerDay => {
                // Only openings are limited, so nothing else depends on the time here.
                if direction == Some(Direction::Open) {
                    let now = now.ok_or(Reason::TimeUnknown)?;
                    let today = self.policy.site.zone.wall_clock(now).date;
                    if self.ledger.dates_opened.contains(&(contact.identity, today)) {
                        return Err(Reason::UsedUp);
                    }
                }
            }
            UseLimit::MinutesFromFirstUse(_) => {
                let now = now.ok_or(Reason::TimeUnknown)?;
                if self.end_of_minutes(contact).is_some_and(|end| now >= end) {
                    return Err(Reason::UsedUp);
                }
            }
        }
        Ok(())
    }

    /// When the minutes from first use are over, once they have begun.
    pub fn end_of_minutes(&self, contact: &Contact) -> Option<i64> {
        let UseLimit::MinutesFromFirstUse(minutes) = contact.use_limit else {
            return None;
        };
        let first = self.ledger.first_use.get(&contact.identity)?;
        Some(first + 60 * minutes)
    }

    fn remember_use(&mut self, contact: &Contact, opening: bool, now: Option<i64>) {
        match contact.use_limit {
            UseLimit::Unlimited => {}
            UseLimit::Once => {
                self.ledger.used_once.insert(contact.identity);
            }
            UseLimit::OncePerDay => {
                if let Some(now) = now
                    && opening
                {
                    let today = self.policy.site.zone.wall_clock(now).date;
                    self.ledger.dates_opened.insert((contact.identity, today));
                }
            }
            UseLimit::MinutesFromFirstUse(_) => {
                if let Some(now) = now {
                    self.ledger.first_use.entry(contact.identity).or_insert(now);
                }
            }
        }
    }

    /// Closing clears a temp opening of these areas; a new one takes its place.
    fn remember_temp_opening(&mut self, request: &OpenClose, contact: &Contact, close_by: Option<i64>) {
        let Place { system, areas } = &request.place;
        let now = self.ledger.floor;
        let closing = request.direction == Direction::Close;
        let openings = &mut self.ledger.temp_openings;
        if closing || close_by.is_some() {
            // One that has overrun is replaced only after it has been reported.
            openings.retain(|open| {
                let is_here = open.system == *system && areas.contains(&open.area);
                !if closing { is_here } else { is_replaced(open, &request.place, now) }
            });
        }
        if let Some(close_by) = close_by {
            let opening = openings.iter().map(|open| open.opening + 1).max().unwrap_or(0);
            for area in areas {
                openings.push(TempOpening { user: contact.number, system: *system, area: *area, close_by, opening });
            }
        }
    }
}

/// Whether a passcode stands in for the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passcodes {
    Count,
    NeverCount,
}

pub fn end_of_validity(contact: &Contact) -> Option<i64> {
    contact.validity.map(|(_, until)| until)
}

fn is_code(text: &str) -> bool {
    (4..=8).contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_digit())
}
