//! Power cuts: whenever the power fails, a device that starts again is as it was before or as it was to be.

use std::collections::BTreeMap;

use crate::mock::{Mock, Nor, Tear};
use crate::scenes::{Heard, Kept, KeptPanel, KeptReceiver, Scene, Step, panel_scenes, receiver_scenes};

/// What was tried, and what went wrong.
#[derive(Default)]
struct Tally {
    scenes: u64,
    cuts: u64,
    second_cuts: u64,
    wrong: BTreeMap<String, u64>,
}

/// One scene in one kind of flash.
struct Trial<'a, N> {
    scene: &'a Scene,
    /// The flash before the step.
    flash: N,
    old: u64,
    new: u64,
    /// Units written and blocks erased by the step.
    operations: u64,
}

/// What a device started with a copy of that flash holds.
fn held<K: Kept<N>, N: Mock>(flash: &N) -> u64 {
    K::boot_with(flash.copy()).map_or(0, |kept| kept.fingerprint())
}

impl<'a, N: Mock> Trial<'a, N> {
    /// Does the step with the power on.
    fn of<K: Kept<N>>(scene: &'a Scene) -> Self {
        let flash = N::with_capacity(K::capacity());
        let is_first_boot = matches!(scene.step, Step::Restart);
        if !is_first_boot {
            let mut kept = K::powered(flash.clone());
            for step in &scene.before {
                kept.step(step);
            }
        }
        let old = held::<K, N>(&flash);
        let after = flash.copy();
        let mut kept = K::powered(after.clone());
        let from = if is_first_boot { flash.operations() } else { after.operations() };
        if !is_first_boot {
            kept.step(&scene.step);
        }
        let operations = after.operations() - from;
        let new = held::<K, N>(&after);
        let then = K::powered(after.copy());
        assert!(operations != 0, "{}: nothing is written", scene.name);
        assert!(kept.answers() == then.answers(), "{}: what decides now is not what decides after a restart", scene.name);
        // The questions would tell the two states apart; and as the answers follow from what a device holds, they need not be asked after every cut.
        let has_changed = old != new && K::powered(flash.copy()).answers() != then.answers();
        assert!(has_changed || is_first_boot, "{}: nothing has changed", scene.name);
        Self { scene, flash, old, new, operations }
    }

    /// Does it once more and cuts the power. The flash, once the power is back.
    fn cut<K: Kept<N>>(&self, at: u64, tear: Tear) -> (N, Heard) {
        let flash = self.flash.copy();
        let heard = if matches!(self.scene.step, Step::Restart) {
            flash.cut_after(at, tear);
            // Once one copy of the journal is there, it begins.
            K::boot_with(flash.clone());
            Heard::No
        } else {
            let mut kept = K::powered(flash.clone());
            flash.cut_after(at, tear);
            kept.step(&self.scene.step)
        };
        flash.power_on();
        (flash, heard)
    }

    fn judge<K: Kept<N>>(&self, flash: &N, what: &str, tally: &mut Tally) {
        let state = held::<K, N>(flash);
        let wrong = if state == 0 {
            "it does not boot"
        } else if state != self.old && state != self.new {
            "a third state"
        } else {
            return;
        };
        let count = tally.wrong.entry(format!("{}: {wrong}", self.scene.name)).or_default();
        *count += 1;
        if *count == 1 {
            println!("{}: {wrong}: {what} of {}", self.scene.name, self.operations);
        }
    }

    fn cut_everywhere<K: Kept<N>>(&self, every_second: u64, tally: &mut Tally) {
        for at in 0..self.operations {
            for tear in tears::<N>(at) {
                let (flash, heard) = self.cut::<K>(at, tear);
                let what = format!("operation {at}, {tear:?}");
                // With the power cut nobody hears anything. Were it the flash only that fails, then what was heard would have to be there.
                assert!(heard != Heard::Yes || held::<K, N>(&flash) == self.new, "{}: heard and not kept, {what}", self.scene.name);
                tally.cuts += 1;
                self.judge::<K>(&flash, &what, tally);
                if tally.cuts.is_multiple_of(every_second) {
                    self.cut_again::<K>(&flash, &what, tally);
                }
            }
        }
    }

    /// The power fails once more while the device starts again.
    fn cut_again<K: Kept<N>>(&self, flash: &N, what: &str, tally: &mut Tally) {
        let undisturbed = flash.copy();
        K::powered(undisturbed.clone());
        for at in 0..undisturbed.operations() - flash.operations() {
            for tear in tears::<N>(at) {
                let flash = flash.copy();
                flash.cut_after(at, tear);
                K::boot_with(flash.clone());
                flash.power_on();
                tally.second_cuts += 1;
                self.judge::<K>(&flash, &format!("{what}, then operation {at} of the boot, {tear:?}"), tally);
            }
        }
    }
}

/// The ways in which operation number `at` is torn: all of them, or, with units of one byte and in a build that is not optimised, one after the other.
fn tears<N: Mock>(at: u64) -> impl Iterator<Item = Tear> {
    let count = Tear::ALL.len();
    let (first, taken) = if cfg!(debug_assertions) || N::WRITE_SIZE == 1 { (at as usize % count, 1) } else { (0, count) };
    Tear::ALL.into_iter().skip(first).take(taken)
}

fn cut_everywhere<K: Kept<N>, N: Mock>(scenes: &[Scene], every_second: u64) {
    let mut tally = Tally::default();
    let started = std::time::Instant::now();
    for scene in scenes {
        Trial::<N>::of::<K>(scene).cut_everywhere::<K>(every_second, &mut tally);
        tally.scenes += 1;
    }
    println!(
        "units of {}, blocks of {}: {} operations, {} cuts, {} cuts more during the boot after a cut, in {:?}",
        N::WRITE_SIZE,
        N::ERASE_SIZE,
        tally.scenes,
        tally.cuts,
        tally.second_cuts,
        started.elapsed()
    );
    assert!(tally.wrong.is_empty(), "{:#?}", tally.wrong);
}

/// One in so many cuts is followed by a cut at every operation of the boot after it.
const EVERY: u64 = if cfg!(debug_assertions) { 397 } else { 499 };

#[test]
fn whenever_the_power_fails_a_panel_is_as_before_or_as_after() {
    cut_everywhere::<KeptPanel<_>, Nor<4, 4, 1024>>(&panel_scenes(), EVERY);
}

#[test]
fn whenever_the_power_fails_a_receiver_is_as_before_or_as_after() {
    cut_everywhere::<KeptReceiver<_>, Nor<4, 1, 1024>>(&receiver_scenes(), EVERY);
    cut_everywhere::<KeptReceiver<_>, Nor<1, 1, 4096>>(&receiver_scenes(), EVERY);
}

/// A byte at a time is what serial flash takes.
#[cfg(not(debug_assertions))]
#[test]
fn whenever_the_power_fails_a_panel_with_units_of_one_byte_is_as_before_or_as_after() {
    cut_everywhere::<KeptPanel<_>, Nor<1, 1, 4096>>(&panel_scenes(), EVERY);
}

#[test]
fn whenever_the_power_fails_a_panel_with_wide_units_is_as_before_or_as_after() {
    let scenes = panel_scenes();
    let scenes = if cfg!(debug_assertions) { &scenes[..24] } else { &scenes[..] };
    cut_everywhere::<KeptPanel<_>, Nor<8, 4, 2048>>(scenes, EVERY);
    cut_everywhere::<KeptPanel<_>, Nor<16, 1, 512>>(scenes, EVERY);
    cut_everywhere::<KeptPanel<_>, Nor<32, 8, 1024>>(scenes, EVERY);
}
