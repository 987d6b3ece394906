//! Straight lines among the edges, by the Hough transform, and how much edge lies along each.

use super::edges::Edges;
use crate::geometry::{Point, cross, dot};

/// Directions in half a turn: one per degree.
const TURNS: usize = 180;
/// An edge pixel votes for its own direction and so many degrees to either side.
const SPREAD: i64 = 2;
/// Lines kept per quarter of half a turn, so that wood grain cannot crowd out the other direction.
const PER_QUARTER: usize = 12;
/// Two lines nearer than this (degrees, pixels) are one.
const SAME: (i64, i64) = (3, 4);
/// Weakest line kept, as a share of the shorter side of the picture.
const LEAST_SHARE: f64 = 0.06;
/// How far from a line, in pixels, an edge still lies on it, and the cosine of the greatest angle
/// between the two (20 degrees).
const REACH: i64 = 2;
const ALIGNED: f32 = 0.94;

/// A straight line with what lies along it.
pub(crate) struct Line {
    /// Unit vector across it.
    pub(crate) normal: Point,
    /// Distance from the origin along `normal`.
    pub(crate) offset: f64,
    /// A border of the picture, not an edge in it.
    pub(crate) border: bool,
    /// Position of the first step along the line.
    start: i64,
    /// Edge seen before each step of one pixel.
    seen: Vec<u32>,
}

impl Line {
    fn new(normal: Point, offset: f64, edges: &Edges) -> Self {
        let mut line = Self {
            normal,
            offset,
            border: false,
            start: 0,
            seen: Vec::new(),
        };
        line.walk(edges);
        line
    }

    fn border(normal: Point, offset: f64) -> Self {
        Self {
            normal,
            offset,
            border: true,
            start: 0,
            seen: Vec::new(),
        }
    }

    /// Unit vector along it.
    pub(crate) fn along(&self) -> Point {
        let [x, y] = self.normal;
        [-y, x]
    }

    pub(crate) fn point(&self, position: f64) -> Point {
        let ([nx, ny], [dx, dy]) = (self.normal, self.along());
        [
            nx * self.offset + dx * position,
            ny * self.offset + dy * position,
        ]
    }

    /// Where two lines meet, unless they run alike.
    pub(crate) fn meets(&self, other: &Self) -> Option<Point> {
        let whole = cross(self.normal, other.normal);
        if whole.abs() < 0.1 {
            return None;
        }
        let ([ax, ay], [bx, by]) = (self.normal, other.normal);
        let x = (self.offset * by - other.offset * ay) / whole;
        let y = (other.offset * ax - self.offset * bx) / whole;
        Some([x, y])
    }

    /// Share of the way between two positions along which there is edge, 0 to 1.
    pub(crate) fn support(&self, from: f64, to: f64) -> f64 {
        let (from, to) = if from < to { (from, to) } else { (to, from) };
        let last = self.seen.len().saturating_sub(1);
        let count = |position: f64| {
            // Clamped to the walked part; a NaN becomes 0 by definition of `as`.
            let place = (position - self.start as f64)
                .round()
                .clamp(0.0, last as f64);
            self.seen.get(place as usize).copied().unwrap_or(0)
        };
        let seen = count(to).saturating_sub(count(from));
        (f64::from(seen) / (to - from).max(1.0)).min(1.0)
    }

    fn walk(&mut self, edges: &Edges) {
        let reach = diagonal(edges);
        let (normal, mut seen, mut started) = (self.normal, 0, false);
        let [nx, ny] = normal;
        for step in -reach..=reach {
            let [x, y] = self.point(step as f64);
            let inside = (-1.0..=edges.width as f64).contains(&x)
                && (-1.0..=edges.height as f64).contains(&y);
            if !inside {
                if started {
                    break;
                }
                continue;
            }
            if !started {
                (self.start, started) = (step, true);
                self.seen.push(0);
            }
            let hit = (-REACH..=REACH).any(|side| {
                let side = side as f64;
                let edge = edges.at(nearest(x + nx * side), nearest(y + ny * side));
                let [ex, ey] = edge.across;
                edge.strength > 0.0 && (ex * nx as f32 + ey * ny as f32).abs() > ALIGNED
            });
            seen += u32::from(hit);
            self.seen.push(seen);
        }
    }
}

/// The pixel at a position; what lies a pixel outside may become the outermost one. (`round` is a
/// call into the maths library on plain x86-64.)
fn nearest(value: f64) -> i64 {
    (value + 0.5) as i64
}

/// The longest way across the picture, pixels.
fn diagonal(edges: &Edges) -> i64 {
    (edges.width as f64).hypot(edges.height as f64).ceil() as i64
}

/// The votes: one row per direction.
struct Votes {
    middle: i64,
    across: usize,
    cells: Vec<f32>,
}

