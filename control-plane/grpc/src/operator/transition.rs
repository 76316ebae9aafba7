//! TransitionMigration.

use dualwrite_control_app::ControlPlane;
use dualwrite_control_app::model::Author;
use dualwrite_control_app::verbs::{Go, TransitionAnswer};
use dualwrite_proto::convert::{phase, verdict};
use dualwrite_proto::v1;

use super::{Answer, Waiting};
use crate::refusal::UnknownPhase;
use crate::{etag, wire};

pub(super) async fn transition(
    plane: &ControlPlane,
    author: Author,
    waiting: Waiting<'_>,
    request: v1::TransitionMigrationRequest,
) -> Answer<v1::TransitionMigrationResponse> {
    let wait = request.wait;
    let mut answer = plane.transition(read(author, request)?).await?;
    if wait {
        waiting
            .unless_draining(wait_for_its_end(plane, &mut answer, waiting))
            .await?;
    }
    let TransitionAnswer {
        migration,
        transition,
        verdict: said,
        steps,
    } = &answer;
    Ok(v1::TransitionMigrationResponse {
        migration: Some(wire::migration(migration)),
        transition: transition.as_ref().map(wire::transition),
        verdict: Some(verdict(said, steps)),
    })
}

fn read(author: Author, request: v1::TransitionMigrationRequest) -> Answer<Go> {
    let v1::TransitionMigrationRequest {
        name,
        to,
        etag,
        reason: _,
        force,
        validate_only,
        wait: _,
    } = request;
    let (to, seen) = (phase(to, "to").map_err(UnknownPhase)?, etag::seen(&etag)?);
    Ok(Go {
        name,
        to,
        seen,
        author,
        force,
        dry_run: validate_only,
    })
}

/// Waits for the end of what was begun, then for the live sidecars to have
/// accepted what came out of it, and puts both into the answer. A dry run
/// began nothing.
async fn wait_for_its_end(
    plane: &ControlPlane,
    answer: &mut TransitionAnswer,
    waiting: Waiting<'_>,
) -> Answer<()> {
    let Some(begun) = &answer.transition else {
        return Ok(());
    };
    let name = begun.migration.clone();
    let ended = plane
        .wait_transition(&name, &begun.plan.plan_id, waiting.patience())
        .await?;
    if ended.state.ended() {
        let revision = plane.get(&name).await?.migration.revision;
        plane
            .wait_acked(&name, revision, waiting.patience())
            .await?;
    }
    answer.migration = plane.get(&name).await?;
    answer.transition = Some(ended);
    Ok(())
}
