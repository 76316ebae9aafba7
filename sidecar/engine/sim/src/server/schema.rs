//! Tables: the application's, and which of ours are there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dualwrite_core::catalog::{Catalog, Form, Relation};
use dualwrite_core::mapping::Table;
use dualwrite_core::probe::probe_table;
use dualwrite_core::spec::TableName;
use dualwrite_core::value::Value;
use dualwrite_engine::fake::FakeTable;
use dualwrite_engine::store::{InstallRequest, StoreError};

use super::{Data, RecordId, Server, State};

/// What the names of our own tables begin with.
const OWN: &str = "dualwrite_";

/// The tables that are there.
#[derive(Debug, Default)]
pub(crate) struct Schema {
    tables: BTreeMap<String, Arc<FakeTable>>,
    /// By service and entity.
    outboxes: BTreeSet<(String, String)>,
}

impl Schema {
    /// The table of this name.
    pub(crate) fn table(&self, name: &str) -> Result<&Arc<FakeTable>, StoreError> {
        let table = self.tables.get(name);
        table.ok_or_else(|| StoreError::Schema(format!("no such table: {name}")))
    }

    /// Refuses where there is no outbox.
    pub(crate) fn expect_outbox(&self, service: &str, table: &Table) -> Result<(), StoreError> {
        let outbox = (service.to_owned(), table.entity.to_string());
        if self.outboxes.contains(&outbox) {
            return Ok(());
        }
        Err(StoreError::Schema(format!(
            "there is no outbox of {service} for {}",
            table.entity
        )))
    }

    pub(super) fn tables(&self) -> impl Iterator<Item = &Arc<FakeTable>> {
        self.tables.values()
    }
}

impl Server {
    /// Creates a table, or replaces the one of this name.
    pub fn create_table(&self, table: FakeTable) {
        let name = table.info().name.to_string();
        self.state().schema.tables.insert(name, Arc::new(table));
    }

    pub(crate) fn describe(&self, names: &[TableName]) -> Catalog {
        let state = self.state();
        let tables = names
            .iter()
            .filter_map(|name| state.schema.table(&name.to_string()).ok());
        Catalog {
            tables: tables.map(|table| table.info().clone()).collect(),
            search_path: Vec::new(),
        }
    }

    pub(crate) fn relations(&self) -> Vec<Relation> {
        let state = self.state();
        let tables = state.schema.tables();
        let tables = tables.filter(|table| !table.info().name.to_string().starts_with(OWN));
        let tables = tables.map(|table| Relation {
            name: table.info().name.clone(),
            form: Form::Table,
        });
        tables.collect()
    }

    /// The names of the application's tables, for a fingerprint.
    pub(crate) fn table_names(&self) -> String {
        let state = self.state();
        let names = state.schema.tables.keys().map(String::as_str);
        let names = names.filter(|name| !name.starts_with(OWN));
        names.collect::<Vec<_>>().join(",")
    }

    /// The definition of a table.
    pub(crate) fn definition(&self, table: &Table) -> Result<Arc<FakeTable>, StoreError> {
        let state = self.state();
        state.schema.table(&table.name.to_string()).cloned()
    }

    /// Refuses where there is no outbox.
    pub(crate) fn expect_outbox(&self, service: &str, table: &Table) -> Result<(), StoreError> {
        self.state().schema.expect_outbox(service, table)
    }

    /// Creates what is missing, under the one lock that DDL takes.
    pub(crate) fn install(&self, request: &InstallRequest) -> Result<(), StoreError> {
        let mut state = self.state();
        let id = RecordId::fence(&request.service);
        match (&request.fence, state.committed(&id)) {
            (_, Some(_)) => {}
            (Some(fence), None) => {
                let version = state.born(Data::Fence(fence.clone()));
                state.install(id, version);
            }
            (None, None) => {
                return Err(StoreError::Schema(format!(
                    "there is no fence row of {}",
                    request.service
                )));
            }
        }
        for probe in &request.probes {
            let name = probe.table.name.to_string();
            let outbox = (request.service.clone(), probe.table.entity.to_string());
            if probe.stale {
                state.schema.outboxes.remove(&outbox);
                let entity = Arc::clone(&probe.table.entity);
                let markers = super::Space::Marker(Arc::from(&*request.service), entity);
                state.records.retain(|id, _| id.space != markers);
                state.drop_table(&name);
            }
            let table = || Arc::new(FakeTable::like(&probe.table));
            state.schema.tables.entry(name).or_insert_with(table);
        }
        for table in &request.tables {
            let outbox = (request.service.clone(), table.entity.to_string());
            state.schema.outboxes.insert(outbox);
        }
        Ok(())
    }

    /// Takes the tables of probes of a service away; answers their names.
    pub(crate) fn drop_probes(&self, service: &str) -> Vec<String> {
        let probes = format!("{OWN}{}", probe_table(service, ""));
        let mut state = self.state();
        let names: Vec<String> = state.schema.tables.keys().cloned().collect();
        let names = names.into_iter().filter(|name| name.starts_with(&probes));
        let names: Vec<String> = names.collect();
        for name in &names {
            state.drop_table(name);
        }
        names
            .into_iter()
            .map(|name| format!("table {name}"))
            .collect()
    }

    /// Takes the outboxes of a service away; answers their names.
    pub(crate) fn drop_outboxes(&self, service: &str) -> Vec<String> {
        let mut dropped = Vec::new();
        self.state().schema.outboxes.retain(|(of, entity)| {
            let goes = of == service;
            if goes {
                dropped.push(format!("table outbox_{service}_{entity}"));
            }
            !goes
        });
        dropped
    }
}

impl State {
    fn drop_table(&mut self, name: &str) {
        self.schema.tables.remove(name);
        self.records
            .retain(|id, _| !matches!(&id.space, super::Space::Row(table) if **table == *name));
    }
}

/// Where the mapped columns of a table stand in a row.
pub(crate) fn places(definition: &FakeTable, table: &Table) -> Result<Vec<usize>, StoreError> {
    let places = table.columns.iter().map(|column| {
        definition.position(&column.name).ok_or_else(|| {
            StoreError::Schema(format!("no such column: {}.{}", table.name, column.name))
        })
    });
    places.collect()
}

/// A row in the mapped columns.
pub(crate) fn mapped(places: &[usize], row: &[Value]) -> Vec<Value> {
    places.iter().map(|place| row[*place].clone()).collect()
}
