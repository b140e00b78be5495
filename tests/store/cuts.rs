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
            let mut kept = K::start(flash.clone());
            for step in &scene.before {
                kept.step(step);
            }
        }
        let old = held::<K, N>(&flash);
        let after = flash.copy();
        let mut kept = K::start(after.clone());
        let from = if is_first_boot { flash.operations() } else { after.operations() };
        if !is_first_boot {
            kept.step(&scene.step);
        }
        let operations = after.operations() - from;
        let new = held::<K, N>(&after);
        let (now, then) = (format!("{:#?}", kept.device()), format!("{:#?}", K::start(after.copy()).device()));
        for (now, then) in now.lines().zip(then.lines()).filter(|(now, then)| operations != 0 && now != then).take(5) {
            println!("{}: {now} becomes {then}", scene.name);
        }
        Self { scene, flash, old, new, operations }
    }

    /// Does it once more and cuts the power. The flash, once the power is back.
    fn cut<K: Kept<N>>(&self, at: u64, tear: Tear) -> (N, Heard) {
        let flash = self.flash.copy();
        let heard = if matches!(self.scene.step, Step::Restart) {
            flash.cut_after(at, tear);
            assert!(K::boot_with(flash.clone()).is_none(), "it boots without power");
            Heard::No
        } else {
            let mut kept = K::start(flash.clone());
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

    fn cut_everywhere<K: Kept<N>>(&self, tears: &[Tear], every_second: u64, tally: &mut Tally) {
        for at in 0..self.operations {
            for tear in tears {
                let (flash, heard) = self.cut::<K>(at, *tear);
                let what = format!("operation {at}, {tear:?}");
                assert!(heard != Heard::Yes, "{}: allowed without power, {what}", self.scene.name);
                tally.cuts += 1;
                self.judge::<K>(&flash, &what, tally);
                if tally.cuts % every_second == 0 {
                    self.cut_again::<K>(&flash, &what, tears, tally);
                }
            }
        }
    }

    /// The power fails once more while the device starts again.
    fn cut_again<K: Kept<N>>(&self, flash: &N, what: &str, tears: &[Tear], tally: &mut Tally) {
        let undisturbed = flash.copy();
        K::start(undisturbed.clone());
        for at in 0..undisturbed.operations() - flash.operations() {
            for tear in tears {
                let flash = flash.copy();
                flash.cut_after(at, *tear);
                K::boot_with(flash.clone());
                flash.power_on();
                tally.second_cuts += 1;
                self.judge::<K>(&flash, &format!("{what}, then operation {at} of the boot, {tear:?}"), tally);
            }
        }
    }
}

fn cut_everywhere<K: Kept<N>, N: Mock>(name: &str, scenes: &[Scene], tears: &[Tear], every_second: u64) {
    let mut tally = Tally::default();
    for scene in scenes {
        let started = std::time::Instant::now();
        let cuts = tally.cuts;
        let trial = Trial::<N>::of::<K>(scene);
        trial.cut_everywhere::<K>(tears, every_second, &mut tally);
        if std::env::var("VERBOSE").is_ok() {
            println!("  {} cuts {:?} {}", tally.cuts - cuts, started.elapsed(), scene.name);
        }
        tally.scenes += 1;
    }
    println!("{name}: {} operations, {} cuts, {} cuts during the boot after a cut", tally.scenes, tally.cuts, tally.second_cuts);
    assert!(tally.wrong.is_empty(), "{name}: {:#?}", tally.wrong);
}

#[test]
fn whenever_the_power_fails_a_panel_is_as_before_or_as_after() {
    cut_everywhere::<KeptPanel<_>, Nor<4, 4, 1024>>(
        "panel, units of 4",
        &panel_scenes(),
        &[Tear::SomeBits, Tear::Unreadable, Tear::Everything],
        997,
    );
}

#[test]
fn whenever_the_power_fails_a_receiver_is_as_before_or_as_after() {
    cut_everywhere::<KeptReceiver<_>, Nor<4, 4, 1024>>(
        "receiver, units of 4",
        &receiver_scenes(),
        &[Tear::SomeBits, Tear::Unreadable, Tear::Everything],
        97,
    );
}
