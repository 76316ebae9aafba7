//! Triggers. The server shows them only to who has the privilege TRIGGER, which
//! the diagnosis looks for.

use dualwrite_core::catalog::TriggerInfo;
use dualwrite_core::spec::TableName;
use dualwrite_engine::store::StoreError;

use super::{of_table, rows, word};
use crate::names::PREFIX;
use crate::pool::Conn;

const TRIGGERS: &str =
    "SELECT TRIGGER_NAME, ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE ";

/// The triggers, without ours.
pub(super) async fn triggers(
    conn: &mut Conn,
    table: &TableName,
) -> Result<Vec<TriggerInfo>, StoreError> {
    let sql = of_table(TRIGGERS, "EVENT_OBJECT", table).push(" ORDER BY TRIGGER_NAME");
    let mut triggers = Vec::new();
    for row in rows(conn, sql).await? {
        let name = word(&row, 0)?;
        if !name.starts_with(PREFIX) {
            triggers.push(TriggerInfo {
                changes_rows: changes_rows(&word(&row, 1)?),
                name,
            });
        }
    }
    Ok(triggers)
}

/// Whether a trigger's body has a word that changes rows, also in a comment or
/// in a text: too many are taken for such, never too few. `SET NEW.…` changes
/// only the row that the statement writes, which is read back anyway, and
/// `CALL` may do anything.
fn changes_rows(sql: &str) -> bool {
    let upper = sql.to_ascii_uppercase();
    upper
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .any(|word| {
            matches!(
                word,
                "INSERT" | "UPDATE" | "DELETE" | "REPLACE" | "CALL" | "LOAD"
            )
        })
}

#[cfg(test)]
mod tests {
    use super::changes_rows;

    #[test]
    fn whatever_may_change_rows_is_taken_to_do_so() {
        assert!(changes_rows("begin insert into log values (1); end"));
        assert!(changes_rows("CALL audit()"));
        assert!(!changes_rows("SET NEW.updated_at = NOW()"));
    }
}
