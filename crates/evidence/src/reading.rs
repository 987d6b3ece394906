//! Reads an identity document: its zone or barcode first, then its words, with few calls.
//!
//! Nothing that was read leaves as text but inside [`Reading`], which prints nothing; findings of
//! it are made by [`compare`].

mod compare;
#[cfg(test)]
mod tests;
mod text;

use std::thread::ScopedJoinHandle;

use image::{GrayImage, RgbImage};
use jiff::civil::Date;
use recovery::sensitive::Sensitive;

pub use compare::compare;

use crate::mrz::{Format, ZoneRead, read_mrz};
use crate::names::Name;
use crate::ocr::{Ocr, Task, Word, smaller};
use crate::{Licence, parse_licence, read_barcode};

/// Long side of the copy whose words are read, in pixels: small print of a card has 20 then, and
/// a call takes 0.5 to 1 s.
const WORDS_SIDE: u32 = 1500;
/// Long side of the copy that is searched for a zone: its letters have 40 pixels then.
const ZONE_SIDE: u32 = 2400;
/// Confidence from which a word counts as read, 0 to 100.
const READ: f32 = 50.0;

/// What was read off one side.
#[derive(Debug, Default)]
struct Side {
    zone: Option<ZoneRead>,
    licence: Option<Licence>,
    /// Words, if they were asked for.
    words: Option<Vec<Word>>,
    /// Pixels across and down.
    size: (u32, u32),
}

impl Side {
    /// Whether something made for machines was found.
    const fn speaks(&self) -> bool {
        self.zone.is_some() || self.licence.is_some()
    }
}

/// What was read off a document. Its `Debug` shows no text.
#[derive(Debug)]
pub struct Reading {
    front: Side,
    back: Option<Side>,
    /// False if the reader is missing or failed: then nothing of this is known.
    available: bool,
}

/// Facts of one source on the document.
struct Source {
    /// The number first, then other candidates for it.
    numbers: Vec<Sensitive<String>>,
    name: Name,
    surname: Sensitive<String>,
    birth: Option<Date>,
    expiry: Option<Date>,
    /// Every check digit is right, or an error-correcting code stands for the whole.
    whole: bool,
    /// Right only after a letter was put right.
    repaired: bool,
    /// On the back.
    back: bool,
}

/// Reads front and back, straightened cards where there are any, else whole pictures.
///
/// Takes two to four calls of the reader for an ordinary document (about 1.5 s of one core), eight
/// at most. Blocks.
#[must_use]
pub fn read_document(front: &RgbImage, back: Option<&RgbImage>, ocr: &Ocr) -> Reading {
    let nothing = |picture: &RgbImage| Side {
        size: picture.dimensions(),
        ..Side::default()
    };
    let mut reading = Reading {
        front: nothing(front),
        back: back.map(nothing),
        available: ocr.can(Task::Sparse),
    };
    // With a back the front's words are always wanted, so they are read meanwhile.
    let read = |turns| ocr.read(&upright(front, turns), Task::Sparse);
    let early = std::thread::scope(|scope| {
        let early = back.filter(|_| reading.available);
        let early = early.map(|_| scope.spawn(|| read(0)));
        search(front, back, &mut reading, ocr);
        early.map(ScopedJoinHandle::join)
    });
    // A passport's page needs no words beside a zone that is right.
    let settled = back.is_none()
        && reading
            .front
            .zone
            .as_ref()
            .is_some_and(|zone| zone.mrz.checks.good() && !zone.repaired);
    if reading.available && !settled {
        let turns = reading.front.zone.as_ref().map_or(0, |zone| zone.turns);
        let words = match early {
            Some(Ok(words)) if turns == 0 => words,
            _ => read(turns),
        };
        match words {
            Ok(words) => {
                // Where the back spoke, the front was not searched: no card bears two zones.
                if reading.front.zone.is_none() && text::like_a_zone(&words) {
                    reading.available &= look_for_zone(front, &mut reading.front, ocr);
                }
                reading.front.words = Some(words);
            }
            Err(_) => reading.available = false,
        }
    }
    reading
}

/// Looks for what is made for machines: on the back, and on the front where the back has nothing.
fn search(front: &RgbImage, back: Option<&RgbImage>, reading: &mut Reading, ocr: &Ocr) {
    // A barcode needs no reader of writing.
    if let (Some(picture), Some(side)) = (back, &mut reading.back) {
        reading.available &= look_for_zone(picture, side, ocr);
        if side.zone.is_none() {
            side.licence = licence(picture);
        }
    }
    if !reading.back.as_ref().is_some_and(Side::speaks) {
        reading.available &= look_for_zone(front, &mut reading.front, ocr);
        if back.is_some() && reading.front.zone.is_none() {
            reading.front.licence = licence(front);
        }
    }
}

