//! Remote engineers, the sites they work on, and what they are granted there.

use serde::{Deserialize, Serialize};

use crate::table::{Identified, Row, key_of_id};
use crate::time::{Instant, Period};

macro_rules! identifier {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[serde(transparent)]
        pub struct $name(pub u32);
    };
}

identifier!(
    /// A site; never 0.
    SiteId
);
identifier!(
    /// An engineer; never 0 and never given to anybody else.
    EngineerId
);
identifier!(
    /// A grant; never 0 and never reused. Ids from [`GrantId::FIRST_LOCAL`] up are made by devices, lower ones by the cloud.
    GrantId
);

impl GrantId {
    /// No grant.
    pub const NONE: Self = Self(0);
    /// The first id a device gives to a grant made at its keypad.
    pub const FIRST_LOCAL: Self = Self(1 << 31);
}

bitflags::bitflags! {
    /// What an engineer may do on a site.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
    #[serde(transparent)]
    pub struct Capabilities: u16 {
        /// View settings.
        const VIEW_SETTINGS = 1 << 0;
        /// Change settings.
        const CHANGE_SETTINGS = 1 << 1;
        /// Change user codes.
        const CHANGE_USER_CODES = 1 << 2;
        /// View live video.
        const VIEW_LIVE_VIDEO = 1 << 3;
        /// View recorded clips.
        const VIEW_RECORDED_CLIPS = 1 << 4;
        /// Arm and disarm remotely.
        const ARM_DISARM = 1 << 5;
        /// Bypass zones.
        const BYPASS = 1 << 6;
        /// Put on test.
        const PUT_ON_TEST = 1 << 7;
        /// Read the log.
        const READ_LOG = 1 << 8;
        /// Update firmware.
        const UPDATE_FIRMWARE = 1 << 9;
    }
}
crate::flags::format_as_bits!(Capabilities);

impl Capabilities {
    /// What a grant given by a master user leaves out (Resideo Total Connect, Security Professional Access).
    pub const PRIVATE: Self = Self::CHANGE_USER_CODES.union(Self::VIEW_LIVE_VIDEO).union(Self::VIEW_RECORDED_CLIPS);
}

bitflags::bitflags! {
    /// How a site treats engineers.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
    #[serde(transparent)]
    pub struct AccessOptions: u8 {
        /// The site has cameras: it is restricted, and every lift ends at the next midnight UTC-5 (Stratocast).
        const CAMERAS = 1 << 0;
        /// The site is restricted until somebody lifts it.
        const RESTRICTED = 1 << 1;
        /// The site is on the exclusion list: neither of the above applies (Stratocast).
        const EXEMPT = 1 << 2;
        /// The site's devices have the remote-upgrade function (Security Center).
        const REMOTE_UPGRADE = 1 << 3;
        /// Firmware may only be installed during a session of the engineer (EN 50131 access level 4 needs levels 2 and 3).
        const UPDATE_NEEDS_SESSION = 1 << 4;
    }
}
crate::flags::format_as_bits!(AccessOptions);

/// A site as engineers meet it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SiteAccess {
    /// Unique; the device's own site on a panel.
    pub id: SiteId,
    /// How it treats engineers.
    pub options: AccessOptions,
    /// What every registered engineer may do without a grant (Total Connect: view settings). Usually nothing.
    pub baseline: Capabilities,
    /// When the administrator last lifted the restriction through the cloud.
    pub lifted_at: Option<Instant>,
    /// Longest session in minutes; 0: as long as its grant.
    pub longest_session: u16,
    /// Minutes of a grant a master user gives on the spot, within which work must begin; 120 in Total Connect.
    pub spot_grant_minutes: u16,
    /// The same for a grant that answers an engineer's request; 1440 in Total Connect.
    pub answer_grant_minutes: u16,
}

impl SiteAccess {
    /// A site that lets nobody in and has no id yet, for building others from.
    pub const CLOSED: Self = Self {
        id: SiteId(0),
        options: AccessOptions::RESTRICTED,
        baseline: Capabilities::empty(),
        lifted_at: None,
        longest_session: 0,
        spot_grant_minutes: 120,
        answer_grant_minutes: 1440,
    };
}

impl Row for SiteAccess {
    const EMPTY: &'static Self = &Self { options: AccessOptions::empty(), spot_grant_minutes: 0, answer_grant_minutes: 0, ..Self::CLOSED };
    fn key(&self) -> u64 {
        key_of_id(self.id.0)
    }
}

impl Identified for SiteAccess {
    fn id(&self) -> u32 {
        self.id.0
    }
}

bitflags::bitflags! {
    /// What is known about an engineer (Security Center, unless another source is named).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
    #[serde(transparent)]
    pub struct Standing: u8 {
        /// Has followed the mailed link and chosen a password.
        const REGISTERED = 1 << 0;
        /// Shut out for the time being.
        const SUSPENDED = 1 << 1;
        /// May update firmware on every site that has the remote-upgrade function.
        const UPDATES_FIRMWARE = 1 << 2;
        /// Comes by a federated trust path that restrictions do not touch (Stratocast).
        const FEDERATED = 1 << 3;
    }
}
crate::flags::format_as_bits!(Standing);

/// Identifies an engineer for life: the first 16 bytes of the SHA-256 of the e-mail address, trimmed and in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[serde(transparent)]
pub struct Identity(#[serde(deserialize_with = "crate::wire::bytes")] pub [u8; 16]);

/// A remote technician.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Engineer {
    /// Unique.
    pub id: EngineerId,
    /// Unique and unchangeable: a blob that puts another identity behind a known id is refused.
    pub identity: Identity,
    /// What is known about it.
    pub standing: Standing,
}

impl Row for Engineer {
    const EMPTY: &'static Self = &Self { id: EngineerId(0), identity: Identity([0; 16]), standing: Standing::empty() };
    fn key(&self) -> u64 {
        key_of_id(self.id.0)
    }
}

impl Identified for Engineer {
    fn id(&self) -> u32 {
        self.id.0
    }
}

/// Permission for one engineer to work remotely on one site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Grant {
    /// Who.
    pub engineer: EngineerId,
    /// Where.
    pub site: SiteId,
    /// Unique among all grants.
    pub id: GrantId,
    /// When; its end is a hard end for a session too.
    pub period: Period,
    /// The first instant at which it is too late to begin, if there is one.
    pub begin_by: Option<Instant>,
    /// Whether one session uses it up.
    pub one_time: bool,
    /// What it covers.
    pub capabilities: Capabilities,
    /// What it does not cover even so.
    pub excluded: Capabilities,
}

/// Most grants one engineer has on one site at a time: what a check looks at.
pub const GRANTS_PER_ENGINEER_AND_SITE: usize = 4;

impl Grant {
    pub(crate) const NONE: &'static Self = &Self {
        engineer: EngineerId(0),
        site: SiteId(0),
        id: GrantId::NONE,
        period: Period::NEVER,
        begin_by: None,
        one_time: false,
        capabilities: Capabilities::empty(),
        excluded: Capabilities::empty(),
    };

    pub(crate) const fn key_of(engineer: EngineerId, site: SiteId) -> u64 {
        (engineer.0 as u64) << 32 | site.0 as u64
    }
}

impl Row for Grant {
    const EMPTY: &'static Self = Self::NONE;
    fn key(&self) -> u64 {
        let absent = u64::from(self.id.0 == 0).wrapping_neg();
        Self::key_of(self.engineer, self.site) | absent
    }
}
