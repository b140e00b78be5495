//! Colours, for terminals only.

use std::io::IsTerminal;

/// Whether to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paint {
    enabled: bool,
}

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Allowed, done.
    Good,
    /// Refused, failed.
    Bad,
    /// Allowed against the schedule, fallen due, to be looked at.
    Notable,
    /// Said by the storyteller.
    Aside,
    /// A heading.
    Heading,
}

impl Paint {
    /// No colours.
    pub const NONE: Self = Self { enabled: false };

    /// Colours if `stream` is a terminal and `NO_COLOR` is not set.
    pub fn on(stream: &impl IsTerminal) -> Self {
        Self { enabled: stream.is_terminal() && std::env::var_os("NO_COLOR").is_none() }
    }

    /// The text in its colour.
    pub fn paint(self, tone: Tone, text: &str) -> String {
        let code = match tone {
            Tone::Good => "32",
            Tone::Bad => "31",
            Tone::Notable => "33",
            Tone::Aside => "2",
            Tone::Heading => "1",
        };
        if self.enabled && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}
