//! Points, boxes and the transform that brings a face upright.

use models::LANDMARKS;
use serde::Serialize;

/// A point in pixels of the original picture; (0, 0) is the middle of the top left pixel.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// To the right.
    pub x: f32,
    /// Downwards.
    pub y: f32,
}

/// A box in pixels of the original picture; it may reach beyond the edges.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bounds {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

impl Bounds {
    /// Area in square pixels.
    #[must_use]
    pub fn area(&self) -> f32 {
        self.width * self.height
    }

    /// Left edge, top edge, width and height.
    #[must_use]
    pub fn rectangle(&self) -> [f64; 4] {
        [self.x, self.y, self.width, self.height].map(f64::from)
    }

    /// Intersection over union with another box: 0 apart, 1 the same.
    #[must_use]
    pub fn overlap(&self, other: &Self) -> f32 {
        let width = (self.x + self.width).min(other.x + other.width) - self.x.max(other.x);
        let height = (self.y + self.height).min(other.y + other.height) - self.y.max(other.y);
        let common = width.max(0.0) * height.max(0.0);
        let all = self.area() + other.area() - common;
        if all > 0.0 { common / all } else { 0.0 }
    }
}

/// A face in a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DetectedFace {
    /// Where it is.
    pub bounds: Bounds,
    /// Image-left eye, image-right eye, nose, image-left and image-right mouth corner.
    pub landmarks: [Point; LANDMARKS],
    /// How sure the detector is, 0 to 1.
    pub score: f32,
}

impl DetectedFace {
    /// The same face in a picture whose pixels are `scale` times as large in each direction and
    /// which begins at `origin`.
    pub(crate) fn scaled(&self, scale: Point, origin: Point) -> Self {
        // Middle of pixels to middle of pixels: hence the halves.
        let x = |x: f32| (x + 0.5) * scale.x - 0.5 + origin.x;
        let y = |y: f32| (y + 0.5) * scale.y - 0.5 + origin.y;
        Self {
            bounds: Bounds {
                x: x(self.bounds.x),
                y: y(self.bounds.y),
                width: self.bounds.width * scale.x,
                height: self.bounds.height * scale.y,
            },
            landmarks: self.landmarks.map(|point| Point {
                x: x(point.x),
                y: y(point.y),
            }),
            score: self.score,
        }
    }
}

/// Turn, uniform scale and shift: `(ax - by + tx, bx + ay + ty)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Similarity2 {
    a: f64,
    b: f64,
    tx: f64,
    ty: f64,
}

impl Similarity2 {
    /// The transform that brings `from` nearest to `to` in the sense of least squares (Umeyama's
    /// method in the plane, without reflection). None when `from` is one point or not finite.
    pub(crate) fn fit(from: &[Point; LANDMARKS], to: &[Point; LANDMARKS]) -> Option<Self> {
        let middle_from = middle(from);
        let middle_to = middle(to);
        let (mut along, mut across, mut spread) = (0.0, 0.0, 0.0);
        for (source, target) in from.iter().zip(to) {
            let (x, y) = (
                f64::from(source.x) - middle_from.0,
                f64::from(source.y) - middle_from.1,
            );
            let (u, v) = (
                f64::from(target.x) - middle_to.0,
                f64::from(target.y) - middle_to.1,
            );
            along += x * u + y * v;
            across += x * v - y * u;
            spread += x * x + y * y;
        }
        let (a, b) = (along / spread, across / spread);
        let fitted = Self {
            a,
            b,
            tx: middle_to.0 - a * middle_from.0 + b * middle_from.1,
            ty: middle_to.1 - b * middle_from.0 - a * middle_from.1,
        };
        let usable = fitted.scale().is_normal() && fitted.tx.is_finite() && fitted.ty.is_finite();
        usable.then_some(fitted)
    }

    /// Length of a unit after the transform.
    pub(crate) fn scale(&self) -> f64 {
        self.a.hypot(self.b)
    }

    /// Where the transform takes a point from.
    pub(crate) fn source_of(&self, x: f64, y: f64) -> (f64, f64) {
        let square = self.a * self.a + self.b * self.b;
        let (x, y) = (x - self.tx, y - self.ty);
        (
            (self.a * x + self.b * y) / square,
            (self.a * y - self.b * x) / square,
        )
    }
}

fn middle(points: &[Point; LANDMARKS]) -> (f64, f64) {
    let mut sum = (0.0, 0.0);
    for point in points {
        sum = (sum.0 + f64::from(point.x), sum.1 + f64::from(point.y));
    }
    (sum.0 / 5.0, sum.1 / 5.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn points(all: [(f32, f32); 5]) -> [Point; 5] {
        all.map(|(x, y)| Point { x, y })
    }

    #[test]
    fn a_known_turn_scale_and_shift_is_found_and_undone() {
        let from = points([(0.0, 0.0), (10.0, 0.0), (5.0, 5.0), (1.0, 9.0), (9.0, 9.0)]);
        // A quarter turn, twice as large, shifted by (3, 4).
        let to = from.map(|p| Point {
            x: -2.0 * p.y + 3.0,
            y: 2.0 * p.x + 4.0,
        });
        let fitted = Similarity2::fit(&from, &to).unwrap();
        assert!((fitted.scale() - 2.0).abs() < 1e-9);
        let (x, y) = fitted.source_of(3.0 - 2.0 * 9.0, 4.0 + 2.0);
        assert!((x - 1.0).abs() < 1e-6 && (y - 9.0).abs() < 1e-6);
    }

    #[test]
    fn one_point_five_times_is_no_face() {
        let same = points([(3.0, 3.0); 5]);
        let to = points([(0.0, 0.0), (1.0, 0.0), (2.0, 1.0), (0.0, 3.0), (1.0, 3.0)]);
        assert!(Similarity2::fit(&same, &to).is_none());
        let broken = points([(f32::NAN, 0.0); 5]);
        assert!(Similarity2::fit(&broken, &to).is_none());
    }

    #[test]
    fn overlap_is_zero_apart_and_one_for_the_same_box() {
        let one = Bounds {
            x: 0.0,
            y: 0.0,
            width: 2.0,
            height: 2.0,
        };
        let half = Bounds { x: 1.0, ..one };
        let far = Bounds { x: 9.0, ..one };
        let empty = Bounds {
            width: 0.0,
            height: 0.0,
            ..one
        };
        assert!((one.overlap(&one) - 1.0).abs() < 1e-6);
        assert!((one.overlap(&half) - 1.0 / 3.0).abs() < 1e-6);
        assert!(one.overlap(&far) < 1e-6 && empty.overlap(&empty) < 1e-6);
    }
}
