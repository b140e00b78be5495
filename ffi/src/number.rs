//! The numbers of reasons, events, parts and faults as C knows them. They are fixed for good.
//!
//! Held against the core's at compile time: a number that is missing or wrong here does not build.

use keyholder::Reason;
use keyholder::policy::{Fault, Part};
use keyholder::report::Event;

/// Why, exactly: one of the KH_REASON_ numbers. For the log; what a keypad may show is the kh_public_reason.
pub type kh_reason = u8;

/// No decision was made. A device never answers this; memory that was never written does.
pub const KH_REASON_INVALID: u8 = 0_u8;

/// Allowed: the contact may open and close at any time.
pub const KH_REASON_ANYTIME: u8 = 1_u8;
/// Allowed: inside the hours of every area.
pub const KH_REASON_WITHIN_SCHEDULE: u8 = 2_u8;
/// Allowed: inside a temp-open window that covers every area.
pub const KH_REASON_WITHIN_TEMP_OPEN: u8 = 3_u8;
/// Allowed: the contact has the permission that the act needs.
pub const KH_REASON_PERMITTED: u8 = 4_u8;
/// Allowed: the site's baseline lets every engineer do this.
pub const KH_REASON_READ_ONLY_BASELINE: u8 = 5_u8;
/// Allowed: a grant covers it.
pub const KH_REASON_GRANTED: u8 = 6_u8;
/// Allowed: a firmware authorisation covers it.
pub const KH_REASON_AUTHORISED: u8 = 7_u8;

/// Too many wrong codes; the keypad is dead for a while.
pub const KH_REASON_LOCKED_OUT: u8 = 16_u8;
/// Nobody's code or passcode, or not the named contact's.
pub const KH_REASON_UNKNOWN_CODE: u8 = 17_u8;
/// Nobody's user number.
pub const KH_REASON_UNKNOWN_USER: u8 = 18_u8;
/// The contact or engineer is suspended.
pub const KH_REASON_SUSPENDED: u8 = 19_u8;
/// Before the validity period, or before the grant or authorisation starts.
pub const KH_REASON_NOT_YET_VALID: u8 = 20_u8;
/// After it.
pub const KH_REASON_EXPIRED: u8 = 21_u8;
/// The answer depends on the time and nobody knows it.
pub const KH_REASON_TIME_UNKNOWN: u8 = 22_u8;
/// Recognised, and may do nothing.
pub const KH_REASON_POWERLESS: u8 = 23_u8;
/// The contact is accepted in remote requests only.
pub const KH_REASON_REMOTE_ONLY: u8 = 24_u8;
/// The use limit or the one-time grant is used up.
pub const KH_REASON_USED_UP: u8 = 25_u8;
/// Some area is not among the contact's, or the site has no such area.
pub const KH_REASON_AREA_NOT_ASSIGNED: u8 = 26_u8;
/// A guest opens only what it armed itself.
pub const KH_REASON_NOT_ARMED_BY_YOU: u8 = 27_u8;
/// The contact has none of the permissions to open and close.
pub const KH_REASON_NO_OPEN_CLOSE_PERMISSION: u8 = 28_u8;
/// Some area is outside its hours.
pub const KH_REASON_OUTSIDE_SCHEDULE: u8 = 29_u8;
/// No temp-open window covers every area now.
pub const KH_REASON_OUTSIDE_TEMP_OPEN: u8 = 30_u8;
/// The contact lacks the permission that the act needs.
pub const KH_REASON_NOT_PERMITTED: u8 = 31_u8;
/// No span of the areas' schedules can be extended today, or the site's latest close leaves nothing to add.
pub const KH_REASON_NOTHING_TO_EXTEND: u8 = 32_u8;
/// The times given are out of order or out of range.
pub const KH_REASON_BAD_TIMES: u8 = 33_u8;
/// No such schedule, contact, grant or session here.
pub const KH_REASON_NOT_FOUND: u8 = 34_u8;
/// The device's memory for this kind of thing is full, and it does not allow what it could not remember.
pub const KH_REASON_NO_ROOM: u8 = 35_u8;
/// It would have been allowed, but the flash could not keep what follows from it. The device needs service.
pub const KH_REASON_NOT_KEPT: u8 = 36_u8;

