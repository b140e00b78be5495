//! The power fails: at random, between two questions, and at chosen steps of the flash, whole and half done. What was decided stays decided.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails has to say so")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use keyholder::contact::UserNumber;
use keyholder::place::{Areas, Place};
use keyholder::time::{Instant, Time};
use keyholder::{Action, Reason};
use keyholder_host::Outcome;
use keyholder_host::bench::{Bench, Running};
use keyholder_host::dice::Dice;
use keyholder_host::emulator::{Firmware, Language, Start};
use keyholder_host::for_both_panels;
use keyholder_host::replay::{Count, Player, has_panel};
use keyholder_host::site::Site;
use keyholder_host::wire::Answer;
use keyholder_line::answer::Accepted;
use keyholder_line::identity::Identity;
use keyholder_line::request::{Asker, By, Request};
use keyholder_simulator::rig::Disk;
use keyholder_simulator::{story, tape};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/sites").join(name)
}

for_both_panels!(
    power_cuts_between_questions_make_no_difference,
    an_installation_that_loses_power_at_any_step_is_wholly_there_or_not_at_all,
    a_code_that_opens_once_never_opens_twice_wherever_the_power_fails,
    a_lockout_outlasts_a_power_cut,
    the_emulator_killed_at_random_comes_back_with_one_of_the_two_policies,
);

/// Runs `job` for each of the numbers, several at a time.
fn for_each(numbers: impl Iterator<Item = u32>, job: impl Fn(u32) + Sync) {
    let numbers = Mutex::new(numbers.collect::<Vec<_>>());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(number) = { numbers.lock().unwrap().pop() } {
                    job(number);
                }
            });
        }
    });
}

fn open(running: &mut Running, code: &[u8], system: u8, areas: u32) -> Outcome<(Reason, bool)> {
    let asker = Asker { by: By::Code, user: UserNumber::NOBODY, text: code };
    let place = Place::new(system, Areas(areas)).unwrap();
    let request = Request::OpenClose { asker, action: Action::Open, place, remote: false, in_alarm: false, armed_by: None };
    match running.wire.ask(&request)? {
        Answer::Decision(decided) => {
            let reason = Reason::ALL.iter().find(|reason| **reason as u8 == decided.reason).unwrap();
            Ok((*reason, decided.verdict != 0))
        }
        other => panic!("{other:?} is no decision"),
    }
}

fn power_cuts_between_questions_make_no_difference(language: Language) {
    let scenarios = [
        "demo/day.toml",
        "manitou/codes.toml",
        "manitou/limits.toml",
        "manitou/temp-open.toml",
        "manitou/owners.toml",
        "manitou/suspended.toml",
        "manitou/supervision.toml",
        "total-connect/on-the-spot.toml",
        "total-connect/one-time.toml",
        "total-connect/revoked-early.toml",
        "security-center/grants.toml",
        "security-center/firmware-in-session.toml",
        "security-center/identity.toml",
        "stratocast/lift.toml",
        "stratocast/restrict.toml",
    ];
    let all = Mutex::new(Count::default());
    let cuts = AtomicU32::new(0);
    for_each(0..scenarios.len() as u32, |number| {
        let path = file(scenarios.get(number as usize).unwrap());
        tape::start();
        let told = story::play(&Disk, &path);
        let lines = tape::stop();
        assert!(told.is_ok());
        let lines = lines.unwrap();
        if language == Language::C && !has_panel(&lines) {
            return;
        }
        let mut dice = Dice::new(u64::from(number));
        let played = Player::play_with_cuts(&lines, language, |_| {
            let cut = dice.throw(12) == 0;
            cuts.fetch_add(u32::from(cut), Ordering::Relaxed);
            cut
        });
        let count = played.unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        let mut all = all.lock().unwrap();
        *all = *all + count;
    });
    let (all, cuts) = (all.into_inner().unwrap(), cuts.into_inner());
    println!("{} answers and {} codes at the keypad, with {cuts} power cuts in between, as without", all.asked, all.typed);
    assert!(cuts > 50, "{cuts}");
}

/// A place for the flash of a test, empty.
fn flash_file(name: &str, language: Language) -> PathBuf {
    let path = std::env::temp_dir().join(format!("keyholder-{name}-{language:?}-{}", std::process::id()));
    _ = fs::remove_file(&path);
    path
}

