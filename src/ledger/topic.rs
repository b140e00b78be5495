//! What a ledger holds, topic by topic, as it is written down to outlast a loss of power.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::contact::UserNumber;
use crate::engineer::GrantId;
pub(crate) use crate::wire::{Reader, Writer};

/// One topic of a ledger. The numbers are written to flash and fixed for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Topic {
    /// Floor, mark and, on a panel, wrong codes.
    Pulse = 1,
    /// Keys and the latest blob. The device's, not the ledger's.
    Trust = 2,
    /// One contact's record.
    Contact = 3,
    /// One grant's session.
    Session = 4,
    /// Temp openings.
    Openings = 5,
    /// Extensions and temporary spans set at the keypad.
    Spans = 6,
    /// Temp-open windows opened at the keypad.
    Windows = 7,
    /// What is on test.
    Tests = 8,
    /// Grants given at the keypad.
    Grants = 9,
    /// Revocations.
    Revocations = 10,
    /// Lifts and restorations of the restriction.
    Privacy = 11,
}

impl Topic {
    /// All but those that there are several of.
    pub(crate) const SINGLE: [Self; 9] =
        [Self::Pulse, Self::Trust, Self::Openings, Self::Spans, Self::Windows, Self::Tests, Self::Grants, Self::Revocations, Self::Privacy];

    pub(crate) fn numbered(number: u8) -> Option<Self> {
        Self::SINGLE.into_iter().chain([Self::Contact, Self::Session]).find(|topic| *topic as u8 == number)
    }

    const fn bit(self) -> u16 {
        1 << self as u8
    }
}

bitflags::bitflags! {
    /// Topics, one bit each.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct Topics: u16 {
        const PULSE = Topic::Pulse.bit();
        const TRUST = Topic::Trust.bit();
        const CONTACT = Topic::Contact.bit();
        const SESSION = Topic::Session.bit();
        const OPENINGS = Topic::Openings.bit();
        const SPANS = Topic::Spans.bit();
        const WINDOWS = Topic::Windows.bit();
        const TESTS = Topic::Tests.bit();
        const GRANTS = Topic::Grants.bit();
        const REVOCATIONS = Topic::Revocations.bit();
        const PRIVACY = Topic::Privacy.bit();
        /// More than can be told one by one.
        const EVERYTHING = 1 << 15;
    }
}

impl Topics {
    pub(crate) const fn of(topic: Topic) -> Self {
        Self::from_bits_retain(topic.bit())
    }
}

/// What has changed since it was last written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Touched {
    pub(crate) topics: Topics,
    /// Whose record, if a contact's is among them.
    pub(crate) contact: UserNumber,
    /// Whose session, if one is among them.
    pub(crate) session: GrantId,
}

impl Touched {
    pub(crate) const NOTHING: Self = Self { topics: Topics::empty(), contact: UserNumber::NOBODY, session: GrantId::NONE };
    pub(crate) const EVERYTHING: Self = Self { topics: Topics::EVERYTHING, ..Self::NOTHING };

    /// Touches `topics` if `condition`, at the same cost either way.
    pub(crate) fn touch(&mut self, topics: Topics, condition: bool) {
        self.topics = Topics::from_bits_retain(self.topics.bits() | crate::mask::select(condition, topics.bits(), 0));
    }
}

/// Bytes in front of what a topic says: its number, and the length in two bytes.
const TOPIC_HEAD: usize = 3;

impl Writer<'_> {
    /// Writes one topic: its number, its length, and what `tell` writes; nothing at all if that is nothing, as of what a device has no memory for.
    pub(crate) fn topic(&mut self, topic: Topic, tell: impl FnOnce(&mut Self)) {
        let start = self.length();
        self.topic_head(topic, 0);
        tell(self);
        self.end_topic(topic, start);
    }

    #[inline(never)]
    fn end_topic(&mut self, topic: Topic, start: usize) {
        let end = self.length();
        let length = end.saturating_sub(start).saturating_sub(TOPIC_HEAD);
        self.go_back(start);
        if length != 0 {
            // Known only now. What does not fit 16 bits has not fitted the record either, and is not used.
            self.topic_head(topic, length as u16);
            self.go_back(end);
        }
    }

    fn topic_head(&mut self, topic: Topic, length: u16) {
        let [low, high] = length.to_le_bytes();
        for byte in [topic as u8, low, high] {
            self.byte(byte);
        }
    }

    /// A list of values.
    pub(crate) fn put_list<T: Serialize>(&mut self, values: impl Iterator<Item = T> + Clone) {
        self.put(&(values.clone().count() as u32));
        values.for_each(|value| self.put(&value));
    }

    /// Rows that are not free, with their index: others look at the order of the rows.
    pub(crate) fn put_rows<T: Serialize>(&mut self, rows: &[T], is_free: impl Fn(&T) -> bool) {
        self.put_numbered((0_u8..).zip(rows).filter(|(_, row)| !is_free(row)));
    }

    /// Rows with their index.
    pub(crate) fn put_numbered<T: Serialize>(&mut self, rows: impl Iterator<Item = (u8, T)> + Clone) {
        self.put(&(rows.clone().count() as u8));
        rows.for_each(|row| self.put(&row));
    }
}

impl Reader<'_> {
    /// The next topic, and what it says.
    pub(crate) fn topic(&mut self) -> Option<(Topic, Self)> {
        let (number, low, high): (u8, u8, u8) = self.take()?;
        let content = self.plain(usize::from(u16::from_le_bytes([low, high])))?;
        Some((Topic::numbered(number)?, Self::of(content)))
    }

    /// The rows again, `free` ones in between.
    pub(crate) fn take_rows<T: DeserializeOwned + Copy>(&mut self, rows: &mut [T], free: T) -> Option<()> {
        rows.fill(free);
        self.take_numbered(|index, row| {
            *rows.get_mut(index)? = row;
            Some(())
        })
    }

    /// Gives each of the rows and its index to `keep`.
    pub(crate) fn take_numbered<T: DeserializeOwned>(&mut self, mut keep: impl FnMut(usize, T) -> Option<()>) -> Option<()> {
        for _ in 0..self.take::<u8>()? {
            let (index, row): (u8, T) = self.take()?;
            keep(usize::from(index), row)?;
        }
        Some(())
    }
}
