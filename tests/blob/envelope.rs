//! Everything that is judged before the policy is read: framing, recipient, key, signature, sequence, freshness.

use ed25519_dalek::{Signer, SigningKey};
use keyholder::blob::{HEAD_LENGTH, Head, Installed, Keys, Kind, PolicyDigest, PublicKey, Refusal, SIGNED_LENGTH};
use keyholder::contact::UserNumber;
use keyholder::engineer::SiteId;
use keyholder::place::{Areas, Place};
use keyholder::time::{Instant, Time};
use keyholder::{Action, OpenClose, SmallReceiver, Who};

use crate::device::Device;
use crate::sample::{
    CODE_KEY, Envelope, NOON, NOW, RECEIVER, SITE, SamplePanel, empty_panel, key_of, panel, panel_rows, receiver_rows, sign,
};

fn panel_blob() -> Vec<u8> {
    Envelope::PANEL.seal(&panel_rows().encode())
}

fn receiver_blob() -> Vec<u8> {
    Envelope::RECEIVER.seal(&receiver_rows().encode())
}

/// The blob with some bytes changed, signed again.
fn resigned(blob: &[u8], at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut head = blob[..SIGNED_LENGTH].to_vec();
    head[at..at + bytes.len()].copy_from_slice(bytes);
    sign(&head, &blob[HEAD_LENGTH..])
}

#[test]
fn every_prefix_of_a_blob_is_refused() {
    fn check<D: Device>(blob: &[u8]) {
        let mut device = D::sample();
        let before = device.seen();
        for cut in 0..blob.len() {
            assert_eq!(device.take(&blob[..cut], NOW), Err(Refusal::NotABlob), "the first {cut} bytes");
        }
        assert!(before == device.seen());
        assert_eq!(device.take(blob, NOW), Ok(Installed::Now), "the whole");
    }
    check::<SamplePanel>(&panel_blob());
    check::<SmallReceiver>(&receiver_blob());
}

#[test]
fn every_prefix_of_a_policy_is_refused() {
    fn check<D: Device>(envelope: Envelope, policy: &[u8]) {
        let mut device = D::sample();
        let before = device.seen();
        for cut in 0..policy.len() {
            let answer = device.take(&envelope.seal(&policy[..cut]), NOW);
            assert!(matches!(answer, Err(Refusal::Invalid(_))), "the first {cut} bytes: {answer:?}");
        }
        assert!(before == device.seen());
    }
    check::<SamplePanel>(Envelope::PANEL, &panel_rows().encode());
    check::<SmallReceiver>(Envelope::RECEIVER, &receiver_rows().encode());
}

#[test]
fn every_single_bit_flip_is_refused() {
    fn check<D: Device>(blob: &[u8]) {
        let mut device = D::sample();
        let before = device.seen();
        for bit in 0..8 * blob.len() {
            let mut flipped = blob.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let refusal = device.take(&flipped, NOW).expect_err("a flipped bit");
            let as_expected = match bit / 8 {
                0..4 | 12..16 => refusal == Refusal::NotABlob,
                4 | 6..8 => matches!(refusal, Refusal::NewerFormat { .. }),
                5 => matches!(refusal, Refusal::NewerFormat { .. } | Refusal::WrongRecipient(_) | Refusal::BadSignature),
                8..12 => matches!(refusal, Refusal::WrongRecipient(_)),
                40..48 => matches!(refusal, Refusal::UnknownKey(_)),
                _ => refusal == Refusal::BadSignature,
            };
            assert!(as_expected, "bit {} of byte {}: {refusal:?}", bit % 8, bit / 8);
        }
        assert!(before == device.seen());
    }
    check::<SamplePanel>(&panel_blob());
    check::<SmallReceiver>(&receiver_blob());
}

