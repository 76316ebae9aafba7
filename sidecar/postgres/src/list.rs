//! Rows in key order, page by page, with the fence of the same snapshot.

use dualwrite_engine::store::{ListPage, Listing, StoreError};

use crate::conn::auto;
use crate::errors::Stage;
use crate::fences::Known;
use crate::order::{KeyOrder, key_order};
use crate::param::Param;
use crate::reads::image;
use crate::sql::{self, FENCE_COLUMNS, KeyedBy, Sql, fence_columns, table_name};
use crate::store::PostgresStore;
use crate::write::equals;

pub(crate) async fn list(
    store: &PostgresStore,
    service: &str,
    listing: &Listing,
) -> Result<ListPage, StoreError> {
    let order = key_order(store, &listing.table).await?;
    let known = store.fences.known(service);
    let sql = statement(service, &known, listing, &order)?;
    let rows = auto(store.pools.main().await?, &sql, Stage::Harmless).await?;
    let fence = match rows.first() {
        Some(first) => store.fences.read(service, &known, first)?,
        None => None,
    };
    let mut page = Vec::with_capacity(rows.len());
    for row in &rows {
        // The fence stands alone in the row of an empty page.
        page.extend(image(&listing.table, row, FENCE_COLUMNS)?);
    }
    Ok(ListPage { fence, rows: page })
}

fn statement(
    service: &str,
    known: &Known,
    listing: &Listing,
    order: &KeyOrder,
) -> Result<Sql, StoreError> {
    let mut sql = Sql::new();
    let fence = fence_columns(&mut sql, &known.version, "page.n > 1");
    let service = sql.bind(Param::text(service));
    let page = Page::of(&mut sql, listing, order)?;
    sql.push(&format!(
        "SELECT {fence}, page.image FROM (SELECT 1) AS x \
         LEFT JOIN dualwrite.fence AS f ON f.service = {service} \
         LEFT JOIN (SELECT {image} AS image, row_number() OVER (ORDER BY {by}) AS n {rest}) AS page \
         ON true ORDER BY page.n",
        image = page.image,
        by = page.by,
        rest = page.rest,
    ));
    Ok(sql)
}

/// The same rows without a fence beside them.
pub(crate) fn plain_statement(listing: &Listing, order: &KeyOrder) -> Result<Sql, StoreError> {
    let mut sql = Sql::new();
    let page = Page::of(&mut sql, listing, order)?;
    sql.push(&format!("SELECT {} {}", page.image, page.rest));
    Ok(sql)
}

/// The pieces of a page's statement.
struct Page {
    image: String,
    by: String,
    /// From `FROM` to `LIMIT`.
    rest: String,
}

impl Page {
    fn of(sql: &mut Sql, listing: &Listing, order: &KeyOrder) -> Result<Self, StoreError> {
        let table = &*listing.table;
        let mut conditions = Vec::new();
        for (index, value) in &listing.filter {
            conditions.push(equals(sql, table, *index, value)?);
        }
        if let Some(after) = &listing.after {
            conditions.push(order.compare(sql, table, ("t", KeyedBy::Own), ">", after)?);
        }
        let conditions = if conditions.is_empty() {
            "true".to_owned()
        } else {
            conditions.join(" AND ")
        };
        let limit = sql.bind(Param::Long(i64::from(listing.limit)));
        let by = order.expressions(table, "t", KeyedBy::Own)?;
        let name = table_name(&table.name)?;
        Ok(Self {
            image: sql::image(table, "t")?,
            rest: format!("FROM {name} AS t WHERE {conditions} ORDER BY {by} LIMIT {limit}"),
            by,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use dualwrite_core::key::Key;
    use dualwrite_core::value::Value;

    use super::*;
    use crate::order::Sorted;

    #[test]
    fn a_page_is_filtered_bounded_and_ordered_by_the_key() {
        let listing = Listing {
            table: Arc::new(sql::tests::items()),
            filter: vec![(1, Value::Int(2)), (2, Value::Null)],
            after: Some(Key::new(vec![Value::Int(7)]).unwrap()),
            limit: 10,
        };
        let sql = statement(
            "cart",
            &Known::default(),
            &listing,
            &KeyOrder::of(&[Sorted::AsIs]),
        )
        .unwrap();
        let page = "WHERE t.\"qty\" = $3::text::integer AND t.\"note\" IS NULL \
                    AND (t.\"id\") > ($4::text::bigint) ORDER BY t.\"id\" LIMIT $5::int8) AS page \
                    ON true ORDER BY page.n";
        assert!(sql.text.ends_with(page), "{}", sql.text);
    }
}
