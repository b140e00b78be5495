//! The numbers that are not the core's: statuses, verdicts, and what tells the kinds of requests and answers apart.

use keyholder::engineer::Capabilities;
use keyholder::store::Damage;
use keyholder::sync;

/// What became of a call: KH_OK or why not. It says nothing about permission: that is in the answer.
pub type kh_status = u8;

/// The call was carried out and its answer is valid.
pub const KH_OK: u8 = 0_u8;
/// A pointer is NULL.
pub const KH_NULL: u8 = 1_u8;
/// A pointer is not aligned for what it points to.
pub const KH_MISALIGNED: u8 = 2_u8;
/// The memory holds no device of this kind: it was never initialised, was wiped, or was overwritten.
pub const KH_NOT_INITIALISED: u8 = 3_u8;
/// A number is not one of those that are listed for it, or is out of its range.
pub const KH_BAD_VALUE: u8 = 4_u8;
/// A length is above its limit.
pub const KH_BAD_LENGTH: u8 = 5_u8;
/// There is no such thing: no engineer with that identity, no policy yet, no name for that number.
pub const KH_NOT_FOUND: u8 = 6_u8;
/// The library was built without it.
pub const KH_LEFT_OUT: u8 = 7_u8;
/// The device was made without a flash, so there is nowhere to put a blob that comes in pieces. See kh_panel_boot().
pub const KH_NO_FLASH: u8 = 8_u8;

/// The blob was refused: too short, or does not begin as a blob does, or is not as long as it says. Fetch it again.
pub const KH_NOT_A_BLOB: u8 = 32_u8;
/// The blob was refused: of a later format or an unknown kind. Ask the cloud for one of the format that kh_about() names.
pub const KH_NEWER_FORMAT: u8 = 33_u8;
/// The blob was refused: for another site or receiver, or for the other kind of device.
pub const KH_WRONG_RECIPIENT: u8 = 34_u8;
/// The blob was refused: signed with a key that this device does not hold, or no longer.
pub const KH_UNKNOWN_KEY: u8 = 35_u8;
/// The blob was refused: it was altered, or never signed with that key.
pub const KH_BAD_SIGNATURE: u8 = 36_u8;
/// The blob was refused: its sequence is not above that of the latest blob that was accepted.
pub const KH_STALE: u8 = 37_u8;
/// The blob was refused: it may no longer be installed. Ask for a fresh one.
pub const KH_EXPIRED: u8 = 38_u8;
/// The blob was refused: more rows than this device was built for.
pub const KH_DOES_NOT_FIT: u8 = 39_u8;
/// The blob was refused: its policy breaks a validity rule.
pub const KH_INVALID_POLICY: u8 = 40_u8;
/// The blob was refused: a patch of another policy than the one that decides. Ask for a snapshot.
pub const KH_OTHER_BASE: u8 = 41_u8;
/// The blob was refused: longer than the flash has room for. After a patch, ask for a snapshot.
pub const KH_TOO_LONG: u8 = 42_u8;
/// The flash could not be written or read. What the blob says may count already, but for a loss of power: send it again until the answer is KH_OK.
pub const KH_NOT_KEPT: u8 = 43_u8;
/// The blob was refused, for a reason that this version of the header has no number for.
pub const KH_REFUSED: u8 = 63_u8;

/// The device was not booted: its layout takes more bytes than the flash has.
pub const KH_FLASH_TOO_SMALL: u8 = 64_u8;
/// The device was not booted: a slot or a copy of the journal is not a whole number of the flash's erase blocks.
pub const KH_NOT_WHOLE_BLOCKS: u8 = 65_u8;
/// The device was not booted: the copies of the journal are too small for it. KH_PANEL_JOURNAL_BYTES and KH_RECEIVER_JOURNAL_BYTES are enough.
pub const KH_JOURNAL_TOO_SMALL: u8 = 66_u8;
/// The device was not booted: the flash could not be read or written.
pub const KH_FLASH_FAILED: u8 = 67_u8;
/// The device was not booted: what is remembered in the flash was written by another kind of device, one with larger tables, or newer firmware. Boot that, or
/// erase all of the flash to begin as a new device.
pub const KH_FLASH_FOREIGN: u8 = 68_u8;

