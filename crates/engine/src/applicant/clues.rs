//! What the applicant recalls: checked for form on entry, compared blind, never told.

use platform::contract::Dossier;
use recovery::card::is_card_number;
use recovery::clues::address::{comparable, parse};
use recovery::sensitive::Sensitive;
use serde::{Deserialize, Serialize};

use crate::error::{EngineError, Result};
use crate::inputs::Clues;
use crate::views::{ClueResult, ClueRow};

/// Answers of one kind at most (UX.md P11).
const CARDS_MAX: usize = 3;
const ADDRESSES_MAX: usize = 5;
const PHONES_MAX: usize = 2;
/// Characters of one answer.
const ANSWER_MAX: usize = 200;
/// The latest year anybody could type; whether it is past is not worth a refusal.
const YEAR_MAX: u16 = 2100;

/// Said of an address before anything is compared (UX.md P11): it tells nothing of the account.
const ADDRESS_MISTAKE: &str =
    "That address has a typing mistake, the check at its end does not fit";

/// The answers as they are sealed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct ClueRecord {
    opened: Option<(u16, Option<u8>)>,
    cards: Vec<(Sensitive<String>, Sensitive<String>)>,
    addresses: Vec<Sensitive<String>>,
    city: Option<Sensitive<String>>,
    country: Option<String>,
    device: Option<String>,
    phones: Vec<Sensitive<String>>,
}

fn wrong<T>(field: &'static str, code: &'static str, sentence: String) -> Result<T> {
    Err(EngineError::Input {
        field,
        code,
        sentence,
    })
}

fn four_digits(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit())
}

impl ClueRecord {
    /// Checks the form of every answer.
    pub(crate) fn check(clues: &Clues, first_year: u16) -> Result<Self> {
        if let Some(year) = clues.opened_year
            && (year < first_year || year > YEAR_MAX)
        {
            let sentence = format!("The year must be between {first_year} and this year");
            return wrong("opened_year", "year", sentence);
        }
        if clues
            .opened_month
            .is_some_and(|month| month == 0 || month > 12)
        {
            return wrong("opened_month", "month", "Choose a month".to_owned());
        }
        let texts = clues
            .addresses
            .iter()
            .chain(&clues.city)
            .chain(&clues.phones);
        let banks = clues.cards.iter().flat_map(|(bank, digits)| [bank, digits]);
        for text in texts.chain(banks) {
            if is_card_number(text.reveal()) {
                let sentence = "Do not enter the whole card number".to_owned();
                return wrong("cards", "card_number", sentence);
            }
            if text.reveal().chars().count() > ANSWER_MAX {
                let sentence = format!("Use {ANSWER_MAX} characters or fewer");
                return wrong("clues", "too_long", sentence);
            }
        }
        if clues
            .cards
            .iter()
            .any(|(_, last)| !last.reveal().is_empty() && !four_digits(last.reveal()))
        {
            return wrong("cards", "four_digits", "Enter 4 digits only".to_owned());
        }
        if clues
            .phones
            .iter()
            .any(|phone| !four_digits(phone.reveal()))
        {
            return wrong("phones", "four_digits", "Enter 4 digits".to_owned());
        }
        // Part of an address, or one of a kind unknown here, is kept: only a mistake is told.
        let mistyped = |text: &Sensitive<String>| {
            parse(text.reveal()).is_err_and(|error| error.is_typing_mistake())
        };
        if clues.addresses.iter().any(mistyped) {
            return wrong("addresses", "address_check", ADDRESS_MISTAKE.to_owned());
        }
        Ok(Self {
            opened: clues.opened_year.map(|year| (year, clues.opened_month)),
            cards: clues.cards.iter().take(CARDS_MAX).cloned().collect(),
            addresses: clues
                .addresses
                .iter()
                .take(ADDRESSES_MAX)
                .cloned()
                .collect(),
            city: clues.city.clone(),
            country: clues.country.clone(),
            device: clues.device.clone(),
            phones: clues.phones.iter().take(PHONES_MAX).cloned().collect(),
        })
    }

    /// Which questions were answered; the names may stand in an event, the answers may not.
    pub(crate) fn answered(&self) -> Vec<String> {
        let given = [
            ("opened", self.opened.is_some()),
            ("cards", !self.cards.is_empty()),
            ("addresses", !self.addresses.is_empty()),
            ("last_login", self.city.is_some() || self.device.is_some()),
            ("phones", !self.phones.is_empty()),
        ];
        given
            .iter()
            .filter(|(_, there)| *there)
            .map(|(name, _)| (*name).to_owned())
            .collect()
    }
}

fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn rate(given: usize, matched: usize) -> ClueResult {
    match (given, matched) {
        (0, _) => ClueResult::None,
        (given, matched) if given == matched => ClueResult::Match,
        (_, 0) => ClueResult::Miss,
        _ => ClueResult::Near,
    }
}

