//! The content of a manifest.

use dualwrite_core::convert::Convert;
use dualwrite_core::flags::Flags;
use dualwrite_core::guard::GuardPolicy;
use dualwrite_core::spec::{Capture, Column, Entity, Spec, TableName};

use super::WireError;
use crate::v1;

impl TryFrom<v1::MigrationSpec> for Spec {
    type Error = WireError;

    /// Flags and guards that are left out have their defaults.
    fn try_from(wire: v1::MigrationSpec) -> Result<Self, WireError> {
        Ok(Self {
            flags: match wire.flags {
                None => Flags::default(),
                Some(flags) => Flags::try_from(flags).map_err(|error| error.under("flags"))?,
            },
            guards: match wire.guards {
                None => GuardPolicy::default(),
                Some(guards) => {
                    GuardPolicy::try_from(guards).map_err(|error| error.under("guards"))?
                }
            },
            keep_markers: wire.keep_markers,
            entities: all(wire.entities, "entities")?,
        })
    }
}

impl From<&Spec> for v1::MigrationSpec {
    fn from(spec: &Spec) -> Self {
        Self {
            flags: Some(v1::Flags::from(&spec.flags)),
            guards: Some(v1::Guards::from(&spec.guards)),
            keep_markers: spec.keep_markers,
            entities: spec.entities.iter().map(v1::Entity::from).collect(),
        }
    }
}

impl TryFrom<v1::Entity> for Entity {
    type Error = WireError;

    fn try_from(wire: v1::Entity) -> Result<Self, WireError> {
        Ok(Self {
            name: wire.name,
            root: wire.root,
            key: wire.key,
            capture: Capture::parse(&wire.capture).ok_or_else(|| {
                let message = format!("`{}` is no capture; expected none or trigger", wire.capture);
                WireError::at("capture", message)
            })?,
            legacy_table: table(&wire.legacy_table, "legacy_table")?,
            new_table: table(&wire.new_table, "new_table")?,
            columns: all(wire.columns, "columns")?,
        })
    }
}

impl From<&Entity> for v1::Entity {
    fn from(entity: &Entity) -> Self {
        Self {
            name: entity.name.clone(),
            root: entity.root,
            key: entity.key.clone(),
            capture: entity.capture.as_str().to_owned(),
            legacy_table: entity.legacy_table.to_string(),
            new_table: entity.new_table.to_string(),
            columns: entity.columns.iter().map(v1::Column::from).collect(),
        }
    }
}

impl TryFrom<v1::Column> for Column {
    type Error = WireError;

    fn try_from(wire: v1::Column) -> Result<Self, WireError> {
        Ok(Self {
            legacy: wire.legacy,
            new: wire.new,
            convert: Convert::parse(&wire.convert)
                .map_err(|error| WireError::at("convert", error.to_string()))?,
            sensitive: wire.sensitive,
        })
    }
}

impl From<&Column> for v1::Column {
    fn from(column: &Column) -> Self {
        let convert = if column.convert.is_none() {
            ""
        } else {
            column.convert.name()
        };
        Self {
            legacy: column.legacy.clone(),
            new: column.new.clone(),
            convert: convert.to_owned(),
            sensitive: column.sensitive,
        }
    }
}

fn table(text: &str, path: &str) -> Result<TableName, WireError> {
    TableName::parse(text).map_err(|error| WireError::at(path, error.to_string()))
}

fn all<W, C>(wire: Vec<W>, path: &str) -> Result<Vec<C>, WireError>
where
    C: TryFrom<W, Error = WireError>,
{
    wire.into_iter()
        .enumerate()
        .map(|(index, one)| {
            C::try_from(one).map_err(|error| error.under(format!("{path}[{index}]")))
        })
        .collect()
}
