//! `regain models fetch`: gets what is missing, verifies it, converts it, and puts it in place.

mod download;
mod error;

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256, Sha384};

use crate::convert::{Conversion, convert};
use crate::engine::Engine;
use crate::manifest::{Manifest, ModelSpec, Original};
use crate::reference;
use crate::rten_engine::RtenEngine;
use crate::set;
use download::Downloader;
pub use error::FetchError;

/// Longest original whose length nobody knows: 64 MiB; the largest in use has 4 MB.
const MAX_ORIGINAL_BYTES: u64 = 64 * 1024 * 1024;
/// Where downloads wait until they are complete and converted, inside the target.
const WAITING: &str = "originals";

/// What to get, and from where.
#[derive(Debug, Clone)]
pub struct Fetch<'a> {
    /// What belongs there.
    pub manifest: &'a Manifest,
    /// The directory of the model files; made when it is not there.
    pub to: &'a Path,
    /// A directory with the publishers' originals or with finished files, in place of the network.
    pub from: Option<&'a Path>,
    /// Only the model of this name.
    pub only: Option<&'a str>,
    /// Longest wait for a connection to a server.
    pub connect: Duration,
}

/// What happens meanwhile.
#[derive(Debug)]
pub enum Event<'a> {
    /// The file is there and right; nothing is done.
    Present(&'a ModelSpec),
    /// So much of a file has come.
    Receiving {
        /// Its name.
        file: &'a str,
        /// Bytes so far, including an earlier run's.
        bytes: u64,
        /// Bytes of the whole, where the server says.
        of: Option<u64>,
    },
    /// The originals are there and right, and are being converted.
    Converting(&'a ModelSpec),
    /// The file is in place now.
    Done(&'a ModelSpec),
    /// It is not, and why.
    Failed(&'a ModelSpec, &'a FetchError),
}

/// How many models of those asked for are in place, and which are not.
#[derive(Debug, Default)]
pub struct Fetched {
    /// Those that were there before.
    pub present: usize,
    /// Those that came now.
    pub done: usize,
    /// Names of those that are missing, and whether they are required.
    pub failed: Vec<(String, bool)>,
}

impl Fetch<'_> {
    /// Gets every model in turn. One that fails does not keep the others from coming; a server that
    /// cannot be reached is asked once.
    pub fn run(&self, report: &mut dyn FnMut(&Event<'_>)) -> Fetched {
        let mut downloader = Downloader::new(self.connect);
        let mut fetched = Fetched::default();
        for spec in &self.manifest.models {
            if self.only.is_some_and(|only| only != spec.name) {
                continue;
            }
            if set::read_checked(self.to, spec).is_ok() {
                report(&Event::Present(spec));
                fetched.present = fetched.present.saturating_add(1);
                continue;
            }
            match self.one(spec, &mut downloader, report) {
                Ok(()) => {
                    report(&Event::Done(spec));
                    fetched.done = fetched.done.saturating_add(1);
                }
                Err(error) => {
                    report(&Event::Failed(spec, &error));
                    fetched.failed.push((spec.name.clone(), spec.required));
                }
            }
        }
        // Only empty when nothing waits for a later run.
        let _ = fs::remove_dir(self.to.join(WAITING));
        fetched
    }

    fn one(
        &self,
        spec: &ModelSpec,
        downloader: &mut Downloader,
        report: &mut dyn FnMut(&Event<'_>),
    ) -> Result<(), FetchError> {
        if let Some(from) = self.from
            && let Some(bytes) = finished(from, spec)
        {
            return self.finish(spec, &bytes);
        }
        if spec.originals.is_empty() {
            return Err(FetchError::NoOriginal);
        }
        let mut originals = Vec::new();
        for original in &spec.originals {
            originals.push(match self.from {
                Some(from) => local(from, original, spec)?,
                None => self.remote(original, spec, downloader, report)?,
            });
        }
        let bytes = if spec.convert == Conversion::None {
            originals.into_iter().next().unwrap_or_default()
        } else {
            report(&Event::Converting(spec));
            let files: Vec<&[u8]> = originals.iter().map(Vec::as_slice).collect();
            convert(
                spec.convert,
                &files,
                &spec.input.name,
                spec.output.as_deref(),
            )?
        };
        self.finish(spec, &bytes)?;
        for original in &spec.originals {
            let _ = fs::remove_file(self.to.join(WAITING).join(&original.file));
        }
        Ok(())
    }

    /// The original from the network, or complete from an earlier run.
    fn remote(
        &self,
        original: &Original,
        spec: &ModelSpec,
        downloader: &mut Downloader,
        report: &mut dyn FnMut(&Event<'_>),
    ) -> Result<Vec<u8>, FetchError> {
        let dir = self.to.join(WAITING);
        make_dir(&dir)?;
        let (path, part) = (
            dir.join(&original.file),
            dir.join(format!("{}.part", original.file)),
        );
        let bound = length(original, spec).unwrap_or(MAX_ORIGINAL_BYTES);
        if let Ok(bytes) = read_bounded(&path, bound)
            && verify(&bytes, original, spec).is_ok()
        {
            return Ok(bytes);
        }
        let mut last = FetchError::NoOriginal;
        for url in &original.urls {
            let mut progress = |bytes, of| {
                let file = &original.file;
                report(&Event::Receiving { file, bytes, of });
            };
            let begun = part.exists();
            let mut got = downloader.get(url, &part, length(original, spec), &mut progress);
            if begun && matches!(got, Ok(())) && check(&part, bound, original, spec).is_err() {
                // What an earlier run left belonged to something else: all of it once more.
                let _ = fs::remove_file(&part);
                got = downloader.get(url, &part, length(original, spec), &mut progress);
            }
            match got.and_then(|()| check(&part, bound, original, spec)) {
                Ok(bytes) => {
                    put(&part, &path)?;
                    return Ok(bytes);
                }
                Err(error) => {
                    if error.is_final() {
                        let _ = fs::remove_file(&part);
                    }
                    last = error;
                }
            }
        }
        Err(last)
    }

    /// Puts the finished file in place. Bytes of another digest than the manifest's come only out
    /// of a conversion, and only where the outputs agree with the reference; their digest is
    /// recorded.
    fn finish(&self, spec: &ModelSpec, bytes: &[u8]) -> Result<(), FetchError> {
        let path = self.to.join(&spec.file);
        let record = set::record_of(&path);
        if let Some(dir) = path.parent() {
            make_dir(dir)?;
        }
        let digest = HEXLOWER.encode(&Sha256::digest(bytes));
        if digest == spec.sha256 {
            let _ = fs::remove_file(&record);
            return write(&path, bytes);
        }
        if spec.convert == Conversion::None {
            return Err(FetchError::WrongDigest {
                file: spec.file.clone(),
                expected: spec.sha256.clone(),
                found: digest,
            });
        }
        let session = RtenEngine::default().load(bytes.to_vec())?;
        let agreement = reference::compare(spec, session.as_ref())?;
        let agreement = agreement.ok_or(FetchError::NoReference)?;
        if !agreement.holds() {
            return Err(FetchError::Differs(agreement));
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        write(&record, format!("{digest}  {name}\n").as_bytes())?;
        write(&path, bytes)
    }
}

/// A complete download, read and verified.
fn check(
    part: &Path,
    bound: u64,
    original: &Original,
    spec: &ModelSpec,
) -> Result<Vec<u8>, FetchError> {
    let bytes = read_bounded(part, bound).map_err(|error| FetchError::file(part, error))?;
    verify(&bytes, original, spec)?;
    Ok(bytes)
}

/// The finished file in a local directory, under its path or under its name alone.
fn finished(from: &Path, spec: &ModelSpec) -> Option<Vec<u8>> {
    let name = spec.file.rsplit('/').next().unwrap_or(&spec.file);
    [spec.file.as_str(), name].iter().find_map(|file| {
        let mut spec = spec.clone();
        (*file).clone_into(&mut spec.file);
        set::read_checked(from, &spec).ok()
    })
}

/// An original in a local directory.
fn local(from: &Path, original: &Original, spec: &ModelSpec) -> Result<Vec<u8>, FetchError> {
    let path = from.join(&original.file);
    let bound = length(original, spec).unwrap_or(MAX_ORIGINAL_BYTES);
    let bytes = match read_bounded(&path, bound) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(FetchError::NotThere {
                file: spec.file.clone(),
                original: original.file.clone(),
                dir: from.to_owned(),
            });
        }
        Err(error) => return Err(FetchError::file(&path, error)),
    };
    verify(&bytes, original, spec)?;
    Ok(bytes)
}

/// The length an original must have: its own, or the model's where nothing is converted.
fn length(original: &Original, spec: &ModelSpec) -> Option<u64> {
    let model = Some(spec.bytes).filter(|_| spec.convert == Conversion::None);
    original.bytes.or(model)
}

/// Whether these are the publisher's bytes, by every digest that is known.
fn verify(bytes: &[u8], original: &Original, spec: &ModelSpec) -> Result<(), FetchError> {
    let model = Some(&spec.sha256).filter(|_| spec.convert == Conversion::None);
    let same = |expected: &str, found: String| {
        if found == expected {
            return Ok(());
        }
        Err(FetchError::WrongDigest {
            file: original.file.clone(),
            expected: expected.to_owned(),
            found,
        })
    };
    if let Some(expected) = original.sha256.as_ref().or(model) {
        same(expected, HEXLOWER.encode(&Sha256::digest(bytes)))?;
    }
    if let Some(expected) = &original.sha384 {
        same(expected, HEXLOWER.encode(&Sha384::digest(bytes)))?;
    }
    Ok(())
}

/// Reads at most one byte more than `bound`: enough for the digest to be another.
fn read_bounded(path: &Path, bound: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    file.take(bound.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn make_dir(dir: &Path) -> Result<(), FetchError> {
    fs::create_dir_all(dir).map_err(|error| FetchError::file(dir, error))
}

/// Writes under another name first: the file is there as a whole, or not at all.
fn write(path: &Path, bytes: &[u8]) -> Result<(), FetchError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let new = PathBuf::from(name);
    let written = File::create(&new).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(|error| FetchError::file(&new, error))?;
    put(&new, path)
}

fn put(from: &Path, to: &Path) -> Result<(), FetchError> {
    fs::rename(from, to).map_err(|error| FetchError::file(to, error))
}
