//! A receiver: engineers, grants and firmware authorisations of many sites. What its firmware calls.

use crate::blob::snapshot::ReceiverParts;
use crate::blob::{self, Installed, Kind, Provenance, PublicKey, Recipient, Refusal};
use crate::decide::{EngineerRequest, SessionRequest, UpdateRequest, remote, update};
use crate::decision::Decision;
use crate::engineer::{EngineerId, Identity, SiteId};
use crate::ledger::ReceiverLedger;
use crate::policy::access::{AccessTables, ReceiverHead};
use crate::supervise::{self, Supervision};
use crate::time::{Now, Time};

/// A receiver with room for so many rows of each kind.
///
/// A new one denies everything until a policy is installed. What [`Panel`](crate::panel::Panel) says about threads holds here too.
#[derive(Clone, Debug)]
pub struct Receiver<const SITES: usize, const ENGINEERS: usize, const GRANTS: usize, const AUTHORISATIONS: usize> {
    id: SiteId,
    cloud_key: PublicKey,
    installed: Option<Provenance>,
    head: ReceiverHead,
    policy: AccessTables<SITES, ENGINEERS, GRANTS, AUTHORISATIONS>,
    ledger: ReceiverLedger<GRANTS>,
}

/// A receiver for 8 sites, 8 engineers, 16 grants and 4 firmware authorisations.
pub type SmallReceiver = Receiver<8, 8, 16, 4>;
/// A receiver for 64 sites, 64 engineers, 256 grants and 16 firmware authorisations.
pub type StandardReceiver = Receiver<64, 64, 256, 16>;
/// A receiver for 1,000 sites, 256 engineers, 1,024 grants and 64 firmware authorisations.
pub type LargeReceiver = Receiver<1000, 256, 1024, 64>;

impl<const SITES: usize, const ENGINEERS: usize, const GRANTS: usize, const AUTHORISATIONS: usize>
    Receiver<SITES, ENGINEERS, GRANTS, AUTHORISATIONS>
{
    /// The receiver `id`, which obeys blobs signed with `cloud_key`. It has no policy yet.
    pub const fn new(id: SiteId, cloud_key: PublicKey) -> Self {
        Self { id, cloud_key, installed: None, head: ReceiverHead::NONE, policy: AccessTables::EMPTY, ledger: ReceiverLedger::EMPTY }
    }

    /// Checks a blob and, if nothing is wrong with it, lets its policy decide from now on. The ledger stays, but for what belonged to
    /// engineers and grants that are no longer there.
    ///
    /// # Errors
    /// The first thing that is wrong. Nothing has changed then.
    pub fn install(&mut self, blob: &[u8], time: Time) -> Result<Installed, Refusal> {
        let now = self.read(time);
        let recipient = Recipient { kind: Kind::ReceiverSnapshot, id: self.id, key: &self.cloud_key, installed: self.installed.as_ref() };
        let Some(authentic) = blob::authenticate(blob, &recipient, now)? else {
            return Ok(Installed::Already);
        };
        let room = [SITES, ENGINEERS, GRANTS, AUTHORISATIONS];
        let parts = ReceiverParts::read(authentic.policy, &room, self.id, &self.policy.view())?;
        parts.write(&mut self.head, &mut self.policy);
        self.ledger.access.settle(&self.policy.view(), |_, _| false);
        self.installed = Some(authentic.head.provenance());
        Ok(Installed::Now)
    }

    /// May the engineer do this?
    pub fn engineer(&mut self, request: &EngineerRequest, time: Time) -> Decision {
        let now = self.see(time);
        remote::decide(&self.policy.view(), &self.ledger.access.view(), request, now)
    }

    /// May the engineer begin a session? If so, it is begun.
    pub fn begin_session(&mut self, request: &SessionRequest, time: Time) -> Decision {
        let now = self.see(time);
        let (decision, deed) = remote::begin(&self.policy.view(), &self.ledger.access.view(), request, now);
        self.ledger.access.apply(&deed);
        decision
    }

    /// Ends the engineer's session.
    pub fn end_session(&mut self, request: &SessionRequest, time: Time) -> Decision {
        let now = self.see(time);
        let (decision, deed) = remote::end(&self.policy.view(), &self.ledger.access.view(), request, now);
        self.ledger.access.apply(&deed);
        decision
    }

    /// May the engineer install this firmware?
    pub fn update(&mut self, request: &UpdateRequest, time: Time) -> Decision {
        let now = self.see(time);
        update::decide(&self.policy.view(), &self.ledger.access.view(), request, now)
    }

    /// What has fallen due, one deadline a call, earliest first. Call it at least every minute, and again until it answers [`Supervision::Nothing`].
    pub fn supervise(&mut self, time: Time) -> Supervision {
        let now = self.see(time);
        let (supervision, mark) = supervise::receiver(&self.policy.view(), &self.ledger.access.view(), self.ledger.mark, now);
        self.ledger.mark = mark;
        supervision
    }

    /// The id of the engineer with this identity.
    pub fn engineer_id(&self, identity: Identity) -> Option<EngineerId> {
        self.policy.engineer_id(identity)
    }

    /// The policy that decides, if one was ever installed.
    pub const fn provenance(&self) -> Option<&Provenance> {
        self.installed.as_ref()
    }

    fn read(&self, time: Time) -> Now {
        Now::read(time, self.ledger.floor, self.head.clock_tolerance)
    }

    /// Reads the time and raises the floor to it.
    fn see(&mut self, time: Time) -> Now {
        let now = self.read(time);
        self.ledger.floor = now.raised(self.ledger.floor);
        now
    }
}

#[cfg(feature = "defmt")]
impl<const SITES: usize, const ENGINEERS: usize, const GRANTS: usize, const AUTHORISATIONS: usize> defmt::Format
    for Receiver<SITES, ENGINEERS, GRANTS, AUTHORISATIONS>
{
    fn format(&self, formatter: defmt::Formatter<'_>) {
        defmt::write!(formatter, "Receiver({}, {})", self.id, self.installed);
    }
}
