//! Whom a device believes: its two public keys, and the latest blob it has accepted.

use serde::{Deserialize, Serialize};

use crate::blob::{Provenance, Refusal, signature};
use crate::hash::Hash;
use crate::policy::{Fault, Invalid, Part};

/// Names a public key: the first 8 bytes of its SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct KeyId(#[serde(deserialize_with = "crate::wire::bytes")] pub [u8; 8]);

/// An Ed25519 public key of the cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PublicKey(#[serde(deserialize_with = "crate::wire::bytes")] pub [u8; 32]);

impl PublicKey {
    /// The key's name in blobs.
    pub fn id(&self) -> KeyId {
        let [a, b, c, d, e, f, g, h, ..] = Hash::of(&self.0);
        KeyId([a, b, c, d, e, f, g, h])
    }
}

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u8)]
pub enum KeyRole {
    /// Signs what is sent from day to day.
    Signing = 0,
    /// Lies in a safe and replaces a signing key that is lost or stolen.
    Recovery = 1,
}

/// The public keys a device obeys. Blobs signed with either are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Keys {
    /// The one for every day. It can replace itself, and can set a recovery key where there is none.
    pub signing: PublicKey,
    /// The one that can replace both.
    pub recovery: Option<PublicKey>,
}

impl Keys {
    /// Of a device that is not set up. It is a point of small order, and no signature counts as one under it.
    pub(crate) const NONE: Self = Self::only(PublicKey([0; 32]));

    /// A signing key, and none to replace it with when it is lost or stolen.
    pub const fn only(signing: PublicKey) -> Self {
        Self { signing, recovery: None }
    }

    /// A signing key, and the one that is kept for emergencies.
    pub const fn new(signing: PublicKey, recovery: PublicKey) -> Self {
        Self { signing, recovery: Some(recovery) }
    }

    /// The current key of that name, and its role.
    pub(crate) fn find(&self, id: KeyId) -> Option<(KeyRole, &PublicKey)> {
        let recovery = self.recovery.as_ref().map(|key| (KeyRole::Recovery, key));
        [Some((KeyRole::Signing, &self.signing)), recovery].into_iter().flatten().find(|(_, key)| key.id() == id)
    }

    /// Judges `change`, which was signed with the key of role `signer`.
    pub(crate) fn judge(&self, change: &KeyChange, signer: KeyRole) -> Result<(), Refusal> {
        let refused = |fault| Err(Refusal::Invalid(Invalid { part: Part::Keys, row: 0, fault }));
        // Who has stolen the signing key must not be able to take the safe away.
        let is_safe = change.role == KeyRole::Signing || signer == KeyRole::Recovery || self.recovery.is_none();
        if !is_safe {
            return refused(Fault::NotAllowed);
        }
        if !signature::is_usable(&change.key.0) {
            return refused(Fault::Range);
        }
        if change.key == self.signing || Some(change.key) == self.recovery {
            return refused(Fault::Duplicate);
        }
        Ok(())
    }

    /// Puts a key that has been judged in its place. Whether another is retired by that: the first recovery key takes nobody's.
    pub(crate) const fn change(&mut self, change: &KeyChange) -> bool {
        match change.role {
            KeyRole::Signing => {
                self.signing = change.key;
                true
            }
            KeyRole::Recovery => self.recovery.replace(change.key).is_some(),
        }
    }
}

/// What a key-change blob carries. The key it takes the place of is retired: nothing signed with that one is accepted any more.
///
/// One that replaces the signing key and is signed with the recovery key only has to follow what was signed with the recovery key before, and counting goes on from it:
/// a thief of the signing key may have used up all numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct KeyChange {
    /// Which key is replaced.
    pub role: KeyRole,
    /// The one in its place.
    pub key: PublicKey,
}

/// Whom a device believes, and what it must not believe again. Outlives every policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Trust {
    pub(crate) keys: Keys,
    /// The latest blob accepted, of whatever kind.
    pub(crate) latest: Option<Provenance>,
    /// The policy that decided when a key was last changed: it stands although the key it was signed with is retired.
    /// Nobody checks its signature again, so all of its head that matters is written down.
    pub(crate) vouched: Option<Provenance>,
    /// Policies up to this sequence decide no more: what was remembered under them is lost, or the key they were signed with is retired.
    pub(crate) forfeited: Option<u64>,
    /// The highest sequence accepted under the recovery key.
    pub(crate) recovered: Option<u64>,
}

impl Trust {
    pub(crate) const fn new(keys: Keys) -> Self {
        Self { keys, latest: None, vouched: None, forfeited: None, recovered: None }
    }

    /// A snapshot takes the place of another policy. If that was only vouched for, it does not come back, whatever happens to this one.
    pub(crate) fn supersede(&mut self, snapshot: &Provenance) {
        let vouched = self.vouched.take().map(|vouched| vouched.sequence);
        self.forfeited = self.forfeited.max(vouched.filter(|vouched| *vouched < snapshot.sequence));
    }
}
