//! Firmware updates.

use crate::decide::remote::{Best, Gate, Purpose, conclude};
use crate::decision::{Decision, Outcome, Reason, allow, deny, table};
use crate::engineer::{AccessOptions, Capabilities, EngineerId, GrantId, SiteId, Standing};
use crate::firmware::{Authorisation, AuthorisationId, ImageDigest, Model, Version};
use crate::ledger::access::AccessMemory;
use crate::mask::{select, settled};
use crate::policy::access::Access;
use crate::report::Event;
use crate::time::{Instant, Now};

/// The firmware to be installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Update {
    /// Of the device it is for.
    pub model: Model,
    /// Its version.
    pub version: Version,
    /// The version the device has.
    pub installed: Version,
    /// The image's SHA-256, as the device has measured it.
    pub image: ImageDigest,
}

/// May this engineer install this firmware on this site's device now?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct UpdateRequest {
    /// Who.
    pub engineer: EngineerId,
    /// Where.
    pub site: SiteId,
    /// What.
    pub update: Update,
}

/// The authorisation that speaks for an update: how far down the reasons it got.
#[derive(Clone, Copy)]
struct Furthest {
    step: u8,
    reason: Reason,
    id: AuthorisationId,
    until: Instant,
}

impl Furthest {
    const ALLOWS: u8 = 7;
    const NONE: Self = Self { step: 0, reason: Reason::NoAuthorisation, id: AuthorisationId(u32::MAX), until: Instant::EARLIEST };

    fn judge(authorisation: &Authorisation, update: &Update, now: Now) -> Self {
        let version = update.version.ordinal();
        let out_of_range = (version < authorisation.first.ordinal()) | (version > authorisation.last.ordinal());
        let not_newer = version <= update.installed.ordinal();
        let named = settled(authorisation.image.as_ref().unwrap_or(&update.image));
        let rows = table! { (u8, Reason):
            authorisation.id.0 == 0 => (0, Reason::NoAuthorisation),
            differ(&authorisation.model.0, &update.model.0) => (1, Reason::WrongModel),
            now.instant.0 < authorisation.period.from.0 => (2, Reason::NotYetValid),
            now.instant.0 >= authorisation.period.until.0 => (3, Reason::Expired),
            out_of_range => (4, Reason::VersionOutOfRange),
            differ(&named.0, &update.image.0) => (5, Reason::WrongImage),
            not_newer & !authorisation.allows_downgrade => (6, Reason::Downgrade),
            true => (Furthest::ALLOWS, Reason::Authorised),
        };
        let (step, reason) = rows.first_or((0, Reason::NoAuthorisation));
        Self { step, reason, id: authorisation.id, until: authorisation.period.until }
    }

    fn further(self, other: Self) -> Self {
        let level = other.step == self.step;
        let allows = other.step >= Self::ALLOWS;
        let longer = allows & (other.until.0 > self.until.0);
        let alike = !allows | (other.until.0 == self.until.0);
        select((other.step > self.step) | (level & (longer | (alike & (other.id.0 < self.id.0)))), other, self)
    }
}

/// Whether two byte strings of one length differ, at the same cost wherever they do.
fn differ(a: &[u8], b: &[u8]) -> bool {
    a.iter().zip(b).fold(0, |difference, (a, b)| difference | (a ^ b)) != 0
}

const fn denied(reason: Reason) -> Outcome {
    deny(reason, Event::UpdateDenied)
}

pub(crate) fn decide(access: &Access<'_>, memory: &AccessMemory<'_>, request: &UpdateRequest, now: Now) -> Decision {
    let gate = Gate::new(access, memory, request.engineer, request.site, now);
    let site = gate.site.options.bits();
    let furthest = access
        .authorisations
        .iter()
        .fold(Furthest::NONE, |furthest, authorisation| furthest.further(Furthest::judge(authorisation, &request.update, now)));
    let session = Best::of(access, memory, gate.engineer, gate.site, now, Purpose::FindRunning);
    let needs_session = site & AccessOptions::UPDATE_NEEDS_SESSION.bits() != 0;

    let rows = table! { Outcome:
        gate.engineer.standing.bits() & Standing::UPDATES_FIRMWARE.bits() == 0 => denied(Reason::NoFirmwareRight),
        site & AccessOptions::REMOTE_UPGRADE.bits() == 0 => denied(Reason::SiteLacksUpgrade),
        !now.known => denied(Reason::TimeUnknown),
        furthest.step < Furthest::ALLOWS => denied(Reason::Invalid),
        needs_session & !session.is_running => denied(Reason::NoActiveSession),
        true => allow(Reason::Authorised, Event::UpdateAllowed),
    };
    let outcome = gate.rows.then(&rows).because(furthest.reason);
    // A refused engineer is a refused update here.
    let outcome = Outcome { event: if outcome.verdict as u8 == 0 { Event::UpdateDenied } else { outcome.event }, ..outcome };
    let until = furthest.until.min(Instant(select(needs_session, session.until.0, i64::MAX))).min(gate.open_until);
    let left = select(gate.is_passed(), gate.site.baseline, Capabilities::empty());
    conclude(outcome, request.engineer, request.site, GrantId::NONE, until, left)
}
