//! The operator's files behind the signals, and what `regain doctor` says of them.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp as Moment;
use maxminddb::Reader;
use platform::Clock;
use recovery::signals::Anonymity;

use super::anonymous::{AnonymousDb, is_public};
use super::city::{CityDb, Geo};
use super::domains::Domains;
use super::watched::{SourceError, Watched};

/// Where the files are; each may be missing.
#[derive(Debug, Clone, Default)]
pub struct SourcePaths {
    /// A database of cities in the format MaxMind DB.
    pub city_db: Option<PathBuf>,
    /// A database of hosting and anonymous networks in the same format.
    pub anonymous_db: Option<PathBuf>,
    /// A list of throw-away mail domains.
    pub disposable_list: Option<PathBuf>,
    /// A list of mail domains that were registered lately.
    pub young_domains_list: Option<PathBuf>,
}

/// What is known beside the dossier. Every file is read again when it changes.
pub struct Sources {
    city: Watched<CityDb>,
    anonymous: Watched<AnonymousDb>,
    disposable: Watched<Domains>,
    young: Watched<Domains>,
    clock: Clock,
}

impl Sources {
    /// Reads the files. What is missing or broken is logged, and unavailable until it is mended.
    #[must_use]
    pub fn open(paths: SourcePaths, clock: Clock) -> Self {
        let sources = Self {
            city: Watched::new("signals.city_db", paths.city_db, CityDb::open),
            anonymous: Watched::new(
                "signals.anonymous_db",
                paths.anonymous_db,
                AnonymousDb::open,
            ),
            disposable: Watched::new(
                "signals.disposable_list",
                paths.disposable_list,
                Domains::open,
            ),
            young: Watched::new(
                "signals.young_domains_list",
                paths.young_domains_list,
                Domains::open,
            ),
            clock,
        };
        let now = (sources.clock)();
        sources.city.current(now);
        sources.anonymous.current(now);
        sources.disposable.current(now);
        sources.young.current(now);
        sources
    }

    /// No file at all: every signal that needs one is unavailable.
    #[must_use]
    pub fn none() -> Self {
        let clock: Clock = Arc::new(recovery::time::Timestamp::default);
        Self::open(SourcePaths::default(), clock)
    }

    /// The database of places. Looks at its file: not for async threads.
    #[must_use]
    pub fn geo(&self) -> Option<Geo> {
        self.city.current((self.clock)()).map(Geo)
    }

    pub(super) fn disposable(&self) -> Option<Arc<Domains>> {
        self.disposable.current((self.clock)())
    }

    pub(super) fn young(&self) -> Option<Arc<Domains>> {
        self.young.current((self.clock)())
    }

    /// Whether a domain is listed; nothing without a list.
    #[cfg(test)]
    pub(crate) fn lists(&self, domain: &str) -> Option<bool> {
        Some(self.disposable()?.contains(domain))
    }

    /// What is known of an address of the internet; nothing of any other.
    pub(crate) fn anonymity(&self, ip: IpAddr) -> Option<Anonymity> {
        let database = self.anonymous.current((self.clock)())?;
        if !is_public(ip) {
            return None;
        }
        let flags = database.flags(ip);
        flags
            .inspect_err(|error| tracing::warn!(%error, "the database of anonymous networks fails"))
            .ok()
    }
}

/// How a source was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceState {
    /// Nothing is configured.
    Missing,
    /// Usable; what it is.
    Good(String),
    /// Configured, and not usable; why.
    Broken(String),
}

/// One source, for `regain doctor`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceReport {
    /// Its key in the configuration.
    pub key: &'static str,
    /// Its file.
    pub path: Option<PathBuf>,
    /// How it was found.
    pub state: SourceState,
}

impl SourcePaths {
    /// Opens every file and says what it is.
    #[must_use]
    pub fn inspect(&self) -> [SourceReport; 4] {
        let report =
            |key, path: &Option<PathBuf>, look: fn(&Path) -> Result<String, SourceError>| {
                let state = match path.as_deref().map(look) {
                    None => SourceState::Missing,
                    Some(Ok(what)) => SourceState::Good(what),
                    Some(Err(error)) => SourceState::Broken(error.to_string()),
                };
                let path = path.clone();
                SourceReport { key, path, state }
            };
        [
            report("signals.city_db", &self.city_db, |path| {
                CityDb::open(path).map(|database| described(&database.reader))
            }),
            report("signals.anonymous_db", &self.anonymous_db, |path| {
                AnonymousDb::open(path).map(|database| described(&database.0))
            }),
            report("signals.disposable_list", &self.disposable_list, domains),
            report(
                "signals.young_domains_list",
                &self.young_domains_list,
                domains,
            ),
        ]
    }
}

/// How many domains a list has.
fn domains(path: &Path) -> Result<String, SourceError> {
    Domains::open(path).map(|domains| format!("{} domains", domains.len()))
}

/// Type and day of a database.
fn described(reader: &Reader<Vec<u8>>) -> String {
    let meta = reader.metadata();
    let seconds = i64::try_from(meta.build_epoch).ok();
    let made = seconds.and_then(|seconds| Moment::from_second(seconds).ok());
    let day = made.map_or_else(String::new, |made| {
        format!(" of {}", made.strftime("%Y-%m-%d"))
    });
    let kind: String = meta.database_type.chars().take(64).collect();
    format!("{kind}{day}")
}
