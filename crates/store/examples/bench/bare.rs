//! The engine alone: what the store's speed is measured against.

use sqlx::{AssertSqlSafe, PgPool, SqlitePool};

use crate::WRITERS;

/// A bare connection pool next to the store, with the same durability.
#[derive(Clone)]
pub(crate) enum Bare {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Bare {
    pub(crate) async fn open(url: &str) -> Self {
        if url.starts_with("sqlite:") {
            let options: sqlx::sqlite::SqliteConnectOptions = url.parse().unwrap();
            let options = options
                .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
                .synchronous(sqlx::sqlite::SqliteSynchronous::Full)
                .foreign_keys(true);
            let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
            Self::Sqlite(pool.connect_with(options).await.unwrap())
        } else {
            let pool = sqlx::postgres::PgPoolOptions::new().max_connections(WRITERS as u32);
            Self::Postgres(pool.connect(url).await.unwrap())
        }
    }

    pub(crate) async fn script(&self, text: String) {
        match self {
            Self::Sqlite(pool) => {
                let text = text.replace("{int}", "INTEGER").replace("{blob}", "BLOB");
                sqlx::raw_sql(AssertSqlSafe(text))
                    .execute(pool)
                    .await
                    .unwrap();
            }
            Self::Postgres(pool) => {
                let text = text.replace("{int}", "BIGINT").replace("{blob}", "BYTEA");
                sqlx::raw_sql(AssertSqlSafe(text))
                    .execute(pool)
                    .await
                    .unwrap();
            }
        }
    }

    /// What both engines do by themselves in a quiet hour.
    pub(crate) async fn settle(&self) {
        let word = if matches!(self, Self::Sqlite(_)) {
            "ANALYZE"
        } else {
            "VACUUM ANALYZE"
        };
        self.script(word.to_owned()).await;
    }

    pub(crate) async fn insert(&self, id: i64, body: &[u8]) {
        const SQL: &str = "INSERT INTO bare (id, body) VALUES ($1, $2)";
        match self {
            Self::Sqlite(pool) => sqlx::query(SQL)
                .bind(id)
                .bind(body)
                .execute(pool)
                .await
                .map(|_| ()),
            Self::Postgres(pool) => sqlx::query(SQL)
                .bind(id)
                .bind(body)
                .execute(pool)
                .await
                .map(|_| ()),
        }
        .unwrap();
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}
