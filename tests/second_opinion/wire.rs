//! The model's policy as the rows of the core's tables.
//!
//! The model counts systems, areas and schedules from 0, weekdays from Sunday and dates to their last; the core counts from 1, from Monday
//! and to the first date after.

use super::model::{self, Capability, LayerKind as Kind, Place, Policy};
use jiff::civil;
use keyholder::code::{Code, CodeKey, Credential, Passcode};
use keyholder::contact::{Contact, ListNumber, Permissions, UseLimit, UserNumber};
use keyholder::engineer::{AccessOptions, Capabilities, Engineer, EngineerId, Grant, GrantId, Identity, SiteAccess, SiteId, Standing};
use keyholder::firmware::{Authorisation, AuthorisationId, ImageDigest, Model, Version};
use keyholder::place::{AreaList, Areas};
use keyholder::policy::access::{AccessSnapshot, ReceiverHead, ReceiverSnapshot};
use keyholder::policy::panel::{PanelSnapshot, Site, SiteOptions};
use keyholder::schedule::{Holiday, Layer, LayerKind, Schedule, Span, TempOpenWindow};
use keyholder::time::{Date, DateRange, Instant, Period, Weekdays};
use keyholder::zone::{Change, Zone};

/// The site's secret in every test.
pub fn code_key() -> CodeKey {
    CodeKey::new([0x5a; 32])
}

/// Everything a panel's snapshot names.
#[derive(Clone, Debug)]
pub struct PanelRows {
    pub site: Site,
    pub lists: Vec<AreaList>,
    pub schedules: Vec<Schedule>,
    pub layers: Vec<Layer>,
    pub spans: Vec<Span>,
    pub holidays: Vec<Holiday>,
    pub windows: Vec<TempOpenWindow>,
    pub contacts: Vec<Contact>,
    pub codes: Vec<Credential>,
    pub passcodes: Vec<Credential>,
    pub access: AccessRows,
}

/// Everything about engineers.
#[derive(Clone, Debug)]
pub struct AccessRows {
    pub sites: Vec<SiteAccess>,
    pub engineers: Vec<Engineer>,
    pub grants: Vec<Grant>,
    pub authorisations: Vec<Authorisation>,
}

impl PanelRows {
    pub fn of(policy: &Policy) -> Self {
        let site = &policy.site;
        let mut rows = Self {
            site: site_of(policy),
            lists: Vec::new(),
            schedules: Vec::new(),
            layers: Vec::new(),
            spans: Vec::new(),
            holidays: site.holidays.iter().map(holiday).collect(),
            windows: Vec::new(),
            contacts: Vec::new(),
            codes: Vec::new(),
            passcodes: Vec::new(),
            access: AccessRows::of(policy),
        };
        for schedule in &site.schedules {
            let areas = rows.list(&schedule.governs);
            rows.schedules.push(Schedule { areas });
            for layer in &schedule.layers {
                rows.layer(layer);
            }
        }
        for window in &site.windows {
            let areas = rows.list(&window.areas);
            rows.windows.push(TempOpenWindow {
                areas,
                weekdays: weekdays(&window.weekdays),
                dates: window.dates.map_or(DateRange::ALWAYS, |(first, last)| dates(first, last)),
                from: number(window.from),
                until: number(window.until),
            });
        }
        for contact in &site.contacts {
            rows.contact(contact);
        }
        rows.sort();
        rows
    }

    /// Puts the keyed tables in order.
    pub fn sort(&mut self) {
        self.spans.sort_by_key(|span| (span.layer, span.opens_from));
        self.holidays.sort_by_key(|holiday| (holiday.year, holiday.month, holiday.day));
        self.contacts.sort_by_key(|contact| contact.user);
        self.codes.sort_by_key(|credential| credential.digest);
        self.passcodes.sort_by_key(|credential| credential.digest);
        self.access.sort();
    }

