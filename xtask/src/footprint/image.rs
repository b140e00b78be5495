//! The images: what there is, building them, and running those that count.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, thread};

use super::first_line;
use crate::machine;

/// A processor that images are built for.
pub(crate) struct Target {
    pub(crate) triple: &'static str,
    pub(crate) name: &'static str,
    /// The emulator that has it, or one that runs its instructions.
    emulator: &'static str,
}

/// In the order of the columns. An M0+ runs what every Cortex-M does, so its images count on an M4.
pub(crate) const TARGETS: &[Target] = &[
    Target { triple: "thumbv6m-none-eabi", name: "Cortex-M0+", emulator: "qemu-system-arm -M mps2-an386 -icount shift=10" },
    Target { triple: "thumbv7em-none-eabi", name: "Cortex-M4", emulator: "qemu-system-arm -M mps2-an386 -icount shift=10" },
    Target { triple: "thumbv8m.main-none-eabi", name: "Cortex-M33", emulator: "qemu-system-arm -M mps2-an505 -icount shift=10" },
    Target {
        triple: "riscv32imac-unknown-none-elf",
        name: "riscv32imac",
        emulator: "qemu-system-riscv32 -M virt -bios none -m 64M -icount shift=0",
    },
];

/// The images that are weighed, whose device they have, and what they link. Each is there for the small and the standard capacities.
const WEIGHED: [(&str, &str, &str); 6] = [
    ("checks", "panel", "users, engineers, firmware"),
    ("decisions", "panel", "+ acts, sessions, deadlines"),
    ("codes", "panel", "+ codes: HMAC"),
    ("signed", "panel", "+ signed blobs: Ed25519"),
    ("everything", "panel", "+ flash, defmt"),
    ("receiver", "receiver", "all, with signed blobs"),
];

/// What a check goes without: what these images have is in `everything` as well, and a small device's code is a standard one's.
const ONLY_IN_TABLES: [&str; 7] =
    ["checks-small", "decisions-small", "codes-small", "codes-standard", "signed-small", "signed-standard", "receiver-small"];

/// An image that is weighed.
pub(crate) struct Weighed {
    pub(crate) image: String,
    /// Its device, and what it links.
    pub(crate) device: String,
    pub(crate) what: &'static str,
}

/// The images that are weighed; for a check, only those that say most.
pub(crate) fn weighed(only_check: bool) -> Vec<Weighed> {
    let sizes = ["small", "standard"];
    let images = sizes.iter().flat_map(|size| {
        WEIGHED.map(|(image, device, what)| Weighed { image: format!("{image}-{size}"), device: format!("{size} {device}"), what })
    });
    images.filter(|weighed| !only_check || !ONLY_IN_TABLES.contains(&weighed.image.as_str())).collect()
}

/// Tells whether a symbol is of some kind.
type IsSuch = fn(&str) -> bool;

/// What no image may have.
pub(crate) const FORBIDDEN: [(&str, IsSuch); 3] = [("floats", is_float), ("heap", is_heap), ("panics", is_panic)];
/// The one of them that is looked for among the instructions, too.
pub(crate) const FLOATS: &str = "floats";

fn is_panic(name: &str) -> bool {
    let parts = ["panicking", "panic_fmt", "panic_bounds", "unwrap_failed", "expect_failed", "slice_index", "keyholder_has_a_panic_left"];
    parts.iter().any(|part| name.contains(part))
}

fn is_heap(name: &str) -> bool {
    matches!(name, "malloc" | "calloc" | "realloc" | "free" | "_sbrk")
        || ["__rust_alloc", "__rust_realloc", "__rg_"].iter().any(|part| name.contains(part))
}

fn is_float(name: &str) -> bool {
    let of_gcc = ["sf3", "df3", "sf2", "df2", "sisf", "sidf", "disf", "didf", "sfsi", "dfsi", "sfdi", "dfdi"];
    let of_arm = ["__aeabi_f", "__aeabi_d", "__aeabi_cf", "__aeabi_cd", "__aeabi_i2f", "__aeabi_i2d", "__aeabi_l2f", "__aeabi_l2d"];
    let is_helper = name.starts_with("__") && of_gcc.iter().any(|end| name.ends_with(end));
    is_helper || of_arm.iter().any(|start| name.starts_with(start))
}

/// What the tables were made with.
pub(crate) fn versions() -> Vec<(String, String)> {
    let row = |tool: &str, version| (tool.to_owned(), version);
    vec![
        row("rustc", first_line(machine::compiler(), &["--version"])),
        row("gcc", first_line("arm-none-eabi-gcc", &["--version"])),
        row("qemu", first_line("qemu-system-arm", &["--version"])),
    ]
}

/// What is counted on the device of that script, and what its devices are called.
pub(crate) const SCRIPTS: [(&str, &str); 3] =
    [("panel-standard", "standard panel"), ("panel-small", "small panel"), ("receiver-standard", "standard receiver")];

/// Builds these images of `target`, the empty one and those that count; the folder they are in.
pub(crate) fn build(target: &Target, weighed: &[Weighed]) -> Result<PathBuf, String> {
    let (everything, plain): (Vec<_>, Vec<_>) =
        weighed.iter().map(|weighed| &weighed.image).partition(|image| image.starts_with("everything"));
    let named = |images: &[&String]| images.iter().map(|image| format!(" --bin {image}")).collect::<String>();
    let counting: String = SCRIPTS.iter().map(|(script, _)| format!(" --bin count-{script}")).collect();
    let plain = format!("--bin nothing{}", named(&plain));
    for images in [plain, format!("--features everything{}", named(&everything)), format!("--features counting{counting}")] {
        let command = machine::measured_build(target.triple, &images, &folder())?;
        crate::run(&command)?;
    }
    Ok(folder().join(target.triple).join("release"))
}

