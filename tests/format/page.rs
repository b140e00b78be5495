//! What `docs/format.md` shows in bytes is what the library does.

use ed25519_dalek::SigningKey;
use keyholder::blob::PublicKey;
use keyholder::code::{Code, CodeKey, Passcode};
use keyholder::contact::UseLimit;
use keyholder::time::{Date, Instant};
use keyholder::zone::{Change, Zone};

use crate::example::{self, CODE_KEY, SECRET, identity};
use crate::{bytes, hex};

const PAGE: &str = include_str!("../../docs/format.md");

fn encoded(value: &impl serde::Serialize) -> Vec<u8> {
    postcard::to_extend(value, Vec::new()).unwrap()
}

fn spaced(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

/// The page has a table row or line that begins with `label` and holds `bytes`.
fn assert_shown(label: &str, bytes: &[u8]) {
    let expected = spaced(bytes);
    let shown = PAGE.lines().filter(|line| line.starts_with(label)).any(|line| line.contains(&expected));
    assert!(shown, "{label}: {expected}");
}

/// The bytes of the first block behind a heading.
fn block(heading: &str) -> String {
    let from = PAGE.find(heading).unwrap();
    let fence = PAGE[from..].split("```").nth(1).unwrap();
    let mut shown = Vec::new();
    for line in fence.lines().skip(1).filter(|line| !line.trim().is_empty()) {
        let (offset, rest) = line.split_at(4);
        assert_eq!(usize::from_str_radix(offset, 16), Ok(shown.len()), "{line}");
        let cells = rest.get(2..).unwrap_or("");
        let column = cells.split("  ").next().unwrap();
        assert!(column.len() <= 16 * 3, "{line}");
        shown.extend(bytes(column));
    }
    hex(&shown)
}

#[test]
fn the_examples_are_the_frozen_blobs_byte_by_byte() {
    assert_eq!(block("## An example, byte by byte"), hex(&example::panel()));
    assert_eq!(block("## An example patch, byte by byte"), hex(&example::panel_patch()));
}

#[test]
fn the_worked_encodings_are_right() {
    assert_shown("480 ", &encoded(&480_u16));
    assert_shown("-300 ", &encoded(&-300_i16));
    assert_shown("1795334400 ", &encoded(&Some(Instant(1_795_334_400))));
    assert_shown("nothing ", &encoded(&None::<Instant>));
    assert_shown("3 (43200) ", &encoded(&UseLimit::MinutesFromFirstUse(43_200)));
    let latest = Date::LATEST.0.to_string();
    assert!(PAGE.contains(&format!("{},{}", &latest[..3], &latest[3..])), "the last date is {latest}");
}

#[test]
fn the_zones_are_right() {
    let change = |month, week, minute| Change { month, week, weekday: 0, minute };
    let zone = |standard, daylight, starts, ends| Zone { standard, daylight, starts, ends };
    let zones = [
        ("| Asia/Tokyo ", Zone::fixed(540)),
        ("| America/New_York ", zone(-300, -240, change(3, 2, 120), change(11, 1, 120))),
        ("| Europe/Dublin ", zone(60, 0, change(10, 5, 120), change(3, 5, 60))),
        ("| Australia/Sydney ", zone(600, 660, change(10, 1, 120), change(4, 1, 180))),
        ("| America/Nuuk ", zone(-120, -60, change(3, 5, -60), change(10, 5, 0))),
    ];
    for (label, zone) in zones {
        assert!(zone.is_valid(), "{label}");
        assert_shown(label, &encoded(&zone));
    }
}

#[test]
fn the_digests_and_identities_are_right() {
    let key = CodeKey::new(CODE_KEY);
    for digits in ["1234", "0000", "12345678"] {
        assert_shown(&format!("| code `{digits}` "), &key.digest_code(&Code::typed(digits.as_bytes())).0);
    }
    for text in ["1234", "bluebird", "grün"] {
        assert_shown(&format!("| passcode `{text}` "), &key.digest_passcode(&Passcode::told(text.as_bytes())).0);
    }
    for email in ["eve@dealer.example", "mal@maker.example"] {
        assert_shown(&format!("| engineer `{email}`"), &identity::<16>(email));
    }
    for person in ["person-1", "person-2"] {
        assert_shown(&format!("| contact `{person}` "), &identity::<4>(person));
    }
}

#[test]
fn the_key_is_that_of_rfc_8032() {
    let key = PublicKey(SigningKey::from_bytes(&SECRET).verifying_key().to_bytes());
    assert_eq!(hex(&SECRET[..4]), "9d61b19d");
    assert_eq!((hex(&key.0[..4]), hex(&key.0[28..])), ("d75a9801".into(), "f707511a".into()));
    assert_shown("0028", &key.id().0);
}
