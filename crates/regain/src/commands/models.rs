//! `regain models ...`: gets the model files, and says whether they are the right ones.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use models::{Event, Fetch, Fetched, Manifest, ModelSet, ModelSpec};

use crate::cli::ModelsCommand;
use crate::config::{self, Config, Vars};
use crate::out;

/// Longest wait for a server when somebody asked for the files.
const PATIENT: Duration = Duration::from_secs(10);
/// The same when the demo starts: it goes on without models.
const HASTY: Duration = Duration::from_secs(3);
/// Characters of a progress bar.
const BAR: u64 = 24;

/// Runs the command.
///
/// # Errors
/// When there is no usable manifest, no such model, or no folder to put files in.
pub(super) fn run(command: ModelsCommand, config: &Path, vars: &Vars) -> anyhow::Result<ExitCode> {
    match command {
        ModelsCommand::Fetch { from, to, only } => {
            let configured = configured_dir(to, config, vars)?;
            let to = configured
                .or_else(default_dir)
                .context("this account has no home directory: name the folder with --to DIR")?;
            fetch(from.as_deref(), &to, only.as_deref())
        }
        ModelsCommand::Check { models } => {
            let dir = configured_dir(models, config, vars)?.or_else(default_dir);
            check(&dir.context("name the folder with --models DIR")?)
        }
    }
}

/// The option, else the environment, else the configuration if there is one.
///
/// # Errors
/// When the configuration is there and not readable.
pub(super) fn configured_dir(
    option: Option<PathBuf>,
    config: &Path,
    vars: &Vars,
) -> anyhow::Result<Option<PathBuf>> {
    let from_vars = || vars.get("REGAIN_MODELS_DIR").map(PathBuf::from);
    if let Some(dir) = option.or_else(from_vars) {
        return Ok(Some(dir));
    }
    if config.exists() {
        return Ok(Config::read(config, vars)?.models);
    }
    Ok(None)
}

/// Where model files go unless somebody says otherwise.
pub(crate) fn default_dir() -> Option<PathBuf> {
    Some(config::data_home()?.join("regain/models"))
}

/// The folder of the demo's model files: the one that was named, else the default one, which is
/// filled when a file that faces need is missing. Without a network there is none, and the demo
/// goes on without.
pub(crate) fn for_demo(named: Option<PathBuf>) -> Option<PathBuf> {
    if named.is_some() {
        return named;
    }
    let dir = default_dir()?;
    if ModelSet::open(&dir).is_ok() {
        return Some(dir);
    }
    let manifest = ModelSet::manifest_of(&dir).ok()?;
    out::note(&format!(
        "Getting the model files, once, into {} (Ctrl-C and `--models none` go without) ...",
        dir.display()
    ));
    fetch_into(&manifest, &dir, None, None, HASTY);
    if ModelSet::open(&dir).is_ok() {
        return Some(dir);
    }
    out::note(
        "Going on without model files; the next start tries again. \
         `regain models fetch --from DIR` takes files that you have.",
    );
    None
}

fn fetch(from: Option<&Path>, to: &Path, only: Option<&str>) -> anyhow::Result<ExitCode> {
    let manifest = ModelSet::manifest_of(to)?;
    if let Some(only) = only
        && !manifest.models.iter().any(|model| model.name == only)
    {
        let names: Vec<&str> = manifest
            .models
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        anyhow::bail!("no model is named {only}; there are {}", names.join(", "));
    }
    if let Some(from) = from {
        anyhow::ensure!(from.is_dir(), "{} is no folder", from.display());
    }
    let fetched = fetch_into(&manifest, to, from, only, PATIENT);
    let (present, done) = (fetched.present, fetched.done);
    let shown = to.display();
    out::line(&format!(
        "{done} fetched, {present} were there, {} missing, in {shown}",
        fetched.failed.len()
    ))?;
    if fetched.failed.is_empty() {
        out::line(&format!(
            "Use them with [models] dir = \"{shown}\", or REGAIN_MODELS_DIR={shown}"
        ))?;
        return Ok(ExitCode::SUCCESS);
    }
    if fetched.failed.iter().any(|(_, required)| *required) {
        out::note(
            "Without the required ones no model is used: faces are not compared, spoken digits not \
             heard, machine-readable zones not read, and every case waits for a human.",
        );
    }
    Ok(ExitCode::FAILURE)
}

