//! The contract of `keyholder check --requests`, which other programs drive: docs/requests.md.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails has to say so")]
#![allow(clippy::indexing_slicing, reason = "a missing field reads as null")]

mod common;

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use common::{Bench, Ran};
use serde_json::Value;

fn ask(bench: &Bench, lines: &str) -> (Ran, Vec<Value>) {
    let ran = bench.run_with(&["check", "shop.toml", "--requests", "-"], lines);
    let answers = ran.output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (ran, answers)
}

/// A request to open area 1 of system 1, with other fields in front.
fn open(fields: &str) -> String {
    format!("{{{fields},\"action\":\"open\",\"system\":1,\"areas\":[1]}}\n")
}

#[test]
fn every_line_is_answered_in_order_and_a_malformed_one_stops_nothing() {
    let bench = Bench::new("every_line_is_answered");
    let lines = [
        open("\"at\":\"2026-11-23T09:00:00Z\",\"code\":\"4711\""),
        "not json\n".to_owned(),
        "\n".to_owned(),
        "{\"at\":\"2026-11-23T09:00:01Z\",\"tick\":true}\n".to_owned(),
        open("\"at\":null,\"user\":12"),
    ];
    let (ran, answers) = ask(&bench, &lines.concat());
    assert_eq!(answers.iter().map(|answer| answer["line"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2, 4, 5]);
    assert_eq!(answers[0]["reason"], "WithinSchedule");
    assert_eq!(answers[1]["error"]["field"], Value::Null);
    assert_eq!(answers[2]["due"], Value::Array(Vec::new()));
    assert_eq!(answers[3]["reason"], "TimeUnknown");
    assert_eq!(ran.status, 3, "some line was malformed");
    assert_eq!(ask(&bench, &lines[0]).0.status, 0, "a refusal is no failure, nor is an allow");
}

#[test]
fn a_decision_has_every_documented_field() {
    let bench = Bench::new("a_decision_has_every_field");
    let (_, answers) = ask(&bench, &open("\"at\":\"2026-11-23T09:00:00Z\",\"code\":\"4711\""));
    let expected = r#"{"line":1,"verdict":"allow","reason":"WithinSchedule","public_reason":"Accepted","user":12,
        "report":{"event":"Opening","contact_id":"1 401 01 012","sia":"OP","user":12,"system":1,"areas":[1],"engineer":null,"site":null,"grant":null},
        "until":"2026-11-23T18:00:00Z","close_by":null,"grant":null,"left":[]}"#;
    assert_eq!(answers[0], serde_json::from_str::<Value>(expected).unwrap());
}

