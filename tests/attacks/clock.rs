//! Attacks on and with the clock.

use keyholder::blob::{Installed, Refusal};
use keyholder::code::Code;
use keyholder::contact::{Contact, UseLimit, UserNumber};
use keyholder::engineer::{EngineerId, GrantId};
use keyholder::place::{AreaList, Areas, Place};
use keyholder::policy::{Fault, Invalid, Part};
use keyholder::store::FLOOR_STEP;
use keyholder::time::{Instant, Time};
use keyholder::{Act, Action, Decision, OpenClose, Reason, Who};

use crate::cloud::{Edition, Letter, signing, stranger};
use crate::sample::{NOON, NOW, contact, encode, panel_rows};
use crate::victim::{PanelVictim, SESSION, Victim, accepts, at_panels, everywhere, lets_in, master, refuses};

/// 2090-01-01, when nothing of the sample policy that ever ends is left.
const BAD: Instant = Instant(3_786_912_000);

const fn at(seconds: i64) -> Time {
    Time::Known(NOON.plus(seconds))
}

fn clock_refusal(fault: Fault) -> Refusal {
    Refusal::Invalid(Invalid { part: Part::Clock, row: 0, fault })
}

fn open(victim: &mut dyn PanelVictim, who: Who<'_>, time: Time) -> Decision {
    let place = Place::new(1, Areas(1)).unwrap();
    victim.open_close(&OpenClose { who, action: Action::Open, place, remote: false, armed_by: UserNumber::NOBODY, in_alarm: false }, time)
}

fn user(victim: &mut dyn PanelVictim, number: u16, time: Time) -> Reason {
    open(victim, Who::User(UserNumber(number)), time).reason
}

fn code(victim: &mut dyn PanelVictim, digits: &str, time: Time) -> Reason {
    open(victim, Who::Code(&Code::typed(digits.as_bytes())), time).reason
}

/// Tells the device that its highest reading was wrong and that it is `to`.
fn correct(victim: &mut (impl Victim + ?Sized), sequence: u64, to: Instant) {
    let floor = victim.report(Time::Unknown).holding.floor;
    let blob = victim.address().clock_correction(sequence, floor, to);
    accepts(victim, &blob, Time::Known(to));
    assert_eq!(victim.report(Time::Unknown).holding.floor, to);
}

/// What has ended is to begin again.
#[test]
fn clock_turned_back() {
    everywhere(|victim| {
        accepts(victim, &victim.address().snapshot(1, Edition::Grants), NOW);
        assert!(lets_in(victim, NOW));
        let over = 90_000;
        assert!(!lets_in(victim, at(over)));
        for (name, time) in [("to when it was allowed", NOW), ("to 1970", Time::Known(Instant(0))), ("by an hour", at(over - 3600))] {
            assert!(!lets_in(victim, time), "{name}");
            victim.lose_power();
            assert!(!lets_in(victim, time), "{name}, after a loss of power");
        }
        let floor = victim.report(Time::Unknown).holding.floor;
        assert!(floor >= NOON.plus(over - FLOOR_STEP), "no more than ten minutes are lost with the power");
        let next = victim.address().letter(victim.address().snapshot_kind(), 2);
        let next = Letter { expires_at: NOON.plus(3600), ..next }.sealed(&signing(), &victim.address().policy(Edition::Grants));
        refuses(victim, "a blob that had expired", &next, NOW, Refusal::Expired);
        assert!(!lets_in(victim, at(over + 60)), "and with the right time it goes on as it should");
    });
}

/// A code or grant that is over is used within the ten minutes that a device in flash may forget when it loses power. Not prevented.
#[test]
fn clock_turned_back_over_a_power_cut() {
    at_panels(|victim| {
        let last = 86_400 - 1;
        assert_eq!(user(victim, 1, at(last - 300)), Reason::Anytime);
        assert_eq!(user(victim, 1, at(last + 60)), Reason::Anytime);
        let before = victim.report(Time::Unknown).holding.floor;
        victim.lose_power();
        let after = victim.report(Time::Unknown).holding.floor;
        assert!(after <= before && after >= before.plus(-FLOOR_STEP), "{after:?} of {before:?}");
    });
}

