//! What makes two situations the same: everything that the rules and the statements read, with
//! times relative to now, people told apart by what they did, and the two cases in either order.
//!
//! Every field of a case is named, so that a new one has to be thought about. A test compares what
//! follows from situations that are called the same.

use std::hash::{DefaultHasher, Hash, Hasher};

use recovery::case::{Case, Review, State, StopCause, Thaw, Wait, Winner};
use recovery::evidence::Capture;
use recovery::policy::Policy;
use recovery::time::{Span, Timestamp};

use crate::ghost::Ghost;
use crate::moves::{CHANGES, change_key};
use crate::world::{CHANNELS, PEOPLE, REVIEWERS, Rules, Secured, Side, Situation, is_final};

/// A time that is over.
const OVER: u64 = 1;
/// No time at all.
const NEVER: u64 = 0;

/// The situation as one number: the lesser of both orders of the cases.
pub(crate) fn key(s: &Situation, rules: &Rules) -> u64 {
    let orders: &[&[usize]] = match s.sides.len() {
        1 => &[&[0]],
        _ => &[&[0, 1], &[1, 0]],
    };
    let words = orders.iter().map(|order| words(s, order, rules)).min();
    let mut hasher = DefaultHasher::new();
    words.hash(&mut hasher);
    hasher.finish()
}

fn words(s: &Situation, order: &[usize], rules: &Rules) -> Vec<u64> {
    let mut out = Vec::with_capacity(128);
    for at in order {
        if is_final(&s.sides[*at].case) {
            over(&mut out, s, *at, rules);
        } else {
            side(&mut out, s, *at, rules);
        }
        out.push(u64::MAX);
    }
    // People differ by what they did alone; who is who does not matter.
    let mut parts: Vec<[u64; 2]> = (0..PEOPLE.len())
        .map(|person| {
            let mut parts = [0; 2];
            for (place, at) in order.iter().enumerate() {
                parts[place] = part_of(&s.sides[*at], person, rules);
            }
            parts
        })
        .collect();
    parts[..REVIEWERS].sort_unstable();
    parts[REVIEWERS..].sort_unstable();
    out.extend(parts.into_iter().flatten());
    account(&mut out, s, rules);
    out
}

fn account(out: &mut Vec<u64>, s: &Situation, rules: &Rules) {
    let account = &s.account;
    out.push(account.wanted as u64);
    out.push(account.mode as u64);
    // Only the order of versions matters.
    out.push(account.newest - account.version);
    for (version, mode) in &account.pushes {
        out.push(account.newest - version);
        out.push(*mode as u64);
    }
    out.push(u64::MAX);
    for (version, mode) in &account.answers {
        out.push(account.newest - version);
        out.push(*mode as u64);
    }
    out.push(u64::MAX);
    let cap = Span::days(rules.policy.lock.days_per_account_max).as_millis();
    out.push(account.locked.min(cap + 1).cast_unsigned());
}

/// A case that is over for good: what is given back or destroyed, and what counts for the other.
fn over(out: &mut Vec<u64>, s: &Situation, at: usize, rules: &Rules) {
    let Side {
        case,
        ghost,
        notices: _,
        secured,
    } = &s.sides[at];
    out.push(case.state as u64);
    out.push(flags(&[
        case.account.is_some(),
        case.handover.completed_at.is_some(),
        case.holds_approval,
        case.passed_phase1,
        ghost.holding,
        ghost.credentials,
        ghost.regular,
        ghost.ever_regular,
        ghost.ever_approved,
        ghost.upheld,
    ]));
    out.push(u64::from(ghost.broken));
    out.push(since(s.now, ghost.wait_start));
    out.push(locked(s, case, rules));
    // What still limits it, whose time may have come.
    out.push(limits(case.thaw));
    out.push(ahead(s.now, case.thaw.map(|thaw| thaw.until)));
    out.push(ahead(s.now, ghost.opens));
    progress(out, case);
    ways(out, secured);
}

fn ways(out: &mut Vec<u64>, secured: &[Secured]) {
    for secured in secured {
        let ways = secured
            .ways
            .iter()
            .fold(0, |all, way| all << 3 | *way as u64);
        let bits = flags(&[secured.suspended, secured.restored, secured.destroyed]);
        out.push(ways << 3 | bits);
    }
}

