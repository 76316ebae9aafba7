//! A share of reads is done on the other side as well and compared.
//!
//! It happens after the answer, in lanes of its own that [`run`] polls, so it
//! neither slows nor fails a read: where the lanes do not keep up, reads go
//! uncompared and are counted as shed. A difference counts only when the exact
//! check, which looks under the key's lock, finds it too and no marker stands.

mod counts;
mod queue;

use std::sync::Arc;
use std::time::Duration;

use dualwrite_core::key::Key;
use dualwrite_core::mapping::EntityMap;
use dualwrite_core::side::Side;
use dualwrite_core::tally::Comparisons;
use tokio::time::{Instant, timeout_at};

use crate::check;
use crate::read::accepts;
use crate::relay::Dirty;
use crate::request::{KeyVerdict, RowImage};
use crate::shared::Shared;
use crate::store::RowKey;
use crate::translate::{self, Scope};
use crate::view::Active;

pub use counts::{EntityComparisons, MismatchedKey};
pub(crate) use queue::Comparing;

/// Comparisons at a time, and so connections of the other side that they can
/// take from its pool when it hangs.
pub(crate) const LANES: usize = 2;

/// How long one comparison may take. Nobody waits for it; the bound is for the
/// lane.
const LIMIT: Duration = Duration::from_secs(2);

/// A read that was answered and is to be done again on the other side.
#[derive(Debug)]
pub(crate) struct Answered {
    entity: Arc<str>,
    key: Key,
    row: Option<RowImage>,
    by: Side,
}

/// What a comparison came to.
#[derive(Debug, PartialEq, Eq)]
enum Compared {
    Match,
    /// Fields that differ; empty where one side lacks the row.
    Mismatch(Vec<Arc<str>>),
    /// A marker stands, or the other side is not a copy just now.
    Skipped,
    Failed,
}

/// Hands over a read that was answered, if it falls into the share of those
/// that are compared.
pub(crate) fn offer(
    shared: &Shared,
    active: &Active,
    entity: &EntityMap,
    key: &Key,
    (by, row): (Side, Option<&RowImage>),
) {
    let settings = shared.settings.load();
    let percent = settings.flags.compare_reads_percent;
    let no_copy = active.authority.phase.secondary().is_none();
    if percent == 0 || no_copy || shared.entropy.next_u64() % 100 >= u64::from(percent) {
        return;
    }
    let answered = Answered {
        entity: Arc::clone(&entity.name),
        key: key.clone(),
        row: row.cloned(),
        by,
    };
    if !shared.comparing.push(answered) && settings.flags.metrics_enabled {
        shared
            .comparing
            .count(&entity.name, |counts| &mut counts.shed);
    }
}

/// One lane of comparisons, for as long as it is polled.
pub(crate) async fn run(shared: Arc<Shared>) {
    loop {
        let answered = shared.comparing.next().await;
        let deadline = Instant::now() + LIMIT;
        let active = shared.watcher.view().active.clone();
        let entity = active
            .as_ref()
            .and_then(|active| active.mapping.entity(&answered.entity));
        let compared = match (&active, entity) {
            (Some(active), Some(entity)) => {
                let looked = compare(&shared, active, entity, &answered, deadline);
                timeout_at(deadline, looked)
                    .await
                    .unwrap_or(Compared::Failed)
            }
            (Some(_) | None, _) => Compared::Skipped,
        };
        let sensitive = entity.is_none_or(|entity| entity.has_sensitive_key());
        note(&shared, &answered, sensitive, compared);
    }
}

async fn compare(
    shared: &Shared,
    active: &Active,
    entity: &Arc<EntityMap>,
    answered: &Answered,
    deadline: Instant,
) -> Compared {
    let other = answered.by.other();
    let dirty = Dirty {
        entity: Arc::clone(&entity.name),
        key: answered.key.clone(),
    };
    if active.authority.phase.secondary().is_none() || shared.relay.is_pending(&dirty) {
        return Compared::Skipped;
    }
    let scope = Scope {
        entity,
        side: other,
        index: 0,
    };
    let Ok(key) = scope.side_key(&answered.key) else {
        return Compared::Failed;
    };
    let table = Arc::clone(entity.table(other));
    let Ok(store) = shared.store(other) else {
        return Compared::Failed;
    };
    let Ok(read) = store.read(&shared.service, &[RowKey { table, key }]).await else {
        return Compared::Failed;
    };
    if !accepts(&active.authority, other, read.fence.as_ref()) {
        return Compared::Skipped;
    }
    let row = read.rows.into_iter().next().flatten();
    let row = row.map(|row| translate::image(entity, other, row));
    match row.transpose() {
        Ok(row) if row == answered.row => Compared::Match,
        // The row may have been written between the two reads.
        Ok(_) => looked_again(shared, entity, &answered.key, deadline).await,
        Err(_) => Compared::Failed,
    }
}

async fn looked_again(
    shared: &Shared,
    entity: &EntityMap,
    key: &Key,
    deadline: Instant,
) -> Compared {
    match check::check_canonical(shared, &entity.name, key, deadline).await {
        Ok(KeyVerdict::Equal | KeyVerdict::AbsentOnBoth) => Compared::Match,
        Ok(KeyVerdict::Pending | KeyVerdict::NoSecondary) => Compared::Skipped,
        Ok(KeyVerdict::MissingOnSecondary | KeyVerdict::ExtraOnSecondary) => {
            Compared::Mismatch(Vec::new())
        }
        Ok(KeyVerdict::Different { fields }) => Compared::Mismatch(fields),
        Err(_) => Compared::Failed,
    }
}

fn note(shared: &Shared, answered: &Answered, sensitive: bool, compared: Compared) {
    let counted = shared.settings.load().flags.metrics_enabled;
    let count = |count: fn(&mut Comparisons) -> &mut u64| {
        if counted {
            shared.comparing.count(&answered.entity, count);
        }
    };
    match compared {
        Compared::Match => count(|counts| &mut counts.matches),
        Compared::Skipped => count(|counts| &mut counts.skipped),
        Compared::Failed => count(|counts| &mut counts.failed),
        Compared::Mismatch(fields) => {
            count(|counts| &mut counts.mismatches);
            let key = answered.key.shown(sensitive);
            tracing::warn!(
                entity = %answered.entity,
                key,
                fields = fields.join(","),
                "a read differs between the two databases"
            );
            shared.comparing.remember(MismatchedKey {
                entity: Arc::clone(&answered.entity),
                key,
                fields,
            });
        }
    }
}
