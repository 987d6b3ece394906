//! The stream of restriction changes, as a platform reads it.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use eventsource_stream::{Event, EventStreamError, Eventsource as _};
use futures::{Stream, StreamExt as _};

use crate::contract::RestrictionEvent;
use crate::paths::JSON_MAX;
use crate::transport::{ClientError, Transport, failure};

/// How long a stream may be silent. Regain says something every second.
pub const SILENT_MAX: Duration = Duration::from_secs(3);

type Events = dyn Stream<Item = Result<Event, EventStreamError<ClientError>>> + Send;

/// Changes as they come, each verified and in its place.
pub struct RestrictionChanges {
    transport: Transport,
    nonce: String,
    place: u64,
    events: Pin<Box<Events>>,
    /// Bytes that came since the last event.
    unread: Arc<AtomicUsize>,
}

impl RestrictionChanges {
    pub(crate) fn new(transport: Transport, answer: reqwest::Response, nonce: String) -> Self {
        let unread = Arc::new(AtomicUsize::new(0));
        let chunks = futures::stream::unfold((answer, unread.clone()), |(mut answer, unread)| {
            async move {
                let chunk = match answer.chunk().await {
                    Ok(None) => return None,
                    Ok(Some(chunk)) => Ok(chunk),
                    Err(error) => Err(failure(&error)),
                };
                let more = chunk.as_ref().map_or(0, |chunk| chunk.len());
                // An event that never ends must not fill our memory.
                let chunk = if unread.fetch_add(more, Ordering::Relaxed) > JSON_MAX {
                    Err(ClientError::TooLarge)
                } else {
                    chunk
                };
                Some((chunk, (answer, unread)))
            }
        });
        Self {
            transport,
            nonce,
            place: 0,
            events: Box::pin(chunks.eventsource()),
            unread,
        }
    }

    /// The next event. After an error the stream is over; open it anew after the last number.
    ///
    /// # Errors
    /// [`ClientError::Timeout`] when nothing came for three seconds, [`ClientError::Unreachable`]
    /// when it ended, [`ClientError::Unsigned`] for an event that is not Regain's or not in its
    /// place, [`ClientError::Malformed`] for one that is not the contract's.
    pub async fn next(&mut self) -> Result<RestrictionEvent, ClientError> {
        let next = tokio::time::timeout(SILENT_MAX, self.events.next()).await;
        let event = match next.map_err(|_| ClientError::Timeout)? {
            None => return Err(ClientError::Unreachable),
            Some(Err(EventStreamError::Transport(error))) => return Err(error),
            Some(Err(_)) => return Err(ClientError::Malformed),
            Some(Ok(event)) => event,
        };
        self.unread.store(0, Ordering::Relaxed);
        let (signature, data) = event.data.split_once('\n').unwrap_or_default();
        let nonce = &self.nonce;
        if !self
            .transport
            .event_verifies(nonce, self.place, data, signature)
        {
            return Err(ClientError::Unsigned { code: 200 });
        }
        self.place += 1;
        serde_json::from_str(data).map_err(|_| ClientError::Malformed)
    }
}
