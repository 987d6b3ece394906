//! The sheet in the hand: light, without colour, with dark strokes on it.

use image::RgbImage;

use crate::document::{Edges, small_copy};
use crate::geometry::{Point, Quad, area, between, contains, cross, minus, upright};
use crate::spots::{Spot, spots};

/// Paper is at least this share of the brightest part of the photo (its 97th percentile), and at
/// most so colourful (largest less smallest channel, over the largest).
const LIGHT: f64 = 0.6;
const COLOUR: f64 = 0.3;
/// Edges stronger than this part a sheet from a wall behind it.
const PARTS: f32 = 0.5;
/// Least and greatest share of the photo.
const SIZE: std::ops::RangeInclusive<f64> = 0.01..=0.5;
/// Least share of its own outline that it fills.
const FILLED: f64 = 0.6;
/// Darker than the sheet by this many levels is ink, and so much of the sheet is ink.
const INK: i32 = 45;
const INK_SHARE: std::ops::RangeInclusive<f64> = 0.004..=0.3;
/// Grown from its middle by this share: strokes at its rim belong to it.
const MARGIN: f64 = 0.03;

/// What may be the sheet.
pub(super) struct Paper {
    /// Its corners in pixels of the photo, clockwise.
    pub(super) quad: Quad,
    /// Light, compact and written on.
    pub(super) sure: bool,
}

struct Sheet {
    quad: Quad,
    sure: bool,
    size: f64,
}

/// The best candidate; nothing if nothing in the photo is light and colourless.
pub(super) fn paper(picture: &RgbImage, faces: &[[f64; 4]]) -> Option<Paper> {
    let (copy, scale) = small_copy(picture);
    let width = copy.width() as usize;
    if width < 8 || copy.height() < 8 {
        return None;
    }
    let luma: Vec<i32> = copy.pixels().map(|pixel| light(pixel.0)).collect();
    let mask = mask(&copy, &luma, faces, scale);
    let sheets = spots(&mask, width)
        .into_iter()
        .filter_map(|spot| sheet(&spot, &luma, (width, copy.height() as usize)))
        // What has a face on it is a document or the person.
        .filter(|sheet| {
            let middle = |[left, top, width, height]: &[f64; 4]| {
                [(left + width / 2.0) / scale, (top + height / 2.0) / scale]
            };
            !faces.iter().any(|face| contains(&sheet.quad, middle(face)))
        });
    let rank = |sheet: &Sheet| (sheet.sure, sheet.size);
    let best = sheets.max_by(|a, b| {
        let ((a_sure, a_size), (b_sure, b_size)) = (rank(a), rank(b));
        a_sure.cmp(&b_sure).then(a_size.total_cmp(&b_size))
    })?;
    let [left, top, ..] = crate::geometry::bounds(&best.quad);
    let [.., wide, high] = crate::geometry::bounds(&best.quad);
    let centre = [left + wide / 2.0, top + high / 2.0];
    let quad = best.quad.map(|corner| {
        let [x, y] = between(centre, corner, 1.0 + MARGIN);
        [(x + 0.5) * scale, (y + 0.5) * scale]
    });
    Some(Paper {
        quad,
        sure: best.sure,
    })
}

fn light([r, g, b]: [u8; 3]) -> i32 {
    (i32::from(r) + 2 * i32::from(g) + i32::from(b)) / 4
}

