//! Finds where a machine readable zone may be: long, dense, parallel lines of dark letters.
//!
//! Black-hat keeps what is dark and thin, its change along the row keeps upright strokes, and a
//! blur along the row makes bars of lines. What is found is only where to read.

use crate::resize::triangle_grey;
use image::{GrayImage, Luma};

/// Long side of the copy that is searched, in pixels: letters of a page that fills it have 24.
const SEARCH_SIDE: u32 = 1000;
/// Half width and half height of the black-hat's window: wider than a stroke, lower than a line.
const HAT: (usize, usize) = (10, 4);
/// Half width and half height of the blur that joins letters to a bar.
const BLUR: (usize, usize) = (14, 2);
/// The share of Otsu's threshold above which a place belongs to a bar.
const OTSU_SHARE: f64 = 0.8;
/// Least length of a bar as a share of the copy's width.
const LEAST_WIDTH: f64 = 0.28;
/// Least ratio of a bar's length to its thickness.
const LEAST_ASPECT: f64 = 4.0;
/// Most tilt of a bar: 15 degrees, as a slope.
const MOST_SLOPE: f64 = 0.27;
/// Most bars that are compared with one another.
const MOST_BARS: usize = 24;
/// Least score of a place that is worth reading: zones of the specimens have 0.75 to 1.8, headings
/// and lines of small print 0.3 to 0.6.
const LEAST_SCORE: f64 = 0.5;
/// Most height of a zone as a share of its width: three lines of 30 letters have 0.18 without
/// margins, and the reader spends seconds on a block of noise.
const MOST_HEIGHT: f64 = 0.3;
/// Most zones that are worth reading.
const MOST_ZONES: usize = 3;
/// Width of a zone as it is handed to the reader, in pixels: letters 25 to 37 wide.
pub(crate) const READ_WIDTH: u32 = 1100;

/// A tilted rectangle in pixels of the picture that was searched.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Zone {
    pub(crate) centre: (f64, f64),
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// Down for each pixel to the right.
    pub(crate) slope: f64,
    /// How much it looks like a zone; more is better.
    pub(crate) score: f64,
}

/// A picture of numbers, row by row.
struct Plane {
    width: usize,
    height: usize,
    values: Vec<u8>,
}

impl Plane {
    fn at(&self, x: usize, y: usize) -> u8 {
        self.values.get(y * self.width + x).copied().unwrap_or(0)
    }

    /// Each value replaced by the greatest (or least) of its window, rows first, then columns.
    fn extreme(&self, half: (usize, usize), pick: fn(u8, u8) -> u8) -> Self {
        let rows = self.along(half.0, pick);
        rows.turned().along(half.1, pick).turned()
    }

    fn along(&self, half: usize, pick: fn(u8, u8) -> u8) -> Self {
        let mut values = Vec::with_capacity(self.values.len());
        for row in self.values.chunks(self.width.max(1)) {
            for x in 0..row.len() {
                let window = row.get(x.saturating_sub(half)..(x + half + 1).min(row.len()));
                let all = window.unwrap_or_default().iter().copied();
                values.push(all.reduce(pick).unwrap_or(0));
            }
        }
        Self { values, ..*self }
    }

    fn turned(&self) -> Self {
        let mut values = Vec::with_capacity(self.values.len());
        for x in 0..self.width {
            values.extend((0..self.height).map(|y| self.at(x, y)));
        }
        Self {
            width: self.height,
            height: self.width,
            values,
        }
    }

    /// Mean of a window along the row.
    fn blurred(&self, half: usize) -> Self {
        let mut values = Vec::with_capacity(self.values.len());
        let full = (2 * half + 1) as u32;
        for row in self.values.chunks(self.width.max(1)) {
            let mut sum: u32 = row.iter().take(half).map(|value| u32::from(*value)).sum();
            for x in 0..row.len() {
                sum += u32::from(row.get(x + half).copied().unwrap_or(0));
                if let Some(gone) = x.checked_sub(half + 1) {
                    sum -= u32::from(row.get(gone).copied().unwrap_or(0));
                }
                // A mean of bytes is a byte.
                values.push((sum / full) as u8);
            }
        }
        Self { values, ..*self }
    }

    /// The threshold that parts the values best into two classes (Otsu 1979).
    fn otsu(&self) -> u8 {
        let mut counts = [0_u64; 256];
        for value in &self.values {
            if let Some(count) = counts.get_mut(usize::from(*value)) {
                *count += 1;
            }
        }
        let total = self.values.len() as f64;
        let all: f64 = counts
            .iter()
            .zip(0_u32..)
            .map(|(n, v)| *n as f64 * f64::from(v))
            .sum();
        let (mut below, mut sum, mut best) = (0.0, 0.0, (0.0, 0_u8));
        for (count, value) in counts.iter().zip(0_u8..=255) {
            below += *count as f64;
            sum += *count as f64 * f64::from(value);
            let above = total - below;
            if below > 0.0 && above > 0.0 {
                let apart = sum / below - (all - sum) / above;
                let between = below * above * apart * apart;
                if between > best.0 {
                    best = (between, value);
                }
            }
        }
        best.1
    }
}