#[test]
fn a_length_that_is_not_the_policys_is_refused() {
    let blob = panel_blob();
    let length = (blob.len() - HEAD_LENGTH) as u32;
    let mut device = panel();
    for stated in [0, 1, length - 1, length + 1, u32::from(u16::MAX), u32::MAX - 143, u32::MAX] {
        device.assert_refuses(
            &format!("says {stated} of {length} bytes"),
            &resigned(&blob, 12, &stated.to_le_bytes()),
            NOW,
            Refusal::NotABlob,
        );
    }
    let endless = [&blob[..], &vec![0x80; 1 << 20]].concat();
    device.assert_refuses("a megabyte behind the policy", &endless, NOW, Refusal::NotABlob);
}

#[test]
fn what_a_device_does_not_know_is_newer() {
    let blob = panel_blob();
    let cases: [(&str, usize, &[u8], u8, u8); 8] = [
        ("version 0", 4, &[0], 0, 1),
        ("version 2", 4, &[2], 2, 1),
        ("version 255", 4, &[255], 255, 1),
        ("kind 0", 5, &[0], 1, 0),
        ("a patch without a base", 5, &[3], 1, 3),
        ("kind 7", 5, &[7], 1, 7),
        ("a snapshot with a base", 6, &[1], 1, 1),
        ("a snapshot with a base far back", 7, &[128], 1, 1),
    ];
    for (name, at, bytes, version, kind) in cases {
        panel().assert_refuses(name, &resigned(&blob, at, bytes), NOW, Refusal::NewerFormat { version, kind });
    }
    let newer_and_shorter = [b"KHB1".as_slice(), &[2, 1]].concat();
    panel().assert_refuses("a newer head may be shorter", &newer_and_shorter, NOW, Refusal::NewerFormat { version: 2, kind: 1 });
    panel().assert_refuses("another beginning", &resigned(&blob, 0, b"KHB2"), NOW, Refusal::NotABlob);
}

#[test]
fn a_blob_for_somebody_else_is_refused() {
    let policy = panel_rows().encode();
    let cases = [
        ("another site", Envelope { recipient: SiteId(8), ..Envelope::PANEL }, SiteId(8)),
        ("site 0", Envelope { recipient: SiteId(0), ..Envelope::PANEL }, SiteId(0)),
        ("a receiver of the same number", Envelope { kind: Kind::ReceiverSnapshot, ..Envelope::PANEL }, SITE),
    ];
    for (name, envelope, recipient) in cases {
        panel().assert_refuses(name, &envelope.seal(&policy), NOW, Refusal::WrongRecipient(recipient));
    }
    let for_panel = Envelope { recipient: RECEIVER, ..Envelope::PANEL }.seal(&receiver_rows().encode());
    SmallReceiver::sample().assert_refuses("a panel of the same number", &for_panel, NOW, Refusal::WrongRecipient(RECEIVER));
}

#[test]
fn only_the_clouds_key_signs() {
    let policy = panel_rows().encode();
    let signed = Envelope::PANEL.head(&policy).to_signed_bytes();
    let stranger = SigningKey::from_bytes(&[2; 32]);
    let head = Head { key: key_of(&stranger).id(), ..Envelope::PANEL.head(&policy) };
    let by = |key: &SigningKey, signed: &[u8]| [signed, &key.sign(signed).to_bytes(), &policy].concat();
    let mut device = panel();
    let named = by(&stranger, &head.to_signed_bytes());
    device.assert_refuses("another key, named", &named, NOW, Refusal::UnknownKey(key_of(&stranger).id()));
    device.assert_refuses("another key under the cloud's name", &by(&stranger, &signed), NOW, Refusal::BadSignature);
    let zeros = [&signed[..], &[0; 64], &policy].concat();
    device.assert_refuses("no signature", &zeros, NOW, Refusal::BadSignature);
    let ones = [&signed[..], &[0xff; 64], &policy].concat();
    device.assert_refuses("a signature of ones", &ones, NOW, Refusal::BadSignature);
}

/// 2^252 + 27742317777372353535851937790883648493, the order of Ed25519's base point.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0x10,
];

#[test]
fn a_signature_has_one_form() {
    let blob = panel_blob();
    let mut twin = blob.clone();
    let mut carry = 0;
    for (byte, order) in twin[112..144].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        (*byte, carry) = (sum as u8, sum >> 8);
    }
    panel().assert_refuses("its number, unreduced", &twin, NOW, Refusal::BadSignature);
}

