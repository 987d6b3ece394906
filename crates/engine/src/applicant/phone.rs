//! From the computer to a phone: a link that opens once, a question, a word that both screens know,
//! and then a session that only takes pictures.

use recovery::id::{CaseId, PhoneLinkId, read_symbols};
use recovery::sensitive::Sensitive;
use recovery::time::Span;
use store::{LinkEnd, NewPhoneLink, PhoneLink, SecretDigest};

use super::gathering::may_send;
use crate::device;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::views::{PhoneDoor, PhoneLinkView, PhoneState};

/// How long a link works (UX.md A1).
const LIFE: Span = Span::minutes(10);
/// Links of one case: 5 in 10 minutes (UX.md A1).
const LINKS_BURST: u32 = 5;
const LINKS_PER_HOUR: u32 = 30;
/// Symbols of the code that is typed instead: 45 bits, for ten minutes and few tries.
const CODE_SYMBOLS: usize = 9;
/// Symbols without look-alikes, as case codes have them.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Words for the match: short, concrete, far from one another in sound and look.
const WORDS: [&str; 16] = [
    "apple", "bridge", "candle", "dolphin", "engine", "forest", "guitar", "hammer", "island",
    "kettle", "lemon", "mirror", "orange", "pencil", "river", "window",
];
/// How many words the phone shows.
const CHOICES: usize = 3;

/// What somebody typed or scanned, as its digest.
fn digest_of(engine: &Engine, secret: &str) -> SecretDigest {
    let typed = read_symbols(secret);
    if typed.len() == CODE_SYMBOLS {
        return engine.keyed_digest("phone_code", &typed);
    }
    SecretDigest::of(secret.as_bytes())
}

impl Engine {
    /// Makes a new link; the one before it is dead from now on.
    ///
    /// # Errors
    /// [`EngineError::Limited`]; a refusal when nothing can be sent now.
    pub async fn make_phone_link(&self, id: &CaseId, user_agent: &str) -> Result<()> {
        may_send(&self.case(id).await?)?;
        self.allow(&format!("phone/{id}"), LINKS_BURST, LINKS_PER_HOUR)
            .await?;
        let now = self.now().await?;
        let (link, word) = self.random(|rng| {
            use rand::Rng as _;
            let word = rng.next_u32() % u32::try_from(WORDS.len()).unwrap_or(1);
            (PhoneLinkId::new(now, rng), word)
        });
        let code = self.phone_code(&link);
        let mut tx = self.0.store.begin().await?;
        let expires_at = tx.now().await? + LIFE;
        tx.create_phone_link(&NewPhoneLink {
            id: &link,
            case_id: id,
            digest: &SecretDigest::of(self.phone_secret(&link).reveal().as_bytes()),
            code_digest: &self.keyed_digest("phone_code", code.reveal()),
            word,
            about: device::family(user_agent).unwrap_or("another browser"),
            expires_at,
        })
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Computed anew whenever the page is shown: no table holds it.
    fn phone_secret(&self, link: &PhoneLinkId) -> Sensitive<String> {
        self.derived_token("phone_link", link.as_str())
    }

    fn phone_code(&self, link: &PhoneLinkId) -> Sensitive<String> {
        let chance = self.derived_token("phone_link_code", link.as_str());
        let number = u64::from_str_radix(chance.reveal().get(..15).unwrap_or("0"), 16);
        let number = number.unwrap_or(0);
        let symbol = |place: usize| {
            let index = (number >> (5 * place)) & 31;
            let index = usize::try_from(index).unwrap_or(0);
            ALPHABET.get(index).map_or('0', |byte| char::from(*byte))
        };
        Sensitive::new((0..CODE_SYMBOLS).map(symbol).collect())
    }

    /// The words the phone may choose from: the right one and two others, in an order of the link.
    fn choices(&self, link: &PhoneLink) -> Vec<&'static str> {
        let chance = self.derived_token("phone_words", link.id.as_str());
        let byte = |place: usize| {
            let hex = chance.reveal().get(2 * place..2 * place + 2);
            hex.and_then(|hex| usize::from_str_radix(hex, 16).ok())
                .unwrap_or(0)
        };
        let right = link.word as usize % WORDS.len();
        // Two different steps of 1 to 15 away from the right one, so that none stands twice.
        let first = 1 + byte(0) % (WORDS.len() - 1);
        let second = 1 + (first + byte(1) % (WORDS.len() - 2)) % (WORDS.len() - 1);
        let word = |step: usize| WORDS.get((right + step) % WORDS.len()).copied();
        let mut words: Vec<_> = [word(0), word(first), word(second)]
            .into_iter()
            .flatten()
            .collect();
        words.rotate_left(byte(2) % CHOICES);
        words
    }

