//! Counts the instructions of every kind of check under callgrind, and fails unless each kind has a single number.
//!
//! The program runs itself under valgrind. Callgrind collects inside the `keyholder_probe_*` functions only and dumps its counter before each
//! call; the dumps come in the order of the questions.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a measurement that cannot be made has to stop")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::{env, process};

use keyholder::time::Time;
use keyholder::{ActRequest, Decision, EngineerRequest, OpenClose, SessionRequest, UpdateRequest};
use keyholder_benches::script::{Device, Script};
use keyholder_benches::site::{AnyPanel, Panel1000, Size};

/// Questions of each kind that are not named.
const QUESTIONS: u32 = 10_000;

fn main() -> ExitCode {
    if env::args().nth(1).as_deref() == Some("ask") {
        ask_everything();
        return ExitCode::SUCCESS;
    }
    let folder = env::temp_dir().join(format!("keyholder-instructions-{}", process::id()));
    fs::create_dir_all(&folder).expect("a folder for the dumps");
    let counts = count(&folder);
    fs::remove_dir_all(&folder).expect("the folder can be removed");
    if report(&counts) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The functions whose instructions are counted.
const PROBES: [&str; 3] = ["keyholder_probe_open_close", "keyholder_probe_engineer", "keyholder_probe_update"];
/// The kinds of questions that go through them.
const KINDS: [&str; 5] = ["user check", "code", "number and code", "engineer check", "firmware check"];

/// One call: what kind of check, what was asked, and how many instructions it took.
struct Count {
    kind: String,
    name: String,
    instructions: u64,
}

/// Runs this program under callgrind and reads what it counted.
fn count(folder: &Path) -> Vec<Count> {
    let dumps = folder.join("dumps");
    let output = Command::new("valgrind")
        .args(["--quiet", "--tool=callgrind", "--combine-dumps=yes", "--toggle-collect=keyholder_probe_*"])
        .args(PROBES.map(|probe| format!("--dump-before={probe}")))
        .arg(format!("--callgrind-out-file={}", dumps.display()))
        .arg(env::current_exe().expect("this program's path"))
        .arg("ask")
        .output()
        .expect("valgrind can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let asked = String::from_utf8(output.stdout).expect("lines are text");
    let asked: Vec<_> = asked.lines().filter_map(|line| line.split_once('\t').filter(|(kind, _)| KINDS.contains(kind))).collect();
    // What a call has cost is dumped before the next one, and by callgrind's own end after the last.
    let dumps = BufReader::new(File::open(dumps).expect("the dumps"));
    let lines = dumps.lines().map(|line| line.expect("a dump is text"));
    let totals = lines.filter_map(|line| line.strip_prefix("totals: ").map(|total| total.trim().parse().expect("a number")));
    let totals: Vec<_> = totals.skip(1).collect();
    assert_eq!(asked.len(), totals.len(), "a dump for each question");
    let counts = asked.iter().zip(totals);
    counts.map(|((kind, name), instructions)| Count { kind: (*kind).into(), name: name.replace('\t', ": "), instructions }).collect()
}

/// Prints a line per kind, and what deviates. Whether nothing does.
fn report(counts: &[Count]) -> bool {
    let mut kinds = BTreeMap::<&str, BTreeMap<u64, Vec<&str>>>::new();
    for count in counts {
        kinds.entry(&count.kind).or_default().entry(count.instructions).or_default().push(&count.name);
    }
    println!("{:<16} {:>9} {:>12} {:>12}", "kind", "questions", "instructions", "spread");
    for (kind, numbers) in &kinds {
        let questions: usize = numbers.values().map(Vec::len).sum();
        let (least, most) = (numbers.keys().next().unwrap_or(&0), numbers.keys().next_back().unwrap_or(&0));
        println!("{kind:<16} {questions:>9} {most:>12} {:>12}", most - least);
    }
    let equal = kinds.values().all(|numbers| numbers.len() == 1);
    for (kind, numbers) in kinds.iter().filter(|(_, numbers)| numbers.len() > 1) {
        println!("\n{kind}: {} different numbers", numbers.len());
        for (instructions, names) in numbers {
            let mut names: Vec<_> = names.clone();
            names.sort();
            names.dedup();
            names.truncate(5);
            println!("  {instructions:>9}  {}", names.join("; "));
        }
    }
    equal
}

#[unsafe(no_mangle)]
#[inline(never)]
fn keyholder_probe_open_close(panel: &mut Panel1000, request: &OpenClose<'_>, time: Time, answer: &mut Decision) {
    *answer = panel.open_close(request, time);
}

#[unsafe(no_mangle)]
#[inline(never)]
fn keyholder_probe_engineer(panel: &mut Panel1000, request: &EngineerRequest, time: Time, answer: &mut Decision) {
    *answer = panel.engineer(request, time);
}

#[unsafe(no_mangle)]
#[inline(never)]
fn keyholder_probe_update(panel: &mut Panel1000, request: &UpdateRequest, time: Time, answer: &mut Decision) {
    *answer = panel.update(request, time);
}

/// A panel that is asked through the probes.
#[derive(Clone)]
struct Probed(Panel1000);

impl Probed {
    fn ask<Q>(&mut self, probe: fn(&mut Panel1000, &Q, Time, &mut Decision), request: &Q, time: Time) -> Decision {
        let mut answer = Decision::REFUSED;
        probe(black_box(&mut self.0), black_box(request), black_box(time), black_box(&mut answer));
        answer
    }
}

impl Device for Probed {
    fn install(&mut self, blob: &[u8], time: Time) -> bool {
        self.0.install(blob, time).is_ok()
    }
    fn open_close(&mut self, request: &OpenClose<'_>, time: Time) -> Decision {
        self.ask(keyholder_probe_open_close, request, time)
    }
    fn act(&mut self, request: &ActRequest<'_>, time: Time) {
        self.0.act(request, time);
    }
    fn engineer(&mut self, request: &EngineerRequest, time: Time) -> Decision {
        self.ask(keyholder_probe_engineer, request, time)
    }
    fn begin(&mut self, request: &SessionRequest, time: Time) {
        self.0.begin_session(request, time);
    }
    fn update(&mut self, request: &UpdateRequest, time: Time) -> Decision {
        self.ask(keyholder_probe_update, request, time)
    }
}

/// The part that runs under callgrind.
fn ask_everything() {
    let script = Script::of_panel(&Size::large(999), QUESTIONS, Box::new(Probed(*Panel1000::fresh())));
    print!("{}", script.lines());
}
