//! Laws of what a policy means, however it is written down, whatever came before it and wherever it is kept.

use super::second_opinion::device::{
    Answered, Device, large_panel, large_receiver, panel_blob, receiver_blob, small_panel, small_receiver, standard_panel,
    standard_receiver,
};
use super::second_opinion::generate::{MOST_GRANTS, Rng};
use super::second_opinion::model::*;
use super::second_opinion::question::{Act, Question, Secret, Subject, Who};
use super::second_opinion::wire::{AccessRows, PanelRows, number};
use super::second_opinion::world::{install, nobodys, panel_with, receiver_with};
use super::{applies, everywhere, is_about_engineers};
use keyholder::Reason;
use keyholder::blob::{Installed, Refusal};
use keyholder::contact::ListNumber;
use keyholder::place::AreaList;
use keyholder::policy::Fault;
use keyholder::time::Time;

#[test]
fn silence_is_a_refusal() {
    everywhere(2, |world, _| {
        let mut nothing = world.policy.clone();
        nothing.site.contacts.clear();
        nothing.access.engineers.clear();
        nothing.access.grants.clear();
        nothing.access.authorisations.clear();
        for mut panel in [large_panel(PanelRows::of(&world.policy).site.id), panel_with(&nothing)] {
            for question in &world.questions {
                assert!(!panel.ask(question).is_allowed(), "{question:?}");
                applies();
            }
        }
        nothing.access.sites = world.scene.policy.access.sites.clone();
        for mut receiver in [large_receiver(), receiver_with(&nothing)] {
            for question in world.receiver_questions() {
                assert!(!receiver.ask(question).is_allowed(), "{question:?}");
            }
        }
    });
}

#[test]
fn revocation_wins_whatever_blob_comes_later() {
    everywhere(6, |world, rng| {
        let mut policy = world.policy.clone();
        let master = &mut policy.site.contacts[0];
        *master = Contact { validity: None, use_limit: UseLimit::Unlimited, ..master.clone() };
        master.flags = Flags { master_user: true, ..Flags::default() };
        let who = Who { number: Some(master.number), secret: None, remote: false };
        let mut panel = panel_with(&policy);
        let id = number(rng.count(1, 20));
        let revoke = Question { clock: None, subject: Subject::Act(who, Act::Revoke { grant: id }) };
        assert!(panel.ask(&revoke).is_allowed());
        for (sequence, questions) in (2..).zip(world.questions.chunks(10)) {
            policy.access.grants.retain(|grant| grant.id != id);
            let engineer = rng.pick(&policy.access.engineers).id;
            let others = policy.access.grants.iter().filter(|grant| grant.engineer == engineer).count();
            if rng.percent(80) && others < MOST_GRANTS {
                policy.access.grants.push(Grant {
                    id,
                    engineer,
                    site: policy.site.id,
                    from: 0,
                    until: world.scene.base + rng.between(0, 400_000_000),
                    begin_by: None,
                    one_time: rng.percent(50),
                    capabilities: Capability::ALL.to_vec(),
                    excluded: Vec::new(),
                });
            }
            install(&mut *panel, &policy, sequence);
            for question in questions.iter().filter(|question| is_about_engineers(question)) {
                let answered = panel.ask(question);
                let decision = answered.decision();
                assert!(!decision.is_allowed() || decision.grant.0 != id, "{question:?}");
                if decision.reason == Reason::Revoked {
                    applies();
                }
            }
        }
    });
}

