//! What a request shares with one that its holder stopped: its new address, its device.

use crate::signal::{Bearing, Signal};

use super::code;

/// One such request is enough, and none lowers risk. `None` is a count that could not be made.
fn shared(code: &str, others: Option<u64>) -> Signal {
    let Some(others) = others else {
        return Signal::unavailable(code);
    };
    let bearing = if others > 0 {
        Bearing::Raises
    } else {
        Bearing::Neutral
    };
    Signal::new(code, bearing).measured(i64::try_from(others).unwrap_or(i64::MAX), "cases")
}

/// Stopped cases in which the same new address was proved.
#[must_use]
pub fn contact_marked(others: Option<u64>) -> Signal {
    shared(code::CONTACT_MARKED, others)
}

/// Stopped cases with the same device in their entry ticket; `None` inside where this case has no
/// device of a ticket, which says nothing.
#[must_use]
pub fn device_marked(others: Option<Option<u64>>) -> Signal {
    match others {
        Some(None) => Signal::new(code::DEVICE_MARKED, Bearing::Neutral),
        counts => shared(code::DEVICE_MARKED, counts.flatten()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_stopped_request_is_enough_and_none_is_no_merit() {
        assert_eq!(contact_marked(Some(0)).bearing, Bearing::Neutral);
        let one = contact_marked(Some(1));
        assert_eq!((one.bearing, one.value), (Bearing::Raises, Some(1)));
        assert_eq!(device_marked(Some(Some(0))).bearing, Bearing::Neutral);
        assert_eq!(device_marked(Some(Some(1))).bearing, Bearing::Raises);
        assert_eq!(device_marked(Some(None)).bearing, Bearing::Neutral);
        assert_eq!(contact_marked(None).bearing, Bearing::Unavailable);
        assert_eq!(device_marked(None).bearing, Bearing::Unavailable);
    }
}
