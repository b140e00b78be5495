//! What somebody types or sends is nowhere in the panel's memory any more once it has been answered.
#![allow(clippy::unwrap_used, reason = "a test that fails has to say so")]

use std::path::Path;
use std::time::{Duration, Instant};
use std::{iter, thread};

use keyholder::Action;
use keyholder::contact::UserNumber;
use keyholder::place::{Areas, Place};
use keyholder_host::bench::{Bench, Running};
use keyholder_host::emulator::{Language, Start};
use keyholder_host::for_both_panels;
use keyholder_host::site::Site;
use keyholder_host::wire::Answer;
use keyholder_line::answer::Failure;
use keyholder_line::frame::Frame;
use keyholder_line::request::{Asker, By, Request};

for_both_panels!(a_code_is_nowhere_in_memory_once_it_has_been_answered);

/// Nobody's, and like nothing else that lies in a memory.
const CODE: &str = "58213479";
/// What has been answered may be wiped a little later.
const LONGEST: Duration = Duration::from_secs(5);

/// Whether the code gets to be somewhere in memory, or nowhere.
fn becomes(running: &Running, is_there: bool) -> bool {
    let by = Instant::now() + LONGEST;
    let looks = iter::from_fn(|| {
        thread::sleep(Duration::from_millis(20));
        (Instant::now() < by).then(|| running.emulator.memory().unwrap())
    });
    looks.into_iter().any(|memory| memory.windows(CODE.len()).any(|bytes| bytes == CODE.as_bytes()) == is_there)
}

fn a_code_is_nowhere_in_memory_once_it_has_been_answered(language: Language) {
    let site = Site::of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/sites/demo/bookshop.toml"), language).unwrap();
    let mut bench = Bench::fresh(site.firmware(), &site.identity(0)).unwrap();
    let running = bench.start(Start::BENCH).unwrap();
    running.wire.install(&site.blob(1).unwrap()).unwrap();
    let asker = Asker { by: By::Code, user: UserNumber::NOBODY, text: CODE.as_bytes() };
    let place = Place::new(1, Areas(3)).unwrap();
    let (kind, payload) = Request::OpenClose { asker, action: Action::Open, place, remote: false, in_alarm: false, armed_by: None }.write();
    let frame = Frame::new(kind, 7, payload).to_bytes();
    let (last, rest) = frame.split_last().unwrap();

    running.wire.send(rest).unwrap();
    assert!(becomes(running, true), "as long as the question is not over");
    running.wire.send(&[*last]).unwrap();
    let answer = running.wire.answer_to(7).unwrap();
    assert!(becomes(running, false), "answered");
    running.wire.send(&frame).unwrap();
    assert_eq!(running.wire.answer_to(7), Ok(answer));
    assert!(becomes(running, false), "answered again");
    running.wire.send(rest).unwrap();
    running.wire.send(&[!last]).unwrap();
    assert_eq!(running.wire.answer_to(0), Ok(Answer::Failed(Failure::Broken)));
    assert!(becomes(running, false), "broken");

    running.screen.type_keys(CODE).unwrap();
    assert!(becomes(running, true), "typed, and not to the end");
    running.screen.type_keys("#").unwrap();
    assert!(becomes(running, false), "typed to the end");
}
