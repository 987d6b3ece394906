//! Which four lines are a card: the quadrilateral with the most edge along its sides.

use super::edges::Edges;
use super::lines::{Line, lines};
use crate::geometry::{Point, Quad, area, aspect, convex, distance, dot, sides, upright};

/// Opposite sides differ by less than this (cosine of 24 degrees), neighbours meet at more than 58
/// degrees: a phone held over a card, not beside it.
const PARALLEL: f64 = 0.913;
const SQUARE: f64 = 0.53;
/// Opposite sides are at least this share of the picture's longer side apart.
const APART: f64 = 0.05;
/// Rounded corners and the softness of a meeting of two edges: left out at each end of a side. The
/// corner radius of ISO/IEC 7810 is 3.18 mm, 6 % of the shorter side.
const CORNER: f64 = 0.06;
/// How far beyond its corners a line is looked at: edges of cards end there, those of tables and
/// tiles go on.
const BEYOND: f64 = 0.14;
/// A corner may lie this many pixels outside of the small copy.
const OUTSIDE: f64 = 1.5;
/// Least share of edge along a side, and along all.
const LEAST_SIDE: f64 = 0.42;
const LEAST_MEAN: f64 = 0.6;

/// What is looked for.
#[derive(Clone, Copy)]
pub(crate) struct Wanted {
    /// Least share of the picture's area.
    pub(crate) least_area: f64,
    /// Length over height, either way up: from, to.
    pub(crate) aspect: [f64; 2],
    /// Whether up to two sides may be the picture's border.
    pub(crate) may_be_cut: bool,
}

/// A quadrilateral in the small copy.
#[derive(Clone, Copy)]
pub(crate) struct Outline {
    pub(crate) corners: Quad,
    /// Share of edge along the weakest side that is no border, 0 to 1.
    pub(crate) least: f64,
    /// Sides that are the picture's border.
    pub(crate) cut: u8,
    pub(crate) score: f64,
}

/// Two lines that run alike.
struct Pair<'a> {
    first: &'a Line,
    second: &'a Line,
}

/// The best one, if any is good enough.
pub(crate) fn outline(edges: &Edges, wanted: Wanted) -> Option<Outline> {
    candidates(edges, wanted)
        .into_iter()
        .max_by(|a, b| a.score.total_cmp(&b.score))
}

/// All that are good enough.
pub(crate) fn candidates(edges: &Edges, wanted: Wanted) -> Vec<Outline> {
    let lines = lines(edges);
    let frame = [edges.width as f64, edges.height as f64];
    let pairs = pairs(&lines, frame);
    let mut found = Vec::new();
    for (place, one) in pairs.iter().enumerate() {
        for other in pairs.iter().skip(place + 1) {
            if dot(one.first.normal, other.first.normal).abs() < SQUARE {
                found.extend(judge(one, other, frame, wanted));
            }
        }
    }
    found
}

fn pairs(lines: &[Line], [width, height]: Point) -> Vec<Pair<'_>> {
    let apart = width.max(height) * APART;
    let centre = [width / 2.0, height / 2.0];
    let mut found = Vec::new();
    for (place, first) in lines.iter().enumerate() {
        for second in lines.iter().skip(place + 1) {
            let along = dot(first.normal, second.normal);
            // Measured at the middle of the picture, where cards are.
            let aside = |line: &Line| dot(line.normal, centre) - line.offset;
            let gap = aside(first) - along.signum() * aside(second);
            let alike = along.abs() > PARALLEL && gap.abs() > apart;
            if alike && !(first.border && second.border) {
                found.push(Pair { first, second });
            }
        }
    }
    found
}

fn judge(one: &Pair<'_>, other: &Pair<'_>, frame: Point, wanted: Wanted) -> Option<Outline> {
    let (a, c, b, d) = (one.first, one.second, other.first, other.second);
    let quad = [d.meets(a)?, a.meets(b)?, b.meets(c)?, c.meets(d)?];
    let [width, height] = frame;
    let inside = quad.iter().all(|[x, y]| {
        (-OUTSIDE..=width + OUTSIDE).contains(x) && (-OUTSIDE..=height + OUTSIDE).contains(y)
    });
    let size = area(&quad).abs() / (width * height);
    if !inside || size < wanted.least_area || !convex(&quad) {
        return None;
    }
    let cut = u8::try_from([a, b, c, d].iter().filter(|line| line.border).count()).unwrap_or(4);
    let shape = aspect(&quad);
    let shape = shape.max(1.0 / shape);
    let [from, to] = wanted.aspect;
    let limit = u8::from(wanted.may_be_cut) * 2;
    if cut > limit || (cut == 0 && !(from..=to).contains(&shape)) {
        return None;
    }
    let (mut least, mut sum, mut beyond, mut length) = (1.0_f64, 0.0, 0.0, 0.0);
    for (line, [start, end]) in [a, b, c, d].into_iter().zip(sides(&quad)) {
        // `sides` begins with the side from d∩a to a∩b, which lies on a.
        if line.border {
            continue;
        }
        let ends = side_support(line, start, end);
        if ends.on < LEAST_SIDE {
            return None;
        }
        let long = distance(start, end);
        least = least.min(ends.on);
        sum += ends.on * long;
        beyond += ends.beyond * long;
        length += long;
    }
    let (mean, beyond) = (sum / length.max(1.0), beyond / length.max(1.0));
    if mean < LEAST_MEAN {
        return None;
    }
    // Weights found on the synthetic set of `examples/evaluate_documents.rs`: edge counts most,
    // then that it ends at the corners, then size.
    let odd = if cut == 0 { unlike(shape) } else { 0.12 };
    let score =
        mean + 0.5 * least - 0.6 * beyond + 0.35 * size.sqrt() - odd - 0.25 * f64::from(cut);
    Some(Outline {
        corners: upright(&quad),
        least,
        cut,
        score,
    })
}

/// How unlike a card and a page a shape is.
fn unlike(shape: f64) -> f64 {
    let off = |known: f64| (shape / known).ln().abs();
    let off = off(super::CARD_ASPECT).min(off(super::PAGE_ASPECT));
    (off - 0.05).max(0.0) * 1.5
}

struct Ends {
    on: f64,
    beyond: f64,
}

fn side_support(line: &Line, start: Point, end: Point) -> Ends {
    let along = line.along();
    let (from, to) = (dot(along, start), dot(along, end));
    let long = to - from;
    let on = line.support(from + long * CORNER, to - long * CORNER);
    let before = line.support(from - long * BEYOND, from - long * 0.02);
    let after = line.support(to + long * 0.02, to + long * BEYOND);
    Ends {
        on,
        beyond: (before + after) / 2.0,
    }
}
