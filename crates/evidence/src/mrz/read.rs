//! From a picture to a zone that was parsed: where, which way up, read, lines made to fit.

use image::GrayImage;
use image::imageops::{rotate90, rotate180};

use super::locate::{Zone, cut_out, zones};
use super::parse::{CheckDigits, Format, Mrz};
use super::repair::parse_repaired;
use crate::MediaRefusal;
use crate::ocr::{Ocr, Task, Word, by_lines};

/// Most calls of the reader for one picture: 0.2 to 0.4 s each.
const MOST_CALLS: usize = 5;
/// Most of them that see nothing like a zone: a licence's front is not looked at for ever.
const MOST_BLIND: usize = 3;
/// Fillers in a line that make it look like one of a zone.
const LIKE_ONE: usize = 3;
/// The last of the ways to look at a place.
const LAST_ROUND: u8 = 2;
/// Confidence from which lines of the right shape are a zone without a single right digit.
const SURE_SHAPE: f32 = 80.0;
/// Most fillers that the reader may have lost in a line.
const MOST_LOST: usize = 6;
/// Shortest text that can be a line of a zone, in letters.
const SHORTEST: usize = 20;
/// Most lines of one reading that are looked at.
const MOST_LINES: usize = 8;
/// Most ways in which one line is made to fit.
const MOST_FITS: usize = 4;

/// A zone that was read.
#[derive(Debug, Clone)]
pub struct ZoneRead {
    /// What it says.
    pub mrz: Mrz,
    /// True if a letter of it was put right by a check digit.
    pub repaired: bool,
    /// The least confidence of its lines, 0 to 100.
    pub confidence: f32,
    /// True if every line had its length as it was read: no filler was added or left out.
    pub exact: bool,
    /// Quarter turns clockwise after which the picture stands upright, 0 to 3.
    pub turns: u8,
    /// Calls of the reader that it took.
    pub calls: usize,
    /// Left, top, width, height in pixels of the picture as it was given.
    pub place: [f64; 4],
}

impl ZoneRead {
    /// Calls and place are filled in by who knows them.
    fn new(fit: Fit, turns: u8) -> Self {
        Self {
            exact: fit.is_exact(),
            mrz: fit.mrz,
            repaired: fit.repaired,
            confidence: fit.confidence,
            turns,
            calls: 0,
            place: [0.0; 4],
        }
    }
}

/// A line of a reading: what can stand in a zone, and how sure the reader was.
struct Line {
    text: String,
    confidence: f32,
}

/// One look at one place.
#[derive(Clone, Copy)]
struct Look {
    turns: u8,
    zone: Zone,
    /// How often this place was looked at before: first as found, then wider (faint fillers at
    /// the ends are not found), then much wider.
    round: u8,
}

impl Look {
    const fn zoom(&self) -> f64 {
        if self.round == LAST_ROUND { 1.3 } else { 1.0 }
    }

    fn widened(&self) -> Zone {
        let (wide, high) = match self.round {
            0 => (1.0, 1.0),
            1 => (1.2, 1.2),
            _ => (1.6, 1.3),
        };
        Zone {
            width: self.zone.width * wide,
            height: self.zone.height * high,
            ..self.zone
        }
    }
}

/// Reads the machine readable zone of a picture in any of four orientations.
///
/// Takes up to five calls of the reader and stops at the first zone whose check digits are all
/// right. Returns the best zone that was parsed, or nothing.
///
/// # Errors
/// As [`Ocr::read`].
pub fn read_mrz(picture: &GrayImage, ocr: &Ocr) -> Result<Option<ZoneRead>, MediaRefusal> {
    let (mut best, mut spent) = (None, Spent::default());
    // Most pictures stand upright or on their head; only else the search is done again, turned.
    for turned in [false, true] {
        let held = turned.then(|| rotate90(picture));
        let upright = held.as_ref().unwrap_or(picture);
        let found = zones(upright);
        let read = read_looks(upright, looks(&found, turned), ocr, &mut spent)?;
        let read = read.map(|(read, look)| ZoneRead {
            place: placed(&look.zone, look.turns, picture),
            ..read
        });
        if read
            .as_ref()
            .is_some_and(|read| read.mrz.checks.right() >= 2)
        {
            best = read;
            break;
        }
        best = best.or(read);
    }
    Ok(best.map(|best| ZoneRead {
        calls: spent.calls,
        ..best
    }))
}

