//! The two databases of a run, with the tables that its writers write.

mod database;
mod schema;

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use dualwrite_tests::until;

use crate::engines::Engines;
use crate::history::{Entity, Event, History, Key, Side, Value};
pub use database::Database;
pub use schema::{MANIFEST, SERVICE, column, key, table};

/// How long markers may take to go once nobody writes and nothing is broken: a key that the
/// secondary refused five times is tried again once a minute.
const DRAINED: std::time::Duration = std::time::Duration::from_mins(4);

/// The databases.
#[derive(Debug)]
pub struct Bed {
    /// Their engines.
    pub engines: Engines,
    legacy: Database,
    new: Database,
}

impl Bed {
    /// Starts both, with empty tables.
    pub async fn make(engines: Engines) -> Result<Self> {
        let (legacy, new) = tokio::try_join!(
            Database::create(engines.legacy, Side::Legacy),
            Database::create(engines.new, Side::New)
        )?;
        Ok(Self {
            engines,
            legacy,
            new,
        })
    }

    /// One of them.
    #[must_use]
    pub const fn of(&self, side: Side) -> &Database {
        match side {
            Side::Legacy => &self.legacy,
            Side::New => &self.new,
        }
    }

    /// One of them, to be killed or started again.
    pub const fn of_mut(&mut self, side: Side) -> &mut Database {
        match side {
            Side::Legacy => &mut self.legacy,
            Side::New => &mut self.new,
        }
    }

    /// The keys that have a marker on a side.
    pub async fn dirty(&self, side: Side) -> Result<BTreeSet<Key>> {
        let database = self.of(side);
        let mut dirty = BTreeSet::new();
        for entity in Entity::ALL {
            let outbox = database.our_table(&format!("outbox_{SERVICE}_{}", entity.as_str()));
            let key = database.marker_key(key(side));
            let query = format!("SELECT {key} FROM {outbox}");
            for row in database.query(&query).await? {
                for id in row.into_iter().flatten() {
                    let id = id.parse()?;
                    dirty.insert(Key { entity, id });
                }
            }
        }
        Ok(dirty)
    }

    /// Waits until no marker is left on either side.
    pub async fn drained(&self) -> Result<()> {
        let drained = until("every marker is gone", DRAINED, async || {
            for side in Side::BOTH {
                let dirty = self.dirty(side).await;
                let dirty = dirty.map_err(|error| format!("{error:#}"))?;
                if let Some(first) = dirty.first() {
                    let why = self.refusals(side).await;
                    let count = dirty.len();
                    return Err(format!("{count} on {}, as {first}; {why}", side.as_str()));
                }
            }
            Ok(())
        });
        drained.await.context("the databases do not converge")
    }

    /// What stands in quarantine, for people.
    async fn refusals(&self, side: Side) -> String {
        let table = self.of(side).our_table("quarantine");
        let query = format!("SELECT entity, error FROM {table}");
        match self.of(side).query(&query).await {
            Ok(rows) => format!("in quarantine: {rows:?}"),
            Err(error) => format!("{error:#}"),
        }
    }

    /// Writes every row of both sides into the history, by plain SQL.
    pub async fn record(&self, history: &History) -> Result<()> {
        for side in Side::BOTH {
            for entity in Entity::ALL {
                self.record_table(history, side, entity).await?;
            }
        }
        history.write(&Event::Complete)?;
        history.flush()
    }

    async fn record_table(&self, history: &History, side: Side, entity: Entity) -> Result<()> {
        let (table, key, column) = (table(side, entity), key(side), column(side));
        let query = format!("SELECT {key}, {column} FROM {table}");
        for row in self.of(side).query(&query).await? {
            let [Some(id), Some(value)] = &row[..] else {
                anyhow::bail!("{table} has a row without key or value: {row:?}");
            };
            let value = match entity {
                Entity::Account | Entity::Counter => Value::Number(value.parse()?),
                Entity::Journal | Entity::Seat => Value::Text(value.clone()),
            };
            let key = Key {
                entity,
                id: id.parse()?,
            };
            history.write(&Event::Row { side, key, value })?;
        }
        Ok(())
    }
}
