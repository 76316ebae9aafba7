//! What cannot be right is told at once, with what would be.

use tempfile::tempdir;
use tokio::net::TcpListener;

use crate::support::{run, run_with, said};

const ANY: [&str; 4] = ["--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0"];

#[tokio::test]
async fn listening_beyond_loopback_needs_to_be_said_aloud() {
    for flag in ["--listen", "--http-listen"] {
        let output = run(&[flag, "0.0.0.0:0"]).await;
        assert_eq!(output.status.code(), Some(2));
        let said = said(&output);
        assert!(said.contains(flag) && said.contains("--insecure"), "{said}");
        assert!(output.stdout.is_empty());
    }
}

#[tokio::test]
async fn the_environment_is_judged_as_flags_are() {
    for (variable, value, right) in [
        ("DUALWRITE_LISTEN", "0.0.0.0:0", "--insecure"),
        ("DUALWRITE_HTTP_LISTEN", "here", "127.0.0.1:7400"),
        ("DUALWRITE_HEARTBEAT_INTERVAL", "1h", "100ms to 2s"),
        ("DUALWRITE_INSECURE", "perhaps", "true or false"),
        ("DUALWRITE_LOG", "==", "dualwrite_link=debug"),
        ("DUALWRITE_STOR", "f", "`DUALWRITE_STORE`"),
    ] {
        let output = run_with(&[], &[(variable, value)]).await;
        assert_eq!(output.status.code(), Some(2), "{variable}");
        assert!(
            said(&output).contains(right) && said(&output).contains(variable),
            "{variable}: {}",
            said(&output)
        );
    }
}

#[tokio::test]
async fn a_wrong_address_is_wrong_usage() {
    let output = run(&["--listen", "here"]).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("127.0.0.1:7400"),
        "{}",
        said(&output)
    );
}

#[tokio::test]
async fn a_port_that_is_taken_is_told_with_its_flag() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempdir().unwrap();
    let store = folder.path().join("store.sqlite");
    let store = store.to_str().unwrap();
    for (flag, other) in [("--listen", "--http-listen"), ("--http-listen", "--listen")] {
        let output = run(&[flag, &address, other, "127.0.0.1:0", "--store", store]).await;
        assert_eq!(output.status.code(), Some(1));
        let said = said(&output);
        assert!(said.contains(flag) && said.contains(&address), "{said}");
        assert!(said.contains("taken"), "{said}");
    }
    assert!(!std::path::Path::new(store).exists(), "nothing was made");
}

#[tokio::test]
async fn a_store_that_cannot_be_written_is_told_with_its_path() {
    let folder = tempdir().unwrap();
    let absent = folder.path().join("absent").join("store.sqlite");
    for store in [absent.as_path(), folder.path()] {
        let store = store.to_str().unwrap();
        let output = run(&[&ANY[..], &["--store", store]].concat()).await;
        assert_eq!(output.status.code(), Some(1));
        let said = said(&output);
        assert!(said.contains(store) && said.contains("writable"), "{said}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_store_is_told_with_its_path() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(
        &path,
        "not a database, but long enough to be looked at ".repeat(40),
    )
    .unwrap();
    let store = path.to_str().unwrap();
    let output = run(&[&ANY[..], &["--store", store]].concat()).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains(store), "{}", said(&output));
}

#[tokio::test]
async fn a_ready_file_that_cannot_be_written_is_told() {
    let folder = tempdir().unwrap();
    let store = folder.path().join("store.sqlite");
    let ready = folder.path().join("absent").join("ready.json");
    let rest = [
        "--store",
        store.to_str().unwrap(),
        "--ready-file",
        ready.to_str().unwrap(),
    ];
    let output = run(&[&ANY[..], &rest].concat()).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("--ready-file"), "{}", said(&output));
}
