//! What is sent to a device, by the cloud and by others.

use ed25519_dalek::{Signer, SigningKey};
use keyholder::blob::{ClockCorrection, Head, KeyChange, KeyRole, Kind, Provenance};
use keyholder::engineer::{EngineerId, GrantId, SiteId};
use keyholder::policy::Part;
use keyholder::time::Instant;

use crate::sample::{AccessRows, NOON, PanelRows, ReceiverRows, SITE, encode, key_of, panel_rows, receiver_rows};

/// The key for every day.
pub(crate) use crate::sample::cloud as signing;

/// The key in the safe.
pub(crate) fn recovery() -> SigningKey {
    SigningKey::from_bytes(&[2; 32])
}

/// The signing key after the first.
pub(crate) fn successor() -> SigningKey {
    SigningKey::from_bytes(&[3; 32])
}

/// Somebody else's.
pub(crate) fn stranger() -> SigningKey {
    SigningKey::from_bytes(&[66; 32])
}

/// Two policies that differ in one thing: whether engineer 41 may change settings at the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edition {
    Grants,
    Withdraws,
}

/// What kind of device a blob is for, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Addressee {
    pub(crate) is_panel: bool,
    pub(crate) id: SiteId,
}

impl Addressee {
    pub(crate) fn snapshot_kind(self) -> Kind {
        if self.is_panel { Kind::PanelSnapshot } else { Kind::ReceiverSnapshot }
    }

    pub(crate) fn patch_kind(self) -> Kind {
        if self.is_panel { Kind::PanelPatch } else { Kind::ReceiverPatch }
    }

    /// The content of a snapshot.
    pub(crate) fn policy(self, edition: Edition) -> Vec<u8> {
        let edit = |access: AccessRows| {
            let mut access = access;
            for authorisation in &mut access.authorisations {
                authorisation.image = Some(keyholder::firmware::ImageDigest([3; 32]));
            }
            if edition == Edition::Withdraws {
                access.grants.retain(|grant| grant.engineer != EngineerId(41));
            }
            access
        };
        if self.is_panel {
            self.panel_policy(PanelRows { access: edit(panel_rows().access), ..panel_rows() })
        } else {
            let mut rows = ReceiverRows { access: edit(receiver_rows().access), ..receiver_rows() };
            rows.head.id = self.id;
            rows.encode()
        }
    }

    /// The content of a snapshot for this panel.
    pub(crate) fn panel_policy(self, mut rows: PanelRows) -> Vec<u8> {
        rows.site.id = self.id;
        rows.access.sites[0].id = self.id;
        for grant in &mut rows.access.grants {
            grant.site = self.id;
        }
        rows.encode()
    }

    pub(crate) fn letter(self, kind: Kind, sequence: u64) -> Letter {
        Letter { kind, recipient: self.id, sequence, issued_at: NOON, expires_at: Instant::LATEST }
    }

    /// A snapshot, signed with the key for every day.
    pub(crate) fn snapshot(self, sequence: u64, edition: Edition) -> Vec<u8> {
        self.snapshot_by(&signing(), sequence, edition)
    }

    /// A snapshot, signed with some key.
    pub(crate) fn snapshot_by(self, by: &SigningKey, sequence: u64, edition: Edition) -> Vec<u8> {
        self.letter(self.snapshot_kind(), sequence).sealed(by, &self.policy(edition))
    }

    /// A patch with that content, signed with the key for every day.
    pub(crate) fn patch(self, sequence: u64, base: &Provenance, patch: &[u8]) -> Vec<u8> {
        self.letter(self.patch_kind(), sequence).patch(&signing(), base, patch)
    }

    pub(crate) fn key_change(self, sequence: u64, role: KeyRole, key: &SigningKey, by: &SigningKey) -> Vec<u8> {
        self.letter(Kind::KeyChange, sequence).sealed(by, &encode(&KeyChange { role, key: key_of(key) }))
    }

    /// An order to take `to` for the time, if the device's highest reading is `floor`.
    pub(crate) fn clock_correction(self, sequence: u64, floor: Instant, to: Instant) -> Vec<u8> {
        Letter { issued_at: to, ..self.letter(Kind::ClockCorrection, sequence) }.sealed(&signing(), &encode(&ClockCorrection { floor }))
    }
}

/// What the head of a blob says.
#[derive(Clone, Copy)]
pub(crate) struct Letter {
    pub(crate) kind: Kind,
    pub(crate) recipient: SiteId,
    pub(crate) sequence: u64,
    pub(crate) issued_at: Instant,
    pub(crate) expires_at: Instant,
}

impl Letter {
    fn head(self, by: &SigningKey, content: &[u8]) -> Head {
        Head::for_content(self.kind, self.recipient, self.sequence, self.issued_at, self.expires_at, &key_of(by), content)
    }

    pub(crate) fn sealed(self, by: &SigningKey, content: &[u8]) -> Vec<u8> {
        assemble(&self.head(by, content), by, content)
    }

    pub(crate) fn patch(self, by: &SigningKey, base: &Provenance, patch: &[u8]) -> Vec<u8> {
        assemble(&self.head(by, patch).patching(self.kind, base, patch).unwrap(), by, patch)
    }
}

/// The blob with that head, signed by `by` whatever key the head names.
pub(crate) fn assemble(head: &Head, by: &SigningKey, content: &[u8]) -> Vec<u8> {
    let signed = head.to_signed_bytes();
    [&signed[..], &by.sign(&signed).to_bytes(), content].concat()
}

/// The content of a patch that takes engineer 41 the grant away.
pub(crate) fn withdrawing() -> Vec<u8> {
    [encode(&(Part::Grants as u8 | 0x40)), encode(&&[(EngineerId(41), SITE, GrantId(901))][..])].concat()
}

/// The content of a patch that puts these rows into a part.
pub(crate) fn putting<Row: serde::Serialize>(part: Part, rows: &[Row]) -> Vec<u8> {
    [encode(&(part as u8)), encode(&rows)].concat()
}
