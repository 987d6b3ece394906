//! A passkey authenticator in software: what a browser and a phone do together, for scripts.
//!
//! Self-contained (no test framework, no ambient randomness): keys come from a seed, so that a
//! run can be repeated. ES256, attestation "none", discoverable credentials, user verification.
//! Options go in and credentials come out as the JSON of WebAuthn Level 3 (5.1.8 and 5.1.9), the
//! same that `PublicKeyCredential.toJSON()` gives in a browser.
#![allow(
    unreachable_pub,
    dead_code,
    reason = "included by path where it is needed"
)]

use std::fmt;

use ciborium::Value as Cbor;
use data_encoding::BASE64URL_NOPAD;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// User present, user verified, attested credential data: flags of authenticator data
/// (WebAuthn section 6.1).
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const ATTESTED: u8 = 0x40;
/// Passkeys one authenticator keeps, so that a script's mistake cannot grow without end.
const CREDENTIALS_MAX: usize = 64;
/// ES256 in the COSE registry.
const ES256: i64 = -7;

/// Why the authenticator would not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthenticatorError {
    /// A member of the options is missing or has the wrong type.
    Options(&'static str),
    /// The relying party is not the origin's host nor a parent domain of it.
    ForeignOrigin,
    /// The relying party does not accept ES256.
    Algorithm,
    /// No passkey of that relying party is here.
    NoCredential,
    /// More passkeys than it keeps.
    Full,
    /// Signing or encoding failed.
    Internal,
}

impl fmt::Display for AuthenticatorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Options(member) => write!(f, "the options lack a usable `{member}`"),
            Self::ForeignOrigin => f.write_str("the relying party is not this origin's"),
            Self::Algorithm => f.write_str("the relying party does not accept ES256"),
            Self::NoCredential => f.write_str("no passkey of this relying party is here"),
            Self::Full => f.write_str("no room for another passkey"),
            Self::Internal => f.write_str("the authenticator could not sign"),
        }
    }
}

impl std::error::Error for AuthenticatorError {}

type Result<T> = std::result::Result<T, AuthenticatorError>;

struct Credential {
    id: Vec<u8>,
    rp_id: String,
    user_handle: Vec<u8>,
    key: SigningKey,
    count: u32,
}

/// The authenticator with its passkeys.
pub struct SoftAuthenticator {
    seed: [u8; 32],
    credentials: Vec<Credential>,
    /// Whether the user proves themselves (PIN, finger) when asked; a test may say no.
    pub user_verifies: bool,
}

impl SoftAuthenticator {
    /// An empty authenticator whose keys all come from this seed.
    #[must_use]
    pub const fn new(seed: [u8; 32]) -> Self {
        Self {
            seed,
            credentials: Vec::new(),
            user_verifies: true,
        }
    }

    /// `navigator.credentials.create()`: makes a passkey. `options` is what the server sent, with
    /// or without the outer `publicKey`; `origin` is such as `https://recover.example.com`.
    ///
    /// # Errors
    /// What the browser would refuse: foreign origin, unusable options, no ES256.
    pub fn create(&mut self, origin: &str, options: &Value) -> Result<Value> {
        let options = options.get("publicKey").unwrap_or(options);
        let rp_id = text(options, "/rp/id")?.to_owned();
        check_origin(origin, &rp_id)?;
        let accepts = options
            .get("pubKeyCredParams")
            .and_then(Value::as_array)
            .ok_or(AuthenticatorError::Options("pubKeyCredParams"))?
            .iter()
            .any(|param| param.get("alg").and_then(Value::as_i64) == Some(ES256));
        if !accepts {
            return Err(AuthenticatorError::Algorithm);
        }
        if self.credentials.len() >= CREDENTIALS_MAX {
            return Err(AuthenticatorError::Full);
        }
        let user_handle = bytes(options, "/user/id")?;
        let client_data = client_data("webauthn.create", text(options, "/challenge")?, origin);
        let credential = self.new_credential(rp_id, user_handle)?;
        let auth_data = self.auth_data(&credential, Some(&attested(&credential)?));
        let attestation = cbor(&Cbor::Map(vec![
            (Cbor::from("fmt"), Cbor::from("none")),
            (Cbor::from("attStmt"), Cbor::Map(Vec::new())),
            (Cbor::from("authData"), Cbor::Bytes(auth_data)),
        ]))?;
        let id = BASE64URL_NOPAD.encode(&credential.id);
        self.credentials.push(credential);
        Ok(json!({
            "id": id,
            "rawId": id,
            "type": "public-key",
            "response": {
                "attestationObject": BASE64URL_NOPAD.encode(&attestation),
                "clientDataJSON": BASE64URL_NOPAD.encode(&client_data),
                "transports": ["internal"],
            },
            "clientExtensionResults": { "credProps": { "rk": true } },
        }))
    }

