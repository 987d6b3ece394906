//! Photos and a clip of somebody of whom only a face is known, or not even that.

use anyhow::Result;
use evidence::{Limits, decode_picture};
use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

use crate::clip::{before_a_wall, film};
use crate::document::{Identity, card_front};
use crate::ink::Pen;
use crate::papers::on_a_table;

/// Size of a drawn photo.
const SIZE: (u32, u32) = (1280, 960);
/// Grey of its table.
const SHADE: u8 = 88;
/// The face's place in the note photo.
const FACE: u32 = 620;

/// Decodes a picture of the command line.
///
/// # Errors
/// When it is none, or too large to look at.
pub fn read(bytes: &[u8]) -> Result<RgbImage> {
    Ok(decode_picture(bytes, None, &Limits::default())?.rgb)
}

/// A person for runs without photos: a plain drawing, in which no face will be found.
pub fn drawing(seed: u8) -> RgbImage {
    RgbImage::from_fn(400, 400, |x, y| {
        let (dx, dy) = (i64::from(x) - 200, i64::from(y) - 200);
        let skin = dx * dx + dy * dy < 150 * 150;
        let eye = (dy + 40).abs() < 14 && ((dx - 60).abs() < 22 || (dx + 60).abs() < 22);
        match (eye, skin) {
            (true, _) => Rgb([40, 40, 60]),
            (_, true) => Rgb([214, 170, 140_u8.wrapping_add(seed)]),
            _ => Rgb([120, 150, 170]),
        }
    })
}

/// A rectangle with lines like writing, so that it has edges to be sharp about.
fn draw_sheet(picture: &mut RgbImage, at: (u32, u32), size: (u32, u32), paper: Rgb<u8>, salt: u32) {
    for y in 0..size.1 {
        for x in 0..size.0 {
            let line = y % 40 > 14 && y % 40 < 26 && x > 30 && x + 30 < size.0;
            let stroke =
                (x / 5 + (y / 40) * 7 + salt) % 4 < 2 && !(x / 60 + salt).is_multiple_of(5);
            let ink = line && stroke;
            let colour = if ink { Rgb([30, 34, 60]) } else { paper };
            let (px, py) = (at.0 + x, at.1 + y);
            if px < picture.width() && py < picture.height() {
                picture.put_pixel(px, py, colour);
            }
        }
    }
}

/// A table or a wall of this size and grey; `salt` gives each photo a grain of its own.
pub(crate) fn ground((width, height): (u32, u32), shade: u8, salt: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let grain = (x.wrapping_mul(31) ^ y.wrapping_mul(17) ^ salt) % 13;
        let base = shade + u8::try_from(grain).unwrap_or(0);
        Rgb([base, base, base + 8])
    })
}

/// One side of a card on a dark table: an invented person's where the fonts to write it are there,
/// else stripes that nobody can read.
pub fn card(salt: u32) -> RgbImage {
    if let Ok(pen) = Pen::find() {
        let who = Identity::invented(salt);
        let face = drawing(u8::try_from(salt % 40).unwrap_or(0));
        return on_a_table(&card_front(&pen, &who, &face), salt);
    }
    let mut picture = ground(SIZE, SHADE, salt);
    draw_sheet(
        &mut picture,
        (140, 160),
        (1000, 630),
        Rgb([214, 222, 230]),
        salt,
    );
    picture
}

/// The person beside a card and a sheet of paper.
pub fn note(selfie: &RgbImage, salt: u32) -> RgbImage {
    let mut picture = ground(SIZE, SHADE, salt);
    let face = imageops::resize(selfie, FACE, FACE, FilterType::CatmullRom);
    // Nobody stands twice in the same place: a second photo is a new one.
    let aside = i64::from(salt / 100 % 3) * 30;
    imageops::overlay(&mut picture, &face, 10 + aside, 30 + 2 * aside);
    draw_sheet(
        &mut picture,
        (720, 80),
        (480, 300),
        Rgb([214, 222, 230]),
        salt + 1,
    );
    draw_sheet(
        &mut picture,
        (700, 440),
        (520, 400),
        Rgb([245, 243, 236]),
        salt + 2,
    );
    picture
}

/// JPEG bytes; `salt` makes every picture a file of its own.
///
/// # Errors
/// When it cannot be encoded.
pub fn jpeg(picture: &RgbImage) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 90).encode_image(picture)?;
    Ok(bytes)
}

/// A short clip of the person with a tone where the voice would be. It is a still picture and says
/// so to anybody who looks; the walkthrough's reviewers accept it.
///
/// # Errors
/// When `ffmpeg` is missing or says no.
pub fn clip(selfie: &RgbImage, salt: u32) -> Result<Vec<u8>> {
    let aside = i64::from(salt / 100 % 3) * 35;
    let frame = before_a_wall(selfie, Rgb([90, 96, 104]), (5 + aside, 75 - aside));
    let tone = format!("sine=frequency={}:duration=6", 300 + salt % 200);
    film(&frame, |ffmpeg| {
        ffmpeg.args(["-f", "lavfi", "-i", &tone, "-t", "6", "-shortest"]);
    })
}
