//! The steps of a look at a case, in the order that reduces bias (UX.md D4).

use engine::views::CaseFile;
use recovery::actor::Rank;
use recovery::case::Part;
use recovery::finding::Finding;

use super::labels::Label;

/// One step; the seventh is the decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Capture integrity and reuse.
    Real,
    /// The document and the record.
    Document,
    /// The face.
    Person,
    /// The phrase, the note.
    Words,
    /// Clues.
    Memory,
    /// Signals, distance.
    Trail,
    /// The decision.
    Decide,
}

const YES_NO: &[Label] = &[("yes", "Yes"), ("no", "No"), ("unsure", "Cannot tell")];
const PERSON: &[Label] = &[
    ("same", "Same person"),
    ("rather_same", "Rather same"),
    ("cannot_tell", "Cannot tell"),
    ("rather_not", "Rather not"),
    ("not_same", "Not the same"),
];
const FITS: &[Label] = &[
    ("fits", "It fits"),
    ("partly", "Partly"),
    ("not", "It does not fit"),
    ("unsure", "Cannot tell"),
];

impl Step {
    /// All, in order.
    pub const ALL: [Self; 7] = [
        Self::Real,
        Self::Document,
        Self::Person,
        Self::Words,
        Self::Memory,
        Self::Trail,
        Self::Decide,
    ];

    /// From 1.
    #[must_use]
    pub fn number(self) -> usize {
        Self::ALL
            .iter()
            .position(|step| *step == self)
            .map_or(0, |place| place + 1)
    }

    /// In addresses and forms.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Document => "document",
            Self::Person => "person",
            Self::Words => "words",
            Self::Memory => "memory",
            Self::Trail => "trail",
            Self::Decide => "decide",
        }
    }

    /// The step of that name or number.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|step| step.slug() == name || step.kept_as() == name)
    }

    /// The heading.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Real => "Is it real?",
            Self::Document => "The document",
            Self::Person => "The person",
            Self::Words => "The words",
            Self::Memory => "The memory",
            Self::Trail => "The trail",
            Self::Decide => "Decide",
        }
    }

    /// What to do here.
    pub(crate) const fn lead(self) -> &'static str {
        match self {
            Self::Real => "Look for a screen, a print, a mask, a cut. Then say what you think.",
            Self::Document => {
                "Compare the ID with the record. Show one field at a time, only if you need it."
            }
            Self::Person => "Look at the faces only. Name, value and country play no part here.",
            Self::Words => {
                "Play the video. Do the lips say these words? Voices are never compared."
            }
            Self::Memory => "You see how each answer compares, never the true value.",
            Self::Trail => "Does the request come from where the holder used to be?",
            Self::Decide => "Say what you found. A second person decides without seeing it.",
        }
    }

    /// What the reviewer is asked; the decision asks its own questions.
    pub(crate) const fn question(self) -> &'static str {
        match self {
            Self::Real => "Was this captured live, by a camera, in one go?",
            Self::Document => "Is this the document of the record?",
            Self::Person => "Look first. What do you see?",
            Self::Words => "Are the words and digits said by this person, in order?",
            Self::Memory => "Does what was recalled fit?",
            Self::Trail => "Does the trail fit?",
            Self::Decide => "",
        }
    }

    /// The answers.
    pub(crate) const fn options(self) -> &'static [Label] {
        match self {
            Self::Real | Self::Document | Self::Words => YES_NO,
            Self::Person => PERSON,
            Self::Memory | Self::Trail => FITS,
            Self::Decide => &[],
        }
    }

    /// The software's findings here stay sealed until the own view is saved.
    pub(crate) const fn sealed_first(self) -> bool {
        matches!(self, Self::Person)
    }

    /// The step on which a finding is shown.
    pub(crate) fn of_finding(finding: &Finding) -> Self {
        let family = finding.code.split('.').next().unwrap_or_default();
        match (family, finding.code.as_str()) {
            ("face", _) => Self::Person,
            ("id" | "document", _) => Self::Document,
            ("note" | "phrase", _)
            | (_, "video.words" | "video.quiet" | "video.short" | "video.slow_words") => {
                Self::Words
            }
            ("clue" | "proof", _) => Self::Memory,
            ("trail" | "signal" | "network" | "device" | "risk", _) => Self::Trail,
            _ => Self::Real,
        }
    }

    /// The step on which a field of the record stands: what the document shows, or the trail.
    pub(crate) fn of_field(label: &str) -> Self {
        let label = label.to_ascii_lowercase();
        let on_document = ["name", "document", "birth"]
            .iter()
            .any(|word| label.contains(word));
        if on_document {
            Self::Document
        } else {
            Self::Trail
        }
    }

    /// The name under which the engine keeps an own opinion: the number.
    pub(crate) fn kept_as(self) -> String {
        self.number().to_string()
    }

    /// The reviewer's own answer to this step, if there is one.
    pub(crate) fn answer_in(self, file: &CaseFile) -> Option<&str> {
        file.opinions
            .iter()
            .find(|(step, _)| *step == self.kept_as())
            .map(|(_, answer)| answer.as_str())
    }

    /// Whether this step may be opened: the earlier ones are answered, or a senior jumps.
    pub(crate) fn open_in(self, file: &CaseFile) -> bool {
        file.rank == Rank::Senior
            || matches!(file.part, Part::Contest | Part::Senior)
            || unanswered(file)
                .iter()
                .all(|number| *number >= self.number())
    }
}

/// Numbers of the steps without an own answer; the decision is not one of them.
pub(crate) fn unanswered(file: &CaseFile) -> Vec<usize> {
    Step::ALL
        .into_iter()
        .filter(|step| *step != Step::Decide && step.answer_in(file).is_none())
        .map(Step::number)
        .collect()
}

/// Where the reviewer goes on: the first step without an own answer, else the decision.
pub(crate) fn next_open(file: &CaseFile) -> Step {
    Step::ALL
        .into_iter()
        .find(|step| *step == Step::Decide || step.answer_in(file).is_none())
        .unwrap_or(Step::Decide)
}
