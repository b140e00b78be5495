//! What else the cloud sends besides whole policies: patches and new keys. They arrive over the line as everything does, and outlast the power.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails has to say so")]

use std::path::{Path, PathBuf};

use keyholder::blob::{KeyChange, KeyRole};
use keyholder::engineer::SiteId;
use keyholder::time::Instant;
use keyholder_host::bench::Bench;
use keyholder_host::emulator::{Language, Start};
use keyholder_host::for_both_panels;
use keyholder_host::site::Site;
use keyholder_host::wire::Answer;
use keyholder_line::answer::Accepted;
use keyholder_simulator::compile::Policy;
use keyholder_simulator::key_file::Keys;
use keyholder_simulator::rig::{Disk, read_policy};
use keyholder_simulator::seal::{Base, Label, seal, seal_key_change, seal_patch};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/sites").join(name)
}

const fn label(sequence: u64) -> Label {
    Label { sequence, issued_at: Instant(0), expires_at: Instant::LATEST }
}

fn policy(name: &str, keys: &Keys) -> Policy {
    read_policy(&Disk, &file(name), keys).map(|(_, policy)| policy).map_err(|complaint| complaint.to_string()).unwrap()
}

for_both_panels!(a_patch_goes_onto_its_base_only_and_outlasts_a_power_cut, a_new_key_is_obeyed_after_a_power_cut_and_the_old_one_no_longer,);

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
