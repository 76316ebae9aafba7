//! The demo, as people run it.

use std::time::Duration;

use dualwrite_tests::process::Program;
use dualwrite_tests::service::{AUTH, CART, Dialect, PRODUCT};
use dualwrite_tests::until;
use rustix::process::{Pid, Signal, kill_process};

/// The whole demo, on a machine that does other things as well.
const PATIENCE: Duration = Duration::from_mins(6);

/// What the proof at the end of the demo says of each entity of each service,
/// and in all.
fn proves_agreement(said: &str) {
    for service in [&AUTH, &CART, &PRODUCT] {
        let lines: Vec<&str> = said
            .lines()
            .filter(|line| line.split_whitespace().nth(1) == Some(service.name))
            .collect();
        let one = |what: &str| {
            let found = lines.iter().find(|line| line.contains(what));
            *found.unwrap_or_else(|| panic!("{}: no `{what}`:\n{said}", service.name))
        };
        for entity in service.entities {
            let line = lines.iter().find(|line| {
                line.split_whitespace().nth(2) == Some(entity) && line.contains(" rows ")
            });
            let line = line.unwrap_or_else(|| panic!("nothing of {entity}:\n{said}"));
            assert!(line.ends_with(" 0 differences"), "{line}");
        }
        assert!(one("rows compared").ends_with(", 0 differences"), "{said}");
        one("writes acknowledged, none failed");
        for tally in service.tallies(Dialect::Sqlite) {
            one(&format!("{} acknowledged", tally.what));
        }
    }
    assert!(said.contains("nothing ever below 0"), "{said}");
    let pauses = said
        .lines()
        .filter(|line| line.contains("longest wait of a write"));
    assert_eq!(pauses.count(), 5, "one line for each flip:\n{said}");
}

/// A probe of each service passed, and a sidecar said how things stand.
fn looks_at_the_end(said: &str) {
    for service in [&AUTH, &CART, &PRODUCT] {
        let probes = service.entities.len() * 3;
        let line = format!("{probes} of {probes} probes passed (100 %)");
        let told = said
            .lines()
            .any(|one| one.split_whitespace().nth(1) == Some(service.name) && one.ends_with(&line));
        assert!(told, "{}: no `{line}`:\n{said}", service.name);
    }
    assert!(said.contains("/dual-write/status"), "{said}");
    assert!(said.contains(r#""phase":"new_primary""#), "{said}");
}

/// How long it says that it took.
fn took(said: &str) -> f64 {
    let lines = said
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    let mut seconds = lines.filter_map(|word| word.strip_suffix('s')?.parse().ok());
    seconds.next_back().unwrap()
}

/// Auth was in `new_only` while product was in `dual_write`.
fn moves_each_at_its_time(said: &str) {
    let together = said.lines().any(|line| {
        let mut places = line.split('│');
        let at = |place: Option<&str>, words: &str| {
            place.is_some_and(|place| {
                let words_there: Vec<&str> = place.split_whitespace().collect();
                words_there.join(" ").contains(words)
            })
        };
        at(places.next(), "auth new_only") && at(places.nth(1), "product dual_write")
    });
    assert!(together, "{said}");
}

/// `cargo xtask demo`, with less traffic in each phase.
#[tokio::test(flavor = "multi_thread")]
async fn the_demo_on_sqlite_ends_with_databases_that_agree_for_each_service() {
    let program = Program::named("dualwrite-demo").unwrap();
    let output = program.args(["--seconds", "1"]).run().await.unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}\n{errors}");
    proves_agreement(&said);
    moves_each_at_its_time(&said);
    looks_at_the_end(&said);
    // What it promises to its readers, on whatever this machine does beside it.
    assert!(took(&said) < 240.0, "{said}");
}

/// `cargo xtask demo --postgres --keep`, until somebody has seen enough.
#[tokio::test(flavor = "multi_thread")]
async fn the_demo_on_postgresql_agrees_too_and_keeps_running_when_told_to() {
    let program = Program::named("dualwrite-demo").unwrap();
    let arguments = ["--postgres", "--keep", "--seconds", "1", "--writers", "2"];
    let mut demo = program.args(arguments).start().unwrap();
    let said = until("it says what keeps running", PATIENCE, async || {
        let said = demo.log_tail();
        let kept = said.lines().find(|line| line.contains(" status cart"));
        match kept {
            Some(_) => Ok(Ok(said)),
            None if demo.is_running().unwrap() => Err(said),
            None => Ok(Err(said)),
        }
    })
    .await
    .unwrap()
    .unwrap_or_else(|said| panic!("it ended early:\n{said}"));
    proves_agreement(&said);
    looks_at_the_end(&said);
    let pid = i32::try_from(demo.pid()).unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), Signal::INT).unwrap();
    let ended = demo.wait().await.unwrap();
    assert_eq!(ended.code(), Some(0), "{}", demo.log_tail());
}
