//! `cargo footprint`: builds the images of `firmware-example/measure`, weighs them, runs those that count, and writes the tables of `docs/footprint.md`.
//!
//! 1. [`image`] builds and runs. 2. [`elf`] and [`stack`] look into what was built. 3. [`limits`] is what there is to reach. 4. [`table`] writes and compares.
//!
//! With `--check` nothing is written: it fails when a size is worse than the committed one by more than a hundredth, when a count is another one, better or worse, or
//! when the answers of a target differ from the host's. With the name of a target it shows what that one's tables would be.

mod elf;
mod image;
mod limits;
mod stack;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use elf::{Elf, Sizes};
use image::{Counts, TARGETS, Target, Weighed};
use limits::Measured;
use stack::Code;
use table::{Table, Tolerance, grouped};

use crate::machine::{self, Tool};

const DOCUMENT: &str = "docs/footprint.md";

/// What `cargo footprint` needs besides Rust.
const NEEDS: &[Tool] =
    &[Tool::Microcontrollers, Tool::RustLinker, Tool::BareMetalC, Tool::Disassembler, Tool::Emulator, Tool::EmulatorOfRiscV];

/// Measures and writes the document; or, as `argument` has it, compares with it or shows one target's tables.
pub(crate) fn footprint(argument: Option<&str>) -> Result<(), String> {
    for tool in NEEDS {
        machine::provide(tool)?;
    }
    let document = fs::read_to_string(DOCUMENT).map_err(|error| format!("{DOCUMENT}: {error}"))?;
    let only_check = argument == Some("--check");
    let only = argument.filter(|_| !only_check);
    if only.is_some_and(|only| TARGETS.iter().all(|target| target.triple != only)) {
        return Err(format!("the targets are {}", TARGETS.iter().map(|target| target.triple).collect::<Vec<_>>().join(", ")));
    }
    image::write_scripts()?;
    let weighed = image::weighed(only_check);
    let mut report = Report::new();
    for target in TARGETS.iter().filter(|target| only.is_none_or(|only| only == target.triple)) {
        report.measure(target, &weighed)?;
    }
    let tables = report.tables();
    if only.is_some() {
        for table in tables {
            println!("\n{}", table.text());
        }
        report.problems.iter().for_each(|problem| println!("{problem}"));
        return Ok(());
    }
    let mut problems = report.problems;
    if only_check {
        let is_said_in_words = |table: &&Table| matches!(table.name, "limits" | "findings");
        problems.extend(tables.iter().filter(is_said_in_words).flat_map(|table| table.compare_words(&document)));
        // Another compiler makes other code: then the limits hold or do not, and the rest is not comparable.
        let tools = report.tools.compare(&document);
        if tools.is_empty() {
            problems.extend(tables.iter().filter(|table| !is_said_in_words(table)).flat_map(|table| table.compare(&document)));
        } else {
            println!("measured with other tools than the committed tables, so that only limits and findings are compared:");
            tools.iter().for_each(|difference| println!("  {difference}"));
        }
    } else {
        let mut document = document;
        for table in tables.iter().chain([&report.tools]) {
            document = table.put_into(&document)?;
        }
        fs::write(DOCUMENT, document).map_err(|error| format!("{DOCUMENT}: {error}"))?;
        println!("wrote {DOCUMENT}");
    }
    match (problems.is_empty(), only_check) {
        (true, _) => Ok(()),
        (false, false) => Err(problems.join("\n")),
        (false, true) => Err(format!("{}\nif it is meant to be so: `cargo footprint` writes the tables", problems.join("\n"))),
    }
}

