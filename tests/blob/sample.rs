//! A valid policy with a row of every kind, as rows that a test can change, and devices that hold it.

use ed25519_dalek::{Signer, SigningKey};
use keyholder::blob::{Head, Installed, Keys, Kind, Provenance, PublicKey};
use keyholder::code::{Code, CodeKey, Credential, Digest, Passcode};
use keyholder::contact::{Contact, ListNumber, Permissions, UseLimit, UserNumber};
use keyholder::engineer::{AccessOptions, Capabilities, Engineer, EngineerId, Grant, GrantId, Identity, SiteAccess, SiteId, Standing};
use keyholder::firmware::{Authorisation, AuthorisationId, Model, Version};
use keyholder::place::{AreaList, Areas};
use keyholder::policy::access::{AccessSnapshot, ReceiverHead, ReceiverSnapshot};
use keyholder::policy::panel::{PanelSnapshot, Site};
use keyholder::schedule::{Holiday, Layer, LayerKind, Schedule, Span, TempOpenWindow};
use keyholder::time::{Date, DateRange, Instant, Period, Time, Weekdays};
use keyholder::zone::Zone;
use keyholder::{Panel, SmallReceiver};

/// A panel with room for what the tests add to the sample.
pub(crate) type SamplePanel = Panel<32, 8, 4, 8, 20, 8, 4, 4, 4, 4, 8, u32>;

pub(crate) const SITE: SiteId = SiteId(7);
pub(crate) const RECEIVER: SiteId = SiteId(500);
/// 2026-11-23T12:00:00Z, a Monday.
pub(crate) const NOON: Instant = Instant(1_795_435_200);
pub(crate) const NOW: Time = Time::Known(NOON);
pub(crate) const CODE_KEY: CodeKey = CodeKey::new([9; 32]);

pub(crate) fn cloud() -> SigningKey {
    SigningKey::from_bytes(&[1; 32])
}

pub(crate) fn key_of(cloud: &SigningKey) -> PublicKey {
    PublicKey(cloud.verifying_key().to_bytes())
}

pub(crate) fn encode(value: &impl serde::Serialize) -> Vec<u8> {
    postcard::to_extend(value, Vec::new()).unwrap()
}

/// The parts about engineers, as rows.
#[derive(Clone)]
pub(crate) struct AccessRows {
    pub(crate) sites: Vec<SiteAccess>,
    pub(crate) engineers: Vec<Engineer>,
    pub(crate) grants: Vec<Grant>,
    pub(crate) authorisations: Vec<Authorisation>,
}

impl AccessRows {
    fn snapshot(&self) -> AccessSnapshot<'_> {
        AccessSnapshot { sites: &self.sites, engineers: &self.engineers, grants: &self.grants, authorisations: &self.authorisations }
    }
}

/// A panel's policy, as rows.
#[derive(Clone)]
pub(crate) struct PanelRows {
    pub(crate) site: Site,
    pub(crate) lists: Vec<AreaList>,
    pub(crate) schedules: Vec<Schedule>,
    pub(crate) layers: Vec<Layer>,
    pub(crate) spans: Vec<Span>,
    pub(crate) holidays: Vec<Holiday>,
    pub(crate) windows: Vec<TempOpenWindow>,
    pub(crate) contacts: Vec<Contact>,
    pub(crate) codes: Vec<Credential>,
    pub(crate) passcodes: Vec<Credential>,
    pub(crate) access: AccessRows,
}

impl PanelRows {
    pub(crate) fn encode(&self) -> Vec<u8> {
        encode(&PanelSnapshot {
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
        })
    }
}

/// A receiver's policy, as rows.
#[derive(Clone)]
pub(crate) struct ReceiverRows {
    pub(crate) head: ReceiverHead,
    pub(crate) access: AccessRows,
}

impl ReceiverRows {
    pub(crate) fn encode(&self) -> Vec<u8> {
        encode(&ReceiverSnapshot { head: self.head, access: self.access.snapshot() })
    }
}

pub(crate) fn areas(of_first_system: u32) -> AreaList {
    let mut list = AreaList::NONE;
    list.0[0] = Areas(of_first_system);
    list
}

pub(crate) fn span(layer: u8, weekdays: Weekdays, opens_from: u16, must_be_closed_by: u16) -> Span {
    Span { layer, weekdays, opens_from, must_be_open_by: Span::NO_DEADLINE, closes_from: opens_from, must_be_closed_by }
}

pub(crate) fn engineer(id: u32) -> Engineer {
    Engineer { id: EngineerId(id), identity: Identity([id as u8; 16]), standing: Standing::REGISTERED | Standing::UPDATES_FIRMWARE }
}

