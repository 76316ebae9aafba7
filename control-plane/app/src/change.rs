//! One change of one migration, as one unit of work.

use crate::app::ControlPlane;
use crate::error::{MigrationNotFound, StaleRevision};
use crate::model::{Author, Event, EventKind, Migration, Millis, Revision, Transition};
use crate::ports::{SaveError, StoreError, Work};

/// One change of one migration: what was read, what becomes of it, and the
/// unit of work that both belong to.
pub(crate) struct Change {
    pub(crate) work: Box<dyn Work>,
    pub(crate) migration: Migration,
    pub(crate) running: Option<Transition>,
    pub(crate) now: Millis,
    read: u64,
}

impl Change {
    /// Begins a change of an existing migration. `seen` is the revision that
    /// the caller saw, if it minds.
    pub(crate) async fn open<E>(
        plane: &ControlPlane,
        name: &str,
        seen: Option<u64>,
    ) -> Result<Self, E>
    where
        E: From<MigrationNotFound> + From<StaleRevision> + From<StoreError>,
    {
        let work = plane.store().begin().await?;
        let change = Self::read(plane, work, name).await?;
        let change = change.ok_or_else(|| MigrationNotFound {
            name: name.to_owned(),
        })?;
        change.expect(seen)?;
        Ok(change)
    }

    /// The migration in a unit of work that was begun already, unless there is
    /// none or it is deleted.
    pub(crate) async fn read(
        plane: &ControlPlane,
        mut work: Box<dyn Work>,
        name: &str,
    ) -> Result<Option<Self>, StoreError> {
        let migration = work.migration(name).await?;
        let Some(migration) = migration.filter(|migration| migration.deleted.is_none()) else {
            return Ok(None);
        };
        let running = work.running_transition(name).await?;
        let read = migration.revision;
        Ok(Some(Self {
            work,
            migration,
            running,
            now: plane.at().now,
            read,
        }))
    }

    /// Refuses when the caller saw another revision than there is.
    pub(crate) fn expect(&self, seen: Option<u64>) -> Result<(), StaleRevision> {
        match seen {
            Some(seen) if seen != self.migration.revision => Err(StaleRevision {
                name: self.migration.name.clone(),
                seen,
                current: self.migration.revision,
            }),
            Some(_) | None => Ok(()),
        }
    }

    /// Saves the migration as its next revision.
    pub(crate) async fn revise<E>(&mut self, author: &Author) -> Result<(), E>
    where
        E: From<StaleRevision> + From<StoreError>,
    {
        self.migration.revision = self.read + 1;
        self.migration.updated = self.now;
        self.save::<E>().await?;
        self.work
            .append_revision(&revision(&self.migration, author))
            .await?;
        Ok(())
    }

    /// Saves what is known of the migration without a new revision: nothing
    /// that sidecars are told has changed.
    pub(crate) async fn save<E>(&mut self) -> Result<(), E>
    where
        E: From<StaleRevision> + From<StoreError>,
    {
        self.work
            .save_migration(&self.migration, self.read)
            .await
            .map_err(|error| match error {
                SaveError::Stale(stale) => E::from(stale),
                SaveError::Store(store) => E::from(store),
            })
    }

    /// Appends an event to the history.
    pub(crate) async fn note(
        &mut self,
        kind: EventKind,
        author: &Author,
        before: impl Into<String>,
        after: impl Into<String>,
    ) -> Result<(), StoreError> {
        let event = Event {
            id: 0,
            migration: self.migration.name.clone(),
            revision: self.migration.revision,
            time: self.now,
            actor: author.actor.clone(),
            kind,
            reason: author.reason.clone(),
            before: before.into(),
            after: after.into(),
        };
        self.work.append_event(&event).await
    }

    /// Commits, publishes, and wakes whoever waits or reconciles.
    pub(crate) async fn commit(
        self,
        plane: &ControlPlane,
    ) -> Result<(Migration, Option<Transition>), StoreError> {
        let Self {
            work,
            migration,
            running,
            ..
        } = self;
        work.commit().await?;
        let running = running.filter(|running| !running.state.ended());
        plane.publish(&migration, running.as_ref());
        plane.wake();
        Ok((migration, running))
    }
}

/// The version that a migration is at.
pub(crate) fn revision(migration: &Migration, author: &Author) -> Revision {
    Revision {
        migration: migration.name.clone(),
        revision: migration.revision,
        phase: migration.phase,
        epoch: migration.epoch,
        spec: migration.spec.clone(),
        time: migration.updated,
        actor: author.actor.clone(),
        reason: author.reason.clone(),
    }
}

/// Where a migration is, in the history's words.
pub(crate) fn place(migration: &Migration) -> String {
    format!("{}, epoch {}", migration.phase, migration.epoch)
}
