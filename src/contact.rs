//! The people of a site.

use serde::{Deserialize, Serialize};

use crate::mask::settled;
use crate::table::{Identified, Row, key_of_id};
use crate::time::Period;

/// What the panel and Contact ID know a contact by: 1..=999, 0 is nobody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[serde(transparent)]
pub struct UserNumber(pub u16);

impl UserNumber {
    /// Nobody.
    pub const NOBODY: Self = Self(0);
    /// The largest user number: Contact ID has three digits for it (SIA DC-05).
    pub const MAX: u16 = 999;
}

bitflags::bitflags! {
    /// What a contact may do and how it is treated (Bold Manitou, contact person permissions, unless another source is named).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
    #[serde(transparent)]
    pub struct Permissions: u16 {
        /// Disables every other permission without erasing any.
        const SUSPENDED = 1 << 0;
        /// Opens and closes inside the hours of the areas' schedules.
        const WITH_SCHEDULE = 1 << 1;
        /// Opens and closes inside temp-open windows, for a limited number of minutes.
        const WITHIN_TEMP_OPEN = 1 << 2;
        /// Opens and closes at any time; never a violation.
        const ANYTIME = 1 << 3;
        /// Authorises the closing of an alarm.
        const CANCEL_ALARM = 1 << 4;
        /// Authorises a change of the schedule.
        const CHANGE_SCHEDULE = 1 << 5;
        /// Puts the whole site, or any part of it, on test.
        const TEST_ALL = 1 << 6;
        /// Puts the areas of its test list on test.
        const TEST_DESIGNATED = 1 << 7;
        /// Changes the customer's record. Implies [`GIVE_OUT_INFORMATION`](Self::GIVE_OUT_INFORMATION).
        const EDIT_CUSTOMER = 1 << 8;
        /// May be told about the account.
        const GIVE_OUT_INFORMATION = 1 << 9;
        /// Grants and revokes engineers' access (Resideo Total Connect, master user).
        const MASTER_USER = 1 << 10;
        /// Lifts and restores the site's restriction (Genetec Stratocast, client administrator).
        const SITE_ADMINISTRATOR = 1 << 11;
        /// Every success looks normal and reports a duress.
        const DURESS = 1 << 12;
        /// Opens only what it armed itself (Vista guest and operator C).
        const GUEST = 1 << 13;
        /// Is accepted in remote requests only (Matter user type RemoteOnly).
        const REMOTE_ONLY = 1 << 14;
        /// Is recognised and reported, and can do nothing (Matter user type NonAccess).
        const POWERLESS = 1 << 15;
    }
}
crate::flags::format_as_bits!(Permissions);

impl Permissions {
    /// The three permissions to open and close.
    pub const OPEN_CLOSE: Self = Self::WITH_SCHEDULE.union(Self::WITHIN_TEMP_OPEN).union(Self::ANYTIME);

    pub(crate) const fn has(self, flag: Self) -> bool {
        self.bits() & flag.bits() != 0
    }
}

/// How often a contact may open and close.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum UseLimit {
    /// Without limit.
    #[default]
    Unlimited,
    /// One opening or closing, ever (Matter user type Disposable).
    Once,
    /// One opening per local date; closings are free (DSC one-time code).
    OncePerDay,
    /// From the first opening or closing for this many minutes, 1..=65535 (Matter user type Expiring).
    MinutesFromFirstUse(u16),
}

impl UseLimit {
    /// The minutes from first use; 0 without such a limit.
    pub(crate) fn minutes(&self) -> u16 {
        *settled(match self {
            Self::MinutesFromFirstUse(minutes) => minutes,
            Self::Unlimited | Self::Once | Self::OncePerDay => &0,
        })
    }
}

/// Which of the policy's area lists is meant: 0 is none, `n` is the `n`th list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[serde(transparent)]
pub struct ListNumber(pub u8);

impl ListNumber {
    /// No list.
    pub const NONE: Self = Self(0);
}

/// A person of the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Contact {
    /// 1..=999, unique in the site.
    pub user: UserNumber,
    /// Tells the owners of one user number apart: when it changes, nothing of the former owner stays in the ledger.
    /// The first four bytes of the SHA-256 of whatever the cloud knows the person by.
    #[serde(deserialize_with = "crate::wire::bytes")]
    pub identity: [u8; 4],
    /// What it may do.
    pub permissions: Permissions,
    /// When it is valid at all.
    pub validity: Period,
    /// How often it may open and close.
    pub limit: UseLimit,
    /// The areas it may open and close; no list: every area of the site.
    pub areas: ListNumber,
    /// The areas it may put on test with [`Permissions::TEST_DESIGNATED`].
    pub test_areas: ListNumber,
    /// Minutes it may keep a temp opening open, 0..=1440; 0: until the window ends.
    pub temp_open_minutes: u16,
}

impl Contact {
    /// A contact that may do nothing, for building others from.
    pub const NOBODY: Self = Self {
        user: UserNumber::NOBODY,
        identity: [0; 4],
        permissions: Permissions::empty(),
        validity: Period::ALWAYS,
        limit: UseLimit::Unlimited,
        areas: ListNumber::NONE,
        test_areas: ListNumber::NONE,
        temp_open_minutes: 0,
    };

    /// Whether the slot holds a person: user number 0 is nobody.
    pub(crate) const fn is_somebody(&self) -> bool {
        self.user.0 != 0
    }
}

impl Row for Contact {
    const EMPTY: &'static Self = &Self { validity: Period::NEVER, ..Self::NOBODY };
    fn key(&self) -> u64 {
        key_of_id(self.id())
    }
}

impl Identified for Contact {
    fn id(&self) -> u32 {
        u32::from(self.user.0)
    }
}

const _: () = assert!(size_of::<Contact>() <= 64, "a contact is at most 64 bytes in RAM");
