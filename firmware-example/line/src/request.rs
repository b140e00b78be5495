//! What a device is asked: one frame a question, one frame an answer, then the next question.
//!
//! A question that comes again with the tag and the check sum of the one before is answered again and not carried out again: so an answer that got lost can be
//! asked for. Tag 0 never counts as a repetition.

use keyholder::act::Act;
use keyholder::code::{Code, Passcode};
use keyholder::contact::UserNumber;
use keyholder::engineer::{Capabilities, EngineerId, GrantId, SiteId};
use keyholder::firmware::{ImageDigest, Model, Version};
use keyholder::place::{AreaList, Areas, Place};
use keyholder::schedule::Span;
use keyholder::time::{Date, Time, Weekdays};
use keyholder::{Action, EngineerRequest, SessionRequest, Update, UpdateRequest, Who};

use crate::fields::{Fields, put, seconds};
use crate::frame::Payload;

/// The numbers of the questions. They are fixed for good.
pub mod kind {
    /// The clock is set.
    pub const CLOCK: u8 = 0x01;
    /// A contact opens or closes.
    pub const OPEN_CLOSE: u8 = 0x02;
    /// A contact does something else.
    pub const ACT: u8 = 0x03;
    /// An engineer does something.
    pub const ENGINEER: u8 = 0x04;
    /// An engineer begins a session.
    pub const BEGIN_SESSION: u8 = 0x05;
    /// An engineer ends it.
    pub const END_SESSION: u8 = 0x06;
    /// An engineer installs firmware.
    pub const UPDATE: u8 = 0x07;
    /// What has fallen due?
    pub const SUPERVISE: u8 = 0x08;
    /// How is the device?
    pub const STATE: u8 = 0x09;
    /// What does the device report to its cloud?
    pub const REPORT: u8 = 0x0a;
    /// A blob begins: its head.
    pub const BLOB_BEGIN: u8 = 0x10;
    /// A part of its policy.
    pub const BLOB_PART: u8 = 0x11;
    /// It is all there: install it.
    pub const BLOB_END: u8 = 0x12;
}

/// Longest text of who asks that is looked at: a longer one is nobody's code, whatever it says.
pub const LONGEST_TEXT: usize = 40;
/// Most bytes of a blob or report in one part.
pub const LONGEST_PART: usize = 240;

