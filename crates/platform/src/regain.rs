//! The platform's side: calls to Regain.

use recovery::id::AccountRef;
use reqwest::Method;

use crate::contract::{RestrictionSet, VetoAnswer, VetoRequest};
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

    /// The set that should be in force, for a platform that lost its own.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn restrictions(&self, account: &AccountRef) -> Result<RestrictionSet, ClientError> {
        let path = Self::path(account, "restrictions")?;
        self.transport.json(Method::GET, &path, None::<&()>).await
    }
}