/// Time locked without an approval, with the running lock; beyond the cap it is all the same.
fn locked(s: &Situation, case: &Case, rules: &Rules) -> u64 {
    let running = case.lock.as_ref().map(|lock| s.now.since(lock.since));
    let cap = Span::days(rules.policy.lock.days_per_account_max);
    let locked = case.locked + running.unwrap_or(Span::ZERO);
    locked.min(cap).as_millis().cast_unsigned()
}

fn progress(out: &mut Vec<u64>, case: &Case) {
    for progress in case.securing.values() {
        out.extend(progress.acknowledged.keys().map(|verb| *verb as u64));
        out.push(u64::MAX);
        out.extend(progress.verified.keys().map(|verb| *verb as u64));
        out.push(u64::MAX);
    }
}

/// Everything that one person did in a case, as bits.
fn part_of(side: &Side, person: usize, rules: &Rules) -> u64 {
    let case = &side.case;
    if is_final(case) {
        return 0;
    }
    let (id, _) = &rules.people[person];
    let ghost = &side.ghost;
    let stop = case.stop.as_ref();
    let review = &case.review;
    let verdict = review.verdicts.iter().position(|v| v.reviewer == *id);
    let vote = stop.and_then(|stop| stop.votes.iter().position(|(who, _, _)| who == id));
    let rules_know = [
        review.involved.contains(id),
        review.conflicted.contains(id),
        review.excluded.contains(id),
        stop.is_some_and(|stop| stop.held.contains(id)),
        review.assigned.as_ref().is_some_and(|a| a.reviewer == *id),
    ];
    let seen = [
        ghost.involved,
        ghost.conflicted,
        ghost.contest,
        ghost.excluded,
        ghost.agree,
        ghost.refuse,
        ghost.except,
        ghost.votes[0],
        ghost.votes[1],
        ghost.votes[2],
        ghost.holder.map_or(0, |holder| 1 << holder),
    ];
    let mut bits = 0;
    for known in rules_know {
        bits = bits << 1 | u64::from(known);
    }
    for mask in seen {
        bits = bits << 1 | u64::from(mask >> person & 1);
    }
    for place in [verdict, vote] {
        bits = bits << 4 | place.map_or(0, |place| place as u64 + 1);
    }
    bits
}

fn flags(bits: &[bool]) -> u64 {
    bits.iter().fold(0, |all, bit| all << 1 | u64::from(*bit))
}

/// Whole hours until a moment; everything that is over is alike.
fn ahead(now: Timestamp, at: Option<Timestamp>) -> u64 {
    at.map_or(NEVER, |at| {
        let hours = at.since(now).as_millis() / 3_600_000;
        OVER + hours.max(0).cast_unsigned()
    })
}

/// Whole hours since a moment, none beyond a day.
fn since(now: Timestamp, at: Option<Timestamp>) -> u64 {
    at.map_or(NEVER, |at| {
        OVER + (now.since(at).as_millis() / 3_600_000)
            .min(24)
            .cast_unsigned()
    })
}

/// The moments of a case that can still make a difference.
pub(crate) fn moments(case: &Case, policy: &Policy) -> [Option<Timestamp>; 11] {
    if is_final(case) {
        return [None; 11];
    }
    let state = case.state;
    let when = |states: &[State], at: Option<Timestamp>| at.filter(|_| states.contains(&state));
    let finish = case.opened_at + Span::days(policy.gathering.days_to_finish);
    let checks = case
        .sent_at
        .map(|at| at + Span::hours(policy.checking.hours_max));
    let wait = case.wait.as_ref();
    let until = wait.and_then(|wait| wait.until);
    let handover = &case.handover;
    let open = handover.completed_at.is_none();
    let opens = |wait: &Wait| match until {
        Some(until) if policy.handover_waits(case.tier) => until.max(wait.approved_at),
        _ => wait.approved_at,
    };
    let expiry = wait.map(|wait| opens(wait) + Span::days(policy.handover.days_to_finish));
    let ticket = Span::hours(policy.handover.ticket_hours);
    let begun = handover.begun_at.map(|at| at + ticket);
    let stopped = [State::Stopped, State::Contested];
    [
        when(&[State::Gathering], Some(case.finish_until.max(finish))),
        when(&[State::Checking], checks),
        case.review.assigned.as_ref().map(|assigned| assigned.until),
        case.lock.as_ref().map(|lock| lock.until),
        until.filter(|_| state.is_open() || state == State::Rejected),
        when(&[State::CoolingOff], expiry.filter(|_| open)),
        when(
            &[State::CoolingOff],
            handover.ticket_until.or(begun).filter(|_| open),
        ),
        when(&stopped, case.stop.as_ref().map(|stop| stop.dispute_until)),
        when(
            &stopped,
            case.stop.as_ref().and_then(|stop| stop.evidence_until),
        ),
        match state {
            State::Recovered if !case.veto_window_closed => case.veto_until,
            State::Rejected => case.appeal_until,
            _ => None,
        },
        case.thaw.map(|thaw| thaw.until),
    ]
}

