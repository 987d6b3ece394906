//! Whole bank card numbers, which nobody may type anywhere: they are refused, never stored.

/// Digits of a card number (ISO/IEC 7812-1).
const DIGITS: std::ops::RangeInclusive<usize> = 13..=19;

/// Whether a text is a whole card number: 13 to 19 digits, with spaces or dashes, whose Luhn sum
/// fits (ISO/IEC 7812-1 annex B).
#[must_use]
pub fn is_card_number(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_digit() || c == ' ' || c == '-';
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    text.chars().all(plain) && is_number(&digits)
}

/// Whether a text has a whole card number anywhere in it, whatever signs stand between its
/// digits: for fields into which nobody types that many digits for another reason. Digits beside
/// a letter are part of something else, such as an address on a chain.
#[must_use]
pub fn holds_card_number(text: &str) -> bool {
    let letter = |c: char| c.is_alphanumeric() && !c.is_ascii_digit();
    let mut groups: Vec<Vec<u32>> = Vec::new();
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        if word.contains(letter) {
            // A name between two groups parts them.
            groups.push(Vec::new());
        } else if !word.is_empty() {
            groups.push(word.chars().filter_map(|c| c.to_digit(10)).collect());
        }
    }
    // Other digits may stand before or after the number: every row of whole groups is tried.
    (0..groups.len()).any(|first| {
        let mut row: Vec<u32> = Vec::new();
        let rest = groups.iter().skip(first);
        for group in rest.take_while(|group| !group.is_empty()) {
            row.extend(group);
            if row.len() > *DIGITS.end() {
                return false;
            }
            if is_number(&row) {
                return true;
            }
        }
        false
    })
}

/// As many digits as a card number has, with a sum that fits.
fn is_number(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => *digit,
            (_, double) if double > 9 => double - 9,
            (_, double) => double,
        })
        .sum();
    DIGITS.contains(&digits.len()) && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_card_numbers_are_known_by_their_sum() {
        // Numbers that payment networks publish for tests.
        for number in [
            "4111 1111 1111 1111",
            "5555-5555-5555-4444",
            "378282246310005",
        ] {
            assert!(is_card_number(number), "{number}");
        }
        for other in [
            "4111111111111112",
            "1234",
            "ann@example.com",
            "12345678901234567890",
        ] {
            assert!(!is_card_number(other), "{other}");
        }
    }

    #[test]
    fn numbers_are_found_among_other_words_and_signs() {
        for text in [
            "4111 1111 1111 1111",
            "my Visa: 4111.1111.1111.1111",
            "4111\n1111\n1111\n1111",
            "1111 4111\u{2013}1111\u{2013}1111\u{2013}1111 12/29",
            "(378282246310005)",
        ] {
            assert!(holds_card_number(text), "{text}");
        }
        for text in [
            "",
            "4111 1111 1111 1112",
            "4111 1111 and 1111 1111",
            "0x4111111111111111aAeb6053F3E94C9b9A09f334",
            "bc1q4111111111111111",
            "12345678901234567890",
            "1234 5678",
            "Lisbon 1100-148",
        ] {
            assert!(!holds_card_number(text), "{text}");
        }
    }
}
