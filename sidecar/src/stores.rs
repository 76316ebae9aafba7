//! Opening the databases.

use std::sync::Arc;
use std::time::Duration;

use dualwrite_core::diagnosis::{Finding, Severity};
use dualwrite_core::side::Side;
use dualwrite_engine::Stores;
use dualwrite_engine::store::{Store, StoreError};
use dualwrite_mysql::MysqlStore;
use dualwrite_postgres::PostgresStore;
use dualwrite_process::Backoff;
use dualwrite_sqlite::SqliteStore;
use tokio::sync::watch;

use crate::config::{self, ConfigError, Database, Databases};

/// Between questions to a server that is away.
const CHECK_FIRST: Duration = Duration::from_millis(500);
const CHECK_LAST: Duration = Duration::from_secs(10);

/// Both databases, and what is still to be asked of them.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) stores: Stores,
    /// Servers whose settings are checked as soon as they answer.
    pub(crate) unchecked: Vec<(Side, Arc<dyn Store>)>,
}

/// Opens what is configured. A server that is away is no error: it is
/// connected to when it is needed. A file that is not there is one.
pub(crate) async fn open(databases: Databases) -> Result<Opened, ConfigError> {
    let mut unchecked = Vec::new();
    let legacy = open_side(Side::Legacy, databases.legacy, &mut unchecked).await?;
    let new = open_side(Side::New, databases.new, &mut unchecked).await?;
    Ok(Opened {
        stores: Stores { legacy, new },
        unchecked,
    })
}

async fn open_side(
    side: Side,
    database: Option<Database>,
    unchecked: &mut Vec<(Side, Arc<dyn Store>)>,
) -> Result<Option<Arc<dyn Store>>, ConfigError> {
    let wrong = |error| ConfigError::Database {
        flag: config::flag(side),
        error,
    };
    Ok(match database {
        None => None,
        Some(Database::Postgres(config)) => {
            let opened = PostgresStore::connect(&config);
            let store = opened.map_err(|error| wrong(error.into()))?;
            let weakness = store.weakness();
            Some(server(side, Arc::new(store), weakness, unchecked))
        }
        Some(Database::Mysql(config)) => {
            let opened = MysqlStore::connect(&config);
            let store = opened.map_err(|error| wrong(error.into()))?;
            let weakness = store.weakness();
            Some(server(side, Arc::new(store), weakness, unchecked))
        }
        Some(Database::Sqlite(config)) => {
            let opened = SqliteStore::open(config).await;
            Some(Arc::new(opened.map_err(|error| wrong(error.into()))?))
        }
    })
}

/// A server: its settings are checked later, and what may be seen or changed on
/// the way to it is said now.
fn server(
    side: Side,
    store: Arc<dyn Store>,
    weakness: Option<&str>,
    unchecked: &mut Vec<(Side, Arc<dyn Store>)>,
) -> Arc<dyn Store> {
    if let Some(weakness) = weakness {
        tracing::warn!(%side, weakness, "insecure databases are allowed, and this one is");
    }
    unchecked.push((side, Arc::clone(&store)));
    store
}

/// What a server's settings stand in the way of, as it changes; `None` while
/// nothing is known to.
pub(crate) type Objection = watch::Sender<Option<String>>;

/// Asks a server, as soon as it answers, whether it and its sessions are set
/// as the protocol needs it, and tells what is not. A promise that does not
/// hold is asked for again until it does.
pub(crate) async fn check(
    side: Side,
    store: Arc<dyn Store>,
    service: Arc<str>,
    objection: Objection,
) {
    let mut backoff = Backoff::new(CHECK_FIRST, CHECK_LAST);
    loop {
        match store.diagnose(&service).await {
            Ok(findings) => {
                let broken = told(side, &findings);
                let done = broken.is_none();
                objection.send_replace(broken);
                if done {
                    tracing::info!(%side, "the server is set as it must be");
                    return;
                }
            }
            Err(error) => tell(side, &error),
        }
        let wait = backoff.failed(&mut rand::rng());
        tokio::time::sleep(wait).await;
    }
}

/// Says what is weaker than it could be, and answers what must not be so.
fn told(side: Side, findings: &[Finding]) -> Option<String> {
    let mut broken = Vec::new();
    for Finding {
        severity,
        check,
        detail,
        remedy,
        ..
    } in findings
    {
        match severity {
            Severity::Ok | Severity::Note => {}
            Severity::Warning => {
                tracing::warn!(%side, check, detail, remedy, "a promise is weaker than it could be");
            }
            Severity::Problem => {
                tracing::error!(%side, check, detail, remedy, "a promise does not hold");
                broken.push(format!("{side}: {detail} ({check}); {remedy}"));
            }
        }
    }
    (!broken.is_empty()).then(|| broken.join("; "))
}

fn tell(side: Side, error: &StoreError) {
    tracing::warn!(%side, %error, "the server's settings cannot be checked yet");
}