/// A connected piece of the mask, by its sums.
#[derive(Default, Clone, Copy)]
struct Bar {
    pixels: f64,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    sum: [f64; 4],
}

impl Bar {
    fn add(&mut self, x: usize, y: usize) {
        let (x, y) = (x as f64, y as f64);
        if self.pixels == 0.0 {
            (self.left, self.right, self.top, self.bottom) = (x, x, y, y);
        }
        self.pixels += 1.0;
        self.left = self.left.min(x);
        self.right = self.right.max(x);
        self.top = self.top.min(y);
        self.bottom = self.bottom.max(y);
        for (sum, more) in self.sum.iter_mut().zip([x, y, x * x, x * y]) {
            *sum += more;
        }
    }

    fn width(&self) -> f64 {
        self.right - self.left + 1.0
    }

    fn thickness(&self) -> f64 {
        self.pixels / self.width()
    }

    fn centre(&self) -> (f64, f64) {
        let [x, y, ..] = self.sum;
        (x / self.pixels, y / self.pixels)
    }

    /// By least squares.
    fn slope(&self) -> f64 {
        let [x, y, xx, xy] = self.sum;
        let below = self.pixels * xx - x * x;
        if below.abs() < 1.0 {
            0.0
        } else {
            (self.pixels * xy - x * y) / below
        }
    }
}

/// Bars of letters in the copy.
fn bars(copy: &GrayImage) -> Vec<Bar> {
    let plane = Plane {
        width: copy.width() as usize,
        height: copy.height() as usize,
        values: copy.as_raw().clone(),
    };
    let closed = plane.extreme(HAT, u8::max).extreme(HAT, u8::min);
    let hat = closed
        .values
        .iter()
        .zip(&plane.values)
        .map(|(a, b)| a.saturating_sub(*b));
    let hat = Plane {
        values: hat.collect(),
        ..plane
    };
    let change = hat.values.windows(3).map(|three| match three {
        [before, _, after] => before.abs_diff(*after),
        _ => 0,
    });
    let mut values: Vec<u8> = change.collect();
    values.resize(hat.values.len(), 0);
    let change = Plane { values, ..hat };
    let bars = change.blurred(BLUR.0).turned().blurred(BLUR.1).turned();
    // Fillers at the ends of lines are fainter than letters.
    let threshold = (f64::from(bars.otsu()) * OTSU_SHARE) as u8;
    let mask: Vec<bool> = bars.values.iter().map(|value| *value > threshold).collect();
    connected(mask, bars.width, bars.height)
}

fn connected(mut mask: Vec<bool>, width: usize, height: usize) -> Vec<Bar> {
    let mut found = Vec::new();
    let mut open = Vec::new();
    for start in 0..mask.len() {
        let mut bar = Bar::default();
        open.push(start);
        while let Some(place) = open.pop() {
            match mask.get_mut(place) {
                Some(set) if *set => *set = false,
                _ => continue,
            }
            let (x, y) = (place % width, place / width);
            bar.add(x, y);
            if x > 0 {
                open.push(place - 1);
            }
            if x + 1 < width {
                open.push(place + 1);
            }
            if y > 0 {
                open.push(place - width);
            }
            if y + 1 < height {
                open.push(place + width);
            }
        }
        let long = bar.width() >= LEAST_WIDTH * width as f64;
        if long && bar.width() / bar.thickness() >= LEAST_ASPECT && bar.slope().abs() < MOST_SLOPE {
            found.push(bar);
        }
    }
    found.sort_by(|a, b| b.width().total_cmp(&a.width()));
    found.truncate(MOST_BARS);
    found
}

/// Whether a second bar continues the first one's block: parallel, as long, right above or below.
fn belongs(first: &Bar, other: &Bar) -> bool {
    let overlap = first.right.min(other.right) - first.left.max(other.left);
    let ((x, y), (other_x, other_y)) = (first.centre(), other.centre());
    let away = (other_y - y - first.slope() * (other_x - x)).abs();
    let (thin, thick) = if first.thickness() < other.thickness() {
        (first.thickness(), other.thickness())
    } else {
        (other.thickness(), first.thickness())
    };
    overlap > 0.7 * first.width().max(other.width())
        && (first.slope() - other.slope()).abs() < 0.06
        && away < 4.5 * thin
        && thick < 2.0 * thin
}

