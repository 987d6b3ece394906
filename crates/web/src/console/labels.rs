//! The words of the console for every stable code (UX.md D6, B4): a reviewer never reads a code.

use recovery::case::{Decision, Part};
use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome};
use recovery::reason::{self, Reason};

use engine::views::ShownAs;

/// A stable code and what it means, as a reviewer reads it.
pub(crate) type Label = (&'static str, &'static str);

/// Reasons to give access.
pub(crate) const APPROVE: &[Label] = &[
    ("ok.all", "Everything fits"),
    (
        "ok.equal_path",
        "Everything fits, with another way for one part",
    ),
    ("ok.referee", "Everything fits, with the word of a referee"),
];

/// Reasons not to give access.
pub(crate) const REJECT: &[Label] = &[
    (
        "no.person_differs",
        "The person is not the person of the record",
    ),
    (
        "no.document_differs",
        "The document is not the document of the record",
    ),
    ("no.document_false", "The document is false or was changed"),
    (
        "no.capture_false",
        "The pictures or the video are not real captures",
    ),
    (
        "no.borrowed_id",
        "The account was verified with another person's ID",
    ),
    ("no.pressure", "Somebody seems to make the person do this"),
    (
        "no.reuse",
        "The same pictures, face or document served in another request",
    ),
    (
        "no.region",
        "The request comes from a region that is not served",
    ),
    ("no.not_offered", "The account cannot be recovered here"),
];

/// Reasons to give a case to seniors.
pub(crate) const ESCALATE: &[Label] = &[
    ("up.unsure", "I cannot decide"),
    ("up.pressure", "The person may be under pressure"),
    ("up.conflict", "The facts contradict one another"),
    ("up.equal_path", "One part was done another way"),
    ("up.novel", "I have not seen a case like this"),
];

/// Why a senior accepts evidence that was not captured live.
pub(crate) const EXCEPTIONS: &[Label] = &[
    (
        "exception.no_camera",
        "No camera works in the page, and the files look genuine",
    ),
    (
        "exception.equal_path",
        "The person needs another way for this part",
    ),
    (
        "exception.seen_elsewhere",
        "The same was seen live in another part of this request",
    ),
];

/// Why a masked field must be read (UX.md D5).
pub(crate) const REVEAL: &[Label] = &[
    ("compare_id", "To compare it with the ID"),
    ("contact", "To reach the applicant"),
    ("look_up", "To look it up on its chain"),
    ("dispute", "To settle a dispute"),
];

/// The decisions in the order of the form, with their verb.
pub(crate) const DECISIONS: &[(Decision, &str, &str)] = &[
    (Decision::Approve, "approve", "Give access"),
    (Decision::AskAgain, "ask_again", "Ask again"),
    (Decision::Reject, "reject", "Do not give access"),
    (Decision::Escalate, "escalate", "Give to seniors"),
];

/// The three questions of M17, in the order of the answers.
pub(crate) const QUESTIONS: &[Label] = &[
    (
        "records",
        "Do the details that were given match the records?",
    ),
    (
        "person",
        "Is the person in the video the person of the record?",
    ),
    (
        "trail",
        "Does the place and device of the request fit the sign-in history?",
    ),
];

/// Answers to each of the three.
pub(crate) const ANSWERS: &[Label] = &[("yes", "Yes"), ("no", "No"), ("unsure", "Cannot tell")];

/// The reasons that go with a decision; none for asking again, whose items carry theirs.
pub(crate) const fn codes_of(decision: Decision) -> &'static [Label] {
    match decision {
        Decision::Approve => APPROVE,
        Decision::Reject => REJECT,
        Decision::Escalate => ESCALATE,
        Decision::AskAgain => &[],
    }
}

/// The word of a code in a list.
pub(crate) fn word(list: &[Label], code: &str) -> Option<&'static str> {
    list.iter()
        .find(|(known, _)| *known == code)
        .map(|(_, label)| *label)
}

/// The decision of that form value.
pub(crate) fn decision_named(name: &str) -> Option<Decision> {
    DECISIONS
        .iter()
        .find(|(_, known, _)| *known == name)
        .map(|(decision, _, _)| *decision)
}

/// The decision as a verb: "Give access".
pub(crate) fn decision_verb(decision: Decision) -> &'static str {
    DECISIONS
        .iter()
        .find(|(known, _, _)| *known == decision)
        .map_or("", |(_, _, verb)| *verb)
}

