//! The table of capacities is that of the presets.

use ed25519_dalek::{Signer, SigningKey};
use keyholder::blob::Keys;
use keyholder::blob::{Head, Installed, Kind, Refusal};
use keyholder::code::CodeKey;
use keyholder::engineer::SiteId;
use keyholder::place::{AreaList, Areas};
use keyholder::policy::access::ReceiverHead;
use keyholder::policy::panel::Site;
use keyholder::time::{Instant, Time};
use keyholder::{LargePanel, LargeReceiver, SmallPanel, SmallReceiver, StandardPanel, StandardReceiver};

use crate::example::{CODE_KEY, RECEIVER, SECRET, SITE, public_key};

const PAGE: &str = include_str!("../../docs/format.md");
/// More rows than any part has room for, as a varint.
const MANY: [u8; 3] = [0xff, 0xff, 0x03];

/// The capacities in one column of the page: part and rows.
fn column(index: usize) -> Vec<(u8, u16)> {
    let from = PAGE.find("## Capacities").unwrap();
    let rows = PAGE[from..].lines().skip_while(|line| !line.starts_with("| ---")).skip(1).take_while(|line| line.starts_with('|'));
    rows.filter_map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let part = cells[1].split(' ').next()?.parse().ok()?;
        Some((part, cells[1 + index].parse().ok()?))
    })
    .collect()
}

/// What a device answers when each of its parts in turn has too many rows and the others none.
fn capacities(
    kind: Kind,
    id: SiteId,
    head: &[u8],
    first_part: u8,
    mut install: impl FnMut(&[u8]) -> Result<Installed, Refusal>,
) -> Vec<(u8, u16)> {
    (first_part..=13)
        .map(|part| {
            let policy = [head, &vec![0; usize::from(part - first_part)], &MANY].concat();
            let signed = Head::for_content(kind, id, 1, Instant(0), Instant::LATEST, &public_key(), &policy).to_signed_bytes();
            let signature = SigningKey::from_bytes(&SECRET).sign(&signed).to_bytes();
            match install(&[&signed[..], &signature, &policy].concat()) {
                Err(Refusal::DoesNotFit { part: named, rows: 65_535, capacity }) if named as u8 == part => (part, capacity),
                other => panic!("part {part}: {other:?}"),
            }
        })
        .collect()
}

#[test]
fn every_preset_has_the_room_that_the_page_says() {
    let mut areas = AreaList::NONE;
    areas.0[0] = Areas(1);
    let site = postcard::to_extend(&Site { id: SITE, areas, ..Site::NONE }, Vec::new()).unwrap();
    let head = postcard::to_extend(&ReceiverHead { id: RECEIVER, clock_tolerance: 0 }, Vec::new()).unwrap();
    let mut small = Box::new(SmallPanel::new(SITE, Keys::only(public_key()), CodeKey::new(CODE_KEY)));
    let mut standard = Box::new(StandardPanel::new(SITE, Keys::only(public_key()), CodeKey::new(CODE_KEY)));
    let mut large = Box::new(LargePanel::new(SITE, Keys::only(public_key()), CodeKey::new(CODE_KEY)));
    assert_eq!(capacities(Kind::PanelSnapshot, SITE, &site, 1, |blob| small.install(blob, Time::Unknown)), column(1));
    assert_eq!(capacities(Kind::PanelSnapshot, SITE, &site, 1, |blob| standard.install(blob, Time::Unknown)), column(2));
    assert_eq!(capacities(Kind::PanelSnapshot, SITE, &site, 1, |blob| large.install(blob, Time::Unknown)), column(3));
    let mut small = Box::new(SmallReceiver::new(RECEIVER, Keys::only(public_key())));
    let mut standard = Box::new(StandardReceiver::new(RECEIVER, Keys::only(public_key())));
    let mut large = Box::new(LargeReceiver::new(RECEIVER, Keys::only(public_key())));
    assert_eq!(capacities(Kind::ReceiverSnapshot, RECEIVER, &head, 10, |blob| small.install(blob, Time::Unknown)), column(4));
    assert_eq!(capacities(Kind::ReceiverSnapshot, RECEIVER, &head, 10, |blob| standard.install(blob, Time::Unknown)), column(5));
    assert_eq!(capacities(Kind::ReceiverSnapshot, RECEIVER, &head, 10, |blob| large.install(blob, Time::Unknown)), column(6));
}
