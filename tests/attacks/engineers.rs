//! Attacks by and with engineers: who they are, and what firmware they bring.

use keyholder::blob::Refusal;
use keyholder::engineer::{EngineerId, Identity};
use keyholder::firmware::{ImageDigest, Model, Version};
use keyholder::policy::{Fault, Invalid, Part};
use keyholder::time::Time;
use keyholder::{Reason, Update, UpdateRequest};

use crate::cloud::{Edition, putting, signing};
use crate::sample::{NOON, NOW, encode, engineer, panel_rows, receiver_rows};
use crate::victim::{SESSION, Victim, accepts, everywhere, genuine_update, lets_in, refuses};

/// Another person is put behind the id of an engineer who has grants.
#[test]
fn identity_substitution() {
    everywhere(|victim| {
        let to = victim.address();
        accepts(victim, &to.snapshot(1, Edition::Grants), NOW);
        assert!(lets_in(victim, NOW));
        let refusal = |row| Refusal::Invalid(Invalid { part: Part::Engineers, row, fault: Fault::IdentityChanged });

        let impostor = keyholder::engineer::Engineer { identity: Identity([0xee; 16]), ..engineer(41) };
        let mut rows = (panel_rows(), receiver_rows());
        rows.0.access.engineers[0] = impostor;
        rows.1.access.engineers[0] = impostor;
        let content = if to.is_panel { rows.0.encode() } else { rows.1.encode() };
        let snapshot = to.letter(to.snapshot_kind(), 2).sealed(&signing(), &content);
        refuses(victim, "in a snapshot", &snapshot, NOW, refusal(0));

        let base = victim.provenance().unwrap();
        let patch = putting(Part::Engineers, &[impostor]);
        refuses(victim, "in a patch", &to.patch(2, &base, &patch), NOW, refusal(0));
        let removed = [encode(&(Part::Engineers as u8 | 0x40)), encode(&&[EngineerId(41)][..]), patch].concat();
        refuses(victim, "removed and put back in one patch", &to.patch(2, &base, &removed), NOW, refusal(0));
        let twin = putting(Part::Engineers, &[keyholder::engineer::Engineer { id: EngineerId(43), ..engineer(41) }]);
        let duplicate = Refusal::Invalid(Invalid { part: Part::Engineers, row: 2, fault: Fault::Duplicate });
        refuses(victim, "the same person twice", &to.patch(2, &base, &twin), NOW, duplicate);
        let suspended = keyholder::engineer::Engineer { standing: keyholder::engineer::Standing::SUSPENDED, ..engineer(41) };
        accepts(victim, &to.patch(2, &base, &putting(Part::Engineers, &[suspended])), NOW);
        assert!(!lets_in(victim, NOW), "what may change, changes");
    });
}

/// A one-time grant that is used up is sent once more, or found again in an older policy.
#[test]
fn used_grant_sent_again() {
    everywhere(|victim| {
        let to = victim.address();
        accepts(victim, &to.snapshot(1, Edition::Grants), NOW);
        assert!(victim.begin_session(&SESSION, NOW).is_allowed());
        assert!(victim.end_session(&SESSION, Time::Known(NOON.plus(60))).is_allowed());
        for sequence in [2, 4, 6] {
            victim.lose_power();
            assert!(!lets_in(victim, Time::Known(NOON.plus(120))));
            accepts(victim, &to.snapshot(sequence, Edition::Withdraws), NOW);
            accepts(victim, &to.snapshot(sequence + 1, Edition::Grants), NOW);
        }
        assert_eq!(victim.begin_session(&SESSION, Time::Known(NOON.plus(180))).reason, Reason::Revoked);
    });
}

/// Installs an update that is genuine but for what `change` does to it.
fn try_update(victim: &mut (impl Victim + ?Sized), change: impl Fn(&mut Update)) -> Reason {
    let mut request = genuine_update();
    change(&mut request.update);
    victim.update(&request, NOW).reason
}

/// TUF "wrong software", SUIT THREAT.IMG.REPLACE and THREAT.IMG.NON_AUTH: an engineer who may update brings another image under the right name.
#[test]
fn wrong_software() {
    everywhere(|victim| {
        accepts(victim, &victim.address().snapshot(1, Edition::Grants), NOW);
        assert_eq!(try_update(victim, |_| ()), Reason::Authorised);
        for bit in 0..256 {
            let image = |update: &mut Update| update.image.0[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(try_update(victim, image), Reason::WrongImage, "bit {bit} of the image's digest");
        }
        assert_eq!(try_update(victim, |update| update.image = ImageDigest([0; 32])), Reason::WrongImage);
        assert_eq!(try_update(victim, |_| ()), Reason::Authorised);
    });
}

/// SUIT THREAT.IMG.EXPIRED: a genuine image with a known hole is installed once more.
#[test]
fn old_firmware() {
    everywhere(|victim| {
        accepts(victim, &victim.address().snapshot(1, Edition::Grants), NOW);
        assert_eq!(try_update(victim, |_| ()), Reason::Authorised);
        assert_eq!(try_update(victim, |update| update.installed = Version([2, 1, 0, 1])), Reason::Downgrade);
        assert_eq!(try_update(victim, |update| update.installed = update.version), Reason::Downgrade, "the same once more");
        assert_eq!(try_update(victim, |update| update.version = Version([1, 9, 9, 9])), Reason::VersionOutOfRange);
        assert_eq!(try_update(victim, |update| update.version = Version([2, 9, 0, 1])), Reason::VersionOutOfRange);
        let late = Time::Known(NOON.plus(86_400));
        assert_eq!(victim.update(&genuine_update(), late).reason, Reason::Expired, "an authorisation ends");
        assert_eq!(victim.update(&genuine_update(), NOW).reason, Reason::TimeUnknown, "and the clock does not bring it back");
    });
}

/// SUIT THREAT.IMG.INCOMPATIBLE: firmware of another device.
#[test]
fn mismatched_firmware() {
    everywhere(|victim| {
        accepts(victim, &victim.address().snapshot(1, Edition::Grants), NOW);
        for model in ["KP-201", "KP-20", "KP-2000", "kp-200"] {
            assert_eq!(try_update(victim, |update| update.model = Model::named(model).unwrap()), Reason::WrongModel, "{model}");
        }
        assert_eq!(try_update(victim, |_| ()), Reason::Authorised);
    });
}

/// SUIT THREAT.UPD.UNAPPROVED: the image is right, but nobody has approved that it is installed here, now, by this person.
#[test]
fn unapproved_firmware() {
    everywhere(|victim| {
        assert!(!victim.update(&genuine_update(), NOW).is_allowed(), "a new device");
        accepts(victim, &victim.address().snapshot(1, Edition::Grants), NOW);
        assert_eq!(try_update(victim, |_| ()), Reason::Authorised);
        let by = |id| UpdateRequest { engineer: EngineerId(id), ..genuine_update() };
        assert_eq!(victim.update(&by(99), NOW).reason, Reason::UnknownEngineer);
        let elsewhere = UpdateRequest { site: keyholder::engineer::SiteId(99), ..genuine_update() };
        assert_eq!(victim.update(&elsewhere, NOW).reason, Reason::UnknownSite);
        assert_eq!(victim.update(&genuine_update(), Time::Unknown).reason, Reason::TimeUnknown);
    });
}
