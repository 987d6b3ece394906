//! Where two pictures that are nearly the same differ: a date pasted over another date.

use image::{GrayImage, RgbImage};
use recovery::finding::Region;

use super::{COPY_SIDE, GRID, Part, prints};
use crate::resize::{grey_within, triangle_grey};

/// Bits up to which two pictures count as one that was worked on; `checks.reuse.bits` has the same
/// default. What is changed in them must be small beside what is not.
const NEAR_BITS: u32 = 60;
/// Pixels of a block's side, on copies of 512 pixels: a line of handwriting is one to two high.
const BLOCK: u32 = 16;
/// Blocks along the side of the common copy.
const BLOCKS: u32 = 32;
/// Grey levels by which a block differs on average from which on it was changed: coding at quality
/// 40 and noise stay below 8.
const CHANGED: f64 = 14.0;
/// How much more a changed block differs than the blocks do on average: a shifted picture differs
/// everywhere.
const TIMES_MEDIAN: f64 = 4.0;
/// From this share of blocks on it is another photo, not a changed one.
const MOST_CHANGED: f64 = 0.35;
/// Places that are told; more of them make no clearer picture.
const MAX_REGIONS: usize = 8;

/// What differs between two pictures that are otherwise the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Bits in which their prints differ.
    pub distance: u32,
    /// Share of the picture that was changed, 0 to 1.
    pub share: f64,
    /// Where, largest first, in the second picture; none when only coding, size or light differ.
    pub changed: Vec<Region>,
}

/// Compares two pictures block by block, if they are near at all and framed alike (not turned, not
/// cropped). Light and contrast are evened out first.
#[must_use]
pub fn near_duplicate(a: &RgbImage, b: &RgbImage) -> Option<Difference> {
    let first = prints(&[(Part::Whole, a)]).into_iter().next()?;
    let second = prints(&[(Part::Whole, b)]).into_iter().next()?;
    let distance = first.bits.distance(second.bits);
    if distance > NEAR_BITS {
        return None;
    }
    let side = BLOCK * BLOCKS;
    let common = |picture: &RgbImage| {
        let copy = grey_within(picture, COPY_SIDE);
        triangle_grey(&copy, (side, side))
    };
    let (a, b) = (common(a), common(b));
    let differences = block_differences(&a, &b);
    let mut sorted = differences.clone();
    sorted.sort_by(f64::total_cmp);
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
    let least = CHANGED.max(TIMES_MEDIAN * median);
    let changed: Vec<bool> = differences.iter().map(|value| *value > least).collect();
    let count = changed.iter().filter(|changed| **changed).count();
    let share = count as f64 / changed.len().max(1) as f64;
    (share <= MOST_CHANGED).then(|| Difference {
        distance,
        share,
        changed: regions(&changed, BLOCKS),
    })
}

/// Mean absolute difference of each block, the second picture brought to the first one's light.
fn block_differences(a: &GrayImage, b: &GrayImage) -> Vec<f64> {
    let ((mean_a, spread_a), (mean_b, spread_b)) = (light(a), light(b));
    let gain = spread_a / spread_b.max(1.0);
    let blocks = (BLOCKS * BLOCKS) as usize;
    let mut sums = vec![0.0; blocks];
    for (x, y, pixel) in b.enumerate_pixels() {
        let [here] = pixel.0;
        let there = a.get_pixel_checked(x, y).map_or(0, |pixel| {
            let [value] = pixel.0;
            value
        });
        let evened = (f64::from(here) - mean_b) * gain + mean_a;
        let block = (y / BLOCK) * BLOCKS + x / BLOCK;
        if let Some(sum) = sums.get_mut(block as usize) {
            *sum += (evened - f64::from(there)).abs();
        }
    }
    let area = f64::from(BLOCK * BLOCK);
    sums.into_iter().map(|sum| sum / area).collect()
}

/// Mean and standard deviation of the grey levels.
fn light(picture: &GrayImage) -> (f64, f64) {
    let count = picture.as_raw().len().max(1) as f64;
    let (sum, squares) = picture
        .as_raw()
        .iter()
        .map(|value| f64::from(*value))
        .fold((0.0, 0.0), |(sum, squares), value| {
            (sum + value, squares + value * value)
        });
    let mean = sum / count;
    (mean, (squares / count - mean * mean).max(0.0).sqrt())
}

/// Boxes around groups of marked cells that touch, largest first.
fn regions(marked: &[bool], side: u32) -> Vec<Region> {
    let mut open: Vec<bool> = marked.to_vec();
    let mut boxes: Vec<(usize, [u32; 4])> = Vec::new();
    for start in 0..open.len() {
        let mut group = vec![start];
        let (mut size, mut bounds) = (0, [u32::MAX, u32::MAX, 0, 0]);
        // Each cell is closed once, so this ends.
        while let Some(cell) = group.pop() {
            if !open.get(cell).copied().unwrap_or(false) {
                continue;
            }
            if let Some(cell) = open.get_mut(cell) {
                *cell = false;
            }
            let at = u32::try_from(cell).unwrap_or(0);
            let (x, y) = (at % side, at / side);
            let [left, top, right, bottom] = bounds;
            bounds = [left.min(x), top.min(y), right.max(x), bottom.max(y)];
            size += 1;
            group.extend(neighbours(x, y, side));
        }
        if size > 0 {
            boxes.push((size, bounds));
        }
    }
    boxes.sort_by_key(|(size, _)| std::cmp::Reverse(*size));
    boxes.truncate(MAX_REGIONS);
    boxes
        .into_iter()
        .map(|(_, bounds)| region(bounds, side))
        .collect()
}

/// The up to eight cells around one.
fn neighbours(x: u32, y: u32, side: u32) -> impl Iterator<Item = usize> {
    let range = move |at: u32| at.saturating_sub(1)..=(at + 1).min(side - 1);
    range(y).flat_map(move |ny| range(x).map(move |nx| (ny * side + nx) as usize))
}

fn region([left, top, right, bottom]: [u32; 4], side: u32) -> Region {
    let (wide, high) = (right + 1 - left, bottom + 1 - top);
    Region::of_pixels([left, top, wide, high].map(f64::from), (side, side))
}

/// Share of the differing cells that a region must hold, as quarters.
const MOST_CELLS: usize = 3;
/// Largest side of a region that still points at something, in cells.
const SMALL: u32 = GRID / 2;

/// The box around the largest group of differing cells, if that is three quarters of them all.
pub(super) fn region_of_cells(words: &[u64]) -> Option<Region> {
    let cells: Vec<bool> = words
        .iter()
        .flat_map(|word| (0..u64::BITS).map(move |bit| word >> bit & 1 == 1))
        .collect();
    let all = cells.iter().filter(|cell| **cell).count();
    let found = regions(&cells, GRID).into_iter().next()?;
    let inside = (0_u32..)
        .zip(&cells)
        .filter(|(at, cell)| **cell && holds(&found, at % GRID, at / GRID))
        .count();
    let longest = u32::from(found.width.max(found.height));
    let small = longest * GRID <= SMALL * u32::from(Region::WHOLE);
    (small && inside * 4 >= all * MOST_CELLS).then_some(found)
}

/// Whether the middle of a cell lies in a region.
fn holds(region: &Region, x: u32, y: u32) -> bool {
    let middle = |at: u32| (2 * at + 1) * u32::from(Region::WHOLE) / (2 * GRID);
    let within = |at: u32, from: u16, length: u16| {
        (u32::from(from)..u32::from(from) + u32::from(length)).contains(&middle(at))
    };
    within(x, region.x, region.width) && within(y, region.y, region.height)
}
