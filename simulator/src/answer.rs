//! A device's answer as a JSON object. docs/requests.md explains each field.

use keyholder::blob::{Installed, Refusal};
use keyholder::report::{Event, Report};
use keyholder::supervise::Due;
use keyholder::time::Instant;
use keyholder::{Decision, Verdict};
use serde_json::{Map, Value, json};

use crate::flags::Names;

/// What a device answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// To a question about a contact or an engineer.
    Decision(Decision),
    /// To a tick.
    Due(Vec<Due>),
    /// A policy was installed, or is the one that decides already.
    Installed {
        /// Which of the two.
        installed: Installed,
        /// Its sequence.
        sequence: u64,
    },
    /// A policy was refused.
    Refused(Refusal),
}

impl Answer {
    /// Whether it allows what was asked, or what was to be done is done.
    pub const fn is_positive(&self) -> bool {
        match self {
            Self::Decision(decision) => decision.is_allowed(),
            Self::Due(_) | Self::Installed { .. } => true,
            Self::Refused(_) => false,
        }
    }

    /// The answer's fields.
    pub fn to_json(&self) -> Map<String, Value> {
        let value = match self {
            Self::Decision(decision) => json!({
                "verdict": verdict(decision.verdict),
                "reason": decision.reason.name(),
                "public_reason": decision.public_reason().name(),
                "user": number(decision.user.0),
                "report": if decision.report.is_due() { Value::Object(report(&decision.report)) } else { Value::Null },
                "until": decision.until.map(instant),
                "close_by": decision.close_by.map(instant),
                "grant": number(decision.grant.0),
                "left": Names(decision.left).write(),
            }),
            Self::Due(all) => json!({ "due": all.iter().map(due).collect::<Vec<_>>() }),
            Self::Installed { installed, sequence } => {
                let word = match installed {
                    Installed::Now => "now",
                    Installed::Already => "already",
                };
                json!({ "installed": word, "sequence": sequence })
            }
            Self::Refused(refusal) => json!({ "refused": refusal_name(refusal), "message": refusal.to_string() }),
        };
        match value {
            Value::Object(object) => object,
            _ => Map::new(),
        }
    }
}

/// A verdict's name.
pub const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Deny => "deny",
        Verdict::AllowWithViolation => "allow_with_violation",
        Verdict::Allow => "allow",
    }
}

/// The name of a refusal, without what it says besides.
pub fn refusal_name(refusal: &Refusal) -> String {
    let all = format!("{refusal:?}");
    all.split(|char: char| !char.is_alphanumeric()).next().unwrap_or_default().to_owned()
}

/// An instant as RFC 3339 in UTC.
pub fn instant(instant: Instant) -> String {
    // Every clock reading is a date; what is not is told in seconds.
    jiff::Timestamp::from_second(instant.0).map_or_else(|_| format!("{}s", instant.0), |timestamp| timestamp.to_string())
}

/// A number that 0 says nothing with.
fn number(number: impl Into<u64>) -> Value {
    match number.into() {
        0 => Value::Null,
        number => number.into(),
    }
}

/// What a device sends.
pub fn report(report: &Report) -> Map<String, Value> {
    let value = json!({
        "event": report.event.name(),
        "contact_id": report.contact_id().map(|id| id.to_string()),
        "sia": report.sia(),
        "user": number(report.user.0),
        "system": number(report.system),
        "areas": report.areas.numbers().collect::<Vec<_>>(),
        "engineer": number(report.engineer.0),
        "site": number(report.site.0),
        "grant": number(report.grant.0),
    });
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

fn due(due: &Due) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("at".to_owned(), instant(due.at).into());
    object.extend(report(&due.report));
    object
}

/// The event's name; every expectation of a scenario has to be one of these.
pub fn is_event(name: &str) -> bool {
    Event::ALL.iter().any(|event| event.name() == name)
}
