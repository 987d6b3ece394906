//! What the quick check says of a photo or video that was just sent (UX.md part (c) of P12 to P15).

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use engine::views::{ApplicantView, Received, Task};
use http::{HeaderMap, header};
use recovery::evidence::{Capture, EvidenceKind};
use recovery::finding::{Audience, Outcome, Region};
use recovery::id::EvidenceId;
use recovery::reason::{Reason, reason};
use serde::{Deserialize, Serialize};

use crate::client::text;
use crate::console::exhibit;
use crate::error::Failure;
use crate::layout::Frame;
use crate::portal::parts::part;
use crate::session::Kept;
use crate::visit::Visit;
use crate::when;

/// A reason with the values of this case in its advice.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) headline: String,
    pub(crate) advice: String,
}

/// Fills in the platform, the case and the dates.
pub(crate) fn filled(visit: &Visit, view: &ApplicantView, reason: &Reason) -> Told {
    let zone = visit.zone();
    let fill = |text: &str| {
        text.replace("{platform}", &visit.app.settings().platform)
            .replace("{case}", &view.code)
            .replace("{date}", &when::day(view.now, &zone))
            .replace(
                "{when}",
                &when::moment(view.due.unwrap_or(view.finish_until), &zone),
            )
    };
    Told {
        headline: fill(reason.headline),
        advice: fill(reason.advice),
    }
}

/// A place in a picture that is outlined and named.
#[derive(Debug)]
pub(crate) struct Mark {
    pub(crate) region: Region,
    pub(crate) place: &'static str,
    pub(crate) headline: &'static str,
}

impl Mark {
    fn new(region: Region, reason: &Reason) -> Self {
        Self {
            place: place(region),
            region,
            headline: reason.headline,
        }
    }
}

/// Thousandths of a picture that count as its first and its last third.
const THIRD: u16 = Region::WHOLE / 3;
/// From this share of the picture's width and height on, the whole of it is meant.
const MOST: u16 = 900;

/// Where in the picture a region is, in words.
const fn place(region: Region) -> &'static str {
    if region.width >= MOST && region.height >= MOST {
        return "is the whole picture";
    }
    let (x, y) = (region.x + region.width / 2, region.y + region.height / 2);
    let column = if x < THIRD {
        0
    } else if x <= 2 * THIRD {
        1
    } else {
        2
    };
    match (y < THIRD, y <= 2 * THIRD, column) {
        (true, _, 0) => "at the upper left",
        (true, _, 1) => "at the top",
        (true, _, _) => "at the upper right",
        (_, true, 0) => "at the left",
        (_, true, 1) => "in the middle",
        (_, true, _) => "at the right",
        (_, _, 0) => "at the lower left",
        (_, _, 1) => "at the bottom",
        _ => "at the lower right",
    }
}

/// A picture that was sent, with what is wrong outlined.
#[derive(Debug)]
pub(crate) struct Shot {
    pub(crate) picture: String,
    pub(crate) marks: Vec<Mark>,
}

impl Shot {
    /// The picture for which a task came back.
    pub(crate) fn returned(task: &Task) -> Option<Self> {
        let reason = task.reason?;
        let item = task
            .items
            .last()
            .filter(|_| task.kind != EvidenceKind::Video)?;
        let marks = task.regions.iter();
        Some(Self {
            picture: address(item.id.as_str()),
            marks: marks.map(|region| Mark::new(*region, reason)).collect(),
        })
    }
}

fn address(evidence: &str) -> String {
    format!("/case/picture/{evidence}")
}

/// What is kept of the quick check for the page after the redirect: codes and places only.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Note {
    evidence: String,
    retake: Vec<(String, Option<Region>)>,
    unavailable: bool,
    live: bool,
}

/// Keeps what the quick check said for the page after the redirect.
pub(crate) fn remember(kept: &mut Kept, kind: EvidenceKind, received: &Received) {
    let retake = received.findings.iter().filter(|finding| {
        finding.audience == Audience::Applicant && finding.outcome == Outcome::Retake
    });
    let note = Note {
        evidence: received.evidence.as_str().to_owned(),
        retake: retake
            .map(|finding| (finding.code.clone(), finding.region))
            .collect(),
        unavailable: received.unchecked,
        live: received.capture == Capture::Live,
    };
    if let Ok(note) = serde_json::to_value(note) {
        kept.extra.insert(format!("taken_{}", kind.name()), note);
    }
}

#[derive(Template)]
#[template(path = "portal/taken.html")]
struct TakenPage {
    frame: Frame,
    shot: Shot,
    film: String,
    reasons: Vec<Told>,
    unchecked: bool,
    live: bool,
    again: &'static str,
}

