//! The case's personal record: small sealed pieces by name, opened only where they are needed.

use recovery::id::CaseId;
use recovery::sensitive::Sensitive;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::device;
use crate::engine::Engine;
use crate::error::{EngineError, Result};

/// Names of sealed pieces.
pub(crate) mod piece {
    /// The identifier as typed.
    pub(crate) const IDENTIFIER: &str = "identifier";
    /// The new address waiting for its code.
    pub(crate) const CONTACT_PENDING: &str = "contact.pending";
    /// The proved new address.
    pub(crate) const CONTACT: &str = "contact";
    /// Where the case was opened from, with the entry ticket's device.
    pub(crate) const ORIGIN: &str = "origin";
    /// What the applicant recalls.
    pub(crate) const CLUES: &str = "clues";
    /// Addresses whose keys signed for this case.
    pub(crate) const SIGNED: &str = "signed";
    /// The platform's dossier as it was when the checks ran.
    pub(crate) const DOSSIER: &str = "dossier";
    /// The authenticator secret offered in the handover.
    pub(crate) const TOTP: &str = "totp";
    /// The recovery codes offered in the handover, until they are confirmed.
    pub(crate) const RECOVERY_CODES: &str = "recovery_codes";
    /// Flags that no check finds: what somebody did on a page.
    pub(crate) const FLAGS: &str = "flags";
    /// Who answered a notice that the request is theirs.
    pub(crate) const HOLDER_WORDS: &str = "holder_words";
    /// What was found in what the applicant added after the checks.
    pub(crate) const ADDED_FINDINGS: &str = "added_findings";
    /// What somebody wrote who took an objection back.
    pub(crate) const TAKEN_BACK: &str = "taken_back";
}

/// Where a case came from.
#[derive(Debug, Clone, Default, Serialize, serde::Deserialize)]
pub(crate) struct OriginRecord {
    pub ip: Sensitive<String>,
    pub user_agent: Sensitive<String>,
    pub time_zone: Option<String>,
    /// The device token of a verified entry ticket.
    pub device: Option<Sensitive<String>>,
    /// City and country in words, as the database of places knew the address then: a notice sent
    /// again says the same.
    #[serde(default)]
    pub place: Option<String>,
}

/// Place and device of an origin as its account's holder reads them.
pub(crate) fn whence(origin: Option<&OriginRecord>) -> (String, String) {
    let place = origin.and_then(|origin| origin.place.clone());
    let device = origin.and_then(|origin| device::words(origin.user_agent.reveal()));
    (
        place.unwrap_or_else(|| "a place that we do not know".to_owned()),
        device.unwrap_or_else(|| "a device that we do not know".to_owned()),
    )
}

impl Engine {
    /// Seals a piece for a case.
    pub(crate) async fn seal<T: Serialize + Sync>(
        &self,
        case: &CaseId,
        name: &str,
        value: &T,
    ) -> Result<Vec<u8>> {
        let plain = Sensitive::new(
            serde_json::to_vec(value).map_err(|error| EngineError::internal("seal", &error))?,
        );
        Ok(self.0.vault.seal_record(case, name, plain.reveal()).await?)
    }

    /// Opens a piece, if the case has it.
    pub(crate) async fn unseal<T: DeserializeOwned>(
        &self,
        case: &CaseId,
        name: &str,
    ) -> Result<Option<T>> {
        let sealed = self.0.store.read().await?.sealed(case, name).await?;
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        let plain = self.0.vault.open_record(case, name, &sealed).await?;
        serde_json::from_slice(&plain)
            .map(Some)
            .map_err(|error| EngineError::internal("unseal", &error.classify_name()))
    }
}

/// Names the kind of a JSON error without quoting what was read.
trait ClassifyName {
    fn classify_name(&self) -> &'static str;
}

impl ClassifyName for serde_json::Error {
    fn classify_name(&self) -> &'static str {
        match self.classify() {
            serde_json::error::Category::Io => "io",
            serde_json::error::Category::Syntax => "syntax",
            serde_json::error::Category::Data => "data",
            serde_json::error::Category::Eof => "eof",
        }
    }
}