/// The bookshop's panel with its first policy, in a flash that can be copied.
fn bookshop(name: &str, language: Language) -> (Site, PathBuf) {
    let site = Site::of(&file("demo/bookshop.toml"), language).unwrap();
    let flash = flash_file(name, language);
    let mut bench = Bench::kept(site.firmware(), &flash, &site.identity(0)).unwrap();
    let answer = bench.start(Start::BENCH).unwrap().wire.install(&site.blob(1).unwrap());
    assert_eq!(answer, Ok(Answer::Installed(Accepted { outcome: 1, sequence: 1 })));
    (site, flash)
}

/// 2026-11-24 08:31 in London.
const TUESDAY: Time = Time::Known(Instant(1_795_509_060));

/// What Alice's code and Bob's are answered under a policy: Alice is there on Monday, Bob has her number from Tuesday on.
fn decides_as(running: &mut Running, sequence: u64) {
    running.set_clock(TUESDAY, true).unwrap();
    let (alice, bob) = (open(running, b"4711", 1, 3).unwrap(), open(running, b"2809", 1, 3).unwrap());
    let (unknown, welcome) = ((Reason::UnknownCode, false), (Reason::WithinSchedule, true));
    let expected = if sequence % 2 == 1 { (welcome, unknown) } else { (unknown, welcome) };
    assert_eq!((alice, bob), expected, "sequence {sequence}");
}

/// What the threads of a test share.
struct Bookshop {
    firmware: Firmware,
    identity: Identity,
    second: Vec<u8>,
    third: Vec<u8>,
}

/// Installs the second policy on a copy of the flash until the power fails before step `cut`, and looks what is there afterwards. Returns whether it failed.
fn install_until(site: &Bookshop, flash: &Path, cut: u32, torn: bool) -> bool {
    let copy = flash.with_extension(format!("{cut}-{torn}"));
    fs::copy(flash, &copy).unwrap();
    let mut bench = Bench::kept(site.firmware, &copy, &site.identity).unwrap();
    let answer = bench.start(Start { cut: Some(cut), torn, ..Start::BENCH }).and_then(|running| running.wire.install(&site.second));
    let failed = answer.is_err();
    let running = bench.start(Start::BENCH).unwrap();
    let sequence = running.started.sequence;
    assert!(sequence == 2 || failed && sequence == 1, "cut before step {cut}: sequence {sequence} after {answer:?}");
    decides_as(running, sequence);
    // Whatever was left lying there, the next one goes in.
    assert_eq!(running.wire.install(&site.third), Ok(Answer::Installed(Accepted { outcome: 1, sequence: 3 })), "cut before step {cut}");
    decides_as(running, 3);
    drop(bench);
    fs::remove_file(&copy).unwrap();
    failed
}

fn an_installation_that_loses_power_at_any_step_is_wholly_there_or_not_at_all(language: Language) {
    let (site, flash) = bookshop("install", language);
    let (second, third) = (site.blob_of(&file("demo/bookshop-tuesday.toml"), 2).unwrap(), site.blob(3).unwrap());
    let site = Bookshop { firmware: site.firmware(), identity: site.identity(0), second, third };
    // How many steps there are: every one fails up to the last.
    let mut steps = 64;
    while install_until(&site, &flash, steps, false) {
        steps *= 2;
    }
    let mut low = steps / 2;
    while low + 1 < steps {
        let middle = low.midpoint(steps);
        if install_until(&site, &flash, middle, false) { low = middle } else { steps = middle }
    }
    println!("an installation takes {steps} steps of the flash");
    // The erasing and copying at a few of them, the end at every one: there it is decided.
    let early = (0..steps.saturating_sub(32)).step_by(24);
    for_each(early.chain(steps.saturating_sub(32)..steps), |cut| {
        install_until(&site, &flash, cut, cut % 2 == 0);
    });
    fs::remove_file(&flash).unwrap();
}

