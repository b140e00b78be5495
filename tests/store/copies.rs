//! A journal of which one copy fails, or both are lost.

use keyholder::blob::{Installed, Refusal};
use keyholder::decide::Action;
use keyholder::store::Damage;

use crate::mock::{Mock, Tear, Then};
use crate::sample::NOON;
use crate::scenes::{
    Flash, Heard, Kept, Panel, Step, after, busy, clock_correction, copy_of_the_journal, fewer_rows, key_change, more_rows, panel_scenes,
    rows, sixth_added, snapshot,
};

#[test]
fn what_one_copy_of_the_journal_holds_has_happened_and_what_neither_holds_has_not() {
    let (mut allowed, mut denied) = (0, 0);
    for scene in panel_scenes() {
        let is_permitted = scene.step.permitted_at().is_some();
        if matches!(scene.step, Step::Restart) {
            continue;
        }
        let (_, flash) = Panel::played(&scene.before);
        let never_asked = Panel::powered(flash.copy());
        for copy in 0..2 {
            let (mut panel, flash) = Panel::powered_on_a_copy(&flash);
            flash.wear_out(copy_of_the_journal(copy));
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

#[test]
fn what_only_one_copy_has_outlasts_whatever_comes_next() {
    let nexts = [Step::Code("9999", Action::Open, 90_000), Step::Install(snapshot(50, &fewer_rows())), Step::Restart];
    let (mut tried, stride) = (0_usize, if cfg!(debug_assertions) { 97 } else { 7 });
    for scene in panel_scenes().iter().filter(|scene| !matches!(scene.step, Step::Restart)) {
        let (_, before) = Panel::played(&scene.before);
        // A panel whose second copy has not taken the step, although it can be written again.
        let lagging = || {
            let (mut panel, flash) = Panel::powered_on_a_copy(&before);
            flash.wear_out(copy_of_the_journal(1));
            let heard = panel.step(&scene.step);
            flash.power_on();
            (heard == Heard::Yes).then_some((panel, flash))
        };
        let Some((panel, flash)) = lagging() else { continue };
        let once = Panel::powered(flash.copy());
        assert!(panel.damage().contains(Damage::WRITING), "{}", scene.name);
        assert!(once.answers() == panel.answers(), "{}: what was heard is not kept", scene.name);
        for next in &nexts {
            // What the next start finds after something goes wrong, and whether the step was heard to be done.
            let play = |trouble: Option<(u64, Tear, Then)>| {
                let (mut panel, flash) = lagging()?;
                let from = flash.operations();
                if let Some((at, tear, then)) = trouble {
                    flash.trouble_after(at, tear, then);
                }
                let heard = if matches!(next, Step::Restart) {
                    Panel::boot_with(flash.clone());
                    Heard::Whatever
                } else {
                    panel.step(next)
                };
                let operations = flash.operations() - from;
                flash.power_on();
                Some((Panel::powered(flash).fingerprint(), heard, operations))
            };
            let Some((twice, _, operations)) = play(None) else { continue };
            for at in (tried as u64 % stride..operations).step_by(stride as usize) {
                let tear = Tear::ALL[tried % Tear::ALL.len()];
                let then = [Then::Off, Then::Broken, Then::Off, Then::Unnoticed, Then::Works][tried % 5];
                let Some((found, heard, _)) = play(Some((at, tear, then))) else { continue };
                let what = format!("{}, then {next:?}: operation {at} of {operations}, {tear:?}, {then:?}", scene.name);
                assert!(found == twice || (found == once.fingerprint() && heard != Heard::Yes), "{what}");
                tried += 1;
            }
        }
    }
    println!("{tried} times something failed while one copy of the journal lagged behind");
    assert!(tried > 100);
}

#[test]
fn a_blob_is_installed_once_one_copy_has_it() {
    let first = snapshot(1, &rows());
    let blobs = [
        ("a snapshot", snapshot(2, &more_rows())),
        ("a patch", sixth_added(2, &first)),
        ("a key change", key_change(9)),
        ("a clock correction", clock_correction(9, NOON.plus(16), NOON.plus(-7000))),
    ];
    for (name, blob) in blobs {
        let (_, flash) = Panel::played(&busy());
        let mut panel = Panel::powered(flash.clone());
        flash.wear_out(copy_of_the_journal(1));
        assert_eq!(panel.install(&blob, after(0)), Ok(Installed::Now), "{name}");
        assert_eq!(panel.damage(), Damage::WRITING, "{name}");
        assert!(Panel::powered(flash.copy()).answers() == panel.answers(), "{name}: a restart does not find it");
        // The same again is nothing new, but the copy that lags behind is still not whole.
        assert_eq!(panel.install(&blob, after(0)), Err(Refusal::NotKept), "{name} again");
        flash.power_on();
        assert_eq!(panel.install(&blob, after(0)), Ok(Installed::Already), "{name} once more");
        flash.wear_out(0..Panel::capacity());
        let restarted = Panel::powered(flash);
        assert!(restarted.answers() == panel.answers(), "{name}: a restart does not find it any more");
        assert_eq!(restarted.damage(), Damage::empty(), "{name}: a copy lags behind");
    }
}

#[test]
fn a_device_begins_with_one_copy_of_the_journal() {
    for copy in 0..2 {
        let flash = Flash::with_capacity(Panel::capacity());
        flash.wear_out(copy_of_the_journal(copy));
        let mut panel = Panel::powered(flash.clone());
        assert_eq!(panel.damage(), Damage::WRITING, "without copy {copy}");
        assert_eq!(panel.install(&snapshot(1, &rows()), after(0)), Err(Refusal::NotKept), "without copy {copy}");
        let again = Panel::powered(flash.clone());
        assert_eq!(again.damage(), Damage::JOURNAL | Damage::WRITING, "without copy {copy}");
        flash.power_on();
        assert_eq!(panel.install(&snapshot(2, &rows()), after(0)), Ok(Installed::Now), "without copy {copy}");
        assert_eq!(Panel::powered(flash).damage(), Damage::empty(), "with copy {copy} again");
    }
    let flash = Flash::with_capacity(Panel::capacity());
    flash.wear_out(0..Panel::capacity());
    assert!(Panel::boot_with(flash).is_none(), "without any");
}

#[test]
fn a_lost_journal_stays_lost_wherever_the_power_fails() {
    let (_, flash) = Panel::played(&busy());
    // One record of each copy is spoilt, of the second a later one.
    for (copy, of) in [(0, 3), (1, 2)] {
        let from = copy_of_the_journal(copy).start as usize;
        let journal = &flash.bytes()[from..copy_of_the_journal(copy).end as usize];
        let written = journal.iter().rposition(|byte| *byte != 0xff).unwrap();
        flash.flip(8 * (from + written * (of - 1) / of));
    }
    let operations = {
        let flash = flash.copy();
        let from = flash.operations();
        assert_eq!(Panel::powered(flash.clone()).damage(), Damage::LOSS);
        flash.operations() - from
    };
    for at in 0..operations {
        for tear in Tear::ALL {
            let flash = flash.copy();
            flash.cut_after(at, tear);
            Panel::boot_with(flash.clone());
            flash.power_on();
            // Where a unit cannot even be read, it does not boot.
            let decides = Panel::boot_with(flash).and_then(|panel| panel.device().provenance().copied());
            assert_eq!(decides, None, "operation {at} of {operations}, {tear:?}");
        }
    }
}
