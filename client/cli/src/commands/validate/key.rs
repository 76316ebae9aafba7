//! A key as it is typed.

use std::collections::BTreeMap;

use dualwrite_core::suggest;
use dualwrite_proto::v1;

use crate::failure::Failure;

/// The entity of this name, or the root entity; the only one is as good as a
/// root.
pub(super) fn entity<'a>(
    entities: &'a [v1::Entity],
    name: Option<&str>,
) -> Result<&'a v1::Entity, Failure> {
    let names = entities.iter().map(|entity| entity.name.as_str());
    let Some(name) = name else {
        let root = entities.iter().find(|entity| entity.root);
        let only = entities.first().filter(|_| entities.len() == 1);
        return root.or(only).ok_or_else(|| {
            let names: Vec<&str> = names.collect();
            Failure::usage("no entity is the root: say which is meant")
                .hint(format!("--entity ENTITY, one of {}", names.join(", ")))
        });
    };
    entities
        .iter()
        .find(|entity| entity.name == name)
        .ok_or_else(|| {
            let hint = suggest::hint(name, names);
            Failure::usage(format!("`{name}` is no entity of this migration; {hint}"))
        })
}

/// The parts of a key: a bare value for a key of one field, `field=value` for
/// each field otherwise.
pub(super) fn parse(
    entity: &str,
    fields: &[String],
    text: &str,
) -> Result<BTreeMap<String, String>, Failure> {
    let form = || form(fields);
    if let [only] = fields {
        let named = text
            .strip_prefix(only.as_str())
            .and_then(|rest| rest.strip_prefix('='));
        let value = named.unwrap_or(text);
        return Ok(BTreeMap::from([(only.clone(), value.to_owned())]));
    }
    let mut key = BTreeMap::new();
    for part in parts(text) {
        let Some((name, value)) = part.split_once('=') else {
            let message = format!("the key of {entity} has {} fields", fields.len());
            return Err(Failure::usage(message).hint(form()));
        };
        let name = name.trim();
        if !fields.iter().any(|field| field == name) {
            let hint = suggest::hint(name, fields.iter().map(String::as_str));
            let message = format!("`{name}` is no field of the key of {entity}; {hint}");
            return Err(Failure::usage(message).hint(form()));
        }
        if key.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(Failure::usage(format!("`{name}` is given twice")).hint(form()));
        }
    }
    match fields.iter().find(|field| !key.contains_key(*field)) {
        Some(missing) => Err(Failure::usage(format!("`{missing}` is missing")).hint(form())),
        None => Ok(key),
    }
}

fn form(fields: &[String]) -> String {
    let parts: Vec<String> = fields
        .iter()
        .map(|field| format!("{field}=VALUE"))
        .collect();
    format!("expected --key '{}'", parts.join(","))
}

/// Parts between commas; `\,` is a comma of a part, `\\` a backslash.
fn parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        let kept = match letter {
            ',' => {
                parts.push(String::new());
                continue;
            }
            '\\' => letters.next().unwrap_or('\\'),
            other => other,
        };
        if let Some(last) = parts.last_mut() {
            last.push(kept);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(fields: &[&str], text: &str) -> Result<Vec<(String, String)>, String> {
        let fields: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
        parse("item", &fields, text)
            .map(|key| key.into_iter().collect())
            .map_err(|failure| failure.message)
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn keys_are_read_in_both_forms() {
        type Row<'a> = (&'a [&'a str], &'a str, &'a [(&'a str, &'a str)]);
        let table: [Row<'_>; 6] = [
            (&["id"], "7", &[("id", "7")]),
            (&["id"], "id=7", &[("id", "7")]),
            (&["id"], "a=b,c", &[("id", "a=b,c")]),
            (&["a", "b"], "b=2,a=1", &[("a", "1"), ("b", "2")]),
            (
                &["a", "b"],
                r"a=1\,5, b=x\\y",
                &[("a", "1,5"), ("b", r"x\y")],
            ),
            (&["a", "b"], "a=,b==", &[("a", ""), ("b", "=")]),
        ];
        for (fields, text, expected) in table {
            assert_eq!(key(fields, text), Ok(pairs(expected)), "{text}");
        }
    }

    #[test]
    fn what_is_no_key_says_what_is_wrong_with_it() {
        let table = [
            ("7", "the key of item has 2 fields"),
            ("a=1", "`b` is missing"),
            ("a=1,c=2", "`c` is no field of the key of item"),
            ("a=1,a=2,b=3", "`a` is given twice"),
        ];
        for (text, expected) in table {
            let message = key(&["a", "b"], text).unwrap_err();
            assert!(message.contains(expected), "{text}: {message}");
        }
    }

    #[test]
    fn without_a_name_the_root_or_the_only_entity_is_meant() {
        let make = |name: &str, root| v1::Entity {
            name: name.into(),
            root,
            ..Default::default()
        };
        let two = [make("cart", false), make("item", true)];
        assert_eq!(entity(&two, None).unwrap().name, "item");
        assert_eq!(entity(&two[..1], None).unwrap().name, "cart");
        let none = [make("cart", false), make("item", false)];
        assert!(
            entity(&none, None)
                .unwrap_err()
                .hint
                .unwrap()
                .contains("cart, item")
        );
        let failure = entity(&two, Some("itme")).unwrap_err();
        assert!(
            failure.message.contains("did you mean `item`?"),
            "{}",
            failure.message
        );
    }
}
