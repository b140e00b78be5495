//! The stories in `stories/` go as they expect: a person at the keypad, engineers at the receiver, and the power that fails.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails has to say so")]

use std::path::Path;

use keyholder_host::emulator::Language;
use keyholder_host::{for_both_panels, script};

for_both_panels!(a_day_at_the_keypad_goes_as_expected);

fn goes_as_expected(name: &str, language: Language) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../stories").join(name);
    let mut told = String::new();
    if let Err(why) = script::play(&path, language, &mut |line| told += &format!("{line}\n")) {
        panic!("{told}{why}");
    }
}

fn a_day_at_the_keypad_goes_as_expected(language: Language) {
    goes_as_expected("keypad.txt", language);
}

#[test]
fn an_evening_at_the_receiver_goes_as_expected() {
    goes_as_expected("receiver.txt", Language::Rust);
}
