//! What a device answers, and what it tells unasked. Numbers only: verdicts, reasons, events and refusals have those of `include/keyholder.h`.

use core::fmt::Write as _;

use heapless::{String, Vec};
use keyholder::Decision;
use keyholder::blob::{Installed, Refusal};
use keyholder::report::Report;
use keyholder::supervise::Supervision;
use keyholder::time::Instant;

use crate::fields::{Fields, put};
use crate::frame::Payload;
use crate::request::LONGEST_PART;

/// The numbers of answers and of what is told unasked. They are fixed for good.
pub mod kind {
    /// Done; nothing to say. No payload.
    pub const DONE: u8 = 0x80;
    /// A decision: [`Decided`](super::Decided).
    pub const DECISION: u8 = 0x81;
    /// A look at the deadlines: [`Looked`](super::Looked).
    pub const SUPERVISION: u8 = 0x82;
    /// A policy that was not refused: [`Accepted`](super::Accepted).
    pub const INSTALLED: u8 = 0x83;
    /// A policy that was: [`Refused`](super::Refused).
    pub const REFUSED: u8 = 0x84;
    /// How the device is: [`State`](super::State).
    pub const STATE: u8 = 0x85;
    /// A part of the report to the cloud: [`ReportPart`](super::ReportPart).
    pub const REPORT_PART: u8 = 0x86;
    /// It could not be asked: [`Failure`](super::Failure), one byte.
    pub const FAILED: u8 = 0x8f;

    /// Unasked: a report for the alarm receiving centre: [`Sent`](super::Sent).
    pub const REPORT: u8 = 0xc0;
    /// Unasked: an engineer's link was closed: [`Closed`](super::Closed).
    pub const LINK_CLOSED: u8 = 0xc1;
    /// Unasked: the device has started: [`State`](super::State).
    pub const STARTED: u8 = 0xc2;

    /// Whether nobody asked for it.
    pub const fn is_unasked(kind: u8) -> bool {
        kind >= REPORT
    }
}

/// What to report, in numbers.
///
/// ```text
///  0  u8   event; 0 nothing, or an alarm, which Contact ID names
///  1  u8   system, 0 none
///  2  u16  user, 0 none
///  4  u32  areas
///  8  u32  engineer, 0 none
/// 12  u32  site, 0 none
/// 16  u32  grant, 0 none
/// 20  u8   Contact ID: qualifier, 0 none
/// 21  u8   group
/// 22  u16  event code
/// 24  u16  user
/// 26       SIA code, two letters, or zeros
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table above has them")]
pub struct Reported {
    pub event: u8,
    pub system: u8,
    pub user: u16,
    pub areas: u32,
    pub engineer: u32,
    pub site: u32,
    pub grant: u32,
    pub qualifier: u8,
    pub group: u8,
    pub code: u16,
    pub code_user: u16,
    pub sia: [u8; 2],
}

impl From<&Report> for Reported {
    fn from(report: &Report) -> Self {
        let id = report.contact_id();
        let sia = report.sia().and_then(|sia| sia.as_bytes().first_chunk().copied());
        Self {
            event: report.event as u8,
            system: report.system,
            user: report.user.0,
            areas: report.areas.0,
            engineer: report.engineer.0,
            site: report.site.0,
            grant: report.grant.0,
            qualifier: id.map_or(0, |id| id.qualifier),
            group: id.map_or(0, |id| id.group),
            code: id.map_or(0, |id| id.event),
            code_user: id.map_or(0, |id| id.user),
            sia: sia.unwrap_or_default(),
        }
    }
}

