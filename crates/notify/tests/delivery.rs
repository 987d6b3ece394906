//! Delivery to a real server on a loopback socket: 250 or not delivered.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod support;

use notify::{
    Brand, MailError, Mailer, Message, MessageCode, Rendered, SmtpConfig, SmtpTls, render,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;
use recovery::sensitive::Sensitive;
use support::{Manner, Seen, Sink};

fn brand() -> Brand {
    Brand {
        platform: "Exämple".to_owned(),
        host: "recover.example.com:8443".to_owned(),
        mail_from: "recovery@example.com".to_owned(),
    }
}

fn config(port: u16, tls: SmtpTls) -> SmtpConfig {
    SmtpConfig {
        host: "127.0.0.1".to_owned(),
        port,
        tls,
        user: None,
        password: None,
    }
}

fn mail() -> Rendered {
    let code = MessageCode::new(&mut ChaCha8Rng::seed_from_u64(3));
    render(
        &brand(),
        &Message::Passed {
            by: "24 November 2026".to_owned(),
        },
        &code,
    )
}

fn ann() -> Sensitive<String> {
    Sensitive::new("ann@example.org".to_owned())
}

async fn deliver(manner: Manner) -> (Result<(), MailError>, Seen) {
    let sink = Sink::start(manner).await;
    let mailer = Mailer::smtp(&config(sink.address.port(), SmtpTls::None), &brand()).unwrap();
    let result = mailer.deliver(&ann(), &mail()).await.map(|_delivered| ());
    drop(mailer);
    (result, sink.seen().await)
}

#[tokio::test]
async fn delivered_means_the_server_has_it() {
    let (result, seen) = deliver(Manner::Takes).await;
    assert_eq!(result, Ok(()));
    let commands = seen.commands.join("\n");
    assert!(
        commands.starts_with("EHLO recover.example.com\n"),
        "{commands}"
    );
    assert!(
        commands.contains("MAIL FROM:<recovery@example.com>"),
        "{commands}"
    );
    assert!(commands.contains("RCPT TO:<ann@example.org>"), "{commands}");
    let mail = mail();
    let id = format!("Message-ID: <{}@recover.example.com>\n", mail.code);
    assert!(seen.message.contains(&id), "{}", seen.message);
    assert!(
        seen.message
            .contains(&format!("Subject: {}\n", mail.subject))
    );
    assert!(seen.message.contains("Auto-Submitted: auto-generated\n"));
    assert!(seen.message.contains("To: ann@example.org\n"));
    assert!(seen.message.contains("<recovery@example.com>\n"));
    assert!(seen.message.contains("Content-Type: multipart/alternative"));
    assert!(
        seen.message
            .contains("Content-Type: text/plain; charset=utf-8")
    );
    assert!(
        seen.message
            .contains("Content-Type: text/html; charset=utf-8")
    );
    assert!(seen.message.contains(mail.code.as_str()));
}

#[tokio::test]
async fn an_address_refused_for_good_is_permanent() {
    let (result, seen) = deliver(Manner::Recipient("550 5.1.1 no such user")).await;
    assert_eq!(result, Err(MailError::Permanent { status: 550 }));
    assert!(seen.message.is_empty());
    assert!(!result.unwrap_err().may_pass());
}

#[tokio::test]
async fn everything_else_may_pass() {
    let cases = [
        (Manner::Recipient("450 4.2.0 try later"), 450),
        (Manner::Recipient("530 5.7.0 sign in first"), 530),
        (Manner::Data("451 4.3.0 disk full"), 451),
        (Manner::Data("554 5.7.1 looks like spam"), 554),
    ];
    for (manner, status) in cases {
        let (result, _) = deliver(manner).await;
        assert_eq!(result, Err(MailError::Temporary { status }), "{manner:?}");
        assert!(result.unwrap_err().may_pass());
    }
}

#[tokio::test]
async fn a_lost_answer_is_not_delivered() {
    let (result, seen) = deliver(Manner::HangsUp).await;
    assert_eq!(result, Err(MailError::Temporary { status: 0 }));
    assert!(!seen.message.is_empty());
}

#[tokio::test]
async fn nobody_there_may_pass_and_no_address_shows() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let mailer = Mailer::smtp(&config(port, SmtpTls::None), &brand()).unwrap();
    let error = mailer.deliver(&ann(), &mail()).await.unwrap_err();
    assert_eq!(error, MailError::Temporary { status: 0 });
    assert!(!format!("{error} {error:?} {mailer:?} {:?}", mail()).contains("ann@"));
}

#[tokio::test]
async fn starttls_never_falls_back_to_plain() {
    let sink = Sink::start(Manner::Takes).await;
    let mailer = Mailer::smtp(&config(sink.address.port(), SmtpTls::StartTls), &brand()).unwrap();
    let error = mailer.deliver(&ann(), &mail()).await.unwrap_err();
    assert!(error.may_pass());
    drop(mailer);
    let seen = sink.seen().await;
    assert!(seen.message.is_empty());
    assert!(
        !seen.commands.iter().any(|line| line.starts_with("MAIL")),
        "{:?}",
        seen.commands
    );
}

#[test]
fn plain_mail_stays_on_this_machine() {
    let far = SmtpConfig {
        host: "mail.example.com".to_owned(),
        ..config(25, SmtpTls::None)
    };
    assert_eq!(
        Mailer::smtp(&far, &brand()).unwrap_err(),
        MailError::PlainNotLoopback
    );
    let nobody = Brand {
        mail_from: "not an address".to_owned(),
        ..brand()
    };
    let error = Mailer::smtp(&config(25, SmtpTls::None), &nobody).unwrap_err();
    assert_eq!(error, MailError::Sender);
}

#[tokio::test]
async fn junk_is_not_even_tried() {
    let mailer = Mailer::smtp(&config(1, SmtpTls::None), &brand()).unwrap();
    let junk = Sensitive::new("ann@example.org\r\nRCPT TO:<b@example.org>".to_owned());
    let error = mailer.deliver(&junk, &mail()).await.unwrap_err();
    assert_eq!(error, MailError::Permanent { status: 0 });
}
