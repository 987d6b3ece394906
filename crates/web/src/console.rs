//! The reviewers' console: sign in, my work, a case step by step, decide.

mod case;
mod clock;
mod contest;
mod decide;
pub(crate) mod exhibit;
mod exhibits;
mod frame;
mod json;
mod labels;
mod numbers;
pub mod passkeys;
mod policy;
mod reveal;
#[cfg(test)]
mod sample;
mod securing;
mod sent;
mod sides;
mod sign_in;
mod steps;
mod trail;
mod verdict;
mod view;
mod webhooks;
mod work;

use axum::routing::{get, post};
use serde::Deserialize;

use crate::headers::Powers;
use crate::routes::{BOTH, GET, POST, Route, Who};

pub use case::StepPage;
pub use contest::ContestPage;
pub use decide::DecidePage;
pub use frame::ConsoleFrame;
pub use numbers::NumbersPage;
pub use securing::SecuringPage;
pub use steps::Step;
pub use webhooks::WebhooksPage;
pub use work::WorkPage;

/// Most bytes of a verdict: a note of 4,000 characters, percent-encoded, and the choices.
const VERDICT_BYTES: usize = 64 * 1024;

/// Every address of the console.
pub const ROUTES: &[Route] = &[
    Route::page(
        "/console/enrol/{token}",
        Who::Visitor,
        "Make your passkey",
        || get(sign_in::enrol).post(sign_in::enrol_finish),
    )
    .with(Powers::PasskeyNew),
    Route::page(
        "/console/enrol/{token}/options",
        Who::Visitor,
        "What the browser needs to make a passkey",
        || post(sign_in::enrol_options),
    )
    .only(POST),
    Route::page("/console/sign-in", Who::Visitor, "Sign in", || {
        get(sign_in::sign_in).post(sign_in::sign_in_finish)
    })
    .with(Powers::PasskeyUse),
    Route::page(
        "/console/sign-in/options",
        Who::Visitor,
        "What the browser needs to use a passkey",
        || post(sign_in::sign_in_options),
    )
    .only(POST),
    Route::page("/console/sign-out", Who::Staff, "Sign out", || {
        post(sign_in::sign_out)
    })
    .only(POST),
    Route::page("/console", Who::Staff, "My work", || get(work::show)).only(GET),
    Route::page("/console/take", Who::Staff, "Take the next case", || {
        post(work::take)
    })
    .only(POST),
    Route::page("/console/case/{case}", Who::Staff, "A case", || {
        get(case::open)
    })
    .only(GET),
    Route::page(
        "/console/case/{case}/{step}",
        Who::Staff,
        "A step of a case",
        || get(case::step),
    )
    .only(GET),
    Route::page(
        "/console/case/{case}/opinion",
        Who::Staff,
        "Save my view",
        || post(case::opinion),
    )
    .only(POST),
    Route::page(
        "/console/case/{case}/hand-back",
        Who::Staff,
        "Hand a case back",
        || get(case::hand_back).post(case::hand_back_done),
    )
    .only(BOTH),
    Route::page("/console/case/{case}/verdict", Who::Staff, "Decide", || {
        post(decide::verdict)
    })
    .only(POST)
    .up_to(VERDICT_BYTES),
    Route::page(
        "/console/case/{case}/exhibit/{what}",
        Who::Staff,
        "Look at a picture or the video",
        || get(exhibit::show),
    )
    .only(GET)
    .with(Powers::Exhibit),
    Route::page(
        "/console/case/{case}/reveal",
        Who::Staff,
        "Show a masked field",
        || get(reveal::ask).post(reveal::show),
    ),
    Route::page(
        "/console/contested/{case}",
        Who::Staff,
        "Decide between two sides",
        || get(contest::show).post(contest::vote),
    )
    .up_to(VERDICT_BYTES),
    Route::page("/console/numbers", Who::Staff, "Numbers", || {
        get(numbers::show)
    })
    .only(GET),
    Route::page("/console/policy", Who::Staff, "The policy", || {
        get(policy::show).post(policy::confirm)
    }),
    Route::page(
        "/console/securing",
        Who::Staff,
        "What is not secured yet",
        || get(securing::show).post(securing::try_now),
    ),
    Route::page("/console/webhooks", Who::Staff, "Webhooks", || {
        get(webhooks::show).post(webhooks::send_again)
    }),
];

/// The word of the last action's result, in the address of the page it led to.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Said {
    said: Option<String>,
}

impl Said {
    /// To hand the word on to the page behind.
    fn suffix(&self) -> String {
        let plain = |word: &&String| word.bytes().all(|byte| byte.is_ascii_lowercase());
        self.said
            .as_ref()
            .filter(plain)
            .map(|word| format!("?said={word}"))
            .unwrap_or_default()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn everything_but_signing_in_is_for_staff() {
        let open: Vec<&str> = ROUTES
            .iter()
            .filter(|route| route.who != Who::Staff)
            .map(|route| {
                assert_eq!(route.who, Who::Visitor, "{}", route.path);
                route.path
            })
            .collect();
        assert_eq!(
            open,
            [
                "/console/enrol/{token}",
                "/console/enrol/{token}/options",
                "/console/sign-in",
                "/console/sign-in/options",
            ]
        );
        for route in ROUTES {
            assert!(route.path.starts_with("/console"), "{}", route.path);
            assert!(!route.title.is_empty());
        }
    }

    #[test]
    fn only_the_passkey_pages_may_use_passkeys() {
        for route in ROUTES {
            let wanted = match route.path {
                "/console/enrol/{token}" => Powers::PasskeyNew,
                "/console/sign-in" => Powers::PasskeyUse,
                "/console/case/{case}/exhibit/{what}" => Powers::Exhibit,
                _ => Powers::Plain,
            };
            assert_eq!(route.powers, wanted, "{}", route.path);
        }
    }

    #[test]
    fn no_two_addresses_stand_in_each_others_way() {
        let router = ROUTES
            .iter()
            .chain(crate::api::ROUTES)
            .fold(axum::Router::new(), |router, route| {
                router.route(route.path, (route.serve)())
            });
        // Building it panics on a conflict.
        assert!(router.has_routes());
        let who = |path: &str| {
            crate::api::ROUTES
                .iter()
                .find(|r| r.path == path)
                .unwrap()
                .who
        };
        assert_eq!(who("/health"), Who::Visitor);
        for call in ["veto", "changes"] {
            let path = format!("/platform/v1/accounts/{{account}}/{call}");
            assert_eq!(who(&path), Who::Platform);
        }
    }

    #[test]
    fn what_acts_is_never_a_get() {
        let acting = ["take", "opinion", "verdict", "sign-out", "options"];
        for route in ROUTES {
            let last = route.path.rsplit('/').next().unwrap();
            if acting.contains(&last) {
                assert_eq!(route.methods, POST, "{}", route.path);
            }
        }
    }
}