/// Calls of the reader so far, and those of them that saw nothing like a zone.
#[derive(Default)]
struct Spent {
    calls: usize,
    blind: usize,
}

/// What to look at, likeliest last: each zone as it stands, and the likeliest on its head.
fn looks(zones: &[Zone], turned: bool) -> Vec<Look> {
    let turns = u8::from(turned);
    let look = |zone: &Zone, turns| Look {
        turns,
        zone: *zone,
        round: 0,
    };
    let first = zones.first().map(|zone| look(zone, turns + 2));
    let upright = zones.iter().rev().map(|zone| look(zone, turns));
    first.into_iter().chain(upright).collect()
}

/// Looks in turn until a zone is right or the calls are used up; the best that was parsed.
fn read_looks(
    upright: &GrayImage,
    mut looks: Vec<Look>,
    ocr: &Ocr,
    spent: &mut Spent,
) -> Result<Option<(ZoneRead, Look)>, MediaRefusal> {
    let mut best: Option<(ZoneRead, Look, Rank)> = None;
    while let Some(look) = looks.pop() {
        if spent.calls == MOST_CALLS || spent.blind == MOST_BLIND {
            break;
        }
        spent.calls += 1;
        let cut = cut_out(upright, &look.widened(), look.zoom());
        let cut = if look.turns >= 2 {
            rotate180(&cut)
        } else {
            cut
        };
        let lines = lines(&ocr.read(&cut, Task::Mrz)?);
        if let Some(fit) = fitted(&lines) {
            let good = fit.mrz.checks.good() && !fit.repaired;
            let better = |(_, _, rank): &(ZoneRead, Look, Rank)| fit.rank() > *rank;
            if good || best.as_ref().is_none_or(better) {
                let rank = fit.rank();
                best = Some((ZoneRead::new(fit, look.turns), look, rank));
            }
            if good {
                break;
            }
        }
        let like_one = lines.iter().any(|line| fillers(&line.text) >= LIKE_ONE);
        spent.blind += usize::from(!like_one);
        if like_one && look.round < LAST_ROUND {
            looks.push(Look {
                round: look.round + 1,
                ..look
            });
        }
    }
    Ok(best.map(|(read, look, _)| (read, look)))
}

fn fillers(text: &str) -> usize {
    text.bytes().filter(|letter| *letter == b'<').count()
}

/// The zone's bounds in the picture as it was given.
fn placed(zone: &Zone, turns: u8, picture: &GrayImage) -> [f64; 4] {
    let tilt = zone.slope.abs();
    let (width, height) = (
        zone.width + tilt * zone.height,
        zone.height + tilt * zone.width,
    );
    let (x, y) = zone.centre;
    if turns.is_multiple_of(2) {
        [x - width / 2.0, y - height / 2.0, width, height]
    } else {
        // A quarter turn clockwise took (x, y) of the picture to (its height - y, x).
        let (x, y) = (y, f64::from(picture.height()) - x);
        [x - height / 2.0, y - width / 2.0, height, width]
    }
}

/// Words of one line put together, without what cannot stand in a zone.
fn lines(words: &[Word]) -> Vec<Line> {
    let known = |c: &char| c.is_ascii_uppercase() || c.is_ascii_digit() || *c == '<';
    let lines = by_lines(words).map(|line| {
        let letters = line.iter().flat_map(|word| word.text.reveal().chars());
        let sure = line.iter().map(|word| word.confidence);
        Line {
            text: letters.filter(known).collect(),
            confidence: sure.fold(f32::INFINITY, f32::min),
        }
    });
    lines
        .filter(|line| line.text.len() >= SHORTEST)
        .take(MOST_LINES)
        .collect()
}