#[test]
fn a_malformed_request_names_its_field() {
    let bench = Bench::new("a_malformed_request");
    let at = "\"at\":\"2026-11-23T09:00:00Z\"";
    let firmware = |fields: &str| format!("{{{at},\"engineer\":3,\"firmware\":{{{fields}}}}}");
    let cases = [
        ("no time", "{\"user\":1,\"action\":\"open\",\"system\":1,\"areas\":[1]}".to_owned(), "at"),
        ("a number as time", "{\"at\":5,\"tick\":true}".to_owned(), "at"),
        ("no such time", "{\"at\":\"2026-11-31T09:00:00Z\",\"tick\":true}".to_owned(), "at"),
        ("a time without its date", "{\"at\":\"09:00\",\"tick\":true}".to_owned(), "at"),
        ("unknown field", open(&format!("{at},\"user\":1,\"hurry\":true")), "hurry"),
        ("nobody asks", open(at), "user"),
        ("a field twice", open(&format!("{at},\"user\":1,\"user\":2")), "user"),
        ("user 0", open(&format!("{at},\"user\":0")), "user"),
        ("user 1000", open(&format!("{at},\"user\":1000")), "user"),
        ("user 1.5", open(&format!("{at},\"user\":1.5")), "user"),
        ("user as text", open(&format!("{at},\"user\":\"1\"")), "user"),
        ("code as number", open(&format!("{at},\"code\":4711")), "code"),
        ("code and passcode", open(&format!("{at},\"code\":\"4711\",\"passcode\":\"bluebell\"")), "passcode"),
        ("armed by user 1000", open(&format!("{at},\"user\":1,\"armed_by\":1000")), "armed_by"),
        ("in alarm: 1", open(&format!("{at},\"user\":1,\"in_alarm\":1")), "in_alarm"),
        ("another action", format!("{{{at},\"user\":1,\"action\":\"arm\",\"system\":1,\"areas\":[1]}}"), "action"),
        ("system 9", format!("{{{at},\"user\":1,\"action\":\"open\",\"system\":9,\"areas\":[1]}}"), "system"),
        ("no system", format!("{{{at},\"user\":1,\"action\":\"open\",\"areas\":[1]}}"), "system"),
        ("area 33", format!("{{{at},\"user\":1,\"action\":\"open\",\"system\":1,\"areas\":[33]}}"), "areas"),
        ("area 0", format!("{{{at},\"user\":1,\"action\":\"open\",\"system\":1,\"areas\":[0]}}"), "areas"),
        ("no areas", format!("{{{at},\"user\":1,\"action\":\"open\",\"system\":1,\"areas\":[]}}"), "areas"),
        ("areas left out", format!("{{{at},\"user\":1,\"action\":\"open\"}}"), "areas"),
        ("two questions", format!("{{{at},\"user\":1,\"action\":\"open\",\"act\":\"lift\"}}"), "act"),
        ("unknown act", format!("{{{at},\"user\":1,\"act\":\"dance\"}}"), "act"),
        ("no target", format!("{{{at},\"user\":1,\"act\":\"suspend\"}}"), "target"),
        ("no minutes", format!("{{{at},\"user\":1,\"act\":\"extend_closing\",\"system\":1,\"areas\":[1]}}"), "minutes"),
        ("no span", format!("{{{at},\"user\":1,\"act\":\"temporary_span\",\"schedule\":1,\"date\":\"2026-11-24\"}}"), "span"),
        (
            "span without end",
            format!(
                "{{{at},\"user\":1,\"act\":\"temporary_span\",\"schedule\":1,\"date\":\"2026-11-24\",\"span\":{{\"opens_from\":\"08:00\"}}}}"
            ),
            "span.must_be_closed_by",
        ),
        ("grant 0", format!("{{{at},\"user\":1,\"act\":\"revoke\",\"grant\":0}}"), "grant"),
        ("no engineer", format!("{{{at},\"capability\":\"read_log\"}}"), "engineer"),
        ("engineer 0", format!("{{{at},\"engineer\":0,\"capability\":\"read_log\"}}"), "engineer"),
        ("unknown capability", format!("{{{at},\"engineer\":3,\"capability\":\"fly\"}}"), "capability"),
        ("no capability", format!("{{{at},\"engineer\":3,\"capability\":[]}}"), "capability"),
        ("another session", format!("{{{at},\"engineer\":3,\"session\":\"pause\"}}"), "session"),
        ("no model", firmware("\"version\":\"2\",\"installed\":\"1\""), "firmware.model"),
        ("a version too long", firmware("\"model\":\"KH\",\"version\":\"1.2.3.4.5\",\"installed\":\"1\""), "firmware.version"),
        ("an open version", firmware("\"model\":\"KH\",\"version\":\"2.*\",\"installed\":\"1\""), "firmware.version"),
        (
            "half a digest",
            firmware("\"model\":\"KH\",\"version\":\"2\",\"installed\":\"1\",\"image_sha256\":\"ab\""),
            "firmware.image_sha256",
        ),
        ("unknown inside", firmware("\"model\":\"KH\",\"version\":\"2\",\"installed\":\"1\",\"size\":1"), "firmware.size"),
        ("tick false", format!("{{{at},\"tick\":false}}"), "tick"),
        ("armed area 40", format!("{{{at},\"tick\":true,\"armed\":[{{\"system\":1,\"areas\":[40]}}]}}"), "armed.areas"),
        ("a patch that is a blob", format!("{{{at},\"patch\":\"shop.blob\"}}"), "patch"),
        ("a signer nobody knows", format!("{{{at},\"patch\":\"shop.toml\",\"signed_by\":\"me\"}}"), "signed_by"),
        ("a signer of what is signed", format!("{{{at},\"install\":\"shop.blob\",\"signed_by\":\"signing\"}}"), "signed_by"),
        ("a role nobody knows", format!("{{{at},\"key_change\":\"master\"}}"), "key_change"),
        ("no right time", format!("{{{at},\"clock_correction\":\"now\"}}"), "clock_correction"),
        ("no wrong time", format!("{{{at},\"clock_correction\":\"2026-11-23 09:00\",\"floor\":\"?\"}}"), "floor"),
        ("no loss of power", format!("{{{at},\"power_cycle\":false}}"), "power_cycle"),
        ("half a flash", format!("{{{at},\"flash\":\"half\"}}"), "flash"),
        ("no report", format!("{{{at},\"report\":1}}"), "report"),
        ("no such blob", format!("{{{at},\"install\":\"nowhere.blob\"}}"), "install"),
    ];
    let lines: String = cases.iter().map(|(_, line, _)| format!("{}\n", line.trim_end())).collect();
    let (_, answers) = ask(&bench, &lines);
    assert_eq!(answers.len(), cases.len());
    for ((name, _, field), answer) in cases.iter().zip(&answers) {
        assert_eq!(answer["error"]["field"], *field, "{name}: {answer}");
        assert!(!answer["error"]["message"].as_str().unwrap().is_empty(), "{name}");
    }
}

