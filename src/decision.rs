//! What comes out of a check.

use serde::{Deserialize, Serialize};

use crate::contact::UserNumber;
use crate::engineer::{Capabilities, GrantId};
use crate::mask::pick;
use crate::report::{Event, Report};
use crate::time::Instant;

/// The answer. What is neither of the first two is a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u8)]
pub enum Verdict {
    /// Refused.
    Deny = 0,
    /// Allowed by an option of the site, against the schedule.
    AllowWithViolation = 1,
    /// Allowed.
    Allow = 2,
}

impl Verdict {
    /// Whether the action may go ahead.
    pub const fn is_allowed(self) -> bool {
        matches!(self, Self::Allow | Self::AllowWithViolation)
    }
}

macro_rules! reasons {
    ($($(#[$meta:meta])* $name:ident = $number:literal,)*) => {
        /// Why. The numbers are fixed for good: they cross the C boundary and stand in logs.
        // No test here holds them: `ffi/src/number.rs` has every one again, and does not compile if they differ.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[repr(u8)]
        pub enum Reason {
            $($(#[$meta])* $name = $number,)*
        }

        impl Reason {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The reason's name, as in the documentation.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }
        }
    };
}

reasons! {
    /// No decision was made. A device never answers this; memory that was never written does.
    Invalid = 0,

    /// Allowed: the contact may open and close at any time.
    Anytime = 1,
    /// Allowed: inside the hours of every area.
    WithinSchedule = 2,
    /// Allowed: inside a temp-open window that covers every area.
    WithinTempOpen = 3,
    /// Allowed: the contact has the permission that the act needs.
    Permitted = 4,
    /// Allowed: the site's baseline lets every engineer do this. The usual baseline only looks, hence the name, but it may have any capability; the name stands in
    /// logs and stays.
    ReadOnlyBaseline = 5,
    /// Allowed: a grant covers it.
    Granted = 6,
    /// Allowed: a firmware authorisation covers it.
    Authorised = 7,

    /// Too many wrong codes; the keypad is dead for a while.
    LockedOut = 16,
    /// Nobody's code or passcode, or not the named contact's.
    UnknownCode = 17,
    /// Nobody's user number.
    UnknownUser = 18,
    /// The contact or engineer is suspended.
    Suspended = 19,
    /// Before the validity period, or before the grant or authorisation starts.
    NotYetValid = 20,
    /// After it.
    Expired = 21,
    /// The answer depends on the time and nobody knows it.
    TimeUnknown = 22,
    /// Recognised, and may do nothing.
    Powerless = 23,
    /// The contact is accepted in remote requests only.
    RemoteOnly = 24,
    /// The use limit or the one-time grant is used up.
    UsedUp = 25,
    /// Some area is not among the contact's, or the site has no such area.
    AreaNotAssigned = 26,
    /// A guest opens only what it armed itself.
    NotArmedByYou = 27,
    /// The contact has none of the permissions to open and close.
    NoOpenClosePermission = 28,
    /// Some area is outside its hours.
    OutsideSchedule = 29,
    /// No temp-open window covers every area now.
    OutsideTempOpen = 30,
    /// The contact lacks the permission that the act needs.
    NotPermitted = 31,
    /// No span of the areas' schedules can be extended today, or the site's latest close leaves nothing to add.
    NothingToExtend = 32,
    /// The times given are out of order or out of range.
    BadTimes = 33,
    /// No such schedule, contact, grant or session here.
    NotFound = 34,
    /// The device's memory for this kind of thing is full, and it does not allow what it could not remember.
    NoRoom = 35,
    /// It would have been allowed, but the flash could not keep what follows from it. The device needs service.
    NotKept = 36,

    /// No such engineer.
    UnknownEngineer = 48,
    /// The engineer has not completed registration.
    NotRegistered = 49,
    /// This device does not serve that site.
    UnknownSite = 50,
    /// The site's privacy state shuts engineers out.
    SiteRestricted = 51,
    /// No grant for this engineer and site.
    NoGrant = 52,
    /// The grant was revoked.
    Revoked = 53,
    /// Work had to begin earlier.
    BeginMissed = 54,
    /// The grant does not cover it.
    NotGranted = 55,

    /// The engineer may not update firmware.
    NoFirmwareRight = 64,
    /// The site's devices lack the remote-upgrade function.
    SiteLacksUpgrade = 65,
    /// Nothing is authorised at all.
    NoAuthorisation = 66,
    /// Nothing is authorised for this model.
    WrongModel = 67,
    /// The version is outside the authorised range.
    VersionOutOfRange = 68,
    /// The image is not the authorised one.
    WrongImage = 69,
    /// The version is not newer than the installed one.
    Downgrade = 70,
    /// The site demands a session of the engineer, and there is none.
    NoActiveSession = 71,
}

/// Why, as the person at the keypad may know it: who guesses codes learns nothing from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u8)]
pub enum PublicReason {
    /// Not accepted; the person is not told whether the code is known.
    NotAccepted = 0,
    /// Accepted; under duress too.
    Accepted = 1,
    /// The keypad is dead for a while, for every code.
    KeypadLocked = 2,
    /// Not now.
    NotNow = 3,
    /// Not this.
    NotAllowed = 4,
}

impl PublicReason {
    /// The reason's name, as in the documentation.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotAccepted => "NotAccepted",
            Self::Accepted => "Accepted",
            Self::KeypadLocked => "KeypadLocked",
            Self::NotNow => "NotNow",
            Self::NotAllowed => "NotAllowed",
        }
    }
}

impl Reason {
    /// What of it may be shown at the keypad.
    pub const fn public(self) -> PublicReason {
        match self {
            Self::Anytime
            | Self::WithinSchedule
            | Self::WithinTempOpen
            | Self::Permitted
            | Self::ReadOnlyBaseline
            | Self::Granted
            | Self::Authorised => PublicReason::Accepted,
            Self::Invalid
            | Self::UnknownCode
            | Self::UnknownUser
            | Self::Suspended
            | Self::NotYetValid
            | Self::Expired
            | Self::Powerless
            | Self::RemoteOnly
            | Self::UsedUp => PublicReason::NotAccepted,
            Self::LockedOut => PublicReason::KeypadLocked,
            Self::TimeUnknown | Self::OutsideSchedule | Self::OutsideTempOpen | Self::BeginMissed => PublicReason::NotNow,
            _ => PublicReason::NotAllowed,
        }
    }
}

/// The answer to a question, why, what to report, and until when it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Decision {
    /// Whether it may go ahead.
    pub verdict: Verdict,
    /// Why, exactly: for the log. See [`Decision::public_reason`] for the keypad.
    pub reason: Reason,
    /// Who was recognised, whatever the verdict.
    pub user: UserNumber,
    /// The grant that decided or got furthest; [`GrantId::NONE`] if none did.
    pub grant: GrantId,
    /// What to report.
    pub report: Report,
    /// The first instant at which an allow no longer holds, where the tables set one.
    pub until: Option<Instant>,
    /// When what was opened within a temp-open window has to be closed again.
    pub close_by: Option<Instant>,
    /// What a refused engineer may still do here.
    pub left: Capabilities,
}

impl Decision {
    /// A refusal without a cause; what memory should hold before the question is asked.
    pub const REFUSED: Self = Self {
        verdict: Verdict::Deny,
        reason: Reason::Invalid,
        user: UserNumber::NOBODY,
        grant: GrantId::NONE,
        report: Report::NOTHING,
        until: None,
        close_by: None,
        left: Capabilities::empty(),
    };

    /// Whether it may go ahead.
    pub const fn is_allowed(&self) -> bool {
        self.verdict.is_allowed()
    }

    /// Why, as the person at the keypad may know it.
    pub const fn public_reason(&self) -> PublicReason {
        if self.is_allowed() { PublicReason::Accepted } else { self.reason.public() }
    }
}

/// What a row of a decision table answers when its test hits.
#[derive(Clone, Copy)]
pub(crate) struct Outcome {
    pub(crate) verdict: Verdict,
    pub(crate) reason: Reason,
    /// What to report if it stays at that.
    pub(crate) event: Event,
}

impl Outcome {
    /// With `reason` in place of [`Reason::Invalid`].
    pub(crate) fn because(self, reason: Reason) -> Self {
        Self { reason: pick(self.reason as u8 == Reason::Invalid as u8, reason, self.reason), ..self }
    }
}

/// The rows of a decision table, worked out: whether each hits, and what it answers. Made by [`table`].
#[derive(Clone, Copy)]
pub(crate) struct Rows<T: 'static> {
    /// A bit for each row, the last row lowest.
    pub(crate) hits: u32,
    pub(crate) answers: &'static [T],
}

