//! A new authenticator: offered at the handover, and proved by its first digits.

use platform::contract::{TotpAlgorithm, TotpSecret};
use recovery::case::CredentialKind;
use recovery::sensitive::Sensitive;
use recovery::time::Timestamp;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use totp_rs::{Algorithm, Builder, Secret};

use super::handover::UnderWay;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::inputs::BegunHandover;
use crate::record::piece;
use crate::views::TotpOffer;

/// Bytes of an authenticator secret: 160 bits (RFC 4226 section 4, R6).
const TOTP_BYTES: usize = 20;
const TOTP_DIGITS: u8 = 6;
const TOTP_PERIOD_S: u16 = 30;
/// Wrong codes before a pause.
const TOTP_TRIES: u32 = 10;

/// What is kept of an authenticator that is being connected.
#[derive(Serialize, Deserialize)]
struct Authenticator {
    /// The handover it is for: whoever began another one may know the secret.
    begun_at: Timestamp,
    secret: Sensitive<String>,
    /// The step of the last code taken.
    used_step: Option<u64>,
}

impl Engine {
    /// Offers an authenticator secret; the same one until it is confirmed.
    ///
    /// # Errors
    /// When no handover is under way.
    pub async fn totp_offer(&self, of: &BegunHandover) -> Result<TotpOffer> {
        let under_way = self.handing_over(of).await?;
        let secret = match self.authenticator(&under_way).await? {
            Some(known) => known.secret,
            None => self.new_totp_secret(&under_way).await?,
        };
        let platform = &self.settings().platform;
        let url = format!(
            "otpauth://totp/{platform}:{}?secret={}&issuer={platform}&algorithm=SHA1\
             &digits={TOTP_DIGITS}&period={TOTP_PERIOD_S}",
            under_way.case.code,
            secret.reveal(),
        );
        Ok(TotpOffer {
            secret_base32: secret,
            otpauth_url: Sensitive::new(url),
        })
    }

    async fn authenticator(&self, under_way: &UnderWay) -> Result<Option<Authenticator>> {
        let kept: Option<Authenticator> = self.unseal(&under_way.case.id, piece::TOTP).await?;
        Ok(kept.filter(|kept| kept.begun_at == under_way.begun_at))
    }

    async fn new_totp_secret(&self, under_way: &UnderWay) -> Result<Sensitive<String>> {
        let bytes: [u8; TOTP_BYTES] = self.random_bytes();
        let secret = Sensitive::new(data_encoding::BASE32_NOPAD.encode(&bytes));
        let new = Authenticator {
            begun_at: under_way.begun_at,
            secret,
            used_step: None,
        };
        self.keep_authenticator(under_way, &new).await?;
        Ok(new.secret)
    }

    async fn keep_authenticator(&self, under_way: &UnderWay, kept: &Authenticator) -> Result<()> {
        let id = &under_way.case.id;
        let sealed = self.seal(id, piece::TOTP, kept).await?;
        let mut tx = self.during(under_way).await?;
        tx.put_sealed(id, piece::TOTP, &sealed).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Stages the authenticator when its digits fit: this step or the one before, and each step
    /// once (RFC 6238 5.2), at the platform too.
    ///
    /// # Errors
    /// [`EngineError::Input`] with the words of UX.md P24.
    pub async fn confirm_totp(&self, of: &BegunHandover, digits: &str) -> Result<()> {
        let wrong = |code, sentence: &str| {
            Err(EngineError::Input {
                field: "digits",
                code,
                sentence: sentence.to_owned(),
            })
        };
        let typed: String = digits.chars().filter(char::is_ascii_digit).collect();
        if typed.len() != usize::from(TOTP_DIGITS) {
            return wrong("digits", "Enter the 6 digits from the app");
        }
        let under_way = self.handing_over(of).await?;
        let id = &of.case;
        self.allow(&format!("totp/{id}"), TOTP_TRIES, 60).await?;
        let kept = self.authenticator(&under_way).await?;
        let mut kept = kept.ok_or(EngineError::NotFound)?;
        let now = self.now().await?.millis() / 1000;
        let Some(step) = totp_step(kept.secret.reveal(), &typed, now)? else {
            return wrong(
                "digits_wrong",
                "Those digits do not fit. Check that your phone sets its clock automatically",
            );
        };
        if Some(step) <= kept.used_step {
            return wrong(
                "digits_used",
                "Those digits were used already. Wait for the next ones",
            );
        }
        kept.used_step = Some(step);
        self.keep_authenticator(&under_way, &kept).await?;
        let staged = TotpSecret {
            secret: kept.secret,
            algorithm: TotpAlgorithm::Sha1,
            digits: TOTP_DIGITS,
            period: TOTP_PERIOD_S,
            used_step: kept.used_step,
        };
        self.stage(&under_way, CredentialKind::Totp, |r| r.totp = Some(staged))
            .await
    }
}

/// The step whose code this is: the one at `now_s`, in seconds since the epoch, or the one before.
fn totp_step(secret_base32: &str, typed: &str, now_s: i64) -> Result<Option<u64>> {
    let broken = |error: &dyn std::fmt::Display| EngineError::internal("totp", error);
    let bytes = data_encoding::BASE32_NOPAD
        .decode(secret_base32.as_bytes())
        .map_err(|error| broken(&error))?;
    let now = u64::try_from(now_s).unwrap_or(0);
    let period = u64::from(TOTP_PERIOD_S);
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(TOTP_DIGITS)
        .with_step_duration(period)
        .with_secret(Secret::from(bytes))
        .build()
        .map_err(|error| broken(&error))?;
    let step = now / period;
    let fits = |step: &u64| {
        let token = totp.generate(step * period).to_string();
        bool::from(token.as_bytes().ct_eq(typed.as_bytes()))
    };
    Ok([step, step.saturating_sub(1)].into_iter().find(fits))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238 appendix B, and its code of step 1 cut to six digits.
    #[test]
    fn a_code_tells_its_step_in_that_step_and_the_next() {
        let secret = data_encoding::BASE32_NOPAD.encode(b"12345678901234567890");
        for (now, step) in [
            (29, None),
            (30, Some(1)),
            (59, Some(1)),
            (89, Some(1)),
            (90, None),
        ] {
            assert_eq!(totp_step(&secret, "287082", now).unwrap(), step, "{now}");
        }
        assert_eq!(totp_step(&secret, "287083", 59).unwrap(), None);
        assert!(totp_step("not base 32", "287082", 59).is_err());
    }
}
