//! What somebody might do next: mostly what the state calls for, sometimes anything.

use recovery::actor::{Actor, Rank};
use recovery::case::{
    Case, ChangeKind, Command, CredentialKind, LiveFactor, Pathway, Proof, Resolution,
    SecuringAction, SecuringVerb, Side, State, ToldChange, Verdict, Winner, fired,
};
use recovery::document::DocumentKind;
use recovery::evidence::{Capture, EvidenceKind};
use recovery::finding::{Finding, Outcome};
use recovery::id::{AccountRef, AssignmentId, CaseCode};
use recovery::policy::FACE_FINDINGS_LEAST;
use recovery::restriction::Mode;
use recovery::risk::{Grounds, Stake};
use recovery::time::Span;

use crate::common::*;

pub(crate) type Step = (Actor, Command);

const PEOPLE: [&str; 11] = [
    "r1", "r2", "r3", "r4", "s1", "s2", "s3", "s4", "s5", "s6", "s7",
];
const CHANNELS: [&str; 3] = ["email", "phone", "old_factor"];

fn pick<T: Clone>(from: &[T], number: u16) -> T {
    from[usize::from(number) % from.len()].clone()
}

impl World {
    pub(crate) fn clone_case(&self) -> Option<Case> {
        self.sides[self.at].case.clone()
    }
}

/// The commands of one step; when one is refused the rest is dropped.
pub(crate) fn next(w: &mut World, [side, time, choice, detail]: [u16; 4]) -> Vec<Step> {
    let other = w.sides[1 - w.at].case.is_some() || side % 64 < 4;
    if side % 4 == 0 && other {
        w.at = 1 - w.at;
    }
    pass_time(w, time);
    w.conflict = choice % 97 == 0;
    let Some(case) = w.clone_case() else {
        let code = CaseCode::new(&mut w.rng);
        return vec![(
            Actor::Applicant,
            Command::Open {
                code,
                language: "en".to_owned(),
                entry: "login".to_owned(),
            },
        )];
    };
    match choice % 16 {
        0 => anything(w, &case, detail),
        1 => timer(w, &case, detail).into_iter().collect(),
        2 if detail % 4 == 0 => vec![veto(detail)],
        2 | 3 => rival(w, detail).into_iter().collect(),
        _ => sensible(w, &case, detail),
    }
}

fn pass_time(w: &mut World, time: u16) {
    let amount = i64::from(time / 32);
    w.now = w.now
        + match time % 32 {
            0..=17 => Span::ZERO,
            18..=23 => Span::minutes(amount % 90),
            24..=28 => Span::hours(amount % 26),
            29 => Span::days(amount % 4),
            30 if amount % 4 == 0 => Span::days(amount % 40),
            _ => {
                let next = w.sides[w.at].timers.iter().map(|(at, _)| *at);
                let next = next.filter(|at| *at >= w.now).min();
                next.map_or(Span::ZERO, |at| at.since(w.now))
            }
        };
}

fn veto(detail: u16) -> Step {
    let channel = channel(pick(&CHANNELS, detail / 4));
    let actor = if detail % 8 == 0 {
        Actor::Platform
    } else {
        Actor::Holder {
            channel: channel.clone(),
        }
    };
    (actor, Command::Veto { channel })
}

/// What an objector does about an objection that stands.
fn objector(detail: u16) -> Step {
    let channel = channel(pick(&CHANNELS, detail / 4));
    let actor = Actor::Holder {
        channel: channel.clone(),
    };
    let factors = [
        LiveFactor::SignIn,
        LiveFactor::Telephone,
        LiveFactor::PrintedCode,
        LiveFactor::Mailbox,
    ];
    let command = match detail % 4 {
        0 => Command::TakeBack { channel },
        _ => Command::ShowLiveFactor {
            factor: pick(&factors, detail / 16),
            channel,
        },
    };
    (actor, command)
}

fn rival(w: &World, _: u16) -> Option<Step> {
    let rival = w.sides[1 - w.at].case.as_ref()?.id.clone();
    Some((Actor::System, Command::NoteRival { rival }))
}

/// A timer of the case, due or not, once or again.
fn timer(w: &World, case: &Case, detail: u16) -> Option<Step> {
    let timers = &w.sides[w.at].timers;
    let due: Vec<_> = timers.iter().filter(|(at, _)| *at <= w.now).collect();
    let (_, timer) = if due.is_empty() || detail % 8 == 0 {
        timers.get(usize::from(detail) % timers.len().max(1))?
    } else {
        due[usize::from(detail) % due.len()]
    };
    let (command, effect) = fired(case, timer);
    let command = match effect {
        Some(recovery::case::Effect::IssueTicket) if detail % 2 == 0 => Some(Command::IssueTicket),
        _ => command,
    };
    Some((Actor::System, command?))
}

