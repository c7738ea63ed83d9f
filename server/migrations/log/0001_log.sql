-- The log: one transaction holds a leaf, its envelope and the signed head that covers it.

CREATE TABLE leaf (
    idx        INTEGER NOT NULL PRIMARY KEY CHECK (idx >= 0),
    hash       BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
    once       BLOB    NOT NULL UNIQUE CHECK (length(once) = 32),
    name       TEXT    NOT NULL,
    closes     INTEGER REFERENCES leaf (idx),
    data       BLOB    NOT NULL CHECK (length(data) <= 1024),
    envelope   BLOB    NOT NULL CHECK (length(envelope) <= 262144),
    public_key BLOB    NOT NULL
) STRICT;
-- Every run-intent is closed by one record at most.
CREATE UNIQUE INDEX leaf_closes ON leaf (closes) WHERE closes IS NOT NULL;
CREATE INDEX leaf_name ON leaf (name, idx);

CREATE TABLE head (
    id   INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    size INTEGER NOT NULL,
    root BLOB    NOT NULL CHECK (length(root) = 32),
    note TEXT    NOT NULL
) STRICT;
