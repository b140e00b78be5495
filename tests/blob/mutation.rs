//! Policies changed at random and signed: none may bring a device down, and none that is installed may make a question bring it down.
//!
//! The build checks every sum for overflow. Half of the changes are made to rows, towards the ends of their ranges, so that much of what comes out is valid;
//! the other half to bytes.

use keyholder::blob::{Installed, Refusal};
use keyholder::code::{Code, Passcode};
use keyholder::contact::{ListNumber, Permissions, UseLimit, UserNumber};
use keyholder::engineer::{AccessOptions, Capabilities, EngineerId, GrantId, Identity, SiteId};
use keyholder::place::{AreaList, Areas, Place};
use keyholder::policy::panel::SiteOptions;
use keyholder::schedule::{LayerKind, Span};
use keyholder::time::{Date, DateRange, Instant, Time, Weekdays};
use keyholder::zone::Change;
use keyholder::{Act, ActRequest, Action, EngineerRequest, OpenClose, SessionRequest, SmallReceiver, Who};

use crate::device::{Device, update};
use crate::random::Random;
use crate::sample::{AccessRows, Envelope, NOON, PanelRows, SamplePanel, panel_rows, receiver_rows};

fn change_zone(rows: &mut PanelRows, random: &mut Random) {
    let zone = &mut rows.site.zone;
    let any = random.below(20_159) as i16 - 10_079;
    let minute = random.of(&[-10_079, -1440, -60, 0, 120, 1440, 10_079, any]);
    let week = random.of(&[1, 2, 3, 4, 5]);
    let change = Change { month: random.below(12) as u8 + 1, week, weekday: random.below(7) as u8, minute };
    match random.below(4) {
        0 => zone.standard = random.offset(),
        1 => zone.daylight = random.offset(),
        2 => zone.starts = change,
        _ => zone.ends = change,
    }
}

fn change_site(rows: &mut PanelRows, random: &mut Random) {
    let site = &mut rows.site;
    match random.below(10) {
        0 => site.areas.0[random.below(8)] = Areas(random.of(&[0, 1, 0xf, u32::MAX])),
        1 => site.options = SiteOptions::from_bits_retain(random.next() as u8 & random.of(&[0x1f, 0x1f, 0xff])),
        2 => site.early_margin = random.of(&[0, 1, 719, 720, 721]),
        3 => site.late_margin = random.of(&[0, 1, 719, 720, 721]),
        4 => site.latest_close = random.minute(),
        5 => site.longest_test = random.minute(),
        6 => site.wrong_code_limit = random.byte(),
        7 => site.lockout_seconds = random.minute(),
        8 => site.clock_tolerance = random.minute(),
        _ => change_zone(rows, random),
    }
}

fn change_timetable(rows: &mut PanelRows, random: &mut Random) {
    let (number, byte, minute, weekdays) = (random.below(6) as u8, random.byte(), random.minute(), random.next() as u8 & 0x7f);
    let dates = DateRange { from: random.date(), until: random.date() };
    let kind = random.of(&[LayerKind::Permanent, LayerKind::Alternate, LayerKind::Holiday, LayerKind::Temporary]);
    let which = random.below(16);
    match which {
        0 => _ = random.row(&mut rows.lists).map(|row| row.0[0] = Areas(1 << number)),
        1 => _ = random.row(&mut rows.schedules).map(|row| row.areas = ListNumber(number)),
        2 => _ = random.row(&mut rows.layers).map(|row| row.schedule = number),
        3 => _ = random.row(&mut rows.layers).map(|row| (row.kind, row.groups) = (kind, if kind == LayerKind::Holiday { byte } else { 0 })),
        4 => _ = random.row(&mut rows.layers).map(|row| row.dates = dates),
        5 => _ = random.row(&mut rows.layers).map(|row| row.groups = byte),
        6 => _ = random.row(&mut rows.spans).map(|row| row.layer = number),
        7 => _ = random.row(&mut rows.spans).map(|row| row.weekdays = Weekdays::from_bits_retain(weekdays)),
        8 => _ = random.row(&mut rows.spans).map(|row| row.opens_from = minute),
        9 => _ = random.row(&mut rows.spans).map(|row| row.must_be_open_by = minute),
        10 => _ = random.row(&mut rows.spans).map(|row| row.closes_from = minute),
        11 => _ = random.row(&mut rows.spans).map(|row| row.must_be_closed_by = minute),
        12 => _ = random.row(&mut rows.holidays).map(|row| (row.month, row.day, row.group) = (number, byte, byte & 7)),
        13 => _ = random.row(&mut rows.windows).map(|row| row.dates = dates),
        14 => _ = random.row(&mut rows.windows).map(|row| (row.from, row.until) = (minute, minute.saturating_add(1440))),
        _ => _ = random.row(&mut rows.windows).map(|row| row.weekdays = Weekdays::from_bits_retain(weekdays)),
    }
}

