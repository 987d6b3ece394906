//! P27: the end of the handover.

use askama::Template;
use axum::response::Response;
use axum::routing::get;

use crate::error::Failure;
use crate::form::Posted;
use crate::layout::Frame;
use crate::portal::handover::{begun, next_step};
use crate::routes::{Route, Who};
use crate::visit::Visit;
use crate::when;

/// The end.
pub(crate) const ROUTES: &[Route] = &[Route::page(
    "/handover/done",
    Who::Applicant,
    "Your account is yours again",
    || get(done).post(complete),
)];

#[derive(Template)]
#[template(path = "portal/finish.html")]
struct FinishPage {
    frame: Frame,
    passkey: bool,
    codes: bool,
}

#[derive(Template)]
#[template(path = "portal/done.html")]
struct DonePage {
    frame: Frame,
    until: String,
    login: String,
}

async fn done(visit: Visit) -> Result<Response, Failure> {
    let case = visit.case()?;
    let view = visit.engine().applicant_view(case).await?;
    if view.handover_done {
        let until = view.wait_until.filter(|until| *until > view.now);
        return visit.page(&DonePage {
            frame: visit.own_frame(),
            until: until.map_or_else(String::new, |until| when::moment(until, &visit.zone())),
            login: visit.app.settings().login_url.to_string(),
        });
    }
    match begun(&visit).await? {
        Ok(view) if view.password_done && view.totp_done => visit.page(&FinishPage {
            frame: visit.frame("Put your new ways in to work"),
            passkey: view.passkey_done,
            codes: view.codes_done,
        }),
        Ok(view) => Ok(visit.go(next_step(&view))),
        Err(elsewhere) => Ok(elsewhere),
    }
}

async fn complete(mut visit: Visit, form: Posted) -> Result<Response, Failure> {
    if let Some(again) = visit.served(&form) {
        return Ok(again);
    }
    let view = match begun(&visit).await? {
        Ok(view) => view,
        Err(elsewhere) => return Ok(elsewhere),
    };
    if !view.completed {
        visit.engine().complete_handover(&view.handover).await?;
    }
    // From here on this session may only look.
    visit.keep(|kept| kept.handover_begun = None).await?;
    visit.done(&form, "/handover/done").await
}
