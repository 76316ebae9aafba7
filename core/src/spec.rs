//! What a migration is set to: flags, guards, and its entities with their
//! columns. The serialised form is the one that a manifest has under `spec`.

mod entity;
mod names;
mod table;
mod validate;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use entity::{Capture, Column, Entity};
pub use names::{MAX_COLUMNS, MAX_IDENTIFIER, MAX_NAME, check_name, outbox_name};
pub use table::{TableName, TableNameError};

use crate::flags::Flags;
use crate::guard::GuardPolicy;

/// The content of a manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Spec {
    /// Settings that change at any time.
    #[serde(default)]
    pub flags: Flags,
    /// The limits that a transition must keep.
    #[serde(default)]
    pub guards: GuardPolicy,
    /// Whether markers are kept while there is no secondary, so that going
    /// back catches up from them.
    #[serde(default = "yes")]
    pub keep_markers: bool,
    /// The kinds of rows that the service owns.
    pub entities: Vec<Entity>,
}

impl Default for Spec {
    fn default() -> Self {
        Self {
            flags: Flags::default(),
            guards: GuardPolicy::default(),
            keep_markers: true,
            entities: Vec::new(),
        }
    }
}

impl Spec {
    /// The entity of this name.
    #[must_use]
    pub fn entity(&self, name: &str) -> Option<&Entity> {
        self.entities.iter().find(|entity| entity.name == name)
    }
}

const fn yes() -> bool {
    true
}
