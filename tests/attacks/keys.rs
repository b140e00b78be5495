//! Attacks with and on keys.

use keyholder::SmallReceiver;
use keyholder::blob::{Installed, KeyChange, KeyId, KeyRole, Keys, Kind, PublicKey, Refusal};
use keyholder::policy::{Fault, Invalid, Part};
use keyholder::store::{Damage, Layout};

use crate::cloud::{Edition, recovery, signing, stranger, successor, withdrawing};
use crate::sample::{CODE_KEY, NOW, RECEIVER, SITE, SamplePanel, encode, key_of};
use crate::victim::{accepts, everywhere, held, lets_in, panel_in_flash, refuses};

fn keys_refusal(fault: Fault) -> Refusal {
    Refusal::Invalid(Invalid { part: Part::Keys, row: 0, fault })
}

fn key_ids(signing: PublicKey, recovery: PublicKey) -> (KeyId, Option<KeyId>) {
    (signing.id(), Some(recovery.id()))
}

/// TUF "key compromise", SUIT THREAT.KEY.EXPOSURE: the signing key is stolen. Who has it is the cloud, until the recovery key says otherwise.
#[test]
fn key_compromise() {
    everywhere(|victim| {
        let to = victim.address();
        let thief = signing();
        accepts(victim, &to.snapshot(1, Edition::Withdraws), NOW);
        accepts(victim, &to.snapshot(2, Edition::Grants), NOW);
        assert!(lets_in(victim, NOW), "the thief writes policies");

        let take_the_safe = to.key_change(3, KeyRole::Recovery, &stranger(), &thief);
        refuses(victim, "but cannot replace the recovery key", &take_the_safe, NOW, keys_refusal(Fault::NotAllowed));
        let mine = to.key_change(3, KeyRole::Signing, &stranger(), &thief);
        accepts(victim, &mine, NOW);
        let locked_out = to.snapshot(4, Edition::Withdraws);
        refuses(victim, "the cloud is locked out", &locked_out, NOW, Refusal::UnknownKey(key_of(&signing()).id()));

        accepts(victim, &to.key_change(5, KeyRole::Signing, &successor(), &recovery()), NOW);
        for (name, key) in [("the stolen key", signing()), ("the thief's own", stranger())] {
            let blob = to.snapshot_by(&key, 6, Edition::Grants);
            refuses(victim, name, &blob, NOW, Refusal::UnknownKey(key_of(&key).id()));
        }
        assert!(lets_in(victim, NOW), "the thief's policy stands until another one comes");
        accepts(victim, &to.snapshot_by(&successor(), 6, Edition::Withdraws), NOW);
        assert!(!lets_in(victim, NOW));
    });
}

/// Keys change hands in peace: nobody is locked out, and the old key is worth nothing afterwards.
#[test]
fn key_rotation() {
    everywhere(|victim| {
        let to = victim.address();
        accepts(victim, &to.snapshot(1, Edition::Grants), NOW);
        let base = victim.provenance().unwrap();
        accepts(victim, &to.key_change(2, KeyRole::Signing, &successor(), &signing()), NOW);
        assert_eq!(victim.provenance(), Some(base), "the policy stands, although its key is retired");
        assert!(lets_in(victim, NOW));

        let retired = Refusal::UnknownKey(key_of(&signing()).id());
        let attempts = [
            ("a policy", to.snapshot(3, Edition::Grants)),
            ("a patch", to.patch(3, &base, &withdrawing())),
            ("a key change", to.key_change(3, KeyRole::Signing, &stranger(), &signing())),
            ("a clock correction", to.clock_correction(3, victim.report(NOW).holding.floor, crate::sample::NOON.plus(-60))),
        ];
        for (name, blob) in attempts {
            refuses(victim, name, &blob, NOW, retired);
        }
        let unchanged =
            to.letter(Kind::KeyChange, 3).sealed(&successor(), &encode(&KeyChange { role: KeyRole::Signing, key: key_of(&successor()) }));
        refuses(victim, "a change to the same key", &unchanged, NOW, keys_refusal(Fault::Duplicate));
        let both = to.key_change(3, KeyRole::Signing, &recovery(), &successor());
        refuses(victim, "one key for both", &both, NOW, keys_refusal(Fault::Duplicate));

        accepts(victim, &to.letter(to.patch_kind(), 4).patch(&successor(), &base, &withdrawing()), NOW);
        assert!(!lets_in(victim, NOW), "the new key patches what the old one signed");
        accepts(victim, &to.key_change(5, KeyRole::Recovery, &stranger(), &recovery()), NOW);
        let (_, _, signing_now, recovery_now) = held(victim);
        assert_eq!((signing_now, recovery_now), key_ids(key_of(&successor()), key_of(&stranger())));
        let old_safe = to.key_change(6, KeyRole::Signing, &signing(), &recovery());
        refuses(victim, "the former recovery key", &old_safe, NOW, Refusal::UnknownKey(key_of(&recovery()).id()));
        accepts(victim, &to.snapshot_by(&successor(), 7, Edition::Grants), NOW);
        assert!(lets_in(victim, NOW));
    });
}

/// A blob is on its way while its key is retired.
#[test]
fn key_retired_during_delivery() {
    let mut victim = panel_in_flash();
    let to = crate::victim::Victim::address(&victim);
    accepts(&mut victim, &to.snapshot(1, Edition::Withdraws), NOW);
    let on_its_way = to.snapshot(2, Edition::Grants);
    let (head, rest) = on_its_way.split_first_chunk().unwrap();
    victim.stored.begin_install(head, NOW).unwrap().unwrap();
    victim.stored.append(rest).unwrap();
    assert_eq!(victim.stored.install(&to.key_change(3, KeyRole::Signing, &successor(), &signing()), NOW), Ok(Installed::Now));
    assert_eq!(victim.stored.finish_install(NOW), Err(Refusal::NotABlob));
    assert!(!lets_in(&mut victim, NOW));
    refuses(&mut victim, "and it does not come again", &on_its_way, NOW, Refusal::UnknownKey(key_of(&signing()).id()));
}

