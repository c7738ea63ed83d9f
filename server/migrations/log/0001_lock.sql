-- The log's lock store: the newest signed head and the newest public note. One row each; small and trusted.

CREATE TABLE head (
    id    INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    size  INTEGER NOT NULL CHECK (size >= 0),
    root  BLOB    NOT NULL CHECK (length(root) = 32),
    note  TEXT    NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE published (
    id    INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    note  TEXT    NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;
