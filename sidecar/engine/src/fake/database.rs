//! What one database holds, with its fences and markers; rows, receipts and
//! keys set aside are in files of their own.

use std::collections::BTreeMap;
use std::sync::Arc;

use dualwrite_core::catalog::{Catalog, Form, Relation};
use dualwrite_core::fence::{Fence, FenceAt};
use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_core::plan::Cas;
use dualwrite_core::side::Role;
use dualwrite_core::spec::TableName;

use super::definition::FakeTable;
use super::receipts::Stored;
use super::rows::Rows;
use crate::store::{Backlog, CasOutcome, InstallRequest, Marker, RowKey, StoreError, Token};

/// What the names of our own tables begin with.
pub(super) const OWN: &str = "dualwrite_";

/// Everything, cheap to copy: what a transaction does not touch is shared.
#[derive(Debug, Clone, Default)]
pub(super) struct Database {
    pub(super) fences: BTreeMap<String, Fence>,
    pub(super) tables: BTreeMap<String, Arc<Rows>>,
    /// By service and entity.
    pub(super) outboxes: BTreeMap<(String, String), Arc<BTreeMap<Key, Token>>>,
    pub(super) receipts: BTreeMap<(String, String), Stored>,
    pub(super) aside: BTreeMap<(String, String, Key), (String, u32)>,
}

// === our own tables ===

impl Database {
    pub(super) fn create(&mut self, table: FakeTable) {
        self.tables
            .insert(table.info.name.to_string(), Arc::new(Rows::new(table)));
    }

    pub(super) fn describe(&self, names: &[TableName]) -> Catalog {
        let tables = names
            .iter()
            .filter_map(|name| self.tables.get(&name.to_string()));
        let tables = tables.map(|rows| rows.definition.info.clone()).collect();
        Catalog {
            tables,
            search_path: Vec::new(),
        }
    }

    pub(super) fn relations(&self) -> Vec<Relation> {
        let tables = self.tables.iter();
        let tables = tables.filter(|(name, _)| !name.starts_with(OWN));
        let tables = tables.map(|(_, rows)| Relation {
            name: rows.definition.info.name.clone(),
            form: Form::Table,
        });
        tables.collect()
    }

    pub(super) fn install(&mut self, request: &InstallRequest) -> Result<(), StoreError> {
        match (&request.fence, self.fences.contains_key(&request.service)) {
            (_, true) => {}
            (Some(fence), false) => {
                self.fences.insert(request.service.clone(), fence.clone());
            }
            (None, false) => {
                return Err(StoreError::Schema(format!(
                    "there is no fence row of {}",
                    request.service
                )));
            }
        }
        for probe in &request.probes {
            let name = probe.table.name.to_string();
            if probe.stale {
                self.outboxes
                    .remove(&outbox(&request.service, &probe.table));
                self.tables.remove(&name);
            }
            if !self.tables.contains_key(&name) {
                self.create(FakeTable::like(&probe.table));
            }
        }
        for table in &request.tables {
            self.outboxes
                .entry(outbox(&request.service, table))
                .or_default();
        }
        Ok(())
    }
}

// === fences ===

impl Database {
    pub(super) fn fence(&self, service: &str) -> Option<Fence> {
        self.fences.get(service).cloned()
    }

    pub(super) fn hold_primary(&self, service: &str, epoch: u64) -> Result<(), StoreError> {
        self.hold(
            service,
            FenceAt {
                epoch,
                role: Role::Primary,
            },
        )
    }

    pub(super) fn hold_secondary(&self, service: &str, epoch: u64) -> Result<(), StoreError> {
        self.hold(
            service,
            FenceAt {
                epoch,
                role: Role::Secondary,
            },
        )
    }

    fn hold(&self, service: &str, at: FenceAt) -> Result<(), StoreError> {
        match self.fences.get(service) {
            Some(fence) if fence.at() == at => Ok(()),
            Some(_) | None => Err(StoreError::Stale),
        }
    }

    pub(super) fn change_fence(
        &mut self,
        service: &str,
        cas: &Cas,
        drained: Option<&[Arc<Table>]>,
    ) -> Result<CasOutcome, StoreError> {
        let found = self.fence(service);
        if found.as_ref().map(Fence::at) != Some(cas.from) {
            return Ok(CasOutcome::Lost(found));
        }
        for table in drained.unwrap_or_default() {
            if !self.outbox(service, table)?.is_empty() {
                return Ok(CasOutcome::MarkersLeft);
            }
        }
        self.fences.insert(service.to_owned(), cas.to.clone());
        Ok(CasOutcome::Changed)
    }
}

// === markers ===

impl Database {
    pub(super) fn outbox(
        &self,
        service: &str,
        table: &Table,
    ) -> Result<&BTreeMap<Key, Token>, StoreError> {
        let outbox = self.outboxes.get(&outbox(service, table));
        outbox
            .map(|outbox| &**outbox)
            .ok_or_else(|| no_outbox(service, table))
    }

    fn outbox_mut(
        &mut self,
        service: &str,
        table: &Table,
    ) -> Result<&mut BTreeMap<Key, Token>, StoreError> {
        let outbox = self.outboxes.get_mut(&outbox(service, table));
        outbox
            .map(Arc::make_mut)
            .ok_or_else(|| no_outbox(service, table))
    }

    pub(super) fn leave(
        &mut self,
        service: &str,
        table: &Table,
        key: &Key,
        token: Token,
    ) -> Result<(), StoreError> {
        self.outbox_mut(service, table)?.insert(key.clone(), token);
        Ok(())
    }

    pub(super) fn clear(&mut self, service: &str, markers: &[Marker]) -> Result<u64, StoreError> {
        let mut cleared = 0;
        for Marker { row, token } in markers {
            let outbox = self.outbox_mut(service, &row.table)?;
            if outbox.get(&row.key) == Some(token) {
                outbox.remove(&row.key);
                cleared += 1;
            }
        }
        Ok(cleared)
    }

    pub(super) fn markers(
        &self,
        service: &str,
        table: &Arc<Table>,
        after: Option<&Key>,
        limit: u32,
    ) -> Result<Vec<Marker>, StoreError> {
        let outbox = self.outbox(service, table)?.iter();
        let outbox = outbox.filter(|(key, _)| after.is_none_or(|after| *key > after));
        let markers = outbox.take(usize::try_from(limit).unwrap_or(usize::MAX));
        let row = |key: &Key| RowKey {
            table: Arc::clone(table),
            key: key.clone(),
        };
        Ok(markers
            .map(|(key, token)| Marker {
                row: row(key),
                token: *token,
            })
            .collect())
    }

    pub(super) fn backlog(
        &self,
        service: &str,
        tables: &[Arc<Table>],
    ) -> Result<Vec<Backlog>, StoreError> {
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let backlog = tables.iter().map(|table| {
            let aside = self
                .aside
                .keys()
                .filter(|(s, e, _)| s == service && **e == *table.entity);
            Ok(Backlog {
                entity: Arc::clone(&table.entity),
                markers: count(self.outbox(service, table)?.len()),
                quarantined: count(aside.count()),
            })
        });
        backlog.collect()
    }
}

fn outbox(service: &str, table: &Table) -> (String, String) {
    (service.to_owned(), table.entity.to_string())
}

fn no_outbox(service: &str, table: &Table) -> StoreError {
    StoreError::Schema(format!(
        "there is no outbox of {service} for {}",
        table.entity
    ))
}
