//! Who is attacked: both devices, bare and in a flash.

use keyholder::blob::{Installed, KeyId, Keys, Provenance, Refusal};
use keyholder::engineer::{Capabilities, EngineerId};
use keyholder::firmware::{ImageDigest, Model, Version};
use keyholder::store::{Layout, Stored};
use keyholder::sync::{REPORT_BYTES, Report};
use keyholder::time::Time;
use keyholder::{Act, ActRequest, Decision, Device, EngineerRequest, OpenClose, SessionRequest, SmallReceiver, Update, UpdateRequest, Who};

use crate::cloud::{Addressee, Edition, recovery, signing};
use crate::flash::Flash;
use crate::sample::{CODE_KEY, NOW, RECEIVER, SITE, SamplePanel, key_of};

/// A device that is attacked.
pub(crate) trait Victim {
    fn name(&self) -> &'static str;
    fn address(&self) -> Addressee;
    fn take(&mut self, blob: &[u8], time: Time) -> Result<Installed, Refusal>;
    /// Nothing to a bare device; the other starts again from its flash.
    fn lose_power(&mut self);
    /// All there is in the device.
    fn seen(&self) -> String;
    fn provenance(&self) -> Option<Provenance>;
    fn believed_time(&self, time: Time) -> Time;
    fn report(&self, time: Time) -> Report;
    fn engineer(&mut self, request: &EngineerRequest, time: Time) -> Decision;
    fn begin_session(&mut self, request: &SessionRequest, time: Time) -> Decision;
    fn end_session(&mut self, request: &SessionRequest, time: Time) -> Decision;
    fn update(&mut self, request: &UpdateRequest, time: Time) -> Decision;
}

