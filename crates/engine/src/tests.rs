//! What the engine promises by itself: a database in a folder, a vault in memory, and neither a
//! platform nor a mail server to be reached.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod chains;
mod gallery;
mod marks;
mod reuse;
mod shown;
mod signals;
mod webhooks;

use std::sync::Arc;

use evidence::Limits;
use notify::{Brand, Mailer, SmtpConfig, SmtpTls};
use platform::{PlatformClient, SharedKey, SharedKeys, Timeouts};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use recovery::actor::{Actor, ChannelRef, Rank};
use recovery::case::{Command, Event, Recorded, Refusal, Resolution, encode};
use recovery::evidence::EvidenceKind;
use recovery::id::{AccountRef, AssignmentId, CaseId, ReviewerId};
use recovery::sensitive::Sensitive;
use recovery::time::{Span, Timestamp};
use store::{Mode, NewEvent, SecretDigest, Settings, Store};
use tempfile::TempDir;
use url::Url;
use vault::{Location, MasterKey, Vault, VaultConfig};

use crate::chains::Explorers;
use crate::engine::{Engine, Parts};
use crate::error::EngineError;
use crate::examine::Instruments;
use crate::handle::Attached;
use crate::inputs::{
    Opening, Origin, PortalSettings, SessionKind, UploadChunk, UploadRequest, network,
};
use crate::mirror;
use crate::signals::Sources;
use crate::webhooks::WebhookEndpoint;

mod phone;
mod policies;
mod takes;
mod waits;

/// Nothing listens on the discard port.
const NOBODY: &str = "http://127.0.0.1:9";

fn settings() -> PortalSettings {
    let url: Url = NOBODY.parse().unwrap();
    PortalSettings {
        origin: url.clone(),
        platform: "Exemplar".to_owned(),
        platform_domain: "exemplar.example".to_owned(),
        login_url: url.clone(),
        reset_url: url,
        mail_from: "recovery@exemplar.example".to_owned(),
        official_domains: Vec::new(),
        platform_start_year: 2015,
        idle_years: 5,
        trusted_proxies: Vec::new(),
        explorers: Explorers::default(),
        demo: true,
    }
}

async fn engine() -> (Engine, TempDir) {
    engine_under(recovery::policy::DEFAULT.to_owned()).await
}

async fn engine_under(policy: String) -> (Engine, TempDir) {
    engine_with(policy, Sources::none()).await
}

async fn engine_with(policy: String, sources: Sources) -> (Engine, TempDir) {
    engine_telling(policy, sources, Vec::new()).await
}

async fn engine_telling(
    policy: String,
    sources: Sources,
    webhooks: Vec<WebhookEndpoint>,
) -> (Engine, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("regain.db").display());
    let mode = Mode::Demo;
    let store = Store::open(&Settings { url, mode }).await.unwrap();
    store.migrate().await.unwrap();
    let vault = Vault::open(VaultConfig {
        objects: Location::memory(),
        keys: Location::memory(),
        masters: vec![MasterKey::generate()],
    })
    .await
    .unwrap();
    let keys = SharedKeys::new(SharedKey::new("k", vec![7; 32]).unwrap(), None).unwrap();
    let wall: platform::Clock = Arc::new(|| Timestamp::from_millis(0));
    let timeouts = Timeouts::default();
    let brand = Brand {
        platform: "Exemplar".to_owned(),
        host: "localhost".to_owned(),
        mail_from: "recovery@exemplar.example".to_owned(),
    };
    let smtp = SmtpConfig {
        host: "127.0.0.1".to_owned(),
        port: 9,
        tls: SmtpTls::None,
        user: None,
        password: None,
    };
    let engine = Engine::start(Parts {
        store,
        vault,
        platform: PlatformClient::new(NOBODY, keys.clone(), timeouts, wall.clone()).unwrap(),
        keys,
        mailer: Mailer::smtp(&smtp, &brand).unwrap(),
        brand,
        instruments: Instruments::without_models(),
        limits: Limits::default(),
        policy,
        settings: settings(),
        sources,
        breached: None,
        nodes: None,
        webhooks,
        wall,
        rng: StdRng::seed_from_u64(7),
    })
    .await
    .unwrap();
    (engine, folder)
}

