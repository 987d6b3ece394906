//! What anybody may do next, and what comes of it: applicants, reviewers, seniors, the holder,
//! timers that come early, late, twice or never, messages under way, and the clock.

use std::sync::Arc;

use recovery::actor::{Actor, ChannelRef};
use recovery::case::{
    Case, ChangeKind, Command, CredentialKind, Decision, LiveFactor, Part, Pathway, Proof,
    SecuringVerb, State, ToldChange, Verdict, Winner,
};
use recovery::evidence::{Capture, EvidenceItem, EvidenceKind};
use recovery::finding::Outcome;
use recovery::id::{BlindIndex, ContentDigest};
use recovery::risk::{Grounds, Stake};
use recovery::time::{Span, Timestamp};

use crate::common::{self, GATES, finding};
use crate::projection::moments;
use crate::scopes::{Messages, Scope};
use crate::world::{CHANNELS, PEOPLE, REVIEWERS, Rules, STEP, Situation, VERBS, Way, is_final};

/// What the checks find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Pass,
    Doubt,
    Retake,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Submit(Capture),
    Check(Found),
    GiveUpChecks,
    /// Somebody takes the case, or takes it and decides at once.
    Take(usize),
    Look(usize, Decision, bool),
    /// Whoever holds the case decides, or hands it back.
    Decide(Decision, bool),
    HandBack(bool),
    EndLease,
    Withdraw,
    Appeal,
    Veto(usize),
    /// The holder shows a live factor, or takes the objection back, by the first channel.
    ShowLiveFactor,
    TakeBack,
    NoteRival,
    Dispute,
    OpenContest,
    Vote(usize, Winner),
    LapseLock,
    Expire,
    Begin,
    Enrol,
    Complete,
    /// The platform tells one of [`CHANGES`], once or again.
    Change(usize),
    EndWait,
    CloseWindow,
    Thaw,
    /// A notice is handed over (the newest, or one of an approval before), and Regain hears of it.
    Notice(usize),
    NoticeKnown(usize),
    /// A securing request is sent, done, and known to be done.
    Secure(usize, SecuringVerb),
    Secured(usize, SecuringVerb),
    SecureKnown(usize, SecuringVerb),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    /// Half a day, or until something is due.
    Clock,
    On(usize, Step),
    /// The newest restriction is sent; one under way is put in force; Regain hears of it.
    Push,
    InForce(usize),
    FreezeKnown(usize),
}

/// Changes that the platform tells: one adds to the wait, one begins it anew.
pub(crate) const CHANGES: [ChangeKind; 2] = [ChangeKind::NewFactor, ChangeKind::NewEmail];
const HANDOVER: [Step; 3] = [Step::Begin, Step::Enrol, Step::Complete];
const AT_ANY_TIME: [Step; 9] = [
    Step::Dispute,
    Step::OpenContest,
    Step::LapseLock,
    Step::Expire,
    Step::Withdraw,
    Step::NoteRival,
    Step::EndWait,
    Step::CloseWindow,
    Step::Thaw,
];
const WINNERS: [Winner; 2] = [Winner::Applicant, Winner::Objector];
/// How far ahead the clock goes by steps; what is due later it jumps to.
const STEPS_WITHIN: Span = Span::hours(48);
/// Restrictions under way at once; an older one is lost.
const PUSHES_MAX: usize = 2;

/// Everything that can be tried. Most of it the rules refuse.
pub(crate) fn offered(s: &Situation, scope: &Scope, rules: &Rules, moves: &mut Vec<Move>) {
    moves.push(Move::Clock);
    for at in 0..s.sides.len() {
        let mut add = |step| moves.push(Move::On(at, step));
        steps(s, at, scope, rules, &mut add);
        if scope.messages != Messages::None {
            messages(s, at, &mut add);
        }
    }
    if scope.messages != Messages::None {
        moves.push(Move::Push);
        moves.extend((0..s.account.pushes.len()).map(Move::InForce));
        moves.extend((0..s.account.answers.len()).map(Move::FreezeKnown));
    }
}

