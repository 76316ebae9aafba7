//! A secondary that runs and does not do as it is told.

use anyhow::Result;
use dualwrite_tests::sqlite;

use super::{Nemesis, wait};
use crate::bed::{Database, SERVICE, column, key, table};
use crate::engines::Engine;
use crate::history::{Entity, Side};

/// The name of what refuses rows.
const REFUSAL: &str = "refuses_some";

impl Nemesis<'_> {
    pub(super) async fn take_permission(&mut self, ms: u64) -> Result<()> {
        let primary = self.stage.primary().await?;
        let side = primary.other();
        let accounts = table(side, Entity::Account);
        let database = self.stage.bed.of(side);
        let user = database.user();
        let take = format!("REVOKE INSERT, UPDATE, DELETE ON {accounts} FROM {user}");
        let give = format!("GRANT INSERT, UPDATE, DELETE ON {accounts} TO {user}");
        database.execute(&take).await?;
        wait(ms).await;
        database.execute(&give).await?;
        self.caught_up(primary).await
    }

    pub(super) async fn refuse_rows(&mut self, ms: u64) -> Result<()> {
        let primary = self.stage.primary().await?;
        let side = primary.other();
        let database = self.stage.bed.of(side);
        let (refuse, accept) = refusal(database.engine(), side);
        database.execute(&refuse).await?;
        wait(ms).await;
        database.execute(&accept).await?;
        self.caught_up(primary).await
    }

    pub(super) async fn lock_table(&mut self, ms: u64) -> Result<()> {
        let primary = self.stage.primary().await?;
        let side = primary.other();
        let accounts = table(side, Entity::Account);
        // The connection's end is the lock's.
        match self.stage.bed.of(side) {
            Database::Postgres(server) => {
                let client = server.connect(SERVICE).await?;
                let lock = format!("BEGIN; LOCK TABLE {accounts} IN EXCLUSIVE MODE");
                client.batch_execute(&lock).await?;
                wait(ms).await;
                client.batch_execute("ROLLBACK").await?;
            }
            Database::Sqlite(file) => {
                let mut connection = file.connect().await?;
                sqlite::execute(&mut connection, "PRAGMA busy_timeout = 30000").await?;
                sqlite::execute(&mut connection, "BEGIN IMMEDIATE").await?;
                wait(ms).await;
                sqlite::execute(&mut connection, "ROLLBACK").await?;
            }
        }
        self.caught_up(primary).await
    }
}

/// The statements that make a side refuse one account in five, and that end it.
fn refusal(engine: Engine, side: Side) -> (String, String) {
    let accounts = table(side, Entity::Account);
    let (key, column) = (key(side), column(side));
    match engine {
        Engine::Postgres => (
            format!(
                "SET lock_timeout = '20s'; ALTER TABLE {accounts} \
                 ADD CONSTRAINT {REFUSAL} CHECK ({key} % 5 <> 2 OR {column} IS NULL) NOT VALID"
            ),
            format!("SET lock_timeout = '20s'; ALTER TABLE {accounts} DROP CONSTRAINT {REFUSAL}"),
        ),
        Engine::Sqlite => {
            let on = |event: &str| {
                format!(
                    "CREATE TRIGGER {REFUSAL}_{event} BEFORE {event} ON {accounts} \
                     WHEN NEW.{key} % 5 = 2 BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {REFUSAL}'); END;"
                )
            };
            (
                format!("{} {}", on("INSERT"), on("UPDATE")),
                format!("DROP TRIGGER {REFUSAL}_INSERT; DROP TRIGGER {REFUSAL}_UPDATE"),
            )
        }
    }
}
