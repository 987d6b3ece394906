//! P28: what was made safe, as the platform confirmed it.

use askama::Template;
use axum::response::Response;
use axum::routing::get;
use recovery::case::State;

use crate::error::Failure;
use crate::layout::Frame;
use crate::portal::words::Words;
use crate::routes::{GET, Route, Who};
use crate::visit::Visit;
use crate::when;

/// What was made safe.
pub(crate) const ROUTES: &[Route] = &[Route::page(
    "/case/security",
    Who::Applicant,
    "What we made safe",
    || get(security),
)
.only(GET)];

#[derive(Template)]
#[template(path = "portal/security.html")]
struct SecurityPage {
    frame: Frame,
    until: String,
    lines: Vec<(String, String, bool)>,
    waiting: bool,
    limits: Vec<String>,
}

/// A securing action in words.
fn action(name: &str) -> String {
    match name {
        "sessions" => "Other sessions ended",
        "devices" => "Trusted devices removed",
        "whitelist" => "Withdrawal addresses cleared",
        "api_keys" => "API keys removed",
        "oauth" => "Linked apps removed",
        "copy_trading" => "Copy trading stopped",
        "web3" => "Wallets disconnected",
        "old_factors" => "Old e-mail, password, authenticator and passkeys out of use",
        other => return other.replace('_', " "),
    }
    .to_owned()
}

async fn security(visit: Visit) -> Result<Response, Failure> {
    let view = visit.engine().applicant_view(visit.case()?).await?;
    if !matches!(view.state, State::CoolingOff | State::Recovered) {
        return Ok(visit.go("/case/status"));
    }
    let zone = visit.zone();
    let platform = &visit.app.settings().platform;
    let lines = view
        .securing
        .iter()
        .map(|line| match line.confirmed_at {
            Some(at) => (
                action(&line.action),
                format!("Confirmed {}", when::moment(at, &zone)),
                true,
            ),
            None => (
                action(&line.action),
                format!("Waiting for {platform}"),
                false,
            ),
        })
        .collect();
    let until = view.wait_until.filter(|until| *until > view.now);
    let words = Words {
        platform,
        zone: &zone,
    };
    let limits = match view.state {
        State::Recovered => words.recovered(&view),
        _ => Vec::new(),
    };
    visit.page(&SecurityPage {
        limits,
        frame: visit.own_frame().back("/case/status"),
        until: until.map_or_else(String::new, |until| when::moment(until, &zone)),
        lines,
        waiting: view.securing.iter().any(|line| line.confirmed_at.is_none()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn securing_actions_are_told_in_words() {
        assert_eq!(action("api_keys"), "API keys removed");
        assert_eq!(action("some_other"), "some other");
    }
}
