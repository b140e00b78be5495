//! Asks the firmware everything that the simulator's devices were asked, and compares every answer: the simulator's tape, played again over the line.
//!
//! What a person could have typed at the keypad is typed there, key by key. Which areas are armed, and by whom, the firmware is left to know by itself
//! wherever its own record must say the same.

use std::collections::BTreeMap;
use std::time::Duration;

use keyholder::act::Act;
use keyholder::contact::UserNumber;
use keyholder::engineer::{Capabilities, EngineerId, GrantId, SiteId};
use keyholder::firmware::{ImageDigest, Model, Version};
use keyholder::place::{AreaList, Areas, Place};
use keyholder::schedule::Span;
use keyholder::time::{Date, Instant, Time, Weekdays};
use keyholder::{Action, EngineerRequest, PublicReason, Reason, SessionRequest, Update, UpdateRequest, Verdict};
use keyholder_application::arming::Arming;
use keyholder_line::answer::{Decided, Looked, Reported, Sent};
use keyholder_line::identity::Identity;
use keyholder_line::request::{Asker, By, Request};

use crate::Outcome;
use crate::bench::{Bench, Running};
use crate::emulator::{Firmware, Language, Start};
use crate::logs::Logs;
use crate::wire::{Answer, Told};

/// How long a decision of the keypad may take to be seen.
const LONGEST_GLANCE: Duration = Duration::from_secs(10);

/// How much was compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Answers over the line.
    pub asked: usize,
    /// Decisions at the keypad.
    pub typed: usize,
    /// Losses of power that are on the tape.
    pub cut: usize,
}

impl std::ops::Add for Count {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { asked: self.asked + other.asked, typed: self.typed + other.typed, cut: self.cut + other.cut }
    }
}

/// The words of a tape's line.
struct Words<'a>(std::str::SplitWhitespace<'a>);

impl<'a> Words<'a> {
    fn of(line: &'a str) -> Self {
        Self(line.split_whitespace())
    }

    fn word(&mut self) -> Outcome<&'a str> {
        self.0.next().ok_or_else(|| "a line of the tape is too short".to_owned())
    }

    fn number<T: TryFrom<i128>>(&mut self) -> Outcome<T> {
        let word = self.word()?;
        let number = word.parse::<i128>().ok().and_then(|number| T::try_from(number).ok());
        number.ok_or_else(|| format!("{word} on the tape is no such number"))
    }

    fn flag(&mut self) -> Outcome<bool> {
        Ok(self.number::<u8>()? != 0)
    }

    fn time(&mut self) -> Outcome<Time> {
        let seconds = self.number()?;
        Ok(if seconds == i64::MIN { Time::Unknown } else { Time::Known(Instant(seconds)) })
    }

    fn hex(&mut self) -> Outcome<Vec<u8>> {
        let word = self.word()?;
        let digits = word.strip_prefix('-').unwrap_or(word).as_bytes();
        let bytes = digits.chunks(2).map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()));
        bytes.collect::<Option<_>>().ok_or_else(|| format!("{word} on the tape is not hexadecimal"))
    }

    fn array<const N: usize>(&mut self) -> Outcome<[u8; N]> {
        self.hex()?.try_into().map_err(|_| "bytes on the tape are not as many as they should be".to_owned())
    }

    fn place(&mut self) -> Outcome<Option<Place>> {
        Ok(Place::new(self.number()?, Areas(self.number()?)))
    }

    fn areas(&mut self) -> Outcome<AreaList> {
        let mut list = AreaList::NONE;
        for areas in &mut list.0 {
            areas.0 = self.number()?;
        }
        Ok(list)
    }

    fn session(&mut self) -> Outcome<SessionRequest> {
        Ok(SessionRequest { engineer: EngineerId(self.number()?), site: SiteId(self.number()?) })
    }

    fn report(&mut self) -> Outcome<Reported> {
        let (event, user, system, areas) = (self.number()?, self.number()?, self.number()?, self.number()?);
        let (engineer, site, grant) = (self.number()?, self.number()?, self.number()?);
        let (qualifier, code, group, code_user) = (self.number()?, self.number()?, self.number()?, self.number()?);
        let sia = self.word()?.as_bytes().try_into().unwrap_or_default();
        Ok(Reported { event, system, user, areas, engineer, site, grant, qualifier, group, code, code_user, sia })
    }

    fn decision(&mut self) -> Outcome<Decided> {
        let (verdict, reason, public_reason, user) = (self.number()?, self.number()?, self.number()?, self.number()?);
        let (grant, left, until, close_by) = (self.number()?, self.number()?, self.number()?, self.number()?);
        Ok(Decided { verdict, reason, public_reason, user, left, grant, until, close_by, report: self.report()? })
    }
}

