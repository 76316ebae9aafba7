//! Commands that make no sense: one line on standard error that says what would
//! be right, nothing on standard output, and the exit code.

use dualwrite_tests::process::Program;
use dualwrite_tests::{Scene, ports};

use crate::command_line::CommandLine;

/// What is typed on a migration in `legacy_only`, the exit code, and a part of
/// what is said.
const WRONG: [(&str, i32, &str); 21] = [
    ("frobnicate", 2, "unrecognized subcommand"),
    (
        "phase set cart sideways",
        2,
        "legacy_only, dual_write, new_primary, new_only",
    ),
    ("phase set cart new_only", 1, "allowed"),
    ("phase rollback cart", 1, "legacy_only is the first phase"),
    ("phase advance cart --force", 2, "--reason TEXT"),
    ("phase advance cart --accept-loss", 2, "--force"),
    ("phase abort cart", 1, "no transition under way"),
    (
        "flags set cart batch_sise=1",
        2,
        "did you mean `batch_size`?",
    ),
    ("flags set cart batch_size=9999", 2, "expected 1 to 512"),
    (
        "flags set cart batch_size=many",
        2,
        "expected a whole number",
    ),
    ("flags set cart batch_size", 2, "expected KEY=VALUE"),
    ("flags get cart batch_sise", 2, "did you mean `batch_size`?"),
    ("status carts", 1, "there is no migration `carts`"),
    ("sidecars carts", 1, "dualwrite apply -f FILE"),
    ("restore cart 99", 1, "`cart` has no revision 99"),
    ("backfill start cart", 1, "dualwrite jobs"),
    ("validate cart", 2, "--key"),
    ("validate cart --entity basket --key 1", 2, "cart_item"),
    (
        "validate cart --entity cart_item --key 1",
        2,
        "cart_id=VALUE,product_id=VALUE",
    ),
    (
        "apply -f /nowhere/cart.yaml",
        1,
        "cannot read /nowhere/cart.yaml",
    ),
    (
        "--endpoint ftp://there list",
        2,
        "expected http://HOST:PORT",
    ),
];

/// The stable reasons that machines read.
const REASONS: [(&str, i32, &str); 4] = [
    ("phase set cart new_only", 1, "ILLEGAL_TRANSITION"),
    ("status carts", 1, "MIGRATION_NOT_FOUND"),
    ("restore cart 99", 1, "REVISION_NOT_FOUND"),
    ("backfill start cart", 1, "JOB_STATE"),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_wrong_command_fails_in_one_line_that_says_what_would_be_right() {
    let scene = Scene::set(false, 1).await.unwrap();
    let dualwrite = CommandLine::at(&scene.fleet.control_plane_url());
    for (line, code, says) in WRONG {
        dualwrite.run(line).await.failed(code, says);
    }
    for (line, code, reason) in REASONS {
        let failure = dualwrite
            .run(&format!("{line} -o json"))
            .await
            .ended(code)
            .failure();
        assert_eq!(failure["reason"], reason, "{line}");
        assert!(
            !failure["hint"].as_str().unwrap_or_default().is_empty(),
            "{line}"
        );
    }
    assert_eq!(
        dualwrite.json("status cart").await["revision"],
        1,
        "nothing was changed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_control_plane_that_is_not_there_is_said_so() {
    let port = ports::free_port().unwrap();
    let dualwrite = CommandLine::at(&format!("http://127.0.0.1:{port}"));
    let said = dualwrite
        .run("list")
        .await
        .failed(1, "no control plane answers at http://127.0.0.1:");
    assert!(said.err.contains("DUALWRITE_ENDPOINT"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_listens_beyond_loopback_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store.sqlite");
    for flag in ["--listen", "--http-listen"] {
        let other = if flag == "--listen" {
            "--http-listen"
        } else {
            "--listen"
        };
        let program = Program::named("dualwrite-control-plane").unwrap();
        let output = program
            .args([flag, "0.0.0.0:0", other, "127.0.0.1:0", "--store"])
            .arg(&store)
            .run()
            .await
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(flag) && said.contains("--insecure"), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    assert!(!store.exists(), "refused before anything was opened");
}
