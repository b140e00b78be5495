//! What is asked where instructions are counted, on the host and by the images of `firmware-example/measure`: at least 10,000 different questions of each kind,
//! with the answers they have to get.
//!
//! Every reason there is, on tables full, half full, nearly empty and empty, whoever asks by number, code or both (`tests/reasons.rs` has the list); every
//! hour of a year with both of its clock changes; and at random while the ledger fills and the clock runs, steps back and gets lost.

use std::fmt::Write as _;

use keyholder::engineer::{Capabilities, EngineerId, SiteId};
use keyholder::firmware::{ImageDigest, Model, Version};
use keyholder::time::{Instant, Time};
use keyholder::{ActRequest, Decision, EngineerRequest, SessionRequest, Update, UpdateRequest, Verdict};
use keyholder::{LargePanel, SmallPanel, SmallReceiver, StandardPanel, StandardReceiver};
use keyholder_measure_script::{Asks, Deed, OpenClose, Step, Trace};

use crate::floor;
use crate::question::{self, MORNING, Question, Remote};
use crate::site::{CODE_KEY, ISSUED, ReceiverSize, Rows, SITE, Setting, Size, at, cloud_key, digits, digits_of, user};

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
        let keys = keyholder::blob::Keys::only(cloud_key());
        Some(match name {
            "panel-small" => Self::of_panel(&Size::SMALL, questions, Box::new(SmallPanel::new(SITE, keys, CODE_KEY))),
            "panel-standard" => Self::of_panel(&Size::standard(256), questions, Box::new(StandardPanel::new(SITE, keys, CODE_KEY))),
            "receiver-small" => Self::of_receiver(&ReceiverSize::SMALL, questions, Box::new(SmallReceiver::new(SITE, keys))),
            "receiver-standard" => Self::of_receiver(&ReceiverSize::STANDARD, questions, Box::new(StandardReceiver::new(SITE, keys))),
            _ => return None,
        })
    }

    /// What a new panel of that size is asked, with that many questions of each kind. It is asked at once.
    pub fn of_panel<D: Device>(size: &Size, questions: u32, device: Box<D>) -> Self {
        let last = size.contacts;
        let rows = Rows::of(size);
        let half = Size { contacts: last / 2, holidays: size.holidays / 2, windows: size.windows / 2, grants: size.grants / 2, ..*size };
        let sizes = [*size, half, Size { setting: Setting::Lenient, ..*size }, Size { setting: Setting::Strict, ..*size }, Size::BARE];
        let mut writer = Writer::new(device, sizes.map(|size| Rows::of(&size).blob(1)));
        let floor = writer.blob(floor::c::Floor::new(&rows).image());
        writer.write(&Step::Calibration, "calibration", "a thousand and one", [0; 3]);
        writer.write(&Step::Hmac, "HMAC-SHA-256", "of a code", [0; 3]);
        let mut users = question::user_checks(last);
        users.extend(question::further_checks().into_iter().map(|(_, question)| question));
        let codes = question::identifications(last);
        let by_code = users.iter().cloned().map(Question::by_code).chain(codes.iter().cloned()).collect();
        let by_both = users.iter().chain(&codes).cloned().map(|question| question.by_number_and_code(user::FIRST)).collect();
        writer.everything(&[users, by_code, by_both]);
        // The floor, whose contacts remember as well: a site of its own for each question.
        for question in question::user_checks(last) {
            writer.unmeasured(&Step::Floor(floor));
            let mut c = floor::c::Floor::new(&rows);
            for count in 0..=question.prior {
                let time = question.time(count);
                let (verdict, reason, event) = c.open_close(&question.request(), time);
                let kind = if count == question.prior { "floor" } else { "-" };
                writer.write(&Step::AskFloor(question.asked(count), seconds(time)), kind, question.name, [verdict, reason, event]);
            }
        }
        writer.many(questions, u32::from(last), size.engineers);
        writer.script
    }

    /// The same for a receiver.
    fn of_receiver<D: Device>(size: &ReceiverSize, questions: u32, device: Box<D>) -> Self {
        let half =
            ReceiverSize { engineers: size.engineers / 2, grants: size.grants / 4, authorisations: size.authorisations / 2, ..*size };
        let lenient = ReceiverSize { setting: Setting::Lenient, ..*size };
        let sizes = [*size, half, lenient, ReceiverSize { setting: Setting::Strict, ..*size }, ReceiverSize::BARE];
        let mut writer = Writer::new(device, sizes.map(|size| size.blob(1)));
        writer.write(&Step::Calibration, "calibration", "a thousand and one", [0; 3]);
        writer.everything(&[]);
        writer.many(questions, 0, size.engineers);
        writer.script
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

/// A device on the host that is asked.
pub trait Device: Clone {
    /// Whether it is installed.
    fn install(&mut self, blob: &[u8], time: Time) -> bool;
    /// A panel only.
    fn open_close(&mut self, request: &keyholder::OpenClose<'_>, time: Time) -> Decision;
    /// A panel only.
    fn act(&mut self, request: &ActRequest<'_>, time: Time);
    /// May the engineer do this?
    fn engineer(&mut self, request: &EngineerRequest, time: Time) -> Decision;
    /// A session.
    fn begin(&mut self, request: &SessionRequest, time: Time);
    /// May the engineer install this?
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
panels!(SmallPanel, StandardPanel, LargePanel);

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

/// The blobs of every script, by their numbers; the first is the key they are signed with.
const FULL: u8 = 1;
const HALF: u8 = 2;
const LENIENT: u8 = 3;
const STRICT: u8 = 4;
const BARE: u8 = 5;

/// Writes a script and asks the host's device the same, for the answers.
struct Writer<D> {
    script: Script,
    new: Box<D>,
    kept: Box<D>,
    device: Box<D>,
}

impl<D: Device> Writer<D> {
    /// With the blobs of `FULL` to `BARE`.
    fn new(device: Box<D>, blobs: [Vec<u8>; 5]) -> Self {
        let blobs = [cloud_key().0.to_vec()].into_iter().chain(blobs).collect();
        let script = Script { blobs, steps: Vec::new(), lines: String::new() };
        Self { script, new: device.clone(), kept: device.clone(), device }
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

    /// The device is remembered as it is.
    fn keep(&mut self) {
        self.kept.clone_from(&self.device);
        self.unmeasured(&Step::Keep);
    }

    /// The device is again as it was remembered.
    fn back(&mut self) {
        self.device.clone_from(&self.kept);
        self.unmeasured(&Step::Back);
    }

    /// Only what it takes to install full tables is counted.
    fn install(&mut self, blob: u8) {
        let (kind, name) = if blob == FULL { ("blob", "full") } else { ("-", "") };
        let is_installed = self.device.install(&self.script.blobs[usize::from(blob)], Time::Known(ISSUED));
        assert!(is_installed, "blob {blob}");
        self.write(&Step::Install(blob, Some(ISSUED.0)), kind, name, [Verdict::Allow as u8, Decision::REFUSED.reason as u8, 0]);
    }

    fn open_close(&mut self, name: &str, asked: OpenClose, time: Time) {
        let kind = match asked.asks {
            Asks::User(_) => "user check",
            Asks::Code(..) => "code",
            Asks::UserAndCode(..) => "number and code",
        };
        let code = asked.asks.code();
        let answer = self.device.open_close(&asked.request(&code).expect("a place"), time);
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
        match trace.deed().expect("a place") {
            Deed::Act(request) => self.device.act(&request, time),
            Deed::Begin(request) => self.device.begin(&request, time),
        }
        self.unmeasured(&Step::Trace(trace, seconds(time)));
    }

    /// Every named question, on every kind of tables.
    fn everything(&mut self, of_contacts: &[Vec<Question>]) {
        let blobs = [("full", FULL), ("half full", HALF), ("lenient", LENIENT), ("strict", STRICT), ("nearly empty", BARE)];
        let tables = blobs.map(|(tables, blob)| (tables, Some(blob)));
        for (tables, blob) in tables.into_iter().chain([("no policy", None)]) {
            self.fresh();
            if let Some(blob) = blob {
                self.install(blob);
            }
            self.keep();
            for questions in of_contacts {
                self.of_contacts(tables, questions.clone());
            }
            self.of_engineers(tables, question::engineer_checks(), Self::engineer);
            self.of_engineers(tables, question::firmware_checks(), Self::update);
        }
    }

    fn of_contacts(&mut self, tables: &str, mut questions: Vec<Question>) {
        // What a question needs to have been asked before must not stay for the others, and no time may come before one that was known already.
        questions.sort_by_key(|question| (question.prior > 0, order(question.time)));
        let mut is_clean = false;
        for question in questions {
            if !is_clean || question.prior > 0 {
                self.back();
            }
            is_clean = question.prior == 0;
            for count in 0..=question.prior {
                self.open_close(&format!("{tables}, {}", question.name), question.asked(count), question.time(count));
            }
        }
    }

    fn of_engineers<R>(&mut self, tables: &str, mut questions: Vec<Remote<R>>, ask: fn(&mut Self, &str, &R, Time)) {
        questions.sort_by_key(|question| (question.before.is_some(), order(question.time)));
        let mut is_clean = false;
        for question in questions {
            if !is_clean || question.before.is_some() {
                self.back();
            }
            is_clean = question.before.is_none();
            if let Some((trace, time)) = question.before {
                self.leave(trace, time);
            }
            ask(self, &format!("{tables}, {}", question.name), &question.request, question.time);
        }
    }

    /// Questions that are not named: so many of each kind, of a panel whose last contact is `last`.
    fn many(&mut self, questions: u32, last: u32, engineers: u32) {
        let in_order = questions.min(HOURS);
        self.fresh();
        self.install(FULL);
        hours(self, in_order, last, engineers);
        // What is left of the number, a third for each filling.
        let rest = (questions - in_order).div_ceil(3);
        for (tables, blob) in [("full", FULL), ("half full", HALF), ("nearly empty", BARE)] {
            self.fresh();
            self.install(blob);
            at_random(self, tables, rest, last, engineers);
        }
    }
}

/// Unknown times come last.
fn order(time: Time) -> i64 {
    seconds(time).unwrap_or(i64::MAX)
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
