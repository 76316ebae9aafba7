use super::*;

fn databases(service: &str, legacy: Option<&str>, new: Option<&str>) -> Result<Databases, String> {
    let args = DatabaseArgs {
        service: service.to_owned(),
        legacy_url: legacy.map(str::to_owned),
        new_url: new.map(str::to_owned),
    };
    Databases::try_from(args).map_err(|error| error.to_string())
}

const POSTGRES: Option<&str> = Some("postgresql+asyncpg://u:secret@localhost/cart");
const SQLITE: Option<&str> = Some("sqlite:///var/cart.db");
const OTHER_SQLITE: Option<&str> = Some("sqlite:cart.db");

#[test]
fn the_scheme_picks_the_adapter() {
    let read = databases("cart", POSTGRES, SQLITE).unwrap();
    assert!(matches!(read.legacy, Some(Database::Postgres(_))));
    assert!(matches!(read.new, Some(Database::Sqlite(_))));
}

#[test]
fn one_side_may_be_left_out_and_not_both() {
    assert!(databases("cart", None, SQLITE).is_ok());
    assert!(databases("cart", SQLITE, Some("")).unwrap().new.is_none());
    let error = databases("cart", None, Some("")).unwrap_err();
    assert!(error.contains("LEGACY_DATABASE_URL") && error.contains("NEW_DATABASE_URL"));
}

#[test]
fn a_wrong_url_says_which_flag_and_what_is_right_and_never_the_password() {
    let wrong = [
        "mysql://u:secret@localhost/cart",
        "u:secret@localhost/cart",
        "secret",
        "postgres://u:secret@localhost",
        "postgres://u:secret@localhost:many/cart",
        "sqlite:",
        "sqlite::memory:",
        "sqlite:///cart.db?secret",
    ];
    for url in &wrong[..7] {
        let error = databases("cart", SQLITE, Some(url)).unwrap_err();
        assert!(
            error.starts_with("--new-url (NEW_DATABASE_URL): "),
            "{url}: {error}"
        );
        assert!(error.contains("expected"), "{url}: {error}");
        assert!(!error.contains("secret"), "{url}: {error}");
    }
    assert!(databases("cart", SQLITE, Some(wrong[7])).is_err());
}

#[test]
fn the_same_database_twice_is_refused() {
    let error = databases("cart", SQLITE, SQLITE).unwrap_err();
    assert!(error.contains("same database"), "{error}");
}

#[test]
fn a_wrong_service_name_says_what_a_name_is() {
    for name in ["", "Cart", "cart-service", "1cart"] {
        let error = databases(name, SQLITE, None).unwrap_err();
        assert!(
            error.contains("--service") && error.contains("lower case letter"),
            "{error}"
        );
    }
}

#[test]
fn tables_are_created_unasked_only_when_both_databases_are_files() {
    let installing = |legacy, new| databases("cart", legacy, new).unwrap().installing();
    assert_eq!(installing(SQLITE, OTHER_SQLITE), Installing::Auto);
    assert_eq!(installing(POSTGRES, SQLITE), Installing::Never);
    assert_eq!(installing(None, SQLITE), Installing::Never);
}

#[test]
fn a_process_has_a_name_of_its_own_unless_it_is_given_one() {
    let random = || instance(None, "cart").unwrap();
    assert_ne!(random(), random());
    assert!(random().starts_with("cart-"));
    assert_eq!(instance(Some("a".to_owned()), "cart").unwrap(), "a");
    assert!(instance(Some(" ".to_owned()), "cart").is_err());
}

#[test]
fn listening_beyond_loopback_needs_to_be_said_aloud() {
    let listeners = |insecure| ListenerArgs {
        listen: "0.0.0.0:7410".parse().unwrap(),
        http_listen: ListenAddress::loopback(0),
        socket: None,
        insecure,
    };
    let error = Listeners::try_from(listeners(false))
        .unwrap_err()
        .to_string();
    assert!(error.contains("--insecure"), "{error}");
    assert!(Listeners::try_from(listeners(true)).is_ok());
}

#[test]
fn the_control_plane_is_optional_and_checked() {
    assert!(endpoint(None).unwrap().is_none());
    assert!(endpoint(Some(String::new())).unwrap().is_none());
    assert!(
        endpoint(Some("127.0.0.1:7400".to_owned()))
            .unwrap()
            .is_some()
    );
    let error = endpoint(Some("localhost".to_owned()))
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("--control-plane: "), "{error}");
}
