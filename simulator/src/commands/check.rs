//! `keyholder check`

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Command};
use keyholder::place::Areas;
use keyholder::time::Time;
use keyholder_simulator::answer::{Answer, instant};
use keyholder_simulator::complaint::Complaint;
use keyholder_simulator::fields::{self, FieldError};
use keyholder_simulator::key_file::Keys;
use keyholder_simulator::paint::{Paint, Tone};
use keyholder_simulator::phrase::Phrase;
use keyholder_simulator::request::Question as Asked;
use keyholder_simulator::rig::{Disk, Rig};
use keyholder_simulator::values::AreaMap;
use serde_json::{Map, Value, json};

use super::making::now;
use super::{COMPLAINT, DENIED, Outcome, Stop, say, warn};

/// Check a policy, or ask a device that has it one question or many
#[derive(Args)]
#[command(after_help = "\
Without a question the policy itself is checked.
Options ask one question; the status is 1 if the answer is no.
With --requests, each line of a file is a question and each line of output its answer, from one
device that remembers the lines before. docs/requests.md has all of it.

Examples:
  keyholder check corner-shop.toml
  keyholder check corner-shop.toml --at '2026-11-23 08:02' --code 4711 --open --system 1 --areas 1,2
  keyholder check corner-shop.toml --engineer eve@install.example --capability view_settings
  keyholder check corner-shop.toml --request '{\"at\":null,\"user\":1,\"act\":\"lift\"}'
  keyholder check shop.blob --key shop.key --requests questions.jsonl")]
pub(crate) struct Arguments {
    /// A policy file, or a blob
    policy: PathBuf,
    /// The key file of the site or receiver, with or without its signing key; a policy file does without
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Requests, one JSON object a line; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["request", "Question"])]
    requests: Option<PathBuf>,
    /// One request as a JSON object
    #[arg(long, value_name = "JSON", conflicts_with = "Question")]
    request: Option<String>,
    #[command(flatten)]
    question: Question,
    /// One JSON object instead of text
    #[arg(long)]
    json: bool,
}

/// One question by options, named like the fields of a request.
#[derive(Args)]
struct Question {
    /// What the device's clock says: an instant, local time of the site, or "unknown"; now if left out
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// The user number of who asks
    #[arg(long, value_name = "NUMBER")]
    user: Option<u32>,
    /// The code that is typed
    #[arg(long, value_name = "DIGITS")]
    code: Option<String>,
    /// The passcode that is told
    #[arg(long, value_name = "WORD")]
    passcode: Option<String>,
    /// The contact wants to open
    #[arg(long, conflicts_with = "close")]
    open: bool,
    /// The contact wants to close
    #[arg(long)]
    close: bool,
    /// The system, 1 to 8
    #[arg(long, value_name = "NUMBER")]
    system: Option<u32>,
    /// Its areas, 1 to 32, as in 1-4,7
    #[arg(long, value_name = "NUMBERS", value_parser = read_areas)]
    areas: Option<Areas>,
    /// Not at the keypad
    #[arg(long)]
    remote: bool,
    /// Who armed the areas
    #[arg(long, value_name = "NUMBER")]
    armed_by: Option<u32>,
    /// The site is in alarm
    #[arg(long)]
    in_alarm: bool,
    /// What else the contact wants to do: cancel_alarm, receive_information, lift, …
    #[arg(long, value_name = "NAME")]
    act: Option<String>,
    /// How long the contact wants to test, extend or keep open
    #[arg(long, value_name = "NUMBER")]
    minutes: Option<u32>,
    /// The user number of whom the contact wants to suspend or reinstate
    #[arg(long, value_name = "NUMBER")]
    target: Option<u32>,
    /// The grant that the contact wants to revoke
    #[arg(long, value_name = "NUMBER")]
    grant: Option<u32>,
    /// The grant that the contact wants to give was asked for
    #[arg(long)]
    answers_request: bool,
    /// The engineer's id or e-mail address
    #[arg(long, value_name = "ENGINEER")]
    engineer: Option<String>,
    /// The site the engineer works on; on a panel its own
    #[arg(long, value_name = "NUMBER")]
    site: Option<u32>,
    /// What the engineer wants: view_settings, read_log, …
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    capability: Option<Vec<String>>,
    /// What the engineer does with a session: begin or end
    #[arg(long, value_name = "WORD")]
    session: Option<String>,
}

