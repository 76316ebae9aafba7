//! Reading the fence: alone, or beside rows of the same snapshot.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dualwrite_core::fence::Fence;
use dualwrite_core::phase::Phase;
use dualwrite_core::side::Role;
use dualwrite_engine::store::{FenceRow, StoreError};
use tokio_postgres::Row;

use crate::conn::try_auto;
use crate::errors::{self, Stage};
use crate::param::Param;
use crate::sql::{Sql, fence_columns};
use crate::store::PostgresStore;

/// The settings beside each service's fence, as they were last read.
///
/// They are long and change rarely, while the fence is read with every row. So
/// a statement names the version of the fence row that is known here (which
/// transaction wrote it, and where it lies), and the server leaves the settings
/// out when the row is that very version.
#[derive(Debug, Default)]
pub(crate) struct FenceCache {
    known: Mutex<HashMap<String, Arc<Known>>>,
}

/// Settings of one version of a fence row.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Empty when nothing is known.
    pub(crate) version: String,
    settings: String,
}

impl FenceCache {
    /// What is known of a service's fence.
    pub(crate) fn known(&self, service: &str) -> Arc<Known> {
        self.locked().get(service).cloned().unwrap_or_default()
    }

    /// The fence in a row that begins with [`fence_columns`]; `known` is what
    /// the statement was told.
    pub(crate) fn read(
        &self,
        service: &str,
        known: &Known,
        row: &Row,
    ) -> Result<FenceRow, StoreError> {
        let Some(epoch) = cell::<Option<i64>>(row, 0)? else {
            return Ok(None);
        };
        let version: String = cell(row, 4)?;
        let settings = match cell::<Option<String>>(row, 5)? {
            None => known.settings.clone(),
            Some(settings) => {
                let seen = Known {
                    version,
                    settings: settings.clone(),
                };
                self.locked().insert(service.to_owned(), Arc::new(seen));
                settings
            }
        };
        Ok(Some(Fence {
            epoch: epoch.unsigned_abs(),
            role: role(service, &cell::<String>(row, 1)?)?,
            phase: phase(service, &cell::<String>(row, 2)?)?,
            plan_id: cell(row, 3)?,
            settings,
        }))
    }

    /// Forgets what is known of a service: its row is gone.
    pub(crate) fn forget(&self, service: &str) {
        self.locked().remove(service);
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<String, Arc<Known>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The fence row; `None` also when our tables are not there.
pub(crate) async fn fence(store: &PostgresStore, service: &str) -> Result<FenceRow, StoreError> {
    let known = store.fences.known(service);
    let sql = fence_sql(service, &known);
    let conn = store.pools.control().await?;
    match try_auto(conn, &sql).await {
        Ok(rows) => match rows.first() {
            Some(row) => store.fences.read(service, &known, row),
            None => Ok(None),
        },
        Err(failure) if errors::is_missing(&failure.error) => Ok(None),
        Err(failure) => Err(failure.told(Stage::Harmless)),
    }
}

/// Reads the fence row alone.
pub(crate) fn fence_sql(service: &str, known: &Known) -> Sql {
    let mut sql = Sql::new();
    let columns = fence_columns(&mut sql, &known.version, "false");
    let service = sql.bind(Param::text(service));
    sql.push(&format!(
        "SELECT {columns} FROM dualwrite.fence AS f WHERE f.service = {service}"
    ));
    sql
}

/// A cell of our own tables.
pub(crate) fn cell<'a, T: tokio_postgres::types::FromSql<'a>>(
    row: &'a Row,
    place: usize,
) -> Result<T, StoreError> {
    row.try_get(place)
        .map_err(|error| StoreError::Other(format!("an answer cannot be read: {error}")))
}

fn role(service: &str, word: &str) -> Result<Role, StoreError> {
    Role::parse(word).ok_or_else(|| {
        StoreError::Schema(format!(
            "the fence of {service} has the unknown role `{word}`"
        ))
    })
}

fn phase(service: &str, word: &str) -> Result<Phase, StoreError> {
    Phase::parse(word)
        .map_err(|error| StoreError::Schema(format!("the fence of {service}: {error}")))
}
