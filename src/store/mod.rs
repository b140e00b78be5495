//! A device in flash: whatever arrives and however the power fails, the last good policy decides and nothing that was used up, locked out or revoked comes back.
//!
//! [`Stored`] is a panel or receiver together with a NOR flash. It is asked the same questions. What an answer changes in the ledger is in flash before
//! the answer is given.
//!
//! ```text
//! slot | slot | journal | journal        the layout, from offset 0 of the flash it is given
//! ```

mod flash;
mod journal;
mod slots;

use core::fmt;

use embedded_storage::nor_flash::NorFlash;

use crate::act::ActRequest;
use crate::blob::{HEAD_LENGTH, Head, Installed, Keys, Refusal};
use crate::code::CodeKey;
use crate::columns::SpanSet;
use crate::decide::{Action, EngineerRequest, OpenClose, SessionRequest, UpdateRequest};
use crate::decision::{Decision, Reason, Verdict};
use crate::device::Device;
use crate::engineer::SiteId;
use crate::ledger::topic::{Topics, Touched};
use crate::panel::Panel;
use crate::place::AreaList;
use crate::policy::ensure;
use crate::receiver::Receiver;
use crate::report::Event;
use crate::store::flash::{Region, WIDEST_UNIT};
use crate::store::journal::{Found, Journal, Kept};
use crate::store::slots::Slots;
use crate::supervise::{Due, Supervision};
use crate::sync::{self, Acknowledgement};
use crate::time::{Instant, Time};

/// How a flash is divided: two slots for policies, then two copies of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Layout {
    /// Bytes of each slot, whole erase blocks: the longest snapshot, and as many patches as there are to be between two of them.
    pub slot: u32,
    /// Bytes of each copy of the journal, whole erase blocks: at least [`Layout::journal_for`] the device. The larger, the less often it is erased.
    pub journal: u32,
}

impl Layout {
    /// The fewest bytes that a copy of the journal of a device may have.
    pub const fn journal_for<D: Device>() -> u32 {
        journal::needed(D::MEMORY)
    }

    const fn total(&self) -> u64 {
        2 * (self.slot as u64 + self.journal as u64)
    }

    fn regions(&self) -> ([Region; 2], [Region; 2]) {
        let Self { slot, journal } = *self;
        let slots = [Region { from: 0, length: slot }, Region { from: slot, length: slot }];
        let copies = [Region { from: 2 * slot, length: journal }, Region { from: 2 * slot + journal, length: journal }];
        (slots, copies)
    }
}

/// Why a device cannot be booted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum BootError {
    /// The flash is smaller than the layout.
    FlashTooSmall {
        /// Bytes that the layout takes.
        needed: u64,
    },
    /// A slot or a copy of the journal is not a whole number of erase blocks.
    NotWholeBlocks {
        /// Bytes of an erase block.
        block: u32,
    },
    /// The copies of the journal are too small for this device.
    JournalTooSmall {
        /// The fewest bytes of a copy.
        needed: u32,
    },
    /// The flash could not be read or written.
    Flash,
    /// What is remembered there says what this device knows nothing of, or has no room for. Nothing has been written.
    Foreign,
}

impl fmt::Display for BootError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FlashTooSmall { needed } => write!(formatter, "the layout takes {needed} bytes, more than the flash has"),
            Self::NotWholeBlocks { block } => write!(formatter, "slots and journal have to be whole erase blocks of {block} bytes"),
            Self::JournalTooSmall { needed } => write!(formatter, "a copy of this device's journal takes at least {needed} bytes"),
            Self::Flash => formatter.write_str("the flash could not be read or written"),
            Self::Foreign => formatter.write_str(
                "the flash is that of another kind of device, of one with larger tables, or was written by newer firmware: boot what wrote it, or erase it all to begin as a new device",
            ),
        }
    }
}

impl core::error::Error for BootError {}

bitflags::bitflags! {
    /// What a device has found wrong in its flash. A loss of power in the middle of something explains the first two.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
    #[serde(transparent)]
    pub struct Damage: u8 {
        /// A slot holds something that is not a policy for this device: it is not used.
        const SLOT = 1 << 0;
        /// A copy of the journal was not whole: it has been written anew from the other one.
        const JOURNAL = 1 << 1;
        /// No copy of the journal was whole. What was used up, locked out and revoked is lost, and with it every policy: only a later one decides again.
        const LOSS = 1 << 2;
        /// Something could not be written: the device denies what it could not remember, and needs service.
        const WRITING = 1 << 3;
    }
}
crate::flags::format_as_bits!(Damage);

/// Seconds that the clock may go on before its reading is written down, if nothing else is.
pub const FLOOR_STEP: i64 = 600;

