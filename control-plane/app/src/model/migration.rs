//! One service's move from legacy to new, and the versions of its settings.

use std::collections::BTreeSet;

use dualwrite_core::fence::EpochSettings;
use dualwrite_core::phase::Phase;
use dualwrite_core::spec::{Entity, Spec};

use super::{Millis, Retirement};

/// One service's move from legacy to new, as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct Migration {
    /// The service's name.
    pub name: String,
    /// Number of this version; every change of what sidecars are told makes
    /// the next one.
    pub revision: u64,
    /// The phase of the epoch.
    pub phase: Phase,
    /// The epoch, as the fences last showed it or an ended transition made it.
    pub epoch: u64,
    /// Whether writes of this epoch leave markers even without a secondary.
    pub marking: bool,
    /// What operators asked for. Its entities and `keep_markers` are ahead of
    /// [`Migration::settings`] while a transition brings them into force.
    pub spec: Spec,
    /// What is in force in this epoch and stands beside the fences:
    /// [`EpochSettings`] as JSON. Empty when that is not known.
    pub settings: String,
    /// Entities whose backfill is complete since the last time that the
    /// secondary was not being followed.
    pub backfilled: BTreeSet<String>,
    /// When it was first applied.
    pub created: Millis,
    /// When its revision last changed.
    pub updated: Millis,
    /// When it was deleted. A deleted migration is kept for its history only.
    pub deleted: Option<Millis>,
    /// Its end, once that was decided.
    pub retirement: Option<Retirement>,
}

impl Migration {
    /// Whether every entity was copied completely since the last time that the
    /// secondary was not being followed.
    #[must_use]
    pub fn backfill_complete(&self) -> bool {
        self.spec
            .entities
            .iter()
            .all(|entity| self.backfilled.contains(&entity.name))
    }

    /// Whether it is known which settings stand beside the fences.
    #[must_use]
    pub fn settled(&self) -> bool {
        !self.settings.is_empty()
    }

    /// Notes that settings stand beside the fences that are not known.
    pub fn doubt(&mut self) {
        self.settings.clear();
        self.backfilled.clear();
    }

    /// The settings in force; those of a fresh installation of the spec when
    /// they are not known.
    #[must_use]
    pub fn epoch_settings(&self) -> EpochSettings {
        EpochSettings::from_json(&self.settings).unwrap_or_else(|_| {
            let entities = self.spec.entities.clone();
            EpochSettings::initial(&self.name, self.phase, self.spec.keep_markers, entities)
        })
    }

    /// Puts another epoch into force. An epoch without markers ends what was
    /// known of backfills, for writes of it are not followed; so does a change
    /// of an entity's mapping for that entity. A flip keeps it.
    pub fn enter(&mut self, epoch: u64, settings: &EpochSettings) {
        let before = self.epoch_settings();
        self.epoch = epoch;
        self.phase = settings.phase;
        self.marking = settings.marking;
        self.settings = settings.to_json();
        self.spec.keep_markers = settings.keep_markers;
        self.spec.entities.clone_from(&settings.entities);
        if settings.marking {
            self.backfilled
                .retain(|name| same_mapping(name, &before.entities, &settings.entities));
        } else {
            self.backfilled.clear();
        }
    }
}

fn same_mapping(name: &str, before: &[Entity], after: &[Entity]) -> bool {
    let find = |entities: &[Entity]| entities.iter().find(|entity| entity.name == name).cloned();
    let after = find(after);
    after.is_some() && find(before) == after
}

/// One version of a migration's settings, as it was published.
#[derive(Debug, Clone, PartialEq)]
pub struct Revision {
    /// The service.
    pub migration: String,
    /// Its number.
    pub revision: u64,
    /// The phase then.
    pub phase: Phase,
    /// The epoch then.
    pub epoch: u64,
    /// What was asked for then.
    pub spec: Spec,
    /// When it was made.
    pub time: Millis,
    /// Who made it.
    pub actor: String,
    /// Why.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use dualwrite_core::spec::{Capture, Column, TableName};

    use super::*;

    fn entity(name: &str, column: &str) -> Entity {
        Entity {
            name: name.into(),
            root: false,
            key: vec!["id".into()],
            capture: Capture::None,
            legacy_table: TableName::bare(name),
            new_table: TableName::bare(name),
            columns: vec![Column::same("id"), Column::same(column)],
        }
    }

    fn copied(phase: Phase, keep_markers: bool) -> Migration {
        let entities = vec![entity("cart", "note"), entity("item", "note")];
        let spec = Spec {
            entities: entities.clone(),
            keep_markers,
            ..Spec::default()
        };
        let settings = EpochSettings::initial("cart", phase, keep_markers, entities);
        Migration {
            name: "cart".into(),
            revision: 1,
            phase,
            epoch: 1,
            marking: settings.marking,
            spec,
            settings: settings.to_json(),
            backfilled: ["cart", "item"].map(ToOwned::to_owned).into(),
            created: Millis(0),
            updated: Millis(0),
            deleted: None,
            retirement: None,
        }
    }

    #[test]
    fn what_was_copied_stays_copied_as_long_as_writes_leave_markers() {
        let table = [
            (Phase::DualWrite, Phase::NewPrimary, true, true),
            (Phase::DualWrite, Phase::NewPrimary, false, true),
            (Phase::DualWrite, Phase::LegacyOnly, true, true),
            (Phase::DualWrite, Phase::LegacyOnly, false, false),
            (Phase::NewPrimary, Phase::NewOnly, true, true),
            (Phase::NewPrimary, Phase::NewOnly, false, false),
        ];
        for (from, to, keep, stays) in table {
            let mut migration = copied(from, keep);
            let settings = migration.epoch_settings().moved_to(to);
            migration.enter(2, &settings);
            assert_eq!((migration.phase, migration.epoch), (to, 2));
            assert_eq!(
                migration.backfill_complete(),
                stays,
                "{from} to {to}, keep {keep}"
            );
            assert_eq!(migration.epoch_settings(), settings);
        }
    }

    #[test]
    fn an_entity_whose_mapping_changes_is_to_be_copied_again() {
        let mut migration = copied(Phase::DualWrite, true);
        let mut settings = migration.epoch_settings();
        settings.entities = vec![entity("cart", "note"), entity("item", "text")];
        migration.enter(2, &settings);
        assert_eq!(migration.backfilled, BTreeSet::from(["cart".to_owned()]));
        assert!(!migration.backfill_complete());
        assert_eq!(migration.spec.entities, settings.entities);
    }
}
