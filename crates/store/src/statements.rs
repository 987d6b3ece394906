//! One SQL text per statement, in both engines' words, and the macros that run it on either.

use sqlx::{AssertSqlSafe, Executor, SqlSafeStr};

use crate::tx::{Conn, Reader};
use crate::{Engine, Result, StoreError};

/// One statement in the words of both engines.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sql {
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

/// Declares a module's statements and their registry. `[word]` is replaced per engine.
macro_rules! statements {
    ($($name:ident = $first:literal $([$word:ident] $rest:literal)* ;)*) => {
        $(const $name: $crate::statements::Sql = $crate::statements::Sql {
            sqlite: concat!($first $(, word!(sqlite $word), $rest)*),
            postgres: concat!($first $(, word!(postgres $word), $rest)*),
        };)*
        /// Every statement of this module, by name.
        pub(crate) const STATEMENTS: &[(&str, $crate::statements::Sql)] =
            &[$((stringify!($name), $name)),*];
    };
}

/// Runs a statement on whichever engine the connection is; yields the number of rows it touched.
macro_rules! execute {
    ($conn:expr, $sql:expr $(, $arg:expr)* $(,)?) => {
        match &mut $conn {
            $crate::tx::Conn::Sqlite(link) => sqlx::query::<sqlx::Sqlite>($sql.sqlite)
                $(.bind($arg))*.execute(link.conn()).await.map(|done| done.rows_affected()),
            $crate::tx::Conn::Postgres(link) => sqlx::query::<sqlx::Postgres>($sql.postgres)
                $(.bind($arg))*.execute(link.conn()).await.map(|done| done.rows_affected()),
        }
        .map_err($crate::StoreError::from)
    };
}

/// Runs a query on whichever engine the connection is; `$fetch` is sqlx's `fetch_one` and so on.
macro_rules! fetch {
    ($fetch:ident, $row:ty, $conn:expr, $sql:expr $(, $arg:expr)* $(,)?) => {
        match &mut $conn {
            $crate::tx::Conn::Sqlite(link) => {
                sqlx::query_as::<sqlx::Sqlite, $row>($sql.sqlite)
                    $(.bind($arg))*.$fetch(link.conn()).await
            }
            $crate::tx::Conn::Postgres(link) => {
                sqlx::query_as::<sqlx::Postgres, $row>($sql.postgres)
                    $(.bind($arg))*.$fetch(link.conn()).await
            }
        }
        .map_err($crate::StoreError::from)
    };
}

/// The registries of all modules.
pub(crate) fn all() -> impl Iterator<Item = &'static (&'static str, Sql)> {
    [
        crate::accounts::STATEMENTS,
        crate::assignments::STATEMENTS,
        crate::cases::STATEMENTS,
        crate::challenges::STATEMENTS,
        crate::clock::STATEMENTS,
        crate::feed::STATEMENTS,
        crate::figures::STATEMENTS,
        crate::gallery::STATEMENTS,
        crate::jobs::STATEMENTS,
        crate::limits::STATEMENTS,
        crate::lists::STATEMENTS,
        crate::marks::STATEMENTS,
        crate::messages::STATEMENTS,
        crate::migrate::STATEMENTS,
        crate::origins::STATEMENTS,
        crate::phone_links::STATEMENTS,
        crate::policies::STATEMENTS,
        crate::prints::STATEMENTS,
        crate::proposals::STATEMENTS,
        crate::purge::STATEMENTS,
        crate::sealed::STATEMENTS,
        crate::secrets::STATEMENTS,
        crate::sessions::STATEMENTS,
        crate::staff::STATEMENTS,
        crate::takes::STATEMENTS,
        crate::undone::STATEMENTS,
        crate::uploads::STATEMENTS,
        crate::veto_codes::STATEMENTS,
        crate::webhooks::STATEMENTS,
    ]
    .into_iter()
    .flatten()
}

impl Reader {
    /// Has the database prepare every statement of this crate; returns how many there are.
    ///
    /// This stands in for compile-time checking, which cannot aim at two engines.
    ///
    /// # Errors
    /// The name of the first statement that the engine does not accept, with its message.
    pub async fn check_statements(&mut self) -> Result<usize> {
        let mut count = 0;
        for (name, sql) in all() {
            let prepared = match &mut self.conn {
                Conn::Sqlite(link) => link
                    .conn()
                    .prepare(sql.sqlite.into_sql_str())
                    .await
                    .map(|_| ()),
                Conn::Postgres(link) => link
                    .conn()
                    .prepare(sql.postgres.into_sql_str())
                    .await
                    .map(|_| ()),
            };
            prepared.map_err(|error| StoreError::Database(format!("{name}: {error}")))?;
            count += 1;
        }
        Ok(count)
    }

    /// Runs a migration: several statements of this crate's own template, never user input.
    pub(crate) async fn run_script(&mut self, script: String) -> Result<()> {
        let text = AssertSqlSafe(script);
        match &mut self.conn {
            Conn::Sqlite(link) => sqlx::raw_sql(text).execute(link.conn()).await.map(|_| ()),
            Conn::Postgres(link) => sqlx::raw_sql(text).execute(link.conn()).await.map(|_| ()),
        }
        .map_err(StoreError::from)
    }

    /// Which engine this connection speaks to.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.conn {
            Conn::Sqlite(_) => Engine::Sqlite,
            Conn::Postgres(_) => Engine::Postgres,
        }
    }
}
