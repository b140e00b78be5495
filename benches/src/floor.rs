//! What the core is compared with: the same questions answered the straightforward way, with early returns and loops that end at the first match.
//!
//! It knows zones, holidays, layers, temp-open windows, use limits, lockouts and the classification of what is reported, like the core. It has no
//! ledger for anything set at the keypad, does not say until when an answer holds, and hides nothing: what it costs tells what it found.

use keyholder::contact::{Contact, Permissions, UseLimit, UserNumber};
use keyholder::decision::{Reason, Verdict};
use keyholder::place::Place;
use keyholder::policy::panel::SiteOptions;
use keyholder::report::Event;
use keyholder::schedule::{Layer, LayerKind, Span};
use keyholder::time::{Date, Instant, Time, Weekdays};
use keyholder::zone::{Change, Zone};
use keyholder::{Action, OpenClose, Who};

use crate::site::{CODE_KEY, Rows};

/// Verdict, reason and what is reported.
pub type Answer = (Verdict, Reason, Event);

const DAY: i32 = 1440;

#[derive(Clone, Copy, Default)]
struct Use {
    used: bool,
    first: i64,
    opened_on: i32,
}

/// A site and what has happened there.
pub struct Floor<'a> {
    rows: &'a Rows,
    uses: Vec<Use>,
    wrong: u8,
    locked_until: i64,
}

/// What the wall clock reads at `instant`: date and minute.
fn wall_clock(zone: &Zone, instant: Instant) -> (Date, i32) {
    let minute = (instant.0 / 60) as i32;
    let mut offset = i32::from(zone.standard);
    if zone.standard != zone.daylight {
        let (year, _, _) = Date((minute + offset).div_euclid(DAY)).civil();
        let starts = change_minute(&zone.starts, year) - i32::from(zone.standard);
        let ends = change_minute(&zone.ends, year) - i32::from(zone.daylight);
        let daylight = if starts < ends { starts <= minute && minute < ends } else { minute < ends || starts <= minute };
        if daylight {
            offset = i32::from(zone.daylight);
        }
    }
    let local = minute + offset;
    (Date(local.div_euclid(DAY)), local.rem_euclid(DAY))
}

fn change_minute(change: &Change, year: u16) -> i32 {
    let first = Date::new(year, change.month, 1);
    let wait = (i32::from(change.weekday) + 6 - i32::from(first.weekday())).rem_euclid(7);
    let mut day = first.0 + wait + 7 * (i32::from(change.week) - 1);
    let (next_year, next_month) = if change.month == 12 { (year + 1, 1) } else { (year, change.month + 1) };
    if day >= Date::new(next_year, next_month, 1).0 {
        day -= 7;
    }
    day * DAY + i32::from(change.minute)
}

/// How a schedule stands at one moment.
enum Standing<'a> {
    /// Inside a span that started so many minutes before today's midnight.
    Inside(&'a Span, i32),
    Near,
    Outside,
}

impl<'a> Floor<'a> {
    /// The site, before anything has happened.
    pub fn new(rows: &'a Rows) -> Self {
        let never = Use { used: false, first: 0, opened_on: i32::MIN };
        Self { rows, uses: vec![never; rows.contacts.len()], wrong: 0, locked_until: i64::MIN }
    }

