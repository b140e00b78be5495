//! A flash that fails with the power on: once, in one place, for good, or only by what its driver says.

use keyholder::contact::{Permissions, UserNumber};
use keyholder::decide::Action;
use keyholder::report::Event;
use keyholder::store::Damage;
use keyholder::{Act, Reason, Verdict, Who};

use crate::mock::{Mock, Tear, Then};
use crate::random::Random;
use crate::scenes::{
    Flash, Heard, Kept, Panel, Scene, Step, after, busy, copy_of_the_journal, fewer_rows, more_rows, open_close, panel_scenes, rows,
    snapshot,
};

/// Whoever asks as this is unknown, and changes nothing but the time.
const NOBODY: u16 = 998;

#[test]
fn after_any_failed_operation_a_restart_finds_what_the_device_decides_on() {
    let scenes: Vec<Scene> = panel_scenes().into_iter().filter(|scene| !matches!(scene.step, Step::Restart)).collect();
    let mut tried = 0;
    for (number, scene) in scenes.iter().enumerate() {
        let (_, flash) = Panel::played(&scene.before);
        let operations = operations_of(&flash, &scene.step);
        let stride = if cfg!(debug_assertions) { 23 } else { 1 };
        for at in (number as u64 % stride..operations).step_by(stride as usize) {
            let tear = Tear::ALL[(at as usize + number) % Tear::ALL.len()];
            let (mut panel, flash) = Panel::powered_on_a_copy(&flash);
            flash.trouble_after(at, tear, Then::Works);
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
        let Some(permitted_at) = scene.step.permitted_at() else { continue };
        let (_, flash) = Panel::played(&scene.before);
        let never_asked = Panel::powered(flash.copy());
        let mut unpermitted = Panel::powered(flash.copy());
        unpermitted.step(&Step::User(NOBODY, Action::Open, permitted_at));
        for (at, tear) in (0_u64..).zip(Tear::ALL) {
            let (mut panel, flash) = Panel::powered_on_a_copy(&flash);
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
fn a_false_error_of_the_driver_changes_nothing() {
    for scene in panel_scenes() {
        let is_first_boot = matches!(scene.step, Step::Restart);
        let (_, flash) = Panel::played(&scene.before);
        let healthy = if is_first_boot { Flash::with_capacity(Panel::capacity()) } else { flash.copy() };
        let disowned = healthy.copy();
        disowned.disown();
        let [(first, one), (second, two)] = [healthy, disowned.clone()].map(|flash| {
            let mut panel = Panel::powered(flash);
            let heard = if is_first_boot { Heard::Whatever } else { panel.step(&scene.step) };
            (heard, panel)
        });
        assert_eq!(first, second, "{}", scene.name);
        assert_eq!(one.damage(), two.damage(), "{}", scene.name);
        assert!(one.answers() == two.answers(), "{}", scene.name);
        assert!(Panel::powered(disowned.copy()).answers() == two.answers(), "{}: after a restart", scene.name);
    }
}

#[test]
fn an_answer_is_what_the_next_start_finds_whatever_the_driver_says() {
    let (mut tried, mut taken_back) = (0_u64, 0_u64);
    for scene in panel_scenes() {
        let Some(permitted_at) = scene.step.permitted_at() else { continue };
        let (_, flash) = Panel::played(&scene.before);
        let never_asked = Panel::powered(flash.copy()).answers();
        let mut unpermitted = Panel::powered(flash.copy());
        unpermitted.step(&Step::User(NOBODY, Action::Open, permitted_at));
        let unpermitted = unpermitted.answers();
        let operations = operations_of(&flash, &scene.step);
        for at in 0..operations {
            // The last unit of a record is the one that matters.
            let whole = (Tear::Everything, Then::Broken);
            let beyond = (Tear::Beyond, Then::Broken);
            let torn = (Tear::ALL[at as usize % Tear::ALL.len()], [Then::Broken, Then::Unnoticed][(at / 7) as usize % 2]);
            for (tear, then) in [whole, beyond, torn] {
                let (mut panel, flash) = Panel::powered_on_a_copy(&flash);
                flash.trouble_after(at, tear, then);
                let heard = panel.step(&scene.step);
                let what = format!("{}: operation {at} of {operations}, {tear:?}, {then:?}", scene.name);
                flash.power_on();
                let restarted = Panel::powered(flash.copy()).answers();
                if heard == Heard::Yes {
                    assert!(restarted == panel.answers(), "{what}: what was heard is not kept");
                } else {
                    assert!(restarted == never_asked, "{what}: what was denied is kept");
                    assert!(panel.answers() == unpermitted, "{what}: what was denied has happened");
                    taken_back += 1;
                }
                panel.step(&Step::Code("9999", Action::Open, 90_000));
                assert!(Panel::powered(flash.copy()).answers() == panel.answers(), "{what}: what decides is not kept");
                tried += 1;
            }
        }
    }
    println!("{tried} operations failed that were asked for something, {taken_back} times it was taken back");
    assert!(taken_back > 100);
}

/// Units written and blocks erased by a step with the power on.
pub(crate) fn operations_of(flash: &Flash, step: &Step) -> u64 {
    let (mut panel, flash) = Panel::powered_on_a_copy(flash);
    let from = flash.operations();
    panel.step(step);
    flash.operations() - from
}

/// A walk through what can happen to a panel, and what can fail meanwhile.
struct Walk {
    random: Random,
    at: i64,
    sequence: u64,
}

impl Walk {
    fn step(&mut self) -> Step {
        self.at += 1 + self.random.below(900) as i64;
        self.sequence += 1;
        let user = 2 + self.random.below(5) as u16;
        match self.random.below(16) {
            0..3 => Step::Code("9999", Action::Open, self.at),
            3 => Step::Code("1111", Action::Open, self.at),
            4..7 => Step::User(user, Action::Open, self.at),
            7 => Step::User(user, Action::Close, self.at),
            8 => Step::Act(Act::Suspend(UserNumber(user)), self.at),
            9 => Step::Act(Act::Reinstate(UserNumber(user)), self.at),
            10 => Step::Act(Act::Restrict, self.at),
            11 => Step::Act(Act::Lift, self.at),
            12 => Step::Begin(41, self.at),
            13 => Step::Supervise(self.at),
            14 => Step::Install(snapshot(self.sequence, &[rows(), more_rows(), fewer_rows()][self.random.below(3)])),
            _ => Step::Restart,
        }
    }

    /// Something that goes wrong in the next step, or from now on.
    fn spoil(&mut self, flash: &Flash) {
        let random = &mut self.random;
        let (at, tear) = (random.below(12) * random.below(30), random.of(&Tear::ALL));
        match random.below(10) {
            0..4 => flash.trouble_after(at as u64, tear, random.of(&[Then::Off, Then::Works, Then::Unnoticed, Then::Broken])),
            4 => flash.wear_out(copy_of_the_journal(0)),
            5 => flash.wear_out(copy_of_the_journal(1)),
            6..9 => flash.power_on(),
            _ => {}
        }
    }
}

#[test]
fn whatever_happens_and_fails_in_whatever_order_a_restart_finds_all_or_nothing_of_a_step() {
    let (mut tried, mut kept, mut stayed) = (0, 0, 0);
    for seed in 1..if cfg!(debug_assertions) { 12 } else { 300 } {
        let mut walk = Walk { random: Random(seed), at: 100, sequence: 1 };
        let (mut panel, flash) = Panel::played(&busy());
        if seed % 4 == 0 {
            flash.disown();
        }
        let restarted = |flash: &Flash| {
            let flash = flash.copy();
            flash.power_on();
            Panel::powered(flash)
        };
        let mut before = restarted(&flash).answers();
        for number in 0..16 {
            let step = walk.step();
            walk.spoil(&flash);
            let from = flash.operations();
            let heard = match &step {
                Step::Restart => {
                    if let Some(started) = Panel::boot_with(flash.clone()) {
                        panel = started;
                    }
                    Heard::Whatever
                }
                step => panel.step(step),
            };
            let is_written = flash.operations() != from;
            let found = restarted(&flash).answers();
            let what = format!("walk {seed}, step {number}: {step:?}");
            let is_policy = matches!(step, Step::Install(_));
            if heard == Heard::Yes && is_written {
                assert!(found == panel.answers(), "{what}: what was heard is not kept");
                kept += 1;
            } else if !is_policy {
                assert!(found == before || found == panel.answers(), "{what}: a third state");
                stayed += 1;
            }
            if flash.is_off() {
                flash.power_on();
                panel = Panel::powered(flash.clone());
            }
            before = found;
            tried += 1;
        }
    }
    println!("{tried} steps in any order, {kept} times the step was kept and {stayed} times nothing was heard");
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
