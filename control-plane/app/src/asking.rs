//! Asking live sidecars.

use std::time::Duration;

use tokio::time::timeout;

use crate::app::ControlPlane;
use crate::error::NoExecutor;
use crate::fleet::{Ask, Service, Unanswered};

/// No sidecar gave an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// No live sidecar is there to be asked.
    #[error(transparent)]
    NoExecutor(#[from] NoExecutor),
    /// The sidecar could not do it.
    #[error("the sidecar could not do it: {0}")]
    Failed(#[from] Unanswered),
    /// The sidecar did not answer in time.
    #[error("the sidecar did not answer within {} s; try again", patience.as_secs())]
    Deadline {
        /// How long it was waited for.
        patience: Duration,
    },
}

impl ControlPlane {
    /// Asks one live sidecar, and the next one when its session ends before it
    /// answers. A sidecar is waited for as long as `patience`.
    pub(crate) async fn ask_any<A: Ask>(
        &self,
        service: &Service,
        ask: &A,
        patience: Duration,
    ) -> Result<A::Found, AskError> {
        for session in service.live(self.at().steady) {
            let asked = self.ask_one(service, &session.session, ask, patience);
            if let Some(answer) = asked.await {
                return answer;
            }
        }
        Err(NoExecutor {
            name: service.name().to_owned(),
        }
        .into())
    }

    /// Asks the sidecar of this session; `None` when the session ended before
    /// it answered.
    pub(crate) async fn ask_one<A: Ask>(
        &self,
        service: &Service,
        session: &str,
        ask: &A,
        patience: Duration,
    ) -> Option<Result<A::Found, AskError>> {
        let asked = service.ask(session, &self.new_id(), ask.question())?;
        match timeout(patience, asked).await {
            Ok(Ok(answer)) => {
                let found = A::found(answer).unwrap_or_else(|| Err(beside_the_point()));
                Some(found.map_err(AskError::from))
            }
            Ok(Err(_)) => None,
            Err(_) => Some(Err(AskError::Deadline { patience })),
        }
    }
}

fn beside_the_point() -> Unanswered {
    Unanswered {
        reason: String::new(),
        side: None,
        why: "it answered another question than it was asked".to_owned(),
    }
}
