//! What a step of a story expects of its answer.

use keyholder::contact::UserNumber;
use keyholder::report::Event;
use keyholder::supervise::Due;
use keyholder::time::Instant;
use keyholder::{PublicReason, Reason, Verdict};
use serde_json::{Map, Value};

use crate::answer::{self, Answer, is_event};
use crate::complaint::suggestion;
use crate::near::nearest;
use crate::upstream;

/// An expectation that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which.
    pub key: String,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub actual: String,
}

/// What is expected: each key with a value that the answer's is compared with.
#[derive(Clone, Debug, Default)]
pub struct Expectation {
    values: Map<String, Value>,
    /// Values that are instants, read.
    instants: Vec<(String, Option<Instant>)>,
    due: Option<Vec<ExpectedDue>>,
}

/// A deadline that is expected to fall due.
#[derive(Clone, Debug)]
struct ExpectedDue {
    at: Option<Instant>,
    /// The report's fields that matter.
    report: Map<String, Value>,
    written: String,
}

const KEYS: [&str; 26] = [
    "verdict",
    "reason",
    "public_reason",
    "event",
    "contact_id",
    "sia",
    "areas",
    "system",
    "user",
    "grant",
    "until",
    "close_by",
    "left",
    "due",
    "installed",
    "refused",
    // Of what the device holds and reports.
    "sequence",
    "latest",
    "damage",
    "floor",
    "policy_age",
    "wrong_codes",
    "locked_until",
    "suspended",
    "revoked",
    "reported",
];
const DUE_KEYS: [&str; 7] = ["event", "at", "system", "areas", "user", "engineer", "grant"];

impl Expectation {
    /// Reads an `expect`; `instant` reads instants.
    ///
    /// # Errors
    /// What is wrong with it, and in a second line what to do.
    pub fn read(written: &Value, instant: impl Fn(&str) -> Result<Instant, String>) -> Result<Self, String> {
        let Value::Object(table) = written else {
            return Err("an expectation is a table\nwrite it as in { verdict = \"allow\" }".to_owned());
        };
        let mut expectation = Self::default();
        for (key, value) in table {
            check_name(key, value)?;
            match key.as_str() {
                "until" | "close_by" | "floor" | "locked_until" => {
                    let text = value.as_str().ok_or_else(|| format!("`{key}` is no point in time\nwrite \"18:30\" or \"none\""))?;
                    let when = if text == "none" { None } else { Some(instant(text)?) };
                    expectation.instants.push((key.clone(), when));
                }
                "due" => {
                    let Value::Array(all) = value else {
                        return Err("`due` is a list\nwrite [\"FailedToClose\"], or [] for nothing".to_owned());
                    };
                    expectation.due = Some(all.iter().map(|due| ExpectedDue::read(due, &instant)).collect::<Result<_, _>>()?);
                }
                known if KEYS.contains(&known) => _ = expectation.values.insert(key.clone(), value.clone()),
                unknown => {
                    return Err(format!(
                        "nothing is called `{unknown}` in an answer\n{}; known: {}",
                        suggestion(unknown, &KEYS),
                        KEYS.join(", ")
                    ));
                }
            }
        }
        Ok(expectation)
    }

    /// Where the answer, and what fell due with it, is not as expected. `time` puts instants into words.
    pub fn differences(&self, answer: &Answer, due: &[Due], time: impl Fn(Instant) -> String) -> Vec<Difference> {
        let mut all = Vec::new();
        let mut compare = |key: &str, expected: String, actual: String| {
            if expected != actual {
                all.push(Difference { key: key.to_owned(), expected, actual });
            }
        };
        // What came of a blob is answered; what the device holds then, its acknowledgement says.
        let mut json = match answer {
            Answer::Blob { acknowledgement, .. } => upstream::holding(&acknowledgement.holding),
            _ => Map::new(),
        };
        json.extend(answer.to_json());
        for (key, expected) in &self.values {
            compare(key, words(&in_order(expected.clone())), words(&in_order(actual(key, &json))));
        }
        for (key, expected) in &self.instants {
            let actual = match answer {
                Answer::Decision(decision) if key == "until" => decision.until,
                Answer::Decision(decision) if key == "close_by" => decision.close_by,
                _ => json.get(key).and_then(Value::as_str).and_then(answer::read_instant),
            };
            let text = |when: &Option<Instant>| when.map_or("none".to_owned(), &time);
            compare(key, text(expected), text(&actual));
        }
        if let Some(expected) = &self.due {
            let agree = expected.len() == due.len() && expected.iter().zip(due).all(|(expected, due)| expected.matches(due));
            if !agree {
                let list = |parts: Vec<String>| if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") };
                let actual = due.iter().map(|due| {
                    let report = &due.report;
                    let mut words = format!("{} at {}", report.event.name(), time(due.at));
                    let concerned = [
                        ("system", report.system.into()),
                        ("user", report.user.0.into()),
                        ("engineer", report.engineer.0),
                        ("grant", report.grant.0),
                    ];
                    for (what, number) in concerned.into_iter().filter(|(_, number): &(&str, u32)| *number != 0) {
                        words += &format!(" {what} {number}");
                    }
                    if report.system != 0 {
                        words += &format!(" areas {:?}", report.areas.numbers().collect::<Vec<_>>());
                    }
                    words
                });
                let expected = expected.iter().map(|due| due.written.clone()).collect();
                all.push(Difference { key: "due".to_owned(), expected: list(expected), actual: list(actual.collect()) });
            }
        }
        all
    }
}

