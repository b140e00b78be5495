//! A policy as people write it: the keys of a policy file. docs/policy-file.md explains each.

#![allow(missing_docs, reason = "docs/policy-file.md explains the keys, and has the same names")]

use keyholder::contact::Permissions;
use keyholder::engineer::{AccessOptions, Capabilities};
use keyholder::policy::panel::SiteOptions;
use serde::Deserialize;
use toml::Spanned;

use crate::complaint::Mistake;
use crate::flags::Names;
use crate::values::{AreaMap, Days, Duration, Engineer, HolidayDate, Image, LocalDate, Moment, OneOrMore, TimeOfDay, VersionText};

/// A policy file.
#[derive(Debug)]
pub enum PolicyFile {
    /// A panel's.
    Panel(Box<PanelFile>),
    /// A receiver's.
    Receiver(Box<ReceiverFile>),
}

impl PolicyFile {
    /// Reads the text of a policy file.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn read(text: &str) -> Result<Self, Mistake> {
        let kind: KindOfFile = toml::from_str(text)?;
        match (kind.panel, kind.receiver) {
            (Some(_), None) => Ok(Self::Panel(Box::new(toml::from_str(text)?))),
            (None, Some(_)) => Ok(Self::Receiver(Box::new(toml::from_str(text)?))),
            (None, None) => {
                Err(Mistake::anywhere("this file is no device's policy", "add a [panel] or a [receiver]; see docs/policy-file.md"))
            }
            (Some(_), Some(receiver)) => {
                Err(Mistake::at(receiver.span(), "one file is one device's policy", "move [receiver] to a file of its own"))
            }
        }
    }
}

/// Just enough of a file to tell whose it is.
#[derive(Deserialize)]
struct KindOfFile {
    panel: Option<Spanned<toml::Value>>,
    receiver: Option<Spanned<toml::Value>>,
}

/// How much a device has room for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Size {
    /// `SmallPanel`, `SmallReceiver`.
    Small,
    /// `StandardPanel`, `StandardReceiver`.
    Standard,
    /// `LargePanel`, `LargeReceiver`.
    #[default]
    Large,
}

/// A panel's policy file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PanelFile {
    /// `[panel]`
    pub panel: Spanned<PanelTable>,
    /// `[access]`
    pub access: Option<Spanned<AccessTable>>,
    /// `[[schedule]]`
    #[serde(default)]
    pub schedule: Vec<Spanned<ScheduleTable>>,
    /// `[[holiday]]`
    #[serde(default)]
    pub holiday: Vec<Spanned<HolidayTable>>,
    /// `[[temp_open]]`
    #[serde(default)]
    pub temp_open: Vec<Spanned<TempOpenTable>>,
    /// `[[contact]]`
    #[serde(default)]
    pub contact: Vec<Spanned<ContactTable>>,
    /// `[[engineer]]`
    #[serde(default)]
    pub engineer: Vec<Spanned<EngineerTable>>,
    /// `[[grant]]`
    #[serde(default)]
    pub grant: Vec<Spanned<GrantTable>>,
    /// `[[firmware]]`
    #[serde(default)]
    pub firmware: Vec<Spanned<FirmwareTable>>,
}

/// `[panel]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PanelTable {
    pub site: Spanned<i64>,
    pub name: Option<String>,
    pub zone: Spanned<String>,
    pub systems: AreaMap,
    #[serde(default)]
    pub options: Names<SiteOptions>,
    pub early_margin: Option<Spanned<Duration>>,
    pub late_margin: Option<Spanned<Duration>>,
    pub latest_close: Option<Spanned<TimeOfDay>>,
    pub longest_test: Option<Spanned<Duration>>,
    pub lockout: Option<LockoutTable>,
    pub clock_tolerance: Option<Spanned<Duration>>,
    pub size: Option<Size>,
}

/// `lockout` of `[panel]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockoutTable {
    pub wrong_codes: Option<Spanned<i64>>,
    pub lasts: Option<Spanned<Duration>>,
    #[serde(default)]
    pub each_further: bool,
}

/// `[access]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessTable {
    #[serde(default)]
    pub options: Names<AccessOptions>,
    #[serde(default)]
    pub baseline: Names<Capabilities>,
    pub lifted_at: Option<Spanned<Moment>>,
    pub longest_session: Option<Spanned<Duration>>,
    pub spot_grant: Option<Spanned<Duration>>,
    pub answer_grant: Option<Spanned<Duration>>,
}

/// `[[schedule]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleTable {
    pub name: Option<String>,
    pub areas: Spanned<AreaMap>,
    #[serde(default)]
    pub span: Vec<Spanned<SpanTable>>,
    #[serde(default)]
    pub alternate: Vec<Spanned<DatedLayer>>,
    #[serde(default)]
    pub holiday: Vec<Spanned<HolidayLayer>>,
    #[serde(default)]
    pub temporary: Vec<Spanned<DatedLayer>>,
}

/// `[[schedule.alternate]]` and `[[schedule.temporary]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatedLayer {
    pub name: Option<String>,
    pub from: Option<Spanned<LocalDate>>,
    pub to: Option<Spanned<LocalDate>>,
    pub on: Option<Spanned<LocalDate>>,
    #[serde(default)]
    pub span: Vec<Spanned<SpanTable>>,
}

