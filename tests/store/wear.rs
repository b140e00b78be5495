//! How fast a busy device wears its flash out, and that the fullest ledger fits the smallest journal.

use embedded_storage::nor_flash::NorFlash;
use keyholder::act::Act;
use keyholder::code::Code;
use keyholder::contact::{Contact, Permissions, UseLimit, UserNumber};
use keyholder::decide::Action;
use keyholder::engineer::{EngineerId, GrantId};
use keyholder::place::{AreaList, Areas, Place};
use keyholder::schedule::Span;
use keyholder::store::{Damage, Layout, Stored};
use keyholder::supervise::Supervision;
use keyholder::time::{Date, Time};
use keyholder::{ActRequest, OpenClose, SessionRequest, StandardPanel, Who};

use crate::mock::{Mock, Nor};
use crate::sample::{CODE_KEY, NOON, PanelRows, SITE, SamplePanel, areas, contact, engineer, grant, panel_rows};
use crate::scenes::{Kept, KeptPanel, armed, keys, patch_of_contact, snapshot};

/// Serial flash as it is soldered next to most microcontrollers.
type Serial = Nor<1, 1, 4096>;
/// The flash of a microcontroller.
type Internal = Nor<8, 4, 2048>;

/// A busy site: 200 contacts of whom every second gets in once a day.
fn busy_site() -> PanelRows {
    let mut rows = panel_rows();
    for user in 4..=200 {
        let limit = if user % 2 == 0 { UseLimit::OncePerDay } else { UseLimit::Unlimited };
        rows.contacts.push(Contact { permissions: Permissions::ANYTIME, limit, ..contact(user) });
    }
    rows
}

/// What happens in a day, besides a look at what is due every minute.
const OPENINGS: i64 = 200;
const WRONG_CODES: i64 = 20;
const ACTS_AND_SESSIONS: i64 = 10;
const PATCHES: i64 = 2;
const DAYS: i64 = if cfg!(debug_assertions) { 2 } else { 364 };

struct Wear {
    /// Erases of the most worn block of a slot and of the journal, a year.
    slot_erases: i64,
    journal_erases: i64,
    slot_bytes: i64,
    journal_bytes: i64,
}

