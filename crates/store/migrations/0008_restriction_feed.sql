-- The order in which restriction sets changed: what every node and every platform follows.
-- The number is taken last in its transaction, from one row, so that it is the order of commits.

CREATE TABLE restriction_head (
    id {int} PRIMARY KEY,
    change {int} NOT NULL
){strict};

ALTER TABLE accounts ADD COLUMN change {int} NOT NULL DEFAULT 0;

UPDATE accounts SET change = (
    SELECT COUNT(*) FROM accounts AS earlier
    WHERE earlier.version > 0 AND earlier.account_ref <= accounts.account_ref
) WHERE version > 0;

INSERT INTO restriction_head (id, change) SELECT 1, COALESCE(MAX(change), 0) FROM accounts;

CREATE INDEX accounts_by_change ON accounts (change);
