//! What a device itself has to remember: never part of a blob, and no blob resets it.

pub mod access;
pub(crate) mod openings;
pub mod panel;
pub(crate) mod topic;

use core::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::ledger::access::AccessLedger;
use crate::ledger::panel::Lockout;
use crate::ledger::topic::{Reader, Topic, Topics, Touched, Writer};
use crate::time::Instant;

/// Up to which instant deadlines have been reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Mark {
    /// Everything due before is reported; nothing has been looked at yet when [`Instant::EARLIEST`].
    pub at: Instant,
    /// Of those due at that very instant, the ones with lower numbers are.
    pub reported: u64,
}

impl Ord for Mark {
    fn cmp(&self, other: &Self) -> Ordering {
        // One below the first number, `ALL_REPORTED` comes behind all of them.
        let place = |mark: &Self| (mark.at, mark.reported.wrapping_sub(Self::FIRST));
        place(self).cmp(&place(other))
    }
}

impl PartialOrd for Mark {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Mark {
    /// Nothing looked at yet.
    pub const NONE: Self = Self { at: Instant::EARLIEST, reported: 0 };
    /// In place of a number: all of them.
    pub(crate) const ALL_REPORTED: u64 = Self::FIRST - 1;
    /// The lowest number that a deadline has.
    pub(crate) const FIRST: u64 = 1 << 16;

    /// Whether anybody has ever asked for deadlines.
    pub(crate) const fn is_set(self) -> bool {
        self.at.0 != i64::MIN
    }

    /// The last instant whose deadlines are all reported.
    pub(crate) const fn settled(self) -> Instant {
        self.at.plus(-((self.reported != Self::ALL_REPORTED) as i64))
    }
}

/// Instants that are [`Instant::EARLIEST`] in a new ledger, kept with their signs the other way round: all their bits are zero then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flipped<T>(T);

pub(crate) trait Flip: Copy {
    /// With every sign the other way round.
    fn flip(self) -> Self;
}

impl<T: Flip> Flipped<T> {
    pub(crate) fn of(value: T) -> Self {
        Self(value.flip())
    }

    pub(crate) fn get(self) -> T {
        self.0.flip()
    }
}

impl Flipped<Instant> {
    const EARLIEST: Self = Self(Instant(0));
}

impl Flipped<Mark> {
    const UNMARKED: Self = Self(Mark { at: Instant(0), reported: 0 });
}

impl Flip for Instant {
    fn flip(self) -> Self {
        Self(self.0 ^ i64::MIN)
    }
}

impl Flip for Mark {
    fn flip(self) -> Self {
        Self { at: self.at.flip(), ..self }
    }
}

/// What a receiver remembers.
#[derive(Clone, Debug)]
pub(crate) struct ReceiverLedger<const GRANTS: usize> {
    pub(crate) floor: Flipped<Instant>,
    pub(crate) mark: Flipped<Mark>,
    pub(crate) access: AccessLedger<GRANTS, 0>,
}

impl<const GRANTS: usize> ReceiverLedger<GRANTS> {
    pub(crate) const EMPTY: Self = Self { floor: Flipped::EARLIEST, mark: Flipped::UNMARKED, access: AccessLedger::EMPTY };

    /// Moves the mark on.
    pub(crate) fn pass(&mut self, mark: Mark, passes: bool) {
        self.mark = Flipped::of(mark);
        self.access.touched.touch(Topics::PULSE, passes);
    }

    /// The clock was wrong: what it reads from now on is `to`.
    pub(crate) fn correct_clock(&mut self, to: Instant) {
        self.floor = Flipped::of(to);
        self.mark = Flipped::of(self.mark.get().min(Mark { at: to, reported: Mark::ALL_REPORTED }));
        self.access.bring_below(to);
        self.access.touched = Touched::EVERYTHING;
    }

    pub(crate) fn tell(&self, topic: Topic, writer: &mut Writer<'_>) {
        match topic {
            Topic::Pulse => writer.put(&(self.floor.get(), self.mark.get())),
            _ => self.access.tell(topic, writer),
        }
    }

    /// Tells what the cloud wants to know; a receiver has no keypad.
    pub(crate) fn tell_cloud(&self, writer: &mut Writer<'_>) {
        self.access.tell_cloud(writer);
        writer.put(&Lockout::NONE);
        writer.put(&[0_u8; 4]);
    }

    pub(crate) fn recall(&mut self, topic: Topic, reader: &mut Reader<'_>) -> Option<()> {
        match topic {
            Topic::Pulse => {
                let (floor, mark) = reader.take()?;
                (self.floor, self.mark) = (Flipped::of(floor), Flipped::of(mark));
            }
            _ => self.access.recall(topic, reader)?,
        }
        Some(())
    }

    pub(crate) fn forget(&mut self) {
        self.access.forget();
    }
}
