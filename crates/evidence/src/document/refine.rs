//! Sides to a fraction of a pixel: each is fitted again in the full picture.

use image::RgbImage;

use crate::geometry::{Point, Quad, between, cross, distance, dot, minus, sample, sides};

/// Places along a side at which its edge is looked for.
const PLACES: usize = 48;
/// Share of a side left out at each end: corners are round.
const CORNER: f64 = 0.08;
/// Steps to either side of the rough edge.
const STEPS: i32 = 12;
/// A corner moves at most so many pixels of the small copy; more is another edge.
const MOVE: f64 = 3.0;

/// The corners again, `scale` being full pixels per pixel of the copy they were found in. Sides on
/// the picture's border stay where they are.
pub(crate) fn refine(picture: &RgbImage, rough: &Quad, scale: f64) -> Quad {
    let (width, height) = (f64::from(picture.width()), f64::from(picture.height()));
    let fitted = sides(rough).map(|[start, end]| {
        let on_border = |[x, y]: Point| {
            [
                x < scale * 1.5,
                y < scale * 1.5,
                width - x < scale * 2.5,
                height - y < scale * 2.5,
            ]
        };
        let (first, second) = (on_border(start), on_border(end));
        if first.iter().zip(second).any(|(a, b)| *a && b) {
            return [start, end];
        }
        side(picture, start, end, scale).unwrap_or([start, end])
    });
    let [top, right, bottom, left] = fitted;
    let corners = [(left, top), (top, right), (right, bottom), (bottom, left)];
    let mut refined = *rough;
    for (corner, (one, other)) in refined.iter_mut().zip(corners) {
        if let Some(found) = meet(one, other)
            && distance(found, *corner) <= MOVE * scale
        {
            *corner = found;
        }
    }
    refined
}

fn meet([a, b]: [Point; 2], [c, d]: [Point; 2]) -> Option<Point> {
    let (one, other) = (minus(b, a), minus(d, c));
    let whole = cross(one, other);
    let share = cross(minus(c, a), other) / whole;
    share.is_finite().then(|| between(a, b, share))
}

/// One side as two points of the fitted line.
fn side(picture: &RgbImage, start: Point, end: Point, scale: f64) -> Option<[Point; 2]> {
    let long = distance(start, end);
    if long.is_nan() || long <= 1.0 {
        return None;
    }
    let [dx, dy] = minus(end, start);
    let normal = [-dy / long, dx / long];
    let step = (scale * 0.25).max(0.25);
    let mut found: Vec<[f64; 3]> = Vec::with_capacity(PLACES);
    for place in 0..PLACES {
        let share = CORNER + (1.0 - 2.0 * CORNER) * (place as f64 + 0.5) / PLACES as f64;
        let centre = between(start, end, share);
        if let Some((aside, weight)) = crossing(picture, centre, normal, step) {
            found.push([share, aside, weight]);
        }
    }
    // Fitted, then fitted again without what lies off: text, fingers, shadows.
    let mut near = scale * 3.0;
    let mut line = [0.0, 0.0];
    for _ in 0..4 {
        let [base, slope] = line;
        let kept = found
            .iter()
            .filter(|[share, aside, _]| (aside - base - slope * share).abs() <= near);
        let kept: Vec<&[f64; 3]> = kept.collect();
        if kept.len() < PLACES / 3 {
            return None;
        }
        line = least_squares(&kept)?;
        near = (near * 0.5).max(scale * 0.5);
    }
    let [base, slope] = line;
    let shifted = |point: Point, aside: f64| {
        let ([x, y], [nx, ny]) = (point, normal);
        [x + nx * aside, y + ny * aside]
    };
    Some([shifted(start, base), shifted(end, base + slope)])
}

/// Where colour changes most along the normal: how far aside, and how much.
fn crossing(picture: &RgbImage, centre: Point, normal: Point, step: f64) -> Option<(f64, f64)> {
    let ([x, y], [nx, ny]) = (centre, normal);
    let colours: Vec<[f32; 3]> = (-STEPS - 1..=STEPS + 1)
        .map(|place| {
            let aside = f64::from(place) * step;
            sample(picture, [x + nx * aside, y + ny * aside])
        })
        .collect();
    let change = |a: &[f32; 3], b: &[f32; 3]| {
        let each = a.iter().zip(b).map(|(p, q)| (p - q).abs());
        f64::from(each.sum::<f32>())
    };
    let slopes: Vec<f64> = colours
        .windows(3)
        .filter_map(|three| match three {
            [a, _, c] => Some(change(a, c)),
            _ => None,
        })
        .collect();
    let (best, peak) = slopes
        .iter()
        .enumerate()
        .max_by(|(_, a), (_, b)| a.total_cmp(b))?;
    if *peak < 6.0 {
        return None;
    }
    let value = |place: usize| slopes.get(place).copied().unwrap_or(0.0);
    let (left, right) = (best.checked_sub(1).map_or(0.0, value), value(best + 1));
    let bend = left - 2.0 * peak + right;
    let part = if bend < 0.0 {
        0.5 * (left - right) / bend
    } else {
        0.0
    };
    let aside = (best as f64 + part.clamp(-0.5, 0.5) - f64::from(STEPS)) * step;
    Some((aside, peak.min(60.0)))
}

/// Base and slope of the weighted line through share, aside, weight.
fn least_squares(points: &[&[f64; 3]]) -> Option<[f64; 2]> {
    let mut sums = [0.0; 5];
    for [share, aside, weight] in points {
        let terms = [
            *weight,
            weight * share,
            weight * aside,
            weight * share * share,
            weight * share * aside,
        ];
        for (sum, term) in sums.iter_mut().zip(terms) {
            *sum += term;
        }
    }
    let [n, x, y, xx, xy] = sums;
    let whole = dot([n, -x], [xx, x]);
    let slope = (n * xy - x * y) / whole;
    let base = (y - slope * x) / n;
    (slope.is_finite() && base.is_finite()).then_some([base, slope])
}
