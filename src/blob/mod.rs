//! Signed policies as they arrive: a head of fixed layout that is signed, then the policy itself in postcard.
//!
//! The head carries the policy's SHA-256, so one short signature covers everything and a device can judge the head before the rest has come.
//!
//! ```text
//! offset size
//!      0    4  "KHB1"
//!      4    1  format version, 1
//!      5    1  kind: 1 panel snapshot, 2 receiver snapshot (3 to 5 are reserved for patches and key changes)
//!      6    2  reserved, zero
//!      8    4  recipient: site or receiver id
//!     12    4  length of the policy in bytes
//!     16    8  sequence
//!     24    8  issued at, seconds since 1970
//!     32    8  expires at, seconds since 1970; 0x7fff_ffff_ffff_ffff never
//!     40    8  key id: the first 8 bytes of the SHA-256 of the public key
//!     48   32  SHA-256 of the policy
//!     80   64  Ed25519 signature of bytes 0..80
//!    144       the policy
//! ```
//!
//! All numbers are little-endian.

mod signature;
pub(crate) mod snapshot;

use core::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::engineer::SiteId;
use crate::policy::{Invalid, Part};
use crate::time::{Instant, Now};

/// The format version this library reads and writes.
pub const FORMAT_VERSION: u8 = 1;
/// Bytes before the policy.
pub const HEAD_LENGTH: usize = 144;
/// Bytes that are signed.
pub const SIGNED_LENGTH: usize = 80;

const MAGIC: [u8; 4] = *b"KHB1";

/// Offsets, in bytes from the start of the blob.
mod field {
    use core::ops::Range;
    pub(super) const MAGIC: Range<usize> = 0..4;
    pub(super) const VERSION: Range<usize> = 4..5;
    pub(super) const KIND: Range<usize> = 5..6;
    pub(super) const RESERVED: Range<usize> = 6..8;
    pub(super) const RECIPIENT: Range<usize> = 8..12;
    pub(super) const LENGTH: Range<usize> = 12..16;
    pub(super) const SEQUENCE: Range<usize> = 16..24;
    pub(super) const ISSUED: Range<usize> = 24..32;
    pub(super) const EXPIRES: Range<usize> = 32..40;
    pub(super) const KEY: Range<usize> = 40..48;
    pub(super) const DIGEST: Range<usize> = 48..80;
    pub(super) const SIGNED: Range<usize> = 0..super::SIGNED_LENGTH;
    pub(super) const SIGNATURE: Range<usize> = 80..super::HEAD_LENGTH;
}

/// What a blob carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u8)]
pub enum Kind {
    /// A panel's whole policy.
    PanelSnapshot = 1,
    /// A receiver's whole policy.
    ReceiverSnapshot = 2,
}

/// What the head of a blob says. Holding one proves nothing about who wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Head {
    /// What the blob carries.
    pub kind: Kind,
    /// The site or receiver it is for.
    pub recipient: SiteId,
    /// Rises with every blob for that recipient.
    pub sequence: u64,
    /// When it was made.
    pub issued_at: Instant,
    /// The first instant at which it may no longer be installed; [`Instant::LATEST`]: never.
    pub expires_at: Instant,
    /// The key it claims to be signed with.
    pub key: KeyId,
    /// SHA-256 of the policy.
    pub digest: PolicyDigest,
    /// Length of the policy in bytes.
    pub length: u32,
}

/// Names a public key: the first 8 bytes of its SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct KeyId(pub [u8; 8]);

/// SHA-256 of a policy's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PolicyDigest(pub [u8; 32]);

impl PolicyDigest {
    /// The digest of these bytes.
    pub fn of(policy: &[u8]) -> Self {
        Self(Sha256::digest(policy).into())
    }
}

/// An Ed25519 public key of the cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PublicKey(pub [u8; 32]);

impl PublicKey {
    /// The key's name in blobs.
    pub fn id(&self) -> KeyId {
        let digest: [u8; 32] = Sha256::digest(self.0).into();
        let [a, b, c, d, e, f, g, h, ..] = digest;
        KeyId([a, b, c, d, e, f, g, h])
    }
}

