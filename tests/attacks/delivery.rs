//! Attacks on the way a blob takes: too much, too slow, not at all, not whole, not in order, more than once.

use keyholder::blob::{HEAD_LENGTH, Head, Installed, Refusal};
use keyholder::store::Damage;
use keyholder::time::Time;
use keyholder::{Device, SmallReceiver};

use crate::cloud::{Edition, putting, signing, withdrawing};
use crate::sample::{NOON, NOW, SamplePanel, authorisation};
use crate::victim::{Powered, Victim, accepts, everywhere, lets_in, panel_in_flash, receiver_in_flash, refuses};

/// An attack on devices that take a blob in pieces.
macro_rules! in_pieces {
    ($attack:ident) => {
        $attack(panel_in_flash());
        $attack(receiver_in_flash());
    };
}

fn head_of(blob: &[u8]) -> &[u8; HEAD_LENGTH] {
    blob.first_chunk().unwrap()
}

/// TUF, Uptane "endless data"; SUIT THREAT.IMG.EXTRA.
#[test]
fn endless_data() {
    everywhere(|victim| {
        let to = victim.address();
        accepts(victim, &to.snapshot(1, Edition::Withdraws), NOW);
        let next = to.snapshot(2, Edition::Grants);
        let endless = [&next[..], &vec![0x80; 1 << 20]].concat();
        refuses(victim, "a megabyte behind the policy", &endless, NOW, Refusal::NotABlob);
        refuses(victim, "one byte behind the policy", &endless[..next.len() + 1], NOW, Refusal::NotABlob);
        let mut claims_more = next.clone();
        claims_more[12..16].copy_from_slice(&u32::MAX.to_le_bytes());
        refuses(victim, "says that it is longer", &claims_more, NOW, Refusal::NotABlob);
        accepts(victim, &next, NOW);
        assert!(lets_in(victim, NOW));
    });
    fn attack<D: Device>(mut victim: Powered<D>)
    where
        Powered<D>: Victim,
    {
        let to = victim.address();
        accepts(&mut victim, &to.snapshot(1, Edition::Withdraws), NOW);
        let next = to.snapshot(2, Edition::Grants);
        let erased = victim.flash.erased.get();
        let huge = to.letter(to.snapshot_kind(), 2).sealed(&signing(), &vec![0; 100_000]);
        assert_eq!(victim.stored.begin_install(head_of(&huge), NOW), Err(Refusal::TooLong { room: 4096 }));
        assert_eq!(victim.flash.erased.get(), erased, "refused by its head: nothing of it is fetched, nothing is written");
        victim.stored.begin_install(head_of(&next), NOW).unwrap().unwrap();
        victim.stored.append(&next[HEAD_LENGTH..]).unwrap();
        for _ in 0..1000 {
            assert_eq!(victim.stored.append(&[0x80; 64]), Err(Refusal::NotABlob), "more than the head says");
        }
        assert_eq!(victim.stored.finish_install(NOW), Err(Refusal::NotABlob), "then it is no blob at all");
        victim.lose_power();
        assert!(!lets_in(&mut victim, NOW));
        assert_eq!(victim.take_in_pieces(&next, 64, NOW), Ok(Installed::Now));
        assert!(lets_in(&mut victim, NOW));
    }
    in_pieces!(attack);
}

/// TUF, Uptane "slow retrieval": one byte at a time, for as long as the attacker likes. What decides goes on deciding.
#[test]
fn slow_retrieval() {
    fn attack<D: Device>(mut victim: Powered<D>)
    where
        Powered<D>: Victim,
    {
        let to = victim.address();
        accepts(&mut victim, &to.snapshot(1, Edition::Grants), NOW);
        let next = crate::cloud::Letter { expires_at: NOON.plus(600), ..to.letter(to.snapshot_kind(), 2) };
        let next = next.sealed(&signing(), &to.policy(Edition::Withdraws));
        victim.stored.begin_install(head_of(&next), NOW).unwrap().unwrap();
        for byte in &next[HEAD_LENGTH..] {
            victim.stored.append(&[*byte]).unwrap();
            assert!(lets_in(&mut victim, NOW), "the old policy decides meanwhile");
        }
        let late = Time::Known(NOON.plus(3600));
        assert_eq!(victim.stored.finish_install(late), Err(Refusal::Expired), "the last byte came too late");
        assert!(lets_in(&mut victim, late));
        let fresh = to.snapshot(3, Edition::Withdraws);
        assert_eq!(victim.take_in_pieces(&fresh, 1, late), Ok(Installed::Now), "slow, but in time");
        assert!(!lets_in(&mut victim, late));
    }
    in_pieces!(attack);
}

