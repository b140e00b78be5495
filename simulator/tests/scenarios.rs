//! `keyholder run`: docs/scenarios.md.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that fails has to say so")]

mod common;

use common::{Bench, SHOP};
use serde_json::Value;

const HEAD: &str = "policy = \"shop.toml\"\ndate = 2026-11-23\nstart = \"06:00\"\n";
const HEAD_LINES: usize = 3;
const OPENING: &str = "[[step]]\nat = \"09:00\"\nuser = 12\naction = \"open\"\nsystem = 1\nareas = [1, 2]\n";

fn run(bench: &Bench, steps: &str) -> common::Ran {
    bench.write("story.toml", &format!("{HEAD}{steps}"));
    bench.run("run story.toml")
}

#[test]
fn a_story_is_told_in_columns_with_names_and_deadlines() {
    let bench = Bench::new("a_story_is_told");
    let steps = format!(
        "{OPENING}expect = {{ verdict = \"allow\", reason = \"WithinSchedule\", event = \"Opening\", contact_id = \"1 401 01 012\", sia = \"OP\", areas = [1, 2], system = 1, user = 12, \
         public_reason = \"Accepted\", grant = 0, until = \"18:00\", close_by = \"none\", left = [], due = [] }}\n\
         [[step]]\nsay = \"Somebody should have closed\"\nat = \"18:30\"\ncode = \"19460\"\naction = \"close\"\nsystem = 1\nareas = [1, 2]\n\
         expect = {{ due = [{{ event = \"FailedToClose\", at = \"18:00\", areas = [1, 2] }}] }}\n\
         [[step]]\nat = \"unknown\"\nuser = 12\naction = \"open\"\nsystem = 1\nareas = [1]\nexpect = {{ reason = \"TimeUnknown\", until = \"none\" }}\n"
    );
    let ran = run(&bench, &steps);
    let expected = "\
story.toml
  Shop, shop.toml sealed (312 bytes, sequence 1) and installed

Monday 2026-11-23
09:00  user 12 (Alice) opens system 1 areas 1-2  allowed  WithinSchedule  1 401 01 012 OP  until 18:00
18:00  system 1 areas 1-2                        due      FailedToClose   1 454 01 000 CI
       Somebody should have closed
18:30  a code closes system 1 areas 1-2          allowed  Anytime         3 450 01 001 CL  user 1 (Maria)
--:--  user 12 (Alice) opens system 1 area 1     denied   TimeUnknown     1 421 01 012 DP

3 steps, all as expected
";
    assert_eq!(ran.output, expected);
    assert_eq!(ran.status, 0);
}

#[test]
fn a_failed_expectation_tells_what_was_expected_and_what_came() {
    let bench = Bench::new("a_failed_expectation");
    let cases = [
        ("verdict = \"deny\"", "verdict: expected deny, got allow"),
        ("reason = \"Anytime\"", "reason: expected Anytime, got WithinSchedule"),
        ("event = \"Nothing\"", "event: expected Nothing, got Opening"),
        ("until = \"18:01\"", "until: expected 18:01, got 18:00"),
        ("until = \"none\"", "until: expected none, got 18:00"),
        ("close_by = \"18:00\"", "close_by: expected 18:00, got none"),
        ("areas = [1]", "areas: expected [1], got [1, 2]"),
        ("user = 0", "user: expected 0, got 12"),
        ("left = [\"read_log\"]", "left: expected [read_log], got []"),
        ("due = [\"FailedToOpen\"]", "due: expected FailedToOpen, got nothing"),
        ("installed = \"now\"", "installed: expected now, got none"),
        ("refused = \"Stale\"", "refused: expected Stale, got none"),
    ];
    for (expectation, difference) in cases {
        let ran = run(&bench, &format!("{OPENING}expect = {{ {expectation} }}\n"));
        assert_eq!(ran.status, 1, "{expectation}");
        assert!(ran.output.contains(difference), "{expectation}\n{}", ran.output);
        assert!(ran.output.contains("1 expectation failed"), "{}", ran.output);
    }
}

