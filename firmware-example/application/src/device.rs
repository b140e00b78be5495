//! The core's devices with what keeps their policy. This is the one place that knows how.

use core::ops::{Deref, DerefMut};

use heapless::Vec;
use keyholder::blob::{HEAD_LENGTH, Installed, Provenance, Refusal};
use keyholder::engineer::SiteId;
use keyholder::time::Time;
use keyholder::{Decision, EngineerRequest, SessionRequest, StandardPanel, StandardReceiver, UpdateRequest};
use keyholder_line::answer::{Accepted, Failure};

/// Longest blob that can be received.
const LONGEST_BLOB: usize = 24 * 1024;

/// A device and a blob that is on its way to it.
pub struct Device<D> {
    id: SiteId,
    core: D,
    blob: Vec<u8, LONGEST_BLOB>,
    /// How long the blob will be; `None`: none has begun.
    expected: Option<usize>,
}

/// Why a blob was not installed. Nothing has changed then.
#[derive(Clone, Debug)]
pub enum NotInstalled {
    /// The core refuses it.
    Refused(Refusal),
    /// It could not be judged.
    Failed(Failure),
}

impl<D> Deref for Device<D> {
    type Target = D;

    fn deref(&self) -> &D {
        &self.core
    }
}

impl<D> DerefMut for Device<D> {
    fn deref_mut(&mut self) -> &mut D {
        &mut self.core
    }
}

/// What panels and receivers answer alike.
pub trait Core {
    /// Checks a blob and installs it.
    ///
    /// # Errors
    /// Why it is refused.
    fn install(&mut self, blob: &[u8], time: Time) -> Result<Installed, Refusal>;
    /// The policy that decides.
    fn provenance(&self) -> Option<&Provenance>;
    /// May the engineer do this?
    fn engineer(&mut self, request: &EngineerRequest, time: Time) -> Decision;
    /// May the engineer begin a session?
    fn begin_session(&mut self, request: &SessionRequest, time: Time) -> Decision;
    /// Ends it.
    fn end_session(&mut self, request: &SessionRequest, time: Time) -> Decision;
    /// May the engineer install this firmware?
    fn update(&mut self, request: &UpdateRequest, time: Time) -> Decision;
}

macro_rules! core_of {
    ($device:ty) => {
        impl Core for $device {
            fn install(&mut self, blob: &[u8], time: Time) -> Result<Installed, Refusal> {
                <$device>::install(self, blob, time)
            }

            fn provenance(&self) -> Option<&Provenance> {
                <$device>::provenance(self)
            }

            fn engineer(&mut self, request: &EngineerRequest, time: Time) -> Decision {
                <$device>::engineer(self, request, time)
            }

            fn begin_session(&mut self, request: &SessionRequest, time: Time) -> Decision {
                <$device>::begin_session(self, request, time)
            }

            fn end_session(&mut self, request: &SessionRequest, time: Time) -> Decision {
                <$device>::end_session(self, request, time)
            }

            fn update(&mut self, request: &UpdateRequest, time: Time) -> Decision {
                <$device>::update(self, request, time)
            }
        }
    };
}

core_of!(StandardPanel);
core_of!(StandardReceiver);

impl<D: Core> Device<D> {
    /// The device `id`.
    pub const fn new(id: SiteId, core: D) -> Self {
        Self { id, core, blob: Vec::new(), expected: None }
    }

    /// The site or receiver it is.
    pub const fn id(&self) -> SiteId {
        self.id
    }

    /// A blob begins with these bytes, its head if they are enough.
    ///
    /// # Errors
    /// It could never be held.
    pub fn begin_install(&mut self, head: &[u8]) -> Result<(), NotInstalled> {
        self.blob.clear();
        self.expected = None;
        let length = head.get(12..16).and_then(|length| length.first_chunk().copied()).map_or(0, u32::from_le_bytes);
        let total = usize::try_from(length).ok().and_then(|length| length.checked_add(HEAD_LENGTH));
        let Some(total) = total.filter(|total| *total <= LONGEST_BLOB) else { return Err(NotInstalled::Failed(Failure::TooLarge)) };
        self.blob.extend_from_slice(head).map_err(|_| NotInstalled::Failed(Failure::TooLarge))?;
        self.expected = Some(total);
        Ok(())
    }

    /// The next bytes of its policy, of which `offset` have come.
    ///
    /// # Errors
    /// Something else was due. The blob is dropped.
    pub fn append(&mut self, offset: u32, bytes: &[u8]) -> Result<(), NotInstalled> {
        let come = self.blob.len().checked_sub(HEAD_LENGTH);
        let is_due = self.expected.is_some() && come == usize::try_from(offset).ok();
        if is_due && self.blob.extend_from_slice(bytes).is_ok() {
            return Ok(());
        }
        self.expected = None;
        Err(NotInstalled::Failed(Failure::OutOfOrder))
    }

    /// It has all come.
    ///
    /// # Errors
    /// Why it is not installed.
    pub fn finish_install(&mut self, time: Time) -> Result<Accepted, NotInstalled> {
        if self.expected.take().is_none() {
            return Err(NotInstalled::Failed(Failure::OutOfOrder));
        }
        let installed = self.core.install(&self.blob, time).map_err(NotInstalled::Refused)?;
        Ok(Accepted::new(installed, self.sequence()))
    }

    /// The sequence of the policy that decides, 0 if there is none.
    pub fn sequence(&self) -> u64 {
        self.core.provenance().map_or(0, |provenance| provenance.sequence)
    }
}
