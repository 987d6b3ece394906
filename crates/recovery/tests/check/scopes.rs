//! What is explored: where it begins, who acts, and what may go wrong. The bounds of the proof.

use recovery::case::{Command, Decision};
use recovery::evidence::Capture;
use recovery::risk::{Grounds, Stake};

use crate::common::{World, approve, failing};
use crate::moves::Found;
use crate::world::Rules;

/// How finely the way between Regain and the platform is modelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Messages {
    /// Nothing reaches the platform.
    None,
    /// A request and its answer are one move: late or never, but not apart.
    Whole,
    /// Request, deed and answer are three moves, each late, double, reordered or never.
    Apart,
}

pub(crate) struct Scope {
    pub name: &'static str,
    pub starts: Vec<World>,
    /// How many reviewers and seniors act.
    pub reviewers: usize,
    pub seniors: usize,
    /// Channels through which the holder may object.
    pub channels: usize,
    /// Whether the holder also shows a live factor, or takes the objection back.
    pub shows: bool,
    /// Whether taking a case and deciding are two moves, with a lease between.
    pub leases: bool,
    /// Whether seniors take parts that need none.
    pub seniors_look: bool,
    pub found: &'static [Found],
    pub decisions: &'static [Decision],
    pub captures: &'static [Capture],
    pub messages: Messages,
    pub actions: usize,
    /// How many changes of the account the platform may tell during the wait.
    pub changes: usize,
}

const ALL: &[Decision] = &[
    Decision::Approve,
    Decision::Reject,
    Decision::AskAgain,
    Decision::Escalate,
];

/// A world under the model's policy.
fn world() -> World {
    let mut world = World::with(Rules::new(1, None).policy);
    world.replays = false;
    world
}

/// Nothing is sent yet.
fn gathered(capture: Capture) -> World {
    let mut w = world();
    w.gathers(capture);
    w
}

/// One case from sending to a decision: returns, looks with leases and conflicts, refusal and
/// appeal, evidence from files, an account that nobody knows; two reviewers, three seniors.
pub(crate) fn review(deep: bool) -> Scope {
    let mut unknown = world();
    unknown.opens().consents().names_account();
    unknown.proves("new@example.test").unwrap();
    unknown.resolved_to(None).unwrap();
    unknown.adds_all(Capture::Live);
    Scope {
        name: "one case up to its decision",
        starts: vec![gathered(Capture::Live), gathered(Capture::NotLive), unknown],
        reviewers: 2,
        seniors: 3,
        channels: 0,
        shows: false,
        leases: true,
        seniors_look: true,
        found: &[Found::Pass, Found::Doubt, Found::Retake],
        decisions: if deep { ALL } else { &ALL[..3] },
        captures: &[Capture::Live],
        messages: Messages::None,
        actions: 1,
        changes: 0,
    }
}

/// Two applicants for one account from sending on: locks and their cap, word of a rival that is
/// late, double or lost, contests; two reviewers, three seniors.
pub(crate) fn rivals(deep: bool) -> Scope {
    let mut both = gathered(Capture::Live);
    both.on(1).gathers(Capture::Live);
    if !deep {
        both.on(0).submits();
        both.on(1).submits();
    }
    Scope {
        name: "two rivals up to a decision between them",
        starts: vec![both],
        reviewers: 2,
        seniors: 3,
        channels: 0,
        shows: false,
        leases: false,
        seniors_look: deep,
        found: &[Found::Pass, Found::Doubt],
        decisions: &[Decision::Approve],
        captures: &[Capture::Live],
        messages: Messages::None,
        actions: 1,
        changes: 0,
    }
}

/// One case from its approval on, at an ordinary tier and at one that waits for its handover:
/// every message late, double, lost and reordered; the holder by two channels; three seniors.
pub(crate) fn approved(deep: bool) -> Scope {
    let mut ordinary = world();
    ordinary.approved();
    let mut waits = world();
    waits.gathers(Capture::Live).submits();
    for _ in 0..2 {
        let round = waits.case().round;
        let (findings, grounds) = (failing(), Grounds::of_stake(Stake::Large));
        let finish = Command::FinishChecks {
            round,
            findings,
            grounds,
        };
        waits.system(&finish).unwrap();
        if !waits.case().asked.is_empty() {
            waits.retakes();
        }
    }
    for name in ["s1", "s2", "s3"] {
        waits.verdict(name, approve()).unwrap();
    }
    assert!(waits.policy.handover_waits(waits.case().tier));
    Scope {
        name: "one case from its approval on",
        starts: vec![ordinary, waits],
        reviewers: 2,
        seniors: if deep { 4 } else { 3 },
        channels: 2,
        shows: false,
        leases: false,
        seniors_look: deep,
        found: &[Found::Pass, Found::Doubt],
        decisions: ALL,
        captures: &[Capture::Live],
        messages: Messages::Apart,
        actions: 1,
        changes: usize::from(deep),
    }
}

/// The same while the platform tells changes, and nobody objects.
pub(crate) fn told(deep: bool) -> Scope {
    Scope {
        name: "one case whose platform tells changes",
        channels: 0,
        shows: false,
        changes: 2,
        ..approved(deep)
    }
}

/// One approved case that its holder stops, shows live factors for and takes back: the burden.
/// Nothing reaches the platform; three seniors.
pub(crate) fn contested(deep: bool) -> Scope {
    let mut w = world();
    w.approved();
    Scope {
        name: "one case and its holder's live factors",
        starts: vec![w],
        messages: Messages::None,
        shows: true,
        ..approved(deep)
    }
}

/// Two rivals who stopped one another, and a holder who objects to one of them as well.
pub(crate) fn stopped(deep: bool) -> Scope {
    let mut both = world();
    both.reviewing();
    both.on(1).reviewing();
    let rival = both.sides[1].id.clone();
    both.on(0).system(&Command::NoteRival { rival }).unwrap();
    Scope {
        name: "two rivals stopped, and a holder's objection",
        starts: vec![both],
        seniors: if deep { 5 } else { 4 },
        channels: if deep { 2 } else { 1 },
        decisions: &[Decision::Approve, Decision::AskAgain],
        ..rivals(deep)
    }
}

/// A rival who comes late: the other case is approved and, by the time, handed over, recovered.
/// Every message may be late or lost, but a request and its answer are one move.
pub(crate) fn late_rival(deep: bool) -> Scope {
    let mut late = world();
    late.approved();
    late.on(1).gathers(Capture::Live).submits();
    Scope {
        name: "a rival of an approved case",
        starts: vec![late],
        found: if deep {
            &[Found::Pass, Found::Doubt]
        } else {
            &[Found::Pass]
        },
        messages: Messages::Whole,
        ..rivals(deep)
    }
}

/// A case that comes back while word of its first lock is still under way.
pub(crate) fn returned(deep: bool) -> Scope {
    let mut looked = world();
    looked.reviewing();
    looked.verdict("r1", approve()).unwrap();
    Scope {
        name: "a case that comes back while its lock is told",
        starts: vec![looked],
        found: &[Found::Pass],
        decisions: &[Decision::Approve, Decision::AskAgain],
        channels: 0,
        shows: false,
        ..approved(deep)
    }
}
