//! What this sidecar finds of both databases and of itself.

use dualwrite_core::diagnosis::{Finding, Severity};
use dualwrite_core::side::Side;
use tokio::time::timeout;

use crate::shared::Shared;

/// How long one database may take to answer a question of a diagnosis.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

/// Looks at each side in order.
pub(crate) async fn diagnose(shared: &Shared) -> Vec<Finding> {
    let mut findings = Vec::new();
    for side in Side::BOTH {
        findings.push(reachable(shared, side).await);
    }
    findings
}

async fn reachable(shared: &Shared, side: Side) -> Finding {
    const CHECK: &str = "database_reachable";
    let Ok(store) = shared.store(side) else {
        return Finding::new(
            Severity::Note,
            CHECK,
            Some(side),
            "no URL is set for this side",
            "",
        );
    };
    match timeout(PATIENCE, store.ping()).await {
        Ok(Ok(())) => Finding::ok(CHECK, Some(side), format!("{} answers", store.engine())),
        Ok(Err(error)) => away(side, &error.to_string()),
        Err(_) => away(side, "no answer in time"),
    }
}

fn away(side: Side, why: &str) -> Finding {
    Finding::new(
        Severity::Problem,
        "database_reachable",
        Some(side),
        why,
        "see that the database runs, and that its URL is right and reachable from here",
    )
}
