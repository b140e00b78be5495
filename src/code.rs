//! Codes, passcodes, and finding whose they are.
//!
//! A code is never stored: the policy holds HMAC-SHA-256 digests under a key that only the site's devices and its cloud have. Finding the owner
//! costs one digest and a comparison with every slot; neither branches nor addresses depend on the code or on which slot matched.

use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::contact::UserNumber;
use crate::mask::{Maskable, settled};

/// Longest passcode, in bytes.
pub const LONGEST_PASSCODE: usize = 32;
/// Shortest and longest code, in digits.
pub const CODE_DIGITS: core::ops::RangeInclusive<usize> = 4..=8;

/// What separates the digest of a code from that of a passcode.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Kind {
    Code = 1,
    Passcode = 2,
}

/// Digits typed at a keypad.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Code(Typed);

/// A verbal passcode, told to an operator.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Passcode(Typed);

/// What was typed, padded with zero bytes so that its digest always costs the same.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Typed {
    #[zeroize(skip)]
    kind: Kind,
    bytes: [u8; LONGEST_PASSCODE],
    well_formed: bool,
}

impl Typed {
    fn new(kind: Kind, bytes: &[u8], well_formed: bool) -> Self {
        let mut padded = [0; LONGEST_PASSCODE];
        for (slot, byte) in padded.iter_mut().zip(bytes) {
            *slot = *byte;
        }
        Self { kind, bytes: padded, well_formed }
    }
}

impl Code {
    /// The code made of these ASCII digits.
    ///
    /// Anything but 4 to 8 digits makes a code that matches nobody, so that a wrong entry is counted as what it is.
    pub fn typed(digits: &[u8]) -> Self {
        let well_formed = CODE_DIGITS.contains(&digits.len()) & digits.iter().fold(true, |all, digit| all & digit.is_ascii_digit());
        Self(Typed::new(Kind::Code, digits, well_formed))
    }

    pub(crate) const fn as_typed(&self) -> &Typed {
        &self.0
    }
}

impl Passcode {
    /// The passcode with these bytes (UTF-8, 1..=32 of them). An empty or longer one matches nobody.
    pub fn told(text: &[u8]) -> Self {
        let well_formed = (1..=LONGEST_PASSCODE).contains(&text.len()) & text.iter().fold(true, |all, byte| all & (*byte != 0));
        Self(Typed::new(Kind::Passcode, text, well_formed))
    }

    pub(crate) const fn as_typed(&self) -> &Typed {
        &self.0
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Code(..)")
    }
}

impl fmt::Debug for Passcode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Passcode(..)")
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Code {
    fn format(&self, formatter: defmt::Formatter<'_>) {
        defmt::write!(formatter, "Code(..)");
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Passcode {
    fn format(&self, formatter: defmt::Formatter<'_>) {
        defmt::write!(formatter, "Passcode(..)");
    }
}

/// The keyed digest of a code or passcode: the first 8 bytes of an HMAC-SHA-256.
///
/// 64 bits is the shortest tag NIST SP 800-107 allows. A longer one would not make a code harder to find for who has the key (codes are
/// short), and who has not cannot tell any digest from noise; two of 1,000 contacts' codes collide with a chance of 3 in 10^14.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[serde(transparent)]
pub struct Digest(#[serde(deserialize_with = "crate::wire::bytes")] pub [u8; 8]);

impl Digest {
    /// Matches nothing: no credential has it, whatever was typed.
    pub const NONE: Self = Self([0; 8]);

    fn halves(self) -> Halves {
        let bytes = u64::from_le_bytes(self.0);
        [bytes as u32, (bytes >> 32) as u32]
    }

    fn of_halves([low, high]: Halves) -> Self {
        Self((u64::from(high) << 32 | u64::from(low)).to_le_bytes())
    }
}

/// A digest as a small machine compares it.
type Halves = [u32; 2];

/// The secret of a site under which its codes are digested. It never travels in a blob.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct CodeKey([u8; 32]);

impl CodeKey {
    /// The key made of these bytes, which have to be random.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// In place of a key, before a device is set up.
    pub(crate) const NONE: Self = Self([0; 32]);

    /// The digest of `code`, [`Digest::NONE`] when it is not 4 to 8 digits.
    pub fn digest_code(&self, code: &Code) -> Digest {
        self.digest(&code.0)
    }

    /// The digest of `passcode`, [`Digest::NONE`] when it is empty or too long.
    pub fn digest_passcode(&self, passcode: &Passcode) -> Digest {
        self.digest(&passcode.0)
    }

    pub(crate) fn digest(&self, typed: &Typed) -> Digest {
        // HMAC pads a key to the hash's block with zero bytes (RFC 2104); a key of block length spares it the choice.
        let mut block = [0; 64];
        if let Some(first) = block.first_chunk_mut() {
            *first = self.0;
        }
        // By reference: a copy would stay on the stack.
        let mut hmac = <Hmac<Sha256> as KeyInit>::new((&block).into());
        block.zeroize();
        hmac.update(&[typed.kind as u8]);
        hmac.update(&typed.bytes);
        let tag: [u8; 32] = hmac.finalize().into_bytes().into();
        let digest = u64::from_le_bytes(tag.first_chunk().copied().unwrap_or_default());
        Digest(digest.masked(typed.well_formed).to_le_bytes())
    }
}

impl fmt::Debug for CodeKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CodeKey(..)")
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for CodeKey {
    fn format(&self, formatter: defmt::Formatter<'_>) {
        defmt::write!(formatter, "CodeKey(..)");
    }
}

/// Whose code or passcode a digest is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Credential {
    /// Of the code or passcode; never [`Digest::NONE`].
    pub digest: Digest,
    /// Its owner.
    pub user: UserNumber,
}

/// Up to `N` credentials, as two columns so that a scan reads nothing it does not compare.
#[derive(Clone, Debug)]
pub(crate) struct CredentialTable<const N: usize> {
    digests: [Halves; N],
    users: [u16; N],
}

impl<const N: usize> CredentialTable<N> {
    pub(crate) const EMPTY: Self = Self { digests: [[0; 2]; N], users: [0; N] };

    pub(crate) fn view(&self) -> Credentials<'_> {
        Credentials { digests: &self.digests, users: &self.users }
    }

    /// Puts a credential into slot `index`, which is that of one or the first empty one. `false`: there is no such slot.
    pub(crate) fn set(&mut self, index: usize, credential: Credential) -> bool {
        let (Some(digest), Some(user)) = (self.digests.get_mut(index), self.users.get_mut(index)) else {
            return false;
        };
        *digest = credential.digest.halves();
        *user = credential.user.0;
        true
    }

    /// Keeps the first credentials, so many of them; freed slots are wiped.
    pub(crate) fn truncate(&mut self, length: usize) {
        for (digest, user) in self.digests.iter_mut().zip(&mut self.users).skip(length) {
            (*digest, *user) = ([0; 2], 0);
        }
    }
}

/// The slots of a [`CredentialTable`].
#[derive(Clone, Copy)]
pub(crate) struct Credentials<'a> {
    digests: &'a [Halves],
    users: &'a [u16],
}

