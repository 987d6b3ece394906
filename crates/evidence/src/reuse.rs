//! The same picture again: fingerprints that survive what happens to a file on its way.
//!
//! A [`Print`] is a gradient hash of 16 x 16 cells in both directions: for each cell, whether it
//! is darker than its right neighbour, and than the one below. One direction alone took 2.7 in
//! 10,000 pairs of portraits of different people for the same photo in a prototype, both together
//! 0.14 of whole photos and 3.1 of cut-out faces (docs/reference/evaluation.md): portraits are
//! dark and light in the same places. Re-encoding, scaling, light and noise change
//! few of the bits; a crop or a tilt changes many, so the card and the face, cut out and
//! straightened by others, have prints of their own. Prints of one template's documents are near
//! each other whoever they belong to: a hit is a reason to look, never a verdict.

mod difference;
mod index;
mod sound;

use image::imageops;
use image::{GrayImage, RgbImage};
use image_hasher::{HashAlg, Hasher, HasherConfig};
use recovery::finding::Region;

use crate::resize::{grey_within, triangle_grey};

pub use difference::{Difference, near_duplicate};
pub use index::{Near, PrintIndex};
pub use sound::sound_print;

/// Engine and version in findings. Another way of hashing makes stored prints incomparable.
pub const REUSE_ENGINE: &str = "gradient16x2-1";
/// Bits of a print in each of its two directions; a distance is the mean of both.
pub const PRINT_BITS: u32 = 256;
/// Bytes of a stored print.
pub const PRINT_BYTES: usize = 64;
/// 64-bit words of a print: the first half compares to the right, the second downwards.
const WORDS: usize = 8;
/// 64-bit words of one direction.
const HALF: usize = 4;
/// Cells along each side of the grid.
const GRID: u32 = 16;
/// Long side of the copy that is hashed, in pixels.
const COPY_SIDE: u32 = 512;
/// Side of the square copy that is turned, in pixels: a multiple of both 16 and 17.
const SQUARE: u32 = 272;
/// Fewest bits of each value in each direction. Two prints with `k` ones are `2k(1 - k/256)` apart
/// by chance: 78 for 48, while 32 would be within the threshold of 60, and an empty sheet would be
/// every empty sheet.
const LEAST_BITS: u32 = 48;
/// Grey levels within which a row or a column is of one colour (JPEG ripples included).
const UNIFORM: u8 = 14;
/// Share of a side that may be uniform inside the content: a line of sky is no border.
const GAP_SHARE: u32 = 50;
/// Least share of each side that a content box has, as a divisor.
const LEAST_CONTENT: u32 = 8;

/// What a print was taken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// The whole picture.
    Whole,
    /// What is left without the uniform borders that screenshots have.
    Content,
    /// The document, cut out and straightened.
    Card,
    /// The face, cut out and upright.
    Face,
    /// One frame of a video.
    Frame,
    /// The loudness of a video's sound over time.
    Sound,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 6] = [
        Self::Whole,
        Self::Content,
        Self::Card,
        Self::Face,
        Self::Frame,
        Self::Sound,
    ];

    /// The stable name in stored rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Content => "content",
            Self::Card => "card",
            Self::Face => "face",
            Self::Frame => "frame",
            Self::Sound => "sound",
        }
    }

    /// The part of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }

    /// True if prints of the two parts may be compared: a screenshot's content is somebody's whole.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::Whole | Self::Content, Self::Whole | Self::Content)
                | (Self::Card, Self::Card)
                | (Self::Face, Self::Face)
                | (Self::Frame, Self::Frame)
                | (Self::Sound, Self::Sound)
        )
    }
}

/// 512 bits. Holds no picture, but says roughly where a picture is light and dark: personal data.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PrintBits([u64; WORDS]);

impl std::fmt::Debug for PrintBits {
    /// Nothing: it is of a person.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PrintBits")
    }
}

impl PrintBits {
    /// From stored bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; PRINT_BYTES]) -> Self {
        let mut words = [0; WORDS];
        let (chunks, _) = bytes.as_chunks::<8>();
        for (word, chunk) in words.iter_mut().zip(chunks) {
            *word = u64::from_le_bytes(*chunk);
        }
        Self(words)
    }

    /// For storing.
    #[must_use]
    pub fn to_bytes(self) -> [u8; PRINT_BYTES] {
        let mut bytes = [0; PRINT_BYTES];
        let (chunks, _) = bytes.as_chunks_mut::<8>();
        for (chunk, word) in chunks.iter_mut().zip(self.0) {
            *chunk = word.to_le_bytes();
        }
        bytes
    }

    /// Bits in which two prints differ, 0 to 256: the mean of both directions, rounded up.
    #[must_use]
    pub fn distance(self, other: Self) -> u32 {
        let sum: u32 = self.differing(other).map(u64::count_ones).iter().sum();
        sum.div_ceil(2)
    }

    fn differing(self, other: Self) -> [u64; WORDS] {
        let mut words = self.0;
        for (word, other) in words.iter_mut().zip(other.0) {
            *word ^= other;
        }
        words
    }

    fn tells_something(self) -> bool {
        let enough = |words: &[u64]| {
            let ones: u32 = words.iter().map(|word| word.count_ones()).sum();
            (LEAST_BITS..=PRINT_BITS - LEAST_BITS).contains(&ones)
        };
        let (across, down) = self.0.split_at(HALF);
        enough(across) && enough(down)
    }
}

