//! A record of every call to simulated devices and of what came, for the C side to play again: see `ffi/tests/replay.c`.
//!
//! One line a call: a letter, the device's number, then numbers in the order in which `replay.c` reads them. Nothing is recorded unless
//! [`start`] was called on the thread.

use std::cell::RefCell;
use std::fmt::Write as _;

use keyholder::act::ActRequest;
use keyholder::blob::{Installed, Kind, Refusal};
use keyholder::engineer::SiteId;
use keyholder::place::AreaList;
use keyholder::report::Report;
use keyholder::schedule::Span;
use keyholder::supervise::Supervision;
use keyholder::time::{Instant, Time};
use keyholder::{Act, Action, Decision, EngineerRequest, OpenClose, SessionRequest, UpdateRequest, Who};

use crate::hex;
use crate::key_file::Keys;

#[derive(Default)]
struct Tape {
    lines: String,
    devices: u32,
    /// What was typed or told last, in hexadecimal digits: codes do not tell.
    typed: String,
    /// Whether something has happened that no call of C's does.
    is_torn: bool,
}

thread_local! {
    static TAPE: RefCell<Option<Tape>> = const { RefCell::new(None) };
}

/// Records from now on.
pub fn start() {
    TAPE.with(|tape| *tape.borrow_mut() = Some(Tape::default()));
}

/// What was recorded since then; records no more. `None`: something has happened that C cannot play again.
pub fn stop() -> Option<String> {
    TAPE.with(|tape| tape.borrow_mut().take()).filter(|tape| !tape.is_torn).map(|tape| tape.lines)
}

/// A device's power was taken away and given back.
pub(crate) fn power_cycle(device: u32) {
    line(&["Z".to_owned(), device.to_string()]);
}

/// What follows depends on something that C cannot do: a flash that fails.
pub(crate) fn cannot_follow() {
    note(|tape| tape.is_torn = true);
}

fn note(write: impl FnOnce(&mut Tape)) {
    TAPE.with(|tape| tape.borrow_mut().as_mut().map_or((), write));
}

fn line(words: &[String]) {
    note(|tape| {
        tape.lines += &words.join(" ");
        tape.lines.push('\n');
    });
}

/// Remembers what was typed or told for the next request.
pub(crate) fn typed(text: &str) {
    note(|tape| tape.typed = hex::encode(text.as_bytes()));
}

/// A device is made. Returns its number.
pub(crate) fn device(kind: Kind, recipient: SiteId, keys: &Keys) -> u32 {
    let mut number = 0;
    note(|tape| {
        tape.devices += 1;
        number = tape.devices;
        let (cloud, code) = (hex::encode(&keys.public().0), hex::encode(keys.code_bytes()));
        _ = writeln!(tape.lines, "N {number} {} {} {cloud} {code}", kind as u8, recipient.0);
    });
    number
}

fn at(time: Time) -> i64 {
    match time {
        Time::Known(Instant(seconds)) => seconds,
        Time::Unknown => i64::MIN,
    }
}

/// The numbers of anything, as words.
macro_rules! words {
    ($($number:expr),* $(,)?) => { vec![$(i128::from($number).to_string()),*] };
}

fn report(report: &Report) -> Vec<String> {
    let id = report.contact_id();
    let mut words = words![
        report.event as u8,
        report.user.0,
        report.system,
        report.areas.0,
        report.engineer.0,
        report.site.0,
        report.grant.0,
        id.map_or(0, |id| id.qualifier),
        id.map_or(0, |id| id.event),
        id.map_or(0, |id| id.group),
        id.map_or(0, |id| id.user),
    ];
    words.push(report.sia().unwrap_or("-").to_owned());
    words
}

fn decision(decision: &Decision) -> Vec<String> {
    let none = if decision.is_allowed() { i64::MAX } else { i64::MIN };
    let end = |instant: Option<Instant>| instant.map_or(none, |instant| instant.0);
    let mut words = words![
        decision.verdict as u8,
        decision.reason as u8,
        decision.public_reason() as u8,
        decision.user.0,
        decision.grant.0,
        decision.left.bits(),
        end(decision.until),
        end(decision.close_by),
    ];
    words.extend(report(&decision.report));
    words
}

fn call(letter: &str, device: u32, time: Time, question: Vec<String>, answer: &Decision) {
    let head = [letter.to_owned(), device.to_string(), at(time).to_string()];
    line(&[&head[..], &question, &decision(answer)].concat());
}

fn who(who: &Who<'_>) -> Vec<String> {
    let (kind, user) = match who {
        Who::User(user) => (1, user.0),
        Who::Code(_) => (2, 0),
        Who::UserAndCode(user, _) => (3, user.0),
        Who::Passcode(_) => (4, 0),
        Who::UserAndPasscode(user, _) => (5, user.0),
    };
    let mut words = words![kind, user];
    let mut text = String::new();
    note(|tape| text = tape.typed.clone());
    // A dash in front, so that what is empty is a word too.
    words.push(format!("-{text}"));
    words
}

