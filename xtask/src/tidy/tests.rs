//! Every check is shown a planted violation, and a clean neighbour.

use super::*;

const RULES: &str = include_str!("../../tidy.toml");

/// What `check_file` says about one file, as it is printed.
fn found(path: &str, text: &str) -> Vec<String> {
    let rules: Rules = toml::from_str(RULES).unwrap();
    let mut out = Vec::new();
    check_file(&rules, path, text.as_bytes(), &mut out);
    out.iter().map(ToString::to_string).collect()
}

fn clean(path: &str, text: &str) {
    assert_eq!(found(path, text), Vec::<String>::new());
}

/// A function of `lines` lines, brace to brace.
fn function(name: &str, lines: usize) -> String {
    format!("fn {name}() {{\n{}}}\n", "    step();\n".repeat(lines - 2))
}

#[test]
fn a_function_has_at_most_70_lines() {
    clean("crates/a/src/lib.rs", &function("fits", 70));
    assert_eq!(
        found(
            "crates/a/src/lib.rs",
            &format!("//! Top.\n\n{}", function("sprawls", 71))
        ),
        ["crates/a/src/lib.rs:3: function sprawls of 71 lines, limit 70"]
    );
}

#[test]
fn methods_nested_functions_and_macros_count_too() {
    let method = format!("impl X {{\n{}}}\n", function("method", 71));
    let nested = format!(
        "fn outer() {{ inner(); }}\nmod m {{\n{}}}\n",
        function("inner", 71)
    );
    let inside = format!(
        "macro_rules! m {{ ($name:ident) => {{\n{}}} }}\n",
        function("$name", 71)
    );
    for (text, line) in [(method, 2), (nested, 3), (inside, 2)] {
        let found = found("crates/a/src/lib.rs", &text);
        assert_eq!(found.len(), 1, "{text}");
        assert!(
            found[0].starts_with(&format!("crates/a/src/lib.rs:{line}: function ")),
            "{found:?}"
        );
    }
}

#[test]
fn a_test_function_may_be_twice_as_long() {
    let marked = format!(
        "#[cfg(test)]\nmod tests {{\n#[test]\n{}}}\n",
        function("story", 140)
    );
    clean("crates/a/src/lib.rs", &marked);
    clean("crates/a/tests/story.rs", &function("story", 140));
    assert_eq!(
        found("crates/a/tests/story.rs", &function("story", 141)),
        ["crates/a/tests/story.rs:1: function story of 141 lines, limit 140"]
    );
    let not_a_test = format!(
        "#[cfg(test)]\nmod tests {{}}\n#[cfg(not(test))]\n{}",
        "fn a() {}\n"
    );
    clean("crates/a/src/lib.rs", &not_a_test);
    let after = format!("#[cfg(test)]\nmod tests {{}}\n{}", function("real", 71));
    assert_eq!(
        found("crates/a/src/lib.rs", &after).len(),
        1,
        "the mark ends with its item"
    );
}

#[test]
fn a_file_has_at_most_400_lines_and_tests_800() {
    clean("crates/a/src/lib.rs", &"\n".repeat(400));
    assert_eq!(
        found("crates/a/src/lib.rs", &"\n".repeat(401)),
        ["crates/a/src/lib.rs:401: file of 401 lines, limit 400"]
    );
    for path in [
        "crates/a/src/tests.rs",
        "crates/a/src/case_tests.rs",
        "crates/a/tests/x/y.rs",
    ] {
        clean(path, &"\n".repeat(800));
        assert_eq!(found(path, &"\n".repeat(801)).len(), 1, "{path}");
    }
}

#[test]
fn a_rust_line_has_at_most_100_columns() {
    clean("crates/a/src/lib.rs", &format!("// {}\n", "é".repeat(97)));
    assert_eq!(
        found("crates/a/src/lib.rs", &format!("\n// {}\n", "é".repeat(98))),
        ["crates/a/src/lib.rs:2: line of 101 columns, limit 100"]
    );
    clean(
        "crates/a/src/lib.rs",
        &format!("// https://example.com/{}\n", "a".repeat(100)),
    );
    clean("README.md", &"a ".repeat(100));
}

