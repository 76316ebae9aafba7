//! The report of a test run: probes that were written, read back on both
//! sides, compared and removed.

use std::time::Duration;

/// One probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestResult {
    /// `<service>_<entity>_<mode>`, as in `cart_cart_item_async`.
    pub test_name: String,
    /// Whether the new database held the row.
    pub new_db_success: bool,
    /// Whether the legacy database held the row; false also while that side is
    /// still pending.
    pub legacy_db_success: bool,
    /// Whether every side that the phase writes to held the same row.
    pub sync_validated: bool,
    /// What went wrong, and what to do; empty when nothing did.
    pub error: String,
    /// How long it took.
    pub duration: Duration,
}

impl TestResult {
    /// Whether the probe passed: the row was everywhere where the phase writes,
    /// and nothing went wrong.
    #[must_use]
    pub fn success(&self) -> bool {
        self.sync_validated && self.error.is_empty()
    }
}

/// All probes of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TestReport {
    /// In the order in which they ran.
    pub results: Vec<TestResult>,
    /// The sidecar that ran them.
    pub instance: String,
}

/// The run in four figures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TestSummary {
    /// Probes.
    pub total_tests: u32,
    /// Probes that passed.
    pub passed_tests: u32,
    /// Probes that did not.
    pub failed_tests: u32,
    /// In percent with one decimal; 0 when there was no probe.
    pub success_rate: f64,
}

impl TestReport {
    /// The run in four figures.
    #[must_use]
    pub fn summary(&self) -> TestSummary {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let total_tests = count(self.results.len());
        let passed_tests = count(self.results.iter().filter(|test| test.success()).count());
        let success_rate = if total_tests == 0 {
            0.0
        } else {
            (f64::from(passed_tests) * 1000.0 / f64::from(total_tests)).round() / 10.0
        };
        TestSummary {
            total_tests,
            passed_tests,
            failed_tests: total_tests - passed_tests,
            success_rate,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(validated: bool, error: &str) -> TestResult {
        TestResult {
            test_name: "cart_cart_item_async".to_owned(),
            new_db_success: true,
            legacy_db_success: validated,
            sync_validated: validated,
            error: error.to_owned(),
            duration: Duration::from_millis(3),
        }
    }

    #[test]
    fn eleven_of_twelve_are_91_7_percent() {
        let mut results = vec![probe(true, ""); 11];
        results.push(probe(false, ""));
        let report = TestReport {
            results,
            instance: String::new(),
        };
        let expected = TestSummary {
            total_tests: 12,
            passed_tests: 11,
            failed_tests: 1,
            success_rate: 91.7,
        };
        assert_eq!(report.summary(), expected);
    }

    #[test]
    fn nothing_tested_is_no_success() {
        assert_eq!(TestReport::default().summary().success_rate.to_bits(), 0);
    }

    #[test]
    fn an_error_fails_a_probe_whatever_was_read_back() {
        assert!(probe(true, "").success());
        assert!(!probe(true, "the row could not be removed").success());
        assert!(!probe(false, "").success());
    }
}
