//! Points, quadrilaterals, and the copy of a quadrilateral as if seen from straight above.

use image::{Rgb, RgbImage};

/// `x, y` in pixels of the upright picture.
pub(crate) type Point = [f64; 2];
/// Four corners, clockwise, the first side being the upper one.
pub(crate) type Quad = [Point; 4];

/// Below this a determinant is zero: the shape has no area.
const FLAT: f64 = 1e-9;
/// Where the picture is finer than the copy by this factor, four samples make one pixel.
const FINER: f64 = 1.6;

pub(crate) fn minus(a: Point, b: Point) -> Point {
    let ([ax, ay], [bx, by]) = (a, b);
    [ax - bx, ay - by]
}

/// `a + share * (b - a)`.
pub(crate) fn between(a: Point, b: Point, share: f64) -> Point {
    let ([ax, ay], [dx, dy]) = (a, minus(b, a));
    [ax + share * dx, ay + share * dy]
}

pub(crate) fn dot(a: Point, b: Point) -> f64 {
    let ([ax, ay], [bx, by]) = (a, b);
    ax * bx + ay * by
}

pub(crate) fn cross(a: Point, b: Point) -> f64 {
    let ([ax, ay], [bx, by]) = (a, b);
    ax * by - ay * bx
}

pub(crate) fn distance(a: Point, b: Point) -> f64 {
    let [x, y] = minus(a, b);
    x.hypot(y)
}

/// The sides, each as its two corners.
pub(crate) fn sides(quad: &Quad) -> [[Point; 2]; 4] {
    let [a, b, c, d] = *quad;
    [[a, b], [b, c], [c, d], [d, a]]
}

/// Area in square pixels; negative if the corners run the other way round.
pub(crate) fn area(quad: &Quad) -> f64 {
    sides(quad).iter().map(|[a, b]| cross(*a, *b)).sum::<f64>() / 2.0
}

/// Whether every corner turns the same way.
pub(crate) fn convex(quad: &Quad) -> bool {
    let [a, b, c, d] = *quad;
    let turns = [[a, b, c], [b, c, d], [c, d, a], [d, a, b]]
        .map(|[p, q, r]| cross(minus(q, p), minus(r, q)));
    turns.iter().all(|turn| *turn > FLAT) || turns.iter().all(|turn| *turn < -FLAT)
}

/// Whether the point lies in a convex quadrilateral with clockwise corners.
pub(crate) fn contains(quad: &Quad, point: Point) -> bool {
    let inner = |[a, b]: &[Point; 2]| cross(minus(*b, *a), minus(point, *a)) >= 0.0;
    sides(quad).iter().all(inner)
}

/// Length across over length down: the mean of both pairs of sides.
pub(crate) fn aspect(quad: &Quad) -> f64 {
    let [top, right, bottom, left] = sides(quad).map(|[a, b]| distance(a, b));
    (top + bottom) / (left + right).max(FLAT)
}

/// The upright rectangle around it: left, top, width, height.
pub(crate) fn bounds(points: &[Point]) -> [f64; 4] {
    let (mut left, mut top) = (f64::INFINITY, f64::INFINITY);
    let (mut right, mut bottom) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
    for [x, y] in points {
        (left, right) = (left.min(*x), right.max(*x));
        (top, bottom) = (top.min(*y), bottom.max(*y));
    }
    [left, top, right - left, bottom - top]
}

/// The same shape with clockwise corners, its upper side first.
pub(crate) fn upright(quad: &Quad) -> Quad {
    let [a, b, c, d] = *quad;
    let [a, b, c, d] = if area(quad) < 0.0 {
        [a, d, c, b]
    } else {
        *quad
    };
    let turned = [[a, b, c, d], [b, c, d, a], [c, d, a, b], [d, a, b, c]];
    // The upper side has the least sum of heights.
    let height = |quad: &Quad| quad.iter().take(2).map(|[_, y]| *y).sum::<f64>();
    let best = turned.iter().min_by(|p, q| height(p).total_cmp(&height(q)));
    best.copied().unwrap_or([a, b, c, d])
}

/// The projective map from the unit square to a quadrilateral.
pub(crate) struct Projection {
    x: [f64; 3],
    y: [f64; 3],
    w: [f64; 2],
}

impl Projection {
    /// Heckbert, *Fundamentals of Texture Mapping and Image Warping* (1989), section 2.2.3; nothing
    /// if the quadrilateral has no area.
    pub(crate) fn onto(quad: &Quad) -> Option<Self> {
        let [[x0, y0], [x1, y1], [x2, y2], [x3, y3]] = *quad;
        let (sx, sy) = (x0 - x1 + x2 - x3, y0 - y1 + y2 - y3);
        let (right, left) = ([x1 - x2, y1 - y2], [x3 - x2, y3 - y2]);
        let whole = cross(right, left);
        if whole.is_nan() || whole.abs() <= FLAT {
            return None;
        }
        let g = cross([sx, sy], left) / whole;
        let h = cross(right, [sx, sy]) / whole;
        Some(Self {
            x: [x1 - x0 + g * x1, x3 - x0 + h * x3, x0],
            y: [y1 - y0 + g * y1, y3 - y0 + h * y3, y0],
            w: [g, h],
        })
    }

    /// Where a point of the unit square lies.
    pub(crate) fn map(&self, [u, v]: Point) -> Point {
        self.line(v).at(u)
    }

    /// The points of the unit square at this height.
    fn line(&self, v: f64) -> Line {
        let ([a, b, c], [d, e, f], [g, h]) = (self.x, self.y, self.w);
        Line {
            x: [a, b * v + c],
            y: [d, e * v + f],
            w: [g, h * v + 1.0],
        }
    }
}

