//! Passkey ceremonies of staff (STANDARDS REV-06): enrolment, and sign-in without a user name.
//!
//! Options and credentials travel as plain JSON, so a browser and a script use the same calls.
//! What a ceremony must remember stays on the server as opaque bytes; user verification is always
//! required.

use serde_json::{Value, json};
use thiserror::Error;
use url::Url;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Uuid, Webauthn, WebauthnBuilder,
};

/// Why a ceremony did not succeed. The sentences are for people; details stay here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PasskeyError {
    /// The configured origin cannot carry passkeys.
    #[error("passkeys cannot work on the configured origin")]
    Configuration,
    /// What the browser sent is not a credential.
    #[error("this is not a passkey answer")]
    Malformed,
    /// The signature, challenge, origin or user verification does not hold.
    #[error("the passkey was not accepted; start again")]
    Refused,
    /// What the ceremony had to remember is gone or unreadable.
    #[error("this attempt is over; start again")]
    Over,
}

/// The name password managers show beside the passkey.
const PARTY_NAME: &str = "Regain console";

/// Runs the ceremonies for one origin.
#[derive(Debug, Clone)]
pub struct Passkeys {
    webauthn: Webauthn,
}

/// A new passkey, ready to be stored.
#[derive(Debug)]
pub struct NewPasskey {
    /// The credential's identifier.
    pub id: Vec<u8>,
    /// The passkey as JSON.
    pub passkey: Vec<u8>,
}

impl Passkeys {
    /// For our own origin; its host is the relying party.
    ///
    /// # Errors
    /// [`PasskeyError::Configuration`] if the origin has no host or no secure context.
    pub fn new(origin: &Url) -> Result<Self, PasskeyError> {
        let host = origin.host_str().ok_or(PasskeyError::Configuration)?;
        let webauthn = WebauthnBuilder::new(host, origin)
            .and_then(|builder| builder.rp_name(PARTY_NAME).build())
            .map_err(|_| PasskeyError::Configuration)?;
        Ok(Self { webauthn })
    }

    /// Options for `navigator.credentials.create()` and what to remember until the answer.
    ///
    /// # Errors
    /// [`PasskeyError::Configuration`] if the handle is not 16 bytes or nothing can be made.
    pub fn begin_enrolment(
        &self,
        handle: &[u8],
        name: &str,
    ) -> Result<(Value, Vec<u8>), PasskeyError> {
        let handle = Uuid::from_slice(handle).map_err(|_| PasskeyError::Configuration)?;
        let (options, state) = self
            .webauthn
            .start_passkey_registration(handle, name, name, None)
            .map_err(|_| PasskeyError::Configuration)?;
        let mut options = to_value(&options)?;
        // Sign-in is without a user name, so the authenticator must be able to find the passkey.
        if let Some(selection) = options
            .pointer_mut("/publicKey/authenticatorSelection")
            .and_then(Value::as_object_mut)
        {
            selection.insert("residentKey".to_owned(), json!("required"));
            selection.insert("requireResidentKey".to_owned(), json!(true));
        }
        Ok((options, to_bytes(&state)?))
    }

    /// Checks the answer of `navigator.credentials.create()`.
    ///
    /// # Errors
    /// Any [`PasskeyError`]; nothing is stored then.
    pub fn finish_enrolment(
        &self,
        credential: &Value,
        state: &[u8],
    ) -> Result<NewPasskey, PasskeyError> {
        let state: PasskeyRegistration =
            serde_json::from_slice(state).map_err(|_| PasskeyError::Over)?;
        let credential: RegisterPublicKeyCredential =
            serde_json::from_value(credential.clone()).map_err(|_| PasskeyError::Malformed)?;
        let passkey = self
            .webauthn
            .finish_passkey_registration(&credential, &state)
            .map_err(|_| PasskeyError::Refused)?;
        Ok(NewPasskey {
            id: passkey.cred_id().to_vec(),
            passkey: to_bytes(&passkey)?,
        })
    }

    /// Options for `navigator.credentials.get()` and what to remember until the answer.
    ///
    /// # Errors
    /// [`PasskeyError::Configuration`] if nothing can be made.
    pub fn begin_sign_in(&self) -> Result<(Value, Vec<u8>), PasskeyError> {
        let (options, state) = self
            .webauthn
            .start_discoverable_authentication()
            .map_err(|_| PasskeyError::Configuration)?;
        let mut options = to_value(&options)?;
        // The library speaks of autofill; ours is a button, which asks at once.
        if let Some(members) = options.as_object_mut() {
            members.remove("mediation");
        }
        Ok((options, to_bytes(&state)?))
    }

    /// The user handle in an answer of `navigator.credentials.get()`, before anything is proved.
    ///
    /// # Errors
    /// [`PasskeyError::Malformed`] if there is none.
    pub fn handle_of(&self, credential: &Value) -> Result<[u8; 16], PasskeyError> {
        let credential = read_assertion(credential)?;
        let (handle, _) = self
            .webauthn
            .identify_discoverable_authentication(&credential)
            .map_err(|_| PasskeyError::Malformed)?;
        Ok(handle.into_bytes())
    }

    /// Checks an answer of `navigator.credentials.get()` against the person's passkeys. Gives the
    /// passkey to store again when its counter moved.
    ///
    /// # Errors
    /// Any [`PasskeyError`]; a counter that went backwards (a copy) is refused too.
    pub fn finish_sign_in(
        &self,
        credential: &Value,
        state: &[u8],
        passkeys: &[Vec<u8>],
    ) -> Result<Option<NewPasskey>, PasskeyError> {
        let state: DiscoverableAuthentication =
            serde_json::from_slice(state).map_err(|_| PasskeyError::Over)?;
        let credential = read_assertion(credential)?;
        let mut passkey = passkeys
            .iter()
            .filter_map(|bytes| serde_json::from_slice::<Passkey>(bytes).ok())
            .find(|known| known.cred_id().as_slice() == credential.get_credential_id())
            .ok_or(PasskeyError::Refused)?;
        let result = self
            .webauthn
            .finish_discoverable_authentication_v2(&credential, state, &passkey)
            .map_err(|_| PasskeyError::Refused)?;
        if !result.user_verified() {
            return Err(PasskeyError::Refused);
        }
        if passkey.update_credential(&result) != Some(true) {
            return Ok(None);
        }
        Ok(Some(NewPasskey {
            id: passkey.cred_id().to_vec(),
            passkey: to_bytes(&passkey)?,
        }))
    }
}

fn read_assertion(credential: &Value) -> Result<PublicKeyCredential, PasskeyError> {
    serde_json::from_value(credential.clone()).map_err(|_| PasskeyError::Malformed)
}

fn to_value(thing: &impl serde::Serialize) -> Result<Value, PasskeyError> {
    serde_json::to_value(thing).map_err(|_| PasskeyError::Configuration)
}

fn to_bytes(thing: &impl serde::Serialize) -> Result<Vec<u8>, PasskeyError> {
    serde_json::to_vec(thing).map_err(|_| PasskeyError::Configuration)
}
