//! Phase 1: the machine looks at everything that was sent.

use evidence::{ArrivalRecord, ArrivedChunk, ProofRecord, decode_picture};
use image::RgbImage;
use platform::contract::{DocumentKind as Kind, Dossier, ResolveRequest};
use recovery::case::{Case, Command, State};
use recovery::clues::Recalled;
use recovery::document::{DocumentKind, DocumentRecord, normalised_number};
use recovery::evidence::{EvidenceItem, EvidenceKind, note_lines};
use recovery::finding::{Finding, Outcome};
use recovery::id::{BlindIndex, CaseId, ContentDigest};
use recovery::risk::Grounds;
use recovery::sensitive::Sensitive;
use recovery::time::Span;
use vault::ObjectName;
use zeroize::Zeroizing;

use crate::applicant::{compare_clues, grounds_of};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::examine::{CameraReport, Context, Examined, Piece, VideoTake, examine};
use crate::handle::Attached;
use crate::record::{OriginRecord, piece};
use crate::takes::{TakeRecord, digit_values};
use crate::transactions::known_transactions;
use crate::worker::{Done, Later};
use crate::{media, when};

/// How long the checks wait for the platform's answer about the account before they look again.
const ACCOUNT_WAIT: Span = Span::seconds(1);
/// What a document's number is digested for.
const DOCUMENT_NUMBER: &str = "document_number";
/// What values of transactions are digested for.
const TRANSACTION_VALUE: &str = "transaction_value";

/// The evidence of a case as it is stored now.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) pieces: Vec<Piece>,
    pub(super) findings: Vec<Finding>,
}

impl Engine {
    pub(crate) async fn run_checks(&self, id: &CaseId, round: u32) -> Result<Done, Later> {
        let case = self.case(id).await?;
        if case.round != round {
            return Ok(Done::nothing());
        }
        match case.state {
            State::Checking => {}
            State::Stopped | State::Contested | State::Reviewing if case.checked_round == round => {
                return self.look_at_added(&case).await;
            }
            _ => return Ok(Done::nothing()),
        }
        if !case.resolved {
            return Err(Later::At(self.now().await? + ACCOUNT_WAIT));
        }
        let dossier = match &case.account {
            Some(account) => Some(self.0.platform.dossier(account).await?),
            None => None,
        };
        let portrait = self.fetch_portrait(&case, dossier.as_ref()).await?;
        let examined = self.look(&case, dossier.as_ref(), portrait).await?;
        self.keep_shown(id, &examined).await?;
        let mut findings = examined.findings;
        findings.extend(self.reuse_findings(id, &examined.traces).await?);
        self.remember_fingerprints(id, &examined.traces).await?;
        findings.extend(self.gallery_findings(&case, examined.face).await?);
        findings.extend(self.contact_finding(id).await?);
        let named = examined.named.as_deref();
        findings.extend(self.chain_finding(&case, named, dossier.as_ref()).await);
        let mut attached = Attached::default();
        if let Some(dossier) = &dossier {
            attached.sealed.push((
                piece::DOSSIER,
                self.seal(id, piece::DOSSIER, dossier).await?,
            ));
        }
        let grounds = self.grounds(&case, dossier.as_ref()).await?;
        let command = Command::FinishChecks {
            round,
            findings,
            grounds,
        };
        Ok(Done {
            commands: vec![(id.clone(), command, attached)],
            ..Done::default()
        })
    }

    /// What the assessment knows besides findings.
    async fn grounds(&self, case: &Case, dossier: Option<&Dossier>) -> Result<Grounds, Later> {
        let mut grounds = grounds_of(dossier);
        let recalled: Option<Recalled> = self.unseal(&case.id, piece::CLUES).await?;
        if let (Some(recalled), Some(dossier)) = (recalled, dossier) {
            let rules = self.rules(case.policy_version).await?;
            let near_km = rules.policy.clues.city_near_km;
            let last = self.last_login(dossier, &recalled).await?;
            grounds.clues = compare_clues(&recalled, dossier, last, near_km);
        }
        grounds.signals = self.signals(case, dossier).await?;
        Ok(grounds)
    }

