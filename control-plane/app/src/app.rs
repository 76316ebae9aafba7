//! The handle that everything is done through.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::figures::Counts;
use crate::fleet::{Instants, Registry, Service};
use crate::model::{Migration, MigrationView, PageSize, Transition};
use crate::ports::{Clock, Ids, Store, StoreError};
use crate::publish::Published;
use crate::reconcile::Desk;

/// How long a transition may take before it is taken back. Freezing, draining
/// (3 s at most) and handing over are a matter of seconds; the rest is for
/// finding another executor when the first one dies.
pub const TRANSITION_LIMIT: Duration = Duration::from_secs(30);

/// What a control plane is made of.
#[derive(Debug)]
pub struct Setup {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// New identifiers.
    pub ids: Arc<dyn Ids>,
    /// How long a transition may take: [`TRANSITION_LIMIT`].
    pub transition_limit: Duration,
}

/// The control plane. Clones are the same one.
#[derive(Debug, Clone)]
pub struct ControlPlane {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    setup: Setup,
    registry: Registry,
    wake: Notify,
    desk: Mutex<Desk>,
    counts: Counts,
}

/// The control plane cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// What is stored cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ControlPlane {
    /// Reads what is stored and publishes it. Nothing runs yet: drive
    /// [`ControlPlane::run`] beside the servers.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start(setup: Setup) -> Result<Self, StartError> {
        let inner = Inner {
            setup,
            registry: Registry::default(),
            wake: Notify::new(),
            desk: Mutex::default(),
            counts: Counts::default(),
        };
        let plane = Self {
            inner: Arc::new(inner),
        };
        plane.publish_all().await?;
        Ok(plane)
    }

    async fn publish_all(&self) -> Result<(), StoreError> {
        let mut view = self.store().view().await?;
        let mut after: Option<String> = None;
        loop {
            let size = PageSize::default();
            let page = view.migrations(after.as_deref(), size).await?;
            for migration in &page {
                let running = view.running_transition(&migration.name).await?;
                self.publish(migration, running.as_ref());
            }
            match page.last() {
                Some(last) => after = Some(last.name.clone()),
                None => return Ok(()),
            }
        }
    }

    pub(crate) fn publish(&self, migration: &Migration, running: Option<&Transition>) {
        self.inner
            .registry
            .publish(Published::new(migration, running));
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &*self.inner.setup.store
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.inner.registry
    }

    pub(crate) fn service(&self, name: &str) -> Option<Arc<Service>> {
        self.inner.registry.get(name)
    }

    pub(crate) fn at(&self) -> Instants {
        let clock = &self.inner.setup.clock;
        Instants {
            now: clock.now(),
            steady: clock.steady(),
        }
    }

    pub(crate) fn new_id(&self) -> String {
        self.inner.setup.ids.next()
    }

    pub(crate) fn transition_limit(&self) -> Duration {
        self.inner.setup.transition_limit
    }

    /// What reconcilers remember between two looks; all of it can be lost.
    pub(crate) fn desk(&self) -> MutexGuard<'_, Desk> {
        self.inner
            .desk
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// What was told and heard on all sessions.
    pub(crate) fn counts(&self) -> &Counts {
        &self.inner.counts
    }

    /// Lets the reconcilers look at once.
    pub(crate) fn wake(&self) {
        self.inner.wake.notify_one();
    }

    pub(crate) async fn woken(&self) {
        self.inner.wake.notified().await;
    }

    pub(crate) fn shown(
        &self,
        migration: Migration,
        transition: Option<Transition>,
    ) -> MigrationView {
        let health = self
            .service(&migration.name)
            .map(|service| service.health(self.at().steady, migration.revision));
        MigrationView {
            migration,
            transition,
            health: health.unwrap_or_default(),
        }
    }
}
