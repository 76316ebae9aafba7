//! Finding the tables and columns of the settings in a real schema.

use super::{at_table, side};
use crate::catalog::{Catalog, ColumnInfo, TableInfo};
use crate::mapping::{MappingError, MappingProblem};
use crate::side::Side;
use crate::spec::Entity;
use crate::suggest;

/// One side's schema, as far as the settings name it.
pub(super) struct Look<'a> {
    pub(super) side: Side,
    /// By entity; `None` where the side is away or has no such table.
    pub(super) tables: Vec<Option<Seen<'a>>>,
}

/// One entity's table on one side.
pub(super) struct Seen<'a> {
    pub(super) info: &'a TableInfo,
    /// By mapped column; `None` where the table has no such column.
    pub(super) columns: Vec<Option<&'a ColumnInfo>>,
}

impl<'a> Look<'a> {
    pub(super) fn of(&self, entity: usize) -> Option<&Seen<'a>> {
        self.tables[entity].as_ref()
    }
}

pub(super) fn look<'a>(
    side: Side,
    entities: &[Entity],
    catalog: Option<&'a Catalog>,
    errors: &mut Vec<MappingError>,
) -> Look<'a> {
    let Some(catalog) = catalog else {
        return Look {
            side,
            tables: entities.iter().map(|_| None).collect(),
        };
    };
    let mut tables: Vec<Option<Seen<'a>>> = Vec::with_capacity(entities.len());
    for entity in entities {
        let name = entity.table(side);
        let seen = if let Some(info) = catalog.table(name) {
            let taken = tables.iter().position(|other| {
                other
                    .as_ref()
                    .is_some_and(|seen| seen.info.name == info.name)
            });
            if let Some(other) = taken {
                let other = entities[other].name.clone();
                let problem = MappingProblem::SameTable { other };
                errors.push(at_table(entity, side, &info.name, None, problem));
            }
            let seen = Seen {
                info,
                columns: columns(side, entity, info, errors),
            };
            side::check(side, entity, &seen, errors);
            Some(seen)
        } else {
            let hint = table_hint(name.to_string().as_str(), catalog);
            errors.push(at_table(
                entity,
                side,
                name,
                None,
                MappingProblem::NoTable { hint },
            ));
            None
        };
        tables.push(seen);
    }
    Look { side, tables }
}

fn columns<'a>(
    side: Side,
    entity: &Entity,
    info: &'a TableInfo,
    errors: &mut Vec<MappingError>,
) -> Vec<Option<&'a ColumnInfo>> {
    let mut found = Vec::with_capacity(entity.columns.len());
    for column in &entity.columns {
        let name = column.name(side);
        let column = info.column(name);
        if column.is_none() {
            let hint = suggest::hint(name, info.columns.iter().map(|column| column.name.as_str()));
            let problem = MappingProblem::NoColumn { hint };
            errors.push(at_table(entity, side, &info.name, Some(name), problem));
        }
        found.push(column);
    }
    found
}

/// The nearest table, with or without its schema, or a few of those there are.
fn table_hint(name: &str, catalog: &Catalog) -> String {
    const SHOWN: usize = 20;
    let full: Vec<String> = catalog
        .tables
        .iter()
        .map(|table| table.name.to_string())
        .collect();
    let bare = name.rsplit('.').next().unwrap_or(name);
    let near = suggest::nearest(name, full.iter().map(String::as_str))
        .map(str::to_owned)
        .or_else(|| {
            let names = catalog.tables.iter().map(|table| table.name.name.as_str());
            let near = suggest::nearest(bare, names)?;
            let table = catalog
                .tables
                .iter()
                .find(|table| table.name.name == near)?;
            Some(table.name.to_string())
        });
    match near {
        Some(near) => format!("did you mean `{near}`?"),
        None if full.is_empty() => "there are no tables that this user can see".to_owned(),
        None if full.len() > SHOWN => format!("there are {} others", full.len()),
        None => format!("there are {}", full.join(", ")),
    }
}
