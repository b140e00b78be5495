//! What else the cloud sends besides whole policies: patches, new keys and a word about the clock. They arrive over the line as everything does, and outlast
//! the power. And what a device reports to it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that fails has to say so")]

use std::path::{Path, PathBuf};

use keyholder::act::Act;
use keyholder::blob::{ClockCorrection, KeyChange, KeyRole};
use keyholder::contact::UserNumber;
use keyholder::engineer::SiteId;
use keyholder::place::{AreaList, Areas, Place};
use keyholder::sync::Report;
use keyholder::time::{Instant, Time};
use keyholder::{Action, Reason};
use keyholder_host::bench::{Bench, Running};
use keyholder_host::emulator::{Language, Start};
use keyholder_host::for_both_panels;
use keyholder_host::site::Site;
use keyholder_host::wire::Answer;
use keyholder_line::answer::{Accepted, Failure};
use keyholder_line::request::{Asker, By, LONGEST_PART, Request};
use keyholder_simulator::compile::Policy;
use keyholder_simulator::key_file::Keys;
use keyholder_simulator::rig::{Disk, read_policy};
use keyholder_simulator::seal::{Base, Label, seal, seal_clock_correction, seal_key_change, seal_patch};
use keyholder_simulator::upstream::Message;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/sites").join(name)
}

const fn label(sequence: u64) -> Label {
    Label { sequence, issued_at: Instant(0), expires_at: Instant::LATEST }
}

fn policy(name: &str, keys: &Keys) -> Policy {
    read_policy(&Disk, &file(name), keys).map(|(_, policy)| policy).map_err(|complaint| complaint.to_string()).unwrap()
}

for_both_panels!(
    a_patch_goes_onto_its_base_only_and_outlasts_a_power_cut,
    a_new_key_is_obeyed_after_a_power_cut_and_the_old_one_no_longer,
    a_clock_that_was_wrong_is_put_right_with_the_floor_that_the_device_reports,
    a_report_is_fetched_whole_and_of_one_moment,
);

/// A panel with Monday's policy of the bookshop, sequence 1.
fn panel(language: Language) -> (Keys, Bench, Policy) {
    let site = Site::of(&file("demo/bookshop.toml"), language).unwrap();
    let keys = Keys::throw_away();
    let mut bench = Bench::fresh(site.firmware(), &site.identity(0)).unwrap();
    let answer = bench.start(Start::BENCH).unwrap().wire.install(&site.blob(1).unwrap());
    assert_eq!(answer, Ok(now(1)));
    let monday = policy("demo/bookshop.toml", &keys);
    (keys, bench, monday)
}

fn now(sequence: u64) -> Answer {
    Answer::Installed(Accepted { outcome: 1, sequence })
}

fn refusal(answer: Answer) -> u8 {
    match answer {
        Answer::Refused(refused) => refused.number,
        other => panic!("{other:?} is no refusal"),
    }
}

fn a_patch_goes_onto_its_base_only_and_outlasts_a_power_cut(language: Language) {
    let (keys, mut bench, monday) = panel(language);
    let tuesday = policy("demo/bookshop-tuesday.toml", &keys);
    let base = Base::of_snapshot(monday.rows, 1).unwrap();
    let patch = seal_patch(&base, &tuesday.rows, &keys, &label(2)).unwrap_or_else(|why| panic!("{why:?}"));
    let elsewhere = Base::of_snapshot(tuesday.rows.clone(), 9).unwrap();
    let of_another = seal_patch(&elsewhere, &base.rows, &keys, &label(12)).unwrap_or_else(|why| panic!("{why:?}"));
    let whole = seal(&tuesday.rows, &keys, &label(2)).unwrap();
    assert!(patch.len() < whole.len(), "{} and {}", patch.len(), whole.len());
    let running = bench.running().unwrap();
    assert_eq!(refusal(running.wire.install(&of_another).unwrap()), 41);
    assert_eq!(running.wire.install(&patch), Ok(now(2)));
    let running = bench.start(Start::BENCH).unwrap();
    assert_eq!(running.started.sequence, 2);
    assert_eq!(running.wire.install(&patch), Ok(Answer::Installed(Accepted { outcome: 2, sequence: 2 })));
}

