//! Opening (disarming) and closing (arming).

use crate::contact::{Permissions, UseLimit, UserNumber};
use crate::decide::person::{Asker, Manner, Person};
use crate::decision::{Decision, Outcome, Reason, Verdict, allow, deny, table, violation};
use crate::engineer::{Capabilities, GrantId};
use crate::ledger::openings::TempOpening;
use crate::ledger::panel::{Changes, ContactRecord, PanelMemory};
use crate::mask::{select, settled};
use crate::place::Place;
use crate::policy::panel::{PanelPolicy, SiteOptions};
use crate::report::{Event, Report};
use crate::schedule::{Hours, Margin, NO_WINDOW, Timetable};
use crate::time::{Date, Instant, Now};

/// Opening or closing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Action {
    /// Disarm.
    Open,
    /// Arm.
    Close,
}

/// A request to open or close areas.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct OpenClose<'a> {
    /// Who asks.
    pub who: super::Who<'a>,
    /// What for.
    pub action: Action,
    /// Where.
    pub place: Place,
    /// Whether it comes from elsewhere than the keypad.
    pub remote: bool,
    /// Who armed the areas; nobody if unknown. Only guests are asked.
    pub armed_by: UserNumber,
    /// Whether the site is in alarm.
    pub in_alarm: bool,
}

