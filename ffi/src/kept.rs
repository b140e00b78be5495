//! Where a device is kept, in memory alone or with a flash, and how it is asked in either case.
//!
//! What is asked goes through traits whose tables only the init and the boot functions name. So a program that never boots a device on a flash links nothing
//! of what that takes, and one that always does nothing of the other. What only looks at a device stays outside of them, for the same reason.

use keyholder::blob::{HEAD_LENGTH, Installed, Refusal};
use keyholder::place::AreaList;
use keyholder::store::{Layout, Stored};
use keyholder::supervise::Supervision;
use keyholder::time::Time;
use keyholder::{ActRequest, Decision, EngineerRequest, OpenClose, SessionRequest, UpdateRequest};

use crate::answer::kh_installation;
use crate::flash::{Flash, status_of};
use crate::storage::{Device, PanelDevice, ReceiverDevice};
use crate::value::{KH_NO_FLASH, kh_status};

/// A device in flash, and a blob that is on its way to it.
pub(crate) struct InFlash<D> {
    pub(crate) stored: Stored<D, Flash>,
    arrival: Arrival,
}

/// A blob that comes in pieces.
struct Arrival {
    /// Its sequence, for the answer to it.
    sequence: Option<u64>,
    /// How many of its bytes are still to come.
    remaining: u32,
}

impl Arrival {
    const NONE: Self = Self { sequence: None, remaining: 0 };
}

/// What became of a blob, or of a piece of one.
type Outcome = (kh_status, kh_installation);

/// What every device is asked.
pub(crate) trait Asked<D> {
    fn install(&mut self, blob: &[u8], time: Time) -> Outcome;
    fn begin(&mut self, head: &[u8; HEAD_LENGTH], time: Time) -> Result<Outcome, kh_status>;
    fn append(&mut self, bytes: &[u8]) -> Result<Outcome, kh_status>;
    fn finish(&mut self, time: Time) -> Result<Outcome, kh_status>;
    fn engineer(&mut self, request: &EngineerRequest, time: Time) -> Decision;
    fn begin_session(&mut self, request: &SessionRequest, time: Time) -> Decision;
    fn end_session(&mut self, request: &SessionRequest, time: Time) -> Decision;
    fn update(&mut self, request: &UpdateRequest, time: Time) -> Decision;
    /// The device itself, to look at.
    fn device(&self) -> &D;
    /// The device with its flash, if it has one, to look at.
    fn stored(&self) -> Option<&Stored<D, Flash>>;
}