/// A device of the tape, as firmware.
struct Double {
    bench: Bench,
    keypad: Option<Place>,
    time: Option<Time>,
    /// What its own record of its areas must say.
    arming: Arming,
    /// The reports that must have been sent.
    reports: Vec<Sent>,
    sent: Vec<Sent>,
    /// The decisions that must have been logged, as they are.
    decisions: Vec<String>,
    /// Its power was cut: through days without anything due it may have to go again.
    was_cut: bool,
}

/// Plays tapes.
pub struct Player {
    /// What its panels are written in.
    language: Language,
    doubles: BTreeMap<u32, Double>,
    count: Count,
}

impl Player {
    /// Plays a whole tape, with panels written in `language`, and returns how much was compared.
    ///
    /// # Errors
    /// The first answer that differs, with its line.
    pub fn play(tape: &str, language: Language) -> Outcome<Count> {
        Self::play_with_cuts(tape, language, |_| false)
    }

    /// The same, cutting the power of the device that is asked next before every line whose number `cuts`. It must make no difference.
    ///
    /// # Errors
    /// The first answer that differs, with its line.
    pub fn play_with_cuts(tape: &str, language: Language, mut cuts: impl FnMut(usize) -> bool) -> Outcome<Count> {
        let mut player = Self { language, doubles: BTreeMap::new(), count: Count::default() };
        for (number, line) in (1..).zip(tape.lines()) {
            let keypad = keypad_of(tape, line)?;
            let cut = if cuts(number) { player.cut(line) } else { Ok(()) };
            let played = cut.and_then(|()| player.line(line, keypad));
            played.map_err(|why| format!("line {number}: {why}\n{line:.200}\n{}", player.last_logs(line)))?;
        }
        player.end()
    }

    /// Cuts the power of the device that a line asks, and lets it come back.
    fn cut(&mut self, line: &str) -> Outcome<()> {
        let mut words = Words::of(line);
        let (letter, number) = (words.word()?, words.number::<u32>()?);
        match self.doubles.get_mut(&number) {
            Some(double) if letter != "N" => double.cut_power(),
            _ => Ok(()),
        }
    }

    /// Plays a line. `keypad` is where the keypad of a new device is.
    ///
    /// # Errors
    /// An answer that differs.
    pub fn line(&mut self, line: &str, keypad: Option<Place>) -> Outcome<()> {
        let mut words = Words::of(line);
        let (letter, number) = (words.word()?, words.number::<u32>()?);
        if letter == "N" {
            let double = Double::new(&mut words, keypad, self.language)?;
            self.doubles.insert(number, double);
            return Ok(());
        }
        let double = self.doubles.get_mut(&number).ok_or_else(|| "the tape asks a device that was never made".to_owned())?;
        if letter == "Z" {
            self.count.cut += 1;
            return double.cut_power();
        }
        double.call(letter, &mut words, &mut self.count)
    }

