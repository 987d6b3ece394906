-- Policies that wait for two seniors, and who did what to which policy.

CREATE TABLE policy_proposals (
    id {counter},
    version TEXT NOT NULL,
    digest TEXT NOT NULL,
    body {blob} NOT NULL,
    proposed_at {int} NOT NULL,
    -- The first of the two who must confirm it.
    first_by TEXT REFERENCES staff (id) DEFERRABLE INITIALLY DEFERRED,
    first_at {int},
    -- Published, or replaced by a newer proposal.
    ended_at {int},
    -- 1 until then.
    open {int} NOT NULL CHECK (open IN (0, 1))
){strict};
CREATE UNIQUE INDEX policy_proposals_one_open ON policy_proposals (open) WHERE open = 1;

CREATE TABLE policy_log (
    id {counter},
    at {int} NOT NULL,
    -- A member of staff, or nobody: then it was done on the machine.
    staff_id TEXT REFERENCES staff (id) DEFERRABLE INITIALLY DEFERRED,
    what TEXT NOT NULL,
    version TEXT NOT NULL,
    digest TEXT NOT NULL
){strict};
