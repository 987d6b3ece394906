//! What the account's past says of this request.

use crate::clues::address::comparable;
use crate::policy::Signals;
use crate::signal::{Bearing, Signal};
use crate::time::{Span, Timestamp};

use super::code;

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Whether the applicant signed with the key of an address that the account withdrew to (B14).
///
/// `proved` are addresses whose signatures were verified, in the form in which addresses are
/// compared; `known` those of the dossier, however they are written. It is possession, not
/// knowledge. Nothing signed, and an address that is not the account's, say nothing: most people
/// cannot do it.
#[must_use]
pub fn address_control<'a>(
    proved: &[&str],
    known: Option<impl IntoIterator<Item = &'a str>>,
) -> Signal {
    if proved.is_empty() {
        return Signal::new(code::ADDRESS_CONTROL, Bearing::Neutral);
    }
    let Some(known) = known else {
        return Signal::unavailable(code::ADDRESS_CONTROL);
    };
    let known: Vec<_> = known.into_iter().map(comparable).collect();
    let is_known = |proved: &&&str| known.iter().any(|known| known.reveal() == **proved);
    let held = proved.iter().filter(is_known).count();
    let bearing = if held > 0 {
        Bearing::Lowers
    } else {
        Bearing::Neutral
    };
    Signal::new(code::ADDRESS_CONTROL, bearing).measured(number(held), "addresses")
}

/// How often the device of the entry ticket signed in before.
///
/// `device` is the token of a ticket that the platform signed: what a browser merely claims is no
/// familiarity. Without a ticket nothing is known of the device, which says nothing; a new device
/// says nothing either, for who lost everything has one. `logins` are the tokens of past logins.
#[must_use]
pub fn device_familiar<'a>(
    device: Option<&str>,
    logins: Option<impl IntoIterator<Item = Option<&'a str>>>,
) -> Signal {
    let Some(device) = device else {
        return Signal::new(code::DEVICE_FAMILIAR, Bearing::Neutral);
    };
    let Some(logins) = logins else {
        return Signal::unavailable(code::DEVICE_FAMILIAR);
    };
    let (mut seen, mut told) = (0, 0);
    for token in logins.into_iter().flatten() {
        told += 1;
        seen += usize::from(token == device);
    }
    // A platform that names no device of any login tells nothing of this one.
    let bearing = match (seen, told) {
        (_, 0) => return Signal::unavailable(code::DEVICE_FAMILIAR),
        (0, _) => Bearing::Neutral,
        _ => Bearing::Lowers,
    };
    Signal::new(code::DEVICE_FAMILIAR, bearing).measured(number(seen), "times")
}

/// How many factors of the account changed within `changes_days` before the request, or since.
///
/// `changes` are the moments of known kinds; the platform tells the newest of each kind however
/// old it is, so that no change at all means that it tells none. Never lowers risk.
#[must_use]
pub fn account_changes(
    changes: Option<&[Timestamp]>,
    opened_at: Timestamp,
    policy: &Signals,
) -> Signal {
    let Some(changes) = changes.filter(|changes| !changes.is_empty()) else {
        return Signal::unavailable(code::ACCOUNT_CHANGES);
    };
    let since = opened_at - Span::days(policy.changes_days);
    let recent = changes.iter().filter(|at| **at >= since).count();
    let bearing = if recent > 0 {
        Bearing::Raises
    } else {
        Bearing::Neutral
    };
    Signal::new(code::ACCOUNT_CHANGES, bearing).measured(number(recent), "changes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(signal: &Signal) -> (Bearing, Option<i64>) {
        (signal.bearing, signal.value)
    }

    #[test]
    fn control_is_of_an_address_of_the_account_however_it_is_written() {
        const OURS: &str = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq";
        let written = [
            "something else",
            "BC1QAR0SRRR7XFKVY5L643LYDNW9RE59GTZZWF5MDQ",
        ];
        let signal = |proved: &[&str], known| measure(&address_control(proved, known));
        let neutral = |count| (Bearing::Neutral, count);
        assert_eq!(signal(&[OURS], Some(written)), (Bearing::Lowers, Some(1)));
        assert_eq!(signal(&["another"], Some(written)), neutral(Some(0)));
        assert_eq!(signal(&[], Some(written)), neutral(None));
        assert_eq!(signal(&[], None), neutral(None));
        assert_eq!(signal(&[OURS], None), (Bearing::Unavailable, None));
    }

    #[test]
    fn a_device_is_familiar_by_the_tickets_token_alone() {
        let logins = [Some("a"), None, Some("b"), Some("a")];
        let signal = |device, logins: Option<&[Option<&'static str>]>| {
            measure(&device_familiar(
                device,
                logins.map(|logins| logins.iter().copied()),
            ))
        };
        assert_eq!(signal(Some("a"), Some(&logins)), (Bearing::Lowers, Some(2)));
        assert_eq!(
            signal(Some("c"), Some(&logins)),
            (Bearing::Neutral, Some(0))
        );
        assert_eq!(signal(None, Some(&logins)), (Bearing::Neutral, None));
        assert_eq!(signal(Some("a"), None), (Bearing::Unavailable, None));
        assert_eq!(
            signal(Some("a"), Some(&[None])),
            (Bearing::Unavailable, None)
        );
        assert_eq!(signal(Some("a"), Some(&[])), (Bearing::Unavailable, None));
    }

    #[test]
    fn changes_shortly_before_the_request_raise() {
        let policy = Signals::shipped();
        let opened = Timestamp::from_millis(0) + Span::days(100);
        let ago = |days| opened - Span::days(days);
        let signal =
            |changes: &[Timestamp]| measure(&account_changes(Some(changes), opened, &policy));
        assert_eq!(signal(&[ago(15), ago(90)]), (Bearing::Neutral, Some(0)));
        assert_eq!(signal(&[ago(14), ago(90)]), (Bearing::Raises, Some(1)));
        assert_eq!(signal(&[ago(1), ago(-1)]), (Bearing::Raises, Some(2)));
        assert_eq!(signal(&[]), (Bearing::Unavailable, None));
        let unknown = account_changes(None, opened, &policy);
        assert_eq!(measure(&unknown), (Bearing::Unavailable, None));
    }
}
