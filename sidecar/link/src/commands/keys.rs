//! The exact check of one key.

use std::sync::Arc;
use std::time::Duration;

use dualwrite_core::value::Value;
use dualwrite_proto::v1;
use dualwrite_proto::v1::session_request::Kind;
use tokio::time::Instant;

use super::SessionCommands;
use crate::wire;

/// How long a check may take: a few reads and one lock.
const BOUND: Duration = Duration::from_secs(10);

/// Nothing went wrong.
const NONE: v1::ErrorReason = v1::ErrorReason::Unspecified;

impl SessionCommands<'_> {
    /// Checks one key and tells what was found. No values travel.
    pub(crate) fn check_key(&self, ask: v1::CheckKey) {
        let engine = Arc::clone(&self.all.engine);
        let out = self.out.clone();
        let token = self.token.clone();
        self.all.spawn("check_key", async move {
            let v1::CheckKey {
                request_id,
                entity,
                key,
            } = ask;
            let entity = (!entity.is_empty()).then_some(entity.as_str());
            let key = key
                .into_iter()
                .map(|(name, text)| (name, Value::Text(text)))
                .collect();
            let checking = engine.check_key(entity, key, Instant::now() + BOUND);
            let Some(checked) = token.run_until_cancelled(checking).await else {
                return;
            };
            let side = wire::side_at_fault(checked.as_ref().err());
            let (check, error, reason) = match checked {
                Ok(check) => (Some(wire::key_check(check)), String::new(), NONE),
                Err(error) => (None, error.to_string(), wire::reason(&error)),
            };
            out.send(Kind::KeyChecked(v1::KeyChecked {
                request_id,
                check,
                error,
                reason: reason.into(),
                side: side.into(),
            }))
            .await;
        });
    }
}
