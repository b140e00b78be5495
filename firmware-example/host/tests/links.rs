//! Engineers whom the receiver has let through are cut off when their session is over, whatever a new policy has made of it, and not before.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails has to say so")]

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use keyholder::SessionRequest;
use keyholder::engineer::{EngineerId, SiteId};
use keyholder::report::Event;
use keyholder::time::Time;
use keyholder_host::bench::Bench;
use keyholder_host::emulator::{Language, Start};
use keyholder_host::site::Site;
use keyholder_host::wire::{Answer, Told};
use keyholder_line::answer::{Accepted, Closed, Failure};
use keyholder_line::request::Request;

/// How long something that is told may take, and how long nothing may be told where nothing is expected.
const LONGEST: Duration = Duration::from_secs(15);
const QUIET: Duration = Duration::from_millis(600);

const SESSION: SessionRequest = SessionRequest { engineer: EngineerId(3), site: SiteId(17) };

/// What is told of that engineer and site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    Reported(Event),
    TimeIsOver,
    NoLongerAllowed,
}

/// A receiver with an engineer on one site.
struct Station {
    file: PathBuf,
    site: Site,
    bench: Bench,
    sequence: u64,
}

/// A policy in which the engineer has the grant `grant` of `capabilities`. `longest`: how long a session on the site may be.
fn policy(grant: u32, capabilities: &str, longest: &str) -> String {
    format!(
        "[receiver]\nid = 900\nname = \"Station\"\nzone = \"Europe/London\"\n\n\
         [[site]]\nid = 17\nname = \"Books\"\nbaseline = [\"view_settings\"]\n{longest}\n\n\
         [[engineer]]\nid = 3\nname = \"Eve\"\nemail = \"eve@northgate.example\"\nregistered = true\n\n\
         [[grant]]\nid = {grant}\nengineer = \"eve@northgate.example\"\nsite = 17\ncapabilities = [{capabilities}]\n\
         from = \"2026-11-23 08:00\"\nuntil = \"2026-11-27 17:00\"\n"
    )
}

impl Station {
    /// At nine, with this policy and the engineer let through.
    fn at_work(name: &str, first: &str) -> Self {
        let file = std::env::temp_dir().join(format!("keyholder-links-{name}-{}.toml", std::process::id()));
        fs::write(&file, first).unwrap();
        let site = Site::of(&file, Language::Rust).unwrap();
        let mut bench = Bench::fresh(site.firmware(), &site.identity(0)).unwrap();
        bench.start(Start { rate: 1, ..Start::BENCH }).unwrap();
        let mut station = Self { file, site, bench, sequence: 0 };
        station.set_clock("09:00");
        station.install(first);
        station.begin();
        assert_eq!(station.hear(), Some(Heard::Reported(Event::SessionBegun)));
        assert_eq!(station.links(), 1);
        station
    }

    fn set_clock(&mut self, time: &str) {
        let time = Time::Known(self.site.instant(&format!("2026-11-23 {time}")).unwrap());
        self.bench.running().unwrap().set_clock(time, false).unwrap();
    }

    fn install(&mut self, policy: &str) {
        fs::write(&self.file, policy).unwrap();
        self.sequence += 1;
        let blob = self.site.blob(self.sequence).unwrap();
        let answer = self.bench.running().unwrap().wire.install(&blob);
        assert_eq!(answer, Ok(Answer::Installed(Accepted { outcome: 1, sequence: self.sequence })));
    }

    fn begin(&mut self) {
        match self.bench.running().unwrap().wire.ask(&Request::BeginSession(SESSION)) {
            Ok(Answer::Decision(decided)) => assert_ne!(decided.verdict, 0, "{decided:?}"),
            other => panic!("{other:?} is no decision"),
        }
    }

    fn hear_within(&mut self, longest: Duration) -> Option<Heard> {
        match self.bench.running().unwrap().wire.told(longest).unwrap()? {
            Told::Report(sent) => {
                assert_eq!((sent.report.engineer, sent.report.site), (3, 17));
                let event = Event::ALL.iter().find(|event| **event as u8 == sent.report.event);
                event.copied().map(Heard::Reported)
            }
            Told::Closed(Closed { engineer: 3, site: 17, why: 1 }) => Some(Heard::TimeIsOver),
            Told::Closed(Closed { engineer: 3, site: 17, why: 2 }) => Some(Heard::NoLongerAllowed),
            other => panic!("{other:?}"),
        }
    }

    fn hear(&mut self) -> Option<Heard> {
        self.hear_within(LONGEST)
    }

    fn hear_nothing(&mut self) {
        assert_eq!(self.hear_within(QUIET), None);
    }

    fn links(&mut self) -> u32 {
        let [links, ..] = self.bench.running().unwrap().state().unwrap().armed;
        links
    }
}

