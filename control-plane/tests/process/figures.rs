//! What a scraper and an orchestrator read of a running control plane.

use std::process::Stdio;

use dualwrite_proto::v1;
use dualwrite_proto::v1::migration_service_client::MigrationServiceClient;
use dualwrite_proto::v1::sidecar_service_client::SidecarServiceClient;
use tempfile::tempdir;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::serving::{get, manifest};
use crate::support::{Process, soon};

/// The body of the figures.
async fn figures(process: &Process) -> String {
    let answer = get(&process.http, "/metrics").await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(head.contains("text/plain; version=0.0.4"), "{head}");
    body.to_owned()
}

/// Waits for a line that begins so among the figures.
async fn told(process: &Process, line: &str) -> String {
    soon(async {
        loop {
            let text = figures(process).await;
            if text.lines().any(|one| one.starts_with(line)) {
                return text;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

/// What Prometheus' own checker says of them.
async fn checked(text: &str) {
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool (Debian package prometheus) is not there");
    let mut input = promtool.stdin.take().unwrap();
    input.write_all(text.as_bytes()).await.unwrap();
    drop(input);
    let said = soon(promtool.wait_with_output()).await.unwrap();
    let complaints = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{complaints}\n{text}");
}

#[tokio::test]
async fn a_scraper_reads_sessions_migrations_deliveries_the_store_and_calls() {
    let folder = tempdir().unwrap();
    let process = Process::start(&folder).await;
    let channel = process.channel().await;
    let mut operator = MigrationServiceClient::new(channel.clone());
    soon(operator.apply_migration(manifest())).await.unwrap();
    let nobody = v1::GetMigrationRequest {
        name: "nobody".into(),
    };
    soon(operator.get_migration(nobody)).await.unwrap_err();

    let (requests, outgoing) = tokio::sync::mpsc::channel(4);
    let outgoing = tokio_stream::wrappers::ReceiverStream::new(outgoing);
    let mut sidecar = SidecarServiceClient::new(channel);
    let mut session = soon(sidecar.session(outgoing)).await.unwrap().into_inner();
    let say = async |kind| {
        let kind = Some(kind);
        requests.send(v1::SessionRequest { kind }).await.unwrap();
    };
    say(v1::session_request::Kind::Hello(v1::Hello {
        service: "cart".into(),
        instance: "cart-1".into(),
        ..Default::default()
    }))
    .await;
    soon(session.message()).await.unwrap().unwrap();
    say(v1::session_request::Kind::Ack(v1::Ack { revision: 1 })).await;

    told(
        &process,
        r#"dualwrite_delivery_answers_total{answer="accepted"} 1"#,
    )
    .await;
    let text = told(&process, "dualwrite_deliveries_total 1").await;
    for line in [
        r#"dualwrite_sessions{state="live"} 1"#,
        r#"dualwrite_sessions{state="silent"} 0"#,
        r#"dualwrite_migrations{phase="legacy_only"} 1"#,
        r#"dualwrite_migrations{phase="new_only"} 0"#,
        "dualwrite_retired_migrations 0",
        r#"dualwrite_rpcs_total{method="dualwrite.v1.MigrationService/ApplyMigration",code="OK"} 1"#,
        r#"dualwrite_rpcs_total{method="dualwrite.v1.MigrationService/GetMigration",code="NOT_FOUND"} 1"#,
        r#"dualwrite_store_failures_total{operation="commit"} 0"#,
    ] {
        assert!(
            text.lines().any(|one| one == line),
            "no `{line}` in\n{text}"
        );
    }
    for part in [
        r#"dualwrite_store_duration_seconds_bucket{operation="commit",le="#,
        r#"dualwrite_store_duration_seconds_count{operation="begin"}"#,
        "dualwrite_store_size_bytes ",
        "dualwrite_build_info{version=",
    ] {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
    // No name that a user made up is a label.
    assert!(!text.contains("cart") && !text.contains("nobody"), "{text}");
    checked(&text).await;

    drop(session);
    told(&process, r#"dualwrite_sessions{state="live"} 0"#).await;
    // With which code depends on who of both notices the end first.
    let call = r#"dualwrite_rpcs_total{method="dualwrite.v1.SidecarService/Session",code="#;
    checked(&told(&process, call).await).await;
}

#[tokio::test]
async fn an_orchestrator_reads_each_check() {
    let folder = tempdir().unwrap();
    let process = Process::start(&folder).await;
    let live = get(&process.http, "/livez").await;
    assert!(
        live.starts_with("HTTP/1.1 200") && live.ends_with("ok\n"),
        "{live}"
    );
    let ready = get(&process.http, "/readyz?verbose").await;
    assert!(ready.starts_with("HTTP/1.1 200"), "{ready}");
    let lines = "[+]store ok\nreadyz check passed\n";
    assert!(ready.ends_with(lines), "{ready}");
}