fn sensible(w: &mut World, case: &Case, detail: u16) -> Vec<Step> {
    match case.state {
        State::Gathering => gather(w, case, detail),
        State::Checking => vec![check(case, detail)],
        State::Reviewing => review(w, case, detail),
        State::CoolingOff => cool(w, case, detail),
        State::Stopped if detail % 16 == 15 => vec![objector(detail / 16)],
        State::Stopped => match detail % 4 {
            0 => timer(w, case, detail / 4).into_iter().collect(),
            1 => rival(w, detail).into_iter().collect(),
            2 => vec![evidence(w, EvidenceKind::Screenshot, Capture::Live)],
            _ => vec![(Actor::Applicant, Command::Dispute)],
        },
        State::Contested => contest(w, case, detail),
        State::Recovered if case.veto_window_closed => secure(SecuringVerb::Destroy, detail),
        State::Recovered if detail % 4 == 0 => vec![veto(detail / 4)],
        State::Rejected if detail % 2 == 0 => vec![(Actor::Applicant, Command::Appeal)],
        State::Blocked | State::Withdrawn | State::Expired if detail % 2 == 0 => {
            secure(SecuringVerb::Restore, detail / 2)
        }
        _ => timer(w, case, detail).into_iter().collect(),
    }
}

fn evidence(w: &mut World, kind: EvidenceKind, capture: Capture) -> Step {
    let item = w.item(kind, capture);
    (Actor::Applicant, Command::AddEvidence { item })
}

/// All that is missing up to sending, or the first few parts of it.
fn gather(w: &mut World, case: &Case, detail: u16) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut applicant = |command| steps.push((Actor::Applicant, command));
    if case.consent_at.is_none() {
        applicant(Command::GiveConsent {
            text_version: "1".to_owned(),
            language: "en".to_owned(),
        });
    }
    if case.identifier.is_none() {
        let index = index("ann@example.test");
        applicant(Command::GiveIdentifier { index });
    }
    if case.contact.is_none() {
        let name = if detail % 32 == 0 { 9 } else { w.at };
        let index = index(&format!("new{name}@example.test"));
        applicant(Command::ProveContact { index });
    }
    if !case.resolved && detail % 16 != 1 {
        steps.push(resolve(detail));
    }
    if detail % 8 == 3 && case.submitted_at.is_none() {
        let answered = vec!["registered".to_owned(), "cards".to_owned()];
        steps.push((Actor::Applicant, Command::GiveClues { answered }));
    }
    let capture = if detail % 8 == 5 {
        Capture::NotLive
    } else {
        Capture::Live
    };
    let document = (detail % 8 == 4).then_some(DocumentKind::CHOICES[usize::from(detail / 8 % 4)]);
    if let Some(document) = document {
        steps.push((Actor::Applicant, Command::ChooseDocument { document }));
    }
    let backless = document == Some(DocumentKind::Passport);
    for kind in case.missing(&w.policy) {
        if !(backless && kind == EvidenceKind::IdBack) {
            steps.push(evidence(w, kind, capture));
        }
    }
    let pathway = if detail % 64 == 7 {
        Pathway::EqualPath
    } else {
        Pathway::Remote
    };
    steps.push((Actor::Applicant, Command::Submit { pathway }));
    if detail % 7 == 2 {
        steps.truncate(usize::from(detail / 7 % 6) + 1);
    }
    steps
}

fn resolve(detail: u16) -> Step {
    let resolution = if detail % 16 == 2 {
        Resolution::Unknown
    } else {
        Resolution::Known {
            account: AccountRef("acc-1".to_owned()),
        }
    };
    (Actor::System, Command::ResolveAccount { resolution })
}

fn check(case: &Case, detail: u16) -> Step {
    if !case.resolved && detail % 4 > 0 {
        return resolve(detail);
    }
    let returned = case.returns.keys().next();
    let findings = match detail % 16 {
        5..=9 if returned.is_some() => blurred(*returned.unwrap()),
        0 => failing(),
        1 | 2 => blurred(pick(&EvidenceKind::ALL, detail / 16)),
        3 => vec![finding("face.kyc_note", Outcome::Unavailable, None)],
        4 => passing()[1..].to_vec(),
        _ => passing(),
    };
    let stake = pick(
        &[Stake::Small, Stake::Small, Stake::Medium, Stake::Large],
        detail / 16,
    );
    let round = if detail % 37 == 0 { 99 } else { case.round };
    let finish = Command::FinishChecks {
        round,
        findings,
        grounds: Grounds::of_stake(stake),
    };
    (Actor::System, finish)
}

