//! What can go wrong, and what the other side hears of it.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use platform::contract::{PROBLEM_TYPE, Problem, RestrictionSet};
use thiserror::Error;

/// Every failure of the exchange.
#[derive(Debug, Error)]
pub enum ExchangeError {
    /// The database failed.
    #[error("the exchange's database failed")]
    Database(#[from] sqlx::Error),
    /// A setting does not do.
    #[error("the exchange's setting `{0}` is not usable")]
    Setting(&'static str),
    /// Something internal failed: hashing, rendering, a stored value out of form.
    #[error("the exchange failed inside: {0}")]
    Internal(&'static str),
    /// The listener failed.
    #[error("the exchange cannot serve")]
    Serve(#[from] std::io::Error),
    /// A refusal: an answer, not a fault.
    #[error("refused: {}", .0.code)]
    Refused(Problem),
    /// The restriction set in force does not allow it.
    #[error("refused: restricted")]
    Restricted(Box<Restricted>),
}

/// What a restriction set refused.
#[derive(Debug, Clone)]
pub struct Restricted {
    /// Whose account.
    pub account: String,
    /// What was tried.
    pub capability: String,
    /// The set in force.
    pub set: RestrictionSet,
}

/// Short name for results inside.
pub(crate) type Result<T> = std::result::Result<T, ExchangeError>;

impl ExchangeError {
    /// A refusal with words.
    pub(crate) fn refused(status: u16, code: &str, title: &str) -> Self {
        Self::Refused(Problem::new(status, code, title))
    }

    /// 404: nothing is there.
    pub(crate) fn not_found() -> Self {
        Self::refused(404, "not_found", "There is nothing here")
    }

    /// 422: a field is missing or out of form.
    pub(crate) fn field(detail: &str) -> Self {
        Self::Refused(Problem::new(422, "field", "Something is missing").with_detail(detail))
    }

    fn problem(&self) -> Problem {
        match self {
            Self::Refused(problem) => problem.clone(),
            Self::Restricted(what) => Problem::new(403, "restricted", "This is closed for now")
                .with_detail(&restriction_words(&what.set)),
            Self::Database(_) | Self::Setting(_) | Self::Internal(_) | Self::Serve(_) => {
                Problem::new(500, "internal", "Something went wrong here")
            }
        }
    }
}

/// The restriction in words, for the page that names it.
pub(crate) fn restriction_words(set: &RestrictionSet) -> String {
    use platform::contract::RestrictionMode;
    let words = match set.mode {
        RestrictionMode::None => "The account is not restricted.",
        RestrictionMode::Locked => {
            "The account is locked while somebody's request to recover it is checked. Your assets \
             are safe. If it was not you, stop it."
        }
        RestrictionMode::Thawing => return thawing(set),
        RestrictionMode::CoolingOff => {
            "The account was recovered and is in its waiting period. You can look and move assets \
             between your own wallets."
        }
        RestrictionMode::Frozen => {
            "A recovery of this account was stopped. Nothing moves until people have decided."
        }
    };
    words.to_owned()
}

/// Limits that rise after a recovery, in words.
fn thawing(set: &RestrictionSet) -> String {
    let Some(limits) = set.limits else {
        return "The account was recovered. Nothing may leave it yet.".to_owned();
    };
    let mut words = format!(
        "The account was recovered, and limits rise day by day. Within 24 hours {} % of each asset \
         may leave it.",
        limits.daily_percent
    );
    if limits.known_addresses_only {
        words.push_str(
            " For now it may only be withdrawn to addresses that the account had before, added \
             again by hand.",
        );
    }
    words
}

impl IntoResponse for ExchangeError {
    fn into_response(self) -> Response {
        let problem = self.problem();
        if problem.status == 500 {
            tracing::error!(error = %self, "the exchange failed");
        }
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_REQUEST);
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut answer = (status, body).into_response();
        let kind = HeaderValue::from_static(PROBLEM_TYPE);
        answer.headers_mut().insert(header::CONTENT_TYPE, kind);
        if let Self::Restricted(what) = self {
            answer.extensions_mut().insert(*what);
        }
        // A layer of the pages turns it into a page for people.
        answer.extensions_mut().insert(problem);
        answer
    }
}
