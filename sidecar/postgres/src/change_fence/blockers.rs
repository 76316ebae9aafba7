//! Who holds the gate.

use dualwrite_engine::store::StoreError;

use crate::conn::auto;
use crate::errors::Stage;
use crate::fences::cell;
use crate::param::Param;
use crate::sql::{Sql, gate};
use crate::store::PostgresStore;

/// Blockers that are named; the rest are counted.
const NAMED: usize = 5;

/// A sentence that names the sessions which hold the gate.
pub(crate) async fn tell(store: &PostgresStore, service: &str) -> String {
    match ask(store, service).await {
        Ok(blockers) if blockers.is_empty() => {
            format!("the gate of {service} was held, and is free now; try again")
        }
        Ok(blockers) => {
            let more = blockers.len().saturating_sub(NAMED);
            let named: Vec<String> = blockers.into_iter().take(NAMED).collect();
            let more = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            format!(
                "the gate of {service} is held by {}{more}",
                named.join(", ")
            )
        }
        Err(error) => format!("the gate of {service} is held, by whom is not known: {error}"),
    }
}

async fn ask(store: &PostgresStore, service: &str) -> Result<Vec<String>, StoreError> {
    let mut sql = Sql::new();
    let gate = sql.bind(Param::text(gate(service)?));
    // Every mode but these two stands in the way of the gate lock. The age is
    // that of the transaction; it is hidden from roles that may not see it.
    sql.push(&format!(
        "SELECT l.pid, COALESCE(a.application_name, ''), COALESCE(a.state, ''), \
         COALESCE(extract(epoch FROM now() - a.xact_start)::int8, -1) \
         FROM pg_locks AS l LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid \
         WHERE l.locktype = 'relation' AND l.relation = to_regclass({gate}) AND l.granted \
         AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
         AND l.mode NOT IN ('AccessShareLock', 'RowShareLock') \
         ORDER BY a.xact_start NULLS LAST"
    ));
    let rows = auto(store.pools.control().await?, &sql, Stage::Harmless).await?;
    rows.iter()
        .map(|row| {
            let pid: Option<i32> = cell(row, 0)?;
            let (name, state): (String, String) = (cell(row, 1)?, cell(row, 2)?);
            let age = match cell::<i64>(row, 3)? {
                unknown if unknown < 0 => "of unknown age".to_owned(),
                seconds => format!("open for {seconds} s"),
            };
            let pid = pid.map_or_else(
                || "a prepared transaction".to_owned(),
                |pid| format!("process {pid}"),
            );
            Ok(format!("{pid} (`{name}`, {state}, {age})"))
        })
        .collect()
}
