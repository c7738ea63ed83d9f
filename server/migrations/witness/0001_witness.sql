-- What the station's witness has seen and signed of other logs. Never restored from a backup: a witness
-- that forgets a head may cosign a smaller one after it.

-- The largest head of each origin that was cosigned.
CREATE TABLE cosigned (
    origin TEXT    NOT NULL PRIMARY KEY,
    size   INTEGER NOT NULL CHECK (size >= 0),
    root   BLOB    NOT NULL CHECK (length(root) = 32),
    note   TEXT    NOT NULL,
    time_s INTEGER NOT NULL CHECK (time_s > 0)
) STRICT;

-- The largest head of each followed origin that its station has published.
CREATE TABLE followed (
    origin TEXT    NOT NULL PRIMARY KEY,
    size   INTEGER NOT NULL CHECK (size >= 0),
    root   BLOB    NOT NULL CHECK (length(root) = 32),
    note   TEXT    NOT NULL,
    at_ms  INTEGER NOT NULL
) STRICT;

-- Two heads of one origin, both signed, that cannot both be true: the origin is never cosigned again.
CREATE TABLE contradiction (
    id     INTEGER NOT NULL PRIMARY KEY,
    origin TEXT    NOT NULL,
    kind   TEXT    NOT NULL CHECK (kind IN ('split', 'fork')),
    note_a TEXT    NOT NULL,
    note_b TEXT    NOT NULL,
    hashes BLOB    NOT NULL CHECK (length(hashes) % 32 = 0),
    at_ms  INTEGER NOT NULL,
    -- The record that accuses the origin, once it is in the station's log.
    leaf   BLOB    CHECK (length(leaf) = 32),
    UNIQUE (origin, note_a, note_b)
) STRICT;
