//! Reading rows by key.

use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_engine::store::StoreError;

use super::{KeyedBy, Sql, by_key, image, key_names, key_texts, table_name};

/// What to select and to join for rows by key.
#[derive(Debug)]
pub(crate) struct RowsByKey {
    /// The row's image, NULL where there is none.
    pub(crate) image: String,
    /// The keys as `u`, and the table as `t` joined to them.
    pub(crate) from: String,
}

/// The rows of `keys`, one a key, also where there is none; `u.n` is the key's
/// place.
pub(crate) fn rows_by_key<'a>(
    sql: &mut Sql,
    table: &Table,
    keys: impl IntoIterator<Item = &'a Key>,
) -> Result<RowsByKey, StoreError> {
    let set = sql.bind_rows(key_texts(table, keys)?, "u");
    let there = key_names(table)?.into_iter().next().unwrap_or_default();
    Ok(RowsByKey {
        image: format!(
            "CASE WHEN t.{there} IS NOT NULL THEN {} END",
            image(table, "t")?
        ),
        from: format!(
            "{set} LEFT JOIN {} AS t ON {}",
            table_name(&table.name)?,
            by_key(table, "t", KeyedBy::Own, "u")?
        ),
    })
}
