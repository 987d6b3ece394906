//! Everything the machine looks at in one case, over bytes and values alone: no database, no clock,
//! no network. The checks of a case, the quick look at arriving evidence and `regain evidence
//! inspect` all come through here.

mod camera;
mod person;
mod pictures;
mod proofs;
mod recording;
mod shown;
mod stopwatch;

use evidence::{
    ArrivalRecord, DigitListener, Limits, MediaTools, NamedTransaction, Ocr, Picture, ProofRecord,
    VideoFacts, metadata_findings, open_still, quality,
};
use face::{Embedding, FaceEngine};
use image::RgbImage;
use jiff::civil::Date;
use recovery::document::{DocumentKind, DocumentRecord};
use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome};
use recovery::id::{BlindIndex, CaseCode, ContentDigest, EvidenceId};
use recovery::policy::Checks;
use recovery::time::Timestamp;
use zeroize::Zeroizing;

pub use camera::CameraReport;
pub use recording::SaidWords;
pub use shown::{Shown, ShownAs};

use self::stopwatch::timed;
use crate::reuse::ReusePiece;

/// The programs and models that look. What is missing makes its checks unavailable.
pub struct Instruments {
    /// `ffmpeg` and the others, behind their walls.
    pub media: MediaTools,
    /// Reads writing.
    pub ocr: Ocr,
    /// Finds and compares faces.
    pub face: Option<FaceEngine>,
    /// Hears digits.
    pub digits: Option<DigitListener>,
}

impl Instruments {
    /// Whatever this machine has without models.
    #[must_use]
    pub fn without_models() -> Self {
        let media = MediaTools::find();
        Self {
            ocr: Ocr::new(media.clone(), None),
            media,
            face: None,
            digits: None,
        }
    }
}

/// The take that a video came by.
#[derive(Debug, Clone)]
pub struct VideoTake {
    /// Arrival of its pieces and the moments of the digits.
    pub arrival: ArrivalRecord,
    /// The six digits, 0 to 9.
    pub digits: Vec<u8>,
    /// The slower pace was asked for: people judge the phrase.
    pub slower: bool,
}

/// One piece of evidence.
#[derive(Clone)]
pub struct Piece {
    /// Its identifier.
    pub id: EvidenceId,
    /// What it is.
    pub kind: EvidenceKind,
    /// The media type as taken in.
    pub media_type: Option<String>,
    /// Its bytes.
    pub bytes: Zeroizing<Vec<u8>>,
    /// Their SHA-256.
    pub digest: ContentDigest,
    /// Where the applicant was it was this day when it arrived.
    pub day: Date,
    /// How it was recorded, for a video that came by the page's camera.
    pub take: Option<VideoTake>,
    /// What the browser said of its camera, if the piece came by the page's camera.
    pub camera: Option<CameraReport>,
}

/// What is known of the case.
pub struct Context<'a> {
    /// The thresholds of its policy.
    pub checks: &'a Checks,
    /// The bounds of intake.
    pub limits: &'a Limits,
    /// The first line of the note as the applicant was shown it.
    pub request: &'a str,
    /// The case's code.
    pub code: &'a CaseCode,
    /// The moment of the look.
    pub now: Timestamp,
    /// The day on which ages and expiry are counted.
    pub today: Date,
    /// The verified document; without one nothing of a document passes.
    pub record: Option<&'a DocumentRecord>,
    /// The kind of document that the applicant chose.
    pub chosen: Option<DocumentKind>,
    /// The verified portrait.
    pub portrait: Option<&'a RgbImage>,
    /// The digits for whoever sends a video as a file.
    pub digits: &'a [u8],
    /// Keyed digest of a normalised document number.
    pub digest: &'a (dyn Fn(&str) -> BlindIndex + Sync),
    /// What the platform knows of earlier transactions.
    pub transactions: Option<&'a ProofRecord>,
    /// The face may be kept and searched for in other cases: the applicant agreed.
    pub gallery: bool,
    /// Keyed digest of a value of a transaction, see [`ProofRecord`].
    pub transaction_digest: &'a (dyn Fn(&str) -> BlindIndex + Sync),
}

/// What came of it.
#[derive(Default)]
pub struct Examined {
    /// Every finding, passed ones included.
    pub findings: Vec<Finding>,
    /// Frames of the video, in order.
    pub frames: Vec<RgbImage>,
    /// What reviewers are shown beside the evidence itself.
    pub shown: Vec<Shown>,
    /// What finds the same pictures again.
    pub traces: Vec<ReusePiece>,
    /// The face of the note photo, where it may be kept and is good enough.
    pub face: Option<Embedding>,
    /// Transactions that screenshots name; nothing where none of them was read.
    pub named: Option<Vec<NamedTransaction>>,
}

/// A decoded still with its piece.
struct Still<'a> {
    piece: &'a Piece,
    picture: Picture,
}

/// The newest still of a kind: what counts where somebody sent it more than once.
fn newest<'a>(stills: &'a [Still<'_>], kind: EvidenceKind) -> Option<&'a Still<'a>> {
    stills.iter().rev().find(|still| still.piece.kind == kind)
}

