//! The policy as plain data.
//!
//! Systems and areas are numbered from 0. Weekdays are numbered from 0 = Sunday. Minutes of a day
//! count from local midnight and may pass 1440 where something runs on into the next day. Instants
//! are seconds since the Unix epoch. Intervals of instants and of minutes exclude their end; ranges
//! of dates include theirs.

use super::calendar::Zone;
use jiff::civil::Date;

/// Everything the cloud decides, for a panel and a receiver alike.
///
/// A receiver's `site` has no contacts; a panel's `access` knows one site, its own.
#[derive(Clone, Debug)]
pub struct Policy {
    pub site: Site,
    pub access: Access,
    /// How many seconds a clock may read below the highest reading and still be believed.
    pub clock_tolerance: i64,
}

/// One system and some of its areas.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    pub system: u8,
    pub areas: Vec<u8>,
}

/// Whether every one of `areas` of `system` is on the list.
pub fn covers(list: &[Place], system: u8, areas: &[u8]) -> bool {
    areas.iter().all(|area| has_area(list, system, *area))
}

/// Whether the list names this area.
pub fn has_area(list: &[Place], system: u8, area: u8) -> bool {
    list.iter().any(|place| place.system == system && place.areas.contains(&area))
}

#[derive(Clone, Debug)]
pub struct Site {
    /// The panel's own entry in [`Access::sites`].
    pub id: u32,
    pub zone: Zone,
    /// Every area the site has.
    pub areas: Vec<Place>,
    pub contacts: Vec<Contact>,
    pub schedules: Vec<Schedule>,
    pub holidays: Vec<Holiday>,
    pub windows: Vec<TempOpenWindow>,
    pub options: SiteOptions,
}

