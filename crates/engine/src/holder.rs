//! The holder's side: stopping a recovery without signing in, and checking a message.

use notify::{MessageCode, fingerprint_text};
use platform::contract::VetoRequest;
use recovery::actor::{Actor, ChannelRef};
use recovery::case::{Case, Command, Refusal, State};
use recovery::id::{AccountRef, CaseId, read_symbols};
use recovery::time::Timestamp;
use store::SecretDigest;

use crate::calls::{in_form, malformed};
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::handle::Attached;
use crate::mirror::{STOP, STOP_CODE};
use crate::views::{MessageCheck, StopView};

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

/// Longest name of a channel, in bytes.
const CHANNEL_MAX: usize = 128;

/// The channel of a veto that the platform forwards. How the holder acted does not matter: either
/// way it is a veto.
fn channel_of(body: &[u8]) -> Result<ChannelRef> {
    let shape = "the body must be {\"channel\", \"how\"} as in the contract";
    let VetoRequest { channel, .. } = in_form(body, shape)?;
    let known = |b: u8| b.is_ascii_alphanumeric() || b"_-.:".contains(&b);
    if channel.is_empty() || channel.len() > CHANNEL_MAX || !channel.bytes().all(known) {
        return Err(malformed("the channel must be named as in the dossier"));
    }
    Ok(ChannelRef(channel))
}

impl Engine {
    /// The case of a stop link or a typed notice code; looking changes nothing.
    async fn case_of_stop(&self, secret: &str) -> Result<Option<(CaseId, ChannelRef)>> {
        let typed = read_symbols(secret);
        let candidates = [
            (STOP, SecretDigest::of(secret.trim().as_bytes())),
            (STOP_CODE, self.keyed_digest(STOP_CODE, &typed)),
        ];
        let mut reader = self.0.store.read().await?;
        for (purpose, digest) in candidates {
            if let Some(found) = reader.peek_secret(&digest, purpose).await?
                && let Some(case) = found.case_id
            {
                return Ok(Some((case, ChannelRef(found.subject))));
            }
        }
        Ok(None)
    }

    /// What the stop page shows.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn stop_view(&self, secret: &str) -> Result<Option<StopView>> {
        let Some((id, channel)) = self.case_of_stop(secret).await? else {
            return Ok(None);
        };
        let case = self.case(&id).await?;
        Ok(Some(view_of(&case, &channel, self.now().await?)))
    }

    /// Stops the recovery. Pressing twice is harmless.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] for an unknown link or code, and the refusals of the rules.
    pub async fn veto(&self, secret: &str) -> Result<StopView> {
        let (id, channel) = self
            .case_of_stop(secret)
            .await?
            .ok_or(EngineError::NotFound)?;
        self.stop_case(&id, &channel).await?;
        let case = self.case(&id).await?;
        Ok(view_of(&case, &channel, self.now().await?))
    }

    async fn stop_case(&self, id: &CaseId, channel: &ChannelRef) -> Result<bool> {
        let actor = Actor::Holder {
            channel: channel.clone(),
        };
        let command = Command::Veto {
            channel: channel.clone(),
        };
        match self
            .handle(id, &actor, &command, &Attached::default())
            .await
        {
            Ok(_) => Ok(true),
            Err(EngineError::Refused(Refusal::AlreadyDone)) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// "It was me": thanked for, and without effect; an old mailbox may be in wrong hands.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] for an unknown link or code.
    pub async fn note_it_was_me(&self, secret: &str) -> Result<()> {
        self.case_of_stop(secret)
            .await?
            .map(|_| ())
            .ok_or(EngineError::NotFound)
    }

    /// The platform says that the holder, signed in with an old factor, stops it. Every case of
    /// the account that could still go wrong is stopped.
    ///
    /// # Errors
    /// [`EngineError::Input`] for a body out of the contract's form; or when the database does not
    /// answer.
    pub async fn platform_veto(&self, account: &AccountRef, body: &[u8]) -> Result<bool> {
        let channel = channel_of(body)?;
        let mut rows = self.0.store.read().await?.cases_of_account(account).await?;
        rows.retain(|row| row.open || row.holds_approval);
        // The most dangerous first, however many others somebody opened.
        rows.sort_by_key(|row| (!row.holds_approval, !row.phase1_passed));
        let mut stopped = false;
        let mut failed = None;
        for row in rows {
            match self.stop_case(&row.id, &channel).await {
                Ok(done) => stopped |= done,
                Err(EngineError::Refused(_)) => {}
                // One that cannot be stopped just now holds up none of the others.
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(stopped), Err)
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

fn view_of(case: &Case, channel: &ChannelRef, now: Timestamp) -> StopView {
    let running = matches!(
        case.state,
        State::Gathering | State::Checking | State::Reviewing | State::CoolingOff
    );
    let window = case.state == State::Recovered
        && !case.veto_window_closed
        && case.veto_until.is_some_and(|until| now < until);
    StopView {
        case: case.id.clone(),
        asked_at: case.opened_at,
        state: case.state,
        can_stop: (running || window) && !case.lost_channels.contains(channel),
        stopped_at: case.stop.as_ref().map(|stop| stop.at),
        number: format!("{}-V", case.code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_contracts_body_is_read() {
        let good = br#"{"channel":"push:1","how":"this_was_not_me"}"#;
        assert_eq!(channel_of(good).unwrap().0, "push:1");
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