fn people(scope: &Scope) -> impl Iterator<Item = usize> {
    (0..PEOPLE.len()).filter(|person| {
        *person < scope.reviewers || (REVIEWERS..REVIEWERS + scope.seniors).contains(person)
    })
}

/// What may be decided; an exception is recorded only where one is needed.
fn decisions(case: &Case, scope: &Scope, rules: &Rules) -> impl Iterator<Item = (Decision, bool)> {
    let excepts = case.needs_exception(&rules.policy);
    let decisions = scope.decisions.iter();
    decisions.flat_map(move |decision| {
        let except = excepts && *decision == Decision::Approve;
        [(*decision, false)]
            .into_iter()
            .chain(except.then_some((*decision, true)))
    })
}

fn steps(s: &Situation, at: usize, scope: &Scope, rules: &Rules, add: &mut impl FnMut(Step)) {
    let case = &s.sides[at].case;
    match case.state {
        State::Gathering => {
            scope
                .captures
                .iter()
                .for_each(|how| add(Step::Submit(*how)));
        }
        State::Checking => {
            let found = scope.found.iter();
            found.for_each(|found| add(Step::Check(*found)));
            add(Step::GiveUpChecks);
        }
        State::Reviewing if scope.leases => {
            people(scope).for_each(|person| add(Step::Take(person)));
            decisions(case, scope, rules).for_each(|(decision, except)| {
                add(Step::Decide(decision, except));
            });
            [Step::HandBack(true), Step::HandBack(false), Step::EndLease]
                .into_iter()
                .for_each(&mut *add);
        }
        State::Reviewing => {
            let for_senior = case.wanted_part(&rules.policy) == Some(Part::Senior);
            for person in people(scope) {
                if person < REVIEWERS || for_senior || scope.seniors_look {
                    decisions(case, scope, rules).for_each(|(decision, except)| {
                        add(Step::Look(person, decision, except));
                    });
                }
            }
        }
        State::Contested => {
            for person in people(scope).filter(|person| *person >= REVIEWERS) {
                let winners = WINNERS.into_iter();
                winners.for_each(|winner| add(Step::Vote(person, winner)));
            }
        }
        State::CoolingOff if scope.messages != Messages::None => {
            HANDOVER.into_iter().for_each(&mut *add);
            // Made longer before the first contest only: each one multiplies what follows.
            if s.sides[at].ghost.lost == 0 {
                (0..scope.changes).for_each(|change| add(Step::Change(change)));
            }
        }
        State::Rejected => add(Step::Appeal),
        _ => {}
    }
    // These may come at any time: from people, or from timers that are early, late or double.
    // The holder stops one of two cases that go on at a time, and then that one alone.
    let others = s
        .sides
        .iter()
        .enumerate()
        .filter(|(n, side)| *n != at && !is_final(&side.case));
    if others
        .map(|(_, side)| side.ghost)
        .all(|ghost| !ghost.vetoed && ghost.lost == 0)
    {
        (0..scope.channels).for_each(|channel| add(Step::Veto(channel)));
    }
    if scope.shows && matches!(case.state, State::Stopped | State::Contested) {
        [Step::ShowLiveFactor, Step::TakeBack]
            .into_iter()
            .for_each(&mut *add);
    }
    AT_ANY_TIME.into_iter().for_each(add);
}

fn messages(s: &Situation, at: usize, add: &mut impl FnMut(Step)) {
    let side = &s.sides[at];
    for (place, notices) in side.notices.iter().enumerate() {
        match notices.way {
            Way::Idle => {}
            Way::Asked | Way::Sent => add(Step::Notice(place)),
            Way::Done => add(Step::NoticeKnown(place)),
        }
    }
    for (place, secured) in side.secured.iter().enumerate() {
        for (verb, way) in VERBS.into_iter().zip(secured.ways) {
            match way {
                Way::Idle => {}
                Way::Asked => add(Step::Secure(place, verb)),
                Way::Sent => add(Step::Secured(place, verb)),
                Way::Done => add(Step::SecureKnown(place, verb)),
            }
        }
    }
}

