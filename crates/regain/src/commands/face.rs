//! `regain face compare`: what the machine says about two pictures. `regain face evaluate` is in
//! `face/evaluate.rs`.

mod evaluate;

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use evidence::{Limits, MediaRefusal, Picture, decode_picture};
use face::FaceEngine;
use face::report::FaceReport;
use recovery::policy::{self, FaceChecks, Policy};

use super::models::configured_dir;
use crate::cli::FaceCommand;
use crate::config::Vars;
use crate::{out, wiring};

/// A file that cannot be used, or a picture without a face.
const NOT_COMPARED: u8 = 2;

/// Runs the command.
pub(super) fn run(command: FaceCommand, config: &Path, vars: &Vars) -> anyhow::Result<ExitCode> {
    let (a, b, json, models) = match command {
        FaceCommand::Compare { a, b, json, models } => (a, b, json, models),
        FaceCommand::Evaluate(args) => return evaluate::run(&args, config, vars),
    };
    let mut pictures = Vec::new();
    for path in [&a, &b] {
        match picture(path)? {
            Ok(picture) => pictures.push(picture),
            Err(refusal) => {
                out::note(&format!("{}: {}", path.display(), refusal.sentence()));
                return Ok(ExitCode::from(NOT_COMPARED));
            }
        }
    }
    let [one, other] = pictures.as_slice() else {
        anyhow::bail!("two pictures are compared");
    };
    let dir = models_dir(models, config, vars)?;
    let engine = engine(&dir)?;
    let comparison = engine.compare_pictures(&one.rgb, &other.rgb, &checks()?)?;
    let report = FaceReport::from(&comparison);
    if json {
        out::line(&serde_json::to_string_pretty(&report)?)?;
    } else {
        out::whole(&report.to_text())?;
    }
    Ok(match report.similarity {
        Some(_) => ExitCode::SUCCESS,
        None => ExitCode::from(NOT_COMPARED),
    })
}

/// The models of a folder.
fn engine(dir: &Path) -> anyhow::Result<FaceEngine> {
    wiring::open_face(dir).with_context(|| {
        format!(
            "the models in {} cannot be used; `regain doctor` says which files are missing",
            dir.display()
        )
    })
}

/// The thresholds that ship: a command at the terminal belongs to no case.
fn checks() -> anyhow::Result<FaceChecks> {
    Ok(Policy::parse(policy::DEFAULT)?.checks.face)
}

/// The folder of the models that counts here.
fn models_dir(option: Option<PathBuf>, config: &Path, vars: &Vars) -> anyhow::Result<PathBuf> {
    configured_dir(option, config, vars)?.context(
        "no model files are configured: name their folder with --models DIR, REGAIN_MODELS_DIR \
         or `dir` in [models]; `regain models fetch` gets them",
    )
}

/// The picture, or why it cannot be used. No more is read than a picture may have.
fn picture(path: &Path) -> anyhow::Result<Result<Picture, MediaRefusal>> {
    let limits = Limits::default();
    let shown = path.display();
    let file = std::fs::File::open(path).with_context(|| format!("{shown} cannot be opened"))?;
    let bound = limits.photo_bytes.max(limits.screenshot_bytes) + 1;
    let mut bytes = Vec::new();
    file.take(bound)
        .read_to_end(&mut bytes)
        .with_context(|| format!("{shown} cannot be read"))?;
    Ok(decode_picture(&bytes, None, &limits))
}
