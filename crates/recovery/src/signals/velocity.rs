//! How often: other cases with the same network, device, account or new address; and addresses
//! that are made to be thrown away.

use crate::policy::Signals;
use crate::signal::{Bearing, Signal};
use crate::time::Span;

use super::code;

/// Over how long cases are counted: as long as a case's data is kept after its end by default.
pub const VELOCITY_SPAN: Span = Span::days(30);

/// Labels of a domain that are looked up, from the whole to its end: no domain has more.
const LABELS_MAX: usize = 127;

/// A count that never lowers risk. `None` is a count that could not be made.
fn counted(code: &str, others: Option<u64>, from: u32) -> Signal {
    let Some(others) = others else {
        return Signal::unavailable(code);
    };
    let bearing = if others >= u64::from(from) {
        Bearing::Raises
    } else {
        Bearing::Neutral
    };
    Signal::new(code, bearing).measured(i64::try_from(others).unwrap_or(i64::MAX), "cases")
}

/// Other cases from the same network in [`VELOCITY_SPAN`].
#[must_use]
pub fn velocity_network(others: Option<u64>, policy: &Signals) -> Signal {
    counted(code::VELOCITY_NETWORK, others, policy.network_cases)
}

/// Other cases of the same device; `None` inside where the case has no device of a ticket, which
/// says nothing.
#[must_use]
pub fn velocity_device(others: Option<Option<u64>>, policy: &Signals) -> Signal {
    match others {
        Some(None) => Signal::new(code::VELOCITY_DEVICE, Bearing::Neutral),
        counts => counted(code::VELOCITY_DEVICE, counts.flatten(), policy.device_cases),
    }
}

/// Other cases for the same account.
#[must_use]
pub fn velocity_account(others: Option<u64>, policy: &Signals) -> Signal {
    counted(code::VELOCITY_ACCOUNT, others, policy.account_cases)
}

/// Cases for other accounts in which the same new address was proved.
#[must_use]
pub fn contact_cases(others: Option<u64>, policy: &Signals) -> Signal {
    counted(code::CONTACT_CASES, others, policy.contact_cases)
}

/// Whether the new address is made to be thrown away; `None` without a list or an address.
#[must_use]
pub fn contact_disposable(disposable: Option<bool>) -> Signal {
    listed(code::CONTACT_DISPOSABLE, disposable)
}

/// Whether the domain of the new address was registered lately; `None` as above.
#[must_use]
pub fn contact_young(young: Option<bool>) -> Signal {
    listed(code::CONTACT_YOUNG, young)
}

fn listed(code: &str, listed: Option<bool>) -> Signal {
    match listed {
        None => Signal::unavailable(code),
        Some(true) => Signal::new(code, Bearing::Raises),
        Some(false) => Signal::new(code, Bearing::Neutral),
    }
}

/// Whether the domain of an address, or one that it lies in, is listed. `lists` takes domains
/// in lower case; `None` where the text has no domain.
#[must_use]
pub fn is_listed(address: &str, lists: impl Fn(&str) -> bool) -> Option<bool> {
    let (_, domain) = address.rsplit_once('@')?;
    let domain = domain.trim().trim_end_matches('.').to_lowercase();
    if domain.is_empty() {
        return None;
    }
    let mut rest = Some(domain.as_str());
    for _ in 0..LABELS_MAX {
        let Some(part) = rest else { break };
        if lists(part) {
            return Some(true);
        }
        rest = part.split_once('.').map(|(_, parent)| parent);
    }
    Some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_raise_from_their_limit_on_and_never_lower() {
        let policy = Signals::shipped();
        let at = |others| velocity_network(Some(others), &policy).bearing;
        assert_eq!((at(0), at(4)), (Bearing::Neutral, Bearing::Neutral));
        assert_eq!((at(5), at(500)), (Bearing::Raises, Bearing::Raises));
        assert_eq!(velocity_network(Some(5), &policy).value, Some(5));
        assert_eq!(
            velocity_device(Some(Some(2)), &policy).bearing,
            Bearing::Raises
        );
        assert_eq!(velocity_account(Some(3), &policy).bearing, Bearing::Raises);
        assert_eq!(contact_cases(Some(1), &policy).bearing, Bearing::Raises);
        assert_eq!(contact_cases(Some(0), &policy).bearing, Bearing::Neutral);
    }

    #[test]
    fn what_could_not_be_counted_is_unavailable() {
        let policy = Signals::shipped();
        for signal in [
            velocity_network(None, &policy),
            velocity_device(None, &policy),
            velocity_account(None, &policy),
            contact_cases(None, &policy),
            contact_disposable(None),
            contact_young(None),
        ] {
            assert_eq!((signal.bearing, signal.value), (Bearing::Unavailable, None));
        }
        // No ticket named a device: that is no failure.
        assert_eq!(
            velocity_device(Some(None), &policy).bearing,
            Bearing::Neutral
        );
    }

    #[test]
    fn a_throw_away_domain_is_found_with_what_lies_below_it() {
        let listed = |domain: &str| domain == "mailinator.example";
        for (address, found) in [
            ("ann@mailinator.example", Some(true)),
            ("ann@MAILINATOR.example.", Some(true)),
            ("ann@a.b.mailinator.example", Some(true)),
            ("\"a@b\"@mailinator.example", Some(true)),
            ("ann@notmailinator.example", Some(false)),
            ("ann@mailinator.example.org", Some(false)),
            ("mailinator.example", None),
            ("ann@", None),
        ] {
            assert_eq!(is_listed(address, listed), found, "{address}");
        }
        assert_eq!(contact_disposable(Some(true)).bearing, Bearing::Raises);
        assert_eq!(contact_disposable(Some(false)).bearing, Bearing::Neutral);
        assert_eq!(contact_young(Some(true)).bearing, Bearing::Raises);
        assert_eq!(contact_young(Some(false)).bearing, Bearing::Neutral);
    }
}
