//! A scenario as people write it, and the playing of it. docs/scenarios.md explains each key.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::civil;
use keyholder::place::AreaList;
use keyholder::supervise::Due;
use keyholder::time::Time;
use serde::Deserialize;
use serde_json::{Map, Value};
use toml::Spanned;

use crate::answer::Answer;
use crate::complaint::{Complaint, Document, Mistake, Place};
use crate::expectation::Expectation;
use crate::near::nearest;
use crate::phrase::Phrase;
use crate::request::{Question, Reader, Request};
use crate::rig::{Rig, Shelf, read_text};
use crate::told::{Told, ToldStep};
use crate::values::{AreaMap, LocalDate};
use crate::zones::Clock;

/// A scenario file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoryFile {
    name: Option<String>,
    policy: Option<Spanned<String>>,
    policies: Option<BTreeMap<String, Spanned<String>>>,
    date: Option<LocalDate>,
    start: Option<Spanned<toml::Value>>,
    armed: Option<Spanned<toml::Value>>,
    zone: Option<Spanned<String>>,
    #[serde(default)]
    step: Vec<Spanned<StepTable>>,
}

/// A step: the fields of a request, and where each stands.
type StepTable = BTreeMap<Spanned<String>, Spanned<toml::Value>>;

/// Plays the scenario at `path`; its policy files stand on `shelf` too.
///
/// # Errors
/// What is wrong with the scenario, or with a policy of it. Failed expectations are no errors.
pub fn play(shelf: &dyn Shelf, path: &Path) -> Result<Told, Complaint> {
    let text = read_text(shelf, path)?;
    let document = Document { path, text: &text };
    let file: StoryFile = toml::from_str(&text).map_err(|error| document.complaint(error.into()))?;
    if file.step.is_empty() {
        return Err(Complaint::about(path, "this scenario has no steps", "add a [[step]]; see docs/scenarios.md"));
    }
    let directory = path.parent().unwrap_or(Path::new("")).to_owned();
    let rigs = set_up(&file, shelf, &directory, &document)?;
    let name = file.name.clone().unwrap_or_else(|| path.display().to_string());
    let mut player = Player { rigs, shelf, directory, date: file.date.map(civil_date), document, early: BTreeSet::new() };
    let steps = player.play(&file)?;
    let devices = player.rigs.into_iter().map(|(name, rig)| (name, rig.names.device, rig.origin)).collect();
    Ok(Told { name, devices, steps })
}

fn civil_date(LocalDate(date): LocalDate) -> civil::Date {
    let (year, month, day) = date.civil();
    // Every date of a policy is one of jiff's.
    civil::Date::new(i16::try_from(year).unwrap_or_default(), month.cast_signed(), day.cast_signed()).unwrap_or(civil::Date::ZERO)
}

/// The devices of a story, with their policies.
fn set_up(file: &StoryFile, shelf: &dyn Shelf, directory: &Path, document: &Document<'_>) -> Result<BTreeMap<String, Rig>, Complaint> {
    let wrong = |mistake| document.complaint(mistake);
    let policies: Vec<(String, &Spanned<String>)> = match (&file.policy, &file.policies) {
        (Some(policy), None) => vec![("device".to_owned(), policy)],
        (None, Some(policies)) if !policies.is_empty() => policies.iter().map(|(name, policy)| (name.clone(), policy)).collect(),
        (Some(policy), Some(_)) => {
            return Err(wrong(Mistake::at(
                policy.span(),
                "there are `policies` as well",
                "write `policy` for one device or `policies` for several",
            )));
        }
        _ => return Err(wrong(Mistake::anywhere("this scenario has no device", "add `policy = \"….toml\"`; see docs/scenarios.md"))),
    };
    let mut rigs = BTreeMap::new();
    for (name, policy) in policies {
        rigs.insert(name, Rig::set_up(shelf, &directory.join(policy.get_ref()), None)?);
    }
    let clock = match &file.zone {
        Some(zone) => Some(Clock::named(zone.get_ref()).map_err(|text| wrong(Mistake::of_value(zone.span(), &text)))?.clock),
        None => rigs.values().find(|rig| rig.device.is_panel()).and_then(|rig| rig.device.clock().cloned()),
    };
    let clock = clock.unwrap_or_else(|| Clock::new(keyholder::zone::Zone::UTC));
    let armed = file.armed.as_ref().map(armed).transpose().map_err(wrong)?;
    for rig in rigs.values_mut() {
        if rig.device.clock().is_none() {
            rig.device.set_clock(clock.clone());
        }
        if let Some(armed) = armed {
            rig.device.set_all_armed(armed);
        }
    }
    Ok(rigs)
}

fn armed(written: &Spanned<toml::Value>) -> Result<AreaList, Mistake> {
    match written.get_ref() {
        toml::Value::String(word) if word == "all" => Ok(AreaList::ALL),
        toml::Value::String(word) if word == "none" => Ok(AreaList::NONE),
        value => AreaMap::deserialize(value.clone())
            .map(|areas| areas.0)
            .map_err(|_| Mistake::at(written.span(), "these are no areas", "write \"all\", \"none\", or { 1 = \"1-2\" }")),
    }
}

