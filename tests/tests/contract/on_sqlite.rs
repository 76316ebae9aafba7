//! SQLite, in a file of its own.

use std::sync::Arc;

use async_trait::async_trait;
use dualwrite_core::value::Kind;
use dualwrite_engine::store::Store;
use dualwrite_sqlite::{SqliteConfig, SqliteStore};
use dualwrite_tests::SqliteFile;
use sqlx::AssertSqlSafe;

use crate::suite::bench::Bench;
use crate::suite::ddl::Draft;

/// A file, and one store of it.
pub(crate) struct SqliteBench {
    store: Arc<dyn Store>,
    file: SqliteFile,
}

impl SqliteBench {
    pub(crate) async fn start() -> Self {
        let file = SqliteFile::create().unwrap();
        Self {
            store: open(&file).await,
            file,
        }
    }
}

async fn open(file: &SqliteFile) -> Arc<dyn Store> {
    let mut config = SqliteConfig::from_url(&file.url()).unwrap();
    config.create_if_missing = true;
    Arc::new(SqliteStore::open(config).await.unwrap())
}

const fn native(kind: Kind) -> &'static str {
    match kind {
        Kind::Bool => "BOOLEAN",
        Kind::Int => "BIGINT",
        Kind::UInt => "UNSIGNED BIG INT",
        Kind::Decimal => "DECIMAL_TEXT",
        Kind::Float => "DOUBLE",
        Kind::Text => "VARCHAR(200)",
        Kind::Bytes => "BLOB",
        Kind::Uuid => "UUID",
        Kind::Timestamp => "TIMESTAMP",
        Kind::DateTime => "DATETIME",
        Kind::Date => "DATE",
        Kind::Time => "TIME",
        Kind::Json => "JSON_TEXT",
    }
}

#[async_trait]
impl Bench for SqliteBench {
    fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    async fn another(&self) -> Arc<dyn Store> {
        open(&self.file).await
    }

    async fn create(&self, draft: &Draft) {
        let sql = draft.sql(native, "INTEGER PRIMARY KEY AUTOINCREMENT");
        self.file.execute(&sql).await.unwrap();
    }

    async fn remove_fence(&self, service: &str) {
        let sql = format!("DELETE FROM dualwrite_fence WHERE service = '{service}'");
        self.file.execute(&sql).await.unwrap();
    }

    async fn insert_default(&self, table: &str) -> Option<i64> {
        let mut connection = self.file.connect().await.unwrap();
        let sql = AssertSqlSafe(format!("INSERT INTO {table} DEFAULT VALUES"));
        let done = sqlx::query(sql).execute(&mut connection).await.unwrap();
        Some(done.last_insert_rowid())
    }

    fn kinds(&self) -> Vec<Kind> {
        Kind::ALL.to_vec()
    }

    /// Decimals are texts, so that one value has several of them: mappings
    /// refuse them in keys.
    fn key_kinds(&self) -> Vec<Kind> {
        let kinds = self.kinds().into_iter();
        kinds
            .filter(|kind| kind.is_key() && *kind != Kind::Decimal)
            .collect()
    }
}