#[test]
fn a_mistake_in_a_scenario_is_told_of_its_line() {
    let bench = Bench::new("a_mistake_in_a_scenario");
    let cases = [
        ("[[steps]]\nat = \"09:00\"\n", 1, "unknown key `steps`", "write `step`"),
        (&OPENING.replace("09:00", "9 o'clock"), 2, "\"9 o'clock\" is no point in time", "2026-11-22 22:30"),
        (&OPENING.replace("[1, 2]", "[1, 33]"), 6, "`areas`: 33 is not an area", "from 1 to 32"),
        (&format!("{OPENING}remoet = true\n"), 7, "`remoet`: unknown here", "write `remote`"),
        (&OPENING.replace("user = 12\n", ""), 1, "`user` is missing", "say who asks"),
        (&format!("{OPENING}expect = {{ verdict = \"alow\" }}\n"), 7, "no verdict is called \"alow\"", "write `allow`"),
        (&format!("{OPENING}expect = {{ reason = \"Within\" }}\n"), 7, "no reason is called \"Within\"", "known: Invalid, Anytime, "),
        (
            &format!("{OPENING}expect = {{ verdict = \"allow\", reason = \"InSchedule\" }}\n"),
            7,
            "story.toml:10:40: no reason is called \"InSchedule\"",
            "write `WithinSchedule`",
        ),
        (&format!("{OPENING}expect = {{ until = \"6pm\" }}\n"), 7, "story.toml:10:20: \"6pm\" is no point in time", "or only \"22:30\""),
        (&OPENING.replace("at = \"09:00\"\n", ""), 1, "`at` is missing", "or \"unknown\" if it does not know the time"),
        (&format!("{OPENING}expect = {{ vedict = \"allow\" }}\n"), 7, "nothing is called `vedict`", "write `verdict`"),
        (&format!("{OPENING}expect = {{ due = [{{ evnt = \"Opening\" }}] }}\n"), 7, "a deadline has no `evnt`", "write `event`"),
        (&format!("{OPENING}expect = {{ until = 18 }}\n"), 7, "`until` is no point in time", "\"none\""),
        (&format!("{OPENING}say = 1\n"), 7, "`say`: not a text", "in quotes"),
        (&format!("{OPENING}expect = {{ refused = \"Stael\" }}\n"), 7, "no refusal is called \"Stael\"", "write `Stale`"),
        (&format!("{OPENING}expect = {{ refused = true }}\n"), 7, "no refusal is called true", "known: NotABlob, "),
        (&format!("{OPENING}expect = {{ installed = true }}\n"), 7, "no outcome of an install is called true", "known: now, already, none"),
        (&format!("{OPENING}expect = {{ public_reason = \"Acepted\" }}\n"), 7, "no public reason is called", "write `Accepted`"),
        (&format!("{OPENING}expect = {{ user = \"12\" }}\n"), 7, "\"12\" is not a user number", "from 1 to 999, or 0 for nobody"),
        (&format!("{OPENING}expect = {{ contact_id = 401 }}\n"), 7, "401 is no message of Contact ID", "\"1 401 01 012\", or \"none\""),
        (&format!("{OPENING}expect = {{ contact_id = \"1401 01 012\" }}\n"), 7, "no message of Contact ID", "\"1 401 01 012\""),
        (&OPENING.replace("\"09:00\"", "\"null\""), 2, "\"null\" is no point in time", "or only \"22:30\""),
        (&OPENING.replace("system = 1", "sytem = 1"), 5, "`sytem`: unknown here", "write `system`"),
        (&OPENING.replace("action", "acton"), 4, "`acton`: unknown here", "write `action`"),
        (&format!("{OPENING}on = \"panel\"\n"), 7, "there is no such device", "device"),
    ];
    for (steps, line, message, hint) in cases {
        let ran = run(&bench, steps);
        assert_eq!(ran.status, 3, "{steps}{ran:?}");
        assert!(ran.complaint.contains(&format!("story.toml:{}:", HEAD_LINES + line)), "{steps}{}", ran.complaint);
        assert!(ran.complaint.contains(message) && ran.complaint.contains(hint), "{steps}{}", ran.complaint);
    }
}

#[test]
fn a_step_before_the_start_is_warned_about() {
    let bench = Bench::new("before_the_start");
    let early = OPENING.replace("09:00", "05:00");
    let ran = run(&bench, &format!("{early}expect = {{ reason = \"TimeUnknown\" }}\n{early}"));
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(ran.complaint.matches("this step is before `start`").count(), 1, "{}", ran.complaint);
    assert!(ran.complaint.contains("story.toml:4:1: ") && ran.complaint.contains("an earlier `start`"), "{}", ran.complaint);
    assert_eq!(run(&bench, OPENING).complaint, "");
}

#[test]
fn a_scenario_without_steps_is_no_success() {
    let bench = Bench::new("without_steps");
    let ran = run(&bench, "");
    assert_eq!(ran.status, 3, "{ran:?}");
    assert!(ran.complaint.contains("no steps") && ran.complaint.contains("[[step]]"), "{}", ran.complaint);
}