impl Reported {
    fn write(&self, payload: &mut Payload) {
        put(payload, &[self.event, self.system]);
        put(payload, &self.user.to_le_bytes());
        for number in [self.areas, self.engineer, self.site, self.grant] {
            put(payload, &number.to_le_bytes());
        }
        put(payload, &[self.qualifier, self.group]);
        put(payload, &self.code.to_le_bytes());
        put(payload, &self.code_user.to_le_bytes());
        put(payload, &self.sia);
    }

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self {
            event: fields.u8()?,
            system: fields.u8()?,
            user: fields.u16()?,
            areas: fields.u32()?,
            engineer: fields.u32()?,
            site: fields.u32()?,
            grant: fields.u32()?,
            qualifier: fields.u8()?,
            group: fields.u8()?,
            code: fields.u16()?,
            code_user: fields.u16()?,
            sia: fields.bytes()?,
        })
    }
}

/// A decision, in numbers.
///
/// ```text
///  0  u8   verdict: 0 denied, 1 allowed with violation, 2 allowed
///  1  u8   reason
///  2  u8   public reason
///  3  u8   zero
///  4  u16  user that was recognised
///  6  u16  capabilities left to a refused engineer
///  8  u32  grant
/// 12  i64  until: the highest number on an allow without an end, the lowest on a refusal
/// 20  i64  close by: the same
/// 28       report, 28 bytes
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table above has them")]
pub struct Decided {
    pub verdict: u8,
    pub reason: u8,
    pub public_reason: u8,
    pub user: u16,
    pub left: u16,
    pub grant: u32,
    pub until: i64,
    pub close_by: i64,
    pub report: Reported,
}

impl From<&Decision> for Decided {
    fn from(decision: &Decision) -> Self {
        let none = if decision.is_allowed() { i64::MAX } else { i64::MIN };
        let end = |instant: Option<Instant>| instant.map_or(none, |instant| instant.0);
        Self {
            verdict: decision.verdict as u8,
            reason: decision.reason as u8,
            public_reason: decision.public_reason() as u8,
            user: decision.user.0,
            left: decision.left.bits(),
            grant: decision.grant.0,
            until: end(decision.until),
            close_by: end(decision.close_by),
            report: (&decision.report).into(),
        }
    }
}

impl Decided {
    /// The payload of [`kind::DECISION`].
    pub fn write(&self) -> Payload {
        let mut payload = Payload::new();
        put(&mut payload, &[self.verdict, self.reason, self.public_reason, 0]);
        put(&mut payload, &self.user.to_le_bytes());
        put(&mut payload, &self.left.to_le_bytes());
        put(&mut payload, &self.grant.to_le_bytes());
        put(&mut payload, &self.until.to_le_bytes());
        put(&mut payload, &self.close_by.to_le_bytes());
        self.report.write(&mut payload);
        payload
    }

    /// The decision in a payload.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let mut fields = Fields::of(payload);
        let (verdict, reason, public_reason, _) = (fields.u8()?, fields.u8()?, fields.u8()?, fields.u8()?);
        let (user, left, grant) = (fields.u16()?, fields.u16()?, fields.u32()?);
        let (until, close_by) = (fields.i64()?, fields.i64()?);
        let report = Reported::read(&mut fields)?;
        fields.end()?;
        Some(Self { verdict, reason, public_reason, user, left, grant, until, close_by, report })
    }
}

/// One look at the deadlines, in numbers.
///
/// ```text
///  0  u8   0 nothing else, 1 this has fallen due, 2 nothing yet, but ask again
///  1  i64  when it fell due; the lowest number if nothing did
///  9       report, 28 bytes
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table above has them")]
pub struct Looked {
    pub kind: u8,
    pub at: i64,
    pub report: Reported,
}

impl From<&Supervision> for Looked {
    fn from(supervision: &Supervision) -> Self {
        match supervision {
            Supervision::Nothing => Self { kind: 0, at: i64::MIN, report: Reported::default() },
            Supervision::Due(due) => Self { kind: 1, at: due.at.0, report: (&due.report).into() },
            Supervision::AskAgain => Self { kind: 2, at: i64::MIN, report: Reported::default() },
        }
    }
}

impl Looked {
    /// The payload of [`kind::SUPERVISION`].
    pub fn write(&self) -> Payload {
        let mut payload = Payload::new();
        put(&mut payload, &[self.kind]);
        put(&mut payload, &self.at.to_le_bytes());
        self.report.write(&mut payload);
        payload
    }

