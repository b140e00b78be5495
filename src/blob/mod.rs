//! What the cloud sends: a head of fixed layout that is signed, then the content in postcard.
//!
//! The head carries the content's SHA-256, so one short signature covers everything and a device can judge the head before the rest has come.
//!
//! ```text
//! offset size
//!      0    4  "KHB1"
//!      4    1  format version, 1
//!      5    1  kind: 1 panel snapshot, 2 receiver snapshot, 3 panel patch, 4 receiver patch, 5 key change, 6 clock correction
//!      6    2  of a patch: its sequence less that of its base; zero otherwise
//!      8    4  recipient: site or receiver id
//!     12    4  length of the content in bytes
//!     16    8  sequence
//!     24    8  issued at, seconds since 1970
//!     32    8  expires at, seconds since 1970; 0x7fff_ffff_ffff_ffff never
//!     40    8  key id: the first 8 bytes of the SHA-256 of the public key
//!     48   32  SHA-256 of the content; of a patch: of its base's digest and the content
//!     80   64  Ed25519 signature of bytes 0..80
//!    144       the content
//! ```
//!
//! All numbers are little-endian.

pub(crate) mod bytes;
pub(crate) mod judge;
pub(crate) mod parts;
mod rows;
mod signature;
mod trust;

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::blob::bytes::{Bytes, WINDOW, copy_to, for_each_window};
use crate::device::inside::Subject;
use crate::engineer::SiteId;
use crate::hash::Hash;
use crate::policy::{Fault, Invalid, Part};
use crate::time::{Instant, Now};
use crate::wire::Reader;

pub(crate) use trust::Trust;
pub use trust::{KeyChange, KeyId, KeyRole, Keys, PublicKey};

/// The format version this library reads and writes.
pub const FORMAT_VERSION: u8 = 1;
/// Bytes before the content.
pub const HEAD_LENGTH: usize = 144;
/// Bytes that are signed.
pub const SIGNED_LENGTH: usize = 80;
/// Longest content of a blob that changes no policy: a key change or a clock correction.
pub(crate) const ORDER_LENGTH: usize = 48;

const MAGIC: [u8; 4] = *b"KHB1";

/// Offsets, in bytes from the start of the blob.
mod field {
    use core::ops::Range;
    pub(super) const MAGIC: Range<usize> = 0..4;
    pub(super) const VERSION: Range<usize> = 4..5;
    pub(super) const KIND: Range<usize> = 5..6;
    pub(super) const DISTANCE: Range<usize> = 6..8;
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u8)]
pub enum Kind {
    /// A panel's whole policy.
    PanelSnapshot = 1,
    /// A receiver's whole policy.
    ReceiverSnapshot = 2,
    /// What has changed in a panel's policy.
    PanelPatch = 3,
    /// What has changed in a receiver's policy.
    ReceiverPatch = 4,
    /// A [`KeyChange`].
    KeyChange = 5,
    /// A [`ClockCorrection`].
    ClockCorrection = 6,
}

impl Kind {
    const ALL: [Self; 6] =
        [Self::PanelSnapshot, Self::ReceiverSnapshot, Self::PanelPatch, Self::ReceiverPatch, Self::KeyChange, Self::ClockCorrection];

    /// Whether it changes a policy that is there already.
    pub const fn is_patch(self) -> bool {
        matches!(self, Self::PanelPatch | Self::ReceiverPatch)
    }

    /// Whether it is about the policy at all.
    pub const fn is_policy(self) -> bool {
        !matches!(self, Self::KeyChange | Self::ClockCorrection)
    }

    /// Whether such a device takes it.
    const fn is_for(self, device: DeviceKind) -> bool {
        match device {
            DeviceKind::Panel => !matches!(self, Self::ReceiverSnapshot | Self::ReceiverPatch),
            DeviceKind::Receiver => !matches!(self, Self::PanelSnapshot | Self::PanelPatch),
        }
    }
}

/// The two devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeviceKind {
    Panel,
    Receiver,
}

