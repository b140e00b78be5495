//! A receiver: engineers ask over the line for sessions and updates; it lets them through, and cuts them off when their time is over.

use core::fmt::Write as _;

use keyholder::report::Event;
use keyholder::supervise::Supervision;
use keyholder::time::{Instant, Time};
use keyholder::{SessionRequest, StandardReceiver};
use keyholder_line::answer::{Closed, Failure, Looked, State, kind};
use keyholder_line::fields::seconds;
use keyholder_line::frame::Frame;
use keyholder_line::request::Request;

use crate::clock::Clock;
use crate::device::Device;
use crate::display::{Display, Text};
use crate::exchange::{Answer, answer};
use crate::line::Line;
use crate::links::{Link, Links};
use crate::{DEADLINES, Hardware, LOOK};

/// The parts of a receiver's board.
#[expect(missing_docs, reason = "each is what its type says")]
pub struct ReceiverParts<H: Hardware> {
    pub line: Line<H::Receive, H::Transmit>,
    pub clock: Clock<H::Bus>,
    pub display: Display<H::Display>,
}

/// The time of a grant or session is over.
const TIME_IS_OVER: u8 = 1;
/// The engineer may no longer be there.
const NO_LONGER: u8 = 2;

/// A receiver.
pub struct Receiver<H: Hardware> {
    device: Device<StandardReceiver, H::Flash>,
    parts: ReceiverParts<H>,
    links: Links,
    /// The clock is a bench's: see [`Request::Clock`].
    held: bool,
    last_look: Option<u32>,
    /// The minute that was supervised last.
    supervised: Option<i64>,
}

impl<H: Hardware> Receiver<H> {
    /// The receiver on these parts.
    pub const fn new(device: Device<StandardReceiver, H::Flash>, parts: ReceiverParts<H>) -> Self {
        Self { device, parts, links: Links::new(), held: false, last_look: None, supervised: None }
    }

    /// Tells the line that the receiver has started. Once, before the first step.
    pub fn start(&mut self) {
        let state = self.state();
        defmt::info!("receiver {} started, policy {}", state.id, state.sequence);
        self.parts.line.tell(kind::STARTED, state.write());
    }

    /// Does what there is to do at so many milliseconds of a clock that wraps around. Call it every ten milliseconds or when something has come.
    pub fn step(&mut self, milliseconds: u32) {
        if let Some(question) = self.parts.line.question(milliseconds) {
            self.answer(&question);
        }
        if self.last_look.is_none_or(|last| milliseconds.wrapping_sub(last) >= LOOK) {
            self.last_look = Some(milliseconds);
            let time = self.parts.clock.time();
            if !self.held {
                self.cut_off_overdue(time);
                self.supervise(time);
            }
            self.show(time);
        }
    }

    fn answer(&mut self, question: &Frame) {
        let time = self.parts.clock.time();
        let answer = match Request::read(question.kind, &question.payload) {
            None => Answer::failed(Failure::NotUnderstood),
            Some(request) => self.answer_request(&request, time),
        };
        let (report, installed) = (answer.report, answer.kind == kind::INSTALLED);
        self.parts.line.answer(question, answer.kind, answer.payload);
        self.parts.line.report(&report, time);
        if installed && !self.held {
            // Those first whose time was over before.
            self.cut_off_overdue(time);
            self.cut_off_unwelcome(time);
        }
        self.last_look = None;
    }

    fn answer_request(&mut self, request: &Request<'_>, time: Time) -> Answer {
        match request {
            Request::Clock { time, held } => {
                self.parts.clock.set(*time);
                self.held = *held && cfg!(feature = "bench");
                defmt::info!("the clock is set to {}", self.parts.clock.time());
                Answer::done()
            }
            Request::OpenClose { .. } | Request::Act { .. } => Answer::failed(Failure::NotHere),
            Request::Supervise { .. } => Answer::new(kind::SUPERVISION, Looked::from(&self.device.supervise(time)).write()),
            Request::State => Answer::new(kind::STATE, self.state().write()),
            // Whom nobody could cut off again is not let through, and nothing of the grant is used up.
            Request::BeginSession(session) if !self.links.has_room_for(session.engineer, session.site) => {
                defmt::warn!("too many links");
                Answer::failed(Failure::NoRoom)
            }
            Request::BeginSession(session) => {
                let decision = self.device.begin_session(session, time);
                let link = Link { engineer: session.engineer, site: session.site, grant: decision.grant, until: decision.until };
                if decision.is_allowed() {
                    // There is room, as has just been seen.
                    _ = self.links.open(link);
                }
                Answer::decided(&decision)
            }
            Request::EndSession(session) => {
                let decision = self.device.end_session(session, time);
                if decision.is_allowed() {
                    self.links.close(session.engineer, session.site);
                }
                Answer::decided(&decision)
            }
            common => answer(&mut self.device, common, time).unwrap_or_else(|| Answer::failed(Failure::NotUnderstood)),
        }
    }

