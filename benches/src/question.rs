//! What the site is asked.

use keyholder::code::Code;
use keyholder::decision::Reason;
use keyholder::engineer::{Capabilities, EngineerId, SiteId};
use keyholder::firmware::{ImageDigest, Model, Version};
use keyholder::report::Event;
use keyholder::time::{Instant, Time};
use keyholder::{Decision, EngineerRequest, Update, UpdateRequest};
use keyholder_measure_script::{Asks, OpenClose, Trace};

use crate::site::{AnyPanel, SITE, Setting, at, digits, digits_of, grant_of, user};

/// A question about opening or closing, and the answer it is about.
#[derive(Clone, Debug)]
pub struct Question {
    /// What it is about.
    pub name: &'static str,
    /// What is asked.
    pub asked: OpenClose,
    /// The code that is typed, if any is.
    pub code: Code,
    /// When.
    pub time: Time,
    /// Seconds between one time it is asked and the next, so that the answer stays the same.
    pub step: i64,
    /// How often it is asked before the answer is the one meant.
    pub prior: u32,
    /// Whether it is asked about another area each time before.
    pub is_asked_around: bool,
    /// The answer.
    pub reason: Reason,
    /// What is reported.
    pub event: Event,
}

impl Question {
    /// When it is asked for the `count`th time.
    pub fn time(&self, count: u32) -> Time {
        match self.time {
            Time::Known(instant) => Time::Known(instant.plus(self.step * i64::from(count))),
            Time::Unknown => Time::Unknown,
        }
    }

    /// What is asked for the `count`th time.
    pub fn asked(&self, count: u32) -> OpenClose {
        let elsewhere = self.is_asked_around && count < self.prior;
        OpenClose { areas: if elsewhere { 1 << count } else { self.asked.areas }, ..self.asked }
    }

    /// The request.
    pub fn request(&self) -> keyholder::OpenClose<'_> {
        self.asked.request(&self.code).expect("a place")
    }

    /// Brings `panel` to where the next answer is the one meant.
    pub fn prepare<P: AnyPanel>(&self, panel: &mut P) {
        for count in 0..self.prior {
            panel.open_close(&self.asked(count).request(&self.code).expect("a place"), self.time(count));
        }
    }

    /// The answer, after what has to be asked before.
    pub fn ask<P: AnyPanel>(&self, panel: &mut P) -> Decision {
        self.prepare(panel);
        panel.open_close(&self.request(), self.time(self.prior))
    }

    /// The same by somebody who types the contact's code instead of being known by number.
    pub fn by_code(self) -> Self {
        let Asks::User(user) = self.asked.asks else { return self };
        let (length, digits) = digits_of(user);
        self.asking(Asks::Code(length, digits))
    }

    /// The same by somebody who types number and code: the contact's code behind a number alone, number `user` before a code alone.
    pub fn by_number_and_code(self, user: u16) -> Self {
        let (user, (length, digits)) = match self.asked.asks {
            Asks::User(user) => (user, digits_of(user)),
            Asks::Code(length, digits) => (user, (length, digits)),
            Asks::UserAndCode(..) => return self,
        };
        self.asking(Asks::UserAndCode(user, length, digits))
    }

    fn asking(self, asks: Asks) -> Self {
        Self { asked: OpenClose { asks, ..self.asked }, code: asks.code(), ..self }
    }

    fn open(name: &'static str, user: u16, time: Instant, reason: Reason, event: Event) -> Self {
        let asks = Asks::User(user);
        Self {
            name,
            asked: OpenClose { asks, opening: true, system: 1, areas: 0b10, remote: false, armed_by: 0, in_alarm: false },
            code: asks.code(),
            time: Time::Known(time),
            step: 0,
            prior: 0,
            is_asked_around: false,
            reason,
            event,
        }
    }

    fn close(name: &'static str, user: u16, time: Instant, reason: Reason, event: Event) -> Self {
        let open = Self::open(name, user, time, reason, event);
        Self { asked: OpenClose { opening: false, ..open.asked }, ..open }
    }
}

