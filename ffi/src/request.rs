//! What C asks with, and how it is checked on its way in.

use keyholder::blob::{Keys, PublicKey};
use keyholder::code::{Code, Passcode};
use keyholder::contact::UserNumber;
use keyholder::engineer::{Capabilities, EngineerId, GrantId, SiteId};
use keyholder::firmware::{ImageDigest, Model, Version};
use keyholder::place::{AreaList, Areas, Place};
use keyholder::schedule::Span;
use keyholder::time::{Date, Instant, Time, Weekdays};
use keyholder::{Act, ActRequest, Action, EngineerRequest, OpenClose, SessionRequest, Update, UpdateRequest, Who};
use zeroize::Zeroize;

use crate::boundary::{Input, Secret, flag, read_bytes};
use crate::value::*;

/// What a panel has to know before its first policy.
#[derive(Clone, Copy, Zeroize)]
#[repr(C)]
pub struct kh_panel_config {
    /// The site; never 0.
    pub site: u32,
    /// The cloud's Ed25519 public key: only blobs signed with it are obeyed.
    pub cloud_key: [u8; 32],
    /// The secret under which the site's codes are digested. All bytes 0x00 or all 0xFF is no secret and is refused.
    pub code_key: [u8; 32],
    /// The cloud's other Ed25519 public key, which can replace the first one when that is lost or stolen; all zero: there is none.
    pub recovery_key: [u8; 32],
}

/// What a receiver has to know before its first policy.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kh_receiver_config {
    /// The receiver's own id; never 0.
    pub receiver: u32,
    /// The cloud's Ed25519 public key: only blobs signed with it are obeyed.
    pub cloud_key: [u8; 32],
    /// The cloud's other Ed25519 public key, which can replace the first one when that is lost or stolen; all zero: there is none.
    pub recovery_key: [u8; 32],
}

/// Who asks.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kh_who {
    /// What was typed or told, as bytes: ASCII digits of a code, UTF-8 of a passcode. Not read for KH_WHO_USER. Wipe it yourself after the call.
    pub typed: *const u8,
    /// Its length in bytes, at most KH_LONGEST_TYPED.
    pub typed_length: usize,
    /// The user number, 1..=999. Not read for KH_WHO_CODE and KH_WHO_PASSCODE.
    pub user: u16,
    /// Which of these count.
    pub kind: kh_who_kind,
}

/// One system and some of its areas.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kh_place {
    /// The areas: bit n - 1 is area n, 1..=32. At least one.
    pub areas: u32,
    /// The system, 1..=8.
    pub system: u8,
}

/// Areas of every system.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kh_area_list {
    /// Of system n at index n - 1: bit m - 1 is area m. All bits set in every system means the whole site; none
    /// in any is no mistake of the caller's but denied.
    pub systems: [u32; 8],
}

/// May the contact open or close?
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kh_open_close {
    /// Who asks.
    pub who: kh_who,
    /// Where.
    pub place: kh_place,
    /// Who armed the areas, 1..=999; 0 if unknown. Only guests are asked.
    pub armed_by: u16,
    /// KH_ACTION_OPEN or KH_ACTION_CLOSE.
    pub action: kh_action,
    /// 1: it comes from elsewhere than the keypad; 0: from the keypad.
    pub remote: u8,
    /// 1: the site is in alarm; 0: it is not.
    pub in_alarm: u8,
}

/// The hours of one date, in minutes from its midnight; 1440 and more is the next day.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kh_span {
    /// The first minute of the hours, 0..=1439.
    pub opens_from: u16,
    /// The minute by which the areas have to be open, or KH_NO_DEADLINE. 0 is midnight, not "none".
    pub must_be_open_by: u16,
    /// Closing before this minute is early, from opens_from to must_be_closed_by; opens_from if none is. 0 is midnight.
    pub closes_from: u16,
    /// The first minute after the hours, by which the areas have to be closed: at most 1440 after opens_from.
    pub must_be_closed_by: u16,
}

