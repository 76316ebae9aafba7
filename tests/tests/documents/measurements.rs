//! Programs that measure or search for minutes, run as little as they can be: what
//! they print is no measurement here, but they end as documents say.

use dualwrite_tests::process::Program;

use crate::document::read;

/// Runs a program to its end, which must be a good one; what it printed.
async fn runs(program: &str, arguments: &str) -> String {
    let run = Program::named(program).unwrap();
    let output = run.args(arguments.split(' ')).run().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success(),
        "{program} {arguments}:\n{said}\n{errors}"
    );
    said
}

/// The flags in the tables of `docs/benchmarks.md` are flags.
async fn knows_its_flags(verb: &str) {
    let help = runs("dualwrite-bench", &format!("{verb} --help")).await;
    let text = read("docs/benchmarks.md");
    let (_, own) = text
        .split_once(&format!("cargo xtask bench {verb}\n```"))
        .unwrap();
    let own = own.split("```").next().unwrap_or_default();
    let rows = own.lines().filter_map(|line| line.strip_prefix("| `--"));
    let flags: Vec<&str> = rows
        .filter_map(|row| row.split([' ', '`']).next())
        .collect();
    assert!(flags.len() > 2, "{flags:?}");
    for flag in flags {
        assert!(
            help.contains(&format!("--{flag}")),
            "{verb} has no --{flag}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_is_measured_and_both_databases_agree() {
    knows_its_flags("write").await;
    let said = runs(
        "dualwrite-bench",
        "write --seconds 0.1 --rounds 1 --clients 1 --only strict",
    )
    .await;
    assert!(said.contains("| "), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_measured_until_the_last_has_it() {
    knows_its_flags("fanout").await;
    let said = runs(
        "dualwrite-bench",
        "fanout --sessions 200 --rounds 1 --changes 2",
    )
    .await;
    assert!(said.contains("| "), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_models_checker_says_what_holds_and_what_does_not() {
    let said = runs("dualwrite-model", "--only nested").await;
    assert!(said.contains("nested"), "{said}");
}
