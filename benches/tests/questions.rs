//! The questions get the answers they are about, in every size of site.

use keyholder::StandardPanel;
use keyholder_benches::floor;
use keyholder_benches::question::{engineer_checks, firmware_checks, identifications, user_checks};
use keyholder_benches::site::{AnyPanel, Panel64, Panel256, Panel1000, Rows, Size, panel};

fn check<P: AnyPanel>(size: &Size) {
    let panel = panel::<P>(&Rows::of(size));
    for question in [user_checks(size.contacts), identifications(size.contacts)].concat() {
        if size.layers < 64 && question.name.ends_with("layer") {
            continue;
        }
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

#[test]
fn engineers_get_the_answers_they_are_about() {
    let mut panel = panel::<Panel1000>(&Rows::of(&Size::large(999)));
    for question in engineer_checks() {
        assert_eq!(panel.engineer(&question.request, question.time).reason, question.reason, "{}", question.name);
    }
    for question in firmware_checks() {
        assert_eq!(panel.update(&question.request, question.time).reason, question.reason, "{}", question.name);
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
