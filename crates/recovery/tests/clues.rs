//! Clues: each comparison, and that no true value comes out of one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use proptest::prelude::*;
use recovery::clues::{
    ClueFinding, ClueKind, ClueReason, ClueResult, Known, KnownLogin, Recalled, compare,
};
use recovery::sensitive::Sensitive;
use recovery::time::Timestamp;

/// 2019-03-31T23:30:00Z.
const OPENED: i64 = 1_554_075_000_000;
const BITCOIN: &str = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
const ETHEREUM: &str = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";

fn secret(text: &str) -> Sensitive<String> {
    Sensitive::new(text.to_owned())
}

fn pair(bank: &str, last: &str) -> (Sensitive<String>, Sensitive<String>) {
    (secret(bank), secret(last))
}

fn known() -> Known {
    Known {
        registered_at: Timestamp::from_millis(OPENED),
        cards: vec![pair("Banco do Tejo", "4321"), pair("Nordbank", "9876")],
        addresses: vec![secret(BITCOIN), secret(ETHEREUM)],
        last_login: Some(KnownLogin {
            cities: vec![secret("Lisbon"), secret("Lisboa"), secret("リスボン")],
            other_country: false,
            device: Some(secret("Chrome on Windows 11")),
            km_to_recalled: None,
        }),
        phones: vec![secret("1234")],
    }
}

fn result(recalled: &Recalled, known: &Known, clue: ClueKind) -> (ClueResult, ClueReason) {
    let findings = compare(recalled, known, 50.0);
    let found = findings
        .iter()
        .find(|finding| finding.clue == clue)
        .unwrap();
    (found.result, found.reason)
}

#[test]
fn the_month_is_matched_near_and_missed() {
    let said = |opened| {
        let recalled = Recalled {
            opened: Some(opened),
            ..Recalled::default()
        };
        result(&recalled, &known(), ClueKind::Opened)
    };
    use ClueReason as Why;
    assert_eq!(said((2019, Some(3))), (ClueResult::Match, Why::Same));
    assert_eq!(said((2019, Some(4))), (ClueResult::Near, Why::OneMonthOff));
    assert_eq!(said((2019, None)), (ClueResult::Near, Why::YearOnly));
    assert_eq!(said((2019, Some(6))), (ClueResult::Miss, Why::Different));
    assert_eq!(said((2018, None)), (ClueResult::Miss, Why::Different));
    // The turn of a year is one month like another.
    let mut january = known();
    january.registered_at = Timestamp::from_millis(1_546_350_000_000);
    let recalled = Recalled {
        opened: Some((2018, Some(12))),
        ..Recalled::default()
    };
    assert_eq!(
        result(&recalled, &january, ClueKind::Opened),
        (ClueResult::Near, Why::OneMonthOff)
    );
}

#[test]
fn cards_are_compared_by_bank_and_digits() {
    let said = |cards: &[(&str, &str)]| {
        let recalled = Recalled {
            cards: cards.iter().map(|(bank, last)| pair(bank, last)).collect(),
            ..Recalled::default()
        };
        result(&recalled, &known(), ClueKind::Cards)
    };
    use ClueReason as Why;
    assert_eq!(
        said(&[("banco do tejo", "4321")]),
        (ClueResult::Match, Why::Same)
    );
    assert_eq!(said(&[("", "9876")]), (ClueResult::Match, Why::Same));
    assert_eq!(
        said(&[("Nordbanc", "9876")]),
        (ClueResult::Match, Why::Same)
    );
    assert_eq!(said(&[("Nordbank", "")]), (ClueResult::Near, Why::PartOnly));
    assert_eq!(
        said(&[("Nordbank", "4321")]),
        (ClueResult::Near, Why::PartOnly)
    );
    let two = [("Nordbank", "9876"), ("Sparkasse", "1111")];
    assert_eq!(said(&two), (ClueResult::Near, Why::Some));
    assert_eq!(
        said(&[("Sparkasse", "1111")]),
        (ClueResult::Miss, Why::Different)
    );
    let mut none = known();
    none.cards.clear();
    let recalled = Recalled {
        cards: vec![pair("Nordbank", "9876")],
        ..Recalled::default()
    };
    assert_eq!(
        result(&recalled, &none, ClueKind::Cards),
        (ClueResult::Unknown, Why::NotKnown)
    );
}