    /// How the newest link of a case stands, for the screen that made it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn phone_link(&self, id: &CaseId) -> Result<Option<PhoneLinkView>> {
        let link = self.0.store.read().await?.newest_phone_link(id).await?;
        let now = self.now().await?;
        Ok(link.map(|link| PhoneLinkView {
            secret: self.phone_secret(&link.id),
            code: self.phone_code(&link.id),
            word: WORDS.get(link.word as usize).copied().unwrap_or_default(),
            expires_at: link.expires_at,
            state: match link.ended_how.as_deref().and_then(LinkEnd::named) {
                Some(LinkEnd::Used) => PhoneState::Connected,
                Some(LinkEnd::Refused | LinkEnd::WrongWord) => PhoneState::Refused,
                Some(LinkEnd::Replaced) => PhoneState::Over,
                None if now >= link.expires_at => PhoneState::Over,
                None if link.asked_at.is_some() => PhoneState::Asked,
                None => PhoneState::Waiting,
            },
        }))
    }

    async fn found(&self, secret: &str) -> Result<Option<PhoneLink>> {
        let digest = digest_of(self, secret);
        Ok(self.0.store.read().await?.phone_link(&digest).await?)
    }

    /// What a link or a typed code opens. Looking uses nothing up.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn phone_door(&self, secret: &str) -> Result<PhoneDoor> {
        let Some(link) = self.found(secret).await? else {
            return Ok(PhoneDoor::Unknown);
        };
        let now = self.now().await?;
        match link.ended_how.as_deref().and_then(LinkEnd::named) {
            Some(LinkEnd::Used) => return Ok(PhoneDoor::Used),
            Some(LinkEnd::Replaced) => return Ok(PhoneDoor::Replaced),
            Some(LinkEnd::Refused | LinkEnd::WrongWord) => return Ok(PhoneDoor::Stopped),
            None if now >= link.expires_at => return Ok(PhoneDoor::Expired),
            None => {}
        }
        let case = self.case(&link.case_id).await?;
        Ok(PhoneDoor::Open {
            code: case.code.to_string(),
            browser: link.about.clone(),
            minutes: now.since(link.created_at).as_millis() / 60_000,
            asked: link.asked_at.is_some(),
            words: self.choices(&link),
        })
    }

    /// Somebody on a phone says that it is their own request: the word is asked next.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] for a dead link.
    pub async fn phone_is_mine(&self, secret: &str) -> Result<()> {
        let link = self.found(secret).await?.ok_or(EngineError::NotFound)?;
        let mut tx = self.0.store.begin().await?;
        let fine = tx.asked_phone_link(&link.id).await?;
        tx.commit().await?;
        fine.then_some(()).ok_or(EngineError::NotFound)
    }

    /// Somebody on a phone says that somebody else sent them the link: it dies, and reviewers are
    /// told.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] for a dead link.
    pub async fn phone_is_not_mine(&self, secret: &str) -> Result<()> {
        let link = self.found(secret).await?.ok_or(EngineError::NotFound)?;
        let mut tx = self.0.store.begin().await?;
        let ended = tx.end_phone_link(&link.id, LinkEnd::Refused).await?;
        tx.commit().await?;
        if !ended {
            return Err(EngineError::NotFound);
        }
        self.flag(&link.case_id, "handoff_refused").await
    }

    /// Uses the link up: with the right word the phone may take the pictures of this case. One try.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] for a dead link, or before the question was answered.
    pub async fn phone_word(&self, secret: &str, word: &str) -> Result<Option<CaseId>> {
        let link = self.found(secret).await?.ok_or(EngineError::NotFound)?;
        if link.asked_at.is_none() {
            return Err(EngineError::NotFound);
        }
        let right = WORDS.get(link.word as usize) == Some(&word);
        let how = if right {
            LinkEnd::Used
        } else {
            LinkEnd::WrongWord
        };
        let mut tx = self.0.store.begin().await?;
        let ended = tx.end_phone_link(&link.id, how).await?;
        tx.commit().await?;
        if !ended {
            return Err(EngineError::NotFound);
        }
        Ok(right.then_some(link.case_id))
    }
}
