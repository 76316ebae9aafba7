//! What a step that was begun came to.

use dualwrite_proto::v1;
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::remote::given;
use crate::render;
use crate::view::migration::MigrationView;
use crate::view::transition::TransitionView;

/// A step that was begun.
#[derive(Debug, Serialize)]
struct StepView {
    migration: MigrationView,
    transition: TransitionView,
}

/// Prints what a step came to, and says how the command ends: begun is enough
/// for who did not wait.
pub(super) fn tell(
    context: &Context,
    answer: v1::TransitionMigrationResponse,
    name: &str,
    waited: bool,
) -> Result<Exit, Failure> {
    let transition = given(answer.transition)?;
    let state = transition.state();
    let view = StepView {
        migration: MigrationView::from(given(answer.migration)?),
        transition: TransitionView::from(transition),
    };
    context.output.data(&view, |view, paint| {
        render::transition(&view.transition, paint)
    });
    if waited {
        judge(&view, state)
    } else {
        context.output.note(&format!(
            "begun; `dualwrite status {name} --watch` follows it"
        ));
        Ok(Exit::Done)
    }
}

fn judge(view: &StepView, state: v1::TransitionState) -> Result<Exit, Failure> {
    let name = &view.migration.name;
    let watch = format!("`dualwrite status {name} --watch` follows it");
    let why = view
        .transition
        .outcome
        .as_deref()
        .unwrap_or("the history may say why");
    match state {
        v1::TransitionState::Done => followed(&view.migration),
        v1::TransitionState::Running | v1::TransitionState::Unspecified => {
            Err(Failure::failed("it is still running: the time to wait is over").hint(watch))
        }
        v1::TransitionState::Aborting => Err(Failure::failed("it is being taken back").hint(watch)),
        v1::TransitionState::Aborted => Err(Failure::failed(format!("it was taken back: {why}"))),
        v1::TransitionState::ResolvedBySidecars => {
            if view.migration.phase == view.transition.to_phase {
                followed(&view.migration)
            } else {
                Err(Failure::failed(format!(
                    "the fences went another way: {why}"
                )))
            }
        }
    }
}

/// Whether all live sidecars follow.
fn followed(migration: &MigrationView) -> Result<Exit, Failure> {
    let health = &migration.health;
    if health.acked_sidecars >= health.live_sidecars {
        return Ok(Exit::Done);
    }
    let behind = health.live_sidecars - health.acked_sidecars;
    Err(Failure::failed(format!(
        "the phase is {}, and {behind} of {} live sidecars did not acknowledge it yet",
        migration.phase, health.live_sidecars
    ))
    .hint(format!(
        "`dualwrite sidecars {}` shows which",
        migration.name
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(state: v1::TransitionState, phase: v1::Phase, acked: u32) -> Result<Exit, String> {
        let migration = v1::Migration {
            name: "cart".into(),
            phase: phase.into(),
            health: Some(v1::MigrationHealth {
                live_sidecars: 2,
                acked_sidecars: acked,
                ..Default::default()
            }),
            ..Default::default()
        };
        let transition = v1::Transition {
            to_phase: v1::Phase::NewPrimary.into(),
            outcome: "the drain took too long".into(),
            ..Default::default()
        };
        let view = StepView {
            migration: migration.into(),
            transition: transition.into(),
        };
        judge(&view, state).map_err(|failure| {
            assert_eq!(failure.exit, Exit::Failed);
            failure.message
        })
    }

    #[test]
    fn who_waited_is_told_done_only_when_it_is() {
        use v1::{Phase, TransitionState as State};
        let table = [
            (State::Done, Phase::NewPrimary, 2, Ok(Exit::Done)),
            (
                State::Done,
                Phase::NewPrimary,
                1,
                Err("1 of 2 live sidecars did not acknowledge"),
            ),
            (State::Running, Phase::DualWrite, 2, Err("still running")),
            (
                State::Aborting,
                Phase::DualWrite,
                2,
                Err("is being taken back"),
            ),
            (
                State::Aborted,
                Phase::DualWrite,
                2,
                Err("taken back: the drain took too long"),
            ),
            (
                State::ResolvedBySidecars,
                Phase::NewPrimary,
                2,
                Ok(Exit::Done),
            ),
            (
                State::ResolvedBySidecars,
                Phase::DualWrite,
                2,
                Err("went another way"),
            ),
        ];
        for (state, phase, acked, expected) in table {
            match (ended(state, phase, acked), expected) {
                (Ok(exit), Ok(expected)) => assert_eq!(exit, expected, "{state:?}"),
                (Err(message), Err(expected)) => {
                    assert!(message.contains(expected), "{state:?}: {message}");
                }
                (got, _) => panic!("{state:?} {phase:?}: {got:?}"),
            }
        }
    }
}