#[derive(Clone, Debug)]
pub struct SiteOptions {
    pub report_only: bool,
    pub never_refuse_closing: bool,
    pub open_in_alarm: bool,
    /// A code alone is not enough: the user number must be typed too.
    pub number_and_code: bool,
    /// Minutes before opens-from in which an opening is Early.
    pub early_margin: i32,
    /// Minutes after must-be-closed-by in which a closing is Late.
    pub late_margin: i32,
    /// No extension passes this minute, counted from the midnight the span began on.
    pub latest_close: i32,
    pub longest_test_minutes: i64,
    /// The wrong code that starts a lockout: 3 means the third. At least 1.
    pub wrong_codes: u32,
    pub lockout_seconds: i64,
    pub after_first_lockout: AfterFirstLockout,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterFirstLockout {
    FullLimitAgain,
    EachWrongCode,
}

#[derive(Clone, Debug)]
pub struct Contact {
    /// User number, 1..=999.
    pub number: u16,
    /// Never changes and never passes to another person, unlike the number.
    pub identity: u64,
    pub flags: Flags,
    /// `[from, until)`
    pub validity: Option<(i64, i64)>,
    pub code: Option<String>,
    pub passcode: Option<String>,
    /// What it may open and close; `None` is every area of the site.
    pub own_areas: Option<Vec<Place>>,
    /// What `test_designated` covers.
    pub test_areas: Vec<Place>,
    pub use_limit: UseLimit,
    /// How long a temp opening lasts; 0 is to the end of the window.
    pub temp_open_minutes: i64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    pub suspended: bool,
    pub within_schedule: bool,
    pub within_temp_open: bool,
    pub anytime: bool,
    pub cancel_alarm: bool,
    pub change_schedule: bool,
    pub test_all: bool,
    pub test_designated: bool,
    pub edit_customer: bool,
    pub give_out_information: bool,
    pub master_user: bool,
    pub site_administrator: bool,
    pub duress: bool,
    pub guest: bool,
    pub remote_only: bool,
    pub powerless: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UseLimit {
    Unlimited,
    Once,
    /// Openings only.
    OncePerDay,
    MinutesFromFirstUse(i64),
}

#[derive(Clone, Debug)]
pub struct Schedule {
    pub governs: Vec<Place>,
    pub layers: Vec<Layer>,
}

#[derive(Clone, Debug)]
pub struct Layer {
    pub kind: LayerKind,
    pub spans: Vec<Span>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LayerKind {
    Permanent,
    /// First and last date.
    Alternate(Date, Date),
    /// The holiday groups whose dates it names.
    Holiday(Vec<u8>),
    /// First and last date.
    Temporary(Date, Date),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The weekdays it starts on, Sunday first. Ignored in a span a user sets for one date.
    pub weekdays: [bool; 7],
    pub opens_from: i32,
    pub must_be_open_by: Option<i32>,
    pub closes_from: i32,
    pub must_be_closed_by: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holiday {
    pub date: HolidayDate,
    /// 0..8
    pub group: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HolidayDate {
    Once(Date),
    Yearly { month: i8, day: i8 },
}

#[derive(Clone, Debug)]
pub struct TempOpenWindow {
    pub areas: Vec<Place>,
    /// The weekdays it starts on, Sunday first.
    pub weekdays: [bool; 7],
    /// First and last date it starts on.
    pub dates: Option<(Date, Date)>,
    pub from: i32,
    pub until: i32,
}

/// What concerns engineers.
#[derive(Clone, Debug)]
pub struct Access {
    pub sites: Vec<AccessSite>,
    pub engineers: Vec<Engineer>,
    pub grants: Vec<Grant>,
    pub authorisations: Vec<FirmwareAuthorisation>,
}

#[derive(Clone, Debug)]
pub struct AccessSite {
    pub id: u32,
    pub cameras: bool,
    pub exempt: bool,
    pub restricted: bool,
    /// The last lift the cloud knows of.
    pub lifted_at: Option<i64>,
    pub remote_upgrade: bool,
    /// An update needs a session of the engineer that is running.
    pub session_for_update: bool,
    pub baseline: Vec<Capability>,
    pub longest_session_minutes: Option<i64>,
    pub on_the_spot_minutes: i64,
    pub answered_minutes: i64,
}

#[derive(Clone, Debug)]
pub struct Engineer {
    pub id: u32,
    pub registered: bool,
    pub suspended: bool,
    pub update_firmware: bool,
    pub federated: bool,
}

#[derive(Clone, Debug)]
pub struct Grant {
    pub id: u32,
    pub engineer: u32,
    pub site: u32,
    pub from: i64,
    pub until: i64,
    pub begin_by: Option<i64>,
    pub one_time: bool,
    pub capabilities: Vec<Capability>,
    pub excluded: Vec<Capability>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capability {
    ViewSettings,
    ChangeSettings,
    ChangeUserCodes,
    ViewLiveVideo,
    ViewRecordedClips,
    ArmDisarm,
    Bypass,
    PutOnTest,
    ReadLog,
    UpdateFirmware,
}

impl Capability {
    pub const ALL: [Self; 10] = [
        Self::ViewSettings,
        Self::ChangeSettings,
        Self::ChangeUserCodes,
        Self::ViewLiveVideo,
        Self::ViewRecordedClips,
        Self::ArmDisarm,
        Self::Bypass,
        Self::PutOnTest,
        Self::ReadLog,
        Self::UpdateFirmware,
    ];

    /// What a master user's grant never gives (Total Connect).
    pub const NEVER_BY_MASTER_USER: [Self; 3] = [Self::ChangeUserCodes, Self::ViewLiveVideo, Self::ViewRecordedClips];
}

/// major.minor.patch.build; compares number by number.
pub type Version = [u16; 4];

#[derive(Clone, Debug)]
pub struct FirmwareAuthorisation {
    pub id: u32,
    pub model: String,
    pub first: Version,
    pub last: Version,
    pub from: i64,
    pub until: i64,
    pub image: Option<[u8; 32]>,
    pub allow_downgrade: bool,
}
