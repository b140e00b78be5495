//! A panel: people type codes at its keypad, the line asks it the rest, and it watches a detector.

use core::fmt::Write as _;

use embedded_hal::digital::{InputPin, OutputPin};
use heapless::Vec;
use keyholder::act::ActRequest;
use keyholder::code::Code;
use keyholder::contact::UserNumber;
use keyholder::place::{Areas, Place};
use keyholder::supervise::Supervision;
use keyholder::time::{Instant, Time};
use keyholder::{Action, Decision, OpenClose, PublicReason, StandardPanel, Who};
use keyholder_line::answer::{Failure, Looked, Reported, Sent, State, kind};
use keyholder_line::fields::seconds;
use keyholder_line::frame::Frame;
use keyholder_line::identity::Identity;
use keyholder_line::request::Request;
use zeroize::Zeroize as _;

use crate::arming::Arming;
use crate::clock::Clock;
use crate::device::Device;
use crate::display::{Display, Text};
use crate::exchange::{Answer, answer, log};
use crate::keypad::{Key, Keypad};
use crate::line::Line;
use crate::outputs::{Levels, Outputs};
use crate::{DEADLINES, Hardware, LOOK};

/// What a panel's board has besides.
pub trait PanelHardware: Hardware {
    /// A row of the keypad.
    type Row: OutputPin;
    /// A column of it.
    type Column: InputPin;
    /// A relay or light.
    type Output: OutputPin;
    /// The detector's loop, which is high when somebody moves.
    type Detector: InputPin;
}

/// The parts of a panel's board.
#[expect(missing_docs, reason = "each is what its type says")]
pub struct PanelParts<H: PanelHardware> {
    pub line: Line<H::Receive, H::Transmit>,
    pub clock: Clock<H::Bus>,
    pub keypad: Keypad<H::Row, H::Column>,
    pub display: Display<H::Display>,
    pub outputs: Outputs<H::Output>,
    pub detector: H::Detector,
}

/// Milliseconds to leave in, after arming at the keypad.
const EXIT: u32 = 30_000;
/// Milliseconds to get to the keypad in, before the siren sounds.
const ENTRY: u32 = 30_000;
/// Milliseconds that the siren sounds at most. What the law allows is different from country to country.
const SIREN: u32 = 15 * 60_000;
/// Milliseconds that a message stands.
const MESSAGE: u32 = 3_000;
/// Milliseconds after which what was typed so far is forgotten.
const FORGET: u32 = 10_000;
/// Keys of the longest entry that is right, a user number, `*` and a code; and one more, which makes it a wrong one.
const LONGEST_ENTRY: usize = 13;

/// What the detector means at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Watch {
    /// Nothing has happened.
    Quiet,
    /// Somebody has just armed the areas and leaves.
    Leaving { since: u32 },
    /// Somebody has come in.
    Entering { since: u32 },
    /// The siren sounds.
    Alarm { since: u32 },
    /// It has sounded for long enough. It is an alarm until somebody opens.
    Silenced,
}

impl Watch {
    const fn is_alarm(self) -> bool {
        matches!(self, Self::Alarm { .. } | Self::Silenced)
    }
}

/// A panel.
pub struct Panel<H: PanelHardware> {
    device: Device<StandardPanel, H::Flash>,
    parts: PanelParts<H>,
    arming: Arming,
    /// The areas that this keypad opens and closes.
    system: u8,
    areas: u32,
    watch: Watch,
    entry: Vec<u8, LONGEST_ENTRY>,
    last_key: u32,
    /// What the person is told, and since when.
    message: Option<(&'static str, u32)>,
    /// The clock is a bench's: see [`Request::Clock`].
    held: bool,
    last_look: Option<u32>,
    /// The minute that was supervised last.
    supervised: Option<i64>,
}

impl<H: PanelHardware> Panel<H> {
    /// The panel with this identity on these parts.
    pub fn new(device: Device<StandardPanel, H::Flash>, identity: &Identity, parts: PanelParts<H>) -> Self {
        Self {
            device,
            parts,
            arming: Arming::ALL,
            system: identity.system,
            areas: identity.areas,
            watch: Watch::Quiet,
            entry: Vec::new(),
            last_key: 0,
            message: None,
            held: false,
            last_look: None,
            supervised: None,
        }
    }

    /// Tells the line that the panel has started. Once, before the first step.
    pub fn start(&mut self) {
        let state = self.state();
        defmt::info!("panel {} started, policy {}, all areas armed", state.id, state.sequence);
        self.parts.line.tell(kind::STARTED, state.write());
    }

    /// Does what there is to do at so many milliseconds of a clock that wraps around. Call it every ten milliseconds or when something has come.
    pub fn step(&mut self, milliseconds: u32) {
        if let Some(question) = self.parts.line.question(milliseconds) {
            self.answer(&question);
        }
        while let Some(key) = self.parts.keypad.pressed(milliseconds) {
            self.key(key, milliseconds);
        }
        self.detect(milliseconds);
        let is_due = self.last_look.is_none_or(|last| milliseconds.wrapping_sub(last) >= LOOK);
        if is_due {
            self.last_look = Some(milliseconds);
            let time = self.parts.clock.time();
            self.supervise(time);
            self.show(milliseconds, time);
        }
    }

