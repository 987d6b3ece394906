//! Serves the console's pages with made-up cases on loopback, to look at them.
//!
//! `cargo run -p web --example console_gallery` prints the address; nothing is stored.
#![allow(clippy::print_stdout, reason = "it says where to look")]

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use engine::inputs::PortalSettings;
use engine::views::{
    CaseFile, ChannelAge, ContestFile, Moment, Objector, OpenSecuring, OtherSide, SecuringStep,
    SecuringView, StaffMember, WorkRow, WorkView,
};
use http::header;
use recovery::actor::Rank;
use recovery::case::{LiveFactor, Part, SecuringVerb, State};
use recovery::clues::{ClueFinding, ClueKind, ClueReason, ClueResult};
use recovery::evidence::{Capture, EvidenceItem, EvidenceKind};
use recovery::figures::{Numbers, Row};
use recovery::finding::{Finding, Outcome};
use recovery::id::{CaseId, ContentDigest};
use recovery::signal::{Bearing, Signal};
use recovery::time::{Span, Timestamp};
use web::console::{
    ConsoleFrame, ContestPage, DecidePage, NumbersPage, SecuringPage, Step, StepPage, WorkPage,
};

type Any = Box<dyn std::error::Error>;

const NOW: Timestamp = Timestamp::from_millis(1_795_543_200_000);
const CASE: &str = "case_01J00000000000000000000000";
/// A grey figure in place of a photo.
const PICTURE: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 400"><rect width="300" height="400" fill="#8795a3"/><circle cx="150" cy="150" r="70" fill="#c9d2da"/><path d="M30 400c0-110 240-110 240 0z" fill="#c9d2da"/></svg>"##;

fn settings() -> Result<PortalSettings, Any> {
    Ok(PortalSettings {
        origin: "http://localhost".parse()?,
        platform: "Meridian".to_owned(),
        platform_domain: "meridian.example".to_owned(),
        login_url: "http://localhost/login".parse()?,
        reset_url: "http://localhost/reset".parse()?,
        mail_from: "recovery@meridian.example".to_owned(),
        official_domains: vec!["meridian.example".to_owned()],
        platform_start_year: 2017,
        idle_years: 5,
        trusted_proxies: Vec::new(),
        explorers: engine::chains::Explorers::default(),
        demo: true,
    })
}

fn item(kind: EvidenceKind, capture: Capture, place: u8) -> Result<EvidenceItem, Any> {
    Ok(EvidenceItem {
        id: format!("ev_01J0000000000000000000000{place}").parse()?,
        kind,
        capture,
        digest: ContentDigest::of(&[place]),
        media_type: if kind == EvidenceKind::Video {
            "video/webm"
        } else {
            "image/jpeg"
        }
        .to_owned(),
        bytes: 640_000,
    })
}

fn finding(code: &str, kind: Option<EvidenceKind>, outcome: Outcome, score: i64) -> Finding {
    Finding {
        kind,
        score_milli: Some(score),
        threshold_milli: Some(410),
        unit: Some("cosine".to_owned()),
        ..Finding::reviewer(code, outcome, "sample/1").took(12)
    }
}

fn evidence() -> Result<Vec<EvidenceItem>, Any> {
    Ok(vec![
        item(EvidenceKind::IdFront, Capture::Live, 1)?,
        item(EvidenceKind::IdBack, Capture::Live, 2)?,
        item(EvidenceKind::NotePhoto, Capture::NotLive, 3)?,
        item(EvidenceKind::Video, Capture::Live, 4)?,
    ])
}

const fn clue(clue: ClueKind, result: ClueResult, reason: ClueReason) -> ClueFinding {
    ClueFinding {
        clue,
        result,
        reason,
    }
}

fn record() -> Vec<(&'static str, String)> {
    vec![
        ("name", "A** R*******".to_owned()),
        ("birth_date", "****-**-**".to_owned()),
        ("document_number", "X********".to_owned()),
        ("document_kind", "NationalId".to_owned()),
        ("registered", "4 March 2021".to_owned()),
        ("logins", "41".to_owned()),
    ]
}

fn findings() -> Vec<Finding> {
    vec![
        finding(
            "image.blur",
            Some(EvidenceKind::IdFront),
            Outcome::Pass,
            900,
        ),
        finding(
            "image.dark",
            Some(EvidenceKind::NotePhoto),
            Outcome::Retake,
            120,
        ),
        finding(
            "id.glare",
            Some(EvidenceKind::IdFront),
            Outcome::Unsure,
            300,
        ),
        finding(
            "face.kyc_note",
            Some(EvidenceKind::NotePhoto),
            Outcome::Pass,
            612,
        ),
        finding(
            "face.kyc_video",
            Some(EvidenceKind::Video),
            Outcome::Unsure,
            402,
        ),
        finding(
            "video.words",
            Some(EvidenceKind::Video),
            Outcome::Unavailable,
            0,
        ),
    ]
}

