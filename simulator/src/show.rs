//! A blob in words: what its head says, and its policy or what changes in one in the keys of a policy file.

use jiff::civil;
use keyholder::blob::{ClockCorrection, Head, KeyChange, KeyRole};
use keyholder::code::Credential;
use keyholder::contact::{Contact, ListNumber, Permissions, UseLimit};
use keyholder::engineer::{AccessOptions, Capabilities, Grant, SiteAccess, Standing};
use keyholder::firmware::Authorisation;
use keyholder::place::AreaList;
use keyholder::policy::access::ReceiverHead;
use keyholder::policy::panel::{Site, SiteOptions};
use keyholder::schedule::{Holiday, Layer, LayerKind, Span, TempOpenWindow};
use keyholder::time::{Date, DateRange, Instant, Period};
use serde_json::{Map, Value, json};

use crate::answer::instant;
use crate::flags::{NamedFlags, Names};
use crate::hex;
use crate::patch::{PanelPatch, Patch};
use crate::rig::Content;
use crate::snapshot::{AccessRows, PanelRows, Rows};
use crate::values::{AreaMap, Days};
use crate::zones::to_posix;

/// The head's fields.
pub fn head(head: &Head) -> Map<String, Value> {
    let kind = match head.kind {
        keyholder::blob::Kind::PanelSnapshot => "panel",
        keyholder::blob::Kind::ReceiverSnapshot => "receiver",
        keyholder::blob::Kind::PanelPatch => "panel patch",
        keyholder::blob::Kind::ReceiverPatch => "receiver patch",
        keyholder::blob::Kind::KeyChange => "key change",
        keyholder::blob::Kind::ClockCorrection => "clock correction",
    };
    object(json!({
        "for": kind,
        "recipient": head.recipient.0,
        "sequence": head.sequence,
        "base": head.kind.is_patch().then_some(head.base),
        "issued_at": instant(head.issued_at),
        "expires_at": head.expires_at.ending().map(instant),
        "key": hex::encode(&head.key.0),
        "policy_sha256": hex::encode(&head.digest.0),
        "policy_bytes": head.length,
    }))
}

/// What a blob carries: the key of an object for programs, and what is in it.
pub fn content(content: &Content) -> (&'static str, Map<String, Value>) {
    match content {
        Content::Policy(rows) => ("policy", policy(rows)),
        Content::Patch(patch) => ("patch", self::patch(patch)),
        Content::KeyChange(KeyChange { role, key }) => {
            let role = match role {
                KeyRole::Signing => "signing",
                KeyRole::Recovery => "recovery",
            };
            ("key_change", object(json!({ "role": role, "public_key": hex::encode(&key.0), "key_id": hex::encode(&key.id().0) })))
        }
        Content::ClockCorrection(ClockCorrection { floor }) => ("clock_correction", object(json!({ "floor": instant(*floor) }))),
    }
}

/// What a patch changes. Rows that it puts there are told in the keys of a policy file, as far as those are not about rows that it does not have: of area
/// lists, schedules and layers there are the numbers.
pub fn patch(patch: &Patch) -> Map<String, Value> {
    let mut all = Map::new();
    let mut removed = Map::new();
    let of_access = match patch {
        Patch::Panel(patch) => {
            panel_patch(patch, &mut all, &mut removed);
            &patch.access
        }
        Patch::Receiver(patch) => {
            all.insert("receiver".to_owned(), patch.head.as_ref().map(receiver_head).into());
            &patch.access
        }
    };
    let is_receiver = matches!(patch, Patch::Receiver(_));
    let sites = of_access.sites.put.iter().map(|site| Value::Object(access_of(site, true)));
    all.insert("site".to_owned(), sites.collect());
    removed.insert("site".to_owned(), of_access.sites.removed.iter().map(|id| id.0).collect());
    removed.insert("engineer".to_owned(), of_access.engineers.removed.iter().map(|id| id.0).collect());
    removed.insert("grant".to_owned(), of_access.grants.removed.iter().map(|(_, _, id)| id.0).collect());
    removed.insert("firmware".to_owned(), of_access.authorisations.removed.iter().map(|id| id.0).collect());
    let put = AccessRows {
        sites: Vec::new(),
        engineers: of_access.engineers.put.clone(),
        grants: of_access.grants.put.clone(),
        authorisations: of_access.authorisations.put.clone(),
    };
    all.extend(access(&put, is_receiver));
    all.insert("removed".to_owned(), without_nothing(removed).into());
    without_nothing(all)
}

