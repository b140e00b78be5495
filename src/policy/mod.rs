//! What the cloud decides: fixed-size tables, and the rules that make them valid.
//!
//! Nothing here knows bytes or keys. [`panel`] holds one site's contacts and schedules, [`access`] the engineers and what they are granted.

pub mod access;
pub mod panel;
pub(crate) mod row;

use serde::{Deserialize, Serialize};

use crate::time::Period;

macro_rules! numbered {
    ($(#[$meta:meta])* $name:ident { $($(#[$row_meta:meta])* $row:ident = $number:literal $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[repr(u8)]
        pub enum $name {
            $($(#[$row_meta])* $row = $number,)*
        }

        impl $name {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$row),*];

            /// In words.
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$row => $text,)*
                }
            }
        }
    };
}

numbered! {
    /// A part of a policy.
    Part {
        /// The head: the site's or receiver's own settings.
        Head = 0 "head",
        /// Lists of areas.
        AreaLists = 1 "area lists",
        /// Schedules.
        Schedules = 2 "schedules",
        /// Their layers.
        Layers = 3 "layers",
        /// Their spans.
        Spans = 4 "spans",
        /// Holidays.
        Holidays = 5 "holidays",
        /// Temp-open windows.
        Windows = 6 "temp-open windows",
        /// Contacts.
        Contacts = 7 "contacts",
        /// The digests of their codes.
        Codes = 8 "codes",
        /// The digests of their passcodes.
        Passcodes = 9 "passcodes",
        /// Sites as engineers meet them.
        Sites = 10 "sites",
        /// Engineers.
        Engineers = 11 "engineers",
        /// Grants.
        Grants = 12 "grants",
        /// Firmware authorisations.
        Authorisations = 13 "firmware authorisations",
        /// The public keys a device obeys.
        Keys = 14 "keys",
        /// The device's clock.
        Clock = 15 "clock",
    }
}

numbered! {
    /// What is wrong with a row.
    Fault {
        /// The bytes are not the postcard encoding of such a row, or end in the middle of it.
        Encoding = 0 "is not encoded as such a row",
        /// There are bytes after the last row.
        TrailingBytes = 1 "is followed by bytes that belong to nothing",
        /// A set of flags has bits that nobody has named.
        UnknownBits = 2 "has flags this version does not know",
        /// Rows are not in ascending order of their key.
        Order = 3 "belongs before an earlier row",
        /// A number or an identity that has to be unique is not.
        Duplicate = 4 "repeats a number, digest or identity that has to be unique",
        /// A reference to a row that is not there.
        Reference = 5 "refers to a row that is not there",
        /// A number outside its range.
        Range = 6 "has a number outside its range",
        /// An interval that ends before it starts, or is empty.
        ReversedInterval = 7 "has an interval that ends before it starts",
        /// Spans of one layer hold at the same time.
        OverlappingSpans = 8 "overlaps another span of its layer",
        /// Two layers of the same kind and schedule name the same date or holiday group.
        OverlappingLayers = 9 "names a date that a layer of the same kind names already",
        /// An area has two schedules.
        SecondSchedule = 10 "governs an area that has a schedule already",
        /// A known engineer has got another identity.
        IdentityChanged = 11 "puts another identity behind a known engineer",
        /// More grants for one engineer on one site than a check looks at.
        TooManyGrants = 12 "is one grant too many for its engineer and site",
        /// The policy is not about the site or receiver that the blob is bound to.
        OtherRecipient = 13 "is about another site or receiver than the blob",
        /// Only the recovery key may order that.
        NotAllowed = 14 "may only be ordered with the recovery key",
        /// More rows than a patch may add or remove: send a snapshot.
        TooManyChanges = 15 "is one change more than a patch may hold",
        /// A clock correction about another reading than the device's highest one.
        OtherFloor = 16 "is about another clock reading than the device's highest",
        /// The patch gives a user number to somebody else, and leaves its former owner's code or passcode: remove it, or bring another.
        FormerOwner = 17 "belongs to the former owner of a number that is given away",
    }
}

/// What makes a policy invalid, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Invalid {
    /// In which part.
    pub part: Part,
    /// In which row of it, from 0.
    pub row: u16,
    /// What is wrong.
    pub fault: Fault,
}

/// Checks that a condition holds, else names what is wrong.
pub(crate) fn ensure<E>(condition: bool, otherwise: E) -> Result<(), E> {
    if condition { Ok(()) } else { Err(otherwise) }
}

/// A period has to contain at least one instant.
pub(crate) fn check_period(period: &Period) -> Result<(), Fault> {
    ensure(period.from < period.until, Fault::ReversedInterval)
}

/// A set of numbers of ten bits, as user numbers are.
#[derive(Clone, Copy)]
pub(crate) struct TenBits([u32; 32]);

impl TenBits {
    pub(crate) const COUNT: u16 = 1024;
    pub(crate) const NONE: Self = Self([0; 32]);

    pub(crate) fn contains(&self, number: u16) -> bool {
        self.0.get(usize::from(number / 32)).is_some_and(|word| word >> (number % 32) & 1 == 1)
    }

    /// Whether `number` was not in the set before.
    pub(crate) fn insert(&mut self, number: u16) -> bool {
        let is_new = !self.contains(number);
        if let Some(word) = self.0.get_mut(usize::from(number / 32)) {
            *word |= 1 << (number % 32);
        }
        is_new
    }
}

/// Remembers the last key, so that rows can be told to be in order.
#[derive(Clone, Copy)]
pub(crate) struct Ascending<K>(Option<K>);

impl<K: Ord + Copy> Ascending<K> {
    pub(crate) const START: Self = Self(None);

    /// `key` has to be above the last one.
    pub(crate) fn above(&mut self, key: K) -> Result<(), Fault> {
        ensure(self.0 != Some(key), Fault::Duplicate)?;
        self.not_below(key)
    }

    /// `key` has to be the last one or above.
    pub(crate) fn not_below(&mut self, key: K) -> Result<(), Fault> {
        ensure(self.0.is_none_or(|last| last <= key), Fault::Order)?;
        self.0 = Some(key);
        Ok(())
    }
}
