//! Rows and keys as the text in which they cross.

use std::sync::Arc;

use dualwrite_core::key::Key;
use dualwrite_core::mapping::{Table, TableColumn};
use dualwrite_core::value::Value;
use dualwrite_engine::store::{Image, StoreError};

/// A cell as the driver hands it out.
pub(crate) type Cell = Option<String>;

/// Nothing matched.
const UNMATCHED: &str = "x";
/// A row matched and is gone.
const GONE: &str = "d";

/// The value of a column.
fn value(table: &Table, column: &TableColumn, cell: Cell) -> Result<Value, StoreError> {
    let Some(text) = cell else {
        return Ok(Value::Null);
    };
    Value::from_text(column.kind, &text)
        .map_err(|error| StoreError::Value(format!("{}.{}: {error}", table.name, column.name)))
}

/// A row from an array made by [`crate::sql::image`].
pub(crate) fn row(table: &Table, cells: Vec<Cell>) -> Result<Vec<Value>, StoreError> {
    if cells.len() != table.columns.len() + 1 {
        return Err(StoreError::Schema(format!(
            "{}: a row of {} columns came back with {}",
            table.name,
            table.columns.len(),
            cells.len().saturating_sub(1)
        )));
    }
    table
        .columns
        .iter()
        .zip(cells.into_iter().skip(1))
        .map(|(column, cell)| value(table, column, cell))
        .collect()
}

/// A key from its cells, in the key's order.
pub(crate) fn key(table: &Table, cells: Vec<Cell>) -> Result<Key, StoreError> {
    let columns = crate::sql::key_columns(table)?;
    let parts: Result<Vec<Value>, StoreError> = columns
        .into_iter()
        .zip(cells)
        .map(|(column, cell)| value(table, column, cell))
        .collect();
    Key::new(parts?).map_err(|error| StoreError::Value(format!("{}: {error}", table.name)))
}

/// What a mutation left, from what its statement returned: `None` when it
/// matched nothing.
pub(crate) fn image(table: &Table, cells: Option<Vec<Cell>>) -> Result<Image, StoreError> {
    let Some(cells) = cells else {
        return Ok(Image {
            matched: false,
            row: None,
        });
    };
    match cells.first().and_then(Option::as_deref) {
        Some(UNMATCHED) | None => Ok(Image {
            matched: false,
            row: None,
        }),
        Some(GONE) => Ok(Image {
            matched: true,
            row: None,
        }),
        Some(_) => Ok(Image {
            matched: true,
            row: Some(row(table, cells)?),
        }),
    }
}

/// Several mutations' results in one list, as a receipt keeps them.
pub(crate) fn outcome(results: &[Option<Vec<Cell>>]) -> Vec<Cell> {
    results
        .iter()
        .flat_map(|cells| match cells {
            Some(cells) => cells.clone(),
            None => vec![Some(UNMATCHED.to_owned())],
        })
        .collect()
}

/// The images in a receipt. A row of another number of columns than the table
/// has now (the mapping changed since) is left out: that it matched is known.
pub(crate) fn images(tables: &[Arc<Table>], outcome: Vec<Cell>) -> Result<Vec<Image>, StoreError> {
    let mut cells = outcome.into_iter();
    let mut images = Vec::with_capacity(tables.len());
    for table in tables {
        let Some(head) = cells.next() else {
            return Err(StoreError::Schema(
                "a receipt holds fewer outcomes than mutations".into(),
            ));
        };
        let width = head
            .as_deref()
            .and_then(|head| head.strip_prefix('r'))
            .map(str::parse::<usize>);
        let image = match width {
            None => image(table, Some(vec![head]))?,
            Some(Err(_)) => return Err(StoreError::Schema("a receipt cannot be read".into())),
            Some(Ok(width)) => {
                let row: Vec<Cell> = std::iter::once(head)
                    .chain(cells.by_ref().take(width))
                    .collect();
                if width == table.columns.len() {
                    image(table, Some(row))?
                } else {
                    Image {
                        matched: true,
                        row: None,
                    }
                }
            }
        };
        images.push(image);
    }
    Ok(images)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::tests::items;

    fn cells(texts: &[&str]) -> Vec<Cell> {
        texts.iter().map(|text| Some((*text).to_owned())).collect()
    }

    #[test]
    fn a_receipt_holds_what_every_mutation_left() {
        let tables: Vec<Arc<Table>> = (0..3).map(|_| Arc::new(items())).collect();
        let results = [
            Some(cells(&["r3", "7", "2", "{\"a\":1}"])),
            None,
            Some(cells(&["d"])),
        ];
        let images = images(&tables, outcome(&results)).unwrap();
        let row = vec![
            Value::Int(7),
            Value::Int(2),
            Value::json("{\"a\": 1}").unwrap(),
        ];
        let expected = [
            Image {
                matched: true,
                row: Some(row),
            },
            Image {
                matched: false,
                row: None,
            },
            Image {
                matched: true,
                row: None,
            },
        ];
        assert_eq!(images, expected);
    }

    #[test]
    fn a_receipt_of_an_older_mapping_still_says_that_it_matched() {
        let tables: Vec<Arc<Table>> = (0..2).map(|_| Arc::new(items())).collect();
        let outcome = cells(&["r2", "7", "2", "d"]);
        let images = images(&tables, outcome).unwrap();
        assert!(
            images
                .iter()
                .all(|image| image.matched && image.row.is_none())
        );
    }

    #[test]
    fn an_unreadable_cell_names_its_column_and_not_its_value() {
        let error = row(&items(), cells(&["r3", "7", "many", "null"]))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("shop.items.qty") && !error.contains("many"),
            "{error}"
        );
    }
}
