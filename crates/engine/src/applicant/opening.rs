//! Opening a case, naming an account, proving an address, coming back.

use notify::{EmailAddress, Message, MessageCode};
use recovery::actor::Actor;
use recovery::case::{Case, Command, EndReason, State};
use recovery::id::{CaseCode, CaseId, read_symbols};
use recovery::sensitive::Sensitive;
use recovery::time::Span;
use store::{Checked, SecretDigest};

use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::handle::Attached;
use crate::inputs::{Opening, Origin, Proved};
use crate::record::{OriginRecord, piece};
use crate::symbols::symbols;

/// Life of a typed code (STANDARDS COD-02).
const CODE_LIFE: Span = Span::minutes(10);
/// Wrong codes in an hour (UX.md P8).
const CODE_TRIES: u32 = 5;
/// Between two codes to the same address (UX.md P8).
const CODE_PAUSE_PER_HOUR: u32 = 60;
/// Codes to one address from all cases together: at once, and per hour after that. Nobody's mailbox
/// is filled by opening many cases.
const ADDRESS_BURST: u32 = 8;
const ADDRESS_PER_HOUR: u32 = 12;
/// Names of an account that one case may try at once, and per hour after that: each asks the
/// platform.
const IDENTIFIERS_BURST: u32 = 10;
const IDENTIFIERS_PER_HOUR: u32 = 10;
/// Symbols of a typed mail code (UX.md P8): 40 bits.
const CODE_SYMBOLS: usize = 8;
/// Characters of an account identifier (UX.md P6).
const IDENTIFIER_MAX: usize = 254;
/// Cases from one network address: 10 at once, 6 more each hour. Others queue behind, none is
/// refused for good.
const OPEN_BURST: u32 = 10;
const OPEN_PER_HOUR: u32 = 6;

const PROVE: &str = "prove_contact";
pub(super) const COME_BACK: &str = "come_back";

impl Engine {
    /// Opens a case with the consent given on the page before.
    ///
    /// # Errors
    /// [`EngineError::Limited`] from a network address that opened many.
    pub async fn open_case(&self, opening: Opening) -> Result<CaseId> {
        let bucket = format!("open/{}", opening.origin.network());
        self.allow(&bucket, OPEN_BURST, OPEN_PER_HOUR).await?;
        self.refresh_policy().await?;
        let now = self.now().await?;
        let (id, code) = self.random(|rng| (CaseId::new(now, rng), CaseCode::new(rng)));
        let device = match &opening.ticket {
            Some(ticket) => self.spend_entry_ticket(ticket).await?,
            None => None,
        };
        self.0.vault.create_case_key(&id).await?;
        let place = self.place_words(&opening.origin).await?;
        let origin = OriginRecord {
            ip: opening.origin.ip,
            user_agent: opening.origin.user_agent,
            time_zone: opening.origin.time_zone,
            device,
            place,
        };
        let attached = Attached {
            sealed: vec![(piece::ORIGIN, self.seal(&id, piece::ORIGIN, &origin).await?)],
            origin: self.origin_index(&origin),
            ..Attached::default()
        };
        let open = Command::Open {
            code,
            language: opening.language.clone(),
            entry: opening.entry,
        };
        self.handle(&id, &Actor::Applicant, &open, &attached)
            .await?;
        let consent = Command::GiveConsent {
            text_version: opening.consent_text_version,
            language: opening.language.clone(),
        };
        self.handle(&id, &Actor::Applicant, &consent, &Attached::default())
            .await?;
        if let Some(answer) = opening.gallery {
            let command = Command::AnswerGallery {
                agreed: answer.agreed,
                text_version: answer.text_version,
                language: opening.language,
            };
            self.handle(&id, &Actor::Applicant, &command, &Attached::default())
                .await?;
        }
        Ok(id)
    }

