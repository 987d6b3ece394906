//! What the walkthrough's applicant shows: a note photo and a card drawn here, a clip by `ffmpeg`.

use std::process::Command;

use anyhow::{Context as _, Result, bail};
use evidence::{Limits, decode_picture};
use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

use super::ink::Pen;
use super::papers::on_a_table;
use super::specimen::{Identity, card_front};

/// Size of a drawn photo.
const WIDTH: u32 = 1280;
const HEIGHT: u32 = 960;
/// The face's place in the note photo.
const FACE: u32 = 620;

/// Decodes a picture of the command line.
pub(crate) fn read(bytes: &[u8]) -> Result<RgbImage> {
    Ok(decode_picture(bytes, None, &Limits::default())?.rgb)
}

/// A person for runs without photos: a plain drawing, in which no face will be found.
pub(crate) fn drawing(seed: u8) -> RgbImage {
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

fn ground(salt: u32) -> RgbImage {
    RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let grain = (x.wrapping_mul(31) ^ y.wrapping_mul(17) ^ salt) % 13;
        let base = 88 + u8::try_from(grain).unwrap_or(0);
        Rgb([base, base, base + 8])
    })
}

/// One side of a card on a dark table: an invented person's where the fonts to write it are there,
/// else stripes that nobody can read.
pub(crate) fn card(salt: u32) -> RgbImage {
    if let Ok(pen) = Pen::find() {
        let who = Identity::invented(salt);
        let face = drawing(u8::try_from(salt % 40).unwrap_or(0));
        return on_a_table(&card_front(&pen, &who, &face), salt);
    }
    let mut picture = ground(salt);
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
pub(crate) fn note(selfie: &RgbImage, salt: u32) -> RgbImage {
    let mut picture = ground(salt);
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
pub(crate) fn jpeg(picture: &RgbImage) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 90).encode_image(picture)?;
    Ok(bytes)
}

/// A short clip of the person with a tone where the voice would be. It is a still picture and says
/// so to anybody who looks; the walkthrough's reviewers accept it.
pub(crate) fn clip(selfie: &RgbImage, salt: u32) -> Result<Vec<u8>> {
    let folder = tempfile::tempdir()?;
    let (still, out) = (
        folder.path().join("still.png"),
        folder.path().join("clip.mp4"),
    );
    let mut frame = RgbImage::from_pixel(720, 720, Rgb([90, 96, 104]));
    let face = imageops::resize(selfie, 640, 640, FilterType::CatmullRom);
    let aside = i64::from(salt / 100 % 3) * 35;
    imageops::overlay(&mut frame, &face, 5 + aside, 75 - aside);
    frame.save(&still)?;
    let tone = format!("sine=frequency={}:duration=6", 300 + salt % 200);
    let made = Command::new("ffmpeg")
        .args([
            "-hide_banner",
            "-v",
            "error",
            "-y",
            "-loop",
            "1",
            "-framerate",
            "15",
            "-i",
        ])
        .arg(&still)
        .args([
            "-f", "lavfi", "-i", &tone, "-t", "6", "-c:v", "libx264", "-pix_fmt", "yuv420p",
        ])
        .args(["-preset", "ultrafast", "-c:a", "aac", "-shortest"])
        .arg(&out)
        .output()
        .context("ffmpeg is needed for the walkthrough's clip")?;
    if !made.status.success() {
        bail!(
            "ffmpeg could not make the clip: {}",
            String::from_utf8_lossy(&made.stderr)
        );
    }
    Ok(std::fs::read(&out)?)
}