#[test]
fn a_field_that_is_misspelt_is_told_of_before_what_is_missing() {
    let bench = Bench::new("misspelt");
    let at = "\"at\":\"2026-11-23T09:00:00Z\"";
    let cases = [
        ("{\"sytem\":1,\"areas\":[1]}".to_owned(), "sytem", "unknown here: write `system`"),
        (format!("{{{at},\"acton\":\"open\",\"user\":1}}"), "acton", "unknown here: write `action`"),
        (open(&format!("{at},\"cod\":\"4711\"")), "cod", "unknown here: write `code`; this kind of request has "),
        ("{\"att\":null,\"tick\":true}".to_owned(), "att", "unknown here: write `at`"),
        (format!("{{{at},\"user\":1,\"act\":\"suspend\",\"traget\":12}}"), "traget", "unknown here: write `target`"),
        (format!("{{{at},\"user\":1,\"act\":\"suspend\",\"minutes\":12}}"), "minutes", "unknown here: remove it"),
        (format!("{{{at},\"engineer\":3,\"firmware\":{{\"modle\":\"KH\"}}}}"), "firmware.modle", "unknown here: write `model`"),
        (format!("{{{at},\"tick\":true,\"armed\":[{{\"sytem\":1}}]}}"), "armed.sytem", "unknown here: write `system`"),
        (
            format!(
                "{{{at},\"user\":1,\"act\":\"temporary_span\",\"schedule\":1,\"date\":\"2026-11-24\",\"span\":{{\"opens\":\"08:00\"}}}}"
            ),
            "span.opens",
            "unknown here: ",
        ),
        (format!("{{{at},\"user\":1,\"act\":\"grnt\"}}"), "act", "no act is called \"grnt\": write \"grant\"; there are "),
        (format!("{{{at},\"user\":1,\"act\":\"dance\"}}"), "act", "no act is called \"dance\": write one of cancel_alarm, "),
        (format!("{{{at},\"engineer\":3,\"capability\":\"fly\"}}"), "capability", "write one of view_settings, "),
        ("{\"at\":\"unknown\",\"tick\":true}".to_owned(), "at", "\"unknown\" is no point in time: write null"),
    ];
    let lines: String = cases.iter().map(|(line, ..)| format!("{}\n", line.trim_end())).collect();
    let (_, answers) = ask(&bench, &lines);
    for ((line, field, message), answer) in cases.iter().zip(&answers) {
        assert_eq!(answer["error"]["field"], *field, "{line}: {answer}");
        assert!(answer["error"]["message"].as_str().unwrap().contains(message), "{line}: {answer}");
    }
}

#[test]
fn what_is_unfinished_is_told_where_its_line_ends() {
    let bench = Bench::new("unfinished");
    let (_, answers) = ask(&bench, "{\"at\":null\n");
    assert_eq!(answers[0]["error"]["message"], "not JSON: EOF while parsing an object, at column 10");
}

