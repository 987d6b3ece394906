//! Policy: every number a decision depends on, as a versioned document stamped on each case.

mod changes;
mod checks;
mod contest;
mod cooling_off;
pub mod diff;
mod error;
mod gallery;
mod handover;
pub mod keys;
mod limits;
mod marks;
pub mod problem;
pub mod reference;
mod restrictions;
mod risk;
mod signals;
mod thaw;

use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, CalendarSettings};
use crate::evidence::EvidenceKind;
use crate::time::Span;

pub use changes::Changes;
pub use checks::{
    CaptureChecks, Checks, DocumentChecks, Evaluation, FaceChecks, ImageChecks, NoteChecks,
    PhraseChecks, ReadingChecks, ReuseChecks, VideoChecks,
};
pub use contest::Contest;
pub use cooling_off::CoolingOff;
pub use error::PolicyError;
pub use gallery::{Gallery, GalleryChecks};
pub use handover::{FACE_FINDINGS, FACE_FINDINGS_LEAST, FreshFace, Handover};
pub use limits::Limits;
pub use marks::Marks;
use restrictions::never;
pub use restrictions::{NEVER_WHILE_RESTRICTED, Restrictions};
pub use risk::{
    CautionTiers, ClueWeights, OutcomePoints, PerClue, Quorum, Risk, SignalPoints, StakeTiers,
};
pub use signals::Signals;
pub use thaw::{Rung, Thaw};

/// The policy that ships with Regain.
pub const DEFAULT: &str = include_str!("policy.default.toml");

/// The shortest wait any policy may set (statement 1).
pub const COOLING_OFF_HOURS_MIN: i64 = 24;
/// How long any number of days may be: no longer than a case's data may live.
const DAYS_MAX: i64 = 365;

/// The longest wait any policy may set.
const HOURS_MAX: i64 = 24 * 30;
/// Sections that a document from before they existed takes as they ship.
const LATER_SECTIONS: [&str; 9] = [
    "checks", "quorum", "clues", "risk", "signals", "changes", "thaw", "contest", "marks",
];

/// How much is at stake and how sure we are; sets wait and seniority, never lowers a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Ordinary.
    Standard,
    /// More than ordinary value or doubt.
    Elevated,
    /// Much value or much doubt; also whatever could not be rated.
    High,
    /// So much of both that more people look and the wait is the longest.
    Exceptional,
}

impl Tier {
    /// Every tier, from the least to the most careful.
    pub const ALL: [Self; 4] = [
        Self::Standard,
        Self::Elevated,
        Self::High,
        Self::Exceptional,
    ];

    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Elevated => "elevated",
            Self::High => "high",
            Self::Exceptional => "exceptional",
        }
    }
}

/// Time and returns while the applicant gathers evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct Gathering {
    pub days_to_finish: i64,
    pub returns_per_item_max: u32,
    pub returns_by_people_max: u32,
    pub required: Vec<EvidenceKind>,
}

/// The automatic phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct Checking {
    pub hours_max: i64,
}

/// The human phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct Review {
    pub business_days: i64,
    pub business_days_aim: i64,
    pub lease_minutes: i64,
    pub open_per_reviewer_max: u32,
    pub same_pair_per_week_max: u32,
    pub note_characters_min: u32,
}

/// Objection and dispute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct Veto {
    pub days_after_recovery: i64,
    pub dispute_days: i64,
    pub rival_evidence_hours: i64,
}

/// Appeal against a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct Appeal {
    pub days: i64,
}

/// The lock before an approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct Lock {
    pub days_per_account_max: i64,
}

/// When a case's data is destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct Retention {
    pub days_after_end: i64,
    pub phantom_days: i64,
    pub days_max: i64,
}

/// One version of the policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each section is documented at its type")]
pub struct Policy {
    /// Stamped on every case opened under it.
    pub version: u32,
    pub gathering: Gathering,
    pub checking: Checking,
    pub review: Review,
    pub quorum: Quorum,
    pub clues: ClueWeights,
    pub risk: Risk,
    pub cooling_off: CoolingOff,
    pub changes: Changes,
    pub handover: Handover,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fresh_face: Option<FreshFace>,
    pub veto: Veto,
    pub contest: Contest,
    pub marks: Marks,
    pub thaw: Thaw,
    pub appeal: Appeal,
    pub lock: Lock,
    pub retention: Retention,
    #[serde(default)]
    pub gallery: Gallery,
    pub restrictions: Restrictions,
    pub calendar: CalendarSettings,
    pub checks: Checks,
    pub signals: Signals,
}

