//! grpc.health.v1, for the data service and for the server as a whole.

use std::time::Duration;

use dualwrite_proto::v1::data_service_server::SERVICE_NAME;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use crate::data_path::Readiness;
use crate::serve::ReadinessProbe;

/// How often readiness is looked at: a fraction of any prober's period.
const PERIOD: Duration = Duration::from_millis(250);

/// Whose health is told; the empty name is the server as a whole.
const NAMES: [&str; 2] = [SERVICE_NAME, ""];

/// Tells what readiness says, now and every [`PERIOD`]; never ends by itself.
pub(crate) async fn follow(reporter: &HealthReporter, readiness: &ReadinessProbe) {
    let mut told = None;
    let mut ticks = tokio::time::interval(PERIOD);
    loop {
        ticks.tick().await;
        let ready = readiness() == Readiness::Ready;
        if told != Some(ready) {
            told = Some(ready);
            tell(reporter, ready).await;
        }
    }
}

/// Tells whether the service serves.
pub(crate) async fn tell(reporter: &HealthReporter, ready: bool) {
    let status = if ready {
        ServingStatus::Serving
    } else {
        ServingStatus::NotServing
    };
    for name in NAMES {
        reporter.set_service_status(name, status).await;
    }
}

/// Tells that nothing serves any more, and ends the watchers' streams.
pub(crate) async fn end(mut reporter: HealthReporter) {
    tell(&reporter, false).await;
    for name in NAMES {
        reporter.clear_service_status(name).await;
    }
}
