//! The example blobs and messages that the format page shows and that `v01` has frozen.

use std::vec::Vec;

use ed25519_dalek::{Signer, SigningKey};
use keyholder::blob::{ClockCorrection, Head, KeyChange, KeyRole, Kind, PublicKey, Refusal};
use keyholder::code::{Code, CodeKey, Credential, Passcode};
use keyholder::contact::{Contact, ListNumber, Permissions, UseLimit, UserNumber};
use keyholder::engineer::{AccessOptions, Capabilities, Engineer, EngineerId, Grant, GrantId, Identity, SiteAccess, SiteId, Standing};
use keyholder::firmware::{Authorisation, AuthorisationId, ImageDigest, Model, Version};
use keyholder::ledger::access::{LocalGrant, Privacy, Session};
use keyholder::ledger::panel::{LocalWindow, Lockout, OnTest};
use keyholder::place::{AreaList, Areas};
use keyholder::policy::access::{AccessSnapshot, ReceiverHead, ReceiverSnapshot};
use keyholder::policy::panel::{PanelSnapshot, Site, SiteOptions};
use keyholder::report::Event;
use keyholder::schedule::{Holiday, Layer, LayerKind, LocalSpan, Schedule, Span, TempOpenWindow};
use keyholder::store::Damage;
use keyholder::supervise::Due;
use keyholder::sync::{Acknowledgement, Holding, Report};
use keyholder::time::{Date, DateRange, Instant, Period, Weekdays};
use keyholder::zone::{Change, Zone};
use sha2::{Digest as _, Sha256};

/// The secret key of RFC 8032, section 7.1, test 1: known to everybody, so for examples only.
pub(crate) const SECRET: [u8; 32] = [
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32,
    0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
];
/// 00, 01, .. 1f.
pub(crate) const CODE_KEY: [u8; 32] = {
    let mut key = [0; 32];
    let mut index = 0;
    while index < 32 {
        key[index] = index as u8;
        index += 1;
    }
    key
};
/// 2026-11-22T08:00:00Z.
pub(crate) const ISSUED: Instant = Instant(1_795_334_400);
const EXPIRES: Instant = ISSUED.plus(30 * 86_400);
/// The public key of RFC 8032, section 7.1, test 2.
pub(crate) const NEXT: PublicKey = PublicKey([
    0x3d, 0x40, 0x17, 0xc3, 0xe8, 0x43, 0x89, 0x5a, 0x92, 0xb7, 0x0a, 0xa7, 0x4d, 0x1b, 0x7e, 0xbc, 0x9c, 0x98, 0x2c, 0xcf, 0x2e, 0xc4,
    0x96, 0x8c, 0xc0, 0xcd, 0x55, 0xf1, 0x2a, 0xf4, 0x66, 0x0c,
]);
/// 2031-11-22T08:00:00Z.
pub(crate) const AHEAD: Instant = Instant(1_953_100_800);
pub(crate) const SITE: SiteId = SiteId(7);
pub(crate) const RECEIVER: SiteId = SiteId(500);

const NEW_YORK: Zone = Zone {
    standard: -300,
    daylight: -240,
    starts: Change { month: 3, week: 2, weekday: 0, minute: 120 },
    ends: Change { month: 11, week: 1, weekday: 0, minute: 120 },
};
const WORKDAYS: Weekdays =
    Weekdays::MONDAY.union(Weekdays::TUESDAY).union(Weekdays::WEDNESDAY).union(Weekdays::THURSDAY).union(Weekdays::FRIDAY);

pub(crate) fn public_key() -> PublicKey {
    PublicKey(SigningKey::from_bytes(&SECRET).verifying_key().to_bytes())
}

/// The first bytes of the SHA-256 of a name.
pub(crate) fn identity<const N: usize>(name: &str) -> [u8; N] {
    Sha256::digest(name)[..N].try_into().unwrap()
}

fn list(areas: u32) -> AreaList {
    let mut list = AreaList::NONE;
    list.0[0] = Areas(areas);
    list
}

fn signed(head: &Head, content: &[u8]) -> Vec<u8> {
    let head = head.to_signed_bytes();
    let signature = SigningKey::from_bytes(&SECRET).sign(&head).to_bytes();
    [&head[..], &signature, content].concat()
}

