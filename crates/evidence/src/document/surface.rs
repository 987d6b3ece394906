//! What can be seen on a document once it is straight: size, light, sharpness, shine, fine print.

use image::{GrayImage, RgbImage, imageops};
use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome, Region};
use recovery::policy::{Checks, DocumentChecks};

use super::{Card, ENGINE, region_on};
use crate::geometry::rectify;
use crate::resize::mean_rgb;
use crate::spots::spots;

/// Width of the copy on which sharpness is measured, pixels; thresholds hold for this width.
const SHARP_WIDTH: f64 = 1000.0;
/// Tiles of the sharpness measure, pixels.
const TILE: (u32, u32) = (100, 90);
/// Spread of brightness (standard deviation, levels) from which a tile has print on it.
const PRINTED: f64 = 8.0;
/// Width of the copy on which shine is looked for, pixels, and the level from which a pixel shines.
const SHINE_WIDTH: u32 = 600;
const SHINE_LEVEL: u8 = 247;
/// A white part larger than this share is paper or a scan, not a lamp.
const PAPER: f64 = 0.2;
/// Shines smaller than this square (pixels of that copy) are white print.
const SHINE_LEAST: usize = 5;

/// One tile of the copy.
struct Tile {
    /// Left, top, width, height in shares of the copy.
    place: [f64; 4],
    /// Variance of the Laplacian after a Gauss of sigma 1.
    sharp: f64,
    /// Standard deviation of the brightness.
    spread: f64,
}

/// `image.small`, `image.dark`, `image.bright`, `image.blur`, `id.glare`, on the back `id.emblem`.
pub(super) fn surface(
    picture: &RgbImage,
    card: &Card,
    kind: EvidenceKind,
    checks: &Checks,
) -> Vec<Finding> {
    let copy = rectify(picture, &card.corners, card.pixels(SHARP_WIDTH));
    let grey = imageops::grayscale(&copy);
    let tiles = tiles(&grey);
    let mut findings = vec![small(card, &checks.document)];
    findings.extend(light(&grey, card, checks));
    findings.push(blur(&tiles, card, &checks.document));
    findings.push(glare(&copy, card, &checks.document));
    if kind == EvidenceKind::IdBack {
        findings.push(emblem(&tiles, card, &checks.document));
    }
    findings
}

/// A retake if the outline is certain, otherwise for a person.
fn mendable(code: &str, good: bool, card: &Card, checks: &DocumentChecks) -> Finding {
    if good {
        Finding::applicant(code, Outcome::Pass, ENGINE)
    } else if card.clear(checks) {
        Finding::applicant(code, Outcome::Retake, ENGINE)
    } else {
        Finding::reviewer(code, Outcome::Unsure, ENGINE)
    }
}

fn small(card: &Card, checks: &DocumentChecks) -> Finding {
    let (across, least) = (card.across(), checks.least_width);
    mendable("image.small", across >= least, card, checks)
        .measured(across, least, "px across")
        .at(card.region())
}

fn light(grey: &GrayImage, card: &Card, checks: &Checks) -> [Finding; 2] {
    let sum: u64 = grey.as_raw().iter().map(|value| u64::from(*value)).sum();
    let luma = sum as f64 / grey.as_raw().len().max(1) as f64;
    let (dark, bright) = (checks.image.dark, checks.image.bright);
    let finding = |code, good, threshold| {
        mendable(code, good, card, &checks.document)
            .measured(luma, threshold, "luma")
            .at(card.region())
    };
    [
        finding("image.dark", luma >= dark, dark),
        finding("image.bright", luma <= bright, bright),
    ]
}

