//! The document as an object (M8, M9): where it lies in the photo, seen from straight above, and
//! whether everything on it can be seen.
//!
//! A card is found by its four edges on a small copy and measured in the full picture. On busy
//! backgrounds that fails for good photos too, so "not found" goes to a person and is never held
//! against the applicant.

mod cover;
mod edges;
mod lines;
mod outline;
mod refine;
mod screen;
mod surface;

use image::RgbImage;
use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome, Region};
use recovery::policy::{Checks, DocumentChecks};

use crate::geometry::{Quad, aspect, bounds, distance, rectify, sides};
use outline::{Outline, Wanted};

pub(crate) use edges::Edges;
pub use screen::screen;

/// Engine name in findings; the number changes with the method.
pub(crate) const ENGINE: &str = "evidence/document-1";
/// Longer side of the copy in which edges are looked for, pixels.
pub(crate) const COPY_SIDE: u32 = 512;
/// ID-1 of ISO/IEC 7810, millimetres: cards.
const CARD_MM: [f64; 2] = [85.6, 53.98];
/// A page of a passport (ICAO 9303-4, TD3), millimetres; an open passport has the same shape.
const PAGE_MM: [f64; 2] = [125.0, 88.0];
const CARD_ASPECT: f64 = 85.6 / 53.98;
const PAGE_ASPECT: f64 = 125.0 / 88.0;
/// Widest copy seen from above, pixels: 415 per inch on a card.
const WIDEST: f64 = 1400.0;
const MM_PER_INCH: f64 = 25.4;

/// The two shapes of identity documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// ID-1: 85.6 x 54 mm.
    Card,
    /// A page of a passport: 125 x 88 mm.
    Page,
}

impl Shape {
    /// Width and height in millimetres.
    #[must_use]
    pub const fn millimetres(self) -> [f64; 2] {
        match self {
            Self::Card => CARD_MM,
            Self::Page => PAGE_MM,
        }
    }
}

/// A document found in a photo.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Card {
    /// Its corners in pixels of the photo, clockwise; the first side is a long one. A document
    /// that stands upright in the photo lies on its side in [`Card::rectified`], and whether it
    /// stands on its head only a reader can tell.
    pub corners: [[f64; 2]; 4],
    /// By its proportions. Under strong perspective the two shapes are mistaken for each other.
    pub shape: Shape,
    /// Sides that the photo's border cuts.
    pub cut_sides: u8,
    /// Share of edge along its sides, 0 to 1: the weakest side.
    pub support: f64,
    /// Size of the photo it was found in.
    size: (u32, u32),
}

impl Card {
    /// Whether all four edges lie inside of the photo.
    #[must_use]
    pub const fn whole(&self) -> bool {
        self.cut_sides == 0
    }

    /// Pixels across: the mean of the two long sides.
    #[must_use]
    pub fn across(&self) -> f64 {
        let [top, _, bottom, _] = sides(&self.corners).map(|[a, b]| distance(a, b));
        (top + bottom) / 2.0
    }

    /// Pixels per inch of the document in the photo.
    #[must_use]
    pub fn pixels_per_inch(&self) -> f64 {
        let [width, _] = self.shape.millimetres();
        self.across() / width * MM_PER_INCH
    }

    /// The document seen from straight above: as wide as in the photo, at most 1400 pixels.
    #[must_use]
    pub fn rectified(&self, picture: &RgbImage) -> RgbImage {
        let width = self.across().clamp(1.0, WIDEST);
        rectify(picture, &self.corners, self.pixels(width))
    }

    /// Where it is in the photo.
    #[must_use]
    pub fn region(&self) -> Region {
        Region::of_pixels(bounds(&self.corners), self.size)
    }

    /// Whether the outline is certain enough to ask for another photo because of it.
    #[must_use]
    pub fn clear(&self, checks: &DocumentChecks) -> bool {
        self.support >= checks.edge_share
    }

    /// Pixels of a copy of this width.
    fn pixels(&self, width: f64) -> (u32, u32) {
        let [across, down] = self.shape.millimetres();
        // At most 1400 by construction.
        (width.round() as u32, (width * down / across).round() as u32)
    }
}

/// What was seen of a document.
#[derive(Debug, Clone)]
pub struct DocumentLook {
    /// The document, if its edges were found.
    pub card: Option<Card>,
    /// What came of it, without the time it took.
    pub findings: Vec<Finding>,
}

/// Samples per side of the block of pixels that becomes one pixel of the small copy: enough to
/// keep text from becoming false edges, a sixth of the memory of a 12-megapixel photo.
const TAPS: u32 = 3;

