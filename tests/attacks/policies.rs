//! Attacks on what policy a device takes.

use keyholder::SmallReceiver;
use keyholder::blob::{HEAD_LENGTH, Head, Installed, KeyRole, Kind, Provenance, Refusal, SIGNED_LENGTH};
use keyholder::engineer::SiteId;
use keyholder::policy::{Fault, Invalid, Part};
use keyholder::time::{Instant, Time};

use crate::cloud::{Addressee, Edition, Letter, assemble, recovery, signing, stranger, successor, withdrawing};
use crate::sample::{CODE_KEY, NOON, NOW, SamplePanel, key_of};
use crate::victim::{accepts, everywhere, held, lets_in, refuses};

/// TUF "arbitrary software", Uptane "arbitrary software", SUIT THREAT.IMG.NON_AUTH and THREAT.NET.ONPATH.
#[test]
fn arbitrary_policy() {
    everywhere(|victim| {
        let to = victim.address();
        let (poor, rich) = (to.policy(Edition::Withdraws), to.policy(Edition::Grants));
        accepts(victim, &to.snapshot(1, Edition::Withdraws), NOW);
        assert!(!lets_in(victim, NOW));

        let letter = to.letter(to.snapshot_kind(), 2);
        let named = Head::for_content(letter.kind, letter.recipient, 2, NOON, Instant::LATEST, &key_of(&signing()), &rich);
        let signed = named.to_signed_bytes();
        let old_signature = &to.snapshot(1, Edition::Withdraws)[SIGNED_LENGTH..HEAD_LENGTH];
        let attempts = [
            ("signed with the attacker's key", letter.sealed(&stranger(), &rich), Refusal::UnknownKey(key_of(&stranger()).id())),
            ("the same in the cloud's name", assemble(&named, &stranger(), &rich), Refusal::BadSignature),
            ("not signed", [&signed[..], &[0; 64], &rich].concat(), Refusal::BadSignature),
            ("with the signature of a blob that was accepted", [&signed[..], old_signature, &rich].concat(), Refusal::BadSignature),
        ];
        for (name, blob, refusal) in attempts {
            refuses(victim, name, &blob, NOW, refusal);
        }
        let genuine = letter.sealed(&signing(), &poor);
        for at in (HEAD_LENGTH..genuine.len()).step_by(7) {
            let mut altered = genuine.clone();
            altered[at] ^= 0x10;
            assert_eq!(victim.take(&altered, NOW), Err(Refusal::BadSignature), "byte {at} altered on the way");
        }
        assert!(!lets_in(victim, NOW));
        accepts(victim, &letter.sealed(&signing(), &rich), NOW);
        assert!(lets_in(victim, NOW), "from the cloud it would have counted");
    });
}

/// TUF, Uptane "rollback"; SUIT THREAT.IMG.EXPIRED.
#[test]
fn rollback() {
    everywhere(|victim| {
        let to = victim.address();
        let old = to.snapshot(1, Edition::Grants);
        accepts(victim, &old, NOW);
        assert!(lets_in(victim, NOW));
        accepts(victim, &to.snapshot(2, Edition::Withdraws), NOW);
        assert!(!lets_in(victim, NOW));

        refuses(victim, "as it was", &old, NOW, Refusal::Stale { installed: 2 });
        refuses(victim, "with the clock unknown", &old, Time::Unknown, Refusal::Stale { installed: 2 });
        let mut renumbered = old.clone();
        renumbered[16] = 3;
        refuses(victim, "under a higher number", &renumbered, NOW, Refusal::BadSignature);
        let never_sent = to.snapshot_by(&signing(), 2, Edition::Grants);
        refuses(victim, "another of the same number", &never_sent, NOW, Refusal::Stale { installed: 2 });
        assert!(!lets_in(victim, NOW));
        accepts(victim, &to.snapshot(3, Edition::Grants), NOW);
        assert!(lets_in(victim, NOW));
    });
}