/// The situation after a move; none if the rules refused it or nothing came of it.
pub(crate) fn make(s: &Situation, step: Move, scope: &Scope, rules: &Rules) -> Option<Situation> {
    let mut next = s.clone();
    match step {
        Move::Clock => clock(&mut next, rules)?,
        Move::On(at, step) => act(&mut next, at, step, scope, rules)?,
        Move::Push => push(&mut next, scope, rules)?,
        Move::InForce(place) => in_force(&mut next, place)?,
        Move::FreezeKnown(place) => freeze_known(&mut next, place, rules)?,
    }
    next.settle(rules);
    (next.key != s.key).then_some(next)
}

fn clock(s: &mut Situation, rules: &Rules) -> Option<()> {
    let all = s.sides.iter();
    let all = all.flat_map(|side| moments(&side.case, &rules.policy));
    let due = all.flatten().filter(|at| *at > s.now).min()?;
    let left = due.since(s.now);
    let span = if left <= STEPS_WITHIN {
        left.min(STEP)
    } else {
        left
    };
    let then = s.now + span;
    let locked = s.sides.iter().filter_map(|side| side.ghost.lock);
    let locked = locked.map(|until| until.min(then).since(s.now).as_millis().max(0));
    s.account.locked += locked.max().unwrap_or(0);
    s.now = then;
    Some(())
}

/// The platform puts a restriction in force that is newer than its own.
fn in_force(s: &mut Situation, place: usize) -> Option<()> {
    let account = &mut s.account;
    let (version, mode) = *account.pushes.get(place)?;
    (account.version, account.mode) = (version, mode);
    account.answers.push((version, mode));
    Some(())
}

fn push(s: &mut Situation, scope: &Scope, rules: &Rules) -> Option<()> {
    let account = &mut s.account;
    let set = (account.newest, account.wanted);
    if account.pushes.contains(&set) || account.version == account.newest {
        return None;
    }
    account.pushes.push(set);
    if account.pushes.len() > PUSHES_MAX {
        account.pushes.remove(0);
    }
    if scope.messages == Messages::Whole {
        let last = account.pushes.len() - 1;
        in_force(s, last)?;
        freeze_known(s, s.account.answers.len() - 1, rules);
    }
    Some(())
}

/// Word of a restriction in force, to every case that waits for it. The shell drops old news.
fn freeze_known(s: &mut Situation, place: usize, rules: &Rules) -> Option<()> {
    let (version, mode) = *s.account.answers.get(place)?;
    let command = Command::AcknowledgeFreeze { version, mode };
    let mut any = None;
    for at in 0..s.sides.len() {
        if s.sides[at].case.state == State::CoolingOff {
            any = any.or(s.send(at, &Actor::System, &command, rules));
        }
    }
    any.map(|_| ())
}

fn act(s: &mut Situation, at: usize, step: Step, scope: &Scope, rules: &Rules) -> Option<()> {
    match step {
        Step::Notice(place) => {
            s.sides[at].notices[place].way = Way::Done;
            s.sides[at].ghost.told |= place == 0;
            if scope.messages == Messages::Whole {
                act(s, at, Step::NoticeKnown(place), scope, rules)?;
            }
            return Some(());
        }
        Step::NoticeKnown(place) => {
            let notices = &mut s.sides[at].notices[place];
            notices.way = Way::Idle;
            let (approval, channels) = (notices.approval, 1);
            let said = Command::AcknowledgeNotices { approval, channels };
            let _ = s.send(at, &Actor::System, &said, rules);
            return Some(());
        }
        Step::Secure(..) | Step::Secured(..) | Step::SecureKnown(..) => {
            return securing(s, at, step, scope, rules);
        }
        Step::Submit(how) => return submit(s, at, how, rules),
        _ => {}
    }
    let mut any = false;
    for (actor, command) in commands(s, at, step, rules)? {
        any |= s.send(at, &actor, &command, rules)?;
    }
    any.then_some(())
}