pub(crate) fn grant(engineer: u32, site: SiteId, id: u32) -> Grant {
    Grant {
        engineer: EngineerId(engineer),
        site,
        id: GrantId(id),
        period: Period { from: NOON.plus(-3600), until: NOON.plus(86_400) },
        begin_by: Some(NOON.plus(7200)),
        one_time: true,
        capabilities: Capabilities::VIEW_SETTINGS | Capabilities::CHANGE_SETTINGS,
        excluded: Capabilities::BYPASS,
    }
}

pub(crate) fn authorisation(id: u32) -> Authorisation {
    Authorisation {
        id: AuthorisationId(id),
        model: Model::named("KP-200").unwrap(),
        first: Version([2, 0, 0, 0]),
        last: Version([2, 9, 0, 0]),
        period: Period { from: Instant::EARLIEST, until: NOON.plus(86_400) },
        image: None,
        allows_downgrade: false,
    }
}

pub(crate) fn contact(user: u16) -> Contact {
    Contact { user: UserNumber(user), identity: [user as u8; 4], permissions: Permissions::ANYTIME, ..Contact::NOBODY }
}

pub(crate) fn digest(digits: &str) -> Digest {
    CODE_KEY.digest_code(&Code::typed(digits.as_bytes()))
}

pub(crate) fn site_access(id: SiteId) -> SiteAccess {
    SiteAccess {
        id,
        options: AccessOptions::REMOTE_UPGRADE,
        baseline: Capabilities::VIEW_SETTINGS,
        lifted_at: Some(NOON.plus(-60)),
        ..SiteAccess::CLOSED
    }
}

/// Two schedules, the first with a layer of each kind; three contacts; two engineers.
pub(crate) fn panel_rows() -> PanelRows {
    let workdays = Weekdays::all() - Weekdays::SATURDAY - Weekdays::SUNDAY;
    let shut_out = Permissions::SUSPENDED | Permissions::POWERLESS | Permissions::GUEST | Permissions::REMOTE_ONLY;
    let dates = |from, until| DateRange { from: Date::new(2027, from, 1), until: Date::new(2027, until, 1) };
    let layer = |schedule, kind, dates, groups| Layer { schedule, kind, dates, groups };
    let mut codes: Vec<_> = [(1, "1111"), (2, "2222"), (3, "3333")]
        .map(|(user, digits)| Credential { digest: digest(digits), user: UserNumber(user) })
        .to_vec();
    codes.sort_by_key(|credential| credential.digest);
    let mut passcodes: Vec<_> = [(1, "one"), (2, "two")]
        .map(|(user, text)| Credential { digest: CODE_KEY.digest_passcode(&Passcode::told(text.as_bytes())), user: UserNumber(user) })
        .to_vec();
    passcodes.sort_by_key(|credential| credential.digest);
    PanelRows {
        site: Site {
            id: SITE,
            zone: Zone { daylight: -240, ..Zone::fixed(-300) },
            areas: areas(0b1111),
            early_margin: 30,
            late_margin: 30,
            latest_close: 1380,
            ..Site::NONE
        },
        lists: vec![areas(0b0011), areas(0b0100), areas(0b1111)],
        schedules: vec![Schedule { areas: ListNumber(1) }, Schedule { areas: ListNumber(2) }],
        layers: vec![
            layer(1, LayerKind::Permanent, DateRange::NEVER, 0),
            layer(1, LayerKind::Alternate, dates(6, 9), 0),
            layer(1, LayerKind::Holiday, DateRange::NEVER, 0b1),
            layer(1, LayerKind::Temporary, dates(3, 4), 0),
            layer(2, LayerKind::Permanent, DateRange::NEVER, 0),
        ],
        spans: vec![
            Span { layer: 1, weekdays: workdays, opens_from: 360, must_be_open_by: 480, closes_from: 1020, must_be_closed_by: 1080 },
            span(1, Weekdays::SATURDAY, 540, 720),
            span(2, workdays, 360, 600),
            span(4, Weekdays::all(), 600, 900),
            span(5, Weekdays::SUNDAY, 1320, 1800),
        ],
        holidays: vec![
            Holiday { year: 0, month: 2, day: 29, group: 1 },
            Holiday { year: 0, month: 12, day: 25, group: 0 },
            Holiday { year: 2028, month: 2, day: 29, group: 0 },
        ],
        windows: vec![TempOpenWindow {
            areas: ListNumber(3),
            weekdays: Weekdays::all(),
            dates: DateRange::ALWAYS,
            from: 1200,
            until: 1500,
        }],
        contacts: vec![
            Contact { permissions: Permissions::all() - shut_out, ..contact(1) },
            Contact {
                permissions: Permissions::WITH_SCHEDULE | Permissions::WITHIN_TEMP_OPEN | Permissions::TEST_DESIGNATED,
                validity: Period { from: NOON.plus(-86_400), until: NOON.plus(864_000) },
                limit: UseLimit::MinutesFromFirstUse(600),
                areas: ListNumber(1),
                test_areas: ListNumber(2),
                temp_open_minutes: 30,
                ..contact(2)
            },
            Contact { limit: UseLimit::OncePerDay, ..contact(3) },
        ],
        codes,
        passcodes,
        access: AccessRows {
            sites: vec![site_access(SITE)],
            engineers: vec![engineer(41), engineer(42)],
            grants: vec![grant(41, SITE, 901), grant(42, SITE, 900)],
            authorisations: vec![authorisation(5), authorisation(6)],
        },
    }
}

