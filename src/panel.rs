//! A panel: the policy, ledger and keys of one site. What its firmware calls.

use crate::act::{self, ActRequest};
use crate::blob::parts::Parts;
use crate::blob::{DeviceKind, Installed, Keys, Provenance, Refusal};
use crate::code::CodeKey;
use crate::columns::{ColumnTables, SpanSet, TimetableRows, Wide};
use crate::decide::person::{Asker, identify};
use crate::decide::{EngineerRequest, OpenClose, SessionRequest, UpdateRequest, Who, open_close};
use crate::decision::Decision;
use crate::device::inside::{Device as _, Subject};
use crate::device::{Device, inside};
use crate::engineer::{EngineerId, Identity, SiteId};
use crate::ledger::access::{AccessDeed, AccessMemory, LOCAL_GRANTS};
use crate::ledger::panel::{Changes, Deed, LOCAL_SPANS, PanelLedger, Reversal};
use crate::ledger::topic::{Reader, Topic, Topics, Touched, Writer};
use crate::mask::select;
use crate::place::AreaList;
use crate::policy::Part;
use crate::policy::access::Access;
use crate::policy::panel::{PanelTables, Site};
use crate::schedule::{self, Layer, Timetable};
use crate::store::Damage;
use crate::supervise::{self, Due, Supervision};
use crate::sync::{self, Acknowledgement};
use crate::table::Row;
use crate::time::{Instant, Time};

/// A panel with room for so many rows of each kind.
///
/// A new one denies everything until a policy is installed. [`StandardPanel`] has the usual capacities. Among `SPANS` count layers without any, each as one; `LOCAL` is
/// how many spans, and how many grants, users may have set or given at the keypad that are not over yet, 8 at most; `Set` is chosen by what [`SpanSet`] says.
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
    const LOCAL: usize,
    Set: SpanSet = u64,
> {
    subject: Subject,
    code_key: CodeKey,
    policy: PanelTables<CONTACTS, LISTS, SCHEDULES, LAYERS, SPANS, HOLIDAYS, WINDOWS, ENGINEERS, GRANTS, AUTHORISATIONS>,
    ledger: PanelLedger<CONTACTS, GRANTS, LOCAL>,
    /// Made from the two.
    timetable: ColumnTables<Set, SCHEDULES, LAYERS, SPANS, HOLIDAYS, WINDOWS>,
}

/// A panel for 32 contacts, 2 schedules, 6 holidays, 2 temp-open windows, 4 engineers, 4 grants and 2 firmware authorisations: with flash and log it takes 6 KiB.
pub type SmallPanel = Panel<32, 6, 2, 5, 11, 6, 2, 4, 4, 2, 3, u16>;
/// A panel for 256 contacts, 16 schedules, 32 holidays, 16 temp-open windows, 16 engineers, 16 grants and 16 firmware authorisations.
pub type StandardPanel = Panel<256, 32, 16, 24, 40, 32, 16, 16, 16, 16, 8, u64>;
/// A panel for all 999 user numbers, 32 schedules, 64 holidays, 24 temp-open windows, 64 engineers, 64 grants and 32 firmware authorisations.
pub type LargePanel = Panel<1000, 64, 32, 56, 88, 64, 24, 64, 64, 32, 8, Wide>;

