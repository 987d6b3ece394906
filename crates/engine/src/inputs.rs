//! What callers hand to the engine.

use std::net::IpAddr;

use recovery::case::{Decision, ReturnItem};
use recovery::evidence::EvidenceKind;
use recovery::id::{CaseId, TakeId};
use recovery::sensitive::Sensitive;
use recovery::time::{Span, Timestamp};
use url::Url;

use crate::chains::Explorers;

/// Where a request came from, as far as a server can know. Sealed with the case, never logged.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The peer's address, or the client's behind a configured proxy.
    pub ip: Sensitive<String>,
    /// The browser's own claim, at most 256 characters.
    pub user_agent: Sensitive<String>,
    /// IANA zone the browser named, if it did.
    pub time_zone: Option<String>,
}

impl Origin {
    /// Characters of a user agent that are kept.
    pub const USER_AGENT_MAX: usize = 256;

    /// From a peer address and headers.
    #[must_use]
    pub fn new(ip: IpAddr, user_agent: &str, time_zone: Option<&str>) -> Self {
        Self {
            ip: Sensitive::new(ip.to_string()),
            user_agent: Sensitive::new(user_agent.chars().take(Self::USER_AGENT_MAX).collect()),
            time_zone: time_zone.map(|zone| zone.chars().take(64).collect()),
        }
    }
}

impl Origin {
    /// The network for rate limits: see [`network`].
    pub(crate) fn network(&self) -> String {
        let ip: Option<IpAddr> = self.ip.reveal().parse().ok();
        ip.map_or_else(String::new, network)
    }
}

/// What rate limits count as one caller: an IPv4 address, or the 64 bits of an IPv6 address that
/// everybody can vary the rest of.
#[must_use]
pub fn network(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// Opening a case (with consent, which comes first).
#[derive(Debug, Clone)]
pub struct Opening {
    /// `login`, `help`, `app` or `link`.
    pub entry: String,
    /// The platform's signed entry ticket, if the person came with one.
    pub ticket: Option<String>,
    /// BCP 47 language of the pages.
    pub language: String,
    /// Version of the consent text that was agreed to.
    pub consent_text_version: String,
    /// The answer about the gallery of faces, where the page asked.
    pub gallery: Option<GalleryAnswer>,
    /// Where from.
    pub origin: Origin,
}

/// A consent of its own: whether the face may be kept, and searched for in other cases.
#[derive(Debug, Clone)]
pub struct GalleryAnswer {
    /// Yes.
    pub agreed: bool,
    /// Version of the text of the question.
    pub text_version: String,
}

/// What a typed mail code did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proved {
    /// The address is proved.
    Yes,
    /// The address is proved and the case joined an older one of the same account (M34).
    Merged(CaseId),
    /// Wrong.
    Wrong {
        /// Tries left.
        left: u32,
    },
    /// Too old; a new code was sent.
    Expired,
    /// Too many wrong codes.
    TooMany {
        /// When the next try is possible.
        until: Timestamp,
    },
}

/// A resumable upload to begin.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields")]
pub struct UploadRequest {
    pub kind: EvidenceKind,
    pub length: Option<u64>,
    pub media_type: String,
    /// SHA-256 of the whole file in hex, if known.
    pub sha256: Option<String>,
    /// The take it is made for; a file without one is not live.
    pub take: Option<OwnTake>,
}

/// A take as a session names it.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields")]
pub struct OwnTake {
    pub id: TakeId,
    /// The token of the session: a take of another session is not there.
    pub session: Sensitive<String>,
}

/// A piece of an upload.
#[derive(Debug, Clone, Default)]
pub struct UploadChunk {
    /// Where it begins, in bytes.
    pub offset: u64,
    /// May be empty where it only ends the upload.
    pub bytes: Vec<u8>,
    /// SHA-256 of these bytes in hex.
    pub sha256: Option<String>,
    /// The length of the whole, in bytes, if its sender says it now.
    pub total: Option<u64>,
    /// SHA-256 of the whole in hex, which comes with a length that was deferred.
    pub whole_sha256: Option<String>,
}

/// What is shown beside a handover ticket.
#[derive(Debug, Clone, Copy)]
pub enum ShownBeside<'a> {
    /// The case key, as typed.
    CaseKey(&'a str),
    /// A face that passed a moment ago: the token of the session in which it was shown.
    Face(&'a Sensitive<String>),
}

/// A handover as the browser knows it that began it. What that browser does is worth nothing in one
/// that begins later: whoever began this one may be somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BegunHandover {
    /// Its case.
    pub case: CaseId,
    /// Tells it from others of the case.
    pub begun_at: Timestamp,
}

