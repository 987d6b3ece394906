//! The new passkey: made on Regain's page, or on the platform's on an assertion of ours.

use platform::contract::{Capabilities, EnrolAt, PasskeyCredential};
use platform::signature::nonce_text;
use platform::{EnrolAssertion, EnrolPurpose, enrol};
use recovery::actor::Actor;
use recovery::case::CredentialKind;
use serde_json::Value;
use url::Url;

use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::handle::Attached;
use crate::inputs::BegunHandover;

/// Where the platform's page sends the browser back to.
const BACK: &str = "/handover/passkey";
/// Assertions of one case at once, and per hour after that.
const ASSERTIONS_BURST: u32 = 10;
const ASSERTIONS_PER_HOUR: u32 = 30;

/// The platform's own page for passkeys, where it declares one.
pub(super) fn page_of(capabilities: &Capabilities) -> Option<&str> {
    let page = capabilities.passkey_page.as_deref();
    page.filter(|_| capabilities.passkey == EnrolAt::AtPlatform)
}

impl Engine {
    /// Relying party, our origin and its name, where a passkey can be made at Regain.
    pub(super) fn passkey_party(
        &self,
        capabilities: &Capabilities,
    ) -> Option<(String, String, String)> {
        let origin = &self.settings().origin;
        let host = origin.host_str().unwrap_or_default();
        // A browser makes a passkey only for its page's own host or a parent domain of it.
        let ours = |rp_id: &str| host == rp_id || host.ends_with(&format!(".{rp_id}"));
        let party = capabilities.passkey_party.clone();
        party
            .filter(|party| capabilities.passkey == EnrolAt::AtRegain && ours(&party.rp_id))
            .map(|party| {
                (
                    party.rp_id,
                    origin.origin().ascii_serialization(),
                    party.name,
                )
            })
    }

    /// Stages a passkey that the browser made and the page verified.
    ///
    /// # Errors
    /// When it belongs to another domain than the platform's.
    pub async fn set_passkey(
        &self,
        of: &BegunHandover,
        rp_id: &str,
        credential: Value,
    ) -> Result<()> {
        let under_way = self.handing_over(of).await?;
        let party = self.passkey_party(&self.0.platform.capabilities().await?);
        if party.is_none_or(|(expected, _, _)| expected != rp_id) {
            return Err(EngineError::NotFound);
        }
        let passkey = PasskeyCredential {
            rp_id: rp_id.to_owned(),
            credential,
        };
        self.stage(&under_way, CredentialKind::Passkey, |r| {
            r.passkey = Some(passkey)
        })
        .await
    }

    /// Where the browser goes to make the passkey on the platform's page: with an assertion that
    /// serves once, for ten minutes and for this case. Nothing where it is made at Regain.
    ///
    /// # Errors
    /// When no handover is under way; [`EngineError::Limited`] when asked often.
    pub async fn passkey_address(&self, of: &BegunHandover) -> Result<Option<Url>> {
        let account = self.handing_over(of).await?.account;
        let id = &of.case;
        let capabilities = self.0.platform.capabilities().await?;
        let Some(page) = page_of(&capabilities) else {
            return Ok(None);
        };
        let bucket = format!("enrol/{id}");
        self.allow(&bucket, ASSERTIONS_BURST, ASSERTIONS_PER_HOUR)
            .await?;
        let mut back = self.settings().origin.clone();
        back.set_path(BACK);
        back.set_query(Some("made=1"));
        let now = self.now().await?;
        let assertion = EnrolAssertion {
            account,
            case: id.clone(),
            begun_at: of.begun_at,
            purpose: EnrolPurpose::Passkey,
            issued_at: now,
            expires_at: now + enrol::LIFE_MAX,
            nonce: nonce_text(self.random_bytes()),
            return_url: back.into(),
        };
        let text = assertion
            .sign(self.0.keys.current())
            .map_err(|error| EngineError::internal("assertion", &error))?;
        let url = enrol::page_with(page, &text);
        let unsafe_page = EngineError::Unavailable {
            what: "the platform's page for passkeys",
        };
        url.map(Some).ok_or(unsafe_page)
    }

    /// Asks the platform whether its page staged a passkey for this case, and records it. What the
    /// browser says on its way back counts for nothing.
    ///
    /// # Errors
    /// When no handover is under way, or the platform does not answer.
    pub async fn look_for_passkey(&self, of: &BegunHandover) -> Result<bool> {
        let under_way = self.handing_over(of).await?;
        let id = &of.case;
        // Until something is staged that takes it away, it is of a handover that was begun before.
        if under_way.case.handover.enrolled.is_empty() {
            return Ok(false);
        }
        let platform = &self.0.platform;
        let staged = platform.staged_credentials(&under_way.account, id).await?;
        if staged.passkey {
            let command = under_way.enrol(CredentialKind::Passkey);
            self.handle(id, &Actor::Applicant, &command, &Attached::default())
                .await?;
        }
        Ok(staged.passkey)
    }
}
