//! A transaction as a chain has it, against what the platform knows of withdrawals.
//!
//! Chains are public: whoever knows an account's address finds its withdrawals there. So a fit says
//! that screenshot, record and chain tell the same, never who sent the screenshot. It opens no
//! gate, and what does not fit is for people.

use crate::clues::address::{Chain, comparable};
use crate::sensitive::Sensitive;
use crate::time::{Span, Timestamp};

/// How far chain and record may be apart: platforms write down when a withdrawal was asked for, or
/// when it was sent, and some send once a day.
const APART_MAX: Span = Span::days(1);
/// Amounts are of one class if neither is more than so many times the other: what arrives is less
/// than what was withdrawn by a fee.
const CLASS_FACTOR: u128 = 2;
/// Symbols of an amount: more than any chain's whole supply in its smallest unit.
const AMOUNT_MAX: usize = 40;

/// What a transaction pays to somebody.
#[derive(Debug, Clone)]
pub struct Output {
    /// To whom.
    pub address: Sensitive<String>,
    /// How much, in the chain's smallest unit: satoshi or wei.
    pub units: u128,
}

/// A transaction as a chain has it.
#[derive(Debug, Clone)]
pub struct OnChain {
    /// On which.
    pub chain: Chain,
    /// The time of its block; none while it is in no block.
    pub at: Option<Timestamp>,
    /// What it pays.
    pub outputs: Vec<Output>,
}

/// A deposit or withdrawal that the platform knows.
#[derive(Debug, Clone)]
pub struct KnownTransaction {
    /// Its id, if the platform has it: hexadecimal, with or without `0x`.
    pub id: Option<Sensitive<String>>,
    /// How much: a decimal number with a point.
    pub amount: Sensitive<String>,
    /// Of what.
    pub asset: String,
    /// When.
    pub at: Timestamp,
}

/// How many of [`AGREEMENTS`] hold.
pub type Agreements = u8;

/// All of them: it exists, is in a block, pays an address of the record, so much, at its time.
pub const AGREEMENTS: Agreements = 5;

/// A chain's own coin, and how many digits its smallest unit is behind the point. Tokens on a
/// chain are not told: how many digits they have stands in their contracts.
const fn coin(chain: Chain) -> Option<(&'static str, usize)> {
    match chain {
        Chain::Bitcoin => Some(("BTC", 8)),
        Chain::Evm => Some(("ETH", 18)),
        Chain::Tron | Chain::Solana => None,
    }
}

/// Compares a transaction that was found under an id with the record. All agreements must hold for
/// one transaction of the record, and amount and address for one output. A transaction of the
/// record that has another id is another one.
#[must_use]
pub fn agreements(
    id: &str,
    found: &OnChain,
    known: &[KnownTransaction],
    addresses: &[Sensitive<String>],
) -> Agreements {
    let addresses: Vec<_> = addresses
        .iter()
        .map(|one| comparable(one.reveal()))
        .collect();
    let ours = |output: &&Output| {
        let address = comparable(output.address.reveal());
        let is_it = |one: &Sensitive<String>| one.reveal() == address.reveal();
        !address.reveal().is_empty() && addresses.iter().any(is_it)
    };
    let paid: Vec<&Output> = found.outputs.iter().filter(ours).collect();
    let mut sure = 1;
    sure += Agreements::from(found.at.is_some());
    sure += Agreements::from(!paid.is_empty());
    let best = candidates(id, found.chain, known)
        .map(|(one, digits)| {
            let near = found.at.is_some_and(|at| is_near(at, one.at));
            let amount = units(one.amount.reveal(), digits);
            let same = paid.iter().any(|output| is_one_class(amount, output.units));
            Agreements::from(near) + Agreements::from(same)
        })
        .max();
    sure + best.unwrap_or_default()
}

/// Transactions of the record that it can be, with the digits of their coin.
fn candidates<'a>(
    id: &str,
    chain: Chain,
    known: &'a [KnownTransaction],
) -> impl Iterator<Item = (&'a KnownTransaction, usize)> {
    let id = plain_id(id);
    let coin = coin(chain);
    known.iter().filter_map(move |one| {
        let (asset, digits) = coin?;
        let is_other = |known: &Sensitive<String>| plain_id(known.reveal()) != id;
        let fits =
            one.asset.trim().eq_ignore_ascii_case(asset) && !one.id.as_ref().is_some_and(is_other);
        fits.then_some((one, digits))
    })
}

/// Lower case, without the mark of hexadecimal numbers.
fn plain_id(id: &str) -> String {
    let id = id.trim().to_ascii_lowercase();
    id.strip_prefix("0x").unwrap_or(&id).to_owned()
}

fn is_near(a: Timestamp, b: Timestamp) -> bool {
    let apart = a.since(b).as_millis().unsigned_abs();
    apart <= APART_MAX.as_millis().unsigned_abs()
}

fn is_one_class(known: Option<u128>, paid: u128) -> bool {
    known.is_some_and(|known| {
        let (less, more) = (known.min(paid), known.max(paid));
        less > 0 && more <= less.saturating_mul(CLASS_FACTOR)
    })
}

