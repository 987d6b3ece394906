//! A directory of model files, each checked against the manifest before it is loaded.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::convert::Conversion;
use crate::engine::{Engine, EngineError, Session, Tensor};
use crate::error::ModelError;
use crate::manifest::{Manifest, ModelSpec, Role};
use crate::reference::{self, Agreement};
use crate::rten_engine::RtenEngine;

/// The file by which an operator replaces the built-in manifest.
pub const OPERATOR_MANIFEST: &str = "regain-models.toml";

/// Longest record of a digest: 64 digits and a file name.
const MAX_RECORD_BYTES: u64 = 512;

/// A model that can run.
pub struct LoadedModel {
    spec: ModelSpec,
    engine: &'static str,
    session: Box<dyn Session>,
}

impl LoadedModel {
    /// What the manifest says of it.
    #[must_use]
    pub fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    /// Engine and model for findings, such as `rten/face_reid_0095`.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{}/{}", self.engine, self.spec.name)
    }

    /// Names of its outputs in the order of the file.
    #[must_use]
    pub fn outputs(&self) -> Vec<String> {
        self.session.outputs()
    }

    /// Runs the model on its one input.
    ///
    /// # Errors
    /// [`EngineError`] for an unknown output, a wrong shape, or a failure of the engine.
    pub fn run(&self, input: &Tensor, outputs: &[&str]) -> Result<Vec<Tensor>, EngineError> {
        self.session
            .run(&[(self.spec.input.name.as_str(), input)], outputs)
    }

    /// Runs the model on its one input and returns its first output.
    ///
    /// # Errors
    /// As [`Self::run`]; also when the file has no output.
    pub fn run_first(&self, input: &Tensor) -> Result<Tensor, EngineError> {
        let names = self.session.outputs();
        let Some(first) = names.first() else {
            return Err(EngineError::Run("the model has no output".to_owned()));
        };
        let outputs = self.run(input, &[first.as_str()])?;
        let first = outputs.into_iter().next();
        first.ok_or_else(|| EngineError::Run("the model gave no output".to_owned()))
    }
}

/// Whether a file of the manifest is there and right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    /// Present with the right digest.
    Good,
    /// Not there.
    Missing,
    /// There, but not the file of the manifest, or unreadable.
    Wrong,
}

/// The models of one directory, shared by all threads.
pub struct ModelSet {
    dir: PathBuf,
    manifest: Manifest,
    engine: Box<dyn Engine>,
    loaded: Mutex<Vec<Arc<LoadedModel>>>,
}

impl ModelSet {
    /// Opens a directory with the default engine: reads the manifest, then checks and loads every
    /// required model. Optional ones are checked and loaded when first asked for.
    ///
    /// # Errors
    /// [`ModelError`] for a bad manifest, a missing file, a wrong size or digest, or a file that
    /// the engine does not take.
    pub fn open(dir: &Path) -> Result<Self, ModelError> {
        Self::open_with(dir, Box::new(RtenEngine::default()))
    }

