use clap::{CommandFactory as _, Parser as _};

use super::*;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(std::iter::once("dualwrite").chain(line.split_whitespace()))
}

#[test]
fn the_commands_are_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn what_users_type_is_understood() {
    let lines = [
        "apply -f cart.yaml --dry-run --reason first",
        "list -o json",
        "status cart --watch --no-color",
        "phase get cart",
        "phase set cart dual_write --dry-run",
        "phase advance cart --reason go --force --wait --timeout 30s --yes",
        "phase rollback cart --accept-loss",
        "phase abort cart --reason late",
        "flags get cart",
        "flags get cart batch_size log_all",
        "flags set cart batch_size=200 log_all=true --wait --reason tune",
        "sidecars cart",
        "history cart --limit 5",
        "restore cart 3 -y",
        "backfill start cart --entity cart --entity item --max-rows-per-second 100 --watch",
        "backfill pause cart",
        "backfill resume cart --watch",
        "backfill cancel cart --job 7",
        "validate cart --entity item --key a=1,b=2",
        "validate cart --key 7",
        "jobs cart",
        "config check cart.yaml",
        "completions bash",
        "--endpoint http://127.0.0.1:1 --token t -q list",
        "--token-file /run/secrets/token list",
        "list --endpoint unix:///run/x.sock",
    ];
    for line in lines {
        if let Err(error) = parse(line) {
            panic!("{line}: {error}");
        }
    }
}

#[test]
fn what_makes_no_sense_says_what_would_be_right() {
    let table = [
        ("phase set cart dualwrite", "dual_write"),
        ("phase set cart", "<PHASE>"),
        ("flags set cart", "<KEY=VALUE>"),
        ("flags set cart batch_size", "expected KEY=VALUE"),
        ("flags set cart =1", "expected KEY=VALUE"),
        (
            "phase advance cart --wait --timeout soon",
            "like 500ms, 30s",
        ),
        ("phase advance cart --wait --timeout 0", "more than no time"),
        ("restore cart last", "invalid digit"),
        ("history cart --limit 0", "1.."),
        ("validate cart", "--key"),
        ("apply", "--file"),
        ("list -o yaml", "possible values: table, json"),
        ("statsu cart", "status"),
    ];
    for (line, expected) in table {
        let error = parse(line).expect_err(line);
        assert_eq!(error.exit_code(), 2, "{line}");
        let text = error.to_string();
        assert!(text.contains(expected), "{line}: {text}");
    }
}

#[test]
fn what_is_not_typed_has_its_default() {
    let cli = parse("list").unwrap();
    assert_eq!(cli.global.endpoint, "http://127.0.0.1:7400");
    assert_eq!(cli.global.output, Format::Table);
    assert!(!cli.global.quiet && !cli.global.yes && !cli.global.no_color);
}

#[test]
fn help_never_shows_the_token() {
    let help = Cli::command().render_long_help().to_string();
    assert!(help.contains("DUALWRITE_TOKEN"), "{help}");
    assert!(!help.contains("DUALWRITE_TOKEN="), "{help}");
}
