-- The shared shop database, as far as the auth service owns it.
CREATE TABLE shop_users (
    user_no        INTEGER PRIMARY KEY,
    public_ref     TEXT    NOT NULL,
    login          TEXT    NOT NULL UNIQUE,
    email_address  TEXT    NOT NULL,
    pw_hash        TEXT    NOT NULL,
    is_active      INTEGER NOT NULL DEFAULT 1,
    registered_ts  INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') AS INTEGER)),
    deactivated_ts INTEGER,
    last_seen_ms   INTEGER,
    logins         INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE shop_profiles (
    user_no  INTEGER PRIMARY KEY REFERENCES shop_users (user_no),
    display  TEXT    NOT NULL,
    phone_no TEXT,
    lang     TEXT    NOT NULL DEFAULT 'en',
    -- JSON, as the legacy code wrote it: sorted keys, no spaces.
    prefs    TEXT    NOT NULL DEFAULT '{}'
);
