//! Styles and scripts, each under an address with the digest of its content, so that browsers keep
//! them for a year and never show an old one.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use recovery::id::ContentDigest;

/// Symbols of the digest in an address.
const DIGEST_SYMBOLS: usize = 16;
/// One year; the address changes when the content does.
const CACHING: &str = "public, max-age=31536000, immutable";

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// Name, type and content of every asset.
const FILES: &[(&str, &str, &[u8])] = &[
    ("regain.css", CSS, include_bytes!("../assets/regain.css")),
    ("page.js", JS, include_bytes!("../assets/page.js")),
    ("passkey.js", JS, include_bytes!("../assets/passkey.js")),
    ("console.css", CSS, include_bytes!("../assets/console.css")),
    ("console.js", JS, include_bytes!("../assets/console.js")),
    ("icon.svg", SVG, include_bytes!("../assets/icon.svg")),
];

struct Asset {
    plain: &'static str,
    hashed: String,
    media_type: &'static str,
    bytes: &'static [u8],
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    FILES
        .iter()
        .map(|(plain, media_type, bytes)| {
            let digest: String = ContentDigest::of(bytes)
                .0
                .chars()
                .take(DIGEST_SYMBOLS)
                .collect();
            Asset {
                plain,
                hashed: format!("{digest}-{plain}"),
                media_type,
                bytes,
            }
        })
        .collect()
});

/// The address of an asset; empty if there is none of that name (a test asks for each).
#[must_use]
pub fn address(plain: &str) -> String {
    ASSETS
        .iter()
        .find(|asset| asset.plain == plain)
        .map(|asset| format!("/assets/{}", asset.hashed))
        .unwrap_or_default()
}

/// Serves one asset by its hashed name.
pub async fn serve(Path(name): Path<String>) -> Response {
    ASSETS
        .iter()
        .find(|asset| asset.hashed == name)
        .map_or_else(
            || StatusCode::NOT_FOUND.into_response(),
            |asset| {
                let headers = [
                    (header::CONTENT_TYPE, asset.media_type),
                    (header::CACHE_CONTROL, CACHING),
                ];
                (headers, asset.bytes).into_response()
            },
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_an_address_with_its_digest() {
        for (plain, _, _) in FILES {
            let address = address(plain);
            assert!(address.starts_with("/assets/") && address.ends_with(plain));
            assert_eq!(
                address.len(),
                "/assets/-".len() + DIGEST_SYMBOLS + plain.len()
            );
        }
        assert_eq!(super::address("nothing.css"), "");
    }
}
