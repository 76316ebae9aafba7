-- Everything the control plane keeps. Times are milliseconds since 1970 UTC.
-- JSON columns hold the serialised form of the core's types.

CREATE TABLE migrations (
    name       TEXT PRIMARY KEY,
    revision   INTEGER NOT NULL,
    phase      TEXT NOT NULL,
    epoch      INTEGER NOT NULL,
    marking    INTEGER NOT NULL,
    spec       TEXT NOT NULL,
    settings   TEXT NOT NULL,
    backfilled TEXT NOT NULL,
    created    INTEGER NOT NULL,
    updated    INTEGER NOT NULL,
    deleted    INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE revisions (
    migration TEXT NOT NULL,
    revision  INTEGER NOT NULL,
    phase     TEXT NOT NULL,
    epoch     INTEGER NOT NULL,
    spec      TEXT NOT NULL,
    time      INTEGER NOT NULL,
    actor     TEXT NOT NULL,
    reason    TEXT NOT NULL,
    PRIMARY KEY (migration, revision)
) STRICT, WITHOUT ROWID;

CREATE TABLE transitions (
    plan_id   TEXT PRIMARY KEY,
    migration TEXT NOT NULL,
    plan      TEXT NOT NULL,
    state     TEXT NOT NULL,
    executor  TEXT,
    steps     TEXT NOT NULL,
    started   INTEGER NOT NULL,
    deadline  INTEGER NOT NULL,
    ended     INTEGER,
    reason    TEXT NOT NULL,
    actor     TEXT NOT NULL,
    forced    INTEGER NOT NULL,
    outcome   TEXT NOT NULL
) STRICT;

-- One transition of a migration at a time, whatever a program thinks.
CREATE UNIQUE INDEX transitions_open ON transitions (migration) WHERE ended IS NULL;
CREATE INDEX transitions_by_migration ON transitions (migration, started);

CREATE TABLE jobs (
    id                  TEXT PRIMARY KEY,
    migration           TEXT NOT NULL,
    kind                TEXT NOT NULL,
    state               TEXT NOT NULL,
    epoch               INTEGER NOT NULL,
    entities            TEXT NOT NULL,
    rows_done           INTEGER NOT NULL,
    rows_total          INTEGER NOT NULL,
    shards_done         INTEGER NOT NULL,
    shards_total        INTEGER NOT NULL,
    created             INTEGER NOT NULL,
    ended               INTEGER,
    error               TEXT NOT NULL,
    actor               TEXT NOT NULL,
    reason              TEXT NOT NULL,
    max_rows_per_second INTEGER NOT NULL,
    quarantined         INTEGER NOT NULL
) STRICT;

CREATE INDEX jobs_by_migration ON jobs (migration, created);
CREATE INDEX jobs_open ON jobs (created) WHERE ended IS NULL;

CREATE TABLE shards (
    job_id         TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number         INTEGER NOT NULL,
    entity         TEXT NOT NULL,
    after          BLOB NOT NULL,
    until          BLOB NOT NULL,
    cursor         BLOB NOT NULL,
    done           INTEGER NOT NULL,
    lease_instance TEXT,
    lease_session  TEXT,
    rows_done      INTEGER NOT NULL,
    rows_estimated INTEGER NOT NULL,
    quarantined    INTEGER NOT NULL,
    failures       INTEGER NOT NULL,
    retry_at       INTEGER NOT NULL,
    PRIMARY KEY (job_id, number)
) STRICT, WITHOUT ROWID;

-- AUTOINCREMENT: the id of a forgotten event is never given again, for page
-- tokens are made of it.
CREATE TABLE events (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    migration TEXT NOT NULL,
    revision  INTEGER NOT NULL,
    time      INTEGER NOT NULL,
    actor     TEXT NOT NULL,
    kind      TEXT NOT NULL,
    reason    TEXT NOT NULL,
    was       TEXT NOT NULL,
    became    TEXT NOT NULL
) STRICT;

CREATE INDEX events_by_migration ON events (migration, id);

CREATE TABLE sidecars (
    migration TEXT NOT NULL,
    instance  TEXT NOT NULL,
    version   TEXT NOT NULL,
    connected INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    acked     INTEGER NOT NULL,
    PRIMARY KEY (migration, instance)
) STRICT, WITHOUT ROWID;
