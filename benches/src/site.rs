//! A site whose every table is full.

use ed25519_dalek::{Signer, SigningKey};
use keyholder::Wide;
use keyholder::blob::{Head, Keys, Kind, PublicKey};
use keyholder::code::{Code, CodeKey, Credential, Passcode};
use keyholder::contact::{Contact, ListNumber, Permissions, UseLimit, UserNumber};
use keyholder::engineer::{AccessOptions, Capabilities, Engineer, EngineerId, Grant, GrantId, Identity, SiteAccess, SiteId, Standing};
use keyholder::firmware::{Authorisation, AuthorisationId, ImageDigest, Model, Version};
use keyholder::place::{AreaList, Areas};
use keyholder::policy::access::{AccessSnapshot, ReceiverHead, ReceiverSnapshot};
use keyholder::policy::panel::{PanelSnapshot, Site, SiteOptions};
use keyholder::schedule::{Holiday, Layer, LayerKind, Schedule, Span, TempOpenWindow};
use keyholder::time::{Date, DateRange, Instant, Period, Time, Weekdays};
use keyholder::zone::Zone;
use keyholder::{LargePanel, Panel, SmallPanel, StandardPanel};

/// The panel for all 999 user numbers.
pub type Panel1000 = LargePanel;
/// The same tables with room for 256 contacts.
pub type Panel256 = Panel<256, 64, 32, 56, 88, 64, 24, 64, 64, 32, 8, Wide>;
/// The same tables with room for 64 contacts.
pub type Panel64 = Panel<64, 64, 32, 56, 88, 64, 24, 64, 64, 32, 8, Wide>;

/// All 999 user numbers, and otherwise the tables of [`StandardPanel`].
pub type Panel1000Standard = Panel<1000, 32, 16, 24, 40, 32, 16, 16, 16, 16, 8>;

/// What a site is set to, and which engineers it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// As most are.
    Usual,
    /// Never refuses a closing, nor an opening in alarm; updates need a session, and one of them a certain image. Its engineers begin with those who
    /// are refused for what their grant says, so that few are enough.
    Lenient,
    /// Codes need their user number, engineers were shut out until [`LIFTED`], and devices cannot be upgraded.
    Strict,
    /// Nothing but one contact and one engineer.
    Bare,
}

impl Setting {
    /// The first engineer's number; the others follow.
    const fn first_engineer(self) -> u32 {
        if matches!(self, Self::Lenient) { 5 } else { 1 }
    }
}

/// When the cloud let engineers into a site of [`Setting::Strict`].
pub const LIFTED: Instant = at(2026, 11, 10, 12, 0);

/// How many rows of each kind a site gets.
#[derive(Clone, Copy)]
pub struct Size {
    /// What it is set to.
    pub setting: Setting,
    /// Contacts, each with a code and a passcode.
    pub contacts: u16,
    /// Lists of areas; the first ones are the schedules'.
    pub lists: u8,
    /// Schedules.
    pub schedules: u8,
    /// Layers.
    pub layers: usize,
    /// Spans, and layers without any.
    pub spans: usize,
    /// Holidays.
    pub holidays: usize,
    /// Temp-open windows.
    pub windows: u8,
    /// Engineers.
    pub engineers: u32,
    /// Grants.
    pub grants: usize,
    /// Firmware authorisations.
    pub authorisations: u32,
}

impl Size {
    /// The tables of [`LargePanel`], full, with so many contacts.
    pub const fn large(contacts: u16) -> Self {
        Self {
            setting: Setting::Usual,
            contacts,
            lists: 64,
            schedules: 32,
            layers: 56,
            spans: 88,
            holidays: 64,
            windows: 24,
            engineers: 64,
            grants: 64,
            authorisations: 32,
        }
    }

    /// The tables of [`StandardPanel`], full, with so many contacts.
    pub const fn standard(contacts: u16) -> Self {
        Self {
            setting: Setting::Usual,
            contacts,
            lists: 32,
            schedules: 16,
            layers: 24,
            spans: 40,
            holidays: 32,
            windows: 16,
            engineers: 16,
            grants: 16,
            authorisations: 16,
        }
    }

    /// The tables of [`keyholder::SmallPanel`], full.
    pub const SMALL: Self = Self {
        setting: Setting::Usual,
        contacts: 32,
        lists: 6,
        schedules: 2,
        layers: 5,
        spans: 11,
        holidays: 6,
        windows: 2,
        engineers: 4,
        grants: 4,
        authorisations: 2,
    };

