//! Who is not on this host: a caller at another address of the machine, and a
//! web page that was pointed at us.

use std::net::{IpAddr, UdpSocket};

use anyhow::{Context, Result};
use dualwrite_tests::http::ask;
use dualwrite_tests::{Process, eventually};
use serde_json::Value;

use crate::place::Place;

/// An address of this machine that is not of loopback: the one that a packet to
/// anywhere would have. (None is sent.)
fn own_address() -> Result<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    socket.connect("192.0.2.1:9")?;
    let own = socket.local_addr()?.ip();
    anyhow::ensure!(!own.is_loopback(), "the machine has no other address");
    Ok(own)
}

fn refused(answer: &(u16, String)) -> Result<String> {
    assert_eq!(answer.0, 403, "{}", answer.1);
    let body: Value = serde_json::from_str(&answer.1)?;
    assert_eq!(body["error"]["reason"], "PERMISSION_DENIED", "{body}");
    let message = body["error"]["message"].as_str();
    Ok(message.context("no message")?.to_owned())
}

const PAGES: [&str; 6] = [
    "GET /dual-write/status",
    "GET /dual-write/health",
    "GET /dual-write/metrics",
    "POST /dual-write/validate-sync/7",
    "POST /dual-write/validate-sync/cart/7",
    "POST /dual-write/test-operation",
];

async fn serving(http: &str) -> Result<(Place, Process)> {
    let place = Place::new().await?.in_phase("dual_write")?;
    assert!(place.install(&[]).await?.status.success());
    let process = place
        .program("run")?
        .args([
            "--listen",
            "127.0.0.1:0",
            "--http-listen",
            http,
            "--insecure",
        ])
        .arg("--state-dir")
        .arg(place.state())
        .serve()
        .await?;
    Ok((place, process))
}

#[tokio::test]
async fn a_caller_at_another_address_sees_probes_and_figures_and_nothing_else() -> Result<()> {
    let own = own_address()?;
    let (_place, process) = serving(&format!("{own}:0")).await?;
    let at = process.ready().http.clone().context("it serves no HTTP")?;
    assert!(at.starts_with(&own.to_string()), "{at}");
    for page in PAGES {
        // Whatever the caller says of itself.
        for host in [at.as_str(), "localhost:7411", "127.0.0.1"] {
            let answer = ask(
                &at,
                page,
                &[("Host", host), ("X-Forwarded-For", "127.0.0.1")],
            )
            .await?;
            let message = refused(&answer)?;
            assert!(message.contains(&own.to_string()), "{page}: {message}");
        }
    }
    let host = [("Host", at.as_str())];
    for open in ["GET /livez", "GET /version", "GET /metrics"] {
        assert_eq!(ask(&at, open, &host).await?.0, 200, "{open}");
    }
    eventually("it is ready, check by check", async || {
        match ask(&at, "GET /readyz?verbose", &host).await {
            Ok((200, lines)) => Ok(lines),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
    Ok(())
}

#[tokio::test]
async fn a_name_that_was_pointed_at_us_and_a_page_of_another_site_are_refused() -> Result<()> {
    let (_place, process) = serving("0.0.0.0:0").await?;
    let at = process.ready().http.clone().context("it serves no HTTP")?;
    let at = at.replace("0.0.0.0", "127.0.0.1");
    for page in PAGES {
        let message = refused(&ask(&at, page, &[("Host", "evil.example:7411")]).await?)?;
        assert!(message.contains("Host"), "{message}");
    }
    let test = "POST /dual-write/test-operation";
    let evil = [("Host", at.as_str()), ("Origin", "http://evil.example")];
    refused(&ask(&at, test, &evil).await?)?;
    let fetched = [("Host", at.as_str()), ("Sec-Fetch-Site", "cross-site")];
    refused(&ask(&at, test, &fetched).await?)?;
    let own = [("Host", at.as_str()), ("Origin", "http://localhost:3000")];
    assert_ne!(ask(&at, test, &own).await?.0, 403);
    assert_eq!(
        ask(&at, "GET /dual-write/status", &[("Host", &at)])
            .await?
            .0,
        200
    );
    Ok(())
}

#[tokio::test]
async fn readiness_is_told_check_by_check() -> Result<()> {
    let (place, process) = {
        let place = Place::new().await?;
        let process = place.serve().await?;
        (place, process)
    };
    let at = process.ready().http.clone().context("it serves no HTTP")?;
    let host = [("Host", at.as_str())];
    let told = async |code: u16, line: &str| {
        eventually("what is not well is told", async || {
            match ask(&at, "GET /readyz?verbose", &host).await {
                Ok((found, lines)) if found == code && lines.contains(line) => Ok(lines),
                other => Err(format!("{other:?}")),
            }
        })
        .await
    };
    let lines = told(503, "[-]writes failed: ").await;
    assert!(lines.contains("dualwrite-sidecar install"), "{lines}");
    assert!(
        lines.starts_with("[+]shutdown ok\n[+]largest-epoch ok\n"),
        "{lines}"
    );
    assert!(lines.ends_with("readyz check failed\n"), "{lines}");
    assert!(place.install(&[]).await?.status.success());
    let lines = told(200, "[+]writes ok").await;
    assert!(lines.ends_with("readyz check passed\n"), "{lines}");
    Ok(())
}
