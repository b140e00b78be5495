//! Blobs of format version 1, as the cloud has written them since the first release.
//!
//! If this fails, do not change these bytes: revert the change that broke them.

use keyholder::blob::Installed;
use keyholder::blob::Keys;
use keyholder::code::CodeKey;
use keyholder::time::Time;
use keyholder::{SmallPanel, SmallReceiver};

use crate::example::{self, CODE_KEY, ISSUED, RECEIVER, SITE, public_key};
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

#[test]
fn frozen_blobs_are_installed() {
    let mut panel = SmallPanel::new(SITE, Keys::only(public_key()), CodeKey::new(CODE_KEY));
    assert_eq!(panel.install(&bytes(PANEL), Time::Known(ISSUED)), Ok(Installed::Now));
    assert_eq!(panel.site().id, SITE);
    let mut receiver = SmallReceiver::new(RECEIVER, Keys::only(public_key()));
    assert_eq!(receiver.install(&bytes(RECEIVER_BLOB), Time::Known(ISSUED)), Ok(Installed::Now));
}

#[test]
fn the_library_still_writes_the_frozen_blobs() {
    assert_eq!(hex(&example::panel()), PANEL);
    assert_eq!(hex(&example::receiver()), RECEIVER_BLOB);
}

#[test]
fn an_encoder_written_from_the_page_makes_the_frozen_blobs() {
    let encoder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/format/encoder.py");
    let output = std::process::Command::new("python3").arg(encoder).output();
    let output =
        output.expect("this test runs tests/format/encoder.py: install Python 3.8 or later as `python3` (Debian: apt-get install python3)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("panel {PANEL}\nreceiver {RECEIVER_BLOB}\n"));
}

/// The README's example and other programs read these files.
#[test]
fn the_files_beside_this_are_the_frozen_ones() {
    assert_eq!(include_bytes!("panel-v01.blob"), bytes(PANEL).as_slice());
    assert_eq!(*include_bytes!("public-v01.key"), public_key().0);
    assert_eq!(*include_bytes!("code-v01.key"), CODE_KEY);
}
