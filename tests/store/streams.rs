//! Installations that come in pieces, and break off.

use keyholder::blob::{HEAD_LENGTH, Head, Installed, Kind, Refusal};
use keyholder::place::{AreaList, Areas};
use keyholder::schedule::Holiday;
use keyholder::store::Stored;
use keyholder::time::Instant;
use keyholder::{LargePanel, SmallPanel, SmallReceiver, StandardPanel, StandardReceiver};

use crate::mock::{Mock, Nor};
use crate::sample::{Envelope, NOON, SITE, sign};
use crate::scenes::{Flash, Kept, KeptPanel, Panel, Step, after, busy, fifth_removed, more_rows, provenance, rows, sixth_added, snapshot};

fn busy_flash() -> Flash {
    Panel::played(&busy()).1
}

/// A snapshot, a patch, and what they are on.
fn blobs() -> [(&'static str, Vec<u8>); 2] {
    [("a snapshot", snapshot(2, &more_rows())), ("a patch", sixth_added(2, &snapshot(1, &rows())))]
}

fn stream(panel: &mut Panel, blob: &[u8]) -> Result<Installed, Refusal> {
    let (head, rest) = blob.split_first_chunk::<HEAD_LENGTH>().ok_or(Refusal::NotABlob)?;
    if let Err(installed) = panel.begin_install(head, after(0))? {
        return Ok(installed);
    }
    rest.chunks(50).try_for_each(|chunk| panel.append(chunk))?;
    panel.finish_install(after(0))
}

#[test]
fn a_blob_that_breaks_off_at_any_byte_leaves_the_old_policy_deciding() {
    let mut tried = 0;
    for (name, blob) in blobs() {
        let flash = busy_flash();
        let old = Panel::powered(flash.copy()).fingerprint();
        let complete = {
            let mut panel = Panel::powered(flash.copy());
            assert_eq!(stream(&mut panel, &blob), Ok(Installed::Now));
            panel.fingerprint()
        };
        for length in 0..blob.len() {
            let (mut panel, flash) = Panel::powered_on_a_copy(&flash);
            assert!(stream(&mut panel, &blob[..length]).is_err(), "{name}, {length} bytes");
            assert!(panel.fingerprint() == old, "{name}, {length} bytes: something has changed");
            // Power fails, or it does not; and it comes again, whole.
            if length % 2 == 0 {
                panel = Panel::powered(flash.clone());
                assert!(panel.fingerprint() == old, "{name}, {length} bytes: a restart changes something");
            }
            assert_eq!(stream(&mut panel, &blob), Ok(Installed::Now), "{name}, {length} bytes, then all");
            assert!(Panel::powered(flash).fingerprint() == complete, "{name}, {length} bytes, then all");
            tried += 1;
        }
    }
    println!("{tried} blobs broke off");
}

#[test]
fn a_blob_with_any_bit_flipped_on_its_way_is_refused() {
    let mut tried = 0;
    for (name, blob) in blobs() {
        let flash = busy_flash();
        let old = Panel::powered(flash.copy()).fingerprint();
        let stride = if cfg!(debug_assertions) { 29 } else { 1 };
        for bit in (0..8 * blob.len()).step_by(stride) {
            let mut altered = blob.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            for streamed in [false, true] {
                let (mut panel, flash) = Panel::powered_on_a_copy(&flash);
                let outcome = if streamed { stream(&mut panel, &altered) } else { panel.install(&altered, after(0)) };
                assert!(outcome.is_err(), "{name}, bit {bit}: {outcome:?}");
                assert!(panel.fingerprint() == old, "{name}, bit {bit}: something has changed");
                assert!(Panel::powered(flash).fingerprint() == old, "{name}, bit {bit}: a restart changes something");
                tried += 1;
            }
        }
    }
    println!("{tried} blobs altered");
}

#[test]
fn blobs_of_every_length_are_kept() {
    fn keeps<N: Mock>() -> usize {
        let flash = N::with_capacity(KeptPanel::<N>::capacity());
        let mut panel = KeptPanel::<N>::powered(flash.clone());
        let mut lengths = std::collections::BTreeSet::new();
        let mut sequence = 0;
        // Each holiday takes a few bytes, and each list; the lists begin after the three that there are.
        for (holidays, lists) in (0..8).flat_map(|holidays| (0..4).map(move |lists| (holidays, lists))) {
            let mut rows = rows();
            rows.holidays = (0..holidays).map(|day| Holiday { year: 0, month: 1, day: day + 1, group: 0 }).collect();
            rows.lists.extend(
                (0..lists)
                    .map(|list| AreaList([Areas(1 << (7 * list)), Areas(0), Areas(0), Areas(0), Areas(0), Areas(0), Areas(0), Areas(0)])),
            );
            for padding in 0..4 {
                sequence += 1;
                // Numbers that take one byte or two.
                let wide = |from: u16| if padding >= from { 300 } else { 100 };
                (rows.site.lockout_seconds, rows.site.clock_tolerance, rows.site.longest_test) = (wide(1), wide(2), wide(3));
                let blob = snapshot(sequence, &rows);
                assert_eq!(panel.install(&blob, after(0)), Ok(Installed::Now), "{} bytes", blob.len());
                assert!(KeptPanel::<N>::powered(flash.copy()).fingerprint() == panel.fingerprint(), "{} bytes", blob.len());
                lengths.insert(blob.len() % 128);
            }
        }
        assert!(lengths.contains(&0), "a whole number of pages");
        lengths.len()
    }
    println!("{} of 128 lengths", keeps::<Nor<4, 4, 1024>>());
    println!("{} of 128 lengths", keeps::<Nor<32, 8, 1024>>());
}

#[test]
fn a_bad_head_erases_nothing() {
    let flash = busy_flash();
    let mut panel = Panel::powered(flash.clone());
    let good = snapshot(2, &more_rows());
    let expired = Envelope { sequence: 2, expires_at: NOON, ..Envelope::PANEL }.seal(&more_rows().encode());
    let long = {
        let head = Envelope { sequence: 2, ..Envelope::PANEL }.head(&[]);
        sign(&Head { length: 4096, ..head }.to_signed_bytes(), &[])
    };
    let mut unsigned = good.clone();
    unsigned[100] ^= 1;
    let cases = [
        ("signed by nobody", unsigned, Err(Refusal::BadSignature)),
        ("not above the latest", snapshot(0, &rows()), Err(Refusal::Stale { installed: 1 })),
        ("installed already", snapshot(1, &rows()), Ok(Installed::Already)),
        ("expired", expired, Err(Refusal::Expired)),
        ("too long for the slot", long, Err(Refusal::TooLong { room: 4096 })),
        ("a patch of another policy", sixth_added(9, &good), Err(Refusal::OtherBase { installed: 1 })),
    ];
    let operations = flash.operations();
    for (name, blob, answer) in cases {
        assert_eq!(stream(&mut panel, &blob), answer, "{name}");
        assert_eq!(flash.operations(), operations, "{name}: the flash is written");
    }
    assert_eq!(panel.append(&[0]), Err(Refusal::NotABlob), "nothing was begun");
    assert_eq!(panel.finish_install(after(0)), Err(Refusal::NotABlob), "nothing was begun");
}

#[test]
fn an_unfinished_patch_cannot_hide_another() {
    let first = snapshot(1, &rows());
    // Somebody has kept this back until it expired.
    let kept_back = {
        let whole = fifth_removed(2, &first);
        let head = Head { expires_at: NOON, ..Head::read(&whole).unwrap() };
        sign(&head.to_signed_bytes(), &whole[HEAD_LENGTH..])
    };
    // And this is a patch of the right length, of whose head it makes use.
    let carrier = {
        let content = vec![0; 1000];
        let head = Envelope { kind: Kind::PanelPatch, recipient: SITE, sequence: 3, expires_at: Instant::LATEST }.head(&[]);
        let head = head.patching(Kind::PanelPatch, &provenance(&first), &content).unwrap();
        sign(&head.to_signed_bytes(), &content)
    };
    let length = (kept_back.len() as u32).to_le_bytes();
    let frame = [length, length.map(|byte| !byte)].concat();
    let mut tried = 0;
    // Wherever it lies, as it is or behind a frame of its own.
    for at in (0..64).step_by(4).flat_map(|at| [at, at + 64, at + 128]) {
        for framed in [false, true] {
            for finished in [false, true] {
                let mut altered = carrier.clone();
                let at = HEAD_LENGTH + at;
                let at = if framed {
                    altered[at..at + frame.len()].copy_from_slice(&frame);
                    at + 64
                } else {
                    at
                };
                altered[at..at + kept_back.len()].copy_from_slice(&kept_back);
                let flash = busy_flash();
                let mut panel = Panel::powered(flash.clone());
                let old = panel.fingerprint();
                assert_eq!(panel.install(&kept_back, after(0)), Err(Refusal::Expired));
                let come = if finished { &altered[..] } else { &altered[..altered.len() - 20] };
                assert!(stream(&mut panel, come).is_err());
                assert!(Panel::powered(flash).fingerprint() == old, "hidden at {at}, framed {framed}, finished {finished}");
                tried += 1;
            }
        }
    }
    println!("{tried} hiding places");
}

#[test]
fn patches_go_behind_each_other_until_the_slot_is_full_and_then_a_snapshot_is_asked_for() {
    let flash = busy_flash();
    let mut panel = Panel::powered(flash.clone());
    let mut base = snapshot(1, &rows());
    let mut taken = 0;
    let refusal = loop {
        let patch = sixth_added(2 + taken, &base);
        // Some begin and are given up.
        if taken % 3 == 1 {
            panel.step(&Step::BreakOff(patch.clone(), 10));
        }
        match panel.install(&patch, after(0)) {
            Ok(installed) => assert_eq!(installed, Installed::Now),
            Err(refusal) => break refusal,
        }
        if taken % 2 == 0 {
            let held = panel.fingerprint();
            panel = Panel::powered(flash.clone());
            assert!(panel.fingerprint() == held, "patch {taken}");
        }
        base = patch;
        taken += 1;
    };
    assert!(matches!(refusal, Refusal::TooLong { room } if (room as usize) < base.len()), "{refusal:?}");
    assert!(taken > 4, "{taken} patches");
    assert_eq!(panel.install(&snapshot(99, &rows()), after(0)), Ok(Installed::Now));
    println!("{taken} patches in a slot");
}

#[test]
fn keeping_a_device_takes_no_second_copy_of_it() {
    fn overhead<D: keyholder::Device>() -> usize {
        size_of::<Stored<D, Flash>>() - size_of::<D>() - size_of::<Flash>()
    }
    let sizes = [
        ("small panel", overhead::<SmallPanel>(), size_of::<SmallPanel>()),
        ("standard panel", overhead::<StandardPanel>(), size_of::<StandardPanel>()),
        ("large panel", overhead::<LargePanel>(), size_of::<LargePanel>()),
        ("small receiver", overhead::<SmallReceiver>(), size_of::<SmallReceiver>()),
        ("standard receiver", overhead::<StandardReceiver>(), size_of::<StandardReceiver>()),
    ];
    let page = include_str!("../../docs/storage.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let told = |name: &str| rows.clone().find_map(|row| row.strip_prefix(name)?.strip_prefix(" | "));
    for (name, overhead, size) in sizes {
        assert!(overhead <= 512, "{name}: {overhead} bytes");
        let numbers: String = told(name).unwrap().chars().filter(|letter| letter.is_ascii_digit() || *letter == '|').collect();
        assert_eq!(numbers, format!("{size}|{overhead}"), "docs/storage.md tells another size of a {name}");
    }
}
