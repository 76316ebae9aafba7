//! Writing a group of copies set-wise.

use dualwrite_core::key::Key;
use dualwrite_core::mapping::{Table, TableColumn};
use dualwrite_core::value::Value;
use dualwrite_engine::store::StoreError;

use super::exact;
use super::groups::{Content, Group};
use crate::sql::{self, KeyedBy, Sql, by_key, ident, key_names, key_texts, table_name};

/// The statement of a group.
pub(super) fn group(group: &Group<'_>) -> Result<Sql, StoreError> {
    match &group.content {
        Content::Rows(rows) => upsert(group.table, rows),
        Content::Absent(keys) => delete(group.table, keys),
    }
}

/// Makes rows equal to these, whether they are there or not. Columns that the
/// database computes are left to it; keys that it would generate are given.
fn upsert(table: &Table, rows: &[&[Value]]) -> Result<Sql, StoreError> {
    let mut sql = Sql::new();
    let written = written(table);
    let mut texts = Vec::with_capacity(written.len());
    for (index, _) in &written {
        texts.push(
            rows.iter()
                .map(|row| cell(table, row, *index))
                .collect::<Result<_, _>>()?,
        );
    }
    let set = sql.bind_rows(texts, "u");
    let mut names = Vec::new();
    let mut values = Vec::new();
    let mut update = Vec::new();
    for (place, (index, column)) in written.iter().enumerate() {
        let name = ident(&column.name)?;
        values.push(sql::cast(&format!("u.c{}", place + 1), column));
        if !table.key.contains(index) {
            update.push(format!("{name} = EXCLUDED.{name}"));
        }
        names.push(name);
    }
    let update = if update.is_empty() {
        "NOTHING".to_owned()
    } else {
        format!("UPDATE SET {}", update.join(", "))
    };
    sql.push(&format!(
        "INSERT INTO {} AS t ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {set} ORDER BY u.n \
         ON CONFLICT ({}) DO {update}{}",
        table_name(&table.name)?,
        names.join(", "),
        values.join(", "),
        key_names(table)?.join(", "),
        exact::returning(table)?
    ));
    Ok(sql)
}

fn delete(table: &Table, keys: &[&Key]) -> Result<Sql, StoreError> {
    let mut sql = Sql::new();
    let set = sql.bind_rows(key_texts(table, keys.iter().copied())?, "u");
    sql.push(&format!(
        "DELETE FROM {} AS t USING {set} WHERE {}",
        table_name(&table.name)?,
        by_key(table, "t", KeyedBy::Own, "u")?
    ));
    Ok(sql)
}

/// The columns that are written, with their places in the row.
fn written(table: &Table) -> Vec<(usize, &TableColumn)> {
    table
        .columns
        .iter()
        .enumerate()
        .filter(|(_, column)| !column.generated)
        .collect()
}

fn cell(table: &Table, row: &[Value], index: usize) -> Result<Option<String>, StoreError> {
    row.get(index).map(Value::to_text).ok_or_else(|| {
        StoreError::Value(format!(
            "a row of {} has {} columns, got {}",
            table.name,
            table.columns.len(),
            row.len()
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::tests::{items, lines};

    #[test]
    fn rows_are_written_whole_but_for_what_the_database_computes() {
        let mut table = items();
        table.columns[2].generated = true;
        let row = [Value::Int(7), Value::Int(2), Value::Null];
        let sql = upsert(&table, &[&row]).unwrap();
        assert_eq!(
            sql.text,
            "INSERT INTO \"shop\".\"items\" AS t (\"id\", \"qty\") OVERRIDING SYSTEM VALUE \
             SELECT u.c1::bigint, u.c2::integer \
             FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS u(c1, c2, n) ORDER BY u.n \
             ON CONFLICT (\"id\") DO UPDATE SET \"qty\" = EXCLUDED.\"qty\""
        );
    }

    #[test]
    fn a_table_of_keys_alone_has_nothing_to_update() {
        let mut table = items();
        table.columns.truncate(1);
        let sql = upsert(&table, &[&[Value::Int(7)]]).unwrap();
        assert!(
            sql.text.ends_with("ON CONFLICT (\"id\") DO NOTHING"),
            "{}",
            sql.text
        );
    }

    #[test]
    fn absences_are_deleted_by_key() {
        let key = Key::new(vec![Value::Uuid([1; 16]), Value::Int(2)]).unwrap();
        let sql = delete(&lines(), &[&key]).unwrap();
        assert_eq!(
            sql.text,
            "DELETE FROM \"shop\".\"lines\" AS t \
             USING unnest($1::text[], $2::text[]) WITH ORDINALITY AS u(c1, c2, n) \
             WHERE t.\"cart\" = u.c1::uuid AND t.\"no\" = u.c2::smallint"
        );
    }

    #[test]
    fn a_row_that_is_too_short_is_refused() {
        let row = [Value::Int(7)];
        assert!(matches!(
            upsert(&items(), &[&row]),
            Err(StoreError::Value(_))
        ));
    }
}
