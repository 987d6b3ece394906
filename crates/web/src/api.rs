//! Calls by the platform and by scripts.

mod health;
mod veto;

use axum::routing::{get, post};

use crate::routes::{GET, POST, Route, Who};

/// Most bytes of a call by the platform: two short members.
const CALL_BYTES: usize = 4 * 1024;

/// Every address that is no page.
pub const ROUTES: &[Route] = &[
    Route::page(
        "/health",
        Who::Visitor,
        "Whether this process lives",
        || get(health::live),
    )
    .only(GET),
    Route::page(
        "/platform/v1/accounts/{account}/veto",
        Who::Platform,
        "The holder stops every open recovery of the account",
        || post(veto::stop),
    )
    .only(POST)
    .up_to(CALL_BYTES),
];
