//! Many cases at once, made by the database itself.

use std::fmt::Write as _;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use recovery::id::CaseCode;
use recovery::time::Timestamp;

/// Jobs that are due in the measured queue; the rest are timers of later days.
const DUE: u64 = 5_000;

/// Statements that fill the tables: every 20th case waits for a review, the others are over; each
/// case has one event and one timer.
pub(crate) fn filling(cases: u64, now: Timestamp) -> String {
    let (now, due) = (now.millis(), now.millis() - 1_000_000_000);
    let series = format!(
        "WITH RECURSIVE series(n) AS \
         (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < {cases})"
    );
    let digits = "substr(CAST(10000000 + n AS TEXT), 2, 7)";
    let leaf = "CAST('01234567890123456789012345678901' AS {blob})";
    let zeros = "0000000000000000000";
    format!(
        "INSERT INTO cases (id, code, version, state, wanted, priority, account_ref, \
            contact_index, opened_at, changed_at, due_at, queue_at, holds_approval, \
            phase1_passed, open, policy_version, phantom) {series} \
            SELECT 'case_{zeros}' || {digits}, 'code-' || {digits}, 1, \
            CASE WHEN n % 20 = 0 THEN 'reviewing' ELSE 'recovered' END, \
            CASE WHEN n % 20 = 0 THEN 'first' ELSE NULL END, n % 3, 'acc-' || n, 'c-' || n, \
            {now} - n, {now} - n, {now} + n, {now} + n, 0, 1, \
            CASE WHEN n % 20 = 0 THEN 1 ELSE 0 END, '1', 0 FROM series;\n\
         INSERT INTO events (case_id, seq, at, kind, body, leaf) {series} \
            SELECT 'case_{zeros}' || {digits}, 1, {now} - n, 'bench', {leaf}, {leaf} \
            FROM series;\n\
         INSERT INTO jobs (id, kind, case_id, body, run_at, priority, attempts) {series} \
            SELECT 'job_{zeros}' || {digits}, 'timer', 'case_{zeros}' || {digits}, {leaf}, \
            CASE WHEN n <= {DUE} THEN {due} ELSE {now} + 86400000 END + n, n % 3, 0 FROM series;"
    )
}

/// Cases that get a code with a right check symbol: more than any measured query reads.
const CODED: u64 = 5_000;

/// Gives the first cases real codes, which the database cannot reckon.
pub(crate) fn coding(cases: u64) -> String {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut script = "BEGIN;".to_owned();
    for number in 1..=cases.min(CODED) {
        let code = CaseCode::new(&mut rng);
        let id = format!("case_{number:026}");
        write!(
            script,
            "UPDATE cases SET code = '{code}' WHERE id = '{id}';"
        )
        .unwrap();
    }
    script + "COMMIT;"
}