#[test]
fn a_mistake_in_a_policy_is_told_of_the_policy() {
    let bench = Bench::new("a_mistake_in_a_policy");
    bench.write("shop.toml", &SHOP.replace("user = 12", "user = 1"));
    let ran = run(&bench, OPENING);
    assert_eq!(ran.status, 3);
    assert!(ran.complaint.contains("shop.toml:21:8: there is a user 1 already"), "{}", ran.complaint);
}

#[test]
fn the_armed_state_follows_the_decisions_from_the_given_start() {
    let bench = Bench::new("the_armed_state_follows");
    let cases = [
        ("all", "", "[]"),
        ("none", "", "[{ event = \"FailedToClose\", areas = [1, 2] }]"),
        ("all", &OPENING.replace("[1, 2]", "[1]"), "[{ event = \"FailedToClose\", areas = [1] }]"),
        ("none", &OPENING.replace("\"open\"", "\"close\""), "[]"),
    ];
    for (armed, steps, due) in cases {
        let story = format!("{HEAD}armed = \"{armed}\"\n{steps}[[step]]\nat = \"18:00\"\ntick = true\nexpect = {{ due = {due} }}\n");
        bench.write("story.toml", &story);
        let ran = bench.run("run story.toml");
        assert_eq!(ran.status, 0, "{armed} {steps}\n{}", ran.output);
    }
}

#[test]
fn several_devices_each_have_their_own_steps() {
    let bench = Bench::new("several_devices");
    bench.write("station.toml", "[receiver]\nid = 900\n[[site]]\nid = 17\n[[engineer]]\nid = 3\nemail = \"e@f\"\nregistered = true\n");
    let story = "policies = { panel = \"shop.toml\", station = \"station.toml\" }\ndate = 2026-11-23\n\
                 [[step]]\non = \"panel\"\nat = \"09:00\"\nuser = 12\naction = \"open\"\nsystem = 1\nareas = [1]\nexpect = { verdict = \"allow\" }\n\
                 [[step]]\non = \"station\"\nat = \"09:01\"\nengineer = 3\nsite = 17\nsession = \"begin\"\nexpect = { reason = \"NoGrant\" }\n";
    bench.write("story.toml", story);
    assert!(bench.succeed("run story.toml").contains("09:01  station  "));
    bench.write("story.toml", &story.replace("on = \"station\"\n", ""));
    let ran = bench.run("run story.toml");
    assert!(ran.complaint.contains("does not say on which device"), "{}", ran.complaint);
}

#[test]
fn several_scenarios_are_played_one_after_the_other_and_one_failure_is_enough() {
    let bench = Bench::new("several_scenarios");
    bench.write("good.toml", &format!("{HEAD}{OPENING}expect = {{ verdict = \"allow\" }}\n"));
    bench.write("bad.toml", &format!("{HEAD}{OPENING}expect = {{ verdict = \"deny\" }}\n"));
    assert_eq!(bench.run("run good.toml good.toml").status, 0);
    assert_eq!(bench.run("run bad.toml good.toml").status, 1);
    let ran = bench.run("run good.toml bad.toml --json");
    let steps: Vec<Value> = ran.output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(ran.status, 1);
    assert_eq!(steps.len(), 2);
    assert_eq!(steps[1]["differences"][0]["actual"], "allow");
    assert_eq!(steps[1]["answer"]["verdict"], "allow");
}

#[test]
fn the_examples_of_the_documentation_work() {
    let bench = Bench::new("the_examples_of_the_documentation");
    let examples = |document: &str, fence: &str| -> Vec<String> {
        document.split(fence).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
    };
    let policies = examples(include_str!("../../docs/policy-file.md"), "```toml\n");
    bench.write("corner-shop.toml", &policies[0]);
    bench.write("station.toml", &policies[1]);
    bench.write("corner-shop-2.toml", &policies[0].replace("Alice", "Bob"));
    bench.write("story.toml", &examples(include_str!("../../docs/scenarios.md"), "```toml\n")[0]);
    bench.succeed("check corner-shop.toml");
    bench.succeed("check station.toml");
    let told = bench.succeed("run story.toml");
    assert_eq!(told, examples(include_str!("../../docs/scenarios.md"), "```text\n")[0]);

    let example = &examples(include_str!("../../docs/requests.md"), "```text\n")[0];
    let (asked, answered): (Vec<&str>, Vec<&str>) =
        example.lines().filter(|line| line.starts_with('{')).partition(|line| !line.starts_with("{\"line\""));
    let ran = bench.run_with(&["check", "corner-shop.toml", "--requests", "-"], &asked.join("\n"));
    assert_eq!(ran.output.lines().collect::<Vec<_>>(), answered);
}
