//! The end of a migration, with the sidecar that removes, the control plane, or
//! both killed at every step: it ends by itself, and both schemas are as they
//! were before anything of ours was there.

use std::sync::Arc;

use dualwrite_client::{DualwriteClient, fields};
use dualwrite_proto::v1::retirement::State;
use dualwrite_tests::cart::{Which, manifest_of};
use dualwrite_tests::fleet::RunningFleet;
use dualwrite_tests::service::{CART, Database};
use dualwrite_tests::{Fleet, Operator, Postgres, SqliteFile, eventually};
use futures_util::future::join_all;

/// A step of the end, what keeps it from going further, and how it is seen.
struct Step {
    name: &'static str,
    /// Tables of ours that somebody reads all the while: they cannot go.
    held: &'static [(Which, &'static str)],
    reached: Reached,
}

/// How it is seen that a step was reached.
enum Reached {
    /// The end is decided.
    Decided,
    /// It waits for this side.
    Waits(&'static str),
    /// This table of ours is gone from that side.
    Gone(Which, &'static str),
}

/// Every step on PostgreSQL, in order. On each side, what is the service's own
/// goes in one transaction, and what all services share in a second one.
const ON_POSTGRES: [Step; 6] = [
    Step {
        name: "decided",
        held: &[],
        reached: Reached::Decided,
    },
    Step {
        name: "own_on_legacy",
        held: &[(Which::Legacy, "gate_cart"), (Which::New, "gate_cart")],
        reached: Reached::Waits("legacy"),
    },
    Step {
        name: "shared_on_legacy",
        held: &[(Which::Legacy, "fence"), (Which::New, "gate_cart")],
        reached: Reached::Gone(Which::Legacy, "gate_cart"),
    },
    Step {
        name: "own_on_new",
        held: &[(Which::New, "gate_cart")],
        reached: Reached::Gone(Which::Legacy, "fence"),
    },
    Step {
        name: "shared_on_new",
        held: &[(Which::New, "fence")],
        reached: Reached::Gone(Which::New, "gate_cart"),
    },
    Step {
        name: "told",
        held: &[],
        reached: Reached::Gone(Which::New, "fence"),
    },
];

/// On SQLite a side goes in one transaction.
const ON_SQLITE: [Step; 3] = [
    Step {
        name: "decided",
        held: &[],
        reached: Reached::Decided,
    },
    Step {
        name: "on_new",
        held: &[(Which::New, "fence")],
        reached: Reached::Gone(Which::Legacy, "fence"),
    },
    Step {
        name: "told",
        held: &[],
        reached: Reached::Gone(Which::New, "fence"),
    },
];

/// Who is killed.
#[derive(Debug, Clone, Copy)]
enum Victims {
    Sidecar,
    ControlPlane,
    Both,
}

/// Somebody who reads a table, and whom a removal waits for.
enum Holder {
    Postgres(tokio_postgres::Client),
    Sqlite(sqlx::SqliteConnection),
}

impl Holder {
    async fn of(database: &Database, table: &str) -> Self {
        match database {
            Database::Postgres { server, name } => {
                let client = server.connect(name).await.unwrap();
                let hold = format!("BEGIN; LOCK TABLE dualwrite.{table} IN ACCESS SHARE MODE");
                client.batch_execute(&hold).await.unwrap();
                Self::Postgres(client)
            }
            Database::Sqlite(file) => {
                let mut connection = file.connect().await.unwrap();
                let hold = sqlx::query("BEGIN IMMEDIATE");
                hold.execute(&mut connection).await.unwrap();
                Self::Sqlite(connection)
            }
        }
    }

    async fn release(self) {
        match self {
            Self::Postgres(client) => client.batch_execute("ROLLBACK").await.unwrap(),
            Self::Sqlite(mut connection) => {
                let release = sqlx::query("ROLLBACK");
                release.execute(&mut connection).await.unwrap();
            }
        }
    }
}

/// One migration in its last phase, with databases of its own.
struct Place {
    legacy: Database,
    new: Database,
    before: [String; 2],
    fleet: RunningFleet,
    operator: Operator,
}

impl Place {
    async fn on(legacy: Database, new: Database) -> Self {
        for (which, database) in [(Which::Legacy, &legacy), (Which::New, &new)] {
            let script = CART.script(which, database.dialect());
            database.execute(&script).await.unwrap();
        }
        let before = [legacy.schema().await.unwrap(), new.schema().await.unwrap()];
        let fleet = Fleet::of("cart", legacy.url(), new.url());
        let mut fleet = fleet.start().await.unwrap();
        let operator = Operator::of("cart", &fleet.control_plane_url()).unwrap();
        let manifest = manifest_of("cart", "new_only", &["cart"]);
        operator.apply(&manifest).await.unwrap();
        fleet.add_sidecar().await.unwrap();
        operator.followed_by(1).await.unwrap();
        Self {
            legacy,
            new,
            before,
            fleet,
            operator,
        }
    }

    fn of(&self, which: Which) -> &Database {
        match which {
            Which::Legacy => &self.legacy,
            Which::New => &self.new,
        }
    }

    async fn reached(&self, reached: &Reached) {
        let end = async |what: &str, holds: &dyn Fn(&dualwrite_proto::v1::Retirement) -> bool| {
            self.operator.ended(what, holds).await.unwrap();
        };
        match reached {
            Reached::Decided => end("it is decided", &|end| !end.reason.is_empty()).await,
            Reached::Waits(side) => {
                end("it waits", &|end| end.waiting_for.contains(side)).await;
            }
            Reached::Gone(which, table) => {
                eventually(&format!("{table} is gone from {which:?}"), async || {
                    self.is_gone(*which, table).await
                })
                .await;
            }
        }
    }

    async fn is_gone(&self, which: Which, table: &str) -> bool {
        let database = self.of(which);
        let query = match database {
            Database::Postgres { .. } => format!(
                "SELECT count(*) FROM pg_tables WHERE schemaname = 'dualwrite' AND tablename = '{table}'"
            ),
            Database::Sqlite(_) => {
                format!("SELECT count(*) FROM sqlite_schema WHERE name = 'dualwrite_{table}'")
            }
        };
        let rows = database.query(&query).await;
        rows.is_ok_and(|rows| rows[0][0].as_deref() == Some("0"))
    }

    async fn kill(&mut self, victims: Victims) {
        let (sidecar, control_plane) = match victims {
            Victims::Sidecar => (true, false),
            Victims::ControlPlane => (false, true),
            Victims::Both => (true, true),
        };
        if sidecar {
            self.fleet.sidecar(0).unwrap().kill9().await.unwrap();
        }
        if control_plane {
            self.fleet.control_plane().unwrap().kill9().await.unwrap();
        }
    }

    async fn restart(&mut self, victims: Victims) {
        if matches!(victims, Victims::ControlPlane | Victims::Both) {
            self.fleet.restart_control_plane().await.unwrap();
        }
        if matches!(victims, Victims::Sidecar | Victims::Both) {
            self.fleet.restart_sidecar(0).await.unwrap();
        }
    }

    /// Writes a cart through the sidecar.
    async fn write(&self, id: i64) {
        let url = self.fleet.sidecar_url(0).unwrap();
        let client = DualwriteClient::connect(&url).unwrap();
        eventually("a write is taken", async || {
            let values = fields! { id: id, user_id: "u", state: "open" };
            client.write().upsert("cart", values).send().await
        })
        .await;
    }
}

/// Retires, kills at the step, lets go, and looks at what became of it.
async fn killed_at(step: &Step, victims: Victims, mut place: Place) {
    place.write(1).await;
    let mut holders = Vec::new();
    for (which, table) in step.held {
        holders.push(Holder::of(place.of(*which), table).await);
    }
    let operator = place.operator.clone();
    // Nobody waits for its answer: it may be killed with the control plane.
    let asking = async {
        operator.retire("the end").await.ok();
        std::future::pending::<()>().await;
    };
    let killing = async {
        place.reached(&step.reached).await;
        place.kill(victims).await;
    };
    tokio::select! {
        () = asking => {}
        () = killing => {}
    }
    for holder in holders {
        holder.release().await;
    }
    place.restart(victims).await;

    let what = format!("{}, {victims:?} killed: it ends", step.name);
    let ended = place
        .operator
        .ended(&what, |end| end.state() == State::Done);
    let end = ended.await.unwrap();
    assert_eq!(end.removals.len(), 2, "{end:?}");
    for removal in &end.removals {
        assert_eq!(removal.left, Vec::<String>::new(), "{end:?}");
        assert_eq!(removal.schema_before, removal.schema_after, "{end:?}");
    }
    let after = [
        place.legacy.schema().await.unwrap(),
        place.new.schema().await.unwrap(),
    ];
    assert_eq!(after, place.before, "{what}");
    place.write(2).await;
    let carts = place.new.query("SELECT id FROM carts ORDER BY id").await;
    let carts: Vec<Option<String>> = carts.unwrap().into_iter().flatten().collect();
    assert_eq!(
        carts,
        [Some("1".to_owned()), Some("2".to_owned())],
        "{what}"
    );
}

/// All steps at once, each on databases of its own.
async fn every_step_on_postgresql(victims: Victims) {
    let server = Arc::new(Postgres::start().await.unwrap());
    let case = async |step: &Step| {
        let database = async |side: &str| {
            let name: &'static str = format!("{}_{side}", step.name).leak();
            server.create_database(name).await.unwrap();
            let server = Arc::clone(&server);
            Database::Postgres { server, name }
        };
        let place = Place::on(database("legacy").await, database("new").await).await;
        killed_at(step, victims, place).await;
    };
    join_all(ON_POSTGRES.iter().map(case)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_on_postgresql_survives_a_killed_sidecar_at_every_step() {
    every_step_on_postgresql(Victims::Sidecar).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_on_postgresql_survives_a_killed_control_plane_at_every_step() {
    every_step_on_postgresql(Victims::ControlPlane).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_on_postgresql_survives_the_death_of_both_at_every_step() {
    every_step_on_postgresql(Victims::Both).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_on_sqlite_survives_the_death_of_both_at_every_step() {
    let file = || Database::Sqlite(Arc::new(SqliteFile::create().unwrap()));
    let case = async |step: &Step| {
        killed_at(step, Victims::Both, Place::on(file(), file()).await).await;
    };
    join_all(ON_SQLITE.iter().map(case)).await;
}