/// Uptane "drop-request": nothing arrives. Not prevented; the same as a freeze.
#[test]
fn drop_request() {
    everywhere(|victim| {
        let to = victim.address();
        accepts(victim, &to.snapshot(1, Edition::Grants), NOW);
        let (second, third) = (to.snapshot(2, Edition::Withdraws), to.snapshot(3, Edition::Withdraws));
        let report = victim.report(Time::Known(NOON.plus(5 * 86_400)));
        assert_eq!((report.holding.latest, report.policy_age), (Some(1), Some(432_000)), "the cloud sees that nothing has come");
        accepts(victim, &third, NOW);
        assert!(!lets_in(victim, NOW), "a gap is no obstacle once something comes");
        refuses(victim, "what was dropped", &second, NOW, Refusal::Stale { installed: 3 });
    });
}

/// Uptane "partial bundle": a blob of which only a part arrives.
#[test]
fn partial_bundle() {
    everywhere(|victim| {
        let to = victim.address();
        accepts(victim, &to.snapshot(1, Edition::Withdraws), NOW);
        let next = to.snapshot(2, Edition::Grants);
        let seen = victim.seen();
        for cut in 0..next.len() {
            assert_eq!(victim.take(&next[..cut], NOW), Err(Refusal::NotABlob), "the first {cut} bytes");
        }
        assert!(victim.seen() == seen);
        accepts(victim, &next, NOW);
        assert!(lets_in(victim, NOW));
    });
    fn attack<D: Device>(mut victim: Powered<D>)
    where
        Powered<D>: Victim,
    {
        let to = victim.address();
        accepts(&mut victim, &to.snapshot(1, Edition::Grants), NOW);
        let patch = to.patch(2, &victim.provenance().unwrap(), &withdrawing());
        let whole = to.snapshot(3, Edition::Withdraws);
        for next in [&patch, &whole] {
            for cut in [HEAD_LENGTH, next.len() - 1] {
                victim.stored.begin_install(head_of(next), NOW).unwrap().unwrap();
                victim.stored.append(&next[HEAD_LENGTH..cut]).unwrap();
                assert_eq!(victim.stored.finish_install(NOW), Err(Refusal::NotABlob));
                victim.stored.begin_install(head_of(next), NOW).unwrap().unwrap();
                victim.stored.append(&next[HEAD_LENGTH..cut]).unwrap();
                victim.lose_power();
                assert_eq!(victim.stored.append(&next[cut..]), Err(Refusal::NotABlob), "it has to begin again");
                assert!(lets_in(&mut victim, NOW));
                // What broke off lies in a slot, and that is all.
                assert!(Damage::SLOT.contains(victim.stored.damage()));
            }
        }
        assert_eq!(victim.take_in_pieces(&patch, 32, NOW), Ok(Installed::Now));
        assert!(!lets_in(&mut victim, NOW));
    }
    in_pieces!(attack);
}