/// May the contact do this? Fields that KH_ACT_ does not name for the kind are not read.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kh_act {
    /// Who asks.
    pub who: kh_who,
    /// Of KH_ACT_TEST and KH_ACT_END_TEST.
    pub areas: kh_area_list,
    /// Of KH_ACT_EXTEND_CLOSING and KH_ACT_OPEN_WINDOW.
    pub place: kh_place,
    /// Of KH_ACT_SET_SPAN.
    pub span: kh_span,
    /// Of KH_ACT_SET_SPAN.
    pub date: kh_date,
    /// Of KH_ACT_GRANT.
    pub engineer: u32,
    /// Of KH_ACT_REVOKE.
    pub grant: u32,
    /// Of KH_ACT_TEST, KH_ACT_EXTEND_CLOSING and KH_ACT_OPEN_WINDOW.
    pub minutes: u16,
    /// Of KH_ACT_SUSPEND and KH_ACT_REINSTATE: a user number.
    pub target: u16,
    /// Of KH_ACT_SET_SPAN: a schedule by its position, from 1.
    pub schedule: u8,
    /// Of KH_ACT_SET_SPAN: 1 keeps the areas closed, 0 sets `span`.
    pub closed: u8,
    /// Of KH_ACT_GRANT: 1 if it answers the engineer's request.
    pub answers_request: u8,
    /// 1: it comes from elsewhere than the keypad; 0: from the keypad.
    pub remote: u8,
    /// What the contact wants to do.
    pub kind: kh_act_kind,
}

/// May the engineer do this?
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kh_engineer_request {
    /// Who. See kh_panel_engineer_id().
    pub engineer: u32,
    /// Where; on a panel its own site.
    pub site: u32,
    /// What: every one of these has to be covered. Nothing asked for is nothing granted.
    pub capabilities: kh_capabilities,
}

/// A session to begin or to end.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kh_session_request {
    /// Who.
    pub engineer: u32,
    /// Where.
    pub site: u32,
}

/// May the engineer install this firmware?
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kh_update_request {
    /// Who.
    pub engineer: u32,
    /// Where.
    pub site: u32,
    /// The version to be installed: major, minor, patch, build.
    pub version: [u16; 4],
    /// The version the device has.
    pub installed: [u16; 4],
    /// The device's model: 1 to 16 printable ASCII characters, the rest zero bytes.
    pub model: [u8; 16],
    /// The image's SHA-256, as the device has measured it.
    pub image: [u8; 32],
}

/// Names an engineer for life: the first 16 bytes of the SHA-256 of the e-mail address, trimmed and in lower case.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kh_identity {
    /// The bytes.
    pub bytes: [u8; 16],
}

// SAFETY: integers and arrays of them.
unsafe impl Input for kh_panel_config {}
// SAFETY: integers and arrays of them.
unsafe impl Input for kh_receiver_config {}
// SAFETY: integers, and a pointer that is checked before it is followed.
unsafe impl Input for kh_open_close {}
// SAFETY: integers, and a pointer that is checked before it is followed.
unsafe impl Input for kh_act {}
// SAFETY: integers.
unsafe impl Input for kh_area_list {}
// SAFETY: integers.
unsafe impl Input for kh_engineer_request {}
// SAFETY: integers.
unsafe impl Input for kh_session_request {}
// SAFETY: integers and arrays of them.
unsafe impl Input for kh_update_request {}
// SAFETY: an array of integers.
unsafe impl Input for kh_identity {}

/// What the caller's clock says. Whatever is no reading is an unknown time: the core judges the range.
pub(crate) const fn time(now: kh_instant) -> Time {
    Time::Known(Instant(now))
}

/// A time as C has it.
pub(crate) const fn instant(time: Time) -> kh_instant {
    match time {
        Time::Known(Instant(seconds)) => seconds,
        Time::Unknown => KH_TIME_UNKNOWN,
    }
}

/// Whether flash or RAM that was never written would read like this.
fn is_blank(key: &[u8; 32]) -> bool {
    key.iter().all(|byte| *byte == 0) || key.iter().all(|byte| *byte == 0xFF)
}