/// Where to read, best first, at most three; in pixels of the picture given.
pub(crate) fn zones(picture: &GrayImage) -> Vec<Zone> {
    let long = picture.width().max(picture.height()).max(1);
    let scale = f64::from(SEARCH_SIDE) / f64::from(long);
    let side = |pixels: u32| (f64::from(pixels) * scale).round().max(1.0) as u32;
    let size = (side(picture.width()), side(picture.height()));
    let copy = triangle_grey(picture, size);
    let bars = bars(&copy);
    let mut zones: Vec<Zone> = Vec::new();
    for first in &bars {
        let members: Vec<&Bar> = bars.iter().filter(|other| belongs(first, other)).collect();
        let zone = around(&members, first.slope(), size, scale);
        let same = |other: &Zone| {
            (other.centre.1 - zone.centre.1).abs() < 0.6 * other.height
                && (other.centre.0 - zone.centre.0).abs() < 0.5 * other.width
        };
        if !zones.iter().any(same) {
            zones.push(zone);
        }
    }
    zones.sort_by(|a, b| b.score.total_cmp(&a.score));
    zones.retain(|zone| zone.score >= LEAST_SCORE && zone.height <= MOST_HEIGHT * zone.width);
    zones.truncate(MOST_ZONES);
    zones
}

/// The rectangle around these bars along the first one's direction, in the picture's pixels.
fn around(members: &[&Bar], slope: f64, size: (u32, u32), scale: f64) -> Zone {
    let fold = |pick: fn(f64, f64) -> f64, of: fn(&Bar) -> f64| {
        members
            .iter()
            .map(|bar| of(bar))
            .reduce(pick)
            .unwrap_or(0.0)
    };
    let (left, right) = (
        fold(f64::min, |bar| bar.left),
        fold(f64::max, |bar| bar.right),
    );
    let middle = (left + right) / 2.0;
    // Height of each bar's middle line where it crosses the middle of the block.
    let level = |bar: &Bar| {
        let (x, y) = bar.centre();
        y + slope * (middle - x)
    };
    let half = |bar: &Bar| bar.thickness() * 0.6;
    let tops = members.iter().map(|bar| level(bar) - half(bar));
    let bottoms = members.iter().map(|bar| level(bar) + half(bar));
    let top = tops.reduce(f64::min).unwrap_or(0.0);
    let bottom = bottoms.reduce(f64::max).unwrap_or(0.0);
    let thickness = fold(f64::max, Bar::thickness);
    let (width, height) = (right - left, bottom - top);
    let lines = if members.len() > 1 || width / thickness < 12.0 {
        1.5
    } else {
        1.0
    };
    let low = f64::midpoint(top, bottom) / f64::from(size.1.max(1));
    Zone {
        centre: (middle / scale, f64::midpoint(top, bottom) / scale),
        width: width * 1.03 / scale,
        height: (height + thickness * 0.9) / scale,
        slope,
        score: width / f64::from(size.0) * lines * (0.8 + 0.4 * low),
    }
}

/// Cuts a zone out, upright, [`READ_WIDTH`] times `zoom` wide, with a light margin.
pub(crate) fn cut_out(picture: &GrayImage, zone: &Zone, zoom: f64) -> GrayImage {
    let width = f64::from(READ_WIDTH) * zoom;
    let step = zone.width / width;
    // Bilinear samples of a much larger picture would skip pixels: it is made smaller first.
    let (source, factor) = if step > 1.5 {
        let side = |pixels: u32| (f64::from(pixels) / step).round().max(1.0) as u32;
        let size = (side(picture.width()), side(picture.height()));
        (triangle_grey(picture, size), step)
    } else {
        (picture.clone(), 1.0)
    };
    let length = (1.0 + zone.slope * zone.slope).sqrt();
    let (cos, sin) = (1.0 / length, zone.slope / length);
    let height = (zone.height / step).clamp(8.0, width);
    GrayImage::from_fn(width as u32, height as u32, |x, y| {
        let u = (f64::from(x) - width / 2.0) * step;
        let v = (f64::from(y) - height / 2.0) * step;
        let at = (
            zone.centre.0 + u * cos - v * sin,
            zone.centre.1 + u * sin + v * cos,
        );
        Luma([sample(&source, at.0 / factor, at.1 / factor)])
    })
}

/// Bilinear, with the edge's value beyond the edge.
fn sample(picture: &GrayImage, x: f64, y: f64) -> u8 {
    let most = |side: u32| f64::from(side.saturating_sub(1));
    let (x, y) = (
        x.clamp(0.0, most(picture.width())),
        y.clamp(0.0, most(picture.height())),
    );
    let (left, top) = (x.floor(), y.floor());
    let value = |dx: f64, dy: f64| {
        let (x, y) = (
            (left + dx).min(most(picture.width())),
            (top + dy).min(most(picture.height())),
        );
        picture
            .get_pixel_checked(x as u32, y as u32)
            .map_or(255.0, |Luma([v])| f64::from(*v))
    };
    let (fx, fy) = (x - left, y - top);
    let above = value(0.0, 0.0) * (1.0 - fx) + value(1.0, 0.0) * fx;
    let below = value(0.0, 1.0) * (1.0 - fx) + value(1.0, 1.0) * fx;
    (above * (1.0 - fy) + below * fy).round() as u8
}
