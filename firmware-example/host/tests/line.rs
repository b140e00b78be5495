//! The serial line when it takes nothing: what there is to tell is told later.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails has to say so")]

use std::path::Path;
use std::time::Duration;

use keyholder::report::Event;
use keyholder::time::{Instant, Time};
use keyholder_host::bench::Bench;
use keyholder_host::emulator::{Language, Start};
use keyholder_host::for_both_panels;
use keyholder_host::site::Site;
use keyholder_host::wire::Told;

for_both_panels!(what_the_line_does_not_take_is_told_once_it_does);

/// How long anything may take.
const LONGEST: Duration = Duration::from_secs(15);

/// Monday, 2026-11-23, 08:45 in London.
const MONDAY: i64 = 1_795_423_500;

fn what_the_line_does_not_take_is_told_once_it_does(language: Language) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/sites/demo/bookshop.toml");
    let site = Site::of(&path, language).unwrap();
    let mut bench = Bench::fresh(site.firmware(), &site.identity(0)).unwrap();
    let running = bench.start(Start::BENCH).unwrap();
    running.wire.install(&site.blob(1).unwrap()).unwrap();
    running.set_clock(Time::Known(Instant(MONDAY)), true).unwrap();
    running.wire.told_so_far();

    running.screen.press("l").unwrap();
    // It opens, and arms again.
    for is_open in [true, false] {
        running.screen.type_keys("194607#").unwrap();
        let seen = running.screen.wait(LONGEST, |view| view.outputs[2] == is_open && view.outputs[1] != is_open);
        assert!(seen.is_ok(), "{seen:?}");
    }
    assert!(running.wire.told(Duration::from_secs(1)).unwrap().is_none(), "the line is down");

    running.screen.press("L").unwrap();
    let events = [(); 2].map(|()| match running.wire.told(LONGEST).unwrap() {
        Some(Told::Report(sent)) => sent.report.event,
        other => panic!("{other:?} is no report"),
    });
    assert_eq!(events, [Event::UnscheduledOpening, Event::UnscheduledClosing].map(|event| event as u8), "each of them, in order");
    assert!(running.wire.told(Duration::from_secs(1)).unwrap().is_none(), "and once");
}
