//! The statements of a transaction of several mutations.

use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_core::side::Role;
use dualwrite_engine::store::{Mutation, ReceiptDraft, RowKey, StoreError, Token, WriteTx};

use super::mutation::{bind_key, change};
use crate::param::Param;
use crate::sql::{self, Sql, epoch_param, held_as, key_column, outbox};
use crate::text::Cell;

/// Fence, gate and markers, ordered by entity and key. The first statement
/// answers how many fences were held.
pub(super) fn head(
    service: &str,
    epoch: u64,
    token: Option<Token>,
    rows: &[RowKey],
) -> Result<Vec<Sql>, StoreError> {
    let mut first = Sql::new();
    held_as(&mut first, service, epoch, Role::Primary)?;
    let mut more = Vec::new();
    if let Some(token) = token {
        let mut groups = sql::by_table(rows, |row| &row.table).into_iter();
        if let Some((table, group)) = groups.next() {
            let keys = ordered(&group);
            let insert = markers(
                &mut first,
                service,
                epoch,
                token,
                table,
                &keys,
                "f CROSS JOIN ",
            )?;
            first.push(&format!(", m AS ({insert})"));
        }
        for (table, group) in groups {
            let mut sql = Sql::new();
            let insert = markers(&mut sql, service, epoch, token, table, &ordered(&group), "")?;
            sql.push(&insert);
            more.push(sql);
        }
    }
    first.push(" SELECT count(*) FROM f");
    more.insert(0, first);
    Ok(more)
}

/// The keys of a transaction's markers.
pub(super) fn marked(tx: &WriteTx) -> Vec<RowKey> {
    let row = |mutation: &Mutation| RowKey {
        table: mutation.table.clone(),
        key: mutation.key.clone(),
    };
    tx.mutations.iter().map(row).collect()
}

/// One mutation alone.
pub(super) fn mutation(mutation: &Mutation) -> Result<Sql, StoreError> {
    let mut sql = Sql::new();
    let key = bind_key(&mut sql, mutation)?;
    let text = change(&mut sql, mutation, &key, None)?;
    sql.push(&text);
    Ok(sql)
}

/// The receipt of a request that was executed.
pub(super) fn receipt(service: &str, draft: &ReceiptDraft, outcome: Vec<Cell>) -> Sql {
    let mut sql = Sql::new();
    let service = sql.bind(Param::text(service));
    let id = sql.bind(Param::text(&draft.request_id));
    let hash = sql.bind(Param::Long(draft.request_hash));
    let outcome = sql.bind(Param::Texts(outcome));
    sql.push(&format!(
        "INSERT INTO dualwrite.receipt (service, request_id, request_hash, aborted, outcome) \
         VALUES ({service}, {id}, {hash}, false, {outcome})"
    ));
    sql
}

/// In order, each once: two markers of one key cannot be left in one statement.
fn ordered<'a>(group: &[(usize, &'a RowKey)]) -> Vec<&'a Key> {
    let mut keys: Vec<&Key> = group.iter().map(|(_, row)| &row.key).collect();
    keys.sort();
    keys.dedup();
    keys
}

fn markers(
    sql: &mut Sql,
    service: &str,
    epoch: u64,
    token: Token,
    table: &Table,
    keys: &[&Key],
    from: &str,
) -> Result<String, StoreError> {
    let outbox = outbox(service, &table.entity)?;
    let texts = sql::key_texts(table, keys.iter().copied())?;
    let set = sql.bind_rows(texts, "u");
    let token = sql.bind(Param::Long(token.0));
    let epoch = sql.bind(epoch_param(epoch)?);
    let columns = sql::key_columns(table)?;
    let names: Vec<String> = (0..columns.len()).map(key_column).collect();
    let values: Vec<String> = columns
        .into_iter()
        .enumerate()
        .map(|(place, column)| sql::cast(&format!("u.c{}", place + 1), column))
        .collect();
    Ok(format!(
        "INSERT INTO {outbox} AS o ({names}, token, epoch) \
         SELECT {values}, {token}, {epoch} FROM {from}{set} ORDER BY u.n{replace}",
        names = names.join(", "),
        values = values.join(", "),
        replace = replace(&names),
    ))
}

/// A marker that stands is replaced: its key is dirty anew.
pub(super) fn replace(names: &[String]) -> String {
    format!(
        " ON CONFLICT ({}) DO UPDATE SET token = EXCLUDED.token, epoch = EXCLUDED.epoch",
        names.join(", ")
    )
}
