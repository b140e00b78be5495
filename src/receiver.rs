//! A receiver: engineers, grants and firmware authorisations of many sites. What its firmware calls.

use crate::blob::parts::Parts;
use crate::blob::{DeviceKind, Installed, Keys, Provenance, Refusal};
use crate::decide::{EngineerRequest, SessionRequest, UpdateRequest};
use crate::decision::Decision;
use crate::device::inside::{Device as _, Subject};
use crate::device::{Device, inside};
use crate::engineer::{EngineerId, Identity, SiteId};
use crate::ledger::access::{AccessDeed, AccessMemory};
use crate::ledger::topic::{Reader, Topic, Touched, Writer};
use crate::ledger::{Flipped, ReceiverLedger};
use crate::policy::Part;
use crate::policy::access::{Access, AccessTables, ReceiverHead};
use crate::store::Damage;
use crate::supervise::{self, Due, Supervision};
use crate::sync::{self, Acknowledgement};
use crate::time::{Instant, Time};

/// A receiver with room for so many rows of each kind.
///
/// A new one denies everything until a policy is installed. What [`Panel`](crate::panel::Panel) says about threads holds here too.
#[derive(Clone, Debug)]
pub struct Receiver<const SITES: usize, const ENGINEERS: usize, const GRANTS: usize, const AUTHORISATIONS: usize> {
    subject: Subject,
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
        Self { subject: Subject::new(id, keys), ..Self::blank() }
    }

    /// A receiver that is nobody's yet: it obeys no blob and denies everything until it is [set up](Self::set_up).
    ///
    /// All its bytes are zero, so a `static` one takes up no flash.
    pub const fn blank() -> Self {
        Self { subject: Subject::BLANK, head: ReceiverHead::NONE, policy: AccessTables::EMPTY, ledger: ReceiverLedger::EMPTY }
    }

    /// Makes it the receiver `id`, as [`new`](Self::new). Whatever it was and knew before is gone.
    pub fn set_up(&mut self, id: SiteId, keys: Keys) {
        self.subject = Subject::new(id, keys);
        self.head = ReceiverHead::NONE;
        self.policy = AccessTables::EMPTY;
        self.ledger = ReceiverLedger::EMPTY;
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
        inside::Device::engineer(self, request, time)
    }

    /// May the engineer begin a session? If so, it is begun.
    pub fn begin_session(&mut self, request: &SessionRequest, time: Time) -> Decision {
        inside::Device::begin_session(self, request, time, |_, _| ()).0
    }

    /// Ends the engineer's session.
    pub fn end_session(&mut self, request: &SessionRequest, time: Time) -> Decision {
        inside::Device::end_session(self, request, time)
    }

    /// May the engineer install this firmware?
    pub fn update(&mut self, request: &UpdateRequest, time: Time) -> Decision {
        inside::Device::update(self, request, time)
    }

    /// What has fallen due, one deadline a call, earliest first. Call it at least every minute, and again until it answers [`Supervision::Nothing`].
    pub fn supervise(&mut self, time: Time) -> Supervision {
        let now = self.see(time);
        let look = supervise::receiver(&self.policy.view(), &self.ledger.access.view(), self.ledger.mark.get(), now);
        self.ledger.pass(look.mark, look.passes);
        look.supervision
    }

    /// The id of the engineer with this identity.
    pub fn engineer_id(&self, identity: Identity) -> Option<EngineerId> {
        self.policy.engineer_id(identity)
    }

    /// The policy that decides, if one was ever installed.
    pub const fn provenance(&self) -> Option<&Provenance> {
        self.subject.installed.as_ref()
    }

    /// The time that the device goes by when its clock says `time`; [`Time::Unknown`] if it does not believe the clock.
    ///
    /// It believes none that is below the highest reading it has seen by more than the policy's tolerance: a light or a
    /// display tells by this that a clock has to be set, or [corrected](crate::blob::ClockCorrection). Asking changes nothing.
    pub fn believed_time(&self, time: Time) -> Time {
        self.read(time).believed()
    }

    /// The answer to `blob`, of which `outcome` came, for the cloud.
    pub fn acknowledge(&self, blob: &[u8], outcome: &Result<Installed, Refusal>) -> Acknowledgement {
        sync::acknowledge(self, blob, outcome, Damage::empty())
    }

    /// A [`sync::Report`] with up to [`sync::DUES`] deadlines, written into `buffer`. `None`: the buffer has fewer than [`sync::REPORT_BYTES`].
    pub fn report<'a>(&self, dues: &[Due], time: Time, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
        sync::report(self, dues, time, Damage::empty(), buffer)
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

    fn subject(&self) -> &Subject {
        &self.subject
    }

    fn subject_mut(&mut self) -> &mut Subject {
        &mut self.subject
    }

    fn floor(&self) -> Instant {
        self.ledger.floor.get()
    }

    fn set_floor(&mut self, floor: Instant) {
        self.ledger.floor = Flipped::of(floor);
    }

    fn clock_tolerance(&self) -> u16 {
        self.head.clock_tolerance
    }

    fn judge(&self, parts: Parts<'_>) -> Result<(), Refusal> {
        parts.judge_receiver(self.subject.id, &self.head, &self.policy.parts(), self.policy.engineers.slots())
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

    fn tell_ledger(&self, topic: Topic, writer: &mut Writer<'_>) {
        self.ledger.tell(topic, writer);
    }

    fn tell_one(&self, touched: &Touched, writer: &mut Writer<'_>) -> Option<()> {
        self.ledger.access.tell_session(touched, writer);
        Some(())
    }

    fn tell_row(&self, index: usize, writer: &mut Writer<'_>) -> Option<()> {
        self.ledger.access.tell_session_row(index, writer)
    }

    fn tell_cloud(&self, writer: &mut Writer<'_>) {
        self.ledger.tell_cloud(writer);
    }

    fn recall_ledger(&mut self, topic: Topic, reader: &mut Reader<'_>) -> Option<()> {
        self.ledger.recall(topic, reader)
    }

    fn forget(&mut self) {
        self.ledger.forget();
    }

    fn access(&self) -> (Access<'_>, AccessMemory<'_>) {
        (self.policy.view(), self.ledger.access.view())
    }

    fn apply_access(&mut self, deed: &AccessDeed) {
        self.ledger.access.apply(deed, self.policy.grants.slots());
    }

    fn reversal_of(&self, deed: &AccessDeed) -> AccessDeed {
        self.ledger.access.reversal_of(deed)
    }
}

#[cfg(feature = "defmt")]
impl<const SITES: usize, const ENGINEERS: usize, const GRANTS: usize, const AUTHORISATIONS: usize> defmt::Format
    for Receiver<SITES, ENGINEERS, GRANTS, AUTHORISATIONS>
{
    fn format(&self, formatter: defmt::Formatter<'_>) {
        defmt::write!(formatter, "Receiver({}, {})", self.subject.id, self.subject.installed);
    }
}
