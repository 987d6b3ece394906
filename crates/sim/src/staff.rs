//! The people who decide: a pool, who of them is bribed, and what a look concludes.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;
use recovery::actor::Rank;
use recovery::case::{Case, Decision, Part, Verdict, Winner};
use recovery::evidence::EvidenceKind;
use recovery::finding::Outcome;
use recovery::id::ReviewerId;
use recovery::policy::Policy;
use recovery::reason::AGAIN_PERSON;
use recovery::risk::Assessment;
use recovery::time::Timestamp;

use crate::keys::{Staff, Values};

/// Characters of a refusal's reason; policy asks for some.
const NOTE: u32 = 1000;

/// A reviewer or senior.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: ReviewerId,
    pub(crate) rank: Rank,
}

/// Everybody who decides, the same in every case.
pub(crate) fn pool(values: &Values<Staff>) -> Vec<Person> {
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let ranks = [
        (Rank::Reviewer, values.of(Staff::Reviewers)),
        (Rank::Senior, values.of(Staff::Seniors)),
    ];
    let mut people = Vec::new();
    for (rank, many) in ranks {
        for _ in 0..many as usize {
            let id = ReviewerId::new(Timestamp::default(), &mut rng);
            people.push(Person { id, rank });
        }
    }
    people
}

/// What the evidence looks like to somebody who looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// Every check passed.
    Clean,
    /// Something is for people.
    Doubt,
    /// Something speaks against the applicant.
    Against,
    /// Not one gate is open: nothing speaks for the applicant.
    Nothing,
}

impl Look {
    /// Of the newest round.
    pub(crate) fn at(case: &Case, assessment: Option<&Assessment>) -> Self {
        let any = |outcome| case.findings.iter().any(|one| one.outcome == outcome);
        let open = assessment.is_some_and(|a| a.gates.iter().any(|gate| gate.open));
        if !open {
            Self::Nothing
        } else if any(Outcome::Fail) {
            Self::Against
        } else if case.findings.iter().all(|f| f.outcome == Outcome::Pass) {
            Self::Clean
        } else {
            Self::Doubt
        }
    }
}

/// The draws of one look.
#[derive(Debug)]
pub(crate) struct Mind {
    error: f64,
    again: f64,
    up: f64,
}

impl Mind {
    /// `common`: the draw that all looks at one case share now and then.
    pub(crate) const fn new(shared: f64, common: f64, draws: [f64; 4]) -> Self {
        let [own, shares, again, up] = draws;
        let error = if shares < shared { common } else { own };
        Self { error, again, up }
    }

    /// Whether this look errs, with the two probabilities of the evidence's look.
    fn approves(&self, values: &Values<Staff>, attacker: bool, look: Look) -> bool {
        let (wrong_yes, wrong_no) = match look {
            Look::Clean => (Staff::ApproveClean, Staff::RefuseClean),
            Look::Doubt => (Staff::ApproveDoubt, Staff::RefuseDoubt),
            Look::Against => (Staff::ApproveAgainst, Staff::RefuseAgainst),
            // Rule of the model: nobody approves where nothing passed.
            Look::Nothing => return false,
        };
        if attacker {
            self.error < values.of(wrong_yes)
        } else {
            self.error >= values.of(wrong_no)
        }
    }

    /// What an unbribed reviewer concludes.
    pub(crate) fn verdict(
        &self,
        values: &Values<Staff>,
        attacker: bool,
        look: Look,
        case: &Case,
        policy: &Policy,
    ) -> Verdict {
        let part = case.wanted_part(policy);
        if look == Look::Doubt {
            let left = case.returns_by_people < policy.gathering.returns_by_people_max;
            let first = part == Some(Part::First);
            if first && left && self.again < values.of(Staff::AsksAgain) {
                return asks_again();
            }
            if part != Some(Part::Senior) && self.up < values.of(Staff::Escalates) {
                return of(Decision::Escalate, "up.unsure");
            }
        }
        if self.approves(values, attacker, look) {
            approval()
        } else {
            of(Decision::Reject, "no.person_differs")
        }
    }

    /// Whom an unbribed senior believes.
    pub(crate) fn vote(&self, values: &Values<Staff>, attacker: bool) -> Winner {
        let wrong = self.error < values.of(Staff::WrongContest);
        if wrong == attacker {
            Winner::Applicant
        } else {
            Winner::Objector
        }
    }
}

fn of(decision: Decision, code: &str) -> Verdict {
    Verdict {
        decision,
        codes: vec![code.to_owned()],
        answers: Vec::new(),
        items: Vec::new(),
        note_characters: NOTE,
        exception: None,
    }
}

/// Yes, three times yes, and the exception where one is needed.
pub(crate) fn approval() -> Verdict {
    Verdict {
        answers: vec!["yes".to_owned(); 3],
        exception: Some("file".to_owned()),
        ..of(Decision::Approve, "ok.all")
    }
}

fn asks_again() -> Verdict {
    let again = |kind| (kind, AGAIN_PERSON.to_owned());
    Verdict {
        items: vec![again(EvidenceKind::NotePhoto), again(EvidenceKind::Video)],
        ..of(Decision::AskAgain, "again")
    }
}