    /// Opens a directory with a given engine.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with(dir: &Path, engine: Box<dyn Engine>) -> Result<Self, ModelError> {
        let manifest = Self::manifest_of(dir)?;
        let required: Vec<ModelSpec> = manifest
            .models
            .iter()
            .filter(|model| model.required)
            .cloned()
            .collect();
        let set = Self {
            dir: dir.to_owned(),
            manifest,
            engine,
            loaded: Mutex::default(),
        };
        for spec in &required {
            set.load(spec)?;
        }
        Ok(set)
    }

    /// The manifest that counts for a directory: the operator's, or the built-in one.
    ///
    /// # Errors
    /// [`ModelError::Manifest`] with the file's name, [`ModelError::Read`].
    pub fn manifest_of(dir: &Path) -> Result<Manifest, ModelError> {
        let path = dir.join(OPERATOR_MANIFEST);
        let (name, parsed) = match std::fs::read_to_string(&path) {
            Ok(text) => (path.display().to_string(), Manifest::parse(&text)),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                ("built-in manifest".to_owned(), Manifest::built_in())
            }
            Err(error) => return Err(ModelError::Read { path, error }),
        };
        parsed.map_err(|error| ModelError::Manifest { path: name, error })
    }

    /// The manifest in use.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The first model with that role, checked and loaded.
    ///
    /// # Errors
    /// [`ModelError::NoModel`], or why its file is not usable.
    pub fn model(&self, role: Role) -> Result<Arc<LoadedModel>, ModelError> {
        let spec = self.manifest.first(role).ok_or(ModelError::NoModel(role))?;
        self.load(spec)
    }

    /// Every model with that role, checked and loaded, in the order of the manifest.
    ///
    /// # Errors
    /// Why one of the files is not usable.
    pub fn all(&self, role: Role) -> Result<Vec<Arc<LoadedModel>>, ModelError> {
        let specs = self
            .manifest
            .models
            .iter()
            .filter(|model| model.role == role);
        specs.map(|spec| self.load(spec)).collect()
    }

    /// The bytes of the first file with that role, checked: for what is not run, and not large.
    ///
    /// # Errors
    /// [`ModelError::NoModel`], or why the file is not usable.
    pub fn read(&self, role: Role) -> Result<Vec<u8>, ModelError> {
        let spec = self.manifest.first(role).ok_or(ModelError::NoModel(role))?;
        read_checked(&self.dir, spec)
    }

    /// Where the first file with that role lies, for another program to read. Length and digest
    /// are checked now; ask again rather than keep the path for days.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn path(&self, role: Role) -> Result<PathBuf, ModelError> {
        let spec = self.manifest.first(role).ok_or(ModelError::NoModel(role))?;
        read_checked(&self.dir, spec)?;
        Ok(self.dir.join(&spec.file))
    }

    /// For each model of a manifest whether its file in `dir` is there and right (for `doctor`).
    #[must_use]
    pub fn inspect(dir: &Path, manifest: &Manifest) -> Vec<(String, FileState)> {
        let state = |spec: &ModelSpec| match read_checked(dir, spec) {
            Ok(_) => FileState::Good,
            Err(ModelError::Missing { .. }) => FileState::Missing,
            Err(_) => FileState::Wrong,
        };
        manifest
            .models
            .iter()
            .map(|spec| (spec.name.clone(), state(spec)))
            .collect()
    }

    /// How far a model of the set is from its reference outputs; nothing when there are none.
    ///
    /// # Errors
    /// Why its file is not usable or does not run.
    pub fn agreement(&self, spec: &ModelSpec) -> Result<Option<Agreement>, ModelError> {
        if !spec.role.is_run() {
            return Ok(None);
        }
        let model = self.load(spec)?;
        reference::compare(spec, model.session.as_ref()).map_err(|error| ModelError::Engine {
            model: spec.name.clone(),
            error,
        })
    }

    fn load(&self, spec: &ModelSpec) -> Result<Arc<LoadedModel>, ModelError> {
        // Held while loading, so that two threads do not load one file twice.
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(model) = loaded.iter().find(|model| model.spec.name == spec.name) {
            return Ok(Arc::clone(model));
        }
        let onnx = read_checked(&self.dir, spec)?;
        let session = self.engine.load(onnx).map_err(|error| ModelError::Engine {
            model: spec.name.clone(),
            error,
        })?;
        let model = Arc::new(LoadedModel {
            spec: spec.clone(),
            engine: self.engine.name(),
            session,
        });
        loaded.push(Arc::clone(&model));
        Ok(model)
    }
}

/// The record of a converted file's digest, beside it. `sha256sum -c` reads it, too.
pub(crate) fn record_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".sha256");
    PathBuf::from(name)
}

/// The digest that was recorded when the file was converted.
fn recorded(path: &Path) -> Option<String> {
    let mut text = String::new();
    let file = File::open(record_of(path)).ok()?;
    file.take(MAX_RECORD_BYTES).read_to_string(&mut text).ok()?;
    text.split_ascii_whitespace().next().map(str::to_owned)
}

/// Reads a file and checks length and digest. What is returned is what was checked: the file is
/// not opened again.
pub(crate) fn read_checked(dir: &Path, spec: &ModelSpec) -> Result<Vec<u8>, ModelError> {
    let path = dir.join(&spec.file);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(ModelError::Missing {
                file: spec.file.clone(),
                dir: dir.to_owned(),
            });
        }
        Err(error) => return Err(ModelError::Read { path, error }),
    };
    // A conversion has the same weights in another wrapping: never twice the length.
    let converted = spec.convert != Conversion::None;
    let longest = spec.bytes.saturating_mul(if converted { 2 } else { 1 });
    let mut bytes = Vec::new();
    if let Err(error) = file.take(longest.saturating_add(1)).read_to_end(&mut bytes) {
        return Err(ModelError::Read { path, error });
    }
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let found = HEXLOWER.encode(&Sha256::digest(&bytes));
    if converted && length <= longest && recorded(&path).as_ref() == Some(&found) {
        return Ok(bytes);
    }
    if length != spec.bytes {
        let file = spec.file.clone();
        return Err(ModelError::WrongSize {
            file,
            expected: spec.bytes,
            found: length,
        });
    }
    if found != spec.sha256 {
        let (file, expected) = (spec.file.clone(), spec.sha256.clone());
        return Err(ModelError::WrongDigest {
            file,
            expected,
            found,
        });
    }
    Ok(bytes)
}
