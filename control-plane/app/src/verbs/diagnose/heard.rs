//! When each sidecar was last heard.

use dualwrite_core::diagnosis::{Finding, Severity};

use crate::model::{Millis, Sidecar};

/// Sidecars that are named; a fleet has more, and the command line lists them
/// all.
const NAMED: usize = 10;

/// A line about those that are there and those that were; `None` when none
/// ever was.
pub(super) fn last_heard(known: &[Sidecar], now: Millis) -> Option<Finding> {
    const CHECK: &str = "last_heard";
    if known.is_empty() {
        return None;
    }
    let mut gone: Vec<&Sidecar> = known.iter().filter(|one| !one.live).collect();
    // The last that went is the one that somebody looks for.
    gone.sort_by_key(|one| std::cmp::Reverse(one.last_seen));
    let told = |one: &Sidecar| {
        format!(
            "{} {} s ago",
            one.instance,
            now.since(one.last_seen).as_secs()
        )
    };
    if gone.is_empty() {
        let names: Vec<String> = known.iter().take(NAMED).map(told).collect();
        return Some(Finding::ok(CHECK, None, names.join(", ")));
    }
    let names: Vec<String> = gone.iter().take(NAMED).map(|one| told(one)).collect();
    Some(Finding::new(
        Severity::Note,
        CHECK,
        None,
        format!("{} not connected: {}", gone.len(), names.join(", ")),
        "if it should run, see its log and its way to the control plane; else it is forgotten in time",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sidecar(instance: &str, live: bool, last_seen: u64) -> Sidecar {
        Sidecar {
            instance: instance.to_owned(),
            version: "1".to_owned(),
            live,
            acked: 1,
            nack: None,
            connected: Millis(0),
            last_seen: Millis(last_seen),
            legacy_fence: None,
            new_fence: None,
            markers: 0,
        }
    }

    #[test]
    fn those_that_are_gone_are_named_the_last_first() {
        assert_eq!(last_heard(&[], Millis(9_000)), None);
        let there = sidecar("a", true, 8_000);
        let told = last_heard(std::slice::from_ref(&there), Millis(9_000)).unwrap();
        assert_eq!((told.severity, &*told.detail), (Severity::Ok, "a 1 s ago"));
        let all = [
            there,
            sidecar("b", false, 2_000),
            sidecar("c", false, 5_000),
        ];
        let told = last_heard(&all, Millis(9_000)).unwrap();
        assert_eq!(told.severity, Severity::Note);
        assert_eq!(told.detail, "2 not connected: c 4 s ago, b 7 s ago");
    }
}
