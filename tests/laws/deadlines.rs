//! Laws of what falls due.

use super::second_opinion::device::{Answered, Device};
use super::second_opinion::generate::part_of;
use super::second_opinion::model::Place;
use super::second_opinion::question::{Question, Subject};
use super::second_opinion::world::panel_with;
use super::{applies, everywhere};
use keyholder::supervise::Due;

/// How long a panel is watched.
const MINUTES: i64 = if cfg!(debug_assertions) { 600 } else { 3 * 1440 };

fn tick(panel: &mut dyn Device, armed: &[Place], clock: Option<i64>) -> Vec<Due> {
    match panel.ask(&Question { clock, subject: Subject::Tick { armed: armed.to_vec() } }) {
        Answered::Due(due) => due,
        Answered::Decision(_) => panic!("a tick has no decision"),
    }
}

fn in_order(mut due: Vec<Due>) -> Vec<Due> {
    due.sort_by_key(|due| (due.at, format!("{:?}", due.report)));
    due
}

#[test]
fn deadlines_are_reported_exactly_once() {
    everywhere(18, |world, rng| {
        let mut by_the_minute = panel_with(&world.policy);
        for question in &world.questions {
            by_the_minute.ask(question);
        }
        let latest = world.questions.iter().filter_map(|question| question.clock).filter(|clock| *clock < 16_724_000_000).max();
        let from = latest.unwrap_or(world.scene.base);
        let until = from + 60 * MINUTES;
        let armed = part_of(rng, &world.policy.site.areas, 50);
        tick(&mut *by_the_minute, &armed, Some(from));
        let mut now_and_then = by_the_minute.copy();

        let mut expected = Vec::new();
        for minute in 1..=MINUTES {
            let now = from + 60 * minute;
            let due = tick(&mut *by_the_minute, &armed, Some(now));
            assert!(due.iter().all(|due| now - 60 < due.at.0 && due.at.0 <= now), "{due:?} at {now}");
            expected.extend(due);
        }

        let mut reported = Vec::new();
        let mut now = from;
        while now < until {
            let clock = match rng.count(0, 9) {
                0 => None,
                1 => Some(now - rng.between(0, world.policy.clock_tolerance)),
                2 => Some(now - world.policy.clock_tolerance - rng.between(1, 1 << 20)),
                3 => Some(now),
                _ => {
                    let longest = *rng.pick(&[60, 3600, 86_400, 60 * MINUTES]);
                    now = until.min(now + rng.between(1, longest));
                    Some(now)
                }
            };
            reported.extend(tick(&mut *now_and_then, &armed, clock));
        }
        assert!(reported.is_sorted_by_key(|due| due.at));
        expected.iter().for_each(|_| applies());
        assert_eq!(in_order(reported), in_order(expected));
    });
}