/// Looks for a zone; false if the reader failed. Without trained data there is none to find, and
/// words may still do.
fn look_for_zone(picture: &RgbImage, side: &mut Side, ocr: &Ocr) -> bool {
    if !ocr.can(Task::Mrz) {
        return true;
    }
    let grey = smaller(picture, ZONE_SIDE);
    match read_mrz(&grey, ocr) {
        Ok(Some(mut zone)) => {
            let factor = f64::from(picture.width()) / f64::from(grey.width().max(1));
            zone.place = zone.place.map(|side| side * factor);
            side.zone = Some(zone);
            true
        }
        Ok(None) => true,
        Err(_) => false,
    }
}

fn licence(picture: &RgbImage) -> Option<Licence> {
    parse_licence(read_barcode(picture)?.reveal())
}

fn upright(picture: &RgbImage, turns: u8) -> GrayImage {
    let grey = smaller(picture, WORDS_SIDE);
    match turns {
        1 => image::imageops::rotate90(&grey),
        2 => image::imageops::rotate180(&grey),
        3 => image::imageops::rotate270(&grey),
        _ => grey,
    }
}

impl Reading {
    /// Nothing could be read here: every finding of it is unavailable.
    #[must_use]
    pub fn unavailable() -> Self {
        Self {
            front: Side::default(),
            back: None,
            available: false,
        }
    }

    /// The zone that was found, back before front.
    #[must_use]
    pub fn zone(&self) -> Option<&ZoneRead> {
        let back = self.back.as_ref().and_then(|side| side.zone.as_ref());
        back.or(self.front.zone.as_ref())
    }

    /// Whether both sides bear a zone of the same document or only one does; a page held together
    /// with the back of a card is two documents.
    fn one_zone(&self) -> bool {
        let back = self.back.as_ref().and_then(|side| side.zone.as_ref());
        match (&self.front.zone, back) {
            (Some(front), Some(back)) => {
                front.mrz.format == back.mrz.format
                    && front.mrz.number.reveal() == back.mrz.number.reveal()
            }
            _ => true,
        }
    }

    fn licence(&self) -> Option<&Licence> {
        let back = self.back.as_ref().and_then(|side| side.licence.as_ref());
        back.or(self.front.licence.as_ref())
    }

    fn words(&self) -> &[Word] {
        self.front.words.as_deref().unwrap_or_default()
    }

    /// The best source that was made for machines.
    fn source(&self, today: Date) -> Option<Source> {
        let back = self.back.as_ref().is_some_and(Side::speaks);
        if let Some(zone) = self.zone() {
            let mrz = &zone.mrz;
            let mut numbers = vec![mrz.number.clone()];
            let more = mrz
                .optional
                .reveal()
                .split(' ')
                .filter(|word| word.len() >= 5);
            numbers.extend(more.map(|word| word.to_owned().into()));
            let full = format!("{} {}", mrz.given.reveal(), mrz.surname.reveal());
            return Some(Source {
                numbers,
                name: if mrz.truncated {
                    Name::truncated(&full)
                } else {
                    Name::new(&full)
                },
                surname: mrz.surname.clone(),
                // A date whose own digit is wrong is not one.
                birth: mrz
                    .birth_date(today)
                    .filter(|_| mrz.checks.birth != Some(false)),
                expiry: mrz
                    .expiry_date(today)
                    .filter(|_| mrz.checks.expiry != Some(false)),
                whole: mrz.checks.good(),
                repaired: zone.repaired,
                back,
            });
        }
        let licence = self.licence()?;
        let full = format!("{} {}", licence.given.reveal(), licence.surname.reveal());
        Some(Source {
            numbers: vec![licence.number.clone()],
            name: Name::new(&full),
            surname: licence.surname.clone(),
            birth: licence.birth,
            expiry: licence.expiry,
            whole: true,
            repaired: false,
            back,
        })
    }

    /// Whether the photo that should show the front shows the back: what stands on backs is on
    /// it, and nothing is on the other photo.
    fn sides_swapped(&self) -> bool {
        let card = |zone: &ZoneRead| zone.mrz.format == Format::Td1;
        let on_front = self.front.licence.is_some() || self.front.zone.as_ref().is_some_and(card);
        on_front && self.back.as_ref().is_some_and(|back| !back.speaks())
    }

    /// Words that were really read.
    fn words_read(&self) -> usize {
        let read = |word: &&Word| word.confidence >= READ && word.text.reveal().len() >= 3;
        self.words().iter().filter(read).count()
    }
}