/// The answer: KH_ALLOW, KH_ALLOW_WITH_VIOLATION, and everything else is a refusal. Compare for equality with these two and nothing else.
pub type kh_verdict = u32;

/// Refused.
pub const KH_DENY: u32 = 0_u32;
/// Allowed: 0x3CA55AC3, which no stuck, zeroed or half-written register shows.
pub const KH_ALLOW: u32 = 0x3CA5_5AC3_u32;
/// Allowed by an option of the site, against the schedule: 0xC35AA53C.
pub const KH_ALLOW_WITH_VIOLATION: u32 = 0xC35A_A53C_u32;

/// Why, as the person at the keypad may know it: who guesses codes learns nothing from it.
pub type kh_public_reason = u8;

/// Not accepted; the person is not told whether the code is known.
pub const KH_PUBLIC_NOT_ACCEPTED: u8 = 0_u8;
/// Accepted; under duress too.
pub const KH_PUBLIC_ACCEPTED: u8 = 1_u8;
/// The keypad is dead for a while, for every code.
pub const KH_PUBLIC_KEYPAD_LOCKED: u8 = 2_u8;
/// Not now.
pub const KH_PUBLIC_NOT_NOW: u8 = 3_u8;
/// Not this.
pub const KH_PUBLIC_NOT_ALLOWED: u8 = 4_u8;

/// How a request says who asks: one of the KH_WHO_ numbers.
pub type kh_who_kind = u8;

/// Somebody else has authenticated the person: `user` counts.
pub const KH_WHO_USER: u8 = 1_u8;
/// A code was typed.
pub const KH_WHO_CODE: u8 = 2_u8;
/// A user number and its code were typed.
pub const KH_WHO_USER_AND_CODE: u8 = 3_u8;
/// A passcode was told to an operator. Counts for every act but opening and closing.
pub const KH_WHO_PASSCODE: u8 = 4_u8;
/// A user number and its passcode were told.
pub const KH_WHO_USER_AND_PASSCODE: u8 = 5_u8;

/// KH_ACTION_OPEN or KH_ACTION_CLOSE.
pub type kh_action = u8;

/// Disarm.
pub const KH_ACTION_OPEN: u8 = 1_u8;
/// Arm.
pub const KH_ACTION_CLOSE: u8 = 2_u8;

/// What a contact wants to do: one of the KH_ACT_ numbers.
pub type kh_act_kind = u8;

/// Have an alarm cancelled.
pub const KH_ACT_CANCEL_ALARM: u8 = 1_u8;
/// Change the customer's record.
pub const KH_ACT_EDIT_CUSTOMER: u8 = 2_u8;
/// Be told about the account.
pub const KH_ACT_RECEIVE_INFORMATION: u8 = 3_u8;
/// Put `areas` on test for `minutes`; 0, or more than the site allows: as long as it allows.
pub const KH_ACT_TEST: u8 = 4_u8;
/// Take off test: every test that lies within `areas` ends.
pub const KH_ACT_END_TEST: u8 = 5_u8;
/// Extend today's closing of `place` by `minutes` from the scheduled close. Its areas share one schedule.
pub const KH_ACT_EXTEND_CLOSING: u8 = 6_u8;
/// Set `span`, or closed all day if `closed`, as the only hours of `schedule` on `date`, which is today or later.
pub const KH_ACT_SET_SPAN: u8 = 7_u8;
/// Open a temp-open window for `place`, from now on for `minutes`, 1..=1440.
pub const KH_ACT_OPEN_WINDOW: u8 = 8_u8;
/// Suspend contact `target`.
pub const KH_ACT_SUSPEND: u8 = 9_u8;
/// End a suspension of contact `target` made at the keypad; one made by the cloud stays.
pub const KH_ACT_REINSTATE: u8 = 10_u8;
/// Give `engineer` a one-time grant for this site, without live video, clips and user codes; with `answers_request`, for the longer time.
pub const KH_ACT_GRANT: u8 = 11_u8;
/// Revoke `grant` for good, the cloud's or one given here.
pub const KH_ACT_REVOKE: u8 = 12_u8;
/// Lift the site's restriction.
pub const KH_ACT_LIFT: u8 = 13_u8;
/// Restore it, or restrict a site that is not.
pub const KH_ACT_RESTRICT: u8 = 14_u8;

