//! A manifest as YAML text, every setting said.

use std::fmt::Write as _;

use super::{API_VERSION, KIND, Manifest};
use crate::duration;
use crate::flags::Flags;
use crate::guard::GuardPolicy;
use crate::spec::{Column, Entity, TableName};

pub(super) fn render(manifest: &Manifest) -> String {
    let mut out = Out(String::new());
    out.field(0, "apiVersion", API_VERSION);
    out.field(0, "kind", KIND);
    out.line(0, "metadata:");
    out.field(1, "name", &manifest.name);
    out.line(0, "spec:");
    if let Some(phase) = manifest.phase {
        out.field(1, "phase", phase.as_str());
    }
    flags(&mut out, &manifest.spec.flags);
    guards(&mut out, &manifest.spec.guards);
    out.field(1, "keepMarkers", &manifest.spec.keep_markers.to_string());
    let none = manifest.spec.entities.is_empty();
    out.line(1, if none { "entities: []" } else { "entities:" });
    for one in &manifest.spec.entities {
        entity(&mut out, one);
    }
    out.0
}

fn flags(out: &mut Out, flags: &Flags) {
    out.line(1, "flags:");
    for name in Flags::names() {
        // Every listed name has a text.
        out.field(2, name, &flags.get(name).unwrap_or_default());
    }
}

fn guards(out: &mut Out, policy: &GuardPolicy) {
    out.line(1, "guards:");
    out.field(2, "maxMarkers", &policy.max_markers.to_string());
    out.field(2, "maxMarkerAge", &duration::format(policy.max_marker_age));
    out.field(
        2,
        "maxSecondaryErrorPercent",
        &policy.max_secondary_error_percent.to_string(),
    );
    out.field(2, "errorWindow", &duration::format(policy.error_window));
    out.field(2, "requireBackfill", &policy.require_backfill.to_string());
    out.field(
        2,
        "maxValidationAge",
        &duration::format(policy.max_validation_age),
    );
    out.field(2, "minSidecars", &policy.min_sidecars.to_string());
}

fn entity(out: &mut Out, entity: &Entity) {
    for line in entity_head(entity) {
        out.line(2, &line);
    }
    for one in &entity.columns {
        out.line(4, &format!("- {}", column_line(one)));
    }
}

/// An entity as the item of a list, line by line, up to its columns.
pub(crate) fn entity_head(entity: &Entity) -> Vec<String> {
    let mut lines = vec![format!("- name: {}", scalar(&entity.name))];
    if entity.root {
        lines.push("  root: true".to_owned());
    }
    let key: Vec<String> = entity.key.iter().map(|field| scalar(field)).collect();
    lines.push(format!("  key: [{}]", key.join(", ")));
    if !entity.capture.is_none() {
        lines.push(format!("  capture: {}", entity.capture.as_str()));
    }
    let table = |name: &TableName| format!("{{table: {}}}", scalar(&name.to_string()));
    lines.push(format!("  legacy: {}", table(&entity.legacy_table)));
    lines.push(format!("  new: {}", table(&entity.new_table)));
    lines.push("  columns:".to_owned());
    lines
}

/// A column as the item of a list.
pub(crate) fn column_line(column: &Column) -> String {
    if *column == Column::same(column.new.as_str()) {
        return scalar(&column.new);
    }
    let mut parts = vec![
        format!("legacy: {}", scalar(&column.legacy)),
        format!("new: {}", scalar(&column.new)),
    ];
    if !column.convert.is_none() {
        parts.push(format!("convert: {}", column.convert));
    }
    if column.sensitive {
        parts.push("sensitive: true".to_owned());
    }
    format!("{{{}}}", parts.join(", "))
}

struct Out(String);

impl Out {
    fn line(&mut self, depth: usize, text: &str) {
        // Writing into a String cannot fail.
        let _written = writeln!(self.0, "{:width$}{text}", "", width = 2 * depth);
    }

    fn field(&mut self, depth: usize, name: &str, value: &str) {
        self.line(depth, &format!("{name}: {}", scalar(value)));
    }
}

/// A plain scalar where nobody could read it as anything else, else a quoted
/// one. `true` and numbers stay plain: they are written as what they are.
fn scalar(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))
        && text != "null";
    if plain { text.to_owned() } else { quoted(text) }
}

/// Double quotes take every character, written as JSON does.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                // Writing into a String cannot fail.
                let _written = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
