//! A receiver: engineers, grants and firmware authorisations of many sites. What its firmware calls.

use crate::blob::parts::Parts;
use crate::blob::{DeviceKind, Installed, Keys, Provenance, Refusal, Trust};
use crate::decide::{EngineerRequest, SessionRequest, UpdateRequest, remote, update};
use crate::decision::Decision;
use crate::device::{Device, inside};
use crate::engineer::{EngineerId, Identity, SiteId};
use crate::ledger::ReceiverLedger;
use crate::ledger::topic::{Reader, Topic, Touched, Writer};
use crate::policy::Part;
use crate::policy::access::{AccessTables, ReceiverHead};
use crate::store::Damage;
use crate::supervise::{self, Due, Supervision};
use crate::sync::{self, Acknowledgement};
use crate::time::{Instant, Now, Time};

/// A receiver with room for so many rows of each kind.
///
/// A new one denies everything until a policy is installed. What [`Panel`](crate::panel::Panel) says about threads holds here too.
#[derive(Clone, Debug)]
pub struct Receiver<const SITES: usize, const ENGINEERS: usize, const GRANTS: usize, const AUTHORISATIONS: usize> {
    id: SiteId,
    trust: Trust,
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
    /// The receiver `id`, which obeys blobs signed with `keys`. It has no policy yet.
    pub const fn new(id: SiteId, keys: Keys) -> Self {
        let trust = Trust::new(keys);
        Self { id, trust, installed: None, head: ReceiverHead::NONE, policy: AccessTables::EMPTY, ledger: ReceiverLedger::EMPTY }
    }

    /// Checks a blob and, if nothing is wrong with it, does what it says: a policy decides from now on. The ledger stays, but for what belonged to
    /// engineers and grants that are no longer there.
    ///
    /// # Errors
    /// The first thing that is wrong. Nothing has changed then.
    pub fn install(&mut self, blob: &[u8], time: Time) -> Result<Installed, Refusal> {
        inside::Device::install(self, &blob, time)
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
        let look = supervise::receiver(&self.policy.view(), &self.ledger.access.view(), self.ledger.mark, now);
        self.ledger.pass(look.mark, look.passes);
        look.supervision
    }

    /// The id of the engineer with this identity.
    pub fn engineer_id(&self, identity: Identity) -> Option<EngineerId> {
        self.policy.engineer_id(identity)
    }

    /// The policy that decides, if one was ever installed.
    pub const fn provenance(&self) -> Option<&Provenance> {
        self.installed.as_ref()
    }

    /// The answer to `blob`, of which `outcome` came, for the cloud.
    pub fn acknowledge(&self, blob: &[u8], outcome: &Result<Installed, Refusal>) -> Acknowledgement {
        sync::acknowledge(self, blob, outcome, Damage::empty())
    }

    /// A [`sync::Report`] with up to [`sync::DUES`] deadlines, written into `buffer`. `None`: the buffer has fewer than [`sync::REPORT_BYTES`].
    pub fn report<'a>(&self, dues: &[Due], time: Time, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
        sync::report(self, dues, time, Damage::empty(), buffer)
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

impl<const SITES: usize, const ENGINEERS: usize, const GRANTS: usize, const AUTHORISATIONS: usize> Device
    for Receiver<SITES, ENGINEERS, GRANTS, AUTHORISATIONS>
{
}

#[allow(private_interfaces, private_bounds, reason = "only this crate can name the trait")]
impl<const SITES: usize, const ENGINEERS: usize, const GRANTS: usize, const AUTHORISATIONS: usize> inside::Device
    for Receiver<SITES, ENGINEERS, GRANTS, AUTHORISATIONS>
{
    const KIND: DeviceKind = DeviceKind::Receiver;
    // As for a panel, without what concerns contacts.
    const MEMORY: u32 = 1400 + 26 * GRANTS as u32;

    fn id(&self) -> SiteId {
        self.id
    }

    fn trust(&self) -> &Trust {
        &self.trust
    }

    fn trust_mut(&mut self) -> &mut Trust {
        &mut self.trust
    }

    fn installed(&self) -> Option<&Provenance> {
        self.installed.as_ref()
    }

    fn set_installed(&mut self, installed: Option<Provenance>) {
        self.installed = installed;
    }

    fn read(&self, time: Time) -> Now {
        Self::read(self, time)
    }

    fn floor(&self) -> Instant {
        self.ledger.floor
    }

    fn judge(&self, parts: Parts<'_>) -> Result<(), Refusal> {
        parts.judge_receiver(self.id, &self.head, &self.policy.parts(), self.policy.engineers.slots())
    }

    fn write(&mut self, mut parts: Parts<'_>) -> bool {
        let write = || {
            if let Some(head) = parts.head().ok()? {
                self.head = head;
            }
            parts.write(&Part::RECEIVER, &mut self.policy.parts_mut())
        };
        write().is_some()
    }

    fn clear_policy(&mut self) {
        self.policy.clear();
        self.head = ReceiverHead::NONE;
    }

    fn settle(&mut self) {
        self.ledger.access.settle(&self.policy.view(), |_, _| false);
    }

    fn correct_clock(&mut self, to: Instant) {
        self.ledger.correct_clock(to);
    }

    fn touched(&mut self) -> &mut Touched {
        &mut self.ledger.access.touched
    }

    fn tell(&self, topic: Topic, writer: &mut Writer<'_>) -> Option<()> {
        if topic == Topic::Trust { writer.put(&self.trust) } else { self.ledger.tell(topic, writer) }
    }

    fn tell_one(&self, touched: &Touched, writer: &mut Writer<'_>) -> Option<()> {
        self.ledger.access.tell_session(touched, writer)
    }

    fn tell_row(&self, index: usize, writer: &mut Writer<'_>) -> Option<Option<()>> {
        self.ledger.access.tell_session_row(index, writer)
    }

    fn tell_cloud(&self, writer: &mut Writer<'_>) -> Option<()> {
        self.ledger.tell_cloud(writer)
    }

    fn recall(&mut self, topic: Topic, reader: &mut Reader<'_>) -> Option<()> {
        if topic == Topic::Trust {
            self.trust = reader.take()?;
            return Some(());
        }
        self.ledger.recall(topic, reader)
    }

    fn forget(&mut self) {
        self.ledger.forget();
    }

    fn engineer(&mut self, request: &EngineerRequest, time: Time) -> Decision {
        Self::engineer(self, request, time)
    }

    fn begin_session(&mut self, request: &SessionRequest, time: Time) -> Decision {
        Self::begin_session(self, request, time)
    }

    fn end_session(&mut self, request: &SessionRequest, time: Time) -> Decision {
        Self::end_session(self, request, time)
    }

    fn update(&mut self, request: &UpdateRequest, time: Time) -> Decision {
        Self::update(self, request, time)
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
