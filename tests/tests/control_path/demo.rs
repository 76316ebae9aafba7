//! The demo, as people run it.

use dualwrite_tests::eventually;
use dualwrite_tests::process::Program;
use rustix::process::{Pid, Signal, kill_process};

/// What the proof at the end of the demo says of each entity, and in all.
fn proves_agreement(said: &str) {
    for entity in ["cart", "cart_item", "wishlist_item", "user"] {
        let line = said
            .lines()
            .find(|line| line.contains(&format!("  {entity} ")) && line.contains(" rows "))
            .unwrap_or_else(|| panic!("nothing of {entity}:\n{said}"));
        assert!(line.ends_with(" 0 differences"), "{line}");
    }
    let total = said.lines().find(|line| line.contains("rows compared"));
    assert!(
        total.is_some_and(|line| line.ends_with(", 0 differences")),
        "{said}"
    );
    assert!(said.contains("writes acknowledged, none failed"), "{said}");
    let pauses = said
        .lines()
        .filter(|line| line.contains("longest wait of a write"));
    assert_eq!(pauses.count(), 3, "one line for each flip:\n{said}");
}

/// `cargo xtask demo`, with less traffic in each phase.
#[tokio::test(flavor = "multi_thread")]
async fn the_demo_on_sqlite_ends_with_two_databases_that_agree() {
    let program = Program::named("dualwrite-demo").unwrap();
    let output = program.args(["--seconds", "1"]).run().await.unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}\n{errors}");
    proves_agreement(&said);
}

/// `cargo xtask demo --postgres --keep`, until somebody has seen enough.
#[tokio::test(flavor = "multi_thread")]
async fn the_demo_on_postgresql_agrees_too_and_keeps_running_when_told_to() {
    let program = Program::named("dualwrite-demo").unwrap();
    let arguments = ["--postgres", "--keep", "--seconds", "1", "--writers", "4"];
    let mut demo = program.args(arguments).start().unwrap();
    let said = eventually("it says what keeps running", async || {
        let said = demo.log_tail();
        let kept = said.lines().find(|line| line.contains(" status cart"));
        match kept {
            Some(_) => Ok(Ok(said)),
            None if demo.is_running().unwrap() => Err(said),
            None => Ok(Err(said)),
        }
    })
    .await
    .unwrap_or_else(|said| panic!("it ended early:\n{said}"));
    proves_agreement(&said);
    let pid = i32::try_from(demo.pid()).unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), Signal::INT).unwrap();
    let ended = demo.wait().await.unwrap();
    assert_eq!(ended.code(), Some(0), "{}", demo.log_tail());
}
