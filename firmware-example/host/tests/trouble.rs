//! The trouble light, and the words beside it: lit as long as something is wrong that somebody has to put right.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails has to say so")]

use std::path::Path;
use std::time::Duration;

use keyholder::contact::UserNumber;
use keyholder::engineer::{EngineerId, SiteId};
use keyholder::place::{Areas, Place};
use keyholder::time::{Instant, Time};
use keyholder::{Action, Reason, SessionRequest};
use keyholder_host::bench::{Bench, Running};
use keyholder_host::emulator::{Language, Start};
use keyholder_host::for_both_panels;
use keyholder_host::site::Site;
use keyholder_host::wire::Answer;
use keyholder_line::request::{Asker, By, Request};

for_both_panels!(a_clock_that_is_not_believed_lights_it_until_it_is_right_again, a_flash_that_fails_lights_it);

/// How long the words may take.
const LONGEST: Duration = Duration::from_secs(15);

/// Monday, 2026-11-23, 09:00 in London.
const MONDAY: i64 = 1_795_424_400;

/// The same day at 17:00, when the gallery has lifted its privacy for an engineer.
const EVENING: i64 = MONDAY + 8 * 3600;

fn site(file: &str, language: Language) -> Site {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/sites/demo");
    Site::of(&folder.join(file), language).unwrap()
}

/// The bookshop's panel with its policy, and a clock that is right.
fn panel(language: Language) -> Bench {
    let site = site("bookshop.toml", language);
    let mut bench = Bench::fresh(site.firmware(), &site.identity(0)).unwrap();
    let running = bench.start(Start::BENCH).unwrap();
    running.shows_trouble("NO POLICY").unwrap();
    running.wire.install(&site.blob(1).unwrap()).unwrap();
    bench
}

/// Waits until a receiver's second line says this.
#[track_caller]
fn says(running: &mut Running, words: &str) {
    running.state().unwrap();
    let seen = running.screen.wait(LONGEST, |view| view.lines[1] == words);
    assert!(seen.is_ok(), "{words:?}: {seen:?}");
}

fn set_clock(running: &mut Running, seconds: i64) {
    running.set_clock(Time::Known(Instant(seconds)), true).unwrap();
}

/// Why somebody may open, or not, who may only within a schedule.
fn opens(running: &mut Running) -> u8 {
    let asker = Asker { by: By::Code, user: UserNumber::NOBODY, text: b"4711" };
    let place = Place::new(1, Areas(1)).unwrap();
    let request = Request::OpenClose { asker, action: Action::Open, place, remote: false, in_alarm: false, armed_by: None };
    match running.wire.ask(&request).unwrap() {
        Answer::Decision(decided) => decided.reason,
        other => panic!("{other:?} is no decision"),
    }
}

fn a_clock_that_is_not_believed_lights_it_until_it_is_right_again(language: Language) {
    let mut bench = panel(language);
    let running = bench.running().unwrap();
    running.shows_trouble("CLOCK NOT SET").unwrap();
    set_clock(running, MONDAY);
    running.shows_trouble("").unwrap();
    running.set_clock(Time::Unknown, true).unwrap();
    running.shows_trouble("CLOCK NOT SET").unwrap();

    // Forgiven is what the policy forgives, a minute.
    for (back, words) in [(0, ""), (10, ""), (3600, "CLOCK WENT BACK"), (0, ""), (86_400, "CLOCK WENT BACK"), (-60, "")] {
        set_clock(running, MONDAY - back);
        running.shows_trouble(words).unwrap();
        assert_eq!(opens(running) == Reason::TimeUnknown as u8, !words.is_empty(), "{back} seconds back");
    }

    // What the clock may not go back behind is in the flash.
    let running = bench.start(Start::BENCH).unwrap();
    set_clock(running, MONDAY - 86_400);
    running.shows_trouble("CLOCK WENT BACK").unwrap();
    set_clock(running, MONDAY + 60);
    running.shows_trouble("").unwrap();
}

/// Why an engineer may begin a session, or not.
fn begins(running: &mut Running, engineer: u32) -> u8 {
    let session = SessionRequest { engineer: EngineerId(engineer), site: SiteId(18) };
    match running.wire.ask(&Request::BeginSession(session)).unwrap() {
        Answer::Decision(decided) => decided.reason,
        other => panic!("{other:?} is no decision"),
    }
}

/// A receiver has no light.
#[test]
fn a_receiver_says_what_is_wrong_with_its_clock_and_its_flash() {
    let site = site("station-lifted.toml", Language::Rust);
    let mut bench = Bench::fresh(site.firmware(), &site.identity(0)).unwrap();
    let running = bench.start(Start::BENCH).unwrap();
    says(running, "NO POLICY");
    running.wire.install(&site.blob(1).unwrap()).unwrap();
    says(running, "CLOCK NOT SET");
    set_clock(running, EVENING);
    says(running, "0 CONNECTED");
    assert_eq!(begins(running, 99), Reason::UnknownEngineer as u8, "but now the receiver has seen that time");
    set_clock(running, EVENING - 3600);
    says(running, "CLOCK WENT BACK");
    set_clock(running, EVENING);
    says(running, "0 CONNECTED");
    let running = bench.start(Start { cut: Some(0), worn: true, ..Start::BENCH }).unwrap();
    set_clock(running, EVENING);
    says(running, "0 CONNECTED");
    assert_eq!(begins(running, 3), Reason::NotKept as u8);
    says(running, "FLASH DAMAGED");
}

fn a_flash_that_fails_lights_it(language: Language) {
    let mut bench = panel(language);
    let running = bench.start(Start { cut: Some(0), worn: true, ..Start::BENCH }).unwrap();
    set_clock(running, MONDAY);
    running.shows_trouble("").unwrap();
    assert_eq!(opens(running), Reason::NotKept as u8);
    running.shows_trouble("FLASH DAMAGED").unwrap();
    // A clock that is wrong is what to put right first: it is nearer at hand.
    running.set_clock(Time::Unknown, true).unwrap();
    running.shows_trouble("CLOCK NOT SET").unwrap();
    set_clock(running, MONDAY);
    running.shows_trouble("FLASH DAMAGED").unwrap();
}
