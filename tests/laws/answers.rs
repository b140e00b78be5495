//! Laws of single answers.

use super::second_opinion::acts::is_permitted;
use super::second_opinion::device::Device;
use super::second_opinion::generate::MOST_GRANTS;
use super::second_opinion::model::*;
use super::second_opinion::question::{Act, Direction, OpenClose, Question, Secret, Subject, Who};
use super::second_opinion::world::{World, install, nobodys, panel_with};
use super::{QUESTIONS, applies, everywhere, is_about_engineers, is_about_people};
use keyholder::report::Report;
use keyholder::{Decision, PublicReason, Reason, Verdict};

/// Asks the panel everything in turn, and before some of the questions has `look` at what it has become, with what comes next.
fn along(world: &World, panel: &mut dyn Device, mut look: impl FnMut(&dyn Device, &[Question])) {
    for (index, question) in world.questions.iter().enumerate() {
        if index % 4 == 0 {
            look(panel, &world.questions[index..]);
        }
        panel.ask(question);
    }
}

/// A change to every contact.
fn each_contact(policy: &Policy, change: impl FnMut(&mut Contact)) -> Policy {
    let mut policy = policy.clone();
    policy.site.contacts.iter_mut().for_each(change);
    policy
}

#[test]
fn suspension_beats_every_permission() {
    everywhere(1, |world, _| {
        let suspended = each_contact(&world.policy, |contact| contact.flags.suspended = true);
        let mut panel = panel_with(&suspended);
        let mut never_suspended = panel_with(&world.policy);
        let (first, second) = world.questions.split_at(QUESTIONS / 2);
        for question in first.iter().map(|question| world.by_number(question)).filter(is_about_people) {
            let answered = panel.ask(&question);
            let expected = if answered.decision().user.0 == 0 { Reason::UnknownUser } else { Reason::Suspended };
            assert_eq!((answered.decision().verdict, answered.decision().reason), (Verdict::Deny, expected), "{question:?}");
            applies();
            never_suspended.ask(&nobodys(&question));
        }
        // It erases nothing.
        install(&mut *panel, &world.policy, 2);
        for question in second {
            assert_eq!(panel.ask(question), never_suspended.ask(question), "{question:?}");
        }
    });
}

#[test]
fn allowed_only_if_permitted() {
    everywhere(3, |world, _| {
        let mut panel = panel_with(&world.policy);
        for question in &world.questions {
            let answered = panel.ask(question);
            if !answered.is_allowed() {
                continue;
            }
            let decision = answered.decision();
            let contact = world.contact(decision.user.0);
            let access = &world.policy.access;
            let baseline = &access.sites[0].baseline;
            let grant = access.grants.iter().find(|grant| grant.id == decision.grant.0);
            let permitted = match (&question.subject, decision.reason) {
                (Subject::OpenClose(_), Reason::Anytime) => contact.is_some_and(|contact| contact.flags.anytime),
                (Subject::OpenClose(_), Reason::WithinSchedule) => contact.is_some_and(|contact| contact.flags.within_schedule),
                (Subject::OpenClose(_), Reason::WithinTempOpen) => contact.is_some_and(|contact| contact.flags.within_temp_open),
                (Subject::OpenClose(request), Reason::OutsideSchedule | Reason::OutsideTempOpen | Reason::TimeUnknown) => {
                    let options = &world.policy.site.options;
                    let closing = request.direction == Direction::Close;
                    options.report_only || closing && options.never_refuse_closing || request.in_alarm && options.open_in_alarm
                }
                (Subject::Act(_, act), Reason::Permitted) => contact.is_some_and(|contact| is_permitted(contact, act)),
                (Subject::Use { capabilities, .. }, Reason::ReadOnlyBaseline) => {
                    !capabilities.is_empty() && capabilities.iter().all(|asked| baseline.contains(asked))
                }
                (Subject::Use { engineer, capabilities, .. }, Reason::Granted) => {
                    let given = |asked: &&Capability| match grant {
                        Some(grant) => grant.engineer == *engineer && grant.capabilities.contains(asked),
                        None => !Capability::NEVER_BY_MASTER_USER.contains(asked) && decision.grant.0 >= 1 << 31,
                    };
                    !capabilities.is_empty() && capabilities.iter().filter(|asked| !baseline.contains(asked)).all(|asked| given(&asked))
                }
                (Subject::BeginSession { engineer, .. }, Reason::Granted) => grant.is_none_or(|grant| grant.engineer == *engineer),
                (Subject::EndSession { .. }, Reason::Permitted) => true,
                (Subject::Firmware(update), Reason::Authorised) => {
                    access.engineers.iter().any(|engineer| engineer.id == update.engineer && engineer.update_firmware)
                        && access.authorisations.iter().any(|authorisation| {
                            let range = authorisation.first..=authorisation.last;
                            authorisation.model == update.model && range.contains(&update.offered)
                        })
                }
                _ => false,
            };
            let held_back = contact.is_some_and(|contact| contact.flags.suspended || contact.flags.powerless);
            assert!(permitted && !held_back, "{question:?} {decision:?}");
            applies();
        }
    });
}

