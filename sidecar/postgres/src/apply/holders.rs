//! Finding rows by what they hold: one statement for all questions about the
//! same columns of a table.

use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_engine::store::{Sought, StoreError};
use tokio_postgres::Row;

use crate::fences::cell;
use crate::param::Param;
use crate::sql::{Sql, cast, column, ident, key_names, table_name};
use crate::text;

/// Questions about the same columns, with their places in the list.
pub(super) type Alike<'a> = Vec<(usize, &'a Sought)>;

/// Groups the questions.
pub(super) fn alike(sought: &[Sought]) -> Vec<Alike<'_>> {
    let mut groups: Vec<Alike<'_>> = Vec::new();
    for (place, one) in sought.iter().enumerate() {
        let same = |group: &&mut Alike<'_>| {
            group.first().is_some_and(|(_, first)| {
                first.table.entity == one.table.entity && first.columns == one.columns
            })
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push((place, one)),
            None => groups.push(vec![(place, one)]),
        }
    }
    groups
}

/// `SELECT u.n, h.key FROM unnest(…) AS u, LATERAL (SELECT … LIMIT n) AS h`
pub(super) fn statement(group: &Alike<'_>, limit: u32) -> Result<Sql, StoreError> {
    let Some((_, first)) = group.first() else {
        return Err(StoreError::Other("nothing was asked for".into()));
    };
    let table = &*first.table;
    let mut sql = Sql::new();
    let texts = (0..first.columns.len()).map(|at| {
        let values = group.iter().map(|(_, one)| one.values.get(at));
        values
            .map(|value| value.and_then(dualwrite_core::value::Value::to_text))
            .collect()
    });
    let set = sql.bind_rows(texts.collect(), "u");
    let limit = sql.bind(Param::Long(i64::from(limit)));
    let cells: Vec<String> = key_names(table)?
        .iter()
        .map(|name| format!("t.{name}::text"))
        .collect();
    sql.push(&format!(
        "SELECT u.n, h.key FROM {set} CROSS JOIN LATERAL (SELECT ARRAY[{}] AS key FROM {} AS t \
         WHERE {} LIMIT {limit}) AS h",
        cells.join(", "),
        table_name(&table.name)?,
        conditions(table, &first.columns)?
    ));
    Ok(sql)
}

fn conditions(table: &Table, columns: &[usize]) -> Result<String, StoreError> {
    let mut parts = Vec::with_capacity(columns.len());
    for (at, index) in columns.iter().enumerate() {
        let column = column(table, *index)?;
        let value = cast(&format!("u.c{}", at + 1), column);
        parts.push(format!("t.{} = {value}", ident(&column.name)?));
    }
    Ok(parts.join(" AND "))
}

/// The place of the question that a row answers, and the key in it.
pub(super) fn decode(group: &Alike<'_>, row: &Row) -> Result<(usize, Key), StoreError> {
    let number: i64 = cell(row, 0)?;
    let at = usize::try_from(number - 1).unwrap_or(usize::MAX);
    let (place, sought) = group
        .get(at)
        .ok_or_else(|| StoreError::Other("an answer to no question".into()))?;
    Ok((*place, text::key(&sought.table, cell(row, 1)?)?))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use dualwrite_core::value::Value;

    use super::*;
    use crate::sql::tests::{items, lines};

    #[test]
    fn questions_about_the_same_columns_are_one_statement() {
        let (items, lines) = (Arc::new(items()), Arc::new(lines()));
        let ask = |table: &Arc<Table>, column, value| Sought {
            table: Arc::clone(table),
            columns: vec![column],
            values: vec![Value::Int(value)],
        };
        let sought = [ask(&items, 1, 5), ask(&lines, 2, 6), ask(&items, 1, 7)];
        let groups = alike(&sought);
        assert_eq!(groups.len(), 2);
        let sql = statement(&groups[0], 9).unwrap();
        assert_eq!(
            sql.text,
            "SELECT u.n, h.key FROM unnest($1::text[]) WITH ORDINALITY AS u(c1, n) \
             CROSS JOIN LATERAL (SELECT ARRAY[t.\"id\"::text] AS key FROM \"shop\".\"items\" AS t \
             WHERE t.\"qty\" = u.c1::integer LIMIT $2::int8) AS h"
        );
    }
}
