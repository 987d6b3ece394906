//! Secrets: from the environment, or from files that nobody else can read.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use recovery::sensitive::Sensitive;

/// Most bytes of a file with a secret.
const FILE_MAX: u64 = 16 * 1024;
/// Fewest different characters of a secret that is not a placeholder.
const DIFFERENT_MIN: usize = 5;
/// Beginnings and words of secrets that were never set.
const PLACEHOLDERS: [&str; 6] = [
    "change", "secret", "password", "example", "default", "insert",
];

/// Where a secret comes from. It is read only when something is started with it.
#[derive(Debug, Clone)]
pub(crate) struct Secret {
    /// What it is, in plain words.
    pub(crate) what: &'static str,
    pub(crate) from: SecretFrom,
}

/// See [`Secret`].
#[derive(Debug, Clone)]
pub(crate) enum SecretFrom {
    /// A variable of the environment.
    Variable(&'static str, Sensitive<String>),
    /// A file.
    File(PathBuf),
}

impl Secret {
    /// The secret without its line end.
    ///
    /// # Errors
    /// When the file cannot be read or others can read it, and for a placeholder.
    pub(crate) fn read(&self) -> anyhow::Result<Sensitive<String>> {
        let text = match &self.from {
            SecretFrom::Variable(_, text) => text.clone(),
            SecretFrom::File(path) => read_private(path).with_context(|| self.what.to_owned())?,
        };
        let text = Sensitive::new(text.reveal().trim_end_matches(['\r', '\n']).to_owned());
        anyhow::ensure!(
            !is_placeholder(text.reveal()),
            "{}: {} holds a placeholder, not a secret",
            self.what,
            self.place()
        );
        Ok(text)
    }

    /// Where it comes from, in words.
    #[must_use]
    pub(crate) fn place(&self) -> String {
        match &self.from {
            SecretFrom::Variable(name, _) => (*name).to_owned(),
            SecretFrom::File(path) => path.display().to_string(),
        }
    }
}

/// Whether this was never meant to be a secret.
fn is_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let different: std::collections::BTreeSet<char> = lower.chars().collect();
    let bare = lower.trim_end_matches(|c: char| !c.is_ascii_alphabetic());
    different.len() < DIFFERENT_MIN
        || PLACEHOLDERS.contains(&bare)
        || lower.starts_with("change-me")
        || lower.starts_with("changeme")
}

/// Refuses a file that others than its owner can read.
///
/// # Errors
/// With the command that mends it.
#[cfg(unix)]
pub(super) fn check_private(path: &Path, meta: &std::fs::Metadata) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = meta.permissions().mode() & 0o777;
    anyhow::ensure!(
        mode & 0o077 == 0,
        "{0} can be read or written by others (mode {mode:04o}); run: chmod 600 {0}",
        path.display()
    );
    Ok(())
}

/// Other systems keep rights in other ways.
#[cfg(not(unix))]
pub(super) fn check_private(_path: &Path, _meta: &std::fs::Metadata) -> anyhow::Result<()> {
    Ok(())
}

fn read_private(path: &Path) -> anyhow::Result<Sensitive<String>> {
    let shown = path.display();
    let file = std::fs::File::open(path).with_context(|| format!("{shown} cannot be opened"))?;
    let meta = file
        .metadata()
        .with_context(|| format!("{shown} cannot be looked at"))?;
    check_private(path, &meta)?;
    anyhow::ensure!(meta.is_file(), "{shown} is not a file");
    anyhow::ensure!(
        meta.len() <= FILE_MAX,
        "{shown} is too long to hold a secret"
    );
    let mut text = String::new();
    file.take(FILE_MAX)
        .read_to_string(&mut text)
        .with_context(|| format!("{shown} cannot be read"))?;
    Ok(Sensitive::new(text))
}
