//! Names of entities.

use crate::propose::words;
use crate::spec::{MAX_IDENTIFIER, MAX_NAME, check_name, outbox_name};

/// Gives each entity a name of its own.
pub(super) struct Names {
    most: usize,
    taken: Vec<String>,
}

impl Names {
    /// Names of so many letters that the table of an entity's markers has a
    /// name that fits.
    pub(super) fn new(service: &str) -> Self {
        let rest = MAX_IDENTIFIER.saturating_sub(outbox_name(service, "").len());
        Self {
            most: rest.clamp(1, MAX_NAME),
            taken: Vec::new(),
        }
    }

    /// The name for a table's rows: the table's, in the singular.
    pub(super) fn of(&mut self, table: &str) -> String {
        let plain: String = words::words(table)
            .join("_")
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
            .collect();
        let plain = if check_name(&plain[..plain.len().min(1)]) {
            plain
        } else {
            format!("e_{plain}")
        };
        let mut name = plain[..plain.len().min(self.most)].to_owned();
        let mut number = 2_usize;
        while self.taken.contains(&name) {
            let end = format!("_{number}");
            let room = self.most.saturating_sub(end.len());
            name = format!("{}{end}", &plain[..plain.len().min(room)]);
            number += 1;
        }
        self.taken.push(name.clone());
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entity_has_a_name_that_is_allowed_and_its_own() {
        let mut names = Names::new("cart");
        let table = [
            ("cart_items", "cart_item"),
            ("CartItem", "cart_item_2"),
            ("2fa", "e_2fa"),
            ("straße", "stra_e"),
            ("---", "e_"),
        ];
        for (given, expected) in table {
            let name = names.of(given);
            assert_eq!(name, expected);
            assert!(check_name(&name), "{name}");
        }
        let mut narrow = Names::new(&"s".repeat(31));
        for _ in 0..12 {
            let name = narrow.of(&"long_".repeat(20));
            assert!(check_name(&name), "{name}");
            assert!(outbox_name(&"s".repeat(31), &name).len() <= MAX_IDENTIFIER);
        }
    }
}