    /// The place of the keypad, once there is a policy that has it.
    fn place(&self) -> Option<Place> {
        self.device.device().provenance()?;
        let of_site = self.device.device().site().areas.of_system(self.system);
        Place::new(self.system, if self.areas == 0 { of_site } else { Areas(self.areas) })
    }

    fn answer(&mut self, question: &Frame) {
        let time = self.parts.clock.time();
        let answer = match Request::read(question.kind, &question.payload) {
            None => Answer::failed(Failure::NotUnderstood),
            Some(request) => self.answer_request(&request, time),
        };
        let report = answer.report;
        self.parts.line.answer(question, answer.kind, answer.payload);
        self.parts.line.report(&report, time);
        // What was asked may have changed what is shown.
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
            Request::OpenClose { asker, action, place, remote, in_alarm, armed_by } => {
                let armed_by = armed_by.unwrap_or_else(|| self.arming.armer(*place));
                let in_alarm = *in_alarm || self.watch.is_alarm();
                let decision = asker.ask(|who| {
                    let request = OpenClose { who, action: *action, place: *place, remote: *remote, armed_by, in_alarm };
                    self.device.open_close(&request, time)
                });
                self.carry_out(*action, *place, &decision);
                Answer::decided(&decision)
            }
            Request::Act { asker, act, remote } => {
                Answer::decided(&asker.ask(|who| self.device.act(&ActRequest { who, act: *act, remote: *remote }, time)))
            }
            Request::Supervise { armed } => {
                if let Some(armed) = armed.filter(|_| cfg!(feature = "bench")) {
                    self.arming.set_all(armed);
                }
                let supervision = self.device.supervise(self.arming.armed(), time);
                Answer::new(kind::SUPERVISION, Looked::from(&supervision).write())
            }
            Request::State => Answer::new(kind::STATE, self.state().write()),
            common => answer(&mut self.device, common, time).unwrap_or_else(|| Answer::failed(Failure::NotUnderstood)),
        }
    }

    fn state(&mut self) -> State {
        let provenance = self.device.device().provenance();
        State {
            device: 1,
            has_policy: provenance.is_some(),
            in_alarm: self.watch.is_alarm(),
            id: self.device.id(),
            sequence: provenance.map_or(0, |provenance| provenance.sequence),
            time: seconds(self.parts.clock.time()),
            armed: self.arming.armed().0.map(|areas| areas.0),
        }
    }

    /// An allowed opening or closing happens.
    fn carry_out(&mut self, action: Action, place: Place, decision: &Decision) {
        if decision.is_allowed() {
            self.arming.set(place, action == Action::Close, decision.user);
            let of_keypad = self.place().is_some_and(|keypad| place.system() == keypad.system() && place.areas().meets(keypad.areas()));
            if action == Action::Open && of_keypad {
                self.watch = Watch::Quiet;
            }
        }
    }

    fn key(&mut self, key: Key, milliseconds: u32) {
        if milliseconds.wrapping_sub(self.last_key) >= FORGET {
            self.forget();
        }
        self.last_key = milliseconds;
        self.message = None;
        self.last_look = None;
        match key {
            Key::Hash if self.entry.is_empty() => {}
            Key::Hash => self.entered(milliseconds),
            // Twice, or first: begin anew. Once after digits: they were a user number.
            Key::Star if self.entry.is_empty() || self.entry.contains(&b'*') => self.forget(),
            Key::Star => _ = self.entry.push(b'*'),
            // What is too long to be a code is wrong either way.
            Key::Digit(digit) => _ = self.entry.push(digit),
        }
    }

    /// What was typed is wiped, not only dropped.
    fn forget(&mut self) {
        self.entry.zeroize();
        self.entry.clear();
    }

    /// A code was typed to its end: it opens what is armed and closes what is open.
    fn entered(&mut self, milliseconds: u32) {
        let Some(place) = self.place() else {
            self.forget();
            self.message = Some(("NO POLICY", milliseconds));
            return;
        };
        let time = self.parts.clock.time();
        let action = if self.arming.is_armed(place) { Action::Open } else { Action::Close };
        let (armed_by, in_alarm) = (self.arming.armer(place), self.watch.is_alarm());
        let decision = {
            let mut parts = self.entry.splitn(2, |key| *key == b'*');
            let (first, second) = (parts.next().unwrap_or_default(), parts.next());
            let code = Code::typed(second.unwrap_or(first));
            let who = if second.is_some() { Who::UserAndCode(user_number(first), &code) } else { Who::Code(&code) };
            self.device.open_close(&OpenClose { who, action, place, remote: false, armed_by, in_alarm }, time)
        };
        self.forget();
        log(&decision);
        self.carry_out(action, place, &decision);
        if decision.is_allowed() && action == Action::Close {
            self.watch = Watch::Leaving { since: milliseconds };
        }
        self.parts.line.report(&decision.report, time);
        self.message = Some((words(decision.public_reason()), milliseconds));
    }