    /// Compares what was reported and logged, and returns how much was compared.
    ///
    /// # Errors
    /// It differs from the decisions.
    pub fn end(mut self) -> Outcome<Count> {
        for double in self.doubles.values_mut() {
            double.compare_told()?;
        }
        Ok(self.count)
    }

    fn last_logs(&self, line: &str) -> String {
        let number = line.split_whitespace().nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
        let logs = self.doubles.get(&number).map(|double| double.bench.logs().since(0)).unwrap_or_default();
        logs.iter().rev().take(5).rev().map(|log| format!("  log: {log}\n")).collect()
    }
}

/// Whether a panel is among the devices of a tape. In what only receivers were asked the language of panels makes no difference.
pub fn has_panel(tape: &str) -> bool {
    let is_panel = |line| identity_of(line, None, Language::Rust).is_ok_and(|(firmware, _)| firmware != Firmware::Receiver);
    tape.lines().any(is_panel)
}

/// The device that a line of the tape makes, with its keypad there; without one at all areas of system 1.
///
/// # Errors
/// The line makes none.
pub fn identity_of(line: &str, keypad: Option<Place>, language: Language) -> Outcome<(Firmware, Identity)> {
    let mut words = Words::of(line);
    match (words.word()?, words.word()?) {
        ("N", _) => identity(&mut words, keypad, language),
        _ => Err("this line of the tape makes no device".to_owned()),
    }
}

fn identity(words: &mut Words<'_>, keypad: Option<Place>, language: Language) -> Outcome<(Firmware, Identity)> {
    let (kind, id) = (words.number::<u8>()?, words.number()?);
    let (signing, code) = (words.array()?, words.array()?);
    let (system, areas) = keypad.map_or((1, 0), |place| (place.system(), place.areas().0));
    let firmware = if kind == 1 { Firmware::Panel(language) } else { Firmware::Receiver };
    Ok((firmware, Identity { id, signing, recovery: None, code, system, areas }))
}

/// Where the keypad of the device that `line` makes should be: where most codes of the tape are typed.
fn keypad_of(tape: &str, line: &str) -> Outcome<Option<Place>> {
    let mut words = Words::of(line);
    if words.word()? != "N" {
        return Ok(None);
    }
    let number = words.word()?;
    let mut places = BTreeMap::<(u8, u32), usize>::new();
    for line in tape.lines() {
        let mut words = Words::of(line);
        if (words.word()?, words.word()?) == ("O", number) {
            let (_, by, _, _, _) = (words.word()?, words.number::<u8>()?, words.word()?, words.word()?, words.word()?);
            if matches!(by, 2 | 3) {
                *places.entry((words.number()?, words.number()?)).or_default() += 1;
            }
        }
    }
    let most = places.into_iter().max_by_key(|(_, count)| *count);
    Ok(most.and_then(|((system, areas), _)| Place::new(system, Areas(areas))))
}

fn compare<T: PartialEq + core::fmt::Debug>(expected: &T, found: &T) -> Outcome<()> {
    if expected == found { Ok(()) } else { Err(format!("the simulator says {expected:?}\nthe firmware says  {found:?}")) }
}

impl Double {
    fn new(words: &mut Words<'_>, keypad: Option<Place>, language: Language) -> Outcome<Self> {
        let (firmware, identity) = identity(words, keypad, language)?;
        let mut bench = Bench::fresh(firmware, &identity)?;
        bench.start(Start::BENCH)?;
        let arming = Arming::ALL;
        Ok(Self { bench, keypad, time: None, arming, reports: Vec::new(), sent: Vec::new(), decisions: Vec::new(), was_cut: false })
    }

    /// Cuts its power. What it does not keep is its time, and which areas were armed: the host tells it again.
    fn cut_power(&mut self) -> Outcome<()> {
        self.compare_told()?;
        (self.reports, self.sent, self.decisions) = (Vec::new(), Vec::new(), Vec::new());
        self.bench.start(Start::BENCH)?;
        (self.time, self.arming, self.was_cut) = (None, Arming::ALL, true);
        Ok(())
    }