/// A policy of a retired key that still stands in the flash does not come back when the one after it is damaged.
#[test]
fn retired_policy_left_in_flash() {
    let mut victim = panel_in_flash();
    let to = crate::victim::Victim::address(&victim);
    accepts(&mut victim, &to.snapshot(1, Edition::Grants), NOW);
    accepts(&mut victim, &to.key_change(2, KeyRole::Signing, &successor(), &recovery()), NOW);
    assert!(lets_in(&mut victim, NOW));
    let next = to.snapshot_by(&successor(), 3, Edition::Withdraws);
    accepts(&mut victim, &next, NOW);
    assert!(!lets_in(&mut victim, NOW));
    assert_eq!(victim.stored.damage(), keyholder::store::Damage::empty(), "a policy of a retired key is no damage");

    let at = victim.flash.find(&next[..80]).unwrap() + next.len() - 1;
    victim.flash.bytes.borrow_mut()[at] ^= 1;
    crate::victim::Victim::lose_power(&mut victim);
    assert_eq!(crate::victim::Victim::provenance(&victim), None);
    assert!(!lets_in(&mut victim, NOW), "everything is denied instead");
    accepts(&mut victim, &next, NOW);
}

/// Who has stolen the signing key uses up all numbers, and then the ledger is lost: what it forfeits is the retired key's.
#[test]
fn key_compromise_before_a_loss() {
    let mut victim = panel_in_flash();
    let to = crate::victim::Victim::address(&victim);
    accepts(&mut victim, &to.snapshot(u64::MAX, Edition::Grants), NOW);
    let Layout { slot, journal } = victim.layout;
    for copy in 0..2 {
        victim.flash.bytes.borrow_mut()[(2 * slot + copy * journal + 20) as usize] ^= 1;
    }
    crate::victim::Victim::lose_power(&mut victim);
    assert!(victim.stored.damage().contains(Damage::LOSS));
    assert!(!lets_in(&mut victim, NOW), "what was revoked is not known any more");
    accepts(&mut victim, &to.key_change(5, KeyRole::Signing, &successor(), &recovery()), NOW);
    assert!(!lets_in(&mut victim, NOW), "nor does the thief's policy come back");
    accepts(&mut victim, &to.snapshot_by(&successor(), 6, Edition::Grants), NOW);
    crate::victim::Victim::lose_power(&mut victim);
    assert!(lets_in(&mut victim, NOW));
}

/// Without a recovery key, who has stolen the signing key has everything for good. The first to set one wins.
#[test]
fn key_compromise_without_a_recovery_key() {
    fn attack(install: &mut dyn FnMut(&[u8]) -> Result<Installed, Refusal>, to: crate::cloud::Addressee) {
        assert_eq!(install(&to.snapshot(10, Edition::Grants)), Ok(Installed::Now));
        let set = to.key_change(11, KeyRole::Recovery, &recovery(), &signing());
        assert_eq!(install(&set), Ok(Installed::Now), "where there is none, the signing key sets one");
        let again = to.key_change(12, KeyRole::Recovery, &stranger(), &signing());
        assert_eq!(install(&again), Err(keys_refusal(Fault::NotAllowed)), "once");
        assert_eq!(install(&to.snapshot(12, Edition::Grants)), Ok(Installed::Now));
        assert_eq!(install(&to.key_change(3, KeyRole::Signing, &successor(), &recovery())), Ok(Installed::Now));
        let next = to.snapshot_by(&successor(), 4, Edition::Withdraws);
        assert_eq!(install(&next), Ok(Installed::Now), "counting goes on from the change: setting the first key has retired no policy");
    }
    let (mut panel, mut receiver) =
        (SamplePanel::new(SITE, Keys::only(key_of(&signing())), CODE_KEY), SmallReceiver::new(RECEIVER, Keys::only(key_of(&signing()))));
    attack(&mut |blob| panel.install(blob, NOW), crate::cloud::Addressee { is_panel: true, id: SITE });
    attack(&mut |blob| receiver.install(blob, NOW), crate::cloud::Addressee { is_panel: false, id: RECEIVER });
}

/// A key change to a key that anybody can sign under.
#[test]
fn weak_key() {
    everywhere(|victim| {
        let to = victim.address();
        accepts(victim, &to.snapshot(1, Edition::Withdraws), NOW);
        let mut identity = [0; 32];
        identity[0] = 1;
        let off_curve = [2; 32];
        for (name, key) in [("zeros", [0; 32]), ("the identity", identity), ("no point of the curve", off_curve)] {
            for role in [KeyRole::Signing, KeyRole::Recovery] {
                let blob = to.letter(Kind::KeyChange, 2).sealed(&recovery(), &encode(&KeyChange { role, key: PublicKey(key) }));
                refuses(victim, name, &blob, NOW, keys_refusal(Fault::Range));
            }
        }
        let longer = [encode(&KeyChange { role: KeyRole::Signing, key: key_of(&successor()) }), vec![0]].concat();
        let longer = to.letter(Kind::KeyChange, 2).sealed(&recovery(), &longer);
        refuses(victim, "something behind the key", &longer, NOW, keys_refusal(Fault::TrailingBytes));
        accepts(victim, &to.key_change(2, KeyRole::Signing, &successor(), &recovery()), NOW);
    });
}