fn change_contacts(rows: &mut PanelRows, random: &mut Random) {
    let (number, minute, bits) = (random.below(5) as u8, random.minute(), random.next() as u16);
    let (from, until) = (random.instant(), random.instant());
    let limit = random.of(&[UseLimit::Unlimited, UseLimit::Once, UseLimit::OncePerDay, UseLimit::MinutesFromFirstUse(minute)]);
    let which = random.below(9);
    let Some(contact) = random.row(&mut rows.contacts) else { return };
    match which {
        0 => contact.user = UserNumber(minute),
        1 => contact.identity = [number; 4],
        2 => contact.permissions = Permissions::from_bits_retain(bits),
        3 => contact.validity.from = from,
        4 => contact.validity.until = until,
        5 => contact.limit = limit,
        6 => contact.areas = ListNumber(number),
        7 => contact.test_areas = ListNumber(number),
        _ => contact.temp_open_minutes = minute,
    }
}

pub(crate) fn change_access(rows: &mut AccessRows, random: &mut Random) {
    let (instant, byte, minute, bits) = (random.instant(), random.byte(), random.minute(), random.next() as u16);
    let some = if bits & 1 == 0 { Some(instant) } else { None };
    let (options, capabilities) = (AccessOptions::from_bits_retain(byte & 0x1f), Capabilities::from_bits_retain(bits & 0x3ff));
    match random.below(16) {
        0 => _ = random.row(&mut rows.sites).map(|row| row.options = options),
        1 => _ = random.row(&mut rows.sites).map(|row| row.lifted_at = some),
        2 => _ = random.row(&mut rows.sites).map(|row| row.longest_session = minute),
        3 => _ = random.row(&mut rows.sites).map(|row| (row.spot_grant_minutes, row.answer_grant_minutes) = (minute, minute)),
        4 => _ = random.row(&mut rows.sites).map(|row| row.baseline = capabilities),
        5 => _ = random.row(&mut rows.engineers).map(|row| row.standing = keyholder::engineer::Standing::from_bits_retain(byte & 0xf)),
        6 => _ = random.row(&mut rows.engineers).map(|row| row.id = EngineerId(u32::from(byte))),
        7 => _ = random.row(&mut rows.grants).map(|row| row.period.from = instant),
        8 => _ = random.row(&mut rows.grants).map(|row| row.period.until = instant),
        9 => _ = random.row(&mut rows.grants).map(|row| row.begin_by = some),
        10 => _ = random.row(&mut rows.grants).map(|row| row.one_time = bits & 1 == 0),
        11 => _ = random.row(&mut rows.grants).map(|row| (row.capabilities, row.excluded) = (capabilities, Capabilities::empty())),
        12 => _ = random.row(&mut rows.grants).map(|row| row.id = GrantId(u32::from(bits))),
        13 => _ = random.row(&mut rows.authorisations).map(|row| row.period.from = instant),
        14 => _ = random.row(&mut rows.authorisations).map(|row| row.period.until = instant),
        _ => _ = random.row(&mut rows.authorisations).map(|row| row.last.0 = [bits, minute, u16::MAX, 0]),
    }
}

/// Changes a few bytes: to others, away, or to more of them.
pub(crate) fn change_bytes(policy: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..1 + random.below(3) {
        let at = random.below(policy.len());
        let byte = random.byte();
        match random.below(8) {
            0 => policy.insert(at, byte),
            1 if policy.len() > 1 => _ = policy.remove(at),
            2 => policy.truncate(at + 1),
            3 => {
                let piece = policy[at..policy.len().min(at + random.below(20))].to_vec();
                let to = random.below(policy.len());
                policy.splice(to..to, piece);
            }
            4 => policy[at] = byte,
            _ => policy[at] ^= 1 << random.below(8),
        }
    }
}

