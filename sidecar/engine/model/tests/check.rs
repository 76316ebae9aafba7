//! The quick configurations: what must hold holds in every state, and each
//! wrong way is found wrong. A model that stops finding them is broken.

use std::collections::BTreeSet;

use dualwrite_model::checker::{Until, explore};
use dualwrite_model::configurations::{Configuration, Depth, Expected, all};
use dualwrite_model::properties::CONVERGENCE_IN_REACH;
use stateright::{Checker as _, HasDiscoveries, Model as _};

/// The page that shows them.
const PAGE: &str = include_str!("../../../../docs/model.md");

/// More than any quick configuration has.
const LIMIT: usize = 2_000_000;

fn quick(expects_to_hold: bool) -> impl Iterator<Item = Configuration> {
    all().into_iter().filter(move |one| {
        let holds = one.expected == Expected::Holds;
        one.depth == Depth::Quick && holds == expects_to_hold
    })
}

/// Asserts that the page has this row.
fn is_told(cells: &[&str]) {
    let row = format!("| {} |", cells.join(" | "));
    assert!(
        PAGE.lines().any(|line| line == row),
        "docs/model.md has no row `{row}`"
    );
}

/// A number as people read it: `1,234`.
fn grouped(number: usize) -> String {
    let digits: Vec<char> = number.to_string().chars().collect();
    let groups: Vec<String> = digits
        .rchunks(3)
        .rev()
        .map(|group| group.iter().collect())
        .collect();
    groups.join(",")
}

/// Checks every third configuration that must hold, so that they share the
/// cores of a machine.
fn third_holds(third: usize) {
    let mut checked = 0;
    for configuration in quick(true).skip(third).step_by(3) {
        let found = explore(&configuration.protocol, Until::Complete(LIMIT));
        let name = configuration.name;
        assert!(found.complete, "{name}: more than {LIMIT} states");
        if let Some(violation) = found.violations.first() {
            let steps: Vec<String> = violation.trace.iter().map(ToString::to_string).collect();
            panic!("{name}: {}\n  {}", violation.property, steps.join("\n  "));
        }
        is_told(&[name, &grouped(found.states)]);
        checked += 1;
    }
    assert!(checked >= 5, "{checked} configurations");
}

#[test]
fn the_protocol_holds_first_third() {
    third_holds(0);
}

#[test]
fn the_protocol_holds_second_third() {
    third_holds(1);
}

#[test]
fn the_protocol_holds_last_third() {
    third_holds(2);
}

#[test]
fn each_wrong_way_is_found_wrong() {
    let mut properties = BTreeSet::new();
    let mut checked = 0;
    for configuration in quick(false) {
        let Expected::Violates(property) = configuration.expected else {
            unreachable!("filtered above");
        };
        let found = explore(&configuration.protocol, Until::Violated(property, LIMIT));
        let name = configuration.name;
        let Some(violation) = found.violation(property) else {
            panic!("{name}: `{property}` was not found violated");
        };
        is_told(&[name, &violation.trace.len().to_string(), property]);
        properties.insert(property);
        checked += 1;
    }
    assert!(checked >= 35, "{checked} wrong ways");
    // Each property has a wrong way that only it catches; so none is idle.
    assert!(properties.len() >= 10, "{properties:?}");
}

/// Two checkers that know nothing of each other.
#[test]
fn stateright_finds_the_same() {
    let names = [
        "nested: insert, delete",
        "async: token read before the row",
        "off and on, markers kept",
        "a writer outside, guarded",
    ];
    for configuration in all().into_iter().filter(|one| names.contains(&one.name)) {
        let found = explore(&configuration.protocol, Until::Complete(LIMIT));
        let checker = configuration.protocol.checker().spawn_bfs().join();
        assert_eq!(
            checker.unique_state_count(),
            found.states,
            "{}",
            configuration.name
        );
        assert!(checker.discoveries().is_empty(), "{}", configuration.name);
    }
    for configuration in quick(false) {
        let Expected::Violates(property) = configuration.expected else {
            unreachable!("filtered above");
        };
        if property == CONVERGENCE_IN_REACH {
            continue; // No property of single states, which is all it knows.
        }
        let until = HasDiscoveries::AnyOf(BTreeSet::from([property]));
        let checker = configuration.protocol.checker().finish_when(until);
        let found = checker.spawn_bfs().join();
        assert!(
            found.discovery(property).is_some(),
            "{}",
            configuration.name
        );
    }
}

#[test]
fn a_counter_example_can_be_replayed() {
    let configuration = all()
        .into_iter()
        .find(|one| one.name == "epoch read without a lock")
        .unwrap();
    let Expected::Violates(property) = configuration.expected else {
        panic!("it is a wrong way");
    };
    let found = explore(&configuration.protocol, Until::Violated(property, LIMIT));
    let mut state = configuration.protocol.start();
    for step in &found.violation(property).unwrap().trace {
        state = configuration.protocol.after(&state, *step).unwrap();
    }
    assert!(state.ghost.wrongs.stale_commit);
}

#[test]
fn names_are_unique() {
    let names: Vec<&str> = all().iter().map(|one| one.name).collect();
    let unique: BTreeSet<&&str> = names.iter().collect();
    assert_eq!(unique.len(), names.len());
}

#[test]
fn the_page_names_each_configuration() {
    for configuration in all() {
        let row = format!("| {} | ", configuration.name);
        assert!(
            PAGE.lines().any(|line| line.starts_with(&row)),
            "docs/model.md does not name `{}`",
            configuration.name
        );
    }
}
