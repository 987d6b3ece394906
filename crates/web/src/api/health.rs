//! Whether this process lives: for a supervisor, without a secret and without a database.

use axum::Json;
use serde_json::{Value, json};

/// `GET /health`: 200 as long as requests are served. Whether everything behind it works is what
/// `regain doctor` says, not a page that anybody can call as often as they like.
pub(crate) async fn live() -> Json<Value> {
    Json(json!({ "status": "alive" }))
}