#[test]
fn what_is_no_object_is_an_error_of_the_whole_line() {
    let bench = Bench::new("what_is_no_object");
    let (_, answers) = ask(&bench, "[1]\n{\"at\":\nnull\n{}\n{\"at\":null}\n");
    let fields: Vec<&Value> = answers.iter().map(|answer| &answer["error"]["field"]).collect();
    assert_eq!(fields, [&Value::Null, &Value::Null, &Value::Null, &Value::from("at"), &Value::Null]);
}

#[test]
fn unknown_time_refuses_what_depends_on_time_and_nothing_else() {
    let bench = Bench::new("unknown_time");
    let lines = [open("\"at\":null,\"user\":1"), open("\"at\":null,\"user\":12"), "{\"at\":null,\"tick\":true}\n".to_owned()];
    let (_, answers) = ask(&bench, &lines.concat());
    assert_eq!((&answers[0]["verdict"], &answers[0]["reason"]), (&"allow".into(), &"Anytime".into()));
    assert_eq!((&answers[1]["verdict"], &answers[1]["reason"]), (&"deny".into(), &"TimeUnknown".into()));
    assert_eq!(answers[2]["due"], Value::Array(Vec::new()));
}

#[test]
fn local_times_are_the_sites() {
    let bench = Bench::new("local_times");
    let lines = [open("\"at\":\"2026-07-06 08:00\",\"user\":12"), open("\"at\":\"2026-07-06T18:59:59+02:00\",\"user\":12")];
    let (_, answers) = ask(&bench, &lines.concat());
    assert_eq!(answers[0]["until"], "2026-07-06T17:00:00Z", "18:00 of British summer time");
    assert_eq!(answers[1]["reason"], "WithinSchedule");
}

#[test]
fn the_ledger_lives_on_between_lines() {
    let bench = Bench::new("the_ledger_lives_on");
    let wrong = |second: u8| open(&format!("\"at\":\"2026-11-23T09:00:0{second}Z\",\"code\":\"0000\""));
    let right = open("\"at\":\"2026-11-23T09:00:05Z\",\"code\":\"4711\"");
    let back = open("\"at\":\"2026-11-23T07:00:00Z\",\"user\":12");
    let (_, answers) = ask(&bench, &[wrong(1), wrong(2), wrong(3), right, back].concat());
    let reasons: Vec<&Value> = answers.iter().map(|answer| &answer["reason"]).collect();
    assert_eq!(reasons, ["UnknownCode", "UnknownCode", "UnknownCode", "LockedOut", "TimeUnknown"]);
    assert_eq!(answers[2]["report"]["event"], "WrongCodes");
    assert_eq!(answers[3]["report"], Value::Null, "a lockout is silent");
}

#[test]
fn the_device_knows_who_armed_unless_it_is_told() {
    let bench = Bench::new("who_armed");
    let guest = |action: &str, more: &str| {
        format!("{{\"at\":\"2026-11-23T09:00:00Z\",\"user\":13,\"action\":\"{action}\",\"system\":1,\"areas\":[1]{more}}}\n")
    };
    let lines = [
        guest("open", ""),
        guest("close", ""),
        guest("open", ",\"armed_by\":1"),
        guest("open", ",\"armed_by\":null"),
        guest("open", ""),
        guest("open", ",\"armed_by\":13"),
    ];
    let (_, answers) = ask(&bench, &lines.concat());
    let reasons: Vec<&Value> = answers.iter().map(|answer| &answer["reason"]).collect();
    assert_eq!(reasons, ["NotArmedByYou", "Anytime", "NotArmedByYou", "NotArmedByYou", "Anytime", "Anytime"]);
}

