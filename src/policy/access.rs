//! Engineers, the sites they work on, grants and firmware authorisations: on a receiver for many sites, on a panel for its own.

use serde::{Deserialize, Serialize};

use crate::engineer::{
    AccessOptions, Capabilities, Engineer, EngineerId, GRANTS_PER_ENGINEER_AND_SITE, Grant, GrantId, Identity, SiteAccess, SiteId, Standing,
};
use crate::firmware::{Authorisation, AuthorisationId};
use crate::policy::row::PartTable;
use crate::policy::{Ascending, Fault, check_period, ensure};
use crate::table::Table;

/// A receiver's own settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ReceiverHead {
    /// The receiver; never 0.
    pub id: SiteId,
    /// Seconds the clock may run backwards without being taken for turned back.
    pub clock_tolerance: u16,
}

impl ReceiverHead {
    pub(crate) const NONE: Self = Self { id: SiteId(0), clock_tolerance: 0 };
}

/// Everything about engineers in the order of the wire. Sites, engineers and authorisations ascend by id, grants by engineer, then site,
/// then id. A panel's has one site: its own.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AccessSnapshot<'a> {
    /// The sites this device serves.
    pub sites: &'a [SiteAccess],
    /// The engineers.
    pub engineers: &'a [Engineer],
    /// Their grants.
    pub grants: &'a [Grant],
    /// What firmware may be installed.
    pub authorisations: &'a [Authorisation],
}

/// A receiver's whole policy in the order of the wire: its postcard encoding is what a receiver's snapshot blob carries.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ReceiverSnapshot<'a> {
    /// The receiver's own settings.
    pub head: ReceiverHead,
    /// Everything else.
    pub access: AccessSnapshot<'a>,
}

/// The tables about engineers in a device.
#[derive(Clone, Debug)]
pub(crate) struct AccessTables<const SITES: usize, const ENGINEERS: usize, const GRANTS: usize, const AUTHORISATIONS: usize> {
    pub(crate) sites: Table<SiteAccess, SITES>,
    pub(crate) engineers: Table<Engineer, ENGINEERS>,
    pub(crate) grants: Table<Grant, GRANTS>,
    pub(crate) authorisations: Table<Authorisation, AUTHORISATIONS>,
}

impl<const SITES: usize, const ENGINEERS: usize, const GRANTS: usize, const AUTHORISATIONS: usize>
    AccessTables<SITES, ENGINEERS, GRANTS, AUTHORISATIONS>
{
    pub(crate) const EMPTY: Self =
        Self { sites: Table::EMPTY, engineers: Table::EMPTY, grants: Table::EMPTY, authorisations: Table::EMPTY };

    pub(crate) fn view(&self) -> Access<'_> {
        Access {
            sites: self.sites.slots(),
            engineers: self.engineers.slots(),
            grants: self.grants.slots(),
            authorisations: self.authorisations.slots(),
        }
    }

    /// The tables in the order of the wire, which is that of [`Part::RECEIVER`](crate::policy::Part::RECEIVER).
    pub(crate) fn parts(&self) -> [&dyn PartTable; 4] {
        [&self.sites, &self.engineers, &self.grants, &self.authorisations]
    }

    /// The same, to be written.
    pub(crate) fn parts_mut(&mut self) -> [&mut dyn PartTable; 4] {
        [&mut self.sites, &mut self.engineers, &mut self.grants, &mut self.authorisations]
    }

    pub(crate) fn engineer_id(&self, identity: Identity) -> Option<EngineerId> {
        self.engineers.rows().iter().find(|engineer| engineer.identity == identity).map(|engineer| engineer.id)
    }

    pub(crate) fn clear(&mut self) {
        for table in self.parts_mut() {
            table.truncate(0);
        }
    }
}