/// A question.
#[derive(Clone, Debug)]
pub enum Request<'a> {
    /// The clock is set. `held`: it is a bench's clock, which stands still until it is set again, and nothing is supervised unless asked for.
    ///
    /// ```text
    ///  0  i64  seconds since 1970; the lowest number: unknown
    ///  8  u8   1 held, 0 not
    /// ```
    Clock {
        /// What time it is.
        time: Time,
        /// Whether it stands still.
        held: bool,
    },
    /// May the contact open or close?
    ///
    /// ```text
    ///  0  u8   who asks: 1 a user number, 2 a code, 3 both, 4 a passcode, 5 a user number and a passcode
    ///  1  u8   1 open, 2 close
    ///  2  u8   system, 1..=8
    ///  3  u8   1 remote, 2 in alarm, 4 `armed by` is given; else the device knows, and whether it is in alarm too
    ///  4  u16  user number
    ///  6  u16  armed by: a user number, 0 nobody knows
    ///  8  u32  areas, a bit each
    /// 12       what was typed or told
    /// ```
    OpenClose {
        /// Who asks.
        asker: Asker<'a>,
        /// Which of the two.
        action: Action,
        /// Where.
        place: Place,
        /// Not at the keypad.
        remote: bool,
        /// In alarm, whatever the device's own detector says.
        in_alarm: bool,
        /// Who armed it, if the device is not to go by its own record.
        armed_by: Option<UserNumber>,
    },
    /// May the contact do this?
    ///
    /// ```text
    ///  0  u8   who asks, as above
    ///  1  u8   act: 1 cancel alarm, 2 edit customer, 3 receive information, 4 test, 5 end test, 6 extend closing, 7 set span, 8 open window,
    ///          9 suspend, 10 reinstate, 11 grant, 12 revoke, 13 lift, 14 restrict
    ///  2  u8   1 remote, 2 the grant answers a request, 4 the span is none: closed all day
    ///  3  u8   system, 1..=8 (acts 6 and 8)
    ///  4  u16  user number
    ///  6  u16  whom to suspend or reinstate
    ///  8  u16  minutes (4, 6, 8)
    /// 10  u8   schedule, from 1 (7)
    /// 11  u8   zero
    /// 12  u32  areas (6, 8)
    /// 16  i32  date, days since 1970 (7)
    /// 20  u32  engineer (11)
    /// 24  u32  grant (12)
    /// 28  u32  eight times: the areas of each system (4, 5)
    /// 60  u16  four times: opens from, must be open by, closes from, must be closed by, in minutes (7)
    /// 68       what was typed or told
    /// ```
    Act {
        /// Who asks.
        asker: Asker<'a>,
        /// What for.
        act: Act,
        /// Not at the keypad.
        remote: bool,
    },
    /// May the engineer do this?
    ///
    /// ```text
    ///  0  u32  engineer
    ///  4  u32  site
    ///  8  u16  capabilities
    /// ```
    Engineer(EngineerRequest),
    /// An engineer begins a session: the first two fields of the above.
    BeginSession(SessionRequest),
    /// An engineer ends it: the same.
    EndSession(SessionRequest),
    /// May the engineer install this firmware?
    ///
    /// ```text
    ///  0  u32  engineer
    ///  4  u32  site
    ///  8  u16  four times: the version
    /// 16  u16  four times: the installed one
    /// 24       model, 16 bytes
    /// 40       SHA-256 of the image, 32 bytes
    /// ```
    Update(UpdateRequest),
    /// What has fallen due? One deadline an answer.
    ///
    /// ```text
    ///  0  u8   1 the areas are given; else the device goes by its own record
    ///  1  u32  eight times: the armed areas of each system, which become its record
    /// ```
    Supervise {
        /// The areas that are armed, if the device is not to go by its own record.
        armed: Option<AreaList>,
    },
    /// How is the device? No payload.
    State,
    /// What does the device report to its cloud? The part from an offset on; 0 makes the report anew.
    ///
    /// ```text
    ///  0  u16  offset, 0 or how much has come before
    /// ```
    Report {
        /// How much of it has come before.
        offset: u16,
    },
    /// A blob begins: its first 144 bytes, or all of them if there are fewer. One that has begun before is dropped.
    BlobBegin(&'a [u8]),
    /// A part of its policy.
    ///
    /// ```text
    ///  0  u32  offset of the part in the policy, which is how much has come before
    ///  4       1 to 240 bytes
    /// ```
    BlobPart {
        /// How much has come before.
        offset: u32,
        /// What comes now.
        bytes: &'a [u8],
    },
    /// It is all there: install it. No payload.
    BlobEnd,
}

/// Who asks.
#[derive(Clone, Copy)]
pub struct Asker<'a> {
    /// What identifies the person.
    pub by: By,
    /// The user number, 0 where only a text does.
    pub user: UserNumber,
    /// What was typed or told.
    pub text: &'a [u8],
}

impl core::fmt::Debug for Asker<'_> {
    /// What was typed is nobody's business.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("Asker").field("by", &self.by).field("user", &self.user).finish_non_exhaustive()
    }
}

/// What identifies a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Somebody else has authenticated the person.
    User,
    /// A code was typed.
    Code,
    /// A user number and its code were typed.
    UserAndCode,
    /// A passcode was told.
    Passcode,
    /// A user number and its passcode were told.
    UserAndPasscode,
}

impl By {
    /// Every one, in the order of their numbers from 1.
    const ALL: [Self; 5] = [Self::User, Self::Code, Self::UserAndCode, Self::Passcode, Self::UserAndPasscode];

    /// The one with that number.
    pub fn numbered(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number.checked_sub(1)?)).copied()
    }
}

