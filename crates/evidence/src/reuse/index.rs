//! All prints of an installation in memory: each is compared, so none is missed.
//!
//! At a distance of 60 in 256 bits no index over parts of the print helps (by the pigeonhole, two
//! prints need share no more than 4 bits in a row), and comparing all of them is fast: eight words
//! each, in the order in which they lie in memory.

use super::{Part, Print, PrintBits};

/// A stored print near the one that was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Near {
    /// The number of its row.
    pub row: i64,
    /// Bits in which the two differ.
    pub distance: u32,
}

/// Prints by the number of their row: 72 bytes each.
#[derive(Clone, Default)]
pub struct PrintIndex {
    pictures: Vec<(i64, PrintBits)>,
    cards: Vec<(i64, PrintBits)>,
    faces: Vec<(i64, PrintBits)>,
    frames: Vec<(i64, PrintBits)>,
    sounds: Vec<(i64, PrintBits)>,
}

impl PrintIndex {
    /// Takes a print in. The same row twice is found twice.
    pub fn add(&mut self, row: i64, part: Part, bits: PrintBits) {
        match part {
            Part::Whole | Part::Content => self.pictures.push((row, bits)),
            Part::Card => self.cards.push((row, bits)),
            Part::Face => self.faces.push((row, bits)),
            Part::Frame => self.frames.push((row, bits)),
            Part::Sound => self.sounds.push((row, bits)),
        }
    }

    const fn of(&self, part: Part) -> &Vec<(i64, PrintBits)> {
        match part {
            Part::Whole | Part::Content => &self.pictures,
            Part::Card => &self.cards,
            Part::Face => &self.faces,
            Part::Frame => &self.frames,
            Part::Sound => &self.sounds,
        }
    }

    /// How many prints there are.
    #[must_use]
    pub fn len(&self) -> usize {
        Part::ALL
            .iter()
            .filter(|part| **part != Part::Content)
            .map(|part| self.of(*part).len())
            .sum()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Stored prints of comparable parts at most `bits` away, nearest first, `most` at most.
    #[must_use]
    pub fn near(&self, print: &Print, bits: u32, most: usize) -> Vec<Near> {
        let mut found: Vec<Near> = self
            .of(print.part)
            .iter()
            .map(|(row, stored)| Near {
                row: *row,
                distance: print.distance(*stored),
            })
            .filter(|near| near.distance <= bits)
            .collect();
        found.sort_by_key(|near| (near.distance, near.row));
        found.truncate(most);
        found
    }
}
