//! Pages for people; the same calls answer in JSON to whoever accepts it.

mod enrol;
mod entry;
mod lists;
mod moves;
mod passkeys;
mod records;
mod register;
mod reset;
mod security;
mod shell;
mod sign_in;
mod views;
mod visitor;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Redirect;
use axum::routing::{get, post};

use crate::start::App;

pub(crate) use records::not_me_link;
pub(crate) use register::sniff_portrait;

/// Largest form, in bytes.
const FORM_MAX: usize = 64 * 1024;
/// Largest registration, with its portrait, in bytes.
const REGISTRATION_MAX: usize = 9 * 1024 * 1024;

/// Every page.
pub(crate) fn router(app: &App) -> Router<App> {
    let forms = Router::new()
        .route("/", get(async || Redirect::to("/assets")))
        .route("/login", get(sign_in::form).post(sign_in::enter))
        .route("/login/passkey/start", post(passkeys::start))
        .route("/login/passkey/finish", post(passkeys::finish))
        .route("/logout", post(sign_in::leave))
        .route("/help/access", get(entry::help))
        .route("/help/access/lost", get(entry::lost_everything))
        .route("/reset", get(reset::form).post(reset::begin))
        .route(
            "/reset/{ceremony}",
            get(reset::last_form).post(reset::finish),
        )
        .route("/stop", get(entry::stop_form).post(entry::stop))
        .merge(enrol::routes())
        .route("/assets", get(moves::assets))
        .route("/transfer", post(moves::transfer))
        .route("/send", post(moves::send))
        .route("/withdraw", post(moves::withdraw))
        .route("/c2c", post(moves::c2c))
        .route("/trade", post(moves::trade))
        .route("/loan", post(moves::loan))
        .route(
            "/whitelist",
            get(lists::whitelist).post(lists::whitelist_add),
        )
        .route("/whitelist/{id}/remove", post(lists::whitelist_remove))
        .route(
            "/api-keys",
            get(lists::api_keys).post(lists::api_key_create),
        )
        .route("/api-keys/{id}/revoke", post(lists::api_key_revoke))
        .route("/api/v1/balances", get(lists::api_balances))
        .route("/api/v1/messages", get(lists::api_messages))
        .route(
            "/authorisations",
            get(lists::authorisations).post(lists::authorisation_add),
        )
        .route(
            "/authorisations/{kind}/{id}/revoke",
            post(lists::authorisation_remove),
        )
        .route("/sessions", get(records::sessions))
        .route("/sessions/{class}/{id}/end", post(records::end))
        .route("/history", get(records::history))
        .route("/activity", get(records::activity))
        .route(
            "/not-me/{token}",
            get(records::not_me_form).post(records::not_me),
        )
        .merge(security_routes())
        .layer(DefaultBodyLimit::max(FORM_MAX));
    let registration = Router::new()
        .route("/register", get(register::form).post(register::submit))
        .layer(DefaultBodyLimit::max(REGISTRATION_MAX));
    forms
        .merge(registration)
        .route("/assets/exchange.css", get(stylesheet))
        .route("/assets/passkey.js", get(script))
        .route("/assets/icon.svg", get(icon))
        .layer(from_fn_with_state(app.clone(), shell::people))
        .layer(from_fn_with_state(app.clone(), shell::same_origin))
        .layer(from_fn(shell::headers))
}

fn security_routes() -> Router<App> {
    Router::new()
        .route("/security", get(security::show))
        .route("/security/password", post(security::password))
        .route("/security/totp/start", post(security::totp_start))
        .route("/security/totp/confirm", post(security::totp_confirm))
        .route("/security/contacts", post(lists::contact_add))
        .route(
            "/security/contacts/{id}/remove",
            post(lists::contact_remove),
        )
        .route("/security/stop-code", post(security::stop_code))
        .route("/security/passkey/start", post(passkeys::enrol_start))
        .route("/security/passkey/finish", post(passkeys::enrol_finish))
}

async fn stylesheet() -> ([(header::HeaderName, &'static str); 1], &'static str) {
    (
        [(header::CONTENT_TYPE, "text/css")],
        include_str!("../../assets/exchange.css"),
    )
}

async fn icon() -> ([(header::HeaderName, &'static str); 1], &'static str) {
    (
        [(header::CONTENT_TYPE, "image/svg+xml")],
        include_str!("../../assets/icon.svg"),
    )
}

async fn script() -> ([(header::HeaderName, &'static str); 1], &'static str) {
    (
        [(header::CONTENT_TYPE, "text/javascript")],
        include_str!("../../assets/passkey.js"),
    )
}
