//! What one person lays on the table and holds into the camera, and what a forger changes of it.

use anyhow::Result;
use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

use crate::clip::Clip;
use crate::document::{self, Identity};
use crate::ink::{Ink, Pen};
use crate::photo::{ground, jpeg};

/// Size of a drawn photo.
const WIDTH: u32 = 1600;
const HEIGHT: u32 = 1200;
/// Grey of the table.
const SHADE: u8 = 66;
/// The face's place in the note photo.
const FACE: u32 = 700;
/// The note of an attacker who prepared it earlier.
const OLD_DATE: &str = "3 January 2024";
/// A code with the right check symbol, of nobody's request here.
const OTHER_CODE: &str = "RG-7K2M-91";

/// What somebody changes who has no right to what they ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forgery {
    /// The note bears last year's date.
    OldDate,
    /// The note bears another request's code.
    OtherCase,
    /// A piece of the video is missing.
    CutVideo,
    /// Other digits are said.
    WrongPhrase,
    /// A passport instead of an identity card.
    OtherDocument,
    /// The document has expired.
    ExpiredDocument,
    /// One symbol of the number in the machine-readable zone is changed.
    EditedMrz,
}

/// Pens, a document and a face.
pub struct Papers {
    pen: Pen,
    identity: Identity,
    /// The picture on the document.
    portrait: RgbImage,
    /// Who stands before the camera.
    selfie: RgbImage,
    forgery: Option<Forgery>,
}

impl Papers {
    /// Finds the pens.
    ///
    /// # Errors
    /// When a font is not installed.
    pub fn new(
        identity: Identity,
        portrait: RgbImage,
        selfie: RgbImage,
        forgery: Option<Forgery>,
    ) -> Result<Self> {
        let identity = match forgery {
            Some(Forgery::ExpiredDocument) => Identity {
                expiry: "210516".to_owned(),
                ..identity
            },
            _ => identity,
        };
        Ok(Self {
            pen: Pen::find()?,
            identity,
            portrait,
            selfie,
            forgery,
        })
    }

    fn document(&self) -> RgbImage {
        match self.forgery {
            Some(Forgery::OtherDocument) => {
                document::passport(&self.pen, &self.identity, &self.portrait)
            }
            _ => document::card_front(&self.pen, &self.identity, &self.portrait),
        }
    }

    /// Photo of the front.
    ///
    /// # Errors
    /// When it cannot be drawn or encoded.
    pub fn front(&self, salt: u32) -> Result<Vec<u8>> {
        jpeg(&on_a_table(&self.document(), salt))
    }

    /// Photo of the back.
    ///
    /// # Errors
    /// When it cannot be drawn or encoded.
    pub fn back(&self, salt: u32) -> Result<Vec<u8>> {
        let lines = self.identity.td1();
        let lines = match self.forgery {
            Some(Forgery::EditedMrz) => document::edited(&lines)?,
            _ => lines,
        };
        jpeg(&on_a_table(&document::card_back(&self.pen, &lines), salt))
    }

    /// Photo of the person with document and note.
    ///
    /// # Errors
    /// When it cannot be drawn or encoded.
    pub fn note(&self, lines: &[String], salt: u32) -> Result<Vec<u8>> {
        let mut lines = lines.to_vec();
        let swap = match self.forgery {
            Some(Forgery::OldDate) => Some((1, OLD_DATE)),
            Some(Forgery::OtherCase) => Some((2, OTHER_CODE)),
            _ => None,
        };
        if let Some((place, text)) = swap
            && let Some(line) = lines.get_mut(place)
        {
            text.clone_into(line);
        }
        let mut picture = ground((WIDTH, HEIGHT), SHADE, salt);
        let face = imageops::resize(&self.selfie, FACE, FACE, FilterType::CatmullRom);
        imageops::overlay(&mut picture, &face, 40, 60);
        let held = imageops::resize(&self.document(), 640, 403, FilterType::Triangle);
        imageops::overlay(&mut picture, &held, 860, 80);
        imageops::overlay(&mut picture, &self.sheet(&lines), 790, 560);
        jpeg(&picture)
    }

    /// The clip, saying what the page asks for, unless somebody attacks.
    ///
    /// # Errors
    /// When it cannot be filmed.
    pub fn clip(&self, say: &str, salt: u32) -> Result<Vec<u8>> {
        let other: String = say
            .chars()
            .map(|symbol| match symbol.to_digit(10) {
                Some(digit) => char::from_digit((digit + 5) % 10, 10).unwrap_or('0'),
                None => symbol,
            })
            .collect();
        let wrong = self.forgery == Some(Forgery::WrongPhrase);
        Clip {
            selfie: &self.selfie,
            say: if wrong { &other } else { say },
            salt,
            cut: self.forgery == Some(Forgery::CutVideo),
        }
        .make()
    }

    /// Screenshot of an earlier withdrawal, as an app shows it.
    ///
    /// # Errors
    /// When it cannot be drawn or encoded.
    pub fn screenshot(&self, amount: &str, address: &str) -> Result<Vec<u8>> {
        let mut screen = RgbImage::from_pixel(1080, 900, Rgb([250, 250, 250]));
        let (black, grey) = (Rgb([20, 20, 20]), Rgb([90, 90, 90]));
        let rows = [
            (60, black, 56.0, "Withdrawal completed"),
            (220, grey, 36.0, "Amount"),
            (280, black, 48.0, amount),
            (420, grey, 36.0, "Address"),
            (480, black, 34.0, address),
            (620, grey, 36.0, "Network"),
            (680, black, 40.0, "Bitcoin"),
        ];
        for (top, colour, size, text) in rows {
            let ink = Ink::new(colour, size);
            self.pen.plain.write(&mut screen, (50, top), &ink, text);
        }
        jpeg(&screen)
    }

    /// A sheet of paper with lines by hand.
    fn sheet(&self, lines: &[String]) -> RgbImage {
        let mut paper = RgbImage::from_pixel(760, 420, Rgb([246, 244, 238]));
        let ink = Ink::new(Rgb([26, 34, 92]), 56.0);
        let mut top = 50;
        for line in lines {
            self.pen.hand.write(&mut paper, (30, top), &ink, line);
            top += 110;
        }
        paper
    }
}

/// A document lying on a dark table.
pub(crate) fn on_a_table(document: &RgbImage, salt: u32) -> RgbImage {
    let mut picture = ground((WIDTH, HEIGHT), SHADE, salt);
    let (width, height) = document.dimensions();
    let across = f64::from(WIDTH - 300) / f64::from(width);
    let scale = across.min(f64::from(HEIGHT - 200) / f64::from(height));
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "pixels of a picture"
    )]
    let size = |side: u32| (f64::from(side) * scale) as u32;
    let lying = imageops::resize(document, size(width), size(height), FilterType::CatmullRom);
    let left = i64::from((WIDTH - lying.width()) / 2);
    imageops::overlay(&mut picture, &lying, left, 100);
    picture
}