    /// A site with one contact, one engineer and nothing else.
    pub const BARE: Self = Self {
        setting: Setting::Bare,
        contacts: 1,
        lists: 0,
        schedules: 0,
        layers: 0,
        spans: 0,
        holidays: 0,
        windows: 0,
        engineers: 1,
        grants: 0,
        authorisations: 0,
    };
}

/// The site of every benchmark.
pub const SITE: SiteId = SiteId(4711);
/// When its blob was made.
pub const ISSUED: Instant = at(2026, 11, 1, 12, 0);
/// 5 hours west, with daylight saving from the second Sunday of March to the first of November.
pub const NEW_YORK: Zone = Zone { daylight: -240, ..Zone::fixed(-300) };

/// The instant at which a clock in UTC shows this.
pub const fn at(year: u16, month: u8, day: u8, hour: i64, minute: i64) -> Instant {
    Instant(Date::new(year, month, day).0 as i64 * 86_400 + hour * 3600 + minute * 60)
}

fn signing_key() -> SigningKey {
    SigningKey::from_bytes(&[42; 32])
}

/// The key that the benchmark's blobs are signed with.
pub fn cloud_key() -> PublicKey {
    PublicKey(signing_key().verifying_key().to_bytes())
}

/// The key of the site's codes.
pub const CODE_KEY: CodeKey = CodeKey::new([7; 32]);

/// Digits as a script has them.
pub fn digits(typed: &[u8]) -> (u8, [u8; 9]) {
    let mut digits = [0; 9];
    digits[..typed.len()].copy_from_slice(typed);
    (typed.len() as u8, digits)
}

/// The digits of a contact's code.
pub fn digits_of(user: u16) -> (u8, [u8; 9]) {
    digits(format!("{:06}", 100_000 + u32::from(user) * 17).as_bytes())
}

fn code_of(user: u16) -> Code {
    let (length, digits) = digits_of(user);
    Code::typed(&digits[..usize::from(length)])
}

/// Who is who. The others are staff that open in the hours, with a few who have areas of their own.
pub mod user {
    /// At any time, everywhere; the first contact.
    pub const FIRST: u16 = 1;
    /// Inside the hours.
    pub const SCHEDULED: u16 = 2;
    /// Within temp-open windows, for 30 minutes.
    pub const TEMPORARY: u16 = 3;
    /// Suspended.
    pub const SUSPENDED: u16 = 4;
    /// From 2030.
    pub const FUTURE: u16 = 5;
    /// Until 2020.
    pub const FORMER: u16 = 6;
    /// Recognised but powerless.
    pub const POWERLESS: u16 = 7;
    /// Asks remotely only.
    pub const REMOTE: u16 = 8;
    /// At any time, once.
    pub const ONCE: u16 = 9;
    /// At any time, once a day.
    pub const DAILY: u16 = 10;
    /// At any time, for an hour from first use.
    pub const HOURLY: u16 = 11;
    /// At any time, in system 8.
    pub const ELSEWHERE: u16 = 12;
    /// At any time, what it armed itself.
    pub const GUEST: u16 = 13;
    /// Cancels alarms, opens nothing.
    pub const OPERATOR: u16 = 14;
    /// At any time, under duress.
    pub const DURESS: u16 = 15;
    /// Inside the hours and within temp-open windows.
    pub const BOTH: u16 = 16;
    /// Inside the hours, from 2026 to 2027.
    pub const BOUNDED: u16 = 17;
    /// At any time, and whatever is done at the keypad besides.
    pub const MASTER: u16 = 18;
}