/// Evidence as a reviewer calls it.
pub(crate) const fn evidence(kind: EvidenceKind) -> &'static str {
    match kind {
        EvidenceKind::IdFront => "Front of the ID",
        EvidenceKind::IdBack => "Back of the ID",
        EvidenceKind::NotePhoto => "Photo with the note",
        EvidenceKind::Video => "Video",
        EvidenceKind::Screenshot => "Screenshots",
    }
}

/// What the checks made to be looked at.
pub(crate) const fn shown(what: ShownAs) -> &'static str {
    match what {
        ShownAs::CardFront => "Front of the ID, straightened",
        ShownAs::CardBack => "Back of the ID, straightened",
        ShownAs::Paper => "The note, straightened",
        ShownAs::CardHeld => "The ID in the hand, straightened",
        ShownAs::FaceRecord => "KYC portrait",
        ShownAs::FaceDocument => "Portrait on the ID",
        ShownAs::FaceNote => "Photo with the note",
        ShownAs::FaceVideo => "Video",
        ShownAs::Phrase => "The phrase",
        ShownAs::PhraseWords => "The phrase's words",
    }
}

/// The part of the review.
pub(crate) const fn part(part: Part) -> &'static str {
    match part {
        Part::First => "First look",
        Part::Second => "Second look",
        Part::Senior => "Senior look",
        Part::Contest => "Contested",
    }
}

/// Moments of the timeline.
pub(crate) fn moment(code: &'static str) -> &'static str {
    match code {
        "opened" => "opened",
        "sent" => "sent",
        "returned" => "applicant asked again",
        "checked" => "checks done",
        "locked" => "account locked, holder told",
        "approved" => "access given",
        "wait_started" => "waiting period began",
        "wait_longer" => "waiting period made longer",
        "handover_done" => "handed over",
        "recovered" => "recovered",
        "stopped" => "stopped",
        "contested" => "contested",
        "decided" => "decision",
        "rejected" => "access not given",
        "closes" => "closes if it is not sent",
        "dispute_ends" => "last day to answer the objection",
        "closed" => "closed",
        "erased" => "erased",
        other => other,
    }
}

/// What a finding measures, in words; the reasons of UX.md B4 speak for themselves.
fn finding_subject(code: &str) -> Option<&'static str> {
    Some(match code {
        "face.kyc_note" => "Note photo and KYC portrait",
        "face.kyc_video" => "Video and KYC portrait",
        "face.video_same" => "Faces through the video and in the note photo",
        "face.document_kyc" => "Portrait on the document and KYC portrait",
        "face.document_note" => "Portrait on the document and note photo",
        "face.live" => "A face before the camera, not a print or a screen",
        "video.head" => "The head turns, as no flat picture does",
        "video.sync" => "The mouth moves with the sound",
        "face.quality" => "Face is clear enough to compare",
        "document.same" => "Same document as in the record",
        "document.number" => "Document number and the record",
        "document.name" => "Name and the record",
        "document.birth_date" => "Birth date and the record",
        "document.agree" => "Front and back of one document",
        "document.age" => "Old enough",
        "document.edited" => "Check digits of the lines for machines",
        "note.same_document" => "The document in the hand and the front photo",
        "phrase.spoken" => "The sentence, read aloud",
        "phrase.timing" => "Each digit said when it was shown",
        "video.container" => "A file as browsers write it",
        "video.still" => "Moves as a person does",
        "video.live" => "Recorded in the page while it was sent",
        "image.metadata" => "What the file says of itself",
        "capture.camera" => "A camera, not a program or a file",
        "capture.shape" => "The shape that the camera gives",
        "capture.steady" => "The camera ran without a break",
        "reuse.picture" => "The picture, in another request",
        "reuse.document" => "The document, in another request",
        "reuse.face" => "The face as a picture, in another request",
        "reuse.video" => "The video, in another request",
        "reuse.cases" => "Other requests with the same pictures",
        "reuse.person" => "The face, in a request for another account",
        "reuse.person_before" => "The face, in another request for this account",
        "reuse.person_marked" => "The face, in a request that was stopped",
        "reuse.person_cases" => "Other requests with this face",
        "proof.address" => "Addresses in the record",
        "proof.shortened" => "Only ends of addresses, as in the record: compare in full",
        "proof.transaction" => "Transaction ids in the record",
        "proof.amount" => "Amounts in the record",
        "proof.chain" => "The withdrawal on its chain, as in the record",
        "proof.date" => "Dates in the record",
        "media.tool_failed" | "media.tool_missing" => "The program that opens it",
        "contact.unregistered" => "New e-mail not registered with the platform",
        "flag.handoff_refused" => "Somebody on a phone said this request is not theirs",
        "flag.pressure" => "Somebody may be telling the applicant what to do",
        "upload.intact" => "The stored file is the one that arrived",
        "contact.pending" => "New e-mail not asked for by another request",
        code if code.starts_with("media.") => "A file that can be opened",
        _ => return None,
    })
}