fn securing(s: &mut Situation, at: usize, step: Step, scope: &Scope, rules: &Rules) -> Option<()> {
    // Giving back and destroying come when a case is over for good: nothing can overtake them.
    let apart = |verb| scope.messages == Messages::Apart && verb == SecuringVerb::Suspend;
    match step {
        Step::Secure(place, verb) => {
            let case = Arc::clone(&s.sides[at].case);
            let way = &mut s.sides[at].secured[place].ways[verb as usize];
            // A job that comes late asks first, and is done then.
            let late = !case.securing.is_empty() && !case.may_secure(verb);
            *way = if late { Way::Idle } else { Way::Sent };
            if !late && !apart(verb) {
                return securing(s, at, Step::Secured(place, verb), scope, rules);
            }
        }
        Step::Secured(place, verb) => {
            let secured = &mut s.sides[at].secured[place];
            match verb {
                SecuringVerb::Suspend => secured.suspended = true,
                SecuringVerb::Restore => secured.restored = true,
                SecuringVerb::Destroy => secured.destroyed = true,
            }
            secured.ways[verb as usize] = Way::Done;
            if s.sides[at].secured.iter().all(|action| action.restored) {
                s.sides[at].ghost.credentials = false;
            }
            if !apart(verb) {
                return securing(s, at, Step::SecureKnown(place, verb), scope, rules);
            }
        }
        Step::SecureKnown(place, verb) => {
            s.sides[at].secured[place].ways[verb as usize] = Way::Idle;
            let action = rules.actions[place].clone();
            let said = Command::AcknowledgeSecuring {
                action: action.clone(),
                verb,
            };
            let _ = s.send(at, &Actor::System, &said, rules);
            let read = Command::VerifySecuring { action, verb };
            let _ = s.send(at, &Actor::System, &read, rules);
        }
        _ => return None,
    }
    Some(())
}

/// Whatever is missing is taken again, and everything is sent.
fn submit(s: &mut Situation, at: usize, how: Capture, rules: &Rules) -> Option<()> {
    let case = Arc::clone(&s.sides[at].case);
    for kind in case.missing(&rules.policy) {
        let number = case.version.to_be_bytes();
        let digest = ContentDigest::of(&[&number[..], &[kind as u8, at as u8]].concat());
        let item = EvidenceItem {
            id: rules.evidence.clone(),
            kind,
            capture: how,
            digest,
            media_type: "image/jpeg".to_owned(),
            bytes: 4096,
        };
        s.send(at, &Actor::Applicant, &Command::AddEvidence { item }, rules)?;
    }
    let pathway = Pathway::Remote;
    s.send(at, &Actor::Applicant, &Command::Submit { pathway }, rules)?;
    Some(())
}

fn reviewer(person: usize, rules: &Rules) -> Actor {
    let (id, rank) = rules.people[person].clone();
    Actor::Reviewer { id, rank }
}

fn verdict(decision: Decision, except: bool) -> Verdict {
    let verdict = match decision {
        Decision::Approve => common::approve(),
        Decision::Reject => common::reject(),
        Decision::AskAgain => common::ask_again(EvidenceKind::Video),
        Decision::Escalate => common::escalate(),
    };
    Verdict {
        exception: except.then(|| "file_upload".to_owned()),
        ..verdict
    }
}

fn findings(found: Found) -> Vec<recovery::finding::Finding> {
    let mut findings: Vec<_> = GATES
        .iter()
        .map(|gate| finding(gate, Outcome::Pass, None))
        .collect();
    match found {
        Found::Pass => {}
        Found::Doubt => findings[0].outcome = Outcome::Unsure,
        Found::Retake => {
            findings.push(finding(
                "image.blur",
                Outcome::Retake,
                Some(EvidenceKind::Video),
            ));
        }
    }
    findings
}

pub(crate) fn change_key(change: usize) -> BlindIndex {
    BlindIndex(CHANGES[change].name().to_owned())
}

/// A change as the platform tells it, with the same key each time.
pub(crate) fn told(change: usize, now: Timestamp) -> Command {
    Command::NoteChange {
        told: ToldChange {
            kind: CHANGES[change],
            key: change_key(change),
            happened_at: now,
        },
    }
}

