//! Where tests find models and photos, and the engine they share.
#![allow(dead_code, reason = "each test file uses a part")]

use std::path::{Path, PathBuf};

use face::{CaseFaces, FaceEngine, Probe};
use image::RgbImage;
use models::ModelSet;
use recovery::finding::{Finding, Outcome};
use recovery::policy::{DEFAULT, FaceChecks, Policy};

/// A folder shared by the workspace's tests, or none with a word on stderr.
pub(crate) fn shared(folder: &str) -> Option<PathBuf> {
    #[allow(clippy::disallowed_methods, reason = "tests find their data by it")]
    let shared = std::env::var_os("REGAIN_SHARED").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let dir = shared.unwrap_or(beside).join(folder);
    if dir.is_dir() {
        return Some(dir);
    }
    eprintln!("skipped: no shared folder {folder}");
    None
}

/// Engine and folder of photos.
pub(crate) fn engine() -> Option<(FaceEngine, PathBuf)> {
    let models = ModelSet::open(&shared("models")?).unwrap();
    Some((
        FaceEngine::open(&models).unwrap(),
        shared("testdata/faces")?,
    ))
}

/// A decoded photo, upright.
pub(crate) fn photo(path: &Path) -> RgbImage {
    use image::ImageDecoder as _;
    let mut decoder = image::ImageReader::open(path)
        .unwrap()
        .with_guessed_format()
        .unwrap()
        .into_decoder()
        .unwrap();
    let turned = decoder.orientation().unwrap();
    let mut picture = image::DynamicImage::from_decoder(decoder).unwrap();
    picture.apply_orientation(turned);
    picture.to_rgb8()
}

/// Up to `most` pairs of a set, spread evenly over the table.
pub(crate) fn pairs(faces: &Path, set: &str, label: &str, most: usize) -> Vec<[PathBuf; 2]> {
    let table = std::fs::read_to_string(faces.join("pairs.tsv")).unwrap();
    let all: Vec<[PathBuf; 2]> = table
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>())
        .filter(|row| row[0] == set && row[1] == label)
        .map(|row| [faces.join(row[2]), faces.join(row[3])])
        .collect();
    assert!(!all.is_empty(), "no pairs of {set} {label}");
    let step = (all.len() / most).max(1);
    all.into_iter().step_by(step).take(most).collect()
}

/// Pairs whose photos show one person well enough, and which the machine calls as labelled.
pub(crate) fn clear_pair(engine: &FaceEngine, faces: &Path, label: &str) -> [RgbImage; 2] {
    let wanted = if label == "same" {
        face::Verdict::Match
    } else {
        face::Verdict::NoMatch
    };
    pairs(faces, "deepface", label, 20)
        .into_iter()
        .map(|pair| pair.map(|path| photo(&path)))
        .find(|[one, other]| {
            engine
                .compare_pictures(one, other, &checks())
                .unwrap()
                .verdict
                == wanted
        })
        .unwrap()
}

/// The thresholds that ship.
pub(crate) fn checks() -> FaceChecks {
    Policy::parse(DEFAULT).unwrap().checks.face
}

/// The comparisons of a case, and everything else that does not pass; liveness aside, for
/// these photos were not taken for it.
pub(crate) fn case(
    engine: &FaceEngine,
    kyc: Option<&RgbImage>,
    probes: &[Probe<'_>],
) -> Vec<Finding> {
    let faces = CaseFaces {
        kyc,
        document: None,
        probes,
    };
    let mut findings = engine.findings(&faces, &checks());
    let coaching = ["face.angle", "face.covered"];
    findings.retain(|finding| {
        let fine = coaching.contains(&finding.code.as_str()) && finding.outcome == Outcome::Pass;
        finding.code != "face.live" && !fine
    });
    findings
}
