//! Secrets: what must not be found where an attacker looks.

use hmac::{Hmac, KeyInit, Mac};
use keyholder::blob::{HEAD_LENGTH, Head, Kind};
use keyholder::code::{Code, CodeKey, Passcode};
use keyholder::contact::UserNumber;
use keyholder::place::{Areas, Place};
use keyholder::time::Instant;
use keyholder::{Act, ActRequest, Action, OpenClose, Who};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::cloud::{Addressee, Edition, recovery, signing};
use crate::sample::{NOON, NOW, SITE, encode, key_of, panel_rows};
use crate::victim::{PanelVictim, Victim, accepts, new_panel, panel_in_flash};

/// Those of the sample policy.
const CODES: [&str; 3] = ["1111", "2222", "3333"];
const SECRET: [u8; 32] = *b"\xa7code key of the site, 32 bytes\xa7";
/// As in [`sample`](crate::sample).
const CODE_KEY_BYTES: [u8; 32] = [9; 32];

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// Everything that a program would write into its log, in all ways of writing bytes.
fn assert_tells_nothing(name: &str, text: &str, secrets: &[&[u8]]) {
    for secret in secrets {
        let hexadecimal: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        let decimal = format!("{secret:?}");
        let plain = String::from_utf8_lossy(secret);
        for form in [hexadecimal.as_str(), decimal.trim_matches(['[', ']']), &plain] {
            assert!(!text.contains(form), "{name} tells {form}");
        }
    }
}

/// A log is read by more people than a key: nothing that can be printed shows a key or a digit.
#[test]
fn secret_in_a_log() {
    let digits: &[u8] = b"80317426";
    let key = CodeKey::new(SECRET);
    let (code, passcode) = (Code::typed(digits), Passcode::told(b"bluebird"));
    let place = Place::new(1, Areas(1)).unwrap();
    let who = Who::Code(&code);
    let open = OpenClose { who, action: Action::Open, place, remote: false, armed_by: UserNumber::NOBODY, in_alarm: false };
    let act = ActRequest { who: Who::UserAndPasscode(UserNumber(1), &passcode), act: Act::CancelAlarm, remote: true };
    let mut panel = crate::sample::SamplePanel::new(SITE, keyholder::blob::Keys::only(key_of(&signing())), key.clone());
    panel.install(&Addressee { is_panel: true, id: SITE }.snapshot(1, Edition::Grants), NOW).unwrap();
    let decisions = [panel.open_close(&open, NOW), panel.act(&act, NOW)];
    let secrets: [&[u8]; 4] = [&SECRET, &SECRET[..8], digits, b"bluebird"];
    for (name, text) in [
        ("a code key", format!("{key:?} {key:#?}")),
        ("a code", format!("{code:?} {code:#?}")),
        ("a passcode", format!("{passcode:?} {passcode:#?}")),
        ("a request to open", format!("{open:?} {open:#?}")),
        ("a request to act", format!("{act:?} {act:#?}")),
        ("a panel", format!("{panel:?}")),
        ("decisions", format!("{decisions:?}")),
        ("reports", format!("{:?}", decisions.map(|decision| decision.report))),
    ] {
        assert!(!text.is_empty());
        assert_tells_nothing(name, &text, &secrets);
    }
    assert_eq!(format!("{key:?} {code:?} {passcode:?}"), "CodeKey(..) Code(..) Passcode(..)");
}

/// With `defmt` nothing is derived for what holds a secret: it is written by hand, and says as little.
#[test]
fn secret_in_a_defmt_log() {
    let source = include_str!("../../src/code.rs");
    for holder in ["struct Code(", "struct Passcode(", "struct Typed ", "struct CodeKey("] {
        let before = source.split(holder).next().unwrap();
        let attributes = before.rsplit("\n\n").next().unwrap();
        assert!(before.len() < source.len() && !attributes.contains("Format") && !attributes.contains("Debug"), "{holder}: {attributes}");
    }
    for written in ["Code(..)", "Passcode(..)", "CodeKey(..)"] {
        assert!(source.contains(&format!("defmt::write!(formatter, \"{written}\")")), "{written}");
    }
}

/// A blob that is read on its way holds no key, no code, and nothing that codes could be tried on.
#[test]
fn secret_in_a_blob() {
    let to = Addressee { is_panel: true, id: SITE };
    let blob = to.snapshot(1, Edition::Grants);
    let keys = [CODE_KEY_BYTES.to_vec(), signing().to_bytes().to_vec(), recovery().to_bytes().to_vec()];
    for key in &keys {
        assert!(!contains(&blob, key));
        assert!((0..=key.len() - 8).all(|from| !contains(&blob, &key[from..from + 8])), "nor eight bytes of one");
    }
    assert!(CODES.iter().all(|code| !contains(&blob, code.as_bytes())), "codes in ASCII");
    assert!(!contains(&blob, b"one\0") && !contains(&blob, b"two\0"), "passcodes");
}

