//! What the parts of the engine share.

use std::sync::Arc;

use arc_swap::{ArcSwap, ArcSwapOption};
use dualwrite_core::side::Side;
use dualwrite_core::spec::Entity;

use crate::breaker::Breaker;
use crate::compare::Comparing;
use crate::executor::Running;
use crate::hold::Hold;
use crate::meter::Meter;
use crate::ports::Entropy;
use crate::probes::Leftovers;
use crate::relay::{Cleaner, RelayQueue};
use crate::store::{Store, StoreError, Token};
use crate::view::Settings;
use crate::watcher::Watcher;

/// Both databases; one that is not configured counts as unreachable.
#[derive(Debug, Clone)]
pub struct Stores {
    /// The legacy side.
    pub legacy: Option<Arc<dyn Store>>,
    /// The new side.
    pub new: Option<Arc<dyn Store>>,
}

impl Stores {
    /// One side's database.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it is not configured.
    pub fn get(&self, side: Side) -> Result<&Arc<dyn Store>, StoreError> {
        let store = match side {
            Side::Legacy => self.legacy.as_ref(),
            Side::New => self.new.as_ref(),
        };
        store.ok_or_else(|| StoreError::Unavailable(format!("no URL is set for {side}")))
    }
}

/// Everything that the parts of one engine have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) service: Arc<str>,
    pub(crate) stores: Stores,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) settings: ArcSwap<Settings>,
    /// The entities of a migration that has ended; there is no way back.
    pub(crate) ended: ArcSwapOption<Vec<Entity>>,
    pub(crate) watcher: Watcher,
    pub(crate) hold: Hold,
    pub(crate) relay: RelayQueue,
    pub(crate) cleaner: Cleaner,
    pub(crate) meter: Meter,
    pub(crate) breaker: Breaker,
    pub(crate) comparing: Comparing,
    pub(crate) running: Running,
    pub(crate) leftovers: Leftovers,
}

impl Shared {
    pub(crate) fn new(service: &str, stores: Stores, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            service: service.into(),
            stores,
            entropy,
            settings: ArcSwap::from_pointee(Settings::default()),
            ended: ArcSwapOption::empty(),
            watcher: Watcher::new(),
            hold: Hold::default(),
            relay: RelayQueue::default(),
            cleaner: Cleaner::default(),
            meter: Meter::default(),
            breaker: Breaker::default(),
            comparing: Comparing::default(),
            running: Running::default(),
            leftovers: Leftovers::default(),
        }
    }

    pub(crate) fn store(&self, side: Side) -> Result<&Arc<dyn Store>, StoreError> {
        self.stores.get(side)
    }

    /// A token for one transaction's markers.
    pub(crate) fn token(&self) -> Token {
        Token(i64::from_ne_bytes(self.entropy.next_u64().to_ne_bytes()))
    }
}