/// Looks at everything: what does not wait for something else is looked at side by side, each on a
/// thread of its own. Blocks for one to three seconds, so it belongs on a worker's thread.
#[must_use]
pub fn examine(pieces: &[Piece], context: &Context<'_>, tools: &Instruments) -> Examined {
    let video = pieces
        .iter()
        .rev()
        .find(|piece| piece.kind == EvidenceKind::Video);
    std::thread::scope(|scope| {
        let recording = video.map(|piece| scope.spawn(|| recording::record(piece, context, tools)));
        let (stills, mut findings) = open_stills(pieces, context, &tools.media);
        let (seen, proofs) = std::thread::scope(|scope| {
            let proofs = scope.spawn(|| proofs::look(&stills, context, &tools.ocr));
            (pictures::look(&stills, context, tools), proofs.join())
        });
        let proofs = proofs.unwrap_or_else(|_| proofs::Proofs {
            findings: broke(EvidenceKind::Screenshot),
            named: None,
        });
        findings.extend(proofs.findings);
        let recording = recording.and_then(|looking| {
            let looked = looking.join();
            looked
                .inspect_err(|_| findings.extend(broke(EvidenceKind::Video)))
                .ok()
        });
        let person = person::Person {
            unopened: unopened(pieces, &stills, recording.as_ref()),
            stills: &stills,
            seen,
            recording,
            video,
        };
        let mut examined = person.compare(context, tools);
        examined.findings.extend(findings);
        examined.named = proofs.named;
        examined
    })
}

/// A look that broke on the way: what it would have found is missing, so nothing passes.
fn broke(kind: EvidenceKind) -> Vec<Finding> {
    vec![Finding::unavailable("media.tool_failed", "checks").about(kind)]
}

/// Kinds of pieces of which none could be opened.
fn unopened(
    pieces: &[Piece],
    stills: &[Still<'_>],
    recording: Option<&recording::Recording>,
) -> Vec<EvidenceKind> {
    let opened = |kind: EvidenceKind| match kind {
        EvidenceKind::Video => recording.is_some_and(|one| one.facts.is_some()),
        _ => newest(stills, kind).is_some(),
    };
    let sent = |kind: &EvidenceKind| pieces.iter().any(|piece| piece.kind == *kind);
    let kinds = EvidenceKind::ALL.into_iter();
    kinds.filter(sent).filter(|kind| !opened(*kind)).collect()
}

/// Opens every still and page, with what its file says of itself, or why it cannot be opened.
fn open_stills<'a>(
    pieces: &'a [Piece],
    context: &Context<'_>,
    media: &MediaTools,
) -> (Vec<Still<'a>>, Vec<Finding>) {
    let (mut stills, mut findings) = (Vec::new(), Vec::new());
    std::thread::scope(|scope| {
        let photos = pieces
            .iter()
            .filter(|piece| piece.kind != EvidenceKind::Video);
        let opening: Vec<_> = photos
            .map(|piece| (piece.kind, scope.spawn(|| open(piece, context, media))))
            .collect();
        for (kind, opening) in opening {
            let (opened, found) = opening.join().unwrap_or_else(|_| (Vec::new(), broke(kind)));
            stills.extend(opened);
            findings.extend(found);
        }
    });
    (stills, findings)
}

/// The pages of one piece that is no video.
fn open<'a>(
    piece: &'a Piece,
    context: &Context<'_>,
    media: &MediaTools,
) -> (Vec<Still<'a>>, Vec<Finding>) {
    let (bytes, kind, checks) = (&piece.bytes, piece.kind, context.checks);
    let (opened, took_ms) = timed(|| {
        let declared = piece.media_type.as_deref();
        open_still(bytes, declared, kind, context.limits, media)
    });
    let pages = match opened {
        Ok(pages) => pages,
        Err(refusal) => return (Vec::new(), vec![refused(kind, &refusal).took(took_ms)]),
    };
    let mut findings = Vec::new();
    if let Some(first) = pages.first() {
        let days = checks.note.date_days;
        findings.extend(metadata_findings(bytes, first, kind, context.now, days));
        let size = first.rgb.dimensions();
        findings.extend(said_of_camera(piece, size, context));
    }
    if kind == EvidenceKind::Screenshot {
        let each = pages.iter();
        findings.extend(each.flat_map(|page| quality(page, kind, &checks.image)));
    }
    let stills = pages.into_iter().map(|picture| Still { piece, picture });
    (stills.collect(), findings)
}

/// What the browser said of the camera of a live piece.
fn said_of_camera(piece: &Piece, size: (u32, u32), context: &Context<'_>) -> Vec<Finding> {
    let report = piece.camera.as_ref();
    report.map_or_else(Vec::new, |report| {
        camera::findings(report, piece.kind, size, &context.checks.capture)
    })
}

/// A stored file that cannot be read is for people.
fn refused(kind: EvidenceKind, refusal: &evidence::MediaRefusal) -> Finding {
    let outcome = if refusal.is_unavailable() {
        Outcome::Unavailable
    } else {
        Outcome::Unsure
    };
    Finding::reviewer(refusal.code(), outcome, "media").about(kind)
}
