//! ValidateKey: a live sidecar does the exact check of one key. No value of
//! any row comes here.

use std::collections::BTreeMap;
use std::time::Duration;

use dualwrite_core::spec::Entity;
use dualwrite_core::suggest;
use tokio::time::timeout;

use crate::app::ControlPlane;
use crate::error::{MigrationNotFound, NoExecutor, UnknownEntity, WrongKey};
use crate::fleet::{Answer, CheckKey, KeyCheck, Service};

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
    /// No live sidecar is there to do it.
    #[error(transparent)]
    NoExecutor(#[from] NoExecutor),
    /// The sidecar could not do it.
    #[error("the sidecar could not check the key: {why}")]
    Failed {
        /// What it said.
        why: String,
    },
    /// The sidecar did not answer.
    #[error("the sidecar did not answer within {} s; try again", PATIENCE.as_secs())]
    Deadline,
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
        self.ask_fleet(&name, &service, &entity.name, &request.key)
            .await
    }

    async fn ask_fleet(
        &self,
        name: &str,
        service: &Service,
        entity: &str,
        key: &BTreeMap<String, String>,
    ) -> Result<KeyCheck, ValidateKeyError> {
        for session in service.live(self.at().steady) {
            let check = CheckKey {
                request_id: self.new_id(),
                entity: entity.to_owned(),
                key: key.clone(),
            };
            let Some(asked) = service.ask(&session.session, check) else {
                continue;
            };
            match timeout(PATIENCE, asked).await {
                Ok(Ok(Answer::Checked(Ok(check)))) => return Ok(check),
                Ok(Ok(Answer::Checked(Err(why)))) => return Err(ValidateKeyError::Failed { why }),
                Ok(Ok(Answer::Gone) | Err(_)) => {}
                Err(_) => return Err(ValidateKeyError::Deadline),
            }
        }
        Err(NoExecutor {
            name: name.to_owned(),
        }
        .into())
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
