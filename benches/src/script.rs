//! What the counting images of `firmware-example/measure` are asked: at least 10,000 different questions of each kind, with the answers they have to give.
//!
//! Every hour of a year with both of its clock changes, every reason, the first, the last and no contact, engineer and version; on full, nearly empty and
//! empty tables; in order, and at random while the ledger fills and the clock runs, steps back and gets lost.

use std::fmt::Write as _;

use keyholder::code::Code;
use keyholder::contact::UserNumber;
use keyholder::engineer::{Capabilities, EngineerId, GrantId, SiteId};
use keyholder::firmware::{ImageDigest, Model, Version};
use keyholder::place::{AreaList, Areas, Place};
use keyholder::time::{Instant, Time};
use keyholder::{Act, ActRequest, Action, Decision, EngineerRequest, SessionRequest, Update, UpdateRequest, Verdict, Who};
use keyholder::{SmallPanel, SmallReceiver, StandardPanel, StandardReceiver};
use keyholder_measure_script::{Asks, MASTER, OpenClose, Step, Trace};

use crate::floor;
use crate::question::{self, MORNING, Question};
use crate::site::{CODE_KEY, ISSUED, Rows, SITE, Size, at, cloud_key, receiver_blob};

/// A script, and a line for each of its steps: what kind it is, what it is about, and the numbers of verdict, reason and event.
pub struct Script {
    blobs: Vec<Vec<u8>>,
    steps: Vec<u8>,
    lines: String,
}

/// The scripts there are.
pub const NAMES: [&str; 4] = ["panel-small", "panel-standard", "receiver-small", "receiver-standard"];

impl Script {
    /// The script of that name, with that many questions of each kind.
    pub fn named(name: &str, questions: u32) -> Option<Self> {
        let small = [8, 8, 16, 4];
        let standard = [64, 64, 256, 16];
        Some(match name {
            "panel-small" => panel(&Size::SMALL, questions, Box::new(SmallPanel::new(SITE, keys(), CODE_KEY))),
            "panel-standard" => panel(&Size::standard(256), questions, Box::new(StandardPanel::new(SITE, keys(), CODE_KEY))),
            "receiver-small" => receiver(small, questions, Box::new(SmallReceiver::new(SITE, keys()))),
            "receiver-standard" => receiver(standard, questions, Box::new(StandardReceiver::new(SITE, keys()))),
            _ => return None,
        })
    }

    /// What the image reads.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = (self.blobs.len() as u32).to_le_bytes().to_vec();
        for blob in &self.blobs {
            bytes.extend((blob.len() as u32).to_le_bytes());
            bytes.extend(blob);
        }
        bytes.extend(&self.steps);
        bytes
    }

    /// What the host reads.
    pub fn lines(&self) -> &str {
        &self.lines
    }
}

fn keys() -> keyholder::blob::Keys {
    keyholder::blob::Keys::only(cloud_key())
}

