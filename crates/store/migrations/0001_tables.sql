-- All tables. One text for both engines: {int}, {blob} and {strict} are replaced by their words.
-- Times are epoch milliseconds of the database's clock; flags are 0 or 1.

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
){strict};

CREATE TABLE demo_clock (
    id {int} PRIMARY KEY CHECK (id = 1),
    offset_ms {int} NOT NULL CHECK (offset_ms >= 0)
){strict};

CREATE TABLE cases (
    id TEXT PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    version {int} NOT NULL,
    state TEXT NOT NULL,
    wanted TEXT,
    priority {int} NOT NULL,
    account_ref TEXT,
    contact_index TEXT,
    opened_at {int} NOT NULL,
    changed_at {int} NOT NULL,
    due_at {int},
    -- due_at, or the end of time: the two engines sort NULL differently.
    queue_at {int} NOT NULL,
    holds_approval {int} NOT NULL CHECK (holds_approval IN (0, 1)),
    phase1_passed {int} NOT NULL CHECK (phase1_passed IN (0, 1)),
    open {int} NOT NULL CHECK (open IN (0, 1)),
    policy_version TEXT NOT NULL,
    phantom {int} NOT NULL CHECK (phantom IN (0, 1))
){strict};
CREATE UNIQUE INDEX cases_one_approval ON cases (account_ref) WHERE holds_approval = 1;
CREATE UNIQUE INDEX cases_one_open ON cases (account_ref, contact_index) WHERE open = 1;
CREATE INDEX cases_by_account ON cases (account_ref, opened_at);
CREATE INDEX cases_by_change ON cases (changed_at, id);
CREATE INDEX cases_by_state ON cases (state, changed_at, id);
CREATE INDEX cases_waiting ON cases (wanted, priority, queue_at, id) WHERE wanted IS NOT NULL;

CREATE TABLE events (
    case_id TEXT NOT NULL REFERENCES cases (id) DEFERRABLE INITIALLY DEFERRED,
    seq {int} NOT NULL CHECK (seq > 0),
    at {int} NOT NULL,
    kind TEXT NOT NULL,
    body {blob} NOT NULL,
    leaf {blob} NOT NULL CHECK (length(leaf) = 32),
    PRIMARY KEY (case_id, seq)
){strict};

CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    case_id TEXT,
    body {blob} NOT NULL,
    run_at {int} NOT NULL,
    priority {int} NOT NULL,
    attempts {int} NOT NULL,
    lease_until {int},
    lease_token TEXT,
    unique_key TEXT UNIQUE,
    done_at {int},
    dead_at {int},
    last_error TEXT
){strict};
CREATE INDEX jobs_due ON jobs (priority, run_at, id) WHERE done_at IS NULL AND dead_at IS NULL;
CREATE INDEX jobs_of_case ON jobs (case_id, kind) WHERE done_at IS NULL AND dead_at IS NULL;
CREATE INDEX jobs_done ON jobs (done_at) WHERE done_at IS NOT NULL;
CREATE INDEX jobs_dead ON jobs (dead_at) WHERE dead_at IS NOT NULL;

CREATE TABLE sealed (
    case_id TEXT NOT NULL REFERENCES cases (id) DEFERRABLE INITIALLY DEFERRED,
    name TEXT NOT NULL,
    bytes {blob} NOT NULL,
    PRIMARY KEY (case_id, name)
){strict};

CREATE TABLE sessions (
    digest {blob} PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    case_id TEXT,
    created_at {int} NOT NULL,
    seen_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    data {blob} NOT NULL
){strict};
CREATE INDEX sessions_of_case ON sessions (case_id);
CREATE INDEX sessions_of_subject ON sessions (kind, subject);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE secrets (
    digest {blob} PRIMARY KEY,
    purpose TEXT NOT NULL,
    case_id TEXT,
    subject TEXT NOT NULL,
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    used_at {int}
){strict};
CREATE INDEX secrets_of_case ON secrets (case_id, purpose);
CREATE INDEX secrets_by_expiry ON secrets (expires_at);

CREATE TABLE challenges (
    case_id TEXT NOT NULL REFERENCES cases (id) DEFERRABLE INITIALLY DEFERRED,
    purpose TEXT NOT NULL,
    digest {blob} NOT NULL,
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    tries_left {int} NOT NULL CHECK (tries_left >= 0),
    tries_since {int} NOT NULL,
    PRIMARY KEY (case_id, purpose)
){strict};
CREATE INDEX challenges_by_expiry ON challenges (expires_at);

CREATE TABLE staff (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    active {int} NOT NULL CHECK (active IN (0, 1)),
    user_handle {blob} NOT NULL UNIQUE,
    created_at {int} NOT NULL
){strict};

CREATE TABLE staff_passkeys (
    credential_id {blob} PRIMARY KEY,
    staff_id TEXT NOT NULL REFERENCES staff (id) DEFERRABLE INITIALLY DEFERRED,
    body {blob} NOT NULL,
    created_at {int} NOT NULL,
    last_used_at {int}
){strict};
CREATE INDEX staff_passkeys_of ON staff_passkeys (staff_id);

CREATE TABLE assignments (
    id TEXT PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id) DEFERRABLE INITIALLY DEFERRED,
    reviewer_id TEXT NOT NULL,
    part TEXT NOT NULL,
    assigned_at {int} NOT NULL,
    lease_until {int} NOT NULL,
    ended_at {int},
    verdict_at {int}
){strict};
CREATE UNIQUE INDEX assignments_one_open ON assignments (case_id, reviewer_id)
    WHERE ended_at IS NULL;
CREATE INDEX assignments_of_case ON assignments (case_id, assigned_at);
CREATE INDEX assignments_of_reviewer ON assignments (reviewer_id, assigned_at);

CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id) DEFERRABLE INITIALLY DEFERRED,
    kind TEXT NOT NULL,
    slot TEXT NOT NULL,
    length {int} NOT NULL,
    received {int} NOT NULL,
    declared_type TEXT,
    declared_digest TEXT,
    capture TEXT,
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    finished_at {int},
    CHECK (received BETWEEN 0 AND length)
){strict};
CREATE INDEX uploads_of_case ON uploads (case_id) WHERE finished_at IS NULL;
CREATE INDEX uploads_by_expiry ON uploads (expires_at) WHERE finished_at IS NULL;

CREATE TABLE messages (
    code TEXT PRIMARY KEY,
    case_id TEXT,
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    created_at {int} NOT NULL,
    handed_over_at {int}
){strict};
CREATE INDEX messages_of_case ON messages (case_id, created_at);

CREATE TABLE limits (
    bucket TEXT PRIMARY KEY,
    tokens_milli {int} NOT NULL CHECK (tokens_milli >= 0),
    refilled_at {int} NOT NULL
){strict};
CREATE INDEX limits_by_refill ON limits (refilled_at);

CREATE TABLE accounts (
    account_ref TEXT PRIMARY KEY,
    version {int} NOT NULL,
    body {blob} NOT NULL,
    pushed_at {int},
    acknowledged_version {int} NOT NULL,
    acknowledged_at {int},
    locked_total_ms {int} NOT NULL
){strict};
CREATE INDEX accounts_pending ON accounts (account_ref) WHERE acknowledged_version < version;

CREATE TABLE nonces (
    nonce TEXT PRIMARY KEY,
    expires_at {int} NOT NULL
){strict};
CREATE INDEX nonces_by_expiry ON nonces (expires_at);

CREATE TABLE policies (
    version TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    body {blob} NOT NULL,
    activated_at {int} NOT NULL
){strict};
CREATE INDEX policies_by_activation ON policies (activated_at, version);