#[test]
fn adding_a_grant_never_removes_an_allow() {
    everywhere(4, |world, rng| {
        along(world, &mut *panel_with(&world.policy), |panel, next| {
            let question = &next[0];
            if !is_about_engineers(question) {
                return;
            }
            let mut policy = world.policy.clone();
            let (from, length) = (world.scene.base + rng.between(-200_000, 200_000), rng.between(1, 400_000));
            let engineer = rng.pick(&policy.access.engineers).id;
            if policy.access.grants.iter().filter(|grant| grant.engineer == engineer).count() == MOST_GRANTS {
                return;
            }
            policy.access.grants.push(Grant {
                id: 500,
                engineer,
                site: policy.site.id,
                from,
                until: from + length,
                begin_by: rng.percent(50).then(|| from + rng.between(1, length)),
                one_time: rng.percent(50),
                capabilities: rng.some_of(&Capability::ALL, 50),
                excluded: rng.some_of(&Capability::ALL, 20),
            });
            let (mut without, mut with) = (panel.copy(), panel.copy());
            install(&mut *with, &policy, 2);
            if without.ask(question).is_allowed() {
                assert!(with.ask(question).is_allowed(), "{question:?} {:?}", policy.access.grants);
                applies();
            }
        });
    });
}

#[test]
fn adding_a_permission_never_removes_an_allow() {
    everywhere(5, |world, rng| {
        along(world, &mut *panel_with(&world.policy), |panel, next| {
            let question = &next[0];
            if !is_about_people(question) {
                return;
            }
            let more = each_contact(&world.policy, |contact| {
                let flags = &mut contact.flags;
                let permissions = [
                    &mut flags.within_schedule,
                    &mut flags.within_temp_open,
                    &mut flags.anytime,
                    &mut flags.cancel_alarm,
                    &mut flags.change_schedule,
                    &mut flags.test_all,
                    &mut flags.test_designated,
                    &mut flags.edit_customer,
                    &mut flags.give_out_information,
                    &mut flags.master_user,
                    &mut flags.site_administrator,
                ];
                permissions.into_iter().for_each(|permission| *permission |= rng.percent(30));
            });
            let (mut without, mut with) = (panel.copy(), panel.copy());
            install(&mut *with, &more, 2);
            if without.ask(question).is_allowed() {
                assert!(with.ask(question).is_allowed(), "{question:?} {:?}", more.site.contacts);
                applies();
            }
        });
    });
}

#[test]
fn unknown_time_never_allows_more() {
    everywhere(7, |world, rng| {
        along(world, &mut *panel_with(&world.policy), |panel, next| {
            let mut question = next[0].clone();
            if let Subject::Act(_, Act::EndTest { .. }) | Subject::EndSession { .. } = question.subject {
                // What has ended by itself meanwhile cannot be ended; that is no matter of permission.
                return;
            }
            // No reading so far is later than this.
            let latest = world.questions.iter().filter_map(|question| question.clock).filter(|clock| *clock < END_OF_TIME).max();
            question.clock = latest.map(|latest| (latest + rng.between(0, 4 * 86_400)).min(END_OF_TIME - 1));
            let unknown = Question { clock: None, ..question.clone() };
            let (mut knowing, mut ignorant) = (panel.copy(), panel.copy());
            if ignorant.ask(&unknown).is_allowed() {
                assert!(knowing.ask(&question).is_allowed(), "{question:?}");
                applies();
            }
        });
    });
}

/// The first instant that is no time any more.
const END_OF_TIME: i64 = 16_725_225_600;

