//! The words themselves. `{name}` is a slot, `**` switches strong print; nothing else is special.

mod holder;

use recovery::id::CaseCode;
use recovery::sensitive::Sensitive;

use crate::message::{Closing, Message, NextStep, RetakeItem};

/// A text with its slots filled in later, and the values for them.
pub(crate) struct Copy {
    pub(crate) subject: &'static str,
    pub(crate) paragraphs: Vec<String>,
    pub(crate) slots: Vec<(&'static str, String)>,
    /// Demanded as the very last line, below the footer: codes bound to their site.
    pub(crate) last_line: Option<&'static str>,
}

/// Below every message: how to check it and what we never do.
pub(crate) const FOOTER: &str = "This is message {message}. Check it by typing {host}/check into \
     your browser. We never phone, never chat, never charge, never ask for passwords, seed words, \
     codes from other apps or software. Whoever does is a thief, even if they know your request \
     code.";

fn copy(subject: &'static str, body: &str, slots: Vec<(&'static str, String)>) -> Copy {
    Copy {
        subject,
        paragraphs: vec![body.to_owned()],
        slots,
        last_line: None,
    }
}

/// The words of a message.
pub(crate) fn of(message: &Message) -> Copy {
    if message.is_notice() {
        holder::notice(message)
    } else {
        mail(message)
    }
}

fn mail(message: &Message) -> Copy {
    match message {
        Message::Code { .. } | Message::Again { .. } | Message::Closed { .. } => built(message),
        Message::Opened { case, until, link } => copy(
            "Your recovery request {case} is open",
            "Collect the parts until {until}. Continue: {link}. You need your key or a code sent \
             here.",
            vec![
                ("case", case.to_string()),
                ("until", until.clone()),
                ("link", text(link)),
            ],
        ),
        Message::Missing {
            case,
            parts,
            until,
            link,
        } => copy(
            if *parts == 1 {
                "1 part missing in request {case}"
            } else {
                "{parts} parts missing in request {case}"
            },
            if *parts == 1 {
                "Send it by {until}, then the request closes and your files are destroyed. \
                 Continue: {link}."
            } else {
                "Send them by {until}, then the request closes and your files are destroyed. \
                 Continue: {link}."
            },
            vec![
                ("parts", parts.to_string()),
                ("case", case.to_string()),
                ("until", until.clone()),
                ("link", text(link)),
            ],
        ),
        Message::Received {
            case,
            checks_by,
            review_by,
            link,
        } => copy(
            "We have request {case}",
            "Checks finish by {checks_by}, review by {review_by}. Your account is not locked yet. \
             See it: {link}.",
            vec![
                ("case", case.to_string()),
                ("checks_by", checks_by.clone()),
                ("review_by", review_by.clone()),
                ("link", text(link)),
            ],
        ),
        Message::Joined { case, link } => copy(
            "We added this to request {case}",
            "Somebody asked again for the same account. It joined your request. Not you? {link}",
            vec![("case", case.to_string()), ("link", text(link))],
        ),
        later => decided(later),
    }
}

/// Mails from the first checks on.
fn decided(message: &Message) -> Copy {
    match message {
        Message::Passed { by } => copy(
            "First checks passed: your account is now locked",
            "Nobody can sign in or trade until this ends; assets stay. We also told the old \
             contacts of the account, as a safeguard. People decide by {by}.",
            vec![("by", by.clone())],
        ),
        Message::Late {
            case,
            said,
            new,
            why,
        } => copy(
            "Request {case} takes longer",
            "We said {said}; the new date is {new}. Reason: {why}. You need not do anything.",
            vec![
                ("case", case.to_string()),
                ("said", said.clone()),
                ("new", new.clone()),
                ("why", why.clone()),
            ],
        ),
        Message::Approved { case, link, until } => copy(
            "Request {case} is approved: set up your account",
            match until {
                Some(_) => {
                    "Open {link} and choose new ways in within 24 hours. Then a waiting period \
                     runs until {until}; the holder can still object."
                }
                None => {
                    "The waiting period is over. Open {link} and choose new ways in within 24 \
                     hours."
                }
            },
            vec![
                ("case", case.to_string()),
                ("link", text(link)),
                ("until", until.clone().unwrap_or_default()),
            ],
        ),
        Message::ApprovedLater { case, until, link } => copy(
            "Request {case} is approved: a waiting period comes first",
            "Until {until} the holder can object. Then we mail you a link with which you set up \
             your account. You need not do anything. See it: {link}.",
            vec![
                ("case", case.to_string()),
                ("until", until.clone()),
                ("link", text(link)),
            ],
        ),
        Message::SetUp { until, link } => copy(
            "Your new ways in are ready",
            "Until {until}: look and move inside {platform} only. Old addresses, keys and links \
             are gone on purpose. List: {link}.",
            vec![("until", until.clone()), ("link", text(link))],
        ),
        Message::Open { ladder } => copy(
            "Waiting period over",
            "Withdrawals are open with growing limits: {ladder}. Add addresses one by one; none \
             were kept.",
            vec![("ladder", ladder.clone())],
        ),
        later => ended(later),
    }
}

