//! What a device sends to the cloud, read again: its answers to blobs, and its reports.

use keyholder::blob::{FORMAT_VERSION, Provenance};
use keyholder::engineer::GrantId;
use keyholder::ledger::access::{LocalGrant, Session};
use keyholder::ledger::panel::{LocalWindow, OnTest};
use keyholder::place::AreaList;
use keyholder::schedule::{LocalSpan, Span};
use keyholder::store::Damage;
use keyholder::sync::{Acknowledgement, Holding, Report};
use keyholder::time::Instant;
use serde_json::{Map, Value, json};

use crate::answer::{due, instant, refusal_name};
use crate::flags::Names;
use crate::hex;
use crate::show::date;
use crate::values::AreaMap;

/// A message of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Its answer to a blob.
    Acknowledgement(Box<Acknowledgement>),
    /// Its report.
    Report(Box<Report>),
}

impl Message {
    /// The message that has these bytes and no more.
    ///
    /// # Errors
    /// What is wrong with them, and in a second line what to do.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        if let Some(version) = bytes.first().filter(|version| **version != FORMAT_VERSION) {
            return Err(format!("format {version} is not known here\nread it with the keyholder that comes with this device's library"));
        }
        // No message of one kind can be read to its end as one of the other: a report has 25 bytes or more where an acknowledgement has its refusal.
        fn whole<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Option<Box<T>> {
            postcard::take_from_bytes(bytes).ok().filter(|(_, rest)| rest.is_empty()).map(|(message, _)| Box::new(message))
        }
        let acknowledgement = whole(bytes).map(Self::Acknowledgement);
        let message = acknowledgement.or_else(|| whole(bytes).map(Self::Report));
        message.ok_or_else(|| {
            "neither a blob nor what a device sends\ngive a blob, an acknowledgement or a report, unaltered and whole".to_owned()
        })
    }

    /// Its fields; docs/requests.md explains each.
    pub fn to_json(&self) -> Map<String, Value> {
        match self {
            Self::Acknowledgement(acknowledgement) => {
                let mut fields = holding(&acknowledgement.holding);
                fields.insert("blob".to_owned(), acknowledgement.sequence.into());
                fields.insert("refused".to_owned(), acknowledgement.refusal.as_ref().map(refusal_name).into());
                fields.insert("message".to_owned(), acknowledgement.refusal.map(|refusal| refusal.to_string()).into());
                fields
            }
            Self::Report(report) => self::report(report),
        }
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

/// An instant that may be one of the ends of time, which say that there is none.
fn some(when: Instant) -> Option<String> {
    let is_one = when != Instant::EARLIEST && when != Instant::LATEST;
    is_one.then(|| instant(when))
}

/// What is wrong with a device's flash, in words.
pub fn damage(damage: Damage) -> Vec<String> {
    damage.iter_names().map(|(name, _)| name.to_lowercase()).collect()
}

/// What a device holds.
pub fn holding(holding: &Holding) -> Map<String, Value> {
    let policy = holding.policy.as_ref();
    object(json!({
        "device": holding.device.0,
        "sequence": policy.map(|policy| policy.sequence),
        "digest": policy.map(|policy: &Provenance| hex::encode(&policy.digest.0)),
        "issued_at": policy.map(|policy| instant(policy.issued_at)),
        "latest": holding.latest,
        "signing_key": hex::encode(&holding.signing.0),
        "recovery_key": holding.recovery.map(|key| hex::encode(&key.0)),
        "floor": some(holding.floor),
        "damage": damage(holding.damage),
    }))
}

fn report(report: &Report) -> Map<String, Value> {
    let mut fields = holding(&report.holding);
    let ids = |ids: &[GrantId]| ids.iter().map(|id| id.0).collect::<Vec<_>>();
    fields.extend(object(json!({
        "at": report.at.map(instant),
        "policy_age": report.policy_age,
        "due": report.dues.iter().map(due).collect::<Vec<_>>(),
        "grants": report.grants.iter().map(grant).collect::<Vec<_>>(),
        "revoked": ids(&report.revocations),
        "revoked_up_to": report.revoked_up_to.0,
        "lifted_at": some(report.privacy.lifted_at),
        "restricted_at": some(report.privacy.restricted_at),
        "wrong_codes": report.lockout.wrong,
        "locked_until": some(report.lockout.until),
        "suspended": report.suspended.iter().map(|user| user.0).collect::<Vec<_>>(),
        "spans": report.spans.iter().map(span).collect::<Vec<_>>(),
        "windows": report.windows.iter().map(window).collect::<Vec<_>>(),
        "tests": report.tests.iter().map(test).collect::<Vec<_>>(),
    })));
    fields
}

fn grant(local: &LocalGrant) -> Value {
    let Session { begun, ended, .. } = local.session;
    json!({
        "grant": local.grant.id.0,
        "engineer": local.grant.engineer.0,
        "capabilities": Names(local.grant.capabilities - local.grant.excluded).write(),
        "from": some(local.grant.period.from),
        "until": some(local.grant.period.until),
        "user": local.user.0,
        "revoked": local.revoked,
        "begun": some(begun),
        "ended": some(ended),
    })
}

fn span(local: &LocalSpan) -> Value {
    let Span { opens_from, must_be_closed_by, .. } = local.span;
    let time = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    json!({
        "schedule": local.schedule,
        "date": date(local.date),
        "extends": !local.replaces,
        "opens_from": time(opens_from),
        "must_be_closed_by": time(must_be_closed_by),
    })
}

fn window(window: &LocalWindow) -> Value {
    json!({
        "system": window.system,
        "areas": window.areas.numbers().collect::<Vec<_>>(),
        "from": some(window.period.from),
        "until": some(window.period.until),
        "user": window.user.0,
    })
}

fn test(test: &OnTest) -> Value {
    let AreaList(systems) = test.areas;
    let areas = (1_u8..).zip(systems).filter(|(_, areas)| !areas.is_empty());
    let areas: Map<String, Value> = areas.map(|(system, areas)| (system.to_string(), AreaMap::write(areas).into())).collect();
    json!({ "areas": areas, "from": some(test.period.from), "until": some(test.period.until), "user": test.user.0 })
}