    /// Lets the firmware's clock say what the tape says.
    fn set_time(&mut self, time: Time) -> Outcome<()> {
        if self.time != Some(time) {
            self.bench.running()?.set_clock(time, true)?;
            self.time = Some(time);
        }
        Ok(())
    }

    fn ask(&mut self, request: &Request<'_>, count: &mut Count) -> Outcome<Answer> {
        count.asked += 1;
        let answer = self.bench.running()?.wire.ask(request)?;
        self.fetch_reports()?;
        Ok(answer)
    }

    fn fetch_reports(&mut self) -> Outcome<()> {
        for told in self.bench.running()?.wire.told_so_far() {
            match told {
                Told::Report(sent) => self.sent.push(sent),
                Told::Closed(_) => {}
                Told::Started(_) => return Err("the device has started again".to_owned()),
            }
        }
        Ok(())
    }

    fn ask_decision(&mut self, request: &Request<'_>, words: &mut Words<'_>, count: &mut Count) -> Outcome<Decided> {
        let answer = self.ask(request, count)?;
        let expected = words.decision()?;
        compare(&Answer::Decision(expected), &answer)?;
        self.expect_told(&expected);
        Ok(expected)
    }

    /// What else the decision must lead to: a line in the log, and a report if there is one.
    fn expect_told(&mut self, decided: &Decided) {
        self.decisions.push(logged(decided));
        if decided.report.event != 0 {
            let at = match self.time {
                // What the clock chip cannot hold is unknown to the firmware; no time that is asked about lies there otherwise.
                Some(Time::Known(Instant(at))) if at < LAST_OF_THE_CHIP => at,
                _ => i64::MIN,
            };
            self.reports.push(Sent { at, report: decided.report });
        }
    }

    fn call(&mut self, letter: &str, words: &mut Words<'_>, count: &mut Count) -> Outcome<()> {
        let time = words.time()?;
        self.set_time(time)?;
        match letter {
            "O" => self.open_close(words, count),
            "A" => {
                let (by, user, text) = (words.number()?, words.number()?, words.hex()?);
                let asker = asker(by, user, &text)?;
                let (act, remote) = act(words)?;
                self.ask_decision(&Request::Act { asker, act, remote }, words, count).map(drop)
            }
            "E" => {
                let SessionRequest { engineer, site } = words.session()?;
                let capabilities = Capabilities::from_bits_retain(words.number()?);
                self.ask_decision(&Request::Engineer(EngineerRequest { engineer, site, capabilities }), words, count).map(drop)
            }
            "B" => {
                let session = words.session()?;
                self.ask_decision(&Request::BeginSession(session), words, count).map(drop)
            }
            "F" => {
                let session = words.session()?;
                self.ask_decision(&Request::EndSession(session), words, count).map(drop)
            }
            "U" => {
                let SessionRequest { engineer, site } = words.session()?;
                let mut version =
                    || -> Outcome<Version> { Ok(Version([words.number()?, words.number()?, words.number()?, words.number()?])) };
                let (version, installed) = (version()?, version()?);
                let update = Update { version, installed, model: Model(words.array()?), image: ImageDigest(words.array()?) };
                self.ask_decision(&Request::Update(UpdateRequest { engineer, site, update }), words, count).map(drop)
            }
            "I" => self.install(words, count),
            "S" => {
                let armed = words.areas()?;
                let given = (armed != *self.arming.armed()).then_some(armed);
                self.arming.set_all(armed);
                let looked = Looked { kind: words.number()?, at: words.number()?, report: words.report()? };
                self.supervise(given, &looked, count)
            }
            _ => Err(format!("there is no call {letter}")),
        }
    }

