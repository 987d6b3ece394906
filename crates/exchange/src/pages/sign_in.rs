//! Signing in and out.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use platform::Sensitive;
use serde::Deserialize;
use serde_json::json;

use super::views::{Frame, Login, Said, render};
use super::visitor::{Input, Visitor};
use crate::accounts;
use crate::activity;
use crate::changes;
use crate::error::{ExchangeError, Result};
use crate::factors::{self, Asked, Shown};
use crate::start::App;

/// What a person shows to sign in, or to stop a recovery.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Credentials {
    identifier: Sensitive<String>,
    password: Sensitive<String>,
    #[serde(default)]
    code: String,
}

/// One refusal for every wrong thing: it does not tell which.
pub(super) fn wrong() -> ExchangeError {
    let title = "The name, password or code is not right";
    ExchangeError::Refused(
        platform::contract::Problem::new(401, "wrong_credentials", title)
            .with_detail("A code works once. Wait for the next one and try again."),
    )
}

pub(super) async fn form(
    State(app): State<App>,
    visitor: Visitor,
    Query(said): Query<Said>,
) -> Result<Response> {
    let (cookie, _) = visitor.with_device(&app);
    let jar = cookie
        .into_iter()
        .fold(visitor.jar.clone(), axum_extra::extract::CookieJar::add);
    let passkeys = app.webauthn.is_some();
    let page = Login {
        frame: Frame::new(&app, "Sign in", false).said(&said),
        passkeys,
    };
    Ok((jar, render(&page)?).into_response())
}

/// The account that these credentials open. Failed tries are kept even though it is refused.
pub(super) async fn proved(
    app: &App,
    visitor: &Visitor,
    input: Credentials,
    asked: Asked,
) -> Result<String> {
    let mut db = app.db.begin().await?;
    let account = accounts::resolve(&mut db, input.identifier.reveal()).await?;
    let shown = Shown {
        password: input.password,
        code: input.code,
    };
    let fine = factors::prove(&mut db, account.as_deref(), &shown, asked, app.now()).await?;
    let what = match asked {
        Asked::Stop => activity::STOP,
        Asked::SignIn | Asked::StopCode | Asked::CodeOnly | Asked::PasswordOnly => {
            activity::SIGN_IN
        }
    };
    // A sign-in that succeeds is written down with its session.
    if let Some(account) = account
        .as_deref()
        .filter(|_| !fine || what == activity::STOP)
    {
        visitor.note(app, &mut db, account, what, fine).await?;
    }
    db.commit().await?;
    account.filter(|_| fine).ok_or_else(wrong)
}

pub(super) async fn enter(
    State(app): State<App>,
    visitor: Visitor,
    Input(input): Input<Credentials>,
) -> Result<Response> {
    let account = proved(&app, &visitor, input, Asked::SignIn).await?;
    let mut db = app.db.begin().await?;
    let jar = visitor.sign_in(&app, &mut db, &account).await?;
    db.commit().await?;
    changes::tell(&app).await?;
    Ok((
        jar,
        visitor.done(json!({ "account": account }), "/assets", "signed_in"),
    )
        .into_response())
}

pub(super) async fn leave(State(app): State<App>, visitor: Visitor) -> Result<Response> {
    let mut db = app.db.begin().await?;
    visitor.sign_out(&mut db).await?;
    db.commit().await?;
    Ok(visitor.done(json!({}), "/login", "signed_out"))
}