/// Somebody signed in to object, and another message was answered from an old mailbox.
fn contest() -> ContestFile {
    let ago = |hours| NOW - Span::hours(hours);
    let channel = |kind, hours| ChannelAge {
        kind,
        known_since: ago(hours),
    };
    ContestFile {
        stopped_at: ago(30),
        evidence_until: Some(ago(2)),
        asked: Vec::new(),
        contact_since: Some(ago(72)),
        seniors_for_applicant: 3,
        seniors: 2,
        other: OtherSide::Objector(Objector {
            by: "sign_in",
            channels: vec![channel("email", 17_520), channel("sms", 2160)],
            shown: vec![(LiveFactor::SignIn, ago(30)), (LiveFactor::Mailbox, ago(5))],
            taken_back: None,
        }),
    }
}

fn file(part: Part, answered: usize) -> Result<CaseFile, Any> {
    let answers = ["yes", "yes", "rather_same", "yes", "fits", "partly"];
    Ok(CaseFile {
        case: CASE.parse()?,
        code: "RG-7K2M-91QX".to_owned(),
        state: State::Reviewing,
        part,
        assignment: "asg_01J00000000000000000000000".parse()?,
        lease_until: NOW + Span::hours(2),
        rank: if part == Part::First {
            Rank::Reviewer
        } else {
            Rank::Senior
        },
        policy_version: 14,
        opened_at: NOW - Span::hours(80),
        submitted_at: Some(NOW - Span::hours(79)),
        due: Some(NOW + Span::hours(5)),
        phantom: false,
        locked: true,
        appeal: false,
        needs_exception: part != Part::First,
        evidence: evidence()?,
        contest: (part == Part::Contest).then(contest),
        has_portrait: true,
        video_frames: 9,
        shown: Vec::new(),
        words: Vec::new(),
        phrase: "I ask Meridian to give me back my account. 4 7 1 0 9 2".to_owned(),
        note_lines: vec![
            "Request to recover Meridian account".to_owned(),
            "21 November 2026".to_owned(),
            "RG-7K2M-91QX".to_owned(),
        ],
        record: record(),
        clues: vec![
            clue(ClueKind::Opened, ClueResult::Match, ClueReason::Same),
            clue(ClueKind::Cards, ClueResult::Near, ClueReason::Some),
            clue(ClueKind::LastCity, ClueResult::Miss, ClueReason::Different),
            clue(ClueKind::Phones, ClueResult::Unknown, ClueReason::NotGiven),
        ],
        linked_addresses: 1,
        signals: vec![
            Signal::new("ip.distance", Bearing::Lowers).measured(10, "km"),
            Signal::new("device.familiar", Bearing::Lowers).measured(14, "times"),
            Signal::unavailable("ip.network"),
        ],
        findings: findings(),
        holder_words: Vec::new(),
        opinions: answers
            .iter()
            .take(answered)
            .enumerate()
            .map(|(place, answer)| ((place + 1).to_string(), (*answer).to_owned()))
            .collect(),
        timeline: ["opened", "sent", "checked", "locked", "stopped"]
            .into_iter()
            .map(|code| Moment {
                at: NOW - Span::hours(70),
                code,
                expected: false,
            })
            .collect(),
        now: NOW,
    })
}

fn work() -> Result<WorkView, Any> {
    let case: CaseId = CASE.parse()?;
    let row = |part, hours: i64, code: &str| -> Result<WorkRow, Any> {
        Ok(WorkRow {
            case: case.clone(),
            code: code.to_owned(),
            part,
            assignment: "asg_01J00000000000000000000000".parse()?,
            lease_until: NOW + Span::minutes(90),
            due: Some(NOW + Span::hours(hours)),
            parts_done: 4,
            parts_all: 4,
            changed_at: NOW - Span::minutes(40),
        })
    };
    Ok(WorkView {
        rows: vec![
            row(Part::First, 70, "RG-4HM8-72BD")?,
            row(Part::First, -2, "RG-7K2M-91QX")?,
            row(Part::Second, 5, "RG-1QPA-44ZZ")?,
            row(Part::Contest, 20, "RG-9ZZT-03AA")?,
        ],
        waiting: 12,
        oldest_since: Some(NOW - Span::hours(28)),
        now: NOW,
    })
}

