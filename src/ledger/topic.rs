//! What a ledger holds, topic by topic, as it is written down to outlast a loss of power.

use crate::wire;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::contact::UserNumber;
use crate::engineer::GrantId;

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

/// Writes values one after the other.
pub(crate) struct Writer<'a> {
    bytes: &'a mut [u8],
    length: usize,
}

impl<'a> Writer<'a> {
    pub(crate) fn into(bytes: &'a mut [u8]) -> Self {
        Self { bytes, length: 0 }
    }

    pub(crate) const fn length(&self) -> usize {
        self.length
    }

    /// `None`: there is no room left for it.
    pub(crate) fn put<T: Serialize + ?Sized>(&mut self, value: &T) -> Option<()> {
        let room = self.bytes.get_mut(self.length..)?;
        self.length += postcard::to_slice(value, room).ok()?.len();
        Some(())
    }

    /// Writes one topic: its number, its length, and what `tell` writes; nothing at all if that is nothing, as of what a device has no memory for.
    pub(crate) fn topic(&mut self, topic: Topic, tell: impl FnOnce(&mut Writer<'_>) -> Option<()>) -> Option<()> {
        let mut writer = Writer::into(self.bytes.get_mut(self.length + TOPIC_HEAD..)?);
        tell(&mut writer)?;
        if writer.length == 0 {
            return Some(());
        }
        let [low, high] = u16::try_from(writer.length).ok()?.to_le_bytes();
        let end = self.length + TOPIC_HEAD + writer.length;
        *self.bytes.get_mut(self.length..)?.first_chunk_mut()? = [topic as u8, low, high];
        self.length = end;
        Some(())
    }

    /// A list of values.
    pub(crate) fn put_list<'v, T: Serialize + 'v>(&mut self, mut values: impl Iterator<Item = &'v T> + Clone) -> Option<()> {
        self.put(&(values.clone().count() as u32))?;
        values.try_for_each(|value| self.put(value))
    }

    /// Rows that are not free, with their index: others look at the order of the rows.
    pub(crate) fn put_rows<T: Serialize>(&mut self, rows: &[T], is_free: impl Fn(&T) -> bool) -> Option<()> {
        self.put_numbered((0_u8..).zip(rows).filter(|(_, row)| !is_free(row)))
    }

    /// Rows with their index.
    pub(crate) fn put_numbered<T: Serialize>(&mut self, mut rows: impl Iterator<Item = (u8, T)> + Clone) -> Option<()> {
        self.put(&(rows.clone().count() as u8))?;
        rows.try_for_each(|row| self.put(&row))
    }
}

/// Reads them again.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn of(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) const fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next topic, and what it says.
    pub(crate) fn topic(&mut self) -> Option<(Topic, Self)> {
        let (&[number, low, high], rest) = self.rest.split_first_chunk()?;
        let (content, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes([low, high])))?;
        self.rest = rest;
        Some((Topic::numbered(number)?, Self { rest: content }))
    }

    pub(crate) fn take<T: DeserializeOwned>(&mut self) -> Option<T> {
        let mut reader = wire::Reader::of(self.rest);
        let value = reader.take()?;
        self.rest = self.rest.get(reader.at() as usize..)?;
        Some(value)
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
