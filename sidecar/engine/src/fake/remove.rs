//! Taking everything of ours out.

use dualwrite_core::probe::probe_table;

use super::database::{Database, OWN};
use crate::store::{Removed, StoreError, may_be_removed};

impl Database {
    /// Removes all of a service.
    pub(super) fn remove_service(&mut self, service: &str) -> Result<Removed, StoreError> {
        if !self.fences.get(service).is_none_or(may_be_removed) {
            return Err(StoreError::Stale);
        }
        let schema = self.schema();
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
        let probes = format!("{OWN}{}", probe_table(service, ""));
        self.tables.retain(|name, _| {
            let goes = name.starts_with(&probes);
            if goes {
                removed.push(format!("table {name}"));
            }
            !goes
        });
        self.receipts.retain(|(of, _), _| of != service);
        self.aside.retain(|(of, ..), _| of != service);
        Ok(Removed {
            removed,
            kept: Vec::new(),
            left: Vec::new(),
            schema_before: schema,
            schema_after: self.schema(),
        })
    }

    /// The names of the application's tables.
    fn schema(&self) -> String {
        let names = self.tables.keys().filter(|name| !name.starts_with(OWN));
        names.cloned().collect::<Vec<_>>().join(",")
    }
}
