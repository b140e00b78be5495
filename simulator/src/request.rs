//! A request as a JSON object: what is asked of a device. docs/requests.md explains each field.

use std::path::PathBuf;

use jiff::civil;
use keyholder::blob::KeyRole;
use keyholder::code::{Code, Passcode};
use keyholder::contact::UserNumber;
use keyholder::engineer::{Capabilities, EngineerId, GrantId, SiteId};
use keyholder::firmware::{ImageDigest, Model, Version};
use keyholder::place::{AreaList, Areas, Place, SYSTEMS};
use keyholder::schedule::Span;
use keyholder::time::{Instant, Time, Weekdays};
use keyholder::{Act, Action, EngineerRequest, SessionRequest, Update, UpdateRequest, Who};
use serde_json::{Map, Value};

use crate::compile::access::identity;
use crate::device::Device;
use crate::fields::{FieldError, Fields};
use crate::flags::Names;
use crate::near::nearest;
use crate::rig::is_policy_file;
use crate::tape;
use crate::values::{Image, LocalDate, Moment, TimeOfDay, VersionText, area};

/// A request: when, and what.
#[derive(Clone, Debug)]
pub struct Request {
    /// What the device's clock says.
    pub at: Time,
    /// What is asked.
    pub question: Question,
}

/// What a device is asked.
#[derive(Clone, Debug)]
pub enum Question {
    /// May the contact open or close?
    OpenClose {
        /// Who asks.
        asker: Asker,
        /// Which of the two.
        action: Action,
        /// Where.
        place: Place,
        /// Not at the keypad.
        remote: bool,
        /// Who armed it, if the request says so; else the device knows.
        armed_by: Option<UserNumber>,
        /// Whether the site is in alarm.
        in_alarm: bool,
    },
    /// May the contact do this?
    Act {
        /// Who asks.
        asker: Asker,
        /// What for.
        act: Act,
        /// Not at the keypad.
        remote: bool,
    },
    /// May the engineer do this?
    Engineer(EngineerRequest),
    /// An engineer begins a session.
    BeginSession(SessionRequest),
    /// An engineer ends a session.
    EndSession(SessionRequest),
    /// May the engineer install this firmware?
    Update(UpdateRequest),
    /// What has fallen due?
    Tick {
        /// The areas that are armed now, if the request says so.
        armed: Option<AreaList>,
    },
    /// Here is a blob, or a policy file to be sealed as a snapshot.
    Install {
        /// The file.
        path: PathBuf,
        /// Who signs the snapshot.
        signer: Signer,
    },
    /// Here is a policy file, whose difference to the policy that decides is to be sealed as a patch.
    Patch {
        /// The file.
        path: PathBuf,
        /// Who signs it.
        signer: Signer,
    },
    /// Here is another key.
    ChangeKey {
        /// What for.
        role: KeyRole,
        /// Who signs the change.
        signer: Signer,
    },
    /// The clock was wrong.
    CorrectClock {
        /// What it should have read.
        to: Instant,
        /// The wrong reading, if the request says so; else the device has told it.
        floor: Option<Instant>,
        /// Who signs the correction.
        signer: Signer,
    },
    /// The power fails and comes back.
    PowerCycle,
    /// Writing to the flash fails from now on, or works again.
    WearOut(bool),
    /// What would you tell the cloud?
    Report,
}

/// Whose signature a blob gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signer {
    /// The signing key's.
    Signing,
    /// The recovery key's.
    Recovery,
    /// That of the signing key before the present one.
    Retired,
}

impl Signer {
    const ALL: [Self; 3] = [Self::Signing, Self::Recovery, Self::Retired];

    /// Its name in a request.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Signing => "signing",
            Self::Recovery => "recovery",
            Self::Retired => "retired",
        }
    }
}

/// How a request says who asks: what [`Who`] borrows.
#[derive(Clone, Debug)]
pub struct Asker {
    user: Option<UserNumber>,
    secret: Option<Secret>,
}

