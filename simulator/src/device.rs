//! A simulated device: the core's panel or receiver with a flash, and around it what a real one's wiring knows: which areas are armed, and by whom.

use keyholder::act::ActRequest;
use keyholder::blob::{Installed, Kind, Provenance, Refusal};
use keyholder::code::CodeKey;
use keyholder::contact::UserNumber;
use keyholder::engineer::{EngineerId, Identity, SiteId};
use keyholder::place::{AreaList, Areas, Place};
use keyholder::store::{BootError, Damage, Layout, Stored};
use keyholder::supervise::{Due, Supervision};
use keyholder::sync::{Acknowledgement, DUES, Holding, REPORT_BYTES};
use keyholder::time::Time;
use keyholder::{
    Action, Decision, EngineerRequest, LargePanel, LargeReceiver, OpenClose, SessionRequest, SmallPanel, SmallReceiver, StandardPanel,
    StandardReceiver, UpdateRequest,
};

use crate::flash::{Flash, layout};
use crate::key_file::Keys;
use crate::policy_file::Size;
use crate::tape;
use crate::zones::Clock;

/// The core's device in its flash.
enum Machine {
    SmallPanel(Box<Stored<SmallPanel, Flash>>),
    StandardPanel(Box<Stored<StandardPanel, Flash>>),
    LargePanel(Box<Stored<LargePanel, Flash>>),
    SmallReceiver(Box<Stored<SmallReceiver, Flash>>),
    StandardReceiver(Box<Stored<StandardReceiver, Flash>>),
    LargeReceiver(Box<Stored<LargeReceiver, Flash>>),
}

/// The same call on whichever device it is.
macro_rules! on_device {
    ($machine:expr, $device:ident => $call:expr) => {
        on_device!($machine, $device => $call, $device => $call)
    };
    ($machine:expr, $panel:ident => $of_panel:expr, $receiver:pat => $of_receiver:expr) => {
        match $machine {
            Machine::SmallPanel($panel) => $of_panel,
            Machine::StandardPanel($panel) => $of_panel,
            Machine::LargePanel($panel) => $of_panel,
            Machine::SmallReceiver($receiver) => $of_receiver,
            Machine::StandardReceiver($receiver) => $of_receiver,
            Machine::LargeReceiver($receiver) => $of_receiver,
        }
    };
}

/// Who armed each area of a system.
type Armers = [UserNumber; 32];

/// What a device leaves its factory with.
#[derive(Clone)]
struct Made {
    is_receiver: bool,
    size: Size,
    recipient: SiteId,
    cloud: keyholder::blob::Keys,
    code: CodeKey,
}

impl Made {
    /// Starts it with what `flash` holds; without one, as it left the factory.
    fn boot(&self, flash: Option<Flash>) -> Result<Machine, BootError> {
        let Self { recipient, cloud, size, .. } = *self;
        macro_rules! machine {
            ($kind:ident, $new:expr) => {
                start(size, flash, || $new).map(Machine::$kind)
            };
        }
        match (self.is_receiver, size) {
            (false, Size::Small) => machine!(SmallPanel, SmallPanel::new(recipient, cloud, self.code.clone())),
            (false, Size::Standard) => machine!(StandardPanel, StandardPanel::new(recipient, cloud, self.code.clone())),
            (false, Size::Large) => machine!(LargePanel, LargePanel::new(recipient, cloud, self.code.clone())),
            (true, Size::Small) => machine!(SmallReceiver, SmallReceiver::new(recipient, cloud)),
            (true, Size::Standard) => machine!(StandardReceiver, StandardReceiver::new(recipient, cloud)),
            (true, Size::Large) => machine!(LargeReceiver, LargeReceiver::new(recipient, cloud)),
        }
    }
}

/// Starts a device where it stays: a large one is larger than what a thread's stack has room for a few times.
fn start<D: keyholder::Device>(size: Size, flash: Option<Flash>, new: impl FnOnce() -> D) -> Result<Box<Stored<D, Flash>>, BootError> {
    let layout = layout(size, Layout::journal_for::<D>());
    let flash = flash.unwrap_or_else(|| Flash::erased(layout));
    let mut stored = Box::new(Stored::at_rest(new(), flash));
    stored.start(layout)?;
    Ok(stored)
}

/// A simulated device.
pub struct Device {
    made: Made,
    machine: Machine,
    /// Its number on the tape.
    number: u32,
    /// The site's wall clock, as far as the device knows it.
    clock: Option<Clock>,
    armed: AreaList,
    armed_by: [Armers; 8],
    /// What has fallen due and is not in any report to the cloud yet.
    unreported: Vec<Due>,
}