/// A panel or receiver whose policy and ledger are kept in a flash.
///
/// Every question is asked as of the device itself. An allow is only given when what it changes is in flash; if it cannot be written the answer is
/// [`Reason::NotKept`]. A closing goes ahead even so: it protects, and takes nothing away.
pub struct Stored<D, F> {
    device: D,
    flash: F,
    slots: Slots,
    journal: Journal,
    /// The clock reading that is in flash.
    floor: Instant,
    damage: Damage,
}

/// Where a device keeps what it remembers while it is at rest.
const NOWHERE: [Region; 2] = [Region { from: 0, length: 0 }; 2];

impl<D: Device, F: NorFlash> Stored<D, F> {
    /// Starts `device`, a new one, with what `flash` holds. A flash that has been erased makes a device that denies everything.
    ///
    /// # Errors
    /// The layout does not suit the flash or the device, or the flash does not work.
    pub fn boot(device: D, flash: F, layout: Layout) -> Result<Self, BootError> {
        let mut stored = Self::at_rest(device, flash);
        stored.start(layout)?;
        Ok(stored)
    }

    /// `device`, a new one, that has still to be [started](Self::start). Until then it denies everything and keeps nothing.
    ///
    /// [`boot`](Self::boot) returns a device, which costs its size in stack; this can be put where it stays, and started there.
    pub const fn at_rest(device: D, flash: F) -> Self {
        const {
            assert!(
                F::WRITE_SIZE <= WIDEST_UNIT && F::WRITE_SIZE.is_power_of_two(),
                "a flash is written in units of 1, 2, 4, 8, 16 or 32 bytes"
            );
        }
        let (slots, journal) = (Slots::new(NOWHERE), Journal::new(NOWHERE));
        Self { device, flash, slots, journal, floor: Instant(0), damage: Damage::empty() }
    }

    /// Starts a device that is at rest with what its flash holds, as [`boot`](Self::boot).
    ///
    /// # Errors
    /// Those of [`boot`](Self::boot). It is at rest still then, and may be started again.
    pub fn start(&mut self, layout: Layout) -> Result<(), BootError> {
        if layout.total() > self.flash.capacity() as u64 {
            return Err(BootError::FlashTooSmall { needed: layout.total() });
        }
        let block = F::ERASE_SIZE as u32;
        if layout.slot == 0 || !layout.slot.is_multiple_of(block) || !layout.journal.is_multiple_of(block) {
            return Err(BootError::NotWholeBlocks { block });
        }
        let needed = Layout::journal_for::<D>();
        if layout.journal < needed {
            return Err(BootError::JournalTooSmall { needed });
        }
        let (slots, copies) = layout.regions();
        (self.slots, self.journal) = (Slots::new(slots), Journal::new(copies));
        // Whatever it has been asked, or has read before something failed.
        self.device.forget();
        *self.device.touched() = Touched::NOTHING;
        let loaded = self.load();
        if loaded.is_err() {
            self.rest();
            self.damage = Damage::empty();
        }
        loaded
    }

    /// What it holds is not all that is remembered, and must not be written over that: it has to be started.
    fn rest(&mut self) {
        (self.slots, self.journal) = (Slots::new(NOWHERE), Journal::new(NOWHERE));
        self.device.deny_everything();
    }

    fn load(&mut self) -> Result<(), BootError> {
        let Self { device, flash, slots, journal, damage, .. } = self;
        // What is remembered comes first, and with it whom to believe; then the policy, and then what the one says about the other.
        let found = journal.open(flash, device)?;
        if matches!(found, Found::Nothing | Found::Loss) && slots.is_used(flash, device) {
            // The journal is there before the first policy is. Without it nobody knows what was used up, locked out or revoked under a policy.
            ensure(journal.is_readable(flash), BootError::Flash)?;
            damage.insert(Damage::LOSS);
            device.subject_mut().trust.forfeited = slots.highest_signed(flash, device);
        }
        self.load_policy()?;
        let Self { device, journal, damage, floor, .. } = self;
        if found != Found::Everything {
            *device.touched() = Touched::EVERYTHING;
            return self.write_down().ok_or(BootError::Flash);
        }
        *floor = device.floor();
        damage.set(Damage::JOURNAL, journal.lags());
        // Everything that is remembered has been read: if nothing more can be written, the site can still be closed.
        let _ = self.write_down();
        Ok(())
    }