#[derive(Clone, Debug)]
enum Secret {
    Code(Code),
    Passcode(Passcode),
}

impl Asker {
    /// As the core wants it.
    pub const fn who(&self) -> Who<'_> {
        match (self.user, &self.secret) {
            (Some(user), None) => Who::User(user),
            (None, Some(Secret::Code(code))) => Who::Code(code),
            (Some(user), Some(Secret::Code(code))) => Who::UserAndCode(user, code),
            (None, Some(Secret::Passcode(passcode))) => Who::Passcode(passcode),
            (Some(user), Some(Secret::Passcode(passcode))) => Who::UserAndPasscode(user, passcode),
            // Never made; it is nobody.
            (None, None) => Who::User(UserNumber::NOBODY),
        }
    }

    /// The user number, if one was given.
    pub const fn user(&self) -> Option<UserNumber> {
        self.user
    }

    /// What was typed or told, in a word.
    pub const fn secret(&self) -> Option<&'static str> {
        match self.secret {
            None => None,
            Some(Secret::Code(_)) => Some("code"),
            Some(Secret::Passcode(_)) => Some("passcode"),
        }
    }
}

/// The fields of which a request has exactly one: they tell its kind.
const KINDS: [&str; 13] = [
    "action",
    "act",
    "capability",
    "session",
    "firmware",
    "tick",
    "install",
    "patch",
    "key_change",
    "clock_correction",
    "power_cycle",
    "flash",
    "report",
];

/// Reads requests to one device.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// The device: it knows its engineers and its wall clock.
    pub device: &'a Device,
    /// The date of times that come without one, if they may.
    pub date: Option<civil::Date>,
}

