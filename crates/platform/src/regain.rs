//! The platform's side: calls to Regain.

use recovery::id::AccountRef;
use reqwest::Method;

use crate::changes::RestrictionChanges;
use crate::contract::{
    AccountRestriction, ChangeAnswer, ChangeRequest, RestrictionSet, RestrictionsAnswer,
    RestrictionsRequest, VetoAnswer, VetoCodeAnswer, VetoRequest,
};
use crate::keys::SharedKeys;
use crate::paths::{PLATFORM_BASE, is_account_ref};
use crate::transport::{ClientError, Clock, Timeouts, Transport};

/// Calls Regain. Cheap to clone; every call can be repeated without harm.
#[derive(Debug, Clone)]
pub struct RegainClient {
    transport: Transport,
}

impl RegainClient {
    /// A client for the Regain at this base address (`https://recover.exchange.example`).
    ///
    /// # Errors
    /// [`ClientError::BadBaseUrl`] unless it is https, or http on this machine;
    /// [`ClientError::Setup`] when there are no trust roots.
    pub fn new(
        base_url: &str,
        keys: SharedKeys,
        timeouts: Timeouts,
        now: Clock,
    ) -> Result<Self, ClientError> {
        Ok(Self {
            transport: Transport::new(base_url, keys, timeouts, now)?,
        })
    }

    fn path(account: &AccountRef, rest: &str) -> Result<String, ClientError> {
        if !is_account_ref(&account.0) {
            return Err(ClientError::BadAccount);
        }
        Ok(format!("{PLATFORM_BASE}/accounts/{account}/{rest}"))
    }

    /// Stops every open recovery of the account.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn veto(
        &self,
        account: &AccountRef,
        request: &VetoRequest,
    ) -> Result<VetoAnswer, ClientError> {
        self.transport
            .json(Method::POST, &Self::path(account, "veto")?, Some(request))
            .await
    }

    /// A new veto code for the holder to keep on paper. Asked again, it makes another one, and the
    /// one before is worth nothing.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn new_veto_code(&self, account: &AccountRef) -> Result<VetoCodeAnswer, ClientError> {
        let path = Self::path(account, "veto-codes")?;
        self.transport.json(Method::POST, &path, None::<&()>).await
    }

    /// Says that something of the account changed while its recovery waits: the wait grows.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn changed(
        &self,
        account: &AccountRef,
        request: &ChangeRequest,
    ) -> Result<ChangeAnswer, ClientError> {
        let path = Self::path(account, "changes")?;
        self.transport
            .json(Method::POST, &path, Some(request))
            .await
    }

    /// The set that should be in force: for the hot path, and for a platform that lost its own.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn restrictions(&self, account: &AccountRef) -> Result<RestrictionSet, ClientError> {
        let path = Self::path(account, "restrictions")?;
        self.transport.json(Method::GET, &path, None::<&()>).await
    }

    /// The same, unless that version is still the newest: then nothing.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn restrictions_unless(
        &self,
        account: &AccountRef,
        version: u64,
    ) -> Result<Option<RestrictionSet>, ClientError> {
        let path = Self::path(account, "restrictions")?;
        let body = self
            .transport
            .unless(&path, &format!("\"{version}\""))
            .await?;
        body.map(|body| serde_json::from_slice(&body).map_err(|_| ClientError::Malformed))
            .transpose()
    }

    /// The sets of many accounts, in their order.
    ///
    /// # Errors
    /// [`ClientError`]; [`ClientError::Malformed`] also when the answer is about other accounts.
    pub async fn restrictions_of(
        &self,
        accounts: &[AccountRef],
    ) -> Result<Vec<AccountRestriction>, ClientError> {
        let request = RestrictionsRequest {
            accounts: accounts.to_vec(),
        };
        let path = format!("{PLATFORM_BASE}/restrictions");
        let answer: RestrictionsAnswer = self
            .transport
            .json(Method::POST, &path, Some(&request))
            .await?;
        let same = answer.sets.iter().map(|one| &one.account).eq(accounts);
        if same {
            Ok(answer.sets)
        } else {
            Err(ClientError::Malformed)
        }
    }

    /// Opens the stream of changes after a number; 0 for all of them.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn restriction_changes(&self, after: u64) -> Result<RestrictionChanges, ClientError> {
        let path = format!("{PLATFORM_BASE}/restrictions/changes?after={after}");
        let (answer, nonce) = self.transport.stream(&path).await?;
        Ok(RestrictionChanges::new(
            self.transport.clone(),
            answer,
            nonce,
        ))
    }
}