/// Why a blob was refused. Nothing is changed by a refused blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Refusal {
    /// Too short, or does not begin as a blob does, or is not as long as it says: fetch it again.
    NotABlob,
    /// A later format or an unknown kind: ask the cloud for version [`FORMAT_VERSION`].
    NewerFormat {
        /// The version it has.
        version: u8,
        /// The kind it has.
        kind: u8,
    },
    /// For another site or receiver, or for the other kind of device.
    WrongRecipient(SiteId),
    /// Signed with a key this device does not hold, or no longer.
    UnknownKey(KeyId),
    /// The signature or the digest is not right: it was altered, or never signed with that key.
    BadSignature,
    /// Its sequence is not above that of the installed policy.
    Stale {
        /// The sequence the device has.
        installed: u64,
    },
    /// It may no longer be installed: ask for a fresh one.
    Expired,
    /// More rows than this device was built for.
    DoesNotFit {
        /// In which part.
        part: Part,
        /// How many rows it has.
        rows: u32,
        /// How many fit.
        capacity: u16,
    },
    /// The policy breaks a validity rule.
    Invalid(Invalid),
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotABlob => formatter.write_str("not a whole blob: fetch it again"),
            Self::NewerFormat { version, kind } => {
                write!(formatter, "format {version}, kind {kind}, is not known here: ask the cloud for format {FORMAT_VERSION}")
            }
            Self::WrongRecipient(id) => write!(formatter, "made for {}, which is not this device: fetch this device's", id.0),
            Self::UnknownKey(_) => formatter.write_str("signed with a key that this device does not hold"),
            Self::BadSignature => formatter.write_str("altered after it was signed, or never signed with that key: fetch it again"),
            Self::Stale { installed } => write!(formatter, "not above sequence {installed}, which is installed: send a later one"),
            Self::Expired => formatter.write_str("too old to be installed: ask the cloud for a fresh one"),
            Self::DoesNotFit { part, rows, capacity } => {
                write!(formatter, "{rows} {} are more than the {capacity} this device has room for", part.text())
            }
            Self::Invalid(Invalid { part, row, fault }) => {
                write!(formatter, "row {row} of the {} {}", part.text(), fault.text())
            }
        }
    }
}

impl core::error::Error for Refusal {}

/// What became of a blob that was not refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Installed {
    /// Its policy decides from now on.
    Now,
    /// It is the one that decides already.
    Already,
}

/// The policy a device decides on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Provenance {
    /// Its blob's sequence.
    pub sequence: u64,
    /// Its digest.
    pub digest: PolicyDigest,
    /// When it was made.
    pub issued_at: Instant,
}

fn bytes<const N: usize>(blob: &[u8], field: core::ops::Range<usize>) -> Option<[u8; N]> {
    blob.get(field)?.try_into().ok()
}

impl Head {
    /// Reads the head of `blob`, without judging who wrote it.
    ///
    /// # Errors
    /// [`Refusal::NotABlob`] and [`Refusal::NewerFormat`].
    pub fn read(blob: &[u8]) -> Result<Self, Refusal> {
        Self::fields(blob).ok_or(Refusal::NotABlob)?
    }

    fn fields(blob: &[u8]) -> Option<Result<Self, Refusal>> {
        if bytes(blob, field::MAGIC)? != MAGIC {
            return None;
        }
        let [version] = bytes(blob, field::VERSION)?;
        let [kind] = bytes(blob, field::KIND)?;
        let newer = Some(Err(Refusal::NewerFormat { version, kind }));
        let kind = match (version, kind) {
            (FORMAT_VERSION, 1) => Kind::PanelSnapshot,
            (FORMAT_VERSION, 2) => Kind::ReceiverSnapshot,
            _ => return newer,
        };
        // The signature has to be there too, or it is no head.
        let _: [u8; 64] = bytes(blob, field::SIGNATURE)?;
        if bytes(blob, field::RESERVED)? != [0, 0] {
            return newer;
        }
        Some(Ok(Self {
            kind,
            recipient: SiteId(u32::from_le_bytes(bytes(blob, field::RECIPIENT)?)),
            sequence: u64::from_le_bytes(bytes(blob, field::SEQUENCE)?),
            issued_at: Instant(i64::from_le_bytes(bytes(blob, field::ISSUED)?)),
            expires_at: Instant(i64::from_le_bytes(bytes(blob, field::EXPIRES)?)),
            key: KeyId(bytes(blob, field::KEY)?),
            digest: PolicyDigest(bytes(blob, field::DIGEST)?),
            length: u32::from_le_bytes(bytes(blob, field::LENGTH)?),
        }))
    }

