//! A wallet for tests: signs as wallets do, in every form that is verified.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bitcoin::consensus::serialize;
use bitcoin::hashes::{Hash, sha256d};
use bitcoin::key::{PrivateKey, TapTweak};
use bitcoin::secp256k1::ecdsa::RecoverableSignature;
use bitcoin::secp256k1::{Message, Secp256k1, SecretKey};
use bitcoin::{Address, CompressedPublicKey, Network};
use data_encoding::HEXLOWER;
use sha3::{Digest, Keccak256};

/// Kinds of address that one key has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The key in its long form, as before 2012.
    Uncompressed,
    P2pkh,
    P2sh,
    P2wpkh,
    P2tr,
    Evm,
}

pub(crate) const KINDS: [Kind; 6] = [
    Kind::Uncompressed,
    Kind::P2pkh,
    Kind::P2sh,
    Kind::P2wpkh,
    Kind::P2tr,
    Kind::Evm,
];

/// First header of each kind in BIP-137; what Electrum writes for all of compressed keys is 31.
pub(crate) const HEADERS: [(u8, Kind); 4] = [
    (27, Kind::Uncompressed),
    (31, Kind::P2pkh),
    (35, Kind::P2sh),
    (39, Kind::P2wpkh),
];

pub(crate) struct Signer {
    secret: SecretKey,
}

impl Signer {
    /// Any 32 bytes but those that are no key, for which there is a fixed one.
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        let secret = SecretKey::from_slice(&seed)
            .unwrap_or_else(|_| SecretKey::from_slice(&[7; 32]).unwrap());
        Self { secret }
    }

    pub(crate) fn address(&self, kind: Kind) -> String {
        let secp = Secp256k1::new();
        let inner = self.secret.public_key(&secp);
        let key = CompressedPublicKey(inner);
        let main = Network::Bitcoin;
        let address = match kind {
            Kind::Uncompressed => Address::p2pkh(bitcoin::PublicKey::new_uncompressed(inner), main),
            Kind::P2pkh => Address::p2pkh(key, main),
            Kind::P2sh => Address::p2shwpkh(&key, main),
            Kind::P2wpkh => Address::p2wpkh(&key, main),
            Kind::P2tr => {
                let (inner, _) = inner.x_only_public_key();
                Address::p2tr_tweaked(inner.tap_tweak(&secp, None).0, main)
            }
            Kind::Evm => {
                let hash = Keccak256::digest(&inner.serialize_uncompressed()[1..]);
                return format!("0x{}", HEXLOWER.encode(&hash[12..]));
            }
        };
        address.to_string()
    }

    /// The form that wallets use for the kind today, as bytes.
    pub(crate) fn sign(&self, kind: Kind, text: &str) -> Vec<u8> {
        match kind {
            Kind::Evm => self.evm(text).to_vec(),
            Kind::Uncompressed => self.legacy(27, text).to_vec(),
            Kind::P2pkh => self.legacy(31, text).to_vec(),
            Kind::P2sh | Kind::P2wpkh | Kind::P2tr => self.simple(kind, text),
        }
    }

    pub(crate) fn simple(&self, kind: Kind, text: &str) -> Vec<u8> {
        let address = self.address(kind).parse::<Address<_>>().unwrap();
        let key = PrivateKey::new(self.secret, Network::Bitcoin);
        let witness = bip322::sign_simple(&address.assume_checked(), text, &[key], None);
        serialize(&witness.unwrap())
    }

    /// The message's hash is written here again, from its description.
    pub(crate) fn legacy(&self, first: u8, text: &str) -> [u8; 65] {
        let mut message = b"\x18Bitcoin Signed Message:\n".to_vec();
        match u16::try_from(text.len()).unwrap() {
            short @ ..=252 => message.push(u8::try_from(short).unwrap()),
            long => {
                message.push(0xfd);
                message.extend(long.to_le_bytes());
            }
        }
        message.extend(text.bytes());
        let (id, numbers) = self.recoverable(sha256d::Hash::hash(&message).to_byte_array());
        let mut signature = [first + id; 65];
        signature[1..].copy_from_slice(&numbers);
        signature
    }

    pub(crate) fn evm(&self, text: &str) -> [u8; 65] {
        let message = format!("\x19Ethereum Signed Message:\n{}{text}", text.len());
        let (id, numbers) = self.recoverable(Keccak256::digest(message).into());
        let mut signature = [27 + id; 65];
        signature[..64].copy_from_slice(&numbers);
        signature
    }

    fn recoverable(&self, hash: [u8; 32]) -> (u8, [u8; 64]) {
        let message = Message::from_digest(hash);
        let signature: RecoverableSignature =
            Secp256k1::new().sign_ecdsa_recoverable(&message, &self.secret);
        let (id, numbers) = signature.serialize_compact();
        (u8::try_from(id.to_i32()).unwrap(), numbers)
    }
}

/// As wallets show a signature.
pub(crate) fn shown(kind: Kind, signature: &[u8]) -> String {
    match kind {
        Kind::Evm => format!("0x{}", HEXLOWER.encode(signature)),
        _ => BASE64_STANDARD.encode(signature),
    }
}

/// The same signature with s taken from the order of the group, and the other key chosen.
pub(crate) fn mirrored(numbers: &[u8]) -> [u8; 64] {
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xfe, 0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36,
        0x41, 0x41,
    ];
    let mut mirrored: [u8; 64] = numbers.try_into().unwrap();
    let mut borrow = 0;
    for place in (0..32).rev() {
        let left = i16::from(ORDER[place]) - i16::from(numbers[32 + place]) - borrow;
        borrow = i16::from(left < 0);
        mirrored[32 + place] = u8::try_from(left.rem_euclid(256)).unwrap();
    }
    mirrored
}
