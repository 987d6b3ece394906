//! C5 and the standing pages: message check, what is official, what we never ask, help.

use askama::Template;
use axum::response::Response;
use axum::routing::get;
use engine::views::MessageCheck;

use crate::error::Failure;
use crate::form::{Errors, Posted, clean};
use crate::layout::Frame;
use crate::routes::{GET, PASTE_BYTES, Route, Who};
use crate::visit::Visit;
use crate::when;

/// Message check and standing pages.
pub(crate) const ROUTES: &[Route] = &[
    Route::page("/check", Who::Visitor, "Is this message from us?", || {
        get(show).post(check)
    })
    .up_to(PASTE_BYTES),
    Route::page("/official", Who::Visitor, "What is official", || {
        get(official)
    })
    .only(GET),
    Route::page("/never", Who::Visitor, "What we never ask", || get(never)).only(GET),
    Route::page("/help", Who::Visitor, "Help", || get(help)).only(GET),
];

/// Checks from one address at once, and per hour after that.
const CHECKS_AT_ONCE: u32 = 40;
const CHECKS_PER_HOUR: u32 = 240;
/// Most bytes of a pasted message; never stored.
const TEXT_MAX: usize = 10_000;

#[derive(Template)]
#[template(path = "portal/check.html")]
struct CheckPage<'a> {
    frame: Frame,
    errors: &'a Errors,
    form: &'a Posted,
}

fn page(visit: &Visit, form: &Posted, errors: &Errors) -> Result<Response, Failure> {
    let page = CheckPage {
        frame: visit.own_frame().failing(!errors.is_empty()),
        errors,
        form,
    };
    visit.form(errors, &page)
}

async fn show(visit: Visit) -> Result<Response, Failure> {
    page(&visit, &Posted::default(), &Errors::none())
}

async fn check(visit: Visit, form: Posted) -> Result<Response, Failure> {
    let code = form.line("code");
    let text = form.raw("text");
    if code.is_empty() && clean(text).is_empty() {
        let errors = Errors::one("code", "missing", "Enter a code or paste the message");
        return page(&visit, &form, &errors);
    }
    if text.len() > TEXT_MAX {
        let errors = Errors::one("text", "too_long", "Paste up to 10,000 letters");
        return page(&visit, &form, &errors);
    }
    visit
        .slow_down("check", CHECKS_AT_ONCE, CHECKS_PER_HOUR)
        .await?;
    let pasted = (!clean(text).is_empty()).then_some(text);
    let known = if code.is_empty() { text } else { &code };
    let result = visit.engine().check_message(known, pasted).await;
    match Errors::catch(result)? {
        Ok(found) => answer(&visit, &found),
        Err(errors) => page(&visit, &form, &errors),
    }
}

#[derive(Template)]
#[template(path = "portal/check_answer.html")]
struct AnswerPage {
    frame: Frame,
    lines: Vec<String>,
    steps: &'static [&'static str],
}

const WHAT_NOW: &[&str] = &[
    "Do not answer it, and follow no link in it.",
    "If it speaks of a recovery you did not ask for, stop that recovery with the button below.",
    "Change the password of your mailbox and look which devices are signed in there.",
];

/// The kind of a message in words.
fn kind(name: &str) -> String {
    match name {
        "A1" => "the code for an e-mail address",
        "A2" => "a recovery request is open",
        "A3" => "parts of a recovery request are missing",
        "A4" => "a recovery request arrived",
        "A5" => "parts have to be taken again",
        "A6" => "the first checks are passed",
        "A7" => "a recovery request takes longer",
        "A8" => "a recovery request was approved",
        "A9" => "new ways in are set up",
        "A10" => "a waiting period is over",
        "A11" => "access was not given",
        "A12" | "H5" => "a recovery is paused, both sides are heard",
        "A13" => "a recovery request is closed",
        "A14" => "a second request joined the first",
        "A15" => "a request goes on after an objection or another request",
        "H1" => "somebody asks to recover an account",
        "H2" => "a recovery was approved, there is time to stop it",
        "H3" => "the time to stop a recovery ends soon",
        "H4" => "a recovery was stopped",
        "H6" => "a recovery came to its end",
        other => return other.replace('_', " "),
    }
    .to_owned()
}

fn answer(visit: &Visit, found: &MessageCheck) -> Result<Response, Failure> {
    let (title, lines, steps): (_, _, &'static [&'static str]) = match found {
        MessageCheck::Ours {
            kind: name,
            channel,
            at,
            text_compared,
        } => {
            let at = when::moment(*at, &visit.zone());
            let by = if channel == "email" {
                "by e-mail"
            } else {
                "as a notice"
            };
            let mut lines = vec![format!("We sent it {by} on {at}. It says: {}.", kind(name))];
            if !text_compared {
                lines.push("We looked at the code only. Paste the message to compare it.".into());
            }
            ("Yes, we sent this", lines, &[])
        }
        MessageCheck::CodeOnly => (
            "This code is ours, but the text is not",
            vec!["Somebody took a real code and put it under another text.".to_owned()],
            WHAT_NOW,
        ),
        MessageCheck::NotOurs => (
            "We did not send this",
            vec!["No message of ours has this code.".to_owned()],
            WHAT_NOW,
        ),
        MessageCheck::Scam => (
            "Somebody asked for money, a call or an app: that is always a scam",
            vec!["We never do that, whatever code stands below it.".to_owned()],
            WHAT_NOW,
        ),
    };
    visit.page(&AnswerPage {
        frame: visit.frame(title).back("/check"),
        lines,
        steps,
    })
}

#[derive(Template)]
#[template(path = "portal/official.html")]
struct OfficialPage<'a> {
    frame: Frame,
    domains: &'a [String],
}

async fn official(visit: Visit) -> Result<Response, Failure> {
    visit.page(&OfficialPage {
        frame: visit.own_frame(),
        domains: &visit.app.settings().official_domains,
    })
}

#[derive(Template)]
#[template(path = "portal/never.html")]
struct NeverPage {
    frame: Frame,
}

async fn never(visit: Visit) -> Result<Response, Failure> {
    visit.page(&NeverPage {
        frame: visit.own_frame(),
    })
}

#[derive(Template)]
#[template(path = "portal/help.html")]
struct HelpPage {
    frame: Frame,
}

async fn help(visit: Visit) -> Result<Response, Failure> {
    visit.page(&HelpPage {
        frame: visit.own_frame(),
    })
}
