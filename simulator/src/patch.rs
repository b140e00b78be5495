//! What changes one policy into another: the content of a patch. docs/format.md has its bytes.

use std::fmt;

use keyholder::blob::Kind;
use keyholder::code::Credential;
use keyholder::contact::{Contact, UserNumber};
use keyholder::engineer::{Engineer, EngineerId, Grant, GrantId, SiteAccess, SiteId};
use keyholder::firmware::{Authorisation, AuthorisationId};
use keyholder::place::AreaList;
use keyholder::policy::Part;
use keyholder::policy::access::ReceiverHead;
use keyholder::policy::panel::Site;
use keyholder::schedule::{Holiday, Layer, Schedule, Span, TempOpenWindow};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::snapshot::{AccessRows, PanelRows, ReceiverRows, Rows};

/// Most rows that a patch removes from a part, and most that it puts there.
pub const MOST_CHANGES: usize = 32;
/// Added to a part's number: the section names rows that go.
const REMOVED: u8 = 0x40;

/// A row that a patch changes by itself.
pub trait Named: Copy + PartialEq + Serialize + DeserializeOwned {
    /// By what a patch names it.
    type Name: Copy + PartialEq + Serialize + DeserializeOwned;
    /// What its part is ordered by.
    type Order: Ord;

    /// Its name.
    fn name(&self) -> Self::Name;
    /// Its place.
    fn order(&self) -> Self::Order;
}

macro_rules! named {
    ($($type:ty: $name:ty, $row:ident => $value:expr, $order:ty => $place:expr;)*) => {$(
        impl Named for $type {
            type Name = $name;
            type Order = $order;
            fn name(&self) -> $name {
                let $row = self;
                $value
            }
            fn order(&self) -> $order {
                let $row = self;
                $place
            }
        }
    )*};
}
named! {
    Holiday: (u16, u8, u8), row => (row.year, row.month, row.day), (u16, u8, u8) => row.name();
    Contact: UserNumber, row => row.user, UserNumber => row.user;
    Credential: UserNumber, row => row.user, [u8; 8] => row.digest.0;
    SiteAccess: SiteId, row => row.id, SiteId => row.id;
    Engineer: EngineerId, row => row.id, EngineerId => row.id;
    Grant: (EngineerId, SiteId, GrantId), row => (row.engineer, row.site, row.id), (EngineerId, SiteId, GrantId) => row.name();
    Authorisation: AuthorisationId, row => row.id, AuthorisationId => row.id;
}

/// What changes in a part row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Changes<T: Named> {
    /// The names of rows that go.
    pub removed: Vec<T::Name>,
    /// Rows that come, or take the place of those of their name.
    pub put: Vec<T>,
}

impl<T: Named> Default for Changes<T> {
    fn default() -> Self {
        Self { removed: Vec::new(), put: Vec::new() }
    }
}

/// A policy differs too much from another to be a patch of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyChanges {
    /// In which part.
    pub part: Part,
    /// How many rows it removes, or puts there.
    pub rows: usize,
}

impl fmt::Display for TooManyChanges {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of the {} change, and a patch changes at most {MOST_CHANGES}", self.rows, self.part.text())
    }
}

impl std::error::Error for TooManyChanges {}

impl<T: Named> Changes<T> {
    fn between(old: &[T], new: &[T]) -> Self {
        let of = |rows: &[T], name: T::Name| rows.iter().find(|row| row.name() == name).copied();
        Self {
            removed: old.iter().map(Named::name).filter(|name| of(new, *name).is_none()).collect(),
            put: new.iter().filter(|row| of(old, row.name()) != Some(**row)).copied().collect(),
        }
    }

    fn apply(&self, rows: &mut Vec<T>) {
        rows.retain(|row| !self.removed.contains(&row.name()) && !self.put.iter().any(|put| put.name() == row.name()));
        rows.extend(&self.put);
        rows.sort_by_key(Named::order);
    }

    /// Whether nothing changes.
    pub const fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.put.is_empty()
    }
}

/// What changes in a panel's policy. Of the parts whose rows are known by their position all rows are told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PanelPatch {
    /// The site's own settings.
    pub site: Option<Site>,
    /// Lists of areas.
    pub lists: Option<Vec<AreaList>>,
    /// Schedules.
    pub schedules: Option<Vec<Schedule>>,
    /// Their layers.
    pub layers: Option<Vec<Layer>>,
    /// Their spans.
    pub spans: Option<Vec<Span>>,
    /// Holidays.
    pub holidays: Changes<Holiday>,
    /// Temp-open windows.
    pub windows: Option<Vec<TempOpenWindow>>,
    /// Contacts.
    pub contacts: Changes<Contact>,
    /// Whose code is whose.
    pub codes: Changes<Credential>,
    /// Whose passcode is whose.
    pub passcodes: Changes<Credential>,
    /// Engineers and their grants.
    pub access: AccessPatch,
}

