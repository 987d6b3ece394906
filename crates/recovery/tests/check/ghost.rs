//! What somebody sees who trusts no rule: events and the platform's own state, put together into
//! what the statements of DESIGN section 2 speak of.

use recovery::actor::ChannelRef;
use recovery::case::{Case, Decision, Event, Part, StopCause, Winner};
use recovery::evidence::{Capture, EvidenceKind};
use recovery::finding::{Finding, Outcome};
use recovery::restriction::Mode;
use recovery::time::{Span, Timestamp};

use crate::common::{GATES, goes_on};
use crate::moves::{CHANGES, change_key};
use crate::world::{CHANNELS, REVIEWERS, Rules, Situation};

const DAY: Span = Span::hours(24);
const WEEK: Span = Span::days(7);
/// Who must agree, whatever is decided.
const TWO: u32 = 2;
/// Against a live factor, under the model's policy.
const THREE: u32 = 3;

/// People and channels as bits.
pub(crate) type Mask = u8;
/// All but the first two are seniors.
pub(crate) const SENIORS: Mask = !((1 << REVIEWERS) - 1);

/// One case, seen from outside.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ghost {
    /// Statements that an event broke, as bits by number.
    pub broken: u8,
    /// Required kinds that are there, and that were not captured live.
    pub have: u8,
    pub from_files: u8,
    /// What was sent was checked.
    pub checked: bool,
    /// A full pass, or a reviewer's look, since the case came back last.
    pub credible: bool,
    /// The end of the lock, while it is locked without an approval.
    pub lock: Option<Timestamp>,
    pub passed: bool,
    /// Who holds the case.
    pub holder: Option<u8>,
    /// Everybody who ever held it, but for the contest that is open; who said they know somebody;
    /// who held the contest that is open; who was there before an appeal.
    pub involved: Mask,
    pub conflicted: Mask,
    pub contest: Mask,
    pub excluded: Mask,
    /// Who approved, refused, and made an exception in this review.
    pub agree: Mask,
    pub refuse: Mask,
    pub except: Mask,
    /// Votes for the applicant, the objector, nobody.
    pub votes: [Mask; 3],
    /// Approved, and not over.
    pub holding: bool,
    pub ever_approved: bool,
    /// The holder's channels were told of the newest approval.
    pub told: bool,
    pub wait_start: Option<Timestamp>,
    pub promised: Option<Timestamp>,
    /// The wait runs; until when changes may make it longer; which of them did, as bits.
    pub waits: bool,
    pub planned: Option<Timestamp>,
    pub counted: u8,
    /// What may leave the account after its recovery, in percent (0: no limit); when all may.
    pub percent: u8,
    pub opens: Option<Timestamp>,
    /// The new credentials are in force at the platform.
    pub credentials: bool,
    /// Securing actions that were read back as suspended, as bits.
    pub read_back: u8,
    /// Recovered as statement 2 wants it; until somebody stops it.
    pub regular: bool,
    pub ever_regular: bool,
    pub veto_until: Option<Timestamp>,
    /// Stopped, and not decided: by a rival, or by a veto.
    pub stopped: bool,
    pub vetoed: bool,
    pub vetoed_by: Mask,
    /// Channels that lost a decision.
    pub lost: Mask,
    /// Two seniors decided for this case against the other one.
    pub between: bool,
    /// The objector has shown a live factor; until when both sides may show something.
    pub live: bool,
    pub showing: Option<Timestamp>,
    /// Two seniors decided for the holder.
    pub upheld: bool,
}

impl Ghost {
    fn must(&mut self, statement: u8, holds: bool) {
        self.broken |= u8::from(!holds) << statement;
    }

    const fn holder_bit(&self) -> Mask {
        match self.holder {
            Some(person) => 1 << person,
            None => 0,
        }
    }
}

fn channel_bit(channel: &ChannelRef) -> Mask {
    let place = CHANNELS.iter().position(|name| *name == channel.0);
    place.map_or(0, |place| 1 << place)
}

const fn kind_bit(kind: EvidenceKind) -> u8 {
    1 << kind as u8
}

fn full_pass(findings: &[Finding]) -> bool {
    let pass = |finding: &Finding| finding.outcome == Outcome::Pass;
    let gate = |gate: &&str| findings.iter().any(|found| found.code == **gate);
    GATES.iter().all(gate) && findings.iter().all(pass)
}