    /// May the contact open or close?
    pub fn open_close(&mut self, request: &OpenClose<'_>, time: Time) -> Answer {
        let now = match time {
            Time::Known(instant) => Some(instant),
            Time::Unknown => None,
        };
        let deny = |reason, event| (Verdict::Deny, reason, event);
        let user = match request.who {
            Who::User(user) => user,
            Who::Code(code) | Who::UserAndCode(_, code) => {
                if now.is_some_and(|now| now.0 < self.locked_until) {
                    return deny(Reason::LockedOut, Event::Nothing);
                }
                let digest = CODE_KEY.digest_code(code);
                let owner = self.rows.codes.iter().find(|credential| credential.digest == digest).map(|credential| credential.user);
                let claimed = if let Who::UserAndCode(user, _) = request.who { Some(user) } else { owner };
                let Some(owner) = owner.filter(|owner| claimed == Some(*owner)) else {
                    return self.wrong_code(now);
                };
                self.wrong = 0;
                owner
            }
            Who::Passcode(_) | Who::UserAndPasscode(..) => return deny(Reason::UnknownCode, Event::UnknownDenied),
        };
        let Ok(index) = self.rows.contacts.binary_search_by_key(&user, |contact| contact.user) else {
            return deny(Reason::UnknownUser, Event::UnknownDenied);
        };
        let contact = &self.rows.contacts[index];
        let date = now.map(|now| wall_clock(&self.rows.site.zone, now));
        if let Some((reason, event)) = self.obstacle(contact, self.uses[index], request, now, date) {
            return deny(reason, event);
        }
        let answer = self.judge(contact, request, now, date);
        if answer.0 != Verdict::Deny && contact.limit != UseLimit::Unlimited {
            let uses = &mut self.uses[index];
            if let Some(now) = now.filter(|_| !uses.used) {
                uses.first = now.0;
            }
            uses.used = true;
            if let Some((date, _)) = date.filter(|_| request.action == Action::Open) {
                uses.opened_on = date.0;
            }
        }
        if answer.0 != Verdict::Deny && contact.permissions.contains(Permissions::DURESS) {
            return (answer.0, answer.1, Event::Duress);
        }
        answer
    }

    fn wrong_code(&mut self, now: Option<Instant>) -> Answer {
        self.wrong += 1;
        if self.wrong < self.rows.site.wrong_code_limit {
            return (Verdict::Deny, Reason::UnknownCode, Event::UnknownDenied);
        }
        self.wrong = 0;
        if let Some(now) = now {
            self.locked_until = now.0 + i64::from(self.rows.site.lockout_seconds);
        }
        (Verdict::Deny, Reason::UnknownCode, Event::WrongCodes)
    }

    /// Rows 3 to 8.
    fn obstacle(
        &self,
        contact: &Contact,
        uses: Use,
        request: &OpenClose<'_>,
        now: Option<Instant>,
        date: Option<(Date, i32)>,
    ) -> Option<(Reason, Event)> {
        let flag = |flag| contact.permissions.contains(flag);
        if flag(Permissions::SUSPENDED) {
            return Some((Reason::Suspended, Event::KnownDenied));
        }
        match now {
            None if !contact.validity.is_unbounded() => return Some((Reason::TimeUnknown, Event::TimeDenied)),
            Some(now) if now < contact.validity.from => return Some((Reason::NotYetValid, Event::KnownDenied)),
            Some(now) if now >= contact.validity.until => return Some((Reason::Expired, Event::KnownDenied)),
            _ => {}
        }
        if flag(Permissions::POWERLESS) {
            return Some((Reason::Powerless, Event::LegalCodeEntry));
        }
        if flag(Permissions::REMOTE_ONLY) && !request.remote {
            return Some((Reason::RemoteOnly, Event::KnownDenied));
        }
        let opening = request.action == Action::Open;
        let used_up = match (contact.limit, now) {
            (UseLimit::Unlimited, _) => false,
            (UseLimit::Once, _) => uses.used,
            (UseLimit::OncePerDay, _) if !opening => false,
            (_, None) => return Some((Reason::TimeUnknown, Event::TimeDenied)),
            (UseLimit::OncePerDay, Some(_)) => date.is_some_and(|(date, _)| uses.opened_on >= date.0),
            (UseLimit::MinutesFromFirstUse(minutes), Some(now)) => uses.used && now.0 >= uses.first + i64::from(minutes) * 60,
        };
        if used_up {
            return Some((Reason::UsedUp, Event::KnownDenied));
        }
        let place = request.place;
        let own = match contact.areas.0 {
            0 => true,
            number => self.rows.lists[usize::from(number) - 1].covers(place),
        };
        if !own || !self.rows.site.areas.covers(place) {
            return Some((Reason::AreaNotAssigned, Event::LevelDenied));
        }
        if flag(Permissions::GUEST) && opening && request.armed_by != contact.user {
            return Some((Reason::NotArmedByYou, Event::LevelDenied));
        }
        None
    }

