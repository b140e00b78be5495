//! A blob that comes in pieces, and goes into the flash as they come.

use keyholder::blob::{Installed, Refusal};
use keyholder::time::Time;

use crate::answer::kh_installation;
use crate::storage::{Device, InFlash};
use crate::value::{KH_BAD_LENGTH, KH_HEAD_BYTES, kh_status};

impl<D: Device> InFlash<D> {
    /// Judges a head and begins to take what follows.
    pub(crate) fn begin(&mut self, head: &[u8], time: Time) -> Result<(kh_status, kh_installation), kh_status> {
        let (Some(bytes), KH_HEAD_BYTES) = (head.first_chunk(), head.len()) else { return Err(KH_BAD_LENGTH) };
        let outcome = match self.stored.begin_install(bytes, time) {
            Ok(Ok(judged)) => {
                (self.sequence, self.remaining) = (Some(judged.sequence), judged.length);
                return Ok(kh_installation::awaits(self.remaining, self.stored.device().provenance()));
            }
            Ok(Err(installed)) => Ok(installed),
            Err(refusal) => Err(refusal),
        };
        Ok(kh_installation::of(&outcome, &self.stored.acknowledge(head, &outcome)))
    }

    /// Takes the next bytes.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> (kh_status, kh_installation) {
        match self.stored.append(bytes) {
            Ok(()) => {
                self.remaining = self.remaining.saturating_sub(bytes.len() as u32);
                kh_installation::awaits(self.remaining, self.stored.device().provenance())
            }
            Err(refusal) => self.answer(&Err(refusal)),
        }
    }

    /// Judges what has come, and does what it says.
    pub(crate) fn finish(&mut self, time: Time) -> (kh_status, kh_installation) {
        let outcome = self.stored.finish_install(time);
        let answer = self.answer(&outcome);
        self.forget();
        answer
    }

    /// What became of the blob on its way, of which nobody has the head any more.
    fn answer(&self, outcome: &Result<Installed, Refusal>) -> (kh_status, kh_installation) {
        let mut acknowledgement = self.stored.acknowledge(&[], outcome);
        acknowledgement.sequence = self.sequence;
        kh_installation::of(outcome, &acknowledgement)
    }
}