const _: () = assert!(
    size_of::<PanelTables<256, 32, 16, 24, 40, 32, 16, 16, 16, 16>>() + size_of::<ColumnTables<u64, 16, 24, 40, 32, 16>>() <= 24 * 1024,
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
    const LOCAL: usize,
    Set: SpanSet,
> Panel<CONTACTS, LISTS, SCHEDULES, LAYERS, SPANS, HOLIDAYS, WINDOWS, ENGINEERS, GRANTS, AUTHORISATIONS, LOCAL, Set>
{
    /// The panel of site `id`, which obeys blobs signed with `keys` and knows codes by `code_key`. It has no policy yet.
    pub const fn new(id: SiteId, keys: Keys, code_key: CodeKey) -> Self {
        Self::of(Subject::new(id, keys), code_key, PanelTables::new())
    }

    /// A panel that is nobody's yet: it obeys no blob and denies everything until it is [set up](Self::set_up).
    ///
    /// All its bytes are zero, so a `static` one takes up no flash.
    pub const fn blank() -> Self {
        Self::of(Subject::BLANK, CodeKey::NONE, PanelTables::EMPTY)
    }

    const fn of(
        subject: Subject,
        code_key: CodeKey,
        policy: PanelTables<CONTACTS, LISTS, SCHEDULES, LAYERS, SPANS, HOLIDAYS, WINDOWS, ENGINEERS, GRANTS, AUTHORISATIONS>,
    ) -> Self {
        const {
            assert!(LOCAL <= LOCAL_SPANS && LOCAL <= LOCAL_GRANTS, "more spans and grants from the keypad than a report tells");
            assert!(SPANS + SCHEDULES + LOCAL <= Set::BITS, "a set of spans with a bit for each span, schedule and span set at the keypad");
            assert!(LAYERS <= schedule::LAYERS, "more layers than keyholder::schedule supports");
            assert!(2 * (LAYERS + LOCAL) <= Set::BITS, "a set of spans with two bits for each layer and span set at the keypad");
        }
        Self { subject, code_key, policy, ledger: PanelLedger::EMPTY, timetable: ColumnTables::EMPTY }
    }

    /// Makes it the panel of site `id`, as [`new`](Self::new). Whatever it was and knew before is gone.
    pub fn set_up(&mut self, id: SiteId, keys: Keys, code_key: CodeKey) {
        self.subject = Subject::new(id, keys);
        self.code_key = code_key;
        self.policy = PanelTables::EMPTY;
        self.policy.set_site(Site::NONE);
        self.ledger = PanelLedger::EMPTY;
        self.timetable = ColumnTables::EMPTY;
    }

    /// Checks a blob and, if nothing is wrong with it, does what it says: a policy decides from now on. The ledger stays, but for what belonged to
    /// contacts, engineers and grants that are no longer there.
    ///
    /// # Errors
    /// The first thing that is wrong. Nothing has changed then.
    pub fn install(&mut self, blob: &[u8], time: Time) -> Result<Installed, Refusal> {
        inside::Device::install(self, &blob, time)
    }

    /// May the contact open or close?
    #[inline]
    pub fn open_close(&mut self, request: &OpenClose<'_>, time: Time) -> Decision {
        let asker = self.asker(&request.who, false);
        self.open_close_as(asker, request, time, |_, _, _| ()).0
    }

    /// The same, and what takes it back.
    pub(crate) fn open_close_reversibly(&mut self, request: &OpenClose<'_>, time: Time) -> (Decision, Reversal) {
        let asker = self.asker(&request.who, false);
        self.open_close_as(asker, request, time, PanelLedger::reversal_of)
    }

    // Inlined, what it works with would lie on the stack while a code's digest is made.
    #[inline(never)]
    fn open_close_as<Before>(
        &mut self,
        asker: Asker,
        request: &OpenClose<'_>,
        time: Time,
        before: impl FnOnce(&PanelLedger<CONTACTS, GRANTS, LOCAL>, &Changes, Option<&Deed>) -> Before,
    ) -> (Decision, Before) {
        let now = self.read(time);
        let (policy, memory) = (self.policy.view(), self.ledger.view());
        let (decision, changes) = open_close::decide(&policy, &self.timetable(), &memory, asker, request, now);
        let before = before(&self.ledger, &changes, None);
        self.ledger.apply(&changes);
        (decision, before)
    }

    /// May the contact do this? If so, it is done.
    pub fn act(&mut self, request: &ActRequest<'_>, time: Time) -> Decision {
        self.act_with(request, time, |_, _, _| ()).0
    }

    /// The same, and what takes it back.
    pub(crate) fn act_reversibly(&mut self, request: &ActRequest<'_>, time: Time) -> (Decision, Reversal) {
        self.act_with(request, time, PanelLedger::reversal_of)
    }

    fn act_with<Before>(
        &mut self,
        request: &ActRequest<'_>,
        time: Time,
        before: impl FnOnce(&PanelLedger<CONTACTS, GRANTS, LOCAL>, &Changes, Option<&Deed>) -> Before,
    ) -> (Decision, Before) {
        let now = self.read(time);
        let asker = self.asker(&request.who, true);
        let (policy, memory) = (self.policy.view(), self.ledger.view());
        let (decision, changes, deed) = act::decide(&policy, &self.timetable(), &memory, asker, request, now);
        let before = before(&self.ledger, &changes, deed.as_ref());
        self.ledger.apply(&changes);
        if let Some(deed) = deed {
            self.ledger.apply_deed(&deed, self.policy.access.grants.slots());
            if matches!(deed, Deed::SetSpan(..)) {
                self.prepare();
            }
        }
        (decision, before)
    }

    /// Takes back what could not be written down.
    pub(crate) fn reverse(&mut self, reversal: &Reversal) {
        self.ledger.reverse(reversal);
        if matches!(reversal, Reversal::Spans(_)) {
            self.prepare();
        }
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

    /// What has fallen due, one deadline a call, earliest first; `armed` are the areas that are armed now. Call it at least every minute, and again until it
    /// answers [`Supervision::Nothing`].
    pub fn supervise(&mut self, armed: &AreaList, time: Time) -> Supervision {
        let now = self.see(time);
        let look = supervise::panel(&self.policy.view(), &self.timetable(), &self.ledger.view(), armed, now);
        self.ledger.pass(look.mark, look.passes);
        look.supervision
    }

    /// The id of the engineer with this identity.
    pub fn engineer_id(&self, identity: Identity) -> Option<EngineerId> {
        self.policy.access.engineer_id(identity)
    }

    /// The policy that decides, if one was ever installed.
    pub const fn provenance(&self) -> Option<&Provenance> {
        self.subject.installed.as_ref()
    }

    /// The site's own settings; [`Site::NONE`] without a policy, all zeros before the panel is [set up](Self::set_up).
    pub fn site(&self) -> &Site {
        self.policy.site()
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

    /// Who asks. Firmware that never has a code to check links nothing that can.
    #[inline(always)]
    fn asker(&self, who: &Who<'_>, accepts_passcode: bool) -> Asker {
        match who {
            Who::User(user) => Asker::authenticated(*user),
            _ => self.identify(who, accepts_passcode),
        }
    }

    #[inline(never)]
    fn identify(&self, who: &Who<'_>, accepts_passcode: bool) -> Asker {
        let PanelTables { codes, passcodes, .. } = &self.policy;
        let owner = |is_code, digest| select(is_code, codes, passcodes).view().owner(digest);
        identify(who, &self.code_key, self.policy.site().options, accepts_passcode, owner)
    }

    #[inline(always)]
    fn timetable(&self) -> Timetable<'_> {
        let TimetableRows { lists, schedules, layers, spans, local, latest_close, .. } = self.policy.timetable(self.ledger.spans());
        Timetable { zone: &self.timetable.zone, lists, schedules, layers, spans, columns: &self.timetable, local, latest_close }
    }

    /// Makes the columns anew, after the rows have changed.
    fn prepare(&mut self) {
        self.timetable.fill(&self.policy.timetable(self.ledger.spans()));
    }
}

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
    const LOCAL: usize,
    Set: SpanSet,
> Device for Panel<CONTACTS, LISTS, SCHEDULES, LAYERS, SPANS, HOLIDAYS, WINDOWS, ENGINEERS, GRANTS, AUTHORISATIONS, LOCAL, Set>
{
}

#[allow(private_interfaces, private_bounds, reason = "only this crate can name the trait")]
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
    const LOCAL: usize,
    Set: SpanSet,
> inside::Device for Panel<CONTACTS, LISTS, SCHEDULES, LAYERS, SPANS, HOLIDAYS, WINDOWS, ENGINEERS, GRANTS, AUTHORISATIONS, LOCAL, Set>
{
    const KIND: DeviceKind = DeviceKind::Panel;
    // A session takes at most 5 + 5 + 10 bytes, a contact's record fewer, each besides the 3 of its topic; the rest are the single topics at their fullest.
    const MEMORY: u32 = 2400 + 26 * CONTACTS as u32 + 26 * GRANTS as u32;

    fn subject(&self) -> &Subject {
        &self.subject
    }

    fn subject_mut(&mut self) -> &mut Subject {
        &mut self.subject
    }

    fn floor(&self) -> Instant {
        self.ledger.floor()
    }

    fn set_floor(&mut self, floor: Instant) {
        self.ledger.set_floor(floor);
    }

    fn clock_tolerance(&self) -> u16 {
        self.policy.site().clock_tolerance
    }

    fn judge(&self, parts: Parts<'_>) -> Result<(), Refusal> {
        let PanelTables { contacts, access, .. } = &self.policy;
        let mut layers = [*Layer::EMPTY; LAYERS];
        parts.judge_panel(self.subject.id, self.policy.site(), &self.policy.parts(), contacts.rows(), access.engineers.slots(), &mut layers)
    }

    fn write(&mut self, mut parts: Parts<'_>) -> bool {
        let write = || {
            if let Some(site) = parts.head().ok()? {
                self.policy.set_site(site);
            }
            parts.write(&Part::PANEL, &mut self.policy.parts_mut())
        };
        write().is_some()
    }

    fn clear_policy(&mut self) {
        self.policy.clear();
        self.prepare();
    }

    fn settle(&mut self) {
        self.ledger.settle(&self.policy.view());
        self.prepare();
    }

    fn correct_clock(&mut self, to: Instant) {
        let site = self.policy.site();
        let date = self.timetable.zone.year_of(to).wall_clock(to).date;
        self.ledger.correct_clock(to, date, site.lockout_seconds);
        self.prepare();
    }

    fn touched(&mut self) -> &mut Touched {
        &mut self.ledger.access.touched
    }

    fn tell_ledger(&self, topic: Topic, writer: &mut Writer<'_>) {
        self.ledger.tell(topic, writer);
    }

    fn tell_one(&self, touched: &Touched, writer: &mut Writer<'_>) -> Option<()> {
        if touched.topics.contains(Topics::CONTACT) {
            self.ledger.records().find(|record| record.user == touched.contact)?.tell(writer);
        }
        self.ledger.access.tell_session(touched, writer);
        Some(())
    }

    fn tell_row(&self, index: usize, writer: &mut Writer<'_>) -> Option<()> {
        let records = self.ledger.view().records;
        let Some(record) = records.get(index) else {
            return self.ledger.access.tell_session_row(index.checked_sub(records.len())?, writer);
        };
        record.record().tell(writer);
        Some(())
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
        (self.policy.access.view(), self.ledger.access.view())
    }

    fn apply_access(&mut self, deed: &AccessDeed) {
        self.ledger.access.apply(deed, self.policy.access.grants.slots());
    }

    fn reversal_of(&self, deed: &AccessDeed) -> AccessDeed {
        self.ledger.access.reversal_of(deed)
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
    const LOCAL: usize,
    Set: SpanSet,
> defmt::Format for Panel<CONTACTS, LISTS, SCHEDULES, LAYERS, SPANS, HOLIDAYS, WINDOWS, ENGINEERS, GRANTS, AUTHORISATIONS, LOCAL, Set>
{
    fn format(&self, formatter: defmt::Formatter<'_>) {
        defmt::write!(formatter, "Panel({}, {})", self.subject.id, self.subject.installed);
    }
}
