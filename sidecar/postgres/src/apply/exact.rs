//! Refusing copies that did not arrive as they were sent.
//!
//! PostgreSQL rounds silently what it assigns to `numeric(10,2)`, to
//! `timestamp(0)`, to `real`. A rounded copy would count as converged, so what
//! such columns hold afterwards is compared with what was sent.

use dualwrite_core::mapping::{Table, TableColumn};
use dualwrite_core::value::{Kind, Value};
use dualwrite_engine::store::StoreError;
use tokio_postgres::Row;

use super::groups::{Content, Group};
use crate::fences::cell;
use crate::sql::{self, key_names};
use crate::text::Cell;

/// What an upsert returns for the comparison: nothing where no column rounds.
pub(super) fn returning(table: &Table) -> Result<String, StoreError> {
    let rounding = rounding(table);
    if rounding.is_empty() {
        return Ok(String::new());
    }
    let mut cells = Vec::new();
    for name in key_names(table)? {
        cells.push(format!("t.{name}::text"));
    }
    for (_, column) in rounding {
        cells.push(format!("t.{}::text", sql::ident(&column.name)?));
    }
    Ok(format!(" RETURNING ARRAY[{}]", cells.join(", ")))
}

/// Compares what was returned with what was sent. The rows of one statement
/// come back in the order in which they were written.
pub(super) fn check(group: &Group<'_>, answers: &[Row]) -> Result<(), StoreError> {
    let Content::Rows(rows) = &group.content else {
        return Ok(());
    };
    let rounding = rounding(group.table);
    // Rows of keys alone are not returned where they stood already.
    if rounding.is_empty() || answers.len() != rows.len() {
        return Ok(());
    }
    for (row, answer) in rows.iter().zip(answers) {
        let cells: Vec<Cell> = cell(answer, 0)?;
        let held = cells.into_iter().skip(group.table.key.len());
        for ((index, column), held) in rounding.iter().zip(held) {
            compare(group.table, column, row.get(*index), held)?;
        }
    }
    Ok(())
}

fn compare(
    table: &Table,
    column: &TableColumn,
    sent: Option<&Value>,
    held: Cell,
) -> Result<(), StoreError> {
    let held = match held {
        None => Value::Null,
        Some(text) => Value::from_text(column.kind, &text).map_err(|error| {
            StoreError::Value(format!("{}.{}: {error}", table.name, column.name))
        })?,
    };
    if sent == Some(&held) {
        return Ok(());
    }
    Err(StoreError::Value(format!(
        "{}.{} ({}) cannot hold the value exactly",
        table.name, column.name, column.native
    )))
}

/// Columns that may round what they are assigned.
fn rounding(table: &Table) -> Vec<(usize, &TableColumn)> {
    table
        .columns
        .iter()
        .enumerate()
        .filter(|(_, column)| rounds(column))
        .collect()
}

fn rounds(column: &TableColumn) -> bool {
    let has_precision = column.native.contains('(');
    !column.generated
        && match column.kind {
            Kind::Decimal | Kind::Timestamp | Kind::DateTime | Kind::Time => has_precision,
            Kind::Float => column.native == "real",
            Kind::Bool
            | Kind::Int
            | Kind::UInt
            | Kind::Text
            | Kind::Bytes
            | Kind::Uuid
            | Kind::Date
            | Kind::Json => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::tests::items;

    #[test]
    fn only_columns_that_round_are_compared() {
        assert_eq!(returning(&items()), Ok(String::new()));
        let mut table = items();
        table.columns[1].kind = Kind::Decimal;
        table.columns[1].native = "numeric(10,2)".into();
        assert_eq!(
            returning(&table),
            Ok(" RETURNING ARRAY[t.\"id\"::text, t.\"qty\"::text]".into())
        );
    }

    #[test]
    fn a_rounded_value_is_refused_without_being_shown() {
        let mut table = items();
        table.columns[1].kind = Kind::Decimal;
        table.columns[1].native = "numeric(10,2)".into();
        let column = &table.columns[1];
        let sent = Value::from_text(Kind::Decimal, "1.255").unwrap();
        assert_eq!(
            compare(&table, column, Some(&sent), Some("1.2550".into())),
            Ok(())
        );
        let error = compare(&table, column, Some(&sent), Some("1.26".into()))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("shop.items.qty (numeric(10,2))") && !error.contains("1.2"),
            "{error}"
        );
    }
}
