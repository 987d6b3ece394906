-- Where cases were opened from, as keyed digests, so that others from the same network or device
-- are counted; deleted with the case's data. And cases by their new address, counted as well.

CREATE TABLE origins (
    case_id TEXT PRIMARY KEY REFERENCES cases (id) DEFERRABLE INITIALLY DEFERRED,
    network TEXT NOT NULL,
    device TEXT,
    created_at {int} NOT NULL
){strict};
CREATE INDEX origins_by_network ON origins (network, created_at);
CREATE INDEX origins_by_device ON origins (device, created_at) WHERE device IS NOT NULL;

CREATE INDEX cases_by_contact ON cases (contact_index, opened_at) WHERE contact_index IS NOT NULL;