/// Areas as a policy file has them, but for "all": which those are, the site alone knows.
fn read_areas(text: &str) -> Result<Areas, String> {
    if text == "all" {
        return Err("name the areas, as in 1-4,7".to_owned());
    }
    AreaMap::areas(&text.into())
        .map_err(|message| message.lines().next().unwrap_or_default().to_owned() + ": write numbers from 1 to 32, as in 1-4,7")
}

impl Question {
    /// The request's fields; none if nothing is asked.
    fn fields(&self) -> Map<String, Value> {
        let engineer = self.engineer.as_ref().map(|text| text.parse::<u32>().map_or_else(|_| json!(text), |id| json!(id)));
        let all = [
            ("at", self.at.as_ref().map(|at| if at == "unknown" { Value::Null } else { json!(at) })),
            ("user", self.user.map(Value::from)),
            ("code", self.code.clone().map(Value::from)),
            ("passcode", self.passcode.clone().map(Value::from)),
            ("action", if self.open { Some("open".into()) } else { self.close.then(|| "close".into()) }),
            ("system", self.system.map(Value::from)),
            ("areas", self.areas.map(|areas| areas.numbers().collect())),
            ("remote", self.remote.then_some(Value::Bool(true))),
            ("armed_by", self.armed_by.map(Value::from)),
            ("in_alarm", self.in_alarm.then_some(Value::Bool(true))),
            ("act", self.act.clone().map(Value::from)),
            ("minutes", self.minutes.map(Value::from)),
            ("target", self.target.map(Value::from)),
            ("grant", self.grant.map(Value::from)),
            ("answers_request", self.answers_request.then_some(Value::Bool(true))),
            ("engineer", engineer),
            ("site", self.site.map(Value::from)),
            ("capability", self.capability.clone().map(Value::from)),
            ("session", self.session.clone().map(Value::from)),
        ];
        all.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
    }

    /// What is wrong with a question that was asked with options.
    fn explain(&self, error: FieldError) -> String {
        let Some(field) = error.field else {
            return "the question asks nothing: add --open, --close, --act, --capability or --session, or write it as --request".to_owned();
        };
        let options = Self::augment_args(Command::new("question"));
        let options: Vec<String> = options.get_arguments().map(|argument| argument.get_id().to_string()).collect();
        let named = |name: &String| format!("--{}", name.replace('_', "-"));
        let action = if self.close { "--close" } else { "--open" };
        let message = error.message.replace("`action`", action);
        let message = options.iter().fold(message, |message, name| message.replace(&format!("`{name}`"), &named(name)));
        match field.as_str() {
            "action" => format!("{action}: {message}"),
            _ if options.contains(&field) => format!("{}: {message}", named(&field)),
            _ => format!("`{field}` {message}; no option says it, so write the question as --request"),
        }
    }
}

impl Arguments {
    pub(crate) fn execute(&self) -> Outcome {
        let keys = self.key.as_deref().map(Keys::read_public).transpose()?;
        let mut rig = Rig::set_up(&Disk, &self.policy, keys)?;
        warn(&rig.origin.warnings);
        if let Some(path) = &self.requests {
            return answer_all(&mut rig, path);
        }
        let mut fields = match &self.request {
            None => self.question.fields(),
            Some(text) => fields::object(text.as_bytes()).map_err(|error| self.usage(error))?,
        };
        if fields.is_empty() && self.request.is_none() {
            return self.report_on_policy(&rig);
        }
        if self.request.is_none() && !fields.contains_key("at") {
            fields.insert("at".to_owned(), instant(now()).into());
        }
        self.answer_one(&mut rig, fields)
    }

