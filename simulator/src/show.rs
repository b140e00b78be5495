//! A blob in words: what its head says, and its policy in the keys of a policy file.

use jiff::civil;
use keyholder::blob::Head;
use keyholder::contact::{Contact, ListNumber, Permissions, UseLimit};
use keyholder::engineer::{AccessOptions, Capabilities, Grant, SiteAccess, Standing};
use keyholder::firmware::Authorisation;
use keyholder::place::AreaList;
use keyholder::policy::panel::SiteOptions;
use keyholder::schedule::{Holiday, LayerKind, Span};
use keyholder::time::{Date, DateRange, Instant, Period};
use serde_json::{Map, Value, json};

use crate::answer::instant;
use crate::flags::{NamedFlags, Names};
use crate::hex;
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
        "issued_at": instant(head.issued_at),
        "expires_at": head.expires_at.ending().map(instant),
        "key": hex::encode(&head.key.0),
        "policy_sha256": hex::encode(&head.digest.0),
        "policy_bytes": head.length,
    }))
}

/// The policy's rows in the keys of a policy file. What is left out there is left out here, and codes are not shown: a blob has only their digests.
pub fn policy(rows: &Rows) -> Map<String, Value> {
    match rows {
        Rows::Panel(rows) => panel(rows),
        Rows::Receiver(rows) => {
            let mut all = Map::new();
            let clock_tolerance = seconds(rows.head.clock_tolerance);
            all.insert("receiver".to_owned(), json!({ "id": rows.head.id.0, "clock_tolerance": clock_tolerance }));
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

fn date(date: Date) -> String {
    let (year, month, day) = date.civil();
    let civil = civil::Date::new(i16::try_from(year).unwrap_or_default(), month.cast_signed(), day.cast_signed());
    civil.map_or_else(|_| format!("day {}", date.0), |date| date.to_string())
}

fn areas(list: &AreaList) -> Map<String, Value> {
    let systems = (1..).zip(list.0).filter(|(_, areas)| !areas.is_empty());
    systems.map(|(system, areas): (u8, _)| (system.to_string(), AreaMap::write(areas).into())).collect()
}

fn panel(rows: &PanelRows) -> Map<String, Value> {
    let site = &rows.site;
    let list = |number: ListNumber| usize::from(number.0).checked_sub(1).and_then(|index| rows.lists.get(index)).map(areas);
    let each_further = site.options.contains(SiteOptions::LOCKOUT_AT_EACH_FURTHER);
    let mut all = Map::new();
    let own = json!({
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
    });
    all.insert("panel".to_owned(), object(own).into());
    let own_access = rows.access.sites.first().map(|site| access_of(site, false));
    all.insert("access".to_owned(), own_access.map_or(Value::Null, Value::Object));
    let schedules = (1..).zip(&rows.schedules).map(|(number, schedule)| schedule_of(rows, number, list(schedule.areas)));
    all.insert("schedule".to_owned(), schedules.collect());
    all.insert("holiday".to_owned(), rows.holidays.iter().map(holiday).collect());
    let windows = rows.windows.iter().map(|window| {
        let (first, last) = (window.dates.from, window.dates.until);
        object(json!({
            "areas": list(window.areas),
            "days": Days::write(window.weekdays),
            "from": time_of_day(window.from),
            "until": time_of_day(window.until),
            "first_date": (first != Date::EARLIEST).then(|| date(first)),
            "last_date": (last != Date::LATEST).then(|| date(Date(last.0 - 1))),
        }))
    });
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

fn schedule_of(rows: &PanelRows, number: u8, areas: Option<Map<String, Value>>) -> Value {
    let of_kind = |kind: LayerKind| {
        let layers = (1..).zip(&rows.layers).filter(move |(_, layer)| layer.schedule == number && layer.kind == kind);
        layers.map(|(number, layer)| {
            let spans: Vec<Value> = rows.spans.iter().filter(|span| span.layer == number).map(span).collect();
            let (from, to) = dates(&layer.dates);
            let groups: Vec<String> = (0..8).filter(|group| layer.groups >> group & 1 == 1).map(group_name).collect();
            // A layer without spans says something: closed.
            let mut layer = object(json!({ "from": from, "to": to, "holidays": groups }));
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
    let day = format!("{:02}-{:02}", holiday.month, holiday.day);
    let date = if holiday.year == 0 { day } else { format!("{}-{day}", holiday.year) };
    json!({ "name": date, "date": date, "group": group_name(holiday.group) })
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
