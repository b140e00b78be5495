//! What is wrong with a file that a person wrote, where, and what to do about it.

use std::fmt;
use std::ops::Range;
use std::path::Path;

use crate::near::nearest;

/// Bytes of a file.
pub type Place = Range<usize>;

/// Something wrong in a file that is being read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// Where, if it is anywhere.
    pub place: Option<Place>,
    /// Where the other stands, if it is that two things do not go together.
    pub other: Option<Place>,
}

impl Mistake {
    /// A mistake at a place.
    pub fn at(place: Place, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), place: Some(place), other: None }
    }

    /// A mistake of the file as a whole.
    pub fn anywhere(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), place: None, other: None }
    }

    /// The mistake of a value that says itself what is wrong with it, and in a second line what to do.
    pub fn of_value(place: Place, text: &str) -> Self {
        let (message, hint) = text.split_once('\n').unwrap_or((text, ""));
        Self::at(place, message, hint)
    }
}

impl From<toml::de::Error> for Mistake {
    fn from(error: toml::de::Error) -> Self {
        let (message, hint) = error.message().split_once('\n').unwrap_or((error.message(), ""));
        if let Some((found, wanted)) = message.strip_prefix("invalid type: ").and_then(|types| types.split_once(", expected ")) {
            if (found, wanted) == ("map", "a sequence") {
                let hint = "double the brackets of its heading, as in [[contact]]; in a line of its own write it as in [{ … }]";
                return Self {
                    message: "this is one table, not a list of tables".to_owned(),
                    hint: hint.to_owned(),
                    place: error.span(),
                    other: None,
                };
            }
            let (wanted, hint) = wanted_type(wanted);
            return Self { message: format!("this is {found}, not {wanted}"), hint: hint.to_owned(), place: error.span(), other: None };
        }
        let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
        let (message, hint) = match quoted.as_slice() {
            [unknown, known @ ..] if message.starts_with("unknown field") => {
                (format!("unknown key `{unknown}`"), format!("{}; known here: {}", suggestion(unknown, known), known.join(", ")))
            }
            [unknown, known @ ..] if message.starts_with("unknown variant") => {
                (format!("\"{unknown}\" is not known here"), choice(unknown, known))
            }
            [missing] if message.starts_with("missing field") => (format!("`{missing}` is missing"), format!("add a line `{missing} = …`")),
            // How toml puts it where one of a few names is wanted.
            _ if message == "wanted string or table" => ("this is not a text".to_owned(), "write it in quotes".to_owned()),
            _ if hint.is_empty() => {
                (message.to_owned(), "docs/policy-file.md and docs/scenarios.md say how every value is written".to_owned())
            }
            _ => (message.to_owned(), hint.to_owned()),
        };
        Self { message, hint, place: error.span(), other: None }
    }
}

/// What serde calls a type, as a person would, and how to write it.
fn wanted_type(name: &str) -> (&str, &'static str) {
    match name {
        "i64" => ("a whole number", "write it without quotes"),
        "a string" => ("a text", "write it in quotes"),
        "a boolean" => ("true or false", "write one of the two, without quotes"),
        "a sequence" => ("a list", "write it in brackets, or its tables under [[ ]] headings"),
        name if name.starts_with("struct ") || name == "a map" => ("a table", "write it in braces, or its keys under a [ ] heading"),
        other => (other, "docs/policy-file.md and docs/scenarios.md say how every value is written"),
    }
}

/// What to do about a name that nobody knows.
pub fn suggestion(unknown: &str, known: &[&str]) -> String {
    match nearest(unknown, known.iter().copied()) {
        Some(name) => format!("write `{name}`"),
        None => "remove it".to_owned(),
    }
}

/// What to do about a word that nobody knows, where one of those known is needed.
pub fn choice(unknown: &str, known: &[&str]) -> String {
    match nearest(unknown, known.iter().copied()) {
        Some(name) => format!("write `{name}`; known here: {}", known.join(", ")),
        None => format!("write one of {}", known.join(", ")),
    }
}

/// A file that a person wrote.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    /// Its name, for complaints.
    pub path: &'a Path,
    /// What it says.
    pub text: &'a str,
}

