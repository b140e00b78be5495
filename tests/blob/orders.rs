//! Key changes and clock corrections: who may order them, what they change, and that nothing else does.

use ed25519_dalek::{Signer, SigningKey};
use keyholder::act::ActRequest;
use keyholder::blob::{
    ClockCorrection, HEAD_LENGTH, Head, Installed, KeyChange, KeyRole, Keys, Kind, PolicyDigest, PublicKey, Refusal, SIGNED_LENGTH,
};
use keyholder::contact::UserNumber;
use keyholder::engineer::{Capabilities, EngineerId};
use keyholder::place::{Areas, Place};
use keyholder::policy::{Fault, Invalid, Part};
use keyholder::sync::{ACKNOWLEDGEMENT_BYTES, Acknowledgement};
use keyholder::time::{Instant, Time};
use keyholder::{Act, Action, EngineerRequest, OpenClose, SmallReceiver, Who};

use crate::device::Device;
use crate::sample::{CODE_KEY, Envelope, NOON, NOW, SITE, SamplePanel, cloud, empty_panel, encode, key_of, panel, panel_rows};

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

/// The blob with what it says about its key changed, signed with that one.
fn signed_by(key: &SigningKey, blob: &[u8]) -> Vec<u8> {
    let head = Head { key: key_of(key).id(), ..Head::read(blob).unwrap() };
    let signed = head.to_signed_bytes();
    [&signed[..], &key.sign(&signed).to_bytes(), &blob[HEAD_LENGTH..]].concat()
}

fn change(sequence: u64, role: KeyRole, key: PublicKey) -> Vec<u8> {
    Envelope { sequence, ..Envelope::PANEL }.order(Kind::KeyChange, &KeyChange { role, key })
}

fn snapshot(sequence: u64) -> Vec<u8> {
    Envelope { sequence, ..Envelope::PANEL }.seal(&panel_rows().encode())
}

fn refused(part: Part, fault: Fault) -> Refusal {
    Refusal::Invalid(Invalid { part, row: 0, fault })
}

#[test]
fn a_replaced_key_signs_nothing_any_more() {
    let (old, new) = (cloud(), key(2));
    let mut panel = panel();
    let before = panel.clone().answer();
    let blob = change(2, KeyRole::Signing, key_of(&new));
    assert_eq!(panel.take(&blob, NOW), Ok(Installed::Now));
    assert_eq!(panel.clone().answer(), before, "the policy stays");
    assert_eq!(panel.base().sequence, 1);
    let unknown = Refusal::UnknownKey(key_of(&old).id());
    panel.assert_refuses("a policy of the old key", &snapshot(3), NOW, unknown);
    panel.assert_refuses("the old key back", &change(3, KeyRole::Signing, key_of(&old)), NOW, unknown);
    panel.assert_refuses("the change again", &blob, NOW, unknown);
    panel.assert_refuses("an earlier sequence", &signed_by(&new, &snapshot(2)), NOW, Refusal::Stale { installed: 2 });
    let patch = Envelope { sequence: 3, ..Envelope::PANEL }.patch(&panel.base(), &[]);
    assert_eq!(panel.take(&signed_by(&new, &patch), NOW), Ok(Installed::Now), "a patch of what the old key has signed");
    assert_eq!(panel.take(&signed_by(&new, &snapshot(4)), NOW), Ok(Installed::Now));
}