    /// The head for `policy`, the postcard bytes of a snapshot of that kind. With [`to_signed_bytes`](Self::to_signed_bytes) and a signature
    /// from wherever the private key is kept, this makes a blob.
    pub fn for_policy(
        kind: Kind,
        recipient: SiteId,
        sequence: u64,
        issued_at: Instant,
        expires_at: Instant,
        key: &PublicKey,
        policy: &[u8],
    ) -> Self {
        let length = policy.len() as u32;
        Self { kind, recipient, sequence, issued_at, expires_at, key: key.id(), digest: PolicyDigest::of(policy), length }
    }

    pub(crate) const fn provenance(&self) -> Provenance {
        Provenance { sequence: self.sequence, digest: self.digest, issued_at: self.issued_at }
    }

    /// The bytes to be signed. The blob is these, their signature, and the policy.
    pub fn to_signed_bytes(&self) -> [u8; SIGNED_LENGTH] {
        let mut signed = [0; SIGNED_LENGTH];
        let mut put = |field: core::ops::Range<usize>, bytes: &[u8]| {
            for (slot, byte) in signed.iter_mut().skip(field.start).zip(bytes) {
                *slot = *byte;
            }
        };
        put(field::MAGIC, &MAGIC);
        put(field::VERSION, &[FORMAT_VERSION]);
        put(field::KIND, &[self.kind as u8]);
        put(field::RECIPIENT, &self.recipient.0.to_le_bytes());
        put(field::LENGTH, &self.length.to_le_bytes());
        put(field::SEQUENCE, &self.sequence.to_le_bytes());
        put(field::ISSUED, &self.issued_at.0.to_le_bytes());
        put(field::EXPIRES, &self.expires_at.0.to_le_bytes());
        put(field::KEY, &self.key.0);
        put(field::DIGEST, &self.digest.0);
        signed
    }
}

/// Who a device is, for judging blobs.
pub(crate) struct Recipient<'a> {
    pub(crate) kind: Kind,
    pub(crate) id: SiteId,
    pub(crate) key: &'a PublicKey,
    pub(crate) installed: Option<&'a Provenance>,
}

/// A blob whose signature, recipient, sequence and freshness are right. What its policy says may still be invalid.
pub(crate) struct Authentic<'a> {
    pub(crate) head: Head,
    pub(crate) policy: &'a [u8],
}

/// Judges everything about `blob` but what its policy says. `None`: it is the one that is installed.
pub(crate) fn authenticate<'a>(blob: &'a [u8], recipient: &Recipient<'_>, now: Now) -> Result<Option<Authentic<'a>>, Refusal> {
    let head = Head::read(blob)?;
    let policy = blob.get(HEAD_LENGTH..).unwrap_or(&[]);
    if u32::try_from(policy.len()) != Ok(head.length) {
        return Err(Refusal::NotABlob);
    }
    if (head.kind, head.recipient) != (recipient.kind, recipient.id) {
        return Err(Refusal::WrongRecipient(head.recipient));
    }
    if head.key != recipient.key.id() {
        return Err(Refusal::UnknownKey(head.key));
    }
    if !is_signed(blob, recipient.key) || PolicyDigest::of(policy) != head.digest {
        return Err(Refusal::BadSignature);
    }
    if let Some(installed) = recipient.installed {
        if head.sequence == installed.sequence && head.digest == installed.digest {
            return Ok(None);
        }
        if head.sequence <= installed.sequence {
            return Err(Refusal::Stale { installed: installed.sequence });
        }
    }
    // At unknown time this is the highest reading seen: what had expired by then stays expired.
    if head.expires_at <= now.instant {
        return Err(Refusal::Expired);
    }
    Ok(Some(Authentic { head, policy }))
}

fn is_signed(blob: &[u8], key: &PublicKey) -> bool {
    let (Some(signed), Some(signature)) = (blob.get(field::SIGNED), bytes(blob, field::SIGNATURE)) else {
        return false;
    };
    signature::is_valid(&key.0, signed, &signature)
}
