//! A database with the application's tables and ours, behind the adapter.

use std::sync::Arc;

use anyhow::{Context, Result};
use dualwrite_core::fence::{Fence, FenceAt};
use dualwrite_core::key::Key;
use dualwrite_core::mapping::{Table, TableColumn};
use dualwrite_core::phase::Phase;
use dualwrite_core::plan::{Cas, StepName};
use dualwrite_core::side::{Role, Side};
use dualwrite_core::spec::TableName;
use dualwrite_core::value::Value;
use dualwrite_engine::store::{
    Change, Condition, InstallRequest, LockMode, LockRequest, Mutation, RowKey, Store, Token,
    WriteTx,
};
use dualwrite_postgres::{PostgresConfig, PostgresStore};
use dualwrite_tests::postgres::Settings;
use dualwrite_tests::rows;
use dualwrite_tests::{Postgres, eventually};
use tokio_postgres::Client;

pub(crate) const SERVICE: &str = "cart";

/// `items` has a row's usual parts; `lines` a key of two parts that refers to it.
const SCHEMA: &str = "
    CREATE TABLE items (id bigint PRIMARY KEY, qty integer DEFAULT 1, note text, label text UNIQUE);
    CREATE TABLE lines (item bigint REFERENCES items, name text COLLATE \"en-x-icu\", price numeric(10,2),
        PRIMARY KEY (item, name));
";

pub(crate) struct World {
    pub(crate) postgres: Postgres,
    pub(crate) url: String,
    pub(crate) store: Arc<PostgresStore>,
    pub(crate) bystander: Client,
    pub(crate) items: Arc<Table>,
    pub(crate) lines: Arc<Table>,
}

impl World {
    /// Installed as primary at epoch 1.
    pub(crate) async fn primary() -> Result<Self> {
        Self::with(Settings::default(), Role::Primary).await
    }

    /// Installed as secondary at epoch 1.
    pub(crate) async fn secondary() -> Result<Self> {
        Self::with(Settings::default(), Role::Secondary).await
    }

    pub(crate) async fn with(settings: Settings, role: Role) -> Result<Self> {
        let postgres = Postgres::with(settings).await?;
        let url = postgres.create_database("cart").await?;
        let bystander = postgres.connect("cart").await?;
        bystander.batch_execute(SCHEMA).await?;
        let store = Arc::new(PostgresStore::connect(&config(&url))?);
        let items = table(&*store, "items", "item").await?;
        let lines = table(&*store, "lines", "line").await?;
        let tables = vec![items.clone(), lines.clone()];
        let request = InstallRequest {
            service: SERVICE.into(),
            tables,
            probes: Vec::new(),
            fence: Some(fence(1, role)),
        };
        store.install(&request).await?;
        Ok(Self {
            postgres,
            url,
            store,
            bystander,
            items,
            lines,
        })
    }

    pub(crate) async fn run(&self, sql: &str) -> Result<()> {
        self.bystander
            .batch_execute(sql)
            .await
            .with_context(|| format!("run {sql}"))
    }

    /// Another session, with these statements done: to hold something while the bystander looks
    /// (inside a transaction, what it sees of other sessions would stand still).
    pub(crate) async fn holding(&self, sql: &str) -> Result<Client> {
        let holder = self.postgres.connect("cart").await?;
        holder
            .batch_execute(sql)
            .await
            .with_context(|| format!("run {sql}"))?;
        Ok(holder)
    }

    /// All rows, cells joined by spaces and rows by `; `.
    pub(crate) async fn rows(&self, query: &str) -> Result<String> {
        let rows = rows::postgres(&self.bystander, query).await?;
        let cell = |cell: Option<String>| cell.unwrap_or_else(|| "null".into());
        let row =
            |row: Vec<Option<String>>| row.into_iter().map(cell).collect::<Vec<_>>().join(" ");
        Ok(rows.into_iter().map(row).collect::<Vec<_>>().join("; "))
    }

    /// Waits until the rows are these.
    pub(crate) async fn until(&self, query: &str, expected: &str) {
        eventually(
            &format!("{query} answers `{expected}`"),
            async || match self.rows(query).await {
                Ok(found) if found == expected => Ok(()),
                found => Err(found),
            },
        )
        .await;
    }

