//! Notices: one message on every channel known before the case.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use platform::Span;
use platform::contract::{ChannelKind, ChannelReceipt, NoticeAnswer, NoticeRequest};

use super::account::channel_rows;
use super::once::Once;
use super::{known, parse};
use crate::config::OutgoingMail;
use crate::error::Result;
use crate::faults::Fault;
use crate::holdings::Holding;
use crate::pages::not_me_link;
use crate::start::App;

/// For how long the exchange's own "this was not me" works: longer than any recovery.
const NOT_ME_FOR: Span = Span::days(90);

fn message(
    request: &NoticeRequest,
    holding: &Holding,
    kind: ChannelKind,
    not_me: Option<&str>,
) -> OutgoingMail {
    let short = match kind {
        ChannelKind::Sms | ChannelKind::Push => request.short_text.clone(),
        ChannelKind::Email | ChannelKind::InApp | ChannelKind::Other => None,
    };
    let mut text = short.unwrap_or_else(|| request.text.clone());
    if let Some(link) = not_me {
        text = format!("{}\n\nThis was not me: {link}", text.reveal()).into();
    }
    OutgoingMail {
        channel: kind,
        to: holding.data.clone().into(),
        subject: request.subject.clone(),
        text,
    }
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
        sqlx::query(
            "INSERT INTO notices (account, message_code, kind, channel, at)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(&account)
        .bind(&request.message_code)
        .bind(request.kind.as_str())
        .bind(&holding.id)
        .bind(app.now().millis())
        .execute(&mut *db)
        .await?;
        // Before the commit: a crash between sends it again, but never loses it.
        let until = app.now() + NOT_ME_FOR;
        // In the app a holder presses the exchange's own button.
        let not_me = match kind {
            ChannelKind::Push => {
                Some(not_me_link(&app, &mut db, &account, &holding.id, until).await?)
            }
            _ => None,
        };
        (app.config.outgoing)(message(&request, &holding, kind, not_me.as_deref()));
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
