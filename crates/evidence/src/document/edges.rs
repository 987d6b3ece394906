//! Where colour changes: thin edges with their direction, on a small copy of the picture.

use image::RgbImage;

/// Weakest change of colour that counts, in levels per pixel after smoothing. White cards on light
/// tables change by about this much; sensor noise of a small copy stays below.
const LEAST: f32 = 2.2;
/// From here on a change counts fully.
const FULL: f32 = 10.0;

/// A pixel of a thin edge.
#[derive(Clone, Copy, Default)]
pub(crate) struct Edge {
    /// 0 where there is no edge, up to 1.
    pub(crate) strength: f32,
    /// Direction across the edge, of length 1.
    pub(crate) across: [f32; 2],
}

/// The edges of a picture.
pub(crate) struct Edges {
    pub(crate) width: usize,
    pub(crate) height: usize,
    cells: Vec<Edge>,
}

/// One channel of a picture.
struct Plane {
    width: usize,
    values: Vec<f32>,
}

impl Plane {
    /// Smoothed by 1-2-1 in both directions, twice: a Gauss of sigma 1.
    fn smooth(mut self) -> Self {
        for _ in 0..2 {
            let mut flat = self.values.clone();
            let rows = self.values.chunks_exact(self.width);
            for (row, target) in rows.zip(flat.chunks_exact_mut(self.width)) {
                for (window, value) in row.windows(3).zip(target.iter_mut().skip(1)) {
                    if let [a, b, c] = window {
                        *value = (a + 2.0 * b + c) * 0.25;
                    }
                }
            }
            let rows: Vec<&[f32]> = flat.chunks_exact(self.width).collect();
            let targets = self.values.chunks_exact_mut(self.width).skip(1);
            for (window, target) in rows.windows(3).zip(targets) {
                let [above, row, below] = window else {
                    continue;
                };
                let near = above.iter().zip(row.iter()).zip(below.iter());
                for (((a, b), c), value) in near.zip(target.iter_mut()) {
                    *value = (a + 2.0 * b + c) * 0.25;
                }
            }
        }
        self
    }
}

/// Light, red against green, blue against yellow.
fn planes(picture: &RgbImage) -> [Plane; 3] {
    let width = picture.width() as usize;
    let [mut light, mut green, mut blue] = [(); 3].map(|()| Vec::with_capacity(width));
    for pixel in picture.pixels() {
        let [r, g, b] = pixel.0.map(f32::from);
        light.push((r + 2.0 * g + b) * 0.25);
        green.push(r - g);
        blue.push((b - (r + g) * 0.5) * 0.7);
    }
    [light, green, blue].map(|values| Plane { width, values }.smooth())
}

impl Edges {
    /// Finds them: in every pixel the channel that changes most, thinned to ridges.
    pub(crate) fn of(picture: &RgbImage) -> Self {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let mut slopes = vec![[0.0_f32; 2]; width * height];
        if width < 3 || height < 3 {
            let cells = vec![Edge::default(); width * height];
            return Self {
                width,
                height,
                cells,
            };
        }
        for plane in planes(picture) {
            steepest(&plane, &mut slopes);
        }
        let cells = thin(&slopes, width);
        Self {
            width,
            height,
            cells,
        }
    }

    /// The edge at a pixel; none outside.
    pub(crate) fn at(&self, x: i64, y: i64) -> Edge {
        let inside = |value: i64, end: usize| usize::try_from(value).ok().filter(|v| *v < end);
        let place = inside(x, self.width).zip(inside(y, self.height));
        let cell = place.and_then(|(x, y)| self.cells.get(y * self.width + x));
        cell.copied().unwrap_or_default()
    }

    /// All pixels that have one, with their places.
    pub(crate) fn all(&self) -> impl Iterator<Item = (usize, usize, &Edge)> {
        let rows = self.cells.chunks_exact(self.width.max(1)).enumerate();
        rows.flat_map(|(y, row)| row.iter().enumerate().map(move |(x, edge)| (x, y, edge)))
            .filter(|(_, _, edge)| edge.strength > 0.0)
    }
}

/// Keeps the steeper of what `slopes` has and what this channel has, in every pixel.
fn steepest(plane: &Plane, slopes: &mut [[f32; 2]]) {
    let rows: Vec<&[f32]> = plane.values.chunks_exact(plane.width).collect();
    let targets = slopes.chunks_exact_mut(plane.width).skip(1);
    for (window, target) in rows.windows(3).zip(targets) {
        let [above, row, below] = window else {
            continue;
        };
        let near = above.windows(3).zip(row.windows(3)).zip(below.windows(3));
        for (((up, mid), down), slope) in near.zip(target.iter_mut().skip(1)) {
            let ([a, b, c], [d, _, e], [f, g, h]) = (up, mid, down) else {
                continue;
            };
            // Scharr's weights: the direction is right to a fraction of a degree.
            let x = (3.0 * (c - a) + 10.0 * (e - d) + 3.0 * (h - f)) / 32.0;
            let y = (3.0 * (f - a) + 10.0 * (g - b) + 3.0 * (h - c)) / 32.0;
            let [ox, oy] = *slope;
            if x * x + y * y > ox * ox + oy * oy {
                *slope = [x, y];
            }
        }
    }
}

/// Only pixels that are steeper than both neighbours across the edge.
fn thin(slopes: &[[f32; 2]], width: usize) -> Vec<Edge> {
    let square = |place: usize| slopes.get(place).map_or(0.0, |[x, y]| x * x + y * y);
    let mut cells = vec![Edge::default(); slopes.len()];
    for (place, (cell, [x, y])) in cells.iter_mut().zip(slopes).enumerate() {
        let own = x * x + y * y;
        if own < LEAST * LEAST {
            continue;
        }
        // The neighbour across: beside, below, or on one of the diagonals (tan 22.5 = 0.414).
        let step = if y.abs() < 0.414 * x.abs() {
            1
        } else if x.abs() < 0.414 * y.abs() {
            width
        } else if (*x > 0.0) == (*y > 0.0) {
            width + 1
        } else {
            width - 1
        };
        let before = place.checked_sub(step).map_or(0.0, square);
        if own > before && own >= square(place + step) {
            let length = own.sqrt();
            *cell = Edge {
                strength: (length / FULL).min(1.0),
                across: [x / length, y / length],
            };
        }
    }
    cells
}