/// What changes about engineers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccessPatch {
    /// Sites.
    pub sites: Changes<SiteAccess>,
    /// Engineers.
    pub engineers: Changes<Engineer>,
    /// Grants.
    pub grants: Changes<Grant>,
    /// Firmware authorisations.
    pub authorisations: Changes<Authorisation>,
}

/// What changes in a receiver's policy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReceiverPatch {
    /// The receiver's own settings.
    pub head: Option<ReceiverHead>,
    /// Everything else.
    pub access: AccessPatch,
}

/// What changes in a policy.
#[derive(Clone, Debug, PartialEq)]
pub enum Patch {
    /// In a panel's.
    Panel(Box<PanelPatch>),
    /// In a receiver's.
    Receiver(ReceiverPatch),
}

fn if_changed<T: PartialEq + Clone>(old: &T, new: &T) -> Option<T> {
    (old != new).then(|| new.clone())
}

/// The user numbers that somebody else has got.
fn given_away(old: &[Contact], new: &[Contact]) -> Vec<UserNumber> {
    let former = |contact: &&Contact| old.iter().any(|former| former.user == contact.user && former.identity != contact.identity);
    new.iter().filter(former).map(|contact| contact.user).collect()
}

/// What changes about codes. Who gets a number gets a code with it, be it the former owner's: a patch that leaves that one alone is refused.
fn credentials(old: &[Credential], new: &[Credential], given_away: &[UserNumber]) -> Changes<Credential> {
    let mut changes = Changes::between(old, new);
    changes.put.extend(new.iter().filter(|row| given_away.contains(&row.user) && old.contains(row)));
    changes.put.sort_by_key(Named::order);
    changes
}

impl AccessPatch {
    fn between(old: &AccessRows, new: &AccessRows) -> Self {
        Self {
            sites: Changes::between(&old.sites, &new.sites),
            engineers: Changes::between(&old.engineers, &new.engineers),
            grants: Changes::between(&old.grants, &new.grants),
            authorisations: Changes::between(&old.authorisations, &new.authorisations),
        }
    }

    fn apply(&self, rows: &mut AccessRows) {
        self.sites.apply(&mut rows.sites);
        self.engineers.apply(&mut rows.engineers);
        self.grants.apply(&mut rows.grants);
        self.authorisations.apply(&mut rows.authorisations);
    }
}

impl Patch {
    /// What changes `old` into `new`, and nothing more. `None`: one is a panel's, the other a receiver's.
    pub fn between(old: &Rows, new: &Rows) -> Option<Self> {
        Some(match (old, new) {
            (Rows::Panel(old), Rows::Panel(new)) => Self::Panel(Box::new(PanelPatch {
                site: if_changed(&old.site, &new.site),
                lists: if_changed(&old.lists, &new.lists),
                schedules: if_changed(&old.schedules, &new.schedules),
                layers: if_changed(&old.layers, &new.layers),
                spans: if_changed(&old.spans, &new.spans),
                holidays: Changes::between(&old.holidays, &new.holidays),
                windows: if_changed(&old.windows, &new.windows),
                contacts: Changes::between(&old.contacts, &new.contacts),
                codes: credentials(&old.codes, &new.codes, &given_away(&old.contacts, &new.contacts)),
                passcodes: credentials(&old.passcodes, &new.passcodes, &given_away(&old.contacts, &new.contacts)),
                access: AccessPatch::between(&old.access, &new.access),
            })),
            (Rows::Receiver(old), Rows::Receiver(new)) => Self::Receiver(ReceiverPatch {
                head: if_changed(&old.head, &new.head),
                access: AccessPatch::between(&old.access, &new.access),
            }),
            _ => return None,
        })
    }