/// What a clock-correction blob carries: the device's highest clock reading was wrong, and the head's "issued at" is a better one.
///
/// It holds only for a device whose floor is still that very reading. So it cannot be kept back and used against a clock that has been put right.
/// Its head must not expire before that reading: a device that takes it for the time would refuse it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ClockCorrection {
    /// The wrong reading, as the device has told it.
    pub floor: Instant,
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
    /// The sequence of the policy that a patch changes; of other kinds 0.
    pub base: u64,
    /// When it was made.
    pub issued_at: Instant,
    /// The first instant at which it may no longer be installed; [`Instant::LATEST`]: never.
    pub expires_at: Instant,
    /// The key it claims to be signed with.
    pub key: KeyId,
    /// SHA-256 of the content; of a patch, of its base's digest and the content.
    pub digest: PolicyDigest,
    /// Length of the content in bytes.
    pub length: u32,
}

/// Tells a policy from every other: the SHA-256 of a snapshot's bytes, and after a patch that of the digest before and the patch's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PolicyDigest(#[serde(deserialize_with = "crate::wire::bytes")] pub [u8; 32]);

impl PolicyDigest {
    /// The digest of a blob's content other than a patch.
    pub fn of(content: &[u8]) -> Self {
        Self(Hash::of(content))
    }

    /// The digest of the policy that `patch` makes of this one.
    pub fn patched(&self, patch: &[u8]) -> Self {
        let mut hash = Hash::new();
        hash.take(&self.0);
        hash.take(patch);
        Self(hash.end())
    }

    /// The digest of what follows the head in `blob`, on the policy `base` if it is a patch. `None`: it could not be read.
    fn of_content(blob: &dyn Bytes, base: Option<&Self>) -> Option<Self> {
        let mut hash = Hash::new();
        if let Some(base) = base {
            hash.take(&base.0);
        }
        for_each_window(blob, HEAD_LENGTH as u32, |window| hash.take(window)).then(|| Self(hash.end()))
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
    /// Its sequence is not above that of the latest blob accepted.
    Stale {
        /// The latest sequence the device has accepted.
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
    /// A patch of another policy than the one that decides: send a snapshot, or the patches in between.
    OtherBase {
        /// The sequence of the policy that decides; 0 if none does.
        installed: u64,
    },
    /// Longer than the flash has room for. After a patch: send a snapshot.
    TooLong {
        /// The longest that would fit now, in bytes.
        room: u32,
    },
    /// The flash could not be written or read. What the blob says may count already, but for a loss of power: send it again until it is installed (now or already). If
    /// that fails too, the device needs service.
    NotKept,
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
            Self::OtherBase { installed } => {
                write!(formatter, "a patch of another policy than sequence {installed}, which decides: send a snapshot")
            }
            Self::TooLong { room } => write!(formatter, "longer than the {room} bytes there is room for: after a patch, send a snapshot"),
            Self::NotKept => {
                formatter.write_str("the flash did not keep it: send it again, and have the device looked at if that fails too")
            }
        }
    }
}

impl core::error::Error for Refusal {}

/// What became of a blob that was not refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Installed {
    /// What it says holds from now on.
    Now,
    /// It has been installed before, and nothing has changed.
    Already,
}

/// Where a policy, or whatever else was accepted, comes from.
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

/// Bytes of one field.
fn bytes<const N: usize>(head: &[u8], field: core::ops::Range<usize>) -> Option<[u8; N]> {
    head.get(field)?.try_into().ok()
}