    fn supervise(&mut self, mut armed: Option<AreaList>, expected: &Looked, count: &mut Count) -> Outcome<()> {
        if self.was_cut && expected.kind == ASK_AGAIN {
            return Ok(());
        }
        loop {
            let answer = self.ask(&Request::Supervise { armed: armed.take() }, count)?;
            let asks_again = matches!(&answer, Answer::Supervision(looked) if looked.kind == ASK_AGAIN);
            if !(self.was_cut && asks_again) {
                return compare(&Answer::Supervision(*expected), &answer);
            }
        }
    }

    fn open_close(&mut self, words: &mut Words<'_>, count: &mut Count) -> Outcome<()> {
        let (by, user, text) = (words.number()?, words.number()?, words.hex()?);
        let asker = asker(by, user, &text)?;
        let action = if words.number::<u8>()? == 1 { Action::Open } else { Action::Close };
        let place = words.place()?.ok_or_else(|| "there is no such place".to_owned())?;
        let (remote, armed_by, in_alarm) = (words.flag()?, UserNumber(words.number()?), words.flag()?);
        let is_own = self.arming.armer(place) == armed_by;
        let decided = match keys(&asker).filter(|_| is_own && !remote && !in_alarm && self.would_ask(action, place)) {
            Some(keys) => self.at_keypad(&keys, words, count)?,
            None => {
                let armed_by = (!is_own).then_some(armed_by);
                self.ask_decision(&Request::OpenClose { asker, action, place, remote, in_alarm, armed_by }, words, count)?
            }
        };
        if decided.verdict != Verdict::Deny as u8 {
            self.arming.set(place, action == Action::Close, UserNumber(decided.user));
        }
        Ok(())
    }

    /// Whether a code typed at the keypad would ask for this.
    fn would_ask(&self, action: Action, place: Place) -> bool {
        self.keypad == Some(place) && self.arming.is_armed(place) == (action == Action::Open)
    }

    /// Types the keys and compares what is logged, reported and shown.
    fn at_keypad(&mut self, keys: &str, words: &mut Words<'_>, count: &mut Count) -> Outcome<Decided> {
        count.typed += 1;
        let expected = words.decision()?;
        let logs = self.bench.logs();
        let Running { screen, .. } = self.bench.running()?;
        screen.type_keys(keys)?;
        let shown = shown(expected.public_reason);
        let mut decided = None;
        let seen = screen.wait(LONGEST_GLANCE, |view| {
            decided = decisions(&logs).get(self.decisions.len()).cloned();
            let [_, second] = &view.lines;
            second == shown && decided.is_some()
        });
        compare(&Some(logged(&expected)), &decided).map_err(|why| format!("{why}\nwhere {keys} was typed"))?;
        seen.map_err(|view| format!("the display shows {:?} instead of {shown}", view.lines))?;
        self.expect_told(&expected);
        self.fetch_reports()?;
        Ok(expected)
    }

    fn install(&mut self, words: &mut Words<'_>, count: &mut Count) -> Outcome<()> {
        let (status, outcome, blob) = (words.number::<u8>()?, words.number::<u8>()?, words.hex()?);
        count.asked += 1;
        let answer = self.bench.running()?.wire.install(&blob)?;
        self.fetch_reports()?;
        let found = match &answer {
            Answer::Installed(accepted) => (0, accepted.outcome),
            Answer::Refused(refused) => (refused.number, 0),
            other => return Err(format!("the firmware says {other:?}")),
        };
        compare(&(status, outcome), &found)
    }

    /// Compares what was reported and logged.
    fn compare_told(&mut self) -> Outcome<()> {
        // Whatever was reported has come when this is answered. The log has a way of its own.
        let running = self.bench.running()?;
        running.state()?;
        let logs = running.emulator.logs.clone();
        _ = running.screen.wait(LONGEST_GLANCE, |_| decisions(&logs).len() >= self.decisions.len());
        self.fetch_reports()?;
        compare(&self.reports, &self.sent)?;
        compare(&self.decisions, &decisions(&logs))
    }
}