/// The latest end that changes may give the wait.
fn longest(case: &Case, policy: &Policy) -> Option<Timestamp> {
    let wait = case
        .wait
        .as_ref()
        .filter(|_| case.state == State::CoolingOff)?;
    Some(wait.started_at? + wait.span + Span::days(policy.changes.days_max))
}

fn side(out: &mut Vec<u64>, s: &Situation, at: usize, rules: &Rules) {
    let side = &s.sides[at];
    let now = s.now;
    the_case(out, s, at, rules);
    for moment in moments(&side.case, &rules.policy) {
        out.push(ahead(now, moment));
    }
    // Until when the wait may grow; nothing is due then.
    out.push(ahead(now, longest(&side.case, &rules.policy)));
    out.push(u64::MAX);
    the_ghost(out, &side.ghost, now);
    // Which approval each is about is its place.
    out.push(side.notices[0].way as u64 * 8 + side.notices[1].way as u64);
    ways(out, &side.secured);
}

fn the_ghost(out: &mut Vec<u64>, ghost: &Ghost, now: Timestamp) {
    // People's masks are in their parts.
    let Ghost {
        broken,
        have,
        from_files,
        checked,
        credible,
        lock,
        passed,
        holder: _,
        involved: _,
        conflicted: _,
        contest: _,
        excluded: _,
        agree: _,
        refuse: _,
        except: _,
        votes: _,
        holding,
        ever_approved,
        told,
        wait_start,
        promised,
        credentials,
        read_back,
        regular,
        ever_regular,
        veto_until,
        waits,
        opens,
        percent,
        planned,
        counted,
        stopped,
        vetoed,
        vetoed_by,
        lost,
        between,
        live,
        showing,
        upheld: _,
    } = *ghost;
    out.push(u64::from_le_bytes([
        broken, have, from_files, vetoed_by, lost, read_back, counted, percent,
    ]));
    out.push(flags(&[
        checked,
        credible,
        passed,
        holding,
        ever_approved,
        told,
        credentials,
        regular,
        ever_regular,
        stopped,
        vetoed,
        between,
        waits,
        live,
    ]));
    out.push(ahead(now, lock));
    out.push(ahead(now, showing));
    out.push(since(now, wait_start));
    out.push(ahead(now, promised));
    out.push(ahead(now, planned));
    out.push(ahead(now, opens));
    out.push(ahead(now, veto_until));
}

