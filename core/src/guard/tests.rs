use super::*;

const FLIP: Request = Request {
    from: Phase::DualWrite,
    to: Phase::NewPrimary,
};
const OPEN: Request = Request {
    from: Phase::LegacyOnly,
    to: Phase::DualWrite,
};

/// Everything as it should be.
fn fine() -> Observed {
    Observed {
        transition: None,
        running_jobs: Vec::new(),
        live_sidecars: 2,
        acked_sidecars: 2,
        refusals: Vec::new(),
        backfill_complete: Some(true),
        validation: Some(Validation {
            age: Duration::from_secs(10),
            differences: 0,
        }),
        markers: Some(3),
        oldest_marker_age: Some(Duration::from_secs(1)),
        secondary: Some(ErrorCount {
            attempts: 1000,
            failures: 1,
        }),
        quarantined: Some(0),
    }
}

fn strict_policy() -> GuardPolicy {
    GuardPolicy {
        max_validation_age: Duration::from_mins(1),
        ..GuardPolicy::default()
    }
}

fn failing(observed: &Observed, policy: &GuardPolicy, request: Request) -> Vec<Guard> {
    permit(observed, policy, &request)
        .failed()
        .map(|guard| guard.guard)
        .collect()
}

#[test]
fn when_everything_is_fine_every_transition_is_permitted() {
    for from in Phase::ALL {
        for to in from.neighbours() {
            let verdict = permit(&fine(), &strict_policy(), &Request { from, to });
            assert!(verdict.permitted(), "{from} to {to}: {verdict:?}");
            assert!(!verdict.guards.is_empty());
        }
    }
}

fn with(change: impl FnOnce(&mut Observed)) -> Observed {
    let mut observed = fine();
    change(&mut observed);
    observed
}

/// One guard alone fails, and says its figure, its limit and what to do.
fn assert_alone(observed: &Observed, guard: Guard, measured: &str, limit: &str) {
    let verdict = permit(observed, &strict_policy(), &FLIP);
    let failed: Vec<&GuardVerdict> = verdict.failed().collect();
    assert_eq!(failed.len(), 1, "{guard}: {failed:?}");
    assert_eq!(failed[0].guard, guard);
    assert!(failed[0].measured.contains(measured), "{:?}", failed[0]);
    assert!(failed[0].limit.contains(limit), "{:?}", failed[0]);
    assert!(!failed[0].remedy.is_empty(), "{guard} says what to do");
    let forceable = guard != Guard::NoOtherTransition;
    assert_eq!(failed[0].forceable, forceable, "{guard}");
    assert!(!verdict.permitted());
    assert_eq!(verdict.permitted_by_force(), forceable);
}

#[test]
fn each_guard_of_the_fleet_fails_alone() {
    use Guard::{MappingAccepted, NoOtherTransition, NoRunningJob, RevisionAcked};
    let plan = with(|o| o.transition = Some("p1".into()));
    assert_alone(&plan, NoOtherTransition, "p1", "none");
    let job = with(|o| o.running_jobs = vec!["j1".into()]);
    assert_alone(&job, NoRunningJob, "j1", "none");
    let refused = with(|o| o.refusals = vec!["a: no table".into()]);
    assert_alone(&refused, MappingAccepted, "a: no table", "all live");
    let behind = with(|o| o.acked_sidecars = 1);
    assert_alone(&behind, RevisionAcked, "1 of 2", "all live");
}

#[test]
fn each_guard_of_what_was_copied_fails_alone() {
    use Guard::{BackfillComplete, QuarantineEmpty, ValidationClean};
    let last = |age, differences| {
        with(|o| {
            let age = Duration::from_secs(age);
            o.validation = Some(Validation { age, differences });
        })
    };
    let partial = with(|o| o.backfill_complete = Some(false));
    assert_alone(&partial, BackfillComplete, "not complete", "since");
    let unknown = with(|o| o.backfill_complete = None);
    assert_alone(&unknown, BackfillComplete, "unknown", "since");
    let never = with(|o| o.validation = None);
    assert_alone(&never, ValidationClean, "never run", "60s");
    assert_alone(&last(120, 0), ValidationClean, "120s ago", "60s");
    assert_alone(&last(0, 4), ValidationClean, "4 differences", "clean");
    let refused = with(|o| o.quarantined = Some(1));
    assert_alone(&refused, QuarantineEmpty, "1", "0");
    let unknown = with(|o| o.quarantined = None);
    assert_alone(&unknown, QuarantineEmpty, "unknown", "0");
}

