//! Whether a connection that lay idle may be used again.

use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
use std::time::Duration;

use deadpool_postgres::{ClientWrapper, Hook, HookError, Metrics};

/// A connection that lay idle for longer may have been cut in between without
/// anybody saying so (firewalls do): it is asked before it is used.
const IDLE_UNCHECKED: Duration = Duration::from_secs(30);

/// How long that question may take. A connection that is alive answers within
/// a round trip.
const CHECK_TIMEOUT: Duration = Duration::from_secs(1);

/// Up to this part of its life a connection ends early, so that those opened
/// together do not end together.
const JITTER_PART: u32 = 4;

/// Decides when a connection is taken out of the pool again.
pub(super) fn hook(lifetime: Duration) -> Hook {
    Hook::async_fn(move |client, metrics| Box::pin(judge(client, *metrics, lifetime)))
}

async fn judge(
    client: &ClientWrapper,
    metrics: Metrics,
    lifetime: Duration,
) -> Result<(), HookError> {
    if metrics.age() >= shortened(lifetime, &metrics) {
        return Err(HookError::message("it has reached the end of its life"));
    }
    if metrics.last_used() < IDLE_UNCHECKED {
        return Ok(());
    }
    match tokio::time::timeout(CHECK_TIMEOUT, client.check_connection()).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(HookError::Backend(error)),
        Err(_late) => Err(HookError::message("it does not answer")),
    }
}

/// The life of this very connection: a hash of when it was opened makes it the
/// same each time.
fn shortened(lifetime: Duration, metrics: &Metrics) -> Duration {
    let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(metrics.created);
    let span = lifetime / JITTER_PART;
    let early = u64::try_from(span.as_millis()).unwrap_or(u64::MAX).max(1);
    lifetime.saturating_sub(Duration::from_millis(hash % early))
}
