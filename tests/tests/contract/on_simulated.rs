//! The simulated server.

use std::sync::Arc;

use async_trait::async_trait;
use dualwrite_core::value::Kind;
use dualwrite_engine::store::Store;
use dualwrite_sim::server::{Flavour, Server};
use dualwrite_sim::store::SimStore;

use crate::drafted::table_of;
use crate::suite::bench::Bench;
use crate::suite::ddl::Draft;

/// A simulated server.
pub(crate) struct SimulatedBench {
    server: Arc<Server>,
}

impl SimulatedBench {
    pub(crate) async fn postgres() -> Self {
        Self::start(Flavour::Postgres).await
    }

    pub(crate) async fn innodb() -> Self {
        Self::start(Flavour::InnoDb).await
    }

    async fn start(flavour: Flavour) -> Self {
        let server = Server::new("simulated", flavour);
        std::future::ready(Self { server }).await
    }
}

#[async_trait]
impl Bench for SimulatedBench {
    fn store(&self) -> Arc<dyn Store> {
        Arc::new(SimStore::fair(&self.server))
    }

    async fn another(&self) -> Arc<dyn Store> {
        self.store()
    }

    async fn create(&self, draft: &Draft) {
        self.server.create_table(table_of(draft));
    }

    async fn remove_fence(&self, service: &str) {
        self.server.remove_fence(service);
    }

    async fn insert_default(&self, _table: &str) -> Option<i64> {
        None
    }

    fn kinds(&self) -> Vec<Kind> {
        Kind::ALL.to_vec()
    }
}