/// One bad time, and everything that depends on time is refused for ever? Until the cloud says what time it is.
#[test]
fn clock_jumped_forward_and_back() {
    everywhere(|victim| {
        accepts(victim, &victim.address().snapshot(1, Edition::Grants), NOW);
        assert!(lets_in(victim, NOW));
        assert!(!lets_in(victim, Time::Known(BAD)));
        for time in [at(60), Time::Unknown] {
            assert!(!lets_in(victim, time), "back again, no time is believed");
        }
        victim.lose_power();
        assert!(!lets_in(victim, at(60)));
        assert_eq!(victim.report(at(60)).at, None, "the cloud sees that the device knows no time, and its floor");
        assert_eq!(victim.believed_time(at(60)), Time::Unknown, "and whoever stands before it");
        assert_eq!(victim.report(at(60)).holding.floor, BAD);

        correct(victim, 2, NOON.plus(120));
        assert_eq!(victim.believed_time(at(180)), at(180));
        assert!(lets_in(victim, at(180)));
        victim.lose_power();
        assert!(lets_in(victim, at(240)));
        assert!(!lets_in(victim, at(90_000)), "what ends, ends");
        assert!(!lets_in(victim, at(300)));
    });
    // Readings that no clock can have do no harm in the first place.
    everywhere(|victim| {
        accepts(victim, &victim.address().snapshot(1, Edition::Grants), NOW);
        for reading in [Instant::LATEST, Instant::LAST_READING.plus(1), Instant(-1), Instant::EARLIEST] {
            assert!(!lets_in(victim, Time::Known(reading)));
            assert!(lets_in(victim, NOW));
        }
    });
}

/// A correction is kept back, to turn the clock back with later; or is made up.
#[test]
fn kept_back_clock_correction() {
    everywhere(|victim| {
        let to = victim.address();
        accepts(victim, &to.snapshot(1, Edition::Grants), NOW);
        assert!(!lets_in(victim, Time::Known(BAD)));
        let kept_back = to.clock_correction(2, BAD, NOON.plus(60));
        let sent_again = to.clock_correction(3, BAD, NOON.plus(120));
        let before_its_time =
            Letter { expires_at: NOON.plus(3600), issued_at: NOON, ..to.letter(keyholder::blob::Kind::ClockCorrection, 3) };
        let content = encode(&keyholder::blob::ClockCorrection { floor: BAD });
        let thief = to.letter(keyholder::blob::Kind::ClockCorrection, 3).sealed(&stranger(), &content);
        refuses(victim, "made up", &thief, at(90), Refusal::UnknownKey(crate::sample::key_of(&stranger()).id()));
        let expiring = before_its_time.sealed(&signing(), &content);
        refuses(victim, "one that expires before the wrong reading: it must not expire", &expiring, at(90), Refusal::Expired);
        let forward = to.clock_correction(3, BAD, BAD.plus(1));
        refuses(victim, "one that goes forward", &forward, at(90), clock_refusal(Fault::Range));
        let before_1970 = to.clock_correction(3, BAD, Instant(-1));
        refuses(victim, "one to before 1970", &before_1970, at(90), clock_refusal(Fault::Range));
        accepts(victim, &sent_again, at(121));
        assert!(lets_in(victim, at(130)));

        refuses(victim, "the one kept back", &kept_back, at(140), Refusal::Stale { installed: 3 });
        assert!(!lets_in(victim, Time::Known(BAD.plus(3600))), "the same happens again");
        refuses(victim, "the one that helped", &kept_back, at(140), Refusal::Stale { installed: 3 });
        assert!(!lets_in(victim, at(90_000)));
        let about_another = to.clock_correction(4, BAD, NOON);
        refuses(victim, "one about another reading", &about_another, at(150), clock_refusal(Fault::OtherFloor));
        correct(victim, 5, NOON.plus(160));
        assert!(lets_in(victim, at(170)));
    });
}

