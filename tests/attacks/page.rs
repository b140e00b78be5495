//! `docs/security.md` names no test that is not there.

use std::fs;
use std::path::Path;

/// The source text of every test under `folder`.
fn sources(folder: &Path, found: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}

fn is_name(word: &str) -> bool {
    word.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
}

#[test]
fn every_test_that_the_security_page_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/security.md")).unwrap();
    let mut tests = String::new();
    for folder in ["tests", "simulator/tests", "src"] {
        sources(&root.join(folder), &mut tests);
    }
    let last_columns = page.lines().filter_map(|line| line.strip_prefix('|')?.strip_suffix('|')?.rsplit('|').next());
    let named: Vec<&str> = last_columns.flat_map(|column| column.split('`').skip(1).step_by(2)).filter(|word| is_name(word)).collect();
    assert!(named.len() > 40, "the tables have been found");
    for name in &named {
        assert!(tests.contains(&format!("fn {name}()")), "no test is called {name}");
    }
    let mut here = String::new();
    sources(&root.join("tests/attacks"), &mut here);
    for attack in here.split("#[test]\nfn ").skip(1).filter_map(|rest| rest.split('(').next()) {
        assert!(named.contains(&attack) || attack.ends_with("_is_there"), "{attack} is not on the page");
    }
}
