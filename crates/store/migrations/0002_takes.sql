-- Takes: what the page of the camera may record now, and what of it arrived when.

CREATE TABLE takes (
    id TEXT PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id) DEFERRABLE INITIALLY DEFERRED,
    -- Digest of the session that made it: no other one may use it.
    session {blob} NOT NULL,
    kind TEXT NOT NULL,
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    -- Replaced by a newer take, or its file was taken in.
    ended_at {int},
    -- The one upload that counts, and the evidence it became.
    upload_id TEXT,
    evidence_id TEXT,
    -- Digits and what the browser says of its camera, under the case's key.
    sealed {blob} NOT NULL,
    -- Arrivals and reveals: offsets, lengths and times, nothing personal.
    progress {blob} NOT NULL
){strict};
CREATE UNIQUE INDEX takes_one_open ON takes (case_id, kind) WHERE ended_at IS NULL;
CREATE INDEX takes_of_case ON takes (case_id, kind, created_at);
CREATE INDEX takes_by_age ON takes (created_at);

ALTER TABLE uploads ADD COLUMN take_id TEXT;
-- 1 while the sender has not said how long it will be; `length` is the most it may be until then.
ALTER TABLE uploads ADD COLUMN deferred {int} NOT NULL DEFAULT 0 CHECK (deferred IN (0, 1));
ALTER TABLE uploads ADD COLUMN evidence_id TEXT;
-- Finished ones too: they are kept for a while, so that a repeated end gets its answer.
DROP INDEX uploads_by_expiry;
CREATE INDEX uploads_by_expiry ON uploads (expires_at);

-- Links that hand the camera's parts of a case to a phone.
CREATE TABLE phone_links (
    id TEXT PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id) DEFERRABLE INITIALLY DEFERRED,
    digest {blob} NOT NULL UNIQUE,
    code_digest {blob} NOT NULL UNIQUE,
    -- Which word the other screen shows, as a number.
    word {int} NOT NULL,
    -- The family of the browser that made it.
    about TEXT NOT NULL,
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    asked_at {int},
    ended_at {int},
    ended_how TEXT
){strict};
CREATE UNIQUE INDEX phone_links_one_open ON phone_links (case_id) WHERE ended_at IS NULL;
CREATE INDEX phone_links_of_case ON phone_links (case_id, created_at);
CREATE INDEX phone_links_by_age ON phone_links (created_at);
