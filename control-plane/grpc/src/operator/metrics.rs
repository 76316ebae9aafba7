//! QueryMetrics.

use std::time::Duration;

use dualwrite_control_app::ControlPlane;
use dualwrite_proto::{WireError, v1};

use super::Answer;
use crate::wire;

/// How far back a caller looks who does not say.
const LOOKBACK: Duration = Duration::from_hours(1);

pub(super) async fn query(
    plane: &ControlPlane,
    request: v1::QueryMetricsRequest,
) -> Answer<v1::QueryMetricsResponse> {
    let lookback = match request.lookback {
        None => LOOKBACK,
        Some(lookback) => Duration::try_from(lookback)
            .map_err(|_| WireError::at("lookback", "expected a duration that is not negative"))?,
    };
    let metrics = plane.query_metrics(&request.name, lookback)?;
    Ok(v1::QueryMetricsResponse {
        points: metrics.points.iter().map(wire::point).collect(),
        totals: wire::operations(&metrics.totals, metrics.span),
    })
}