    /// Rows 9 to 14.
    fn judge(&self, contact: &Contact, request: &OpenClose<'_>, now: Option<Instant>, date: Option<(Date, i32)>) -> Answer {
        let flag = |flag| contact.permissions.contains(flag);
        let option = |option| self.rows.site.options.contains(option);
        let opening = request.action == Action::Open;
        let normal = if opening { Event::Opening } else { Event::Closing };
        if flag(Permissions::ANYTIME) {
            let event = date.map_or(normal, |(date, minute)| self.classify(request, date, minute).1);
            return (Verdict::Allow, Reason::Anytime, event);
        }
        let mut class = (false, normal);
        if let Some((date, minute)) = date {
            class = self.classify(request, date, minute);
            if flag(Permissions::WITH_SCHEDULE) && class.0 {
                return (Verdict::Allow, Reason::WithinSchedule, class.1);
            }
            if flag(Permissions::WITHIN_TEMP_OPEN) && self.in_window(request.place, date, minute) {
                return (Verdict::Allow, Reason::WithinTempOpen, normal);
            }
        }
        if !contact.permissions.intersects(Permissions::OPEN_CLOSE) {
            return (Verdict::Deny, Reason::NoOpenClosePermission, Event::LevelDenied);
        }
        let closing_excused = !opening && option(SiteOptions::NEVER_REFUSE_CLOSING);
        if now.is_none() {
            return match closing_excused {
                true => (Verdict::AllowWithViolation, Reason::TimeUnknown, normal),
                false => (Verdict::Deny, Reason::TimeUnknown, Event::TimeDenied),
            };
        }
        let outside = if flag(Permissions::WITH_SCHEDULE) { Reason::OutsideSchedule } else { Reason::OutsideTempOpen };
        let alarm_excused = opening && request.in_alarm && option(SiteOptions::OPEN_IN_ALARM);
        if option(SiteOptions::REPORT_ONLY) || closing_excused || alarm_excused {
            return (Verdict::AllowWithViolation, outside, class.1);
        }
        (Verdict::Deny, outside, Event::TimeDenied)
    }

    fn in_window(&self, place: Place, date: Date, minute: i32) -> bool {
        self.rows.windows.iter().any(|window| {
            self.rows.lists[usize::from(window.areas.0) - 1].covers(place)
                && [0, 1].iter().any(|shift| {
                    let start = Date(date.0 - shift);
                    let minute = minute + shift * DAY;
                    contains(window.weekdays, start)
                        && window.dates.from <= start
                        && start < window.dates.until
                        && i32::from(window.from) <= minute
                        && minute < i32::from(window.until)
                })
        })
    }

    /// Whether every area is inside its hours, and what opening or closing is reported as.
    fn classify(&self, request: &OpenClose<'_>, date: Date, minute: i32) -> (bool, Event) {
        let opening = request.action == Action::Open;
        let (mut inside, mut off_time, mut near) = (true, false, true);
        for area in request.place.areas().numbers() {
            let governs = |list: usize| self.rows.lists[list - 1].of_system(request.place.system()).0 >> (area - 1) & 1 == 1;
            let schedule = self.rows.schedules.iter().position(|schedule| schedule.areas.0 != 0 && governs(usize::from(schedule.areas.0)));
            match schedule.map_or(Standing::Outside, |index| self.standing(index as u8 + 1, opening, date, minute)) {
                Standing::Inside(span, minute) => {
                    off_time |= if opening { minute >= i32::from(span.must_be_open_by) } else { minute < i32::from(span.closes_from) };
                }
                Standing::Near => inside = false,
                Standing::Outside => {
                    inside = false;
                    near = false;
                }
            }
        }
        let event = match (opening, inside, off_time, near) {
            (true, true, false, _) => Event::Opening,
            (true, true, true, _) if request.in_alarm => Event::LateOpeningFromAlarm,
            (true, true, true, _) => Event::LateOpening,
            (true, false, _, true) if request.in_alarm => Event::EarlyOpeningFromAlarm,
            (true, false, _, true) => Event::EarlyOpening,
            (true, false, _, false) => Event::UnscheduledOpening,
            (false, true, false, _) => Event::Closing,
            (false, true, true, _) => Event::EarlyClosing,
            (false, false, _, true) => Event::LateClosing,
            (false, false, _, false) => Event::UnscheduledClosing,
        };
        (inside, event)
    }