/// 10:00 on a Wednesday: in hours.
pub const MORNING: Instant = at(2026, 11, 18, 15, 0);
/// 21:00 on that Wednesday: out of hours, inside the temp-open windows.
pub const EVENING: Instant = at(2026, 11, 19, 2, 0);
/// Before engineers are let into a site of [`Setting::Strict`].
const BEFORE_THE_LIFT: Instant = at(2026, 11, 5, 12, 0);

/// Every kind of answer to somebody whose user number is known, but for those of [`further_checks`]. `last` is the last contact's.
pub fn user_checks(last: u16) -> Vec<Question> {
    use Event as E;
    use Reason as R;
    let open = Question::open;
    let close = Question::close;
    let second = Instant(MORNING.0 + 1);
    vec![
        open("first contact", user::FIRST, MORNING, R::Anytime, E::LateOpening),
        open("last contact", last, MORNING, R::Anytime, E::LateOpening),
        open("absent, above all", last + 1, MORNING, R::UnknownUser, E::UnknownDenied),
        open("absent, nobody", 0, MORNING, R::UnknownUser, E::UnknownDenied),
        open("in hours, on time", user::SCHEDULED, at(2026, 11, 18, 13, 10), R::WithinSchedule, E::Opening),
        open("in hours, late", user::SCHEDULED, MORNING, R::WithinSchedule, E::LateOpening),
        open("in hours, in alarm", user::SCHEDULED, MORNING, R::WithinSchedule, E::LateOpeningFromAlarm).in_alarm(),
        open("in hours, with validity", user::BOUNDED, MORNING, R::WithinSchedule, E::LateOpening),
        open("in the early margin", user::FIRST, at(2026, 11, 18, 12, 45), R::Anytime, E::EarlyOpening),
        open("out of hours, anytime", user::FIRST, EVENING, R::Anytime, E::UnscheduledOpening),
        open("out of hours", user::SCHEDULED, EVENING, R::OutsideSchedule, E::TimeDenied),
        open("on a holiday", user::SCHEDULED, at(2026, 11, 26, 15, 0), R::OutsideSchedule, E::TimeDenied),
        open("temporary layer", user::SCHEDULED, at(2026, 11, 29, 11, 10), R::WithinSchedule, E::Opening).at(8, 1),
        open("alternate layer", user::SCHEDULED, at(2027, 7, 1, 11, 10), R::WithinSchedule, E::Opening).at(5, 2),
        open("past midnight", user::SCHEDULED, at(2026, 11, 19, 8, 0), R::WithinSchedule, E::LateOpening).at(3, 1),
        open("spring forward", user::SCHEDULED, at(2027, 3, 14, 7, 0), R::OutsideSchedule, E::TimeDenied),
        open("fall back", user::SCHEDULED, at(2027, 11, 7, 6, 0), R::OutsideSchedule, E::TimeDenied),
        open("in a temp-open window", user::TEMPORARY, EVENING, R::WithinTempOpen, E::Opening),
        open("outside every window", user::TEMPORARY, MORNING, R::OutsideTempOpen, E::TimeDenied),
        open("schedule or window", user::BOTH, EVENING, R::WithinTempOpen, E::Opening),
        open("suspended", user::SUSPENDED, MORNING, R::Suspended, E::KnownDenied),
        open("not yet valid", user::FUTURE, MORNING, R::NotYetValid, E::KnownDenied),
        open("expired", user::FORMER, MORNING, R::Expired, E::KnownDenied),
        open("powerless", user::POWERLESS, MORNING, R::Powerless, E::LegalCodeEntry),
        open("remote only", user::REMOTE, MORNING, R::RemoteOnly, E::KnownDenied),
        open("once, used up", user::ONCE, MORNING, R::UsedUp, E::KnownDenied).after(1),
        open("once a day", user::DAILY, MORNING, R::Anytime, E::LateOpening).every(7 * 86_400),
        open("once a day, used up", user::DAILY, MORNING, R::UsedUp, E::KnownDenied).after(1),
        open("first hour", user::HOURLY, MORNING, R::Anytime, E::LateOpening),
        open("other areas", user::ELSEWHERE, MORNING, R::AreaNotAssigned, E::LevelDenied),
        open("guest, own arming", user::GUEST, second, R::Anytime, E::LateOpening).armed_by(user::GUEST),
        open("guest, another's", user::GUEST, MORNING, R::NotArmedByYou, E::LevelDenied).armed_by(user::FIRST),
        open("no permission", user::OPERATOR, MORNING, R::NoOpenClosePermission, E::LevelDenied),
        open("duress", user::DURESS, MORNING, R::Anytime, E::Duress),
        open("unknown time, anytime", user::FIRST, MORNING, R::Anytime, E::Opening).at_unknown_time(),
        open("unknown time, schedule", user::SCHEDULED, MORNING, R::TimeUnknown, E::TimeDenied).at_unknown_time(),
        close("closing, on time", user::SCHEDULED, at(2026, 11, 18, 22, 30), R::WithinSchedule, E::Closing),
        close("closing, early", user::SCHEDULED, MORNING, R::WithinSchedule, E::EarlyClosing),
        close("closing, late", user::FIRST, at(2026, 11, 18, 23, 10), R::Anytime, E::LateClosing),
        close("closing, in a window", user::TEMPORARY, EVENING, R::WithinTempOpen, E::Closing),
        close("closing, out of hours", user::SCHEDULED, EVENING, R::OutsideSchedule, E::TimeDenied),
    ]
}

