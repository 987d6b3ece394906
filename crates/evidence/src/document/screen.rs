//! A photo of a screen: its pixels and the camera's make a lattice of waves (moire), seen as sharp
//! peaks in the spectrum.

use image::RgbImage;
use microfft::Complex32;
use microfft::complex::cfft_128;
use recovery::finding::{Finding, Outcome};
use recovery::policy::DocumentChecks;

use super::ENGINE;

/// Side of a tile in pixels of the photo.
const TILE: usize = 128;
/// Tiles per side of the photo, at most.
const PER_SIDE: usize = 5;
/// Frequencies (waves per tile) below this are the picture itself.
const LOWEST: usize = 14;
/// JPEG's blocks of 8 pixels make peaks at every multiple of this, along both axes; so do straight
/// edges along the axes. Left out with so many frequencies to either side.
const BLOCK: usize = TILE / 8;
const BESIDE: usize = 1;
/// Half the side of the square of frequencies that a peak is compared with.
const AROUND: i64 = 5;

/// `image.screen`: the strongest peak of the mean spectrum over its surroundings, in decibels.
///
/// A hint for reviewers and never more: cloth, blinds and grids make peaks too, and a blurred or
/// reduced photo of a screen makes none.
#[must_use]
pub fn screen(picture: &RgbImage, checks: &DocumentChecks) -> Finding {
    let Some(score) = peak(picture) else {
        return Finding::reviewer("image.screen", Outcome::Unsure, ENGINE);
    };
    let outcome = if score > checks.screen_decibels {
        Outcome::Unsure
    } else {
        Outcome::Pass
    };
    Finding::reviewer("image.screen", outcome, ENGINE).measured(score, checks.screen_decibels, "dB")
}

/// The peak; nothing if the photo is smaller than one tile.
fn peak(picture: &RgbImage) -> Option<f64> {
    let spectrum = spectrum(picture)?;
    let power = |x: i64, y: i64| {
        let wrap = |value: i64| value.rem_euclid(TILE as i64) as usize;
        spectrum
            .get(wrap(y) * TILE + wrap(x))
            .copied()
            .unwrap_or(0.0)
    };
    let half = (TILE / 2) as i64;
    let mut best = 0.0_f64;
    // The spectrum of real values is the same on both sides of the origin: one half is enough.
    for (y, x) in (0..half).flat_map(|y| (-half..half).map(move |x| (y, x))) {
        let (across, down) = (x.unsigned_abs() as usize, y.unsigned_abs() as usize);
        if across.max(down) < LOWEST || on_lattice(across) || on_lattice(down) {
            continue;
        }
        let own = power(x, y);
        let higher = (-1..=1)
            .flat_map(|dy| (-1..=1).map(move |dx| (dx, dy)))
            .any(|(dx, dy)| power(x + dx, y + dy) > own);
        if higher {
            continue;
        }
        let mut around = Vec::with_capacity(128);
        for (dy, dx) in (-AROUND..=AROUND).flat_map(|dy| (-AROUND..=AROUND).map(move |dx| (dy, dx)))
        {
            if dx.abs().max(dy.abs()) > 2 {
                around.push(power(x + dx, y + dy));
            }
        }
        around.sort_by(f64::total_cmp);
        let usual = around.get(around.len() / 2).copied().unwrap_or(0.0);
        best = best.max(10.0 * ((own + 1.0) / (usual + 1.0)).log10());
    }
    Some(best)
}

/// Whether a frequency is one of JPEG's blocks, or none.
fn on_lattice(frequency: usize) -> bool {
    let rest = frequency % BLOCK;
    rest <= BESIDE || rest >= BLOCK - BESIDE
}

/// Mean power of the tiles' brightness.
fn spectrum(picture: &RgbImage) -> Option<Vec<f64>> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let places = |side: usize| {
        let free = side.checked_sub(TILE)?;
        let count = (side / TILE).clamp(1, PER_SIDE);
        Some((0..count).map(move |step| free * (2 * step + 1) / (2 * count)))
    };
    let window: Vec<f32> = (0..TILE)
        .map(|place| {
            let turn = (place as f32 + 0.5) / TILE as f32 * std::f32::consts::TAU;
            0.5 - 0.5 * turn.cos()
        })
        .collect();
    let (lefts, mut sum, mut count) = (places(width)?, vec![0.0; TILE * TILE], 0.0);
    let lefts: Vec<usize> = lefts.collect();
    for top in places(height)? {
        for left in &lefts {
            let mut cells = tile(picture, *left, top, &window);
            transform_rows(&mut cells);
            let mut turned = transposed(&cells);
            transform_rows(&mut turned);
            let cells = transposed(&turned);
            for (total, cell) in sum.iter_mut().zip(&cells) {
                *total += f64::from(cell.norm_sqr());
            }
            count += 1.0;
        }
    }
    // Per pixel, so that a level of white noise has a power of about its variance.
    let scale = 1.0 / (count * (TILE * TILE) as f64 * 0.14);
    Some(sum.into_iter().map(|power| power * scale).collect())
}

fn tile(picture: &RgbImage, left: usize, top: usize, window: &[f32]) -> Vec<Complex32> {
    let raw = picture.as_raw();
    let width = picture.width() as usize;
    let mut cells = Vec::with_capacity(TILE * TILE);
    for (row, weight) in window.iter().enumerate() {
        let start = ((top + row) * width + left) * 3;
        let pixels = raw.get(start..start + TILE * 3).unwrap_or(&[]);
        for (pixel, other) in pixels.chunks_exact(3).zip(window) {
            let light = match pixel {
                [r, g, b] => 0.299 * f32::from(*r) + 0.587 * f32::from(*g) + 0.114 * f32::from(*b),
                _ => 0.0,
            };
            cells.push(Complex32::new((light - 128.0) * weight * other, 0.0));
        }
    }
    cells.resize(TILE * TILE, Complex32::new(0.0, 0.0));
    cells
}

/// The Fourier transform of each row of a tile.
fn transform_rows(cells: &mut [Complex32]) {
    let (rows, _) = cells.as_chunks_mut::<TILE>();
    for row in rows {
        let _same = cfft_128(row);
    }
}

fn transposed(cells: &[Complex32]) -> Vec<Complex32> {
    (0..TILE)
        .flat_map(|column| cells.iter().skip(column).step_by(TILE).copied())
        .collect()
}