/// No such engineer.
pub const KH_REASON_UNKNOWN_ENGINEER: u8 = 48_u8;
/// The engineer has not completed registration.
pub const KH_REASON_NOT_REGISTERED: u8 = 49_u8;
/// This device does not serve that site.
pub const KH_REASON_UNKNOWN_SITE: u8 = 50_u8;
/// The site's privacy state shuts engineers out.
pub const KH_REASON_SITE_RESTRICTED: u8 = 51_u8;
/// No grant for this engineer and site.
pub const KH_REASON_NO_GRANT: u8 = 52_u8;
/// The grant was revoked.
pub const KH_REASON_REVOKED: u8 = 53_u8;
/// Work had to begin earlier.
pub const KH_REASON_BEGIN_MISSED: u8 = 54_u8;
/// The grant does not cover it.
pub const KH_REASON_NOT_GRANTED: u8 = 55_u8;

/// The engineer may not update firmware.
pub const KH_REASON_NO_FIRMWARE_RIGHT: u8 = 64_u8;
/// The site's devices lack the remote-upgrade function.
pub const KH_REASON_SITE_LACKS_UPGRADE: u8 = 65_u8;
/// Nothing is authorised at all.
pub const KH_REASON_NO_AUTHORISATION: u8 = 66_u8;
/// Nothing is authorised for this model.
pub const KH_REASON_WRONG_MODEL: u8 = 67_u8;
/// The version is outside the authorised range.
pub const KH_REASON_VERSION_OUT_OF_RANGE: u8 = 68_u8;
/// The image is not the authorised one.
pub const KH_REASON_WRONG_IMAGE: u8 = 69_u8;
/// The version is not newer than the installed one.
pub const KH_REASON_DOWNGRADE: u8 = 70_u8;
/// The site demands a session of the engineer, and there is none.
pub const KH_REASON_NO_ACTIVE_SESSION: u8 = 71_u8;

/// What happened: one of the KH_EVENT_ numbers.
pub type kh_event = u8;

/// Nothing to report.
pub const KH_EVENT_NOTHING: u8 = 0_u8;

/// Opened in hours, or within a temp-open window.
pub const KH_EVENT_OPENING: u8 = 1_u8;
/// Opened inside the early margin.
pub const KH_EVENT_EARLY_OPENING: u8 = 2_u8;
/// Opened in hours, after the must-be-open-by.
pub const KH_EVENT_LATE_OPENING: u8 = 3_u8;
/// Opened at any other time.
pub const KH_EVENT_UNSCHEDULED_OPENING: u8 = 4_u8;
/// Opened inside the early margin, while in alarm.
pub const KH_EVENT_EARLY_OPENING_FROM_ALARM: u8 = 5_u8;
/// Opened after the must-be-open-by, while in alarm.
pub const KH_EVENT_LATE_OPENING_FROM_ALARM: u8 = 6_u8;
/// Closed in hours, or within a temp-open window.
pub const KH_EVENT_CLOSING: u8 = 7_u8;
/// Closed in hours, before the closes-from.
pub const KH_EVENT_EARLY_CLOSING: u8 = 8_u8;
/// Closed inside the late margin.
pub const KH_EVENT_LATE_CLOSING: u8 = 9_u8;
/// Closed at any other time.
pub const KH_EVENT_UNSCHEDULED_CLOSING: u8 = 10_u8;
/// Anything allowed to a contact under duress. Nothing else may tell.
pub const KH_EVENT_DURESS: u8 = 11_u8;

/// Refused: nobody's code or user number.
pub const KH_EVENT_UNKNOWN_DENIED: u8 = 16_u8;
/// Refused: known, and at the moment without any right.
pub const KH_EVENT_KNOWN_DENIED: u8 = 17_u8;
/// Refused: outside the hours or the windows, or nobody knows the time.
pub const KH_EVENT_TIME_DENIED: u8 = 18_u8;
/// Refused: not this area, or not this act.
pub const KH_EVENT_LEVEL_DENIED: u8 = 19_u8;
/// A contact that may do nothing has shown its code.
pub const KH_EVENT_LEGAL_CODE_ENTRY: u8 = 20_u8;
/// The wrong code that started a lockout.
pub const KH_EVENT_WRONG_CODES: u8 = 21_u8;
/// Refused: the device's memory is failing.
pub const KH_EVENT_NOT_KEPT: u8 = 22_u8;

/// An area was not opened by its must-be-open-by.
pub const KH_EVENT_FAILED_TO_OPEN: u8 = 32_u8;
/// An area was not closed by its must-be-closed-by.
pub const KH_EVENT_FAILED_TO_CLOSE: u8 = 33_u8;
/// A temp opening was not closed by its close-by.
pub const KH_EVENT_TEMP_OPEN_OVERRUN: u8 = 34_u8;

