//! P9: the key to the request, shown once.

use askama::Template;
use axum::response::Response;
use axum::routing::get;

use crate::error::Failure;
use crate::form::{Errors, Posted};
use crate::layout::Frame;
use crate::portal::qr;
use crate::routes::{Route, Who};
use crate::session::Kept;
use crate::visit::Visit;

/// The key.
pub(crate) const ROUTES: &[Route] = &[Route::page(
    "/key",
    Who::Applicant,
    "Save the key to your request",
    || get(show).post(answer),
)];

/// The mark that a key is due to be shown.
const DUE: &str = "key_due";

/// Lets the next look at the page issue a key. A plain reload does not, because that would undo
/// the key the person has just saved.
pub(crate) fn due(kept: &mut Kept) {
    kept.extra.insert(DUE.to_owned(), true.into());
}

#[derive(Template)]
#[template(path = "portal/key.html")]
struct KeyPage<'a> {
    frame: Frame,
    errors: &'a Errors,
    case_code: String,
    key: Option<String>,
    qr: String,
}

async fn page(visit: &Visit, key: Option<String>, errors: &Errors) -> Result<Response, Failure> {
    let view = visit.engine().applicant_view(visit.case()?).await?;
    if !view.contact_proved {
        return Ok(visit.go("/email/code"));
    }
    let page = KeyPage {
        frame: visit.own_frame().failing(!errors.is_empty()),
        errors,
        case_code: view.code,
        qr: key
            .as_deref()
            .map(|key| qr::svg(key, "Picture of your key"))
            .unwrap_or_default(),
        key,
    };
    visit.form(errors, &page)
}

async fn show(mut visit: Visit) -> Result<Response, Failure> {
    if !visit.kept().extra.contains_key(DUE) {
        return page(&visit, None, &Errors::none()).await;
    }
    let case = visit.case()?.clone();
    visit
        .keep(|kept| {
            kept.extra.remove(DUE);
        })
        .await?;
    let key = visit.engine().issue_case_key(&case).await?;
    page(&visit, Some(key.reveal().clone()), &Errors::none()).await
}

async fn answer(mut visit: Visit, form: Posted) -> Result<Response, Failure> {
    if form.line("do") == "new" {
        visit.keep(due).await?;
        return visit.done(&form, "/key").await;
    }
    match form.choice("saved", &["yes", "later"]) {
        Some(_) => visit.done(&form, "/case").await,
        None => {
            let errors = Errors::one("saved", "missing", "Choose whether you saved the key");
            page(&visit, None, &errors).await
        }
    }
}
