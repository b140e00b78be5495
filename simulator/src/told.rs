//! A story that was played: what was asked, what came, and where that was not expected.

use jiff::civil;
use keyholder::supervise::Due;
use keyholder::time::Time;
use serde_json::{Map, Value, json};

use crate::answer::{Answer, instant};
use crate::expectation::Difference;
use crate::rig::Origin;

/// A story that was played.
#[derive(Debug)]
pub struct Told {
    /// Its name.
    pub name: String,
    /// Its devices: their names in the story, what people call them, and where their policies came from.
    pub devices: Vec<(String, String, Origin)>,
    /// Its steps.
    pub steps: Vec<ToldStep>,
}

impl Told {
    /// How many expectations failed.
    pub fn failures(&self) -> usize {
        self.steps.iter().map(|step| step.differences.len()).sum()
    }
}

/// A step that was played.
#[derive(Debug)]
pub struct ToldStep {
    /// Its number, from 1.
    pub number: usize,
    /// The device it happened on.
    pub device: String,
    /// Its line for the reader.
    pub say: Option<String>,
    /// What the device's clock said.
    pub at: Time,
    /// The local date, if the time is known.
    pub date: Option<civil::Date>,
    /// The local time in words.
    pub clock: String,
    /// What was asked, in words.
    pub question: String,
    /// What was answered.
    pub answer: Answer,
    /// The same in words: verdict, reason, everything else.
    pub answer_words: [String; 3],
    /// What fell due before or at this step.
    pub due: Vec<Due>,
    /// The same in words.
    pub due_words: Vec<DueWords>,
    /// The expectations that failed.
    pub differences: Vec<Difference>,
}

/// What fell due, in words.
#[derive(Debug)]
pub struct DueWords {
    /// The local date.
    pub date: Option<civil::Date>,
    /// The local time.
    pub clock: String,
    /// About what, what, and what is sent.
    pub words: [String; 3],
}

impl ToldStep {
    /// The step for programs.
    pub fn to_json(&self) -> Map<String, Value> {
        let at = match self.at {
            Time::Known(at) => Some(instant(at)),
            Time::Unknown => None,
        };
        let differences = self.differences.iter();
        let differences =
            differences.map(|Difference { key, expected, actual }| json!({ "key": key, "expected": expected, "actual": actual }));
        let mut json = Map::new();
        json.insert("step".to_owned(), self.number.into());
        json.insert("device".to_owned(), self.device.clone().into());
        json.insert("at".to_owned(), at.into());
        json.insert("question".to_owned(), self.question.clone().into());
        json.insert("answer".to_owned(), self.answer.to_json().into());
        json.extend(Answer::Due(self.due.clone()).to_json());
        json.insert("differences".to_owned(), differences.collect());
        json
    }
}