#[test]
fn a_lockout_survives_a_new_policy() {
    everywhere(12, |world, _| {
        let mut policy = world.policy.clone();
        policy.site.contacts.truncate(1);
        policy.site.contacts[0].code = Some(String::from("12345678"));
        policy.site.options.number_and_code = false;
        let mut panel = panel_with(&policy);
        let ask = |panel: &mut dyn Device, code: &str| {
            let who = Who { number: None, secret: Some(Secret::Code(String::from(code))), remote: false };
            let question = Question { clock: Some(world.scene.base), subject: Subject::Act(who, Act::CancelAlarm) };
            panel.ask(&question).decision().reason
        };
        for _ in 0..policy.site.options.wrong_codes {
            assert_eq!(ask(&mut *panel, "87654321"), Reason::UnknownCode);
        }
        install(&mut *panel, &policy, 2);
        assert_eq!(ask(&mut *panel, "12345678"), Reason::LockedOut);
        applies();
    });
}

/// New places for the rows of a table, and where each has gone.
struct Shuffled(Vec<usize>);

impl Shuffled {
    fn some(rng: &mut Rng, length: usize) -> Self {
        let mut places: Vec<usize> = (0..length).collect();
        for last in (1..length).rev() {
            places.swap(last, rng.count(0, last));
        }
        Self(places)
    }

    fn rows<T: Copy>(&self, rows: &[T]) -> Vec<T> {
        let mut shuffled = rows.to_vec();
        for (row, place) in rows.iter().zip(&self.0) {
            shuffled[*place] = *row;
        }
        shuffled
    }

    /// The number, from 1, of the row that had this number.
    fn number(&self, number: u8) -> u8 {
        let place = number.checked_sub(1).map(|index| self.0[usize::from(index)]);
        place.map_or(0, |place| super::second_opinion::wire::number(place + 1))
    }
}

/// The same policy with its numbered tables in another order, and where its schedules have gone.
fn shuffled(rng: &mut Rng, rows: &PanelRows) -> (PanelRows, Shuffled) {
    let mut rows = rows.clone();
    let lists = Shuffled::some(rng, rows.lists.len());
    let schedules = Shuffled::some(rng, rows.schedules.len());
    let layers = Shuffled::some(rng, rows.layers.len());
    let windows = Shuffled::some(rng, rows.windows.len());
    let list = |number: &mut ListNumber| *number = ListNumber(lists.number(number.0));
    rows.schedules.iter_mut().for_each(|schedule| list(&mut schedule.areas));
    rows.windows.iter_mut().for_each(|window| list(&mut window.areas));
    rows.contacts.iter_mut().for_each(|contact| list(&mut contact.areas));
    rows.contacts.iter_mut().for_each(|contact| list(&mut contact.test_areas));
    rows.layers.iter_mut().for_each(|layer| layer.schedule = schedules.number(layer.schedule));
    rows.spans.iter_mut().for_each(|span| span.layer = layers.number(span.layer));
    rows.lists = lists.rows(&rows.lists);
    rows.schedules = schedules.rows(&rows.schedules);
    rows.layers = layers.rows(&rows.layers);
    rows.windows = windows.rows(&rows.windows);
    // A list that nobody names changes nothing.
    rows.lists.push(AreaList::ALL);
    rows.sort();
    (rows, schedules)
}

#[test]
fn order_of_rows_does_not_matter() {
    everywhere(13, |world, rng| {
        let rows = PanelRows::of(&world.policy);
        let (other, schedules) = shuffled(rng, &rows);
        let mut panel = panel_with(&world.policy);
        let mut other_panel = large_panel(other.site.id);
        assert_eq!(other_panel.install(&panel_blob(&other, 1), Time::Unknown), Ok(Installed::Now));
        for question in &world.questions {
            let mut renumbered = question.clone();
            if let Subject::Act(_, Act::SetTemporarySpan { schedule, .. }) = &mut renumbered.subject {
                *schedule = schedules.0.get(*schedule).copied().unwrap_or(*schedule);
            }
            match (panel.ask(question), other_panel.ask(&renumbered)) {
                (Answered::Due(mut due), Answered::Due(mut other)) => {
                    // Of what falls due at one instant nothing is first.
                    due.sort_by_key(|due| (due.at, format!("{:?}", due.report)));
                    other.sort_by_key(|due| (due.at, format!("{:?}", due.report)));
                    assert_eq!(due, other, "{question:?}");
                }
                (answered, other) => assert_eq!(answered, other, "{question:?}"),
            }
            applies();
        }
    });
}