/// Those that the floors are not asked, for they know neither how much a device remembers nor what a site can be set to. Each with the setting it is about.
pub fn further_checks() -> Vec<(Setting, Question)> {
    use Event as E;
    use Reason as R;
    let open = Question::open;
    let close = Question::close;
    let night = at(2026, 11, 19, 3, 0);
    vec![
        (Setting::Usual, open("no room left", user::TEMPORARY, night, R::NoRoom, E::LevelDenied).at(1, 17).after_others(16)),
        (Setting::Lenient, open("in alarm, out of hours", user::SCHEDULED, EVENING, R::OutsideSchedule, E::UnscheduledOpening).in_alarm()),
        (Setting::Lenient, close("closing, excused", user::SCHEDULED, EVENING, R::OutsideSchedule, E::UnscheduledClosing)),
        (Setting::Lenient, close("closing, outside every window", user::TEMPORARY, MORNING, R::OutsideTempOpen, E::EarlyClosing)),
        (Setting::Lenient, close("closing, unknown time", user::SCHEDULED, MORNING, R::TimeUnknown, E::Closing).at_unknown_time()),
    ]
}

/// Codes right, wrong, malformed, locked out.
pub fn identifications(last: u16) -> Vec<Question> {
    use Event as E;
    use Reason as R;
    let open =
        |name, typed: (u8, [u8; 9]), reason, event| Question::open(name, 0, MORNING, reason, event).asking(Asks::Code(typed.0, typed.1));
    let both = |name, user, typed: (u8, [u8; 9]), reason, event| {
        Question::open(name, 0, MORNING, reason, event).asking(Asks::UserAndCode(user, typed.0, typed.1))
    };
    let nobodys = digits_of(2000);
    vec![
        open("first contact's code", digits_of(user::FIRST), R::Anytime, E::LateOpening),
        open("last contact's code", digits_of(last), R::Anytime, E::LateOpening),
        open("code, in hours", digits_of(user::SCHEDULED), R::WithinSchedule, E::LateOpening),
        open("suspended contact's code", digits_of(user::SUSPENDED), R::Suspended, E::KnownDenied),
        open("nobody's code", nobodys, R::UnknownCode, E::UnknownDenied).every(100),
        open("malformed code", digits(b"12a4"), R::UnknownCode, E::UnknownDenied).every(100),
        open("empty code", digits(b""), R::UnknownCode, E::UnknownDenied).every(100),
        open("the code that locks", nobodys, R::UnknownCode, E::WrongCodes).after(9),
        open("locked out, wrong", nobodys, R::LockedOut, E::Nothing).after(10),
        both("number and code", user::FIRST, digits_of(user::FIRST), R::Anytime, E::LateOpening),
        both("number and another's code", user::SCHEDULED, digits_of(user::FIRST), R::UnknownCode, E::UnknownDenied).every(100),
    ]
}