/// `GET /case/taken/{item}`.
pub(crate) async fn show(visit: Visit, Path(item): Path<String>) -> Result<Response, Failure> {
    let part = EvidenceKind::named(&item)
        .and_then(part)
        .ok_or(Failure::NotFound)?;
    let kept = visit.kept();
    let Some(note) = kept.extra.get(&format!("taken_{item}")) else {
        return Ok(visit.go(part.path));
    };
    // A note of an older release says nothing; the picture and the way on are there all the same.
    let note: Note = serde_json::from_value(note.clone()).unwrap_or_default();
    let view = visit.engine().applicant_view(visit.case()?).await?;
    let wrong: Vec<_> = note
        .retake
        .iter()
        .filter_map(|(code, region)| Some((reason(code)?, *region)))
        .collect();
    let marks = wrong
        .iter()
        .filter_map(|(reason, region)| Some(Mark::new((*region)?, reason)));
    let address = if note.evidence.is_empty() {
        String::new()
    } else {
        address(&note.evidence)
    };
    let film = part.kind == EvidenceKind::Video;
    let (picture, film) = if film {
        (String::new(), address)
    } else {
        (address, String::new())
    };
    let page = TakenPage {
        frame: visit.own_frame().back(part.path),
        shot: Shot {
            picture,
            marks: marks.collect(),
        },
        film,
        reasons: wrong
            .iter()
            .map(|(reason, _)| filled(&visit, &view, reason))
            .collect(),
        unchecked: note.unavailable,
        live: note.live,
        again: part.path,
    };
    visit.page(&page)
}

/// `GET /case/picture/{evidence}`: a photo without its metadata, or the video.
pub(crate) async fn picture(
    visit: Visit,
    Path(evidence): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let id: EvidenceId = evidence.parse().map_err(|_| Failure::NotFound)?;
    let shown = visit.engine().applicant_picture(visit.case()?, &id).await?;
    Ok(exhibit::answer(shown, text(&headers, header::RANGE)))
}

#[cfg(test)]
mod tests {
    use recovery::finding::Finding;

    use super::*;

    fn received(findings: Vec<Finding>, unchecked: bool) -> Received {
        Received {
            evidence: "ev_00000000000000000000000000".parse().unwrap(),
            findings,
            unchecked,
            capture: Capture::Live,
        }
    }

    fn noted(received: &Received) -> Note {
        let mut kept = Kept::default();
        remember(&mut kept, EvidenceKind::Video, received);
        serde_json::from_value(kept.extra.remove("taken_video").unwrap()).unwrap()
    }

    /// The page of a video without anything to take again.
    fn page(unchecked: bool) -> String {
        let page = TakenPage {
            frame: Frame::sample(),
            shot: Shot {
                picture: String::new(),
                marks: Vec::new(),
            },
            film: "/case/picture/x".to_owned(),
            reasons: Vec::new(),
            unchecked,
            live: true,
            again: "/case/video",
        };
        page.render().unwrap()
    }

    #[test]
    fn what_nothing_looked_at_is_not_called_good() {
        assert!(noted(&received(Vec::new(), true)).unavailable);
        let unchecked = page(true);
        assert!(unchecked.contains("We could not check it just now"));
        assert!(unchecked.contains("You can use it; a person or a later check will look."));
        assert!(!unchecked.contains("arrived whole"));
        assert!(!noted(&received(Vec::new(), false)).unavailable);
        assert!(page(false).contains("Your video arrived whole"));
    }

    #[test]
    fn only_what_the_applicant_can_mend_is_kept_for_the_page() {
        let findings = vec![
            Finding::applicant("video.short", Outcome::Retake, "e"),
            Finding::applicant("video.quiet", Outcome::Pass, "e"),
            Finding::reviewer("video.cut", Outcome::Retake, "e"),
            Finding::unavailable("video.live", "e"),
        ];
        let note = noted(&received(findings, false));
        assert_eq!(note.retake, [("video.short".to_owned(), None)]);
        assert!(!note.unavailable);
    }

    #[test]
    fn a_region_is_named_by_where_its_middle_is() {
        let at = |x, y, width, height| {
            place(Region {
                x,
                y,
                width,
                height,
            })
        };
        assert_eq!(at(0, 0, 100, 100), "at the upper left");
        assert_eq!(at(800, 800, 100, 100), "at the lower right");
        assert_eq!(at(400, 400, 200, 200), "in the middle");
        assert_eq!(at(0, 450, 1000, 100), "in the middle");
        assert_eq!(at(0, 0, 1000, 50), "at the top");
        assert_eq!(at(0, 0, 1000, 1000), "is the whole picture");
    }
}
