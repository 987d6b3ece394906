//! A passkey authenticator in software, for one credential.

use std::collections::BTreeMap;

use ciborium::Value as Cbor;
use data_encoding::BASE64URL_NOPAD;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// User present.
const PRESENT: u8 = 0x01;
/// User verified.
const VERIFIED: u8 = 0x04;
/// Attested credential data follow.
const ATTESTED: u8 = 0x40;

pub struct Authenticator {
    origin: String,
    key: SigningKey,
    id: Vec<u8>,
    counter: u32,
    verifies: bool,
}

fn text(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

fn int(value: i64) -> Cbor {
    Cbor::Integer(value.into())
}

impl Authenticator {
    /// One whose key and credential are made of `seed`.
    pub fn new(origin: &str, seed: u8) -> Self {
        let key = SigningKey::from_slice(&[seed; 32]).unwrap();
        Self {
            origin: origin.to_owned(),
            key,
            id: vec![seed; 32],
            counter: 0,
            verifies: true,
        }
    }

    /// From now on it only asks for a touch: neither PIN nor finger.
    pub fn stops_verifying(&mut self) {
        self.verifies = false;
    }

    const fn person(&self) -> u8 {
        if self.verifies {
            PRESENT | VERIFIED
        } else {
            PRESENT
        }
    }

    /// The same passkey on another page of its domain.
    pub fn move_to(&mut self, origin: &str) {
        origin.clone_into(&mut self.origin);
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let data: BTreeMap<&str, Value> = BTreeMap::from([
            ("type", json!(kind)),
            ("challenge", options["publicKey"]["challenge"].clone()),
            ("origin", json!(self.origin)),
            ("crossOrigin", json!(false)),
        ]);
        serde_json::to_vec(&data).unwrap()
    }

    fn data(&mut self, rp_id: &str, flags: u8) -> Vec<u8> {
        self.counter += 1;
        let mut data = Sha256::digest(rp_id.as_bytes()).to_vec();
        data.push(flags);
        data.extend_from_slice(&self.counter.to_be_bytes());
        data
    }

    /// The public key as COSE (RFC 9053 section 7.1): EC2, ES256, P-256, x, y.
    fn cose(&self) -> Vec<u8> {
        let point = self.key.verifying_key().to_sec1_point(false);
        let (x, y) = (point.x().unwrap().to_vec(), point.y().unwrap().to_vec());
        let map = Cbor::Map(vec![
            (int(1), int(2)),
            (int(3), int(-7)),
            (int(-1), int(1)),
            (int(-2), Cbor::Bytes(x)),
            (int(-3), Cbor::Bytes(y)),
        ]);
        let mut bytes = Vec::new();
        ciborium::into_writer(&map, &mut bytes).unwrap();
        bytes
    }

    /// Answers `navigator.credentials.create`.
    pub fn create(&mut self, options: &Value) -> Value {
        let client = self.client_data("webauthn.create", options);
        let rp_id = options["publicKey"]["rp"]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let mut data = self.data(&rp_id, self.person() | ATTESTED);
        data.extend_from_slice(&[0; 16]);
        data.extend_from_slice(&u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend_from_slice(&self.id);
        data.extend_from_slice(&self.cose());
        let object = Cbor::Map(vec![
            (Cbor::Text("fmt".to_owned()), Cbor::Text("none".to_owned())),
            (Cbor::Text("attStmt".to_owned()), Cbor::Map(vec![])),
            (Cbor::Text("authData".to_owned()), Cbor::Bytes(data)),
        ]);
        let mut bytes = Vec::new();
        ciborium::into_writer(&object, &mut bytes).unwrap();
        json!({
            "id": text(&self.id), "rawId": text(&self.id), "type": "public-key",
            "response": {
                "attestationObject": text(&bytes), "clientDataJSON": text(&client),
                "transports": ["internal"],
            },
            "extensions": {},
        })
    }

    /// Answers `navigator.credentials.get`.
    pub fn get(&mut self, options: &Value) -> Value {
        let client = self.client_data("webauthn.get", options);
        let rp_id = options["publicKey"]["rpId"].as_str().unwrap().to_owned();
        let data = self.data(&rp_id, self.person());
        let mut signed = data.clone();
        signed.extend_from_slice(&Sha256::digest(&client));
        let signature: Signature = self.key.sign(&signed);
        json!({
            "id": text(&self.id), "rawId": text(&self.id), "type": "public-key",
            "response": {
                "authenticatorData": text(&data), "clientDataJSON": text(&client),
                "signature": text(signature.to_der().as_bytes()), "userHandle": null,
            },
            "extensions": {},
        })
    }
}