impl Head {
    /// Reads the head of `blob`, without judging who wrote it. The first [`HEAD_LENGTH`] bytes are enough.
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
        let Some(kind) = Kind::ALL.into_iter().find(|known| version == FORMAT_VERSION && *known as u8 == kind) else { return newer };
        // The signature has to be there too, or it is no head.
        let _: [u8; 64] = bytes(blob, field::SIGNATURE)?;
        let distance = u64::from(u16::from_le_bytes(bytes(blob, field::DISTANCE)?));
        let sequence = u64::from_le_bytes(bytes(blob, field::SEQUENCE)?);
        if kind.is_patch() == (distance == 0) || distance > sequence {
            return newer;
        }
        Some(Ok(Self {
            kind,
            recipient: SiteId(u32::from_le_bytes(bytes(blob, field::RECIPIENT)?)),
            sequence,
            base: if kind.is_patch() { sequence - distance } else { 0 },
            issued_at: Instant(i64::from_le_bytes(bytes(blob, field::ISSUED)?)),
            expires_at: Instant(i64::from_le_bytes(bytes(blob, field::EXPIRES)?)),
            key: KeyId(bytes(blob, field::KEY)?),
            digest: PolicyDigest(bytes(blob, field::DIGEST)?),
            length: u32::from_le_bytes(bytes(blob, field::LENGTH)?),
        }))
    }

    /// The head for `content`, the postcard bytes of a snapshot, key change or clock correction. With
    /// [`to_signed_bytes`](Self::to_signed_bytes) and a signature from wherever the private key is kept, this makes a blob.
    pub fn for_content(
        kind: Kind,
        recipient: SiteId,
        sequence: u64,
        issued_at: Instant,
        expires_at: Instant,
        key: &PublicKey,
        content: &[u8],
    ) -> Self {
        let length = content.len() as u32;
        Self { kind, recipient, sequence, base: 0, issued_at, expires_at, key: key.id(), digest: PolicyDigest::of(content), length }
    }

    /// This head for a patch of `kind` with the content `patch`, on the policy `base`. `None`: the sequence is not above the base's, or more than 65,535 above.
    pub fn patching(self, kind: Kind, base: &Provenance, patch: &[u8]) -> Option<Self> {
        let distance = self.sequence.checked_sub(base.sequence)?;
        let is_patch = kind.is_patch() && (1..=u64::from(u16::MAX)).contains(&distance);
        is_patch.then(|| Self { kind, base: base.sequence, digest: base.digest.patched(patch), length: patch.len() as u32, ..self })
    }

    /// What a device that accepts the blob remembers of it.
    pub const fn provenance(&self) -> Provenance {
        Provenance { sequence: self.sequence, digest: self.digest, issued_at: self.issued_at }
    }

    /// Bytes of the whole blob.
    pub(crate) const fn blob_length(&self) -> u32 {
        self.length.saturating_add(HEAD_LENGTH as u32)
    }

    /// The bytes to be signed. The blob is these, their signature, and the content.
    pub fn to_signed_bytes(&self) -> [u8; SIGNED_LENGTH] {
        let mut signed = [0; SIGNED_LENGTH];
        let mut put = |field: core::ops::Range<usize>, bytes: &[u8]| copy_to(&mut signed, field.start, bytes);
        let distance = if self.kind.is_patch() { self.sequence.wrapping_sub(self.base) as u16 } else { 0 };
        put(field::MAGIC, &MAGIC);
        put(field::VERSION, &[FORMAT_VERSION]);
        put(field::KIND, &[self.kind as u8]);
        put(field::DISTANCE, &distance.to_le_bytes());
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

/// Who a device is and what it has, for judging blobs.
pub(crate) struct Recipient<'a> {
    pub(crate) kind: DeviceKind,
    pub(crate) subject: &'a Subject,
}

/// Reads the head of a blob wherever it is.
pub(crate) fn read_head(blob: &dyn Bytes) -> Result<(Head, [u8; HEAD_LENGTH]), Refusal> {
    let mut head = [0; HEAD_LENGTH];
    let mut read = 0;
    while read < HEAD_LENGTH {
        let mut buffer = [0; WINDOW];
        let window = blob.window(read as u32, &mut buffer);
        if window.is_empty() {
            break;
        }
        copy_to(&mut head, read, window);
        read = read.saturating_add(window.len());
    }
    let whole = head.get(..read.min(HEAD_LENGTH)).unwrap_or(&[]);
    Ok((Head::read(whole)?, head))
}

