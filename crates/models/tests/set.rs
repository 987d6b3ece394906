//! Opening a directory of model files, and running one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::panic, clippy::print_stderr)]

mod support;

use std::fs;
use std::path::Path;

use data_encoding::HEXLOWER;
use models::{
    Engine, EngineError, FileState, Manifest, ModelError, ModelSet, OPERATOR_MANIFEST, Role,
    Session, Tensor,
};
use sha2::{Digest, Sha256};
use support::shared_models;

/// An engine that takes any bytes and gives its input back: files can be a few bytes long.
struct Echo;
struct EchoSession;

impl Engine for Echo {
    fn name(&self) -> &'static str {
        "echo"
    }
    fn load(&self, _: Vec<u8>) -> Result<Box<dyn Session>, EngineError> {
        Ok(Box::new(EchoSession))
    }
}

impl Session for EchoSession {
    fn run(&self, inputs: &[(&str, &Tensor)], _: &[&str]) -> Result<Vec<Tensor>, EngineError> {
        Ok(inputs.iter().map(|(_, tensor)| (*tensor).clone()).collect())
    }
    fn outputs(&self) -> Vec<String> {
        vec!["out".to_owned()]
    }
}

/// A manifest of one required liveness model with that content.
fn one_model(content: &[u8]) -> String {
    let digest = HEXLOWER.encode(&Sha256::digest(content));
    format!(
        r#"version = 1
[[model]]
name = "tiny"
role = "face_liveness"
required = true
file = "tiny.onnx"
sha256 = "{digest}"
bytes = {}
licence = "Apache-2.0"
decoder = "softmax_1_is_real"
preprocessing = "none"
source = {{ repository = "a/b", path = "c", conversion = "none" }}
input = {{ name = "in", shape = [1, 3, 8, 8], channels = "rgb", range = [0.0, 255.0] }}
"#,
        content.len()
    )
}

fn refusal(dir: &Path) -> String {
    match ModelSet::open_with(dir, Box::new(Echo)) {
        Ok(_) => panic!("must be refused"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_good_file_is_loaded() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(OPERATOR_MANIFEST), one_model(b"12345678")).unwrap();
    fs::write(dir.path().join("tiny.onnx"), b"12345678").unwrap();
    let set = ModelSet::open_with(dir.path(), Box::new(Echo)).unwrap();
    let model = set.model(Role::FaceLiveness).unwrap();
    assert_eq!(model.label(), "echo/tiny");
    let input = Tensor::new(&[2], vec![1.0, 2.0]).unwrap();
    assert_eq!(model.run_first(&input).unwrap().data(), &[1.0, 2.0]);
    assert!(matches!(
        set.model(Role::FaceDetector),
        Err(ModelError::NoModel(_))
    ));
}

#[test]
fn a_wrong_digest_is_refused_with_file_expected_and_found() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(OPERATOR_MANIFEST), one_model(b"12345678")).unwrap();
    fs::write(dir.path().join("tiny.onnx"), b"12345679").unwrap();
    let words = refusal(dir.path());
    assert!(words.contains("tiny.onnx"), "{words}");
    assert!(
        words.contains(&HEXLOWER.encode(&Sha256::digest(b"12345678"))),
        "{words}"
    );
    assert!(
        words.contains(&HEXLOWER.encode(&Sha256::digest(b"12345679"))),
        "{words}"
    );
}

#[test]
fn a_wrong_size_is_refused_and_a_long_file_is_not_read_to_its_end() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(OPERATOR_MANIFEST), one_model(b"12345678")).unwrap();
    fs::write(dir.path().join("tiny.onnx"), b"1234").unwrap();
    assert!(refusal(dir.path()).contains("has 4 bytes, the manifest says 8"));
    fs::write(dir.path().join("tiny.onnx"), vec![0; 1_000_000]).unwrap();
    assert!(refusal(dir.path()).contains("has 9 bytes, the manifest says 8"));
}

#[test]
fn a_missing_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(OPERATOR_MANIFEST), one_model(b"12345678")).unwrap();
    let words = refusal(dir.path());
    assert!(
        words.starts_with("model file tiny.onnx is missing in "),
        "{words}"
    );
    // Without the operator's manifest the built-in one counts.
    let empty = tempfile::tempdir().unwrap();
    assert!(refusal(empty.path()).starts_with("model file yunet_n_dynamic.onnx is missing in "));
    let states = ModelSet::inspect(empty.path(), &Manifest::built_in().unwrap());
    assert!(states.iter().all(|(_, state)| *state == FileState::Missing));
}

#[test]
fn a_bad_operator_manifest_is_refused_not_replaced() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(OPERATOR_MANIFEST), "version = 7").unwrap();
    let words = refusal(dir.path());
    assert!(
        words.contains(OPERATOR_MANIFEST) && words.contains("version 7"),
        "{words}"
    );
}

#[test]
fn a_file_that_is_no_model_is_refused_by_the_engine() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(OPERATOR_MANIFEST), one_model(b"12345678")).unwrap();
    fs::write(dir.path().join("tiny.onnx"), b"12345678").unwrap();
    let Err(error) = ModelSet::open(dir.path()) else {
        panic!("must be refused")
    };
    assert!(matches!(error, ModelError::Engine { .. }), "{error}");
}

#[test]
fn tensors_keep_their_shape() {
    assert!(Tensor::new(&[2, 3], vec![0.0; 5]).is_err());
    assert!(Tensor::new(&[usize::MAX, 2], vec![]).is_err());
    let shown = format!("{:?}", Tensor::new(&[1], vec![0.25]).unwrap());
    assert!(!shown.contains("0.25"), "{shown}");
}

