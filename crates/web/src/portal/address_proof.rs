//! P17: a message signed with the key of an old withdrawal address. Optional, and confirmed at
//! once: it is mathematics, and tells nothing of the account.

use askama::Template;
use axum::response::Response;
use axum::routing::get;

use crate::error::Failure;
use crate::form::{Errors, Posted};
use crate::layout::Frame;
use crate::portal::tasks;
use crate::routes::{Route, Who};
use crate::visit::Visit;

/// Signing with an old withdrawal address.
pub(crate) const ROUTES: &[Route] = &[Route::page(
    "/case/address-proof",
    Who::Applicant,
    "Can you sign a message from an old withdrawal address?",
    || get(show).post(sign),
)];

/// Most symbols of either field; what is longer is no address and no signature.
const SYMBOLS_MAX: usize = 1_000;

#[derive(Template)]
#[template(path = "portal/address_proof.html")]
struct AddressProofPage<'a> {
    frame: Frame,
    errors: &'a Errors,
    form: &'a Posted,
    text: String,
    signed: usize,
    longest: usize,
}

async fn page(visit: &Visit, form: &Posted, errors: &Errors) -> Result<Response, Failure> {
    let view = match tasks::proving(visit).await? {
        Ok(view) => view,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let page = AddressProofPage {
        frame: visit.own_frame().back("/case").failing(!errors.is_empty()),
        errors,
        form,
        text: visit.engine().text_to_sign(visit.case()?).await?,
        signed: view.addresses_signed,
        longest: SYMBOLS_MAX,
    };
    visit.form(errors, &page)
}

async fn show(visit: Visit) -> Result<Response, Failure> {
    page(&visit, &Posted::default(), &Errors::none()).await
}

async fn sign(mut visit: Visit, form: Posted) -> Result<Response, Failure> {
    if let Some(again) = visit.served(&form) {
        return Ok(again);
    }
    if let Err(elsewhere) = tasks::proving(&visit).await? {
        return Ok(elsewhere);
    }
    let (address, signature) = (form.line("address"), form.raw("signature"));
    let mut errors = Errors::none();
    if address.is_empty() {
        errors.add("address", "missing", "Enter the address");
    }
    if signature.trim().is_empty() {
        errors.add("signature", "missing", "Paste the signature");
    }
    if !errors.is_empty() {
        return page(&visit, &form, &errors).await;
    }
    let case = visit.case()?.clone();
    let signed = visit.engine().sign_address(&case, &address, signature);
    if let Err(errors) = Errors::catch(signed.await)? {
        return page(&visit, &form, &errors).await;
    }
    visit.done(&form, "/case/address-proof").await
}
