#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test fails on everything that it does not expect"
)]

use super::*;
use crate::fence::{EpochSettings, Fence};
use crate::side::Role;

const E: u64 = 5;

fn plan(from: Phase, to: Phase) -> Plan {
    let settings = EpochSettings::initial("cart", from, true, Vec::new()).moved_to(to);
    Plan {
        plan_id: "p1".into(),
        kind: PlanKind::between(from, to).unwrap(),
        from_phase: from,
        to_phase: to,
        from_epoch: E,
        to_epoch: E + 1,
        primary: from.primary(),
        settings: settings.to_json(),
        aborting: false,
    }
}

/// Two databases that do what they are told.
#[derive(Debug, Clone)]
struct World {
    legacy: Seen,
    new: Seen,
}

impl World {
    fn at_rest(phase: Phase) -> Self {
        let fence = |side| test_fence(E, phase.role(side), phase);
        Self {
            legacy: fence(Side::Legacy),
            new: fence(Side::New),
        }
    }

    fn side(&mut self, side: Side) -> &mut Seen {
        match side {
            Side::Legacy => &mut self.legacy,
            Side::New => &mut self.new,
        }
    }

    fn apply(&mut self, cas: &Cas) {
        let seen = self.side(cas.side);
        assert_eq!(
            seen.at(),
            Some(cas.from),
            "{} compares with what was read",
            cas.name
        );
        let before = cas.from;
        assert!(
            cas.to.epoch >= before.epoch,
            "{} never goes back in epochs",
            cas.name
        );
        *seen = Seen::Fence(cas.to.clone());
    }

    /// Runs a plan to its end; answers the step names and how it ended.
    fn run(&mut self, plan: &Plan) -> (Vec<&'static str>, Step) {
        let mut names = Vec::new();
        for _ in 0..20 {
            match next_step(plan, &self.legacy, &self.new) {
                Step::Change(cas) | Step::HandOver(cas) => {
                    names.push(cas.name.as_str());
                    self.apply(&cas);
                }
                end => return (names, end),
            }
        }
        panic!("{plan:?} does not end: {self:?}");
    }

    fn assert_at_rest(&self, phase: Phase) {
        for (side, seen) in [(Side::Legacy, &self.legacy), (Side::New, &self.new)] {
            let fence = seen.fence().unwrap();
            assert_eq!(fence.role, phase.role(side), "{side} in {phase}");
            assert_eq!(fence.phase, phase, "{side}");
        }
        assert_eq!(
            self.legacy.at().unwrap().epoch,
            self.new.at().unwrap().epoch
        );
    }
}

#[test]
fn every_neighbour_step_ends_at_rest_in_its_phase() {
    for from in Phase::ALL {
        for to in from.neighbours() {
            let mut world = World::at_rest(from);
            let (names, end) = world.run(&plan(from, to));
            assert_eq!(end, Step::Done, "{from} to {to} by {names:?}");
            world.assert_at_rest(to);
        }
    }
}

#[test]
fn only_neighbours_have_a_plan() {
    for from in Phase::ALL {
        for to in Phase::ALL {
            let near = from == to || from.neighbours().contains(&to);
            assert_eq!(
                PlanKind::between(from, to).is_some(),
                near,
                "{from} to {to}"
            );
        }
    }
}

#[test]
fn the_steps_come_in_the_order_of_the_protocol() {
    let flip = World::at_rest(Phase::DualWrite).run(&plan(Phase::DualWrite, Phase::NewPrimary));
    assert_eq!(flip.0, ["freeze", "hand_over", "activate", "follow"]);
    let open = World::at_rest(Phase::LegacyOnly).run(&plan(Phase::LegacyOnly, Phase::DualWrite));
    assert_eq!(open.0, ["open", "advance"]);
    let close = World::at_rest(Phase::NewPrimary).run(&plan(Phase::NewPrimary, Phase::NewOnly));
    assert_eq!(close.0, ["advance", "close"]);
    let bump = World::at_rest(Phase::DualWrite).run(&plan(Phase::DualWrite, Phase::DualWrite));
    assert_eq!(bump.0, ["raise", "advance"]);
}