    fn standing(&self, schedule: u8, opening: bool, date: Date, minute: i32) -> Standing<'_> {
        let mut near = false;
        let mut inside: Option<(&Span, i32, i32)> = None;
        for shift in [0, 1, -1] {
            let start = Date(date.0 - shift);
            let minute = minute + shift * DAY;
            let Some(kind) = self.kind_on(schedule, start) else { continue };
            for span in &self.rows.spans {
                let layer = &self.rows.layers[usize::from(span.layer) - 1];
                if layer.schedule != schedule || layer.kind != kind || !contains(span.weekdays, start) || !self.names(layer, start) {
                    continue;
                }
                let (opens, closed) = (i32::from(span.opens_from), i32::from(span.must_be_closed_by));
                let end = closed - shift * DAY;
                if opens <= minute && minute < closed {
                    if inside.is_none_or(|(_, _, last)| last < end) {
                        inside = Some((span, minute, end));
                    }
                } else if opening {
                    near |= minute < opens && opens - minute <= i32::from(self.rows.site.early_margin);
                } else {
                    near |= closed <= minute && minute < closed + i32::from(self.rows.site.late_margin);
                }
            }
        }
        match inside {
            Some((span, minute, _)) => Standing::Inside(span, minute),
            None if near => Standing::Near,
            None => Standing::Outside,
        }
    }

    /// The strongest kind of layer that names a date.
    fn kind_on(&self, schedule: u8, date: Date) -> Option<LayerKind> {
        self.rows.layers.iter().filter(|layer| layer.schedule == schedule && self.names(layer, date)).map(|layer| layer.kind).max()
    }

    fn names(&self, layer: &Layer, date: Date) -> bool {
        match layer.kind {
            LayerKind::Permanent => true,
            LayerKind::Alternate | LayerKind::Temporary => layer.dates.from <= date && date < layer.dates.until,
            LayerKind::Holiday => {
                let (year, month, day) = date.civil();
                self.rows.holidays.iter().any(|holiday| {
                    (holiday.month, holiday.day) == (month, day)
                        && (holiday.year == 0 || holiday.year == year)
                        && layer.groups >> holiday.group & 1 == 1
                })
            }
        }
    }
}

fn contains(weekdays: Weekdays, date: Date) -> bool {
    weekdays.bits() >> date.weekday() & 1 == 1
}

/// The same in C; see `floor/floor.c`.
pub mod c {
    use super::*;

    #[repr(C)]
    struct ContactRow {
        user: u16,
        permissions: u16,
        limit: u8,
        areas: u8,
        minutes: u16,
        from: i64,
        until: i64,
        used: u8,
        first_use: i64,
        opened_on: i32,
    }

    #[repr(C)]
    struct LayerRow {
        schedule: u8,
        kind: u8,
        groups: u8,
        from: i32,
        until: i32,
    }

    #[repr(C)]
    struct SpanRow {
        layer: u8,
        weekdays: u8,
        opens_from: u16,
        must_be_open_by: u16,
        closes_from: u16,
        must_be_closed_by: u16,
    }

    #[repr(C)]
    struct HolidayRow {
        year: u16,
        month: u8,
        day: u8,
        group: u8,
    }

    #[repr(C)]
    struct WindowRow {
        areas: u8,
        weekdays: u8,
        from_date: i32,
        until_date: i32,
        from: u16,
        until: u16,
    }

    #[repr(C)]
    struct CredentialRow {
        digest: [u8; 8],
        user: u16,
    }

    #[repr(C)]
    struct ChangeRow {
        month: u8,
        week: u8,
        weekday: u8,
        minute: i16,
    }

    #[repr(C)]
    struct SiteTables {
        standard: i16,
        daylight: i16,
        starts: ChangeRow,
        ends: ChangeRow,
        areas: [u32; 8],
        options: u8,
        early_margin: u16,
        late_margin: u16,
        wrong_code_limit: u8,
        lockout_seconds: u16,
        wrong: u8,
        locked_until: i64,
        lists: *const [u32; 8],
        schedules: *const u8,
        layers: *const LayerRow,
        spans: *const SpanRow,
        holidays: *const HolidayRow,
        windows: *const WindowRow,
        contacts: *mut ContactRow,
        codes: *const CredentialRow,
        schedule_count: u16,
        layer_count: u16,
        span_count: u16,
        holiday_count: u16,
        window_count: u16,
        contact_count: u16,
        code_count: u16,
    }