/// A device on the host that is asked the same.
trait Device: Clone {
    fn install(&mut self, blob: &[u8], time: Time) -> bool;
    fn open_close(&mut self, request: &keyholder::OpenClose<'_>, time: Time) -> Decision;
    fn act(&mut self, request: &ActRequest<'_>, time: Time);
    fn engineer(&mut self, request: &EngineerRequest, time: Time) -> Decision;
    fn begin(&mut self, request: &SessionRequest, time: Time);
    fn update(&mut self, request: &UpdateRequest, time: Time) -> Decision;
}

macro_rules! common {
    () => {
        fn install(&mut self, blob: &[u8], time: Time) -> bool {
            Self::install(self, blob, time).is_ok()
        }
        fn engineer(&mut self, request: &EngineerRequest, time: Time) -> Decision {
            Self::engineer(self, request, time)
        }
        fn begin(&mut self, request: &SessionRequest, time: Time) {
            self.begin_session(request, time);
        }
        fn update(&mut self, request: &UpdateRequest, time: Time) -> Decision {
            Self::update(self, request, time)
        }
    };
}

macro_rules! panels {
    ($($panel:ty),*) => {$(
        impl Device for $panel {
            common!();
            fn open_close(&mut self, request: &keyholder::OpenClose<'_>, time: Time) -> Decision {
                Self::open_close(self, request, time)
            }
            fn act(&mut self, request: &ActRequest<'_>, time: Time) {
                Self::act(self, request, time);
            }
        }
    )*};
}
panels!(SmallPanel, StandardPanel);

macro_rules! receivers {
    ($($receiver:ty),*) => {$(
        impl Device for $receiver {
            common!();
            fn open_close(&mut self, _: &keyholder::OpenClose<'_>, _: Time) -> Decision {
                Decision::REFUSED
            }
            fn act(&mut self, _: &ActRequest<'_>, _: Time) {}
        }
    )*};
}
receivers!(SmallReceiver, StandardReceiver);

/// Writes a script and asks the host's device the same, for the answers.
struct Writer<D> {
    script: Script,
    new: Box<D>,
    device: Box<D>,
}

impl<D: Device> Writer<D> {
    fn new(device: Box<D>) -> Self {
        let script = Script { blobs: vec![cloud_key().0.to_vec()], steps: Vec::new(), lines: String::new() };
        Self { script, new: device.clone(), device }
    }

    fn blob(&mut self, blob: Vec<u8>) -> u8 {
        self.script.blobs.push(blob);
        (self.script.blobs.len() - 1) as u8
    }

    fn write(&mut self, step: &Step, kind: &str, name: &str, answer: [u8; 3]) {
        let bytes = postcard::to_stdvec(step).expect("a step can be encoded");
        self.script.steps.push(bytes.len() as u8);
        self.script.steps.extend(bytes);
        let [verdict, reason, event] = answer;
        writeln!(self.script.lines, "{kind}\t{name}\t{verdict} {reason} {event}").expect("text can be written");
    }

    fn unmeasured(&mut self, step: &Step) {
        self.write(step, "-", "", [0; 3]);
    }

    fn fresh(&mut self) {
        self.device = self.new.clone();
        self.unmeasured(&Step::Fresh);
    }

    fn install(&mut self, kind: &str, name: &str, blob: u8) {
        let is_installed = self.device.install(&self.script.blobs[usize::from(blob)], Time::Known(ISSUED));
        assert!(is_installed, "{name}");
        self.write(&Step::Install(blob, Some(ISSUED.0)), kind, name, [Verdict::Allow as u8, Decision::REFUSED.reason as u8, 0]);
    }

    fn open_close(&mut self, name: &str, asked: OpenClose, time: Time) {
        let kind = match asked.asks {
            Asks::User(_) => "user check",
            Asks::Code(..) => "code",
            Asks::UserAndCode(..) => "number and code",
        };
        let answer = with_request(&asked, |request| self.device.open_close(request, time));
        self.write(&Step::OpenClose(asked, seconds(time)), kind, name, numbers(&answer));
    }

    fn engineer(&mut self, name: &str, request: &EngineerRequest, time: Time) {
        let answer = self.device.engineer(request, time);
        let step = Step::Engineer(request.engineer.0, request.site.0, request.capabilities.bits(), seconds(time));
        self.write(&step, "engineer check", name, numbers(&answer));
    }

    fn update(&mut self, name: &str, request: &UpdateRequest, time: Time) {
        let answer = self.device.update(request, time);
        let UpdateRequest { engineer, site, update } = *request;
        let step = Step::Update(engineer.0, site.0, update.model.0, update.version.0, update.installed.0, update.image.0[0], seconds(time));
        self.write(&step, "firmware check", name, numbers(&answer));
    }

    fn leave(&mut self, trace: Trace, time: Time) {
        let place = |system, areas| Place::new(system, Areas(areas)).expect("a place");
        let act = match trace {
            Trace::Test => Act::Test { areas: AreaList::ALL, minutes: 10 },
            Trace::Extend(system, areas) => Act::ExtendClosing { place: place(system, areas), minutes: 60 },
            Trace::Window(system, areas) => Act::OpenWindow { place: place(system, areas), minutes: 60 },
            Trace::Suspend(user) => Act::Suspend(UserNumber(user)),
            Trace::Grant(engineer) => Act::Grant { engineer: EngineerId(engineer), answers_request: true },
            Trace::Revoke(grant) => Act::Revoke(GrantId(grant)),
            Trace::Lift => Act::Lift,
            Trace::Restrict => Act::Restrict,
            Trace::Begin(engineer, site) => {
                self.device.begin(&SessionRequest { engineer: EngineerId(engineer), site: SiteId(site) }, time);
                return self.unmeasured(&Step::Trace(trace, seconds(time)));
            }
        };
        self.device.act(&ActRequest { who: Who::User(UserNumber(MASTER)), act, remote: false }, time);
        self.unmeasured(&Step::Trace(trace, seconds(time)));
    }
}

fn numbers(decision: &Decision) -> [u8; 3] {
    [decision.verdict as u8, decision.reason as u8, decision.report.event as u8]
}

fn seconds(time: Time) -> Option<i64> {
    match time {
        Time::Known(instant) => Some(instant.0),
        Time::Unknown => None,
    }
}

/// Calls `ask` with the core's request for `asked`.
fn with_request<T>(asked: &OpenClose, ask: impl FnOnce(&keyholder::OpenClose<'_>) -> T) -> T {
    let code = match asked.asks {
        Asks::User(_) => Code::typed(b""),
        Asks::Code(length, digits) | Asks::UserAndCode(_, length, digits) => Code::typed(&digits[..usize::from(length)]),
    };
    let who = match asked.asks {
        Asks::User(user) => Who::User(UserNumber(user)),
        Asks::Code(..) => Who::Code(&code),
        Asks::UserAndCode(user, ..) => Who::UserAndCode(UserNumber(user), &code),
    };
    ask(&keyholder::OpenClose {
        who,
        action: if asked.opening { Action::Open } else { Action::Close },
        place: Place::new(asked.system, Areas(asked.areas)).expect("a place"),
        remote: asked.remote,
        armed_by: UserNumber(asked.armed_by),
        in_alarm: asked.in_alarm,
    })
}

/// The digits of a contact's code, as [`crate::site::code_of`].
fn digits_of(user: u16) -> (u8, [u8; 9]) {
    digits(format!("{:06}", 100_000 + u32::from(user) * 17).as_bytes())
}

fn digits(typed: &[u8]) -> (u8, [u8; 9]) {
    let mut digits = [0; 9];
    digits[..typed.len()].copy_from_slice(typed);
    (typed.len() as u8, digits)
}

/// A named question as a step.
fn asked(question: &Question) -> OpenClose {
    let request = question.request();
    let any = digits(b"12a4");
    let asks = match question.asks {
        question::Asks::User(user) => Asks::User(user),
        // The digits of a code are nobody's business; those of the names below are known.
        question::Asks::Code(_) => match question.name {
            "first contact's code" => code_asks(digits_of(crate::site::user::FIRST)),
            "code, in hours" => code_asks(digits_of(crate::site::user::SCHEDULED)),
            "suspended contact's code" => code_asks(digits_of(crate::site::user::SUSPENDED)),
            "malformed code" => code_asks(any),
            "empty code" => code_asks(digits(b"")),
            _ => code_asks(digits_of(2000)),
        },
        question::Asks::UserAndCode(user, _) => {
            let (length, digits) = digits_of(crate::site::user::FIRST);
            Asks::UserAndCode(user, length, digits)
        }
    };
    OpenClose {
        asks,
        opening: request.action == Action::Open,
        system: request.place.system(),
        areas: request.place.areas().0,
        remote: request.remote,
        armed_by: request.armed_by.0,
        in_alarm: request.in_alarm,
    }
}

const fn code_asks((length, digits): (u8, [u8; 9])) -> Asks {
    Asks::Code(length, digits)
}

/// A generator of numbers that look random (PCG, 32 bits).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as u32 >> 1) % limit
    }

    fn one_in(&mut self, count: u32) -> bool {
        self.below(count) == 0
    }

    fn place(&mut self) -> (u8, u32) {
        let areas = if self.one_in(3) { self.below(u32::MAX) | 1 } else { 1 << self.below(32) };
        (1 + self.below(8) as u8, areas)
    }
}

/// The first hour of 2027 in UTC; both of New York's changes lie in the year behind it.
const YEAR: Instant = at(2027, 1, 1, 0, 0);
const HOURS: u32 = 365 * 24;

fn panel<D: Device>(size: &Size, questions: u32, device: Box<D>) -> Script {
    let mut writer = Writer::new(device);
    let last = size.contacts;
    let rows = Rows::of(size);
    let full = writer.blob(rows.blob(1));
    let bare = writer.blob(Rows::of(&Size::BARE).blob(1));
    let half = Size { contacts: last / 2, holidays: size.holidays / 2, windows: size.windows / 2, grants: size.grants / 2, ..*size };
    let half = writer.blob(Rows::of(&half).blob(1));
    let floor = writer.blob(floor::c::Floor::new(&rows).image());
    writer.write(&Step::Calibration, "calibration", "a thousand and one", [0; 3]);
    writer.write(&Step::Hmac, "HMAC-SHA-256", "of a code", [0; 3]);

    for (tables, blob) in [("full", Some(full)), ("half full", Some(half)), ("nearly empty", Some(bare)), ("no policy", None)] {
        // What a question needs to have been asked before must not stay for the others.
        let mut is_clean = false;
        for question in [question::user_checks(last), question::identifications(last)].concat() {
            if !is_clean || question.prior > 0 {
                writer.fresh();
                if let Some(blob) = blob {
                    let kind = if blob == full { "blob" } else { "-" };
                    writer.install(kind, "full", blob);
                }
            }
            is_clean = question.prior == 0;
            let what = asked(&question);
            for count in 0..=question.prior {
                writer.open_close(&format!("{tables}, {}", question.name), what, question.time(count));
            }
        }
        for question in question::engineer_checks() {
            writer.engineer(&format!("{tables}, {}", question.name), &question.request, question.time);
        }
        for question in question::firmware_checks() {
            writer.update(&format!("{tables}, {}", question.name), &question.request, question.time);
        }
    }
    // The floor, whose contacts remember as well: a site of its own for each question.
    for question in question::user_checks(last) {
        writer.unmeasured(&Step::Floor(floor));
        let what = asked(&question);
        let mut c = floor::c::Floor::new(&rows);
        for count in 0..=question.prior {
            let time = question.time(count);
            let (verdict, reason, event) = with_request(&what, |request| c.open_close(request, time));
            let kind = if count == question.prior { "floor" } else { "-" };
            writer.write(&Step::AskFloor(what, seconds(time)), kind, question.name, [verdict, reason, event]);
        }
    }
    writer.fresh();
    writer.install("blob", "full", full);
    hours(&mut writer, questions.min(HOURS), u32::from(last), size.engineers);
    // What is left of the number, a third for each filling.
    let rest = questions.saturating_sub(HOURS).div_ceil(3).max(100);
    for (tables, blob) in [("full", full), ("half full", half), ("nearly empty", bare)] {
        writer.fresh();
        writer.install("-", "", blob);
        at_random(&mut writer, tables, rest, u32::from(last), size.engineers);
    }
    writer.script
}

/// One question of each kind an hour, by everybody in turn.
fn hours<D: Device>(writer: &mut Writer<D>, count: u32, last: u32, engineers: u32) {
    for hour in 0..count {
        let time = Time::Known(YEAR.plus(i64::from(hour) * 3600));
        let name = format!("hour {hour} of 2027");
        if last > 0 {
            // One number that nobody has, and the others.
            let user = (hour % (last + 2)) as u16;
            let (length, digits) = digits_of(user);
            let system = 1 + (hour % 8) as u8;
            let areas = 1 << (hour / 8 % 32);
            let request = OpenClose {
                asks: Asks::User(user),
                opening: hour % 3 != 0,
                system,
                areas,
                remote: hour % 5 == 0,
                armed_by: user * (hour % 2) as u16,
                in_alarm: hour % 7 == 0,
            };
            writer.open_close(&name, request, time);
            writer.open_close(&name, OpenClose { asks: Asks::Code(length, digits), ..request }, time);
            let claimed = if hour % 4 == 0 { 1 } else { user };
            writer.open_close(&name, OpenClose { asks: Asks::UserAndCode(claimed, length, digits), ..request }, time);
        }
        let engineer = EngineerId(hour % (engineers + 2));
        let capabilities = Capabilities::from_bits_truncate(1 << (hour % 10));
        let site = if hour % 6 == 0 { SiteId(1 + hour % 64) } else { SITE };
        writer.engineer(&name, &EngineerRequest { engineer, site, capabilities }, time);
        let model = Model::named(if hour % 2 == 0 { "KH-1000" } else { "KH-2000" }).expect("a model");
        let versions = (Version([1 + (hour / 2 % 40) as u16, (hour % 12) as u16, 0, 0]), Version([(hour % 17) as u16, 0, 0, 0]));
        let update = Update { model, version: versions.0, installed: versions.1, image: ImageDigest([(hour % 256) as u8; 32]) };
        writer.update(&name, &UpdateRequest { engineer, site, update }, time);
    }
}

/// Questions at random while the ledger fills and the clock goes on, at times back or unknown.
fn at_random<D: Device>(writer: &mut Writer<D>, tables: &str, count: u32, last: u32, engineers: u32) {
    let mut dice = Dice(u64::from(last) + tables.len() as u64);
    let mut clock = MORNING;
    for number in 0..count {
        let most = if dice.one_in(4) { 400_000 } else { 4_000 };
        clock = clock.plus(i64::from(dice.below(most)));
        let time = match dice.below(8) {
            0 => Time::Unknown,
            1 => Time::Known(Instant(clock.0 - i64::from(dice.below(7_200)))),
            _ => Time::Known(clock),
        };
        let name = format!("{tables}, random {number}");
        let engineer = dice.below(engineers + 6);
        let site = if dice.one_in(4) { 1 + dice.below(64) } else { SITE.0 };
        let (system, areas) = dice.place();
        let trace = match dice.below(9) {
            0 => Trace::Test,
            1 => Trace::Extend(system, areas),
            2 => Trace::Window(system, areas),
            3 => Trace::Suspend(1 + dice.below(last.max(1)) as u16),
            4 => Trace::Grant(engineer),
            5 => Trace::Revoke(1 + dice.below(64)),
            6 => Trace::Lift,
            7 => Trace::Restrict,
            _ => Trace::Begin(engineer, site),
        };
        writer.leave(trace, time);
        if last > 0 {
            let user = dice.below(last + 10) as u16;
            let (system, areas) = dice.place();
            let (opening, remote, in_alarm) = (dice.one_in(2), dice.one_in(2), dice.one_in(4));
            let armed_by = if dice.one_in(2) { user } else { 0 };
            let request = OpenClose { asks: Asks::User(user), opening, system, areas, remote, armed_by, in_alarm };
            writer.open_close(&name, request, time);
            let (length, digits) =
                if dice.one_in(3) { digits(&[b'1'; 9][..dice.below(9) as usize]) } else { digits_of(dice.below(last + 10) as u16) };
            writer.open_close(&name, OpenClose { asks: Asks::Code(length, digits), ..request }, time);
            writer.open_close(&name, OpenClose { asks: Asks::UserAndCode(user, length, digits), ..request }, time);
        }
        let (engineer, site) = (EngineerId(engineer), SiteId(site));
        let capabilities = Capabilities::from_bits_truncate(dice.below(1 << 10) as u16 & dice.below(1 << 10) as u16);
        writer.engineer(&name, &EngineerRequest { engineer, site, capabilities }, time);
        let version = |dice: &mut Dice| Version([dice.below(40) as u16, dice.below(10) as u16, 0, 0]);
        let update = Update {
            model: Model::named(if dice.one_in(2) { "KH-1000" } else { "KH-2000" }).expect("a model"),
            version: version(&mut dice),
            installed: version(&mut dice),
            image: ImageDigest([dice.below(3) as u8; 32]),
        };
        writer.update(&name, &UpdateRequest { engineer, site, update }, time);
    }
}

fn receiver<D: Device>([sites, engineers, grants, authorisations]: [u32; 4], questions: u32, device: Box<D>) -> Script {
    let mut writer = Writer::new(device);
    let full = writer.blob(receiver_blob(sites, engineers, grants, authorisations, 1));
    let half = writer.blob(receiver_blob(sites, engineers / 2, grants / 4, authorisations / 2, 1));
    let bare = writer.blob(receiver_blob(1, 0, 0, 0, 1));
    writer.write(&Step::Calibration, "calibration", "a thousand and one", [0; 3]);
    for (tables, blob) in [("full", Some(full)), ("half full", Some(half)), ("nearly empty", Some(bare)), ("no policy", None)] {
        writer.fresh();
        if let Some(blob) = blob {
            let kind = if blob == full { "blob" } else { "-" };
            writer.install(kind, "full", blob);
        }
        for question in question::engineer_checks() {
            writer.engineer(&format!("{tables}, {}", question.name), &question.request, question.time);
        }
        for question in question::firmware_checks() {
            writer.update(&format!("{tables}, {}", question.name), &question.request, question.time);
        }
    }
    writer.fresh();
    writer.install("blob", "full", full);
    hours(&mut writer, questions.min(HOURS), 0, engineers);
    let rest = questions.saturating_sub(HOURS).div_ceil(3).max(100);
    for (tables, blob) in [("full", full), ("half full", half), ("nearly empty", bare)] {
        writer.fresh();
        writer.install("-", "", blob);
        at_random(&mut writer, tables, rest, 0, engineers);
    }
    writer.script
}