impl Question {
    fn in_alarm(self) -> Self {
        Self { asked: OpenClose { in_alarm: true, ..self.asked }, ..self }
    }
    fn at(self, system: u8, area: u8) -> Self {
        Self { asked: OpenClose { system, areas: 1 << (area - 1), ..self.asked }, ..self }
    }
    fn armed_by(self, armed_by: u16) -> Self {
        Self { asked: OpenClose { armed_by, ..self.asked }, ..self }
    }
    fn after(self, prior: u32) -> Self {
        Self { prior, ..self }
    }
    fn after_others(self, prior: u32) -> Self {
        Self { is_asked_around: true, ..self.after(prior) }
    }
    fn every(self, step: i64) -> Self {
        Self { step, ..self }
    }
    fn at_unknown_time(self) -> Self {
        Self { time: Time::Unknown, ..self }
    }
}

/// What an engineer asks, and the answer it is about.
#[derive(Clone, Debug)]
pub struct Remote<R> {
    /// What it is about.
    pub name: &'static str,
    /// The setting it is about.
    pub setting: Setting,
    /// What leaves its trace before.
    pub before: Option<(Trace, Time)>,
    /// The request.
    pub request: R,
    /// When.
    pub time: Time,
    /// The answer.
    pub reason: Reason,
}

impl<R> Remote<R> {
    fn new(name: &'static str, request: R, reason: Reason) -> Self {
        Self { name, setting: Setting::Usual, before: None, request, time: Time::Known(MORNING), reason }
    }
    /// Whether a device that has the usual policy, and nothing else, gives the answer.
    pub fn is_plain(&self) -> bool {
        self.setting == Setting::Usual && self.before.is_none()
    }
    fn in_setting(self, setting: Setting) -> Self {
        Self { setting, ..self }
    }
    fn at(self, time: Time) -> Self {
        Self { time, ..self }
    }
    fn after(self, trace: Trace) -> Self {
        Self { before: Some((trace, Time::Known(MORNING))), ..self }
    }
}

/// A question about what an engineer may do.
pub type EngineerQuestion = Remote<EngineerRequest>;
/// A question about firmware.
pub type FirmwareQuestion = Remote<UpdateRequest>;

/// A site that no device serves.
const NOWHERE: SiteId = SiteId(999);

