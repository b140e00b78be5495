//! From rows, patches and orders to a signed blob, and to a file that is there wholly or not at all.

use std::fs::{Metadata, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use keyholder::blob::{ClockCorrection, Head, KeyChange, Kind, PolicyDigest, Provenance};
use keyholder::engineer::SiteId;
use keyholder::time::Instant;

use crate::complaint::Complaint;
use crate::key_file::Keys;
use crate::patch::{Patch, TooManyChanges};
use crate::snapshot::Rows;

/// What a blob's head says besides what follows from its policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// Rises with every blob for a device.
    pub sequence: u64,
    /// When it was made.
    pub issued_at: Instant,
    /// The first instant at which it may no longer be installed.
    pub expires_at: Instant,
}

impl Label {
    fn head(&self, kind: Kind, recipient: SiteId, keys: &Keys, content: &[u8]) -> Head {
        Head::for_content(kind, recipient, self.sequence, self.issued_at, self.expires_at, &keys.public(), content)
    }
}

fn signed(head: &Head, keys: &Keys, content: &[u8]) -> Vec<u8> {
    let signed = head.to_signed_bytes();
    [&signed[..], &keys.sign(&signed), content].concat()
}

/// The blob that carries `rows`.
///
/// # Errors
/// None that memory does not run out of.
pub fn seal(rows: &Rows, keys: &Keys, label: &Label) -> postcard::Result<Vec<u8>> {
    let policy = rows.encode()?;
    Ok(signed(&label.head(rows.kind(), rows.recipient(), keys, &policy), keys, &policy))
}

/// A policy that a device has, for a patch to change.
#[derive(Clone, Debug, PartialEq)]
pub struct Base {
    /// Its rows.
    pub rows: Rows,
    /// Where it came from.
    pub provenance: Provenance,
}

impl Base {
    /// The policy that a snapshot of `rows` with that sequence makes.
    ///
    /// # Errors
    /// None that memory does not run out of.
    pub fn of_snapshot(rows: Rows, sequence: u64) -> postcard::Result<Self> {
        let digest = PolicyDigest::of(&rows.encode()?);
        Ok(Self { rows, provenance: Provenance { sequence, digest, issued_at: Instant(0) } })
    }

    /// The policy that a snapshot blob with that head and content makes. `None`: it is another kind of blob, or has been altered.
    pub fn of_blob(head: &Head, content: &[u8]) -> Option<Self> {
        let rows = Rows::decode(head.kind, content).filter(|_| PolicyDigest::of(content) == head.digest)?;
        Some(Self { rows, provenance: head.provenance() })
    }

    /// The policy after a patch with that head and content. `None`: it is no patch of this policy, or has been altered.
    pub fn patched(&self, head: &Head, content: &[u8]) -> Option<Self> {
        let is_next = head.base == self.provenance.sequence && self.provenance.digest.patched(content) == head.digest;
        let patch = Patch::decode(head.kind, content).filter(|_| is_next)?;
        Some(Self { rows: patch.apply(&self.rows)?, provenance: head.provenance() })
    }
}

/// Why there is no patch from one policy to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPatch {
    /// One is a panel's, the other a receiver's.
    OtherKind,
    /// For another site or receiver.
    OtherRecipient {
        /// The base's.
        base: SiteId,
        /// That of the policy to be sealed.
        own: SiteId,
    },
    /// Too much has changed.
    TooMany(TooManyChanges),
    /// Its sequence is not above the base's, or too far above.
    Distance {
        /// The base's.
        base: u64,
    },
}

impl NoPatch {
    /// What is wrong, and what to do.
    pub fn explain(&self) -> (String, String) {
        match self {
            Self::OtherKind => (
                "one of the two policies is a panel's, the other a receiver's".to_owned(),
                "give the policy that this device has".to_owned(),
            ),
            Self::OtherRecipient { base: SiteId(base), own: SiteId(own) } => (
                format!("the policy to be patched is that of {base}, and this one that of {own}"),
                "give the policy that this device has".to_owned(),
            ),
            Self::TooMany(changes) => (changes.to_string(), "seal a snapshot: leave out `--patch`".to_owned()),
            Self::Distance { base } => {
                let last = base.saturating_add(u64::from(u16::MAX));
                let hint =
                    format!("give a `--sequence` from {} to {last}, or seal a snapshot: leave out `--patch`", base.saturating_add(1));
                (format!("a patch of sequence {base} has a sequence that is 1 to 65535 above"), hint)
            }
        }
    }
}

