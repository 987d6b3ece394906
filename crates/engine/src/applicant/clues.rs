//! What the applicant recalls: checked for form on entry, compared blind, never told.

use std::net::IpAddr;

use platform::contract::{AccountStatus, Dossier, TierHint, ValueClass};
use recovery::card::is_card_number;
use recovery::clues::address::parse;
use recovery::clues::{ClueFinding, ClueKind, Known, KnownLogin, Recalled, compare};
use recovery::risk::{Caution, Grounds, Stake, Standing};
use recovery::sensitive::Sensitive;
use recovery::signals::distance_km;

use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::inputs::Clues;

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

/// Checks the form of every answer.
pub(crate) fn recalled(clues: &Clues, first_year: u16) -> Result<Recalled> {
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
    Ok(Recalled {
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
pub(crate) fn answered(recalled: &Recalled) -> Vec<String> {
    let given = ClueKind::ALL
        .into_iter()
        .filter(|clue| recalled.answers(*clue));
    given.map(|clue| clue.name().to_owned()).collect()
}

/// Compares blind: only results leave this function.
pub(crate) fn compare_clues(
    recalled: &Recalled,
    dossier: &Dossier,
    last_login: Option<KnownLogin>,
    near_km: f64,
) -> Vec<ClueFinding> {
    let cards = dossier.cards.iter();
    let known = Known {
        registered_at: dossier.registered_at,
        cards: cards
            .map(|card| (card.bank.clone(), card.last_four.clone()))
            .collect(),
        addresses: dossier
            .addresses
            .iter()
            .map(|known| known.address.clone())
            .collect(),
        last_login,
        phones: dossier.phones.clone(),
    };
    compare(recalled, &known, near_km)
}

impl Engine {
    /// The last sign-in, with the names that the database of places has for its city, and how far
    /// from it the recalled city lies.
    pub(crate) async fn last_login(
        &self,
        dossier: &Dossier,
        recalled: &Recalled,
    ) -> Result<Option<KnownLogin>> {
        let Some(last) = dossier.logins.iter().max_by_key(|login| login.at) else {
            return Ok(None);
        };
        let mut known = KnownLogin {
            cities: last.city.iter().cloned().collect(),
            device: last.device.clone(),
            km_to_recalled: None,
        };
        let ip: Option<IpAddr> = last.ip.reveal().parse().ok();
        let geo = self.geo().await?;
        let place = geo.zip(ip).and_then(|(geo, ip)| geo.place(ip));
        if let (Some(place), Some(city)) = (place, &recalled.city) {
            let spot = place.spot();
            known
                .cities
                .extend(place.names.into_iter().map(Sensitive::new));
            let named = self.places_named(city.reveal(), None).await?;
            let named = named.unwrap_or_default();
            let away = named.iter().map(|one| distance_km(&one.spot(), &spot));
            known.km_to_recalled = away.min_by(f64::total_cmp);
        }
        Ok(Some(known))
    }
}

/// The grounds of an assessment; clues and signals are added by who knows them.
pub(crate) fn grounds_of(dossier: Option<&Dossier>) -> Grounds {
    let Some(dossier) = dossier else {
        return Grounds::unknown();
    };
    let stake = match dossier.value {
        ValueClass::Small => Stake::Small,
        ValueClass::Medium => Stake::Medium,
        ValueClass::Large => Stake::Large,
    };
    let caution = match dossier.tier_hint {
        Some(TierHint::Low) | None => Caution::Low,
        Some(TierHint::Medium) => Caution::Medium,
        Some(TierHint::High) => Caution::High,
    };
    let standing = match dossier.status {
        AccountStatus::Ordinary => Standing::Ordinary,
        AccountStatus::Restricted => Standing::Restricted,
        AccountStatus::Archived => Standing::Archived,
        AccountStatus::NoKyc => Standing::Unverified,
        AccountStatus::Closed => Standing::Closed,
    };
    Grounds {
        caution,
        standing,
        ..Grounds::of_stake(stake)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use recovery::clues::ClueResult;

    use super::*;

    /// Published examples of BIP-173 and ERC-55.
    const BITCOIN: &str = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
    const ETHEREUM: &str = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";

    fn typed(addresses: &[&str]) -> Result<Recalled> {
        let addresses = addresses.iter().map(|text| Sensitive::new((*text).into()));
        let clues = Clues {
            addresses: addresses.collect(),
            ..Clues::default()
        };
        recalled(&clues, 2017)
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

    fn result(answers: &[&str], known: &[&str]) -> ClueResult {
        let findings = compare_clues(&typed(answers).unwrap(), &knows(known), None, 50.0);
        let found = findings
            .iter()
            .find(|finding| finding.clue == ClueKind::Addresses);
        found.unwrap().result
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
            } = typed(&[BITCOIN, text]).unwrap_err()
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
            let record = typed(&[text]).unwrap();
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
        assert_eq!(result(&[], both), ClueResult::Unknown);
        assert_eq!(result(&["rEb8"], &[]), ClueResult::Unknown);
    }
}
