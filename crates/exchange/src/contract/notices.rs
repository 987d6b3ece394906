//! Notices: one message on every channel known before the case.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use platform::contract::{ChannelKind, ChannelReceipt, NoticeAnswer, NoticeRequest};
use platform::{Sensitive, Span};
use sqlx::SqliteConnection;

use super::account::channel_rows;
use super::once::Once;
use super::{known, parse};
use crate::accounts;
use crate::config::OutgoingMail;
use crate::error::Result;
use crate::faults::Fault;
use crate::holdings::Holding;
use crate::messages::{self, NewMessage};
use crate::pages::not_me_link;
use crate::start::App;

/// For how long the exchange's own "this was not me" works: longer than any recovery.
const NOT_ME_FOR: Span = Span::days(90);

/// What one channel is told: its own words, if there are any.
struct Words<'a> {
    message_code: &'a str,
    subject: &'a str,
    text: Sensitive<String>,
}

/// Nothing where there is nothing for this channel.
fn words<'a>(request: &'a NoticeRequest, id: &str, kind: ChannelKind) -> Option<Words<'a>> {
    let own = request.channels.iter().find(|own| own.channel == id);
    let (message_code, subject, text, short) = match own {
        Some(own) => (&own.message_code, &own.subject, &own.text, &own.short_text),
        None if kind == ChannelKind::RecoveryContact => return None,
        None => (
            &request.message_code,
            &request.subject,
            &request.text,
            &request.short_text,
        ),
    };
    let short = match kind {
        ChannelKind::Sms | ChannelKind::Push => short.clone(),
        ChannelKind::Email
        | ChannelKind::InApp
        | ChannelKind::RecoveryContact
        | ChannelKind::Other => None,
    };
    Some(Words {
        message_code,
        subject,
        text: short.unwrap_or_else(|| text.clone()),
    })
}

/// With what the exchange itself has to say to this channel.
async fn framed(
    app: &App,
    db: &mut SqliteConnection,
    holding: &Holding,
    kind: ChannelKind,
    text: Sensitive<String>,
) -> Result<Sensitive<String>> {
    let account = &holding.account;
    Ok(match kind {
        // In the app a holder presses the exchange's own button.
        ChannelKind::Push => {
            let until = app.now() + NOT_ME_FOR;
            let link = not_me_link(app, db, account, &holding.id, until).await?;
            format!("{}\n\nThis was not me: {link}", text.reveal()).into()
        }
        ChannelKind::RecoveryContact => {
            let name = accounts::user_name(db, account).await?;
            let whose = format!("This is about {name}, who named you as recovery contact.");
            format!("{whose}\n\n{}", text.reveal()).into()
        }
        _ => text,
    })
}

pub(super) async fn send(
    State(app): State<App>,
    Path(account): Path<String>,
    body: Bytes,
) -> Result<Json<NoticeAnswer>> {
    let request: NoticeRequest = parse(&app, &body)?;
    let mut db = app.db.begin().await?;
    known(&mut db, &account).await?;
    let once = Once::new(
        &app,
        format!("{account}/notices"),
        &request.idempotency_key,
        &request,
    )?;
    if let Some(before) = once.before(&mut db).await? {
        return Ok(Json(before.answer));
    }
    let mut channels = Vec::new();
    for (holding, kind) in channel_rows(&mut db, &account).await? {
        let later = holding.created_at >= request.known_before.millis();
        let told = !later || app.has(&[Fault::TellsLaterChannels]);
        let forgotten = kind == ChannelKind::Sms && app.has(&[Fault::ForgetsNoticeChannels]);
        if !told || forgotten {
            continue;
        }
        let Some(words) = words(&request, &holding.id, kind) else {
            continue;
        };
        sqlx::query(
            "INSERT INTO notices (account, message_code, kind, channel, at)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(&account)
        .bind(words.message_code)
        .bind(request.kind.as_str())
        .bind(&holding.id)
        .bind(app.now().millis())
        .execute(&mut *db)
        .await?;
        let text = framed(&app, &mut db, &holding, kind, words.text).await?;
        if kind == ChannelKind::InApp {
            let message = NewMessage {
                account: &account,
                message_code: words.message_code,
                subject: words.subject,
                text: &text,
                known_before: request.known_before,
                at: app.now(),
            };
            messages::keep(&mut db, &message).await?;
        } else {
            // Before the commit: a crash between sends it again, but never loses it.
            (app.config.outgoing)(OutgoingMail {
                channel: kind,
                to: holding.data.clone().into(),
                subject: words.subject.to_owned(),
                text,
            });
        }
        channels.push(ChannelReceipt {
            channel: holding.id,
            kind,
            accepted: true,
        });
    }
    let answer = NoticeAnswer { channels };
    once.keep(&mut db, "", &answer).await?;
    db.commit().await?;
    Ok(Json(answer))
}