/// A correction that was never needed any more: the device has gone on, so it names a reading that is not the highest.
#[test]
fn kept_back_correction_after_the_clock_was_put_right() {
    everywhere(|victim| {
        let to = victim.address();
        accepts(victim, &to.snapshot(1, Edition::Grants), NOW);
        let floor = NOON.plus(3600);
        assert!(lets_in(victim, Time::Known(floor)));
        let an_hour_back = to.clock_correction(2, floor, NOON);
        assert!(!lets_in(victim, at(90_000)));
        refuses(victim, "the floor has risen", &an_hour_back, at(90_000), clock_refusal(Fault::OtherFloor));
        assert!(!lets_in(victim, at(3700)));
    });
}

/// Who is told to go at the wrong time is not locked out for ever, and what was used up at the wrong time does not come back.
#[test]
fn what_a_bad_time_leaves_behind() {
    at_panels(|victim| {
        let mut rows = panel_rows();
        rows.site.longest_test = 60;
        rows.contacts.extend([
            Contact { limit: UseLimit::Once, ..contact(4) },
            Contact { limit: UseLimit::MinutesFromFirstUse(30), ..contact(5) },
            Contact { limit: UseLimit::MinutesFromFirstUse(30), ..contact(6) },
        ]);
        let to = victim.address();
        accepts(victim, &to.letter(to.snapshot_kind(), 2).sealed(&signing(), &to.panel_policy(rows)), NOW);
        assert_eq!(user(victim, 6, NOW), Reason::Anytime, "used rightly");

        let bad = |seconds: i64| Time::Known(BAD.plus(seconds));
        for number in [3, 4, 5] {
            assert_eq!(user(victim, number, bad(0)), Reason::Anytime);
        }
        assert_eq!(user(victim, 3, bad(60)), Reason::UsedUp, "once that day");
        assert_eq!(user(victim, 4, bad(60)), Reason::UsedUp, "once");
        assert_eq!(user(victim, 6, bad(60)), Reason::UsedUp, "its minutes are over by then");
        let all = AreaList::ALL;
        assert!(master(victim, Act::Test { areas: all, minutes: 60 }, bad(60)).is_allowed());
        assert!(master(victim, Act::OpenWindow { place: Place::new(1, Areas(1)).unwrap(), minutes: 60 }, bad(60)).is_allowed());
        let given = master(victim, Act::Grant { engineer: EngineerId(42), answers_request: false }, bad(60));
        assert!(given.is_allowed());
        assert!(master(victim, Act::Restrict, bad(60)).is_allowed());
        for _ in 0..10 {
            assert_eq!(code(victim, "9876", bad(120)), Reason::UnknownCode);
        }
        assert_eq!(code(victim, "1111", bad(130)), Reason::LockedOut);

        let restart = 200;
        assert_eq!(code(victim, "1111", at(restart)), Reason::LockedOut, "at unknown time the lockout goes on");
        assert_eq!(user(victim, 1, at(restart)), Reason::Anytime, "but who is not asked for a code gets in");
        correct(victim, 3, NOON.plus(restart));
        assert_eq!(code(victim, "1111", at(restart + 89)), Reason::LockedOut);
        assert_eq!(code(victim, "1111", at(restart + 90)), Reason::Anytime, "nobody is locked out for longer than a lockout");
        assert_eq!(user(victim, 3, at(restart + 95)), Reason::UsedUp, "today is used up");
        assert_eq!(user(victim, 4, at(restart + 95)), Reason::UsedUp, "once is once");
        assert_eq!(user(victim, 5, at(restart + 95)), Reason::Anytime);
        assert_eq!(user(victim, 6, at(restart + 95)), Reason::Anytime, "its minutes are not over");
        let report = victim.report(at(restart + 95));
        for (name, until) in [
            ("test", report.tests[0].period.until),
            ("window", report.windows[0].period.until),
            ("grant", report.grants[0].grant.period.until),
        ] {
            assert!((NOON.plus(restart + 3000)..=NOON.plus(restart + 7200)).contains(&until), "{name}: {until:?}");
        }
        assert!(report.privacy.restricted_at <= NOON.plus(restart + 90));
        assert!(!lets_in(victim, at(restart + 100)), "the restriction holds");
        assert!(master(victim, Act::Lift, at(restart + 110)).is_allowed());
        assert!(lets_in(victim, at(restart + 120)));
        assert_eq!(user(victim, 6, at(1801)), Reason::UsedUp);
        assert_eq!(user(victim, 5, at(restart + 1801)), Reason::UsedUp, "half an hour is half an hour");
        assert_eq!(user(victim, 3, at(86_400)), Reason::Anytime, "tomorrow is another day");
        assert_eq!(user(victim, 4, at(86_400)), Reason::UsedUp);
    });
}

