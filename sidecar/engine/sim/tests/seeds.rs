//! A short selection of seeds, and those that once found a fault: no rule is
//! broken in any. `cargo xtask sim --seeds N` runs more.

use dualwrite_sim::scenario::Scenario;
use dualwrite_sim::world::run;

/// Runs these seeds; says how to repeat each in which a rule was broken.
fn hold(seeds: impl IntoIterator<Item = u64>) {
    let mut broken = Vec::new();
    for seed in seeds {
        let report = run(&Scenario::of(seed), None, false);
        assert!(report.calls.0 > 0, "seed {seed} did nothing");
        if let Some(violation) = report.violations.first() {
            broken.push(format!(
                "seed {seed}: {violation}\n  repeat it with: cargo xtask sim --seed {seed} --trace"
            ));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn seeds_from_1_to_40() {
    hold(1..=40);
}

#[test]
fn seeds_from_41_to_80() {
    hold(41..=80);
}

#[test]
fn seeds_from_81_to_120() {
    hold(81..=120);
}

#[test]
fn seeds_from_121_to_160() {
    hold(121..=160);
}

/// Seeds that found a fault of the engine once, each mended since.
#[test]
fn seeds_that_found_something() {
    hold([171, 174, 176, 200]);
}