    #[repr(C)]
    struct RequestRow {
        by_code: u8,
        has_user: u8,
        opening: u8,
        remote: u8,
        in_alarm: u8,
        time_known: u8,
        system: u8,
        user: u16,
        armed_by: u16,
        digest: [u8; 8],
        areas: u32,
        now: i64,
    }

    #[repr(C)]
    #[derive(Clone, Copy)]
    struct AnswerRow {
        verdict: u8,
        reason: u8,
        event: u8,
    }

    #[allow(unsafe_code, reason = "this is how C is called")]
    unsafe extern "C" {
        fn floor_open_close(site: *mut SiteTables, request: *const RequestRow) -> AnswerRow;
    }

    /// The bytes of rows, padding included.
    fn bytes_of<T>(rows: &[T]) -> Vec<u8> {
        let mut bytes = vec![0; size_of_val(rows)];
        // SAFETY: as many bytes as the rows have, into as many; what was padding there is of no account here.
        #[allow(unsafe_code, reason = "C reads the bytes")]
        unsafe {
            std::ptr::copy_nonoverlapping(rows.as_ptr().cast(), bytes.as_mut_ptr(), bytes.len());
        }
        bytes
    }

    /// A site in C's tables, and what has happened there.
    #[allow(dead_code, reason = "the vectors are what the tables point into")]
    pub struct Floor {
        tables: SiteTables,
        lists: Vec<[u32; 8]>,
        schedules: Vec<u8>,
        layers: Vec<LayerRow>,
        spans: Vec<SpanRow>,
        holidays: Vec<HolidayRow>,
        windows: Vec<WindowRow>,
        contacts: Vec<ContactRow>,
        codes: Vec<CredentialRow>,
    }

    impl Floor {
        /// The site, before anything has happened.
        pub fn new(rows: &Rows) -> Self {
            let change =
                |change: &Change| ChangeRow { month: change.month, week: change.week, weekday: change.weekday, minute: change.minute };
            let limit = |limit| match limit {
                UseLimit::Unlimited => (0, 0),
                UseLimit::Once => (1, 0),
                UseLimit::OncePerDay => (2, 0),
                UseLimit::MinutesFromFirstUse(minutes) => (3, minutes),
            };
            let lists: Vec<_> = rows.lists.iter().map(|list| list.0.map(|areas| areas.0)).collect();
            let schedules: Vec<_> = rows.schedules.iter().map(|schedule| schedule.areas.0).collect();
            let layers = rows.layers.iter().map(|layer| LayerRow {
                schedule: layer.schedule,
                kind: layer.kind as u8,
                groups: layer.groups,
                from: layer.dates.from.0,
                until: layer.dates.until.0,
            });
            let spans = rows.spans.iter().map(|span| SpanRow {
                layer: span.layer,
                weekdays: span.weekdays.bits(),
                opens_from: span.opens_from,
                must_be_open_by: span.must_be_open_by,
                closes_from: span.closes_from,
                must_be_closed_by: span.must_be_closed_by,
            });
            let holidays = rows.holidays.iter().map(|holiday| HolidayRow {
                year: holiday.year,
                month: holiday.month,
                day: holiday.day,
                group: holiday.group,
            });
            let windows = rows.windows.iter().map(|window| WindowRow {
                areas: window.areas.0,
                weekdays: window.weekdays.bits(),
                from_date: window.dates.from.0,
                until_date: window.dates.until.0,
                from: window.from,
                until: window.until,
            });
            let contacts = rows.contacts.iter().map(|contact| ContactRow {
                user: contact.user.0,
                permissions: contact.permissions.bits(),
                limit: limit(contact.limit).0,
                areas: contact.areas.0,
                minutes: limit(contact.limit).1,
                from: contact.validity.from.0,
                until: contact.validity.until.0,
                used: 0,
                first_use: 0,
                opened_on: i32::MIN,
            });
            let codes = rows.codes.iter().map(|credential| CredentialRow { digest: credential.digest.0, user: credential.user.0 });
            let (layers, spans): (Vec<_>, Vec<_>) = (layers.collect(), spans.collect());
            let (holidays, windows): (Vec<_>, Vec<_>) = (holidays.collect(), windows.collect());
            let (mut contacts, codes): (Vec<_>, Vec<_>) = (contacts.collect(), codes.collect());
            let site = &rows.site;
            let tables = SiteTables {
                standard: site.zone.standard,
                daylight: site.zone.daylight,
                starts: change(&site.zone.starts),
                ends: change(&site.zone.ends),
                areas: site.areas.0.map(|areas| areas.0),
                options: site.options.bits(),
                early_margin: site.early_margin,
                late_margin: site.late_margin,
                wrong_code_limit: site.wrong_code_limit,
                lockout_seconds: site.lockout_seconds,
                wrong: 0,
                locked_until: i64::MIN,
                lists: lists.as_ptr(),
                schedules: schedules.as_ptr(),
                layers: layers.as_ptr(),
                spans: spans.as_ptr(),
                holidays: holidays.as_ptr(),
                windows: windows.as_ptr(),
                contacts: contacts.as_mut_ptr(),
                codes: codes.as_ptr(),
                schedule_count: schedules.len() as u16,
                layer_count: layers.len() as u16,
                span_count: spans.len() as u16,
                holiday_count: holidays.len() as u16,
                window_count: windows.len() as u16,
                contact_count: contacts.len() as u16,
                code_count: codes.len() as u16,
            };
            Self { tables, lists, schedules, layers, spans, holidays, windows, contacts, codes }
        }

