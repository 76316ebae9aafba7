//! One seed is one run: the same trace byte for byte, in one process and in
//! another.

use std::process::Command;

use dualwrite_sim::scenario::Scenario;
use dualwrite_sim::world::run;

/// Seeds with everything in them: flips, blows, faults.
const SEEDS: [u64; 4] = [3, 21, 107, 200];

#[test]
fn the_same_seed_gives_the_same_trace() {
    for seed in SEEDS {
        let traces = [0, 1].map(|_| run(&Scenario::of(seed), None, true).trace);
        assert!(traces[0].lines().count() > 100, "seed {seed} did little");
        if let Some((one, two)) = difference(&traces[0], &traces[1]) {
            panic!("seed {seed} differs:\n{one}\n{two}");
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_trace_in_another_process() {
    for seed in SEEDS {
        let here = run(&Scenario::of(seed), None, true).trace;
        let there = Command::new(env!("CARGO_BIN_EXE_dualwrite-sim"))
            .args(["--trace", "--seed", &seed.to_string()])
            .output()
            .expect("the simulation starts");
        let there = String::from_utf8_lossy(&there.stdout);
        // One line follows the trace: the sum, with the time that it took.
        let (there, sum) = there.trim_end().rsplit_once('\n').expect("two lines");
        assert!(sum.starts_with("1 seeds in "), "{sum}");
        if let Some((one, two)) = difference(&here, there) {
            panic!("seed {seed} differs:\n{one}\n{two}");
        }
    }
}

#[test]
fn another_seed_gives_another_trace() {
    let traces = [1, 2].map(|seed| run(&Scenario::of(seed), None, true).trace);
    assert_ne!(traces[0], traces[1]);
}

/// The first lines in which the second trace is not the first one; nothing and
/// the next line where one ends before the other.
fn difference<'a>(one: &'a str, two: &'a str) -> Option<(&'a str, &'a str)> {
    let (mut one, mut two) = (one.lines(), two.lines());
    loop {
        match (one.next(), two.next()) {
            (None, None) => return None,
            (one, two) if one == two => {}
            (one, two) => return Some((one.unwrap_or_default(), two.unwrap_or_default())),
        }
    }
}
