//! A1: go on with a phone, as the phone sees it until it is in: a link or a code, the question
//! whose request it is, and a word that only the other screen shows.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;
use engine::inputs::SessionKind;
use engine::views::PhoneDoor;
use http::{HeaderMap, header};

use crate::error::Failure;
use crate::form::{Errors, Posted};
use crate::layout::Frame;
use crate::portal::carried::{Carried, is_secret};
use crate::routes::{GET, Route, Who};
use crate::session::Kept;
use crate::visit::Visit;
use crate::when;

/// On the phone, until it is in.
pub(crate) const ROUTES: &[Route] = &[
    Route::page(
        "/p",
        Who::Visitor,
        "Type the code from the computer",
        || get(ask_code).post(typed),
    ),
    Route::page(
        "/p/request",
        Who::Visitor,
        "Is this your own request?",
        || get(ask).post(answer),
    ),
    Route::page(
        "/p/word",
        Who::Visitor,
        "Which word is on the computer?",
        || get(ask_word).post(match_word),
    ),
    Route::page(
        "/p/{token}",
        Who::Visitor,
        "Is this your own request?",
        || get(arrive),
    )
    .only(GET),
];

/// Codes and links tried from one network at once, and per hour after that: with 45 bits and ten
/// minutes guessing is hopeless, and whoever mistypes is not kept out.
const TRIES_AT_ONCE: u32 = 30;
const TRIES_PER_HOUR: u32 = 120;

/// The link's secret in the phone's browser, for as long as the link works.
const LINK: Carried = Carried {
    plain: "regain-phone",
    host: "__Host-regain-phone",
    seconds: 600,
};

#[derive(Template)]
#[template(path = "portal/phone_code.html")]
struct CodePage<'a> {
    frame: Frame,
    errors: &'a Errors,
    typed: String,
}

fn code_page(visit: &Visit, form: &Posted, errors: &Errors) -> Result<Response, Failure> {
    let page = CodePage {
        frame: visit.own_frame().failing(!errors.is_empty()),
        errors,
        typed: form.line("code"),
    };
    visit.form(errors, &page)
}

async fn ask_code(visit: Visit) -> Result<Response, Failure> {
    code_page(&visit, &Posted::default(), &Errors::none())
}

async fn slow_down(visit: &Visit) -> Result<(), Failure> {
    visit
        .slow_down("phone", TRIES_AT_ONCE, TRIES_PER_HOUR)
        .await
}

async fn typed(visit: Visit, form: Posted) -> Result<Response, Failure> {
    let code = form.line("code").replace(' ', "");
    if code.is_empty() {
        let errors = Errors::one("code", "missing", "Enter the code from the computer");
        return code_page(&visit, &form, &errors);
    }
    slow_down(&visit).await?;
    let known = is_secret(&code) && visit.engine().phone_door(&code).await? != PhoneDoor::Unknown;
    if !known {
        let sentence = "That code does not fit. Look at the computer again";
        return code_page(&visit, &form, &Errors::one("code", "wrong", sentence));
    }
    Ok(carry(&visit, &code))
}

/// The secret leaves the address before anything is shown; opening the link does nothing else.
async fn arrive(visit: Visit, Path(token): Path<String>) -> Result<Response, Failure> {
    Ok(carry(&visit, &token))
}

fn carry(visit: &Visit, secret: &str) -> Response {
    let secure = visit.app.settings().secure_cookies();
    let mut response = visit.go("/p/request");
    if let Some(cookie) = LINK.set(secure, secret) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// An open link: what its page asks.
struct Open {
    secret: String,
    code: String,
    browser: String,
    minutes: i64,
    asked: bool,
    words: Vec<&'static str>,
}

/// The open link that this browser carries; what to show instead where it carries none.
async fn open(visit: &Visit, headers: &HeaderMap) -> Result<Result<Open, Response>, Failure> {
    let secure = visit.app.settings().secure_cookies();
    let Some(secret) = LINK.read(headers, secure) else {
        return Ok(Err(visit.go("/p")));
    };
    slow_down(visit).await?;
    let dead = |title, sentence| Failure::DeadLink {
        title,
        sentence,
        next: ("Type a code from the computer", "/p"),
    };
    match visit.engine().phone_door(&secret).await? {
        PhoneDoor::Open {
            code,
            browser,
            minutes,
            asked,
            words,
        } => Ok(Ok(Open {
            secret,
            code,
            browser,
            minutes,
            asked,
            words,
        })),
        PhoneDoor::Used => Err(dead(
            "This link was used already",
            "It works once. To go on with another phone, show a new picture on the computer.",
        )),
        PhoneDoor::Expired => Err(dead(
            "This link is too old",
            "It works for 10 minutes. Show a new picture on the computer and scan that.",
        )),
        PhoneDoor::Replaced => Err(dead(
            "This link was replaced by a newer one",
            "Scan the picture that the computer shows now, or type its code.",
        )),
        PhoneDoor::Stopped => Err(dead(
            "This link was stopped",
            "On a phone somebody chose the wrong word, or said that the request is not theirs. \
             If it is yours, show a new picture on the computer.",
        )),
        PhoneDoor::Unknown => Err(dead(
            "This link does not work",
            "It belongs to no request we know. Scan the picture again, or type the code beside it.",
        )),
    }
}

#[derive(Template)]
#[template(path = "portal/phone_ask.html")]
struct AskPage<'a> {
    frame: Frame,
    errors: &'a Errors,
    code: String,
    browser: String,
    ago: String,
}

