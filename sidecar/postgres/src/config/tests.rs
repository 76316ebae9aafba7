use super::*;

fn driver(url: &str) -> Result<tokio_postgres::Config, ConfigError> {
    PostgresConfig::new(url, "cart").driver()
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
            "postgres://u:secret@h/d?sslmode=require",
            "asks for TLS (`sslmode`)",
        ),
        (
            "postgres://u:secret@h/d?ssl=require",
            "asks for TLS (`ssl`)",
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
        .get_application_name()
        .unwrap()
        .len();
    assert_eq!(name, 62);
}
