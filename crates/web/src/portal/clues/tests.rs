//! The form of the clues, read as people fill it.

use super::*;

fn form(pairs: &[(&str, &str)]) -> Posted {
    let pairs = pairs
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    Posted::from_pairs(pairs.collect())
}

fn read(form: &Posted, start: u16, this: u16) -> (Clues, Errors) {
    let whole = whole_cards(form);
    super::read(&form.clone().emptied(&whole), &whole, start, this)
}

#[test]
fn gaps_are_fine_and_separators_do_not_matter() {
    let (clues, errors) = read(&form(&[]), 2017, 2026);
    assert!(errors.is_empty() && clues.opened_year.is_none() && clues.cards.is_empty());
    let typed = form(&[
        ("year", " 2019 "),
        ("month", "3"),
        ("bank1", "Example Bank"),
        ("last1", "12 34"),
        ("addresses", "bc1q example\n\n0xabc\n"),
        ("do", "keep"),
        ("phone2", "\u{ff11}234"),
        ("device", "mac"),
    ]);
    let (clues, errors) = read(&typed, 2017, 2026);
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(
        (clues.opened_year, clues.opened_month),
        (Some(2019), Some(3))
    );
    assert_eq!(clues.cards[0].1.reveal(), "1234");
    assert_eq!(clues.addresses[0].reveal(), "bc1qexample");
    assert_eq!(clues.phones[0].reveal(), "1234");
}

#[test]
fn each_mistake_has_its_own_sentence_and_whole_cards_are_refused() {
    let typed = form(&[
        ("year", "19"),
        ("last1", "4111 1111 1111 1111"),
        ("last2", "12345"),
        ("bank3", "5555555555554444"),
        ("phone1", "12"),
        ("addresses", "a\nb\nc\nd\ne\nf"),
    ]);
    let (_, errors) = read(&typed, 2017, 2026);
    assert_eq!(errors.at("year"), "Enter the year, for example 2019");
    assert_eq!(errors.at("last1"), "Do not enter the whole card number");
    assert_eq!(errors.at("last2"), "Enter 4 digits only");
    assert_eq!(errors.at("bank3"), "Do not enter the whole card number");
    assert_eq!(errors.at("phone1"), "Enter 4 digits");
    assert_eq!(
        errors.at("addresses"),
        "Enter up to 5 addresses, one a line"
    );
    let (_, errors) = read(&form(&[("year", "2001")]), 2017, 2026);
    assert_eq!(errors.at("year"), "The year must be between 2017 and 2026");
}

#[test]
fn a_whole_card_number_is_taken_out_of_every_field() {
    for field in typed_fields() {
        for number in ["4111 1111 1111 1111", "Visa: 4111.1111.1111.1111"] {
            let sent = form(&[(field, number)]);
            let whole = whole_cards(&sent);
            assert_eq!(whole, [field], "{number}");
            let left = sent.emptied(&whole);
            assert_eq!(left.raw(field), "");
            let (clues, errors) = super::read(&left, &whole, 2017, 2026);
            assert_eq!(errors.at(field), WHOLE_CARD);
            assert!(!format!("{clues:?}").contains("4111"));
        }
    }
}

#[test]
fn each_kind_of_wrong_address_has_its_sentence_and_doubts_can_be_kept() {
    for (text, kind, sentence) in [
        (
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
            AddressError::Checksum,
            "That address has a typing mistake, the check at its end does not fit",
        ),
        (
            "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaeg",
            AddressError::Symbol,
            "That address has a typing mistake, one symbol cannot stand in this kind of \
             address",
        ),
        (
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3T4",
            AddressError::Case,
            "That address has a typing mistake, it mixes small and capital letters",
        ),
        (
            "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae",
            AddressError::Length,
            "That address is too short or too long. Keep it or change it",
        ),
        (
            "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P",
            AddressError::Content,
            "That address holds something its kind does not allow. Keep it or change it",
        ),
        (
            "mrCDrCybB6J1vRfbwM5hemdJz73FwDBC8r",
            AddressError::Network,
            "That address is of a test network. Keep it or change it",
        ),
        (
            "ltc1qg42tkwuuxefutzxezdkdel39gfstuap288mfea",
            AddressError::Unknown,
            "We do not know this kind of address. Keep it or change it",
        ),
    ] {
        let right = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
        let typed = format!("{right}\n{text}");
        let (_, errors) = read(&form(&[("addresses", &typed)]), 2017, 2026);
        let told = &errors.list()[0];
        assert_eq!((told.code, told.sentence.as_str()), (kind.code(), sentence));
        assert_eq!(is_keepable(told), !kind.is_typing_mistake(), "{text}");
        let kept = form(&[("addresses", &typed), ("do", "keep")]);
        let (clues, errors) = read(&kept, 2017, 2026);
        assert_eq!(errors.is_empty(), !kind.is_typing_mistake(), "{text}");
        assert_eq!(clues.addresses[1].reveal(), text);
    }
}

/// A browser computes no check and knows no rule of what an address holds.
#[test]
fn the_script_says_the_same_words() {
    let script = include_str!("../../../assets/clues.js");
    let kinds = [
        AddressError::Symbol,
        AddressError::Case,
        AddressError::Length,
        AddressError::Unknown,
    ];
    for words in kinds
        .map(AddressError::sentence)
        .iter()
        .chain([&WHOLE_CARD])
    {
        assert!(script.contains(&format!("\"{words}\"")), "{words}");
    }
}
