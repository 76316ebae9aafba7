use clap::Parser as _;
use dualwrite_process::ListenAddress;

use super::*;
use crate::args::{Arguments, Command, with_command};
use crate::settings::PROGRAM;

/// What is made of these flags, or all that is wrong with them.
fn config(flags: &[&str]) -> Result<Config, String> {
    let words = std::iter::once("dualwrite-sidecar").chain(flags.iter().copied());
    let parsed = Arguments::parse_from(with_command(words.map(Into::into)));
    let Command::Run(args) = parsed.command else {
        panic!("{flags:?} is no run");
    };
    let mut settings = Settings::gather(&PROGRAM, args.flags, []);
    let config = Config::read(&mut settings);
    settings.finish(config).map_err(|error| error.to_string())
}

fn databases(service: &str, legacy: Option<&str>, new: Option<&str>) -> Result<Databases, String> {
    let urls = [("--legacy-url", legacy), ("--new-url", new)];
    let urls = urls
        .into_iter()
        .filter_map(|(flag, url)| Some([flag, url?]));
    let flags: Vec<&str> = ["--service", service]
        .into_iter()
        .chain(urls.flatten())
        .collect();
    config(&flags).map(|config| config.databases)
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
    let error = databases("cart", None, None).unwrap_err();
    assert!(error.contains("LEGACY_DATABASE_URL") && error.contains("NEW_DATABASE_URL"));
}

#[test]
fn a_wrong_url_says_which_flag_and_what_is_right_and_never_the_password() {
    let wrong = [
        "mongodb://u:secret@localhost/cart",
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
        assert!(error.starts_with("--new-url: "), "{url}: {error}");
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
    for name in ["Cart", "cart-service", "1cart"] {
        let error = databases(name, SQLITE, None).unwrap_err();
        assert!(
            error.contains("--service: ") && error.contains("lower case letter"),
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
    let with = |more: &[&str]| {
        let flags = [&["--service", "cart", "--new-url", "sqlite:new.db"], more].concat();
        config(&flags)
    };
    let random = || with(&[]).unwrap().instance;
    assert_ne!(random(), random());
    assert!(random().starts_with("cart-"));
    assert_eq!(with(&["--instance", "a"]).unwrap().instance, "a");
    assert!(with(&["--instance", " "]).is_err());
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let wrong = [
        "--listen",
        "0.0.0.0:7410",
        "--control-plane",
        "localhost",
        "--install",
        "sometimes",
        "--log",
        "==",
    ];
    let error = config(&wrong).unwrap_err();
    for what in [
        "--insecure",
        "--control-plane: ",
        "auto or never",
        "--log: ",
        "DUALWRITE_SERVICE",
        "LEGACY_DATABASE_URL",
    ] {
        assert!(error.contains(what), "{what}: {error}");
    }
}

#[test]
fn what_is_right_is_as_it_was_said() {
    let right = [
        "--service",
        "cart",
        "--new-url",
        "sqlite+aiosqlite:///new.db",
        "--listen",
        "0.0.0.0:7410",
        "--insecure",
        "--control-plane",
        "127.0.0.1:7400",
    ];
    let config = config(&right).unwrap();
    assert_eq!(config.listeners.tcp.http, ListenAddress::loopback(7411));
    assert_eq!(config.listeners.tcp.grpc.to_string(), "0.0.0.0:7410");
    assert!(config.control_plane.is_some() && config.state_dir.is_none());
}

#[test]
fn probes_may_be_beyond_loopback_and_applications_only_when_it_is_said_aloud() {
    let flags = ["--service", "cart", "--new-url", "sqlite:///new.db"];
    let with = |more: &[&str]| config(&[&flags[..], more].concat());
    let probes = with(&["--http-listen", "0.0.0.0:7411"]).unwrap();
    assert_eq!(probes.listeners.tcp.grpc, ListenAddress::loopback(7410));
    let error = with(&["--listen", "0.0.0.0:7410"]).unwrap_err();
    assert!(error.contains("--insecure"), "{error}");
}

#[test]
fn a_database_beyond_loopback_that_is_not_verified_needs_to_be_said_aloud() {
    let url = "postgres://u:secret@db.example.test/cart?sslmode=require";
    let flags = ["--service", "cart", "--new-url", url];
    let error = config(&flags).unwrap_err();
    assert!(
        error.contains("--insecure-databases") && !error.contains("secret"),
        "{error}"
    );
    let more = ["--insecure-databases", "--max-connections", "3"];
    let allowed = [&flags[..], &more].concat();
    let Some(Database::Postgres(read)) = config(&allowed).unwrap().databases.new else {
        panic!("no PostgreSQL");
    };
    assert!(read.allow_insecure);
    assert_eq!(read.max_connections, 3);
}

#[test]
fn a_number_of_connections_is_one_or_more() {
    for number in ["0", "-1", "many"] {
        let flag = format!("--max-connections={number}");
        let error = config(&["--service", "cart", "--new-url", "sqlite:a.db", &flag]);
        let error = error.unwrap_err();
        assert!(error.contains("expected 1 or more"), "{error}");
    }
}
