//! What the applicant recalls: checked for form on entry, compared blind, never told.

use std::net::IpAddr;

use platform::contract::{AccountStatus, Dossier, TierHint, ValueClass};
use recovery::card::holds_card_number;
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

/// Every text that somebody may have typed, with the name of its question.
fn typed(clues: &Clues) -> impl Iterator<Item = (&'static str, &str)> {
    fn of<'a>(
        field: &'static str,
        texts: impl IntoIterator<Item = &'a Sensitive<String>>,
    ) -> impl Iterator<Item = (&'static str, &'a str)> {
        let texts = texts.into_iter();
        texts.map(move |text| (field, text.reveal().as_str()))
    }
    let cards = clues.cards.iter().flat_map(|(bank, digits)| [bank, digits]);
    of("cards", cards)
        .chain(of("addresses", &clues.addresses))
        .chain(of("city", &clues.city))
        .chain(clues.country.as_deref().map(|text| ("country", text)))
        .chain(clues.device.as_deref().map(|text| ("device", text)))
        .chain(of("phones", &clues.phones))
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
    for (field, text) in typed(clues) {
        if holds_card_number(text) {
            let sentence = "Do not enter the whole card number".to_owned();
            return wrong(field, "card_number", sentence);
        }
        if text.chars().count() > ANSWER_MAX {
            let sentence = format!("Use {ANSWER_MAX} characters or fewer");
            return wrong(field, "too_long", sentence);
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
    // Part of an address, or one of a kind unknown here, may be kept: only a mistake is refused.
    let told = clues.addresses.iter();
    let mistake = told
        .filter_map(|text| parse(text.reveal()).err())
        .find(|error| error.is_typing_mistake());
    if let Some(mistake) = mistake {
        return wrong("addresses", mistake.code(), mistake.sentence().to_owned());
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
            other_country: false,
            device: last.device.clone(),
            km_to_recalled: None,
        };
        let ip: Option<IpAddr> = last.ip.reveal().parse().ok();
        let geo = self.geo().await?;
        // A country alone answers no question, and names take a reading of the whole database.
        let country = match recalled
            .country
            .as_ref()
            .filter(|_| recalled.city.is_some())
        {
            Some(typed) => self.country_named(typed).await?,
            None => None,
        };
        let seen = geo.as_ref().zip(ip).and_then(|(geo, ip)| geo.country(ip));
        known.other_country = is_elsewhere(country.as_deref(), last.country.as_deref(), seen);
        let place = geo.zip(ip).and_then(|(geo, ip)| geo.place(ip));
        if let (Some(place), Some(city)) = (place, &recalled.city) {
            let spot = place.spot();
            known
                .cities
                .extend(place.names.into_iter().map(Sensitive::new));
            let named = self.places_named(city.reveal(), country.as_deref()).await?;
            let named = named.unwrap_or_default();
            let away = named.iter().map(|one| distance_km(&one.spot(), &spot));
            known.km_to_recalled = away.min_by(f64::total_cmp);
        }
        Ok(Some(known))
    }
}

/// Whether a recalled country is certainly not that of a sign-in: neither as the platform says nor
/// as the database does. What is unknown is no reason.
fn is_elsewhere(recalled: Option<&str>, said: Option<&str>, seen: Option<String>) -> bool {
    let Some(recalled) = recalled else {
        return false;
    };
    let known: Vec<&str> = said.into_iter().chain(seen.as_deref()).collect();
    !known.is_empty() && !known.iter().any(|code| code.eq_ignore_ascii_case(recalled))
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
mod tests;
