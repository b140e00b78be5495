//! Blobs and messages of format version 1, as the cloud and the devices have written them since the first release.
//!
//! If this fails, do not change these bytes: revert the change that broke them, not the test.

use keyholder::blob::Installed;
use keyholder::blob::Keys;
use keyholder::code::CodeKey;
use keyholder::place::AreaList;
use keyholder::sync::ACKNOWLEDGEMENT_BYTES;
use keyholder::time::Time;
use keyholder::{SmallPanel, SmallReceiver};

use crate::example::{self, AHEAD, CODE_KEY, ISSUED, NEXT, RECEIVER, SITE, public_key};
use crate::{bytes, hex};

/// A panel's snapshot with a row in every part.
const PANEL: &str = "\
    4b484231010100000700000016010000030000000000000000a1026b00000000002e2a6b0000000021fe31dfa154a2614be582d128526ba1fa6a0d7615315a2a\
    c04725f4e0baa74fbe1b3a356d7f4ecc175eedced8e25100740479a81deb62ae33b1f6be526474f82439f2dbc8d718b6542badd57977cd31847408c4c95d4f54\
    6717b631cdf9f8c2a7074007823a5d0a07d704df03030200f0010b0100f0010700000000000000021e0fe40af0010a5a3c020300000000000000040000000000\
    000001010301000000000101d4c7028cc90200010200000102011fe003fe03fc07b8080210b009ffff03dc0b980c02000c1900eb0f04020001021f00d6d017d6\
    08b009020157496249d8080000000000000caa7334ec860101808495b00d0180d29ece0d03c0d10201021e02cbc27060665730740cee5f88795988fba5010133\
    efcff4e3d2f0730101070801000078a00b0129adcf4f72b7497ef3da93fd13d58193df05012907840701808495b00d0180ca9fb00d01c0f495b00d0183040401\
    054b502d32303000000000000000000000020000000209ffff03ffff03000180a0cab70d0000";

/// A receiver's snapshot: two sites, two engineers.
const RECEIVER_BLOB: &str = "\
    4b48423101020000f4010000f40000000c0000000000000000a1026b00000000002e2a6b0000000021fe31dfa154a261a31fd049a8e2318d87a4ceadeabe005b\
    5263e18e5cdb22f2e21ad44c8f5881a382e20d1f9c9c67ed830217eec93d5c8f86d8cd4b47e122bf9600f114764eff7d31f511a018ddeac057cdafca5e171973\
    d549d93200896e9f8f7aa2daca845b02f403ac0202070800000078a00b8407010001e0cb94b00df00178a00b0229adcf4f72b7497ef3da93fd13d58193df052a\
    fc2dc8d76c27085f5eca375c1a03888409032907850701808495b00d0180ca9fb00d01c0f495b00d018304042907870701808495b00d0180ca9fb00d01c0f495\
    b00d018304042a8407860701808495b00d00000083040002054b502d32303000000000000000000000020000000209ffff03ffff03000180a0cab70d0000064b\
    502d32303000000000000000000000020000000209ffff03ffff0301808495b00d0001993d0c8baf242d91b340c4ffdfb793dd787c5397dd3303a33e6628efbe\
    e869bd01";

/// A panel's patch of that snapshot.
const PANEL_PATCH: &str = "\
    4b484231010301000700000030000000040000000000000000a1026b00000000002e2a6b0000000021fe31dfa154a261d69a397b70bfa0e1a47267c9940a3b8c\
    8aa2fcf1a894c276d205f54705d510f0a9f5744a141a66aa7e78d66b592037a2626de04fb78d7906eb2b663719a36a5afbded2285d01b2b6ee970a03d6568ff6\
    8e3549e791d41844d48b82ef376cde0e07010caa7334ec870101808495b00d0180d29ece0d03c0d10201021e08018abf48d64801642f0c4901014c0129078407";

/// A receiver's patch of that snapshot.
const RECEIVER_PATCH: &str = "\
    4b48423101040100f40100003d0000000d0000000000000000a1026b00000000002e2a6b0000000021fe31dfa154a261df8c11e357035115b10b12b6472114e7\
    4857f507a0af562760dad2716359e1e86396004be7c60039080f8508df7c403a5e3ad331664c6ce78672bb692b41e0ff80f8a40aca2ce286f74f965803f4cbf5\
    b619f118ff7604433449fbc6bbfe7a0800f4033c0b012b3ae9321cd243919a90d9a51e29d837b4054c01290787070c012b07880701808495b00d0180ca9fb00d\
    01c0f495b00d018304044d0106";

/// Another signing key for the panel.
const KEY_CHANGE: &str = "\
    4b484231010500000700000021000000060000000000000000a1026b00000000002e2a6b0000000021fe31dfa154a26129f447ffc5b335067527abce4314143c\
    8b0e0f9164feda4f5479d5451c97b1512ea471b7d70e80d1d767cc654d9e39ea2611a9b43c1991d2cf3aab3f45e29ea788a4140f6a48a49829810d6963b3902e\
    20f216354248966ca8d592a577cc5e00003d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";

