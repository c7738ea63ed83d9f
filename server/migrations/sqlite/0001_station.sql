-- The working state of a station. The log is the truth about records; these rows say what is under way.

CREATE TABLE form (
    form       TEXT    NOT NULL PRIMARY KEY CHECK (length(form) BETWEEN 1 AND 80),
    benchmark  TEXT    NOT NULL,
    version    TEXT    NOT NULL,
    edition    TEXT    NOT NULL,
    class      TEXT    NOT NULL CHECK (class IN ('practice', 'sealed')),
    title      TEXT    NOT NULL,
    summary    TEXT    NOT NULL,
    locales    TEXT    NOT NULL,
    sections   TEXT    NOT NULL,
    seal       BLOB    NOT NULL CHECK (length(seal) = 32),
    terms      BLOB    NOT NULL CHECK (length(terms) = 32),
    root       BLOB    NOT NULL CHECK (length(root) = 32),
    leaves     INTEGER NOT NULL,
    declared   TEXT    NOT NULL,
    envelope   TEXT    NOT NULL,
    idx        INTEGER,
    leaf       BLOB    CHECK (length(leaf) = 32),
    created_ms INTEGER NOT NULL,
    CHECK ((idx IS NULL) = (leaf IS NULL))
) STRICT;
CREATE INDEX form_of_benchmark ON form (benchmark, idx);

CREATE TABLE submission (
    id             BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    principal      TEXT    NOT NULL,
    system         TEXT    NOT NULL,
    name           TEXT    NOT NULL,
    name_key       TEXT    NOT NULL,
    adapter        BLOB    NOT NULL CHECK (length(adapter) = 32),
    bytes          INTEGER NOT NULL,
    benchmarks     TEXT    NOT NULL,
    declares       TEXT    NOT NULL,
    state          TEXT    NOT NULL CHECK (state IN ('received', 'checked', 'refused')),
    refusal_code   TEXT,
    refusal_detail TEXT,
    envelope       TEXT,
    idx            INTEGER,
    leaf           BLOB    CHECK (length(leaf) = 32),
    created_ms     INTEGER NOT NULL,
    CHECK ((state = 'refused') = (refusal_code IS NOT NULL)),
    CHECK ((state = 'checked') = (idx IS NOT NULL)),
    CHECK ((idx IS NULL) = (leaf IS NULL))
) STRICT;
CREATE INDEX submission_of_system ON submission (system, id);
CREATE INDEX submission_by_name ON submission (name_key);

-- One try of a submission on a form; a retry is a new row.
CREATE TABLE run (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    submission   BLOB    NOT NULL REFERENCES submission (id),
    form         TEXT    NOT NULL REFERENCES form (form),
    benchmark    TEXT    NOT NULL,
    tries        INTEGER NOT NULL CHECK (tries >= 1),
    state        TEXT    NOT NULL CHECK (state IN ('queued', 'running', 'marked', 'published', 'aborted')),
    reason       TEXT,
    detail       TEXT,
    progress_ppm INTEGER NOT NULL DEFAULT 0 CHECK (progress_ppm BETWEEN 0 AND 1000000),
    intent_leaf  BLOB    CHECK (length(intent_leaf) = 32),
    intent_idx   INTEGER,
    close_leaf   BLOB    CHECK (length(close_leaf) = 32),
    close_idx    INTEGER,
    board_leaf   BLOB    CHECK (length(board_leaf) = 32),
    board_idx    INTEGER,
    created_ms   INTEGER NOT NULL,
    changed_ms   INTEGER NOT NULL,
    UNIQUE (submission, form, tries),
    CHECK (state NOT IN ('running', 'marked', 'published') OR intent_idx IS NOT NULL),
    CHECK (state NOT IN ('marked', 'published') OR close_idx IS NOT NULL),
    CHECK ((state = 'published') = (board_idx IS NOT NULL))
) STRICT;
CREATE INDEX run_of_benchmark ON run (benchmark, state);
CREATE INDEX run_by_close ON run (close_leaf);

CREATE TABLE run_state (
    run    BLOB    NOT NULL REFERENCES run (id),
    seq    INTEGER NOT NULL,
    state  TEXT    NOT NULL,
    reason TEXT,
    at_ms  INTEGER NOT NULL,
    PRIMARY KEY (run, seq)
) STRICT;

-- A lease belongs to one process (owner) and one claim (fence); a write that names another fence is void.
CREATE TABLE job (
    id             BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    kind           TEXT    NOT NULL CHECK (kind IN ('check', 'evaluate', 'publish')),
    subject        TEXT    NOT NULL,
    state          TEXT    NOT NULL CHECK (state IN ('queued', 'claimed', 'done', 'failed')),
    run_at_ms      INTEGER NOT NULL,
    tries          INTEGER NOT NULL DEFAULT 0,
    owner          BLOB,
    lease_until_ms INTEGER,
    fence          INTEGER NOT NULL DEFAULT 0,
    reason         TEXT,
    created_ms     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX job_alive ON job (kind, subject) WHERE state IN ('queued', 'claimed');
CREATE INDEX job_next ON job (kind, run_at_ms, id) WHERE state IN ('queued', 'claimed');

-- Published boards, as the log holds them.
CREATE TABLE board (
    benchmark TEXT    NOT NULL,
    idx       INTEGER NOT NULL,
    leaf      BLOB    NOT NULL CHECK (length(leaf) = 32),
    inputs    BLOB    NOT NULL CHECK (length(inputs) = 32),
    output    BLOB    NOT NULL CHECK (length(output) = 32),
    size      INTEGER NOT NULL,
    declared  TEXT    NOT NULL,
    PRIMARY KEY (benchmark, idx)
) STRICT;

CREATE TABLE idempotency (
    principal  TEXT    NOT NULL,
    key        TEXT    NOT NULL,
    request    BLOB    NOT NULL CHECK (length(request) = 32),
    subject    TEXT    NOT NULL,
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (principal, key)
) STRICT;