/// What a panel is asked besides.
pub(crate) trait AskedPanel: Asked<PanelDevice> {
    fn open_close(&mut self, request: &OpenClose<'_>, time: Time) -> Decision;
    fn act(&mut self, request: &ActRequest<'_>, time: Time) -> Decision;
    fn supervise(&mut self, armed: &AreaList, time: Time) -> Supervision;
}

/// What a receiver is asked besides.
pub(crate) trait AskedReceiver: Asked<ReceiverDevice> {
    fn supervise(&mut self, time: Time) -> Supervision;
}

/// A device in memory: asked itself. Pieces of a blob it has nowhere to put.
macro_rules! in_memory {
    ($device:ident) => {
        impl Asked<Self> for $device {
            fn install(&mut self, blob: &[u8], time: Time) -> Outcome {
                let outcome = Self::install(self, blob, time);
                kh_installation::of(&outcome, &self.acknowledge(blob, &outcome))
            }
            fn begin(&mut self, _: &[u8; HEAD_LENGTH], _: Time) -> Result<Outcome, kh_status> {
                Err(KH_NO_FLASH)
            }
            fn append(&mut self, _: &[u8]) -> Result<Outcome, kh_status> {
                Err(KH_NO_FLASH)
            }
            fn finish(&mut self, _: Time) -> Result<Outcome, kh_status> {
                Err(KH_NO_FLASH)
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
            fn device(&self) -> &Self {
                self
            }
            fn stored(&self) -> Option<&Stored<Self, Flash>> {
                None
            }
        }
    };
}
in_memory!(PanelDevice);
in_memory!(ReceiverDevice);

impl AskedPanel for PanelDevice {
    fn open_close(&mut self, request: &OpenClose<'_>, time: Time) -> Decision {
        Self::open_close(self, request, time)
    }
    fn act(&mut self, request: &ActRequest<'_>, time: Time) -> Decision {
        Self::act(self, request, time)
    }
    fn supervise(&mut self, armed: &AreaList, time: Time) -> Supervision {
        Self::supervise(self, armed, time)
    }
}

impl AskedReceiver for ReceiverDevice {
    fn supervise(&mut self, time: Time) -> Supervision {
        Self::supervise(self, time)
    }
}

impl<D: Device> InFlash<D> {
    /// A device that has still to be started.
    pub(crate) const fn at_rest(device: D, flash: Flash) -> Self {
        Self { stored: Stored::at_rest(device, flash), arrival: Arrival::NONE }
    }

    /// Starts it with what its flash holds.
    pub(crate) fn start(&mut self, layout: Layout) -> Result<(), kh_status> {
        self.stored.start(layout).map_err(status_of)
    }

    /// The blob is on its way.
    fn awaits(&self) -> Outcome {
        kh_installation::awaits(self.arrival.remaining, self.stored.device().provenance())
    }

    /// What became of the blob on its way, whose head nobody has any more.
    fn answer(&self, outcome: &Result<Installed, Refusal>) -> Outcome {
        let mut acknowledgement = self.stored.acknowledge(&[], outcome);
        acknowledgement.sequence = self.arrival.sequence;
        kh_installation::of(outcome, &acknowledgement)
    }
}

impl<D: Device> Asked<D> for InFlash<D> {
    fn install(&mut self, blob: &[u8], time: Time) -> Outcome {
        let outcome = self.stored.install(blob, time);
        if outcome == Ok(Installed::Now) {
            self.arrival = Arrival::NONE;
        }
        kh_installation::of(&outcome, &self.stored.acknowledge(blob, &outcome))
    }

    fn begin(&mut self, head: &[u8; HEAD_LENGTH], time: Time) -> Result<Outcome, kh_status> {
        let outcome = match self.stored.begin_install(head, time) {
            Ok(Ok(judged)) => {
                self.arrival = Arrival { sequence: Some(judged.sequence), remaining: judged.length };
                return Ok(self.awaits());
            }
            Ok(Err(installed)) => Ok(installed),
            Err(refusal) => Err(refusal),
        };
        Ok(kh_installation::of(&outcome, &self.stored.acknowledge(head, &outcome)))
    }

    fn append(&mut self, bytes: &[u8]) -> Result<Outcome, kh_status> {
        Ok(match self.stored.append(bytes) {
            Ok(()) => {
                self.arrival.remaining = self.arrival.remaining.saturating_sub(bytes.len() as u32);
                self.awaits()
            }
            Err(refusal) => self.answer(&Err(refusal)),
        })
    }

    fn finish(&mut self, time: Time) -> Result<Outcome, kh_status> {
        let outcome = self.stored.finish_install(time);
        let answer = self.answer(&outcome);
        self.arrival = Arrival::NONE;
        Ok(answer)
    }

    fn engineer(&mut self, request: &EngineerRequest, time: Time) -> Decision {
        self.stored.engineer(request, time)
    }

    fn begin_session(&mut self, request: &SessionRequest, time: Time) -> Decision {
        self.stored.begin_session(request, time)
    }

    fn end_session(&mut self, request: &SessionRequest, time: Time) -> Decision {
        self.stored.end_session(request, time)
    }

    fn update(&mut self, request: &UpdateRequest, time: Time) -> Decision {
        self.stored.update(request, time)
    }

    fn device(&self) -> &D {
        self.stored.device()
    }

    fn stored(&self) -> Option<&Stored<D, Flash>> {
        Some(&self.stored)
    }
}

impl AskedPanel for InFlash<PanelDevice> {
    fn open_close(&mut self, request: &OpenClose<'_>, time: Time) -> Decision {
        self.stored.open_close(request, time)
    }
    fn act(&mut self, request: &ActRequest<'_>, time: Time) -> Decision {
        self.stored.act(request, time)
    }
    fn supervise(&mut self, armed: &AreaList, time: Time) -> Supervision {
        self.stored.supervise(armed, time)
    }
}

impl AskedReceiver for InFlash<ReceiverDevice> {
    fn supervise(&mut self, time: Time) -> Supervision {
        self.stored.supervise(time)
    }
}
