//! Random question sequences, concentrated where answers change.

use super::acts::{FIRST_LOCAL_GRANT, is_permitted};
use super::calendar::{days_later, end_of_lift};
use super::generate::{MODELS, Rng, Scene, digits, part_of, span, version};
use super::model::*;
use super::question::*;

/// How many days around the base the clock wanders.
const DAYS: i32 = 4;

/// Questions in the order in which they are asked, the clock mostly going forward.
pub fn questions(rng: &mut Rng, scene: &Scene, count: usize) -> Vec<Question> {
    let crowd = Crowd::some(rng, scene);
    let clocks = clocks(rng, scene, count, crowd.is_some());
    let mut asker = Asker { rng, scene, crowd, wrong_codes_to_come: 0, grants: 0 };
    clocks.into_iter().map(|clock| Question { clock, subject: asker.subject() }).collect()
}

/// Every instant at which something about the policy changes, near the base.
fn interesting(rng: &mut Rng, scene: &Scene) -> Vec<i64> {
    let site = &scene.policy.site;
    let access = &scene.policy.access;
    let zone = &site.zone;
    let today = zone.wall_clock(scene.base).date;
    let mut instants = vec![scene.base];
    let some_date = |rng: &mut Rng| days_later(today, rng.minute(-DAYS, DAYS));

    instants.extend(zone.changes_after(scene.base - 4 * 86_400).take(1));
    for days in -DAYS..=DAYS {
        instants.push(zone.first_reading(days_later(today, days), 0));
        instants.push(end_of_lift(scene.base + 86_400 * i64::from(days)));
    }
    let layers = site.schedules.iter().flat_map(|schedule| &schedule.layers);
    for span in layers.flat_map(|layer| &layer.spans) {
        let options = &site.options;
        let minutes = [
            span.opens_from - options.early_margin,
            span.opens_from - options.early_margin / 2,
            span.opens_from,
            span.must_be_open_by.unwrap_or(span.opens_from),
            span.closes_from,
            span.must_be_closed_by,
            span.must_be_closed_by + options.late_margin / 2,
            span.must_be_closed_by + options.late_margin,
        ];
        for minute in minutes {
            instants.push(zone.first_reading(some_date(rng), minute));
        }
    }
    for window in &site.windows {
        instants.push(zone.first_reading(some_date(rng), window.from));
        instants.push(zone.first_reading(some_date(rng), window.until));
    }
    for (from, until) in site.contacts.iter().filter_map(|contact| contact.validity) {
        instants.extend([from, until]);
    }
    for grant in &access.grants {
        instants.extend([grant.from, grant.until]);
        instants.extend(grant.begin_by);
    }
    for authorisation in &access.authorisations {
        instants.extend([authorisation.from, authorisation.until]);
    }
    instants.extend(access.sites.iter().filter_map(|site| site.lifted_at));
    let furthest = i64::from(DAYS + 1) * 86_400;
    instants.retain(|instant| (instant - scene.base).abs() <= furthest);
    instants
}

/// `slow`: the clock hardly moves between questions.
fn clocks(rng: &mut Rng, scene: &Scene, count: usize, slow: bool) -> Vec<Option<i64>> {
    let instants = interesting(rng, scene);
    let mut ahead: Vec<i64> = (0..count)
        .map(|_| {
            let jitter = match rng.count(0, 9) {
                0..=3 => 0,
                4 => -1,
                5 => 1,
                6 => *rng.pick(&[-60, -59, 59, 60]),
                7 => *rng.pick(&[-7200, -3600, -1800, 1800, 3600, 7200]),
                _ => rng.between(-7300, 7300),
            };
            rng.pick(&instants) + jitter
        })
        .collect();
    ahead.sort_unstable();
    if rng.percent(3) {
        // The last tenth comes after a long time in a drawer.
        let asleep = 86_400 * rng.between(20, 400);
        ahead.iter_mut().skip(count - count / 10).for_each(|instant| *instant += asleep);
    }

    let mut highest = ahead.first().copied().unwrap_or(scene.base);
    let mut clocks = Vec::new();
    for instant in ahead {
        let tolerance = scene.policy.clock_tolerance;
        let clock = match rng.count(0, 99) {
            20.. if slow => Some(highest + *rng.pick(&[0, 0, 1, 10, 60])),
            0..=5 => None,
            6..=8 => Some(highest - tolerance),
            9..=11 => Some(highest - tolerance - 1),
            12 => Some(highest - rng.between(0, 30 * 86_400)),
            13 => Some(*rng.pick(&[-1, i64::MIN, i64::MAX, 16_725_225_600])),
            14..=40 => {
                let lockout = scene.policy.site.options.lockout_seconds;
                Some(highest + *rng.pick(&[0, 0, 1, 59, 60, lockout - 1, lockout, 900, 3600]))
            }
            _ => Some(instant),
        };
        if let Some(clock) = clock.filter(|clock| (0..16_725_225_600).contains(clock)) {
            highest = highest.max(clock);
        }
        clocks.push(clock);
    }
    clocks
}

