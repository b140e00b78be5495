//! Counts the instructions of every kind of check under callgrind, and fails unless each kind has a single number.
//!
//! The program runs itself under valgrind. Callgrind collects inside the `keyholder_probe_*` functions only and dumps its counter before each
//! call; the dumps come in the order of the questions.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a measurement that cannot be made has to stop")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::{env, fs, process};

use keyholder::code::Code;
use keyholder::contact::UserNumber;
use keyholder::engineer::{Capabilities, EngineerId, GrantId, SiteId};
use keyholder::firmware::{ImageDigest, Model, Version};
use keyholder::place::{AreaList, Areas, Place};
use keyholder::time::{Instant, Time};
use keyholder::{Act, ActRequest, Action, Decision, EngineerRequest, OpenClose, SessionRequest, Update, UpdateRequest, Who};
use keyholder_benches::question::{MORNING, engineer_checks, firmware_checks, identifications, user_checks};
use keyholder_benches::site::{AnyPanel, Panel1000, Rows, SITE, Size, code_of, panel, user};

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

/// One call: what kind of check, what was asked, and how many instructions it took.
struct Count {
    kind: String,
    name: String,
    instructions: u64,
}

/// Runs this program under callgrind and reads what it counted.
fn count(folder: &Path) -> Vec<Count> {
    let dumps = folder.join("dump");
    let output = Command::new("valgrind")
        .args(["--quiet", "--tool=callgrind", "--toggle-collect=keyholder_probe_*"])
        .args(PROBES.map(|probe| format!("--dump-before={probe}")))
        .arg(format!("--callgrind-out-file={}", dumps.display()))
        .arg(env::current_exe().expect("this program's path"))
        .arg("ask")
        .output()
        .expect("valgrind can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let asked = String::from_utf8(output.stdout).expect("names are text");
    let asked: Vec<_> = asked.lines().collect();
    let counts = asked.iter().enumerate().map(|(index, line)| {
        let (kind, name) = line.split_once('\t').expect("kind and name");
        // What a call has cost is dumped before the next one, and by callgrind's own end after the last.
        let is_last = index + 1 == asked.len();
        let dump = if is_last { dumps.clone() } else { folder.join(format!("dump.{}", index + 2)) };
        let dump = fs::read_to_string(dump).expect("one dump per question");
        let total = dump.lines().find_map(|line| line.strip_prefix("totals: ")).expect("a dump ends with its total");
        Count { kind: kind.into(), name: name.into(), instructions: total.trim().parse().expect("a number") }
    });
    counts.collect()
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
    *answer = Panel1000::open_close(panel, request, time);
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

fn probe_open_close(panel: &mut Panel1000, name: &str, request: &OpenClose<'_>, time: Time) {
    let mut answer = Decision::REFUSED;
    keyholder_probe_open_close(black_box(panel), black_box(request), black_box(time), black_box(&mut answer));
    let kind = match request.who {
        Who::User(_) => "user check",
        Who::Code(_) | Who::Passcode(_) => "code",
        Who::UserAndCode(..) | Who::UserAndPasscode(..) => "number and code",
    };
    println!("{kind}\t{name}: {:?}", answer.reason);
}

fn probe_engineer(panel: &mut Panel1000, name: &str, request: &EngineerRequest, time: Time) {
    let mut answer = Decision::REFUSED;
    keyholder_probe_engineer(black_box(panel), black_box(request), black_box(time), black_box(&mut answer));
    println!("engineer check\t{name}: {:?}", answer.reason);
}

fn probe_update(panel: &mut Panel1000, name: &str, request: &UpdateRequest, time: Time) {
    let mut answer = Decision::REFUSED;
    keyholder_probe_update(black_box(panel), black_box(request), black_box(time), black_box(&mut answer));
    println!("firmware check\t{name}: {:?}", answer.reason);
}

/// The part that runs under callgrind.
fn ask_everything() {
    let full = panel::<Panel1000>(&Rows::of(&Size::large(999)));
    let half = panel::<Panel1000>(&Rows::of(&Size::standard(256)));
    let bare = panel::<Panel1000>(&Rows::of(&Size::BARE));
    let fresh = Panel1000::fresh();
    for (tables, panel) in [("full", &full), ("half", &half), ("bare", &bare), ("fresh", &fresh)] {
        for question in [user_checks(999), identifications(999)].concat() {
            let mut panel = panel.clone();
            question.prepare(&mut *panel);
            probe_open_close(&mut panel, &format!("{tables}, {}", question.name), &question.request(), question.time(question.prior));
        }
        for question in engineer_checks() {
            probe_engineer(&mut panel.clone(), &format!("{tables}, {}", question.name), &question.request, question.time);
        }
        for question in firmware_checks() {
            probe_update(&mut panel.clone(), &format!("{tables}, {}", question.name), &question.request, question.time);
        }
        ask_at_random(tables, &mut panel.clone());
    }
}

/// A generator of numbers that look random (PCG, 32 bits).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as u32 >> 1) % limit
    }

    fn one_in(&mut self, count: u32) -> bool {
        self.below(count) == 0
    }

    fn place(&mut self) -> Place {
        let areas = if self.one_in(3) { self.below(u32::MAX) | 1 } else { 1 << self.below(32) };
        Place::new(1 + self.below(8) as u8, Areas(areas)).expect("a place")
    }
}

