//! A text signed with the key of an old withdrawal address (B14): verified here, kept sealed, and
//! set against the account's addresses with the other signals.

use recovery::case::{Case, Refusal, State};
use recovery::id::CaseId;
use recovery::sensitive::Sensitive;
use serde::{Deserialize, Serialize};

use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::record::piece;

/// Most addresses of a case.
const ADDRESSES_MAX: usize = 5;
/// Tries in a row, and in an hour.
const BURST: u32 = 10;
const PER_HOUR: u32 = 30;

/// An address whose key signed for this case, with all that is needed to verify it again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SignedAddress {
    /// In the form in which addresses are compared.
    pub canonical: Sensitive<String>,
    /// `bip322_simple`, `legacy` or `eip191`.
    pub scheme: String,
    /// What was signed.
    pub text: String,
    /// The signature as it was sent.
    pub signature: Sensitive<String>,
}

/// What the applicant is told of a signature that is no proof; none of it depends on the account.
fn told(refused: wallet::Refused) -> EngineError {
    use wallet::Refused as R;
    let (field, sentence) = match refused {
        R::AddressUnknown => (
            "address",
            "We can only check signatures of Bitcoin addresses, and of Ethereum addresses and \
             those like them",
        ),
        R::AddressMistyped => (
            "address",
            "That address has a typing mistake, the check at its end does not fit",
        ),
        R::ScriptUnsupported => (
            "address",
            "This address needs several signatures. Use an address of a single key",
        ),
        R::SignatureUnsupported => (
            "signature",
            "We cannot check this kind of signature. Ask your wallet for the simple form, or use \
             another address",
        ),
        R::SignatureMalformed => (
            "signature",
            "This is not a whole signature. Copy all of it from your wallet",
        ),
        R::SignatureTooLong => (
            "signature",
            "This is too long to be a signature. Paste the signature alone",
        ),
        R::SignatureDoesNotFit | R::TextTooLong => (
            "signature",
            "The signature does not fit this text and address. Copy the text again and sign it \
             with the wallet of this address",
        ),
    };
    EngineError::Input {
        field,
        code: refused.code(),
        sentence: sentence.to_owned(),
    }
}

impl Engine {
    /// The text that the applicant signs: this case at this host, and that it moves nothing.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] for no case.
    pub async fn text_to_sign(&self, id: &CaseId) -> Result<String> {
        Ok(self.text_of(&self.case(id).await?))
    }

    fn text_of(&self, case: &Case) -> String {
        let settings = self.settings();
        let host = settings.origin.host_str().unwrap_or_default();
        wallet::text_to_sign(&settings.platform, host, case.code.as_str())
    }

    /// Verifies a signature and keeps the address, sealed. It says whether the signature is good,
    /// which is mathematics, and never whether the address is one of the account's.
    ///
    /// # Errors
    /// [`EngineError::Input`] with the words of the page.
    pub async fn sign_address(&self, id: &CaseId, address: &str, signature: &str) -> Result<()> {
        self.allow(&format!("signed/{id}"), BURST, PER_HOUR).await?;
        let case = self.case(id).await?;
        match case.proof_until() {
            Some(until) if self.now().await? >= until => return Err(Refusal::TooLate.into()),
            None if case.state != State::Gathering => return Err(Refusal::WrongStep.into()),
            _ => {}
        }
        let text = self.text_of(&case);
        let proof = verified(address, &text, signature).map_err(told)?;
        let mut signed = self.signed_addresses(id).await?;
        signed.retain(|one| one.canonical.reveal() != proof.canonical.reveal());
        if signed.len() >= ADDRESSES_MAX {
            return Err(EngineError::Input {
                field: "address",
                code: "too_many",
                sentence: "You signed with 5 addresses already. That is enough".to_owned(),
            });
        }
        signed.push(SignedAddress {
            canonical: proof.canonical,
            scheme: proof.scheme.name().to_owned(),
            text,
            signature: Sensitive::new(signature.to_owned()),
        });
        let sealed = self.seal(id, piece::SIGNED, &signed).await?;
        let mut tx = self.0.store.begin().await?;
        tx.put_sealed(id, piece::SIGNED, &sealed).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Addresses whose keys signed for this case.
    pub(crate) async fn signed_addresses(&self, id: &CaseId) -> Result<Vec<SignedAddress>> {
        Ok(self.unseal(id, piece::SIGNED).await?.unwrap_or_default())
    }
}

/// Line ends as we write them, or as a wallet on Windows takes them from a clipboard.
fn verified(
    address: &str,
    text: &str,
    signature: &str,
) -> std::result::Result<wallet::Proof, wallet::Refused> {
    wallet::verify(address, text, signature).or_else(|refused| {
        let other = text.replace('\n', "\r\n");
        wallet::verify(address, &other, signature).map_err(|_| refused)
    })
}