/// A decimal number in units of so many digits behind the point; further digits are cut off.
fn units(amount: &str, digits: usize) -> Option<u128> {
    let amount = amount.trim();
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    let is_plain = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if amount.len() > AMOUNT_MAX || whole.is_empty() || !is_plain(whole) || !is_plain(fraction) {
        return None;
    }
    let fraction: String = fraction
        .chars()
        .chain(std::iter::repeat('0'))
        .take(digits)
        .collect();
    format!("{whole}{fraction}").parse().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const ID: &str = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b";
    const OURS: &str = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq";
    const THEIRS: &str = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
    const DAY: i64 = 86_400_000;
    const NOON: i64 = 1_709_636_400_000;

    fn secret(text: &str) -> Sensitive<String> {
        Sensitive::new(text.to_owned())
    }

    fn known(id: Option<&str>, amount: &str) -> KnownTransaction {
        KnownTransaction {
            id: id.map(secret),
            amount: secret(amount),
            asset: "btc".to_owned(),
            at: Timestamp::from_millis(NOON),
        }
    }

    fn paying(outputs: &[(&str, u128)]) -> OnChain {
        let output = |(address, units): &(&str, u128)| Output {
            address: secret(address),
            units: *units,
        };
        OnChain {
            chain: Chain::Bitcoin,
            at: Some(Timestamp::from_millis(NOON + DAY)),
            outputs: outputs.iter().map(output).collect(),
        }
    }

    fn of(found: &OnChain, known: &[KnownTransaction]) -> Agreements {
        agreements(ID, found, known, &[secret(&OURS.to_uppercase())])
    }

    #[test]
    fn all_agree_where_chain_and_record_tell_the_same() {
        let found = paying(&[(THEIRS, 90_000_000), (OURS, 995_000)]);
        let marked = format!("0x{}", ID.to_uppercase());
        for id in [None, Some(ID), Some(marked.as_str())] {
            assert_eq!(of(&found, &[known(id, "0.0100")]), AGREEMENTS, "{id:?}");
        }
    }

    #[test]
    fn each_thing_that_differs_is_one_less() {
        let record = [known(None, "0.01")];
        let late = OnChain {
            at: Some(Timestamp::from_millis(NOON + DAY + 1)),
            ..paying(&[(OURS, 1_000_000)])
        };
        let waiting = OnChain {
            at: None,
            ..paying(&[(OURS, 1_000_000)])
        };
        let cases = [
            ("another time", late, 4),
            ("in no block, so at no time", waiting, 3),
            ("less than half", paying(&[(OURS, 499_999)]), 4),
            ("more than twice", paying(&[(OURS, 2_000_001)]), 4),
            ("nothing", paying(&[(OURS, 0)]), 4),
            ("another address", paying(&[(THEIRS, 1_000_000)]), 3),
            ("no output", paying(&[]), 3),
            (
                "the amount to one and nearly nothing to the other",
                paying(&[(THEIRS, 1_000_000), (OURS, 1)]),
                4,
            ),
        ];
        for (what, found, expected) in cases {
            assert_eq!(of(&found, &record), expected, "{what}");
        }
    }

    #[test]
    fn one_transaction_of_the_record_must_fit_in_everything() {
        let found = paying(&[(OURS, 1_000_000)]);
        let mut early = known(None, "0.01");
        early.at = Timestamp::from_millis(NOON - 10 * DAY);
        assert_eq!(of(&found, &[early, known(None, "5")]), 4);
    }

    #[test]
    fn transactions_of_other_ids_and_other_coins_are_not_it() {
        let found = paying(&[(OURS, 1_000_000)]);
        let other = known(Some(&ID.replace('4', "5")), "0.01");
        assert_eq!(of(&found, &[other]), 3);
        let mut litecoin = known(None, "0.01");
        litecoin.asset = "LTC".to_owned();
        assert_eq!(of(&found, &[litecoin]), 3);
        assert_eq!(of(&found, &[]), 3);
        let on_tron = OnChain {
            chain: Chain::Tron,
            ..found
        };
        assert_eq!(of(&on_tron, &[known(None, "0.01")]), 3);
    }

    #[test]
    fn a_record_without_addresses_never_fits() {
        let found = paying(&[(OURS, 1_000_000), ("", 1_000_000)]);
        let fit = agreements(ID, &found, &[known(Some(ID), "0.01")], &[]);
        assert_eq!(fit, 3);
    }

    #[test]
    fn amounts_are_read_as_plain_decimals_or_not_at_all() {
        let cases = [
            ("0.01", 8, Some(1_000_000)),
            ("1", 8, Some(100_000_000)),
            ("0.123456789", 8, Some(12_345_678)),
            ("2.5", 18, Some(2_500_000_000_000_000_000)),
            ("1.", 2, Some(100)),
            (".5", 2, None),
            ("-1", 2, None),
            ("+1", 2, None),
            ("1e9", 2, None),
            ("1,5", 2, None),
            ("1.2.3", 2, None),
            ("", 2, None),
            ("99999999999999999999999999999999999999", 18, None),
            ("00000000000000000000000000000000000000001", 1, None),
        ];
        for (text, digits, expected) in cases {
            assert_eq!(units(text, digits), expected, "{text}");
        }
    }

    #[test]
    fn huge_amounts_do_not_overflow() {
        assert!(is_one_class(Some(u128::MAX), u128::MAX));
        assert!(!is_one_class(Some(1), u128::MAX));
        assert!(!is_one_class(None, 1));
    }
}