impl Reader<'_> {
    /// Reads one request.
    ///
    /// # Errors
    /// The first field that is wrong, missing or unknown.
    pub fn read(&self, object: Map<String, Value>) -> Result<Request, FieldError> {
        let mut fields = Fields::new(object);
        let kinds: Vec<&str> = KINDS.into_iter().filter(|kind| fields.has(kind)).collect();
        check_names(&kinds, &fields)?;
        let at = self.time(&mut fields)?;
        let question = match kinds.as_slice() {
            ["action"] => self.open_close(&mut fields)?,
            ["act"] => self.act(&mut fields)?,
            ["capability"] => {
                let (engineer, site) = self.engineer_and_site(&mut fields)?;
                Question::Engineer(EngineerRequest { engineer, site, capabilities: capabilities(&mut fields)? })
            }
            ["session"] => {
                let (engineer, site) = self.engineer_and_site(&mut fields)?;
                match fields.text("session")?.as_deref() {
                    Some("begin") => Question::BeginSession(SessionRequest { engineer, site }),
                    Some("end") => Question::EndSession(SessionRequest { engineer, site }),
                    _ => return Err(fields.wrong("session", "neither \"begin\" nor \"end\"")),
                }
            }
            ["firmware"] => {
                let (engineer, site) = self.engineer_and_site(&mut fields)?;
                Question::Update(UpdateRequest { engineer, site, update: update(&mut fields)? })
            }
            ["tick"] => {
                is_true(&mut fields, "tick")?;
                Question::Tick { armed: places(&mut fields, "armed")? }
            }
            ["install"] => {
                let path = file(&mut fields, "install")?;
                let signer = signer(&mut fields)?;
                if signer.is_some() && !is_policy_file(&path) {
                    return Err(fields.wrong("signed_by", "a blob is signed already: leave it out, or name a policy file"));
                }
                Question::Install { path, signer: signer.unwrap_or(Signer::Signing) }
            }
            ["patch"] => {
                let path = file(&mut fields, "patch")?;
                if !is_policy_file(&path) {
                    return Err(fields.wrong("patch", "not a policy file: write \"install\" for a blob"));
                }
                Question::Patch { path, signer: signer(&mut fields)?.unwrap_or(Signer::Signing) }
            }
            ["key_change"] => {
                let role = match fields.text("key_change")?.as_deref() {
                    Some("signing") => KeyRole::Signing,
                    Some("recovery") => KeyRole::Recovery,
                    _ => return Err(fields.wrong("key_change", "neither \"signing\" nor \"recovery\"")),
                };
                Question::ChangeKey { role, signer: signer(&mut fields)?.unwrap_or(Signer::Signing) }
            }
            ["clock_correction"] => {
                let mut instant = |field| -> Result<Option<Instant>, FieldError> {
                    let Some(text) = fields.text(field)? else { return Ok(None) };
                    self.instant(&text, self.date).map(Some).map_err(|message| fields.wrong(field, &message))
                };
                let (to, floor) = (instant("clock_correction")?, instant("floor")?);
                let to = fields.need("clock_correction", to)?;
                Question::CorrectClock { to, floor, signer: signer(&mut fields)?.unwrap_or(Signer::Signing) }
            }
            ["power_cycle"] => {
                is_true(&mut fields, "power_cycle")?;
                Question::PowerCycle
            }
            ["flash"] => match fields.text("flash")?.as_deref() {
                Some("worn_out") => Question::WearOut(true),
                Some("works") => Question::WearOut(false),
                _ => return Err(fields.wrong("flash", "neither \"worn_out\" nor \"works\"")),
            },
            ["report"] => {
                is_true(&mut fields, "report")?;
                Question::Report
            }
            [] => return Err(FieldError { field: None, message: format!("asks nothing: write one of {}", KINDS.join(", ")) }),
            [first, second, ..] => return Err(fields.wrong(second, &format!("asks two things at once: write this or `{first}`"))),
            [_] => return Err(FieldError { field: None, message: "asks nothing".to_owned() }),
        };
        fields.end()?;
        Ok(Request { at, question })
    }

    fn time(&self, fields: &mut Fields) -> Result<Time, FieldError> {
        match fields.take("at") {
            None => Err(fields.wrong("at", "is missing: write the device's clock, or null if it does not know the time")),
            Some(Value::Null) => Ok(Time::Unknown),
            Some(Value::String(text)) if text == "unknown" => Err(fields.wrong("at", "\"unknown\" is no point in time: write null")),
            Some(Value::String(text)) => self.instant(&text, self.date).map(Time::Known).map_err(|message| fields.wrong("at", &message)),
            Some(_) => Err(fields.wrong("at", "neither a text nor null: write \"2026-11-22T22:30:00Z\"")),
        }
    }

    /// The instant of a text; `date` is the date of bare times.
    ///
    /// # Errors
    /// What is wrong with it, and in a second line what to do.
    pub fn instant(&self, text: &str, date: Option<civil::Date>) -> Result<Instant, String> {
        let time = if text.len() <= 8 { text.parse::<civil::Time>().ok() } else { None };
        let local = match (time, date) {
            (Some(time), Some(date)) => date.to_datetime(time),
            (Some(_), None) => return Err(format!("\"{text}\" has no date\nwrite \"2026-11-22 {text}\"")),
            (None, _) => match Moment::read(text).map_err(|text| text + if date.is_some() { ", or only \"22:30\"" } else { "" })? {
                Moment::Instant(seconds) => return Ok(Instant(seconds)),
                Moment::Local(local) => local,
            },
        };
        let clock =
            self.device.clock().ok_or_else(|| format!("\"{text}\" is a local time, and the device has no zone\nadd an offset, as in Z"))?;
        clock.instant(local).ok_or_else(|| format!("no clock ever reads \"{text}\"\nwrite a date from 1970 to 2499"))
    }

    fn open_close(&self, fields: &mut Fields) -> Result<Question, FieldError> {
        self.needs_panel(fields, "action")?;
        let action = match fields.text("action")?.as_deref() {
            Some("open") => Action::Open,
            Some("close") => Action::Close,
            _ => return Err(fields.wrong("action", "neither \"open\" nor \"close\"")),
        };
        let asker = asker(fields)?;
        let place = needed_place(fields)?;
        let armed_by = match fields.take("armed_by") {
            None => None,
            Some(Value::Null) => Some(UserNumber::NOBODY),
            Some(value) => Some(user_number(fields, "armed_by", &value)?),
        };
        Ok(Question::OpenClose { asker, action, place, remote: fields.flag("remote")?, armed_by, in_alarm: fields.flag("in_alarm")? })
    }

    fn act(&self, fields: &mut Fields) -> Result<Question, FieldError> {
        self.needs_panel(fields, "act")?;
        let name = fields.text("act")?;
        let act = match fields.need("act", name)?.as_str() {
            "cancel_alarm" => Act::CancelAlarm,
            "edit_customer" => Act::EditCustomer,
            "receive_information" => Act::ReceiveInformation,
            "test" => Act::Test { areas: whole_or_part(fields)?, minutes: minutes(fields)?.unwrap_or(0) },
            "end_test" => Act::EndTest { areas: whole_or_part(fields)? },
            "extend_closing" => Act::ExtendClosing { place: needed_place(fields)?, minutes: needed_minutes(fields)? },
            "temporary_span" => self.temporary_span(fields)?,
            "temp_open_window" => Act::OpenWindow { place: needed_place(fields)?, minutes: needed_minutes(fields)? },
            "suspend" => Act::Suspend(target(fields)?),
            "reinstate" => Act::Reinstate(target(fields)?),
            "grant" => Act::Grant { engineer: self.engineer(fields)?, answers_request: fields.flag("answers_request")? },
            "revoke" => {
                let id = fields.number("grant", 1, i64::from(u32::MAX))?;
                Act::Revoke(GrantId(to_u32(fields.need("grant", id)?)))
            }
            "lift" => Act::Lift,
            "restrict" => Act::Restrict,
            unknown => {
                const ACTS: [&str; 14] = [
                    "cancel_alarm",
                    "edit_customer",
                    "receive_information",
                    "test",
                    "end_test",
                    "extend_closing",
                    "temporary_span",
                    "temp_open_window",
                    "suspend",
                    "reinstate",
                    "grant",
                    "revoke",
                    "lift",
                    "restrict",
                ];
                // In quotes: a word like this may be a field's name as well.
                let hint = nearest(unknown, ACTS).map_or_else(
                    || format!("write one of {}", ACTS.join(", ")),
                    |act| format!("write \"{act}\"; there are {}", ACTS.join(", ")),
                );
                return Err(fields.wrong("act", &format!("no act is called \"{unknown}\": {hint}")));
            }
        };
        Ok(Question::Act { asker: asker(fields)?, act, remote: fields.flag("remote")? })
    }

    fn needs_panel(&self, fields: &Fields, field: &str) -> Result<(), FieldError> {
        if self.device.is_panel() { Ok(()) } else { Err(fields.wrong(field, "a receiver has no contacts: ask a panel")) }
    }

    fn temporary_span(&self, fields: &mut Fields) -> Result<Act, FieldError> {
        let schedule = fields.number("schedule", 1, 255)?;
        let schedule = u8::try_from(fields.need("schedule", schedule)?).unwrap_or(u8::MAX);
        let date = fields.text("date")?;
        let LocalDate(date) = LocalDate::read(&fields.need("date", date)?).map_err(|message| fields.wrong("date", &message))?;
        let span = match fields.take("span") {
            None => return Err(fields.wrong("span", "is missing: write null to keep the areas closed")),
            Some(Value::Null) => None,
            Some(Value::Object(object)) => Some(span(fields.inside("span", object))?),
            Some(_) => return Err(fields.wrong("span", "neither an object nor null")),
        };
        Ok(Act::SetSpan { schedule, date, span })
    }

    fn engineer_and_site(&self, fields: &mut Fields) -> Result<(EngineerId, SiteId), FieldError> {
        let engineer = self.engineer(fields)?;
        let site = fields.number("site", 1, i64::from(u32::MAX))?.map(|number| SiteId(to_u32(number)));
        let own = self.device.is_panel().then(|| self.device.recipient());
        Ok((engineer, fields.need("site", site.or(own))?))
    }

    fn engineer(&self, fields: &mut Fields) -> Result<EngineerId, FieldError> {
        match fields.take("engineer") {
            None => Err(fields.wrong("engineer", "is missing")),
            // An address nobody has is an engineer nobody knows.
            Some(Value::String(email)) => Ok(self.device.engineer_id(identity(&email)).unwrap_or_default()),
            Some(value) => {
                let id = value.as_i64().and_then(|number| crate::values::id(number).ok());
                id.map(EngineerId).ok_or_else(|| fields.wrong("engineer", "neither an id nor an e-mail address"))
            }
        }
    }
}

