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

const UPLOAD: &str = "capture-upload.js";
const CAMERA: &str = "capture-camera.js";
const HINTS: &str = "capture-hints.js";
const TAKE: &str = "capture-take.js";
/// The modules that `capture.js` imports, for the page to ask for at once.
pub const CAPTURE_MODULES: [&str; 4] = [UPLOAD, CAMERA, HINTS, TAKE];

/// Name, type and content of every asset. A module stands after those that it imports.
const FILES: &[(&str, &str, &[u8])] = &[
    ("regain.css", CSS, include_bytes!("../assets/regain.css")),
    ("page.js", JS, include_bytes!("../assets/page.js")),
    ("clues.js", JS, include_bytes!("../assets/clues.js")),
    ("phone.js", JS, include_bytes!("../assets/phone.js")),
    ("passkey.js", JS, include_bytes!("../assets/passkey.js")),
    (UPLOAD, JS, include_bytes!("../assets/capture-upload.js")),
    (CAMERA, JS, include_bytes!("../assets/capture-camera.js")),
    (HINTS, JS, include_bytes!("../assets/capture-hints.js")),
    (TAKE, JS, include_bytes!("../assets/capture-take.js")),
    ("capture.js", JS, include_bytes!("../assets/capture.js")),
    ("console.css", CSS, include_bytes!("../assets/console.css")),
    ("console.js", JS, include_bytes!("../assets/console.js")),
    ("icon.svg", SVG, include_bytes!("../assets/icon.svg")),
];

struct Asset {
    plain: &'static str,
    hashed: String,
    media_type: &'static str,
    bytes: Vec<u8>,
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let mut assets: Vec<Asset> = Vec::new();
    for (plain, media_type, bytes) in FILES {
        let bytes = with_addresses(&assets, bytes);
        let digest: String = ContentDigest::of(&bytes)
            .0
            .chars()
            .take(DIGEST_SYMBOLS)
            .collect();
        assets.push(Asset {
            plain,
            hashed: format!("{digest}-{plain}"),
            media_type,
            bytes,
        });
    }
    assets
});

/// A file whose imports name the addresses under which those files are served.
fn with_addresses(before: &[Asset], bytes: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return bytes.to_vec();
    };
    let mut text = text.to_owned();
    for asset in before {
        let import = format!("from \"./{}\"", asset.plain);
        text = text.replace(&import, &format!("from \"./{}\"", asset.hashed));
    }
    text.into_bytes()
}

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
                (headers, asset.bytes.as_slice()).into_response()
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

    /// Brotli makes 12.5 kB of 39 kB of these; a page on a slow line may ask for 14 kB (UX.md F).
    const CAPTURE_BYTES_MAX: usize = 43_000;

    #[test]
    fn the_scripts_of_a_capture_page_are_small() {
        let ours = |asset: &&Asset| asset.plain.starts_with("capture");
        let sizes = ASSETS.iter().filter(ours).map(|asset| asset.bytes.len());
        let all: usize = sizes.sum();
        assert!(all > 0 && all <= CAPTURE_BYTES_MAX, "{all} bytes");
    }

    #[test]
    fn modules_import_each_other_by_their_addresses() {
        for asset in ASSETS.iter().filter(|asset| asset.media_type == JS) {
            let text = String::from_utf8_lossy(&asset.bytes).into_owned();
            for line in text.lines().filter(|line| line.starts_with("import ")) {
                let known = |other: &&Asset| line.ends_with(&format!("\"./{}\";", other.hashed));
                assert!(ASSETS.iter().any(|other| known(&other)), "{line}");
            }
        }
    }
}