/// For a panel whose clock once read 2031-11-22T08:00:00Z.
const CLOCK_CORRECTION: &str = "\
    4b484231010600000700000005000000050000000000000000a1026b00000000ffffffffffffff7f21fe31dfa154a261c5668801ed1c893559b62e2092fd2e5c\
    0c32c6c98762d5391e3e7052099c6491ac84e733125092c5fb0820b15b492087a0bbeaf573cf78458464c421926f92219dbd2926f0bd2f7262439b16c375d146\
    b7cd3147ce119fe6a4dc4380c5e20a0980d0cfc60e";

/// A panel's answer to a blob for another one.
const ACKNOWLEDGEMENT: &str = "\
    01070104d69a397b70bfa0e1a47267c9940a3b8c8aa2fcf1a894c276d205f54705d510f0808495b00d010639f713d0a644253f01e29442e61ad354e5a0bc95b0\
    0d010109010208";

/// A panel's report with something in every field.
const REPORT: &str = "\
    01070104d69a397b70bfa0e1a47267c9940a3b8c8aa2fcf1a894c276d205f54705d510f0808495b00d010639f713d0a644253f01e29442e61ad354e5a0bc95b0\
    0d0101a0bc95b00d01901c0190a095b00d20000103000000012907808080800801b08d95b00d01f0fd95b00d0001830404008080808008a88e95b00dfeffffff\
    ffffffffff010157496249028407b60711888395b00dffffffffffffffffff010201b48595b00d010c0101d8c402000000e003fe03fc07d60801010401808495\
    b00d0190a095b00d015749624901040000000000000001808495b00d01889295b00d0157496249";

#[test]
fn frozen_blobs_are_installed() {
    let mut panel = SmallPanel::new(SITE, Keys::only(public_key()), CodeKey::new(CODE_KEY));
    assert_eq!(panel.install(&bytes(PANEL), Time::Known(ISSUED)), Ok(Installed::Now));
    assert_eq!(panel.site().id, SITE);
    assert_eq!(panel.install(&bytes(PANEL_PATCH), Time::Known(ISSUED)), Ok(Installed::Now));
    panel.supervise(&AreaList::NONE, Time::Known(AHEAD));
    assert_eq!(panel.install(&bytes(CLOCK_CORRECTION), Time::Unknown), Ok(Installed::Now));
    assert_eq!(panel.install(&bytes(KEY_CHANGE), Time::Known(ISSUED)), Ok(Installed::Now));
    let holding = panel.acknowledge(&[], &Ok(Installed::Already)).holding;
    assert_eq!((holding.policy.map(|policy| policy.sequence), holding.latest), (Some(4), Some(6)));
    assert_eq!((holding.signing, holding.floor), (NEXT.id(), ISSUED));
    let mut receiver = SmallReceiver::new(RECEIVER, Keys::only(public_key()));
    assert_eq!(receiver.install(&bytes(RECEIVER_BLOB), Time::Known(ISSUED)), Ok(Installed::Now));
    assert_eq!(receiver.install(&bytes(RECEIVER_PATCH), Time::Known(ISSUED)), Ok(Installed::Now));
}

#[test]
fn frozen_messages_are_read() {
    assert_eq!(postcard::take_from_bytes(&bytes(ACKNOWLEDGEMENT)), Ok((example::acknowledgement(), &[][..])));
    assert_eq!(postcard::take_from_bytes(&bytes(REPORT)), Ok((example::report(), &[][..])));
}

#[test]
fn the_library_still_writes_the_frozen_blobs() {
    assert_eq!(hex(&example::panel()), PANEL);
    assert_eq!(hex(&example::receiver()), RECEIVER_BLOB);
    assert_eq!(hex(&example::panel_patch()), PANEL_PATCH);
    assert_eq!(hex(&example::receiver_patch()), RECEIVER_PATCH);
    assert_eq!(hex(&example::key_change()), KEY_CHANGE);
    assert_eq!(hex(&example::clock_correction()), CLOCK_CORRECTION);
    let mut buffer = [0; ACKNOWLEDGEMENT_BYTES];
    assert_eq!(hex(example::acknowledgement().write(&mut buffer).unwrap()), ACKNOWLEDGEMENT);
    assert_eq!(hex(&postcard::to_extend(&example::report(), Vec::new()).unwrap()), REPORT);
}

#[test]
fn an_encoder_written_from_the_page_makes_the_frozen_blobs() {
    let encoder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/format/encoder.py");
    let output = std::process::Command::new("python3").arg(encoder).output();
    let output =
        output.expect("this test runs tests/format/encoder.py: install Python 3.8 or later as `python3` (Debian: apt-get install python3)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let all = [
        ("panel", PANEL),
        ("receiver", RECEIVER_BLOB),
        ("panel_patch", PANEL_PATCH),
        ("receiver_patch", RECEIVER_PATCH),
        ("key_change", KEY_CHANGE),
        ("clock_correction", CLOCK_CORRECTION),
        ("acknowledgement", ACKNOWLEDGEMENT),
        ("report", REPORT),
    ];
    let expected: String = all.iter().map(|(name, bytes)| format!("{name} {bytes}\n")).collect();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
}

/// The README's example and other programs read these files.
#[test]
fn the_files_beside_this_are_the_frozen_ones() {
    assert_eq!(include_bytes!("panel-v01.blob"), bytes(PANEL).as_slice());
    assert_eq!(*include_bytes!("public-v01.key"), public_key().0);
    assert_eq!(*include_bytes!("code-v01.key"), CODE_KEY);
}