#[test]
fn a_tick_tells_what_has_fallen_due_once_with_the_areas_armed_as_seen_or_told() {
    let bench = Bench::new("a_tick_tells");
    let tick = |at: &str, more: &str| format!("{{\"at\":\"2026-11-23T{at}Z\",\"tick\":true{more}}}\n");
    let lines = [
        tick("07:00:00", ""),
        open("\"at\":\"2026-11-23T08:00:00Z\",\"user\":12"),
        tick("18:00:00", ""),
        tick("18:00:00", ""),
        tick("23:00:00", ",\"armed\":[]"),
    ];
    let (_, answers) = ask(&bench, &lines.concat());
    let due = &answers[2]["due"];
    assert_eq!(due.as_array().unwrap().len(), 1, "{due}");
    assert_eq!((&due[0]["event"], &due[0]["at"]), (&"FailedToClose".into(), &"2026-11-23T18:00:00Z".into()));
    assert_eq!(due[0]["areas"], Value::from(vec![1]), "area 2 is armed still");
    assert_eq!((&answers[3]["due"], &answers[4]["due"]), (&Value::Array(Vec::new()), &Value::Array(Vec::new())));
}

#[test]
fn acts_land_in_the_ledger() {
    let bench = Bench::new("acts_land");
    let act = |fields: &str| format!("{{\"at\":\"2026-11-23T09:00:00Z\",{fields}}}\n");
    let lines = [
        act("\"passcode\":\"bluebell\",\"act\":\"suspend\",\"target\":12"),
        open("\"at\":\"2026-11-23T09:00:00Z\",\"user\":12"),
        act("\"user\":1,\"act\":\"reinstate\",\"target\":12"),
        open("\"at\":\"2026-11-23T09:00:00Z\",\"user\":12"),
        act("\"user\":1,\"act\":\"grant\",\"engineer\":\"Eve@Install.example\""),
        act("\"engineer\":3,\"session\":\"begin\""),
        act("\"engineer\":3,\"session\":\"end\""),
        act("\"engineer\":3,\"capability\":[\"read_log\",\"view_settings\"]"),
        act("\"user\":1,\"act\":\"revoke\",\"grant\":2147483648"),
    ];
    let (_, answers) = ask(&bench, &lines.concat());
    let reasons: Vec<&Value> = answers.iter().map(|answer| &answer["reason"]).collect();
    let expected = ["Permitted", "Suspended", "Permitted", "WithinSchedule", "Permitted", "Granted", "Permitted", "UsedUp", "Permitted"];
    assert_eq!(reasons, expected);
    assert_eq!(answers[4]["grant"], 2_147_483_648_u64);
}

#[test]
fn a_policy_can_be_installed_between_lines() {
    let bench = Bench::new("a_policy_between_lines");
    bench.write("without-alice.toml", &common::SHOP.replace("user = 12", "user = 14"));
    bench.write("other-site.toml", &common::SHOP.replace("site = 17", "site = 18"));
    bench.write("noise.blob", "noise");
    let install = |file: &str| format!("{{\"at\":\"2026-11-23T09:00:00Z\",\"install\":\"{file}\"}}\n");
    let lines = [
        install("noise.blob"),
        install("other-site.toml"),
        open("\"at\":\"2026-11-23T09:00:00Z\",\"user\":12"),
        install("without-alice.toml"),
        open("\"at\":\"2026-11-23T09:00:00Z\",\"user\":12"),
    ];
    let (_, answers) = ask(&bench, &lines.concat());
    assert_eq!((&answers[0]["refused"], &answers[1]["refused"]), (&"NotABlob".into(), &"WrongRecipient".into()));
    assert_eq!(answers[2]["verdict"], "allow", "a refused blob changes nothing");
    assert_eq!((&answers[3]["installed"], &answers[3]["sequence"]), (&"now".into(), &2.into()));
    assert_eq!(answers[4]["reason"], "UnknownUser");
}

