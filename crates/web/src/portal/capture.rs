//! P12 to P15 and P21: one page per photo or video. With scripts the page has its own camera;
//! without them it is a form with a file.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use axum::routing::get;
use engine::views::{ApplicantView, TaskStatus};
use recovery::document::DocumentKind;
use recovery::evidence::{Capture, EvidenceKind, note_lines};

use crate::error::Failure;
use crate::form::Errors;
use crate::headers::Powers;
use crate::layout::Frame;
use crate::portal::camera_words::{self, Browser, Say, Trouble};
use crate::portal::document::{self, document_words, may_change};
use crate::portal::parts::{FACE, ID_BACK, ID_FRONT, NOTE, Part, VIDEO, name, part};
use crate::portal::taken::{self, Shot, Told, filled, remember};
use crate::portal::tasks;
use crate::portal::upload_form::Files;
use crate::routes::{GET, Route, Who};
use crate::visit::Visit;
use crate::when;

/// Photos and the video.
pub(crate) const ROUTES: &[Route] = &[
    page_of(ID_FRONT, || {
        get(|visit, asked| show(visit, asked, &ID_FRONT))
            .post(|visit, files| take(visit, files, &ID_FRONT))
    }),
    page_of(ID_BACK, || {
        get(|visit, asked| show(visit, asked, &ID_BACK))
            .post(|visit, files| take(visit, files, &ID_BACK))
    }),
    page_of(NOTE, || {
        get(|visit, asked| show(visit, asked, &NOTE)).post(|visit, files| take(visit, files, &NOTE))
    }),
    page_of(VIDEO, || {
        get(|visit, asked| show(visit, asked, &VIDEO))
            .post(|visit, files| take(visit, files, &VIDEO))
    }),
    Route::page("/case/taken/{item}", Who::Camera, "Check it", || {
        get(taken::show)
    })
    .only(GET),
    Route::page("/case/fix/{item}", Who::Camera, "Take it again", || {
        get(fix)
    })
    .only(GET)
    .with(Powers::Camera),
    Route::page(
        "/case/picture/{evidence}",
        Who::Camera,
        "A picture you sent",
        || get(taken::picture),
    )
    .only(GET)
    .with(Powers::Exhibit),
];

const fn page_of(
    part: Part,
    serve: fn() -> axum::routing::MethodRouter<crate::visit::App>,
) -> Route {
    Route::page(part.path, Who::Camera, part.title, serve)
        .up_to(part.bytes)
        .with(Powers::Camera)
}

/// What a link or a script may ask of a capture page.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Asked {
    /// How often the camera failed: from the third time on the file comes first (UX.md B3).
    tries: Option<String>,
}

/// Camera failures after which a file is offered first.
const TRIES_MAX: u8 = 9;

#[derive(Template)]
#[template(path = "portal/capture.html")]
struct CapturePage<'a> {
    frame: Frame,
    errors: &'a Errors,
    reason: Option<Told>,
    earlier: Option<Shot>,
    tries_left: u32,
    kind: &'a str,
    film: bool,
    body: String,
    document: &'a str,
    may_change: bool,
    lines: Vec<String>,
    say: String,
    rules: &'a [&'a str],
    action: &'a str,
    here: &'a str,
    label: &'a str,
    limit: &'a str,
    accept: &'a str,
    camera: &'a str,
    aspect: &'a str,
    tries: u8,
    /// A phone of the hand-off: what leads out of the capture pages is not for it.
    phone: bool,
    /// Nothing but this camera will do: no file, no other device.
    alone: bool,
    says: Vec<Say>,
    troubles: [Trouble; 6],
    steps: [&'static str; 3],
}

fn render(
    visit: &Visit,
    view: &ApplicantView,
    (part, again): (&Part, bool),
    asked: &Asked,
    errors: &Errors,
) -> Result<Response, Failure> {
    let page = page(visit, view, (part, again), asked, errors);
    visit.form(errors, &page)
}

/// The page of a face that is shown afresh: nothing but this camera will do.
pub(crate) fn afresh(
    visit: &Visit,
    view: &ApplicantView,
    asked: &Asked,
    (reason, tries_left): (Option<Told>, u32),
) -> Result<Response, Failure> {
    let errors = Errors::none();
    let page = CapturePage {
        frame: visit.own_frame().back("/handover").with_camera(),
        reason,
        tries_left,
        say: String::new(),
        troubles: camera_words::troubles_alone(
            Browser::of(&visit.client.user_agent),
            &visit.app.settings().host(),
        ),
        alone: true,
        ..page(visit, view, (&FACE, false), asked, &errors)
    };
    visit.form(&errors, &page)
}

