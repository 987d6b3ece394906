//! What the walkthrough's applicant lays on the table and holds into the camera, and how an
//! attacker
//! changes it.

use anyhow::{Context as _, Result};
use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

use super::attack::Attack;
use super::clip::Clip;
use super::ink::{Ink, Pen};
use super::media::{self, ground, jpeg};
use super::shows;
use super::specimen::{self, Identity};
use crate::demo::Args;
use crate::demo::seed::{BIRTH_DATE, EXPIRY, Person};

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

/// Pens, a document and a face.
pub(crate) struct Papers {
    pen: Pen,
    identity: Identity,
    /// The picture on the document.
    portrait: RgbImage,
    /// Who stands before the camera.
    selfie: RgbImage,
    attack: Option<Attack>,
}

impl Papers {
    /// Finds the pens.
    ///
    /// # Errors
    /// When a font is not installed.
    pub(crate) fn new(
        identity: Identity,
        portrait: RgbImage,
        selfie: RgbImage,
        attack: Option<Attack>,
    ) -> Result<Self> {
        let identity = match attack {
            Some(Attack::ExpiredDocument) => Identity {
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
            attack,
        })
    }

    fn document(&self) -> RgbImage {
        match self.attack {
            Some(Attack::OtherDocument) => {
                specimen::passport(&self.pen, &self.identity, &self.portrait)
            }
            _ => specimen::card_front(&self.pen, &self.identity, &self.portrait),
        }
    }

    /// Photo of the front.
    pub(crate) fn front(&self, salt: u32) -> Result<Vec<u8>> {
        jpeg(&on_a_table(&self.document(), salt))
    }

    /// Photo of the back.
    pub(crate) fn back(&self, salt: u32) -> Result<Vec<u8>> {
        let lines = self.identity.td1();
        let lines = match self.attack {
            Some(Attack::EditedMrz) => specimen::edited(&lines)?,
            _ => lines,
        };
        jpeg(&on_a_table(&specimen::card_back(&self.pen, &lines), salt))
    }

    /// Photo of the person with document and note.
    pub(crate) fn note(&self, lines: &[String], salt: u32) -> Result<Vec<u8>> {
        let mut lines = lines.to_vec();
        let swap = match self.attack {
            Some(Attack::OldDate) => Some((1, OLD_DATE)),
            Some(Attack::OtherCase) => Some((2, OTHER_CODE)),
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
    pub(crate) fn clip(&self, say: &str, salt: u32) -> Result<Vec<u8>> {
        let other: String = say
            .chars()
            .map(|symbol| match symbol.to_digit(10) {
                Some(digit) => char::from_digit((digit + 5) % 10, 10).unwrap_or('0'),
                None => symbol,
            })
            .collect();
        let wrong = self.attack == Some(Attack::WrongPhrase);
        Clip {
            selfie: &self.selfie,
            say: if wrong { &other } else { say },
            salt,
            cut: self.attack == Some(Attack::CutVideo),
        }
        .make()
    }

    /// Screenshot of an earlier withdrawal, as an app shows it.
    pub(crate) fn screenshot(&self, amount: &str, address: &str) -> Result<Vec<u8>> {
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
pub(super) fn on_a_table(document: &RgbImage, salt: u32) -> RgbImage {
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

/// The document of an account's holder and everything that goes with it.
pub(super) fn papers_of(args: &Args, person: &Person, attack: Option<Attack>) -> Result<Papers> {
    let (given, surname) = person.name.split_once(' ').context("a name of two words")?;
    let short = |date: &str| date.replace('-', "").chars().skip(2).collect();
    let identity = Identity {
        surname: surname.to_owned(),
        given: given.to_owned(),
        number: person.document.to_owned(),
        country: "PRT".to_owned(),
        birth: short(BIRTH_DATE),
        expiry: short(EXPIRY),
        sex: 'F',
    };
    let selfie = shows(args, 1)?.selfie;
    let portrait = match &args.kyc_portrait {
        Some(path) => media::read(&std::fs::read(path)?)?,
        None => selfie.clone(),
    };
    Papers::new(identity, portrait, selfie, attack)
}
