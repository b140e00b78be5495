//! What a device is given in the factory: whose device it is, and its keys. It lies in the first page of the flash and never changes.
//!
//! ```text
//! offset  size
//!      0     4  "KHID"
//!      4     4  site or receiver id
//!      8    32  the public key that signs its policies
//!     40    32  the public key that may replace that one; zeros: none
//!     72    32  the key under which its codes are digested; zeros on a receiver
//!    104     4  system of the keypad, 1..=8
//!    108     4  areas of the keypad, a bit each; 0: those the site has in that system
//!    112     4  CRC-32 of the 112 bytes before
//! ```

use keyholder::place::SYSTEMS;

use crate::fields::Fields;
use crate::frame::check_sum;

/// Bytes it takes.
pub const LENGTH: usize = 116;
const MAGIC: [u8; 4] = *b"KHID";

/// Whose device it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The site or receiver.
    pub id: u32,
    /// The public key that signs its policies.
    pub signing: [u8; 32],
    /// The public key that may replace that one, if there is one.
    pub recovery: Option<[u8; 32]>,
    /// The key under which its codes are digested.
    pub code: [u8; 32],
    /// The system of the keypad.
    pub system: u8,
    /// The areas that the keypad opens and closes; 0: those the site has in that system.
    pub areas: u32,
}

impl Identity {
    /// The identity in these bytes. `None`: there is none, or not a whole one.
    pub fn read(bytes: &[u8; LENGTH]) -> Option<Self> {
        let (covered, sum) = bytes.split_last_chunk::<4>()?;
        if check_sum(covered) != u32::from_le_bytes(*sum) {
            return None;
        }
        let mut fields = Fields::of(covered);
        if fields.bytes()? != MAGIC {
            return None;
        }
        let (id, signing, recovery, code) = (fields.u32()?, fields.bytes()?, fields.bytes()?, fields.bytes()?);
        let recovery = (recovery != [0; 32]).then_some(recovery);
        let system = u8::try_from(fields.u32()?).ok().filter(|system| (1..=SYSTEMS).contains(&usize::from(*system)))?;
        Some(Self { id, signing, recovery, code, system, areas: fields.u32()? })
    }

    /// The bytes of it.
    pub fn to_bytes(&self) -> [u8; LENGTH] {
        let mut bytes = [0; LENGTH];
        let numbers = [self.id, u32::from(self.system), self.areas].map(u32::to_le_bytes);
        let [id, system, areas] = &numbers;
        let recovery = self.recovery.unwrap_or_default();
        let parts: [&[u8]; 7] = [&MAGIC, id, &self.signing, &recovery, &self.code, system, areas];
        let mut sum = [0; 4];
        if let Some((covered, _)) = bytes.split_last_chunk_mut::<4>() {
            for (slot, byte) in covered.iter_mut().zip(parts.into_iter().flatten()) {
                *slot = *byte;
            }
            sum = check_sum(covered).to_le_bytes();
        }
        if let Some((_, last)) = bytes.split_last_chunk_mut::<4>() {
            *last = sum;
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_reads_as_it_was_written_and_no_bit_may_flip() {
        let identity = Identity { id: 17, signing: [1; 32], recovery: Some([2; 32]), code: [3; 32], system: 1, areas: 3 };
        let bytes = identity.to_bytes();
        assert!(Identity::read(&bytes) == Some(identity));
        for bit in 0..LENGTH * 8 {
            let mut altered = bytes;
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(Identity::read(&altered).is_none(), "bit {bit}");
        }
        assert!(Identity::read(&[0xff; LENGTH]).is_none(), "erased flash");
        for system in [0, 9, u8::MAX] {
            assert!(Identity::read(&Identity { system, ..identity }.to_bytes()).is_none(), "system {system}");
        }
    }
}
