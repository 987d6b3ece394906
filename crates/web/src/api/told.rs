//! What the platform tells of an account: that its holder stops a recovery or wants a code to stop
//! one later, that something of it changed. Each call and its answer are signed.

use axum::extract::Path;
use axum::response::Response;
use serde_json::json;

use super::call::{Asked, about};
use crate::visit::Visit;

/// `POST /platform/v1/accounts/{account}/veto`.
pub(crate) async fn veto(visit: Visit, Path(account): Path<String>, asked: Asked) -> Response {
    about(&visit, &account, &asked, async |account| {
        let stopped = visit.engine().platform_veto(&account, &asked.body).await?;
        Ok(json!({ "stopped": stopped }))
    })
    .await
}

/// `POST /platform/v1/accounts/{account}/veto-codes`: a code for the holder to keep on paper.
pub(crate) async fn veto_code(visit: Visit, Path(account): Path<String>, asked: Asked) -> Response {
    about(&visit, &account, &asked, async |account| {
        let made = visit.engine().platform_veto_code(&account).await?;
        Ok(json!({
            "code": made.code.reveal(),
            "made_at": made.made_at,
            "stop_page_url": made.stop_page_url,
        }))
    })
    .await
}

/// `POST /platform/v1/accounts/{account}/changes`: something changed while a recovery waits.
pub(crate) async fn change(visit: Visit, Path(account): Path<String>, asked: Asked) -> Response {
    about(&visit, &account, &asked, async |account| {
        let longer = visit
            .engine()
            .platform_change(&account, &asked.body)
            .await?;
        Ok(json!({ "longer": longer }))
    })
    .await
}
