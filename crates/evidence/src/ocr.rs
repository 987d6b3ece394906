//! Reads writing off a picture: Tesseract in the sandbox, words with confidence and place.
//!
//! One call costs 0.2 to 1 s of one core, so a caller decides which calls it needs first, and cuts
//! pictures to what is to be read.

use std::path::{Path, PathBuf};

use image::imageops::grayscale;
use image::{GrayImage, RgbImage};
use recovery::sensitive::Sensitive;

use crate::resize::{triangle_grey, within};
use crate::sandbox::{FILES, INPUT, Run, Tool};
use crate::{Limits, MediaRefusal, MediaTools};

/// Name of the trained data for machine readable zones.
const MRZ_MODEL: &str = "mrz";
/// What stands in such a zone (ICAO 9303-3, 4.3).
const MRZ_LETTERS: &str = "tessedit_char_whitelist=ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<";
const DIGITS: &str = "tessedit_char_whitelist=0123456789-./: ";
/// Processor seconds of one call; a page of writing of 2000 pixels needs two.
const CPU_SECONDS: u32 = 8;
/// Wall clock seconds of one call, for a machine that does other things as well.
const WALL_SECONDS: u32 = 20;
/// Most pixels of a picture that is read: a photo of 12 megapixels is made smaller before.
const MOST_PIXELS: u64 = 8_000_000;
/// Most words that are taken from one picture: a bank statement has 800.
const MOST_WORDS: usize = 4_000;
/// Most characters of one word: a transaction id has 64, two lines of a zone run together 88.
const MOST_LETTERS: usize = 128;

/// What is to be read, which decides how Tesseract looks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// The lines of a machine readable zone, cut out, upright, letters 20 to 40 pixels high. Needs
    /// `mrz.traineddata`.
    Mrz,
    /// One block of lines.
    Block,
    /// Words anywhere: a document's front.
    Sparse,
    /// One line of anything.
    Line,
    /// One line of digits with `-./:` between them.
    Digits,
}

impl Task {
    /// Tesseract's page segmentation mode.
    const fn layout(self) -> &'static str {
        match self {
            Self::Mrz | Self::Block => "6",
            Self::Sparse => "11",
            Self::Line | Self::Digits => "7",
        }
    }
}

/// A word that was read.
#[derive(Debug, Clone)]
pub struct Word {
    /// The word, never empty, at most 128 characters.
    pub text: Sensitive<String>,
    /// How sure Tesseract is, 0 to 100.
    pub confidence: f32,
    /// Left, top, width, height in pixels of the picture that was given.
    pub place: [u32; 4],
    /// Words with the same number stand on one line. Lines are numbered in reading order.
    pub line: u32,
}

/// The reader: the tools, and where the trained data for machine readable zones is.
#[derive(Debug, Clone)]
pub struct Ocr {
    tools: MediaTools,
    mrz: Option<PathBuf>,
    limits: Limits,
}

impl Ocr {
    /// With these tools. `mrz` is the path of `mrz.traineddata`; without it, or if it is not there,
    /// machine readable zones are not read.
    #[must_use]
    pub fn new(tools: MediaTools, mrz: Option<&Path>) -> Self {
        let name = |path: &&Path| path.file_stem().is_some_and(|stem| stem == MRZ_MODEL);
        Self {
            tools,
            mrz: mrz
                .filter(name)
                .filter(|path| path.is_file())
                .map(Path::to_owned),
            limits: Limits {
                tool_cpu_seconds: CPU_SECONDS,
                tool_wall_seconds: WALL_SECONDS,
                ..Limits::default()
            },
        }
    }

    /// Whether a task can be done on this machine.
    #[must_use]
    pub fn can(&self, task: Task) -> bool {
        let model = task != Task::Mrz || self.mrz.is_some();
        model && self.tools.missing(&[Tool::Tesseract]).is_none()
    }

