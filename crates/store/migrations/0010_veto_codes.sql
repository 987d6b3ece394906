-- Veto codes that a holder keeps on paper, as keyed digests: they stop a recovery of the account
-- whatever else is lost. One made by the account's holder at the platform, and one for each case
-- that handed the account over.

CREATE TABLE veto_codes (
    digest {blob} PRIMARY KEY,
    account_ref TEXT NOT NULL,
    -- The case whose handover made it; none: made at the platform.
    case_id TEXT,
    created_at {int} NOT NULL
){strict};
CREATE INDEX veto_codes_of_account ON veto_codes (account_ref);