/// Who holds the case, or somebody who takes it first.
fn take(w: &mut World, case: &Case, detail: u16) -> (AssignmentId, Actor, Vec<Step>) {
    if let Some(held) = case
        .review
        .assigned
        .as_ref()
        .filter(|held| held.until > w.now)
    {
        let (id, rank) = (held.reviewer.clone(), held.rank);
        let who = Actor::Reviewer { id, rank };
        return (held.assignment.clone(), who, Vec::new());
    }
    let who = reviewer(pick(&PEOPLE, detail));
    let assignment = AssignmentId::new(w.now, &mut w.rng);
    let taken = Command::Assign {
        assignment: assignment.clone(),
    };
    (assignment, who.clone(), vec![(who, taken)])
}

fn review(w: &mut World, case: &Case, detail: u16) -> Vec<Step> {
    if case.account.is_none() && !case.resolved && detail % 2 == 0 {
        return vec![resolve(detail / 2)];
    }
    let (assignment, who, mut steps) = take(w, case, detail / 16);
    let senior = matches!(
        who,
        Actor::Reviewer {
            rank: Rank::Senior,
            ..
        }
    );
    let verdict = |verdict: Verdict| Command::GiveVerdict {
        assignment: assignment.clone(),
        verdict,
    };
    let command = match detail % 16 {
        0 => verdict(ask_again(EvidenceKind::Video)),
        1 | 2 => verdict(reject()),
        3 => verdict(escalate()),
        4 => Command::HandBack {
            assignment,
            conflict: detail % 32 == 4,
        },
        5 => Command::View {
            assignment,
            subject: "dossier.city".to_owned(),
            reason: "verify".to_owned(),
        },
        6 => return steps,
        7 => verdict(Verdict {
            answers: Vec::new(),
            ..approve()
        }),
        _ if senior && detail % 16 < 14 => verdict(approve_with_exception()),
        _ => verdict(approve()),
    };
    steps.push((who, command));
    steps
}

fn contest(w: &mut World, case: &Case, detail: u16) -> Vec<Step> {
    if detail % 8 == 7 {
        return vec![objector(detail / 8)];
    }
    let showing = case.stop.as_ref().and_then(|stop| stop.evidence_until);
    if let Some(until) = showing.filter(|_| detail % 8 != 6) {
        w.now = w.now.max(until);
    }
    let (assignment, who, mut steps) = take(w, case, 4 + detail / 16 % 7);
    let winner = match detail % 8 {
        0 => Winner::Neither,
        1 | 2 => Winner::Objector,
        3 if detail % 16 == 3 => return steps,
        3 => {
            let side = pick(&[Side::Applicant, Side::Objector], detail / 16);
            steps.push((who, Command::AskProof { assignment, side }));
            return steps;
        }
        _ => Winner::Applicant,
    };
    let exception = (detail % 16 != 4).then(|| "file_upload".to_owned());
    let vote = Command::Vote {
        assignment,
        winner,
        exception,
    };
    steps.push((who, vote));
    steps
}

fn secure(verb: SecuringVerb, detail: u16) -> Vec<Step> {
    let action = SecuringAction(pick(&ACTIONS, detail).to_owned());
    let said = Command::AcknowledgeSecuring {
        action: action.clone(),
        verb,
    };
    let read = Command::VerifySecuring { action, verb };
    vec![(Actor::System, said), (Actor::System, read)]
}

fn cool(w: &World, case: &Case, detail: u16) -> Vec<Step> {
    let wait = case.wait.as_ref().unwrap();
    let system = |command| vec![(Actor::System, command)];
    match detail % 16 {
        0 => return vec![veto(detail / 16)],
        1 => return vec![(Actor::Applicant, Command::Withdraw)],
        2 => {
            return vec![(
                Actor::Platform,
                Command::NoteChange {
                    told: ToldChange {
                        kind: pick(&ChangeKind::ALL, detail / 16),
                        key: index(pick(&["a", "b", "c", "d"], detail / 128)),
                        happened_at: w.now,
                    },
                },
            )];
        }
        3 => return timer(w, case, detail / 16).into_iter().collect(),
        4 => return system(Command::EndWait),
        _ => {}
    }
    if wait.frozen_at.is_none() && detail % 3 > 0 {
        let mode = pick(&[Mode::Locked, Mode::CoolingOff, Mode::None], detail / 16);
        return system(Command::AcknowledgeFreeze { version: 1, mode });
    }
    if wait.notified_at.is_none() && detail % 3 < 2 {
        let approval = wait.approval;
        let channels = 2;
        return system(Command::AcknowledgeNotices { approval, channels });
    }
    if case.handover.completed_at.is_none() {
        return hand_over(w, case, detail);
    }
    let open = ACTIONS.iter().find(|name| {
        let action = SecuringAction((**name).to_owned());
        !case.securing[&action]
            .verified
            .contains_key(&SecuringVerb::Suspend)
    });
    match open {
        Some(name) => {
            let place = ACTIONS.iter().position(|known| known == name).unwrap();
            secure(SecuringVerb::Suspend, place as u16)
        }
        None => system(Command::EndWait),
    }
}

