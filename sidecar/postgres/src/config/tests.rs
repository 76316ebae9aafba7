use super::*;

fn driver(url: &str) -> Result<tokio_postgres::Config, ConfigError> {
    let config = PostgresConfig::new(url, "cart");
    config.driver().map(|(driver, _)| driver)
}

/// What is verified over loopback and beyond it, when weak modes are allowed.
fn verified(options: &str) -> [Result<Verify, ConfigError>; 2] {
    ["localhost", "db.internal"].map(|host| {
        let config = PostgresConfig {
            allow_insecure: true,
            ..PostgresConfig::new(format!("postgres://u:secret@{host}/d{options}"), "cart")
        };
        config.driver().map(|(_, security)| security.verify)
    })
}

#[test]
fn the_forms_that_people_have_are_all_read() {
    let forms = [
        "postgres://cart:secret@db.internal/cart",
        "postgresql://cart:secret@db.internal:5433/cart",
        "postgresql+asyncpg://cart:secret@db.internal:5433/cart",
        "postgresql+psycopg2://cart:secret@db.internal/cart?connect_timeout=3",
        "postgres://cart@%2Fvar%2Frun%2Fpostgresql:5432/cart",
        "postgres://cart@/cart?host=/var/run/postgresql",
        "postgres://cart@localhost/cart?sslmode=disable&options=-c%20search_path%3Dshop",
    ];
    for form in forms {
        let driver = driver(form).unwrap_or_else(|error| panic!("{form}: {error}"));
        assert_eq!(driver.get_dbname(), Some("cart"), "{form}");
        assert_eq!(
            driver.get_application_name(),
            Some("dualwrite-sidecar/cart"),
            "{form}"
        );
    }
}

#[test]
fn a_wrong_url_says_what_would_be_right() {
    let table = [
        ("mysql://u:secret@h/d", "begins with `mysql://`"),
        ("u:secret@h/d", "no `://`"),
        ("postgres://u:secret@h", "names no database"),
        ("postgres:///cart", "names no host"),
        (
            "postgres://u:secret@h/d?sslmode=secret",
            "`sslmode` in the database URL is not known",
        ),
        (
            "postgres://u:secret@h/d?ssl=true&sslmode=disable",
            "`ssl` and `sslmode`, and they differ",
        ),
        (
            "postgres://u:secret@h/d?sslmode=require",
            "whoever answers is taken for the server",
        ),
        (
            "postgres://u:secret@h/d?sslmode=prefer",
            "falls back to clear text",
        ),
        ("postgres://u:secret@h/d?sslcert=a.crt", "has no `sslkey`"),
        (
            "postgres://u:secret@h/d?sslrootcert=%zz",
            "the value of `sslrootcert` has an escape",
        ),
        (
            "postgres://u:secret@/d?hostaddr=10.0.0.1",
            "names an address and no host",
        ),
        (
            "postgres://u:secret@/d?host=/var/run/postgresql&sslmode=require",
            "asks for TLS over a Unix socket",
        ),
        (
            "postgres://u:secret@h/d?pool_size=3",
            "unknown option `pool_size`",
        ),
        (
            "postgres://u:secret@h:many/d",
            "the value of `port` is not valid",
        ),
    ];
    for (url, expected) in table {
        let text = driver(url).expect_err(url).to_string();
        assert!(text.contains(expected), "{url}: {text}");
        assert!(!text.contains("secret"), "{url}: {text}");
    }
}

#[test]
fn a_url_is_never_shown_with_its_password() {
    let config = PostgresConfig::new("postgres://cart:secret@db:5433/cart", "cart");
    assert_eq!(config.url.to_string(), "db:5433/cart");
    assert!(!format!("{config:?}").contains("secret"));
    assert!(!format!("{:?}", DatabaseUrl::from("nonsense secret")).contains("secret"));
}

#[test]
fn a_wrong_service_name_and_no_connections_are_refused() {
    let wrong = PostgresConfig::new("postgres://u@h/d", "Cart Service");
    assert_eq!(
        wrong.driver().err(),
        Some(ConfigError::Service("Cart Service".into()))
    );
    let none = PostgresConfig {
        max_connections: 0,
        ..PostgresConfig::new("postgres://u@h/d", "cart")
    };
    assert_eq!(none.driver().err(), Some(ConfigError::NoConnections));
}

#[test]
fn a_long_application_name_is_cut_to_what_the_server_keeps() {
    let config = PostgresConfig {
        application_name: "é".repeat(50),
        ..PostgresConfig::new("postgres://u@h/d", "cart")
    };
    let name = config
        .driver()
        .unwrap()
        .0
        .get_application_name()
        .unwrap()
        .len();
    assert_eq!(name, 62);
}

#[test]
fn beyond_loopback_everything_is_verified_and_what_the_url_says_wins() {
    use Verify::{Authority, Full, Nothing, Plain, Prefer};
    let table = [
        ("", Plain, Full),
        ("?sslmode=disable", Plain, Plain),
        ("?sslmode=require", Nothing, Nothing),
        ("?sslmode=require&sslrootcert=ca.pem", Authority, Authority),
        ("?sslmode=verify-ca", Authority, Authority),
        ("?sslmode=verify-full", Full, Full),
        ("?sslrootcert=ca.pem", Full, Full),
        ("?sslcert=a.crt&sslkey=a.key", Full, Full),
        ("?ssl=require", Nothing, Nothing),
        ("?ssl=true", Full, Full),
        ("?ssl=False", Plain, Plain),
        ("?ssl=verify-full&sslmode=verify-full", Full, Full),
    ];
    for (options, here, beyond) in table {
        assert_eq!(verified(options), [Ok(here), Ok(beyond)], "{options}");
    }
    let [here, beyond] = verified("?sslmode=prefer");
    assert_eq!((here, beyond), (Ok(Prefer), Err(ConfigError::TlsPreferred)));
}

#[test]
fn a_host_is_beyond_loopback_unless_it_can_only_be_this_machine() {
    let beyond = |place: &str| {
        let config = PostgresConfig {
            allow_insecure: true,
            ..PostgresConfig::new(format!("postgres://u:a?b@{place}"), "cart")
        };
        config.driver().unwrap().1.beyond_loopback
    };
    for here in [
        "localhost/d",
        "LOCALHOST/d",
        "127.0.0.1/d",
        "127.9.9.9/d",
        "[::1]/d",
        "%2Frun%2Fpostgresql/d",
    ] {
        assert!(!beyond(here), "{here}");
    }
    for there in [
        "db/d",
        "localhost.example.test/d",
        "10.0.0.1/d",
        "localhost,db/d",
        "localhost/d?hostaddr=10.0.0.1",
        "db/d?hostaddr=127.0.0.1",
    ] {
        assert!(beyond(there), "{there}");
    }
}