#[test]
fn a_clock_turned_back_never_revives_anything() {
    everywhere(8, |world, rng| {
        let tolerance = world.policy.clock_tolerance;
        along(world, &mut *panel_with(&world.policy), |panel, next| {
            let Some(floor) = next[0].clock.filter(|clock| (1 << 20..END_OF_TIME).contains(clock)) else {
                return;
            };
            // Above every reading so far, so that it becomes the floor.
            let floor = floor + 30 * 86_400;
            let mut here = panel.copy();
            here.ask(&Question { clock: Some(floor), ..nobodys(&next[0]) });
            let ask = |clock| here.copy().ask(&Question { clock, ..next[0].clone() });
            assert_eq!(ask(Some(floor - tolerance - rng.between(1, 1 << 20))), ask(None), "far back is unknown: {:?}", next[0]);
            assert_eq!(ask(Some(floor - rng.between(0, tolerance))), ask(Some(floor)), "a little back is still now: {:?}", next[0]);
            applies();
        });
    });
}

#[test]
fn a_refused_attempt_uses_nothing_up() {
    everywhere(9, |world, _| {
        along(world, &mut *panel_with(&world.policy), |panel, next| {
            let attempt = world.by_number(&next[0]);
            if let Subject::Tick { .. } = attempt.subject {
                return;
            }
            let (mut tried, mut not_tried) = (panel.copy(), panel.copy());
            if tried.ask(&attempt).is_allowed() {
                return;
            }
            not_tried.ask(&nobodys(&attempt));
            for question in next.iter().skip(1).take(12) {
                assert_eq!(tried.ask(question), not_tried.ask(question), "{attempt:?} {question:?}");
            }
            applies();
        });
    });
}

#[test]
fn asking_twice_gives_the_same_answer() {
    everywhere(10, |world, _| {
        along(world, &mut *panel_with(&world.policy), |panel, next| {
            let question = world.by_number(&next[0]);
            let unlimited = |who: &Who| {
                let contact = who.number.and_then(|number| world.contact(number));
                contact.is_none_or(|contact| contact.use_limit == UseLimit::Unlimited)
            };
            let only_asks = match &question.subject {
                Subject::OpenClose(OpenClose { who, .. }) => unlimited(who),
                Subject::Act(_, Act::CancelAlarm | Act::EditCustomer | Act::GiveOutInformation) => true,
                Subject::Use { .. } | Subject::Firmware(_) => true,
                _ => false,
            };
            let mut panel = panel.copy();
            if only_asks {
                assert_eq!(panel.ask(&question), panel.ask(&question), "{question:?}");
                applies();
            }
        });
    });
}

#[test]
fn the_public_reason_hides_who_is_known() {
    const HIDDEN: [Reason; 7] = [
        Reason::UnknownCode,
        Reason::Suspended,
        Reason::NotYetValid,
        Reason::Expired,
        Reason::UsedUp,
        Reason::Powerless,
        Reason::RemoteOnly,
    ];
    everywhere(11, |world, _| {
        let open = each_contact(&world.policy, |contact| contact.flags.duress = false);
        along(world, &mut *panel_with(&world.policy), |panel, next| {
            let Subject::OpenClose(request) = &next[0].subject else { return };
            let answered = panel.copy().ask(&next[0]);
            let decision = answered.decision();
            if let (Some(Secret::Code(_)), true) = (&request.who.secret, HIDDEN.contains(&decision.reason)) {
                let who = Who { secret: Some(Secret::Code(String::from("nobody's"))), ..request.who.clone() };
                let strangers = Question { subject: Subject::OpenClose(OpenClose { who, ..request.clone() }), ..next[0].clone() };
                let strangers = *panel.copy().ask(&strangers).decision();
                assert_eq!(strangers.reason, Reason::UnknownCode);
                let seen = (decision.verdict, decision.public_reason(), decision.until, decision.close_by);
                assert_eq!(seen, (Verdict::Deny, PublicReason::NotAccepted, None, None));
                assert_eq!(seen, (strangers.verdict, strangers.public_reason(), strangers.until, strangers.close_by));
                applies();
            }
            // Duress shows in the report alone.
            let mut without_duress = panel.copy();
            install(&mut *without_duress, &open, 2);
            let expected = *without_duress.ask(&next[0]).decision();
            let report = Report { event: expected.report.event, ..decision.report };
            assert_eq!(Decision { report, ..*decision }, expected, "{:?}", next[0]);
        });
    });
}
