//! Each command: what it does, and what it says when it cannot.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that fails has to say so")]

mod common;

use std::fs;

use common::{Bench, SHOP};
use serde_json::Value;

fn bench_with_key(name: &str) -> Bench {
    let bench = Bench::new(name);
    bench.succeed("key new -o shop.key");
    bench
}

#[test]
fn every_command_explains_itself_with_an_example() {
    let bench = Bench::new("every_command_explains");
    for command in ["", "key new", "key show", "seal", "show", "check", "run", "demo"] {
        let help = bench.succeed(&format!("{command} --help"));
        assert!(help.contains("Example"), "{command}: {help}");
        assert!(help.contains(&format!("keyholder {command}")), "{command}: {help}");
    }
}

#[test]
fn a_wrong_command_line_has_its_own_status() {
    let bench = Bench::new("a_wrong_command_line");
    for arguments in ["", "frobnicate", "seal shop.toml", "check shop.toml --opne", "check shop.toml --open --close", "run"] {
        assert_eq!(bench.run(arguments).status, 2, "keyholder {arguments}");
    }
}

#[cfg(unix)]
#[test]
fn a_key_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = bench_with_key("a_key_file_is_its_owners");
    let path = bench.path("shop.key");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    for mode in [0o640, 0o604, 0o620, 0o777] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        for arguments in ["seal shop.toml --key shop.key --sequence 1 -o shop.blob", "check shop.toml --key shop.key", "key show shop.key"]
        {
            let ran = bench.run(arguments);
            assert_eq!(ran.status, 3, "mode {mode:o}: {arguments}");
            assert!(ran.complaint.contains("chmod 600"), "{}", ran.complaint);
        }
    }
    assert!(!bench.path("shop.blob").exists());
}

#[test]
fn a_key_file_is_never_overwritten() {
    let bench = bench_with_key("never_overwritten");
    let before = fs::read(bench.path("shop.key")).unwrap();
    let ran = bench.run("key new -o shop.key");
    assert_eq!(ran.status, 3);
    assert!(ran.complaint.contains("there is such a file already"), "{}", ran.complaint);
    assert_eq!(fs::read(bench.path("shop.key")).unwrap(), before);
}

#[test]
fn new_keys_are_new_and_only_the_public_one_is_told() {
    let bench = bench_with_key("new_keys_are_new");
    bench.succeed("key new -o other.key");
    let public =
        |file: &str| serde_json::from_str::<Value>(&bench.succeed(&format!("key show {file} --json"))).unwrap()["public_key"].clone();
    assert_ne!(public("shop.key"), public("other.key"));
    let secret = fs::read_to_string(bench.path("shop.key")).unwrap();
    let told = bench.succeed("key show shop.key");
    for line in secret.lines().filter(|line| line.starts_with("signing_key") || line.starts_with("code_key")) {
        let digits = line.split('"').nth(1).unwrap();
        assert!(!told.contains(digits), "{told}");
    }
}

#[test]
fn a_damaged_key_file_is_told_without_telling_the_key() {
    let bench = bench_with_key("a_damaged_key_file");
    let whole = fs::read_to_string(bench.path("shop.key")).unwrap();
    let signing = whole.split('"').nth(1).unwrap().to_owned();
    let (_, cut) = signing.split_at(1);
    let cases = [
        ("cut short", whole.replace(&signing, cut), "64 hexadecimal digits"),
        ("another key", whole.replace(&signing, &"ab".repeat(32)), "does not belong to the signing key"),
        ("no key file", "hello".to_owned(), "keyholder key new"),
        ("unknown field", format!("{whole}more = 1\n"), "unknown field"),
    ];
    for (name, text, complaint) in cases {
        // Written in place: the file keeps its mode.
        bench.write("shop.key", &text);
        let ran = bench.run("key show shop.key");
        assert_eq!(ran.status, 3, "{name}");
        assert!(ran.complaint.contains(complaint), "{name}: {}", ran.complaint);
        assert!(!ran.complaint.contains(cut), "{name}: {}", ran.complaint);
    }
}

#[test]
fn a_sealed_policy_answers_like_its_file() {
    let bench = bench_with_key("a_sealed_policy");
    bench.succeed("seal shop.toml --key shop.key --sequence 1 -o shop.blob");
    let question = "--at 2026-11-23T09:00:00Z --code 4711 --open --system 1 --areas 1,2 --json";
    let of_file = bench.succeed(&format!("check shop.toml {question}"));
    assert_eq!(bench.succeed(&format!("check shop.blob --key shop.key {question}")), of_file);
    assert!(of_file.contains("WithinSchedule"));
}

