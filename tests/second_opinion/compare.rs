//! Whether the core has answered what the reference answers.

use super::device::Answered;
use super::model::{Place, Policy};
use super::question::{
    Act, Answer, Class, Direction, Due, FirmwareUpdate, Outcome, Overdue, Question, Reason as Why, Subject, TestTarget, Verdict as Says,
};
use super::wire::{area_list, areas, capabilities};
use keyholder::contact::UserNumber;
use keyholder::engineer::{Capabilities, EngineerId, GrantId, SiteId};
use keyholder::place::{AreaList, Areas};
use keyholder::report::{Event, Report};
use keyholder::time::Instant;
use keyholder::{Decision, Reason, Verdict};
use std::collections::BTreeMap;

/// What differs, in words; nothing if the two agree.
pub fn difference(policy: &Policy, question: &Question, outcome: &Outcome, answered: &Answered) -> Option<String> {
    match (outcome, answered) {
        (Outcome::Answer(answer), Answered::Decision(decision)) => {
            let expected = expectation(policy, question, answer);
            (expected != *decision).then(|| format!("expected {expected:#?}\nanswered {decision:#?}"))
        }
        (Outcome::Due(expected), Answered::Due(due)) => {
            let in_order = due.is_sorted_by_key(|due| due.at);
            let (expected, due) = (folded(expected.iter().map(expected_due)), folded(due.iter().map(reported_due)));
            (expected != due || !in_order).then(|| format!("expected {expected:#?}\nanswered {due:#?}, in order: {in_order}"))
        }
        _ => Some(format!("another kind of answer: {answered:?}")),
    }
}

/// The decision that says what the reference says.
fn expectation(policy: &Policy, question: &Question, answer: &Answer) -> Decision {
    let user = answer.user.map_or(UserNumber::NOBODY, UserNumber);
    let event = event(question, answer);
    let left = match site_of(question) {
        Some(id) if answer.read_only_left => {
            let site = policy.access.sites.iter().find(|site| site.id == id);
            site.map_or(Capabilities::empty(), |site| capabilities(&site.baseline))
        }
        _ => Capabilities::empty(),
    };
    let grant = answer.grant.map_or(GrantId::NONE, GrantId);
    let report = match event {
        Event::Nothing => Report::NOTHING,
        _ => Report { event, user, ..concerned(policy, question, grant) },
    };
    Decision {
        verdict: match answer.verdict {
            Says::Allow => Verdict::Allow,
            Says::AllowWithViolation => Verdict::AllowWithViolation,
            Says::Deny => Verdict::Deny,
        },
        reason: reason(answer.reason),
        user,
        grant,
        report,
        until: answer.until.map(Instant),
        close_by: answer.close_by.map(Instant),
        left,
    }
}

fn site_of(question: &Question) -> Option<u32> {
    match &question.subject {
        Subject::Use { site, .. } | Subject::BeginSession { site, .. } | Subject::EndSession { site, .. } => Some(*site),
        Subject::Firmware(update) => Some(update.site),
        _ => None,
    }
}

/// The areas, engineer, site and grant that a report of the question is about.
fn concerned(policy: &Policy, question: &Question, grant: GrantId) -> Report {
    let own = SiteId(policy.site.id);
    let of_place = |place: &Place| Report { system: place.system + 1, areas: areas(&place.areas), ..Report::NOTHING };
    match &question.subject {
        Subject::OpenClose(request) => of_place(&request.place),
        Subject::Act(_, act) => match act {
            Act::ExtendClosing { place, .. } | Act::OpenWindow { place, .. } => of_place(place),
            Act::StartTest { target: TestTarget::Place(place), .. } | Act::EndTest { target: TestTarget::Place(place) } => of_place(place),
            Act::StartTest { .. } | Act::EndTest { .. } => of_place(&policy.site.areas[0]),
            Act::GrantOnTheSpot { engineer } | Act::GrantAnswering { engineer } => {
                Report { engineer: EngineerId(*engineer), site: own, grant, ..Report::NOTHING }
            }
            Act::Revoke { .. } | Act::LiftRestriction | Act::Restrict => Report { site: own, grant, ..Report::NOTHING },
            _ => Report::NOTHING,
        },
        Subject::Use { engineer, site, .. }
        | Subject::BeginSession { engineer, site }
        | Subject::EndSession { engineer, site }
        | Subject::Firmware(FirmwareUpdate { engineer, site, .. }) => {
            Report { engineer: EngineerId(*engineer), site: SiteId(*site), grant, ..Report::NOTHING }
        }
        Subject::Tick { .. } => Report::NOTHING,
    }
}

