//! A small world for tests: cases of accounts, a clock that only moves when told, people by name.

#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::collections::BTreeSet;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use recovery::actor::{Actor, ChannelRef, Rank};
use recovery::calendar::Calendar;
use recovery::case::{
    Case, ChangeKind, Command, CredentialKind, Decision, ENVELOPE, Effect, Event, Facts,
    LiveFactor, Pathway, Proof, Recorded, Refusal, Resolution, Rival, SecuringAction, SecuringVerb,
    StaffFacts, State, Timer, ToldChange, Verdict, Winner, decide, evolve, fired, react, replay,
};
use recovery::evidence::{Capture, EvidenceItem, EvidenceKind};
use recovery::finding::{Audience, Finding, Outcome};
use recovery::id::{
    AccountRef, AssignmentId, BlindIndex, CaseCode, CaseId, ContentDigest, EvidenceId, ReviewerId,
};
use recovery::policy::{DEFAULT, FACE_FINDINGS_LEAST, Policy};
use recovery::restriction::{Mode, of_account};
use recovery::risk::{Grounds, Stake};
use recovery::time::{Span, Timestamp};

/// 2026-11-02T09:00:00Z, a Monday.
pub const MONDAY: Timestamp = Timestamp::from_millis(1_793_610_000_000);
pub const GATES: [&str; 4] = [
    "face.kyc_note",
    "face.kyc_video",
    "document.same",
    "phrase.spoken",
];
pub const ACTIONS: [&str; 3] = ["credentials", "api_keys", "whitelist"];

pub type Answer = Result<Vec<Event>, Refusal>;

/// A member of staff: `r1`, `r2` ... are reviewers, `s1`, `s2` ... seniors.
pub fn staff(name: &str) -> (ReviewerId, Rank) {
    let number: u64 = name[1..].parse().unwrap();
    let senior = name.starts_with('s');
    let seed = number + if senior { 1000 } else { 2000 };
    let id = ReviewerId::new(MONDAY, &mut ChaCha8Rng::seed_from_u64(seed));
    (id, if senior { Rank::Senior } else { Rank::Reviewer })
}

pub fn reviewer(name: &str) -> Actor {
    let (id, rank) = staff(name);
    Actor::Reviewer { id, rank }
}

/// Whether an event leads on from a stop (statement 4).
pub const fn goes_on(event: &Event) -> bool {
    matches!(
        event,
        Event::CaseApproved { .. }
            | Event::CaseReturned { .. }
            | Event::CaseSubmitted { .. }
            | Event::ReviewOpened { .. }
            | Event::CaseRecovered { .. }
            | Event::HandoverBegun
            | Event::HandoverCompleted { .. }
            | Event::CredentialEnrolled { .. }
    )
}

pub fn channel(name: &str) -> ChannelRef {
    ChannelRef(name.to_owned())
}

pub fn index(name: &str) -> BlindIndex {
    BlindIndex(ContentDigest::of(name.as_bytes()).0)
}

pub fn finding(code: &str, outcome: Outcome, kind: Option<EvidenceKind>) -> Finding {
    let audience = if code.starts_with("image.") {
        Audience::Applicant
    } else {
        Audience::Reviewer
    };
    Finding {
        kind,
        ..Finding::new(code, outcome, audience, "test/1")
            .measured(0.612, 0.38, "cosine")
            .took(7)
    }
}

pub fn passing() -> Vec<Finding> {
    GATES
        .iter()
        .map(|gate| finding(gate, Outcome::Pass, None))
        .collect()
}

pub fn failing() -> Vec<Finding> {
    let mut findings = passing();
    findings[0].outcome = Outcome::Fail;
    findings
}

pub fn blurred(kind: EvidenceKind) -> Vec<Finding> {
    let mut findings = passing();
    findings.push(finding("image.blur", Outcome::Retake, Some(kind)));
    findings
}

fn verdict(decision: Decision, code: &str) -> Verdict {
    Verdict {
        decision,
        codes: vec![code.to_owned()],
        answers: vec!["yes".to_owned(); 3],
        items: Vec::new(),
        note_characters: 80,
        exception: None,
    }
}

pub fn approve() -> Verdict {
    verdict(Decision::Approve, "ok.all")
}

pub fn approve_with_exception() -> Verdict {
    Verdict {
        exception: Some("file_upload".to_owned()),
        ..approve()
    }
}

pub fn reject() -> Verdict {
    verdict(Decision::Reject, "no.person_differs")
}

