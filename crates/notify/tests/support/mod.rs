//! A mail server for tests: speaks enough SMTP on a loopback socket and keeps what it was given.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// How the server behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Takes everything.
    Takes,
    /// Answers the recipient with this line.
    Recipient(&'static str),
    /// Answers the end of the data with this line.
    Data(&'static str),
    /// Closes the connection instead of answering the end of the data.
    HangsUp,
}

/// One conversation as the server saw it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Command lines in order.
    pub(crate) commands: Vec<String>,
    /// The message with its headers, dots unstuffed, lines ended by `\n`.
    pub(crate) message: String,
}

/// A server that holds one conversation.
pub(crate) struct Sink {
    pub(crate) address: SocketAddr,
    conversation: JoinHandle<Seen>,
}

impl Sink {
    /// Listens on a free loopback port.
    #[expect(
        clippy::disallowed_methods,
        reason = "the test joins this task in `seen`"
    )]
    pub(crate) async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let conversation = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            converse(stream, manner).await
        });
        Self {
            address,
            conversation,
        }
    }

    /// What was said, once the client has gone.
    pub(crate) async fn seen(self) -> Seen {
        self.conversation.await.unwrap()
    }
}

async fn converse(stream: TcpStream, manner: Manner) -> Seen {
    let (reading, mut writing) = stream.into_split();
    let mut lines = BufReader::new(reading).lines();
    let mut seen = Seen::default();
    writing.write_all(b"220 sink ready\r\n").await.unwrap();
    while let Ok(Some(line)) = lines.next_line().await {
        let verb = line
            .split([' ', ':'])
            .next()
            .unwrap_or_default()
            .to_uppercase();
        seen.commands.push(line);
        let answer = match (verb.as_str(), manner) {
            ("EHLO", _) => "250-sink\r\n250 8BITMIME\r\n".to_owned(),
            ("RCPT", Manner::Recipient(answer)) => format!("{answer}\r\n"),
            ("DATA", _) => {
                writing.write_all(b"354 go on\r\n").await.unwrap();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "." {
                        break;
                    }
                    seen.message
                        .push_str(line.strip_prefix('.').unwrap_or(&line));
                    seen.message.push('\n');
                }
                match manner {
                    Manner::HangsUp => return seen,
                    Manner::Data(answer) => format!("{answer}\r\n"),
                    _ => "250 queued\r\n".to_owned(),
                }
            }
            ("QUIT", _) => {
                writing.write_all(b"221 bye\r\n").await.unwrap();
                return seen;
            }
            _ => "250 ok\r\n".to_owned(),
        };
        if writing.write_all(answer.as_bytes()).await.is_err() {
            break;
        }
    }
    seen
}
