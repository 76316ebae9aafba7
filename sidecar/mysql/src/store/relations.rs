//! Which tables there are.

use dualwrite_core::catalog::{Form, Relation};
use dualwrite_core::spec::TableName;
use dualwrite_engine::store::StoreError;

use crate::cells::text;
use crate::errors::store_error;
use crate::names::PREFIX;
use crate::pool::Conn;

/// Those of the database that the URL names, which are all that this user sees.
const QUERY: &str = "SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES \
    WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE <> 'SEQUENCE' ORDER BY BINARY TABLE_NAME";

pub(super) async fn relations(conn: &mut Conn) -> Result<Vec<Relation>, StoreError> {
    let rows = conn.text(QUERY).await;
    let rows = rows.map_err(|error| store_error(&error, None))?;
    let mut relations = Vec::with_capacity(rows.len());
    for row in &rows {
        let name = text(row, 0)?.unwrap_or_default();
        let form = match text(row, 1)?.as_deref() {
            Some("VIEW" | "SYSTEM VIEW") => Form::View,
            Some(_) | None => Form::Table,
        };
        if !name.starts_with(PREFIX) {
            let name = TableName::bare(name);
            relations.push(Relation { name, form });
        }
    }
    Ok(relations)
}