fn contact(number: u16, last: u16, lists: u8) -> Contact {
    let name = u32::from(number).wrapping_mul(0x9e37_79b9);
    let staff = Contact {
        user: UserNumber(number),
        identity: name.to_le_bytes(),
        permissions: Permissions::WITH_SCHEDULE | Permissions::CANCEL_ALARM,
        ..Contact::NOBODY
    };
    let anytime = Contact { permissions: Permissions::ANYTIME, ..staff };
    let period = |from, until| Period { from, until };
    match number {
        user::SCHEDULED => staff,
        user::TEMPORARY => Contact { permissions: Permissions::WITHIN_TEMP_OPEN, temp_open_minutes: 30, ..staff },
        user::SUSPENDED => Contact { permissions: Permissions::ANYTIME | Permissions::SUSPENDED, ..staff },
        user::FUTURE => Contact { validity: period(at(2030, 1, 1, 0, 0), Instant::LATEST), ..anytime },
        user::FORMER => Contact { validity: period(Instant::EARLIEST, at(2020, 1, 1, 0, 0)), ..anytime },
        user::POWERLESS => Contact { permissions: Permissions::ANYTIME | Permissions::POWERLESS, ..staff },
        user::REMOTE => Contact { permissions: Permissions::ANYTIME | Permissions::REMOTE_ONLY, ..staff },
        user::ONCE => Contact { limit: UseLimit::Once, ..anytime },
        user::DAILY => Contact { limit: UseLimit::OncePerDay, ..anytime },
        user::HOURLY => Contact { limit: UseLimit::MinutesFromFirstUse(60), ..anytime },
        user::ELSEWHERE => Contact { areas: ListNumber(lists), ..anytime },
        user::GUEST => Contact { permissions: Permissions::ANYTIME | Permissions::GUEST, ..staff },
        user::OPERATOR => Contact { permissions: Permissions::CANCEL_ALARM, ..staff },
        user::DURESS => Contact { permissions: Permissions::ANYTIME | Permissions::DURESS, ..staff },
        user::BOTH => {
            let both = Permissions::WITH_SCHEDULE | Permissions::WITHIN_TEMP_OPEN;
            Contact { permissions: both, temp_open_minutes: 30, ..staff }
        }
        user::BOUNDED => Contact { validity: period(at(2026, 1, 1, 0, 0), at(2028, 1, 1, 0, 0)), ..staff },
        user::MASTER => {
            let does_anything = Permissions::all().difference(
                Permissions::SUSPENDED | Permissions::DURESS | Permissions::GUEST | Permissions::REMOTE_ONLY | Permissions::POWERLESS,
            );
            Contact { permissions: does_anything, ..staff }
        }
        number if number == user::FIRST || number == last => anytime,
        number if number % 16 == 5 => Contact { validity: period(at(2026, 1, 1, 5, 0), at(2028, 1, 1, 5, 0)), ..staff },
        number if number % 4 == 2 => Contact { areas: ListNumber(1 + (number % u16::from(lists.max(1))) as u8), ..anytime },
        number if number % 4 == 3 => {
            Contact { permissions: staff.permissions | Permissions::WITHIN_TEMP_OPEN, temp_open_minutes: 60, ..staff }
        }
        _ => staff,
    }
}

/// The rows of a site.
pub struct Rows {
    /// The site's own settings.
    pub site: Site,
    /// Lists of areas.
    pub lists: Vec<AreaList>,
    /// Schedules.
    pub schedules: Vec<Schedule>,
    /// Layers.
    pub layers: Vec<Layer>,
    /// Spans, and layers without any.
    pub spans: Vec<Span>,
    /// Holidays.
    pub holidays: Vec<Holiday>,
    /// Temp-open windows.
    pub windows: Vec<TempOpenWindow>,
    /// Contacts.
    pub contacts: Vec<Contact>,
    /// Whose code is whose.
    pub codes: Vec<Credential>,
    /// Whose passcode is whose.
    pub passcodes: Vec<Credential>,
    /// The site as engineers meet it.
    pub access: SiteAccess,
    /// Engineers.
    pub engineers: Vec<Engineer>,
    /// Grants.
    pub grants: Vec<Grant>,
    /// Firmware authorisations.
    pub authorisations: Vec<Authorisation>,
}

const EVERY_DAY: Weekdays = Weekdays::all();
const WEEKEND: Weekdays = Weekdays::SATURDAY.union(Weekdays::SUNDAY);
const WORKDAYS: Weekdays = EVERY_DAY.difference(WEEKEND);

/// Schedule `number` (from 1) governs eight areas: four schedules to a system.
fn area_list(number: u8, schedules: u8) -> AreaList {
    let mut list = AreaList::NONE;
    let (system, areas) = if number <= schedules {
        ((number - 1) / 4, 0xff << ((number - 1) % 4 * 8))
    } else {
        ((7 + number - schedules) % 8, u32::MAX >> (number % 3))
    };
    list.0[usize::from(system)] = Areas(areas);
    list
}

fn span(layer: usize, weekdays: Weekdays, opens_from: u16, length: u16) -> Span {
    Span {
        layer: layer as u8,
        weekdays,
        opens_from,
        must_be_open_by: opens_from + 30,
        closes_from: opens_from + length - 60,
        must_be_closed_by: opens_from + length,
    }
}

