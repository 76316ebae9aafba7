//! Events of a history.

use dualwrite_control_app::model::Event;
use dualwrite_proto::v1;

use super::time::timestamp;

pub(crate) fn event(event: &Event) -> v1::Event {
    let Event {
        id,
        migration,
        revision,
        time,
        actor,
        kind,
        reason,
        before,
        after,
    } = event;
    v1::Event {
        id: *id,
        migration: migration.clone(),
        revision: *revision,
        time: Some(timestamp(*time)),
        actor: actor.clone(),
        kind: kind.as_str().to_owned(),
        reason: reason.clone(),
        before: before.clone(),
        after: after.clone(),
    }
}
