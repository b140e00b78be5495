//! From rows to a signed blob, and to a file that is there wholly or not at all.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use keyholder::blob::Head;
use keyholder::time::Instant;

use crate::complaint::Complaint;
use crate::key_file::Keys;
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

/// The blob that carries `rows`.
///
/// # Errors
/// None that memory does not run out of.
pub fn seal(rows: &Rows, keys: &Keys, label: &Label) -> postcard::Result<Vec<u8>> {
    let policy = rows.encode()?;
    let head = Head::for_policy(rows.kind(), rows.recipient(), label.sequence, label.issued_at, label.expires_at, &keys.public(), &policy);
    let signed = head.to_signed_bytes();
    Ok([&signed[..], &keys.sign(&signed), &policy].concat())
}

/// Puts `bytes` into the file at `path`: whatever happens, it has the old contents or the new.
///
/// # Errors
/// The file cannot be written; it is as before.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Complaint> {
    let beside = beside(path);
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|error| {
        // It is the first error that counts; a file that cannot be removed was never made.
        _ = std::fs::remove_file(&beside);
        Complaint::of_io(path, "written", &error)
    })
}

/// A name in the same directory, for only there a rename is atomic.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    path.with_file_name(format!(".{name}.{}.part", std::process::id()))
}
