//! What an applicant shows, and what the checks say of it: one outcome for each finding that
//! matters to the rules, drawn when the piece is taken and kept until it is taken again.

use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome};
use recovery::policy::FACE_FINDINGS_LEAST;
use recovery::risk::GATES;

use crate::draw::Dice;
use crate::keys::{Trait, Values};

/// What the findings name as their engine.
const ENGINE: &str = "sim/1";

/// The outcomes of all pieces.
#[derive(Debug)]
pub(crate) struct Showing {
    front: Outcome,
    back: Outcome,
    note: Outcome,
    code: Outcome,
    note_live: Outcome,
    face_note: Outcome,
    face_video: Outcome,
    document: Outcome,
    words: Outcome,
    phrase: Outcome,
    video_live: Outcome,
    arrival: Outcome,
    camera: Outcome,
    reuse: Outcome,
    /// No piece was taken yet.
    fresh: bool,
    file: bool,
}

/// `worst` first, then `bad`, else a pass.
fn of(draw: f64, worst: (f64, Outcome), bad: (f64, Outcome)) -> Outcome {
    if draw < worst.0 {
        worst.1
    } else if draw < worst.0 + bad.0 {
        bad.1
    } else {
        Outcome::Pass
    }
}

/// One chance of something other than a pass.
fn either(draw: f64, probability: f64, otherwise: Outcome) -> Outcome {
    of(draw, (probability, otherwise), (0.0, otherwise))
}

impl Showing {
    /// Nothing taken yet. What is found in the whole case is drawn here.
    pub(crate) fn new(values: &Values<Trait>, seen_before: bool, dice: &mut Dice) -> Self {
        let (reuse, file) = (dice.share(), dice.share());
        let reuse = if seen_before {
            Outcome::Unsure
        } else {
            either(reuse, values.of(Trait::ReuseUnsure), Outcome::Unsure)
        };
        let pass = Outcome::Pass;
        Self {
            front: pass,
            back: pass,
            note: pass,
            code: pass,
            note_live: pass,
            face_note: pass,
            face_video: pass,
            document: pass,
            words: pass,
            phrase: pass,
            video_live: pass,
            arrival: pass,
            camera: pass,
            reuse,
            fresh: true,
            file: file < values.of(Trait::FromFile),
        }
    }

    /// Whether pieces come as files.
    pub(crate) const fn is_from_files(&self) -> bool {
        self.file
    }

    /// Takes everything for the first time.
    pub(crate) fn take_all(&mut self, values: &Values<Trait>, dice: &mut Dice) {
        for kind in [
            EvidenceKind::IdFront,
            EvidenceKind::IdBack,
            EvidenceKind::NotePhoto,
            EvidenceKind::Video,
        ] {
            self.take(kind, values, dice);
        }
        self.fresh = false;
    }

    /// Takes one piece (again). As many draws whatever the outcomes are.
    pub(crate) fn take(&mut self, kind: EvidenceKind, values: &Values<Trait>, dice: &mut Dice) {
        let draws: [f64; 7] = std::array::from_fn(|_| dice.share());
        let [one, two, three, four, five, six, again] = draws;
        let repeats = again < values.of(Trait::SameAgain);
        let chance = |key| values.of(key);
        // What the page names at once is mostly mended before it is sent.
        let quality = chance(Trait::PhotoRetake) * (1.0 - chance(Trait::Coached));
        let photo = either(one, quality, Outcome::Retake);
        let unsure = |draw, key| either(draw, chance(key), Outcome::Unsure);
        let face = |draw| {
            of(
                draw,
                (chance(Trait::FaceFail), Outcome::Fail),
                (chance(Trait::FaceUnsure), Outcome::Unsure),
            )
        };
        match kind {
            EvidenceKind::IdFront => {
                self.front = photo;
                let read = of(
                    two,
                    (chance(Trait::DocumentFail), Outcome::Fail),
                    (chance(Trait::DocumentUnsure), Outcome::Unsure),
                );
                keep(&mut self.document, read, repeats && !self.fresh);
            }
            EvidenceKind::IdBack => self.back = photo,
            EvidenceKind::NotePhoto => {
                self.note = photo;
                self.code = of(
                    two,
                    (chance(Trait::NoteRetake), Outcome::Retake),
                    (chance(Trait::NoteUnsure), Outcome::Unsure),
                );
                keep(&mut self.face_note, face(three), repeats && !self.fresh);
                self.note_live = unsure(four, Trait::LiveUnsure);
            }
            EvidenceKind::Video => {
                self.words = either(one, chance(Trait::WordsRetake), Outcome::Retake);
                let spoken = unsure(two, Trait::PhraseUnsure);
                keep(&mut self.phrase, spoken, repeats && !self.fresh);
                // One face in both: the first video repeats what the note photo gave.
                let before = if self.fresh {
                    self.face_note
                } else {
                    self.face_video
                };
                self.face_video = if repeats { before } else { face(three) };
                self.video_live = unsure(four, Trait::LiveUnsure);
                self.arrival = unsure(five, Trait::ArrivalUnsure);
                self.camera = unsure(six, Trait::CameraUnsure);
                if self.file {
                    // A file has no arrival to look at, and its phrase no clock (findings.md).
                    (self.arrival, self.phrase) = (Outcome::Unsure, Outcome::Unsure);
                }
            }
            EvidenceKind::Screenshot => {}
        }
    }

    /// What a fresh look at the face finds.
    pub(crate) fn fresh_face(values: &Values<Trait>, dice: &mut Dice) -> Vec<Finding> {
        let passes = dice.share() >= values.of(Trait::FaceFail) + values.of(Trait::FaceUnsure);
        let outcome = if passes {
            Outcome::Pass
        } else {
            Outcome::Unsure
        };
        let finding = |code| Finding::reviewer(code, outcome, ENGINE).about(EvidenceKind::Video);
        FACE_FINDINGS_LEAST.map(finding).to_vec()
    }

    /// What the checks say now: the gates, and whatever else did not pass. A pass beside the gates
    /// changes nothing for the rules.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let reviewer = |code, outcome, kind| Finding::reviewer(code, outcome, ENGINE).about(kind);
        let applicant = |code, outcome, kind| Finding::applicant(code, outcome, ENGINE).about(kind);
        let (note, video) = (EvidenceKind::NotePhoto, EvidenceKind::Video);
        let code = if self.code == Outcome::Retake {
            applicant("note.code", self.code, note)
        } else {
            reviewer("note.code", self.code, note)
        };
        let mut findings = vec![
            applicant("image.blur", self.front, EvidenceKind::IdFront),
            applicant("image.blur", self.back, EvidenceKind::IdBack),
            applicant("image.blur", self.note, note),
            code,
            reviewer("face.kyc_note", self.face_note, note),
            reviewer("face.kyc_video", self.face_video, video),
            reviewer("document.same", self.document, EvidenceKind::IdFront),
            reviewer("phrase.spoken", self.phrase, video),
            applicant("video.words", self.words, video),
            reviewer("face.live", self.note_live, note),
            reviewer("face.live", self.video_live, video),
            reviewer("video.live", self.arrival, video),
            reviewer("capture.camera", self.camera, video),
            Finding::reviewer("reuse.face", self.reuse, ENGINE),
        ];
        findings.retain(|one| one.outcome != Outcome::Pass || GATES.contains(&one.code.as_str()));
        findings
    }
}

fn keep(old: &mut Outcome, new: Outcome, repeats: bool) {
    if !repeats {
        *old = new;
    }
}
