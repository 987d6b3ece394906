//! The mailbox page of the demo: every message that anybody received, and the virtual clock.

use std::fmt::Write as _;

use axum::extract::{Form, State};
use axum::response::{Html, Redirect};
use axum::routing::{get, post};
use axum::{Json, Router};
use recovery::time::Span;
use serde::Deserialize;

use super::mailbox::{Mail, Mailbox};
use super::world::VirtualClock;

/// Hours one press may skip.
const SKIP_HOURS_MAX: i64 = 24 * 31;

#[derive(Clone)]
struct Shared {
    mailbox: Mailbox,
    clock: VirtualClock,
}

#[derive(Deserialize)]
struct Skip {
    hours: i64,
}

/// The page, the mails as JSON, and the clock.
pub(crate) fn router(mailbox: Mailbox, clock: VirtualClock) -> Router {
    Router::new()
        .route("/", get(show))
        .route("/mails.json", get(list))
        .route("/clock", post(skip))
        .with_state(Shared { mailbox, clock })
}

async fn list(State(shared): State<Shared>) -> Json<Vec<Mail>> {
    Json(shared.mailbox.all())
}

async fn skip(State(shared): State<Shared>, Form(skip): Form<Skip>) -> Redirect {
    let hours = skip.hours.clamp(1, SKIP_HOURS_MAX);
    if let Err(error) = shared.clock.advance(Span::hours(hours)).await {
        tracing::error!(%error, "the demo's clock could not be moved");
    }
    Redirect::to("/")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

async fn show(State(shared): State<Shared>) -> Html<String> {
    let now = engine::when::date_time(shared.clock.now(), None);
    let mut html = format!(
        "<!doctype html><html lang=en><meta charset=utf-8>\
         <meta name=viewport content=\"width=device-width\"><title>Demo mailbox</title>\
         <h1>Demo mailbox</h1><p>Everything that anybody was sent: applicants, holders, by mail, \
         SMS and push. The demo's time is <strong>{now}</strong>.</p>\
         <form method=post action=/clock><label>Let hours pass \
         <input name=hours type=number value=24 min=1 max=744></label> <button>Go on</button>\
         </form>"
    );
    for mail in shared.mailbox.all().iter().rev() {
        let _written = write!(
            html,
            "<hr><article><h2>{}</h2><p>{} to {}</p><pre style=\"white-space:pre-wrap;\
             overflow-wrap:anywhere\">{}</pre></article>",
            escaped(&mail.subject),
            escaped(&mail.channel),
            escaped(&mail.to),
            linked(&mail.text),
        );
    }
    Html(html)
}

/// The text with its web addresses as links.
fn linked(text: &str) -> String {
    text.split_inclusive(char::is_whitespace)
        .map(|word| {
            let address = word.trim_end().trim_end_matches(['.', ',']);
            if address.starts_with("http://") || address.starts_with("https://") {
                let rest = word.get(address.len()..).unwrap_or_default();
                let shown = escaped(address);
                format!("<a href=\"{shown}\">{shown}</a>{}", escaped(rest))
            } else {
                escaped(word)
            }
        })
        .collect()
}
