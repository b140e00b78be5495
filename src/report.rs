//! What a decision or a missed deadline makes the device send, as SIA DC-05 (Contact ID) and SIA DC-03 name it.
//!
//! Vendors disagree about some of these codes, so they stand in one table, apart from the events.

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::contact::UserNumber;
use crate::engineer::{EngineerId, GrantId, SiteId};
use crate::place::{AreaList, Areas};

macro_rules! events {
    ($($(#[$meta:meta])* $name:ident = $number:literal: $qualifier:literal $contact_id:literal $sia:literal,)*) => {
        /// What happened. The numbers are fixed for good: they cross the C boundary, and stand in reports and logs.
        // No test here holds them: `ffi/src/number.rs` has every one again, and does not compile if they differ.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[repr(u8)]
        pub enum Event {
            $($(#[$meta])* $name = $number,)*
        }

        impl Event {
            /// Every event.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The event's name, as in the documentation.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }

            /// Contact ID qualifier (1 new or opening, 3 restore or closing) and event code (SIA DC-05-1999.09, appendix C); zeros where it has none.
            const fn contact_id(self) -> (u8, u16) {
                match self {
                    $(Self::$name => ($qualifier, $contact_id),)*
                }
            }

            /// The SIA DC-03 two-letter code, empty where it has none.
            pub const fn sia(self) -> &'static str {
                match self {
                    $(Self::$name => $sia,)*
                }
            }
        }
    };
}

events! {
    /// Nothing to report.
    Nothing = 0: 0 0 "",

    /// Opened in hours, or within a temp-open window.
    Opening = 1: 1 401 "OP",
    /// Opened inside the early margin.
    EarlyOpening = 2: 1 451 "OK",
    /// Opened in hours, after the must-be-open-by.
    LateOpening = 3: 1 452 "OJ",
    /// Opened at any other time.
    UnscheduledOpening = 4: 1 450 "OP",
    /// Opened inside the early margin, while in alarm.
    EarlyOpeningFromAlarm = 5: 1 451 "OH",
    /// Opened after the must-be-open-by, while in alarm.
    LateOpeningFromAlarm = 6: 1 452 "OL",
    /// Closed in hours, or within a temp-open window.
    Closing = 7: 3 401 "CL",
    /// Closed in hours, before the closes-from.
    EarlyClosing = 8: 3 451 "CK",
    /// Closed inside the late margin.
    LateClosing = 9: 3 452 "CJ",
    /// Closed at any other time.
    UnscheduledClosing = 10: 3 450 "CL",
    /// Anything allowed to a contact under duress. Nothing else may tell.
    Duress = 11: 1 121 "HA",

    /// Refused: nobody's code or user number.
    UnknownDenied = 16: 1 421 "DD",
    /// Refused: known, and at the moment without any right.
    KnownDenied = 17: 1 421 "DK",
    /// Refused: outside the hours or the windows, or nobody knows the time.
    TimeDenied = 18: 1 421 "DP",
    /// Refused: not this area, or not this act.
    LevelDenied = 19: 1 421 "DV",
    /// A contact that may do nothing has shown its code.
    LegalCodeEntry = 20: 1 462 "DK",
    /// The wrong code that started a lockout.
    WrongCodes = 21: 1 461 "JA",
    /// Refused: the device's memory is failing.
    NotKept = 22: 1 300 "YX",

    /// An area was not opened by its must-be-open-by.
    FailedToOpen = 32: 1 453 "OI",
    /// An area was not closed by its must-be-closed-by.
    FailedToClose = 33: 1 454 "CI",
    /// A temp opening was not closed by its close-by.
    TempOpenOverrun = 34: 1 454 "OT",

    /// A contact cancelled an alarm.
    AlarmCancelled = 48: 1 406 "OC",
    /// A contact extended today's closing.
    ClosingExtended = 49: 1 464 "CE",
    /// A contact changed the schedule or opened a temp-open window.
    ScheduleChanged = 50: 1 630 "JS",
    /// Put on test.
    TestStarted = 51: 1 607 "TS",
    /// Taken off test, or the time on test is over.
    TestEnded = 52: 3 607 "TE",
    /// A contact was suspended or reinstated.
    UserChanged = 53: 0 0 "JZ",
    /// A contact proved that it may edit the record or be told about it.
    CustomerRecord = 54: 0 0 "",

    /// An engineer's session has begun.
    SessionBegun = 64: 1 411 "RB",
    /// An engineer's session has ended.
    SessionEnded = 65: 1 412 "RS",
    /// An engineer was refused.
    EngineerDenied = 66: 1 413 "RD",
    /// An engineer was allowed to use a capability.
    EngineerAllowed = 67: 0 0 "",
    /// A grant was given at the keypad.
    GrantGiven = 68: 0 0 "",
    /// A grant was revoked at the keypad.
    GrantRevoked = 69: 0 0 "",
    /// A grant's time is over.
    GrantEnded = 70: 0 0 "",
    /// The site's administrator has lifted its restriction.
    RestrictionLifted = 71: 0 0 "",
    /// The site's administrator has restored its restriction.
    SiteRestricted = 72: 0 0 "",
    /// A firmware update was allowed.
    UpdateAllowed = 73: 1 411 "RB",
    /// A firmware update was refused.
    UpdateDenied = 74: 1 413 "RD",
}

// By its number, which stays when events are added between others; serde would count variants.
impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(*self as u8)
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u8::deserialize(deserializer)?;
        let known = Self::ALL.iter().find(|event| **event as u8 == number).copied();
        known.ok_or(de::Error::custom("no such event"))
    }
}

/// A Contact ID event: `Q XYZ GG CCC` of SIA DC-05, without the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ContactId {
    /// 1 new event or opening, 3 restore or closing.
    pub qualifier: u8,
    /// The event code, three digits.
    pub event: u16,
    /// The partition: the lowest area number concerned, 0 if none.
    pub group: u8,
    /// The user, 0 if none, or where the code has a zone in this place: a change of the schedule.
    pub user: u16,
}

