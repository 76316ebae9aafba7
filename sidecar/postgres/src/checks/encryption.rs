//! Whether the connections are encrypted, and to whom.

use dualwrite_engine::store::StoreError;

use super::{Finding, Severity};
use crate::conn::auto;
use crate::errors::Stage;
use crate::fences::cell;
use crate::sql::Sql;
use crate::store::PostgresStore;

/// How connections to one server are protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encryption {
    /// Version of TLS and its cipher, as the server says; `None` in clear text.
    pub tls: Option<(String, String)>,
    /// What is verified, as `sslmode` has it.
    pub mode: &'static str,
    /// What somebody between here and the server could do; `None` where nobody
    /// is in between, or nothing can be done.
    pub weakness: Option<&'static str>,
}

/// Asks the server about a connection of ours.
pub(crate) async fn encryption(store: &PostgresStore) -> Result<Encryption, StoreError> {
    let mut sql = Sql::new();
    sql.push("SELECT ssl, version, cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
    let rows = auto(store.pools.control().await?, &sql, Stage::Harmless).await?;
    let mut tls = None;
    if let Some(row) = rows.first()
        && cell::<bool>(row, 0)?
    {
        tls = Some((cell(row, 1)?, cell(row, 2)?));
    }
    Ok(Encryption {
        tls,
        mode: store.pools.security().verify.word(),
        weakness: weakness(store),
    })
}

/// What somebody between here and the server could do.
pub(crate) fn weakness(store: &PostgresStore) -> Option<&'static str> {
    let security = store.pools.security();
    security.is_weak().then(|| security.verify.weakness())
}

/// What stands against the promises, if anything does.
pub(super) fn finding(store: &PostgresStore) -> Option<Finding> {
    let weakness = weakness(store)?;
    let mode = store.pools.security().verify.word();
    Some(Finding {
        severity: Severity::Degraded,
        what: format!("sslmode={mode} to a host beyond loopback: {weakness}"),
        remedy: "sslmode=verify-full, without --insecure-databases".to_owned(),
    })
}
