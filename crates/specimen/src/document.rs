//! Documents: an identity card (TD1 of ICAO
//! 9303 part 5) and a passport's data page (TD3, part 4), with machine-readable zones whose check
//! digits fit, unless somebody edits them.

use anyhow::{Context as _, Result};
use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

use crate::ink::{Ink, Pen};

/// Pixels of a card: 300 to the inch.
const CARD: (u32, u32) = (1012, 638);
/// Pixels of a data page: 300 to the inch.
const PAGE: (u32, u32) = (1476, 1040);
/// Where the portrait stands, and its size.
const PORTRAIT: (i64, i64, u32, u32) = (40, 150, 270, 350);
const INK: Rgb<u8> = Rgb([20, 22, 34]);

/// What stands on a document.
#[derive(Debug, Clone)]
pub struct Identity {
    /// As people write it.
    pub surname: String,
    /// All of them, as people write them.
    pub given: String,
    /// The document's.
    pub number: String,
    /// ISO 3166-1 alpha-3.
    pub country: String,
    /// `YYMMDD`.
    pub birth: String,
    /// `YYMMDD`.
    pub expiry: String,
    /// `M`, `F` or `<`.
    pub sex: char,
}

/// The check digit over a text.
pub(crate) fn check_digit(text: &str) -> char {
    char::from(evidence::mrz::check_digit(text.as_bytes()))
}

fn checked(text: &str) -> String {
    format!("{text}{}", check_digit(text))
}

/// Filled up, or cut, to this many symbols.
fn fill(text: &str, width: usize) -> String {
    let upper = text.to_uppercase().replace([' ', '-'], "<");
    format!("{upper:<<width$}").chars().take(width).collect()
}

impl Identity {
    /// Somebody whom no record knows.
    pub fn invented(salt: u32) -> Self {
        Self {
            surname: "Nobody".to_owned(),
            given: "Nora".to_owned(),
            number: format!("ZZ{:07}", salt % 10_000_000),
            country: "UTO".to_owned(),
            birth: "850314".to_owned(),
            expiry: "320313".to_owned(),
            sex: 'F',
        }
    }

    fn names(&self, width: usize) -> String {
        fill(&format!("{}<<{}", self.surname, self.given), width)
    }

    /// Three lines of 30.
    pub(crate) fn td1(&self) -> Vec<String> {
        let first = format!(
            "I<{}{}{}",
            self.country,
            checked(&fill(&self.number, 9)),
            fill("", 15)
        );
        let (birth, expiry) = (checked(&self.birth), checked(&self.expiry));
        let second = format!(
            "{birth}{}{expiry}{}{}",
            self.sex,
            self.country,
            fill("", 11)
        );
        let upper: String = first.chars().skip(5).collect();
        let over = format!("{upper}{birth}{expiry}{}", fill("", 11));
        vec![
            first,
            format!("{second}{}", check_digit(&over)),
            self.names(30),
        ]
    }

    /// Two lines of 44.
    pub(crate) fn td3(&self) -> Vec<String> {
        let first = format!("P<{}{}", self.country, self.names(39));
        let number = checked(&fill(&self.number, 9));
        let (birth, expiry) = (checked(&self.birth), checked(&self.expiry));
        let personal = checked(&fill("", 14));
        let over = format!("{number}{birth}{expiry}{personal}");
        let second = format!(
            "{number}{}{birth}{}{expiry}{personal}{}",
            self.country,
            self.sex,
            check_digit(&over)
        );
        vec![first, second]
    }

    /// `16 05 2031` for `310516`.
    fn date(text: &str) -> String {
        let part = |from: usize| text.chars().skip(from).take(2).collect::<String>();
        format!("{} {} {}", part(4), part(2), part(0))
    }
}

/// Paper with a faint pattern, like the guilloche of a real one.
fn paper(size: (u32, u32), tint: Rgb<u8>) -> RgbImage {
    let Rgb([red, green, blue]) = tint;
    RgbImage::from_fn(size.0, size.1, |x, y| {
        let wave = (f64::from(x) / 17.0).sin() + (f64::from(y) / 11.0 + f64::from(x) / 40.0).cos();
        let shade = if wave.abs() < 0.12 { 10 } else { 0 };
        Rgb([red - shade, green - shade, blue])
    })
}

fn place_portrait(picture: &mut RgbImage, portrait: &RgbImage) {
    let (left, top, width, height) = PORTRAIT;
    // The middle of the photo in the portrait's shape.
    let across = (portrait.height() * width / height).min(portrait.width());
    let from = (portrait.width() - across) / 2;
    let middle = imageops::crop_imm(portrait, from, 0, across, portrait.height());
    let small = imageops::resize(&*middle, width, height, FilterType::Triangle);
    imageops::overlay(picture, &small, left, top);
}