    /// The look in a payload.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let mut fields = Fields::of(payload);
        let looked = Self { kind: fields.u8()?, at: fields.i64()?, report: Reported::read(&mut fields)? };
        fields.end()?;
        Some(looked)
    }
}

/// A report that is sent on its own.
///
/// ```text
///  0  i64  when it happened; the lowest number: unknown
///  8       report, 28 bytes
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table above has them")]
pub struct Sent {
    pub at: i64,
    pub report: Reported,
}

impl Sent {
    /// The payload of [`kind::REPORT`].
    pub fn write(&self) -> Payload {
        let mut payload = Payload::new();
        put(&mut payload, &self.at.to_le_bytes());
        self.report.write(&mut payload);
        payload
    }

    /// The report in a payload.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let mut fields = Fields::of(payload);
        let sent = Self { at: fields.i64()?, report: Reported::read(&mut fields)? };
        fields.end()?;
        Some(sent)
    }
}

/// A policy that was not refused.
///
/// ```text
///  0  u8   1 it decides from now on, 2 it is the one that decides already
///  1  u64  its sequence
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table above has them")]
pub struct Accepted {
    pub outcome: u8,
    pub sequence: u64,
}

impl Accepted {
    /// What became of the policy `sequence`.
    pub const fn new(installed: Installed, sequence: u64) -> Self {
        let outcome = match installed {
            Installed::Now => 1,
            Installed::Already => 2,
        };
        Self { outcome, sequence }
    }

    /// The payload of [`kind::INSTALLED`].
    pub fn write(&self) -> Payload {
        let mut payload = Payload::new();
        put(&mut payload, &[self.outcome]);
        put(&mut payload, &self.sequence.to_le_bytes());
        payload
    }

    /// The same from a payload.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let mut fields = Fields::of(payload);
        let accepted = Self { outcome: fields.u8()?, sequence: fields.u64()? };
        fields.end()?;
        Some(accepted)
    }
}

/// Why a policy was refused.
///
/// ```text
///  0  u8   number of the refusal
///  1  u32  three times, as the refusal has them: 33 version, kind; 34 recipient; 35 key id in two halves; 37 installed sequence in two halves;
///          39 part, rows, capacity; 40 part, row, fault; 41 installed sequence in two halves; 42 bytes there is room for
/// 13       the same in words, up to 200 bytes
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table above has them")]
pub struct Refused {
    pub number: u8,
    pub details: [u32; 3],
    pub words: String<200>,
}

impl From<&Refusal> for Refused {
    fn from(refusal: &Refusal) -> Self {
        let halves = |number: u64| [number as u32, (number >> 32) as u32, 0];
        let (number, details) = match refusal {
            Refusal::NotABlob => (32, [0; 3]),
            Refusal::NewerFormat { version, kind } => (33, [u32::from(*version), u32::from(*kind), 0]),
            Refusal::WrongRecipient(id) => (34, [id.0, 0, 0]),
            Refusal::UnknownKey(key) => (35, halves(u64::from_le_bytes(key.0))),
            Refusal::BadSignature => (36, [0; 3]),
            Refusal::Stale { installed } => (37, halves(*installed)),
            Refusal::Expired => (38, [0; 3]),
            Refusal::DoesNotFit { part, rows, capacity } => (39, [*part as u32, *rows, u32::from(*capacity)]),
            Refusal::Invalid(invalid) => (40, [invalid.part as u32, u32::from(invalid.row), invalid.fault as u32]),
            Refusal::OtherBase { installed } => (41, halves(*installed)),
            Refusal::TooLong { room } => (42, [*room, 0, 0]),
            Refusal::NotKept => (43, [0; 3]),
            // A refusal that this page does not know yet is a refusal all the same.
            _ => (63, [0; 3]),
        };
        let mut words = String::new();
        // Words that are too long are cut short; the number says it all.
        _ = write!(words, "{refusal}");
        Self { number, details, words }
    }
}

