//! Regain's side: calls to the platform.

use recovery::id::{AccountRef, CaseId};
use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::contract::{
    ActionName, Capabilities, CredentialsRequest, Dossier, NoticeAnswer, NoticeRequest,
    PasswordAnswer, PasswordCheck, ResolveAnswer, ResolveRequest, RestrictionAck, RestrictionSet,
    SecuringAnswer, SecuringReading, SecuringRequest, StagedCredentials,
};
use crate::keys::SharedKeys;
use crate::paths::{PORTRAIT_MAX, REGAIN_BASE, is_account_ref};
use crate::transport::{ClientError, Clock, Timeouts, Transport};

/// No body.
const NOTHING: Option<&()> = None;

/// Calls the platform. Cheap to clone; every call can be repeated without harm.
#[derive(Debug, Clone)]
pub struct PlatformClient {
    transport: Transport,
}

impl PlatformClient {
    /// A client for the platform at this base address (`https://exchange.example`).
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
        Ok(format!("{REGAIN_BASE}/accounts/{account}/{rest}"))
    }

    async fn get<A: DeserializeOwned>(&self, path: &str) -> Result<A, ClientError> {
        self.transport.json(Method::GET, path, NOTHING).await
    }

    async fn post<A: DeserializeOwned>(
        &self,
        path: &str,
        body: &(impl Serialize + Sync),
    ) -> Result<A, ClientError> {
        self.transport.json(Method::POST, path, Some(body)).await
    }

    /// What the platform supports.
    ///
    /// # Errors
    /// [`ClientError`], as every call.
    pub async fn capabilities(&self) -> Result<Capabilities, ClientError> {
        self.get(&format!("{REGAIN_BASE}/capabilities")).await
    }

    /// The account of an identifier as a person typed it, or none.
    ///
    /// # Errors
    /// [`ClientError`]; [`ClientError::Malformed`] also for a reference out of form.
    pub async fn resolve(
        &self,
        request: &ResolveRequest,
    ) -> Result<Option<AccountRef>, ClientError> {
        let path = format!("{REGAIN_BASE}/accounts/resolve");
        let answer: ResolveAnswer = self.post(&path, request).await?;
        match answer.account {
            Some(account) if !is_account_ref(&account.0) => Err(ClientError::Malformed),
            account => Ok(account),
        }
    }

    /// What the platform knows of the account.
    ///
    /// # Errors
    /// [`ClientError`]; [`ClientError::Malformed`] also when it is another account's.
    pub async fn dossier(&self, account: &AccountRef) -> Result<Dossier, ClientError> {
        let dossier: Dossier = self.get(&Self::path(account, "dossier")?).await?;
        if dossier.account == *account {
            Ok(dossier)
        } else {
            Err(ClientError::Malformed)
        }
    }

    /// The verified portrait's bytes: hostile until proven otherwise, as every picture.
    ///
    /// # Errors
    /// [`ClientError`]; status 404 when there is none.
    pub async fn portrait(&self, account: &AccountRef) -> Result<Vec<u8>, ClientError> {
        let path = Self::path(account, "portrait")?;
        self.transport
            .call(Method::GET, &path, Vec::new(), PORTRAIT_MAX)
            .await
    }

    /// Puts a restriction set in force. The answer's version may be higher than ours.
    ///
    /// # Errors
    /// [`ClientError`]; [`ClientError::Malformed`] also for a version lower than the one sent.
    pub async fn restrict(
        &self,
        account: &AccountRef,
        set: &RestrictionSet,
    ) -> Result<RestrictionAck, ClientError> {
        let path = Self::path(account, "restrictions")?;
        let ack: RestrictionAck = self.transport.json(Method::PUT, &path, Some(set)).await?;
        if ack.version < set.version {
            Err(ClientError::Malformed)
        } else {
            Ok(ack)
        }
    }

    /// The set in force.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn restrictions(&self, account: &AccountRef) -> Result<RestrictionSet, ClientError> {
        self.get(&Self::path(account, "restrictions")?).await
    }

    /// Whether a password would do (not one of the old ones, say).
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn check_password(
        &self,
        account: &AccountRef,
        check: &PasswordCheck,
    ) -> Result<PasswordAnswer, ClientError> {
        self.post(&Self::path(account, "credentials/password/check")?, check)
            .await
    }

    /// Stages new credentials of a case.
    ///
    /// # Errors
    /// [`ClientError`]; status 409 for a used idempotency key with another body.
    pub async fn stage_credentials(
        &self,
        account: &AccountRef,
        case: &CaseId,
        request: &CredentialsRequest,
    ) -> Result<StagedCredentials, ClientError> {
        let path = Self::path(account, &format!("recoveries/{case}/credentials"))?;
        self.transport.json(Method::PUT, &path, Some(request)).await
    }

    /// Which credentials are staged for a case, whoever staged them.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn staged_credentials(
        &self,
        account: &AccountRef,
        case: &CaseId,
    ) -> Result<StagedCredentials, ClientError> {
        let path = Self::path(account, &format!("recoveries/{case}/credentials"))?;
        self.get(&path).await
    }

    /// Carries out a securing action.
    ///
    /// # Errors
    /// [`ClientError`]; status 404 for an action that the platform does not have.
    pub async fn secure(
        &self,
        account: &AccountRef,
        action: &ActionName,
        request: &SecuringRequest,
    ) -> Result<SecuringAnswer, ClientError> {
        self.post(
            &Self::path(account, &format!("securing/{action}"))?,
            request,
        )
        .await
    }

    /// Reads a securing action back.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn read_secured(
        &self,
        account: &AccountRef,
        action: &ActionName,
        case: &CaseId,
    ) -> Result<SecuringReading, ClientError> {
        self.get(&Self::path(
            account,
            &format!("securing/{action}?case={case}"),
        )?)
        .await
    }

    /// Tells every channel known before the case.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn notify(
        &self,
        account: &AccountRef,
        notice: &NoticeRequest,
    ) -> Result<NoticeAnswer, ClientError> {
        self.post(&Self::path(account, "notices")?, notice).await
    }
}