    /// Waits until so many of the adapter's sessions wait for a lock of this kind.
    pub(crate) async fn until_waiting(&self, kind: &str, count: usize) {
        let query = format!(
            "SELECT count(*) FROM pg_stat_activity \
             WHERE application_name LIKE 'dualwrite%' AND wait_event_type = 'Lock' AND wait_event = '{kind}'"
        );
        self.until(&query, &count.to_string()).await;
    }

    /// Waits until no session of the adapter has a transaction open.
    pub(crate) async fn until_quiet(&self) {
        let query = "SELECT count(*) FROM pg_stat_activity \
                     WHERE application_name LIKE 'dualwrite%' AND state <> 'idle'";
        self.until(query, "0").await;
    }

    pub(crate) fn item(&self, id: i64, change: Change) -> Mutation {
        Mutation {
            table: self.items.clone(),
            key: int(id),
            change,
            must_match: false,
        }
    }

    pub(crate) fn item_key(&self, id: i64) -> RowKey {
        RowKey {
            table: self.items.clone(),
            key: int(id),
        }
    }
}

pub(crate) fn config(url: &str) -> PostgresConfig {
    PostgresConfig::new(url, SERVICE)
}

/// A table as the catalog describes it, with its primary key as the key.
pub(crate) async fn table(store: &dyn Store, name: &str, entity: &str) -> Result<Arc<Table>> {
    let wanted = TableName::parse(name)?;
    let catalog = store.describe(std::slice::from_ref(&wanted)).await?;
    let info = catalog
        .table(&wanted)
        .with_context(|| format!("describe {name}"))?;
    let place = |column: &String| info.columns.iter().position(|own| own.name == *column);
    let columns = info.columns.iter().map(|column| {
        Ok(TableColumn {
            name: column.name.clone(),
            native: column.native.clone(),
            kind: column.kind.with_context(|| column.why.clone())?,
            nullable: column.nullable,
            generated: column.generated,
        })
    });
    Ok(Arc::new(Table {
        entity: entity.into(),
        name: info.name.clone(),
        key: info.primary_key.iter().filter_map(place).collect(),
        columns: columns.collect::<Result<_>>()?,
        fk_rank: 0,
        uniques: Vec::new(),
        references: Vec::new(),
    }))
}

pub(crate) fn int(id: i64) -> Key {
    Key::new(vec![Value::Int(id)]).unwrap()
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.into())
}

pub(crate) fn fence(epoch: u64, role: Role) -> Fence {
    Fence {
        epoch,
        role,
        phase: Phase::DualWrite,
        plan_id: format!("plan-{epoch}"),
        settings: format!("{{\"epoch\": {epoch}, \"note\": \"it's\"}}"),
    }
}

pub(crate) fn cas(from: (u64, Role), to: (u64, Role)) -> Cas {
    Cas {
        name: StepName::Freeze,
        side: Side::Legacy,
        from: FenceAt {
            epoch: from.0,
            role: from.1,
        },
        to: fence(to.0, to.1),
    }
}

pub(crate) const FREEZE: ((u64, Role), (u64, Role)) = ((1, Role::Primary), (2, Role::Frozen));

pub(crate) fn freeze() -> Cas {
    cas(FREEZE.0, FREEZE.1)
}

pub(crate) fn tx(mutations: Vec<Mutation>) -> WriteTx {
    WriteTx {
        service: SERVICE.into(),
        epoch: 1,
        token: Some(Token(7)),
        mutations,
        receipt: None,
    }
}

pub(crate) fn locks(buckets: &[u16], mode: LockMode) -> LockRequest {
    LockRequest {
        service: SERVICE.into(),
        epoch: 1,
        buckets: buckets.to_vec(),
        mode,
    }
}

pub(crate) fn upsert(values: &[(usize, Value)]) -> Change {
    Change::Upsert {
        values: values.to_vec(),
    }
}

pub(crate) fn insert(values: &[(usize, Value)]) -> Change {
    Change::Insert {
        values: values.to_vec(),
    }
}

pub(crate) fn add(column: usize, amount: i64) -> Change {
    Change::Update {
        set: vec![],
        add: vec![(column, Value::Int(amount))],
        only_if: Condition::default(),
    }
}

pub(crate) fn delete() -> Change {
    Change::Delete {
        only_if: Condition::default(),
    }
}
