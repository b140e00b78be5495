//! Patches: a device that is given one is as if it had been given the whole policy, and what no snapshot could bring in no patch does either.

use keyholder::SmallReceiver;
use keyholder::blob::{HEAD_LENGTH, Head, Installed, Kind, Provenance, Refusal, SIGNED_LENGTH};
use keyholder::code::{Credential, Digest};
use keyholder::contact::{Contact, ListNumber, Permissions, UseLimit, UserNumber};
use keyholder::engineer::{AccessOptions, Capabilities, Engineer, EngineerId, Grant, GrantId, Identity, SiteAccess, SiteId, Standing};
use keyholder::firmware::{Authorisation, AuthorisationId, Version};
use keyholder::place::AreaList;
use keyholder::policy::access::ReceiverHead;
use keyholder::policy::panel::{Site, SiteOptions};
use keyholder::policy::{Fault, Invalid, Part};
use keyholder::report::Event;
use keyholder::schedule::{Holiday, Schedule, TempOpenWindow};
use keyholder::supervise::Supervision;
use keyholder::time::{Instant, Period, Time, Weekdays};
use serde::Serialize;

use crate::device::Device;
use crate::mutation::{Clock, ask_panel, ask_receiver, change_access, change_bytes, change_panel};
use crate::random::Random;
use crate::sample::{
    AccessRows, Envelope, NOON, NOW, PanelRows, ReceiverRows, SITE, SamplePanel, areas, authorisation, contact, digest, empty_panel,
    empty_receiver, encode, engineer, grant, panel, panel_rows, receiver, receiver_rows, sign, site_access, span,
};

/// A section that puts rows.
fn put<T: Serialize>(part: Part, rows: &[T]) -> Vec<u8> {
    [vec![part as u8], encode(&rows)].concat()
}

/// A section that names rows that go.
fn remove<T: Serialize>(part: Part, names: &[T]) -> Vec<u8> {
    [vec![part as u8 | 0x40], encode(&names)].concat()
}

fn head<T: Serialize>(settings: &T) -> Vec<u8> {
    [vec![0], encode(settings)].concat()
}

/// What changes row by row.
fn named<T: Serialize + Copy, N: Serialize + PartialEq>(content: &mut Vec<u8>, part: Part, rows: [&[T]; 2], name: impl Fn(&T) -> N) {
    let [old, new] = rows;
    let is_in = |rows: &[T], wanted: &T| rows.iter().any(|row| name(row) == name(wanted));
    let gone: Vec<N> = old.iter().filter(|row| !is_in(new, row)).map(&name).collect();
    let changed: Vec<T> = new.iter().filter(|row| !old.iter().any(|other| encode(other) == encode(row))).copied().collect();
    if !gone.is_empty() {
        content.extend(remove(part, &gone));
    }
    if !changed.is_empty() {
        content.extend(put(part, &changed));
    }
}

fn whole<T: Serialize>(content: &mut Vec<u8>, part: Part, old: &[T], new: &[T]) {
    if encode(&old) != encode(&new) {
        content.extend(put(part, new));
    }
}

fn access_difference(content: &mut Vec<u8>, old: &AccessRows, new: &AccessRows) {
    named(content, Part::Sites, [&old.sites, &new.sites], |row| row.id);
    named(content, Part::Engineers, [&old.engineers, &new.engineers], |row| row.id);
    named(content, Part::Grants, [&old.grants, &new.grants], |row| (row.engineer, row.site, row.id));
    named(content, Part::Authorisations, [&old.authorisations, &new.authorisations], |row| row.id);
}

/// What makes `new` of `old`.
fn difference(old: &PanelRows, new: &PanelRows) -> Vec<u8> {
    let mut content = if encode(&old.site) == encode(&new.site) { Vec::new() } else { head(&new.site) };
    whole(&mut content, Part::AreaLists, &old.lists, &new.lists);
    whole(&mut content, Part::Schedules, &old.schedules, &new.schedules);
    whole(&mut content, Part::Layers, &old.layers, &new.layers);
    whole(&mut content, Part::Spans, &old.spans, &new.spans);
    named(&mut content, Part::Holidays, [&old.holidays, &new.holidays], |row| (row.year, row.month, row.day));
    whole(&mut content, Part::Windows, &old.windows, &new.windows);
    named(&mut content, Part::Contacts, [&old.contacts, &new.contacts], |row| row.user);
    // Who gets a number that was somebody else's gets a code with it, be it the same.
    let given_away = |user| {
        old.contacts
            .iter()
            .any(|one| one.user == user && new.contacts.iter().any(|other| other.user == user && other.identity != one.identity))
    };
    let former = |rows: &[Credential]| -> Vec<Credential> {
        rows.iter().map(|row| if given_away(row.user) { Credential { digest: Digest::NONE, ..*row } } else { *row }).collect()
    };
    named(&mut content, Part::Codes, [&former(&old.codes), &new.codes], |row| row.user);
    named(&mut content, Part::Passcodes, [&former(&old.passcodes), &new.passcodes], |row| row.user);
    access_difference(&mut content, &old.access, &new.access);
    content
}

/// Rows as a patch leaves them: in order, one of a name.
fn tidy<T: Copy, K: Ord, N: PartialEq>(rows: &mut Vec<T>, order: impl Fn(&T) -> K, name: impl Fn(&T) -> N) {
    let mut kept: Vec<T> = Vec::new();
    for row in rows.iter() {
        if !kept.iter().any(|other| name(other) == name(row)) {
            kept.push(*row);
        }
    }
    kept.sort_by_key(order);
    *rows = kept;
}