/// Sharpness of the three quarters of the document that are less sharp than the sharpest.
fn blur(tiles: &[Tile], card: &Card, checks: &DocumentChecks) -> Finding {
    let score = quantile(tiles.iter().map(|tile| tile.sharp).collect(), 0.75);
    let worst = tiles
        .iter()
        .filter(|tile| tile.spread >= PRINTED)
        .min_by(|a, b| a.sharp.total_cmp(&b.sharp));
    let region = worst.map_or(card.region(), |tile| region_on(card, tile.place));
    let finding = if score < checks.blur {
        mendable("image.blur", false, card, checks)
    } else if score < checks.blur_doubt {
        Finding::reviewer("image.blur", Outcome::Unsure, ENGINE)
    } else {
        return Finding::applicant("image.blur", Outcome::Pass, ENGINE)
            .measured(score, checks.blur_doubt, "variance")
            .at(card.region());
    };
    finding.measured(score, checks.blur, "variance").at(region)
}

/// Sharpness of the print against its contrast: pale fine print counts like bold. Never a retake.
fn emblem(tiles: &[Tile], card: &Card, checks: &DocumentChecks) -> Finding {
    let printed = tiles.iter().filter(|tile| tile.spread >= PRINTED);
    let ratios: Vec<f64> = printed
        .map(|tile| tile.sharp / (tile.spread * tile.spread))
        .collect();
    let score = quantile(ratios, 0.5);
    let finding = if score >= checks.emblem {
        Finding::applicant("id.emblem", Outcome::Pass, ENGINE)
    } else {
        Finding::reviewer("id.emblem", Outcome::Unsure, ENGINE)
    };
    finding
        .measured(score, checks.emblem, "relative variance")
        .at(card.region())
}

/// The value below which a share of them lies; 0 of none.
fn quantile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1) as f64;
    // Within the list by construction.
    values
        .get((last * share).round() as usize)
        .copied()
        .unwrap_or(0.0)
}

fn tiles(grey: &GrayImage) -> Vec<Tile> {
    let width = grey.width() as usize;
    let smooth = smooth(grey);
    let rows: Vec<&[f32]> = smooth.chunks_exact(width.max(1)).collect();
    let (across, down) = (grey.width() / TILE.0, grey.height() / TILE.1);
    let size = [f64::from(grey.width()), f64::from(grey.height())];
    let mut tiles = Vec::new();
    for (row, column) in (0..down).flat_map(|row| (0..across).map(move |column| (row, column))) {
        let (left, top) = ((column * TILE.0) as usize, (row * TILE.1) as usize);
        let part = rows.get(top..top + TILE.1 as usize).unwrap_or(&[]);
        let (sharp, spread) = measure(part, left..left + TILE.0 as usize);
        let [wide, high] = size;
        let tile = [f64::from(TILE.0) / wide, f64::from(TILE.1) / high];
        let [tile_wide, tile_high] = tile;
        tiles.push(Tile {
            place: [left as f64 / wide, top as f64 / high, tile_wide, tile_high],
            sharp,
            spread,
        });
    }
    tiles
}

/// Variance of the Laplacian and standard deviation of the values of a part of some rows.
fn measure(rows: &[&[f32]], columns: std::ops::Range<usize>) -> (f64, f64) {
    let (mut edge, mut value) = (Moments::default(), Moments::default());
    for window in rows.windows(3) {
        let parts = window
            .iter()
            .map(|row| row.get(columns.clone()).unwrap_or(&[]));
        let parts: Vec<&[f32]> = parts.collect();
        let [above, row, below] = parts.as_slice() else {
            continue;
        };
        let inner = row
            .windows(3)
            .zip(above.iter().skip(1))
            .zip(below.iter().skip(1));
        for ((near, up), down) in inner {
            if let [left, centre, right] = near {
                edge.add(left + right + up + down - 4.0 * centre);
                value.add(*centre);
            }
        }
    }
    (edge.variance(), value.variance().sqrt())
}

#[derive(Default)]
struct Moments {
    count: f64,
    sum: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f32) {
        let value = f64::from(value);
        self.count += 1.0;
        self.sum += value;
        self.squares += value * value;
    }

    fn variance(&self) -> f64 {
        let count = self.count.max(1.0);
        let mean = self.sum / count;
        (self.squares / count - mean * mean).max(0.0)
    }
}