fn origin() -> Origin {
    Origin::new([192, 0, 2, 7].into(), "test", None)
}

async fn opened(engine: &Engine) -> CaseId {
    let opening = Opening {
        entry: "link".to_owned(),
        ticket: None,
        language: "en".to_owned(),
        consent_text_version: "1".to_owned(),
        gallery: None,
        origin: origin(),
    };
    engine.open_case(opening).await.unwrap()
}

async fn tell(engine: &Engine, case: &CaseId, actor: &Actor, command: Command) {
    let nothing = Attached::default();
    engine
        .handle(case, actor, &command, &nothing)
        .await
        .unwrap();
}

/// A case with a proved address.
async fn reachable(engine: &Engine, address: &str) -> CaseId {
    let case = opened(engine).await;
    let index = engine.0.vault.blind_index("contact", address);
    let prove = Command::ProveContact { index };
    tell(engine, &case, &Actor::Applicant, prove).await;
    case
}

/// A case whose account is known, or is not.
async fn about(engine: &Engine, name: &str, account: Option<&str>) -> CaseId {
    let case = reachable(engine, name).await;
    let typed = Sensitive::new(name.to_owned());
    engine
        .give_identifier(&case, typed, &origin())
        .await
        .unwrap();
    let resolution = account.map_or(Resolution::Unknown, |account| Resolution::Known {
        account: AccountRef(account.to_owned()),
    });
    let resolve = Command::ResolveAccount { resolution };
    tell(engine, &case, &Actor::System, resolve).await;
    case
}

async fn code_of(engine: &Engine, case: &CaseId) -> String {
    engine.applicant_view(case).await.unwrap().code
}

#[tokio::test]
async fn a_mailbox_alone_opens_no_handover() {
    let (engine, _folder) = engine().await;
    let case = reachable(&engine, "new@example.com").await;
    let code = code_of(&engine, &case).await;
    let first = engine.issue_case_key(&case).await.unwrap();
    assert!(engine.key_fits(&case, first.reveal()).await.unwrap());

    // Somebody who reads the mailbox comes back with a code from it and asks for a key.
    let digest = engine.keyed_digest("come_back", "ABCD2345");
    let mut tx = engine.0.store.begin().await.unwrap();
    let until = tx.now().await.unwrap() + Span::minutes(10);
    tx.put_challenge(&case, "come_back", &digest, until, 5)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let back = engine.resume_with_code(&code, "abcd-2345", &origin()).await;
    assert_eq!(back.unwrap(), Some(case.clone()));
    let by_mail = engine.issue_case_key(&case).await.unwrap();
    assert!(!engine.key_fits(&case, by_mail.reveal()).await.unwrap());
    assert!(engine.key_fits(&case, first.reveal()).await.unwrap());

    // The second key opens the case, and what follows from it is no stronger.
    let again = engine.resume(&code, by_mail.reveal(), &origin()).await;
    assert_eq!(again.unwrap(), Some(case.clone()));
    let weak = engine.issue_case_key(&case).await.unwrap();
    assert!(!engine.key_fits(&case, weak.reveal()).await.unwrap());
    let spy = engine
        .start_session(SessionKind::Applicant, "", Some(&case), Vec::new())
        .await
        .unwrap();

    // The first key ends that, and the keys after it are whole again.
    let first_holder = engine.resume(&code, first.reveal(), &origin()).await;
    assert_eq!(first_holder.unwrap(), Some(case.clone()));
    assert!(engine.session(spy.reveal()).await.unwrap().is_none());
    let strong = engine.issue_case_key(&case).await.unwrap();
    assert!(engine.key_fits(&case, strong.reveal()).await.unwrap());
    let dead = engine.resume(&code, weak.reveal(), &origin()).await;
    assert_eq!(dead.unwrap(), None);
}

