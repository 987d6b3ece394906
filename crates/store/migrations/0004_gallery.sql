-- Faces of applicants who agreed to be searched for, sealed under their case's key; one a case,
-- deleted with the case's data. A new face of a case is a new row with a new number.

CREATE TABLE gallery (
    id {counter},
    case_id TEXT NOT NULL UNIQUE REFERENCES cases (id) DEFERRABLE INITIALLY DEFERRED,
    model TEXT NOT NULL,
    sealed {blob} NOT NULL,
    created_at {int} NOT NULL
){strict};