/// A one-time grant that was used at the wrong time stays used, and one that is running does not run for ever.
#[test]
fn session_of_a_bad_time() {
    everywhere(|victim| {
        accepts(victim, &victim.address().snapshot(1, Edition::Grants), NOW);
        // A clock that is a few hours ahead, within the grant.
        assert!(lets_in(victim, at(3600)));
        assert!(victim.begin_session(&SESSION, at(3600)).is_allowed());
        assert!(victim.end_session(&SESSION, at(3660)).is_allowed());
        assert!(!lets_in(victim, at(3700)), "used up");
        correct(victim, 2, NOON.plus(60));
        assert!(!lets_in(victim, at(120)), "and it stays used up");
        assert!(!victim.begin_session(&SESSION, at(180)).is_allowed());
        accepts(victim, &victim.address().snapshot(3, Edition::Withdraws), at(200));
        accepts(victim, &victim.address().snapshot(4, Edition::Grants), at(210));
        assert!(!lets_in(victim, at(220)), "withdrawn and sent again, it is still used up");
    });
}

/// The device is kept from ever learning the time: what depends on time is refused, and nothing else.
#[test]
fn clock_unknown_for_ever() {
    at_panels(|victim| {
        assert_eq!(user(victim, 1, Time::Unknown), Reason::Anytime, "who needs no clock gets in");
        assert_eq!(user(victim, 2, Time::Unknown), Reason::TimeUnknown);
        assert_eq!(user(victim, 3, Time::Unknown), Reason::TimeUnknown);
        assert!(!lets_in(victim, Time::Unknown));
        let next = victim.address().snapshot(2, Edition::Withdraws);
        assert_eq!(victim.take(&next, Time::Unknown), Ok(Installed::Now), "policies still come");
        assert_eq!(user(victim, 2, NOW), Reason::WithinSchedule);
        assert_eq!(user(victim, 3, NOW), Reason::Anytime);
    });
}

/// A revocation at the keypad holds, whatever the clock is told afterwards.
#[test]
fn revocation_and_a_corrected_clock() {
    at_panels(|victim| {
        assert!(lets_in(victim, NOW));
        assert!(master(victim, Act::Revoke(GrantId(901)), Time::Known(BAD)).is_allowed());
        correct(victim, 2, NOON.plus(60));
        assert!(!lets_in(victim, at(120)));
    });
}

/// Wrong codes are typed, and then the clock is moved.
#[test]
fn lockout_ended_by_a_jump_of_the_clock() {
    at_panels(|victim| {
        for _ in 0..10 {
            assert_eq!(code(victim, "9876", NOW), Reason::UnknownCode);
        }
        assert_eq!(code(victim, "1111", at(10)), Reason::LockedOut);
        assert_eq!(code(victim, "1111", at(-3600)), Reason::LockedOut, "turned back it does not begin to count anew");
        assert_eq!(code(victim, "1111", Time::Unknown), Reason::LockedOut);
        assert_eq!(code(victim, "1111", at(90)), Reason::Anytime, "turned forward it ends: a clock turned forward is believed");
    });
}