    /// The device token of a genuine, fresh and unused entry ticket; anything else is no ticket,
    /// which only means that no familiar device speaks for the applicant.
    async fn spend_entry_ticket(&self, text: &str) -> Result<Option<Sensitive<String>>> {
        let now = self.now().await?;
        let Ok(ticket) = platform::verify_ticket(text, &self.0.keys, now) else {
            return Ok(None);
        };
        let mut tx = self.0.store.begin().await?;
        let expires = tx.now().await? + Span::hours(1);
        let fresh = tx
            .use_nonce(&format!("ticket/{}", ticket.nonce), expires)
            .await?;
        tx.commit().await?;
        Ok(if fresh { ticket.device } else { None })
    }

    /// Names the account. The answer is the same whether there is one (UX.md P6).
    ///
    /// # Errors
    /// [`EngineError::Input`] with the words of the page.
    pub async fn give_identifier(
        &self,
        case: &CaseId,
        identifier: Sensitive<String>,
        _origin: &Origin,
    ) -> Result<()> {
        let typed = Sensitive::new(identifier.reveal().trim().to_owned());
        check_identifier(typed.reveal())?;
        let bucket = format!("identifier/{case}");
        self.allow(&bucket, IDENTIFIERS_BURST, IDENTIFIERS_PER_HOUR)
            .await?;
        let index = self
            .0
            .vault
            .blind_index("identifier", &typed.reveal().to_lowercase());
        let attached = Attached {
            sealed: vec![(
                piece::IDENTIFIER,
                self.seal(case, piece::IDENTIFIER, &typed).await?,
            )],
            ..Attached::default()
        };
        let command = Command::GiveIdentifier { index };
        self.handle(case, &Actor::Applicant, &command, &attached)
            .await?;
        Ok(())
    }

    /// Takes a new address and mails it a code.
    ///
    /// # Errors
    /// [`EngineError::Input`] with the words of the page; [`EngineError::Limited`] within a minute
    /// of the last code.
    pub async fn give_contact(&self, id: &CaseId, address: &str) -> Result<()> {
        let parsed = EmailAddress::parse(address).map_err(|error| {
            let sentence = if address.trim().is_empty() {
                "Enter an e-mail address".to_owned()
            } else {
                error.to_string()
            };
            EngineError::Input {
                field: "email",
                code: "email",
                sentence,
            }
        })?;
        let case = self.case(id).await?;
        if case.state != State::Gathering || case.submitted_at.is_some() {
            return Err(recovery::case::Refusal::WrongStep.into());
        }
        let sealed = self
            .seal(id, piece::CONTACT_PENDING, parsed.address())
            .await?;
        let mut tx = self.0.store.begin().await?;
        tx.put_sealed(id, piece::CONTACT_PENDING, &sealed).await?;
        tx.commit().await?;
        self.send_code(&case, PROVE, parsed.address()).await
    }

    /// Mails another code.
    ///
    /// # Errors
    /// [`EngineError::Limited`] within a minute of the last one.
    pub async fn send_code_again(&self, id: &CaseId) -> Result<()> {
        let case = self.case(id).await?;
        let to: Option<Sensitive<String>> = self.unseal(id, piece::CONTACT_PENDING).await?;
        self.send_code(&case, PROVE, &to.ok_or(EngineError::NotFound)?)
            .await
    }

    pub(super) async fn send_code(
        &self,
        case: &Case,
        purpose: &str,
        to: &Sensitive<String>,
    ) -> Result<()> {
        self.allow(
            &format!("code/{purpose}/{}", case.id),
            3,
            CODE_PAUSE_PER_HOUR,
        )
        .await?;
        if let Ok(parsed) = EmailAddress::parse(to.reveal()) {
            let bucket = format!("code/to/{}", parsed.comparable().reveal());
            self.allow(&bucket, ADDRESS_BURST, ADDRESS_PER_HOUR).await?;
        }
        let code = self.random(|rng| symbols(rng, CODE_SYMBOLS));
        let now = self.now().await?;
        let digest = self.keyed_digest(purpose, code.reveal());
        let mut tx = self.0.store.begin().await?;
        tx.put_challenge(&case.id, purpose, &digest, now + CODE_LIFE, CODE_TRIES)
            .await?;
        tx.commit().await?;
        let page = if purpose == PROVE {
            "email/code"
        } else {
            "continue/code"
        };
        let link = self.link(&format!("{page}?code={}", code.reveal()));
        let message = Message::Code {
            code,
            case: Some(case.code.clone()),
            link: Some(link),
        };
        let message_code = self.random(MessageCode::new);
        // Sent at once, not by a job: a job would have to keep the code. If it fails the page says
        // so and the person asks for another.
        self.deliver(case, to, &message, &message_code).await
    }