fn panel_patch(patch: &PanelPatch, all: &mut Map<String, Value>, removed: &mut Map<String, Value>) {
    let mut whole = |name: &str, rows: Option<Vec<Value>>| {
        if rows.as_ref().is_some_and(Vec::is_empty) {
            removed.insert(name.to_owned(), "all".into());
        }
        all.insert(name.to_owned(), rows.into());
    };
    fn each<T>(rows: Option<&Vec<T>>, show: impl Fn(&T) -> Value) -> Option<Vec<Value>> {
        rows.map(|rows| rows.iter().map(show).collect())
    }
    whole("panel", patch.site.as_ref().map(|site| vec![site_settings(site).into()]));
    whole("area_list", each(patch.lists.as_ref(), |list| json!({ "areas": areas(list) })));
    whole("schedule", each(patch.schedules.as_ref(), |schedule| json!({ "area_list": schedule.areas.0 })));
    whole("layer", each(patch.layers.as_ref(), layer));
    let with_layer = |row: &Span| json!({ "layer": row.layer, "span": [span(row)] });
    whole("span", each(patch.spans.as_ref(), with_layer));
    whole("temp_open", each(patch.windows.as_ref(), |row| window(row, json!(row.areas.0)).into()));
    let contacts = patch.contacts.put.iter().map(|contact| {
        let list = |number: ListNumber| (number != ListNumber::NONE).then_some(number.0);
        let mut fields = contact_of(contact, None, None, (false, false));
        fields.extend(object(json!({ "area_list": list(contact.areas), "test_area_list": list(contact.test_areas) })));
        Value::Object(fields)
    });
    all.insert("holiday".to_owned(), patch.holidays.put.iter().map(holiday).collect());
    all.insert("contact".to_owned(), contacts.collect());
    let users = |credentials: &[Credential]| credentials.iter().map(|credential| json!({ "user": credential.user.0 })).collect();
    all.insert("code".to_owned(), users(&patch.codes.put));
    all.insert("passcode".to_owned(), users(&patch.passcodes.put));
    removed
        .insert("holiday".to_owned(), patch.holidays.removed.iter().map(|(year, month, day)| holiday_date(*year, *month, *day)).collect());
    for (name, users) in [("contact", &patch.contacts.removed), ("code", &patch.codes.removed), ("passcode", &patch.passcodes.removed)] {
        removed.insert(name.to_owned(), users.iter().map(|user| user.0).collect());
    }
}

fn layer(layer: &Layer) -> Value {
    let (from, to) = dates(&layer.dates);
    let kind = match layer.kind {
        LayerKind::Permanent => "permanent",
        LayerKind::Alternate => "alternate",
        LayerKind::Holiday => "holiday",
        LayerKind::Temporary => "temporary",
    };
    Value::Object(object(json!({ "schedule": layer.schedule, "kind": kind, "from": from, "to": to, "holidays": groups(layer) })))
}

fn groups(layer: &Layer) -> Vec<String> {
    (0..8).filter(|group| layer.groups >> group & 1 == 1).map(group_name).collect()
}

fn receiver_head(head: &ReceiverHead) -> Value {
    json!({ "id": head.id.0, "clock_tolerance": seconds(head.clock_tolerance) })
}

/// The policy's rows in the keys of a policy file. What is left out there is left out here, and codes are not shown: a blob has only their digests.
pub fn policy(rows: &Rows) -> Map<String, Value> {
    match rows {
        Rows::Panel(rows) => panel(rows),
        Rows::Receiver(rows) => {
            let mut all = Map::new();
            all.insert("receiver".to_owned(), receiver_head(&rows.head));
            all.insert("site".to_owned(), rows.access.sites.iter().map(|site| Value::Object(access_of(site, true))).collect());
            all.extend(access(&rows.access, true));
            without_nothing(all)
        }
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => without_nothing(object),
        _ => Map::new(),
    }
}

/// Leaves out what says nothing: nulls, `false`, empty lists.
fn without_nothing(object: Map<String, Value>) -> Map<String, Value> {
    let says_nothing = |value: &Value| match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(values) => values.is_empty(),
        Value::Object(object) => object.is_empty(),
        _ => false,
    };
    object.into_iter().filter(|(_, value)| !says_nothing(value)).collect()
}

fn names<F: NamedFlags>(flags: F) -> Vec<String> {
    Names(flags.intersection(F::NAMED)).write()
}

