//! Whether the connections are encrypted, and to whom.

use dualwrite_core::diagnosis::{Finding, Severity};
use dualwrite_engine::store::StoreError;

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

/// How the connections are protected, and what of it is weaker than it could be.
pub(super) async fn finding(store: &PostgresStore) -> Result<Finding, StoreError> {
    const CHECK: &str = "tls";
    let Encryption {
        tls,
        mode,
        weakness,
    } = encryption(store).await?;
    if let Some(weakness) = weakness {
        return Ok(Finding::new(
            Severity::Warning,
            CHECK,
            None,
            format!("sslmode={mode} to a host beyond loopback: {weakness}"),
            "use sslmode=verify-full, without --insecure-databases",
        ));
    }
    let detail = match tls {
        Some((version, cipher)) => format!("{version}, {cipher} (sslmode={mode})"),
        None => "in clear text, which does not leave this machine".to_owned(),
    };
    Ok(Finding::ok(CHECK, None, detail))
}