/// What the rules read of a case, but for people and times.
fn the_case(out: &mut Vec<u64>, s: &Situation, at: usize, rules: &Rules) {
    let case = &s.sides[at].case;
    let Case {
        // Names, and what only pages, jobs and figures read.
        id: _,
        code: _,
        version: _,
        policy_version: _,
        language: _,
        entry: _,
        changed_at: _,
        gallery_consent_at: _,
        deadline: _,
        course: _,
        grounds: _,
        refused_for: _,
        recovered_at: _,
        thaw,
        end: _,
        // Read by erasure alone, which is not in this model.
        ended_at: _,
        erased_at: _,
        // Counted up to a bound that this model does not reach.
        digests: _,
        // Moments stand above, people in their parts.
        opened_at: _,
        finish_until: _,
        sent_at: _,
        veto_until: _,
        appeal_until: _,
        state,
        consent_at,
        identifier,
        contact,
        resolved,
        document,
        account,
        evidence,
        clues,
        asked,
        retaken,
        returns,
        returns_by_people,
        round,
        pathway,
        submitted_at,
        unsent,
        checked_round,
        findings,
        tier,
        passed_phase1,
        lock,
        locked: _,
        review,
        wait,
        holds_approval,
        handover,
        securing: _,
        stop: _,
        froze_account,
        lost_channels,
        beat_live_factor,
        lost_rivals,
        veto_window_closed,
    } = &**case;
    out.push(*state as u64);
    out.push(flags(&[
        consent_at.is_some(),
        identifier.is_some(),
        contact.is_some(),
        *resolved,
        account.is_some(),
        *unsent,
        *round == 0,
        round == checked_round,
        findings.is_empty(),
        submitted_at.is_some(),
        *passed_phase1,
        lock.is_some(),
        *holds_approval,
        *froze_account,
        *veto_window_closed,
        review.appeal_used,
        handover.ever_begun,
        handover.begun_at.is_some(),
        handover.ticket_until.is_some(),
        handover.completed_at.is_some(),
        *beat_live_factor,
        !lost_rivals.is_empty(),
        !clues.is_empty(),
        review.low_priority,
    ]));
    out.push(*tier as u64 * 8 + pathway.map_or(7, |pathway| pathway as u64));
    out.push(document.map_or(0, |document| document as u64 + 1));
    for item in evidence {
        out.push(item.kind as u64 * 2 + u64::from(item.capture == Capture::Live));
    }
    out.push(u64::MAX);
    out.extend(asked.iter().map(|(kind, _)| *kind as u64));
    out.push(u64::MAX);
    out.extend(retaken.iter().map(|kind| *kind as u64));
    out.push(u64::MAX);
    out.extend(
        returns
            .iter()
            .map(|(kind, times)| *kind as u64 * 64 + u64::from(*times)),
    );
    out.push(u64::MAX);
    out.push(u64::from(*returns_by_people));
    out.push(self::locked(s, case, rules));
    review_of(out, review);
    out.push(wait.as_deref().map_or(0, wait_of));
    out.extend(handover.enrolled.iter().map(|kind| *kind as u64));
    out.push(u64::MAX);
    progress(out, case);
    let lost = lost_channels.iter().map(|lost| channel(&lost.0));
    out.push(lost.fold(0, |all, place| all | 1 << place));
    out.push(limits(*thaw));
    stop_of(out, s, at);
}

fn limits(thaw: Option<Thaw>) -> u64 {
    thaw.map_or(0, |thaw| {
        u64::from(thaw.daily_percent) * 2 + u64::from(thaw.known_addresses_only) + 1
    })
}

/// The place of a channel; one beyond all for a name that is none.
fn channel(name: &str) -> u64 {
    let place = CHANNELS.iter().position(|known| *known == name);
    place.unwrap_or(CHANNELS.len()) as u64
}

fn review_of(out: &mut Vec<u64>, review: &Review) {
    for verdict in &review.verdicts {
        let what = verdict.decision as u64 * 64 + verdict.part as u64 * 8;
        out.push(what + verdict.rank as u64 * 2 + u64::from(verdict.exception.is_some()));
    }
    out.push(u64::MAX);
    let part = review
        .assigned
        .as_ref()
        .map(|a| a.part as u64 * 2 + a.rank as u64);
    out.push(part.map_or(0, |part| part + 1));
}

fn wait_of(wait: &Wait) -> u64 {
    let Wait {
        // A name.
        approval: _,
        // Moments stand above.
        approved_at: _,
        until: _,
        // Only told.
        grew_at: _,
        grew_from: _,
        span,
        frozen_at,
        notified_at,
        started_at,
        changes,
    } = wait;
    let known = [frozen_at, notified_at, started_at].map(|at| at.is_some());
    let counted = (0..CHANGES.len()).map(|change| changes.contains(&change_key(change)));
    let counted = flags(&counted.collect::<Vec<_>>());
    (span.as_millis().cast_unsigned() * 8 + flags(&known) + 1) << CHANGES.len() | counted
}

fn stop_of(out: &mut Vec<u64>, s: &Situation, at: usize) {
    let Some(stop) = &s.sides[at].case.stop else {
        return;
    };
    out.push(match &stop.cause {
        StopCause::Veto { channel: by } => channel(&by.0),
        StopCause::Rival { .. } => 8,
    });
    // Whether the rival was approved before or after decides what word of it means.
    let rivals = s.sides.iter().enumerate().filter(|(n, _)| *n != at);
    let approved = rivals.filter_map(|(_, other)| other.case.wait.as_ref());
    out.extend(approved.map(|wait| u64::from(wait.approved_at > stop.at)));
    out.push(flags(&[stop.has_live_factor(), stop.taken_back.is_some()]));
    out.push(u64::MAX);
    for (_, winner, exception) in &stop.votes {
        let winner = match winner {
            Winner::Applicant => 0,
            Winner::Objector => 1,
            Winner::Neither => 2,
        };
        out.push(winner * 2 + u64::from(exception.is_some()));
    }
    out.push(u64::MAX);
}
