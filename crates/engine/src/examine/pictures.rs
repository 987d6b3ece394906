//! Document and note photo: what they are, and what they say.

use std::thread::ScopedJoinHandle;

use evidence::{Day, Expected, NoteLook, NoteWord, Task, note, photo, quality, read_note};
use image::{RgbImage, imageops};
use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome};

use super::shown::{self, Shown, ShownAs};
use super::stopwatch::{stamped, timed};
use super::{Context, Instruments, Still, broke, newest};

/// Engine named by findings about reading that could not be done.
const NO_READER: &str = "tesseract";
/// What the note's lines say, each a finding.
const LINES: [&str; 3] = ["note.text", "note.date", "note.code"];

/// What was seen of the stills.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) findings: Vec<Finding>,
    pub(super) shown: Vec<Shown>,
    /// The document's sides, straightened where their edges were found.
    pub(super) front: Option<RgbImage>,
    pub(super) back: Option<RgbImage>,
    /// The document in the hand.
    pub(super) held: Option<RgbImage>,
}

/// Looks at document and note, side by side.
pub(super) fn look(stills: &[Still<'_>], context: &Context<'_>, tools: &Instruments) -> Seen {
    let (mut seen, note) = std::thread::scope(|scope| {
        let note = newest(stills, EvidenceKind::NotePhoto);
        let note = note.map(|still| scope.spawn(|| note_photo(still, context, tools)));
        let seen = document(stills, context, tools);
        (seen, note.map(ScopedJoinHandle::join))
    });
    match note {
        Some(Ok(note)) => {
            seen.findings.extend(note.findings);
            seen.shown.extend(note.shown);
            seen.held = note.held;
        }
        Some(Err(_)) => seen.findings.extend(broke(EvidenceKind::NotePhoto)),
        None => {}
    }
    if let (Some(front), Some(held)) = (&seen.front, &seen.held) {
        let note = &context.checks.note;
        let (same, took_ms) = timed(|| evidence::same_document(front, held, note));
        seen.findings.push(same.took(took_ms));
    }
    seen
}

/// The document: its sides, and what stands on them.
fn document(stills: &[Still<'_>], context: &Context<'_>, tools: &Instruments) -> Seen {
    let mut seen = Seen::default();
    let front = newest(stills, EvidenceKind::IdFront);
    let back = newest(stills, EvidenceKind::IdBack);
    let front_card = front.map(|still| side(still, context, &mut seen, ShownAs::CardFront));
    let back_card = back.map(|still| side(still, context, &mut seen, ShownAs::CardBack));
    if let (Some(front), Some(card)) = (front, &front_card) {
        let front = card.as_ref().unwrap_or(&front.picture.rgb);
        let back = back.map(|still| {
            back_card
                .as_ref()
                .and_then(Option::as_ref)
                .unwrap_or(&still.picture.rgb)
        });
        let (findings, took_ms) = timed(|| read(front, back, context, tools));
        seen.findings.extend(stamped(findings, took_ms));
    }
    seen.front = front_card.flatten();
    seen.back = back_card.flatten();
    seen
}

/// One side of the document; its straightened copy if its edges were found.
fn side(
    still: &Still<'_>,
    context: &Context<'_>,
    seen: &mut Seen,
    shown_as: ShownAs,
) -> Option<RgbImage> {
    let kind = still.piece.kind;
    let (look, took_ms) = timed(|| photo(&still.picture, kind, context.checks));
    seen.findings.extend(stamped(look.findings, took_ms));
    let card = look.card.map(|card| card.rectified(&still.picture.rgb))?;
    seen.shown.extend(shown::picture(shown_as, &card));
    Some(card)
}

fn read(
    front: &RgbImage,
    back: Option<&RgbImage>,
    context: &Context<'_>,
    tools: &Instruments,
) -> Vec<Finding> {
    let reading = evidence::read_document(front, back, &tools.ocr);
    let findings = evidence::compare_document(
        &reading,
        context.record,
        context.chosen,
        context.today,
        context.digest,
        context.checks,
    );
    let about = |finding: Finding| match finding.kind {
        Some(_) => finding,
        None => finding.about(EvidenceKind::IdFront),
    };
    findings.into_iter().map(about).collect()
}

fn note_photo(still: &Still<'_>, context: &Context<'_>, tools: &Instruments) -> Seen {
    let mut seen = Seen::default();
    let image = &context.checks.image;
    let kind = EvidenceKind::NotePhoto;
    let (light, took_ms) = timed(|| quality(&still.picture, kind, image));
    seen.findings.extend(stamped(light, took_ms));
    let faces = faces_in(&still.picture.rgb, tools);
    let (look, took_ms) = timed(|| note(&still.picture.rgb, &faces, context.checks));
    let NoteLook {
        paper,
        card,
        findings,
    } = look;
    seen.findings.extend(stamped(findings, took_ms));
    let paper = paper.map(|crop| crop.picture);
    let (lines, took_ms) = timed(|| lines(paper.as_ref(), still, context, tools));
    seen.findings.extend(stamped(lines, took_ms));
    if let Some(paper) = &paper {
        seen.shown.extend(shown::picture(ShownAs::Paper, paper));
    }
    if let Some(held) = card.map(|crop| crop.picture) {
        seen.shown.extend(shown::picture(ShownAs::CardHeld, &held));
        seen.held = Some(held);
    }
    seen
}

/// Boxes of faces in pixels; none without models, and the paper is looked for without them.
fn faces_in(picture: &RgbImage, tools: &Instruments) -> Vec<[f64; 4]> {
    let found = tools
        .face
        .as_ref()
        .and_then(|face| face.detect(picture).ok());
    let faces = found.into_iter().flatten();
    faces.map(|face| face.bounds.rectangle()).collect()
}

/// The three lines. Without paper or a reader people look.
fn lines(
    paper: Option<&RgbImage>,
    still: &Still<'_>,
    context: &Context<'_>,
    tools: &Instruments,
) -> Vec<Finding> {
    let all = |outcome: Outcome| -> Vec<Finding> {
        let one = |code: &&str| {
            Finding::reviewer(code, outcome, NO_READER).about(EvidenceKind::NotePhoto)
        };
        LINES.iter().map(one).collect()
    };
    let day = still.piece.day;
    let today = Day::new(
        day.year().into(),
        u8::try_from(day.month()).unwrap_or(0),
        u8::try_from(day.day()).unwrap_or(0),
    );
    let (Some(paper), Some(today)) = (paper, today) else {
        return all(Outcome::Unsure);
    };
    let Ok(words) = tools.ocr.read(&imageops::grayscale(paper), Task::Block) else {
        return all(Outcome::Unavailable);
    };
    let words: Vec<NoteWord<'_>> = words
        .iter()
        .map(|word| NoteWord {
            text: word.text.reveal(),
            confidence: word.confidence,
        })
        .collect();
    let expected = Expected {
        request: context.request,
        today,
        code: context.code,
    };
    let read = read_note(&words, &expected, &context.checks.note);
    read.into_iter()
        .map(|finding| finding.about(EvidenceKind::NotePhoto))
        .collect()
}
