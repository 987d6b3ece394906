//! P6: which account. The answer is the same whether it exists or not.

use askama::Template;
use axum::response::Response;
use axum::routing::get;
use recovery::card::is_card_number;
use recovery::sensitive::Sensitive;

use crate::error::Failure;
use crate::form::{Errors, Posted};
use crate::layout::Frame;
use crate::routes::{Route, Who};
use crate::visit::Visit;

/// Which account.
pub(crate) const ROUTES: &[Route] = &[Route::page(
    "/account",
    Who::Applicant,
    "Which account is it?",
    || get(show).post(answer),
)];

/// Most symbols of an identifier: the longest e-mail address.
const IDENTIFIER_MAX: usize = 254;

#[derive(Template)]
#[template(path = "portal/account.html")]
struct AccountPage<'a> {
    frame: Frame,
    errors: &'a Errors,
    form: &'a Posted,
}

fn page(visit: &Visit, form: &Posted, errors: &Errors) -> Result<Response, Failure> {
    let page = AccountPage {
        frame: visit.own_frame().failing(!errors.is_empty()),
        errors,
        form,
    };
    visit.form(errors, &page)
}

fn check(identifier: &str) -> Errors {
    let (code, sentence) = match identifier {
        "" => ("missing", "Enter one thing that points to your account"),
        long if long.chars().count() > IDENTIFIER_MAX => {
            ("too_long", "That is too long to be an account name")
        }
        card if is_card_number(card) => ("card_number", "Do not enter a card number here"),
        _ => return Errors::none(),
    };
    Errors::one("account", code, sentence)
}

async fn show(visit: Visit) -> Result<Response, Failure> {
    page(&visit, &Posted::default(), &Errors::none())
}

async fn answer(mut visit: Visit, form: Posted) -> Result<Response, Failure> {
    if let Some(again) = visit.served(&form) {
        return Ok(again);
    }
    let identifier = form.line("account");
    let errors = check(&identifier);
    if !errors.is_empty() {
        return page(&visit, &form, &errors);
    }
    let case = visit.case()?.clone();
    let given = visit
        .engine()
        .give_identifier(&case, Sensitive::new(identifier), &visit.origin())
        .await;
    if let Err(errors) = Errors::catch(given)? {
        return page(&visit, &form, &errors);
    }
    visit.done(&form, "/email").await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mistake_has_its_own_sentence() {
        assert_eq!(
            check("").at("account"),
            "Enter one thing that points to your account"
        );
        assert_eq!(
            check(&"x".repeat(255)).at("account"),
            "That is too long to be an account name"
        );
        assert_eq!(
            check("4111111111111111").at("account"),
            "Do not enter a card number here"
        );
        assert!(check("ann").is_empty());
    }
}
