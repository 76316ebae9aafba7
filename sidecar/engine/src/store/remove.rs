//! Taking everything of ours out of a database.

use std::collections::BTreeSet;

use dualwrite_core::fence::EpochSettings;
use dualwrite_core::spec::outbox_name;

/// What [`Store::remove`](super::Store::remove) did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Removed {
    /// Objects that were removed, as `table dualwrite.fence`.
    pub removed: Vec<String>,
    /// Objects that are kept for another service, with the reason.
    pub kept: Vec<String>,
    /// Objects of ours that are still there.
    pub left: Vec<String>,
    /// Fingerprint of the schema without anything of ours, before.
    pub schema_before: String,
    /// The same, after.
    pub schema_after: String,
}

/// Tables of which every service has its own, by the first word of their name.
const OWN: [&str; 4] = ["gate", "outbox", "bucket", "probe"];

/// Tables that all services of a database share, each with a column `service`.
pub const SHARED_TABLES: [&str; 4] = ["fence", "receipt", "quarantine", "probe"];

/// Which tables of ours are one service's alone.
///
/// Names alone do not tell `outbox_shop_item_note` of service `shop` from that
/// of service `shop_item`: what the settings beside the fence name is ours, and
/// of the rest what no other service's name claims.
#[derive(Debug)]
pub struct Belongings<'a> {
    service: &'a str,
    others: Vec<&'a str>,
    named: BTreeSet<String>,
}

impl<'a> Belongings<'a> {
    /// Those of `service`, with the settings beside its fence (empty when there
    /// is none any more), beside these other services.
    pub fn of(service: &'a str, settings: &str, others: impl IntoIterator<Item = &'a str>) -> Self {
        let entities = EpochSettings::from_json(settings).map(|settings| settings.entities);
        let named = entities
            .unwrap_or_default()
            .iter()
            .map(|entity| outbox_name(service, &entity.name))
            .collect();
        let others = others.into_iter().filter(|other| *other != service);
        Self {
            service,
            others: others.collect(),
            named,
        }
    }

    /// Whether a table of this name (without what every name of ours begins
    /// with) is this service's alone.
    #[must_use]
    pub fn include(&self, table: &str) -> bool {
        let Some((kind, rest)) = table.split_once('_') else {
            return false;
        };
        if !OWN.contains(&kind) || !is_of(self.service, rest) {
            return false;
        }
        let longer = |other: &&&str| other.len() > self.service.len() && is_of(other, rest);
        self.named.contains(table) || !self.others.iter().any(|other| longer(&other))
    }

    /// Whether any other service has a fence in this database.
    #[must_use]
    pub fn alone(&self) -> bool {
        self.others.is_empty()
    }

    /// Why a shared table stays.
    #[must_use]
    pub fn reason(&self) -> String {
        format!("still used by {}", self.others.join(", "))
    }
}

fn is_of(service: &str, rest: &str) -> bool {
    rest.strip_prefix(service)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}

#[cfg(test)]
mod tests {
    use dualwrite_core::phase::Phase;

    use super::*;

    #[test]
    fn a_service_takes_its_own_and_nothing_of_a_service_with_a_longer_name() {
        let ours = Belongings::of("shop", "", ["shop", "shop_item", "auth"]);
        for table in ["gate_shop", "outbox_shop_cart", "probe_shop", "bucket_shop"] {
            assert!(ours.include(table), "{table}");
        }
        let not = [
            "gate_shop_item",
            "outbox_shop_item_note",
            "outbox_shopping_cart",
            "gate_auth",
            "fence",
            "receipt",
            "anything_shop",
        ];
        for table in not {
            assert!(!ours.include(table), "{table}");
        }
        assert!(!ours.alone());
        assert!(Belongings::of("shop", "", ["shop"]).alone());
    }

    #[test]
    fn what_the_settings_name_is_ours_whatever_it_looks_like() {
        let mut settings = EpochSettings::initial("shop", Phase::NewOnly, true, Vec::new());
        settings.entities.push(dualwrite_core::spec::Entity {
            name: "item_note".to_owned(),
            root: true,
            key: vec!["id".to_owned()],
            capture: dualwrite_core::spec::Capture::None,
            legacy_table: dualwrite_core::spec::TableName::bare("a"),
            new_table: dualwrite_core::spec::TableName::bare("b"),
            columns: Vec::new(),
        });
        let settings = settings.to_json();
        let ours = Belongings::of("shop", &settings, ["shop_item"]);
        assert!(ours.include("outbox_shop_item_note"));
        assert!(!ours.include("outbox_shop_item_other"));
    }
}