impl Recipient<'_> {
    /// Whether a blob is for this device at all.
    pub(crate) fn takes(&self, head: &Head) -> bool {
        head.kind.is_for(self.kind) && head.recipient == self.subject.id
    }

    /// Judges a head, and whether `blob` has the content that it names if that has come: who has signed what it says about itself, and that it comes at the
    /// right time. `None`: it has been installed before.
    pub(crate) fn authenticate(
        &self,
        head: &Head,
        bytes: &[u8; HEAD_LENGTH],
        blob: Option<&dyn Bytes>,
        now: Now,
    ) -> Result<Option<KeyRole>, Refusal> {
        if blob.is_some_and(|blob| blob.length() != head.blob_length()) {
            return Err(Refusal::NotABlob);
        }
        let matches = |base| blob.is_none_or(|blob| is_content_of(head, blob, base));
        if !self.takes(head) {
            return Err(Refusal::WrongRecipient(head.recipient));
        }
        let Subject { trust, installed, .. } = self.subject;
        let Some((signer, key)) = trust.keys.find(head.key) else { return Err(Refusal::UnknownKey(head.key)) };
        if !is_signed(bytes, key) {
            return Err(Refusal::BadSignature);
        }
        // Of a patch the digest can only be told once the base is known to be right.
        if !head.kind.is_patch() && !matches(None) {
            return Err(Refusal::BadSignature);
        }
        let is_same = |held: Option<&Provenance>| held.is_some_and(|held| (held.sequence, held.digest) == (head.sequence, head.digest));
        let latest = trust.latest.as_ref();
        let is_latest = is_same(latest);
        if is_same(installed.as_ref()) || (is_latest && !head.kind.is_policy()) {
            return Ok(None);
        }
        let passed = if head.kind == Kind::KeyChange && signer == KeyRole::Recovery {
            // Who has stolen the signing key can use up all its numbers. That must not keep the key from being replaced.
            trust.recovered
        } else {
            // The latest one itself comes again when a device has lost it and decides on an older policy.
            trust.forfeited.max(latest.filter(|_| !is_latest).map(|latest| latest.sequence))
        };
        if let Some(installed) = passed.filter(|passed| head.sequence <= *passed) {
            return Err(Refusal::Stale { installed });
        }
        if head.kind.is_patch() {
            let Some(base) = installed.filter(|installed| installed.sequence == head.base) else {
                return Err(Refusal::OtherBase { installed: installed.map_or(0, |installed| installed.sequence) });
            };
            if !matches(Some(&base.digest)) {
                return Err(Refusal::BadSignature);
            }
        }
        // At unknown time this is the highest reading seen: what had expired by then stays expired.
        if head.expires_at <= now.instant {
            return Err(Refusal::Expired);
        }
        Ok(Some(signer))
    }
}

/// What a key change or a clock correction says.
pub(crate) fn order<T: serde::de::DeserializeOwned>(blob: &dyn Bytes, part: Part) -> Result<T, Refusal> {
    let refused = |fault| Refusal::Invalid(Invalid { part, row: 0, fault });
    let mut buffer = [0; WINDOW];
    let content = blob.window(HEAD_LENGTH as u32, &mut buffer);
    let mut reader = Reader::of(content);
    let order = reader.take().ok_or(refused(Fault::Encoding))?;
    if reader.rest().is_empty() { Ok(order) } else { Err(refused(Fault::TrailingBytes)) }
}

/// Whether the head of a stored blob is signed with one of `keys`.
pub(crate) fn is_signed_with(head: &Head, bytes: &[u8; HEAD_LENGTH], keys: &Keys) -> bool {
    keys.find(head.key).is_some_and(|(_, key)| is_signed(bytes, key))
}

/// Whether `blob` has the content that its head names, on the policy `base`.
pub(crate) fn is_content_of(head: &Head, blob: &dyn Bytes, base: Option<&PolicyDigest>) -> bool {
    blob.length() == head.blob_length() && PolicyDigest::of_content(blob, base) == Some(head.digest)
}

fn is_signed(head: &[u8; HEAD_LENGTH], key: &PublicKey) -> bool {
    let (Some(signed), Some(signature)) = (head.get(field::SIGNED), bytes(head, field::SIGNATURE)) else {
        return false;
    };
    signature::is_valid(&key.0, signed, &signature)
}