fn tidy_access(rows: &mut AccessRows) {
    tidy(&mut rows.sites, |row| row.id, |row| row.id);
    tidy(&mut rows.engineers, |row| row.id, |row| row.id);
    tidy(&mut rows.grants, |row| (row.engineer, row.site, row.id), |row| (row.engineer, row.site, row.id));
    tidy(&mut rows.authorisations, |row| row.id, |row| row.id);
}

fn tidy_panel(rows: &mut PanelRows) {
    tidy(&mut rows.holidays, |row| (row.year, row.month, row.day), |row| (row.year, row.month, row.day));
    tidy(&mut rows.contacts, |row| row.user, |row| row.user);
    tidy(&mut rows.codes, |row| row.digest, |row| row.user);
    tidy(&mut rows.passcodes, |row| row.digest, |row| row.user);
    tidy_access(&mut rows.access);
}

/// Takes a row away, or adds one.
fn add_or_remove(rows: &mut PanelRows, random: &mut Random) {
    let user = 1 + random.below(40) as u16;
    let digits = format!("{:04}", random.below(10_000));
    let owner = random.row(&mut rows.contacts).map_or(UserNumber(user), |contact| contact.user);
    match random.below(9) {
        0 => rows.contacts.push(contact(user)),
        1 => rows.contacts.retain(|row| row.user != owner),
        2 => {
            rows.contacts.retain(|row| row.user != owner);
            rows.codes.retain(|row| row.user != owner);
            rows.passcodes.retain(|row| row.user != owner);
        }
        3 => rows.codes.push(Credential { digest: digest(&digits), user: owner }),
        4 => {
            rows.codes.retain(|row| row.user != owner);
            rows.codes.push(Credential { digest: digest(&digits), user: owner });
        }
        5 => rows.holidays.push(Holiday { year: 0, month: 1 + random.below(12) as u8, day: 1 + random.below(28) as u8, group: 0 }),
        6 => rows.windows.clear(),
        7 => rows.spans.retain(|_| random.once_in(2)),
        _ => add_or_remove_access(&mut rows.access, random),
    }
}

fn add_or_remove_access(rows: &mut AccessRows, random: &mut Random) {
    let number = 41 + random.below(5) as u32;
    let site = random.row(&mut rows.sites).map_or(SITE, |site| site.id);
    match random.below(8) {
        0 => rows.engineers.push(engineer(number)),
        1 => rows.engineers.retain(|row| row.id.0 != number),
        2 | 3 => rows.grants.push(grant(number, site, 900 + random.below(20) as u32)),
        4 => rows.grants.retain(|_| random.once_in(2)),
        5 => rows.authorisations.push(authorisation(random.below(9) as u32)),
        6 => rows.authorisations.retain(|_| random.once_in(2)),
        _ => {
            let gone = EngineerId(number);
            rows.engineers.retain(|row| row.id != gone);
            rows.grants.retain(|row| row.engineer != gone);
        }
    }
}

/// All that a device is, but for the digest of its policy.
fn all_but_the_digest<D: Device>(device: &D) -> String {
    format!("{device:?}").replace(&format!("{:?}", device.base().digest), "digest")
}

/// Gives one device patches and another snapshots of the same policies, and compares them after each. Returns how many were installed.
fn compare<D: Device, Rows: Clone>(
    rounds: u64,
    seed: u64,
    sample: Rows,
    change: impl Fn(&mut Rows, &mut Random),
    difference: impl Fn(&Rows, &Rows) -> Vec<u8>,
    encode: impl Fn(&Rows) -> Vec<u8>,
    ask: impl Fn(&mut D, &mut Random, Time),
) -> u64 {
    let mut random = Random(seed);
    let (mut patched, mut replaced) = (D::sample(), D::sample());
    let mut rows = sample.clone();
    let mut clock = Clock::started(&mut random);
    let mut installed = 0;
    for sequence in 2..rounds + 2 {
        if random.once_in(40) {
            (patched, replaced) = (D::sample(), D::sample());
            rows = sample.clone();
        }
        let mut next = rows.clone();
        for _ in 0..random.below(4) {
            change(&mut next, &mut random);
        }
        let envelope = Envelope { sequence, ..D::ENVELOPE };
        let time = clock.read(&mut random);
        let patch = envelope.patch(&patched.base(), &difference(&rows, &next));
        let by_patch = patched.take(&patch, time);
        let by_snapshot = replaced.take(&envelope.seal(&encode(&next)), time);
        assert_eq!(by_patch, by_snapshot, "seed {seed}, policy {sequence}");
        assert_eq!(all_but_the_digest(&*patched), all_but_the_digest(&*replaced), "seed {seed}, policy {sequence}");
        if by_patch == Ok(Installed::Now) {
            rows = next;
            installed += 1;
        }
        for _ in 0..3 {
            let now = clock.read(&mut random);
            let question = random.next();
            ask(&mut patched, &mut Random(question), now);
            ask(&mut replaced, &mut Random(question), now);
        }
    }
    installed
}

