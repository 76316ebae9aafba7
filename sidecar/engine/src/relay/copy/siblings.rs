//! The keys of one transaction are copied in one transaction.
//!
//! They share a token. Of its own writes a sidecar remembers who they are; for
//! a token that somebody else left, the outboxes are asked.

use std::collections::HashSet;
use std::sync::Arc;

use dualwrite_core::key::Key;

use super::known::Known;
use crate::relay::{Dirty, tables};
use crate::shared::Shared;
use crate::store::{Pulled, Store, StoreError, Token};
use crate::view::Active;

/// Markers in the outboxes beyond which they are not searched for a token: that
/// reads them all. So many stand there only after an outage, when the
/// secondary is behind by as much; then each key converges by itself.
const SEARCHED_MAX: usize = 10_000;

/// Keys of other sidecars' transactions that join one batch at most.
const JOINING_MAX: u32 = 512;

/// Whoever shares a token with one of these keys and is not among them.
pub(super) async fn missing(
    (shared, active): (&Shared, &Active),
    primary: &Arc<dyn Store>,
    (held, pulled): (&[&Known], &[Pulled]),
    asked: &mut HashSet<Token>,
) -> Result<Vec<Dirty>, StoreError> {
    let mut unknown = Vec::new();
    let mut found = Vec::new();
    for token in pulled.iter().filter_map(|row| row.token) {
        if asked.insert(token) {
            match shared.relay.written_together(token) {
                Some(keys) => found.extend(keys.iter().cloned()),
                None => unknown.push(token),
            }
        }
    }
    if !unknown.is_empty() && shared.relay.standing() <= SEARCHED_MAX {
        let tables = tables(active);
        let markers = primary.siblings(&shared.service, &tables, &unknown, JOINING_MAX);
        for marker in markers.await? {
            let Some(entity) = active.mapping.entity(&marker.row.table.entity) else {
                continue;
            };
            let parts = marker.row.key.into_parts();
            let parts = entity.key_from_side(active.authority.primary, parts);
            // One that cannot be converted is nobody's sibling on the secondary.
            if let Some(key) = parts.ok().and_then(|parts| Key::new(parts).ok()) {
                found.push(Dirty {
                    entity: Arc::clone(&entity.name),
                    key,
                });
            }
        }
    }
    let own: HashSet<Dirty> = held.iter().map(|row| row.dirty()).collect();
    let mut seen = HashSet::new();
    found.retain(|dirty| !own.contains(dirty) && seen.insert(dirty.clone()));
    Ok(found)
}
