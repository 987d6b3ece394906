//! What the account's holder is told, on every channel from before a request.

use recovery::sensitive::Sensitive;

use super::{Copy, built, copy, text};
use crate::message::{Ending, Message, Whence};

const STOP_NOW: &str = "The request was approved. Withdrawals stay closed until {until}. If it is \
     not you, stop it now: {link} or {host}/stop with {notice}.";

impl Copy {
    /// With where the request came from.
    fn from(mut self, whence: &Whence) -> Self {
        let words = "The request came on {asked} from {place}, with {device}.";
        self.paragraphs.push(words.to_owned());
        self.slots.extend([
            ("asked", whence.asked.clone()),
            ("place", whence.place.clone()),
            ("device", whence.device.clone()),
        ]);
        self
    }
}

pub(super) fn notice(message: &Message) -> Copy {
    match message {
        Message::HolderAsked {
            when,
            link,
            notice,
            whence,
        } => copy(
            "Somebody asks to recover your {platform} account",
            "On {when} somebody who says they lost everything asked for access. We locked the \
             account while we check; your assets are safe. **If this is not you, stop it:** \
             {link} or type {host}/stop and enter {notice}. No password, document or payment is \
             needed. If it is you, do nothing.",
            vec![
                ("when", when.clone()),
                ("link", text(link)),
                ("notice", text(notice)),
            ],
        )
        .from(whence),
        Message::HolderApproved {
            until,
            link,
            notice,
            whence,
        } => copy(
            "Last days to stop the recovery of your {platform} account",
            STOP_NOW,
            stop_slots(until, link, notice),
        )
        .from(whence),
        Message::ContactAsked {
            until,
            link,
            notice,
            whence,
        } => contact(until.as_deref(), link, notice).from(whence),
        other => later(other),
    }
}

/// Notices after the approval.
fn later(message: &Message) -> Copy {
    match message {
        Message::HolderSetUp {
            when,
            until,
            link,
            notice,
            whence,
        } => copy(
            "New ways into your {platform} account were set up",
            "On {when} whoever was approved chose new ways in. The old ones sign nobody in any \
             more; they still stop this. Withdrawals stay closed until {until}. If it is not you, \
             stop it now: {link} or {host}/stop with {notice}.",
            [
                vec![("when", when.clone())],
                stop_slots(until, link, notice),
            ]
            .concat(),
        )
        .from(whence),
        Message::HolderLastHours {
            hours,
            until,
            link,
            notice,
            whence,
        } => copy(
            "{hours} hours left to stop a recovery",
            STOP_NOW,
            [
                vec![("hours", hours.to_string())],
                stop_slots(until, link, notice),
            ]
            .concat(),
        )
        .from(whence),
        other => objection(other),
    }
}

/// For somebody else than the holder, who can find out what no machine can.
fn contact(until: Option<&str>, link: &Sensitive<String>, notice: &Sensitive<String>) -> Copy {
    let mut said = copy(
        "Is it really them? Somebody asks for the account of a person who named you",
        "Somebody who says they lost everything asks for access to the {platform} account of a \
         person who named you as recovery contact. Call or meet that person, by a way that you \
         know, and ask. **If it is not them, stop it:** {link} or type {host}/stop and enter \
         {notice}. No password, document or payment is needed. If it is them, do nothing.",
        vec![("link", text(link)), ("notice", text(notice))],
    );
    if let Some(until) = until {
        let approved = "The request was approved. Withdrawals stay closed until {until}.";
        said.paragraphs.push(approved.to_owned());
        said.slots.push(("until", until.to_owned()));
    }
    said
}

/// Notices of an objection, and of the end.
fn objection(message: &Message) -> Copy {
    match message {
        Message::HolderStopped { hours, link } => copy(
            "We stopped the recovery",
            "Everything is frozen. Within {hours} we ask you to show the account is yours: \
             {link}. You will never be asked for money. Was this a mistake? Tell us there.",
            vec![("hours", format!("{hours} hours")), ("link", text(link))],
        ),
        Message::HolderRivals {
            from,
            link,
            notice,
            whence,
        } => copy(
            "Two people ask for your {platform} account: both requests are stopped",
            "Everything is frozen. From {from} on two senior reviewers decide between the two. \
             Did you make the request below? Then you need not do anything here. **If it is not \
             yours, say so:** {link} or type {host}/stop and enter {notice}. You will never be \
             asked for money.",
            vec![
                ("from", from.clone()),
                ("link", text(link)),
                ("notice", text(notice)),
            ],
        )
        .from(whence),
        Message::HolderContested { until, link, by } => copy(
            "Both sides are asked for proof",
            "Add what you have until {until}: {link}. Two senior reviewers decide by {by}.",
            vec![
                ("until", until.clone()),
                ("link", text(link)),
                ("by", by.clone()),
            ],
        ),
        Message::HolderEnded {
            ending,
            until,
            link,
        } => copy(
            ending_subject(*ending),
            match until {
                Some(_) => "You can still object until {until}: {link}.",
                None => {
                    "Nothing more comes of it, and you need not do anything. What happened: {link}."
                }
            },
            until
                .iter()
                .map(|until| ("until", until.clone()))
                .chain([("link", text(link))])
                .collect(),
        ),
        other => built(other),
    }
}

const fn ending_subject(ending: Ending) -> &'static str {
    match ending {
        Ending::Finished => "The recovery of your account is finished",
        Ending::Stopped => "The recovery of your account is stopped",
    }
}

fn stop_slots(
    until: &str,
    link: &Sensitive<String>,
    notice: &Sensitive<String>,
) -> Vec<(&'static str, String)> {
    vec![
        ("until", until.to_owned()),
        ("link", text(link)),
        ("notice", text(notice)),
    ]
}