impl Asker<'_> {
    /// Asks as this person. The code lives, and is wiped, inside.
    pub fn ask<R>(&self, question: impl FnOnce(Who<'_>) -> R) -> R {
        match self.by {
            By::User => question(Who::User(self.user)),
            By::Code => question(Who::Code(&Code::typed(self.text))),
            By::UserAndCode => question(Who::UserAndCode(self.user, &Code::typed(self.text))),
            By::Passcode => question(Who::Passcode(&Passcode::told(self.text))),
            By::UserAndPasscode => question(Who::UserAndPasscode(self.user, &Passcode::told(self.text))),
        }
    }
}

const REMOTE: u8 = 1;
const IN_ALARM: u8 = 2;
const ARMED_BY_GIVEN: u8 = 4;
const ANSWERS_REQUEST: u8 = 2;
const CLOSED: u8 = 4;

impl<'a> Request<'a> {
    /// The question of that kind in `payload`. `None`: no question has that number, or those bytes.
    pub fn read(kind: u8, payload: &'a [u8]) -> Option<Self> {
        let mut fields = Fields::of(payload);
        let request = match kind {
            kind::CLOCK => Self::Clock { time: fields.time()?, held: flag(fields.u8()?)? },
            kind::OPEN_CLOSE => return Self::read_open_close(fields),
            kind::ACT => return Self::read_act(fields),
            kind::ENGINEER => Self::Engineer(EngineerRequest {
                engineer: EngineerId(fields.u32()?),
                site: SiteId(fields.u32()?),
                capabilities: Capabilities::from_bits(fields.u16()?)?,
            }),
            kind::BEGIN_SESSION => Self::BeginSession(session(&mut fields)?),
            kind::END_SESSION => Self::EndSession(session(&mut fields)?),
            kind::UPDATE => Self::Update(UpdateRequest {
                engineer: EngineerId(fields.u32()?),
                site: SiteId(fields.u32()?),
                update: Update {
                    version: Version(four(&mut fields)?),
                    installed: Version(four(&mut fields)?),
                    model: Model(fields.bytes()?),
                    image: ImageDigest(fields.bytes()?),
                },
            }),
            kind::SUPERVISE => {
                let given = flag(fields.u8()?)?;
                let armed = areas(&mut fields)?;
                Self::Supervise { armed: given.then_some(armed) }
            }
            kind::STATE => Self::State,
            kind::REPORT => Self::Report { offset: fields.u16()? },
            kind::BLOB_BEGIN => return Some(Self::BlobBegin(payload)),
            kind::BLOB_PART => {
                let offset = fields.u32()?;
                let bytes = fields.rest();
                return (1..=LONGEST_PART).contains(&bytes.len()).then_some(Self::BlobPart { offset, bytes });
            }
            kind::BLOB_END => Self::BlobEnd,
            _ => return None,
        };
        fields.end()?;
        Some(request)
    }

    fn read_open_close(mut fields: Fields<'a>) -> Option<Self> {
        let by = By::numbered(fields.u8()?)?;
        let action = match fields.u8()? {
            1 => Action::Open,
            2 => Action::Close,
            _ => return None,
        };
        let (system, flags) = (fields.u8()?, fields.u8()?);
        let (user, armed_by) = (UserNumber(fields.u16()?), UserNumber(fields.u16()?));
        let place = Place::new(system, Areas(fields.u32()?))?;
        known_flags(flags, REMOTE | IN_ALARM | ARMED_BY_GIVEN)?;
        Some(Self::OpenClose {
            asker: Asker { by, user, text: fields.rest() },
            action,
            place,
            remote: flags & REMOTE != 0,
            in_alarm: flags & IN_ALARM != 0,
            armed_by: (flags & ARMED_BY_GIVEN != 0).then_some(armed_by),
        })
    }

