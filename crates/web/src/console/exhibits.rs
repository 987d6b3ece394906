//! What a step puts before the reviewer's eyes: pictures and facts.

use engine::views::{CaseFile, SaidWords, ShownAs};
use recovery::evidence::{Capture, EvidenceItem, EvidenceKind};
use recovery::finding::{Finding, Outcome, Region};

use super::labels;
use super::reveal::ADDRESSES;
use super::steps::Step;
use super::trail;
use super::view::{self, base};

/// Most frames of the video on one page.
const FRAMES_MAX: u32 = 6;

/// A picture or video on a step.
#[derive(Debug, Clone)]
pub(crate) struct Figure {
    /// It is the video.
    pub(crate) video: bool,
    /// Where it comes from; looking is recorded.
    pub(crate) src: String,
    /// What it is, also for ears.
    pub(crate) label: String,
    /// How it came.
    pub(crate) note: String,
    /// Places that findings speak of.
    pub(crate) marks: Vec<Mark>,
}

/// A place on a picture, with the number of its finding on this page.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    pub(crate) number: usize,
    pub(crate) region: Region,
}

/// A picture on which places of findings are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ground {
    /// A piece of evidence as it came.
    Piece(EvidenceKind),
    /// What the checks cut out of one.
    Made(ShownAs),
}

/// The picture that the place of a finding is measured on. A document is read, and its portrait
/// compared, on the straightened card where its edges were found; all else is looked for on what
/// came.
fn ground(file: &CaseFile, finding: &Finding) -> Option<Ground> {
    let kind = finding.kind?;
    let card = match kind {
        EvidenceKind::IdFront => Some(ShownAs::CardFront),
        EvidenceKind::IdBack => Some(ShownAs::CardBack),
        EvidenceKind::NotePhoto | EvidenceKind::Video | EvidenceKind::Screenshot => None,
    };
    let on_card = ["document.", "face."]
        .iter()
        .any(|family| finding.code.starts_with(family));
    let card = card.filter(|card| on_card && file.shown.contains(card));
    Some(card.map_or(Ground::Piece(kind), Ground::Made))
}

/// The places of a step's findings on this picture; none while the findings are sealed.
fn marks(file: &CaseFile, step: Step, on: Ground) -> Vec<Mark> {
    if view::sealed(file, step) {
        return Vec::new();
    }
    let numbered = view::findings_of(file, step).into_iter().zip(1..);
    numbered
        .filter(|(finding, _)| finding.outcome != Outcome::Pass)
        .filter(|(finding, _)| ground(file, finding) == Some(on))
        .filter_map(|(finding, number)| {
            let region = finding.region?;
            Some(Mark { number, region })
        })
        .collect()
}

/// Something the checks made, if it is there.
fn made(file: &CaseFile, what: ShownAs, step: Step) -> Option<Figure> {
    file.shown.contains(&what).then(|| Figure {
        video: false,
        src: exhibit(file, &format!("shown-{}", what.name()), step),
        label: labels::shown(what).to_owned(),
        note: "made by the software".to_owned(),
        marks: marks(file, step, Ground::Made(what)),
    })
}

/// The faces upright and of one size, for looking from one to the other.
pub(crate) fn faces(file: &CaseFile, step: Step) -> Vec<Figure> {
    let all = [
        ShownAs::FaceRecord,
        ShownAs::FaceVideo,
        ShownAs::FaceNote,
        ShownAs::FaceDocument,
    ];
    match step {
        Step::Person => all
            .into_iter()
            .filter_map(|what| made(file, what, step))
            .collect(),
        _ => Vec::new(),
    }
}

/// The sound of the phrase, where it is listened to.
pub(crate) fn phrase(file: &CaseFile, step: Step) -> Option<String> {
    let there = step == Step::Words && file.shown.contains(&ShownAs::Phrase);
    there.then(|| exhibit(file, "shown-phrase", step))
}

/// The pictures of a step, in the order of the page.
pub(crate) fn figures(file: &CaseFile, step: Step) -> Vec<Figure> {
    let pictures = |kinds: &[EvidenceKind]| -> Vec<Figure> {
        file.evidence
            .iter()
            .filter(|item| kinds.contains(&item.kind))
            .map(|item| picture(file, item, step))
            .collect()
    };
    match step {
        Step::Real => {
            let mut all = pictures(&[
                EvidenceKind::IdFront,
                EvidenceKind::IdBack,
                EvidenceKind::NotePhoto,
            ]);
            all.extend(video(file, step));
            all
        }
        Step::Document => {
            let mut all = pictures(&[EvidenceKind::IdFront, EvidenceKind::IdBack]);
            let cards = [ShownAs::CardFront, ShownAs::CardHeld, ShownAs::CardBack];
            all.extend(cards.into_iter().filter_map(|what| made(file, what, step)));
            all
        }
        Step::Person => {
            let mut all: Vec<Figure> = portrait(file, step).into_iter().collect();
            all.extend(pictures(&[EvidenceKind::NotePhoto]));
            all.extend(frames(file, step));
            all
        }
        Step::Words => {
            let mut all: Vec<Figure> = video(file, step).into_iter().collect();
            all.extend(made(file, ShownAs::Paper, step));
            all.extend(pictures(&[EvidenceKind::NotePhoto]));
            all
        }
        Step::Memory => pictures(&[EvidenceKind::Screenshot]),
        Step::Trail | Step::Decide => Vec::new(),
    }
}

fn exhibit(file: &CaseFile, what: &str, step: Step) -> String {
    format!("{}/exhibit/{what}?for={}", base(&file.case), step.slug())
}

fn how(capture: Capture) -> &'static str {
    match capture {
        Capture::Live => "captured live",
        Capture::NotLive => "from a file, not live",
    }
}

