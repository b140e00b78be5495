//! The README and `docs/security.md` promise nothing that no test keeps, and tell no figure of a microcontroller that was not measured.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails has to say so")]

use std::fs;
use std::path::{Path, PathBuf};

use keyholder::report::{Event, Report};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The source text of every test under these folders.
fn sources(folders: &[&str]) -> String {
    let mut left: Vec<_> = folders.iter().map(|folder| root().join(folder)).collect();
    let mut found = String::new();
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
    found
}

fn is_name(word: &str) -> bool {
    word.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
}

#[test]
fn every_promise_of_the_readme_names_a_test_that_is_there() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let promises = readme.split("## Promises").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
    let tests = sources(&["tests", "simulator/tests"]);
    let names: Vec<&str> = promises.split('`').skip(1).step_by(2).filter(|name| !name.contains([' ', '/'])).collect();
    assert!(names.len() > 10, "the table has been found");
    for name in names {
        assert!(tests.contains(&format!("#[test]\nfn {name}()")), "no test is called {name}");
    }
}

#[test]
fn every_test_that_the_security_page_names_is_there() {
    let page = fs::read_to_string(root().join("docs/security.md")).unwrap();
    let tests = sources(&["tests", "simulator/tests", "src"]);
    let last_columns = page.lines().filter_map(|line| line.strip_prefix('|')?.strip_suffix('|')?.rsplit('|').next());
    let named: Vec<&str> = last_columns.flat_map(|column| column.split('`').skip(1).step_by(2)).filter(|word| is_name(word)).collect();
    assert!(named.len() > 40, "the tables have been found");
    for name in &named {
        assert!(tests.contains(&format!("fn {name}()")), "no test is called {name}");
    }
    let attacks = sources(&["tests/attacks"]);
    for attack in attacks.split("#[test]\nfn ").skip(1).filter_map(|rest| rest.split('(').next()) {
        assert!(named.contains(&attack), "{attack} is not on the page");
    }
}

#[test]
fn the_table_of_events_is_that_of_the_core() {
    let page = fs::read_to_string(root().join("docs/rules.md")).unwrap();
    let table = page.split("| event | number | Contact ID | SIA | when |\n").nth(1).unwrap();
    let told: Vec<Vec<&str>> = table.lines().skip(1).map(|line| line.split('|').skip(1).take(4).map(str::trim).collect()).collect();
    let events = Event::ALL.iter().filter(|event| **event != Event::Nothing);
    let known: Vec<Vec<String>> = events
        .map(|event| {
            let report = Report { event: *event, ..Report::NOTHING };
            let contact_id = report.contact_id().map_or(String::new(), |id| format!("{} {:03}", id.qualifier, id.event));
            vec![format!("`{}`", event.name()), (*event as u8).to_string(), contact_id, report.sia().unwrap_or("").to_owned()]
        })
        .collect();
    assert_eq!(told, known);
}

/// A figure of the first table of `docs/footprint.md`.
fn measured(row: &str, processor: &str) -> u32 {
    let page = fs::read_to_string(root().join("docs/footprint.md")).unwrap();
    let table = page.split("<!-- limits: ").nth(1).and_then(|rest| rest.split("<!-- end of limits -->").next()).unwrap();
    let mut rows = table.lines().filter_map(|line| line.strip_prefix('|')).map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    let column = rows.next().and_then(|heads| heads.iter().position(|head| *head == processor)).unwrap();
    let cells = rows.find(|cells| cells.first().is_some_and(|name| name.starts_with(row))).unwrap_or_else(|| panic!("no row {row}"));
    let figure = cells.get(column).and_then(|cell| cell.split(' ').next()).unwrap();
    figure.replace(',', "").parse().unwrap()
}

fn with_comma(figure: u32) -> String {
    format!("{},{:03}", figure / 1000, figure % 1000)
}

#[test]
fn what_is_told_of_a_microcontroller_elsewhere_is_what_was_measured() {
    let rounded = |figure: u32| with_comma((figure + 5) / 10 * 10);
    let kilobytes = |figure: u32| f64::from(figure) / 1000.0;
    let user = |processor| measured("user check", processor);
    let [user_check, engineer_check] = ["user check", "engineer check"].map(|row| with_comma(measured(row, "Cortex-M4")));
    let [checks, decisions, everything] =
        ["- the three checks alone", "decisions", "everything"].map(|row| kilobytes(measured(row, "Cortex-M4")));
    let told = [
        ("README.md", format!("takes {everything:.0} KB of a Cortex-M4's flash")),
        ("README.md", format!("a user check takes {} instructions on a Cortex-M4", rounded(user("Cortex-M4")))),
        ("README.md", format!("but {} on RISC-V and {} on a Cortex-M0+", rounded(user("riscv32imac")), rounded(user("Cortex-M0+")))),
        ("docs/performance.md", format!("{user_check} instructions for a user check")),
        ("docs/performance.md", format!("{engineer_check} for an engineer on a receiver")),
        ("docs/performance.md", format!("at most 3,000 instructions | {user_check} |")),
        ("docs/performance.md", format!("at most 6,000 instructions | {engineer_check} |")),
        ("docs/performance.md", format!("{checks:.1} KB for the three checks, {decisions:.1} with acts and supervision")),
        ("docs/footprint.md", format!("the decisions are {decisions:.0} KB of it")),
    ];
    for (page, words) in told {
        let text = fs::read_to_string(root().join(page)).unwrap();
        assert!(text.contains(&words), "{page} does not say `{words}`, which is what docs/footprint.md has");
    }
}
