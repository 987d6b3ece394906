//! P26: recovery codes and the stop code, shown until one of them was typed in from what the person
//! kept.

use askama::Template;
use axum::response::Response;
use axum::routing::get;
use engine::inputs::BegunHandover;

use crate::error::Failure;
use crate::form::{Errors, Posted};
use crate::layout::Frame;
use crate::portal::handover;
use crate::routes::{Route, Who};
use crate::visit::Visit;

/// The codes.
pub(crate) const ROUTES: &[Route] = &[Route::page(
    "/handover/codes",
    Who::Applicant,
    "Prepare for next time",
    || get(show).post(answer),
)];

/// The mark that the person says they are saved: from then on one is asked for, and none is shown.
const SAVED: &str = "codes_saved";

#[derive(Template)]
#[template(path = "portal/codes.html")]
struct CodesPage<'a> {
    frame: Frame,
    errors: &'a Errors,
    shown: bool,
    codes: Vec<String>,
    stop_code: String,
    number: usize,
}

/// The handover, or where to go instead if codes are not due now.
async fn due(visit: &Visit) -> Result<Result<BegunHandover, Response>, Failure> {
    Ok(match handover::begun(visit).await? {
        Ok(view) if !view.completed && view.password_done && view.totp_done && view.codes_due => {
            Ok(view.handover)
        }
        Ok(view) => Err(visit.go(handover::next_step(&view))),
        Err(elsewhere) => Err(elsewhere),
    })
}

async fn page(visit: &Visit, errors: &Errors) -> Result<Response, Failure> {
    let handover = match due(visit).await? {
        Ok(handover) => handover,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let offer = visit.engine().recovery_codes(&handover).await?;
    let shown = !visit.kept().extra.contains_key(SAVED);
    let (codes, stop_code) = if shown {
        let plain = offer.codes.iter().map(|code| code.reveal().clone());
        (plain.collect(), offer.veto_code.reveal().clone())
    } else {
        (Vec::new(), String::new())
    };
    let page = CodesPage {
        frame: visit.own_frame().failing(!errors.is_empty()),
        errors,
        shown,
        codes,
        stop_code,
        number: offer.number,
    };
    visit.form(errors, &page)
}

async fn show(visit: Visit) -> Result<Response, Failure> {
    page(&visit, &Errors::none()).await
}

async fn answer(mut visit: Visit, form: Posted) -> Result<Response, Failure> {
    if let Some(again) = visit.served(&form) {
        return Ok(again);
    }
    let handover = match due(&visit).await? {
        Ok(handover) => handover,
        Err(elsewhere) => return Ok(elsewhere),
    };
    match form.choice("do", &["saved", "show", "code"]) {
        Some("code") => confirm(visit, form, &handover).await,
        Some("show") => {
            visit
                .keep(|kept| {
                    kept.extra.remove(SAVED);
                })
                .await?;
            visit.done(&form, "/handover/codes").await
        }
        _ => match form.choice("saved", &["yes", "later"]) {
            Some("yes") => {
                visit
                    .keep(|kept| {
                        kept.extra.insert(SAVED.to_owned(), true.into());
                    })
                    .await?;
                visit.done(&form, "/handover/codes").await
            }
            Some(_) => visit.done(&form, "/handover/done").await,
            None => {
                let errors = Errors::one("saved", "missing", "Choose whether you saved the codes");
                page(&visit, &errors).await
            }
        },
    }
}

async fn confirm(
    mut visit: Visit,
    form: Posted,
    handover: &BegunHandover,
) -> Result<Response, Failure> {
    let typed = form.line("code");
    if typed.is_empty() {
        let errors = Errors::one("code", "missing", "Enter the code with that number");
        return page(&visit, &errors).await;
    }
    let engine = visit.engine();
    let confirmed = engine.confirm_recovery_codes(handover, &typed).await;
    if let Err(errors) = Errors::catch(confirmed)? {
        return page(&visit, &errors).await;
    }
    visit
        .keep(|kept| {
            kept.extra.remove(SAVED);
        })
        .await?;
    visit.done(&form, "/handover/done").await
}
