//! Random policies that are valid and full of corners, always the same ones for the same seed.

use super::calendar::{MINUTES_PER_DAY, Zone, days_later, end_of_lift};
use super::model::*;
use jiff::civil::Date;

/// Splitmix64.
#[derive(Clone, Debug)]
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let size = u64::try_from(high - low + 1).expect("low is not above high");
        low + i64::try_from(self.next() % size).expect("below a size that fits")
    }

    pub fn minute(&mut self, low: i32, high: i32) -> i32 {
        i32::try_from(self.between(low.into(), high.into())).expect("between two i32")
    }

    pub fn count(&mut self, low: usize, high: usize) -> usize {
        low + usize::try_from(self.next()).expect("64 bits") % (high - low + 1)
    }

    pub fn percent(&mut self, chance: u64) -> bool {
        self.next() % 100 < chance
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.count(0, from.len() - 1)]
    }

    /// Each with the same chance; may be none.
    pub fn some_of<T: Clone>(&mut self, from: &[T], chance: u64) -> Vec<T> {
        from.iter().filter(|_| self.percent(chance)).cloned().collect()
    }
}

/// A policy and the time around which it is interesting.
#[derive(Clone, Debug)]
pub struct Scene {
    pub zone_name: &'static str,
    /// Often a clock change of the zone.
    pub base: i64,
    pub policy: Policy,
}

/// Grants of the policy per engineer and site; the rest of the eight is for local ones.
pub const MOST_GRANTS: usize = 4;