/// A copy whose longer side is at most [`COPY_SIDE`], and how many pixels of the picture make one
/// of it.
pub(crate) fn small_copy(picture: &RgbImage) -> (RgbImage, f64) {
    let (width, height) = picture.dimensions();
    let longer = width.max(height);
    if longer <= COPY_SIDE || width == 0 || height == 0 {
        return (picture.clone(), 1.0);
    }
    let scale = f64::from(longer) / f64::from(COPY_SIDE);
    let part = |side: u32| ((f64::from(side) / scale).round() as u32).max(1);
    let (across, down) = (part(width), part(height));
    // Where the samples of each column and row lie.
    let taps = |parts: u32, side: u32| -> Vec<[usize; TAPS as usize]> {
        let place = |part: u32, tap: u32| {
            let share =
                (f64::from(part) + (f64::from(tap) + 0.5) / f64::from(TAPS)) / f64::from(parts);
            // Below the side: the share is below 1.
            (share * f64::from(side)) as usize
        };
        (0..parts)
            .map(|part| std::array::from_fn(|tap| place(part, tap as u32)))
            .collect()
    };
    let (columns, rows) = (taps(across, width), taps(down, height));
    let (raw, stride) = (picture.as_raw(), width as usize * 3);
    let mut copy = Vec::with_capacity(columns.len() * rows.len() * 3);
    for row in &rows {
        let rows = row.map(|y| raw.get(y * stride..(y + 1) * stride).unwrap_or(&[]));
        for column in &columns {
            let mut sum = [0_u16; 3];
            for (line, x) in rows.iter().flat_map(|line| column.map(|x| (line, x))) {
                if let Some([r, g, b]) = line.get(x * 3..x * 3 + 3) {
                    let [red, green, blue] = sum;
                    sum = [
                        red + u16::from(*r),
                        green + u16::from(*g),
                        blue + u16::from(*b),
                    ];
                }
            }
            // The mean of bytes is a byte.
            copy.extend(sum.map(|value| (value / (TAPS * TAPS) as u16) as u8));
        }
    }
    let copy = RgbImage::from_raw(across, down, copy).unwrap_or_default();
    (copy, scale)
}

/// Finds the document in a photo of a document.
#[must_use]
pub fn find_card(picture: &RgbImage) -> Option<Card> {
    let (copy, scale) = small_copy(picture);
    let wanted = Wanted {
        least_area: 0.06,
        aspect: [1.15, 2.0],
        may_be_cut: true,
    };
    let found = outline::outline(&Edges::of(&copy), wanted)?;
    Some(card_of(picture, &found, scale))
}

/// Finds documents held into a photo of something else: whole ones, also small, the best first, at
/// most `most` of them. Corners are in pixels of the photo.
pub(crate) fn find_held(picture: &RgbImage, least_area: f64, most: usize) -> Vec<Card> {
    let (copy, scale) = small_copy(picture);
    let wanted = Wanted {
        least_area,
        aspect: [1.2, 1.9],
        may_be_cut: false,
    };
    let mut all = outline::candidates(&Edges::of(&copy), wanted);
    all.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Card> = Vec::new();
    for found in all {
        let card = card_of(picture, &found, scale);
        let middle = |card: &Card| {
            let [left, top, width, height] = bounds(&card.corners);
            [left + width / 2.0, top + height / 2.0]
        };
        let near = |other: &Card| distance(middle(other), middle(&card)) < card.across() * 0.4;
        if kept.len() < most && !kept.iter().any(near) {
            kept.push(card);
        }
    }
    kept
}

fn card_of(picture: &RgbImage, found: &Outline, scale: f64) -> Card {
    // Centres of the copy's pixels lie half a pixel in.
    let rough = found
        .corners
        .map(|[x, y]| [(x + 0.5) * scale, (y + 0.5) * scale]);
    let corners = lying(&refine::refine(picture, &rough, scale));
    let shape = if found.cut == 0 && aspect(&corners) < (CARD_ASPECT * PAGE_ASPECT).sqrt() {
        Shape::Page
    } else {
        Shape::Card
    };
    Card {
        corners,
        shape,
        cut_sides: found.cut,
        support: found.least,
        size: picture.dimensions(),
    }
}

/// Turned so that the first side is a long one.
fn lying(quad: &Quad) -> Quad {
    let [a, b, c, d] = *quad;
    if aspect(quad) < 1.0 {
        [d, a, b, c]
    } else {
        *quad
    }
}

/// Looks at a photo of one side of a document.
///
/// Findings, passed ones included: `id.edge`; with a document in sight also `image.small`,
/// `image.dark`, `image.bright`, `image.blur` (all four on the document alone), `id.glare`,
/// `id.covered`, and on the back `id.emblem`; always `image.screen`. `took_ms` is zero: the caller
/// has the clock.
#[must_use]
pub fn document(picture: &RgbImage, kind: EvidenceKind, checks: &Checks) -> DocumentLook {
    let card = find_card(picture);
    let mut findings = vec![edge(card.as_ref(), &checks.document)];
    if let Some(card) = card.as_ref().filter(|card| card.whole()) {
        findings.extend(surface::surface(picture, card, kind, checks));
        findings.push(cover::covered(picture, card, &checks.document));
    }
    findings.push(screen(picture, &checks.document));
    let findings = findings.into_iter().map(|one| one.about(kind)).collect();
    DocumentLook { card, findings }
}

/// Whether all edges show.
fn edge(card: Option<&Card>, checks: &DocumentChecks) -> Finding {
    const CODE: &str = "id.edge";
    let Some(card) = card else {
        return Finding::reviewer(CODE, Outcome::Unsure, ENGINE);
    };
    let finding = if card.whole() {
        Finding::applicant(CODE, Outcome::Pass, ENGINE)
    } else if card.clear(checks) && card.cut_sides == 1 {
        // Two sides on the border may as well be a sheet of something larger.
        Finding::applicant(CODE, Outcome::Retake, ENGINE)
    } else {
        Finding::reviewer(CODE, Outcome::Unsure, ENGINE)
    };
    finding
        .measured(card.support, checks.edge_share, "share")
        .at(card.region())
}

/// A region given in shares of the rectified copy, as a region of the photo.
fn region_on(card: &Card, [left, top, width, height]: [f64; 4]) -> Region {
    let Some(projection) = crate::geometry::Projection::onto(&card.corners) else {
        return card.region();
    };
    let (right, bottom) = (left + width, top + height);
    let corners = [[left, top], [right, top], [right, bottom], [left, bottom]];
    let placed = corners.map(|corner| projection.map(corner));
    Region::of_pixels(bounds(&placed), card.size)
}