#[test]
fn a_blob_is_not_taken_on_trust() {
    let bench = bench_with_key("not_on_trust");
    bench.succeed("key new -o other.key");
    bench.succeed("seal shop.toml --key shop.key --sequence 1 -o shop.blob");
    let mut blob = fs::read(bench.path("shop.blob")).unwrap();
    *blob.last_mut().unwrap() ^= 1;
    fs::write(bench.path("altered.blob"), blob).unwrap();
    let cases = [
        ("check shop.blob", "without its key"),
        ("check shop.blob --key other.key", "does not hold"),
        ("check altered.blob --key shop.key", "altered"),
        ("check shop.toml --key nowhere.key", "cannot be read"),
    ];
    for (arguments, complaint) in cases {
        let ran = bench.run(arguments);
        assert_eq!(ran.status, 3, "{arguments}");
        assert!(ran.complaint.contains(complaint), "{arguments}: {}", ran.complaint);
    }
}

#[test]
fn what_a_device_would_refuse_is_not_sealed_and_nothing_is_written() {
    let bench = bench_with_key("not_sealed");
    bench.write("shop.blob", "the blob of before");
    bench.succeed("seal shop.toml --key shop.key --sequence 5 -o installed.blob");
    let twice = SHOP.replace("span = [", "span = [{ days = \"fri\", opens_from = \"17:00\", must_be_closed_by = \"19:00\" }, ");
    bench.write("overlap.toml", &twice);
    bench.write("other-eve.toml", &SHOP.replace("eve@", "mallory@"));
    let cases = [
        ("seal overlap.toml --key shop.key --sequence 6 -o shop.blob", "overlap.toml:11:9: this row of the spans overlaps another span"),
        ("seal shop.toml --key shop.key --sequence 4 -o shop.blob --after installed.blob", "not above sequence 5"),
        ("seal other-eve.toml --key shop.key --sequence 6 -o shop.blob --after installed.blob", "another identity behind a known engineer"),
        ("seal nowhere.toml --key shop.key --sequence 6 -o shop.blob", "cannot be read"),
        ("seal shop.toml --key shop.key --sequence 6 -o nowhere/shop.blob", "cannot be written"),
    ];
    let files = bench.files();
    for (arguments, complaint) in cases {
        let ran = bench.run(arguments);
        assert_eq!(ran.status, 3, "{arguments}");
        assert!(ran.complaint.contains(complaint), "{arguments}: {}", ran.complaint);
        assert_eq!(fs::read_to_string(bench.path("shop.blob")).unwrap(), "the blob of before", "{arguments}");
        assert_eq!(bench.files(), files, "{arguments}");
    }
    assert_eq!(bench.run("seal shop.toml --key shop.key --sequence 0 -o shop.blob").status, 2);
    assert_eq!(bench.run("seal shop.toml --key shop.key --sequence 6 --expires 0s -o shop.blob").status, 2);
    bench.succeed("seal shop.toml --key shop.key --sequence 6 -o shop.blob --after installed.blob");
}

#[test]
fn a_blob_is_shown_in_the_words_of_a_policy_file() {
    let bench = bench_with_key("shown_as_a_policy_file");
    bench.succeed("seal shop.toml --key shop.key --sequence 7 --issued-at 2026-11-22T00:00:00Z --expires 1d -o shop.blob");
    let shown = bench.succeed("show shop.blob --key shop.key");
    for line in [
        "# sequence: 7",
        "# expires_at: 2026-11-23T00:00:00Z",
        "# seal: genuine: a device installs it",
        "lockout = { wrong_codes = 3, lasts = \"90s\", each_further = false }",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}\n{shown}");
    }
    for secret in ["4711", "19460", "bluebell"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    let json: Value = serde_json::from_str(&bench.succeed("show shop.blob --json")).unwrap();
    assert_eq!(json["blob"]["policy_bytes"].as_u64().unwrap() + 144, fs::metadata(bench.path("shop.blob")).unwrap().len());
    assert_eq!(json["policy"]["contact"][1]["permissions"][0], "with_schedule");

    // Without what only a blob has, it is a policy file again.
    let own = |line: &&str| !["identity", "has_code", "has_passcode"].iter().any(|key| line.starts_with(key));
    let again: String = shown.lines().filter(own).map(|line| format!("{line}\n")).collect();
    bench.write("again.toml", &again.replace("[[engineer]]\n", "[[engineer]]\nemail = \"eve@install.example\"\n"));
    bench.succeed("check again.toml");
}