fn head(kind: Kind, recipient: SiteId, sequence: u64, expires_at: Instant, content: &[u8]) -> Head {
    Head::for_content(kind, recipient, sequence, ISSUED, expires_at, &public_key(), content)
}

fn blob(kind: Kind, recipient: SiteId, sequence: u64, policy: &[u8]) -> Vec<u8> {
    signed(&head(kind, recipient, sequence, EXPIRES, policy), policy)
}

/// The patch of `base` with the sequence after it.
fn patch(kind: Kind, base: &[u8], content: &[u8]) -> Vec<u8> {
    let base = Head::read(base).unwrap();
    let head = head(kind, base.recipient, base.sequence + 1, EXPIRES, content).patching(kind, &base.provenance(), content).unwrap();
    signed(&head, content)
}

/// A section of a patch.
fn section<T: serde::Serialize>(tag: u8, rows: &[T]) -> Vec<u8> {
    [vec![tag], encoded(&rows)].concat()
}

fn encoded(value: &impl serde::Serialize) -> Vec<u8> {
    postcard::to_extend(value, Vec::new()).unwrap()
}

fn code(user: u16, digits: &[u8]) -> Credential {
    Credential { digest: CodeKey::new(CODE_KEY).digest_code(&Code::typed(digits)), user: UserNumber(user) }
}

fn grant(engineer: u32, site: SiteId, id: u32) -> Grant {
    Grant {
        engineer: EngineerId(engineer),
        site,
        id: GrantId(id),
        period: Period { from: ISSUED, until: ISSUED.plus(86_400) },
        begin_by: Some(ISSUED.plus(7200)),
        one_time: true,
        capabilities: Capabilities::VIEW_SETTINGS | Capabilities::CHANGE_SETTINGS | Capabilities::UPDATE_FIRMWARE,
        excluded: Capabilities::CHANGE_USER_CODES,
    }
}

fn engineer(id: u32, email: &str) -> Engineer {
    Engineer { id: EngineerId(id), identity: Identity(identity(email)), standing: Standing::REGISTERED | Standing::UPDATES_FIRMWARE }
}

fn authorisation() -> Authorisation {
    Authorisation {
        id: AuthorisationId(5),
        model: Model::named("KP-200").unwrap(),
        first: Version([2, 0, 0, 0]),
        last: Version([2, 9, 65_535, 65_535]),
        period: Period { from: Instant::EARLIEST, until: ISSUED.plus(90 * 86_400) },
        image: None,
        allows_downgrade: false,
    }
}

fn contact_12() -> Contact {
    Contact {
        user: UserNumber(12),
        identity: identity("person-2"),
        permissions: Permissions::WITH_SCHEDULE | Permissions::WITHIN_TEMP_OPEN | Permissions::TEST_DESIGNATED,
        validity: Period { from: ISSUED, until: ISSUED.plus(365 * 86_400) },
        limit: UseLimit::MinutesFromFirstUse(43_200),
        areas: ListNumber(1),
        test_areas: ListNumber(2),
        temp_open_minutes: 30,
    }
}