    /// Looks at the detector.
    fn detect(&mut self, milliseconds: u32) {
        let armed = self.place().is_some_and(|place| self.arming.is_armed(place));
        // A detector that does not answer is one that somebody is at.
        let moves = !matches!(self.parts.detector.is_low(), Ok(true));
        let over = |since: u32, length| milliseconds.wrapping_sub(since) >= length;
        let next = match self.watch {
            Watch::Leaving { since } if armed && over(since, EXIT) => Watch::Quiet,
            Watch::Quiet if armed && moves => Watch::Entering { since: milliseconds },
            Watch::Entering { since } if armed && over(since, ENTRY) => Watch::Alarm { since: milliseconds },
            Watch::Alarm { since } if over(since, SIREN) => Watch::Silenced,
            Watch::Leaving { .. } | Watch::Entering { .. } if !armed => Watch::Quiet,
            same => same,
        };
        if next != self.watch {
            self.watch = next;
            self.last_look = None;
            if matches!(next, Watch::Alarm { .. }) {
                self.report_alarm();
            }
        }
    }

    /// Burglary is not a decision, so the core has no event for it.
    fn report_alarm(&mut self) {
        defmt::warn!("alarm");
        let time = self.parts.clock.time();
        let (system, areas) = self.place().map_or((0, Areas::NONE), |place| (place.system(), place.areas()));
        let report =
            Reported { system, areas: areas.0, qualifier: 1, code: 130, group: areas.lowest(), sia: *b"BA", ..Reported::default() };
        self.parts.line.tell(kind::REPORT, Sent { at: seconds(time), report }.write());
    }

    /// Reports what has fallen due, every minute of the clock.
    fn supervise(&mut self, time: Time) {
        let Time::Known(Instant(now)) = time else { return };
        let minute = now.div_euclid(60);
        if self.held || self.supervised == Some(minute) {
            return;
        }
        for _ in 0..DEADLINES {
            // Looked for, a deadline counts as told.
            if !self.parts.line.has_room() {
                return;
            }
            match self.device.supervise(self.arming.armed(), time) {
                Supervision::Due(due) => {
                    defmt::info!("due: {}", due.report.event);
                    self.parts.line.report(&due.report, Time::Known(due.at));
                }
                Supervision::AskAgain => {}
                Supervision::Nothing => {
                    self.supervised = Some(minute);
                    return;
                }
            }
        }
    }

    fn show(&mut self, milliseconds: u32, time: Time) {
        let place = self.place();
        let armed = place.is_none_or(|place| self.arming.is_armed(place));
        let trouble = self.device.trouble(place.is_some(), time);
        // Without a policy nothing is watched, and nobody is to believe that it is.
        let levels = Levels {
            siren: matches!(self.watch, Watch::Alarm { .. }),
            armed: armed && place.is_some(),
            open: !armed,
            trouble: trouble.is_some(),
        };
        self.parts.outputs.switch(levels);

        if milliseconds.wrapping_sub(self.last_key) >= FORGET {
            self.forget();
        }
        if self.message.is_some_and(|(_, since)| milliseconds.wrapping_sub(since) >= MESSAGE) {
            self.message = None;
        }
        let left = |since: u32, length: u32| length.saturating_sub(milliseconds.wrapping_sub(since)).div_ceil(1000);
        let mut first = Text::new();
        // All of these are shorter than a line.
        _ = match self.watch {
            Watch::Alarm { .. } | Watch::Silenced => write!(first, "** ALARM **"),
            Watch::Leaving { since } => write!(first, "ARMED, LEAVE {:2}", left(since, EXIT)),
            Watch::Entering { since } => write!(first, "TYPE CODE    {:2}", left(since, ENTRY)),
            Watch::Quiet if place.is_none() => write!(first, "NOT WATCHING"),
            Watch::Quiet => write!(first, "{}", if armed { "ARMED" } else { "OPEN" }),
        };
        let mut second = Text::new();
        _ = match self.message {
            Some((message, _)) => write!(second, "{message}"),
            None if self.entry.is_empty() => write!(second, "{}", trouble.unwrap_or_default()),
            None => self.entry.iter().try_for_each(|_| write!(second, "*")),
        };
        self.parts.display.show([&first, &second]);
    }
}

/// The user number that was typed; one that nobody has if it is too long for one.
fn user_number(digits: &[u8]) -> UserNumber {
    // With more digits, be they zeros, the code behind them might have lost some of its own.
    if digits.len() > 3 {
        return UserNumber(u16::MAX);
    }
    let number = digits.iter().try_fold(0_u16, |number, digit| number.checked_mul(10)?.checked_add(u16::from(digit.wrapping_sub(b'0'))));
    UserNumber(number.unwrap_or(u16::MAX))
}

/// What the person may know.
const fn words(reason: PublicReason) -> &'static str {
    match reason {
        PublicReason::Accepted => "ACCEPTED",
        PublicReason::NotAccepted => "NOT ACCEPTED",
        PublicReason::KeypadLocked => "KEYPAD LOCKED",
        PublicReason::NotNow => "NOT NOW",
        PublicReason::NotAllowed => "NOT ALLOWED",
    }
}
