//! P7 and P8: the new address and the code that proves it.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use axum::routing::get;
use engine::inputs::{Proved, SessionKind};
use serde::Deserialize;

use crate::error::Failure;
use crate::form::{Errors, Posted};
use crate::layout::Frame;
use crate::portal::key;
use crate::routes::{Route, Who};
use crate::visit::Visit;

/// The new address and its code.
pub(crate) const ROUTES: &[Route] = &[
    Route::page(
        "/email",
        Who::Applicant,
        "Where can we reach you from now on?",
        || get(ask).post(answer),
    ),
    Route::page(
        "/email/code",
        Who::Applicant,
        "Enter the code we sent",
        || get(code).post(prove),
    ),
];

/// Guesses of a code from one address at once, and per hour after that; each case also counts.
const GUESSES_AT_ONCE: u32 = 30;
const GUESSES_PER_HOUR: u32 = 120;

#[derive(Template)]
#[template(path = "portal/email.html")]
struct EmailPage<'a> {
    frame: Frame,
    errors: &'a Errors,
    form: &'a Posted,
}

fn email_page(visit: &Visit, form: &Posted, errors: &Errors) -> Result<Response, Failure> {
    let page = EmailPage {
        frame: visit
            .own_frame()
            .back("/account")
            .failing(!errors.is_empty()),
        errors,
        form,
    };
    visit.form(errors, &page)
}

async fn ask(visit: Visit) -> Result<Response, Failure> {
    email_page(&visit, &Posted::default(), &Errors::none())
}

/// Only what could never be an address is refused here; the engine knows the rest.
fn check(address: &str) -> Errors {
    if address.is_empty() {
        return Errors::one("email", "missing", "Enter an e-mail address");
    }
    let shaped = address.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !domain.contains('@')
            && !address.contains(' ')
    });
    if shaped {
        return Errors::none();
    }
    Errors::one(
        "email",
        "shape",
        "Enter an e-mail address in the form name@example.com",
    )
}

async fn answer(mut visit: Visit, form: Posted) -> Result<Response, Failure> {
    if let Some(again) = visit.served(&form) {
        return Ok(again);
    }
    let address = form.line("email");
    let errors = check(&address);
    if !errors.is_empty() {
        return email_page(&visit, &form, &errors);
    }
    let case = visit.case()?.clone();
    let given = visit.engine().give_contact(&case, &address).await;
    if let Err(errors) = Errors::catch(given)? {
        return email_page(&visit, &form, &renamed(&errors));
    }
    visit.done(&form, "/email/code").await
}

/// The engine names its own field; on this page there is only one.
fn renamed(errors: &Errors) -> Errors {
    errors.list().first().map_or_else(Errors::none, |error| {
        Errors::one("email", error.code, error.sentence.clone())
    })
}

/// A code from the link of the mail: shown in the field, sent only by the button.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Prefilled {
    code: String,
    sent: String,
}

#[derive(Template)]
#[template(path = "portal/email_code.html")]
struct CodePage<'a> {
    frame: Frame,
    errors: &'a Errors,
    form: &'a Posted,
    address: String,
    case_code: String,
    sent_again: bool,
}

async fn code_page(
    visit: &Visit,
    form: &Posted,
    errors: &Errors,
    sent_again: bool,
) -> Result<Response, Failure> {
    let view = visit.engine().applicant_view(visit.case()?).await?;
    if view.contact_proved {
        return Ok(visit.go("/case"));
    }
    let Some(address) = view.contact else {
        return Ok(visit.go("/email"));
    };
    let page = CodePage {
        frame: visit.own_frame().back("/email").failing(!errors.is_empty()),
        errors,
        form,
        address: address.reveal().clone(),
        case_code: view.code,
        sent_again,
    };
    visit.form(errors, &page)
}

async fn code(visit: Visit, Query(prefilled): Query<Prefilled>) -> Result<Response, Failure> {
    let form = Posted::from_pairs(vec![("code".to_owned(), prefilled.code)]);
    let sent = prefilled.sent == "again";
    code_page(&visit, &form, &Errors::none(), sent).await
}

async fn prove(mut visit: Visit, form: Posted) -> Result<Response, Failure> {
    if let Some(again) = visit.served(&form) {
        return Ok(again);
    }
    let case = visit.case()?.clone();
    // Proved before, but the answer was lost: the key was not shown yet.
    if visit.engine().applicant_view(&case).await?.contact_proved {
        return proved(&mut visit, &form).await;
    }
    if form.line("do") == "again" {
        visit.engine().send_code_again(&case).await?;
        return visit.done(&form, "/email/code?sent=again").await;
    }
    let typed = form.line("code");
    if typed.is_empty() {
        let errors = Errors::one("code", "missing", "Enter the code from the e-mail");
        return code_page(&visit, &form, &errors, false).await;
    }
    visit
        .slow_down("code", GUESSES_AT_ONCE, GUESSES_PER_HOUR)
        .await?;
    let (code, sentence) = match visit.engine().prove_contact(&case, &typed).await? {
        Proved::Yes => return proved(&mut visit, &form).await,
        Proved::Merged(older) => {
            let mut kept = visit.kept();
            // What was begun for this case is nothing in the older one.
            kept.handover_begun = None;
            visit
                .start(SessionKind::Applicant, "", Some(&older), kept)
                .await?;
            return proved(&mut visit, &form).await;
        }
        Proved::Wrong { left } => ("wrong", wrong(left)),
        Proved::Expired => (
            "expired",
            "That code is older than 10 minutes. We have sent a new one".to_owned(),
        ),
        Proved::TooMany { until } => return Err(Failure::Limited { until }),
    };
    let errors = Errors::one("code", code, sentence);
    code_page(&visit, &Posted::default(), &errors, false).await
}

fn wrong(left: u32) -> String {
    let tries = if left == 1 {
        "1 try"
    } else {
        &format!("{left} tries")
    };
    format!("That code does not match. You have {tries} left")
}

async fn proved(visit: &mut Visit, form: &Posted) -> Result<Response, Failure> {
    visit.keep(key::due).await?;
    visit.done(form, "/key").await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cannot_be_an_address_is_refused() {
        assert!(check("ann@example.com").is_empty());
        assert!(check("a.b+c@sub.example.co").is_empty());
        for odd in [
            "ann",
            "ann@",
            "@example.com",
            "a@b",
            "a b@c.d",
            "a@b@c.d",
            "a@.d",
            "a@d.",
        ] {
            assert!(!check(odd).is_empty(), "{odd}");
        }
    }

    #[test]
    fn tries_are_counted_in_words() {
        assert!(wrong(1).ends_with("1 try left"));
        assert!(wrong(4).ends_with("4 tries left"));
    }
}
