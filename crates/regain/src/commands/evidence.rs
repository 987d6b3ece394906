//! `regain evidence inspect`: every check on a file, as the machine sees it.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use engine::examine::{Context, Examined, Instruments, Piece, examine};
use engine::takes::digit_values;
use engine::transactions::known_transactions;
use evidence::{Limits, decode_picture, open_still};
use image::RgbImage;
use jiff::civil::Date;
use platform::contract::{PastAddress, PastTransaction};
use recovery::document::{DocumentKind, DocumentRecord, normalised_number};
use recovery::evidence::{EvidenceKind, note_lines};
use recovery::finding::{Audience, Finding};
use recovery::id::{BlindIndex, CaseCode, ContentDigest, EvidenceId};
use recovery::policy::{DEFAULT, Policy};
use recovery::sensitive::Sensitive;
use serde::Deserialize;

use super::models::configured_dir;
use super::read_policy;
use crate::cli::{EvidenceCommand, Inspect};
use crate::config::{Config, Vars};
use crate::{out, wiring};

/// A file that cannot be used.
const NOT_READ: u8 = 2;

/// What is known of the case: everything is optional, and what is missing makes its checks
/// unavailable or unsure.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Known {
    /// The platform's name as on the note.
    platform: String,
    /// The case's code.
    code: Option<CaseCode>,
    /// The day where the applicant is, `YYYY-MM-DD`; today in UTC if absent.
    today: Option<Date>,
    /// The verified document.
    document: Option<KnownDocument>,
    /// The kind of document that the applicant chose.
    chosen: Option<DocumentKind>,
    /// File of the verified portrait.
    portrait: Option<PathBuf>,
    /// The six digits of the phrase.
    digits: String,
    /// Addresses to which the account withdrew, as the platform tells them.
    addresses: Vec<PastAddress>,
    /// Its deposits and withdrawals, as the platform tells them.
    transactions: Vec<PastTransaction>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownDocument {
    kind: DocumentKind,
    country: String,
    number: Sensitive<String>,
    name: Sensitive<String>,
    birth_date: Sensitive<String>,
    expiry: Option<String>,
}

/// Runs the command.
pub(super) fn run(
    command: EvidenceCommand,
    config: &Path,
    vars: &Vars,
) -> anyhow::Result<ExitCode> {
    let EvidenceCommand::Inspect(options) = command;
    let known = match &options.case_context {
        Some(path) => known(path)?,
        None => Known::default(),
    };
    let models = configured_dir(options.models.clone(), config, vars)?;
    let tools = wiring::instruments(models.as_deref());
    let today = known.today.unwrap_or_else(today);
    let mut pieces = vec![piece(options.kind, &options.file, today)?];
    for pair in &options.with {
        let (kind, file) = pair
            .split_once('=')
            .context("--with takes KIND=FILE, such as id_back=back.jpg")?;
        let kind = EvidenceKind::named(kind).context("no such kind of evidence")?;
        pieces.push(piece(kind, Path::new(file), today)?);
    }
    let policy = policy(options.policy.as_deref(), config, vars)?;
    let examined = look(&pieces, &known, &policy, today, &tools)?;
    let code = print(&examined, &options)?;
    if let Some(to) = &options.annotate {
        annotate(&pieces, &examined, &tools, options.kind, to)?;
    }
    Ok(code)
}

/// The policy that was named, else the operator's, else the one that ships.
fn policy(named: Option<&Path>, config: &Path, vars: &Vars) -> anyhow::Result<Policy> {
    let configured = match named {
        None if config.exists() => Config::read(config, vars)?.policy,
        _ => None,
    };
    match named.or(configured.as_deref()) {
        Some(file) => Ok(read_policy(file)?.1),
        None => Ok(Policy::parse(DEFAULT)?),
    }
}

fn look(
    pieces: &[Piece],
    known: &Known,
    policy: &Policy,
    today: Date,
    tools: &Instruments,
) -> anyhow::Result<Examined> {
    let limits = Limits::default();
    let digest = |number: &str| BlindIndex(ContentDigest::of(number.as_bytes()).0);
    let record = known.document.as_ref().map(|document| DocumentRecord {
        kind: document.kind,
        country: document.country.clone(),
        number: digest(&normalised_number(document.number.reveal())),
        name: document.name.clone(),
        birth_date: document.birth_date.clone(),
        expiry: document.expiry.clone(),
    });
    let portrait: Option<RgbImage> = match &known.portrait {
        Some(path) => {
            let picture = decode_picture(&bytes(path, &limits)?, None, &limits);
            let picture = picture.map_err(|refusal| anyhow::anyhow!(refusal.sentence()))?;
            Some(picture.rgb)
        }
        None => None,
    };
    let known_any = !(known.addresses.is_empty() && known.transactions.is_empty());
    let transactions =
        known_any.then(|| known_transactions(&known.addresses, &known.transactions, &digest));
    let code = match &known.code {
        Some(code) => code.clone(),
        None => CaseCode::new(&mut wiring::seeded_rng()?),
    };
    let [request, ..] = note_lines(&known.platform, "", "");
    let digits = digit_values(&known.digits);
    let context = Context {
        checks: &policy.checks,
        limits: &limits,
        request: &request,
        code: &code,
        now: wiring::wall_now(),
        today,
        record: record.as_ref(),
        chosen: known.chosen,
        portrait: portrait.as_ref(),
        digits: &digits,
        digest: &digest,
        gallery: false,
        transactions: transactions.as_ref(),
        transaction_digest: &digest,
    };
    Ok(examine(pieces, &context, tools))
}