#[test]
fn every_built_in_model_is_good_and_runs_in_many_threads() {
    let Some(dir) = shared_models() else { return };
    let set = ModelSet::open(&dir).unwrap();
    let states = ModelSet::inspect(&dir, set.manifest());
    assert!(
        states.iter().all(|(_, state)| *state == FileState::Good),
        "{states:?}"
    );
    for role in [
        Role::FaceEmbedder,
        Role::FaceLiveness,
        Role::HeadPose,
        Role::EyeState,
    ] {
        for model in set.all(role).unwrap() {
            let (width, height) = model.spec().input.size().unwrap();
            let rgb: Vec<u8> = (0..width * height * 3).map(|n| (n % 251) as u8).collect();
            let input = model.spec().input.tensor(&rgb, width, height).unwrap();
            let alone = model.run_first(&input).unwrap();
            assert!(
                alone.data().iter().all(|value| value.is_finite()),
                "{}",
                model.label()
            );
            std::thread::scope(|scope| {
                let run = || model.run_first(&input).unwrap() == alone;
                let all: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
                assert!(all.into_iter().all(|thread| thread.join().unwrap()));
            });
        }
    }
}

#[test]
fn the_digit_model_runs_and_its_classes_are_read() {
    let Some(dir) = shared_models() else { return };
    let set = ModelSet::open(&dir).unwrap();
    let model = set.model(Role::SpokenDigits).unwrap();
    let [batch, planes, height, width] = model.spec().input.shape.map(|side| side as usize);
    let shape = [batch, planes, height, width];
    let input = Tensor::new(&shape, vec![0.5; height * width]).unwrap();
    let logits = model.run(&input, &["logits"]).unwrap().remove(0);
    let meta = String::from_utf8(set.read(Role::SpokenDigitsMeta).unwrap()).unwrap();
    let classes = meta.split(']').next().unwrap().matches('\n').count() - 2;
    assert_eq!(logits.shape(), &[1, classes]);
    // It is no picture.
    let rgb = vec![0; 3 * height * width];
    let picture = model.spec().input.tensor(&rgb, width as u32, height as u32);
    assert!(picture.is_err());
}

#[test]
fn a_file_for_another_program_is_given_by_its_checked_path() {
    let dir = tempfile::tempdir().unwrap();
    let manifest = one_model(b"12345678")
        .replace("face_liveness", "ocr_mrz")
        .replace("required = true\n", "")
        .replace("softmax_1_is_real", "file")
        .replace("tiny.onnx", "mrz/tiny.data");
    let manifest = manifest.split("input = ").next().unwrap();
    fs::write(dir.path().join(OPERATOR_MANIFEST), manifest).unwrap();
    let set = ModelSet::open_with(dir.path(), Box::new(Echo)).unwrap();
    let missing = set.path(Role::OcrMrz);
    assert!(matches!(missing, Err(ModelError::Missing { .. })));
    fs::create_dir(dir.path().join("mrz")).unwrap();
    let path = dir.path().join("mrz/tiny.data");
    fs::write(&path, b"12345678").unwrap();
    assert_eq!(set.path(Role::OcrMrz).unwrap(), path);
    assert_eq!(set.read(Role::OcrMrz).unwrap(), b"12345678");
    fs::write(&path, b"87654321").unwrap();
    let wrong = set.path(Role::OcrMrz);
    assert!(matches!(wrong, Err(ModelError::WrongDigest { .. })));
}

#[test]
fn wrong_names_and_shapes_are_errors() {
    let Some(dir) = shared_models() else { return };
    let set = ModelSet::open(&dir).unwrap();
    let embedder = set.model(Role::FaceEmbedder).unwrap();
    let small = Tensor::new(&[1, 3, 8, 8], vec![0.0; 192]).unwrap();
    assert!(matches!(
        embedder.run_first(&small),
        Err(EngineError::Run(_))
    ));
    let right = Tensor::new(&[1, 3, 128, 128], vec![0.0; 3 * 128 * 128]).unwrap();
    let unknown = embedder.run(&right, &["nonsense"]);
    assert_eq!(
        unknown.err(),
        Some(EngineError::NoSuchNode("nonsense".to_owned()))
    );
}

#[test]
fn pictures_become_planes_in_the_order_of_the_manifest() {
    let manifest = Manifest::built_in().unwrap();
    let mut input = manifest.first(Role::FaceDetector).unwrap().input.clone();
    let tensor = input.tensor(&[1, 2, 3, 4, 5, 6], 1, 2).unwrap();
    assert_eq!(tensor.shape(), &[1, 3, 32, 32]);
    // Blue first; the second row is 32 values on; what lies outside is black.
    let at =
        |plane: usize, row: usize, column: usize| tensor.data()[(plane * 32 + row) * 32 + column];
    assert_eq!([at(0, 0, 0), at(1, 0, 0), at(2, 0, 0)], [3.0, 2.0, 1.0]);
    assert_eq!([at(0, 1, 0), at(1, 1, 0), at(2, 1, 0)], [6.0, 5.0, 4.0]);
    assert_eq!([at(0, 0, 1), at(2, 31, 31)], [0.0, 0.0]);
    input.channels = models::Channels::Rgb;
    (input.multiple_of, input.mean, input.scale) = (None, 1.0, 2.0);
    assert_eq!(
        input.tensor(&[1, 2, 3], 1, 1).unwrap().data(),
        &[0.0, 0.5, 1.0]
    );
    for (bytes, width, height) in [(0, 0, 0), (3, 1, 2), (4, 1, 1), (0, u32::MAX, u32::MAX)] {
        assert!(input.tensor(&vec![0; bytes], width, height).is_err());
    }
    let fixed = &manifest.first(Role::FaceEmbedder).unwrap().input;
    assert!(fixed.tensor(&[0; 3], 1, 1).is_err());
}