/// A contact cancelled an alarm.
pub const KH_EVENT_ALARM_CANCELLED: u8 = 48_u8;
/// A contact extended today's closing.
pub const KH_EVENT_CLOSING_EXTENDED: u8 = 49_u8;
/// A contact changed the schedule or opened a temp-open window.
pub const KH_EVENT_SCHEDULE_CHANGED: u8 = 50_u8;
/// Put on test.
pub const KH_EVENT_TEST_STARTED: u8 = 51_u8;
/// Taken off test, or the time on test is over.
pub const KH_EVENT_TEST_ENDED: u8 = 52_u8;
/// A contact was suspended or reinstated.
pub const KH_EVENT_USER_CHANGED: u8 = 53_u8;
/// A contact proved that it may edit the record or be told about it.
pub const KH_EVENT_CUSTOMER_RECORD: u8 = 54_u8;

/// An engineer's session has begun.
pub const KH_EVENT_SESSION_BEGUN: u8 = 64_u8;
/// An engineer's session has ended.
pub const KH_EVENT_SESSION_ENDED: u8 = 65_u8;
/// An engineer was refused.
pub const KH_EVENT_ENGINEER_DENIED: u8 = 66_u8;
/// An engineer was allowed to use a capability.
pub const KH_EVENT_ENGINEER_ALLOWED: u8 = 67_u8;
/// A grant was given at the keypad.
pub const KH_EVENT_GRANT_GIVEN: u8 = 68_u8;
/// A grant was revoked at the keypad.
pub const KH_EVENT_GRANT_REVOKED: u8 = 69_u8;
/// A grant's time is over.
pub const KH_EVENT_GRANT_ENDED: u8 = 70_u8;
/// The site's administrator has lifted its restriction.
pub const KH_EVENT_RESTRICTION_LIFTED: u8 = 71_u8;
/// The site's administrator has restored its restriction.
pub const KH_EVENT_SITE_RESTRICTED: u8 = 72_u8;
/// A firmware update was allowed.
pub const KH_EVENT_UPDATE_ALLOWED: u8 = 73_u8;
/// A firmware update was refused.
pub const KH_EVENT_UPDATE_DENIED: u8 = 74_u8;

/// A part of a policy: one of the KH_PART_ numbers.
pub type kh_part = u8;

/// The head: the site's or receiver's own settings.
pub const KH_PART_HEAD: u8 = 0_u8;
/// Lists of areas.
pub const KH_PART_AREA_LISTS: u8 = 1_u8;
/// Schedules.
pub const KH_PART_SCHEDULES: u8 = 2_u8;
/// Their layers.
pub const KH_PART_LAYERS: u8 = 3_u8;
/// Their spans.
pub const KH_PART_SPANS: u8 = 4_u8;
/// Holidays.
pub const KH_PART_HOLIDAYS: u8 = 5_u8;
/// Temp-open windows.
pub const KH_PART_WINDOWS: u8 = 6_u8;
/// Contacts.
pub const KH_PART_CONTACTS: u8 = 7_u8;
/// The digests of their codes.
pub const KH_PART_CODES: u8 = 8_u8;
/// The digests of their passcodes.
pub const KH_PART_PASSCODES: u8 = 9_u8;
/// Sites as engineers meet them.
pub const KH_PART_SITES: u8 = 10_u8;
/// Engineers.
pub const KH_PART_ENGINEERS: u8 = 11_u8;
/// Grants.
pub const KH_PART_GRANTS: u8 = 12_u8;
/// Firmware authorisations.
pub const KH_PART_AUTHORISATIONS: u8 = 13_u8;
/// The public keys a device obeys.
pub const KH_PART_KEYS: u8 = 14_u8;
/// The device's clock.
pub const KH_PART_CLOCK: u8 = 15_u8;

/// What is wrong with a row of a policy: one of the KH_FAULT_ numbers.
pub type kh_fault = u8;

