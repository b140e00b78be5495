//! A story as text: one line a step, in columns.

use std::fmt::Write as _;

use jiff::civil;

use crate::paint::{Paint, Tone};
use crate::told::{DueWords, Told, ToldStep};

/// Questions longer than this do not widen their column.
const WIDEST_QUESTION: usize = 80;
/// What stands in the verdict's column of a deadline.
const DUE: &str = "due";

/// Widths of the columns before the last.
struct Columns {
    clock: usize,
    device: usize,
    question: usize,
    verdict: usize,
    reason: usize,
}

/// The transcript of a story.
pub fn transcript(told: &Told, paint: Paint) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    _ = write_all(&mut text, told, paint);
    text
}

fn write_all(text: &mut String, told: &Told, paint: Paint) -> std::fmt::Result {
    writeln!(text, "{}", paint.paint(Tone::Heading, &told.name))?;
    for (name, called, origin) in &told.devices {
        let label = if told.devices.len() > 1 { format!("{name}: ") } else { String::new() };
        writeln!(text, "  {label}{called}, {} sealed ({} bytes, sequence 1) and installed", origin.path.display(), origin.length)?;
    }
    let columns = Columns::of(told);
    let mut date = None;
    for step in &told.steps {
        for DueWords { date: of_due, clock, words: [about, event, codes] } in &step.due_words {
            write_date(text, &mut date, *of_due, paint)?;
            columns.write_line(text, [clock, &step.device, about, DUE, event, codes], Tone::Notable, paint)?;
        }
        write_date(text, &mut date, step.date, paint)?;
        columns.write_step(text, step, paint)?;
    }
    let (steps, failures) = (told.steps.len(), told.failures());
    let end = match failures {
        0 => paint.paint(Tone::Good, &format!("{steps} steps, all as expected")),
        1 => paint.paint(Tone::Bad, &format!("{steps} steps, 1 expectation failed")),
        _ => paint.paint(Tone::Bad, &format!("{steps} steps, {failures} expectations failed")),
    };
    writeln!(text, "\n{end}")
}

/// Writes a heading when a new date begins.
fn write_date(text: &mut String, last: &mut Option<civil::Date>, date: Option<civil::Date>, paint: Paint) -> std::fmt::Result {
    let Some(new) = date.filter(|_| date != *last) else { return Ok(()) };
    *last = date;
    writeln!(text, "\n{}", paint.paint(Tone::Heading, &new.strftime("%A %Y-%m-%d").to_string()))
}

fn width(text: &str) -> usize {
    text.chars().count()
}

impl Columns {
    fn of(told: &Told) -> Self {
        let mut columns = Self { clock: 0, device: 0, question: 0, verdict: 0, reason: 0 };
        for step in &told.steps {
            let [verdict, reason, _] = &step.answer_words;
            // One device needs no column.
            columns.device = if told.devices.len() > 1 { columns.device.max(width(&step.device)) } else { 0 };
            columns.widen([&step.clock, &step.question, verdict, reason]);
            for DueWords { clock, words: [about, event, _], .. } in &step.due_words {
                columns.widen([clock, about, DUE, event]);
            }
        }
        columns.question = columns.question.min(WIDEST_QUESTION);
        columns
    }

    fn widen(&mut self, [clock, question, verdict, reason]: [&str; 4]) {
        self.clock = self.clock.max(width(clock));
        self.question = self.question.max(width(question));
        self.verdict = self.verdict.max(width(verdict));
        self.reason = self.reason.max(width(reason));
    }

    fn write_step(&self, text: &mut String, step: &ToldStep, paint: Paint) -> std::fmt::Result {
        if let Some(say) = &step.say {
            writeln!(text, "{:1$}  {2}", "", self.clock, paint.paint(Tone::Aside, say))?;
        }
        let [verdict, reason, rest] = &step.answer_words;
        let tone = match (verdict.as_str(), step.answer.is_positive()) {
            ("violation", _) => Tone::Notable,
            (_, true) => Tone::Good,
            (_, false) => Tone::Bad,
        };
        self.write_line(text, [&step.clock, &step.device, &step.question, verdict, reason, rest], tone, paint)?;
        for difference in &step.differences {
            let line = format!("✗ {}: expected {}, got {}", difference.key, difference.expected, difference.actual);
            writeln!(text, "{:1$}  {2}", "", self.clock, paint.paint(Tone::Bad, &line))?;
        }
        Ok(())
    }

    fn write_line(
        &self,
        text: &mut String,
        [clock, device, question, verdict, reason, rest]: [&str; 6],
        tone: Tone,
        paint: Paint,
    ) -> std::fmt::Result {
        let pad = |text: &str, column: usize| " ".repeat(column.saturating_sub(width(text)));
        let mut line = format!("{clock}{}  ", pad(clock, self.clock));
        if self.device != 0 {
            write!(line, "{device}{}  ", pad(device, self.device))?;
        }
        write!(line, "{question}{}  ", pad(question, self.question))?;
        write!(line, "{}{}  ", paint.paint(tone, verdict), pad(verdict, self.verdict))?;
        write!(line, "{reason}{}  {rest}", pad(reason, self.reason))?;
        writeln!(text, "{}", line.trim_end())
    }
}