#[test]
fn a_patch_makes_what_a_snapshot_makes() {
    let change = |rows: &mut PanelRows, random: &mut Random| {
        if random.once_in(2) {
            change_panel(rows, random)
        } else {
            add_or_remove(rows, random)
        }
        tidy_panel(rows);
    };
    for seed in [1, 2] {
        let installed = compare(1_000, seed, panel_rows(), change, difference, PanelRows::encode, ask_panel);
        assert!(installed > 300, "{installed} installed: too few to learn from");
    }
    let change = |rows: &mut ReceiverRows, random: &mut Random| {
        if random.once_in(2) {
            change_access(&mut rows.access, random)
        } else {
            add_or_remove_access(&mut rows.access, random)
        }
        rows.head.clock_tolerance = random.below(3) as u16;
        tidy_access(&mut rows.access);
    };
    let difference = |old: &ReceiverRows, new: &ReceiverRows| {
        let mut content = if old.head == new.head { Vec::new() } else { head(&new.head) };
        access_difference(&mut content, &old.access, &new.access);
        content
    };
    let installed = compare(1_000, 3, receiver_rows(), change, difference, ReceiverRows::encode, ask_receiver);
    assert!(installed > 300, "{installed} installed: too few to learn from");
}

/// A patch with something in every part of the sample policy.
fn panel_patch() -> Vec<u8> {
    let mut rows = panel_rows();
    rows.site.early_margin = 10;
    rows.lists.push(areas(0b1000));
    rows.schedules.push(Schedule { areas: ListNumber(4) });
    rows.layers[1].dates = rows.layers[3].dates;
    rows.spans[1].must_be_closed_by = 700;
    rows.holidays.remove(1);
    rows.holidays[0].group = 0;
    rows.windows[0].until = 1400;
    rows.contacts.remove(1);
    rows.contacts[0].areas = ListNumber(1);
    rows.codes.retain(|row| row.user != UserNumber(2));
    rows.codes.iter_mut().filter(|row| row.user == UserNumber(1)).for_each(|row| row.digest = digest("9876"));
    rows.passcodes.retain(|row| row.user != UserNumber(2));
    rows.passcodes[0].digest = digest("5555");
    rows.access.sites[0].longest_session = 30;
    rows.access.engineers.push(engineer(43));
    rows.access.grants.remove(1);
    rows.access.grants.push(grant(43, SITE, 902));
    rows.access.authorisations.remove(0);
    rows.access.authorisations.push(authorisation(7));
    tidy_panel(&mut rows);
    difference(&panel_rows(), &rows)
}

fn receiver_patch() -> Vec<u8> {
    let mut rows = receiver_rows();
    rows.head.clock_tolerance = 1;
    rows.access.sites[1].longest_session = 30;
    rows.access.engineers.push(engineer(43));
    rows.access.grants.remove(2);
    rows.access.grants.push(grant(43, SITE, 904));
    rows.access.authorisations.remove(0);
    let mut content = head(&rows.head);
    access_difference(&mut content, &receiver_rows().access, &rows.access);
    content
}

fn both(check: impl Fn(&dyn Fn(&[u8], Option<Refusal>, &str), &[u8])) {
    fn on<D: Device>() -> impl Fn(&[u8], Option<Refusal>, &str) {
        |blob: &[u8], refusal: Option<Refusal>, name: &str| {
            let mut device = D::sample();
            match refusal {
                Some(refusal) => device.assert_refuses(name, blob, NOW, refusal),
                None => assert_eq!(device.take(blob, NOW), Ok(Installed::Now), "{name}"),
            }
        }
    }
    check(&on::<SamplePanel>(), &Envelope::PANEL.patch(&panel().base(), &panel_patch()));
    check(&on::<SmallReceiver>(), &Envelope::RECEIVER.patch(&receiver().base(), &receiver_patch()));
}

#[test]
fn every_prefix_of_a_patch_is_refused() {
    both(|take, blob| {
        for cut in 0..blob.len() {
            take(&blob[..cut], Some(Refusal::NotABlob), &format!("the first {cut} bytes"));
        }
        take(blob, None, "the whole");
    });
    fn content<D: Device>(whole: &[u8]) {
        let mut device = D::sample();
        let before = device.seen();
        let mut valid = 0;
        for cut in 0..whole.len() {
            let blob = D::ENVELOPE.patch(&device.base(), &whole[..cut]);
            match device.take(&blob, NOW) {
                // Cut between two sections it is a patch that changes less.
                Ok(Installed::Now) => {
                    valid += 1;
                    device = D::sample();
                }
                Err(Refusal::Invalid(_)) => assert!(before == device.seen(), "the first {cut} bytes"),
                other => panic!("the first {cut} bytes: {other:?}"),
            }
        }
        assert!(valid < 30, "{valid} valid prefixes");
    }
    content::<SamplePanel>(&panel_patch());
    content::<SmallReceiver>(&receiver_patch());
}

#[test]
fn every_single_bit_flip_of_a_patch_is_refused() {
    fn check<D: Device>(content: &[u8]) {
        let mut device = D::sample();
        let before = device.seen();
        let blob = D::ENVELOPE.patch(&device.base(), content);
        for bit in 0..8 * blob.len() {
            let mut flipped = blob.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let refusal = device.take(&flipped, NOW).expect_err("a flipped bit");
            let as_expected = match bit / 8 {
                0..4 | 12..16 => refusal == Refusal::NotABlob,
                4 => matches!(refusal, Refusal::NewerFormat { .. }),
                // Another kind, distance or sequence: of those that could be, the signature tells.
                5..8 | 16..24 => matches!(refusal, Refusal::NewerFormat { .. } | Refusal::WrongRecipient(_) | Refusal::BadSignature),
                8..12 => matches!(refusal, Refusal::WrongRecipient(_)),
                40..48 => matches!(refusal, Refusal::UnknownKey(_)),
                _ => refusal == Refusal::BadSignature,
            };
            assert!(as_expected, "bit {} of byte {}: {refusal:?}", bit % 8, bit / 8);
        }
        assert!(before == device.seen());
    }
    check::<SamplePanel>(&panel_patch());
    check::<SmallReceiver>(&receiver_patch());
}

