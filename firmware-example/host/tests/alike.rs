//! The panel in Rust and the one in C are two programs: whatever both are sent, they answer, report and log the same.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails has to say so")]

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, thread};

use keyholder::act::Act;
use keyholder::contact::UserNumber;
use keyholder::engineer::{Capabilities, EngineerId, GrantId, SiteId};
use keyholder::firmware::{ImageDigest, Model, Version};
use keyholder::place::{AreaList, Areas, Place};
use keyholder::schedule::Span;
use keyholder::time::{Date, Instant, Time, Weekdays};
use keyholder::{Action, EngineerRequest, SessionRequest, Update, UpdateRequest};
use keyholder_host::bench::Bench;
use keyholder_host::dice::Dice;
use keyholder_host::emulator::{Language, Start};
use keyholder_host::logs::Logs;
use keyholder_host::site::Site;
use keyholder_host::wire::Answer;
use keyholder_line::frame::{Frame, Payload};
use keyholder_line::request::{Asker, By, Request, kind};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/sites").join(name)
}

/// Two panels of one site: one in each language, with the same policy and keypads for the same areas.
fn both(site: &str, areas: u32) -> [(Site, Bench); 2] {
    let path = file(site);
    [Language::Rust, Language::C].map(|language| {
        let site = Site::of(&path, language).unwrap();
        let mut bench = Bench::fresh(site.firmware(), &site.identity(areas)).unwrap();
        bench.start(Start::BENCH).unwrap().wire.install(&site.blob(1).unwrap()).unwrap();
        (site, bench)
    })
}

/// Monday, 2026-11-23, 00:00 in London.
const MONDAY: i64 = 1_795_392_000;

/// Somebody who is known to a site.
#[derive(Default)]
struct Person {
    user: u16,
    code: String,
    passcode: String,
}

/// Makes up questions that both panels understand, with the people of a site and others.
struct Questioner {
    dice: Dice,
    people: Vec<Person>,
    site: u32,
    /// What the panels' clocks say: they hardly ever go back, for then time is unknown.
    now: i64,
}

impl Questioner {
    fn of(path: &Path, dice: Dice) -> Self {
        let (mut people, mut site) = (Vec::<Person>::new(), 0);
        for line in fs::read_to_string(path).unwrap().lines() {
            let Some((name, value)) = line.split_once(" = ") else { continue };
            let word = value.trim_matches('"').to_owned();
            match (name, people.last_mut()) {
                ("site", None) => site = value.parse().unwrap(),
                ("user", _) => people.push(Person { user: value.parse().unwrap(), ..Person::default() }),
                ("code", Some(person)) => person.code = word,
                ("passcode", Some(person)) => person.passcode = word,
                _ => {}
            }
        }
        Self { dice, people, site, now: MONDAY }
    }

    fn one_of<T: Clone>(&mut self, things: &[T]) -> T {
        things.get(self.dice.throw(things.len() as u64) as usize).cloned().unwrap()
    }

    fn one_in(&mut self, sides: u64) -> bool {
        self.dice.throw(sides) == 0
    }

    /// Somebody's number, or one that is nobody's.
    fn user(&mut self) -> UserNumber {
        let index = self.dice.throw(self.people.len() as u64 + 1) as usize;
        UserNumber(self.people.get(index).map_or(999, |person| person.user))
    }

    /// How somebody asks, and with what, which is right as a rule.
    fn asker(&mut self) -> (By, UserNumber, Vec<u8>) {
        let by = By::numbered(1 + self.dice.throw(5) as u8).unwrap();
        if self.one_in(12) {
            let text: &[u8] = self.one_of(&[&b""[..], b"1111", b"471", b"123456789", b"bluebell", b"no such word", &[0xff; 45]]);
            return (by, self.user(), text.to_vec());
        }
        let index = self.dice.throw(self.people.len() as u64) as usize;
        let person = self.people.get(index).unwrap();
        let text = if matches!(by, By::Passcode | By::UserAndPasscode) { &person.passcode } else { &person.code };
        (by, UserNumber(person.user), text.clone().into_bytes())
    }

    fn place(&mut self) -> Place {
        let system = if self.one_in(8) { 2 } else { 1 };
        Place::new(system, Areas(1 + self.dice.throw(7) as u32)).unwrap()
    }

    fn list(&mut self) -> AreaList {
        if self.one_in(2) { AreaList::ALL } else { self.place().into() }
    }

    fn session(&mut self) -> SessionRequest {
        let site = self.one_of(&[self.site, self.site, self.site, 18]);
        SessionRequest { engineer: EngineerId(self.one_of(&[1, 2, 3, 4, 5, 77])), site: SiteId(site) }
    }