fn hand_over(w: &World, case: &Case, detail: u16) -> Vec<Step> {
    let proof = pick(&[Proof::CaseKey, Proof::FreshFace, Proof::None], detail / 8);
    let mut steps = Vec::new();
    let before = case.handover.begun_at.filter(|_| detail % 8 != 7);
    let begun_at = before.unwrap_or(w.now);
    if before.is_none() {
        steps.push((Actor::System, Command::IssueTicket));
        let outcome = pick(&[Outcome::Pass, Outcome::Unsure], detail / 32);
        let findings = FACE_FINDINGS_LEAST.map(|code| Finding::reviewer(code, outcome, "test"));
        let findings = findings.to_vec();
        steps.push((Actor::System, Command::ShowFace { findings }));
        steps.push((Actor::Applicant, Command::BeginHandover { proof }));
    }
    for credential in [
        CredentialKind::Email,
        CredentialKind::Password,
        CredentialKind::Totp,
        CredentialKind::Passkey,
    ] {
        let enrol = Command::Enrol {
            credential,
            begun_at,
        };
        steps.push((Actor::Applicant, enrol));
    }
    if detail % 8 == 6 {
        steps.truncate(usize::from(detail / 8 % 5) + 1);
    }
    steps.push((Actor::Applicant, Command::CompleteHandover));
    steps
}

/// Any command by anybody, whatever the state.
fn anything(w: &mut World, case: &Case, detail: u16) -> Vec<Step> {
    let mut all: Vec<Command> = [
        check(case, detail),
        resolve(detail),
        veto(detail),
        objector(detail),
        evidence(w, pick(&EvidenceKind::ALL, detail), Capture::Live),
    ]
    .into_iter()
    .map(|(_, command)| command)
    .collect();
    for (_, command) in review(w, case, detail)
        .into_iter()
        .chain(contest(w, case, detail))
    {
        all.push(command);
    }
    all.extend(hand_over(w, case, detail).into_iter().map(|(_, c)| c));
    let verb = [
        SecuringVerb::Suspend,
        SecuringVerb::Restore,
        SecuringVerb::Destroy,
    ];
    all.extend(
        secure(pick(&verb, detail), detail / 3)
            .into_iter()
            .map(|(_, c)| c),
    );
    let index = index("bob@example.test");
    let mode = Mode::Frozen;
    all.extend([
        Command::GiveIdentifier {
            index: index.clone(),
        },
        Command::ProveContact { index },
        Command::Submit {
            pathway: Pathway::Remote,
        },
        Command::GiveUpChecks { round: case.round },
        Command::LapseLock,
        Command::AcknowledgeFreeze { version: 9, mode },
        Command::AcknowledgeNotices {
            approval: 9,
            channels: 0,
        },
        Command::EndWait,
        Command::Dispute,
        Command::OpenContest,
        Command::Appeal,
        Command::Withdraw,
        Command::Expire,
        Command::CloseVetoWindow,
        Command::Erase,
    ]);
    let actors = [
        Actor::Applicant,
        Actor::System,
        Actor::Platform,
        reviewer(pick(&PEOPLE, detail / 5)),
    ];
    let command = pick(&all, detail / 7);
    let mut steps: Vec<Step> = Vec::new();
    if detail % 3 > 0 {
        // By whom it may be sent at all, so that more than the table of actors is tried.
        let fits = |actor: &&Actor| {
            !matches!(
                w.ask(actor, &command),
                Err(recovery::case::Refusal::WrongActor)
            )
        };
        let actor = actors.iter().find(fits).unwrap_or(&Actor::System);
        steps.push((actor.clone(), command));
    } else {
        steps.push((pick(&actors, detail / 11), command));
    }
    steps
}
