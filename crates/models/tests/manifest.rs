//! The manifest format: what is read, and what is refused with which words.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use models::{Manifest, ManifestError, Role};

fn built_in_text() -> &'static str {
    include_str!("../manifest.toml")
}

fn problem(text: &str) -> String {
    Manifest::parse(text)
        .expect_err("must be refused")
        .to_string()
}

#[test]
fn the_built_in_manifest_is_good() {
    let manifest = Manifest::built_in().unwrap();
    let embedder = manifest.first(Role::FaceEmbedder).unwrap();
    assert_eq!(embedder.name, "face_reid_0095");
    let bands = embedder.bands.unwrap();
    assert!((bands.no_match_below - 0.34).abs() < 1e-6);
    assert!((bands.match_from - 0.5).abs() < 1e-6);
    let pairs = |threshold: usize| {
        let evaluation = &embedder.thresholds[threshold].evaluation;
        let evaluation = manifest.evaluation(evaluation).unwrap();
        (evaluation.genuine, evaluation.impostor)
    };
    assert_eq!(pairs(0), (1_768, 2_282_685));
    assert_eq!(pairs(3), (8_101, 29_640_749));
    assert_eq!(
        manifest.first(Role::FaceDetector).unwrap().input.size(),
        None
    );
    let liveness = manifest
        .models
        .iter()
        .filter(|model| model.role == Role::FaceLiveness);
    assert_eq!(liveness.count(), 2);
}

#[test]
fn unknown_keys_are_refused_by_name() {
    let text = built_in_text().replacen("licence =", "license =", 1);
    let words = problem(&text);
    assert!(words.contains("unknown field `license`"), "{words}");
    let words = problem(&format!("colour = 1\n{}", built_in_text()));
    assert!(words.contains("unknown field `colour`"), "{words}");
}

#[test]
fn another_version_is_refused_before_its_keys() {
    let text = built_in_text().replacen("version = 1", "version = 2\nnovelty = true", 1);
    assert_eq!(Manifest::parse(&text), Err(ManifestError::Version(2)));
}

#[test]
fn each_bad_value_has_its_words() {
    let cases = [
        (
            "file = \"yunet_n_dynamic.onnx\"",
            "file = \"../yunet.onnx\"",
            "plain file name",
        ),
        ("file = \"mrz/mrz.", "file = \"a/b/mrz.", "one plain folder"),
        ("file = \"mrz/mrz.", "file = \"/mrz.", "one plain folder"),
        (
            "role = \"ocr_mrz\"",
            "role = \"eye_state\"",
            "needs an input",
        ),
        (
            "role = \"eye_state\"",
            "role = \"ocr_mrz\"",
            "needs decoder \"file\" and no input",
        ),
        (
            "shape = [1, 1, 64, 128]\nchannels = \"features\"",
            "shape = [1, 3, 64, 128]\nchannels = \"rgb\"",
            "needs channels \"features\"",
        ),
        (
            "shape = [1, 1, 64, 128]",
            "shape = [1, 3, 64, 128]",
            "must begin with 1, 1",
        ),
        (
            "sha256 = \"104ee26c",
            "sha256 = \"104EE26C",
            "64 lower-case hexadecimal",
        ),
        ("bytes = 322906", "bytes = 0", "bytes must be 1 to"),
        (
            "licence = \"Apache-2.0\"",
            "licence = \" \"",
            "licence must not be empty",
        ),
        (
            "shape = [1, 3, 128, 128]",
            "shape = [1, 3, -1, 128]",
            "needs fixed sides",
        ),
        (
            "shape = [1, 3, -1, -1]",
            "shape = [1, 3, 320, 320]",
            "needs free sides",
        ),
        (
            "shape = [1, 3, 80, 80]",
            "shape = [1, 4, 80, 80]",
            "must begin with 1, 3",
        ),
        ("scale = 255.0", "scale = 0.0", "scale not 0"),
        (
            "range = [0.0, 255.0]",
            "range = [0.0, 1.0]",
            "use mean and scale",
        ),
        (
            "no_match_below = 0.34",
            "no_match_below = 0.6",
            "no_match_below <= match_from",
        ),
        (
            "match_from = 0.5",
            "match_from = nan",
            "no_match_below <= match_from",
        ),
        ("[40.3928, 59.0815]", "[400.0, 59.0815]", "inside the input"),
        ("metric = \"cosine\"\n", "", "needs a metric"),
        ("dimensions = 256\n", "", "needs dimensions"),
        (
            "decoder = \"vector\"",
            "decoder = \"yunet\"",
            "needs decoder \"vector\"",
        ),
        (
            "evaluation = \"lfw-detection\"",
            "evaluation = \"hearsay\"",
            "\"hearsay\" is not",
        ),
        ("value = 0.345", "value = inf", "finite number"),
        (
            "false_accept_rate = 1e-3",
            "false_accept_rate = 2.0",
            "a rate must be 0 to 1",
        ),
        (
            "name = \"head_pose_0001\"",
            "name = \"face_reid_0095\"",
            "described twice",
        ),
        (
            "name = \"lfw-detection\"",
            "name = \"lfw-all-pairs\"",
            "described twice",
        ),
        (
            "genuine = 8101\nimpostor = 29640749",
            "genuine = 0\nimpostor = 0",
            "no comparison",
        ),
        (
            "role = \"head_pose\"",
            "role = \"horoscope\"",
            "unknown variant `horoscope`",
        ),
    ];
    for (right, wrong, words) in cases {
        assert!(
            built_in_text().contains(right),
            "the manifest no longer has {right}"
        );
        let found = problem(&built_in_text().replacen(right, wrong, 1));
        assert!(found.contains(words), "{wrong}: {found}");
    }
}

#[test]
fn rubbish_is_refused() {
    assert!(matches!(Manifest::parse(""), Err(ManifestError::Syntax(_))));
    assert!(matches!(
        Manifest::parse("version = "),
        Err(ManifestError::Syntax(_))
    ));
    assert!(matches!(
        Manifest::parse(&"#".repeat(300_000)),
        Err(ManifestError::TooLong(_))
    ));
}