/// A TOML value as the request it stands for has it.
fn to_json(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.as_str().into(),
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Float(number) => (*number).into(),
        toml::Value::Boolean(flag) => (*flag).into(),
        toml::Value::Datetime(datetime) => datetime.to_string().into(),
        toml::Value::Array(values) => values.iter().map(to_json).collect(),
        toml::Value::Table(table) => table.iter().map(|(key, value)| (key.clone(), to_json(value))).collect::<Map<_, _>>().into(),
    }
}

/// The words that stand for `null`, which TOML does not have.
const NULLS: [(&str, &str); 3] = [("at", "unknown"), ("armed_by", "nobody"), ("span", "closed")];

/// A step as a request's fields, without those that only steps have.
fn request_of(step: &StepTable) -> Map<String, Value> {
    let own = ["on", "say", "expect"];
    let fields = step.iter().filter(|(key, _)| !own.contains(&key.get_ref().as_str()));
    let value = |key: &str, value: &toml::Value| {
        let null = NULLS.iter().any(|(field, word)| *field == key && value.as_str() == Some(word));
        if null { Value::Null } else { to_json(value) }
    };
    fields.map(|(key, written)| (key.get_ref().clone(), value(key.get_ref(), written.get_ref()))).collect()
}

struct Player<'a> {
    rigs: BTreeMap<String, Rig>,
    shelf: &'a dyn Shelf,
    directory: PathBuf,
    date: Option<civil::Date>,
    document: Document<'a>,
    /// The devices that have had a step before the `start`.
    early: BTreeSet<String>,
}

