//! Checks on a manifest that its types cannot make.

use std::collections::HashSet;

use crate::convert::Conversion;
use crate::manifest::{
    Channels, Decoder, Evaluation, InputSpec, Manifest, ManifestError, ModelSpec, Role,
};

/// Most models in one manifest.
const MAX_MODELS: usize = 64;
/// Longest name of a model, file or evaluation.
const MAX_NAME: usize = 80;
/// Largest model file accepted: 256 MiB, read into memory before it is loaded.
const MAX_FILE_BYTES: u64 = 256 * 1024 * 1024;
/// Largest fixed side of an input, in pixels.
const MAX_SIDE: i32 = 2048;
/// Most addresses of one original.
const MAX_URLS: usize = 8;
/// Longest embedding.
const MAX_DIMENSIONS: usize = 4096;

/// Checks every value of a manifest.
pub(crate) fn manifest(manifest: &Manifest) -> Result<(), ManifestError> {
    if manifest.version != 1 {
        return Err(ManifestError::Version(manifest.version));
    }
    let mut evaluations = HashSet::new();
    for evaluation in &manifest.evaluations {
        check_evaluation(evaluation)?;
        if !evaluations.insert(evaluation.name.as_str()) {
            return Err(ManifestError::Evaluation {
                name: evaluation.name.clone(),
                problem: "is described twice".to_owned(),
            });
        }
    }
    let mut names = HashSet::new();
    for (position, model) in manifest.models.iter().enumerate() {
        let refuse = |problem: String| ManifestError::Model {
            model: if model.name.is_empty() {
                format!("number {}", position.saturating_add(1))
            } else {
                model.name.clone()
            },
            problem,
        };
        if position >= MAX_MODELS {
            return Err(refuse(format!(
                "is one too many, at most {MAX_MODELS} are read"
            )));
        }
        check_file(model).map_err(&refuse)?;
        check_originals(model).map_err(&refuse)?;
        check_input(model).map_err(&refuse)?;
        check_role(model).map_err(&refuse)?;
        check_thresholds(model, &evaluations).map_err(&refuse)?;
        if !names.insert(model.name.as_str()) {
            return Err(refuse("is described twice".to_owned()));
        }
    }
    Ok(())
}