/// Decides `request`, whose credential has been found to be `asker`'s.
#[inline(always)]
pub(crate) fn decide(
    policy: &PanelPolicy<'_>,
    timetable: &Timetable<'_>,
    memory: &PanelMemory<'_>,
    asker: Asker,
    request: &OpenClose<'_>,
    now: Now,
) -> (Decision, Changes) {
    let site = policy.site;
    let opening = matches!(request.action, Action::Open);
    let place = request.place;
    let year = timetable.zone.year_of(now.instant);
    let clock = year.wall_clock(now.instant);
    let margin = select(opening, Margin::early(site.early_margin), Margin::late(site.late_margin));
    // First, so that a processor that looks ahead finds the contact while it works out the date.
    let manner = Manner { remote: request.remote, opening, date: clock.date };
    let person = Person::new(policy, memory, asker, manner, now);
    let hours = timetable.columns.hours(place, clock, margin);
    let window_end = timetable.columns.window_end(place, clock);
    let local_window_end = memory.window_end(place, now);

    let contact = person.contact;
    let has = |permission| contact.permissions.has(permission);
    let with_schedule = has(Permissions::WITH_SCHEDULE);
    let within_temp_open = has(Permissions::WITHIN_TEMP_OPEN);
    let own_areas = select(contact.areas.0 == 0, place.areas(), *place.of(&timetable.list(contact.areas).0));
    let is_own = place.areas().within(own_areas) & site.areas.covers(place);
    let armed_it = request.armed_by.0 == contact.user.0;
    let has_window = (window_end != NO_WINDOW) | (local_window_end.0 > now.instant.0);
    let in_window = within_temp_open & now.known & has_window;
    let openings = memory.openings.around(place, opening, now, memory.mark.is_set());
    let has_room = !opening | openings.has_room();

    let option = |option: SiteOptions| site.options.contains(option);
    let closing_excused = !opening & option(SiteOptions::NEVER_REFUSE_CLOSING);
    let alarm_excused = opening & request.in_alarm & option(SiteOptions::OPEN_IN_ALARM);
    let excused = option(SiteOptions::REPORT_ONLY) | closing_excused | alarm_excused;

    let rows = table! { Outcome:
        !is_own => deny(Reason::AreaNotAssigned, Event::LevelDenied),
        has(Permissions::GUEST) & opening & !armed_it => deny(Reason::NotArmedByYou, Event::LevelDenied),
        has(Permissions::ANYTIME) => allow(Reason::Anytime, Event::Nothing),
        with_schedule & now.known & hours.inside => allow(Reason::WithinSchedule, Event::Nothing),
        in_window & !has_room => deny(Reason::NoRoom, Event::LevelDenied),
        in_window => allow(Reason::WithinTempOpen, Event::Nothing),
        !has(Permissions::OPEN_CLOSE) => deny(Reason::NoOpenClosePermission, Event::LevelDenied),
        !now.known & closing_excused => violation(Reason::TimeUnknown),
        !now.known => deny(Reason::TimeUnknown, Event::TimeDenied),
        excused & with_schedule => violation(Reason::OutsideSchedule),
        excused => violation(Reason::OutsideTempOpen),
        with_schedule => deny(Reason::OutsideSchedule, Event::TimeDenied),
        true => deny(Reason::OutsideTempOpen, Event::TimeDenied),
    };
    let outcome = person.rows.then(&rows);

    let is_allowed = outcome.verdict as u8 != Verdict::Deny as u8;
    let by_schedule = outcome.reason as u8 == Reason::WithinSchedule as u8;
    let by_window = outcome.reason as u8 == Reason::WithinTempOpen as u8;
    let minutes = i64::from(contact.temp_open_minutes) * 60;
    let minutes_end = Instant(select(minutes == 0, i64::MAX, now.instant.plus(minutes).0));
    let end = settled(year.next_reading(clock.date, select(by_schedule, hours.end, window_end).min(2 * 1440), now.instant));
    let window_end = local_window_end.max(Instant(select(window_end != NO_WINDOW, end.0, i64::MIN)));
    let close_by = minutes_end.min(window_end);
    let row_end = Instant(select(by_schedule, end.0, select(by_window, select(opening, close_by, window_end).0, i64::MAX)));
    let until = row_end.min(contact.validity.until).min(person.minutes_end);
    let opens_temporarily = is_allowed & by_window & opening;

    let event = classify(&outcome, &hours, opening, request.in_alarm, now.known & !by_window);
    let event = select(is_allowed & has(Permissions::DURESS), Event::Duress, select(is_allowed, event, outcome.event));
    let silent = event as u8 == Event::Nothing as u8;
    let decision = Decision {
        verdict: outcome.verdict,
        reason: outcome.reason,
        user: contact.user,
        grant: GrantId::NONE,
        report: select(
            silent,
            Report::NOTHING,
            Report { event, user: contact.user, system: place.system(), areas: place.areas(), ..Report::NOTHING },
        ),
        until: select(is_allowed, until.ending(), None),
        close_by: select(opens_temporarily, Some(close_by), None),
        left: Capabilities::empty(),
    };
    let limited = !matches!(contact.limit, UseLimit::Unlimited);
    let used_on = select(opening & now.known, clock.date.0, person.record.opened_on.0);
    let areas = TempOpening { system: place.system(), areas: place.areas(), close_by, user: contact.user, identity: contact.identity };
    let changes = Changes {
        floor: now.raised(memory.floor),
        lockout: person.lockout,
        slot: person.slot,
        record: ContactRecord {
            user: UserNumber(select(is_allowed & limited, contact.user.0, 0)),
            used: true,
            first_use: Instant(select(now.known, person.record.first_use.0.min(now.instant.0), person.record.first_use.0)),
            opened_on: Date(used_on),
            ..person.record
        },
        moved: openings.moved(areas, is_allowed & !opening, opens_temporarily),
    };
    (decision, changes)
}

/// What an opening or closing that goes ahead is reported as. Not `judged`: as a normal one.
fn classify(outcome: &Outcome, hours: &Hours, opening: bool, in_alarm: bool, judged: bool) -> Event {
    const OPENINGS: [Event; 4] = [Event::Opening, Event::EarlyOpening, Event::LateOpening, Event::UnscheduledOpening];
    const FROM_ALARM: [Event; 4] = [Event::Opening, Event::EarlyOpeningFromAlarm, Event::LateOpeningFromAlarm, Event::UnscheduledOpening];
    const CLOSINGS: [Event; 4] = [Event::Closing, Event::EarlyClosing, Event::LateClosing, Event::UnscheduledClosing];
    // The margin lies before the hours for openings and after them for closings; off time is the other way round.
    let early = select(opening, hours.within_margin, hours.off_time);
    let late = select(opening, hours.off_time, hours.within_margin);
    let class = select(early, 1, select(late, 2, select(hours.inside, 0, 3_u8)));
    let class = select(judged, class, 0);
    let events = select(opening, select(in_alarm, FROM_ALARM, OPENINGS), CLOSINGS);
    events.get(usize::from(class)).copied().unwrap_or(outcome.event)
}