/// Questions at random while the ledger fills and the clock goes on, at times back or unknown.
fn ask_at_random(tables: &str, panel: &mut Panel1000) {
    let mut dice = Dice(tables.len() as u64);
    let mut clock = MORNING;
    for number in 0..100 {
        let most = if dice.one_in(4) { 4_000_000 } else { 4_000 };
        clock = clock.plus(i64::from(dice.below(most)));
        let time = match dice.below(8) {
            0 => Time::Unknown,
            1 => Time::Known(Instant(clock.0 - i64::from(dice.below(7_200)))),
            _ => Time::Known(clock),
        };
        change_the_ledger(&mut dice, panel, time);

        let user = dice.below(1010) as u16;
        let request = OpenClose {
            who: Who::User(UserNumber(user)),
            action: if dice.one_in(2) { Action::Open } else { Action::Close },
            place: dice.place(),
            remote: dice.one_in(2),
            armed_by: UserNumber(if dice.one_in(2) { user } else { 0 }),
            in_alarm: dice.one_in(4),
        };
        let name = format!("{tables}, random {number}");
        probe_open_close(panel, &name, &request, time);
        let code = if dice.one_in(3) { Code::typed(&[b'1'; 9][..dice.below(9) as usize]) } else { code_of(dice.below(1010) as u16) };
        let who = if dice.one_in(2) { Who::Code(&code) } else { Who::UserAndCode(UserNumber(user), &code) };
        probe_open_close(panel, &name, &OpenClose { who, ..request }, time);

        let engineer = EngineerId(dice.below(70));
        let site = if dice.one_in(8) { SiteId(1) } else { SITE };
        let capabilities = Capabilities::from_bits_truncate(dice.below(1 << 10) as u16 & dice.below(1 << 10) as u16);
        probe_engineer(panel, &name, &EngineerRequest { engineer, site, capabilities }, time);
        let version = |dice: &mut Dice| Version([dice.below(40) as u16, dice.below(10) as u16, 0, 0]);
        let update = Update {
            model: Model::named(if dice.one_in(2) { "KH-1000" } else { "KH-2000" }).expect("a model"),
            version: version(&mut dice),
            installed: version(&mut dice),
            image: ImageDigest([dice.below(3) as u8; 32]),
        };
        probe_update(panel, &name, &UpdateRequest { engineer, site, update }, time);
    }
}

/// Something that leaves its trace: openings, acts at the keypad, sessions.
fn change_the_ledger(dice: &mut Dice, panel: &mut Panel1000, time: Time) {
    let master = Who::User(UserNumber(user::MASTER));
    let act = match dice.below(8) {
        0 => Act::Test { areas: AreaList::ALL, minutes: 10 },
        1 => Act::ExtendClosing { place: dice.place(), minutes: 60 },
        2 => Act::OpenWindow { place: dice.place(), minutes: 60 },
        3 => Act::Suspend(UserNumber(1 + dice.below(999) as u16)),
        4 => Act::Grant { engineer: EngineerId(1 + dice.below(64)), answers_request: true },
        5 => Act::Revoke(GrantId(1 + dice.below(64))),
        6 => Act::Lift,
        _ => Act::Restrict,
    };
    panel.act(&ActRequest { who: master, act, remote: false }, time);
    _ = panel.begin_session(&SessionRequest { engineer: EngineerId(1 + dice.below(64)), site: SITE }, time);
    let who = Who::User(UserNumber(1 + dice.below(30) as u16));
    let request = OpenClose { who, action: Action::Open, place: dice.place(), remote: true, armed_by: UserNumber(0), in_alarm: false };
    AnyPanel::open_close(panel, &request, time);
}
