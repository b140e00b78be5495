//! Engineers, the sites they work on, grants and firmware authorisations.

use std::collections::BTreeMap;

use keyholder::engineer::{Engineer, EngineerId, Grant, GrantId, Identity, SiteAccess, SiteId, Standing};
use keyholder::firmware::{Authorisation, AuthorisationId, Model};
use keyholder::policy::Part;
use keyholder::time::Period;
use sha2::{Digest as _, Sha256};
use toml::Spanned;

use super::{Placed, Places, id, instant, minutes, optional, period, settle};
use crate::complaint::{Mistake, Place};
use crate::names::CalledNames;
use crate::near::nearest;
use crate::policy_file::{AccessTable, EngineerTable, FirmwareTable, GrantTable, SiteTable};
use crate::snapshot::AccessRows;
use crate::values::{self, VersionText};
use crate::zones::Clock;

/// Who an e-mail address is: upper and lower case and blanks around it make no difference.
pub fn identity(email: &str) -> Identity {
    let digest: [u8; 32] = Sha256::digest(email.trim().to_lowercase()).into();
    let mut identity = [0; 16];
    for (byte, of_digest) in identity.iter_mut().zip(digest) {
        *byte = of_digest;
    }
    Identity(identity)
}

pub(super) struct AccessCompiler<'a> {
    /// On a panel, the only site there is.
    pub(super) own_site: Option<SiteId>,
    pub(super) clock: Option<&'a Clock>,
    pub(super) names: &'a mut CalledNames,
    pub(super) places: &'a mut Places,
}

impl AccessCompiler<'_> {
    /// The sites of a receiver.
    pub(super) fn sites(&mut self, tables: &[Spanned<SiteTable>]) -> Result<Vec<SiteAccess>, Mistake> {
        let mut rows = Vec::new();
        for site in tables {
            let table = site.get_ref();
            let id = SiteId(id(&table.id)?);
            if let Some(name) = &table.name {
                self.names.sites.insert(id.0, name.clone());
            }
            rows.push(Placed { row: self.site(id, &table.access())?, place: table.id.span() });
        }
        only_once(&rows, |site| site.id, |site| (format!("there is a site {} already", site.id.0), "give each an id of its own"))?;
        Ok(settle(Part::Sites, rows, self.places, |site| site.id))
    }

    /// The site of a panel.
    pub(super) fn own_site(&mut self, id: SiteId, table: Option<&Spanned<AccessTable>>, panel: Place) -> Result<Vec<SiteAccess>, Mistake> {
        let left_out = AccessTable::default();
        let row = self.site(id, table.map_or(&left_out, Spanned::get_ref))?;
        self.places.note(Part::Sites, [&table.map_or(panel, Spanned::span)]);
        Ok(vec![row])
    }

    fn site(&self, id: SiteId, table: &AccessTable) -> Result<SiteAccess, Mistake> {
        let at_least_one = |duration: &Spanned<values::Duration>| match minutes(duration, u16::MAX)? {
            0 => Err(Mistake::at(duration.span(), "this takes time", "write at least \"1m\"")),
            minutes => Ok(minutes),
        };
        Ok(SiteAccess {
            id,
            options: table.options.0,
            baseline: table.baseline.0,
            lifted_at: table.lifted_at.as_ref().map(|moment| instant(moment, self.clock)).transpose()?,
            longest_session: optional(&table.longest_session, 0, at_least_one)?,
            spot_grant_minutes: optional(&table.spot_grant, SiteAccess::CLOSED.spot_grant_minutes, at_least_one)?,
            answer_grant_minutes: optional(&table.answer_grant, SiteAccess::CLOSED.answer_grant_minutes, at_least_one)?,
        })
    }

    /// All rows about engineers.
    pub(super) fn rows(
        &mut self,
        sites: Vec<SiteAccess>,
        engineers: &[Spanned<EngineerTable>],
        grants: &[Spanned<GrantTable>],
        firmware: &[Spanned<FirmwareTable>],
    ) -> Result<AccessRows, Mistake> {
        let grants = grants.iter().map(|grant| self.grant(grant, engineers, &sites)).collect::<Result<_, _>>()?;
        let engineers: Vec<_> = engineers.iter().map(|engineer| self.engineer(engineer)).collect::<Result<_, _>>()?;
        only_once(&engineers, |row| row.id, |row| (format!("there is an engineer {} already", row.id.0), "give each an id of its own"))?;
        let same = |row: &Engineer| (format!("engineer {} has the same e-mail address", row.id.0), "give each an address of its own");
        only_once(&engineers, |row| row.identity.0, same)?;
        let authorisations: Vec<_> = firmware.iter().map(|table| self.authorisation(table)).collect::<Result<_, _>>()?;
        only_once(
            &authorisations,
            |row| row.id,
            |row| (format!("there is a firmware {} already", row.id.0), "give each an id of its own"),
        )?;
        Ok(AccessRows {
            sites,
            engineers: settle(Part::Engineers, engineers, self.places, |engineer: &Engineer| engineer.id),
            grants: settle(Part::Grants, grants, self.places, |grant: &Grant| (grant.engineer, grant.site, grant.id)),
            authorisations: settle(Part::Authorisations, authorisations, self.places, |row: &Authorisation| row.id),
        })
    }

    fn engineer(&mut self, engineer: &Spanned<EngineerTable>) -> Result<Placed<Engineer>, Mistake> {
        let table = engineer.get_ref();
        let id = id(&table.id)?;
        if !table.email.get_ref().contains('@') {
            return Err(Mistake::at(table.email.span(), "this is not an e-mail address", "write the address the engineer registered with"));
        }
        if let Some(name) = &table.name {
            self.names.engineers.insert(id, name.clone());
        }
        let mut standing = Standing::empty();
        standing.set(Standing::REGISTERED, table.registered);
        standing.set(Standing::SUSPENDED, table.suspended);
        standing.set(Standing::UPDATES_FIRMWARE, table.updates_firmware);
        standing.set(Standing::FEDERATED, table.federated);
        let row = Engineer { id: EngineerId(id), identity: identity(table.email.get_ref()), standing };
        Ok(Placed { row, place: engineer.span() })
    }

    fn grant(
        &self,
        grant: &Spanned<GrantTable>,
        engineers: &[Spanned<EngineerTable>],
        sites: &[SiteAccess],
    ) -> Result<Placed<Grant>, Mistake> {
        let table = grant.get_ref();
        let id_of_grant = id(&table.id)?;
        if id_of_grant >= GrantId::FIRST_LOCAL.0 {
            let hint = format!("write a number below {}: those from there on are the device's own", GrantId::FIRST_LOCAL.0);
            return Err(Mistake::at(table.id.span(), "this is not a grant id of the cloud's", hint));
        }
        let site = match (&table.site, self.own_site) {
            (Some(site), _) => {
                let number = SiteId(id(site)?);
                if !sites.iter().any(|known| known.id == number) {
                    return Err(Mistake::at(
                        site.span(),
                        format!("this device does not serve site {}", number.0),
                        "name a site of this file",
                    ));
                }
                number
            }
            (None, Some(own)) => own,
            (None, None) => return Err(Mistake::at(grant.span(), "this grant does not say for which site", "add `site = …`")),
        };
        let period = period(&table.from, &table.until, self.clock)?;
        let row = Grant {
            engineer: engineer_id(&table.engineer, engineers)?,
            site,
            id: GrantId(id_of_grant),
            period,
            begin_by: self.begin_by(table, &period)?,
            one_time: table.one_time,
            capabilities: table.capabilities.0,
            excluded: table.excluded.0,
        };
        Ok(Placed { row, place: grant.span() })
    }

    fn begin_by(&self, table: &GrantTable, period: &Period) -> Result<Option<keyholder::time::Instant>, Mistake> {
        let Some(written) = &table.begin_by else { return Ok(None) };
        let begin_by = instant(written, self.clock)?;
        if begin_by <= period.from {
            return Err(Mistake::at(written.span(), "work would have to begin before the grant does", "write a time after `from`"));
        }
        Ok(Some(begin_by))
    }

    fn authorisation(&self, firmware: &Spanned<FirmwareTable>) -> Result<Placed<Authorisation>, Mistake> {
        let table = firmware.get_ref();
        let model = Model::named(table.model.get_ref())
            .ok_or_else(|| Mistake::at(table.model.span(), "this is not a model", "write 1 to 16 printable ASCII characters"))?;
        let VersionText { lowest: first, highest } = *table.first.get_ref();
        if first != highest {
            return Err(Mistake::at(table.first.span(), "`*` is for `last` only", "write the first version, as in \"2.0\""));
        }
        let last = table.last.get_ref().highest;
        if last < first {
            return Err(Mistake::at(table.last.span(), "this is before `first`", "write a later version; both are included"));
        }
        let row = Authorisation {
            id: AuthorisationId(id(&table.id)?),
            model,
            first,
            last,
            period: period(&table.from, &table.until, self.clock)?,
            image: table.image_sha256.map(|image| image.0),
            allows_downgrade: table.allows_downgrade,
        };
        Ok(Placed { row, place: firmware.span() })
    }
}