/// `zones` is [`super::zones::all`], passed in because reading the database is slow.
pub fn scene(rng: &mut Rng, zones: &[(&'static str, super::calendar::ZoneRule)]) -> Scene {
    let (zone_name, rule) = *rng.pick(zones);
    let zone = Zone::new(rule);
    let mut base = match rng.count(0, 19) {
        0 => rng.between(3_786_912_000, 4_418_064_000),   // 2090 to 2109
        1 => rng.between(16_000_000_000, 16_650_000_000), // close to the end of time
        _ => rng.between(1_704_067_200, 2_335_219_200),   // 2024 to 2043
    };
    if rng.percent(65)
        && let Some(change) = zone.changes_after(base).next()
    {
        base = change;
    }
    let site = site(rng, zone, base);
    let access = access(rng, site.id, base);
    let clock_tolerance = *rng.pick(&[0, 1, 60, 300]);
    Scene { zone_name, base, policy: Policy { site, access, clock_tolerance } }
}

fn site(rng: &mut Rng, zone: Zone, base: i64) -> Site {
    let today = zone.wall_clock(base).date;
    let options = options(rng);
    let areas = areas_of_site(rng);
    let schedules = schedules(rng, &areas, &options, today);
    let mut holidays: Vec<Holiday> = Vec::new();
    for _ in 0..rng.count(0, 6) {
        let holiday = holiday(rng, today);
        if holidays.iter().all(|other| other.date != holiday.date && !clash(&schedules, other, &holiday)) {
            holidays.push(holiday);
        }
    }
    let windows = (0..rng.count(0, 4)).map(|_| window(rng, &areas, today)).collect();
    let contacts = contacts(rng, &areas, base);
    Site { id: 1, zone, areas, contacts, schedules, holidays, windows, options }
}

fn options(rng: &mut Rng) -> SiteOptions {
    let late_margin = *rng.pick(&[0, 1, 15, 60, 720]);
    SiteOptions {
        report_only: rng.percent(20),
        never_refuse_closing: rng.percent(20),
        open_in_alarm: rng.percent(30),
        number_and_code: rng.percent(20),
        early_margin: *rng.pick(&[0, 1, 15, 60, 720]),
        late_margin,
        latest_close: *rng.pick(&[1200, 1380, 1440, 1500, 1620, 2880 - late_margin]),
        longest_test_minutes: rng.between(1, 600),
        wrong_codes: *rng.pick(&[1, 2, 3, 10]),
        lockout_seconds: *rng.pick(&[1, 30, 90, 3600]),
        after_first_lockout: match rng.percent(50) {
            true => AfterFirstLockout::FullLimitAgain,
            false => AfterFirstLockout::EachWrongCode,
        },
    }
}

fn areas_of_site(rng: &mut Rng) -> Vec<Place> {
    let systems = if rng.percent(5) { 8 } else { rng.minute(1, 3) };
    let mut places = Vec::new();
    for system in 0..systems {
        let areas = if rng.percent(5) { 32 } else { rng.minute(1, 6) };
        let system = u8::try_from(system).expect("at most 8");
        let areas = (0..areas).map(|area| u8::try_from(area).expect("at most 32")).collect();
        places.push(Place { system, areas });
    }
    places
}

/// A random part of the areas, at least one of them.
pub fn part_of(rng: &mut Rng, areas: &[Place], chance: u64) -> Vec<Place> {
    let mut part: Vec<Place> = areas
        .iter()
        .map(|place| Place { system: place.system, areas: rng.some_of(&place.areas, chance) })
        .filter(|place| !place.areas.is_empty())
        .collect();
    if part.is_empty() {
        let place = rng.pick(areas);
        part.push(Place { system: place.system, areas: vec![*rng.pick(&place.areas)] });
    }
    part
}

fn contacts(rng: &mut Rng, areas: &[Place], base: i64) -> Vec<Contact> {
    let mut contacts: Vec<Contact> = Vec::new();
    let mut secrets: Vec<String> = Vec::new();
    for index in 0..rng.count(1, 12) {
        let number = loop {
            let number = if rng.percent(50) { rng.between(1, 20) } else { rng.between(1, 999) };
            let number = u16::try_from(number).expect("at most 999");
            if contacts.iter().all(|contact| contact.number != number) {
                break number;
            }
        };
        let limit = rng.count(0, 9);
        contacts.push(Contact {
            number,
            identity: 1000 + u64::try_from(index).expect("few"),
            flags: flags(rng),
            validity: rng.percent(18).then(|| interval(rng, base)),
            code: rng.percent(90).then(|| fresh_digits(rng, &mut secrets)),
            passcode: rng.percent(50).then(|| fresh_digits(rng, &mut secrets)),
            own_areas: rng.percent(35).then(|| part_of(rng, areas, 60)),
            test_areas: if rng.percent(50) { part_of(rng, areas, 50) } else { Vec::new() },
            use_limit: match limit {
                0 => UseLimit::Once,
                1 => UseLimit::OncePerDay,
                2 => UseLimit::MinutesFromFirstUse(*rng.pick(&[1, 30, 480, 1440, 4320])),
                _ => UseLimit::Unlimited,
            },
            temp_open_minutes: *rng.pick(&[0, 1, 15, 60, 240]),
        });
    }
    contacts
}

/// Digits that are nobody's yet.
fn fresh_digits(rng: &mut Rng, taken: &mut Vec<String>) -> String {
    loop {
        let digits = digits(rng);
        if !taken.contains(&digits) {
            taken.push(digits.clone());
            return digits;
        }
    }
}

pub fn digits(rng: &mut Rng) -> String {
    (0..rng.count(4, 8)).map(|_| char::from(b"0123456789"[rng.count(0, 9)])).collect()
}

fn flags(rng: &mut Rng) -> Flags {
    Flags {
        suspended: rng.percent(5),
        within_schedule: rng.percent(65),
        within_temp_open: rng.percent(35),
        anytime: rng.percent(15),
        cancel_alarm: rng.percent(40),
        change_schedule: rng.percent(30),
        test_all: rng.percent(20),
        test_designated: rng.percent(40),
        edit_customer: rng.percent(20),
        give_out_information: rng.percent(30),
        master_user: rng.percent(25),
        site_administrator: rng.percent(25),
        duress: rng.percent(8),
        guest: rng.percent(10),
        remote_only: rng.percent(8),
        powerless: rng.percent(4),
    }
}

/// Near the base, and often touching one of its interesting instants.
fn interval(rng: &mut Rng, base: i64) -> (i64, i64) {
    let from = instant_near(rng, base);
    let length = *rng.pick(&[1, 3600, 86_400, 3 * 86_400, 6 * 86_400, 400 * 86_400]);
    (from, from + length)
}

fn instant_near(rng: &mut Rng, base: i64) -> i64 {
    match rng.count(0, 3) {
        0 => base,
        1 => base + rng.between(-3600, 3600),
        2 => end_of_lift(base) - 86_400 * rng.between(0, 3),
        _ => base + rng.between(-4 * 86_400, 4 * 86_400),
    }
}

// Schedules

fn schedules(rng: &mut Rng, areas: &[Place], options: &SiteOptions, today: Date) -> Vec<Schedule> {
    let mut free: Vec<Place> = areas.to_vec();
    let mut schedules = Vec::new();
    for _ in 0..rng.count(0, 4) {
        if free.is_empty() {
            break;
        }
        let governs = part_of(rng, &free, 50);
        for place in &mut free {
            place.areas.retain(|area| !has_area(&governs, place.system, *area));
        }
        free.retain(|place| !place.areas.is_empty());
        schedules.push(Schedule { governs, layers: layers(rng, options, today) });
    }
    schedules
}

fn layers(rng: &mut Rng, options: &SiteOptions, today: Date) -> Vec<Layer> {
    let mut kinds = Vec::new();
    if rng.percent(90) {
        kinds.push(LayerKind::Permanent);
    }
    let mut groups: Vec<u8> = (0..8).collect();
    for _ in 0..rng.count(0, 2) {
        let group = groups.remove(rng.count(0, groups.len() - 1));
        let other = groups.remove(rng.count(0, groups.len() - 1));
        kinds.push(LayerKind::Holiday(if rng.percent(50) { vec![group] } else { vec![group, other] }));
    }
    if rng.percent(40) {
        kinds.extend(date_ranges(rng, today).map(|(first, last)| LayerKind::Alternate(first, last)));
    }
    if rng.percent(40) {
        kinds.extend(date_ranges(rng, today).map(|(first, last)| LayerKind::Temporary(first, last)));
    }
    kinds.into_iter().map(|kind| Layer { kind, spans: spans(rng, options) }).collect()
}

/// The same site with other hours, and perhaps an earlier latest close, as the cloud may send it while people have set something for the hours there were.
pub fn other_hours(rng: &mut Rng, site: &Site, today: Date) -> Site {
    let mut other = site.clone();
    if rng.percent(50) {
        other.options.latest_close = rng.minute(600, site.options.latest_close);
    }
    for schedule in &mut other.schedules {
        match rng.count(0, 3) {
            0 => schedule.layers = layers(rng, &site.options, today),
            1 => {
                let closed = Layer { kind: LayerKind::Temporary(today, days_later(today, 1)), spans: Vec::new() };
                schedule.layers.retain(|layer| !matches!(layer.kind, LayerKind::Temporary(..)));
                schedule.layers.push(closed);
            }
            2 => schedule.layers.iter_mut().flat_map(|layer| &mut layer.spans).for_each(|span| shorten(rng, span)),
            _ => {}
        }
    }
    let holidays = &other.holidays;
    let clashes = |schedules: &[Schedule]| {
        holidays.iter().enumerate().any(|(row, one)| holidays.iter().skip(row + 1).any(|another| clash(schedules, one, another)))
    };
    if clashes(&other.schedules) { site.clone() } else { other }
}

/// Its hours begin later or end earlier, or only the deadlines in them move.
fn shorten(rng: &mut Rng, span: &mut Span) {
    let latest = span.must_be_closed_by - 1;
    match rng.count(0, 2) {
        // A span opens on the day it starts.
        0 => span.opens_from = rng.minute(span.opens_from, latest.min(MINUTES_PER_DAY - 1)),
        1 => span.must_be_closed_by = rng.minute(span.opens_from + 1, span.must_be_closed_by),
        _ => {}
    }
    span.must_be_open_by = rng.percent(50).then(|| rng.minute(span.opens_from, span.must_be_closed_by - 1));
    span.closes_from = rng.minute(span.must_be_open_by.unwrap_or(span.opens_from), span.must_be_closed_by);
}

/// One or two ranges of dates that share none.
fn date_ranges(rng: &mut Rng, today: Date) -> impl Iterator<Item = (Date, Date)> + use<> {
    let mut start = days_later(today, rng.minute(-6, 1));
    let mut ranges = Vec::new();
    for _ in 0..rng.count(1, 2) {
        let last = days_later(start, *rng.pick(&[0, 0, 1, 3, 10]));
        ranges.push((start, last));
        start = days_later(last, rng.minute(1, 3));
    }
    ranges.into_iter()
}

/// Up to four spans that do not overlap within a week.
fn spans(rng: &mut Rng, options: &SiteOptions) -> Vec<Span> {
    let mut taken = vec![false; 7 * 1440];
    let mut spans = Vec::new();
    for _ in 0..rng.count(0, 4) {
        let span = span(rng, options);
        let minutes: Vec<usize> = (0..7)
            .filter(|day| span.weekdays[*day])
            .flat_map(|day| {
                let midnight = i32::try_from(day).expect("0..7") * MINUTES_PER_DAY;
                (span.opens_from..span.must_be_closed_by).map(move |minute| usize::try_from(midnight + minute).expect("positive") % 10_080)
            })
            .collect();
        let mut own: Vec<usize> = minutes.clone();
        own.sort_unstable();
        own.dedup();
        let overlaps = own.len() < minutes.len() || own.iter().any(|minute| taken[*minute]);
        if !overlaps {
            own.iter().for_each(|minute| taken[*minute] = true);
            spans.push(span);
        }
    }
    spans
}

/// A span of any shape: by day, over midnight, round the clock, around the hours of clock changes.
pub fn span(rng: &mut Rng, options: &SiteOptions) -> Span {
    let (opens_from, length) = match rng.count(0, 6) {
        0 => (*rng.pick(&[0, 480, 1439]), 1440),
        1 => (rng.minute(16, 23) * 60, rng.minute(61, 720)),
        2 => (rng.minute(0, 240), rng.minute(1, 120)),
        3 => (0, *rng.pick(&[1, 120, 150, 180, 1439])),
        4 => {
            let from = rng.minute(0, 1439);
            (from, 1440 - from)
        }
        5 => (rng.minute(0, 1439), rng.minute(1, 1440)),
        _ => (rng.minute(12, 44) * 15, rng.minute(4, 40) * 15),
    };
    let closed_by = (opens_from + length).min(2 * MINUTES_PER_DAY - options.late_margin);
    let open_by = rng.percent(50).then(|| rng.minute(opens_from, closed_by - 1));
    let closes_from = rng.minute(open_by.unwrap_or(opens_from), closed_by);
    let mut weekdays = [false; 7];
    let chance = *rng.pick(&[15, 70, 100]);
    weekdays.iter_mut().for_each(|day| *day = rng.percent(chance));
    weekdays[rng.count(0, 6)] = true;
    Span { weekdays, opens_from, must_be_open_by: open_by, closes_from, must_be_closed_by: closed_by }
}

/// Whether they are on the same day once, and two layers of a schedule name them.
fn clash(schedules: &[Schedule], one: &Holiday, other: &Holiday) -> bool {
    let day = |holiday: &Holiday| match holiday.date {
        HolidayDate::Once(date) => (date.month(), date.day()),
        HolidayDate::Yearly { month, day } => (month, day),
    };
    let naming = |schedule: &Schedule, holiday: &Holiday| {
        schedule.layers.iter().position(|layer| matches!(&layer.kind, LayerKind::Holiday(groups) if groups.contains(&holiday.group)))
    };
    let both = |schedule: &Schedule| naming(schedule, one).zip(naming(schedule, other)).is_some_and(|(one, other)| one != other);
    day(one) == day(other) && schedules.iter().any(both)
}

fn holiday(rng: &mut Rng, today: Date) -> Holiday {
    let near = days_later(today, rng.minute(-5, 5));
    let group = u8::try_from(rng.count(0, 7)).expect("below 8");
    let date = match rng.count(0, 9) {
        0 => HolidayDate::Yearly { month: 2, day: 29 },
        1 => HolidayDate::Once(days_later(near, 365)),
        2..=5 => HolidayDate::Yearly { month: near.month(), day: near.day() },
        _ => HolidayDate::Once(near),
    };
    Holiday { date, group }
}

pub fn window(rng: &mut Rng, areas: &[Place], today: Date) -> TempOpenWindow {
    let from = rng.minute(0, 1439);
    let length = *rng.pick(&[1, 60, 180, 600, 1440]);
    let first = days_later(today, rng.minute(-4, 3));
    let chance = *rng.pick(&[30, 100]);
    let mut weekdays = [false; 7];
    weekdays.iter_mut().for_each(|day| *day = rng.percent(chance));
    weekdays[rng.count(0, 6)] = true;
    TempOpenWindow {
        areas: part_of(rng, areas, 70),
        weekdays,
        dates: rng.percent(40).then(|| (first, days_later(first, rng.minute(0, 4)))),
        from,
        until: from + length,
    }
}

// Engineers

fn access(rng: &mut Rng, own_site: u32, base: i64) -> Access {
    let sites: Vec<AccessSite> = (own_site..own_site + 3).map(|id| access_site(rng, id, base)).collect();
    let engineers: Vec<Engineer> = (1..=4)
        .map(|id| Engineer {
            id,
            registered: rng.percent(95),
            suspended: rng.percent(5),
            update_firmware: rng.percent(85),
            federated: rng.percent(20),
        })
        .collect();
    let mut grants: Vec<Grant> = Vec::new();
    for id in 1..=u32::try_from(rng.count(0, 14)).expect("few") {
        let engineer = rng.pick(&engineers).id;
        let site = rng.pick(&sites).id;
        let same = |grant: &&Grant| grant.engineer == engineer && grant.site == site;
        if grants.iter().filter(same).count() == MOST_GRANTS {
            continue;
        }
        let (from, until) = interval(rng, base);
        grants.push(Grant {
            id,
            engineer,
            site,
            from,
            until,
            begin_by: rng.percent(40).then(|| rng.between(from + 1, until)),
            one_time: rng.percent(40),
            capabilities: rng.some_of(&Capability::ALL, 80),
            excluded: rng.some_of(&Capability::ALL, 15),
        });
    }
    let authorisations = (1..=u32::try_from(rng.count(0, 4)).expect("few")).map(|id| authorisation(rng, id, base));
    let authorisations = authorisations.collect();
    Access { sites, engineers, grants, authorisations }
}

fn access_site(rng: &mut Rng, id: u32, base: i64) -> AccessSite {
    let read_only = [Capability::ViewSettings, Capability::ReadLog];
    AccessSite {
        id,
        cameras: rng.percent(30),
        exempt: rng.percent(15),
        restricted: rng.percent(12),
        lifted_at: rng.percent(70).then(|| instant_near(rng, base)),
        remote_upgrade: rng.percent(90),
        session_for_update: rng.percent(40),
        baseline: if rng.percent(50) { rng.some_of(&read_only, 60) } else { Vec::new() },
        longest_session_minutes: rng.percent(50).then(|| *rng.pick(&[1, 30, 120, 1440])),
        on_the_spot_minutes: 120,
        answered_minutes: 1440,
    }
}

pub const MODELS: [&str; 2] = ["PX-1", "PX-2"];

fn authorisation(rng: &mut Rng, id: u32, base: i64) -> FirmwareAuthorisation {
    let (one, other) = (version(rng), version(rng));
    let (from, until) = interval(rng, base);
    FirmwareAuthorisation {
        id,
        model: String::from(MODELS[usize::from(rng.percent(20))]),
        first: one.min(other),
        last: one.max(other),
        from,
        until,
        image: rng.percent(40).then_some([1; 32]),
        allow_downgrade: rng.percent(30),
    }
}

pub fn version(rng: &mut Rng) -> Version {
    let mut version = [0; 4];
    for (number, highest) in version.iter_mut().zip([2, 2, 1, 1]) {
        *number = u16::try_from(rng.count(0, highest)).expect("small");
    }
    version
}