/// A fingerprint of one part, with those of its turns and mirror images to search by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Print {
    /// What it is of.
    pub part: Part,
    /// The part as it came, upright: what is stored.
    pub bits: PrintBits,
    /// The seven other ways to lay it down.
    turned: Vec<PrintBits>,
}

impl Print {
    fn upright_only(part: Part, bits: PrintBits) -> Option<Self> {
        let turned = Vec::new();
        bits.tells_something()
            .then_some(Self { part, bits, turned })
    }

    /// The least distance over all turns and mirror images, in bits.
    #[must_use]
    pub fn distance(&self, stored: PrintBits) -> u32 {
        let upright = self.bits.distance(stored);
        self.turned
            .iter()
            .map(|turned| turned.distance(stored))
            .fold(upright, u32::min)
    }

    /// Where this picture, as it came, and a stored one differ most: the smallest box around three
    /// quarters of the differing cells, if it is small enough to point at anything.
    #[must_use]
    pub fn changed_region(&self, stored: PrintBits) -> Option<Region> {
        let differing = self.bits.differing(stored);
        let (across, _) = differing.split_at(HALF);
        difference::region_of_cells(across)
    }
}

/// Prints of pictures and cuttings. A whole picture with uniform borders gives a second print of
/// its content. A part too even to be told from another one (an empty sheet) gives none.
#[must_use]
pub fn prints(parts: &[(Part, &RgbImage)]) -> Vec<Print> {
    let hashers = [HashAlg::Gradient, HashAlg::VertGradient].map(hasher);
    let mut found = Vec::with_capacity(parts.len() + 1);
    for (part, picture) in parts {
        if picture.width() == 0 || picture.height() == 0 {
            continue;
        }
        let copy = grey_within(picture, COPY_SIDE);
        found.extend(print_of(&hashers, *part, &copy));
        if *part == Part::Whole
            && let Some(content) = content_of(&copy)
        {
            found.extend(print_of(&hashers, Part::Content, &content));
        }
    }
    found
}

fn hasher(algorithm: HashAlg) -> Hasher {
    HasherConfig::new()
        .hash_alg(algorithm)
        .hash_size(GRID, GRID)
        .resize_filter(imageops::FilterType::Triangle)
        .to_hasher()
}

fn print_of(hashers: &[Hasher; 2], part: Part, copy: &GrayImage) -> Option<Print> {
    let bits = |picture: &GrayImage| {
        let halves = hashers.each_ref().map(|hasher| hasher.hash_image(picture));
        let bytes = halves.each_ref().map(|half| half.as_bytes()).concat();
        <[u8; PRINT_BYTES]>::try_from(bytes.as_slice())
            .ok()
            .map(PrintBits::from_bytes)
    };
    // Turning a small copy eight ways is cheap; what is hashed has 16 pixels for each cell.
    let copy = &triangle_grey(copy, (SQUARE, SQUARE));
    let upright = bits(copy)?;
    if !upright.tells_something() {
        return None;
    }
    let quarter = imageops::rotate90(copy);
    let mirrored = imageops::flip_horizontal(copy);
    let mirrored_quarter = imageops::rotate90(&mirrored);
    let turned = [
        imageops::rotate180(copy),
        imageops::rotate180(&quarter),
        imageops::rotate180(&mirrored),
        imageops::rotate180(&mirrored_quarter),
        quarter,
        mirrored,
        mirrored_quarter,
    ];
    Some(Print {
        part,
        bits: upright,
        turned: turned.iter().filter_map(bits).collect(),
    })
}

/// The picture inside uniform borders; nothing when there are none. Bars with a clock and buttons
/// above and below are left out: the longest run of rows that are not of one colour is taken.
fn content_of(copy: &GrayImage) -> Option<GrayImage> {
    let (width, height) = copy.dimensions();
    let rows: Vec<bool> = copy.rows().map(|row| is_busy(row.map(|p| p.0))).collect();
    let (top, bottom) = longest_run(&rows, height / GAP_SHARE);
    let columns: Vec<bool> = (0..width)
        .map(|x| is_busy((top..bottom).filter_map(|y| copy.get_pixel_checked(x, y).map(|p| p.0))))
        .collect();
    let (left, right) = longest_run(&columns, width / GAP_SHARE);
    let (wide, high) = (right.saturating_sub(left), bottom.saturating_sub(top));
    let all = wide == width && high == height;
    if all || wide < (width / LEAST_CONTENT).max(GRID) || high < (height / LEAST_CONTENT).max(GRID)
    {
        return None;
    }
    Some(imageops::crop_imm(copy, left, top, wide, high).to_image())
}

fn is_busy(values: impl Iterator<Item = [u8; 1]>) -> bool {
    let (low, high) = values.fold((u8::MAX, u8::MIN), |(low, high), [value]| {
        (low.min(value), high.max(value))
    });
    high.saturating_sub(low) > UNIFORM
}

/// Begin and end of the longest run of busy lines; gaps of so many lines do not end it.
fn longest_run(busy: &[bool], gap: u32) -> (u32, u32) {
    let (mut best, mut run) = ((0, 0), None::<(u32, u32)>);
    for (at, _) in (0_u32..).zip(busy).filter(|(_, busy)| **busy) {
        let begin = match run {
            Some((begin, end)) if at <= end.saturating_add(gap) => begin,
            _ => at,
        };
        run = Some((begin, at + 1));
        if at + 1 - begin > best.1 - best.0 {
            best = (begin, at + 1);
        }
    }
    best
}
