//! Clues and signals in a reviewer's words: results and directions, never a true value.

use engine::views::HolderWord;
use recovery::clues::{ClueFinding, ClueKind, ClueReason, ClueResult};
use recovery::signal::{Bearing, Signal};

use super::clock;
use super::exhibits::{Fact, sentence_start};

/// One clue as a row: the question, its result, and why where that says more.
pub(crate) fn clue_fact(clue: &ClueFinding) -> Fact {
    let (class, word) = match clue.result {
        ClueResult::Match => ("ok", "= match"),
        ClueResult::Near => ("soon", "~ near"),
        ClueResult::Miss => ("late", "x miss"),
        ClueResult::Unknown => ("neutral", "- none"),
    };
    let value = match reason_words(clue.reason) {
        "" => word.to_owned(),
        why => format!("{word}: {why}"),
    };
    Fact {
        label: clue_words(clue.clue).to_owned(),
        value,
        tag: Some(class),
        reveal: None,
    }
}

const fn clue_words(clue: ClueKind) -> &'static str {
    match clue {
        ClueKind::Opened => "Month the account was opened",
        ClueKind::Cards => "Cards",
        ClueKind::Addresses => "Addresses of past withdrawals",
        ClueKind::LastCity => "City of the last sign-in",
        ClueKind::LastDevice => "Device of the last sign-in",
        ClueKind::Phones => "Phone digits",
    }
}

const fn reason_words(reason: ClueReason) -> &'static str {
    match reason {
        ClueReason::Same | ClueReason::Different | ClueReason::NotGiven => "",
        ClueReason::OtherSpelling => "spelled in another way",
        ClueReason::OneMonthOff => "one month off",
        ClueReason::YearOnly => "the year alone",
        ClueReason::Some => "some of several",
        ClueReason::PartOnly => "in part",
        ClueReason::Nearby => "not far from it",
        ClueReason::NotKnown => "the platform knows none",
    }
}

/// One signal as a row.
pub(crate) fn signal_fact(signal: &Signal) -> Fact {
    let (class, direction) = match signal.bearing {
        Bearing::Lowers => ("ok", "lowers risk"),
        Bearing::Neutral => ("neutral", "neutral"),
        Bearing::Raises => ("late", "raises risk"),
        Bearing::Unavailable => ("soon", "not available"),
    };
    let value = match (signal.value, signal.unit.as_deref()) {
        (Some(value), Some(unit)) => format!("{value} {unit}, {direction}"),
        _ => direction.to_owned(),
    };
    Fact {
        label: signal_words(&signal.code),
        value,
        tag: Some(class),
        reveal: None,
    }
}

/// Somebody's word by a channel of the account, as a row.
pub(crate) fn word_fact(word: &HolderWord) -> Fact {
    let (channel, at) = (&word.channel.0, clock::short(word.at));
    Fact {
        label: "Answered a notice: it was me".to_owned(),
        value: format!("by channel {channel}, {at}; this alone speeds nothing up"),
        tag: None,
        reveal: None,
    }
}

fn signal_words(code: &str) -> String {
    let words = match code {
        "ip.distance" => "Distance to the nearest past sign-in",
        "ip.usual" => "Distance to the usual place of past sign-ins",
        "ip.travel" => "Speed of travel from the last sign-in",
        "ip.region" => "Region that policy lists as high-risk",
        "ip.service" => "Region where the service is not offered",
        "ip.network" => "Anonymous or hosting network",
        "device.familiar" => "Device known to the platform",
        "device.marked" => "Device in requests that were stopped",
        "contact.disposable" => "Throw-away mail service",
        "contact.young" => "Domain registered lately",
        "contact.cases" => "New address in other requests",
        "contact.marked" => "New address in requests that were stopped",
        "account.changes" => "Changes of the account shortly before",
        "velocity.network" => "Requests from this network lately",
        "velocity.device" => "Requests from this device lately",
        "velocity.account" => "Requests for this account lately",
        "address.control" => "Signed with the key of a past withdrawal address",
        other => return sentence_start(&other.replace('.', ": ")),
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use recovery::actor::ChannelRef;
    use recovery::time::Timestamp;

    use super::*;

    #[test]
    fn rows_say_result_reason_and_direction() {
        let clue = ClueFinding {
            clue: ClueKind::Opened,
            result: ClueResult::Near,
            reason: ClueReason::OneMonthOff,
        };
        assert_eq!(clue_fact(&clue).value, "~ near: one month off");
        let far = Signal::new("ip.distance", Bearing::Raises).measured(2_340, "km");
        assert_eq!(signal_fact(&far).value, "2340 km, raises risk");
        assert_eq!(
            signal_fact(&far).label,
            "Distance to the nearest past sign-in"
        );
        let word = HolderWord {
            channel: ChannelRef("email-1".to_owned()),
            at: Timestamp::from_millis(1_795_543_200_000),
        };
        let said = word_fact(&word).value;
        assert!(said.starts_with("by channel email-1, "), "{said}");
        assert!(said.ends_with("this alone speeds nothing up"), "{said}");
        let blind = Signal::unavailable("ip.travel");
        assert_eq!(signal_fact(&blind).value, "not available");
    }
}