/// Uptane "mixed bundles", TUF "extraneous dependencies": two blobs at once, each of them right, or more than was asked for.
#[test]
fn mixed_bundles() {
    fn attack<D: Device>(mut victim: Powered<D>)
    where
        Powered<D>: Victim,
    {
        let to = victim.address();
        accepts(&mut victim, &to.snapshot(1, Edition::Withdraws), NOW);
        let (one, other) = (to.snapshot(2, Edition::Withdraws), to.snapshot(3, Edition::Grants));
        let shared = one.len().min(other.len()) - HEAD_LENGTH;
        let (one_half, other_half) = (HEAD_LENGTH + shared / 2, HEAD_LENGTH + shared / 2);

        victim.stored.begin_install(head_of(&one), NOW).unwrap().unwrap();
        victim.stored.append(&one[HEAD_LENGTH..one_half]).unwrap();
        victim.stored.append(&other[other_half..][..one.len() - one_half]).unwrap();
        assert_eq!(victim.stored.finish_install(NOW), Err(Refusal::BadSignature), "the end of another");

        victim.stored.begin_install(head_of(&one), NOW).unwrap().unwrap();
        victim.stored.append(&one[HEAD_LENGTH..one_half]).unwrap();
        victim.stored.begin_install(head_of(&other), NOW).unwrap().unwrap();
        victim.stored.append(&one[one_half..]).unwrap();
        victim.stored.append(&[0; 4096][..other.len() - HEAD_LENGTH - (one.len() - one_half)]).unwrap();
        assert_eq!(victim.stored.finish_install(NOW), Err(Refusal::BadSignature), "a second head in between");
        assert_eq!(victim.provenance().unwrap().sequence, 1);
        victim.lose_power();
        assert_eq!(victim.provenance().unwrap().sequence, 1);

        victim.stored.begin_install(head_of(&one), NOW).unwrap().unwrap();
        assert_eq!(victim.take(&other, NOW), Ok(Installed::Now), "a whole one ends the one that is on its way");
        assert_eq!(victim.stored.append(&one[HEAD_LENGTH..]), Err(Refusal::NotABlob));
        assert!(lets_in(&mut victim, NOW));
        assert_eq!(
            victim.take_in_pieces(&[&one[..], &other].concat(), 64, NOW),
            Err(Refusal::Stale { installed: 3 }),
            "two, one behind the other"
        );
    }
    in_pieces!(attack);
}

/// Patches come in another order than they were sent in.
#[test]
fn patch_reordering() {
    everywhere(|victim| {
        let to = victim.address();
        let first = to.snapshot(1, Edition::Grants);
        let base = Head::read(&first).unwrap().provenance();
        let more = |id| putting(keyholder::policy::Part::Authorisations, &[authorisation(id)]);
        let second = to.patch(2, &base, &withdrawing());
        let third = to.patch(3, &Head::read(&second).unwrap().provenance(), &more(7));
        let fourth = to.patch(4, &Head::read(&third).unwrap().provenance(), &more(8));
        accepts(victim, &first, NOW);

        refuses(victim, "the third before the second", &third, NOW, Refusal::OtherBase { installed: 1 });
        refuses(victim, "the fourth before the second", &fourth, NOW, Refusal::OtherBase { installed: 1 });
        accepts(victim, &second, NOW);
        assert!(!lets_in(victim, NOW));
        refuses(victim, "the fourth before the third", &fourth, NOW, Refusal::OtherBase { installed: 2 });
        accepts(victim, &third, NOW);
        refuses(victim, "the second once more", &second, NOW, Refusal::Stale { installed: 3 });
        refuses(victim, "what they were made for", &first, NOW, Refusal::Stale { installed: 3 });
        accepts(victim, &fourth, NOW);
        let ids = |seen: &str| [7, 8].map(|id| seen.contains(&format!("AuthorisationId({id})")));
        assert_eq!(ids(&victim.seen()), [true, true], "in their order each one counts");
    });
}

