-- The shared shop database, as far as the auth service owns it.
CREATE TABLE shop_users (
    user_no        bigint  PRIMARY KEY,
    public_ref     text    NOT NULL,
    login          text    NOT NULL UNIQUE,
    email_address  text    NOT NULL,
    pw_hash        text    NOT NULL,
    is_active      integer NOT NULL DEFAULT 1,
    registered_ts  bigint  NOT NULL DEFAULT extract(epoch FROM now())::bigint,
    deactivated_ts bigint,
    last_seen_ms   bigint,
    logins         bigint  NOT NULL DEFAULT 0
);
CREATE TABLE shop_profiles (
    user_no  bigint PRIMARY KEY REFERENCES shop_users (user_no),
    display  text   NOT NULL,
    phone_no text,
    lang     text   NOT NULL DEFAULT 'en',
    -- JSON, as the legacy code wrote it: sorted keys, no spaces.
    prefs    text   NOT NULL DEFAULT '{}'
);