/// A set of what an engineer may do on a site: KH_CAPABILITY_ bits. Other bits are refused.
pub type kh_capabilities = u16;

/// View settings.
pub const KH_CAPABILITY_VIEW_SETTINGS: u16 = 1_u16;
/// Change settings.
pub const KH_CAPABILITY_CHANGE_SETTINGS: u16 = 2_u16;
/// Change user codes.
pub const KH_CAPABILITY_CHANGE_USER_CODES: u16 = 4_u16;
/// View live video.
pub const KH_CAPABILITY_VIEW_LIVE_VIDEO: u16 = 8_u16;
/// View recorded clips.
pub const KH_CAPABILITY_VIEW_RECORDED_CLIPS: u16 = 16_u16;
/// Arm and disarm remotely.
pub const KH_CAPABILITY_ARM_DISARM: u16 = 32_u16;
/// Bypass zones.
pub const KH_CAPABILITY_BYPASS: u16 = 64_u16;
/// Put on test.
pub const KH_CAPABILITY_PUT_ON_TEST: u16 = 128_u16;
/// Read the log.
pub const KH_CAPABILITY_READ_LOG: u16 = 256_u16;
/// Update firmware.
pub const KH_CAPABILITY_UPDATE_FIRMWARE: u16 = 512_u16;

/// What an answer of supervision is: one of the KH_DUE_ numbers.
pub type kh_due_kind = u8;

/// Nothing else has fallen due up to now.
pub const KH_DUE_NOTHING: u8 = 0_u8;
/// This has fallen due. Ask again: there may be more.
pub const KH_DUE_REPORT: u8 = 1_u8;
/// A day of a long gap has been gone through without anything due. Ask again.
pub const KH_DUE_ASK_AGAIN: u8 = 2_u8;

/// What became of a blob: one of the KH_POLICY_ numbers.
pub type kh_outcome = u8;

/// It was refused; the policy is as it was.
pub const KH_POLICY_UNCHANGED: u8 = 0_u8;
/// Its policy decides from now on; of a key change or a clock correction, what it orders is done.
pub const KH_POLICY_INSTALLED: u8 = 1_u8;
/// It was installed before; nothing has changed.
pub const KH_POLICY_ALREADY_INSTALLED: u8 = 2_u8;
/// It is on its way: `remaining` bytes are still to come. The policy is as it was.
pub const KH_POLICY_AWAITED: u8 = 3_u8;

/// What a blob carries: one of the KH_BLOB_ numbers, or a later one.
pub type kh_blob_kind = u8;

/// A panel's whole policy.
pub const KH_BLOB_PANEL_SNAPSHOT: u8 = 1_u8;
/// A receiver's whole policy.
pub const KH_BLOB_RECEIVER_SNAPSHOT: u8 = 2_u8;
/// What has changed in a panel's policy.
pub const KH_BLOB_PANEL_PATCH: u8 = 3_u8;
/// What has changed in a receiver's policy.
pub const KH_BLOB_RECEIVER_PATCH: u8 = 4_u8;
/// Another public key that the device is to obey.
pub const KH_BLOB_KEY_CHANGE: u8 = 5_u8;
/// A better reading for a device whose clock was wrong.
pub const KH_BLOB_CLOCK_CORRECTION: u8 = 6_u8;

/// What a device has found wrong in its flash since it was booted: a set of KH_DAMAGE_ bits; 0 if nothing. Losing power in the middle of something
/// explains the first two.
pub type kh_damage = u8;

/// A slot holds something that is not a policy for this device: it is not used.
pub const KH_DAMAGE_SLOT: u8 = 1_u8;
/// A copy of the journal was not whole: it has been written anew from the other one.
pub const KH_DAMAGE_JOURNAL: u8 = 2_u8;
/// No copy of the journal was whole. What was used up, locked out and revoked is lost, and with it every policy: only a later one decides again.
pub const KH_DAMAGE_LOSS: u8 = 4_u8;
/// Something could not be written: the device denies what it could not remember, and needs service.
pub const KH_DAMAGE_WRITING: u8 = 8_u8;
/// There is no answer: the call was not carried out.
pub const KH_DAMAGE_UNKNOWN: u8 = 255_u8;

/// A point in time: whole seconds since 1970-01-01T00:00:00Z, without leap seconds. The device's clock passes 0..=16725225599
/// (2499-12-31T23:59:59Z); anything else counts as KH_TIME_UNKNOWN.
pub type kh_instant = i64;