/// Layers in the order of their kinds, and their spans, until one of the tables is full.
fn layers(size: &Size) -> (Vec<Layer>, Vec<Span>) {
    let (mut layers, mut spans) = (Vec::new(), Vec::new());
    let mut room = size.spans;
    let schedules = size.schedules;
    let seasonal = DateRange { from: Date::new(2027, 6, 1), until: Date::new(2027, 9, 1) };
    let passing = DateRange { from: Date::new(2026, 11, 23), until: Date::new(2026, 11, 30) };
    let permanent = (1..=schedules).map(|schedule| {
        let night = schedule == 9;
        let hours = if night { (WORKDAYS, 1200, 480) } else { (WORKDAYS, 480, 600) };
        (schedule, LayerKind::Permanent, vec![hours, (Weekdays::SATURDAY, 540, 240)])
    });
    let holiday = (1..=schedules / 2).map(|schedule| {
        let hours = if schedule % 2 == 0 { vec![(EVERY_DAY, 600, 120)] } else { vec![] };
        (schedule, LayerKind::Holiday, hours)
    });
    let alternate = (schedules / 2 + 1..=schedules / 4 * 3)
        .map(|schedule| (schedule, LayerKind::Alternate, vec![(WORKDAYS, 420, 480), (Weekdays::SATURDAY, 540, 180)]));
    let temporary = (schedules / 4 * 3 + 1..=schedules).map(|schedule| (schedule, LayerKind::Temporary, vec![(EVERY_DAY, 360, 960)]));
    for (schedule, kind, hours) in permanent.chain(holiday).chain(alternate).chain(temporary) {
        if layers.len() == size.layers {
            break;
        }
        let dates = match kind {
            LayerKind::Alternate => seasonal,
            LayerKind::Temporary => passing,
            LayerKind::Permanent | LayerKind::Holiday => DateRange::NEVER,
        };
        layers.push(Layer { schedule, kind, dates, groups: if kind == LayerKind::Holiday { 0b1 } else { 0 } });
        let rows = hours.into_iter().map(|(weekdays, from, length)| span(layers.len(), weekdays, from, length));
        let mut rows: Vec<_> = rows.take(room.saturating_sub(size.layers - layers.len())).collect();
        rows.sort_by_key(|span| span.opens_from);
        // A layer without spans takes up the room of one.
        room -= rows.len().max(1);
        spans.append(&mut rows);
    }
    (layers, spans)
}

fn holidays(count: usize) -> Vec<Holiday> {
    let yearly = (0..24_u8).map(|index| Holiday { year: 0, month: 1 + index / 2, day: 1 + 14 * (index % 2), group: 1 + index % 7 });
    // 26 November 2026 is Thanksgiving; 26 of other months are other groups.
    let dated = (2026..).flat_map(|year| {
        (1..=12_u8).map(move |month| Holiday { year, month, day: 26, group: if month == 11 { 0 } else { 1 + month % 7 } })
    });
    yearly.take(count / 2).chain(dated).take(count).collect()
}

fn engineers(count: u32, setting: Setting) -> Vec<Engineer> {
    let standing = |id| match id {
        3 => Standing::REGISTERED | Standing::SUSPENDED,
        4 => Standing::empty(),
        5 => Standing::REGISTERED | Standing::FEDERATED,
        _ => Standing::REGISTERED | Standing::UPDATES_FIRMWARE,
    };
    let first = setting.first_engineer();
    (first..first + count).map(|id| Engineer { id: EngineerId(id), identity: Identity([id as u8; 16]), standing: standing(id) }).collect()
}

/// The grant of a panel's engineer; of the first, the last of the four.
pub const fn grant_of(engineer: u32) -> u32 {
    engineer + 3
}

fn grants(size: &Size) -> Vec<Grant> {
    // The first engineer has as many as one may have, the others one each.
    let first = (1..=grant_of(1)).map(|id| (id, 1));
    let others = (2..).map(|engineer| (grant_of(engineer), engineer));
    let engineers = size.setting.first_engineer()..size.setting.first_engineer() + size.engineers;
    let theirs = first.chain(others).skip_while(|(_, engineer)| !engineers.contains(engineer));
    theirs
        .take_while(|(_, engineer)| engineers.contains(engineer))
        .take(size.grants)
        .map(|(id, engineer)| grant(id, engineer, SITE))
        .collect()
}

