//! Where instructions are counted, every reason is asked for: a count that leaves one out would not show what it costs.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that fails has to say so")]

use std::collections::{BTreeMap, BTreeSet};

use keyholder::decision::{Reason, Verdict};
use keyholder_benches::script::{NAMES, Script};
use keyholder_benches::site::{AnyPanel, Panel1000, Size};

/// The verdicts and reasons of `src/decide/person.rs` and `src/decide/open_close.rs` that do not depend on how somebody says who asks.
const OF_CONTACTS: [(Verdict, Reason); 19] = [
    (Verdict::Deny, Reason::Suspended),
    (Verdict::Deny, Reason::TimeUnknown),
    (Verdict::Deny, Reason::NotYetValid),
    (Verdict::Deny, Reason::Expired),
    (Verdict::Deny, Reason::Powerless),
    (Verdict::Deny, Reason::RemoteOnly),
    (Verdict::Deny, Reason::UsedUp),
    (Verdict::Deny, Reason::AreaNotAssigned),
    (Verdict::Deny, Reason::NotArmedByYou),
    (Verdict::Allow, Reason::Anytime),
    (Verdict::Allow, Reason::WithinSchedule),
    (Verdict::Deny, Reason::NoRoom),
    (Verdict::Allow, Reason::WithinTempOpen),
    (Verdict::Deny, Reason::NoOpenClosePermission),
    (Verdict::AllowWithViolation, Reason::TimeUnknown),
    (Verdict::AllowWithViolation, Reason::OutsideSchedule),
    (Verdict::AllowWithViolation, Reason::OutsideTempOpen),
    (Verdict::Deny, Reason::OutsideSchedule),
    (Verdict::Deny, Reason::OutsideTempOpen),
];

/// Those of somebody whom another has authenticated.
const OF_NUMBERS: [(Verdict, Reason); 1] = [(Verdict::Deny, Reason::UnknownUser)];

/// Those of somebody who types.
const OF_CODES: [(Verdict, Reason); 2] = [(Verdict::Deny, Reason::LockedOut), (Verdict::Deny, Reason::UnknownCode)];

/// Those of an engineer's every question: `Gate` in `src/decide/remote.rs`.
const OF_ENGINEERS: [(Verdict, Reason); 6] = [
    (Verdict::Deny, Reason::UnknownEngineer),
    (Verdict::Deny, Reason::NotRegistered),
    (Verdict::Deny, Reason::Suspended),
    (Verdict::Deny, Reason::UnknownSite),
    (Verdict::Deny, Reason::SiteRestricted),
    (Verdict::Deny, Reason::TimeUnknown),
];

/// Those of grants: `Best::judge` and `decide` there.
const OF_GRANTS: [(Verdict, Reason); 8] = [
    (Verdict::Allow, Reason::ReadOnlyBaseline),
    (Verdict::Deny, Reason::NoGrant),
    (Verdict::Deny, Reason::NotYetValid),
    (Verdict::Deny, Reason::Expired),
    (Verdict::Deny, Reason::BeginMissed),
    (Verdict::Deny, Reason::UsedUp),
    (Verdict::Deny, Reason::NotGranted),
    (Verdict::Allow, Reason::Granted),
];

/// Grants are revoked at the keypad, so a receiver never answers it: there the cloud leaves the grant out.
const OF_GRANTS_ON_PANELS: [(Verdict, Reason); 1] = [(Verdict::Deny, Reason::Revoked)];

/// Those of firmware: `src/decide/update.rs`.
const OF_FIRMWARE: [(Verdict, Reason); 11] = [
    (Verdict::Deny, Reason::NoFirmwareRight),
    (Verdict::Deny, Reason::SiteLacksUpgrade),
    (Verdict::Deny, Reason::NoAuthorisation),
    (Verdict::Deny, Reason::WrongModel),
    (Verdict::Deny, Reason::NotYetValid),
    (Verdict::Deny, Reason::Expired),
    (Verdict::Deny, Reason::VersionOutOfRange),
    (Verdict::Deny, Reason::WrongImage),
    (Verdict::Deny, Reason::Downgrade),
    (Verdict::Deny, Reason::NoActiveSession),
    (Verdict::Allow, Reason::Authorised),
];

/// What no check answers: no decision, what acts at the keypad are answered, and what a flash that fails makes of an answer.
const OF_OTHERS: [Reason; 7] = [
    Reason::Invalid,
    Reason::Permitted,
    Reason::NotPermitted,
    Reason::NothingToExtend,
    Reason::BadTimes,
    Reason::NotFound,
    Reason::NotKept,
];

type Answers = BTreeMap<&'static str, BTreeSet<(u8, u8)>>;

fn set(lists: &[&[(Verdict, Reason)]]) -> BTreeSet<(u8, u8)> {
    lists.concat().into_iter().map(|(verdict, reason)| (verdict as u8, reason as u8)).collect()
}

/// Everything that a device can answer, by the kind of question.
fn possible(is_panel: bool) -> Answers {
    let mut answers =
        Answers::from([("firmware check", set(&[&OF_ENGINEERS, &OF_FIRMWARE])), ("engineer check", set(&[&OF_ENGINEERS, &OF_GRANTS]))]);
    if is_panel {
        answers.entry("engineer check").or_default().extend(set(&[&OF_GRANTS_ON_PANELS]));
        answers.insert("user check", set(&[&OF_CONTACTS, &OF_NUMBERS]));
        answers.insert("code", set(&[&OF_CONTACTS, &OF_CODES]));
        answers.insert("number and code", set(&[&OF_CONTACTS, &OF_CODES]));
    }
    answers
}

/// What the named questions of a script are answered.
fn answered(script: &Script, is_panel: bool) -> Answers {
    let mut answers: Answers = possible(is_panel).into_keys().map(|kind| (kind, BTreeSet::new())).collect();
    for line in script.lines().lines() {
        let (kind, rest) = line.split_once('\t').unwrap();
        let Some(answers) = answers.get_mut(kind) else { continue };
        let (_, numbers) = rest.split_once('\t').unwrap();
        let numbers: Vec<u8> = numbers.split(' ').map(|number| number.parse().unwrap()).collect();
        answers.insert((numbers[0], numbers[1]));
    }
    answers
}

fn words(answers: &BTreeSet<(u8, u8)>) -> Vec<String> {
    let verdicts = [Verdict::Deny, Verdict::AllowWithViolation, Verdict::Allow];
    let reason = |number| Reason::ALL.iter().find(|reason| **reason as u8 == number).unwrap();
    answers.iter().map(|(verdict, number)| format!("{:?}: {:?}", verdicts[usize::from(*verdict)], reason(*number))).collect()
}

fn check(device: &str, script: &Script, is_panel: bool) {
    let answered = answered(script, is_panel);
    for (kind, possible) in possible(is_panel) {
        assert_eq!(words(&answered[kind]), words(&possible), "{device}, {kind}");
    }
}

#[test]
fn every_reason_is_asked_for_on_the_target() {
    for name in NAMES {
        check(name, &Script::named(name, 0).unwrap(), name.starts_with("panel"));
    }
}

#[test]
fn every_reason_is_asked_for_on_the_host() {
    check("large panel", &Script::of_panel(&Size::large(999), 0, Panel1000::fresh()), true);
}

#[test]
fn every_reason_belongs_to_some_check_or_to_none() {
    let of_checks: BTreeSet<_> = possible(true).into_values().flatten().map(|(_, reason)| reason).collect();
    for reason in Reason::ALL {
        assert_ne!(of_checks.contains(&(*reason as u8)), OF_OTHERS.contains(reason), "{reason:?}");
    }
}
