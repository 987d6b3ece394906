//! Coming back to a case: with its key, or with a code to the proved address.

use recovery::id::{CaseCode, CaseId, read_symbols};
use recovery::sensitive::Sensitive;
use recovery::time::Span;
use store::{Checked, NewSecret, SecretDigest, Tx};

use super::opening::COME_BACK;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::inputs::Origin;
use crate::mirror::CASE_KEY;
use crate::record::piece;
use crate::symbols::{SYMBOLS, grouped, symbols};

/// Symbols of a case key: 128 bits and a check symbol.
const KEY_SYMBOLS: usize = 26;
/// Tries to come back from one network: at once, and per hour after that.
const GUESSES_BURST: u32 = 20;
const GUESSES_PER_HOUR: u32 = 60;
/// How long a case key lasts: the longest case with its windows.
const KEY_LIFE: Span = Span::days(180);
/// A key for whoever came back by mail: it opens the case, but no handover. A mailbox alone never
/// takes an account over.
const MAIL_KEY: &str = "mail_key";
/// The mark that somebody came back by mail since the case was last opened with its key.
const CAME_BY_MAIL: &str = "came_by_mail";

impl Engine {
    /// A fresh case key; the earlier one opens nothing any more (UX.md P9). After somebody came
    /// back by mail it opens the case but no handover, and the earlier one stays.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn issue_case_key(&self, id: &CaseId) -> Result<Sensitive<String>> {
        let body = self.random(|rng| symbols(rng, KEY_SYMBOLS));
        let mark = self.mail_mark(id);
        let mut tx = self.0.store.begin().await?;
        let now = tx.now().await?;
        let by_mail = tx.peek_secret(&mark, CAME_BY_MAIL).await?.is_some();
        if !by_mail {
            tx.revoke_secrets(id, CASE_KEY).await?;
        }
        tx.revoke_secrets(id, MAIL_KEY).await?;
        tx.put_secret(&NewSecret {
            digest: key_digest(id, body.reveal()),
            purpose: if by_mail { MAIL_KEY } else { CASE_KEY },
            case_id: Some(id),
            subject: "applicant",
            expires_at: now + KEY_LIFE,
        })
        .await?;
        tx.commit().await?;
        Ok(shown_key(body.reveal()))
    }

    /// Comes back with code and key; a used key is used up. The first key of the case ends every
    /// other session of it: one of them may belong to somebody who only reads the mailbox.
    ///
    /// # Errors
    /// [`EngineError::Limited`] after many tries from one network address.
    pub async fn resume(&self, code: &str, key: &str, origin: &Origin) -> Result<Option<CaseId>> {
        self.allow_guess("resume", origin).await?;
        let Some(id) = self.case_of_code(code).await? else {
            return Ok(None);
        };
        let digest = key_digest(&id, &key_body(key));
        let mut tx = self.0.store.begin().await?;
        if tx.take_secret(&digest, CASE_KEY).await?.is_some() {
            tx.revoke_secrets(&id, CAME_BY_MAIL).await?;
            tx.revoke_secrets(&id, MAIL_KEY).await?;
            tx.delete_sessions_of_case(&id).await?;
            tx.commit().await?;
            return Ok(Some(id));
        }
        let by_mail = tx.take_secret(&digest, MAIL_KEY).await?;
        if by_mail.is_some() {
            self.mark_mail(&mut tx, &id).await?;
        }
        tx.commit().await?;
        Ok(by_mail.map(|_| id))
    }

    fn mail_mark(&self, id: &CaseId) -> SecretDigest {
        self.keyed_digest(CAME_BY_MAIL, id.as_str())
    }

    /// Notes that somebody is in who proved no more than a mailbox.
    async fn mark_mail(&self, tx: &mut Tx, id: &CaseId) -> Result<()> {
        tx.revoke_secrets(id, CAME_BY_MAIL).await?;
        let now = tx.now().await?;
        tx.put_secret(&NewSecret {
            digest: self.mail_mark(id),
            purpose: CAME_BY_MAIL,
            case_id: Some(id),
            subject: "applicant",
            expires_at: now + KEY_LIFE,
        })
        .await?;
        Ok(())
    }

    /// The same for a case that another one joined: joining proves the address and nothing else.
    pub(crate) async fn joined_by_mail(&self, id: &CaseId) -> Result<()> {
        let mut tx = self.0.store.begin().await?;
        self.mark_mail(&mut tx, id).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Mails a code to the proved address. The answer is the same for every case code.
    ///
    /// # Errors
    /// [`EngineError::Limited`] after many tries from one network address.
    pub async fn resume_by_mail(&self, code: &str, origin: &Origin) -> Result<()> {
        self.allow_guess("resume_mail", origin).await?;
        let Some(id) = self.case_of_code(code).await? else {
            return Ok(());
        };
        let case = self.case(&id).await?;
        let to: Option<Sensitive<String>> = self.unseal(&id, piece::CONTACT).await?;
        if let Some(to) = to {
            // A limit or a mail server that is away must look like any other answer.
            match self.send_code(&case, COME_BACK, &to).await {
                Ok(()) | Err(EngineError::Limited { .. } | EngineError::Unavailable { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Comes back with a code from the mail.
    ///
    /// # Errors
    /// [`EngineError::Limited`] after many tries from one network address.
    pub async fn resume_with_code(
        &self,
        code: &str,
        mail_code: &str,
        origin: &Origin,
    ) -> Result<Option<CaseId>> {
        self.allow_guess("resume_code", origin).await?;
        let Some(id) = self.case_of_code(code).await? else {
            return Ok(None);
        };
        let digest = self.keyed_digest(COME_BACK, &read_symbols(mail_code));
        let mut tx = self.0.store.begin().await?;
        let checked = tx.check_challenge(&id, COME_BACK, &digest).await?;
        if checked == Checked::Matched {
            self.mark_mail(&mut tx, &id).await?;
        }
        tx.commit().await?;
        Ok((checked == Checked::Matched).then_some(id))
    }

    /// Whether this key opens this case; the key stays as it is.
    pub(crate) async fn key_fits(&self, id: &CaseId, key: &str) -> Result<bool> {
        let digest = key_digest(id, &key_body(key));
        let found = self
            .0
            .store
            .read()
            .await?
            .peek_secret(&digest, CASE_KEY)
            .await?;
        Ok(found.is_some())
    }

    async fn case_of_code(&self, code: &str) -> Result<Option<CaseId>> {
        let Ok(code) = code.parse::<CaseCode>() else {
            return Ok(None);
        };
        let row = self.0.store.read().await?.case_by_code(&code).await?;
        Ok(row.map(|row| row.id))
    }

    async fn allow_guess(&self, what: &str, origin: &Origin) -> Result<()> {
        let bucket = format!("{what}/{}", origin.network());
        self.allow(&bucket, GUESSES_BURST, GUESSES_PER_HOUR).await
    }
}

/// The last symbol of a shown key tells typing mistakes before anything is looked up.
fn check_of(body: &str) -> char {
    let sum: usize = body
        .bytes()
        .zip((0..).map(|place| 2 * place + 1))
        .map(|(byte, weight)| weight * SYMBOLS.iter().position(|known| *known == byte).unwrap_or(0))
        .sum();
    SYMBOLS.get(sum % 32).map_or('0', |byte| char::from(*byte))
}

/// A key as people copy it: with its check symbol, in groups.
fn shown_key(body: &str) -> Sensitive<String> {
    grouped(body.chars().chain([check_of(body)]))
}

/// The key without separators and check symbol; empty if the check does not fit.
fn key_body(typed: &str) -> String {
    let mut text = read_symbols(typed);
    let check = text.pop();
    if text.len() == KEY_SYMBOLS && check == Some(check_of(&text)) {
        text
    } else {
        String::new()
    }
}

fn key_digest(case: &CaseId, body: &str) -> SecretDigest {
    SecretDigest::of(format!("{case}/{body}").as_bytes())
}
