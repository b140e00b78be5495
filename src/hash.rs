//! SHA-256, of which there is to be one in a firmware: the library's is inlined wherever something is hashed.

use sha2::{Digest as _, Sha256};

/// A digest of what comes piece by piece.
pub(crate) struct Hash(Sha256);

impl Hash {
    pub(crate) fn new() -> Self {
        Self(Sha256::new())
    }

    /// The digest of `bytes`.
    pub(crate) fn of(bytes: &[u8]) -> [u8; 32] {
        let mut hash = Self::new();
        hash.take(bytes);
        hash.end()
    }

    #[inline(never)]
    pub(crate) fn take(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    #[inline(never)]
    pub(crate) fn end(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}