/// Aborting after each prefix of each plan ends at rest: before the point of
/// decision where it was, after it where it goes.
#[test]
fn an_abort_after_every_prefix_ends_at_rest() {
    for from in Phase::ALL {
        for to in from.neighbours() {
            let forward = plan(from, to);
            let length = World::at_rest(from).run(&forward).0.len();
            for prefix in 0..=length {
                let mut world = World::at_rest(from);
                for _ in 0..prefix {
                    match next_step(&forward, &world.legacy, &world.new) {
                        Step::Change(cas) | Step::HandOver(cas) => world.apply(&cas),
                        end => panic!("{from} to {to} ended early: {end:?}"),
                    }
                }
                let (names, end) = world.run(&Plan {
                    aborting: true,
                    ..forward.clone()
                });
                let rest = match end {
                    Step::Aborted => from,
                    Step::Done => to,
                    other => panic!("{from} to {to} after {prefix}, {names:?}: {other:?}"),
                };
                let primary = world.side(rest.primary()).clone();
                assert_eq!(
                    primary.at().unwrap().role,
                    Role::Primary,
                    "{from} to {to} at {prefix}"
                );
                assert_eq!(primary.fence().unwrap().phase, rest);
            }
        }
    }
}

/// An executor that dies after each prefix is replaced by sidecars that know
/// nothing of the plan.
#[test]
fn a_dead_executor_is_replaced_without_a_plan() {
    for (from, to) in [
        (Phase::DualWrite, Phase::NewPrimary),
        (Phase::NewPrimary, Phase::DualWrite),
    ] {
        let forward = plan(from, to);
        for prefix in 1..4 {
            for drained in [true, false] {
                let mut world = World::at_rest(from);
                for _ in 0..prefix {
                    match next_step(&forward, &world.legacy, &world.new) {
                        Step::Change(cas) | Step::HandOver(cas) => world.apply(&cas),
                        end => panic!("{end:?}"),
                    }
                }
                let decided = prefix >= 2 || drained;
                let patience = if drained {
                    Patience::Over
                } else {
                    Patience::Exhausted
                };
                while let Some(step) = mend(&world.legacy, &world.new, patience) {
                    match step {
                        Step::Change(cas) | Step::HandOver(cas) => world.apply(&cas),
                        end => panic!("{end:?}"),
                    }
                }
                world.assert_at_rest(if decided { to } else { from });
            }
        }
    }
}

#[test]
fn an_executor_that_still_works_is_left_alone() {
    let mut world = World::at_rest(Phase::DualWrite);
    let forward = plan(Phase::DualWrite, Phase::NewPrimary);
    let Step::Change(freeze) = next_step(&forward, &world.legacy, &world.new) else {
        panic!()
    };
    world.apply(&freeze);
    assert_eq!(mend(&world.legacy, &world.new, Patience::Left), None);
}

#[test]
fn a_side_at_rest_needs_no_mending() {
    for phase in Phase::ALL {
        let world = World::at_rest(phase);
        assert_eq!(
            mend(&world.legacy, &world.new, Patience::Exhausted),
            None,
            "{phase}"
        );
    }
}

#[test]
fn a_side_that_was_off_is_never_opened_without_a_plan() {
    let primary = test_fence(9, Role::Primary, Phase::DualWrite);
    let off = test_fence(7, Role::Off, Phase::LegacyOnly);
    assert_eq!(mend(&primary, &off, Patience::Exhausted), None);
}

#[test]
fn fences_that_went_another_way_win_over_the_plan() {
    let forward = plan(Phase::DualWrite, Phase::NewPrimary);
    let legacy = test_fence(E + 7, Role::Primary, Phase::DualWrite);
    let new = test_fence(E + 7, Role::Secondary, Phase::DualWrite);
    assert!(matches!(
        next_step(&forward, &legacy, &new),
        Step::Resolved { .. }
    ));
}

#[test]
fn a_freeze_of_another_plan_is_not_executed() {
    let forward = plan(Phase::DualWrite, Phase::NewPrimary);
    let Seen::Fence(frozen) = test_fence(E + 1, Role::Frozen, Phase::NewPrimary) else {
        panic!()
    };
    let frozen = Seen::Fence(Fence {
        plan_id: "other".into(),
        ..frozen
    });
    let new = test_fence(E, Role::Secondary, Phase::DualWrite);
    assert!(matches!(
        next_step(&forward, &frozen, &new),
        Step::Resolved { .. }
    ));
}

#[test]
fn a_flip_waits_for_a_database_that_does_not_answer() {
    let forward = plan(Phase::DualWrite, Phase::NewPrimary);
    let legacy = test_fence(E, Role::Primary, Phase::DualWrite);
    let Step::Wait { why } = next_step(&forward, &legacy, &Seen::Unreachable) else {
        panic!()
    };
    assert!(why.contains("new"), "{why}");
}