fn ago(minutes: i64) -> String {
    match minutes {
        ..=0 => "less than a minute ago".to_owned(),
        1 => "1 minute ago".to_owned(),
        more => format!("{more} minutes ago"),
    }
}

fn ask_page(visit: &Visit, open: &Open, errors: &Errors) -> Result<Response, Failure> {
    let page = AskPage {
        frame: visit.own_frame().failing(!errors.is_empty()),
        errors,
        code: open.code.clone(),
        browser: open.browser.clone(),
        ago: ago(open.minutes),
    };
    visit.form(errors, &page)
}

async fn ask(visit: Visit, headers: HeaderMap) -> Result<Response, Failure> {
    match open(&visit, &headers).await? {
        Ok(open) => ask_page(&visit, &open, &Errors::none()),
        Err(elsewhere) => Ok(elsewhere),
    }
}

#[derive(Template)]
#[template(path = "portal/phone_stopped.html")]
struct StoppedPage {
    frame: Frame,
}

async fn answer(visit: Visit, headers: HeaderMap, form: Posted) -> Result<Response, Failure> {
    let open = match open(&visit, &headers).await? {
        Ok(open) => open,
        Err(elsewhere) => return Ok(elsewhere),
    };
    match form.choice("mine", &["yes", "no"]) {
        Some("yes") => {
            visit.engine().phone_is_mine(&open.secret).await?;
            Ok(visit.go("/p/word"))
        }
        Some(_) => {
            visit.engine().phone_is_not_mine(&open.secret).await?;
            visit.page(&StoppedPage {
                frame: visit.frame("The link is dead now"),
            })
        }
        None => {
            let errors = Errors::one("mine", "missing", "Choose an answer");
            ask_page(&visit, &open, &errors)
        }
    }
}

#[derive(Template)]
#[template(path = "portal/phone_word.html")]
struct WordPage {
    frame: Frame,
    words: Vec<&'static str>,
}

async fn ask_word(visit: Visit, headers: HeaderMap) -> Result<Response, Failure> {
    match open(&visit, &headers).await? {
        Ok(open) if open.asked => visit.page(&WordPage {
            frame: visit.own_frame().back("/p/request"),
            words: open.words,
        }),
        Ok(_) => Ok(visit.go("/p/request")),
        Err(elsewhere) => Ok(elsewhere),
    }
}

async fn match_word(
    mut visit: Visit,
    headers: HeaderMap,
    form: Posted,
) -> Result<Response, Failure> {
    let open = match open(&visit, &headers).await? {
        Ok(open) if open.asked => open,
        Ok(_) => return Ok(visit.go("/p/request")),
        Err(elsewhere) => return Ok(elsewhere),
    };
    // What is no word of the page is a mistake of a script, and costs the one try as well.
    let word = form.choice("word", &open.words).unwrap_or_default();
    let Some(case) = visit.engine().phone_word(&open.secret, word).await? else {
        return Err(Failure::DeadLink {
            title: "That is another word",
            sentence: "The link is dead now. Show a new picture on the computer, if the computer \
                       is in front of you.",
            next: ("Type a code from the computer", "/p"),
        });
    };
    let zone = form.line("zone");
    let kept = Kept {
        zone: if when::is_zone(&zone) {
            zone
        } else {
            String::new()
        },
        ..Kept::default()
    };
    visit
        .start(SessionKind::Phone, "", Some(&case), kept)
        .await?;
    Ok(visit.go("/case"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_ago_is_said_in_minutes() {
        assert_eq!(
            (ago(0), ago(1)),
            (
                "less than a minute ago".to_owned(),
                "1 minute ago".to_owned()
            )
        );
        assert_eq!(ago(9), "9 minutes ago");
    }
}