/// After an event of a case.
pub(crate) fn see(s: &mut Situation, at: usize, before: &Case, event: &Event, rules: &Rules) {
    let mut ghost = s.sides[at].ghost;
    let g = &mut ghost;
    if g.stopped {
        g.must(4, !goes_on(event));
    }
    gathered(g, event);
    reviewed(g, s, at, event, rules);
    contested(g, event, s.now);
    approved(g, s, at, event, rules);
    let required = rules.policy.gathering.required.iter();
    let all = required.fold(0, |all, kind| all | kind_bit(*kind));
    if matches!(event, Event::CaseApproved { .. }) {
        g.must(3, g.have & all == all && before.account.is_some());
    }
    s.sides[at].ghost = ghost;
}

fn gathered(g: &mut Ghost, event: &Event) {
    match event {
        Event::EvidenceAdded { item } => {
            g.have |= kind_bit(item.kind);
            g.from_files &= !kind_bit(item.kind);
            if item.capture == Capture::NotLive && item.kind != EvidenceKind::Screenshot {
                g.from_files |= kind_bit(item.kind);
            }
        }
        Event::CaseSubmitted { .. } => g.checked = false,
        Event::ChecksFinished { findings, .. } => {
            g.checked = !findings.is_empty();
            g.credible = full_pass(findings) && g.from_files == 0;
        }
        Event::CaseReturned { .. } => {
            g.credible = false;
            g.lock = None;
        }
        _ => {}
    }
}

fn reviewed(g: &mut Ghost, s: &Situation, at: usize, event: &Event, rules: &Rules) {
    match event {
        Event::ReviewOpened { .. } => (g.agree, g.refuse, g.except) = (0, 0, 0),
        Event::ReviewerAssigned { reviewer, part, .. } => {
            let person = rules.person(reviewer);
            let bit = 1 << person;
            g.holder = u8::try_from(person).ok();
            g.must(3, (g.conflicted | g.excluded) & bit == 0);
            if *part == Part::Contest {
                g.must(4, g.involved & bit == 0);
                g.contest |= bit;
            } else {
                g.involved |= bit;
            }
        }
        Event::AssignmentEnded { conflict, .. } => {
            if *conflict {
                g.conflicted |= g.holder_bit();
            }
            g.holder = None;
        }
        Event::VerdictGiven {
            decision,
            exception,
            ..
        } => {
            let bit = g.holder_bit();
            match decision {
                Decision::Approve => {
                    g.agree |= bit;
                    g.credible = true;
                }
                Decision::Reject => g.refuse |= bit,
                Decision::AskAgain | Decision::Escalate => {}
            }
            if exception.is_some() {
                g.except |= bit & SENIORS;
            }
            g.holder = None;
        }
        Event::LockStarted { until, .. } => {
            let known = s.sides[at].case.account.is_some();
            g.must(5, g.credible && known);
            g.lock = Some(*until);
            g.passed = true;
        }
        Event::LockLapsed => g.lock = None,
        Event::CaseRejected { .. } => {
            g.must(3, g.refuse.count_ones() >= TWO);
            g.lock = None;
            g.holder = None;
        }
        Event::AppealOpened => {
            g.excluded |= g.involved;
            g.refuse = 0;
        }
        _ => {}
    }
}

fn contested(g: &mut Ghost, event: &Event, at: Timestamp) {
    match event {
        Event::CaseStopped { cause, .. } => {
            g.involved |= g.contest;
            (g.contest, g.votes) = (0, [0; 3]);
            (g.stopped, g.regular, g.waits) = (true, false, false);
            (g.percent, g.opens) = (0, None);
            g.holder = None;
            g.vetoed = false;
            g.vetoed_by = 0;
            (g.live, g.showing) = (false, None);
            if let StopCause::Veto { channel } = cause {
                let bit = channel_bit(channel);
                g.must(4, g.lost & bit == 0);
                g.vetoed = true;
                g.vetoed_by = bit;
            }
        }
        Event::ContestOpened { evidence_until, .. } => g.showing = *evidence_until,
        Event::ContestVoted {
            winner, exception, ..
        } => {
            g.must(4, g.showing.is_some_and(|until| at >= until));
            let bit = g.holder_bit();
            g.must(4, bit & SENIORS != 0 && g.involved & bit == 0);
            g.votes[*winner as usize] |= bit;
            if exception.is_some() {
                g.except |= bit;
            }
            g.holder = None;
        }
        Event::ContestDecided { winner } => {
            let agreed = g.votes[*winner as usize] & SENIORS & !g.involved;
            let burden = g.live && *winner == Winner::Applicant;
            g.must(4, agreed.count_ones() >= if burden { THREE } else { TWO });
            g.involved |= g.contest;
            g.contest = 0;
            g.upheld = *winner == Winner::Objector && agreed.count_ones() >= TWO;
            if *winner == Winner::Applicant {
                g.stopped = false;
                g.between |= !g.vetoed;
                g.lost |= g.vetoed_by;
            }
            (g.vetoed, g.vetoed_by) = (false, 0);
            (g.live, g.showing) = (false, None);
        }
        Event::LiveFactorShown { factor, .. } => g.live |= factor.counts(),
        Event::CaseClosed { .. } => {
            (g.stopped, g.vetoed, g.vetoed_by) = (false, false, 0);
            (g.holding, g.lock, g.holder) = (false, None, None);
            g.waits = false;
        }
        _ => {}
    }
}

