//! Calls by the platform and by scripts.

mod call;
mod health;
mod restrictions;
mod told;

use axum::routing::{get, post};

use crate::routes::{GET, POST, Route, Who};

/// Most bytes of a call by the platform: a few short members.
const CALL_BYTES: usize = 4 * 1024;
/// Most bytes of a call about many accounts: 500 names of 128 letters.
const BATCH_BYTES: usize = 128 * 1024;

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
        || post(told::veto),
    )
    .only(POST)
    .up_to(CALL_BYTES),
    Route::page(
        "/platform/v1/accounts/{account}/veto-codes",
        Who::Platform,
        "A new veto code for the holder to keep on paper",
        || post(told::veto_code),
    )
    .only(POST)
    .up_to(CALL_BYTES),
    Route::page(
        "/platform/v1/accounts/{account}/restrictions",
        Who::Platform,
        "What the account may do now",
        || get(restrictions::OfAccount).fallback(restrictions::no_such_method),
    )
    .only(GET)
    .hot(),
    Route::page(
        "/platform/v1/restrictions",
        Who::Platform,
        "What many accounts may do now",
        || post(restrictions::of_many),
    )
    .only(POST)
    .up_to(BATCH_BYTES),
    Route::page(
        "/platform/v1/restrictions/changes",
        Who::Platform,
        "Every change of what accounts may do, as it comes",
        || get(restrictions::changes),
    )
    .only(GET),
    Route::page(
        "/platform/v1/accounts/{account}/changes",
        Who::Platform,
        "Something of an account changed while its recovery waits",
        || post(told::change),
    )
    .only(POST)
    .up_to(CALL_BYTES),
];
