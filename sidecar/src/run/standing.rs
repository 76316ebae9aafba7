//! Whether this sidecar can serve, all told.

use std::sync::Arc;

use dualwrite_engine::Engine;
use dualwrite_engine::Readiness;
use dualwrite_ingress::serve::ReadinessProbe;
use dualwrite_link::LowerEpoch;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// What readiness is made of.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    engine: Engine,
    epochs: watch::Receiver<Option<LowerEpoch>>,
    ending: CancellationToken,
}

impl Standing {
    pub(super) const fn new(
        engine: Engine,
        epochs: watch::Receiver<Option<LowerEpoch>>,
        ending: CancellationToken,
    ) -> Self {
        Self {
            engine,
            epochs,
            ending,
        }
    }

    /// The question, for whoever asks it again and again.
    pub(super) fn probe(&self) -> ReadinessProbe {
        let standing = self.clone();
        Arc::new(move || standing.now())
    }

    fn now(&self) -> Readiness {
        if self.ending.is_cancelled() {
            let why = "the sidecar is shutting down".to_owned();
            return Readiness::NotReady { why };
        }
        match self.epochs.borrow().as_ref() {
            Some(lower) => Readiness::NotReady {
                why: lower.to_string(),
            },
            None => self.engine.readiness(),
        }
    }
}