#[test]
fn one_word_per_thing() {
    assert_eq!(
        found(
            "crates/a/src/lib.rs",
            "struct Case {\n    account_owner: u8,\n}\n"
        ),
        ["crates/a/src/lib.rs:2: \"owner\" in account_owner, say holder"]
    );
    assert_eq!(
        found(
            "crates/a/src/lib.rs",
            "struct ClaimantId;\nenum Seen { CLAIMANT }\n"
        ),
        [
            "crates/a/src/lib.rs:1: \"claimant\" in ClaimantId, say applicant",
            "crates/a/src/lib.rs:2: \"claimant\" in CLAIMANT, say applicant",
        ]
    );
    // Prose may explain, and a longer word is another word.
    clean(
        "crates/a/src/lib.rs",
        "// Not presumed the owner.\nfn ownership() {}\n",
    );
}

#[test]
fn left_over_notes_are_issues() {
    for word in ["TO DO", "FIX ME", "X X X", "HA CK"].map(|word| word.replace(' ', "")) {
        let found = found(
            "docs/guide/page.md",
            &format!("text\n<!-- {word}: later -->\n"),
        );
        assert_eq!(
            found,
            [format!("docs/guide/page.md:2: {word}, write an issue")]
        );
    }
    clean("test", "mktemp regain.XXXXXX; echo methodology\n");
}

#[test]
fn no_path_of_one_machine() {
    for folder in ["work", "root", "home"] {
        let found = found("demo", &format!("cd /{folder}/somewhere\n"));
        assert_eq!(
            found,
            [format!(
                "demo:1: path /{folder}/ of one machine, use a relative one"
            )]
        );
    }
    clean(
        "demo",
        "cd ../work/x; curl example.com/home/x; ls \"$dir/root/\" a/work/b\n",
    );
}

#[test]
fn every_crate_has_the_lints_of_the_workspace() {
    clean(
        "crates/a/Cargo.toml",
        "[package]\nname = \"a\"\n\n[lints]\nworkspace = true\n",
    );
    clean("Cargo.toml", "[workspace]\nmembers = []\n");
    for lints in [
        "",
        "[lints.rust]\nunsafe_code = \"allow\"\n",
        "[lints]\nworkspace = false\n",
    ] {
        let text = format!("[package]\nname = \"a\"\n{lints}");
        assert_eq!(
            found("crates/a/Cargo.toml", &text),
            ["crates/a/Cargo.toml:1: own lints, write [lints] workspace = true"]
        );
    }
    assert_eq!(found("crates/a/Cargo.toml", "[package\n").len(), 1);
}

#[test]
fn no_large_file_in_git() {
    let rules: Rules = toml::from_str(RULES).unwrap();
    for (path, bytes, expected) in [
        ("a.bin", 200_000, 0),
        ("a.bin", 200_001, 1),
        ("Cargo.lock", 300_000, 0),
    ] {
        let mut out = Vec::new();
        check_file(&rules, path, &vec![0xff; bytes], &mut out);
        assert_eq!(out.len(), expected, "{path} {bytes}");
    }
}

#[test]
fn what_is_not_rust_is_said_so() {
    assert_eq!(
        found("crates/a/src/lib.rs", "fn a() {\n"),
        ["crates/a/src/lib.rs:1: unreadable, Rust tokens"]
    );
}

#[test]
fn run_reads_committed_and_new_files_and_passes_over_ignored_ones() {
    let root = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let git = |arguments: &[&str]| {
        let status = Command::new("git")
            .args(arguments)
            .current_dir(root.path())
            .status()
            .unwrap();
        assert!(status.success());
    };
    git(&["init", "--quiet"]);
    write("xtask/tidy.toml", RULES);
    write(".gitignore", "/target\n");
    write("target/built.rs", &function("generated", 900));
    write("src/committed.rs", "fn a() {}\n");
    write("src/deleted.rs", "fn b() {}\n");
    git(&["add", "."]);
    std::fs::remove_file(root.path().join("src/deleted.rs")).unwrap();
    assert_eq!(run(root.path()).unwrap(), []);

    write("src/new.rs", &function("sprawls", 71));
    write("src/committed.rs", "fn owner() {}\n");
    let found: Vec<_> = run(root.path())
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        found,
        [
            "src/committed.rs:1: \"owner\" in owner, say holder",
            "src/new.rs:1: function sprawls of 71 lines, limit 70",
        ]
    );
}