    fn list(&mut self, places: &[Place]) -> ListNumber {
        let list = area_list(places);
        if list.is_empty() {
            return ListNumber::NONE;
        }
        let index = self.lists.iter().position(|known| *known == list).unwrap_or_else(|| {
            self.lists.push(list);
            self.lists.len() - 1
        });
        ListNumber(number(index + 1))
    }

    fn layer(&mut self, layer: &model::Layer) {
        let (kind, dates, groups) = match &layer.kind {
            Kind::Permanent => (LayerKind::Permanent, DateRange::NEVER, 0),
            Kind::Alternate(first, last) => (LayerKind::Alternate, dates(*first, *last), 0),
            Kind::Holiday(groups) => (LayerKind::Holiday, DateRange::NEVER, groups.iter().fold(0, |set, group| set | 1 << group)),
            Kind::Temporary(first, last) => (LayerKind::Temporary, dates(*first, *last), 0),
        };
        self.layers.push(Layer { schedule: number(self.schedules.len()), kind, dates, groups });
        let layer_number = number(self.layers.len());
        self.spans.extend(layer.spans.iter().map(|row| Span { layer: layer_number, ..span(row) }));
    }

    fn contact(&mut self, contact: &model::Contact) {
        let user = UserNumber(contact.number);
        let areas = contact.own_areas.as_deref().map_or(ListNumber::NONE, |own| self.list(own));
        let test_areas = self.list(&contact.test_areas);
        self.contacts.push(Contact {
            user,
            identity: u32::try_from(contact.identity).expect("a small identity").to_le_bytes(),
            permissions: permissions(&contact.flags),
            validity: contact.validity.map_or(Period::ALWAYS, |(from, until)| period(from, until)),
            limit: match contact.use_limit {
                model::UseLimit::Unlimited => UseLimit::Unlimited,
                model::UseLimit::Once => UseLimit::Once,
                model::UseLimit::OncePerDay => UseLimit::OncePerDay,
                model::UseLimit::MinutesFromFirstUse(minutes) => UseLimit::MinutesFromFirstUse(number(minutes)),
            },
            areas,
            test_areas,
            temp_open_minutes: number(contact.temp_open_minutes),
        });
        let key = code_key();
        let digest = |code: &String| key.digest_code(&Code::typed(code.as_bytes()));
        self.codes.extend(contact.code.iter().map(|code| Credential { digest: digest(code), user }));
        let digest = |passcode: &String| key.digest_passcode(&Passcode::told(passcode.as_bytes()));
        self.passcodes.extend(contact.passcode.iter().map(|passcode| Credential { digest: digest(passcode), user }));
    }

    pub fn snapshot(&self) -> PanelSnapshot<'_> {
        PanelSnapshot {
            site: self.site,
            lists: &self.lists,
            schedules: &self.schedules,
            layers: &self.layers,
            spans: &self.spans,
            holidays: &self.holidays,
            windows: &self.windows,
            contacts: &self.contacts,
            codes: &self.codes,
            passcodes: &self.passcodes,
            access: self.access.snapshot(),
        }
    }
}

impl AccessRows {
    pub fn of(policy: &Policy) -> Self {
        let access = &policy.access;
        let mut rows = Self {
            sites: access.sites.iter().map(access_site).collect(),
            engineers: access.engineers.iter().map(engineer).collect(),
            grants: access.grants.iter().map(grant).collect(),
            authorisations: access.authorisations.iter().map(authorisation).collect(),
        };
        rows.sort();
        rows
    }

    pub fn sort(&mut self) {
        self.sites.sort_by_key(|site| site.id);
        self.engineers.sort_by_key(|engineer| engineer.id);
        self.grants.sort_by_key(|grant| (grant.engineer, grant.site, grant.id));
        self.authorisations.sort_by_key(|authorisation| authorisation.id);
    }