/// Mails of a refusal, or of an objection.
fn ended(message: &Message) -> Copy {
    match message {
        Message::Refused { case, until, link } => copy(
            "We could not give access ({case})",
            "What you sent did not show us that the account is yours. For everybody's safety we \
             do not say more. Appeal once, until {until}: {link}. Another person decides.",
            vec![
                ("case", case.to_string()),
                ("until", until.clone()),
                ("link", text(link)),
            ],
        ),
        Message::NotOffered { case, link } => copy(
            "We could not give access ({case})",
            "We believe that the account is yours, but it cannot be given back. Your request's \
             page says why: {link}.",
            vec![("case", case.to_string()), ("link", text(link))],
        ),
        Message::Disputed {
            case,
            rival,
            until,
            link,
        } => copy(
            "Request {case} is paused",
            if *rival {
                "Another person asked for the same account and showed proof. You can add to \
                 yours until {until}: {link}. Then two senior reviewers decide between you."
            } else {
                "Somebody with a way into the account objected. If the request is yours, say so by \
                 {until}: {link}. Then two senior reviewers decide. Without your word it ends."
            },
            vec![
                ("case", case.to_string()),
                ("until", until.clone()),
                ("link", text(link)),
            ],
        ),
        Message::GoesOn { case, next, link } => goes_on(case, next, link),
        Message::Contested {
            case,
            until,
            link,
            by,
        } => copy(
            "Request {case} is paused",
            "Two senior reviewers decide between both sides by {by}. You may add evidence until \
             {until}: {link}.",
            vec![
                ("case", case.to_string()),
                ("until", until.clone()),
                ("link", text(link)),
                ("by", by.clone()),
            ],
        ),
        other => built(other),
    }
}

/// Seniors decided for the applicant; what comes next.
fn goes_on(case: &CaseCode, next: &NextStep, link: &Sensitive<String>) -> Copy {
    let (body, date) = match next {
        NextStep::Review { by } => (
            "Two senior reviewers decided for you. Now people review what you sent. Decision by \
             {date}. You need not do anything. See it: {link}.",
            by,
        ),
        NextStep::Send { until } => (
            "Two senior reviewers decided for you. Send what is missing by {date}, then the \
             request closes and your files are destroyed. Continue: {link}.",
            until,
        ),
        NextStep::Wait { until } => (
            "Two senior reviewers decided for you. A waiting period begins again and runs until \
             {date}; the holder can still object. You need not do anything. See it: {link}.",
            until,
        ),
    };
    copy(
        "Request {case} goes on",
        body,
        vec![
            ("case", case.to_string()),
            ("date", date.clone()),
            ("link", text(link)),
        ],
    )
}

/// Mails of several parts.
fn built(message: &Message) -> Copy {
    match message {
        Message::Again { case, items, until } => again(case, items, until),
        Message::Closed {
            case,
            reason,
            destroyed,
        } => copy(
            "Request {case} is closed",
            "Reason: {reason}. Your files are destroyed on {destroyed}.",
            vec![
                ("case", case.to_string()),
                ("reason", closing_words(*reason).to_owned()),
                ("destroyed", destroyed.clone()),
            ],
        ),
        Message::Code { code, case, link } => code_mail(code.reveal(), case.as_ref(), link),
        // Every other variant is answered above; a footer alone would still be a true message.
        _ => copy("{platform}", "", Vec::new()),
    }
}

const fn closing_words(reason: Closing) -> &'static str {
    match reason {
        Closing::YouStopped => "you stopped it",
        Closing::PartsMissing => "parts missing",
        Closing::ObjectionUpheld => "an objection was upheld",
        Closing::BetweenTwo => {
            "two people asked for the account, and senior reviewers did not decide for you"
        }
    }
}

fn again(case: &CaseCode, items: &[RetakeItem], until: &str) -> Copy {
    let mut paragraphs = Vec::new();
    let mut slots = vec![
        ("parts", items.len().to_string()),
        ("case", case.to_string()),
        ("until", until.to_owned()),
    ];
    for (name, item) in ITEM_SLOTS.iter().zip(items) {
        paragraphs.push(format!("{{{name}}}"));
        slots.push((
            name,
            format!("{}: {}. {}", item.item, item.headline, item.advice),
        ));
    }
    paragraphs.push(
        "Everything else is kept. The clock stops until you answer, until {until}.".to_owned(),
    );
    let subject = if items.len() == 1 {
        "Take 1 part again ({case})"
    } else {
        "Take {parts} parts again ({case})"
    };
    Copy {
        subject,
        paragraphs,
        slots,
        last_line: None,
    }
}

/// Names for the slots of items; a case has far fewer items than this.
const ITEM_SLOTS: [&str; 12] = [
    "item1", "item2", "item3", "item4", "item5", "item6", "item7", "item8", "item9", "item10",
    "item11", "item12",
];

fn code_mail(code: &str, case: Option<&CaseCode>, link: &Option<Sensitive<String>>) -> Copy {
    let mut paragraphs = vec![
        "Enter {code} on the page you have open. It works for 10 minutes. Nobody else needs it, \
         us included. Did you not ask? Ignore this; nothing happens."
            .to_owned(),
    ];
    let mut slots = vec![("code", code.to_owned())];
    if let Some(case) = case {
        paragraphs.push("Your request code is {case}.".to_owned());
        slots.push(("case", case.to_string()));
    }
    if let Some(link) = link {
        paragraphs.push("Or open a page with the code filled in: {link}".to_owned());
        slots.push(("link", text(link)));
    }
    Copy {
        subject: "{platform}: your code {code}",
        paragraphs,
        slots,
        last_line: Some("@{host} #{code}"),
    }
}

fn text(secret: &Sensitive<String>) -> String {
    secret.reveal().clone()
}
