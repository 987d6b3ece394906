//! Securing actions: suspend, restore, destroy, and what really is in the rows afterwards.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use platform::contract::{
    ActionName, SecuringAnswer, SecuringProgress, SecuringReading, SecuringRequest, SecuringState,
    SecuringVerb,
};
use platform::{CaseId, Timestamp};
use serde::Deserialize;
use sqlx::SqliteConnection;

use super::credentials::staged_now;
use super::once::Once;
use super::{known, parse};
use crate::accounts::{from_word, word};
use crate::error::{ExchangeError, Result};
use crate::faults::Fault;
use crate::start::App;

/// Faults with which nothing is secured.
const DOES_NOTHING: [Fault; 2] = [Fault::AcknowledgesSecuring, Fault::AcknowledgesWithoutDoing];

/// One class of one account, for one case.
struct Place<'a> {
    app: &'a App,
    account: &'a str,
    action: &'a str,
    case: &'a CaseId,
}

/// Which case is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseQuery {
    case: CaseId,
}

fn known_action(action: &str) -> Result<()> {
    if ActionName::KNOWN.contains(&action) {
        return Ok(());
    }
    Err(ExchangeError::refused(
        404,
        "unknown_action",
        "There is no such securing action",
    ))
}

fn refused(code: &str, title: &str) -> ExchangeError {
    ExchangeError::refused(409, code, title)
}

impl Place<'_> {
    /// What was last done for this case, and the last row that existed then. Rows and not moments:
    /// two things may happen within one millisecond.
    async fn recorded(&self, db: &mut SqliteConnection) -> Result<(SecuringState, i64)> {
        let row: Option<(String, i64)> = sqlx::query_as(
            "SELECT state, last_row FROM securing
             WHERE account = $1 AND case_id = $2 AND action = $3",
        )
        .bind(self.account)
        .bind(self.case.as_str())
        .bind(self.action)
        .fetch_optional(db)
        .await?;
        match row {
            None => Ok((SecuringState::Active, 0)),
            Some((state, last_row)) => Ok((from_word(&state)?, last_row)),
        }
    }

    async fn record(
        &self,
        db: &mut SqliteConnection,
        state: SecuringState,
        now: Timestamp,
    ) -> Result<()> {
        sqlx::query(
            "INSERT INTO securing (account, case_id, action, state, last_row, at)
             VALUES ($1, $2, $3, $4, (SELECT COALESCE(MAX(rowid), 0) FROM holdings), $5)
             ON CONFLICT (account, case_id, action) DO UPDATE SET state = excluded.state,
             last_row = CASE excluded.state
                 WHEN 'destroyed' THEN last_row ELSE excluded.last_row END,
             at = excluded.at",
        )
        .bind(self.account)
        .bind(self.case.as_str())
        .bind(self.action)
        .bind(word(&state)?)
        .bind(now.millis())
        .execute(db)
        .await?;
        Ok(())
    }

    /// Runs a statement with account, class and case bound, and counts its rows.
    async fn run(&self, db: &mut SqliteConnection, sql: &'static str) -> Result<u32> {
        let done = sqlx::query(sql)
            .bind(self.account)
            .bind(self.action)
            .bind(self.case.as_str())
            .execute(db)
            .await?;
        Ok(u32::try_from(done.rows_affected()).unwrap_or(u32::MAX))
    }

    async fn suspend(&self, db: &mut SqliteConnection) -> Result<u32> {
        let factors = self.action == ActionName::OLD_FACTORS;
        if factors {
            let staged = staged_now(db, self.account, self.case).await?;
            let unstaged = !staged.email || !staged.password;
            if unstaged && !self.app.has(&[Fault::SuspendsUnstaged]) {
                let title = "A new e-mail address and a new password must be staged before";
                return Err(refused("nothing_staged", title));
            }
        }
        if !factors && self.app.has(&[Fault::RemembersCommands]) {
            return Ok(0);
        }
        let count = self
            .run(
                db,
                "UPDATE holdings SET state = 'suspended', held_case = $3
                 WHERE account = $1 AND class = $2 AND state = 'active'
                 AND (born_case IS NULL OR born_case <> $3)",
            )
            .await?;
        if factors {
            self.run(
                db,
                "UPDATE holdings SET state = 'active'
                 WHERE account = $1 AND class = $2 AND state = 'staged' AND born_case = $3",
            )
            .await?;
        }
        Ok(count)
    }

    async fn restore(&self, db: &mut SqliteConnection) -> Result<u32> {
        self.run(
            db,
            "UPDATE holdings SET state = 'destroyed', data = '', label = ''
             WHERE account = $1 AND class = $2 AND born_case = $3
             AND state IN ('staged', 'active')",
        )
        .await?;
        let sql = if self.app.has(&[Fault::RestoresOtherCase]) {
            "UPDATE holdings SET state = 'active', held_case = NULL
             WHERE account = $1 AND class = $2 AND $3 = $3 AND state = 'suspended'"
        } else if self.app.has(&[Fault::RevivesDestroyed]) {
            "UPDATE holdings SET state = 'active', held_case = NULL
             WHERE account = $1 AND class = $2 AND held_case = $3"
        } else {
            "UPDATE holdings SET state = 'active', held_case = NULL
             WHERE account = $1 AND class = $2 AND held_case = $3 AND state = 'suspended'"
        };
        self.run(db, sql).await
    }

    async fn destroy(&self, db: &mut SqliteConnection) -> Result<u32> {
        self.run(
            db,
            "UPDATE holdings SET state = 'destroyed', data = '', label = ''
             WHERE account = $1 AND class = $2 AND held_case = $3 AND state = 'suspended'",
        )
        .await
    }

    /// What a faulty exchange does with what nobody suspended.
    async fn destroy_active(&self, db: &mut SqliteConnection) -> Result<u32> {
        self.run(
            db,
            "UPDATE holdings SET state = 'destroyed', data = '', label = ''
             WHERE account = $1 AND class = $2 AND $3 = $3 AND state = 'active'",
        )
        .await
    }

    /// Carries a verb out, if the state of before lets it be: the state after it, and how many
    /// things it concerned.
    async fn carry_out(
        &self,
        db: &mut SqliteConnection,
        verb: SecuringVerb,
        recorded: SecuringState,
    ) -> Result<(SecuringState, u32)> {
        Ok(match (verb, recorded) {
            (SecuringVerb::Suspend, SecuringState::Active) => {
                (SecuringState::Suspended, self.suspend(db).await?)
            }
            (SecuringVerb::Restore, SecuringState::Active | SecuringState::Suspended) => {
                (SecuringState::Active, self.restore(db).await?)
            }
            (SecuringVerb::Destroy, SecuringState::Suspended) => {
                (SecuringState::Destroyed, self.destroy(db).await?)
            }
            // Done before, under another key.
            (SecuringVerb::Suspend, SecuringState::Suspended)
            | (SecuringVerb::Destroy, SecuringState::Destroyed) => {
                (recorded, self.count(db, recorded).await?)
            }
            (SecuringVerb::Restore, SecuringState::Destroyed)
                if self.app.has(&[Fault::RevivesDestroyed]) =>
            {
                (SecuringState::Active, self.restore(db).await?)
            }
            (SecuringVerb::Destroy, SecuringState::Active)
                if self.app.has(&[Fault::DestroysUnsuspended]) =>
            {
                (SecuringState::Destroyed, self.destroy_active(db).await?)
            }
            (SecuringVerb::Suspend | SecuringVerb::Restore, SecuringState::Destroyed) => {
                return Err(refused(
                    "destroyed",
                    "It was destroyed and cannot come back",
                ));
            }
            (SecuringVerb::Destroy, SecuringState::Active) => {
                return Err(refused(
                    "not_suspended",
                    "Only what was suspended is destroyed",
                ));
            }
        })
    }

    /// How many rows of this class are in a state: those of the case, or (active) all.
    async fn count(&self, db: &mut SqliteConnection, state: SecuringState) -> Result<u32> {
        let (count,): (i64,) = sqlx::query_as(
            "SELECT COUNT(*) FROM holdings WHERE account = $1 AND class = $2 AND state = $4
             AND ($4 = 'active' OR held_case = $3)",
        )
        .bind(self.account)
        .bind(self.action)
        .bind(self.case.as_str())
        .bind(word(&state)?)
        .fetch_one(db)
        .await?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// The state as the rows show it: the record alone proves nothing.
    async fn reading(&self, db: &mut SqliteConnection) -> Result<SecuringReading> {
        let (recorded, last_row) = self.recorded(db).await?;
        let (left,): (i64,) = sqlx::query_as(
            "SELECT COUNT(*) FROM holdings WHERE account = $1 AND class = $2 AND rowid <= $4
             AND (born_case IS NULL OR born_case <> $3)
             AND (state = 'active' OR (state = 'suspended' AND held_case = $3 AND $5))",
        )
        .bind(self.account)
        .bind(self.action)
        .bind(self.case.as_str())
        .bind(last_row)
        .bind(recorded == SecuringState::Destroyed)
        .fetch_one(&mut *db)
        .await?;
        let state = if left > 0 && !self.app.has(&[Fault::RemembersCommands]) {
            SecuringState::Active
        } else {
            recorded
        };
        Ok(SecuringReading {
            state,
            count: self.count(db, state).await?,
        })
    }
}

