//! The ordinary way back for who still has a factor (M2): the other factor and the e-mail address.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use platform::Sensitive;
use platform::contract::{ActionName, CapabilityName, ChannelKind};
use serde::Deserialize;
use serde_json::json;
use sqlx::SqliteConnection;

use super::security::{begin as begin_ceremony, finish as take_back};
use super::views::{Frame, Message, Reset, ResetLast, Said, render};
use super::visitor::{Input, Visitor};
use crate::accounts;
use crate::config::OutgoingMail;
use crate::contract::password_fault;
use crate::error::{ExchangeError, Result};
use crate::factors::{self, Asked, Shown};
use crate::guard::guard;
use crate::holdings::{self, Holding, kind, state};
use crate::secrets;
use crate::start::App;

/// Purpose of the ceremony between the mail and the last form.
const PURPOSE: &str = "reset";

/// What was lost.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Lost {
    Password,
    Totp,
}

/// Who lost what, and what is left.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Begin {
    identifier: Sensitive<String>,
    lost: Lost,
    #[serde(default)]
    password: Sensitive<String>,
    #[serde(default)]
    code: String,
}

pub(super) async fn form(State(app): State<App>, Query(said): Query<Said>) -> Result<Response> {
    let frame = Frame::new(&app, "Reset one factor", false).said(&said);
    Ok(render(&Reset { frame })?.into_response())
}

async fn in_use(db: &mut SqliteConnection, account: &str, kind: &str) -> Result<Vec<Holding>> {
    let class = ActionName::OLD_FACTORS;
    let factors = holdings::list(db, account, class, state::ACTIVE).await?;
    Ok(factors
        .into_iter()
        .filter(|factor| factor.kind == kind)
        .collect())
}

/// Mails a link when the factor that is left is right; the answer is the same if it is not.
pub(super) async fn begin(
    State(app): State<App>,
    visitor: Visitor,
    Input(input): Input<Begin>,
) -> Result<Response> {
    let asked = match input.lost {
        Lost::Password => Asked::CodeOnly,
        Lost::Totp => Asked::PasswordOnly,
    };
    let mut db = app.db.begin().await?;
    let account = accounts::resolve(&mut db, input.identifier.reveal()).await?;
    let shown = Shown {
        password: input.password,
        code: input.code,
    };
    let fine = factors::prove(&mut db, account.as_deref(), &shown, asked, app.now()).await?;
    if let Some(account) = account.filter(|_| fine) {
        let lost = if input.lost == Lost::Password {
            kind::PASSWORD
        } else {
            kind::TOTP
        };
        let ceremony = begin_ceremony(&app, &mut db, &account, PURPOSE, lost).await?;
        let base = app.config.base_url.trim_end_matches('/');
        for email in in_use(&mut db, &account, kind::EMAIL).await? {
            (app.config.outgoing)(OutgoingMail {
                channel: ChannelKind::Email,
                to: email.data.into(),
                subject: format!("{}: reset one factor", app.config.name),
                text: format!("Open within ten minutes: {base}/reset/{ceremony}").into(),
            });
        }
    }
    db.commit().await?;
    Ok(visitor.done(json!({}), "/reset", "mailed"))
}

pub(super) async fn last_form(
    State(app): State<App>,
    Path(ceremony): Path<String>,
) -> Result<Response> {
    let frame = Frame::new(&app, "Reset one factor", false);
    Ok(render(&ResetLast { frame, ceremony })?.into_response())
}

/// The new password; nothing for a lost authenticator, which is only taken away.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Finish {
    #[serde(default)]
    password: Sensitive<String>,
}

pub(super) async fn finish(
    State(app): State<App>,
    Path(ceremony): Path<String>,
    visitor: Visitor,
    Input(input): Input<Finish>,
) -> Result<Response> {
    let (account, lost) = take_back(&app, &ceremony, PURPOSE).await?;
    let mut db = app.db.begin().await?;
    guard(&app, &mut db, &account, CapabilityName::CHANGE_SECURITY).await?;
    if lost == kind::PASSWORD {
        if password_fault(&mut db, &account, &input.password)
            .await?
            .is_some()
        {
            let words = "Choose another password of 8 characters or more, and begin again";
            return Err(ExchangeError::field(words));
        }
        let hash = secrets::hash_password(&input.password).await?;
        for old in in_use(&mut db, &account, kind::PASSWORD).await? {
            sqlx::query("UPDATE holdings SET data = $1 WHERE id = $2")
                .bind(&hash)
                .bind(&old.id)
                .execute(&mut *db)
                .await?;
        }
    } else {
        for old in in_use(&mut db, &account, kind::TOTP).await? {
            holdings::remove(&mut db, &account, ActionName::OLD_FACTORS, &old.id).await?;
        }
    }
    db.commit().await?;
    if visitor.json {
        return Ok(visitor.done(json!({}), "/login", "changed"));
    }
    let page = Message {
        frame: Frame::new(&app, "Done", false),
        text: "It is reset. Sign in now.".to_owned(),
        restricted: false,
        stop_page: None,
    };
    Ok(render(&page)?.into_response())
}