/// Refuses the second of two rows with the same key; `already` tells of the first, and what to do.
fn only_once<T, K: Ord>(rows: &[Placed<T>], key: impl Fn(&T) -> K, already: impl Fn(&T) -> (String, &'static str)) -> Result<(), Mistake> {
    let mut first = BTreeMap::new();
    for Placed { row, place } in rows {
        if let Some(twin) = first.insert(key(row), row) {
            let (message, hint) = already(twin);
            return Err(Mistake::at(place.clone(), message, hint));
        }
    }
    Ok(())
}

/// The id of an engineer of this file.
fn engineer_id(wanted: &Spanned<values::Engineer>, engineers: &[Spanned<EngineerTable>]) -> Result<EngineerId, Mistake> {
    let is_wanted = |table: &EngineerTable| match wanted.get_ref() {
        values::Engineer::Id(id) => i64::from(*id) == *table.id.get_ref(),
        values::Engineer::Email(email) => identity(email) == identity(table.email.get_ref()),
    };
    if let Some(engineer) = engineers.iter().find(|engineer| is_wanted(engineer.get_ref())) {
        return id(&engineer.get_ref().id).map(EngineerId);
    }
    let (message, hint) = match wanted.get_ref() {
        values::Engineer::Id(id) => (format!("this file has no engineer {id}"), "name one of its [[engineer]]s".to_owned()),
        values::Engineer::Email(email) => {
            let known: Vec<&str> = engineers.iter().map(|engineer| engineer.get_ref().email.get_ref().as_str()).collect();
            let hint = nearest(email, known).map_or("name one of its [[engineer]]s".to_owned(), |email| format!("write `{email}`"));
            let hint = hint + ", or add an [[engineer]]";
            (format!("this file has no engineer \"{email}\""), hint)
        }
    };
    Err(Mistake::at(wanted.span(), message, hint))
}
