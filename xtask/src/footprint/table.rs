//! Tables of a document: written, read again, and compared.

use std::collections::BTreeMap;

/// How near a number has to be to the committed one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tolerance {
    /// Not more than a hundredth above.
    Hundredth,
    /// Equal.
    Exact,
}

/// A table; its first `keys` columns name a row.
#[derive(Clone)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: Vec<&'static str>,
    pub(crate) keys: usize,
    pub(crate) tolerance: Tolerance,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(name: &'static str, keys: usize, tolerance: Tolerance, columns: &[&'static str]) -> Self {
        Self { name, columns: columns.to_vec(), keys, tolerance, rows: Vec::new() }
    }

    /// As Markdown.
    pub(crate) fn text(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let head: Vec<_> = self.columns.iter().map(|column| (*column).to_owned()).collect();
        let rule: Vec<_> = (0..head.len()).map(|index| if index < self.keys { "---".into() } else { "---:".into() }).collect();
        let rows: String = self.rows.iter().map(|row| line(row)).collect();
        format!("{}{}{rows}", line(&head), line(&rule))
    }

    fn marks(&self) -> (String, String) {
        (format!("<!-- {}: written by `cargo footprint` -->\n", self.name), format!("<!-- end of {} -->", self.name))
    }

    /// Where the table stands in `document`.
    fn range(&self, document: &str) -> Option<std::ops::Range<usize>> {
        let (from, to) = self.marks();
        let start = document.find(&from)? + from.len();
        let end = start + document.get(start..)?.find(&to)?;
        Some(start..end)
    }

    /// `document` with this table in the place of the one that is there.
    pub(crate) fn put_into(&self, document: &str) -> Result<String, String> {
        let range = self.range(document).ok_or_else(|| format!("docs/footprint.md has no place for the table `{}`", self.name))?;
        let mut document = document.to_owned();
        document.replace_range(range, &self.text());
        Ok(document)
    }

    /// What is worse than in `document`.
    pub(crate) fn compare(&self, document: &str) -> Vec<String> {
        self.compare_by(document, |now, then| is_as_good(now, then, self.tolerance))
    }

    /// What was met there and is not any more, or was not found there and is now.
    pub(crate) fn compare_words(&self, document: &str) -> Vec<String> {
        let is_good = |cell: &str| cell == "none" || cell.ends_with(" met");
        self.compare_by(document, |now, then| is_good(now) || !is_good(then))
    }

    fn compare_by(&self, document: &str, is_as_good: impl Fn(&str, &str) -> bool) -> Vec<String> {
        let Some(range) = self.range(document) else { return vec![format!("there is no table `{}`", self.name)] };
        let committed = document.get(range).unwrap_or_default();
        let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
        let rows = committed.lines().skip(2).map(cells).filter(|row| row.len() > self.keys);
        let rows: BTreeMap<_, _> = rows.map(|row| (row.iter().take(self.keys).cloned().collect::<Vec<_>>(), row)).collect();
        let mut worse = Vec::new();
        for row in &self.rows {
            let key: Vec<_> = row.iter().take(self.keys).cloned().collect();
            let Some(before) = rows.get(&key) else {
                worse.push(format!("{}: {} is not in the table", self.name, key.join(", ")));
                continue;
            };
            for ((column, now), then) in self.columns.iter().zip(row).zip(before).skip(self.keys) {
                if !is_as_good(now, then) {
                    worse.push(format!("{}: {}, {column}: {now}, the table says {then}", self.name, key.join(", ")));
                }
            }
        }
        worse
    }
}

fn is_as_good(now: &str, then: &str, tolerance: Tolerance) -> bool {
    match (number(now), number(then), tolerance) {
        (Some(now), Some(then), Tolerance::Hundredth) => now * 100 <= then * 101,
        _ => now == then,
    }
}

/// The number that a cell is.
fn number(cell: &str) -> Option<u64> {
    cell.replace(',', "").parse().ok()
}

/// A number as people write it.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