fn check_evaluation(evaluation: &Evaluation) -> Result<(), ManifestError> {
    let refuse = |problem: &str| {
        Err(ManifestError::Evaluation {
            name: evaluation.name.clone(),
            problem: problem.to_owned(),
        })
    };
    if !is_name(&evaluation.name) {
        return refuse("its name must be 1 to 80 letters, digits, '.', '_' or '-'");
    }
    if evaluation.genuine == 0 && evaluation.impostor == 0 {
        return refuse("it counts no comparison");
    }
    let digits = evaluation.date.bytes().filter(u8::is_ascii_digit).count();
    if evaluation.date.len() != 10 || digits != 8 {
        return refuse("its date must be YYYY-MM-DD");
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    !name.is_empty() && name.len() <= MAX_NAME && name.bytes().all(plain) && !name.starts_with('.')
}

/// A name, or a name in one folder.
fn is_file(file: &str) -> bool {
    file.split('/').count() <= 2 && file.split('/').all(is_name)
}

fn check_file(model: &ModelSpec) -> Result<(), String> {
    if !is_name(&model.name) {
        return Err("its name must be 1 to 80 letters, digits, '.', '_' or '-'".to_owned());
    }
    if !is_file(&model.file) {
        return Err(format!(
            "file {:?} must be a plain file name, in one plain folder at most",
            model.file
        ));
    }
    if !is_digest(&model.sha256, 64) {
        return Err("sha256 must be 64 lower-case hexadecimal digits".to_owned());
    }
    if model.bytes == 0 || model.bytes > MAX_FILE_BYTES {
        return Err(format!("bytes must be 1 to {MAX_FILE_BYTES}"));
    }
    if model.licence.trim().is_empty() {
        return Err("licence must not be empty".to_owned());
    }
    Ok(())
}

fn is_digest(text: &str, length: usize) -> bool {
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == length && text.bytes().all(hex)
}

fn check_originals(model: &ModelSpec) -> Result<(), String> {
    let (found, wanted) = (model.originals.len(), model.convert.originals());
    if found != wanted && (found > 0 || model.convert != Conversion::None) {
        return Err(format!("needs {wanted} [[model.original]], has {found}"));
    }
    for original in &model.originals {
        if !is_name(&original.file) {
            return Err(format!(
                "original {:?} must be a plain file name",
                original.file
            ));
        }
        let digests = [(&original.sha256, 64), (&original.sha384, 96)];
        for (digest, length) in digests {
            if digest.as_ref().is_some_and(|one| !is_digest(one, length)) {
                return Err(format!("a digest of {} is not one", original.file));
            }
        }
        let unpinned = original.sha256.is_none() && original.sha384.is_none();
        if unpinned && model.convert != Conversion::None {
            return Err(format!("original {} needs a digest", original.file));
        }
        if original.urls.len() > MAX_URLS || !original.urls.iter().all(|url| is_address(url)) {
            return Err(format!(
                "the addresses of {} must begin with https://, at most {MAX_URLS}",
                original.file
            ));
        }
        let too_long = |bytes: u64| bytes == 0 || bytes > MAX_FILE_BYTES;
        if original.bytes.is_some_and(too_long) {
            return Err(format!("original bytes must be 1 to {MAX_FILE_BYTES}"));
        }
    }
    Ok(())
}

/// Whether a file may be had there: encrypted, or from this machine.
fn is_address(url: &str) -> bool {
    let local = ["http://127.0.0.1:", "http://[::1]:"];
    url.starts_with("https://") || local.iter().any(|start| url.starts_with(start))
}

fn check_input(model: &ModelSpec) -> Result<(), String> {
    let input = &model.input;
    if !model.role.is_run() {
        return match (model.decoder, *input == InputSpec::default()) {
            (Decoder::File, true) => Ok(()),
            _ => Err(format!(
                "a file with role {} is not run: it needs decoder \"file\" and no input",
                model.role
            )),
        };
    }
    if model.decoder == Decoder::File || input.name.is_empty() {
        return Err("needs an input, and a decoder other than \"file\"".to_owned());
    }
    let [batch, planes, height, width] = input.shape;
    let wanted = if input.channels == Channels::Features {
        1
    } else {
        3
    };
    if batch != 1 || planes != wanted {
        return Err(format!("input.shape must begin with 1, {wanted}"));
    }
    let side = |side: i32| side == -1 || (1..=MAX_SIDE).contains(&side);
    if !side(height) || !side(width) {
        return Err(format!(
            "a side of input.shape must be -1 or 1 to {MAX_SIDE}"
        ));
    }
    if input
        .multiple_of
        .is_some_and(|unit| unit == 0 || unit > 256)
    {
        return Err("input.multiple_of must be 1 to 256".to_owned());
    }
    let numbers = [input.range[0], input.range[1], input.mean, input.scale];
    if numbers.iter().any(|number| !number.is_finite()) || input.scale == 0.0 {
        return Err("input.range, mean and scale must be finite, scale not 0".to_owned());
    }
    if input.range != [0.0, 255.0] {
        return Err("input.range must be [0.0, 255.0]; use mean and scale".to_owned());
    }
    Ok(())
}

fn check_role(model: &ModelSpec) -> Result<(), String> {
    match model.role {
        Role::FaceDetector if model.decoder != Decoder::Yunet => {
            Err("a face_detector needs decoder \"yunet\"".to_owned())
        }
        Role::FaceDetector => check_detector(model),
        Role::FaceEmbedder => check_embedder(model),
        Role::SpokenDigits if model.input.channels != Channels::Features => {
            Err("spoken_digits needs channels \"features\"".to_owned())
        }
        _ => Ok(()),
    }
}

fn check_detector(model: &ModelSpec) -> Result<(), String> {
    if model.input.size().is_some() {
        return Err("a face_detector needs free sides (-1) in input.shape".to_owned());
    }
    let score = model
        .thresholds
        .iter()
        .find(|threshold| threshold.unit == "score");
    match score {
        Some(score) if score.value > 0.0 && score.value < 1.0 => Ok(()),
        _ => Err("a face_detector needs a threshold with unit \"score\" in 0 to 1".to_owned()),
    }
}

fn check_embedder(model: &ModelSpec) -> Result<(), String> {
    if model.decoder != Decoder::Vector {
        return Err("a face_embedder needs decoder \"vector\"".to_owned());
    }
    if model.metric.is_none() {
        return Err("a face_embedder needs a metric".to_owned());
    }
    if !model
        .dimensions
        .is_some_and(|length| (1..=MAX_DIMENSIONS).contains(&length))
    {
        return Err(format!(
            "a face_embedder needs dimensions, 1 to {MAX_DIMENSIONS}"
        ));
    }
    let Some((width, height)) = model.input.size() else {
        return Err("a face_embedder needs fixed sides in input.shape".to_owned());
    };
    let Some(alignment) = model.alignment else {
        return Err("a face_embedder needs an alignment template".to_owned());
    };
    let inside = |value: f32, side: u32| value >= 0.0 && f64::from(value) <= f64::from(side);
    if !alignment
        .template
        .iter()
        .all(|[x, y]| inside(*x, width) && inside(*y, height))
    {
        return Err("alignment.template must lie inside the input".to_owned());
    }
    let Some(bands) = model.bands else {
        return Err("a face_embedder needs bands".to_owned());
    };
    let range = -1.0..=1.0;
    if !range.contains(&bands.no_match_below)
        || !range.contains(&bands.match_from)
        || bands.no_match_below > bands.match_from
    {
        return Err("bands need -1 <= no_match_below <= match_from <= 1".to_owned());
    }
    Ok(())
}

fn check_thresholds(model: &ModelSpec, evaluations: &HashSet<&str>) -> Result<(), String> {
    for threshold in &model.thresholds {
        if !evaluations.contains(threshold.evaluation.as_str()) {
            return Err(format!(
                "evaluation {:?} is not described",
                threshold.evaluation
            ));
        }
        if !threshold.value.is_finite() {
            return Err("a threshold must be a finite number".to_owned());
        }
        let rates = [threshold.false_accept_rate, threshold.true_accept_rate];
        if !rates
            .iter()
            .flatten()
            .all(|rate| (0.0..=1.0).contains(rate))
        {
            return Err("a rate must be 0 to 1".to_owned());
        }
        if rates.iter().all(Option::is_none) {
            return Err("a threshold needs at least one measured rate".to_owned());
        }
    }
    Ok(())
}