#[test]
fn what_is_no_blob_is_not_shown() {
    let bench = bench_with_key("what_is_no_blob");
    bench.succeed("seal shop.toml --key shop.key --sequence 1 -o shop.blob");
    bench.succeed("key new -o other.key");
    let blob = fs::read(bench.path("shop.blob")).unwrap();
    fs::write(bench.path("cut.blob"), &blob[..blob.len() - 1]).unwrap();
    for (arguments, complaint) in
        [("show shop.toml", "not a whole blob"), ("show cut.blob", "cut short"), ("show nowhere.blob", "cannot be read")]
    {
        let ran = bench.run(arguments);
        assert_eq!(ran.status, 3, "{arguments}");
        assert!(ran.complaint.contains(complaint), "{arguments}: {}", ran.complaint);
    }
    let ran = bench.run("show shop.blob --key other.key");
    assert_eq!(ran.status, 3);
    assert!(ran.output.contains("# seal: refused"), "{}", ran.output);
}

#[test]
fn a_single_question_is_answered_by_words_and_status() {
    let bench = Bench::new("a_single_question");
    let cases = [
        (
            ["check", "shop.toml", "--at", "2026-11-23 09:00", "--code", "4711", "--open", "--system", "1", "--areas", "1"].as_slice(),
            0,
            "allowed  WithinSchedule",
        ),
        (
            &["check", "shop.toml", "--at", "2026-11-23 19:00", "--code", "4711", "--open", "--system", "1", "--areas", "1"],
            1,
            "denied  OutsideSchedule",
        ),
        (&["check", "shop.toml", "--at", "unknown", "--user", "1", "--close", "--system", "1", "--areas", "1,2"], 0, "allowed  Anytime"),
        (&["check", "shop.toml", "--user", "1", "--act", "receive_information"], 0, "allowed  Permitted"),
        (&["check", "shop.toml", "--engineer", "eve@install.example", "--capability", "read_log"], 1, "denied  NoGrant"),
        (&["check", "shop.toml", "--request", "{\"at\":null,\"user\":12,\"act\":\"cancel_alarm\"}"], 1, "denied  NotPermitted"),
        (&["check", "shop.toml"], 0, "Shop, valid"),
    ];
    for (arguments, status, words) in cases {
        let ran = bench.run_with(arguments, "");
        assert_eq!(ran.status, status, "{arguments:?}: {ran:?}");
        assert!(ran.output.contains(words), "{arguments:?}: {ran:?}");
        assert!(!ran.output.contains('\x1b'), "colours are for terminals");
    }
}

#[test]
fn a_malformed_question_names_its_option() {
    let bench = Bench::new("a_malformed_question");
    let cases = [
        ("check shop.toml --user 1 --open --system 1 --areas 33", "--areas: 33 is not an area"),
        ("check shop.toml --user 1000 --open --system 1 --areas 1", "--user: 1000 is not a user number"),
        ("check shop.toml --user 1 --armed-by 0 --open --system 1 --areas 1", "--armed-by: 0 is not a user number"),
        ("check shop.toml --user 1", "asks nothing"),
        ("check shop.toml --request {}", "at: is missing"),
        ("check shop.toml --request []", "not a JSON object"),
        ("check shop.toml --request {\"at\":", "not JSON"),
    ];
    for (arguments, complaint) in cases {
        let ran = bench.run(arguments);
        assert_eq!(ran.status, 2, "{arguments}: {ran:?}");
        assert!(ran.complaint.contains(complaint), "{arguments}: {ran:?}");
    }
}

#[test]
fn the_demo_tells_what_it_is_expected_to() {
    let bench = Bench::new("the_demo");
    let told = bench.succeed("demo");
    assert!(told.contains("all as expected"), "{told}");
    for line in bench.succeed("demo --json").lines() {
        let step: Value = serde_json::from_str(line).unwrap();
        assert_eq!(step["differences"], Value::Array(Vec::new()), "{line}");
    }
}
