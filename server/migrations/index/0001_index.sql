-- What finds records: derived from the log's files, removed and rebuilt at any time.

CREATE TABLE leaf (
    idx    INTEGER NOT NULL PRIMARY KEY CHECK (idx >= 0),
    hash   BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
    once   BLOB    NOT NULL UNIQUE CHECK (length(once) = 32),
    name   TEXT    NOT NULL,
    closes INTEGER,
    signer BLOB    NOT NULL
) STRICT;
-- Every run-intent is closed by one record at most.
CREATE UNIQUE INDEX leaf_closes ON leaf (closes) WHERE closes IS NOT NULL;
CREATE INDEX leaf_name ON leaf (name, idx);

-- How far the index goes, and the root at that size.
CREATE TABLE reach (
    id   INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    size INTEGER NOT NULL,
    root BLOB    NOT NULL CHECK (length(root) = 32)
) STRICT;
