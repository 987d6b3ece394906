//! Answers as they are checked and compared.

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
        assert_eq!((field, code), ("addresses", "checksum"));
        assert_eq!(
            sentence,
            "That address has a typing mistake, the check at its end does not fit"
        );
        assert!(!sentence.contains(text));
    }
}

#[test]
fn each_mistake_in_an_address_has_its_own_sentence() {
    for (text, kind, words) in [
        (
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
            "checksum",
            "That address has a typing mistake, the check at its end does not fit",
        ),
        (
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7Div0Na",
            "symbol",
            "That address has a typing mistake, one symbol cannot stand in this kind of \
             address",
        ),
        (
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3T4",
            "case",
            "That address has a typing mistake, it mixes small and capital letters",
        ),
    ] {
        let error = typed(&[BITCOIN, text]).unwrap_err();
        let EngineError::Input { code, sentence, .. } = error else {
            unreachable!("another error");
        };
        assert_eq!((code, sentence.as_str()), (kind, words));
    }
}

#[test]
fn a_whole_card_number_is_refused_in_every_answer() {
    let number = || "4111 1111 1111 1111".to_owned();
    let secret = || Sensitive::new(number());
    let none = Clues::default;
    let (mut bank, mut last, mut address) = (none(), none(), none());
    let (mut city, mut country, mut device, mut phone) = (none(), none(), none(), none());
    bank.cards = vec![(secret(), Sensitive::default())];
    last.cards = vec![(Sensitive::default(), secret())];
    address.addresses = vec![secret()];
    city.city = Some(secret());
    country.country = Some(number());
    device.device = Some(number());
    phone.phones = vec![secret()];
    for clues in [bank, last, address, city, country, device, phone] {
        let refused = recalled(&clues, 2017);
        let Err(EngineError::Input { code, sentence, .. }) = refused else {
            unreachable!("{clues:?} is taken");
        };
        assert_eq!(code, "card_number");
        assert_eq!(sentence, "Do not enter the whole card number");
    }
}

#[test]
fn only_a_country_that_is_known_to_be_another_is_elsewhere() {
    let seen = |code: &str| Some(code.to_owned());
    assert!(is_elsewhere(Some("US"), Some("FR"), None));
    assert!(is_elsewhere(Some("US"), None, seen("FR")));
    assert!(!is_elsewhere(Some("US"), Some("us"), seen("FR")));
    assert!(!is_elsewhere(Some("US"), Some("FR"), seen("US")));
    assert!(!is_elsewhere(Some("US"), None, None));
    assert!(!is_elsewhere(None, Some("FR"), seen("FR")));
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