/// With a key or point of small order, one signature fits many messages. RFC 8032 leaves it to the verifier whether that counts.
#[test]
fn keys_and_points_of_small_order_sign_nothing() {
    let identity = {
        let mut point = [0; 32];
        point[0] = 1;
        point
    };
    let minus_one = {
        let mut point = [0xff; 32];
        (point[0], point[31]) = (0xec, 0x7f);
        point
    };
    let policy = panel_rows().encode();
    for (name, key) in [("identity", identity), ("order 2", minus_one), ("order 4", [0; 32])] {
        let key = PublicKey(key);
        let mut device = Box::new(SamplePanel::new(SITE, Keys::only(key), CODE_KEY));
        for point in [identity, minus_one, [0; 32]] {
            for sequence in 1..=8 {
                let head = Head::for_content(Kind::PanelSnapshot, SITE, sequence, NOON, Instant::LATEST, &key, &policy).to_signed_bytes();
                let blob = [&head[..], &point, &[0; 32], &policy].concat();
                device.assert_refuses(name, &blob, NOW, Refusal::BadSignature);
            }
        }
    }
    let head = Envelope::PANEL.head(&policy).to_signed_bytes();
    let blob = [&head[..], &identity, &[0; 32], &policy].concat();
    panel().assert_refuses("identity as the signature's point", &blob, NOW, Refusal::BadSignature);
}

#[test]
fn the_head_of_one_blob_and_the_policy_of_another_are_no_blob() {
    let (one, mut other) = (panel_rows(), panel_rows());
    other.contacts[0].user = UserNumber(1);
    other.contacts[2].identity = [0xee; 4];
    let (one, other) = (Envelope::PANEL.seal(&one.encode()), Envelope::PANEL.seal(&other.encode()));
    assert_eq!(one.len(), other.len());
    let mixed = [&one[..HEAD_LENGTH], &other[HEAD_LENGTH..]].concat();
    panel().assert_refuses("head and policy", &mixed, NOW, Refusal::BadSignature);
    let mixed = [&one[..SIGNED_LENGTH], &other[SIGNED_LENGTH..]].concat();
    panel().assert_refuses("head, signature and policy", &mixed, NOW, Refusal::BadSignature);
    let shorter = [&one[..HEAD_LENGTH], &receiver_blob()[HEAD_LENGTH..]].concat();
    panel().assert_refuses("a policy of another length", &shorter, NOW, Refusal::NotABlob);
}

#[test]
fn sequences_rise_and_nothing_is_replayed() {
    let policy = panel_rows().encode();
    let of = |sequence| Envelope { sequence, ..Envelope::PANEL }.seal(&policy);
    let mut changed = panel_rows();
    changed.contacts.pop();
    changed.codes.retain(|code| code.user != UserNumber(3));
    let changed = |sequence| Envelope { sequence, ..Envelope::PANEL }.seal(&changed.encode());

    let mut device = empty_panel();
    assert_eq!(device.take(&of(0), NOW), Ok(Installed::Now), "a fresh device takes any sequence");
    assert_eq!(device.take(&of(5), NOW), Ok(Installed::Now), "a gap is fine");
    assert_eq!(device.provenance().unwrap().sequence, 5);
    device.assert_refuses("replayed", &of(0), NOW, Refusal::Stale { installed: 5 });
    device.assert_refuses("another of an old number", &changed(4), NOW, Refusal::Stale { installed: 5 });
    device.assert_refuses("another of the same number", &changed(5), NOW, Refusal::Stale { installed: 5 });
    assert_eq!(device.take(&changed(u64::MAX), NOW), Ok(Installed::Now), "the last number there is");
    assert_eq!(device.provenance().unwrap().digest, PolicyDigest::of(&changed(0)[HEAD_LENGTH..]));
    device.assert_refuses("nothing comes after it", &of(5), NOW, Refusal::Stale { installed: u64::MAX });
}

