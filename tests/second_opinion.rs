//! The core against a second opinion: random policies, random questions, two deciders, one answer.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that fails has to say so"
)]
#![allow(dead_code, unreachable_pub, reason = "the folder serves more than one test")]

#[path = "second_opinion/mod.rs"]
mod second_opinion;

use keyholder::Reason;
use keyholder::engineer::SiteId;
use keyholder::report::Event;
use keyholder::time::{Instant, Time};
use second_opinion::calendar::ZoneRule;
use second_opinion::compare::difference;
use second_opinion::device::{Answered, Device, large_panel, large_receiver, panel_blob, receiver_blob};
use second_opinion::generate::Rng;
use second_opinion::model::Policy;
use second_opinion::question::Question;
use second_opinion::reference::Reference;
use second_opinion::wire::{AccessRows, PanelRows, number};
use second_opinion::world::World;
use second_opinion::zones;
use std::collections::BTreeMap;

const SEED: u64 = 20_261_122;
/// Scenes for each zone of the IANA database, and questions to the panel of each.
const SCENES: u64 = if cfg!(debug_assertions) { 1 } else { 12 };
const QUESTIONS: usize = if cfg!(debug_assertions) { 20 } else { 150 };

/// How often each reason and event came.
#[derive(Default)]
struct Tally {
    questions: usize,
    reasons: BTreeMap<u8, usize>,
    events: BTreeMap<u8, usize>,
}

impl Tally {
    fn count(&mut self, answered: &Answered) {
        self.questions += 1;
        match answered {
            Answered::Decision(decision) => {
                *self.reasons.entry(decision.reason as u8).or_default() += 1;
                *self.events.entry(decision.report.event as u8).or_default() += 1;
            }
            Answered::Due(due) => due.iter().for_each(|due| *self.events.entry(due.report.event as u8).or_default() += 1),
        }
    }

    fn add(&mut self, other: &Self) {
        self.questions += other.questions;
        other.reasons.iter().for_each(|(reason, times)| *self.reasons.entry(*reason).or_default() += times);
        other.events.iter().for_each(|(event, times)| *self.events.entry(*event).or_default() += times);
    }

    fn print(&self) {
        println!("{} questions compared", self.questions);
        for reason in Reason::ALL {
            println!("{:9} {}", self.reasons.get(&(*reason as u8)).unwrap_or(&0), reason.name());
        }
        for event in Event::ALL {
            println!("{:9} {}", self.events.get(&(*event as u8)).unwrap_or(&0), event.name());
        }
    }
}

/// Asks the device and the reference the same and ends the test where they differ.
struct Comparison<'a> {
    seed: u64,
    zone: &'static str,
    reference: Reference,
    device: Box<dyn Device>,
    /// What the device is given in turn.
    policies: &'a [Policy],
    blob: &'a dyn Fn(&Policy, u64) -> Vec<u8>,
}

impl Comparison<'_> {
    fn run<'q>(mut self, questions: impl Iterator<Item = &'q Question>, tally: &mut Tally) {
        self.install(1);
        let mut policies = self.policies.iter().cycle().skip(1);
        for (index, question) in questions.enumerate() {
            if index % 32 == 31 {
                // Under a new number and perhaps with other hours: what the device remembers stays.
                self.reference.policy.clone_from(policies.next().expect("one at least"));
                self.install(number(index));
            }
            let outcome = self.reference.ask(question);
            let answered = self.device.ask(question);
            if let Some(difference) = difference(&self.reference.policy, question, &outcome, &answered) {
                let reference = &self.reference;
                let local = |clock: i64| (0..16_725_225_600).contains(&clock).then(|| reference.policy.site.zone.wall_clock(clock));
                panic!(
                    "seed {}, zone {}, question {index}\n{:?}\n{:?}\n{question:#?}\nUTC {:?}, local {:?}; floor {:?}\n{difference}",
                    self.seed,
                    self.zone,
                    reference.policy,
                    reference.ledger,
                    question.clock.and_then(|clock| jiff::Timestamp::from_second(clock).ok()),
                    question.clock.and_then(local),
                    local(reference.ledger.floor),
                );
            }
            tally.count(&answered);
        }
    }

    fn install(&mut self, sequence: u64) {
        let time = Time::Known(Instant(self.reference.ledger.floor));
        let installed = self.device.install(&(self.blob)(&self.reference.policy, sequence), time);
        assert!(installed.is_ok(), "seed {}: {installed:?}\n{:#?}", self.seed, self.reference.policy);
    }
}

fn compare_scene(seed: u64, zone: (&'static str, ZoneRule), tally: &mut Tally) {
    let world = World::random(&mut Rng(seed), &[zone], QUESTIONS);

    let panel = |policy: &Policy, sequence| panel_blob(&PanelRows::of(policy), sequence);
    let (reference, device) = (Reference::new(world.policy.clone()), large_panel(SiteId(world.policy.site.id)));
    let policies = [world.policy.clone(), world.other_hours.clone()];
    Comparison { seed, zone: zone.0, reference, device, policies: &policies, blob: &panel }.run(world.questions.iter(), tally);

    let policy = world.receiver_policy();
    let receiver = |policy: &Policy, sequence| receiver_blob(&AccessRows::of(policy), number(policy.clock_tolerance), sequence);
    let (reference, device) = (Reference::new(policy.clone()), large_receiver());
    Comparison { seed, zone: zone.0, reference, device, policies: &[policy], blob: &receiver }.run(world.receiver_questions(), tally);
}

/// Runs `work` for every number below `count`, on every core there is.
fn on_every_core(count: u64, work: impl Fn(u64, &mut Tally) + Sync) -> Tally {
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get() as u64);
    let work = &work;
    std::thread::scope(|scope| {
        let mine = |thread: u64| (thread..count).step_by(number(threads));
        let start = |thread| {
            scope.spawn(move || {
                let mut tally = Tally::default();
                mine(thread).for_each(|index| work(index, &mut tally));
                tally
            })
        };
        let running: Vec<_> = (0..threads).map(start).collect();
        let mut all = Tally::default();
        for thread in running {
            all.add(&thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        all
    })
}

#[test]
fn two_deciders_give_one_answer() {
    let mut zones = zones::all();
    let named = zones.len();
    // A zone is rare among the named ones that these are not.
    zones.extend((0..8).flat_map(|_| zones::invented()));
    let started = std::time::Instant::now();
    let count: u64 = number(zones.len());
    let tally = on_every_core(count * SCENES, |index, tally| {
        let zone: usize = number(index % count);
        compare_scene(SEED + index, zones[zone], tally);
    });
    tally.print();
    println!("{named} zones, {:.1} s", started.elapsed().as_secs_f32());
    if cfg!(not(debug_assertions)) {
        assert!(tally.questions >= 1_000_000, "{} questions are too few", tally.questions);
        // Only a device whose flash fails answers or reports that it could not keep something.
        let never =
            |reason: &&Reason| !matches!(reason, Reason::Invalid | Reason::NotKept) && !tally.reasons.contains_key(&(**reason as u8));
        assert_eq!(Reason::ALL.iter().find(never), None, "a reason never came up");
        let never = |event: &&Event| **event != Event::NotKept && !tally.events.contains_key(&(**event as u8));
        assert_eq!(Event::ALL.iter().find(never), None, "an event never came up");
    }
}