pub fn escalate() -> Verdict {
    verdict(Decision::Escalate, "up.unsure")
}

pub fn ask_again(kind: EvidenceKind) -> Verdict {
    Verdict {
        items: vec![(kind, "image.blur".to_owned())],
        ..verdict(Decision::AskAgain, "image.blur")
    }
}

/// One case and everything that happened to it.
#[derive(Clone)]
pub struct Side {
    pub id: CaseId,
    pub case: Option<Case>,
    pub history: Vec<Recorded>,
    pub timers: Vec<(Timestamp, Timer)>,
    pub effects: Vec<Effect>,
}

#[derive(Clone)]
pub struct World {
    pub policy: Policy,
    pub calendar: Calendar,
    pub now: Timestamp,
    pub sides: Vec<Side>,
    /// The case that the next step is about.
    pub at: usize,
    pub locked_before: Span,
    /// What staff facts say of whoever acts next.
    pub conflict: bool,
    pub pair_this_week: u32,
    pub rng: ChaCha8Rng,
    pub pieces: u64,
    /// How many of the actions the platform declares.
    pub actions: usize,
    /// Whether the platform keeps to limits after a recovery.
    pub thaws: bool,
    /// Whether each step is checked against a replay of the whole history.
    pub replays: bool,
}

impl World {
    pub fn new() -> Self {
        Self::with(Policy::parse(DEFAULT).unwrap())
    }