    /// The portrait of the record, decoded and kept sealed for the reviewers.
    async fn fetch_portrait(
        &self,
        case: &Case,
        dossier: Option<&Dossier>,
    ) -> Result<Option<RgbImage>, Later> {
        let (Some(account), Some(dossier)) = (&case.account, dossier) else {
            return Ok(None);
        };
        if dossier.portrait.is_none() {
            return Ok(None);
        }
        let bytes = self.0.platform.portrait(account).await?;
        let limits = self.0.limits.clone();
        let decoded = self
            .look_at_media(move || decode_picture(&bytes, None, &limits).map(|p| p.rgb))
            .await?;
        // A portrait that cannot be read is no portrait: people decide then.
        let Ok(portrait) = decoded else {
            return Ok(None);
        };
        let copy = media::jpeg(&portrait)?;
        self.0
            .vault
            .put_object(&case.id, &media::portrait_name()?, &copy)
            .await?;
        Ok(Some(portrait))
    }

    /// What reviewers are shown beside the evidence, sealed. What only an earlier round made goes:
    /// it shows pieces that were sent again, and this round's findings have no place on it.
    pub(crate) async fn keep_shown(&self, id: &CaseId, examined: &Examined) -> Result<(), Later> {
        let mut kept = Vec::new();
        for (place, frame) in examined.frames.iter().enumerate() {
            let copy = media::jpeg(frame)?;
            let name = media::frame_name(place)?;
            self.0.vault.put_object(id, &name, &copy).await?;
            kept.push(name);
        }
        for shown in &examined.shown {
            let name = media::shown_name(shown.what)?;
            self.0.vault.put_object(id, &name, &shown.bytes).await?;
            kept.push(name);
        }
        for name in self.0.vault.object_names(id).await? {
            if media::made_by_checks(&name) && !kept.contains(&name) {
                self.0.vault.delete_object(id, &name).await?;
            }
        }
        Ok(())
    }

    async fn look(
        &self,
        case: &Case,
        dossier: Option<&Dossier>,
        portrait: Option<RgbImage>,
    ) -> Result<Examined, Later> {
        let zone = self.zone_of(case).await?;
        let gathered = self.gather(case, &case.evidence, zone.as_deref()).await?;
        let mut examined = self
            .look_at_pieces(case, gathered.pieces, dossier, portrait)
            .await?;
        examined.findings.extend(gathered.findings);
        Ok(examined)
    }

    /// The time zone that the applicant's browser named.
    pub(crate) async fn zone_of(&self, case: &Case) -> Result<Option<String>, EngineError> {
        let origin: Option<OriginRecord> = self.unseal(&case.id, piece::ORIGIN).await?;
        Ok(origin.and_then(|origin| origin.time_zone))
    }

    /// Everything that can be found in these pieces of a case, against what the platform knows.
    pub(crate) async fn look_at_pieces(
        &self,
        case: &Case,
        pieces: Vec<Piece>,
        dossier: Option<&Dossier>,
        portrait: Option<RgbImage>,
    ) -> Result<Examined, EngineError> {
        let zone = self.zone_of(case).await?;
        let rules = self.rules(case.policy_version).await?;
        let now = self.now().await?;
        let today = when::civil(now, zone.as_deref());
        let engine = self.clone();
        let gallery = self.gallery_for(case, &rules).is_some();
        let code = case.code.clone();
        let chosen = case.document;
        let digits = digit_values(&self.case_digits(case));
        let record = self.document_record(dossier, chosen);
        let transactions = self.transaction_record(dossier);
        self.look_at_media(move || {
            let digest = |number: &str| engine.number_index(number);
            let transaction_digest = |value: &str| engine.transaction_index(value);
            let [request, ..] = note_lines(&engine.settings().platform, "", "");
            let context = Context {
                checks: &rules.policy.checks,
                limits: &engine.0.limits,
                request: &request,
                code: &code,
                now,
                today,
                record: Some(&record),
                chosen,
                portrait: portrait.as_ref(),
                digits: &digits,
                digest: &digest,
                gallery,
                transactions: Some(&transactions),
                transaction_digest: &transaction_digest,
            };
            examine(&pieces, &context, &engine.0.instruments)
        })
        .await
    }

