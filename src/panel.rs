//! A panel: the policy, ledger and keys of one site. What its firmware calls.

use crate::act::{self, ActRequest};
use crate::blob::snapshot::{PanelCapacities, PanelParts};
use crate::blob::{self, Installed, Kind, Provenance, PublicKey, Recipient, Refusal};
use crate::code::CodeKey;
use crate::decide::person::identify;
use crate::decide::{EngineerRequest, OpenClose, SessionRequest, UpdateRequest, open_close, remote, update};
use crate::decision::Decision;
use crate::engineer::{EngineerId, Identity, SiteId};
use crate::ledger::panel::PanelLedger;
use crate::place::AreaList;
use crate::policy::panel::{PanelTables, Site};
use crate::supervise::{self, Supervision};
use crate::time::{Now, Time};

/// A panel with room for so many rows of each kind.
///
/// A new one denies everything until a policy is installed. [`StandardPanel`] has the usual capacities.
///
/// Nothing here reads a clock, blocks, allocates or panics. A device is not shared between threads while it is asked: every question may
/// change the ledger, which is why each takes `&mut self`.
#[derive(Clone, Debug)]
pub struct Panel<
    const CONTACTS: usize,
    const LISTS: usize,
    const SCHEDULES: usize,
    const LAYERS: usize,
    const SPANS: usize,
    const HOLIDAYS: usize,
    const WINDOWS: usize,
    const ENGINEERS: usize,
    const GRANTS: usize,
    const AUTHORISATIONS: usize,
> {
    id: SiteId,
    cloud_key: PublicKey,
    code_key: CodeKey,
    installed: Option<Provenance>,
    policy: PanelTables<CONTACTS, LISTS, SCHEDULES, LAYERS, SPANS, HOLIDAYS, WINDOWS, ENGINEERS, GRANTS, AUTHORISATIONS>,
    ledger: PanelLedger<CONTACTS, GRANTS>,
}

/// A panel for 32 contacts, 4 schedules, 8 holidays, 4 temp-open windows, 4 engineers, 4 grants and 4 firmware authorisations.
pub type SmallPanel = Panel<32, 8, 4, 8, 12, 8, 4, 4, 4, 4>;
/// A panel for 256 contacts, 16 schedules, 32 holidays, 16 temp-open windows, 16 engineers, 16 grants and 16 firmware authorisations.
pub type StandardPanel = Panel<256, 32, 16, 24, 32, 32, 16, 16, 16, 16>;
/// A panel for all 999 user numbers, 32 schedules, 64 holidays, 32 temp-open windows, 64 engineers, 64 grants and 32 firmware authorisations.
pub type LargePanel = Panel<1000, 64, 32, 64, 96, 64, 32, 64, 64, 32>;

const _: () = assert!(
    size_of::<PanelTables<256, 32, 16, 24, 32, 32, 16, 16, 16, 16>>() <= 24 * 1024,
    "a standard panel's policy takes at most 24 KiB"
);

impl<
    const CONTACTS: usize,
    const LISTS: usize,
    const SCHEDULES: usize,
    const LAYERS: usize,
    const SPANS: usize,
    const HOLIDAYS: usize,
    const WINDOWS: usize,
    const ENGINEERS: usize,
    const GRANTS: usize,
    const AUTHORISATIONS: usize,
