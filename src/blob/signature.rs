//! Ed25519 signatures (RFC 8032), verified strictly and without a branch that could panic.
//!
//! The same rule as `ed25519_dalek::VerifyingKey::verify_strict`, which the tests hold it against. That one multiplies in variable time and indexes a table
//! by digits of the signature; the compiler cannot see that the index is in range and leaves a call of the panic handler in every firmware. Here both
//! products are taken in constant time, which costs about twice the instructions and has no such call. Where panics do not matter, the feature `fast` has
//! the quicker multiplication.

use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use sha2::{Digest as _, Sha512};

/// Whether `signature` is that of `message` under `key`.
///
/// Refused besides wrong ones: keys and nonces of small order, under which anybody can sign; a second half that is not reduced, which would be a second
/// signature for the same message; encodings that are not the one of their point.
pub(super) fn is_valid(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    is_valid_by(if cfg!(feature = "fast") { quickly } else { constantly }, key, message, signature)
}

/// `response` times the base point less `challenge` times `owner`.
type Multiply = fn(&Scalar, &Scalar, &EdwardsPoint) -> EdwardsPoint;

fn constantly(response: &Scalar, challenge: &Scalar, owner: &EdwardsPoint) -> EdwardsPoint {
    // Multiplications add, too: a subtraction would be code of its own.
    EdwardsPoint::mul_base(response) + -owner * challenge
}

fn quickly(response: &Scalar, challenge: &Scalar, owner: &EdwardsPoint) -> EdwardsPoint {
    EdwardsPoint::vartime_double_scalar_mul_basepoint(challenge, &-owner, response)
}

fn is_valid_by(multiply: Multiply, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    let Some((first, second)) = signature.split_first_chunk::<32>() else { return false };
    // Reduced in the way that the digest is: what that changes was not reduced. (The library's own look at it is 2.6 KB of code.)
    let mut wide = [0; 64];
    let Some((low, _)) = wide.split_first_chunk_mut::<32>() else { return false };
    low.copy_from_slice(second);
    let response = Scalar::from_bytes_mod_order_wide(&wide);
    if response.as_bytes() != second {
        return false;
    }
    let Some(owner) = large_point(key) else { return false };
    let digest = Sha512::new().chain_update(first).chain_update(key).chain_update(message).finalize();
    let challenge = Scalar::from_bytes_mod_order_wide(&digest.into());
    // Where they are equal, `first` is the one encoding of this point, so what holds of the point holds of the nonce.
    let nonce = multiply(&response, &challenge, &owner);
    !nonce.is_small_order() && nonce.compress().as_bytes() == first
}

/// Whether a key is one that only its owner can sign under, and the one encoding of its point.
pub(super) fn is_usable(key: &[u8; 32]) -> bool {
    large_point(key).is_some_and(|point| point.compress().as_bytes() == key)
}

/// The point of that encoding, if there is one and it is not of small order.
fn large_point(encoding: &[u8; 32]) -> Option<EdwardsPoint> {
    CompressedEdwardsY(*encoding).decompress().filter(|point| !point.is_small_order())
}

#[cfg(test)]
mod tests {
    use super::*;

    use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

    fn strict(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        VerifyingKey::from_bytes(key).is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
    }

    fn is_valid(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        let constant = is_valid_by(constantly, key, message, signature);
        assert_eq!(constant, is_valid_by(quickly, key, message, signature), "both ways of multiplying");
        constant
    }

    #[test]
    fn signatures_are_judged_as_dalek_judges_them() {
        for seed in 0..8 {
            let signer = SigningKey::from_bytes(&[seed; 32]);
            let key = signer.verifying_key().to_bytes();
            let message = [seed; 80];
            let signature = signer.sign(&message).to_bytes();
            assert!(is_valid(&key, &message, &signature));
            assert!(!is_valid(&key, &message[1..], &signature));
            assert!(!is_valid(&[0; 32], &message, &signature));
            for bit in (0..512).step_by(7) {
                let mut changed = signature;
                changed[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(is_valid(&key, &message, &changed), strict(&key, &message, &changed), "bit {bit}");
                assert!(!is_valid(&key, &message, &changed), "bit {bit}");
            }
        }
    }

    #[test]
    fn keys_and_nonces_that_anybody_can_sign_under_are_refused() {
        let mut identity = [0; 32];
        identity[0] = 1;
        // Under the identity as key and as nonce, zero is the response to every challenge.
        let mut forged = [0; 64];
        forged[0] = 1;
        assert!(!is_valid(&identity, b"anything", &forged));
        for point in curve25519_dalek::constants::EIGHT_TORSION {
            let key = point.compress().to_bytes();
            assert!(!is_valid(&key, b"anything", &forged));
            assert!(!strict(&key, b"anything", &forged));
        }
    }

    #[test]
    fn a_key_has_one_encoding() {
        assert!(is_usable(&SigningKey::from_bytes(&[3; 32]).verifying_key().to_bytes()));
        // Numbers of 2^255 - 19 and above, which stand for 0 to 18 as well, with either sign.
        for above in 0..19 {
            for sign in [0x7f, 0xff] {
                let mut key = [0xff; 32];
                (key[0], key[31]) = (0xed + above, sign);
                assert!(!is_usable(&key), "{above}, {sign}");
            }
        }
    }

    #[test]
    fn a_response_that_is_not_reduced_is_refused() {
        let signer = SigningKey::from_bytes(&[3; 32]);
        let key = signer.verifying_key().to_bytes();
        let mut signature = signer.sign(b"once").to_bytes();
        // The order of the base point: 2^252 + 27742317777372353535851937790883648493, little-endian.
        const ORDER: [u8; 32] = [
            0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            0, 0, 0, 0, 0, 0x10,
        ];
        let mut carry = 0;
        for (byte, order) in signature[32..].iter_mut().zip(ORDER) {
            let sum = u16::from(*byte) + u16::from(order) + carry;
            *byte = sum as u8;
            carry = sum >> 8;
        }
        assert!(!is_valid(&key, b"once", &signature));
        assert!(!strict(&key, b"once", &signature));
    }
}