/// Who asks.
const ASKER: [&str; 4] = ["user", "code", "passcode", "remote"];
/// One place, several, or the whole site.
const WHERE: [&str; 3] = ["system", "areas", "places"];

/// The fields that a kind of request has besides `at` and the one that tells the kind.
fn fields_of(kind: &str, fields: &Fields) -> Vec<&'static str> {
    match kind {
        "action" => [&ASKER[..], &["system", "areas", "armed_by", "in_alarm"]].concat(),
        "act" => [&ASKER[..], &fields_of_act(fields.peek("act").and_then(Value::as_str).unwrap_or_default())].concat(),
        "capability" | "session" | "firmware" => vec!["engineer", "site"],
        "tick" => vec!["armed"],
        "install" | "patch" | "key_change" => vec!["signed_by"],
        "clock_correction" => vec!["floor", "signed_by"],
        _ => Vec::new(),
    }
}

/// The fields that an act has besides who asks.
fn fields_of_act(act: &str) -> Vec<&'static str> {
    match act {
        "cancel_alarm" | "edit_customer" | "receive_information" | "lift" | "restrict" => Vec::new(),
        "test" => [&WHERE[..], &["minutes"]].concat(),
        "end_test" => WHERE.to_vec(),
        "extend_closing" | "temp_open_window" => vec!["system", "areas", "minutes"],
        "temporary_span" => vec!["schedule", "date", "span"],
        "suspend" | "reinstate" => vec!["target"],
        "grant" => vec!["engineer", "answers_request"],
        "revoke" => vec!["grant"],
        // An act that nobody knows may have the fields of any.
        _ => [&WHERE[..], &["minutes", "schedule", "date", "span", "target", "engineer", "answers_request", "grant"]].concat(),
    }
}

