//! What was done on one side of one entity.

use std::collections::BTreeMap;

use dualwrite_proto::v1;
use serde::Serialize;

use super::words::{micros, side};

/// What was done on one side of one entity.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct OperationView {
    pub(crate) entity: String,
    pub(crate) side: &'static str,
    pub(crate) attempts: u64,
    pub(crate) successes: u64,
    pub(crate) failures: BTreeMap<String, u64>,
    pub(crate) success_rate: f64,
    pub(crate) per_second: f64,
    pub(crate) latency_mean_us: Option<u64>,
    pub(crate) latency_p50_us: Option<u64>,
    pub(crate) latency_p99_us: Option<u64>,
}

impl From<v1::OperationSummary> for OperationView {
    fn from(summary: v1::OperationSummary) -> Self {
        Self {
            entity: summary.entity,
            side: side(summary.side),
            attempts: summary.attempts,
            successes: summary.successes,
            failures: summary.failures,
            success_rate: summary.success_rate,
            per_second: summary.per_second,
            latency_mean_us: micros(summary.latency_mean),
            latency_p50_us: micros(summary.latency_p50),
            latency_p99_us: micros(summary.latency_p99),
        }
    }
}
