//! P5 and P10x: consent opens the case; whoever says no sees the other ways.

use askama::Template;
use axum::response::Response;
use axum::routing::get;
use engine::inputs::{GalleryAnswer, Opening, SessionKind};
use http::{HeaderMap, header};

use crate::error::Failure;
use crate::form::{Errors, Posted};
use crate::layout::Frame;
use crate::portal::ticket;
use crate::routes::{GET, Route, Who};
use crate::visit::Visit;

/// Consent and other ways.
pub(crate) const ROUTES: &[Route] = &[
    Route::page(
        "/consent",
        Who::Visitor,
        "May we compare your face and ID?",
        || get(show).post(answer),
    ),
    Route::page(
        "/another-way",
        Who::Visitor,
        "Which part needs another way?",
        || get(another_way),
    )
    .only(GET),
    Route::page(
        "/case/another-way",
        Who::Applicant,
        "Which part needs another way?",
        || get(another_way),
    )
    .only(GET),
];

/// The version of the words of `consent.html`; a changed text gets a new one.
const TEXT_VERSION: &str = "consent-2";
/// The same for the question about the gallery of faces.
const GALLERY_TEXT_VERSION: &str = "gallery-1";
/// The language of the pages.
const LANGUAGE: &str = "en";
/// Requests that may be opened from one address at once, and per hour after that. Generous:
/// whole countries share an address, and an opened request alone does nothing.
const OPEN_AT_ONCE: u32 = 30;
const OPEN_PER_HOUR: u32 = 120;

#[derive(Template)]
#[template(path = "portal/consent.html")]
struct ConsentPage<'a> {
    frame: Frame,
    errors: &'a Errors,
    days: i64,
    /// How long the mark of a stopped request is kept.
    mark_days: i64,
    /// Whether the question about the gallery is asked.
    gallery: bool,
    /// Its box is ticked; never on its own.
    keep_face: bool,
}

fn page(visit: &Visit, errors: &Errors, keep_face: bool) -> Result<Response, Failure> {
    let policy = visit.engine().policy();
    let page = ConsentPage {
        frame: visit
            .own_frame()
            .back("/prepare")
            .failing(!errors.is_empty()),
        errors,
        days: policy.retention.days_after_end,
        mark_days: policy.marks_kept().as_days(),
        gallery: policy.gallery.on,
        keep_face,
    };
    visit.form(errors, &page)
}

/// The page that must come first, if one was left out (M2, M3).
fn left_out(visit: &Visit) -> Option<&'static str> {
    let kept = visit.kept();
    match (kept.site_seen, kept.triage_done) {
        (false, _) => Some("/check-site"),
        (true, false) => Some("/ways-in"),
        (true, true) => None,
    }
}

async fn show(visit: Visit) -> Result<Response, Failure> {
    match left_out(&visit) {
        Some(first) => Ok(visit.go(first)),
        None => page(&visit, &Errors::none(), false),
    }
}

async fn answer(mut visit: Visit, headers: HeaderMap, form: Posted) -> Result<Response, Failure> {
    if let Some(again) = visit.served(&form) {
        return Ok(again);
    }
    if let Some(first) = left_out(&visit) {
        return Ok(visit.go(first));
    }
    match form.choice("agree", &["yes", "no"]) {
        Some("yes") => open(&mut visit, &headers, &form).await,
        Some(_) => Ok(visit.go("/another-way")),
        None => page(
            &visit,
            &Errors::one(
                "agree",
                "missing",
                "Choose whether we may compare your face and ID",
            ),
            keeps_face(&form),
        ),
    }
}

fn keeps_face(form: &Posted) -> bool {
    form.has("keep_face", "yes")
}

async fn open(visit: &mut Visit, headers: &HeaderMap, form: &Posted) -> Result<Response, Failure> {
    visit.slow_down("open", OPEN_AT_ONCE, OPEN_PER_HOUR).await?;
    let kept = visit.kept();
    let secure = visit.app.settings().secure_cookies();
    let asked = visit.engine().policy().gallery.on;
    let gallery = asked.then(|| GalleryAnswer {
        agreed: keeps_face(form),
        text_version: GALLERY_TEXT_VERSION.to_owned(),
    });
    let case = visit
        .engine()
        .open_case(Opening {
            entry: kept.entry.clone(),
            ticket: ticket::read(headers, secure),
            language: LANGUAGE.to_owned(),
            consent_text_version: TEXT_VERSION.to_owned(),
            gallery,
            origin: visit.origin(),
        })
        .await?;
    visit
        .start(SessionKind::Applicant, "", Some(&case), kept)
        .await?;
    let mut response = visit.done(form, "/account").await?;
    if let Some(cookie) = ticket::forget(secure) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

#[derive(Template)]
#[template(path = "portal/another_way.html")]
struct AnotherWayPage {
    frame: Frame,
}

async fn another_way(visit: Visit) -> Result<Response, Failure> {
    let back = if visit.route.who == Who::Applicant {
        "/case"
    } else {
        "/prepare"
    };
    visit.page(&AnotherWayPage {
        frame: visit.own_frame().back(back),
    })
}