    /// What kind of blob carries it.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Panel(_) => Kind::PanelPatch,
            Self::Receiver(_) => Kind::ReceiverPatch,
        }
    }

    /// The policy after it, as a device has it. `None`: it is not one of such a device.
    pub fn apply(&self, rows: &Rows) -> Option<Rows> {
        Some(match (self, rows) {
            (Self::Panel(patch), Rows::Panel(rows)) => {
                let mut rows: PanelRows = (**rows).clone();
                rows.site = patch.site.unwrap_or(rows.site);
                put_whole(&patch.lists, &mut rows.lists);
                put_whole(&patch.schedules, &mut rows.schedules);
                put_whole(&patch.layers, &mut rows.layers);
                put_whole(&patch.spans, &mut rows.spans);
                patch.holidays.apply(&mut rows.holidays);
                put_whole(&patch.windows, &mut rows.windows);
                patch.contacts.apply(&mut rows.contacts);
                patch.codes.apply(&mut rows.codes);
                patch.passcodes.apply(&mut rows.passcodes);
                patch.access.apply(&mut rows.access);
                Rows::Panel(Box::new(rows))
            }
            (Self::Receiver(patch), Rows::Receiver(rows)) => {
                let mut rows: ReceiverRows = rows.clone();
                rows.head = patch.head.unwrap_or(rows.head);
                patch.access.apply(&mut rows.access);
                Rows::Receiver(rows)
            }
            _ => return None,
        })
    }

    /// Its bytes in a blob.
    ///
    /// # Errors
    /// It changes more than a patch can.
    pub fn encode(&self) -> Result<Vec<u8>, TooManyChanges> {
        let mut writer = Writer(Vec::new());
        match self {
            Self::Panel(patch) => {
                writer.whole(Part::Head, &patch.site);
                writer.whole(Part::AreaLists, &patch.lists);
                writer.whole(Part::Schedules, &patch.schedules);
                writer.whole(Part::Layers, &patch.layers);
                writer.whole(Part::Spans, &patch.spans);
                writer.changes(Part::Holidays, &patch.holidays)?;
                writer.whole(Part::Windows, &patch.windows);
                writer.changes(Part::Contacts, &patch.contacts)?;
                writer.changes(Part::Codes, &patch.codes)?;
                writer.changes(Part::Passcodes, &patch.passcodes)?;
                writer.access(&patch.access)?;
            }
            Self::Receiver(patch) => {
                writer.whole(Part::Head, &patch.head);
                writer.access(&patch.access)?;
            }
        }
        Ok(writer.0)
    }

    /// What a patch of that kind with those bytes changes; `None` if the bytes are no such patch, or more than that.
    pub fn decode(kind: Kind, bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let patch = match kind {
            Kind::PanelPatch => Self::Panel(Box::new(PanelPatch {
                site: reader.whole(Part::Head)?,
                lists: reader.whole(Part::AreaLists)?,
                schedules: reader.whole(Part::Schedules)?,
                layers: reader.whole(Part::Layers)?,
                spans: reader.whole(Part::Spans)?,
                holidays: reader.changes(Part::Holidays)?,
                windows: reader.whole(Part::Windows)?,
                contacts: reader.changes(Part::Contacts)?,
                codes: reader.changes(Part::Codes)?,
                passcodes: reader.changes(Part::Passcodes)?,
                access: reader.access()?,
            })),
            Kind::ReceiverPatch => Self::Receiver(ReceiverPatch { head: reader.whole(Part::Head)?, access: reader.access()? }),
            _ => return None,
        };
        reader.0.is_empty().then_some(patch)
    }
}

fn put_whole<T: Clone>(rows: &Option<Vec<T>>, into: &mut Vec<T>) {
    if let Some(rows) = rows {
        into.clone_from(rows);
    }
}

struct Writer(Vec<u8>);

impl Writer {
    fn section(&mut self, tag: u8, content: &impl Serialize) {
        self.0.push(tag);
        // Writing to memory cannot fail, and every row is of a kind that postcard can write.
        self.0.extend(postcard::to_allocvec(content).unwrap_or_default());
    }

    fn whole(&mut self, part: Part, content: &Option<impl Serialize>) {
        if let Some(content) = content {
            self.section(part as u8, content);
        }
    }

    fn changes<T: Named>(&mut self, part: Part, changes: &Changes<T>) -> Result<(), TooManyChanges> {
        let rows = changes.removed.len().max(changes.put.len());
        if rows > MOST_CHANGES {
            return Err(TooManyChanges { part, rows });
        }
        if !changes.removed.is_empty() {
            self.section(part as u8 | REMOVED, &changes.removed);
        }
        if !changes.put.is_empty() {
            self.section(part as u8, &changes.put);
        }
        Ok(())
    }

    fn access(&mut self, access: &AccessPatch) -> Result<(), TooManyChanges> {
        self.changes(Part::Sites, &access.sites)?;
        self.changes(Part::Engineers, &access.engineers)?;
        self.changes(Part::Grants, &access.grants)?;
        self.changes(Part::Authorisations, &access.authorisations)
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    /// What is in the section, if that is the next one. The outer `None`: it cannot be read.
    fn section<T: DeserializeOwned>(&mut self, tag: u8) -> Option<Option<T>> {
        let Some((_, content)) = self.0.split_first().filter(|(first, _)| **first == tag) else { return Some(None) };
        let (value, rest) = postcard::take_from_bytes(content).ok()?;
        self.0 = rest;
        Some(Some(value))
    }

    fn whole<T: DeserializeOwned>(&mut self, part: Part) -> Option<Option<T>> {
        self.section(part as u8)
    }

    fn changes<T: Named>(&mut self, part: Part) -> Option<Changes<T>> {
        let removed = self.section(part as u8 | REMOVED)?.unwrap_or_default();
        Some(Changes { removed, put: self.section(part as u8)?.unwrap_or_default() })
    }

    fn access(&mut self) -> Option<AccessPatch> {
        Some(AccessPatch {
            sites: self.changes(Part::Sites)?,
            engineers: self.changes(Part::Engineers)?,
            grants: self.changes(Part::Grants)?,
            authorisations: self.changes(Part::Authorisations)?,
        })
    }
}
