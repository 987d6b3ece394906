//! One comparison per question. The platform's true values go in and never come out.

use jiff::tz::TimeZone;

use super::address::comparable;
use super::words::{DeviceFamily, NAME_MAX, folded, same_name};
use super::{ClueFinding, ClueKind, ClueReason, ClueResult, Known, KnownLogin, Recalled};
use crate::sensitive::Sensitive;
use crate::time::Timestamp;

/// Months of a year.
const YEAR: i32 = 12;

type Answer = (ClueResult, ClueReason);

const NOT_GIVEN: Answer = (ClueResult::Unknown, ClueReason::NotGiven);
const NOT_KNOWN: Answer = (ClueResult::Unknown, ClueReason::NotKnown);
const SAME: Answer = (ClueResult::Match, ClueReason::Same);
const DIFFERENT: Answer = (ClueResult::Miss, ClueReason::Different);

/// Compares every answer. `near_km` is the radius in which another city is near.
#[must_use]
pub fn compare(recalled: &Recalled, known: &Known, near_km: f64) -> Vec<ClueFinding> {
    let finding = |clue: ClueKind| {
        let (result, reason) = match clue {
            _ if !recalled.answers(clue) => NOT_GIVEN,
            ClueKind::Opened => opened(recalled.opened, known.registered_at),
            ClueKind::Cards => cards(recalled, known),
            ClueKind::Addresses => addresses(recalled, known),
            ClueKind::LastCity => city(recalled, known.last_login.as_ref(), near_km),
            ClueKind::LastDevice => device(recalled, known.last_login.as_ref()),
            ClueKind::Phones => phones(recalled, known),
        };
        ClueFinding {
            clue,
            result,
            reason,
        }
    };
    ClueKind::ALL.into_iter().map(finding).collect()
}

/// All of several answers right is a match, some are near, none is a miss.
fn several(answers: &[ClueResult]) -> Answer {
    let count = |wanted| answers.iter().filter(|answer| **answer == wanted).count();
    let right = count(ClueResult::Match);
    if right == answers.len() {
        SAME
    } else if right > 0 {
        (ClueResult::Near, ClueReason::Some)
    } else if count(ClueResult::Near) > 0 {
        (ClueResult::Near, ClueReason::PartOnly)
    } else {
        DIFFERENT
    }
}

/// Near is one month off, or the right year where no month was named. Months are those of UTC, and
/// a night on either side of one is what the month's margin is for.
fn opened(recalled: Option<(u16, Option<u8>)>, at: Timestamp) -> Answer {
    let Some((year, month)) = recalled else {
        return NOT_GIVEN;
    };
    let moment = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default();
    let known = moment.to_zoned_datetime(TimeZone::UTC);
    let known_year = i32::from(known.year());
    let Some(month) = month else {
        return if known_year == i32::from(year) {
            (ClueResult::Near, ClueReason::YearOnly)
        } else {
            DIFFERENT
        };
    };
    let known = known_year * YEAR + i32::from(known.month());
    match (i32::from(year) * YEAR + i32::from(month) - known).abs() {
        0 => SAME,
        1 => (ClueResult::Near, ClueReason::OneMonthOff),
        _ => DIFFERENT,
    }
}

fn cards(recalled: &Recalled, known: &Known) -> Answer {
    if known.cards.is_empty() {
        return NOT_KNOWN;
    }
    let rate = |(bank, last): &(Sensitive<String>, Sensitive<String>)| {
        let (bank, last) = (bank.reveal(), last.reveal());
        let parts = known.cards.iter().map(|(known_bank, known_last)| {
            let bank_fits =
                !folded(bank, NAME_MAX).is_empty() && same_name(bank, known_bank.reveal());
            let digits_fit = !last.is_empty() && known_last.reveal() == last;
            (
                bank_fits || folded(bank, NAME_MAX).is_empty(),
                bank_fits,
                digits_fit,
            )
        });
        let parts: Vec<(bool, bool, bool)> = parts.collect();
        if parts.iter().any(|(bank, _, digits)| *bank && *digits) {
            ClueResult::Match
        } else if parts.iter().any(|(_, bank, digits)| *bank || *digits) {
            ClueResult::Near
        } else {
            ClueResult::Miss
        }
    };
    several(&recalled.cards.iter().map(rate).collect::<Vec<_>>())
}

const fn right(is: bool) -> ClueResult {
    if is {
        ClueResult::Match
    } else {
        ClueResult::Miss
    }
}

fn addresses(recalled: &Recalled, known: &Known) -> Answer {
    if known.addresses.is_empty() {
        return NOT_KNOWN;
    }
    let known: Vec<Sensitive<String>> = known
        .addresses
        .iter()
        .map(|address| comparable(address.reveal()))
        .collect();
    let rate = |address: &Sensitive<String>| {
        let typed = comparable(address.reveal());
        right(known.iter().any(|known| known.reveal() == typed.reveal()))
    };
    several(&recalled.addresses.iter().map(rate).collect::<Vec<_>>())
}

fn city(recalled: &Recalled, login: Option<&KnownLogin>, near_km: f64) -> Answer {
    let Some(city) = &recalled.city else {
        return NOT_GIVEN;
    };
    let Some(login) = login.filter(|login| !login.cities.is_empty()) else {
        return NOT_KNOWN;
    };
    let typed = folded(city.reveal(), NAME_MAX);
    let names = login.cities.iter().map(Sensitive::reveal);
    let mut names = names.filter(|_| !login.other_country);
    if !typed.is_empty() && names.clone().any(|name| folded(name, NAME_MAX) == typed) {
        SAME
    } else if names.any(|name| same_name(name, city.reveal())) {
        (ClueResult::Match, ClueReason::OtherSpelling)
    } else if login.km_to_recalled.is_some_and(|km| km <= near_km) {
        (ClueResult::Near, ClueReason::Nearby)
    } else {
        DIFFERENT
    }
}

fn device(recalled: &Recalled, login: Option<&KnownLogin>) -> Answer {
    let Some(device) = &recalled.device else {
        return NOT_GIVEN;
    };
    let Some(known) = login.and_then(|login| login.device.as_ref()) else {
        return NOT_KNOWN;
    };
    if DeviceFamily::chosen(device) == DeviceFamily::of(known.reveal()) {
        SAME
    } else {
        DIFFERENT
    }
}

fn phones(recalled: &Recalled, known: &Known) -> Answer {
    if known.phones.is_empty() {
        return NOT_KNOWN;
    }
    let rate = |last: &Sensitive<String>| {
        let ends = |known: &Sensitive<String>| known.reveal().ends_with(last.reveal().as_str());
        right(!last.reveal().is_empty() && known.phones.iter().any(ends))
    };
    several(&recalled.phones.iter().map(rate).collect::<Vec<_>>())
}
