//! A flash that fails once and then works again, with the power on.

use keyholder::contact::{Permissions, UserNumber};
use keyholder::decide::Action;
use keyholder::report::Event;
use keyholder::store::{Damage, Layout};
use keyholder::{Act, Reason, Verdict, Who};

use crate::mock::{Mock, Nor, Tear};
use crate::sample::SamplePanel;
use crate::scenes::{Heard, Kept, KeptPanel, Scene, Step, after, busy, layout, open_close, panel_scenes, rows, snapshot};

type Flash = Nor<4, 4, 1024>;
type Panel = KeptPanel<Flash>;

#[test]
fn after_any_failed_operation_a_restart_finds_what_the_device_decides_on() {
    let scenes: Vec<Scene> = panel_scenes().into_iter().filter(|scene| !matches!(scene.step, Step::Restart)).collect();
    let mut tried = 0;
    for (number, scene) in scenes.iter().enumerate() {
        let (_, flash) = Panel::played(&scene.before);
        let operations = {
            let flash = flash.copy();
            let mut panel = Panel::powered(flash.clone());
            let from = flash.operations();
            panel.step(&scene.step);
            flash.operations() - from
        };
        let stride = if cfg!(debug_assertions) { 23 } else { 1 };
        for at in (number as u64 % stride..operations).step_by(stride as usize) {
            let tear = Tear::ALL[(at as usize + number) % Tear::ALL.len()];
            let flash = flash.copy();
            let mut panel = Panel::powered(flash.clone());
            flash.fail_after(at, tear);
            let heard = panel.step(&scene.step);
            let what = format!("{}: operation {at}, {tear:?}", scene.name);
            let is_same = |panel: &Panel| panel.answers() == Panel::powered(flash.copy()).answers();
            assert!(heard != Heard::Yes || is_same(&panel), "{what}: what was heard is not kept");
            // Whatever comes next takes along what could not be written: a question, or the same blob again. If that is a patch, it may have to be as a snapshot.
            let is_sent_again = matches!(scene.step, Step::Install(_) | Step::Stream(..)) && heard == Heard::No;
            if is_sent_again && at % 2 == 0 {
                panel.step(&scene.step);
                assert!(is_same(&panel), "{what}: what is sent again is not kept");
            }
            panel.step(&Step::Code("9999", Action::Open, 90_000));
            assert!(is_same(&panel), "{what}: what decides is not kept");
            if is_sent_again {
                panel.step(&scene.step);
                assert!(is_same(&panel), "{what}: what is sent again is not kept");
            }
            tried += 1;
        }
    }
    println!("{tried} operations failed");
}

#[test]
fn what_was_denied_because_it_could_not_be_written_has_not_happened() {
    let mut taken_back = 0;
    for scene in panel_scenes() {
        let Some(permitted_at) = permitted_at(&scene.step) else { continue };
        let (_, flash) = Panel::played(&scene.before);
        let never_asked = Panel::powered(flash.copy());
        let mut unpermitted = Panel::powered(flash.copy());
        unpermitted.step(&Step::User(NOBODY, Action::Open, permitted_at));
        for (at, tear) in (0_u64..).zip(Tear::ALL) {
            let flash = flash.copy();
            let mut panel = Panel::powered(flash.clone());
            flash.cut_after(at, tear);
            let heard = panel.step(&scene.step);
            flash.power_on();
            if heard == Heard::No {
                assert!(panel.answers() == unpermitted.answers(), "{}: operation {at}, {tear:?}", scene.name);
                let restarted = Panel::powered(flash.copy());
                assert!(restarted.answers() == never_asked.answers(), "{}: operation {at}, {tear:?}, after a restart", scene.name);
                assert_eq!(panel.step(&scene.step), Heard::Yes, "{}: operation {at}, {tear:?}", scene.name);
                taken_back += 1;
            }
        }
    }
    println!("{taken_back} answers were taken back");
    assert!(taken_back > 50);
}