/// A look that went through a day without anything due.
const ASK_AGAIN: u8 = 2;
/// 2100-01-01: the clock chip's calendar goes on to 2199, its driver does not.
const LAST_OF_THE_CHIP: i64 = 4_102_444_800;

/// What is typed for this at a keypad; `None`: nothing that keys can type.
fn keys(asker: &Asker<'_>) -> Option<String> {
    let digits = std::str::from_utf8(asker.text).ok().filter(|text| !text.is_empty() && text.len() <= 8)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match asker.by {
        By::Code => Some(format!("{digits}#")),
        By::UserAndCode => Some(format!("{}*{digits}#", asker.user.0)).filter(|keys| keys.len() <= 13),
        _ => None,
    }
}

fn shown(public_reason: u8) -> &'static str {
    match public_reason {
        reason if reason == PublicReason::Accepted as u8 => "ACCEPTED",
        reason if reason == PublicReason::KeypadLocked as u8 => "KEYPAD LOCKED",
        reason if reason == PublicReason::NotNow as u8 => "NOT NOW",
        reason if reason == PublicReason::NotAllowed as u8 => "NOT ALLOWED",
        _ => "NOT ACCEPTED",
    }
}

/// The decisions in a log.
fn decisions(logs: &Logs) -> Vec<String> {
    let lines = logs.since(0);
    lines
        .iter()
        .filter(|line| line.contains(", user "))
        .filter_map(|line| line.split_once(' '))
        .map(|(_, line)| line.trim().to_owned())
        .collect()
}

/// A decision as the firmware logs it.
fn logged(decided: &Decided) -> String {
    let reason = Reason::ALL.iter().find(|reason| **reason as u8 == decided.reason).map_or("?", |reason| reason.name());
    let verdict = match decided.verdict {
        0 => "Deny",
        1 => "AllowWithViolation",
        _ => "Allow",
    };
    format!("{verdict}: {reason}, user {}, grant {}", decided.user, decided.grant)
}

fn asker(by: u8, user: u16, text: &[u8]) -> Outcome<Asker<'_>> {
    let by = By::numbered(by).ok_or_else(|| "the tape has an unknown way to ask".to_owned())?;
    Ok(Asker { by, user: UserNumber(user), text })
}

fn act(words: &mut Words<'_>) -> Outcome<(Act, bool)> {
    let (number, remote, place, minutes) = (words.number::<u8>()?, words.flag()?, words.place()?, words.number()?);
    let (schedule, date, closed) = (words.number()?, Date(words.number()?), words.flag()?);
    let (target, engineer) = (UserNumber(words.number()?), EngineerId(words.number()?));
    let (grant, answers_request, areas) = (GrantId(words.number()?), words.flag()?, words.areas()?);
    let (opens_from, must_be_open_by) = (words.number()?, words.number()?);
    let (closes_from, must_be_closed_by) = (words.number()?, words.number()?);
    let span = Span { layer: 0, weekdays: Weekdays::empty(), opens_from, must_be_open_by, closes_from, must_be_closed_by };
    let place = || place.ok_or_else(|| "an act has no place".to_owned());
    let act = match number {
        1 => Act::CancelAlarm,
        2 => Act::EditCustomer,
        3 => Act::ReceiveInformation,
        4 => Act::Test { areas, minutes },
        5 => Act::EndTest { areas },
        6 => Act::ExtendClosing { place: place()?, minutes },
        7 => Act::SetSpan { schedule, date, span: (!closed).then_some(span) },
        8 => Act::OpenWindow { place: place()?, minutes },
        9 => Act::Suspend(target),
        10 => Act::Reinstate(target),
        11 => Act::Grant { engineer, answers_request },
        12 => Act::Revoke(grant),
        13 => Act::Lift,
        14 => Act::Restrict,
        _ => return Err(format!("there is no act {number}")),
    };
    Ok((act, remote))
}