pub(super) async fn act(
    State(app): State<App>,
    Path((account, action)): Path<(String, String)>,
    body: Bytes,
) -> Result<Json<SecuringAnswer>> {
    let request: SecuringRequest = parse(&app, &body)?;
    known_action(&action)?;
    let mut db = app.db.begin().await?;
    known(&mut db, &account).await?;
    let scope = format!("{account}/securing/{action}");
    let once = Once::new(&app, scope, &request.idempotency_key, &request)?;
    if let Some(before) = once.before(&mut db).await? {
        return Ok(Json(before.answer));
    }
    let forgotten = action == ActionName::API_KEYS && app.has(&[Fault::ForgetsApiKeys]);
    if forgotten || app.has(&DOES_NOTHING) {
        let answer = SecuringAnswer {
            state: SecuringProgress::Done,
            count: 0,
        };
        // Remembered as if it had been done: whoever asks again under this key hears it again.
        once.keep(&mut db, "", &answer).await?;
        db.commit().await?;
        return Ok(Json(answer));
    }
    let place = Place {
        app: &app,
        account: &account,
        action: &action,
        case: &request.case,
    };
    let (recorded, _) = place.recorded(&mut db).await?;
    let (next, count) = place.carry_out(&mut db, request.verb, recorded).await?;
    if next != recorded {
        place.record(&mut db, next, app.now()).await?;
    }
    let answer = SecuringAnswer {
        state: SecuringProgress::Done,
        count,
    };
    once.keep(&mut db, "", &answer).await?;
    db.commit().await?;
    Ok(Json(answer))
}

pub(super) async fn read(
    State(app): State<App>,
    Path((account, action)): Path<(String, String)>,
    Query(query): Query<CaseQuery>,
) -> Result<Json<SecuringReading>> {
    known_action(&action)?;
    let mut db = app.db.begin().await?;
    known(&mut db, &account).await?;
    let place = Place {
        app: &app,
        account: &account,
        action: &action,
        case: &query.case,
    };
    Ok(Json(place.reading(&mut db).await?))
}
