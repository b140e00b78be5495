//! Guessing which name was meant.

/// The known name that `written` most likely stands for, if one is close.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = written.to_lowercase();
    let distance = |name: &str| strsim::damerau_levenshtein(&written, &name.to_lowercase());
    let best = known.into_iter().map(|name| (distance(name), name)).min_by_key(|(distance, _)| *distance)?;
    let (distance, name) = best;
    (distance <= name.len().div_ceil(3)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        let known = ["open", "close", "opens_from"];
        assert_eq!(nearest("opne", known), Some("open"));
        assert_eq!(nearest("Close", known), Some("close"));
        assert_eq!(nearest("suspend", known), None);
        assert_eq!(nearest("x", []), None);
    }
}
