//! `spec.entities`: entities and their columns.

use crate::convert::Convert;
use crate::spec::{Capture, Column, Entity, TableName};
use crate::suggest;
use crate::yaml::reader::{Errors, Fields, list, text};
use crate::yaml::tree::{Node, Tree};

/// All entities; `None`, with errors, if one of them cannot be read.
pub(super) fn entities(node: &Node, errors: &mut Errors) -> Option<Vec<Entity>> {
    let items = list(node, "spec.entities", "a list of entities", errors)?;
    let entities = items
        .iter()
        .enumerate()
        .map(|(index, item)| entity(item, &format!("spec.entities[{index}]"), errors));
    // Collected first: each entity's errors are wanted, not those of the first.
    entities.collect::<Vec<_>>().into_iter().collect()
}

fn entity(node: &Node, path: &str, errors: &mut Errors) -> Option<Entity> {
    let known = ["name", "root", "key", "capture", "legacy", "new", "columns"];
    let fields = Fields::read(node, path, &known, errors)?;
    let name = fields.text("name", "the entity's name", errors);
    let root = fields.truth("root", false, errors);
    let key = key(&fields, errors);
    let capture = capture(&fields, errors);
    let legacy_table = table(&fields, "legacy", errors);
    let new_table = table(&fields, "new", errors);
    let columns = columns(&fields, errors);
    Some(Entity {
        name: name?.to_owned(),
        root,
        key: key?,
        capture: capture?,
        legacy_table: legacy_table?,
        new_table: new_table?,
        columns: columns?,
    })
}

/// A list of fields, or one field alone.
fn key(fields: &Fields<'_>, errors: &mut Errors) -> Option<Vec<String>> {
    let what = "a list of fields (names of the new side)";
    let node = fields.required("key", what, errors)?;
    let path = fields.path_of("key");
    if let Tree::Scalar { text, null: false } = &node.value {
        return Some(vec![text.clone()]);
    }
    let items = list(node, &path, what, errors)?.iter().enumerate();
    let names = items.map(|(index, item)| {
        text(item, &format!("{path}[{index}]"), "a field's name", errors).map(str::to_owned)
    });
    names.collect::<Vec<_>>().into_iter().collect()
}

fn capture(fields: &Fields<'_>, errors: &mut Errors) -> Option<Capture> {
    let Some(node) = fields.optional("capture") else {
        return Some(Capture::None);
    };
    let path = fields.path_of("capture");
    let what = Capture::WORDS.join(" or ");
    let word = text(node, &path, &what, errors)?;
    let capture = Capture::parse(word);
    if capture.is_none() {
        errors.push(node.place, &path, format!("`{word}` is no capture"), what);
    }
    capture
}

fn table(fields: &Fields<'_>, side: &str, errors: &mut Errors) -> Option<TableName> {
    let node = fields.required(side, "a map with table", errors)?;
    let side = Fields::read(node, &fields.path_of(side), &["table"], errors)?;
    let text = side.text("table", "`table` or `schema.table`", errors)?;
    let table = TableName::parse(text);
    if table.is_err() {
        let message = format!("`{text}` is no table name");
        errors.push(
            node.locate("table"),
            &side.path_of("table"),
            message,
            "`table` or `schema.table`",
        );
    }
    table.ok()
}

fn columns(fields: &Fields<'_>, errors: &mut Errors) -> Option<Vec<Column>> {
    let node = fields.required("columns", "a list of columns", errors)?;
    let path = fields.path_of("columns");
    let items = list(node, &path, "a list of columns", errors)?
        .iter()
        .enumerate();
    let columns = items.map(|(index, item)| column(item, &format!("{path}[{index}]"), errors));
    columns.collect::<Vec<_>>().into_iter().collect()
}

/// A map, or a plain name that is the same on both sides.
fn column(node: &Node, path: &str, errors: &mut Errors) -> Option<Column> {
    if let Tree::Scalar { text, null: false } = &node.value {
        return Some(Column::same(text.as_str()));
    }
    let known = ["legacy", "new", "convert", "sensitive"];
    let fields = Fields::read(node, path, &known, errors)?;
    let legacy = fields.text("legacy", "the column's name on the legacy side", errors);
    let new = fields.text("new", "the column's name on the new side", errors);
    let sensitive = fields.truth("sensitive", false, errors);
    let convert = convert(&fields, errors);
    Some(Column {
        legacy: legacy?.to_owned(),
        new: new?.to_owned(),
        convert: convert?,
        sensitive,
    })
}

fn convert(fields: &Fields<'_>, errors: &mut Errors) -> Option<Convert> {
    let Some(node) = fields.optional("convert") else {
        return Some(Convert::None);
    };
    let path = fields.path_of("convert");
    let all = Convert::names().join(", ");
    let name = text(node, &path, &all, errors)?;
    let convert = Convert::parse(name);
    if convert.is_err() {
        let near = suggest::nearest(name, Convert::names());
        let expected = near.map_or_else(
            || format!("one of {all}"),
            |near| format!("`{near}`? (all: {all})"),
        );
        errors.push(
            node.place,
            &path,
            format!("`{name}` is no conversion"),
            expected,
        );
    }
    convert.ok()
}
