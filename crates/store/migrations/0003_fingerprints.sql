-- What finds the same picture again. Numbers of rows grow in the order in which they become
-- visible: who writes prints takes a lock first, so that a reader who has seen a number has seen
-- all before it.

CREATE TABLE prints (
    id {counter},
    case_id TEXT NOT NULL REFERENCES cases (id) DEFERRABLE INITIALLY DEFERRED,
    evidence_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    part TEXT NOT NULL,
    place {int} NOT NULL,
    bits {blob} NOT NULL CHECK (length(bits) = 64),
    created_at {int} NOT NULL,
    UNIQUE (evidence_id, part, place)
){strict};
CREATE INDEX prints_of_case ON prints (case_id);

-- Exact copies, under keyed digests. They outlive the case's data, never the longest retention.
CREATE TABLE copies (
    evidence_id TEXT NOT NULL,
    what TEXT NOT NULL,
    case_id TEXT NOT NULL REFERENCES cases (id) DEFERRABLE INITIALLY DEFERRED,
    kind TEXT NOT NULL,
    digest TEXT NOT NULL,
    created_at {int} NOT NULL,
    PRIMARY KEY (evidence_id, what)
){strict};
CREATE INDEX copies_by_digest ON copies (digest, what);
CREATE INDEX copies_by_age ON copies (created_at);
