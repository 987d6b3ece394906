//! What the tests share: folders, cases, scanning and copying of what lies on disk.

use std::path::{Path, PathBuf};

use recovery::id::CaseId;
use tempfile::TempDir;
use vault::{Location, MasterKey, ObjectName, Vault, VaultConfig, VaultError};

/// Two folders, as an operator would have them.
pub struct Disk {
    root: TempDir,
}

impl Disk {
    pub fn new() -> Self {
        Self {
            root: tempfile::tempdir().unwrap(),
        }
    }

    pub fn root(&self) -> &Path {
        self.root.path()
    }

    pub fn objects(&self) -> PathBuf {
        self.root.path().join("objects")
    }

    pub fn keys(&self) -> PathBuf {
        self.root.path().join("keys")
    }

    pub fn object_file(&self, case: &CaseId, name: &ObjectName) -> PathBuf {
        self.objects()
            .join(case.as_str())
            .join(format!("{name}.age"))
    }

    pub fn key_file(&self, case: &CaseId) -> PathBuf {
        self.keys().join("cases").join(format!("{case}.age"))
    }

    pub async fn open(&self, masters: &[&MasterKey]) -> Result<Vault, VaultError> {
        Vault::open(VaultConfig {
            objects: Location::folder(self.objects()),
            keys: Location::folder(self.keys()),
            masters: masters.iter().map(|key| (*key).clone()).collect(),
        })
        .await
    }
}

pub fn case(number: u32) -> CaseId {
    format!("case_{number:026}").parse().unwrap()
}

pub fn name(text: &str) -> ObjectName {
    text.parse().unwrap()
}

/// Every file below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path))
        } else {
            found.push(path)
        }
    }
    found
}

/// Copies a folder, as a backup does.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

/// Bytes that look random and repeat from a seed.
pub fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed | 1;
    (0..length)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888);
            state.to_be_bytes()[0]
        })
        .collect()
}