/// Everything that was measured.
struct Report {
    tools: Table,
    weights: Table,
    counts: Table,
    floors: Table,
    findings: BTreeMap<&'static str, Vec<BTreeSet<String>>>,
    measured: Vec<(&'static str, Measured)>,
    problems: Vec<String>,
}

impl Report {
    fn new() -> Self {
        let kilobytes = Tolerance::Hundredth;
        let weights = ["processor", "device", "what is linked", ".text", ".rodata", ".data", "flash", "RAM", "stack"];
        Self {
            tools: Table::new("tools", 1, Tolerance::Exact, &["tool", "version"]),
            weights: Table::new("weights", 3, kilobytes, &weights),
            counts: Table::new("counts", 3, Tolerance::Exact, &["processor", "device", "what", "asked", "instructions", "spread", "stack"]),
            floors: Table::new("floors", 1, Tolerance::Exact, &["processor", "floor, mean", "fastest", "slowest", "core", "core to mean"]),
            findings: BTreeMap::new(),
            measured: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn measure(&mut self, target: &'static Target, weighed: &[Weighed]) -> Result<(), String> {
        println!("\n--- {}", target.name);
        if self.tools.rows.is_empty() {
            self.tools.rows = image::versions().into_iter().map(|(tool, version)| vec![tool, version]).collect();
        }
        let folder = image::build(target, weighed)?;
        let mut measured = Measured::default();
        let empty = Elf::read(&folder.join("nothing"))?.sizes();
        for Weighed { image, device, what } in weighed {
            let path = folder.join(image);
            let elf = Elf::read(&path)?;
            let sizes = elf.sizes().without(empty);
            let code = Code::of(&path, &elf)?;
            let deepest = code.depth_from("main").map_or(0, |depth| {
                let doubts = depth.doubts.iter().map(|doubt| format!("{}, {image}: {doubt}", target.name));
                self.problems.extend(doubts);
                depth.bytes
            });
            self.weigh(target, device, what, sizes, deepest);
            measured.weights.insert(image.clone(), (sizes, deepest));
            self.find(target, &elf, &code);
        }
        for (script, device, counts) in image::count(target, &folder)? {
            self.count(target, device, &counts);
            self.problems.extend(counts.problems.iter().map(|problem| format!("{}, {device}: {problem}", target.name)));
            measured.counts.insert(script, counts);
        }
        if let Some((mean, fastest, slowest, core)) = measured.floor() {
            let ratio = format!("{}.{}", core / mean, core * 10 / mean % 10);
            let numbers = [mean, fastest, slowest, core].map(grouped);
            self.floors.rows.push([target.name.into()].into_iter().chain(numbers).chain([ratio]).collect());
        }
        self.measured.push((target.name, measured));
        Ok(())
    }

    fn weigh(&mut self, target: &Target, device: &str, what: &str, sizes: Sizes, deepest: u32) {
        let Sizes { text, constants, data, zeros } = sizes;
        let numbers = [text, constants, data, text + constants + data, data + zeros, deepest].map(|number| grouped(number.into()));
        self.weights.rows.push([target.name, device, what].map(String::from).into_iter().chain(numbers).collect());
    }

    fn count(&mut self, target: &Target, device: &str, counts: &Counts) {
        for (kind, count) in counts.kinds.iter().filter(|(kind, _)| kind != "floor") {
            let numbers = [count.asked, count.most, count.most - count.least, count.stack].map(grouped);
            self.counts.rows.push([target.name, device, kind].map(String::from).into_iter().chain(numbers).collect());
        }
    }

    /// Looks for what no image may have.
    fn find(&mut self, target: &Target, elf: &Elf, code: &Code) {
        let index = TARGETS.iter().position(|other| other.name == target.name).unwrap_or(0);
        for (what, is_one) in image::FORBIDDEN {
            let found = self.findings.entry(what).or_insert_with(|| vec![BTreeSet::new(); TARGETS.len()]);
            let names = elf.names().into_iter().filter(|name| is_one(name));
            if let Some(found) = found.get_mut(index) {
                found.extend(names);
                if what == image::FLOATS {
                    found.extend(code.floats.iter().cloned());
                }
            }
        }
    }

    fn tables(&self) -> Vec<Table> {
        let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        let columns = |first: &[&'static str]| [first, &names].concat();
        let mut findings = Table::new("findings", 1, Tolerance::Exact, &columns(&["in all images"]));
        findings.rows = self
            .findings
            .iter()
            .map(|(what, found)| {
                let cells = found.iter().map(|names| {
                    if names.is_empty() {
                        "none".into()
                    } else {
                        names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" ")
                    }
                });
                [(*what).to_owned()].into_iter().chain(cells).collect()
            })
            .collect();
        let mut limits = Table::new("limits", 2, Tolerance::Exact, &columns(&["to reach", "at most"]));
        limits.rows = limits::rows(&self.measured);
        vec![limits, self.weights.clone(), self.counts.clone(), self.floors.clone(), findings]
    }
}

/// What `command` prints first.
fn first_line(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or("unknown").to_owned()
}