    fn read_act(mut fields: Fields<'a>) -> Option<Self> {
        let by = By::numbered(fields.u8()?)?;
        let (act, flags, system) = (fields.u8()?, fields.u8()?, fields.u8()?);
        known_flags(flags, REMOTE | ANSWERS_REQUEST | CLOSED)?;
        let (user, target, minutes) = (UserNumber(fields.u16()?), UserNumber(fields.u16()?), fields.u16()?);
        let (schedule, _) = (fields.u8()?, fields.u8()?);
        let (place, date) = (Place::new(system, Areas(fields.u32()?)), Date(fields.i32()?));
        let (engineer, grant) = (EngineerId(fields.u32()?), GrantId(fields.u32()?));
        let list = areas(&mut fields)?;
        let [opens_from, must_be_open_by, closes_from, must_be_closed_by] = four(&mut fields)?;
        let span = Span { layer: 0, weekdays: Weekdays::empty(), opens_from, must_be_open_by, closes_from, must_be_closed_by };
        let act = match act {
            1 => Act::CancelAlarm,
            2 => Act::EditCustomer,
            3 => Act::ReceiveInformation,
            4 => Act::Test { areas: list, minutes },
            5 => Act::EndTest { areas: list },
            6 => Act::ExtendClosing { place: place?, minutes },
            7 => Act::SetSpan { schedule, date, span: (flags & CLOSED == 0).then_some(span) },
            8 => Act::OpenWindow { place: place?, minutes },
            9 => Act::Suspend(target),
            10 => Act::Reinstate(target),
            11 => Act::Grant { engineer, answers_request: flags & ANSWERS_REQUEST != 0 },
            12 => Act::Revoke(grant),
            13 => Act::Lift,
            14 => Act::Restrict,
            _ => return None,
        };
        Some(Self::Act { asker: Asker { by, user, text: fields.rest() }, act, remote: flags & REMOTE != 0 })
    }

    /// The number of this kind of question, and its payload.
    pub fn write(&self) -> (u8, Payload) {
        let mut payload = Payload::new();
        let mut add = |bytes: &[u8]| put(&mut payload, bytes);
        let kind = match self {
            Self::Clock { time, held } => {
                add(&seconds(*time).to_le_bytes());
                add(&[u8::from(*held)]);
                kind::CLOCK
            }
            Self::OpenClose { asker, action, place, remote, in_alarm, armed_by } => {
                let action = if *action == Action::Open { 1 } else { 2 };
                let flags = [(*remote, REMOTE), (*in_alarm, IN_ALARM), (armed_by.is_some(), ARMED_BY_GIVEN)];
                add(&[asker.by as u8 + 1, action, place.system(), united(flags)]);
                add(&asker.user.0.to_le_bytes());
                add(&armed_by.unwrap_or(UserNumber::NOBODY).0.to_le_bytes());
                add(&place.areas().0.to_le_bytes());
                asker.text.iter().take(LONGEST_TEXT).for_each(|byte| add(&[*byte]));
                kind::OPEN_CLOSE
            }
            Self::Act { asker, act, remote } => {
                payload = act_payload(asker, act, *remote);
                kind::ACT
            }
            Self::Engineer(request) => {
                add(&request.engineer.0.to_le_bytes());
                add(&request.site.0.to_le_bytes());
                add(&request.capabilities.bits().to_le_bytes());
                kind::ENGINEER
            }
            Self::BeginSession(request) | Self::EndSession(request) => {
                add(&request.engineer.0.to_le_bytes());
                add(&request.site.0.to_le_bytes());
                if matches!(self, Self::BeginSession(_)) { kind::BEGIN_SESSION } else { kind::END_SESSION }
            }
            Self::Update(request) => {
                add(&request.engineer.0.to_le_bytes());
                add(&request.site.0.to_le_bytes());
                let versions = request.update.version.0.into_iter().chain(request.update.installed.0);
                versions.for_each(|number| add(&number.to_le_bytes()));
                add(&request.update.model.0);
                add(&request.update.image.0);
                kind::UPDATE
            }
            Self::Supervise { armed } => {
                add(&[u8::from(armed.is_some())]);
                armed.unwrap_or(AreaList::NONE).0.iter().for_each(|areas| add(&areas.0.to_le_bytes()));
                kind::SUPERVISE
            }
            Self::State => kind::STATE,
            Self::Report { offset } => {
                add(&offset.to_le_bytes());
                kind::REPORT
            }
            Self::BlobBegin(head) => {
                add(head);
                kind::BLOB_BEGIN
            }
            Self::BlobPart { offset, bytes } => {
                add(&offset.to_le_bytes());
                add(bytes);
                kind::BLOB_PART
            }
            Self::BlobEnd => kind::BLOB_END,
        };
        (kind, payload)
    }
}

