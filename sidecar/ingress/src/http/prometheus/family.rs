//! One family of figures, built part by part.

use prometheus::proto::{
    Bucket, Counter, Gauge, Histogram, LabelPair, Metric, MetricFamily, MetricType,
};

use dualwrite_core::tally::{BOUNDARIES, Delta};

/// Names and values of labels.
pub(super) type Labels<'a> = &'a [(&'a str, &'a str)];

/// One family: a name, what it means, and its figures.
pub(super) struct Family {
    family: MetricFamily,
    metrics: Vec<Metric>,
}

impl Family {
    pub(super) fn counter(name: &str, help: &str) -> Self {
        Self::new(name, help, MetricType::COUNTER)
    }

    pub(super) fn gauge(name: &str, help: &str) -> Self {
        Self::new(name, help, MetricType::GAUGE)
    }

    pub(super) fn histogram(name: &str, help: &str) -> Self {
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

    pub(super) fn count(&mut self, labels: Labels<'_>, value: u64) {
        let mut counter = Counter::default();
        counter.set_value(float(value));
        let mut metric = Metric::from_label(pairs(labels));
        metric.set_counter(counter);
        self.metrics.push(metric);
    }

    pub(super) fn set(&mut self, labels: Labels<'_>, value: f64) {
        let mut gauge = Gauge::default();
        gauge.set_value(value);
        let mut metric = Metric::from_label(pairs(labels));
        metric.set_gauge(gauge);
        self.metrics.push(metric);
    }

    pub(super) fn observe(&mut self, labels: Labels<'_>, counted: &Delta) {
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
    pub(super) fn done(mut self) -> Option<MetricFamily> {
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

#[expect(
    clippy::cast_precision_loss,
    reason = "the format has floats; a count of 2^53 may be off by one"
)]
pub(super) const fn float(count: u64) -> f64 {
    count as f64
}