fn time_of_day(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// A duration that 0 says nothing with.
fn minutes(minutes: u16) -> Option<String> {
    let part = |count: u16, unit: &str| if count == 0 { String::new() } else { format!("{count}{unit}") };
    (minutes != 0).then(|| part(minutes / 60, "h") + &part(minutes % 60, "m"))
}

fn seconds(seconds: u16) -> String {
    format!("{seconds}s")
}

fn bound(bound: Instant) -> Option<String> {
    let unbounded = bound == Instant::EARLIEST || bound == Instant::LATEST;
    (!unbounded).then(|| instant(bound))
}

fn bounds(period: &Period) -> (Option<String>, Option<String>) {
    (bound(period.from), bound(period.until))
}

/// A date as it is written everywhere.
pub(crate) fn date(date: Date) -> String {
    let (year, month, day) = date.civil();
    let civil = civil::Date::new(i16::try_from(year).unwrap_or_default(), month.cast_signed(), day.cast_signed());
    civil.map_or_else(|_| format!("day {}", date.0), |date| date.to_string())
}

fn areas(list: &AreaList) -> Map<String, Value> {
    let systems = (1..).zip(list.0).filter(|(_, areas)| !areas.is_empty());
    systems.map(|(system, areas): (u8, _)| (system.to_string(), AreaMap::write(areas).into())).collect()
}

fn site_settings(site: &Site) -> Map<String, Value> {
    let each_further = site.options.contains(SiteOptions::LOCKOUT_AT_EACH_FURTHER);
    object(json!({
        "site": site.id.0,
        "zone": to_posix(&site.zone),
        "systems": areas(&site.areas),
        "options": names(site.options),
        "early_margin": minutes(site.early_margin),
        "late_margin": minutes(site.late_margin),
        "latest_close": time_of_day(site.latest_close),
        "longest_test": minutes(site.longest_test),
        "lockout": { "wrong_codes": site.wrong_code_limit, "lasts": seconds(site.lockout_seconds), "each_further": each_further },
        "clock_tolerance": seconds(site.clock_tolerance),
    }))
}

fn panel(rows: &PanelRows) -> Map<String, Value> {
    let list = |number: ListNumber| usize::from(number.0).checked_sub(1).and_then(|index| rows.lists.get(index)).map(areas);
    let mut all = Map::new();
    all.insert("panel".to_owned(), site_settings(&rows.site).into());
    let own_access = rows.access.sites.first().map(|site| access_of(site, false));
    all.insert("access".to_owned(), own_access.map_or(Value::Null, Value::Object));
    let schedules = (1..).zip(&rows.schedules).map(|(number, schedule)| schedule_of(rows, number, list(schedule.areas)));
    all.insert("schedule".to_owned(), schedules.collect());
    all.insert("holiday".to_owned(), rows.holidays.iter().map(holiday).collect());
    let windows = rows.windows.iter().map(|row| window(row, list(row.areas).into()));
    all.insert("temp_open".to_owned(), windows.map(Value::Object).collect());
    let contacts = rows.contacts.iter().map(|contact| {
        let has = |credentials: &[keyholder::code::Credential]| credentials.iter().any(|credential| credential.user == contact.user);
        let secrets = (has(&rows.codes), has(&rows.passcodes));
        Value::Object(contact_of(contact, list(contact.areas), list(contact.test_areas), secrets))
    });
    all.insert("contact".to_owned(), contacts.collect());
    all.extend(access(&rows.access, false));
    without_nothing(all)
}

fn window(window: &TempOpenWindow, areas: Value) -> Map<String, Value> {
    let (first, last) = (window.dates.from, window.dates.until);
    // A number is that of an area list.
    let key = if areas.is_number() { "area_list" } else { "areas" };
    object(json!({
        key: areas,
        "days": Days::write(window.weekdays),
        "from": time_of_day(window.from),
        "until": time_of_day(window.until),
        "first_date": (first != Date::EARLIEST).then(|| date(first)),
        "last_date": (last != Date::LATEST).then(|| date(Date(last.0 - 1))),
    }))
}

fn schedule_of(rows: &PanelRows, number: u8, areas: Option<Map<String, Value>>) -> Value {
    let of_kind = |kind: LayerKind| {
        let layers = (1..).zip(&rows.layers).filter(move |(_, layer)| layer.schedule == number && layer.kind == kind);
        layers.map(|(number, layer)| {
            let spans: Vec<Value> = rows.spans.iter().filter(|span| span.layer == number).map(span).collect();
            let (from, to) = dates(&layer.dates);
            // A layer without spans says something: closed.
            let mut layer = object(json!({ "from": from, "to": to, "holidays": groups(layer) }));
            layer.insert("span".to_owned(), spans.into());
            Value::Object(layer)
        })
    };
    let permanent = of_kind(LayerKind::Permanent).next().and_then(|layer| layer.get("span").cloned());
    Value::Object(object(json!({
        "areas": areas,
        "span": permanent,
        "alternate": of_kind(LayerKind::Alternate).collect::<Vec<_>>(),
        "holiday": of_kind(LayerKind::Holiday).collect::<Vec<_>>(),
        "temporary": of_kind(LayerKind::Temporary).collect::<Vec<_>>(),
    })))
}

fn dates(dates: &DateRange) -> (Option<String>, Option<String>) {
    let dated = dates.from < dates.until;
    (dated.then(|| date(dates.from)), dated.then(|| date(Date(dates.until.0 - 1))))
}

fn span(span: &Span) -> Value {
    Value::Object(object(json!({
        "days": Days::write(span.weekdays),
        "opens_from": time_of_day(span.opens_from),
        "must_be_open_by": (span.must_be_open_by != Span::NO_DEADLINE).then(|| time_of_day(span.must_be_open_by)),
        "closes_from": (span.closes_from != span.opens_from).then(|| time_of_day(span.closes_from)),
        "must_be_closed_by": time_of_day(span.must_be_closed_by),
    })))
}

fn group_name(group: u8) -> String {
    format!("group {group}")
}

fn holiday(holiday: &Holiday) -> Value {
    let date = holiday_date(holiday.year, holiday.month, holiday.day);
    json!({ "name": date, "date": date, "group": group_name(holiday.group) })
}

fn holiday_date(year: u16, month: u8, day: u8) -> String {
    if year == 0 { format!("{month:02}-{day:02}") } else { format!("{year}-{month:02}-{day:02}") }
}

fn contact_of(
    contact: &Contact,
    areas: Option<Map<String, Value>>,
    test_areas: Option<Map<String, Value>>,
    (has_code, has_passcode): (bool, bool),
) -> Map<String, Value> {
    let has = |flag| contact.permissions.contains(flag);
    let limit = match contact.limit {
        UseLimit::Unlimited => None,
        UseLimit::Once => Some("once".to_owned()),
        UseLimit::OncePerDay => Some("once_per_day".to_owned()),
        UseLimit::MinutesFromFirstUse(count) => minutes(count),
    };
    let (valid_from, valid_until) = bounds(&contact.validity);
    object(json!({
        "user": contact.user.0,
        "identity": hex::encode(&contact.identity),
        "permissions": names(contact.permissions),
        "has_code": has_code,
        "has_passcode": has_passcode,
        "valid_from": valid_from,
        "valid_until": valid_until,
        "areas": areas,
        "test_areas": test_areas,
        "limit": limit,
        "temp_open": minutes(contact.temp_open_minutes),
        "suspended": has(Permissions::SUSPENDED),
        "duress": has(Permissions::DURESS),
        "guest": has(Permissions::GUEST),
        "remote_only": has(Permissions::REMOTE_ONLY),
        "powerless": has(Permissions::POWERLESS),
    }))
}

fn access_of(site: &SiteAccess, with_id: bool) -> Map<String, Value> {
    object(json!({
        "id": with_id.then_some(site.id.0),
        "options": names::<AccessOptions>(site.options),
        "baseline": names::<Capabilities>(site.baseline),
        "lifted_at": site.lifted_at.map(instant),
        "longest_session": minutes(site.longest_session),
        "spot_grant": minutes(site.spot_grant_minutes),
        "answer_grant": minutes(site.answer_grant_minutes),
    }))
}

fn access(access: &AccessRows, with_site: bool) -> Map<String, Value> {
    let engineers = access.engineers.iter().map(|engineer| {
        let has = |flag| engineer.standing.contains(flag);
        Value::Object(object(json!({
            "id": engineer.id.0,
            "identity": hex::encode(&engineer.identity.0),
            "registered": has(Standing::REGISTERED),
            "suspended": has(Standing::SUSPENDED),
            "updates_firmware": has(Standing::UPDATES_FIRMWARE),
            "federated": has(Standing::FEDERATED),
        })))
    });
    let mut all = Map::new();
    all.insert("engineer".to_owned(), engineers.collect());
    all.insert("grant".to_owned(), access.grants.iter().map(|row| grant(row, with_site)).collect());
    all.insert("firmware".to_owned(), access.authorisations.iter().map(firmware).collect());
    all
}

fn grant(grant: &Grant, with_site: bool) -> Value {
    let (from, until) = bounds(&grant.period);
    Value::Object(object(json!({
        "id": grant.id.0,
        "engineer": grant.engineer.0,
        "site": with_site.then_some(grant.site.0),
        "capabilities": names(grant.capabilities),
        "excluded": names(grant.excluded),
        "from": from,
        "until": until,
        "begin_by": grant.begin_by.map(instant),
        "one_time": grant.one_time,
    })))
}

fn firmware(authorisation: &Authorisation) -> Value {
    let version = |version: keyholder::firmware::Version| version.0.map(|number| number.to_string()).join(".");
    let model: Vec<u8> = authorisation.model.0.into_iter().take_while(|byte| *byte != 0).collect();
    let (from, until) = bounds(&authorisation.period);
    Value::Object(object(json!({
        "id": authorisation.id.0,
        "model": String::from_utf8_lossy(&model),
        "first": version(authorisation.first),
        "last": version(authorisation.last),
        "from": from,
        "until": until,
        "image_sha256": authorisation.image.map(|image| hex::encode(&image.0)),
        "allows_downgrade": authorisation.allows_downgrade,
    })))
}
