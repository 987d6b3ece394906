//! The dependencies as cargo resolved them for this machine.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};

/// One crate of the workspace.
pub(super) struct Crate {
    /// Path of its Cargo.toml from the root.
    pub(super) manifest: String,
    pub(super) manifest_text: String,
    /// Names of what it imports, for building as well as for running.
    pub(super) normal: BTreeSet<String>,
    pub(super) dev: BTreeSet<String>,
}

impl Crate {
    /// The line of the manifest that names a dependency, or the first.
    pub(super) fn line_of(&self, dependency: &str) -> usize {
        let named = |line: &str| {
            let rest = line.trim_start().strip_prefix(dependency);
            rest.is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
        };
        self.manifest_text
            .lines()
            .position(named)
            .map_or(1, |index| index + 1)
    }
}

/// The workspace's crates, and what outside crates import in turn.
pub(super) struct Graph {
    own: BTreeMap<String, Crate>,
    outside: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    pub(super) fn new(
        own: BTreeMap<String, Crate>,
        outside: BTreeMap<String, BTreeSet<String>>,
    ) -> Self {
        Self { own, outside }
    }

    pub(super) fn load(root: &Path) -> Result<Self> {
        let version = Command::new("rustc")
            .arg("-vV")
            .output()
            .context("rustc does not run")?;
        let version = String::from_utf8(version.stdout)?;
        let host = version.lines().find_map(|line| line.strip_prefix("host: "));
        let host = host.context("rustc -vV names no host")?;
        let metadata = MetadataCommand::new()
            .manifest_path(root.join("Cargo.toml"))
            .other_options(["--locked", "--filter-platform", host].map(str::to_owned))
            .exec()?;
        Self::from_metadata(&metadata)
    }

    fn from_metadata(metadata: &Metadata) -> Result<Self> {
        let nodes = &metadata
            .resolve
            .as_ref()
            .context("cargo resolved nothing")?
            .nodes;
        let (mut own, mut outside) = (BTreeMap::new(), BTreeMap::new());
        for node in nodes {
            let imports = |kinds: &[DependencyKind]| -> BTreeSet<String> {
                node.deps
                    .iter()
                    .filter(|dep| dep.dep_kinds.iter().any(|kind| kinds.contains(&kind.kind)))
                    .map(|dep| name(metadata, &dep.pkg))
                    .collect()
            };
            let normal = imports(&[DependencyKind::Normal, DependencyKind::Build]);
            if metadata.workspace_members.contains(&node.id) {
                let path = &metadata[&node.id].manifest_path;
                let manifest = path.strip_prefix(&metadata.workspace_root)?.to_string();
                let manifest_text = std::fs::read_to_string(path)?;
                let dev = imports(&[DependencyKind::Development]);
                let own_crate = Crate {
                    manifest,
                    manifest_text,
                    normal,
                    dev,
                };
                own.insert(name(metadata, &node.id), own_crate);
            } else {
                // Two versions of one crate are one name here: a fence holds for both.
                outside
                    .entry(name(metadata, &node.id))
                    .or_insert_with(BTreeSet::new)
                    .extend(normal);
            }
        }
        Ok(Self::new(own, outside))
    }

    pub(super) fn own(&self, name: &str) -> Option<&Crate> {
        self.own.get(name)
    }

    pub(super) fn crates(&self) -> impl Iterator<Item = (&String, &Crate)> {
        self.own.iter()
    }

    /// The shortest way from an own crate to an outside one that leads through no other own crate:
    /// what another own crate brings along is that one's affair.
    pub(super) fn way(&self, from: &str, to: &str) -> Option<Vec<String>> {
        let mut ways = VecDeque::from([vec![from.to_owned()]]);
        let mut seen = BTreeSet::new();
        while let Some(way) = ways.pop_front() {
            let last = way.last()?;
            if last == to {
                return Some(way);
            }
            let imports = match self.own.get(last) {
                Some(own) if last == from => Some(&own.normal),
                Some(_) => None,
                None => self.outside.get(last),
            };
            for import in imports.into_iter().flatten() {
                if seen.insert(import.clone()) {
                    let mut longer = way.clone();
                    longer.push(import.clone());
                    ways.push_back(longer);
                }
            }
        }
        None
    }
}

fn name(metadata: &Metadata, id: &PackageId) -> String {
    metadata[id].name.to_string()
}
