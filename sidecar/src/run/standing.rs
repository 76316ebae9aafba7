//! Whether this sidecar can serve, all told.

use std::sync::Arc;

use dualwrite_core::side::Side;
use dualwrite_engine::Engine;
use dualwrite_engine::Readiness;
use dualwrite_ingress::probes::ChecksProbe;
use dualwrite_ingress::serve::ReadinessProbe;
use dualwrite_link::LowerEpoch;
use dualwrite_process::Check;
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

    /// What it is made of, for whoever asks for all of it.
    pub(super) fn checks(&self) -> ChecksProbe {
        let standing = self.clone();
        Arc::new(move || standing.all())
    }

    /// Ready where every check passes; else the first that does not says why.
    fn now(&self) -> Readiness {
        let failed = self.all().into_iter().find_map(|check| check.failed);
        match failed {
            Some(why) => Readiness::NotReady { why },
            None => Readiness::Ready,
        }
    }

    /// Every check, those that explain others first.
    fn all(&self) -> Vec<Check> {
        let ending = self.ending.is_cancelled();
        let ending = ending.then(|| "the sidecar is shutting down".to_owned());
        let lower = self.epochs.borrow().as_ref().map(ToString::to_string);
        let mut all = vec![
            Check::new("shutdown", ending),
            Check::new("largest-epoch", lower),
        ];
        all.extend(self.servers());
        let admission = match self.engine.readiness() {
            Readiness::Ready => None,
            Readiness::NotReady { why } => Some(why),
        };
        all.push(Check::new("writes", admission));
        all
    }

    /// What each server's settings stand in the way of. Of a side that is not
    /// used any more nothing does.
    fn servers(&self) -> impl Iterator<Item = Check> {
        let ended = self.engine.is_plain();
        let used = self.checks.iter();
        let used = used.filter(move |(side, _)| !(ended && *side == Side::Legacy));
        used.map(|(side, told)| {
            let name = match side {
                Side::Legacy => "legacy-settings",
                Side::New => "new-settings",
            };
            Check::new(name, told.borrow().clone())
        })
    }
}
