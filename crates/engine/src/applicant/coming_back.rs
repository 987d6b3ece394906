//! Coming back to a case: with its key, or with a code to the proved address.

use recovery::id::{CaseCode, CaseId, read_symbols};
use recovery::sensitive::Sensitive;
use recovery::time::Span;
use store::{Checked, NewSecret, SecretDigest};

use super::opening::{COME_BACK, SYMBOLS, symbols};
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::inputs::Origin;
use crate::mirror::CASE_KEY;
use crate::record::piece;

/// Symbols of a case key: 128 bits and a check symbol.
const KEY_SYMBOLS: usize = 26;
/// How long a case key lasts: the longest case with its windows.
const KEY_LIFE: Span = Span::days(180);

impl Engine {
    /// A fresh case key; the earlier one opens nothing any more (UX.md P9).
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn issue_case_key(&self, id: &CaseId) -> Result<Sensitive<String>> {
        let body = self.random(|rng| symbols(rng, KEY_SYMBOLS));
        let mut tx = self.0.store.begin().await?;
        let now = tx.now().await?;
        tx.revoke_secrets(id, CASE_KEY).await?;
        tx.put_secret(&NewSecret {
            digest: key_digest(id, body.reveal()),
            purpose: CASE_KEY,
            case_id: Some(id),
            subject: "applicant",
            expires_at: now + KEY_LIFE,
        })
        .await?;
        tx.commit().await?;
        Ok(grouped(body.reveal()))
    }

    /// Comes back with code and key; a used key is used up.
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
        let taken = tx.take_secret(&digest, CASE_KEY).await?;
        tx.commit().await?;
        Ok(taken.map(|_| id))
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
            // A limit on this case must look like any other answer.
            match self.send_code(&case, COME_BACK, &to).await {
                Ok(()) | Err(EngineError::Limited { .. }) => {}
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
        let checked = self.check_code(&id, COME_BACK, &digest).await?;
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
        let place = self.0.vault.blind_index("limit", origin.ip.reveal()).0;
        self.allow(&format!("{what}/{place}"), 20, 60).await
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

fn grouped(body: &str) -> Sensitive<String> {
    let whole: Vec<char> = body.chars().chain([check_of(body)]).collect();
    let groups: Vec<String> = whole
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect();
    Sensitive::new(groups.join("-"))
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
