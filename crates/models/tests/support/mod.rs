//! Publishers' files made in tests, since the real ones are not in the repository: an OpenVINO
//! writer, a checkpoint writer, and a reader of ONNX files to derive both from finished models.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]
#![allow(clippy::cast_possible_truncation, clippy::too_many_lines)]

pub mod checkpoint;
pub mod ir;
pub mod onnx;

use std::path::{Path, PathBuf};

use models::{Engine, RtenEngine, Session, Tensor};

/// The folder of shared model files, or a line that says it is not there.
pub fn shared_models() -> Option<PathBuf> {
    #[allow(clippy::disallowed_methods, reason = "tests find their data by it")]
    let shared = std::env::var_os("REGAIN_SHARED").map(PathBuf::from);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let dir = shared.unwrap_or(root).join("models");
    if dir.is_dir() {
        return Some(dir);
    }
    eprintln!("skipped: no folder of shared model files");
    None
}

pub fn load(onnx: Vec<u8>) -> Box<dyn Session> {
    RtenEngine::default().load(onnx).unwrap()
}

/// Runs a model of one input and compares its one output.
pub fn assert_answers(session: &dyn Session, shape: &[usize], input: &[f32], expected: &[f32]) {
    let tensor = Tensor::new(shape, input.to_vec()).unwrap();
    let outputs = session.outputs();
    let found = session
        .run(&[("input", &tensor)], &[outputs[0].as_str()])
        .unwrap();
    assert_close(found[0].data(), expected);
}

pub fn assert_close(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (one, other) in found.iter().zip(expected) {
        let near = 1e-4 * other.abs().max(1.0);
        assert!((one - other).abs() <= near, "{found:?}\n{expected:?}");
    }
}