/// The ways to make a line fit a length: fillers lost or doubled where many stand together, a
/// stray letter at either end. Which one is right, if any, say the check digits.
fn fits(text: &str, length: usize) -> Vec<String> {
    let mut found = vec![];
    let is = text.len();
    if is == length {
        found.push(text.to_owned());
        return found;
    }
    let longest = longest_fillers(text);
    if is < length && length - is <= MOST_LOST {
        let more = "<".repeat(length - is);
        if let Some((start, run)) = longest.filter(|(_, run)| *run >= 2) {
            let (before, after) = text.split_at(start + run);
            found.push(format!("{before}{more}{after}"));
        }
        if text.ends_with('<') {
            found.push(format!("{text}{more}"));
        }
    } else if is > length && is - length <= MOST_LOST {
        let less = is - length;
        if let Some((start, run)) = longest.filter(|(_, run)| *run > less + 1) {
            let (before, after) = text.split_at(start + run - less);
            found.push(format!("{before}{}", after.get(less..).unwrap_or_default()));
        }
        found.extend(text.get(..length).map(str::to_owned));
        found.extend(text.get(less..).map(str::to_owned));
    }
    found.dedup();
    found.truncate(MOST_FITS);
    found
}

/// Start and length of the longest run of fillers.
fn longest_fillers(text: &str) -> Option<(usize, usize)> {
    let (mut best, mut run) = (None::<(usize, usize)>, 0);
    for (place, letter) in text.bytes().enumerate() {
        run = if letter == b'<' { run + 1 } else { 0 };
        if run > 0 && best.is_none_or(|(_, longest)| run >= longest) {
            best = Some((place + 1 - run, run));
        }
    }
    best
}

const FORMATS: [Format; 4] = [Format::Td3, Format::Td2, Format::Td1, Format::SwissLicence];

/// How good a reading is: all check digits right, nothing repaired, so many lines as they were
/// read, and the more digits right and the fewer wrong the better.
type Rank = (bool, bool, usize, usize);

/// One way to take neighbouring lines for a zone.
struct Fit {
    mrz: Mrz,
    repaired: bool,
    confidence: f32,
    /// Lines that fit as they were read.
    exact: usize,
}

impl Fit {
    fn is_exact(&self) -> bool {
        self.exact == self.mrz.format.lines().len()
    }

    fn rank(&self) -> Rank {
        let checks = &self.mrz.checks;
        let digits = (checks.right() + CheckDigits::MOST).saturating_sub(checks.wrong());
        (checks.good(), !self.repaired, self.exact, digits)
    }
}

/// The reading of neighbouring lines with the best check digits. Two readings that are both right
/// and differ in their number are no reading.
fn fitted(lines: &[Line]) -> Option<Fit> {
    let (mut best, mut torn): (Option<Fit>, bool) = (None, false);
    for format in FORMATS {
        let lengths = format.lines();
        for window in lines.windows(lengths.len()) {
            let sure = window.iter().map(|line| line.confidence);
            let confidence = sure.fold(100.0, f32::min);
            for choice in choices(window, lengths) {
                let as_read = window.iter().zip(&choice).filter(|(a, b)| a.text == **b);
                let exact = as_read.count();
                let Some(read) = parse_repaired(&choice, exact == choice.len()) else {
                    continue;
                };
                let (mrz, repaired) = (read.mrz, read.repaired);
                let fit = Fit {
                    mrz,
                    repaired,
                    confidence,
                    exact,
                };
                match &best {
                    Some(best) if best.rank() > fit.rank() => {}
                    Some(best) if best.rank() == fit.rank() => {
                        let good = fit.mrz.checks.good();
                        torn |= good && best.mrz.number.reveal() != fit.mrz.number.reveal();
                    }
                    _ => (best, torn) = (Some(fit), false),
                }
            }
        }
    }
    // Lines of exactly the right shape that were read surely are a zone, whatever its digits say.
    let shaped = |fit: &Fit| fit.is_exact() && fit.confidence >= SURE_SHAPE;
    let known = |fit: &Fit| fit.mrz.checks.right() > 0 || shaped(fit);
    best.filter(|fit| !torn && known(fit))
}

/// Every combination of ways to fit (at most 4 x 4 x 4).
fn choices(window: &[Line], lengths: &[usize]) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    for (line, length) in window.iter().zip(lengths) {
        let ways = fits(&line.text, *length);
        all = all
            .iter()
            .flat_map(|begun: &Vec<String>| {
                ways.iter()
                    .map(|way| [begun.as_slice(), std::slice::from_ref(way)].concat())
            })
            .collect();
    }
    all
}