/// An id that has to name something.
const fn id(value: u32) -> Result<u32, kh_status> {
    if value == 0 { Err(KH_BAD_VALUE) } else { Ok(value) }
}

/// 1..=999, or 0 where nobody is somebody too.
const fn user(value: u16, least: u16) -> Result<UserNumber, kh_status> {
    if value < least || value > KH_LARGEST_USER { Err(KH_BAD_VALUE) } else { Ok(UserNumber(value)) }
}

/// The public keys that a device is born with.
fn keys(cloud_key: &[u8; 32], recovery_key: &[u8; 32]) -> Result<Keys, kh_status> {
    if is_blank(cloud_key) || recovery_key == cloud_key || recovery_key == &[0xFF; 32] {
        return Err(KH_BAD_VALUE);
    }
    let recovery = if is_blank(recovery_key) { None } else { Some(PublicKey(*recovery_key)) };
    Ok(Keys { signing: PublicKey(*cloud_key), recovery })
}

impl Secret for kh_panel_config {
    const BLANK: Self = Self { site: 0, cloud_key: [0; 32], code_key: [0; 32], recovery_key: [0; 32] };
}

impl kh_panel_config {
    /// The site and the keys, if they are some.
    pub(crate) fn check(&self) -> Result<(SiteId, Keys), kh_status> {
        let site = SiteId(id(self.site)?);
        if is_blank(&self.code_key) { Err(KH_BAD_VALUE) } else { Ok((site, keys(&self.cloud_key, &self.recovery_key)?)) }
    }
}

impl kh_receiver_config {
    /// The receiver's id and the keys, if they are some.
    pub(crate) fn check(&self) -> Result<(SiteId, Keys), kh_status> {
        Ok((SiteId(id(self.receiver)?), keys(&self.cloud_key, &self.recovery_key)?))
    }
}

impl kh_who {
    /// Calls `ask` with who asks. What was typed is wiped from the stack afterwards.
    ///
    /// # Safety
    /// `typed` is NULL or valid for reading `typed_length` bytes.
    unsafe fn ask<R>(&self, ask: impl FnOnce(Who<'_>) -> R) -> Result<R, kh_status> {
        // SAFETY: as the caller promises.
        let typed = || unsafe { read_bytes(self.typed, self.typed_length, usize::from(KH_LONGEST_TYPED)) };
        match self.kind {
            KH_WHO_USER => Ok(ask(Who::User(user(self.user, 1)?))),
            KH_WHO_CODE => Ok(ask(Who::Code(&Code::typed(typed()?)))),
            KH_WHO_USER_AND_CODE => Ok(ask(Who::UserAndCode(user(self.user, 1)?, &Code::typed(typed()?)))),
            KH_WHO_PASSCODE => Ok(ask(Who::Passcode(&Passcode::told(typed()?)))),
            KH_WHO_USER_AND_PASSCODE => Ok(ask(Who::UserAndPasscode(user(self.user, 1)?, &Passcode::told(typed()?)))),
            _ => Err(KH_BAD_VALUE),
        }
    }
}

impl kh_place {
    fn place(self) -> Result<Place, kh_status> {
        Place::new(self.system, Areas(self.areas)).ok_or(KH_BAD_VALUE)
    }
}

impl kh_area_list {
    pub(crate) fn list(self) -> AreaList {
        AreaList(self.systems.map(Areas))
    }

