//! Attacks at the keypad: guessing, cutting the power, and user numbers that had another owner.

use keyholder::code::{Code, Credential};
use keyholder::contact::{Contact, UseLimit, UserNumber};
use keyholder::place::{Areas, Place};
use keyholder::policy::Part;
use keyholder::time::Time;
use keyholder::{Act, Action, OpenClose, PublicReason, Reason, Who};

use crate::cloud::{putting, signing};
use crate::sample::{NOON, NOW, PanelRows, contact, digest, encode, panel_rows};
use crate::victim::{PanelVictim, accepts, at_panels, master};

fn open(victim: &mut dyn PanelVictim, digits: &str, time: Time) -> Reason {
    let (code, place) = (Code::typed(digits.as_bytes()), Place::new(1, Areas(1)).unwrap());
    let who = Who::Code(&code);
    let request = OpenClose { who, action: Action::Open, place, remote: false, armed_by: UserNumber::NOBODY, in_alarm: false };
    victim.open_close(&request, time).reason
}

fn send(victim: &mut dyn PanelVictim, sequence: u64, rows: PanelRows) {
    let to = victim.address();
    accepts(victim, &to.letter(to.snapshot_kind(), sequence).sealed(&signing(), &to.panel_policy(rows)), NOW);
}

fn with_fourth(limit: UseLimit, identity: u8, code: &str) -> PanelRows {
    let mut rows = panel_rows();
    rows.contacts.push(Contact { limit, identity: [identity; 4], ..contact(4) });
    rows.codes.push(Credential { digest: digest(code), user: UserNumber(4) });
    rows.codes.sort_by_key(|credential| credential.digest);
    rows
}

/// All codes are tried, as fast as a machine can type.
#[test]
fn guessing_codes() {
    at_panels(|victim| {
        let (mut tried, mut refused) = (0, 0);
        for number in 5000..5400 {
            match open(victim, &number.to_string(), Time::Known(NOON.plus(i64::from(number) - 5000))) {
                Reason::LockedOut => refused += 1,
                reason => {
                    assert_eq!(reason, Reason::UnknownCode);
                    tried += 1;
                }
            }
        }
        assert!(tried <= 50 && refused >= 350, "{tried} codes in 400 seconds");
        let later = Time::Known(NOON.plus(1000));
        assert_eq!(open(victim, "1111", later), Reason::Anytime);
    });
}

/// The power is cut to skip a lockout, or to type more codes than are allowed.
#[test]
fn power_cut_skips_the_lockout() {
    at_panels(|victim| {
        for _ in 0..9 {
            assert_eq!(open(victim, "9876", NOW), Reason::UnknownCode);
            victim.lose_power();
        }
        assert_eq!(open(victim, "1111", NOW), Reason::Anytime, "one before the last");
        for _ in 0..10 {
            assert_eq!(open(victim, "9876", NOW), Reason::UnknownCode);
            victim.lose_power();
        }
        for seconds in [1, 45, 89] {
            assert_eq!(open(victim, "1111", Time::Known(NOON.plus(seconds))), Reason::LockedOut);
            victim.lose_power();
        }
        assert_eq!(open(victim, "1111", Time::Known(NOON.plus(90))), Reason::Anytime);
    });
}

/// The power is cut to use something more often than it may be used.
#[test]
fn power_cut_after_use() {
    at_panels(|victim| {
        send(victim, 2, with_fourth(UseLimit::Once, 4, "4444"));
        assert_eq!(open(victim, "4444", NOW), Reason::Anytime);
        assert_eq!(open(victim, "3333", NOW), Reason::Anytime);
        victim.lose_power();
        assert_eq!(open(victim, "4444", NOW), Reason::UsedUp, "once");
        assert_eq!(open(victim, "3333", NOW), Reason::UsedUp, "once a day");
        assert!(master(victim, Act::Suspend(UserNumber(3)), NOW).is_allowed());
        victim.lose_power();
        assert_eq!(open(victim, "3333", Time::Known(NOON.plus(86_400))), Reason::Suspended);
        assert!(master(victim, Act::Reinstate(UserNumber(3)), Time::Known(NOON.plus(86_400))).is_allowed());
        assert_eq!(open(victim, "3333", Time::Known(NOON.plus(86_400))), Reason::Anytime);
    });
}

/// A user number is given to somebody else: the new owner has nothing of the former one's, neither rights nor guilt, and the former owner's code is dead.
#[test]
fn slot_reuse() {
    at_panels(|victim| {
        send(victim, 2, with_fourth(UseLimit::Once, 4, "4444"));
        assert_eq!(open(victim, "4444", NOW), Reason::Anytime);
        assert_eq!(open(victim, "4444", NOW), Reason::UsedUp);
        assert!(master(victim, Act::Suspend(UserNumber(4)), NOW).is_allowed());
        send(victim, 3, with_fourth(UseLimit::Once, 4, "4444"));
        assert_eq!(open(victim, "4444", NOW), Reason::Suspended, "the same person stays suspended");

        send(victim, 4, with_fourth(UseLimit::Once, 0x44, "5555"));
        assert_eq!(open(victim, "4444", NOW), Reason::UnknownCode, "the former owner");
        victim.lose_power();
        assert_eq!(open(victim, "5555", NOW), Reason::Anytime, "the new one");
        assert_eq!(open(victim, "5555", NOW), Reason::UsedUp);
        send(victim, 5, with_fourth(UseLimit::Once, 4, "4444"));
        assert_eq!(open(victim, "4444", NOW), Reason::Anytime, "whoever comes back begins anew");
    });
}

/// The same with patches.
#[test]
fn slot_reuse_by_patch() {
    at_panels(|victim| {
        send(victim, 2, with_fourth(UseLimit::Once, 4, "4444"));
        assert_eq!(open(victim, "4444", NOW), Reason::Anytime);
        let base = victim.provenance().unwrap();
        let new_owner = [
            putting(Part::Contacts, &[Contact { limit: UseLimit::Once, identity: [0x44; 4], ..contact(4) }]),
            putting(Part::Codes, &[Credential { digest: digest("5555"), user: UserNumber(4) }]),
        ];
        let patch = victim.address().patch(3, &base, &new_owner.concat());
        accepts(victim, &patch, NOW);
        assert_eq!(open(victim, "4444", NOW), Reason::UnknownCode, "the former owner");
        assert_eq!(open(victim, "5555", NOW), Reason::Anytime, "the new one");
        let base = victim.provenance().unwrap();
        let gone = [encode(&(Part::Contacts as u8 | 0x40)), encode(&&[UserNumber(4)][..])].concat();
        let only_the_person = victim.address().patch(4, &base, &gone);
        assert!(victim.take(&only_the_person, NOW).is_err(), "a person does not go without the code");
        let gone = [gone, encode(&(Part::Codes as u8 | 0x40)), encode(&&[UserNumber(4)][..])].concat();
        let patch = victim.address().patch(4, &base, &gone);
        accepts(victim, &patch, NOW);
        assert_eq!(open(victim, "5555", NOW), Reason::UnknownCode);
    });
}

/// What the keypad shows tells nobody whether a code was ever right.
#[test]
fn learning_codes_from_the_keypad() {
    at_panels(|victim| {
        send(victim, 2, with_fourth(UseLimit::Once, 4, "4444"));
        assert_eq!(open(victim, "4444", NOW), Reason::Anytime);
        let shown = ["4444", "9876", "12", "123456789"].map(|digits| open(victim, digits, NOW).public());
        assert_eq!(shown, [PublicReason::NotAccepted; 4]);
    });
}