impl Votes {
    fn of(edges: &Edges) -> Self {
        let middle = diagonal(edges) + 1;
        let across = usize::try_from(2 * middle + 1).unwrap_or(1);
        let mut votes = Self {
            middle,
            across,
            cells: vec![0.0; across * TURNS],
        };
        let directions: Vec<Point> = (0..TURNS).map(direction).collect();
        for (x, y, edge) in edges.all() {
            let [ex, ey] = edge.across;
            let degrees = f64::from(ey).atan2(f64::from(ex)).to_degrees().round() as i64;
            for turn in degrees - SPREAD..=degrees + SPREAD {
                let turn = turn.rem_euclid(TURNS as i64) as usize;
                let normal = directions.get(turn).copied().unwrap_or_default();
                let offset = dot(normal, [x as f64, y as f64]).round() as i64;
                if let Some(cell) = votes.cell(turn as i64, offset) {
                    *cell += edge.strength;
                }
            }
        }
        votes
    }

    /// A cell; directions beyond half a turn are those on the other side.
    fn cell(&mut self, turn: i64, offset: i64) -> Option<&mut f32> {
        let turns = TURNS as i64;
        let (turn, offset) = match turn {
            ..0 => (turn + turns, -offset),
            turn if turn >= turns => (turn - turns, -offset),
            turn => (turn, offset),
        };
        let place = usize::try_from(offset + self.middle).ok()?;
        let row = usize::try_from(turn).ok()?;
        (place < self.across).then_some(())?;
        self.cells.get_mut(row * self.across + place)
    }

    /// The strongest line of a range of directions, taken out of the votes.
    fn take(&mut self, quarter: usize, least: f32) -> Option<(usize, i64)> {
        let rows = TURNS / 4;
        let first = quarter * rows * self.across;
        let part = self.cells.get(first..first + rows * self.across)?;
        let (place, votes) = part
            .iter()
            .enumerate()
            .max_by(|(_, a), (_, b)| a.total_cmp(b))?;
        if *votes < least {
            return None;
        }
        let turn = quarter * rows + place / self.across;
        let offset = (place % self.across) as i64 - self.middle;
        for near in -SAME.0..=SAME.0 {
            for aside in -SAME.1..=SAME.1 {
                if let Some(cell) = self.cell(turn as i64 + near, offset + aside) {
                    *cell = 0.0;
                }
            }
        }
        Some((turn, offset))
    }
}

fn direction(turn: usize) -> Point {
    let (sin, cos) = (turn as f64).to_radians().sin_cos();
    [cos, sin]
}

/// The clearest lines of the picture, and its four borders.
pub(crate) fn lines(edges: &Edges) -> Vec<Line> {
    let (width, height) = (edges.width as f64, edges.height as f64);
    let least = (width.min(height) * LEAST_SHARE) as f32;
    let mut votes = Votes::of(edges);
    let mut found: Vec<Line> = Vec::new();
    for quarter in 0..4 {
        for _ in 0..PER_QUARTER {
            let Some((turn, offset)) = votes.take(quarter, least) else {
                break;
            };
            let (normal, offset) = fit(edges, direction(turn), offset as f64);
            found.push(Line::new(normal, offset, edges));
        }
    }
    found.extend([
        Line::border([1.0, 0.0], 0.0),
        Line::border([1.0, 0.0], width - 1.0),
        Line::border([0.0, 1.0], 0.0),
        Line::border([0.0, 1.0], height - 1.0),
    ]);
    found
}

/// The straight line through the edge pixels near a line, by least squares.
fn fit(edges: &Edges, normal: Point, offset: f64) -> (Point, f64) {
    let rough = Line {
        normal,
        offset,
        border: false,
        start: 0,
        seen: Vec::new(),
    };
    let [nx, ny] = normal;
    let reach = diagonal(edges);
    // Sums of position, distance, position squared and their product.
    let (mut count, mut sp, mut sd, mut spp, mut spd) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for step in -reach..=reach {
        let [x, y] = rough.point(step as f64);
        for side in -REACH..=REACH {
            let side = side as f64;
            let edge = edges.at(nearest(x + nx * side), nearest(y + ny * side));
            let [ex, ey] = edge.across;
            if edge.strength > 0.0 && (ex * nx as f32 + ey * ny as f32).abs() > ALIGNED {
                let weight = f64::from(edge.strength);
                let position = step as f64;
                count += weight;
                sp += weight * position;
                sd += weight * side;
                spp += weight * position * position;
                spd += weight * position * side;
            }
        }
    }
    let whole = count * spp - sp * sp;
    if count < 1.0 || whole < 1.0 {
        return (normal, offset);
    }
    // At most the spread of the votes, in radians.
    let slope = ((count * spd - sp * sd) / whole).clamp(-0.03, 0.03);
    let aside = (sd - slope * sp) / count;
    let along = rough.along();
    let [dx, dy] = along;
    let turned = [nx - slope * dx, ny - slope * dy];
    let length = dot(turned, turned).sqrt();
    let [tx, ty] = turned;
    let unit = [tx / length, ty / length];
    let anchor = [nx * (offset + aside), ny * (offset + aside)];
    (unit, dot(unit, anchor))
}