impl Device {
    /// A device for blobs of that kind and recipient, with the keys of its cloud. Everything is armed.
    pub fn new(kind: Kind, recipient: SiteId, size: Size, keys: &Keys) -> Self {
        let is_receiver = matches!(kind, Kind::ReceiverSnapshot | Kind::ReceiverPatch);
        let made = Made { is_receiver, size, recipient, cloud: keyholder::blob::Keys::only(keys.public()), code: keys.code_key() };
        let machine = made.boot(None).unwrap_or_else(|error| never(error));
        let number = tape::device(kind, recipient, keys);
        let armed_by = [[UserNumber::NOBODY; 32]; 8];
        Self { made, machine, number, clock: None, armed: AreaList::ALL, armed_by, unreported: Vec::new() }
    }

    /// Whether it is a panel.
    pub const fn is_panel(&self) -> bool {
        matches!(self.machine, Machine::SmallPanel(_) | Machine::StandardPanel(_) | Machine::LargePanel(_))
    }

    /// The site or receiver it is.
    pub const fn recipient(&self) -> SiteId {
        self.made.recipient
    }

    /// The wall clock that local times are read on.
    pub const fn clock(&self) -> Option<&Clock> {
        self.clock.as_ref()
    }

    /// Lets local times be read on that clock, until a policy says otherwise.
    pub fn set_clock(&mut self, clock: Clock) {
        self.clock = Some(clock);
    }

    /// The id of the engineer with this identity.
    pub fn engineer_id(&self, identity: Identity) -> Option<EngineerId> {
        on_device!(&self.machine, device => device.device().engineer_id(identity))
    }

    /// The policy that decides.
    pub fn provenance(&self) -> Option<Provenance> {
        on_device!(&self.machine, device => device.device().provenance()).copied()
    }

    /// The sequence of the installed policy.
    pub fn sequence(&self) -> Option<u64> {
        self.provenance().map(|provenance| provenance.sequence)
    }

    /// What it tells the cloud that it holds.
    pub fn holding(&self) -> Holding {
        self.acknowledge(&[], &Ok(Installed::Already)).holding
    }

    /// What it answers the cloud to `blob`, of which `outcome` came.
    pub fn acknowledge(&self, blob: &[u8], outcome: &Result<Installed, Refusal>) -> Acknowledgement {
        on_device!(&self.machine, device => device.acknowledge(blob, outcome))
    }

    /// Its report to the cloud, with what has fallen due since the last one.
    pub fn report(&mut self, time: Time) -> Vec<u8> {
        let mut dues = std::mem::take(&mut self.unreported);
        self.unreported = dues.split_off(dues.len().min(DUES));
        let mut buffer = [0; REPORT_BYTES];
        on_device!(&self.machine, device => device.report(&dues, time, &mut buffer)).unwrap_or_default().to_vec()
    }

    /// Takes its power away and gives it back: what is not in its flash is gone.
    ///
    /// # Errors
    /// It does not start again. For whoever goes on nonetheless its power has not failed.
    pub fn power_cycle(&mut self) -> Result<(), BootError> {
        tape::power_cycle(self.number);
        let flash = on_device!(&self.machine, device => device.flash().clone());
        self.machine = self.made.boot(Some(flash)).inspect_err(|_| tape::cannot_follow())?;
        Ok(())
    }

    /// Lets every writing to its flash fail from now on, or work again.
    pub fn wear_out_flash(&self, is_worn_out: bool) {
        tape::cannot_follow();
        on_device!(&self.machine, device => device.flash().wear_out(is_worn_out));
    }

    /// What it has found wrong with its flash.
    pub fn damage(&self) -> Damage {
        on_device!(&self.machine, device => device.damage())
    }

    /// Gives it a blob.
    ///
    /// # Errors
    /// Why the device refuses it. Nothing has changed then.
    pub fn install(&mut self, blob: &[u8], time: Time) -> Result<Installed, Refusal> {
        let result = on_device!(&mut self.machine, device => device.install(blob, time));
        tape::install(self.number, blob, time, &result);
        let installed = result?;
        // Only a policy has a zone.
        if self.provenance().is_some()
            && let Some(zone) = on_device!(&self.machine, panel => Some(panel.device().site().zone), _ => None)
        {
            self.clock = Some(Clock::new(zone));
        }
        Ok(installed)
    }

    /// May the contact open or close? `None`: it has no contacts.
    pub fn open_close(&mut self, request: &OpenClose<'_>, time: Time) -> Option<Decision> {
        let decision = on_device!(&mut self.machine, panel => panel.open_close(request, time), _ => return None);
        tape::open_close(self.number, request, time, &decision);
        if decision.is_allowed() {
            self.set_armed(request.place, request.action == Action::Close, decision.user);
        }
        Some(decision)
    }

