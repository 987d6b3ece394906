//! The photo of the person with document and note (M10): where the paper and the document are,
//! straightened for who reads them, and what the note says.
//!
//! In the hand both are small, turned and half behind fingers. What is found goes to reviewers as
//! enlarged crops; what is not found is `unsure`.

mod dates;
mod paper;
mod same;
mod words;

use image::RgbImage;
use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome, Region};
use recovery::policy::Checks;

use crate::document::{Card, find_held};
use crate::geometry::{Quad, bounds, contains, distance, rectify, sides};

pub use dates::Day;
pub use same::same_document;
pub use words::{Expected, NoteWord, read_note};

/// Engine name in findings; the number changes with the method.
pub(crate) const ENGINE: &str = "evidence/note-1";
/// Longer side of a crop, pixels: enough for handwriting.
const CROP_SIDE: f64 = 1400.0;
/// Least share of the photo's area for a document in the hand: a card at arm's length.
const LEAST_CARD: f64 = 0.006;
/// Quadrilaterals looked at, the best first.
const CARDS_MAX: usize = 8;
/// A face this share of the photo's height leaves no place for a document beside it.
const CLOSE_UP: f64 = 0.6;
/// A portrait on a document is at most this share of the person's own face, by height.
const PORTRAIT: f64 = 0.7;

/// A part of the photo, straightened.
#[derive(Clone)]
pub struct Crop {
    /// Seen from straight above.
    pub picture: RgbImage,
    /// Its corners in pixels of the photo, clockwise.
    pub quad: [[f64; 2]; 4],
    /// Where it is in the photo.
    pub region: Region,
}

impl std::fmt::Debug for Crop {
    /// Place only: the pixels are somebody's document.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Crop({:?})", self.region)
    }
}

/// What was seen of the note photo.
#[derive(Debug, Clone)]
pub struct NoteLook {
    /// The paper, if there is one.
    pub paper: Option<Crop>,
    /// The document in the hand, if it was found.
    pub card: Option<Crop>,
    /// `note.missing` and `note.id`, without the time they took.
    pub findings: Vec<Finding>,
}

/// Looks for the paper and the document. `faces` are boxes in pixels (left, top, width, height),
/// found by whoever can: the largest is the person's.
#[must_use]
pub fn note(picture: &RgbImage, faces: &[[f64; 4]], checks: &Checks) -> NoteLook {
    let found = paper::paper(picture, faces);
    let paper_quad = found.as_ref().map(|paper| paper.quad);
    let (own, others) = own_face(faces);
    let held = find_held(picture, LEAST_CARD, CARDS_MAX);
    let card = choose(&held, own, &others, paper_quad.as_ref(), checks);
    let findings = vec![missing(picture, found.as_ref()), id(picture, card, own)];
    NoteLook {
        paper: paper_quad.map(|quad| crop(picture, quad)),
        card: card.map(|(card, _)| crop(picture, card.corners)),
        findings: findings
            .into_iter()
            .map(|one| one.about(EvidenceKind::NotePhoto))
            .collect(),
    }
}

/// The largest face, and the others.
fn own_face(faces: &[[f64; 4]]) -> (Option<[f64; 4]>, Vec<[f64; 4]>) {
    let height = |[_, _, _, height]: &[f64; 4]| *height;
    let own = faces.iter().max_by(|a, b| height(a).total_cmp(&height(b)));
    let others = faces.iter().filter(|face| Some(*face) != own);
    (own.copied(), others.copied().collect())
}

fn middle([left, top, width, height]: [f64; 4]) -> [f64; 2] {
    [left + width / 2.0, top + height / 2.0]
}

/// The best quadrilateral that is neither the person's face nor the paper, and whether it has a
/// portrait; one with a portrait comes first.
fn choose<'a>(
    held: &'a [Card],
    own: Option<[f64; 4]>,
    others: &[[f64; 4]],
    paper: Option<&Quad>,
    checks: &Checks,
) -> Option<(&'a Card, bool)> {
    let portrait = |card: &Card| {
        let small = |face: &[f64; 4]| {
            let ([.., height], own) = (face, own.map_or(f64::INFINITY, |[.., own]| own));
            *height < own * PORTRAIT
        };
        let inside = |face: &[f64; 4]| contains(&card.corners, middle(*face));
        others.iter().any(|face| small(face) && inside(face))
    };
    let free = |card: &&Card| {
        let on_face = own.is_some_and(|own| contains(&card.corners, middle(own)));
        let centre = middle(bounds(&card.corners));
        let on_paper = paper.is_some_and(|paper| contains(paper, centre));
        !on_face && !on_paper
    };
    let free: Vec<&Card> = held.iter().filter(free).collect();
    let with_portrait = free.iter().find(|card| portrait(card));
    let clear = || free.iter().find(|card| card.clear(&checks.document));
    with_portrait
        .map(|card| (*card, true))
        .or_else(|| clear().map(|card| (*card, false)))
}

/// `note.missing`: a sheet with writing passes, one that may be a wall or a shirt is for a person,
/// nothing light at all is taken again.
fn missing(picture: &RgbImage, found: Option<&paper::Paper>) -> Finding {
    const CODE: &str = "note.missing";
    let Some(found) = found else {
        return Finding::applicant(CODE, Outcome::Retake, ENGINE);
    };
    let finding = if found.sure {
        Finding::applicant(CODE, Outcome::Pass, ENGINE)
    } else {
        Finding::reviewer(CODE, Outcome::Unsure, ENGINE)
    };
    finding.at(Region::of_pixels(bounds(&found.quad), picture.dimensions()))
}

/// `note.id`: passes with a portrait on it; taken again only if the face fills the photo.
fn id(picture: &RgbImage, card: Option<(&Card, bool)>, own: Option<[f64; 4]>) -> Finding {
    const CODE: &str = "note.id";
    match card {
        Some((card, true)) => Finding::applicant(CODE, Outcome::Pass, ENGINE).at(card.region()),
        Some((card, false)) => Finding::reviewer(CODE, Outcome::Unsure, ENGINE).at(card.region()),
        None => {
            let high = f64::from(picture.height()) * CLOSE_UP;
            if own.is_some_and(|[.., height]| height >= high) {
                Finding::applicant(CODE, Outcome::Retake, ENGINE)
            } else {
                Finding::reviewer(CODE, Outcome::Unsure, ENGINE)
            }
        }
    }
}

fn crop(picture: &RgbImage, quad: Quad) -> Crop {
    let [top, right, bottom, left] = sides(&quad).map(|[a, b]| distance(a, b));
    let (width, height) = ((top + bottom) / 2.0, (left + right) / 2.0);
    // As large as in the photo, or twice if it is small: enlarged for people.
    let scale = (CROP_SIDE / width.max(height).max(1.0)).min(2.0);
    let side = |length: f64| (length * scale).round().clamp(1.0, CROP_SIDE) as u32;
    Crop {
        picture: rectify(picture, &quad, (side(width), side(height))),
        quad,
        region: Region::of_pixels(bounds(&quad), picture.dimensions()),
    }
}
