//! Whether this sidecar can serve, all told.

use std::sync::Arc;

use dualwrite_core::side::Side;
use dualwrite_engine::Engine;
use dualwrite_engine::Readiness;
use dualwrite_ingress::serve::ReadinessProbe;
use dualwrite_link::LowerEpoch;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::Checks;

/// What readiness is made of.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    engine: Engine,
    epochs: watch::Receiver<Option<LowerEpoch>>,
    checks: Checks,
    ending: CancellationToken,
}

impl Standing {
    pub(super) const fn new(
        engine: Engine,
        epochs: watch::Receiver<Option<LowerEpoch>>,
        checks: Checks,
        ending: CancellationToken,
    ) -> Self {
        Self {
            engine,
            epochs,
            checks,
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
            None => match self.broken() {
                Some(why) => Readiness::NotReady { why },
                None => self.engine.readiness(),
            },
        }
    }

    /// What a server's settings stand in the way of. Of a side that is not used
    /// any more nothing does.
    fn broken(&self) -> Option<String> {
        let ended = self.engine.is_plain();
        let used = self
            .checks
            .iter()
            .filter(|(side, _)| !(ended && *side == Side::Legacy));
        used.into_iter().find_map(|(_, told)| told.borrow().clone())
    }
}
