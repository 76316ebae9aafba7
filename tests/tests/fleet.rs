//! The harness's fleet: processes that keep their addresses and what they stored.

use std::net::TcpStream;

use anyhow::Result;
use dualwrite_tests::{Fleet, SqliteFile};

fn answers(url: &str) -> bool {
    TcpStream::connect(url.trim_start_matches("http://")).is_ok()
}

#[tokio::test]
async fn a_control_plane_comes_back_at_its_address() -> Result<()> {
    let (legacy, new) = (SqliteFile::create()?, SqliteFile::create()?);
    let mut fleet = Fleet::of("cart", legacy.url(), new.url()).start().await?;
    let url = fleet.control_plane_url();
    assert!(answers(&url));

    fleet.control_plane()?.kill9().await?;
    assert!(fleet.control_plane().is_err(), "a killed one is down");
    assert!(!answers(&url));

    fleet.restart_control_plane().await?;
    assert_eq!(fleet.control_plane_url(), url);
    assert!(answers(&url));

    // Running, it is asked to end first; that must not be a failure.
    fleet.restart_control_plane().await?;
    let status = fleet.control_plane()?.terminate().await?;
    assert!(status.success(), "it ended with {status}");
    Ok(())
}

#[tokio::test]
async fn there_is_no_sidecar_before_one_is_added() -> Result<()> {
    let (legacy, new) = (SqliteFile::create()?, SqliteFile::create()?);
    let mut fleet = Fleet::of("cart", legacy.url(), new.url()).start().await?;
    assert_eq!(fleet.sidecars(), 0);
    let error = fleet.sidecar(0).unwrap_err().to_string();
    assert!(error.contains("there is no sidecar 0"), "{error}");
    Ok(())
}
