//! Recovery codes of the handover: made here, shown until the applicant proved to have kept them.

use platform::contract::{RECOVERY_CODES, plain_recovery_code};
use rand::Rng;
use recovery::case::CredentialKind;
use recovery::sensitive::Sensitive;
use recovery::time::Timestamp;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use super::handover::UnderWay;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::inputs::BegunHandover;
use crate::record::piece;
use crate::symbols::{grouped, symbols};
use crate::views::CodesOffer;

/// Symbols of a code: 80 bits, as the contract asks.
const CODE_SYMBOLS: usize = 16;
/// Wrong answers before a pause.
const TRIES: u32 = 10;

/// A set that is not confirmed yet. It is sealed with the case, and forgotten in the transaction
/// that records it as bound.
#[derive(Serialize, Deserialize)]
struct Offered {
    /// The handover they are for: whoever began another one may have seen them.
    begun_at: Timestamp,
    codes: Vec<Sensitive<String>>,
    /// The veto code that is kept with them.
    veto_code: Sensitive<String>,
    /// The place of the one that is asked for.
    asked: usize,
    /// Under which the set is staged, so that a repeated answer stages it once.
    key: Sensitive<String>,
}

impl Engine {
    /// The recovery codes to keep: the same set at every look until one of them was typed in.
    /// Another set would make worthless what somebody printed before a page was loaded again.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] once they are confirmed: they are shown to nobody again.
    pub async fn recovery_codes(&self, of: &BegunHandover) -> Result<CodesOffer> {
        let under_way = self.handing_over(of).await?;
        let bound = CredentialKind::RecoveryCodes;
        if under_way.case.handover.enrolled.contains(&bound) {
            return Err(EngineError::NotFound);
        }
        let offered = match self.offered_codes(&under_way).await? {
            Some(offered) => offered,
            None => self.new_recovery_codes(&under_way).await?,
        };
        Ok(CodesOffer {
            number: offered.asked + 1,
            codes: offered.codes,
            veto_code: offered.veto_code,
        })
    }

    async fn offered_codes(&self, under_way: &UnderWay) -> Result<Option<Offered>> {
        let id = &under_way.case.id;
        let offered: Option<Offered> = self.unseal(id, piece::RECOVERY_CODES).await?;
        Ok(offered.filter(|offered| offered.begun_at == under_way.begun_at))
    }

    async fn new_recovery_codes(&self, under_way: &UnderWay) -> Result<Offered> {
        let id = &under_way.case.id;
        let key = self.new_token();
        let (veto_code, digest) = self.new_veto_code();
        let offered = self.random(|rng| Offered {
            begun_at: under_way.begun_at,
            codes: (0..RECOVERY_CODES)
                .map(|_| grouped(symbols(rng, CODE_SYMBOLS).reveal().chars()))
                .collect(),
            asked: rng.next_u32() as usize % RECOVERY_CODES,
            veto_code,
            key,
        });
        let sealed = self.seal(id, piece::RECOVERY_CODES, &offered).await?;
        let mut tx = self.during(under_way).await?;
        tx.put_veto_code(&digest, &under_way.account, Some(id))
            .await?;
        tx.put_sealed(id, piece::RECOVERY_CODES, &sealed).await?;
        tx.commit().await?;
        Ok(offered)
    }

    /// Stages the codes when the one that was asked for is typed in.
    ///
    /// # Errors
    /// [`EngineError::Input`] with the words of the page; [`EngineError::Limited`] after many.
    pub async fn confirm_recovery_codes(&self, of: &BegunHandover, typed: &str) -> Result<()> {
        let under_way = self.handing_over(of).await?;
        let bucket = format!("codes/{}", of.case);
        self.allow(&bucket, TRIES, 60).await?;
        let offered = self.offered_codes(&under_way).await?;
        let offered = offered.ok_or(EngineError::NotFound)?;
        let asked = offered.codes.get(offered.asked);
        let asked = asked.ok_or(EngineError::NotFound)?;
        let wanted = plain_recovery_code(asked.reveal());
        let given = plain_recovery_code(typed);
        if !bool::from(given.as_bytes().ct_eq(wanted.as_bytes())) {
            return Err(EngineError::Input {
                field: "code",
                code: "code_wrong",
                sentence: format!("That is not code {}", offered.asked + 1),
            });
        }
        let Offered { codes, key, .. } = offered;
        self.stage(&under_way, CredentialKind::RecoveryCodes, |request| {
            request.idempotency_key = key.reveal().clone();
            request.recovery_codes = Some(codes);
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_in_groups_and_compared_without_them() {
        let code = grouped("0123456789ABCDEF".chars());
        assert_eq!(code.reveal(), "0123-4567-89AB-CDEF");
        let plain = plain_recovery_code(" 0123 4567-89ab cdef ");
        assert_eq!(plain, plain_recovery_code(code.reveal()));
    }
}