/// TUF "indefinite freeze", Uptane "freeze". Not prevented: an installed policy does not expire. The cloud sees it.
#[test]
fn freeze() {
    everywhere(|victim| {
        let to = victim.address();
        accepts(victim, &to.snapshot(1, Edition::Grants), NOW);
        let withheld = Letter { expires_at: NOON.plus(3600), ..to.letter(to.snapshot_kind(), 2) };
        let withheld = withheld.sealed(&signing(), &to.policy(Edition::Withdraws));

        let later = Time::Known(NOON.plus(5400));
        assert!(lets_in(victim, later), "the device cannot know that there is something newer");
        for (hours, age) in [(2, 7200), (48, 172_800)] {
            let report = victim.report(Time::Known(NOON.plus(hours * 3600)));
            assert_eq!(report.policy_age, Some(age), "but the cloud is told how old the policy is");
            assert_eq!(report.holding.policy.unwrap().sequence, 1);
        }
        assert_eq!(victim.report(Time::Unknown).policy_age, None, "if the device knows the time");
        refuses(victim, "what was kept back too long", &withheld, later, Refusal::Expired);
        accepts(victim, &to.snapshot(3, Edition::Withdraws), later);
        assert!(!lets_in(victim, later));
    });
}

/// TUF "fast-forward": a thief of the signing key uses up its numbers, so that nothing the cloud can send is new enough.
#[test]
fn fast_forward() {
    everywhere(|victim| {
        let to = victim.address();
        accepts(victim, &to.snapshot(1, Edition::Withdraws), NOW);
        let stolen = signing();
        let last = to.snapshot_by(&stolen, u64::MAX, Edition::Grants);
        accepts(victim, &last, NOW);
        assert!(lets_in(victim, NOW));
        refuses(victim, "with the stolen key", &to.snapshot(2, Edition::Withdraws), NOW, Refusal::Stale { installed: u64::MAX });
        let by_recovery = to.snapshot_by(&recovery(), 3, Edition::Withdraws);
        refuses(victim, "a policy under the recovery key", &by_recovery, NOW, Refusal::Stale { installed: u64::MAX });
        let new_safe = to.key_change(3, KeyRole::Recovery, &successor(), &recovery());
        refuses(victim, "another recovery key", &new_safe, NOW, Refusal::Stale { installed: u64::MAX });

        let rescue = to.key_change(4, KeyRole::Signing, &successor(), &recovery());
        accepts(victim, &rescue, NOW);
        assert_eq!(victim.take(&rescue, NOW), Ok(Installed::Already));
        assert_eq!(victim.take(&last, NOW), Err(Refusal::UnknownKey(key_of(&stolen).id())), "the thief is out");
        assert_eq!(held(victim).1, Some(4), "and counting begins anew");
        assert_eq!(victim.take(&to.snapshot_by(&successor(), 4, Edition::Withdraws), NOW), Err(Refusal::Stale { installed: 4 }));
        accepts(victim, &to.snapshot_by(&successor(), 5, Edition::Withdraws), NOW);
        assert!(!lets_in(victim, NOW));
        refuses(victim, "the rescue again", &rescue, NOW, Refusal::Stale { installed: 4 });
        accepts(victim, &to.snapshot_by(&successor(), 6, Edition::Grants), NOW);
        assert!(lets_in(victim, NOW));
    });
}