fn act_payload(asker: &Asker<'_>, act: &Act, remote: bool) -> Payload {
    let (mut place, mut minutes, mut target, mut schedule, mut date, mut span) = ((0, 0), 0, 0, 0, 0, [0; 4]);
    let (mut engineer, mut grant, mut list, mut answers, mut closed) = (0, 0, AreaList::NONE, false, false);
    let number: u8 = match *act {
        Act::CancelAlarm => 1,
        Act::EditCustomer => 2,
        Act::ReceiveInformation => 3,
        Act::Test { areas, minutes: long } => {
            (list, minutes) = (areas, long);
            4
        }
        Act::EndTest { areas } => {
            list = areas;
            5
        }
        Act::ExtendClosing { place: there, minutes: long } => {
            (place, minutes) = ((there.system(), there.areas().0), long);
            6
        }
        Act::SetSpan { schedule: which, date: day, span: hours } => {
            (schedule, date, closed) = (which, day.0, hours.is_none());
            if let Some(Span { opens_from, must_be_open_by, closes_from, must_be_closed_by, .. }) = hours {
                span = [opens_from, must_be_open_by, closes_from, must_be_closed_by];
            }
            7
        }
        Act::OpenWindow { place: there, minutes: long } => {
            (place, minutes) = ((there.system(), there.areas().0), long);
            8
        }
        Act::Suspend(user) => {
            target = user.0;
            9
        }
        Act::Reinstate(user) => {
            target = user.0;
            10
        }
        Act::Grant { engineer: whom, answers_request } => {
            (engineer, answers) = (whom.0, answers_request);
            11
        }
        Act::Revoke(id) => {
            grant = id.0;
            12
        }
        Act::Lift => 13,
        Act::Restrict => 14,
    };
    let mut payload = Payload::new();
    let mut add = |bytes: &[u8]| put(&mut payload, bytes);
    add(&[asker.by as u8 + 1, number, united([(remote, REMOTE), (answers, ANSWERS_REQUEST), (closed, CLOSED)]), place.0]);
    add(&asker.user.0.to_le_bytes());
    add(&target.to_le_bytes());
    add(&minutes.to_le_bytes());
    add(&[schedule, 0]);
    add(&place.1.to_le_bytes());
    add(&date.to_le_bytes());
    add(&engineer.to_le_bytes());
    add(&grant.to_le_bytes());
    list.0.iter().for_each(|areas| add(&areas.0.to_le_bytes()));
    span.iter().for_each(|minute| add(&minute.to_le_bytes()));
    asker.text.iter().take(LONGEST_TEXT).for_each(|byte| add(&[*byte]));
    payload
}

fn united(flags: [(bool, u8); 3]) -> u8 {
    flags.into_iter().fold(0, |all, (is, flag)| if is { all | flag } else { all })
}

