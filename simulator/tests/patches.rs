//! The patch from one policy to another makes that other one, for every two policies of a device under `tests/sites`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails has to say so")]

use std::fs;
use std::path::Path;

use keyholder::blob::{HEAD_LENGTH, Head, Installed};
use keyholder::time::{Instant, Time};
use keyholder_simulator::device::Device;
use keyholder_simulator::key_file::Keys;
use keyholder_simulator::patch::{MOST_CHANGES, Patch};
use keyholder_simulator::rig::{Disk, read_policy};
use keyholder_simulator::seal::{Base, Label, NoPatch, seal, seal_patch};
use keyholder_simulator::snapshot::Rows;

fn policies(keys: &Keys) -> Vec<Rows> {
    let sites = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/sites");
    let directories = fs::read_dir(sites).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let mut paths: Vec<_> = directories.flat_map(|directory| fs::read_dir(directory).unwrap()).map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let is_policy = |path: &&std::path::PathBuf| !fs::read_to_string(path).unwrap().contains("[[step]]");
    paths.iter().filter(is_policy).map(|path| read_policy(&Disk, path, keys).unwrap().1.rows).collect()
}

fn label(sequence: u64) -> Label {
    Label { sequence, issued_at: Instant(0), expires_at: Instant::LATEST }
}

#[test]
fn the_patch_between_two_policies_makes_the_other_one() {
    let keys = Keys::throw_away();
    let policies = policies(&keys);
    let (mut patched, mut smaller) = (0, 0);
    for old in &policies {
        for new in policies.iter().filter(|new| new.recipient() == old.recipient() && new.kind() == old.kind()) {
            let base = Base::of_snapshot(old.clone(), 1).unwrap();
            let (blob, snapshot) = match seal_patch(&base, new, &keys, &label(2)) {
                Ok(blob) => (blob, seal(new, &keys, &label(2)).unwrap()),
                Err(NoPatch::TooMany(changes)) => {
                    assert!(changes.rows > MOST_CHANGES);
                    continue;
                }
                Err(error) => panic!("{error:?}"),
            };
            let mut device = Device::new(old.kind(), old.recipient(), keyholder_simulator::policy_file::Size::Large, &keys);
            assert_eq!(device.install(&seal(old, &keys, &label(1)).unwrap(), Time::Unknown), Ok(Installed::Now));
            let mut other = Device::new(old.kind(), old.recipient(), keyholder_simulator::policy_file::Size::Large, &keys);
            assert_eq!(other.install(&seal(old, &keys, &label(1)).unwrap(), Time::Unknown), Ok(Installed::Now));
            let outcome = device.install(&blob, Time::Unknown);
            assert_eq!(outcome, other.install(&snapshot, Time::Unknown));
            let head = Head::read(&blob).unwrap();
            let content = blob.get(HEAD_LENGTH..).unwrap();
            assert_eq!(base.patched(&head, content).unwrap().rows, *new);
            let patch = Patch::decode(head.kind, content).unwrap();
            assert_eq!(patch.encode().unwrap(), content);
            assert_eq!(patch.apply(old).unwrap(), *new);
            assert_eq!(content.is_empty(), old == new);
            patched += usize::from(outcome.is_ok());
            smaller += usize::from(blob.len() < snapshot.len());
        }
    }
    assert!(patched > 50, "{patched} patches installed: too few to learn from");
    assert!(smaller >= patched, "{smaller} of {patched} are smaller than the snapshot");
}
