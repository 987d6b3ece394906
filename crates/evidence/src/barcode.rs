//! Reads the PDF417 barcode on the back of a licence.
//!
//! The reader fails from three degrees of tilt on, so a straightened card is turned a little each
//! way until it is read. Pixels and tries are bounded: a try costs 30 to 100 ms.

use image::imageops::crop_imm;
use image::{GrayImage, Luma, RgbImage};
use recovery::sensitive::Sensitive;
use rxing::common::HybridBinarizer;
use rxing::pdf417::PDF417Reader;
use rxing::{BinaryBitmap, Luma8LuminanceSource, Reader as _};

use crate::resize::triangle_grey;

/// Tilts that are tried, in degrees, likeliest first.
const TILTS: [f64; 7] = [0.0, 1.0, -1.0, 2.0, -2.0, 4.0, -4.0];
/// Long side of what is searched, in pixels: three for each module of a licence's barcode.
const LONG_SIDE: u32 = 1600;
/// Long side up to which a small picture is also tried at twice its size.
const SMALL_SIDE: u32 = 700;
/// Longest text that is taken, in letters; PDF417 holds 1,850 at most.
const LONGEST: usize = 4096;

/// The text of the first PDF417 barcode that is found, tilted by at most five degrees.
#[must_use]
pub fn read_barcode(picture: &RgbImage) -> Option<Sensitive<String>> {
    let grey = image::imageops::grayscale(picture);
    let long = grey.width().max(grey.height()).max(1);
    let scale = if long > LONG_SIDE {
        f64::from(LONG_SIDE) / f64::from(long)
    } else if long <= SMALL_SIDE {
        2.0
    } else {
        1.0
    };
    let side = |pixels: u32| (f64::from(pixels) * scale).round().max(1.0) as u32;
    let grey = triangle_grey(&grey, (side(grey.width()), side(grey.height())));
    if !has_bars(&grey) {
        return None;
    }
    TILTS
        .iter()
        .find_map(|tilt| read_once(&tilted(&grey, *tilt)))
}

fn read_once(grey: &GrayImage) -> Option<Sensitive<String>> {
    let (width, height) = grey.dimensions();
    let source = Luma8LuminanceSource::new(grey.as_raw().clone(), width, height);
    let mut bitmap = BinaryBitmap::new(HybridBinarizer::new(source));
    let read = PDF417Reader::new().decode(&mut bitmap).ok()?;
    let text: String = read.getText().chars().take(LONGEST).collect();
    (!text.is_empty()).then(|| text.into())
}

/// Whether some stretch of the picture has the many upright edges of a barcode: a card without one
/// is not searched seven times.
fn has_bars(grey: &GrayImage) -> bool {
    /// Side of the tiles that are looked at, in pixels.
    const TILE: u32 = 48;
    /// Mean change from pixel to pixel along the row. Collected photos of barcodes in dim light
    /// have 13 to 19, of 51 specimens without one half have less.
    const CHANGE: f64 = 12.0;
    /// How much more the change along the row must be than down the column, or the other way.
    const RATIO: f64 = 1.5;
    let mut tiles = 0;
    for top in (0..grey.height().saturating_sub(TILE)).step_by(TILE as usize) {
        for left in (0..grey.width().saturating_sub(TILE)).step_by(TILE as usize) {
            let tile = crop_imm(grey, left, top, TILE, TILE).to_image();
            let (across, down) = changes(&tile);
            let (more, less) = (across.max(down), across.min(down));
            if more > CHANGE && more > RATIO * less {
                tiles += 1;
            }
        }
    }
    tiles >= 3
}

/// Mean absolute change between neighbours along rows and down columns.
fn changes(tile: &GrayImage) -> (f64, f64) {
    let value = |x: u32, y: u32| tile.get_pixel_checked(x, y).map_or(0, |Luma([v])| *v);
    let (mut across, mut down) = (0_u64, 0_u64);
    for y in 1..tile.height() {
        for x in 1..tile.width() {
            across += u64::from(value(x, y).abs_diff(value(x - 1, y)));
            down += u64::from(value(x, y).abs_diff(value(x, y - 1)));
        }
    }
    let count = f64::from((tile.width() * tile.height()).max(1));
    (across as f64 / count, down as f64 / count)
}

/// The picture turned by so many degrees around its middle, light beyond its edges.
fn tilted(grey: &GrayImage, degrees: f64) -> GrayImage {
    if degrees == 0.0 {
        return grey.clone();
    }
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (width, height) = grey.dimensions();
    let (middle_x, middle_y) = (f64::from(width) / 2.0, f64::from(height) / 2.0);
    GrayImage::from_fn(width, height, |x, y| {
        let (dx, dy) = (f64::from(x) - middle_x, f64::from(y) - middle_y);
        let at = (
            middle_x + dx * cos - dy * sin,
            middle_y + dx * sin + dy * cos,
        );
        let inside = at.0 >= 0.0 && at.1 >= 0.0;
        let pixel = grey
            .get_pixel_checked(at.0 as u32, at.1 as u32)
            .filter(|_| inside);
        pixel.copied().unwrap_or(Luma([255]))
    })
}
