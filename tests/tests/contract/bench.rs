//! What a case needs of an engine besides its `Store`.

use std::sync::Arc;

use async_trait::async_trait;
use dualwrite_core::value::{Kind, Value};
use dualwrite_engine::store::Store;

use crate::suite::ddl::Draft;
use crate::suite::samples;

/// One engine with a fresh, empty database.
#[async_trait]
pub(crate) trait Bench: Send + Sync {
    /// A store of the database.
    fn store(&self) -> Arc<dyn Store>;

    /// Another store of the same database, as another sidecar has it.
    async fn another(&self) -> Arc<dyn Store>;

    /// Creates a table of the application.
    async fn create(&self, draft: &Draft);

    /// Takes a fence row away, past the port.
    async fn remove_fence(&self, service: &str);

    /// Inserts a row of defaults past the port, as another writer would, and
    /// answers the key that the table's sequence gave it; `None` on an engine
    /// that has no sequences.
    async fn insert_default(&self, table: &str) -> Option<i64>;

    /// The kinds that the engine holds, and how the suite declares them.
    fn kinds(&self) -> Vec<Kind>;

    /// Kinds that may be in a key.
    fn key_kinds(&self) -> Vec<Kind> {
        self.kinds()
            .into_iter()
            .filter(|kind| kind.is_key())
            .collect()
    }

    /// Values of a kind, without those that the engine is documented to refuse.
    fn samples(&self, kind: Kind) -> Vec<Value> {
        samples::samples(kind)
    }

    /// The same for a column of a key.
    fn key_samples(&self, kind: Kind) -> Vec<Value> {
        self.samples(kind)
    }
}