/// Changes some rows of a panel's policy.
pub(crate) fn change_panel(rows: &mut PanelRows, random: &mut Random) {
    match random.below(5) {
        0 => change_site(rows, random),
        1 => change_zone(rows, random),
        2 => change_timetable(rows, random),
        3 => change_contacts(rows, random),
        _ => change_access(&mut rows.access, random),
    }
}

/// A device's clock: it mostly goes on, now and then it is lost or reads anything.
pub(crate) struct Clock(Instant);

impl Clock {
    pub(crate) fn started(random: &mut Random) -> Self {
        let end = Instant::LAST_READING;
        let starts = [NOON, NOON, NOON.plus(-86_400), NOON.plus(-3500), Instant(0), end.plus(-200_000), random.instant()];
        Self(random.of(&starts))
    }

    pub(crate) fn read(&mut self, random: &mut Random) -> Time {
        if random.once_in(12) {
            return Time::Unknown;
        }
        if random.once_in(40) {
            return Time::Known(random.instant());
        }
        let longest = random.of(&[1, 60, 3600, 20_000, 200_000]);
        self.0 = self.0.plus(random.below(longest) as i64);
        Time::Known(self.0)
    }
}

fn area_list(random: &mut Random) -> AreaList {
    let mut list = random.of(&[AreaList::NONE, AreaList::ALL]);
    list.0[random.below(8)] = Areas(random.of(&[0, 1, 3, 0xf]));
    list
}

fn act(random: &mut Random) -> Act {
    let place = Place::new(1, Areas(random.of(&[1, 2, 3, 4, 8]))).unwrap();
    let (minutes, user, engineer) = (random.minute(), UserNumber(random.of(&[0, 1, 2, 3, 999])), EngineerId(random.of(&[0, 41, 42, 42])));
    let (schedule, date) = (random.below(5) as u8, random.date());
    let span = Span {
        layer: random.byte(),
        weekdays: Weekdays::from_bits_retain(random.byte()),
        opens_from: random.minute(),
        must_be_open_by: random.minute(),
        closes_from: random.minute(),
        must_be_closed_by: random.minute(),
    };
    let usual = Span { opens_from: 400, must_be_open_by: u16::MAX, closes_from: 400, must_be_closed_by: 1800, ..span };
    let span = random.of(&[None, Some(span), Some(usual)]);
    let acts = [
        Act::CancelAlarm,
        Act::EditCustomer,
        Act::ReceiveInformation,
        Act::Test { areas: area_list(random), minutes },
        Act::EndTest { areas: area_list(random) },
        Act::ExtendClosing { place, minutes },
        Act::SetSpan { schedule, date, span },
        Act::SetSpan { schedule, date: Date((NOON.0 / 86_400) as i32 + random.below(3) as i32), span },
        Act::OpenWindow { place, minutes },
        Act::Suspend(user),
        Act::Reinstate(user),
        Act::Grant { engineer, answers_request: random.once_in(2) },
        Act::Revoke(GrantId(random.of(&[0, 900, 901, GrantId::FIRST_LOCAL.0, u32::MAX]))),
        Act::Lift,
        Act::Restrict,
    ];
    random.of(&acts)
}

fn engineer_request(random: &mut Random) -> EngineerRequest {
    let changes = Capabilities::CHANGE_SETTINGS;
    let capabilities = random.of(&[changes, changes, changes, Capabilities::VIEW_SETTINGS, Capabilities::all(), Capabilities::empty()]);
    EngineerRequest {
        engineer: EngineerId(random.of(&[41, 41, 41, 42, 42, u32::MAX])),
        site: SiteId(random.of(&[7, 7, 7, 7, 8, 0])),
        capabilities,
    }
}