/// Compares blind: only results leave this function.
pub(crate) fn compare(record: &ClueRecord, dossier: &Dossier) -> Vec<ClueRow> {
    let cards = record.cards.iter().filter(|(bank, last)| {
        dossier.cards.iter().any(|known| {
            let bank_fits =
                bank.reveal().is_empty() || plain(known.bank.reveal()) == plain(bank.reveal());
            let digits_fit = last.reveal().is_empty() || known.last_four.reveal() == last.reveal();
            bank_fits && digits_fit
        })
    });
    let known: Vec<Sensitive<String>> = dossier
        .addresses
        .iter()
        .map(|known| comparable(known.address.reveal()))
        .collect();
    let addresses = record.addresses.iter().filter(|address| {
        let address = comparable(address.reveal());
        known.iter().any(|known| known.reveal() == address.reveal())
    });
    let phones = record.phones.iter().filter(|phone| {
        dossier
            .phones
            .iter()
            .any(|known| known.reveal().ends_with(phone.reveal().as_str()))
    });
    let row = |clue, result| ClueRow { clue, result };
    vec![
        row("opened", opened(record, dossier)),
        row("cards", rate(record.cards.len(), cards.count())),
        row("addresses", rate(record.addresses.len(), addresses.count())),
        row("last_login", last_login(record, dossier)),
        row("phones", rate(record.phones.len(), phones.count())),
    ]
}

/// Near is one month off, or the right year where no month was named.
fn opened(record: &ClueRecord, dossier: &Dossier) -> ClueResult {
    let Some((year, month)) = record.opened else {
        return ClueResult::None;
    };
    let at = jiff::Timestamp::from_millisecond(dossier.registered_at.millis()).unwrap_or_default();
    let at = at.to_zoned_datetime(jiff::tz::TimeZone::UTC);
    let known = i32::from(at.year()) * 12 + i32::from(at.month());
    let Some(month) = month else {
        let same = i32::from(at.year()) == i32::from(year);
        return if same {
            ClueResult::Near
        } else {
            ClueResult::Miss
        };
    };
    match (i32::from(year) * 12 + i32::from(month) - known).abs() {
        0 => ClueResult::Match,
        1 => ClueResult::Near,
        _ => ClueResult::Miss,
    }
}

fn last_login(record: &ClueRecord, dossier: &Dossier) -> ClueResult {
    let Some(last) = dossier.logins.iter().max_by_key(|login| login.at) else {
        return ClueResult::None;
    };
    let city = record.city.as_ref().map(|city| {
        last.city
            .as_ref()
            .is_some_and(|known| plain(known.reveal()) == plain(city.reveal()))
    });
    let device = record.device.as_ref().map(|device| {
        last.device
            .as_ref()
            .is_some_and(|known| plain(known.reveal()).contains(&plain(device)))
    });
    let answers: Vec<bool> = [city, device].into_iter().flatten().collect();
    rate(answers.len(), answers.iter().filter(|fits| **fits).count())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    /// Published examples of BIP-173 and ERC-55.
    const BITCOIN: &str = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
    const ETHEREUM: &str = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";

    fn recalled(addresses: &[&str]) -> Result<ClueRecord> {
        let addresses = addresses.iter().map(|text| Sensitive::new((*text).into()));
        let clues = Clues {
            addresses: addresses.collect(),
            ..Clues::default()
        };
        ClueRecord::check(&clues, 2017)
    }

    fn knows(addresses: &[&str]) -> Dossier {
        let known = |text: &&str| serde_json::json!({ "chain": "any", "address": text });
        serde_json::from_value(serde_json::json!({
            "account": "acc_1",
            "status": "ordinary",
            "value": "small",
            "registered_at": 0,
            "cards": [],
            "addresses": addresses.iter().map(known).collect::<Vec<_>>(),
            "logins": [],
            "phones": [],
            "channels": [],
        }))
        .unwrap()
    }

    fn result(typed: &[&str], known: &[&str]) -> ClueResult {
        let rows = compare(&recalled(typed).unwrap(), &knows(known));
        rows.iter()
            .find(|row| row.clue == "addresses")
            .unwrap()
            .result
    }

    #[test]
    fn an_address_with_a_typing_mistake_is_told() {
        for text in [
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",
            "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6T",
        ] {
            let EngineError::Input {
                field,
                code,
                sentence,
            } = recalled(&[BITCOIN, text]).unwrap_err()
            else {
                unreachable!("another error");
            };
            assert_eq!((field, code), ("addresses", "address_check"));
            assert_eq!(sentence, ADDRESS_MISTAKE);
            assert!(!sentence.contains(text));
        }
    }

    #[test]
    fn unknown_kinds_and_parts_of_addresses_are_kept() {
        for text in [
            "0x5aAeb6",
            "rEb8TK3gBgk5auZkwc6sHnwrGVJH8DuaLh",
            "my old one",
        ] {
            let record = recalled(&[text]).unwrap();
            assert_eq!(record.addresses[0].reveal(), text);
        }
    }

    #[test]
    fn addresses_match_in_whichever_way_they_are_written() {
        let upper = BITCOIN.to_uppercase();
        let lower = ETHEREUM.to_lowercase();
        let link = format!("bitcoin:{BITCOIN}?amount=1");
        let both: &[&str] = &[BITCOIN, ETHEREUM];
        assert_eq!(result(&[&upper, &lower], both), ClueResult::Match);
        assert_eq!(result(&[&link], &[&upper]), ClueResult::Match);
        assert_eq!(result(&[ETHEREUM], &[&lower[2..]]), ClueResult::Match);
        assert_eq!(result(&[BITCOIN, ETHEREUM], &[&lower]), ClueResult::Near);
        assert_eq!(result(&[BITCOIN], &[ETHEREUM]), ClueResult::Miss);
        assert_eq!(result(&["rEb8"], &[" rEb8\u{200b}"]), ClueResult::Match);
        // Where case means something, it tells two apart.
        assert_eq!(result(&["rEb8"], &["reb8"]), ClueResult::Miss);
        assert_eq!(result(&[], both), ClueResult::None);
    }
}