impl Drop for Station {
    fn drop(&mut self) {
        // What is left over in the folder for temporary files harms nobody.
        _ = fs::remove_file(&self.file);
    }
}

const SETTINGS: &str = "\"view_settings\", \"change_settings\"";

#[test]
fn a_session_that_a_new_policy_shortens_takes_its_link_along() {
    let mut station = Station::at_work("shortened", &policy(1, SETTINGS, ""));
    station.set_clock("10:00");
    station.install(&policy(1, SETTINGS, "longest_session = \"2h\""));
    station.set_clock("10:59");
    station.hear_nothing();
    station.set_clock("11:00");
    assert_eq!([station.hear(), station.hear()], [Some(Heard::TimeIsOver), Some(Heard::Reported(Event::SessionEnded))]);
    assert_eq!(station.links(), 0);
}

#[test]
fn a_session_that_was_over_by_a_new_policy_takes_its_link_along() {
    let mut station = Station::at_work("over", &policy(1, SETTINGS, ""));
    station.set_clock("10:00");
    station.install(&policy(1, SETTINGS, "longest_session = \"30m\""));
    assert_eq!([station.hear(), station.hear()], [Some(Heard::TimeIsOver), Some(Heard::Reported(Event::SessionEnded))]);
    assert_eq!(station.links(), 0);
    station.begin();
    assert_eq!(station.hear(), Some(Heard::Reported(Event::SessionBegun)));
}

#[test]
fn a_grant_that_is_withdrawn_takes_its_link_along_and_another_in_its_place_keeps_it() {
    let mut station = Station::at_work("withdrawn", &policy(1, SETTINGS, ""));
    station.install(&policy(2, SETTINGS, ""));
    assert_eq!(station.hear(), Some(Heard::Reported(Event::SessionBegun)));
    assert_eq!(station.links(), 1);
    let without = policy(2, SETTINGS, "").split("[[grant]]").next().unwrap_or_default().to_owned();
    station.install(&without);
    assert_eq!(station.hear(), Some(Heard::NoLongerAllowed));
    assert_eq!(station.links(), 0);
}

#[test]
fn a_grant_of_what_everybody_may_do_keeps_its_link() {
    let mut station = Station::at_work("baseline", &policy(1, "\"view_settings\"", ""));
    for time in ["09:01", "09:02", "10:00"] {
        station.set_clock(time);
        station.hear_nothing();
        assert_eq!(station.links(), 1, "{time}");
    }
}

#[test]
fn nobody_is_let_through_who_could_not_be_cut_off_again() {
    let mut policy =
        String::from("[receiver]\nid = 900\nname = \"Station\"\nzone = \"Europe/London\"\n\n[[site]]\nid = 17\nname = \"Books\"\n\n");
    for number in 1..=17 {
        policy += &format!(
            "[[engineer]]\nid = {number}\nname = \"{number}\"\nemail = \"{number}@northgate.example\"\nregistered = true\n\n\
             [[grant]]\nid = {number}\nengineer = \"{number}@northgate.example\"\nsite = 17\ncapabilities = [\"change_settings\"]\none_time = true\n\
             from = \"2026-11-23 08:00\"\nuntil = \"2026-11-23 10:00\"\n\n"
        );
    }
    let file = std::env::temp_dir().join(format!("keyholder-links-many-{}.toml", std::process::id()));
    fs::write(&file, &policy).unwrap();
    let site = Site::of(&file, Language::Rust).unwrap();
    let mut bench = Bench::fresh(site.firmware(), &site.identity(0)).unwrap();
    let running = bench.start(Start { rate: 1, ..Start::BENCH }).unwrap();
    let nine = Time::Known(site.instant("2026-11-23 09:00").unwrap());
    running.set_clock(nine, false).unwrap();
    running.wire.install(&site.blob(1).unwrap()).unwrap();
    fs::remove_file(&file).unwrap();
    let session = |number| SessionRequest { engineer: EngineerId(number), site: SiteId(17) };
    for number in 1..=16 {
        let answer = running.wire.ask(&Request::BeginSession(session(number))).unwrap();
        assert!(matches!(answer, Answer::Decision(decided) if decided.verdict != 0), "{number}: {answer:?}");
    }
    assert_eq!(running.wire.ask(&Request::BeginSession(session(17))).unwrap(), Answer::Failed(Failure::NoRoom));
    let again = running.wire.ask(&Request::BeginSession(session(1))).unwrap();
    assert!(matches!(again, Answer::Decision(decided) if decided.verdict != 0), "who is through goes on");
    running.wire.ask(&Request::EndSession(session(2))).unwrap();
    let answer = running.wire.ask(&Request::BeginSession(session(17))).unwrap();
    assert!(matches!(answer, Answer::Decision(decided) if decided.verdict != 0), "the grant is not used up: {answer:?}");
}
