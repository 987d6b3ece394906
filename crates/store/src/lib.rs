//! Cases, summaries, jobs, reads and sessions on SQLite and PostgreSQL: one SQL text, two engines.
