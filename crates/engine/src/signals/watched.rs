//! A file of the operator that is read again when it changes.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use recovery::time::{Span, Timestamp};
use thiserror::Error;

/// Between two looks at a file's date.
const LOOK_EVERY: Span = Span::minutes(1);

/// Why a source cannot be used.
#[derive(Debug, Error)]
pub(crate) enum SourceError {
    /// The file cannot be read.
    #[error("cannot be read ({0})")]
    Unreadable(std::io::ErrorKind),
    /// The file is larger than any real one.
    #[error("is larger than {0} bytes")]
    TooLong(u64),
    /// The database is broken.
    #[error("is no usable database: {0}")]
    Database(#[from] maxminddb::MaxMindDbError),
    /// A database of something else.
    #[error("is a database of type \"{found}\"; its type must name {wanted}")]
    Type {
        /// What its metadata say.
        found: String,
        /// What they must hold.
        wanted: &'static str,
    },
    /// A list that is none.
    #[error("line {0} is not a domain")]
    Line(usize),
    /// A list without an entry.
    #[error("names no domain")]
    Empty,
}

/// How a file is told from the one that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    bytes: u64,
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let meta = std::fs::metadata(path).ok()?;
        Some(Self {
            modified: meta.modified().ok(),
            bytes: meta.len(),
        })
    }
}

struct State<T> {
    value: Option<Arc<T>>,
    /// What was read last, which may have been nothing; `None` makes the next look read again.
    stamp: Option<Option<Stamp>>,
    looked_at: Option<Timestamp>,
}

/// What a file says, as long as it says something usable.
pub(super) struct Watched<T> {
    what: &'static str,
    path: Option<PathBuf>,
    parse: fn(&Path) -> Result<T, SourceError>,
    state: Mutex<State<T>>,
}

impl<T> Watched<T> {
    /// `what` is its key in the configuration; without a path there is no such source.
    pub(super) fn new(
        what: &'static str,
        path: Option<PathBuf>,
        parse: fn(&Path) -> Result<T, SourceError>,
    ) -> Self {
        Self {
            what,
            path,
            parse,
            state: Mutex::new(State {
                value: None,
                stamp: None,
                looked_at: None,
            }),
        }
    }

    /// What the file says now, or said when it was last usable. Looks at its date at most once a
    /// minute; reads files, so it is not for async threads.
    pub(super) fn current(&self, now: Timestamp) -> Option<Arc<T>> {
        let path = self.path.as_deref()?;
        let (known, value) = {
            let mut state = self.state();
            let due = state
                .looked_at
                .is_none_or(|at| now.since(at) >= LOOK_EVERY || now < at);
            if !due {
                return state.value.clone();
            }
            state.looked_at = Some(now);
            (state.stamp, state.value.clone())
        };
        // Not under the lock: others go on with the old one meanwhile.
        let stamp = Stamp::of(path);
        if known == Some(stamp) {
            return value;
        }
        let read = (self.parse)(path);
        let mut state = self.state();
        state.stamp = Some(stamp);
        match read {
            Ok(value) => {
                tracing::info!(source = self.what, "read");
                state.value = Some(Arc::new(value));
            }
            Err(error) => {
                let kept = state.value.is_some();
                if stamp.is_some() && matches!(error, SourceError::Unreadable(_)) {
                    state.stamp = None;
                }
                tracing::error!(source = self.what, %error, kept, "a source cannot be used");
            }
        }
        state.value.clone()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads a file of at most so many bytes.
pub(super) fn read_file(path: &Path, most: u64) -> Result<Vec<u8>, SourceError> {
    let unreadable = |error: std::io::Error| SourceError::Unreadable(error.kind());
    let file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    let read = file.take(most + 1).read_to_end(&mut bytes);
    let length = read.map_err(unreadable)?;
    if u64::try_from(length).is_ok_and(|length| length <= most) {
        Ok(bytes)
    } else {
        Err(SourceError::TooLong(most))
    }
}
