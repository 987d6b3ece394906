//! The holder's side: stopping a recovery without signing in, and checking a message.

use notify::{MessageCode, fingerprint_text};
use platform::contract::{VetoHow, VetoRequest};
use recovery::actor::{Actor, ChannelRef};
use recovery::case::{Case, Command, Refusal, may_speak, may_veto};
use recovery::id::{AccountRef, CaseId, read_symbols};
use recovery::time::Timestamp;
use store::{CaseRow, SecretDigest};

use crate::calls::{in_form, malformed};
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::handle::Attached;
use crate::record::{OriginRecord, piece, whence};
use crate::stop_ways::{STOP, STOP_CODE};
use crate::views::{HolderWord, MessageCheck, StopView, Stoppable};

/// Characters of a pasted message that are looked at.
const PASTE_MAX: usize = 10_000;
/// Words no message of ours ever has; all of a group in one message is a scam's mark.
const SCAM_WORDS: [&str; 9] = [
    "fee",
    "whatsapp",
    "telegram",
    "anydesk",
    "teamviewer",
    "seed phrase",
    "gift card",
    "call us",
    "private key",
];

/// Channels of one case whose word is kept.
const WORDS_MAX: usize = 32;
/// Longest name of a channel, in bytes.
const CHANNEL_MAX: usize = 128;

/// The channel of a veto that the platform forwards. How the holder acted does not matter: either
/// way it is a veto.
fn channel_of(body: &[u8]) -> Result<(ChannelRef, VetoHow)> {
    let shape = "the body must be {\"channel\", \"how\"} as in the contract";
    let VetoRequest { channel, how } = in_form(body, shape)?;
    let known = |b: u8| b.is_ascii_alphanumeric() || b"_-.:".contains(&b);
    if channel.is_empty() || channel.len() > CHANNEL_MAX || !channel.bytes().all(known) {
        return Err(malformed("the channel must be named as in the dossier"));
    }
    Ok((ChannelRef(channel), how))
}

/// The channel of veto codes on paper: of all of an account's, for none says which it was.
pub(crate) const ON_PAPER: &str = "veto_code";

/// What somebody can stop, the most dangerous first, and by which channel.
pub(crate) struct Reach {
    pub(crate) cases: Vec<CaseId>,
    pub(crate) channel: ChannelRef,
}

/// The cases that could still go wrong, the most dangerous first, however many others somebody
/// opened.
fn stoppable(mut rows: Vec<CaseRow>) -> Vec<CaseRow> {
    rows.retain(|row| row.open || row.holds_approval);
    rows.sort_by_key(|row| (!row.holds_approval, !row.phase1_passed));
    rows
}

impl Engine {
    /// What a link or a typed code can stop; looking changes nothing.
    pub(crate) async fn reach_of(&self, secret: &str) -> Result<Option<Reach>> {
        let typed = read_symbols(secret);
        let notices = [
            (STOP, SecretDigest::of(secret.trim().as_bytes())),
            (STOP_CODE, self.keyed_digest(STOP_CODE, &typed)),
        ];
        let mut reader = self.0.store.read().await?;
        for (purpose, digest) in notices {
            if let Some(found) = reader.peek_secret(&digest, purpose).await?
                && let Some(case) = found.case_id
            {
                return Ok(Some(Reach {
                    cases: vec![case],
                    channel: ChannelRef(found.subject),
                }));
            }
        }
        let Some(code) = reader.veto_code(&self.veto_code_digest(&typed)).await? else {
            return Ok(None);
        };
        let mut rows = stoppable(reader.cases_of_account(&code.account_ref).await?);
        // Whoever sets an account up ends that with its own page, not by an objection.
        rows.retain(|row| Some(&row.id) != code.case_id.as_ref());
        Ok(Some(Reach {
            cases: rows.into_iter().map(|row| row.id).collect(),
            channel: ChannelRef(ON_PAPER.to_owned()),
        }))
    }

