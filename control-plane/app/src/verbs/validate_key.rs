//! ValidateKey: a live sidecar does the exact check of one key. No value of
//! any row comes here.

use std::collections::BTreeMap;
use std::time::Duration;

use dualwrite_core::spec::Entity;
use dualwrite_core::suggest;

use crate::app::ControlPlane;
use crate::asking::AskError;
use crate::error::{MigrationNotFound, UnknownEntity, WrongKey};
use crate::fleet::{CheckKey, KeyCheck};

/// How long one sidecar is waited for: it takes the key's lock on the
/// secondary, which a stuck writer may hold.
const PATIENCE: Duration = Duration::from_secs(10);

/// A request to check a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidateKey {
    /// The migration.
    pub name: String,
    /// The entity; the root entity when empty.
    pub entity: String,
    /// Field name to value in text form.
    pub key: BTreeMap<String, String>,
}

/// A key was not checked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValidateKeyError {
    /// There is no migration of this name.
    #[error(transparent)]
    NotFound(#[from] MigrationNotFound),
    /// There is no such entity, or no root entity.
    #[error(transparent)]
    UnknownEntity(#[from] UnknownEntity),
    /// The key has not exactly the fields of the entity's key.
    #[error(transparent)]
    WrongKey(#[from] WrongKey),
    /// No live sidecar checked it.
    #[error(transparent)]
    Asking(#[from] AskError),
}

impl ControlPlane {
    /// Lets a live sidecar check one key. When its session ends meanwhile,
    /// another one is asked.
    ///
    /// # Errors
    /// [`ValidateKeyError`].
    pub async fn validate_key(&self, request: ValidateKey) -> Result<KeyCheck, ValidateKeyError> {
        let name = request.name;
        let not_found = || MigrationNotFound { name: name.clone() };
        let service = self.service(&name).ok_or_else(not_found)?;
        let published = service.published().ok_or_else(not_found)?;
        let entity = find(&name, &published.snapshot.spec.entities, &request.entity)?;
        fits(entity, &request.key)?;
        let check = CheckKey {
            entity: entity.name.clone(),
            key: request.key,
        };
        Ok(self.ask_any(&service, &check, PATIENCE).await?)
    }
}

fn find<'a>(name: &str, entities: &'a [Entity], asked: &str) -> Result<&'a Entity, UnknownEntity> {
    let found = match asked {
        "" => entities.iter().find(|entity| entity.root),
        asked => entities.iter().find(|entity| entity.name == asked),
    };
    found.ok_or_else(|| {
        let known: Vec<&str> = entities.iter().map(|entity| &*entity.name).collect();
        let hint = match asked {
            "" => format!("no entity is the root; name one of {}", known.join(", ")),
            asked => suggest::hint(asked, known),
        };
        UnknownEntity {
            name: name.to_owned(),
            entity: asked.to_owned(),
            hint,
        }
    })
}

fn fits(entity: &Entity, key: &BTreeMap<String, String>) -> Result<(), WrongKey> {
    let fits =
        entity.key.len() == key.len() && entity.key.iter().all(|field| key.contains_key(field));
    if fits {
        return Ok(());
    }
    Err(WrongKey {
        entity: entity.name.clone(),
        needed: entity.key.clone(),
        given: key.keys().cloned().collect(),
    })
}