impl Credentials<'_> {
    /// The credential of that index, if there is one.
    pub(crate) fn get(self, index: usize) -> Option<Credential> {
        let (digest, user) = (self.digests.get(index)?, self.users.get(index)?);
        (*user != 0).then_some(Credential { digest: Digest::of_halves(*digest), user: UserNumber(*user) })
    }

    /// The owner of `digest`, or nobody. Every slot is compared.
    #[inline(never)]
    pub(crate) fn owner(self, digest: Digest) -> UserNumber {
        let wanted = digest.halves();
        // A compiler that knew this to be 1 would know each mask to be all bits or none, and branch on the match when it builds for size.
        let one = settled(1);
        let owner_if = |slot, user| u32::from(user) & matches(slot, wanted, one);
        let ((digests, rest), (users, users_of_rest)) = (self.digests.as_chunks::<8>(), self.users.as_chunks::<8>());
        let mut owners = 0;
        for (digests, users) in digests.iter().zip(users) {
            macro_rules! compare {
                ($($slot:literal)*) => {$(owners |= owner_if(digests[$slot], users[$slot]);)*};
            }
            // One by one: an M0+ takes a quarter of the time to go round a loop.
            compare!(0 1 2 3 4 5 6 7);
        }
        for (digest, user) in rest.iter().zip(users_of_rest) {
            owners |= owner_if(*digest, *user);
        }
        // Empty slots hold the digest NONE and belong to user 0: they cannot match anybody.
        UserNumber(owners as u16)
    }
}

/// All bits if the two are equal, none otherwise.
#[inline(always)]
fn matches([low, high]: Halves, wanted: Halves, one: u32) -> u32 {
    let difference = (low ^ wanted[0]) | (high ^ wanted[1]);
    if cfg!(target_arch = "arm") {
        // Nothing but zero is without its highest bit and gets it when one is taken away.
        ((difference.wrapping_sub(one) & !difference).cast_signed() >> 31).cast_unsigned()
    } else {
        // Less than one is nothing but zero: what is borrowed for it are the bits above.
        (u64::from(difference).wrapping_sub(u64::from(one)) >> 32) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: CodeKey = CodeKey::new([7; 32]);

    #[test]
    fn a_code_is_found_in_any_slot_and_an_absent_one_in_none() {
        let mut table = CredentialTable::<64>::EMPTY;
        let code = |number: u16| {
            Code::typed(&[b'1', b'0' + (number / 100 % 10) as u8, b'0' + (number / 10 % 10) as u8, b'0' + (number % 10) as u8])
        };
        for user in 1..=64 {
            assert!(table.set(usize::from(user) - 1, Credential { digest: KEY.digest_code(&code(user)), user: UserNumber(user) }));
        }
        assert!(!table.set(64, Credential { digest: Digest([1; 8]), user: UserNumber(65) }), "full");
        for user in 1..=64 {
            assert_eq!(table.view().owner(KEY.digest_code(&code(user))), UserNumber(user));
        }
        assert_eq!(table.view().owner(KEY.digest_code(&code(65))), UserNumber::NOBODY);
    }

    #[test]
    fn empty_short_long_and_non_digit_codes_match_nobody() {
        let mut table = CredentialTable::<2>::EMPTY;
        assert!(table.set(0, Credential { digest: KEY.digest_code(&Code::typed(b"1234")), user: UserNumber(1) }));
        for typed in [&b""[..], b"123", b"123456789", b"12a4", b"1234\0", b" 1234", &[0; 8]] {
            assert_eq!(KEY.digest_code(&Code::typed(typed)), Digest::NONE, "{typed:?}");
            assert_eq!(table.view().owner(KEY.digest_code(&Code::typed(typed))), UserNumber::NOBODY);
        }
        for told in [&b""[..], &[b'a'; 33], b"nul\0"] {
            assert_eq!(KEY.digest_passcode(&Passcode::told(told)), Digest::NONE, "{told:?}");
        }
    }

    #[test]
    fn codes_and_passcodes_of_the_same_text_differ() {
        assert_ne!(KEY.digest_code(&Code::typed(b"1234")), KEY.digest_passcode(&Passcode::told(b"1234")));
        assert_ne!(KEY.digest_code(&Code::typed(b"1234")), KEY.digest_code(&Code::typed(b"01234")), "leading zeros count");
    }
}
