//! How a recording came in: proof that it was made while it was sent.

use serde::{Deserialize, Serialize};

use super::VideoFacts;

/// Milliseconds in a second.
const SECOND: f64 = 1000.0;

/// One piece of the file as it came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chunk {
    /// Its first byte's place in the file.
    pub offset: u64,
    /// Its length in bytes.
    pub length: u64,
    /// When it had arrived, in milliseconds of the take's clock.
    pub at_ms: i64,
}

/// What the server noted while a take was recorded. All times are milliseconds of one clock.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArrivalRecord {
    /// Did the page send pieces while it recorded?
    pub streamed: bool,
    /// When the challenge was given.
    pub created_at_ms: i64,
    /// Until when it may be answered.
    pub expires_at_ms: i64,
    /// Place (from 1) of each digit and when it was shown.
    pub reveals: Vec<(u8, i64)>,
    /// The pieces in the order of their arrival.
    pub chunks: Vec<Chunk>,
}

/// The file's time on the take's clock, as far as the pieces prove it.
#[derive(Debug, Clone, PartialEq)]
pub struct TakeClock {
    /// The moment of the take's clock at which the file starts, by the piece that was fastest.
    pub start_ms: f64,
    /// How much later than the fastest the slowest piece was, in seconds. A pause, a cut or a file
    /// that was made before makes it grow.
    pub drift_seconds: f64,
    /// Most seconds of the file that came in one piece.
    pub largest_seconds: f64,
    /// The moment at which each digit was shown, in milliseconds from the start of the file, in
    /// the order of places.
    pub shown_ms: Vec<f64>,
}

impl TakeClock {
    /// Sets arrivals against the packets' places in the file. Nothing when the take was not
    /// streamed, came in fewer than two pieces, or the pieces are not the whole file in order.
    #[must_use]
    pub fn read(record: &ArrivalRecord, facts: &VideoFacts) -> Option<Self> {
        if !record.streamed || record.chunks.len() < 2 {
            return None;
        }
        let mut packets = packet_ends(facts);
        packets.sort_by_key(|packet| packet.0);
        let mut next = packets.iter().peekable();
        let (mut place, mut arrived_ms, mut file_ms) = (0u64, i64::MIN, 0.0f64);
        let (mut fastest, mut slowest, mut largest) = (f64::MAX, f64::MIN, 0.0f64);
        for chunk in &record.chunks {
            if chunk.offset != place || chunk.at_ms < arrived_ms {
                return None;
            }
            place = place.checked_add(chunk.length)?;
            arrived_ms = chunk.at_ms;
            let before = file_ms;
            while let Some((_, ms)) = next.next_if(|packet| packet.0 <= place) {
                file_ms = file_ms.max(*ms);
            }
            // A piece without a whole packet, such as the end of the container, has no time.
            if file_ms > before {
                largest = largest.max((file_ms - before) / SECOND);
                let start = chunk.at_ms as f64 - file_ms;
                (fastest, slowest) = (fastest.min(start), slowest.max(start));
            }
        }
        if next.peek().is_some() || fastest > slowest {
            return None;
        }
        let mut reveals = record.reveals.clone();
        reveals.sort_by_key(|reveal| reveal.0);
        Some(Self {
            start_ms: fastest,
            drift_seconds: (slowest - fastest) / SECOND,
            largest_seconds: largest,
            shown_ms: reveals
                .iter()
                .map(|reveal| reveal.1 as f64 - fastest)
                .collect(),
        })
    }

    /// The clock of a take that was recorded while it was sent: only its [`TakeClock::shown_ms`]
    /// may be held against what was said.
    #[must_use]
    pub fn proven(
        record: &ArrivalRecord,
        facts: &VideoFacts,
        arrival_seconds: f64,
    ) -> Option<Self> {
        Self::read(record, facts).filter(|clock| clock.is_live(arrival_seconds))
    }

    /// Was the take recorded while it was sent? Neither may a piece be later than the fastest by
    /// more than `arrival_seconds`, nor may more than that come at once.
    #[must_use]
    pub fn is_live(&self, arrival_seconds: f64) -> bool {
        self.greatest_seconds() <= arrival_seconds
    }

    /// The greater of drift and largest piece, in seconds.
    #[must_use]
    pub fn greatest_seconds(&self) -> f64 {
        self.drift_seconds.max(self.largest_seconds)
    }
}

/// End in bytes and in milliseconds of each packet whose place is known.
fn packet_ends(facts: &VideoFacts) -> Vec<(u64, f64)> {
    let timeline = &facts.timeline;
    let all = timeline.pictures.iter().chain(&timeline.sounds);
    all.filter_map(|packet| Some((packet.byte_end?, packet.end_ms)))
        .collect()
}
