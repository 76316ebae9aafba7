//! Questions about both databases: probes, a diagnosis, the end.

use std::sync::Arc;
use std::time::Duration;

use dualwrite_core::diagnosis::Finding;
use dualwrite_proto::v1;
use dualwrite_proto::v1::session_request::Kind;
use tokio::time::Instant;

use super::SessionCommands;
use crate::wire;

/// How long a run of probes may take. The control plane waits a little longer,
/// so that it hears which probes were too late.
const TEST_BOUND: Duration = Duration::from_secs(50);

impl SessionCommands<'_> {
    /// Probes each entity in each mode that the phase allows.
    pub(crate) fn run_test(&self, ask: v1::RunTest) {
        let engine = Arc::clone(&self.all.engine);
        self.answer("run_test", async move {
            let tested = engine.run_test(Instant::now() + TEST_BOUND).await;
            let side = wire::side_at_fault(tested.as_ref().err());
            let (report, error, reason) = match tested {
                Ok(report) => (Some(v1::TestReport::from(&report)), String::new(), None),
                Err(error) => (None, error.to_string(), Some(wire::reason(&error))),
            };
            Kind::TestDone(v1::TestDone {
                request_id: ask.request_id,
                report,
                error,
                reason: reason.unwrap_or(v1::ErrorReason::Unspecified).into(),
                side: side.into(),
            })
        });
    }

    /// Says what is found of both databases and of this sidecar.
    pub(crate) fn diagnose(&self, ask: v1::Diagnose) {
        let engine = Arc::clone(&self.all.engine);
        let instance = self.all.instance.clone();
        self.answer("diagnose", async move {
            let findings = engine.diagnose().await;
            let by_us = |finding: Finding| v1::Finding::from(&finding.by(&instance));
            Kind::Diagnosed(v1::Diagnosed {
                request_id: ask.request_id,
                findings: findings.into_iter().map(by_us).collect(),
            })
        });
    }

    /// Removes everything of ours from both databases.
    pub(crate) fn remove(&self, ask: v1::Remove) {
        let engine = Arc::clone(&self.all.engine);
        self.answer("remove", async move {
            let (removals, obstacles) = engine.remove().await;
            Kind::Removed(v1::Removed {
                request_id: ask.request_id,
                removals: removals.iter().map(v1::Removal::from).collect(),
                error: obstacles.join("; "),
            })
        });
    }

    /// Starts the work on an answer, and sends it unless the session ends
    /// first.
    fn answer(&self, what: &str, work: impl Future<Output = Kind> + Send + 'static) {
        let out = self.out.clone();
        let token = self.token.clone();
        self.all.spawn(what, async move {
            if let Some(answer) = token.run_until_cancelled(work).await {
                out.send(answer).await;
            }
        });
    }
}