        /// The site as a processor with pointers of four bytes has it: `struct site`, then the tables. What are pointers in C are distances from the first
        /// byte; `firmware-example/measure/floor.c` makes pointers of them.
        pub fn image(&self) -> Vec<u8> {
            const SITE: usize = 128;
            let tables = [
                bytes_of(&self.lists),
                bytes_of(&self.schedules),
                bytes_of(&self.layers),
                bytes_of(&self.spans),
                bytes_of(&self.holidays),
                bytes_of(&self.windows),
                bytes_of(&self.contacts),
                bytes_of(&self.codes),
            ];
            // What stands in front of the pointers is laid out alike everywhere.
            let pointers = std::mem::offset_of!(SiteTables, lists);
            let mut image = bytes_of(std::slice::from_ref(&self.tables))[..pointers].to_vec();
            let mut rows = Vec::new();
            for table in tables {
                image.extend(u32::try_from(SITE + rows.len()).expect("a short table").to_le_bytes());
                rows.extend(table);
                rows.resize(rows.len().next_multiple_of(8), 0);
            }
            let site = &self.tables;
            for count in [site.schedule_count, site.layer_count, site.span_count, site.holiday_count, site.window_count] {
                image.extend(count.to_le_bytes());
            }
            image.extend(site.contact_count.to_le_bytes());
            image.extend(site.code_count.to_le_bytes());
            image.resize(SITE, 0);
            [image, rows].concat()
        }

        /// May the contact open or close? The numbers of verdict, reason and event.
        pub fn open_close(&mut self, request: &OpenClose<'_>, time: Time) -> (u8, u8, u8) {
            let (by_code, user, digest) = match request.who {
                Who::User(user) => (false, Some(user), [0; 8]),
                Who::Code(code) => (true, None, CODE_KEY.digest_code(code).0),
                Who::UserAndCode(user, code) => (true, Some(user), CODE_KEY.digest_code(code).0),
                Who::Passcode(_) | Who::UserAndPasscode(..) => (true, None, [0; 8]),
            };
            let row = RequestRow {
                by_code: by_code.into(),
                has_user: user.is_some().into(),
                opening: (request.action == Action::Open).into(),
                remote: request.remote.into(),
                in_alarm: request.in_alarm.into(),
                time_known: matches!(time, Time::Known(_)).into(),
                system: request.place.system(),
                user: user.unwrap_or(UserNumber::NOBODY).0,
                armed_by: request.armed_by.0,
                digest,
                areas: request.place.areas().0,
                now: if let Time::Known(instant) = time { instant.0 } else { 0 },
            };
            // SAFETY: the tables point into vectors that live as long as `self` and are as long as the counts say.
            #[allow(unsafe_code, reason = "this is how C is called")]
            let answer = unsafe { floor_open_close(&mut self.tables, &row) };
            (answer.verdict, answer.reason, answer.event)
        }
    }
}
