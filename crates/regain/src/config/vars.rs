//! The environment, read once at the start. Only names beginning with `REGAIN_` are kept.

use std::collections::BTreeMap;
use std::path::PathBuf;

use recovery::sensitive::Sensitive;

use recovery::nearest::nearest;

/// The beginning of every name of ours.
const PREFIX: &str = "REGAIN_";

/// Every variable that counts.
pub(super) const KNOWN: [&str; 14] = [
    "REGAIN_CONFIG",
    "REGAIN_DATABASE_URL",
    "REGAIN_LISTEN",
    "REGAIN_LOG",
    "REGAIN_MASTER_KEY",
    "REGAIN_MASTER_KEY_FILE",
    "REGAIN_MODELS_DIR",
    "REGAIN_ORIGIN",
    "REGAIN_PLATFORM_KEY",
    "REGAIN_PLATFORM_KEY_FILE",
    "REGAIN_PLATFORM_OTHER_KEY",
    "REGAIN_PLATFORM_OTHER_KEY_FILE",
    "REGAIN_SMTP_PASSWORD",
    "REGAIN_SMTP_PASSWORD_FILE",
];

/// Where programs keep their data for this user: `XDG_DATA_HOME`, else below the home directory.
#[must_use]
pub(crate) fn data_home() -> Option<PathBuf> {
    let value = |wanted: &str| {
        let value = std::env::vars_os().find(|(name, _)| name == wanted)?.1;
        Some(PathBuf::from(value)).filter(|path| path.is_absolute())
    };
    value("XDG_DATA_HOME").or_else(|| Some(value("HOME")?.join(".local/share")))
}

/// The variables of the environment that are ours.
#[derive(Debug, Clone, Default)]
pub(crate) struct Vars(BTreeMap<String, Sensitive<String>>);

impl Vars {
    /// The variables of this process. Empty ones count as not set.
    #[must_use]
    pub(crate) fn of_this_process() -> Self {
        let text = |value: std::ffi::OsString| value.into_string().ok();
        Self::from_pairs(
            std::env::vars_os()
                .filter_map(|(name, value)| Some((text(name)?, text(value)?)))
                .filter(|(name, value)| name.starts_with(PREFIX) && !value.is_empty()),
        )
    }

    /// Given variables.
    pub(crate) fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let secret = |(name, value)| (name, Sensitive::new(value));
        Self(pairs.into_iter().map(secret).collect())
    }

    /// The value of a variable, if it is set.
    #[must_use]
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.reveal().as_str())
    }

    /// Variables that look like misspelt ones of ours. Others are left alone: the environment is
    /// not ours alone.
    pub(super) fn doubtful(&self) -> Vec<String> {
        let misspelt = |name: &String| {
            if KNOWN.contains(&name.as_str()) {
                return None;
            }
            let meant = nearest(name, KNOWN)?;
            Some(format!(
                "the environment has {name}, which means nothing here; did you mean {meant}?"
            ))
        };
        self.0.keys().filter_map(misspelt).collect()
    }
}
