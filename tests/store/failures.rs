//! A flash that fails with the power on: once, in one place, for good, or only by what its driver says.

use std::ops::Range;

use keyholder::blob::{Installed, Refusal};
use keyholder::contact::{Permissions, UserNumber};
use keyholder::decide::Action;
use keyholder::report::Event;
use keyholder::store::{Damage, Layout};
use keyholder::sync::{REPORT_BYTES, Report};
use keyholder::time::Time;
use keyholder::{Act, Reason, Verdict, Who};

use crate::mock::{Mock, Nor, Tear, Then};
use crate::random::Random;
use crate::sample::{NOON, SamplePanel};
use crate::scenes::{
    Heard, Kept, KeptPanel, Scene, Step, after, busy, clock_correction, fewer_rows, fifth_removed, key_change, layout, more_rows,
    open_close, panel_scenes, provenance, rows, sixth_added, snapshot,
};

type Flash = Nor<4, 4, 1024>;
type Panel = KeptPanel<Flash>;

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
            let flash = flash.copy();
            let mut panel = Panel::powered(flash.clone());
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

/// Where a copy of the journal lies.
fn copy_of_the_journal(copy: u32) -> Range<u32> {
    let Layout { slot, journal } = layout::<SamplePanel, Flash>();
    let from = 2 * slot + copy * journal;
    from..from + journal
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
        let Some(permitted_at) = permitted_at(&scene.step) else { continue };
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
                let flash = flash.copy();
                let mut panel = Panel::powered(flash.clone());
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
fn operations_of(flash: &Flash, step: &Step) -> u64 {
    let flash = flash.copy();
    let mut panel = Panel::powered(flash.clone());
    let from = flash.operations();
    panel.step(step);
    flash.operations() - from
}

#[test]
fn what_only_one_copy_has_outlasts_whatever_comes_next() {
    let nexts = [Step::Code("9999", Action::Open, 90_000), Step::Install(snapshot(50, &fewer_rows())), Step::Restart];
    let (mut tried, stride) = (0_usize, if cfg!(debug_assertions) { 97 } else { 7 });
    for scene in panel_scenes().iter().filter(|scene| !matches!(scene.step, Step::Restart)) {
        let (_, before) = Panel::played(&scene.before);
        // A panel whose second copy has not taken the step, although it can be written again.
        let lagging = || {
            let flash = before.copy();
            let mut panel = Panel::powered(flash.clone());
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

/// Installs blobs, each read of which fails in its turn: alone, and with some or all that follow.
fn while_a_blob_cannot_be_read(prepare: impl Fn(&mut Panel, &Flash), mut judge: impl FnMut(&str, &mut Panel, &Flash, Heard)) {
    let first = snapshot(1, &rows());
    let patched = sixth_added(2, &first);
    let sixth = [&busy()[..], &[Step::Install(patched.clone()), Step::User(6, Action::Open, 20)]].concat();
    let blobs = [
        ("a snapshot", busy(), snapshot(3, &fewer_rows())),
        ("a snapshot in the first slot", [&busy()[..], &[Step::Install(snapshot(2, &rows()))]].concat(), snapshot(3, &fewer_rows())),
        ("a patch", busy(), patched.clone()),
        ("a patch on one that somebody was here under", sixth, fifth_removed(3, &patched)),
    ];
    for (name, before, blob) in blobs {
        let (_, flash) = Panel::played(&before);
        let prepared = || {
            let flash = flash.copy();
            let mut panel = Panel::powered(flash.clone());
            prepare(&mut panel, &flash);
            (panel, flash)
        };
        let reads = {
            let (mut panel, flash) = prepared();
            let from = flash.reads();
            panel.step(&Step::Install(blob.clone()));
            flash.reads() - from
        };
        let stride = if cfg!(debug_assertions) { 7 } else { 1 };
        for at in (0..reads).step_by(stride) {
            for count in [1, 2, 3, 9, 60, u64::from(u32::MAX)] {
                let (mut panel, flash) = prepared();
                flash.unread(at..at + count);
                let heard = panel.step(&Step::Install(blob.clone()));
                flash.read_again();
                judge(&format!("{name}: {count} reads from {at} of {reads} on fail"), &mut panel, &flash, heard);
            }
        }
    }
}

/// Turns over a bit of the patch that brings contact 6, if it is there.
fn spoil_the_sixth(flash: &Flash) {
    let patch = sixth_added(2, &snapshot(1, &rows()));
    let end = &patch[patch.len() - 16..];
    if let Some(at) = flash.bytes().windows(end.len()).position(|bytes| bytes == end) {
        flash.flip(8 * at);
    }
}

#[test]
fn what_could_not_be_written_outlasts_a_policy_that_could_not_be_read() {
    let (mut denied, mut tried) = (0, 0);
    let suspended = |panel: &Panel| {
        let mut report = [0; REPORT_BYTES];
        let report: Report = postcard::from_bytes(panel.report(&[], Time::Unknown, &mut report).unwrap()).unwrap();
        report.suspended.to_vec()
    };
    let suspend = |panel: &mut Panel, flash: &Flash| {
        flash.wear_out(copy_of_the_journal(0));
        assert_eq!(panel.step(&Step::Act(Act::Suspend(UserNumber(3)), 100)), Heard::No);
        assert_eq!(suspended(panel), [UserNumber(2), UserNumber(3)]);
        // What was to be gone back to does not know contact 6, who was here: that would be to read the journal again.
        spoil_the_sixth(flash);
    };
    while_a_blob_cannot_be_read(suspend, |what, panel, flash, heard| {
        assert_eq!(heard, Heard::No, "{what}");
        assert_eq!(suspended(panel), [UserNumber(2), UserNumber(3)], "{what}: forgotten");
        if panel.device().provenance().is_none() {
            let patch = sixth_added(9, &snapshot(1, &rows()));
            assert_eq!(panel.install(&patch, after(0)), Err(Refusal::OtherBase { installed: 0 }), "{what}: there is nothing to patch");
            denied += 1;
        }
        flash.power_on();
        panel.step(&Step::Code("9999", Action::Open, 90_000));
        assert_eq!(suspended(&Panel::powered(flash.copy())), [UserNumber(2), UserNumber(3)], "{what}: not written down");
        assert_eq!(panel.install(&snapshot(10, &rows()), after(0)), Ok(Installed::Now), "{what}");
        tried += 1;
    });
    println!("{tried} blobs could not be read while something was unwritten, {denied} times everything was denied then");
    assert!(denied > 0);
}

#[test]
fn after_a_policy_that_could_not_be_read_nothing_is_installed_that_a_restart_does_not_find() {
    let first = snapshot(1, &rows());
    let bases = [sixth_added(2, &first), snapshot(2, &rows()), first];
    let (mut older, mut patches, mut denied, mut tried) = (0, 0, 0, 0);
    while_a_blob_cannot_be_read(
        |_, _| (),
        |what, panel, flash, heard| {
            let is_same = |panel: &Panel| Panel::powered(flash.copy()).answers() == panel.answers();
            assert!(heard != Heard::Yes || is_same(panel), "{what}: what was heard is not kept");
            tried += 1;
            let decides = panel.device().provenance().copied();
            denied += u32::from(decides.is_none());
            if let Some(base) = bases.iter().find(|base| decides == Some(provenance(base))) {
                older += 1;
                if panel.install(&sixth_added(9, base), after(0)) == Ok(Installed::Now) {
                    patches += 1;
                    assert!(is_same(panel), "{what}: a restart does not find the patch that came next");
                }
            }
            assert_eq!(panel.install(&snapshot(10, &rows()), after(0)), Ok(Installed::Now), "{what}");
            assert!(is_same(panel), "{what}: a restart does not find the snapshot that came next");
        },
    );
    println!("{tried} blobs could not be read: {older} times the one before decides, and took {patches} patches; {denied} times none does");
    assert!(older > 0 && patches > 0 && denied > 0);
}

#[test]
fn a_panel_that_cannot_read_what_is_remembered_again_writes_nothing_over_it() {
    let patched = sixth_added(2, &snapshot(1, &rows()));
    let before = [&busy()[..], &[Step::Install(patched.clone()), Step::User(6, Action::Open, 20)]].concat();
    let (_, flash) = Panel::played(&before);
    // While it is running, the patch is spoilt under which somebody was here, and the next one cannot be read.
    let install = |unread: &[u64]| {
        let flash = flash.copy();
        let mut panel = Panel::powered(flash.clone());
        spoil_the_sixth(&flash);
        unread.iter().for_each(|read| flash.unread(*read..*read + 1));
        let from = flash.reads();
        let heard = panel.step(&Step::Install(fifth_removed(3, &patched)));
        flash.read_again();
        (panel, flash.clone(), heard, flash.reads() - from)
    };
    let remembered = {
        let flash = flash.copy();
        spoil_the_sixth(&flash);
        Panel::powered(flash).fingerprint()
    };
    let goes_back = |at: u64| install(&[at]).0.device().provenance().is_none();
    let first = (0..install(&[]).3).find(|at| goes_back(*at)).expect("it goes back");
    let reads = install(&[first]).3;
    let mut at_rest = 0;
    for second in first + 1..reads {
        let (mut panel, flash, heard, _) = install(&[first, second]);
        assert_eq!(heard, Heard::No, "read {second} of {reads}");
        panel.step(&Step::Code("9999", Action::Open, 21));
        let bytes = flash.bytes();
        if panel.install(&snapshot(10, &rows()), after(0)) == Err(Refusal::TooLong { room: 0 }) {
            at_rest += 1;
            assert!(flash.bytes() == bytes, "read {second} of {reads}: it writes although it is at rest");
            assert!(Panel::powered(flash).fingerprint() == remembered, "read {second} of {reads}: something is forgotten");
        }
    }
    println!("{at_rest} times a panel is at rest after a read that failed");
    assert!(at_rest > 0);
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