/// What has been delivered comes again.
#[test]
fn duplicated_delivery() {
    everywhere(|victim| {
        let to = victim.address();
        let snapshot = to.snapshot(1, Edition::Grants);
        let patch = to.patch(2, &Head::read(&snapshot).unwrap().provenance(), &withdrawing());
        let keys = to.key_change(3, keyholder::blob::KeyRole::Signing, &crate::cloud::successor(), &crate::cloud::recovery());
        for blob in [&snapshot, &patch, &keys] {
            accepts(victim, blob, NOW);
            let seen = victim.seen();
            for time in [NOW, Time::Unknown, Time::Known(NOON.plus(-86_400))] {
                assert_eq!(victim.take(blob, time), Ok(Installed::Already));
                assert!(victim.seen() == seen);
            }
        }
        assert!(!lets_in(victim, NOW));
    });
    fn attack<D: Device>(mut victim: Powered<D>)
    where
        Powered<D>: Victim,
    {
        let to = victim.address();
        let blob = to.snapshot(1, Edition::Grants);
        accepts(&mut victim, &blob, NOW);
        let before = (victim.flash.bytes.borrow().clone(), victim.flash.erased.get());
        for _ in 0..100 {
            assert_eq!(victim.stored.begin_install(head_of(&blob), NOW), Ok(Err(Installed::Already)), "the rest need not be fetched");
        }
        assert!(before == (victim.flash.bytes.borrow().clone(), victim.flash.erased.get()), "and the flash is not worn");
    }
    in_pieces!(attack);
}

/// SUIT THREAT.MFST.TOCTOU: the bytes change after they have been judged, or between one reading and the next.
#[test]
fn policy_changed_between_check_and_use() {
    fn attack<D: Device>(mut victim: Powered<D>)
    where
        Powered<D>: Victim,
    {
        let to = victim.address();
        accepts(&mut victim, &to.snapshot(1, Edition::Grants), NOW);
        let next = to.snapshot(2, Edition::Withdraws);
        let flip = |victim: &Powered<D>| {
            let at = victim.flash.find(&next[HEAD_LENGTH + 100..]).unwrap() + 4;
            victim.flash.bytes.borrow_mut()[at] ^= 1;
        };
        victim.stored.begin_install(head_of(&next), NOW).unwrap().unwrap();
        victim.stored.append(&next[HEAD_LENGTH..]).unwrap();
        let tail = &next[HEAD_LENGTH..][..100];
        let at = victim.flash.find(tail).unwrap() + 50;
        victim.flash.bytes.borrow_mut()[at] ^= 1;
        assert_eq!(victim.stored.finish_install(NOW), Err(Refusal::BadSignature), "what stands in flash is judged, not what was sent");
        assert!(lets_in(&mut victim, NOW));

        assert_eq!(victim.take_in_pieces(&next, 64, NOW), Ok(Installed::Now));
        assert!(!lets_in(&mut victim, NOW));
        flip(&victim);
        assert!(!lets_in(&mut victim, NOW), "what decides is in memory by now");
        victim.lose_power();
        assert_eq!(victim.stored.damage(), Damage::SLOT, "at the next start it is judged again");
        let holding = victim.report(NOW).holding;
        assert_eq!(
            (holding.policy.map(|policy| policy.sequence), holding.latest),
            (Some(1), Some(2)),
            "the one before decides, and the cloud sees it"
        );
        accepts(&mut victim, &next, NOW);
        assert!(!lets_in(&mut victim, NOW), "until the latest has come again");
    }
    in_pieces!(attack);
}

/// TUF "malicious mirrors", SUIT THREAT.NET.REDIRECT: it does not matter where a blob comes from, whole or in pieces of any size.
#[test]
fn malicious_mirror() {
    fn attack<D: Device>(new: fn() -> Powered<D>)
    where
        Powered<D>: Victim,
    {
        let mut held = Vec::new();
        for size in [1, 13, 64, 128, 4096] {
            let mut victim = new();
            let to = victim.address();
            let blob = to.snapshot(1, Edition::Grants);
            let mut altered = blob.clone();
            *altered.last_mut().unwrap() ^= 1;
            assert_eq!(victim.take_in_pieces(&altered, size, NOW), Err(Refusal::BadSignature), "in pieces of {size}");
            assert!(!lets_in(&mut victim, NOW));
            assert_eq!(victim.take_in_pieces(&blob, size, NOW), Ok(Installed::Now), "in pieces of {size}");
            assert!(lets_in(&mut victim, NOW));
            held.push(victim.seen());
        }
        held.dedup();
        assert_eq!(held.len(), 1, "the same device whatever the pieces");
    }
    attack::<SamplePanel>(panel_in_flash);
    attack::<SmallReceiver>(receiver_in_flash);
}
