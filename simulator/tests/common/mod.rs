//! Running the command in a directory of its own.

#![allow(dead_code, reason = "every test file uses its own part of this")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails has to say so")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A directory of a test's own, with a policy in it.
pub(crate) struct Bench {
    pub(crate) directory: PathBuf,
}

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) output: String,
    pub(crate) complaint: String,
}

/// A small panel's policy.
pub(crate) const SHOP: &str = r#"
[panel]
site = 17
name = "Shop"
zone = "Europe/London"
systems = { 1 = "1-2" }
lockout = { wrong_codes = 3 }

[[schedule]]
areas = { 1 = "1-2" }
span = [{ days = "mon-fri", opens_from = "08:00", must_be_closed_by = "18:00" }]

[[contact]]
user = 1
name = "Maria"
permissions = ["anytime", "edit_customer", "master_user"]
code = "19460"
passcode = "bluebell"

[[contact]]
user = 12
name = "Alice"
permissions = ["with_schedule"]
code = "4711"

[[contact]]
user = 13
name = "Guest"
permissions = ["anytime"]
guest = true
code = "5555"

[[engineer]]
id = 3
email = "eve@install.example"
registered = true
"#;

impl Bench {
    /// An empty directory but for `shop.toml`. `name` has to be the test's own.
    pub(crate) fn new(name: &str) -> Self {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).unwrap();
        let bench = Self { directory };
        bench.write("shop.toml", SHOP);
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// The names of the files that are there.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(&self.directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Runs `keyholder` with these arguments, separated by blanks.
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        self.run_with(&arguments.split_whitespace().collect::<Vec<_>>(), "")
    }

    /// Runs `keyholder` with these arguments and this on standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Ran {
        let mut child = Command::new(env!("CARGO_BIN_EXE_keyholder"))
            .args(arguments)
            .current_dir(&self.directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_owned();
        // A command that answers while it reads must not wait for us.
        let writer = std::thread::spawn(move || _ = stdin.write_all(input.as_bytes()));
        let result = child.wait_with_output().unwrap();
        writer.join().unwrap();
        Ran {
            status: result.status.code().unwrap(),
            output: String::from_utf8(result.stdout).unwrap(),
            complaint: String::from_utf8(result.stderr).unwrap(),
        }
    }

    /// Runs `keyholder`, which has to succeed.
    pub(crate) fn succeed(&self, arguments: &str) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.status, 0, "keyholder {arguments}: {ran:?}");
        ran.output
    }
}