    pub fn with(policy: Policy) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let side = |rng: &mut ChaCha8Rng| Side {
            id: CaseId::new(MONDAY, rng),
            case: None,
            history: Vec::new(),
            timers: Vec::new(),
            effects: Vec::new(),
        };
        let sides = vec![side(&mut rng), side(&mut rng)];
        Self {
            calendar: Calendar::new(&policy.calendar).unwrap(),
            policy,
            now: MONDAY,
            sides,
            at: 0,
            locked_before: Span::ZERO,
            conflict: false,
            pair_this_week: 0,
            rng,
            pieces: 0,
            actions: ACTIONS.len(),
            thaws: true,
            replays: true,
        }
    }

    pub fn case(&self) -> &Case {
        self.sides[self.at].case.as_ref().unwrap()
    }

    pub fn state(&self) -> State {
        self.case().state
    }

    pub fn mode(&self) -> Mode {
        let cases = self.sides.iter().filter_map(|side| side.case.as_ref());
        of_account(cases, &self.policy).mode
    }

    pub fn on(&mut self, side: usize) -> &mut Self {
        self.at = side;
        self
    }

    pub fn minutes(&mut self, minutes: i64) -> &mut Self {
        self.now = self.now + Span::minutes(minutes);
        self
    }

    pub fn hours(&mut self, hours: i64) -> &mut Self {
        self.now = self.now + Span::hours(hours);
        self
    }

    pub fn days(&mut self, days: i64) -> &mut Self {
        self.hours(24 * days)
    }

    /// What the shell reads before a command.
    pub fn facts(&self, actor: &Actor, command: &Command) -> Facts<'_> {
        let own = self.sides[self.at].case.as_ref();
        let account = match command {
            Command::ResolveAccount {
                resolution: Resolution::Known { account },
            } => Some(account),
            _ => own.and_then(|case| case.account.as_ref()),
        };
        let contact = match command {
            Command::ProveContact { index } => Some(index),
            _ => own.and_then(|case| Some(&case.contact.as_ref()?.index)),
        };
        let rival = |case: &Case| Rival {
            case: case.id.clone(),
            passed_phase1: case.passed_phase1 && case.state.is_open(),
            holds_approval: case.holds_approval,
            approved_at: case.wait.as_ref().map(|wait| wait.approved_at),
            same_contact: case.state.is_open()
                && contact.is_some()
                && case.contact.as_ref().map(|contact| &contact.index) == contact,
        };
        let others = self.sides.iter().enumerate().filter(|(n, _)| *n != self.at);
        let rivals = others
            .filter_map(|(_, side)| side.case.as_ref())
            .filter(|case| account.is_some() && case.account.as_ref() == account)
            .map(rival)
            .collect();
        let staff = match actor {
            Actor::Reviewer { rank, .. } => Some(StaffFacts {
                rank: *rank,
                conflict: self.conflict,
                held: 0,
                pair_this_week: self.pair_this_week,
            }),
            _ => None,
        };
        Facts {
            thaws: self.thaws,
            policy: &self.policy,
            calendar: &self.calendar,
            rivals,
            locked_before: self.locked_by_others(account),
            staff,
            securing: ACTIONS[..self.actions]
                .iter()
                .map(|name| SecuringAction((*name).to_owned()))
                .collect(),
        }
    }

    /// Decides without doing.
    pub fn ask(&self, actor: &Actor, command: &Command) -> Answer {
        let facts = self.facts(actor, command);
        let case = self.sides[self.at].case.as_ref();
        decide(case, actor, command, &facts, self.now)
    }

    /// Decides, and lets happen what was decided.
    pub fn send(&mut self, actor: &Actor, command: &Command) -> Answer {
        let events = self.ask(actor, command)?;
        for event in &events {
            self.happen(actor, event);
        }
        if self.replays {
            self.check_replay();
        }
        Ok(events)
    }

    pub fn check_replay(&self) {
        let side = &self.sides[self.at];
        assert_eq!(side.case, replay(&side.history), "a case is its events");
    }

    /// Time for which other cases locked the account without an approval.
    fn locked_by_others(&self, account: Option<&AccountRef>) -> Span {
        let others = self.sides.iter().enumerate().filter(|(n, _)| *n != self.at);
        others
            .filter_map(|(_, side)| side.case.as_ref())
            .filter(|case| account.is_some() && case.account.as_ref() == account)
            .fold(self.locked_before, |sum, case| {
                let running = case.lock.as_ref().map(|lock| self.now.since(lock.since));
                sum + case.locked + running.unwrap_or(Span::ZERO)
            })
    }

    fn happen(&mut self, actor: &Actor, event: &Event) {
        let side = &mut self.sides[self.at];
        let recorded = Recorded {
            v: ENVELOPE,
            case: side.id.clone(),
            seq: side.history.len() as u64 + 1,
            at: self.now,
            actor: actor.clone(),
            event: event.clone(),
        };
        let before = side.case.clone();
        side.case = evolve(before.clone(), &recorded);
        side.history.push(recorded);
        let after = side.case.as_ref().unwrap();
        let asked = react(before.as_ref(), after, event, &self.policy, &self.calendar);
        for effect in asked {
            match effect {
                Effect::At(at, timer) => side.timers.push((at, timer)),
                other => side.effects.push(other),
            }
        }
    }

    /// Fires every timer of the current case that is due, as the shell would.
    pub fn timers(&mut self) -> &mut Self {
        for _ in 0..32 {
            let now = self.now;
            let side = &mut self.sides[self.at];
            let Some(place) = side.timers.iter().position(|(at, _)| *at <= now) else {
                break;
            };
            let (_, timer) = side.timers.remove(place);
            let (command, effect) = fired(side.case.as_ref().unwrap(), &timer);
            if let Some(command) = command {
                let _ = self.send(&Actor::System, &command);
            }
            if effect == Some(Effect::IssueTicket) {
                let _ = self.send(&Actor::System, &Command::IssueTicket);
            }
        }
        self
    }

    pub fn applicant(&mut self, command: &Command) -> Answer {
        self.send(&Actor::Applicant, command)
    }

    pub fn system(&mut self, command: &Command) -> Answer {
        self.send(&Actor::System, command)
    }

    pub fn item(&mut self, kind: EvidenceKind, capture: Capture) -> EvidenceItem {
        self.pieces += 1;
        EvidenceItem {
            id: EvidenceId::new(self.now, &mut self.rng),
            kind,
            capture,
            digest: ContentDigest::of(&self.pieces.to_be_bytes()),
            media_type: "image/jpeg".to_owned(),
            bytes: 4096,
        }
    }

    pub fn opens(&mut self) -> &mut Self {
        let code = CaseCode::new(&mut self.rng);
        let open = Command::Open {
            code,
            language: "en".to_owned(),
            entry: "login".to_owned(),
        };
        self.applicant(&open).unwrap();
        self
    }

    pub fn consents(&mut self) -> &mut Self {
        let consent = Command::GiveConsent {
            text_version: "1".to_owned(),
            language: "en".to_owned(),
        };
        self.applicant(&consent).unwrap();
        self
    }

    pub fn names_account(&mut self) -> &mut Self {
        let index = index("ann@example.test");
        self.applicant(&Command::GiveIdentifier { index }).unwrap();
        self
    }

    pub fn proves(&mut self, address: &str) -> Answer {
        let index = index(address);
        self.applicant(&Command::ProveContact { index })
    }

    pub fn resolved_to(&mut self, account: Option<&str>) -> Answer {
        let resolution = account.map_or(Resolution::Unknown, |name| Resolution::Known {
            account: AccountRef(name.to_owned()),
        });
        self.system(&Command::ResolveAccount { resolution })
    }

    pub fn adds(&mut self, kind: EvidenceKind, capture: Capture) -> Answer {
        let item = self.item(kind, capture);
        self.applicant(&Command::AddEvidence { item })
    }

    /// Everything up to a complete case, all of it captured that way.
    pub fn gathers(&mut self, capture: Capture) -> &mut Self {
        let address = format!("new{}@example.test", self.at);
        self.opens().consents().names_account();
        self.proves(&address).unwrap();
        self.resolved_to(Some("acc-1")).unwrap();
        self.adds_all(capture)
    }

    pub fn adds_all(&mut self, capture: Capture) -> &mut Self {
        for kind in self.policy.gathering.required.clone() {
            self.adds(kind, capture).unwrap();
        }
        self
    }

    pub fn submits(&mut self) -> &mut Self {
        let pathway = Pathway::Remote;
        self.applicant(&Command::Submit { pathway }).unwrap();
        self
    }

    pub fn checked(&mut self, findings: Vec<Finding>) -> &mut Self {
        let round = self.case().round;
        let finish = Command::FinishChecks {
            round,
            findings,
            grounds: Grounds::of_stake(Stake::Small),
        };
        self.system(&finish).unwrap();
        self
    }

    /// Sends again whatever was asked for again.
    pub fn retakes(&mut self) -> &mut Self {
        let asked: BTreeSet<_> = self.case().asked.iter().map(|(kind, _)| *kind).collect();
        for kind in asked {
            self.adds(kind, Capture::Live).unwrap();
        }
        self.submits()
    }

    pub fn takes(&mut self, name: &str) -> Result<AssignmentId, Refusal> {
        let assignment = AssignmentId::new(self.now, &mut self.rng);
        let assign = Command::Assign {
            assignment: assignment.clone(),
        };
        self.send(&reviewer(name), &assign).map(|_| assignment)
    }

    pub fn verdict(&mut self, name: &str, verdict: Verdict) -> Answer {
        let assignment = self.takes(name)?;
        let give = Command::GiveVerdict {
            assignment,
            verdict,
        };
        self.send(&reviewer(name), &give)
    }

    /// The time in which both sides of a contest may show theirs.
    pub fn both_show(&mut self) -> &mut Self {
        let stop = self.case().stop.as_ref();
        if let Some(until) = stop.and_then(|stop| stop.evidence_until) {
            self.now = self.now.max(until);
        }
        self
    }

    pub fn shows(&mut self, factor: LiveFactor, name: &str) -> Answer {
        let channel = channel(name);
        let actor = Actor::Holder {
            channel: channel.clone(),
        };
        self.send(&actor, &Command::ShowLiveFactor { factor, channel })
    }

    pub fn takes_back(&mut self, name: &str) -> Answer {
        let channel = channel(name);
        let actor = Actor::Holder {
            channel: channel.clone(),
        };
        self.send(&actor, &Command::TakeBack { channel })
    }

    pub fn asks_proof(&mut self, name: &str, side: recovery::case::Side) -> Answer {
        self.both_show();
        let assignment = self.takes(name)?;
        let ask = Command::AskProof { assignment, side };
        self.send(&reviewer(name), &ask)
    }

    /// A vote once both sides have shown theirs.
    pub fn votes(&mut self, name: &str, winner: Winner) -> Answer {
        self.both_show();
        let assignment = self.takes(name)?;
        let vote = Command::Vote {
            assignment,
            winner,
            exception: None,
        };
        self.send(&reviewer(name), &vote)
    }

    pub fn vetoes(&mut self, name: &str) -> Answer {
        let channel = channel(name);
        let actor = Actor::Holder {
            channel: channel.clone(),
        };
        self.send(&actor, &Command::Veto { channel })
    }

    /// A live case that passed phase 1.
    pub fn reviewing(&mut self) -> &mut Self {
        self.gathers(Capture::Live).submits().checked(passing())
    }

    pub fn approved(&mut self) -> &mut Self {
        self.reviewing();
        self.verdict("r1", approve()).unwrap();
        self.verdict("r2", approve()).unwrap();
        self
    }

    pub fn frozen(&mut self) -> &mut Self {
        let mode = Mode::Locked;
        self.system(&Command::AcknowledgeFreeze { version: 3, mode })
            .unwrap();
        self
    }

    /// The number of the newest approval; none without one.
    pub fn approval(&self) -> u64 {
        self.case().wait.as_ref().map_or(0, |wait| wait.approval)
    }

    pub fn notified(&mut self) -> &mut Self {
        let approval = self.approval();
        let channels = 2;
        self.system(&Command::AcknowledgeNotices { approval, channels })
            .unwrap();
        self
    }

    /// The platform tells a change; the name tells it from others.
    pub fn changes(&mut self, change: ChangeKind, name: &str) -> Answer {
        let command = Command::NoteChange {
            told: ToldChange {
                kind: change,
                key: index(name),
                happened_at: self.now,
            },
        };
        self.send(&Actor::Platform, &command)
    }

    pub fn begins(&mut self) -> Answer {
        self.system(&Command::IssueTicket)?;
        let proof = Proof::CaseKey;
        self.applicant(&Command::BeginHandover { proof })
    }

    /// A face shown afresh, each of its findings with this outcome.
    pub fn shows_face(&mut self, outcome: Outcome) -> Answer {
        let findings = FACE_FINDINGS_LEAST.map(|code| Finding::reviewer(code, outcome, "test"));
        self.system(&Command::ShowFace {
            findings: findings.to_vec(),
        })
    }

    /// A credential of the handover that is under way.
    pub fn enrol(&self, credential: CredentialKind) -> Command {
        let begun_at = self.case().handover.begun_at.unwrap_or(self.now);
        Command::Enrol {
            credential,
            begun_at,
        }
    }

    pub fn enrols_all(&mut self) -> &mut Self {
        for credential in [
            CredentialKind::Email,
            CredentialKind::Password,
            CredentialKind::Totp,
            CredentialKind::Passkey,
        ] {
            let enrol = self.enrol(credential);
            self.applicant(&enrol).unwrap();
        }
        self
    }

    pub fn hands_over(&mut self) -> &mut Self {
        self.begins().unwrap();
        self.enrols_all();
        self.applicant(&Command::CompleteHandover).unwrap();
        self
    }

    pub fn secured(&mut self, verb: SecuringVerb) -> &mut Self {
        for name in ACTIONS {
            let action = SecuringAction(name.to_owned());
            let said = Command::AcknowledgeSecuring {
                action: action.clone(),
                verb,
            };
            self.system(&said).unwrap();
            self.system(&Command::VerifySecuring { action, verb })
                .unwrap();
        }
        self
    }

    /// Approved, frozen, notified, handed over, secured; the wait runs.
    pub fn cooling_off(&mut self) -> &mut Self {
        self.approved().frozen().notified().hands_over();
        self.secured(SecuringVerb::Suspend)
    }

    pub fn recovered(&mut self) -> &mut Self {
        self.cooling_off().hours(24);
        self.system(&Command::EndWait).unwrap();
        self
    }

    /// Vetoed, disputed: seniors must decide.
    pub fn contested(&mut self) -> &mut Self {
        self.vetoes("email").unwrap();
        self.applicant(&Command::Dispute).unwrap();
        self
    }
}

/// The code of a refusal.
pub fn refused(answer: Answer) -> &'static str {
    match answer {
        Ok(events) => panic!("allowed: {events:?}"),
        Err(refusal) => refusal.code(),
    }
}

/// The kinds of the events.
pub fn kinds(answer: Answer) -> Vec<&'static str> {
    answer.unwrap().iter().map(Event::kind).collect()
}

/// Field names that no event may have: they would hold a person.
const FORBIDDEN: [&str; 24] = [
    "name",
    "names",
    "email",
    "mail",
    "phone",
    "address",
    "ip",
    "text",
    "note",
    "comment",
    "message",
    "birth",
    "document_number",
    "number",
    "city",
    "country",
    "device",
    "user_agent",
    "identifier",
    "contact",
    "password",
    "secret",
    "token",
    "face",
];

/// The first forbidden field name in a value.
pub fn forbidden(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::Object(fields) => fields.iter().find_map(|(name, inner)| {
            if FORBIDDEN.contains(&name.as_str()) {
                Some(name.clone())
            } else {
                forbidden(inner)
            }
        }),
        serde_json::Value::Array(items) => items.iter().find_map(forbidden),
        _ => None,
    }
}
