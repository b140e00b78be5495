//! The core's device in its flash, and the order in which the parts of a blob arrive. This is the one place that knows how they are kept.

use core::ops::{Deref, DerefMut};

use embedded_storage::nor_flash::NorFlash;
use keyholder::Device as Core;
use keyholder::blob::{HEAD_LENGTH, Head, Installed, Keys, PublicKey, Refusal};
use keyholder::store::{BootError, Damage, Layout, Stored};
use keyholder::sync::REPORT_BYTES;
use keyholder::time::Time;
use keyholder_line::answer::{Accepted, Failure, ReportPart};
use keyholder_line::identity::Identity;

/// How the flash is divided, behind the page with the identity: two slots for policies, each as long as the longest that fits a standard device, and two
/// copies of the ledger's journal.
pub const LAYOUT: Layout = Layout { slot: 32 * 1024, journal: 20 * 1024 };

/// The public keys of that device's cloud.
pub const fn keys(identity: &Identity) -> Keys {
    let signing = PublicKey(identity.signing);
    match identity.recovery {
        Some(recovery) => Keys::new(signing, PublicKey(recovery)),
        None => Keys::only(signing),
    }
}

/// A device in its flash, a blob that is on its way to it, and a report that is on its way to the cloud.
pub struct Device<D, F> {
    id: u32,
    stored: Stored<D, F>,
    incoming: Option<Incoming>,
    /// As it was when somebody began to fetch it: what happens meanwhile must not get mixed into it.
    report: [u8; REPORT_BYTES],
    report_length: usize,
}

/// A blob that is on its way.
struct Incoming {
    sequence: u64,
    /// How much of its policy has come.
    offset: u32,
}

/// Why a blob was not installed. What decided before decides on.
#[derive(Clone, Copy, Debug)]
pub enum NotInstalled {
    /// The core refuses it.
    Refused(Refusal),
    /// It was not sent as it should be.
    Failed(Failure),
}

impl From<Refusal> for NotInstalled {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl<D, F> Deref for Device<D, F> {
    type Target = Stored<D, F>;

    fn deref(&self) -> &Stored<D, F> {
        &self.stored
    }
}

impl<D, F> DerefMut for Device<D, F> {
    fn deref_mut(&mut self) -> &mut Stored<D, F> {
        &mut self.stored
    }
}

impl<D: Core, F: NorFlash> Device<D, F> {
    /// Starts the device `core`, whose identity that is, with what is in its flash.
    ///
    /// # Errors
    /// The flash is too small, or does not work.
    pub fn boot(identity: &Identity, core: D, flash: F) -> Result<Self, BootError> {
        let stored = Stored::boot(core, flash, LAYOUT)?;
        if !stored.damage().is_empty() {
            // After a loss of power in the middle of something this is as it should be.
            defmt::warn!("the flash was found damaged: {}", stored.damage());
        }
        Ok(Self { id: identity.id, stored, incoming: None, report: [0; REPORT_BYTES], report_length: 0 })
    }

    /// The site or receiver it is.
    pub const fn id(&self) -> u32 {
        self.id
    }

    /// What has to be put right first, with a clock that says `time`.
    pub fn trouble(&self, has_policy: bool, time: Time) -> Option<&'static str> {
        if !has_policy {
            Some("NO POLICY")
        } else if time == Time::Unknown {
            Some("CLOCK NOT SET")
        } else if self.stored.believed_time(time) == Time::Unknown {
            Some("CLOCK WENT BACK")
        } else if self.stored.damage().intersects(Damage::WRITING.union(Damage::LOSS)) {
            Some("FLASH DAMAGED")
        } else {
            None
        }
    }

    /// A blob begins with these bytes, its head if they are enough. `Some`: it need not go on.
    ///
    /// # Errors
    /// What is wrong with the head.
    pub fn begin_blob(&mut self, head: &[u8], time: Time) -> Result<Option<Accepted>, NotInstalled> {
        self.incoming = None;
        let head: &[u8; HEAD_LENGTH] = match head.try_into() {
            Ok(head) => head,
            // What is too short for a head is judged as far as it goes.
            Err(_) => return Err(Head::read(head).err().unwrap_or(Refusal::NotABlob).into()),
        };
        match self.stored.begin_install(head, time)? {
            Err(installed) => Ok(Some(Accepted::new(installed, Head::read(head)?.sequence))),
            Ok(head) => {
                self.incoming = Some(Incoming { sequence: head.sequence, offset: 0 });
                Ok(None)
            }
        }
    }

    /// The next bytes of its policy, of which `offset` have come.
    ///
    /// # Errors
    /// Something else was due, or it is no such blob. It is dropped.
    pub fn append_blob(&mut self, offset: u32, bytes: &[u8]) -> Result<(), NotInstalled> {
        let Some(incoming) = self.incoming.take().filter(|incoming| incoming.offset == offset) else {
            return Err(NotInstalled::Failed(Failure::OutOfOrder));
        };
        self.stored.append(bytes)?;
        self.incoming = Some(Incoming { offset: offset.saturating_add(bytes.len() as u32), ..incoming });
        Ok(())
    }

    /// It has all come.
    ///
    /// # Errors
    /// Why it is not installed.
    pub fn finish_blob(&mut self, time: Time) -> Result<Accepted, NotInstalled> {
        let Some(Incoming { sequence, .. }) = self.incoming.take() else { return Err(NotInstalled::Failed(Failure::OutOfOrder)) };
        let installed: Installed = self.stored.finish_install(time)?;
        Ok(Accepted::new(installed, sequence))
    }

    /// A part of the report to the cloud, which is made anew with the first. Deadlines are none in it: they have been told when they passed.
    ///
    /// # Errors
    /// There is nothing at that offset: begin anew.
    pub fn report_part(&mut self, offset: u16, time: Time) -> Result<ReportPart, Failure> {
        if offset == 0 {
            self.report_length = self.stored.report(&[], time, &mut self.report).map_or(0, <[u8]>::len);
        }
        let report = self.report.get(..self.report_length).unwrap_or_default();
        ReportPart::of(report, usize::from(offset)).ok_or(Failure::OutOfOrder)
    }
}
