//! The fields of a JSON object, each taken once and checked; whatever is left over is unknown.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::complaint::suggestion;
use crate::near::nearest;

/// What is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field, if it is about one.
    pub field: Option<String>,
    /// What is wrong, and what to do.
    pub message: String,
}

/// The JSON object that a line holds.
///
/// # Errors
/// The line holds none, or one that has a field twice: which of the two would count is not for us to guess.
pub fn object(line: &[u8]) -> Result<Map<String, Value>, FieldError> {
    let whole = |message: String| FieldError { field: None, message };
    // The end of the line is not where an object is unfinished.
    match serde_json::from_slice(line.trim_ascii_end()) {
        Ok(Object { fields, twice: None }) => Ok(fields),
        Ok(Object { twice: Some(field), .. }) => {
            Err(FieldError { field: Some(field), message: "stands there twice: write it once".to_owned() })
        }
        Err(error) if error.is_data() => Err(whole("not a JSON object".to_owned())),
        Err(error) => {
            // It would call every line line 1.
            let what = error.to_string();
            let what = what.split(" at line ").next().unwrap_or_default();
            Err(whole(format!("not JSON: {what}, at column {}", error.column())))
        }
    }
}

/// An object, and the first of its fields that it has twice.
struct Object {
    fields: Map<String, Value>,
    twice: Option<String>,
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Object;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut object = Object { fields: Map::new(), twice: None };
                while let Some((field, value)) = map.next_entry::<String, Value>()? {
                    if object.fields.insert(field.clone(), value).is_some() {
                        object.twice.get_or_insert(field);
                    }
                }
                Ok(object)
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

/// The fields of an object that have not been taken yet.
pub struct Fields {
    left: Map<String, Value>,
    asked: Vec<&'static str>,
    /// In front of the names in errors: `firmware.`.
    prefix: String,
}

impl Fields {
    /// The fields of a whole request.
    pub const fn new(object: Map<String, Value>) -> Self {
        Self { left: object, asked: Vec::new(), prefix: String::new() }
    }

    /// An error about a field. What is wrong and what to do may stand on two lines.
    pub fn wrong(&self, field: &str, message: &str) -> FieldError {
        FieldError { field: Some(format!("{}{field}", self.prefix)), message: message.replacen('\n', ": ", 1) }
    }

    /// Whether the field is there, `null` included.
    pub fn has(&self, field: &str) -> bool {
        self.left.contains_key(field)
    }

    /// The field's value, which may be taken still.
    pub fn peek(&self, field: &str) -> Option<&Value> {
        self.left.get(field)
    }

    /// The field's value, if it is there.
    pub fn take(&mut self, field: &'static str) -> Option<Value> {
        self.asked.push(field);
        self.left.shift_remove(field)
    }

    /// A text.
    pub fn text(&mut self, field: &'static str) -> Result<Option<String>, FieldError> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(field, "not a text: write it in quotes")),
        }
    }

    /// `true` or `false`; `false` if it is not there.
    pub fn flag(&mut self, field: &'static str) -> Result<bool, FieldError> {
        match self.take(field) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(_) => Err(self.wrong(field, "neither true nor false")),
        }
    }

    /// A whole number from `least` to `most`.
    pub fn number(&mut self, field: &'static str, least: i64, most: i64) -> Result<Option<i64>, FieldError> {
        let Some(value) = self.take(field) else { return Ok(None) };
        let number = value.as_i64().filter(|number| (least..=most).contains(number));
        number.map(Some).ok_or_else(|| self.wrong(field, &format!("{value} is out of range: write a whole number from {least} to {most}")))
    }

    /// The fields of an object.
    pub fn object(&mut self, field: &'static str) -> Result<Option<Self>, FieldError> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(self.inside(field, object))),
            Some(_) => Err(self.wrong(field, "not an object: write its fields in braces")),
        }
    }

    /// The fields of an object that is the value of `field`.
    pub fn inside(&self, field: &str, object: Map<String, Value>) -> Self {
        Self { left: object, asked: Vec::new(), prefix: format!("{}{field}.", self.prefix) }
    }

    /// A value that has to be there.
    pub fn need<T>(&self, field: &str, value: Option<T>) -> Result<T, FieldError> {
        value.ok_or_else(|| self.wrong(field, "is missing"))
    }

    /// Refuses every field but those `known`: before any is found to be missing, for it may only be misspelt.
    pub fn only(&self, known: &[&str]) -> Result<(), FieldError> {
        match self.left.keys().find(|field| !known.contains(&field.as_str())) {
            None => Ok(()),
            Some(unknown) => {
                let message = format!("unknown here: {}; this kind of request has {}", suggestion(unknown, known), in_order(known));
                Err(self.wrong(unknown, &message))
            }
        }
    }

    /// The first field that is none of those `known`, and the one that is probably meant.
    pub fn misspelt<'a>(&self, known: &[&'a str]) -> Option<(&str, &'a str)> {
        let unknown = self.left.keys().map(String::as_str).filter(|field| !known.contains(field));
        unknown.filter_map(|field| Some((field, nearest(field, known.iter().copied())?))).next()
    }

    /// Refuses whatever nobody has asked for.
    pub fn end(self) -> Result<(), FieldError> {
        self.only(&self.asked)
    }
}

fn in_order(names: &[&str]) -> String {
    let mut names = names.to_vec();
    names.sort_unstable();
    names.dedup();
    names.join(", ")
}