/// Refuses fields that a request of these `kinds` does not have.
fn check_names(kinds: &[&str], fields: &Fields) -> Result<(), FieldError> {
    match kinds {
        [kind] => fields.only(&[&["at", kind], &fields_of(kind, fields)[..]].concat()),
        // Which fields it should have, its kind would tell: only a name that is almost one is told of.
        _ => {
            let all = KINDS.iter().flat_map(|kind| fields_of(kind, fields));
            let all: Vec<&str> = ["at"].into_iter().chain(KINDS).chain(all).collect();
            match fields.misspelt(&all) {
                None => Ok(()),
                Some((field, meant)) => Err(fields.wrong(field, &format!("unknown here: write `{meant}`"))),
            }
        }
    }
}

fn is_true(fields: &mut Fields, field: &'static str) -> Result<(), FieldError> {
    if fields.flag(field)? { Ok(()) } else { Err(fields.wrong(field, "write true")) }
}

fn file(fields: &mut Fields, field: &'static str) -> Result<PathBuf, FieldError> {
    let path = fields.text(field)?;
    fields.need(field, path).map(PathBuf::from)
}

fn signer(fields: &mut Fields) -> Result<Option<Signer>, FieldError> {
    let Some(word) = fields.text("signed_by")? else { return Ok(None) };
    let signer = Signer::ALL.into_iter().find(|signer| signer.word() == word);
    signer.map(Some).ok_or_else(|| fields.wrong("signed_by", "neither \"signing\" nor \"recovery\" nor \"retired\""))
}