impl fmt::Display for ContactId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {:03} {:02} {:03}", self.qualifier, self.event, self.group, self.user)
    }
}

/// What to report: an event and who and what it concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Report {
    /// What happened.
    pub event: Event,
    /// By whom; nobody if it is not a contact's doing.
    pub user: UserNumber,
    /// In which system, 1..=8; 0 if it concerns no areas.
    pub system: u8,
    /// In which areas of it.
    pub areas: Areas,
    /// Which engineer, if one is concerned.
    pub engineer: EngineerId,
    /// Which site, if an engineer is concerned.
    pub site: SiteId,
    /// Which grant, if one is.
    pub grant: GrantId,
}

impl Report {
    /// Nothing to report.
    pub const NOTHING: Self = Self {
        event: Event::Nothing,
        user: UserNumber::NOBODY,
        system: 0,
        areas: Areas::NONE,
        engineer: EngineerId(0),
        site: SiteId(0),
        grant: GrantId::NONE,
    };

    /// Makes it concern the first of the areas: a report is about one system.
    #[inline(never)]
    pub(crate) fn concern(&mut self, areas: &AreaList) {
        for (system, areas) in (1..).zip(&areas.0) {
            if self.areas.is_empty() && !areas.is_empty() {
                (self.system, self.areas) = (system, *areas);
            }
        }
    }

    /// Whether there is anything to report.
    pub fn is_due(&self) -> bool {
        self.event != Event::Nothing
    }

    /// The report as a Contact ID event, if DC-05 has one for it.
    pub fn contact_id(&self) -> Option<ContactId> {
        let (qualifier, event) = self.event.contact_id();
        let user = if self.event == Event::ScheduleChanged { 0 } else { self.user.0 };
        (event != 0).then_some(ContactId { qualifier, event, group: self.areas.lowest(), user })
    }

    /// The report's two-letter SIA DC-03 code, if it has one for it.
    pub fn sia(&self) -> Option<&'static str> {
        let code = self.event.sia();
        (!code.is_empty()).then_some(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_opening_by_user_12_reads_as_in_dc_05() {
        extern crate std;
        use std::string::ToString;
        let report = Report { event: Event::Opening, user: UserNumber(12), system: 1, areas: Areas(0b110), ..Report::NOTHING };
        assert_eq!(report.contact_id().map(|id| id.to_string()).as_deref(), Some("1 401 02 012"));
        assert_eq!(report.sia(), Some("OP"));
        assert_eq!(Report::NOTHING.contact_id(), None);
    }
}