impl Document<'_> {
    /// The complaint about a mistake in this file.
    pub fn complaint(&self, mistake: Mistake) -> Complaint {
        let excerpt = mistake.place.map(|place| self.excerpt(&place));
        let other = mistake.other.map_or_else(String::new, |place| format!(" (the other is on line {})", self.line(place.start)));
        Complaint { path: self.path.display().to_string(), excerpt, message: shortened(mistake.message) + &other, hint: mistake.hint }
    }

    /// The number of the line on which this byte stands, from 1.
    pub fn line(&self, byte: usize) -> usize {
        self.text.get(..self.text.floor_char_boundary(byte)).unwrap_or_default().matches('\n').count() + 1
    }

    fn excerpt(&self, place: &Place) -> Excerpt {
        let start = self.text.floor_char_boundary(place.start);
        let before = self.text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = self.text.get(line_start..).unwrap_or_default().lines().next().unwrap_or_default();
        let characters = |from: usize, to: usize| self.text.get(from..to).map_or(0, |text| text.chars().count());
        let column = characters(line_start, start);
        let end = self.text.floor_char_boundary(place.end.min(line_start + line.len()));
        Excerpt { number: self.line(start), column: column + 1, width: characters(start, end).clamp(1, WIDEST), line: line.to_owned() }
    }
}

/// The line that a complaint is about.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Excerpt {
    number: usize,
    column: usize,
    width: usize,
    line: String,
}

/// Characters of a line that are shown, and of a message twice as many.
const WIDEST: usize = 160;

/// The message without its middle, if a long value makes it too long to be read.
fn shortened(message: String) -> String {
    let length = message.chars().count();
    if length <= 2 * WIDEST {
        return message;
    }
    let (start, end) = (message.chars().take(WIDEST), message.chars().skip(length - WIDEST));
    start.chain(['…']).chain(end).collect()
}

/// Why a file cannot be used: where it is wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    path: String,
    excerpt: Option<Excerpt>,
    message: String,
    hint: String,
}

impl Complaint {
    /// A complaint about a file as a whole.
    pub fn about(path: &Path, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { path: path.display().to_string(), excerpt: None, message: message.into(), hint: hint.into() }
    }

    /// A file that could not be read or written.
    pub fn of_io(path: &Path, doing: &str, error: &std::io::Error) -> Self {
        Self::about(path, format!("cannot be {doing}: {error}"), "check the path and its permissions")
    }

    /// What is wrong, in one sentence.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    pub fn hint(&self) -> &str {
        &self.hint
    }

    /// All of it in one line, without the excerpt.
    pub fn one_line(&self) -> String {
        let place = self.excerpt.as_ref().map_or_else(String::new, |excerpt| format!(":{}:{}", excerpt.number, excerpt.column));
        let hint = if self.hint.is_empty() { String::new() } else { format!("; {}", self.hint) };
        format!("{}{place}: {}{hint}", self.path, self.message)
    }

    /// The line it is about, from 1.
    pub fn line(&self) -> Option<usize> {
        self.excerpt.as_ref().map(|excerpt| excerpt.number)
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.excerpt {
            Some(Excerpt { number, column, width, line }) => {
                let gutter = number.to_string().len();
                writeln!(formatter, "{}:{number}:{column}: {}", self.path, self.message)?;
                writeln!(formatter, "{:gutter$} |", "")?;
                let skipped = if line.chars().count() > WIDEST { column.saturating_sub(WIDEST / 2) } else { 0 };
                let shown: String = line.chars().skip(skipped).take(WIDEST).collect();
                writeln!(formatter, "{number} | {shown}")?;
                // Tabs before the caret keep it under its character.
                let lead: String = shown.chars().take(column - 1 - skipped).map(|char| if char == '\t' { '\t' } else { ' ' }).collect();
                write!(formatter, "{:gutter$} | {lead}{}", "", "^".repeat(*width))?;
            }
            None => write!(formatter, "{}: {}", self.path, self.message)?,
        }
        if self.hint.is_empty() { Ok(()) } else { write!(formatter, "\n  = {}", self.hint) }
    }
}

impl std::error::Error for Complaint {}
