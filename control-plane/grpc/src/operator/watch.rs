//! WatchMigration: the newest view, whenever the caller is ready for one.
//! Nothing waits for a slow caller but the fact that something changed.

use std::pin::Pin;

use dualwrite_control_app::ControlPlane;
use dualwrite_control_app::verbs::{GetError, Watch, WatchView};
use dualwrite_proto::v1;
use futures_util::{Stream, stream};
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::Answer;
use crate::refusal::Refused;
use crate::wire;

/// The views of one caller.
pub(super) type Views =
    Pin<Box<dyn Stream<Item = Result<v1::WatchMigrationResponse, Status>> + Send>>;

pub(super) async fn watch(
    plane: &ControlPlane,
    drain: CancellationToken,
    request: v1::WatchMigrationRequest,
) -> Answer<Views> {
    let watch = plane.watch(&request.name).await?;
    Ok(Box::pin(stream::unfold(
        Some((watch, drain)),
        |state| async {
            let (mut watch, drain) = state?;
            match next(&mut watch, &drain).await? {
                Ok(view) => Some((Ok(tell(&view)), Some((watch, drain)))),
                Err(error) => Some((Err(Refused::from(error).into()), None)),
            }
        },
    )))
}

/// The next view; none when the process drains, lest the stream hold it open.
async fn next(watch: &mut Watch, drain: &CancellationToken) -> Option<Result<WatchView, GetError>> {
    tokio::select! {
        biased;
        () = drain.cancelled() => None,
        view = watch.next() => Some(view),
    }
}

fn tell(view: &WatchView) -> v1::WatchMigrationResponse {
    let WatchView {
        migration,
        operations,
        span,
        jobs,
    } = view;
    v1::WatchMigrationResponse {
        migration: Some(wire::migration(migration)),
        operations: wire::operations(operations, *span),
        jobs: jobs.iter().map(wire::job).collect(),
    }
}