#[test]
fn places_match_in_any_language_and_are_near_within_a_radius() {
    let said = |city: &str, km| {
        let recalled = Recalled {
            city: Some(secret(city)),
            ..Recalled::default()
        };
        let mut known = known();
        known.last_login.as_mut().unwrap().km_to_recalled = km;
        result(&recalled, &known, ClueKind::LastCity)
    };
    use ClueReason as Why;
    assert_eq!(said("lisbon", None), (ClueResult::Match, Why::Same));
    assert_eq!(said("LISBOA", None), (ClueResult::Match, Why::Same));
    assert_eq!(
        said("Lisbom", None),
        (ClueResult::Match, Why::OtherSpelling)
    );
    assert_eq!(said("Sintra", Some(23.0)), (ClueResult::Near, Why::Nearby));
    assert_eq!(
        said("Porto", Some(274.0)),
        (ClueResult::Miss, Why::Different)
    );
    assert_eq!(said("Porto", None), (ClueResult::Miss, Why::Different));
}

#[test]
fn a_city_of_the_same_name_in_another_country_is_another_city() {
    let recalled = Recalled {
        city: Some(secret("Lisbon")),
        ..Recalled::default()
    };
    let said = |km| {
        let mut known = known();
        let login = known.last_login.as_mut().unwrap();
        (login.other_country, login.km_to_recalled) = (true, km);
        result(&recalled, &known, ClueKind::LastCity)
    };
    use ClueReason as Why;
    assert_eq!(said(None), (ClueResult::Miss, Why::Different));
    assert_eq!(said(Some(5_000.0)), (ClueResult::Miss, Why::Different));
    // Over a border, and within the radius.
    assert_eq!(said(Some(10.0)), (ClueResult::Near, Why::Nearby));
}

#[test]
fn devices_are_compared_by_family_and_phones_by_their_end() {
    let recalled = Recalled {
        device: Some("windows".to_owned()),
        phones: vec![secret("1234"), secret("9999")],
        ..Recalled::default()
    };
    let device = result(&recalled, &known(), ClueKind::LastDevice);
    assert_eq!(device, (ClueResult::Match, ClueReason::Same));
    let phones = result(&recalled, &known(), ClueKind::Phones);
    assert_eq!(phones, (ClueResult::Near, ClueReason::Some));
}

#[test]
fn what_was_not_answered_is_unknown_and_counts_neither_way() {
    for ClueFinding { result, reason, .. } in compare(&Recalled::default(), &known(), 50.0) {
        assert_eq!(
            (result, reason),
            (ClueResult::Unknown, ClueReason::NotGiven)
        );
    }
}

proptest! {
    /// Whatever is typed, the result holds nothing of it and nothing of the record (B1).
    #[test]
    fn results_are_blind(
        texts in prop::collection::vec("\\PC{0,60}", 6),
        year in 0_u16..,
        month in 0_u8..14,
    ) {
        let recalled = Recalled {
            opened: Some((year, Some(month))),
            cards: vec![pair(&texts[0], &texts[1])],
            addresses: vec![secret(&texts[2])],
            city: Some(secret(&texts[3])),
            country: None,
            device: Some(texts[4].clone()),
            phones: vec![secret(&texts[5])],
        };
        let findings = compare(&recalled, &known(), 50.0);
        prop_assert_eq!(findings.len(), ClueKind::ALL.len());
        let written = serde_json::to_string(&findings).unwrap();
        let values = [
            "Tejo", "4321", "Nordbank", "9876", "bc1q", "0x5a", "Lisb", "Windows", "1234", "2019",
        ];
        for value in values {
            prop_assert!(!written.contains(value), "{}", value);
        }
    }
}
