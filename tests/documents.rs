//! The README and `docs/security.md` promise nothing that no test keeps.

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