impl Refused {
    /// The payload of [`kind::REFUSED`].
    pub fn write(&self) -> Payload {
        let mut payload = Payload::new();
        put(&mut payload, &[self.number]);
        for detail in self.details {
            put(&mut payload, &detail.to_le_bytes());
        }
        put(&mut payload, self.words.as_bytes());
        payload
    }

    /// The same from a payload.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let mut fields = Fields::of(payload);
        let (number, details) = (fields.u8()?, [fields.u32()?, fields.u32()?, fields.u32()?]);
        let words = core::str::from_utf8(fields.rest()).ok()?;
        Some(Self { number, details, words: words.try_into().ok()? })
    }
}

/// How a device is.
///
/// ```text
///  0  u8   1 a panel, 2 a receiver
///  1  u8   1 it knows the time
///  2  u8   1 it has a policy
///  3  u8   1 it is in alarm
///  4  u32  site or receiver id
///  8  u64  sequence of the policy
/// 16  i64  its time; the lowest number: unknown
/// 24  u32  eight times: the armed areas of each system; on a receiver zeros but for the first, the number of open links
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table above has them")]
pub struct State {
    pub device: u8,
    pub has_policy: bool,
    pub in_alarm: bool,
    pub id: u32,
    pub sequence: u64,
    pub time: i64,
    pub armed: [u32; 8],
}

impl State {
    /// The payload of [`kind::STATE`] and [`kind::STARTED`].
    pub fn write(&self) -> Payload {
        let mut payload = Payload::new();
        let flags = [self.time != i64::MIN, self.has_policy, self.in_alarm].map(u8::from);
        put(&mut payload, &[self.device]);
        put(&mut payload, &flags);
        put(&mut payload, &self.id.to_le_bytes());
        put(&mut payload, &self.sequence.to_le_bytes());
        put(&mut payload, &self.time.to_le_bytes());
        for areas in self.armed {
            put(&mut payload, &areas.to_le_bytes());
        }
        payload
    }

    /// The same from a payload.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let mut fields = Fields::of(payload);
        let (device, _, has_policy, in_alarm) = (fields.u8()?, fields.u8()?, fields.u8()? != 0, fields.u8()? != 0);
        let (id, sequence, time) = (fields.u32()?, fields.u64()?, fields.i64()?);
        let mut armed = [0; 8];
        for areas in &mut armed {
            *areas = fields.u32()?;
        }
        fields.end()?;
        Some(Self { device, has_policy, in_alarm, id, sequence, time, armed })
    }
}

/// A part of what a device reports to its cloud, which is the message of `keyholder::sync::Report`.
///
/// ```text
///  0  u16  bytes of the whole report
///  2       those from the offset that was asked for, up to 240
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table above has them")]
pub struct ReportPart {
    pub length: u16,
    pub bytes: Vec<u8, LONGEST_PART>,
}

impl ReportPart {
    /// The part of `report` from `offset` on. `None`: it has no such byte.
    pub fn of(report: &[u8], offset: usize) -> Option<Self> {
        let bytes = report.get(offset..).filter(|rest| !rest.is_empty())?.chunks(LONGEST_PART).next()?;
        Some(Self { length: report.len() as u16, bytes: Vec::from_slice(bytes).ok()? })
    }

    /// The payload of [`kind::REPORT_PART`].
    pub fn write(&self) -> Payload {
        let mut payload = Payload::new();
        put(&mut payload, &self.length.to_le_bytes());
        put(&mut payload, &self.bytes);
        payload
    }

    /// The same from a payload.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let mut fields = Fields::of(payload);
        Some(Self { length: fields.u16()?, bytes: Vec::from_slice(fields.rest()).ok()? })
    }
}

/// A link that the receiver has closed.
///
/// ```text
///  0  u32  engineer
///  4  u32  site
///  8  u8   1 the time of the grant or session is over, 2 the engineer may no longer be there
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table above has them")]
pub struct Closed {
    pub engineer: u32,
    pub site: u32,
    pub why: u8,
}

