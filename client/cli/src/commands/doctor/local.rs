//! One sidecar, asked directly.

use dualwrite_core::diagnosis::{Finding, Severity};
use dualwrite_proto::v1;
use dualwrite_proto::v1::local_service_client::LocalServiceClient;

use crate::failure::Failure;
use crate::remote::{CONNECT_TIMEOUT, endpoint, quick};
use crate::view::finding::FindingView;

/// What the sidecar at this address finds.
///
/// # Errors
/// [`Failure`], when the address is none. A sidecar that does not answer is a
/// finding.
pub(super) async fn findings(address: &str) -> Result<Vec<FindingView>, Failure> {
    let channel = endpoint(address)?
        .connect_timeout(CONNECT_TIMEOUT)
        .connect_lazy();
    let asked = LocalServiceClient::new(channel)
        .diagnose(quick(v1::DiagnoseRequest {}))
        .await;
    let findings = match asked {
        Ok(answer) => {
            let mut all = vec![Finding::ok("sidecar", None, format!("{address} answers"))];
            let found = answer.into_inner().findings.into_iter();
            all.extend(found.map(Finding::from));
            all
        }
        Err(status) => vec![
            Finding::new(
                Severity::Problem,
                "sidecar",
                None,
                format!("{address}: {}", status.message()),
                "see that it runs; its gRPC address is in its log and its --listen",
            ),
            Finding::new(
                Severity::Note,
                "databases",
                None,
                "not looked at: the sidecar does not answer",
                "",
            ),
        ],
    };
    let view = |finding| FindingView::new(None, finding);
    Ok(findings.into_iter().map(view).collect())
}
