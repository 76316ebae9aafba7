//! Findings, test reports and removals.

use std::time::Duration;

use dualwrite_core::diagnosis::{Finding, Removal, Severity, TestReport, TestResult};
use dualwrite_core::side::Side;

use super::WireError;
use super::duration;
use crate::v1;
use crate::v1::test_result::Details;

impl From<Severity> for v1::finding::Severity {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Ok => Self::Ok,
            Severity::Note => Self::Note,
            Severity::Warning => Self::Warning,
            Severity::Problem => Self::Problem,
        }
    }
}

impl From<&Finding> for v1::Finding {
    fn from(finding: &Finding) -> Self {
        let side = finding.side.map_or(v1::Side::Unspecified, v1::Side::from);
        Self {
            severity: v1::finding::Severity::from(finding.severity).into(),
            check: finding.check.clone(),
            instance: finding.instance.clone(),
            side: side.into(),
            detail: finding.detail.clone(),
            remedy: finding.remedy.clone(),
        }
    }
}

/// A finding. One of a severity that a later version knows is a warning here:
/// it is worth a look.
impl From<v1::Finding> for Finding {
    fn from(wire: v1::Finding) -> Self {
        let severity = match wire.severity() {
            v1::finding::Severity::Ok => Severity::Ok,
            v1::finding::Severity::Note => Severity::Note,
            v1::finding::Severity::Problem => Severity::Problem,
            v1::finding::Severity::Warning | v1::finding::Severity::Unspecified => {
                Severity::Warning
            }
        };
        let side = Side::try_from(wire.side()).ok();
        Self {
            severity,
            check: wire.check,
            instance: wire.instance,
            side,
            detail: wire.detail,
            remedy: wire.remedy,
        }
    }
}

impl From<&TestReport> for v1::TestReport {
    fn from(report: &TestReport) -> Self {
        let summary = report.summary();
        Self {
            summary: Some(v1::test_report::Summary {
                total_tests: summary.total_tests,
                passed_tests: summary.passed_tests,
                failed_tests: summary.failed_tests,
                success_rate: summary.success_rate,
            }),
            test_results: report.results.iter().map(v1::TestResult::from).collect(),
            instance: report.instance.clone(),
        }
    }
}

impl From<&TestResult> for v1::TestResult {
    fn from(test: &TestResult) -> Self {
        Self {
            test_name: test.test_name.clone(),
            success: test.success(),
            details: Some(Details {
                new_db_success: test.new_db_success,
                legacy_db_success: test.legacy_db_success,
                sync_validated: test.sync_validated,
                error: test.error.clone(),
                duration: Some(duration::to_wire(test.duration)),
            }),
        }
    }
}

impl From<v1::TestReport> for TestReport {
    fn from(wire: v1::TestReport) -> Self {
        Self {
            results: wire.test_results.into_iter().map(result).collect(),
            instance: wire.instance,
        }
    }
}

fn result(wire: v1::TestResult) -> TestResult {
    let details = wire.details.unwrap_or_default();
    let duration = duration::from_wire(details.duration, "duration", Duration::ZERO);
    TestResult {
        test_name: wire.test_name,
        new_db_success: details.new_db_success,
        legacy_db_success: details.legacy_db_success,
        sync_validated: details.sync_validated,
        error: details.error,
        duration: duration.unwrap_or(Duration::ZERO),
    }
}

impl From<&Removal> for v1::Removal {
    fn from(removal: &Removal) -> Self {
        Self {
            side: v1::Side::from(removal.side).into(),
            removed: removal.removed.clone(),
            left: removal.left.clone(),
            schema_before: removal.schema_before.clone(),
            schema_after: removal.schema_after.clone(),
            kept: removal.kept.clone(),
        }
    }
}

impl TryFrom<v1::Removal> for Removal {
    type Error = WireError;

    fn try_from(wire: v1::Removal) -> Result<Self, WireError> {
        let side = Side::try_from(wire.side()).map_err(|error| error.under("side"))?;
        Ok(Self {
            side,
            removed: wire.removed,
            kept: wire.kept,
            left: wire.left,
            schema_before: wire.schema_before,
            schema_after: wire.schema_after,
        })
    }
}
