//! The whole shop: several services over one shared legacy database, each with
//! a new one of its own.

use std::sync::Arc;

use anyhow::{Context, Result};

use super::{Compared, Database, Dialect, Service, Which};
use crate::rows::TextRow;
use crate::{Postgres, SqliteFile};

/// The name of the shared database.
const LEGACY: &str = "shop";

/// The shop's databases.
#[derive(Debug, Clone)]
pub struct Shop {
    legacy: Database,
    new: Vec<(&'static str, Database)>,
}

impl Shop {
    /// Creates all of them, with every service's tables and legacy's rows. On
    /// PostgreSQL one server holds legacy and a second one the new databases.
    pub async fn create(postgres: bool, services: &[&'static Service]) -> Result<Self> {
        let shop = if postgres {
            Self::on_postgres(services).await?
        } else {
            Self::on_sqlite(services)?
        };
        let dialect = shop.dialect();
        for service in services {
            let legacy = service.script(Which::Legacy, dialect);
            shop.legacy.execute(&legacy).await?;
            let new = service.script(Which::New, dialect);
            shop.of(service, Which::New)?.execute(&new).await?;
        }
        Ok(shop)
    }

    async fn on_postgres(services: &[&'static Service]) -> Result<Self> {
        let (old, own) = tokio::try_join!(Postgres::start(), Postgres::start())?;
        let (old, own) = (Arc::new(old), Arc::new(own));
        old.create_database(LEGACY).await?;
        let mut new = Vec::new();
        for Service { name, .. } in services {
            own.create_database(name).await?;
            let server = Arc::clone(&own);
            new.push((*name, Database::Postgres { server, name }));
        }
        let legacy = Database::Postgres {
            server: old,
            name: LEGACY,
        };
        Ok(Self { legacy, new })
    }

    fn on_sqlite(services: &[&'static Service]) -> Result<Self> {
        let file = || SqliteFile::create().map(|file| Database::Sqlite(Arc::new(file)));
        let new = services.iter().map(|service| Ok((service.name, file()?)));
        Ok(Self {
            new: new.collect::<Result<_>>()?,
            legacy: file()?,
        })
    }

    /// Whose SQL they speak.
    pub const fn dialect(&self) -> Dialect {
        self.legacy.dialect()
    }

    /// One of the two databases of a service.
    pub fn of(&self, service: &Service, which: Which) -> Result<&Database> {
        match which {
            Which::Legacy => Ok(&self.legacy),
            Which::New => {
                let found = self.new.iter().find(|(name, _)| *name == service.name);
                let (_, database) =
                    found.with_context(|| format!("{} is not in this shop", service.name))?;
                Ok(database)
            }
        }
    }

    /// The rows of a query.
    pub async fn query(&self, service: &Service, which: Which, sql: &str) -> Result<Vec<TextRow>> {
        self.of(service, which)?.query(sql).await
    }

    /// Compares every entity of a service, row by row.
    pub async fn compare(&self, service: &Service) -> Result<Vec<Compared>> {
        let ask = async |which, sql: String| self.query(service, which, &sql).await;
        service.compare(self.dialect(), ask).await
    }
}
