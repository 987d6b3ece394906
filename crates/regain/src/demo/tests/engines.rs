//! Every engine is taken away once: what it looked for says so, and nothing passes in its stead.

use std::path::Path;

use engine::examine::{Context, Instruments, Piece, examine};
use engine::transactions::known_transactions;
use evidence::{Limits, MediaTools, Ocr};
use image::RgbImage;
use jiff::civil::date;
use platform::contract::{PastAddress, PastTransaction};
use recovery::document::{DocumentKind, DocumentRecord};
use recovery::evidence::{EvidenceKind, note_lines};
use recovery::finding::{Finding, Outcome};
use recovery::id::{BlindIndex, CaseCode, ContentDigest, EvidenceId};
use recovery::policy::{DEFAULT, Policy};
use recovery::time::Timestamp;

use super::support::shared;
use crate::demo::seed::{KNOWN_ADDRESS, KNOWN_AMOUNT};
use crate::wiring;
use specimen::photo;
use specimen::{Identity, Papers};

const DIGITS: [u8; 6] = [4, 7, 1, 2, 0, 6];
const SAID: &str = "I ask Exemplar to give me back my account. 4, 7, 1, 2, 0, 6";

/// What an applicant shows, drawn once.
struct Bundle {
    pieces: Vec<Piece>,
    record: DocumentRecord,
    portrait: RgbImage,
    code: CaseCode,
    request: String,
}

fn digest(number: &str) -> BlindIndex {
    BlindIndex(ContentDigest::of(number.as_bytes()).0)
}

impl Bundle {
    fn draw(faces: &Path) -> Self {
        let photo = |name: &str| photo::read(&std::fs::read(faces.join(name)).unwrap()).unwrap();
        let portrait = photo("Aaron_Peirsol/Aaron_Peirsol_0001.jpg");
        let selfie = photo("Aaron_Peirsol/Aaron_Peirsol_0003.jpg");
        let identity = Identity::invented(7);
        let record = DocumentRecord {
            kind: DocumentKind::NationalId,
            country: identity.country.clone(),
            number: digest(&identity.number),
            name: format!("{} {}", identity.given, identity.surname).into(),
            birth_date: "1985-03-14".to_owned().into(),
            expiry: Some("2032-03-13".to_owned()),
        };
        let papers = Papers::new(identity, portrait.clone(), selfie, None).unwrap();
        let code: CaseCode = CaseCode::new(&mut wiring::seeded_rng().unwrap());
        let lines = note_lines("Exemplar", "26 November 2026", code.as_str());
        let files = [
            (EvidenceKind::IdFront, papers.front(1).unwrap()),
            (EvidenceKind::IdBack, papers.back(2).unwrap()),
            (EvidenceKind::NotePhoto, papers.note(&lines, 3).unwrap()),
            (EvidenceKind::Video, papers.clip(SAID, 4).unwrap()),
            (
                EvidenceKind::Screenshot,
                papers.screenshot(KNOWN_AMOUNT, KNOWN_ADDRESS).unwrap(),
            ),
        ];
        let piece = |(kind, bytes): (EvidenceKind, Vec<u8>)| Piece {
            id: EvidenceId::new(now(), &mut wiring::seeded_rng().unwrap()),
            kind,
            media_type: None,
            digest: ContentDigest::of(&bytes),
            bytes: bytes.into(),
            day: date(2026, 11, 26),
            take: None,
            camera: None,
        };
        let [request, ..] = lines;
        Self {
            pieces: files.into_iter().map(piece).collect(),
            record,
            portrait,
            code,
            request,
        }
    }

    fn findings(&self, tools: &Instruments) -> Vec<Finding> {
        let policy = Policy::parse(DEFAULT).unwrap();
        let address = PastAddress {
            chain: "bitcoin".to_owned(),
            address: KNOWN_ADDRESS.to_owned().into(),
        };
        let (amount, asset) = KNOWN_AMOUNT.split_once(' ').unwrap();
        let transaction = PastTransaction {
            id: None,
            amount: amount.to_owned().into(),
            asset: asset.to_owned(),
            at: now(),
        };
        let transactions = known_transactions(&[address], &[transaction], &digest);
        let context = Context {
            checks: &policy.checks,
            limits: &Limits::default(),
            request: &self.request,
            code: &self.code,
            now: now(),
            today: date(2026, 11, 26),
            record: Some(&self.record),
            chosen: Some(DocumentKind::NationalId),
            portrait: Some(&self.portrait),
            digits: &DIGITS,
            digest: &digest,
            gallery: false,
            transactions: Some(&transactions),
            transaction_digest: &digest,
        };
        examine(&self.pieces, &context, tools).findings
    }
}

fn now() -> Timestamp {
    Timestamp::from_millis(1_795_651_200_000)
}

/// How the findings of these codes ended.
fn outcomes(findings: &[Finding], code: &str) -> Vec<Outcome> {
    let of_code = findings.iter().filter(|one| one.code.starts_with(code));
    of_code.map(|one| one.outcome).collect()
}

/// What an engine is the only one to find, by the beginning of the codes, and how to lose it.
type Loss = (&'static str, &'static [&'static str], fn(&mut Instruments));

const LOSSES: [Loss; 5] = [
    ("the faces' models", &["face."], |tools| tools.face = None),
    ("the listener's model", &["phrase.spoken"], |tools| {
        tools.digits = None;
    }),
    (
        "the reader",
        &["document.same", "note.text", "note.code", "proof."],
        |tools| {
            tools.ocr = Ocr::new(MediaTools::none(), None);
        },
    ),
    (
        "the video's programs",
        &["phrase.spoken", "video.live", "face.kyc_video"],
        |tools| {
            tools.media = MediaTools::none();
        },
    ),
    (
        "everything",
        &["face.", "document.same", "phrase.spoken", "video.live"],
        |tools| {
            *tools = Instruments {
                ocr: Ocr::new(MediaTools::none(), None),
                media: MediaTools::none(),
                face: None,
                digits: None,
            };
        },
    ),
];

#[test]
fn without_any_one_engine_its_findings_say_so_and_nothing_passes_instead() {
    let (Some(models), Some(faces)) = (shared("models"), shared("testdata/faces/lfw")) else {
        return;
    };
    let bundle = Bundle::draw(&faces);
    let all = bundle.findings(&wiring::instruments(Some(&models)));
    for code in [
        "face.kyc_note",
        "face.kyc_video",
        "document.same",
        "note.text",
        "proof.address",
        "proof.amount",
    ] {
        assert!(
            outcomes(&all, code).contains(&Outcome::Pass),
            "{code}: {all:?}"
        );
    }
    assert!(!outcomes(&all, "phrase.spoken").contains(&Outcome::Unavailable));
    for (name, lost, lose) in LOSSES {
        let mut tools = wiring::instruments(Some(&models));
        lose(&mut tools);
        let left = bundle.findings(&tools);
        for code in lost {
            let found = outcomes(&left, code);
            let passed = found.contains(&Outcome::Pass);
            assert!(
                !found.is_empty() && !passed,
                "without {name}, {code}: {found:?}"
            );
        }
        assert!(
            left.iter().any(|one| one.outcome == Outcome::Unavailable),
            "nobody says that {name} are missing"
        );
        for code in [
            "face.kyc_note",
            "face.kyc_video",
            "document.same",
            "phrase.spoken",
        ] {
            let (before, after) = (outcomes(&all, code), outcomes(&left, code));
            let better = after.contains(&Outcome::Pass) && !before.contains(&Outcome::Pass);
            assert!(
                !after.is_empty() && !better,
                "without {name}, {code} is {after:?}"
            );
        }
    }
}