/// Where they are built.
fn folder() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    env::current_dir().unwrap_or_default().join(target).join("measure")
}

/// One kind of question.
#[derive(Default)]
pub(crate) struct Count {
    pub(crate) asked: u64,
    pub(crate) least: u64,
    pub(crate) most: u64,
    pub(crate) sum: u64,
    pub(crate) stack: u64,
}

/// What an image counted.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) kinds: Vec<(String, Count)>,
    pub(crate) problems: Vec<String>,
}

impl Counts {
    pub(crate) fn of(&self, kind: &str) -> Option<&Count> {
        self.kinds.iter().find(|(name, _)| name == kind).map(|(_, count)| count)
    }
}

/// Questions of each kind.
const QUESTIONS: &str = "10000";
/// What a call of a thousand instructions and a return has to count as.
const CALIBRATION: u64 = 1001;
/// Bytes of an outcome: instructions (8), stack (4), verdict, reason, event.
const OUTCOME: usize = 16;

/// Writes the scripts, which are the same for every target.
pub(crate) fn write_scripts() -> Result<(), String> {
    for (script, _) in SCRIPTS {
        let folder = folder().join("scripts").join(script);
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        // Not optimised: that would take longer than it saves.
        let command = format!("cargo run --quiet --locked --package keyholder-benches --bin script -- {script} {QUESTIONS}");
        let command: Vec<_> = command.split_whitespace().map(String::from).chain([folder.display().to_string()]).collect();
        crate::run(&command)?;
    }
    Ok(())
}

/// Has the images of the scripts asked everything, all at the same time: an emulator uses one processor, and what it counts does not depend on how fast it is.
pub(crate) fn count(target: &Target, images: &Path) -> Result<Vec<(&'static str, &'static str, Counts)>, String> {
    thread::scope(|scope| {
        let runs = SCRIPTS.map(|(script, device)| (script, device, scope.spawn(move || play(target, script, images))));
        let counts = runs.into_iter().map(|(script, device, run)| {
            let counts = run.join().map_err(|_| format!("{script}: it could not be read what was counted"))?;
            Ok((script, device, counts?))
        });
        counts.collect()
    })
}

fn play(target: &Target, script: &str, images: &Path) -> Result<Counts, String> {
    let scripts = folder().join("scripts").join(script);
    let here = folder().join("run").join(target.triple).join(script);
    let failed = |error: std::io::Error| format!("{}: {error}", here.display());
    fs::create_dir_all(&here).map_err(failed)?;
    fs::copy(scripts.join("script"), here.join("script")).map_err(failed)?;
    let mut words = target.emulator.split_whitespace();
    let emulator = words.next().unwrap_or_default();
    let quiet = "-display none -serial none -monitor none -semihosting-config enable=on,target=native -kernel";
    let image = images.join(format!("count-{script}"));
    println!("$ {} {quiet} {}", target.emulator, image.display());
    let status =
        Command::new(emulator).args(words).args(quiet.split_whitespace()).arg(image).current_dir(&here).status().map_err(failed)?;
    if !status.success() {
        return Err(format!("{script}: the image did not come to its end ({status})"));
    }
    let lines = fs::read_to_string(scripts.join("lines")).map_err(failed)?;
    let (results, stacks) = (fs::read(here.join("results")).map_err(failed)?, fs::read(here.join("stacks")).map_err(failed)?);
    Ok(read(&lines, &results, &stacks))
}

fn read(lines: &str, results: &[u8], stacks: &[u8]) -> Counts {
    let mut counts = Counts::default();
    let (results, stacks) = (results.as_chunks::<OUTCOME>().0, stacks.as_chunks::<OUTCOME>().0);
    let mut of_kind = BTreeMap::<&str, usize>::new();
    if lines.lines().count() != results.len() || results.len() != stacks.len() {
        counts.problems.push(format!("{} questions, {} answers", lines.lines().count(), results.len()));
    }
    for ((line, result), stack) in lines.lines().zip(results).zip(stacks) {
        let mut fields = line.split('\t');
        let (kind, name, answer) = (fields.next().unwrap_or("-"), fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
        if kind == "-" {
            continue;
        }
        let [a, b, c, d, e, f, g, h, _, _, _, _, verdict, reason, event, _] = *result;
        let instructions = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
        if kind == "calibration" {
            if instructions != CALIBRATION {
                counts.problems.push(format!("{CALIBRATION} instructions counted as {instructions}"));
            }
            continue;
        }
        let [_, _, _, _, _, _, _, _, i, j, k, l, ..] = *stack;
        let answered = format!("{verdict} {reason} {event}");
        if kind != "HMAC-SHA-256" && answered != answer && !(kind == "floor" && answered == "0 0 0") {
            counts.problems.push(format!("{kind}, {name}: the target answers {answered}, the host {answer}"));
        }
        let index = *of_kind.entry(kind).or_insert_with(|| {
            counts.kinds.push((kind.to_owned(), Count { least: u64::MAX, ..Count::default() }));
            counts.kinds.len() - 1
        });
        if let Some((_, count)) = counts.kinds.get_mut(index) {
            count.asked += 1;
            count.least = count.least.min(instructions);
            count.most = count.most.max(instructions);
            count.sum += instructions;
            count.stack = count.stack.max(u32::from_le_bytes([i, j, k, l]).into());
        }
    }
    // Where there is no compiler of C for the processor, the floor was not asked.
    counts.kinds.retain(|(kind, count)| kind != "floor" || count.sum > 0);
    counts.problems.truncate(10);
    counts
}
