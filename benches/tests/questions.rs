//! The questions get the answers they are about, in every size of site.

#![allow(clippy::expect_used, reason = "a test that fails has to say so")]

use keyholder::StandardPanel;
use keyholder_benches::floor;
use keyholder_benches::question::{Remote, engineer_checks, firmware_checks, further_checks, identifications, user_checks};
use keyholder_benches::site::{AnyPanel, Panel64, Panel256, Panel1000, Rows, Setting, Size, panel};
use keyholder_measure_script::Deed;

fn check<P: AnyPanel>(size: &Size) {
    let panels = [Setting::Usual, Setting::Lenient].map(|setting| (setting, panel::<P>(&Rows::of(&Size { setting, ..*size }))));
    let usual =
        [user_checks(size.contacts), identifications(size.contacts)].concat().into_iter().map(|question| (Setting::Usual, question));
    for (setting, question) in usual.chain(further_checks()) {
        if size.layers < 64 && question.name.ends_with("layer") {
            continue;
        }
        let (_, panel) = panels.iter().find(|(set, _)| *set == setting).expect("a panel");
        let decision = question.ask(&mut *panel.clone());
        assert_eq!((decision.reason, decision.report.event), (question.reason, question.event), "{}", question.name);
    }
}

#[test]
fn every_question_gets_the_answer_it_is_about() {
    check::<Panel1000>(&Size::large(999));
    check::<Panel256>(&Size::large(256));
    check::<Panel64>(&Size::large(64));
    check::<StandardPanel>(&Size::standard(256));
}

/// A panel for `question`, after what leaves its trace.
fn panel_for<R>(question: &Remote<R>) -> Box<Panel1000> {
    let size = if question.setting == Setting::Bare { Size::BARE } else { Size { setting: question.setting, ..Size::large(999) } };
    let mut panel = panel::<Panel1000>(&Rows::of(&size));
    if let Some((trace, time)) = question.before {
        match trace.deed().expect("a place") {
            Deed::Act(request) => assert!(panel.act(&request, time).is_allowed(), "{}", question.name),
            Deed::Begin(request) => assert!(panel.begin_session(&request, time).is_allowed(), "{}", question.name),
        }
    }
    panel
}

#[test]
fn engineers_get_the_answers_they_are_about() {
    for question in engineer_checks() {
        assert_eq!(panel_for(&question).engineer(&question.request, question.time).reason, question.reason, "{}", question.name);
    }
    for question in firmware_checks() {
        assert_eq!(panel_for(&question).update(&question.request, question.time).reason, question.reason, "{}", question.name);
    }
}

#[test]
fn a_blob_of_all_contacts_is_at_most_40_kb() {
    let length = Rows::of(&Size::large(999)).blob(1).len();
    assert!(length <= 40_000, "{length} bytes");
    println!("{length} bytes");
}

#[test]
fn the_floors_give_the_same_answers() {
    let rows = Rows::of(&Size::large(999));
    let panel = panel::<Panel1000>(&rows);
    for question in [user_checks(999), identifications(999)].concat() {
        let decision = question.ask(&mut *panel.clone());
        let expected = (decision.verdict, decision.reason, decision.report.event);
        let (mut in_rust, mut in_c) = (floor::Floor::new(&rows), floor::c::Floor::new(&rows));
        for count in 0..question.prior {
            in_rust.open_close(&question.request(), question.time(count));
            in_c.open_close(&question.request(), question.time(count));
        }
        let answer = in_rust.open_close(&question.request(), question.time(question.prior));
        assert_eq!(answer, expected, "in Rust: {}", question.name);
        let answer = in_c.open_close(&question.request(), question.time(question.prior));
        assert_eq!(answer, (expected.0 as u8, expected.1 as u8, expected.2 as u8), "in C: {}", question.name);
    }
}
