//! Every bound of intake in one place.

use recovery::evidence::EvidenceKind;

/// Mebibyte; the limits people read are given in it.
const MIB: u64 = 1 << 20;

/// What one piece of evidence may cost. `Default` has the figures of the product's own guide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a photo (ID front and back, note photo). A 12-megapixel JPEG has 2 to 6 MB.
    pub photo_bytes: u64,
    /// Bytes of a video: 45 s at 2 Mbit/s is 11 MB, and some browsers write four times as much.
    pub video_bytes: u64,
    /// Bytes of a screenshot.
    pub screenshot_bytes: u64,
    /// Longest side of a picture in pixels.
    pub max_side: u32,
    /// Pixels of a picture (width times height).
    pub max_pixels: u64,
    /// Bytes that decoding one picture may allocate (estimated from its header beforehand).
    pub max_alloc: u64,
    /// Scans of a progressive JPEG: ordinary files have ten, each further one costs a full pass.
    pub max_scans: usize,
    /// Longest video in milliseconds.
    pub video_ms: u64,
    /// Highest frame rate, in frames per second. Cameras in browsers deliver 60 at most.
    pub video_fps: u32,
    /// Most streams in one container.
    pub video_streams: u32,
    /// Pixels of one video frame: 4K has 8.3 million.
    pub video_pixels: u64,
    /// Processor seconds for each media tool.
    pub tool_cpu_seconds: u32,
    /// Wall clock seconds for each media tool.
    pub tool_wall_seconds: u32,
    /// Address space of each media tool in bytes. ffmpeg maps far more than it touches (80 MB).
    pub tool_memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            photo_bytes: 12 * MIB,
            video_bytes: 48 * MIB,
            screenshot_bytes: 10 * MIB,
            max_side: 12_000,
            max_pixels: 50_000_000,
            max_alloc: 256 * MIB,
            max_scans: 100,
            video_ms: 60_000,
            video_fps: 65,
            video_streams: 8,
            video_pixels: 9_000_000,
            tool_cpu_seconds: 20,
            tool_wall_seconds: 40,
            tool_memory: 1_500_000_000,
        }
    }
}

impl Limits {
    /// The most bytes an upload of this kind may have.
    #[must_use]
    pub const fn bytes_for(&self, kind: EvidenceKind) -> u64 {
        match kind {
            EvidenceKind::IdFront | EvidenceKind::IdBack | EvidenceKind::NotePhoto => {
                self.photo_bytes
            }
            EvidenceKind::Video => self.video_bytes,
            EvidenceKind::Screenshot => self.screenshot_bytes,
        }
    }
}