/// Moves the last of two rows or more to the front; tells whether there are as many.
fn disorder<T>(rows: &mut [T]) -> bool {
    rows.rotate_right(1.min(rows.len()));
    rows.len() > 1
}

#[test]
fn tables_with_a_key_are_refused_out_of_order() {
    type Disorder = fn(&mut PanelRows) -> bool;
    const TABLES: [Disorder; 7] = [
        |rows| {
            rows.spans.first().map(|span| (span.layer, span.opens_from)) != rows.spans.last().map(|span| (span.layer, span.opens_from))
                && disorder(&mut rows.spans)
        },
        |rows| disorder(&mut rows.holidays),
        |rows| disorder(&mut rows.contacts),
        |rows| disorder(&mut rows.codes),
        |rows| disorder(&mut rows.passcodes),
        |rows| disorder(&mut rows.access.engineers),
        |rows| disorder(&mut rows.access.authorisations),
    ];
    everywhere(14, |world, _| {
        for disorder in TABLES {
            let mut rows = PanelRows::of(&world.policy);
            if disorder(&mut rows) {
                let refusal = large_panel(rows.site.id).install(&panel_blob(&rows, 1), Time::Unknown);
                assert!(matches!(refusal, Err(Refusal::Invalid(invalid)) if invalid.fault == Fault::Order), "{refusal:?}");
                applies();
            }
        }
        let sorted = AccessRows::of(&world.receiver_policy());
        for (sites, grants) in [(true, false), (false, true)] {
            let mut rows = sorted.clone();
            if sites && disorder(&mut rows.sites) || grants && disorder(&mut rows.grants) {
                let refusal = large_receiver().install(&receiver_blob(&rows, 0, 1), Time::Unknown);
                assert!(matches!(refusal, Err(Refusal::Invalid(invalid)) if invalid.fault == Fault::Order), "{refusal:?}");
            }
        }
    });
}

#[test]
fn a_refused_blob_changes_nothing() {
    everywhere(15, |world, rng| {
        let mut panel = panel_with(&world.policy);
        let (before, after) = world.questions.split_at(world.questions.len() / 2);
        before.iter().for_each(|question| drop(panel.ask(question)));
        let mut untouched = panel.copy();

        let mut fewer = world.policy.clone();
        fewer.site.contacts.truncate(1);
        fewer.site.options.longest_test_minutes += 1;
        let mut rows = PanelRows::of(&fewer);
        let good = panel_blob(&rows, 2);
        let mut altered = good.clone();
        *altered.last_mut().expect("a blob is not empty") ^= 1 << rng.count(0, 7);
        rows.site.latest_close = 2881;
        let invalid = panel_blob(&rows, 2);
        rows.site.id.0 += 1;
        let refused =
            [&good[..rng.count(0, good.len() - 1)], &altered, &invalid, &panel_blob(&rows, 2), &panel_blob(&PanelRows::of(&fewer), 1)];
        for blob in refused {
            let time = Time::Known(keyholder::time::Instant(world.scene.base + 400 * 86_400));
            assert!(panel.install(blob, time).is_err());
            applies();
        }
        for question in after {
            assert_eq!(panel.ask(question), untouched.ask(question), "{question:?}");
        }
    });
}