/// A panel that is attacked.
pub(crate) trait PanelVictim: Victim {
    fn open_close(&mut self, request: &OpenClose<'_>, time: Time) -> Decision;
    fn act(&mut self, request: &ActRequest<'_>, time: Time) -> Decision;
}

/// A device in memory.
pub(crate) struct Bare<D>(Box<D>);

impl<D: Clone> Bare<D> {
    fn asked(&mut self) -> &mut D {
        &mut self.0
    }

    fn answering(&self) -> &D {
        &self.0
    }

    fn device(&self) -> &D {
        &self.0
    }

    fn start_again(&mut self) {}
}

/// A device in a flash.
pub(crate) struct Powered<D> {
    pub(crate) stored: Box<Stored<D, Flash>>,
    pub(crate) flash: Flash,
    fresh: fn() -> D,
    pub(crate) layout: Layout,
}

impl<D: Device> Powered<D> {
    fn new(fresh: fn() -> D) -> Self {
        let layout = Layout { slot: 4096, journal: Layout::journal_for::<D>().next_multiple_of(512) };
        let flash = Flash::of(2 * (layout.slot + layout.journal));
        let stored = Box::new(Stored::boot(fresh(), flash.clone(), layout).unwrap());
        Self { stored, flash, fresh, layout }
    }

    fn asked(&mut self) -> &mut Stored<D, Flash> {
        &mut self.stored
    }

    fn answering(&self) -> &Stored<D, Flash> {
        &self.stored
    }

    fn device(&self) -> &D {
        self.stored.device()
    }

    fn start_again(&mut self) {
        *self.stored = Stored::boot((self.fresh)(), self.flash.clone(), self.layout).unwrap();
    }

    /// Hands a blob over in pieces of that size.
    pub(crate) fn take_in_pieces(&mut self, blob: &[u8], size: usize, time: Time) -> Result<Installed, Refusal> {
        let (head, rest) = blob.split_first_chunk().ok_or(Refusal::NotABlob)?;
        if let Err(already) = self.stored.begin_install(head, time)? {
            return Ok(already);
        }
        rest.chunks(size).try_for_each(|piece| self.stored.append(piece))?;
        self.stored.finish_install(time)
    }
}

macro_rules! victim {
    ($holder:ident<$device:ident>, $is_panel:expr, $id:expr) => {
        impl Victim for $holder<$device> {
            fn name(&self) -> &'static str {
                if $is_panel { concat!("panel, ", stringify!($holder)) } else { concat!("receiver, ", stringify!($holder)) }
            }

            fn address(&self) -> Addressee {
                Addressee { is_panel: $is_panel, id: $id }
            }

            fn take(&mut self, blob: &[u8], time: Time) -> Result<Installed, Refusal> {
                self.asked().install(blob, time)
            }

            fn lose_power(&mut self) {
                self.start_again();
            }

            fn seen(&self) -> String {
                format!("{:?}", self.device())
            }

            fn provenance(&self) -> Option<Provenance> {
                self.device().provenance().copied()
            }

            fn believed_time(&self, time: Time) -> Time {
                self.answering().believed_time(time)
            }

            fn report(&self, time: Time) -> Report {
                postcard::from_bytes(self.answering().report(&[], time, &mut [0; REPORT_BYTES]).unwrap()).unwrap()
            }

            fn engineer(&mut self, request: &EngineerRequest, time: Time) -> Decision {
                self.asked().engineer(request, time)
            }

            fn begin_session(&mut self, request: &SessionRequest, time: Time) -> Decision {
                self.asked().begin_session(request, time)
            }

            fn end_session(&mut self, request: &SessionRequest, time: Time) -> Decision {
                self.asked().end_session(request, time)
            }

            fn update(&mut self, request: &UpdateRequest, time: Time) -> Decision {
                self.asked().update(request, time)
            }
        }
    };
}
victim!(Bare<SamplePanel>, true, SITE);
victim!(Powered<SamplePanel>, true, SITE);
victim!(Bare<SmallReceiver>, false, RECEIVER);
victim!(Powered<SmallReceiver>, false, RECEIVER);

macro_rules! panel_victim {
    ($holder:ident) => {
        impl PanelVictim for $holder<SamplePanel> {
            fn open_close(&mut self, request: &OpenClose<'_>, time: Time) -> Decision {
                self.asked().open_close(request, time)
            }

            fn act(&mut self, request: &ActRequest<'_>, time: Time) -> Decision {
                self.asked().act(request, time)
            }
        }
    };
}
panel_victim!(Bare);
panel_victim!(Powered);

fn keys() -> Keys {
    Keys::new(key_of(&signing()), key_of(&recovery()))
}

pub(crate) fn new_panel() -> SamplePanel {
    SamplePanel::new(SITE, keys(), CODE_KEY)
}

pub(crate) fn new_receiver() -> SmallReceiver {
    SmallReceiver::new(RECEIVER, keys())
}

pub(crate) fn panel_in_flash() -> Powered<SamplePanel> {
    Powered::new(new_panel)
}

pub(crate) fn receiver_in_flash() -> Powered<SmallReceiver> {
    Powered::new(new_receiver)
}

/// Attacks every kind of device, each of them new.
pub(crate) fn everywhere(attack: impl Fn(&mut dyn Victim)) {
    let victims: [Box<dyn Victim>; 4] = [
        Box::new(Bare(Box::new(new_panel()))),
        Box::new(Bare(Box::new(new_receiver()))),
        Box::new(panel_in_flash()),
        Box::new(receiver_in_flash()),
    ];
    for mut victim in victims {
        // Shown when the test fails.
        println!("{}", victim.name());
        attack(&mut *victim);
    }
}

/// Attacks a panel, bare and in a flash, that holds the sample policy under sequence 1.
pub(crate) fn at_panels(attack: impl Fn(&mut dyn PanelVictim)) {
    let victims: [Box<dyn PanelVictim>; 2] = [Box::new(Bare(Box::new(new_panel()))), Box::new(panel_in_flash())];
    for mut victim in victims {
        println!("{}", victim.name());
        let blob = victim.address().snapshot(1, Edition::Grants);
        assert_eq!(victim.take(&blob, NOW), Ok(Installed::Now));
        attack(&mut *victim);
    }
}

/// What a device holds on to, whatever its clock says.
pub(crate) type Held = (Option<Provenance>, Option<u64>, KeyId, Option<KeyId>);

pub(crate) fn held(victim: &(impl Victim + ?Sized)) -> Held {
    let holding = victim.report(NOW).holding;
    (holding.policy, holding.latest, holding.signing, holding.recovery)
}

/// Asserts that `blob` is accepted and holds, after a loss of power too.
pub(crate) fn accepts(victim: &mut (impl Victim + ?Sized), blob: &[u8], time: Time) {
    assert_eq!(victim.take(blob, time), Ok(Installed::Now));
    let before = held(victim);
    victim.lose_power();
    assert_eq!(held(victim), before);
}

/// Asserts that `blob` is refused for that reason and changes nothing, after a loss of power either.
pub(crate) fn refuses(victim: &mut (impl Victim + ?Sized), name: &str, blob: &[u8], time: Time, refusal: Refusal) {
    let (before, seen) = (held(victim), victim.seen());
    assert_eq!(victim.take(blob, time), Err(refusal), "{name}");
    assert!(victim.seen() == seen, "{name}: the device has changed");
    victim.lose_power();
    assert_eq!(held(victim), before, "{name}: after a loss of power");
    assert_eq!(victim.take(blob, time), Err(refusal), "{name}: after a loss of power");
}

/// Whether engineer 41 may change settings at the site.
pub(crate) fn lets_in(victim: &mut (impl Victim + ?Sized), time: Time) -> bool {
    let request = EngineerRequest { engineer: EngineerId(41), site: SITE, capabilities: Capabilities::CHANGE_SETTINGS };
    victim.engineer(&request, time).is_allowed()
}

pub(crate) const SESSION: SessionRequest = SessionRequest { engineer: EngineerId(41), site: SITE };

/// The firmware that the sample policy authorises, to be installed by engineer 41.
pub(crate) fn genuine_update() -> UpdateRequest {
    let model = Model::named("KP-200").unwrap();
    let update = Update { model, version: Version([2, 1, 0, 0]), installed: Version([2, 0, 0, 0]), image: ImageDigest([3; 32]) };
    UpdateRequest { engineer: EngineerId(41), site: SITE, update }
}

/// What the master user does at the keypad.
pub(crate) fn master(victim: &mut dyn PanelVictim, act: Act, time: Time) -> Decision {
    victim.act(&ActRequest { who: Who::User(keyholder::contact::UserNumber(1)), act, remote: false }, time)
}