/// What a comparison of faces compared.
pub(crate) fn compared(code: &str) -> &'static str {
    finding_subject(code).unwrap_or("Faces")
}

/// A finding in words: (tag class, tag word, sentence).
pub(crate) fn finding(finding: &Finding) -> (&'static str, &'static str, String) {
    let (class, word) = match finding.outcome {
        Outcome::Pass => ("ok", "ok"),
        Outcome::Retake => ("soon", "take again"),
        Outcome::Unsure => ("soon", "look here"),
        Outcome::Fail => ("late", "speaks against"),
        Outcome::Unavailable => ("neutral", "could not run"),
    };
    let about = finding.kind.map(evidence);
    let subject = match (
        finding_subject(&finding.code),
        reason::reason(&finding.code),
    ) {
        (Some(subject), _) => with_kind(about, subject),
        // What the applicant is told, or what was looked for.
        (None, Some(known)) if finding.outcome == Outcome::Retake => {
            with_kind(about, known.headline)
        }
        (None, Some(known)) => with_kind(about, looked_for(known)),
        (None, None) => with_kind(about, &finding.code),
    };
    (class, word, subject)
}

fn with_kind(about: Option<&'static str>, subject: &str) -> String {
    about.map_or_else(|| subject.to_owned(), |kind| format!("{kind}: {subject}"))
}

/// What a check looked for, since the headline says what is wrong.
fn looked_for(reason: &Reason) -> &'static str {
    match reason.code {
        "image.dark" => "not too dark",
        "image.bright" => "not too bright",
        "image.blur" => "sharpness",
        "image.small" => "size",
        "image.again" | "image.older_case" => "not used before",
        "image.screen" => "no sign of a screen or copy",
        "image.edited" => "no sign of changes",
        "id.edge" => "all edges",
        "id.glare" => "no shine",
        "id.covered" => "nothing covered",
        "id.text" => "writing readable",
        "id.emblem" => "emblem clear",
        "id.side" => "the right side",
        "id.kind" | "id.same_required" => "the right kind",
        "id.expired" => "in date",
        "note.missing" | "note.text" => "the note's lines",
        "note.date" => "the note's date",
        "note.code" => "the note's request code",
        "note.id" => "the ID beside the face",
        "note.typed" => "handwritten",
        "face.none" => "a face is there",
        "face.covered" => "face uncovered",
        "face.several" => "one face only",
        "face.angle" => "face turned to the camera",
        "video.cut" => "one take",
        "video.short" => "long enough",
        "video.quiet" => "a voice is heard",
        "video.words" => "the words",
        "video.slow_words" => "words in time",
        "video.frozen" => "the picture moves",
        "image.unreadable" => "can be opened",
        "upload.damaged" => "arrived whole",
        "check.unavailable" => "the checks ran",
        _ => "as it should be",
    }
}

/// The measured number behind a finding: kept behind a details element, facts come first.
pub(crate) fn score(finding: &Finding) -> Option<String> {
    let measured = finding.score_milli?;
    let unit = finding.unit.as_deref().unwrap_or_default();
    let against = finding
        .threshold_milli
        .map(|line| format!(", line {}", milli(line)))
        .unwrap_or_default();
    Some(format!(
        "{} {unit}{against} ({})",
        milli(measured),
        finding.engine
    ))
}

fn milli(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let size = value.unsigned_abs();
    format!("{sign}{}.{:03}", size / 1000, size % 1000)
}

/// The reasons of UX.md B4 that can be given for a piece of evidence when asking again.
pub(crate) fn ask_again(kind: EvidenceKind) -> Vec<&'static Reason> {
    let families: &[&str] = match kind {
        EvidenceKind::IdFront | EvidenceKind::IdBack => &["image.", "id.", "upload."],
        EvidenceKind::NotePhoto => &["image.", "note.", "face.", "upload.", "again."],
        EvidenceKind::Video => &["face.", "video.", "upload.", "again."],
        EvidenceKind::Screenshot => &["image.", "upload."],
    };
    reason::REASONS
        .iter()
        .filter(|reason| {
            families
                .iter()
                .any(|family| reason.code.starts_with(family))
        })
        .collect()
}

#[cfg(test)]
mod tests;
