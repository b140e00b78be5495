//! The validity rules of the parts about engineers, and what does not fit.

use keyholder::SmallReceiver;
use keyholder::blob::{Installed, Refusal};
use keyholder::contact::ListNumber;
use keyholder::engineer::{AccessOptions, Capabilities, EngineerId, GrantId, Identity, SiteId, Standing};
use keyholder::firmware::{AuthorisationId, Model, Version};
use keyholder::policy::{Fault, Invalid, Part};
use keyholder::schedule::{Holiday, Layer, LayerKind, Schedule};
use keyholder::time::{Date, DateRange, Instant, Period, Weekdays};

use crate::device::Device;
use crate::sample::{
    AccessRows, Change, Envelope, NOON, NOW, PanelRows, ReceiverRows, SITE, SamplePanel, areas, authorisation, contact, empty_receiver,
    encode, engineer, grant, panel, panel_rows, receiver, receiver_rows, site_access, span,
};

type Case<Rows = AccessRows> = (&'static str, fn(&mut Rows), u16, Fault);

/// Breaks a rule on both devices, which share these parts.
fn check(part: Part, cases: &[Case]) {
    let (mut panel, mut receiver) = (panel(), receiver());
    for (name, break_it, row, fault) in cases {
        let refusal = Refusal::Invalid(Invalid { part, row: *row, fault: *fault });
        let mut rows = receiver_rows();
        break_it(&mut rows.access);
        receiver.assert_refuses(name, &Envelope::RECEIVER.seal(&rows.encode()), NOW, refusal);
        let mut rows = panel_rows();
        rows.access.grants.insert(1, grant(41, SITE, 903));
        break_it(&mut rows.access);
        panel.assert_refuses(name, &Envelope::PANEL.seal(&rows.encode()), NOW, refusal);
    }
}

fn check_receiver(part: Part, cases: &[Case<ReceiverRows>]) {
    let mut receiver = receiver();
    for (name, break_it, row, fault) in cases {
        let mut rows = receiver_rows();
        break_it(&mut rows);
        let refusal = Refusal::Invalid(Invalid { part, row: *row, fault: *fault });
        receiver.assert_refuses(name, &Envelope::RECEIVER.seal(&rows.encode()), NOW, refusal);
    }
}

#[test]
fn sites_are_in_order_and_in_range() {
    let cases: &[Case] = &[
        ("unknown option", |rows| rows.sites[0].options = AccessOptions::from_bits_retain(1 << 5), 0, Fault::UnknownBits),
        ("unknown capability", |rows| rows.sites[0].baseline = Capabilities::from_bits_retain(1 << 10), 0, Fault::UnknownBits),
        ("no minutes on the spot", |rows| rows.sites[0].spot_grant_minutes = 0, 0, Fault::Range),
        ("no minutes for an answer", |rows| rows.sites[0].answer_grant_minutes = 0, 0, Fault::Range),
    ];
    check(Part::Sites, cases);
    check_receiver(
        Part::Sites,
        &[
            ("site 0", |rows| rows.access.sites.insert(0, site_access(SiteId(0))), 0, Fault::Range),
            ("site twice", |rows| rows.access.sites[1].id = SITE, 1, Fault::Duplicate),
            ("out of order", |rows| rows.access.sites.swap(0, 1), 1, Fault::Order),
        ],
    );
    let mut rows = panel_rows();
    rows.access.sites[0].id = SiteId(8);
    let refusal = Refusal::Invalid(Invalid { part: Part::Sites, row: 0, fault: Fault::OtherRecipient });
    panel().assert_refuses("another site", &Envelope::PANEL.seal(&rows.encode()), NOW, refusal);
}

#[test]
fn the_receivers_own_settings_are_its_own() {
    check_receiver(
        Part::Head,
        &[
            ("another receiver", |rows| rows.head.id = SiteId(501), 0, Fault::OtherRecipient),
            ("no id", |rows| rows.head.id = SiteId(0), 0, Fault::Range),
        ],
    );
}

#[test]
fn engineers_are_unique_and_keep_their_identity() {
    let cases: &[Case] = &[
        ("id twice", |rows| rows.engineers[1].id = EngineerId(41), 1, Fault::Duplicate),
        ("out of order", |rows| rows.engineers.swap(0, 1), 1, Fault::Order),
        ("id 0", |rows| rows.engineers.insert(0, engineer(0)), 0, Fault::Range),
        ("unknown standing", |rows| rows.engineers[1].standing = Standing::from_bits_retain(1 << 4), 1, Fault::UnknownBits),
        ("identity twice", |rows| rows.engineers.push(engineer(43 + 254)), 2, Fault::Duplicate),
        ("identity of another", |rows| rows.engineers[1].identity = rows.engineers[0].identity, 1, Fault::Duplicate),
        ("identity changed", |rows| rows.engineers[1].identity = Identity([0xee; 16]), 1, Fault::IdentityChanged),
        ("one bit of it", |rows| rows.engineers[0].identity.0[15] ^= 1, 0, Fault::IdentityChanged),
    ];
    check(Part::Engineers, cases);
}

#[test]
fn identities_belong_to_ids_from_blob_to_blob() {
    let mut device = receiver();
    let mut rows = receiver_rows();
    let mut sequence = 2;
    let mut send = |rows: &ReceiverRows| {
        sequence += 1;
        device.take(&Envelope { sequence, ..Envelope::RECEIVER }.seal(&rows.encode()), NOW)
    };
    rows.access.engineers.push(engineer(43));
    assert_eq!(send(&rows), Ok(Installed::Now), "a new one");
    rows.access.engineers[2].standing = Standing::SUSPENDED;
    assert_eq!(send(&rows), Ok(Installed::Now), "everything but the identity may change");
    rows.access.engineers[2].identity = Identity([7; 16]);
    assert_eq!(send(&rows), Err(Refusal::Invalid(Invalid { part: Part::Engineers, row: 2, fault: Fault::IdentityChanged })));
    rows.access.engineers[2].id = EngineerId(44);
    assert_eq!(send(&rows), Ok(Installed::Now), "another identity has another id");
}

#[test]
fn grants_are_unique_and_refer() {
    let cases: &[Case] = &[
        ("row twice", |rows| rows.grants[1] = rows.grants[0], 1, Fault::Duplicate),
        ("out of order", |rows| rows.grants.swap(0, 2), 1, Fault::Order),
        ("id of another engineer's", |rows| rows.grants[2].id = rows.grants[0].id, 2, Fault::Duplicate),
        ("id 0", |rows| rows.grants[0].id = GrantId::NONE, 0, Fault::Range),
        ("id of a device's own", |rows| rows.grants[2].id = GrantId::FIRST_LOCAL, 2, Fault::Range),
        ("unknown capability", |rows| rows.grants[0].capabilities = Capabilities::from_bits_retain(u16::MAX), 0, Fault::UnknownBits),
        ("unknown exclusion", |rows| rows.grants[0].excluded = Capabilities::from_bits_retain(1 << 15), 0, Fault::UnknownBits),
        ("engineer behind the last", |rows| rows.grants[2].engineer = EngineerId(43), 2, Fault::Reference),
        ("engineer before the first", |rows| _ = rows.engineers.remove(0), 0, Fault::Reference),
        ("engineer 0", |rows| rows.grants[0].engineer = EngineerId(0), 0, Fault::Reference),
        ("site 9", |rows| rows.grants[2].site = SiteId(9), 2, Fault::Reference),
        ("no site", |rows| rows.sites.clear(), 0, Fault::Reference),
        ("period without a second", |rows| rows.grants[0].period.until = rows.grants[0].period.from, 0, Fault::ReversedInterval),
        ("period reversed", |rows| rows.grants[0].period.until = Instant(i64::MIN + 1), 0, Fault::ReversedInterval),
        ("begin-by at the start", |rows| rows.grants[0].begin_by = Some(rows.grants[0].period.from), 0, Fault::ReversedInterval),
        ("begin-by before the start", |rows| rows.grants[0].begin_by = Some(Instant::EARLIEST), 0, Fault::ReversedInterval),
    ];
    check(Part::Grants, cases);
    let fifth: fn(&mut ReceiverRows) = |rows| rows.access.grants = (1..=5).map(|id| grant(41, SITE, id)).collect();
    check_receiver(Part::Grants, &[("five for one engineer on one site", fifth, 4, Fault::TooManyGrants)]);
}

#[test]
fn an_id_repeated_far_away_is_found() {
    // The ids of grants are not in order, so a repetition may be any number of rows away.
    let mut rows = receiver_rows();
    rows.access.engineers = (1..=8).map(engineer).collect();
    rows.access.grants = (1..=8).flat_map(|of| [grant(of, SITE, 100 - of), grant(of, SiteId(8), 200 - of)]).collect();
    let blob = |rows: &ReceiverRows| Envelope::RECEIVER.seal(&rows.encode());
    assert_eq!(empty_receiver().take(&blob(&rows), NOW), Ok(Installed::Now));
    for (first, second) in [(0, 15), (3, 4), (1, 14)] {
        let mut rows = rows.clone();
        rows.access.grants[second].id = rows.access.grants[first].id;
        let refusal = Refusal::Invalid(Invalid { part: Part::Grants, row: second as u16, fault: Fault::Duplicate });
        empty_receiver().assert_refuses("repeated", &blob(&rows), NOW, refusal);
    }
}

#[test]
fn authorisations_are_unique_and_in_range() {
    fn name(rows: &mut AccessRows, bytes: &[u8]) {
        let mut model = [0; 16];
        model[..bytes.len()].copy_from_slice(bytes);
        rows.authorisations[1].model = Model(model);
    }
    let cases: &[Case] = &[
        ("id twice", |rows| rows.authorisations[1].id = AuthorisationId(5), 1, Fault::Duplicate),
        ("out of order", |rows| rows.authorisations.swap(0, 1), 1, Fault::Order),
        ("id 0", |rows| rows.authorisations.insert(0, authorisation(0)), 0, Fault::Range),
        ("no model", |rows| name(rows, b""), 1, Fault::Range),
        ("a model behind a zero", |rows| name(rows, b"\0KP"), 1, Fault::Range),
        ("a zero within a model", |rows| name(rows, b"KP\0-200"), 1, Fault::Range),
        ("a model that cannot be read", |rows| name(rows, b"KP\n"), 1, Fault::Range),
        ("a model that is not ASCII", |rows| name(rows, "Größe".as_bytes()), 1, Fault::Range),
        ("versions reversed", |rows| rows.authorisations[0].first = Version([2, 9, 0, 1]), 0, Fault::ReversedInterval),
        ("period reversed", |rows| rows.authorisations[0].period = Period { from: NOON, until: NOON }, 0, Fault::ReversedInterval),
    ];
    check(Part::Authorisations, cases);
}

#[test]
fn what_is_just_inside_the_rules_is_installed() {
    let cases: &[Change<ReceiverRows>] = &[
        ("as it is", |_| ()),
        ("nothing at all", |rows| {
            (rows.access.sites, rows.access.engineers) = (vec![], vec![]);
            (rows.access.grants, rows.access.authorisations) = (vec![], vec![]);
        }),
        ("largest ids", |rows| {
            rows.access.sites.push(site_access(SiteId(u32::MAX)));
            rows.access.engineers.push(engineer(u32::MAX));
            rows.access.grants.push(grant(u32::MAX, SiteId(u32::MAX), GrantId::FIRST_LOCAL.0 - 1));
            rows.access.authorisations.push(authorisation(u32::MAX));
        }),
        ("every flag", |rows| {
            (rows.access.sites[0].options, rows.access.sites[0].baseline) = (AccessOptions::all(), Capabilities::all());
            rows.access.engineers[0].standing = Standing::all();
            (rows.access.grants[0].capabilities, rows.access.grants[0].excluded) = (Capabilities::all(), Capabilities::all());
        }),
        ("four grants for one engineer on one site", |rows| rows.access.grants = (1..=4).map(|id| grant(41, SITE, id)).collect()),
        ("begin-by behind the end", |rows| rows.access.grants[0].begin_by = Some(Instant::LATEST)),
        ("begin-by a second in", |rows| rows.access.grants[0].begin_by = Some(rows.access.grants[0].period.from.plus(1))),
        ("a grant for ever", |rows| (rows.access.grants[0].period, rows.access.grants[0].begin_by) = (Period::ALWAYS, None)),
        ("lifted at the ends of time", |rows| {
            (rows.access.sites[0].lifted_at, rows.access.sites[1].lifted_at) = (Some(Instant::EARLIEST), Some(Instant::LATEST));
        }),
        ("one version", |rows| rows.access.authorisations[0].first = rows.access.authorisations[0].last),
        ("a model of one character and one of sixteen", |rows| {
            rows.access.authorisations[0].model = Model::named("~").unwrap();
            rows.access.authorisations[1].model = Model([b' '; 16]);
        }),
    ];
    for (name, change) in cases {
        let mut rows = receiver_rows();
        change(&mut rows);
        assert_eq!(receiver().take(&Envelope::RECEIVER.seal(&rows.encode()), NOW), Ok(Installed::Now), "{name}");
    }
}

#[test]
fn bytes_behind_the_policy_are_refused() {
    let refusal = Refusal::Invalid(Invalid { part: Part::Authorisations, row: 0, fault: Fault::TrailingBytes });
    for tail in [&[0][..], &[1, 2, 3], &[0xff; 1000]] {
        panel().assert_refuses("panel", &Envelope::PANEL.seal(&[&panel_rows().encode(), tail].concat()), NOW, refusal);
        receiver().assert_refuses("receiver", &Envelope::RECEIVER.seal(&[&receiver_rows().encode(), tail].concat()), NOW, refusal);
    }
}

#[test]
fn what_is_no_row_is_refused() {
    let policy = receiver_rows().encode();
    let head = encode(&receiver_rows().head);
    let site = encode(&site_access(SITE));
    let at = |bytes: &[u8]| policy.windows(bytes.len()).position(|window| window == bytes).unwrap();
    let lifted = at(&site) + 3;
    assert_eq!(policy[lifted], 1, "the option of `lifted at`");
    let one_time = at(&encode(&receiver_rows().access.grants[0])) + encode(&receiver_rows().access.grants[0]).len() - 3;
    assert_eq!(policy[one_time], 1, "the bool of `one-time`");
    let with = |at: usize, byte: u8| {
        let mut policy = policy.clone();
        policy[at] = byte;
        policy
    };
    let cases = [
        ("nothing", vec![], Part::Head),
        ("a varint without end", vec![0x80; 200], Part::Head),
        ("an id above 32 bits", vec![0xff, 0xff, 0xff, 0xff, 0x1f], Part::Head),
        ("a count without end", [&head[..], &[0xff; 9]].concat(), Part::Sites),
        ("an option that is neither", with(lifted, 2), Part::Sites),
        ("a bool that is neither", with(one_time, 2), Part::Grants),
    ];
    for (name, policy, part) in cases {
        let refusal = Refusal::Invalid(Invalid { part, row: 0, fault: Fault::Encoding });
        receiver().assert_refuses(name, &Envelope::RECEIVER.seal(&policy), NOW, refusal);
    }
    let mut rows = panel_rows();
    rows.layers.truncate(1);
    let layer = [&encode(&rows.layers.as_slice())[..], &encode(&rows.spans.as_slice())[..4]].concat();
    let policy = rows.encode();
    let kind = policy.windows(layer.len()).position(|window| window == layer).unwrap() + 2;
    let mut unknown = policy.clone();
    unknown[kind] = 4;
    let refusal = Refusal::Invalid(Invalid { part: Part::Layers, row: 0, fault: Fault::Encoding });
    panel().assert_refuses("a fifth kind of layer", &Envelope::PANEL.seal(&unknown), NOW, refusal);
}

#[test]
fn numbers_written_longer_than_need_be_are_read_alike() {
    let rows = receiver_rows();
    let policy = rows.encode();
    let longer = [&policy[..2], &[60 | 0x80, 0x80, 0x00], &policy[3..]].concat();
    assert_eq!(policy[2], 60, "the clock tolerance");
    let mut device = receiver();
    assert_eq!(device.take(&Envelope::RECEIVER.seal(&longer), NOW), Ok(Installed::Now));
    // It is the bytes that are compared, not what they say.
    device.assert_refuses("the shorter form", &Envelope::RECEIVER.seal(&policy), NOW, Refusal::Stale { installed: 2 });
}

#[test]
fn what_a_small_device_has_no_room_for_is_refused() {
    fn fill<T: Clone>(rows: &mut Vec<T>, count: usize, row: impl Fn(u8) -> T) {
        *rows = (1..=count as u8).map(row).collect();
    }
    type Fill = fn(&mut PanelRows, usize);
    let parts: &[(Part, usize, Fill)] = &[
        (Part::AreaLists, 8, |rows, count| fill(&mut rows.lists, count, |bit| areas(1 << bit))),
        (Part::Schedules, 4, |rows, count| rows.schedules.resize(count, Schedule { areas: ListNumber::NONE })),
        (Part::Layers, 8, |rows, count| {
            let dates = |day: u8| DateRange { from: Date(i32::from(day)), until: Date(i32::from(day) + 1) };
            fill(&mut rows.layers, count, |day| Layer { schedule: 1, kind: LayerKind::Alternate, dates: dates(day), groups: 0 });
        }),
        (Part::Spans, 20, |rows, count| {
            rows.layers.truncate(1);
            fill(&mut rows.spans, count, |hour| span(1, Weekdays::MONDAY, u16::from(hour) * 60, u16::from(hour) * 60 + 30));
        }),
        (Part::Holidays, 8, |rows, count| fill(&mut rows.holidays, count, |day| Holiday { year: 0, month: 5, day, group: 0 })),
        (Part::Windows, 4, |rows, count| rows.windows.resize(count, rows.windows[0])),
        (Part::Contacts, 32, |rows, count| fill(&mut rows.contacts, count, |user| contact(u16::from(user)))),
        (Part::Engineers, 4, |rows, count| fill(&mut rows.access.engineers, count, |id| engineer(40 + u32::from(id)))),
        (Part::Grants, 4, |rows, count| fill(&mut rows.access.grants, count, |id| grant(41, SITE, u32::from(id)))),
        (Part::Authorisations, 4, |rows, count| fill(&mut rows.access.authorisations, count, |id| authorisation(u32::from(id)))),
    ];
    for (part, capacity, fill) in parts {
        let blob = |count| {
            let mut rows = panel_rows();
            fill(&mut rows, count);
            Envelope::PANEL.seal(&rows.encode())
        };
        let refusal = Refusal::DoesNotFit { part: *part, rows: *capacity as u32 + 1, capacity: *capacity as u16 };
        SamplePanel::sample().assert_refuses(part.text(), &blob(capacity + 1), NOW, refusal);
        assert_eq!(SamplePanel::sample().take(&blob(*capacity), NOW), Ok(Installed::Now), "{}", part.text());
    }
    // A layer without spans takes up the room of one.
    let mut rows = panel_rows();
    let closed = Layer { kind: LayerKind::Temporary, dates: DateRange { from: Date(1), until: Date(2) }, ..rows.layers[0] };
    rows.layers = vec![rows.layers[0], closed];
    fill(&mut rows.spans, 20, |hour| span(1, Weekdays::MONDAY, u16::from(hour) * 60, u16::from(hour) * 60 + 30));
    let refusal = Refusal::DoesNotFit { part: Part::Spans, rows: 21, capacity: 20 };
    SamplePanel::sample().assert_refuses("a closed layer too many", &Envelope::PANEL.seal(&rows.encode()), NOW, refusal);
    let mut rows = panel_rows();
    rows.access.sites.push(site_access(SiteId(8)));
    let refusal = Refusal::DoesNotFit { part: Part::Sites, rows: 2, capacity: 1 };
    panel().assert_refuses("a panel has one site", &Envelope::PANEL.seal(&rows.encode()), NOW, refusal);
    let mut rows = receiver_rows();
    rows.access.sites = (1..=9).map(|id| site_access(SiteId(id))).collect();
    let refusal = Refusal::DoesNotFit { part: Part::Sites, rows: 9, capacity: 8 };
    SmallReceiver::sample().assert_refuses("nine sites", &Envelope::RECEIVER.seal(&rows.encode()), NOW, refusal);
}