    /// Reads a picture; blocks for the 0.2 to 1 s that Tesseract runs.
    ///
    /// # Errors
    /// Unavailable without Tesseract, sandbox or (for [`Task::Mrz`]) trained data;
    /// [`MediaRefusal::TooManyPixels`] above 8 million, [`MediaRefusal::TooSlow`] when it took too
    /// long. A picture without writing gives no words.
    pub fn read(&self, picture: &GrayImage, task: Task) -> Result<Vec<Word>, MediaRefusal> {
        let (width, height) = (picture.width(), picture.height());
        if u64::from(width) * u64::from(height) > MOST_PIXELS {
            let (width, height) = (width.into(), height.into());
            return Err(MediaRefusal::TooManyPixels { width, height });
        }
        let mut arguments = vec![INPUT, "-", "--dpi", "300", "--psm", task.layout()];
        let mut files = Vec::new();
        match task {
            Task::Mrz => {
                let missing = "mrz.traineddata";
                let model = self.mrz.as_deref();
                files.push(model.ok_or(MediaRefusal::ToolMissing { missing })?);
                arguments.extend(["--tessdata-dir", FILES, "-l", MRZ_MODEL, "-c", MRZ_LETTERS]);
            }
            Task::Digits => arguments.extend(["-l", "eng", "-c", DIGITS]),
            _ => arguments.extend(["-l", "eng"]),
        }
        arguments.extend(["-c", "tessedit_create_tsv=1"]);
        let run = Run {
            tool: Tool::Tesseract,
            input: &portable_graymap(picture),
            arguments: &arguments,
            files: &files,
        };
        let ran = self.tools.run(&run, &self.limits)?;
        if !ran.status.success() {
            return Err(MediaRefusal::ToolFailed { step: "tesseract" });
        }
        Ok(read_table(&ran.output))
    }
}

/// A binary PGM file, the shortest way to hand over pixels.
fn portable_graymap(picture: &GrayImage) -> Vec<u8> {
    let mut bytes = format!("P5\n{} {}\n255\n", picture.width(), picture.height()).into_bytes();
    bytes.extend_from_slice(picture.as_raw());
    bytes
}

/// The words line by line, as they were read.
pub(crate) fn by_lines(words: &[Word]) -> impl Iterator<Item = &[Word]> {
    words.chunk_by(|one, next| one.line == next.line)
}

/// A grey copy to be read, no side longer than `most` pixels.
pub(crate) fn smaller(picture: &RgbImage, most: u32) -> GrayImage {
    let grey = grayscale(picture);
    let long = grey.width().max(grey.height());
    if long <= most {
        return grey;
    }
    triangle_grey(&grey, within(grey.dimensions(), most))
}

/// Reads Tesseract's table: level, page, block, paragraph, line, word, left, top, width, height,
/// confidence, text.
fn read_table(bytes: &[u8]) -> Vec<Word> {
    let text = String::from_utf8_lossy(bytes);
    let (mut words, mut line, mut last) = (Vec::new(), 0, None);
    for row in text.lines() {
        let cells: Vec<&str> = row.split('\t').collect();
        let [
            "5",
            _,
            block,
            paragraph,
            row_of,
            _,
            left,
            top,
            width,
            height,
            confidence,
            text,
        ] = cells.as_slice()
        else {
            continue;
        };
        let text: String = text.trim().chars().take(MOST_LETTERS).collect();
        let place = [left, top, width, height].map(|cell| cell.parse().ok());
        let [Some(left), Some(top), Some(width), Some(height)] = place else {
            continue;
        };
        if text.is_empty() {
            continue;
        }
        let at = (block.to_owned(), paragraph.to_owned(), row_of.to_owned());
        if last.as_ref().is_some_and(|last| *last != at) {
            line += 1;
        }
        last = Some(at);
        words.push(Word {
            text: text.into(),
            confidence: confidence.parse().unwrap_or(0.0_f32).clamp(0.0, 100.0),
            place: [left, top, width, height],
            line,
        });
        if words.len() == MOST_WORDS {
            break;
        }
    }
    words
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_and_nonsense_in_it_is_passed_over() {
        let table = "level\tpage\n\
             5\t1\t1\t1\t1\t1\t10\t20\t30\t8\t96.5\tTwo\n\
             5\t1\t1\t1\t1\t2\t44\t20\t30\t8\t-1\twords\n\
             5\t1\t1\t1\t2\t1\t10\t30\t30\t8\tNaN\there\n\
             5\t1\t1\t1\t2\t1\t-10\t30\t30\t8\t90\tno\n\
             5\t1\t1\t1\t2\t2\t10\t30\t30\t8\t90\t  \n";
        let words = read_table(table.as_bytes());
        let read: Vec<_> = words
            .iter()
            .map(|word| (word.text.reveal().as_str(), word.line, word.place[0]))
            .collect();
        assert_eq!(read, [("Two", 0, 10), ("words", 0, 44), ("here", 1, 10)]);
        assert_eq!(words[1].confidence, 0.0);
        assert_eq!(format!("{:?}", words[0].text), "[redacted]");
        assert!(read_table(&[0xff; 40]).is_empty());
    }

    #[test]
    fn without_tools_every_task_is_unavailable() {
        let ocr = Ocr::new(MediaTools::none(), None);
        for task in [Task::Mrz, Task::Sparse, Task::Digits] {
            assert!(!ocr.can(task));
            let refused = ocr.read(&GrayImage::new(4, 4), task).unwrap_err();
            assert!(refused.is_unavailable());
        }
    }
}