/// [`AccessTables`] of any capacity; every slot is there, empty ones included.
#[derive(Clone, Copy)]
pub(crate) struct Access<'a> {
    pub(crate) sites: &'a [SiteAccess],
    pub(crate) engineers: &'a [Engineer],
    pub(crate) grants: &'a [Grant],
    pub(crate) authorisations: &'a [Authorisation],
}

/// The validity rules, fed row by row in the order of the wire.
pub(crate) struct AccessRules {
    sites: Ascending<SiteId>,
    engineers: Ascending<EngineerId>,
    grants: Ascending<(EngineerId, SiteId, GrantId)>,
    authorisations: Ascending<AuthorisationId>,
    /// How many grants the last row's engineer has had on its site.
    repeated: usize,
    last: (EngineerId, SiteId),
}

impl AccessRules {
    pub(crate) const START: Self = Self {
        sites: Ascending::START,
        engineers: Ascending::START,
        grants: Ascending::START,
        authorisations: Ascending::START,
        repeated: 0,
        last: (EngineerId(0), SiteId(0)),
    };

    pub(crate) fn site(&mut self, site: &SiteAccess) -> Result<(), Fault> {
        self.sites.above(site.id)?;
        ensure(AccessOptions::from_bits(site.options.bits()).is_some(), Fault::UnknownBits)?;
        ensure(Capabilities::from_bits(site.baseline.bits()).is_some(), Fault::UnknownBits)?;
        ensure(site.id.0 != 0 && site.spot_grant_minutes != 0 && site.answer_grant_minutes != 0, Fault::Range)
    }

    /// `known` is the engineer the device has under that id, `same_identity` whether an earlier row has that identity.
    pub(crate) fn engineer(&mut self, engineer: &Engineer, known: Option<&Engineer>, same_identity: bool) -> Result<(), Fault> {
        self.engineers.above(engineer.id)?;
        ensure(Standing::from_bits(engineer.standing.bits()).is_some(), Fault::UnknownBits)?;
        ensure(engineer.id.0 != 0, Fault::Range)?;
        ensure(!same_identity, Fault::Duplicate)?;
        ensure(known.is_none_or(|known| known.identity == engineer.identity), Fault::IdentityChanged)
    }

    /// `refers` tells whether its engineer and site are there.
    pub(crate) fn grant(&mut self, grant: &Grant, refers: bool) -> Result<(), Fault> {
        self.grants.above((grant.engineer, grant.site, grant.id))?;
        let whose = (grant.engineer, grant.site);
        self.repeated = if whose == self.last { self.repeated + 1 } else { 1 };
        self.last = whose;
        ensure(self.repeated <= GRANTS_PER_ENGINEER_AND_SITE, Fault::TooManyGrants)?;
        ensure(Capabilities::from_bits(grant.capabilities.bits()).is_some(), Fault::UnknownBits)?;
        ensure(Capabilities::from_bits(grant.excluded.bits()).is_some(), Fault::UnknownBits)?;
        ensure(grant.id != GrantId::NONE && grant.id < GrantId::FIRST_LOCAL, Fault::Range)?;
        ensure(refers, Fault::Reference)?;
        check_period(&grant.period)?;
        ensure(grant.begin_by.is_none_or(|begin_by| grant.period.from < begin_by), Fault::ReversedInterval)
    }

    pub(crate) fn authorisation(&mut self, authorisation: &Authorisation) -> Result<(), Fault> {
        self.authorisations.above(authorisation.id)?;
        let name_ends = authorisation.model.0.iter().position(|byte| *byte == 0).unwrap_or(authorisation.model.0.len());
        let (name, padding) = authorisation.model.0.split_at_checked(name_ends).unwrap_or((&[], &[]));
        let printable = name.iter().all(|byte| (0x20..0x7f).contains(byte)) && padding.iter().all(|byte| *byte == 0);
        ensure(authorisation.id.0 != 0 && !name.is_empty() && printable, Fault::Range)?;
        check_period(&authorisation.period)?;
        ensure(authorisation.first <= authorisation.last, Fault::ReversedInterval)
    }
}