#[test]
fn who_has_stolen_the_signing_key_cannot_take_the_safe() {
    let (signing, recovery, thief) = (cloud(), key(2), key(3));
    let mut panel = panel();
    assert_eq!(panel.take(&change(2, KeyRole::Recovery, key_of(&recovery)), NOW), Ok(Installed::Now), "where there is none");
    panel.assert_refuses(
        "the safe, with the signing key",
        &change(3, KeyRole::Recovery, key_of(&thief)),
        NOW,
        refused(Part::Keys, Fault::NotAllowed),
    );
    // The thief is faster, and is thrown out all the same.
    assert_eq!(panel.take(&change(3, KeyRole::Signing, key_of(&thief)), NOW), Ok(Installed::Now));
    let rescue = signed_by(&recovery, &change(4, KeyRole::Signing, key_of(&key(4))));
    assert_eq!(panel.take(&rescue, NOW), Ok(Installed::Now));
    panel.assert_refuses("the thief", &signed_by(&thief, &snapshot(5)), NOW, Refusal::UnknownKey(key_of(&thief).id()));
    panel.assert_refuses("the key before", &signed_by(&signing, &snapshot(5)), NOW, Refusal::UnknownKey(key_of(&signing).id()));
    assert_eq!(panel.take(&signed_by(&recovery, &snapshot(5)), NOW), Ok(Installed::Now), "the recovery key signs policies too");
    let safe = signed_by(&recovery, &change(6, KeyRole::Recovery, key_of(&key(5))));
    assert_eq!(panel.take(&safe, NOW), Ok(Installed::Now));
    assert_eq!(panel.take(&safe, NOW), Err(Refusal::UnknownKey(key_of(&recovery).id())), "and is retired itself");
    let holding = panel.acknowledge(&safe, &Ok(Installed::Now)).holding;
    assert_eq!((holding.signing, holding.recovery), (key_of(&key(4)).id(), Some(key_of(&key(5)).id())));
}

#[test]
fn an_order_is_refused_like_a_policy() {
    let new = key_of(&key(2));
    let whole = change(2, KeyRole::Signing, new);
    let with = |content: &[u8]| Envelope { kind: Kind::KeyChange, ..Envelope::PANEL }.seal(content);
    let content = encode(&KeyChange { role: KeyRole::Signing, key: new });
    let invalid = |fault| refused(Part::Keys, fault);
    let cases = [
        ("the key it has", change(2, KeyRole::Signing, key_of(&cloud())), invalid(Fault::Duplicate)),
        ("the key it has, as recovery key", change(2, KeyRole::Recovery, key_of(&cloud())), invalid(Fault::Duplicate)),
        ("no point of the curve", change(2, KeyRole::Signing, PublicKey([2; 32])), invalid(Fault::Range)),
        ("a key of small order", change(2, KeyRole::Signing, PublicKey([0; 32])), invalid(Fault::Range)),
        ("a role nobody knows", with(&[&[2], &content[1..]].concat()), invalid(Fault::Encoding)),
        ("cut short", with(&content[..32]), invalid(Fault::Encoding)),
        ("nothing", with(&[]), invalid(Fault::Encoding)),
        ("a byte more", with(&[&content[..], &[0]].concat()), invalid(Fault::TrailingBytes)),
        ("stale", change(1, KeyRole::Signing, new), Refusal::Stale { installed: 1 }),
        (
            "expired",
            Envelope { expires_at: NOON, ..Envelope::PANEL }.order(Kind::KeyChange, &KeyChange { role: KeyRole::Signing, key: new }),
            Refusal::Expired,
        ),
        ("not signed", [&whole[..SIGNED_LENGTH], &[7; 64], &whole[HEAD_LENGTH..]].concat(), Refusal::BadSignature),
    ];
    for (name, blob, refusal) in cases {
        panel().assert_refuses(name, &blob, NOW, refusal);
    }
    fn flips<D: Device>(blob: &[u8]) {
        let mut device = D::sample();
        let before = device.seen();
        for bit in 0..8 * blob.len() {
            let mut flipped = blob.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(device.take(&flipped, NOW).is_err(), "bit {} of byte {}", bit % 8, bit / 8);
        }
        for cut in 0..blob.len() {
            assert_eq!(device.take(&blob[..cut], NOW), Err(Refusal::NotABlob), "the first {cut} bytes");
        }
        assert!(before == device.seen());
        assert_eq!(device.take(blob, NOW), Ok(Installed::Now));
        assert_eq!(device.base().digest, D::sample().base().digest, "no policy of its own");
    }
    flips::<SamplePanel>(&whole);
    flips::<SmallReceiver>(&Envelope::RECEIVER.order(Kind::KeyChange, &KeyChange { role: KeyRole::Signing, key: new }));
}