fn a_new_key_is_obeyed_after_a_power_cut_and_the_old_one_no_longer(language: Language) {
    let (keys, mut bench, monday) = panel(language);
    let successor = keys.successor().unwrap();
    let change = KeyChange { role: KeyRole::Signing, key: successor.public() };
    let order = seal_key_change(&change, SiteId(17), &keys, &label(2)).unwrap();
    assert_eq!(bench.running().unwrap().wire.install(&order), Ok(now(2)));
    let running = bench.start(Start::BENCH).unwrap();
    assert_eq!(running.started.sequence, 1, "the policy is the one there was");
    assert_eq!(refusal(running.wire.install(&seal(&monday.rows, &keys, &label(3)).unwrap()).unwrap()), 35);
    assert_eq!(running.wire.install(&seal(&monday.rows, &successor, &label(3)).unwrap()), Ok(now(3)));
}

/// Monday, 2026-11-23, 08:31 in London.
const MONDAY: Instant = Instant(1_795_422_660);

/// What user 12 is told at the time that the device's clock shows.
fn opens(running: &mut Running) -> Reason {
    let asker = Asker { by: By::Code, user: UserNumber::NOBODY, text: b"4711" };
    let place = Place::new(1, Areas(1)).unwrap();
    let request = Request::OpenClose { asker, action: Action::Open, place, remote: false, in_alarm: false, armed_by: None };
    match running.wire.ask(&request).unwrap() {
        Answer::Decision(decided) => Reason::ALL.iter().copied().find(|reason| *reason as u8 == decided.reason).unwrap(),
        other => panic!("{other:?} is no decision"),
    }
}

fn report(running: &mut Running) -> Box<Report> {
    match Message::read(&running.wire.report().unwrap()).unwrap() {
        Message::Report(report) => report,
        Message::Acknowledgement(other) => panic!("{other:?} is no report"),
    }
}

fn a_clock_that_was_wrong_is_put_right_with_the_floor_that_the_device_reports(language: Language) {
    let (keys, mut bench, _) = panel(language);
    let running = bench.running().unwrap();
    let far = Instant(MONDAY.0 + 20 * 365 * 86_400);
    running.set_clock(Time::Known(far), true).unwrap();
    opens(running);
    running.set_clock(Time::Known(MONDAY), true).unwrap();
    assert_eq!(opens(running), Reason::TimeUnknown);
    let floor = report(running).holding.floor;
    // The emulated chip goes on by itself.
    assert!((0..600).contains(&(floor.0 - far.0)), "{floor:?}");
    let order = seal_clock_correction(&ClockCorrection { floor }, SiteId(17), &keys, &label(2)).unwrap();
    running.shows_trouble("CLOCK WENT BACK").unwrap();
    assert_eq!(running.wire.install(&order), Ok(now(2)));
    running.shows_trouble("").unwrap();
    let running = bench.start(Start::BENCH).unwrap();
    running.set_clock(Time::Known(MONDAY), true).unwrap();
    assert_eq!(opens(running), Reason::WithinSchedule);
    let report = report(running);
    assert_eq!((report.at.map(|at| at.0 - MONDAY.0 < 600), report.holding.latest), (Some(true), Some(2)));
}

fn a_report_is_fetched_whole_and_of_one_moment(language: Language) {
    let (_, mut bench, _) = panel(language);
    let running = bench.running().unwrap();
    let part = |running: &mut Running, offset| running.wire.ask(&Request::Report { offset }).unwrap();
    assert_eq!(part(running, 1), Answer::Failed(Failure::OutOfOrder), "none has been begun");
    running.set_clock(Time::Known(MONDAY), true).unwrap();
    // Wrong codes and tests make a report long.
    for _ in 0..4 {
        let asker = Asker { by: By::Code, user: UserNumber::NOBODY, text: b"4711" };
        let act = Act::Test { areas: AreaList::ALL, minutes: 60 };
        running.wire.ask(&Request::Act { asker, act, remote: false }).unwrap();
    }
    let whole = running.wire.report().unwrap();
    assert!(matches!(Message::read(&whole), Ok(Message::Report(_))), "{whole:?}");
    let Answer::ReportPart(first) = part(running, 0) else { panic!("no report") };
    assert_eq!((usize::from(first.length), &first.bytes[..]), (whole.len(), &whole[..first.bytes.len()]));
    // What happens meanwhile is in the next report, not in the rest of this one.
    opens(running);
    for offset in 1..whole.len() {
        let Answer::ReportPart(rest) = part(running, offset as u16) else { panic!("no part at {offset}") };
        let end = whole.len().min(offset + LONGEST_PART);
        assert_eq!(&rest.bytes[..], &whole[offset..end], "{offset}");
    }
    assert_eq!(part(running, first.length), Answer::Failed(Failure::OutOfOrder));
}