impl<T: Copy> Rows<T> {
    /// The answer of the first row that hits, of the last row if none does. (`otherwise` for a table without rows.)
    #[inline(always)]
    pub(crate) fn first_or(&self, otherwise: T) -> T {
        let index = ((self.hits | 1) << (32 - self.answers.len())).leading_zeros();
        self.answers.get(index as usize).copied().unwrap_or(otherwise)
    }

    /// Whether no row has hit.
    pub(crate) const fn is_passed(&self) -> bool {
        self.hits == 0
    }
}

impl Rows<Outcome> {
    /// The answer of the first row that hits, of these and then of `others`.
    #[inline(always)]
    pub(crate) fn then(&self, others: &Self) -> Outcome {
        const REFUSED: Outcome = deny(Reason::Invalid, Event::Nothing);
        let (first, other) = (self.first_or(REFUSED), others.first_or(REFUSED));
        if self.is_passed() { other } else { first }
    }
}

/// A decision table: tests, each with what it answers when no test before it has hit. Every test is worked out, so every row costs the same whether it hits or
/// not, and the first that hits is found among bits.
macro_rules! table {
    ($answer:ty: $($test:expr => $value:expr,)*) => {{
        const ANSWERS: &[$answer] = &[$($value),*];
        let mut hits = 0_u32;
        $(hits = hits << 1 | u32::from($test);)*
        $crate::decision::Rows { hits, answers: ANSWERS }
    }};
}
pub(crate) use table;

pub(crate) const fn deny(reason: Reason, event: Event) -> Outcome {
    Outcome { verdict: Verdict::Deny, reason, event }
}

pub(crate) const fn allow(reason: Reason, event: Event) -> Outcome {
    Outcome { verdict: Verdict::Allow, reason, event }
}

pub(crate) const fn violation(reason: Reason) -> Outcome {
    Outcome { verdict: Verdict::AllowWithViolation, reason, event: Event::Nothing }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_suspended_expired_used_up_and_powerless_look_the_same() {
        let hidden = [Reason::UnknownCode, Reason::UnknownUser, Reason::Suspended, Reason::Expired, Reason::UsedUp, Reason::Powerless];
        assert!(hidden.iter().all(|reason| reason.public() == PublicReason::NotAccepted));
    }

    #[test]
    fn only_the_allowing_reasons_look_accepted() {
        for reason in Reason::ALL {
            assert_eq!(reason.public() == PublicReason::Accepted, (1..16).contains(&(*reason as u8)), "{reason:?}");
        }
    }
}
