//! What a counting image is asked, as bytes, and what it means: the host writes a script, the image plays it and writes down what each step took.
//!
//! ```text
//! script    number of blobs (u32), each as its length (u32) and its bytes; then steps, each as its length (u8) and its postcard encoding
//! results   one `Outcome` per step, 16 bytes
//! ```
//! All numbers are little-endian.

#![no_std]
#![forbid(unsafe_code)]

use keyholder::code::Code;
use keyholder::contact::UserNumber;
use keyholder::engineer::{EngineerId, GrantId, SiteId};
use keyholder::place::{AreaList, Areas, Place};
use keyholder::{Act, ActRequest, Action, SessionRequest, Who};
use serde::{Deserialize, Serialize};

/// Longest postcard encoding of a step, in bytes.
pub const LONGEST_STEP: usize = 128;
/// The user whose acts leave traces.
pub const MASTER: u16 = 18;
/// Bytes of an [`Outcome`].
pub const OUTCOME: usize = 16;

/// Who asks to open or close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Asks {
    /// A user number.
    User(u16),
    /// The digits of a code, as many as come first.
    Code(u8, [u8; 9]),
    /// Both.
    UserAndCode(u16, u8, [u8; 9]),
}

impl Asks {
    /// The code that is typed; an empty one if none is.
    pub fn code(&self) -> Code {
        match self {
            Self::User(_) => Code::typed(&[]),
            Self::Code(length, digits) | Self::UserAndCode(_, length, digits) => {
                Code::typed(digits.get(..usize::from(*length)).unwrap_or_default())
            }
        }
    }
}

/// A request to open or close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenClose {
    /// Who asks.
    pub asks: Asks,
    /// Opening, not closing.
    pub opening: bool,
    /// Which system.
    pub system: u8,
    /// Which of its areas.
    pub areas: u32,
    /// From elsewhere than the keypad.
    pub remote: bool,
    /// Who armed.
    pub armed_by: u16,
    /// Whether the site is in alarm.
    pub in_alarm: bool,
}

impl OpenClose {
    /// The core's request, with the code of [`Asks::code`]. `None`: there is no such place.
    pub fn request<'a>(&self, code: &'a Code) -> Option<keyholder::OpenClose<'a>> {
        Some(keyholder::OpenClose {
            who: match self.asks {
                Asks::User(user) => Who::User(UserNumber(user)),
                Asks::Code(..) => Who::Code(code),
                Asks::UserAndCode(user, ..) => Who::UserAndCode(UserNumber(user), code),
            },
            action: if self.opening { Action::Open } else { Action::Close },
            place: Place::new(self.system, Areas(self.areas))?,
            remote: self.remote,
            armed_by: UserNumber(self.armed_by),
            in_alarm: self.in_alarm,
        })
    }
}

/// Something done at the keypad or with a session, so that the ledger fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trace {
    /// Areas on test.
    Test,
    /// A closing put off.
    Extend(u8, u32),
    /// A temp-open window.
    Window(u8, u32),
    /// Somebody suspended.
    Suspend(u16),
    /// A grant given.
    Grant(u32),
    /// A grant revoked.
    Revoke(u32),
    /// The site's restriction lifted.
    Lift,
    /// The site restricted.
    Restrict,
    /// A session begun.
    Begin(u32, u32),
}

/// What leaves a trace.
#[derive(Clone, Copy, Debug)]
pub enum Deed {
    /// The master does it at the keypad.
    Act(ActRequest<'static>),
    /// An engineer begins a session.
    Begin(SessionRequest),
}

impl Trace {
    /// What leaves it. `None`: there is no such place.
    pub fn deed(self) -> Option<Deed> {
        let act = match self {
            Self::Test => Act::Test { areas: AreaList::ALL, minutes: 10 },
            Self::Extend(system, areas) => Act::ExtendClosing { place: Place::new(system, Areas(areas))?, minutes: 60 },
            Self::Window(system, areas) => Act::OpenWindow { place: Place::new(system, Areas(areas))?, minutes: 60 },
            Self::Suspend(user) => Act::Suspend(UserNumber(user)),
            Self::Grant(engineer) => Act::Grant { engineer: EngineerId(engineer), answers_request: true },
            Self::Revoke(grant) => Act::Revoke(GrantId(grant)),
            Self::Lift => Act::Lift,
            Self::Restrict => Act::Restrict,
            Self::Begin(engineer, site) => {
                return Some(Deed::Begin(SessionRequest { engineer: EngineerId(engineer), site: SiteId(site) }));
            }
        };
        Some(Deed::Act(ActRequest { who: Who::User(UserNumber(MASTER)), act, remote: false }))
    }
}

/// One step. Times are seconds since 1970, `None` an unknown time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// A new device.
    Fresh,
    /// The device is remembered as it is.
    Keep,
    /// The device is again as it was remembered.
    Back,
    /// The blob of that number is installed.
    Install(u8, Option<i64>),
    /// May this contact open or close?
    OpenClose(OpenClose, Option<i64>),
    /// May this engineer, at that site, do that?
    Engineer(u32, u32, u16, Option<i64>),
    /// May this engineer, at that site, install firmware for that model, of that version, over that one, with an image of that byte?
    Update(u32, u32, [u8; 16], [u16; 4], [u16; 4], u8, Option<i64>),
    /// Something that leaves its trace.
    Trace(Trace, Option<i64>),
    /// The floor's site in C is the blob of that number.
    Floor(u8),
    /// The floor in C is asked.
    AskFloor(OpenClose, Option<i64>),
    /// HMAC-SHA-256 alone, over as many bytes as a code has padded, under a key of block length.
    Hmac,
    /// A function of a thousand `nop` and a return.
    Calibration,
}

/// What a step came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Instructions.
    pub instructions: u64,
    /// Bytes of stack, from the call.
    pub stack: u32,
    /// Numbers of verdict, reason and event; of an installation 2 and zeros if it went well.
    pub answer: [u8; 3],
}

impl Outcome {
    /// As bytes.
    pub fn to_bytes(&self) -> [u8; OUTCOME] {
        let mut bytes = [0; OUTCOME];
        let fields = self.instructions.to_le_bytes().into_iter().chain(self.stack.to_le_bytes()).chain(self.answer);
        for (slot, byte) in bytes.iter_mut().zip(fields) {
            *slot = byte;
        }
        bytes
    }

    /// From bytes.
    pub fn from_bytes(bytes: &[u8; OUTCOME]) -> Self {
        let [a, b, c, d, e, f, g, h, i, j, k, l, verdict, reason, event, _] = *bytes;
        Self {
            instructions: u64::from_le_bytes([a, b, c, d, e, f, g, h]),
            stack: u32::from_le_bytes([i, j, k, l]),
            answer: [verdict, reason, event],
        }
    }
}