impl Closed {
    /// The payload of [`kind::LINK_CLOSED`].
    pub fn write(&self) -> Payload {
        let mut payload = Payload::new();
        put(&mut payload, &self.engineer.to_le_bytes());
        put(&mut payload, &self.site.to_le_bytes());
        put(&mut payload, &[self.why]);
        payload
    }

    /// The same from a payload.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let mut fields = Fields::of(payload);
        let closed = Self { engineer: fields.u32()?, site: fields.u32()?, why: fields.u8()? };
        fields.end()?;
        Some(closed)
    }
}

/// Why a device could not be asked. Nothing has changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Failure {
    /// A frame came whose check sum or length is wrong: send it again. Has tag 0, for nothing in such a frame can be believed.
    Broken = 1,
    /// No question has that number, or such bytes.
    NotUnderstood = 2,
    /// A receiver has no contacts.
    NotHere = 3,
    /// A part or an end without a beginning, or not the part that is due, of a blob or of a report: begin anew.
    OutOfOrder = 4,
    /// As many engineers are let through as there can be: ask again when one has gone.
    NoRoom = 5,
}

impl Failure {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::Broken, Self::NotUnderstood, Self::NotHere, Self::OutOfOrder, Self::NoRoom];

    /// The payload of [`kind::FAILED`].
    pub fn write(self) -> Payload {
        let mut payload = Payload::new();
        put(&mut payload, &[self as u8]);
        payload
    }

    /// The same from a payload.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let [number] = payload else { return None };
        Self::ALL.into_iter().find(|failure| *failure as u8 == *number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORTED: Reported = Reported {
        event: 1,
        system: 2,
        user: 3,
        areas: 4,
        engineer: 5,
        site: 6,
        grant: 7,
        qualifier: 1,
        group: 9,
        code: 401,
        code_user: 11,
        sia: *b"OP",
    };

    #[test]
    fn every_answer_arrives_as_it_was_given() {
        let decided =
            Decided { verdict: 2, reason: 1, public_reason: 1, user: 12, left: 3, grant: 4, until: 5, close_by: 6, report: REPORTED };
        assert_eq!(Decided::read(&decided.write()), Some(decided));
        assert_eq!(decided.write().len(), 56);
        let looked = Looked { kind: 1, at: -1, report: REPORTED };
        assert_eq!(Looked::read(&looked.write()), Some(looked));
        let sent = Sent { at: 9, report: REPORTED };
        assert_eq!(Sent::read(&sent.write()), Some(sent));
        let accepted = Accepted { outcome: 1, sequence: 1 << 40 };
        assert_eq!(Accepted::read(&accepted.write()), Some(accepted));
        let refused = Refused::from(&Refusal::Stale { installed: 7 << 32 | 5 });
        assert_eq!((refused.number, refused.details), (37, [5, 7, 0]));
        assert_eq!(Refused::read(&refused.write()), Some(refused));
        let state =
            State { device: 1, has_policy: true, in_alarm: false, id: 17, sequence: 3, time: i64::MIN, armed: [1, 2, 3, 4, 5, 6, 7, 8] };
        assert_eq!(State::read(&state.write()), Some(state));
        let report = [7; LONGEST_PART + 1];
        for (offset, length) in [(0, LONGEST_PART), (LONGEST_PART, 1)] {
            let part = ReportPart::of(&report, offset).unwrap();
            assert_eq!((usize::from(part.length), part.bytes.len()), (report.len(), length));
            assert_eq!(ReportPart::read(&part.write()), Some(part));
        }
        assert_eq!(ReportPart::of(&report, report.len()), None);
        let closed = Closed { engineer: 3, site: 17, why: 1 };
        assert_eq!(Closed::read(&closed.write()), Some(closed));
        for failure in Failure::ALL {
            assert_eq!(Failure::read(&failure.write()), Some(failure));
        }
    }
}
