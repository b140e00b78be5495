//! A device's answer as a JSON object. docs/requests.md explains each field.

use keyholder::blob::{Installed, Refusal};
use keyholder::report::{Event, Report};
use keyholder::supervise::Due;
use keyholder::sync::{ACKNOWLEDGEMENT_BYTES, Acknowledgement, Holding};
use keyholder::time::Instant;
use keyholder::{Decision, Verdict};
use serde_json::{Map, Value, json};

use crate::flags::Names;
use crate::hex;
use crate::upstream::{self, Message};

/// What a device answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// To a question about a contact or an engineer.
    Decision(Decision),
    /// To a tick.
    Due(Vec<Due>),
    /// To a blob.
    Blob {
        /// Whether it was installed, or why not.
        outcome: Result<Installed, Refusal>,
        /// What the device tells the cloud.
        acknowledgement: Box<Acknowledgement>,
    },
    /// To being asked what it would tell the cloud: its report's bytes.
    Report(Vec<u8>),
    /// It has been started again.
    Booted(Box<Holding>),
    /// Its flash has been worn out or mended; nothing is answered.
    Done,
}

impl Answer {
    /// Whether it allows what was asked, or what was to be done is done.
    pub const fn is_positive(&self) -> bool {
        match self {
            Self::Decision(decision) => decision.is_allowed(),
            Self::Due(_) | Self::Report(_) | Self::Booted(_) | Self::Done => true,
            Self::Blob { outcome, .. } => outcome.is_ok(),
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
            Self::Blob { outcome, acknowledgement } => {
                let mut fields = match outcome {
                    Ok(installed) => {
                        let word = match installed {
                            Installed::Now => "now",
                            Installed::Already => "already",
                        };
                        json!({ "installed": word, "sequence": acknowledgement.sequence })
                    }
                    Err(refusal) => json!({ "refused": refusal_name(refusal), "message": refusal.to_string() }),
                };
                let mut buffer = [0; ACKNOWLEDGEMENT_BYTES];
                let bytes = acknowledgement.write(&mut buffer).unwrap_or_default();
                if let Value::Object(fields) = &mut fields {
                    fields.insert("acknowledgement".to_owned(), hex::encode(bytes).into());
                }
                fields
            }
            Self::Report(bytes) => {
                let mut fields = Message::read(bytes).map(|message| message.to_json()).unwrap_or_default();
                fields.insert("report".to_owned(), hex::encode(bytes).into());
                fields.into()
            }
            Self::Booted(holding) => {
                let mut fields = upstream::holding(holding);
                fields.insert("booted".to_owned(), true.into());
                fields.into()
            }
            Self::Done => json!({ "done": true }),
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

/// The names of all refusals.
pub const REFUSALS: [&str; 12] = [
    "NotABlob",
    "NewerFormat",
    "WrongRecipient",
    "UnknownKey",
    "BadSignature",
    "Stale",
    "Expired",
    "DoesNotFit",
    "Invalid",
    "OtherBase",
    "TooLong",
    "NotKept",
];

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

/// The instant that [`instant`] has written.
pub fn read_instant(text: &str) -> Option<Instant> {
    text.parse::<jiff::Timestamp>().ok().map(|timestamp| Instant(timestamp.as_second()))
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

/// A deadline, as a tick answers it.
pub fn due(due: &Due) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("at".to_owned(), instant(due.at).into());
    object.extend(report(&due.report));
    object
}

/// The event's name; every expectation of a scenario has to be one of these.
pub fn is_event(name: &str) -> bool {
    Event::ALL.iter().any(|event| event.name() == name)
}
