//! What the factory does: a flash with nothing in it but the device's identity.

use std::fs;
use std::path::Path;

use keyholder_line::identity::Identity;

use crate::{Outcome, at};

/// Bytes of the emulated flash that keep the identity, two policies and the ledger.
pub const FLASH: usize = 128 * 1024;

/// Writes an erased flash with this identity.
///
/// # Errors
/// The file cannot be written.
pub fn write_flash(path: &Path, identity: &Identity) -> Outcome<()> {
    let mut bytes = vec![0xff; FLASH];
    bytes.iter_mut().zip(identity.to_bytes()).for_each(|(slot, byte)| *slot = byte);
    fs::write(path, bytes).map_err(at(path.display()))
}