#[test]
fn an_order_that_was_carried_out_says_so_when_it_comes_again() {
    let mut panel = panel();
    let blob = change(2, KeyRole::Recovery, key_of(&key(2)));
    assert_eq!(panel.take(&blob, NOW), Ok(Installed::Now));
    assert_eq!(panel.take(&blob, NOW), Ok(Installed::Already));
    assert_eq!(panel.take(&snapshot(3), NOW), Ok(Installed::Now));
    panel.assert_refuses("once something else has come", &blob, NOW, Refusal::Stale { installed: 3 });
}

#[test]
fn a_device_without_a_policy_takes_keys() {
    let (factory, mine) = (cloud(), key(2));
    let mut panel = Box::new(SamplePanel::new(SITE, Keys::only(key_of(&factory)), CODE_KEY));
    assert_eq!(panel.take(&change(1, KeyRole::Signing, key_of(&mine)), NOW), Ok(Installed::Now));
    panel.assert_refuses("the factory's", &snapshot(2), NOW, Refusal::UnknownKey(key_of(&factory).id()));
    assert_eq!(panel.take(&signed_by(&mine, &snapshot(2)), NOW), Ok(Installed::Now));
}

/// Asks something, so that the clock is read.
fn glance(panel: &mut SamplePanel, time: Time) -> bool {
    let open = OpenClose {
        who: Who::User(UserNumber(2)),
        action: Action::Open,
        place: Place::new(1, Areas(1)).unwrap(),
        remote: false,
        armed_by: UserNumber::NOBODY,
        in_alarm: false,
    };
    panel.open_close(&open, time).reason == keyholder::Reason::TimeUnknown
}

#[test]
fn a_correction_puts_right_the_reading_it_names_and_no_other() {
    const AHEAD: Instant = Instant(NOON.0 + 5 * 365 * 86_400);
    let correction = |sequence, floor| Envelope { sequence, ..Envelope::PANEL }.order(Kind::ClockCorrection, &ClockCorrection { floor });
    let other = refused(Part::Clock, Fault::OtherFloor);
    let mut panel = panel();
    glance(&mut panel, Time::Known(AHEAD));
    assert!(glance(&mut panel, NOW), "turned back, it knows no time");
    for (name, floor) in [("a second less", AHEAD.plus(-1)), ("a second more", AHEAD.plus(1)), ("none", Instant::EARLIEST)] {
        panel.assert_refuses(name, &correction(2, floor), Time::Unknown, other);
    }
    let expired = Envelope { expires_at: AHEAD, ..Envelope::PANEL }.order(Kind::ClockCorrection, &ClockCorrection { floor: AHEAD });
    panel.assert_refuses("that expires before the wrong reading", &expired, Time::Unknown, Refusal::Expired);
    let trailing = Envelope { kind: Kind::ClockCorrection, ..Envelope::PANEL }.seal(&[&encode(&AHEAD)[..], &[0]].concat());
    panel.assert_refuses("a byte more", &trailing, NOW, refused(Part::Clock, Fault::TrailingBytes));
    assert_eq!(panel.take(&correction(2, AHEAD), Time::Unknown), Ok(Installed::Now));
    assert_eq!(panel.take(&correction(2, AHEAD), Time::Unknown), Ok(Installed::Already));
    assert!(!glance(&mut panel, NOW), "it knows the time again");
    let floor = panel.acknowledge(&[], &Ok(Installed::Now)).holding.floor;
    assert_eq!(floor, NOON);
    panel.assert_refuses("the same reading once more", &correction(3, AHEAD), NOW, other);

    // The head's "issued at" is the right time: it lies before the wrong one, and after 1970.
    panel.assert_refuses("not backwards", &correction(3, NOON), NOW, refused(Part::Clock, Fault::Range));
    let mut fresh = empty_panel();
    let blob = correction(1, fresh.acknowledge(&[], &Ok(Installed::Now)).holding.floor);
    assert_eq!(fresh.take(&blob, NOW), Err(refused(Part::Clock, Fault::Range)), "a clock that was never read was never wrong");
}