#[test]
fn the_same_blob_twice_is_harmless_and_says_so() {
    fn check<D: Device>(blob: &[u8]) {
        let mut device = D::sample();
        assert_eq!(device.take(blob, NOW), Ok(Installed::Now));
        let before = device.seen();
        for time in [NOW, Time::Unknown, Time::Known(Instant::LATEST)] {
            assert_eq!(device.take(blob, time), Ok(Installed::Already));
            assert!(before == device.seen());
        }
    }
    check::<SamplePanel>(&panel_blob());
    check::<SmallReceiver>(&receiver_blob());
}

#[test]
fn a_blob_expires_by_the_clock_and_by_the_highest_time_seen() {
    let policy = panel_rows().encode();
    let blob = Envelope { expires_at: NOON, ..Envelope::PANEL }.seal(&policy);
    let before = |seconds: i64| Time::Known(NOON.plus(-seconds));
    let glance = OpenClose {
        who: Who::User(UserNumber::NOBODY),
        action: Action::Close,
        place: Place::new(1, Areas(1)).unwrap(),
        remote: false,
        armed_by: UserNumber::NOBODY,
        in_alarm: false,
    };
    // Name, time of a question asked first, time of the blob, whether it has expired.
    let cases = [
        ("a second before", None, before(1), false),
        ("at its end", None, before(0), true),
        ("after it", None, before(-1000), true),
        ("no time ever known", None, Time::Unknown, false),
        ("time unknown since before its end", Some(before(1)), Time::Unknown, false),
        ("time unknown since its end", Some(before(0)), Time::Unknown, true),
        ("clock turned back a little", Some(before(0)), before(30), true),
        ("clock turned back", Some(before(0)), before(1_000_000), true),
        ("clock before 1970", Some(before(1)), Time::Known(Instant::EARLIEST), false),
        ("clock beyond 2499", Some(before(1)), Time::Known(Instant::LATEST), false),
    ];
    for (name, earlier, time, expired) in cases {
        let mut device = panel();
        if let Some(earlier) = earlier {
            device.open_close(&glance, earlier);
        }
        if expired {
            device.assert_refuses(name, &blob, time, Refusal::Expired);
        } else {
            assert_eq!(device.take(&blob, time), Ok(Installed::Now), "{name}");
        }
    }
    let long_ago = Envelope { expires_at: Instant::EARLIEST, ..Envelope::PANEL }.seal(&policy);
    panel().assert_refuses("expired before anything", &long_ago, Time::Unknown, Refusal::Expired);
}

#[test]
fn the_first_thing_wrong_is_answered() {
    let policy = panel_rows().encode();
    let stale = Envelope { sequence: 0, expires_at: Instant(0), ..Envelope::PANEL };
    let broken: &[u8] = &[0xff];
    let unsigned = |blob: Vec<u8>| [&blob[..SIGNED_LENGTH], &[7; 64], &blob[HEAD_LENGTH..]].concat();
    let elsewhere = Envelope { recipient: SiteId(8), ..stale };
    let cases = [
        ("recipient before signature", unsigned(elsewhere.seal(&policy)), Refusal::WrongRecipient(SiteId(8))),
        ("signature before sequence", unsigned(stale.seal(&policy)), Refusal::BadSignature),
        ("signature before the policy is read", unsigned(Envelope::PANEL.seal(broken)), Refusal::BadSignature),
        ("sequence before freshness", stale.seal(&policy), Refusal::Stale { installed: 1 }),
        ("freshness before the policy is read", Envelope { sequence: 2, ..stale }.seal(broken), Refusal::Expired),
    ];
    for (name, blob, refusal) in cases {
        panel().assert_refuses(name, &blob, NOW, refusal);
    }
}

#[test]
fn the_head_can_be_read_before_the_policy_is_there() {
    let policy = panel_rows().encode();
    let head = Envelope::PANEL.head(&policy);
    assert_eq!(Head::read(&panel_blob()[..HEAD_LENGTH]), Ok(head));
    assert_eq!(head.length as usize, policy.len());
}