/// Labelled lines beside the portrait.
fn write_fields(picture: &mut RgbImage, pen: &Pen, who: &Identity, title: &str) {
    let mut bold = Ink::new(INK, 44.0);
    pen.plain.write(picture, (40, 40), &bold, title);
    bold.size = 36.0;
    let small = Ink::new(Rgb([90, 96, 110]), 22.0);
    let fields = [
        ("Surname", who.surname.to_uppercase()),
        ("Given names", who.given.to_uppercase()),
        ("Document No.", who.number.clone()),
        ("Date of birth", Identity::date(&who.birth)),
        ("Date of expiry", Identity::date(&who.expiry)),
    ];
    let mut top = 140;
    for (label, text) in fields {
        pen.plain.write(picture, (350, top), &small, label);
        pen.plain.write(picture, (350, top + 26), &bold, &text);
        top += 88;
    }
}

fn write_zone(picture: &mut RgbImage, pen: &Pen, lines: &[String], top: i32) {
    let white = Rgb([246, 246, 242]);
    for y in u32::try_from(top - 30).unwrap_or(0)..picture.height() {
        for x in 0..picture.width() {
            picture.put_pixel(x, y, white);
        }
    }
    let longest = lines.iter().map(|line| line.chars().count()).max();
    #[allow(clippy::cast_precision_loss, reason = "44 symbols on 1476 pixels")]
    let step = picture.width() as f32 * 0.92 / longest.unwrap_or(1) as f32;
    let ink = Ink::new(Rgb([8, 8, 10]), step / 0.6);
    let mut y = top;
    for line in lines {
        pen.zone.write_spaced(picture, (44, y), &ink, line, step);
        #[allow(clippy::cast_possible_truncation, reason = "a line of some 60 pixels")]
        let down = (step * 2.3) as i32;
        y += down;
    }
}

/// The front of an identity card.
pub(crate) fn card_front(pen: &Pen, who: &Identity, portrait: &RgbImage) -> RgbImage {
    let mut picture = paper(CARD, Rgb([226, 232, 238]));
    place_portrait(&mut picture, portrait);
    write_fields(
        &mut picture,
        pen,
        who,
        "REPUBLIC OF EXAMPLES  IDENTITY CARD",
    );
    picture
}

/// Its back, with the zone as given.
pub(crate) fn card_back(pen: &Pen, lines: &[String]) -> RgbImage {
    let mut picture = paper(CARD, Rgb([228, 234, 226]));
    let ink = Ink::new(INK, 30.0);
    pen.plain.write(
        &mut picture,
        (40, 50),
        &ink,
        "Authority: Registry of Examples",
    );
    pen.plain
        .write(&mut picture, (40, 110), &ink, "Height 168 cm   Eyes brown");
    write_zone(&mut picture, pen, lines, 400);
    picture
}

/// The data page of a passport.
pub(crate) fn passport(pen: &Pen, who: &Identity, portrait: &RgbImage) -> RgbImage {
    let mut picture = paper(PAGE, Rgb([234, 228, 232]));
    place_portrait(&mut picture, portrait);
    write_fields(&mut picture, pen, who, "PASSPORT  REPUBLIC OF EXAMPLES");
    write_zone(&mut picture, pen, &who.td3(), 850);
    picture
}

/// One symbol of the document number changed, its check digit left: what a clumsy forger does.
pub(crate) fn edited(lines: &[String]) -> Result<Vec<String>> {
    let first = lines.first().context("a zone without lines")?;
    // The number's last digit: symbol 13 of the first line of a TD1 zone.
    let swapped = first
        .chars()
        .enumerate()
        .map(|(place, symbol)| match (place, symbol) {
            (13, '7') => '1',
            (13, _) => '7',
            _ => symbol,
        });
    let mut all = vec![swapped.collect()];
    all.extend(lines.iter().skip(1).cloned());
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn specimen() -> Identity {
        Identity {
            surname: "Eriksson".to_owned(),
            given: "Anna Maria".to_owned(),
            number: "L898902C3".to_owned(),
            country: "UTO".to_owned(),
            birth: "740812".to_owned(),
            expiry: "120415".to_owned(),
            sex: 'F',
        }
    }

    #[test]
    fn the_zones_are_those_of_the_standard() {
        // ICAO 9303 part 4, appendix B, without the optional personal number.
        let page = specimen().td3();
        assert_eq!(page[0], "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<");
        assert!(page[1].starts_with("L898902C36UTO7408122F1204159"));
        // Part 5, appendix B, with the number of its TD1 specimen.
        let card = Identity {
            number: "D23145890".to_owned(),
            ..specimen()
        };
        assert_eq!(card.td1()[0], "I<UTOD231458907<<<<<<<<<<<<<<<");
        assert_eq!(card.td1()[1], "7408122F1204159UTO<<<<<<<<<<<6");
        assert_eq!(card.td1()[2], "ERIKSSON<<ANNA<MARIA<<<<<<<<<<");
    }

    #[test]
    fn an_edit_breaks_the_number_s_check_digit() {
        let lines = specimen().td1();
        let number: String = edited(&lines).unwrap()[0].chars().skip(5).take(9).collect();
        let digit = lines[0].chars().nth(14).unwrap();
        assert_ne!(check_digit(&number), digit);
    }
}
