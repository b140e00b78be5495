//! A device's whole policy in memory: the rows that a snapshot blob carries.

use keyholder::blob::Kind;
use keyholder::code::Credential;
use keyholder::contact::Contact;
use keyholder::engineer::{Engineer, Grant, SiteAccess, SiteId};
use keyholder::firmware::Authorisation;
use keyholder::place::AreaList;
use keyholder::policy::access::{AccessSnapshot, ReceiverHead, ReceiverSnapshot};
use keyholder::policy::panel::{PanelSnapshot, Site};
use keyholder::schedule::{Holiday, Layer, Schedule, Span, TempOpenWindow};
use serde::Deserialize;

/// The rows of a panel's policy, as [`PanelSnapshot`] has them.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PanelRows {
    /// The site's own settings.
    pub site: Site,
    /// Lists of areas.
    pub lists: Vec<AreaList>,
    /// Schedules.
    pub schedules: Vec<Schedule>,
    /// Their layers.
    pub layers: Vec<Layer>,
    /// Their spans.
    pub spans: Vec<Span>,
    /// Holidays.
    pub holidays: Vec<Holiday>,
    /// Temp-open windows.
    pub windows: Vec<TempOpenWindow>,
    /// Contacts.
    pub contacts: Vec<Contact>,
    /// Whose code is whose.
    pub codes: Vec<Credential>,
    /// Whose passcode is whose.
    pub passcodes: Vec<Credential>,
    /// Engineers and their grants.
    pub access: AccessRows,
}

/// The rows about engineers, as [`AccessSnapshot`] has them.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct AccessRows {
    /// Sites.
    pub sites: Vec<SiteAccess>,
    /// Engineers.
    pub engineers: Vec<Engineer>,
    /// Grants.
    pub grants: Vec<Grant>,
    /// Firmware authorisations.
    pub authorisations: Vec<Authorisation>,
}

/// The rows of a receiver's policy, as [`ReceiverSnapshot`] has them.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ReceiverRows {
    /// The receiver's own settings.
    pub head: ReceiverHead,
    /// Everything else.
    pub access: AccessRows,
}

/// The rows of a policy.
#[derive(Clone, Debug, PartialEq)]
pub enum Rows {
    /// Of a panel.
    Panel(Box<PanelRows>),
    /// Of a receiver.
    Receiver(ReceiverRows),
}

impl AccessRows {
    fn snapshot(&self) -> AccessSnapshot<'_> {
        AccessSnapshot { sites: &self.sites, engineers: &self.engineers, grants: &self.grants, authorisations: &self.authorisations }
    }
}

impl Rows {
    /// What kind of blob carries them.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Panel(_) => Kind::PanelSnapshot,
            Self::Receiver(_) => Kind::ReceiverSnapshot,
        }
    }

    /// The site or receiver they are for.
    pub const fn recipient(&self) -> SiteId {
        match self {
            Self::Panel(rows) => rows.site.id,
            Self::Receiver(rows) => rows.head.id,
        }
    }

    /// Those about engineers.
    pub const fn access(&self) -> &AccessRows {
        match self {
            Self::Panel(rows) => &rows.access,
            Self::Receiver(rows) => &rows.access,
        }
    }

    /// Their bytes in a blob.
    ///
    /// # Errors
    /// None that memory does not run out of.
    pub fn encode(&self) -> postcard::Result<Vec<u8>> {
        match self {
            Self::Panel(rows) => postcard::to_allocvec(&PanelSnapshot {
                site: rows.site,
                lists: &rows.lists,
                schedules: &rows.schedules,
                layers: &rows.layers,
                spans: &rows.spans,
                holidays: &rows.holidays,
                windows: &rows.windows,
                contacts: &rows.contacts,
                codes: &rows.codes,
                passcodes: &rows.passcodes,
                access: rows.access.snapshot(),
            }),
            Self::Receiver(rows) => postcard::to_allocvec(&ReceiverSnapshot { head: rows.head, access: rows.access.snapshot() }),
        }
    }

    /// The rows that a blob of that kind carries in those bytes; `None` if the bytes are no such rows, or more than that.
    pub fn decode(kind: Kind, bytes: &[u8]) -> Option<Self> {
        let (rows, rest) = match kind {
            Kind::PanelSnapshot => postcard::take_from_bytes(bytes).map(|(rows, rest)| (Self::Panel(Box::new(rows)), rest)),
            Kind::ReceiverSnapshot => postcard::take_from_bytes(bytes).map(|(rows, rest)| (Self::Receiver(rows), rest)),
            Kind::PanelPatch | Kind::ReceiverPatch | Kind::KeyChange | Kind::ClockCorrection => return None,
        }
        .ok()?;
        rest.is_empty().then_some(rows)
    }
}
