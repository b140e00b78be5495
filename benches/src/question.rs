//! What the site is asked.

use keyholder::code::Code;
use keyholder::contact::UserNumber;
use keyholder::decision::Reason;
use keyholder::engineer::{Capabilities, EngineerId};
use keyholder::firmware::{ImageDigest, Model, Version};
use keyholder::place::Place;
use keyholder::report::Event;
use keyholder::time::{Instant, Time};
use keyholder::{Action, Decision, EngineerRequest, OpenClose, Update, UpdateRequest, Who};

use crate::site::{AnyPanel, SITE, at, code_of, place, user};

/// Who asks; like [`Who`], but owning the code.
#[derive(Clone, Debug)]
pub enum Asks {
    /// A user number.
    User(u16),
    /// A code.
    Code(Code),
    /// Both.
    UserAndCode(u16, Code),
}

/// A question about opening or closing, and the answer it is about.
#[derive(Clone, Debug)]
pub struct Question {
    /// What it is about.
    pub name: &'static str,
    /// Who asks.
    pub asks: Asks,
    /// What for.
    pub action: Action,
    /// Where.
    pub place: Place,
    /// Who armed.
    pub armed_by: u16,
    /// Whether the site is in alarm.
    pub in_alarm: bool,
    /// When.
    pub time: Time,
    /// Seconds between one time it is asked and the next, so that the answer stays the same.
    pub step: i64,
    /// How often it is asked before the answer is the one meant.
    pub prior: u32,
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

    /// The request.
    pub fn request(&self) -> OpenClose<'_> {
        OpenClose {
            who: match &self.asks {
                Asks::User(user) => Who::User(UserNumber(*user)),
                Asks::Code(code) => Who::Code(code),
                Asks::UserAndCode(user, code) => Who::UserAndCode(UserNumber(*user), code),
            },
            action: self.action,
            place: self.place,
            remote: false,
            armed_by: UserNumber(self.armed_by),
            in_alarm: self.in_alarm,
        }
    }

    /// Brings `panel` to where the next answer is the one meant.
    pub fn prepare<P: AnyPanel>(&self, panel: &mut P) {
        for count in 0..self.prior {
            panel.open_close(&self.request(), self.time(count));
        }
    }

    /// The answer, after what has to be asked before.
    pub fn ask<P: AnyPanel>(&self, panel: &mut P) -> Decision {
        self.prepare(panel);
        panel.open_close(&self.request(), self.time(self.prior))
    }

    fn open(name: &'static str, user: u16, time: Instant, reason: Reason, event: Event) -> Self {
        Self {
            name,
            asks: Asks::User(user),
            action: Action::Open,
            place: place(1, 2),
            armed_by: 0,
            in_alarm: false,
            time: Time::Known(time),
            step: 0,
            prior: 0,
            reason,
            event,
        }
    }

    fn close(name: &'static str, user: u16, time: Instant, reason: Reason, event: Event) -> Self {
        Self { action: Action::Close, ..Self::open(name, user, time, reason, event) }
    }
}

/// 10:00 on a Wednesday: in hours.
pub const MORNING: Instant = at(2026, 11, 18, 15, 0);
/// 21:00 on that Wednesday: out of hours, inside the temp-open windows.
pub const EVENING: Instant = at(2026, 11, 19, 2, 0);

/// Every kind of answer to somebody whose user number is known. `last` is the last contact's.
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

/// Codes right, wrong, malformed, locked out.
pub fn identifications(last: u16) -> Vec<Question> {
    use Event as E;
    use Reason as R;
    let typed = |question: Question, code: Code| Question { asks: Asks::Code(code), ..question };
    let open = |name, code, reason, event| typed(Question::open(name, 0, MORNING, reason, event), code);
    let both = |question: Question, user, code| Question { asks: Asks::UserAndCode(user, code), ..question };
    vec![
        open("first contact's code", code_of(user::FIRST), R::Anytime, E::LateOpening),
        open("last contact's code", code_of(last), R::Anytime, E::LateOpening),
        open("code, in hours", code_of(user::SCHEDULED), R::WithinSchedule, E::LateOpening),
        open("suspended contact's code", code_of(user::SUSPENDED), R::Suspended, E::KnownDenied),
        open("nobody's code", code_of(2000), R::UnknownCode, E::UnknownDenied).every(100),
        open("malformed code", Code::typed(b"12a4"), R::UnknownCode, E::UnknownDenied).every(100),
        open("empty code", Code::typed(b""), R::UnknownCode, E::UnknownDenied).every(100),
        open("the code that locks", code_of(2000), R::UnknownCode, E::WrongCodes).after(9),
        open("locked out, wrong", code_of(2000), R::LockedOut, E::Nothing).after(10),
        both(Question::open("number and code", 0, MORNING, R::Anytime, E::LateOpening), user::FIRST, code_of(user::FIRST)),
        both(
            Question::open("number and another's code", 0, MORNING, R::UnknownCode, E::UnknownDenied),
            user::SCHEDULED,
            code_of(user::FIRST),
        )
        .every(100),
    ]
}

