//! Hears a request out before it is answered.
//!
//! A server that answers and closes while a browser still sends resets the connection, and people
//! see "the connection was interrupted" instead of "that is larger than allowed here".

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Frame, SizeHint};

/// What nobody wanted is read up to here: more than any form of ours takes, several times.
const UNWANTED_MAX: usize = 256 << 20;
/// And for so long: a line of 20 Mbit/s sends the largest photo five times.
const PATIENCE: Duration = Duration::from_secs(30);

/// A body of which what a handler left is still there afterwards.
#[derive(Clone)]
struct Shared(Arc<Mutex<Body>>);

impl Shared {
    fn with<T>(&self, act: impl FnOnce(Pin<&mut Body>) -> T) -> T {
        let mut body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        act(Pin::new(&mut *body))
    }

    /// Reads the rest away.
    async fn hear_out(&self) {
        let mut heard = 0;
        while heard < UNWANTED_MAX {
            match poll_fn(|context| self.with(|body| body.poll_frame(context))).await {
                Some(Ok(frame)) => heard += frame.data_ref().map_or(0, Bytes::len),
                Some(Err(_)) | None => return,
            }
        }
    }
}

impl HttpBody for Shared {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.with(|body| body.poll_frame(context))
    }

    fn is_end_stream(&self) -> bool {
        self.with(|body| body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.with(|body| body.size_hint())
    }
}

/// Around everything.
pub(crate) async fn hear_out(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let body = Shared(Arc::new(Mutex::new(body)));
    let request = Request::from_parts(parts, Body::new(body.clone()));
    let response = next.run(request).await;
    if !body.is_end_stream() {
        // Whoever is slower than that sees what the browser makes of it.
        let _ = tokio::time::timeout(PATIENCE, body.hear_out()).await;
    }
    response
}
