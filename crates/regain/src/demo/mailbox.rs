//! The demo's mail server and mailbox: real SMTP on loopback, kept in memory, shown on a page.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use mail_parser::MessageParser;
use serde::Serialize;
use tokio::io::{
    AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::net::TcpListener;

/// Mails kept; older ones make room.
const MAILS_MAX: usize = 500;
/// Bytes of one mail.
const MAIL_BYTES_MAX: usize = 1024 * 1024;
/// Commands of one connection.
const COMMANDS_MAX: usize = 1000;

/// One message as somebody received it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Mail {
    /// Place, from 1.
    pub number: u64,
    /// `email`, `sms`, `push` ...
    pub channel: String,
    pub to: String,
    pub subject: String,
    pub text: String,
}

/// Everything that arrived, of all people and channels.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mailbox(Arc<Mutex<(u64, VecDeque<Mail>)>>);

impl Mailbox {
    /// Keeps a message.
    pub(crate) fn keep(&self, channel: &str, to: &str, subject: &str, text: &str) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.0 += 1;
        let number = kept.0;
        if kept.1.len() >= MAILS_MAX {
            kept.1.pop_front();
        }
        kept.1.push_back(Mail {
            number,
            channel: channel.to_owned(),
            to: to.to_owned(),
            subject: subject.to_owned(),
            text: text.to_owned(),
        });
    }

    /// Everything kept, oldest first.
    pub(crate) fn all(&self) -> Vec<Mail> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.1.iter().cloned().collect()
    }

    /// Serves SMTP until the listener fails.
    pub(crate) async fn serve_smtp(self, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            let mailbox = self.clone();
            #[expect(
                clippy::disallowed_methods,
                reason = "one task a connection, demo only"
            )]
            tokio::spawn(async move {
                // A client that breaks off has sent nothing.
                let _ended = mailbox.session(stream).await;
            });
        }
    }

    async fn session(&self, stream: impl AsyncRead + AsyncWrite + Unpin) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        let mut to: Vec<String> = Vec::new();
        stream.write_all(b"220 demo mailbox\r\n").await?;
        for _ in 0..COMMANDS_MAX {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let upper = line.to_ascii_uppercase();
            let answer: &str = if upper.starts_with("EHLO") {
                "250-demo\r\n250 8BITMIME\r\n"
            } else if upper.starts_with("RCPT TO:") {
                to.push(between(&line, '<', '>'));
                "250 ok\r\n"
            } else if upper.starts_with("DATA") {
                stream.write_all(b"354 go on\r\n").await?;
                let data = read_data(&mut stream).await?;
                self.keep_data(&to, &data);
                to.clear();
                "250 kept\r\n"
            } else if upper.starts_with("QUIT") {
                stream.write_all(b"221 bye\r\n").await?;
                return stream.flush().await;
            } else {
                "250 ok\r\n"
            };
            stream.write_all(answer.as_bytes()).await?;
            stream.flush().await?;
        }
        Ok(())
    }

    fn keep_data(&self, to: &[String], data: &[u8]) {
        let Some(parsed) = MessageParser::default().parse(data) else {
            return;
        };
        let text = parsed.body_text(0).unwrap_or_default();
        for address in to {
            self.keep(
                "email",
                address,
                parsed.subject().unwrap_or_default(),
                &text,
            );
        }
    }
}

fn between(line: &str, open: char, close: char) -> String {
    let after = line.split_once(open).map_or(line, |(_, after)| after);
    after
        .split_once(close)
        .map_or(after, |(inside, _)| inside)
        .trim()
        .to_owned()
}

async fn read_data(stream: &mut (impl AsyncBufRead + Unpin)) -> std::io::Result<Vec<u8>> {
    let mut data = Vec::new();
    while data.len() < MAIL_BYTES_MAX {
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).await? == 0 || line == b".\r\n" {
            break;
        }
        // A line that begins with a dot was sent with another one (RFC 5321 section 4.5.2).
        let plain = line.strip_prefix(b".").unwrap_or(&line);
        data.extend_from_slice(plain);
    }
    Ok(data)
}