/// What is wrong, the content, and what is answered.
type Case = (&'static str, Vec<u8>, Part, u16, Fault);

fn check<D: Device>(cases: Vec<Case>) {
    let mut device = D::sample();
    for (name, content, part, row, fault) in cases {
        let blob = D::ENVELOPE.patch(&device.base(), &content);
        device.assert_refuses(name, &blob, NOW, Refusal::Invalid(Invalid { part, row, fault }));
    }
}

#[test]
fn sections_come_once_and_in_order() {
    let (contacts, codes) = (put(Part::Contacts, &[contact(4)]), remove(Part::Codes, &[UserNumber(3)]));
    let nothing: [UserNumber; 0] = [];
    let both = |one: &[u8], other: &[u8]| [one, other].concat();
    let trailing = |name, content| (name, content, Part::Authorisations, 0, Fault::TrailingBytes);
    check::<SamplePanel>(vec![
        trailing("a part before an earlier one", both(&codes, &contacts)),
        trailing("a part twice", both(&contacts, &contacts)),
        trailing("a removal behind the part's rows", both(&contacts, &remove(Part::Contacts, &nothing))),
        trailing("a removal twice", both(&codes, &codes)),
        trailing("the head behind a part", both(&contacts, &head(&panel_rows().site))),
        trailing("the head twice", both(&head(&panel_rows().site), &head(&panel_rows().site))),
        trailing("a part nobody knows", vec![14, 0]),
        trailing("part 63", vec![63, 0]),
        trailing("a removal from the head", vec![0x40, 0]),
        trailing("a removal of lists, which are replaced as a whole", remove(Part::AreaLists, &nothing)),
        trailing("a removal of spans", remove(Part::Spans, &nothing)),
        trailing("a removal from a part nobody knows", vec![0x4e, 0]),
        trailing("a tag above all", vec![0xff]),
        trailing("a byte more", both(&contacts, &[0])),
    ]);
    let sites = put(Part::Sites, &[site_access(SITE)]);
    check::<SmallReceiver>(vec![
        trailing("contacts on a receiver", contacts),
        trailing("a part before an earlier one", both(&remove(Part::Grants, &nothing), &sites)),
        trailing("a part twice", both(&sites, &sites)),
    ]);
}

#[test]
fn a_patch_removes_what_is_there() {
    let missing = |name, content, part, row| (name, content, part, row, Fault::Reference);
    check::<SamplePanel>(vec![
        missing("a holiday", remove(Part::Holidays, &[(0_u16, 2_u8, 29_u8), (1999, 12, 25)]), Part::Holidays, 1),
        missing("a contact", remove(Part::Contacts, &[UserNumber(4)]), Part::Contacts, 0),
        missing("nobody", remove(Part::Contacts, &[UserNumber(0)]), Part::Contacts, 0),
        missing("a code", remove(Part::Codes, &[UserNumber(9)]), Part::Codes, 0),
        missing("a passcode", remove(Part::Passcodes, &[UserNumber(1), UserNumber(3)]), Part::Passcodes, 1),
        missing("a site", remove(Part::Sites, &[SiteId(8)]), Part::Sites, 0),
        missing("an engineer", remove(Part::Engineers, &[EngineerId(43)]), Part::Engineers, 0),
        missing("a grant of somebody else", remove(Part::Grants, &[(EngineerId(41), SITE, GrantId(900))]), Part::Grants, 0),
        missing("an authorisation", remove(Part::Authorisations, &[AuthorisationId(0)]), Part::Authorisations, 0),
    ]);
    check::<SmallReceiver>(vec![
        missing("a site", remove(Part::Sites, &[SITE, SiteId(9)]), Part::Sites, 1),
        missing("a grant", remove(Part::Grants, &[(EngineerId(42), SiteId(8), GrantId(900))]), Part::Grants, 0),
    ]);
}

#[test]
fn a_patch_changes_at_most_32_rows_of_a_part() {
    let many = |content, part| ("33 rows", content, part, 32, Fault::TooManyChanges);
    let contacts: Vec<Contact> = (1..=33).map(contact).collect();
    let users: Vec<UserNumber> = (1..=33).map(UserNumber).collect();
    let grants: Vec<Grant> = (1..=33).map(|id| grant(41, SITE, id)).collect();
    let endless = |tag: u8| [&[tag][..], &[0xff, 0xff, 0xff, 0xff, 0x0f]].concat();
    check::<SamplePanel>(vec![
        many(put(Part::Contacts, &contacts), Part::Contacts),
        many(remove(Part::Contacts, &users), Part::Contacts),
        many(remove(Part::Codes, &users), Part::Codes),
        many(endless(Part::Holidays as u8), Part::Holidays),
        many(endless(Part::Passcodes as u8 | 0x40), Part::Passcodes),
    ]);
    check::<SmallReceiver>(vec![many(put(Part::Grants, &grants), Part::Grants), many(endless(Part::Sites as u8 | 0x40), Part::Sites)]);

    // 32 are fine, removed and put; a small panel has room for 32 contacts.
    let envelope = |sequence| Envelope { sequence, ..Envelope::PANEL };
    let mut panel = panel();
    let newcomers: Vec<Contact> = (101..=129).map(contact).collect();
    let blob = envelope(2).patch(&panel.base(), &put(Part::Contacts, &newcomers));
    assert_eq!(panel.take(&blob, NOW), Ok(Installed::Now));
    let one_more = envelope(3).patch(&panel.base(), &put(Part::Contacts, &[contact(130)]));
    let full = Refusal::DoesNotFit { part: Part::Contacts, rows: 33, capacity: 32 };
    panel.assert_refuses("one more", &one_more, NOW, full);
    let all: Vec<UserNumber> = (1..=3).chain(101..=129).map(UserNumber).collect();
    let others: Vec<Contact> = (201..=232).map(contact).collect();
    let secrets =
        [remove(Part::Codes, &[UserNumber(1), UserNumber(2), UserNumber(3)]), remove(Part::Passcodes, &[UserNumber(1), UserNumber(2)])];
    let content = [remove(Part::Contacts, &all), put(Part::Contacts, &others), secrets.concat()].concat();
    let blob = envelope(3).patch(&panel.base(), &content);
    assert_eq!(panel.take(&blob, NOW), Ok(Installed::Now), "32 go and 32 come");
}

#[test]
fn parts_that_are_replaced_as_a_whole_have_as_many_rows_as_there_is_room_for() {
    let mut panel = panel();
    let lists: Vec<AreaList> = (0..9).map(|area| areas(1 << area)).collect();
    let blob = Envelope::PANEL.patch(&panel.base(), &put(Part::AreaLists, &lists));
    panel.assert_refuses("lists", &blob, NOW, Refusal::DoesNotFit { part: Part::AreaLists, rows: 9, capacity: 8 });
    let authorisations: Vec<Authorisation> = (1..=5).map(authorisation).collect();
    let blob = Envelope::PANEL.patch(&panel.base(), &put(Part::Authorisations, &authorisations));
    panel.assert_refuses("authorisations", &blob, NOW, Refusal::DoesNotFit { part: Part::Authorisations, rows: 6, capacity: 4 });
}

#[test]
fn rows_of_a_patch_are_judged_among_those_that_stay() {
    let rows = panel_rows;
    let site = |change: fn(&mut Site)| {
        let mut site = rows().site;
        change(&mut site);
        head(&site)
    };
    let fresh = |user: u16, change: fn(&mut Contact)| {
        let mut contact = contact(user);
        change(&mut contact);
        put(Part::Contacts, &[contact])
    };
    let code = |user: u16, digest: Digest| put(Part::Codes, &[Credential { digest, user: UserNumber(user) }]);
    let number = |user: u16| rows().codes.iter().position(|row| row.user == UserNumber(user)).unwrap() as u16;
    // Behind the code of user 1, when that of user 2 has left.
    let twin = number(1) - u16::from(number(2) < number(1)) + 1;
    let holiday = |year, month, day, group| Holiday { year, month, day, group };
    let mut reversed = contact(4);
    reversed.validity = Period { from: NOON, until: NOON };
    let authorised = |change: fn(&mut Authorisation)| {
        let mut row = authorisation(9);
        change(&mut row);
        put(Part::Authorisations, &[row])
    };
    let granted = |change: fn(&mut Grant)| {
        let mut row = grant(42, SITE, 950);
        change(&mut row);
        put(Part::Grants, &[row])
    };
    let mut overlapping = rows().spans;
    overlapping[1] = span(1, Weekdays::FRIDAY, 1000, 1100);
    let mut second = rows().layers;
    second.push(second[0]);
    let mut unknown_kind = put(Part::Layers, &rows().layers[..1]);
    unknown_kind[3] = 9;
    let without_list = [rows().lists[0], rows().lists[1]];
    let window = |change: fn(&mut TempOpenWindow)| {
        let mut window = rows().windows[0];
        change(&mut window);
        put(Part::Windows, &[window])
    };
    let both = |one: Vec<u8>, other: Vec<u8>| [one, other].concat();
    check::<SamplePanel>(vec![
        ("a head of another site", site(|site| site.id = SiteId(8)), Part::Head, 0, Fault::OtherRecipient),
        ("a head out of range", site(|site| site.early_margin = 721), Part::Head, 0, Fault::Range),
        ("a head with an unknown option", site(|site| site.options = SiteOptions::from_bits_retain(64)), Part::Head, 0, Fault::UnknownBits),
        ("a head cut short", head(&rows().site)[..20].to_vec(), Part::Head, 0, Fault::Encoding),
        ("an empty list", put(Part::AreaLists, &[AreaList::NONE]), Part::AreaLists, 0, Fault::Range),
        ("lists that schedules in place refer to", put(Part::AreaLists, &without_list[..1]), Part::Schedules, 1, Fault::Reference),
        ("a list that a window in place refers to", put(Part::AreaLists, &without_list), Part::Windows, 0, Fault::Reference),
        (
            "lists that overlap under schedules in place",
            put(Part::AreaLists, &[areas(3), areas(2), areas(15)]),
            Part::Schedules,
            1,
            Fault::SecondSchedule,
        ),
        ("schedules that layers in place refer to", put(Part::Schedules, &rows().schedules[..1]), Part::Layers, 4, Fault::Reference),
        ("a number given away with its code", fresh(3, |contact| contact.identity = [0x77; 4]), Part::Codes, number(3), Fault::FormerOwner),
        ("a second permanent layer", put(Part::Layers, &second), Part::Layers, 5, Fault::OverlappingLayers),
        ("a layer of a kind nobody knows", unknown_kind, Part::Layers, 0, Fault::Encoding),
        ("layers that spans in place refer to", put(Part::Layers, &rows().layers[..4]), Part::Spans, 4, Fault::Reference),
        ("spans that overlap", put(Part::Spans, &overlapping), Part::Spans, 1, Fault::OverlappingSpans),
        ("spans out of order", put(Part::Spans, &[rows().spans[1], rows().spans[0]]), Part::Spans, 1, Fault::Order),
        ("fewer spans than said", put(Part::Spans, &rows().spans)[..15].to_vec(), Part::Spans, 1, Fault::Encoding),
        ("a holiday that no year has", put(Part::Holidays, &[holiday(0, 2, 30, 0)]), Part::Holidays, 1, Fault::Range),
        ("holidays out of order", put(Part::Holidays, &[holiday(0, 12, 1, 0), holiday(0, 11, 1, 0)]), Part::Holidays, 2, Fault::Order),
        ("a holiday twice", put(Part::Holidays, &[holiday(0, 3, 1, 0), holiday(0, 3, 1, 1)]), Part::Holidays, 2, Fault::Duplicate),
        ("a window without a list", window(|window| window.areas = ListNumber::NONE), Part::Windows, 0, Fault::Reference),
        ("a window backwards", window(|window| window.until = window.from), Part::Windows, 0, Fault::ReversedInterval),
        ("a window on no day we know", window(|row| row.weekdays = Weekdays::from_bits_retain(128)), Part::Windows, 0, Fault::UnknownBits),
        ("contact 1000, behind those in place", fresh(1000, |_| ()), Part::Contacts, 3, Fault::Range),
        ("nobody, before them", fresh(0, |_| ()), Part::Contacts, 0, Fault::Range),
        ("an unknown limit", fresh(4, |row| row.limit = UseLimit::MinutesFromFirstUse(0)), Part::Contacts, 3, Fault::Range),
        ("an unknown list", fresh(2, |row| row.areas = ListNumber(9)), Part::Contacts, 1, Fault::Reference),
        ("a period backwards", put(Part::Contacts, &[reversed]), Part::Contacts, 3, Fault::ReversedInterval),
        ("contacts out of order", put(Part::Contacts, &[contact(9), contact(8)]), Part::Contacts, 4, Fault::Order),
        ("a contact twice", put(Part::Contacts, &[contact(9), contact(9)]), Part::Contacts, 4, Fault::Duplicate),
        ("a contact whose code stays", remove(Part::Contacts, &[UserNumber(1)]), Part::Codes, number(1), Fault::Reference),
        ("a code of nobody", code(7, Digest([0xff; 8])), Part::Codes, 3, Fault::Reference),
        ("somebody else's code", code(2, rows().codes[usize::from(number(1))].digest), Part::Codes, twin, Fault::Duplicate),
        ("no digest", code(3, Digest::NONE), Part::Codes, 0, Fault::Range),
        (
            "two codes of one contact",
            put(
                Part::Codes,
                &[
                    Credential { digest: Digest([0xfe; 8]), user: UserNumber(1) },
                    Credential { digest: Digest([0xff; 8]), user: UserNumber(1) },
                ],
            ),
            Part::Codes,
            3,
            Fault::Duplicate,
        ),
        (
            "a passcode of nobody",
            put(Part::Passcodes, &[Credential { digest: Digest([0xff; 8]), user: UserNumber(9) }]),
            Part::Passcodes,
            2,
            Fault::Reference,
        ),
        ("the site, and its grants stay", remove(Part::Sites, &[SITE]), Part::Grants, 0, Fault::Reference),
        (
            "another site",
            both(remove(Part::Sites, &[SITE]), put(Part::Sites, &[site_access(SiteId(6))])),
            Part::Sites,
            0,
            Fault::OtherRecipient,
        ),
        ("an engineer, and a grant stays", remove(Part::Engineers, &[EngineerId(42)]), Part::Grants, 1, Fault::Reference),
        (
            "another person",
            put(Part::Engineers, &[Engineer { identity: Identity([9; 16]), ..engineer(41) }]),
            Part::Engineers,
            0,
            Fault::IdentityChanged,
        ),
        (
            "another person in the place of one who goes",
            both(
                remove(Part::Engineers, &[EngineerId(42)]),
                put(Part::Engineers, &[Engineer { identity: Identity([9; 16]), ..engineer(42) }]),
            ),
            Part::Engineers,
            1,
            Fault::IdentityChanged,
        ),
        (
            "the identity of one who stays",
            put(Part::Engineers, &[Engineer { identity: Identity([41; 16]), ..engineer(50) }]),
            Part::Engineers,
            2,
            Fault::Duplicate,
        ),
        ("a grant for nobody", put(Part::Grants, &[grant(50, SITE, 950)]), Part::Grants, 2, Fault::Reference),
        ("a grant with the id of another's", granted(|row| row.id = GrantId(901)), Part::Grants, 2, Fault::Duplicate),
        ("a device's own id", granted(|row| row.id = GrantId::FIRST_LOCAL), Part::Grants, 2, Fault::Range),
        (
            "an unknown capability",
            granted(|row| row.excluded = Capabilities::from_bits_retain(1 << 10)),
            Part::Grants,
            2,
            Fault::UnknownBits,
        ),
        ("begun too late before it starts", granted(|row| row.begin_by = Some(row.period.from)), Part::Grants, 2, Fault::ReversedInterval),
        ("a model without a name", authorised(|row| row.model.0 = [0; 16]), Part::Authorisations, 2, Fault::Range),
        ("versions backwards", authorised(|row| row.first = Version([3, 0, 0, 0])), Part::Authorisations, 2, Fault::ReversedInterval),
        (
            "an authorisation twice",
            put(Part::Authorisations, &[authorisation(9), authorisation(9)]),
            Part::Authorisations,
            3,
            Fault::Duplicate,
        ),
    ]);
    let five: Vec<Grant> = (910..914).map(|id| grant(41, SITE, id)).collect();
    let other = |change: fn(&mut SiteAccess)| {
        let mut site = site_access(SiteId(9));
        change(&mut site);
        put(Part::Sites, &[site])
    };
    check::<SmallReceiver>(vec![
        ("another receiver's head", head(&ReceiverHead { id: SiteId(7), clock_tolerance: 0 }), Part::Head, 0, Fault::OtherRecipient),
        ("nobody's head", head(&ReceiverHead { id: SiteId(0), clock_tolerance: 0 }), Part::Head, 0, Fault::Range),
        ("a fifth grant", put(Part::Grants, &five), Part::Grants, 4, Fault::TooManyGrants),
        ("a site that grants in place are for", remove(Part::Sites, &[SiteId(8)]), Part::Grants, 1, Fault::Reference),
        ("an unknown option", other(|row| row.options = AccessOptions::from_bits_retain(32)), Part::Sites, 2, Fault::UnknownBits),
        ("no time for a grant", other(|row| row.spot_grant_minutes = 0), Part::Sites, 2, Fault::Range),
        (
            "an unknown standing",
            put(Part::Engineers, &[Engineer { standing: Standing::from_bits_retain(16), ..engineer(50) }]),
            Part::Engineers,
            2,
            Fault::UnknownBits,
        ),
        ("half a name", vec![Part::Grants as u8 | 0x40, 2, 41, 7, 0x85, 7, 41], Part::Grants, 1, Fault::Encoding),
        ("no count", vec![Part::Sites as u8], Part::Sites, 0, Fault::Encoding),
    ]);
}

#[test]
fn what_depends_on_each_other_can_change_together() {
    let mut panel = panel();
    let mut changed = panel_rows();
    // Two contacts swap their codes, and one engineer leaves with a grant while another comes with the same id of an authorisation.
    let (one, two) = (changed.codes[0].user, changed.codes[1].user);
    (changed.codes[0].user, changed.codes[1].user) = (two, one);
    changed.access.engineers.remove(1);
    changed.access.grants.remove(1);
    changed.contacts[1].permissions |= Permissions::SUSPENDED;
    let blob = Envelope::PANEL.patch(&panel.base(), &difference(&panel_rows(), &changed));
    assert_eq!(panel.take(&blob, NOW), Ok(Installed::Now));
}

#[test]
fn a_patch_holds_for_one_policy_only() {
    let content = put(Part::Contacts, &[contact(4)]);
    let mut device = panel();
    let base = device.base();
    let at = |sequence| Envelope { sequence, ..Envelope::PANEL };
    let other = Provenance { sequence: 0, ..base };
    device.assert_refuses("of an earlier one", &at(2).patch(&other, &content), NOW, Refusal::OtherBase { installed: 1 });
    let another = Provenance { digest: base.digest.patched(&[]), ..base };
    device.assert_refuses("of another with its sequence", &at(2).patch(&another, &content), NOW, Refusal::BadSignature);
    let expired = Envelope { expires_at: NOON, ..at(2) }.patch(&base, &content);
    device.assert_refuses("too late", &expired, NOW, Refusal::Expired);
    let first = at(9).patch(&base, &content);
    assert_eq!(device.take(&first, NOW), Ok(Installed::Now), "sequences may be left out");
    assert_eq!(device.take(&first, NOW), Ok(Installed::Already));
    device.assert_refuses("the same base again", &at(10).patch(&base, &[]), NOW, Refusal::OtherBase { installed: 9 });
    device.assert_refuses("an earlier sequence", &at(8).patch(&base, &[]), NOW, Refusal::Stale { installed: 9 });
    let empty = at(9 + 65_535).patch(&device.base(), &[]);
    assert_eq!(device.take(&empty, NOW), Ok(Installed::Now), "nothing changed, and that is news; as far away as can be");
    assert_eq!(device.base().sequence, 65_544);
    assert_eq!(device.base().digest, base.digest.patched(&content).patched(&[]));

    let mut fresh = empty_panel();
    fresh.assert_refuses("without any policy", &at(2).patch(&base, &content), NOW, Refusal::OtherBase { installed: 0 });
    let mut fresh = empty_receiver();
    let patch = Envelope { sequence: 2, ..Envelope::RECEIVER }.patch(&base, &[]);
    fresh.assert_refuses("a receiver without one", &patch, NOW, Refusal::OtherBase { installed: 0 });
}

#[test]
fn a_patch_for_the_other_device_or_with_a_wrong_distance_is_refused() {
    let blob = Envelope::PANEL.patch(&panel().base(), &[]);
    let resigned = |at: usize, bytes: &[u8]| {
        let mut head = blob[..SIGNED_LENGTH].to_vec();
        head[at..at + bytes.len()].copy_from_slice(bytes);
        sign(&head, &blob[HEAD_LENGTH..])
    };
    let newer = Refusal::NewerFormat { version: 1, kind: 3 };
    let cases = [
        ("a receiver's patch", resigned(5, &[4]), Refusal::WrongRecipient(SITE)),
        ("no distance", resigned(6, &[0, 0]), newer),
        ("a base before the first", resigned(6, &[3, 0]), newer),
        ("a snapshot with a distance", resigned(5, &[1]), Refusal::NewerFormat { version: 1, kind: 1 }),
        ("another base", resigned(6, &[2, 0]), Refusal::OtherBase { installed: 1 }),
    ];
    for (name, blob, refusal) in cases {
        panel().assert_refuses(name, &blob, NOW, refusal);
    }
    assert_eq!(Head::read(&blob).map(|head| (head.kind, head.base, head.sequence)), Ok((Kind::PanelPatch, 1, 2)));
    let head = Envelope { sequence: 1, ..Envelope::PANEL }.head(&[]);
    let base = panel().base();
    assert!(head.patching(Kind::PanelPatch, &base, &[]).is_none(), "not above its base");
    assert!(Head { sequence: 65_537, ..head }.patching(Kind::PanelPatch, &base, &[]).is_none(), "too far above it");
    assert!(Head { sequence: 2, ..head }.patching(Kind::KeyChange, &base, &[]).is_none(), "no patch");
}

#[test]
fn no_signed_patch_brings_a_device_down() {
    fn torment<D: Device>(seed: u64, content: &[u8], ask: impl Fn(&mut D, &mut Random, Time)) {
        let mut random = Random(seed);
        let mut device = D::sample();
        let mut clock = Clock::started(&mut random);
        let mut installed = 0;
        for sequence in 2..8_000 {
            if random.once_in(16) {
                device = D::sample();
            }
            let mut content = content.to_vec();
            change_bytes(&mut content, &mut random);
            let blob = Envelope { sequence, ..D::ENVELOPE }.patch(&Provenance { sequence: sequence - 1, ..device.base() }, &content);
            // Only a patch of what is there is read at all.
            let of_base = device.base().sequence == sequence - 1;
            match device.take(&blob, clock.read(&mut random)) {
                Ok(Installed::Now) => installed += 1,
                Err(Refusal::OtherBase { .. }) if !of_base => {
                    device = D::sample();
                    let base = device.base();
                    let far = Envelope { sequence: base.sequence + 1 + sequence % 65_535, ..D::ENVELOPE };
                    if device.take(&far.patch(&base, &content), Time::Unknown) == Ok(Installed::Now) {
                        installed += 1;
                    }
                }
                Err(Refusal::Invalid(_) | Refusal::DoesNotFit { .. } | Refusal::Stale { .. }) => {}
                other => panic!("seed {seed}, patch {sequence}: {other:?}"),
            }
            let now = clock.read(&mut random);
            ask(&mut device, &mut random, now);
        }
        assert!(installed > 200, "{installed} installed: too few to learn from");
    }
    torment::<SamplePanel>(11, &panel_patch(), ask_panel);
    torment::<SmallReceiver>(12, &receiver_patch(), ask_receiver);
}

/// The promise of the format's page: whatever changes about one contact takes at most 200 bytes.
#[test]
fn a_changed_contact_takes_at_most_200_bytes() {
    let user = UserNumber(999);
    let mut before = panel_rows();
    before.contacts.push(contact(user.0));
    before.codes.push(Credential { digest: Digest([0xfe; 8]), user });
    before.passcodes.push(Credential { digest: Digest([0xfe; 8]), user });
    let mut after = before.clone();
    after.contacts[3] = Contact {
        permissions: Permissions::all(),
        // From 1970 to 2499 a bound takes up to five bytes; one that no clock reads may as well be left out.
        validity: Period { from: Instant::LAST_READING.plus(-1), until: Instant::LAST_READING },
        limit: UseLimit::MinutesFromFirstUse(u16::MAX),
        areas: ListNumber(3),
        test_areas: ListNumber(3),
        temp_open_minutes: 1440,
        ..contact(user.0)
    };
    after.codes[3].digest = Digest([0xff; 8]);
    after.passcodes[2].digest = Digest([0xff; 8]);
    let mut panel = panel();
    assert_eq!(panel.take(&Envelope::PANEL.seal(&before.encode()), NOW), Ok(Installed::Now));
    let blob = Envelope { sequence: 3, ..Envelope::PANEL }.patch(&panel.base(), &difference(&before, &after));
    assert_eq!(panel.take(&blob, NOW), Ok(Installed::Now));
    // Contact: tag, count, user 2, identity 4, permissions 3, validity 2 * 6, limit 4, lists 2, minutes 2. Code and passcode: tag, count, digest 8, user 2.
    assert_eq!(blob.len(), HEAD_LENGTH + (2 + 2 + 4 + 3 + 12 + 4 + 2 + 2) + 2 * (2 + 8 + 2));
    assert_eq!(blob.len(), 199);
}

#[test]
fn a_patch_between_two_looks_at_one_instant_loses_and_repeats_nothing() {
    let (removed, added) = (remove(Part::Grants, &[(EngineerId(42), SITE, GrantId(900))]), put(Part::Grants, &[grant(41, SITE, 800)]));
    for patch in [removed, added] {
        let mut panel = empty_panel();
        let mut rows = panel_rows();
        rows.access.grants = vec![grant(41, SITE, 901), grant(42, SITE, 900)];
        for grant in &mut rows.access.grants {
            grant.period.until = NOON.plus(100);
        }
        panel.install(&Envelope { sequence: 1, ..Envelope::PANEL }.seal(&rows.encode()), NOW).unwrap();
        let look = |panel: &mut SamplePanel, seconds| match panel.supervise(&AreaList::ALL, Time::Known(NOON.plus(seconds))) {
            Supervision::Due(due) => Some((due.report.event, due.report.grant)),
            Supervision::AskAgain | Supervision::Nothing => None,
        };
        assert_eq!(look(&mut panel, 0), None);
        let mut told = vec![look(&mut panel, 101)];
        let base = *panel.provenance().unwrap();
        panel.install(&Envelope { sequence: 2, ..Envelope::PANEL }.patch(&base, &patch), Time::Known(NOON.plus(102))).unwrap();
        told.extend((0..3).map(|_| look(&mut panel, 103)));
        let ended = |id| Some((Event::GrantEnded, GrantId(id)));
        assert_eq!(told, [ended(900), ended(901), None, None]);
    }
}