fn numbers() -> Numbers {
    let row = |month: &str, name: &str, label: &str, count| Row {
        month: month.to_owned(),
        policy: if month < "2026-10" { "1" } else { "2" }.to_owned(),
        name: name.to_owned(),
        label: label.to_owned(),
        count,
        total_ms: 3_600_000 * count,
    };
    let mut rows = Vec::new();
    for (place, month) in ["2026-08", "2026-09", "2026-10", "2026-11"]
        .iter()
        .enumerate()
    {
        let more = place as i64;
        rows.extend([
            row(month, "end", "ordinary.recovered", 120 + 31 * more),
            row(month, "end", "ordinary.rejected", 9 - 2 * more),
            row(month, "end", "ordinary.expired", 4),
            row(month, "end", "ordinary.open", 11 * more),
            row(month, "end", "restricted.rejected", 3),
            row(month, "end", "archived.rejected", 2),
            row(month, "end", "unsent.expired", 17),
            row(month, "end", "phantom.expired", 40),
            row(month, "time", "gathering.1", 80),
            row(month, "time", "gathering.4", 60),
            row(month, "time", "decision.24", 90),
            row(month, "time", "decision.120", 50),
            row(month, "time", "reviewing.24", 110),
            row(month, "time", "cooling_off.24", 60),
            row(month, "time", "cooling_off.72", 40),
            row(month, "returned", "machine", 41),
            row(month, "returned", "people", 12),
            row(month, "returned", "cases", 38),
            row(month, "asked", "id_front.id.glare", 21),
            row(month, "asked", "video.image.dark", 9),
            row(month, "asked", "note_photo.image.blur", 15),
            row(month, "looks", "agreed", 118),
            row(month, "looks", "differed", 7),
        ]);
    }
    Numbers::of(&rows)
}

/// Two actions that fail, one that just began.
fn securing() -> Result<SecuringView, Any> {
    let line = |place: u8, action: &str, step, failed| -> Result<OpenSecuring, Any> {
        let tries = if failed { 12 } else { 1 };
        Ok(OpenSecuring {
            job: format!("job_01J0000000000000000000000{place}").parse()?,
            case: CASE.parse()?,
            code: "RG-7K2M-9QX4".to_owned(),
            action: action.to_owned(),
            verb: SecuringVerb::Suspend,
            step,
            failed,
            since: NOW - Span::hours(3),
            tries,
            last_at: failed.then_some(NOW - Span::seconds(40)),
            next_at: NOW + Span::seconds(20),
        })
    };
    let said = SecuringStep::Acknowledged(NOW - Span::hours(2));
    Ok(SecuringView {
        open: vec![
            line(1, "api_keys", said, true)?,
            line(2, "whitelist", SecuringStep::Asked, true)?,
            line(3, "copy_trading", SecuringStep::Asked, false)?,
        ],
        all: 3,
        may_try: true,
        now: NOW,
    })
}

fn draw(page: &str) -> Result<String, Any> {
    let settings = settings()?;
    let ana = StaffMember {
        id: "rev_01J00000000000000000000000".parse()?,
        name: "Ana R.".to_owned(),
        rank: Rank::Reviewer,
        active: true,
    };
    let frame = ConsoleFrame::bare(&settings, Some(&ana), None);
    let step = |step: Step, answered| -> Result<String, Any> {
        Ok(StepPage::new(frame.clone(), &file(Part::First, answered)?, step).render()?)
    };
    let words = match page {
        "work" => WorkPage::new(frame, &work()?).render()?,
        "empty" => {
            let mut view = work()?;
            view.rows.clear();
            WorkPage::new(frame, &view).render()?
        }
        "numbers" => NumbersPage::new(frame, &numbers()).render()?,
        "securing" => SecuringPage::new(frame, &securing()?, None).render()?,
        "no-numbers" => NumbersPage::new(frame, &Numbers::default()).render()?,
        "real" => step(Step::Real, 0)?,
        "document" => step(Step::Document, 1)?,
        "person" => step(Step::Person, 2)?,
        "person-done" => step(Step::Person, 3)?,
        "words" => step(Step::Words, 3)?,
        "memory" => step(Step::Memory, 4)?,
        "trail" => step(Step::Trail, 5)?,
        "decide" => DecidePage::empty(frame, &file(Part::First, 5)?, 40).render()?,
        "senior" => DecidePage::empty(frame, &file(Part::Senior, 6)?, 40).render()?,
        "contest" => ContestPage::empty(frame, &file(Part::Contest, 6)?, 40).render()?,
        _ => return Err("no such page".into()),
    };
    Ok(words)
}

async fn page(Path(name): Path<String>) -> Response {
    match draw(&name) {
        Ok(html) => Html(html).into_response(),
        Err(error) => error.to_string().into_response(),
    }
}

#[tokio::main]
async fn main() -> Result<(), Any> {
    let app = Router::new()
        .route("/gallery/{page}", get(page))
        .route("/assets/{name}", get(web::assets::serve))
        .route(
            "/console/case/{case}/exhibit/{what}",
            get(|| async { ([(header::CONTENT_TYPE, "image/svg+xml")], PICTURE) }),
        );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}/gallery/work", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