fn fetch_into(
    manifest: &Manifest,
    to: &Path,
    from: Option<&Path>,
    only: Option<&str>,
    connect: Duration,
) -> Fetched {
    let mut progress = Progress {
        terminal: std::io::stderr().is_terminal(),
        bar: false,
    };
    let fetch = Fetch {
        manifest,
        to,
        from,
        only,
        connect,
    };
    fetch.run(&mut |event| progress.show(event))
}

/// Says what is going on: a bar on a terminal, else one line per file.
struct Progress {
    terminal: bool,
    /// Whether a bar stands in the last line.
    bar: bool,
}

impl Progress {
    fn show(&mut self, event: &Event<'_>) {
        match event {
            Event::Receiving { file, bytes, of } if self.terminal => {
                self.bar = true;
                out::redraw(&bar(file, *bytes, *of));
            }
            Event::Receiving { .. } => {}
            Event::Converting(spec) => self.line(&spec.name, "converting"),
            Event::Present(spec) => self.line(&spec.name, "there"),
            Event::Done(spec) => self.line(&spec.name, "done"),
            Event::Failed(spec, error) => {
                let weight = if spec.required {
                    "required"
                } else {
                    "optional"
                };
                self.line(&spec.name, &format!("missing ({weight}): {error}"));
            }
        }
    }

    fn line(&mut self, name: &str, words: &str) {
        if std::mem::take(&mut self.bar) {
            out::redraw("");
        }
        out::note(&format!("  {name:<24} {words}"));
    }
}

fn bar(file: &str, bytes: u64, of: Option<u64>) -> String {
    let kilobytes = bytes / 1000;
    let Some(of) = of.filter(|of| *of > 0) else {
        return format!("  {file} {kilobytes} kB");
    };
    let part = |whole: u64| bytes.min(of).saturating_mul(whole) / of;
    let full = "#".repeat(usize::try_from(part(BAR)).unwrap_or(0));
    let width = usize::try_from(BAR).unwrap_or(0);
    format!(
        "  {file} [{full:<width$}] {:>3} % of {} kB",
        part(100),
        of / 1000
    )
}

/// One line per model. The exit code is 0 when all that are there are right, and all that faces
/// need are there.
fn check(dir: &Path) -> anyhow::Result<ExitCode> {
    let manifest = ModelSet::manifest_of(dir)?;
    let mut fine = true;
    let set = match ModelSet::open(dir) {
        Ok(set) => Some(set),
        Err(error) => {
            out::note(&format!("no set of models: {error}"));
            fine = false;
            None
        }
    };
    let states = ModelSet::inspect(dir, &manifest);
    for (spec, (name, state)) in manifest.models.iter().zip(states) {
        let words = match state {
            models::FileState::Missing if !spec.required => "not there (optional)".to_owned(),
            models::FileState::Missing => "not there (required)".to_owned(),
            models::FileState::Wrong => {
                fine = false;
                "not the file of the manifest: not used".to_owned()
            }
            models::FileState::Good => {
                let (right, words) = answers(set.as_ref(), spec);
                fine &= right;
                words
            }
        };
        out::line(&format!("{name:<24} {words}"))?;
    }
    Ok(if fine {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Whether a model answers as its reference does, in words.
fn answers(set: Option<&ModelSet>, spec: &ModelSpec) -> (bool, String) {
    match set.map(|set| set.agreement(spec)) {
        None | Some(Ok(None)) => (true, "right digest".to_owned()),
        Some(Ok(Some(agreement))) => {
            let words = if agreement.holds() {
                "answers rightly"
            } else {
                "ANSWERS WRONGLY"
            };
            let (cosine, difference) = (agreement.cosine, agreement.difference);
            let words =
                format!("right digest, {words} (cosine {cosine:.6}, difference {difference:.1e})");
            (agreement.holds(), words)
        }
        Some(Err(error)) => (false, error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::bar;

    #[test]
    fn a_bar_fills_up_and_never_over() {
        assert_eq!(bar("a.bin", 5_000, None), "  a.bin 5 kB");
        let half = bar("a.bin", 2_000_000, Some(4_000_000));
        assert_eq!(
            half,
            format!(
                "  a.bin [{}{}]  50 % of 4000 kB",
                "#".repeat(12),
                " ".repeat(12)
            )
        );
        assert!(bar("a.bin", 9, Some(3)).contains("100 % of"));
        assert!(bar("a.bin", u64::MAX, Some(u64::MAX)).len() < 80);
    }
}
