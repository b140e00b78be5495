//! The firmware decides as the simulator does: everything that the sites' scenarios ask the simulator's devices is asked of the firmware in the emulator.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails has to say so")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use keyholder_host::replay::{Count, Player};
use keyholder_simulator::rig::Disk;
use keyholder_simulator::{story, tape};

/// The scenarios of a site.
fn scenarios(site: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/sites").join(site);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| fs::read_to_string(path).unwrap().contains("\n[[step]]"));
    files.sort();
    assert!(!files.is_empty());
    files
}

/// How many scenarios are played at the same time: fingers are slow, and the emulators sleep meanwhile.
const PLAYERS: usize = 4;

fn plays_alike(site: &str) -> Count {
    let left = Mutex::new(scenarios(site));
    let all = thread::scope(|scope| {
        let players: Vec<_> = (0..PLAYERS).map(|_| scope.spawn(|| play_all(&left))).collect();
        players.into_iter().map(|player| player.join().unwrap()).reduce(|all, count| all + count).unwrap()
    });
    let Count { asked, typed, cut } = all;
    println!("{site}: {asked} answers over the line and {typed} codes at the keypad, across {cut} power cuts, all as in the simulator");
    all
}

/// Plays what is left until nothing is.
fn play_all(left: &Mutex<Vec<PathBuf>>) -> Count {
    let mut all = Count::default();
    loop {
        let Some(path) = left.lock().unwrap().pop() else { return all };
        tape::start();
        let told = story::play(&Disk, &path);
        let lines = tape::stop();
        assert_eq!(told.map(|told| told.failures()).map_err(|complaint| complaint.to_string()), Ok(0));
        let Some(lines) = lines else {
            // The emulated flash, a file on the host, does not wear out: of that there is no tape.
            assert!(path.ends_with("manitou/flash-worn-out.toml"), "there is no tape of {}", path.display());
            continue;
        };
        match Player::play(&lines) {
            Ok(count) => all = all + count,
            Err(why) => panic!("{}: {why}", path.display()),
        }
    }
}

#[test]
fn the_firmware_decides_as_the_simulator_does_for_manitou() {
    let count = plays_alike("manitou");
    assert!(count.asked > 500 && count.typed > 50 && count.cut > 5, "{count:?}");
}

#[test]
fn the_firmware_decides_as_the_simulator_does_for_total_connect() {
    assert!(plays_alike("total-connect").asked > 100);
}

#[test]
fn the_firmware_decides_as_the_simulator_does_for_security_center() {
    assert!(plays_alike("security-center").asked > 100);
}

#[test]
fn the_firmware_decides_as_the_simulator_does_for_stratocast() {
    assert!(plays_alike("stratocast").asked > 100);
}

#[test]
fn the_firmware_decides_as_the_simulator_does_for_the_demo() {
    assert!(plays_alike("demo").asked > 50);
}
