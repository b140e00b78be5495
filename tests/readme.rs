//! The README promises nothing that no test keeps.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails has to say so")]

use std::fs;
use std::path::Path;

/// Every test function's source text, under `folder`.
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

#[test]
fn every_promise_of_the_readme_names_a_test_that_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let promises = readme.split("## Promises").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
    let mut tests = String::new();
    sources(&root.join("tests"), &mut tests);
    sources(&root.join("simulator/tests"), &mut tests);
    let names: Vec<&str> = promises.split('`').skip(1).step_by(2).filter(|name| !name.contains([' ', '/'])).collect();
    assert!(names.len() > 10, "the table has been found");
    for name in names {
        assert!(tests.contains(&format!("#[test]\nfn {name}()")), "no test is called {name}");
    }
}
