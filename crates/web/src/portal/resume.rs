//! Coming back: with the request code and its key, or with a code sent to the proved address.

use askama::Template;
use axum::response::Response;
use axum::routing::get;
use engine::inputs::SessionKind;
use recovery::id::{CaseCode, CaseId};

use crate::error::Failure;
use crate::form::{Errors, Posted};
use crate::layout::Frame;
use crate::portal::key;
use crate::routes::{Route, Who};
use crate::visit::Visit;

/// Coming back.
pub(crate) const ROUTES: &[Route] = &[
    Route::page(
        "/continue",
        Who::Visitor,
        "Come back to your request",
        || get(show).post(answer),
    ),
    Route::page(
        "/continue/code",
        Who::Visitor,
        "Enter the code we sent",
        || get(show_code).post(answer_code),
    ),
];

/// Tries from one address at once, and per hour after that: keys carry 128 bits, so this only
/// saves work.
const TRIES_AT_ONCE: u32 = 20;
const TRIES_PER_HOUR: u32 = 60;
/// Where the page keeps the request code between its two steps; the code is a name, no secret.
const CODE: &str = "continue_code";

#[derive(Template)]
#[template(path = "portal/resume.html")]
struct ResumePage<'a> {
    frame: Frame,
    errors: &'a Errors,
    form: &'a Posted,
}

fn page(visit: &Visit, form: &Posted, errors: &Errors) -> Result<Response, Failure> {
    let page = ResumePage {
        frame: visit.own_frame().back("/").failing(!errors.is_empty()),
        errors,
        form,
    };
    visit.form(errors, &page)
}

async fn show(visit: Visit) -> Result<Response, Failure> {
    page(&visit, &Posted::default(), &Errors::none())
}

async fn answer(mut visit: Visit, form: Posted) -> Result<Response, Failure> {
    if let Some(again) = visit.served(&form) {
        return Ok(again);
    }
    let code = form.line("code");
    let by_mail = form.line("do") == "mail";
    let mut errors = Errors::none();
    if code.is_empty() {
        errors.add("code", "missing", "Enter the request code");
    }
    if !by_mail && form.line("key").is_empty() {
        errors.add("key", "missing", "Enter the key you saved");
    }
    if !errors.is_empty() {
        return page(&visit, &form, &errors);
    }
    visit
        .slow_down("resume", TRIES_AT_ONCE, TRIES_PER_HOUR)
        .await?;
    if by_mail {
        visit
            .engine()
            .resume_by_mail(&code, &visit.origin())
            .await?;
        // Only what is a code: whoever types their address here has it kept nowhere.
        let known = code.parse::<CaseCode>().map(|code| code.to_string());
        visit
            .keep(|kept| {
                kept.extra
                    .insert(CODE.to_owned(), known.unwrap_or_default().into());
            })
            .await?;
        return visit.done(&form, "/continue/code").await;
    }
    let found = visit
        .engine()
        .resume(&code, &form.line("key"), &visit.origin())
        .await?;
    match found {
        Some(case) => back(&mut visit, &form, &case).await,
        None => page(
            &visit,
            &form,
            &Errors::one(
                "key",
                "wrong",
                "That code and key do not fit together. Use the newest key",
            ),
        ),
    }
}

/// A session of that case, and a fresh key: the old one is spent.
async fn back(visit: &mut Visit, form: &Posted, case: &CaseId) -> Result<Response, Failure> {
    let mut kept = visit.kept();
    kept.handover_begun = None;
    kept.extra.clear();
    kept.once.clear();
    key::due(&mut kept);
    visit
        .start(SessionKind::Applicant, "", Some(case), kept)
        .await?;
    visit.done(form, "/key").await
}

#[derive(Template)]
#[template(path = "portal/resume_code.html")]
struct CodePage<'a> {
    frame: Frame,
    errors: &'a Errors,
    case_code: String,
}

fn code_page(visit: &Visit, errors: &Errors, typed: &str) -> Result<Response, Failure> {
    let kept = visit.kept();
    let known = kept.extra.get(CODE).and_then(|code| code.as_str());
    let page = CodePage {
        frame: visit
            .own_frame()
            .back("/continue")
            .failing(!errors.is_empty()),
        errors,
        case_code: if typed.is_empty() {
            known.unwrap_or_default().to_owned()
        } else {
            typed.to_owned()
        },
    };
    visit.form(errors, &page)
}

async fn show_code(visit: Visit) -> Result<Response, Failure> {
    code_page(&visit, &Errors::none(), "")
}

async fn answer_code(mut visit: Visit, form: Posted) -> Result<Response, Failure> {
    if let Some(again) = visit.served(&form) {
        return Ok(again);
    }
    let (code, mail_code) = (form.line("code"), form.line("mail_code"));
    if mail_code.is_empty() {
        let errors = Errors::one("mail_code", "missing", "Enter the code from the e-mail");
        return code_page(&visit, &errors, &code);
    }
    visit
        .slow_down("resume", TRIES_AT_ONCE, TRIES_PER_HOUR)
        .await?;
    let found = visit
        .engine()
        .resume_with_code(&code, &mail_code, &visit.origin())
        .await?;
    match found {
        Some(case) => back(&mut visit, &form, &case).await,
        None => {
            let sentence = "That code does not match, or it is older than 10 minutes";
            code_page(&visit, &Errors::one("mail_code", "wrong", sentence), &code)
        }
    }
}
