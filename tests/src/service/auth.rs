//! `examples/auth`.

use super::{Dialect, Query, Service, Tally, example};

/// Users that legacy holds before anything begins; every eleventh of them is
/// no longer active.
pub const USERS: u64 = 1_500;
/// Of the first of them, so many have a profile.
pub const PROFILES: u64 = 1_200;

/// The auth service.
pub static AUTH: Service = {
    let (manifest, schemas) = example!("auth");
    Service {
        name: "auth",
        manifest,
        entities: &["user", "profile"],
        schemas,
        rows,
        comparisons,
        tallies,
    }
};

fn rows(dialect: Dialect) -> String {
    let hex = match dialect {
        Dialect::Postgres => "lpad(to_hex(n), 12, '0')",
        Dialect::Sqlite => "printf('%012x', n)",
    };
    format!(
        "INSERT INTO shop_users (user_no, public_ref, login, email_address, pw_hash, is_active, \
                                 registered_ts, deactivated_ts, last_seen_ms) \
           SELECT n, '6f1d3c2a-0b4e-4c5d-8e7f-' || {hex}, 'login' || n, 'user' || n || '@example.com', \
                  'argon2id-' || n, CASE n % 11 WHEN 0 THEN 0 ELSE 1 END, 1600000000 + n, \
                  CASE n % 11 WHEN 0 THEN 1650000000 + n END, CASE n % 3 WHEN 0 THEN NULL ELSE 1700000000123 + n * 7 END \
           FROM {users};
         INSERT INTO shop_profiles (user_no, display, phone_no, lang, prefs) \
           SELECT n, 'User ' || n, CASE n % 2 WHEN 0 THEN '+49 30 ' || n END, CASE n % 4 WHEN 0 THEN 'fr' ELSE 'en' END, \
                  '{{\"mails\":' || CASE n % 5 WHEN 0 THEN 'false' ELSE 'true' END || ',\"theme\":\"dark\"}}' \
           FROM {profiles};",
        users = dialect.numbers(USERS),
        profiles = dialect.numbers(PROFILES),
    )
}

fn comparisons(dialect: Dialect) -> Vec<Query> {
    vec![
        Query {
            entity: "user",
            key_columns: 1,
            legacy: "SELECT user_no, public_ref, login, email_address, pw_hash, is_active, registered_ts, \
                     deactivated_ts, last_seen_ms, logins FROM shop_users"
                .into(),
            new: format!(
                "SELECT id, {}, login, email, password_hash, {}, {}, {}, {}, sign_ins FROM users",
                dialect.text("public_id"),
                dialect.bit("active"),
                dialect.seconds("registered_at"),
                dialect.seconds("deactivated_at"),
                dialect.millis("last_seen_at"),
            ),
        },
        Query {
            entity: "profile",
            key_columns: 1,
            legacy: format!(
                "SELECT user_no, display, phone_no, lang, {} FROM shop_profiles",
                dialect.json("prefs")
            ),
            new: format!(
                "SELECT user_id, display_name, phone, language, {} FROM profiles",
                dialect.json("settings")
            ),
        },
    ]
}

fn tallies(_: Dialect) -> Vec<Tally> {
    vec![
        Tally {
            what: "sign-ins",
            legacy: "SELECT user_no, logins FROM shop_users WHERE logins > 0".into(),
            new: "SELECT id, sign_ins FROM users WHERE sign_ins > 0".into(),
            stock: None,
        },
        // Those that were inactive from the beginning have been so since before.
        Tally {
            what: "deactivations",
            legacy: "SELECT user_no, 1 FROM shop_users WHERE is_active = 0 AND deactivated_ts > 1699999999".into(),
            new: "SELECT id, 1 FROM users WHERE NOT active AND deactivated_at > '2023-11-14T22:13:19Z'".into(),
            stock: None,
        },
    ]
}