    async fn view_of(&self, reach: &Reach) -> Result<Stoppable> {
        let now = self.now().await?;
        let mut first = Stoppable::Nothing;
        for id in &reach.cases {
            // Without the vault, or after the case's data are gone, it is stopped all the same.
            let origin = self
                .unseal(id, piece::ORIGIN)
                .await
                .unwrap_or_else(|error| {
                    tracing::warn!(%error, "where a request came from cannot be read");
                    None
                });
            let case = self.case(id).await?;
            let view = view_of(&case, origin.as_ref(), &reach.channel, now);
            if view.can_stop {
                return Ok(Stoppable::Case(view));
            }
            if matches!(first, Stoppable::Nothing) {
                first = Stoppable::Case(view);
            }
        }
        Ok(first)
    }

    /// What the stop page shows.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn stop_view(&self, secret: &str) -> Result<Stoppable> {
        match self.reach_of(secret).await? {
            Some(reach) => self.view_of(&reach).await,
            None => Ok(Stoppable::Unknown),
        }
    }

    /// Stops the recovery, or every recovery that the code is about. Pressing twice is harmless.
    ///
    /// # Errors
    /// The refusals of the rules where nothing was stopped.
    pub async fn veto(&self, secret: &str) -> Result<Stoppable> {
        let Some(reach) = self.reach_of(secret).await? else {
            return Ok(Stoppable::Unknown);
        };
        self.stop_cases(&reach, None).await?;
        self.view_of(&reach).await
    }

    /// Stops what can be stopped; says whether that was anything.
    async fn stop_cases(&self, reach: &Reach, how: Option<VetoHow>) -> Result<bool> {
        let mut stopped = false;
        let (mut refused, mut failed) = (None, None);
        for id in &reach.cases {
            match self.stop_case(id, &reach.channel).await {
                Ok(()) => {
                    stopped = true;
                    // Whoever stops it, or tries again, shows at the same time what they have.
                    if let Err(error) = self.note_factor(id, &reach.channel, how).await {
                        tracing::warn!(case = %id, %error, "an objector's factor is not noted");
                    }
                }
                Err(error @ EngineError::Refused(_)) => refused = refused.or(Some(error)),
                // One that cannot be stopped just now holds up none of the others.
                Err(error) => failed = Some(error),
            }
        }
        match (failed, refused) {
            (Some(error), _) => Err(error),
            (None, Some(error)) if !stopped => Err(error),
            _ => Ok(stopped),
        }
    }

    async fn stop_case(&self, id: &CaseId, channel: &ChannelRef) -> Result<()> {
        let command = Command::Veto {
            channel: channel.clone(),
        };
        self.by_holder(id, channel, &command, Attached::default())
            .await
    }

    /// What a holder asks for by a channel of theirs; asking again is harmless.
    pub(crate) async fn by_holder(
        &self,
        id: &CaseId,
        channel: &ChannelRef,
        command: &Command,
        attached: Attached,
    ) -> Result<()> {
        let actor = Actor::Holder {
            channel: channel.clone(),
        };
        match self.handle(id, &actor, command, &attached).await {
            Ok(_) | Err(EngineError::Refused(Refusal::AlreadyDone)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// "It was me": noted once for each channel, for reviewers, and without effect; an old mailbox
    /// may be in wrong hands.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] for an unknown link or code, or when nobody asks any more.
    pub async fn note_it_was_me(&self, secret: &str) -> Result<()> {
        let reach = self.reach_of(secret).await?.ok_or(EngineError::NotFound)?;
        let Stoppable::Case(asked) = self.view_of(&reach).await? else {
            return Err(EngineError::NotFound);
        };
        let mut words = self.holder_words(&asked.case).await?;
        let known = words.iter().any(|word| word.channel == reach.channel);
        if known || words.len() >= WORDS_MAX {
            return Ok(());
        }
        words.push(HolderWord {
            channel: reach.channel,
            at: self.now().await?,
        });
        let sealed = self.seal(&asked.case, piece::HOLDER_WORDS, &words).await?;
        let mut tx = self.0.store.begin().await?;
        tx.put_sealed(&asked.case, piece::HOLDER_WORDS, &sealed)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Who said that a request is theirs, by which channel of the account's.
    pub(crate) async fn holder_words(&self, case: &CaseId) -> Result<Vec<HolderWord>> {
        let words = self.unseal(case, piece::HOLDER_WORDS).await?;
        Ok(words.unwrap_or_default())
    }

    /// The platform says that the holder, signed in with an old factor, stops it. Every case of
    /// the account that could still go wrong is stopped.
    ///
    /// # Errors
    /// [`EngineError::Input`] for a body out of the contract's form; or when the database does not
    /// answer.
    pub async fn platform_veto(&self, account: &AccountRef, body: &[u8]) -> Result<bool> {
        let (channel, how) = channel_of(body)?;
        let rows = self.0.store.read().await?.cases_of_account(account).await?;
        let cases = stoppable(rows).into_iter().map(|row| row.id).collect();
        let reach = Reach { cases, channel };
        match self.stop_cases(&reach, Some(how)).await {
            // Nothing to stop is an answer.
            Err(EngineError::Refused(_)) => Ok(false),
            other => other,
        }
    }

    /// Whether a message is ours (UX.md C5). The text is compared, never stored.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn check_message(&self, code: &str, text: Option<&str>) -> Result<MessageCheck> {
        let text = text.map(|text| text.chars().take(PASTE_MAX).collect::<String>());
        let lower = text.as_deref().unwrap_or_default().to_lowercase();
        let in_text = find_code(text.as_deref().unwrap_or_default());
        let code = code.parse::<MessageCode>().ok().or(in_text);
        let known = match &code {
            Some(code) => {
                self.0
                    .store
                    .read()
                    .await?
                    .message_by_code(code.as_str())
                    .await?
            }
            None => None,
        };
        let Some(known) = known else {
            let scam = SCAM_WORDS.iter().any(|word| lower.contains(word));
            return Ok(if scam {
                MessageCheck::Scam
            } else {
                MessageCheck::NotOurs
            });
        };
        if let Some(text) = &text
            && fingerprint_text(text).0 != known.fingerprint
        {
            return Ok(MessageCheck::CodeOnly);
        }
        Ok(MessageCheck::Ours {
            kind: known.kind,
            channel: known.channel,
            at: known.handed_over_at.unwrap_or(known.created_at),
            text_compared: text.is_some(),
        })
    }
}

fn find_code(text: &str) -> Option<MessageCode> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .find_map(|word| word.parse().ok())
}

fn view_of(
    case: &Case,
    origin: Option<&OriginRecord>,
    channel: &ChannelRef,
    now: Timestamp,
) -> StopView {
    let (place, device) = whence(origin);
    let stop = case.stop.as_ref();
    let objection = case.objection();
    StopView {
        case: case.id.clone(),
        asked_at: case.opened_at,
        place,
        device,
        state: case.state,
        can_stop: may_veto(case, channel, now).is_ok(),
        stopped_at: stop.map(|stop| stop.at),
        dispute_until: objection.map(|stop| stop.dispute_until),
        decided_by: stop.and_then(|stop| stop.decided_by),
        may_show: may_speak(case, channel).is_ok(),
        number: format!("{}-V", case.code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_contracts_body_is_read() {
        let good = br#"{"channel":"push:1","how":"this_was_not_me"}"#;
        assert_eq!(channel_of(good).unwrap().0.0, "push:1");
        assert!(channel_of(br#"{"channel":"sign_in","how":"signed_in"}"#).is_ok());
        for wrong in [
            &br#"{"channel":"sign_in"}"#[..],
            br#"{"channel":"sign_in","how":"by_phone"}"#,
            br#"{"channel":"","how":"signed_in"}"#,
            br#"{"channel":"a b","how":"signed_in"}"#,
            br#"{"channel":"a","how":"signed_in","force":true}"#,
            b"veto",
        ] {
            let refused = channel_of(wrong).unwrap_err();
            let malformed = matches!(
                refused,
                EngineError::Input {
                    code: "malformed",
                    ..
                }
            );
            assert!(malformed, "{refused}");
        }
    }
}
