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
    for command in ["", "key new", "key show", "key change", "seal", "clock", "show", "check", "run", "demo"] {
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
fn a_blob_is_never_written_over_a_key_or_over_what_is_read() {
    let bench = bench_with_key("written_over");
    bench.succeed("key new --codes-of shop.key -o next.key");
    bench.succeed("key new -o other.key");
    bench.succeed("seal shop.toml --key shop.key --sequence 1 -o shop.blob");
    let read = "this command reads the file";
    let cases = [
        ("seal shop.toml --key shop.key -o shop.key", read),
        ("seal shop.toml --key shop.key -o ./shop.toml", read),
        ("seal shop.toml --key shop.key -o other.key", "this is a key file"),
        ("seal shop.toml --key shop.key --after shop.blob -o shop.blob", read),
        ("seal shop.toml --key shop.key --patch shop.blob -o shop.blob", read),
        ("clock --floor 2099-01-01T00:00:00Z --recipient 17 --key shop.key -o shop.key", read),
        ("clock --floor 2099-01-01T00:00:00Z --for shop.blob --key shop.key -o shop.blob", read),
        ("key change --key shop.key --new next.key --recipient 17 -o next.key", read),
    ];
    let contents = || bench.files().iter().map(|file| fs::read(bench.path(file)).unwrap()).collect::<Vec<_>>();
    let before = contents();
    for (arguments, complaint) in cases {
        let ran = bench.run(&format!("{arguments} --sequence 3"));
        assert_eq!(ran.status, 3, "{arguments}: {ran:?}");
        assert!(ran.complaint.contains(complaint) && ran.complaint.contains("another name"), "{arguments}: {}", ran.complaint);
        assert_eq!(contents(), before, "{arguments}");
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_never_replaced_and_what_is_one_keeps_its_mode() {
    use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};
    let bench = bench_with_key("no_file_is_replaced");
    bench.succeed("key new --codes-of shop.key -o next.key");
    let fifo = std::process::Command::new("mkfifo").arg(bench.path("pipe")).status().unwrap();
    assert!(fifo.success());
    symlink("pipe", bench.path("to-pipe")).unwrap();
    symlink("nothing", bench.path("to-nothing")).unwrap();
    fs::create_dir(bench.path("folder")).unwrap();
    let files = bench.files();
    for output in ["pipe", "to-pipe", "to-nothing", "folder"] {
        for arguments in [
            "seal shop.toml --key shop.key",
            "clock --floor 2099-01-01T00:00:00Z --recipient 17 --key shop.key",
            "key change --key shop.key --new next.key --recipient 17",
        ] {
            let ran = bench.run(&format!("{arguments} --sequence 1 -o {output}"));
            assert_eq!(ran.status, 3, "{arguments} {output}: {ran:?}");
            assert!(ran.complaint.contains("no file") && ran.complaint.contains("give a file's name"), "{}", ran.complaint);
            assert_eq!(bench.files(), files, "{arguments} {output}");
        }
        assert_eq!(bench.run(&format!("key new -o {output}")).status, 3, "{output}");
    }
    assert!(fs::symlink_metadata(bench.path("pipe")).unwrap().file_type().is_fifo());
    assert!(fs::symlink_metadata(bench.path("to-pipe")).unwrap().is_symlink());

    bench.write("secret.blob", "before");
    fs::set_permissions(bench.path("secret.blob"), fs::Permissions::from_mode(0o600)).unwrap();
    symlink("secret.blob", bench.path("to-secret")).unwrap();
    bench.succeed("seal shop.toml --key shop.key --sequence 1 -o to-secret");
    assert!(fs::symlink_metadata(bench.path("to-secret")).unwrap().is_symlink());
    assert_ne!(fs::read(bench.path("secret.blob")).unwrap(), b"before");
    assert_eq!(fs::metadata(bench.path("secret.blob")).unwrap().permissions().mode() & 0o777, 0o600);
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
        ("unknown field", format!("{whole}more = 1\n"), "line 5: unknown field"),
        ("cut off", whole.split_at(whole.find("code_key").unwrap() + 4).0.to_owned(), "line 4: key with no value"),
    ];
    for (name, text, complaint) in cases {
        // Written in place: the file keeps its mode.
        bench.write("shop.key", &text);
        let ran = bench.run("key show shop.key");
        assert_eq!(ran.status, 3, "{name}");
        assert!(ran.complaint.contains(complaint), "{name}: {}", ran.complaint);
        assert!(!ran.complaint.contains(cut), "{name}: {}", ran.complaint);
        assert_eq!(ran.complaint.contains("restore the file"), name != "no key file", "{name}: {}", ran.complaint);
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file_of_a_key_is_not_told_to_be_made_private() {
    let bench = Bench::new("no_file_of_a_key");
    fs::write(bench.path("noise.blob"), [0xff; 200]).unwrap();
    for path in [".", "/dev/null", "shop.toml", "noise.blob"] {
        let ran = bench.run(&format!("check shop.toml --key {path}"));
        assert_eq!(ran.status, 3, "{path}");
        assert!(ran.complaint.contains("not a key file") && !ran.complaint.contains("chmod"), "{}", ran.complaint);
    }
}

#[test]
fn a_key_file_without_a_signing_key_tells_what_is_genuine_and_seals_nothing() {
    let bench = bench_with_key("without_a_signing_key");
    bench.succeed("seal shop.toml --key shop.key --sequence 1 -o shop.blob");
    bench.succeed("key new --codes-of shop.key -o next.key");
    let shown = bench.succeed("key show shop.key");
    let whole = fs::read_to_string(bench.path("shop.key")).unwrap();
    let public: String = whole.lines().filter(|line| !line.starts_with("signing_key")).map(|line| format!("{line}\n")).collect();
    // Written in place: the file keeps its mode.
    bench.write("shop.key", &public);
    assert_eq!(bench.succeed("key show shop.key"), shown);
    assert!(bench.succeed("show shop.blob --key shop.key").contains("# seal: genuine: a device installs it"));
    let question = "--at 2026-11-23T09:00:00Z --code 4711 --open --system 1 --areas 1";
    bench.succeed(&format!("check shop.blob --key shop.key {question}"));
    for arguments in [
        "seal shop.toml --key shop.key --sequence 2 -o out.blob",
        "clock --floor 2099-01-01T00:00:00Z --recipient 17 --key shop.key --sequence 2 -o out.blob",
        "key change --key shop.key --new next.key --recipient 17 --sequence 2 -o out.blob",
    ] {
        let ran = bench.run(arguments);
        assert_eq!(ran.status, 3, "{arguments}: {ran:?}");
        assert!(ran.complaint.contains("no signing key") && ran.complaint.contains("the key file that has"), "{}", ran.complaint);
        assert!(!bench.path("out.blob").exists());
    }
    let ran = bench.run("check shop.toml --key shop.key");
    assert!(ran.status == 3 && ran.complaint.contains("no signing key") && ran.complaint.contains("leave out `--key`"), "{ran:?}");
    let lines = "{\"at\":null,\"install\":\"shop.toml\"}\n{\"at\":null,\"key_change\":\"recovery\"}\n";
    let ran = bench.run_with(&["check", "shop.blob", "--key", "shop.key", "--requests", "-"], lines);
    assert_eq!(ran.output.matches("no signing key").count(), 2, "{ran:?}");
}

#[test]
fn a_policy_that_only_a_large_device_holds_is_warned_about_unless_it_says_so() {
    let bench = bench_with_key("only_a_large_device");
    let contacts: String = (100..500).map(|user| format!("[[contact]]\nuser = {user}\n")).collect();
    bench.write("many.toml", &format!("{SHOP}{contacts}"));
    bench.write("large.toml", &format!("{}{contacts}", SHOP.replace("site = 17", "site = 17\nsize = \"large\"")));
    for (file, warns) in [("shop.toml", false), ("many.toml", true), ("large.toml", false)] {
        for arguments in [format!("check {file}"), format!("seal {file} --key shop.key --sequence 1 -o out.blob")] {
            let ran = bench.run(&arguments);
            assert_eq!(ran.status, 0, "{arguments}: {ran:?}");
            assert_eq!(ran.complaint.contains("a standard device has room for"), warns, "{arguments}: {}", ran.complaint);
            assert_eq!(ran.complaint.contains("write `size = \"large\"`"), warns, "{arguments}: {}", ran.complaint);
        }
    }
}

#[test]
fn what_is_no_blob_needs_no_key_to_tell() {
    let bench = Bench::new("no_blob_to_check");
    bench.write("empty", "");
    bench.write("notes", "hello");
    for (file, complaint) in [(".", "cannot be read"), ("empty", "this file is empty"), ("notes", "no whole blob"), ("-", "cannot be read")]
    {
        let ran = bench.run(&format!("check {file}"));
        assert_eq!(ran.status, 3, "{file}");
        assert!(ran.complaint.contains(complaint) && !ran.complaint.contains("without its key"), "{file}: {}", ran.complaint);
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
    for command in [
        "seal shop.toml --key shop.key",
        "clock --floor 2099-01-01T00:00:00Z --recipient 17 --key shop.key",
        "key change --key shop.key --new shop.key --recipient 17",
    ] {
        for (sequence, complaint) in [
            ("18446744073709551615", "nothing could follow it; write a lower one"),
            ("-1", "from 1 to 18446744073709551614"),
            ("0", "from 1 to"),
        ] {
            let ran = bench.run(&format!("{command} --sequence {sequence} -o shop.blob"));
            assert_eq!(ran.status, 2, "{command} {sequence}: {ran:?}");
            assert!(ran.complaint.contains(complaint), "{command} {sequence}: {}", ran.complaint);
        }
    }
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
    bench.write("notes", "hello");
    let blob = fs::read(bench.path("shop.blob")).unwrap();
    fs::write(bench.path("cut.blob"), &blob[..blob.len() - 1]).unwrap();
    for (arguments, complaint) in [
        ("show shop.toml", "a policy file by its name, not a blob"),
        ("show notes", "not a whole blob"),
        ("show cut.blob", "cut short"),
        ("show nowhere.blob", "cannot be read"),
    ] {
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
        (&["check", "shop.toml", "--user", "1", "--act", "suspend", "--target", "12"], 0, "allowed  Permitted"),
        (&["check", "shop.toml", "--user", "1", "--act", "revoke", "--grant", "7"], 0, "allowed  Permitted"),
        (&["check", "shop.toml", "--user", "1", "--act", "grant", "--engineer", "3", "--answers-request"], 0, "allowed  Permitted"),
        (&["check", "shop.toml", "--user", "1", "--act", "test", "--minutes", "5"], 1, "denied"),
        (&["check", "shop.toml", "--engineer", "3", "--session", "begin"], 1, "denied  NoGrant"),
        (&["check", "shop.toml", "--user", "1", "--close", "--system", "1", "--areas", "1, 2"], 0, "areas 1-2"),
        (&["check", "shop.toml", "--user", "1", "--close", "--system", "1", "--areas", "1-2"], 0, "areas 1-2"),
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
    bench.write("station.toml", "[receiver]\nid = 900\n");
    let cases = [
        ("check shop.toml --user 1 --open --system 1 --areas 33", "33 is not an area"),
        ("check shop.toml --user 1 --open --system 1 --areas 2-1", "goes backwards"),
        ("check shop.toml --user 1 --open --system 1 --areas all", "name the areas"),
        ("check shop.toml --user 1 --open", "--areas: is missing: say where with --system and --areas"),
        ("check shop.toml --open --system 1 --areas 1", "--user: is missing: say who asks with --user, --code or --passcode"),
        ("check shop.toml --user 1 --act lift --close", "--act: asks two things at once: write this or --close"),
        ("check shop.toml --user 1 --act suspend", "--target: is missing"),
        ("check shop.toml --user 1 --act grnt", "no act is called \"grnt\": write \"grant\""),
        ("check shop.toml --user 1 --act temporary_span", "`schedule` is missing; no option says it, so write the question as --request"),
        ("check station.toml --user 1 --close --system 1 --areas 1", "--close: a receiver has no contacts"),
        ("check shop.toml --user 1000 --open --system 1 --areas 1", "--user: 1000 is not a user number"),
        ("check shop.toml --user 1 --armed-by 0 --open --system 1 --areas 1", "--armed-by: 0 is not a user number"),
        ("check shop.toml --user 1", "asks nothing: add --open,"),
        ("check shop.toml --request {}", "at: is missing"),
        ("check shop.toml --request []", "not a JSON object"),
        ("check shop.toml --request {\"at\":", "--request: not JSON"),
    ];
    for (arguments, complaint) in cases {
        let ran = bench.run(arguments);
        assert_eq!(ran.status, 2, "{arguments}: {ran:?}");
        assert!(ran.complaint.contains(complaint), "{arguments}: {ran:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_told_is_an_error_unless_nobody_reads() {
    use std::process::{Command, Stdio};
    let bench = bench_with_key("cannot_be_told");
    bench.succeed("seal shop.toml --key shop.key --sequence 1 -o shop.blob");
    bench.write("questions.jsonl", "{\"at\":null,\"tick\":true}\n");
    bench.write("story.toml", "policy = \"shop.toml\"\n[[step]]\nat = \"unknown\"\ntick = true\n");
    for arguments in ["check shop.toml", "check shop.toml --requests questions.jsonl", "run story.toml", "show shop.blob", "demo"] {
        let told_to = |output: Stdio| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_keyholder"));
            let ran = command.args(arguments.split_whitespace()).current_dir(&bench.directory).stdout(output).output().unwrap();
            (ran.status.code(), String::from_utf8(ran.stderr).unwrap())
        };
        let (status, complaint) = told_to(fs::OpenOptions::new().write(true).open("/dev/full").unwrap().into());
        assert_eq!(status, Some(3), "{arguments}");
        assert!(complaint.contains("standard output: cannot be written"), "{arguments}: {complaint}");
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        assert_eq!(told_to(writer.into()), (Some(0), String::new()), "{arguments}");
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

/// The shop of the other tests with Alice suspended.
fn suspended() -> String {
    SHOP.replace("name = \"Alice\"\n", "name = \"Alice\"\nsuspended = true\n")
}

#[test]
fn a_patch_is_sealed_from_what_changes_and_does_what_the_snapshot_does() {
    let bench = bench_with_key("a_patch_is_sealed");
    bench.write("new.toml", &suspended());
    bench.succeed("seal shop.toml --key shop.key --sequence 3 -o shop.blob");
    let told =
        bench.succeed("seal new.toml --key shop.key --sequence 4 --patch shop.blob --issued-at 2026-11-22T00:00:00Z -o patch-4.blob");
    assert!(told.contains("a patch of 3"), "{told}");
    let length = fs::metadata(bench.path("patch-4.blob")).unwrap().len();
    assert!(length < 200, "{length} bytes");
    // By the file of the policy it has, the same.
    bench.succeed(
        "seal new.toml --key shop.key --sequence 4 --patch shop.toml --base-sequence 3 --issued-at 2026-11-22T00:00:00Z -o same.blob",
    );
    assert_eq!(fs::read(bench.path("same.blob")).unwrap(), fs::read(bench.path("patch-4.blob")).unwrap());
    // And on from there.
    let told = bench.succeed("seal shop.toml --key shop.key --sequence 9 --patch shop.blob --patch patch-4.blob -o patch-9.blob --json");
    assert_eq!(serde_json::from_str::<Value>(&told).unwrap()["base"], 4);
    bench.succeed(
        "seal shop.toml --key shop.key --sequence 10 --patch shop.blob --patch patch-4.blob --patch patch-9.blob -o patch-10.blob",
    );
    assert_eq!(fs::metadata(bench.path("patch-10.blob")).unwrap().len(), 144, "nothing has changed");

    let alice = "{\"at\":\"2026-11-23T09:00:00Z\",\"user\":12,\"action\":\"open\",\"system\":1,\"areas\":[1]}\n";
    let install = |file: &str| format!("{{\"at\":null,\"install\":\"{file}\"}}\n");
    let lines = [alice, &install("patch-4.blob"), alice, &install("patch-10.blob"), &install("patch-9.blob"), alice].concat();
    let ran = bench.run_with(&["check", "shop.blob", "--key", "shop.key", "--requests", "-"], &lines);
    let answers: Vec<Value> = ran.output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let reasons: Vec<&Value> = [0, 2, 5].iter().map(|line: &usize| &answers[*line]["reason"]).collect();
    assert_eq!(reasons, ["WithinSchedule", "Suspended", "WithinSchedule"]);
    assert_eq!(answers[3]["refused"], "OtherBase");
    assert_eq!(answers[4]["sequence"], 9);

    let shown = bench.succeed("show patch-4.blob --key shop.key");
    for line in [
        "# for: panel patch",
        "# base: 3",
        "# seal: genuine: a device that has sequence 3 may install it",
        "[[contact]]",
        "suspended = true",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}\n{shown}");
    }
}

#[test]
fn what_cannot_be_a_patch_says_what_to_do() {
    let bench = bench_with_key("what_cannot_be_a_patch");
    let contacts = |from: u16| (from..from + 33).map(|user| format!("[[contact]]\nuser = {user}\n")).collect::<String>();
    bench.write("many.toml", &format!("{SHOP}{}", contacts(100)));
    bench.write("new.toml", &suspended());
    bench.write("elsewhere.toml", &SHOP.replace("site = 17", "site = 18"));
    bench.write("other-eve.toml", &SHOP.replace("eve@", "mallory@"));
    bench.write("station.toml", "[receiver]\nid = 17\n");
    bench.succeed("seal shop.toml --key shop.key --sequence 3 -o shop.blob");
    bench.succeed("seal new.toml --key shop.key --sequence 4 --patch shop.blob -o patch.blob");
    let mut altered = fs::read(bench.path("shop.blob")).unwrap();
    *altered.last_mut().unwrap() ^= 1;
    fs::write(bench.path("altered.blob"), altered).unwrap();
    let cases = [
        ("many.toml --sequence 4 --patch shop.blob", 3, "33 of the contacts change", "leave out `--patch`"),
        ("new.toml --sequence 3 --patch shop.blob", 3, "1 to 65535 above", "from 4 to 65538"),
        ("new.toml --sequence 70000 --patch shop.blob", 3, "1 to 65535 above", "seal a snapshot"),
        ("elsewhere.toml --sequence 4 --patch shop.blob", 3, "that of 17, and this one that of 18", "the policy that this device has"),
        ("station.toml --sequence 4 --patch shop.blob", 3, "a panel's, the other a receiver's", "the policy that this device has"),
        ("other-eve.toml --sequence 4 --patch shop.blob", 3, "another identity behind a known engineer", "a new id"),
        ("shop.toml --sequence 5 --patch patch.blob", 3, "no whole snapshot", "and then the patches since"),
        ("shop.toml --sequence 5 --patch shop.blob --patch shop.blob", 3, "no patch of sequence 3", "in the order"),
        ("shop.toml --sequence 5 --patch altered.blob", 3, "no whole snapshot", "the last snapshot"),
        ("shop.toml --sequence 5 --patch shop.toml", 2, "--base-sequence", "give the blob"),
        ("shop.toml --sequence 5 --patch shop.blob --base-sequence 3", 2, "--base-sequence is for a policy file", "leave it out"),
        ("shop.toml --sequence 5 --patch shop.blob --after shop.blob", 2, "cannot be used with", ""),
    ];
    let files = bench.files();
    for (arguments, status, complaint, hint) in cases {
        let ran = bench.run(&format!("seal {arguments} --key shop.key -o out.blob"));
        assert_eq!(ran.status, status, "{arguments}: {ran:?}");
        assert!(ran.complaint.contains(complaint) && ran.complaint.contains(hint), "{arguments}: {}", ran.complaint);
        assert_eq!(bench.files(), files, "{arguments}");
    }
}

#[test]
fn a_key_is_replaced_and_the_codes_stay() {
    let bench = bench_with_key("a_key_is_replaced");
    bench.succeed("key new --codes-of shop.key -o next.key");
    bench.succeed("key new -o stranger.key");
    bench.succeed("seal shop.toml --key shop.key --sequence 3 -o shop.blob");
    let files = bench.files();
    for (new, complaint, hint) in [
        ("stranger.key", "another code key", "key new --codes-of shop.key"),
        ("shop.key", "this is the key that signs", "does not hold yet"),
    ] {
        let ran = bench.run(&format!("key change --key shop.key --new {new} --for shop.toml --sequence 4 -o change.blob"));
        assert_eq!(ran.status, 3, "{new}");
        assert!(ran.complaint.contains(complaint) && ran.complaint.contains(hint), "{}", ran.complaint);
        assert_eq!(bench.files(), files);
    }
    assert_eq!(bench.run("key change --key shop.key --new next.key --sequence 4 -o change.blob").status, 2, "for whom");
    bench.succeed("key change --key shop.key --new next.key --for shop.toml --sequence 4 -o change.blob");
    bench.succeed("key change --key shop.key --new next.key --role recovery --recipient 17 --sequence 4 -o recovery.blob");
    let shown = bench.succeed("show change.blob --key shop.key");
    assert!(shown.contains("[key_change]\nrole = \"signing\"\n"), "{shown}");
    bench.write("new.toml", &suspended());
    bench.succeed("seal new.toml --key next.key --sequence 5 --patch shop.blob -o patch.blob");
    bench.succeed("seal new.toml --key shop.key --sequence 5 -o stale.blob");
    let code = "{\"at\":\"2026-11-23T09:00:00Z\",\"code\":\"4711\",\"action\":\"open\",\"system\":1,\"areas\":[1]}\n";
    let install = |file: &str| format!("{{\"at\":null,\"install\":\"{file}\"}}\n");
    let lines = [&install("change.blob"), code, &install("stale.blob"), &install("patch.blob"), code].concat();
    let ran = bench.run_with(&["check", "shop.blob", "--key", "shop.key", "--requests", "-"], &lines);
    let answers: Vec<Value> = ran.output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&answers[0]["sequence"], &answers[2]["refused"]), (&4.into(), &"UnknownKey".into()));
    assert_eq!((&answers[1]["reason"], &answers[4]["reason"]), (&"WithinSchedule".into(), &"Suspended".into()));
    let ran = bench.run("check change.blob --key shop.key");
    assert!(ran.complaint.contains("no whole policy") && ran.complaint.contains("--requests"), "{}", ran.complaint);
}

#[test]
fn a_clock_correction_names_the_wrong_reading() {
    let bench = bench_with_key("a_clock_correction");
    let right = "--issued-at 2026-11-22T08:00:00Z";
    bench.succeed(&format!("clock --key shop.key --floor 2031-01-01T00:00:00Z --for shop.toml --sequence 2 {right} -o right.blob"));
    let shown = bench.succeed("show right.blob --key shop.key");
    assert!(shown.contains("[clock_correction]\nfloor = \"2031-01-01T00:00:00Z\""), "{shown}");
    assert!(shown.contains("# seal: genuine: a device whose highest clock reading is this one installs it"), "{shown}");
    for (arguments, complaint) in [
        ("--floor 2026-11-22T08:00:00Z", "put right by setting its clock"),
        ("--floor 2031-01-01T00:00:00Z --expires 30d", "--expires is not after --floor"),
        ("--floor tomorrow", "write an instant with its offset"),
        ("--floor 1950-01-01T00:00:00Z", "from 1970 on"),
    ] {
        let ran = bench.run(&format!("clock --key shop.key {arguments} --for shop.toml --sequence 2 {right} -o wrong.blob"));
        assert_eq!(ran.status, 2, "{arguments}");
        assert!(ran.complaint.contains(complaint), "{arguments}: {}", ran.complaint);
    }
    assert!(!bench.path("wrong.blob").exists());
}

#[test]
fn what_a_device_sends_can_be_read() {
    let bench = Bench::new("what_a_device_sends");
    let lines = "{\"at\":null,\"install\":\"shop.toml\"}\n\
                 {\"at\":\"2026-11-23T09:00:00Z\",\"user\":1,\"act\":\"suspend\",\"target\":12}\n\
                 {\"at\":\"2026-11-23T09:00:00Z\",\"report\":true}\n";
    let ran = bench.run_with(&["check", "shop.toml", "--requests", "-"], lines);
    let answers: Vec<Value> = ran.output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (answer, field) in [(0, "acknowledgement"), (2, "report")] {
        let digits = answers[answer][field].as_str().unwrap();
        let bytes: Vec<u8> =
            (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(digits.get(at..at + 2).unwrap(), 16).unwrap()).collect();
        fs::write(bench.path(field), &bytes).unwrap();
        let shown: Value = serde_json::from_str(&bench.succeed(&format!("show {field}"))).unwrap();
        assert_eq!((&shown["device"], &shown["sequence"], &shown["latest"]), (&17.into(), &2.into(), &2.into()), "{field}");
        fs::write(bench.path("cut"), &bytes[..bytes.len() - 1]).unwrap();
        let ran = bench.run("show cut");
        assert_eq!(ran.status, 3, "{field}");
        assert!(ran.complaint.contains("neither a blob nor what a device sends"), "{}", ran.complaint);
    }
    assert_eq!(answers[2]["suspended"], serde_json::json!([12]));
    assert_eq!(answers[2]["floor"], "2026-11-23T09:00:00Z");
}
