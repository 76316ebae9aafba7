//! Without dualwrite.

use anyhow::{Context, Result};
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::types::time::OffsetDateTime;
use tokio_postgres::NoTls;

use super::Answer;
use crate::bed::Bed;
use crate::row::Row;

/// The upsert, as anybody would write it.
const UPSERT: &str = "INSERT INTO plain_items (id, a, b, c) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (id) DO UPDATE SET a = EXCLUDED.a, b = EXCLUDED.b, c = EXCLUDED.c";

/// To one database, by sqlx.
#[derive(Debug, Clone)]
pub(crate) struct Straight(PgPool);

/// To one database, by tokio-postgres.
#[derive(Debug, Clone)]
pub(crate) struct Lean(Pool);

/// To one database and, when that has answered, to the other.
#[derive(Debug, Clone)]
pub(crate) struct Naive {
    first: Straight,
    second: Straight,
}

impl Straight {
    pub(crate) async fn open(bed: &Bed, clients: u16) -> Result<Self> {
        Self::at(bed.legacy_url(), clients).await
    }

    async fn at(url: &str, clients: u16) -> Result<Self> {
        let pool = PgPoolOptions::new()
            .min_connections(clients.into())
            .max_connections(clients.into())
            // A question before each write would double its round trips.
            .test_before_acquire(false)
            .connect(url)
            .await
            .context("connect by sqlx")?;
        Ok(Self(pool))
    }

    pub(crate) async fn write(&self, row: &Row) -> Result<Answer> {
        sqlx::query(UPSERT)
            .bind(row.id)
            .bind(&row.a)
            .bind(row.b)
            .bind(OffsetDateTime::from(row.c))
            .execute(&self.0)
            .await?;
        Ok(Answer::Everywhere)
    }

    pub(crate) async fn close(&self) {
        self.0.close().await;
    }
}

impl Lean {
    pub(crate) fn open(bed: &Bed, clients: u16) -> Result<Self> {
        let config = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let manager = Manager::from_config(bed.legacy_url().parse()?, NoTls, config);
        Ok(Self(
            Pool::builder(manager).max_size(clients.into()).build()?,
        ))
    }

    pub(crate) async fn write(&self, row: &Row) -> Result<Answer> {
        let client = self.0.get().await?;
        let upsert = client.prepare_cached(UPSERT).await?;
        client
            .execute(&upsert, &[&row.id, &row.a, &row.b, &row.c])
            .await?;
        Ok(Answer::Everywhere)
    }
}

impl Naive {
    pub(crate) async fn open(bed: &Bed, clients: u16) -> Result<Self> {
        let (first, second) = tokio::try_join!(
            Straight::at(bed.legacy_url(), clients),
            Straight::at(bed.new_url(), clients)
        )?;
        Ok(Self { first, second })
    }

    pub(crate) async fn write(&self, row: &Row) -> Result<Answer> {
        self.first.write(row).await?;
        self.second.write(row).await
    }

    pub(crate) async fn close(&self) {
        tokio::join!(self.first.close(), self.second.close());
    }
}

#[cfg(test)]
mod tests {
    use super::UPSERT;
    use crate::bed::THEIRS;

    #[test]
    fn the_upsert_goes_to_the_table_that_is_compared() {
        assert!(UPSERT.starts_with(&format!("INSERT INTO {THEIRS} ")));
    }
}
