//! What holds for every policy, every past and every question: tried on random ones, against the core alone.

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

mod answers;
mod deadlines;
mod policies;
#[path = "../second_opinion/mod.rs"]
mod second_opinion;

use second_opinion::generate::Rng;
use second_opinion::question::{Question, Subject};
use second_opinion::world::World;
use second_opinion::zones;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

const WORLDS: u64 = if cfg!(debug_assertions) { 6 } else { 300 };
const QUESTIONS: usize = 100;

thread_local! {
    /// How often this thread's law has applied: one that never does is none.
    static APPLIED: Cell<usize> = const { Cell::new(0) };
}

/// Says that the premise of the law held, and so did the law.
fn applies() {
    APPLIED.set(APPLIED.get() + 1);
}

/// Tries a law on worlds of its own.
fn everywhere(law: u64, holds: impl Fn(&World, &mut Rng)) {
    let zones = zones::all();
    for index in 0..WORLDS {
        let mut rng = Rng(law << 32 | index);
        let world = World::random(&mut rng, &zones, QUESTIONS);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| holds(&world, &mut rng))) {
            eprintln!("world {index}, zone {}: {:?}", world.scene.zone_name, world.policy);
            resume_unwind(panic);
        }
    }
    println!("applied {} times in {WORLDS} worlds", APPLIED.get());
    assert!(APPLIED.get() > 0 || cfg!(debug_assertions), "never applied");
}

fn is_about_people(question: &Question) -> bool {
    matches!(question.subject, Subject::OpenClose(_) | Subject::Act(..))
}

fn is_about_engineers(question: &Question) -> bool {
    matches!(question.subject, Subject::Use { .. } | Subject::BeginSession { .. } | Subject::Firmware(_))
}