/// Light, colourless, on no edge and in no face.
fn mask(copy: &RgbImage, luma: &[i32], faces: &[[f64; 4]], scale: f64) -> Vec<bool> {
    let mut sorted = luma.to_vec();
    sorted.sort_unstable();
    let bright = sorted.get(sorted.len() * 97 / 100).copied().unwrap_or(0);
    let least = f64::from(bright) * LIGHT;
    let edges = Edges::of(copy);
    let in_face = |x: f64, y: f64| {
        faces.iter().any(|[left, top, width, height]| {
            (*left..left + width).contains(&(x * scale))
                && (*top..top + height).contains(&(y * scale))
        })
    };
    let pixels = copy.enumerate_pixels().zip(luma);
    pixels
        .map(|((x, y, pixel), luma)| {
            let [r, g, b] = pixel.0;
            let (most, fewest) = (r.max(g).max(b), r.min(g).min(b));
            let colour = f64::from(most - fewest) / f64::from(most.max(1));
            f64::from(*luma) >= least
                && colour < COLOUR
                && edges.at(i64::from(x), i64::from(y)).strength < PARTS
                && !in_face(f64::from(x), f64::from(y))
        })
        .collect()
}

fn sheet(spot: &Spot, luma: &[i32], (width, height): (usize, usize)) -> Option<Sheet> {
    let whole = (width * height) as f64;
    let count = spot.places.len() as f64;
    if !SIZE.contains(&(count / whole)) {
        return None;
    }
    let [left, top, right, bottom] = spot.edges();
    let borders = [
        left == 0,
        top == 0,
        right + 1 >= width,
        bottom + 1 >= height,
    ];
    let touches = borders.into_iter().filter(|touch| *touch).count();
    let quad = upright(&four(&hull(spot))?);
    let size = area(&quad);
    let mut values: Vec<i32> = spot
        .places
        .iter()
        .filter_map(|at| luma.get(*at))
        .copied()
        .collect();
    values.sort_unstable();
    let usual = values.get(values.len() / 2).copied().unwrap_or(0);
    let (mut inside, mut ink) = (0.0, 0.0);
    for y in top..=bottom {
        for x in left..=right {
            if contains(&quad, [x as f64, y as f64]) {
                inside += 1.0;
                let value = luma.get(y * width + x).copied().unwrap_or(0);
                ink += f64::from(u8::from(usual - value > INK));
            }
        }
    }
    let written = INK_SHARE.contains(&(ink / f64::max(inside, 1.0)));
    let filled = count / size.max(1.0) >= FILLED;
    Some(Sheet {
        quad,
        sure: written && filled && touches <= 1,
        size: count,
    })
}

/// Convex hull of the ends of every row (Andrew's monotone chain).
fn hull(spot: &Spot) -> Vec<Point> {
    let mut rows = std::collections::BTreeMap::new();
    for (x, y) in spot.pixels() {
        let ends = rows.entry(y).or_insert((x, x));
        *ends = (x.min(ends.0), x.max(ends.1));
    }
    let ends = |(y, (first, last)): (&usize, &(usize, usize))| {
        [[*first as f64, *y as f64], [*last as f64, *y as f64]]
    };
    let points: Vec<Point> = rows.iter().flat_map(ends).collect();
    let half = |points: &mut dyn Iterator<Item = &Point>| {
        let mut chain: Vec<Point> = Vec::new();
        for point in points {
            while let [.., a, b] = chain.as_slice() {
                if cross(minus(*b, *a), minus(*point, *b)) > 0.0 {
                    break;
                }
                chain.pop();
            }
            chain.push(*point);
        }
        chain.pop();
        chain
    };
    let mut all = half(&mut points.iter());
    all.extend(half(&mut points.iter().rev()));
    all
}

/// The four corners that are left when the flattest are dropped one after the other.
fn four(hull: &[Point]) -> Option<Quad> {
    let mut corners = hull.to_vec();
    while corners.len() > 4 {
        let count = corners.len();
        let at = |place: usize| corners.get(place % count).copied().unwrap_or_default();
        let flatness = |place: &usize| {
            let (before, own, after) = (at(place + count - 1), at(*place), at(place + 1));
            cross(minus(own, before), minus(after, own)).abs()
        };
        let flattest = (0..count).min_by(|a, b| flatness(a).total_cmp(&flatness(b)))?;
        corners.remove(flattest);
    }
    corners.try_into().ok()
}
