//! The fake.

use std::sync::Arc;

use async_trait::async_trait;
use dualwrite_core::value::Kind;
use dualwrite_engine::fake::FakeStore;
use dualwrite_engine::store::Store;

use crate::drafted::table_of;
use crate::suite::bench::Bench;
use crate::suite::ddl::Draft;

/// A database in memory.
pub(crate) struct MemoryBench {
    store: FakeStore,
}

impl MemoryBench {
    pub(crate) async fn start() -> Self {
        std::future::ready(Self {
            store: FakeStore::new(),
        })
        .await
    }
}

#[async_trait]
impl Bench for MemoryBench {
    fn store(&self) -> Arc<dyn Store> {
        Arc::new(self.store.clone())
    }

    async fn another(&self) -> Arc<dyn Store> {
        self.store()
    }

    async fn create(&self, draft: &Draft) {
        self.store.create_table(table_of(draft));
    }

    async fn remove_fence(&self, service: &str) {
        self.store.remove_fence(service);
    }

    async fn insert_default(&self, _table: &str) -> Option<i64> {
        None
    }

    fn kinds(&self) -> Vec<Kind> {
        Kind::ALL.to_vec()
    }
}