fn page<'a>(
    visit: &Visit,
    view: &ApplicantView,
    (part, again): (&Part, bool),
    asked: &Asked,
    errors: &'a Errors,
) -> CapturePage<'a> {
    let platform = &visit.app.settings().platform;
    let task = view.task(part.kind);
    let title = if again {
        format!("Take {} again", lower(name(part.kind)))
    } else {
        part.title.to_owned()
    };
    let day = when::day(view.now, &visit.zone());
    let is = |kind| part.kind == kind;
    let film = is(EvidenceKind::Video);
    let shows_id = is(EvidenceKind::IdFront) || is(EvidenceKind::IdBack);
    let document = view.document.filter(|_| shows_id);
    let browser = Browser::of(&visit.client.user_agent);
    let tries = asked.tries.as_deref().and_then(|tries| tries.parse().ok());
    CapturePage {
        frame: visit
            .frame(title)
            .back("/case")
            .failing(!errors.is_empty())
            .with_camera(),
        errors,
        reason: task
            .and_then(|task| task.reason)
            .map(|reason| filled(visit, view, reason)),
        earlier: task.and_then(Shot::returned),
        tries_left: task.map_or(0, |task| task.tries_left),
        kind: part.kind.name(),
        film,
        body: part.body.replace("{platform}", platform),
        document: document.map_or("", document_words),
        may_change: is(EvidenceKind::IdFront) && may_change(view),
        lines: if is(EvidenceKind::NotePhoto) {
            note_lines(platform, &day, &view.code).to_vec()
        } else {
            Vec::new()
        },
        say: if film {
            view.phrase.clone()
        } else {
            String::new()
        },
        rules: part.rules,
        action: part.path,
        here: if again { part.fix } else { part.path },
        label: part.label,
        limit: part.limit,
        accept: part.accept,
        camera: part.camera,
        aspect: if document == Some(DocumentKind::Passport) {
            PASSPORT_ASPECT
        } else {
            CARD_ASPECT
        },
        tries: tries.unwrap_or(0).min(TRIES_MAX),
        phone: visit.is_phone(),
        alone: false,
        says: camera_words::say(),
        troubles: camera_words::troubles(browser, film, &visit.app.settings().host()),
        steps: browser.steps(),
    }
}

/// Width by height of an ID-1 card: 85.60 mm by 53.98 mm (ISO/IEC 7810).
const CARD_ASPECT: &str = "1.586";
/// Width by height of a passport's data page: 125 mm by 88 mm (ISO/IEC 7810, ID-3).
const PASSPORT_ASPECT: &str = "1.42";

/// "Front of your ID" inside a sentence: "the front of your ID".
fn lower(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| {
        format!("the {}{}", first.to_lowercase(), letters.as_str())
    })
}

async fn show(
    visit: Visit,
    Query(asked): Query<Asked>,
    part: &'static Part,
) -> Result<Response, Failure> {
    let view = match tasks::gathering(&visit).await? {
        Ok(view) => view,
        Err(elsewhere) => return Ok(elsewhere),
    };
    if not_needed(&view, part) {
        return Ok(visit.go("/case"));
    }
    if part.kind == EvidenceKind::IdFront && view.document.is_none() && may_change(&view) {
        return Ok(visit.go(document::PATH));
    }
    render(&visit, &view, (part, false), &asked, &Errors::none())
}

fn not_needed(view: &ApplicantView, part: &Part) -> bool {
    let task = view.task(part.kind);
    task.is_some_and(|task| task.status == TaskStatus::NotNeeded)
}

async fn fix(
    visit: Visit,
    Path(item): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let part = EvidenceKind::named(&item)
        .and_then(part)
        .ok_or(Failure::NotFound)?;
    match tasks::gathering(&visit).await? {
        Ok(view) if not_needed(&view, part) => Ok(visit.go("/case")),
        Ok(view) => render(&visit, &view, (part, true), &asked, &Errors::none()),
        Err(elsewhere) => Ok(elsewhere),
    }
}

async fn take(mut visit: Visit, files: Files, part: &'static Part) -> Result<Response, Failure> {
    if let Some(again) = visit.served(&files.form) {
        return Ok(again);
    }
    let case = visit.case()?.clone();
    let result = match (files.errors.is_empty(), files.files.into_iter().next()) {
        (false, _) => Err(files.errors),
        (true, None) => Err(Errors::one("file", "missing", missing(part.kind))),
        (true, Some(file)) => {
            let declared = file.declared.as_deref();
            let put = visit.engine().put_evidence(
                &case,
                part.kind,
                Capture::NotLive,
                declared,
                file.bytes,
            );
            let sent = Box::pin(put).await;
            beside_the_file(&visit, sent)?
        }
    };
    match result {
        Ok(received) => {
            visit
                .keep(|kept| remember(kept, part.kind, &received))
                .await?;
            let to = format!("/case/taken/{}", part.kind.name());
            visit.done(&files.form, &to).await
        }
        Err(errors) => match tasks::gathering(&visit).await? {
            Ok(view) => render(&visit, &view, (part, false), &Asked::default(), &errors),
            Err(elsewhere) => Ok(elsewhere),
        },
    }
}

const fn missing(kind: EvidenceKind) -> &'static str {
    match kind {
        EvidenceKind::Video => "Choose a video",
        _ => "Choose a picture",
    }
}

/// What is wrong with a file stands beside its field; scripts get the precise status instead.
pub(crate) fn beside_the_file<T>(
    visit: &Visit,
    sent: engine::Result<T>,
) -> Result<Result<T, Errors>, Failure> {
    let failure = match sent {
        Ok(value) => return Ok(Ok(value)),
        Err(error) => Failure::from(error),
    };
    if visit.client.wants_json {
        return Err(failure);
    }
    match failure {
        Failure::Media { code, sentence } => Ok(Err(Errors::one("file", code, sentence))),
        Failure::Field(error) => Ok(Err(Errors::one("file", error.code, error.sentence))),
        Failure::Refused {
            code: "same_evidence",
            ..
        } => Ok(Err(Errors::one(
            "file",
            "image.again",
            "This is the same picture as before. Take a new one",
        ))),
        other => Err(other),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_inside_sentences() {
        assert_eq!(lower("Front of your ID"), "the front of your ID");
    }
}