/// All kinds of blobs, recorded on the wire and sent again.
#[test]
fn replay() {
    everywhere(|victim| {
        let to = victim.address();
        let provenance = |blob: &[u8]| Head::read(blob).unwrap().provenance();
        let first = to.snapshot(1, Edition::Grants);
        let second = to.patch(2, &provenance(&first), &withdrawing());
        let third = to.snapshot(3, Edition::Grants);
        let fourth = to.patch(4, &provenance(&third), &withdrawing());
        let fifth = to.key_change(5, KeyRole::Recovery, &stranger(), &recovery());
        let sixth = to.key_change(6, KeyRole::Signing, &successor(), &stranger());
        let seventh = to.snapshot_by(&successor(), 7, Edition::Withdraws);
        let recorded = [first, second, third, fourth, fifth, sixth, seventh];
        for (blob, lets) in recorded.iter().zip([true, false, true, false, false, false, false]) {
            accepts(victim, blob, NOW);
            assert_eq!(lets_in(victim, NOW), lets);
        }
        let seen = victim.seen();
        for step in [1, 2, 3, 4, 5, 6] {
            for blob in (0..recorded.len()).map(|index| &recorded[index * step % recorded.len()]) {
                let outcome = victim.take(blob, NOW);
                let harmless = matches!(outcome, Ok(Installed::Already) | Err(Refusal::Stale { .. } | Refusal::UnknownKey(_)));
                assert!(harmless, "{:?}: {outcome:?}", Head::read(blob));
                assert!(victim.seen() == seen);
            }
            victim.lose_power();
        }
        assert!(!lets_in(victim, NOW));
        accepts(victim, &to.snapshot_by(&successor(), 8, Edition::Grants), NOW);
        assert!(lets_in(victim, NOW));
    });
}

/// TUF "mix-and-match", Uptane "mix-and-match": pieces of what is meant for two sites, put together.
#[test]
fn mix_and_match_between_sites() {
    everywhere(|victim| {
        let to = victim.address();
        let neighbour = Addressee { id: SiteId(to.id.0 + 1), ..to };
        let theirs = neighbour.snapshot(9, Edition::Grants);
        let at_theirs = if to.is_panel {
            SamplePanel::new(neighbour.id, keyholder::blob::Keys::only(key_of(&signing())), CODE_KEY).install(&theirs, NOW)
        } else {
            SmallReceiver::new(neighbour.id, keyholder::blob::Keys::only(key_of(&signing()))).install(&theirs, NOW)
        };
        assert_eq!(at_theirs, Ok(Installed::Now), "at the neighbour's it is right");

        let ours = to.snapshot(1, Edition::Withdraws);
        accepts(victim, &ours, NOW);
        let provenance = |blob: &[u8]| Head::read(blob).unwrap().provenance();
        let next = to.snapshot(2, Edition::Grants);
        let mut readdressed = theirs.clone();
        readdressed[8..12].copy_from_slice(&to.id.0.to_le_bytes());
        let mistaken = to.letter(to.snapshot_kind(), 2).sealed(&signing(), &neighbour.policy(Edition::Grants));
        let theirs_of_our_number = provenance(&neighbour.snapshot(1, Edition::Grants));
        let attempts = [
            ("theirs, whole", theirs.clone(), Refusal::WrongRecipient(neighbour.id)),
            ("theirs, readdressed", readdressed, Refusal::BadSignature),
            ("our head, their policy", [&next[..HEAD_LENGTH], &theirs[HEAD_LENGTH..]].concat(), Refusal::BadSignature),
            ("their head, our policy", [&theirs[..HEAD_LENGTH], &next[HEAD_LENGTH..]].concat(), Refusal::WrongRecipient(neighbour.id)),
            (
                "their policy, addressed to us by the cloud's mistake",
                mistaken,
                Refusal::Invalid(Invalid { part: Part::Head, row: 0, fault: Fault::OtherRecipient }),
            ),
            ("their patch", neighbour.patch(2, &provenance(&ours), &withdrawing()), Refusal::WrongRecipient(neighbour.id)),
            ("a patch of their policy of our number", to.patch(2, &theirs_of_our_number, &withdrawing()), Refusal::BadSignature),
        ];
        for (name, blob, refusal) in attempts {
            refuses(victim, name, &blob, NOW, refusal);
        }
        assert!(!lets_in(victim, NOW));
        accepts(victim, &next, NOW);
        assert!(lets_in(victim, NOW));
    });
}

