//! The import table against planted dependencies, and against this workspace.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use super::*;

const TABLE: &str = "\
# Map

<!-- layers:begin -->

| crate | own crates it may import | heavy crates it may import |
|---|---|---|
| `rules` | nothing | nothing |
| `store` | `rules` | `sqlx`, `tokio` |
| `main` | everything | `tokio` |

<!-- layers:end -->
";

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// A workspace of three crates, where `pool` is an outside crate that brings `tokio` along.
struct World {
    own: BTreeMap<String, Crate>,
}

impl World {
    fn clean() -> Self {
        Self {
            own: BTreeMap::new(),
        }
        .with("rules", &["serde"], &["proptest", "tokio"])
        .with("store", &["rules", "sqlx", "tokio"], &[])
        .with("main", &["rules", "store", "pool"], &[])
    }

    fn with(mut self, name: &str, normal: &[&str], dev: &[&str]) -> Self {
        let lines = normal
            .iter()
            .chain(dev)
            .map(|import| format!("{import}.workspace = true\n"));
        let own = Crate {
            manifest: format!("crates/{name}/Cargo.toml"),
            manifest_text: format!("[dependencies]\n{}", lines.collect::<String>()),
            normal: names(normal),
            dev: names(dev),
        };
        self.own.insert(name.to_owned(), own);
        self
    }

    fn check(self, table: &str) -> Vec<String> {
        let outside = BTreeMap::from([
            ("pool".to_owned(), names(&["tokio"])),
            ("sqlx".to_owned(), names(&["pool"])),
            ("serde".to_owned(), names(&[])),
        ]);
        let table = Table::parse(table).unwrap();
        let violations = check(&table, &Graph::new(self.own, outside));
        violations.iter().map(ToString::to_string).collect()
    }
}

#[test]
fn clean_crates_pass_and_tests_may_use_heavy_ones() {
    assert_eq!(World::clean().check(TABLE), Vec::<String>::new());
}

#[test]
fn an_own_crate_outside_the_row_is_reported() {
    let world = World::clean().with("rules", &["serde", "store"], &[]);
    assert_eq!(
        world.check(TABLE),
        ["crates/rules/Cargo.toml:3: rules imports store, may import nothing"]
    );
}

#[test]
fn an_own_crate_is_reported_as_a_dev_dependency_too() {
    let world = World::clean().with("store", &["rules", "sqlx", "tokio"], &["main"]);
    assert_eq!(
        world.check(TABLE),
        ["crates/store/Cargo.toml:5: store imports main, may import rules"]
    );
}

#[test]
fn a_heavy_crate_is_reported_directly_and_by_the_way() {
    assert_eq!(
        World::clean()
            .with("main", &["sqlx", "tokio"], &[])
            .check(TABLE),
        ["crates/main/Cargo.toml:2: main -> sqlx, sqlx is for store"]
    );
    assert_eq!(
        World::clean()
            .with("rules", &["serde", "pool"], &[])
            .check(TABLE),
        ["crates/rules/Cargo.toml:3: rules -> pool -> tokio, tokio is for store, main"]
    );
}

#[test]
fn what_an_own_crate_brings_along_is_its_own_affair() {
    let world = World::clean().with("main", &["store"], &[]);
    assert_eq!(world.check(TABLE), Vec::<String>::new());
}

#[test]
fn table_and_workspace_name_the_same_crates() {
    let world = World::clean().with("extra", &[], &[]);
    assert_eq!(
        world.check(TABLE),
        ["crates/extra/Cargo.toml:1: crate extra, a row for it in ARCHITECTURE.md"]
    );
    let table = TABLE.replace("| `main`", "| `gone` | nothing | nothing |\n| `main`");
    assert_eq!(
        World::clean().check(&table),
        ["ARCHITECTURE.md:9: row gone, no such crate in the workspace"]
    );
}

#[test]
fn a_broken_table_is_an_error() {
    let message = |text: &str| format!("{:#}", Table::parse(text).err().unwrap());
    assert!(message("# Map\n").contains("no line <!-- layers:begin -->"));
    assert!(message(&TABLE.replace("<!-- layers:end -->", "")).contains("no line <!-- layers:end"));
    assert!(message("<!-- layers:begin -->\n<!-- layers:end -->\n").contains("is empty"));
    assert!(message(&TABLE.replace("own crates", "crates")).contains("the columns are"));
    assert!(message(&TABLE.replace("| `sqlx`, `tokio` |", "|")).contains("2 columns, not 3"));
}

#[test]
fn cargo_tells_normal_from_dev_dependencies() {
    let root = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n",
    );
    let package = |name: &str| format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n");
    for (name, rest) in [
        ("rules", ""),
        ("store", "[dependencies]\nrules = { path = \"../rules\" }\n"),
        (
            "main",
            "[dev-dependencies]\nstore = { path = \"../store\" }\n",
        ),
    ] {
        write(
            &format!("crates/{name}/Cargo.toml"),
            &format!("{}{rest}", package(name)),
        );
        write(&format!("crates/{name}/src/lib.rs"), "");
    }
    let locked = Command::new("cargo")
        .args(["generate-lockfile", "--offline", "--quiet"])
        .current_dir(root.path())
        .status()
        .unwrap();
    assert!(locked.success());
    let graph = Graph::load(root.path()).unwrap();
    assert_eq!(graph.own("store").unwrap().normal, names(&["rules"]));
    assert_eq!(graph.own("main").unwrap().normal, names(&[]));
    assert_eq!(graph.own("main").unwrap().dev, names(&["store"]));

    write(
        "ARCHITECTURE.md",
        &TABLE.replace("| `main` | everything", "| `main` | nothing"),
    );
    let found: Vec<_> = run(root.path())
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        found,
        ["crates/main/Cargo.toml:5: main imports store, may import nothing"]
    );
    write("ARCHITECTURE.md", TABLE);
    assert_eq!(run(root.path()).unwrap(), []);
}