/// Two sites, two engineers, three grants.
pub(crate) fn receiver_rows() -> ReceiverRows {
    let cameras = SiteAccess { options: AccessOptions::CAMERAS, longest_session: 240, ..site_access(SiteId(8)) };
    let grants = vec![grant(41, SITE, 901), grant(41, SiteId(8), 903), grant(42, SITE, 900)];
    let access = AccessRows { sites: vec![site_access(SITE), cameras], grants, ..panel_rows().access };
    ReceiverRows { head: ReceiverHead { id: RECEIVER, clock_tolerance: 60 }, access }
}

/// A named change of a policy.
pub(crate) type Change<Rows> = (&'static str, fn(&mut Rows));

/// What the head of a blob is to say; the rest follows from its policy.
#[derive(Clone, Copy)]
pub(crate) struct Envelope {
    pub(crate) kind: Kind,
    pub(crate) recipient: SiteId,
    pub(crate) sequence: u64,
    pub(crate) expires_at: Instant,
}

impl Envelope {
    pub(crate) const PANEL: Self = Self { kind: Kind::PanelSnapshot, recipient: SITE, sequence: 2, expires_at: Instant::LATEST };
    pub(crate) const RECEIVER: Self = Self { kind: Kind::ReceiverSnapshot, recipient: RECEIVER, ..Self::PANEL };

    pub(crate) fn head(&self, policy: &[u8]) -> Head {
        Head::for_content(self.kind, self.recipient, self.sequence, NOON, self.expires_at, &key_of(&cloud()), policy)
    }

    pub(crate) fn seal(&self, policy: &[u8]) -> Vec<u8> {
        sign(&self.head(policy).to_signed_bytes(), policy)
    }

    /// The blob of a patch of `base`.
    pub(crate) fn patch(&self, base: &Provenance, content: &[u8]) -> Vec<u8> {
        let kind = if self.kind == Kind::PanelSnapshot { Kind::PanelPatch } else { Kind::ReceiverPatch };
        let head = self.head(&[]).patching(kind, base, content).expect("1 to 65535 above");
        sign(&head.to_signed_bytes(), content)
    }

    /// The blob of a key change or a clock correction.
    pub(crate) fn order(&self, kind: Kind, content: &impl serde::Serialize) -> Vec<u8> {
        Self { kind, ..*self }.seal(&encode(content))
    }
}

/// The blob of these signed bytes, with the signature that they need.
pub(crate) fn sign(signed: &[u8], policy: &[u8]) -> Vec<u8> {
    [signed, &cloud().sign(signed).to_bytes(), policy].concat()
}

pub(crate) fn empty_panel() -> Box<SamplePanel> {
    Box::new(SamplePanel::new(SITE, Keys::only(key_of(&cloud())), CODE_KEY))
}

pub(crate) fn empty_receiver() -> Box<SmallReceiver> {
    Box::new(SmallReceiver::new(RECEIVER, Keys::only(key_of(&cloud()))))
}

/// A panel that has the sample policy, under sequence 1.
pub(crate) fn panel() -> Box<SamplePanel> {
    let mut panel = empty_panel();
    let blob = Envelope { sequence: 1, ..Envelope::PANEL }.seal(&panel_rows().encode());
    assert_eq!(panel.install(&blob, NOW), Ok(Installed::Now));
    panel
}

/// A receiver that has the sample policy, under sequence 1.
pub(crate) fn receiver() -> Box<SmallReceiver> {
    let mut receiver = empty_receiver();
    let blob = Envelope { sequence: 1, ..Envelope::RECEIVER }.seal(&receiver_rows().encode());
    assert_eq!(receiver.install(&blob, NOW), Ok(Installed::Now));
    receiver
}