#[tokio::test]
async fn joining_another_case_by_its_address_opens_no_handover() {
    let (engine, _folder) = engine().await;
    let case = reachable(&engine, "new@example.com").await;
    let first = engine.issue_case_key(&case).await.unwrap();
    engine.joined_by_mail(&case).await.unwrap();
    let second = engine.issue_case_key(&case).await.unwrap();
    assert!(!engine.key_fits(&case, second.reveal()).await.unwrap());
    assert!(engine.key_fits(&case, first.reveal()).await.unwrap());
}

/// Fills a case's history as if somebody had agreed again and again.
async fn fill(engine: &Engine, case: &CaseId, to: u64, actor: &Actor) {
    let mut tx = engine.0.store.begin().await.unwrap();
    let at = tx.now().await.unwrap();
    let row = tx.case_row(case).await.unwrap().unwrap();
    let mut version = row.version;
    while version < to {
        let bodies: Vec<Vec<u8>> = (version + 1..=to.min(version + 64))
            .map(|seq| Recorded {
                v: 1,
                case: case.clone(),
                seq,
                at,
                actor: actor.clone(),
                event: Event::ConsentGiven {
                    text_version: "1".to_owned(),
                    language: "en".to_owned(),
                },
            })
            .map(|recorded| encode(&recorded).unwrap())
            .collect();
        let events: Vec<NewEvent<'_>> = bodies
            .into_iter()
            .map(|body| NewEvent {
                kind: "consent_given",
                body,
            })
            .collect();
        version = tx.append(case, version, at, &events, &row).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_case_cannot_be_filled_until_no_veto_fits_in() {
    let (engine, _folder) = engine().await;
    let case = about(&engine, "ann", Some("acc_1")).await;
    fill(&engine, &case, 3_100, &Actor::Applicant).await;
    let consent = Command::GiveConsent {
        text_version: "1".to_owned(),
        language: "en".to_owned(),
    };
    let nothing = Attached::default();
    let more = engine.handle(&case, &Actor::Applicant, &consent, &nothing);
    assert!(matches!(
        more.await,
        Err(EngineError::Refused(Refusal::TooMany))
    ));
    // Who filled it can still end it, and so can the holder.
    let other = about(&engine, "ben", Some("acc_2")).await;
    fill(&engine, &other, 3_100, &Actor::Applicant).await;
    tell(&engine, &other, &Actor::Applicant, Command::Withdraw).await;
    let channel = ChannelRef("old_mail".to_owned());
    let actor = Actor::Holder {
        channel: channel.clone(),
    };
    tell(&engine, &case, &actor, Command::Veto { channel }).await;
}

#[tokio::test]
async fn what_reviewers_add_leaves_the_applicant_room() {
    let (engine, _folder) = engine().await;
    let case = about(&engine, "ann", Some("acc_1")).await;
    let mut rng = StdRng::seed_from_u64(1);
    let reviewer = Actor::Reviewer {
        id: ReviewerId::new(Timestamp::default(), &mut rng),
        rank: Rank::Reviewer,
    };
    fill(&engine, &case, 4_500, &reviewer).await;
    let consent = Command::GiveConsent {
        text_version: "1".to_owned(),
        language: "en".to_owned(),
    };
    tell(&engine, &case, &Actor::Applicant, consent).await;
    let view = Command::View {
        assignment: AssignmentId::new(Timestamp::default(), &mut rng),
        subject: "name".to_owned(),
        reason: "contact".to_owned(),
    };
    let nothing = Attached::default();
    let more = engine.handle(&case, &reviewer, &view, &nothing).await;
    assert!(matches!(more, Err(EngineError::Refused(Refusal::TooMany))));
}

#[tokio::test]
async fn the_erasure_day_does_not_tell_whether_an_account_exists() {
    let (engine, _folder) = engine().await;
    let mut kept = Vec::new();
    for (name, account) in [("ann", Some("acc_1")), ("nobody", None)] {
        let case = about(&engine, name, account).await;
        assert_eq!(
            engine.case(&case).await.unwrap().is_phantom(),
            account.is_none()
        );
        engine.withdraw(&case).await.unwrap();
        let view = engine.applicant_view(&case).await.unwrap();
        let ended = engine.case(&case).await.unwrap().ended_at.unwrap();
        kept.push(view.erase_at.unwrap().since(ended));
    }
    assert_eq!(kept[0], kept[1]);
}

#[tokio::test]
async fn pieces_of_an_unfinished_upload_go_with_it() {
    let (engine, _folder) = engine().await;
    let request = || UploadRequest {
        kind: EvidenceKind::Video,
        length: Some(8),
        media_type: "video/mp4".to_owned(),
        sha256: None,
        take: None,
    };
    let unknown = opened(&engine).await;
    assert!(matches!(
        engine.begin_upload(&unknown, request()).await,
        Err(EngineError::Refused(Refusal::ContactMissing))
    ));
    let case = reachable(&engine, "new@example.com").await;
    let upload = engine.begin_upload(&case, request()).await.unwrap();
    let piece = |offset, len| UploadChunk {
        offset,
        bytes: vec![1; len],
        ..UploadChunk::default()
    };
    let taken = engine.append_chunk(&case, &upload, piece(0, 4)).await;
    assert_eq!(taken.unwrap().offset, 4);
    let long = engine.append_chunk(&case, &upload, piece(4, 5));
    assert!(matches!(
        long.await,
        Err(EngineError::Input {
            code: "chunk_length",
            ..
        })
    ));
    let pieces = || async { engine.0.vault.object_names(&case).await.unwrap().len() };
    assert_eq!(pieces().await, 1);
    engine.tidy().await.unwrap();
    assert_eq!(pieces().await, 1);
    let day = Span::hours(25);
    engine.0.store.advance_demo_clock(day).await.unwrap();
    engine.tidy().await.unwrap();
    assert_eq!(pieces().await, 0);
    assert!(engine.upload(&case, &upload).await.is_err());
}

#[tokio::test]
async fn nobodys_mailbox_is_filled_by_opening_many_cases() {
    let (engine, _folder) = engine().await;
    let mut taken = 0;
    for _ in 0..5 {
        let case = opened(&engine).await;
        for _ in 0..3 {
            match engine.give_contact(&case, "Victim@example.com").await {
                // Nobody takes the mail here, but it was tried.
                Err(EngineError::Unavailable { .. }) => taken += 1,
                Err(EngineError::Limited { .. }) => {}
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(taken, 8);
}

#[tokio::test]
async fn whoever_is_deactivated_is_out_at_once() {
    let (engine, _folder) = engine().await;
    let (member, link) = engine.add_staff("Rita", Rank::Reviewer).await.unwrap();
    let id = member.id.clone();
    let session = engine
        .start_session(SessionKind::Staff, id.as_str(), None, Vec::new())
        .await
        .unwrap();
    assert!(engine.session(session.reveal()).await.unwrap().is_some());
    let gone = engine.deactivate_staff(&id).await.unwrap();
    assert!(!gone.active);
    assert!(engine.session(session.reveal()).await.unwrap().is_none());
    assert!(engine.staff(&id).await.unwrap().is_none());
    let peek = engine.staff_by_enrolment(link.reveal()).await;
    assert!(peek.unwrap().is_none());
    let enrol = engine
        .enrol_staff_passkey(link.reveal(), b"id", b"{}")
        .await;
    assert!(matches!(enrol, Err(EngineError::NotFound)));
}

#[tokio::test]
async fn a_ticket_is_a_keyed_secret_that_no_table_holds() {
    let (engine, _folder) = engine().await;
    let case = opened(&engine).await;
    let case = engine.case(&case).await.unwrap();
    let until = case.opened_at + Span::hours(24);
    let token = engine.ticket_token(&case, until);
    assert_eq!(token.reveal().len(), 32);
    assert_eq!(token.reveal(), engine.ticket_token(&case, until).reveal());
    let digest = SecretDigest::of(token.reveal().as_bytes());
    let mut reader = engine.0.store.read().await.unwrap();
    let found = reader.peek_secret(&digest, mirror::TICKET).await.unwrap();
    assert!(found.is_none());
}

#[test]
fn a_caller_is_counted_by_what_it_cannot_vary() {
    let of = |ip: &str| network(ip.parse().unwrap());
    assert_eq!(of("192.0.2.7"), "192.0.2.7");
    assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7");
    assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
    assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
}
