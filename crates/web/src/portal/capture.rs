//! P12 to P15 and P21: one page per photo or video, and what the quick check says of it.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use engine::views::{ApplicantView, Received};
use http::header;
use recovery::evidence::{Capture, EvidenceKind, note_lines};
use recovery::finding::{Audience, Outcome};
use recovery::id::EvidenceId;
use recovery::reason::{Reason, reason};

use crate::error::Failure;
use crate::form::Errors;
use crate::headers::Powers;
use crate::layout::Frame;
use crate::portal::parts::{ID_BACK, ID_FRONT, NOTE, Part, VIDEO, name, part};
use crate::portal::tasks;
use crate::portal::upload_form::Files;
use crate::routes::{GET, Route, Who};
use crate::session::Kept;
use crate::visit::Visit;
use crate::when;

/// Photos and the video.
pub(crate) const ROUTES: &[Route] = &[
    page_of(ID_FRONT, || {
        get(|visit| show(visit, &ID_FRONT)).post(|visit, files| take(visit, files, &ID_FRONT))
    }),
    page_of(ID_BACK, || {
        get(|visit| show(visit, &ID_BACK)).post(|visit, files| take(visit, files, &ID_BACK))
    }),
    page_of(NOTE, || {
        get(|visit| show(visit, &NOTE)).post(|visit, files| take(visit, files, &NOTE))
    }),
    page_of(VIDEO, || {
        get(|visit| show(visit, &VIDEO)).post(|visit, files| take(visit, files, &VIDEO))
    }),
    Route::page("/case/taken/{item}", Who::Applicant, "Check it", || {
        get(taken)
    })
    .only(GET),
    Route::page("/case/fix/{item}", Who::Applicant, "Take it again", || {
        get(fix)
    })
    .only(GET)
    .with(Powers::Camera),
    Route::page(
        "/case/picture/{evidence}",
        Who::Applicant,
        "A picture you sent",
        || get(picture),
    )
    .only(GET)
    .with(Powers::Exhibit),
];

const fn page_of(
    part: Part,
    serve: fn() -> axum::routing::MethodRouter<crate::visit::App>,
) -> Route {
    Route::page(part.path, Who::Applicant, part.title, serve)
        .up_to(part.bytes)
        .with(Powers::Camera)
}

#[derive(Template)]
#[template(path = "portal/capture.html")]
struct CapturePage<'a> {
    frame: Frame,
    errors: &'a Errors,
    reason: Option<(String, String)>,
    tries: u32,
    body: String,
    lines: Vec<String>,
    say: String,
    rules: &'a [&'a str],
    action: &'a str,
    label: &'a str,
    limit: &'a str,
    accept: &'a str,
    camera: &'a str,
}

/// A reason with the values of this case in its advice.
fn filled(visit: &Visit, view: &ApplicantView, reason: &Reason) -> (String, String) {
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
    (fill(reason.headline), fill(reason.advice))
}

fn render(
    visit: &Visit,
    view: &ApplicantView,
    part: &Part,
    again: bool,
    errors: &Errors,
) -> Result<Response, Failure> {
    let platform = &visit.app.settings().platform;
    let task = view.tasks.iter().find(|task| task.kind == part.kind);
    let title = if again {
        format!("Take {} again", lower(name(part.kind)))
    } else {
        part.title.to_owned()
    };
    let day = when::day(view.now, &visit.zone());
    let is = |kind| part.kind == kind;
    let page = CapturePage {
        frame: visit.frame(title).back("/case").failing(!errors.is_empty()),
        errors,
        reason: task
            .and_then(|task| task.reason)
            .map(|reason| filled(visit, view, reason)),
        tries: task.map_or(0, |task| task.tries_left),
        body: part.body.replace("{platform}", platform),
        lines: if is(EvidenceKind::NotePhoto) {
            note_lines(platform, &day, &view.code).to_vec()
        } else {
            Vec::new()
        },
        say: if is(EvidenceKind::Video) {
            view.phrase.clone()
        } else {
            String::new()
        },
        rules: part.rules,
        action: part.path,
        label: part.label,
        limit: part.limit,
        accept: part.accept,
        camera: part.camera,
    };
    visit.form(errors, &page)
}

/// "Front of your ID" inside a sentence: "the front of your ID".
fn lower(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| {
        format!("the {}{}", first.to_lowercase(), letters.as_str())
    })
}

async fn show(visit: Visit, part: &'static Part) -> Result<Response, Failure> {
    match tasks::gathering(&visit).await? {
        Ok(view) => render(&visit, &view, part, false, &Errors::none()),
        Err(elsewhere) => Ok(elsewhere),
    }
}

async fn fix(visit: Visit, Path(item): Path<String>) -> Result<Response, Failure> {
    let part = EvidenceKind::named(&item)
        .and_then(part)
        .ok_or(Failure::NotFound)?;
    match tasks::gathering(&visit).await? {
        Ok(view) => render(&visit, &view, part, true, &Errors::none()),
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
            let sent = visit
                .engine()
                .put_evidence(&case, part.kind, Capture::NotLive, declared, file.bytes)
                .await;
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
            Ok(view) => render(&visit, &view, part, false, &errors),
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

/// Keeps what the quick check said for the page after the redirect: codes only.
pub(crate) fn remember(kept: &mut Kept, kind: EvidenceKind, received: &Received) {
    let told = |outcome| {
        received
            .findings
            .iter()
            .filter(move |finding| {
                finding.audience == Audience::Applicant && finding.outcome == outcome
            })
            .map(|finding| finding.code.clone())
            .collect::<Vec<_>>()
    };
    let note = serde_json::json!({
        "evidence": received.evidence.as_str(),
        "retake": told(Outcome::Retake),
        "unavailable": !told(Outcome::Unavailable).is_empty(),
    });
    kept.extra.insert(format!("taken_{}", kind.name()), note);
}

#[derive(Template)]
#[template(path = "portal/taken.html")]
struct TakenPage {
    frame: Frame,
    picture: String,
    reasons: Vec<(String, String)>,
    unchecked: bool,
    again: &'static str,
}

async fn taken(visit: Visit, Path(item): Path<String>) -> Result<Response, Failure> {
    let part = EvidenceKind::named(&item)
        .and_then(part)
        .ok_or(Failure::NotFound)?;
    let kept = visit.kept();
    let Some(note) = kept.extra.get(&format!("taken_{item}")) else {
        return Ok(visit.go(part.path));
    };
    let view = visit.engine().applicant_view(visit.case()?).await?;
    let codes = note.get("retake").and_then(|codes| codes.as_array());
    let reasons = codes
        .into_iter()
        .flatten()
        .filter_map(|code| code.as_str().and_then(reason))
        .map(|reason| filled(&visit, &view, reason))
        .collect();
    let evidence = note.get("evidence").and_then(|id| id.as_str());
    let page = TakenPage {
        frame: visit.own_frame().back(part.path),
        picture: match (part.kind, evidence) {
            (EvidenceKind::Video, _) | (_, None) => String::new(),
            (_, Some(id)) => format!("/case/picture/{id}"),
        },
        reasons,
        unchecked: note.get("unavailable").and_then(serde_json::Value::as_bool) == Some(true),
        again: part.path,
    };
    visit.page(&page)
}

async fn picture(visit: Visit, Path(evidence): Path<String>) -> Result<Response, Failure> {
    let id: EvidenceId = evidence.parse().map_err(|_| Failure::NotFound)?;
    let shown = visit.engine().applicant_picture(visit.case()?, &id).await?;
    Ok(([(header::CONTENT_TYPE, shown.media_type)], shown.bytes).into_response())
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