    pub fn snapshot(&self) -> AccessSnapshot<'_> {
        AccessSnapshot { sites: &self.sites, engineers: &self.engineers, grants: &self.grants, authorisations: &self.authorisations }
    }

    pub fn receiver_snapshot(&self, id: SiteId, clock_tolerance: u16) -> ReceiverSnapshot<'_> {
        ReceiverSnapshot { head: ReceiverHead { id, clock_tolerance }, access: self.snapshot() }
    }
}

/// A number that fits wherever it goes.
pub fn number<T: TryInto<U>, U>(value: T) -> U {
    value.try_into().ok().expect("the generator keeps to the ranges of the wire")
}

pub fn areas(numbers: &[u8]) -> Areas {
    Areas(numbers.iter().fold(0, |set, area| set | 1 << area))
}

pub fn area_list(places: &[Place]) -> AreaList {
    let mut list = AreaList::NONE;
    for place in places {
        list.0[usize::from(place.system)].0 |= areas(&place.areas).0;
    }
    list
}

pub fn date(date: civil::Date) -> Date {
    Date::new(number(date.year()), number(date.month()), number(date.day()))
}

fn dates(first: civil::Date, last: civil::Date) -> DateRange {
    DateRange { from: date(first), until: Date(date(last).0 + 1) }
}

fn period(from: i64, until: i64) -> Period {
    Period { from: Instant(from), until: Instant(until) }
}

fn weekdays(sunday_first: &[bool; 7]) -> Weekdays {
    let bits = (0..7).filter(|day| sunday_first[*day]).fold(0, |bits, day| bits | 1 << ((day + 6) % 7));
    Weekdays::from_bits_retain(bits)
}

/// A span of no layer yet.
pub fn span(span: &model::Span) -> Span {
    Span {
        layer: 0,
        weekdays: weekdays(&span.weekdays),
        opens_from: number(span.opens_from),
        must_be_open_by: span.must_be_open_by.map_or(Span::NO_DEADLINE, number),
        closes_from: number(span.closes_from),
        must_be_closed_by: number(span.must_be_closed_by),
    }
}

fn holiday(holiday: &model::Holiday) -> Holiday {
    let (year, month, day) = match holiday.date {
        model::HolidayDate::Once(date) => (number(date.year()), date.month(), date.day()),
        model::HolidayDate::Yearly { month, day } => (0, month, day),
    };
    Holiday { year, month: number(month), day: number(day), group: holiday.group }
}

/// The flags whose condition holds, in one set.
macro_rules! flags {
    ($set:ident: $($flag:ident if $condition:expr,)*) => {{
        let mut set = $set::empty();
        $(set.set($set::$flag, $condition);)*
        set
    }};
}

fn site_of(policy: &Policy) -> Site {
    let site = &policy.site;
    let options = &site.options;
    let rule = site.zone.rule;
    let change = |change: super::calendar::Change| Change {
        month: change.month,
        week: change.week,
        weekday: change.weekday,
        minute: number(change.time),
    };
    let fixed = Zone::fixed(number(rule.standard));
    let zone = rule.daylight.map_or(fixed, |daylight| Zone {
        daylight: number(daylight.offset),
        starts: change(daylight.begins),
        ends: change(daylight.ends),
        ..fixed
    });
    Site {
        id: SiteId(site.id),
        zone,
        areas: area_list(&site.areas),
        options: flags! { SiteOptions:
            REPORT_ONLY if options.report_only,
            NEVER_REFUSE_CLOSING if options.never_refuse_closing,
            OPEN_IN_ALARM if options.open_in_alarm,
            USER_AND_CODE if options.number_and_code,
            LOCKOUT_AT_EACH_FURTHER if options.after_first_lockout == model::AfterFirstLockout::EachWrongCode,
        },
        early_margin: number(options.early_margin),
        late_margin: number(options.late_margin),
        latest_close: number(options.latest_close),
        longest_test: number(options.longest_test_minutes),
        wrong_code_limit: number(options.wrong_codes),
        lockout_seconds: number(options.lockout_seconds),
        clock_tolerance: number(policy.clock_tolerance),
    }
}