#[test]
fn what_one_copy_of_the_journal_holds_has_happened_and_what_neither_holds_has_not() {
    let Layout { slot, journal } = layout::<SamplePanel, Flash>();
    let (mut allowed, mut denied) = (0, 0);
    for scene in panel_scenes() {
        let is_permitted = permitted_at(&scene.step).is_some();
        if matches!(scene.step, Step::Restart) {
            continue;
        }
        let (_, flash) = Panel::played(&scene.before);
        let never_asked = Panel::powered(flash.copy());
        for copy in 0..2 {
            let flash = flash.copy();
            let mut panel = Panel::powered(flash.clone());
            let from = 2 * slot + copy * journal;
            flash.wear_out(from..from + journal);
            let what = format!("{}, copy {copy} is worn out", scene.name);
            let is_same = |panel: &Panel| panel.answers() == Panel::powered(flash.copy()).answers();
            match panel.step(&scene.step) {
                Heard::Yes => {
                    assert!(is_same(&panel), "{what}: what was heard is not kept");
                    allowed += 1;
                }
                Heard::No if is_permitted => {
                    assert!(Panel::powered(flash.copy()).answers() == never_asked.answers(), "{what}: what was denied is kept");
                    denied += 1;
                }
                Heard::Whatever | Heard::No => {}
            }
            // The copy that lags behind comes first: nothing is told that stands in one only while the other is written.
            let next = panel.step(&Step::Code("1111", Action::Open, 90_000));
            assert!(next != Heard::Yes || is_same(&panel), "{what}: and what comes next");
            flash.wear_out(0..0);
            panel.step(&Step::Code("9999", Action::Open, 90_001));
            assert!(is_same(&panel), "{what}, and then no longer");
        }
    }
    println!("with one copy worn out, {allowed} steps were taken and {denied} were not");
    assert!(allowed > 40 && denied > 10, "{allowed} {denied}");
}

/// Whoever asks as this is unknown, and changes nothing but the time.
const NOBODY: u16 = 998;

/// When the step is taken, if it permits something. What protects stays although nobody hears so, and a typed code counts among the wrong or the right ones.
fn permitted_at(step: &Step) -> Option<i64> {
    match step {
        Step::User(_, Action::Open, at) | Step::Begin(_, at) => Some(*at),
        Step::Act(Act::EndTest { .. } | Act::Revoke(_) | Act::Restrict | Act::Suspend(_), _) => None,
        Step::Act(_, at) => Some(*at),
        _ => None,
    }
}

#[test]
fn duress_is_told_although_nothing_can_be_written() {
    let mut rows = rows();
    rows.contacts[3].permissions |= Permissions::DURESS;
    let (mut panel, flash) = Panel::played(&[Step::Install(snapshot(1, &rows))]);
    flash.cut_after(0, Tear::Nothing);
    let decision = panel.open_close(&open_close(Who::User(rows.contacts[3].user), Action::Open), after(60));
    assert_eq!((decision.verdict, decision.reason, decision.report.event), (Verdict::Deny, Reason::NotKept, Event::Duress));
}

#[test]
fn a_lift_in_the_second_of_a_restriction_is_taken_back_whole() {
    let undone = [Step::Act(Act::Lift, 100), Step::Act(Act::Restrict, 100)];
    let (mut panel, flash) = Panel::played(&[busy(), undone.into()].concat());
    let restricted = panel.answers();
    flash.wear_out(0..Panel::capacity());
    assert_eq!(panel.step(&Step::Act(Act::Lift, 100)), Heard::No);
    assert!(panel.answers() == restricted);
}

#[test]
fn a_panel_whose_flash_is_worn_out_starts_and_can_be_closed() {
    let (panel, flash) = Panel::played(&busy());
    let held = panel.answers();
    flash.wear_out(0..Panel::capacity());
    let operations = flash.operations();
    let mut panel = Panel::powered(flash.clone());
    assert!(panel.answers() == held, "it remembers everything");
    assert_eq!(flash.operations(), operations, "there is nothing to write down");
    assert_eq!(panel.damage(), Damage::empty());

    let at = after(3600);
    let opening = panel.open_close(&open_close(Who::User(UserNumber(1)), Action::Open), at);
    assert_eq!((opening.verdict, opening.reason), (Verdict::Deny, Reason::NotKept));
    assert!(panel.open_close(&open_close(Who::User(UserNumber(1)), Action::Close), at).is_allowed());
    assert_eq!(panel.damage(), Damage::WRITING);
}
