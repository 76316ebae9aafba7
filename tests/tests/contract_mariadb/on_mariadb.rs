//! MariaDB, on a server of its own.

use std::sync::Arc;

use async_trait::async_trait;
use dualwrite_core::value::{Kind, Value};
use dualwrite_engine::store::Store;
use dualwrite_mysql::{MysqlConfig, MysqlStore};
use dualwrite_tests::{Mariadb, mariadb};
use sqlx::AssertSqlSafe;

use crate::suite::bench::Bench;
use crate::suite::ddl::Draft;
use crate::suite::samples::samples;

/// What a `timestamp` holds, in microseconds.
const TIMESTAMPS: std::ops::Range<i64> = 1_000_000..2_147_483_648_000_000;

/// A server with one database, and one store of it.
pub(crate) struct MariadbBench {
    store: Arc<dyn Store>,
    url: String,
    _server: Mariadb,
}

impl MariadbBench {
    pub(crate) async fn start() -> Self {
        let server = Mariadb::start().await.unwrap();
        let url = server.create_database("shop").await.unwrap();
        Self {
            store: connect(&url),
            url,
            _server: server,
        }
    }

    async fn execute(&self, sql: &str) {
        let mut connection = mariadb::connect(&self.url).await.unwrap();
        // As the cases write their names.
        let sql = format!("SET sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES'); {sql}");
        mariadb::execute(&mut connection, &sql).await.unwrap();
    }
}

fn connect(url: &str) -> Arc<dyn Store> {
    Arc::new(MysqlStore::connect(&MysqlConfig::new(url)).unwrap())
}

const fn native(kind: Kind) -> &'static str {
    match kind {
        Kind::Bool => "boolean",
        Kind::Int => "bigint",
        Kind::UInt => "bigint unsigned",
        Kind::Decimal => "decimal(65,30)",
        Kind::Float => "double",
        Kind::Text => "varchar(200)",
        Kind::Bytes => "varbinary(200)",
        Kind::Uuid => "uuid",
        Kind::Timestamp => "timestamp(6)",
        Kind::DateTime => "datetime(6)",
        Kind::Date => "date",
        Kind::Time => "time(6)",
        Kind::Json => "json",
    }
}

#[async_trait]
impl Bench for MariadbBench {
    fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    async fn another(&self) -> Arc<dyn Store> {
        connect(&self.url)
    }

    async fn create(&self, draft: &Draft) {
        // A timestamp that is not said to may be NULL may not.
        let sql = draft.sql(native, "bigint NOT NULL AUTO_INCREMENT PRIMARY KEY");
        self.execute(&sql.replace("timestamp(6),", "timestamp(6) NULL,"))
            .await;
    }

    async fn remove_fence(&self, service: &str) {
        let sql = format!("DELETE FROM dualwrite_fence WHERE service = '{service}'");
        self.execute(&sql).await;
    }

    async fn insert_default(&self, table: &str) -> Option<i64> {
        let mut connection = mariadb::connect(&self.url).await.unwrap();
        let sql = AssertSqlSafe(format!("INSERT INTO {table} () VALUES ()"));
        let done = sqlx::query(sql).execute(&mut connection).await.unwrap();
        i64::try_from(done.last_insert_id()).ok()
    }

    fn kinds(&self) -> Vec<Kind> {
        Kind::ALL.to_vec()
    }

    /// There is neither NaN nor infinity, and a `timestamp` begins in 1970 and
    /// ends in 2038: such values are refused, as the adapter's own tests show.
    fn samples(&self, kind: Kind) -> Vec<Value> {
        let mut samples = samples(kind);
        samples.retain(|value| {
            !matches!(value, Value::Float(float) if !float.is_finite())
                && !matches!(value, Value::Timestamp(micros) if !TIMESTAMPS.contains(micros))
        });
        samples
    }
}
