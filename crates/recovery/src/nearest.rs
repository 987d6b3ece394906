//! What a misspelt word was meant to be.

/// Most letters that may be wrong, left out or too many.
const WRONG_MAX: usize = 2;

/// The known word that is closest to the typed one, if one is close: at most two letters wrong.
#[must_use]
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = known
        .into_iter()
        .map(|word| (distance(typed, word), word))
        .min_by_key(|(distance, _)| *distance);
    // Of a short word two wrong letters leave nothing.
    let allowed = WRONG_MAX.min(typed.chars().count() / 3);
    near.filter(|(distance, _)| *distance <= allowed)
        .map(|(_, word)| word)
}

/// Levenshtein's distance: single letters changed, left out or added.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut left = line + 1;
        let mut next = vec![left];
        for (above, letter_above) in row.windows(2).zip(other.chars()) {
            let &[corner, above] = above else { continue };
            let changed = corner + usize::from(letter != letter_above);
            left = changed.min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_changes() {
        for (one, other, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("listen", "listen", 0),
            ("lsten", "listen", 1),
            ("kitten", "sitting", 3),
            ("reset_url", "rest_ulr", 3),
        ] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
            assert_eq!(distance(other, one), expected, "{other} {one}");
        }
    }

    #[test]
    fn suggests_only_what_is_close() {
        let known = ["listen", "origin", "url", "trusted_proxies"];
        assert_eq!(nearest("lsten", known), Some("listen"));
        assert_eq!(nearest("trusted_proxy", known), None);
        assert_eq!(nearest("trusted_proxis", known), Some("trusted_proxies"));
        assert_eq!(nearest("uri", known), Some("url"));
        assert_eq!(nearest("ab", known), None);
        assert_eq!(nearest("banana", known), None);
    }
}
