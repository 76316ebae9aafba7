use super::security::Verify;
use super::*;

fn refusal(url: &str) -> String {
    MysqlConfig::new(url).driver().unwrap_err().to_string()
}

#[test]
fn every_form_of_url_names_its_place() {
    let table = [
        (
            "mysql://u:p@db.example/cart?ssl-mode=verify_identity",
            "db.example:3306/cart",
        ),
        ("mariadb://u@127.0.0.1:3307/cart", "127.0.0.1:3307/cart"),
        (
            "mysql+pymysql://u:p%40ss@localhost/cart?charset=utf8mb4",
            "localhost:3306/cart",
        ),
        (
            "mariadb+mariadbconnector://u:a@b@localhost/c",
            "localhost:3306/c",
        ),
        ("mysql+asyncmy://u@[::1]:3306/cart", "::1:3306/cart"),
        (
            "mysql://u@/cart?unix_socket=/run/m.sock",
            "/run/m.sock/cart",
        ),
        (
            "mysql://u@localhost/cart?socket=%2Frun%2Fm.sock",
            "/run/m.sock/cart",
        ),
    ];
    for (url, expected) in table {
        assert_eq!(DatabaseUrl::from(url).to_string(), expected, "{url}");
    }
}

#[test]
fn what_is_no_mysql_url_is_refused_with_what_would_be_right_and_without_its_secrets() {
    let table = [
        ("postgresql://u:secret@h/db", "mysql://user"),
        ("u:secret@h/db", "`://`"),
        ("mysql://localhost/db", "names no user"),
        ("mysql://:secret@localhost/db", "names no user"),
        ("mysql://u:secret@localhost", "names no database"),
        ("mysql://u:secret@/db", "names no host"),
        ("mysql://u:secret@localhost:0/db", "65535"),
        ("mysql://u:secret%zz@localhost/db", "two hex digits"),
        ("mysql://u:secret@localhost/db?charset=latin1", "utf8mb4"),
        ("mysql://u:secret@localhost/db?autocommit=1", "`autocommit`"),
        (
            "mysql://u:secret@localhost/db?ssl-mode=maybe",
            "verify_identity",
        ),
        ("mysql://u:secret@localhost/db?ssl-cert=/c", "ssl-key"),
    ];
    for (url, expected) in table {
        let error = refusal(url);
        assert!(error.contains(expected), "{url}: {error}");
        assert!(!error.contains("secret"), "{error}");
    }
    let shown = format!("{:?}", MysqlConfig::new("mysql://u:secret@localhost/db"));
    assert!(!shown.contains("secret"), "{shown}");
}

#[test]
fn beyond_loopback_a_server_is_verified_unless_less_is_allowed_aloud() {
    let verify = |url: &str, allow_insecure: bool| {
        let config = MysqlConfig {
            allow_insecure,
            ..MysqlConfig::new(url)
        };
        config.driver().map(|(_, security)| security.verify)
    };
    let far = "mysql://u@db.example/x";
    let near = "mysql://u@127.0.0.1/x";
    assert_eq!(verify(far, false), Ok(Verify::Full));
    assert_eq!(verify(near, false), Ok(Verify::Plain));
    assert_eq!(
        verify("mysql://u@127.0.0.1/x?ssl-ca=/ca.pem", false),
        Ok(Verify::Full)
    );
    for (mode, verified) in [
        ("disabled", Verify::Plain),
        ("REQUIRED", Verify::Nothing),
        ("verify-ca", Verify::Authority),
    ] {
        let url = format!("{far}?ssl-mode={mode}");
        assert!(refusal(&url).contains("--insecure-databases"), "{mode}");
        assert_eq!(verify(&url, true), Ok(verified));
    }
    let preferred = format!("{far}?ssl-mode=preferred");
    assert_eq!(verify(&preferred, true), Err(ConfigError::TlsPreferred));
}
