//! Whole bank card numbers, which nobody may type anywhere: they are refused, never stored.

/// Digits of a card number (ISO/IEC 7812-1).
const DIGITS: std::ops::RangeInclusive<usize> = 13..=19;

/// Whether a text is a whole card number: 13 to 19 digits, with spaces or dashes, whose Luhn sum
/// fits (ISO/IEC 7812-1 annex B).
#[must_use]
pub fn is_card_number(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_digit() || c == ' ' || c == '-';
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
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
    text.chars().all(plain) && DIGITS.contains(&digits.len()) && sum.is_multiple_of(10)
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
}