fn approved(g: &mut Ghost, s: &Situation, at: usize, event: &Event, rules: &Rules) {
    let now = s.now;
    match event {
        Event::CaseApproved {
            approvers, tier, ..
        } => {
            let mut who: Mask = 0;
            approvers.iter().for_each(|id| who |= 1 << rules.person(id));
            let people = who.count_ones();
            g.must(
                3,
                g.checked && people >= TWO && people as usize == approvers.len(),
            );
            // By a review, by a contest between rivals, or approved before an objection lost.
            let voted = who & !g.votes[Winner::Applicant as usize] == 0;
            let decided = voted && (g.between || g.ever_approved);
            g.must(3, who & !g.agree == 0 || decided);
            g.must(3, who & g.conflicted == 0);
            g.must(3, g.from_files == 0 || who & g.except != 0);
            let senior = *tier < rules.policy.quorum.senior_from || who & SENIORS != 0;
            g.must(3, senior);
            for (n, other) in s.sides.iter().enumerate() {
                let waits = other.ghost.passed && other.case.state.is_open();
                g.must(
                    6,
                    n == at || (!other.ghost.holding && (!waits || g.between)),
                );
            }
            (g.holding, g.ever_approved) = (true, true);
            (g.told, g.lock, g.holder) = (false, None, None);
            (g.waits, g.planned, g.counted) = (false, None, 0);
            g.votes = [0; 3];
        }
        Event::FreezeAcknowledged { .. } => g.must(1, s.account.mode >= Mode::CoolingOff),
        Event::WaitStarted { until } => {
            g.must(1, s.account.mode >= Mode::CoolingOff && g.told && g.holding);
            g.must(1, until.since(now) >= DAY);
            g.wait_start = Some(now);
            let most = Span::days(rules.policy.changes.days_max);
            (g.waits, g.planned) = (true, Some(*until + most));
            promise(g, *until);
        }
        Event::AccountChanged { key, .. } => {
            let same = |change: &usize| change_key(*change) == *key;
            let bit = (0..CHANGES.len())
                .find(same)
                .map_or(0, |change| 1 << change);
            g.must(1, g.counted & bit == 0);
            g.counted |= bit;
        }
        Event::WaitExtended { until, .. } => {
            g.must(1, g.planned.is_some_and(|most| *until <= most));
            promise(g, *until);
        }
        Event::LimitsSet { daily_percent, .. } => {
            let percent = u8::try_from(*daily_percent).unwrap();
            g.must(2, !g.regular || percent >= g.percent);
            g.percent = percent;
        }
        Event::LimitsEnded => {
            g.must(2, g.opens.is_some_and(|at| now >= at));
            g.percent = 0;
        }
        Event::HandoverCompleted { .. } => {
            g.must(2, s.account.mode >= Mode::CoolingOff);
            g.credentials = true;
        }
        Event::SecuringVerified { action, verb } if *verb as usize == 0 => {
            let place = rules.actions.iter().position(|known| known == action);
            g.read_back |= place.map_or(0, |place| 1 << place);
        }
        Event::CaseRecovered { .. } => {
            let promised = g.promised.is_some_and(|until| now >= until);
            g.must(
                1,
                promised && g.wait_start.is_some_and(|at| now.since(at) >= DAY),
            );
            let all = (1 << rules.actions.len()) - 1;
            let secured = s.sides[at].secured.iter().all(|action| action.suspended);
            g.must(
                2,
                promised && g.credentials && secured && g.read_back == all,
            );
            (g.regular, g.ever_regular, g.waits) = (true, true, false);
            g.veto_until = Some(now + WEEK);
            // Only with limits at once.
            g.must(2, g.percent != 0);
            g.opens = Some(now + Span::hours(rules.policy.thaw.third_hours));
        }
        Event::VetoWindowClosed => {
            g.must(4, g.veto_until.is_some_and(|until| now >= until));
            g.holding = false;
        }
        _ => {}
    }
}

/// A promised end may only grow.
fn promise(g: &mut Ghost, until: Timestamp) {
    g.must(1, g.promised.is_none_or(|before| until >= before));
    g.promised = g.promised.max(Some(until));
}
