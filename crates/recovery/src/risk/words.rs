//! Sentences of an assessment, for reviewers and operators. Applicants are never told of risk.

use super::Contribution;

/// Signals in words: what raises, and what lowers where something can.
const SIGNALS: &[(&str, &str, &str)] = &[
    (
        "ip.distance",
        "The request comes from far from every earlier sign-in",
        "The request comes from near an earlier sign-in",
    ),
    (
        "ip.travel",
        "Nobody travels that fast from the last sign-in to this place",
        "",
    ),
    (
        "ip.region",
        "The request comes from a region that policy lists as high-risk",
        "",
    ),
    (
        "ip.service",
        "The request comes from a region where the service is not offered",
        "",
    ),
    (
        "ip.network",
        "The request comes through an anonymous or hosting network",
        "",
    ),
    (
        "device.familiar",
        "The platform does not know this device",
        "The platform has seen this device before",
    ),
    (
        "device.marked",
        "The device was used in a request that was stopped",
        "",
    ),
    (
        "contact.disposable",
        "The new address belongs to a throw-away mail service",
        "",
    ),
    (
        "contact.young",
        "The new address belongs to a domain that was registered lately",
        "",
    ),
    ("contact.cases", "The new address stands in other cases", ""),
    (
        "contact.marked",
        "The new address was used in a request that was stopped",
        "",
    ),
    (
        "account.changes",
        "The account was changed shortly before the request: phone, e-mail, password, key or \
         address",
        "",
    ),
    (
        "velocity.network",
        "Many requests came from this network lately",
        "",
    ),
    (
        "velocity.device",
        "Many requests came from this device lately",
        "",
    ),
    (
        "velocity.account",
        "Many requests were made for this account lately",
        "",
    ),
    (
        "address.control",
        "",
        "The applicant signed with the key of an address that the account withdrew to",
    ),
];

/// Clues in words.
const CLUES: &[(&str, &str)] = &[
    ("clue.opened", "when the account was opened"),
    ("clue.cards", "cards"),
    ("clue.addresses", "past withdrawal addresses"),
    ("clue.last_city", "the city of the last sign-in"),
    ("clue.last_device", "the device of the last sign-in"),
    ("clue.phones", "phone digits"),
];

/// What a gate asks for.
#[must_use]
pub fn gate_words(code: &str) -> &'static str {
    match code {
        "face.kyc_note" => "The face with the note is that of the record",
        "face.kyc_video" => "The face in the video is that of the record",
        "document.same" => "The document is the one of the record",
        "phrase.spoken" => "The phrase was spoken, in order and in time",
        _ => "A finding that must pass",
    }
}

/// Why a contribution counts, in one sentence.
#[must_use]
pub fn because(part: &Contribution) -> String {
    if let Some((_, raises, lowers)) = SIGNALS.iter().find(|(code, ..)| *code == part.code) {
        return match part.was {
            "unavailable" => "This could not be looked at: its source is missing".to_owned(),
            "lowers" => (*lowers).to_owned(),
            _ => (*raises).to_owned(),
        };
    }
    if let Some((_, words)) = CLUES.iter().find(|(code, _)| *code == part.code) {
        return format!("The answer about {words} is wrong");
    }
    match part.was {
        "fail" => "This check found against the applicant",
        "unavailable" => "This check could not run",
        "retake" => "This part was to be taken again, and no return was left",
        _ => "This check leaves a doubt for people",
    }
    .to_owned()
}