    fn state(&mut self) -> State {
        let provenance = self.device.device().provenance();
        State {
            device: 2,
            has_policy: provenance.is_some(),
            in_alarm: false,
            id: self.device.id(),
            sequence: provenance.map_or(0, |provenance| provenance.sequence),
            time: seconds(self.parts.clock.time()),
            armed: [self.links.count() as u32, 0, 0, 0, 0, 0, 0, 0],
        }
    }

    fn cut_off(&mut self, link: Link, why: u8) {
        if self.links.close(link.engineer, link.site) {
            defmt::info!("engineer {} is cut off from site {}", link.engineer.0, link.site.0);
            let closed = Closed { engineer: link.engineer.0, site: link.site.0, why };
            self.parts.line.tell(kind::LINK_CLOSED, closed.write());
        }
    }

    fn cut_off_overdue(&mut self, time: Time) {
        // Whoever is at the other end has to hear of it: the others are cut off when the line takes something again.
        while let Some(link) = self.links.overdue(time).filter(|_| self.parts.line.has_room()) {
            self.cut_off(link, TIME_IS_OVER);
        }
    }

    /// Cuts off everybody whose session does not go on, after a new policy or a minute. A session that does may have another end from now on.
    fn cut_off_unwelcome(&mut self, time: Time) {
        for link in self.links.clone().iter() {
            if !self.parts.line.has_room() {
                return;
            }
            let session = SessionRequest { engineer: link.engineer, site: link.site };
            // Whether they may use this or that capability says nothing: some need no session. Beginning it again is what resumes a session that is running.
            let decision = self.device.begin_session(&session, time);
            if !decision.is_allowed() {
                self.cut_off(*link, NO_LONGER);
            } else if decision.report.is_due() && decision.grant == link.grant {
                // By the new policy it was over, so that another has begun, which nobody asked for.
                let ended = self.device.end_session(&session, time);
                self.cut_off(*link, TIME_IS_OVER);
                self.parts.line.report(&ended.report, time);
            } else {
                // There is something to report if another grant has taken the place of theirs: they go on under that. And there is room: the link was open.
                self.parts.line.report(&decision.report, time);
                _ = self.links.open(Link { grant: decision.grant, until: decision.until, ..*link });
            }
        }
    }

    /// Reports what has fallen due, every minute of the clock.
    fn supervise(&mut self, time: Time) {
        let Time::Known(Instant(now)) = time else { return };
        let minute = now.div_euclid(60);
        if self.supervised == Some(minute) {
            return;
        }
        for _ in 0..DEADLINES {
            // Looked for, a deadline counts as told.
            if !self.parts.line.has_room() {
                return;
            }
            match self.device.supervise(time) {
                Supervision::Due(due) => {
                    let report = due.report;
                    defmt::info!("due: {}", report.event);
                    self.parts.line.report(&report, Time::Known(due.at));
                    if matches!(report.event, Event::GrantEnded | Event::SessionEnded)
                        && let Some(link) = self.links.under(report.grant)
                    {
                        self.cut_off(link, TIME_IS_OVER);
                    }
                }
                Supervision::AskAgain => {}
                Supervision::Nothing => {
                    self.supervised = Some(minute);
                    self.cut_off_unwelcome(time);
                    return;
                }
            }
        }
    }

    fn show(&mut self, time: Time) {
        let mut first = Text::new();
        _ = write!(first, "RECEIVER {}", self.device.id());
        let mut second = Text::new();
        _ = match self.device.trouble(self.device.device().provenance().is_some(), time) {
            Some(trouble) => second.write_str(trouble),
            None => write!(second, "{} CONNECTED", self.links.count()),
        };
        self.parts.display.show([&first, &second]);
    }
}
