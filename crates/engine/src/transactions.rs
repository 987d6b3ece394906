//! Earlier transactions of an account as keyed digests, with which screenshots are compared (M13).

use evidence::{ProofRecord, normalised_amount};
use jiff::civil::Date;
use platform::contract::{DOSSIER_LIST_MAX, PastAddress, PastTransaction};
use recovery::id::BlindIndex;
use recovery::time::{Span, Timestamp};

use crate::when;

/// Time zones lie so far behind and before UTC.
const BEHIND: Span = Span::hours(12);
const AHEAD: Span = Span::hours(14);

/// What the platform tells, normalised as a page's values are and digested by `digest`.
#[must_use]
pub fn known_transactions(
    addresses: &[PastAddress],
    transactions: &[PastTransaction],
    digest: &dyn Fn(&str) -> BlindIndex,
) -> ProofRecord {
    let mut record = ProofRecord::default();
    for past in addresses.iter().take(DOSSIER_LIST_MAX) {
        record.add_address(past.address.reveal(), digest);
    }
    for past in transactions.iter().take(DOSSIER_LIST_MAX) {
        let amount = normalised_amount(past.amount.reveal(), &past.asset);
        record.transactions.extend(id(past).as_deref().map(digest));
        record.amounts.extend(amount.as_deref().map(digest));
        let days = days(past.at).into_iter();
        record
            .dates
            .extend(days.map(|day| digest(&day.to_string())));
    }
    record
}

/// The id as a page's is compared: lower case, without the mark of hexadecimal numbers.
fn id(past: &PastTransaction) -> Option<String> {
    let id = past.id.as_ref()?.reveal().trim().to_ascii_lowercase();
    Some(id.strip_prefix("0x").unwrap_or(&id).to_owned())
}

/// Every day that it was somewhere at a moment: a page shows the day of its own time zone.
fn days(at: Timestamp) -> [Date; 3] {
    [at - BEHIND, at, at + AHEAD].map(|moment| when::civil(moment, None))
}

#[cfg(test)]
mod tests {
    use recovery::sensitive::Sensitive;

    use super::*;

    #[test]
    fn values_are_written_as_a_page_gives_them() {
        let digest = |value: &str| BlindIndex(value.to_owned());
        let secret = |text: &str| Sensitive::new(text.to_owned());
        let past = PastTransaction {
            id: Some(secret("0xABCDEF")),
            amount: secret("0.0100"),
            asset: "btc".to_owned(),
            at: Timestamp::from_millis(1_709_636_400_000),
        };
        let address = PastAddress {
            chain: "bitcoin".to_owned(),
            address: secret("BC1QAR0SRRR7XFKVY5L643LYDNW9RE59GTZZWF5MDQ"),
        };
        let record = known_transactions(&[address], &[past], &digest);
        let all = |set: &std::collections::BTreeSet<BlindIndex>| {
            set.iter().map(|one| one.0.clone()).collect::<Vec<_>>()
        };
        let address = "6c16ar05rrr7xfkuy516431ydnw6re566t22wf5md6";
        assert_eq!(all(record.addresses()), [address]);
        assert_eq!(all(&record.transactions), ["abcdef"]);
        assert_eq!(all(&record.amounts), ["0.01 BTC"]);
        let days = ["2024-03-04", "2024-03-05", "2024-03-06"];
        assert_eq!(all(&record.dates), days);
    }
}