    /// Checks a typed code and proves the address.
    ///
    /// # Errors
    /// When the case is at another step.
    pub async fn prove_contact(&self, id: &CaseId, code: &str) -> Result<Proved> {
        let typed = read_symbols(code);
        let digest = self.keyed_digest(PROVE, &typed);
        match self.check_code(id, PROVE, &digest).await? {
            Checked::Matched => {}
            Checked::Wrong { left: 0 } => {
                let until = self.now().await? + Span::hours(1);
                return Ok(Proved::TooMany { until });
            }
            Checked::Wrong { left } => return Ok(Proved::Wrong { left }),
            Checked::Expired | Checked::None => {
                self.send_code_again(id).await?;
                return Ok(Proved::Expired);
            }
        }
        let pending: Option<Sensitive<String>> = self.unseal(id, piece::CONTACT_PENDING).await?;
        let address = pending.ok_or(EngineError::NotFound)?;
        let comparable = EmailAddress::parse(address.reveal())
            .map_err(|_| EngineError::NotFound)?
            .comparable();
        let index = self.0.vault.blind_index("contact", comparable.reveal());
        let attached = Attached {
            sealed: vec![(
                piece::CONTACT,
                self.seal(id, piece::CONTACT, &address).await?,
            )],
            ..Attached::default()
        };
        let command = Command::ProveContact { index };
        let case = self
            .handle(id, &Actor::Applicant, &command, &attached)
            .await?;
        Ok(match case.end {
            Some(EndReason::Merged { into }) => {
                self.joined_by_mail(&into).await?;
                Proved::Merged(into)
            }
            _ => Proved::Yes,
        })
    }

    pub(super) async fn check_code(
        &self,
        id: &CaseId,
        purpose: &str,
        digest: &SecretDigest,
    ) -> Result<Checked> {
        let mut tx = self.0.store.begin().await?;
        let checked = tx.check_challenge(id, purpose, digest).await?;
        tx.commit().await?;
        Ok(checked)
    }

    /// Takes a token from a rate limit. Its bucket may name a network address: the database gets
    /// only a keyed digest of it.
    ///
    /// # Errors
    /// [`EngineError::Limited`] with the moment of the next token.
    pub async fn allow(&self, bucket: &str, capacity: u32, per_hour: u32) -> Result<()> {
        let hidden = self.0.vault.blind_index("bucket", bucket).0;
        let mut tx = self.0.store.begin().await?;
        let taken = tx.take_token(&hidden, capacity, per_hour).await?;
        tx.commit().await?;
        match taken {
            store::Taken::Allowed => Ok(()),
            store::Taken::WaitUntil(until) => Err(EngineError::Limited { until }),
        }
    }
}

fn check_identifier(typed: &str) -> Result<()> {
    let wrong = |code, sentence: &str| {
        Err(EngineError::Input {
            field: "identifier",
            code,
            sentence: sentence.to_owned(),
        })
    };
    if typed.is_empty() {
        return wrong(
            "identifier_missing",
            "Enter one thing that points to your account",
        );
    }
    if typed.chars().count() > IDENTIFIER_MAX {
        return wrong("identifier_long", "That is too long to be an account name");
    }
    if recovery::card::is_card_number(typed) {
        return wrong("card_number", "Do not enter a card number here");
    }
    Ok(())
}
