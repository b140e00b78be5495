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

    /// What is not as `document` has it, as far as the tolerance goes: of exact numbers, a better one neither.
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that fails has to say so")]

    use super::*;

    fn table(tolerance: Tolerance, rows: &[[&str; 2]]) -> Table {
        let mut table = Table::new("limits", 1, tolerance, &["to reach", "Cortex-M4"]);
        table.rows = rows.iter().map(|row| row.map(String::from).to_vec()).collect();
        table
    }

    fn document(rows: &[[&str; 2]]) -> String {
        let table = table(Tolerance::Exact, rows);
        let (from, to) = table.marks();
        table.put_into(&format!("before\n{from}{to}\nafter\n")).unwrap()
    }

    #[test]
    fn only_what_was_met_and_is_missed_now_is_worse() {
        let cases = [
            ("as before", "3 met", "3 met", true),
            ("met still, with another number", "3 met", "5 met", true),
            ("met and missed now", "3 met", "9 **missed**", false),
            ("met and not measured now", "3 met", "not measured", false),
            ("missed as before", "9 **missed**", "10 **missed**", true),
            ("missed and met now", "9 **missed**", "3 met", true),
            ("never measured", "not measured", "9 **missed**", true),
            ("still none", "none", "none", true),
            ("a panic has come", "none", "`panic_fmt`", false),
        ];
        for (name, then, now, expected) in cases {
            let worse = table(Tolerance::Exact, &[["stack", now]]).compare_words(&document(&[["stack", then]]));
            assert_eq!(worse.is_empty(), expected, "{name}: {worse:?}");
        }
    }

    #[test]
    fn sizes_may_grow_by_a_hundredth_and_counts_not_at_all() {
        let cases = [
            ("as before", "10,000", Tolerance::Hundredth, true),
            ("a hundredth more", "10,100", Tolerance::Hundredth, true),
            ("more than that", "10,101", Tolerance::Hundredth, false),
            ("less", "9,000", Tolerance::Hundredth, true),
            ("another count", "9,999", Tolerance::Exact, false),
        ];
        for (name, now, tolerance, expected) in cases {
            let worse = table(tolerance, &[["user check", now]]).compare(&document(&[["user check", "10,000"]]));
            assert_eq!(worse.is_empty(), expected, "{name}: {worse:?}");
        }
    }

    #[test]
    fn a_check_may_leave_rows_out_and_may_not_add_any() {
        let document = document(&[["checks", "1"], ["signed", "2"]]);
        assert!(table(Tolerance::Exact, &[["checks", "1"]]).compare(&document).is_empty());
        assert!(!table(Tolerance::Exact, &[["everything", "1"]]).compare(&document).is_empty());
    }
}