/// SUIT THREAT.IMG.INCOMPATIBLE, THREAT.IMG.FORMAT and THREAT.IMG.LOCATION: what is right elsewhere.
#[test]
fn wrong_recipient() {
    everywhere(|victim| {
        let to = victim.address();
        accepts(victim, &to.snapshot(1, Edition::Withdraws), NOW);
        let other_kind = Addressee { is_panel: !to.is_panel, ..to };
        let provenance = victim.provenance().unwrap();
        let nobody = Addressee { id: SiteId(0), ..to };
        let foreign = Addressee { id: SiteId(to.id.0 ^ 1), ..to };
        let floor = victim.report(NOW).holding.floor;
        let attempts = [
            ("the other kind of device, under this one's number", other_kind.snapshot(2, Edition::Grants), to.id),
            ("its patch", other_kind.patch(2, &provenance, &withdrawing()), to.id),
            ("nobody", nobody.snapshot(2, Edition::Grants), SiteId(0)),
            ("another's keys", foreign.key_change(2, KeyRole::Signing, &successor(), &recovery()), foreign.id),
            ("another's clock", foreign.clock_correction(2, floor, NOON), foreign.id),
        ];
        for (name, blob, recipient) in attempts {
            refuses(victim, name, &blob, NOW, Refusal::WrongRecipient(recipient));
        }
        let mut relabelled = to.snapshot(2, Edition::Grants);
        for kind in [Kind::KeyChange, Kind::ClockCorrection] {
            relabelled[5] = kind as u8;
            refuses(victim, "a policy taken for something else", &relabelled, NOW, Refusal::BadSignature);
        }
        relabelled[5] = 77;
        refuses(victim, "a kind that is not known", &relabelled, NOW, Refusal::NewerFormat { version: 1, kind: 77 });
        accepts(victim, &to.snapshot(2, Edition::Grants), NOW);
        assert!(lets_in(victim, NOW));
    });
}

/// SUIT THREAT.IMG.EXPIRED.OFFLINE: a device that was away for long is given something out of date.
#[test]
fn out_of_date_after_being_offline() {
    everywhere(|victim| {
        let to = victim.address();
        accepts(victim, &to.snapshot(1, Edition::Withdraws), NOW);
        let old = Letter { expires_at: NOON.plus(86_400), ..to.letter(to.snapshot_kind(), 2) };
        let old = old.sealed(&signing(), &to.policy(Edition::Grants));
        let month_later = Time::Known(NOON.plus(30 * 86_400));
        assert!(!lets_in(victim, month_later));
        refuses(victim, "a month later", &old, month_later, Refusal::Expired);
        refuses(victim, "with the clock unknown", &old, Time::Unknown, Refusal::Expired);
        refuses(victim, "with the clock turned back", &old, NOW, Refusal::Expired);
        accepts(victim, &to.snapshot(3, Edition::Grants), month_later);
    });
}

/// SUIT THREAT.UPD.WRONG_PRECURSOR: a patch on something that it was not made for.
#[test]
fn wrong_precursor() {
    everywhere(|victim| {
        let to = victim.address();
        let one = Head::read(&to.snapshot(1, Edition::Grants)).unwrap().provenance();
        let on_nothing = to.patch(2, &one, &withdrawing());
        refuses(victim, "on nothing", &on_nothing, NOW, Refusal::OtherBase { installed: 0 });
        accepts(victim, &to.snapshot(5, Edition::Grants), NOW);
        let five = victim.provenance().unwrap();
        let elsewhere = Provenance { digest: one.digest.patched(b"something else"), ..five };
        let attempts = [
            ("on an older policy", to.patch(6, &one, &withdrawing()), Refusal::OtherBase { installed: 5 }),
            (
                "on one that has not come",
                to.patch(8, &Provenance { sequence: 7, ..five }, &withdrawing()),
                Refusal::OtherBase { installed: 5 },
            ),
            ("on another policy of the same number", to.patch(6, &elsewhere, &withdrawing()), Refusal::BadSignature),
        ];
        for (name, blob, refusal) in attempts {
            refuses(victim, name, &blob, NOW, refusal);
        }
        assert!(lets_in(victim, NOW));
        accepts(victim, &to.patch(6, &five, &withdrawing()), NOW);
        assert!(!lets_in(victim, NOW), "on the right one it counts");
    });
}