#[test]
fn a_device_is_patched_gets_another_key_and_loses_its_power_between_lines() {
    let bench = Bench::new("a_device_is_patched");
    bench.write("without-alice.toml", &common::SHOP.replace("user = 12", "user = 14"));
    let contacts: String = (100..133).map(|user| format!("[[contact]]\nuser = {user}\n")).collect();
    bench.write("many.toml", &format!("{}{contacts}", common::SHOP));
    let lines = "{\"at\":null,\"patch\":\"without-alice.toml\"}\n\
                 {\"at\":null,\"patch\":\"many.toml\"}\n\
                 {\"at\":null,\"patch\":\"shop.toml\",\"signed_by\":\"recovery\"}\n\
                 {\"at\":null,\"key_change\":\"recovery\"}\n\
                 {\"at\":null,\"key_change\":\"signing\",\"signed_by\":\"recovery\"}\n\
                 {\"at\":null,\"patch\":\"shop.toml\",\"signed_by\":\"retired\"}\n\
                 {\"at\":\"2031-01-01T00:00:00Z\",\"user\":1,\"act\":\"edit_customer\"}\n\
                 {\"at\":null,\"clock_correction\":\"2026-11-23T09:00:00Z\"}\n\
                 {\"at\":null,\"power_cycle\":true}\n\
                 {\"at\":null,\"flash\":\"worn_out\"}\n\
                 {\"at\":null,\"patch\":\"shop.toml\"}\n";
    let (ran, answers) = ask(&bench, lines);
    assert_eq!(ran.status, 3, "two lines were no requests");
    assert_eq!((&answers[0]["installed"], &answers[0]["sequence"]), (&"now".into(), &2.into()));
    assert!(answers[1]["error"]["message"].as_str().unwrap().contains("let it `install` the file instead"), "{}", answers[1]);
    assert!(answers[2]["error"]["message"].as_str().unwrap().contains("let `key_change` set one first"), "{}", answers[2]);
    let sequences: Vec<&Value> = [3, 4, 7].iter().map(|line: &usize| &answers[*line]["sequence"]).collect();
    assert_eq!(sequences, [3, 4, 5]);
    assert_eq!(answers[5]["refused"], "UnknownKey");
    let booted = &answers[8];
    assert_eq!((&booted["sequence"], &booted["latest"], &booted["damage"]), (&2.into(), &5.into(), &serde_json::json!([])));
    assert_eq!(booted["floor"], "2026-11-23T09:00:00Z");
    assert_eq!(answers[10]["refused"], "NotKept");
}

#[test]
fn a_policy_that_has_come_twice_is_patched_as_it_came_last() {
    let bench = Bench::new("a_policy_that_has_come_twice");
    bench.write("without-alice.toml", &common::SHOP.replace("user = 12", "user = 14"));
    let lines = "{\"at\":null,\"install\":\"shop.toml\"}\n{\"at\":null,\"patch\":\"without-alice.toml\"}\n";
    let (_, answers) = ask(&bench, lines);
    assert_eq!((&answers[1]["installed"], &answers[1]["sequence"]), (&"now".into(), &3.into()), "{}", answers[1]);
}

#[test]
fn a_receiver_answers_about_engineers_and_has_no_contacts() {
    let bench = Bench::new("a_receiver_answers");
    bench.write(
        "station.toml",
        "[receiver]\nid = 900\n[[site]]\nid = 17\nbaseline = \"view_settings\"\n[[engineer]]\nid = 3\nemail = \"e@f\"\nregistered = true\n",
    );
    let lines = "{\"at\":null,\"engineer\":3,\"site\":17,\"capability\":\"view_settings\"}\n\
                 {\"at\":null,\"engineer\":3,\"capability\":\"view_settings\"}\n\
                 {\"at\":null,\"engineer\":3,\"site\":18,\"capability\":\"view_settings\"}\n\
                 {\"at\":null,\"user\":1,\"act\":\"lift\"}\n\
                 {\"at\":\"2026-11-22 08:00\",\"tick\":true}\n";
    let ran = bench.run_with(&["check", "station.toml", "--requests", "-"], lines);
    let answers: Vec<Value> = ran.output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers[0]["reason"], "ReadOnlyBaseline");
    assert_eq!(answers[1]["error"]["field"], "site");
    assert_eq!(answers[2]["reason"], "UnknownSite");
    assert_eq!(answers[3]["error"]["field"], "act");
    assert_eq!(answers[4]["error"]["field"], "at", "a receiver without a zone has no local time");
}

#[test]
fn an_answer_comes_before_the_next_line_is_read() {
    let bench = Bench::new("an_answer_comes_before");
    let mut child = Command::new(env!("CARGO_BIN_EXE_keyholder"))
        .args(["check", "shop.toml", "--requests", "-"])
        .current_dir(&bench.directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    for number in 1..=3 {
        input.write_all(open("\"at\":null,\"user\":1").as_bytes()).unwrap();
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap()["line"], number);
    }
    drop(input);
    assert!(child.wait().unwrap().success());
}
