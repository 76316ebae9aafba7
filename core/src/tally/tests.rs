use proptest::prelude::*;

use super::*;

fn any_delta() -> impl Strategy<Value = Delta> {
    let operation = (0..9_usize, 0..20_000_000_u64);
    prop::collection::vec(operation, 0..30).prop_map(|operations| {
        let mut delta = Delta::default();
        for (outcome, micros) in operations {
            let outcome = FailureKind::ALL
                .get(outcome)
                .map_or(Ok(()), |kind| Err(*kind));
            delta.record(outcome, Duration::from_micros(micros));
        }
        delta
    })
}

fn fold<'a>(deltas: impl IntoIterator<Item = &'a Delta>) -> Tally {
    let mut tally = Tally::default();
    for delta in deltas {
        tally.fold(delta);
    }
    tally
}

proptest! {
    #[test]
    fn the_order_of_reports_does_not_matter(a in any_delta(), b in any_delta(), c in any_delta()) {
        let tally = fold([&a, &b, &c]);
        prop_assert_eq!(&tally, &fold([&c, &a, &b]));
        prop_assert_eq!(&tally, &fold([&b, &c, &a]));
    }

    #[test]
    fn the_grouping_of_reports_does_not_matter(a in any_delta(), b in any_delta(), c in any_delta()) {
        let mut left = fold([&a, &b]);
        left.merge(&fold([&c]));
        let mut right = fold([&a]);
        right.merge(&fold([&b, &c]));
        prop_assert_eq!(left, right);
    }

    #[test]
    fn counts_add_up(delta in any_delta()) {
        prop_assert_eq!(delta.attempts, delta.successes + delta.failed());
        prop_assert_eq!(delta.attempts, delta.latency.iter().sum::<u64>());
    }

    #[test]
    fn percentiles_rise(delta in any_delta()) {
        let tally = fold([&delta]);
        let points: Vec<_> = [0, 50, 90, 99, 100].map(|percent| tally.percentile(percent)).into();
        prop_assert!(points.is_sorted());
        prop_assert_eq!(points[0].is_none(), delta.is_empty());
    }

    #[test]
    fn a_latency_is_within_its_bucket(micros in 0..20_000_000_u64) {
        let latency = Duration::from_micros(micros);
        let bucket = bucket_of(latency);
        let seconds = latency.as_secs_f64();
        prop_assert!(bucket == BUCKETS - 1 || seconds <= BOUNDARIES[bucket]);
        prop_assert!(bucket == 0 || seconds > BOUNDARIES[bucket - 1]);
    }
}

#[test]
fn both_forms_of_the_boundaries_agree() {
    for (seconds, micros) in BOUNDARIES.into_iter().zip(BOUNDARY_MICROS) {
        let exact = Duration::from_micros(u64::try_from(micros).unwrap());
        assert_eq!(Duration::from_secs_f64(seconds), exact);
    }
    assert!(BOUNDARY_MICROS.is_sorted());
}

#[test]
fn counts_stop_at_their_maximum() {
    let mut full = Delta {
        attempts: u64::MAX,
        latency_sum: Duration::MAX,
        ..Delta::default()
    };
    full.latency[3] = u64::MAX;
    full.set_failures(FailureKind::Other, u64::MAX);
    full.set_failures(FailureKind::Stale, 1);
    let mut tally = fold([&full, &full]);
    tally.merge(&tally.clone());
    assert_eq!(tally.total.attempts, u64::MAX);
    assert_eq!(tally.total.failed(), u64::MAX);
    assert!(tally.percentile(99).is_some());
}

#[test]
fn figures_are_those_of_the_counts() {
    let mut delta = Delta::default();
    for _ in 0..99 {
        delta.record(Ok(()), Duration::from_micros(900));
    }
    delta.record(Err(FailureKind::Timeout), Duration::from_secs(2));
    assert_eq!(delta.failures_of(FailureKind::Timeout), 1);

    let tally = fold([&delta]);
    assert_eq!(tally.success_rate(), Some(0.99));
    assert_eq!(
        tally.mean(),
        Some(Duration::from_micros((99 * 900 + 2_000_000) / 100))
    );
    let p50 = tally.percentile(50).unwrap();
    assert!(
        (Duration::from_micros(500)..=Duration::from_millis(1)).contains(&p50),
        "{p50:?}"
    );
    let p100 = tally.percentile(100).unwrap();
    assert!(
        (Duration::from_secs(1)..=Duration::from_millis(2500)).contains(&p100),
        "{p100:?}"
    );
    assert!((tally.per_second(Duration::from_secs(10)) - 10.0).abs() < f64::EPSILON);
    assert!(tally.per_second(Duration::ZERO).abs() < f64::EPSILON);
}

#[test]
fn nothing_has_no_figures() {
    let tally = Tally::default();
    assert_eq!(tally.success_rate(), None);
    assert_eq!(tally.mean(), None);
    assert_eq!(tally.percentile(50), None);
}

#[test]
fn beyond_the_last_boundary_the_boundary_is_all_that_is_known() {
    let mut delta = Delta::default();
    delta.record(Ok(()), Duration::from_mins(1));
    assert_eq!(fold([&delta]).percentile(50), Some(Duration::from_secs(10)));
}

#[test]
fn taking_leaves_nothing() {
    let mut delta = Delta::default();
    delta.record(Ok(()), Duration::ZERO);
    let taken = delta.take();
    assert!(delta.is_empty() && taken.attempts == 1);
}

#[test]
fn words_of_failures_round_trip() {
    for (index, kind) in FailureKind::ALL.into_iter().enumerate() {
        assert_eq!(FailureKind::parse(kind.as_str()), kind);
        assert_eq!(kind.index(), index);
    }
    assert_eq!(FailureKind::parse("gremlins"), FailureKind::Other);
}

#[test]
fn ordinary_meetings_say_nothing_about_the_database() {
    let mut delta = Delta::default();
    delta.record(Ok(()), Duration::ZERO);
    delta.record(Err(FailureKind::Stale), Duration::ZERO);
    delta.record(Err(FailureKind::Conflict), Duration::ZERO);
    delta.record(Err(FailureKind::Refused), Duration::ZERO);
    delta.record(Err(FailureKind::Unavailable), Duration::ZERO);
    assert_eq!((delta.failed(), delta.faults(), delta.telling()), (4, 1, 2));
}
