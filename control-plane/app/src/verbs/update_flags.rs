//! UpdateFlags: settings that change at any time.

use dualwrite_core::flags::{FlagError, Flags};

use crate::app::ControlPlane;
use crate::change::Change;
use crate::error::{InvalidSpec, MigrationNotFound, StaleRevision};
use crate::model::{Author, EventKind, MigrationView};
use crate::ports::StoreError;

/// A request to change flags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateFlags {
    /// The migration.
    pub name: String,
    /// The new values.
    pub flags: Flags,
    /// The flags that change, by the names that users type; all when empty.
    pub mask: Vec<String>,
    /// The revision that the caller saw, if it minds.
    pub seen: Option<u64>,
    /// Who and why.
    pub author: Author,
}

/// Flags were not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpdateFlagsError {
    /// There is no migration of this name.
    #[error(transparent)]
    NotFound(#[from] MigrationNotFound),
    /// It moved on since the caller saw it.
    #[error(transparent)]
    Stale(#[from] StaleRevision),
    /// The mask names no flag.
    #[error(transparent)]
    Flag(#[from] FlagError),
    /// A value is out of its range.
    #[error(transparent)]
    Invalid(#[from] InvalidSpec),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ControlPlane {
    /// Changes flags. Where nothing changes there is no new revision.
    ///
    /// # Errors
    /// [`UpdateFlagsError`].
    pub async fn update_flags(
        &self,
        request: UpdateFlags,
    ) -> Result<MigrationView, UpdateFlagsError> {
        let mut change =
            Change::open::<UpdateFlagsError>(self, &request.name, request.seen).await?;
        let before = change.migration.spec.flags.clone();
        let after = merged(&before, &request)?;
        if after == before {
            return Ok(self.shown(change.migration, change.running));
        }
        let violations = after.validate();
        if !violations.is_empty() {
            return Err(InvalidSpec { violations }.into());
        }
        let (from, to) = differences(&before, &after)?;
        change.migration.spec.flags = after;
        change.revise::<UpdateFlagsError>(&request.author).await?;
        change
            .note(EventKind::FlagsChanged, &request.author, from, to)
            .await?;
        let (migration, running) = change.commit(self).await?;
        Ok(self.shown(migration, running))
    }
}

fn merged(before: &Flags, request: &UpdateFlags) -> Result<Flags, FlagError> {
    if request.mask.is_empty() {
        return Ok(request.flags.clone());
    }
    let mut after = before.clone();
    for name in &request.mask {
        after.set(name, &request.flags.get(name)?)?;
    }
    Ok(after)
}

/// The flags that differ, before and after, as `name=value` texts.
pub(super) fn differences(before: &Flags, after: &Flags) -> Result<(String, String), FlagError> {
    let (mut from, mut to) = (Vec::new(), Vec::new());
    for name in Flags::names() {
        let (old, new) = (before.get(name)?, after.get(name)?);
        if old != new {
            from.push(format!("{name}={old}"));
            to.push(format!("{name}={new}"));
        }
    }
    Ok((from.join(" "), to.join(" ")))
}
