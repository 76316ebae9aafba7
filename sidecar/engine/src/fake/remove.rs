//! Taking everything of ours out.

use super::database::Database;
use crate::store::{Removed, StoreError, may_be_removed};

impl Database {
    /// Removes all of a service.
    pub(super) fn remove_service(&mut self, service: &str) -> Result<Removed, StoreError> {
        if !self.fences.get(service).is_none_or(may_be_removed) {
            return Err(StoreError::Stale);
        }
        let schema = self.tables.keys().cloned().collect::<Vec<_>>().join(",");
        let mut removed = Vec::new();
        if self.fences.remove(service).is_some() {
            removed.push(format!("rows of {service} in fence"));
        }
        self.outboxes.retain(|(of, entity), _| {
            let goes = of == service;
            if goes {
                removed.push(format!("table outbox_{service}_{entity}"));
            }
            !goes
        });
        self.receipts.retain(|(of, _), _| of != service);
        self.aside.retain(|(of, ..), _| of != service);
        Ok(Removed {
            removed,
            kept: Vec::new(),
            left: Vec::new(),
            schema_before: schema.clone(),
            schema_after: schema,
        })
    }
}