impl ExpectedDue {
    fn read(written: &Value, instant: &impl Fn(&str) -> Result<Instant, String>) -> Result<Self, String> {
        let mut report = Map::new();
        match written {
            Value::String(_) => _ = report.insert("event".to_owned(), written.clone()),
            Value::Object(table) => report = table.clone(),
            _ => {
                return Err("this is no deadline\nwrite an event's name, or a table such as { event = \"FailedToClose\", at = \"18:30\" }"
                    .to_owned());
            }
        }
        if let Some(unknown) = report.keys().find(|key| !DUE_KEYS.contains(&key.as_str())) {
            return Err(format!("a deadline has no `{unknown}`\n{}", suggestion(unknown, &DUE_KEYS)));
        }
        if let Some(event) = report.get("event") {
            check_name("event", event)?;
        }
        let at = match report.shift_remove("at") {
            None => None,
            Some(at) => Some(instant(at.as_str().unwrap_or_default())?),
        };
        Ok(Self { at, report, written: words(written) })
    }

    fn matches(&self, due: &Due) -> bool {
        let actual = answer::report(&due.report);
        // Nobody and nothing are `null`, which a scenario cannot write.
        let is_none = |value: &Value| value.is_null() || *value == 0;
        let same = |(key, expected): (&String, &Value)| {
            actual.get(key).is_some_and(|actual| actual == expected || (is_none(actual) && is_none(expected)))
        };
        self.at.is_none_or(|at| at == due.at) && self.report.iter().all(same)
    }
}

/// Names that the core does not have can never come: that is a mistake, not a difference.
fn check_name(key: &str, value: &Value) -> Result<(), String> {
    let verdicts = [Verdict::Allow, Verdict::AllowWithViolation, Verdict::Deny].map(answer::verdict);
    let public =
        [PublicReason::NotAccepted, PublicReason::Accepted, PublicReason::KeypadLocked, PublicReason::NotNow, PublicReason::NotAllowed];
    // An answer of another kind has none of these, which is for a scenario to expect.
    let or_none = |names: &[&'static str]| [names, &["none"]].concat();
    let known: Vec<&str> = match key {
        "verdict" => verdicts.to_vec(),
        "reason" => Reason::ALL.iter().map(|reason| reason.name()).collect(),
        "public_reason" => or_none(&public.map(PublicReason::name)),
        "installed" => or_none(&["now", "already"]),
        "refused" => or_none(&answer::REFUSALS),
        "user" => {
            let is_number = value.as_u64().is_some_and(|number| number <= u64::from(UserNumber::MAX));
            let wrong = || format!("{value} is not a user number\nwrite a number from 1 to {}, or 0 for nobody", UserNumber::MAX);
            return is_number.then_some(()).ok_or_else(wrong);
        }
        "contact_id" => {
            let is_known = value.as_str().is_some_and(|text| text == "none" || is_contact_id(text));
            let wrong = || format!("{value} is no message of Contact ID\nwrite it as in \"1 401 01 012\", or \"none\"");
            return is_known.then_some(()).ok_or_else(wrong);
        }
        "event" if value.as_str().is_some_and(is_event) => return Ok(()),
        "event" => Event::ALL.iter().map(|event| event.name()).collect(),
        _ => return Ok(()),
    };
    let name = value.as_str().unwrap_or_default();
    if known.contains(&name) {
        return Ok(());
    }
    let hint =
        nearest(name, known.iter().copied()).map_or_else(|| format!("known: {}", known.join(", ")), |name| format!("write `{name}`"));
    let key = match key {
        "public_reason" => "public reason",
        "installed" => "outcome of an install",
        "refused" => "refusal",
        key => key,
    };
    Err(format!("no {key} is called {value}\n{hint}"))
}

/// Whether it is written as a report's code is: qualifier, code, group, and zone or user.
fn is_contact_id(text: &str) -> bool {
    let lengths = text.split(' ').map(|part| if part.bytes().all(|byte| byte.is_ascii_digit()) { part.len() } else { 0 });
    lengths.eq([1, 3, 2, 3])
}

/// The answer's value for a key of an expectation.
fn actual(key: &str, json: &Map<String, Value>) -> Value {
    let of_report = || json.get("report").and_then(|report| report.get(key));
    let value = match key {
        "event" => of_report().cloned().or_else(|| json.get("report").map(|_| "Nothing".into())),
        "contact_id" | "sia" | "areas" | "system" => of_report().cloned(),
        // Those that a report tells the cloud; what falls due otherwise is `due`.
        "reported" => json.get("due").and_then(Value::as_array).map(|due| due.iter().filter_map(|due| due.get("event").cloned()).collect()),
        "user" | "grant" => json.get(key).map(|number| if number.is_null() { 0.into() } else { number.clone() }),
        key => json.get(key).cloned(),
    };
    value.filter(|value| !value.is_null()).unwrap_or_else(|| "none".into())
}

/// A value in whose lists the order is always the same: it says nothing about areas and capabilities.
fn in_order(value: Value) -> Value {
    match value {
        Value::Array(mut values) => {
            values.sort_by_key(|value| (value.as_i64(), value.to_string()));
            values.into()
        }
        value => value,
    }
}

/// A value as a person would write it.
fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => format!("[{}]", values.iter().map(words).collect::<Vec<_>>().join(", ")),
        Value::Object(table) => {
            let fields: Vec<String> = table.iter().map(|(key, value)| format!("{key} {}", words(value))).collect();
            format!("({})", fields.join(", "))
        }
        value => value.to_string(),
    }
}