    fn act(&mut self) -> Act {
        let minutes = self.one_of(&[0, 1, 15, 60, 240, 1440, 1441, u16::MAX]);
        let mut minute = || self.one_of(&[0, 480, 540, 1020, 1080, 1439, 1440, 2000, u16::MAX]);
        let (opens_from, must_be_open_by, closes_from, must_be_closed_by) = (minute(), minute(), minute(), minute());
        let span = Span { layer: 0, weekdays: Weekdays::empty(), opens_from, must_be_open_by, closes_from, must_be_closed_by };
        match self.dice.throw(14) {
            0 => Act::CancelAlarm,
            1 => Act::EditCustomer,
            2 => Act::ReceiveInformation,
            3 => Act::Test { areas: self.list(), minutes },
            4 => Act::EndTest { areas: self.list() },
            5 => Act::ExtendClosing { place: self.place(), minutes },
            6 => {
                let today = self.now.div_euclid(86_400) as i32;
                let date = Date(today + self.one_of(&[-1, 0, 0, 1, 7]));
                Act::SetSpan { schedule: self.dice.throw(4) as u8, date, span: if self.one_in(3) { None } else { Some(span) } }
            }
            7 => Act::OpenWindow { place: self.place(), minutes },
            8 => Act::Suspend(self.user()),
            9 => Act::Reinstate(self.user()),
            10 => Act::Grant { engineer: self.session().engineer, answers_request: self.one_in(2) },
            11 => Act::Revoke(GrantId(self.one_of(&[1, 2, 1 << 31, (1 << 31) + 1]))),
            12 => Act::Lift,
            _ => Act::Restrict,
        }
    }

    fn update(&mut self) -> UpdateRequest {
        let SessionRequest { engineer, site } = self.session();
        let mut version = || Version([2, self.dice.throw(3) as u16, self.dice.throw(3) as u16, 0]);
        let (version, installed) = (version(), version());
        let update =
            Update { version, installed, model: Model::named("KH-2").unwrap(), image: ImageDigest([self.dice.throw(2) as u8; 32]) };
        UpdateRequest { engineer, site, update }
    }

    /// A question's kind and payload.
    fn question(&mut self) -> (u8, Payload) {
        match self.dice.throw(16) {
            0..3 => {
                self.now += self.dice.throw(3 * 3600).cast_signed();
                let time = self.one_of(&[self.now, self.now, self.now, self.now, self.now - 30, i64::MIN]);
                let time = if time == i64::MIN { Time::Unknown } else { Time::Known(Instant(time)) };
                Request::Clock { time, held: true }.write()
            }
            3..7 => {
                let (by, user, text) = self.asker();
                let action = self.one_of(&[Action::Open, Action::Close]);
                let armed_by = self.one_in(3).then(|| self.user());
                let (place, remote, in_alarm) = (self.place(), self.one_in(4), self.one_in(6));
                Request::OpenClose { asker: Asker { by, user, text: &text }, action, place, remote, in_alarm, armed_by }.write()
            }
            7..11 => {
                let (by, user, text) = self.asker();
                let (act, remote) = (self.act(), self.one_in(3));
                Request::Act { asker: Asker { by, user, text: &text }, act, remote }.write()
            }
            11 => {
                let SessionRequest { engineer, site } = self.session();
                let capabilities = Capabilities::from_bits_truncate(1 << self.dice.throw(10));
                Request::Engineer(EngineerRequest { engineer, site, capabilities }).write()
            }
            12 => Request::BeginSession(self.session()).write(),
            13 if self.one_in(2) => Request::EndSession(self.session()).write(),
            13 => Request::Update(self.update()).write(),
            14 => Request::Supervise { armed: self.one_in(2).then(|| self.list()) }.write(),
            _ => {
                let part: Vec<u8> = (0..=self.dice.throw(144)).map(|_| self.dice.throw(256) as u8).collect();
                let offset = self.dice.throw(2) as u32;
                // Its further parts are there only once the first was asked for, and not always then.
                let report = Request::Report { offset: self.one_of(&[0, 0, 0, 1, 240, u16::MAX]) };
                let of_blob = Request::BlobPart { offset, bytes: &part };
                self.one_of(&[Request::BlobBegin(&part), of_blob, Request::BlobEnd, Request::State, report.clone(), report]).write()
            }
        }
    }
}

/// Sends both the same frame and holds what they answer against each other.
fn same_answer(panels: &mut [(Site, Bench); 2], frame: &Frame) -> Answer {
    let [rust, c] = panels.each_mut().map(|(_, bench)| {
        let wire = &mut bench.running().unwrap().wire;
        wire.send(&frame.to_bytes()).unwrap();
        wire.answer_to(frame.tag).unwrap()
    });
    assert_eq!(rust, c, "asked {:#04x} {:?}", frame.kind, frame.payload.as_slice());
    rust
}