fn permissions(has: &model::Flags) -> Permissions {
    flags! { Permissions:
        SUSPENDED if has.suspended,
        WITH_SCHEDULE if has.within_schedule,
        WITHIN_TEMP_OPEN if has.within_temp_open,
        ANYTIME if has.anytime,
        CANCEL_ALARM if has.cancel_alarm,
        CHANGE_SCHEDULE if has.change_schedule,
        TEST_ALL if has.test_all,
        TEST_DESIGNATED if has.test_designated,
        EDIT_CUSTOMER if has.edit_customer,
        GIVE_OUT_INFORMATION if has.give_out_information,
        MASTER_USER if has.master_user,
        SITE_ADMINISTRATOR if has.site_administrator,
        DURESS if has.duress,
        GUEST if has.guest,
        REMOTE_ONLY if has.remote_only,
        POWERLESS if has.powerless,
    }
}

pub fn capabilities(list: &[Capability]) -> Capabilities {
    list.iter().fold(Capabilities::empty(), |set, capability| {
        set | match capability {
            Capability::ViewSettings => Capabilities::VIEW_SETTINGS,
            Capability::ChangeSettings => Capabilities::CHANGE_SETTINGS,
            Capability::ChangeUserCodes => Capabilities::CHANGE_USER_CODES,
            Capability::ViewLiveVideo => Capabilities::VIEW_LIVE_VIDEO,
            Capability::ViewRecordedClips => Capabilities::VIEW_RECORDED_CLIPS,
            Capability::ArmDisarm => Capabilities::ARM_DISARM,
            Capability::Bypass => Capabilities::BYPASS,
            Capability::PutOnTest => Capabilities::PUT_ON_TEST,
            Capability::ReadLog => Capabilities::READ_LOG,
            Capability::UpdateFirmware => Capabilities::UPDATE_FIRMWARE,
        }
    })
}

fn access_site(site: &model::AccessSite) -> SiteAccess {
    SiteAccess {
        id: SiteId(site.id),
        options: flags! { AccessOptions:
            CAMERAS if site.cameras,
            RESTRICTED if site.restricted,
            EXEMPT if site.exempt,
            REMOTE_UPGRADE if site.remote_upgrade,
            UPDATE_NEEDS_SESSION if site.session_for_update,
        },
        baseline: capabilities(&site.baseline),
        lifted_at: site.lifted_at.map(Instant),
        longest_session: site.longest_session_minutes.map_or(0, number),
        spot_grant_minutes: number(site.on_the_spot_minutes),
        answer_grant_minutes: number(site.answered_minutes),
    }
}

fn engineer(engineer: &model::Engineer) -> Engineer {
    Engineer {
        id: EngineerId(engineer.id),
        identity: Identity([number(engineer.id); 16]),
        standing: flags! { Standing:
            REGISTERED if engineer.registered,
            SUSPENDED if engineer.suspended,
            UPDATES_FIRMWARE if engineer.update_firmware,
            FEDERATED if engineer.federated,
        },
    }
}

fn grant(grant: &model::Grant) -> Grant {
    Grant {
        engineer: EngineerId(grant.engineer),
        site: SiteId(grant.site),
        id: GrantId(grant.id),
        period: period(grant.from, grant.until),
        begin_by: grant.begin_by.map(Instant),
        one_time: grant.one_time,
        capabilities: capabilities(&grant.capabilities),
        excluded: capabilities(&grant.excluded),
    }
}

fn authorisation(authorisation: &model::FirmwareAuthorisation) -> Authorisation {
    Authorisation {
        id: AuthorisationId(authorisation.id),
        model: Model::named(&authorisation.model).expect("a model's name"),
        first: Version(authorisation.first),
        last: Version(authorisation.last),
        period: period(authorisation.from, authorisation.until),
        image: authorisation.image.map(ImageDigest),
        allows_downgrade: authorisation.allow_downgrade,
    }
}
