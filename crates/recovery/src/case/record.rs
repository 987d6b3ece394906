//! Events as they are stored: the envelope, its canonical bytes, and reading them back.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::actor::Actor;
use crate::case::event::Event;
use crate::id::CaseId;
use crate::time::Timestamp;

/// The version of the envelope that this code writes and reads.
pub const ENVELOPE: u8 = 1;

/// An event with its place in the case's history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// Version of this envelope.
    pub v: u8,
    /// Which case.
    pub case: CaseId,
    /// Place in the case's history, from 1.
    pub seq: u64,
    /// When, by the database's clock.
    pub at: Timestamp,
    /// Who caused it.
    pub actor: Actor,
    /// What happened.
    pub event: Event,
}

/// Why stored bytes are not an event.
#[derive(Debug, Error)]
#[error("a stored event cannot be read: {0}")]
pub struct DecodeError(#[from] serde_json::Error);

/// The canonical bytes of an event: JSON with sorted keys, no spaces and no fractions. The leaf
/// digest of the audit log is taken over exactly these bytes.
///
/// # Errors
/// Only when a value cannot be written as JSON, which no event's can.
pub fn encode(recorded: &Recorded) -> Result<Vec<u8>, DecodeError> {
    let mut text = String::new();
    write_canonical(&serde_json::to_value(recorded)?, &mut text);
    Ok(text.into_bytes())
}

fn write_canonical(value: &serde_json::Value, out: &mut String) {
    use serde_json::Value;
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|a, b| a.0.cmp(b.0));
            out.push('{');
            for (place, (key, inner)) in entries.into_iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write_canonical(inner, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (place, inner) in items.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write_canonical(inner, out);
            }
            out.push(']');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

/// Reads stored bytes back.
///
/// # Errors
/// When they are not an event of a kind this version knows.
pub fn decode(bytes: &[u8]) -> Result<Recorded, DecodeError> {
    let recorded: Recorded = serde_json::from_slice(bytes)?;
    if recorded.v != ENVELOPE {
        let text = format!("envelope version {} is not known", recorded.v);
        return Err(DecodeError(serde::de::Error::custom(text)));
    }
    Ok(recorded)
}