> Panel<CONTACTS, LISTS, SCHEDULES, LAYERS, SPANS, HOLIDAYS, WINDOWS, ENGINEERS, GRANTS, AUTHORISATIONS>
{
    /// The panel of site `id`, which obeys blobs signed with `cloud_key` and knows codes by `code_key`. It has no policy yet.
    pub const fn new(id: SiteId, cloud_key: PublicKey, code_key: CodeKey) -> Self {
        Self { id, cloud_key, code_key, installed: None, policy: PanelTables::EMPTY, ledger: PanelLedger::EMPTY }
    }

    /// Checks a blob and, if nothing is wrong with it, lets its policy decide from now on. The ledger stays, but for what belonged to
    /// contacts, engineers and grants that are no longer there.
    ///
    /// # Errors
    /// The first thing that is wrong. Nothing has changed then.
    pub fn install(&mut self, blob: &[u8], time: Time) -> Result<Installed, Refusal> {
        let now = self.read(time);
        let recipient = Recipient { kind: Kind::PanelSnapshot, id: self.id, key: &self.cloud_key, installed: self.installed.as_ref() };
        let Some(authentic) = blob::authenticate(blob, &recipient, now)? else {
            return Ok(Installed::Already);
        };
        let room = PanelCapacities {
            lists: LISTS,
            schedules: SCHEDULES,
            layers: LAYERS,
            spans: SPANS,
            holidays: HOLIDAYS,
            windows: WINDOWS,
            contacts: CONTACTS,
            access: [1, ENGINEERS, GRANTS, AUTHORISATIONS],
        };
        let parts = PanelParts::read(authentic.policy, &room, self.id, &self.policy.access.view())?;
        parts.write(&mut self.policy);
        self.ledger.settle(&self.policy.view());
        self.installed = Some(authentic.head.provenance());
        Ok(Installed::Now)
    }

    /// May the contact open or close?
    pub fn open_close(&mut self, request: &OpenClose<'_>, time: Time) -> Decision {
        let now = self.read(time);
        let (policy, memory) = (self.policy.view(), self.ledger.view());
        let asker = identify(&request.who, &self.code_key, &policy, false);
        let (decision, changes) = open_close::decide(&policy, &memory, asker, request, now);
        self.ledger.apply(&changes);
        decision
    }

    /// May the contact do this? If so, it is done.
    pub fn act(&mut self, request: &ActRequest<'_>, time: Time) -> Decision {
        let now = self.read(time);
        let (policy, memory) = (self.policy.view(), self.ledger.view());
        let asker = identify(&request.who, &self.code_key, &policy, true);
        let (decision, changes, deed) = act::decide(&policy, &memory, asker, request, now);
        self.ledger.apply(&changes);
        if let Some(deed) = deed {
            self.ledger.apply_deed(&deed);
        }
        decision
    }

    /// May the engineer do this?
    pub fn engineer(&mut self, request: &EngineerRequest, time: Time) -> Decision {
        let now = self.see(time);
        remote::decide(&self.policy.view().access, &self.ledger.view().access, request, now)
    }

    /// May the engineer begin a session? If so, it is begun.
    pub fn begin_session(&mut self, request: &SessionRequest, time: Time) -> Decision {
        let now = self.see(time);
        let (decision, deed) = remote::begin(&self.policy.view().access, &self.ledger.view().access, request, now);
        self.ledger.access.apply(&deed);
        decision
    }

    /// Ends the engineer's session.
    pub fn end_session(&mut self, request: &SessionRequest, time: Time) -> Decision {
        let now = self.see(time);
        let (decision, deed) = remote::end(&self.policy.view().access, &self.ledger.view().access, request, now);
        self.ledger.access.apply(&deed);
        decision
    }

    /// May the engineer install this firmware?
    pub fn update(&mut self, request: &UpdateRequest, time: Time) -> Decision {
        let now = self.see(time);
        update::decide(&self.policy.view().access, &self.ledger.view().access, request, now)
    }

    /// What has fallen due, one deadline a call, earliest first; `armed` are the areas that are armed now. Call it at least every minute, and again until it
    /// answers [`Supervision::Nothing`].
    pub fn supervise(&mut self, armed: &AreaList, time: Time) -> Supervision {
        let now = self.see(time);
        let (supervision, mark) = supervise::panel(&self.policy.view(), &self.ledger.view(), armed, now);
        self.ledger.pass(mark);
        supervision
    }

    /// The id of the engineer with this identity.
    pub fn engineer_id(&self, identity: Identity) -> Option<EngineerId> {
        self.policy.access.engineer_id(identity)
    }

    /// The policy that decides, if one was ever installed.
    pub const fn provenance(&self) -> Option<&Provenance> {
        self.installed.as_ref()
    }

    /// The site's own settings.
    pub const fn site(&self) -> &Site {
        &self.policy.site
    }

    fn read(&self, time: Time) -> Now {
        Now::read(time, self.ledger.floor, self.policy.site.clock_tolerance)
    }

    /// Reads the time and raises the floor to it.
    fn see(&mut self, time: Time) -> Now {
        let now = self.read(time);
        self.ledger.floor = now.raised(self.ledger.floor);
        now
    }
}

#[cfg(feature = "defmt")]
impl<
    const CONTACTS: usize,
    const LISTS: usize,
    const SCHEDULES: usize,
    const LAYERS: usize,
    const SPANS: usize,
    const HOLIDAYS: usize,
    const WINDOWS: usize,
    const ENGINEERS: usize,
    const GRANTS: usize,
    const AUTHORISATIONS: usize,
> defmt::Format for Panel<CONTACTS, LISTS, SCHEDULES, LAYERS, SPANS, HOLIDAYS, WINDOWS, ENGINEERS, GRANTS, AUTHORISATIONS>
{
    fn format(&self, formatter: defmt::Formatter<'_>) {
        defmt::write!(formatter, "Panel({}, {})", self.id, self.installed);
    }
}
