//! ListEvents: the history of a migration, newest first.

use crate::app::ControlPlane;
use crate::error::MigrationNotFound;
use crate::model::{Event, PageSize};
use crate::ports::StoreError;

/// Events were not listed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListEventsError {
    /// There never was a migration of this name.
    #[error(transparent)]
    NotFound(#[from] MigrationNotFound),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One page of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPage {
    /// Newest first.
    pub events: Vec<Event>,
    /// Give this as `before` for the next page; none when this is the last.
    pub next: Option<u64>,
}

impl ControlPlane {
    /// The history of a migration, also of a deleted one, from the first event
    /// older than the one whose id is `before`.
    ///
    /// # Errors
    /// [`ListEventsError`].
    pub async fn list_events(
        &self,
        name: &str,
        before: Option<u64>,
        size: PageSize,
    ) -> Result<EventPage, ListEventsError> {
        let mut view = self.store().view().await?;
        if view.migration(name).await?.is_none() {
            return Err(MigrationNotFound {
                name: name.to_owned(),
            }
            .into());
        }
        let events = view.events(name, before, size).await?;
        let full = events.len() >= usize::try_from(size.get()).unwrap_or(usize::MAX);
        let next = events.last().filter(|_| full).map(|last| last.id);
        Ok(EventPage { events, next })
    }
}