/// A Gauss of sigma 1, seven taps in both directions; the outermost pixels stay as they are.
fn smooth(grey: &GrayImage) -> Vec<f32> {
    const TAPS: [f32; 7] = [0.0044, 0.054, 0.2420, 0.3992, 0.2420, 0.054, 0.0044];
    let width = (grey.width() as usize).max(1);
    let values: Vec<f32> = grey
        .as_raw()
        .iter()
        .map(|value| f32::from(*value))
        .collect();
    let mut flat = values.clone();
    for (row, target) in values.chunks_exact(width).zip(flat.chunks_exact_mut(width)) {
        for (window, value) in row.windows(7).zip(target.iter_mut().skip(3)) {
            *value = window.iter().zip(TAPS).map(|(v, tap)| v * tap).sum();
        }
    }
    let mut smooth = flat.clone();
    let rows: Vec<&[f32]> = flat.chunks_exact(width).collect();
    for (window, target) in rows.windows(7).zip(smooth.chunks_exact_mut(width).skip(3)) {
        target.fill(0.0);
        for (row, tap) in window.iter().zip(TAPS) {
            for (value, v) in target.iter_mut().zip(row.iter()) {
                *value += v * tap;
            }
        }
    }
    smooth
}

/// The largest spot in which nothing but white is left.
fn glare(copy: &RgbImage, card: &Card, checks: &DocumentChecks) -> Finding {
    let height = (copy.height() * SHINE_WIDTH / copy.width().max(1)).max(1);
    let small = mean_rgb(copy, (SHINE_WIDTH, height));
    let (width, height) = (small.width() as usize, small.height() as usize);
    let shines: Vec<bool> = small
        .pixels()
        .map(|pixel| pixel.0.iter().all(|value| *value >= SHINE_LEVEL))
        .collect();
    let spots = spots(&open(&shines, width), width);
    let spot = spots.into_iter().max_by_key(|spot| spot.places.len());
    let share =
        spot.as_ref().map_or(0.0, |spot| spot.places.len() as f64) / (width * height).max(1) as f64;
    let region = spot.map_or(card.region(), |spot| {
        let [left, top, right, bottom] = spot.edges().map(|edge| edge as f64);
        let (wide, high) = (width as f64, height as f64);
        let place = [
            left / wide,
            top / high,
            (right + 1.0 - left) / wide,
            (bottom + 1.0 - top) / high,
        ];
        region_on(card, place)
    });
    let good = share <= checks.glare_share;
    let finding = if share > PAPER {
        Finding::reviewer("id.glare", Outcome::Unsure, ENGINE)
    } else {
        mendable("id.glare", good, card, checks)
    };
    let region: Region = if good { card.region() } else { region };
    finding
        .measured(share, checks.glare_share, "share")
        .at(region)
}

/// Keeps what holds a square of [`SHINE_LEAST`] pixels.
fn open(mask: &[bool], width: usize) -> Vec<bool> {
    let shrunk = spread(mask, width, false);
    spread(&shrunk, width, true)
}

/// `value` wherever it lies within half a square, along rows and then along columns.
fn spread(mask: &[bool], width: usize, value: bool) -> Vec<bool> {
    let reach = SHINE_LEAST / 2;
    let near = |line: &[bool], place: usize| {
        let part = line.get(place.saturating_sub(reach)..(place + reach + 1).min(line.len()));
        let found = part.is_some_and(|part| part.contains(&value));
        if found { value } else { !value }
    };
    let mut rows = mask.to_vec();
    for (row, target) in mask.chunks_exact(width).zip(rows.chunks_exact_mut(width)) {
        for (place, cell) in target.iter_mut().enumerate() {
            *cell = near(row, place);
        }
    }
    let mut both = rows.clone();
    for column in 0..width {
        let line: Vec<bool> = rows.iter().skip(column).step_by(width).copied().collect();
        for (place, cell) in both.iter_mut().skip(column).step_by(width).enumerate() {
            *cell = near(&line, place);
        }
    }
    both
}
