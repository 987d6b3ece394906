//! What every actor of the walkthrough needs: the world, its clock, the mailbox and the report.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use recovery::time::Span;

use super::report::Report;
use crate::demo::mailbox::Mail;
use crate::demo::world::World;

/// How often something is looked at before it counts as not coming.
pub(crate) const POLLS_MAX: usize = 600;
/// Longer than the worker's leases.
const LEASES_END: Span = Span::minutes(6);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(100);

/// The stage.
pub(crate) struct Stage<'a> {
    pub world: &'a World,
    pub report: Report,
}

impl Stage<'_> {
    /// Prints a step.
    pub(crate) fn step(&self, actor: &str, action: &str, answer: &str) {
        self.report
            .step(self.world.clock().now(), actor, action, answer);
    }

    /// A moment of real time, for the worker to do its jobs. What a killed worker had begun waits
    /// until its leases end; whoever waits sees that time pass.
    pub(crate) async fn pause(&self) {
        if self.world.crashes().take_fresh()
            && let Err(error) = self
                .passes(LEASES_END, "the killed worker's leases end")
                .await
        {
            tracing::error!(%error, "the demo's clock could not be moved");
        }
        let _elapsed = tokio::time::timeout(PAUSE, std::future::pending::<()>()).await;
    }

    /// So many of them.
    pub(crate) async fn pauses(&self, times: usize) {
        for _ in 0..times {
            self.pause().await;
        }
    }

    /// Year and month so many days before now by the demo's clock.
    pub(crate) fn opened_at(&self, days: i64) -> Result<(i16, i8)> {
        let at = self.world.clock().now() - Span::days(days);
        let at = jiff::Timestamp::from_millisecond(at.millis())?;
        let date = at.to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
        Ok((date.year(), date.month()))
    }

    /// Lets the demo's clock run ahead.
    pub(crate) async fn passes(&self, span: Span, why: &str) -> Result<()> {
        self.world.clock().advance(span).await?;
        self.step(
            "time",
            why,
            &match span.as_millis() / 60_000 {
                minutes if minutes < 60 => format!("{minutes} minutes later"),
                minutes => format!("{} hours later", minutes / 60),
            },
        );
        Ok(())
    }

    /// The time in which both sides of a contest may show theirs, by the policy that ships.
    pub(crate) async fn both_show(&self) -> Result<()> {
        let hours = Span::hours(24);
        self.passes(hours, "both sides show what they have").await
    }

    /// The same for seconds, unsaid.
    pub(crate) async fn passes_seconds(&self, seconds: i64) -> Result<()> {
        self.world.clock().advance(Span::seconds(seconds)).await
    }

    /// Waits until the platform has heard of every restriction: it is told after the case's pages.
    pub(crate) async fn restrictions_arrive(&self) -> Result<()> {
        for _ in 0..POLLS_MAX {
            let mut reader = self.world.store.read().await?;
            let waiting = reader.pending_accounts(None, 1).await?;
            drop(reader);
            if waiting.is_empty() {
                return Ok(());
            }
            self.pause().await;
        }
        bail!("the platform did not acknowledge a restriction")
    }

    /// The newest mail to an address that fits, as soon as it is there.
    async fn mail_for(&self, to: &str, fits: impl Fn(&Mail) -> bool) -> Result<Mail> {
        for _ in 0..POLLS_MAX {
            let mails = self.world.mailbox.all();
            if let Some(mail) = mails.into_iter().rev().find(|m| m.to == to && fits(m)) {
                return Ok(mail);
            }
            self.pause().await;
        }
        bail!("no such mail arrived at {to}")
    }

    /// The code of the newest code mail.
    pub(crate) async fn code_for(&self, to: &str) -> Result<String> {
        let mail = self
            .mail_for(to, |mail| mail.subject.contains("your code"))
            .await?;
        let code = mail
            .subject
            .rsplit(' ')
            .next()
            .context("a subject without a code")?;
        Ok(code.to_owned())
    }

    /// The newest link with this path that an address was sent.
    pub(crate) async fn link_for(&self, to: &str, path: &str) -> Result<String> {
        let mail = self.mail_for(to, |mail| mail.text.contains(path)).await?;
        let origin = self.world.portal.as_str().trim_end_matches('/').to_owned();
        mail.text
            .split_whitespace()
            .map(|word| word.trim_end_matches(['.', ',', ';']))
            .find(|word| word.starts_with(&origin) && word.contains(path))
            .map(str::to_owned)
            .context("a mail without its link")
    }

    /// Subjects and lengths of everything an address was sent, for comparing.
    pub(crate) fn mails_of(&self, to: &str) -> Vec<(String, usize)> {
        let mails = self.world.mailbox.all();
        mails
            .iter()
            .filter(|m| m.to == to)
            .map(|m| (shape(&m.subject), m.text.len()))
            .collect()
    }

    /// The authenticator's digits now.
    pub(crate) fn digits(&self, secret_base32: &str) -> Result<String> {
        let now = self.world.clock().now().millis() / 1000;
        digits_at(secret_base32, u64::try_from(now)?)
    }
}

/// A subject with its codes blotted out.
pub(crate) fn shape(subject: &str) -> String {
    subject
        .split(' ')
        .map(|word| {
            let code = word.len() >= 8
                && word
                    .chars()
                    .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || "-()".contains(c));
            if code {
                "*".repeat(word.len())
            } else {
                word.to_owned()
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

fn digits_at(secret_base32: &str, at: u64) -> Result<String> {
    let bytes = data_encoding::BASE32_NOPAD.decode(secret_base32.as_bytes())?;
    let totp = totp_rs::Builder::new()
        .with_digits(6)
        .with_step_duration(30)
        .with_secret(totp_rs::Secret::from(bytes))
        .build()
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(totp.generate(at).to_string())
}
