//! Many connections that each ask one thing after the other, as a platform's servers do.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use memchr::memmem;
use platform::signature::{nonce_text, sign_request};
use platform::{SharedKeys, Timestamp};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Connections at the same time.
const CONNECTIONS: usize = 32;
/// How long a round lasts.
const LASTS: Duration = Duration::from_secs(1);
/// Requests that are signed before the round, each for another account.
const PREPARED: usize = 20_000;

/// A server and what it is asked.
pub(crate) struct Target {
    address: SocketAddr,
    requests: Arc<Vec<Vec<u8>>>,
}

/// What a round came to.
pub(crate) struct Round {
    /// Answers a second.
    pub(crate) rate: f64,
    half: Duration,
    late: Duration,
}

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rate, half, late } = self;
        write!(
            f,
            "{rate:.0} a second, half within {half:.0?}, 99 of 100 within {late:.0?}"
        )
    }
}

impl Target {
    /// Signed requests about accounts spread over all there are. A read may be repeated within five
    /// minutes, so they are signed once.
    pub(crate) fn new(address: SocketAddr, keys: &SharedKeys, accounts: usize) -> Self {
        let millis = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.as_millis());
        let now = Timestamp::from_millis(i64::try_from(millis).unwrap_or_default());
        let requests = (0..PREPARED).map(|number| {
            let account = crate::name(number * 7_919 % accounts.max(1));
            let path = format!("/platform/v1/accounts/{account}/restrictions");
            let mut nonce = [0; 16];
            for (to, from) in nonce.iter_mut().zip(number.to_le_bytes()) {
                *to = from;
            }
            let signed = sign_request(keys.current(), "GET", &path, b"", now, &nonce_text(nonce));
            let headers: String = signed
                .iter()
                .map(|(name, value)| format!("{name}: {value}\r\n"))
                .collect();
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n").into_bytes()
        });
        Self {
            address,
            requests: Arc::new(requests.collect()),
        }
    }

    /// Asks for a while over all connections.
    pub(crate) async fn round(&self) -> Result<Round> {
        let start = Instant::now();
        let tasks: Vec<_> = (0..CONNECTIONS)
            .map(|place| {
                let (address, requests) = (self.address, self.requests.clone());
                tokio::spawn(async move { ask(address, &requests, place, start + LASTS).await })
            })
            .collect();
        let mut times = Vec::new();
        for task in tasks {
            times.extend(task.await??);
        }
        let rate = times.len() as f64 / start.elapsed().as_secs_f64();
        times.sort_unstable();
        let at = |of: usize| times.get(times.len() * of / 100).copied();
        Ok(Round {
            rate,
            half: at(50).context("no answer")?,
            late: at(99).context("no answer")?,
        })
    }
}

async fn ask(
    address: SocketAddr,
    requests: &[Vec<u8>],
    place: usize,
    until: Instant,
) -> Result<Vec<Duration>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut buffer = vec![0_u8; 16 * 1024];
    let mut times = Vec::new();
    for request in requests.iter().cycle().skip(place * 613) {
        let start = Instant::now();
        if start >= until {
            break;
        }
        stream.write_all(request).await?;
        answered(&mut stream, &mut buffer).await?;
        times.push(start.elapsed());
    }
    Ok(times)
}

/// What the head says of the body's length.
fn length_in(head: &[u8]) -> Option<usize> {
    let name = b"content-length: ";
    let value = head.get(memmem::find(head, name)? + name.len()..)?;
    let digits = value.iter().take_while(|byte| byte.is_ascii_digit());
    Some(digits.fold(0, |length, digit| length * 10 + usize::from(digit - b'0')))
}

/// Reads one answer whole; it must be a 200. A long head costs this side little: what is measured
/// is the other one.
async fn answered(stream: &mut TcpStream, buffer: &mut [u8]) -> Result<()> {
    let mut filled = 0;
    loop {
        let space = buffer.get_mut(filled..).context("the answer is too long")?;
        let read = stream.read(space).await?;
        anyhow::ensure!(read > 0, "the connection was closed");
        filled += read;
        let seen = buffer.get(..filled).unwrap_or_default();
        let Some(head) = memmem::find(seen, b"\r\n\r\n") else {
            continue;
        };
        let head = seen.get(..head).unwrap_or_default();
        anyhow::ensure!(head.starts_with(b"HTTP/1.1 200"), "{}", head.escape_ascii());
        if filled >= head.len() + 4 + length_in(head).context("no length")? {
            return Ok(());
        }
    }
}
