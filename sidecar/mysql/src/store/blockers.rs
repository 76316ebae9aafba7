//! Who is in the way of a fence's change, for the person who wonders.

use crate::cells::{integer, text};
use crate::pool::Lane;

/// The oldest transaction of another session that holds locks. The server shows
/// it only to users with the privilege PROCESS.
const OLDEST: &str = "SELECT t.trx_mysql_thread_id, \
    TIMESTAMPDIFF(SECOND, t.trx_started, NOW()), COALESCE(p.user, ''), COALESCE(p.host, '') \
    FROM information_schema.innodb_trx AS t \
    LEFT JOIN information_schema.processlist AS p ON p.id = t.trx_mysql_thread_id \
    WHERE t.trx_mysql_thread_id <> CONNECTION_ID() AND t.trx_state = 'RUNNING' \
    ORDER BY t.trx_started LIMIT 1";

/// What is in the way of the fence of a service.
pub(super) async fn of_fence(lane: &Lane, service: &str) -> String {
    let who = oldest(lane)
        .await
        .unwrap_or_else(|| "the user lacks PROCESS, so it is not known whose".to_owned());
    format!("a transaction that holds the fence of {service} does not end: {who}")
}

async fn oldest(lane: &Lane) -> Option<String> {
    let mut conn = lane.get().await.ok()?;
    // The server's clock and those times are both of the session's zone only
    // where that is the server's: so it is asked for the difference.
    let rows = conn
        .text(format!(
            "SET @@session.time_zone = @@global.time_zone; {OLDEST}"
        ))
        .await;
    conn.taint();
    let rows = rows.ok()?;
    let Some(row) = rows.last() else {
        return Some("it ended just now".to_owned());
    };
    let number = |index| integer(row, index).ok().flatten().unwrap_or_default();
    let name = |index| text(row, index).ok().flatten().unwrap_or_default();
    Some(format!(
        "the oldest is connection {} of {}@{}, {} s old",
        number(0),
        name(2),
        name(3),
        number(1)
    ))
}
