//! Figures for a scraper, in the text form of Prometheus.
//!
//! A [`Family`] is built part by part and written by [`text`]. Names begin with
//! `dualwrite_`, units are base units, counters end in `_total`, and labels are
//! of bounded sets: a key or a value of a row is never one.

use dualwrite_core::tally::{BOUNDARIES, Delta};
use prometheus::TextEncoder;
use prometheus::proto::{
    Bucket, Counter, Gauge, Histogram, LabelPair, Metric, MetricFamily, MetricType,
};

/// The content type of [`text`].
pub const FORM: &str = prometheus::TEXT_FORMAT;

/// The families in the form that every scraper reads; those without figures are
/// left out.
///
/// # Errors
/// When a name or a label is none that the format allows: a fault of the
/// program.
pub fn text(families: impl IntoIterator<Item = Family>) -> Result<String, prometheus::Error> {
    let families = families.into_iter().filter_map(Family::done);
    let families: Vec<MetricFamily> = families.collect();
    TextEncoder::new().encode_to_string(&families)
}

/// Names and values of labels.
pub type Labels<'a> = &'a [(&'a str, &'a str)];

/// One family: a name, what it means, and its figures.
#[derive(Debug)]
pub struct Family {
    family: MetricFamily,
    metrics: Vec<Metric>,
}

impl Family {
    /// One that only grows.
    #[must_use]
    pub fn counter(name: &str, help: &str) -> Self {
        Self::new(name, help, MetricType::COUNTER)
    }

    /// One that grows and shrinks.
    #[must_use]
    pub fn gauge(name: &str, help: &str) -> Self {
        Self::new(name, help, MetricType::GAUGE)
    }

    /// How long things took.
    #[must_use]
    pub fn histogram(name: &str, help: &str) -> Self {
        Self::new(name, help, MetricType::HISTOGRAM)
    }

    fn new(name: &str, help: &str, kind: MetricType) -> Self {
        let mut family = MetricFamily::default();
        family.set_name(name.to_owned());
        family.set_help(help.to_owned());
        family.set_field_type(kind);
        Self {
            family,
            metrics: Vec::new(),
        }
    }

    /// A figure of a counter.
    pub fn count(&mut self, labels: Labels<'_>, value: u64) {
        let mut counter = Counter::default();
        counter.set_value(float(value));
        let mut metric = Metric::from_label(pairs(labels));
        metric.set_counter(counter);
        self.metrics.push(metric);
    }

    /// A figure of a gauge.
    pub fn set(&mut self, labels: Labels<'_>, value: f64) {
        let mut gauge = Gauge::default();
        gauge.set_value(value);
        let mut metric = Metric::from_label(pairs(labels));
        metric.set_gauge(gauge);
        self.metrics.push(metric);
    }

    /// A figure of a histogram: the latencies of what was counted.
    pub fn observe(&mut self, labels: Labels<'_>, counted: &Delta) {
        let mut histogram = Histogram::default();
        let mut below = 0_u64;
        let mut buckets = Vec::with_capacity(BOUNDARIES.len());
        for (bound, count) in BOUNDARIES.iter().zip(counted.latency) {
            below = below.saturating_add(count);
            let mut bucket = Bucket::default();
            bucket.set_upper_bound(*bound);
            bucket.set_cumulative_count(below);
            buckets.push(bucket);
        }
        let last = counted.latency.last().copied().unwrap_or(0);
        histogram.set_bucket(buckets);
        histogram.set_sample_count(below.saturating_add(last));
        histogram.set_sample_sum(counted.latency_sum.as_secs_f64());
        let mut metric = Metric::from_label(pairs(labels));
        metric.set_histogram(histogram);
        self.metrics.push(metric);
    }

    /// The family, unless it has no figures.
    fn done(mut self) -> Option<MetricFamily> {
        if self.metrics.is_empty() {
            return None;
        }
        self.family.set_metric(self.metrics);
        Some(self.family)
    }
}

fn pairs(labels: Labels<'_>) -> Vec<LabelPair> {
    let each = labels.iter().map(|(name, value)| {
        let mut pair = LabelPair::default();
        pair.set_name((*name).to_owned());
        pair.set_value((*value).to_owned());
        pair
    });
    each.collect()
}

/// A count as the format has it.
#[expect(
    clippy::cast_precision_loss,
    reason = "the format has floats; a count of 2^53 may be off by one"
)]
#[must_use]
pub const fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn families_are_written_as_scrapers_read_them_and_empty_ones_are_not() {
        let mut calls = Family::counter("dualwrite_calls_total", "Calls.");
        calls.count(&[("code", "OK")], 3);
        let mut latency = Family::histogram("dualwrite_call_duration_seconds", "How long.");
        let mut counted = Delta::default();
        counted.record(Ok(()), Duration::from_millis(4));
        latency.observe(&[], &counted);
        let none = Family::gauge("dualwrite_nothing", "Nothing.");
        let text = text([calls, latency, none]).unwrap();
        for line in [
            "# TYPE dualwrite_calls_total counter",
            r#"dualwrite_calls_total{code="OK"} 3"#,
            r#"dualwrite_call_duration_seconds_bucket{le="0.005"} 1"#,
            "dualwrite_call_duration_seconds_count 1",
        ] {
            assert!(text.contains(line), "no `{line}` in\n{text}");
        }
        assert!(!text.contains("nothing"), "{text}");
    }
}
