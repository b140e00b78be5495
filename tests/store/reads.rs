//! A flash that cannot be read, once or for a while.

use keyholder::Act;
use keyholder::blob::{Installed, Refusal};
use keyholder::contact::UserNumber;
use keyholder::decide::Action;
use keyholder::sync::{REPORT_BYTES, Report};
use keyholder::time::Time;

use crate::mock::Mock;
use crate::scenes::{
    Flash, Heard, Kept, Panel, Step, after, busy, copy_of_the_journal, fewer_rows, fifth_removed, provenance, rows, sixth_added, snapshot,
};

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
            let (mut panel, flash) = Panel::powered_on_a_copy(&flash);
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
        let (mut panel, flash) = Panel::powered_on_a_copy(&flash);
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
