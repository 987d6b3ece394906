//! P1 to P4: start, genuine site, triage, preparation. Nothing here reads or changes a case.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use axum::routing::{get, post};
use http::header;
use serde::Deserialize;

use crate::error::Failure;
use crate::form::{Errors, Posted};
use crate::layout::Frame;
use crate::portal::ticket;
use crate::routes::{GET, POST, Route, Who};
use crate::visit::Visit;

/// Start, genuine site, triage, preparation.
pub(crate) const ROUTES: &[Route] = &[
    Route::page("/", Who::Visitor, "What do you want to do?", || {
        get(start).post(choose)
    }),
    Route::page(
        "/check-site",
        Who::Visitor,
        "Make sure this is the real site",
        || get(site).post(site_answer),
    ),
    Route::page("/check-site/stop", Who::Visitor, "Stop here", || {
        get(stop_here)
    })
    .only(GET),
    Route::page(
        "/ways-in",
        Who::Visitor,
        "Which of these can you still use?",
        || get(ways).post(ways_answer),
    ),
    Route::page(
        "/ways-in/faster",
        Who::Visitor,
        "You have a faster way",
        || get(faster),
    )
    .only(GET),
    Route::page(
        "/ways-in/tried",
        Who::Visitor,
        "You have a faster way",
        || post(tried),
    )
    .only(POST),
    Route::page("/prepare", Who::Visitor, "Get these things ready", || {
        get(prepare).post(ready)
    }),
];

/// Where people come from.
const ENTRIES: [&str; 4] = ["login", "help", "app", "link"];

/// Ways in that a person may still have (M2).
const WAYS: [(&str, &str); 6] = [
    ("email", "The e-mail of my account"),
    ("phone", "The phone number of my account"),
    ("authenticator", "My authenticator app or its backup"),
    ("passkey", "A passkey or security key"),
    ("device", "A device where I am still signed in"),
    ("backup", "Backup codes or a recovery contact"),
];

/// Where the start page was opened from.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Arrival {
    from: String,
    ticket: String,
}

#[derive(Template)]
#[template(path = "portal/start.html")]
struct StartPage<'a> {
    frame: Frame,
    errors: &'a Errors,
    entry: &'a str,
    first: bool,
}

fn known_entry(from: &str) -> &'static str {
    ENTRIES
        .into_iter()
        .find(|entry| *entry == from)
        .unwrap_or("link")
}

fn start_page(visit: &Visit, from: &str, errors: &Errors) -> Result<Response, Failure> {
    let page = StartPage {
        frame: visit.own_frame().failing(!errors.is_empty()),
        errors,
        entry: known_entry(from),
        first: matches!(from, "login" | "help" | "app"),
    };
    visit.form(errors, &page)
}

async fn start(visit: Visit, Query(arrival): Query<Arrival>) -> Result<Response, Failure> {
    if !arrival.ticket.is_empty() {
        // The ticket leaves the address before anything is shown.
        let from = known_entry(&arrival.from);
        let mut response = visit.go(&format!("/?from={from}"));
        let secure = visit.app.settings().secure_cookies();
        if let Some(cookie) = ticket::keep(secure, &arrival.ticket) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        return Ok(response);
    }
    start_page(&visit, &arrival.from, &Errors::none())
}

async fn choose(mut visit: Visit, form: Posted) -> Result<Response, Failure> {
    let entry = known_entry(&form.line("from"));
    match form.choice("what", &["start", "continue", "stop", "check"]) {
        Some("start") => {
            visit.keep(|kept| kept.entry = entry.to_owned()).await?;
            visit.done(&form, "/check-site").await
        }
        Some("continue") => Ok(visit.go("/continue")),
        Some("stop") => Ok(visit.go("/stop")),
        Some(_) => Ok(visit.go("/check")),
        None => {
            let errors = Errors::one("what", "missing", "Choose what you want to do");
            start_page(&visit, entry, &errors)
        }
    }
}

#[derive(Template)]
#[template(path = "portal/check_site.html")]
struct SitePage<'a> {
    frame: Frame,
    errors: &'a Errors,
    domains: &'a [String],
}

fn site_page(visit: &Visit, errors: &Errors) -> Result<Response, Failure> {
    let page = SitePage {
        frame: visit.own_frame().back("/").failing(!errors.is_empty()),
        errors,
        domains: &visit.app.settings().official_domains,
    };
    visit.form(errors, &page)
}

async fn site(visit: Visit) -> Result<Response, Failure> {
    site_page(&visit, &Errors::none())
}