/// A take to begin.
#[derive(Debug, Clone)]
pub struct TakeRequest {
    /// What is taken; a screenshot is not.
    pub kind: EvidenceKind,
    /// The browser hands over a video in pieces while it records.
    pub streams: bool,
    /// The digits come half as fast, for who reads slowly or by ear.
    pub slower: bool,
    /// What the browser says of its camera, as JSON; proves nothing.
    pub camera: Option<Sensitive<String>>,
}

/// What the applicant recalls (M5); everything is optional.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs, reason = "plain fields")]
pub struct Clues {
    pub opened_year: Option<u16>,
    pub opened_month: Option<u8>,
    /// Bank and last four digits.
    pub cards: Vec<(Sensitive<String>, Sensitive<String>)>,
    pub addresses: Vec<Sensitive<String>>,
    pub city: Option<Sensitive<String>>,
    pub country: Option<String>,
    pub device: Option<String>,
    /// Last four digits each.
    pub phones: Vec<Sensitive<String>>,
}

/// A reviewer's verdict as typed.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields")]
pub struct VerdictForm {
    pub decision: Decision,
    pub codes: Vec<String>,
    /// Answers to the three questions of M17: `yes`, `no` or `unsure`.
    pub answers: Vec<String>,
    pub items: Vec<ReturnItem>,
    pub note: Sensitive<String>,
    pub exception: Option<String>,
}

/// Kinds of browser sessions, each with its own limits (STANDARDS SES-02).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionKind {
    /// Before a case exists: answers of the first pages.
    Visitor,
    /// Bound to one case: 30 minutes idle, 24 hours in all.
    Applicant,
    /// A phone that takes the pictures of one case: 30 minutes idle, 2 hours in all.
    Phone,
    /// Staff: 15 minutes idle, 12 hours in all.
    Staff,
}

impl SessionKind {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::Applicant => "applicant",
            Self::Phone => "phone",
            Self::Staff => "staff",
        }
    }

    /// Longest silence.
    #[must_use]
    pub const fn idle(self) -> Span {
        match self {
            Self::Visitor | Self::Applicant | Self::Phone => Span::minutes(30),
            Self::Staff => Span::minutes(15),
        }
    }

    /// Longest life.
    #[must_use]
    pub const fn total(self) -> Span {
        match self {
            Self::Visitor | Self::Applicant => Span::hours(24),
            Self::Phone => Span::hours(2),
            Self::Staff => Span::hours(12),
        }
    }
}

/// A browser session, found by the digest of its token.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields")]
pub struct WebSession {
    pub kind: SessionKind,
    /// Staff identifier for staff; empty otherwise.
    pub subject: String,
    pub case: Option<CaseId>,
    /// What the pages keep between requests; no personal data.
    pub data: Vec<u8>,
    pub expires_at: Timestamp,
}

/// The operator as pages show it.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields")]
pub struct PortalSettings {
    /// Our own origin, such as `https://recover.example.com`; links are built from it alone.
    pub origin: Url,
    /// The platform's name in at most 12 characters.
    pub platform: String,
    /// The platform's domain as people type it.
    pub platform_domain: String,
    /// The platform's login page.
    pub login_url: Url,
    /// The platform's ordinary reset page, for whoever still has a factor.
    pub reset_url: Url,
    /// The address official mail comes from.
    pub mail_from: String,
    /// Every official domain.
    pub official_domains: Vec<String>,
    /// The first year in which accounts could be opened.
    pub platform_start_year: u16,
    /// Years of silence after which accounts are purged.
    pub idle_years: u16,
    /// Proxies in front of us: their addresses may name the client (`X-Forwarded-For`).
    pub trusted_proxies: Vec<IpAddr>,
    /// Where reviewers look at addresses on chains.
    pub explorers: Explorers,
    /// The demo: shown on every page.
    pub demo: bool,
}

impl PortalSettings {
    /// The host as people see it, with the port if it is not the usual one.
    #[must_use]
    pub fn host(&self) -> String {
        let host = self.origin.host_str().unwrap_or_default();
        self.origin
            .port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// Whether cookies can carry `Secure` (they must, outside loopback).
    #[must_use]
    pub fn secure_cookies(&self) -> bool {
        self.origin.scheme() == "https"
    }
}