pub(crate) fn open_close(device: u32, request: &OpenClose<'_>, time: Time, answer: &Decision) {
    let mut question = who(&request.who);
    let action = if request.action == Action::Open { 1 } else { 2 };
    let (place, remote) = (request.place, request.remote);
    question.extend(words![action, place.system(), place.areas().0, remote, request.armed_by.0, request.in_alarm]);
    call("O", device, time, question, answer);
}

pub(crate) fn act(device: u32, request: &ActRequest<'_>, time: Time, answer: &Decision) {
    let mut question = who(&request.who);
    let (mut areas, mut place, mut minutes, mut schedule, mut date, mut span) = (AreaList::NONE, (0, 0), 0, 0, 0, None);
    let (mut closed, mut target, mut engineer, mut grant, mut answers) = (false, 0, 0, 0, false);
    let kind = match request.act {
        Act::CancelAlarm => 1,
        Act::EditCustomer => 2,
        Act::ReceiveInformation => 3,
        Act::Test { areas: listed, minutes: long } => {
            (areas, minutes) = (listed, long);
            4
        }
        Act::EndTest { areas: listed } => {
            areas = listed;
            5
        }
        Act::ExtendClosing { place: there, minutes: long } => {
            (place, minutes) = ((there.system(), there.areas().0), long);
            6
        }
        Act::SetSpan { schedule: which, date: day, span: hours } => {
            (schedule, date, span, closed) = (which, day.0, hours, hours.is_none());
            7
        }
        Act::OpenWindow { place: there, minutes: long } => {
            (place, minutes) = ((there.system(), there.areas().0), long);
            8
        }
        Act::Suspend(user) => {
            target = user.0;
            9
        }
        Act::Reinstate(user) => {
            target = user.0;
            10
        }
        Act::Grant { engineer: whom, answers_request } => {
            (engineer, answers) = (whom.0, answers_request);
            11
        }
        Act::Revoke(id) => {
            grant = id.0;
            12
        }
        Act::Lift => 13,
        Act::Restrict => 14,
    };
    question.extend(words![kind, request.remote, place.0, place.1, minutes, schedule, date, closed, target, engineer, grant, answers]);
    question.extend(areas.0.iter().map(|areas| areas.0.to_string()));
    let minutes = span.map_or([0; 4], |Span { opens_from, must_be_open_by, closes_from, must_be_closed_by, .. }| {
        [opens_from, must_be_open_by, closes_from, must_be_closed_by]
    });
    question.extend(minutes.iter().map(u16::to_string));
    call("A", device, time, question, answer);
}

pub(crate) fn engineer(device: u32, request: &EngineerRequest, time: Time, answer: &Decision) {
    call("E", device, time, words![request.engineer.0, request.site.0, request.capabilities.bits()], answer);
}

pub(crate) fn session(begins: bool, device: u32, request: &SessionRequest, time: Time, answer: &Decision) {
    call(if begins { "B" } else { "F" }, device, time, words![request.engineer.0, request.site.0], answer);
}

pub(crate) fn update(device: u32, request: &UpdateRequest, time: Time, answer: &Decision) {
    let mut question = words![request.engineer.0, request.site.0];
    let update = &request.update;
    question.extend(update.version.0.iter().chain(&update.installed.0).map(u16::to_string));
    question.extend([hex::encode(&update.model.0), hex::encode(&update.image.0)]);
    call("U", device, time, question, answer);
}

pub(crate) fn install(device: u32, blob: &[u8], time: Time, result: &Result<Installed, Refusal>) {
    let status = match result {
        Ok(_) => 0,
        // C numbers refusals from here on as the wire does, where the number comes first.
        Err(refusal) => 32 + postcard::to_allocvec(refusal).ok().and_then(|bytes| bytes.first().copied()).unwrap_or(u8::MAX - 32),
    };
    let outcome = match result {
        Ok(Installed::Now) => 1,
        Ok(Installed::Already) => 2,
        Err(_) => 0,
    };
    line(&["I".to_owned(), device.to_string(), at(time).to_string(), status.to_string(), outcome.to_string(), hex::encode(blob)]);
}

pub(crate) fn supervise(device: u32, armed: &AreaList, time: Time, answer: &Supervision) {
    let mut words = vec!["S".to_owned(), device.to_string(), at(time).to_string()];
    words.extend(armed.0.iter().map(|areas| areas.0.to_string()));
    let (kind, fell_due, what) = match answer {
        Supervision::Nothing => (0, i64::MIN, Report::NOTHING),
        Supervision::Due(due) => (1, due.at.0, due.report),
        Supervision::AskAgain => (2, i64::MIN, Report::NOTHING),
    };
    words.extend(words![kind, fell_due]);
    words.extend(report(&what));
    line(&words);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_have_their_numbers_of_c() {
        let cases = [(Refusal::NotABlob, "32"), (Refusal::Stale { installed: 300 }, "37"), (Refusal::NotKept, "43")];
        for (refusal, number) in cases {
            start();
            install(1, &[], Time::Unknown, &Err(refusal));
            assert_eq!(stop().unwrap().split(' ').nth(3), Some(number), "{refusal}");
        }
    }
}