/// Holds what they have reported against each other, which comes behind the answers. Returns how much it was.
fn same_reports(panels: &mut [(Site, Bench); 2]) -> usize {
    let [rust, c] = panels.each_mut().map(|(_, bench)| {
        let running = bench.running().unwrap();
        running.state().unwrap();
        running.wire.told_so_far()
    });
    assert_eq!(rust, c);
    rust.len()
}

/// The decisions that each has logged, with their exact reasons.
fn same_decisions_in_log(panels: &[(Site, Bench); 2], count: usize) {
    let decisions = |logs: &Logs| {
        let mut lines = logs.since(0);
        lines.retain(|line| line.contains(", user "));
        lines
    };
    let [rust, c] = panels.each_ref().map(|(_, bench)| bench.logs());
    // The log has a way of its own, and comes when it comes.
    let by = std::time::Instant::now() + Duration::from_secs(10);
    while [&rust, &c].into_iter().any(|logs| decisions(logs).len() < count) && std::time::Instant::now() < by {
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(decisions(&rust), decisions(&c));
    assert_eq!(decisions(&rust).len(), count);
}

fn answers_alike(site: &str, seed: u64) {
    let mut panels = both(site, 0);
    let mut questioner = Questioner::of(&file(site), Dice::new(seed));
    let (mut allowed, mut denied) = (0, 0);
    for number in 0..3000_u32 {
        let (mut kind, mut payload) = questioner.question();
        // Now and then something that makes no sense.
        match questioner.dice.throw(60) {
            0 => kind = questioner.dice.throw(256) as u8,
            1 => payload.truncate(questioner.dice.throw(payload.len() as u64 + 1) as usize),
            2 => _ = payload.push(questioner.dice.throw(256) as u8),
            _ => {}
        }
        match same_answer(&mut panels, &Frame::new(kind, 1 + (number % 255) as u8, payload)) {
            Answer::Decision(decided) if decided.verdict != 0 => allowed += 1,
            Answer::Decision(_) => denied += 1,
            _ => {}
        }
    }
    let reports = same_reports(&mut panels);
    println!("{site}: {allowed} times allowed and {denied} times denied, {reports} reports, alike in Rust and in C");
    assert!(allowed > 40 && denied > 500 && reports > 50, "{allowed} {denied} {reports}");
    same_decisions_in_log(&panels, allowed + denied);
}

#[test]
fn the_panels_answer_questions_at_random_alike() {
    let sites = ["demo/bookshop.toml", "manitou/policy.toml", "total-connect/policy.toml", "stratocast/panel.policy.toml"];
    thread::scope(|scope| {
        for (seed, site) in (1..).zip(sites) {
            scope.spawn(move || answers_alike(site, seed));
        }
    });
}

#[test]
fn the_panels_take_the_same_keys_alike() {
    let mut panels = both("demo/bookshop.toml", 3);
    let entries = [
        "4711#",
        "4711#",
        // A 7 that is still held while somebody presses 1.
        "4&71&11#",
        "*#",
        "#",
        "12*4711#",
        "12**4711#",
        "0*4711#",
        "1000*4711#",
        "12*4712#",
        "12*#",
        "999999*4711#",
        "99999999999999#",
    ];
    let shown = entries.map(|entry| {
        let [rust, c] = panels.each_mut().map(|(_, bench)| {
            let running = bench.running().unwrap();
            running.set_clock(Time::Known(Instant(MONDAY + 9 * 3600)), true).unwrap();
            running.screen.type_keys(entry).unwrap();
            // Whatever was shown and reported has come when the finger has gone and this is answered.
            running.state().unwrap();
            let (view, told) = (running.screen.view(), running.wire.told_so_far());
            // The seconds that are left to leave are not the same at two looks.
            let second = view.lines.last().cloned();
            (second, view.outputs, told)
        });
        assert_eq!(rust, c, "{entry}");
        rust.0.unwrap()
    });
    assert_eq!(shown.get(2).map(String::as_str), Some("ACCEPTED"), "{shown:?}");
    assert!(shown.contains(&"NOT ACCEPTED".to_owned()), "{shown:?}");
    same_decisions_in_log(&panels, 11);
}

#[test]
fn the_panels_are_broken_by_no_frame() {
    let mut panels = both("demo/bookshop.toml", 3);
    let mut dice = Dice::new(3);
    for number in 0..2000_u32 {
        let length = dice.throw(100);
        let payload: Payload = (0..length).map(|_| dice.throw(256) as u8).collect();
        let kinds =
            [kind::CLOCK, kind::ENGINEER, kind::SUPERVISE, kind::STATE, kind::BLOB_BEGIN, kind::BLOB_PART, kind::BLOB_END, 0, 0x13, 0xff];
        let kind = kinds.get(dice.throw(kinds.len() as u64) as usize).copied().unwrap_or(0);
        same_answer(&mut panels, &Frame::new(kind, 1 + (number % 255) as u8, payload));
    }
    same_reports(&mut panels);
}

#[test]
fn a_digit_too_many_makes_a_code_a_wrong_one() {
    let path = std::env::temp_dir().join(format!("keyholder-ninth-{}.toml", std::process::id()));
    let text = fs::read_to_string(file("demo/bookshop.toml")).unwrap();
    let longest = "[[contact]]\nuser = 999\nname = \"Nina\"\npermissions = [\"anytime\"]\ncode = \"12345678\"\n";
    fs::write(&path, format!("{text}\n{longest}")).unwrap();
    for language in [Language::Rust, Language::C] {
        let site = Site::of(&path, language).unwrap();
        let mut bench = Bench::fresh(site.firmware(), &site.identity(3)).unwrap();
        let running = bench.start(Start::BENCH).unwrap();
        running.wire.install(&site.blob(1).unwrap()).unwrap();
        for (entry, shown) in
            [("999*123456789#", "NOT ACCEPTED"), ("00000999*123456789999#", "NOT ACCEPTED"), ("999*12345678#", "ACCEPTED")]
        {
            running.screen.type_keys(entry).unwrap();
            let seen = running.screen.wait(Duration::from_secs(10), |view| view.lines.last().is_some_and(|line| line == shown));
            assert!(seen.is_ok(), "{language:?}, {entry}: {seen:?}");
        }
    }
    fs::remove_file(&path).unwrap();
}

/// What both panels say the time is once they have been told that it is `seconds`.
fn time_after(panels: &mut [(Site, Bench); 2], seconds: i64) -> i64 {
    let [rust, c] = panels.each_mut().map(|(_, bench)| {
        let running = bench.running().unwrap();
        running.set_clock(Time::Known(Instant(seconds)), true).unwrap();
        running.state().unwrap().time
    });
    assert_eq!(rust, c, "{seconds}");
    rust
}

#[test]
fn the_panels_know_the_same_time() {
    /// 2020-01-01 and 2100-01-01: an earlier year tells that the chip is not to be believed, and from then on its leap years are wrong.
    const CHIP: core::ops::Range<i64> = 1_577_836_800..4_102_444_800;
    let mut panels = both("demo/bookshop.toml", 0);
    let edges = [CHIP.start - 86_400, CHIP.start - 1, CHIP.start, CHIP.start + 1, CHIP.end - 86_400, CHIP.end - 1, CHIP.end + 366 * 86_400];
    // The 29th of February of 2024 and 2096.
    let leap_days = [1_709_164_800, 3_981_312_000].into_iter().flat_map(|day| (-1..=2).map(move |days| day + days * 86_400));
    let mut dice = Dice::new(4);
    let years = CHIP.end - CHIP.start;
    let others: Vec<_> = (0..300).map(|_| CHIP.start + dice.throw(years.cast_unsigned()).cast_signed()).collect();
    for seconds in edges.into_iter().chain(leap_days).chain(others).chain([0, i64::MAX, -1]) {
        let known = if CHIP.contains(&seconds) { seconds } else { i64::MIN };
        assert_eq!(time_after(&mut panels, seconds), known, "{seconds}");
    }
}

#[test]
fn the_clocks_of_both_panels_go_on_through_a_leap_day() {
    /// A day in two seconds.
    const RATE: u32 = 40_000;
    /// 2028-02-28, 23:00:00.
    const BEGIN: i64 = 1_835_391_600;
    let path = file("demo/bookshop.toml");
    for language in [Language::Rust, Language::C] {
        let site = Site::of(&path, language).unwrap();
        let mut bench = Bench::fresh(site.firmware(), &site.identity(0)).unwrap();
        let running = bench.start(Start { rate: RATE, ..Start::BENCH }).unwrap();
        let mut begun = std::time::Instant::now();
        // At that rate the chip may have gone on too far for the driver to believe that it was set.
        for _ in 0..100 {
            if running.state().unwrap().time == i64::MIN {
                begun = std::time::Instant::now();
                running.set_clock(Time::Known(Instant(BEGIN)), true).unwrap();
            }
        }
        let mut last = BEGIN;
        while last < BEGIN + 3 * 86_400 {
            let time = running.state().unwrap().time;
            // Between two readings, which have to agree, it may have gone on too far as well.
            if time == i64::MIN {
                assert!(begun.elapsed() < Duration::from_secs(60), "{language:?}: the clock is never believed");
                continue;
            }
            // The chip and this computer do not begin at the same moment, and either may be busy.
            let longest = begun.elapsed().as_secs_f64() * f64::from(RATE) + f64::from(RATE);
            assert!(time >= last && time - BEGIN <= longest as i64, "{language:?}: {time} after {last}");
            assert!(begun.elapsed() < Duration::from_secs(60), "{language:?}: the clock stands still at {time}");
            last = time;
        }
    }
}