    pub(crate) fn of(list: &AreaList) -> Self {
        Self { systems: list.0.map(|areas| areas.0) }
    }
}

impl kh_open_close {
    /// Calls `ask` with the request.
    ///
    /// # Safety
    /// As for [`kh_who::ask`].
    pub(crate) unsafe fn ask<R>(&self, ask: impl FnOnce(&OpenClose<'_>) -> R) -> Result<R, kh_status> {
        let action = match self.action {
            KH_ACTION_OPEN => Action::Open,
            KH_ACTION_CLOSE => Action::Close,
            _ => return Err(KH_BAD_VALUE),
        };
        let (place, armed_by) = (self.place.place()?, user(self.armed_by, 0)?);
        let (remote, in_alarm) = (flag(self.remote)?, flag(self.in_alarm)?);
        // SAFETY: as the caller promises.
        unsafe { self.who.ask(|who| ask(&OpenClose { who, action, place, remote, armed_by, in_alarm })) }
    }
}

impl kh_act {
    /// Calls `ask` with the request.
    ///
    /// # Safety
    /// As for [`kh_who::ask`].
    pub(crate) unsafe fn ask<R>(&self, ask: impl FnOnce(&ActRequest<'_>) -> R) -> Result<R, kh_status> {
        let act = self.act()?;
        let remote = flag(self.remote)?;
        // SAFETY: as the caller promises.
        unsafe { self.who.ask(|who| ask(&ActRequest { who, act, remote })) }
    }

    fn act(&self) -> Result<Act, kh_status> {
        let minutes = self.minutes;
        Ok(match self.kind {
            KH_ACT_CANCEL_ALARM => Act::CancelAlarm,
            KH_ACT_EDIT_CUSTOMER => Act::EditCustomer,
            KH_ACT_RECEIVE_INFORMATION => Act::ReceiveInformation,
            KH_ACT_TEST => Act::Test { areas: self.areas.list(), minutes },
            KH_ACT_END_TEST => Act::EndTest { areas: self.areas.list() },
            KH_ACT_EXTEND_CLOSING => Act::ExtendClosing { place: self.place.place()?, minutes },
            KH_ACT_SET_SPAN => {
                let span = if flag(self.closed)? { None } else { Some(self.span.span()) };
                Act::SetSpan { schedule: self.schedule, date: Date(self.date), span }
            }
            KH_ACT_OPEN_WINDOW => Act::OpenWindow { place: self.place.place()?, minutes },
            KH_ACT_SUSPEND => Act::Suspend(user(self.target, 1)?),
            KH_ACT_REINSTATE => Act::Reinstate(user(self.target, 1)?),
            KH_ACT_GRANT => Act::Grant { engineer: EngineerId(id(self.engineer)?), answers_request: flag(self.answers_request)? },
            KH_ACT_REVOKE => Act::Revoke(GrantId(id(self.grant)?)),
            KH_ACT_LIFT => Act::Lift,
            KH_ACT_RESTRICT => Act::Restrict,
            _ => return Err(KH_BAD_VALUE),
        })
    }
}

impl kh_span {
    /// Whether the minutes make sense is the core's to judge: that is a refusal with a reason, not a mistake of the firmware.
    const fn span(self) -> Span {
        let Self { opens_from, must_be_open_by, closes_from, must_be_closed_by } = self;
        Span { layer: 0, weekdays: Weekdays::empty(), opens_from, must_be_open_by, closes_from, must_be_closed_by }
    }
}

impl kh_engineer_request {
    pub(crate) fn request(&self) -> Result<EngineerRequest, kh_status> {
        let capabilities = Capabilities::from_bits(self.capabilities).ok_or(KH_BAD_VALUE)?;
        Ok(EngineerRequest { engineer: EngineerId(id(self.engineer)?), site: SiteId(id(self.site)?), capabilities })
    }
}

impl kh_session_request {
    pub(crate) fn request(&self) -> Result<SessionRequest, kh_status> {
        Ok(SessionRequest { engineer: EngineerId(id(self.engineer)?), site: SiteId(id(self.site)?) })
    }
}

impl kh_update_request {
    pub(crate) fn request(&self) -> Result<UpdateRequest, kh_status> {
        let name = self.model.split(|byte| *byte == 0).next().unwrap_or(&[]);
        let padding_is_zero = self.model.iter().skip(name.len()).all(|byte| *byte == 0);
        let model = core::str::from_utf8(name).ok().and_then(Model::named).filter(|_| padding_is_zero).ok_or(KH_BAD_VALUE)?;
        let update = Update { model, version: Version(self.version), installed: Version(self.installed), image: ImageDigest(self.image) };
        Ok(UpdateRequest { engineer: EngineerId(id(self.engineer)?), site: SiteId(id(self.site)?), update })
    }
}
