//! What an operator looks at afterwards: a probe of each service, and how one
//! sidecar says that things stand.

use anyhow::{Context, Result, ensure};
use dualwrite_proto::v1::{RunTestRequest, TestReport};
use dualwrite_tests::http::ask;

use crate::player::Player;
use crate::screen::Screen;
use crate::stage::Stage;

/// Shows both.
pub(crate) async fn after(screen: Screen, stage: &Stage) -> Result<()> {
    screen.title("a row of ours through each service, in every mode: written, read back, removed");
    for player in &stage.players {
        probe(screen, player).await?;
    }
    if let Some(player) = stage
        .players
        .iter()
        .find(|one| one.service().name == "cart")
    {
        status(screen, player).await?;
    }
    Ok(())
}

async fn probe(screen: Screen, player: &Player) -> Result<()> {
    let name = player.service().name;
    screen.tell(name, &format!("$ dualwrite test {name}"));
    let request = RunTestRequest { name: name.into() };
    let answer = player.operator.api().run_test(request).await?.into_inner();
    let TestReport {
        summary,
        test_results,
        ..
    } = answer.report.context("no report in the answer")?;
    for result in &test_results {
        let details = result.details.clone().unwrap_or_default();
        ensure!(result.success, "{}: {}", result.test_name, details.error);
    }
    let summary = summary.context("no summary in the report")?;
    screen.tell(
        name,
        &format!(
            "{} of {} probes passed ({} %)",
            summary.passed_tests, summary.total_tests, summary.success_rate
        ),
    );
    Ok(())
}

async fn status(screen: Screen, player: &Player) -> Result<()> {
    let name = player.service().name;
    let address = &player.http;
    screen.tell(name, &format!("$ curl http://{address}/dual-write/status"));
    let (code, body) = ask(address, "GET /dual-write/status", &[]).await?;
    ensure!(code == 200, "the sidecar answered {code}: {body}");
    screen.tell(name, &body);
    Ok(())
}
