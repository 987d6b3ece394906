//! Values in every way of writing them, and what is counted.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use super::*;

fn texts(values: &[Sensitive<String>]) -> Vec<&str> {
    values.iter().map(|value| value.reveal().as_str()).collect()
}

fn read(lines: &[&str]) -> ProofText {
    let lines: Vec<Vec<&str>> = lines
        .iter()
        .map(|line| line.split_whitespace().collect())
        .collect();
    ProofText::of_lines(&lines)
}

#[test]
fn amounts_are_read_in_every_way_of_writing_them() {
    for (line, expected) in [
        ("Amount 0.50000000 BTC", "0.5 BTC"),
        ("-1,250.00 USDT", "1250 USDT"),
        ("1.250,75 EUR", "1250.75 EUR"),
        ("€12,50", "12.5 EUR"),
        ("USD 1,000", "1000 USD"),
        ("0.5ETH", "0.5 ETH"),
    ] {
        assert_eq!(texts(&read(&[line]).amounts), [expected], "{line}");
    }
    assert!(
        read(&["Order 12345 of 3 items", "BTC", "."])
            .amounts
            .is_empty()
    );
}

#[test]
fn dates_are_read_in_every_order() {
    for (line, expected) in [
        ("2024-03-05 10:22", vec!["2024-03-05"]),
        ("on 25/03/2024", vec!["2024-03-25"]),
        ("05/03/2024", vec!["2024-03-05", "2024-05-03"]),
        ("5 March 2024,", vec!["2024-03-05"]),
        ("Mar 5th, 2024", vec!["2024-03-05"]),
        ("31.02.2024", vec![]),
    ] {
        assert_eq!(texts(&read(&[line]).dates), expected, "{line}");
    }
}

#[test]
fn ids_are_put_together_and_digits_in_them_put_right() {
    let id = "a1075db55d416d3ca199f55b6084e2115b9345e16c5cf302fc80e9d5fbf5d48d";
    let (upper, lower) = id.split_at(40);
    assert!(texts(&read(&[upper, lower]).transactions).contains(&id));
    let misread = id.replace('0', "O");
    assert_eq!(texts(&read(&[&misread]).transactions), [id]);
    let address = "0x52908400098527886E0F7030069857D2E4169EE7";
    let found = read(&[&format!("To: {address}")]);
    assert_eq!(texts(&found.addresses), [normalised_address(address)]);
    let address = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT";
    // One letter in upper case for another, and a digit for a letter: as it is read off screens.
    let misread = "lBoatSLRHtKNngkdXEe0bR76b53LETtpyT";
    assert_eq!(
        texts(&read(&[misread]).addresses),
        [normalised_address(address)]
    );
    let other = "1BoatSLRHtKNngkdXEeobR76b53LETtpyX";
    assert_ne!(normalised_address(other), normalised_address(address));
}

#[test]
fn matches_are_counted_and_nothing_ever_fails() {
    let digest = |text: &str| BlindIndex(format!("digest of {text}"));
    let pages = [read(&["0.5 BTC on 2024-03-05", "0.5 BTC"])];
    let record = ProofRecord {
        amounts: [digest("0.5 BTC")].into(),
        ..ProofRecord::default()
    };
    let findings = compare_proof(&pages, Some(&record), &digest);
    let told: Vec<_> = findings
        .iter()
        .map(|one| (one.code.as_str(), one.outcome, one.score_milli))
        .collect();
    assert_eq!(
        told,
        [
            ("proof.address", Outcome::Unsure, Some(0)),
            ("proof.transaction", Outcome::Unsure, Some(0)),
            ("proof.amount", Outcome::Pass, Some(1000)),
            ("proof.date", Outcome::Unsure, Some(0)),
        ]
    );
    for findings in [
        compare_proof(&pages, None, &digest),
        compare_proof(&[], Some(&record), &digest),
    ] {
        assert!(
            findings
                .iter()
                .all(|one| one.outcome == Outcome::Unavailable)
        );
    }
}