#[test]
fn clearing_a_user_number_leaves_nothing_behind() {
    everywhere(16, |world, rng| {
        let mut panel = panel_with(&world.policy);
        let (before, after) = world.questions.split_at(world.questions.len() / 2);
        // What a person leaves: uses, a suspension, windows, grants. (A changed schedule, a test and a lift are the site's.)
        let personal = |question: &Question| match &question.subject {
            Subject::OpenClose(_) => true,
            Subject::Act(_, act) => {
                matches!(act, Act::Suspend { .. } | Act::OpenWindow { .. } | Act::GrantOnTheSpot { .. } | Act::GrantAnswering { .. })
            }
            _ => false,
        };
        let mut others = world.policy.clone();
        others.site.contacts.iter_mut().for_each(|contact| contact.identity += 5000);
        let mut fresh = panel_with(&others);
        for question in before.iter().map(|question| world.by_number(question)).filter(personal) {
            panel.ask(&question);
            fresh.ask(&nobodys(&question));
        }
        if rng.percent(50) {
            // First nobody has the numbers, then the others do.
            let mut nobody = world.policy.clone();
            nobody.site.contacts.clear();
            install(&mut *panel, &nobody, 2);
        }
        install(&mut *panel, &others, 3);
        for question in after.iter().filter(|question| personal(question) || is_about_engineers(question)) {
            let (answered, expected) = (panel.ask(question), fresh.ask(question));
            if answered.decision().reason == Reason::NoRoom {
                // What is open stays open, and keeps its room.
                break;
            }
            assert_eq!(without_grant(answered), without_grant(expected), "{question:?}");
            applies();
        }
    });
}

/// Ids are never used twice, so the next grant's does tell how many were made before.
fn without_grant(answered: Answered) -> Answered {
    match answered {
        Answered::Decision(mut decision) if decision.grant.0 >= 1 << 31 => {
            decision.grant = keyholder::engineer::GrantId::FIRST_LOCAL;
            decision.report.grant = keyholder::engineer::GrantId::FIRST_LOCAL;
            Answered::Decision(decision)
        }
        other => other,
    }
}

#[test]
fn decisions_do_not_depend_on_capacities() {
    everywhere(17, |world, _| {
        let mut policy = world.policy.clone();
        policy.site.contacts.truncate(3);
        policy.site.contacts.iter_mut().skip(1).for_each(|contact| contact.test_areas.clear());
        policy.site.schedules.truncate(2);
        for (schedule, layers) in policy.site.schedules.iter_mut().zip([3, 2]) {
            schedule.layers.truncate(layers);
            schedule.layers.iter_mut().for_each(|layer| layer.spans.truncate(2));
        }
        policy.site.holidays.truncate(6);
        policy.site.windows.truncate(1);
        policy.access.engineers.truncate(4);
        policy.access.grants.retain(|grant| policy.access.engineers.iter().any(|engineer| engineer.id == grant.engineer));
        policy.access.grants.truncate(4);
        policy.access.authorisations.truncate(2);
        let rows = PanelRows::of(&policy);
        let blob = panel_blob(&rows, 1);
        let mut panels = [small_panel, standard_panel, large_panel].map(|make| make(rows.site.id));
        if panels.iter_mut().any(|panel| panel.install(&blob, Time::Unknown).is_err()) {
            // Too many lists of areas still.
            return;
        }
        for question in &world.questions {
            let [small, standard, large] = panels.each_mut().map(|panel| panel.ask(question));
            assert_eq!(standard, large, "{question:?}");
            if matches!(small, Answered::Decision(decision) if decision.reason == Reason::NoRoom) {
                // It has room for fewer spans and grants from the keypad, and remembers other things from now on.
                break;
            }
            assert_eq!(small, standard, "{question:?}");
            applies();
        }
        let policy = world.receiver_policy();
        let blob = receiver_blob(&AccessRows::of(&policy), number(policy.clock_tolerance), 1);
        let mut receivers = [small_receiver, standard_receiver, large_receiver].map(|make| make());
        for receiver in &mut receivers {
            assert_eq!(receiver.install(&blob, Time::Unknown), Ok(Installed::Now));
        }
        for question in world.receiver_questions() {
            let [small, standard, large] = receivers.each_mut().map(|receiver| receiver.ask(question));
            assert_eq!(small, standard, "{question:?}");
            assert_eq!(standard, large, "{question:?}");
        }
    });
}
