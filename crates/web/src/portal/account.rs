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
use crate::session::Kept;
use crate::visit::Visit;

/// Which account.
pub(crate) const ROUTES: &[Route] = &[Route::page(
    "/account",
    Who::Applicant,
    "Which account is it?",
    || get(show).post(answer),
)];

/// Name and value of the button that goes on from a country of high risk.
const ASK: (&str, &str) = ("ask", "people");
/// What the page says first.
const REGION: &str = "We cannot take requests from where you are now";
/// That it was pressed, in what the pages keep.
const ASKED: &str = "region_asked";

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

#[derive(Template)]
#[template(path = "portal/region.html")]
struct RegionPage<'a> {
    frame: Frame,
    errors: &'a Errors,
}

/// The page instead of the question, where the address lies in a country that the operator calls
/// one of high risk (M27). It depends on no account. No machine refuses for good: a button goes
/// on, and people are told where the request came from.
async fn region(visit: &Visit, errors: &Errors) -> Result<Option<Response>, Failure> {
    if visit.kept().extra.contains_key(ASKED) {
        return Ok(None);
    }
    if !visit.engine().is_high_risk(visit.client.ip).await? {
        return Ok(None);
    }
    let frame = visit.frame(REGION).failing(!errors.is_empty());
    visit.form(errors, &RegionPage { frame, errors }).map(Some)
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
    if let Some(page) = region(&visit, &Errors::none()).await? {
        return Ok(page);
    }
    page(&visit, &Posted::default(), &Errors::none())
}

async fn answer(mut visit: Visit, form: Posted) -> Result<Response, Failure> {
    if let Some(again) = visit.served(&form) {
        return Ok(again);
    }
    if form.choice(ASK.0, &[ASK.1]).is_some() {
        let asked = |kept: &mut Kept| {
            kept.extra.insert(ASKED.to_owned(), true.into());
        };
        visit.keep(asked).await?;
        return visit.done(&form, "/account").await;
    }
    let errors = Errors::one(
        ASK.0,
        "region",
        "Ask people to look at it, or try from elsewhere",
    );
    if let Some(page) = region(&visit, &errors).await? {
        return Ok(page);
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
    fn a_country_of_high_risk_gets_a_reason_and_a_way_on() {
        let errors = Errors::none();
        let frame = Frame {
            title: REGION.to_owned(),
            ..Frame::sample()
        };
        let errors = &errors;
        let html = RegionPage { frame, errors }.render().unwrap();
        assert!(html.contains("<h1>We cannot take requests from where you are now</h1>"));
        assert!(html.contains("Ask people to look at it</button>"));
        assert!(html.contains(r#"name="ask" value="people""#));
    }

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