#[test]
fn what_was_locked_or_suspended_stays_so_when_the_clock_is_put_right() {
    const AHEAD: Instant = Instant(NOON.0 + 86_400);
    let mut panel = panel();
    let act = |panel: &mut SamplePanel, act, time| panel.act(&ActRequest { who: Who::User(UserNumber(1)), act, remote: false }, time);
    assert!(act(&mut panel, Act::Suspend(UserNumber(3)), Time::Known(AHEAD)).is_allowed());
    assert!(act(&mut panel, Act::Revoke(keyholder::engineer::GrantId(901)), Time::Known(AHEAD)).is_allowed());
    let blob = Envelope::PANEL.order(Kind::ClockCorrection, &ClockCorrection { floor: AHEAD });
    assert_eq!(panel.take(&blob, Time::Unknown), Ok(Installed::Now));
    let place = Place::new(1, Areas(1)).unwrap();
    let open =
        OpenClose { who: Who::User(UserNumber(3)), action: Action::Open, place, remote: false, armed_by: UserNumber(0), in_alarm: false };
    assert_eq!(panel.open_close(&open, NOW).reason, keyholder::Reason::Suspended);
    let asked = EngineerRequest { engineer: EngineerId(41), site: SITE, capabilities: Capabilities::CHANGE_SETTINGS };
    assert_eq!(panel.engineer(&asked, NOW).reason, keyholder::Reason::Revoked);
}

#[test]
fn every_acknowledgement_fits_its_buffer_and_comes_back() {
    let refusals = [
        Refusal::NotABlob,
        Refusal::NewerFormat { version: 255, kind: 255 },
        Refusal::WrongRecipient(keyholder::engineer::SiteId(u32::MAX)),
        Refusal::UnknownKey(key_of(&cloud()).id()),
        Refusal::BadSignature,
        Refusal::Stale { installed: u64::MAX },
        Refusal::Expired,
        Refusal::DoesNotFit { part: Part::Authorisations, rows: u32::MAX, capacity: u16::MAX },
        Refusal::Invalid(Invalid { part: Part::Clock, row: u16::MAX, fault: Fault::OtherFloor }),
        Refusal::OtherBase { installed: u64::MAX },
        Refusal::TooLong { room: u32::MAX },
        Refusal::NotKept,
    ];
    let mut panel = panel();
    glance(&mut panel, Time::Known(Instant::LAST_READING.plus(-1)));
    assert_eq!(panel.take(&change(u64::MAX - 1, KeyRole::Recovery, key_of(&key(2))), NOW), Ok(Installed::Now));
    assert_eq!(panel.take(&snapshot(u64::MAX), NOW), Ok(Installed::Now));
    for refusal in refusals {
        let told = panel.acknowledge(&snapshot(u64::MAX), &Err(refusal));
        let mut buffer = [0; ACKNOWLEDGEMENT_BYTES];
        let bytes = told.write(&mut buffer).expect("it fits");
        assert_eq!(postcard::take_from_bytes::<Acknowledgement>(bytes), Ok((told, &[][..])), "{refusal:?}");
    }
    let told = panel.acknowledge(b"noise", &Err(Refusal::NotABlob));
    assert_eq!((told.sequence, told.refusal), (None, Some(Refusal::NotABlob)));
    assert_eq!(told.holding.policy.map(|policy| policy.digest), Some(PolicyDigest::of(&panel_rows().encode())));
}