/// The bytes are not the postcard encoding of such a row, or end in the middle of it.
pub const KH_FAULT_ENCODING: u8 = 0_u8;
/// There are bytes after the last row.
pub const KH_FAULT_TRAILING_BYTES: u8 = 1_u8;
/// A set of flags has bits that nobody has named.
pub const KH_FAULT_UNKNOWN_BITS: u8 = 2_u8;
/// Rows are not in ascending order of their key.
pub const KH_FAULT_ORDER: u8 = 3_u8;
/// A number or an identity that has to be unique is not.
pub const KH_FAULT_DUPLICATE: u8 = 4_u8;
/// A reference to a row that is not there.
pub const KH_FAULT_REFERENCE: u8 = 5_u8;
/// A number outside its range.
pub const KH_FAULT_RANGE: u8 = 6_u8;
/// An interval that ends before it starts, or is empty.
pub const KH_FAULT_REVERSED_INTERVAL: u8 = 7_u8;
/// Spans of one layer hold at the same time.
pub const KH_FAULT_OVERLAPPING_SPANS: u8 = 8_u8;
/// Two layers of the same kind and schedule name the same date or holiday group.
pub const KH_FAULT_OVERLAPPING_LAYERS: u8 = 9_u8;
/// An area has two schedules.
pub const KH_FAULT_SECOND_SCHEDULE: u8 = 10_u8;
/// A known engineer has got another identity.
pub const KH_FAULT_IDENTITY_CHANGED: u8 = 11_u8;
/// More grants for one engineer on one site than a check looks at.
pub const KH_FAULT_TOO_MANY_GRANTS: u8 = 12_u8;
/// The policy is not about the site or receiver that the blob is bound to.
pub const KH_FAULT_OTHER_RECIPIENT: u8 = 13_u8;
/// Only the recovery key may order that.
pub const KH_FAULT_NOT_ALLOWED: u8 = 14_u8;
/// More rows than a patch may add or remove: send a snapshot.
pub const KH_FAULT_TOO_MANY_CHANGES: u8 = 15_u8;
/// A clock correction about another reading than the device's highest one.
pub const KH_FAULT_OTHER_FLOOR: u8 = 16_u8;
/// The patch gives a user number to somebody else, and leaves its former owner's code or passcode.
pub const KH_FAULT_FORMER_OWNER: u8 = 17_u8;

