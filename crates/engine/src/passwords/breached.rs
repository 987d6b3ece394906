//! The operator's file of passwords that leaked.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use data_encoding::HEXUPPER_PERMISSIVE;
use sha1::{Digest as _, Sha1};
use thiserror::Error;

/// Bytes that are read at once. A line is 40 digits, a colon, a count, and the end of the line.
const WINDOW: usize = 256;
/// Halvings of a file: more than any file has bytes.
const STEPS_MAX: u32 = 64;
/// Lines that are compared when the file is looked at.
const SAMPLES: u64 = 64;

/// A SHA-1 digest.
type Hash = [u8; 20];

/// Why the list cannot be used.
#[derive(Debug, Error)]
pub enum BreachedError {
    /// The file cannot be read.
    #[error("cannot be read ({0})")]
    Unreadable(io::ErrorKind),
    /// No line at all.
    #[error("has no line")]
    Empty,
    /// A line of something else.
    #[error("has no line of 40 hexadecimal digits, a colon and a count at byte {0}")]
    Line(u64),
    /// The order by count, say.
    #[error("is not sorted by hash (byte {0})")]
    Order(u64),
}

impl From<io::Error> for BreachedError {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error.kind())
    }
}

/// A file in the form of "Pwned Passwords": a line `HASH:COUNT` for each password, by its SHA-1
/// in hexadecimal, sorted by hash. It is searched where it lies, tens of gigabytes as it may be,
/// and opened anew for each search: one that was put in its place counts at once.
#[derive(Debug, Clone)]
pub struct BreachedList {
    path: PathBuf,
}

impl BreachedList {
    /// Looks whether the file can be used, at its beginning, its end and between.
    ///
    /// # Errors
    /// When it cannot be read, or is something else.
    pub fn open(path: &Path) -> Result<Self, BreachedError> {
        let lines = Lines::open(path)?;
        let mut before: Option<Hash> = None;
        for sample in 0..=SAMPLES {
            let at = lines.bytes / SAMPLES * sample;
            let Some(line) = lines.from(at)? else {
                continue;
            };
            if before.is_some_and(|before| before > line.hash) {
                return Err(BreachedError::Order(line.begins));
            }
            before = Some(line.hash);
        }
        let path = path.to_owned();
        before.map(|_| Self { path }).ok_or(BreachedError::Empty)
    }

    /// Whether a password is on the list. Reads a file, so it is not for async threads.
    ///
    /// # Errors
    /// When the file cannot be read, or a line that the search meets cannot stand there. Then
    /// nothing is known of the password.
    pub fn holds(&self, password: &str) -> Result<bool, BreachedError> {
        let lines = Lines::open(&self.path)?;
        let wanted: Hash = Sha1::digest(password.as_bytes()).into();
        // Every line that begins before `low` is less than wanted, every one from `high` on more.
        let (mut low, mut high) = (0, lines.bytes);
        let mut between = (Hash::default(), [u8::MAX; 20]);
        for _ in 0..STEPS_MAX {
            let middle = low + (high - low) / 2;
            let line = match lines.from(middle)? {
                Some(line) if line.begins < high => line,
                // No line begins in the upper half: what is left stands at `low`, if at all.
                _ if middle > low => {
                    high = middle;
                    continue;
                }
                _ => return Ok(false),
            };
            if line.hash < between.0 || line.hash > between.1 {
                return Err(BreachedError::Order(line.begins));
            }
            match line.hash.cmp(&wanted) {
                std::cmp::Ordering::Equal => return Ok(true),
                std::cmp::Ordering::Less => {
                    between.0 = line.hash;
                    low = line.ends;
                }
                std::cmp::Ordering::Greater => {
                    between.1 = line.hash;
                    high = middle;
                }
            }
            if low >= high {
                return Ok(false);
            }
        }
        Err(BreachedError::Order(low))
    }
}

/// A line of the file.
struct Line {
    hash: Hash,
    begins: u64,
    /// Where the next one begins.
    ends: u64,
}

struct Lines {
    file: File,
    bytes: u64,
}

impl Lines {
    fn open(path: &Path) -> Result<Self, BreachedError> {
        let file = File::open(path)?;
        let bytes = file.metadata()?.len();
        if bytes == 0 {
            return Err(BreachedError::Empty);
        }
        Ok(Self { file, bytes })
    }

    /// The first line that begins at this byte or later; none after the last one.
    fn from(&self, at: u64) -> Result<Option<Line>, BreachedError> {
        // One byte earlier: there ends the line before, if one begins right here.
        let looked_at = at.saturating_sub(1);
        let window = self.window(looked_at)?;
        let skipped = match at {
            0 => 0,
            _ => match after_end(&window) {
                Some(skipped) => skipped,
                None if looked_at + count(&window) >= self.bytes => return Ok(None),
                None => return Err(BreachedError::Line(at)),
            },
        };
        let begins = looked_at + count(window.get(..skipped).unwrap_or_default());
        if begins >= self.bytes {
            return Ok(None);
        }
        let text = window.get(skipped..).unwrap_or_default();
        let length = after_end(text).unwrap_or(text.len());
        let text = text.get(..length).unwrap_or_default();
        Ok(Some(Line {
            hash: hash_of(text).ok_or(BreachedError::Line(begins))?,
            begins,
            ends: begins + count(text),
        }))
    }

    fn window(&self, at: u64) -> Result<Vec<u8>, BreachedError> {
        let mut window = vec![0; WINDOW];
        let mut filled = 0;
        while let Some(rest) = window.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self
                .file
                .read_at(rest, at + u64::try_from(filled).unwrap_or(u64::MAX))
            {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        window.truncate(filled);
        Ok(window)
    }
}

fn count(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// How many bytes lie before the next line.
fn after_end(bytes: &[u8]) -> Option<usize> {
    bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .map(|end| end + 1)
}

fn hash_of(line: &[u8]) -> Option<Hash> {
    let (digits, rest) = line.split_at_checked(40)?;
    let count = rest.strip_prefix(b":")?.trim_ascii_end();
    let counted = !count.is_empty() && count.iter().all(u8::is_ascii_digit);
    let hash = HEXUPPER_PERMISSIVE.decode(digits).ok()?;
    Hash::try_from(hash).ok().filter(|_| counted)
}