pub(crate) fn ask_panel(panel: &mut SamplePanel, random: &mut Random, now: Time) {
    let digits = random.of(&[&b"1111"[..], b"2222", b"3333"]);
    let code = Code::typed(if random.once_in(8) { random.of(&[&b"4444"[..], b""]) } else { digits });
    let passcode = Passcode::told(random.of(&[&b"one"[..], b"one", b"two", b"three"]));
    let user = UserNumber(random.of(&[1, 1, 1, 2, 2, 3, 3, u16::MAX]));
    let who = [
        Who::User(user),
        Who::User(user),
        Who::User(user),
        Who::Code(&code),
        Who::Code(&code),
        Who::UserAndCode(UserNumber(u16::from(digits[0] - b'0')), &code),
        Who::Passcode(&passcode),
        Who::UserAndPasscode(UserNumber(1), &passcode),
    ];
    let who = random.of(&who);
    let remote = random.once_in(2);
    let request = engineer_request(random);
    let session = SessionRequest { engineer: request.engineer, site: request.site };
    match random.below(8) {
        0 | 1 => {
            let place = Place::new(random.of(&[1, 1, 1, 1, 8]), Areas(random.of(&[1, 1, 2, 3, 3, 4, 8, u32::MAX]))).unwrap();
            let action = random.of(&[Action::Open, Action::Close]);
            let in_alarm = random.once_in(4);
            _ = panel.open_close(&OpenClose { who, action, place, remote, armed_by: user, in_alarm }, now);
        }
        2 | 3 => _ = panel.act(&ActRequest { who, act: act(random), remote }, now),
        4 => _ = panel.engineer(&request, now),
        5 => _ = panel.begin_session(&session, now),
        6 => _ = (panel.end_session(&session, now), panel.update(&update(request.engineer), now)),
        _ => {
            let armed = area_list(random);
            for _ in 0..3 {
                _ = panel.supervise(&armed, now);
            }
            _ = (panel.engineer_id(Identity([41; 16])), panel.provenance(), panel.site());
        }
    }
}

pub(crate) fn ask_receiver(receiver: &mut SmallReceiver, random: &mut Random, now: Time) {
    let request = engineer_request(random);
    let session = SessionRequest { engineer: request.engineer, site: request.site };
    match random.below(5) {
        0 => _ = receiver.engineer(&request, now),
        1 => _ = receiver.begin_session(&session, now),
        2 => _ = receiver.end_session(&session, now),
        3 => _ = receiver.update(&update(request.engineer), now),
        _ => _ = (receiver.supervise(now), receiver.supervise(now), receiver.engineer_id(Identity([41; 16]))),
    }
}

/// Sends `blobs` changed policies, one after the other, and asks questions behind each. Devices live for a while, so that what they
/// remember of one policy meets the next. Returns how many were installed.
fn torment<D: Device>(
    blobs: u64,
    seed: u64,
    envelope: Envelope,
    policy: impl Fn(&mut Random) -> Vec<u8>,
    ask: impl Fn(&mut D, &mut Random, Time),
) -> u64 {
    let mut random = Random(seed);
    let sample = D::sample();
    let mut device = sample.clone();
    let mut clock = Clock::started(&mut random);
    let mut installed = 0;
    for sequence in 2..blobs + 2 {
        if random.once_in(16) {
            device.clone_from(&sample);
            clock = Clock::started(&mut random);
        }
        let mut policy = policy(&mut random);
        if random.once_in(2) {
            change_bytes(&mut policy, &mut random);
        }
        let blob = Envelope { sequence, ..envelope }.seal(&policy);
        match device.take(&blob, clock.read(&mut random)) {
            Ok(Installed::Now) => installed += 1,
            Err(Refusal::Invalid(_) | Refusal::DoesNotFit { .. }) => {}
            other => panic!("seed {seed}, blob {sequence}: {other:?}"),
        }
        for _ in 0..3 {
            let now = clock.read(&mut random);
            ask(&mut device, &mut random, now);
        }
    }
    installed
}

#[test]
fn no_signed_policy_brings_a_panel_down() {
    let policy = |random: &mut Random| {
        let mut rows = panel_rows();
        for _ in 0..random.below(4) {
            change_panel(&mut rows, random);
        }
        rows.encode()
    };
    for seed in [1, 2] {
        let installed = torment::<SamplePanel>(75_000, seed, Envelope::PANEL, policy, ask_panel);
        assert!(installed > 20_000, "seed {seed}, {installed} installed: too few to learn from");
    }
}

#[test]
fn no_signed_policy_brings_a_receiver_down() {
    let policy = |random: &mut Random| {
        let mut rows = receiver_rows();
        for _ in 0..random.below(4) {
            change_access(&mut rows.access, random);
        }
        rows.encode()
    };
    let installed = torment::<SmallReceiver>(50_000, 3, Envelope::RECEIVER, policy, ask_receiver);
    assert!(installed > 10_000, "{installed} installed: too few to learn from");
}
