//! Notices: one message on every channel known before the case.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use platform::contract::{ChannelKind, ChannelReceipt, NoticeAnswer, NoticeRequest};

use super::account::channel_rows;
use super::once::Once;
use super::{known, parse};
use crate::config::OutgoingMail;
use crate::error::Result;
use crate::holdings::Holding;
use crate::start::App;

fn message(request: &NoticeRequest, holding: &Holding, kind: ChannelKind) -> OutgoingMail {
    let short = match kind {
        ChannelKind::Sms | ChannelKind::Push => request.short_text.clone(),
        ChannelKind::Email | ChannelKind::InApp | ChannelKind::Other => None,
    };
    OutgoingMail {
        channel: kind,
        to: holding.data.clone().into(),
        subject: request.subject.clone(),
        text: short.unwrap_or_else(|| request.text.clone()),
    }
}

pub(super) async fn send(
    State(app): State<App>,
    Path(account): Path<String>,
    body: Bytes,
) -> Result<Json<NoticeAnswer>> {
    let request: NoticeRequest = parse(&body)?;
    let mut db = app.db.begin().await?;
    known(&mut db, &account).await?;
    let once = Once::new(
        format!("{account}/notices"),
        &request.idempotency_key,
        &request,
    )?;
    if let Some(before) = once.before(&mut db).await? {
        return Ok(Json(before.answer));
    }
    let mut channels = Vec::new();
    for (holding, kind) in channel_rows(&mut db, &account).await? {
        if holding.created_at >= request.known_before.millis() {
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
        (app.config.outgoing)(message(&request, &holding, kind));
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