/// Every kind of answer to an engineer.
pub fn engineer_checks() -> Vec<EngineerQuestion> {
    use Reason as R;
    let asks = |name, engineer, site, capabilities, reason| {
        EngineerQuestion::new(name, EngineerRequest { engineer: EngineerId(engineer), site, capabilities }, reason)
    };
    let ask = |name, engineer, reason| asks(name, engineer, SITE, Capabilities::CHANGE_SETTINGS, reason);
    let later = Time::Known(MORNING.plus(5 * 3600));
    vec![
        ask("granted, four grants", 1, R::Granted),
        ask("granted, last engineer", 16, R::Granted),
        ask("unknown engineer", 999, R::UnknownEngineer),
        ask("suspended engineer", 3, R::Suspended),
        ask("not registered", 4, R::NotRegistered),
        asks("read-only baseline", 6, SITE, Capabilities::VIEW_SETTINGS, R::ReadOnlyBaseline),
        ask("grant expired", 6, R::Expired),
        ask("grant not started", 7, R::NotYetValid),
        ask("begun too late", 8, R::BeginMissed),
        ask("excluded", 9, R::NotGranted),
        ask("unknown time", 1, R::TimeUnknown).at(Time::Unknown),
        asks("another site", 1, NOWHERE, Capabilities::CHANGE_SETTINGS, R::UnknownSite),
        asks("private to the site", 1, SITE, Capabilities::PRIVATE, R::NotGranted),
        ask("used up", 5, R::UsedUp).after(Trace::Begin(5, SITE.0)).at(later),
        ask("revoked", 5, R::Revoked).after(Trace::Revoke(grant_of(5))),
        ask("restricted at the keypad", 1, R::SiteRestricted).after(Trace::Restrict),
        ask("restricted by the cloud", 1, R::SiteRestricted).in_setting(Setting::Strict).at(Time::Known(BEFORE_THE_LIFT)),
        ask("no grant", 1, R::NoGrant).in_setting(Setting::Bare),
    ]
}

/// Every kind of answer about firmware.
pub fn firmware_checks() -> Vec<FirmwareQuestion> {
    use Reason as R;
    let asks = |name, engineer, site, model, version, installed, reason| {
        let model = Model::named(model).expect("a model");
        let update = Update { model, version: Version(version), installed: Version(installed), image: ImageDigest([1; 32]) };
        FirmwareQuestion::new(name, UpdateRequest { engineer: EngineerId(engineer), site, update }, reason)
    };
    let of_model = |name, model, version, reason| asks(name, 1, SITE, model, version, [1, 1, 0, 0], reason);
    let ask = |name, engineer, reason| asks(name, engineer, SITE, "KH-1000", [1, 2, 0, 0], [1, 1, 0, 0], reason);
    vec![
        ask("authorised", 1, R::Authorised),
        of_model("authorised, last", "KH-1000", [15, 2, 0, 0], R::Authorised),
        ask("unknown engineer", 999, R::UnknownEngineer),
        ask("no firmware right", 5, R::NoFirmwareRight),
        of_model("another model", "KH-9000", [1, 2, 0, 0], R::WrongModel),
        of_model("version out of range", "KH-1000", [99, 2, 0, 0], R::VersionOutOfRange),
        asks("downgrade", 1, SITE, "KH-1000", [1, 2, 0, 0], [1, 3, 0, 0], R::Downgrade),
        ask("unknown time", 1, R::TimeUnknown).at(Time::Unknown),
        ask("suspended engineer", 3, R::Suspended),
        ask("not registered", 4, R::NotRegistered),
        asks("another site", 1, NOWHERE, "KH-1000", [1, 2, 0, 0], [1, 1, 0, 0], R::UnknownSite),
        ask("restricted at the keypad", 1, R::SiteRestricted).after(Trace::Restrict),
        ask("restricted by the cloud", 1, R::SiteRestricted).in_setting(Setting::Strict).at(Time::Known(BEFORE_THE_LIFT)),
        ask("no remote upgrade", 1, R::SiteLacksUpgrade).in_setting(Setting::Strict),
        ask("nothing authorised", 1, R::NoAuthorisation).in_setting(Setting::Bare),
        ask("authorisation expired", 1, R::Expired).at(Time::Known(at(2028, 6, 1, 12, 0))),
        ask("authorisation not started", 1, R::NotYetValid).at(Time::Known(BEFORE_THE_LIFT)),
        asks("another image", 6, SITE, "KH-2000", [2, 1, 0, 0], [1, 1, 0, 0], R::WrongImage).in_setting(Setting::Lenient),
        ask("no session", 6, R::NoActiveSession).in_setting(Setting::Lenient),
    ]
}
