//! The four seed systems, and the demo, as sites: every scenario under `tests/sites` goes as it expects, and together they leave no reason
//! and no event out.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails has to say so")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use keyholder::Reason;
use keyholder::report::Event;
use keyholder_simulator::paint::Paint;
use keyholder_simulator::rig::Disk;
use keyholder_simulator::story::play;
use keyholder_simulator::transcript::transcript;
use toml::{Table, Value};

/// Reasons that no scenario can expect: a device never answers `Invalid`.
const NEVER: [&str; 1] = ["Invalid"];

/// What each system's rows answer, beyond what it shares with the others.
const ROWS: [(&str, &[&str]); 4] = [
    (
        "manitou",
        &[
            "LockedOut",
            "UnknownCode",
            "UnknownUser",
            "Suspended",
            "NotYetValid",
            "Expired",
            "TimeUnknown",
            "Powerless",
            "RemoteOnly",
            "UsedUp",
            "AreaNotAssigned",
            "NotArmedByYou",
            "Anytime",
            "WithinSchedule",
            "WithinTempOpen",
            "NoOpenClosePermission",
            "OutsideSchedule",
            "OutsideTempOpen",
            "Permitted",
            "NotPermitted",
            "NothingToExtend",
            "BadTimes",
            "NotFound",
            "NoRoom",
        ],
    ),
    (
        "total-connect",
        &[
            "UnknownEngineer",
            "NotRegistered",
            "Suspended",
            "UnknownSite",
            "ReadOnlyBaseline",
            "TimeUnknown",
            "NoGrant",
            "NotYetValid",
            "Expired",
            "Revoked",
            "BeginMissed",
            "UsedUp",
            "NotGranted",
            "Granted",
            "Permitted",
            "NotPermitted",
            "NotFound",
        ],
    ),
    (
        "security-center",
        &[
            "UnknownEngineer",
            "NotRegistered",
            "Suspended",
            "UnknownSite",
            "SiteRestricted",
            "TimeUnknown",
            "NoGrant",
            "NotYetValid",
            "Expired",
            "Revoked",
            "NotGranted",
            "Granted",
            "NoFirmwareRight",
            "SiteLacksUpgrade",
            "NoAuthorisation",
            "WrongModel",
            "VersionOutOfRange",
            "WrongImage",
            "Downgrade",
            "NoActiveSession",
            "Authorised",
        ],
    ),
    ("stratocast", &["SiteRestricted", "Granted", "ReadOnlyBaseline", "TimeUnknown", "Permitted", "NotPermitted"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/sites")
}

/// The files of the sites, each with what it says; scenarios are those with steps.
fn files() -> Vec<(PathBuf, Table)> {
    let directories = fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let mut paths: Vec<PathBuf> =
        directories.flat_map(|directory| fs::read_dir(directory).unwrap()).map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty());
    paths.into_iter().map(|path| (path.clone(), fs::read_to_string(&path).unwrap().parse().unwrap())).collect()
}

fn scenarios() -> Vec<(PathBuf, Table)> {
    files().into_iter().filter(|(_, table)| table.contains_key("step")).collect()
}

fn steps(scenario: &Table) -> impl Iterator<Item = &Table> {
    scenario.get("step").and_then(Value::as_array).unwrap().iter().filter_map(Value::as_table)
}

fn expectation(step: &Table) -> Option<&Table> {
    step.get("expect").and_then(Value::as_table)
}

/// The names a scenario expects under `key`, and those of deadlines as events.
fn expected<'a>(scenario: &'a Table, key: &'a str) -> impl Iterator<Item = &'a str> {
    steps(scenario).filter_map(expectation).flat_map(move |expect| {
        let due = expect.get("due").and_then(Value::as_array).filter(|_| key == "event").into_iter().flatten();
        let due = due.filter_map(|due| due.as_str().or_else(|| due.get("event").and_then(Value::as_str)));
        expect.get(key).and_then(Value::as_str).into_iter().chain(due)
    })
}

fn system_of(path: &Path) -> &str {
    path.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap()
}

#[test]
fn every_scenario_goes_as_it_expects() {
    let mut wrong = String::new();
    for (path, _) in scenarios() {
        match play(&Disk, &path) {
            Ok(told) if told.failures() == 0 => {}
            Ok(told) => {
                let transcript = transcript(&told, Paint::NONE);
                let mut before = "";
                for line in transcript.lines() {
                    if line.trim_start().starts_with('✗') {
                        wrong += &format!("{}\n{before}\n{line}\n", path.display());
                    }
                    before = line;
                }
            }
            Err(complaint) => wrong += &format!("{complaint}\n"),
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_step_expects_a_verdict_or_says_what_falls_due() {
    for (path, scenario) in scenarios() {
        for (number, step) in (1..).zip(steps(&scenario)) {
            let kind = if step.contains_key("tick") {
                "due"
            } else if ["install", "patch", "key_change", "clock_correction"].iter().any(|kind| step.contains_key(*kind)) {
                "installed"
            } else if step.contains_key("power_cycle") {
                "sequence"
            } else if step.contains_key("report") {
                "latest"
            } else if step.contains_key("flash") {
                continue;
            } else {
                "verdict"
            };
            let expect = expectation(step).unwrap_or_else(|| panic!("{}: step {number} expects nothing", path.display()));
            let names = expect.contains_key(kind) || expect.contains_key("refused");
            assert!(names, "{}: step {number} does not expect `{kind}`", path.display());
        }
    }
}

#[test]
fn every_policy_decides_in_a_scenario() {
    let mut used = BTreeSet::new();
    for (path, scenario) in scenarios() {
        let beside = |name: &str| path.with_file_name(name);
        used.extend(scenario.get("policy").and_then(Value::as_str).map(beside));
        let several = scenario.get("policies").and_then(Value::as_table).into_iter().flat_map(Table::values);
        used.extend(several.filter_map(Value::as_str).map(beside));
        let given = steps(&scenario).flat_map(|step| ["install", "patch"].map(|kind| step.get(kind)));
        used.extend(given.flatten().filter_map(Value::as_str).map(beside));
    }
    let policies: BTreeSet<PathBuf> = files().into_iter().filter(|(_, table)| !table.contains_key("step")).map(|(path, _)| path).collect();
    assert_eq!(policies, used);
}

#[test]
fn every_reason_and_every_event_occurs_in_the_sites() {
    let scenarios = scenarios();
    let all = |key: &'static str| -> BTreeSet<&str> { scenarios.iter().flat_map(|(_, scenario)| expected(scenario, key)).collect() };
    let (reasons, events) = (all("reason"), all("event"));
    let missing: Vec<&str> =
        Reason::ALL.iter().map(|reason| reason.name()).filter(|name| !NEVER.contains(name) && !reasons.contains(name)).collect();
    assert!(missing.is_empty(), "no scenario expects these reasons: {missing:?}");
    let missing: Vec<&str> = Event::ALL.iter().map(|event| event.name()).filter(|name| !events.contains(name)).collect();
    assert!(missing.is_empty(), "no scenario expects these events: {missing:?}");
}

#[test]
fn each_seed_system_goes_through_its_rows_and_refuses_as_well_as_allows() {
    let scenarios = scenarios();
    for (system, rows) in ROWS {
        let of_system = || scenarios.iter().filter(|(path, _)| system_of(path) == system).map(|(_, scenario)| scenario);
        let reasons: BTreeSet<&str> = of_system().flat_map(|scenario| expected(scenario, "reason")).collect();
        let missing: Vec<&&str> = rows.iter().filter(|row| !reasons.contains(**row)).collect();
        assert!(missing.is_empty(), "{system}: no scenario expects {missing:?}");
        let verdicts: BTreeSet<&str> = of_system().flat_map(|scenario| expected(scenario, "verdict")).collect();
        assert!(verdicts.contains("allow") && verdicts.contains("deny"), "{system}: {verdicts:?}");
    }
}