impl Question {
    fn in_alarm(self) -> Self {
        Self { in_alarm: true, ..self }
    }
    fn at(self, system: u8, area: u8) -> Self {
        Self { place: place(system, area), ..self }
    }
    fn armed_by(self, armed_by: u16) -> Self {
        Self { armed_by, ..self }
    }
    fn after(self, prior: u32) -> Self {
        Self { prior, ..self }
    }
    fn every(self, step: i64) -> Self {
        Self { step, ..self }
    }
    fn at_unknown_time(self) -> Self {
        Self { time: Time::Unknown, ..self }
    }
}

/// A question about an engineer.
#[derive(Clone, Debug)]
pub struct EngineerQuestion {
    /// What it is about.
    pub name: &'static str,
    /// The request.
    pub request: EngineerRequest,
    /// When.
    pub time: Time,
    /// The answer.
    pub reason: Reason,
}

/// Every kind of answer to an engineer.
pub fn engineer_checks() -> Vec<EngineerQuestion> {
    use Reason as R;
    let ask = |name, engineer, capabilities, reason| EngineerQuestion {
        name,
        request: EngineerRequest { engineer: EngineerId(engineer), site: SITE, capabilities },
        time: Time::Known(MORNING),
        reason,
    };
    let change = Capabilities::CHANGE_SETTINGS;
    let mut unknown_time = ask("unknown time", 1, change, R::TimeUnknown);
    unknown_time.time = Time::Unknown;
    let mut other_site = ask("another site", 1, change, R::UnknownSite);
    other_site.request.site = keyholder::engineer::SiteId(1);
    vec![
        ask("granted, four grants", 1, change, R::Granted),
        ask("granted, last engineer", 16, change, R::Granted),
        ask("unknown engineer", 999, change, R::UnknownEngineer),
        ask("suspended engineer", 3, change, R::Suspended),
        ask("not registered", 4, change, R::NotRegistered),
        ask("read-only baseline", 6, Capabilities::VIEW_SETTINGS, R::ReadOnlyBaseline),
        ask("grant expired", 6, change, R::Expired),
        ask("grant not started", 7, change, R::NotYetValid),
        ask("begun too late", 8, change, R::BeginMissed),
        ask("excluded", 9, change, R::NotGranted),
        unknown_time,
        other_site,
    ]
}

/// A question about firmware.
#[derive(Clone, Debug)]
pub struct FirmwareQuestion {
    /// What it is about.
    pub name: &'static str,
    /// The request.
    pub request: UpdateRequest,
    /// When.
    pub time: Time,
    /// The answer.
    pub reason: Reason,
}

/// Every kind of answer about firmware.
pub fn firmware_checks() -> Vec<FirmwareQuestion> {
    use Reason as R;
    let model = |name| Model::named(name).expect("a model");
    let ask = |name, engineer, model, version, installed, reason| FirmwareQuestion {
        name,
        request: UpdateRequest {
            engineer: EngineerId(engineer),
            site: SITE,
            update: Update { model, version: Version(version), installed: Version(installed), image: ImageDigest([1; 32]) },
        },
        time: Time::Known(MORNING),
        reason,
    };
    let (mine, other) = (model("KH-1000"), model("KH-9000"));
    let mut unknown_time = ask("unknown time", 1, mine, [1, 2, 0, 0], [1, 1, 0, 0], R::TimeUnknown);
    unknown_time.time = Time::Unknown;
    vec![
        ask("authorised", 1, mine, [1, 2, 0, 0], [1, 1, 0, 0], R::Authorised),
        ask("authorised, last", 1, mine, [15, 2, 0, 0], [1, 1, 0, 0], R::Authorised),
        ask("unknown engineer", 999, mine, [1, 2, 0, 0], [1, 1, 0, 0], R::UnknownEngineer),
        ask("no firmware right", 5, mine, [1, 2, 0, 0], [1, 1, 0, 0], R::NoFirmwareRight),
        ask("another model", 1, other, [1, 2, 0, 0], [1, 1, 0, 0], R::WrongModel),
        ask("version out of range", 1, mine, [99, 2, 0, 0], [1, 1, 0, 0], R::VersionOutOfRange),
        ask("downgrade", 1, mine, [1, 2, 0, 0], [1, 3, 0, 0], R::Downgrade),
        unknown_time,
    ]
}
