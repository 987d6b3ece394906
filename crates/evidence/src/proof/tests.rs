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

fn ids(page: &ProofText) -> Vec<&str> {
    let all = page.transactions.iter();
    all.map(|one| one.id.reveal().as_str()).collect()
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
    assert!(ids(&read(&[upper, lower])).contains(&id));
    let misread = id.replace('0', "O");
    assert_eq!(ids(&read(&[&misread])), [id]);
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
fn transactions_are_named_once_with_their_mark_and_known_ones_first() {
    let id = |symbol: &str| symbol.repeat(64);
    let (a, b, c) = (id("a"), id("b"), id("c"));
    let marked = format!("0x{b}");
    let pages = [read(&[&a, &marked, &a]), read(&[&marked, &c])];
    let digest = |value: &str| BlindIndex(value.to_owned());
    let record = ProofRecord {
        transactions: BTreeSet::from([digest(&c)]),
        ..ProofRecord::default()
    };
    let found = named_transactions(&pages, Some(&record), &digest);
    let found: Vec<_> = found
        .iter()
        .map(|one| (one.id.reveal().as_str(), one.marked))
        .collect();
    let expected = [(c.as_str(), false), (a.as_str(), false), (b.as_str(), true)];
    assert_eq!(found, expected);
    assert_eq!(named_transactions(&pages, None, &digest).len(), 3);
}

const BECH32: &str = "bc1qxy2kgdygjrsqtzq2n0yrf2493p83kkfjhx0wlh";
const ETHER: &str = "0x12ab8400098527886E0F7030069857D2E4169f3c";
const BASE58: &str = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT";

/// Outcome of `proof.address` and score of `proof.shortened` for a page of one line.
fn shortened(line: &str, known: &[&str]) -> (Outcome, Option<i64>) {
    let digest = |text: &str| BlindIndex(format!("digest of {text}"));
    let mut record = ProofRecord::default();
    for address in known {
        record.add_address(address, &digest);
    }
    let findings = compare_proof(&[read(&[line])], Some(&record), &digest);
    let of = |code: &str| findings.iter().find(|one| one.code == code);
    let found = of("proof.shortened");
    assert!(found.is_none_or(|one| one.outcome == Outcome::Unsure));
    let score = found.and_then(|one| one.score_milli);
    (of("proof.address").unwrap().outcome, score)
}

#[test]
fn ends_of_an_address_that_fit_one_known_are_for_a_person() {
    let known = [BECH32, ETHER, BASE58];
    for line in [
        // Three dots, the one character, both with what a reader puts between.
        "bc1qxy2k...0wlh",
        "To: 0x12ab…9f3c",
        "bc1qxy2k ... 0wlh",
        "bc1qxy2k. . .0wlh sent",
        "0x12ab … 9f3c",
        "0x12ab.. 9f3c,",
        "from 0x12 ab...9f 3c",
        "(1Boat***tpyT)",
        // Case, and letters for which others are read.
        "BC1QXY2K...OWLH",
        "Ox12a8...9f3c",
        "lBoat…tpyT",
        // More than is needed.
        "bc1qxy2kgdygjr...kkfjhx0wlh",
    ] {
        assert_eq!(
            shortened(line, &known),
            (Outcome::Unsure, Some(1000)),
            "{line}"
        );
    }
}

#[test]
fn ends_that_fit_none_or_two_or_are_too_short_are_no_match() {
    let known = [BECH32, ETHER, BASE58];
    for line in [
        // Another end, another beginning, ends of two addresses, the ends the wrong way round.
        "bc1qxy2k...0wlx",
        "0x12ac…9f3c",
        "0x12ab…0wlh",
        "9f3c…0x12ab",
        // A letter further in is another one.
        "bc1qxy2kgdyxjr...0wlh",
        // Too short once the chain's prefix is off, or at the end.
        "0x12a…9f3c",
        "bc1qxy2...0wlh",
        "1Boa...tpyT",
        "0x12ab…f3c",
        // No middle left out.
        "0x12ab 9f3c",
        "0x12ab.9f3c",
        "0x12ab...",
        "...9f3c",
        "",
    ] {
        assert_eq!(shortened(line, &known), (Outcome::Unsure, None), "{line}");
    }
    let twin = "0x12abffffffffffffffffffffffffffffffff9f3c";
    let two = shortened("0x12ab…9f3c", &[ETHER, twin]);
    assert_eq!(two, (Outcome::Unsure, None));
    // One more letter tells them apart.
    let one = shortened("0x12ab8…9f3c", &[ETHER, twin]);
    assert_eq!(one, (Outcome::Unsure, Some(1000)));
}

#[test]
fn a_whole_address_makes_its_ends_needless() {
    let line = format!("{BECH32} or bc1qxy2k...0wlh");
    assert_eq!(shortened(&line, &[BECH32]), (Outcome::Pass, None));
    // The same twice is one.
    let twice = shortened("0x12ab…9f3c 0x12ab84…169f3c", &[ETHER]);
    assert_eq!(twice, (Outcome::Unsure, Some(1000)));
    // Without a record there is nothing to fit.
    let digest = |text: &str| BlindIndex(text.to_owned());
    let findings = compare_proof(&[read(&["0x12ab…9f3c"])], None, &digest);
    assert!(findings.iter().all(|one| one.code != "proof.shortened"));
    assert_eq!(
        format!("{:?}", read(&["0x12ab…9f3c"]).shortened),
        "[Shortened]"
    );
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
