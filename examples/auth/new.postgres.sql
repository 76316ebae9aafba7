-- The auth service's own database.
CREATE TABLE users (
    id             bigint         PRIMARY KEY,
    public_id      uuid           NOT NULL,
    login          text           NOT NULL UNIQUE,
    email          text           NOT NULL,
    password_hash  text           NOT NULL,
    active         boolean        NOT NULL DEFAULT true,
    -- Whole seconds: legacy keeps no more, and what cannot be carried exactly is refused.
    registered_at  timestamptz(0) NOT NULL DEFAULT now(),
    deactivated_at timestamptz(0),
    last_seen_at   timestamptz(3),
    sign_ins       bigint         NOT NULL DEFAULT 0
);
CREATE TABLE profiles (
    user_id      bigint PRIMARY KEY REFERENCES users (id),
    display_name text   NOT NULL,
    phone        text,
    language     text   NOT NULL DEFAULT 'en',
    settings     jsonb  NOT NULL DEFAULT '{}'
);
