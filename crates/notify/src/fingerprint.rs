//! What a message said, as a digest: a pasted message can be compared, nothing can be read back.

use recovery::id::ContentDigest;

use crate::render::Rendered;

/// The fingerprint of a message as it was sent, over its text part.
#[must_use]
pub fn fingerprint(message: &Rendered) -> ContentDigest {
    fingerprint_text(&message.text)
}

/// The fingerprint of a text as somebody pastes it.
///
/// Copying changes white space, case of nothing, quotation marks and reply marks; these are
/// ignored. Every letter, digit and sign of a link counts, so a changed address shows.
#[must_use]
pub fn fingerprint_text(text: &str) -> ContentDigest {
    let mut plain = String::with_capacity(text.len());
    for line in text.lines() {
        let line = line.trim_start_matches(|c: char| c == '>' || c.is_whitespace());
        plain.extend(line.chars().filter_map(kept));
    }
    ContentDigest::of(plain.as_bytes())
}

/// The character as it counts, or nothing if copying may add or lose it.
fn kept(c: char) -> Option<char> {
    match c {
        '\u{2018}' | '\u{2019}' => Some('\''),
        '\u{201C}' | '\u{201D}' => Some('"'),
        '\u{2010}'..='\u{2015}' => Some('-'),
        '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' => None,
        '*' => None,
        c if c.is_whitespace() || c.is_control() => None,
        other => Some(other),
    }
}