fn event(question: &Question, answer: &Answer) -> Event {
    let is_allowed = answer.verdict != Says::Deny;
    match &question.subject {
        Subject::OpenClose(_) | Subject::Act(..) if answer.duress => Event::Duress,
        Subject::OpenClose(request) if is_allowed => match (request.direction, answer.class.expect("of an opening or closing")) {
            (Direction::Open, Class::Normal) => Event::Opening,
            (Direction::Open, Class::Early) if request.in_alarm => Event::EarlyOpeningFromAlarm,
            (Direction::Open, Class::Early) => Event::EarlyOpening,
            (Direction::Open, Class::Late) if request.in_alarm => Event::LateOpeningFromAlarm,
            (Direction::Open, Class::Late) => Event::LateOpening,
            (Direction::Open, Class::Unscheduled) => Event::UnscheduledOpening,
            (Direction::Close, Class::Normal) => Event::Closing,
            (Direction::Close, Class::Early) => Event::EarlyClosing,
            (Direction::Close, Class::Late) => Event::LateClosing,
            (Direction::Close, Class::Unscheduled) => Event::UnscheduledClosing,
        },
        Subject::Act(_, act) if is_allowed => match act {
            Act::CancelAlarm => Event::AlarmCancelled,
            Act::EditCustomer | Act::GiveOutInformation => Event::CustomerRecord,
            Act::GrantOnTheSpot { .. } | Act::GrantAnswering { .. } => Event::GrantGiven,
            Act::Revoke { .. } => Event::GrantRevoked,
            Act::LiftRestriction => Event::RestrictionLifted,
            Act::Restrict => Event::SiteRestricted,
            Act::ExtendClosing { .. } => Event::ClosingExtended,
            Act::SetTemporarySpan { .. } | Act::OpenWindow { .. } => Event::ScheduleChanged,
            Act::Suspend { .. } | Act::Reinstate { .. } => Event::UserChanged,
            Act::StartTest { .. } => Event::TestStarted,
            Act::EndTest { .. } => Event::TestEnded,
        },
        Subject::OpenClose(_) | Subject::Act(..) => refusal(answer),
        Subject::Use { .. } if is_allowed => Event::EngineerAllowed,
        Subject::BeginSession { .. } if is_allowed => match answer.session_begun {
            true => Event::SessionBegun,
            false => Event::Nothing,
        },
        Subject::EndSession { .. } if is_allowed => Event::SessionEnded,
        Subject::Firmware(_) if is_allowed => Event::UpdateAllowed,
        Subject::Firmware(_) => Event::UpdateDenied,
        Subject::Use { .. } | Subject::BeginSession { .. } | Subject::EndSession { .. } => Event::EngineerDenied,
        Subject::Tick { .. } => Event::Nothing,
    }
}

/// What the refusal of a contact is reported as.
fn refusal(answer: &Answer) -> Event {
    match answer.reason {
        Why::LockedOut => Event::Nothing,
        Why::UnknownCode if answer.lockout_started => Event::WrongCodes,
        Why::UnknownCode | Why::UnknownUser => Event::UnknownDenied,
        Why::TimeUnknown | Why::OutsideSchedule | Why::OutsideTempOpen => Event::TimeDenied,
        Why::Powerless => Event::LegalCodeEntry,
        Why::Suspended | Why::NotYetValid | Why::Expired | Why::RemoteOnly | Why::UsedUp if !answer.admitted => Event::KnownDenied,
        _ => Event::LevelDenied,
    }
}

/// The reason of the same name.
macro_rules! by_name {
    ($why:expr => $($name:ident)*) => {
        match $why {
            $(Why::$name => Reason::$name,)*
        }
    };
}

fn reason(why: Why) -> Reason {
    by_name! { why =>
        Anytime WithinSchedule WithinTempOpen LockedOut UnknownCode UnknownUser Suspended NotYetValid Expired TimeUnknown Powerless
        RemoteOnly UsedUp AreaNotAssigned NotArmedByYou NoOpenClosePermission OutsideSchedule OutsideTempOpen Permitted NotPermitted
        NothingToExtend BadTimes NotFound NoRoom ReadOnlyBaseline Granted UnknownEngineer NotRegistered UnknownSite SiteRestricted NoGrant
        Revoked BeginMissed NotGranted Authorised NoFirmwareRight SiteLacksUpgrade NoAuthorisation WrongModel VersionOutOfRange WrongImage
        Downgrade NoActiveSession
    }
}

/// What fell due, when, in which system, and whose it was: reports that agree in these are one.
type Key = (i64, u8, u8, u16, u32);

/// Everything that has fallen due, with how often and in which areas.
fn folded(due: impl Iterator<Item = (Key, Areas)>) -> BTreeMap<Key, (usize, Areas)> {
    let mut folded = BTreeMap::new();
    for (key, areas) in due {
        let (times, all): &mut (usize, Areas) = folded.entry(key).or_default();
        // Late to open and late to close are one report for each span, whose areas belong together.
        let merges = [Event::FailedToOpen as u8, Event::FailedToClose as u8].contains(&key.1);
        *times = if merges { 1 } else { *times + 1 };
        all.0 |= areas.0;
    }
    folded
}

fn reported_due(due: &keyholder::supervise::Due) -> (Key, Areas) {
    let Report { event, user, system, areas, grant, .. } = due.report;
    // Who put an area on test is not asked of the reference.
    let user = if event == Event::TestEnded { 0 } else { user.0 };
    ((due.at.0, event as u8, system, user, grant.0), areas)
}

fn expected_due(due: &Due) -> (Key, Areas) {
    let in_place = |event: Event, place: &Place, user: u16| {
        let list: AreaList = area_list(std::slice::from_ref(place));
        ((due.at, event as u8, place.system + 1, user, 0), list.of_system(place.system + 1))
    };
    let of_grant = |event: Event, grant: u32| ((due.at, event as u8, 0, 0, grant), Areas::NONE);
    match &due.what {
        Overdue::LateToOpen(place) => in_place(Event::FailedToOpen, place, 0),
        Overdue::LateToClose(place) => in_place(Event::FailedToClose, place, 0),
        Overdue::TempOpeningOverrun { user, place } => in_place(Event::TempOpenOverrun, place, *user),
        Overdue::GrantEnded { grant } => of_grant(Event::GrantEnded, *grant),
        Overdue::SessionEnded { grant, .. } => of_grant(Event::SessionEnded, *grant),
        Overdue::TestEnded(place) => in_place(Event::TestEnded, place, 0),
    }
}
