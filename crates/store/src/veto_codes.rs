//! Veto codes that holders keep on paper, as keyed digests. They outlive every case.

use recovery::id::{AccountRef, CaseId};
use recovery::time::Timestamp;

use crate::tx::{Reader, Tx};
use crate::{Result, SecretDigest};

statements! {
    PUT = "INSERT INTO veto_codes (digest, account_ref, case_id, created_at) \
        VALUES ($1, $2, $3, $4)";
    FIND = "SELECT account_ref, case_id, created_at FROM veto_codes WHERE digest = $1";
    FORGET = "DELETE FROM veto_codes WHERE account_ref = $1 AND case_id IS NOT DISTINCT FROM $2";
    FORGET_OTHERS = "DELETE FROM veto_codes \
        WHERE account_ref = $1 AND case_id IS DISTINCT FROM $2";
}

rows! {
    /// What a code that is known stops.
    #[derive(PartialEq, Eq)]
    pub struct VetoCode {
        /// Every recovery of this account,
        pub account_ref: AccountRef,
        /// but that of the case whose handover made the code.
        pub case_id: Option<CaseId>,
        /// When it was made.
        pub created_at: Timestamp,
    }
}

impl Reader {
    /// The code of this digest, if it is known.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn veto_code(&mut self, digest: &SecretDigest) -> Result<Option<VetoCode>> {
        let digest = digest.as_slice();
        fetch!(fetch_optional, VetoCode, self.conn, FIND, digest)
    }
}

impl Tx {
    /// Writes a code in place of the one that the same maker made before: the case whose handover
    /// it is, or the platform.
    ///
    /// # Errors
    /// [`crate::StoreError::Taken`] if the digest is known already.
    pub async fn put_veto_code(
        &mut self,
        digest: &SecretDigest,
        account: &AccountRef,
        maker: Option<&CaseId>,
    ) -> Result<()> {
        self.forget_veto_code(account, maker).await?;
        let now = self.now().await?.millis();
        let (digest, account) = (digest.as_slice(), account.0.as_str());
        let maker = maker.map(CaseId::as_str);
        execute!(self.conn, PUT, digest, account, maker, now).map(|_| ())
    }

    /// Forgets the account's code of that maker.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_veto_code(
        &mut self,
        account: &AccountRef,
        maker: Option<&CaseId>,
    ) -> Result<()> {
        let (account, maker) = (account.0.as_str(), maker.map(CaseId::as_str));
        execute!(self.conn, FORGET, account, maker).map(|_| ())
    }

    /// Forgets every code of the account but that of one case's handover.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_veto_code_of(&mut self, account: &AccountRef, maker: &CaseId) -> Result<()> {
        let (account, maker) = (account.0.as_str(), maker.as_str());
        execute!(self.conn, FORGET_OTHERS, account, maker).map(|_| ())
    }
}
