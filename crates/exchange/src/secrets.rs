//! Randomness, digests and password hashes.

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use data_encoding::HEXLOWER;
use platform::Sensitive;
use sha2::{Digest, Sha256};
use zxcvbn::{Score, zxcvbn};

use crate::error::{ExchangeError, Result};

/// Random bytes from the operating system's generator.
#[expect(
    clippy::disallowed_methods,
    reason = "tokens are made at the edge and never replayed"
)]
pub(crate) fn random<const N: usize>() -> [u8; N] {
    use rand::Rng;
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// A bearer token of 256 bits.
pub(crate) fn token() -> String {
    HEXLOWER.encode(&random::<32>())
}

/// An identifier with a prefix and 128 random bits.
pub(crate) fn id(prefix: &str) -> String {
    format!("{prefix}{}", HEXLOWER.encode(&random::<16>()))
}

/// SHA-256 in hexadecimal: under it a bearer token is stored.
pub(crate) fn digest(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// Hashes a password with Argon2id at its crate's defaults (19 MiB, 2 passes: OWASP's minimum).
pub(crate) async fn hash_password(password: &Sensitive<String>) -> Result<String> {
    let password = password.clone();
    let work = move || {
        let salt = random::<16>();
        let hash = Argon2::default().hash_password_with_salt(password.reveal().as_bytes(), &salt);
        hash.map(|hash| hash.to_string())
            .map_err(|_| ExchangeError::Internal("hashing"))
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| ExchangeError::Internal("hashing"))?
}

/// Whether a password fits a hash.
pub(crate) async fn password_fits(password: &Sensitive<String>, hash: &str) -> Result<bool> {
    let (password, hash) = (password.clone(), hash.to_owned());
    let work = move || {
        Argon2::default()
            .verify_password(password.reveal().as_bytes(), hash.as_str())
            .is_ok()
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| ExchangeError::Internal("hashing"))
}

/// Whether a password is among the first that anybody tries who knows the user name: it takes fewer
/// than 10^8 guesses, by its first characters (the estimate takes time that grows with the length).
pub(crate) async fn is_common(password: &Sensitive<String>, user_name: &str) -> Result<bool> {
    const WEIGHED_MAX: usize = 32;
    let start: String = password.reveal().chars().take(WEIGHED_MAX).collect();
    let (start, user_name) = (Sensitive::new(start), user_name.to_owned());
    let work = move || zxcvbn(start.reveal(), &[&user_name]).score() < Score::Three;
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| ExchangeError::Internal("weighing a password"))
}

/// A recovery code as it is stored: a salt and a digest. Its 80 random bits need no slow hash.
pub(crate) fn salted(plain_code: &str) -> String {
    let salt = HEXLOWER.encode(&random::<16>());
    let digest = digest(format!("{salt}/{plain_code}").as_bytes());
    format!("{salt}/{digest}")
}

/// Whether a recovery code is the stored one.
pub(crate) fn code_fits(plain_code: &str, stored: &str) -> bool {
    stored.split_once('/').is_some_and(|(salt, kept)| {
        // Digests of what somebody typed tell nothing by the time that comparing takes.
        digest(format!("{salt}/{plain_code}").as_bytes()) == kept
    })
}
