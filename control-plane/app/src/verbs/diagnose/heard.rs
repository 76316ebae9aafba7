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
    let told = |all: &[&Sidecar]| {
        let named = all.iter().take(NAMED);
        let named = named.map(|one| {
            let ago = now.since(one.last_seen).as_secs();
            format!("{} {ago} s ago", one.instance)
        });
        named.collect::<Vec<_>>().join(", ")
    };
    let (live, mut gone): (Vec<&Sidecar>, Vec<&Sidecar>) = known.iter().partition(|one| one.live);
    // The last that went is the one that somebody looks for.
    gone.sort_by_key(|one| std::cmp::Reverse(one.last_seen));
    let left = format!("not connected any more: {}", told(&gone));
    Some(match (live.is_empty(), gone.is_empty()) {
        (false, true) => Finding::ok(CHECK, None, told(&live)),
        // Instances come and go; some are there.
        (false, false) => Finding::ok(CHECK, None, format!("{}; {left}", told(&live))),
        (true, _) => Finding::new(
            Severity::Note,
            CHECK,
            None,
            left,
            "if one should run, see its log and its way to the control plane",
        ),
    })
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
        assert_eq!(told.severity, Severity::Ok);
        assert_eq!(
            told.detail,
            "a 1 s ago; not connected any more: c 4 s ago, b 7 s ago"
        );
        let told = last_heard(&all[1..], Millis(9_000)).unwrap();
        assert_eq!(told.severity, Severity::Note);
    }
}
