//! What can be asked, and what is answered.

use super::model::{Capability, Place, Span, Version};
use jiff::civil::Date;

/// One question, with what the device's clock reads (`None`: it does not know).
#[derive(Clone, Debug)]
pub struct Question {
    pub clock: Option<i64>,
    pub subject: Subject,
}

#[derive(Clone, Debug)]
pub enum Subject {
    OpenClose(OpenClose),
    Act(Who, Act),
    Use {
        engineer: u32,
        site: u32,
        /// All of these at once.
        capabilities: Vec<Capability>,
    },
    BeginSession {
        engineer: u32,
        site: u32,
    },
    EndSession {
        engineer: u32,
        site: u32,
    },
    Firmware(FirmwareUpdate),
    /// Supervision, with every area that is armed now.
    Tick {
        armed: Vec<Place>,
    },
}

#[derive(Clone, Debug)]
pub struct Who {
    pub number: Option<u16>,
    pub secret: Option<Secret>,
    /// Asked from afar, as a remote-only contact must.
    pub remote: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    Code(String),
    Passcode(String),
}

#[derive(Clone, Debug)]
pub struct OpenClose {
    pub who: Who,
    pub direction: Direction,
    pub place: Place,
    pub armed_by: Option<u16>,
    pub in_alarm: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Open,
    Close,
}

/// What a contact does other than opening and closing.
#[derive(Clone, Debug)]
pub enum Act {
    CancelAlarm,
    EditCustomer,
    GiveOutInformation,
    GrantOnTheSpot {
        engineer: u32,
    },
    GrantAnswering {
        engineer: u32,
    },
    Revoke {
        grant: u32,
    },
    LiftRestriction,
    Restrict,
    ExtendClosing {
        place: Place,
        minutes: i32,
    },
    /// Without a span the areas stay closed that day.
    SetTemporarySpan {
        schedule: usize,
        date: Date,
        span: Option<Span>,
    },
    /// From now on.
    OpenWindow {
        place: Place,
        minutes: i64,
    },
    Suspend {
        number: u16,
    },
    Reinstate {
        number: u16,
    },
    /// 0 minutes is as long as the site allows.
    StartTest {
        target: TestTarget,
        minutes: i64,
    },
    EndTest {
        target: TestTarget,
    },
}

#[derive(Clone, Debug)]
pub enum TestTarget {
    EntireCustomer,
    Place(Place),
}

#[derive(Clone, Debug)]
pub struct FirmwareUpdate {
    pub engineer: u32,
    pub site: u32,
    pub model: String,
    pub installed: Version,
    pub offered: Version,
    pub image: [u8; 32],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Allow,
    AllowWithViolation,
    Deny,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    // Opening and closing: why allowed.
    Anytime,
    WithinSchedule,
    WithinTempOpen,
    // Opening and closing: why refused.
    LockedOut,
    UnknownCode,
    UnknownUser,
    Suspended,
    NotYetValid,
    Expired,
    TimeUnknown,
    Powerless,
    RemoteOnly,
    UsedUp,
    AreaNotAssigned,
    NotArmedByYou,
    NoOpenClosePermission,
    OutsideSchedule,
    OutsideTempOpen,
    // Acts.
    Permitted,
    NotPermitted,
    /// No span is running, has ended today or starts today where the closing should be extended, or
    /// the site's latest close leaves nothing to add.
    NothingToExtend,
    /// A span or window whose times are out of order, out of range or over.
    BadTimes,
    /// No such schedule, contact, grant, test or session.
    NotFound,
    /// The device cannot remember one more.
    NoRoom,
    // Engineers; Suspended, NotYetValid, Expired, TimeUnknown and UsedUp are shared.
    ReadOnlyBaseline,
    Granted,
    UnknownEngineer,
    NotRegistered,
    UnknownSite,
    SiteRestricted,
    NoGrant,
    Revoked,
    BeginMissed,
    NotGranted,
    // Firmware; the rest is shared.
    Authorised,
    NoFirmwareRight,
    SiteLacksUpgrade,
    NoAuthorisation,
    WrongModel,
    VersionOutOfRange,
    WrongImage,
    Downgrade,
    NoActiveSession,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Normal,
    Early,
    Late,
    Unscheduled,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub verdict: Verdict,
    pub reason: Reason,
    /// Of an opening or closing that was allowed.
    pub class: Option<Class>,
    /// A duress contact was let through.
    pub duress: bool,
    /// When an allow ends by itself.
    pub until: Option<i64>,
    /// When a temp opening must be closed again.
    pub close_by: Option<i64>,
    /// Who was recognised, allowed or not.
    pub user: Option<u16>,
    /// The grant that decided, or that was made.
    pub grant: Option<u32>,
    /// The firmware authorisation that decided.
    pub authorisation: Option<u32>,
    /// This wrong code started a lockout.
    pub lockout_started: bool,
    /// A denied engineer may still use the site's read-only baseline.
    pub read_only_left: bool,
    /// The contact passed rows 1 to 6; what was refused is the act.
    pub admitted: bool,
    /// A session was begun, not merely gone on with.
    pub session_begun: bool,
}

impl Answer {
    pub fn new(verdict: Verdict, reason: Reason) -> Self {
        Self {
            verdict,
            reason,
            class: None,
            duress: false,
            until: None,
            close_by: None,
            user: None,
            grant: None,
            authorisation: None,
            lockout_started: false,
            read_only_left: false,
            admitted: false,
            session_begun: false,
        }
    }

    pub fn allow(reason: Reason) -> Self {
        Self::new(Verdict::Allow, reason)
    }

    pub fn deny(reason: Reason) -> Self {
        Self::new(Verdict::Deny, reason)
    }
}

/// A deadline that has passed, and when.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    pub at: i64,
    pub what: Overdue,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Overdue {
    /// The areas of one system that are still armed.
    LateToOpen(Place),
    /// The areas of one system that are still not armed.
    LateToClose(Place),
    TempOpeningOverrun {
        user: u16,
        place: Place,
    },
    GrantEnded {
        grant: u32,
    },
    SessionEnded {
        engineer: u32,
        site: u32,
        grant: u32,
    },
    /// Named after the lowest system of the test.
    TestEnded(Place),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Answer(Answer),
    /// What a tick found, oldest first.
    Due(Vec<Due>),
}
