-- What a request that its holder stopped left behind: keyed digests of its new address and of the
-- device that a signed ticket named, by which later cases are known. They outlive the case's data.

CREATE TABLE marks (
    digest TEXT NOT NULL,
    case_id TEXT NOT NULL REFERENCES cases (id) DEFERRABLE INITIALLY DEFERRED,
    created_at {int} NOT NULL,
    PRIMARY KEY (digest, case_id)
){strict};
CREATE INDEX marks_of_case ON marks (case_id);
CREATE INDEX marks_by_age ON marks (created_at);