/// The commands of a step, and who sends them.
fn commands(s: &Situation, at: usize, step: Step, rules: &Rules) -> Option<Vec<(Actor, Command)>> {
    let case = &s.sides[at].case;
    let assigned = case.review.assigned.as_ref();
    let held = assigned.map(|held| rules.person(&held.reviewer));
    let assignment = |person: usize| rules.assignments[person].clone();
    let take = |person: usize| {
        let assignment = assignment(person);
        (reviewer(person, rules), Command::Assign { assignment })
    };
    let system = |command| vec![(Actor::System, command)];
    let applicant = |command| vec![(Actor::Applicant, command)];
    let give = |person: usize, decision, except| {
        let give = Command::GiveVerdict {
            assignment: assignment(person),
            verdict: verdict(decision, except),
        };
        (reviewer(person, rules), give)
    };
    Some(match step {
        Step::Check(found) => system(Command::FinishChecks {
            round: case.round,
            findings: findings(found),
            grounds: Grounds::of_stake(Stake::Small),
        }),
        Step::GiveUpChecks => system(Command::GiveUpChecks { round: case.round }),
        Step::Take(person) => vec![take(person)],
        Step::Look(person, decision, except) => {
            vec![take(person), give(person, decision, except)]
        }
        Step::Decide(decision, except) => vec![give(held?, decision, except)],
        Step::HandBack(conflict) => {
            let assignment = assignment(held?);
            let back = Command::HandBack {
                assignment,
                conflict,
            };
            vec![(reviewer(held?, rules), back)]
        }
        Step::EndLease => system(Command::EndLease {
            assignment: assignment(held?),
        }),
        Step::Vote(person, winner) => {
            let exception = case.needs_exception(&rules.policy);
            let vote = Command::Vote {
                assignment: assignment(person),
                winner,
                exception: exception.then(|| "file_upload".to_owned()),
            };
            vec![take(person), (reviewer(person, rules), vote)]
        }
        Step::Veto(channel) => {
            let channel = ChannelRef(CHANNELS[channel].to_owned());
            let used = channel.clone();
            vec![(Actor::Holder { channel: used }, Command::Veto { channel })]
        }
        Step::ShowLiveFactor => {
            let channel = ChannelRef(CHANNELS[0].to_owned());
            let used = channel.clone();
            let factor = LiveFactor::SignIn;
            let show = Command::ShowLiveFactor { factor, channel };
            vec![(Actor::Holder { channel: used }, show)]
        }
        Step::TakeBack => {
            let channel = ChannelRef(CHANNELS[0].to_owned());
            let used = channel.clone();
            vec![(
                Actor::Holder { channel: used },
                Command::TakeBack { channel },
            )]
        }
        Step::NoteRival => system(Command::NoteRival {
            rival: s.sides.get(1 - at)?.case.id.clone(),
        }),
        Step::Begin => vec![
            (Actor::System, Command::IssueTicket),
            (
                Actor::Applicant,
                Command::BeginHandover {
                    proof: Proof::CaseKey,
                },
            ),
        ],
        Step::Enrol => [
            CredentialKind::Email,
            CredentialKind::Password,
            CredentialKind::Totp,
            CredentialKind::Passkey,
        ]
        .map(|credential| {
            let enrol = Command::Enrol {
                credential,
                begun_at: case.handover.begun_at.unwrap_or(s.now),
            };
            (Actor::Applicant, enrol)
        })
        .to_vec(),
        Step::Change(change) => vec![(Actor::Platform, told(change, s.now))],
        Step::Withdraw => applicant(Command::Withdraw),
        Step::Appeal => applicant(Command::Appeal),
        Step::Dispute => applicant(Command::Dispute),
        Step::Complete => applicant(Command::CompleteHandover),
        Step::OpenContest => system(Command::OpenContest),
        Step::LapseLock => system(Command::LapseLock),
        Step::Expire => system(Command::Expire),
        Step::EndWait => system(Command::EndWait),
        Step::CloseWindow => system(Command::CloseVetoWindow),
        Step::Thaw => system(Command::StepThaw),
        _ => return None,
    })
}