fn to_u32(number: i64) -> u32 {
    // The field's range has been checked.
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn user_number(fields: &Fields, field: &str, value: &Value) -> Result<UserNumber, FieldError> {
    let number = value.as_u64().and_then(|number| u16::try_from(number).ok()).filter(|number| (1..=UserNumber::MAX).contains(number));
    number
        .map(UserNumber)
        .ok_or_else(|| fields.wrong(field, &format!("{value} is not a user number: write a number from 1 to {}", UserNumber::MAX)))
}

fn target(fields: &mut Fields) -> Result<UserNumber, FieldError> {
    let value = fields.take("target");
    let value = fields.need("target", value)?;
    user_number(fields, "target", &value)
}

fn asker(fields: &mut Fields) -> Result<Asker, FieldError> {
    let user = fields.take("user").map(|value| user_number(fields, "user", &value)).transpose()?;
    let secret = match (fields.text("code")?, fields.text("passcode")?) {
        (Some(_), Some(_)) => return Err(fields.wrong("passcode", "there is a code as well: write one of the two")),
        (Some(code), None) => {
            tape::typed(&code);
            Some(Secret::Code(Code::typed(code.as_bytes())))
        }
        (None, Some(passcode)) => {
            tape::typed(&passcode);
            Some(Secret::Passcode(Passcode::told(passcode.as_bytes())))
        }
        (None, None) => None,
    };
    if user.is_none() && secret.is_none() {
        return Err(fields.wrong("user", "is missing: say who asks with `user`, `code` or `passcode`"));
    }
    Ok(Asker { user, secret })
}

/// `system` and `areas`, or neither.
fn place(fields: &mut Fields) -> Result<Option<Place>, FieldError> {
    let system = fields.number("system", 1, SYSTEMS as i64)?;
    let (system, areas) = match (system, fields.take("areas")) {
        (None, None) => return Ok(None),
        (None, Some(_)) => return Err(fields.wrong("system", "is missing: say of which system the areas are")),
        (Some(_), None) => return Err(fields.wrong("areas", "is missing: say which areas of the system")),
        (Some(system), Some(areas)) => (system, areas),
    };
    let Value::Array(numbers) = areas else {
        return Err(fields.wrong("areas", "not a list of area numbers: write it as in [1, 2]"));
    };
    let mut set = Areas::NONE;
    for number in &numbers {
        let wrong = || fields.wrong("areas", &format!("{number} is not an area: write numbers from 1 to 32"));
        let number = number.as_i64().ok_or_else(wrong)?;
        set.0 |= area(number).map_err(|_| wrong())?.0;
    }
    let place = Place::new(u8::try_from(system).unwrap_or(0), set);
    place.map(Some).ok_or_else(|| fields.wrong("areas", "is empty: name at least one area"))
}

fn needed_place(fields: &mut Fields) -> Result<Place, FieldError> {
    place(fields)?.ok_or_else(|| fields.wrong("areas", "is missing: say where with `system` and `areas`"))
}

/// A list of places, as the union of their areas.
fn places(fields: &mut Fields, field: &'static str) -> Result<Option<AreaList>, FieldError> {
    let Some(value) = fields.take(field) else { return Ok(None) };
    let wrong = || fields.wrong(field, "not a list of places: write it as in [{\"system\":1,\"areas\":[1]}]");
    let Value::Array(values) = value else { return Err(wrong()) };
    let mut list = AreaList::NONE;
    for value in values {
        let Value::Object(object) = value else { return Err(wrong()) };
        let mut inside = fields.inside(field, object);
        inside.only(&["system", "areas"])?;
        let place = needed_place(&mut inside)?;
        inside.end()?;
        if let Some(areas) = list.0.get_mut(usize::from(place.system()) - 1) {
            areas.0 |= place.areas().0;
        }
    }
    Ok(Some(list))
}

/// One place, several, or the whole site.
fn whole_or_part(fields: &mut Fields) -> Result<AreaList, FieldError> {
    match (place(fields)?, places(fields, "places")?) {
        (Some(_), Some(_)) => Err(fields.wrong("places", "there are `system` and `areas` as well: write one of the two")),
        (Some(place), None) => Ok(place.into()),
        (None, Some(list)) if list.is_empty() => Err(fields.wrong("places", "is empty: leave it out to mean the whole site")),
        (None, Some(list)) => Ok(list),
        (None, None) => Ok(AreaList::ALL),
    }
}

fn minutes(fields: &mut Fields) -> Result<Option<u16>, FieldError> {
    Ok(fields.number("minutes", 1, i64::from(u16::MAX))?.and_then(|minutes| u16::try_from(minutes).ok()))
}

fn needed_minutes(fields: &mut Fields) -> Result<u16, FieldError> {
    let minutes = minutes(fields)?;
    fields.need("minutes", minutes)
}

fn span(mut fields: Fields) -> Result<Span, FieldError> {
    fields.only(&["opens_from", "must_be_open_by", "closes_from", "must_be_closed_by"])?;
    let mut time = |field| -> Result<Option<u16>, FieldError> {
        let Some(text) = fields.text(field)? else { return Ok(None) };
        TimeOfDay::read(&text).map(|time| Some(time.0)).map_err(|message| fields.wrong(field, &message))
    };
    let (opens, open_by) = (time("opens_from")?, time("must_be_open_by")?);
    let (closes, closed_by) = (time("closes_from")?, time("must_be_closed_by")?);
    let opens_from = fields.need("opens_from", opens)?;
    let span = Span {
        layer: 0,
        weekdays: Weekdays::empty(),
        opens_from,
        must_be_open_by: open_by.unwrap_or(Span::NO_DEADLINE),
        closes_from: closes.unwrap_or(opens_from),
        must_be_closed_by: fields.need("must_be_closed_by", closed_by)?,
    };
    fields.end()?;
    Ok(span)
}

fn capabilities(fields: &mut Fields) -> Result<Capabilities, FieldError> {
    let names: Option<Vec<String>> = match fields.take("capability") {
        Some(Value::String(name)) => Some(vec![name]),
        Some(Value::Array(values)) => values.into_iter().map(|value| value.as_str().map(str::to_owned)).collect(),
        _ => None,
    };
    let names = names.filter(|names| !names.is_empty());
    let names = names.ok_or_else(|| fields.wrong("capability", "neither a name nor a list of names"))?;
    Names::read(&names).map(|names| names.0).map_err(|message| fields.wrong("capability", &message))
}

fn update(fields: &mut Fields) -> Result<Update, FieldError> {
    let inside = fields.object("firmware")?;
    let mut inside = fields.need("firmware", inside)?;
    inside.only(&["model", "version", "installed", "image_sha256"])?;
    let model = inside.text("model")?;
    let model = Model::named(&inside.need("model", model)?)
        .ok_or_else(|| inside.wrong("model", "not a model: write 1 to 16 printable ASCII characters"))?;
    let mut version = |field| -> Result<Version, FieldError> {
        let text = inside.text(field)?;
        let read = VersionText::read(&inside.need(field, text)?).map_err(|message| inside.wrong(field, &message))?;
        if read.lowest == read.highest {
            Ok(read.lowest)
        } else {
            Err(inside.wrong(field, "one version is needed here: write it without *"))
        }
    };
    let (version, installed) = (version("version")?, version("installed")?);
    let image = match inside.text("image_sha256")? {
        None => ImageDigest([0; 32]),
        Some(text) => Image::read(&text).map_err(|message| inside.wrong("image_sha256", &message))?.0,
    };
    inside.end()?;
    Ok(Update { model, version, installed, image })
}