/// A small panel's policy with a row in every part.
pub(crate) fn panel() -> Vec<u8> {
    let key = CodeKey::new(CODE_KEY);
    let mut codes = [code(1, b"2580"), code(12, b"13795")];
    codes.sort_by_key(|credential| credential.digest);
    let site = Site {
        id: SITE,
        zone: NEW_YORK,
        areas: list(0b111),
        options: SiteOptions::NEVER_REFUSE_CLOSING,
        early_margin: 30,
        late_margin: 15,
        latest_close: 1380,
        longest_test: 240,
        wrong_code_limit: 10,
        lockout_seconds: 90,
        clock_tolerance: 60,
    };
    let summer = DateRange { from: Date::new(2027, 6, 1), until: Date::new(2027, 9, 1) };
    let snapshot = PanelSnapshot {
        site,
        lists: &[list(0b011), list(0b100)],
        schedules: &[Schedule { areas: ListNumber(1) }],
        layers: &[
            Layer { schedule: 1, kind: LayerKind::Permanent, dates: DateRange::NEVER, groups: 0 },
            Layer { schedule: 1, kind: LayerKind::Alternate, dates: summer, groups: 0 },
            Layer { schedule: 1, kind: LayerKind::Holiday, dates: DateRange::NEVER, groups: 0b1 },
        ],
        spans: &[
            Span { layer: 1, weekdays: WORKDAYS, opens_from: 480, must_be_open_by: 510, closes_from: 1020, must_be_closed_by: 1080 },
            Span {
                layer: 2,
                weekdays: Weekdays::FRIDAY,
                opens_from: 1200,
                must_be_open_by: Span::NO_DEADLINE,
                closes_from: 1500,
                must_be_closed_by: 1560,
            },
        ],
        holidays: &[Holiday { year: 0, month: 12, day: 25, group: 0 }, Holiday { year: 2027, month: 4, day: 2, group: 0 }],
        windows: &[TempOpenWindow { areas: ListNumber(2), weekdays: WORKDAYS, dates: DateRange::ALWAYS, from: 1110, until: 1200 }],
        contacts: &[
            Contact {
                user: UserNumber(1),
                identity: identity("person-1"),
                permissions: Permissions::ANYTIME | Permissions::CANCEL_ALARM | Permissions::TEST_ALL | Permissions::MASTER_USER,
                ..Contact::NOBODY
            },
            contact_12(),
        ],
        codes: &codes,
        passcodes: &[Credential { digest: key.digest_passcode(&Passcode::told(b"bluebird")), user: UserNumber(1) }],
        access: AccessSnapshot {
            sites: &[SiteAccess {
                id: SITE,
                options: AccessOptions::REMOTE_UPGRADE,
                baseline: Capabilities::VIEW_SETTINGS,
                ..SiteAccess::CLOSED
            }],
            engineers: &[engineer(41, "eve@dealer.example")],
            grants: &[grant(41, SITE, 900)],
            authorisations: &[authorisation()],
        },
    };
    blob(Kind::PanelSnapshot, SITE, 3, &postcard::to_extend(&snapshot, Vec::new()).unwrap())
}

/// A receiver's policy: two sites, one of them with cameras, and two engineers.
pub(crate) fn receiver() -> Vec<u8> {
    let cameras = SiteAccess {
        id: SiteId(900),
        options: AccessOptions::CAMERAS,
        lifted_at: Some(ISSUED.plus(-3600)),
        longest_session: 240,
        ..SiteAccess::CLOSED
    };
    let pinned = Authorisation {
        id: AuthorisationId(6),
        period: Period { from: ISSUED, until: Instant::LATEST },
        image: Some(ImageDigest(identity("image 2.1"))),
        allows_downgrade: true,
        ..authorisation()
    };
    let open_end = Grant {
        period: Period { from: ISSUED, until: Instant::LATEST },
        begin_by: None,
        one_time: false,
        excluded: Capabilities::empty(),
        ..grant(42, SiteId(900), 902)
    };
    let snapshot = ReceiverSnapshot {
        head: ReceiverHead { id: RECEIVER, clock_tolerance: 300 },
        access: AccessSnapshot {
            sites: &[SiteAccess { id: SITE, options: AccessOptions::REMOTE_UPGRADE, ..SiteAccess::CLOSED }, cameras],
            engineers: &[
                engineer(41, "eve@dealer.example"),
                Engineer { standing: Standing::REGISTERED | Standing::FEDERATED, ..engineer(42, "mal@maker.example") },
            ],
            grants: &[grant(41, SITE, 901), grant(41, SITE, 903), open_end],
            authorisations: &[authorisation(), pinned],
        },
    };
    blob(Kind::ReceiverSnapshot, RECEIVER, 12, &postcard::to_extend(&snapshot, Vec::new()).unwrap())
}

/// [`panel`] with user 12 suspended and under another code, and without user 1's passcode and the grant.
pub(crate) fn panel_patch() -> Vec<u8> {
    let suspended = Contact { permissions: contact_12().permissions | Permissions::SUSPENDED, ..contact_12() };
    let content = [
        section(7, &[suspended]),
        section(8, &[code(12, b"86420")]),
        section(0x49, &[UserNumber(1)]),
        section(0x4c, &[(EngineerId(41), SITE, GrantId(900))]),
    ];
    patch(Kind::PanelPatch, &panel(), &content.concat())
}