    /// Reads pieces of evidence back. What is not what was taken in is not looked at.
    pub(super) async fn gather<'a>(
        &self,
        case: &Case,
        items: impl IntoIterator<Item = &'a EvidenceItem, IntoIter: Send>,
        zone: Option<&str>,
    ) -> Result<Gathered, Later> {
        let mut gathered = Gathered::default();
        for item in items {
            let name = ObjectName::from(&item.id);
            let bytes = self.0.vault.get_object(&case.id, &name).await?;
            if ContentDigest::of(&bytes) != item.digest {
                let intact = Finding::reviewer("upload.intact", Outcome::Unsure, "sha256");
                gathered.findings.push(intact.about(item.kind));
                continue;
            }
            let piece = self.piece(case, item, bytes, zone).await?;
            gathered.pieces.push(piece);
        }
        Ok(gathered)
    }

    async fn piece(
        &self,
        case: &Case,
        item: &EvidenceItem,
        bytes: Zeroizing<Vec<u8>>,
        zone: Option<&str>,
    ) -> Result<Piece, Later> {
        let take = self.take_record(&case.id, &item.id).await?;
        let take = take.filter(|take| take.live);
        let video = take.as_ref().filter(|_| item.kind == EvidenceKind::Video);
        Ok(Piece {
            id: item.id.clone(),
            kind: item.kind,
            media_type: Some(item.media_type.clone()),
            bytes,
            digest: item.digest.clone(),
            day: when::civil(item.id.made_at(), zone),
            take: video.map(video_take),
            camera: take.as_ref().map(CameraReport::from),
        })
    }

    fn number_index(&self, number: &str) -> BlindIndex {
        self.0.vault.blind_index(DOCUMENT_NUMBER, number)
    }

    /// The verified document. Where there is none, that of nobody: outwardly an account without
    /// one, and no account, must look like somebody else's (statement 5).
    fn document_record(
        &self,
        dossier: Option<&Dossier>,
        chosen: Option<DocumentKind>,
    ) -> DocumentRecord {
        let Some(document) = dossier.and_then(|dossier| dossier.document.as_ref()) else {
            return DocumentRecord {
                kind: chosen.unwrap_or(DocumentKind::NationalId),
                country: String::new(),
                number: self.number_index(""),
                name: Sensitive::new(String::new()),
                birth_date: Sensitive::new(String::new()),
                expiry: None,
            };
        };
        DocumentRecord {
            kind: kind_of(document.kind),
            country: document.country.clone(),
            number: self.number_index(&normalised_number(document.number.reveal())),
            name: document.name.clone(),
            birth_date: document.birth_date.clone(),
            expiry: document.expiry.clone(),
        }
    }

    fn transaction_index(&self, value: &str) -> BlindIndex {
        self.0.vault.blind_index(TRANSACTION_VALUE, value)
    }

    /// Earlier transactions. Nobody's account has none: outwardly that of somebody else.
    fn transaction_record(&self, dossier: Option<&Dossier>) -> ProofRecord {
        dossier.map_or_else(ProofRecord::default, |dossier| {
            let digest = |value: &str| self.transaction_index(value);
            known_transactions(&dossier.addresses, &dossier.transactions, &digest)
        })
    }

    /// An address that the platform knows already is told to reviewers, never to the applicant.
    async fn contact_finding(&self, id: &CaseId) -> Result<Option<Finding>, Later> {
        let contact: Option<Sensitive<String>> = self.unseal(id, piece::CONTACT).await?;
        let Some(identifier) = contact else {
            return Ok(None);
        };
        let known = self
            .0
            .platform
            .resolve(&ResolveRequest { identifier })
            .await?
            .is_some();
        let outcome = if known {
            Outcome::Unsure
        } else {
            Outcome::Pass
        };
        let code = "contact.unregistered";
        Ok(Some(Finding::reviewer(code, outcome, "platform")))
    }
}

const fn kind_of(kind: Kind) -> DocumentKind {
    match kind {
        Kind::Passport => DocumentKind::Passport,
        Kind::NationalId => DocumentKind::NationalId,
        Kind::DrivingLicence => DocumentKind::DrivingLicence,
        Kind::ResidencePermit => DocumentKind::ResidencePermit,
        Kind::Other => DocumentKind::Other,
    }
}

/// What the checks need of a take.
pub(crate) fn video_take(take: &TakeRecord) -> VideoTake {
    VideoTake {
        arrival: ArrivalRecord {
            streamed: take.streamed,
            created_at_ms: take.created_at.millis(),
            expires_at_ms: take.expires_at.millis(),
            reveals: take
                .reveals
                .iter()
                .map(|reveal| (reveal.place, reveal.at.millis()))
                .collect(),
            chunks: take
                .chunks
                .iter()
                .map(|chunk| ArrivedChunk {
                    offset: chunk.offset,
                    length: chunk.len,
                    at_ms: chunk.at.millis(),
                })
                .collect(),
        },
        digits: digit_values(take.digits.reveal()),
        slower: take.slower,
    }
}

impl Engine {
    /// Runs work on media on a thread of its own, a bounded number at a time.
    pub(crate) async fn look_at_media<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, EngineError> {
        let _place = self
            .0
            .media
            .acquire()
            .await
            .map_err(|_| EngineError::Unavailable {
                what: "the media worker",
            })?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| EngineError::internal("media", &error))
    }
}