impl Player<'_> {
    fn play(&mut self, file: &StoryFile) -> Result<Vec<ToldStep>, Complaint> {
        let start = file.start.as_ref().map(|start| self.start(start)).transpose()?;
        let mut is_supervised = false;
        let mut steps = Vec::new();
        for (number, step) in (1..).zip(&file.step) {
            let (name, request, expectation) = self.read(step)?;
            self.warn_of_a_step_before(start, step, &name, request.at);
            let begins = start.unwrap_or(request.at);
            if !is_supervised && begins != Time::Unknown {
                self.rigs.values_mut().for_each(|rig| _ = rig.device.supervise(begins));
                is_supervised = true;
            }
            steps.push(self.step(number, step, &name, &request, &expectation)?);
        }
        Ok(steps)
    }

    /// Warns of the first step of a device that is before the `start`: to the device, its clock has been turned back.
    fn warn_of_a_step_before(&mut self, start: Option<Time>, step: &Spanned<StepTable>, name: &str, at: Time) {
        let (Some(Time::Known(start)), Time::Known(at)) = (start, at) else { return };
        if at >= start || !self.early.insert(name.to_owned()) {
            return;
        }
        let warning = self.document.complaint(Mistake::at(
            step.span(),
            "this step is before `start`: the device takes its clock to be turned back",
            "write a later time, or an earlier `start`",
        ));
        if let Some(rig) = self.rigs.get_mut(name) {
            rig.origin.warnings.push(warning);
        }
    }

    fn start(&self, start: &Spanned<toml::Value>) -> Result<Time, Complaint> {
        let wrong = |text: &str| self.document.complaint(Mistake::of_value(start.span(), text));
        let rig = self.rigs.values().next().ok_or_else(|| wrong("there is no device"))?;
        let text = to_json(start.get_ref());
        let text = text.as_str().ok_or_else(|| wrong("this is no point in time\nwrite it as in \"06:00\""))?;
        rig.reader().instant(text, self.date).map(Time::Known).map_err(|text| wrong(&text))
    }

    /// The device a step happens on, what happens, and what is expected of it.
    fn read(&self, step: &Spanned<StepTable>) -> Result<(String, Request, Expectation), Complaint> {
        let wrong = |mistake| self.document.complaint(mistake);
        let table = step.get_ref();
        let find = |key: &str| table.iter().find(|(known, _)| known.get_ref() == key);
        let name = self.device_of(step, find("on").map(|(_, value)| value)).map_err(wrong)?;
        let rig = self.rigs.get(&name).ok_or_else(|| wrong(Mistake::at(step.span(), "there is no such device", "")))?;
        let reader = Reader { date: self.date, ..rig.reader() };
        if let Some((_, say)) = find("say").filter(|(_, say)| !say.get_ref().is_str()) {
            return Err(wrong(Mistake::at(say.span(), "`say`: not a text", "write it in quotes")));
        }
        let request = reader.read(request_of(table)).map_err(|error| {
            let field = error.field.unwrap_or_default();
            let outer = field.split('.').next().unwrap_or_default();
            // What else stands in a message may be the user's own word.
            let is_ours = ["is missing", "neither"].iter().any(|start| error.message.starts_with(start));
            let null = NULLS.iter().find(|(known, _)| is_ours && *known == outer);
            let text = null.map_or(error.message.clone(), |(_, word)| error.message.replace("null", &format!("\"{word}\"")));
            let (message, hint) = text.split_once(": ").unwrap_or((&text, ""));
            match find(outer) {
                Some((key, value)) => {
                    let place: Place = if message.starts_with("unknown") { key.span() } else { value.span() };
                    wrong(Mistake::at(place, format!("`{field}`: {message}"), hint))
                }
                None if field.is_empty() => wrong(Mistake::at(step.span(), format!("this step {message}"), hint)),
                None => wrong(Mistake::at(step.span(), format!("`{field}` {message}"), hint)),
            }
        })?;
        let date = match request.at {
            Time::Known(at) => rig.device.clock().and_then(|clock| clock.local(at)).map(|local| local.date()),
            Time::Unknown => self.date,
        };
        let expectation = match find("expect") {
            None => Expectation::default(),
            Some((_, written)) => Expectation::read(&to_json(written.get_ref()), |text| reader.instant(text, date))
                .map_err(|text| wrong(Mistake::of_value(self.quoted(written.span(), &text), &text)))?,
        };
        Ok((name, request, expectation))
    }

    /// Where, within `whole`, the word stands that a complaint quotes first.
    fn quoted(&self, whole: Place, complaint: &str) -> Place {
        let text = self.document.text.get(whole.clone()).unwrap_or_default();
        let word = complaint.find(['"', '`']).and_then(|start| {
            let (_, quoted) = complaint.split_at_checked(start)?;
            let end = quoted.get(1..)?.find(quoted.chars().next()?)? + 1;
            // A value has its quotes in the file too; a key has none.
            if quoted.starts_with('"') { quoted.get(..=end) } else { quoted.get(1..end) }
        });
        let found = word.and_then(|word| Some((text.find(word)? + whole.start, word.len())));
        found.map_or(whole, |(start, length)| start..start + length)
    }

    fn device_of(&self, step: &Spanned<StepTable>, on: Option<&Spanned<toml::Value>>) -> Result<String, Mistake> {
        let known = || self.rigs.keys().map(String::as_str);
        match on {
            None if self.rigs.len() == 1 => Ok(known().next().unwrap_or_default().to_owned()),
            None => Err(Mistake::at(
                step.span(),
                "this step does not say on which device",
                format!("add `on`: one of {}", known().collect::<Vec<_>>().join(", ")),
            )),
            Some(on) => {
                let name = on.get_ref().as_str().unwrap_or_default();
                if self.rigs.contains_key(name) {
                    return Ok(name.to_owned());
                }
                let hint = nearest(name, known()).map_or_else(|| known().collect::<Vec<_>>().join(", "), str::to_owned);
                Err(Mistake::at(on.span(), "there is no such device", format!("write \"{hint}\"")))
            }
        }
    }

    fn step(
        &mut self,
        number: usize,
        step: &Spanned<StepTable>,
        name: &str,
        request: &Request,
        expectation: &Expectation,
    ) -> Result<ToldStep, Complaint> {
        let rig =
            self.rigs.get_mut(name).ok_or_else(|| self.document.complaint(Mistake::at(step.span(), "there is no such device", "")))?;
        let sets_armed = matches!(request.question, Question::Tick { armed: Some(_) });
        // What has fallen due by now did so with the areas armed as they were.
        let mut due: Vec<Due> = if request.at == Time::Unknown || sets_armed { Vec::new() } else { rig.device.supervise(request.at) };
        let question = Phrase { device: &rig.device, names: &rig.names }.question(&request.question);
        let answer = rig.ask(request, self.shelf, &self.directory).map_err(|complaint| match &request.question {
            // It is no file's fault.
            Question::PowerCycle => self.document.complaint(Mistake::at(step.span(), complaint.message(), complaint.hint())),
            _ => complaint,
        })?;
        if let Answer::Due(more) = &answer {
            due.extend(more);
        }
        // A tick answers with what fell due before it too.
        let answer = if matches!(answer, Answer::Due(_)) { Answer::Due(due.clone()) } else { answer };
        let phrase = Phrase { device: &rig.device, names: &rig.names };
        let local = match request.at {
            Time::Known(at) => rig.device.clock().and_then(|clock| clock.local(at)),
            Time::Unknown => None,
        };
        let differences = expectation.differences(&answer, &due, |when| phrase.time(when, request.at));
        let say = step.get_ref().iter().find(|(key, _)| key.get_ref() == "say").and_then(|(_, say)| say.get_ref().as_str());
        Ok(ToldStep {
            number,
            device: name.to_owned(),
            say: say.map(str::to_owned),
            at: request.at,
            date: local.map(|local| local.date()),
            clock: match request.at {
                Time::Known(at) => phrase.time(at, request.at),
                Time::Unknown => "--:--".to_owned(),
            },
            question,
            answer_words: phrase.answer(&request.question, &answer, request.at),
            answer,
            due_words: due.iter().map(|due| phrase.due_words(due)).collect(),
            due,
            differences,
        })
    }
}