/// [`receiver`] with another clock tolerance, an engineer and a grant more, a grant and an authorisation less.
pub(crate) fn receiver_patch() -> Vec<u8> {
    let content = [
        [vec![0], encoded(&ReceiverHead { id: RECEIVER, clock_tolerance: 60 })].concat(),
        section(11, &[engineer(43, "ida@dealer.example")]),
        section(0x4c, &[(EngineerId(41), SITE, GrantId(903))]),
        section(12, &[grant(43, SITE, 904)]),
        section(0x4d, &[AuthorisationId(6)]),
    ];
    patch(Kind::ReceiverPatch, &receiver(), &content.concat())
}

/// Signed with [`SECRET`], which it replaces by [`NEXT`].
pub(crate) fn key_change() -> Vec<u8> {
    let change = KeyChange { role: KeyRole::Signing, key: NEXT };
    blob(Kind::KeyChange, SITE, 6, &encoded(&change))
}

/// Of a panel whose clock once read [`AHEAD`].
pub(crate) fn clock_correction() -> Vec<u8> {
    let content = encoded(&ClockCorrection { floor: AHEAD });
    signed(&head(Kind::ClockCorrection, SITE, 5, Instant::LATEST, &content), &content)
}

fn holding() -> Holding {
    Holding {
        device: SITE,
        policy: Some(Head::read(&panel_patch()).unwrap().provenance()),
        latest: Some(6),
        signing: NEXT.id(),
        recovery: Some(PublicKey([0x77; 32]).id()),
        floor: ISSUED.plus(3600),
        damage: Damage::SLOT,
    }
}

/// The panel with the patch, after the key change, answers a snapshot for another panel.
pub(crate) fn acknowledgement() -> Acknowledgement {
    Acknowledgement { version: 1, holding: holding(), sequence: Some(9), refusal: Some(Refusal::WrongRecipient(SiteId(8))) }
}

/// A report with something in every field.
pub(crate) fn report() -> Report {
    let period = |from: i64, until: i64| Period { from: ISSUED.plus(from), until: ISSUED.plus(until) };
    let local = Grant { id: GrantId::FIRST_LOCAL, period: period(600, 7800), begin_by: None, ..grant(41, SITE, 0) };
    let given = LocalGrant {
        grant: local,
        revoked: false,
        session: Session { grant: GrantId::FIRST_LOCAL, begun: ISSUED.plus(660), ended: Instant::LATEST },
        user: UserNumber(1),
        identity: identity("person-1"),
    };
    let due = keyholder::report::Report { event: Event::FailedToOpen, system: 1, areas: Areas(0b11), ..keyholder::report::Report::NOTHING };
    let evening =
        Span { layer: 0, weekdays: Weekdays::empty(), opens_from: 480, must_be_open_by: 510, closes_from: 1020, must_be_closed_by: 1110 };
    Report {
        version: 1,
        holding: holding(),
        at: Some(ISSUED.plus(3600)),
        policy_age: Some(3600),
        dues: [Due { at: ISSUED.plus(1800), report: due }].into_iter().collect(),
        grants: [given].into_iter().collect(),
        revocations: [GrantId(900), GrantId(950)].into_iter().collect(),
        revoked_up_to: GrantId(17),
        privacy: Privacy { lifted_at: ISSUED.plus(-60), restricted_at: Instant::EARLIEST },
        lockout: Lockout { wrong: 2, has_locked: true, until: ISSUED.plus(90) },
        suspended: [UserNumber(12)].into_iter().collect(),
        spans: [LocalSpan { schedule: 1, date: Date::new(2026, 11, 23), replaces: false, span: evening }].into_iter().collect(),
        windows: [LocalWindow {
            system: 1,
            areas: Areas(0b100),
            period: period(0, 1800),
            user: UserNumber(1),
            identity: identity("person-1"),
        }]
        .into_iter()
        .collect(),
        tests: [OnTest { areas: list(0b100), period: period(0, 900), user: UserNumber(1), identity: identity("person-1") }]
            .into_iter()
            .collect(),
    }
}
