//! What an engine tells of itself at one moment.

use std::sync::Arc;
use std::time::Duration;

use dualwrite_core::authority::Standing;
use dualwrite_core::fence::Seen;
use dualwrite_core::flags::Flags;
use dualwrite_core::phase::Phase;
use dualwrite_core::side::Side;
use tokio::time::{Instant, timeout};

use crate::error::DataError;
use crate::execute::admitted_to_read;
use crate::shared::Shared;
use crate::store::{PoolStatus, StoreError};
use crate::translate;

/// A database that needs longer to answer a ping is away.
const PING_TIMEOUT: Duration = Duration::from_secs(2);

/// Where the migration stands, as this sidecar sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// The authority; `None` until the fences were read.
    pub authority: Option<AuthorityStatus>,
    /// Both fences as last read, legacy first.
    pub fences: (Seen, Seen),
    /// The revision of the flags; 0 for none from a control plane.
    pub revision: u64,
    /// The flags in force.
    pub flags: Flags,
    /// Writes that wait for a flip.
    pub held_writes: u64,
    /// Exact checks of keys since the process began.
    pub checks: u64,
    /// Those of them that found a difference.
    pub differences: u64,
}

/// Who decides, at which epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthorityStatus {
    /// The phase.
    pub phase: Phase,
    /// The epoch.
    pub epoch: u64,
    /// Whether a flip is under way.
    pub frozen: bool,
}

/// One database, asked just now.
#[derive(Debug, Clone, PartialEq)]
pub struct DatabaseStatus {
    /// The side.
    pub side: Side,
    /// How long it took to answer, or why it did not.
    pub answered: Result<Duration, String>,
    /// Its connections.
    pub pool: PoolStatus,
}

pub(crate) fn status(shared: &Shared) -> Status {
    let view = shared.watcher.view();
    let settings = shared.settings.load();
    let authority = view.active.as_ref().map(|active| AuthorityStatus {
        phase: active.authority.phase,
        epoch: active.authority.epoch,
        frozen: active.authority.standing == Standing::Frozen,
    });
    let (checks, differences) = shared.meter.checks();
    Status {
        authority,
        fences: (view.legacy.clone(), view.new.clone()),
        revision: settings.revision,
        flags: settings.flags.clone(),
        held_writes: shared.hold.held(),
        checks,
        differences,
    }
}

/// Pings every database that is configured.
pub(crate) async fn databases(shared: &Shared) -> Vec<DatabaseStatus> {
    let (legacy, new) = tokio::join!(ping(shared, Side::Legacy), ping(shared, Side::New));
    [legacy, new].into_iter().flatten().collect()
}

async fn ping(shared: &Shared, side: Side) -> Option<DatabaseStatus> {
    let store = shared.store(side).ok()?;
    let began = Instant::now();
    let answered = match timeout(PING_TIMEOUT, store.ping()).await {
        Ok(Ok(())) => Ok(began.elapsed()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(StoreError::Unavailable("it did not answer in time".into()).to_string()),
    };
    Some(DatabaseStatus {
        side,
        answered,
        pool: store.pool(),
    })
}

/// The name of an entity (the root entity when none is named), and the fields
/// of its key in order.
pub(crate) async fn key_fields(
    shared: &Shared,
    entity: Option<&str>,
    deadline: Instant,
) -> Result<(Arc<str>, Vec<String>), DataError> {
    let active = admitted_to_read(shared, deadline).await?;
    let entity = match entity {
        Some(name) => translate::entity(&active.mapping, 0, name)?,
        None => crate::check::root(&active)?,
    };
    let fields = entity.key.iter().map(|at| entity.fields[*at].name.clone());
    Ok((Arc::clone(&entity.name), fields.collect()))
}