async fn site_answer(mut visit: Visit, form: Posted) -> Result<Response, Failure> {
    match form.choice("address", &["exact", "different", "unsure"]) {
        Some("exact") => {
            visit.keep(|kept| kept.site_seen = true).await?;
            visit.done(&form, "/ways-in").await
        }
        Some(_) => Ok(visit.go("/check-site/stop")),
        None => site_page(
            &visit,
            &Errors::one("address", "missing", "Choose what your address bar shows"),
        ),
    }
}

#[derive(Template)]
#[template(path = "portal/stop_here.html")]
struct StopHerePage {
    frame: Frame,
}

async fn stop_here(visit: Visit) -> Result<Response, Failure> {
    visit.page(&StopHerePage {
        frame: visit.own_frame().back("/check-site"),
    })
}

#[derive(Template)]
#[template(path = "portal/ways_in.html")]
struct WaysPage<'a> {
    frame: Frame,
    errors: &'a Errors,
    form: &'a Posted,
    ways: &'a [(&'static str, &'static str)],
}

fn ways_page(visit: &Visit, form: &Posted, errors: &Errors) -> Result<Response, Failure> {
    let page = WaysPage {
        frame: visit
            .own_frame()
            .back("/check-site")
            .failing(!errors.is_empty()),
        errors,
        form,
        ways: &WAYS,
    };
    visit.form(errors, &page)
}

async fn ways(visit: Visit) -> Result<Response, Failure> {
    ways_page(&visit, &Posted::default(), &Errors::none())
}

/// Names of the ways among what was ticked.
fn working(form: &Posted) -> Vec<String> {
    WAYS.iter()
        .filter(|(name, _)| form.has("way", name))
        .map(|(name, _)| (*name).to_owned())
        .collect()
}

async fn ways_answer(mut visit: Visit, form: Posted) -> Result<Response, Failure> {
    let working = working(&form);
    match (working.is_empty(), form.has("way", "none")) {
        (true, true) => {
            visit.keep(|kept| kept.triage_done = true).await?;
            visit.done(&form, "/prepare").await
        }
        (false, false) => {
            visit
                .keep(|kept| {
                    kept.extra.insert("ways".to_owned(), working.into());
                })
                .await?;
            visit.done(&form, "/ways-in/faster").await
        }
        (true, false) => {
            let errors = Errors::one("way", "missing", "Choose at least one answer");
            ways_page(&visit, &form, &errors)
        }
        (false, true) => {
            let sentence = "Choose either ways that work, or none of these";
            ways_page(&visit, &form, &Errors::one("way", "both", sentence))
        }
    }
}

#[derive(Template)]
#[template(path = "portal/faster.html")]
struct FasterPage<'a> {
    frame: Frame,
    errors: &'a Errors,
    ways: Vec<(&'static str, &'static str)>,
    reset: &'a str,
}

fn faster_page(visit: &Visit, errors: &Errors) -> Result<Response, Failure> {
    let kept = visit.kept();
    let chosen = kept.extra.get("ways").and_then(|ways| ways.as_array());
    let ways: Vec<_> = WAYS
        .into_iter()
        .filter(|(name, _)| {
            chosen.is_some_and(|chosen| chosen.iter().any(|way| way.as_str() == Some(name)))
        })
        .collect();
    if ways.is_empty() {
        return Ok(visit.go("/ways-in"));
    }
    let page = FasterPage {
        frame: visit
            .own_frame()
            .back("/ways-in")
            .failing(!errors.is_empty()),
        errors,
        ways,
        reset: visit.app.settings().reset_url.as_str(),
    };
    visit.form(errors, &page)
}

async fn faster(visit: Visit) -> Result<Response, Failure> {
    faster_page(&visit, &Errors::none())
}

async fn tried(mut visit: Visit, form: Posted) -> Result<Response, Failure> {
    let names = WAYS.map(|(name, _)| name);
    let Some(way) = form.choice("tried", &names) else {
        let errors = Errors::one("tried", "missing", "Choose the way that failed");
        return faster_page(&visit, &errors);
    };
    visit
        .keep(|kept| {
            kept.triage_done = true;
            if !kept.tried.iter().any(|known| known == way) {
                kept.tried.push(way.to_owned());
            }
        })
        .await?;
    visit.done(&form, "/prepare").await
}

#[derive(Template)]
#[template(path = "portal/prepare.html")]
struct PreparePage {
    frame: Frame,
    days: i64,
    years: u16,
}

async fn prepare(visit: Visit) -> Result<Response, Failure> {
    visit.page(&PreparePage {
        frame: visit.own_frame().back("/ways-in"),
        days: visit.engine().policy().gathering.days_to_finish,
        years: visit.app.settings().idle_years,
    })
}

async fn ready(mut visit: Visit, form: Posted) -> Result<Response, Failure> {
    visit.done(&form, "/consent").await
}
