//! A test run as it is shown: the report's names never change.

use serde::Serialize;

use super::{TestReport, TestResult};

/// All probes of a run, as JSON shows them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ShownReport {
    /// The run in four figures.
    pub summary: ShownSummary,
    /// In the order in which they ran.
    pub test_results: Vec<ShownResult>,
}

/// The run in four figures.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ShownSummary {
    /// Probes.
    pub total_tests: u32,
    /// Probes that passed.
    pub passed_tests: u32,
    /// Probes that did not.
    pub failed_tests: u32,
    /// In percent with one decimal.
    pub success_rate: f64,
}

/// One probe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShownResult {
    /// `<service>_<entity>_<mode>`.
    pub test_name: String,
    /// Whether it passed.
    pub success: bool,
    /// What was found.
    pub details: ShownDetails,
}

/// What was found of one probe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShownDetails {
    /// Whether the new database held the row.
    pub new_db_success: bool,
    /// Whether the legacy database held the row.
    pub legacy_db_success: bool,
    /// Whether every side that the phase writes held the same row.
    pub sync_validated: bool,
    /// What went wrong; left out when nothing did.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error: String,
}

impl From<&TestReport> for ShownReport {
    fn from(report: &TestReport) -> Self {
        let summary = report.summary();
        Self {
            summary: ShownSummary {
                total_tests: summary.total_tests,
                passed_tests: summary.passed_tests,
                failed_tests: summary.failed_tests,
                success_rate: summary.success_rate,
            },
            test_results: report.results.iter().map(ShownResult::from).collect(),
        }
    }
}

impl From<&TestResult> for ShownResult {
    fn from(test: &TestResult) -> Self {
        Self {
            test_name: test.test_name.clone(),
            success: test.success(),
            details: ShownDetails {
                new_db_success: test.new_db_success,
                legacy_db_success: test.legacy_db_success,
                sync_validated: test.sync_validated,
                error: test.error.clone(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_report_is_the_one_that_people_know_key_for_key() {
        let report = TestReport {
            results: vec![TestResult {
                test_name: "cart_cart_async".to_owned(),
                new_db_success: true,
                legacy_db_success: true,
                sync_validated: true,
                error: String::new(),
                duration: Duration::from_millis(3),
            }],
            instance: "one".to_owned(),
        };
        let shown = serde_json::to_string(&ShownReport::from(&report)).unwrap();
        assert_eq!(
            shown,
            "{\"summary\":{\"total_tests\":1,\"passed_tests\":1,\"failed_tests\":0,\
             \"success_rate\":100.0},\"test_results\":[{\"test_name\":\"cart_cart_async\",\
             \"success\":true,\"details\":{\"new_db_success\":true,\
             \"legacy_db_success\":true,\"sync_validated\":true}}]}"
        );
    }
}
