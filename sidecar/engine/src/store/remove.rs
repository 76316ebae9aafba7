//! Taking everything of ours out of a database.

use std::collections::BTreeSet;

use dualwrite_core::diagnosis::{Finding, Severity};
use dualwrite_core::fence::EpochSettings;
use dualwrite_core::probe::{probe_name, probe_table};
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
    /// Whether the settings say which entities there are.
    known: bool,
}

impl<'a> Belongings<'a> {
    /// Those of `service`, with the settings beside its fence (empty when there
    /// is none any more), beside these other services.
    pub fn of(service: &'a str, settings: &str, others: impl IntoIterator<Item = &'a str>) -> Self {
        let entities = EpochSettings::from_json(settings).map(|settings| settings.entities);
        let known = entities.is_ok();
        let entities = entities.unwrap_or_default();
        let named = entities.iter().flat_map(|entity| {
            let name = &entity.name;
            [
                outbox_name(service, name),
                outbox_name(service, &probe_name(name)),
                probe_table(service, name),
            ]
        });
        let others = others.into_iter().filter(|other| *other != service);
        Self {
            service,
            others: others.collect(),
            named: named.collect(),
            known,
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

    /// What a diagnosis says of these tables of ours: those of entities that
    /// are mapped no more are used by nobody.
    pub fn leftovers<'t>(&self, tables: impl IntoIterator<Item = &'t str>) -> Finding {
        const CHECK: &str = "leftover_tables";
        let of_entities = |table: &str| table.starts_with("outbox_") || table.starts_with("probe_");
        let left: Vec<&str> = tables
            .into_iter()
            .filter(|table| of_entities(table) && self.include(table))
            .filter(|table| !self.named.contains(*table))
            .collect();
        if !self.known || left.is_empty() {
            return Finding::ok(CHECK, None, "every table of ours belongs to an entity");
        }
        Finding::new(
            Severity::Note,
            CHECK,
            None,
            format!("of no entity any more: {}", left.join(", ")),
            "nobody uses them, unless the mapping is being changed just now; they go with \
             `dualwrite retire`, or drop them",
        )
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
    fn tables_of_entities_that_are_mapped_no_more_are_told_and_no_others() {
        let mut settings = EpochSettings::initial("shop", Phase::NewOnly, true, Vec::new());
        settings.entities.push(entity("cart"));
        let settings = settings.to_json();
        let ours = Belongings::of("shop", &settings, ["shop", "shop_item"]);
        let own = [
            "fence",
            "gate_shop",
            "outbox_shop_cart",
            "outbox_shop_probe-cart",
            "probe_shop_cart",
            "probe_shop_item_note",
        ];
        assert_eq!(ours.leftovers(own).severity, Severity::Ok);
        let found = ours.leftovers(own.into_iter().chain(["probe_shop_old", "outbox_shop_old"]));
        assert_eq!(found.severity, Severity::Note);
        assert!(
            found.detail.ends_with("probe_shop_old, outbox_shop_old"),
            "{}",
            found.detail
        );
        // Of what is not known nothing is said.
        let unknown = Belongings::of("shop", "?", ["shop"]);
        assert_eq!(unknown.leftovers(["probe_shop_old"]).severity, Severity::Ok);
    }

    fn entity(name: &str) -> dualwrite_core::spec::Entity {
        dualwrite_core::spec::Entity {
            name: name.to_owned(),
            root: true,
            key: vec!["id".to_owned()],
            capture: dualwrite_core::spec::Capture::None,
            legacy_table: dualwrite_core::spec::TableName::bare("a"),
            new_table: dualwrite_core::spec::TableName::bare("b"),
            columns: Vec::new(),
        }
    }

    #[test]
    fn what_the_settings_name_is_ours_whatever_it_looks_like() {
        let mut settings = EpochSettings::initial("shop", Phase::NewOnly, true, Vec::new());
        settings.entities.push(entity("item_note"));
        let settings = settings.to_json();
        let ours = Belongings::of("shop", &settings, ["shop_item"]);
        assert!(ours.include("outbox_shop_item_note"));
        assert!(!ours.include("outbox_shop_item_other"));
    }
}