/// Everything somebody could take for the digest of a code who does not have the code key.
fn guesses(code: &str) -> Vec<[u8; 8]> {
    let first = |digest: &[u8]| <[u8; 8]>::try_from(&digest[..8]).unwrap();
    let mut padded = [0; 33];
    padded[0] = 1;
    padded[1..=code.len()].copy_from_slice(code.as_bytes());
    let hmac = |key: &[u8]| {
        let mut hmac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).unwrap();
        hmac.update(&padded);
        first(&hmac.finalize().into_bytes())
    };
    let public = key_of(&signing()).0;
    vec![
        first(&Sha256::digest(code)),
        first(&Sha256::digest(padded)),
        first(&Sha256::digest(&padded[1..])),
        hmac(&[]),
        hmac(&[0; 32]),
        hmac(&public),
        hmac(&SITE.0.to_le_bytes()),
    ]
}

/// All 10,000 codes of four digits are tried on a blob. With the code key it takes a moment; without it nothing is found.
#[test]
fn guessing_codes_from_a_blob() {
    let blob = Addressee { is_panel: true, id: SITE }.snapshot(1, Edition::Grants);
    let policy = &blob[HEAD_LENGTH..];
    let windows: std::collections::HashSet<&[u8]> = policy.windows(8).collect();
    let with_the_key = CodeKey::new(CODE_KEY_BYTES);
    let codes: Vec<String> = (0..10_000).map(|code| format!("{code:04}")).collect();
    let found: Vec<&str> = codes
        .iter()
        .filter(|code| windows.contains(&with_the_key.digest_code(&Code::typed(code.as_bytes())).0[..]))
        .map(String::as_str)
        .collect();
    assert_eq!(found, CODES, "who has the key has the codes");
    for code in &codes {
        assert!(guesses(code).iter().all(|digest| !windows.contains(&digest[..])), "{code}");
    }
}

/// A flash that is read out holds no key and no code. It does hold the digests, as a blob does.
#[test]
fn secret_in_the_flash() {
    let mut victim = panel_in_flash();
    let to = victim.address();
    accepts(&mut victim, &to.snapshot(1, Edition::Grants), NOW);
    let place = Place::new(1, Areas(1)).unwrap();
    for digits in ["1111", "8031", "80317426"] {
        let code = Code::typed(digits.as_bytes());
        let who = Who::Code(&code);
        victim
            .open_close(&OpenClose { who, action: Action::Open, place, remote: false, armed_by: UserNumber::NOBODY, in_alarm: false }, NOW);
    }
    for secret in [&CODE_KEY_BYTES[..8], &signing().to_bytes(), &recovery().to_bytes(), b"8031", b"1111"] {
        assert_eq!(victim.flash.find(secret), None);
    }
    let report = format!("{:?}", victim.report(NOW));
    assert_tells_nothing("a report to the cloud", &report, &[&CODE_KEY_BYTES, b"1111", b"8031"]);
}

/// Keys and codes are wiped when they are dropped, and can be wiped before.
#[test]
fn secret_left_in_memory() {
    fn is_wiped_when_dropped<T: ZeroizeOnDrop>() {
        assert!(core::mem::needs_drop::<T>());
    }
    is_wiped_when_dropped::<CodeKey>();
    is_wiped_when_dropped::<Code>();
    is_wiped_when_dropped::<Passcode>();
    assert!(core::mem::needs_drop::<crate::sample::SamplePanel>(), "a panel drops its key");

    let mut key = CodeKey::new(SECRET);
    key.zeroize();
    let code = Code::typed(b"1234");
    assert_eq!(key.digest_code(&code), CodeKey::new([0; 32]).digest_code(&code), "nothing of it is left");
    let mut code = code;
    code.zeroize();
    assert_eq!(key.digest_code(&code), keyholder::code::Digest::NONE, "a code that was wiped is nobody's");
}

/// What is handed to whoever signs holds no secret: the policy and the key are in two different hands.
#[test]
fn signing_elsewhere() {
    let policy = Addressee { is_panel: true, id: SITE }.panel_policy(panel_rows());
    let head = Head::for_content(Kind::PanelSnapshot, SITE, 1, NOON, Instant::LATEST, &key_of(&signing()), &policy);
    let to_be_signed = head.to_signed_bytes();
    assert!(!contains(&to_be_signed, &encode(&panel_rows().codes[0].digest)));
    let signature = ed25519_dalek::Signer::sign(&signing(), &to_be_signed).to_bytes();
    let blob = [&to_be_signed[..], &signature, &policy].concat();
    assert!(new_panel().install(&blob, NOW).is_ok());
}
