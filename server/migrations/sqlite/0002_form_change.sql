-- What became of a form after its commitment. The signed record is kept before it is logged; from the moment
-- that a row stands here, no run is announced on its form any more.

CREATE TABLE form_change (
    form     TEXT    NOT NULL REFERENCES form (form),
    state    TEXT    NOT NULL CHECK (state IN ('retired', 'revealed')),
    reason   TEXT    CHECK (reason IN ('rotation', 'leak-suspected', 'fault-found', 'end-of-life')),
    body     BLOB    CHECK (length(body) = 32),
    declared TEXT    NOT NULL,
    envelope TEXT    NOT NULL,
    idx      INTEGER,
    leaf     BLOB    CHECK (length(leaf) = 32),
    PRIMARY KEY (form, state),
    CHECK ((state = 'retired') = (reason IS NOT NULL)),
    CHECK ((state = 'revealed') = (body IS NOT NULL)),
    CHECK ((idx IS NULL) = (leaf IS NULL))
) STRICT;
CREATE INDEX run_of_form ON run (form, state);