    /// Loads the newest policy that is right. What is remembered stays, but for what a new policy drops.
    fn load_policy(&mut self) -> Result<(), BootError> {
        let Self { device, flash, slots, journal, damage, .. } = self;
        let loaded = slots.load(flash, device).ok_or(BootError::Flash)?;
        damage.set(Damage::SLOT, damage.contains(Damage::SLOT) || !loaded.all_right);
        let Some(newest) = loaded.newest else { return Ok(()) };
        device.settle();
        let trust = &device.subject().trust;
        // One that was vouched for may have a higher number than the key change: counting has begun anew.
        let is_later = trust.latest.is_none_or(|latest| newest.sequence > latest.sequence) && trust.vouched != Some(newest.provenance());
        if let Some((signer, _)) = trust.keys.find(newest.key).filter(|_| is_later) {
            // The power failed between the two writings of an installation.
            device.accept(&newest, signer);
        } else if !device.touched().topics.is_empty() {
            // An older policy, which does not know everybody that something is remembered about. To decide on it would be to forget that.
            device.deny_everything();
            device.forget();
            ensure(journal.open(flash, device)? == Found::Everything, BootError::Flash)?;
            *device.touched() = Touched::NOTHING;
        }
        Ok(())
    }

    /// The device. What is asked of it directly is not kept.
    pub const fn device(&self) -> &D {
        &self.device
    }

    /// The flash.
    pub const fn flash(&self) -> &F {
        &self.flash
    }

    /// Gives the flash back.
    pub fn into_flash(self) -> F {
        self.flash
    }

    /// What has been found wrong since the device was started.
    pub const fn damage(&self) -> Damage {
        self.damage
    }

    /// Writes down what has changed, and what could not be written before. `None`: the next start would find neither.
    fn write_down(&mut self) -> Option<()> {
        let touched = core::mem::replace(self.device.touched(), Touched::NOTHING);
        let floor = self.device.floor();
        let has_moved_on = floor.0 >= self.floor.0.saturating_add(FLOOR_STEP);
        if touched.topics.is_empty() && !has_moved_on && !self.journal.lags() {
            return Some(());
        }
        let touched = Touched { topics: touched.topics | Topics::PULSE, ..touched };
        let kept = self.journal.write(&mut self.flash, &self.device, &touched);
        if kept != Kept::Twice {
            self.damage.insert(Damage::WRITING);
        }
        if kept == Kept::Nowhere {
            // It is tried again with the next question, as a whole.
            *self.device.touched() = Touched::EVERYTHING;
            return None;
        }
        self.floor = floor;
        Some(())
    }

    /// Gives an answer once what it changes is written down. If it cannot be, what is allowed is taken back, and `reverse` takes back what that has changed.
    fn give(&mut self, mut decision: Decision, reverse: impl FnOnce(&mut D)) -> Decision {
        if self.write_down().is_none() && decision.is_allowed() {
            reverse(&mut self.device);
            take_back(&mut decision);
        }
        decision
    }

    /// Checks a blob and does what it says, as [`Panel::install`]. It may be read from anywhere and is kept in flash.
    ///
    /// # Errors
    /// The first thing that is wrong. What decided before decides on.
    pub fn install(&mut self, blob: &[u8], time: Time) -> Result<Installed, Refusal> {
        // As a whole it can be judged at once, and a bad one costs no writing.
        let Some(accepted) = self.device.check(&blob, time)? else { return self.already() };
        let (head, rest) = blob.split_first_chunk().ok_or(Refusal::NotABlob)?;
        self.slots.begin(&mut self.flash, &accepted.head, head)?;
        self.slots.append(&mut self.flash, rest)?;
        self.finish_install(time)
    }

    /// What has been done before has been written down, too.
    fn already(&mut self) -> Result<Installed, Refusal> {
        self.write_down().map(|()| Installed::Already).ok_or(Refusal::NotKept)
    }

    /// Begins an installation in pieces with a blob's first [`HEAD_LENGTH`] bytes. What they say is judged at once, so that nothing that is not for this
    /// device, or too old, or too long is ever fetched. Once they are found right, an installation that was begun before is forgotten.
    ///
    /// # Errors
    /// What is wrong with the head. [`Installed::Already`] in place of a head: the rest need not be fetched.
    pub fn begin_install(&mut self, head: &[u8; HEAD_LENGTH], time: Time) -> Result<Result<Head, Installed>, Refusal> {
        let Some(judged) = self.device.check_head(head, time)? else { return self.already().map(Err) };
        self.slots.begin(&mut self.flash, &judged, head)?;
        Ok(Ok(judged))
    }

