//! The gallery of earlier applicants' faces (B4): whether there is one, and what a hit is.

use serde::{Deserialize, Serialize};

use super::checks::{Bounds, FaceChecks};

/// Faces that one gallery may hold, whatever its threshold: 100 MB of memory in each process.
const GALLERY_FACES_MAX: f64 = 100_000.0;

/// The gallery of earlier applicants' faces (B4). A document from before it existed has none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct Gallery {
    pub on: bool,
}

/// Earlier applicants' faces, by the embedder of [`FaceChecks`].
///
/// One search compares a face with every other one, so its rate of false hits (FPIR) is about the
/// number of faces times the rate of one comparison (FMR). The goal is an FPIR of 1 in 1,000
/// (SP 800-63A 3.11): a threshold is good for `1e-3 / FMR` faces and no more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct GalleryChecks {
    pub evaluation: String,
    pub hit_from: f64,
    pub faces_max: u32,
}

impl GalleryChecks {
    /// A hit is at least as near as a match of two pictures.
    #[rustfmt::skip]
    pub(super) fn bounds(&self, face: &FaceChecks) -> [Bounds; 2] {
        [
            ("checks.gallery.hit_from", self.hit_from, face.match_from, 1.0),
            ("checks.gallery.faces_max", self.faces_max.into(), 1.0, GALLERY_FACES_MAX),
        ]
    }
}