fn grant(id: u32, engineer: u32, site: SiteId) -> Grant {
    Grant {
        engineer: EngineerId(engineer),
        site,
        id: GrantId(id),
        period: match engineer {
            6 => Period { from: at(2020, 1, 1, 0, 0), until: at(2021, 1, 1, 0, 0) },
            7 => Period { from: at(2030, 1, 1, 0, 0), until: Instant::LATEST },
            _ => Period { from: at(2026, 1, 1, 0, 0), until: at(2028, 1, 1, 0, 0) },
        },
        begin_by: (engineer == 8).then_some(at(2026, 2, 1, 0, 0)),
        one_time: engineer % 2 == 1,
        capabilities: Capabilities::all(),
        excluded: if engineer == 9 { Capabilities::all() } else { Capabilities::PRIVATE },
    }
}

/// Two models in turn.
fn authorisations(count: u32, setting: Setting) -> Vec<Authorisation> {
    let authorisation = |id| {
        let model = if id % 2 == 0 { "KH-2000" } else { "KH-1000" };
        Authorisation {
            id: AuthorisationId(id),
            model: Model::named(model).expect("a model"),
            first: Version([id as u16, 0, 0, 0]),
            last: Version([id as u16, 9, 9, 9]),
            period: Period { from: at(2026, 11, 10, 0, 0), until: at(2028, 1, 1, 0, 0) },
            image: (setting == Setting::Lenient && id == 2).then_some(ImageDigest([9; 32])),
            allows_downgrade: false,
        }
    };
    (1..=count).map(authorisation).collect()
}

impl Rows {
    /// A site of that size.
    pub fn of(size: &Size) -> Self {
        let (layers, spans) = layers(size);
        let lists = (1..=size.lists).map(|number| area_list(number, size.schedules)).collect();
        let last = size.contacts;
        let contacts: Vec<_> = (1..=last).map(|number| contact(number, last, size.lists)).collect();
        let mut codes: Vec<_> =
            (1..=last).map(|user| Credential { digest: CODE_KEY.digest_code(&code_of(user)), user: UserNumber(user) }).collect();
        let passcode = |user: u16| Passcode::told(format!("passcode-{user}").as_bytes());
        let mut passcodes: Vec<_> =
            (1..=last).map(|user| Credential { digest: CODE_KEY.digest_passcode(&passcode(user)), user: UserNumber(user) }).collect();
        codes.sort_by_key(|credential| credential.digest);
        passcodes.sort_by_key(|credential| credential.digest);
        let from = |number: u8| 1110 + u16::from(number % 4) * 60;
        let windows = (1..=size.windows).map(|number| TempOpenWindow {
            areas: ListNumber(1 + (number - 1) % size.schedules.max(1)),
            weekdays: EVERY_DAY,
            dates: DateRange::ALWAYS,
            from: from(number),
            until: from(number) + 270,
        });
        Self {
            site: Site {
                id: SITE,
                zone: NEW_YORK,
                areas: AreaList::ALL,
                options: match size.setting {
                    Setting::Usual | Setting::Bare => SiteOptions::empty(),
                    Setting::Lenient => SiteOptions::NEVER_REFUSE_CLOSING | SiteOptions::OPEN_IN_ALARM,
                    Setting::Strict => SiteOptions::USER_AND_CODE,
                },
                early_margin: 30,
                late_margin: 30,
                ..Site::NONE
            },
            lists,
            schedules: (1..=size.schedules).map(|number| Schedule { areas: ListNumber(number) }).collect(),
            layers,
            spans,
            holidays: holidays(size.holidays),
            windows: windows.collect(),
            contacts,
            codes,
            passcodes,
            access: access(size.setting),
            engineers: engineers(size.engineers, size.setting),
            grants: grants(size),
            authorisations: authorisations(size.authorisations, size.setting),
        }
    }

    /// The signed blob.
    pub fn blob(&self, sequence: u64) -> Vec<u8> {
        let snapshot = PanelSnapshot {
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
            access: AccessSnapshot {
                sites: &[self.access],
                engineers: &self.engineers,
                grants: &self.grants,
                authorisations: &self.authorisations,
            },
        };
        let policy = postcard::to_stdvec(&snapshot).expect("a policy can be encoded");
        signed(Kind::PanelSnapshot, sequence, &policy)
    }
}

/// How many rows of each kind a receiver gets.
#[derive(Clone, Copy)]
pub struct ReceiverSize {
    /// What its sites are set to.
    pub setting: Setting,
    /// Sites; the last one is that of every question.
    pub sites: u32,
    /// Engineers. Each has the same number of grants, one of them for the last site.
    pub engineers: u32,
    /// Grants.
    pub grants: u32,
    /// Firmware authorisations.
    pub authorisations: u32,
}

