//! What the platform tells of an account: that its holder stops a recovery, that something of it
//! changed. Each call and its answer are signed.

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
