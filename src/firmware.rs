//! Which firmware may be installed where.

use serde::{Deserialize, Serialize};

use crate::table::{Row, key_of_id};
use crate::time::Period;

/// A class of devices: up to 16 ASCII characters, padded with zero bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[serde(transparent)]
pub struct Model(#[serde(deserialize_with = "crate::wire::bytes")] pub [u8; 16]);

impl Model {
    /// The model of that name: 1..=16 printable ASCII characters, or `None`.
    pub fn named(name: &str) -> Option<Self> {
        let printable = name.bytes().all(|byte| (0x20..0x7f).contains(&byte));
        if name.is_empty() || name.len() > 16 || !printable {
            return None;
        }
        let mut bytes = [0; 16];
        for (slot, byte) in bytes.iter_mut().zip(name.bytes()) {
            *slot = byte;
        }
        Some(Self(bytes))
    }
}

/// A firmware version: major, minor, patch and build, compared in that order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[serde(transparent)]
pub struct Version(pub [u16; 4]);

impl Version {
    /// The version as one number that compares alike.
    pub(crate) const fn ordinal(self) -> u64 {
        let [major, minor, patch, build] = self.0;
        (major as u64) << 48 | (minor as u64) << 32 | (patch as u64) << 16 | build as u64
    }
}

/// An authorisation; never 0 and never reused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[serde(transparent)]
pub struct AuthorisationId(pub u32);

/// The SHA-256 of a firmware image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[serde(transparent)]
pub struct ImageDigest(#[serde(deserialize_with = "crate::wire::bytes")] pub [u8; 32]);

/// Permission to install a range of versions on a class of devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Authorisation {
    /// Unique.
    pub id: AuthorisationId,
    /// For which devices.
    pub model: Model,
    /// The lowest version.
    pub first: Version,
    /// The highest version; itself included.
    pub last: Version,
    /// When.
    pub period: Period,
    /// The only image it is for, if it names one.
    pub image: Option<ImageDigest>,
    /// Whether a version that is not newer than the installed one may be installed.
    pub allows_downgrade: bool,
}

impl Row for Authorisation {
    const EMPTY: &'static Self = &Self {
        id: AuthorisationId(0),
        model: Model([0; 16]),
        first: Version([0; 4]),
        last: Version([0; 4]),
        period: Period::NEVER,
        image: None,
        allows_downgrade: false,
    };
    fn key(&self) -> u64 {
        key_of_id(self.id.0)
    }
}