/// The blob that makes `rows` of the policy `base`, with what changes and nothing more.
///
/// # Errors
/// There is no such patch.
pub fn seal_patch(base: &Base, rows: &Rows, keys: &Keys, label: &Label) -> Result<Vec<u8>, NoPatch> {
    let patch = Patch::between(&base.rows, rows).ok_or(NoPatch::OtherKind)?;
    let (of_base, own) = (base.rows.recipient(), rows.recipient());
    if of_base != own {
        return Err(NoPatch::OtherRecipient { base: of_base, own });
    }
    let content = patch.encode().map_err(NoPatch::TooMany)?;
    let head = label.head(patch.kind(), rows.recipient(), keys, &[]).patching(patch.kind(), &base.provenance, &content);
    let head = head.ok_or(NoPatch::Distance { base: base.provenance.sequence })?;
    Ok(signed(&head, keys, &content))
}

/// The blob that changes a key of `recipient`, signed with `keys`.
///
/// # Errors
/// None that memory does not run out of.
pub fn seal_key_change(change: &KeyChange, recipient: SiteId, keys: &Keys, label: &Label) -> postcard::Result<Vec<u8>> {
    let content = postcard::to_allocvec(change)?;
    Ok(signed(&label.head(Kind::KeyChange, recipient, keys, &content), keys, &content))
}

/// The blob that puts the clock of `recipient` right: the time is that of the label.
///
/// # Errors
/// None that memory does not run out of.
pub fn seal_clock_correction(correction: &ClockCorrection, recipient: SiteId, keys: &Keys, label: &Label) -> postcard::Result<Vec<u8>> {
    let content = postcard::to_allocvec(correction)?;
    Ok(signed(&label.head(Kind::ClockCorrection, recipient, keys, &content), keys, &content))
}

/// Puts `bytes` into the file at `path`: whatever happens, it has the old contents or the new. A file that is there keeps its mode, a
/// symbolic link leads where it led.
///
/// # Errors
/// The file cannot be written, or what stands there is none; it is as before.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Complaint> {
    let failed = |error| Complaint::of_io(path, "written", &error);
    let there = standing(path)?;
    // A rename would replace a link, not the file it leads to.
    let target = if there.is_some() { path.canonicalize().map_err(failed)? } else { path.to_owned() };
    let beside = beside(&target);
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&beside)
        .and_then(|mut file| {
            // First, for nobody is to read meanwhile what they may not read afterwards.
            there.map_or(Ok(()), |there| file.set_permissions(there.permissions()))?;
            file.write_all(bytes).and_then(|()| file.sync_all())
        })
        .and_then(|()| std::fs::rename(&beside, &target));
    written.map_err(|error| {
        // It is the first error that counts; a file that cannot be removed was never made.
        _ = std::fs::remove_file(&beside);
        failed(error)
    })
}

/// The file that stands at `path`, or that a link there leads to. A device or pipe is no file to be replaced.
fn standing(path: &Path) -> Result<Option<Metadata>, Complaint> {
    let is_link = std::fs::symlink_metadata(path).is_ok_and(|there| there.is_symlink());
    match std::fs::metadata(path) {
        Ok(there) if there.is_file() => Ok(Some(there)),
        Ok(_) => Err(Complaint::about(path, "what stands there is no file", "give a file's name")),
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Complaint::of_io(path, "written", &error)),
        Err(_) if is_link => Err(Complaint::about(path, "this symbolic link leads to no file", "give a file's name")),
        Err(_) => Ok(None),
    }
}

/// A name in the same directory, for only there a rename is atomic.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    path.with_file_name(format!(".{name}.{}.part", std::process::id()))
}