fn picture(file: &CaseFile, item: &EvidenceItem, step: Step) -> Figure {
    // A finding names the kind alone: of several screenshots nobody knows which one it means.
    let alone = file.evidence.iter().filter(|one| one.kind == item.kind);
    let marks = match alone.count() {
        1 => marks(file, step, Ground::Piece(item.kind)),
        _ => Vec::new(),
    };
    Figure {
        video: false,
        src: exhibit(file, item.id.as_str(), step),
        label: labels::evidence(item.kind).to_owned(),
        note: how(item.capture).to_owned(),
        marks,
    }
}

fn video(file: &CaseFile, step: Step) -> Option<Figure> {
    let item = file
        .evidence
        .iter()
        .rev()
        .find(|item| item.kind == EvidenceKind::Video)?;
    Some(Figure {
        video: true,
        src: exhibit(file, "video", step),
        label: labels::evidence(item.kind).to_owned(),
        note: how(item.capture).to_owned(),
        marks: Vec::new(),
    })
}

fn portrait(file: &CaseFile, step: Step) -> Option<Figure> {
    file.has_portrait.then(|| Figure {
        video: false,
        src: exhibit(file, "portrait", step),
        label: "KYC portrait".to_owned(),
        note: "from the record".to_owned(),
        marks: Vec::new(),
    })
}

/// The figure on which a finding of this number is outlined.
pub(crate) fn outlined(figures: &[Figure], number: usize) -> Option<&Figure> {
    let has = |figure: &&Figure| figure.marks.iter().any(|mark| mark.number == number);
    figures.iter().find(has)
}

/// Frames spread evenly over the video.
fn frames(file: &CaseFile, step: Step) -> Vec<Figure> {
    let shown = file.video_frames.min(FRAMES_MAX);
    (0..shown)
        .map(|place| place * file.video_frames / shown.max(1))
        .map(|number| Figure {
            video: false,
            src: exhibit(file, &format!("frame-{number}"), step),
            label: format!("Video frame {}", number + 1),
            note: format!("{} of {}", number + 1, file.video_frames),
            marks: Vec::new(),
        })
        .collect()
}

/// One line of a table of facts.
#[derive(Debug, Clone)]
pub(crate) struct Fact {
    /// What it is.
    pub(crate) label: String,
    /// Its value in words, masked if it is personal.
    pub(crate) value: String,
    /// Class of a tag, where the value is one.
    pub(crate) tag: Option<&'static str>,
    /// Where the masked value can be asked for.
    pub(crate) reveal: Option<String>,
}

/// The facts of a step.
pub(crate) fn facts(file: &CaseFile, step: Step) -> Vec<Fact> {
    match step {
        Step::Real => file.evidence.iter().map(media_fact).collect(),
        Step::Document => record_facts(file, step).collect(),
        Step::Trail => {
            let signals = file.signals.iter().map(trail::signal_fact);
            let words = file.holder_words.iter().map(trail::word_fact);
            record_facts(file, step)
                .chain(signals)
                .chain(words)
                .collect()
        }
        Step::Memory => {
            let clues = file.clues.iter().map(trail::clue_fact);
            clues.chain(explorer_fact(file)).collect()
        }
        Step::Words => file.words.iter().map(word_fact).collect(),
        Step::Person | Step::Decide => Vec::new(),
    }
}

fn record_facts(file: &CaseFile, step: Step) -> impl Iterator<Item = Fact> {
    let here = move |(label, _): &&(&'static str, String)| Step::of_field(label) == step;
    let rows = file.record.iter().filter(here);
    rows.map(move |(label, masked)| record_fact(file, label, masked, step))
}

/// When a digit was said, and how sure the software is of it.
fn word_fact(said: &SaidWords) -> Fact {
    let second = |ms: u32| format!("{}.{}", ms / 1000, ms % 1000 / 100);
    let (from, to) = (second(said.start_ms), second(said.end_ms));
    Fact {
        label: format!("Digit {}: {}", said.place, said.digit),
        value: format!("heard from {from} to {to} s, {} % sure", said.sure),
        tag: None,
        reveal: None,
    }
}

fn media_fact(item: &EvidenceItem) -> Fact {
    let size = match item.bytes {
        bytes if bytes >= 1_000_000 => format!("{} MB", bytes / 1_000_000),
        bytes => format!("{} kB", bytes.div_ceil(1_000)),
    };
    Fact {
        label: labels::evidence(item.kind).to_owned(),
        value: format!("{}, {}, {size}", how(item.capture), item.media_type),
        tag: None,
        reveal: None,
    }
}

fn record_fact(file: &CaseFile, label: &str, masked: &str, step: Step) -> Fact {
    let field: String = url::form_urlencoded::byte_serialize(label.as_bytes()).collect();
    let reveal = format!(
        "{}/reveal?field={field}&step={}",
        base(&file.case),
        step.slug()
    );
    Fact {
        label: sentence_start(label),
        value: masked.to_owned(),
        tag: None,
        reveal: masked.contains(['*', '•']).then_some(reveal),
    }
}

/// What was typed as addresses, where an explorer can show it: asked for like a masked field, for
/// a link tells the address to the explorer.
fn explorer_fact(file: &CaseFile) -> Option<Fact> {
    let count = file.linked_addresses;
    let base = base(&file.case);
    (count > 0).then(|| Fact {
        label: "Addresses as typed".to_owned(),
        value: format!("{count} can be opened in an explorer"),
        tag: None,
        reveal: Some(format!("{base}/reveal?field={ADDRESSES}&step=memory")),
    })
}

/// "document_number" and "document number" become "Document number".
pub(crate) fn sentence_start(label: &str) -> String {
    let mut letters = label.chars();
    letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(letters)
        .map(|c| if c == '_' { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests;
