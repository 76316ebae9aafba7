//! What must hold of settings before anything is built on them.

use std::collections::BTreeMap;

use super::names::NAME_FORM;
use super::{
    Capture, Entity, MAX_COLUMNS, MAX_IDENTIFIER, Spec, TableName, check_name, outbox_name,
};
use crate::side::Side;
use crate::suggest;
use crate::violation::Violation;

impl Spec {
    /// Everything that is wrong with the settings of `service`, each with its
    /// path (`entities[1].columns[0].convert`) and what would be right.
    #[must_use]
    pub fn validate(&self, service: &str) -> Vec<Violation> {
        let mut found = Vec::new();
        found.extend(self.flags.validate().into_iter().map(|v| v.under("flags")));
        found.extend(
            self.guards
                .validate()
                .into_iter()
                .map(|v| v.under("guards")),
        );
        if self.entities.is_empty() {
            found.push(Violation::new(
                "entities",
                "there are none",
                "at least one entity; `dualwrite introspect` proposes them from both databases",
            ));
        }
        for (index, entity) in self.entities.iter().enumerate() {
            let prefix = format!("entities[{index}]");
            found.extend(
                entity_violations(service, entity)
                    .into_iter()
                    .map(|v| v.under(&prefix)),
            );
        }
        repeated_names(&self.entities, &mut found);
        repeated_tables(&self.entities, &mut found);
        second_root(&self.entities, &mut found);
        found
    }
}

fn entity_violations(service: &str, entity: &Entity) -> Vec<Violation> {
    let mut found = Vec::new();
    if !check_name(&entity.name) {
        let message = format!("`{}` is no entity name", entity.name);
        found.push(Violation::new("name", message, NAME_FORM));
    }
    let outbox = outbox_name(service, &entity.name);
    if outbox.len() > MAX_IDENTIFIER {
        let message = format!("the table `{outbox}` that holds its markers has too long a name");
        found.push(Violation::new(
            "name",
            message,
            "names of service and entity with at most 55 letters together",
        ));
    }
    for side in Side::BOTH {
        check_table(entity.table(side), &format!("{side}.table"), &mut found);
    }
    check_columns(entity, &mut found);
    check_key(entity, &mut found);
    check_capture(entity, &mut found);
    found
}

/// Nothing installs the triggers yet. Taken for done, capture would let pass what
/// changes rows behind the sidecars, and their writes would be lost.
fn check_capture(entity: &Entity, found: &mut Vec<Violation>) {
    if entity.capture == Capture::Trigger {
        let message = "triggers that follow other writers cannot be installed yet";
        found.push(Violation::new(
            "capture",
            message,
            "none; every writer of these rows goes through the sidecars",
        ));
    }
}

fn check_table(table: &TableName, path: &str, found: &mut Vec<Violation>) {
    for part in table.schema.iter().chain([&table.name]) {
        if let Some((message, expected)) = identifier_problem(part) {
            found.push(Violation::new(path, message, expected));
        }
    }
}

fn check_columns(entity: &Entity, found: &mut Vec<Violation>) {
    let columns = &entity.columns;
    if columns.is_empty() || columns.len() > MAX_COLUMNS {
        let message = format!("there are {} columns", columns.len());
        found.push(Violation::new("columns", message, "1 to 1024 columns"));
    }
    for side in Side::BOTH {
        let mut first: BTreeMap<&str, usize> = BTreeMap::new();
        for (index, column) in columns.iter().enumerate() {
            let path = format!("columns[{index}].{side}");
            if let Some((message, expected)) = identifier_problem(column.name(side)) {
                found.push(Violation::new(path.as_str(), message, expected));
            }
            if let Some(before) = first.get(column.name(side)) {
                let message = format!(
                    "`{}` is mapped in columns[{before}] already",
                    column.name(side)
                );
                found.push(Violation::new(path, message, "each column once"));
            } else {
                first.insert(column.name(side), index);
            }
        }
    }
}

fn check_key(entity: &Entity, found: &mut Vec<Violation>) {
    if entity.key.is_empty() {
        found.push(Violation::new(
            "key",
            "there are no key fields",
            "at least one",
        ));
    }
    for (index, field) in entity.key.iter().enumerate() {
        let path = format!("key[{index}]");
        if entity.key[..index].contains(field) {
            let message = format!("`{field}` is in the key already");
            found.push(Violation::new(path.as_str(), message, "each field once"));
        }
        match entity
            .columns
            .iter()
            .position(|column| column.new == *field)
        {
            None => {
                let names = || entity.columns.iter().map(|column| column.new.as_str());
                let message = format!("`{field}` is no column of this entity's new side");
                let right = match suggest::nearest(field, names()) {
                    Some(near) => format!("a column's name on the new side, perhaps `{near}`"),
                    None => format!("one of {}", names().collect::<Vec<_>>().join(", ")),
                };
                found.push(Violation::new(path, message, right));
            }
            Some(at) if !entity.columns[at].convert.is_none() => found.push(Violation::new(
                format!("columns[{at}].convert"),
                format!("`{field}` is part of the key"),
                "no conversion: a key is the same on both sides",
            )),
            Some(_) => {}
        }
    }
}

/// What is wrong with an identifier of a database, and what would be right.
fn identifier_problem(name: &str) -> Option<(String, &'static str)> {
    if name.is_empty() {
        Some(("the name is empty".to_owned(), "a name"))
    } else if name.contains('\0') {
        Some(("the name holds a NUL".to_owned(), "a name without NUL"))
    } else if name.len() > MAX_IDENTIFIER {
        Some((format!("`{name}` is too long"), "at most 63 bytes"))
    } else {
        None
    }
}

fn repeated_names(entities: &[Entity], found: &mut Vec<Violation>) {
    for (index, entity) in entities.iter().enumerate() {
        if let Some(before) = entities[..index]
            .iter()
            .position(|other| other.name == entity.name)
        {
            let message = format!("`{}` is entities[{before}] already", entity.name);
            found.push(Violation::new(
                format!("entities[{index}].name"),
                message,
                "each name once",
            ));
        }
    }
}

/// Two entities on one table would each be blind to the other's markers.
fn repeated_tables(entities: &[Entity], found: &mut Vec<Violation>) {
    for side in Side::BOTH {
        for (index, entity) in entities.iter().enumerate() {
            let table = entity.table(side);
            let before = entities[..index]
                .iter()
                .position(|other| other.table(side) == table);
            if let Some(before) = before {
                found.push(Violation::new(
                    format!("entities[{index}].{side}.table"),
                    format!("`{table}` is the table of entities[{before}] already"),
                    "one entity a table",
                ));
            }
        }
    }
}

fn second_root(entities: &[Entity], found: &mut Vec<Violation>) {
    let roots = entities
        .iter()
        .enumerate()
        .filter(|(_, entity)| entity.root);
    for (index, _) in roots.skip(1) {
        found.push(Violation::new(
            format!("entities[{index}].root"),
            "another entity is the root already",
            "at most one root, the entity that a bare key names",
        ));
    }
}

impl Capture {
    /// The words of all captures, for messages.
    pub const WORDS: [&'static str; 2] = ["none", "trigger"];
}