impl ReceiverSize {
    /// The tables of [`keyholder::SmallReceiver`], full.
    pub const SMALL: Self = Self { setting: Setting::Usual, sites: 8, engineers: 8, grants: 16, authorisations: 4 };
    /// The tables of [`keyholder::StandardReceiver`], full.
    pub const STANDARD: Self = Self { setting: Setting::Usual, sites: 64, engineers: 64, grants: 256, authorisations: 16 };
    /// A receiver with one site, one engineer and nothing else.
    pub const BARE: Self = Self { setting: Setting::Bare, sites: 1, engineers: 1, grants: 0, authorisations: 0 };

    /// The signed blob.
    pub fn blob(&self, sequence: u64) -> Vec<u8> {
        let access = access(self.setting);
        let mut sites: Vec<_> = (1..self.sites).map(|number| SiteAccess { id: SiteId(number), ..access }).collect();
        sites.push(access);
        let engineers = engineers(self.engineers, self.setting);
        let per_engineer = self.grants / self.engineers;
        let each = engineers.iter().flat_map(|engineer| {
            let sites = &sites;
            (0..per_engineer).map(move |index| {
                let (last, number) = (sites.len() - 1, (engineer.id.0 * 3 + index) as usize);
                (engineer.id.0, sites[if index + 1 == per_engineer { last } else { number % last }].id)
            })
        });
        let mut whose: Vec<_> = each.collect();
        whose.sort();
        whose.dedup();
        let grants: Vec<_> = (1..).zip(whose).map(|(id, (engineer, site))| grant(id, engineer, site)).collect();
        let snapshot = ReceiverSnapshot {
            head: ReceiverHead { id: SITE, clock_tolerance: 0 },
            access: AccessSnapshot {
                sites: &sites,
                engineers: &engineers,
                grants: &grants,
                authorisations: &authorisations(self.authorisations, self.setting),
            },
        };
        signed(Kind::ReceiverSnapshot, sequence, &postcard::to_stdvec(&snapshot).expect("a policy can be encoded"))
    }
}

fn access(setting: Setting) -> SiteAccess {
    let usual = SiteAccess {
        id: SITE,
        options: AccessOptions::REMOTE_UPGRADE,
        baseline: Capabilities::VIEW_SETTINGS,
        longest_session: 240,
        ..SiteAccess::CLOSED
    };
    match setting {
        Setting::Usual | Setting::Bare => usual,
        Setting::Lenient => SiteAccess { options: usual.options | AccessOptions::UPDATE_NEEDS_SESSION, ..usual },
        Setting::Strict => SiteAccess { options: AccessOptions::RESTRICTED, lifted_at: Some(LIFTED), ..usual },
    }
}

fn signed(kind: Kind, sequence: u64, policy: &[u8]) -> Vec<u8> {
    let head = Head::for_content(kind, SITE, sequence, ISSUED, Instant::LATEST, &cloud_key(), policy);
    let signed = head.to_signed_bytes();
    let signature = signing_key().sign(&signed);
    [&signed[..], &signature.to_bytes(), policy].concat()
}

/// A panel of any capacity, as far as the benchmarks use it.
pub trait AnyPanel: Clone {
    /// Without a policy.
    fn fresh() -> Box<Self>;
    /// See [`Panel::install`].
    fn install(&mut self, blob: &[u8]);
    /// See [`Panel::open_close`].
    fn open_close(&mut self, request: &keyholder::OpenClose<'_>, time: Time) -> keyholder::Decision;
}

macro_rules! any_panel {
    ($($panel:ty),*) => {$(
        impl AnyPanel for $panel {
            fn fresh() -> Box<Self> {
                Box::new(Self::new(SITE, Keys::only(cloud_key()), CODE_KEY))
            }
            fn install(&mut self, blob: &[u8]) {
                Self::install(self, blob, Time::Known(ISSUED)).expect("a valid blob");
            }
            #[inline(always)]
            fn open_close(&mut self, request: &keyholder::OpenClose<'_>, time: Time) -> keyholder::Decision {
                Self::open_close(self, request, time)
            }
        }
    )*};
}
any_panel!(Panel64, Panel256, Panel1000, Panel1000Standard, StandardPanel, SmallPanel);

/// A panel with the site's policy installed.
pub fn panel<P: AnyPanel>(rows: &Rows) -> Box<P> {
    let mut panel = P::fresh();
    panel.install(&rows.blob(1));
    panel
}
