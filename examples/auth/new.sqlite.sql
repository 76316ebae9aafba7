-- The auth service's own database.
CREATE TABLE users (
    id             INTEGER   PRIMARY KEY,
    public_id      UUID      NOT NULL,
    login          TEXT      NOT NULL UNIQUE,
    email          TEXT      NOT NULL,
    password_hash  TEXT      NOT NULL,
    active         BOOLEAN   NOT NULL DEFAULT 1,
    -- Whole seconds: legacy keeps no more, and what cannot be carried exactly is refused.
    registered_at  TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
    deactivated_at TIMESTAMP,
    last_seen_at   TIMESTAMP,
    sign_ins       INTEGER   NOT NULL DEFAULT 0
);
CREATE TABLE profiles (
    user_id      INTEGER PRIMARY KEY REFERENCES users (id),
    display_name TEXT    NOT NULL,
    phone        TEXT,
    language     TEXT    NOT NULL DEFAULT 'en',
    settings     JSON    NOT NULL DEFAULT '{}'
);