/// Plays `days` and scales them to a year.
fn play<N: Mock>(layout: Layout) -> Wear {
    let flash = N::with_capacity(2 * (layout.slot + layout.journal));
    let mut panel = Box::new(Stored::boot(StandardPanel::new(SITE, keys(), CODE_KEY), flash.clone(), layout).expect("boots"));
    let rows = busy_site();
    let mut sequence = 1;
    let mut base = snapshot(sequence, &rows);
    panel.install(&base, Time::Known(NOON)).expect("fits");
    let (erases_before, units_before) = flash.wear();
    for day in 0..DAYS {
        let at = |minute: i64| Time::Known(NOON.plus(day * 86_400 + minute * 60));
        for minute in 0..1440 {
            while matches!(panel.supervise(&armed(), at(minute)), Supervision::Due(_) | Supervision::AskAgain) {}
            let falls_due = |times: i64| minute * times / 1440 != (minute + 1) * times / 1440;
            let place = Place::new(1, Areas(0b1)).unwrap();
            fn ask(who: Who<'_>, action: Action, place: Place) -> OpenClose<'_> {
                OpenClose { who, action, place, remote: false, armed_by: UserNumber::NOBODY, in_alarm: false }
            }
            if falls_due(OPENINGS) {
                let user = UserNumber(4 + (minute % 197) as u16);
                panel.open_close(&ask(Who::User(user), Action::Open, place), at(minute));
            }
            if falls_due(WRONG_CODES) {
                for code in [Code::typed(b"9999"), Code::typed(b"1111")] {
                    panel.open_close(&ask(Who::Code(&code), Action::Open, place), at(minute));
                }
            }
            if falls_due(ACTS_AND_SESSIONS) {
                let session = SessionRequest { engineer: EngineerId(42), site: SITE };
                let act = match minute % 4 {
                    0 => Act::Test { areas: areas(0b100), minutes: 30 },
                    1 => Act::Grant { engineer: EngineerId(42), answers_request: false },
                    2 => Act::OpenWindow { place, minutes: 30 },
                    _ => Act::Lift,
                };
                panel.act(&ActRequest { who: Who::User(UserNumber(1)), act, remote: false }, at(minute));
                panel.begin_session(&session, at(minute));
                panel.end_session(&session, at(minute));
            }
            if falls_due(PATCHES) {
                sequence += 1;
                let patch =
                    patch_of_contact(sequence, &base, Contact { permissions: Permissions::ANYTIME, ..contact(201 + sequence as u16 % 2) });
                base = match panel.install(&patch, at(minute)) {
                    Ok(_) => patch,
                    Err(_) => {
                        let whole = snapshot(sequence, &rows);
                        panel.install(&whole, at(minute)).expect("fits");
                        whole
                    }
                };
            }
        }
        if day % 7 == 6 {
            sequence += 1;
            base = snapshot(sequence, &rows);
            panel.install(&base, at(1439)).expect("fits");
        }
    }
    assert_eq!(panel.damage(), Damage::empty());
    let (erases, units) = flash.wear();
    let first_of_journal = 2 * layout.slot as usize / N::ERASE_SIZE;
    let a_year = |count: u32| i64::from(count) * 365 / DAYS;
    let erased: Vec<i64> = erases.iter().zip(erases_before).map(|(after, before)| a_year(after - before)).collect();
    let written: Vec<i64> = units.iter().zip(units_before).map(|(after, before)| a_year(after - before) * N::WRITE_SIZE as i64).collect();
    let worst = |blocks: &[i64]| blocks.iter().copied().max().unwrap_or(0);
    Wear {
        slot_erases: worst(&erased[..first_of_journal]),
        journal_erases: worst(&erased[first_of_journal..]),
        slot_bytes: written[..first_of_journal].iter().sum(),
        journal_bytes: written[first_of_journal..].iter().sum(),
    }
}

#[test]
fn a_busy_panel_does_not_wear_its_flash_out() {
    println!("the policy of 200 contacts takes {} bytes", snapshot(1, &busy_site()).len());
    println!("a standard panel's journal takes at least {} bytes a copy", Layout::journal_for::<StandardPanel>());
    let show = |name: &str, layout: Layout, wear: &Wear| {
        println!(
            "{name}, slots of {} KiB, journal copies of {} KiB: a year, every block of a slot is erased at most {} times and of the journal {} times; {} and {} bytes are written",
            layout.slot / 1024,
            layout.journal / 1024,
            wear.slot_erases,
            wear.journal_erases,
            wear.slot_bytes,
            wear.journal_bytes
        );
        // Flash stands 10,000 erases at the least, serial flash 100,000.
        assert!(wear.slot_erases <= 500 && wear.journal_erases <= 3650);
    };
    let layouts: &[_] = if cfg!(debug_assertions) { &[(16, 12)] } else { &[(16, 12), (32, 16), (32, 32), (64, 64)] };
    for (slot, journal) in layouts {
        let layout = Layout { slot: slot * 1024, journal: journal * 1024 };
        show("serial flash", layout, &play::<Serial>(layout));
    }
    let layout = Layout { slot: 32 * 1024, journal: 16 * 1024 };
    show("internal flash", layout, &play::<Internal>(layout));
}

#[test]
fn the_fullest_ledger_fits_the_smallest_journal() {
    type Flash = Nor<32, 8, 512>;
    let mut rows = panel_rows();
    rows.contacts.clear();
    rows.codes.clear();
    rows.passcodes.clear();
    for user in 968..=999 {
        let permissions =
            Permissions::all() - Permissions::SUSPENDED - Permissions::POWERLESS - Permissions::GUEST - Permissions::REMOTE_ONLY;
        let permissions = if user % 2 == 0 { permissions } else { Permissions::WITHIN_TEMP_OPEN | Permissions::EDIT_CUSTOMER };
        rows.contacts.push(Contact { permissions, limit: UseLimit::MinutesFromFirstUse(u16::MAX), ..contact(user) });
    }
    rows.site.areas = AreaList::ALL;
    rows.windows[0].areas = keyholder::contact::ListNumber(4);
    rows.windows[0].dates = keyholder::time::DateRange::ALWAYS;
    (rows.windows[0].from, rows.windows[0].until) = (0, 1440);
    rows.lists.push(AreaList::ALL);
    rows.access.engineers = [41, 42].map(engineer).to_vec();
    rows.access.grants = [1, 2, 3, 4].map(|id| grant(if id < 3 { 41 } else { 42 }, SITE, 0x7fff_fff0 + id)).to_vec();
    rows.access.grants.iter_mut().for_each(|grant| grant.one_time = false);

    let flash = Flash::with_capacity(KeptPanel::<Flash>::capacity());
    let mut panel = KeptPanel::<Flash>::powered(flash.clone());
    panel.install(&snapshot(1, &rows), Time::Known(NOON)).expect("fits");
    let mut second = 0;
    let mut now = || {
        second += 1;
        Time::Known(NOON.plus(second))
    };
    let mut done = [0; 6];
    for system in 1..=8 {
        for half in [0xffff_0000, 0x0000_ffff] {
            let place = Place::new(system, Areas(half)).unwrap();
            let who = Who::User(UserNumber(969 + 2 * u16::from(system)));
            let open = OpenClose { who, action: Action::Open, place, remote: false, armed_by: UserNumber::NOBODY, in_alarm: false };
            done[0] += usize::from(panel.open_close(&open, now()).close_by.is_some());
        }
    }
    let place = Place::new(8, Areas(0xffff_ffff)).unwrap();
    for user in 968..=999 {
        let open = OpenClose {
            who: Who::User(UserNumber(user)),
            action: Action::Close,
            place,
            remote: false,
            armed_by: UserNumber::NOBODY,
            in_alarm: false,
        };
        panel.open_close(&open, now());
    }
    let mut act = |act: Act| {
        let is_allowed = panel.act(&ActRequest { who: Who::User(UserNumber(998)), act, remote: false }, now()).is_allowed();
        assert_eq!(panel.damage(), Damage::empty());
        usize::from(is_allowed)
    };
    for index in 0..12 {
        let span = Span { layer: 0, ..panel_rows().spans[0] };
        done[1] += act(Act::SetSpan { schedule: 1, date: Date::new(2027, 1, index + 1), span: Some(span) });
        done[2] += act(Act::OpenWindow { place, minutes: 1440 });
        let all = AreaList([Areas(1 << 31 | 1 << index); 8]);
        done[3] += act(Act::Test { areas: all, minutes: 0 });
        done[4] += act(Act::Grant { engineer: EngineerId(42), answers_request: true });
    }
    for id in 0..8 {
        act(Act::Revoke(GrantId(GrantId::FIRST_LOCAL.0 + id)));
    }
    for user in 968..=997 {
        done[5] += act(Act::Suspend(UserNumber(user)));
    }
    act(Act::Restrict);
    act(Act::Lift);
    for engineer in [41, 42] {
        panel.begin_session(&SessionRequest { engineer: EngineerId(engineer), site: SITE }, now());
        panel.end_session(&SessionRequest { engineer: EngineerId(engineer), site: SITE }, now());
    }
    println!("openings, spans, windows, tests, grants, suspensions: {done:?}");
    assert_eq!(done, [8, 8, 4, 4, 8, 30]);
    for id in 0..40 {
        // Each of these replaces the grants, and leaves revocations behind.
        rows.access.grants.iter_mut().for_each(|grant| grant.id.0 -= 4 + id);
        panel.install(&snapshot(2 + u64::from(id), &rows), now()).expect("fits");
        panel.begin_session(&SessionRequest { engineer: EngineerId(41), site: SITE }, now());
        panel.begin_session(&SessionRequest { engineer: EngineerId(42), site: SITE }, now());
        assert_eq!(panel.damage(), Damage::empty());
    }
    let mut close = |panel: &mut KeptPanel<Flash>| {
        let who = Who::User(UserNumber(998));
        let request = OpenClose { who, action: Action::Close, place, remote: false, armed_by: UserNumber::NOBODY, in_alarm: false };
        panel.open_close(&request, now())
    };
    close(&mut panel);
    for (restarted, held) in KeptPanel::<Flash>::powered(flash.copy()).answers().iter().zip(panel.answers()) {
        assert_eq!(*restarted, held);
    }
    // A copy that was begun anew has room for many changes more.
    let block = <Flash as NorFlash>::ERASE_SIZE;
    let erases = |flash: &Flash| flash.wear().0.last().copied().unwrap();
    let (before, mut changes) = (erases(&flash), 0);
    while erases(&flash) < before + 2 {
        close(&mut panel);
        changes += 1;
    }
    println!("{changes} changes between two erases of {block} bytes at worst");
    assert!(changes >= 8);
}

#[test]
fn a_flash_that_does_not_suit_is_refused() {
    use keyholder::store::BootError;
    type Flash = Nor<4, 4, 1024>;
    let needed = Layout::journal_for::<SamplePanel>();
    let enough = needed.next_multiple_of(1024);
    let cases = [
        (
            "too small a flash",
            Layout { slot: 1 << 20, journal: enough },
            BootError::FlashTooSmall { needed: 2 * ((1 << 20) + u64::from(enough)) },
        ),
        ("half a block", Layout { slot: 1536, journal: enough }, BootError::NotWholeBlocks { block: 1024 }),
        ("too small a journal", Layout { slot: 1024, journal: 1024 }, BootError::JournalTooSmall { needed }),
    ];
    for (name, layout, error) in cases {
        let flash = Flash::with_capacity(65_536);
        let panel = Stored::boot(SamplePanel::new(SITE, keys(), CODE_KEY), flash.clone(), layout);
        assert_eq!(panel.err(), Some(error), "{name}");
        assert_eq!(flash.operations(), 0, "{name}");
    }
}
