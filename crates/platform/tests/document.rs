//! The contract's document is the one that the types make.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

use std::path::Path;

use recovery::case::News;

/// Set this to write the document instead of comparing it.
const BLESS: &str = "REGAIN_BLESS";

#[expect(
    clippy::disallowed_methods,
    reason = "a test takes this one switch from outside"
)]
#[test]
fn the_document_is_fresh() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/platform-openapi.json");
    let made = platform::openapi::document().unwrap();
    if std::env::var_os(BLESS).is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == made,
        "stale: run the tests of `platform` with {BLESS}=1 and commit the file"
    );
}

#[test]
fn the_document_is_openapi_3_1_and_complete() {
    let made = platform::openapi::document().unwrap();
    let document: serde_json::Value = serde_json::from_str(&made).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let paths = document["paths"].as_object().unwrap();
    assert_eq!(paths.len(), 16);
    let calls: usize = paths
        .values()
        .map(|path| path.as_object().unwrap().len())
        .sum();
    assert_eq!(calls, 19);
    let webhooks = document["webhooks"].as_object().unwrap();
    let names: Vec<&str> = webhooks.keys().map(String::as_str).collect();
    let mut news: Vec<&str> = News::ALL.iter().map(|news| news.name()).collect();
    news.sort_unstable();
    assert_eq!(names, news);
    // Every reference leads somewhere.
    for part in made.split("\"#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(
            document["components"]["schemas"][name].is_object(),
            "{name} is not described"
        );
    }
    let request = &document["components"]["schemas"]["CredentialsRequest"];
    assert_eq!(
        request["additionalProperties"], false,
        "requests refuse unknown fields"
    );
}