/// Where one line of the unit square lies: only `u` is left to vary.
struct Line {
    x: [f64; 2],
    y: [f64; 2],
    w: [f64; 2],
}

impl Line {
    fn at(&self, u: f64) -> Point {
        let ([a, b], [c, d], [e, f]) = (self.x, self.y, self.w);
        let share = 1.0 / (e * u + f);
        [(a * u + b) * share, (c * u + d) * share]
    }
}

/// Colour between the pixels' centres; outside of the picture the nearest pixel's.
pub(crate) fn sample(picture: &RgbImage, [x, y]: Point) -> [f32; 3] {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    if width < 2 || height < 2 {
        return match picture.get_pixel_checked(0, 0) {
            Some(Rgb([r, g, b])) => [f32::from(*r), f32::from(*g), f32::from(*b)],
            None => [0.0; 3],
        };
    }
    let x = (x - 0.5).clamp(0.0, width as f64 - 1.001);
    let y = (y - 0.5).clamp(0.0, height as f64 - 1.001);
    // Clamped above; a NaN becomes 0 by definition of `as`.
    let (left, top) = (x as usize, y as usize);
    let (fx, fy) = ((x - left as f64) as f32, (y - top as f64) as f32);
    let start = (top * width + left) * 3;
    let raw = picture.as_raw();
    let row = |start: usize| raw.get(start..start + 6).unwrap_or(&[0; 6]);
    let mix = |six: &[u8]| match six {
        [r, g, b, s, h, c] => [(r, s), (g, h), (b, c)]
            .map(|(p, q)| f32::from(*p) + fx * (f32::from(*q) - f32::from(*p))),
        _ => [0.0; 3],
    };
    let ([a, b, c], [d, e, f]) = (mix(row(start)), mix(row(start + width * 3)));
    [a + fy * (d - a), b + fy * (e - b), c + fy * (f - c)]
}

/// The quadrilateral as a rectangle of `size` pixels; black if it has no area.
pub(crate) fn rectify(picture: &RgbImage, quad: &Quad, size: (u32, u32)) -> RgbImage {
    let mut copy = RgbImage::new(size.0, size.1);
    let Some(projection) = Projection::onto(quad) else {
        return copy;
    };
    let longest = sides(quad).map(|[a, b]| distance(a, b));
    let across = longest.into_iter().fold(0.0, f64::max);
    let fine = across > f64::from(size.0.max(size.1)) * FINER;
    // Places on one line of the copy.
    let line = |row: u32, down: f64| projection.line((f64::from(row) + down) / f64::from(size.1));
    let share = |column: u32, aside: f64| (f64::from(column) + aside) / f64::from(size.0);
    for (row, pixels) in (0..).zip(copy.rows_mut()) {
        if fine {
            let [upper, lower] = [0.25, 0.75].map(|down| line(row, down));
            for (column, pixel) in (0..).zip(pixels) {
                let [left, right] = [0.25, 0.75].map(|aside| share(column, aside));
                let four = [
                    upper.at(left),
                    upper.at(right),
                    lower.at(left),
                    lower.at(right),
                ];
                pixel.0 = mean(four.map(|place| nearest(picture, place)));
            }
        } else {
            let middle = line(row, 0.5);
            for (column, pixel) in (0..).zip(pixels) {
                let colour = sample(picture, middle.at(share(column, 0.5)));
                pixel.0 = colour.map(|value| (value + 0.5) as u8);
            }
        }
    }
    copy
}

/// The pixel at a place; outside of the picture the nearest one. Black of an empty picture.
fn nearest(picture: &RgbImage, [x, y]: Point) -> [u8; 3] {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    // Negative and NaN become 0 by definition of `as`.
    let (x, y) = (
        (x as usize).min(width.saturating_sub(1)),
        (y as usize).min(height.saturating_sub(1)),
    );
    let start = (y * width + x) * 3;
    let pixel = picture.as_raw().get(start..).and_then(<[u8]>::first_chunk);
    pixel.copied().unwrap_or_default()
}

/// The mean of four pixels, rounded.
fn mean(four: [[u8; 3]; 4]) -> [u8; 3] {
    let mut sums = [2_u16; 3];
    for pixel in four {
        for (sum, value) in sums.iter_mut().zip(pixel) {
            *sum += u16::from(value);
        }
    }
    // The mean of bytes is a byte.
    sums.map(|sum| (sum / 4) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUAD: Quad = [[10.0, 12.0], [90.0, 5.0], [95.0, 70.0], [4.0, 60.0]];

    #[test]
    fn the_corners_of_the_square_become_those_of_the_shape() {
        let projection = Projection::onto(&QUAD).unwrap();
        let square = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];
        for (corner, wanted) in square.into_iter().zip(QUAD) {
            assert!(distance(projection.map(corner), wanted) < 1e-9);
        }
    }

    #[test]
    fn a_shape_without_area_has_no_map() {
        assert!(Projection::onto(&[[1.0, 1.0]; 4]).is_none());
        let nothing = [[f64::NAN; 2]; 4];
        assert!(Projection::onto(&nothing).is_none());
        let copy = rectify(&RgbImage::new(3, 3), &nothing, (4, 4));
        assert!(copy.pixels().all(|pixel| pixel.0 == [0; 3]));
    }

    #[test]
    fn corners_are_put_in_order() {
        let [a, b, c, d] = QUAD;
        for mixed in [[a, b, c, d], [c, d, a, b], [d, c, b, a], [b, a, d, c]] {
            assert_eq!(upright(&mixed), QUAD);
        }
        assert!(convex(&QUAD) && !convex(&[a, c, b, d]));
    }
}