/// cbindgen:ignore
pub const KH_FOR_EVER: kh_instant = i64::MAX;
/// cbindgen:ignore
pub const KH_NEVER: kh_instant = i64::MIN;
/// cbindgen:ignore
pub const KH_TIME_UNKNOWN: kh_instant = i64::MIN;

/// A local calendar date: days since 1970-01-01. See kh_date_of().
pub type kh_date = i32;

/// Of a kh_span: nobody has to have opened.
pub const KH_NO_DEADLINE: u16 = 65535_u16;
/// The largest user number; 0 is nobody.
pub const KH_LARGEST_USER: u16 = 999_u16;
/// The number of systems a site may have.
pub const KH_SYSTEMS: u8 = 8_u8;
/// The most bytes that can be passed as typed or told. A code has 4 to 8 digits and a passcode 1 to 32 bytes; anything else is a wrong one.
pub const KH_LONGEST_TYPED: u8 = 64_u8;
/// The most bytes that can be passed as a blob.
pub const KH_LONGEST_BLOB: u32 = 16_777_216_u32;
/// Bytes of a blob's head, which is all that is needed to begin an installation.
pub const KH_HEAD_BYTES: usize = 144;
/// The most bytes of an acknowledgement.
pub const KH_ACKNOWLEDGEMENT_BYTES: usize = 160;
/// The most bytes of a report to the cloud.
pub const KH_REPORT_BYTES: usize = 2560;
/// The most deadlines in one report to the cloud.
pub const KH_REPORT_DUES: usize = 16;

const _: () = {
    assert!(Capabilities::all().bits() == 0x3FF && KH_CAPABILITY_UPDATE_FIRMWARE == Capabilities::UPDATE_FIRMWARE.bits());
    assert!(KH_CAPABILITY_CHANGE_USER_CODES == Capabilities::CHANGE_USER_CODES.bits());
    assert!(KH_CAPABILITY_ARM_DISARM == Capabilities::ARM_DISARM.bits());
    assert!(KH_PUBLIC_NOT_ALLOWED == keyholder::PublicReason::NotAllowed as u8);
    assert!(KH_PUBLIC_ACCEPTED == keyholder::PublicReason::Accepted as u8);
    assert!(KH_LARGEST_USER == keyholder::contact::UserNumber::MAX);
    assert!(KH_SYSTEMS as usize == keyholder::place::SYSTEMS);
    assert!(KH_NO_DEADLINE == keyholder::schedule::Span::NO_DEADLINE);
    assert!(KH_LONGEST_TYPED as usize >= keyholder::code::LONGEST_PASSCODE);
    assert!(KH_BLOB_PANEL_SNAPSHOT == keyholder::blob::Kind::PanelSnapshot as u8);
    assert!(KH_BLOB_RECEIVER_SNAPSHOT == keyholder::blob::Kind::ReceiverSnapshot as u8);
    assert!(KH_BLOB_PANEL_PATCH == keyholder::blob::Kind::PanelPatch as u8);
    assert!(KH_BLOB_RECEIVER_PATCH == keyholder::blob::Kind::ReceiverPatch as u8);
    assert!(KH_BLOB_KEY_CHANGE == keyholder::blob::Kind::KeyChange as u8);
    assert!(KH_BLOB_CLOCK_CORRECTION == keyholder::blob::Kind::ClockCorrection as u8);
    assert!(KH_DAMAGE_SLOT == Damage::SLOT.bits() && KH_DAMAGE_JOURNAL == Damage::JOURNAL.bits());
    assert!(KH_DAMAGE_LOSS == Damage::LOSS.bits() && KH_DAMAGE_WRITING == Damage::WRITING.bits());
    assert!(Damage::all().bits() == 0xF, "give the new damage a number here");
    assert!(KH_HEAD_BYTES == keyholder::blob::HEAD_LENGTH);
    assert!(KH_ACKNOWLEDGEMENT_BYTES == sync::ACKNOWLEDGEMENT_BYTES && KH_ACKNOWLEDGEMENT_BYTES <= u8::MAX as usize);
    assert!(KH_REPORT_BYTES == sync::REPORT_BYTES && KH_REPORT_DUES == sync::DUES);
};
