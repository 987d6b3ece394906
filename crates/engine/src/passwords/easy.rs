//! What can be guessed early: common words, keyboard walks, runs, repeats, and what is known of
//! who chose it.

use zxcvbn::{Score, zxcvbn};

/// Characters that are weighed: the estimate takes time that grows fast with the length (20 ms at
/// this one, over a second at 100), and what begins so well ends no worse.
const WEIGHED_MAX: usize = 32;
/// Fewest guesses: 10^10, which zxcvbn calls safe from tries against a slow hash. Fifteen random
/// digits and three rare words have more.
const FEWEST: Score = Score::Four;
/// Shorter words are found in good passwords by chance.
const WORD_MIN: usize = 4;

/// Whether a password would be tried early by somebody who knows these words.
pub(crate) fn is_easy(password: &str, known: &[&str]) -> bool {
    let weak = |text: String| zxcvbn(&text, known).score() < FEWEST;
    let bare = password.chars().filter(|c| !is_separator(*c));
    // A word that is repeated with spaces between is no better than without.
    weak(password.chars().take(WEIGHED_MAX).collect()) || weak(bare.take(WEIGHED_MAX).collect())
}

const fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '\t' | '.' | ',' | '-' | '_' | '/')
}

/// Whether a password holds a word of four letters and digits or more, whatever its capitals and
/// what stands between.
pub(crate) fn holds(password: &str, word: &str) -> bool {
    let word = plain(word);
    word.chars().count() >= WORD_MIN && plain(password).contains(&word)
}

fn plain(text: &str) -> String {
    let text = text.to_lowercase();
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}
