//! What is read over HTTP, from a real process over real databases.

use std::process::Stdio;

use anyhow::{Context, Result};
use dualwrite_tests::{Process, eventually};
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;

use crate::place::{Place, client, http, probe, upsert};

async fn json(process: &Process, method: &str, path: &str) -> Result<Value> {
    let (status, body) = http(process, method, path).await?;
    serde_json::from_str(&body).with_context(|| format!("{path}: {status}: {body}"))
}

async fn serving(phase: &str) -> Result<(Place, Process)> {
    let place = Place::new().await?.in_phase(phase)?;
    assert!(place.install(&[]).await?.status.success());
    let process = place.serve().await?;
    eventually("it is ready", async || {
        probe(&process, "/readyz")
            .await
            .is_ok_and(|(status, _)| status.contains("200"))
    })
    .await;
    Ok((place, process))
}

#[tokio::test]
async fn a_test_operation_probes_what_the_phase_writes_and_leaves_nothing() -> Result<()> {
    for (phase, names, legacy, new) in [
        ("legacy_only", &["cart_cart_plain"][..], true, false),
        (
            "dual_write",
            &["cart_cart_async", "cart_cart_sync", "cart_cart_strict"],
            true,
            true,
        ),
        (
            "new_primary",
            &["cart_cart_async", "cart_cart_sync", "cart_cart_strict"],
            true,
            true,
        ),
        ("new_only", &["cart_cart_plain"], false, true),
    ] {
        let (place, process) = serving(phase).await?;
        let report = json(&process, "POST", "/dual-write/test-operation").await?;
        let tests = report["test_results"].as_array().context("no results")?;
        let found: Vec<&str> = tests
            .iter()
            .filter_map(|test| test["test_name"].as_str())
            .collect();
        assert_eq!(found, names, "{phase}");
        for test in tests {
            assert_eq!(test["success"], true, "{phase}: {report}");
            assert_eq!(test["details"]["legacy_db_success"], legacy);
            assert_eq!(test["details"]["new_db_success"], new);
            assert_eq!(test["details"]["sync_validated"], true);
        }
        assert_eq!(report["summary"]["success_rate"], 100.0);
        for file in [&place.legacy, &place.new] {
            let mut open = file.connect().await?;
            let count = "SELECT count(*) FROM dualwrite_probe_cart_cart";
            let left: i64 = sqlx::query_scalar(count).fetch_one(&mut open).await?;
            assert_eq!(left, 0, "{phase}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn what_stands_and_what_was_counted_is_told() -> Result<()> {
    let (_place, process) = serving("dual_write").await?;
    let mut writer = client(format!("http://{}", process.ready().grpc)).await?;
    writer.write(upsert(7, "ada")).await?;

    let status = json(&process, "GET", "/dual-write/status").await?;
    assert_eq!(status["phase"], "dual_write");
    assert_eq!(status["dual_write_enabled"], true);
    let health = json(&process, "GET", "/dual-write/health").await?;
    assert_eq!(health["status"], "healthy", "{health}");
    eventually("the row is on both sides", async || {
        let checked = json(&process, "POST", "/dual-write/validate-sync/7").await;
        checked.is_ok_and(|checked| checked["verdict"] == "equal")
    })
    .await;
    let metrics = json(&process, "GET", "/dual-write/metrics").await?;
    assert_eq!(
        metrics["entities"]["cart"]["legacy"]["successes"], 1,
        "{metrics}"
    );
    let wrong = json(&process, "POST", "/dual-write/validate-sync/cart/x").await?;
    assert_eq!(wrong["error"]["reason"], "WRONG_TYPE", "{wrong}");
    assert_eq!(wrong["error"]["kind"], "validation");
    Ok(())
}

#[tokio::test]
async fn a_scraper_finds_nothing_wrong_with_the_figures() -> Result<()> {
    let (_place, process) = serving("dual_write").await?;
    let mut writer = client(format!("http://{}", process.ready().grpc)).await?;
    writer.write(upsert(7, "ada")).await?;
    let (status, figures) = probe(&process, "/metrics").await?;
    assert!(status.contains("200"), "{status}");
    let mut promtool = tokio::process::Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("promtool (Debian package prometheus) is not there")?;
    let mut input = promtool.stdin.take().context("no input")?;
    input.write_all(figures.as_bytes()).await?;
    drop(input);
    let said = promtool.wait_with_output().await?;
    let complaints = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{complaints}\n{figures}");
    Ok(())
}