    /// Takes the bytes that follow, as many as there are. What decided before decides on.
    ///
    /// # Errors
    /// [`Refusal::NotABlob`]: no installation was begun, or the blob is longer than it says. [`Refusal::NotKept`].
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.slots.append(&mut self.flash, bytes)
    }

    /// Judges what has come and does what it says.
    ///
    /// # Errors
    /// The first thing that is wrong. What decided before decides on.
    pub fn finish_install(&mut self, time: Time) -> Result<Installed, Refusal> {
        let outcome = self.slots.finish(&mut self.flash, &mut self.device, time);
        let is_kept = self.write_down().is_some();
        match outcome {
            Ok(Installed::Now) if !is_kept => Err(Refusal::NotKept),
            // It could be judged and then not be read. While flash does not hold all that is remembered, everything stays denied until a policy comes.
            Err(Refusal::NotKept) if is_kept && self.device.subject().installed.is_none() => {
                self.go_back();
                outcome
            }
            _ => outcome,
        }
    }

    /// Decides again on what flash holds.
    fn go_back(&mut self) {
        if self.load_policy().is_err() {
            self.rest();
        }
        self.slots.take_no_patch();
        let _ = self.write_down();
    }

    /// The time that the device goes by, as [`Panel::believed_time`].
    pub fn believed_time(&self, time: Time) -> Time {
        self.device.read(time).believed()
    }

    /// The answer to `blob`, of which `outcome` came, for the cloud.
    pub fn acknowledge(&self, blob: &[u8], outcome: &Result<Installed, Refusal>) -> Acknowledgement {
        sync::acknowledge(&self.device, blob, outcome, self.damage)
    }

    /// A [`sync::Report`], as [`Panel::report`].
    pub fn report<'a>(&self, dues: &[Due], time: Time, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
        sync::report(&self.device, dues, time, self.damage, buffer)
    }

    /// May the engineer do this?
    pub fn engineer(&mut self, request: &EngineerRequest, time: Time) -> Decision {
        let decision = self.device.engineer(request, time);
        self.give(decision, |_| ())
    }

    /// May the engineer begin a session? If so, it is begun.
    pub fn begin_session(&mut self, request: &SessionRequest, time: Time) -> Decision {
        let (decision, reversal) = self.device.begin_session(request, time, D::reversal_of);
        self.give(decision, |device| device.apply_access(&reversal))
    }

    /// Ends the engineer's session.
    pub fn end_session(&mut self, request: &SessionRequest, time: Time) -> Decision {
        // Who has left has left.
        let decision = self.device.end_session(request, time);
        self.give(decision, |_| ())
    }

    /// May the engineer install this firmware?
    pub fn update(&mut self, request: &UpdateRequest, time: Time) -> Decision {
        let decision = self.device.update(request, time);
        self.give(decision, |_| ())
    }

    /// Keeps a deadline before it is told: after a loss of power it is not told again.
    fn tell_due(&mut self, supervision: Supervision) -> Supervision {
        // One that cannot be written down is told all the same: better twice than never.
        let _ = self.write_down();
        supervision
    }
}

/// Denies what was allowed: it could not be written down.
#[inline(never)]
fn take_back(decision: &mut Decision) {
    (decision.verdict, decision.reason) = (Verdict::Deny, Reason::NotKept);
    (decision.until, decision.close_by) = (None, None);
    if decision.report.event != Event::Duress {
        decision.report.event = Event::NotKept;
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
    F: NorFlash,
> Stored<Panel<CONTACTS, LISTS, SCHEDULES, LAYERS, SPANS, HOLIDAYS, WINDOWS, ENGINEERS, GRANTS, AUTHORISATIONS, LOCAL, Set>, F>
{
    /// Makes the panel at rest that of site `id`, as [`Panel::set_up`]; then it can be [started](Self::start).
    pub fn set_up(&mut self, id: SiteId, keys: Keys, code_key: CodeKey) {
        self.device.set_up(id, keys, code_key);
    }

    /// May the contact open or close?
    pub fn open_close(&mut self, request: &OpenClose<'_>, time: Time) -> Decision {
        let (decision, reversal) = self.device.open_close_reversibly(request, time);
        if request.action == Action::Close {
            // A closing protects.
            let _ = self.write_down();
            return decision;
        }
        self.give(decision, |device| device.reverse(&reversal))
    }

    /// May the contact do this? If so, it is done.
    pub fn act(&mut self, request: &ActRequest<'_>, time: Time) -> Decision {
        let (decision, reversal) = self.device.act_reversibly(request, time);
        self.give(decision, |device| device.reverse(&reversal))
    }

    /// What has fallen due, as [`Panel::supervise`].
    pub fn supervise(&mut self, armed: &AreaList, time: Time) -> Supervision {
        let supervision = self.device.supervise(armed, time);
        self.tell_due(supervision)
    }
}

impl<const SITES: usize, const ENGINEERS: usize, const GRANTS: usize, const AUTHORISATIONS: usize, F: NorFlash>
    Stored<Receiver<SITES, ENGINEERS, GRANTS, AUTHORISATIONS>, F>
{
    /// Makes the receiver at rest the receiver `id`, as [`Receiver::set_up`]; then it can be [started](Self::start).
    pub fn set_up(&mut self, id: SiteId, keys: Keys) {
        self.device.set_up(id, keys);
    }

    /// What has fallen due, as [`Receiver::supervise`].
    pub fn supervise(&mut self, time: Time) -> Supervision {
        let supervision = self.device.supervise(time);
        self.tell_due(supervision)
    }
}
