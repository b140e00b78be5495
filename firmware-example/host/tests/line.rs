//! The serial line when it takes nothing: what there is to tell is told later.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails has to say so")]

use std::path::Path;
use std::time::Duration;

use keyholder::report::Event;
use keyholder::time::{Instant, Time};
use keyholder_host::bench::{Bench, Running};
use keyholder_host::emulator::{Language, Start};
use keyholder_host::for_both_panels;
use keyholder_host::site::Site;
use keyholder_host::wire::Told;
use keyholder_line::frame::Frame;
use keyholder_line::request::Request;

for_both_panels!(
    what_the_line_does_not_take_is_told_once_it_does,
    no_deadline_is_taken_up_before_there_is_room_to_tell_it,
    beyond_eight_the_oldest_gives_way
);

/// How long anything may take.
const LONGEST: Duration = Duration::from_secs(15);

/// Monday, 2026-11-23, 17:50 in London: the hours end in ten minutes.
const EVENING: Instant = Instant(1_795_456_200);

/// The bookshop's panel with its policy, armed; its clock stands still if `held`.
fn panel(language: Language, held: bool) -> Bench {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/sites/demo/bookshop.toml");
    let site = Site::of(&path, language).unwrap();
    let mut bench = Bench::fresh(site.firmware(), &site.identity(0)).unwrap();
    let running = bench.start(Start::BENCH).unwrap();
    running.wire.install(&site.blob(1).unwrap()).unwrap();
    running.set_clock(Time::Known(EVENING), held).unwrap();
    running.wire.told_so_far();
    bench
}

/// Somebody who may do so at any time opens what is armed, or arms what is open.
#[track_caller]
fn types_code(running: &mut Running, is_open: bool) {
    running.screen.type_keys("194607#").unwrap();
    let seen = running.screen.wait(LONGEST, |view| view.outputs[2] == is_open && view.outputs[1] != is_open);
    assert!(seen.is_ok(), "{seen:?}");
}

/// The events that are reported next, so many, and then none.
#[track_caller]
fn reported(running: &mut Running, count: usize) -> Vec<u8> {
    let events = (0..count).map(|_| match running.wire.told(LONGEST).unwrap() {
        Some(Told::Report(sent)) => sent.report.event,
        other => panic!("{other:?} is no report"),
    });
    let events = events.collect();
    assert!(running.wire.told(Duration::from_secs(1)).unwrap().is_none(), "{events:?} and more");
    events
}

const OPENED: u8 = Event::UnscheduledOpening as u8;
const CLOSED: u8 = Event::UnscheduledClosing as u8;

fn what_the_line_does_not_take_is_told_once_it_does(language: Language) {
    let mut bench = panel(language, true);
    let running = bench.running().unwrap();
    running.screen.press("l").unwrap();
    types_code(running, true);
    types_code(running, false);
    assert!(running.wire.told(Duration::from_secs(1)).unwrap().is_none(), "the line is down");

    running.screen.press("L").unwrap();
    assert_eq!(reported(running, 2), [OPENED, CLOSED], "each of them, in order, and once");
}

fn no_deadline_is_taken_up_before_there_is_room_to_tell_it(language: Language) {
    let mut bench = panel(language, false);
    let running = bench.running().unwrap();
    types_code(running, true);
    assert_eq!(reported(running, 1), [OPENED]);
    running.screen.press("l").unwrap();
    for is_open in [false, true].repeat(4) {
        types_code(running, is_open);
    }
    // The hours end, and areas are open. Nobody hears that the clock has been set.
    let (kind, payload) = Request::Clock { time: Time::Known(EVENING.plus(660)), held: false }.write();
    running.wire.send(&Frame::new(kind, 200, payload).to_bytes()).unwrap();
    running.screen.type_keys("**********").unwrap();
    running.screen.press("L").unwrap();
    let mut expected = [CLOSED, OPENED].repeat(4);
    expected.push(Event::FailedToClose as u8);
    assert_eq!(reported(running, 9), expected);
}

fn beyond_eight_the_oldest_gives_way(language: Language) {
    let mut bench = panel(language, true);
    let running = bench.running().unwrap();
    running.screen.press("l").unwrap();
    types_code(running, true);
    for is_open in [false, true].repeat(4) {
        types_code(running, is_open);
    }
    running.screen.press("L").unwrap();
    assert_eq!(reported(running, 8), [CLOSED, OPENED].repeat(4));
}
