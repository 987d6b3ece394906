-- Webhooks on their way and what came of them; bodies hold identifiers and names of states alone.

CREATE TABLE webhooks (
    -- The webhook-id: the same for every try.
    id TEXT PRIMARY KEY,
    endpoint TEXT NOT NULL,
    kind TEXT NOT NULL,
    case_id TEXT,
    body {blob} NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'given_up', 'disabled')),
    -- Tries whose answer, or its absence, is known.
    attempts {int} NOT NULL,
    next_at {int} NOT NULL,
    lease_until {int},
    lease_token TEXT,
    last_answer TEXT,
    last_at {int},
    created_at {int} NOT NULL,
    delivered_at {int}
){strict};
CREATE INDEX webhooks_due ON webhooks (endpoint, next_at, id) WHERE state = 'waiting';
CREATE INDEX webhooks_by_age ON webhooks (created_at, id);
CREATE INDEX webhooks_by_state ON webhooks (endpoint, state);

-- Endpoints that said they want nothing any more (410); one that is not here is on.
CREATE TABLE webhook_endpoints (
    name TEXT PRIMARY KEY,
    disabled_at {int} NOT NULL
){strict};