    /// May the contact do this? `None`: it has no contacts.
    pub fn act(&mut self, request: &ActRequest<'_>, time: Time) -> Option<Decision> {
        let decision = on_device!(&mut self.machine, panel => panel.act(request, time), _ => return None);
        tape::act(self.number, request, time, &decision);
        Some(decision)
    }

    /// May the engineer do this?
    pub fn engineer(&mut self, request: &EngineerRequest, time: Time) -> Decision {
        let decision = on_device!(&mut self.machine, device => device.engineer(request, time));
        tape::engineer(self.number, request, time, &decision);
        decision
    }

    /// May the engineer begin a session?
    pub fn begin_session(&mut self, request: &SessionRequest, time: Time) -> Decision {
        let decision = on_device!(&mut self.machine, device => device.begin_session(request, time));
        tape::session(true, self.number, request, time, &decision);
        decision
    }

    /// Ends the engineer's session.
    pub fn end_session(&mut self, request: &SessionRequest, time: Time) -> Decision {
        let decision = on_device!(&mut self.machine, device => device.end_session(request, time));
        tape::session(false, self.number, request, time, &decision);
        decision
    }

    /// May the engineer install this firmware?
    pub fn update(&mut self, request: &UpdateRequest, time: Time) -> Decision {
        let decision = on_device!(&mut self.machine, device => device.update(request, time));
        tape::update(self.number, request, time, &decision);
        decision
    }

    /// Everything that has fallen due since it was last asked, earliest first.
    pub fn supervise(&mut self, time: Time) -> Vec<Due> {
        let mut all = Vec::new();
        loop {
            let supervision =
                on_device!(&mut self.machine, panel => panel.supervise(&self.armed, time), receiver => receiver.supervise(time));
            tape::supervise(self.number, &self.armed, time, &supervision);
            match supervision {
                Supervision::Due(due) => all.push(due),
                Supervision::AskAgain => {}
                Supervision::Nothing => {
                    self.unreported.extend(&all);
                    return all;
                }
            }
        }
    }

    /// Says which areas are armed now. Those that were armed before keep who armed them.
    pub fn set_all_armed(&mut self, armed: AreaList) {
        for (index, armers) in self.armed_by.iter_mut().enumerate() {
            let was = self.armed.0.get(index).copied().unwrap_or(Areas::NONE);
            for (area, armer) in armers.iter_mut().enumerate() {
                if was.0 >> area & 1 == 0 {
                    *armer = UserNumber::NOBODY;
                }
            }
        }
        self.armed = armed;
    }

    fn set_armed(&mut self, place: Place, arm: bool, user: UserNumber) {
        let index = usize::from(place.system()) - 1;
        if let (Some(armed), Some(armers)) = (self.armed.0.get_mut(index), self.armed_by.get_mut(index)) {
            armed.0 = if arm { armed.0 | place.areas().0 } else { armed.0 & !place.areas().0 };
            for area in place.areas().numbers() {
                if let Some(armer) = armers.get_mut(usize::from(area) - 1) {
                    *armer = if arm { user } else { UserNumber::NOBODY };
                }
            }
        }
    }

    /// Who has armed every area of the place; nobody if not all are armed, or by different people.
    pub fn armer(&self, place: Place) -> UserNumber {
        if !place.areas().within(self.armed.of_system(place.system())) {
            return UserNumber::NOBODY;
        }
        let armers = self.armed_by.get(usize::from(place.system()) - 1);
        let mut of_place = place.areas().numbers().filter_map(|area| armers?.get(usize::from(area) - 1).copied());
        let first = of_place.next().unwrap_or(UserNumber::NOBODY);
        if of_place.all(|armer| armer == first) { first } else { UserNumber::NOBODY }
    }
}

/// The layouts are made for their devices, and an erased flash in memory can be read: the core's own tests would fail before this.
#[allow(clippy::panic, reason = "there is no simulated device to go on with")]
fn never(error: BootError) -> ! {
    panic!("a simulated device does not boot: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_whose_flash_is_not_as_it_should_be_does_not_start() {
        let keys = Keys::throw_away();
        let mut device = Device::new(Kind::PanelSnapshot, SiteId(17), Size::Small, &keys);
        assert_eq!(device.power_cycle(), Ok(()));
        device.made.size = Size::Large;
        assert!(matches!(device.power_cycle(), Err(BootError::FlashTooSmall { .. })));
        assert_eq!(device.recipient(), SiteId(17));
    }
}
