//! Everything in which the two engines differ, in one place.

use std::fmt;

/// The two databases the store runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// One file on this machine, one writer.
    Sqlite,
    /// A server, shared by several nodes.
    Postgres,
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// A word inside a statement that differs by engine, or is repeated in many statements.
macro_rules! word {
    // The database's clock in epoch milliseconds.
    (sqlite clock) => {
        "CAST(unixepoch('subsec') * 1000 AS INTEGER)"
    };
    (postgres clock) => {
        "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"
    };
    // SQLite has one writer, who holds the whole database: there is nothing to lock or skip.
    (sqlite for_update) => {
        ""
    };
    (postgres for_update) => {
        " FOR UPDATE"
    };
    (sqlite skip_locked) => {
        ""
    };
    (postgres skip_locked) => {
        " FOR UPDATE SKIP LOCKED"
    };
    // Who writes prints waits for who is writing them. The number is arbitrary, but ours.
    (sqlite prints_lock) => {
        "SELECT 1"
    };
    (postgres prints_lock) => {
        "SELECT pg_advisory_xact_lock(5242726348)"
    };
    // How many tables of this name there are: 0 or 1.
    (sqlite table_named) => {
        "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = $1"
    };
    (postgres table_named) => {
        "SELECT COUNT(*) FROM pg_catalog.pg_tables \
         WHERE schemaname = current_schema() AND tablename = $1"
    };
    ($engine:ident case_columns) => {
        "id, code, version, state, wanted, priority, account_ref, contact_index, opened_at, \
         changed_at, due_at, holds_approval, phase1_passed, open, policy_version, phantom"
    };
    ($engine:ident job_columns) => {
        "id, kind, case_id, body, run_at, priority, attempts, lease_until, unique_key, dead_at, \
         last_error"
    };
    ($engine:ident session_columns) => {
        "digest, kind, subject, case_id, created_at, seen_at, expires_at, data"
    };
    ($engine:ident secret_columns) => {
        "digest, purpose, case_id, subject, created_at, expires_at"
    };
    ($engine:ident upload_columns) => {
        "id, case_id, kind, slot, length, received, declared_type, declared_digest, capture, \
         created_at, expires_at, finished_at, take_id, deferred, evidence_id"
    };
    ($engine:ident take_columns) => {
        "id, case_id, session, kind, created_at, expires_at, ended_at, upload_id, evidence_id, \
         sealed, progress"
    };
    ($engine:ident link_columns) => {
        "id, case_id, digest, code_digest, word, about, created_at, expires_at, asked_at, \
         ended_at, ended_how"
    };
    ($engine:ident assignment_columns) => {
        "id, case_id, reviewer_id, part, assigned_at, lease_until, ended_at, verdict_at"
    };
    ($engine:ident account_columns) => {
        "account_ref, version, body, pushed_at, acknowledged_version, acknowledged_at, \
         locked_total_ms"
    };
    ($engine:ident message_columns) => {
        "code, case_id, kind, channel, fingerprint, created_at, handed_over_at"
    };
    ($engine:ident webhook_columns) => {
        "id, endpoint, kind, case_id, body, state, attempts, next_at, last_answer, last_at, \
         created_at, delivered_at"
    };
    ($engine:ident staff_columns) => {
        "id, name, role, active, user_handle, created_at"
    };
    ($engine:ident passkey_columns) => {
        "credential_id, staff_id, body, created_at, last_used_at"
    };
}

/// How a write transaction begins. SQLite takes the write lock at once: a transaction that reads
/// first and writes later would fail as soon as another one wrote in between.
pub(crate) const BEGIN_SQLITE: &str = "BEGIN IMMEDIATE";
/// How a write transaction begins on PostgreSQL: read committed, rows locked by statement.
pub(crate) const BEGIN_POSTGRES: &str = "BEGIN";

/// Makes concurrent migrations wait for one another. The number is arbitrary, but ours.
pub(crate) const MIGRATION_LOCK_POSTGRES: &str = "SELECT pg_advisory_xact_lock(5242726347)";

/// The words of table definitions: `{name}` in the template, SQLite's word, PostgreSQL's word.
const DDL_WORDS: [(&str, &str, &str); 4] = [
    ("{int}", "INTEGER", "BIGINT"),
    // Numbers that only grow and are never given twice.
    (
        "{counter}",
        "INTEGER PRIMARY KEY AUTOINCREMENT",
        "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    ),
    ("{blob}", "BLOB", "BYTEA"),
    ("{strict}", " STRICT", ""),
];

/// A migration's template in one engine's words.
pub(crate) fn ddl(engine: Engine, template: &str) -> String {
    DDL_WORDS
        .iter()
        .fold(template.to_owned(), |text, (mark, sqlite, postgres)| {
            text.replace(
                mark,
                if engine == Engine::Sqlite {
                    sqlite
                } else {
                    postgres
                },
            )
        })
}
