//! The core allocates nothing, whatever it is asked.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that fails has to say so")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use ed25519_dalek::{Signer, SigningKey};
use keyholder::blob::{Head, Keys, Kind, PublicKey};
use keyholder::code::{Code, CodeKey, Credential, Passcode};
use keyholder::contact::{Contact, ListNumber, Permissions, UserNumber};
use keyholder::engineer::{AccessOptions, Capabilities, Engineer, EngineerId, Grant, GrantId, Identity, SiteAccess, SiteId, Standing};
use keyholder::firmware::{Authorisation, AuthorisationId, ImageDigest, Model, Version};
use keyholder::place::{AreaList, Areas, Place};
use keyholder::policy::access::{AccessSnapshot, ReceiverHead, ReceiverSnapshot};
use keyholder::policy::panel::{PanelSnapshot, Site};
use keyholder::schedule::{Holiday, Layer, LayerKind, Schedule, Span, TempOpenWindow};
use keyholder::time::{Date, DateRange, Instant, Period, Time, Weekdays};
use keyholder::{
    Act, ActRequest, Action, EngineerRequest, OpenClose, Panel, Receiver, SessionRequest, SmallPanel, SmallReceiver, Update, UpdateRequest,
    Who,
};

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

/// Counts what is allocated on each thread, and otherwise is the system's allocator.
struct Counting;

#[allow(unsafe_code, reason = "an allocator cannot be written without")]
// SAFETY: every call is passed on unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often `run` allocates.
fn allocations(run: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.get();
    run();
    ALLOCATIONS.get() - before
}

const SITE: SiteId = SiteId(7);
const CODE_KEY: CodeKey = CodeKey::new([3; 32]);
/// 2026-11-18, 12:00 UTC.
const NOON: Instant = Instant(1_795_003_200);

fn blob<T: serde::Serialize>(kind: Kind, sequence: u64, policy: &T) -> Vec<u8> {
    let key = SigningKey::from_bytes(&[9; 32]);
    let policy = postcard::to_slice(policy, &mut [0; 4096]).unwrap().to_vec();
    let public = PublicKey(key.verifying_key().to_bytes());
    let signed = Head::for_content(kind, SITE, sequence, NOON, Instant::LATEST, &public, &policy).to_signed_bytes();
    [&signed[..], &key.sign(&signed).to_bytes(), &policy].concat()
}

fn cloud_key() -> PublicKey {
    PublicKey(SigningKey::from_bytes(&[9; 32]).verifying_key().to_bytes())
}

const GRANTED: Period = Period { from: Instant(NOON.0 - 60), until: Instant(NOON.0 + 86_400) };

fn engineer() -> Engineer {
    Engineer { id: EngineerId(1), identity: Identity([1; 16]), standing: Standing::REGISTERED | Standing::UPDATES_FIRMWARE }
}

fn grant() -> Grant {
    Grant {
        engineer: EngineerId(1),
        site: SITE,
        id: GrantId(1),
        period: GRANTED,
        begin_by: None,
        one_time: true,
        capabilities: Capabilities::all(),
        excluded: Capabilities::PRIVATE,
    }
}

fn authorisation() -> Authorisation {
    Authorisation {
        id: AuthorisationId(1),
        model: Model::named("KH-1000").unwrap(),
        first: Version([1, 0, 0, 0]),
        last: Version([2, 0, 0, 0]),
        period: GRANTED,
        image: None,
        allows_downgrade: false,
    }
}

const ACCESS: SiteAccess = SiteAccess { id: SITE, options: AccessOptions::REMOTE_UPGRADE, ..SiteAccess::CLOSED };

fn panel_blob(sequence: u64) -> Vec<u8> {
    let contact = |user, permissions| Contact { user: UserNumber(user), permissions, ..Contact::NOBODY };
    let every_right = Permissions::all() - Permissions::SUSPENDED - Permissions::POWERLESS - Permissions::REMOTE_ONLY - Permissions::GUEST;
    let weekdays = Weekdays::all();
    let code = Credential { digest: CODE_KEY.digest_code(&Code::typed(b"1234")), user: UserNumber(2) };
    let passcode = Credential { digest: CODE_KEY.digest_passcode(&Passcode::told(b"amber")), user: UserNumber(2) };
    let permanent = Layer { schedule: 1, kind: LayerKind::Permanent, dates: DateRange::NEVER, groups: 0 };
    let times = Span { layer: 1, weekdays, opens_from: 480, must_be_open_by: 510, closes_from: 1020, must_be_closed_by: 1080 };
    let snapshot = PanelSnapshot {
        site: Site { id: SITE, areas: AreaList::ALL, early_margin: 30, late_margin: 30, ..Site::NONE },
        lists: &[AreaList::ALL],
        schedules: &[Schedule { areas: ListNumber(1) }],
        layers: &[permanent, Layer { kind: LayerKind::Holiday, groups: 1, ..permanent }],
        spans: &[times],
        holidays: &[Holiday { year: 0, month: 12, day: 25, group: 0 }],
        windows: &[TempOpenWindow { areas: ListNumber(1), weekdays, dates: DateRange::ALWAYS, from: 1200, until: 1300 }],
        contacts: &[
            contact(1, Permissions::ANYTIME),
            contact(2, every_right - Permissions::ANYTIME - Permissions::DURESS),
            contact(3, Permissions::WITHIN_TEMP_OPEN),
            contact(4, Permissions::SUSPENDED),
        ],
        codes: &[code],
        passcodes: &[passcode],
        access: AccessSnapshot { sites: &[ACCESS], engineers: &[engineer()], grants: &[grant()], authorisations: &[authorisation()] },
    };
    blob(Kind::PanelSnapshot, sequence, &snapshot)
}