#[test]
fn each_guard_of_the_copying_fails_alone() {
    use Guard::{MarkersOutstanding, OldestMarkerAge, SecondaryErrorRate};
    let many = with(|o| o.markers = Some(10_001));
    assert_alone(&many, MarkersOutstanding, "10001", "10000");
    let unknown = with(|o| o.markers = None);
    assert_alone(&unknown, MarkersOutstanding, "unknown", "10000");
    let old = with(|o| o.oldest_marker_age = Some(Duration::from_secs(31)));
    assert_alone(&old, OldestMarkerAge, "31s", "30s");
    let unknown = with(|o| o.oldest_marker_age = None);
    assert_alone(&unknown, OldestMarkerAge, "unknown", "30s");
    let errors = ErrorCount {
        attempts: 100,
        failures: 2,
    };
    let failing = with(|o| o.secondary = Some(errors));
    assert_alone(&failing, SecondaryErrorRate, "2.00 %", "1 % over 60s");
    let unknown = with(|o| o.secondary = None);
    assert_alone(&unknown, SecondaryErrorRate, "unknown", "1 %");
}

#[test]
fn the_limits_themselves_still_pass() {
    let observed = Observed {
        markers: Some(10_000),
        oldest_marker_age: Some(Duration::from_secs(30)),
        secondary: Some(ErrorCount {
            attempts: 100,
            failures: 1,
        }),
        ..fine()
    };
    assert_eq!(failing(&observed, &strict_policy(), FLIP), []);
    let idle = Observed {
        secondary: Some(ErrorCount::default()),
        ..fine()
    };
    assert_eq!(
        failing(&idle, &strict_policy(), FLIP),
        [],
        "no attempts are no failures"
    );
}

#[test]
fn without_a_live_sidecar_nobody_executes_and_force_does_not_help() {
    let alone = Observed {
        live_sidecars: 0,
        acked_sidecars: 0,
        ..fine()
    };
    let verdict = permit(&alone, &GuardPolicy::default(), &OPEN);
    assert!(verdict.no_executor() && !verdict.permitted_by_force());
    let lax = GuardPolicy {
        min_sidecars: 0,
        ..GuardPolicy::default()
    };
    assert!(
        permit(&alone, &lax, &OPEN).no_executor(),
        "no policy lowers it below one"
    );

    let few = GuardPolicy {
        min_sidecars: 3,
        ..GuardPolicy::default()
    };
    let verdict = permit(&fine(), &few, &OPEN);
    assert!(!verdict.permitted() && !verdict.no_executor() && verdict.permitted_by_force());
}

#[test]
fn a_policy_turns_guards_off() {
    let blind = Observed {
        backfill_complete: None,
        validation: None,
        markers: None,
        oldest_marker_age: None,
        ..fine()
    };
    let off = GuardPolicy {
        max_markers: 0,
        max_marker_age: Duration::ZERO,
        require_backfill: false,
        max_validation_age: Duration::ZERO,
        ..GuardPolicy::default()
    };
    let verdict = permit(&blind, &off, &FLIP);
    assert!(verdict.permitted(), "{verdict:?}");
    assert_eq!(
        verdict
            .guards
            .iter()
            .filter(|guard| guard.limit == "off")
            .count(),
        4
    );
}

#[test]
fn how_far_behind_the_copies_are_matters_in_a_flip_alone() {
    let behind = Observed {
        backfill_complete: Some(false),
        validation: None,
        markers: None,
        oldest_marker_age: None,
        secondary: None,
        quarantined: Some(9),
        ..fine()
    };
    for from in Phase::ALL {
        for to in from.neighbours() {
            let request = Request { from, to };
            let flip = from.primary() != to.primary();
            let failed = failing(&behind, &strict_policy(), request).len();
            assert_eq!(failed, if flip { 6 } else { 0 }, "{from} to {to}");
        }
        let same = Request { from, to: from };
        assert_eq!(
            failing(&behind, &strict_policy(), same),
            [],
            "a bump in {from}"
        );
    }
}

#[test]
fn the_verdict_lists_its_guards_in_one_order() {
    let guards: Vec<Guard> = permit(&fine(), &strict_policy(), &FLIP)
        .guards
        .iter()
        .map(|guard| guard.guard)
        .collect();
    assert_eq!(guards, Guard::ALL);
    assert_eq!(guards_of(OPEN), Guard::ALL[..5]);
    assert_eq!(
        guards_of(Request {
            from: Phase::LegacyOnly,
            to: Phase::NewOnly
        }),
        []
    );
}

#[test]
fn limits_out_of_range_are_found() {
    let policy = GuardPolicy {
        max_secondary_error_percent: 101.0,
        error_window: Duration::ZERO,
        ..GuardPolicy::default()
    };
    let paths: Vec<String> = policy.validate().into_iter().map(|v| v.path).collect();
    assert_eq!(paths, ["maxSecondaryErrorPercent", "errorWindow"]);
    assert_eq!(GuardPolicy::default().validate(), []);
}