/// `[[schedule.holiday]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HolidayLayer {
    pub holidays: Spanned<OneOrMore>,
    #[serde(default)]
    pub span: Vec<Spanned<SpanTable>>,
}

/// `[[schedule.span]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpanTable {
    pub days: Option<Days>,
    pub opens_from: Spanned<TimeOfDay>,
    pub must_be_open_by: Option<Spanned<TimeOfDay>>,
    pub closes_from: Option<Spanned<TimeOfDay>>,
    pub must_be_closed_by: Spanned<TimeOfDay>,
}

/// `[[holiday]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HolidayTable {
    pub name: Spanned<String>,
    pub date: Spanned<HolidayDate>,
    pub group: Option<String>,
}

/// `[[temp_open]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TempOpenTable {
    pub areas: Spanned<AreaMap>,
    pub days: Option<Days>,
    pub from: Spanned<TimeOfDay>,
    pub until: Spanned<TimeOfDay>,
    pub first_date: Option<Spanned<LocalDate>>,
    pub last_date: Option<Spanned<LocalDate>>,
}

/// `[[contact]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactTable {
    pub user: Spanned<i64>,
    pub name: Option<String>,
    pub id: Option<String>,
    #[serde(default)]
    pub permissions: Names<Permissions>,
    pub code: Option<Spanned<toml::Value>>,
    pub passcode: Option<Spanned<String>>,
    pub valid_from: Option<Spanned<Moment>>,
    pub valid_until: Option<Spanned<Moment>>,
    pub areas: Option<Spanned<AreaMap>>,
    pub test_areas: Option<Spanned<AreaMap>>,
    pub limit: Option<Spanned<toml::Value>>,
    pub temp_open: Option<Spanned<Duration>>,
    #[serde(default)]
    pub suspended: bool,
    #[serde(default)]
    pub duress: bool,
    #[serde(default)]
    pub guest: bool,
    #[serde(default)]
    pub remote_only: bool,
    #[serde(default)]
    pub powerless: bool,
}

/// A receiver's policy file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiverFile {
    /// `[receiver]`
    pub receiver: Spanned<ReceiverTable>,
    /// `[[site]]`
    #[serde(default)]
    pub site: Vec<Spanned<SiteTable>>,
    /// `[[engineer]]`
    #[serde(default)]
    pub engineer: Vec<Spanned<EngineerTable>>,
    /// `[[grant]]`
    #[serde(default)]
    pub grant: Vec<Spanned<GrantTable>>,
    /// `[[firmware]]`
    #[serde(default)]
    pub firmware: Vec<Spanned<FirmwareTable>>,
}

/// `[receiver]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiverTable {
    pub id: Spanned<i64>,
    pub name: Option<String>,
    pub zone: Option<Spanned<String>>,
    pub clock_tolerance: Option<Spanned<Duration>>,
    pub size: Option<Size>,
}

/// `[[site]]`
// Flattening an `AccessTable` would lose the places of what is wrong, so its keys are repeated.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteTable {
    pub id: Spanned<i64>,
    pub name: Option<String>,
    #[serde(default)]
    pub options: Names<AccessOptions>,
    #[serde(default)]
    pub baseline: Names<Capabilities>,
    pub lifted_at: Option<Spanned<Moment>>,
    pub longest_session: Option<Spanned<Duration>>,
    pub spot_grant: Option<Spanned<Duration>>,
    pub answer_grant: Option<Spanned<Duration>>,
}

impl SiteTable {
    /// What an `[access]` would say.
    pub fn access(&self) -> AccessTable {
        AccessTable {
            options: self.options,
            baseline: self.baseline,
            lifted_at: self.lifted_at.clone(),
            longest_session: self.longest_session.clone(),
            spot_grant: self.spot_grant.clone(),
            answer_grant: self.answer_grant.clone(),
        }
    }
}

/// `[[engineer]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngineerTable {
    pub id: Spanned<i64>,
    pub email: Spanned<String>,
    pub name: Option<String>,
    #[serde(default)]
    pub registered: bool,
    #[serde(default)]
    pub suspended: bool,
    #[serde(default)]
    pub updates_firmware: bool,
    #[serde(default)]
    pub federated: bool,
}

/// `[[grant]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantTable {
    pub id: Spanned<i64>,
    pub engineer: Spanned<Engineer>,
    pub site: Option<Spanned<i64>>,
    pub capabilities: Names<Capabilities>,
    #[serde(default)]
    pub excluded: Names<Capabilities>,
    pub from: Option<Spanned<Moment>>,
    pub until: Option<Spanned<Moment>>,
    pub begin_by: Option<Spanned<Moment>>,
    #[serde(default)]
    pub one_time: bool,
}

/// `[[firmware]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirmwareTable {
    pub id: Spanned<i64>,
    pub model: Spanned<String>,
    pub first: Spanned<VersionText>,
    pub last: Spanned<VersionText>,
    pub from: Option<Spanned<Moment>>,
    pub until: Option<Spanned<Moment>>,
    pub image_sha256: Option<Image>,
    #[serde(default)]
    pub allows_downgrade: bool,
}
