//! P12: which kind of ID is shown. It is asked before the photo, because a passport has no back.

use askama::Template;
use axum::response::Response;
use axum::routing::get;
use engine::views::{ApplicantView, TaskStatus};
use recovery::document::DocumentKind;
use recovery::evidence::EvidenceKind;

use crate::error::Failure;
use crate::form::{Errors, Posted};
use crate::layout::Frame;
use crate::portal::parts::ID_FRONT;
use crate::portal::tasks;
use crate::routes::{Route, Who};
use crate::visit::Visit;

/// Where it is asked.
pub(crate) const PATH: &str = "/case/document";

/// The kind of ID.
pub(crate) const ROUTES: &[Route] = &[Route::page(
    PATH,
    Who::Camera,
    "Which ID will you show?",
    || get(show).post(choose),
)];

#[derive(Template)]
#[template(path = "portal/document.html")]
struct DocumentPage<'a> {
    frame: Frame,
    errors: &'a Errors,
    choices: [(&'static str, &'static str); 4],
    chosen: &'static str,
    phone: bool,
}

/// The name of a kind of document on its page.
pub(crate) const fn document_words(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::NationalId => "ID card",
        DocumentKind::Passport => "Passport",
        DocumentKind::ResidencePermit => "Residence permit",
        DocumentKind::DrivingLicence => "Driving licence",
        DocumentKind::Other => "Another document",
    }
}

/// Whether the kind of document can still be changed: the rules' own condition.
pub(crate) fn may_change(view: &ApplicantView) -> bool {
    let front = view.task(EvidenceKind::IdFront);
    !view.returned || front.is_some_and(|task| task.status == TaskStatus::TakeAgain)
}

fn render(visit: &Visit, view: &ApplicantView, errors: &Errors) -> Result<Response, Failure> {
    let page = DocumentPage {
        frame: visit.own_frame().back("/case").failing(!errors.is_empty()),
        errors,
        choices: DocumentKind::CHOICES.map(|kind| (kind.name(), document_words(kind))),
        chosen: view.document.map_or("", DocumentKind::name),
        phone: visit.is_phone(),
    };
    visit.form(errors, &page)
}

async fn show(visit: Visit) -> Result<Response, Failure> {
    match tasks::gathering(&visit).await? {
        Ok(view) => render(&visit, &view, &Errors::none()),
        Err(elsewhere) => Ok(elsewhere),
    }
}

async fn choose(mut visit: Visit, form: Posted) -> Result<Response, Failure> {
    if let Some(again) = visit.served(&form) {
        return Ok(again);
    }
    let view = match tasks::gathering(&visit).await? {
        Ok(view) => view,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let Some(document) = DocumentKind::chosen(&form.line("document")) else {
        let errors = Errors::one("document", "missing", "Choose the kind of ID you hold");
        return render(&visit, &view, &errors);
    };
    let case = visit.case()?.clone();
    visit.engine().choose_document(&case, document).await?;
    let again = view
        .task(EvidenceKind::IdFront)
        .and_then(|task| task.reason);
    let to = again.map_or(ID_FRONT.path, |_| ID_FRONT.fix);
    visit.done(&form, to).await
}
