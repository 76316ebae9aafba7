//! How the rows of an entity stand in the two databases.
//!
//! The canonical row of an entity is a `Vec<Value>`, field *i* being column
//! *i* of its mapping, named after the new side's column and typed after the
//! new side's kind. [`check()`] builds a [`Mapping`] out of the settings and the
//! two real schemas, or says everything that is in the way; an [`EntityMap`]
//! turns canonical rows into the rows of a side and back.

mod check;
mod error;
mod rank;
mod row;

#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use check::check;
pub use error::{MappingError, MappingProblem};

use crate::convert::Convert;
use crate::side::Side;
use crate::spec::TableName;
use crate::value::Kind;

/// The entities of one service, as they stand in both databases.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping {
    /// The service.
    pub service: String,
    /// Its entities, in the order of the settings.
    pub entities: Vec<Arc<EntityMap>>,
    /// The probes of those of them whose tables of ours are there; see
    /// [`crate::probe`].
    pub probes: Vec<Arc<EntityMap>>,
}

/// One entity, as it stands in both databases.
#[derive(Debug, Clone, PartialEq)]
pub struct EntityMap {
    /// Its name.
    pub name: Arc<str>,
    /// Whether a bare key names a row of this entity.
    pub root: bool,
    /// Whether writers that pass by the sidecars are followed by a trigger.
    pub captured: bool,
    /// The fields of a canonical row, in order.
    pub fields: Vec<Field>,
    /// Which fields make the key, in the key's order.
    pub key: Vec<usize>,
    /// Its table on the legacy side.
    pub legacy: Arc<Table>,
    /// Its table on the new side.
    pub new: Arc<Table>,
}

/// One field of a canonical row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name: that of the new side's column.
    pub name: String,
    /// Its kind: that of the new side's column.
    pub kind: Kind,
    /// How its legacy value becomes its new value.
    pub convert: Convert,
    /// Whether its values are hashed wherever they leave the sidecar.
    pub sensitive: bool,
    /// Whether it may be NULL on both sides.
    pub nullable: bool,
}

/// One table of one side, all an adapter needs to know of it. Column *i* is
/// field *i* of the entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The entity that it holds.
    pub entity: Arc<str>,
    /// Its name, as the database's catalog has it.
    pub name: TableName,
    /// Which columns make the key, in the key's order.
    pub key: Vec<usize>,
    /// Its mapped columns.
    pub columns: Vec<TableColumn>,
    /// Its place in the order of foreign keys between mapped tables of this
    /// side: whatever it must refer to has a lower one.
    pub fk_rank: u32,
    /// Unique sets of mapped columns besides the key.
    pub uniques: Vec<Vec<usize>>,
    /// Its foreign keys to mapped tables (itself among them) whose columns are
    /// mapped on either end.
    pub references: Vec<Reference>,
}

/// A foreign key between two mapped tables of one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The referencing columns.
    pub columns: Vec<usize>,
    /// The entity whose table they refer to.
    pub parent: Arc<str>,
    /// The columns of that table, in the same order.
    pub parent_columns: Vec<usize>,
    /// Whether a transaction can put its check off to its end.
    pub deferrable: bool,
}

/// One column of one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableColumn {
    /// Its name on this side.
    pub name: String,
    /// Its type as the engine writes it.
    pub native: String,
    /// The kind of its values on this side.
    pub kind: Kind,
    /// Whether it may be NULL on this side.
    pub nullable: bool,
    /// Whether the database computes it, so that it is read and never written.
    pub generated: bool,
}

impl Mapping {
    /// The entity of this name, or the probe.
    #[must_use]
    pub fn entity(&self, name: &str) -> Option<&Arc<EntityMap>> {
        self.all().find(|entity| &*entity.name == name)
    }

    /// Entities and probes: everything that leaves markers and is copied.
    pub fn all(&self) -> impl Iterator<Item = &Arc<EntityMap>> {
        self.entities.iter().chain(&self.probes)
    }

    /// The entity that a bare key names.
    #[must_use]
    pub fn root(&self) -> Option<&Arc<EntityMap>> {
        self.entities.iter().find(|entity| entity.root)
    }
}

impl EntityMap {
    /// Its table on a side.
    #[must_use]
    pub const fn table(&self, side: Side) -> &Arc<Table> {
        match side {
            Side::Legacy => &self.legacy,
            Side::New => &self.new,
        }
    }

    /// The index of the field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    /// The kinds of the key's parts, in order: what [`crate::key::Key::decode`]
    /// wants.
    #[must_use]
    pub fn key_kinds(&self) -> Vec<Kind> {
        self.key
            .iter()
            .map(|index| self.fields[*index].kind)
            .collect()
    }

    /// Whether keys must be hashed wherever they leave the sidecar.
    #[must_use]
    pub fn has_sensitive_key(&self) -> bool {
        self.key.iter().any(|index| self.fields[*index].sensitive)
    }
}
