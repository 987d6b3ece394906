//! P16: pictures of earlier deposits and withdrawals, if at hand.

use askama::Template;
use axum::response::Response;
use axum::routing::get;
use engine::views::ApplicantView;
use recovery::evidence::{Capture, EvidenceKind};

use crate::error::Failure;
use crate::form::Errors;
use crate::layout::Frame;
use crate::portal::upload_form::Files;
use crate::portal::{capture, tasks};
use crate::routes::{FORM_BYTES, Route, Who};
use crate::visit::Visit;

/// Most screenshots of a request, and most bytes of one (UX.md P16).
const SCREENSHOTS_MAX: usize = 6;
const SCREENSHOT_BYTES: usize = 10 * 1024 * 1024;
/// What the file picker offers: photos as everywhere, and the PDF that banks hand out.
const ACCEPT: &str = "image/jpeg,image/png,image/webp,application/pdf";

/// Screenshots.
pub(crate) const ROUTES: &[Route] = &[Route::page(
    "/case/screenshots",
    Who::Applicant,
    "Do you have screenshots of deposits or withdrawals?",
    || get(show).post(add),
)
.up_to(SCREENSHOTS_MAX * SCREENSHOT_BYTES + FORM_BYTES)];

#[derive(Template)]
#[template(path = "portal/screenshots.html")]
struct ScreenshotsPage<'a> {
    frame: Frame,
    errors: &'a Errors,
    pictures: Vec<String>,
    most: usize,
    accept: &'static str,
}

fn pictures(view: &ApplicantView) -> Vec<String> {
    view.tasks
        .iter()
        .filter(|task| task.kind == EvidenceKind::Screenshot)
        .flat_map(|task| &task.items)
        .map(|item| format!("/case/picture/{}", item.id))
        .collect()
}

async fn page(visit: &Visit, errors: &Errors) -> Result<Response, Failure> {
    let view = match tasks::proving(visit).await? {
        Ok(view) => view,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let page = ScreenshotsPage {
        frame: visit.own_frame().back("/case").failing(!errors.is_empty()),
        errors,
        pictures: pictures(&view),
        most: SCREENSHOTS_MAX,
        accept: ACCEPT,
    };
    visit.form(errors, &page)
}

async fn show(visit: Visit) -> Result<Response, Failure> {
    page(&visit, &Errors::none()).await
}

async fn add(mut visit: Visit, files: Files) -> Result<Response, Failure> {
    if let Some(again) = visit.served(&files.form) {
        return Ok(again);
    }
    let view = match tasks::proving(&visit).await? {
        Ok(view) => view,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let mut errors = files.errors;
    if errors.is_empty() && files.files.is_empty() {
        errors.add("file", "missing", "Choose a picture or a PDF");
    }
    if pictures(&view).len() + files.files.len() > SCREENSHOTS_MAX {
        errors.add("file", "too_many", "You can add 6 files");
    }
    if !errors.is_empty() {
        return page(&visit, &errors).await;
    }
    let case = visit.case()?.clone();
    for file in files.files {
        if file.bytes.len() > SCREENSHOT_BYTES {
            errors.add(
                "file",
                "media.too_large",
                format!("{} is larger than 10 MB", file.name),
            );
            continue;
        }
        let kind = EvidenceKind::Screenshot;
        let declared = file.declared.as_deref();
        let engine = visit.engine();
        let put = engine.put_evidence(&case, kind, Capture::NotLive, declared, file.bytes);
        let sent = Box::pin(put).await;
        if let Err(wrong) = capture::beside_the_file(&visit, sent)? {
            for error in wrong.list() {
                let sentence = format!("{}: {}", file.name, error.sentence);
                errors.add("file", error.code, sentence);
            }
        }
    }
    if !errors.is_empty() {
        return page(&visit, &errors).await;
    }
    visit.done(&files.form, "/case/screenshots").await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pdf_can_be_chosen_and_the_page_says_so() {
        let errors = Errors::none();
        let page = ScreenshotsPage {
            frame: Frame::sample(),
            errors: &errors,
            pictures: Vec::new(),
            most: SCREENSHOTS_MAX,
            accept: ACCEPT,
        };
        let html = page.render().unwrap();
        assert!(html.contains(r#"accept="image/jpeg,image/png,image/webp,application/pdf""#));
        assert!(html.contains("JPEG, PNG, WebP or PDF"));
    }
}
