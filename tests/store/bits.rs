//! Flash that has changed by itself: every single bit turned over, one at a time.

use keyholder::blob::Installed;
use keyholder::decide::Action;
use keyholder::store::{Damage, Layout};
use keyholder::sync::{REPORT_BYTES, Report};
use keyholder::time::Time;

use crate::mock::Mock;
use crate::sample::SamplePanel;
use crate::scenes::{
    Flash, Kept, Panel, Step, after, busy, fewer_rows, fifth_removed, key_change, layout, more_rows, resigned, rows, sixth_added, snapshot,
};

/// What a device with one flipped bit may be found to do.
#[derive(Default, Debug)]
struct Tally {
    flips: u64,
    newest: u64,
    older: u64,
    denies_everything: u64,
    installed_again: u64,
}

/// What the ledger tells the cloud.
fn told(panel: &Panel) -> String {
    let mut buffer = [0; REPORT_BYTES];
    let report: Report = postcard::from_bytes(panel.report(&[], Time::Unknown, &mut buffer).unwrap()).unwrap();
    let Report { grants, revocations, revoked_up_to, privacy, lockout, suspended, spans, windows, tests, holding, .. } = report;
    format!(
        "{grants:?} {revocations:?} {revoked_up_to:?} {privacy:?} {lockout:?} {suspended:?} {spans:?} {windows:?} {tests:?} {:?} {:?} {:?}",
        holding.latest, holding.signing, holding.floor
    )
}

/// Turns over one in `erased` of the bits in bytes that read as erased, and all others.
fn flip_everywhere(name: &str, steps: &[Step], next: &[u8], erased: usize) {
    let (_, flash) = Panel::played(steps);
    let panel = Panel::powered(flash.clone());
    assert_eq!(panel.damage(), Damage::empty());
    let (newest, remembered, decides) = (panel.fingerprint(), told(&panel), panel.device().provenance().copied());
    let healed = |flash: &Flash| {
        let mut panel = Panel::powered(flash.clone());
        assert_eq!(panel.install(next, after(30)), Ok(Installed::Now), "{name}: it takes no new policy");
        Panel::powered(flash.clone()).fingerprint()
    };
    let whole = healed(&flash.copy());

    let Layout { slot, .. } = layout::<SamplePanel, Flash>();
    let bytes = flash.bytes();
    let mut tally = Tally::default();
    for bit in 0..8 * bytes.len() {
        let is_erased = bytes[bit / 8] == 0xff;
        let stride = match (cfg!(debug_assertions), is_erased) {
            (true, true) => 499,
            (true, false) => 37,
            (false, true) => erased,
            (false, false) => 1,
        };
        if bit % stride != 0 {
            continue;
        }
        let damaged = flash.copy();
        damaged.flip(bit);
        let panel = Panel::powered(damaged.clone());
        tally.flips += 1;
        let is_newest = panel.fingerprint() == newest;
        let policy = panel.device().provenance().copied();
        assert!(is_newest || bit / 8 < 2 * slot as usize, "{name}: bit {bit} of the journal changes something");
        assert!(is_newest || panel.damage() == Damage::SLOT, "{name}: bit {bit} changes something unnoticed");
        let is_older = policy.is_none_or(|policy| decides.is_some_and(|decides| policy.sequence < decides.sequence));
        assert!(is_newest || is_older, "{name}: bit {bit} makes another policy: {policy:?}");
        assert_eq!(told(&panel), remembered, "{name}: bit {bit} changes what is remembered");
        match policy {
            _ if is_newest => tally.newest += 1,
            Some(_) => tally.older += 1,
            None => tally.denies_everything += 1,
        }
        drop(panel);
        if !is_newest || bit % (8 * stride) == 0 {
            // Nobody has gained anything back, whichever policy decided meanwhile.
            assert!(healed(&damaged) == whole, "{name}: bit {bit} is not healed by a new policy");
            tally.installed_again += 1;
        }
    }
    println!("{name}: {tally:?}");
    assert!(tally.newest > 0 && tally.older + tally.denies_everything > 0);
}

fn two_policies() -> Vec<Step> {
    let second = snapshot(2, &more_rows());
    let patch = fifth_removed(3, &second);
    [&busy()[..], &[Step::Install(second), Step::Install(patch), Step::User(4, Action::Open, 20)]].concat()
}

#[test]
fn no_flipped_bit_gains_anything_back_when_the_older_policy_takes_over() {
    flip_everywhere("the older policy knows everybody", &two_policies(), &snapshot(4, &more_rows()), 1);
}

#[test]
fn no_flipped_bit_gains_anything_back_when_the_older_policy_does_not_know_somebody() {
    // Contact 6 gets in once, and has been in.
    let steps = [&two_policies()[..], &[Step::User(6, Action::Open, 21)]].concat();
    flip_everywhere("the older policy does not know somebody", &steps, &snapshot(4, &more_rows()), 9);
}

#[test]
fn no_flipped_bit_gains_anything_back_when_there_is_only_one_policy() {
    flip_everywhere("one policy", &busy(), &snapshot(4, &more_rows()), 9);
}

#[test]
fn no_flipped_bit_changes_a_policy_whose_key_is_retired() {
    let first = snapshot(1, &rows());
    let steps = [&busy()[..], &[Step::Install(sixth_added(2, &first)), Step::Install(key_change(9))]].concat();
    flip_everywhere("a retired key", &steps, &resigned(&snapshot(10, &fewer_rows())), 9);
}

/// One in each copy of the journal, so that neither says everything.
#[test]
fn two_flipped_bits_gain_nothing_back() {
    let (_, flash) = Panel::played(&busy());
    let remembered = told(&Panel::powered(flash.clone()));
    let Layout { slot, journal } = layout::<SamplePanel, Flash>();
    let bytes = flash.bytes();
    let written = |copy: usize| {
        let from = 2 * slot as usize + copy * journal as usize;
        let length = bytes[from..from + journal as usize].iter().rposition(|byte| *byte != 0xff).unwrap() + 1;
        8 * from..8 * (from + length)
    };
    let (first, second) = (written(0), written(1));
    let (mut whole, mut lost) = (0, 0);
    for pair in 0..if cfg!(debug_assertions) { 100 } else { 4000 } {
        let damaged = flash.copy();
        // Two primes, so that the two are never long at the same distance.
        let bits = [first.start + pair * 7919 % first.len(), second.start + pair * 6007 % second.len()];
        for bit in bits {
            damaged.flip(bit);
        }
        let panel = Panel::powered(damaged);
        if panel.damage().contains(Damage::LOSS) {
            assert_eq!(panel.device().provenance(), None, "{bits:?}");
            lost += 1;
        } else {
            assert_eq!(told(&panel), remembered, "{bits:?}");
            whole += 1;
        }
    }
    println!("two flipped bits: {lost} times the journal is lost, {whole} times it is whole");
    assert!(lost > 0);
}