/// Every question about engineers, to a panel or a receiver.
macro_rules! ask_about_engineers {
    ($device:expr, $time:expr) => {
        let (device, time) = ($device, $time);
        for id in [1, 2] {
            let session = SessionRequest { engineer: EngineerId(id), site: SITE };
            for capabilities in [Capabilities::CHANGE_SETTINGS, Capabilities::VIEW_LIVE_VIDEO] {
                device.engineer(&EngineerRequest { engineer: EngineerId(id), site: SITE, capabilities }, time);
            }
            device.begin_session(&session, time);
            device.end_session(&session, time);
            for version in [Version([1, 5, 0, 0]), Version([3, 0, 0, 0])] {
                let update = Update {
                    model: Model::named("KH-1000").unwrap(),
                    version,
                    installed: Version([1, 0, 0, 0]),
                    image: ImageDigest([0; 32]),
                };
                device.update(&UpdateRequest { engineer: EngineerId(id), site: SITE, update }, time);
            }
        }
    };
}

#[test]
fn a_panel_allocates_nothing() {
    let (first, second) = (panel_blob(1), panel_blob(2));
    let altered = [&second[..second.len() - 1], &[0xff]].concat();
    let mut panel: SmallPanel = Panel::new(SITE, Keys::only(cloud_key()), CODE_KEY);
    let counted = allocations(|| {
        let now = Time::Known(NOON);
        assert!(panel.install(&first, now).is_ok());
        assert!(panel.install(&first, now).is_ok(), "twice");
        assert!(panel.install(&altered, now).is_err());
        assert!(panel.install(&second, now).is_ok());

        let (right, wrong, passcode) = (Code::typed(b"1234"), Code::typed(b"4321"), Passcode::told(b"amber"));
        let place = Place::new(1, Areas(0b11)).unwrap();
        for hour in 0..48 {
            let at = NOON.plus(hour * 3600);
            for time in [Time::Known(at), Time::Unknown] {
                for who in [
                    Who::User(UserNumber(1)),
                    Who::User(UserNumber(3)),
                    Who::User(UserNumber(4)),
                    Who::User(UserNumber(999)),
                    Who::Code(&right),
                    Who::Code(&wrong),
                    Who::UserAndCode(UserNumber(2), &right),
                    Who::Passcode(&passcode),
                    Who::UserAndPasscode(UserNumber(2), &passcode),
                ] {
                    for action in [Action::Open, Action::Close] {
                        let request = OpenClose { who, action, place, remote: false, armed_by: UserNumber(1), in_alarm: hour % 2 == 0 };
                        panel.open_close(&request, time);
                    }
                }
                let areas = AreaList::ALL;
                for act in [
                    Act::CancelAlarm,
                    Act::EditCustomer,
                    Act::ReceiveInformation,
                    Act::Test { areas, minutes: 10 },
                    Act::EndTest { areas },
                    Act::ExtendClosing { place, minutes: 30 },
                    Act::SetSpan { schedule: 1, date: Date((at.0 / 86_400) as i32), span: None },
                    Act::OpenWindow { place, minutes: 30 },
                    Act::Suspend(UserNumber(1)),
                    Act::Reinstate(UserNumber(1)),
                    Act::Grant { engineer: EngineerId(1), answers_request: false },
                    Act::Revoke(GrantId(9)),
                    Act::Lift,
                    Act::Restrict,
                ] {
                    panel.act(&ActRequest { who: Who::Passcode(&passcode), act, remote: true }, time);
                }
                panel.act(&ActRequest { who: Who::Passcode(&passcode), act: Act::Lift, remote: true }, time);
                ask_about_engineers!(&mut panel, time);
                panel.supervise(&areas, time);
                panel.supervise(&AreaList::NONE, time);
            }
        }
    });
    assert_eq!(counted, 0);
}

#[test]
fn a_receiver_allocates_nothing() {
    let snapshot = ReceiverSnapshot {
        head: ReceiverHead { id: SITE, clock_tolerance: 60 },
        access: AccessSnapshot { sites: &[ACCESS], engineers: &[engineer()], grants: &[grant()], authorisations: &[authorisation()] },
    };
    let blob = blob(Kind::ReceiverSnapshot, 1, &snapshot);
    let mut receiver: SmallReceiver = Receiver::new(SITE, Keys::only(cloud_key()));
    let counted = allocations(|| {
        assert!(receiver.install(&blob, Time::Known(NOON)).is_ok());
        for time in [Time::Known(NOON), Time::Unknown, Time::Known(NOON.plus(90_000))] {
            ask_about_engineers!(&mut receiver, time);
            receiver.supervise(time);
        }
    });
    assert_eq!(counted, 0);
}
