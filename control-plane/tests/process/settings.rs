//! Settings from a file and the environment, and what `config check` says.

use tempfile::tempdir;

use crate::support::{run, run_with, said};

#[tokio::test]
async fn config_check_shows_each_setting_and_where_it_comes_from() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("control-plane.yaml");
    let path = file.to_str().unwrap();
    std::fs::write(&file, "store: from-file.sqlite\nheartbeatInterval: 1s\n").unwrap();
    let environment = [("DUALWRITE_CONFIG", path), ("DUALWRITE_STORE", "from-env")];
    let output = run_with(&["config", "check"], &environment).await;
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let printed = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<String> = printed
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    for expected in [
        "store from-env DUALWRITE_STORE".to_owned(),
        format!("heartbeat-interval 1s {path}:2:20"),
        "listen 127.0.0.1:7400 default".to_owned(),
        "dualwrite-control-plane: the settings are valid".to_owned(),
    ] {
        assert!(lines.contains(&expected), "{expected}\n{printed}");
    }
}

#[tokio::test]
async fn an_unknown_key_is_told_with_its_place_by_the_check_and_at_the_start() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("control-plane.yaml");
    let path = file.to_str().unwrap();
    std::fs::write(&file, "stoer: f\n").unwrap();
    let checked = run(&["config", "check", "--config", path]).await;
    assert_eq!(checked.status.code(), Some(1));
    let started = run(&["--config", path]).await;
    assert_eq!(started.status.code(), Some(2));
    let expected = format!("{path}:1:1: stoer: `stoer` is no field here; expected `store`?");
    let printed = String::from_utf8(checked.stdout.clone()).unwrap();
    assert!(printed.contains(&expected), "{printed}");
    assert!(said(&started).contains(&expected), "{}", said(&started));
}