/// A key, its value, and the least and the most it may be.
type Bounds = (&'static str, i64, i64, i64);

impl Policy {
    /// Reads and checks a document.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let policy = Self::read(text)?;
        match policy.faults().into_iter().next() {
            Some(first) => Err(first),
            None => Ok(policy),
        }
    }

    /// Everything that is wrong with what the numbers and names say.
    fn faults(&self) -> Vec<PolicyError> {
        let mut faults = Vec::new();
        self.check_ranges(&mut faults);
        self.check_sense(&mut faults);
        self.checks.check(&mut faults);
        faults.extend(Calendar::new(&self.calendar).err().map(PolicyError::from));
        faults
    }

    fn read(text: &str) -> Result<Self, toml::de::Error> {
        let document: toml::Table = toml::from_str(text)?;
        let has = |name: &&str| document.contains_key(*name);
        if LATER_SECTIONS.iter().all(has) {
            // From the text, so that an error has its place.
            return toml::from_str(text);
        }
        Self::of_table(document)
    }

    /// A document from before a section existed takes the one that ships.
    fn of_table(mut document: toml::Table) -> Result<Self, toml::de::Error> {
        let mut shipped: toml::Table = toml::from_str(DEFAULT)?;
        for name in LATER_SECTIONS {
            if !document.contains_key(name)
                && let Some(section) = shipped.remove(name)
            {
                document.insert(name.to_owned(), section);
            }
        }
        document.try_into()
    }

    /// The numbers of the way to a decision, with the bounds outside of which a statement of
    /// DESIGN section 2 would fail.
    #[rustfmt::skip]
    fn early_ranges(&self) -> [Bounds; 12] {
        let Self {
            gathering: g,
            review: r,
            ..
        } = self;
        let by_people = g.returns_by_people_max.into();
        let pair = r.same_pair_per_week_max.into();
        [
            ("version", self.version.into(), 1, i64::from(u32::MAX)),
            ("gathering.days_to_finish", g.days_to_finish, 1, DAYS_MAX),
            ("gathering.returns_per_item_max", g.returns_per_item_max.into(), 0, 10),
            ("gathering.returns_by_people_max", by_people, 0, 10),
            ("checking.hours_max", self.checking.hours_max, 1, 72),
            ("review.business_days", r.business_days, 1, 60),
            ("review.business_days_aim", r.business_days_aim, 1, r.business_days),
            ("review.lease_minutes", r.lease_minutes, 5, 24 * 60),
            ("review.open_per_reviewer_max", r.open_per_reviewer_max.into(), 1, 100),
            ("review.same_pair_per_week_max", pair, 1, 1000),
            ("risk.fast_hours", self.risk.fast_hours, 1, 60 * 24),
            ("review.note_characters_min", r.note_characters_min.into(), 1, 1000),
        ]
    }

    /// The same from an approval on.
    #[rustfmt::skip]
    fn late_ranges(&self) -> [Bounds; 15] {
        let least = COOLING_OFF_HOURS_MIN;
        let waits = &self.cooling_off;
        let (veto, kept) = (&self.veto, &self.retention);
        [
            ("cooling_off.standard_hours", waits.standard_hours, least, HOURS_MAX),
            ("cooling_off.elevated_hours", waits.elevated_hours, least, HOURS_MAX),
            ("cooling_off.high_hours", waits.high_hours, least, HOURS_MAX),
            ("cooling_off.exceptional_hours", waits.exceptional_hours, least, HOURS_MAX),
            ("cooling_off.after_contest_hours", waits.after_contest_hours, least, HOURS_MAX),
            ("handover.ticket_hours", self.handover.ticket_hours, 1, 24),
            ("handover.days_to_finish", self.handover.days_to_finish, 1, DAYS_MAX),
            ("veto.days_after_recovery", veto.days_after_recovery, 7, DAYS_MAX),
            ("veto.dispute_days", veto.dispute_days, 1, DAYS_MAX),
            ("veto.rival_evidence_hours", veto.rival_evidence_hours, 1, HOURS_MAX),
            ("appeal.days", self.appeal.days, 1, DAYS_MAX),
            ("lock.days_per_account_max", self.lock.days_per_account_max, 1, 90),
            ("retention.days_max", kept.days_max, 1, 1095),
            ("retention.days_after_end", kept.days_after_end, 1, kept.days_max),
            ("retention.phantom_days", kept.phantom_days, 1, kept.days_after_end),
        ]
    }

    /// Every whole number with its bounds.
    fn whole_bounds(&self) -> impl Iterator<Item = Bounds> {
        let process = self.early_ranges().into_iter().chain(self.late_ranges());
        process
            .chain(self.quorum.bounds())
            .chain(self.signals.bounds())
            .chain(self.changes.bounds())
            .chain(self.thaw.bounds())
            .chain(self.contest.bounds(self.cooling_off.after_contest_hours))
            .chain(self.marks.bounds())
            .chain(self.fresh_face.iter().flat_map(FreshFace::bounds))
    }

    fn check_ranges(&self, faults: &mut Vec<PolicyError>) {
        faults.extend(self.whole_bounds().filter_map(|bounds| range(bounds).err()));
    }

    fn check_sense(&self, faults: &mut Vec<PolicyError>) {
        self.cooling_off.check(faults);
        risk::check(self, faults);
        self.signals.check(faults);
        if let Some(face) = &self.fresh_face {
            face.check(faults);
        }
        for kind in [
            EvidenceKind::IdFront,
            EvidenceKind::NotePhoto,
            EvidenceKind::Video,
        ] {
            if !self.gathering.required.contains(&kind) {
                faults.push(PolicyError::RequiredEvidence(kind.name()));
            }
        }
        if self.gallery.on && self.checks.gallery.is_none() {
            faults.push(PolicyError::GalleryChecks);
        }
        let allow = &self.restrictions;
        faults.extend(never("cooling_off_allow", &allow.cooling_off_allow));
        faults.extend(never("locked_allow", &allow.locked_allow));
    }

    /// Whether a tier's handover comes only after its wait.
    #[must_use]
    pub fn handover_waits(&self, tier: Tier) -> bool {
        self.handover.after_the_wait.contains(&tier)
    }

    /// The wait of a tier.
    #[must_use]
    pub const fn wait(&self, tier: Tier) -> Span {
        Span::hours(match tier {
            Tier::Standard => self.cooling_off.standard_hours,
            Tier::Elevated => self.cooling_off.elevated_hours,
            Tier::High => self.cooling_off.high_hours,
            Tier::Exceptional => self.cooling_off.exceptional_hours,
        })
    }
}

const fn range((key, value, min, max): Bounds) -> Result<(), PolicyError> {
    if value < min || value > max {
        return Err(PolicyError::Range {
            key,
            value,
            min,
            max,
        });
    }
    Ok(())
}