    /// `navigator.credentials.get()`: signs a challenge with the newest passkey of the relying
    /// party, or with one that the options allow.
    ///
    /// # Errors
    /// Foreign origin, unusable options, or no passkey that fits.
    pub fn get(&mut self, origin: &str, options: &Value) -> Result<Value> {
        let options = options.get("publicKey").unwrap_or(options);
        let rp_id = text(options, "/rpId")?;
        check_origin(origin, rp_id)?;
        let client_data = client_data("webauthn.get", text(options, "/challenge")?, origin);
        let allowed = allowed(options);
        let place = self
            .credentials
            .iter()
            .rposition(|known| {
                known.rp_id == rp_id && (allowed.is_empty() || allowed.contains(&known.id))
            })
            .ok_or(AuthenticatorError::NoCredential)?;
        if let Some(credential) = self.credentials.get_mut(place) {
            credential.count = credential.count.saturating_add(1);
        }
        let credential = self
            .credentials
            .get(place)
            .ok_or(AuthenticatorError::NoCredential)?;
        let auth_data = self.auth_data(credential, None);
        let mut signed = auth_data.clone();
        signed.extend_from_slice(&Sha256::digest(&client_data));
        let signature: Signature = credential
            .key
            .try_sign(&signed)
            .map_err(|_| AuthenticatorError::Internal)?;
        let id = BASE64URL_NOPAD.encode(&credential.id);
        Ok(json!({
            "id": id,
            "rawId": id,
            "type": "public-key",
            "response": {
                "authenticatorData": BASE64URL_NOPAD.encode(&auth_data),
                "clientDataJSON": BASE64URL_NOPAD.encode(&client_data),
                "signature": BASE64URL_NOPAD.encode(signature.to_der().as_bytes()),
                "userHandle": BASE64URL_NOPAD.encode(&credential.user_handle),
            },
            "clientExtensionResults": {},
        }))
    }

    fn new_credential(&self, rp_id: String, user_handle: Vec<u8>) -> Result<Credential> {
        let number = u8::try_from(self.credentials.len()).unwrap_or(u8::MAX);
        let derive = |purpose: &[u8]| {
            let mut hash = Sha256::new();
            hash.update(self.seed);
            hash.update(purpose);
            hash.update([number]);
            hash.update(rp_id.as_bytes());
            hash.finalize()
        };
        let key =
            SigningKey::from_slice(&derive(b"key")).map_err(|_| AuthenticatorError::Internal)?;
        Ok(Credential {
            id: derive(b"id").to_vec(),
            rp_id,
            user_handle,
            key,
            count: 0,
        })
    }

    fn auth_data(&self, credential: &Credential, attested: Option<&[u8]>) -> Vec<u8> {
        let mut flags = PRESENT;
        if self.user_verifies {
            flags |= VERIFIED;
        }
        if attested.is_some() {
            flags |= ATTESTED;
        }
        let mut data = Sha256::digest(credential.rp_id.as_bytes()).to_vec();
        data.push(flags);
        data.extend_from_slice(&credential.count.to_be_bytes());
        data.extend_from_slice(attested.unwrap_or_default());
        data
    }
}

/// AAGUID of zeroes, the identifier with its length, the key in COSE form (WebAuthn 6.5.1).
fn attested(credential: &Credential) -> Result<Vec<u8>> {
    let point = credential.key.verifying_key().to_sec1_point(false);
    let (Some(x), Some(y)) = (point.x(), point.y()) else {
        return Err(AuthenticatorError::Internal);
    };
    let key = cbor(&Cbor::Map(vec![
        (Cbor::from(1), Cbor::from(2)),
        (Cbor::from(3), Cbor::from(ES256)),
        (Cbor::from(-1), Cbor::from(1)),
        (Cbor::from(-2), Cbor::Bytes(x.to_vec())),
        (Cbor::from(-3), Cbor::Bytes(y.to_vec())),
    ]))?;
    let length = u16::try_from(credential.id.len()).map_err(|_| AuthenticatorError::Internal)?;
    let mut data = vec![0; 16];
    data.extend_from_slice(&length.to_be_bytes());
    data.extend_from_slice(&credential.id);
    data.extend_from_slice(&key);
    Ok(data)
}

fn cbor(value: &Cbor) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).map_err(|_| AuthenticatorError::Internal)?;
    Ok(bytes)
}

fn client_data(kind: &str, challenge: &str, origin: &str) -> Vec<u8> {
    json!({
        "type": kind,
        "challenge": challenge,
        "origin": origin.trim_end_matches('/'),
        "crossOrigin": false,
    })
    .to_string()
    .into_bytes()
}

fn allowed(options: &Value) -> Vec<Vec<u8>> {
    options
        .get("allowCredentials")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.get("id")?.as_str())
        .filter_map(|id| BASE64URL_NOPAD.decode(id.as_bytes()).ok())
        .collect()
}

fn check_origin(origin: &str, rp_id: &str) -> Result<()> {
    let host = origin
        .split_once("://")
        .map(|(_, rest)| rest)
        .unwrap_or_default()
        .split(['/', ':'])
        .next()
        .unwrap_or_default();
    let parent = host
        .strip_suffix(rp_id)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    if parent {
        Ok(())
    } else {
        Err(AuthenticatorError::ForeignOrigin)
    }
}

fn text<'a>(options: &'a Value, pointer: &'static str) -> Result<&'a str> {
    options
        .pointer(pointer)
        .and_then(Value::as_str)
        .ok_or(AuthenticatorError::Options(pointer))
}

fn bytes(options: &Value, pointer: &'static str) -> Result<Vec<u8>> {
    BASE64URL_NOPAD
        .decode(text(options, pointer)?.as_bytes())
        .map_err(|_| AuthenticatorError::Options(pointer))
}