/// What everybody wants to do at once, until the device cannot remember one more.
#[derive(Clone, Copy)]
enum Crowd {
    Openings,
    Tests,
    Windows,
    Spans,
    Grants,
}

impl Crowd {
    fn some(rng: &mut Rng, scene: &Scene) -> Option<Self> {
        let site = &scene.policy.site;
        let areas: usize = site.areas.iter().map(|place| place.areas.len()).sum();
        let crowd = match rng.count(0, 24) {
            0..=5 if areas > 16 => Self::Openings,
            6 => Self::Tests,
            7 => Self::Windows,
            8 => Self::Spans,
            9 => Self::Grants,
            _ => return None,
        };
        Some(crowd)
    }
}

struct Asker<'a> {
    rng: &'a mut Rng,
    scene: &'a Scene,
    crowd: Option<Crowd>,
    wrong_codes_to_come: usize,
    grants: usize,
}

impl Asker<'_> {
    fn site(&self) -> &Site {
        &self.scene.policy.site
    }

    fn subject(&mut self) -> Subject {
        if let Some(crowd) = self.crowd
            && self.rng.percent(70)
        {
            return self.one_of(crowd);
        }
        let kind = self.rng.count(0, 99);
        let (engineer, site) = self.engineer_and_site();
        match kind {
            0..=48 => Subject::OpenClose(self.open_close()),
            49..=64 => self.act(),
            65..=75 => {
                let capabilities = match self.rng.count(0, 19) {
                    0 => Vec::new(),
                    1..=5 => self.rng.some_of(&Capability::ALL, 20),
                    _ => vec![*self.rng.pick(&Capability::ALL)],
                };
                Subject::Use { engineer, site, capabilities }
            }
            76..=81 => Subject::BeginSession { engineer, site },
            82..=83 => Subject::EndSession { engineer, site },
            84..=90 => Subject::Firmware(self.firmware(engineer, site)),
            _ => Subject::Tick { armed: self.armed() },
        }
    }

    /// What the crowd does, by somebody who probably may.
    fn one_of(&mut self, crowd: Crowd) -> Subject {
        let site = &self.scene.policy.site;
        if let Crowd::Openings = crowd {
            let place = self.rng.pick(&site.areas);
            let place = Place { system: place.system, areas: vec![*self.rng.pick(&place.areas)] };
            let who = self.one_with(|flags| flags.within_temp_open && !flags.anytime && !flags.guest);
            return Subject::OpenClose(OpenClose { who, direction: Direction::Open, place, armed_by: None, in_alarm: false });
        }
        let areas = self.rng.pick(&site.areas).clone();
        let (who, act) = match crowd {
            Crowd::Openings | Crowd::Tests => {
                let place = Place { areas: self.rng.some_of(&areas.areas, 50), ..areas };
                let target = if place.areas.is_empty() { TestTarget::EntireCustomer } else { TestTarget::Place(place) };
                (self.one_with(|flags| flags.test_all), Act::StartTest { target, minutes: self.rng.between(0, 60) })
            }
            Crowd::Windows => {
                let act = Act::OpenWindow { place: areas, minutes: self.rng.between(1, 30) };
                (self.one_with(|flags| flags.change_schedule), act)
            }
            Crowd::Spans => {
                let today = site.zone.wall_clock(self.scene.base).date;
                let date = days_later(today, self.rng.minute(0, 2 * DAYS));
                let act = Act::SetTemporarySpan { schedule: self.schedule(), date, span: self.some_span() };
                (self.one_with(|flags| flags.change_schedule), act)
            }
            Crowd::Grants => {
                self.grants += 1;
                let engineer = self.engineer();
                (self.one_with(|flags| flags.master_user), Act::GrantOnTheSpot { engineer })
            }
        };
        Subject::Act(who, act)
    }

    /// Somebody with these flags who is not held back, if there is anybody, told apart by number.
    fn one_with(&mut self, flags: impl Fn(&Flags) -> bool) -> Who {
        let free = |contact: &&Contact| {
            let has = contact.flags;
            let held_back = has.suspended || has.powerless || contact.validity.is_some() || contact.use_limit != UseLimit::Unlimited;
            flags(&has) && !held_back && contact.own_areas.is_none()
        };
        let contact = self.scene.policy.site.contacts.iter().find(free).cloned();
        let contact = contact.unwrap_or_else(|| self.contact());
        Who { number: Some(contact.number), secret: None, remote: contact.flags.remote_only }
    }

    fn open_close(&mut self) -> OpenClose {
        let contact = self.contact();
        let armed_by = match self.rng.count(0, 4) {
            0 => None,
            1 => Some(self.contact().number),
            _ => Some(contact.number),
        };
        let mut who = self.who(&contact);
        if let Some(Secret::Passcode(text)) = &who.secret
            && self.rng.percent(80)
        {
            who.secret = Some(contact.code.map_or(Secret::Passcode(text.clone()), Secret::Code));
        }
        OpenClose {
            who,
            direction: if self.rng.percent(60) { Direction::Open } else { Direction::Close },
            place: self.place(contact.own_areas.as_deref()),
            armed_by,
            in_alarm: self.rng.percent(15),
        }
    }

    fn contact(&mut self) -> Contact {
        self.rng.pick(&self.scene.policy.site.contacts).clone()
    }

    /// The contact, or a wrong attempt at being one.
    fn who(&mut self, contact: &Contact) -> Who {
        let remote = contact.flags.remote_only && self.rng.percent(70);
        if self.wrong_codes_to_come == 0 && self.rng.percent(1) {
            self.wrong_codes_to_come = self.rng.count(1, 12);
        }
        if self.wrong_codes_to_come > 0 {
            self.wrong_codes_to_come -= 1;
            return Who { remote, ..self.wrong_code(contact) };
        }
        let by_number = Who { number: Some(contact.number), secret: None, remote };
        let code = contact.code.clone().map(Secret::Code);
        let passcode = contact.passcode.clone().map(Secret::Passcode);
        let secret = if self.rng.percent(70) { code.or(passcode) } else { passcode.or(code) };
        match self.rng.count(0, 99) {
            0..=24 => by_number,
            25..=26 => Who { number: Some(1000), ..by_number },
            27..=28 => Who { remote, ..self.wrong_code(contact) },
            _ if secret.is_none() => by_number,
            29..=49 => Who { secret, ..by_number },
            _ if self.site().options.number_and_code => Who { secret, ..by_number },
            _ => Who { number: None, secret, remote },
        }
    }

    fn wrong_code(&mut self, contact: &Contact) -> Who {
        let code = match self.rng.count(0, 5) {
            0 => String::new(),
            1 => contact.code.clone().unwrap_or_default() + "0",
            2 => String::from("12a4"),
            3 => String::from("123"),
            4 => {
                // The right code of somebody else under this contact's number.
                let other = self.contact();
                other.code.unwrap_or_default()
            }
            _ => digits(self.rng),
        };
        let number = self.rng.percent(30).then_some(contact.number);
        let secret = if self.rng.percent(85) { Secret::Code(code) } else { Secret::Passcode(code) };
        Who { number, secret: Some(secret), remote: false }
    }

    /// Some areas of one system, mostly ones that make sense together.
    fn place(&mut self, own: Option<&[Place]>) -> Place {
        let site = &self.scene.policy.site;
        let governed = match site.schedules.is_empty() {
            true => &site.areas,
            false => &self.rng.pick(&site.schedules).governs,
        };
        let from = match self.rng.count(0, 9) {
            0 => &site.areas,
            1..=3 => own.unwrap_or(governed),
            _ => governed,
        };
        let chance = *self.rng.pick(&[10, 50, 100]);
        let part = part_of(self.rng, from, chance);
        let mut place = self.rng.pick(&part).clone();
        if self.rng.percent(3) {
            // Perhaps one that the site does not have.
            place.areas.push(u8::try_from(self.rng.count(0, 31)).expect("below 32"));
            place.areas.sort_unstable();
            place.areas.dedup();
        }
        place
    }

    fn act(&mut self) -> Subject {
        let one = self.contact();
        let act = self.some_act(&one);
        // Mostly somebody who may.
        let mut contact = one;
        for _ in 0..self.rng.count(0, 8) {
            if contact.flags.suspended || !is_permitted(&contact, &act) {
                contact = self.contact();
            }
        }
        Subject::Act(self.who(&contact), act)
    }

    fn some_act(&mut self, contact: &Contact) -> Act {
        let site = &self.scene.policy.site;
        let today = site.zone.wall_clock(self.scene.base).date;
        match self.rng.count(0, 19) {
            0 => Act::CancelAlarm,
            1 => Act::EditCustomer,
            2 => Act::GiveOutInformation,
            3 => {
                self.grants += 1;
                let engineer = self.engineer();
                match self.rng.percent(50) {
                    true => Act::GrantOnTheSpot { engineer },
                    false => Act::GrantAnswering { engineer },
                }
            }
            4 => {
                let local = u32::try_from(self.rng.count(0, self.grants)).expect("few");
                Act::Revoke { grant: FIRST_LOCAL_GRANT + local }
            }
            5 => Act::Revoke { grant: self.grant() },
            6..=7 => Act::LiftRestriction,
            8 => Act::Restrict,
            9..=11 => Act::ExtendClosing {
                place: self.place(contact.own_areas.as_deref()),
                minutes: *self.rng.pick(&[0, 1, 15, 30, 60, 120, 1440]),
            },
            12 => Act::SetTemporarySpan {
                schedule: self.schedule(),
                date: days_later(today, self.rng.minute(-DAYS, DAYS)),
                span: self.some_span(),
            },
            13 => Act::OpenWindow {
                place: self.place(contact.own_areas.as_deref()),
                minutes: *self.rng.pick(&[1, 15, 60, 240, 1440, 0, 1441]),
            },
            14 if self.rng.percent(20) => Act::Suspend { number: self.number() },
            14..=15 => Act::Reinstate { number: self.number() },
            16..=17 => Act::EndTest { target: self.test_target() },
            _ => Act::StartTest { target: self.test_target(), minutes: *self.rng.pick(&[0, 1, 30, 60, 600, 10_000]) },
        }
    }

    /// Mostly one there is.
    fn schedule(&mut self) -> usize {
        let schedules = self.site().schedules.len();
        match self.rng.percent(5) {
            false if schedules > 0 => self.rng.count(0, schedules - 1),
            _ => schedules,
        }
    }

    /// Mostly one of this site that there is.
    fn grant(&mut self) -> u32 {
        let own: Vec<u32> =
            self.scene.policy.access.grants.iter().filter(|grant| grant.site == self.site().id).map(|grant| grant.id).collect();
        if own.is_empty() || self.rng.percent(20) { u32::try_from(self.rng.count(0, 14)).expect("few") } else { *self.rng.pick(&own) }
    }

    /// Mostly hours that a schedule could have.
    fn some_span(&mut self) -> Option<Span> {
        let options = &self.scene.policy.site.options;
        let mut span = span(self.rng, options);
        match self.rng.count(0, 9) {
            0 => return None,
            1 => span.must_be_closed_by = 2880 - self.rng.minute(0, 2 * options.late_margin),
            2 => span.closes_from = self.rng.minute(0, 2880),
            3 => span.opens_from += 1440,
            _ => {}
        }
        Some(span)
    }

    /// Mostly somebody's.
    fn number(&mut self) -> u16 {
        if self.rng.percent(5) { 1000 } else { self.contact().number }
    }

    fn test_target(&mut self) -> TestTarget {
        match self.rng.percent(25) {
            true => TestTarget::EntireCustomer,
            false => TestTarget::Place(self.place(None)),
        }
    }

    /// Mostly one there is.
    fn engineer(&mut self) -> u32 {
        if self.rng.percent(3) { 99 } else { self.rng.pick(&self.scene.policy.access.engineers).id }
    }

    /// Mostly a pair that has a grant.
    fn engineer_and_site(&mut self) -> (u32, u32) {
        let access = &self.scene.policy.access;
        let site = self.rng.pick(&access.sites).id;
        match self.rng.count(0, 49) {
            0 => (self.engineer(), 99),
            1..=9 => (self.engineer(), site),
            10..=19 => (self.engineer(), self.site().id),
            _ if access.grants.is_empty() => (self.engineer(), site),
            _ => {
                let grant = self.rng.pick(&access.grants);
                (grant.engineer, grant.site)
            }
        }
    }

    fn firmware(&mut self, engineer: u32, site: u32) -> FirmwareUpdate {
        FirmwareUpdate {
            engineer,
            site,
            model: String::from(MODELS[usize::from(self.rng.percent(15))]),
            installed: version(self.rng),
            offered: version(self.rng),
            image: [if self.rng.percent(70) { 1 } else { 2 }; 32],
        }
    }

    fn armed(&mut self) -> Vec<Place> {
        let areas = &self.scene.policy.site.areas;
        match self.rng.count(0, 3) {
            0 => Vec::new(),
            1 => areas.clone(),
            _ => part_of(self.rng, areas, 50),
        }
    }
}