const _: () = {
    assert!(KH_REASON_INVALID == Reason::Invalid as u8);
    assert!(KH_REASON_ANYTIME == Reason::Anytime as u8);
    assert!(KH_REASON_WITHIN_SCHEDULE == Reason::WithinSchedule as u8);
    assert!(KH_REASON_WITHIN_TEMP_OPEN == Reason::WithinTempOpen as u8);
    assert!(KH_REASON_PERMITTED == Reason::Permitted as u8);
    assert!(KH_REASON_READ_ONLY_BASELINE == Reason::ReadOnlyBaseline as u8);
    assert!(KH_REASON_GRANTED == Reason::Granted as u8);
    assert!(KH_REASON_AUTHORISED == Reason::Authorised as u8);
    assert!(KH_REASON_LOCKED_OUT == Reason::LockedOut as u8);
    assert!(KH_REASON_UNKNOWN_CODE == Reason::UnknownCode as u8);
    assert!(KH_REASON_UNKNOWN_USER == Reason::UnknownUser as u8);
    assert!(KH_REASON_SUSPENDED == Reason::Suspended as u8);
    assert!(KH_REASON_NOT_YET_VALID == Reason::NotYetValid as u8);
    assert!(KH_REASON_EXPIRED == Reason::Expired as u8);
    assert!(KH_REASON_TIME_UNKNOWN == Reason::TimeUnknown as u8);
    assert!(KH_REASON_POWERLESS == Reason::Powerless as u8);
    assert!(KH_REASON_REMOTE_ONLY == Reason::RemoteOnly as u8);
    assert!(KH_REASON_USED_UP == Reason::UsedUp as u8);
    assert!(KH_REASON_AREA_NOT_ASSIGNED == Reason::AreaNotAssigned as u8);
    assert!(KH_REASON_NOT_ARMED_BY_YOU == Reason::NotArmedByYou as u8);
    assert!(KH_REASON_NO_OPEN_CLOSE_PERMISSION == Reason::NoOpenClosePermission as u8);
    assert!(KH_REASON_OUTSIDE_SCHEDULE == Reason::OutsideSchedule as u8);
    assert!(KH_REASON_OUTSIDE_TEMP_OPEN == Reason::OutsideTempOpen as u8);
    assert!(KH_REASON_NOT_PERMITTED == Reason::NotPermitted as u8);
    assert!(KH_REASON_NOTHING_TO_EXTEND == Reason::NothingToExtend as u8);
    assert!(KH_REASON_BAD_TIMES == Reason::BadTimes as u8);
    assert!(KH_REASON_NOT_FOUND == Reason::NotFound as u8);
    assert!(KH_REASON_NO_ROOM == Reason::NoRoom as u8);
    assert!(KH_REASON_NOT_KEPT == Reason::NotKept as u8);
    assert!(KH_REASON_UNKNOWN_ENGINEER == Reason::UnknownEngineer as u8);
    assert!(KH_REASON_NOT_REGISTERED == Reason::NotRegistered as u8);
    assert!(KH_REASON_UNKNOWN_SITE == Reason::UnknownSite as u8);
    assert!(KH_REASON_SITE_RESTRICTED == Reason::SiteRestricted as u8);
    assert!(KH_REASON_NO_GRANT == Reason::NoGrant as u8);
    assert!(KH_REASON_REVOKED == Reason::Revoked as u8);
    assert!(KH_REASON_BEGIN_MISSED == Reason::BeginMissed as u8);
    assert!(KH_REASON_NOT_GRANTED == Reason::NotGranted as u8);
    assert!(KH_REASON_NO_FIRMWARE_RIGHT == Reason::NoFirmwareRight as u8);
    assert!(KH_REASON_SITE_LACKS_UPGRADE == Reason::SiteLacksUpgrade as u8);
    assert!(KH_REASON_NO_AUTHORISATION == Reason::NoAuthorisation as u8);
    assert!(KH_REASON_WRONG_MODEL == Reason::WrongModel as u8);
    assert!(KH_REASON_VERSION_OUT_OF_RANGE == Reason::VersionOutOfRange as u8);
    assert!(KH_REASON_WRONG_IMAGE == Reason::WrongImage as u8);
    assert!(KH_REASON_DOWNGRADE == Reason::Downgrade as u8);
    assert!(KH_REASON_NO_ACTIVE_SESSION == Reason::NoActiveSession as u8);
    assert!(Reason::ALL.len() == 45, "give the new reason a number here");
    assert!(KH_EVENT_NOTHING == Event::Nothing as u8);
    assert!(KH_EVENT_OPENING == Event::Opening as u8);
    assert!(KH_EVENT_EARLY_OPENING == Event::EarlyOpening as u8);
    assert!(KH_EVENT_LATE_OPENING == Event::LateOpening as u8);
    assert!(KH_EVENT_UNSCHEDULED_OPENING == Event::UnscheduledOpening as u8);
    assert!(KH_EVENT_EARLY_OPENING_FROM_ALARM == Event::EarlyOpeningFromAlarm as u8);
    assert!(KH_EVENT_LATE_OPENING_FROM_ALARM == Event::LateOpeningFromAlarm as u8);
    assert!(KH_EVENT_CLOSING == Event::Closing as u8);
    assert!(KH_EVENT_EARLY_CLOSING == Event::EarlyClosing as u8);
    assert!(KH_EVENT_LATE_CLOSING == Event::LateClosing as u8);
    assert!(KH_EVENT_UNSCHEDULED_CLOSING == Event::UnscheduledClosing as u8);
    assert!(KH_EVENT_DURESS == Event::Duress as u8);
    assert!(KH_EVENT_UNKNOWN_DENIED == Event::UnknownDenied as u8);
    assert!(KH_EVENT_KNOWN_DENIED == Event::KnownDenied as u8);
    assert!(KH_EVENT_TIME_DENIED == Event::TimeDenied as u8);
    assert!(KH_EVENT_LEVEL_DENIED == Event::LevelDenied as u8);
    assert!(KH_EVENT_LEGAL_CODE_ENTRY == Event::LegalCodeEntry as u8);
    assert!(KH_EVENT_WRONG_CODES == Event::WrongCodes as u8);
    assert!(KH_EVENT_NOT_KEPT == Event::NotKept as u8);
    assert!(KH_EVENT_FAILED_TO_OPEN == Event::FailedToOpen as u8);
    assert!(KH_EVENT_FAILED_TO_CLOSE == Event::FailedToClose as u8);
    assert!(KH_EVENT_TEMP_OPEN_OVERRUN == Event::TempOpenOverrun as u8);
    assert!(KH_EVENT_ALARM_CANCELLED == Event::AlarmCancelled as u8);
    assert!(KH_EVENT_CLOSING_EXTENDED == Event::ClosingExtended as u8);
    assert!(KH_EVENT_SCHEDULE_CHANGED == Event::ScheduleChanged as u8);
    assert!(KH_EVENT_TEST_STARTED == Event::TestStarted as u8);
    assert!(KH_EVENT_TEST_ENDED == Event::TestEnded as u8);
    assert!(KH_EVENT_USER_CHANGED == Event::UserChanged as u8);
    assert!(KH_EVENT_CUSTOMER_RECORD == Event::CustomerRecord as u8);
    assert!(KH_EVENT_SESSION_BEGUN == Event::SessionBegun as u8);
    assert!(KH_EVENT_SESSION_ENDED == Event::SessionEnded as u8);
    assert!(KH_EVENT_ENGINEER_DENIED == Event::EngineerDenied as u8);
    assert!(KH_EVENT_ENGINEER_ALLOWED == Event::EngineerAllowed as u8);
    assert!(KH_EVENT_GRANT_GIVEN == Event::GrantGiven as u8);
    assert!(KH_EVENT_GRANT_REVOKED == Event::GrantRevoked as u8);
    assert!(KH_EVENT_GRANT_ENDED == Event::GrantEnded as u8);
    assert!(KH_EVENT_RESTRICTION_LIFTED == Event::RestrictionLifted as u8);
    assert!(KH_EVENT_SITE_RESTRICTED == Event::SiteRestricted as u8);
    assert!(KH_EVENT_UPDATE_ALLOWED == Event::UpdateAllowed as u8);
    assert!(KH_EVENT_UPDATE_DENIED == Event::UpdateDenied as u8);
    assert!(Event::ALL.len() == 40, "give the new event a number here");
    assert!(KH_PART_HEAD == Part::Head as u8);
    assert!(KH_PART_AREA_LISTS == Part::AreaLists as u8);
    assert!(KH_PART_SCHEDULES == Part::Schedules as u8);
    assert!(KH_PART_LAYERS == Part::Layers as u8);
    assert!(KH_PART_SPANS == Part::Spans as u8);
    assert!(KH_PART_HOLIDAYS == Part::Holidays as u8);
    assert!(KH_PART_WINDOWS == Part::Windows as u8);
    assert!(KH_PART_CONTACTS == Part::Contacts as u8);
    assert!(KH_PART_CODES == Part::Codes as u8);
    assert!(KH_PART_PASSCODES == Part::Passcodes as u8);
    assert!(KH_PART_SITES == Part::Sites as u8);
    assert!(KH_PART_ENGINEERS == Part::Engineers as u8);
    assert!(KH_PART_GRANTS == Part::Grants as u8);
    assert!(KH_PART_AUTHORISATIONS == Part::Authorisations as u8);
    assert!(KH_PART_KEYS == Part::Keys as u8);
    assert!(KH_PART_CLOCK == Part::Clock as u8);
    assert!(Part::ALL.len() == 16, "give the new part a number here");
    assert!(KH_FAULT_ENCODING == Fault::Encoding as u8);
    assert!(KH_FAULT_TRAILING_BYTES == Fault::TrailingBytes as u8);
    assert!(KH_FAULT_UNKNOWN_BITS == Fault::UnknownBits as u8);
    assert!(KH_FAULT_ORDER == Fault::Order as u8);
    assert!(KH_FAULT_DUPLICATE == Fault::Duplicate as u8);
    assert!(KH_FAULT_REFERENCE == Fault::Reference as u8);
    assert!(KH_FAULT_RANGE == Fault::Range as u8);
    assert!(KH_FAULT_REVERSED_INTERVAL == Fault::ReversedInterval as u8);
    assert!(KH_FAULT_OVERLAPPING_SPANS == Fault::OverlappingSpans as u8);
    assert!(KH_FAULT_OVERLAPPING_LAYERS == Fault::OverlappingLayers as u8);
    assert!(KH_FAULT_SECOND_SCHEDULE == Fault::SecondSchedule as u8);
    assert!(KH_FAULT_IDENTITY_CHANGED == Fault::IdentityChanged as u8);
    assert!(KH_FAULT_TOO_MANY_GRANTS == Fault::TooManyGrants as u8);
    assert!(KH_FAULT_OTHER_RECIPIENT == Fault::OtherRecipient as u8);
    assert!(KH_FAULT_NOT_ALLOWED == Fault::NotAllowed as u8);
    assert!(KH_FAULT_TOO_MANY_CHANGES == Fault::TooManyChanges as u8);
    assert!(KH_FAULT_OTHER_FLOOR == Fault::OtherFloor as u8);
    assert!(KH_FAULT_FORMER_OWNER == Fault::FormerOwner as u8);
    assert!(Fault::ALL.len() == 18, "give the new fault a number here");
};
