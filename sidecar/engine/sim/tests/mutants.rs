//! Every engine that is broken on purpose is found out. A simulation that stops
//! finding them is broken itself.

use dualwrite_sim::mutant::Mutant;
use dualwrite_sim::world::run;

/// Seeds that are tried at most.
const SEEDS: u64 = 60;

/// Runs seeds until a rule of these is broken.
fn is_found(mutant: Mutant, by: &[&str]) {
    for seed in 1..=SEEDS {
        let report = run(&mutant.scenario(seed), Some(mutant), false);
        if let Some(violation) = report.violations.first() {
            let found = by.contains(&violation.rule);
            assert!(found, "{mutant:?} is found by {violation}, not by {by:?}");
            return;
        }
    }
    panic!("{mutant:?} is not found in {SEEDS} seeds");
}

macro_rules! found {
    ($($name:ident: $mutant:ident by $($rule:literal)|+;)*) => {
        $(#[test]
        fn $name() {
            is_found(Mutant::$mutant, &[$($rule),+]);
        })*
    };
}

found! {
    a_marker_removed_by_key_is_found: NoTokenCompare by "C1" | "check";
    a_doubtful_copy_taken_for_done_is_found: DoubtIsDone by "C1" | "check";
    a_write_without_marker_is_found: NoMarker by "D1";
    a_copy_without_key_lock_is_found: NoKeyLock by "C1" | "check";
    a_copy_without_fence_is_found: NoFenceOnSecondary by "F1" | "check";
    a_write_without_fence_is_found: NoFenceOnPrimary by "F1";
    a_fence_read_without_lock_is_found: UnlockedFence by "F1";
    a_flip_without_drain_is_found: NoDrain by "C1" | "history" | "check";
    a_row_read_before_its_token_is_found: RowThenToken by "C1" | "check";
    a_copy_read_before_the_lock_is_found: ReadsBeforeLock by "C1" | "check" | "F1";
    a_secondary_that_commits_first_is_found: SecondaryFirst by "C1" | "check";
    an_activation_without_hand_over_is_found: ActivatesUnasked by "F2";
    a_blind_change_of_the_fence_is_found: BlindChange by "F2";
    a_retry_that_looks_only_here_is_found: LooksOnlyHere by "history";
    an_abort_that_stops_nothing_is_found: AbortsByLooking by "history" | "answers";
    settings_preferred_to_the_fences_are_found: NeverLooksAgain by "rest" | "reads";
}