fn flag(number: u8) -> Option<bool> {
    match number {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

/// A flag that nobody knows might take something away: a message that has one is not understood.
fn known_flags(flags: u8, known: u8) -> Option<()> {
    (flags & !known == 0).then_some(())
}

fn session(fields: &mut Fields<'_>) -> Option<SessionRequest> {
    Some(SessionRequest { engineer: EngineerId(fields.u32()?), site: SiteId(fields.u32()?) })
}

fn four(fields: &mut Fields<'_>) -> Option<[u16; 4]> {
    Some([fields.u16()?, fields.u16()?, fields.u16()?, fields.u16()?])
}

fn areas(fields: &mut Fields<'_>) -> Option<AreaList> {
    let mut list = AreaList::NONE;
    for areas in &mut list.0 {
        areas.0 = fields.u32()?;
    }
    Some(list)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use keyholder::time::Instant;
    use std::format;
    use std::vec::Vec;

    use super::*;

    /// A question of every kind and every act, with the longest texts and parts.
    fn questions() -> Vec<Request<'static>> {
        let asker = Asker { by: By::UserAndCode, user: UserNumber(12), text: &[b'7'; LONGEST_TEXT] };
        let place = Place::new(2, Areas(0b101)).unwrap();
        let session = SessionRequest { engineer: EngineerId(3), site: SiteId(17) };
        let span = Span {
            layer: 0,
            weekdays: Weekdays::empty(),
            opens_from: 480,
            must_be_open_by: Span::NO_DEADLINE,
            closes_from: 900,
            must_be_closed_by: 1000,
        };
        let acts = [
            Act::CancelAlarm,
            Act::EditCustomer,
            Act::ReceiveInformation,
            Act::Test { areas: AreaList::ALL, minutes: 30 },
            Act::EndTest { areas: place.into() },
            Act::ExtendClosing { place, minutes: 60 },
            Act::SetSpan { schedule: 2, date: Date(20_000), span: Some(span) },
            Act::SetSpan { schedule: 2, date: Date(20_000), span: None },
            Act::OpenWindow { place, minutes: 15 },
            Act::Suspend(UserNumber(999)),
            Act::Reinstate(UserNumber(1)),
            Act::Grant { engineer: EngineerId(3), answers_request: true },
            Act::Revoke(GrantId(1 << 31)),
            Act::Lift,
            Act::Restrict,
        ];
        let update = Update {
            model: Model::named("KH-2").unwrap(),
            version: Version([2, 1, 0, 0]),
            installed: Version([2, 0, 3, 0]),
            image: ImageDigest([9; 32]),
        };
        let mut questions = std::vec![
            Request::Clock { time: Time::Known(Instant(1_795_439_700)), held: true },
            Request::Clock { time: Time::Unknown, held: false },
            Request::OpenClose { asker, action: Action::Close, place, remote: true, in_alarm: false, armed_by: Some(UserNumber(5)) },
            Request::Engineer(EngineerRequest { engineer: EngineerId(3), site: SiteId(17), capabilities: Capabilities::PRIVATE }),
            Request::BeginSession(session),
            Request::EndSession(session),
            Request::Update(UpdateRequest { engineer: EngineerId(3), site: SiteId(17), update }),
            Request::Supervise { armed: Some(AreaList::ALL) },
            Request::Supervise { armed: None },
            Request::State,
            Request::Report { offset: 480 },
            Request::BlobBegin(&[1; 144]),
            Request::BlobPart { offset: 7, bytes: &[2; LONGEST_PART] },
            Request::BlobEnd,
        ];
        questions.extend(acts.map(|act| Request::Act { asker, act, remote: false }));
        questions
    }

    #[test]
    fn every_question_arrives_as_it_was_asked() {
        for question in questions() {
            let (kind, payload) = question.write();
            let read = Request::read(kind, &payload).unwrap();
            assert_eq!(format!("{read:?}"), format!("{question:?}"));
        }
    }

    #[test]
    fn no_question_of_fixed_length_is_understood_shortened_or_lengthened() {
        for question in questions() {
            let (number, payload) = question.write();
            let ends_freely = [kind::OPEN_CLOSE, kind::ACT, kind::BLOB_BEGIN, kind::BLOB_PART].contains(&number);
            if !ends_freely {
                let longer = [&payload[..], &[0]].concat();
                assert!(Request::read(number, &longer).is_none(), "{question:?}");
                assert!((0..payload.len()).all(|cut| Request::read(number, &payload[..cut]).is_none()), "{question:?}");
            }
        }
    }
}
