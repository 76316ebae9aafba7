//! What each guard says of what was observed.

use std::time::Duration;

use super::{Guard, GuardPolicy, GuardVerdict, Observed};
use crate::duration;

/// Shown where a figure was never reported.
const UNKNOWN: &str = "unknown";

pub(super) fn judge(guard: Guard, observed: &Observed, policy: &GuardPolicy) -> GuardVerdict {
    match guard {
        Guard::NoOtherTransition => no_other_transition(observed),
        Guard::NoRunningJob => no_running_job(observed),
        Guard::SidecarsLive => sidecars_live(observed, policy),
        Guard::MappingAccepted => mapping_accepted(observed),
        Guard::RevisionAcked => revision_acked(observed),
        Guard::BackfillComplete => backfill_complete(observed, policy),
        Guard::ValidationClean => validation_clean(observed, policy),
        Guard::MarkersOutstanding => markers_outstanding(observed, policy),
        Guard::OldestMarkerAge => oldest_marker_age(observed, policy),
        Guard::SecondaryErrorRate => secondary_error_rate(observed, policy),
        Guard::QuarantineEmpty => quarantine_empty(observed),
    }
}

fn verdict(
    guard: Guard,
    passed: bool,
    measured: impl Into<String>,
    limit: impl Into<String>,
    remedy: &str,
) -> GuardVerdict {
    let remedy = if passed {
        String::new()
    } else {
        remedy.to_owned()
    };
    GuardVerdict {
        guard,
        passed,
        measured: measured.into(),
        limit: limit.into(),
        remedy,
        forceable: true,
    }
}

fn no_other_transition(observed: &Observed) -> GuardVerdict {
    let running = observed.transition.as_deref();
    GuardVerdict {
        // Two plans at once would fight over one pair of fences.
        forceable: false,
        ..verdict(
            Guard::NoOtherTransition,
            running.is_none(),
            running.unwrap_or("none"),
            "none",
            "wait for it to end, or abort it",
        )
    }
}

fn no_running_job(observed: &Observed) -> GuardVerdict {
    let jobs = &observed.running_jobs;
    let measured = if jobs.is_empty() {
        "none".to_owned()
    } else {
        jobs.join(", ")
    };
    let remedy = "wait for it to end, or pause or cancel it";
    verdict(
        Guard::NoRunningJob,
        jobs.is_empty(),
        measured,
        "none",
        remedy,
    )
}

fn sidecars_live(observed: &Observed, policy: &GuardPolicy) -> GuardVerdict {
    let live = observed.live_sidecars;
    let least = policy.min_sidecars.max(1);
    GuardVerdict {
        // Somebody has to execute the transition: force cannot replace that.
        forceable: live > 0,
        ..verdict(
            Guard::SidecarsLive,
            live >= least,
            live.to_string(),
            format!("at least {least}"),
            "start sidecars of this service, and see that they reach the control plane",
        )
    }
}

fn mapping_accepted(observed: &Observed) -> GuardVerdict {
    let refusals = &observed.refusals;
    let measured = if refusals.is_empty() {
        format!("accepted by {} live", observed.live_sidecars)
    } else {
        format!("refused by {}", refusals.join("; "))
    };
    let passed = refusals.is_empty() && observed.live_sidecars > 0;
    let remedy = "correct the mapping or the schema that each refusal names";
    verdict(
        Guard::MappingAccepted,
        passed,
        measured,
        "accepted by all live sidecars",
        remedy,
    )
}

fn revision_acked(observed: &Observed) -> GuardVerdict {
    let Observed {
        live_sidecars: live,
        acked_sidecars: acked,
        ..
    } = observed;
    verdict(
        Guard::RevisionAcked,
        *live > 0 && acked >= live,
        format!("{acked} of {live} live sidecars"),
        "all live sidecars",
        "wait a moment; a sidecar that stays behind is listed by `dualwrite sidecars`",
    )
}

fn backfill_complete(observed: &Observed, policy: &GuardPolicy) -> GuardVerdict {
    let measured = match observed.backfill_complete {
        Some(true) => "complete",
        Some(false) => "not complete",
        None => UNKNOWN,
    };
    let off = !policy.require_backfill;
    verdict(
        Guard::BackfillComplete,
        off || observed.backfill_complete == Some(true),
        measured,
        if off {
            "off"
        } else {
            "complete since the secondary was opened"
        },
        "run `dualwrite backfill start` and wait for it to end",
    )
}

fn validation_clean(observed: &Observed, policy: &GuardPolicy) -> GuardVerdict {
    let limit = policy.max_validation_age;
    let off = limit.is_zero();
    let measured = observed.validation.map_or_else(
        || "never run".to_owned(),
        |last| {
            format!(
                "{} differences, {} ago",
                last.differences,
                seconds(last.age)
            )
        },
    );
    let clean = observed
        .validation
        .is_some_and(|last| last.differences == 0 && last.age <= limit);
    verdict(
        Guard::ValidationClean,
        off || clean,
        measured,
        if off {
            "off".to_owned()
        } else {
            format!("clean, not older than {}", seconds(limit))
        },
        "run `dualwrite validate`, and repair what it finds",
    )
}

fn markers_outstanding(observed: &Observed, policy: &GuardPolicy) -> GuardVerdict {
    let limit = policy.max_markers;
    let off = limit == 0;
    verdict(
        Guard::MarkersOutstanding,
        off || observed.markers.is_some_and(|markers| markers <= limit),
        number(observed.markers),
        if off {
            "off".to_owned()
        } else {
            format!("at most {limit}")
        },
        "wait for the relay to catch up, and see that the secondary is reachable",
    )
}

fn oldest_marker_age(observed: &Observed, policy: &GuardPolicy) -> GuardVerdict {
    let limit = policy.max_marker_age;
    let off = limit.is_zero();
    let age = observed.oldest_marker_age;
    verdict(
        Guard::OldestMarkerAge,
        off || age.is_some_and(|age| age <= limit),
        age.map_or_else(|| UNKNOWN.to_owned(), seconds),
        if off {
            "off".to_owned()
        } else {
            format!("at most {}", seconds(limit))
        },
        "look for a key that the secondary refuses, or for a slow secondary",
    )
}

fn secondary_error_rate(observed: &Observed, policy: &GuardPolicy) -> GuardVerdict {
    let rate = observed
        .secondary
        .map(|count| crate::tally::ratio(count.failures, count.attempts).unwrap_or(0.0) * 100.0);
    let limit = policy.max_secondary_error_percent;
    verdict(
        Guard::SecondaryErrorRate,
        rate.is_some_and(|rate| rate <= limit),
        rate.map_or_else(|| UNKNOWN.to_owned(), |rate| format!("{rate:.2} %")),
        format!("at most {limit} % over {}", seconds(policy.error_window)),
        "see the failures by kind in `dualwrite status`",
    )
}

fn quarantine_empty(observed: &Observed) -> GuardVerdict {
    verdict(
        Guard::QuarantineEmpty,
        observed.quarantined == Some(0),
        number(observed.quarantined),
        "0",
        "correct the rows that the secondary refuses; they are retried by themselves",
    )
}

fn number(count: Option<u64>) -> String {
    count.map_or_else(|| UNKNOWN.to_owned(), |count| count.to_string())
}

/// A duration for people: whole seconds once it is longer than one.
fn seconds(span: Duration) -> String {
    if span < Duration::from_secs(1) {
        duration::format(span)
    } else {
        duration::format(Duration::from_secs(span.as_secs()))
    }
}
