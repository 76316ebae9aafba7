//! A sidecar takes a seat.

use std::sync::{Arc, OnceLock};

use tokio::sync::mpsc;

use super::session::Session;
use super::{COMMANDS, Commands, Hello, Seat, Service};
use crate::app::ControlPlane;
use crate::error::MigrationNotFound;
use crate::model::Millis;
use crate::ports::StoreError;

/// A sidecar did not get a seat.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// There is no migration of its service (yet); it should try again.
    #[error(transparent)]
    NotFound(#[from] MigrationNotFound),
    /// It did not say who it is.
    #[error("a sidecar must say its service and its instance")]
    Nameless,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ControlPlane {
    /// Gives a sidecar a seat. The first of its commands is the newest
    /// settings. An older session of the same instance ends.
    ///
    /// # Errors
    /// [`JoinError`].
    pub async fn join(&self, hello: Hello) -> Result<(Seat, Commands), JoinError> {
        if hello.service.is_empty() || hello.instance.is_empty() {
            return Err(JoinError::Nameless);
        }
        let not_found = || MigrationNotFound {
            name: hello.service.clone(),
        };
        let service = self.service(&hello.service).ok_or_else(not_found)?;
        let newest = service.published().ok_or_else(not_found)?.revision;
        let (queue, directed) = mpsc::channel(COMMANDS);
        let end = Arc::new(OnceLock::new());
        let session = self.seated(&hello, newest, queue, Arc::clone(&end));
        let mut work = self.store().begin().await?;
        work.put_sidecar(&session.record(service.name())).await?;
        work.commit().await?;
        Ok(self.seat(service, session, directed, end))
    }

    fn seat(
        &self,
        service: Arc<Service>,
        session: Session,
        directed: mpsc::Receiver<super::Command>,
        end: Arc<OnceLock<super::End>>,
    ) -> (Seat, Commands) {
        let id = self.new_id();
        let updates = service.updates();
        service.admit(&id, session);
        self.wake();
        tracing::info!(
            service = service.name(),
            session = id,
            "a sidecar took a seat"
        );
        (
            Seat {
                plane: self.clone(),
                service,
                session: id,
            },
            Commands {
                updates,
                directed,
                end,
            },
        )
    }

    fn seated(
        &self,
        hello: &Hello,
        newest: u64,
        queue: mpsc::Sender<super::Command>,
        end: Arc<OnceLock<super::End>>,
    ) -> Session {
        let at = self.at();
        Session {
            instance: hello.instance.clone(),
            version: hello.version.clone(),
            connected: at.now,
            last_seen: at.now,
            last_heard: at.steady,
            acked: if hello.revision <= newest {
                hello.revision
            } else {
                0
            },
            nack: None,
            legacy: None,
            new: None,
            fences_at: Millis(0),
            backlogs: Vec::new(),
            reported: None,
            pools: Vec::new(),
            comparisons: Vec::new(),
            queue,
            end,
        }
    }
}