fn a_code_that_opens_once_never_opens_twice_wherever_the_power_fails(language: Language) {
    let policy = flash_file("once.toml", language);
    let text = fs::read_to_string(file("demo/bookshop.toml")).unwrap();
    let once = "[[contact]]\nuser = 40\nname = \"Courier\"\npermissions = [\"anytime\"]\nlimit = \"once\"\ncode = \"60606\"\n";
    let policy = policy.with_extension("toml");
    fs::write(&policy, format!("{text}\n{once}")).unwrap();
    let site = Site::of(&policy, language).unwrap();
    let flash = flash_file("once", language);
    let mut bench = Bench::kept(site.firmware(), &flash, &site.identity(0)).unwrap();
    bench.start(Start::BENCH).unwrap().wire.install(&site.blob(1).unwrap()).unwrap();
    drop(bench);
    let mut fails = 0;
    for cut in 0.. {
        let copy = flash.with_extension(format!("{cut}"));
        fs::copy(&flash, &copy).unwrap();
        let mut bench = Bench::kept(site.firmware(), &copy, &site.identity(0)).unwrap();
        let first = bench.start(Start { cut: Some(cut), torn: cut % 2 == 0, ..Start::BENCH }).and_then(|running| {
            running.set_clock(TUESDAY, true)?;
            open(running, b"60606", 1, 3)
        });
        let mut after = || {
            let running = bench.start(Start::BENCH).unwrap();
            running.set_clock(TUESDAY, true).unwrap();
            open(running, b"60606", 1, 3).unwrap()
        };
        let used_up = (Reason::UsedUp, false);
        match first {
            // The answer was given: it is remembered.
            Ok(first) => {
                assert_eq!((first, after()), ((Reason::Anytime, true), used_up), "cut before step {cut}");
                break;
            }
            // The power failed first: nobody got in, so it may open now or not, but only once.
            Err(_) => {
                fails += 1;
                after();
                assert_eq!(after(), used_up, "cut before step {cut}");
            }
        }
        fs::remove_file(&copy).unwrap();
    }
    println!("the power failed in {fails} steps of one decision");
    assert!(fails > 4, "{fails}");
    for path in [policy, flash] {
        fs::remove_file(path).unwrap();
    }
}

fn a_lockout_outlasts_a_power_cut(language: Language) {
    let (site, flash) = bookshop("lockout", language);
    let mut bench = Bench::kept(site.firmware(), &flash, &site.identity(0)).unwrap();
    let Time::Known(tuesday) = TUESDAY else { panic!("it is Tuesday") };
    for second in 0..3 {
        let running = bench.start(Start::BENCH).unwrap();
        running.set_clock(Time::Known(tuesday.plus(second)), true).unwrap();
        assert_eq!(open(running, b"0000", 1, 3), Ok((Reason::UnknownCode, false)), "the power is cut after each of them");
    }
    for (second, expected) in [(3, (Reason::LockedOut, false)), (91, (Reason::LockedOut, false)), (92, (Reason::WithinSchedule, true))] {
        let running = bench.start(Start::BENCH).unwrap();
        running.set_clock(Time::Known(tuesday.plus(second)), true).unwrap();
        assert_eq!(open(running, b"4711", 1, 3), Ok(expected), "after {second} seconds");
    }
    drop(bench);
    fs::remove_file(&flash).unwrap();
}

fn the_emulator_killed_at_random_comes_back_with_one_of_the_two_policies(language: Language) {
    const KILLS: u32 = 24;
    let (site, flash) = bookshop("random", language);
    let mut bench = Bench::kept(site.firmware(), &flash, &site.identity(0)).unwrap();
    let blob_of = |sequence| {
        let name = if sequence % 2 == 1 { "demo/bookshop.toml" } else { "demo/bookshop-tuesday.toml" };
        site.blob_of(&file(name), sequence).unwrap()
    };
    let running = bench.start(Start::BENCH).unwrap();
    let begun = std::time::Instant::now();
    assert_eq!(running.wire.install(&blob_of(2)), Ok(Answer::Installed(Accepted { outcome: 1, sequence: 2 })));
    // When it is decided, as far as one knows.
    let mut middle = begun.elapsed().as_micros() as u64;
    let mut dice = Dice::new(5);
    let (mut sequence, mut moved) = (2, 0);
    for _ in 0..KILLS {
        let next = sequence + 1;
        let blob = blob_of(next);
        let running = bench.start(Start::BENCH).unwrap();
        let stream = running.emulator.line.try_clone().unwrap();
        // It is killed at whatever it is doing; the installation on this side then finds the line gone.
        thread::scope(|scope| {
            scope.spawn(move || {
                let mut wire = keyholder_host::wire::Wire::new(stream);
                _ = wire.install(&blob);
            });
            thread::sleep(Duration::from_micros(middle / 2 + dice.throw(middle)));
            bench.cut_power();
        });
        let running = bench.start(Start::BENCH).unwrap();
        let found = running.started.sequence;
        assert!(found == sequence || found == next, "{found} after {sequence}");
        decides_as(running, found);
        let has_moved = found == next;
        moved += u32::from(has_moved);
        // However busy the computer is: what came too late is done earlier the next time, and what came too early later.
        middle = if has_moved { middle * 3 / 4 } else { middle * 4 / 3 + 1 };
        sequence = found;
    }
    println!("killed {KILLS} times: {moved} installations had come far enough");
    assert!(0 < moved && moved < KILLS, "{moved}");
    drop(bench);
    fs::remove_file(&flash).unwrap();
}