    fn report_on_policy(&self, rig: &Rig) -> Outcome {
        let path = self.policy.display();
        say(&if self.json {
            json!({ "valid": true, "bytes": rig.origin.length, "warnings": rig.origin.warnings.len() }).to_string()
        } else {
            format!("{path}: {}, valid, {} bytes as a blob", rig.names.device, rig.origin.length)
        })?;
        Ok(ExitCode::SUCCESS)
    }

    /// What is wrong with the question, told of the option or the field.
    fn usage(&self, error: FieldError) -> Stop {
        Stop::Usage(match (&self.request, error.field) {
            (Some(_), None) => format!("--request: {}", error.message),
            (Some(_), Some(field)) => format!("--request: {field}: {}", error.message),
            (None, field) => self.question.explain(FieldError { field, ..error }),
        })
    }

    fn answer_one(&self, rig: &mut Rig, fields: Map<String, Value>) -> Outcome {
        let request = rig.reader().read(fields).map_err(|error| self.usage(error))?;
        let question = Phrase { device: &rig.device, names: &rig.names }.question(&request.question);
        let answer = rig.ask(&request, &Disk, Path::new(""))?;
        if self.json {
            say(&Value::Object(answer.to_json()).to_string())?;
        } else {
            // A single answer names the date of every time in it.
            let [verdict, reason, rest] =
                Phrase { device: &rig.device, names: &rig.names }.answer(&request.question, &answer, Time::Unknown);
            let tone = if answer.is_positive() { Tone::Good } else { Tone::Bad };
            let verdict = Paint::on(&io::stdout()).paint(tone, &verdict);
            say([question + ":", verdict, reason, rest].join("  ").trim_end())?;
            if let Answer::Due(all) = &answer {
                for due in all {
                    let phrase = Phrase { device: &rig.device, names: &rig.names };
                    say(&format!("  {}  {}", phrase.time(due.at, Time::Unknown), phrase.due(due).join("  ")))?;
                }
            }
        }
        Ok(if answer.is_positive() { ExitCode::SUCCESS } else { DENIED.into() })
    }
}

/// Answers the requests of a file line by line.
fn answer_all(rig: &mut Rig, path: &Path) -> Outcome {
    let read = |error| Stop::Complaint(Complaint::of_io(path, "read", &error));
    let mut input: Box<dyn BufRead> =
        if path == Path::new("-") { Box::new(io::stdin().lock()) } else { Box::new(BufReader::new(File::open(path).map_err(read)?)) };
    let mut code = ExitCode::SUCCESS;
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(read)? == 0 {
            break;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let mut answer = Map::new();
        answer.insert("line".to_owned(), number.into());
        match answer_line(rig, &line) {
            Ok(Answered(fields)) => answer.extend(fields),
            Err(error) => {
                answer.insert("error".to_owned(), json!({ "field": error.field, "message": error.message }));
                code = COMPLAINT.into();
            }
        }
        say(&Value::Object(answer).to_string())?;
    }
    Ok(code)
}

/// The fields of an answer.
struct Answered(Map<String, Value>);

fn answer_line(rig: &mut Rig, line: &[u8]) -> Result<Answered, FieldError> {
    let object = fields::object(line)?;
    let request = rig.reader().read(object)?;
    let field = match request.question {
        Asked::Patch { .. } => "patch",
        Asked::ChangeKey { .. } => "key_change",
        Asked::CorrectClock { .. } => "clock_correction",
        Asked::PowerCycle => "power_cycle",
        _ => "install",
    };
    let answer = rig
        .ask(&request, &Disk, Path::new(""))
        .map_err(|complaint| FieldError { field: Some(field.to_owned()), message: complaint.one_line() })?;
    Ok(Answered(answer.to_json()))
}
