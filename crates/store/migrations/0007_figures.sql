-- Counters for the operator: by month of opening and policy version, nothing of a person. A case
-- adds to them in the transaction of its events.

CREATE TABLE figures (
    month TEXT NOT NULL,
    policy_version TEXT NOT NULL,
    name TEXT NOT NULL,
    label TEXT NOT NULL,
    cases {int} NOT NULL,
    total_ms {int} NOT NULL,
    PRIMARY KEY (month, policy_version, name, label)
){strict};
