//! Values on a page by their shape: amounts, dates, addresses, hexadecimal ids.

use jiff::civil::Date;

/// Currencies that are told by three to five letters.
const CURRENCIES: [&str; 26] = [
    "ADA", "AUD", "BNB", "BTC", "CAD", "CHF", "CNY", "DAI", "DOGE", "DOT", "ETH", "EUR", "GBP",
    "HKD", "JPY", "LTC", "PLN", "SEK", "SGD", "SOL", "TRX", "UAH", "USD", "USDC", "USDT", "XRP",
];
/// Signs of currencies.
const SIGNS: [(char, &str); 4] = [('$', "USD"), ('€', "EUR"), ('£', "GBP"), ('¥', "JPY")];
/// Months in English, by their first three letters.
const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// An address as it is compared: lower case, and one symbol for all that a reader takes for one
/// another, as in the skeletons of Unicode's UTS 39. Among 26 symbols and more one misread is the
/// rule, and what the classes leave of them still tells addresses apart: 4.3 bits of each symbol
/// of Base58 and bech32, so 110 bits of the shortest.
#[must_use]
pub fn normalised_address(text: &str) -> String {
    let class = |c: char| match c.to_ascii_lowercase() {
        'o' => '0',
        'l' | 'i' | 'j' => '1',
        'z' => '2',
        's' => '5',
        'b' | '8' | 'g' | '9' | 'q' => '6',
        'v' => 'u',
        other => other,
    };
    text.trim().chars().map(class).collect()
}

/// An amount as it is compared: the number without noughts at its end, a space, the currency:
/// `0.5 BTC`. Nothing if the first text holds no number.
#[must_use]
pub fn normalised_amount(number: &str, currency: &str) -> Option<String> {
    let currency = currency.trim().to_ascii_uppercase();
    Some(format!("{} {currency}", plain_number(number)?))
}

/// Lower case, with letters that no hexadecimal number has as the digits for which they are taken.
pub(super) fn hexadecimal(word: &str) -> String {
    let level = |c: char| match c.to_ascii_lowercase() {
        'o' => '0',
        'l' | 'i' => '1',
        's' => '5',
        'z' => '2',
        other => other,
    };
    let mut text: String = word.chars().map(level).collect();
    if text.starts_with("ox") {
        text.replace_range(..1, "0");
    }
    text
}

/// `0.5 BTC` from a number with its currency before or after it, or with a sign.
pub(super) fn amount(before: Option<&str>, word: &str, after: Option<&str>) -> Option<String> {
    let sign = SIGNS
        .iter()
        .find(|(sign, _)| word.contains(*sign))
        .map(|(_, name)| *name);
    let named = |word: Option<&str>| {
        let letters = word?.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        CURRENCIES
            .into_iter()
            .find(|name| letters.eq_ignore_ascii_case(name))
    };
    let glued = word.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
    let currency = sign
        .or_else(|| named(after))
        .or_else(|| named(before))
        .or(named(Some(glued)))?;
    let digits: String = word
        .chars()
        .filter(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
        .collect();
    normalised_amount(digits.trim_matches(['.', ',']), currency)
}

/// A number with a point and without noughts at its end. The last of points and commas parts off
/// the fraction, unless it parts thousands: three digits after it and another before it, or a
/// comma with three digits.
fn plain_number(text: &str) -> Option<String> {
    if !text.bytes().any(|c| c.is_ascii_digit()) {
        return None;
    }
    let last = text.rfind(['.', ',']);
    let (whole, fraction) = match last {
        Some(place) => {
            let (whole, fraction) = (text.get(..place)?, text.get(place + 1..)?);
            let comma = text.get(place..=place) == Some(",");
            let thousands = fraction.len() == 3 && (comma || whole.contains('.'));
            if thousands {
                (text, "")
            } else {
                (whole, fraction)
            }
        }
        None => (text, ""),
    };
    let digits = |text: &str| {
        text.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    let (whole, fraction) = (digits(whole), digits(fraction));
    let (whole, fraction) = (
        whole.trim_start_matches('0'),
        fraction.trim_end_matches('0'),
    );
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(if fraction.is_empty() {
        whole.to_owned()
    } else {
        format!("{whole}.{fraction}")
    })
}

/// The dates that the first words can be: both where day and month may be either way round.
pub(super) fn dates(words: &[&str]) -> Vec<Date> {
    let clean = |word: &str| {
        word.trim_matches(|c: char| !c.is_ascii_alphanumeric())
            .to_lowercase()
    };
    let of = |year: i16, month: i8, day: i8| {
        Date::new(year, month, day)
            .ok()
            .filter(|date| (2000..2200).contains(&date.year()))
    };
    let first = words.first().copied().map(clean).unwrap_or_default();
    let parts: Vec<&str> = first.split(['-', '/', '.']).collect();
    let number = |text: &str| text.parse::<i16>().ok();
    let small = |text: &str| text.parse::<i8>().ok();
    if let [a, b, c] = parts.as_slice() {
        // A time may follow at once: 2024-03-05T10:00.
        let c = c.get(..c.find('t').unwrap_or(c.len())).unwrap_or(c);
        if let (4, Some(year), Some(month), Some(day)) = (a.len(), number(a), small(b), small(c)) {
            return of(year, month, day).into_iter().collect();
        }
        if let (4, Some(year), Some(a), Some(b)) = (c.len(), number(c), small(a), small(b)) {
            let both = [of(year, b, a), of(year, a, b)];
            let mut found: Vec<Date> = both.into_iter().flatten().collect();
            found.dedup();
            return found;
        }
        return Vec::new();
    }
    let second = words.get(1).copied().map(clean).unwrap_or_default();
    let third = words.get(2).copied().map(clean).unwrap_or_default();
    let month = |word: &str| {
        let place = MONTHS.iter().position(|month| word.starts_with(month))?;
        i8::try_from(place + 1).ok()
    };
    let day = |word: &str| small(word.trim_end_matches(|c: char| c.is_ascii_alphabetic()));
    let day_first = || of(number(&third)?, month(&second)?, day(&first)?);
    let month_first = || of(number(&third)?, month(&first)?, day(&second)?);
    day_first().or_else(month_first).into_iter().collect()
}