fn known(path: &Path) -> anyhow::Result<Known> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("{shown} cannot be read"))?;
    serde_json::from_str(&text).with_context(|| format!("{shown} is not a case context"))
}

fn piece(kind: EvidenceKind, file: &Path, day: Date) -> anyhow::Result<Piece> {
    let now = wiring::wall_now();
    let bytes = bytes(file, &Limits::default())?;
    Ok(Piece {
        id: EvidenceId::new(now, &mut wiring::seeded_rng()?),
        kind,
        media_type: None,
        digest: ContentDigest::of(&bytes),
        bytes: bytes.into(),
        day,
        take: None,
        camera: None,
    })
}

/// No more is read than evidence may have.
fn bytes(path: &Path, limits: &Limits) -> anyhow::Result<Vec<u8>> {
    let shown = path.display();
    let file = std::fs::File::open(path).with_context(|| format!("{shown} cannot be opened"))?;
    let mut bytes = Vec::new();
    file.take(limits.video_bytes + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("{shown} cannot be read"))?;
    Ok(bytes)
}

fn today() -> Date {
    let now = jiff::Timestamp::from_millisecond(wiring::wall_now().millis()).unwrap_or_default();
    now.to_zoned_datetime(jiff::tz::TimeZone::UTC).date()
}

/// Draws what was found into the picture, the first page, or the middle frame of the video.
fn annotate(
    pieces: &[Piece],
    examined: &Examined,
    tools: &Instruments,
    kind: EvidenceKind,
    to: &Path,
) -> anyhow::Result<()> {
    let findings: Vec<Finding> = examined
        .findings
        .iter()
        .filter(|finding| finding.kind == Some(kind))
        .cloned()
        .collect();
    let piece = pieces.first().context("nothing to draw into")?;
    let picture = if kind == EvidenceKind::Video {
        let frame = examined.frames.get(examined.frames.len() / 2);
        frame
            .context("the video has no frame to draw into")?
            .clone()
    } else {
        let opened = open_still(&piece.bytes, None, kind, &Limits::default(), &tools.media);
        let opened = opened.map_err(|refusal| anyhow::anyhow!(refusal.sentence()))?;
        opened
            .into_iter()
            .next()
            .context("the file has no page")?
            .rgb
    };
    let drawn = evidence::annotate(&picture, &findings);
    let shown = to.display();
    drawn
        .save(to)
        .with_context(|| format!("{shown} cannot be written"))
}

fn print(examined: &Examined, options: &Inspect) -> anyhow::Result<ExitCode> {
    if options.json {
        out::line(&serde_json::to_string_pretty(&examined.findings)?)?;
    } else {
        for (number, finding) in (1..).zip(&examined.findings) {
            out::line(&line(number, finding))?;
        }
    }
    let unreadable = examined
        .findings
        .iter()
        .any(|finding| finding.code.starts_with("media.") && finding.kind == Some(options.kind));
    Ok(if unreadable {
        ExitCode::from(NOT_READ)
    } else {
        ExitCode::SUCCESS
    })
}

/// ` 3  image.blur           retake       applicant  8.1 of 10 variance  (evidence/card-1, 12 ms)`
fn line(number: usize, finding: &Finding) -> String {
    let thousandths = |value: i64| format!("{}.{:03}", value / 1000, (value % 1000).abs());
    let measured = match (finding.score_milli, finding.threshold_milli) {
        (Some(score), Some(threshold)) => format!(
            "{} against {} {}",
            thousandths(score),
            thousandths(threshold),
            finding.unit.as_deref().unwrap_or_default()
        ),
        _ => String::new(),
    };
    let audience = match finding.audience {
        Audience::Applicant => "applicant",
        Audience::Reviewer => "reviewer",
    };
    format!(
        "{number:>2}  {:<22} {:<12} {audience:<10} {measured}  ({}, {} ms)",
        finding.code,
        finding.outcome.name(),
        finding.engine,
        finding.took_ms
    )
}
